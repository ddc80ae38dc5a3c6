"""A state saved at any step: a run that goes on from it is the rest of the run that saved it, to the byte."""

import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from conftest import LONG, at_gate
from netCDF4 import Dataset

import gridmodel as gm
from gridmodel.errors import Problems
from gridmodel.inputs.array_file import read_arrays, write_arrays
from gridmodel.inputs.files import ROOT
from gridmodel.scenario import make_scenario
from gridmodel.services.carried import Members, arrays_of, state_of
from gridmodel.services.carried import _out_of_range as out_of_range
from gridmodel.services.heat import cells
from gridmodel.services.registry import SERVICES
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate
from gridmodel.simulation.same_run import _is_time as is_time
from gridmodel.simulation.state import from_state

EVENTS = [
    {"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "strike", "hits_before_interception": 9, "interception": 0.2},
    {"time": "2026-01-05 02:00", "target": "TR/transfer", "kind": "strike", "hits_before_interception": 8, "interception": 0.2},
    {"time": "2026-01-05 03:20", "target": "TR/delivery", "kind": "strike", "hits_before_interception": "{uniform: [2, 8]}", "interception": 0.2},
    {"time": "2026-01-05 04:00", "target": "TR-2/delivery", "kind": "limit", "share": "{uniform: [0.3, 0.6]}", "duration_h": 30},
    {"time": "2026-01-05 04:00", "target": "TR/fuel", "kind": "limit", "share": 0.6, "duration_h": 3},
    {"time": "2026-01-05 05:00", "target": "TR-1/crew", "kind": "alert", "duration_h": 3},
    {"time": "2026-01-05 06:00", "target": "TR-1/generation", "kind": "outage", "share": 0.5},
    {"time": "2026-01-06 02:00", "target": "TR-1/heat_source", "kind": "strike", "hits_before_interception": 4, "interception": 0.2},
    {"time": "2026-01-06 04:00", "target": "TR/transfer", "kind": "repair"},
]  # fmt: skip
BASE = {
    "name": "cut", "network": "three-region", "weather": "three-region", "timezone": "UTC", "start": "2026-01-05 00:00",
    "end": "2026-01-06 08:00", "members": 3, "events": EVENTS, "repair_crews_per_million": 2.0, "spare_transformers": 0,
    "cascade": "full", "forced_outages": {"thermal_coal": {"mttf_h": 60, "mttr_h": 12, "cold_rate_per_k": 0.1}},
    "hospital_battery_h": 2.0, "telecom_battery_h": 2.0, "heat_battery_h": 1.0,
    "mitigations": [{"kind": "battery", "region": "TR-2", "size": 60}],
}  # fmt: skip
CUTS = ("2026-01-05 03:00", "2026-01-05 13:00", "2026-01-06 00:00")
CASES = {
    "queues": {}, "mean": {"rotation": "mean"}, "fixed": {"rotation": "fixed"}, "optimum": {"cuts": "optimum"},
    "quarters": {"step": "15min", "end": "2026-01-05 15:00", "events": EVENTS[:7]},
    "expected": {"deterministic": True}, "expected mean": {"deterministic": True, "rotation": "mean", "cascade": "none"},
    "cutting": {"recharge": "cutting", "cascade": "none"}, "overnight": {"recharge": "overnight", "cascade": "overload"},
    "together": {"sampling": "latin_hypercube"}, "plain": {"cascade": "none"},
}  # fmt: skip
QUICK = {("queues", 1)}
"""Cases of each edit, and the places of their cuts."""
GATE = {("queues", 0), ("queues", 2), ("mean", 2), ("quarters", 0), ("expected", 1), ("cutting", 1)}


def marks_of(case, place):
    """Mark a case that not every edit tries."""
    return () if (case, place) in QUICK else pytest.mark.gate if (case, place) in GATE else pytest.mark.long


def name_of(when):
    return f"state-{when.replace(' ', 'T').replace(':', '')}.nc"


def differing(rest, whole):
    """Variables of a run from a state that are not those of the whole run from then on."""
    first, found = rest["time"].to_numpy()[0], []
    for name in whole.data_vars:
        values = whole[name]
        if "time" in values.dims:
            values = values.sel(time=slice(first, None))
        elif "cascade_step" in values.dims:
            values = values[whole["cascade_time"].to_numpy() >= first]
        mine, theirs = rest[name].to_numpy(), values.to_numpy()
        if mine.dtype != theirs.dtype or mine.tobytes() != theirs.tobytes():
            found += [] if mine.dtype == object and mine.tolist() == theirs.tolist() else [name]
    return found


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """The whole run of a case, its scenario, and the folder of the states that it saved; each made once."""

    @cache
    def made(case, when=CUTS):
        folder = tmp_path_factory.mktemp("states")
        scenario = make_scenario(BASE | CASES[case])
        times = [one for one in when if one < scenario.end.isoformat(" ")]
        return scenario, gm.run(scenario, save_states=times, states=folder), folder

    return made


@pytest.mark.parametrize(
    ("case", "when"),
    [
        pytest.param(case, when, marks=marks_of(case, place))
        for case in CASES
        if case != "plain"
        for place, when in enumerate(CUTS)
    ],
)
def test_a_run_cut_at_a_step_goes_on_to_the_byte(cut, case, when):
    scenario, whole, folder = cut(case)
    if when >= scenario.end.isoformat(" "):
        return
    rest = gm.run(scenario, start_state=folder / name_of(when))
    assert str(rest["time"].to_numpy()[0])[:16] == when.replace(" ", "T")
    assert differing(rest, whole) == []
    assert rest["people_without_power"].sum() > 0
    assert rest["people_without_heat"].sum() > 0 or case == "quarters"


@pytest.mark.parametrize("shuffled", [EVENTS[::-1], [*EVENTS[5:], *EVENTS[:5]]], ids=["last first", "in two parts"])
def test_events_in_any_order_of_their_file_go_on_to_the_byte_and_their_jobs_are_listed_by_time(tmp_path, shuffled):
    scenario = make_scenario(BASE | {"events": shuffled, "cascade": "none"})
    whole = gm.run(scenario, save_states=[CUTS[1]], states=tmp_path)
    rest = gm.run(scenario, start_state=tmp_path / name_of(CUTS[1]))
    assert differing(rest, whole) == []
    assert (np.diff(whole["repair_begin"].to_numpy()) >= np.timedelta64(0)).all()
    assert set(np.unique(whole["repair_begin"])) == {
        np.datetime64(f"2026-01-{when}:00", "ns") for when in ("05T02", "05T03", "06T02")
    }


@pytest.mark.gate  # at each edit: the case above
def test_homes_apart_from_the_others_go_on_to_the_byte_too(monkeypatch, tmp_path):
    monkeypatch.setattr(cells, "FEW", 0)
    scenario = make_scenario(BASE | {"members": 2, "end": "2026-01-05 20:00", "events": EVENTS[:7]})
    whole = gm.run(scenario, save_states=[CUTS[1]], states=tmp_path)
    assert differing(gm.run(scenario, start_state=tmp_path / name_of(CUTS[1])), whole) == []
    monkeypatch.setattr(cells, "FEW", 200)
    assert differing(gm.run(scenario, start_state=tmp_path / name_of(CUTS[1])), whole) == []


def test_parts_of_sub_queues_go_on_to_the_byte_and_members_have_the_same_alone(tmp_path):
    scenario = make_scenario(BASE | {"cuts": "optimum", "cascade": "none", "step": "15min", "end": "2026-01-05 11:00",
                                     "events": EVENTS[3:7], "members": 2})  # fmt: skip
    when = "2026-01-05 08:15"
    whole = gm.run(scenario, save_states=[when], states=tmp_path)
    hours = read_arrays(tmp_path / name_of(when), "state")[0]["services.power.turns.part_h"]
    assert (hours > 0).sum(axis=0).max(axis=(0, 2)).min() > 2  # in both members, a sub-queue of three parts and more
    assert differing(gm.run(scenario, start_state=tmp_path / name_of(when)), whole) == []
    begun = scenario.replace(start=when, start_state=str(tmp_path / name_of(when)))
    for member in (0, 1):
        alone = simulate(run_inputs(begun, [member]))
        then = whole.sel(time=slice(alone["time"][0], None))
        for name in ("served_mw", "pickup_mw", "hours_off_quantile"):
            assert alone[name].to_numpy().tobytes() == then[name][[member]].to_numpy().tobytes(), name


@pytest.mark.gate  # at each edit: a run cut at a step
def test_series_by_date_and_wind_go_on_to_the_byte(tmp_path):
    times = np.arange(np.datetime64("2026-01-01T00", "h"), np.datetime64("2026-01-08T00", "h"))
    rows = [f"{time},{500 + 9 * (hour % 24)},{300 + hour},250" for hour, time in enumerate(times)]
    (tmp_path / "demand.csv").write_text("\n".join(["time,TR-1,TR-2,TR-3", *rows]) + "\n")
    (tmp_path / "supply.csv").write_text(
        "time,import_limit_mw,nuclear\n2026-01-01 00:00,150,0.8\n2026-01-05 09:00,90,0.7\n"
    )
    weather = gm.load_weather("three-region")
    wind = weather.copy(data=6.0 + 5.0 * np.sin(np.arange(weather.size)).reshape(weather.shape))
    from gridmodel.weather import write_weather

    units = {"units": "m s-1"}
    write_weather(weather.assign_coords(wind_m_s=(weather.dims, wind.data, units)), tmp_path / "windy.nc")
    scenario = make_scenario(BASE | {
        "demand": str(tmp_path / "demand.csv"), "supply": str(tmp_path / "supply.csv"), "supply_range": [0.5, 1.2],
        "weather": str(tmp_path / "windy.nc"), "end": "2026-01-05 20:00", "events": EVENTS[:7],
    })  # fmt: skip
    whole = gm.run(scenario, save_states=[CUTS[1]], states=tmp_path)
    assert "draught" in " ".join(gm.load_state(tmp_path / name_of(CUTS[1])).data_vars)
    assert differing(gm.run(scenario, start_state=tmp_path / name_of(CUTS[1])), whole) == []


@pytest.mark.gate  # at each edit: a run cut at a step
def test_a_run_from_a_state_saves_another_and_the_end_of_a_run_begins_the_next(cut, tmp_path):
    scenario, whole, folder = cut("queues")
    short = scenario.replace(end=CUTS[1], events=EVENTS[:7])
    first = gm.run(short, start_state=folder / name_of(CUTS[0]), save_states=[CUTS[1]], states=tmp_path)
    assert first.sizes["time"] == 10
    assert differing(gm.run(scenario, start_state=tmp_path / name_of(CUTS[1])), whole) == []
    # a run that ends there saves the same as one that goes on, but for the mean wind, which this weather lacks
    again, _ = read_arrays(tmp_path / name_of(CUTS[1]), "a")
    straight, _ = read_arrays(folder / name_of(CUTS[1]), "b")
    assert again.keys() == straight.keys()
    assert [name for name in again if again[name].tobytes() != straight[name].tobytes()] == []


@pytest.mark.gate  # at each edit: a run cut at a step
def test_new_events_from_then_on_make_the_run_that_had_them_all_along(cut, tmp_path):
    """A file with the new events alone gives what a file with all of them gives: what is drawn anew has its own streams."""
    scenario, _, folder = cut("queues")
    new = [
        {"time": "2026-01-05 20:00", "target": "TR-3/delivery", "kind": "strike", "hits_before_interception": 4, "interception": 0.1},
        {"time": "2026-01-05 21:00", "target": "TR-2/water_pumping", "kind": "outage", "share": "{uniform: [0.2, 0.9]}"},
    ]  # fmt: skip
    all_along = gm.run(scenario.replace(events=[*EVENTS[:7], *new]))
    rest = gm.run(scenario.replace(events=new), start_state=folder / name_of(CUTS[1]))
    assert differing(rest, all_along) == []


@pytest.mark.gate  # at each edit: the past of a state is checked
def test_rows_before_a_state_that_the_run_which_saved_it_did_not_have_are_told(cut, tmp_path):
    scenario, _, folder = cut("queues")
    state = str(folder / name_of(CUTS[1]))
    same = [EVENTS[0] | {"time": "2026-01-05T02:00", "interception": "0.20"}, *EVENTS[1:]]
    missing = [
        {"time": "2026-01-05 12:00", "target": "TR-3/delivery", "kind": "strike", "hits_before_interception": 4, "interception": 0.1},
        EVENTS[6] | {"share": 0.6},  # of another size
        EVENTS[6],  # twice
        {"time": "2026-01-05 12:00", "target": "TR-9/delivery", "kind": "outage", "share": 0.5},
        {"time": "2026-01-05 20:00", "target": "TR-9/delivery", "kind": "outage", "share": 0.5},
    ]  # fmt: skip
    assert refused(scenario.replace(events=[*same, *missing[:1]]), state) == [
        "events, row:10: time: '2026-01-05 12:00' is before the state from which the run begins, 2026-01-05 13:00, and "
        "was not in the run that saved it (date it 2026-01-05 13:00 or later, or save the state again with it)"
    ]
    told = refused(scenario.replace(events=[*same, *missing], weather="nowhere"), state)
    assert any("nowhere" in line for line in told)
    assert [line.split(" is ")[0] for line in told if "was not in the run" in line] == [
        "events, row:10: time: '2026-01-05 12:00'", "events, row:11: time: '2026-01-05 06:00'",
        "events, row:12: time: '2026-01-05 06:00'", "events, row:13: time: '2026-01-05 12:00'",
    ]  # fmt: skip
    assert any("events, row:14: target: 'TR-9'" in line for line in told)
    # those of the run that saved the state are left out, however they are written, and so are none at all
    for rows in (same, EVENTS[7:]):
        assert gm.run(scenario.replace(events=rows), start_state=state).sizes["time"] == 19
    # a state of a run without events has had none
    quiet = scenario.replace(events=[], end="2026-01-05 15:00", forced_outages={})
    gm.run(quiet, save_states=[CUTS[1]], states=tmp_path)
    assert len(refused(quiet.replace(events=EVENTS[:2]), str(tmp_path / name_of(CUTS[1])))) == 2


@pytest.mark.gate  # at each edit: a run cut at a step
def test_help_from_then_on_changes_nothing_before_it_is_there(cut):
    scenario, whole, folder = cut("plain")
    state = folder / name_of(CUTS[1])
    boiler = {"kind": "mobile_boiler", "region": "TR-1", "size": 150, "available_from": "2026-01-05 18:00"}
    helped = gm.run(scenario.replace(mitigations=[*BASE["mitigations"], boiler]), start_state=state)
    crews = gm.run(scenario.replace(repair_crews_per_million=40.0), start_state=state)
    then = whole.sel(time=slice(helped["time"][0], None))
    for name in ("indoor_temperature", "people_without_heat", "served_mw", "backup_fuel_h", "water_stored_m3"):
        assert np.array_equal(helped[name][:, :5], then[name][:, :5], equal_nan=True), name
        assert np.array_equal(crews[name][:, :1], then[name][:, :1], equal_nan=True), name
    assert float(helped["people_without_heat"].sum()) < float(then["people_without_heat"].sum())
    done = [float(np.isnat(run["repair_end"].to_numpy()).sum()) for run in (crews, whole)]
    assert done[0] < done[1]


@pytest.mark.gate  # at each edit: a run cut at a step
def test_batteries_that_come_later_are_those_of_the_run_that_had_waited_for_them(cut):
    scenario, _, folder = cut("plain")
    placed = [*BASE["mitigations"], {"kind": "battery", "region": "TR-1", "size": 45, "available_from": CUTS[2]}]
    along = gm.run(scenario.replace(mitigations=placed))
    rest = gm.run(scenario.replace(mitigations=placed), start_state=folder / name_of(CUTS[2]))
    then = along.sel(time=rest["time"])
    for name in rest.data_vars:  # a grid with one plant more rounds differently
        if rest[name].dtype.kind == "f" and "time" in rest[name].dims:
            np.testing.assert_allclose(rest[name], then[name], rtol=1e-9, atol=1e-9, err_msg=name)
    more = scenario.replace(mitigations=[*BASE["mitigations"], {"kind": "battery", "region": "TR-1", "size": 45}])
    noon, without = (gm.run(one, start_state=folder / name_of(CUTS[1])) for one in (more, scenario))
    assert float(noon["served_mw"].sum()) > float(without["served_mw"].sum())


@pytest.mark.filterwarnings("ignore:.*has no effect")
@pytest.mark.parametrize("recharge", ["surplus", "cutting", "overnight"])
def test_the_first_store_of_a_network_may_come_after_a_state_and_gives_what_it_holds(tmp_path, recharge):
    base = {name: value for name, value in BASE.items() if name not in {"mitigations", "cascade", "forced_outages"}}
    scenario = make_scenario(base | {"events": EVENTS[:3], "end": "2026-01-05 12:00", "recharge": recharge})
    gm.run(scenario, save_states=[CUTS[0]], states=tmp_path)
    more = scenario.replace(mitigations=[{"kind": "battery", "region": "TR-1", "size": 45}])
    rest, without = (gm.run(one, start_state=tmp_path / name_of(CUTS[0])) for one in (more, scenario))
    assert float(without["storage_mwh"].sum()) == 0
    given = float(rest["served_mw"].sum() - without["served_mw"].sum())
    assert given > 0
    assert float(rest["generation_mw"].sel(technology="battery").sum()) > 0


def test_other_weather_from_then_on_meets_homes_as_they_are(cut, tmp_path):
    scenario, whole, folder = cut("plain")
    from gridmodel.weather import write_weather

    weather = gm.load_weather("three-region")
    write_weather(
        weather.where(weather["time"] < np.datetime64("2026-01-05T13"), weather - 10.0), tmp_path / "colder.nc"
    )
    colder = gm.run(scenario.replace(weather=str(tmp_path / "colder.nc")), start_state=folder / name_of(CUTS[1]))
    then = whole.sel(time=slice(colder["time"][0], None))
    change = (colder["indoor_temperature"] - then["indoor_temperature"]).to_numpy()
    assert np.nanmax(np.abs(change[:, 0])) < 2.5  # an hour of ten kelvins less
    assert np.nanmin(change[:, -1]) < -2.5
    assert float(colder["storage_mwh"][:, 0].sum()) == pytest.approx(float(then["storage_mwh"][:, 0].sum()), rel=0.2)


@pytest.mark.gate  # at each edit: new events from then on
def test_gas_that_is_short_after_a_state_in_which_it_never_was_sets_electric_heating_with_a_stove_apart(tmp_path):
    shortage = {"time": "2026-01-05 14:00", "target": "TR/fuel", "kind": "limit", "share": 0.0}
    for rotation in ("mean", "queues"):
        scenario = make_scenario(
            BASE | {"events": [], "end": "2026-01-06 08:00", "cascade": "none", "rotation": rotation}
        )
        gm.run(scenario, save_states=[CUTS[1]], states=tmp_path / rotation)
        state = tmp_path / rotation / name_of(CUTS[1])
        short = scenario.replace(events=[shortage])
        rest, along = gm.run(short, start_state=state), gm.run(short)
        for name in ("indoor_temperature", "people_without_heat", "heater_mw"):
            then = along[name].sel(time=rest["time"])
            np.testing.assert_allclose(rest[name], then, rtol=1e-5, atol=1e-6, err_msg=f"{rotation} {name}")
        assert differing(gm.run(scenario, start_state=state), gm.run(scenario)) == []


@pytest.mark.gate  # at each edit: new events from then on
def test_limits_of_delivery_after_a_state_without_any_put_homes_into_layers_to_the_byte(tmp_path):
    scenario = make_scenario(BASE | {"events": [EVENTS[6]], "end": "2026-01-05 20:00", "cascade": "none"})
    gm.run(scenario, save_states=[CUTS[1]], states=tmp_path)
    broken = {"time": "2026-01-05 14:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.2}
    shortage = {"time": "2026-01-05 14:00", "target": "TR/fuel", "kind": "limit", "share": 0.5}
    for events in ([broken], [broken, shortage]):
        rest = gm.run(scenario.replace(events=events), start_state=tmp_path / name_of(CUTS[1]))
        along = gm.run(scenario.replace(events=[EVENTS[6], *events])).sel(time=rest["time"])
        # sums over rows with homes on electric heating, which gas that is short sets apart, round differently
        rounded = differing(rest, along)
        assert rounded == [] if len(events) == 1 else "heater_mw" in rounded
        for name in rounded:
            np.testing.assert_allclose(rest[name], along[name], rtol=1e-5, atol=1e-6, err_msg=name)
        assert float(rest["people_off_by_damage"].max()) > 0


@pytest.mark.gate  # at each edit: a run cut at a step
def test_fewer_members_take_the_first_of_a_state_and_blocks_are_as_the_whole(cut):
    scenario, whole, folder = cut("queues")
    begun = scenario.replace(start=CUTS[1], start_state=str(folder / name_of(CUTS[1])))
    two = gm.run(begun.replace(members=2))
    some = simulate(run_inputs(begun, [0, 2]))
    then = whole.sel(time=slice(two["time"][0], None))
    for name in ("served_mw", "indoor_temperature", "people_without_water", "backup_fuel_h", "hours_off_quantile"):
        assert two[name].to_numpy().tobytes() == then[name][:2].to_numpy().tobytes(), name
        assert some[name].to_numpy().tobytes() == then[name][[0, 2]].to_numpy().tobytes(), name
    with pytest.raises(gm.InputError, match=r"shared_feeder_share: '0, 0' differs from the run.*some homes outside"):
        gm.run(begun.replace(shared_feeder_share=[0, 0]))
    with pytest.raises(gm.InputError, match="members: '4' differs from the run that saved the state, which had 3"):
        gm.run(begun.replace(members=4))


@pytest.mark.gate  # at each edit: a run cut at a step
def test_measures_are_ranked_from_a_state_on(cut):
    scenario, _, folder = cut("plain")
    begun = scenario.replace(start=CUTS[1], start_state=str(folder / name_of(CUTS[1])))
    table = gm.rank_mitigations(
        begun, [{"name": "boiler", "kind": "mobile_boiler", "region": "TR-1", "size": 150, "cost_eur": 1}]
    )
    boiler = {"kind": "mobile_boiler", "region": "TR-1", "size": 150}
    helped = gm.run(begun.replace(mitigations=[*BASE["mitigations"], boiler]))
    runs = (gm.run(begun), helped)
    hours = [float(run["people_without_water"].sum("region").sum("time").mean()) for run in runs]
    assert table["water_h"][0] == pytest.approx(hours[0] - hours[1], rel=1e-9)
    people = helped["population"]
    kelvin = [float((run["degree_hours_below_12c"].sum("time") * people).sum("region").mean()) for run in runs]
    assert kelvin[0] - kelvin[1] > 0
    assert table["below_12c_degree_h"][0] == pytest.approx(kelvin[0] - kelvin[1], rel=1e-9)


def altered(state, path, arrays=None, texts=None, drop=()):
    """Write a state with some arrays or texts changed."""
    was, told = read_arrays(state, "state")
    kept = {name: values for name, values in (was | (arrays or {})).items() if name not in drop}
    write_arrays(path, kept, told | (texts or {}))
    return path


def refused(scenario, path):
    with pytest.raises(gm.InputError) as raised:
        gm.run(scenario.replace(start=CUTS[1], start_state=str(path)))
    return [str(problem) for problem in raised.value.problems]


def test_a_state_of_another_run_is_refused_with_a_sentence_for_each_reason_all_at_once(cut, tmp_path):
    scenario, _, folder = cut("queues")
    state = folder / name_of(CUTS[1])
    shutil.copytree(ROOT / "networks" / "three-region", tmp_path / "mine")
    with (tmp_path / "mine" / "network.toml").open("a", encoding="utf-8") as file:
        file.write("# another\n")
    other = scenario.replace(
        network=str(tmp_path / "mine"), seed=1, rotation="mean", start="2026-01-05 12:00", start_state=str(state),
        mitigations=[{"kind": "battery", "region": "TR-1", "size": 30}], events=[],
    )  # fmt: skip
    with pytest.raises(gm.InputError) as raised:
        gm.run(other)
    assert [str(problem) for problem in raised.value.problems] == [
        "state-2026-01-05T1300.nc: network: is a state of another network, three-region, or of another version of its tables",
        "start: '2026-01-05 12:00' must be the time of the state that the run begins from, 2026-01-05 13:00 (state-2026-01-05T1300.nc)",
        "seed: '1' differs from the run that saved the state, which had 2026",
        "rotation: 'mean' differs from the run that saved the state, which had queues",
        "mitigations: 'TR-1 30 MW' differs from the run that saved the state, which had the batteries TR-2 60 MW first among its measures",
    ]


def test_a_state_of_another_time_zone_is_refused_since_its_events_are_in_local_time(cut):
    scenario, _, folder = cut("queues")
    other = scenario.replace(
        timezone="Europe/Kyiv", start="2026-01-05 15:00", start_state=str(folder / name_of(CUTS[1])), events=[]
    )
    with pytest.raises(gm.InputError) as raised:
        gm.run(other)
    (said,) = map(str, raised.value.problems)
    assert said == "timezone: 'Europe/Kyiv' differs from the run that saved the state, which had UTC"


def test_a_state_of_another_version_says_so_and_nothing_else(cut, tmp_path):
    scenario, _, folder = cut("queues")
    old = altered(folder / name_of(CUTS[1]), tmp_path / "old.nc", texts={"gridmodel": "0.0.9", "settings": "{}"})
    (said,) = refused(scenario, old)
    assert said.startswith("old.nc: gridmodel: was saved by gridmodel 0.0.9, this is ")
    assert said.endswith("save it again by this version")


def test_a_state_from_which_a_scenario_cannot_go_on_is_named_with_its_time_and_all_else_that_differs(cut):
    scenario, _, folder = cut("queues")
    state = folder / name_of(CUTS[1])
    earlier = scenario.replace(start="2026-01-04", end="2026-01-05 06:00", seed=1, rotation="mean", events=[])
    with pytest.raises(gm.InputError) as raised:
        from_state(earlier, state)
    assert [str(problem) for problem in raised.value.problems] == [
        "state-2026-01-05T1300.nc: time: is a state of 2026-01-05 13:00, and the run ends at 2026-01-05 06:00, which must be later",
        "seed: '1' differs from the run that saved the state, which had 2026",
        "rotation: 'mean' differs from the run that saved the state, which had queues",
    ]
    half = scenario.replace(start="2026-01-05 00:30", end="2026-01-06 00:30", step="1h", events=[])
    with pytest.raises(gm.InputError) as raised:
        from_state(half, state)
    assert str(raised.value.problems[0]) == (
        "state-2026-01-05T1300.nc: time: is a state of 2026-01-05 13:00, and steps of 1 hour from then on do not end at "
        "2026-01-06 00:30"
    )


def test_a_result_in_place_of_a_state_is_told_once(tmp_path):
    gm.run(make_scenario(BASE | {"members": 1, "events": [], "end": "2026-01-05 03:00"})).to_netcdf(
        tmp_path / "result.nc"
    )
    with pytest.raises(
        gm.InputError, match=r"^result.nc: is not a saved state: it contains \d+ variables that no state"
    ) as raised:
        gm.load_state(tmp_path / "result.nc")
    assert len(raised.value.problems) == 1


@pytest.mark.parametrize("size", [40, 100, 5000, -1])
def test_a_state_that_is_cut_off_says_so_and_what_to_do(cut, tmp_path, size):
    _, _, folder = cut("queues")
    whole = (folder / name_of(CUTS[1])).read_bytes()
    (tmp_path / "cut.nc").write_bytes(whole[:size])
    with pytest.raises(gm.InputError) as raised:
        gm.load_state(tmp_path / "cut.nc")
    (said,) = map(str, raised.value.problems)
    assert said.startswith("cut.nc: cannot be read as")
    assert said.endswith("; copy it again, or make it again")
    assert size == 40 or f"after {size % len(whole):,} of {len(whole):,} bytes" in said


def test_everything_that_does_not_fit_in_a_state_is_told_at_once(cut, tmp_path):
    scenario, _, folder = cut("queues")
    state = folder / name_of(CUTS[1])
    was, _ = read_arrays(state, "state")
    fuel, mass = was["services.backup.fuel_mwh"].copy(), was["services.heat.every.mass_c"].copy()
    fuel.flat[0], mass.flat[0] = -5.0, np.nan
    bad = altered(
        state, tmp_path / "bad.nc",
        drop=["services.water.fill", "seen.mains_share", "services.power.turns.layers.edge_share"],
        arrays={
            "services.backup.fuel_mwh": fuel, "services.heat.every.mass_c": mass, "services.people.extra": np.zeros(3),
            "services.power.stock.remaining_mwh": was["services.power.stock.remaining_mwh"][:, :-1],
            "services.power.interruption.off_h": was["services.power.interruption.off_h"].astype(int),
            "services.heat.every.own_mass_c": np.repeat(was["services.heat.every.own_mass_c"], 3, axis=0),
            "services.heat.every.turns.cold_h": was["services.heat.every.turns.cold_h"][:4],
        },
    )  # fmt: skip
    said = "\n".join(refused(scenario, bad))
    for sentence in (
        "services.power.stock.remaining_mwh: is 3 × ", "services.power.interruption.off_h: 'int64' must be of kind float64",
        "services.backup.fuel_mwh: must be from -1e-06 to 1e+09", "services.heat.every.mass_c: contains a value that is not a number",
        "services.heat.every.own_mass_c: is 6 × 3 × 3, and must be 2 × 3 × 3", "services.heat.every.turns.cold_h: is 4 × ",
        "services.water.fill: is missing", "services.power.turns.layers.edge_share: is missing",
        "services.people.extra: is not part of the state of such a run",
    ):  # fmt: skip
        assert f"bad.nc: {sentence}" in said, said


@pytest.mark.parametrize("part", at_gate(range(3), 3))
@pytest.mark.gate  # at each edit: everything that does not fit in a state is told at once
def test_no_array_of_a_state_can_be_lost_cut_or_spoilt_unnoticed(cut, tmp_path, part):
    scenario, _, folder = cut("queues")
    state = folder / name_of(CUTS[1])
    was, _ = read_arrays(state, "state")
    names = sorted(was) if LONG else sorted(was)[::12]
    for number, name in [*enumerate(names)][part::3]:
        values = was[name]
        spoilt = {"cut": values[..., :-1] if values.ndim else values[None], "deeper": values[None]}
        if values.dtype.kind == "f":
            spoilt["huge"] = np.full_like(values, 1e30)
        in_turn = [*spoilt.items()] if LONG else [[*spoilt.items()][number % len(spoilt)]]
        for how, wrong in in_turn:
            if wrong.size == 0:
                continue
            made = altered(state, tmp_path / "x.nc", arrays={name: wrong})
            assert any("x.nc" in said or "working" in said for said in refused(scenario, made)), (name, how)
        if number % 2 and not LONG:
            continue
        if not name.startswith("working.") and name != "inputs.draught":  # a technology may begin to fail
            assert refused(scenario, altered(state, tmp_path / "x.nc", drop=[name])), name


def test_the_past_of_a_state_is_checked_like_events_of_a_scenario(cut, tmp_path):
    scenario, _, folder = cut("queues")
    state = folder / name_of(CUTS[1])
    _, told = read_arrays(state, "state")
    rows = json.loads(told["events"])
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row["strike"] for row in rows] == [0, 1, 2, -1, -1, -1, -1]
    rows[0]["cells"]["target"], rows[3]["cells"]["time"], rows[5]["cells"]["kind"] = (
        "TR-9/heat_source",
        "2026-01-05 14:00",
        "x",
    )
    said = "\n".join(refused(scenario, altered(state, tmp_path / "past.nc", texts={"events": json.dumps(rows)})))
    assert "past.nc:1: target: 'TR-9' is not a region" in said
    assert "past.nc:4: time: '2026-01-05 14:00' is not before the state, 2026-01-05 13:00" in said
    assert "past.nc:6: kind: 'x'" in said
    for wrong in ("{}", "[1]", '[{"cells": {"time": 3}, "row": 1, "strike": 0}]', "[" * 900):
        assert refused(scenario, altered(state, tmp_path / "past.nc", texts={"events": wrong})), wrong


def test_a_file_that_asks_for_more_than_it_holds_is_refused_before_memory_is_taken(tmp_path):
    path = tmp_path / "large.nc"
    with Dataset(path, "w") as file:
        for size in (200_000, 100_000):
            file.createDimension(f"n{size}", size)
        file.createVariable("services.water.fill", "f8", ("n200000", "n100000"), zlib=True, chunksizes=(1000, 1000))
    scenario = make_scenario(BASE)
    assert refused(scenario, path) == ["large.nc: asks for 160,000 MB, more than the file can contain"]
    with Dataset(path, "w") as file:
        file.createGroup("a")
        file.createDimension("n3", 3)
        file.createVariable("a b", "f8", ("n3",))
        file.createVariable("text", str, ("n3",))
    assert len(refused(scenario, path)) == 2  # both variables at once
    path.write_bytes(b"not a state")
    assert len(refused(scenario, path)) == 1
    assert refused(scenario, tmp_path / "none.nc")[0].endswith("is not the file of a saved state")


def test_states_and_members_that_are_not_counted_do_not_go_together(tmp_path):
    scenario = make_scenario(BASE | {"members": "auto"})
    with pytest.raises(gm.InputError, match="a state is of a number of members"):
        gm.run(scenario, save_states=[CUTS[0]], states=tmp_path)


@dataclass(frozen=True)
class Inner:
    heat_c: np.ndarray
    runs: np.ndarray


@dataclass(frozen=True)
class Outer:
    tanks_h: np.ndarray
    inner: Inner
    none: object = None


def outer(members):
    return Outer(
        np.arange(members * 2.0).reshape(members, 2),
        Inner(np.zeros((4, members, 2)), np.ones((members, 2), dtype=bool)),
    )


def test_a_state_is_saved_field_by_field_without_being_listed():
    """A service that is new, or has a new array, takes part by itself; one that carries something else is told so."""
    whole = Members(3, (0, 1, 2))
    arrays = arrays_of(outer(3), "new")
    assert sorted(arrays) == ["new.inner.heat_c", "new.inner.runs", "new.tanks_h"]
    problems = Problems()
    made = state_of(
        outer(3),
        {**arrays, "new.inner.runs": np.ones((3, 2), dtype=np.uint8)},
        "new",
        problems,
        shown="x",
        members=whole,
    )
    assert not problems.found
    assert made.inner.runs.dtype == bool
    assert np.array_equal(made.tanks_h, outer(3).tanks_h)
    some = state_of(
        outer(2),
        {**arrays, "new.inner.runs": np.ones((3, 2), dtype=np.uint8)},
        "new",
        problems,
        shown="x",
        members=Members(3, (0, 2)),
    )
    assert some.tanks_h.tolist() == [[0, 1], [4, 5]]
    assert some.inner.heat_c.shape == (4, 2, 2)
    with pytest.raises(TypeError, match=r"new\.none is a list; a state consists of arrays"):
        arrays_of(Outer(np.zeros(1), Inner(np.zeros(1), np.zeros(1)), none=[1]), "new")


def test_every_service_that_carries_a_state_is_in_the_file(cut):
    scenario, _, folder = cut("queues")
    names = list(gm.load_state(folder / name_of(CUTS[1])).data_vars)
    carrying = {name.split(".")[1] for name in names if name.startswith("services.")}
    from gridmodel.simulation.loop import first_state

    expected = {name for name, state in first_state(run_inputs(scenario)).services.items() if state is not None}
    assert carrying == expected <= {service.name for service in SERVICES}
    assert {name for name in names if name.startswith("seen.")} == {
        "seen.heater_wanted_mw", "seen.heater_wanted_share", "seen.critical_charging_mw", "seen.home_charging_mw", "seen.mains_share"
    }  # fmt: skip


@pytest.mark.gate  # at each edit: a run cut at a step, to the byte
def test_equal_states_give_equal_bytes(cut, tmp_path):
    scenario, _, folder = cut("queues")
    gm.run(scenario, save_states=[CUTS[1]], states=tmp_path)
    assert (tmp_path / name_of(CUTS[1])).read_bytes() == (Path(folder) / name_of(CUTS[1])).read_bytes()


def timelines(scenario, when, folder):
    """Timelines of a run from its step at a time on, and of the run that begins from the state of that time."""
    saving = run_inputs(scenario.replace(save_states=[when]))
    simulate(saving, save=lambda state: state.write(folder / state.name))
    rest = run_inputs(scenario.replace(start=when, start_state=str(folder / name_of(when))))
    return saving.timeline, rest.timeline, len(saving.clock.times) - len(rest.clock.times)


@pytest.mark.parametrize("deterministic", [False, pytest.param(True, marks=pytest.mark.long)])
def test_what_damage_leaves_after_a_state_is_what_it_leaves_in_the_whole_run(tmp_path, deterministic):
    """A limit that begins at 22:00 refers to the evening before the state of 21:00; one from before to its own evening."""
    late = {"time": "2026-01-05 22:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.1}
    strike = {
        "time": "2026-01-05 03:20",
        "target": "TR/delivery",
        "kind": "strike",
        "hits_before_interception": 9,
        "interception": 0.1,
    }
    times = np.arange(np.datetime64("2026-01-01T00", "h"), np.datetime64("2026-01-08T00", "h"))
    rows = [f"{time},{500 + hour + 90 * (hour % 24 == 18)},{300 + hour},250" for hour, time in enumerate(times)]
    (tmp_path / "demand.csv").write_text("\n".join(["time,TR-1,TR-2,TR-3", *rows]) + "\n")
    scenario = make_scenario(BASE | {
        "demand": str(tmp_path / "demand.csv"), "demand_use": "replace",
        "events": [strike, EVENTS[3], EVENTS[6], late], "deterministic": deterministic, "end": "2026-01-07 00:00", "cascade": "none",
    })  # fmt: skip
    for when in ("2026-01-05 13:00", "2026-01-05 21:00", "2026-01-06 05:00")[0 if LONG else 1 : 3 if LONG else 2]:
        whole, rest, before = timelines(scenario, when, tmp_path)
        for name in ("generator", "branch", "delivery_mw", "import_mw", "heat_source", "crew", "turbines", "exempt"):
            if hasattr(whole, name):
                assert getattr(rest, name).tobytes() == getattr(whole, name)[before:].tobytes(), (name, when)
        assert np.isfinite(whole.delivery_mw[before:]).any()


@pytest.mark.gate  # at each edit: what damage leaves after a state
def test_what_was_repaired_before_a_state_stays_repaired_with_fewer_spares(tmp_path):
    days = {"delivery": {state: [0.1, 0.0] for state in ("slight", "moderate", "extensive", "complete")}}
    strike = {
        "time": "2026-01-05 03:00",
        "target": "TR/delivery",
        "kind": "strike",
        "hits_before_interception": 9,
        "interception": 0.0,
    }
    scenario = make_scenario(
        BASE | {"events": [strike], "repair_days": days, "spare_transformers": 9, "repair_crews_per_million": 50.0}
    )
    whole = gm.run(scenario, save_states=[CUTS[1]], states=tmp_path)
    rest = gm.run(scenario.replace(spare_transformers=0), start_state=tmp_path / name_of(CUTS[1]))
    begun, ended = whole["repair_begin"].to_numpy(), whole["repair_end"].to_numpy()
    assert (ended < np.datetime64("2026-01-05T13:00")).any()
    assert ((whole["repair_state"].to_numpy() >= 2) & (ended < np.datetime64("2026-01-05T13:00"))).any()
    assert np.array_equal(rest["repair_end"].to_numpy(), ended, equal_nan=True)
    assert np.array_equal(rest["repair_begin"].to_numpy(), begun)


@pytest.mark.gate  # at each edit: a run from a state
def test_a_sweep_begins_each_of_its_units_from_the_state(cut, tmp_path):
    scenario, _, folder = cut("mean")
    begun = scenario.replace(start=CUTS[2], start_state=str(folder / name_of(CUTS[2])))
    grid = gm.sweep(begun, {"import_limit_mw": [60, 90]}, store=tmp_path / "store", keep=["shed_mw"])
    alone = gm.run(begun.replace(import_limit_mw=90))
    assert np.array_equal(grid["shed_mw"].sel(import_limit_mw=90).transpose(*alone["shed_mw"].dims), alone["shed_mw"])
    with pytest.raises(gm.InputError, match="make a store for each state"):
        gm.sweep(begun, {"start_state": ["a.nc"]}, store=tmp_path / "other")


@pytest.mark.gate  # at each edit: a received run is repeated, in `test_received_run.py`
def test_a_run_from_a_state_repeats_from_its_folder_alone(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from gridmodel.commands import main

    monkeypatch.chdir(tmp_path)

    def call(*words):
        got = CliRunner().invoke(main, ["run", *words], catch_exceptions=False)
        return got.exit_code, got.output

    assert (
        call("three-region", "-o", "a", "--save-state", "2026-01-06 00:00", "--save-state", "2026-01-07 00:00")[0] == 0
    )
    state = "a/state-2026-01-06T0000.nc"
    manifest = json.loads(Path("a/manifest.json").read_text(encoding="utf-8"))
    assert {"state-2026-01-06T0000.nc", "state-2026-01-07T0000.nc"} <= manifest["outputs"].keys()
    assert call("three-region", "-o", "b", "--from-state", state)[0] == 0
    shutil.move("b", "c")
    shutil.rmtree("a")
    assert call("--from", "c", "-o", "again")[0] == 0
    assert Path("c/result.nc").read_bytes() == Path("again/result.nc").read_bytes()
    assert (
        call("--from", "c", "-o", "x", "--from-state", state)[1]
        .splitlines()[0]
        .endswith("does not go with --from, which repeats a run")
    )
    copy = Path("c/inputs/start_state/state-2026-01-06T0000.nc")
    copy.write_bytes(copy.read_bytes() + b" ")
    assert "has changed since the run: its hash differs" in call("--from", "c", "-o", "x")[1]
    assert call("three-region", "-o", "again", "--overwrite")[0] == 0  # a folder with a state may be replaced


def test_the_folder_of_states_is_made_with_those_above_it(three, tmp_path):
    folder = tmp_path / "a" / "b"
    gm.run(three(end="2026-01-05 02:00"), save_states=["2026-01-05 01:00"], states=folder)
    assert [path.name for path in folder.iterdir()] == ["state-2026-01-05T0100.nc"]
    (tmp_path / "file").write_text("")
    with pytest.raises(gm.InputError, match="cannot be written"):
        gm.run(three(end="2026-01-05 02:00"), save_states=["2026-01-05 01:00"], states=tmp_path / "file" / "b")


@pytest.mark.parametrize("kind", [TypeError, AttributeError, KeyError, NameError])
def test_a_fault_of_our_own_checks_is_not_told_as_one_of_a_state(tmp_path, monkeypatch, kind):
    def fails(*_):
        raise kind("ours")

    write_arrays(tmp_path / "state.nc", {"one": np.zeros(3)}, {})
    assert list(read_arrays(tmp_path / "state.nc", "state.nc")[0]) == ["one"]
    monkeypatch.setattr("gridmodel.inputs.array_file._check_sizes", fails)
    with pytest.raises(kind, match="ours"):
        read_arrays(tmp_path / "state.nc", "state.nc")


HIT = {"target": "TR-1/delivery", "kind": "strike", "hits_before_interception": 3, "interception": 0.3}
OUT = {"target": "TR-1/generation", "kind": "outage", "share": {"uniform": [0.1, 0.5]}}


@pytest.mark.parametrize("event", [HIT, OUT], ids=["strike", "outage"])
@pytest.mark.parametrize("late_first", [False, True])
def test_events_add_up_to_the_byte_from_a_state_in_whatever_order_their_rows_stand(tmp_path, event, late_first):
    events = [event | {"time": f"2026-01-05 0{hour}:00"} for hour in (1, 2, 6)]
    scenario = gm.load_scenario("three-region").replace(
        end="2026-01-05 08:00", deterministic=False, members=40, events=events[::-1] if late_first else events,
        rotation="mean", save_states=["2026-01-05 04:00"],
    )  # fmt: skip
    whole = gm.run(scenario, states=tmp_path)
    part = gm.run(scenario.replace(save_states=[]), start_state=tmp_path / "state-2026-01-05T0400.nc")
    assert part["served_mw"].to_numpy().tobytes() == whole["served_mw"].to_numpy()[:, 4:].tobytes()


@pytest.mark.parametrize("text", ["2026-W02-1", "2026-01-05T03:00+02:00", "0001-01-01", "yesterday", "2026-13-01"])
def test_a_time_that_only_python_reads_is_no_time_of_a_state(text):
    assert not is_time(text)
    assert is_time("2026-01-05T03:00:00")
    assert is_time("1970-01-01T00:00:00")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fill", -1.0),
        ("outside", 1.5),
        ("riser_burst", 1.5),
        ("empty_share", 1.5),
        ("intact", -0.1),
        ("given_up", 2.0),
        ("subqueues", 13.0),
    ],
)
def test_shares_of_a_state_are_from_0_to_1_and_subqueues_up_to_12(name, value):
    like = np.full((2, 3), 0.5)
    assert out_of_range(np.full((2, 3), value), like, name).startswith("must be from ")
    assert not out_of_range(np.ones((2, 3)), like, name)
