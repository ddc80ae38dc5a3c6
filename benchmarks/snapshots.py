"""Snapshots for the benchmark, as a file that every engine reads: one grid, many hours of need and damage.

Usage: ``python benchmarks/snapshots.py GRID COUNT FILE [FACTOR]`` with GRID one of national, case118, case1354pegase, or
the path of a file such as case_ACTIVSg2000.m; FACTOR is by how much demand is multiplied.

Limits of regions and of groups are left out, since not every peer has them; imports of the national grid are cut
to 1,200 MW at the borders instead. Ratings, islands, damage and regional noise of need stay.
"""

from __future__ import annotations

import dataclasses
import sys
import warnings
from pathlib import Path

import numpy as np

from gridmodel.interchange import load_network, read_foreign
from gridmodel.network import Grid, build_grid
from gridmodel.scenario import load_scenario
from gridmodel.services.power.consumers import demand_ahead
from gridmodel.simulation.inputs import run_inputs

SEED = 20260108


def national(count: int) -> tuple[Grid, np.ndarray, np.ndarray, np.ndarray]:
    """Hours of January 2026 with 100 members each: demand noise by region, units and corridors lost at random."""
    members = min(100, count)
    inputs = run_inputs(load_scenario("january-2026").replace(members=members, events=()))
    made = inputs.parts["power"]
    rng = np.random.default_rng(SEED)
    hours = -(-count // members)
    grid = build_grid(inputs.network)[0]  # loads of tiers alone, as published cases have them
    need, available, share = [], [], []
    for hour in range(hours):
        now = hour * 504 // hours
        noise = rng.normal(1.0, 0.05, (members, grid.regions)).clip(0.5, 1.5)
        need.append(demand_ahead(made.consumers, made.settings, now).reshape(members, -1) * noise[:, grid.load_region])
        most = np.tile(made.capacity.available_mw[now], (members, 1))
        borders = made.index.technology < 0
        most[:, borders] *= 1200.0 / most[:, borders].sum(axis=1, keepdims=True)
        available.append(most * np.where(rng.random(most.shape) < 0.1, rng.random(most.shape), 1.0))
        left = np.ones((members, len(made.index.branches)))
        left[:, rng.random(left.shape[1]) < 0.02] = 0.0  # one wave takes corridors for all members alike
        share.append(np.where(rng.random(left.shape) < 0.02, 0.5 * left, left))
    grid = dataclasses.replace(grid, groups=(), transfers=())
    return grid, np.vstack(need)[:count], np.vstack(available)[:count], np.vstack(share)[:count]


def published(name: str, count: int, factor: float) -> tuple[Grid, np.ndarray, np.ndarray, np.ndarray]:
    """A published case with demand noise, a tenth of the plants short, and branches lost."""
    import pandapower.networks as nw

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        foreign = read_foreign(load_network(name) if Path(name).is_file() else getattr(nw, name)())
    rng = np.random.default_rng(SEED)
    loads, sources = len(foreign.need_mw), len(foreign.available_mw)
    grid = foreign.grid
    cost = np.round(np.linspace(10, 90, sources), 2)
    grid = dataclasses.replace(grid, generator_bus=grid.generator_bus[:sources], generator_cost=cost,
                               shift_rad=np.zeros_like(grid.shift_rad))  # fmt: skip
    need = factor * np.maximum(foreign.need_mw, 0.0) * rng.normal(1.0, 0.05, (count, loads)).clip(0.5, 1.5)
    most = np.minimum(foreign.available_mw, need.sum(axis=1, keepdims=True))
    available = most * np.where(rng.random((count, sources)) < 0.1, rng.random((count, sources)), 1.0)
    patterns = np.where(rng.random((8, len(grid.branch_from))) < 0.01, 0.0, 1.0) * foreign.in_service
    share = patterns[rng.integers(0, 8, count)]
    return grid, need, available, share


def main() -> None:
    """Write the file."""
    name, count, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    factor = float(sys.argv[4]) if len(sys.argv) > 4 else 1.0
    grid, need, available, share = national(count) if name == "national" else published(name, count, factor)
    arrays = {
        field.name: getattr(grid, field.name)
        for field in dataclasses.fields(grid)
        if field.name not in {"groups", "transfers", "buses", "regions", "places", "spread", "ties", "links"}
    }
    np.savez(path, **arrays, buses=grid.buses, regions=grid.regions, need=need, available=available, share=share)


if __name__ == "__main__":
    main()
