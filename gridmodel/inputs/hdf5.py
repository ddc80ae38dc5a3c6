"""HDF5 (NetCDF 4) inspected in Python before anything else touches it.

The C library follows external storage, virtual data sets and external links to any other file of the machine, and
unpacks whatever it is given; a file that asks for that is refused by name.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from gridmodel.errors import InputError, Problem

MAX_OBJECTS = 20_000
"""Most groups and variables of a file. Ours: bounds time on hostile files."""
MAX_VALUES = 2_000_000
"""Most values of one variable. Ours: as many as a table may have cells."""
_EXTERNAL, _LAYOUT, _VIRTUAL = 0x0007, 0x0008, 3
"""Message types of an object header, and the layout class of a virtual data set (HDF5 file format, IV.A.2)."""
_FILTERS = {1, 2, 3}
"""Deflate, shuffle and Fletcher checksum: all that NetCDF writes unless told otherwise."""
_UNSUSPECTED_BYTES = 30_000
"""Packed size of a chunk that cannot unpack to more than 32 MB: deflate reaches 1,032 to one at most. [byte]"""

BROKEN = (
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, RuntimeError, OverflowError,
    EOFError, NotImplementedError, struct.error, zlib.error, MemoryError, UnboundLocalError, ArithmeticError,
)  # fmt: skip
"""Exceptions that pyfive raises on a broken file."""


T = TypeVar("T")
UNREADABLE = (OSError, RuntimeError, ValueError, EOFError, OverflowError, zlib.error)
"""Errors of libraries on values of a file that are read late, beside our own checks."""


def of_library(call: Callable[[], T]) -> T:
    """Return what a library makes of a file; whatever it raises says that of the file, and is one of `UNREADABLE`.

    What is raised otherwise, beside our own checks of the file, is a fault of ours and is not told as one of the file.

    Raises
    ------
    ValueError
        In place of errors of other kinds.
    """
    try:
        return call()
    except UNREADABLE:
        raise
    except Exception as error:
        raise ValueError(str(error)) from error


def check_hdf5(path: Path, shown: str) -> None:
    """Refuse a file that refers to other files; only its headers are read.

    Parameters
    ----------
    path
        The file.
    shown
        Its name in messages.

    Raises
    ------
    InputError
        If it does, or its headers cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(64)
        stream.seek(0)
        _look_through(_Metered(stream, size), shown, cut_off(head, size))


def read_hdf5(path: Path, shown: str, wanted: Callable[[str], bool]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read variables of the root group, without the C library.

    Parameters
    ----------
    path
        The file.
    shown
        Its name in messages.
    wanted
        Returns whether a variable of a name is to be read.

    Returns
    -------
    tuple
        Arrays and attributes by name.

    Raises
    ------
    InputError
        If it refers to other files, contains too much, or is broken.
    """
    data = path.read_bytes()
    cut = cut_off(data[:64], len(data))
    _look_through(_Metered(io.BytesIO(data), len(data)), shown, cut)
    import pyfive
    from pyfive.core import InvalidHDF5File

    try:
        with warnings.catch_warnings():  # attributes that it cannot read are not asked for
            warnings.simplefilter("ignore", UserWarning)
            return _arrays(pyfive.File(_Metered(io.BytesIO(data), len(data))), shown, wanted)
    except InputError:
        raise
    except (*BROKEN, InvalidHDF5File) as error:
        raise InputError(_fault(shown, f"cannot be read as NetCDF: {cut or _reason(error)}")) from None


def _arrays(file: Any, shown: str, wanted: Callable[[str], bool]) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401
    """Return the arrays and attributes of the root group by name."""
    arrays = {str(name): _read(file, str(name), shown) for name in file if wanted(str(name))}
    return arrays, {str(key): value for key, value in file.attrs.items()}


class _Metered(io.RawIOBase):
    """A stream that gives at most a few times its size, so that reading a file which points to itself ends."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self._remaining = 8 * size + 16_000_000

    def read(self, size: int = -1) -> bytes:
        found = self._stream.read(size)
        self._remaining -= len(found) + 64
        if self._remaining < 0:
            raise ValueError("it points to itself")
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_WHOLE = {0: (13, 40), 1: (13, 44), 2: (9, 28), 3: (9, 28)}
"""Places of the width of an address and of the size of the whole file in its head, by version, if addresses have eight
bytes (HDF5 file format, II.A)."""


def cut_off(head: bytes, size: int) -> str:
    """Return that a file is cut off, and what to do; an empty text if its head says nothing of the kind.

    Parameters
    ----------
    head
        First 64 bytes of the file.
    size
        Its length. [byte]
    """
    if not head.startswith(_SIGNATURE) or len(head) < 9:
        return ""
    width, place = _WHOLE.get(head[8], (0, 0))
    if not place or len(head) < place + 8 or head[width] != 8:
        return "it is cut off within its head; copy it again, or make it again" if len(head) < 64 else ""
    whole = int.from_bytes(head[place : place + 8], "little")
    if size >= whole:
        return ""
    return f"it is cut off after {size:,} of {whole:,} bytes; copy it again, or make it again"


def _fault(shown: str, message: str) -> list[Problem]:
    return [Problem(message=message, table=shown)]


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0][:80] if str(error) else type(error).__name__


def _look_through(stream: _Metered, shown: str, cut: str) -> None:
    """Inspect the headers of all objects of a file, and say that it is `cut` where they cannot be read.

    Raises
    ------
    InputError
        If one refers to another file, or the file is broken.
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
                raise InputError(_fault(shown, f"contains more than {MAX_OBJECTS:,} objects"))
            found = DataObjects(stream, place)
            if _leads_outside(found):
                raise InputError(_fault(shown, "keeps values in other files, which are never opened"))
            if not found.is_dataset:
                waiting += list(found.get_links().values())
    except InputError:
        raise
    except (*BROKEN, InvalidHDF5File) as error:
        reason = "links to another file, or is broken" if isinstance(error, AssertionError) else _reason(error)
        raise InputError(_fault(shown, f"cannot be read as NetCDF: {cut or reason}")) from None


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
        If it contains too much, or unpacks to more than it declares.
    """
    found = file[name]
    shape = tuple(getattr(found, "shape", ()))
    if not hasattr(found, "chunks"):
        raise InputError(_fault(shown, f"contains a group where a variable is expected: {name[:60]}"))
    chunk = int(np.prod(found.chunks, dtype=float)) if found.chunks else 0
    if np.prod(shape, dtype=float) > MAX_VALUES or chunk > MAX_VALUES:
        raise InputError(_fault(shown, f"contains more than {MAX_VALUES:,} values in {name[:60]}"))
    filters = found.id.filter_pipeline or []
    if any(one["filter_id"] not in _FILTERS for one in filters):
        raise InputError(
            _fault(
                shown, f"compresses {name[:60]} in a way that is not supported; write it with deflate or uncompressed"
            )
        )
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
            raise InputError(_fault(shown, f"unpacks to more than it declares in {name[:60]}"))
