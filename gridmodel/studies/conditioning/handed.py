"""Results that a process hands to another in a file: through a pipe they would be copied four times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problem

SMALL = 1_000_000
"""Size of an array up to which it goes through the pipe. [byte] Ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Result whose large arrays are in a file."""

    path: Path
    small: xr.Dataset
    """Result without them."""
    order: tuple[str, ...]
    """Names of all its variables."""
    large: Mapping[str, tuple[tuple[str, ...], str, tuple[int, ...], int, Mapping[str, Any]]]
    """Dimensions, type, shape, place in the file and attributes of each."""

    @classmethod
    def over(cls, result: xr.Dataset, path: Path) -> Handed:
        """Write the large arrays of a result into a file.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        large, place = {}, 0
        try:
            with path.open("wb") as file:
                for name, values in result.data_vars.items():
                    if values.nbytes <= SMALL or values.dtype.hasobject:
                        continue
                    array = np.ascontiguousarray(values.values)
                    file.write(array.reshape(-1).view(np.uint8).data)  # `tofile` does not say that a disk is full
                    dims = tuple(map(str, values.dims))
                    large[str(name)] = (dims, array.dtype.str, array.shape, place, values.attrs)
                    place += array.nbytes
        except OSError as error:
            path.unlink(missing_ok=True)
            message = f"cannot be written: {error.strerror or error}"
            raise InputError([Problem(message=message, table=str(path.parent))]) from None
        small = result.drop_vars(list(large))
        return cls(path=path, small=small, order=tuple(map(str, result.data_vars)), large=large)

    def taken(self) -> xr.Dataset:
        """Return the result; its large arrays are those of the file, which may be removed when they are copied."""
        arrays = {
            name: (dims, np.memmap(self.path, kind, "r", offset, shape), attrs)
            for name, (dims, kind, shape, offset, attrs) in self.large.items()
        }
        return self.small.assign(arrays)[list(self.order)]
