"""Sources of district heat: what damage, fuel, electricity and water leave of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, mix

Values = npt.ArrayLike
WHOLE = 1e-9
"""Share of streets without water up to which all count as having it. [1] Ours: rounding of sums of shares."""


def source_left(damage_left: Values, chp_left: Values, chp_share: Values, *, turbines: Values = 1.0,
                heat_only: Values = 1.0) -> Floats:  # fmt: skip
    """Share of source capacity that remains after damage, and after turbines have failed. [1]

    Parameters
    ----------
    damage_left
        Share of the sources that remains after events. [1]
    chp_left
        Share of the region's combined heat and power that remains after events, which take its heat as well. [1]
    chp_share
        Share of heat from combined heat and power. [1]
    turbines
        Share of what remains of it whose turbines work. [1]
    heat_only
        Share of its heat that a plant still gives while its turbines do not (peak boilers, reducing stations). [1]

    Examples
    --------
    >>> source_left(1.0, 0.5, 0.4).item()
    0.8
    >>> source_left(1.0, 1.0, 0.4, turbines=0.5, heat_only=0.75).item()
    0.95
    """
    works = np.asarray(turbines, dtype=float)
    gives = np.asarray(chp_left, dtype=float) * (works + (1.0 - works) * np.asarray(heat_only, dtype=float))
    return np.asarray(np.asarray(damage_left, dtype=float) * (1.0 - np.asarray(chp_share, dtype=float) * (1.0 - gives)))


def make_up(
    lacking: Values, mains: Values, *, leak_per_h: Values, make_up_per_h: Values, step_h: float
) -> Floats:  # fmt: skip
    """Share of a heat network's water that is missing after a step. [1]

    Parameters
    ----------
    lacking
        Missing share before the step. [1]
    mains
        Share of make-up water that comes. [1]
    leak_per_h, make_up_per_h
        Leak, and most that make-up plant can add, as shares of the network's volume per hour. [1/h]
    step_h
        Length of the step. [h]

    Examples
    --------
    >>> make_up(0.0, 0.0, leak_per_h=0.0025, make_up_per_h=0.0075, step_h=16).item()
    0.04
    """
    added = np.asarray(make_up_per_h, dtype=float) * np.asarray(mains, dtype=float)
    after = np.asarray(lacking, dtype=float) + (np.asarray(leak_per_h, dtype=float) - added) * step_h
    return np.asarray(np.clip(after, 0.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """Water in heat networks, of which those in dry streets get none, each array of shape ``(member, region)``."""

    wet: Floats
    """Share of its water that a network lacks where the street has water, their mean. [1]"""
    dry: Floats
    """The same where the street is dry and water in the network still circulates. [1]"""
    dry_share: Floats
    """Networks whose street is dry. [1]"""
    empty_share: Floats
    """Those of them that lack so much water that it no longer circulates. [1]"""


def full_networks(shape: tuple[int, ...]) -> Filling:
    """Return networks that lack no water, for a shape ``(member, region)``."""
    return Filling(**{name: np.zeros(shape) for name in ("wet", "dry", "dry_share", "empty_share")})


def refilled(
    before: Filling, mains: Floats, *, leak_per_h: Values, make_up_per_h: Values, margin: Values, step_h: float
) -> Filling:  # fmt: skip
    """Water in heat networks after a step: each part of the city fills its own networks.

    Parameters
    ----------
    before
        Before the step.
    mains
        Share of streets that have water, shape ``(member, region)``. [1]
    leak_per_h, make_up_per_h, step_h
        As `make_up` takes them.
    margin
        Share of its water that a network can lack before circulation stops. [1]

    Notes
    -----
    Streets that are dry first have water last. Networks bring the water that they have: those that still circulate have
    the mean of theirs, and those that do not circulate again once water comes. Those whose street has water lose none
    of theirs, even at a leak above what can be made up. Ours: they have long run with it.
    """
    dry_share = np.where(mains < 1.0 - WHOLE, 1.0 - mains, 0.0)
    if dry_share.max() <= 0 and before.dry_share.max() <= 0 and before.wet.max() <= 0:
        return before
    most, empty = np.asarray(margin, dtype=float), np.minimum(before.empty_share, dry_share)
    runs, dries = before.dry_share - before.empty_share, np.maximum(dry_share - before.dry_share, 0.0)
    back = np.minimum(np.maximum(before.dry_share - dry_share, 0.0), runs)
    wet_share = 1.0 - before.dry_share
    wet = mix(before.wet, wet_share, before.dry, back)
    wet = mix(wet, wet_share + back, most, before.empty_share - empty)
    course = partial(make_up, leak_per_h=leak_per_h, make_up_per_h=make_up_per_h, step_h=step_h)
    dry = course(mix(before.dry, runs - back, before.wet, dries), 0.0)
    some = dry_share > 0
    return Filling(
        wet=np.minimum(course(wet, 1.0), wet), dry=np.where(some, dry, 0.0), dry_share=dry_share,
        empty_share=np.where(some & (dry >= most), dry_share, empty),
    )  # fmt: skip
