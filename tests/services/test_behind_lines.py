"""Storage of a region that is cut off from a surplus elsewhere, worked out by hand."""

import dataclasses

import numpy as np
import pytest
from services.power_systems import two_regions

import gridmodel as gm
from gridmodel.dispatch import Dispatcher
from gridmodel.network.grid import with_charging
from gridmodel.services.power.cascade import CascadeState, Off
from gridmodel.services.power.feedback import Heaters
from gridmodel.services.power.shock import Before
from gridmodel.services.power.step import first_state, step_power

A, B, STORAGE = 0, 1, 1


def behind_a_line(*, stored=1.0, recharge="surplus", cost=40.0, members=1, reference_b=100.0, share=0.02, **capacity):
    """Two regions; 220 MW in A for 100 there and 100 in B, to which the line brings 20 MW. B has 50 MW of storage."""
    branch = {"branch_share": np.tile(np.broadcast_to(share, (members,))[:, None], (4, 1, 1))}
    system = two_regions(
        options={"recharge": recharge},
        settings={"storage_start": stored, "temperature_slope_factor": np.ones(members)}, capacity=branch | capacity,
        consumers={"reference_mw": np.array([100.0, reference_b])},
    )  # fmt: skip
    grid = dataclasses.replace(system.grid, generator_cost=np.array([20.0, cost, 60.0]))
    charges = system.fleet.charges[system.fleet.limited]
    grid, index = with_charging(grid, system.index, system.fleet.limited, charges, cutting=recharge == "cutting")
    return dataclasses.replace(system, members=members, dispatcher=Dispatcher(grid), index=index)


def first_step(system, state=None):
    none = Heaters(wanted_mw=np.zeros((system.members, 2)), home_share=np.zeros((system.members, 2)))
    return step_power(system, state or first_state(system), 0, none)


@pytest.mark.parametrize("recharge", ["surplus", "cutting"])
def test_storage_gives_to_its_region_what_a_surplus_elsewhere_cannot_bring(recharge):
    done = first_step(behind_a_line(recharge=recharge))
    assert done.served_mw[0].sum(axis=-1) == pytest.approx([100, 70])  # 20 MW over the line, 50 MW of storage
    assert done.generation_mw[0] == pytest.approx([120, 50, 0])
    assert done.state.stock.remaining_mwh[0] == pytest.approx([50])
    assert done.cause_mw.sum(axis=-1) == pytest.approx(done.demand_mw - done.served_mw)


def test_storage_that_is_cheaper_than_all_other_plant_gives_no_more_than_is_short():
    done = first_step(behind_a_line(cost=0.0, reference_b=60.0))
    assert done.served_mw[0].sum(axis=-1) == pytest.approx([100, 60])
    assert done.generation_mw[0] == pytest.approx([120, 40, 0])


def test_storage_keeps_its_energy_where_the_network_of_its_region_is_what_cuts_consumers():
    done = first_step(behind_a_line(share=1.0, delivery_mw=np.tile([np.inf, 30.0], (4, 1, 1))))
    assert done.served_mw[0].sum(axis=-1) == pytest.approx([100, 30])
    assert done.state.stock.remaining_mwh[0] == pytest.approx([100])


def test_storage_that_may_cut_takes_nothing_from_consumers_whom_the_surplus_does_not_reach():
    done = first_step(behind_a_line(stored=0.0, recharge="cutting"))
    assert done.served_mw[0].sum(axis=-1) == pytest.approx([100, 20])
    assert done.charging_mw[0] == pytest.approx([0])
    done = first_step(behind_a_line(stored=0.3, recharge="cutting"))
    assert done.served_mw[0].sum(axis=-1) == pytest.approx([100, 50])
    assert done.state.stock.remaining_mwh[0] == pytest.approx([0])


def test_storage_takes_nothing_from_consumers_whom_a_surplus_that_its_plan_counts_on_does_not_reach():
    # 20 MW more than both regions need, and 10 MW less an hour later: the plan takes 13.3 MW of the surplus, gives 10
    # and cuts nobody. The line brings B 20 of the 100 MW that it needs, so that all of them are for consumers
    system = behind_a_line(stored=0.0, recharge="cutting")
    shape = np.where(np.arange(len(system.consumers.shape)) == 1, 1.15, 1.0)
    system = dataclasses.replace(system, consumers=dataclasses.replace(system.consumers, shape=shape))
    done = first_step(system)
    assert done.state.stock.planned_mw[0, 0, 0] == pytest.approx(10)
    assert done.charging_mw[0] == pytest.approx([0])
    assert done.served_mw[0].sum(axis=-1) == pytest.approx([100, 20])


@pytest.mark.parametrize("reserve", [False, True])
@pytest.mark.parametrize("reference_a", [100.0, 205.0])
def test_storage_serves_critical_consumers_of_its_region_whom_lines_leave_short(reserve, reference_a):
    # 15 MW reach B, which needs 40 for critical consumers: storage gives 25 in a surplus and in a deficit of the island,
    # and in the surplus, if it is no reserve, all of its 50 MW, as others are cut behind the line as well
    system = behind_a_line(share=0.015)
    tiers = np.array([[0.1, 0.5, 0.2, 0.2], [0.4, 0.3, 0.15, 0.15]])
    consumers = dataclasses.replace(
        system.consumers, reference_mw=np.array([reference_a, 100.0]), tier_share=tiers,
    )  # fmt: skip
    fleet = dataclasses.replace(system.fleet, reserve=np.array([False, reserve, False]))
    done = first_step(dataclasses.replace(system, consumers=consumers, fleet=fleet))
    given = 50 if reference_a == 100.0 and not reserve else 25
    assert done.generation_mw[0, STORAGE] == pytest.approx(given)
    assert done.served_mw[0].sum(axis=-1) == pytest.approx([reference_a, 15 + given])
    assert done.served_mw[0, 1, 0] == pytest.approx(40)
    assert done.state.stock.remaining_mwh[0] == pytest.approx([100 - given])
    assert done.cause_mw.sum(axis=-1) == pytest.approx(done.demand_mw - done.served_mw)


def test_storage_keeps_its_energy_where_the_network_of_its_region_cuts_critical_consumers():
    system = behind_a_line(share=1.0, delivery_mw=np.tile([np.inf, 5.0], (4, 1, 1)))
    fleet = dataclasses.replace(system.fleet, reserve=np.array([False, True, False]))
    done = first_step(dataclasses.replace(system, fleet=fleet))
    assert done.served_mw[0, 1] == pytest.approx([5, 0, 0, 0])
    assert done.generation_mw[0, STORAGE] == 0.0


def test_members_in_a_surplus_are_the_same_beside_members_who_are_cut_off_from_it():
    shares = [1.0, 0.02, 0.3]  # of 1,000 MW: all of it, 20 MW and 300 MW
    three = first_step(behind_a_line(members=3, share=np.array(shares), stored=0.5))
    for member, share in enumerate(shares):
        alone = first_step(behind_a_line(share=share, stored=0.5))
        for name in ("served_mw", "generation_mw", "flow_mw", "charging_mw", "cause_mw"):
            assert getattr(alone, name)[0].tobytes() == getattr(three, name)[member].tobytes()
    assert three.charging_mw[:, 0] == pytest.approx([20, 0, 20])
    assert three.generation_mw[:, STORAGE] == pytest.approx([0, 50, 0])


def test_storage_that_a_cascade_has_tripped_takes_nothing_until_it_is_back():
    system = behind_a_line(share=1.0, stored=0.5)
    system = dataclasses.replace(system, options=dataclasses.replace(system.options, cascade="overload"))
    served = Before(
        generation_mw=np.array([[120.0, 0.0, 80.0]]), available_mw=np.array([[120.0, 50.0, 100.0]]),
        served_mw=np.full((1, 8), 25.0), flow_mw=np.full((1, 1), 100.0),
    )  # fmt: skip
    for hours, takes_mw in ((0.0, 20), (0.25, 15), (3.0, 0)):
        off = Off.nothing(system)
        off.generator_h[0, STORAGE] = hours
        state = dataclasses.replace(first_state(system), cascade=CascadeState(before=served, off=off))
        done = first_step(system, state)
        assert done.charging_mw[0] == pytest.approx([takes_mw])


@pytest.mark.parametrize(("step", "step_h"), [("15min", 0.25), ("1h", 1.0)])
def test_a_full_battery_feeds_its_region_while_its_corridors_are_down(three, folder, step, step_h):
    table = folder / "generators.csv"
    battery = "TR-2/battery,TR-2,TR-2-330,battery,1,200,200,,800,0.8,0,0.06,false,true,130,,OURS,assumed"
    table.write_text(table.read_text().rstrip() + "\n" + battery + "\n")
    events = [
        {"time": "2026-01-05 00:00", "target": "TR-2/thermal_coal", "kind": "outage", "share": 1.0},
        {"time": "2026-01-05 00:00", "target": "TR-2/transfer", "kind": "limit", "share": 0.05},
    ]
    plain = three(
        network=str(folder), events=events, storage_start=1.0, demand_factor=0.4, end="2026-01-05 08:00", step=step,
        heater_feedback=False, cold_load_pickup=False,
    )  # fmt: skip
    full, empty = (gm.run(plain.replace(storage_start=start)).isel(member=0) for start in (1.0, 0.0))
    short = empty["shed_mw"].sum(("region", "tier")).to_numpy()
    assert short == pytest.approx(short[0])
    assert short[0] > 100
    hours = np.arange(9)  # what does not last for an hour lasts until it ends
    left = np.interp(step_h * np.arange(1, len(short) + 1), hours, np.maximum(800 - short[0] * hours, 0.0))
    assert full["storage_mwh"].sel(technology="battery").to_numpy() == pytest.approx(left, abs=1e-3)
    assert full["shed_mw"].sum(("region", "tier")).to_numpy()[:3] == pytest.approx(0, abs=1e-6)
