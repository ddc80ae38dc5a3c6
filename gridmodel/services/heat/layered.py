"""Rooms of homes on feeders that break: those that stop with their power, by layer and sub-queue.

Homes of a layer lose their power together when their feeders break, and keep their sub-queue for the hours in which
these work; nobody's warmth is mixed with that of homes that have power.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.services.cohorts import Cohorts
from gridmodel.services.heat.homes import IN_TURNS, LAYERS, Homes, OwnTurns
from gridmodel.services.heat.turns_line import POWERED
from gridmodel.services.heat.turns_step import TurnsStep
from gridmodel.services.layers import Layers, columns, folded, folded_quantiles, follow, power_of, split

MERGED = ("cold_share", "kelvin", "heater_w", "heater_homes", "left_share", "kind_c")
"""Means over homes of each column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns of homes that take turns in a run whose feeders may break."""

    place: Ints
    """Region of each, shape ``(column,)``."""
    homes: Homes
    """Homes, of which those that take turns have columns in place of regions."""

    def of(self, values: Floats) -> Floats:
        """Return values of a shape that broadcasts to ``(…, member, region)`` by column."""
        return _of(values, self.place)


def _of(values: Floats, place: Ints) -> Floats:
    """Return values by column, or as they are where they are the same in all regions."""
    return values[..., place] if values.ndim and values.shape[-1] > 1 else values


def columns_of(homes: Homes, breaking: Ints) -> Mapping[int, Columns] | None:
    """Return the columns of a run by number of layers; None where no feeder can break."""
    if not len(breaking):
        return None
    return {count: _columns(homes, columns(len(homes.own_w), breaking, count=count)) for count in range(1, LAYERS + 1)}


def of_layers(every: Mapping[int, Columns] | None, layers: Layers | None) -> Columns | None:
    """Return the columns of as many layers as there are; None without any."""
    return None if every is None or layers is None else every[layers.count]


def _columns(homes: Homes, place: Ints) -> Columns:
    """Return columns in which some regions' homes are."""
    kept: dict[str, Any] = {
        one.name: _of(getattr(homes.own_response, one.name), place) for one in fields(homes.own_response) if one.init
    }
    own = replace(
        homes, own_share=homes.own_share[..., place], own_w=homes.own_w[place],
        own_response=replace(homes.own_response, **kept),
    )  # fmt: skip
    return Columns(place=place, homes=own)


def in_columns(
    state: OwnTurns, cohorts: Cohorts, broken: Floats, every: Mapping[int, Columns]
) -> tuple[OwnTurns, Cohorts]:  # fmt: skip
    """Return the state after layers were split, and the homes with power of each column.

    Parameters
    ----------
    state
        State before the step.
    cohorts
        Homes with power on feeders that work, by region.
    broken
        Share of feeders that are broken, shape ``(member, region)``. [1]
    every
        Columns by number of layers.
    """
    if state.layers is None:
        return state, cohorts
    found, layers = split(state.layers, broken, most=LAYERS), state.layers
    if found is not None:
        moved: dict[str, Any] = {name: follow(getattr(state, name), found) for name in IN_TURNS}
        layers = found.after
        state = replace(state, layers=layers, **moved)
    outside = None if cohorts.outside is None else np.ascontiguousarray(cohorts.outside[:, every[layers.count].place])
    return state, Cohorts(power=power_of(cohorts.power, layers, broken), outside=outside)


def by_region(turns: TurnsStep, layers: Layers | None, cohorts: Cohorts) -> TurnsStep:
    """Return a result with values that count homes of all layers by region, those by cohort as they are.

    Parameters
    ----------
    turns
        Result by column.
    layers
        Layers.
    cohorts
        Homes with power by region.
    """
    if layers is None or not layers.columns:
        return turns
    parts = [getattr(turns, name) for name in MERGED]
    rows = [part if part.ndim > 2 else part[None] for part in parts]
    whole, made, row = folded(np.concatenate(rows), layers), dict[str, Any](), 0
    for name, part, some in zip(MERGED, parts, rows, strict=True):
        made[name] = whole[row : row + len(some)] if part.ndim > 2 else whole[row]
        row += len(some)
    regions = cohorts.power.shape[-1]
    quantiles = folded_quantiles(turns.quantiles_c[..., :regions], turns.air_c[POWERED], layers, cohorts.outside)
    return replace(turns, quantiles_c=quantiles, **made)
