"""Open NetCDF files of unknown origin safely: sizes are checked before values are read."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import netCDF4
import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.hdf5 import check_hdf5
from gridmodel.weather.parsing.time_units import check_time_units
from gridmodel.weather.series import MAX_HOURS, MAX_VALUES, Options

_CUT_OFF = (OSError, ValueError, RuntimeError, OverflowError)
"""Errors of xarray and netCDF4 where values cannot be read."""
_MALFORMED = (*_CUT_OFF, TypeError, KeyError, IndexError, AttributeError, AssertionError, MemoryError)
"""Errors of these libraries on opening a file whose attributes are of any type."""


def open_netcdf(path: Path, shown: str) -> xr.Dataset:
    """Open a file without reading its values.

    Parameters
    ----------
    path
        The file.
    shown
        Its name in messages.

    Raises
    ------
    InputError
        If it is not NetCDF, is broken, declares a coordinate longer than any series, or times that count from no date.
    """
    with path.open("rb") as stream:
        magic = stream.read(4)
    if not magic:
        raise InputError([Problem(message="is empty: download it again", table=shown)])
    if magic == b"CDF\x05":
        raise InputError([Problem(message="is a CDF-5 file: convert it to NetCDF 4", table=shown)])
    classic = magic[:3] == b"CDF"  # SciPy reads it in Python; the C library crashes on a broken one
    try:
        if not classic:
            check_hdf5(path, shown)
            _check_sizes(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xr.SerializationWarning)
            warnings.simplefilter("ignore", FutureWarning)  # pandas, of zones that are refused below
            dataset = xr.open_dataset(path, engine="scipy" if classic else "netcdf4")
        check_time_units(dataset, shown)
    except InputError:
        raise
    except _MALFORMED as error:
        raise InputError([_unreadable(error, shown)]) from None
    return dataset


@contextmanager
def reading_values(shown: str) -> Iterator[None]:
    """Turn the errors of a file whose values cannot be read into a problem.

    Parameters
    ----------
    shown
        Name of the file in messages.

    Raises
    ------
    InputError
        If the values cannot be read.
    """
    try:
        yield
    except InputError:
        raise
    except _CUT_OFF as error:
        raise InputError([_unreadable(error, shown)]) from None


def check_load(data: xr.DataArray, options: Options, *, most: int = MAX_VALUES) -> None:
    """Refuse to load more values than fit in memory.

    Parameters
    ----------
    data
        The variable, not loaded.
    options
        Name of the file.
    most
        Most values that are read.

    Raises
    ------
    InputError
        If it has more, or none.
    """
    if not data.size:
        none = ", ".join(str(dim) for dim, length in data.sizes.items() if not length)
        message = f"contains no values: {none} is empty"
        raise InputError([Problem(message=message, table=options.shown, field=str(data.name))])
    if data.size > most:
        message = f"contains {data.size} values, at most {most} are read"
        raise InputError([Problem(message=message, table=options.shown, field=str(data.name))])


def _check_sizes(path: Path) -> None:
    """Refuse a file that declares a longer coordinate than any series has, before anything of it is read.

    Raises
    ------
    InputError
        With the first such variable.
    """
    with netCDF4.Dataset(path) as dataset:
        variables = dataset.variables
        for name, variable in variables.items():
            if len(variable.dimensions) < 2 and variable.size > MAX_HOURS:
                message = f"contains {variable.size} values, at most {MAX_HOURS} are read"
                raise InputError([Problem(message=message, table=path.name, field=name)])


def _unreadable(error: Exception, shown: str) -> Problem:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return Problem(message=f"cannot be read as NetCDF: {reason}", table=shown)
