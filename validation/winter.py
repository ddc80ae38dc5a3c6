"""Run the winter of 2025/26 in blocks of members, and keep of each only what was reported about: by day and by event.

A run of 166 days has ten gigabytes with a hundred members; blocks of twenty, each with a seed of its own, are reduced
one after the other to the numbers that `validation.operators` asks for.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.scenario import load_scenario
from gridmodel.services.cohorts import SUBQUEUES
from gridmodel.studies.run import run
from validation.operators import OPERATORS, read_observations

SCENARIO = "winter-2025-26"
BLOCK = 20
"""Members of a block. Ours: 2 GB in memory."""
BLOCKS = 4
"""Blocks of the scored run."""


OWN = ("home_without_power", "home_without_gas", "beyond_installed")
"""Causes of cold in homes that heat themselves."""


def values(result: xr.Dataset, observations: pd.DataFrame) -> Floats:
    """Return what a result says for each observation, shape ``(observation, member)``."""
    rows = [{str(name): cell for name, cell in row.items()} for row in observations.to_dict("records")]
    return np.stack([OPERATORS[row["operator"]](result, row) for row in rows])


def block(number: int) -> dict[str, Floats]:
    """Run a block of members and return its values by observation, and daily hours off by region."""
    scenario = load_scenario(SCENARIO)
    result = run(scenario.replace(members=BLOCK, seed=int(scenario.seed) + number))
    return {"observed": values(result, read_observations()), **daily(result)}


def daily(result: xr.Dataset) -> dict[str, Floats]:
    """Return daily means for the pages: hours off by the order, the country's balance, ``(day, member, …)``."""
    days = result["local_time"].to_numpy().astype("datetime64[D]")
    _, day = np.unique(days, return_inverse=True)
    order = result["subqueues_off"].transpose("time", "member", "region").to_numpy() * (24.0 / SUBQUEUES)

    def means(numbers: Floats) -> Floats:
        count = np.bincount(day).reshape(-1, *[1] * (numbers.ndim - 1))
        found = np.zeros((len(count), *numbers.shape[1:]))
        np.add.at(found, day, numbers)
        return found / count

    both = ("region", "tier")
    return {
        "hours_off": means(order),
        "need_mw": means(result["demand_mw"].sum(both).transpose("time", "member").to_numpy()),
        "missing_mw": means(result["shed_mw"].sum(both).transpose("time", "member").to_numpy()),
        "import_mw": means(result["import_mw"].transpose("time", "member").to_numpy()),
        "generation_mw": means(
            result["generation_mw"].sum(("region", "technology")).transpose("time", "member").to_numpy()
        ),
        "order_12_january": np.asarray(
            result["subqueues_off"].isel(time=np.flatnonzero(days == np.datetime64("2026-01-12"))).mean("region")
            .transpose("time", "member").to_numpy()
        ) / 2.0,
        "without_heat": means(result["people_without_heat"].sum("region").transpose("time", "member").to_numpy()),
        "own_cold": means(
            result["people_without_heat_cause"].sel(heat_cause=list(OWN)).sum(("region", "heat_cause"))
            .transpose("time", "member").to_numpy()
        ),
        "critical_short_kyiv": np.asarray(_critical_short(result, "UA-30", "2026-01-13")),
    }  # fmt: skip


def _critical_short(result: xr.Dataset, region: str, date: str) -> Floats:
    """Return the largest share of critical demand that is not served in a region and the night of a day, by member."""
    days = result["local_time"].to_numpy().astype("datetime64[D]")
    here = result.isel(time=np.flatnonzero(days == np.datetime64(date))).sel(region=region, tier="critical")
    return np.asarray((here["shed_mw"] / here["demand_mw"]).max("time").to_numpy())


def ensemble(blocks: Sequence[int] = range(BLOCKS), workers: int = 1) -> dict[str, Floats]:
    """Run blocks and join their members along the axis of members."""
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            parts = list(pool.map(block, blocks))
    else:
        parts = [block(number) for number in blocks]
    return joined(parts)


def joined(parts: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    """Join blocks: values have members on axis 1, except those that have only members."""
    return {
        name: np.concatenate([part[name] for part in parts], axis=min(1, parts[0][name].ndim - 1)) for name in parts[0]
    }


def save(path: Path, found: Mapping[str, Floats]) -> None:
    """Write an ensemble as a compressed file of numpy."""
    kept: dict[str, Any] = {name: np.asarray(value, dtype=np.float32) for name, value in found.items()}
    np.savez_compressed(path, **kept)


if __name__ == "__main__":
    save(Path(sys.argv[1]), ensemble([int(number) for number in sys.argv[2:]]))
