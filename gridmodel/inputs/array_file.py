"""Arrays by name in one netCDF file, written as they are and read without trust."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.hdf5 import UNREADABLE, check_hdf5, cut_off, of_library

Arrays = Mapping[str, npt.NDArray[Any]]
"""Arrays by name: parts of letters, digits and underscores, with dots between them."""

MAX_ARRAYS = 2_000
"""Most arrays of a file. Ours: twenty times those of a state."""
MAX_BYTES = 4_000_000_000
"""Most bytes of all arrays together. Ours: a state of ten thousand members on a network of fifty regions."""
MAX_PACKING = 1_100
"""Most bytes that one byte of a file can stand for: deflate reaches 1,032."""
SMALL_BYTES = 64_000_000
"""Size that is read however small the file is. [byte] Ours: cells that were never written take no room in a file."""
MAX_TEXT = 20_000_000
"""Longest attribute. [characters] Ours: the events of a run with fifty thousand rows."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9][A-Za-z0-9_]*)*")
_TYPES = {"f4", "f8", "i8", "u1"}
"""Types of a file: real and whole numbers, and yes or no as 1 or 0."""


def write_arrays(path: Path, arrays: Arrays, texts: Mapping[str, str]) -> None:
    """Write arrays and texts; equal ones give equal bytes.

    Parameters
    ----------
    path
        File to write; see `gridmodel.inputs.writing` for how it gets to its place.
    arrays
        Real or whole numbers, or yes or no.
    texts
        Attributes of the file.
    """
    from netCDF4 import Dataset

    with Dataset(path, "w", format="NETCDF4") as file:
        for name, text in texts.items():
            file.setncattr_string(name, text)
        for name, given in arrays.items():
            values = _stored(given)
            for size in values.shape:
                if f"n{size}" not in file.dimensions:
                    file.createDimension(f"n{size}", size or None)
            dims = [f"n{size}" for size in values.shape]
            packed = values.size > 1
            made: Any = file.createVariable(
                name, values.dtype, dims, fill_value=False, zlib=packed, complevel=1,
                chunksizes=values.shape if packed else None,
            )  # fmt: skip
            made.set_auto_maskandscale(False)
            if values.size:
                made[...] = values


def _stored(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return values in a type of `_TYPES`."""
    kind = {"b": "u1", "i": "i8"}.get(values.dtype.kind, values.dtype.str[1:])
    return np.ascontiguousarray(values, dtype=kind)


def read_arrays(path: Path, shown: str) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
    """Read arrays and texts, after names, types and sizes are checked.

    Parameters
    ----------
    path
        The file.
    shown
        Its name in messages.

    Returns
    -------
    tuple
        Arrays and texts by name.

    Raises
    ------
    InputError
        If it refers to other files, is broken, or contains something else or more than a file of its size can.
    """
    problems = Problems()
    try:
        check_hdf5(path, shown)
        return _read(path, problems, shown)
    except InputError:
        raise
    except UNREADABLE as error:
        with path.open("rb") as stream:
            said = cut_off(stream.read(64), path.stat().st_size)
        said = said or (str(error).splitlines()[0][:200] if str(error) else type(error).__name__)
        raise InputError([Problem(message=f"cannot be read as a saved state: {said}", table=shown)]) from None


def _read(
    path: Path, problems: Problems, shown: str
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:  # fmt: skip
    from netCDF4 import Dataset

    with of_library(lambda: Dataset(path)) as file:
        _check_sizes(file, path.stat().st_size, problems, shown)
        problems.raise_if_any()
        file.set_auto_maskandscale(False)
        names = [name for name in file.ncattrs() if not name.startswith("_")]
        texts = of_library(lambda: {name: file.getncattr(name) for name in names})
        for name, text in texts.items():
            if not isinstance(text, str) or len(text) > MAX_TEXT:
                problems.add(f"must be text of at most {MAX_TEXT:,} characters", table=shown, field=name[:80])
        problems.raise_if_any()
        return of_library(lambda: {name: np.asarray(variable[...]) for name, variable in file.variables.items()}), texts


def _check_sizes(file: Any, size: int, problems: Problems, shown: str) -> None:  # noqa: ANN401 - netCDF4 has no types
    """Note what is not an array of numbers, and what takes more memory than the file can hold."""
    most = min(MAX_BYTES, max(SMALL_BYTES, MAX_PACKING * size))
    if file.groups:
        problems.add("contains groups, which no saved state has", table=shown)
    if len(file.variables) > MAX_ARRAYS:
        problems.add(f"contains more than {MAX_ARRAYS:,} variables", table=shown)
        return
    whole, foreign = 0.0, []
    for name, variable in file.variables.items():
        dtype = variable.dtype
        if not isinstance(dtype, np.dtype) or dtype.str[1:] not in _TYPES or not _NAME.fullmatch(name):
            foreign.append(name[:80])
            continue
        whole += math.prod(map(float, variable.shape)) * dtype.itemsize
    if len(foreign) == 1:
        problems.add("is not an array of numbers by a plain name", table=shown, field=foreign[0])
    elif foreign:
        names = ", ".join(foreign[:3])
        problems.add(
            f"is not a saved state: it contains {len(foreign)} variables that no state has, such as {names}",
            table=shown, hint="a run saves states as state-….nc",
        )  # fmt: skip
    if whole > most:
        problems.add(f"asks for {whole / 1e6:,.0f} MB, more than the file can contain", table=shown)
