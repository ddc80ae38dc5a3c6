"""A folder of our own tables made of a network of another program, for its user to fill in."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.country import wrong_country
from gridmodel.inputs.files import find
from gridmodel.interchange.open import read_any
from gridmodel.interchange.runnable import UNLIMITED_MW, as_network, frame_of, named_regions
from gridmodel.interchange.writers.own_tables import write_own
from gridmodel.network.read import Network
from gridmodel.regions import Country, is_timezone

SAME_KV = 0.25
"""Largest difference of the voltages that a line may join, as a share. [1] As the checks of a network have it."""


X_OHM_PER_KM, C_NF_PER_KM = 0.3, 12.0
"""Reactance and capacitance from which lengths of lines follow. [ohm/km, nF/km] Ours: a usual overhead line."""


def scaffold_network(
    source: str | Path, folder: str | Path, *, regions: str | None = None, country: str = "NET", timezone: str = "UTC"
) -> Network:
    """Write a network of another program as a folder of our own tables.

    Parameters
    ----------
    source
        File or folder of any format that is read, other than our own tables.
    folder
        Folder to make; its parent must exist.
    regions
        Column of buses, or CSV file with the columns `bus` and `region`; by default `region`, else `zone`.
    country, timezone
        For `network.toml`.

    Returns
    -------
    Network
        What was written. Its regions have no people yet, their demand is that of the file; heat and water are missing.

    Raises
    ------
    InputError
        If the source cannot be read, is already of our own tables, or the folder exists, and with every problem of what
        else is given.
    """
    place, problems = Path(folder), Problems()
    if os.path.lexists(place):
        problems.add("exists already", field="DIR", value=folder)
    elif not place.parent.is_dir():
        problems.add(f"cannot be written: the folder {place.parent} does not exist", field="DIR", value=folder)
    if wrong := wrong_country(country):
        problems.add(wrong, field="country", value=country)
    if not is_timezone(timezone):
        problems.add("is not a time zone; give its IANA name, such as Europe/Warsaw", field="timezone", value=timezone)
    net = problems.of(lambda: _network(str(source), regions))
    if net is None or problems.found:
        raise InputError(problems.found)
    about = net.about or Country(country=country, timezone=timezone)
    made = replace(net, tables=net.tables | _branches(net), about=about)
    try:
        place.mkdir()
        write_own(made, place)
    except OSError as error:
        said = f"cannot be written: {error.strerror}"
        raise InputError([Problem(message=said, field="DIR", value=str(folder))]) from None
    return made


def _network(source: str, regions: str | None) -> Network:
    """Return a network of another program as one that runs.

    Raises
    ------
    InputError
        If it cannot be read, or is one of ours.
    """
    problems = Problems()
    path = problems.of(lambda: find("networks", source))
    read = None if path is None else problems.of(lambda: read_any(path))
    if read is not None and isinstance(read[0], Network):
        problems.add("is already a folder of our own tables", field="CASE", value=source)
    given = problems.of(lambda: named_regions(regions, None))
    if path is None or read is None or isinstance(read[0], Network) or problems.found:
        raise InputError(problems.found)
    return as_network(read[0], path=path, regions=given)


def _branches(net: Network) -> dict[str, pd.DataFrame]:
    """Return lines, and as transformers those that join different voltages."""
    lines, kv = net.tables["lines"], net.tables["buses"].set_index("id")["vn_kv"]
    start, end = (kv.loc[lines[name]].to_numpy(dtype=float) for name in ("from_bus", "to_bus"))
    joins = ~np.isclose(start, end, rtol=SAME_KV)
    rows: list[dict[str, Any]] = []
    electrical = net.electrical
    for place in np.flatnonzero(joins) if electrical is not None else ():
        row = lines.iloc[place]
        up = start[place] >= end[place]
        rated = min(float(electrical.rating_mw[place]), UNLIMITED_MW) if electrical is not None else UNLIMITED_MW
        per_radian = abs(float(electrical.susceptance_mw[place])) if electrical is not None else 1.0
        rows.append({
            "id": row["id"], "hv_bus": row["from_bus"] if up else row["to_bus"],
            "lv_bus": row["to_bus"] if up else row["from_bus"], "sn_mva": rated,
            "vn_hv_kv": max(start[place], end[place]),
            "vn_lv_kv": min(start[place], end[place]), "vk_percent": 100.0 * rated / per_radian, "parallel": 1,
            "max_loading_percent": 100.0, "region": row["region"],
        })  # fmt: skip
    kept = lines[~joins].reset_index(drop=True)
    length = kept["x_ohm_per_km"] / X_OHM_PER_KM
    kept = kept.assign(
        length_km=length, x_ohm_per_km=X_OHM_PER_KM, r_ohm_per_km=X_OHM_PER_KM / 10, c_nf_per_km=C_NF_PER_KM
    )  # fmt: skip
    return {"lines": kept, "transformers": frame_of("transformers", rows)}
