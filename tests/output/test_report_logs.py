import numpy as np
import pytest
from browsing import axe, needs_browser, t_of
from conftest import sampled

import gridmodel as gm
from gridmodel.vocabulary import DAMAGE_STATES


@pytest.fixture(scope="module")
def struck(tmp_path_factory):
    """A run of three regions in which strikes arrive and what they set off is followed, with its page."""
    from gridmodel.results.run_folder import manifest
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
        "start": "2026-01-05 00:00", "end": "2026-01-06 12:00", "events": events, "cascade": "full",
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
    shown.wait_for_selector("#region .outage-schedule")
    table = shown.locator("#region [aria-label^=Repairs] tbody tr")
    cells = [[cell.strip() for cell in row.locator("th, td").all_text_contents()] for row in table.all()]
    log = gm.repair_log(result)
    mine = log[log["region"] == "TR-1"]
    states = [state for state in DAMAGE_STATES if state in set(mine["damage_state"])]
    assert [row[1] for row in cells] == [t_of(f"d_{state}", "en") for state in states]
    for row, state in zip(cells, states, strict=True):
        hits = mine[mine["damage_state"] == state]
        each = [int((hits["member"] == member).sum()) for member in range(4)]
        assert row[2] == f"{np.count_nonzero(each)} of 4"
        middle, many = sorted(each)[1], max(each)  # of four members
        assert row[3] == (f"{middle}" if middle else "–") + (f" bad case {many}" if many > middle else "")
        if state != "none":
            assert row[4] == f"{100 * hits['end'].notna().mean():.3g}\u00a0%"
    assert shown.locator("#region h4", has_text="Crews at work").count() == 1
    shown.locator("#tiles button", has_text=str(result["region_name"].sel(region="TR-2").item())).click()
    shown.wait_for_selector("#region .outage-schedule")
    assert "No hit arrives in this region" in shown.locator("#region").text_content()
    assert shown.said == []


@needs_browser
@pytest.mark.parametrize("lang", sampled(["en", "uk"], 2, first=1))
def test_what_events_set_off_has_a_section_with_the_sums_of_the_log(open_page, struck, lang):
    from gridmodel.results.cascade_log import by_mechanism

    result, path = struck
    shown = open_page(path=path)
    shown.select_option("#lang", lang)
    sums = by_mechanism(result)
    rows = shown.locator("#cascade .scroll").first.locator("tbody tr")
    cells = [row.locator("th, td").all_text_contents() for row in rows.all()]
    assert [row[0] for row in cells] == [t_of(f"m_{name}", lang) for name in sums.index]
    assert [row[1] for row in cells] == [f"{count} {'of' if lang == 'en' else 'з'} 4" for count in sums["members"]]
    lowest = float(result["frequency_nadir_hz"].min())
    assert f"{lowest:.2f}".replace(".", "," if lang == "uk" else ".") in shown.locator("#cascade").text_content()
    shown.locator("#cascade summary").click()
    shown.wait_for_selector("#cascade details table")
    log = gm.cascade_log(result)
    assert shown.locator("#cascade details tbody tr").count() == len(log.groupby(["time", "mechanism", "technology"]))
    assert shown.said == []


@pytest.mark.gate  # at each edit: a cascade's log, in `test_cascade.py`
def test_the_summary_has_the_sums_of_the_cascades(struck):
    from gridmodel.results.cascade_log import by_mechanism
    from gridmodel.results.run_folder import summary_json

    result, _ = struck
    made = summary_json(result, gm.summarise(result))
    assert {name: row["mean_mw"] for name, row in made["cascades"].items()} == by_mechanism(result)["mean_mw"].to_dict()
    log = gm.cascade_log(result)
    loss = log[log["mechanism"] == "loss"].groupby(["member", "time"])["mw"].sum()
    assert made["cascades"]["loss"]["p50_mw"] == pytest.approx(loss.median())
    assert made["lowest_frequency_hz"] == float(result["frequency_nadir_hz"].min()) < 50


@needs_browser
@pytest.mark.long  # of every run: the page without them, in `test_report.py`
def test_a_page_with_both_logs_has_no_serious_violation_and_scrolls_nowhere_sideways(open_page, struck):
    shown = open_page(path=struck[1], width=390)
    shown.locator("#tiles button").first.click()
    shown.wait_for_selector("#region .outage-schedule")
    shown.locator("#cascade summary").click()
    shown.wait_for_selector("#cascade details table")
    assert axe(shown) == {}
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
