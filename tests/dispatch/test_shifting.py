"""Storage that charges by cutting, against values worked out by hand and a solver."""

import numpy as np
import pytest
from scipy.optimize import minimize

from gridmodel.dispatch.shifting import shift, shifting_plan


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

    balance = {"type": "ineq", "fun": lambda both: energy + efficiency * both[5:].sum() - both[:5].sum()}
    fits = {"type": "ineq", "fun": lambda both: room - efficiency * both[5:].sum()}
    bounds = [(0, power)] * 5 + [(0, charge * here) for here in window]
    best = minimize(squares, np.zeros(10), bounds=bounds, constraints=[balance, fits], method="SLSQP",
                    options={"maxiter": 500, "ftol": 1e-12})  # fmt: skip
    assert squares(np.concatenate([given, taken])) <= best.fun * (1 + 1e-6) + 1e-6
    assert given.sum() <= energy + efficiency * taken.sum() + 1e-6
    assert efficiency * taken.sum() <= room + 1e-6


def test_plans_of_several_stores_are_the_same_alone_and_in_company():
    random = np.random.default_rng(1)
    deficit = random.uniform(-50, 300, (7, 24, 2))
    power, charge = random.uniform(0, 80, (7, 3, 24)), np.array([40.0, 0.0, 60.0])
    energy, room, island = random.uniform(0, 100, (7, 3)), random.uniform(0, 100, (7, 3)), np.array([0, 0, 1])
    more = {"efficiency": np.array([0.8, 1.0, 0.7]), "step_h": 1.0}
    given, taken = shifting_plan(deficit, power, charge, energy, room, island, **more)
    assert not taken[:, 1].any()
    assert taken[:, [0, 2]].any()
    for rows in ([3], [1, 5]):
        again = shifting_plan(deficit[rows], power[rows], charge, energy[rows], room[rows], island, **more)
        assert again[0].tobytes() == np.ascontiguousarray(given[rows]).tobytes()
        assert again[1].tobytes() == np.ascontiguousarray(taken[rows]).tobytes()
