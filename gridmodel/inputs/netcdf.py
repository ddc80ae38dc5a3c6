"""How data are laid out in a netCDF file, so that checkers of the CF conventions find nothing."""

from __future__ import annotations

import math
import os
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from xarray.backends.netCDF4_ import NETCDF4_PYTHON_LOCK

_Part = tuple[slice, ...]
CHUNK_BYTES = 4_000_000
"""Largest chunk of a variable. [byte] Ours: as the netCDF library chooses for dimensions that are not records."""
LARGE_BYTES = 2_000_000
"""Values from which their chunks are packed by ISA-L. [byte] Ours: zlib packs as much while h5py is loaded."""
_THREADS = 2
"""Threads that pack chunks. Ours: what they make is written by one, which takes half as long as packing."""
_LEVEL = 2
"""Level of ISA-L's deflate: a little smaller than zlib's level 1, some nine times as fast; level 3 is slower."""
TEMPERATURE: dict[str, str] = {
    "units": "degC", "long_name": "Outdoor air temperature", "standard_name": "air_temperature",
    "units_metadata": "temperature: on_scale",
}  # fmt: skip
"""CF attributes of temperatures."""
_COORDINATES: dict[str, dict[str, str]] = {
    "time": {"long_name": "Time, UTC", "standard_name": "time", "units_metadata": "leap_seconds: none"},
    "region": {"long_name": "Region"},
    "member": {"long_name": "Member of the ensemble", "standard_name": "realization", "units": "1"},
    "wind_m_s": {"long_name": "Wind at 10 m", "standard_name": "wind_speed", "units": "m s-1"},
    "ghi_w_m2": {
        "long_name": "Sun on level ground", "units": "W m-2",
        "standard_name": "surface_downwelling_shortwave_flux_in_air",
    },
}  # fmt: skip


def cf_encoding(data: xr.Dataset) -> dict[Any, dict[str, Any]]:
    """Return the encoding of every variable: texts as characters, numbers packed, chunks that suit time as the record.

    Notes
    -----
    CF recommends that other dimensions stand before time unless time is the record dimension; results keep the order
    member, time, region, …, so that steps of a member lie together.
    """
    encoding: dict[Any, dict[str, Any]] = {}
    for name, values in data.variables.items():
        made: dict[str, Any] = {"dtype": "S1"} if values.dtype.kind in "OUT" else {}
        if values.dtype.kind == "f" and (name in data.data_vars or "time" in values.dims):
            made |= {"zlib": True, "complevel": 1, "shuffle": True}
        if "time" in values.dims and values.dtype.kind not in "OUT":
            each = values.dtype.itemsize * math.prod(values.shape[1:])
            first = max(1, min(values.shape[0], CHUNK_BYTES // max(each, 1)))
            made["chunksizes"] = (first, *values.shape[1:])
        encoding[name] = made
    return encoding


def write_netcdf4(data: xr.Dataset, path: Path, encoding: Mapping[Any, Mapping[str, Any]]) -> None:
    """Write a dataset whose record dimension is time; equal ones give equal bytes.

    Parameters
    ----------
    data
        The dataset.
    path
        A new file.
    encoding
        Encoding of variables, see `cf_encoding`.

    Notes
    -----
    Nearly all time that the netCDF library takes for a large file goes into zlib. There it only lays out the file and
    writes what is not packed or has no time; the chunks of the others are packed by ISA-L, whose streams every zlib
    reads. Neither `to_netcdf` is called nor a lock left to xarray: both load Dask's scheduler, which takes longer than
    a small file. Processors of another kind (ARM) may pack the same values to other bytes.
    """
    packed = {name: data.variables[name] for name, how in encoding.items() if how.get("zlib")}
    records = {name: values for name, values in packed.items() if "time" in values.dims and values.size}
    large = sum(values.nbytes for values in records.values()) >= LARGE_BYTES
    writer = _Writer(records if large else ())
    store = xr.backends.NetCDF4DataStore.open(  # type: ignore[no-untyped-call]
        path, mode="w", format="NETCDF4", lock=NETCDF4_PYTHON_LOCK
    )
    try:
        data.dump_to_store(store, writer=writer, encoding=encoding, unlimited_dims=["time"])
    finally:
        store.close()
    if writer.kept:
        _write_packed(path, writer.kept)


class _Writer:
    """Writer that takes the arrays of a file from xarray as they are stored, and keeps some, which are packed later."""

    def __init__(self, names: Collection[Any]) -> None:
        self.names = names
        self.kept: dict[str, Any] = {}

    def add(self, source: Any, target: Any, region: object = None) -> None:  # noqa: ANN401, ARG002 - as xarray calls it
        """Write an array, or keep it."""
        if target.variable_name in self.names:
            self.kept[target.variable_name] = source
        else:
            target[...] = np.asarray(source)


def _write_packed(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays chunk by chunk into variables that a file of our own has, by name, without values so far."""
    import h5py  # never opens a file of others: the C library follows a file to others

    with _plain_errors(), h5py.File(path, "r+") as file, ThreadPoolExecutor(_THREADS) as pool:
        for name, values in arrays.items():
            stored = file[name]
            stored.resize(values.shape)
            chunks = _Chunks(stored.dtype, stored.chunks, stored.fillvalue, stored.shuffle)
            for part, packed in _ahead(pool, partial(chunks.packed, values), stored.iter_chunks()):
                stored.id.write_direct_chunk(tuple(one.start for one in part), packed)


def _ahead(
    pool: ThreadPoolExecutor, function: Callable[[_Part], bytes], parts: Iterable[_Part]
) -> Iterator[tuple[_Part, bytes]]:  # fmt: skip
    """Give what a function makes of each part, in their order, a few of them ahead."""
    waiting: deque[tuple[_Part, Future[bytes]]] = deque()
    for part in parts:
        waiting.append((part, pool.submit(function, part)))
        if len(waiting) > 2 * _THREADS:
            first, made = waiting.popleft()
            yield first, made.result()
    for part, made in waiting:
        yield part, made.result()


@dataclass(frozen=True, slots=True)
class _Chunks:
    """How a variable of a file is cut into chunks, and how these are stored."""

    kind: np.dtype[Any]
    shape: tuple[int, ...]
    fill: object
    shuffled: bool

    def packed(self, values: Any, part: _Part) -> bytes:  # noqa: ANN401 - an array of xarray's, which may be lazy
        """Return a part of some values as a chunk of full size: those at an edge end in what is not written."""
        from isal import isal_zlib

        given = np.asarray(values[part], dtype=self.kind)
        if given.shape == self.shape:
            made = np.ascontiguousarray(given)
        else:
            made = np.full(self.shape, self.fill, dtype=self.kind)
            made[tuple(slice(size) for size in given.shape)] = given
        return isal_zlib.compress(_planes(made) if self.shuffled else made, _LEVEL)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Raise the system's error where HDF5 tells of it in a page of text.

    Raises
    ------
    OSError
        If the disk is full, or fails.
    RuntimeError
        If HDF5 fails at something else.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:  # RuntimeError where the file is closed
        found = re.search(r"errno = (\d+)", str(error))
        if found is None:
            raise
        raise OSError(int(found[1]), os.strerror(int(found[1]))) from None


def _planes(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return bytes as HDF5's filter sorts them: the first of each number, then the second of each, and so on."""
    return np.ascontiguousarray(values.reshape(-1, 1).view(np.uint8).T)


def cf_dataset(data: xr.DataArray) -> xr.Dataset:
    """Return temperatures as a dataset with the attributes that the CF conventions ask for.

    Parameters
    ----------
    data
        ``temperature(time, region)``, perhaps with `member`, wind and sun. [degC]
    """
    own = {str(name): value for name, value in data.attrs.items()}
    whole = data.to_dataset(name="temperature").copy()
    for variable in whole.variables.values():
        variable.encoding = {}
    whole["temperature"].attrs = {**TEMPERATURE, **own}
    for name, attributes in _COORDINATES.items():
        if name in whole.coords:
            whole[name].attrs = {**attributes, **whole[name].attrs}
    title, history = own.get("title", "Outdoor temperatures by region"), own.get("history", "written by gridmodel")
    whole.attrs = {"Conventions": "CF-1.11", "title": title, "history": history, **whole.attrs}
    return whole
