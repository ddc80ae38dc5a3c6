"""What a scenario says in vain, or beyond its network, is told beside a run that can be made."""

import re
import warnings

import numpy as np
import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT
from gridmodel.results.outage_schedule import GROUPS
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.unmeant import unmeant

PLAIN = {"rotation": "queues", "end": "2026-01-05 06:00"}


def told(scenario):
    found = unmeant(run_inputs(scenario))
    assert all(problem.severity == "warning" for problem in found)
    return [(problem.field, problem.message) for problem in found]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"rotation": "mean", "cuts": "feeders", "reserve_mw": 60.0}, ["reserve_mw", "cuts"]),
        ({"rotation": "mean", "cuts": "optimum"}, []),
        ({"rotation": "mean", "critical_second_feed_share": 0.5}, ["critical_second_feed_share"]),
        ({"cuts": "optimum", "industry_limit_share": {"uniform": [0.1, 0.3]}, "restore_share_per_h": 0.5},
         ["industry_limit_share", "restore_share_per_h"]),
        ({"cuts": "feeders", "industry_limit_share": 0.2, "reserve_mw": 60.0}, []),
        ({"rotation": "fixed", "rotation_block_h": 3.0}, ["rotation_block_h"]),
        ({"cuts": "optimum", "rotation_block_h": 3.0, "rotation_rest_h": 1.0}, []),
        ({"availability": {"battery": 0.5, "nuclear": 0.9}}, ["availability.battery"]),
        ({"forced_outages": {"wind": {"mttf_h": 100.0, "mttr_h": 5.0}}}, ["forced_outages.wind"]),
        ({"storage_start": 0.9, "recharge": "cutting"}, ["recharge", "storage_start"]),
        ({"storage_start": 0.9, "mitigations": [{"kind": "battery", "region": "TR-1", "size": 10}]}, []),
        ({"heater_feedback": False, "heater_uptake": 0.5}, ["heater_uptake"]),
        ({"cold_load_pickup": False, "pickup_most": 0.5}, ["pickup_most"]),
        ({"feeder_limits": False, "feeder_limit_kw": 0.5}, ["feeder_limit_kw"]),
        ({"feeder_limit_kw": 0.5, "feeder_limit_factor": 3.0}, ["feeder_limit_factor"]),
        ({"relay_share": 0.5}, ["relay_share"]),
        ({"relay_share": 0.5, "cascade": "full"}, []),
        ({"supply_range": [1.0, 1.0], "demand_use": "replace"}, ["demand_use", "supply_range"]),
        ({"stop_at": {"metric": "energy_not_served_mwh"}}, ["stop_at"]),
        ({"import_limit_mw": 301.0}, ["import_limit_mw"]),
        ({"import_limit_mw": 300.0}, []),
        ({"import_limit_mw": {"uniform": [250, 400]}}, []),
        ({"import_limit_mw": {"uniform": [350, 400]}}, ["import_limit_mw"]),
    ],
)  # fmt: skip
def test_a_setting_that_was_given_and_has_no_effect_is_told_once(three, changes, fields):
    found = told(three(**PLAIN | changes))
    assert [field for field, _ in found] == fields
    assert all("has no effect" in message or "300 MW, which are the limit" in message for _, message in found)


@pytest.mark.parametrize(
    "changes",
    [
        {"rotation": "mean", "cuts": "feeders", "reserve_mw": 60.0, "critical_second_feed_share": 0.5,
         "industry_limit_share": 0.3},
        {"cuts": "optimum", "industry_limit_share": 0.3, "reserve_mw": 60.0, "restore_share_per_h": 0.05},
        {"rotation": "fixed", "rotation_block_h": 9.0, "rotation_rest_h": 0.0},
        {"rotation_block_h": 3.5}, {"availability": {"battery": 0.5}}, {"storage_start": 0.9, "recharge": "cutting"},
        {"heater_feedback": False, "heater_uptake": 0.1, "heater_cap_kw": 0.5, "heater_diversity": 0.1},
        {"cold_load_pickup": False, "pickup_most": 0.1, "pickup_per_h": 1.0, "pickup_thermostatic_share": 0.9},
        {"feeder_limits": False, "feeder_limit_kw": 0.1}, {"import_limit_mw": 5000.0},
    ],
)  # fmt: skip
def test_what_is_told_to_have_no_effect_has_none(three, changes):
    """A cold day in which half of the nuclear plant and a third of deliveries are lost, so that all of it could matter."""
    hit = [
        {"time": "2026-01-05 02:00", "target": "TR-1/nuclear", "kind": "outage", "share": 0.6, "duration_h": 9},
        {"time": "2026-01-05 03:00", "target": "TR-2/delivery", "kind": "limit", "share": 0.6, "duration_h": 5},
    ]
    given = three(**PLAIN | {"end": "2026-01-05 16:00", "events": hit} | changes)
    assert unmeant(run_inputs(given))
    kept = ("rotation", "heater_feedback", "cold_load_pickup", "feeder_limits")
    kept = {name: value for name, value in changes.items() if name in kept or (name, value) == ("cuts", "optimum")}
    kept |= {"rotation_block_h": 4.0} if "rotation_block_h" in changes and "rotation" not in changes else {}
    kept |= {"import_limit_mw": 300.0} if "import_limit_mw" in changes else {}  # of the borders
    plain = three(**PLAIN | {"end": "2026-01-05 16:00", "events": hit} | kept)
    with pytest.warns(UserWarning, match="has no effect|are the limit then|acts as"):
        first = gm.run(given)
    second = gm.run(plain)
    assert float(first["shed_mw"].sum()) > 0
    names = [name for name in first.data_vars if first[name].dtype.kind == "f"]
    assert not [name for name in names if not np.array_equal(first[name], second[name], equal_nan=True)]


def test_hours_of_turns_that_are_not_whole_are_told_as_what_they_act_as(three):
    assert told(three(**PLAIN, rotation_block_h=3.5)) == [
        ("rotation_block_h", "acts as 4 h: sub-queues change at full hours")
    ]
    assert told(three(**PLAIN, rotation_block_h=3.5, step="30min")) == []


def test_supply_beyond_what_is_installed_or_of_what_is_not_there_is_told(three, tmp_path):
    path = tmp_path / "supply.csv"
    path.write_text(
        "time,nuclear_mw,thermal_coal_out_mw,hydro_mw,wind_mw,solar,import_limit_mw\n2026-01-01,900,501,200,5,1,400\n"
    )
    found = dict(told(three(**PLAIN, supply=str(path), supply_range=[0.1, 0.1], import_limit_mw=200.0)))
    assert found.pop("nuclear_mw") == "is more than the 600 MW that the network has: taken as it is"
    assert found.pop("thermal_coal_out_mw") == "is more than the 500 MW that the network has: nothing of it is left"
    assert found.pop("wind_mw") == "has no effect: the network has no wind"
    assert found.pop("solar") == "has no effect: the network has no solar"
    assert "does not contain 1" in found.pop("supply_range")
    assert list(found) == ["import_limit_mw"]
    assert "which replaces it" in found["import_limit_mw"]  # of the setting; 0.1 of 400 is below what borders carry


def timetable(path, *, slots, regions=("TR-1", "TR-2")):
    first = np.datetime64("2026-01-05T00:00", "m")
    rows = [
        f"{region},{first + slot * np.timedelta64(30, 'm')}{',0' * len(GROUPS)}" for region in regions for slot in slots
    ]
    path.write_text("\n".join([f"region,start,{','.join(GROUPS)}", *rows]) + "\n")
    return str(path)


def test_a_timetable_that_leaves_out_a_part_of_the_run_is_told_once_for_all_regions(three, tmp_path):
    whole = timetable(tmp_path / "whole.csv", slots=range(12))
    assert told(three(**PLAIN, timetable=whole)) == []
    part = timetable(tmp_path / "part.csv", slots=[0, 1, 2, 3, 4, 5, 6, 9])
    ((field, message),) = told(three(**PLAIN, timetable=part))
    assert field == "TR-1, TR-2"
    assert message.startswith("says nothing of 4 of the 12 half hours of the run, from 2026-01-05 03:30 UTC")
    late = timetable(tmp_path / "late.csv", slots=range(2, 20))
    assert "2 of the 12 half hours of the run, from 2026-01-05 00:00" in told(three(**PLAIN, timetable=late))[0][1]


def test_scenario_check_and_run_tell_it_with_the_line_of_the_file(tmp_path):
    text = (ROOT / "scenarios" / "three-region.yaml").read_text()
    path = tmp_path / "mine.yaml"
    path.write_text(f"{text}import_limit_mw: 5000\n")
    row = len(text.splitlines()) + 1
    said = f"warning: mine.yaml:{row}: import_limit_mw: '5000' is more than the borders of this network carry, 300 MW"
    for command in (["scenario", "check", str(path)], ["run", str(path), "--output", str(tmp_path / "out")]):
        got = CliRunner().invoke(main, command)
        assert got.exit_code == 0
        assert got.stderr.count(said) == 1


def warned(call):
    """Return what a call warns of, and the files whose lines the warnings name."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        call()
    return [str(one.message) for one in found], {one.filename for one in found}


IN_VAIN = (
    "scenario: import_limit_mw: '5000' is more than the borders of this network carry, 300 MW, which are the limit then"
)
LATE = {"kind": "import", "size": 10, "available_from": "2026-01-05 06:00"}
SAID_LATE = (
    "available_from: '2026-01-05 06:00' is not before the end of the run, 2026-01-05 06:00, so that it changes nothing"
)
MANY = PLAIN | {"deterministic": False}


@pytest.mark.parametrize(
    "members", [{}, {"deterministic": False, "members": "auto", "stop_at": {"metric": "energy_not_served",
                                                                          "max_members": 70}}],
)  # fmt: skip
def test_a_run_in_python_warns_once_at_the_line_that_asks_for_it(three, members):
    """Seventy members are two blocks of up to fifty."""
    said, where = warned(lambda: gm.run(three(**PLAIN, **members, import_limit_mw=5000.0, mitigations=[LATE])))
    assert sorted(said) == [f"mitigations, row:1: {SAID_LATE}", IN_VAIN]
    assert where == {__file__}


@pytest.mark.parametrize("how", [{}, pytest.param({"workers": 2}, marks=pytest.mark.gate)])  # at each edit: in here
def test_a_sweep_in_python_warns_once_of_each_thing_whatever_its_variants_units_and_workers(three, tmp_path, how):
    """A setting is told with the rotation under which it is in vain, and what all variants have is told once."""
    base = three(**MANY, members=4, import_limit_mw=5000.0, rotation_block_h=3.0)
    changes = {"demand_factor": [1.0, 1.1], "rotation": ["queues", "fixed", "mean"]}
    said, where = warned(lambda: gm.sweep(base, changes, store=tmp_path / "s.zarr", memory="8GB", **how))
    assert sorted(said) == [
        IN_VAIN,
        "scenario: rotation_block_h: '3' has no effect with `rotation: fixed`: no sub-queues take turns",
        "scenario: rotation_block_h: '3' has no effect with `rotation: mean`: no sub-queues take turns",
    ]
    assert where == {__file__}


def test_conditioning_in_python_warns_once(three):
    rows = [
        {"from": "2026-01-05 00:00", "to": "2026-01-05 06:00", "scope": "TR-1", "quantity": "hours_off", "value": 1.0}
    ]
    base = three(**MANY, members=10, import_limit_mw=5000.0, demand_factor={"uniform": [0.9, 1.1]})
    said, where = warned(lambda: gm.condition(base, rows))
    assert said == [IN_VAIN]
    assert where == {__file__}


def test_ranking_and_planning_in_python_warn_once(three):
    boilers = {"name": "boilers", "kind": "mobile_boiler", "region": "TR-1", "size": 40, "cost_eur": 1e5}
    base = three(**PLAIN, import_limit_mw=5000.0)
    for asked in (lambda: gm.rank_mitigations(base, [boilers]), lambda: gm.plan(base, [boilers], budget_eur=1e6)):
        said, where = warned(asked)
        assert said == [IN_VAIN]
        assert where == {__file__}


def commands_that_run(folder):
    (folder / "reports.csv").write_text(
        "from,to,scope,quantity,value\n2026-01-05 00:00,2026-01-06 00:00,TR-1,hours_off,1\n"
    )
    (folder / "options.csv").write_text(
        "name,kind,region,size,cost_eur,available_from,target\nboilers,mobile_boiler,TR-1,40,100000,,\n"
    )
    return {
        "plan": ["plan", "mine.yaml", "options.csv", "--members", "2"],
        "budget": ["plan", "mine.yaml", "options.csv", "--members", "2", "--budget", "1000000", "--json"],
        "run": ["run", "mine.yaml", "-o", "run", "--baseline", "--members", "2"],
        "auto": ["run", "auto.yaml", "-o", "auto"],
        "sweep": ["sweep", "mine.yaml", "-o", "sweep", "--members", "2", "--memory", "8GB"],
        "condition": ["condition", "mine.yaml", "reports.csv", "-o", "posterior", "--members", "10"],
        "compare": ["compare", "mine.yaml", "--with", "import:10"],
    }


@pytest.mark.parametrize("name", ["run", "auto", "sweep", "condition", "compare", "plan", "budget"])
def test_each_command_that_runs_a_scenario_tells_what_is_in_vain_exactly_once(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "scenarios" / "three-region.yaml").read_text() + "import_limit_mw: 5000\n"
    text = text.replace("deterministic: true", "deterministic: false").replace("01-07", "01-06")
    whole = "  - {time: 2026-01-05 06:00, target: TR/thermal_coal, kind: outage, share: 0.5, duration_h: 6}\n"
    text = text.replace("rotation: mean", "rotation: queues")
    text = re.sub("(?<=events:\n)(  - .*\n)+", whole, text)
    (tmp_path / "mine.yaml").write_text(text)
    (tmp_path / "auto.yaml").write_text(
        f"{text}members: auto\nstop_at: {{metric: energy_not_served, max_members: 60}}\n"
    )
    got = CliRunner().invoke(main, commands_that_run(tmp_path)[name])
    assert got.exit_code == 0, got.output
    assert got.stderr.count("is more than the borders of this network carry, 300 MW") == 1
    assert got.stdout.count("is more than the borders") == 0


@pytest.mark.parametrize("name", ["three-region", "january-2026", "texas-2021", "winter-2025-26", "prewar-frost"])
def test_bundled_scenarios_say_nothing_in_vain(name):
    assert unmeant(run_inputs(gm.load_scenario(name), [0])) == []


@pytest.mark.parametrize(("share", "warned"), [("0.6", True), ("0.45", True), ("0.4", False), ("", False)])
def test_more_exempt_demand_than_firms_have_is_told_by_the_check_of_the_network_and_of_a_run(
    three, folder, share, warned
):
    path = folder / "regions.csv"
    header, *rows = path.read_text().splitlines()
    more = [f"{row},{share if row.startswith('TR-2') else ''}" for row in rows]
    path.write_text("\n".join([f"{header},share_exempt", *more]) + "\n")
    said = f"'{share}' is more than industry and business have, 0.4, of which it is taken: only homes are left to cut"
    found = [str(problem) for problem in unmeant(run_inputs(three(**PLAIN, network=str(folder))))]
    assert [said in one and "TR-2: share_exempt" in one for one in found] == [True] * warned
    checked = CliRunner().invoke(main, ["network", "check", str(folder)])
    assert (said in checked.output) == warned


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"availability": {"hydro": 1.5}}, "availability.hydro", "gives 200 MW of hydro, not 300: no plant gives more"),
        ({"availability": {"hydro": {"uniform": [1.5, 2]}}}, "availability.hydro", "gives 200 MW of hydro, not 300"),
        ({"relay_first_share": 0.6}, "relay_first_share", "lets the first stage shed 0.45 of the load"),
        ({"relay_share": {"uniform": [0.02, 0.4]}}, "relay_share", "`relay_first_share` is 0.05"),
        ({"relay_last_hz": 47.2}, "relay_last_hz", "leaves stages that never act: below 47.5 Hz"),
        ({"relay_last_hz": {"uniform": [47.2, 48.2]}}, "relay_last_hz", "leaves stages that never act"),
        ({"unit_trip_hz": {"uniform": [47.5, 48.5]}}, "unit_trip_hz", "below 48.5 Hz (`unit_trip_hz`) units trip"),
        ({"relay_first_hz": 47.3, "relay_last_hz": 47.1}, "relay_first_hz", "leaves no stage that acts"),
    ],
)  # fmt: skip
def test_settings_that_act_as_others_are_told_at_both_ends_of_ranges(three, changes, field, said):
    ((where, message),) = told(three(**PLAIN, cascade="full", **changes))
    assert (where, said in message) == (field, True), message


@pytest.mark.parametrize(
    "changes",
    [
        {"availability": {"hydro": 1.0}}, {"availability": {"hydro": {"uniform": [0.9, 1.1]}}}, {"relay_share": 0.0}, {"relay_first_share": 0.45},
        {"relay_last_hz": 47.5}, {"unit_trip_hz": {"uniform": [47.0, 47.99]}},
    ],
)  # fmt: skip
def test_settings_up_to_where_they_act_as_they_read_are_left_alone(three, changes):
    assert told(three(**PLAIN, cascade="full", **changes)) == []


def test_availability_above_one_that_capacity_allows_is_left_alone(three, folder, replace_cell):
    replace_cell("generators", 4, "p_available_mw", "100")
    assert told(three(**PLAIN, network=str(folder), availability={"hydro": 2.0})) == []


def test_settings_of_the_frequency_have_no_effect_where_only_overload_is_followed(three):
    found = told(three(**PLAIN, cascade="overload", relay_share=0.3, unit_trip_hz=47.0, tie_overload_factor=1.2))
    assert [field for field, _ in found] == ["relay_share", "unit_trip_hz"]


@pytest.mark.parametrize("columns", ["import_limit_mw", "import_limit_mw:low,import_limit_mw:high"])
def test_a_limit_of_imports_by_date_is_told_with_the_number_of_the_file_not_with_one_that_was_drawn(
    three, tmp_path, columns
):
    path, cells = tmp_path / "supply.csv", ",".join(["6000"] * len(columns.split(",")))
    path.write_text(f"time,{columns}\n2026-01-01,{cells}\n")
    (problem,) = unmeant(run_inputs(three(**PLAIN, supply=str(path), deterministic=False, members=2)))
    assert (problem.field, problem.value) == ("import_limit_mw", "6000")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["2025-01-01,0.9"], ["2025-01-01T00:00 UTC"]), (["2026-01-01,0.9", "2026-01-02,0.8"], ["2026-01-02T00:00 UTC"]),
        (["2026-01-01,0.9"], []), (["2026-01-01,0.9", "2026-01-05 03:00,0.8"], []),
    ],
)  # fmt: skip
def test_supply_of_which_only_the_last_row_before_the_run_counts_is_told(three, tmp_path, rows, said):
    path = tmp_path / "supply.csv"
    path.write_text("\n".join(["time,hydro", *rows]) + "\n")
    found = unmeant(run_inputs(three(**PLAIN, supply=str(path))))
    assert [problem.value for problem in found] == said
    assert all("its values hold throughout" in problem.message for problem in found)


@pytest.mark.parametrize("columns", ["hydro", "hydro:low,hydro:high"])
def test_a_factor_beside_megawatts_of_the_same_technology_is_refused(three, tmp_path, columns):
    path = tmp_path / "supply.csv"
    path.write_text(f"time,{columns},hydro_mw\n2026-01-01,{','.join(['1'] * (columns.count(',') + 2))}\n")
    with pytest.raises(gm.InputError) as caught:
        run_inputs(three(**PLAIN, supply=str(path)))
    assert [problem.field for problem in caught.value.problems] == columns.split(",")
    assert "cannot be given beside hydro_mw" in caught.value.problems[0].message
    path.write_text("time,hydro,hydro_out_mw\n2026-01-01,1,20\n")
    run_inputs(three(**PLAIN, supply=str(path)))


def test_a_setting_of_availability_beside_megawatts_of_supply_has_no_effect(three, tmp_path):
    path = tmp_path / "supply.csv"
    path.write_text("time,hydro_mw\n2026-01-01,100\n")
    found = dict(told(three(**PLAIN, supply=str(path), availability={"hydro": 0.5, "nuclear": 0.5})))
    assert found["availability.hydro"] == "has no effect beside the column hydro_mw of `supply`"
    assert "availability.nuclear" not in found


def test_supply_that_has_a_column_of_times_alone_is_refused(three, tmp_path):
    path = tmp_path / "supply.csv"
    path.write_text("time\n2026-01-01\n")
    with pytest.raises(gm.InputError, match=r"is the only column, so that the file says nothing \(give any of import"):
        run_inputs(three(**PLAIN, supply=str(path)))
