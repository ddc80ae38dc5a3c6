"""Turn days to hours: a continuous curve through each day's lowest and highest temperature."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.gaps import fill_linear
from gridmodel.weather.series import HOUR, MAX_HOURS, Array, Options, Series, Times, offset_hours, offset_text

COLDEST_HOUR, WARMEST_HOUR = 6.5, 14.5
"""Local times of a day's lowest and highest temperature. [h]
Ours: before sunrise and after noon in winter at 50 degrees north."""
DAILY_RANGE_K = 5.3
"""Highest minus lowest temperature of a day where a file contains only its mean. [K]
NOAA GSOM, January, stations UPM00033345 (5.27) and UPM00033837 (5.16)."""

_FALL_H = 24 + COLDEST_HOUR - WARMEST_HOUR
STEEPEST = 3.0
"""Largest logarithm of the exponent that bends a day to its mean. [1]
Ours: a swing of twenty times the usual steepness passes within an hour, as a front does; more gains nothing."""
HALVINGS = 24
"""Steps in which the exponent is found. Ours: the mean of a day is then kept to 1e-6 of its range."""
DAYS_AT_ONCE = 20_000
"""Days and places that are bent at once. Ours: some 40 MB of memory."""
MEAN_KEPT_K = 0.005
"""Difference up to which a mean counts as kept. [K] Ours: half of the last digit that a file states."""


@dataclass(slots=True, kw_only=True)
class Daily:
    """Temperatures of days as they are in a file."""

    days: Times
    """Days as the file counts them, shape ``(day,)``."""
    low: Array
    """Lowest of the day, shape ``(day, place)``; NaN where missing. [degC]"""
    high: Array
    """Highest of the day. [degC]"""
    mean: Array
    """Mean of the day. [degC] Hours keep it beside lowest and highest; alone, it takes a range that is assumed."""
    places: list[str]
    lines: npt.NDArray[np.int64] | None = None
    """Line in the file of each day, shape ``(day,)``; None if there are none."""
    named: bool = False
    """True where the places are regions already."""
    offset_h: float | None = None
    """Hours that the days are ahead of UTC; None if neither the file nor its format says it. [h]"""
    latitude: Array | None = None
    longitude: Array | None = None
    """Longitude of each place, shape ``(place,)``; gives the local day. None if the file does not say it. [degree]"""
    notes: list[str] = field(default_factory=list)


def wave(hours: Array) -> Array:
    """Return the shape of an average day: -1 at 06:30, 1 at 14:30, two halves of a cosine between.

    Parameters
    ----------
    hours
        Local time, any shape. [h]

    Returns
    -------
    numpy.ndarray
        Between -1 and 1, with a mean of zero over a day. [-]

    Examples
    --------
    >>> wave(np.array([6.5, 10.5, 14.5, 22.5])).round(6).tolist()
    [-1.0, 0.0, 1.0, 0.0]
    """
    since = (hours - WARMEST_HOUR) % 24
    falling = np.cos(np.pi * since / _FALL_H)
    rising = -np.cos(np.pi * (since - _FALL_H) / (24 - _FALL_H))
    return np.asarray(np.where(since <= _FALL_H, falling, rising))


def day_curve(
    low: Array, high: Array, mean: Array | None = None, *, begins_h: float = 0.0, middle_h: float = 0.5
) -> Array:
    """Return hours of days that keep each day's lowest, highest and, if it is given, mean temperature.

    Parameters
    ----------
    low
        Lowest temperature of each day, shape ``(day, place)``; NaN where missing. [degC]
    high
        Highest temperature, same shape. [degC]
    mean
        Mean temperature, same shape, NaN where missing; None if no day has one. [degC]
    begins_h
        Solar time at which the days begin: 0 for local days, 2 for days of UTC at 30 degrees east. [h]
    middle_h
        Middle of the first hour after a day begins: 0 where the day begins in the middle of an hour of UTC. [h]

    Returns
    -------
    numpy.ndarray
        Shape ``(24 * day, place)``, at the middle of each hour (00:30, 01:30, ... after the days begin). [degC]

    Notes
    -----
    Halves of a cosine join the lowest temperature at 06:30 and the highest at 14:30 of solar time (the form is common,
    as in Reicosky et al., 1989; the hours are ours, see `COLDEST_HOUR`). Where one day meets the next the curve is kept
    within the ranges of both, so that no hour leaves the range of its day. Where the ranges of two days do not touch,
    no continuous curve can do that; it then passes between them half-way.

    The mean is kept by bending the parts between these points, each by the same exponent, which leaves the points
    themselves where they are. Ours: of the curves that keep extremes and mean, one that stays continuous and has no
    extreme of its own. A mean that no such curve has (above the highest, say) is come as near to as can be.
    """
    missing = np.isnan(low) | np.isnan(high)
    low, high = np.where(missing, np.nan, low), np.where(missing, np.nan, high)
    cold_h, warm_h = (COLDEST_HOUR - begins_h) % 24, (WARMEST_HOUR - begins_h) % 24
    wanted = np.full(low.shape, np.nan) if mean is None else np.where(missing, np.nan, mean)
    if cold_h < warm_h:
        return _curve(low, high, wanted, first_h=cold_h, second_h=warm_h, middle_h=middle_h)
    upside_down = _curve(-high, -low, -wanted, first_h=warm_h, second_h=cold_h, middle_h=middle_h)
    return -upside_down  # so that the highest comes first


def _curve(
    first: Array, second: Array, mean: Array, *, first_h: float, second_h: float, middle_h: float
) -> Array:  # fmt: skip
    """Return the hours of days whose extreme `first` comes before the extreme `second`."""
    outside_h = 24.0 - second_h + first_h
    share = float(_swung(np.array(24.0 - second_h), outside_h))
    ends, begins = _neighbours(second)[0], _neighbours(first)[1]
    floor, ceiling = np.maximum(*_neighbours(first)), np.minimum(*_neighbours(second))
    edge = ends + (begins - ends) * share
    edge = np.where(floor <= ceiling, np.clip(edge, floor, ceiling), (floor + ceiling) / 2)
    hours: Array = np.arange(24, dtype=np.float64) + middle_h
    before, after = hours < first_h, hours >= second_h
    within = ~before & ~after
    done = np.where(before, (_swung(hours + 24 - second_h, outside_h) - share) / (1 - share), 0.0)
    done = np.where(within, _swung(hours - first_h, second_h - first_h), done)
    done = np.clip(np.where(after, _swung(hours - second_h, outside_h) / share, done), 0.0, 1.0)
    part = np.where(before, 0, np.where(within, 1, 2))
    points = np.stack([edge[:-1], first, second, edge[1:]])
    flat, wanted = points.reshape(4, -1), mean.ravel()
    bent = np.full((24, wanted.size), np.nan)
    for begin in range(0, wanted.size, DAYS_AT_ONCE):
        chosen = slice(begin, begin + DAYS_AT_ONCE)
        bent[:, chosen] = _bent(flat[:, chosen], wanted[chosen], done, part)
    return np.asarray(bent.reshape(24, *first.shape).transpose(1, 0, 2).reshape(-1, first.shape[1]))


def _bent(points: Array, mean: Array, done: Array, part: npt.NDArray[np.int64]) -> Array:
    """Return hours through the points of days, ``(hour, day)``, bent to the means where they are not NaN.

    Parameters
    ----------
    points
        Temperatures where a day begins, at its two extremes, and where it ends, ``(4, day)``. [degC]
    mean
        Mean of each day, ``(day,)``. [degC]
    done
        Share of the part between two points that is passed at each hour, ``(hour,)``. [1]
    part
        Part of each hour, ``(hour,)``.
    """
    rise = np.diff(points, axis=0)
    start, step, warmer = points[:-1][part], rise[part], -np.sign(rise)[part]
    bend = np.zeros(mean.shape)
    todo = np.flatnonzero(np.isfinite(mean))
    if todo.size:
        chosen = (start[:, todo], step[:, todo], warmer[:, todo])
        least, most = np.full(todo.size, -STEEPEST), np.full(todo.size, STEEPEST)
        for _ in range(HALVINGS):
            middle = (least + most) / 2
            colder = _at_bend(*chosen, done, middle).mean(axis=0) < mean[todo]
            least, most = np.where(colder, middle, least), np.where(colder, most, middle)
        bend[todo] = (least + most) / 2
    return _at_bend(start, step, warmer, done, bend)


def _at_bend(start: Array, step: Array, warmer: Array, done: Array, bend: Array) -> Array:
    """Return hours of days, ``(hour, day)``: the parts passed sooner or later, so that a larger bend is warmer."""
    return np.asarray(start + step * done[:, None] ** np.exp(bend * warmer))


def _swung(since_h: Array, length_h: float) -> Array:
    """Return the share of a half of a cosine that is passed, by hours since its beginning. [1]"""
    return np.asarray((1 - np.cos(np.pi * since_h / length_h)) / 2)


def _neighbours(values: Array) -> tuple[Array, Array]:
    """Return the values of the days before and after each edge; a missing day and the ends take the other value."""
    before = np.concatenate([values[:1], values])
    after = np.concatenate([values, values[-1:]])
    return np.where(np.isnan(before), after, before), np.where(np.isnan(after), before, after)


def to_hours(daily: Daily, problems: Problems, options: Options) -> Series:
    """Turn a file of days to hours.

    Parameters
    ----------
    daily
        Days as read.
    problems
        Collects repeated days, extremes the wrong way round, an unknown local time.
    options
        Time zone of the days if the file does not have a longitude; filling of missing days.

    Returns
    -------
    Series
        Hourly, UTC; NaN where a day is missing.

    Raises
    ------
    InputError
        If the days cannot become hours.
    """
    if not daily.days.size:
        problems.add("has no temperatures", table=options.shown)
    ahead = _offsets(daily, problems, options)
    _check_days(daily, problems, options)
    problems.raise_if_any()
    low, high, mean, notes = _whole_days(daily, options)
    solar = ahead if daily.longitude is None else _solar(daily.longitude)
    values, first_hour, length = _hours_of_places(low, high, mean, ahead, solar)
    notes += _told(ahead, solar)
    if np.isfinite(mean).any():
        made = values[: 24 * len(low)] if len(set(ahead)) == 1 else None
        notes += _means_told(made, mean, np.isfinite(low))
    hours = daily.days.min().astype("datetime64[D]").astype("datetime64[s]") + (np.arange(length) + first_hour) * HOUR
    return Series(
        times=hours,
        temperature_c=values,
        places=daily.places,
        named=daily.named,
        latitude=daily.latitude,
        longitude=daily.longitude,
        notes=notes,
    )


def _whole_days(daily: Daily, options: Options) -> tuple[Array, Array, Array, list[str]]:
    """Return lowest, highest and mean of every day from the first to the last, ``(day, place)``, and what was done."""
    days = daily.days.astype("datetime64[D]")
    place = (days - days.min()).astype(np.int64)
    low, high, mean = (np.full((int(place.max()) + 1, len(daily.places)), np.nan) for _ in range(3))
    notes = list(daily.notes)
    mean[place] = daily.mean
    if np.isfinite(daily.low).any() and np.isfinite(daily.high).any():
        low[place], high[place] = daily.low, daily.high
    else:
        low[place], high[place] = daily.mean - DAILY_RANGE_K / 2, daily.mean + DAILY_RANGE_K / 2
        notes.append(f"only daily means: a daily range of {DAILY_RANGE_K:g} K was assumed")
    low, high = (np.where(np.isnan(low) | np.isnan(high), np.nan, values) for values in (low, high))
    if options.fill:
        filled = fill_linear(low, options.fill_limit_h // 24)
        fill_linear(high, options.fill_limit_h // 24)
        notes += [f"{filled} missing days filled along a line"] if filled else []
    return low, high, mean, notes


def _hours_of_places(low: Array, high: Array, mean: Array, ahead: Array, solar: Array) -> tuple[Array, int, int]:
    """Return the hours of days that begin at different hours of UTC, those that all places have.

    Returns
    -------
    tuple
        Temperatures ``(hour, place)`` [degC]; the first hour after midnight of UTC on the first day; their number.

    Notes
    -----
    Each hour is that of the curve at its middle, by the exact offset of the days: 5:30 in India, 5:45 in Nepal.
    """
    middle = (0.5 + ahead) % 1.0  # of the first hour of UTC whose middle is in the day
    begins = np.round(ahead + 0.5 - middle).astype(np.int64)
    first_hour = -int(begins.min())
    length = 24 * len(low) - int(begins.max() - begins.min())
    values = np.full((max(length, 0), low.shape[1]), np.nan)
    for own_ahead, clock in set(zip(ahead.tolist(), solar.tolist(), strict=True)):
        own = np.flatnonzero((ahead == own_ahead) & (solar == clock))
        place = own[0]
        begins_h, middle_h = (clock - own_ahead) % 24, float(middle[place])
        curve = day_curve(low[:, own], high[:, own], mean[:, own], begins_h=begins_h, middle_h=middle_h)
        skipped = first_hour + int(begins[place])
        values[:, own] = curve[skipped : skipped + length]
    return values, first_hour, max(length, 0)


def _told(ahead: Array, solar: Array) -> list[str]:
    """Return how days became hours, in a sentence of `history`."""
    days = " to ".join(dict.fromkeys(offset_text(float(end)) for end in (ahead.min(), ahead.max())))
    days += " by place" if ahead.min() < ahead.max() else ""
    clock = offset_text(float(solar[0])) if solar.min() == solar.max() else "solar time at each place"
    return [f"days of {days} made hourly: lowest at 06:30, highest at 14:30 of {clock}"]


def _means_told(hours: Array | None, mean: Array, known: npt.NDArray[np.bool_]) -> list[str]:
    """Return that daily means were kept, and how many could not be, in a sentence of `history`."""
    wanted = known & np.isfinite(mean)
    if not wanted.any():
        return []
    if hours is None:
        return ["daily means kept where the extremes allow it"]
    away = np.abs(hours.reshape(len(mean), 24, -1).mean(axis=1) - mean)
    missed = int((away[wanted] > MEAN_KEPT_K).sum())
    said = "daily means kept beside the extremes"
    return [
        f"{said}, except on {missed} of {int(wanted.sum())} days, whose extremes do not allow it" if missed else said
    ]


def _solar(longitude: Array) -> Array:
    """Return the whole hours that solar time is ahead of UTC at each longitude, shape ``(place,)``. [h]"""
    return np.asarray(np.round(((longitude + 180) % 360 - 180) / 15))


def _offsets(daily: Daily, problems: Problems, options: Options) -> Array:
    """Return the hours that the days of each place are ahead of UTC, shape ``(place,)``. [h]

    By the file, else the zone given, else solar time by longitude, else the zone of the network.
    """
    alike = np.zeros(len(daily.places))
    if daily.offset_h is not None:
        return alike + daily.offset_h
    if options.zone is not None and daily.days.size:
        return alike + offset_hours(options.zone, daily.days[0])
    if daily.longitude is not None:
        return _solar(daily.longitude)
    if options.day_zone is not None and daily.days.size:
        return alike + offset_hours(options.day_zone, daily.days[0])
    hint = "give it with timezone= (--timezone), such as Europe/Kyiv or +02:00"
    problems.add("contains days and does not say in which time zone", table=options.shown, hint=hint)
    return alike


def _check_days(daily: Daily, problems: Problems, options: Options) -> None:
    def add(message: str, place: int) -> None:
        line = int(daily.lines[place]) if daily.lines is not None else None
        value = str(daily.days[place].astype("datetime64[D]"))
        problems.add(message, table=options.shown, row=line, field="date", value=value)

    _, first = np.unique(daily.days, return_index=True)
    for place in np.setdiff1d(np.arange(len(daily.days)), first)[:MAX_REPORTED]:
        add("is repeated", int(place))
    for place in np.flatnonzero((daily.low > daily.high).any(axis=1))[:MAX_REPORTED]:
        add("has its lowest temperature above its highest", int(place))
    if daily.days.size:
        hours = int((daily.days.max() - daily.days.min()) / np.timedelta64(1, "h"))
        if hours > MAX_HOURS:
            problems.add(f"spans {hours} hours, at most {MAX_HOURS} are read", table=options.shown, field="date")
