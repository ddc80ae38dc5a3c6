"""Storage that charges by cutting, against values worked out by hand and a solver."""

import numpy as np
import pytest
from scipy.optimize import minimize

from gridmodel.dispatch.shifting import shift, shifting_plan
from gridmodel.dispatch.storage import Stock, day_plan


def one(deficit, *, power=60.0, charge=60.0, energy=0.0, room=99.0, efficiency=0.5, window=None):
    missing = np.array([deficit], dtype=float)
    may = np.full(missing.shape, charge) if window is None else charge * np.array([window], dtype=float)
    given, taken = shift(
        missing, np.full(missing.shape, power), may, np.array([energy]), np.array([room]), efficiency=efficiency,
        step_h=1.0,
    )  # fmt: skip
    return given[0], taken[0]


def test_charging_stops_where_a_megawatt_hour_cut_spares_no_more_than_its_efficiency():
    # 100 - λ = 0.5 (0.5 λ - 10), so λ = 84: half of the level at night, 42, is 32 above what lacks there
    given, taken = one([10, 100], window=[1, 0])
    assert given == pytest.approx([0, 16])
    assert taken == pytest.approx([32, 0])
    # a night as short as half the day's peak: nothing is worth its losses
    given, taken = one([50, 100], window=[1, 0])
    assert given == pytest.approx([0, 0], abs=1e-6)
    assert taken == pytest.approx([0, 0], abs=1e-6)


def test_charging_takes_a_surplus_first_and_no_more_than_fits():
    given, taken = one([-30, 10, 100], window=[1, 1, 0], room=10)
    assert taken == pytest.approx([20, 0, 0])  # 10 MWh of room
    assert given == pytest.approx([0, 0, 10])
    given, taken = one([5, 15, 900], window=[1, 1, 0], charge=20, power=999)
    assert taken == pytest.approx([20, 20, 0])
    assert given == pytest.approx([0, 0, 20])
    given, taken = one([0, 10, 900], window=[1, 1, 0], power=999, room=15)
    assert taken == pytest.approx([20, 10, 0])  # level with each other, 30 MWh in all
    assert given == pytest.approx([0, 0, 15])


def test_nothing_is_given_before_a_peak_of_what_is_charged_after_it():
    # the first peak has nothing; the second is 16 MW lower at the level 84, for 32 MW taken at its half, 42
    given, taken = one([100, 10, 100], window=[1, 1, 0])
    assert given == pytest.approx([0, 0, 16])
    assert taken == pytest.approx([0, 32, 0])


def test_a_store_that_is_full_in_between_gives_more_before_and_less_after():
    # 10 MWh fit: x levels what is before, 0.5 (0.5 x - 10) twice less 50 - x are 10 MWh, so x = 46.7
    given, taken = one([10, 50, 10, 100], window=[1, 0, 1, 0], room=10)
    assert given == pytest.approx([0, 10 / 3, 0, 10])
    assert taken == pytest.approx([40 / 3, 0, 40 / 3, 0])


def walked(deficit, plan, *, power, energy, full, efficiency, recharges=False):
    """Shed power of each hour of a run: what is in store is used as `Stock` allows and charged as is planned."""
    stock = Stock(remaining_mwh=np.array([[energy]]), planned_mw=plan[0], taken_mw=plan[1])
    shed = []
    for missing in deficit:
        room = (full - stock.remaining_mwh[0, 0]) / efficiency
        takes = min(stock.taken_mw[0, 0, 0], room) if stock.taken_mw.size else 0.0
        if recharges and stock.planned_mw[0, 0, 0] <= 0:
            takes = max(takes, min(power, room, max(-missing, 0.0)))
        most = stock.most_mw(np.array([[power]]), np.array([efficiency]), step_h=1.0)[0, 0]
        gives = 0.0 if takes > 0 else min(most, max(missing, 0.0))
        shed.append(max(missing - gives + takes, 0.0))
        stock = stock.use(np.array([[gives]]), np.array([[takes]]), np.array([efficiency]), step_h=1.0)
        assert -1e-9 <= stock.remaining_mwh[0, 0] <= full + 1e-9
    return np.array(shed)


def plans(seed):
    random = np.random.default_rng(seed)
    deficit = random.uniform(random.choice([-60, 0]), 120, random.integers(3, 13))
    case = {
        "power": random.uniform(10, 80), "full": random.uniform(20, 300), "efficiency": random.uniform(0.5, 1.0),
    }  # fmt: skip
    case["energy"] = case["full"] * random.uniform(0, 1)
    most, energy = np.full((1, 1, len(deficit)), case["power"]), np.array([[case["energy"]]])
    some = {"efficiency": np.array([case["efficiency"]]), "step_h": 1.0}
    missing, place = deficit[None, :, None], np.array([0])
    cutting = shifting_plan(missing, most, most, energy, np.array([[case["full"]]]) - energy, place, **some)
    surplus = day_plan(missing, most, energy, place, step_h=1.0), np.zeros((0, 1, len(deficit)))
    return deficit, cutting, surplus, case


@pytest.mark.parametrize("seed", range(40))
def test_a_run_that_follows_a_plan_sheds_what_the_plan_says(seed):
    deficit, (given, taken), _, case = plans(seed)
    shed = walked(deficit, (given, taken), **case)
    assert shed == pytest.approx(np.maximum(deficit - given[0, 0] + taken[0, 0], 0.0), abs=1e-5)


@pytest.mark.parametrize("seed", range(40))
def test_cutting_leaves_the_deepest_hour_no_deeper_than_a_surplus_alone_does(seed):
    deficit, cutting, surplus, case = plans(seed)
    deepest, plain = (walked(deficit, plan, **case, recharges=True).max() for plan in (cutting, surplus))
    assert deepest <= plain + 1e-5


@pytest.mark.parametrize("seed", range(6))
def test_no_other_charging_and_output_leaves_less_shed_in_squares(seed):
    random = np.random.default_rng(seed)
    deficit, power, charge = random.uniform(-20, 100, 5), random.uniform(5, 60), random.uniform(5, 60)
    energy, room, efficiency = random.uniform(0, 30), random.uniform(5, 90), random.uniform(0.5, 0.95)
    window = np.arange(5) < deficit.argmax()
    given, taken = one(
        deficit, power=power, charge=charge, energy=energy, room=room, efficiency=efficiency, window=window
    )

    def squares(both):
        return float((np.maximum(deficit - both[:5] + both[5:], 0.0) ** 2).sum())

    def slope(both):
        shed = 2.0 * np.maximum(deficit - both[:5] + both[5:], 0.0)
        return np.concatenate([-shed, shed])

    so_far = np.tril(np.ones((5, 5))) @ np.hstack([-np.eye(5), efficiency * np.eye(5)])  # in the order of hours
    balance = {"type": "ineq", "fun": lambda both: energy + so_far @ both, "jac": lambda _: so_far}
    fits = {"type": "ineq", "fun": lambda both: room - so_far @ both, "jac": lambda _: -so_far}
    bounds = [(0, power)] * 5 + [(0, charge * here) for here in window]
    best = minimize(squares, np.zeros(10), jac=slope, bounds=bounds, constraints=[balance, fits], method="SLSQP",
                    options={"maxiter": 500, "ftol": 1e-8})  # fmt: skip
    found = np.concatenate([given, taken])
    assert best.success
    assert squares(found) == pytest.approx(best.fun, rel=1e-5, abs=1e-4)
    assert (so_far @ found).min() >= -energy - 1e-9
    assert (so_far @ found).max() <= room + 1e-9


def test_plans_of_several_stores_are_the_same_alone_and_in_company():
    random = np.random.default_rng(1)
    deficit = random.uniform(-50, 300, (7, 24, 2))
    power = random.uniform(0, 80, (7, 3, 24))
    charge = power * np.array([0.8, 0.0, 1.0])[:, None]
    energy, room, island = random.uniform(0, 100, (7, 3)), random.uniform(0, 100, (7, 3)), np.array([0, 0, 1])
    more = {"efficiency": np.array([0.8, 1.0, 0.7]), "step_h": 1.0}
    given, taken = shifting_plan(deficit, power, charge, energy, room, island, **more)
    assert not taken[:, 1].any()
    assert taken[:, [0, 2]].any()
    for rows in ([3], [1, 5]):
        again = shifting_plan(deficit[rows], power[rows], charge[rows], energy[rows], room[rows], island, **more)
        assert again[0].tobytes() == np.ascontiguousarray(given[rows]).tobytes()
        assert again[1].tobytes() == np.ascontiguousarray(taken[rows]).tobytes()
