"""Inputs that are given as objects: a network, temperatures, a series or a timetable in place of the name of a file.

An object becomes what a file of it would contain, at the moment it is given: later changes to it do not reach the
scenario, its content has a hash like any file's, and a run of it equals a run of the file to the byte. Objects are
known by what they have, so that this module imports none of the rooms that make them.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeGuard, runtime_checkable

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.content import InMemory
from gridmodel.inputs.country import FILE, country_text
from gridmodel.inputs.netcdf import cf_dataset, cf_encoding, write_netcdf4
from gridmodel.inputs.spreadsheet import protected
from gridmodel.inputs.valid import RANGE, valid

TEMPERATURE = "temperature"
"""Variable of a weather file."""
BESIDE = ("wind_m_s", "ghi_w_m2")
"""Coordinates of temperatures that are kept: wind and sun."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
TAKES: Mapping[str, str] = {
    "network": "a name, a path, a Network or a pandapower net",
    "weather": "a name, a path, a DataArray temperature(time, region) or a DataFrame with a column for each region, in "
    "degC",
    "demand": "a path, a DataArray (time, region) or a DataFrame with a column for each region, in MW",
    "supply": "a path, or a DataFrame with a column time and columns such as import_limit_mw",
    "timetable": "a path, or a DataFrame with the columns of the file",
    "events": "a name, a path, a list of rows, or a DataFrame with the columns of the file",
    "mitigations": "a list of rows, or a DataFrame",
    "start_state": "a path",
}
"""Kinds of values that can be given for a setting that names a file, or rows of one."""
IN_A_FILE: Mapping[str, str] = {
    "network": "must be the name of a bundled network, or the path of a file or folder",
    "weather": "must be the name of bundled weather, or the path of a file",
}
"""Message where a scenario file gives a value of another kind, which cannot be an object."""
A_PATH = "must be the path of a file"
"""The same for all other settings that name a file."""


@runtime_checkable
class TablesLike(Protocol):
    """A network of our own tables, as `gridmodel.network.Network` is one."""

    name: str
    tables: Mapping[str, Any]
    about: Any


NET_READER = "gridmodel.interchange.in_memory"
"""Module whose `own_tables_of` returns our tables of a pandapower net, None if it has none. It is found by name: it
stands above this room, and must be there whatever was imported before."""


def given_object(setting: str, value: Any) -> Any:  # noqa: ANN401 - any value of a setting
    """Return the value of a setting that names a file as a scenario keeps it: a name, or rows; others as they are.

    Parameters
    ----------
    setting
        Name of the setting, one of `TAKES`.
    value
        What was given.

    Raises
    ------
    InputError
        If it is an object that the setting cannot take, or lacks what is needed.

    Examples
    --------
    >>> given_object("weather", Path("cold.csv"))
    'cold.csv'
    """
    if value is None or isinstance(value, str) or setting not in TAKES:
        return value
    if isinstance(value, Path):
        return str(value)
    make = _MAKERS.get(setting)
    made = None if make is None else make(value)
    if made is None and setting in {"events", "mitigations"}:
        return value  # a list of rows
    if made is None:
        message = f"takes {TAKES[setting]}, not {_article(type(value).__name__)}"
        hint = _HINTS.get(type(value).__name__, "") if setting == "weather" else ""
        raise InputError([Problem(message=message, field=setting, hint=hint)])
    return made


ON_REGIONS = "put a field on regions first: gm.load_weather(field, regions=network)"
"""Advice for weather of a grid or of places."""
_HINTS: Mapping[str, str] = {
    "Dataset": ON_REGIONS,
    "Series": "of one temperature for all: pd.DataFrame({region: series for region in regions})",
}
"""Advice by the kind of object that is given for weather."""


def _article(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def _network(value: Any) -> InMemory | None:  # noqa: ANN401
    if is_net(value):
        made: InMemory | None = import_module(NET_READER).own_tables_of(value)
        return made or InMemory.of(f"network-{_stem(value.get('name') or 'net')}", ".json", {"": _net_json(value)})
    if not isinstance(value, TablesLike):
        return None
    files = {f"{name}.csv": _table_csv(frame) for name, frame in value.tables.items() if len(frame.columns)}
    if value.about is not None:
        files[FILE] = country_text(value.about).encode()
    outlines = getattr(value, "outlines", None)
    if outlines:
        files["outlines.json"] = outlines.as_json().encode()
    stem = f"network-{_stem(value.name)}"
    return InMemory.of(stem, "", files, bundled=bool(getattr(value, "bundled", False)))


def is_net(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a value is a pandapower net, told by the name of its class and its tables."""
    named = any(kind.__name__ == "pandapowerNet" for kind in type(value).__mro__)
    return named and isinstance(value, dict) and "bus" in value


def _stem(name: str) -> str:
    return _UNSAFE.sub("-", name).strip("-")[:40] or "own"


def _table_csv(frame: Any) -> bytes:  # noqa: ANN401 - a table of pandas
    """Return a table as our own CSV: numbers exact, whole ones without a decimal point, nothing that is a formula."""
    cells = frame.astype(object)
    cells = cells.where(frame.notna(), None).to_numpy()  # pd.NA cannot be asked whether it equals itself
    return _csv(list(map(str, frame.columns)), ([_cell(value) for value in row] for row in cells))


def _cell(value: Any) -> Any:  # noqa: ANN401 - any cell of a table
    if isinstance(value, str):
        return protected(value)
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _csv(header: Sequence[str], rows: Any) -> bytes:  # noqa: ANN401 - any rows
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([protected(name) for name in header])
    writer.writerows(rows)
    return out.getvalue().encode()


def _net_json(net: Mapping[str, Any]) -> bytes:
    """Return a pandapower net as its library writes it; the library is there, since it made the net.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    library = sys.modules.get("pandapower")
    try:
        text = None if library is None else library.to_json(net, None)
    except Exception as error:  # noqa: BLE001 - any object may be in a net
        text, said = None, str(error)[:200]
    else:
        said = "pandapower is not loaded"
    if not isinstance(text, str):
        message = f"is a pandapower net that cannot be written as JSON: {said}"
        raise InputError([Problem(message=message, field="network")])
    return text.encode()


def _weather(value: Any) -> InMemory | None:  # noqa: ANN401
    """Return temperatures as a netCDF file of our own format."""
    data = _as_array("weather", value, "region")
    if data is None:
        return None
    counts = valid(data)
    data = data.copy(data=counts.inside(data.to_numpy().astype("float64")))
    if counts.told:
        warnings.warn(f"weather: {counts.told}", UserWarning, stacklevel=2)
    data.attrs = {name: value for name, value in data.attrs.items() if name not in RANGE}  # they may be packed
    spare = set(map(str, data.coords)) - {"time", "region", "member", *BESIDE}
    order = [dim for dim in ("time", "member", "region") if dim in data.dims]
    whole = cf_dataset(data.drop_vars(spare).rename(TEMPERATURE).transpose(*order))
    with tempfile.TemporaryDirectory(prefix="gridmodel-") as work:
        path = Path(work) / "weather.nc"
        write_netcdf4(whole, path, cf_encoding(whole))
        return InMemory.of("weather", ".nc", {"": path.read_bytes()})


def _as_array(setting: str, value: Any, columns: str) -> Any:  # noqa: ANN401
    """Return a DataArray with the dimensions time and `columns`; None for an object that is none.

    Raises
    ------
    InputError
        If dimensions, labels or times are not as they must be.
    """
    import pandas as pd
    import xarray as xr

    if isinstance(value, xr.Dataset):
        if TEMPERATURE not in value or setting != "weather":
            return None
        value = value[TEMPERATURE]
    if isinstance(value, pd.DataFrame):
        value = _of_table(setting, value, columns)
    if not isinstance(value, xr.DataArray):
        return None
    value = _labelled(setting, value, columns)
    if value["time"].dtype.kind != "M":
        message = "must have times of numpy (datetime64) as the labels of time, in UTC"
        hint = "of another calendar, write a file: weather.to_netcdf(path), gm.load_weather(path)"
        raise InputError([Problem(message=message, field=setting, hint=hint if setting == "weather" else "")])
    names = [str(name) for name in value[columns].to_numpy()]
    _check_labels(setting, columns, names)
    _check_times(setting, value["time"].to_numpy())
    value = value.assign_coords({columns: names})
    return _in_megawatts(value) if setting == "demand" else value


def _of_table(setting: str, table: Any, columns: str) -> Any:  # noqa: ANN401
    """Return a table with a column for each of `columns` as a DataArray, with the unit of its attributes.

    Raises
    ------
    InputError
        If columns or times are not as they must be.
    """
    import pandas as pd
    import xarray as xr

    frame = _by_time(setting, table)
    names = [str(name) for name in frame.columns]
    _check_labels(setting, columns, names)
    # columns of objects that are all numbers, or missing: pd.NA and pd.NaT are of another kind than numbers
    frame = frame.where(frame.notna(), float("nan")).infer_objects()
    kinds = zip(names, frame.dtypes, strict=True)
    wrong = [name for name, kind in kinds if not pd.api.types.is_numeric_dtype(kind)]
    if columns in wrong:
        message = f"has a row for each {columns}, and must have a column for each"
        others = [name for name in names if name not in wrong] or ["…"]
        hint = f'table.pivot(index="time", columns="{columns}", values="{others[0]}")'
        raise InputError([Problem(message=message, field=setting, hint=hint)])
    if wrong:
        message = f"must contain numbers in each column but time; not so: {', '.join(wrong[:5])}"
        raise InputError([Problem(message=message, field=setting, hint="make them numbers: table.astype(float)")])
    return xr.DataArray(
        frame.to_numpy(dtype=float), dims=("time", columns),
        coords={"time": frame.index.to_numpy(), columns: names},
        attrs={"units": str(frame.attrs["units"])} if "units" in frame.attrs else {},
    )  # fmt: skip


def _labelled(setting: str, value: Any, columns: str) -> Any:  # noqa: ANN401
    """Return an array whose dimensions are right, its times in UTC without a zone.

    Raises
    ------
    InputError
        If they are not right.
    """
    allowed = {"time", columns} | ({"member"} if setting == "weather" else set())
    if not {"time", columns} <= set(value.dims) <= allowed or columns not in value.coords or "time" not in value.coords:
        message = (
            f"must have the dimensions time and {columns}, each with labels; it has {', '.join(map(str, value.dims))}"
        )
        hint = ON_REGIONS if setting == "weather" and "region" not in value.dims else ""
        raise InputError([Problem(message=message, field=setting, hint=hint)])
    zoned = getattr(value.indexes.get("time"), "tz", None)
    if zoned is not None:
        value = value.assign_coords(time=value.indexes["time"].tz_convert("UTC").tz_localize(None))
    return value


def _check_labels(setting: str, columns: str, names: Sequence[str]) -> None:
    """Check that columns have names of their own.

    Raises
    ------
    InputError
        If one of them has that of another.
    """
    twice = [name for name in dict.fromkeys(names) if list(names).count(name) > 1]
    if twice:
        message = f"has the {columns} {twice[0]!r} more than once: keep one of them"
        raise InputError([Problem(message=message, field=setting)])


def _check_times(setting: str, times: Any) -> None:  # noqa: ANN401 - an array of times
    """Check that times are there, follow each other, and for temperatures that they are each hour.

    Raises
    ------
    InputError
        With the first place at which they are not, and what makes them right.
    """
    import numpy as np

    if not times.size:
        raise InputError([Problem(message="has no times: it is empty", field=setting)])
    hours = np.diff(times) / np.timedelta64(1, "h")
    wrong = np.flatnonzero(~(hours > 0)) if setting != "weather" else np.flatnonzero(hours != 1)
    if not wrong.size:
        return
    at, step = str(times[wrong[0] + 1])[:16].replace("T", " "), float(hours[wrong[0]])
    if not step > 0:
        message, hint = f"has the time {at} after a later or equal one", 'sort it: .sort_index(), .sortby("time")'
    elif (hours == step).all():
        message, hint = f"has a value every {step:g} hours, and must have one each hour", HOURLY
    else:
        message, hint = f"has no value for the hours before {at}, and must have one each hour", HOURLY
    if step == 0:
        message, hint = f"has the time {at} twice", "keep one of them"
    raise InputError([Problem(message=message, field=setting, hint=hint)])


HOURLY = 'put it on hours first: .resample("h").interpolate() of a table, .resample(time="h") of an array'
"""Advice that makes a series hourly."""
MEGAWATTS = {"W": 1e-6, "kW": 1e-3, "MW": 1.0, "GW": 1e3, "TW": 1e6}
"""Units that an array of power may state, in MW."""


def _in_megawatts(value: Any) -> Any:  # noqa: ANN401 - a DataArray
    """Return power in MW by its attribute `units`; MW where it states none.

    Raises
    ------
    InputError
        If it states another unit.
    """
    unit = str(value.attrs.get("units", "MW")).strip()
    if unit not in MEGAWATTS:
        message = f"must be in {', '.join(MEGAWATTS)}, as its attribute units says"
        raise InputError([Problem(message=message, field="demand", value=unit)])
    return value if unit == "MW" else value * MEGAWATTS[unit]


def _by_time(setting: str, frame: Any) -> Any:  # noqa: ANN401
    """Return a table with times in UTC as its index; they are its index, or a column `time`.

    Raises
    ------
    InputError
        If it has neither.
    """
    import pandas as pd

    if "time" in frame.columns:
        times = pd.to_datetime(frame["time"], utc=True, errors="coerce")
        frame = frame.drop(columns="time").set_axis(pd.DatetimeIndex(times), axis=0)
    if not isinstance(frame.index, pd.DatetimeIndex) or frame.index.hasnans:
        message = "must have times (UTC, or with an offset) as its index or in a column time"
        raise InputError([Problem(message=message, field=setting)])
    index = frame.index
    return frame.set_axis(index if index.tz is None else index.tz_convert("UTC").tz_localize(None), axis=0)


def _series(setting: str) -> Callable[[Any], InMemory | None]:
    """Return a function that makes a CSV file of a series by time."""

    def made(value: Any) -> InMemory | None:  # noqa: ANN401
        data = _as_array(setting, value, "region" if setting == "demand" else "name")
        if data is None:
            return None
        data = data.transpose("time", ...)
        times = data["time"].to_numpy().astype("datetime64[s]")
        names = [str(name) for name in data[data.dims[1]].to_numpy()]
        rows = (
            [str(time).replace("T", " "), *map(_cell, row)] for time, row in zip(times, data.to_numpy(), strict=True)
        )
        return InMemory.of(setting, ".csv", {"": _csv(["time", *names], rows)})

    return made


def _timetable(value: Any) -> InMemory | None:  # noqa: ANN401
    import pandas as pd

    if not isinstance(value, pd.DataFrame):
        return None
    return InMemory.of("timetable", ".csv", {"": value.to_csv(index=False, lineterminator="\n").encode()})


def _rows(value: Any) -> list[dict[str, Any]] | None:  # noqa: ANN401
    """Return the rows of a table, without cells that are missing."""
    import pandas as pd

    if not isinstance(value, pd.DataFrame):
        return None
    named = value.index.name is not None
    if named or isinstance(value.index, pd.DatetimeIndex):  # a column that was made the index
        value = value.reset_index(names=[str(value.index.name) if named else "time"])
    there = value.notna().to_numpy()
    rows = value.astype(object).to_dict("records")
    return [
        {str(name): cell for (name, cell), known in zip(row.items(), given, strict=True) if known}
        for row, given in zip(rows, there, strict=True)
    ]


_MAKERS: Mapping[str, Callable[[Any], Any]] = {
    "network": _network,
    "weather": _weather,
    "demand": _series("demand"),
    "supply": _series("supply"),
    "timetable": _timetable,
    "events": _rows,
    "mitigations": _rows,
}


def on_disk(value: object) -> object:
    """Return the path of content in memory, as other processes on this machine take it; other values as they are."""
    return str(value.path()) if isinstance(value, InMemory) else value
