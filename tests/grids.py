"""Small random grids, and an independent linear programme that says what their optimum is."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from gridmodel.network import Grid


def grid_of(
    *, buses, branches, generators, loads, regions=None, groups=(), transfers=()
):  # branches: (from, to, b, rating[, shift]); generators: (bus, cost); loads: (bus, shed cost)
    """A grid from plain lists."""
    column = list(zip(*branches, strict=True)) if branches else [(), (), (), ()]
    shift = column[4] if len(column) > 4 else np.zeros(len(branches))
    return Grid(
        buses=buses,
        branch_from=np.array(column[0], dtype=np.intp),
        branch_to=np.array(column[1], dtype=np.intp),
        susceptance_mw=np.array(column[2], dtype=float),
        shift_rad=np.array(shift, dtype=float),
        rating_mw=np.array(column[3], dtype=float),
        generator_bus=np.array([bus for bus, _ in generators], dtype=np.intp),
        generator_cost=np.array([cost for _, cost in generators], dtype=float),
        load_bus=np.array([bus for bus, _ in loads], dtype=np.intp),
        load_cost=np.array([cost for _, cost in loads], dtype=float),
        load_region=np.array(regions if regions is not None else [bus for bus, _ in loads], dtype=np.intp),
        regions=buses,
        groups=tuple((np.array(members, dtype=np.intp), float(limit)) for members, limit in groups),
        transfers=tuple((np.array(m, dtype=np.intp), np.array(s, float), float(limit)) for m, s, limit in transfers),
    )


def optimum(grid, need, available, *, share=None, delivery=None):
    """Least cost of one snapshot by scipy's linprog on the full bus-angle form, written apart from the library.

    Returns cost [EUR/h], shedding counted at its cost, and the served power of each load [MW].
    """
    share = np.ones(len(grid.branch_from)) if share is None else share
    g, n, b, k = len(available), grid.buses, len(grid.branch_from), len(need)
    columns = g + k + n + b  # output, shed, angle, flow
    cost = np.concatenate([grid.generator_cost, grid.load_cost, np.zeros(n + b)])
    balance = np.zeros((n, columns))
    fixed = np.zeros(n)
    for i, bus in enumerate(grid.generator_bus):
        balance[bus, i] = 1
    for i, bus in enumerate(grid.load_bus):
        balance[bus, g + i] = 1
        fixed[bus] += need[i]
    physics = np.zeros((b, columns))
    offset = np.zeros(b)
    for i in range(b):
        balance[grid.branch_from[i], g + k + n + i] -= 1
        balance[grid.branch_to[i], g + k + n + i] += 1
        physics[i, g + k + n + i] = 1
        if share[i] > 0:
            physics[i, g + k + grid.branch_from[i]] = -grid.susceptance_mw[i]
            physics[i, g + k + grid.branch_to[i]] = grid.susceptance_mw[i]
            offset[i] = -grid.susceptance_mw[i] * grid.shift_rad[i]
    limits, bound = [], []
    for members, limit in grid.groups:
        row = np.zeros(columns)
        row[members] = 1
        limits.append(row)
        bound.append(limit)
    if delivery is not None:
        for region, most in enumerate(delivery):
            if np.isfinite(most):
                row = np.zeros(columns)
                row[g + np.flatnonzero(grid.load_region == region)] = -1
                limits.append(row)
                bound.append(most - need[grid.load_region == region].sum())
    for members, sign, limit in grid.transfers:
        row = np.zeros(columns)
        row[g + k + n + members] = sign
        limits.append(row)
        bound.append(limit)
    rating = np.where(share > 0, grid.rating_mw * share, 0)
    bounds = (
        [(0, a) for a in available] + [(0, d) for d in need] + [(-1e3, 1e3)] * n
        + [(-r, r) if np.isfinite(r) else (None, None) for r in rating]
    )  # fmt: skip
    got = linprog(
        cost, A_ub=np.array(limits) if limits else None, b_ub=bound or None,
        A_eq=np.vstack([balance, physics]), b_eq=np.concatenate([fixed, offset]), bounds=bounds, method="highs",
    )  # fmt: skip
    assert got.status == 0, got.message
    return got.fun, need - got.x[g : g + k]


@st.composite
def cases(draw, *, limits=True):
    """A grid with its snapshot: islands, several costs, parallel branches, branches that are out."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    buses = draw(st.integers(1, 8))
    count = draw(st.integers(0, 12)) if buses > 1 else 0
    ends = [rng.choice(buses, 2, replace=False) for _ in range(count)]
    tight = draw(st.booleans())
    branches = [
        (int(a), int(b), float(rng.uniform(50, 3000)), float(rng.uniform(5, 60) if tight else 1e4),
         0.0 if tight else float(rng.choice([0.0, 0.0, 0.02])))
        for a, b in ends
    ]  # fmt: skip
    generators = [
        (int(rng.integers(buses)), float(rng.choice([5.0, 5.0, 20.0, 70.0]))) for _ in range(draw(st.integers(0, 6)))
    ]
    loads = [
        (int(rng.integers(buses)), float(rng.choice([3000.0, 3000.0, 10000.0])))
        for _ in range(draw(st.integers(1, 10)))
    ]
    groups = []
    if limits and len(generators) > 2 and rng.random() < 0.5:
        groups = [(rng.choice(len(generators), 2, replace=False), float(rng.uniform(0, 80)))]
    transfers = []
    shifted = any(branch[4] for branch in branches)  # a circulating flow may break a limit whatever is shed
    if limits and count > 1 and not shifted and rng.random() < 0.3:
        transfers = [([0, 1], [1.0, -1.0], float(rng.uniform(5, 40)))]
    grid = grid_of(
        buses=buses, branches=branches, generators=generators, loads=loads, groups=groups, transfers=transfers
    )
    need = np.round(rng.uniform(0, 60, len(loads)), 3) * (rng.random(len(loads)) > 0.1)
    available = np.round(rng.uniform(0, 120, len(generators)), 3) * (rng.random(len(generators)) > 0.2)
    share = np.where(rng.random(count) < 0.25, 0.0, np.where(rng.random(count) < 0.2, 0.5, 1.0))
    delivery = np.where(rng.random(buses) < 0.3, rng.uniform(0, 60, buses), np.inf) if limits else None
    return grid, need, available, share, delivery
