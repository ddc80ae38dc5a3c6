"""Costs of a pandapower net as convex pieces: polynomials, and slopes between points."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.interchange.adapter.dispatchable import rows_of

QUADRATIC_TOLERANCE = 1e-3
"""Most by which the first pieces of a quadratic cost exceed it, as a share of the cost of full output; and most by
which the cost of a dispatch exceeds the least one, as a share of itself, once pieces are made finer. [1]
Ours: 16 pieces at first, and less than a fuel price is known to."""
WITHDRAWN_PIECES = 64
"""Pieces of the worth of a withdrawal that falls with its size. Ours: the last is 1/64 of it."""
FALLING = "falling slopes of costs, in whose place the cost of the same output on a chord is taken"
_REACTIVE = ("cq0_eur", "cq1_eur_per_mvar", "cq2_eur_per_mvar2")


@dataclass(frozen=True, slots=True)
class Curve:
    """Cost of one source as pieces of constant slope, the cheapest first."""

    start_mw: Floats
    """Output at which each piece begins, shape ``(piece,)``; the last one has no end."""
    slope: Floats
    """Cost of one more megawatt in each piece, never falling, shape ``(piece,)``. [EUR/MWh]"""
    constant: float = 0.0
    """Cost at no output, paid while anything is available. [EUR/h]"""
    square: float = 0.0
    """Quadratic part of which the pieces are chords; 0 if they are the cost itself. [EUR/MWh²]"""
    end_mw: float = 0.0
    """Output at which the chord of the last piece ends."""


FREE = Curve(np.zeros(1), np.zeros(1))
"""Cost of a source without any."""


class Costs:
    """Cost curves of the elements of a net; what they leave out is told once."""

    def __init__(self, net: Any) -> None:  # noqa: ANN401 - no types in pandapower
        self._poly = _by_element(rows_of(net, "poly_cost"))
        piecewise = rows_of(net, "pwl_cost")
        self._left: set[str] = set()
        if len(piecewise) and "power_type" in piecewise:
            active = piecewise["power_type"].to_numpy() == "p"
            if not active.all():
                self._left.add("costs of reactive power")
            piecewise = piecewise[active]
        self._points = _by_element(piecewise)
        poly = rows_of(net, "poly_cost")
        if any(name in poly and (poly[name].fillna(0.0) != 0).any() for name in _REACTIVE):
            self._left.add("costs of reactive power")
        for frame in (poly, piecewise):
            for kind in sorted({str(kind) for kind in frame["et"]} - {"gen", "sgen", "ext_grid"} if len(frame) else ()):
                self._left.add(f"costs of {kind}")

    @property
    def curved(self) -> bool:
        """Whether any cost is other than a price."""
        return bool(self._points) or any(
            _number(row, "cp2_eur_per_mw2") != 0 for rows in self._poly.values() for row in rows
        )

    def of(self, table: str, index: object, most_mw: float) -> Curve:
        """Return the cost of an element of which as much is available as said. [MW]"""
        key = (table, index)
        if key not in self._poly and key not in self._points:
            return FREE
        constant, slope, square = 0.0, 0.0, 0.0
        for row in self._poly.get(key, []):
            constant += _number(row, "cp0_eur")
            slope += _number(row, "cp1_eur_per_mw")
            square += _number(row, "cp2_eur_per_mw2")
        breaks = {
            0.0,
            *(float(most_mw) * np.arange(1, pieces(slope, square, most_mw)) / pieces(slope, square, most_mw)),
        }
        areas = [area for row in self._points.get(key, []) for area in _areas(row["points"])]
        breaks |= {start for start, _, _ in areas if start > 0}
        start = np.array(sorted(value for value in breaks if value < most_mw or value == 0.0))
        end = np.append(start[1:], max(most_mw, start[-1]))
        each = slope + square * (start + end)
        for row in self._points.get(key, []):
            each = each + _slopes(_areas(row["points"]), start)
        each = np.asarray(each, dtype=float)
        falls = (np.diff(each) < -1e-9 * max(1.0, float(np.abs(each).max()))).any()
        if falls or (square < 0 and most_mw > 0):
            self._left.add(FALLING)
            start, each = _envelope(start, end, each)
        return Curve(start, each, constant, square=0.0 if falls else max(square, 0.0), end_mw=float(end[-1]))

    def worth(self, table: str, index: object, taken_mw: float, usual: float) -> list[tuple[float, float]]:
        """Return blocks of a withdrawal and what each is worth, the dearest first; without a price `usual`. [EUR/MWh]

        The cost of a negative output is what its withdrawal is worth: 10 €/MWh at -5 MW is paid for 5 MW.
        """
        key = (table, index)
        slope = sum(_number(row, "cp1_eur_per_mw") for row in self._poly.get(key, []))
        square = sum(_number(row, "cp2_eur_per_mw2") for row in self._poly.get(key, []))
        areas = [area for row in self._points.get(key, []) for area in _areas(row["points"])]
        parts = WITHDRAWN_PIECES if square > 0 else 1
        breaks = {0.0, taken_mw, *(taken_mw * np.arange(1, parts) / parts)}
        breaks |= {-edge for area in areas for edge in area[:2] if 0 < -edge < taken_mw}
        edge = np.array(sorted(breaks))
        middle = (edge[1:] + edge[:-1]) / 2
        each = slope - 2.0 * square * middle
        for row in self._points.get(key, []):
            each = each + _slopes(_areas(row["points"]), -middle)
        if square < 0 or (np.diff(each) > 1e-9 * max(1.0, float(np.abs(each).max(initial=0.0)))).any():
            self._left.add(FALLING)
            edge, each = np.array([0.0, taken_mw]), np.array([float((each * np.diff(edge)).sum() / taken_mw)])
        if not (each > 0).any():
            return [(taken_mw, usual)]
        return [(float(mw), max(float(value), 0.0)) for mw, value in zip(np.diff(edge), each, strict=True)]

    def tell(self) -> None:
        """Warn of what the costs of a dispatch leave out."""
        if self._left:
            warnings.warn(f"the cost leaves out {'; '.join(sorted(self._left))}", UserWarning, stacklevel=5)


def pieces(slope: float, square: float, most_mw: float) -> int:
    """Return the number of equal pieces that keep a quadratic cost within `QUADRATIC_TOLERANCE` of full output.

    A chord over a width w lies at most square·w²/4 above the curve.

    Examples
    --------
    >>> pieces(0.0, 0.01, 100.0), pieces(10.0, 0.0, 100.0)
    (16, 1)
    """
    whole = abs(slope) * most_mw + square * most_mw**2
    if square <= 0 or not np.isfinite(most_mw) or whole <= 0:
        return 1
    return max(1, int(np.ceil(np.sqrt(square * most_mw**2 / (4 * QUADRATIC_TOLERANCE * whole)))))


def _by_element(frame: pd.DataFrame) -> dict[tuple[str, object], list[dict[str, Any]]]:
    found: dict[tuple[str, object], list[dict[str, Any]]] = {}
    for row in frame.to_dict("records"):
        found.setdefault((str(row["et"]), row["element"]), []).append({str(key): value for key, value in row.items()})
    return found


def _number(row: dict[str, Any], name: str) -> float:
    value = float(row.get(name, 0.0) or 0.0)
    return value if np.isfinite(value) else 0.0


def _areas(points: Any) -> list[tuple[float, float, float]]:  # noqa: ANN401
    """Return areas from, to, slope in rising order, as pandapower's `points` have them."""
    return sorted((float(a), float(b), float(c)) for a, b, c in points)


def _slopes(areas: list[tuple[float, float, float]], start: Floats) -> Floats:
    """Return the slope at the beginning of each piece; outside all areas that of the nearest holds."""
    starts = np.array([area[0] for area in areas])
    place = np.clip(np.searchsorted(starts, start, side="right") - 1, 0, len(areas) - 1)
    return np.array([area[2] for area in areas])[place]


def _envelope(start: Floats, end: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """Return the pieces of the largest convex curve below a piecewise linear one."""
    x = np.append(start, end[-1])
    y = np.append(0.0, np.cumsum(slope * (end - start)))
    keep = [0]
    for place in range(1, len(x)):
        while len(keep) > 1 and _rise(x, y, keep[-2], keep[-1]) >= _rise(x, y, keep[-1], place):
            keep.pop()
        keep.append(place)
    return x[keep[:-1]], np.array([_rise(x, y, a, b) for a, b in pairwise(keep)])


def _rise(x: Floats, y: Floats, a: int, b: int) -> float:
    return float((y[b] - y[a]) / (x[b] - x[a])) if x[b] > x[a] else 0.0
