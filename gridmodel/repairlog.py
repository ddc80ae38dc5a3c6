"""The repair log of a result: how it is written, and how it is read as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.events import Repairs
from gridmodel.names import DAMAGE_STATES
from gridmodel.scenario import DAMAGE_CLASSES

FLAGS: Mapping[str, tuple[str, ...]] = {
    "repair_region": (),
    "repair_class": DAMAGE_CLASSES,
    "repair_state": DAMAGE_STATES,
}
"""Words that the numbers of a variable stand for; those of `repair_region` are the regions of the network."""


def log_variables(
    repairs: Repairs | None, times: npt.NDArray[np.datetime64], *, step: np.timedelta64
) -> dict[str, npt.NDArray[np.generic]]:
    """Variables of the log by name, none where no strike is drawn.

    Parameters
    ----------
    repairs
        What was repaired when.
    times
        UTC start of every step, shape ``(time,)``.
    step
        Length of a step.
    """
    if repairs is None:
        return {}
    starts = times.astype("datetime64[ns]")
    whole = (repairs.state >= 0) & (repairs.end <= len(starts))
    steps = np.where(whole, repairs.end, 0).astype(np.intp)
    return {
        "crews_busy": repairs.busy.swapaxes(0, 1),
        "repair_begin": starts[repairs.begin],
        "repair_end": np.where(whole, starts[0] + steps * step, np.datetime64("NaT", "ns")),
        "repair_region": repairs.region.astype(np.int16),
        "repair_class": np.array([DAMAGE_CLASSES.index(what) for what in repairs.what], dtype=np.int8),
        "repair_state": repairs.state.astype(np.int8),
    }


def flag_attributes(name: str, dtype: np.dtype[np.generic], regions: Sequence[str]) -> dict[str, object]:
    """CF attributes that say what the numbers of a variable stand for; none for any other variable."""
    if name not in FLAGS:
        return {}
    words = FLAGS[name] or regions
    return {"flag_values": np.arange(len(words), dtype=dtype), "flag_meanings": " ".join(words)}


def repair_log(result: xr.Dataset) -> pd.DataFrame:
    """Repair log of a result as a table: one row a hit that arrived.

    Parameters
    ----------
    result
        What `gridmodel.run` returned, or a file of it.

    Returns
    -------
    pandas.DataFrame
        Columns ``member``, ``begin`` and ``end`` (UTC; no end where the run ends before), ``region`` (empty at a
        border), ``class`` and ``damage_state``, ordered by member and begin. Empty where the run drew no strike.
    """
    columns = ["member", "begin", "end", "region", "class", "damage_state"]
    if "repair_state" not in result:
        return pd.DataFrame({name: [] for name in columns})
    member, job = np.nonzero(result["repair_state"].to_numpy() >= 0)
    words = {name: np.array([*result[name].attrs["flag_meanings"].split(), ""], dtype=object) for name in FLAGS}
    region, state = (result[name].to_numpy()[member, job] for name in ("repair_region", "repair_state"))
    table = pd.DataFrame(
        {
            "member": result["member"].to_numpy()[member],
            "begin": result["repair_begin"].to_numpy()[job],
            "end": result["repair_end"].to_numpy()[member, job],
            "region": words["repair_region"][region],
            "class": words["repair_class"][result["repair_class"].to_numpy()[job]],
            "damage_state": words["repair_state"][state],
        }
    )
    return table.sort_values(["member", "begin"], kind="stable", ignore_index=True)
