"""HDF5 (NetCDF 4) looked through in Python before anything else touches it.

The C library follows external storage, virtual data sets and external links to any other file of the machine, and
unpacks what it is given; a file that does so is refused by name.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from gridmodel.errors import InputError, Problem

MAX_OBJECTS = 20_000
"""Most groups and variables. Ours."""
MAX_VALUES = 2_000_000
"""Most values of one variable. Ours."""
_EXTERNAL, _LAYOUT, _VIRTUAL = 0x0007, 0x0008, 3
"""Message types of an object header, and the layout class of a virtual data set (HDF5 file format, IV.A.2)."""
_FILTERS = {1, 2, 3}
"""Deflate, shuffle and Fletcher checksum: all that NetCDF writes unless told otherwise."""
_UNSUSPECTED_BYTES = 30_000
"""Chunk that cannot unpack to more than 32 MB, deflate's limit being 1,032 to one. [byte]"""

BROKEN = (
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, RuntimeError, OverflowError,
    EOFError, NotImplementedError, struct.error, zlib.error, MemoryError, UnboundLocalError, ArithmeticError,
)  # fmt: skip
"""What pyfive raises on a file that is broken."""


def check_hdf5(path: Path, shown: str) -> None:
    """Refuse a file that leads to other files, reading its headers only.

    Parameters
    ----------
    path
        The file.
    shown
        Its name in messages.

    Raises
    ------
    InputError
        If it does, or cannot be looked through.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        _look_through(_Metered(stream, size), shown)


def read_hdf5(path: Path, shown: str, wanted: Callable[[str], bool]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read variables of the root group, without the C library.

    Parameters
    ----------
    path
        The file.
    shown
        Its name in messages.
    wanted
        Whether a variable of this name is read.

    Returns
    -------
    tuple
        Arrays and attributes by name.

    Raises
    ------
    InputError
        If it leads to other files, holds too much, or is broken.
    """
    data = path.read_bytes()
    _look_through(_Metered(io.BytesIO(data), len(data)), shown)
    import pyfive
    from pyfive.core import InvalidHDF5File

    try:
        with warnings.catch_warnings():  # attributes that it cannot read are none that are asked for
            warnings.simplefilter("ignore", UserWarning)
            return _arrays(pyfive.File(_Metered(io.BytesIO(data), len(data))), shown, wanted)
    except InputError:
        raise
    except (*BROKEN, InvalidHDF5File) as error:
        raise InputError(_fault(shown, f"cannot be read as NetCDF: {_reason(error)}")) from None


def _arrays(file: Any, shown: str, wanted: Callable[[str], bool]) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401
    """Arrays and attributes of the root group by name."""
    arrays = {str(name): _read(file, str(name), shown) for name in file if wanted(str(name))}
    return arrays, {str(key): value for key, value in file.attrs.items()}


class _Metered(io.RawIOBase):
    """A stream that gives no more than some times its size, so that a file which points to itself comes to an end."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self._left = 8 * size + 16_000_000

    def read(self, size: int = -1) -> bytes:
        found = self._stream.read(size)
        self._left -= len(found) + 64
        if self._left < 0:
            raise ValueError("it points to itself")
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def _fault(shown: str, message: str) -> list[Problem]:
    return [Problem(message=message, table=shown)]


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:80] if str(error) else type(error).__name__


def _look_through(stream: _Metered, shown: str) -> None:
    """Go through all objects of a file.

    Raises
    ------
    InputError
        If one leads outside, or the file is broken.
    """
    import pyfive
    from pyfive.core import InvalidHDF5File
    from pyfive.dataobjects import DataObjects

    try:
        file = pyfive.File(stream)
        waiting = list(file._links.values())  # noqa: SLF001 - the public way reads values
        seen: set[int] = set()
        while waiting:
            place = waiting.pop()
            if isinstance(place, str) or place in seen:  # a soft link stays inside
                continue
            seen.add(place)
            if len(seen) > MAX_OBJECTS:
                raise InputError(_fault(shown, f"holds more than {MAX_OBJECTS:,} objects"))
            found = DataObjects(stream, place)
            if _leads_outside(found):
                raise InputError(_fault(shown, "keeps values in other files, which are never opened"))
            if not found.is_dataset:
                waiting += list(found.get_links().values())
    except InputError:
        raise
    except (*BROKEN, InvalidHDF5File) as error:
        reason = "links to another file, or is broken" if isinstance(error, AssertionError) else _reason(error)
        raise InputError(_fault(shown, f"cannot be read as NetCDF: {reason}")) from None


def _leads_outside(found: Any) -> bool:  # noqa: ANN401 - pyfive's headers have no types
    for message in found.msgs:
        if message["type"] == _EXTERNAL:
            return True
        if message["type"] == _LAYOUT:
            start = message["offset_to_message"]
            version, second = found.msg_data[start], found.msg_data[start + 1]
            if version >= 3 and second == _VIRTUAL:
                return True
    return False


def _read(file: Any, name: str, shown: str) -> Any:  # noqa: ANN401
    """Read one variable.

    Raises
    ------
    InputError
        If it holds too much, or unpacks to more than it says.
    """
    found = file[name]
    shape = tuple(getattr(found, "shape", ()))
    if not hasattr(found, "chunks"):
        raise InputError(_fault(shown, f"holds a group where a variable is expected: {name[:60]}"))
    chunk = int(np.prod(found.chunks, dtype=float)) if found.chunks else 0
    if np.prod(shape, dtype=float) > MAX_VALUES or chunk > MAX_VALUES:
        raise InputError(_fault(shown, f"holds more than {MAX_VALUES:,} values in {name[:60]}"))
    filters = found.id.filter_pipeline or []
    if any(one["filter_id"] not in _FILTERS for one in filters):
        raise InputError(_fault(shown, f"packs {name[:60]} in a way that is not read"))
    if filters and found.chunks:
        _check_chunks(found, chunk * max(found.dtype.itemsize, 1), shown, name)
    return found[...] if found.shape is not None else None


def _check_chunks(found: Any, declared: int, shown: str, name: str) -> None:  # noqa: ANN401
    """Refuse chunks that unpack to more than is declared.

    Raises
    ------
    InputError
        If one does.
    """
    for position in range(found.id.get_num_chunks()):
        info = found.id.get_chunk_info(position)
        if info.size <= _UNSUSPECTED_BYTES:
            continue
        _, packed = found.id.read_direct_chunk(info.chunk_offset)
        unpacker = zlib.decompressobj()
        if len(unpacker.decompress(packed, declared + 1024)) > declared + 512:
            raise InputError(_fault(shown, f"unpacks to more than it says in {name[:60]}"))
