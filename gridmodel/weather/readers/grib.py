"""GRIB of ERA5 and of forecasts, where the extra `grib` (cfgrib) is installed."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path

import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.child import why_refused
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.readers.cf_netcdf import read_dataset
from gridmodel.weather.series import Options, Series

MAX_SECONDS = 600
"""Longest that reading may take. [s] Ours: twice the processor time that the process is given."""
SPARE_D = 4
"""Days around a period that are read, as days and gaps need them. [d]"""


def detect(file: File) -> int:
    """Return the evidence that a file is GRIB."""
    return SIGNATURE if file.magic.startswith(b"GRIB") else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read temperatures at two metres; each hour of several forecasts takes that which was made last.

    Raises
    ------
    InputError
        If cfgrib is not installed, or cannot read the file.

    Notes
    -----
    The C library that reads GRIB may crash on a damaged file, so that a process of its own turns it to NetCDF.
    """
    if importlib.util.find_spec("cfgrib") is None:
        hint = "install the extra that reads it, gridmodel[grib]; or download NetCDF instead, or convert it"
        raise InputError([Problem(message="is GRIB, which is not read without cfgrib", table=options.shown, hint=hint)])
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "found.nc"
        _convert(file.path, target, options)
        with xr.open_dataset(target, engine="scipy") as dataset:
            return read_dataset(dataset.load(), problems, options)


def _convert(source: Path, target: Path, options: Options) -> None:
    """Write the temperatures of a GRIB file as NetCDF.

    Raises
    ------
    InputError
        If the file cannot be read.
    RuntimeError
        If the process ends in an error that is none of the file.
    """
    import subprocess  # nosec B404

    window, day = options.window, 24 * 3600
    edges = [
        "" if edge is None else str(edge.astype("datetime64[s]") + sign * SPARE_D * day)
        for edge, sign in ((window.start, -1), (window.end, 1))
    ]
    command = [
        sys.executable,
        "-m",
        "gridmodel.weather.parsing.grib_child",
        str(source.absolute()),
        str(target),
        *edges,
    ]
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603
            command, capture_output=True, text=True, timeout=MAX_SECONDS, check=False, errors="replace"
        )
    except subprocess.TimeoutExpired:
        message = f"takes longer than {MAX_SECONDS} s to read"
        raise InputError([Problem(message=message, table=options.shown)]) from None
    if done.returncode or not target.is_file():
        crashed = "cannot be read as GRIB: the library that reads it gave up"
        message = why_refused(done.returncode, done.stdout, done.stderr, crashed=crashed)
        raise InputError([Problem(message=message[:300], table=options.shown)])


FORMAT = Format(
    name="GRIB",
    meaning="ERA5, ERA5-Land and forecasts, temperature at two metres on a grid; needs the extra `grib` (cfgrib)",
    told_by="the first letters, `GRIB`",
    detect=detect,
    read=read,
    binary=True,
)
