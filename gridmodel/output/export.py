"""Exports of a run for other tools: CSV for spreadsheets, HXL for humanitarian data, GeoJSON, CF NetCDF."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.errors import InputError, Problem, cannot_write, nearest
from gridmodel.inputs.spreadsheet import csv_text
from gridmodel.inputs.writing import replaced, write_text
from gridmodel.output.cap import as_cap
from gridmodel.output.languages import DEFAULT
from gridmodel.output.report.trigger import trigger_page
from gridmodel.output.tile_map import tile_grid
from gridmodel.results.comparison import regional
from gridmodel.results.deadlines import deadlines
from gridmodel.results.metrics import LONG_H, QUANTILES, hours_without_power_per_day, regional_causes, typical_and_bad
from gridmodel.results.run_folder import PAGES, write_result
from gridmodel.results.severity import severity
from gridmodel.results.steps import step_h
from gridmodel.services.registry import COUNTS, LABELS, SPLITS

DIGITS = 6
"""Significant digits of numbers in a text file. Ours: more than the accuracy of any of them."""
TRANSLATED = "region_name_"
"""Prefix of the coordinates and columns with names of regions in one language; its code follows."""
OFF_LONG = "members_over_12_h"
"""Column that counts the members in which homes are without power for more than `LONG_H` a day."""
HXL = {
    "region": "#adm1+code",
    "region_name": "#adm1+name",
    "population": "#population",
    **{count.metric: count.hxl for count in COUNTS},
    **{
        split.metric(cause): f"{count.hxl}+{cause.replace('_', '')}"
        for split in SPLITS
        for count in COUNTS
        if count.variable == split.count
        for cause in LABELS[split.dim]
    },
    "hours_without_power_per_day": "#indicator+power+hours+perday",
    "degree_hours_below_18c": "#indicator+heat+degreehours",
    "person_degree_hours_below_18c": "#affected+heat+below18+degreehours",
    "person_degree_hours_below_12c": "#affected+heat+below12+degreehours",
    "person_hours_without_telecom": "#affected+telecom+hours",
    "severity_class": "#severity+class",
    "energy_not_served": "#indicator+power+unserved+mwh",
    OFF_LONG: "#indicator+power+hours+over12h+members",
    "members": "#meta+members",
    "homes_12c_local": "#date+heat+deadline",
    "drain_local": "#date+heat+drain+deadline",
    "dry_taps_local": "#date+wash+water+deadline",
}
"""HXL 1.1 tag of each column of the table of regions; `_hxl_tag` gives the tags of the others."""


def region_table(result: xr.Dataset) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return one row per region, and the unit of each column.

    Returns
    -------
    tuple
        Means over members of every regional metric; of all but person-hours by cause, which add up as means only, also
        what is typical (``…_p50``, the median) and the bad case (``…_p95``: one member in twenty is worse); the members
        in which homes are without power for more than 12 hours a day; and each deadline as local time, typical and
        in the bad case (``…_local_p05``: one member in twenty is earlier), empty if it is not reached.
    """
    names = [str(name) for name in result["region"].to_numpy()]
    table = pd.DataFrame({"region": names, "region_name": result["region_name"].to_numpy()})
    units = {"region": "", "region_name": "", "population": "1"}
    for name in sorted(str(coordinate) for coordinate in result.coords if str(coordinate).startswith(TRANSLATED)):
        table[name], units[name] = result[name].to_numpy(), ""
    table["population"] = result["population"].to_numpy()
    classes = severity(result)
    for part in ("p50", "p95"):
        table[f"severity_class_{part}"], units[f"severity_class_{part}"] = classes[f"class_{part}"].to_numpy(), "1"
    for name, values in regional(result).items():
        for column, number in {name: values.mean("member"), **typical_and_bad(name, values)}.items():
            table[column], units[column] = number.to_numpy(), str(values.attrs["units"])
    table[OFF_LONG] = (hours_without_power_per_day(result) > LONG_H).sum("member").to_numpy()
    table["members"], units["members"], units[OFF_LONG] = result.sizes["member"], "1", "1"
    for name, values in regional_causes(result).items():
        table[name], units[name] = values.mean("member").to_numpy(), str(values.attrs["units"])
    found = deadlines(result)
    for name in found.index.unique("deadline"):
        for column, quantile in ((f"{name}_local", "local_p50"), (f"{name}_local_p05", "local_p05")):
            moments = found[quantile].loc[(slice(None), name)]
            table[column] = moments.dt.strftime("%Y-%m-%d %H:%M").fillna("").to_numpy()
            units[column] = str(result.attrs["timezone"])
    return table, units


def as_csv(result: xr.Dataset) -> str:
    """Return the table of regions with a row of units under the header, for spreadsheets."""
    table, units = region_table(result)
    return _written(table, [units[name] for name in table.columns])


def as_hxl(result: xr.Dataset) -> str:
    """Return the table of regions with a row of HXL tags under the header."""
    table, _ = region_table(result)
    return _written(table, [_hxl_tag(name) for name in table.columns])


def _hxl_tag(column: str) -> str:
    """Return the HXL tag of a column; names of regions have the code of their language in it, quantiles theirs."""
    if column in HXL:
        return HXL[column]
    name, _, quantile = column.rpartition("_")
    if quantile in {"p05", "p50", "p95"}:
        return f"{_hxl_tag(name)}+{quantile}"
    if column.startswith(TRANSLATED):
        return f"#adm1+name+i_{column.removeprefix(TRANSLATED)}"
    return f"#date+deadline+{column.removesuffix('_local').replace('_', '')}"


def as_geojson(result: xr.Dataset) -> str:
    """Return regions with their results (RFC 7946): points at the oblast centres, the only geometry that is used.

    `tile_column` and `tile_row` place a region on the tile map. Without centres a feature has no geometry.
    """
    table, units = region_table(result)
    column, row = tile_grid(result)
    known = "centre_lat" in result.coords
    features = []
    for place, properties in enumerate(table.to_dict("records")):
        centre = [float(result[name].to_numpy()[place]) for name in ("centre_lon", "centre_lat")] if known else []
        there = bool(centre) and all(math.isfinite(number) for number in centre)
        numbers = {str(key): _plain(value) for key, value in properties.items()}
        numbers |= {"tile_column": int(column[place]), "tile_row": int(row[place])}
        geometry = {"type": "Point", "coordinates": centre} if there else None
        features.append({"type": "Feature", "id": numbers["region"], "geometry": geometry, "properties": numbers})
    about = {"title": str(result.attrs["title"]), "source": str(result.attrs["source"]), "units": units}
    whole = {"type": "FeatureCollection", "features": features} | about
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write_netcdf(result: xr.Dataset, path: Path) -> None:
    """Write mean and quantiles over members as a small CF-1.11 NetCDF: time, region, and bounds of every step.

    Notes
    -----
    Causes of cold homes and dry taps have a dimension more.
    Quantiles are separate variables, ``…_p05``, ``…_p50`` (what is typical) and ``…_p95`` (the bad case of what
    harms: one member in twenty is worse), so that Panoply can draw each. Region names are in
    `region_name`, with `centre_lat` and `centre_lon` as auxiliary coordinates.
    """
    causes = {split.dim for split in SPLITS}
    names = [name for name in result.data_vars if set(result[name].dims) - causes == {"member", "time", "region"}]
    data = xr.Dataset(attrs={**result.attrs, "summary": "Mean and 5, 50 and 95 % quantiles over members"})
    for name in names:
        values = result[name].transpose("member", "time", "region", ...)
        dims = values.dims[1:]
        attrs = {key: value for key, value in values.attrs.items() if key != "cell_methods"}
        method = str(values.attrs.get("cell_methods", "")).strip()
        data[str(name)] = values.mean("member").assign_attrs(attrs, cell_methods=method, comment="Mean over members")
        parts = np.quantile(values.to_numpy(), QUANTILES, axis=0)
        for label, words, part in zip(("p05", "p50", "p95"), ("5 %", "50 %", "95 %"), parts, strict=True):
            about = attrs | {"long_name": f"{attrs.get('long_name', name)}, {words} quantile over members"}
            data[f"{name}_{label}"] = (dims, part, about | {"cell_methods": method})
    if "outdoor_temperature" in result:
        air = result["outdoor_temperature"]
        if "member" not in air.dims:  # else it is among the means above
            data["outdoor_temperature"] = air
        data["outdoor_temperature"].attrs |= {
            "standard_name": "air_temperature", "units_metadata": "temperature: on_scale"
        }  # fmt: skip
    _add_places(data, result)
    write_result(data, path)


def _add_places(data: xr.Dataset, result: xr.Dataset) -> None:
    """Add standard names, bounds of the steps, people and places."""
    step = np.timedelta64(round(step_h(result, whole=True) * 60), "m")
    times = result["time"].to_numpy()
    data["time"].attrs |= {"standard_name": "time", "axis": "T", "bounds": "time_bounds"}
    data["time_bounds"] = (("time", "bound"), np.column_stack([times, times + step]))
    data["population"] = result["population"]
    for name, standard, units in (
        ("centre_lat", "latitude", "degrees_north"),
        ("centre_lon", "longitude", "degrees_east"),
    ):
        if name in data.coords:
            data[name].attrs = {
                "standard_name": standard,
                "units": units,
                "long_name": f"Centre of the region, {standard}",
            }


def export(result: xr.Dataset, form: str, path: Path, *, lang: str = DEFAULT) -> None:
    """Write a run in one of `FORMS`; a language chooses the words of a trigger sheet.

    Raises
    ------
    InputError
        If the format is unknown or the file cannot be written.
    """
    if form not in FORMS:
        hint = nearest(form, FORMS)
        raise InputError([Problem(message="is not an export format", field="FORMAT", value=form, hint=hint)])
    try:
        make = FORMS[form]
        if make is None:
            with replaced(path) as made:
                write_netcdf(result, made)
        else:
            text = trigger_page(result, lang=lang) if form == "trigger" else make(result)
            write_text(path, text, encoding="utf-8-sig" if form == "csv" else "utf-8")
    except (OSError, RuntimeError) as error:
        raise InputError([cannot_write(error, path)]) from None


FORMS: dict[str, Callable[[xr.Dataset], str] | None] = {
    "csv": as_csv,
    "hxl": as_hxl,
    "geojson": as_geojson,
    "cap": as_cap,
    "trigger": trigger_page,
    "netcdf": None,
}
"""Export formats and the functions that return their text; None for NetCDF, which is binary."""
ENDINGS = {
    "csv": (".csv",), "hxl": (".csv",), "geojson": (".geojson", ".json"), "cap": (".xml", ".cap"), "trigger": PAGES,
    "netcdf": (".nc",),
}  # fmt: skip
"""Endings that a file of each format may have."""


def _written(table: pd.DataFrame, second: list[str]) -> str:
    """Return CSV with a second row under the header; text that a spreadsheet would run as a formula is quoted."""
    rows = ([_cell(value) for value in row] for row in table.itertuples(index=False))
    return csv_text([map(str, table.columns), second, *rows], end="\r\n")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if not math.isfinite(value) else f"{value:.{DIGITS}g}" if abs(value) < 10**DIGITS else f"{value:.0f}"
    return str(value)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any cell of a table
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value if value != "" else None
