"""Cut what was read to the part that is wanted."""

from __future__ import annotations

import numpy as np

from gridmodel.errors import Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.series import Options, Series, warn


def cut(found: Series | Daily, options: Options, *, spare_h: int = 0) -> None:
    """Cut hours or days to the part that is wanted, in place.

    Parameters
    ----------
    found
        As read.
    options
        The part that is wanted.
    spare_h
        Hours before and after it that are kept. [h]

    Raises
    ------
    InputError
        If nothing is left.
    """
    window = options.window
    if window.is_open:
        return
    times = found.days if isinstance(found, Daily) else found.times
    window.check(times, options.shown)
    kept = np.flatnonzero(window.inside(times, spare_h))
    if found.lines is not None:
        found.lines = found.lines[kept]
    if isinstance(found, Daily):
        found.days = found.days[kept]
        found.low, found.high, found.mean = (part[kept] for part in (found.low, found.high, found.mean))
        return
    found.times, found.temperature_c = found.times[kept], found.temperature_c[kept]
    found.beside = {name: values[kept] for name, values in found.beside.items()}


def note_missed(series: Series, problems: Problems, options: Options) -> None:
    """Warn of a series that does not reach from the beginning to the end of what was asked for."""
    missed = options.window.missed(series.times[0], series.times[-1]) if series.times.size else ""
    if missed:
        warn(problems, missed, shown=options.shown, field="time")
