"""Places of settings in a file, for problems that are found later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict


class Place(TypedDict):
    """Place of a problem, with which its message begins."""

    table: str
    row: int | None


@dataclass(frozen=True, slots=True)
class Origin:
    """File from which settings were read. It is not part of the scenario's meaning, so any two compare equal."""

    shown: str = field(default="", compare=False)
    """Name of the file in messages; empty if settings were not read from a file."""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    """Line of every setting, row and entry, by its path: `events`, `events.0`, `events.0.kind`."""

    def line(self, path: Sequence[str | int]) -> int | None:
        """Return the line of an entry, or of the nearest entry that contains it.

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
        """Return the place of a row of a list, counted from 1: its line in the file, or its number without a file.

        Examples
        --------
        >>> Origin().row("events", 2)
        {'table': 'events, row', 'row': 2}
        """
        line = self.line([setting, number - 1, key])
        return Place(table=f"{setting}, row", row=number) if line is None else Place(table=self.shown, row=line)

    def without(self, changed: Collection[str]) -> Origin:
        """Return an origin without settings that have changed since the file was read."""
        kept = {path: line for path, line in self.lines.items() if path.partition(".")[0] not in changed}
        return Origin(self.shown, kept)
