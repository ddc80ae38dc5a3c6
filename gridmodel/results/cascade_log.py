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
    """Join the logs of blocks of members; nothing where cascades were not followed."""
    names = [f"cascade_{name}" for name in COLUMNS if f"cascade_{name}" in parts[0]]
    return xr.concat([part[names].drop_vars(["member", "time"], errors="ignore") for part in parts], dim="cascade_step")


def cascade_log(result: xr.Dataset) -> pd.DataFrame:
    """What events set off, entry by entry: member, time, round, mechanism, place, technology, MW, Hz.

    Parameters
    ----------
    result
        What `gridmodel.run` returned for a scenario with `cascade: overload` or `full`, or such a file.

    Raises
    ------
    InputError
        If cascades were not followed in it.
    """
    if "cascade_mw" not in result:
        message = "holds no log of cascades: run a scenario with `cascade: overload` or `cascade: full`"
        raise InputError([Problem(message=message, table="result")])
    columns = {name: result[f"cascade_{name}"].to_numpy() for name in COLUMNS}
    return xr.Dataset({name: ("entry", values) for name, values in columns.items()}).to_dataframe()


def by_mechanism(result: xr.Dataset) -> pd.DataFrame:
    """Sum up the log: for each mechanism the members it came up in, the times, and the mean MW of a time.

    Parameters
    ----------
    result
        What `gridmodel.run` returned with cascades followed.
    """
    log = cascade_log(result)
    events = log.groupby(["mechanism", "member", "time"], sort=False)["mw"].sum().reset_index()
    found = events.groupby("mechanism").agg(members=("member", "nunique"), times=("mw", "size"), mean_mw=("mw", "mean"))
    return found.reindex([name for name in CASCADE_STEPS if name in found.index])
