"""Where settings stand in a file, for what is found wrong with them later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict


class Place(TypedDict):
    """Where a problem is: what it says first."""

    table: str
    row: int | None


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that settings come from. It is no part of the question they put, so any two are equal."""

    shown: str = field(default="", compare=False)
    """Name of the file in messages; empty where there is none."""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Line of every setting, row and entry, by its path: `events`, `events.0`, `events.0.kind`."""

    def line(self, path: Sequence[str | int]) -> int | None:
        """Line of an entry, or of the nearest that holds it.

        Examples
        --------
        >>> Origin("a.yaml", {"events": 5, "events.0": 6}).line(["events", 0, "kind"])
        6
        """
        for length in range(len(path), 0, -1):
            found = self.lines.get(".".join(map(str, path[:length])))
            if found is not None:
                return found
        return None

    def row(self, setting: str, number: int, key: str = "") -> Place:
        """Place of a row of a list, counted from 1: its line in the file, or its number where there is no file.

        Examples
        --------
        >>> Origin().row("events", 2)
        {'table': 'events, row', 'row': 2}
        """
        line = self.line([setting, number - 1, key])
        return Place(table=f"{setting}, row", row=number) if line is None else Place(table=self.shown, row=line)

    def without(self, changed: Collection[str]) -> Origin:
        """Leave out settings that no longer are what the file says."""
        kept = {path: line for path, line in self.lines.items() if path.partition(".")[0] not in changed}
        return Origin(self.shown, kept)
