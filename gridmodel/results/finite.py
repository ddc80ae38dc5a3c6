"""Values of a result from elsewhere, checked where they are read: each is a number of a likely size, or missing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from gridmodel.errors import InputError, Problem

LARGEST = 1e15
"""Largest number of a result, in any unit. Ours: all people on Earth have 8e13 person-hours in 400 days."""
TOO_LARGE = "contains infinity, or a number beyond 1e15, which no result has"
"""Message about a value that is neither missing nor a number that a result can have."""


def fits(values: npt.NDArray[Any]) -> bool:
    """Return whether all numbers are missing, or of a size that a result can have.

    Examples
    --------
    >>> fits(np.array([1.0, np.nan])), fits(np.array([np.inf])), fits(np.array([-1e300]))
    (True, False, False)
    """
    if values.dtype.kind != "f" or not values.size:
        return True
    with np.errstate(invalid="ignore"):  # of missing values
        return not (np.fmax.reduce(np.abs(values), axis=None) > LARGEST)


class _Checked(BackendArray):
    """Values of a variable, checked whenever some of them are read."""

    def __init__(self, variable: xr.Variable, name: str, shown: str, *, complete: bool) -> None:
        self.variable, self.name, self.shown, self.complete = variable, name, shown, complete
        self.shape, self.dtype = variable.shape, variable.dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:  # noqa: ANN401 - as of xarray
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key: Any) -> npt.NDArray[Any]:  # noqa: ANN401 - integers, slices and arrays of places
        values: npt.NDArray[Any] = self.variable[key].to_numpy()
        if not fits(values):
            raise InputError([Problem(message=TOO_LARGE, table=self.shown, field=self.name)])
        if self.complete and np.isnan(values).any():
            message = "is missing in places, though every run has it throughout"
            raise InputError([Problem(message=message, table=self.shown, field=self.name)])
        return values


def with_checked_values(result: xr.Dataset, shown: str, *, complete: Collection[str] = ()) -> xr.Dataset:
    """Return a lazily opened dataset whose real numbers are checked when they are read.

    Parameters
    ----------
    result
        The dataset; closing what is returned closes it.
    shown
        Name of the file in messages.
    complete
        Names of variables in which nothing may be missing.

    Returns
    -------
    xarray.Dataset
        Alike. Reading a value that is infinite or beyond `LARGEST` raises an `InputError`.
    """
    checked = {
        name: _lazy(values.variable, str(name), shown, complete=name in complete)
        for name, values in result.data_vars.items()
        if values.dtype.kind == "f"
    }
    made = result.assign(checked)
    made.encoding = result.encoding
    made.set_close(result.close)
    return made


def _lazy(variable: xr.Variable, name: str, shown: str, *, complete: bool) -> xr.Variable:
    wrappers: Any = indexing  # of xarray, whose types are narrower than what it takes
    array = wrappers.LazilyIndexedArray(_Checked(variable, name, shown, complete=complete))
    kept = wrappers.MemoryCachedArray(wrappers.CopyOnWriteArray(array))
    return xr.Variable(variable.dims, kept, variable.attrs, variable.encoding, fastpath=True)
