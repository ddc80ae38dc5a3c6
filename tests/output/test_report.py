import json
import re
import shutil

import numpy as np
import pytest
from browsing import axe, in_browser, needs_browser
from click.testing import CliRunner
from conftest import sampled

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.output.languages import languages, title_in, words
from gridmodel.output.report import page, payload
from gridmodel.output.report.payload import _median


@in_browser
@pytest.mark.gate  # at each edit: the page names no address, below
def test_it_opens_without_a_network_and_the_console_stays_empty(open_page):
    shown = open_page()
    assert shown.said == []
    assert [url for url in shown.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert shown.locator(".marking").first.text_content() == "For <b>official</b> use"


@needs_browser
def test_the_slider_moves_the_map(open_page, january):
    shown = open_page()
    shown.select_option("#layer", "heat")
    for step in (0, 40):
        shown.evaluate(
            f"const s = document.getElementById('slider'); s.value = {step}; s.dispatchEvent(new Event('input'))"
        )
        told = shown.locator("[data-region='UA-30']").get_attribute("aria-label").split(": ")[1].split(",")[0]
        cold = january["people_without_heat"].isel(time=step).sel(region="UA-30")
        share = cold.median("member") / january["population"].sel(region="UA-30")
        assert float(told.rstrip(" %")) == pytest.approx(100 * float(share), rel=0.06, abs=0.05)
    assert shown.locator("#when").text_content() == "9 Jan, 16:00"
    shown.select_option("#which", "high")
    told = shown.locator("[data-region='UA-30']").get_attribute("aria-label").split(": ")[1].split(",")[0]
    bad = 100 * float(cold.quantile(0.95) / january["population"].sel(region="UA-30"))
    assert float(told.rstrip(" %")) == pytest.approx(bad, rel=0.06, abs=0.05)
    assert bad > 1.1 * 100 * float(share)


LABELS = """() => {
  const at = (e) => e.getBoundingClientRect(), shown = [...document.querySelectorAll("#outlines text")];
  const boxes = shown.map((e) => [e.textContent, at(e)]);
  const touch = (a, b) => a.right >= b.left && b.right >= a.left && a.bottom > b.top && b.bottom > a.top;
  return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).filter(([, b]) => touch(a, b)).map(([two]) => `${one} | ${two}`));
}"""
"""Pairs of labels of the map that touch."""


@needs_browser
@pytest.mark.parametrize("width", [390, 1280])
def test_labels_of_the_map_do_not_touch_in_any_language_and_the_title_is_in_it(open_page, january, width):
    shown = open_page(width=width)
    for lang in languages():
        shown.select_option("#lang", lang)
        assert shown.evaluate(LABELS) == []
        named = shown.evaluate("document.querySelectorAll('#outlines .name:not(:empty)').length")
        assert (named >= 8) == (width == 1280)
        title = title_in(january.attrs["title"], lang)
        assert (shown.title(), shown.locator("h1").text_content()) == (title, title)
        assert words(lang)["map_note_outlines"] in shown.locator("#map_note").text_content()
    assert "Обриси: MapSVG" in shown.locator("#map_note").text_content()


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
    shown.locator("[data-region='UA-30']").click()
    shown.wait_for_selector("#region .outage-schedule")
    assert shown.locator("#region h3").text_content() == "Kyiv City"
    assert shown.locator("#region .chart svg").count() >= 5
    assert shown.locator("#region details").count() == shown.locator("#region .chart").count()
    shown.locator("#region details summary").first.click()
    shown.wait_for_selector("#region details table")
    assert shown.locator("#region details table").first.locator("tbody tr").count() == 504
    assert shown.said == []


@needs_browser
def test_a_region_that_is_opened_or_closed_while_another_is_drawn_stands_alone(open_page):
    shown = open_page()
    press = "for (const id of ['UA-30', 'UA-12']) document.querySelector(`#map [data-region=${id}]`).dispatchEvent(new Event('click'))"
    shown.evaluate(press)
    shown.wait_for_selector("#region .outage-schedule")
    shown.wait_for_timeout(1_000)
    assert shown.locator("#region h3").text_content() == "Dnipropetrovsk"
    heads = shown.locator("#region h4").all_text_contents()
    assert len(heads) == len({*heads})
    drawn = shown.evaluate("[...document.querySelectorAll('#region .chart [role=img]')].map(e => e.ariaLabel)")
    assert drawn
    assert [told for told in drawn if not told.endswith(", Dnipropetrovsk")] == []
    shown.evaluate(f"{press}; document.querySelector('#region button').click()")
    shown.wait_for_timeout(1_000)
    assert shown.locator("#region").inner_html() == ""
    assert shown.said == []


@needs_browser
def test_a_chart_is_told_by_its_caption_to_those_who_do_not_see_it(open_page):
    shown = open_page()
    shown.wait_for_selector("#c-hours svg")
    shown.wait_for_timeout(1_000)
    charts = shown.evaluate(
        "[...document.querySelectorAll('.vega-embed')].map(e => [e.role, e.ariaLabel, e.ariaRoleDescription])"
    )
    assert ["img", words("en")["balance"], None] in charts
    assert [said for role, said, other in charts if role != "img" or not said or "Vega" in said or other] == []


@needs_browser
@pytest.mark.parametrize("width", sampled([390, 1280], 2))
def test_events_are_lines_in_the_balance_at_any_width(open_page, january, width):
    shown = open_page(width=width)
    shown.wait_for_selector("#c-balance svg")
    assert shown.locator("#c-balance svg .mark-rule.role-mark line").count() > 0
    assert "lines are events" in shown.locator("#events .note").text_content()


@needs_browser
@pytest.mark.parametrize("lang", sampled(["en", "uk"], 2, first=1))
def test_nothing_scrolls_sideways_on_a_phone(open_page, lang):
    shown = open_page(width=390)
    shown.select_option("#lang", lang)
    shown.locator("[data-region]").first.click()
    shown.wait_for_selector("#region .outage-schedule")
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390


@needs_browser
@pytest.mark.parametrize("scheme", sampled(["light", "dark"], 2))
def test_axe_finds_no_serious_violation(open_page, scheme):
    shown = open_page(scheme=scheme)
    shown.locator("[data-region]").first.click()
    shown.wait_for_selector("#region .outage-schedule")
    only = "{runOnly: ['color-contrast']}" if scheme == "dark" else "{}"
    assert axe(shown, only) == {}


@needs_browser
def test_it_prints_to_a4_pages_with_its_marking(open_page, tmp_path):
    printed = open_page().pdf(path=tmp_path / "x.pdf", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    boxes = set(re.findall(rb"/MediaBox \[([^\]]+)\]", printed))
    assert len(boxes) == 1
    width, height = (float(number) for number in boxes.pop().split()[2:])
    assert (width, height) == pytest.approx((595, 842), abs=2)


@needs_browser
def test_the_first_printed_page_holds_the_answers_and_heads_of_tables_repeat(open_page):
    shown = open_page()
    shown.emulate_media(media="print")
    assert shown.eval_on_selector_all(".first .note", "all => all.map(e => getComputedStyle(e).breakAfter)") == [
        "auto"
    ] * (shown.locator(".first .note").count())
    buttons = shown.eval_on_selector_all("thead button", "all => all.map(e => getComputedStyle(e).display)")
    assert set(buttons) == {"contents"}  # a browser repeats words of a head, and no buttons


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
    from gridmodel.results.run_folder import summary_json

    part = january.isel(region=slice(4))
    assert payload(part)["summary"] == summary_json(part, gm.summarise(part))


@pytest.mark.gate  # at each edit: a run of a few hours
def test_a_long_run_is_thinned_to_means_of_blocks(january):
    thrice = january.isel(member=slice(1), region=slice(3), time=np.tile(np.arange(504), 3))
    hours = np.arange(3 * 504) * np.timedelta64(1, "h")
    clocks = {name: ("time", thrice[name].to_numpy()[0] + hours) for name in ("time", "local_time")}
    thin = payload(thrice.assign_coords(clocks))
    assert len(thin["t"]) == 504
    assert thin["step_h"] == 3
    want = january["served_mw"].isel(member=0, region=slice(3)).sum(("region", "tier")).to_numpy()[:3].mean()
    assert thin["national"]["served"]["typical"][0] == pytest.approx(want, rel=1e-3)


def test_lines_are_medians_of_the_members_and_what_is_stacked_are_means_which_add_up(january):
    made = payload(january.isel(region=slice(2), time=slice(0, 72)))
    part = january.isel(region=slice(2), time=slice(0, 72))
    shed = part["shed_cause_mw"].sum("region")
    served = part["served_mw"].sum(("region", "tier")).to_numpy()
    low, middle, high = np.quantile(served, (0.05, 0.5, 0.95), axis=0)
    assert made["national"]["served"]["typical"] == pytest.approx(middle.tolist(), abs=0.5)
    assert made["national"]["served"]["low"] == pytest.approx(low.tolist(), abs=0.5)
    assert made["national"]["served"]["high"] == pytest.approx(high.tolist(), abs=0.5)
    stacked = np.sum(list(made["national"]["causes"].values()), axis=0)
    assert stacked == pytest.approx(shed.sum("cause").mean("member").to_numpy(), rel=0.01, abs=1.0)
    hours = gm.metrics.hours_without_power_per_day(part).to_numpy()
    for place, region in enumerate(made["regions"]):
        assert region["totals"]["hours_without_power_per_day"]["p50"] == pytest.approx(
            np.median(hours[:, place]), rel=1e-4
        )
        assert region["members_off_long"] == (hours[:, place] > 12).sum()


def test_the_middle_of_members_passes_over_those_that_have_no_such_homes():
    nan = np.nan
    got = _median(np.array([[1.0, nan, 4.0, nan], [5.0, nan, nan, 7.0], [2.0, nan, 1.0, nan]]))
    assert got == pytest.approx([2.0, nan, 2.5, 7.0], nan_ok=True)


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
    made = payload(bare.isel(region=slice(4)))
    assert list(made["layers"]) == ["power"]
    assert "indoors" not in made["regions"][0]["series"]


def test_wrong_wishes_are_all_said(january):
    with pytest.raises(gm.InputError) as caught:
        gm.report.html(january, lang="xx", marking="x" * 200)
    assert len(caught.value.problems) == 2


@pytest.mark.gate  # at each edit: every output of a small run, in `test_agreement.py`
def test_a_run_writes_its_page_and_the_command_writes_it_anew(tmp_path, monkeypatch, run_of_three):
    monkeypatch.chdir(tmp_path)

    def cli(*args, code=0):
        got = CliRunner().invoke(main, list(args), catch_exceptions=False)
        assert got.exit_code == code, got.output
        return got

    shutil.copytree(run_of_three, "three")
    before = (tmp_path / "three" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in before
    cli("report", "three", "--lang", "uk", "--marking", "TLP:AMBER")
    after = (tmp_path / "three" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="uk">' in after
    assert after.count(">TLP:AMBER<") == 2
    cli("report", "three", "-o", "elsewhere.html")
    assert (tmp_path / "elsewhere.html").is_file()
    assert "cannot be written" in cli("report", "three", "-o", "no/where.html", code=1).stderr
