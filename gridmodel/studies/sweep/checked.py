"""Zarr stores on a disk: one that writes chunks by way of the one writer, and one that reads only what has its hash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from zarr.storage import LocalStore

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.writing import swap_in
from gridmodel.studies.sweep.sealed import MENDED, hash_bytes, read_sealed

if TYPE_CHECKING:
    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

    from gridmodel.studies.sweep.layout import Layout

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


class Verified(LocalStore):
    """A store in which only what is covered by a hash exists: all that is read is compared with it."""

    def __init__(
        self, root: Path, fixed: Mapping[str, str], layout: Layout, done: frozenset[int], markers: str
    ) -> None:
        super().__init__(root, read_only=True)
        self.fixed = dict(fixed)
        """Hashes of the files that were there before the first unit."""
        self.layout = layout
        self.done = done
        """Units whose values are there."""
        self.markers = markers
        """Folder of markers, which contain the hashes of chunks."""
        self._known: dict[int, Mapping[str, str]] = {}

    def with_read_only(self, read_only: bool = False) -> Self:  # noqa: ARG002 - as of zarr
        """Return this store, which is never written."""
        return self

    async def get(
        self, key: str, prototype: BufferPrototype | None = None, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return a file if it is covered by a hash, after it was compared.

        Raises
        ------
        InputError
            If it is missing or damaged.
        """
        expected = await asyncio.to_thread(self._expected, key)
        if expected is None:
            return None
        found = await super().get(key, prototype)
        self._compare(key, found, expected)
        return found if byte_range is None else await super().get(key, prototype, byte_range)

    def get_sync(
        self, key: str, *, prototype: BufferPrototype | None = None, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return a file if it is covered by a hash, after it was compared.

        Raises
        ------
        InputError
            If it is missing or damaged.
        """
        expected = self._expected(key)
        if expected is None:
            return None
        found = super().get_sync(key, prototype=prototype)
        self._compare(key, found, expected)
        return found if byte_range is None else super().get_sync(key, prototype=prototype, byte_range=byte_range)

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

    def _compare(self, key: str, found: Buffer | None, expected: str) -> None:
        """Compare a file with its hash.

        Raises
        ------
        InputError
            If it is missing or differs.
        """
        if found is None or hash_bytes(found.to_bytes()) != expected:
            message = "is missing" if found is None else "is damaged: it is not what the sweep wrote"
            raise InputError([Problem(message=message, table=str(self.root / key), hint=MENDED)])
