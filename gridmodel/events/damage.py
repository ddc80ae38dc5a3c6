"""Damage by strikes: hits that arrive, the unit and damage state of each, and the work that repairs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import gammainc, gammaincinv

from gridmodel.arrays import Floats, Ints
from gridmodel.sampling import Settings
from gridmodel.vocabulary import DAMAGE_STATES, event_class

REPAIR_DAYS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "generation": {
        "slight": (0.5, 0.1),
        "moderate": (3.6, 3.6),
        "extensive": (22.0, 21.0),
        "complete": (65.0, 30.0),
    },
    "substation": {
        "slight": (1.0, 0.5),
        "moderate": (3.0, 1.5),
        "extensive": (7.0, 3.5),
        "complete": (30.0, 15.0),
    },
    "pumping": {
        "slight": (0.9, 0.3),
        "moderate": (3.1, 2.7),
        "extensive": (13.5, 10.0),
        "complete": (35.0, 18.0),
    },
    "circuit": {
        "slight": (0.3, 0.2),
        "moderate": (1.0, 0.5),
        "extensive": (3.0, 1.5),
        "complete": (7.0, 3.0),
    },
}
"""Mean and standard deviation of restoration times by damage state; `EventClass.damage` names the row of each class.
[d] They are elapsed times of a facility, with ordinary nights and ways in them. Source: FEMA, *Hazus Earthquake Model
Technical Manual*, restoration of electric power (generation plants, substations, distribution circuits) and of potable
water (pumping plants). Not checked against a copy of the manual [B]; `circuit` is as published code has it
(``pyincore_seaside_jb``, ``damage_electric.py``).

Where the manual has no row for a class, the nearest stands in for it [B]: generation plants for sources of district
heat, electrical distribution circuits for its pipes, substations for corridors and borders, pumping plants for sewage
lift stations."""
LEAST_SPREAD = 1e-4
"""Standard deviation over mean below which every repair takes the mean. [1] Ours: nine seconds of a day's repair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Hits of one strike, by member."""

    unit: Ints
    """Unit of the target that is hit, -1 if the hit does not arrive, shape ``(member, hit)``."""
    state: Ints
    """Position in `DAMAGE_STATES`, -1 if the hit does not arrive, shape ``(member, hit)``."""
    remaining: Floats
    """Share of the unit's capacity that remains, shape ``(member, hit)``. [1]"""
    repair_h: Floats
    """Time until the unit is repaired with a crew in mild weather, shape ``(member, hit)``. [h]"""


PROBABILITY_OF_STATE = [f"damage_state_probabilities.{state}" for state in DAMAGE_STATES]
REMAINING_IN_STATE = [f"damage_capacity_left.{state}" for state in DAMAGE_STATES]


def repair_days(settings: Settings, what: str) -> tuple[Floats, Floats]:
    """Return the mean and standard deviation of repair times of a class. [d]

    Parameters
    ----------
    settings
        Settings by member; `repair_days` of the class replaces the defaults.
    what
        Class that is repaired.

    Returns
    -------
    tuple of numpy.ndarray
        Each of shape ``(state,)`` or ``(member, state)``.
    """
    default = REPAIR_DAYS[event_class(what).damage]
    columns = []
    for place, part in enumerate(("mean", "standard_deviation")):
        names = [f"repair_days.{what}.{state}.{part}" for state in DAMAGE_STATES]
        defaults = [default.get(state, (0.0, 0.0))[place] for state in DAMAGE_STATES]
        columns.append(settings.together(names, defaults))
    return columns[0], columns[1]


class DamageModel(Protocol):
    """A model of what hits do to the units that they are on."""

    def __call__(self, unit: Ints, settings: Settings, *, what: str, state_at: Floats, days_at: Floats) -> Hits:
        """Return damage state, remaining share and hours of repair of each hit; see `damage_of`."""


def draw_hits(
    streams: Sequence[np.random.Generator],
    settings: Settings,
    *,
    what: str,
    units: int,
    hits: float | Floats,
    interception: float | Floats,
    most: int | None = None,
    damage: DamageModel | None = None,
) -> Hits:
    """Sample the hits of one strike for some members.

    Parameters
    ----------
    streams
        Random stream of each member.
    settings
        Probabilities of damage states, remaining capacity, repair times.
    what
        Class of the target.
    units
        Units of the target. [1]
    hits
        Hits sent, before interception, shape ``()`` or ``(member,)``. [1]
    interception
        Share that is intercepted, shape ``()`` or ``(member,)``. [1]
    most
        Length of the hit axis; by default the most hits that any of these members is sent.
    damage
        Model of damage; `damage_of` by default.

    Notes
    -----
    The number of hits that arrive is binomial. Each hits any unit with equal probability and puts it in a damage
    state, whose repair time is drawn by `time_at`. Random numbers are taken for every hit sent, so that interception
    and the settings of damage and repair change the random numbers of no hit; another number of hits changes them.
    """
    sent = np.broadcast_to(np.asarray(hits, dtype=np.intp), len(streams))
    uniform = np.full((len(streams), 4, int(sent.max(initial=0)) if most is None else most), 0.5)
    uniform[:, 0] = 1.0  # hits that are not sent do not arrive
    for row, own in enumerate(streams):
        uniform[row, :, : sent[row]] = own.random((4, int(sent[row])))
    arrives = uniform[:, 0] < 1.0 - np.reshape(interception, (-1, 1))
    unit = np.where(arrives, (uniform[:, 1] * units).astype(np.intp), -1)
    return (damage or damage_of)(unit, settings, what=what, state_at=uniform[:, 2], days_at=uniform[:, 3])


def damage_of(unit: Ints, settings: Settings, *, what: str, state_at: Floats, days_at: Floats) -> Hits:
    """Sample what hits do to their units.

    Parameters
    ----------
    unit
        Unit that each hit is on, -1 if it does not arrive, shape ``(member, hit)``.
    settings
        Probabilities of damage states, remaining capacity, repair times.
    what
        Class of the units.
    state_at, days_at
        Quantiles of the damage state and of the repair time, between 0 and 1, shape ``(member, hit)``. [1]
    """
    arrives = unit >= 0
    cumulative = np.cumsum(settings.together(PROBABILITY_OF_STATE), axis=-1)
    passed = cumulative[..., None, :] <= state_at[:, :, None]
    state = np.minimum(passed.sum(axis=-1, dtype=np.intp), len(DAMAGE_STATES) - 1)
    remaining = _at(settings.together(REMAINING_IN_STATE), state)
    mean, spread = (_at(column, state) for column in repair_days(settings, what))
    repair_h = np.zeros(unit.shape)
    mean, spread = (np.broadcast_to(values, unit.shape)[arrives] for values in (mean, spread))
    repair_h[arrives] = 24.0 * time_at(days_at[arrives], mean, spread)
    return Hits(
        unit=unit,
        state=np.where(arrives, state, -1),
        remaining=np.where(arrives, remaining, 1.0),
        repair_h=repair_h,
    )


def time_at(quantile: Floats, mean: Floats, spread: Floats) -> Floats:
    """Return restoration times by their quantile, in the unit of `mean`.

    Parameters
    ----------
    quantile
        Between 0 and 1. [1]
    mean, spread
        Mean and standard deviation; without spread every time is the mean.

    Notes
    -----
    A gamma distribution with that mean and standard deviation. Ours: the source has normal curves, of which up to a
    sixth lies below zero (3.6 ± 3.6 days); cut off there, their mean is up to 29 % above the table's. This one is
    positive and has the table's mean; its curve is up to 13 points above the published one (moderate damage to
    generation, repaired within 1, 3 and 7 days: 24, 57, 86 % here; 24, 44, 83 % published).

    Examples
    --------
    >>> time_at(np.array([0.5, 0.5]), np.array([3.6, 3.6]), np.array([3.6, 0.0]))
    array([2.4953, 3.6   ])
    """
    shape, scale = _gamma(mean, spread)
    return np.asarray(np.where(scale > 0, gammaincinv(shape, quantile) * scale, mean))


def done_by(time: Floats, mean: Floats, spread: Floats) -> Floats:
    """Return the share of restorations that are done by a time, of the distribution that `time_at` draws from. [1]

    Parameters
    ----------
    time
        Time since the work began, negative before; in the unit of `mean`.
    mean, spread
        Mean and standard deviation.

    Examples
    --------
    >>> done_by(np.array([1.0, 3.0, 7.0]), np.array(3.6), np.array(3.6))
    array([0.2425, 0.5654, 0.8569])
    """
    shape, scale = _gamma(mean, spread)
    at_once = (time >= mean) | (mean <= 0)
    share = gammainc(shape, np.maximum(time, 0.0) / np.where(scale > 0, scale, 1.0))
    return np.asarray(np.where(scale > 0, share, at_once))


def _gamma(mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Return shape and scale of a gamma distribution; the scale is 0 where every time is the mean."""
    drawn = (mean > 0) & (spread > LEAST_SPREAD * mean)
    safe_mean, safe_spread = (np.where(drawn, values, 1.0) for values in (mean, spread))
    return (safe_mean / safe_spread) ** 2, np.where(drawn, safe_spread**2 / safe_mean, 0.0)


def _at(values: Floats, state: Ints) -> Floats:
    """Return the value of each hit's state, shape ``(member, hit)``; values are ``(state,)`` or ``(member, state)``."""
    return values[state] if values.ndim == 1 else np.take_along_axis(values, state, axis=1)


def expected_remaining(
    settings: Settings,
    *,
    what: str,
    units: int,
    hits: Floats,
    interception: Floats,
    worked_h: Floats,
    fixed_h: Floats,
) -> Floats:
    """Compute the mean share of its capacity that the target of a strike has.

    Parameters
    ----------
    settings
        Settings of one member.
    what
        Class of the target.
    units
        Units of the target. [1]
    hits, interception
        Hits sent, and the share that is intercepted, shape ``()``. [1]
    worked_h
        Hours of repair since the strike, negative while crews are on the way, shape ``(time,)``. [h]
    fixed_h
        Hours after which everything is repaired, infinite if the event does not give them. [h]

    Returns
    -------
    numpy.ndarray
        Shape ``(time,)``. [1]

    Notes
    -----
    Hits are independent: the mean of a unit is ``(1 − (1 − interception)/units · (1 − E[remaining]))^hits``, with
    ``E[remaining]`` of one hit at that time. All units have the same mean, which is therefore that of the target.
    """
    one = after_one_hit(settings, what=what, worked_h=worked_h, fixed_h=fixed_h)
    return np.asarray((1.0 - (1.0 - interception) / units * (1.0 - one)) ** hits)


def after_one_hit(settings: Settings, *, what: str, worked_h: Floats, fixed_h: Floats) -> Floats:
    """Compute the mean share of its capacity that a unit has after one hit, shape ``(time,)``. [1]

    Parameters are those of `expected_remaining`.
    """
    probability = settings.together(PROBABILITY_OF_STATE)
    remaining = settings.together(REMAINING_IN_STATE)
    mean, spread = repair_days(settings, what)
    hours = worked_h[:, None]
    done = done_by(hours / 24.0, mean, spread)
    if np.isfinite(fixed_h):
        done = np.broadcast_to(hours >= fixed_h, done.shape)
    return np.asarray((probability * (remaining + (1.0 - remaining) * np.clip(done, 0.0, 1.0))).sum(axis=1))
