"""Waves of weapons: what is not intercepted, where it lands, and what that leaves in the mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, log, sqrt

import numpy as np
from scipy.special import betaincinv, gammaincinv

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.events.targets import Target
from gridmodel.sampling import Settings, of_member, purpose_of, stream

RARE = 1e-9
"""Chance that a wave has more hits on a class than have a place in the log; those beyond it are left out. Ours: once in
a million runs of a hundred members and ten classes."""
NODES = 8
"""Points of a quadrature over a beta distribution. Ours: exact for polynomials of degree 15; with up to four hits on a
unit in the mean, the error is below 1e-6 of the capacity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """Weapons of one type in a wave, by member."""

    weapon: str
    sent: Floats
    """How many are sent, shape ``()`` or ``(member,)``. [1]"""
    most: int
    """Most that any member can be sent: a member is the same in any subset. [1]"""
    interception: Floats
    """Mean share that is intercepted, shape ``()`` or ``(member,)``. [1]"""

    def part(self, members: slice) -> Flight:
        """Return the weapons of some members."""
        sent, interception = (value[members] if value.ndim else value for value in (self.sent, self.interception))
        return replace(self, sent=sent, interception=interception)


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """Hits of a wave on one class, each of shape ``(member, hit)``."""

    unit: Ints
    """Unit of the class's target, -1 if there is none."""
    state_at: Floats
    """Quantile of the damage state. [1]"""
    days_at: Floats
    """Quantile of the repair time. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A wave: weapons, and the classes and regions that they are spread over."""

    name: str
    """Name of its random streams."""
    flights: tuple[Flight, ...]
    shares: Floats
    """Share of the weapons by class, shape ``(class,)``, which sums to 1. [1]"""
    targets: tuple[Target, ...]
    """Rows of each class, with a unit at least."""
    concentration: tuple[float, float]
    """Range of the concentration, unless it is among the settings. [1]"""

    def part(self, members: slice) -> Wave:
        """Return the wave of some members."""
        return replace(self, flights=tuple(flight.part(members) for flight in self.flights))

    def most(self, place: int, damage_chance: float = 1.0) -> int:
        """Return the most hits on a class that have a place, if each that gets through damages with some chance.

        By default independent of interception and of settings, so that logs of variants have the same length.
        """
        sent = sum(flight.most for flight in self.flights)
        return most_of(sent, float(self.shares[place]) * damage_chance)

    def draw(self, seed: int, streams: Sequence[int], settings: Settings) -> list[Landed]:
        """Sample the hits on every class, for the members of the flights.

        Parameters
        ----------
        seed
            Seed of the scenario.
        streams
            Numbers that name the random streams of the members.
        settings
            Settings of these members: chances of damage, correlations and, if it is among them, the concentration.

        Notes
        -----
        Interception of each type is drawn once per wave from a beta distribution (`drawn_interception`), and each
        weapon is then intercepted on its own, so that the number of leaks is beta-binomial. A leak damages with a
        chance, goes to a class by the wave's shares, to a region by shares that are Dirichlet around the region's part
        of the units of that class, and there to any unit with equal chance; several may go to the same one. One set of
        quantiles per region makes the shares of all classes, so that a region which one class draws much in, others do
        too. Each weapon has random numbers of its own, whatever happens to it, and each type a stream of its own: with
        more interception a member loses some hits and keeps the others. Ours: the simplest process with these moments.
        """
        members = len(streams)
        at = np.empty((members, 1 + len(self.regions)))
        for row, number in zip(at, streams, strict=True):
            row[:] = stream(seed, number, purpose_of(self.name)).random(len(row))
        each = [self._weapons(flight, seed, streams, settings) for flight in self.flights]
        damages, own = (np.concatenate(parts, axis=1) for parts in zip(*each, strict=True))
        edges = np.cumsum(self.shares)
        edges[-1] = 1.0
        what = np.searchsorted(edges, own[:, :, 0], side="right")
        strength = self._strength(settings, at[:, 0])
        landed = []
        for place, target in enumerate(self.targets):
            share, region = region_shares(target, strength, at[:, 1:], self.regions)
            hits = damages & (what == place)
            landed.append(_land(hits, own, target, share=share, region=region, most=self.most(place)))
        return landed

    @property
    def regions(self) -> Ints:
        """Return the regions in which any class has units, ascending."""
        return np.unique(np.concatenate([target.region for target in self.targets]))

    def _strength(self, settings: Settings, at: Floats) -> Floats:
        """Return the concentration of each member at a quantile of its range, shape ``(member, 1)``."""
        if "wave_concentration" in settings:
            return np.broadcast_to(settings.of("wave_concentration", 1), (len(at), 1))
        low, high = self.concentration
        return np.asarray(low * (high / low) ** at[:, None])

    def _weapons(self, flight: Flight, seed: int, streams: Sequence[int], settings: Settings) -> tuple[Bools, Floats]:
        """Return which weapons of a flight damage something, and five quantiles of each.

        The quantiles are of class, region, unit, state and days. Shapes: ``(member, weapon)``, ``(member, weapon, 5)``.
        """
        sent = np.broadcast_to(np.asarray(flight.sent, dtype=np.intp), len(streams))
        day = np.empty((len(streams), 1))
        own = np.ones((len(streams), flight.most, 7))
        for place, number in enumerate(streams):
            drawn = stream(seed, number, purpose_of(f"{self.name}.{flight.weapon}"))
            day[place], own[place, : sent[place]] = drawn.random(), drawn.random((sent[place], 7))
        chance = settings.of(f"{flight.weapon}_damage_chance", 1)
        correlation = settings.of(f"{flight.weapon}_interception_correlation", 1)
        stopped = drawn_interception(of_member(flight.interception, 1), correlation, day)
        return (own[:, :, 0] < 1.0 - stopped) & (own[:, :, 1] < chance), own[:, :, 2:]

    def expected(self, place: int, region: int, one: Floats, settings: Settings) -> Floats:
        """Compute the mean share of its capacity that a class has in a region.

        Parameters
        ----------
        place
            Place of the class among those of the wave.
        region
            The region, one in which the class has units.
        one
            Mean share that a unit has after one hit, by step, shape ``(time,)``. [1]
        settings
            Settings of one member.

        Returns
        -------
        numpy.ndarray
            Shape ``(time,)``. [1]

        Notes
        -----
        ``E[Π_w (1 − (1 − I_w) · d_w · s · W · (1 − one) / units)^n_w]`` over weapons w, with interception I and the
        region's share W from their beta distributions by Gauss-Jacobi quadrature; the concentration is the middle of
        its range. All units have the same mean, whatever their sizes.
        """
        target = self.targets[place]
        units = np.bincount(target.region, weights=target.units)
        low, high = self.concentration
        given = "wave_concentration" in settings
        strength = float(np.mean(settings.of("wave_concentration", 0))) if given else sqrt(low * high)
        mean = units[region] / units.sum()
        where, weight = beta_nodes(strength * mean, strength * (1.0 - mean))
        rest = np.ones((len(one), len(where)))
        for flight in self.flights:
            chance, correlation = (
                float(np.mean(settings.of(f"{flight.weapon}_{name}", 0)))
                for name in ("damage_chance", "interception_correlation")
            )
            stopped = float(np.mean(flight.interception))
            leaks, part = beta_nodes(*_of_mean(1.0 - stopped, correlation)) if correlation else _sure(1.0 - stopped)
            meets = chance * self.shares[place] / units[region] * where[:, None] * leaks
            left = (1.0 - (1.0 - one)[:, None, None] * meets) ** float(np.mean(flight.sent))
            rest *= np.einsum("tij,j->ti", left, part, optimize=False)  # the last bits of `@` depend on the length
        return np.asarray(np.einsum("ti,i->t", rest, weight, optimize=False))


def most_of(sent: int, share: float) -> int:
    """Return a number of hits that a binomial of `sent` and `share` exceeds with a chance below `RARE`.

    Notes
    -----
    Bernstein's inequality: ``P(X − np ≥ t) ≤ exp(−t² / (2 (np(1 − p) + t/3)))``.

    Examples
    --------
    >>> most_of(340, 0.35), most_of(0, 0.35), most_of(5, 0.35)
    (183, 0, 5)
    """
    unlikely = -log(RARE)
    beyond = unlikely / 3.0 + sqrt(unlikely**2 / 9.0 + 2.0 * unlikely * sent * share * (1.0 - share))
    return min(sent, ceil(sent * share + beyond)) if sent and share > 0 else 0


def _of_mean(mean: float, correlation: float) -> tuple[float, float]:
    """Return the parameters of a beta distribution; both are 0 or infinite at its limits."""
    weight = 1.0 / correlation - 1.0
    return mean * weight, (1.0 - mean) * weight


def drawn_interception(mean: Floats, correlation: Floats, at: Floats) -> Floats:
    """Return the share that a wave's interception has, by its quantile. [1]

    Parameters
    ----------
    mean
        Mean share, 0 to 1. [1]
    correlation
        Correlation of the fates of two weapons, below 1; 0 for a share that does not vary. [1]
    at
        Quantile, between 0 and 1; shapes broadcast. [1]

    Notes
    -----
    Beta with mean μ and ``α + β = 1/ρ − 1``: the variance is ``μ(1 − μ)ρ``, and of n weapons a beta-binomial number
    is intercepted, with variance ``nμ(1 − μ)(1 + (n − 1)ρ)`` (Skellam, 1948). It rises with the mean at every quantile.

    Examples
    --------
    >>> drawn_interception(np.array([0.8, 1.0]), np.array(0.1), np.array(0.25)).round(3)
    array([0.725, 1.   ])
    """
    mean, correlation, at = np.broadcast_arrays(mean, correlation, at)
    varies = (correlation > 0) & (mean > 0) & (mean < 1)
    weight = 1.0 / np.where(varies, correlation, 0.5) - 1.0
    middle = np.where(varies, mean, 0.5)
    return np.asarray(np.where(varies, betaincinv(middle * weight, (1.0 - middle) * weight, at), mean))


def region_shares(
    target: Target, strength: Floats, at: Floats, regions: Ints
) -> tuple[Floats, Ints]:  # fmt: skip
    """Draw the share of a class's hits that each region receives.

    Parameters
    ----------
    target
        Rows of the class.
    strength
        Concentration, shape ``(member, 1)``. [1]
    at
        Quantiles by region, shape ``(member, region of the wave)``. [1]
    regions
        Regions of these quantiles, ascending.

    Returns
    -------
    tuple of numpy.ndarray
        Shares, shape ``(member, region of the class)``, and these regions.

    Notes
    -----
    Gamma variables of shape ``strength · share of the units``, divided by their sum, are Dirichlet.
    """
    own = np.unique(target.region)
    units = np.bincount(target.region, weights=target.units)[own]
    mean = units / units.sum()
    gamma = gammaincinv(strength * mean, at[:, np.searchsorted(regions, own)])
    total = gamma.sum(axis=1, keepdims=True)
    return np.where(total > 0, gamma / np.where(total > 0, total, 1.0), mean), own


def _land(hits: Bools, own: Floats, target: Target, *, share: Floats, region: Ints, most: int) -> Landed:
    """Place the hits on one class on its units, those of a member side by side.

    Parameters
    ----------
    hits
        Which weapons hit the class, shape ``(member, weapon)``.
    own
        Quantiles of class, region, unit, state and days, shape ``(member, weapon, 5)``.
    share
        Share of each region, shape ``(member, region)``.
    region
        These regions.
    most
        Places for hits.
    """
    place = np.cumsum(hits, axis=1) - 1
    member, weapon = np.nonzero(hits & (place < most))
    slot = place[member, weapon]
    _, where, which, state_at, days_at = own[member, weapon].T
    edges = np.cumsum(share, axis=1)[member]
    found = np.minimum((edges <= where[:, None] * edges[:, -1:]).sum(axis=1), len(region) - 1)
    of_unit = np.repeat(target.region, target.units)
    by_region = np.argsort(of_unit, kind="stable")
    count = np.bincount(of_unit)[region]
    first = np.searchsorted(of_unit[by_region], region)
    unit = by_region[first[found] + np.minimum((which * count[found]).astype(np.intp), count[found] - 1)]
    landed = Landed(
        unit=np.full((len(hits), most), -1, dtype=np.intp), state_at=np.full((len(hits), most), 0.5),
        days_at=np.full((len(hits), most), 0.5),
    )  # fmt: skip
    for array, values in ((landed.unit, unit), (landed.state_at, state_at), (landed.days_at, days_at)):
        array[member, slot] = values
    return landed


def beta_nodes(first: float, second: float) -> tuple[Floats, Floats]:
    """Return points and weights of a Gauss-Jacobi quadrature over a beta distribution.

    Parameters
    ----------
    first, second
        Its parameters; a parameter of 0 puts it all at one end.

    Notes
    -----
    Eigenvalues of the Jacobi matrix (Golub and Welsch, 1969), which holds for parameters of any size.

    Examples
    --------
    >>> points, weights = beta_nodes(2.0, 6.0)
    >>> round(float(points @ weights), 6), round(float(points**2 @ weights), 6)
    (0.25, 0.083333)
    """
    if first <= 0 or second <= 0:
        return _sure(float(second <= 0))
    left, right = second - 1.0, first - 1.0
    both, place = left + right, np.arange(1, NODES)
    twice = 2.0 * place + both
    middle = np.append((right - left) / (both + 2.0), (right**2 - left**2) / (twice * (twice + 2.0)))
    ratio = np.append(1.0, (place[1:] + both) / (twice[1:] - 1.0))  # of the first it is 1, also where it is 0 / 0
    beside = np.sqrt(4.0 * place * (place + left) * (place + right) * ratio / (twice**2 * (twice + 1.0)))
    points, vectors = np.linalg.eigh(np.diag(middle) + np.diag(beside, 1) + np.diag(beside, -1))
    return np.asarray((1.0 + points) / 2.0), np.asarray(vectors[0] ** 2)


def _sure(value: float) -> tuple[Floats, Floats]:
    """Return the one point of a number that does not vary, and its weight."""
    return np.array([value]), np.ones(1)
