"""Causes of cold homes and dry taps: each worked out beside the code, and together the whole of those concerned."""

import dataclasses

import numpy as np
import pytest
from conftest import LONG, at_gate
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import BARE, course, served, settled

import gridmodel as gm
from gridmodel.services.heat import step_homes, warm_start
from gridmodel.services.heat.building import settled as settled_line
from gridmodel.services.heat.causes import Way, parted, unreached
from gridmodel.services.heat.cells import CellsState, step_cells
from gridmodel.services.heat.states import DRAINED, FROZEN, NO_CIRCULATION, REFILLING
from gridmodel.services.registry import SPLITS
from gridmodel.services.water import Waterworks, full, step_water
from gridmodel.vocabulary import COLD_THRESHOLDS_C, HEAT_CAUSES, OWN_HEAT, WATER_CAUSES

TR_1, TR_2, TR_3 = range(3)
STEPS = {0.25: "15min", 0.5: "30min", 1.0: "1h"}


def causes(step):
    """Share of homes by cause, shape ``(cause, member, region)``."""
    return np.moveaxis(step.why.causes(), -1, 0)


def by_cause(step, region):
    """Causes of cold homes in a region that anybody has."""
    found = causes(step)[:, 0, region]
    assert found.sum() == pytest.approx(step.cold_share[2, 0, region], abs=1e-12)
    assert (found >= 0).all()
    return {name: share for name, share in zip(HEAT_CAUSES, found, strict=True) if share > 1e-12}


def district(town):
    """Share of homes on district heat, by region."""
    homes = town[1]
    return homes.home_weight[: len(homes.kinds), 0].sum(axis=0)


# What keeps heat from homes on the way


def test_homes_that_heat_does_not_reach_are_put_to_the_first_reason_by_hand():
    # of 100 homes 20 lack their source; of 80 half lack power there: 40; of 40 with power a tenth lacks pipes: 4;
    # 36 are left. Mobile boilers heat 10 of the 64, so 54 / 64 of each stay; and 6 of 46 are disconnected.
    way = Way(source=np.array(0.8), powered=np.array(0.5), filled=np.array(1.0), network=np.array(0.9),
              reach=np.array(0.46), held=np.array(0.40))  # fmt: skip
    assert unreached(way) == pytest.approx([0.2 * 54 / 64, 0.4 * 54 / 64, 0.0, 0.04 * 54 / 64, 0.06])
    assert unreached(way).sum() == pytest.approx(1 - 0.40)


def test_shares_by_reason_are_those_of_single_homes_that_ask_one_reason_after_the_other():
    chances = {"source_damaged": 0.7, "source_without_power": 0.6, "no_make_up_water": 0.9, "network_damaged": 0.8}
    rng, counts = np.random.default_rng(0), dict.fromkeys((*chances, "reached"), 0)
    for _ in range(40_000):
        first = next((name for name, whole in chances.items() if rng.random() >= whole), "reached")
        counts[first] += 1
    source, powered, filled, network = (np.array(value) for value in chances.values())
    reach = source * powered * filled * network
    way = Way(source=source, powered=powered, filled=filled, network=network, reach=reach, held=reach)
    assert unreached(way)[:4] == pytest.approx([counts[name] / 40_000 for name in chances], abs=0.01)


def test_broken_pipes_are_the_first_among_the_unreached_and_the_rest_are_whole():
    share = np.array([0.4, 0.1, 0.3, 0.15, 0.05])
    # 0.3 are not reached: 0.2 with broken pipes, and 0.1 of 0.4 that wait
    assert parted(share, np.array(0.3)) == (pytest.approx(0.25), pytest.approx(1.0))
    # 0.05 are not reached: a quarter of those with broken pipes, and nobody who waits
    assert parted(share, np.array(0.05)) == (pytest.approx(0.0), pytest.approx(0.25))


# Three regions by hand: long without heat at -20 °C, so that every home without it is below 12 °C


def test_three_regions_lack_network_source_and_power_and_then_wait_for_what_comes_back():
    town = settled(**BARE)
    of = district(town)
    lost = {"network": np.array([0.6, 1.0, 1.0]), "source": np.array([1.0, 0.8, 1.0]),
            "plant_power": np.array([1.0, 0.5, 0.75])}  # fmt: skip
    cold = course(town, 72, outdoor=-20.0, **lost)[-1]
    assert by_cause(cold, TR_1) == pytest.approx({"network_damaged": of[TR_1] * 0.4})
    assert by_cause(cold, TR_2) == pytest.approx(
        {"source_damaged": of[TR_2] * 0.2, "source_without_power": of[TR_2] * 0.8 * 0.5}
    )
    assert by_cause(cold, TR_3) == pytest.approx({"source_without_power": of[TR_3] * 0.25})
    back = course(town, 1, outdoor=-20.0, state=cold.state)[-1]
    for region, gone in ((TR_1, 0.4), (TR_2, 0.6), (TR_3, 0.25)):
        before, waits = (state.share[[NO_CIRCULATION, DRAINED], 0, region].sum() for state in (cold.state, back.state))
        x = 2.0 / town[2]["restart_h"].item()
        # whole pipes come back in two stages, some slowly; the others wait, or wait for their pipes
        assert 0 < before - waits <= before * (1 - (1 + x) * np.exp(-x)) < 0.02 * gone
        want = {"not_reconnected": of[region] * waits}
        want |= {"pipes_burst": of[region] * back.share[[FROZEN, REFILLING], 0, region].sum()}
        warming = back.share[0, 0, region] - cold.share[0, 0, region]  # their walls are cold
        want |= {"warming_up": of[region] * warming}
        assert by_cause(back, region) == pytest.approx({name: share for name, share in want.items() if share > 1e-12})


def test_a_source_that_is_back_in_part_leaves_burst_homes_without_it_first():
    town = settled(**BARE)
    of = district(town)[TR_1]
    cold = course(town, 72, outdoor=-20.0, source=0.5)[-1]
    assert by_cause(cold, TR_1) == pytest.approx({"source_damaged": of * 0.5})
    part = course(town, 1, outdoor=-20.0, state=cold.state, source=0.95)[-1]
    broken = part.state.share[[FROZEN, REFILLING], 0, TR_1].sum()
    waits = part.state.share[[NO_CIRCULATION, DRAINED], 0, TR_1].sum()
    assert broken > 0.06  # more than the twentieth that the source does not reach
    assert by_cause(part, TR_1) == pytest.approx(
        {
            "source_damaged": of * 0.05,
            "pipes_burst": of * (broken - 0.05),
            "not_reconnected": of * waits,
            "warming_up": of * (0.5 - broken - waits),
        }
    )
    # the source fails again, now for want of power: of all homes, and so of those that are cold, a twentieth lacks the
    # source itself and the others its power, whatever the state of their pipes
    again = by_cause(course(town, 1, outdoor=-20.0, state=part.state, source=0.95, plant_power=0.0)[-1], TR_1)
    cold_now = sum(again.values())
    assert again == pytest.approx({"source_damaged": 0.05 * cold_now, "source_without_power": 0.95 * cold_now})


def test_a_network_without_make_up_water_is_a_reason_of_its_own():
    town = settled(**BARE)
    cold = course(town, 80, outdoor=-20.0, mains=0.25)[-1]
    # 16 h until 4 % are missing at 0.25 % an hour without water; a quarter comes, and so a quarter circulates
    assert by_cause(cold, TR_1)["no_make_up_water"] == pytest.approx(district(town)[TR_1] * 0.75)


def test_homes_disconnected_for_want_of_gas_are_short_of_heat_and_their_neighbours_boilers_lack_gas():
    town = settled(**BARE)
    homes = town[1]
    cold = course(town, 72, outdoor=-20.0, fuel=0.3)[-1]
    found = by_cause(cold, TR_1)
    off = 1.0 - cold.share[0, 0, TR_1]
    assert 0.3 < off < 0.8
    assert found["heat_short"] == pytest.approx(district(town)[TR_1] * off)
    own = dict(zip(OWN_HEAT, homes.shown_own_share[:, 0, TR_1], strict=True))
    assert found["home_without_gas"] == pytest.approx(
        own["own_gas_powered"] + own["own_gas_gravity"] + own["own_gas_backed"]
    )
    assert set(found) == {"heat_short", "home_without_gas"}


def test_boilers_without_power_are_the_reason_until_it_is_back_and_then_homes_warm_up():
    town = settled(**BARE)
    cold = course(town, 72, outdoor=-20.0, home_power=0.0)
    own = dict(zip(OWN_HEAT, town[1].shown_own_share[:, 0, TR_1], strict=True))
    off = own["own_gas_powered"] + own["own_electric"] + own["own_gas_backed"] + own["own_with_stove"]
    last = by_cause(cold[-1], TR_1)
    stove_c = cold[-1].own_c[OWN_HEAT.index("own_with_stove"), 0, TR_1]
    assert last["home_without_power"] == pytest.approx(off - own["own_with_stove"] * (stove_c >= 12))
    back = by_cause(course(town, 1, outdoor=-20.0, state=cold[-1].state)[-1], TR_1)
    assert set(back) == {"warming_up"}
    # gas and power are both lacking: power is asked first, and gas is why gravity boilers stand
    both = by_cause(course(town, 72, outdoor=-20.0, home_power=0.0, fuel=0.0)[-1], TR_1)
    assert both["home_without_gas"] == pytest.approx(own["own_gas_gravity"])


def test_heat_points_without_power_leave_new_blocks_cold_and_the_others_warm():
    scenario, homes, chosen = settled(**BARE, building_pump_share=1.0)
    new = np.isin(homes.kinds, "panel_5_9_storey_uninsulated")[:, None, None]  # the only blocks of these regions
    town = scenario, dataclasses.replace(homes, pumped=new), chosen
    off, on = (course(town, 120, outdoor=-20.0, home_power=power)[-1] for power in (0.0, 1.0))
    assert causes(on).max() == 0
    without = course(settled(**BARE, building_pump_share=0.0), 120, outdoor=-20.0, home_power=0.0)[-1]
    blocks = by_cause(off, TR_2)["home_without_power"] - by_cause(without, TR_2)["home_without_power"]
    assert blocks == pytest.approx(district(town)[TR_2])
    assert set(by_cause(off, TR_2)) == {"home_without_power"}


def test_mild_shortage_is_not_why_a_block_without_power_for_its_pumps_is_cold():
    scenario, homes, chosen = settled(**BARE, building_pump_share=1.0)
    floor, weight = homes.floor_m2.copy(), homes.home_weight.copy()
    brick = homes.kinds.index("brick_khrushchovka")
    for values in (floor, weight):  # half of the blocks are of brick, with pumps; the others are of panel, without
        values[brick] = values[0] = values[0] / 2
    pumped = np.isin(homes.kinds, homes.kinds[brick])[:, None, None]
    town = scenario, dataclasses.replace(homes, floor_m2=floor, home_weight=weight, pumped=pumped), chosen
    cold = course(town, 120, outdoor=-20.0, home_power=0.0, fuel=0.8)[-1]
    assert cold.share[0, 0, TR_2] == pytest.approx(1.0)
    assert cold.need_mw[0, TR_2] > 0.8 * 1.15 * homes.source_max_mw[TR_2]  # more than there is, which holds the others
    without = course((scenario, homes, chosen), 120, outdoor=-20.0, home_power=0.0)[-1]
    own = by_cause(without, TR_2)["home_without_power"]
    assert by_cause(cold, TR_2) == pytest.approx({"home_without_power": own + district(town)[TR_2] / 2})


def test_homes_that_are_heated_again_warm_up_and_are_short_where_the_heat_would_not_hold_them():
    town = settled(**BARE, restart_h=[0.1, 0.1], slow_return_share=[0.0, 0.0])
    cold = course(town, 72, outdoor=-20.0, source=0.0)[-1]
    back = course(town, 1, outdoor=-20.0, state=cold.state)[-1]
    connected = back.share[0, 0, TR_1]
    assert connected > 0.4  # all but those whose pipes have burst
    assert by_cause(back, TR_1)["warming_up"] == pytest.approx(district(town)[TR_1] * connected)
    # 0.2 · 1.15 of what their radiators take is there: so many come back, and the others are short of it
    part = course(town, 1, outdoor=-20.0, state=cold.state, fuel=0.2)[-1]
    assert part.share[0, 0, TR_1] == pytest.approx(0.23)
    broken = part.state.share[[FROZEN, REFILLING], 0, TR_1].sum()
    assert 0.0 < broken < 0.77  # they are taken to be the first of those
    of = district(town)[TR_1]
    assert by_cause(part, TR_1) == pytest.approx({"warming_up": of * 0.23, "heat_short": of * 0.77})
    # operators who hold rooms at 8 °C leave them connected and cold
    low = course(settled(**BARE, heat_floor_c=8.0), 200, outdoor=-20.0, fuel=0.3)[-1]
    assert 0.0 < low.share[0, 0, TR_1] < 1.0
    assert by_cause(low, TR_1)["heat_short"] == pytest.approx(district(town)[TR_1])


def test_homes_without_any_heat_are_short_of_it_in_every_hour():
    town = settled(**BARE, loss_split=0.0)
    for services in ({"fuel": 0.0}, {"source": 0.0}):
        steps = course(town, 72, outdoor=-15.0, **services)
        for step in steps[24:]:
            assert by_cause(step, TR_1)["heat_short"] == pytest.approx(district(town)[TR_1])


def test_a_boiler_on_an_inverter_has_power_while_it_lasts():
    town = settled(**BARE, own_backup_h=400.0)
    own = dict(zip(OWN_HEAT, town[1].shown_own_share[:, 0, TR_1], strict=True))
    found = by_cause(course(town, 200, outdoor=-75.0, home_power=0.0)[-1], TR_1)
    lacking = own["own_gas_powered"] + own["own_electric"] + own["own_with_stove"]
    assert own["own_gas_backed"] > 0
    assert found["home_without_power"] == pytest.approx(lacking)
    assert found["beyond_installed"] == pytest.approx(1.0 - lacking)


def test_at_minus_seventy_undamaged_homes_are_cold_beyond_what_is_installed():
    cold = course(settled(**BARE), 200, outdoor=-70.0)[-1]
    for region in (TR_1, TR_2, TR_3):
        assert by_cause(cold, region) == pytest.approx({"beyond_installed": 1.0})


def test_where_a_building_settles_is_where_a_long_course_of_steps_ends():
    kept = settled()[1].response
    heat = np.full(kept.air_mass.shape, 30.0)
    mass = np.zeros_like(heat)
    for _ in range(3000):
        air, mass = kept.air_c(mass, -15.0, 3.0, heat), kept.mass_c(mass, -15.0, heat, 3.0)
    assert settled_line(kept).air_c(heat, np.array(-15.0), np.array(3.0)) == pytest.approx(air, abs=1e-9)


SHARE = st.floats(0, 1).map(lambda value: round(value, 3))
HELD = st.fixed_dictionaries(
    dict.fromkeys(("source", "network", "chp", "plant_power", "home_power", "fuel", "mains"), SHARE)
    | {"mobile_mw": st.sampled_from([0.0, 100.0])}
)


@given(st.lists(HELD, min_size=1, max_size=3), st.floats(-35, 5), st.sampled_from([0.25, 0.5, 1.0]))
@settings(max_examples=25 if LONG else 5, deadline=None)
def test_causes_add_up_and_none_is_negative_in_any_course_of_services(spells, outdoor, step_h):
    town = settled(step=STEPS[step_h])
    state = None
    for spell in spells:
        steps = course(town, 16, outdoor=outdoor, state=state, **spell)
        state = steps[-1].state
        for step in steps:
            assert causes(step).min() >= 0
            assert causes(step).sum(axis=0) == pytest.approx(step.cold_share[2], abs=1e-12)


@pytest.mark.gate  # at each edit: causes add up
def test_steps_of_15_30_and_60_minutes_give_the_same_person_hours_by_cause():
    found = []
    for minutes in (15, 30, 60):
        town = settled(step=STEPS[minutes / 60])
        lost = course(town, 48, outdoor=-15.0, source=0.7, plant_power=0.6, home_power=0.3, fuel=0.8)
        back = course(town, 24, outdoor=-15.0, state=lost[-1].state, home_power=0.9)
        found.append(sum(causes(step)[:, 0] for step in (*lost, *back)) * minutes / 60)
    whole = found[0].sum()
    assert (found[0].sum(axis=1) > 0).sum() >= 5
    for other in found[1:]:
        assert np.abs(other - found[0]).max() < 0.02 * whole


# Water


def works():
    """One city: 1,000 m³/h on average, a fifth of it lost on the way, and 2,000 m³ of reservoirs."""
    one = np.ones(1)
    return Waterworks(storage_m3=2000 * one, demand_m3_per_h=1000 * one, loss_m3_per_h=200 * one, litres=100 * one,
                      high_floor_share=0.25 * one, hold_h=6 * one)  # fmt: skip


def dry(hours, **changes):
    waterworks, one = works(), np.ones((1, 1))
    state = full(waterworks, 1)
    given = {"stations_left": one, "plant_power": one, "home_power": one, "pump_margin": 1.2, "step_h": 1.0} | changes
    for _ in range(hours):
        done = step_water(waterworks, state, **given)
        state = done.state
    parts = np.concatenate([done.dry_street, [done.dry_risers, done.dry_high_floors]])[:, 0, 0]
    assert parts.sum() == pytest.approx(1 - done.served_share.item(), abs=1e-12)
    assert (parts >= 0).all()
    return dict(zip(WATER_CAUSES, parts, strict=True))


def test_dry_taps_are_put_to_damaged_pumps_and_to_power_by_hand():
    one = np.ones((1, 1))
    # 0.3 of the city without stations: dry after two hours. Elsewhere pumps with half their power give 600 of 1,000,
    # and would give 1,200: all that lacks is power's. Reservoirs of 2,000 last five hours.
    found = dry(12, stations_left=0.7 * one, plant_power=0.5 * one)
    assert found == pytest.approx(
        {"pumps_damaged": 0.3, "pumps_without_power": 0.7 * 0.4, "reservoir_empty": 0.0, "risers_burst": 0.0,
         "high_floor_without_power": 0.0}
    )  # fmt: skip


def test_use_beyond_all_pumps_empties_reservoirs_and_power_explains_its_own_part_only():
    one = np.ones((1, 1))
    # taps want 2 · 800, mains lose 200: 1,800 of which pumps give 0.75 · 1,200 = 900. Of the 900 that lack, 300 are power's.
    found = dry(12, plant_power=0.75 * one, use=2.0)
    assert found["pumps_without_power"] == pytest.approx(0.5 * 300 / 900)
    assert found["reservoir_empty"] == pytest.approx(0.5 * 600 / 900)


def test_burst_risers_and_high_floors_are_dry_where_the_street_has_water():
    one = np.ones((1, 1))
    found = dry(1, dry_risers=0.1 * one, home_power=0.4 * one)
    # 0.9 have whole pipes, a quarter of them lives high, and 0.6 of those lack power
    assert found == pytest.approx(
        {"pumps_damaged": 0.0, "pumps_without_power": 0.0, "reservoir_empty": 0.0, "risers_burst": 0.1,
         "high_floor_without_power": 0.9 * 0.25 * 0.6}
    )  # fmt: skip


# Whole runs

EVENTS = [
    {"time": "2026-01-05 01:00", "target": "TR-1/heat_network", "kind": "outage", "share": 0.4, "duration_h": 30},
    {"time": "2026-01-05 01:00", "target": "TR-2/water_pumping", "kind": "outage", "share": 0.5},
    {"time": "2026-01-05 02:00", "target": "TR-2/delivery", "kind": "limit", "share": 0.2},
    {"time": "2026-01-05 03:00", "target": "TR-3/heat_source", "kind": "outage", "share": 0.6, "duration_h": 20},
]


@pytest.fixture(scope="module", params=at_gate([15, 30, 60], 3, first=2))
def struck(request):
    made = gm.Scenario.model_validate({
        "name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC", "start": "2026-01-05",
        "end": "2026-01-07", "step": STEPS[request.param / 60], "members": 3, "seed": 5, "events": EVENTS,
    })  # fmt: skip
    return gm.run(made)


@pytest.mark.parametrize("split", SPLITS, ids=lambda split: split.key)
def test_causes_add_up_to_the_count_in_every_member_step_and_region(struck, split):
    parts = struck[split.variable].astype(float)
    people = struck[split.count].transpose(*parts.dims[:-1])
    assert float(parts.min()) >= 0
    assert float(people.max()) > 1000
    # single precision: a part in ten million
    assert np.allclose(parts.sum(split.dim), people, rtol=3e-7, atol=1e-3)
    assert (parts.sum(("member", "time", "region")) > 0).sum() >= (4 if split.key == "heat_causes" else 2)


def test_a_summary_and_its_regions_have_person_hours_by_cause_that_add_up(struck):
    table, regions = gm.summarise(struck), gm.metrics.summarise_regions(struck)
    for split in SPLITS:
        names = [split.metric(str(cause)) for cause in struck[split.dim].to_numpy()]
        whole = f"person_hours_{split.count.removeprefix('people_')}"
        assert table.loc[names, "mean"].sum() == pytest.approx(table.loc[whole, "mean"], rel=1e-6)
        assert (table.loc[names, "unit"] == "h").all()
        assert regions[names].sum(axis=1).to_numpy() == pytest.approx(regions[whole].to_numpy(), rel=1e-6)


def test_cold_means_below_the_threshold_of_people_without_heat():
    town = settled()
    for step in course(town, 30, outdoor=-15.0, source=0.5, home_power=0.5)[::6]:
        assert COLD_THRESHOLDS_C[2] == 12.0
        assert causes(step).sum(axis=0) == pytest.approx(step.cold_share[2], abs=1e-12)


def test_cells_apart_have_the_causes_that_all_cells_together_have():
    _, homes, chosen = settled(members=2)
    state = warm_start(homes, chosen, np.full(3, -15.0), 2)
    apart = CellsState(every=state)
    for hour in range(60):
        source = np.array([[0.5, 1.0, 1.0], [1.0, 1.0, 0.7]]) if 2 <= hour < 30 else 1.0
        there = served(2, outdoor=-15.0, source=source, home_power=np.array([[0.2, 0.9, 1.0], [0.1, 1.0, 0.0]]))
        whole = step_homes(homes, state, chosen, there, step_h=1.0)
        done = step_cells(homes, apart, chosen, there, step_h=1.0, heaters=True)
        state, apart = whole.state, done.state
        people, got = np.array([1e6, 2e6, 3e6]), np.zeros((2, 3, len(HEAT_CAUSES)))
        want = whole.why.causes() * people[:, None]
        done.put_causes(got, people)
        assert (want == got).all()
    assert (want.sum(axis=(0, 1)) > 0).sum() >= 2
