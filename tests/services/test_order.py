"""The order beside the optimum: whole sub-queues, rounded up, stages and a reserve."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.power_systems import two_regions

from gridmodel.dispatch import Dispatcher
from gridmodel.network.grid import with_charging
from gridmodel.services.power.feedback import Heaters
from gridmodel.services.power.order import (
    INDUSTRY,
    OTHERS,
    counted_mw,
    make_order,
    stage_of,
)
from gridmodel.services.power.reserve import reserve_lacking_mw
from gridmodel.services.power.service import step as take
from gridmodel.services.power.step import first_state, step_power
from gridmodel.vocabulary import TIERS

CRITICAL, HOUSEHOLD = TIERS.index("critical"), TIERS.index("household")
NONE = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
ONE = np.array([[[30.0, 30.0, 20.0, 20.0]]])
"""One region of 100 MW, 30 of them critical. [MW]"""


def order(shed_mw, *, industry=0.0, reserve=0.0, at_least=0.0, whole=True):
    """Order where the optimum sheds some megawatts of the 70 that are not critical."""
    served = ONE * (1 - shed_mw / 70.0)
    served[..., CRITICAL] = 30.0
    return make_order(
        ONE, served, industry_limit=np.array(industry), reserve_mw=np.array([reserve]),
        at_least=np.array([[float(at_least)]]), whole=whole,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shed_mw", "subqueues"),
    [(0.0, 0), (1e-9, 0), (0.5, 1), (70 / 12, 1), (6.0, 2), (35.0, 6), (35.1, 7), (70.0, 12)],
)
def test_sub_queues_are_whole_and_rounded_up(shed_mw, subqueues):
    # each of twelve has 70 / 12 = 5.83 MW
    got = order(shed_mw)
    assert got.subqueues[0, 0] == subqueues
    assert got.served_mw[0, 0] == pytest.approx([30.0, *[x * (1 - subqueues / 12) for x in (30.0, 20.0, 20.0)]])


@pytest.mark.parametrize(
    ("off", "lacks_mw", "more"),
    [(6.0, 0.0, 0), (6.0, 10.0, 2), (6.0, 35.0, 6), (5.5, 0.0, 0.0), (5.5, 2.0, 0.5), (12.0, 0.0, 0.0)],
)
def test_with_those_of_a_timetable_sub_queues_of_an_order_are_whole_and_of_twelve(off, lacks_mw, more):
    # each of twelve has 5.83 MW, whether the timetable has it off or not; half of one is what an hour of two halves has
    on = 1.0 - off / 12
    reached = ONE * [1.0, on, on, on]
    served = reached * [1.0, *[1.0 - (lacks_mw / (70.0 * on) if on else 0.0)] * 3]
    got = make_order(
        reached, served, industry_limit=np.array(0.0), reserve_mw=np.zeros(1), at_least=np.zeros((1, 1)),
        by_timetable=np.array([off]),
    )  # fmt: skip
    assert got.subqueues[0, 0] == pytest.approx(more)
    assert got.served_mw[0, 0, 1:].sum() == pytest.approx(70.0 * (1.0 - (off + more) / 12))
    assert got.base_mw[0, 0] == pytest.approx(70.0 if on else 0.0)


def test_what_an_order_has_off_stays_off_beside_a_timetable_that_changes():
    # two of twelve until the hour ends: first beside six of a timetable, then, as it ends, alone; of eleven there is one
    for off, more in [(6.0, 2.0), (0.0, 2.0), (11.0, 1.0)]:
        reached = ONE * [1.0, *[1.0 - off / 12] * 3]
        got = make_order(
            reached, reached, industry_limit=np.array(0.0), reserve_mw=np.zeros(1), at_least=np.full((1, 1), 2.0),
            by_timetable=np.array([off]),
        )  # fmt: skip
        assert got.subqueues[0, 0] == more


def test_the_orders_of_a_day_round_to_the_half_queues_that_were_published():
    # 0.74, 1.80 and 2.26 queues of the optimum are 1, 2 and 2.5 of the order: half a queue is a sub-queue
    published = [order(70.0 * queues / 6.0).subqueues[0, 0] / 2.0 for queues in (0.74, 1.80, 2.26)]
    assert published == [1.0, 2.0, 2.5]


def test_limits_for_industry_come_before_any_sub_queue():
    got = order(9.0, industry=0.5)  # 10 of industry's 20 MW may be taken
    assert (got.industry_mw[0, 0], got.subqueues[0, 0]) == (pytest.approx(9.0), 0)
    assert got.served_mw[0, 0] == pytest.approx([30, 30, 20, 11])
    more = order(12.0, industry=0.5)  # 10 MW, and 2 of the 60 that remain: 2 / 5 of a sub-queue, rounded up
    assert (more.industry_mw[0, 0], more.subqueues[0, 0]) == (pytest.approx(10.0), 1)
    assert more.served_mw[0, 0, INDUSTRY] == pytest.approx(10 * 11 / 12)


def test_limits_for_industry_hold_for_exempt_firms_too():
    # 100 MW of industry, 90 of them exempt: a limit of 0.3 takes 30 MW, 27 from exempt firms. Of the 50 MW that are
    # missing 20 are left for 200 MW of homes and firms and 7 of industry in the queues: 1.16 of twelve, rounded up 2
    reached, kept = np.array([[[0.0, 150.0, 50.0, 100.0]]]), np.array([[[0.0, 0.0, 0.0, 0.9]]])
    queued = reached * (1 - kept)
    served = reached - 50.0 * queued / queued.sum()
    got = make_order(
        reached, served, industry_limit=np.array(0.3), reserve_mw=np.zeros(1), at_least=np.zeros((1, 1)), kept=kept
    )  # fmt: skip
    assert (got.industry_mw[0, 0], got.subqueues[0, 0]) == (30.0, 2.0)
    assert got.base_mw[0, 0] == pytest.approx(207.0)
    assert got.served_mw[0, 0] == pytest.approx(
        [0.0, 125.0, 125.0 / 3, 63.0 + 7.0 * 10 / 12]
    )  # 235.5, and the optimum 250


def test_where_all_twelve_are_off_only_what_limits_for_industry_leave_short_is_cut_from_who_is_outside():
    # 50 MW of homes, a fifth on shared feeders, and 50 of exempt firms; 34 MW are there. Limits take 25, all that is in
    # the queues is 40, and the last megawatt is cut from the 10 + 25 that are left outside. The optimum cuts 26 of 60
    reached, kept = np.array([[[0.0, 50.0, 0.0, 50.0]]]), np.array([[[0.0, 0.2, 0.0, 1.0]]])
    served = np.array([[[0.0, 10.0, 0.0, 50.0]]]) * 34 / 60
    got = make_order(
        reached, served, industry_limit=np.array(0.5), reserve_mw=np.zeros(1), at_least=np.zeros((1, 1)), kept=kept
    )  # fmt: skip
    assert (got.industry_mw[0, 0], got.subqueues[0, 0]) == (25.0, 12.0)
    assert got.served_mw[0, 0] == pytest.approx([0.0, 10 * 34 / 35, 0.0, 25 * 34 / 35])


def test_a_reserve_is_freed_on_top_of_what_is_missing():
    assert order(5.0, reserve=6.0).volume_mw[0, 0] == pytest.approx(11.0)
    assert order(5.0, reserve=6.0).subqueues[0, 0] == 2
    assert order(0.0, reserve=500.0).subqueues[0, 0] == 12


def test_a_reserve_counts_only_what_plant_can_add_within_the_limit_of_its_group():
    available, output = np.array([[100.0, 50.0, 80.0]]), np.array([[100.0, 20.0, 10.0]])
    groups = [(np.array([2]), np.array([30.0]))]  # 20 of its 70 MW of room are within the limit
    lacking = partial(reserve_lacking_mw, charging_mw=np.zeros((1, 0)))
    assert lacking(np.array(60.0), available, output, groups)[0] == pytest.approx(10.0)
    assert lacking(np.array(40.0), available, output, groups)[0] == 0.0
    assert lacking(np.array(60.0), available, output, [])[0] == 0.0


def test_what_is_off_stays_off_until_the_hour_ends():
    assert order(1.0, at_least=3).subqueues[0, 0] == 3
    assert order(50.0, at_least=3).subqueues[0, 0] == 9


@given(
    st.lists(st.floats(0, 1), min_size=3, max_size=3), st.floats(0, 1), st.floats(0, 200),
    st.sampled_from([0.0, 0.3, 1.0]),
)  # fmt: skip
def test_an_order_never_serves_a_region_more_than_the_optimum(shares, critical, reserve, industry):
    reached = np.tile(ONE, (1, 3, 1)) * np.array([1.0, 5.0, 0.1])[None, :, None]
    served = reached * np.array(shares)[None, :, None]
    served[..., CRITICAL] = reached[..., CRITICAL] * critical
    got = make_order(
        reached, served, industry_limit=np.array(industry), reserve_mw=np.array([reserve]),
        at_least=np.zeros((1, 3)),
    )  # fmt: skip
    others = list(OTHERS)
    rounding = 1e-5 * reached.sum(axis=-1)
    assert (got.served_mw[..., others].sum(-1) <= served[..., others].sum(-1) + rounding).all()
    assert np.array_equal(got.served_mw[..., CRITICAL], served[..., CRITICAL])
    off = (reached - got.served_mw)[..., others].sum(-1) - got.industry_mw
    one = ((reached[..., others].sum(-1) - got.industry_mw) / 12).clip(1e-12)
    assert off / one == pytest.approx(got.subqueues, abs=1e-6)
    assert (got.subqueues == np.round(got.subqueues)).all()
    if reserve == 0:  # never more than the next whole sub-queue
        least = got.volume_mw - got.industry_mw
        assert (off <= least + one + rounding).all()


@given(
    shares=st.lists(st.floats(0.01, 1), min_size=4, max_size=4), kept=st.lists(st.floats(0, 1), min_size=3, max_size=3),
    missing=st.floats(0, 1), limit=st.floats(0, 1), reserve=st.sampled_from([0.0, 20.0]), whole=st.booleans(),
)  # fmt: skip
def test_an_order_with_firms_outside_the_queues_serves_no_more_than_the_optimum(
    shares, kept, missing, limit, reserve, whole
):
    # the optimum cuts all that is in the queues alike, then who is outside them
    reached = 100.0 * np.array([[shares]])
    kept = np.array([[[0.0, *kept]]])
    queued, outside = reached * (1 - kept), reached * kept
    queued[..., CRITICAL] = outside[..., CRITICAL] = 0.0
    cut = missing * (queued + outside).sum()
    of_queued = min(cut / max(queued.sum(), 1e-9), 1.0)
    of_outside = (cut - of_queued * queued.sum()) / outside.sum() if of_queued == 1.0 and outside.sum() > 0 else 0.0
    served = reached - of_queued * queued - of_outside * outside
    got = make_order(
        reached, served, industry_limit=np.array(limit), reserve_mw=np.array([reserve]), at_least=np.zeros((1, 1)),
        kept=kept, whole=whole,
    )  # fmt: skip
    shed = (reached - got.served_mw)[0, 0]
    assert got.served_mw.sum() <= served.sum() + 1e-3
    assert got.industry_mw[0, 0] <= shed[INDUSTRY] + 1e-3
    if of_outside == 0.0 and reserve == 0.0:  # homes outside are on: the others are off for as long as the sub-queues
        assert shed[HOUSEHOLD] == pytest.approx(queued[0, 0, HOUSEHOLD] * got.subqueues[0, 0] / 12, abs=1e-3)


def test_stages_follow_each_other():
    subqueues = np.array([[0.0, 0.0, 4.0, 9.0, 4.0, 12.0]])
    before = np.array([[0.0, 0.0, 4.0, 9.0, 2.0, 12.0]])
    industry = np.array([[0.0, 5.0, 5.0, 5.0, 5.0, 5.0]])
    short = np.array([[False] * 5 + [True]])
    calm, struck = (
        stage_of(subqueues, before, industry, struck=np.array([hit]), critical_short=short)[0] for hit in (False, True)
    )
    assert calm.tolist() == [0, 1, 2, 3, 2, 4]
    assert struck.tolist() == [0, 1, 2, 3, 3, 4]


def test_eight_sub_queues_are_a_timetable_and_the_ninth_is_a_special_schedule():
    calm, nobody = np.array([False]), np.array([[False, False, False]])
    subqueues = np.array([[7.0, 8.0, 9.0]])
    got = stage_of(subqueues, subqueues, 0.0 * subqueues, struck=calm, critical_short=nobody)
    assert got.tolist() == [[2, 2, 3]]


def course(steps=4, *, settings=None, **options):
    """Steps of two regions that lack most of their imports: 30 of 100 MW remain."""
    out = np.ones((steps, 1, 3))
    out[:, 0, 2] = 0.3
    system = two_regions(
        steps=steps, capacity={"generator_share": out},
        options={"rotation": "queues", "cuts": "order", "cohorts": 12} | options,
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.0, "reserve_mw": 0.0}
        | (settings or {}),
    )  # fmt: skip
    state, done = first_state(system), []
    for step in range(steps):
        done.append(step_power(system, state, step, NONE))
        state = done[-1].state
    return done


def test_the_first_step_by_order_sheds_more_than_the_optimum_and_the_rest_is_the_cause_order():
    done, least = course(steps=1)[0], course(steps=1, cuts="optimum")[0]
    shed, at_least = ((one.demand_mw - one.served_mw).sum(axis=-1) for one in (done, least))
    assert at_least.sum() > 1  # 154 MW for 200
    assert (shed >= at_least - 1e-6).all()
    assert done.ordered.more_mw == pytest.approx(least.served_mw - done.served_mw, abs=1e-6)
    assert done.cause_mw[..., -1].sum() == pytest.approx((shed - at_least).sum())
    assert shed.sum() > at_least.sum() + 1


def test_a_run_by_order_switches_whole_sub_queues_and_its_megawatts_balance():
    for done in course():
        assert done.generation_mw.sum() == pytest.approx(done.served_mw.sum() + done.charging_mw.sum())
        assert done.cause_mw.sum(axis=-1) == pytest.approx(done.demand_mw - done.served_mw)
        assert done.shares.critical[0] == pytest.approx([1, 1])
        off = 1 - done.cohorts.power
        assert np.isin(np.round(off, 9), [0.0, 1.0]).all()  # whole sub-queues
        assert off.sum(axis=0) == pytest.approx(done.ordered.subqueues)


def test_a_reserve_leaves_plant_idle_that_the_optimum_runs():
    available = 120 + 100 / 24 + 30  # coal, the hour's part of a day's storage, and what remains of imports
    without, kept = (
        available - course(steps=1, settings={"reserve_mw": reserve})[0].generation_mw.sum() for reserve in (0.0, 25.0)
    )
    assert without < 25.0 - 1
    assert kept >= 25.0 - 1e-6


@pytest.mark.parametrize(
    ("stored", "reserve", "subqueues"), [(0.0, 20.0, 0), (0.0, 25.0, 1), (0.5, 25.0, 0), (0.5, 70.0, 0), (0.5, 75.0, 1)]
)
def test_storage_counts_towards_the_reserve_with_what_it_takes_and_could_give(stored, reserve, subqueues):
    # 220 MW are there for 200, and storage takes the rest: it can stop at once, and give 50 MW of its 50 MWh as well
    system = two_regions(
        options={"rotation": "queues", "cuts": "order", "cohorts": 12, "recharge": "surplus"},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.0, "reserve_mw": reserve,
                  "storage_start": stored},
    )  # fmt: skip
    fleet = system.fleet
    grid, index = with_charging(system.grid, system.index, fleet.limited, fleet.charges[fleet.limited])
    done = step_power(replace(system, dispatcher=Dispatcher(grid), index=index), first_state(system), 0, NONE)
    assert done.ordered.subqueues[0] == pytest.approx([subqueues] * 2)
    assert done.charging_mw[0] == pytest.approx([20])
    assert done.generation_mw[0, 1] == 0.0


@pytest.mark.parametrize(("reserve", "subqueues"), [(0.0, 2), (50.0, 2), (70.0, 3)])
def test_storage_that_is_held_back_is_reserve(reserve, subqueues):
    # 180 of 200 MW are there, so 10 are missing in each region; a sub-queue has 7.5; 50 MW are held back
    system = two_regions(
        capacity={"generator_share": np.tile([1.0, 1.0, 0.6], (4, 1, 1))},
        options={"rotation": "queues", "cuts": "order", "cohorts": 12},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.0, "reserve_mw": reserve},
    )  # fmt: skip
    system = replace(system, fleet=replace(system.fleet, reserve=np.array([False, True, False])))
    done = step_power(system, first_state(system), 0, NONE)
    assert done.ordered.subqueues[0] == pytest.approx([subqueues] * 2)
    assert done.generation_mw[0, 1] == 0.0


def test_what_an_order_spares_stays_in_storage_first_and_then_lowers_imports():
    order, optimum = course(), course(cuts="optimum")
    spared = order[0].ordered.more_mw.sum()
    assert spared > 1
    first, least = order[0].generation_mw[0], optimum[0].generation_mw[0]
    stored = min(spared, least[1])  # coal, storage, border: the rest comes off the dearest
    assert least - first == pytest.approx([0, stored, spared - stored], abs=1e-6)
    assert stored > 1
    assert order[0].state.stock.remaining_mwh.sum() > optimum[0].state.stock.remaining_mwh.sum() + 1
    assert optimum[-1].ordered is None


@pytest.mark.parametrize("cuts", ["order", "feeders"])
def test_homes_stay_on_where_limits_for_industry_take_all_that_is_missing(cuts):
    # 190 of 200 MW are there: each region lacks 5, and its industry of 20 gives up to 10
    share = np.tile([1.0, 0.0, 0.7], (4, 1, 1))
    system = two_regions(
        capacity={"generator_share": share}, options={"rotation": "queues", "cuts": cuts, "cohorts": 12},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.5, "reserve_mw": 0.0},
    )  # fmt: skip
    done = step_power(system, first_state(system), 0, NONE)
    assert done.served_mw[0] == pytest.approx(np.array([[10, 50, 20, 15]] * 2))
    assert done.ordered.industry_mw[0] == pytest.approx([5, 5])
    assert done.ordered.subqueues[0] == pytest.approx([0, 0], abs=1e-9)
    assert done.ordered.stage[0] == pytest.approx([1, 1])
    assert done.off.by_rotation[0] == pytest.approx([0, 0], abs=1e-9)
    assert done.cohorts.power == pytest.approx(1.0)
    assert done.generation_mw.sum() == pytest.approx(190)
    assert done.cause_mw.sum(axis=-1) == pytest.approx(done.demand_mw - done.served_mw, abs=1e-9)


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_storage_counts_towards_a_reserve_with_what_it_gives_for_an_hour_whatever_the_step(step_h):
    # 220 MW of coal and imports for 200, 20 to spare; storage of 50 MW has 20 MWh, which last an hour at 20 MW
    system = two_regions(
        options={"rotation": "queues", "cuts": "feeders", "recharge": "surplus", "cohorts": 12},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.0, "reserve_mw": 58.0},
    )  # fmt: skip
    system = replace(
        system,
        clock=replace(system.clock, step_h=step_h),
        fleet=replace(system.fleet, charges=np.array([False, True, False])),
    )
    state = first_state(system)
    stock = replace(state.stock, remaining_mwh=np.full((1, 1), 20.0), planned_mw=np.zeros((1, 1, 3)))
    done = step_power(system, replace(state, stock=stock), 1, NONE)
    charging = done.charging_mw.sum()  # what it takes of the surplus ends when reserve is called
    shed = (done.demand_mw - done.served_mw).sum()
    assert done.generation_mw[0, 1] == 0.0
    assert shed == pytest.approx(58.0 - 20.0 - 20.0)
    assert charging <= 20.0


def two_hours(step_h, *, cuts, stored_mwh, plant=(1.0, 1.0, 0.3), reserve_mw=0.0):
    """Two hours in steps with a share of coal, storage and the border; nothing is planned for what is in storage."""
    steps = round(2 / step_h)
    system = two_regions(
        steps=steps, capacity={"generator_share": np.tile(plant, (steps, 1, 1))},
        options={"rotation": "queues", "cuts": cuts, "cohorts": 12, "cold_load_pickup": False},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.0, "reserve_mw": reserve_mw},
    )  # fmt: skip
    local = np.datetime64("2026-01-05T00", "s") + np.arange(steps) * np.timedelta64(round(3600 * step_h), "s")
    system = replace(
        system, clock=replace(system.clock, step_h=step_h, local=local, midnight=np.zeros(steps, dtype=bool))
    )
    state, done = first_state(system), []
    stock = replace(state.stock, remaining_mwh=np.full((1, 1), stored_mwh), planned_mw=np.zeros((1, 1, steps)))
    state = replace(state, stock=stock)
    for step in range(steps):
        done.append(step_power(system, state, step, NONE))
        state = done[-1].state
    return done


def by_hour(first, second, step_h):
    """Return the value of each step of two hours."""
    return pytest.approx(np.repeat([first, second], round(1 / step_h)), abs=1e-6)


@pytest.mark.parametrize("cuts", ["order", "feeders", "optimum"])
@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_storage_gives_what_no_plan_needs_evenly_until_the_hour_ends(step_h, cuts):
    # 50 of 200 MW are missing; storage has 25 MWh: 25 MW for an hour, then none
    done = two_hours(step_h, cuts=cuts, stored_mwh=25.0)
    if cuts != "optimum":
        off = [one.ordered.subqueues[0, 0] for one in done[: len(done) // 2]]
        assert off == pytest.approx([2.0 if cuts == "order" else 12 * 25 / 180] * len(off))
    if cuts != "order":  # whole sub-queues leave 5 MWh in storage
        assert [(one.demand_mw - one.served_mw).sum() for one in done] == by_hour(25.0, 50.0, step_h)


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_what_an_order_spares_counts_from_the_next_hour_on_whatever_the_step(step_h):
    # 25 of 200 MW lack in the first hour: two sub-queues of 15 MW spare 5 MWh, and 45 of 50 MW lack in the second
    done = two_hours(step_h, cuts="order", stored_mwh=25.0)
    assert [one.cause_mw[..., :-1].sum() for one in done] == by_hour(25.0, 45.0, step_h)
    assert [one.cause_mw[..., -1].sum() for one in done] == by_hour(5.0, 0.0, step_h)
    assert done[-1].state.stock.remaining_mwh.item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_reserve_in_storage_is_what_there_is_for_the_hour_of_an_order(step_h):
    # with 190 MW of coal 10 of 200 MW come from 30 MWh, and 20 MW are reserve; 20 MWh leave 10, so that 10 MW are cut
    done = two_hours(step_h, cuts="feeders", stored_mwh=30.0, plant=(190 / 120, 1.0, 0.0), reserve_mw=20.0)
    assert [one.generation_mw[0, 1] for one in done] == by_hour(10.0, 0.0, step_h)
    assert [(one.demand_mw - one.served_mw).sum() for one in done] == by_hour(0.0, 10.0, step_h)


@pytest.mark.parametrize(("line_mw", "stored_mw"), [(75.0, 5.0), (70.0, 7.5), (60.0, 17.5)])
def test_storage_gives_no_more_of_what_an_order_spares_than_cannot_be_brought_from_elsewhere(line_mw, stored_mw):
    # 50 MW of storage, then 30 of 100 MW from abroad: 40 MW lack to the reserve. Three sub-queues in each region take
    # 45 MW, so storage keeps back 45 of its 50 MW, as far as the line brings 77.5 MW to B
    system = two_regions(
        line_mw=line_mw, options={"rotation": "queues", "cuts": "order", "cohorts": 12},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.0, "reserve_mw": 110.0},
    )  # fmt: skip
    done = step_power(system, first_state(system), 0, NONE)
    assert done.ordered.subqueues[0] == pytest.approx([3, 3])
    assert done.served_mw.sum(axis=-1)[0] == pytest.approx([77.5, 77.5])
    assert done.generation_mw[0] == pytest.approx([120.0, stored_mw, 35.0 - stored_mw], abs=1e-6)


def test_storage_gives_what_cannot_be_brought_from_elsewhere():
    system = two_regions(
        capacity={"branch_share": np.zeros((4, 1, 1))}, options={"rotation": "queues", "cuts": "order", "cohorts": 12},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.0, "reserve_mw": 0.0},
        consumers={"effective_c": np.zeros((4, 2)), "tier_share": np.array([[0.01, 0.49, 0.25, 0.25]] * 2)},
    )  # fmt: skip
    done = step_power(system, first_state(system), 0, NONE)  # B is an island with 4.2 MW of storage for 100
    assert done.served_mw[0, 0].sum() == pytest.approx(100.0)
    assert done.shares.critical[0] == pytest.approx([1, 1])
    assert done.generation_mw.sum() == pytest.approx(done.served_mw.sum())


@pytest.mark.parametrize("cuts", ["order", "feeders"])
def test_nobody_orders_anything_on_a_dead_island(cuts):
    # B is cut off without plant for two hours; in the third a tenth of its queues an hour may return
    branch = np.ones((4, 1, 1))
    branch[1:3] = 0.0
    out = np.tile([1.0, 0.0, 1.0], (4, 1, 1))
    system = two_regions(
        capacity={"branch_share": branch, "generator_share": out}, options={"rotation": "queues", "cuts": cuts, "cohorts": 12},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.3, "reserve_mw": 0.0,
                  "restore_share_per_h": 0.1},
    )  # fmt: skip
    state, told = first_state(system), []
    nothing = {"heater_wanted_mw": np.zeros((1, 2)), "heater_wanted_share": np.zeros((1, 2)),
               "critical_charging_mw": np.zeros((1, 2)), "home_charging_mw": np.zeros((1, 2))}  # fmt: skip
    for step in range(4):
        state, shown = take(system, state, nothing, step)
        told.append(
            {name: shown[name][0, 1] for name in ("subqueues_off", "cut_stage", "industry_limited_mw", "ordered_mw")}
        )
        if step in (1, 2):
            assert shown["shed_mw"][0, 1].sum() == pytest.approx(100.0)
            assert shown["people_off_by_damage"][0, 1] == 100e3
    assert [set(told[step].values()) for step in (0, 1, 2)] == [{0.0}] * 3
    back = 11.0 if cuts == "order" else 11.4  # of twelve that were off; feeders fall to 10.8 by the end of the hour
    assert told[3]["subqueues_off"] == pytest.approx(back)
    assert told[3]["cut_stage"] == 3
    assert told[3]["ordered_mw"] > 0


def test_feeders_are_cut_to_the_megawatt_with_the_reserve_and_after_industry():
    got = order(9.0, reserve=6.0, industry=0.5, whole=False)  # 15 MW, 10 of them industry's; 5 of the 60 that are left
    assert got.subqueues[0, 0] == pytest.approx(12 * 5 / 60)
    assert (30.0 + 40.0 - got.served_mw[0, 0, 1:].sum()) == pytest.approx(15.0)
    assert got.base_mw[0, 0] == pytest.approx(60.0)


def back_after(hours, *, step_h, cuts, share):
    """Steps of two hours in which 50 of 200 MW are missing, and of some in which a share of the queues may return."""
    first, steps = round(2 / step_h), round((2 + hours) / step_h)
    out = np.tile([1.0, 0.0, 1.0], (steps, 1, 1))
    out[:first, 0, 2] = 0.3
    system = two_regions(
        steps=steps, capacity={"generator_share": out},
        options={"rotation": "fixed", "cuts": cuts, "cohorts": 12, "cold_load_pickup": False},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.0, "reserve_mw": 0.0,
                  "restore_share_per_h": share},
    )  # fmt: skip
    system, done = replace(system, clock=replace(system.clock, step_h=step_h)), []
    state = first_state(system)
    for step in range(steps):
        done.append(step_power(system, state, step, NONE))
        state = done[-1].state
    return done[first - 1 :]


def test_what_is_off_returns_no_faster_than_it_can_be_switched_on():
    # 25 of 90 MW are off in a region, 3.33 of twelve or four whole ones; a tenth of the queues an hour is 1.2 of twelve
    for step_h, cuts, after, last in ((1.0, "feeders", 0.6, 1.8), (0.5, "feeders", 0.3, 0.9), (1.0, "order", 1.0, 2.0)):
        off = [done.ordered.subqueues[0] for done in back_after(2 * step_h, step_h=step_h, cuts=cuts, share=0.1)]
        assert off[0] == pytest.approx(np.full(2, 10 / 3 if cuts == "feeders" else 4.0))
        assert off[1] == pytest.approx(off[0] - after)  # feeders at the middle of a step; of whole ones 1.2 allows one
        assert off[2] == pytest.approx(off[0] - last)


@pytest.mark.parametrize("step_h", [1.0, 0.5, 0.25])
@pytest.mark.parametrize(
    ("share", "hours_off"),
    [(0.05, 3 * 10 / 3 - 0.6 * 4.5), (0.2, (10 / 3) ** 2 / 4.8), (99.0, (10 / 3) ** 2 / 2376), (100.0, 0.0)],
)
def test_what_feeders_that_return_leave_off_does_not_depend_on_the_step(step_h, share, hours_off):
    # a straight line from 3.33 of twelve: by 0.6 an hour, or by 2.4, to nothing after 83 minutes
    last, *back = back_after(3, step_h=step_h, cuts="feeders", share=share)
    shed_mwh = sum((done.demand_mw - done.served_mw)[0].sum() for done in back) * step_h
    assert sum(done.ordered.subqueues[0, 0] for done in back) * step_h == pytest.approx(hours_off)
    assert shed_mwh == pytest.approx(50.0 * hours_off / (10 / 3), abs=1e-6)
    assert last.ordered_mw[0, 0] == pytest.approx(25.0)
    assert sum(done.ordered_mw[0, 0] for done in back) * step_h == pytest.approx(25.0 * hours_off / (10 / 3), abs=1e-6)


@pytest.mark.parametrize(
    ("share", "course_off"),
    [(0.05, [5, 4, 3, 2]), (0.1, [5, 4, 3, 2]), (0.17, [5, 3, 1, 0]), (0.25, [5, 2, 0, 0]), (100.0, [5, 0, 0, 0])],
)
def test_whole_sub_queues_return_no_faster_than_they_may_and_at_least_one_an_hour(share, course_off):
    # 0.6, 1.2, 2.04 and 3 of twelve may return in an hour; at first 74 of 180 MW in the queues are missing, five of twelve
    out = np.ones((4, 1, 3))
    out[0, 0] = [1.0, 0.0, 0.06]
    system = two_regions(
        steps=4, capacity={"generator_share": out}, options={"rotation": "queues", "cuts": "order", "cohorts": 12},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.0, "reserve_mw": 0.0,
                  "restore_share_per_h": share},
    )  # fmt: skip
    state, off = first_state(system), []
    for step in range(4):
        done = step_power(system, state, step, NONE)
        state = done.state
        off.append(done.ordered.subqueues[0, 0])
    assert off == course_off
    assert not np.signbit(off).any()  # none is 0, not -0


@given(st.lists(st.tuples(st.floats(0, 12), st.floats(1, 500)), min_size=1, max_size=30))
def test_an_order_as_it_is_counted_is_that_of_feeders_each_with_what_it_carried(course):
    # 1,200 feeders in a list: the last to go off is the first of a mean of those that are off to come back
    carried, counted, before = [], np.array(0.0), 0.0
    for subqueues, base in course:
        feeders = round(100 * subqueues)
        counted = counted_mw(counted, np.array(before), np.array(feeders / 100), np.array(base))
        if feeders >= len(carried):
            carried += [base / 1200] * (feeders - len(carried))
        else:
            carried = [np.mean(carried)] * feeders
        before = feeders / 100
        assert counted == pytest.approx(sum(carried), rel=1e-6, abs=1e-6)


def test_an_order_rises_less_than_the_demand_of_a_morning_and_ends_with_it():
    # half of 100 MW is missing at night, half of 200 in the morning: the same feeders are off
    night = counted_mw(np.zeros(1), np.zeros(1), np.full(1, 6.0), np.full(1, 100.0))
    morning = counted_mw(night, np.full(1, 6.0), np.full(1, 6.0), np.full(1, 200.0))
    assert (night[0], morning[0]) == (50.0, 50.0)
    assert counted_mw(morning, np.full(1, 6.0), np.zeros(1), np.full(1, 200.0))[0] == 0.0


def test_a_run_counts_what_it_orders_and_what_industry_leaves():
    last = course(steps=3, cuts="feeders", settings={"industry_limit_share": 0.2})
    for done in last:
        assert (done.ordered.industry_mw > 0).all()
        shed = (done.demand_mw - done.served_mw).sum(axis=-1)
        off_mw = done.ordered.subqueues / 12 * done.ordered.base_mw
        assert shed == pytest.approx(off_mw + done.ordered.industry_mw, rel=1e-6)
    first, then = last[0], last[1]
    assert first.state.ordered_mw == pytest.approx(first.ordered.subqueues / 12 * first.ordered.base_mw)
    made = counted_mw(first.state.ordered_mw, first.ordered.subqueues, then.ordered.subqueues, then.ordered.base_mw)
    assert then.state.ordered_mw == pytest.approx(made)
