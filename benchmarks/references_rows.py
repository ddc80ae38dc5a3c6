"""A value of others beside ours: what is compared, by how much the two may differ, and how a table says it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One value."""

    part: str
    """Heading that it stands under."""
    what: str
    """What is compared, with its unit in brackets."""
    source: str
    """Where theirs was published."""
    theirs: float | None = None
    """Published value; None where the row says why it was not remade."""
    ours: float | None = None
    """Value of gridmodel."""
    rel: float = 0.0
    """Largest difference over theirs. [1]"""
    absolute: float = 0.0
    """Largest difference in the unit of the row, where it is more than `rel` allows."""
    span: tuple[float, float] | None = None
    """Lowest and highest of what was published where several programs differ; ours has to lie between."""
    known: float = 0.0
    """Difference beyond all that, in the unit of the row, which the note explains; more than it stops the script."""
    interval: tuple[float, float] | None = None
    """95 % interval of ours, which has to contain theirs; in place of a tolerance."""
    note: str = ""
    """What a reader needs to know; why a row has no value."""

    @property
    def ran(self) -> bool:
        """Whether there is something to compare."""
        return self.ours is not None and (self.theirs is not None or self.span is not None)

    @property
    def inside(self) -> bool:
        """Whether the two agree; True where nothing was compared."""
        return self.beyond <= 0.0

    @property
    def passes(self) -> bool:
        """Whether the two agree, or differ by no more than is known and explained."""
        return self.beyond <= self.known

    @property
    def beyond(self) -> float:
        """By how much ours differs beyond the tolerance."""
        if self.ours is None:
            return 0.0
        if self.span is not None:
            return max(self.span[0] - self.ours, self.ours - self.span[1])
        if self.theirs is None:
            return 0.0
        if self.interval is not None:
            return max(self.interval[0] - self.theirs, self.theirs - self.interval[1])
        return abs(self.ours - self.theirs) - max(self.rel * abs(self.theirs), self.absolute)

    @property
    def allowed(self) -> str:
        """Tolerance in words."""
        if not self.ran or self.span is not None:
            return ""
        if self.interval is not None:
            return f"in {number(self.interval[0])} to {number(self.interval[1])}"
        if self.rel * abs(self.theirs or 0.0) >= self.absolute:
            return f"{100 * self.rel:g} %"
        return f"{self.absolute:g}"

    @property
    def published(self) -> str:
        """Theirs in words."""
        return number(self.theirs) if self.span is None else f"{number(self.span[0])} to {number(self.span[1])}"

    @property
    def verdict(self) -> str:
        """Whether it passes, in a word."""
        return "not run" if not self.ran else "yes" if self.inside else "no, see below" if self.passes else "**no**"


def number(value: float | None) -> str:
    """Write a number to six figures, without an exponent."""
    if value is None:
        return ""
    if value == 0 or abs(value) < 1e-4:
        return f"{value:.0e}" if value else "0"
    text = f"{value:,.{max(0, 6 - len(str(int(abs(value)))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tables(rows: list[Row]) -> str:
    """Write a table for each part."""
    text = []
    for part in dict.fromkeys(row.part for row in rows):
        text.append(f"## {part}\n\n| what | theirs | ours | may differ by | inside |\n|---|---|---|---|---|\n")
        here = [row for row in rows if row.part == part]
        text += [
            f"| {row.what} | {row.published} | {number(row.ours)} | {row.allowed} | {row.verdict} |\n" for row in here
        ]
        text.append("\n")
        text += [f"- {note}\n" for note in dict.fromkeys(row.note for row in here if row.note)]
        text += [f"- Source: {source}\n" for source in dict.fromkeys(row.source for row in here if row.source)]
        text.append("\n")
    return "".join(text)
