"""Packages that carry public files: downloaded once, at pinned versions, and unpacked as far as a file is asked for."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from gridmodel.inputs.files import ROOT

FOLDER = ROOT / ".make" / "files"
"""Where downloads and files are kept; `make clean` removes it."""


@dataclass(frozen=True, slots=True)
class Package:
    """One release of a package."""

    name: str
    version: str
    source: bool = False
    """True for the source archive, which has the tests and their files; otherwise the wheel."""

    @property
    def shown(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"

    @property
    def archive(self) -> Path:
        """The archive, downloaded if it is not there yet; nothing of it is installed.

        Raises
        ------
        SystemExit
            If it cannot be downloaded.
        """
        folder = FOLDER / f"{self.name}-{self.version}{'-source' if self.source else ''}"
        if not folder.is_dir() or not any(folder.iterdir()):
            folder.mkdir(parents=True, exist_ok=True)
            only = "--no-binary" if self.source else "--only-binary"
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                       only, ":all:", "--dest", str(folder), f"{self.name}=={self.version}"]  # fmt: skip
            done = subprocess.run(command, check=False)  # noqa: S603
            if done.returncode:
                raise SystemExit(f"{self.shown} cannot be downloaded")
        return next(iter(sorted(folder.iterdir())))

    def file(self, inside: str) -> Path:
        """Return a file of the package, unpacked.

        Parameters
        ----------
        inside
            End of its path in the archive.

        Raises
        ------
        SystemExit
            If the archive does not have it, or several.
        """
        target = FOLDER / "unpacked" / f"{self.name}-{self.version}" / inside
        if target.is_file():
            return target
        content = self._content(inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return target

    def _content(self, inside: str) -> bytes:
        archive = self.archive
        if archive.suffix in {".whl", ".zip"}:
            with zipfile.ZipFile(archive) as packed:
                return packed.read(self._one(inside, packed.namelist()))
        with tarfile.open(archive) as opened:
            stream = opened.extractfile(self._one(inside, opened.getnames()))
            return b"" if stream is None else stream.read()

    def _one(self, inside: str, names: list[str]) -> str:
        found = [name for name in names if name == inside or name.endswith(f"/{inside}")]
        if len(found) != 1:
            raise SystemExit(f"{self.shown} has {len(found)} files {inside}")
        return found[0]
