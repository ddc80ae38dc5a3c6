"""Buildings as they are drawn: how fast they cool between the estimates of experts and the norms, wind, sun."""

import csv
from pathlib import Path

import numpy as np
import pytest
from conftest import sampled
from towns import BARE, course, served, settled

import gridmodel as gm
from gridmodel.services.heat import inertia, step_homes, warm_start
from gridmodel.services.heat.states import CONNECTED
from gridmodel.services.heat.sun import level_sun_w_per_m2
from gridmodel.vocabulary import ARCHETYPES

COOLING = Path(__file__).parents[1] / "cases" / "cooling"
PANEL, BRICK = "panel_5_9_storey_uninsulated", "brick_khrushchovka"
ESTIMATED = {"panel post-1970": PANEL, "brick khrushchovka": BRICK}
NORM_H = {PANEL: 51.0, "panel_16_storey_corner_flat": 46.0, "panel_improved_project": 77.0, BRICK: 100.0}
"""Accumulation coefficients (MDS 41-6.2000): the slowest flats of each kind."""


def rows(name):
    with (COOLING / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cooling(place, hours=60, **changes):
    """Return hours and air by archetype of homes that lose heat and power at -5 °C, at one place of their range."""
    town = settled(set_point_c=18.0, step="15min", building_inertia=[place, place], **(BARE | changes))
    steps = course(town, hours, outdoor=-5.0, network=0.0, home_power=0.0)
    lost = [np.nansum(step.air_c[0, 0, : len(ARCHETYPES), 1:] * step.share[1:, 0, 0], axis=1) for step in steps]
    air = np.array(lost) / np.array([step.share[1:, 0, 0].sum() for step in steps])[:, None]
    times = (np.arange(len(air)) + 0.5) * 0.25
    return times, dict(zip(ARCHETYPES, air.T, strict=True))


def hours_to(degrees, times, air):
    return float(np.interp(-degrees, -air, times))


@pytest.fixture(scope="module")
def curves():
    return {place: cooling(place) for place in (0.0, 0.5, 1.0)}


@pytest.mark.gate  # at each edit: a flat of Kyiv
def test_the_draughtiest_flats_cool_as_experts_estimate(curves):
    times, air = curves[0.0]
    for row in rows("estimates.csv"):
        got = hours_to(float(row["T_in_C"]), times, air[ESTIMATED[row["building"]]])
        early = row["T_in_C"] == "14"  # one capacity cools faster in the first hours than experts say
        assert got == pytest.approx(float(row["hours"]), abs=1.7 if early else 0.3), row


def test_what_experts_estimate_lies_within_the_range_that_is_drawn(curves):
    for row in rows("estimates.csv"):
        name, hours, seen_c = ESTIMATED[row["building"]], float(row["hours"]), float(row["T_in_C"])
        low, high = (float(np.interp(hours, curves[place][0], curves[place][1][name])) for place in (0.0, 1.0))
        assert low - 0.15 <= seen_c <= high, row


def test_archetypes_without_an_estimate_are_as_much_faster_than_derived_as_those_with_one(curves):
    times, air = curves[0.0]
    derived = {row["archetype"]: float(row["h_to_10C"]) for row in rows("derived.csv") if row["T_out_C"] == "-5"}
    panel, brick = 8.5 / derived["panel_1960_80_uninsulated"], 10.0 / derived["brick_1950_75"]
    like = {"stalinka_thick_brick": ("stalinka_thick_brick", brick), "post_2007_insulated": ("post2007_insulated", panel),
            "panel_improved_project": ("panel_1981_2000_improved", panel)}  # fmt: skip
    for name, (row, factor) in like.items():
        assert hours_to(10.0, times, air[name]) == pytest.approx(derived[row] * factor, rel=0.06), name


def test_the_slowest_flats_keep_their_heat_as_norms_of_accumulation_say(curves):
    # the norms' law is T = T_e + (T_0 - T_e) exp(-z / β): the slope of its logarithm once walls and air cool together
    times, air = curves[1.0]
    late = times > 24
    for name, norm_h in NORM_H.items():
        slope = np.polyfit(times[late], np.log(air[name][late] + 5.0), 1)[0]
        assert -1.0 / slope == pytest.approx(norm_h, rel=0.05), name


def test_the_middle_lies_between_the_ends_and_is_what_a_deterministic_run_takes(curves):
    for name in ARCHETYPES:
        low, middle, high = (hours_to(10.0, times, air[name]) for times, air in curves.values())
        assert low < middle < high
    _, homes, _ = settled()
    assert homes.building.capacity_j_per_k[0, 0, 0] == 260e3
    assert homes.own_building.capacity_j_per_k[0, 0, 0] == 200e3


def test_members_draw_one_place_for_all_archetypes_and_none_moves_another_draw():
    _, homes, settings = settled(members=200)
    capacity = homes.building.capacity_j_per_k
    assert capacity.shape == (len(ARCHETYPES), 200, 1)
    order = np.argsort(capacity[0, :, 0])
    assert (np.diff(capacity[3, order, 0]) >= 0).all()
    assert np.median(capacity[0]) == pytest.approx(260e3, rel=0.1)
    _, _, other = settled(members=200, building_inertia=[0.2, 0.3])
    for name in ("temperature_slope_factor", "reconnection_tau_h", "own_heat_powered_share", "leave_share"):
        assert (other[name] == settings[name]).all(), name
    assert not np.array_equal(settings["building_inertia"], (settings["own_backup_share"] - 0.1) / 0.4)


def test_undamaged_homes_need_the_same_heat_wherever_the_draw_lies():
    need = [
        course(settled(building_inertia=[place, place]), 60, outdoor=-15.0)[-1].need_mw[0, 0] for place in (0.0, 1.0)
    ]
    assert need[0] == pytest.approx(need[1], rel=1e-3)


@pytest.mark.parametrize("place", sampled([0.0, 0.25, 0.5, 0.75, 1.0], 4))
@pytest.mark.gate  # at each edit: the range that is drawn, in this file
def test_an_unheated_kyiv_flat_is_near_one_degree_wherever_the_draw_lies(place):
    outdoor = gm.load_weather("cold-wave-2026").sel(region="UA-30", time=slice("2026-01-09", "2026-01-24"))
    sun = level_sun_w_per_m2(outdoor["time"].to_numpy(), np.array([50.45]), np.array([30.52]))
    _, homes, settings = settled(building_inertia=[place, place])
    state, air = warm_start(homes, settings, np.full(3, -5.0), 1), []
    for degrees, light in zip(outdoor.to_numpy(), sun, strict=True):
        there = served(outdoor=degrees, network=0.0, home_power=0.4, sun_w=light)
        got = step_homes(homes, state, settings, there, step_h=1.0)
        state = got.state
        share = got.share[1:, 0, 0]
        air.append(np.nansum(got.air_c[0, 0, 0, 1:] * share) / share.sum())
    assert np.mean(air[240:384]) == pytest.approx(1.0, abs=1.5)  # reported: 10 to 16 days without heat


def test_a_gale_and_open_stairwells_raise_the_heat_that_homes_need_by_their_draught():
    # 0.5 W/(m² K) of a panel block is ventilation, and √((25 + 0.6 · 100) / (25 + 0.6 · 9)) = 1.672; half of what radiators
    # give more is radiant and warms the walls, which lose some of it
    assert inertia.draught_factor(10.0) == pytest.approx(1.672, abs=5e-4)
    calm, gale, broken = (
        course(settled(**change), 100, outdoor=-5.0)[-1].need_mw[0, 0]
        for change in ({}, {"wind_m_s": 10.0}, {"open_stairwell_share": 0.2})
    )
    floor_m2, warmer_k = 10e6, 25.0
    assert (gale - calm) * 1e6 / floor_m2 == pytest.approx(0.672 * 0.5 * warmer_k, rel=0.08)
    assert (broken - calm) * 1e6 / floor_m2 == pytest.approx(0.2 * 0.3 * warmer_k, rel=0.08)


def test_the_sun_of_a_january_day_in_kyiv_is_what_geometry_and_the_norm_of_clearness_say():
    # mean of a day above the air: S / π · (cos φ cos δ sin ω + ω sin φ sin δ), sunset at cos ω = -tan φ tan δ
    lat, tilt = np.radians(50.45), np.radians(23.45) * np.sin(2 * np.pi * (284 + 15) / 365)
    sunset = np.arccos(-np.tan(lat) * np.tan(tilt))
    mean = 1361 / np.pi * (np.cos(lat) * np.cos(tilt) * np.sin(sunset) + sunset * np.sin(lat) * np.sin(tilt))
    times = np.arange("2026-01-15", "2026-01-16", dtype="datetime64[m]")
    sun = level_sun_w_per_m2(times.astype("datetime64[ns]"), np.array([50.45]), np.array([30.52]))[:, 0]
    assert sun.mean() == pytest.approx(mean, rel=1e-3)
    assert 30.0 < 0.33 * mean < 40.0  # W/m² on level ground, January norm
    noon = times[sun.argmax()]
    assert abs((noon - np.datetime64("2026-01-15T09:58")) / np.timedelta64(1, "m")) <= 1  # 12 h - 30.52° / 15
    assert sun[:300].max() == 0.0
    assert sun.max() == pytest.approx(1361 * np.cos(np.radians(50.45 + 21.27)), rel=0.01)


def test_the_sun_through_windows_spares_the_heat_that_it_brings():
    dark = course(settled(), 60, outdoor=-5.0)[-1]
    light = course(settled(), 60, outdoor=-5.0, sun_w=300.0)[-1]
    window_m2 = 0.5 / 2.7  # of a panel block, per square metre of floor
    spared = (dark.need_mw - light.need_mw)[0, 0] * 1e6 / 10e6
    assert spared == pytest.approx(300.0 * 0.33 * 0.15 * window_m2, rel=0.1)
    assert light.air_c[0, 0, 0, CONNECTED] == pytest.approx(20.0, abs=1e-6)
    shut = course(settled(sun_clearness=0.0), 60, outdoor=-5.0, sun_w=300.0)[-1]
    assert shut.need_mw == pytest.approx(dark.need_mw)
