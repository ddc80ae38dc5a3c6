"""Result of many members, put in place part by part, so that it is in memory once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import Ints, any_bit


class Assembled:
    """Result that blocks of members fill, segment by segment."""

    def __init__(self, members: int, steps: int) -> None:
        """Take the number of members, and of steps of the whole run."""
        self.sizes = {"member": members, "time": steps}
        self._last = xr.Dataset()  # labels, order and attributes, and what has neither members nor time
        self._arrays: dict[str, npt.NDArray[Any]] = {}
        self._clock: dict[str, npt.NDArray[Any]] = {}

    def put(self, part: xr.Dataset, rows: Ints, places: Ints, step: int) -> None:
        """Put members of a block in place.

        Parameters
        ----------
        part
            Result of a block in a segment.
        rows
            Members of the block, each as often as it is wanted.
        places
            Their places among all members.
        step
            Step of the run with which the segment begins.

        Notes
        -----
        Zeros are left to memory that nobody has written, which the system gives only when it is written. What does not
        change with time is that of the segment that is put last.
        """
        cells = {
            "member": (_run_of(rows), _run_of(places)),
            "time": (slice(None), slice(step, step + part.sizes["time"])),
        }
        for name, values in part.variables.items():
            if name in part.data_vars and {"member", "time"} & set(values.dims):
                self._copy(self._arrays, str(name), values, cells)
            elif name in part.coords and values.dims == ("time",):
                self._copy(self._clock, str(name), values, cells)
        self._last = part

    def _copy(
        self, into: dict[str, npt.NDArray[Any]], name: str, values: xr.Variable,
        cells: Mapping[str, tuple[Ints | slice, Ints | slice]],
    ) -> None:  # fmt: skip
        """Copy the cells of a variable into an array of the whole."""
        if name not in into:
            shape = [self.sizes.get(str(dim), size) for dim, size in values.sizes.items()]
            into[name] = np.zeros(shape, values.dtype)
        given = values.to_numpy()
        once = "time" in values.dims  # other cells are written by every segment
        if once and given.dtype.kind == "f" and not any_bit(given):
            return
        none = (slice(None), slice(None))
        out, there = (tuple(cells.get(str(dim), none)[side] for dim in values.dims) for side in (0, 1))
        into[name][there] = given[out]

    def dataset(self) -> xr.Dataset:
        """Return the result, members numbered from 0."""
        last = self._last
        data = {
            name: (values.dims, self._arrays.get(str(name), values.variable.values), values.attrs)
            for name, values in last.data_vars.items()
        }
        coords = {
            name: (values.dims, self._clock.get(str(name), values.variable.values), values.attrs)
            for name, values in last.coords.items() if name != "member"
        }  # fmt: skip
        member = ("member", np.arange(self.sizes["member"]), last["member"].attrs)
        return xr.Dataset(data, {**coords, "member": member}, last.attrs)


def _run_of(numbers: Ints) -> Ints | slice:
    """Return numbers as a slice where they follow each other, which copies a part without a copy in between."""
    if len(numbers) and (np.diff(numbers) == 1).all():
        return slice(int(numbers[0]), int(numbers[-1]) + 1)
    return numbers
