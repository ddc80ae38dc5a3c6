"""Branches and places of load of a network that was not written in our own tables, as dispatch takes them."""

from __future__ import annotations

from dataclasses import dataclass

from gridmodel.arrays import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlaces:
    """Buses over which the demand of regions is spread, in proportions that stay; all shapes ``(place,)``."""

    region: Ints
    """Position of the region."""
    bus: Ints
    share: Floats
    """Share of the region's demand, which sum to 1 over a region. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """Links, such as direct-current lines, each one way, with limits of their own; all shapes ``(link,)``."""

    start: Ints
    """Bus that sends."""
    end: Ints
    """Bus that receives."""
    arrives: Floats
    """Share of what is sent that arrives. [1]"""
    most_mw: Floats
    """Most that arrives."""
    cost: Floats
    """Cost of what arrives. [EUR/MWh]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrical:
    """Branches as they are, in place of those that lines and transformers of our tables would give."""

    susceptance_mw: Floats
    """On a base of 1 MW, shape ``(branch,)``; branches are the rows of `lines`. [MW/rad]"""
    shift_rad: Floats
    rating_mw: Floats
    """Infinite if unlimited, shape ``(branch,)``."""
    places: LoadPlaces
    ties: Ties | None = None
    """Links with limits of their own; None without any."""
