"""Strikes: how many hits arrive, which unit each meets, how badly, and when it works again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from gridmodel.arrays import Floats, Ints
from gridmodel.sampling import Settings
from gridmodel.vocabulary import DAMAGE_STATES, TECHNOLOGIES

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
"""Mean and standard deviation of repair times, normal and positive. [d] FEMA Hazus earthquake manual, power and
potable-water tables, quoted from memory and unconfirmed [B], except `circuit`, which was seen in published code."""
KIND_OF: Mapping[str, str] = {
    **dict.fromkeys((*TECHNOLOGIES, "generation", "heat_source", "generator"), "generation"),
    **dict.fromkeys(("transfer", "delivery", "import", "branch"), "substation"),
    "heat_network": "circuit",
    **dict.fromkeys(("water_pumping", "wastewater"), "pumping"),
}
"""Row of `REPAIR_DAYS` that a class takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Hits of one strike, by member."""

    unit: Ints
    """Unit of the target that is met, -1 where nothing arrives, shape ``(member, hit)``."""
    state: Ints
    """Place among `DAMAGE_STATES`, -1 where nothing arrives, shape ``(member, hit)``."""
    left: Floats
    """Capacity that the unit has left, shape ``(member, hit)``. [1]"""
    repair_h: Floats
    """Hours of work until it is whole again, shape ``(member, hit)``. [h]"""


CHANCE_OF_STATE = [f"damage_state_probabilities.{state}" for state in DAMAGE_STATES]
LEFT_IN_STATE = [f"damage_capacity_left.{state}" for state in DAMAGE_STATES]


def repair_days(settings: Settings, what: str) -> tuple[Floats, Floats]:
    """Mean and standard deviation of repair by damage state, each of shape ``(state,)`` or ``(member, state)``. [d]"""
    usual = REPAIR_DAYS[KIND_OF[what]]
    columns = []
    for place, part in enumerate(("mean", "standard_deviation")):
        names = [f"repair_days.{what}.{state}.{part}" for state in DAMAGE_STATES]
        known = [usual.get(state, (0.0, 0.0))[place] for state in DAMAGE_STATES]
        columns.append(settings.together(names, known))
    return columns[0], columns[1]


def draw_hits(
    streams: Sequence[np.random.Generator],
    settings: Settings,
    *,
    what: str,
    units: int,
    hits: float | Floats,
    interception: float | Floats,
    most: int | None = None,
) -> Hits:
    """Draw the hits of one strike for some members.

    Parameters
    ----------
    streams
        Random numbers of each member.
    settings
        Chances of damage states, capacity left, repair times.
    what
        Class of the target.
    units
        Units of the target.
    hits
        Sent, before interception, one number for all or shape ``(member,)``.
    interception
        Share that is intercepted, one for all or shape ``(member,)``.
    most
        Hits that there is room for, by default the most that any of these members has.

    Notes
    -----
    Hits that arrive are binomial; each meets a unit with equal chance and puts it in a damage state; the
    repair time is normal, cut at zero. Every draw is made for every hit sent, so that a change of one number
    leaves the others' draws as they are.
    """
    sent = np.broadcast_to(np.asarray(hits, dtype=np.intp), len(streams))
    uniform = np.full((len(streams), 4, int(sent.max(initial=0)) if most is None else most), 0.5)
    uniform[:, 0] = 1.0  # what is not sent does not arrive
    for row, own in enumerate(streams):
        uniform[row, :, : sent[row]] = own.random((4, int(sent[row])))
    arrives = uniform[:, 0] < 1.0 - np.reshape(interception, (-1, 1))
    unit = np.where(arrives, (uniform[:, 1] * units).astype(np.intp), -1)
    chances = np.cumsum(settings.together(CHANCE_OF_STATE), axis=-1)
    passed = chances[..., None, :] <= uniform[:, 2, :, None]
    state = np.minimum(passed.sum(axis=-1, dtype=np.intp), len(DAMAGE_STATES) - 1)
    left = _at(settings.together(LEFT_IN_STATE), state)
    mean, spread = (_at(column, state) for column in repair_days(settings, what))
    below = ndtr(-mean / np.maximum(spread, 1e-12))
    drawn = mean + spread * ndtri(below + uniform[:, 3] * (1.0 - below))
    repair_h = 24.0 * np.where(spread > 0, np.maximum(drawn, 0.0), mean)
    return Hits(
        unit=unit,
        state=np.where(arrives, state, -1),
        left=np.where(arrives, left, 1.0),
        repair_h=np.where(arrives, repair_h, 0.0),
    )


def _at(values: Floats, state: Ints) -> Floats:
    """Value of each hit's state, shape ``(member, hit)``, of values of shape ``(state,)`` or ``(member, state)``."""
    return values[state] if values.ndim == 1 else np.take_along_axis(values, state, axis=1)


def expected_left(
    settings: Settings,
    *,
    what: str,
    units: int,
    hits: Floats,
    interception: Floats,
    worked_h: Floats,
    fixed_h: Floats,
) -> Floats:
    """Mean share of capacity that the target of a strike has left.

    Parameters
    ----------
    settings
        Of one member.
    hits, interception
        Hits sent, and the share that is intercepted, one number each.
    worked_h
        Hours of repair since the strike, negative while crews travel, shape ``(time,)``. [h]
    fixed_h
        Hours after which all is whole, if the event says so; else infinite. [h]

    Returns
    -------
    numpy.ndarray
        Shape ``(time,)``. [1]

    Notes
    -----
    Hits are independent: a unit's mean is ``(1 − (1 − interception)/units · (1 − E[left]))^hits``, with ``E[left]``
    of one hit at that time. The means of all units are equal, so it is also the target's.
    """
    chance, left = settings.together(CHANCE_OF_STATE), settings.together(LEFT_IN_STATE)
    mean, spread = repair_days(settings, what)
    hours = worked_h[:, None]
    safe = np.maximum(spread, 1e-12)
    below = ndtr(-mean / safe)
    at_once = (hours >= 24.0 * mean) | (mean <= 0)
    done = np.where(spread > 0, (ndtr((hours / 24.0 - mean) / safe) - below) / (1.0 - below), at_once)
    if np.isfinite(fixed_h):
        done = np.broadcast_to(hours >= fixed_h, done.shape)
    one = (chance * (left + (1.0 - left) * np.clip(done, 0.0, 1.0))).sum(axis=1)
    return np.asarray((1.0 - (1.0 - interception) / units * (1.0 - one)) ** hits)
