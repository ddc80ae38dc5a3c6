"""The log of cascades: noted step by step, joined to the result, and read back as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.electricity import CascadeStep
from gridmodel.errors import InputError, Problem
from gridmodel.names import CASCADE_STEPS, CASCADE_VARIABLES, TECHNOLOGIES
from gridmodel.prepare import Plan
from gridmodel.supply.cascade import NOMINAL_HZ

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("member", "time", "round", "mechanism", "place", "technology", "mw", "hz")
"""Columns of the log; in a result each is a variable `cascade_…`."""


class Journal:
    """Collects what steps show of cascades."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._nadir = np.full((len(plan.members), len(plan.times)), NOMINAL_HZ)
        self._parts: list[dict[str, npt.NDArray[np.generic]]] = []

    @classmethod
    def of(cls, plan: Plan) -> Journal | None:
        """Return one where cascades are followed."""
        return None if plan.scenario.cascade == "none" else cls(plan)

    def note(self, now: int, step: CascadeStep) -> None:
        """Note a step."""
        self._nadir[:, now] = step.nadir_hz
        for part in step.log.parts:
            if len(part["row"]):
                self._parts.append(part | {"now": np.full(len(part["row"]), now)})

    def dataset(self) -> xr.Dataset:
        """Return the log, member by member in the order of events, and the frequency where it is followed."""
        plan = self._plan
        names = ("row", "now", "number", "mechanism", "place", "technology", "mw", "hz")
        none = {name: np.zeros(0, dtype=float if name in {"mw", "hz"} else np.intp) for name in names}
        joined = {name: np.concatenate([none[name], *(part[name] for part in self._parts)]) for name in names}
        order = np.argsort(joined["row"], kind="stable")
        entry = {name: values[order] for name, values in joined.items()}
        regions, kinds = np.array([*plan.network.regions, "border"]), np.array([*TECHNOLOGIES, ""])
        columns = {
            "member": np.array(plan.members)[entry["row"]],
            "time": plan.times.astype("datetime64[ns]")[entry["now"]],
            "round": entry["number"],
            "mechanism": np.array(CASCADE_STEPS)[entry["mechanism"]],
            "place": regions[entry["place"]],
            "technology": kinds[entry["technology"]],
            "mw": entry["mw"],
            "hz": entry["hz"],
        }
        data = xr.Dataset({f"cascade_{name}": ("cascade_step", columns[name]) for name in COLUMNS})
        if plan.scenario.cascade == "full":
            data["frequency_nadir_hz"] = (("member", "time"), self._nadir)
        for name, values in data.items():
            variable = CASCADE_VARIABLES[str(name)]
            values.attrs = {"long_name": variable.long_name}
            if variable.units:
                values.attrs["units"] = variable.units
            if variable.cell_methods:
                values.attrs["cell_methods"] = variable.cell_methods
        return data


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
