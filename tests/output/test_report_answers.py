import re

import pytest
from browsing import needs_browser, t_of
from conftest import sampled

import gridmodel as gm
from gridmodel.output.report import payload
from gridmodel.results.needs import needs


def told(shown):
    """Questions of the first screen and their answers."""
    return shown.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#what dt')].map(q => [q.textContent, q.nextElementSibling.textContent]))"
    )


def thousands(value):
    return f"{float(f'{value:.3g}'):,.0f}"


def crowd(people):
    return f"{people / 1e6:.3g} million" if people >= 1e6 else f"{people / 1e3:.3g} thousand"


@needs_browser
@pytest.mark.parametrize(("width", "height"), [pytest.param(1280, 900, marks=pytest.mark.long), (390, 844)])
def test_the_first_screen_says_whose_homes_freeze_first_when_how_many_and_what_to_send(
    open_page, january, width, height
):
    shown = open_page(width=width, height=height)
    answers = told(shown)
    assert list(answers) == ["Where do homes freeze first?", "By when?", "How many people?", "What to send?"]
    times, wants = gm.deadlines(january), needs(january).loc["UA-30"]
    middle = times.loc[("UA-30", "homes_12c"), "local_p50"]
    where, when, many, send = answers.values()
    assert where.startswith("Kyiv City; then Dnipropetrovsk (20 Jan, 12:58), Chernihiv (24 Jan, 05:00), ")
    assert f"drained by {times.loc[('UA-30', 'drain'), 'local_p50']:%-d %b, %H:%M}." in when
    early, late = (times.loc[("UA-30", "homes_12c"), name] for name in ("local_p05", "local_p95"))
    assert early.date() == middle.date() == late.date()
    homes = f"below 12 °C from {middle:%-d %b, %H:%M} ({early:%H:%M} – {late:%H:%M}); first: panel, 16 storeys, corner"
    assert homes in when
    cold = wants.loc["warm_places"]
    assert many.startswith(f"Up to {crowd(cold['mean'])} people ({crowd(cold['p05'])} to {crowd(cold['p95'])})")
    assert f"places to get warm for {crowd(cold['mean'])} people" in send
    assert f"by {cold['from_local']:%-d %b, %H:%M}" in send
    assert (
        f"homes of {wants.loc['drain_people', 'mean'] / 1e6:.3g} million people, by {wants.loc['drain_people', 'from_local']:%-d %b, %H:%M}"
        in send
    )
    assert f"{thousands(wants.loc['fuel_m3', 'mean'])} m³ in the whole run" in send
    assert f"{thousands(wants.loc['water_m3_per_day', 'mean'])} m³ per day" in send
    bottom = shown.evaluate("document.querySelector('#what dl').getBoundingClientRect().bottom")
    assert bottom <= height


@needs_browser
@pytest.mark.parametrize("lang", sampled(["en", "uk"], 2, first=1))
def test_every_number_of_the_first_screen_stands_in_summary_json(open_page, january, lang):
    from gridmodel.results.run_folder import summary_json

    shown = open_page()
    shown.select_option("#lang", lang)
    text = shown.locator("#what").text_content().replace("12 °C", "").replace("90 %", "")
    text = text.replace(t_of("panel_16_storey_corner_flat", lang), "")
    text = re.sub(r"and \d+ more|ще регіонів: \d+", "", text)
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


@needs_browser
def test_a_run_without_cold_homes_says_so_and_what_else_to_send(open_page, tmp_path):
    calm = gm.run(gm.load_scenario("mild-january").replace(members=2, end="2026-01-10 00:00", rotation="mean"))
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


def test_the_options_of_the_page_are_a_file_that_plan_reads_and_its_command_names_the_scenario(january, tmp_path):
    from gridmodel.studies.options import load_options

    made = payload(january, manifest={"command": ["gridmodel", "run", "--members", "9", "a b.yaml", "-o", "x"]})
    assert made["plan"] == "gridmodel plan 'a b.yaml' options.csv --members 10"
    (tmp_path / "options.csv").write_text(made["options"], encoding="utf-8")
    options = load_options(tmp_path / "options.csv")
    wants = needs(january)
    places = [one for one in options if one.kind == "warming_points"]
    most = wants.xs("warm_places", level=1)["p95"].sort_values(ascending=False)
    assert [one.region for one in places] == [*most.index[most >= 50]]
    assert places[0].region == "UA-30"
    for one in places:
        assert one.size >= wants.loc[(one.region, "warm_places"), "p95"] > 0.9 * one.size
        assert one.available_from == wants.loc[(one.region, "warm_places"), "from_local"]
    small = gm.run("three-region")
    assert payload(small, manifest={"command": ["gridmodel", "run"]})["plan"].split()[2] == "january-2026"
    assert not payload(small, manifest={"command": ["gridmodel", "run", "--from", "runs/x"]})["plan"]
    assert not payload(small)["plan"]
