"""Chunks of a store: how they are packed, and unpacking that takes no more memory than an array says.

A store may come from a stranger, whose hashes and checksums fit whatever he has written. So nothing is left to the
codecs of a file: only the chains that a sweep writes are known, what a frame says of its size is compared with the
size of a chunk before any memory is asked for, and whatever an unpacker says is one error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_CHUNK_BYTES = 128_000_000
"""Largest chunk, unpacked. [byte] Ours: what all variables of a unit take at most in a sweep with 2 GB."""
MAX_LABEL_BYTES = 50_000_000
"""Largest coordinate. [byte] Ours: a million members have eight."""
CHAINS = (("blosc", "crc32c"), ("blosc",), ("zstd",))
"""Packings that follow `bytes` or `vlen-utf8`: as sweeps write it, and as 0.1.0 wrote arrays and coordinates."""
BLOSC = {"cname": "zstd", "clevel": 1, "shuffle": "shuffle", "blocksize": 0}
"""Settings of Blosc, which differ in the size of a number only."""
_BLOSC_HEADER, _CRC = 16, 4
_BLOSC_ZSTD, _BLOSC_COPIED = 4, 2
"""Code of zstd in the flags of a Blosc frame, and the flag of bytes that are copied as they are."""
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class DamagedError(ValueError):
    """A chunk that is not what its array says; the message is the end of a sentence about the file."""


@dataclass(frozen=True, slots=True)
class Packing:
    """How the chunks of an array are packed."""

    count: int
    """Values of a chunk."""
    itemsize: int
    """Size of a value; 0 for text. [byte]"""
    chain: tuple[str, ...]
    """Codecs after the one that makes bytes of values."""
    real: str = ""
    """Type of real numbers; empty for others."""

    @property
    def most(self) -> int:
        """Size of an unpacked chunk; for text the largest. [byte]"""
        return self.count * self.itemsize if self.itemsize else MAX_LABEL_BYTES


def packing_of(about: Mapping[str, Any]) -> Packing:
    """Return how the chunks of an array are packed.

    Parameters
    ----------
    about
        Metadata of the array, as in its `zarr.json`.

    Raises
    ------
    DamagedError
        If not as a sweep packs them.
    KeyError, TypeError, ValueError, AttributeError
        If it is not the metadata of an array.
    """
    codecs: Sequence[Mapping[str, Any]] = about["codecs"]
    first, *others = codecs
    text = about["data_type"] == "string"
    itemsize = 0 if text else np.dtype(about["data_type"]).itemsize
    chain = tuple(str(codec["name"]) for codec in others)
    settings = [dict(codec.get("configuration") or {}) for codec in codecs]
    known = first["name"] == ("vlen-utf8" if text else "bytes") and chain in CHAINS
    known = known and settings[0] in ([{}] if text else [{"endian": "little"}, *([{}] if itemsize == 1 else [])])
    for name, given in zip(chain, settings[1:], strict=True):
        known = known and _is_known(name, given)
    if not known:
        raise DamagedError("is packed in a way that no sweep uses")
    chunk = about["chunk_grid"]["configuration"]["chunk_shape"]
    real = str(about["data_type"]) if str(about["data_type"]).startswith("float") else ""
    return Packing(math.prod(int(size) for size in chunk), itemsize, chain, real)


def _is_known(name: str, given: Mapping[str, Any]) -> bool:
    if name == "blosc":
        rest = {key: value for key, value in given.items() if key != "typesize"}
        size = given.get("typesize")
        return rest == BLOSC and type(size) is int and 1 <= size <= 255
    return given in ({}, {"level": 0, "checksum": False}) if name == "zstd" else not given


def plain(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of an array whose chunks are unpacked already."""
    return {**about, "codecs": [about["codecs"][0]]}


def most_packed(packing: Packing) -> int:
    """Return the largest size of a file with a chunk: packing never adds more than a few bytes in a hundred. [byte]"""
    return packing.most + packing.most // 100 + 1_000


def unpacked(data: bytes, packing: Packing) -> bytes:
    """Unpack a chunk.

    Parameters
    ----------
    data
        The file.
    packing
        How it is packed.

    Returns
    -------
    bytes
        The values, as many as a chunk has, or the text in the form of `vlen-utf8`.

    Raises
    ------
    DamagedError
        If it cannot be unpacked, or is not of the size that it must have; nothing larger is allocated.
    """
    import google_crc32c
    from numcodecs import blosc, zstd  # type: ignore[import-untyped]

    if packing.chain[-1] == "crc32c":
        body, end = data[:-_CRC], data[-_CRC:]
        if google_crc32c.value(body) != int.from_bytes(end, "little") or len(end) < _CRC:
            raise DamagedError("is damaged: its checksum differs")
        data = body
    said = _blosc_size(data) if packing.chain[0] == "blosc" else _zstd_size(data)
    if said is None or said > packing.most or (packing.itemsize and said != packing.most):
        raise DamagedError("is damaged: it does not unpack to the size of a chunk")
    try:
        made = bytes(blosc.decompress(data) if packing.chain[0] == "blosc" else zstd.decompress(data))
    except (RuntimeError, ValueError) as error:
        raise DamagedError("is damaged: it cannot be unpacked") from error
    if len(made) != said:
        raise DamagedError("is damaged: it does not unpack to the size of a chunk")
    if not packing.itemsize:
        _check_text(made, packing.count)
    return made


def _blosc_size(data: bytes) -> int | None:
    """Return the size that a Blosc frame says it unpacks to; None if it is not a frame as sweeps write it. [byte]"""
    if len(data) < _BLOSC_HEADER or int.from_bytes(data[12:16], "little") != len(data):
        return None
    known = data[2] >> 5 == _BLOSC_ZSTD
    size, block = int.from_bytes(data[4:8], "little"), int.from_bytes(data[8:12], "little")
    return size if known and (block <= max(size, 1) or data[2] & _BLOSC_COPIED) else None


def _zstd_size(data: bytes) -> int | None:
    """Return the size that a zstd frame says it unpacks to; None if it does not say so. [byte] RFC 8878, 3.1.1.1."""
    if len(data) < 6 or data[:4] != _ZSTD_MAGIC:
        return None
    flags = data[4]
    single = bool(flags & 0x20)
    width = (int(single), 2, 4, 8)[flags >> 6]
    start = 5 + (not single) + (0, 1, 2, 4)[flags & 3]
    if not width or len(data) < start + width:
        return None
    return int.from_bytes(data[start : start + width], "little") + (256 if width == 2 else 0)


def _check_text(data: bytes, count: int) -> None:
    """Check that text is of as many words as a chunk has, before a list of them is made.

    Raises
    ------
    DamagedError
        If it is not.
    """
    at, found = 4, int.from_bytes(data[:4], "little")
    sizes: list[int] = []
    while found == count and len(sizes) < count and at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        try:
            data[at + 4 : at + 4 + size].decode()
        except UnicodeDecodeError:
            break
        sizes.append(size)
        at += 4 + size
    if len(sizes) != count or at != len(data):
        raise DamagedError("is damaged: it is not the text of a chunk")
