"""Homes that heat which runs short lets go one after the other, beside single minutes of the same law.

`by_minutes` has no line in common with a run: five resistances and one capacity in a loop of minutes, its own water,
ice and crews.
"""

import numpy as np
import pytest
from blocks import Blocks
from conftest import sampled
from towns import course, settled

from gridmodel.services.heat.pipes import cool_water, grow_ice, hours_to_zero, leaving_water_c
from gridmodel.services.heat.states import CONNECTED, DRAINED, FROZEN, REFILLING

BARE = {"heater_feedback": False, "cooker_w_per_m2": 0.0}
"""Homes that nobody warms."""


def by_minutes(town, *, hours, outdoor_c, there):
    """Homes connected, without circulation, drained and burst after so many hours. [1]

    `there` is the heat of sources over what all homes need in the design frost.
    """
    _, homes, settings = town
    blocks, most_w = Blocks(town, outdoor_c), float(homes.radiator_w[0, 0, 0])
    lag_h, floor_c = float(settings["radiator_lag_h"]), float(settings["heat_floor_c"]) + 0.25
    crews, set_c = float(homes.drain_share_per_h[0]), float(settings["set_point_c"])
    hot_water = float(settings["hot_water_share"])
    mass_c = set_c
    for _ in range(60 * 24 * 60):
        mass_c += blocks.after(mass_c, blocks.need_w(mass_c, set_c))[1] / 60
    radiator_w, share, stands, drained, burst = min(blocks.need_w(mass_c, set_c), most_w), 1.0, 0.0, 0.0, 0.0
    water_c, ice, limit, circulates_c = 0.0, 0.0, 0.0, 60.0
    have_w = there * (1 + hot_water) * most_w
    for _ in range(60 * hours):
        need_w, floor_w = (min(blocks.need_w(mass_c, to_c), most_w) for to_c in (set_c, floor_c))
        goes = max(share - (have_w / floor_w if floor_w > 0 else 1.0), 0.0)
        if goes > 0:
            part = goes / (stands + goes)
            water_c, ice, limit = water_c + part * (circulates_c - water_c), ice * (1 - part), limit * (1 - part)
            share, stands = share - goes, stands + goes
        heat_w = min(need_w, have_w / share)
        radiator_w += (heat_w - radiator_w) / (60 * lag_h)
        air_c, gain = blocks.after(mass_c, radiator_w)
        mass_c += gain / 60
        given = heat_w / need_w if need_w > 0 else 1.0
        circulates_c = air_c + (60 - air_c) * given
        if stands > 0:
            sent = water_c < 10 and 5 * np.log((water_c - outdoor_c) / -outdoor_c) <= float(settings["drain_lead_h"])
            empties = min(crews / 60, stands) if sent else 0.0
            stands, drained = stands - empties, drained + empties
            falls_k = (water_c - outdoor_c) / 300
            at_zero = max(1 - water_c / falls_k, 0.0)  # part of the minute
            ice, water_c = min(ice - outdoor_c * at_zero / 60 / 160, 1.0), max(water_c - falls_k, 0.0)
            reached = min(max(2 * ice - 1, limit), 1.0)
            breaks = stands * (reached - limit) / (1 - limit) if limit < 1 else 0.0
            stands, burst, limit = stands - breaks, burst + breaks, reached
    return np.array([share, stands, drained, burst])


@pytest.mark.parametrize(("joined_c", "still_above"), [(30.0, True), (0.2, False)])
def test_water_of_loops_that_stop_one_after_the_other_is_that_of_loops_followed_by_seconds(joined_c, still_above):
    """In an hour at -20 °C; until all are at 0 °C by their mean, and later by the time that what comes takes to cool."""
    outdoor_c, comes_c, ticks = -20.0, 40.0, 3600
    water_c = float(cool_water(leaving_water_c(comes_c, outdoor_c, joined_c, step_h=1.0), outdoor_c, step_h=1.0))
    if still_above:
        left = [
            outdoor_c + (comes_c - outdoor_c) * (1 - 1 / (5 * ticks)) ** (ticks - tick - 0.5) for tick in range(ticks)
        ]
        assert water_c == pytest.approx(np.mean(left), abs=1e-3)
        return
    # a thousandth of the loops comes to those that stand: kelvin-hours of frost that are left for ice
    stands_c, here, kelvin_h = joined_c, 1.0, 0.0
    for _ in range(ticks):
        part = 1e-3 / ticks / (here + 1e-3 / ticks)
        stands_c, here = stands_c + part * (comes_c - stands_c), here + 1e-3 / ticks
        falls_k = (stands_c - outdoor_c) / (5 * ticks)
        kelvin_h += -outdoor_c / ticks * max(1 - stands_c / falls_k, 0.0)
        stands_c = max(stands_c - falls_k, 0.0)
    starts_c = (joined_c + 1e-3 * leaving_water_c(comes_c, outdoor_c, joined_c, step_h=1.0)) / (1 + 1e-3)
    ice = grow_ice(0.0, outdoor_c, hours=1.0 - hours_to_zero(starts_c, outdoor_c))
    assert ice * 160 == pytest.approx(kelvin_h, abs=4e-3)


@pytest.mark.parametrize(
    ("outdoor_c", "fuel", "hours"), sampled([(-25.0, 0.3, 26), (-25.0, 0.15, 24), (-15.0, 0.1, 30)], 1)
)
def test_homes_that_short_fuel_lets_go_burst_as_by_the_minute_whatever_the_step(outdoor_c, fuel, hours):
    """At -25 °C 0.171 of the homes burst by the minute; they were 0.136, 0.157 and 0.166 in the three steps."""
    minutes = by_minutes(settled(**BARE), hours=hours, outdoor_c=outdoor_c, there=fuel)
    assert minutes[3] > 0.1
    for step in ("1h", "30min", "15min"):
        share = course(settled(step=step, **BARE), hours, outdoor=outdoor_c, fuel=fuel)[-1].share[:, 0, 0]
        assert share[CONNECTED] == pytest.approx(minutes[0], abs=0.001)
        assert share[DRAINED] == pytest.approx(minutes[2], abs=0.015)
        assert share[FROZEN] + share[REFILLING] == pytest.approx(minutes[3], abs=0.015)


@pytest.mark.parametrize("outdoor_c", sampled([-10.0, -18.0], 1))
def test_a_little_more_heat_never_bursts_more_homes(outdoor_c):
    """At -10 °C with 4 MW, 3 % of the homes were let go an hour before the others, and all crews were sent to these."""
    burst = []
    for mobile_mw in (0.0, 1.0, 3.0, 4.0, 5.0, 6.0, 8.0, 15.0):
        share = course(settled(), 68, outdoor=outdoor_c, fuel=0.0, mobile_mw=mobile_mw)[-1].share[:, 0, 0]
        burst.append(share[FROZEN] + share[REFILLING])
    assert burst[0] > 0.2
    assert (np.diff(burst) < 0).all()


def test_homes_that_damage_disconnects_do_not_depend_on_others_that_short_fuel_lets_go():
    town = settled(members=2, **BARE)
    source, fuel = (np.array(one)[:, None] * np.ones(3) for one in ([0.6, 1.0], [1.0, 0.2]))
    both = course(town, 20, outdoor=-20.0, members=2, source=source, fuel=fuel)
    scenario, homes, settings = settled(members=1, **BARE)
    alone = course((scenario, homes, settings), 20, outdoor=-20.0, source=source[:1], fuel=fuel[:1])
    for one, other in zip(both, alone, strict=True):
        for name in ("share", "coolant_c", "ice", "tested"):
            assert getattr(one.state, name)[:, :1].tobytes() == getattr(other.state, name).tobytes()
