"""Table as people keep it: dates such as 01.12.2026, regions by name, commas or semicolons or tabs between columns.

One column for each region or place, or a row for each region and time. Hours, or one mean a day.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.errors import InputError, Problems
from gridmodel.inputs.tables import MAX_CELLS, MAX_REPORTED
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.dates import has_clock, looks_written, read_written
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import COMMON_NAMES, NOT_THIS, Format
from gridmodel.weather.parsing.table import ENDINGS, is_temperature, line_numbers
from gridmodel.weather.parsing.text import Row, bare, check_names, column, pointed, unit_of, without_unit
from gridmodel.weather.series import Array, Options, Series, Times, number, to_celsius

TIMES = frozenset({
    "time", "date", "datetime", "date time", "date/time", "timestamp", "valid_time", "day",
    "дата", "час", "дата і час", "дата та час", "дата/час", "дата й час", "день",
})  # fmt: skip
"""Headers of a column of dates or times, folded. Ours: English and Ukrainian."""
HOURS = frozenset({"hour", "time", "час", "година"})
"""Headers of a column of hours beside one of dates."""
PLACES = frozenset({"region", "oblast", "site", "place", "city", "область", "регіон", "місто"})
"""Headers of a column of names of regions."""
TEMPERATURES = frozenset({"t", "t_c", "т", "температура", "температура повітря"})
"""Headers of a column of temperatures of one place, beside the common ones."""
_WITH_OFFSET = re.compile(r":\d{2} ?(Z|[+-]\d{2}:?\d{2})$")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_one_place(name: str) -> bool:
    """Return whether a header, folded and without unit, is of temperatures of one place that it does not name."""
    return is_temperature(name) or name in TEMPERATURES


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of the columns of a table by what they are; None where it has no such column."""

    when: int
    hour: int | None
    where: int | None
    values: tuple[int, ...]
    """Columns of temperatures."""

    @property
    def alone(self) -> bool:
        """Whether the table is of one place that it does not name, if its column of temperatures is called so."""
        return self.where is None and len(self.values) == 1


def layout(names: list[str]) -> Layout | None:
    """Return the layout of a table by its header, folded and without units; None without dates or values."""
    dates = [place for place, name in enumerate(names) if name in TIMES]
    when = next((place for place in dates if names[place] not in HOURS), dates[0] if dates else None)
    if when is None:
        return None
    rest = [place for place in range(len(names)) if place != when]
    hour = next((place for place in rest if names[place] in HOURS), None)
    where = next((place for place in rest if names[place] in PLACES), None)
    values = tuple(place for place in rest if place not in {hour, where})
    return Layout(when, hour, where, values) if values else None


def detect(file: File) -> int:
    """Return the evidence that a file is such a table: a column of times, and what no other format has."""
    mark = file.text.separator
    header, first = file.text.head
    names = [bare(name) for name in header]
    found = layout(names)
    temperatures = [name for name in names if is_one_place(name)]
    if found is None or (temperatures and len(found.values) > 1):
        return NOT_THIS
    if found.where is not None:
        return COMMON_NAMES + 2 if len(found.values) == 1 == len(temperatures) else NOT_THIS
    cell = first[found.when].strip() if len(first) > found.when else ""
    if mark != "," or (looks_written(cell) and not _ISO.match(cell)):
        return COMMON_NAMES + 1
    return COMMON_NAMES if not temperatures and names[0] in TIMES - {"time", "valid_time"} else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read such a table.

    Raises
    ------
    InputError
        If it is not a table, or its times or names cannot be read.
    """
    header, rows = file.text.read_table(problems)
    found = layout([bare(name) for name in header])
    if not rows or found is None:
        problems.add("has no rows of dates and temperatures", table=options.shown)
    if not rows or found is None:
        raise InputError(problems.found)
    check_names(header, problems, shown=options.shown)
    alone = found.alone and is_one_place(bare(header[found.values[0]]))
    dates: list[Row] = [(line, [_joined(cells, found)]) for line, cells in rows]
    notes: list[str] = []
    own_places = None if found.where is None else [cells[found.where] for _, cells in rows]
    times = read_written(dates, header[found.when], problems, options, notes=notes, places=own_places)
    values = np.stack([_column(header, rows, place, problems, options) for place in found.values], axis=1)
    places = [options.stem] if alone else [_name(header[place]) for place in found.values]
    if found.where is not None:
        places = list(dict.fromkeys(cells[found.where] for _, cells in rows))
    for name in sorted(name for name, count in Counter(places).items() if name and count > 1):
        problems.add("is repeated in the header", table=options.shown, row=1, field=name)
    options.extent.note(None if alone else places, times)
    if np.isnat(times).any() or len(set(places)) < len(places):
        raise InputError(problems.found)
    lines = line_numbers(rows)
    if found.where is not None:
        order = {name: place for place, name in enumerate(places)}
        own = np.array([order[cells[found.where]] for _, cells in rows])
        times, values, lines = _by_place(own, times, values[:, 0], places, lines, problems, options)
    if found.hour is None and not any(has_clock(cell) for _, (cell,) in dates):
        return _daily(times, values, places, lines, options, named=not alone)
    offsets = any(_WITH_OFFSET.search(cell) for _, (cell,) in dates)
    notes += [] if offsets else [f"times without an offset read as {options.zone or 'UTC'}"]
    return Series(times=times, temperature_c=values, places=places, lines=lines, named=not alone, notes=notes)


def _joined(cells: list[str], found: Layout) -> str:
    """Return the date of a row with its hour, which may have a column of its own."""
    return cells[found.when] if found.hour is None else f"{cells[found.when]} {cells[found.hour]}".strip()


def _daily(
    times: Times, mean: Array, places: list[str], lines: npt.NDArray[np.int64], options: Options, *, named: bool
) -> Daily:
    """Return one mean a day; the midnights were read in the zone of the caller."""
    noon = np.timedelta64(12 if options.zone is not None else 0, "h")
    none = np.full(mean.shape, np.nan)
    days = (times + noon).astype("datetime64[D]")
    return Daily(days=days, low=none, high=none, mean=mean, places=places, lines=lines, named=named)


def _name(header: str) -> str:
    """Return the name of a place, without the unit or what else is in brackets after it."""
    return re.split(r"\s*[(\[]", without_unit(header))[0].strip() or header


def _column(header: list[str], rows: list[Row], place: int, problems: Problems, options: Options) -> Array:
    """Return the temperatures of one column, shape ``(row,)``, degC where neither header nor numbers say another."""
    name = header[place]
    values = column(rows, place, problems, options, field=name, read=_number)
    ending = ENDINGS.get(bare(name)[-2:], "") if is_one_place(bare(name)) else ""
    return to_celsius(values, unit_of(name) or ending, problems, options, field=name, usual="degC")


def _number(cell: str) -> float:
    """Return the value of a cell, whose decimal mark may be a comma, and whose minus may be that of a typesetter.

    Examples
    --------
    >>> _number("\u221212,5"), _number("-3.5")
    (-12.5, -3.5)
    """
    return number(pointed(cell))


def _by_place(  # noqa: PLR0917 - the columns of one table
    own: npt.NDArray[np.int64], times: Times, values: Array, places: list[str], lines: npt.NDArray[np.int64],
    problems: Problems, options: Options,
) -> tuple[Times, Array, npt.NDArray[np.int64]]:  # fmt: skip
    """Return times, temperatures ``(time, place)`` and lines of a table that has a row for each time and place.

    Raises
    ------
    InputError
        If a place has a time twice, or there are too many of both.
    """
    steps, first, row = np.unique(times, return_index=True, return_inverse=True)
    if len(steps) * len(places) > MAX_CELLS:
        message = f"has {len(places)} places and {len(steps)} times, at most {MAX_CELLS:,} values are read"
        problems.add(message, table=options.shown)
        problems.raise_if_any()
    cell = row * len(places) + own
    _, kept = np.unique(cell, return_index=True)
    for again in np.setdiff1d(np.arange(len(cell)), kept)[:MAX_REPORTED]:
        value = str(times[again])[:16]
        problems.add("is repeated", table=options.shown, row=int(lines[again]), field=places[own[again]], value=value)
    problems.raise_if_any()
    table = np.full((len(steps), len(places)), np.nan)
    table[row, own] = values
    return steps, table, lines[first]


FORMAT = Format(
    name="table of dates",
    meaning="hours or daily means with dates as people write them (01.12.2026 02:00, 2026-12-01), separated by commas, "
    "semicolons or tabs, decimal commas too; a column per region by name, or a row per region and time",
    told_by="a column such as `date`, `Дата` or `time` with semicolons, with dates with points, or beside one such as "
    "`region`",
    detect=detect,
    read=read,
)
