"""Turn the temperatures of a GRIB file to NetCDF, in a process of its own: the C library that reads GRIB may crash.

Usage: ``python -m gridmodel.weather.parsing.grib_child GRIB NETCDF START END``, with times that may be empty.
Prints what is wrong with a file that cannot be read, and ends with `REFUSED`; a fault of its own is a traceback.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import xarray as xr

from gridmodel.inputs.child import REFUSED, Refused, reason

NAMES = {"t2m": "2t", "mn2t": "mn2t", "mx2t": "mx2t"}
"""Variables that are written, and their short names in GRIB."""
MAX_VALUES = 200_000_000
"""Most values of one variable. Ours: the bound of NetCDF files that are loaded at once."""
MEMORY_BYTES, SECONDS = 6_000_000_000, 300
"""Bounds of the process. Ours: room for three copies of the most values in double precision."""


def bound() -> None:
    """Bound memory and time of the process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(source: str, start: str, end: str) -> xr.Dataset:
    """Return the temperatures of a file by valid time.

    Raises
    ------
    Refused
        If it has none, or too many values, or cannot be read.
    """
    try:
        import cfgrib  # noqa: F401 - xarray says of one that cannot be imported that there is none
    except Exception as error:  # noqa: BLE001 - its C library may be missing in several ways
        message = f"is GRIB, and cfgrib, which reads it, cannot be used here ({reason(error)})"
        raise Refused(f"{message}; install the extra gridmodel[grib] anew") from None
    found = {}
    for name, short in NAMES.items():
        options = {"indexpath": "", "filter_by_keys": {"shortName": short}, "errors": "ignore"}
        try:
            dataset = xr.open_dataset(source, engine="cfgrib", backend_kwargs=options)
        except (ValueError, KeyError, EOFError):
            continue
        except Exception as error:  # noqa: BLE001 - of any library
            raise Refused(f"cannot be read as GRIB: {reason(error)}") from None
        if dataset.data_vars:
            data = dataset[next(iter(dataset.data_vars))]
            found[name] = by_valid_time(data, start, end)
    if not found:
        raise Refused("contains no temperature at two metres (2t, mn2t, mx2t)")
    return xr.Dataset(found)


def by_valid_time(data: xr.DataArray, start: str, end: str) -> xr.DataArray:
    """Return a variable over `time` alone: of several forecasts of an hour, the one that was made last.

    Raises
    ------
    Refused
        If it has too many values, or they cannot be read.
    """
    dims = [name for name in ("time", "step") if name in data.dims]
    valid = data["valid_time"].transpose(*dims).to_numpy().ravel()
    made = xr.broadcast(data["time"], data["valid_time"])[0].transpose(*dims).to_numpy().ravel()
    order = np.lexsort((made, valid))
    last = order[np.concatenate([np.diff(valid[order]).astype(np.int64) > 0, [True]])]
    last = last[~np.isnat(valid[last])]
    kept = np.ones(len(last), dtype=bool)
    kept &= valid[last] >= np.datetime64(start) if start else True
    kept &= valid[last] < np.datetime64(end) if end else True
    last = last[kept]
    cells = data.size // max(len(valid), 1)
    if cells * len(last) > MAX_VALUES:
        raise Refused(f"contains {cells * len(last)} values, at most {MAX_VALUES} are read")
    if not len(last):
        raise Refused("has nothing in the period that was asked for")
    shape = [data.sizes[name] for name in dims]
    place = dict(zip(dims, np.unravel_index(last, shape), strict=True)) if dims else {}
    chosen = _loaded(data.isel({name: xr.DataArray(index, dims="valid") for name, index in place.items()}))
    chosen = chosen if dims else chosen.expand_dims("valid")
    chosen = chosen.drop_vars(["time", "step", "valid_time"], errors="ignore").rename(valid="time")
    chosen = chosen.assign_coords(time=valid[last])
    keep = {"time", "latitude", "longitude", "number"}
    chosen = chosen.drop_vars([name for name in chosen.coords if name not in keep]).astype(np.float32)
    attrs = {"units": str(data.attrs.get("units", "K")), "standard_name": "air_temperature"}
    return xr.DataArray(chosen.to_numpy(), {k: v.variable for k, v in chosen.coords.items()}, chosen.dims, attrs=attrs)


def _loaded(data: xr.DataArray) -> xr.DataArray:
    """Return a variable whose values are read.

    Raises
    ------
    Refused
        If its messages are damaged.
    MemoryError
        If they need more than the process may take.
    """
    try:
        return data.load()
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - of any library
        raise Refused(f"cannot be read as GRIB: {reason(error)}") from None


def main(source: str, target: str, start: str, end: str) -> int:
    """Write NetCDF and return 0, or print what is wrong with the file and return `REFUSED`."""
    warnings.simplefilter("ignore")
    bound()
    try:
        dataset = read(source, start, end)
        for name in dataset.coords:
            dataset[name].attrs, dataset[name].encoding = {}, {}
        dataset.to_netcdf(
            target, engine="scipy", format="NETCDF3_64BIT", encoding={"time": {"units": "seconds since 1970-01-01"}}
        )
    except Refused as error:
        sys.stdout.write(str(error))
        return REFUSED
    except MemoryError:
        sys.stdout.write(f"needs more than the {MEMORY_BYTES / 1e9:g} GB of memory that reading it may take")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], str(Path(sys.argv[2])), sys.argv[3], sys.argv[4]))
