"""Runs whose homes take turns: what is cut adds up, whoever computes it and however long its steps are."""

import numpy as np
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.services.cohorts import SUBQUEUES
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate

EVENTS = [
    {"time": "2026-01-05 02:00", "target": "TR-1/nuclear", "kind": "outage", "share": 0.7, "duration_h": 18},
    {"time": "2026-01-05 06:00", "target": "TR-2/delivery", "kind": "limit", "share": 0.6, "duration_h": 8},
]


@pytest.fixture(scope="module")
def scenario():
    """A day with plant out and a broken network, three members."""
    made = gm.load_scenario("three-region").replace(
        events=EVENTS, end="2026-01-06 00:00", deterministic=False, members=3, heater_feedback=True,
        cold_load_pickup=True, rotation="queues", critical_second_feed_share=0.5,
        critical_share_factor=1.0, shared_feeder_share=0.0, outside_queues_spread=0.0,
    )  # fmt: skip
    return made


@pytest.fixture(scope="module")
def run(scenario):
    """Its result."""
    return gm.run(scenario)


def test_the_order_cuts_at_least_the_optimum_in_every_hour_and_all_of_it_has_a_cause(run):
    shed = run["shed_mw"].sum("tier")
    assert float((shed - run["shed_optimum_mw"]).min()) >= -1e-6
    assert float((shed - run["shed_optimum_mw"]).max()) > 1.0
    assert np.allclose(run["shed_cause_mw"].sum("cause"), shed)
    beyond = run["shed_cause_mw"].sel(cause="order")
    assert np.allclose(beyond, shed - run["shed_optimum_mw"])
    supplied = run["generation_mw"].sum(("region", "technology")) + run["import_mw"]
    taken = run["served_mw"].sum(("region", "tier")) + run["charging_mw"].sum("technology")
    assert np.allclose(supplied, taken)


def test_people_off_by_rotation_and_by_damage_are_all_people_without_power(run):
    off = run["people_off_by_rotation"] + run["people_off_by_damage"]
    assert np.allclose(off, run["people_without_power"])
    share = (run["people_off_by_damage"] / run["population"]).isel(member=0)
    limited = share.sel(region="TR-2", time=slice("2026-01-05 06:00", "2026-01-05 13:00"))
    added = run["heater_mw"] + run["pickup_mw"]
    need = (run["demand_mw"].sum("tier") - added).isel(member=0).sel(region="TR-2")
    broken = (1 - 0.6 * need.max() / need).clip(min=0).sel(time=limited["time"])
    assert float(broken.max()) > 0.3
    assert (limited >= broken - 1e-6).all()
    queues = run["subqueues_off"] / SUBQUEUES
    working = 1.0 - run["people_off_by_damage"] / run["population"]
    assert float(np.abs(run["people_off_by_rotation"] - working * queues * run["population"]).max()) < 1.0


def test_a_result_has_no_cohorts_but_quantiles_over_people(run):
    assert "cohort" not in run.dims
    assert run["hours_off_quantile"].dims == ("member", "time", "region", "people_quantile")
    last = run["hours_off_quantile"].isel(time=-1)
    low, middle, high = (last.sel(people_quantile=name) for name in run["people_quantile"].to_numpy())
    assert (low <= middle).all()
    assert (middle <= high).all()
    mean = (run["people_without_power"] / run["population"]).sum("time")
    assert (mean <= high + 1e-3).all()
    assert (mean >= low - 1e-3).all()
    air = run["boiler_home_c_quantile"]
    assert float((air.isel(people_quantile=2) - air.isel(people_quantile=0)).max()) > 2.0


def test_the_outage_schedule_of_a_run_has_as_many_hours_as_the_order(scenario):
    one = gm.run(scenario.replace(deterministic=True, events=EVENTS[:1]))
    table = gm.schedule.timetable(one)
    ordered = one["subqueues_off"].isel(member=0).sum("time") / SUBQUEUES
    assert float(ordered.max()) > 2.0
    assert np.allclose(gm.schedule.hours_off(table).mean("group").sum("day"), ordered)
    felt = (one["people_without_power"] / one["population"]).isel(member=0)
    tripped = one["feeder_tripped_share"].isel(member=0).max("time") > 0
    assert np.allclose(felt.sum("time").where(~tripped, ordered), ordered, atol=1e-6)


@pytest.mark.gate  # at each edit: any company, in `test_sampling.py`
def test_members_are_the_same_whoever_is_run_beside_them(scenario, run):
    alone = xr.concat(
        [simulate(run_inputs(scenario, [member])) for member in range(3)], dim="member", data_vars="minimal"
    )
    for name in run.data_vars:
        if "member" in run[name].dims:
            assert alone[name].to_numpy().tobytes() == run[name].to_numpy().tobytes(), name


def test_hours_off_rise_by_an_hour_at_most_where_feeders_break_in_some_members(scenario):
    strike = {
        "time": "2026-01-05 02:00",
        "target": "TR/delivery",
        "kind": "strike",
        "hits_before_interception": 4,
        "interception": 0.4,
    }
    made = scenario.replace(events=[EVENTS[0], strike], members=4, repair_crews_per_million=8.0)
    result = gm.run(made)
    damage = result["people_off_by_damage"].max("time") > 0
    assert bool(damage.any("member").all())
    assert not bool(damage.all())
    rise = result["hours_off_quantile"].astype(float).diff("time")
    assert float(rise.min()) >= -1e-4
    assert float(rise.max()) <= 1.0 + 1e-4
    alone = simulate(run_inputs(made, [2]))
    for name in ("hours_off_quantile", "boiler_home_c_quantile", "people_without_heat_cause", "served_mw", "heater_mw"):
        assert alone[name].to_numpy().tobytes() == result[name].to_numpy()[2:3].tobytes(), name


@pytest.mark.parametrize("step", ["15min", "30min"])
@pytest.mark.gate  # at each edit: hours off of turns
def test_shorter_steps_agree_with_hours(scenario, run, step):
    short = gm.run(scenario.replace(step=step))
    for name in ("people_without_power", "people_below_16c", "people_without_water"):
        hours, other = (gm.metrics.person_hours(one, name).to_numpy() for one in (run, short))
        assert other == pytest.approx(hours, rel=0.05), name
    assert gm.metrics.ens_mwh(short).to_numpy() == pytest.approx(gm.metrics.ens_mwh(run).to_numpy(), rel=0.02)


def test_fixed_leaves_some_off_all_the_time_and_others_never(scenario):
    fixed = gm.run(scenario.replace(rotation="fixed", deterministic=True, events=EVENTS[:1]))
    last = fixed["hours_off_quantile"].isel(member=0, time=-1).sel(region="TR-1")
    assert float(last[0]) == 0.0
    assert float(last[-1]) > float(
        (fixed["people_without_power"] / fixed["population"]).isel(member=0).sum("time").max()
    )
    turns = gm.run(scenario.replace(deterministic=True, events=EVENTS[:1]))
    assert np.allclose(fixed["shed_optimum_mw"].isel(time=2), turns["shed_optimum_mw"].isel(time=2))
    assert (
        gm.metrics.person_hours(fixed, "people_without_heat").item()
        > gm.metrics.person_hours(turns, "people_without_heat").item()
    )


@pytest.mark.filterwarnings("ignore:.*has no effect:UserWarning")
def test_the_optimum_cuts_less_than_the_order_and_lacks_its_variables(scenario, run):
    optimum = gm.run(scenario.replace(cuts="optimum"))
    assert not {"cut_stage", "shed_optimum_mw", "industry_limited_mw", "ordered_mw"} & set(optimum.data_vars)
    assert (gm.metrics.ens_mwh(optimum) < gm.metrics.ens_mwh(run)).all()
    mean = gm.run(scenario.replace(rotation="mean"))
    assert not {"hours_off_quantile", "subqueues_off"} & set(mean.data_vars)
    assert list(mean["cause"].to_numpy()) == ["disconnected", "island_deficit", "deficit", "limit"]


def test_a_way_to_take_turns_or_to_cut_that_does_not_exist_is_named(scenario):
    with pytest.raises(gm.InputError) as caught:
        scenario.replace(rotation="queue", cuts="orders", rotation_block_h=0, reserve_mw=-1)
    said = str(caught.value)
    assert all(name in said for name in ("rotation", "cuts", "rotation_block_h", "reserve_mw"))
    assert "'queues'" in said
