"""Plans of storage that a surplus refills, against values worked out by hand and a linear programme."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from gridmodel.dispatch.shifting import refilled_plan
from gridmodel.dispatch.storage import Stock, day_plan


def plan(deficit, *, energy, full, power=100.0, efficiency=0.8, step_h=1.0):
    missing = np.asarray(deficit, dtype=float)
    most = np.full((1, 1, len(missing)), power)
    return refilled_plan(
        missing[None, :, None], most, np.clip(-missing, 0.0, most), np.array([[energy]]), np.array([[full - energy]]),
        np.array([0]), efficiency=np.array([efficiency]), step_h=step_h,
    )[0, 0]  # fmt: skip


def walked(deficit, *, energy, full, power, efficiency, again=True):
    """Go through a day hour by hour; plan at its start, and again once a surplus that charged has ended."""
    shed, stored, charged = np.zeros(len(deficit)), energy, False
    stock = Stock(remaining_mwh=np.zeros((1, 1)), planned_mw=np.zeros((1, 1, len(deficit) + 1)))
    for hour, lacks in enumerate(deficit):
        if hour == 0 and not again:
            made = day_plan(
                deficit[None, :, None],
                np.full((1, 1, len(deficit)), power),
                np.array([[stored]]),
                np.array([0]),
                step_h=1.0,
            )
            stock = Stock(remaining_mwh=np.array([[stored]]), planned_mw=made)
        elif hour == 0 or (again and charged and lacks >= 0):
            made = plan(deficit[hour:], energy=stored, full=full, power=power, efficiency=efficiency)
            assert made.sum() <= stored + 1e-9
            stock, charged = Stock(remaining_mwh=np.array([[stored]]), planned_mw=made[None, None]), False
        share = np.array([efficiency])
        most = float(stock.most_mw(np.array([[power]]), share, step_h=1.0)[0, 0])
        gave = min(most, max(lacks, 0.0))
        took = min(power, max(-lacks, 0.0), (full - stored) / efficiency)
        stock = stock.use(np.array([[gave]]), np.array([[took]]), share, step_h=1.0)
        charged |= took > 0
        shed[hour], before, stored = max(lacks - gave, 0.0), stored, float(stock.remaining_mwh[0, 0])
        assert 0 <= gave <= power
        assert stored == pytest.approx(before + efficiency * took - gave, abs=1e-9)
        assert -1e-9 <= stored <= full + 1e-9
    return shed


def shallowest(deficit, *, energy, full, power, efficiency):
    """The least that the deepest hour can be short of with perfect foresight: output, charging and depth."""
    hours = len(deficit)
    so_far = np.tril(np.ones((hours, hours)))
    change = np.hstack([-so_far, efficiency * so_far, np.zeros((hours, 1))])
    short = np.hstack([-np.eye(hours), np.zeros((hours, hours)), -np.ones((hours, 1))])
    found = linprog(
        np.eye(2 * hours + 1)[-1], A_ub=np.vstack([-change, change, short]),
        b_ub=np.concatenate([np.full(hours, energy), np.full(hours, full - energy), -np.maximum(deficit, 0.0)]),
        bounds=[(0, min(power, max(lacks, 0))) for lacks in deficit] + [(0, min(power, max(-lacks, 0))) for lacks in deficit] + [(0, None)],
    )  # fmt: skip
    assert found.success
    return found.fun


@st.composite
def days(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    deficit = random.uniform(-150, 200, draw(st.integers(2, 9)))
    deficit[: draw(st.integers(0, len(deficit)))] *= draw(st.sampled_from([1.0, 1.0, -1.0]))
    full = random.uniform(20, 300)
    store = {"energy": full * draw(st.sampled_from([0.0, 0.3, 1.0])), "full": full}
    return deficit, store | {"power": random.uniform(20, 150), "efficiency": random.uniform(0.5, 1.0)}


@given(days())
def test_the_deepest_hour_is_as_deep_as_with_perfect_foresight_and_no_deeper_than_without_another_plan(day):
    deficit, store = day
    deepest = walked(deficit, **store).max()
    assert deepest == pytest.approx(shallowest(deficit, **store), abs=1e-5)
    assert deepest <= walked(deficit, **store, again=False).max() + 1e-5


def test_what_is_refilled_in_between_may_be_used_up_before_it():
    # 100 of 100 MWh in store, and 125 MW for an hour refill them
    assert plan([100, 60, -125, 100], energy=100.0, full=100.0, power=125.0) == pytest.approx([70, 30, 0, 0])


def test_what_a_small_surplus_cannot_refill_is_kept_for_later():
    # 25 MW put 20 MWh back: 120 MWh are level over two hours that lack 100 MW each, of which 60 are needed first
    assert plan([100, -25, 100], energy=100.0, full=100.0) == pytest.approx([60, 0, 40])


def test_a_surplus_refills_nothing_where_a_store_is_full_already():
    assert plan([-50, 100, 60, -125, 100], energy=100.0, full=100.0, power=125.0) == pytest.approx([0, 70, 30, 0, 0])


def test_a_surplus_after_which_nothing_lacks_is_not_waited_for():
    assert plan([100, 60, -50], energy=100.0, full=100.0) == pytest.approx([70, 30, 0])


@pytest.mark.parametrize("an_hour", [1, 2, 4])
def test_plans_are_the_same_in_steps_of_any_length(an_hour):
    deficit = np.repeat([100.0, 40.0, -25.0, 90.0, -60.0, 70.0], an_hour)
    by_step = plan(deficit, energy=70.0, full=100.0, step_h=1 / an_hour)
    by_hour = plan([100, 40, -25, 90, -60, 70], energy=70.0, full=100.0)
    assert by_step == pytest.approx(np.repeat(by_hour, an_hour), abs=1e-6)


def test_plans_of_several_stores_are_the_same_alone_and_in_company():
    random = np.random.default_rng(2)
    deficit = random.uniform(-150, 200, (9, 12, 2))
    power, energy, room = (
        random.uniform(20, 90, (9, 3, 12)),
        random.uniform(0, 99, (9, 3)),
        random.uniform(0, 99, (9, 3)),
    )
    island = np.array([0, 0, 1])
    surplus = np.minimum(power, np.maximum(-np.moveaxis(deficit, 1, 2)[:, island], 0.0) / 2.0)
    more = {"efficiency": np.array([0.8, 1.0, 0.7]), "step_h": 1.0}
    made = refilled_plan(deficit, power, surplus, energy, room, island, **more)
    assert (made.sum(axis=2) <= energy + 1e-9).all()
    assert (made <= power + 1e-9).all()
    for rows in ([3], [1, 5], [8, 0]):
        again = refilled_plan(deficit[rows], power[rows], surplus[rows], energy[rows], room[rows], island, **more)
        assert again.tobytes() == np.ascontiguousarray(made[rows]).tobytes()
