"""Zarr stores on a disk: one that writes by way of the one writer, one that unpacks chunks, one that checks hashes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from zarr.core.buffer import default_buffer_prototype
from zarr.storage import LocalStore

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.writing import swap_in
from gridmodel.results.finite import TOO_LARGE, fits
from gridmodel.studies.sweep.chunks import DamagedError, Packing, most_packed, plain, unpacked
from gridmodel.studies.sweep.sealed import MENDED, MOST_BYTES, hash_bytes, read_sealed

if TYPE_CHECKING:
    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

    from gridmodel.studies.sweep.layout import Layout

METADATA = "zarr.json"
"""Name of the file that describes an array."""
REMEMBERED = 1_000
"""Markers that stay in memory while a store is read. Ours: some megabytes."""


class Written(LocalStore):
    """A store whose chunks are made beside it and swapped in; the hash of each is noted before it leaves the memory."""

    def __init__(self, root: Path, work: Path, arrays: frozenset[str]) -> None:
        super().__init__(root)
        self.work = work
        self.arrays = arrays
        """Arrays whose old chunks are not read: they may be torn, and a unit replaces them as a whole."""
        self.hashes: dict[str, str] = {}

    async def get(
        self, key: str, prototype: BufferPrototype | None = None, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return what is there, but for chunks that will be written."""
        name, chunk, _ = key.partition("/c/")
        return None if chunk and name in self.arrays else await super().get(key, prototype, byte_range)

    async def set(self, key: str, value: Buffer) -> None:
        """Write a file, and note its hash."""
        await asyncio.to_thread(self._write, key, value.to_bytes())

    def set_sync(self, key: str, value: Buffer) -> None:
        """Write a file, and note its hash."""
        self._write(key, value.to_bytes())

    def _write(self, key: str, data: bytes) -> None:
        swap_in(data, self.root / key, self.work)
        self.hashes[key] = hash_bytes(data)


class Unpacking(LocalStore):
    """A store that unpacks chunks itself: who reads it sees values as they are, and one error for all damage."""

    def __init__(self, root: Path, packings: Mapping[str, Packing]) -> None:
        super().__init__(root, read_only=True)
        self.packings = dict(packings)
        """How the chunks of each array are packed."""

    def with_read_only(self, read_only: bool = False) -> Self:  # noqa: ARG002 - as of zarr
        """Return this store, which is never written."""
        return self

    async def get(
        self,
        key: str,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,  # noqa: ARG002 - only chunks of chunks are read in parts; none is here
    ) -> Buffer | None:
        """Return a file, a chunk unpacked.

        Raises
        ------
        InputError
            If it is missing or damaged.
        """
        return await asyncio.to_thread(self.get_sync, key, prototype=prototype)

    def get_sync(
        self,
        key: str,
        *,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,  # noqa: ARG002 - as above
    ) -> Buffer | None:
        """Return a file, a chunk unpacked.

        Raises
        ------
        InputError
            If it is missing or damaged.
        """
        data = self._read(key)
        kind = default_buffer_prototype() if prototype is None else prototype
        return None if data is None else kind.buffer.from_bytes(data)

    def _read(self, key: str) -> bytes | None:
        """Return what a file says to who reads it; None if it does not count.

        Raises
        ------
        InputError
            If it is missing or damaged.
        """
        name, _, rest = key.partition("/")
        packing = self.packings.get(name)
        data = self._file(key, MOST_BYTES if packing is None or rest == METADATA else most_packed(packing))
        if data is None or packing is None:
            return data
        if rest == METADATA:
            return json.dumps(plain(json.loads(data))).encode()
        try:
            made = unpacked(data, packing)
        except DamagedError as error:
            raise InputError([Problem(message=str(error), table=str(self.root / key), hint=MENDED)]) from None
        if packing.real and not fits(np.frombuffer(made, packing.real)):
            raise InputError([Problem(message=TOO_LARGE, table=str(self.root / key), hint="make a new store")])
        return made

    def _file(self, key: str, most: int) -> bytes | None:
        """Return the content of a file; None if it is missing.

        Raises
        ------
        InputError
            If it is larger than it can be, or cannot be read.
        """
        path = self.root / key
        try:
            if path.stat().st_size > most:
                raise InputError([Problem(message="is damaged: it is too large", table=str(path), hint=MENDED)])
            return path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise InputError([Problem(message=f"cannot be read: {error.strerror}", table=str(path))]) from None


class Verified(Unpacking):
    """A store in which only what is covered by a hash exists: all that is read is compared with it."""

    def __init__(  # noqa: PLR0917 - what is known of a store
        self,
        root: Path,
        packings: Mapping[str, Packing],
        fixed: Mapping[str, str],
        layout: Layout,
        done: frozenset[int],
        markers: str,
    ) -> None:
        super().__init__(root, packings)
        self.fixed = dict(fixed)
        """Hashes of the files that were there before the first unit."""
        self.layout = layout
        self.done = done
        """Units whose values are there."""
        self.markers = markers
        """Folder of markers, which contain the hashes of chunks."""
        self._known: dict[int, Mapping[str, str]] = {}

    async def exists(self, key: str) -> bool:
        """Return whether a file is covered by a hash."""
        return await asyncio.to_thread(self._expected, key) is not None

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Yield the names in a folder; at the top those that are covered by a hash."""
        if prefix.strip("/"):
            async for name in super().list_dir(prefix):
                yield name
            return
        for name in dict.fromkeys([*(key.split("/")[0] for key in self.fixed), *self.layout.arrays]):
            yield name

    def _file(self, key: str, most: int) -> bytes | None:
        """Return the content of a file if it is covered by a hash, after it was compared.

        Raises
        ------
        InputError
            If it is missing or differs.
        """
        expected = self._expected(key)
        if expected is None:
            return None
        found = super()._file(key, most)
        if found is None or hash_bytes(found) != expected:
            message = "is missing" if found is None else "is damaged: it is not what the sweep wrote"
            raise InputError([Problem(message=message, table=str(self.root / key), hint=MENDED)])
        return found

    def _expected(self, key: str) -> str | None:
        """Return the hash that a file must have; None if it does not count, as the chunk of a unit that is not done."""
        if key in self.fixed:
            return self.fixed[key]
        done = [unit for unit in self.layout.units(key) if unit in self.done]
        return self._marker(done[0]).get(key, "") if done else None

    def _marker(self, unit: int) -> Mapping[str, str]:
        if unit not in self._known:
            while len(self._known) >= REMEMBERED:
                self._known.pop(next(iter(self._known)), None)
            about = read_sealed(self.root / self.markers / f"{unit}.json") or {}
            self._known[unit] = about.get("files", {})
        return self._known[unit]
