"""A published timetable imposed on a run."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from rich.console import Console

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.commands.summary import print_summary
from gridmodel.results.manifest import input_hashes
from gridmodel.results.outage_schedule import GROUPS
from gridmodel.results.run_folder import read_manifest, write_run
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate
from gridmodel.vocabulary import CAUSES, TIERS

REGIONS = ("TR-1", "TR-2", "TR-3")
PLAIN = {"heater_feedback": False, "cold_load_pickup": False}


@pytest.fixture
def timetable(tmp_path):
    """Writes a timetable of half hours from a start: for each region, how many sub-queues are off in each."""

    def write(counts, *, start="2026-01-05T00:00", name="t.csv"):
        first = np.datetime64(start, "m")
        lines = [f"region,start,{','.join(GROUPS)}"]
        for region, row in counts.items():
            for slot, off in enumerate(row):
                cells = ",".join("1" if place < off else "0" for place in range(len(GROUPS)))
                lines.append(f"{region},{first + slot * np.timedelta64(30, 'm')},{cells}")
        (tmp_path / name).write_text("\n".join(lines) + "\n")
        return str(tmp_path / name)

    return write


def parts(result, region, *, cause="limit"):
    """Need, served by tier, and what a cause cuts, of the only member, each over time."""
    one = result.isel(member=0).sel(region=region)
    return (one["demand_mw"].to_numpy(), one["served_mw"].to_numpy(), one["shed_cause_mw"].sel(cause=cause).to_numpy())


@pytest.mark.parametrize("cascade", ["none", "full"])
def test_with_everything_off_only_who_is_outside_the_queues_is_served(three, timetable, cascade):
    whole = {region: [12] * 48 for region in REGIONS}
    result = gm.run(three(timetable=timetable(whole), cascade=cascade, shared_feeder_share=0.1, **PLAIN))
    assert (result["timetable_off_share"] == 1).all()
    for region in REGIONS:
        need, served, limit = parts(result, region)
        assert served[:, 0] == pytest.approx(need[:, 0])
        assert (need[:, 1:] > 0).any()
        assert served[:, 1:] == pytest.approx(0.1 * need[:, 1:])
        assert limit == pytest.approx(0.9 * need[:, 1:].sum(axis=1))
    assert result["shed_cause_mw"].sum("cause").to_numpy() == pytest.approx(result["shed_mw"].sum("tier").to_numpy())


@pytest.mark.filterwarnings("ignore:.*says nothing of:UserWarning")
def test_half_the_queues_for_half_an_hour_cut_a_quarter_of_what_is_in_the_queues(three, timetable):
    imposed = timetable({"TR-1": [6, 0]}, start="2026-01-05T06:00")
    changes = PLAIN | {"shared_feeder_share": 0.1}
    plain, cut = gm.run(three(**changes)), gm.run(three(timetable=imposed, **changes))
    assert cut["timetable_off_share"].sel(region="TR-1").to_numpy() == pytest.approx(np.eye(24)[6] / 4)
    assert not cut["timetable_off_share"].sel(region=["TR-2", "TR-3"]).any()
    need, served, limit = parts(cut, "TR-1")
    assert limit[6] == pytest.approx(0.25 * 0.9 * need[6, 1:].sum())
    assert (served[6, 1:] <= (1 - 0.25 * 0.9) * need[6, 1:] + 1e-9).all()
    assert served[6, 0] == pytest.approx(need[6, 0])
    others = [result.sel(region=["TR-2", "TR-3"])["shed_mw"].sum(("region", "tier"))[0, 6] for result in (plain, cut)]
    assert others[1] < others[0] - 1  # what is left there is shared
    again = np.delete(np.arange(24), 6)
    xr.testing.assert_allclose(plain["served_mw"].isel(time=again), cut["served_mw"].isel(time=again))


@pytest.mark.filterwarnings("ignore:.*says nothing of:UserWarning")
def test_quarter_hours_see_the_half_hours_that_they_are_in(three, timetable):
    imposed = timetable({"TR-1": [3, 12]}, start="2026-01-05T06:00")
    share = gm.run(three(timetable=imposed, step="15min"))["timetable_off_share"].sel(region="TR-1").to_numpy()
    assert share[22:30].tolist() == [0, 0, 0.25, 0.25, 1, 1, 0, 0]


def test_a_timetable_with_everything_on_changes_no_bit(three, timetable):
    plain, same = gm.run(three()), gm.run(three(timetable=timetable({"TR-1": [0] * 48})))
    assert set(same.data_vars) - set(plain.data_vars) == {"timetable_off_share"}
    xr.testing.assert_identical(plain.drop_attrs(), same.drop_vars("timetable_off_share").drop_attrs())


@pytest.mark.gate  # at each edit: a timetable with everything on changes no bit
def test_every_member_meets_the_same_timetable_and_is_the_same_in_any_company(three, timetable):
    scenario = three(timetable=timetable({"TR-2": [4] * 48}), deterministic=False, members=3)
    whole = gm.run(scenario)
    assert whole["timetable_off_share"].dims == ("time", "region")
    alone = simulate(run_inputs(scenario, [2]))
    xr.testing.assert_identical(whole.isel(member=[2]).drop_attrs(), alone.drop_attrs())


@pytest.mark.filterwarnings("ignore:.*says nothing of:UserWarning")
def test_storage_is_planned_for_the_hours_that_the_timetable_leaves_short(three, timetable):
    battery = {"kind": "battery", "region": "TR-2", "size": 30.0}
    short = {"time": "2026-01-05 00:00", "target": "TR-1/generation", "kind": "outage", "share": 1.0}
    imposed = timetable({region: [12] * 24 for region in REGIONS})
    result = gm.run(three(timetable=imposed, mitigations=(battery,), events=[short], **PLAIN))
    given = result["generation_mw"].sel(technology="battery").sum("region").isel(member=0).to_numpy()
    assert given == pytest.approx(np.repeat([0.0, 5.0], 12))  # 60 MWh, flat over the half day that is short


def test_a_share_of_delivery_stays_one_of_the_whole_need(three, timetable):
    event = {"time": "2026-01-05 00:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.6}
    imposed = timetable({"TR-1": [6] * 48, "TR-2": [12] * 48, "TR-3": [12] * 48})  # so that there is power enough
    need, served, limit = parts(gm.run(three(timetable=imposed, events=[event], **PLAIN)), "TR-1")
    reached = need[:, 0] + 0.5 * need[:, 1:].sum(axis=1)
    assert (reached > 0.6 * need.sum(axis=1)).all()
    assert served.sum(axis=1) == pytest.approx(0.6 * need.sum(axis=1))
    assert limit == pytest.approx(0.4 * need.sum(axis=1))


def test_storage_is_planned_for_a_delivery_that_is_a_share_of_the_whole_need(three, timetable):
    """Of half of that it would find nothing short, and give all in the first two hours."""
    day = "2026-01-05 00:00"
    events = [
        {"time": day, "target": "TR-1/delivery", "kind": "limit", "share": 0.6},
        {"time": day, "target": "TR-1/generation", "kind": "outage", "share": 1.0},
        {"time": day, "target": "TR-2/generation", "kind": "outage", "share": 0.4},
    ]
    imposed = timetable({"TR-1": [6] * 48, "TR-2": [12] * 48, "TR-3": [12] * 48})
    battery = {"kind": "battery", "region": "TR-2", "size": 30.0}
    result = gm.run(three(timetable=imposed, mitigations=(battery,), events=events, **PLAIN))
    given = result["generation_mw"].sel(technology="battery").sum("region").isel(member=0).to_numpy()
    assert given == pytest.approx(2.5)


def test_the_timetable_that_a_run_implies_can_be_imposed_on_it(three, tmp_path):
    plain = gm.run(three(**PLAIN))
    (tmp_path / "t.json").write_text(json.dumps(gm.schedule.as_json(gm.schedule.timetable(plain))))
    imposed = gm.run(three(timetable=str(tmp_path / "t.json"), **PLAIN))
    assert float(plain["shed_cause_mw"].sel(cause="deficit").sum()) > 1000
    assert float(imposed["shed_cause_mw"].sel(cause="deficit").sum()) == pytest.approx(0, abs=1e-6)
    assert float(imposed["shed_mw"].sum()) >= float(plain["shed_mw"].sum()) - 1e-6


@pytest.mark.gate  # at each edit: the timetable that a run implies
def test_a_run_under_its_own_timetable_cuts_as_much_as_its_order_did(three, tmp_path):
    """Of a hundred homes and firms 36 are outside the queues, whom neither the order nor the timetable reaches."""
    order = {"rotation": "queues", "cuts": "order", "industry_limit_share": 0.0, "reserve_mw": 0.0}
    changes = PLAIN | order | {"shared_feeder_share": 0.36}
    plain = gm.run(three(**changes))
    (tmp_path / "t.json").write_text(json.dumps(gm.schedule.as_json(gm.schedule.timetable(plain))))
    imposed = gm.run(three(timetable=str(tmp_path / "t.json"), **changes))
    assert float(plain["subqueues_off"].max()) >= 4
    assert imposed["served_mw"].to_numpy() == pytest.approx(plain["served_mw"].to_numpy(), abs=1e-3)
    felt = [result["people_without_power"].to_numpy() for result in (plain, imposed)]
    assert felt[1] == pytest.approx(felt[0], abs=1e-3)


def test_the_schedule_of_a_run_has_off_what_its_timetable_and_its_order_have_off(three, timetable, tmp_path):
    imposed = timetable({region: [8] * 48 for region in REGIONS})
    shares = {"shared_feeder_share": 0.1, "rotation": "queues", "cuts": "order", "industry_limit_share": 0.0}
    under = three(timetable=imposed, **PLAIN, **shares)
    run = gm.run(under)
    assert not run["shed_cause_mw"].sel(cause="deficit").to_numpy().any()  # the timetable is enough
    assert (gm.schedule.timetable(run)["queues"] == 4.0).all()
    short = gm.run(under.replace(import_limit_mw=0.0, demand_factor=1.5))
    queues = gm.schedule.timetable(short)["queues"].to_numpy()[::2]
    need, served = (short[name].isel(member=0).to_numpy()[..., 1:].sum(axis=-1) for name in ("demand_mw", "served_mw"))
    assert queues.max() > 4.0
    assert served == pytest.approx(need * (1.0 - 0.9 * queues / 6.0), rel=1e-6)
    write_run(run, under, tmp_path / "run", command=[], seconds={})
    said = CliRunner().invoke(main, ["schedule", str(tmp_path / "run")], catch_exceptions=False).stdout
    assert "What the imposed timetable has off is in it" in said
    screen = Console(file=StringIO(), width=200)
    print_summary(run, tmp_path / "run", screen=screen)
    assert "The timetable t.csv is imposed: 8.0 of 12 sub-queues off" in screen.file.getvalue()


def test_the_timetable_of_a_run_to_the_megawatt_covers_what_only_the_queues_can_give(three, tmp_path):
    changes = PLAIN | {"shared_feeder_share": 0.36, "cuts": "optimum"}
    plain = gm.run(three(**changes))
    (tmp_path / "t.json").write_text(json.dumps(gm.schedule.as_json(gm.schedule.timetable(plain))))
    imposed = gm.run(three(timetable=str(tmp_path / "t.json"), **changes))
    assert float(plain["shed_cause_mw"].sel(cause="deficit").sum()) > 1000
    assert float(imposed["shed_cause_mw"].sel(cause="deficit").sum()) == pytest.approx(0, abs=1e-6)
    lost = [result["shed_mw"].sum(("member", "tier")) for result in (plain, imposed)]
    twelfth = 0.64 * plain["demand_mw"].isel(tier=slice(1, None)).sum(("member", "tier")) / 12
    assert (lost[1] - lost[0] <= twelfth + 1e-6).all()


def test_problems_of_a_timetable_come_with_all_the_others(three, timetable, tmp_path):
    path = timetable({"TR-11": [1], "TR-2": [1]})
    (tmp_path / "bad.csv").write_text((tmp_path / "t.csv").read_text().replace("2026-01-05T00:00,1", "soon,2", 1))
    for name, words in (
        (path, ["t.csv: region: 'TR-11' is not a region of this network", "TR-1"]),
        (str(tmp_path / "bad.csv"), ["bad.csv:2: start: 'soon'", "bad.csv:2: 1.1"]),
        ("none.csv", ["timetable: 'none.csv' does not exist"]),
        (str(tmp_path), ["is a folder, not a file"]),
        (
            timetable({"TR-1": [1]}, start="2026-02-05T00:00", name="late.csv"),
            ["late.csv: start", "does not cover any time of the run"],
        ),
        (
            timetable({"TR-1": [1]}, start="2026-01-06T00:00", name="end.csv"),
            ["end.csv: start", "does not cover any time of the run"],
        ),
    ):
        with pytest.raises(gm.InputError) as caught:
            gm.run(
                three(
                    timetable=name, weather="nowhere", events=[{"time": "x", "target": "TR-1/none", "kind": "outage"}]
                )
            )
        for word in (*words, "weather: 'nowhere'", "'none' is not a class"):
            assert word in str(caught.value)
        with pytest.raises(gm.InputError) as caught:
            gm.run(three(timetable=name, network="nowhere"))
        assert "network: 'nowhere'" in str(caught.value)
    with pytest.raises(gm.InputError) as caught:
        gm.run(three(timetable="none.csv", network="nowhere"))
    assert "none.csv" in str(caught.value)


@pytest.mark.filterwarnings("ignore:.*says nothing of:UserWarning")
def test_the_manifest_knows_the_timetable_and_notices_that_it_changed(three, timetable, tmp_path):
    scenario = three(timetable=timetable({"TR-1": [1]}))
    assert str(tmp_path / "t.csv") in input_hashes(scenario)
    write_run(gm.run(scenario), scenario, tmp_path / "out", command=[], seconds={})
    assert read_manifest(tmp_path / "out").timetable == "t.csv"  # where it stood is not handed on
    copy = tmp_path / "out" / "inputs" / "timetable" / "t.csv"
    copy.write_text(copy.read_text().replace("1", "0"))
    with pytest.raises(gm.InputError, match="its hash differs"):
        read_manifest(tmp_path / "out")


@pytest.mark.gate  # at each edit: what a manifest knows of a timetable
@pytest.mark.filterwarnings("ignore:.*says nothing of:UserWarning")
def test_runs_with_different_timetables_are_not_compared_and_no_sweep_varies_them(three, timetable, tmp_path):
    for name, count in (("a", 1), ("b", 2), ("c", None), ("d", 1)):
        path = None if count is None else timetable({"TR-1": [count]}, name=f"{name}.csv")
        scenario = three(timetable=path, end="2026-01-05 03:00")
        write_run(gm.run(scenario), scenario, tmp_path / name, command=[], seconds={})
    done = CliRunner()
    for other in ("b", "c"):
        got = done.invoke(main, ["compare", str(tmp_path / "a"), str(tmp_path / other)])
        assert got.exit_code == 1
        assert "timetable" in got.stderr
    assert done.invoke(main, ["compare", str(tmp_path / "a"), str(tmp_path / "d")]).exit_code == 0
    with pytest.raises(gm.InputError, match="switched off"):
        gm.sweep(three(), {"timetable": ["a.csv", "b.csv"]}, store=tmp_path / "store")


def test_causes_and_tiers_are_what_they_were():
    assert CAUSES == ("disconnected", "island_deficit", "deficit", "limit")
    assert TIERS[0] == "critical"


DAY_1, DAY_2 = "2026-01-05T00:00:00+00:00", "2026-01-06T00:00:00+00:00"
CASE = Path(__file__).parents[1] / "cases" / "timetables" / "emergency-without-slots.json"


def supplier(tmp_path, today, tomorrow=None, *, only=None, regions=True, name="s.json", **more):
    """Writes the file of a supplier: every sub-queue has the same days, or only one has these and the others none off."""
    plain = {"date": DAY_1, "status": "ScheduleApplies", "slots": [{"start": 0, "end": 1440, "type": "NotPlanned"}]}
    days = {"today": {"date": DAY_1, **today}} | ({"tomorrow": {"date": DAY_2, **tomorrow}} if tomorrow else {})
    groups = {group: (days if only in {None, group} else {"today": plain}) | more for group in GROUPS}
    data = {"regions": {"TR-1": {"groups": groups | more}}} if regions else groups | more
    (tmp_path / name).write_text(json.dumps(data))
    return str(tmp_path / name)


OFF = {"status": "ScheduleApplies", "slots": [{"start": 0, "end": 120, "type": "Definite"}]}
WAITING = {"status": "WaitingForSchedule", "slots": []}
EMERGENCY = {"status": "EmergencyShutdowns", "slots": []}


@pytest.mark.parametrize("regions", [True, False])
def test_a_file_as_published_is_read_with_the_time_of_its_update(tmp_path, regions):
    path = supplier(tmp_path, OFF, WAITING, regions=regions, updatedOn="2026-01-05T08:12:13.456+00:00")
    off = gm.schedule.read(path, region="TR-1")
    assert off.sizes["time"] == 96
    assert (off[:4] == 1).all()
    assert (off[4:48] == 0).all()
    assert (off[48:] == -1).all()


def test_a_day_that_waits_for_its_schedule_is_unknown_and_not_on(tmp_path, three):
    path = supplier(tmp_path, OFF, WAITING)
    share = gm.schedule.off_share(gm.schedule.read(path), np.arange("2026-01-05", "2026-01-08", dtype="M8[h]"), 1.0)
    assert share[:2].to_numpy().tolist() == [[1.0], [1.0]]
    assert share[24:48].isnull().all()
    assert not share[48:].any()
    assert gm.run(three(timetable=path)).sizes["time"] == 24  # the first day is known
    longer = three(timetable=path, end="2026-01-07 00:00")
    with pytest.raises(gm.InputError, match=r"s\.json: TR-1\.groups: '2026-01-06' is unknown"):
        gm.run(longer)


@pytest.mark.parametrize("day", [WAITING, {"slots": []}, {"slots": [], "status": None}])
def test_one_sub_queue_that_is_unknown_makes_the_share_unknown(tmp_path, three, day):
    path = supplier(tmp_path, day, only="3.2")
    off = gm.schedule.read(path)
    assert (off.sel(group="3.2") == -1).all()
    assert (off.drop_sel(group="3.2") == 0).all()
    assert gm.schedule.off_share(off, np.arange("2026-01-05", "2026-01-06", dtype="M8[h]"), 1.0).isnull().all()
    with pytest.raises(gm.InputError, match="is unknown: its schedule is not published yet"):
        gm.run(three(timetable=path))


def test_emergency_shutdowns_without_slots_are_refused_or_off_and_never_on(tmp_path, three):
    path = supplier(tmp_path, EMERGENCY, OFF)
    with pytest.raises(gm.InputError, match="emergency shutdowns without slots"):
        gm.schedule.read(path)
    with pytest.raises(gm.InputError, match="emergency shutdowns without slots"):
        gm.run(three(timetable=path))
    off = gm.schedule.read(path, emergency="off")
    assert (off[:52] == 1).all()
    assert (off[52:] == 0).all()


def test_emergency_shutdowns_outside_a_run_do_not_matter_to_it(tmp_path, three):
    path = supplier(tmp_path, OFF, EMERGENCY)
    assert (gm.run(three(timetable=path))["timetable_off_share"].sel(region="TR-1") == 1.0).any()
    with pytest.raises(gm.InputError, match=r"TR-1\.groups: '2026-01-06' has emergency shutdowns without slots"):
        gm.run(three(timetable=path, end="2026-01-07 00:00"))


def test_days_of_a_timetable_are_named_as_local_days_are(tmp_path, three):
    path = tmp_path / "s.json"
    days = [{"date": f"2026-01-0{day}T00:00:00+02:00", **what} for day, what in ((5, OFF), (6, WAITING))]
    text = {"regions": {"TR-1": {"groups": dict.fromkeys(GROUPS, days)}}}
    path.write_text(json.dumps(text))
    with pytest.raises(gm.InputError) as caught:
        gm.run(three(timetable=str(path), timezone="Europe/Kyiv", end="2026-01-06 12:00"))
    assert [problem.value for problem in caught.value.problems if problem.table == "s.json"] == ["2026-01-06"]


def test_the_file_of_a_supplier_on_a_day_of_emergency_is_refused_with_each_day(tmp_path):
    with pytest.raises(gm.InputError) as caught:
        gm.schedule.read(CASE, region="UA-30")
    assert {problem.value for problem in caught.value.problems} >= {"2026-01-05", "2026-01-06"}
    assert (gm.schedule.read(CASE, region="UA-30", emergency="off") == 1).all()


def test_emergency_shutdowns_with_slots_are_read_as_published(tmp_path):
    off = gm.schedule.read(supplier(tmp_path, EMERGENCY | {"slots": OFF["slots"]}))
    assert off.sum() == 4 * len(GROUPS)


def test_days_without_outages_are_on(tmp_path):
    for status in ("NoOutages", "ScheduleApplies"):
        assert not gm.schedule.read(supplier(tmp_path, {"status": status, "slots": []})).any()


def test_a_status_that_nobody_knows_and_days_that_contradict_are_told(tmp_path):
    with pytest.raises(gm.InputError, match="NoOutages"):
        gm.schedule.read(supplier(tmp_path, {"status": "Perhaps", "slots": []}))
    path = supplier(tmp_path, OFF, OFF | {"date": DAY_1, "slots": [{"start": 0, "end": 180, "type": "Definite"}]})
    with pytest.raises(gm.InputError, match="in two ways"):
        gm.schedule.read(path)


@pytest.mark.filterwarnings("ignore:.*says nothing of:UserWarning")
def test_half_hours_that_a_file_lacks_are_unknown_to_readers_and_stay_on_in_a_run(tmp_path, three, timetable):
    one, two = timetable({"TR-1": [6]}), timetable({"TR-2": [6]}, start="2026-01-05T06:00", name="u.csv")
    both = tmp_path / "both.csv"
    both.write_text(Path(one).read_text() + Path(two).read_text().partition("\n")[2])
    off = gm.schedule.read(both)
    assert (off.sel(region="TR-2")[:12] == -1).all()
    share = gm.run(three(timetable=str(both)))["timetable_off_share"]
    assert share.sel(region="TR-1").sum() == pytest.approx(0.25)
    assert share.sel(region="TR-2").sum() == pytest.approx(0.25)


def test_a_name_twice_in_a_json_is_refused_so_that_no_schedule_is_lost(tmp_path):
    path = tmp_path / "twice.json"
    path.write_text('{"regions": {"TR-1": {"groups": {}}, "TR-1": {"groups": {}}}}', encoding="utf-8")
    with pytest.raises(gm.InputError, match="twice"):
        gm.schedule.read(path)


def slots(*stretches):
    return [{"start": first, "end": last, "type": kind} for first, last, kind in stretches]


ON, GONE = "NotPlanned", "Definite"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ({"status": "NoOutages", "slots": slots((0, 240, GONE))}, "'NoOutages' contradicts the slot 0-240 Definite, in which power is off"),
        ({"status": "WaitingForSchedule", "slots": slots((0, 240, GONE))}, "'WaitingForSchedule' contradicts the slot 0-240"),
        ({"status": "ScheduleApplies", "slots": slots((0, 240, GONE), (180, 1440, ON))}, "'180-1440 NotPlanned' overlaps a slot that says the opposite"),
        ({"status": "ScheduleApplies", "slots": slots((0, 1440, ON), (180, 240, GONE))}, "'180-240 Definite' overlaps a slot"),
    ],
)  # fmt: skip
def test_a_day_that_contradicts_itself_is_refused_at_its_place(tmp_path, three, day, said):
    path = supplier(tmp_path, day, only="3.2")
    for read in (lambda: gm.schedule.read(path), lambda: gm.run(three(timetable=path))):
        with pytest.raises(gm.InputError) as caught:
            read()
        (problem,) = caught.value.problems
        assert str(problem).startswith(f"s.json: TR-1.groups.3.2, day 1: {said}")


def test_slots_that_overlap_and_agree_are_read(tmp_path):
    day = {"status": "ScheduleApplies", "slots": slots((0, 240, GONE), (180, 300, GONE), (300, 1440, ON))}
    off = gm.schedule.read(supplier(tmp_path, day)).sel(region="TR-1", group="1.1").to_numpy()
    assert off.tolist() == [1] * 10 + [0] * 38


@pytest.mark.parametrize(("status", "known"), [("NoOutages", True), ("WaitingForSchedule", False)])
def test_a_day_whose_slots_are_all_on_is_what_its_status_says(tmp_path, status, known):
    off = gm.schedule.read(supplier(tmp_path, {"status": status, "slots": slots((0, 720, ON))}))
    assert (off == (0 if known else -1)).all()


def test_half_hours_that_the_slots_of_a_day_leave_out_are_unknown_unless_only_outages_are_listed(tmp_path, three):
    part = {"status": "ScheduleApplies", "slots": slots((0, 240, GONE), (240, 600, ON), (720, 1380, ON))}
    path = supplier(tmp_path, part, only="3.2")
    off = gm.schedule.read(path).sel(region="TR-1", group="3.2").to_numpy().tolist()
    assert off == [1] * 8 + [0] * 12 + [-1] * 4 + [0] * 22 + [-1] * 2
    listed = part | {"slots": slots((0, 240, GONE), (720, 900, GONE))}
    assert gm.schedule.read(supplier(tmp_path, listed, name="o.json")).min() == 0
    said = r"s\.json: TR-1\.groups: '2026-01-05' is known in part: no slot of sub-queue 3\.2 covers .* 10:00 UTC"
    with pytest.raises(gm.InputError, match=said) as caught:
        gm.run(three(timetable=path, **PLAIN))
    assert len(caught.value.problems) == 1
    before = three(timetable=path, end="2026-01-05 10:00", **PLAIN)
    assert float(gm.run(before)["timetable_off_share"].sel(region="TR-1").max()) == pytest.approx(1 / 12)


def test_a_day_of_the_run_that_some_sub_queues_lack_is_refused(tmp_path, three):
    path = supplier(tmp_path, OFF, OFF, only="3.2")
    assert gm.run(three(timetable=path, **PLAIN)).sizes["time"] == 24  # all of them have the first day
    with pytest.raises(gm.InputError, match=r"'2026-01-06' is unknown for sub-queue 1\.1, which lacks it"):
        gm.run(three(timetable=path, end="2026-01-06 12:00", **PLAIN))


@pytest.mark.parametrize("regions", [True, False])
def test_what_is_wrong_with_the_form_of_a_file_is_told_by_sub_queue_day_and_slot(tmp_path, regions):
    bad = [{"start": 0, "end": 60, "type": GONE}, {"start": "x", "end": 9000, "type": "Perhaps"}]
    path = supplier(tmp_path, {"slots": bad}, {"date": "soon", "slots": 5}, only="3.2", regions=regions)
    groups = json.loads(Path(path).read_text())
    (groups["regions"]["TR-1"]["groups"] if regions else groups)["4.1"] = "none"
    Path(path).write_text(json.dumps(groups))
    with pytest.raises(gm.InputError) as caught:
        gm.schedule.read(path, region="TR-1")
    assert [str(problem).removeprefix("s.json: TR-1.groups.") for problem in caught.value.problems] == [
        "3.2, day 1, slot 2, start: 'x' must be a whole number",
        "3.2, day 1, slot 2, end: '9000' must be less than or equal to 1500",
        "3.2, day 1, slot 2, type: 'Perhaps' must be 'Definite' or 'NotPlanned'",
        "3.2, day 2, date: 'soon' must be a time such as 2026-01-15T00:00:00+02:00",
        "3.2, day 2, slots: '5' must be a list",
        "4.1: 'none' must be a list of days, or days by name: {today: day, tomorrow: day}",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"TR-1": {}}, "TR-1.groups: is required"),
        ({"TR-1": {"groups": None}}, "TR-1.groups: 'None' must be a mapping such as {name: value}"),
        ([1], "regions: must have the regions by name: {UA-30: {groups: …}}"),
    ],
)
def test_a_file_without_groups_is_told_what_it_lacks(tmp_path, data, said):
    (tmp_path / "s.json").write_text(json.dumps({"regions": data}))
    with pytest.raises(gm.InputError) as caught:
        gm.schedule.read(tmp_path / "s.json")
    assert str(caught.value) == f"s.json: {said}"
