"""Electric heaters that people plug in where heat is lost and power is on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Ints, above_mean
from gridmodel.sampling import Settings, of_cells

Values = npt.ArrayLike

DELAY_H = 0.5
"""Hours until the first heater is switched on. [h] Reported by the grid operator in October 2025."""
UPTAKE_H = 3.0
"""Time constant of the uptake after that. [h] [B]"""
DWELLING_M2 = 60.0
"""Floor of a dwelling. [m²] [B]"""


def uptake(cold_h: Values, *, most: Values) -> Floats:
    """Share of homes with a heater on, after some hours without heat. [1]

    Notes
    -----
    ``u = u_max (1 − exp(−(t − 0.5 h) / 3 h))``.

    Examples
    --------
    >>> uptake([0.0, 0.5, 100.0], most=0.6)
    array([0. , 0. , 0.6])
    """
    waited = np.maximum(np.asarray(cold_h, dtype=float) - DELAY_H, 0.0)
    return np.asarray(np.asarray(most, dtype=float) * (1.0 - np.exp(-waited / UPTAKE_H)))


def wanted_w(missing_w: Values, share: Values, *, cap_kw: Values, diversity: Values) -> Floats:
    """Heater power that homes want, on average over all of them. [W/m²]

    Parameters
    ----------
    missing_w
        Power that would hold the lowest temperature people accept. [W/m²]
    share
        Share of homes with a heater on. [1]
    cap_kw
        Most that heaters of one dwelling draw. [kW]
    diversity
        Share of them that draw at the same time. [1]

    Examples
    --------
    >>> wanted_w(100.0, 0.6, cap_kw=2.0, diversity=0.7).item()
    14.0
    """
    each = np.minimum(np.maximum(np.asarray(missing_w, dtype=float), 0.0), most_heater_w(cap_kw))
    return np.asarray(np.asarray(share, dtype=float) * each * np.asarray(diversity, dtype=float))


def most_heater_w(cap_kw: Values) -> Floats:
    """Most that heaters of one dwelling draw, over its floor. [W/m²]"""
    return np.asarray(1000.0 * np.asarray(cap_kw, dtype=float) / DWELLING_M2)


def mean_uptake(cold_h: Floats, *, most: Values, step_h: float) -> Floats:
    """Share of homes with a heater on, mean over a step that begins after some hours without heat. [1]

    Parameters
    ----------
    cold_h
        Hours without heat before the step. [h]
    most
        Most homes that plug one in. [1]
    step_h
        Length of the step. [h]

    Examples
    --------
    >>> short = [uptake(2.0 + (tick + 0.5) / 1000, most=0.6) for tick in range(1000)]
    >>> abs(mean_uptake(np.array(2.0), most=0.6, step_h=1.0) - np.mean(short)).item() < 1e-6
    True
    """
    first = np.maximum(cold_h - DELAY_H, 0.0)
    last = np.maximum(cold_h + step_h - DELAY_H, 0.0)
    without = UPTAKE_H * (np.exp(-first / UPTAKE_H) - np.exp(-last / UPTAKE_H))
    return np.asarray(np.asarray(most, dtype=float) * (last - first - without) / step_h)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Course of rooms within a step, arrays that broadcast to theirs."""

    heating_w: Floats
    """Heat that comes to radiators. [W/m²]"""
    before_w: Floats
    """Heat of radiators as the step begins. [W/m²]"""
    radiator_w: Floats
    """Heat of radiators at its end. [W/m²]"""
    walls_c: tuple[Floats, Floats]
    """Mass as the step begins and as it ends. [°C]"""
    heater_w: Floats
    """Heaters that are on while there is power. [W/m²]"""
    power: Floats
    """Share of homes, or of the step, with power. [1]"""
    at_length: Floats
    """Air per heating, over that without what the mass gains by it within the step. [1]"""
    lag_h: Floats
    """Time for which radiators store heat. [h]"""
    per_wall_w: Floats
    """Heat that holds a temperature at once less per kelvin of the mass. [W/(m² K)]"""
    by_heating_k: Floats | None
    """Kelvin that the mass gains in a step by heating, where as much comes in the next step; None where it need not.
    [K m²/W]"""

    def missing_w(
        self, mean_w: Floats, cells: Ints, shape: tuple[int, ...], *, step_h: float
    ) -> tuple[Floats, Floats, Floats | None]:  # fmt: skip
        """Heater power that is missing as the step begins, as it ends, and as the next one ends if known. [W/m²]

        Parameters
        ----------
        mean_w
            Mean of the step, shape ``(cell,)``. [W/m²]
        cells
            Places in the flat array of rooms, shape ``(cell,)``.
        shape
            Shape of the array.
        step_h
            Length of the step. [h]

        Notes
        -----
        Radiators gave what came and was not stored, and walls change along a straight line. The mean is what would hold
        a temperature if it were given for all of the step; walls that get less of it end colder.
        """
        here = _taker(cells, shape)
        before_w, after_w, heating_w = here(self.before_w), here(self.radiator_w), here(self.heating_w)
        lag_h, per_wall_w = here(self.lag_h), here(self.per_wall_w)
        walls_k = here(self.walls_c[1]) - here(self.walls_c[0])
        given_w = heating_w - (after_w - before_w) * (lag_h / step_h)
        mean_w = mean_w + (here(self.at_length) - 1.0) * (mean_w - here(self.heater_w) * here(self.power))
        half_w = 0.5 * per_wall_w * walls_k
        ends_w = mean_w + given_w - half_w
        starts_w = mean_w + given_w + half_w - before_w
        if self.by_heating_k is None:
            return starts_w, ends_w - after_w, None
        stays, ahead_w = np.exp(-step_h / lag_h), after_w - heating_w
        next_w = heating_w + ahead_w * ((1.0 - stays) * lag_h / step_h)
        then_k = walls_k + here(self.by_heating_k) * (next_w - given_w)
        return starts_w, ends_w - after_w, ends_w - per_wall_w * then_k - heating_w - ahead_w * stays


def _taker(cells: Ints, shape: tuple[int, ...]) -> Callable[[Floats], Floats]:
    """Return what takes values of some cells out of arrays that broadcast to a shape.

    Parameters
    ----------
    cells
        Places in the flat array of that shape, shape ``(cell,)``.
    shape
        The shape.
    """
    places = {math.prod(shape): cells}  # in arrays that lack the first axes, by their size

    def here(values: Floats) -> Floats:
        if values.ndim == 0:
            return values
        if values.shape != shape[-values.ndim :]:
            return np.asarray(np.broadcast_to(values, shape).reshape(-1).take(cells))
        if values.size not in places:
            places[values.size] = cells % values.size
        return values.reshape(-1).take(places[values.size])

    return here


def plugged_in(
    missing_w: Floats, cold_h: Floats, settings: Settings, *, step_h: float, heaters: bool = True,
    course: Course | None = None,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return the heater power that homes want in the next step, and the hours for which rooms have been cold.

    Parameters
    ----------
    missing_w
        Heater power that would hold the lowest temperature people accept, shape ``(…, member, region)``. [W/m²]
    cold_h
        Hours before the step, same shape. [h]
    settings
        With `heater_uptake`, `heater_cap_kw` and `heater_diversity`.
    step_h
        Length of the step. [h]
    heaters
        True if people plug heaters in.
    course
        What the rooms do; None if it stays as it is.
    """
    wanted, hours = np.zeros(missing_w.size, missing_w.dtype), np.zeros(cold_h.size, cold_h.dtype)
    cells = np.flatnonzero(missing_w > 0)  # most rooms are warm
    cold, missing = cold_h.reshape(-1).take(cells) + step_h, missing_w.reshape(-1).take(cells)
    if course is not None and len(cells):
        first_w, last_w, next_w = course.missing_w(missing, cells, missing_w.shape, step_h=step_h)
        cold = cold_hours(cold, first_w, last_w, step_h=step_h)
        if next_w is not None:  # otherwise it is that of this step
            missing = above_mean(np.minimum(last_w, next_w), np.maximum(last_w, next_w))
    hours[cells] = cold
    if len(cells) and heaters:
        most, cap_kw, diversity = of_cells(
            [settings[f"heater_{name}"] for name in ("uptake", "cap_kw", "diversity")], cells, missing_w.shape
        )
        share = mean_uptake(cold, most=most, step_h=step_h)
        wanted[cells] = wanted_w(missing, share, cap_kw=cap_kw, diversity=diversity)
    return wanted.reshape(missing_w.shape), hours.reshape(cold_h.shape)


def cold_hours(counted_h: Floats, first_w: Floats, last_w: Floats, *, step_h: float) -> Floats:
    """Hours for which rooms have been cold at the end of a step in which they are for some time. [h]

    Parameters
    ----------
    counted_h
        Hours if they are cold for all of it, same shape as the rest. [h]
    first_w, last_w
        Heater power that is missing as it begins and ends; none is where it is negative. [W/m²]
    step_h
        Length of the step. [h]

    Notes
    -----
    What is missing changes along a straight line: rooms that begin warm are cold from where it is positive, and those
    that end warm start anew.

    Examples
    --------
    >>> cold_hours(np.array([3.0, 3.0, 3.0]), np.array([1.0, -1.0, 2.0]), np.array([5.0, 3.0, -1.0]), step_h=1.0)
    array([3.  , 0.75, 0.  ])
    """
    fresh = (first_w < 0) & (last_w > 0)
    part = last_w / np.where(fresh, last_w - first_w, 1.0)
    return np.where(fresh, step_h * part, np.where(last_w > 0, counted_h, 0.0))
