"""Log of cascades, read back from a result as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.vocabulary import CASCADE_STEPS

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("member", "time", "round", "mechanism", "place", "technology", "mw", "hz")
"""Columns of the log; in a result each is a variable `cascade_…`."""


def joined_log(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Join the logs of blocks of members; empty if cascades were not simulated."""
    names = [f"cascade_{name}" for name in COLUMNS if f"cascade_{name}" in parts[0]]
    return xr.concat([part[names].drop_vars(["member", "time"], errors="ignore") for part in parts], dim="cascade_step")


def cascade_log(result: xr.Dataset) -> pd.DataFrame:
    """Return the log of cascades, entry by entry: member, time, round, mechanism, place, technology, MW, Hz.

    Parameters
    ----------
    result
        Result of `gridmodel.run` for a scenario with `cascade: overload` or `full`, or its file opened.

    Raises
    ------
    InputError
        If cascades were not simulated.

    Examples
    --------
    >>> import gridmodel as gm
    >>> event = {"time": "2026-01-05 03:00", "target": "TR-1/nuclear", "kind": "outage", "share": 0.5}
    >>> scenario = gm.load_scenario("three-region").replace(cascade="full", events=[event], end="2026-01-05 06:00")
    >>> gm.cascade_log(gm.run(scenario))["mechanism"].unique().tolist()
    ['loss', 'tie_opening', 'under_frequency', 'tie_closing']
    """
    if "cascade_mw" not in result:
        message = "contains no log of cascades: run a scenario with `cascade: overload` or `cascade: full`"
        raise InputError([Problem(message=message, table="result")])
    columns = {name: result[f"cascade_{name}"].to_numpy() for name in COLUMNS}
    return xr.Dataset({name: ("entry", values) for name, values in columns.items()}).to_dataframe()


def by_mechanism(result: xr.Dataset) -> pd.DataFrame:
    """Sum the log by mechanism: members in which it occurred, number of times, and MW of each time.

    MW are the mean, the median (`p50_mw`, what is typical) and `p95_mw`: one time in twenty is worse.

    Parameters
    ----------
    result
        Result of `gridmodel.run` with cascades simulated.
    """
    log = cascade_log(result)
    events = log.groupby(["mechanism", "member", "time"], sort=False)["mw"].sum().reset_index()
    groups = events.groupby("mechanism")
    found = groups.agg(members=("member", "nunique"), times=("mw", "size"), mean_mw=("mw", "mean"))
    found = found.assign(p50_mw=groups["mw"].quantile(0.50), p95_mw=groups["mw"].quantile(0.95))
    return found.reindex([name for name in CASCADE_STEPS if name in found.index])
