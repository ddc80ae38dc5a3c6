"""Declaration of a network format, so that one file under `formats/` adds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gridmodel.errors import Problems
    from gridmodel.interchange.source import Source
    from gridmodel.network.plain import PlainNet
    from gridmodel.network.read import Network

KEPT = "kept"
"""Fate of what a format keeps as it is."""
LOST = "lost"
"""Fate of what a format cannot hold at all."""


class Read(Protocol):
    """Read a file or folder: note what is wrong in `problems`, raise `InputError` where nothing can be read."""

    def __call__(self, path: Path, problems: Problems, *, shown: str) -> Network | PlainNet:
        """Return the tables; `shown` is the name of the file in messages."""


class Write(Protocol):
    """Write a network to a new file, or into an empty folder."""

    def __call__(self, source: Source, path: Path) -> list[str] | None:
        """Return what else is lost, a line for each kind of thing; None if nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Parts of a network that files of one program keep."""

    title: str
    """Heading of its column in the documentation."""
    fates: Mapping[str, str]
    """Fate of a kind of thing, by key of `gridmodel.interchange.kinds.KINDS`: `KEPT`, `LOST`, or what it is
    written as, in words."""
    otherwise: str = KEPT
    """Fate of the kinds that `fates` does not name."""

    def fate(self, kind: str) -> str:
        """Return what becomes of a kind of thing."""
        return self.fates.get(kind, self.otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One network format: its name, how a file of it is recognised, its reader and its writer."""

    name: str
    """Name on the command line and in `convert_network`, such as `pandapower-json`."""
    title: str
    """Name in messages and help, such as `pandapower JSON`."""
    suffix: str = ""
    """Ending of the file's name, such as `.json`; empty for a folder."""
    starts: tuple[bytes, ...] = ()
    """First bytes of a file of this format, any one of them; white space before them is ignored."""
    second_line: bytes = b""
    """Beginning of the second line of a file of this format, where the first may be anything."""
    marks: tuple[str, ...] = ()
    """Files that only a folder of this format contains; any one of them is enough."""
    reads: str = ""
    """Summary of what is read, for the documentation (Markdown)."""
    read: Read | None = None
    """Reader; None if the format is only written."""
    write: Write | None = None
    """Writer; None if the format is only read."""
    content: Content | None = None
    """Parts that the writer keeps; None if the format is only read."""
    extra: str = ""
    """Extra of the package that the format needs, such as `files`."""

    def __post_init__(self) -> None:
        """Refuse a writer that does not say what it keeps.

        Raises
        ------
        ValueError
            If only one of `write` and `content` is given.
        """
        if (self.write is None) != (self.content is None):
            raise ValueError(f"format {self.name}: a writer and its content go together")

    @property
    def described(self) -> str:
        """Title, with what to look for: `MATPOWER (.m)`, `a folder of our own tables`."""
        return f"{self.title} ({self.suffix})" if self.suffix else f"a folder of {self.title}"

    def fate(self, kind: str) -> str:
        """Return what becomes of a kind of thing when it is written."""
        return LOST if self.content is None else self.content.fate(kind)
