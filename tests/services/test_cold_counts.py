"""What is counted of cold homes is what its name says: kelvin below 18 °C, risers that stay burst, power that comes."""

import dataclasses

import numpy as np
import pytest
from towns import BARE, course, settled

import gridmodel as gm
from gridmodel.services.heat import warm_start
from gridmodel.services.heat.rooms import risers

HEATLESS = {"time": "2026-01-05 01:00", "target": "TR-1/heat_network", "kind": "outage", "share": 0.8}
DAMAGED = {"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.5}


@pytest.mark.parametrize(("step", "step_h"), [("1h", 1.0), ("15min", 0.25)])
@pytest.mark.parametrize(("held_c", "kelvin"), [(17.0, 1.0), (15.0, 3.0), (18.5, 0.0)])
def test_degree_hours_count_kelvin_below_eighteen(step, step_h, held_c, kelvin):
    got = course(settled(set_point_c=held_c, step=step), 12, outdoor=-10.0)[-1]
    assert got.degree_hours == pytest.approx(np.full((1, 3), kelvin * step_h), abs=1e-6)


def burst(town, mass_c):
    """Return a state in which every riser has burst, in homes whose mass has one temperature."""
    state = warm_start(town[1], town[2], np.full(3, 3.0), 1)
    return dataclasses.replace(
        state, mass_c=np.full_like(state.mass_c, mass_c), radiator_w=np.zeros_like(state.radiator_w),
        riser_burst=np.ones_like(state.riser_burst),
    )  # fmt: skip


def test_risers_are_mended_in_homes_above_five_degrees_and_in_no_colder_ones():
    town = settled(set_point_c=8.0, riser_repair_h=72.0, **BARE)
    warm = course(town, 36, outdoor=3.0, state=burst(town, 8.0))[-1]
    assert warm.state.riser_burst[0] == pytest.approx(np.full((7, 1, 3), np.exp(-36 / 72)), rel=1e-9)
    cold = course(town, 36, outdoor=3.0, state=burst(town, 3.0), source=0.0, network=0.0)[-1]
    lived_in = cold.state.share[cold.state.occupied] > 0
    assert np.nanmax(cold.air_c[0, 0, :7]) < 5.0
    assert (cold.state.riser_burst[:, 0][lived_in] == 1.0).all()
    assert cold.dry_risers == pytest.approx(np.full((1, 3), 0.5))  # all homes on district heat


def test_pipes_that_burst_count_whole_while_as_many_are_mended_elsewhere():
    """A hundredth of the homes loses heat and bursts; the others are warm and every pipe of theirs is being mended."""
    town = settled(riser_repair_h=72.0, **BARE)
    start = warm_start(town[1], town[2], np.full(3, -20.0), 1)
    start = dataclasses.replace(start, riser_burst=np.full_like(start.riser_burst, 0.2))
    steps = course(town, 96, outdoor=-20.0, state=start, network=0.99, home_power=0.0)
    had, hidden, every = 0.5 * 0.2, 0, 0.0
    kept = np.exp(-1 / 72)
    for hour, step in enumerate(steps):
        state = step.state
        share = state.share[state.occupied][:, 0, 0]
        warm = state.occupied == 0  # all homes on district heat are half of the region's
        weight = town[1].home_weight[:7, 0, 0] * share[:, None]
        after = state.riser_burst[:, :, 0, 0]
        now = (weight * after).sum()
        mended = (weight * after * (1 / kept - 1))[warm].sum()  # what was burst before is what is left over `kept`
        thaw = hour < 30  # homes that cool are mended until they are below 5 °C
        if not thaw:
            assert now - had == pytest.approx(step.bursting[0, 0] - mended, abs=1e-12), hour
            hidden += step.bursting[0, 0] > 0 > now - had
            every += step.bursting[0, 0]
        had = now
    assert hidden > 5
    assert 0.003 < every < 0.005


def test_a_share_of_delivery_is_a_share_of_demand_without_heaters_and_returning_load(three):
    result = gm.run(three(events=[HEATLESS, DAMAGED], cooker_w_per_m2=0.0)).isel(member=0).sel(region="TR-1")
    heaters, added = result["heater_mw"], result["heater_mw"] + result["pickup_mw"]
    most = 0.5 * (result["demand_mw"].sum("tier") - added)
    served, hit = result["served_mw"].sum("tier"), result["time"] >= result["time"][2]
    assert float(heaters.max()) > 20.0  # MW, so that half of it would show
    assert (served <= most + 1e-6).where(hit, other=True).all()
    binds = (np.abs(served - most) < 1e-6) & (heaters > 20.0)
    assert binds.any()


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_people_with_dry_risers_are_those_of_single_minutes_whatever_the_step(step_h):
    """Ice that grows, bursts half of the pipes within an hour, thaws, and grows again in pipes that are being mended."""
    air_c = [-40.0, -38.0, -30.0, 3.0, 9.0, 9.0, -60.0, -60.0, -20.0, 6.0]
    ice, burst, dry_h = (np.zeros((1, 1, 1, 1)) for _ in range(3))
    for step in range(round(len(air_c) / step_h)):
        there = np.full((1, 1, 1, 1), air_c[int(step * step_h)])
        ice, burst, mean = risers(ice, burst, there, np.ones((1, 1, 1)), repair_h=np.array(24.0), step_h=step_h)
        dry_h += mean * step_h
    frost, had, by_minutes = 0.0, 0.0, 0.0
    for minute in range(600 * len(air_c)):  # of six seconds
        air = air_c[minute // 600]
        frost = min(max(frost - air / 600, 0.0), 160.0)
        had = had - had / 24 / 600 if air > 5 else max(had, 2 * frost / 160 - 1 if air < 0 else 0.0)
        by_minutes += had / 600
    assert burst.item() == pytest.approx(had, abs=1e-3)
    assert by_minutes > 1.0
    assert dry_h.item() == pytest.approx(by_minutes, abs=2e-3)
