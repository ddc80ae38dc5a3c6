"""Alerts in the form of CAP 1.2, against the structure of the schema, written out by hand; and the trigger sheet."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.output.cap import SPACE, as_cap
from gridmodel.output.report.trigger import rates_of, trigger_page, triggers
from gridmodel.results.severity import severity

ALERT = ["identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses", "code", "note",
         "references", "incidents", "info"]  # fmt: skip
INFO = ["language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience", "eventCode",
        "effective", "onset", "expires", "senderName", "headline", "description", "instruction", "web", "contact",
        "parameter", "resource", "area"]  # fmt: skip
AREA = ["areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"]
NEEDED = {"alert": ["identifier", "sender", "sent", "status", "msgType", "scope"],
          "info": ["category", "event", "urgency", "severity", "certainty"], "area": ["areaDesc"]}  # fmt: skip
CHOICES = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"}, "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"},
    "responseType": {"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}  # fmt: skip
TIME = re.compile(r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
REPEATED = {"category", "responseType", "parameter", "info", "area", "polygon", "geocode"}


def plain(element):
    return element.tag.removeprefix(f"{{{SPACE}}}")


def check(element, order):
    """Elements of CAP 1.2 in the order of the schema, each at most as often as it may be, with values that it allows."""
    names = [plain(one) for one in element]
    assert [order.index(name) for name in names] == sorted(order.index(name) for name in names)
    assert {name for name in names if names.count(name) > 1} <= REPEATED
    assert set(NEEDED[plain(element)]) <= set(names)
    for one in element:
        assert one.tag.startswith(f"{{{SPACE}}}")
        text = (one.text or "").strip()
        if plain(one) in CHOICES:
            assert text in CHOICES[plain(one)]
        if plain(one) in {"sent", "onset", "expires"}:
            assert TIME.fullmatch(text), text
        if plain(one) in {"identifier", "sender"}:
            assert not re.search(r"[\s,<&]", text)
        if plain(one) in {"parameter", "geocode"}:
            assert [plain(part) for part in one] == ["valueName", "value"]
        if plain(one) == "polygon":
            points = text.split(" ")
            assert len(points) >= 4
            assert points[0] == points[-1]
            assert all(
                44 < float(point.split(",")[0]) < 53 and 22 < float(point.split(",")[1]) < 41 for point in points
            )
        for name, below in (("info", INFO), ("area", AREA)):
            if plain(one) == name:
                check(one, below)


def test_an_alert_of_one_case_speaks_of_no_bad_case_and_of_no_time_that_does_not_come():
    struck = [{"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.9}]
    result = gm.run(gm.load_scenario("three-region").replace(events=struck))
    text = as_cap(result, sent=datetime(2026, 1, 8, 6, tzinfo=UTC))
    assert "the first homes are cold from 2026-01-05" in text
    assert "за місцевим часом" in text.casefold()
    assert not re.search("bad.case|гіршому|later|пізніше", text)
    assert "one case" in trigger_page(result)


def test_an_alert_has_the_structure_of_cap_and_says_what_the_run_says(january):
    root = ET.fromstring(as_cap(january, sent=datetime(2026, 1, 8, 6, tzinfo=UTC)))  # noqa: S314 - our own text
    assert plain(root) == "alert"
    check(root, ALERT)
    assert root.findtext(f"{{{SPACE}}}sent") == "2026-01-08T08:00:00+02:00"
    assert root.findtext(f"{{{SPACE}}}status") == "Draft"  # an officer sends it, not a model
    infos = root.findall(f"{{{SPACE}}}info")
    classes = severity(january)
    there = classes[(classes["class_p50"] >= 2) | (classes["class_p95"] >= 3)]
    assert len(infos) == 2 * len(there)
    kyiv = [one for one in infos if one.findtext(f".//{{{SPACE}}}geocode/{{{SPACE}}}value") == "UA-30"]
    assert [one.findtext(f"{{{SPACE}}}language") for one in kyiv] == ["en-GB", "uk-UA"]
    assert [one.findtext(f".//{{{SPACE}}}areaDesc") for one in kyiv] == ["Kyiv City", "м. Київ"]
    early = gm.deadlines(january).loc["UA-30"]["local_p05"].min()
    assert kyiv[0].findtext(f"{{{SPACE}}}onset") == f"{early:%Y-%m-%dT%H}:00:00+02:00"
    oblast = next(one for one in infos if one.findtext(f".//{{{SPACE}}}geocode/{{{SPACE}}}value") == "UA-32")
    assert len(oblast.findall(f".//{{{SPACE}}}polygon")) == 1  # the hole of the city is no polygon of its own


def test_names_cannot_leave_the_xml(january):
    text = as_cap(january.isel(region=[0]).assign_coords(region_name=("region", ["</areaDesc><x>"])))
    assert "<x>" not in text
    check(ET.fromstring(text), ALERT)  # noqa: S314 - our own text


def test_a_trigger_sheet_gives_threshold_chance_time_and_what_was_tested(january):
    rows = triggers(january, "en", scores={})
    assert [row["threshold"] for row in rows] == [
        "8 hours a day without power", "1 % of people in homes below 12 °C", "Heating pipes must be drained",
        "Taps dry in the street",
    ]  # fmt: skip
    cold = gm.deadlines(january).xs("homes_12c", level="deadline")
    act = cold[cold["reached_share"] >= 0.5]
    assert len(rows[1]["act"]) == len(act)
    first = act.sort_values("local_p05").iloc[0]
    assert rows[1]["act"][0].endswith(f"{first['local_p05']:%Y-%m-%d %H}:00")  # rounded down, so nobody is late
    assert {row["tested"] for row in rows} == {"not tested"}
    assert "Пороги для завчасних дій" in trigger_page(january, lang="uk")


def test_rates_are_given_where_enough_was_reported_and_nowhere_else():
    from gridmodel.output.languages import words

    known = {"winter-2025-26": {"alarms": {"power_h": {"rows": 91, "hit_rate": 0.8, "false_alarm_rate": 0.25}},
                                "heat": {"rows": 4}}}  # fmt: skip
    assert rates_of("power_h", words("en"), known) == "hits 80 %, false alarms 25 % (91 reported figures)"
    assert rates_of("homes_12c", words("en"), known).startswith("not tested: 4 reported figures")
    known["winter-2025-26"]["alarms"]["power_h"]["rows"] = 5
    assert rates_of("power_h", words("en"), known) == "not tested"


@pytest.mark.parametrize("form", ["cap", "trigger"])
def test_the_command_writes_them(tmp_path, run_of_three, form):
    got = CliRunner().invoke(main, ["export", str(run_of_three), form, "-o", str(tmp_path / "x"), "--lang", "uk"])
    assert got.exit_code == 0, got.output
    assert (tmp_path / "x").read_text(encoding="utf-8").startswith("<?xml" if form == "cap" else "<!doctype html>")
