"""Turn days to hours: a continuous curve through each day's lowest and highest temperature."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.gaps import fill_linear
from gridmodel.weather.series import MAX_HOURS, Array, Options, Series, Times, offset_hours

COLDEST_HOUR, WARMEST_HOUR = 6.5, 14.5
"""Local times of a day's lowest and highest temperature. [h]
Ours: before sunrise and after noon in winter at 50 degrees north."""
DAILY_RANGE_K = 5.3
"""Highest minus lowest temperature of a day where a file contains only its mean. [K]
NOAA GSOM, January, stations UPM00033345 (5.27) and UPM00033837 (5.16)."""

_FALL_H = 24 + COLDEST_HOUR - WARMEST_HOUR
_EVENING_H = 24 - WARMEST_HOUR


@dataclass(slots=True, kw_only=True)
class Daily:
    """Temperatures of days as they are in a file."""

    days: Times
    """Local days, shape ``(day,)``."""
    low: Array
    """Lowest of the day, shape ``(day, place)``; NaN where missing. [degC]"""
    high: Array
    """Highest of the day. [degC]"""
    mean: Array
    """Mean of the day, used only where a file contains neither lowest nor highest. [degC]"""
    places: list[str]
    lines: npt.NDArray[np.int64] | None = None
    """Line in the file of each day, shape ``(day,)``; None if there are none."""
    named: bool = False
    """True where the places are regions already."""
    offset_h: int | None = None
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


def day_curve(low: Array, high: Array) -> Array:
    """Return hours of days that keep each day's lowest and highest temperature.

    Parameters
    ----------
    low
        Lowest temperature of each local day, shape ``(day, place)``; NaN where missing. [degC]
    high
        Highest temperature, same shape. [degC]

    Returns
    -------
    numpy.ndarray
        Shape ``(24 * day, place)``, at the middle of each hour (00:30, 01:30, ...). [degC]

    Notes
    -----
    Halves of a cosine join the lowest temperature at 06:30 and the highest at 14:30 (the form is common, as in Reicosky
    et al., 1989; the hours are ours, see `COLDEST_HOUR`). At midnight the curve is kept within the ranges of both days,
    so that no hour leaves the range of its day. Where the ranges of two days do not touch, no continuous curve can do
    that; it then passes midnight half-way between them. The mean of a day follows from its extremes and is not imposed.
    """
    missing = np.isnan(low) | np.isnan(high)
    low, high = np.where(missing, np.nan, low), np.where(missing, np.nan, high)
    lows, highs = _neighbours(low), _neighbours(high)
    share = float(_fallen(np.array(_EVENING_H)))
    midnight = highs[0] + (lows[1] - highs[0]) * share
    floor, ceiling = np.maximum(*lows), np.minimum(*highs)
    midnight = np.where(floor <= ceiling, np.clip(midnight, floor, ceiling), (floor + ceiling) / 2)
    hours: Array = np.arange(24, dtype=np.float64) + 0.5
    since: Array = np.mod(hours - WARMEST_HOUR, 24.0)[None, :, None]
    start, end = midnight[:-1, None, :], midnight[1:, None, :]
    bottom, top = low[:, None, :], high[:, None, :]
    night = start + (bottom - start) * (_fallen(since) - share) / (1 - share)
    day = bottom + (top - bottom) * (1 + wave(hours)[None, :, None]) / 2
    evening = top + (end - top) * _fallen(since) / share
    clock = hours[None, :, None]
    curve = np.where(clock < COLDEST_HOUR, night, np.where(clock < WARMEST_HOUR, day, evening))
    return np.asarray(curve.reshape(-1, low.shape[1]))


def _fallen(since: Array) -> Array:
    """Return the share of the fall from the highest to the next lowest temperature, by hours since the highest. [-]"""
    return np.asarray((1 - np.cos(np.pi * since / _FALL_H)) / 2)


def _neighbours(values: Array) -> tuple[Array, Array]:
    """Return the values of the days before and after each midnight; a missing day and the ends take the other value."""
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
    offset = _offset(daily, problems, options)
    _check_days(daily, problems, options)
    problems.raise_if_any()
    days = daily.days.astype("datetime64[D]")
    place = (days - days.min()).astype(np.int64)
    low = np.full((int(place.max()) + 1, len(daily.places)), np.nan)
    high = low.copy()
    notes = list(daily.notes)
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
    notes.append(f"daily extremes made hourly: lowest at 06:30, highest at 14:30 of UTC{offset:+d}")
    hours = days.min().astype("datetime64[s]") + (np.arange(24 * len(low)) - offset) * np.timedelta64(3600, "s")
    return Series(
        times=hours,
        temperature_c=day_curve(low, high),
        places=daily.places,
        named=daily.named,
        latitude=daily.latitude,
        longitude=daily.longitude,
        notes=notes,
    )


def _offset(daily: Daily, problems: Problems, options: Options) -> int:
    """Return whole hours of local time ahead of UTC: by the file, else the zone given, else solar time by longitude."""
    if daily.offset_h is not None:
        return daily.offset_h
    if options.zone is not None and daily.days.size:
        return offset_hours(options.zone, daily.days[0])
    if daily.longitude is not None:
        longitude = float(np.median((daily.longitude + 180) % 360 - 180))
        return round(longitude / 15)
    if options.day_zone is not None and daily.days.size:
        return offset_hours(options.day_zone, daily.days[0])
    hint = "give it with timezone= (--timezone), such as Europe/Kyiv or +02:00"
    problems.add("contains days and does not say in which time zone", table=options.shown, hint=hint)
    return 0


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
