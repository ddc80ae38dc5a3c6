"""Pictures of a sheet as SVG: series over time, an outage schedule, a small map; colours are those of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from math import ceil, floor, log10

import numpy as np

from gridmodel.arrays import Floats

WIDTH = 360.0
"""Width of a picture in its own units, which are pixels on a phone. Ours: 390 px less margins."""
LEFT, RIGHT, TOP, BOTTOM = 40.0, 8.0, 8.0, 20.0
"""Margins around the plot."""
TEXT = 12.0
"""Size of text in the units of a picture, so that it is never below 12 px on a phone."""
LONGEST_DAYS = 7
"""Days of an outage schedule that are drawn. Ours: more would not be told apart on paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a chart."""

    values: Floats
    style: str
    """Class of the line in the page's style: `typical`, `bad`, `out` …"""


def chart(
    local: np.ndarray, lines: Sequence[Line], *, days: Sequence[str], described: str, zero: bool, height: float = 130.0,
    mark: float | None = None, mark_says: str = "",
) -> str:  # fmt: skip
    """Draw series over time.

    Parameters
    ----------
    local
        Local time of each step, shape ``(time,)``.
    lines
        Series, each of shape ``(time,)``.
    days
        Names of the seven days of the week, Monday first.
    described
        What the chart shows, for those who do not see it.
    zero
        Whether the axis begins at zero.
    height
        Height in pixels of a phone.
    mark
        Value at which a thin line is drawn.
    mark_says
        Label of that line, below its beginning.
    """
    values = np.concatenate([line.values for line in lines])
    low, high = (0.0 if zero else float(np.nanmin(values))), float(np.nanmax(values))
    ticks = _ticks(low, high if high > low else low + 1.0)
    low, high = ticks[0] if not zero else 0.0, ticks[-1]

    def across(step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / max(len(local), 1)

    def down(value: float) -> float:
        return TOP + (height - TOP - BOTTOM) * (high - value) / max(high - low, 1e-9)

    parts = [f'<line class="grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{down(tick):.1f}" y2="{down(tick):.1f}"/>'
             f'<text x="{LEFT - 4:g}" y="{down(tick) + 4:.1f}" text-anchor="end">{_plain(tick)}</text>'
             for tick in ticks]  # fmt: skip
    parts += _day_marks(local, days, across, height)
    if mark is not None and low < mark < high:
        parts.append(
            f'<line class="mark" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{down(mark):.1f}" y2="{down(mark):.1f}"/>'
        )
    for line in lines:
        points = " ".join(f"{across(step + 0.5):.1f},{down(value):.1f}" for step, value in enumerate(line.values))
        parts.append(f'<polyline class="{line.style}" points="{points}"/>')
    if mark is not None and mark_says and low < mark < high:
        parts.append(f'<text x="{LEFT + 4:g}" y="{down(mark) + TEXT:.1f}">{escape(mark_says)}</text>')
    return _picture(parts, height, described)


def outage_strip(
    local: np.ndarray,
    off: Mapping[str, np.ndarray],
    *,
    days: Sequence[str],
    described: str,
) -> str:
    """Draw an outage schedule: a row for each sub-queue, filled where it is without power.

    Parameters
    ----------
    local
        Local time of each half hour, shape ``(slot,)``.
    off
        Whether each sub-queue is off, by its name, each of shape ``(slot,)``.
    days, described
        As of `chart`.
    """
    row = 11.0
    height = TOP + row * len(off) + BOTTOM

    def across(slot: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * slot / max(len(local), 1)

    parts = []
    for place, (name, cells) in enumerate(off.items()):
        top = TOP + row * place
        parts.append(
            f'<rect class="on" x="{LEFT:g}" y="{top:.1f}" width="{WIDTH - LEFT - RIGHT:g}" height="{row - 2:g}"/>'
        )
        if place % 2 == 0:
            parts.append(f'<text x="{LEFT - 4:g}" y="{top + row - 1:.1f}" text-anchor="end">{escape(name)}</text>')
        path, at = [], 0
        for filled, group in groupby(map(bool, cells)):
            length = len(list(group))
            if filled:
                path.append(
                    f"M{across(at):.1f} {top:.1f}H{across(at + length):.1f}V{top + row - 2:.1f}H{across(at):.1f}Z"
                )
            at += length
        parts.append(f'<path class="off" d="{"".join(path)}"/>')
    parts += _day_marks(local, days, across, height)
    return _picture(parts, height, described)


def outline_map(
    shapes: Mapping[str, Sequence[Sequence[tuple[float, float]]]], chosen: str, *, known: Sequence[str], described: str
) -> str:
    """Draw a small map with one region filled.

    Parameters
    ----------
    shapes
        Rings of longitude and latitude by region. [deg]
    chosen
        Id of the region that is filled; empty fills all that are known.
    known
        Regions of the run; others are grey.
    described
        As of `chart`.
    """
    points = np.array([point for rings in shapes.values() for ring in rings for point in ring], dtype=float)
    narrow = float(np.cos(np.radians(points[:, 1].mean())))  # a degree of longitude beside one of latitude
    left, right = points[:, 0].min() * narrow, points[:, 0].max() * narrow
    box = (left, -points[:, 1].max(), right - left, points[:, 1].max() - points[:, 1].min())
    parts = []
    for region, rings in shapes.items():
        path = "".join("M" + "L".join(f"{x * narrow:.2f} {-y:.2f}" for x, y in ring) + "Z" for ring in rings)
        filled = region in known and chosen in {region, ""}
        style = "here" if filled else "there" if region in known else "none"
        parts.append(f'<path class="{style}" d="{path}"/>')
    frame = " ".join(f"{value:.2f}" for value in box)
    return f'<svg class="map" role="img" viewBox="{frame}" aria-label="{escape(described)}">{"".join(parts)}</svg>'


def _day_marks(
    local: np.ndarray, days: Sequence[str], across: Callable[[float], float], height: float
) -> list[str]:  # fmt: skip
    """Return the lines at midnights and the names of days below."""
    dates = local.astype("datetime64[D]")
    first = [0, *(np.flatnonzero(dates[1:] != dates[:-1]) + 1)]
    every = max(1, ceil(len(first) / 8))
    parts = []
    for number, (start, end) in enumerate(zip(first, [*first[1:], len(local)], strict=True)):
        if number:
            parts.append(f'<line class="day" x1="{across(start):.1f}" x2="{across(start):.1f}" y1="{TOP:g}" '
                         f'y2="{height - BOTTOM:g}"/>')  # fmt: skip
        weekday = days[(int(dates[start].astype(np.int64)) + 3) % 7]
        day = int(str(dates[start])[8:])
        wide = across(end) - across(start)
        if number % every == 0 and wide >= 18:
            said = f"{weekday} {day}" if wide >= 40 else str(day)
            middle = (across(start) + across(end)) / 2
            parts.append(f'<text x="{middle:.1f}" y="{height - 5:.1f}" text-anchor="middle">{escape(said)}</text>')
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Return four to seven round values that cover a range.

    Examples
    --------
    >>> _ticks(0.0, 87.0), _ticks(-21.4, 19.0)
    ([0.0, 20.0, 40.0, 60.0, 80.0, 100.0], [-30.0, -20.0, -10.0, 0.0, 10.0, 20.0])
    """
    rough = (high - low) / 5
    size = 10.0 ** floor(log10(rough))
    step = next(size * part for part in (1.0, 2.0, 2.5, 5.0, 10.0) if size * part >= rough)
    first = floor(low / step)
    count = ceil((high - first * step) / step - 1e-9)
    return [float(f"{(first + place) * step:.10g}") for place in range(count + 1)]


def _plain(value: float) -> str:
    """Return the label of a tick, with a proper minus."""
    return f"{value:g}".replace("-", "−")


def _picture(parts: Sequence[str], height: float, described: str) -> str:
    label = escape(described)
    return f'<svg role="img" viewBox="0 0 {WIDTH:g} {height:g}" aria-label="{label}">{"".join(parts)}</svg>'
