import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner
from conftest import sampled
from hypothesis import given
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.commands.said import Said
from gridmodel.commands.schedule import _left_out as left_out
from gridmodel.results.outage_schedule import GROUPS, allot
from gridmodel.results.outage_schedule.write import stretches
from gridmodel.results.run_folder import read_result

CASES = Path(__file__).parents[1] / "cases"
DAYS = (46, 48, 50)


def result(shed, need=1000.0, *, critical=0.0, start="2026-01-15", step_h=1.0, zone="Europe/Kyiv", regions=("A",)):
    """A run of some members from non-critical shedding, shape (member, time)."""
    shed = np.atleast_2d(np.asarray(shed, float))
    shape = (*shed.shape, len(regions), 2)
    values = np.zeros(shape)
    values[..., 0], values[..., 1] = critical, shed[..., None]
    times = pd.Timestamp(start, tz=zone).tz_convert("UTC").tz_localize(None) + pd.to_timedelta(
        np.arange(shed.shape[1]) * step_h, "h"
    )
    dims = ("member", "time", "region", "tier")
    return xr.Dataset(
        {"shed_mw": (dims, values), "demand_mw": (dims, np.full(shape, need))},
        coords={"member": np.arange(len(shed)), "time": times, "region": np.array(regions, object), "tier": ["critical", "household"],
                "region_name": ("region", [f"{name}land" for name in regions]), "local_time": ("time", times)},
        attrs={"step_h": step_h, "timezone": zone, "title": "by hand", "source": "test"},
    )  # fmt: skip


@st.composite
def counts(draw, most=12):
    """Sub-queues off in three days of 23, 24 and 25 hours, in blocks of a drawn length."""
    block = draw(st.integers(1, 12))
    days = np.repeat(np.arange(3), draw(st.permutations(DAYS)))
    values = draw(st.lists(st.integers(0, most), min_size=len(days) // block + 1, max_size=len(days) // block + 1))
    return np.repeat(values, block)[: len(days), None], days


def longest(off):
    return max((last - first for row in off[:, 0].T for first, last in stretches(row)), default=0)


@given(counts())
def test_every_half_hour_has_as_many_off_as_it_needs(drawn):
    count, days = drawn
    assert (allot(count, days, longest=8).sum(axis=-1) == count).all()


@given(counts())
def test_hours_off_differ_by_at_most_one_slot_a_day_and_over_all_days(drawn):
    count, days = drawn
    off = allot(count, days, longest=8)[:, 0]
    for day in range(3):
        assert np.ptp(off[days == day].sum(axis=0)) <= 1
        assert np.ptp(off[days <= day].sum(axis=0)) <= 1


@given(counts(most=8), st.sampled_from([4, 8, 12]))
def test_up_to_four_queues_a_stretch_exceeds_the_bound_by_an_hour_at_most(drawn, bound):
    count, days = drawn
    assert longest(allot(count, days, longest=bound)) <= bound + 2


@pytest.mark.parametrize("bound", sampled([4, 8, 12], 3, first=1))
def test_up_to_four_queues_hardly_a_stretch_exceeds_the_bound(bound):
    """Three days, one set for each region, all planned at once: 2 in 100 are longer."""
    rng, days = np.random.default_rng(0), np.repeat(np.arange(3), DAYS)
    count = np.repeat(rng.integers(0, 9, (24, 400)) * (rng.random((24, 400)) < rng.random(400)), 6, axis=0)
    off = allot(count, days, longest=bound)
    longer = sum(longest(off[:, [region]]) > bound for region in range(400))
    assert longer <= 8


@given(counts(most=10))
def test_up_to_five_queues_a_stretch_exceeds_it_by_an_hour_at_most(drawn):
    count, days = drawn
    assert longest(allot(count, days, longest=8)) <= 10


@pytest.mark.parametrize(("queues", "hours"), [(1, 4), (2, 8), (3, 12)])
def test_constant_queues_give_the_hours_that_the_supplier_states(queues, hours):
    """EPRAVDA_QUEUES: 4, 8 and 12 hours a day at 1, 2 and 3 queues."""
    days = np.repeat(np.arange(4), 48)
    off = allot(np.full((192, 1), 2 * queues), days, longest=8)[:, 0]
    assert (off.reshape(4, 48, 12).sum(axis=1) == 2 * hours).all()


def test_stretches_are_long_enough_to_plan_by():
    off = allot(np.full((48, 1), 6), np.zeros(48, int), longest=8)[:, 0]
    lengths = [last - first for row in off.T for first, last in stretches(row)]
    assert np.mean(lengths) == 8


def test_the_halves_of_one_queue_are_not_both_first():
    off = allot(np.full((8, 1), 6), np.zeros(8, int), longest=8)[0, 0]
    assert [GROUPS[place] for place in np.flatnonzero(off)] == ["1.1", "2.1", "3.1", "4.1", "5.1", "6.1"]


@given(st.lists(st.floats(0, 1000), min_size=24, max_size=72), st.sampled_from([0.25, 0.5, 1.0]))
def test_a_timetable_never_sheds_less_than_the_deficit(shed, step_h):
    data = result(shed, step_h=step_h)
    table = gm.schedule.timetable(data)
    dropped = 1000.0 * table["off"].mean("group").isel(region=0).to_series()
    for moment, missing in zip(data["time"].to_index(), shed, strict=True):
        for at in pd.date_range(moment, moment + pd.Timedelta(hours=step_h), freq="15min", inclusive="left"):
            assert dropped[at.floor("30min")] >= missing - 1e-2


def test_no_more_is_off_than_the_next_whole_sub_queue():
    table = gm.schedule.timetable(result(np.linspace(0, 1000, 24)))
    want = np.ceil(12 * np.linspace(0, 1, 24) - 1e-6) / 2
    assert table["queues"].isel(region=0).to_numpy()[::2] == pytest.approx(want)


def test_critical_feeders_are_in_no_queue_and_what_the_scheme_cannot_shed_is_said():
    table = gm.schedule.timetable(result([[0, 700, 1000]], critical=[[[0], [0], [50]]]))
    assert table["stage"].isel(region=0).to_numpy()[::2].tolist() == [0, 1, 2]
    assert table["uncovered_mw"].isel(region=0).to_numpy()[::2] == pytest.approx([0, 0, 50])
    assert table["covered_share"].isel(region=0).to_numpy()[::2].tolist() == [1, 1, 0]


def test_a_first_hour_without_demand_leaves_as_many_outside_the_queues():
    # of 2,000 MW 1,000 are critical and 500 outside the queues: 125 of the other 500 are three of twelve sub-queues
    run = result([[0.0, 125.0]])
    run["demand_mw"][:, 0] = 0.0
    run["outside_queues_share"] = ("member", "region"), [[0.75]]
    queues = gm.schedule.timetable(run)["queues"].isel(region=0).to_numpy()
    assert queues.tolist() == [0.0, 0.0, 1.5, 1.5]


def test_certainty_says_how_many_draws_are_covered():
    data = result(np.repeat(np.arange(10.0)[:, None] * 100, 24, axis=1))
    for certainty in (0.1, 0.5, 0.95, 1.0):
        covered = gm.schedule.timetable(data, certainty=certainty)["covered_share"]
        assert float(covered.min()) >= certainty
    assert float(gm.schedule.timetable(data, certainty=0.5)["queues"].max()) == 2.5


def test_seven_february_gives_the_reported_stages():
    case = json.loads((CASES / "queues-2026-02-07" / "case.json").read_text())
    need = case["need_mw"] * (1 - case["critical_share"])
    missing = case["need_mw"] - case["served_mw"]
    queues = float(gm.schedule.timetable(result([[missing]], need=need))["queues"].max())
    low, high = case["queues_reported"]
    assert low - 0.5 <= queues <= high + 0.5


@pytest.mark.parametrize(("day", "slots"), [("2026-03-29", 46), ("2026-10-25", 50), ("2026-01-15", 48)])
def test_days_when_the_clock_changes_have_46_or_50_slots_and_read_back(tmp_path, day, slots):
    data = result(np.full((1, slots // 2), 300.0), start=day, regions=("A", "B"))
    table = gm.schedule.timetable(data)
    assert table.sizes["time"] == slots
    written = gm.schedule.as_json(table)
    stretch = written["regions"]["A"]["groups"]["3.2"][0]["slots"]
    assert stretch[-1]["end"] == slots * 30
    (tmp_path / "t.json").write_text(json.dumps(written))
    (tmp_path / "t.csv").write_text(gm.schedule.as_csv(table))
    for name in ("t.json", "t.csv"):
        again = gm.schedule.read(tmp_path / name)
        assert (again.to_numpy() == table["off"].to_numpy()).all()


def test_steps_that_begin_at_a_quarter_touch_both_half_hours():
    data = result([[600.0, 0.0]], start="2026-01-15 00:15")
    table = gm.schedule.timetable(data)
    assert table["queues"].isel(region=0).to_numpy().tolist() == [4.0, 4.0, 4.0, 0, 0]


def test_the_share_off_is_the_mean_over_the_step_and_zero_where_nothing_is_published():
    table = gm.schedule.timetable(result([[250.0, 0.0]], step_h=0.5))
    first = table["time"].to_numpy()[0]
    hours = first + np.arange(-1, 3) * np.timedelta64(1, "h")
    assert gm.schedule.off_share(table["off"], hours, 1.0).to_numpy()[:, 0] == pytest.approx([0, 0.125, 0, 0])
    quarters = first + np.arange(4) * np.timedelta64(15, "m")
    assert gm.schedule.off_share(table["off"], quarters, 0.25).to_numpy()[:, 0] == pytest.approx([0.25, 0.25, 0, 0])


def test_a_suppliers_own_file_reads_with_its_region_named(tmp_path):
    day = {
        "date": "2026-01-15T00:00:00+02:00",
        "status": "ScheduleApplies",
        "slots": [{"start": 0, "end": 240, "type": "Definite"}],
    }
    (tmp_path / "p.json").write_text(json.dumps({group: {"today": day} for group in GROUPS}))
    off = gm.schedule.read(tmp_path / "p.json", region="UA-30")
    assert off.sel(region="UA-30", group="2.1").sum() == 8
    with pytest.raises(gm.InputError, match="does not name a region"):
        gm.schedule.read(tmp_path / "p.json")


def test_a_published_file_reports_every_problem_at_once(tmp_path):
    head = f"region,start,{','.join(GROUPS)}\n"
    rows = [
        "UA-30,2026-01-15T00:10,",
        "UA-30,soon,",
        "UA-30,2026-10-25T03:30,",
        "UA-30,2026-01-15,",
        "UA-30,2026-01-15T00:00+02:00,",
    ]
    cells = ["0," * 11 + "2", *["0," * 11 + "1"] * 4]
    (tmp_path / "p.csv").write_text(head + "\n".join(row + cell for row, cell in zip(rows, cells, strict=True)))
    with pytest.raises(gm.InputError) as caught:
        gm.schedule.read(tmp_path / "p.csv")
    text = str(caught.value)
    for words in (
        "p.csv:2: 6.2: '2' must be at most 1",
        "not the start of a half hour",
        "'soon' is not a time",
        "occurs twice",
        "duplicates a line above",
    ):
        assert words in text
    bad = {
        "1.1": [
            {"date": "2026-01-15T01:00+02:00", "slots": []},
            {"date": "2026-01-16T00:00+02:00", "slots": [{"start": 10, "end": 2000, "type": "Definite"}]},
        ]
    }
    (tmp_path / "p.json").write_text(json.dumps(bad))
    with pytest.raises(gm.InputError, match="less than or equal to 1500"):
        gm.schedule.read(tmp_path / "p.json", region="UA-30")
    bad["1.1"][1]["slots"][0]["end"] = 1500
    bad["7.1"] = []
    (tmp_path / "p.json").write_text(json.dumps(bad))
    with pytest.raises(gm.InputError) as caught:
        gm.schedule.read(tmp_path / "p.json", region="UA-30")
    for words in ("midnight", "whole half hours", "sub-queue 1.2 is missing", "'7.1' is not a sub-queue"):
        assert words in str(caught.value)


def test_a_calendar_has_an_event_a_stretch_in_utc_and_short_lines():
    table = gm.schedule.timetable(result(np.full((1, 24), 500.0), regions=("Є, довга назва; " + "х" * 60,)))
    region = table["region"].to_numpy()[0]
    text = gm.schedule.as_ics(table, region, "1.1")
    spans = stretches(table["off"].isel(region=0).sel(group="1.1").to_numpy())
    assert text.count("BEGIN:VEVENT") == len(spans)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    begin = datetime.strptime(text.split("DTSTART:")[1][:15], "%Y%m%dT%H%M%S")
    assert np.datetime64(begin) == table["time"].to_numpy()[spans[0][0]]
    assert "\\, довга назва\\; " in text.replace("\r\n ", "")


def test_wrong_wishes_are_all_said():
    with pytest.raises(gm.InputError) as caught:
        gm.schedule.timetable(result([[1.0]]), certainty=0, longest_h=0.7, regions=["B"])
    assert len(caught.value.problems) == 3


def test_with_a_fixed_rotation_the_schedule_has_the_same_sub_queues_off_as_the_run():
    # in the run the first of 1.1, 2.1 … 6.1, 1.2 … are off: five of twelve for 24 hours, then seven
    run = result(np.full((1, 48), 1.0))
    run["subqueues_off"] = (("member", "time", "region"), np.repeat([5.0, 7.0], 24)[None, :, None])
    run["cut_stage"] = (("member", "time", "region"), np.full((1, 48, 1), 2.0))
    run.attrs["scenario"] = json.dumps({"rotation": "fixed"})
    table = gm.schedule.timetable(run)
    hours = gm.schedule.hours_off(table).isel(region=0).sum("day").to_series()
    first = ["1.1", "2.1", "3.1", "4.1", "5.1"]
    assert hours.to_dict() == {
        group: 48.0 if group in first else 24.0 if group in ("6.1", "1.2") else 0.0 for group in GROUPS
    }
    assert float(gm.schedule.longest_stretch_h(table).max()) == 48.0


def test_a_part_of_a_sub_queue_off_is_all_of_it_in_a_schedule():
    run = result(np.full((1, 1), 1.0))  # with `cuts: feeders` a number with decimals, kept in single precision
    for off, queues in [(3.4, 2.0), (np.float32(3.0000002), 1.5), (0.0, 0.0)]:
        run["subqueues_off"] = (("member", "time", "region"), np.full((1, 1, 1), off))
        run["cut_stage"] = (("member", "time", "region"), np.full((1, 1, 1), 2.0))
        assert gm.schedule.timetable(run)["queues"].to_numpy().tolist() == [[queues], [queues]]


@pytest.fixture(scope="module")
def folder(run_of_three):
    """A run folder of the bundled three regions."""
    return run_of_three


@pytest.mark.parametrize(
    ("ordered", "damaged", "shared", "said"),
    [
        (True, 0.0, 0.0, ""),
        (True, 5.0, 0.0, "Not in these hours: homes on broken feeders, who are off for longer."),
        (False, 5.0, 0.0, ""),  # without an order, all that is shed is in the hours
        (False, 0.0, 0.1, "Not in these hours: homes outside the queues, who lower the mean of the run."),
    ],
)
def test_a_schedule_says_what_its_hours_leave_out_where_the_run_has_it(ordered, damaged, shared, said):
    run = result([500.0])
    if ordered:
        run["subqueues_off"] = (("member", "time", "region"), np.zeros((1, 1, 1)))
    run["people_off_by_damage"] = (("member", "time", "region"), np.full((1, 1, 1), damaged))
    run["drawn_value"] = (("member", "setting"), np.array([[shared, 3.0]]))
    assert left_out(run.assign_coords(setting=["shared_feeder_share", "pump_margin"]), Said()) == said
    assert left_out(result([500.0]), Said()) == ""


@pytest.mark.gate  # at each edit: the functions that it calls
def test_the_command_lists_draws_and_exports(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    def cli(*args, code=0):
        got = CliRunner().invoke(main, ["schedule", str(folder), *args], catch_exceptions=False)
        assert got.exit_code == code, got.output
        return got

    listed = cli().stdout
    assert "TR-1 Northland" in listed
    said = " ".join(listed.split())
    assert "Not in these hours: homes outside the queues, who lower the mean of the run." in said
    assert "Not in these hours" in cli("--region", "TR-1").stdout
    assert not [line for line in listed.splitlines() if len(line) > 80 or "…" in line]
    grid = cli("--region", "TR-2", "--day", "2026-01-06").stdout
    assert [line.split()[0] for line in grid.splitlines()[2:14]] == list(GROUPS)
    assert {len(line.split()[1]) for line in grid.splitlines()[2:14]} == {48}
    with read_result(folder) as run:
        hours, tables = {}, gm.schedule.timetable(run, regions=["TR-2"])
        for day in ("2026-01-05", "2026-01-06"):
            here = run.isel(time=np.flatnonzero(run["local_time"].dt.date == pd.Timestamp(day).date()))
            people = here["people_without_power"].sel(region="TR-2").sum() / here["population"].sel(region="TR-2")
            hours[day] = f"on this day, mean person: {float(people):.1f} h"
        longest_h = float(gm.schedule.longest_stretch_h(tables).max())
    assert hours["2026-01-05"] != hours["2026-01-06"]
    for day, said in hours.items():
        assert said in cli("--region", "TR-2", "--day", day).stdout
        assert f"in the run: {longest_h:g} h" in cli("--region", "TR-2", "--day", day).stdout
    worst = cli("--region", "TR-2").stdout
    assert hours[worst.split()[1].removesuffix(":")] in worst
    assert set(json.loads(cli("--json").stdout)["regions"]) == {"TR-1", "TR-2", "TR-3"}
    (tmp_path / "t.csv").write_text(cli("--csv", "--region", "TR-2").stdout)
    assert gm.schedule.read(tmp_path / "t.csv").sizes == {"time": 96, "region": 1, "group": 12}
    assert "36 calendars" in cli("--ics", str(tmp_path / "cal")).stdout
    assert len(list((tmp_path / "cal").iterdir())) == 36
    wrong = cli("--region", "TR-9", "--day", "2026-02-01", code=1)
    assert "TR-9" in wrong.stderr
    assert "not in the run" in cli("--day", "2026-02-01", code=1).stderr
    cli("--json", "--csv", code=2)


def test_hours_off_in_24_count_a_day_that_is_there_in_part_by_its_hours():
    # half of a region off from noon to the midnight of the next day: 18 of 36 hours, 12 in 24
    run = result(np.full(36, 500.0), start="2026-01-15 12:00")
    table = gm.schedule.timetable(run)
    assert len(np.unique(table["local_time"].to_numpy().astype("datetime64[D]"))) == 2
    assert float(gm.schedule.mean_hours_off(table).item()) == pytest.approx(12.0)
    # whole days: the mean of the days
    whole = gm.schedule.timetable(result(np.r_[np.full(24, 500.0), np.zeros(24)]))
    assert float(gm.schedule.mean_hours_off(whole).item()) == pytest.approx(6.0)
    assert gm.schedule.hours_off(whole).mean().item() == pytest.approx(6.0)


def test_critical_consumers_on_broken_feeders_are_not_beyond_the_scheme_while_queues_are_on():
    # 1,000 MW in the queues: half of them off, and then all; 20 MW of critical consumers short in both
    run = result([500.0, 1000.0], critical=20.0)
    table = gm.schedule.timetable(run)
    assert table["queues"].isel(region=0).to_numpy().tolist() == [3.0, 3.0, 6.0, 6.0]
    assert table["uncovered_mw"].isel(region=0).to_numpy().tolist() == [0.0, 0.0, 20.0, 20.0]
    assert table["stage"].isel(region=0).to_numpy().tolist() == [0, 0, 2, 2]
    assert table["covered_share"].isel(region=0).to_numpy().tolist() == [1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize("rotation", ["queues", "fixed"])
def test_what_broken_feeders_take_is_not_in_the_schedule_of_an_optimum_either(rotation):
    # power is short, half of the feeders of TR-2 are broken and for an hour all of TR-3: without whole sub-queues to
    # round up to, an order cuts as much as the optimum, and both have the same homes off in turns
    short = {"time": "2026-01-05 06:00", "kind": "outage", "share": 0.5, "duration_h": 30}
    limit = {"time": "2026-01-05 12:00", "target": "TR-2/delivery", "kind": "limit", "share": 0.5, "duration_h": 18}
    every = {"time": "2026-01-05 12:00", "target": "TR-3/delivery", "kind": "limit", "share": 0.0, "duration_h": 1}
    events = [*({**short, "target": f"TR-{n}/generation"} for n in (1, 2, 3)), limit, every]
    base = gm.load_scenario("three-region").replace(events=events, rotation=rotation, shared_feeder_share=0.1)
    optimum, feeders = (gm.run(base.replace(cuts=cuts)) for cuts in ("optimum", "feeders"))
    off, broken = (optimum[name].isel(member=0) for name in ("subqueues_off", "people_off_by_damage"))
    assert float(broken.max()) > 0
    assert float(off.where(broken > 0).max()) > 0
    assert off.sel(region="TR-3").to_numpy()[11:13].tolist() == [pytest.approx(10.95, abs=0.01), 0.0]
    np.testing.assert_allclose(off, feeders["subqueues_off"].isel(member=0), atol=1e-3)
    pd.testing.assert_frame_equal(
        gm.schedule.timetable(optimum)["queues"].to_pandas(), gm.schedule.timetable(feeders)["queues"].to_pandas()
    )
    off_in_turns = 0.9 * (optimum["population"] - broken) * off / 12.0  # a tenth is outside the queues
    np.testing.assert_allclose(optimum["people_off_by_rotation"].isel(member=0), off_in_turns.T, rtol=1e-4, atol=1.0)
