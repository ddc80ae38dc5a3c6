"""Part of a file that is wanted: from one hour to another, and the year that a typical year is laid on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt

from gridmodel.errors import InputError, Problem, Problems

Moment = str | date | np.datetime64 | None
"""Time as callers give it; UTC without an offset."""
FIRST_YEAR, LAST_YEAR = 1700, 2200
"""First and last year of a series. Ours: nobody measured before, and 64-bit nanoseconds end in 1677 and 2262."""
_EDGE = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Part of a file that is wanted; the whole file without a start and an end."""

    start: np.datetime64 | None = None
    """First hour, UTC; None for the first of the file."""
    end: np.datetime64 | None = None
    """Hour after the last, UTC; None for the last of the file."""
    year: int | None = None
    """Year that a typical year is laid on; None for the years from `start` to `end`."""

    @property
    def is_open(self) -> bool:
        """True where the whole file is wanted."""
        return self.start is None and self.end is None

    @property
    def years(self) -> list[int]:
        """Years from a day before the start to a day after the end; empty if either is not given."""
        if self.start is None or self.end is None:
            return []
        return list(range(_year(self.start - _EDGE), _year(self.end + _EDGE) + 1))

    @property
    def laid_on(self) -> list[int]:
        """Years that a typical year is laid on; empty if neither a year nor a period is given."""
        return self.years if self.year is None else [self.year]

    @property
    def text_years(self) -> list[int]:
        """Years that lines of a long text may name, with a day to spare; empty if the whole file is wanted."""
        if self.is_open:
            return []
        first = FIRST_YEAR if self.start is None else _year(self.start - _EDGE)
        last = LAST_YEAR if self.end is None else _year(self.end + _EDGE)
        return list(range(first, last + 1))

    def inside(self, times: npt.NDArray[np.datetime64], spare_h: int = 0) -> npt.NDArray[np.bool_]:
        """Return which of some times are wanted, and which lie within hours of them; those that are unknown are kept.

        Examples
        --------
        >>> window = Window(start=np.datetime64("2026-01-08T00", "s"), end=np.datetime64("2026-01-08T02", "s"))
        >>> hours = np.datetime64("2026-01-07T23", "s") + np.arange(4) * np.timedelta64(1, "h")
        >>> window.inside(hours).tolist(), window.inside(hours, 1).tolist()
        ([False, True, True, False], [True, True, True, True])
        """
        times, spare = times.astype("datetime64[s]"), np.timedelta64(spare_h, "h")
        kept = np.ones(times.shape, dtype=bool)
        if self.start is not None:
            kept &= times >= self.start - spare
        if self.end is not None:
            kept &= times < self.end + spare
        return kept | np.isnat(times)

    def check(self, times: npt.NDArray[np.datetime64], shown: str) -> None:
        """Refuse a file that has nothing of what is wanted.

        Raises
        ------
        InputError
            With the period of the file.
        """
        known = times[~np.isnat(times)]
        if known.size and not self.inside(known).any():
            first, last = (str(moment.astype("datetime64[m]")) for moment in (known.min(), known.max()))
            message = f"has nothing in the period that was asked for, {self.text}: it runs from {first} to {last} UTC"
            raise InputError([Problem(message=message, table=shown, field="time")])

    @property
    def text(self) -> str:
        """The period in words."""
        since = "its beginning" if self.start is None else str(self.start.astype("datetime64[m]"))
        return f"{since} to {'its end' if self.end is None else str(self.end.astype('datetime64[m]'))}"

    def missed(self, first: np.datetime64, last: np.datetime64) -> str:
        """Return what a file with hours from a first to a last lacks of the period; empty if it lacks nothing."""
        late = self.start is not None and first > self.start
        early = self.end is not None and last + np.timedelta64(1, "h") < self.end
        parts = [f"begins at {first.astype('datetime64[m]')!s}"] if late else []
        parts += [f"ends at {last.astype('datetime64[m]')!s}"] if early else []
        return f"{' and '.join(parts)}, within the period that was asked for, {self.text}" if parts else ""


EVERYTHING = Window()
"""Window of a caller who asks for no part."""


def read_window(start: Moment, end: Moment, year: int | None, problems: Problems) -> Window:
    """Return the part of a file that a caller asks for; what is wrong with it is noted."""
    found = {name: _read_moment(value, name, problems) for name, value in (("start", start), ("end", end))}
    if found["start"] is not None and found["end"] is not None and found["end"] <= found["start"]:
        problems.add("must be after the start", field="end", value=str(end))
    if year is not None and (isinstance(year, bool) or not FIRST_YEAR <= year < LAST_YEAR):
        problems.add(f"must be a year from {FIRST_YEAR} to {LAST_YEAR - 1}", field="year", value=str(year))
        year = None
    return Window(start=found["start"], end=found["end"], year=year)


def _read_moment(value: Moment, name: str, problems: Problems) -> np.datetime64 | None:
    """Return a time in UTC; None if there is none, or it cannot be read, which is noted."""
    if value is None or (isinstance(value, str) and not value):
        return None
    try:
        if isinstance(value, np.datetime64):
            moment: np.datetime64 = value.astype("datetime64[s]")
        else:
            text = value if isinstance(value, str) else value.isoformat()
            told = datetime.fromisoformat(text)
            told = told if told.tzinfo is None else told.astimezone(UTC).replace(tzinfo=None)
            moment = np.datetime64(told, "s")
        if not np.isnat(moment) and FIRST_YEAR <= _year(moment) <= LAST_YEAR:
            return moment
    except (ValueError, OverflowError, TypeError, AttributeError):
        pass
    problems.add("is not a UTC time such as 2026-01-08 or 2026-01-08T00:00", field=name, value=str(value))
    return None


def _year(moment: np.datetime64) -> int:
    return int(moment.astype("datetime64[Y]").astype(np.int64)) + 1970
