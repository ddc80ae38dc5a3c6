"""Batteries of cohorts that are off in part: those of homes that are on charge for nobody who is off.

Homes of a cohort stand in a row, and those before its off share are off: who went off last returns first. So a cohort
is a row of parts that went off one after the other, and of the rest, which is on, or went off last. Energy is followed
for each of these. Only cohorts that have parts are here; in others, which are on or off as a whole, all homes are rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Floats, Ints, mix, total

MOST = 3
"""Parts of a cohort beside its rest; then the two oldest become one. [1] Ours: beside single batteries, in random
courses of off shares, hours bridged are with three as with eight to 0.3 %, with two up to 5 % more."""
NONE = 1e-6
"""Share of places up to which none has power, or has gone off. [1] Ours: rounding of the dispatch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Parts of cohorts, the oldest first; a cell is a cohort, a member and a region."""

    cell: Ints
    """Place of each cell that has parts among all, ascending, shape ``(cell,)``."""
    share: Floats
    """Share of a cohort in each part, 0 in those that are not in use, shape ``(part, cell)``. [1]"""
    energy_h: Floats
    """Hours for which the batteries of a place last, shape ``(part, cell, followed)``. [h]"""
    shape: tuple[int, int, int, int]
    """Number of cohorts, members, regions and systems."""
    followed: Ints
    """Places of systems whose batteries are followed, shape ``(followed,)``; others have none on feeders of homes."""

    @classmethod
    def none(cls, shape: tuple[int, int, int, int], followed: Ints) -> Parts:
        """Return that no cohort has parts."""
        nowhere = np.zeros(0, dtype=np.intp)
        return cls(
            cell=nowhere, share=np.zeros((1, 0)), energy_h=np.zeros((1, 0, len(followed))), shape=shape,
            followed=followed,
        )  # fmt: skip

    @property
    def rest(self) -> Floats:
        """Share of each cohort that is in no part, shape ``(cell, 1)``. [1]"""
        return np.maximum(1.0 - total(self.share), NONE)[:, None]

    @property
    def at(self) -> Ints:
        """Places of values among those of all cohorts, members, regions and systems, shape ``(cell, followed)``."""
        return self.cell[:, None] * self.shape[-1] + self.followed

    @property
    def anywhere(self) -> Ints:
        """Places of values among those of all members, regions and systems, same shape."""
        _, members, regions, systems = self.shape
        return self.at % (members * regions * systems)

    def as_saved(self) -> EveryPart:
        """Return the parts of all cohorts, so that states have one shape."""
        used, cells = len(self.share), int(np.prod(self.shape[:-1]))
        share, energy_h = np.zeros((MOST, cells)), np.zeros((MOST, cells * self.shape[-1]))
        share[:used, self.cell], energy_h[:used, self.at] = self.share, self.energy_h
        return EveryPart(share=share.reshape(MOST, *self.shape[:-1]), energy_h=energy_h.reshape(MOST, *self.shape))


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryPart:
    """Parts of all cohorts, as they are saved: 0 where there are none."""

    share: Floats
    """Share of a cohort in each part, shape ``(part, cohort, member, region)``. [1]"""
    energy_h: Floats
    """Hours for which the batteries of a place last, shape ``(part, cohort, member, region, system)``. [h]"""

    def as_loaded(self, like: Parts) -> Parts:
        """Return the parts of those cohorts that have some, of the systems that a run follows."""
        share = self.share.reshape(MOST, -1)
        cell = np.flatnonzero(share[0] > 0)
        used = max(int((share[:, cell] > 0).any(axis=1).sum()), 1)
        made = replace(like, cell=cell, share=share[:used, cell])
        return replace(made, energy_h=self.energy_h.reshape(MOST, -1)[:used, made.at])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridging:
    """Parts of cohorts in a step, arrays of shape ``(part, cell, followed)``."""

    state: Parts
    """Parts as it ends."""
    share: Floats
    """Share of each system that they are. [1]"""
    given: Floats
    """Part of the step for which their batteries supply them. [1]"""
    supplied: Floats
    """Share of each system that these supply, mean of the step. [1]"""


def bridge(parts: Parts, share: Floats, on: Floats, *, full_h: Floats, step_h: float) -> Bridging:
    """Bridge a step in the parts of cohorts; share and power of cohorts become those of their rest.

    Parameters
    ----------
    parts
        Parts.
    share
        Share of each system in each cohort, shape ``(cohort, member, region, system)``, side by side in memory. [1]
    on
        Share of these with power, same shape. [1]
    full_h
        Hours for which full batteries last, of a shape that broadcasts to ``(member, region, system)``. [h]
    step_h
        Length of the step. [h]
    """
    at, rest, share, on = parts.at, parts.rest, share.reshape(-1), on.reshape(-1)
    whole = share.take(at)
    share[at], on[at] = whole * rest, np.minimum(on.take(at) / rest, 1.0)
    energy = np.minimum(parts.energy_h, np.broadcast_to(full_h, parts.shape[1:]).reshape(-1).take(parts.anywhere))
    given = np.minimum(energy / step_h, 1.0)
    after = replace(parts, energy_h=np.maximum(energy - given * step_h, 0.0))
    of_all = whole * parts.share[..., None]
    return Bridging(state=after, share=of_all, given=given, supplied=of_all * given)


def with_parts(values: Floats, parts: Parts, of_parts: Floats) -> Floats:
    """Return values by cohort with those of their parts, shape ``(cohort, member, region, system)``.

    Parameters
    ----------
    values
        Those of the rest, same shape, side by side in memory; they are changed.
    parts
        Parts.
    of_parts
        Those of parts, shape ``(part, cell, followed)``.
    """
    values.reshape(-1)[parts.at] += total(of_parts)
    return values


def mean_energy(parts: Parts, rest_h: Floats) -> Floats:
    """Return the mean energy of each cohort from that of its rest, ``(cohort, member, region, system)``. [h]"""
    if not len(parts.cell):
        return rest_h
    means = rest_h.copy(order="C")
    means.reshape(-1)[parts.at] *= parts.rest
    return with_parts(means, parts, parts.share[..., None] * parts.energy_h)


def joined_by(parts: Parts, share: Floats, energy_h: Floats, coming: Floats) -> Parts:
    """Return the parts of cohorts once others have joined them all alike.

    Parameters
    ----------
    parts
        Parts.
    share, coming
        Share of homes in cohorts before, and of those that join them, shape ``(member, region, 1)``. [1]
    energy_h
        Energy that these bring, shape ``(member, region, system)``. [h]
    """
    if not len(parts.cell):
        return parts
    was, comes, joins = (
        np.broadcast_to(values, parts.shape[1:]).reshape(-1).take(parts.anywhere)
        for values in (share, energy_h, coming)
    )
    return replace(parts, energy_h=mix(parts.energy_h, was, comes, joins))


def told_apart(parts: Parts, power: Floats, energy_h: Floats) -> Parts:
    """Return the parts of cohorts once homes have gone off or returned; the energy of their rest is changed.

    Parameters
    ----------
    parts
        Parts a step earlier.
    power
        Share of each cohort with power, shape ``(cohort, member, region)``. [1]
    energy_h
        Energy of the rest of each, shape ``(cohort, member, region, system)``, side by side in memory. [h]

    Notes
    -----
    Those who go off are one more part, with what the rest has. Of those who return the newest are first, and are mixed
    with the rest. Where all of a cohort goes off, its rest is off too, and nothing moves. A part of no more than
    `NONE` is mixed with the next, so that nothing is lost.
    """
    some = (power > NONE) & (power < 1.0 - NONE)
    if len(parts.cell):
        some.reshape(-1)[parts.cell] = True
    cell = np.flatnonzero(some)
    if not len(cell):
        return parts
    made = _at(parts, cell)
    share, energy, at, everywhere = made.share, made.energy_h, made.at, energy_h.reshape(-1)
    are_off, off = total(share), 1.0 - power.reshape(-1).take(cell)
    rest = _return(share, energy, everywhere.take(at), are_off=are_off, off=off)
    goes = np.flatnonzero((off > are_off) & (off < 1.0 - NONE))
    if len(goes):
        share, energy = _go_off(share, energy, goes, rest[goes], (off - are_off)[goes])
    everywhere[at] = rest
    while len(share) > 1 and not share[-1].any():
        share, energy = share[:-1], energy[:-1]
    kept = share[0] > 0
    if not kept.all():
        cell, share, energy = cell[kept], share[:, kept], energy[:, kept]
    return replace(parts, cell=cell, share=share, energy_h=energy)


def _at(parts: Parts, cell: Ints) -> Parts:
    """Return the parts with more cells, in arrays of their own."""
    if len(cell) == len(parts.cell):
        return replace(parts, share=parts.share.copy(), energy_h=parts.energy_h.copy())
    most, _, followed = parts.energy_h.shape
    share, energy = np.zeros((most, len(cell))), np.zeros((most, len(cell), followed))
    if len(parts.cell):
        found = np.searchsorted(cell, parts.cell)
        share[:, found], energy[:, found] = parts.share, parts.energy_h
    return replace(parts, cell=cell, share=share, energy_h=energy)


def _return(share: Floats, energy: Floats, rest: Floats, *, are_off: Floats, off: Floats) -> Floats:
    """Take those who return out of the parts, which are changed, and return the energy of the rest with them.

    Parameters
    ----------
    share, energy
        Shape ``(part, cell)`` and ``(part, cell, followed)``.
    rest
        Energy of the rest before, shape ``(cell, followed)``. [h]
    are_off, off
        Share of the cohort in parts, and that which is off, shape ``(cell,)``. [1]
    """
    back = np.where(off > NONE, np.maximum(are_off - off, 0.0), np.inf)
    if not back.any():
        return rest
    on = 1.0 - are_off
    for part in range(len(share) - 1, -1, -1):
        leaves = np.minimum(share[part], back)
        rest = mix(rest, on[:, None], energy[part], leaves[:, None])
        share[part] -= leaves
        on += leaves
        back -= leaves
    return rest


def _go_off(share: Floats, energy: Floats, cell: Ints, rest: Floats, goes: Floats) -> tuple[Floats, Floats]:
    """Put homes that go off into a part of their own, or of rounding to the newest, and return shares and energy.

    Parameters
    ----------
    share, energy
        Shape ``(part, cell)`` and ``(part, cell, followed)``; they may be changed.
    cell
        Places of cells of which some go off, shape ``(going,)``.
    rest
        Energy that they bring, shape ``(going, followed)``. [h]
    goes
        Share of the cohort that they are, shape ``(going,)``. [1]
    """
    in_use = (share[:, cell] > 0).sum(axis=0)
    newest = share[np.maximum(in_use - 1, 0), cell]
    part = in_use - ((in_use > 0) & ((goes <= NONE) | (newest <= NONE)))
    if part.max() == len(share) < MOST:
        share, energy = (np.concatenate([one, np.zeros((1, *one.shape[1:]))]) for one in (share, energy))
    full = cell[part == MOST]
    if len(full):
        energy[0, full] = mix(energy[0, full], share[0, full, None], energy[1, full], share[1, full, None])
        share[0, full] += share[1, full]
        energy[1:-1, full], share[1:-1, full], share[-1, full] = energy[2:, full], share[2:, full], 0.0
        part = np.minimum(part, MOST - 1)
    energy[part, cell] = mix(energy[part, cell], share[part, cell][:, None], rest, goes[:, None])
    share[part, cell] += goes
    return share, energy
