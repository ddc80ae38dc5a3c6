import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.countdown import LABELS
from gridmodel.names import (
    ARCHETYPES,
    CASCADE_STEPS,
    CAUSES,
    DAMAGE_STATES,
    HEAT_STATES,
    MECHANISMS,
    OWN_HEAT,
    SYSTEMS,
    TECHNOLOGIES,
)
from gridmodel.needs import NEEDS, needs
from gridmodel.report import page, payload
from gridmodel.scenario import DAMAGE_CLASSES

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
REQUIRED = bool(os.environ.get("GRIDMODEL_BROWSER_REQUIRED"))
needs_browser = pytest.mark.skipif(BROWSER is None and not REQUIRED, reason="no Chromium: make browser installs one")


@pytest.fixture(scope="module")
def page_of_january(january, tmp_path_factory):
    from gridmodel.runfolder import manifest

    path = tmp_path_factory.mktemp("report") / "report.html"
    made = manifest(gm.load_scenario("january-2026"), command=["gridmodel", "run"], seconds={})
    gm.report.write(january, path, manifest=made, marking="For <b>official</b> use")
    return path


@pytest.fixture(scope="module")
def browser():
    assert BROWSER is not None, "no Chromium: make browser installs one"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=BROWSER,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield started
        started.close()


@pytest.fixture
def open_page(browser, page_of_january):
    """Open the report without a network; what the console says and what it asks for is kept."""
    contexts = []

    def go(*, width=1100, height=800, scheme="light", path=page_of_january):
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True, color_scheme=scheme)
        contexts.append(context)
        shown = context.new_page()
        shown.said, shown.asked = [], []
        shown.on("console", lambda message: shown.said.append(message.text))
        shown.on("pageerror", lambda error: shown.said.append(str(error)))
        shown.on("request", lambda request: shown.asked.append(request.url))
        shown.goto(path.as_uri())
        shown.wait_for_selector("#c-hours svg")
        shown.wait_for_selector("#c-causes svg")
        return shown

    yield go
    for context in contexts:
        context.close()


@needs_browser
def test_it_opens_without_a_network_and_the_console_stays_empty(open_page):
    shown = open_page()
    assert shown.said == []
    assert [url for url in shown.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert shown.locator(".marking").first.text_content() == "For <b>official</b> use"


def told(shown):
    """Questions of the first screen and their answers."""
    return shown.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#what dt')].map(q => [q.textContent, q.nextElementSibling.textContent]))"
    )


def thousands(value):
    return f"{float(f'{value:.3g}'):,.0f}"


@needs_browser
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_first_screen_says_whose_homes_freeze_first_when_how_many_and_what_to_send(
    open_page, january, width, height
):
    shown = open_page(width=width, height=height)
    answers = told(shown)
    assert list(answers) == ["Where do homes freeze first?", "By when?", "How many people?", "What to send?"]
    times, wants = gm.deadlines(january), needs(january).loc["UA-30"]
    middle = times.loc[("UA-30", "homes_12c"), "local_p50"]
    where, when, many, send = answers.values()
    assert where.startswith("Kyiv City; then Dnipropetrovsk (20 Jan, 11:59), Chernihiv (24 Jan, ")
    assert f"drained by {times.loc[('UA-30', 'drain'), 'local_p50']:%-d %b, %H:%M}." in when
    assert f"below 12 °C from {middle:%-d %b, %H:%M} (14:00 – 15:00); the first in: panel, 16 storeys, corner" in when
    cold = wants.loc["warm_places"]
    assert many.startswith(f"Up to {cold['mean'] / 1e6:.3g} million people ({thousands(cold['p05'])[:3]} thousand to ")
    assert f"places to get warm for {cold['mean'] / 1e6:.3g} million people" in send
    assert f"by {cold['from_local']:%-d %b, %H:%M}" in send
    assert f"homes of {wants.loc['drain_people', 'mean'] / 1e6:.3g} million people, by 9 Jan, 10:45" in send
    assert f"{thousands(wants.loc['fuel_m3', 'mean'])} m³ in the whole run" in send
    assert f"{thousands(wants.loc['water_m3_per_day', 'mean'])} m³ a day" in send
    bottom = shown.evaluate("document.querySelector('#what dl').getBoundingClientRect().bottom")
    assert bottom <= height


@needs_browser
@pytest.mark.parametrize("lang", ["en", "uk"])
def test_every_number_of_the_first_screen_stands_in_summary_json(open_page, january, lang):
    from gridmodel.runfolder import summary_json

    shown = open_page()
    shown.select_option("#lang", lang)
    text = shown.locator("#what").text_content().replace("12 °C", "").replace("90 %", "")
    text = text.replace(t_of("panel_16_storey_corner_flat", lang), "")
    text = re.sub(r"\d+ (Jan|січ\.), \d\d:\d\d|\d\d:\d\d", "", text)
    summary = summary_json(january, gm.summarise(january))
    known = {float(january.sizes["member"])}
    for row in [*summary["metrics"].values(), *summary["needs"], *summary["deadlines"]]:
        for value in row.values():
            if isinstance(value, int | float) and not isinstance(value, bool):
                known |= {float(f"{value / unit:.3g}") for unit in (1, 0.01, 1e3, 1e6, 15e-3, 15e3)}
    said = [one.replace("\u00a0", "").replace(" ", "") for one in re.findall(r"\d[\d.,\u00a0]*\d|\d", text)]
    plain = [float(one.replace(",", "") if lang == "en" else one.replace(",", ".")) for one in said]
    assert len(plain) >= 20
    assert [one for one in plain if one not in known] == []


def t_of(key, lang):
    return json.loads((page.HERE / "words.json").read_text(encoding="utf-8"))[key][lang]


@needs_browser
def test_a_run_without_cold_homes_says_so_and_what_else_to_send(open_page, tmp_path):
    calm = gm.run(gm.load_scenario("mild-january").replace(members=2, end="2026-01-10 00:00"))
    gm.report.write(calm, tmp_path / "calm.html")
    answers = told(open_page(path=tmp_path / "calm.html"))
    assert list(answers) == ["Where do homes freeze first?", "What to send?"]
    assert answers["Where do homes freeze first?"].startswith("Nowhere: ")
    assert "drinking water for" in answers["What to send?"]


@needs_browser
def test_the_page_lists_its_sections_and_each_link_leads_to_one(open_page):
    shown = open_page()
    links = shown.eval_on_selector_all("#nav a", "all => all.map(a => [a.getAttribute('href'), a.textContent])")
    heads = shown.eval_on_selector_all(
        "main h2", "all => all.filter(h => h.offsetParent).map(h => ['#' + h.id, h.textContent])"
    )
    assert links == heads[1:]
    assert "What events set off" not in dict(links).values()  # nothing of the kind was followed


@pytest.fixture(scope="module")
def struck(tmp_path_factory):
    """A run of three regions in which strikes arrive and what they set off is followed, with its page."""
    from gridmodel.runfolder import manifest
    from gridmodel.scenario import make_scenario

    events = [
        {
            "time": "2026-01-05 03:00",
            "target": "TR-1/heat_source",
            "kind": "strike",
            "hits_before_interception": 9,
            "interception": 0.3,
        },
        {"time": "2026-01-05 04:00", "target": "TR-1/nuclear", "kind": "outage", "share": 0.5},
    ]
    scenario = make_scenario({
        "name": "struck", "network": "three-region", "weather": "three-region", "timezone": "UTC", "members": 4,
        "start": "2026-01-05 00:00", "end": "2026-01-07 00:00", "events": events, "cascade": "full",
    }, shown="test")  # fmt: skip
    result = gm.run(scenario)
    path = tmp_path_factory.mktemp("struck") / "report.html"
    gm.report.write(result, path, manifest=manifest(scenario, command=["x", "run", "my struck.yaml"], seconds={}))
    return result, path


@needs_browser
def test_a_region_lists_its_repairs_as_the_log_has_them(open_page, struck):
    result, path = struck
    shown = open_page(path=path)
    shown.locator("#tiles button", has_text=str(result["region_name"].sel(region="TR-1").item())).click()
    shown.wait_for_selector("#region .rota")
    table = shown.locator("#region [aria-label^=Repairs] tbody tr")
    cells = [[cell.strip() for cell in row.locator("th, td").all_text_contents()] for row in table.all()]
    log = gm.repair_log(result)
    mine = log[log["region"] == "TR-1"]
    states = [state for state in DAMAGE_STATES if state in set(mine["damage_state"])]
    assert [row[1] for row in cells] == [t_of(f"d_{state}", "en") for state in states]
    for row, state in zip(cells, states, strict=True):
        hits = mine[mine["damage_state"] == state]
        assert float(row[2]) == pytest.approx(len(hits) / 4, rel=0.01)
        if state != "none":
            assert row[3] == f"{100 * hits['end'].notna().mean():.3g} %"
    assert shown.locator("#region h4", has_text="Crews at work").count() == 1
    shown.locator("#tiles button", has_text=str(result["region_name"].sel(region="TR-2").item())).click()
    shown.wait_for_selector("#region .rota")
    assert "No hit arrives in this region" in shown.locator("#region").text_content()
    assert shown.said == []


@needs_browser
@pytest.mark.parametrize("lang", ["en", "uk"])
def test_what_events_set_off_has_a_section_with_the_sums_of_the_log(open_page, struck, lang):
    from gridmodel.cascadelog import by_mechanism

    result, path = struck
    shown = open_page(path=path)
    shown.select_option("#lang", lang)
    sums = by_mechanism(result)
    rows = shown.locator("#cascade .scroll").first.locator("tbody tr")
    cells = [row.locator("th, td").all_text_contents() for row in rows.all()]
    assert [row[0] for row in cells] == [t_of(f"m_{name}", lang) for name in sums.index]
    assert [int(row[1]) for row in cells] == sums["members"].tolist()
    lowest = float(result["frequency_nadir_hz"].min())
    assert f"{lowest:.2f}".replace(".", "," if lang == "uk" else ".") in shown.locator("#cascade").text_content()
    shown.locator("#cascade summary").click()
    log = gm.cascade_log(result)
    assert shown.locator("#cascade details tbody tr").count() == len(log.groupby(["time", "mechanism", "technology"]))
    assert shown.said == []


def test_the_summary_has_the_sums_of_the_cascades(struck):
    from gridmodel.cascadelog import by_mechanism
    from gridmodel.runfolder import summary_json

    result, _ = struck
    made = summary_json(result, gm.summarise(result))
    assert {name: row["mean_mw"] for name, row in made["cascades"].items()} == by_mechanism(result)["mean_mw"].to_dict()
    assert made["lowest_frequency_hz"] == float(result["frequency_nadir_hz"].min()) < 50


def test_the_options_of_the_page_are_a_file_that_plan_reads_and_its_command_names_the_scenario(january, tmp_path):
    from gridmodel.mitigation import load_options

    made = payload(january, manifest={"command": ["gridmodel", "run", "--members", "9", "a b.yaml", "-o", "x"]})
    assert made["plan"] == "gridmodel plan 'a b.yaml' options.csv --members 10"
    (tmp_path / "options.csv").write_text(made["options"], encoding="utf-8")
    options = load_options(tmp_path / "options.csv")
    wants = needs(january)
    places = [one for one in options if one.kind == "warming_points"]
    assert [one.region for one in places] == ["UA-30", "UA-74", "UA-12"]
    for one in places:
        assert one.size >= wants.loc[(one.region, "warm_places"), "p95"] > 0.9 * one.size
        assert one.available_from == wants.loc[(one.region, "warm_places"), "from_local"]
    assert payload(january, manifest={"command": ["gridmodel", "run"]})["plan"].split()[2] == "january-2026"
    assert not payload(january, manifest={"command": ["gridmodel", "run", "--from", "runs/x"]})["plan"]
    assert not payload(january)["plan"]


@needs_browser
def test_the_slider_moves_the_map(open_page, january):
    shown = open_page()
    shown.select_option("#layer", "heat")
    for step in (0, 40):
        shown.evaluate(
            f"const s = document.getElementById('slider'); s.value = {step}; s.dispatchEvent(new Event('input'))"
        )
        told = shown.locator("#tiles button", has_text="Kyiv City").locator("b").text_content()
        share = january["people_without_heat"].isel(time=step).mean("member").sel(region="UA-30") / january[
            "population"
        ].sel(region="UA-30")
        assert float(told.rstrip(" %")) == pytest.approx(100 * float(share), rel=0.06, abs=0.05)
    assert shown.locator("#when").text_content() == "9 Jan, 16:00"


@needs_browser
def test_a_heading_sorts_the_regions_both_ways(open_page):
    shown = open_page()
    column = "#regions tbody td:nth-child(2)"
    for direction in ("descending", "ascending"):
        shown.locator("#regions thead button").nth(1).click()
        people = [int(cell.replace(",", "")) for cell in shown.locator(column).all_text_contents()]
        assert people == sorted(people, reverse=direction == "descending")
        assert shown.locator("#regions thead th").nth(1).get_attribute("aria-sort") == direction


@needs_browser
def test_the_language_switch_changes_words_numbers_and_dates(open_page):
    shown = open_page()
    shown.select_option("#lang", "uk")
    shown.wait_for_selector("#c-hours svg")
    text = shown.locator("#what").text_content()
    assert "Де домівки замерзнуть найперше?м. Київ" in text
    assert re.search(r"9 січ\., 1\d:00", text)
    assert re.search(r"\d,\d", text)
    assert shown.locator("html").get_attribute("lang") == "uk"
    left = shown.evaluate(
        "[...document.querySelectorAll('[data-w]')].filter(e => /^[A-Za-z ,.]+$/.test(e.textContent.trim())).map(e => e.textContent)"
    )
    assert left == []
    assert shown.said == []


@needs_browser
def test_a_tile_opens_its_region_with_charts_and_their_tables(open_page):
    shown = open_page()
    shown.locator("#tiles button", has_text="Kyiv City").click()
    shown.wait_for_selector("#region .rota")
    assert shown.locator("#region h3").text_content() == "Kyiv City"
    assert shown.locator("#region .chart svg").count() >= 5
    assert shown.locator("#region details").count() == shown.locator("#region .chart").count()
    shown.locator("#region details summary").first.click()
    shown.wait_for_selector("#region details table")
    assert shown.locator("#region details table").first.locator("tbody tr").count() == 504
    assert shown.said == []


@needs_browser
@pytest.mark.parametrize("lang", ["en", "uk"])
def test_nothing_scrolls_sideways_on_a_phone(open_page, lang):
    shown = open_page(width=390)
    shown.select_option("#lang", lang)
    shown.locator("#tiles button").first.click()
    shown.wait_for_selector("#region .rota")
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(open_page, scheme):
    import axe_playwright_python

    shown = open_page(scheme=scheme)
    shown.locator("#tiles button").first.click()
    shown.wait_for_selector("#region .rota")
    shown.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    only = "{runOnly: ['color-contrast']}" if scheme == "dark" else "{}"
    found = shown.evaluate(f"axe.run({only})")["violations"]
    bad = {
        one["id"]: [node["html"][:120] for node in one["nodes"][:3]]
        for one in found
        if one["impact"] in {"serious", "critical"}
    }
    assert bad == {}


@needs_browser
def test_it_prints_to_a4_pages_with_its_marking(open_page, tmp_path):
    printed = open_page().pdf(path=tmp_path / "x.pdf", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    boxes = set(re.findall(rb"/MediaBox \[([^\]]+)\]", printed))
    assert len(boxes) == 1
    width, height = (float(number) for number in boxes.pop().split()[2:])
    assert (width, height) == pytest.approx((595, 842), abs=2)


@needs_browser
def test_in_print_the_marking_repeats_at_head_and_foot_and_lies_over_nothing(open_page):
    shown = open_page()
    shown.emulate_media(media="print")
    looks = shown.eval_on_selector_all(
        ".marking", "all => all.map(e => [getComputedStyle(e).display, getComputedStyle(e).position])"
    )
    assert looks == [["table-header-group", "static"], ["table-footer-group", "static"]]
    assert shown.evaluate("getComputedStyle(document.body).display") == "table"


def test_it_stays_under_six_megabytes_and_names_no_address_to_load(page_of_january):
    text = page_of_january.read_text(encoding="utf-8")
    assert len(text.encode()) < 6_000_000
    head = text.partition("<script>(function")[0]
    assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=", head)
    assert "default-src 'none'" in head


def test_every_number_of_the_summary_is_in_it_as_summary_json_has_it(january):
    from gridmodel.runfolder import summary_json

    assert payload(january)["summary"] == summary_json(january, gm.summarise(january))


def test_both_languages_have_every_word_and_the_same_blanks():
    words = json.loads((page.HERE / "words.json").read_text(encoding="utf-8"))
    for key, both in words.items():
        assert set(both) == {"en", "uk"}, key
        assert set(re.findall(r"\{\w+\}", both["en"])) == set(re.findall(r"\{\w+\}", both["uk"])), key
    used = set(re.findall(r"\b(?:t|answer)\(\"(\w+)\"[,)]", (page.HERE / "page.js").read_text(encoding="utf-8")))
    used |= set(re.findall(r"data-w=\"(\w+)\"", (page.HERE / "page.html").read_text(encoding="utf-8")))
    used |= {*HEAT_STATES, *ARCHETYPES, *OWN_HEAT, *CAUSES, *(f"sys_{name}" for name in SYSTEMS), *LABELS}
    used |= {*MECHANISMS, *(f"m_{name}" for name in CASCADE_STEPS), *(f"d_{name}" for name in DAMAGE_STATES)}
    used |= {*(f"t_{name}" for name in (*TECHNOLOGIES, *DAMAGE_CLASSES)), *(f"n_{name}" for name in NEEDS)}
    used |= {"cascade_overload", "cascade_full", "n_generators"}
    assert used - set(words) == set()


def test_a_long_run_is_thinned_to_means_of_blocks(january):
    thin = payload(january.isel(member=slice(1), region=slice(3), time=np.tile(np.arange(504), 3)))
    assert len(thin["t"]) == 504
    assert thin["step_h"] == 3
    want = january["served_mw"].isel(member=0, region=slice(3)).sum(("region", "tier")).to_numpy()[:3].mean()
    assert thin["national"]["served"]["mean"][0] == pytest.approx(want, rel=1e-3)


def test_names_cannot_leave_the_script_that_holds_them():
    assert "</script>" not in page._embedded({"name": "</script><b>\u2028"})
    assert json.loads(page._embedded({"name": "</script>&"})) == {"name": "</script>&"}


def test_a_network_without_heat_and_water_has_a_page_too(january):
    bare = january[
        [
            "demand_mw",
            "served_mw",
            "shed_mw",
            "shed_cause_mw",
            "import_mw",
            "generation_mw",
            "outdoor_temperature",
            "people_without_power",
            "population",
        ]
    ]
    made = payload(bare)
    assert list(made["layers"]) == ["power"]
    assert "indoors" not in made["regions"][0]["series"]


def test_wrong_wishes_are_all_said(january):
    with pytest.raises(gm.InputError) as caught:
        gm.report.html(january, lang="xx", marking="x" * 200)
    assert len(caught.value.problems) == 2


def test_a_run_writes_its_page_and_the_command_writes_it_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def cli(*args, code=0):
        got = CliRunner().invoke(main, list(args), catch_exceptions=False)
        assert got.exit_code == code, got.output
        return got

    cli("run", "three-region", "-o", "three")
    before = (tmp_path / "three" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in before
    cli("report", "three", "--lang", "uk", "--marking", "TLP:AMBER")
    after = (tmp_path / "three" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="uk">' in after
    assert after.count(">TLP:AMBER<") == 2
    cli("run", "three-region", "-o", "three")
    cli("report", "three", "-o", "elsewhere.html")
    assert (tmp_path / "elsewhere.html").is_file()
    assert "cannot be written" in cli("report", "three", "-o", "no/where.html", code=1).stderr
