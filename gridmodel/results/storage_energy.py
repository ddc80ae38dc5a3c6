"""Energy of reservoirs, pumped storage and batteries in a run: what they gave and took, and what came from outside."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.results.steps import as_run, step_h

CHARGED = ("pumped_storage", "battery")
"""Technologies that are charged; water of others is theirs."""
FIELDS = ("start_mwh", "took_mwh", "added_mwh", "gave_mwh", "lost_mwh", "end_mwh")
"""Energies of a technology: start, took and added are together as much as gave, lost and end."""


def storage_energy(result: xr.Dataset) -> dict[str, dict[str, float]]:
    """Compute what each technology with limited energy gave and took in a run, means over members. [MWh]

    Returns
    -------
    dict
        By technology `FIELDS`, of those that store anything; empty where a result does not say. `added_mwh` is what
        nobody generated: water of reservoirs, what `recharge: overnight` takes as recharged, and batteries that arrive
        charged.

    Notes
    -----
    In each step the store and what it gave rise by what came in. More than it took is added, less is lost. A result
    begins with the end of the first step, in which as great a part of what is taken is lost as in all others, and
    nothing is added. Ours.

    Examples
    --------
    >>> import gridmodel as gm
    >>> storage_energy(gm.run("three-region"))  # nothing is stored there
    {}
    """
    result = as_run(result)
    hours = step_h(result)
    if not {"storage_mwh", "charging_mw", "generation_mw"} <= set(result.data_vars):
        return {}
    found = {}
    for name in map(str, result["technology"].to_numpy()):
        stored, took, gave = (
            values.transpose("member", "time").to_numpy().astype(float)
            for values in (
                result["storage_mwh"].sel(technology=name), result["charging_mw"].sel(technology=name) * hours,
                result["generation_mw"].sel(technology=name).sum("region") * hours,
            )
        )  # fmt: skip
        if stored.max(initial=0.0) > 0 or took.max(initial=0.0) > 0:
            found[name] = dict(zip(FIELDS, _balance(stored, took, gave), strict=True))
    return found


def _balance(stored: Floats, took: Floats, gave: Floats) -> list[float]:
    """Return `FIELDS` of one technology from energy by step, each of shape ``(member, time)``. [MWh]"""
    came = np.diff(stored, axis=1) + gave[:, 1:]
    added, lost = (np.maximum(sign * (came - took[:, 1:]), 0.0).sum(axis=1) for sign in (1.0, -1.0))
    later = took[:, 1:].sum(axis=1)
    lost_share = np.divide(lost, later, out=np.zeros_like(lost), where=later > 0)
    lost = lost + np.clip(lost_share, 0.0, 1.0) * took[:, 0]
    start = stored[:, 0] + gave[:, 0] - (1.0 - np.clip(lost_share, 0.0, 1.0)) * took[:, 0]
    return [float(one.mean()) for one in (start, took.sum(axis=1), added, gave.sum(axis=1), lost, stored[:, -1])]
