"""Effects of damage within a minute: frequency after a loss, relays that shed load, branches that trip.

Everything here is a function of arrays over cases; a case is one island of one member, and its result is the same
whatever other cases are computed with it. An island swings as one mass: the system frequency response of Anderson and
Mirheydar (1990) with one lag for all reserve, and under-frequency relays in stages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch.merit import ratio

NOMINAL_HZ = 50.0
"""Frequency that everything runs at. [Hz]"""
STEP_S = 0.05
"""Step of integration. [s] Ours: within 0.01 Hz of steps of a millisecond, as relays open within a step."""
LENGTH_S = 60.0
"""Time for which a swing is followed. [s] Ours: several times the slowest time constant of an island."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Response of load, reserve and protection to frequency, one for all cases or one per case."""

    reserve_lag_s: Floats | float
    """Time constant of reserve, shape ``()`` or ``(case,)``. [s]"""
    reserve_full_hz: Floats | float
    """Fall of frequency that activates all of it, shape ``()`` or ``(case,)``. [Hz]"""
    load_relief_per_hz: Floats | float
    """Share of load that falls away with each hertz, shape ``()`` or ``(case,)``. [1/Hz]"""
    relay_hz: Floats
    """Threshold of each stage of relays, falling, shape ``(stage,)`` or ``(case, stage)``. [Hz]"""
    relay_delay_s: Floats | float
    """Time from the threshold to the open breaker, shape ``()`` or ``(case,)``. [s]"""
    unit_trip_hz: Floats | float
    """Frequency below which units trip, shape ``()`` or ``(case,)``. [Hz]"""

    def take(self, rows: Ints) -> Response:
        """Return the responses of some cases, one row each."""
        return Response(
            relay_hz=self.relay_hz if self.relay_hz.ndim < 2 else self.relay_hz[rows],
            **{
                name: values[rows] if np.ndim(values := getattr(self, name)) else values
                for name in self.__slots__ if name != "relay_hz"
            },
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """Course of islands after a loss; the first axis of each array is the case."""

    nadir_hz: Floats
    """Lowest frequency, down to the trip of units. [Hz]"""
    end_hz: Floats
    """Frequency at the end. [Hz]"""
    reserve_mw: Floats
    """Reserve that is delivered at the end. [MW]"""
    stages: Bools
    """True for stages that have shed, shape ``(case, stage)``."""
    collapsed: Bools
    """True where units trip, which leaves the island black."""


def stage_shares(
    first: Floats | float, total: Floats | float, stages: Floats | float, *, most: int | None = None
) -> Floats:
    """Compute the share of load of each stage: the first its own, the others the rest evenly, ``(…, stage)``. [1]

    Parameters
    ----------
    first, total
        Share of the first stage, and of all together, any shape. [1]
    stages
        Number of stages, same shape. [1]
    most
        Length of the last axis, by default that of the most stages; missing stages take nothing.

    Examples
    --------
    >>> stage_shares(0.05, 0.45, 5)
    array([0.05, 0.1 , 0.1 , 0.1 , 0.1 ])
    """
    place = np.arange(int(np.max(stages)) if most is None else most)
    rest = np.maximum(np.asarray(total) - first, 0.0) / (np.asarray(stages) - 1.0)
    later = np.where(place < np.asarray(stages)[..., None], rest[..., None], 0.0)
    return np.where(place == 0, np.asarray(np.minimum(first, total))[..., None], later)


def stage_hz(first: Floats | float, last: Floats | float, stages: Floats | float, *, most: int | None = None) -> Floats:
    """Compute the threshold of each stage, evenly from the first to the last, shape ``(…, stage)``. [Hz]

    Parameters
    ----------
    first, last
        Thresholds of the first and the last stage, any shape. [Hz]
    stages
        Number of stages, same shape. [1]
    most
        Length of the last axis, by default that of the most stages; the threshold of missing stages is never reached.

    Examples
    --------
    >>> stage_hz(49.0, 48.0, 3, most=4)
    array([49. , 48.5, 48. , -inf])
    """
    place, count = np.arange(int(np.max(stages)) if most is None else most), np.asarray(stages)[..., None]
    step = (np.asarray(last) - first)[..., None] / (count - 1.0)
    hz = np.where(place == count - 1, np.asarray(last)[..., None], place * step + np.asarray(first)[..., None])
    return np.where(place < count, hz, -np.inf)


def blocks_mw(load_mw: Floats, most_mw: Floats, shares: Floats) -> Floats:
    """Compute the load that each stage takes, ``(…, stage)``: shares of all load, while any may be shed.

    Parameters
    ----------
    load_mw
        Load before the event, any shape. [MW]
    most_mw
        Load of it that is not critical, same shape. [MW]
    shares
        Share of each stage, shape ``(stage,)`` or one that broadcasts with the load's. [1]
    """
    reached = np.minimum(load_mw[..., None] * np.cumsum(shares, axis=-1), most_mw[..., None])
    return np.diff(reached, axis=-1, prepend=0.0)


def rocof_hz_per_s(deficit_mw: Floats, kinetic_mws: Floats) -> Floats:
    """Compute the first rate of change of frequency, ``-ΔP f0 / (2 Σ H S)``, infinite without inertia. [Hz/s]

    Examples
    --------
    >>> rocof_hz_per_s(np.array([100.0]), np.array([5000.0]))
    array([-0.5])
    """
    still = np.where(deficit_mw > 0, -np.inf, 0.0)
    return np.asarray(np.where(kinetic_mws > 0, -ratio(deficit_mw * NOMINAL_HZ, 2.0 * kinetic_mws), still))


def swing(
    response: Response,
    *,
    load_mw: Floats,
    output_mw: Floats,
    kinetic_mws: Floats,
    reserve_mw: Floats,
    given_mw: Floats,
    block_mw: Floats,
    stages: Bools,
    start_hz: Floats,
) -> Swing:
    """Follow the frequency of islands for a minute.

    Parameters
    ----------
    load_mw
        Load at nominal frequency before any relay, shape ``(case,)``. [MW]
    output_mw
        Generation without the reserve, shape ``(case,)``. [MW]
    kinetic_mws
        Kinetic energy of the running machines, Σ H S, shape ``(case,)``. [MW s]
    reserve_mw
        Most that reserve can give, shape ``(case,)``. [MW]
    given_mw
        Reserve that is already delivered, shape ``(case,)``. [MW]
    block_mw
        Load that each stage takes, shape ``(case, stage)``. [MW]
    stages
        Stages that have shed already, shape ``(case, stage)``.
    start_hz
        Frequency at the start, shape ``(case,)``. [Hz]

    Notes
    -----
    ``2 Σ H S / f0 · df/dt = P + R - L (1 - k (f0 - f))``. Reserve follows ``min(Δf / Δf_full, 1) · R_max`` with one
    lag. A stage sheds when the frequency has been below its threshold for the delay. Frequency above nominal is not
    followed: plant runs back at once. Midpoint steps of `STEP_S`, within which frequency is a line that bends where
    a relay opens; an island without inertia and in deficit falls at once.
    """
    hz, given, shed = start_hz.copy(), given_mw.copy(), stages.copy()
    timer, delay = np.zeros(block_mw.shape), np.asarray(response.relay_delay_s)[..., None] / STEP_S  # in steps
    remaining, power = load_mw - row_sum(block_mw * shed), {"output_mw": output_mw, "reserve_mw": reserve_mw}
    relief = response.load_relief_per_hz
    fallen = (kinetic_mws <= 0) & (remaining * (1.0 - relief * (NOMINAL_HZ - hz)) > output_mw + given)
    nadir = np.where(fallen, response.unit_trip_hz, hz)
    per_mw = STEP_S * ratio(np.full(len(hz), NOMINAL_HZ), 2.0 * kinetic_mws)
    first_hz, counts = np.max(response.relay_hz, initial=-np.inf), False
    stands = bool(fallen.any())  # whether any island has to be held where it fell
    for _ in range(round(LENGTH_S / STEP_S)):
        moved, more = _midpoint(response, hz, given, remaining, **power, per_mw=per_mw)
        lowest = moved
        if counts or (moved < first_hz).any():  # else no relay counts
            below = _below(hz, moved, response.relay_hz)
            off = timer + below - delay
            opens = (off >= 0) & (below > 0) & ~shed & ~fallen[:, None]
            if opens.any():
                drawn = per_mw * (1.0 - relief * (NOMINAL_HZ - hz))
                moved, lowest = _caught(hz, moved, drawn[:, None] * block_mw, np.where(opens, off, 0.0))
                below, shed = _below(hz, moved, response.relay_hz), shed | opens
                remaining = load_mw - row_sum(block_mw * shed)
            timer = np.where(below > 0, timer + below, 0.0)
            counts = bool(timer.any())
        if stands:
            given, hz, lowest = np.where(fallen, [given, hz, hz], [more, moved, lowest])
        else:
            given, hz = more, moved
        nadir = np.minimum(nadir, np.maximum(lowest, response.unit_trip_hz))
        fallen |= lowest < response.unit_trip_hz
        stands = stands or bool(fallen.any())
    return Swing(nadir_hz=nadir, end_hz=hz, reserve_mw=given, stages=shed, collapsed=fallen)


def _midpoint(
    response: Response, hz: Floats, given_mw: Floats, load_mw: Floats, *, output_mw: Floats, reserve_mw: Floats,
    per_mw: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return frequency and delivered reserve after a step without relays, each of shape ``(case,)``. [Hz], [MW]

    Parameters
    ----------
    hz, given_mw
        Both before it, same shape. [Hz], [MW]
    load_mw
        Load at nominal frequency that no relay has shed, same shape. [MW]
    output_mw, reserve_mw
        As `swing` takes them.
    per_mw
        Rise of frequency in a step per megawatt too much, same shape. [Hz/MW]
    """
    relief, pace = response.load_relief_per_hz, STEP_S / response.reserve_lag_s

    def called(at_hz: Floats) -> Floats:
        return np.asarray(reserve_mw * np.minimum((NOMINAL_HZ - at_hz) / response.reserve_full_hz, 1.0))

    halfway = given_mw + 0.5 * pace * (called(hz) - given_mw)
    short = load_mw * (1.0 - relief * (NOMINAL_HZ - hz)) - output_mw - halfway
    moved = np.minimum(hz - per_mw * short / (1.0 + 0.5 * per_mw * relief * load_mw), NOMINAL_HZ)
    return moved, np.asarray(given_mw + pace * (called(0.5 * (hz + moved)) - halfway))


def _below(before_hz: Floats, after_hz: Floats, relay_hz: Floats) -> Floats:
    """Compute the part of a step for which its end is below each threshold, ``(case, stage)``, 0 to 1. [1]

    Parameters
    ----------
    before_hz, after_hz
        Frequency at the start and the end of the step, between which it is a line, shape ``(case,)``. [Hz]
    relay_hz
        Thresholds, shape ``(stage,)`` or ``(case, stage)``. [Hz]
    """
    before, under = before_hz[:, None], relay_hz - after_hz[:, None]
    part = np.where(before < relay_hz, 1.0, ratio(under, np.broadcast_to(before - after_hz[:, None], under.shape)))
    return np.where(under > 0, part, 0.0)


def _caught(before_hz: Floats, after_hz: Floats, rises_hz: Floats, off: Floats) -> tuple[Floats, Floats]:
    """Return the frequency at the end of a step in which relays open, and the lowest of it, each ``(case,)``. [Hz]

    Parameters
    ----------
    before_hz, after_hz
        Frequency at the start of the step, and at its end without them, shape ``(case,)``. [Hz]
    rises_hz
        Rise by the load of each stage if that is off for the whole step, shape ``(case, stage)``. [Hz]
    off
        Part of the step for which each is off, 0 where no relay opens, same shape. [1]
    """
    end = np.minimum(after_hz + row_sum(rises_hz * off), NOMINAL_HZ)
    falls = (after_hz - before_hz)[:, None] * (1.0 - off)
    sooner = np.maximum(off[:, None, :] - off[:, :, None], 0.0)  # how long each has been off as another opens
    then = before_hz[:, None] + falls + row_sum(rises_hz[:, None, :] * sooner)
    return end, np.minimum(end, np.min(np.where(off > 0, then, np.inf), axis=1, initial=np.inf))


def overloaded(flow_mw: Floats, rating_mw: Floats, share: Floats, factor: Floats | float) -> Bools:
    """Return whether branches in service carry more than their protection allows, shape ``(case, branch)``.

    Parameters
    ----------
    flow_mw
        Flow, shape ``(case, branch)``. [MW]
    rating_mw
        Limit of each whole branch, shape ``(branch,)``. [MW]
    share
        Remaining share of it, 0 where it is out, shape ``(case, branch)``. [1]
    factor
        Flow over limit at which a branch trips, one for all or shape ``(case, 1)``. [1]
    """
    limit = factor * np.where(share > 0, rating_mw * np.maximum(share, 1e-12), np.inf)
    return np.asarray((share > 0) & (np.abs(flow_mw) > limit * (1 + 1e-9) + 1e-6))


def running_mw(output_mw: Floats, available_mw: Floats, unit_mw: Floats) -> Floats:
    """Compute the capacity that runs: the fewest units that give the output, shape ``(case, generator)``. [MW]

    Examples
    --------
    >>> running_mw(np.array([[0.0, 250.0, 250.0]]), np.full((1, 3), 260.0), np.array([100.0, 100.0, 50.0]))
    array([[  0., 260., 250.]])
    """
    units = np.ceil(ratio(output_mw, np.broadcast_to(unit_mw, output_mw.shape)) - 1e-9)
    return np.asarray(np.minimum(available_mw, np.maximum(units * unit_mw, output_mw)))
