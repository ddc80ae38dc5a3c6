"""Hashes of all that a network can lose: two runs are compared only where it is the same."""

from __future__ import annotations

import csv
import hashlib
import io
import re

import numpy as np
import pandas as pd

from gridmodel.network.model import NetworkTables

PLACED = "/placed battery "
"""Part of the id of a battery that a scenario places."""
PLANT = (
    "buses", "lines", "transformers", "generators", "technologies", "interconnectors", "limits", "heat_systems",
    "water_systems", "profiles",
)  # fmt: skip
"""Tables of what can be lost and of when it gives. People, demand and buildings are conditions, which may differ."""
_CONDITION = re.compile(
    r"source|note|confidence|name_.*|lat|lon|share_.*|own_heat_.*|floor_area_m2|district_heat_share|demand_.*"
)
"""Columns of these tables that only describe, or tell of homes and of what people use."""
DEMAND = "demand"
"""Profile of the shape of demand, a condition."""


def plant_hashes(network: NetworkTables) -> dict[str, str]:
    """Return the first 16 digits of a SHA-256 over each table of what can be lost, and over the zones, by name.

    The order of rows and columns, sources, names and places on a map do not count, nor do batteries that a scenario
    places, nor the profile of demand.

    Parameters
    ----------
    network
        Tables without errors.
    """
    found = {}
    for name in PLANT:
        table = network.tables.get(name)
        if table is None or table.empty:
            continue
        kept = table[[column for column in sorted(map(str, table)) if not _CONDITION.fullmatch(column)]]
        if name == "generators":
            kept = kept[~kept["id"].astype(str).str.contains(PLACED, regex=False)]
        elif name == "profiles":
            kept = kept[kept["profile"] != DEMAND]
        found[name] = _hash(kept)
    return found | {"zones": _hash(network.tables["regions"][["id", "zone"]])}


def _hash(table: pd.DataFrame) -> str:
    """Return the first digits of a hash of the rows of a table as CSV, whatever their order.

    Notes
    -----
    The text is that of ``DataFrame.to_csv``, which takes several times as long for tables as small as these are.
    """
    whole = [name for name, dtype in table.dtypes.items() if dtype.kind == "i"]  # a table can have them as real numbers
    table = table.astype(dict.fromkeys(whole, float)) if whole else table
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(np.where(table.isna(), "", table.to_numpy(dtype=object)).tolist())
    rows = sorted(text.getvalue().splitlines())
    return hashlib.sha256("\n".join([",".join(map(str, table)), *rows]).encode()).hexdigest()[:16]
