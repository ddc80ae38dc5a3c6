"""Networks and weather that were read and are right, kept by the content of their files, since many runs read them."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from stat import S_ISREG
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_BYTES = 16_000_000
"""Most bytes of files whose content is kept; larger ones are read again. [byte] Ours: a year of a country has 2 MB."""


class Remembered(Generic[T]):
    """The last few things that were read, by the content of what they were read from.

    Parameters
    ----------
    most
        How many are kept.
    copied
        Copies one: what is handed out is its owner's to change.
    """

    def __init__(self, most: int, copied: Callable[[T], T]) -> None:
        self._most, self._copied = most, copied
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, content: Hashable | None) -> T | None:
        """Return a copy of what was read of a content; None if it is not kept."""
        found = None if content is None else self._kept.get(content)
        return None if found is None else self._copied(found)

    def keep(self, content: Hashable | None, read: T) -> None:
        """Keep a copy of what was read of a content, in place of the oldest; nothing without a content."""
        if content is None:
            return
        self._kept[content] = self._copied(read)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def content_of(files: Sequence[Path]) -> Hashable | None:
    """Return names and hashes of files.

    Parameters
    ----------
    files
        Files; None is returned if one is missing, a link or no file, or if they are large.
    """
    try:
        states = [file.lstat() for file in files]
        if not all(S_ISREG(state.st_mode) for state in states) or sum(state.st_size for state in states) > MAX_BYTES:
            return None
        return tuple((file.name, hashlib.sha256(file.read_bytes()).digest()) for file in files)
    except OSError:
        return None
