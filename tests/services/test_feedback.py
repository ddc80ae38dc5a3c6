from dataclasses import replace

import numpy as np
import pytest
from services.power_systems import two_regions

import gridmodel as gm
from gridmodel.sampling import Settings
from gridmodel.services.power.consumers import HOUSEHOLD
from gridmodel.services.power.feedback import Heaters, Interruption, Returns, added_demand, interrupted
from gridmodel.services.power.step import first_state, step_power

CUT = {"time": "2026-01-05 03:00", "target": "TR-1/heat_network", "kind": "outage", "share": 0.8}
DARK = {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.2, "duration_h": 6}


def test_heaters_raise_demand_where_heat_is_lost_and_nowhere_else(three):
    on, off = (gm.run(three(events=[CUT], heater_feedback=value)) for value in (True, False))
    heater = on["heater_mw"].isel(member=0)
    lost = heater.sel(region="TR-1").isel(time=slice(12, None)) > heater.sel(region="TR-1").isel(time=2)
    assert lost.all()
    extra = (on["demand_mw"] - off["demand_mw"]).sel(tier="household").isel(member=0)
    pickup = (on["pickup_mw"] - off["pickup_mw"]).isel(member=0)
    assert np.allclose(extra, heater + pickup)
    assert float(off["heater_mw"].max()) == 0.0
    assert gm.metrics.ens_mwh(on).item() > gm.metrics.ens_mwh(off).item()
    cold = [gm.metrics.person_hours(run, "people_below_10c").item() for run in (on, off)]
    assert cold[0] <= cold[1]


def test_load_returns_higher_than_it_went_and_falls_back(three):
    on, off = (gm.run(three(events=[DARK], cold_load_pickup=value, heater_feedback=False)) for value in (True, False))
    more = on["pickup_mw"].isel(member=0).sel(region="TR-1").to_numpy()
    peak = int(more.argmax())
    assert peak == 9  # supply is back at 8, and what it brings is felt in the next step
    assert more[3:8].max() < more[peak] / 5
    assert more[peak + 2] == pytest.approx(
        more[peak] * np.exp(-2), rel=0.25
    )  # the hours after add a little of their own
    assert float(off["pickup_mw"].max()) == 0.0
    assert float(on["demand_mw"].sum()) > float(off["demand_mw"].sum())


def test_pickup_grows_with_the_outage_up_to_its_most():
    settings = Settings({"pickup_per_h": np.array(0.25), "pickup_most": np.array(1.0), "pickup_tau_h": np.array(1.0)})
    one = np.ones((1, 3))
    for hours, expected in ((2.0, 0.5), (100.0, 1.0)):
        before = Interruption(off_share=one, off_h=hours * one, pickup_share=0 * one)
        got = interrupted(before, one, settings, step_h=1.0, cold_load_pickup=True)
        assert got.pickup_share[0, 0] == pytest.approx(expected)
        assert got.off_h[0, 0] == 0.0
    assert not interrupted(before, one, settings, step_h=1.0, cold_load_pickup=False).pickup_share.any()


@pytest.mark.parametrize("rotation", ["mean", "queues"])
@pytest.mark.parametrize("step_h", [1.0, 0.5, 0.25])
def test_the_energy_of_a_return_does_not_depend_on_the_step(rotation, step_h):
    # A has no power for two hours: 0.25 · 2 of 0.6 of 50 MW return on top, which fall with a time constant of an hour,
    # 15 MWh in all, and all but 1e-5 of it within twelve hours
    steps = round(14 / step_h)
    limit = np.full((steps, 1, 2), np.inf)
    limit[: round(2 / step_h), 0, 0] = 0.0
    system = two_regions(
        steps=steps, capacity={"delivery_mw": limit}, options={"rotation": rotation}
        | ({} if rotation == "mean" else {"cohorts": 12, "breaking": np.array([0])}),
        settings={"rotation_block_h": 4.0, "rotation_rest_h": 2.0, "critical_second_feed_share": 0.0},
    )  # fmt: skip
    calm = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
    state, more = first_state(system), []
    system = replace(system, clock=replace(system.clock, step_h=step_h, remaining=np.arange(steps, 0, -1)))
    for step in range(steps):
        done = step_power(system, state, step, calm)
        state = done.state
        more.append(done.added.pickup_mw[0, 0])
    late = int(rotation == "mean")  # then what it brings is felt in the step after that in which power is back
    first = more[round(2 / step_h) + late]
    assert first == pytest.approx(15.0 * (1 - np.exp(-step_h)) / step_h)
    assert sum(more) * step_h == pytest.approx(15.0, rel=1e-4)


@pytest.mark.parametrize("rotation", ["mean", "queues"])
def test_batteries_that_charge_on_the_feeders_of_homes_bring_no_load_that_returns(rotation):
    # A has no power for two hours: 0.25 x 2 of 0.6 of the 50 MW of its homes return on top, whose mean over the first
    # hour of it is 1 - 1/e, whatever batteries of telecom take there; no thermostat controls these 20 MW
    limit = np.full((4, 1, 2), np.inf)
    limit[:2, 0, 0] = 0.0
    system = two_regions(
        capacity={"delivery_mw": limit}, options={"rotation": rotation}
        | ({} if rotation == "mean" else {"cohorts": 12, "breaking": np.array([0])}),
        settings={"rotation_block_h": 4.0, "rotation_rest_h": 2.0, "critical_second_feed_share": 0.0},
    )  # fmt: skip
    calm = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
    charging_mw = np.zeros((1, 2, 4))
    charging_mw[0, 0, HOUSEHOLD] = 20.0
    state = first_state(system)
    for step in range(4 if rotation == "mean" else 3):  # with a mean it counts in the step after
        done = step_power(system, state, step, calm, charging_mw)
        state = done.state
    assert done.added.pickup_mw[0, 0] == pytest.approx(15.0 * (1 - np.exp(-1)), rel=1e-6)
    assert done.demand_mw[0, 0, HOUSEHOLD] == pytest.approx(70.0 + 15.0 * (1 - np.exp(-1)), rel=1e-6)


def test_an_outage_lasts_as_long_as_some_homes_are_without_power():
    settings = Settings({"pickup_per_h": np.array(0.25), "pickup_most": np.array(1.0), "pickup_tau_h": np.array(1.0)})
    got = Interruption.none(1, 1)
    for share in (0.5, 0.2, 0.9):
        got = interrupted(got, np.array([[share]]), settings, step_h=0.5, cold_load_pickup=True)
    assert got.off_h[0, 0] == pytest.approx(1.5)
    assert got.off_share[0, 0] == pytest.approx(0.1)
    assert got.pickup_share[0, 0] == pytest.approx(0.7 * 0.25 * 1.0)  # of those who were back, after an hour


def test_feeders_trip_for_as_many_as_brings_the_rest_to_the_limit():
    demand = np.array([[[300.0, 300.0, 200.0, 200.0], [180, 180, 120, 120], [120, 120, 80, 80]]])
    settings = Settings({"pickup_thermostatic_share": np.array(0.6), "feeder_limit_kw": np.array(1.6)})
    hot = Heaters(wanted_mw=np.array([[400.0, 0, 0]]), home_share=np.array([[0.5, 0, 0]]))
    calm, dwellings = Returns(share=np.zeros((1, 3))), np.array([400e3, 240e3, 160e3])
    household = demand[..., HOUSEHOLD]
    built = np.full(3, 0.8)
    extra = added_demand(household, dwellings, hot, calm, settings, design_kw=built)
    each_kw = 300e3 / 400e3 + 400e3 / (0.5 * 400e3)  # 0.75 and 2 kW
    assert extra.tripped_share[0, 0] == pytest.approx((1 - 1.6 / each_kw) * 0.5 * each_kw * 400e3 / 700e3)
    assert extra.tripped_share[0, 1:].max() == 0.0
    whole = extra.to(demand)
    cut = (whole - extra.reached(whole))[0, 0]
    assert cut[HOUSEHOLD] == pytest.approx(0.5 * 400e3 * (each_kw - 1.6) / 1e3)
    assert np.delete(cut, HOUSEHOLD).max() == 0.0
    free = added_demand(household, dwellings, hot, calm, settings, design_kw=None)
    assert free.tripped_share.max() == 0.0


def test_load_that_returns_weighs_on_feeders_with_heaters_and_trips_none_without_them():
    # 0.75 kW a home and 0.6 of it more as load returns: 1.2 kW, and 2 kW of heaters in half of the homes make 3.2 kW.
    # Feeders that trip at 1.6 kW drop half of the homes with heaters on, which draw 3.2 kW to the 2.2 of the mean home
    settings = {"pickup_thermostatic_share": np.array(0.6)}
    one = np.ones((1, 1))
    tripped = [
        added_demand(
            300.0 * one, np.array([400e3]), Heaters(wanted_mw=heater_mw * one, home_share=0.5 * one), Returns(share=one),
            Settings(settings | {"feeder_limit_kw": np.array(limit_kw)}), design_kw=np.array([0.8]),
        ).tripped_share[0, 0]
        for heater_mw, limit_kw in ((400.0, 1.6), (0.0, 1.0))
    ]  # fmt: skip
    assert tripped == pytest.approx([0.5 * 0.5 * 3.2 / 2.2, 0.0])


@pytest.mark.filterwarnings("ignore:.*has no effect:UserWarning")
def test_what_feeders_drop_is_counted_as_not_served_for_a_limit(three):
    result = gm.run(three(events=[CUT], feeder_limit_kw=0.9))
    assert float(result["feeder_tripped_share"].max()) > 0
    shed = result["shed_mw"].sum("tier")
    assert np.allclose(result["shed_cause_mw"].sum("cause"), shed, atol=1e-6)
    tripped = result["feeder_tripped_share"] > 0
    limit = result["shed_cause_mw"].sel(cause="limit")
    assert (limit.where(tripped).fillna(1) > 0).all()
    free = gm.run(three(events=[CUT], feeder_limit_kw=0.9, feeder_limits=False))
    assert float(free["feeder_tripped_share"].max()) == 0.0
