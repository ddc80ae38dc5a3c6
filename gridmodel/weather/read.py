"""Read a temperature file: one column per region, hourly, UTC, degrees Celsius."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.files import find
from gridmodel.scenario import Scenario
from gridmodel.tables import MAX_REPORTED, read_rows, read_text

HISTORY_DAYS = 4
"""Days before the start that a file must cover: demand follows the temperature of four days. [d]"""
COLDEST_C, WARMEST_C = -70.0, 60.0
"""Temperatures outside are refused. [°C] Ours: beyond every record of the northern hemisphere."""

_HOUR = np.timedelta64(3600, "s")


def load_weather(name: str | Path) -> xr.DataArray:
    """Read a temperature series.

    Parameters
    ----------
    name
        A bundled name, or the path of a CSV file (column `time` in UTC, one column per region) or
        of a NetCDF file with a variable `temperature(time, region)`.

    Returns
    -------
    xarray.DataArray
        ``temperature(time, region)``, hourly, UTC. [degC]

    Raises
    ------
    InputError
        With every problem: gaps, repeated hours, missing values, kelvin, what is not a number.

    Examples
    --------
    >>> load_weather("cold-wave-2026").sizes["region"]
    24
    """
    path = find("weather", str(name))
    if path.is_dir():
        raise InputError([Problem(message="is a folder, not a weather file", table=str(path))])
    problems = Problems()
    if path.suffix == ".nc":
        times, regions, values = _read_netcdf(path, problems)
    elif path.suffix == ".csv":
        times, regions, values = _read_csv(path, problems)
    else:
        raise InputError([Problem(message="is neither .csv nor .nc", table=path.name)])
    problems.raise_if_any()
    _check(times, values, regions, problems, shown=path.name)
    problems.raise_if_any()
    return xr.DataArray(
        values,
        coords={"time": times.astype("datetime64[ns]"), "region": np.array(regions, dtype=object)},
        dims=("time", "region"),
        name="temperature",
        attrs={
            "units": "degC",
            "standard_name": "air_temperature",
            "long_name": "Air temperature",
            "source": path.name,
        },
    )


def _read_csv(path: Path, problems: Problems) -> tuple[npt.NDArray[np.datetime64], list[str], npt.NDArray[np.float64]]:
    shown = path.name
    text = read_text(path, problems, shown=shown)
    header, rows = read_rows(text, problems, shown=shown) if text is not None else ([], [])
    if header and header[0] != "time":
        problems.add("must be `time`: the first column holds UTC hours", table=shown, row=1, field=header[0])
    for name in sorted({name for name in header if header.count(name) > 1}):
        problems.add("stands twice in the header", table=shown, row=1, field=name)
    if header and not rows:
        problems.add("has no rows", table=shown)
    problems.raise_if_any()
    times = np.full(len(rows), np.datetime64("NaT", "s"))
    values = np.full((len(rows), len(header) - 1), np.nan)
    for position, (line, cells) in enumerate(rows):
        times[position] = _time(cells[0], problems, shown=shown, line=line)
        try:
            values[position] = cells[1:]
        except ValueError:
            _report_cells(header[1:], cells[1:], problems, shown=shown, line=line)
        if len(problems.found) > MAX_REPORTED:
            problems.add("has more problems; only the first are shown", table=shown)
            break
    return times, header[1:], values


def _time(cell: str, problems: Problems, *, shown: str, line: int) -> np.datetime64:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        problems.add("is not a UTC time such as 2026-01-08T00:00Z", table=shown, row=line, field="time", value=cell)
        return np.datetime64("NaT", "s")
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(moment, "s")


def _report_cells(names: list[str], cells: list[str], problems: Problems, *, shown: str, line: int) -> None:
    for name, cell in zip(names, cells, strict=True):
        try:
            float(cell)
        except ValueError:
            message = "is not a number" if cell else "is empty: fill the gap before a run"
            problems.add(message, table=shown, row=line, field=name, value=cell)


def _read_netcdf(
    path: Path, problems: Problems
) -> tuple[npt.NDArray[np.datetime64], list[str], npt.NDArray[np.float64]]:
    empty = np.array([], "datetime64[s]"), list[str](), np.empty((0, 0))
    try:
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            data: Any = dataset.get("temperature")
            if data is None or set(data.dims) != {"time", "region"}:
                problems.add("needs a variable temperature(time, region)", table=path.name)
                return empty
            data = data.transpose("time", "region").load()
    except (OSError, ValueError) as error:
        problems.add(f"cannot be read as NetCDF: {error}", table=path.name)
        return empty
    units = str(data.attrs.get("units", ""))
    if units not in {"degC", "K", "kelvin", "celsius", "Celsius", "degree_Celsius"}:
        problems.add("must be degC or K", table=path.name, field="temperature.units", value=units)
    values = data.to_numpy().astype(np.float64) - (273.15 if units in {"K", "kelvin"} else 0.0)
    return (
        data["time"].to_numpy().astype("datetime64[s]"),
        [str(r) for r in data["region"].to_numpy()],
        values,
    )


def _check(
    times: npt.NDArray[np.datetime64],
    values: npt.NDArray[np.float64],
    regions: list[str],
    problems: Problems,
    *,
    shown: str,
) -> None:
    """Note gaps, repeated hours, missing and impossible values."""
    steps = np.diff(times)
    for position in np.flatnonzero(steps != _HOUR)[:MAX_REPORTED]:
        row = int(position) + 3
        before, after = str(times[position])[:16], str(times[position + 1])[:16]
        what = (
            "repeats the hour before it"
            if steps[position] == np.timedelta64(0, "s")
            else f"does not follow {before} by one hour: the series is hourly and has no gap"
        )
        problems.add(what, table=shown, row=row, field="time", value=after)
    for column, region in enumerate(regions):
        series = values[:, column]
        missing = np.flatnonzero(~np.isfinite(series))
        if missing.size:
            first = int(missing[0])
            problems.add(
                f"is missing in {missing.size} hours, the first at {str(times[first])[:16]}",
                table=shown,
                row=first + 2,
                field=region,
            )
            continue
        outside = np.flatnonzero((series < COLDEST_C) | (series > WARMEST_C))
        if outside.size:
            first = int(outside[0])
            kelvin = float(np.median(series)) > 150
            hint = "looks like kelvin: subtract 273.15" if kelvin else ""
            message = f"is outside {COLDEST_C:g} to {WARMEST_C:g} degC"
            problems.add(message, table=shown, row=first + 2, field=region, value=f"{series[first]:g}", hint=hint)


def weather_for(scenario: Scenario, regions: list[str]) -> xr.DataArray:
    """Temperatures that a scenario needs, checked against its regions and period.

    Parameters
    ----------
    scenario
        Names the file and the period.
    regions
        Region ids in the network's order.

    Returns
    -------
    xarray.DataArray
        ``temperature(time, region)`` in the network's order, the whole file. [degC]

    Raises
    ------
    InputError
        If a region has no weather, or the file does not reach from four days before the start to the end.
    """
    path = find("weather", scenario.weather, beside=scenario.folder)
    data = load_weather(path)
    problems = Problems()
    known = [str(region) for region in data["region"].to_numpy()]
    for region in regions:
        if region not in known:
            problems.add("has no weather: the file has no such column", table=path.name, field=region)
    first, last = data["time"].to_numpy()[[0, -1]].astype("datetime64[s]")
    needed = np.datetime64(scenario.start_utc, "s") - np.timedelta64(HISTORY_DAYS, "D")
    end = np.datetime64(scenario.end_utc, "s")
    if first > needed:
        message = f"must begin four days before the start of the run: by {str(needed)[:16]} UTC"
        problems.add(message, table=path.name, field="time", value=str(first)[:16])
    if last + _HOUR < end:
        hours = math.ceil((end - last - _HOUR) / _HOUR)
        message = f"ends {hours} hours before the run does: the run ends {str(end)[:16]} UTC"
        problems.add(message, table=path.name, field="time", value=str(last)[:16])
    problems.raise_if_any()
    return data.sel(region=regions)
