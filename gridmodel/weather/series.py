"""Temperature series between reader and result: degrees Celsius, UTC, and the steps to regular hours."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.errors import Problem, Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.regions import is_timezone
from gridmodel.weather.wind_and_sun import BESIDE, beside
from gridmodel.weather.window import EVERYTHING, FIRST_YEAR, LAST_YEAR, Window

Array = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]

COLDEST_C, WARMEST_C = -70.0, 60.0
"""Temperatures outside are refused. [°C] Ours: beyond every record of the northern hemisphere."""
KELVIN_ABOVE = 150.0
"""A series without a unit whose median is above is read as kelvin, with a warning.
Ours: between every air temperature in degC or degF and every one in kelvin."""
HOT_C = 45.0
"""Highest number without a unit that is taken for degC. [°C] Ours: few places on Earth are hotter, and what is usual in
degF is above it."""
MAX_HOURS = 1_000_000
"""Longest series. [h] Ours: 114 years."""
MAX_VALUES = 200_000_000
"""Most values in memory at once. Ours: 1.6 GB as double precision, before regions are chosen."""
ABSOLUTE_ZERO_C = -273.15
HOUR = np.timedelta64(3600, "s")
HOUR_S, HALF_HOUR_S = 3600, 1800
SHORTEST_STEP_S = 60
"""Shortest regular step of a series whose full hours are taken. [s]"""
_ALIKE = str.maketrans({"º": "°", "˚": "°", "с": "c", "к": "k", "_": "", ".": ""})
"""Signs that look like those of units, Cyrillic letters among them, and signs between words."""
ISSUED = "forecast_reference_time"
"""Attribute of a forecast: the time at which it was issued, UTC. The CF standard name."""

_UNITS = {
    "degC": ("degc", "c", "°c", "celsius", "degreecelsius", "degreescelsius", "degreec", "degreesc", "℃", "градc"),
    "K": ("k", "kelvin", "degk", "degreekelvin"),
    "degF": ("degf", "f", "°f", "fahrenheit", "degreefahrenheit", "degreesfahrenheit", "℉"),
    "tenths": ("tenths", "01degc", "tenthsofdegc"),
}


@dataclass(slots=True, kw_only=True)
class Extent:
    """Regions and period of a file, as far as they are known when its cells are not."""

    regions: list[str] | None = None
    """Ids of its columns; None if they are not known."""
    first: np.datetime64 | None = None
    """First hour in UTC; None if a time could not be read."""
    last: np.datetime64 | None = None
    """Last hour in UTC; None if a time could not be read."""
    unit: str = ""
    """Unit of the temperatures in the file, the last that was read."""
    stated: bool = False
    """Whether the file says that unit itself, which then counts before any that is given."""

    def note(self, regions: list[str] | None, times: Times) -> None:
        """Take regions, if the columns of the file are regions, and the first and last of the times."""
        self.regions = regions
        if times.size and not np.isnat(times).any():
            self.first, self.last = times.min(), times.max()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Choices of the caller about a file, used where the file does not say it itself."""

    shown: str
    """Name of the file in messages."""
    stem: str
    """Name of the file without its ending; the name of a place that has no other."""
    centres: pd.DataFrame | None = None
    """Centres of the regions wanted: columns `id`, `centre_lat`, `centre_lon`."""
    grid_centres: pd.DataFrame | None = None
    """Centres of the regions that a grid becomes where `centres` are not given; files of some places keep them."""
    region: str = ""
    """Id of the region whose weather a file of one place is."""
    how: Literal["nearest", "area"] = "nearest"
    """How a grid becomes regions."""
    zone: tzinfo | None = None
    """Time zone of times and days that do not state one."""
    unit: str = ""
    """Unit of a file that does not state one."""
    fill: str = ""
    """Method that fills gaps; empty to fill none."""
    fill_limit_h: int = 6
    """Longest gap that is filled. [h]"""
    day_zone: tzinfo | None = None
    """Time zone of days where neither the file, its format nor `zone` says it."""
    coordinates: bool = False
    """Whether places keep their latitude and longitude, as coordinates of the region."""
    window: Window = EVERYTHING
    """Part of the file that is wanted."""
    spread: str = ""
    """How few places become all regions, as `gridmodel.weather.spread.Spread`; empty where each needs its own."""
    extent: Extent = field(default_factory=Extent, compare=False)
    """Regions and period of the file; readers note them as soon as they are known."""

    def without_zone(self) -> Options:
        """Return the same choices without a time zone: times that state none are UTC."""
        return replace(self, zone=None)


@dataclass(slots=True, kw_only=True)
class Series:
    """Temperatures as they are in a file: any times, gaps allowed."""

    times: Times
    """UTC, shape ``(time,)``."""
    temperature_c: Array
    """Shape ``(time, place)``, or ``(time, member * place)`` of several members, places within members; NaN where
    missing. [degC]"""
    places: list[str]
    members: int = 1
    """Members of an ensemble; 1 for a series that is none."""
    issued: np.datetime64 | None = None
    """Time at which a forecast was issued, UTC; None if the file does not say it."""
    lines: npt.NDArray[np.int64] | None = None
    """Line in the file of each time, shape ``(time,)``; None if there are none."""
    reports: bool = False
    """True where the times are reports at any minute, several per hour allowed."""
    named: bool = False
    """True where the places are regions already."""
    latitude: Array | None = None
    """Latitude of each place, shape ``(place,)``; None if the file does not say it. [degree]"""
    longitude: Array | None = None
    beside: dict[str, Array] = field(default_factory=dict)
    """Wind and sun that the file has, by the names of `BESIDE`, each of shape ``(time, place)``. [m/s, W/m²]"""
    notes: list[str] = field(default_factory=list)
    """Changes made to the numbers; they go into `history`."""

    @property
    def columns(self) -> list[str]:
        """Name of each column of the temperature: the place, of an ensemble with its member."""
        if self.members == 1:
            return self.places
        return [f"{place} (member {member})" for member in range(self.members) for place in self.places]

    def line(self, place: int) -> int:
        """Return the line of a time in the file; of a file without lines, as if it were a table."""
        return place + 2 if self.lines is None else int(self.lines[place])


def warn(problems: Problems, message: str, *, shown: str, field: str = "", hint: str = "") -> None:
    """Note a warning, which does not stop a reader."""
    problems.found.append(Problem(message=message, severity="warning", table=shown, field=field, hint=hint))


def to_celsius(
    values: Array, unit: str, problems: Problems, options: Options, *, field: str, usual: str = ""
) -> Array:  # fmt: skip
    """Turn temperatures to degrees Celsius by their unit, or by their size where no unit is stated.

    Parameters
    ----------
    values
        Temperatures, any shape, NaN where missing. [unit]
    unit
        As stated by the file; if empty, the `unit` of the caller counts, then the size of the numbers, with a
        warning.
    problems
        Collects an unknown unit, or the warning.
    options
        Name of the file, and the caller's unit.
    field
        Name of the variable in messages.
    usual
        Unit that the format has where nothing says another: of it nothing is told.

    Returns
    -------
    numpy.ndarray
        The same shape. [degC]
    """
    said = unit or options.unit
    known = unit_named(said)
    if said and not known:
        message = "is not a unit of temperature: use degC, K, degF or tenths (of degC)"
        problems.add(message, table=options.shown, field=field, value=said)
    if not said:
        finite = values[np.isfinite(values)]
        known = "K" if finite.size and float(np.median(finite)) > KELVIN_ABOVE else "degC"
        most = float(finite.max()) if finite.size else 0.0
        if known == "degC" and HOT_C < most <= WARMEST_C:
            message = f"has no unit, and up to {most:g} is hot in degC and usual in degF"
            hint = 'say which it is: unit="degF" or unit="degC" (--unit)'
            problems.add(message, table=options.shown, field=field, hint=hint)
        elif known != usual:
            hint = f'say so with unit="{known}" (--unit {known}), or give another: {", ".join(_UNITS)}'
            warn(problems, f"has no unit: read as {known}", shown=options.shown, field=field, hint=hint)
    options.extent.unit, options.extent.stated = known, bool(unit)
    if known == "K":
        return values + ABSOLUTE_ZERO_C
    if known == "degF":
        return (values - 32.0) / 1.8
    return values / 10.0 if known == "tenths" else values


def unit_named(said: str) -> str:
    """Return the unit of temperature by any of its spellings: degC, K, degF or tenths; empty for any other text.

    Examples
    --------
    >>> unit_named("Degrees Celsius"), unit_named("kelvin"), unit_named("град. С"), unit_named("parsec")
    ('degC', 'K', 'degC', '')
    """
    folded = "".join(said.casefold().translate(_ALIKE).split())
    return next((name for name, spellings in _UNITS.items() if folded in spellings), "")


def find_zone(name: str) -> tzinfo | None:
    """Return a time zone by its name (`Europe/Kyiv`, `UTC`) or its offset (`+02:00`); None if it is unknown."""
    if name[:1] in {"+", "-"}:
        try:
            return datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo
        except ValueError:
            return None
    return ZoneInfo(name) if is_timezone(name) else None


def parse_time(
    cell: str,
    problems: Problems,
    *,
    shown: str,
    line: int | None = None,
    field: str = "time",
    zone: tzinfo | None = None,
) -> np.datetime64:
    """Return an ISO 8601 time in UTC, read in `zone` or UTC without an offset; NaT and a problem if unreadable."""
    try:
        moment = datetime.fromisoformat(cell)
        if moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=zone)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        problems.add("is not a UTC time such as 2026-01-08T00:00Z", table=shown, row=line, field=field, value=cell)
        return np.datetime64("NaT", "s")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        message = f"must be in the years {FIRST_YEAR} to {LAST_YEAR}"
        problems.add(message, table=shown, row=line, field=field, value=cell)
        return np.datetime64("NaT", "s")
    return np.datetime64(moment, "s")


def check_years(times: Times, problems: Problems, options: Options) -> None:
    """Refuse times that 64-bit nanoseconds cannot count, which would become others.

    Raises
    ------
    InputError
        If there are any, with what else is wrong.
    """
    known = times[~np.isnat(times)]
    ends = [known.min(), known.max()] if known.size else []
    for moment in ends:
        if not FIRST_YEAR <= int(str(moment.astype("datetime64[Y]"))) <= LAST_YEAR:
            message = f"must be in the years {FIRST_YEAR} to {LAST_YEAR}"
            problems.add(message, table=options.shown, field="time", value=str(moment.astype("datetime64[m]")))
            problems.raise_if_any()


def whole_seconds(times: Times) -> Times:
    """Return times to the nearest second: a double of days since the year 1 holds them to 10 microseconds."""
    return (times + np.timedelta64(500, "ms")).astype("datetime64[s]")


def offset_hours(zone: tzinfo, day: np.datetime64) -> float:
    """Return the hours that a zone is ahead of UTC on a day; 5.5 in India. [h]"""
    moment = datetime.fromisoformat(str(day.astype("datetime64[D]"))).replace(tzinfo=zone)
    return (moment.utcoffset() or timedelta()) / timedelta(hours=1)


def offset_text(hours: float) -> str:
    """Return an offset from UTC as it is written.

    Examples
    --------
    >>> offset_text(2.0), offset_text(5.75), offset_text(-3.5)
    ('UTC+2', 'UTC+5:45', 'UTC-3:30')
    """
    whole, minutes = divmod(round(abs(hours) * 60), 60)
    return f"UTC{'-' if hours < 0 else '+'}{whole}{f':{minutes:02d}' * bool(minutes)}"


def regular(series: Series, problems: Problems, options: Options) -> Series:
    """Put a series on full hours from its first to its last, NaN where the file has no value.

    Parameters
    ----------
    series
        As read.
    problems
        Collects repeated times, times off the hour, and too long a span.
    options
        Name of the file.

    Returns
    -------
    Series
        Hourly. Of reports, each hour takes the one nearest to it within half an hour, the earlier of two. Rows of a
        regular clock none of which is on a full hour are put there along lines.
    """
    if not series.times.size:
        problems.add("has no temperatures", table=options.shown)
        problems.raise_if_any()
    check_years(series.times, problems, options)
    if not series.reports:
        series = between_hours(series)
    hours = (series.times + HOUR / 2).astype("datetime64[h]").astype("datetime64[s]")
    away = np.abs((series.times - hours).astype(np.int64))
    if not series.reports and away.any():
        place = int(np.flatnonzero(away)[0])
        _add(problems, series, options, place, "is not on the full hour")
    order = np.lexsort((away, hours))
    first = np.concatenate([[True], np.diff(hours[order]) > np.timedelta64(0, "s")])
    if not series.reports:
        for place in order[~first][:MAX_REPORTED]:
            _add(problems, series, options, int(place), "is repeated")
    length = int((hours.max() - hours.min()) / HOUR) + 1
    if length * len(series.columns) > MAX_VALUES or length > MAX_HOURS:
        problems.add(f"spans {length} hours, at most {MAX_HOURS} are read", table=options.shown, field="time")
    problems.raise_if_any()
    rows = ((hours[order][first] - hours.min()) / HOUR).astype(np.int64)

    def on_hours(values: Array) -> Array:
        full = np.full((length, values.shape[1]), np.nan)
        full[rows] = values[order][first]
        return full

    series.times = hours.min() + np.arange(length) * HOUR
    series.temperature_c, series.lines, series.reports = on_hours(series.temperature_c), None, False
    series.beside = {name: on_hours(values) for name, values in series.beside.items()}
    return series


def _add(problems: Problems, series: Series, options: Options, place: int, message: str) -> None:
    line = int(series.lines[place]) if series.lines is not None else None
    problems.add(message, table=options.shown, row=line, field="time", value=str(series.times[place])[:16])


def between_hours(series: Series) -> Series:
    """Return a series of a regular clock without full hours, such as that of India, on full hours; any other as it is.

    Notes
    -----
    A full hour takes the value on the line between the rows before and after it, a step apart; it is missing where they
    are farther apart. So a temperature that rises in line keeps its course, and no hour is moved.
    """
    order = np.argsort(series.times, kind="stable")
    times = series.times[order].astype("datetime64[s]")
    if len(times) < 2 or np.isnat(times).any():
        return series
    steps = np.diff(times).astype(np.int64)
    step, into = int(steps.min()), times.astype(np.int64) % HOUR_S
    if step < SHORTEST_STEP_S or HOUR_S % step or (steps % step).any() or not into.all():
        return series
    if (length := (times[-1] - times[0]) / HOUR) > MAX_HOURS or length * series.temperature_c.shape[1] > MAX_VALUES:
        return series  # which is refused for its size
    first = times[0].astype("datetime64[h]").astype("datetime64[s]") + HOUR
    hours = np.arange(first, times[-1], HOUR)
    after = np.searchsorted(times, hours)
    before = after - 1
    share = ((hours - times[before]).astype(np.int64) / step)[:, None]
    apart = (steps[before] != step)[:, None]

    def along(values: Array) -> Array:
        ordered = values[order]
        return np.where(apart, np.nan, ordered[before] * (1.0 - share) + ordered[after] * share)

    minutes = ", ".join(f"{minute:g}" for minute in np.unique(into) / 60)
    series.notes.append(f"rows {minutes} minutes past full hours of UTC put on full hours, along the line between them")
    series.times, series.temperature_c, series.lines = hours, along(series.temperature_c), None
    series.beside = {name: along(values) for name, values in series.beside.items()}
    return series


def on_hours(series: Series, *, full_s: int = 0) -> Series:
    """Return a series of a regular clock on full hours, in place; any other as it is.

    Parameters
    ----------
    series
        As read.
    full_s
        Seconds by which full hours of the file's own clock are past those of its times: 1800 for India. [s]

    Notes
    -----
    Rows all in the middle of hours count for the hour that they are in. Of a row every few minutes (a divisor of the
    hour), those on the full hour count, and the others are left out.
    """
    hours = series.times.astype("datetime64[h]").astype("datetime64[s]")
    into = (series.times - hours).astype(np.int64)
    if not len(into) or not into.any() or np.isnat(series.times).any():
        return series
    if (into == HALF_HOUR_S).all() and full_s != HALF_HOUR_S:
        series.times = hours
        series.notes.append("rows in the middle of an hour count for the hour they are in")
        return series
    step = int(np.gcd.reduce(into))
    full = np.flatnonzero(into == 0)
    if step < SHORTEST_STEP_S or HOUR_S % step or len(full) < len(into) * step / HOUR_S / 2:
        return series
    series.notes.append(f"{len(into) - len(full)} rows between full hours left out")
    series.times, series.temperature_c = series.times[full], series.temperature_c[full]
    series.beside = {name: values[full] for name, values in series.beside.items()}
    series.lines = None if series.lines is None else series.lines[full]
    return series


def check_beside(series: Series, problems: Problems, options: Options) -> None:
    """Note impossible wind and sun; leave out, with a warning, what is missing in some hours."""
    for name in list(series.beside):
        values, kind = series.beside[name], BESIDE[name]
        for column, place in enumerate(series.places):
            outside = np.flatnonzero((values[:, column] < 0) | (values[:, column] > kind.most))
            if outside.size:
                problems.add(
                    f"is outside 0 to {kind.most:g} {kind.units}", table=options.shown, field=f"{place}:{name}",
                    value=f"{values[outside[0], column]:g}",
                )  # fmt: skip
        gaps = int(np.isnan(values).any(axis=1).sum())
        if gaps:
            warn(problems, f"is missing in {gaps} hours and left out", shown=options.shown, field=name)
            del series.beside[name]


def number(cell: str) -> float:
    """Return the value of a cell; NaN where it is empty, infinite where it is not a number."""
    if not cell:
        return math.nan
    try:
        value = float(cell) if cell.isascii() and "_" not in cell else math.inf
    except ValueError:
        return math.inf
    return value


def to_array(series: Series, options: Options) -> xr.DataArray:
    """Return ``temperature(time, region)`` of an hourly series, with CF attributes. [degC]

    Several members come first, as `member`.
    """
    attrs = {
        "units": "degC",
        "standard_name": "air_temperature",
        "long_name": "Air temperature",
        "source": options.shown,
    }
    if series.notes:
        attrs["history"] = "; ".join(series.notes)
    if series.issued is not None:
        attrs[ISSUED] = f"{series.issued.astype('datetime64[m]')!s}Z"
    several = series.members > 1
    values = series.temperature_c.reshape(len(series.times), series.members, len(series.places))
    coords: dict[str, object] = {
        "time": series.times.astype("datetime64[ns]"),
        "region": np.array(series.places, dtype=object),
        **{name: beside(name, ("time", "region"), values) for name, values in series.beside.items()},
    }
    coords |= {"member": np.arange(series.members)} if several else {}
    if options.coordinates and series.latitude is not None and series.longitude is not None:
        coords |= {"latitude": ("region", series.latitude), "longitude": ("region", series.longitude)}
    return xr.DataArray(
        values.transpose(1, 0, 2) if several else values[:, 0],
        coords=coords,
        dims=("member", "time", "region") if several else ("time", "region"),
        name="temperature",
        attrs=attrs,
    )
