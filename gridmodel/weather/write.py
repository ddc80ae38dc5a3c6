"""Write temperature series in our own format, CSV or NetCDF."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problems, cannot_write
from gridmodel.inputs.netcdf import write_netcdf4
from gridmodel.inputs.spreadsheet import protected
from gridmodel.inputs.writing import replaced, write_text
from gridmodel.version import __version__
from gridmodel.weather.series import Times
from gridmodel.weather.wind_and_sun import BESIDE


def write(data: xr.DataArray, path: str | Path) -> Path:
    """Write a series in our own format.

    Parameters
    ----------
    data
        ``temperature(time, region)``, or with a dimension `member` [degC], perhaps with the coordinates `wind_m_s` and
        `ghi_w_m2`.
    path
        Ends in `.csv` (no members; two decimals) or `.nc`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    InputError
        If the ending is another, the file cannot be written there, or a CSV file would have to contain members.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import tempfile
    >>> path = gm.weather.write_weather(gm.load_weather("three-region"), f"{tempfile.mkdtemp()}/mine.csv")
    >>> gm.load_weather(path).sizes["region"]
    3
    """
    target = Path(path)
    check_out(target, several="member" in data.dims)
    try:
        if target.suffix == ".nc":
            with replaced(target) as made:
                write_netcdf4(as_dataset(data), made, _encoding(data))
        else:
            write_text(target, as_csv(data))
    except (OSError, RuntimeError) as error:
        raise InputError([cannot_write(error, path, field="out")]) from None
    return target


def check_out(path: str | Path, *, several: bool = False, source: str | Path = "") -> None:
    """Check that a series can be written to a file, before it is made.

    Parameters
    ----------
    path
        As of `write`.
    several
        Whether the series has members.
    source
        File from which the series is read, or a bundled name.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    target, problems = Path(path), Problems()
    if target.suffix not in {".csv", ".nc"}:
        problems.add("must end in .csv or .nc", field="out", value=str(path))
    if target.suffix == ".csv" and several:
        problems.add("cannot contain several members: write .nc", field="out", value=str(path))
    if not target.parent.is_dir():
        problems.add("is not an existing folder", field="out", value=str(target.parent))
    elif target.is_dir():
        problems.add("is a folder", field="out", value=str(path))
    elif target.exists() and Path(source).exists() and target.samefile(source):
        problems.add("is read by this command; choose another name", field="out", value=str(path))
    problems.raise_if_any()


def _beside(data: xr.DataArray) -> list[str]:
    """Return the names of wind and sun that a series has."""
    return [name for name in BESIDE if name in data.coords]


def as_dataset(data: xr.DataArray) -> xr.Dataset:
    """Return a series as a dataset of time series at places, after the CF conventions (1.11, section 9).

    Parameters
    ----------
    data
        ``temperature(time, region)``, perhaps with `member`. [degC]

    Returns
    -------
    xarray.Dataset
        Its variables over region and time, a member before them.
    """
    order = (*(("member",) if "member" in data.dims else ()), "region", "time")
    dataset = data.transpose(*order).to_dataset(name="temperature").reset_coords(_beside(data))
    dataset["temperature"].attrs |= {"units_metadata": "temperature: on_scale", "cell_methods": "time: point"}
    dataset["time"].attrs = {
        "standard_name": "time", "long_name": "Time, UTC", "axis": "T", "units_metadata": "leap_seconds: none",
    }  # fmt: skip
    dataset["region"].attrs = {"long_name": "Region", "cf_role": "timeseries_id"}
    if "member" in dataset:
        dataset["member"].attrs = {"standard_name": "realization", "long_name": "Member", "units": "1"}
    source = str(data.attrs.get("source", ""))
    dataset.attrs = {
        "Conventions": "CF-1.11", "featureType": "timeSeries", "title": "Air temperature of regions",
        "source": f"gridmodel {__version__}" + (f", from {source}" if source else ""),
        "history": str(data.attrs.get("history") or "as in the source"),
    }  # fmt: skip
    return dataset


def _encoding(data: xr.DataArray) -> dict[str, dict[str, object]]:
    """Return how variables are written: times as hours, names as letters, which nothing takes for an axis."""
    packed: dict[str, object] = {"zlib": True, "complevel": 1, "_FillValue": None}
    found = {name: dict(packed) for name in ("temperature", *_beside(data))}
    found["time"] = {"dtype": "f8", "units": "hours since 1970-01-01", "_FillValue": None}
    found["region"] = {"dtype": "S1", "char_dim_name": "name_length"}
    return found


def as_csv(data: xr.DataArray) -> str:
    """Return the text of a series without members as a CSV file."""
    times: Times = data["time"].to_numpy().astype("datetime64[m]")
    out = io.StringIO()
    parts = {"": data, **{f":{name}": data[name] for name in _beside(data)}}
    regions = [protected(str(region)) for region in data["region"].to_numpy()]
    header = ["time", *(f"{region}{name}" for name in parts for region in regions)]
    csv.writer(out, lineterminator="").writerow(header)
    lines = [out.getvalue()]
    columns = [part.transpose("time", "region").to_numpy().astype(float) for part in parts.values()]
    values = np.round(np.concatenate(columns, axis=1), 2) + 0.0
    lines += [f"{time}Z,{','.join(f'{v:.2f}' for v in row)}" for time, row in zip(times, values, strict=True)]
    return "\n".join(lines) + "\n"
