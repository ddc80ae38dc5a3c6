"""Find gaps, fill them on request, and list the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.series import Array, Options, Series


def gaps(missing: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first place and length of each run of missing values, in order.

    Examples
    --------
    >>> gaps(np.array([False, True, True, False, True]))
    [(1, 2), (4, 1)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(np.int8)))
    return [(int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def fill_linear(values: Array, limit: int) -> int:
    """Fill runs of at most `limit` missing values between two others along a line, in place.

    Parameters
    ----------
    values
        Shape ``(step, place)``, NaN where missing; changed in place.
    limit
        Longest run that is filled. [hour or day, as the values are]

    Returns
    -------
    int
        Number of values filled.
    """
    filled = 0
    for column in values.T:
        for start, length in gaps(np.isnan(column)):
            end = start + length
            if length <= limit and start > 0 and end < len(column):
                column[start:end] = np.interp(np.arange(start, end), [start - 1, end], [column[start - 1], column[end]])
                filled += length
    return filled


def fill_gaps(series: Series, options: Options) -> None:
    """Fill the gaps of an hourly series as asked for, in place, and note it."""
    if not options.fill:
        return
    count = fill_linear(series.temperature_c, options.fill_limit_h)
    for values in series.beside.values():
        count += fill_linear(values, options.fill_limit_h)
    if count:
        series.notes.append(f"{count} missing hours filled along a line, gaps of at most {options.fill_limit_h} h")


def _step_h(values: Array) -> int:
    """Return the hours between values that follow each other evenly in all places, 1 where they do not. [h]"""
    known = np.flatnonzero(np.isfinite(values).any(axis=1))
    steps = np.unique(np.diff(known))
    return int(steps[0]) if len(known) > 2 and len(steps) == 1 else 1


def list_gaps(series: Series, problems: Problems, options: Options) -> None:
    """Note each gap of an hourly series, the first hundred of a place one by one; a longer step once."""
    step_h = _step_h(series.temperature_c)
    if step_h > 1:
        problems.add(
            f"has a value every {step_h} hours, and must have one each hour",
            table=options.shown,
            field="time",
            hint="" if options.fill else 'fill="linear" (--fill linear) draws a line between them',
        )
        return
    places: dict[tuple[int, int], list[str]] = {}
    for column, name in enumerate(series.columns):
        found = gaps(np.isnan(series.temperature_c[:, column]))
        for gap in found[:MAX_REPORTED]:
            places.setdefault(gap, []).append(name)
        if len(found) > MAX_REPORTED:
            problems.add(f"has {len(found) - MAX_REPORTED} more gaps", table=options.shown, field=name)
    for (start, length), names in places.items():
        hours = f"{length} hour{'s' if length > 1 else ''}"
        problems.add(
            f"is missing for {hours} from {str(series.times[start])[:16]} UTC",
            table=options.shown,
            field=names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
            hint=_filling(start, length, len(series.times), options),
        )


def _filling(start: int, length: int, hours: int, options: Options) -> str:
    """Return how a gap of so many hours is filled, which begins at an hour of a series of so many."""
    if start == 0 or start + length == hours:
        return (
            "gaps at its ends are not filled: take these hours out, or read the part between with start= and end= "
            "(--start, --end)"
        )
    fill, limit = 'fill="linear" (--fill linear)', f"fill_limit_h={length} (--fill-limit-h {length})"
    if options.fill:
        return f"it is longer than what is filled: take the file again, or set {limit}"
    if length <= options.fill_limit_h:
        return f"short gaps are filled with {fill}"
    return f"take the file again, or fill it with {fill} and {limit}"
