"""Calendars of an outage schedule: names from a file are neither paths nor lines of a calendar."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import sampled
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.commands.schedule import _write_calendars
from gridmodel.network.schema import network_schema
from gridmodel.results.outage_schedule.table import STAGES
from gridmodel.results.outage_schedule.write import all_ics, calendar_names, stretches
from gridmodel.results.run_folder import read_result, write_result

EVIL = [
    "../../outside",
    "/outside",
    "a/b",
    "..",
    ".hidden",
    "a\\b",
    "nul\x00",
    "x\r\nEND:VCALENDAR",
    "=cmd",
    "a\u202eb",
    "con:1",
]


@pytest.fixture(scope="module")
def run():
    return gm.run("three-region")


@pytest.fixture(scope="module")
def schedule(run):
    return gm.schedule.timetable(run).isel(time=slice(8))


def renamed(table, id_, name="Northland"):
    ids, names = table["region"].to_numpy().astype(object), table["region_name"].to_numpy().astype(object)
    ids[0], names[0] = id_, name
    return table.assign_coords(region=ids, region_name=("region", names))


@pytest.mark.parametrize("id_", sampled(EVIL, 4))
@pytest.mark.gate  # at each edit: an id has a pattern
def test_a_regions_id_cannot_lead_out_of_the_folder_of_the_calendars(run, id_, tmp_path):
    ids = run["region"].to_numpy().astype(object)
    ids[0] = id_.replace("\x00", "0")  # netCDF ends a text there
    changed = run.assign_coords(region=ids)
    (tmp_path / "run").mkdir()
    write_result(changed, tmp_path / "run" / "result.nc")
    got = CliRunner().invoke(main, ["schedule", str(tmp_path / "run"), "--ics", str(tmp_path / "deep" / "cal")])
    assert sorted(path.name for path in tmp_path.iterdir()) in (["deep", "run"], ["run"])
    assert not Path("/outside-1.1.ics").exists()
    written = list(tmp_path.rglob("*.ics"))
    assert all(path.parent == tmp_path / "deep" / "cal" for path in written)
    assert (got.exit_code, len(written)) in {(0, 36), (1, 0)}, got.output


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6, unique=True))
def test_names_of_calendars_are_safe_and_differ_whatever_the_case(regions):
    names = calendar_names(regions)
    assert len({name.casefold() for name in names}) == len(regions)
    for name in names:
        assert name.isascii()
        assert not set(name) & set("/\\:*?\"<>|$`' \r\n\t")
        assert not name.startswith((".", "-"))


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60
    ),  # no index finds \0
)
def test_no_name_adds_a_line_or_a_property_to_a_calendar(schedule, name, id_):
    plain = gm.schedule.as_ics(schedule, "TR-1", "1.1")
    table = renamed(schedule, id_, name)
    if table["region"].to_numpy().tolist().count(id_) > 1:
        return
    text = gm.schedule.as_ics(table, id_, "1.1")
    unfolded = text.replace("\r\n ", "")
    kinds = [line.partition(":")[0].partition(";")[0] for line in unfolded.split("\r\n")]
    assert kinds == [line.partition(":")[0].partition(";")[0] for line in plain.replace("\r\n ", "").split("\r\n")]
    assert len(unfolded.splitlines()) == len(kinds) - 1
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    read = icalendar.Calendar.from_ical(text)
    spans = stretches(table["off"].isel(region=0).sel(group="1.1").to_numpy())
    assert len(read.walk("VEVENT")) == len(spans)
    printable = "".join(sign if sign.isprintable() else " " for sign in name)
    assert all(str(event["SUMMARY"]).startswith(f"No power, {printable} 1.1") for event in read.walk("VEVENT"))


def test_a_calendar_read_by_another_program_has_the_hours_of_the_schedule(schedule):
    read = icalendar.Calendar.from_ical(gm.schedule.as_ics(schedule, "TR-1", "1.1"))
    off = schedule["off"].sel(region="TR-1", group="1.1").to_numpy()
    hours = sum((event.end - event.start).total_seconds() for event in read.walk("VEVENT")) / 3600
    assert hours == pytest.approx(off.sum() / 2)
    assert not read.errors
    assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"} <= set(read.walk("VEVENT")[0])


BAD_IDS = [
    "../x",
    "a b/..",
    "=1+1",
    "@SUM",
    "-A",
    "+A",
    "a;b",
    "a,b",
    "x" * 101,
    "a\u202eb",
    "a\u200bb",
    "a$b",
    "a`b",
    "a|b",
    "a<b",
    " a",
]


@pytest.mark.parametrize("table", ["regions", "buses", "generators", "lines"])
@pytest.mark.parametrize("id_", sampled(BAD_IDS, 4))
def test_an_id_has_a_pattern_in_reader_and_schema_alike(folder, table, id_):
    path = folder / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    old = lines[1].split(",")[0]
    lines[1] = ",".join(['"' + id_ + '"', *lines[1].split(",")[1:]])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    items = network_schema()["properties"][table]["items"]["properties"]["id"]
    allowed = Draft202012Validator(items)
    assert allowed.is_valid(old)
    said = [
        str(problem)
        for problem in gm.check_network(str(folder))
        if problem.field == "id" and "must be" in problem.message
    ]
    stripped = id_.strip()
    assert bool(said) == (not allowed.is_valid(stripped)), said
    assert bool(said) or id_ == " a" or (table != "regions" and id_ in {"../x", "a b/.."}), id_


@pytest.mark.parametrize("id_", ["UA-30", "TR_1.a", "Північ", "7", "Zürich"])
def test_ids_of_any_script_are_read(id_):
    items = network_schema()["properties"]["regions"]["items"]["properties"]["id"]
    assert Draft202012Validator(items).is_valid(id_)


def test_bundled_networks_keep_their_ids():
    for name in ("ukraine", "three-region"):
        assert not [
            problem for problem in gm.check_network(name) if "must be" in problem.message and problem.field == "id"
        ]
    assert np.all(
        [region == name for region, name in zip(["TR-1", "TR-2"], calendar_names(["TR-1", "TR-2"]), strict=True)]
    )


def test_a_result_is_read_with_the_ids_it_has(run, tmp_path):
    write_result(run, tmp_path / "result.nc")
    with read_result(tmp_path) as again:
        assert again["region"].to_numpy().tolist() == run["region"].to_numpy().tolist()


def by_the_library(table, region, group):
    """The calendar as the library writes it, one property after the other."""
    one = table.sel(region=region)
    name = "".join(sign if sign.isprintable() else " " for sign in f"{one['region_name'].item()} {group}")
    id_ = "".join(sign if sign.isprintable() else " " for sign in region)
    when = [moment.replace(tzinfo=UTC) for moment in one["time"].to_numpy().astype("datetime64[s]").astype(datetime)]
    calendar = icalendar.Calendar()
    for key, value in (("VERSION", "2.0"), ("PRODID", "-//gridmodel//outage timetable//EN"), ("CALSCALE", "GREGORIAN")):
        calendar.add(key, value)
    calendar.add("X-WR-CALNAME", icalendar.vText(name))
    for first, last in stretches(one["off"].sel(group=group).to_numpy()):
        worst = int(one["stage"].to_numpy()[first:last].max())
        event = icalendar.Event()
        event.add("UID", f"{id_}-{group}-{when[first]:%Y%m%dT%H%M}@gridmodel")
        event.add("DTSTAMP", when[0])
        event.add("DTSTART", when[first])
        event.add("DTEND", when[last - 1] + timedelta(minutes=30))
        event.add("SUMMARY", f"No power, {name}" + (f" ({STAGES[worst]})" if worst else ""))
        calendar.add_component(event)
    return calendar.to_ical(sorted=False).decode("utf-8")


@pytest.mark.parametrize("length", [1, 30, 46, 52, 58, 61, 64, 70, 140])
def test_calendars_are_to_the_byte_what_the_library_writes_of_each(schedule, length):
    """Also where a line is folded within the time of a UID."""
    table = renamed(schedule, "я" * (length // 2) + "x" * (length % 2), "Київ; north, \\ " * (length // 12))
    table["stage"][1:] = 1
    for region, group, text in all_ics(table):
        assert text == by_the_library(table, region, group)


def test_calendars_of_many_regions_take_a_time_that_is_linear_in_their_number(schedule, tmp_path, monkeypatch):
    """Four thousand regions took half an hour: each file was flushed, and each made the folder be listed."""
    calls = {"fsync": 0, "listdir": 0}
    for name in calls:
        whole = getattr(os, name)

        def counted(*args, name=name, whole=whole):
            calls[name] += 1
            return whole(*args)

        monkeypatch.setattr(os, name, counted)
    many = schedule.isel(region=[0] * 40)
    many = many.assign_coords(region=[f"R-{number}" for number in range(40)])
    _write_calendars(many, tmp_path / "cal")
    assert len(list((tmp_path / "cal").iterdir())) == 480
    assert calls["fsync"] + calls["listdir"] < 10
