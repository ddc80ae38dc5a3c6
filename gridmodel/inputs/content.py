"""Content of an input that was given as an object, under a name that ends in its hash."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

Files = Mapping[str, bytes]
"""Content of the files of an input by their names; the one of a single file has an empty name."""


class InMemory(str):
    """Name of an input that was given as an object, which carries the content of the files that it would be saved as.

    It compares, prints and is written like the name alone. The name ends in the beginning of the hash of the content,
    so that equal names mean equal content. It is pickled with its content.
    """

    _files: Files
    bundled: bool
    """True for a network that came with the package."""

    @classmethod
    def of(cls, stem: str, suffix: str, files: Files, *, bundled: bool = False) -> InMemory:
        """Return the name of some content.

        Parameters
        ----------
        stem
            Beginning of the name.
        suffix
            End of the name of a single file; empty for a folder.
        files
            The content.
        bundled
            Whether it came with the package.
        """
        digest = hashlib.sha256()
        for name, content in sorted(files.items()):
            digest.update(f"{name}\n{len(content)}\n".encode())
            digest.update(content)
        made = cls(f"{stem}-{digest.hexdigest()[:12]}{suffix}")
        made._files, made.bundled = dict(files), bundled
        return made

    @property
    def files(self) -> Files:
        """The content, which never changes."""
        return MappingProxyType(self._files)

    def path(self) -> Path:
        """Return the path of the content in a private folder of this process, which disappears when it ends."""
        place = _folder() / str(self)
        if not place.exists():
            self.write(place)
        return place

    def write(self, place: Path) -> None:
        """Write the content to a free place: a file, or a folder with files."""
        work = Path(tempfile.mkdtemp(dir=place.parent, prefix=".gridmodel-writing-"))
        try:
            made = work / place.name
            if "" in self.files:
                made.write_bytes(self.files[""])
            else:
                made.mkdir()
                for name, content in self.files.items():
                    (made / name).write_bytes(content)
            if not place.exists():
                made.rename(place)
        finally:
            shutil.rmtree(work, ignore_errors=True)


_SESSION: dict[int, Path] = {}
"""Folder of content in memory, by process."""


def _folder() -> Path:
    found = _SESSION.get(os.getpid())
    if found is None or not found.is_dir():
        found = _SESSION[os.getpid()] = Path(tempfile.mkdtemp(prefix="gridmodel-"))
        atexit.register(_remove, os.getpid(), found)
    return found


def _remove(process: int, folder: Path) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
