"""Log of repairs, read back from a result as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

FLAGS = ("repair_region", "repair_class", "repair_state")
"""Variables whose numbers stand for words, which their attributes give."""


def repair_log(result: xr.Dataset) -> pd.DataFrame:
    """Return the repair log of a result as a table: one row per hit that arrived.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.

    Returns
    -------
    pandas.DataFrame
        Columns ``member``, ``begin`` and ``end`` (UTC; no end if the run ends first), ``region`` (empty at a
        border), ``class`` and ``damage_state``, ordered by member and begin. Empty without sampled strikes.

    Examples
    --------
    >>> import gridmodel as gm
    >>> strike = {"time": "2026-01-05 03:00", "target": "TR-1/heat_source", "kind": "strike"}
    >>> strike |= {"hits_before_interception": 3, "interception": 0.0}
    >>> scenario = gm.load_scenario("three-region").replace(events=[strike], deterministic=False, members=2)
    >>> log = gm.repair_log(gm.run(scenario.replace(end="2026-01-05 06:00")))
    >>> log.groupby("member").size().to_dict()  # every hit arrives
    {0: 3, 1: 3}
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
