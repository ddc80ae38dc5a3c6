"""Our own format: one column per region, hourly, UTC, degrees Celsius, as CSV or NetCDF. Read strictly, and written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.readers.text import Text
from gridmodel.weather.series import Array, Options, Series, Times, check_size, parse_time, to_celsius

_HOUR = np.timedelta64(3600, "s")


def read_csv(text: Text, problems: Problems, options: Options) -> Series:
    """Column `time`, then one column per region.

    Raises
    ------
    InputError
        If there is no table.
    """
    shown, header, rows = text.shown, text.header, text.rows
    _check_header(header, problems, shown=shown)
    if not rows:
        problems.add("has no rows", table=shown)
    problems.raise_if_any()
    times = np.full(len(rows), np.datetime64("NaT", "s"))
    values = np.full((len(rows), len(header) - 1), np.nan)
    for position, (line, cells) in enumerate(rows):
        times[position] = parse_time(cells[0], problems, shown=shown, line=line, zone=options.zone)
        try:
            values[position] = cells[1:]
        except ValueError:
            values[position] = _cells(header[1:], cells[1:], problems, options, line)
        if len(problems.found) > MAX_REPORTED:
            problems.add("has more problems; only the first are shown", table=shown)
            break
    lines = np.array([line for line, _ in rows], dtype=np.int64)
    if options.unit:
        values = to_celsius(values, options.unit, problems, options, field="temperature")
    return Series(times=times, temperature_c=values, places=header[1:], lines=lines, named=True)


def _check_header(header: list[str], problems: Problems, *, shown: str) -> None:
    if header[0] != "time":
        problems.add("must be `time`: the first column holds UTC hours", table=shown, row=1, field=header[0])
    for name in sorted({name for name in header if header.count(name) > 1}):
        problems.add("stands twice in the header", table=shown, row=1, field=name)
    if len(header) < 2:
        problems.add("has no column of temperatures", table=shown)


def _cells(names: list[str], cells: list[str], problems: Problems, options: Options, line: int) -> Array:
    found = np.full(len(cells), np.nan)
    for place, (name, cell) in enumerate(zip(names, cells, strict=True)):
        try:
            found[place] = float(cell)
        except ValueError:
            if cell or not options.fill:
                message = "is not a number" if cell else "is empty: fill the gap before a run"
                problems.add(message, table=options.shown, row=line, field=name, value=cell)
    return found


def read_netcdf(data: xr.DataArray, problems: Problems, options: Options) -> xr.DataArray | Series:
    """Variable `temperature` over time and region, and member if there is one.

    Parameters
    ----------
    data
        The variable, loaded, its dimensions in any order.
    problems
        Collects a wrong unit and what `check` finds.
    options
        Name of the file.

    Returns
    -------
    xarray.DataArray or Series
        ``temperature(time, region)`` or ``temperature(member, time, region)``. [degC] Where gaps are to be filled,
        a `Series` without members.
    """
    order = ("member", "time", "region") if "member" in data.dims else ("time", "region")
    data = data.transpose(*order)
    units = str(data.attrs.get("units", "")) or options.unit
    if units not in {"degC", "K", "kelvin", "celsius", "Celsius", "degree_Celsius"}:
        problems.add("must be degC or K", table=options.shown, field="temperature.units", value=units)
    if not np.issubdtype(data["time"].dtype, np.datetime64) or not np.issubdtype(data.dtype, np.number):
        problems.add("must be numbers over times of the standard calendar", table=options.shown, field="temperature")
    problems.raise_if_any()
    values = data.to_numpy().astype(np.float64) - (273.15 if units in {"K", "kelvin"} else 0.0)
    times, regions = data["time"].to_numpy().astype("datetime64[s]"), [str(r) for r in data["region"].to_numpy()]
    for name in sorted({name for name in regions if regions.count(name) > 1}):
        problems.add("stands twice", table=options.shown, field="region", value=name)
    problems.raise_if_any()
    if options.fill and values.ndim == 2:
        return Series(times=times, temperature_c=values, places=regions, named=True)
    members = values if values.ndim == 3 else values[None]
    for number, member in enumerate(members):
        names = [f"{region} (member {number})" for region in regions] if values.ndim == 3 else regions
        check(Series(times=times, temperature_c=member, places=names), problems, options)
        if len(problems.found) > MAX_REPORTED:
            break
    coords = {"time": times.astype("datetime64[ns]"), "region": np.array(regions, dtype=object)}
    coords |= {"member": np.arange(len(members))} if values.ndim == 3 else {}
    attrs = {"units": "degC", "standard_name": "air_temperature", "long_name": "Air temperature"}
    attrs |= {key: str(data.attrs[key]) for key in ("history",) if key in data.attrs}
    return xr.DataArray(values, coords, order, "temperature", attrs=attrs | {"source": options.shown})


def check(series: Series, problems: Problems, options: Options) -> None:
    """Note gaps, repeated hours, missing and impossible values, with their lines."""
    steps = np.diff(series.times)
    for position in np.flatnonzero(steps != _HOUR)[:MAX_REPORTED]:
        before, after = (str(series.times[place])[:16] for place in (position, position + 1))
        what = (
            "repeats the hour before it"
            if steps[position] == np.timedelta64(0, "s")
            else f"does not follow {before} by one hour: the series is hourly and has no gap"
        )
        problems.add(what, table=options.shown, row=int(position) + 3, field="time", value=after)
    for column, region in enumerate(series.places):
        missing = np.flatnonzero(np.isnan(series.temperature_c[:, column]))
        if missing.size:
            first = int(missing[0])
            problems.add(
                f"is missing in {missing.size} hours, the first at {str(series.times[first])[:16]}",
                table=options.shown,
                row=first + 2,
                field=region,
            )
    check_size(series, problems, options, table_lines=True)


def write(data: xr.DataArray, path: str | Path) -> Path:
    """Write a series in our own format.

    Parameters
    ----------
    data
        ``temperature(time, region)``, or with a dimension `member`. [degC]
    path
        Ends in `.csv` (no members; two decimals) or `.nc`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    InputError
        If the ending is another, the file cannot be written there, or a CSV file would have to hold members.
    """
    target = Path(path)
    problems = Problems()
    if target.suffix not in {".csv", ".nc"}:
        problems.add("must end in .csv or .nc", field="out", value=str(path))
    if target.suffix == ".csv" and "member" in data.dims:
        problems.add("cannot hold several members: write .nc", field="out", value=str(path))
    if not target.parent.is_dir():
        problems.add("is no folder", field="out", value=str(target.parent))
    if target.is_dir():
        problems.add("is a folder", field="out", value=str(path))
    problems.raise_if_any()
    try:
        if target.suffix == ".nc":
            encoding = {"temperature": {"zlib": True, "complevel": 1}}
            data.to_dataset(name="temperature").to_netcdf(target, engine="netcdf4", encoding=encoding)
        else:
            target.write_text(as_csv(data), encoding="utf-8")
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise InputError([Problem(message=message, field="out", value=str(path))]) from None
    return target


def as_csv(data: xr.DataArray) -> str:
    """Text of a series without members as a CSV file."""
    times: Times = data["time"].to_numpy().astype("datetime64[m]")
    lines = [",".join(["time", *(str(region) for region in data["region"].to_numpy())])]
    values = np.round(data.transpose("time", "region").to_numpy().astype(float), 2) + 0.0
    lines += [f"{time}Z,{','.join(f'{v:.2f}' for v in row)}" for time, row in zip(times, values, strict=True)]
    return "\n".join(lines) + "\n"
