"""Damage in the logs of a result: repairs by region, and cascades, ready for JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.regions import local_times
from gridmodel.results.cascade_log import cascade_log
from gridmodel.results.metrics import QUANTILES
from gridmodel.results.repair_log import repair_log
from gridmodel.vocabulary import CASCADE_STEPS, DAMAGE_STATES


def repairs(result: xr.Dataset) -> dict[str, list[dict[str, Any]]] | None:
    """Sum hits by region (empty at a border), class and damage state; None if strikes were not sampled.

    `hits_p50` and `hits_p95` are quantiles over members of the number of hits, `members` counts those with any;
    `mended_share` is the share repaired before the run ends; `h05`, `h50` and `h95` are quantiles of the hours to
    repair, null where they are after the end.
    """
    if "repair_state" not in result:
        return None
    log = repair_log(result)
    log["hours"] = (log["end"] - log["begin"]).dt.total_seconds().fillna(np.inf) / 3600.0
    log["damage_state"] = pd.Categorical(log["damage_state"], DAMAGE_STATES)
    found: dict[str, list[dict[str, Any]]] = {}
    members = result.sizes["member"]
    for (region, what, state), hits in log.groupby(["region", "class", "damage_state"], observed=True):
        hours = hits["hours"].to_numpy(dtype=float)
        quantiles = np.quantile(hours, QUANTILES, method="inverted_cdf")
        hit = hits.groupby("member").size().to_numpy()
        middle, many = np.quantile(np.pad(hit, (0, members - len(hit))), (0.5, 0.95), method="inverted_cdf")
        found.setdefault(str(region), []).append(
            {
                "class": str(what), "state": str(state), "members": len(hit),
                "hits_p50": int(middle), "hits_p95": int(many),
                "mended_share": float(f"{np.isfinite(hours).mean():.4g}"),
                **{name: round(float(value), 1) if np.isfinite(value) else None
                   for name, value in zip(("h05", "h50", "h95"), quantiles, strict=True)},
            }
        )  # fmt: skip
    return found


def cascades(result: xr.Dataset) -> dict[str, Any] | None:
    """Sum cascades step by step; None if they were not simulated.

    One row per local time, mechanism and technology: the members in which it occurred, and the median of their MW.
    """
    if "cascade_mw" not in result:
        return None
    log = cascade_log(result)
    log["technology"] = log["technology"].astype(str)
    each = log.groupby(["time", "mechanism", "technology", "member"], sort=False)["mw"].sum().reset_index()
    rows = each.groupby(["time", "mechanism", "technology"], sort=False)["mw"].agg(["size", "median"]).reset_index()
    rows["mechanism"] = pd.Categorical(rows["mechanism"], CASCADE_STEPS)
    rows = rows.sort_values(["time", "mechanism", "technology"], kind="stable")
    local = local_times(rows["time"].to_numpy().astype("datetime64[m]"), str(result.attrs["timezone"]))
    mode = json.loads(str(result.attrs.get("scenario", "{}"))).get("cascade", "")
    return {
        "mode": str(mode),
        "rows": [
            {"t": int(moment.astype("datetime64[m]").astype(np.int64)), "mechanism": str(mechanism),
             "technology": str(technology), "members": int(size), "mw": float(f"{middle:.4g}")}
            for moment, mechanism, technology, size, middle
            in zip(local, rows["mechanism"], rows["technology"], rows["size"], rows["median"], strict=True)
        ],
    }  # fmt: skip
