"""Summary of a result as it is written for other programs: metrics, regions and moments, ready for JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr

from gridmodel.results.cascade_log import by_mechanism
from gridmodel.results.deadlines import deadlines
from gridmodel.results.drivers import moved_by
from gridmodel.results.handed_on import attributes_without_folders
from gridmodel.results.metrics import summarise_regions
from gridmodel.results.needs import needs
from gridmodel.results.storage_energy import storage_energy
from gridmodel.results.weather_notes import weather_notes


def summary_json(result: xr.Dataset, table: pd.DataFrame) -> dict[str, Any]:
    """Return the metrics and regions of a result, ready for JSON; unknown values are null."""
    keep = ("title", "network", "weather", "start", "end", "timezone", "source")
    attrs, times = attributes_without_folders(result.attrs), deadlines(result)
    return {
        "run": {name: str(attrs[name]) for name in keep}
        | {"members": int(result.sizes["member"]), "seed": int(result.attrs["seed"])},
        "moved_by": moved_by(result),
        "weather_notes": weather_notes(result),
        "metrics": {str(name): _clean(row) for name, row in table.to_dict("index").items()},
        "deadlines": _records(times),
        "needs": _records(needs(result, times)),
        "regions": {str(name): _clean(row) for name, row in summarise_regions(result).to_dict("index").items()},
        "storage": storage_energy(result),
        **_cascades(result),
    }


def _cascades(result: xr.Dataset) -> dict[str, Any]:
    """Return the cascades by mechanism, and the lowest frequency if known; empty without a log."""
    if "cascade_mw" not in result:
        return {}
    found: dict[str, Any] = {
        "cascades": {str(name): _clean(row) for name, row in by_mechanism(result).to_dict("index").items()}
    }
    if "frequency_nadir_hz" in result:
        found["lowest_frequency_hz"] = float(result["frequency_nadir_hz"].min())
    return found


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table of moments."""
    rows: list[dict[str, Any]] = json.loads(
        table.reset_index().to_json(orient="records", date_format="iso", date_unit="s")
    )
    return rows


def _clean(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(key): None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()
    }
