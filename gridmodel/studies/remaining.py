"""Needs of each region that help meets, what remains of them, and what the next euro buys there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import ceil

import pandas as pd
import xarray as xr

from gridmodel.results.needs import NEEDS, needs
from gridmodel.results.sendable import UNIT_OF
from gridmodel.scenario import Mitigation, Scenario
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate
from gridmodel.studies.grouping import ASIDE, TRUCK_M3_PER_DAY

COUNTRY = "ALL"
"""Region of help for the whole country, as a ranking has it."""
COLUMNS = ("region_name", "need_is", "unit", "needed_p50", "needed_p95", "met_p50", "met_p95", "remains_p50",
           "remains_p95")  # fmt: skip
"""Columns of the table, in order."""
RUNS = 2
"""Runs that the table takes."""


def remaining(scenario: Scenario, bought: Sequence[Mitigation]) -> pd.DataFrame:
    """Run a scenario without and with help, and compare the needs of every region.

    Returns
    -------
    pandas.DataFrame
        As `what_remains` returns it.
    """
    before = simulate(run_inputs(scenario))
    acting = [one for one in bought if one.kind not in ASIDE]
    after = simulate(run_inputs(scenario.replace(mitigations=(*scenario.mitigations, *acting)))) if acting else before
    return what_remains(before, after, bought)


def what_remains(before: xr.Dataset, after: xr.Dataset, bought: Sequence[Mitigation]) -> pd.DataFrame:
    """Compare the needs of two runs, and take off what help meets that changes no run.

    Parameters
    ----------
    before, after
        Results without and with the help.
    bought
        The help.

    Returns
    -------
    pandas.DataFrame
        Index ``(region, need)``; columns `COLUMNS`: what is needed without the help, the part of it that is met, and
        what remains, typical (``p50``) and in the bad case (``p95``). What is met is negative where help brings needs
        of its own, as generators burn diesel. What remains is in whole units that are sent.
    """
    first, then = needs(before), needs(after)
    rows = {}
    pairs = itertools.product(map(str, before["region"].to_numpy()), NEEDS)
    for region, need in (pair for pair in pairs if pair in first.index or pair in then.index):
        key = (region, need)
        source = first if key in first.index else then
        about = {name: str(source[name].get(key)) for name in ("region_name", "need_is", "unit")}
        there = brought_by([one for one in bought if one.region == region]).get(need, 0.0)
        unit, row = about["unit"], dict[str, object](about)
        for part in ("p50", "p95"):
            needed, left = (float(table[part].get(key, 0.0)) for table in (first, then))
            remains = in_units(left - there, unit)
            row |= {f"needed_{part}": needed, f"met_{part}": float(f"{needed - remains:.10g}"),
                    f"remains_{part}": remains}  # fmt: skip
        rows[region, need] = row
    index = pd.MultiIndex.from_tuples(list(rows), names=["region", "need"])
    return pd.DataFrame(list(rows.values()), index=index, columns=list(COLUMNS))


def brought_by(bought: Sequence[Mitigation]) -> dict[str, float]:
    """Return what help meets of needs that no run shows, in their units: places to get warm, and water.

    Examples
    --------
    >>> brought_by([Mitigation(kind="water_truck", region="A", size=2)])
    {'water_m3_per_day': 60.0}
    """
    found: dict[str, float] = {}
    for kind, need, each in (
        ("warming_points", "warm_places", 1.0), ("water_truck", "water_m3_per_day", TRUCK_M3_PER_DAY)
    ):  # fmt: skip
        sizes = [option.size for option in bought if option.kind == kind]
        if sizes:
            found[need] = each * sum(sizes)
    return found


def in_units(value: float, unit: str) -> float:
    """Return what remains of a need, rounded up to whole units that are sent, not to digits; nothing below none.

    Examples
    --------
    >>> in_units(270_000.0 - 9_330.0, "1"), in_units(-4.0, "MW"), in_units(0.25, "MW")
    (260700.0, 0.0, 0.3)
    """
    each = UNIT_OF[unit]
    return float(f"{max(ceil(value / each - 1e-6), 0) * each:.10g}")


def next_euro(ranking: pd.DataFrame, chosen: Sequence[str]) -> dict[str, str]:
    """Return by region the option that the next euro would go to: of those not bought, the best for its cost.

    Parameters
    ----------
    ranking
        As `gridmodel.rank_mitigations` returns it; help for the whole country has the region `COUNTRY`.
    chosen
        Names of the options that are bought.
    """
    rest = ranking[~ranking["option"].isin(chosen) & (ranking["saved_h"] > 0)]
    rest = rest.sort_values("saved_h_per_eur", ascending=False, kind="stable", na_position="first")
    best = rest.drop_duplicates("region")
    return dict(zip(best["region"].astype(str), best["option"].astype(str), strict=True))
