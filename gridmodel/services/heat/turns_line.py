"""Buildings and settings of homes that take turns: a line of numbers for each cell, collected once for many steps.

They are in single precision, as the rooms are that `gridmodel.services.heat.turns` heats with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, single
from gridmodel.sampling import Settings
from gridmodel.services.heat.homes import ALIKE, Homes
from gridmodel.services.heat.own import OWN_KINDS, own_lag_h

POWERED, BACKED, STOVE, ELECTRIC, ELECTRIC_STOVE = range(5)
"""Rows of homes: boilers that have nothing but the grid, those with backup, those with a stove, electric heating, and
that with a stove. As long as gas is whole, homes with electric heating are like those with boilers and count with them
(`homes.ALIKE`)."""
KINDS = tuple(map(OWN_KINDS.index, (
    "own_gas_powered", "own_gas_backed", "own_with_stove", "own_electric", "own_electric_with_stove",
)))  # fmt: skip
"""Kind of own heating of each row."""
LINES = 4
"""Lines that are remembered. Ours: a run needs a new one when a layer is added, and two may be stepped in turn."""


def row_share(own_share: Floats, rows: int) -> Floats:
    """Share of a region's homes in each row, shape ``(row, member, region)``. [1]

    Parameters
    ----------
    own_share
        Share in each of `OWN_KINDS`, shape ``(kind, member, region)``. [1]
    rows
        Number of rows: without those of electric heating, its homes are in the rows that they are like.
    """
    share = own_share[list(KINDS[:rows])]
    for row in range(rows, len(KINDS)):
        share[ALIKE[row]] += own_share[KINDS[row]]
    return share


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """Terms that air, or mass, follows: the response of a building, each of shape ``(member, region)`` or ``()``."""

    mass: Floats
    outdoor: Floats
    heating: Floats
    gains: Floats
    sun: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Buildings and settings in single precision, for every member and region, so that rows are worked on at once."""

    cells: tuple[int, ...]
    """Number of members and of regions."""
    air: Acts
    mass: Acts
    set_c: Floats
    settled_c: Floats
    people_w: Floats
    """Gains that do not stop with the power. [W/m²]"""
    appliances_w: Floats
    """Gains that do. [W/m²]"""
    installed_w: Floats
    """Installed heating. [W/m²]"""
    of_stove_w: Floats
    """Heat of a stove that homes fall back on. [W/m²]"""
    backup_h: Floats
    charge_ratio: Floats
    at_once: Floats
    """Air per heating without what the mass gains by it within the step. [K m²/W]"""
    by_fall: Floats
    """Air per heat of radiators that is more at the start of a step than at its end. [K m²/W]"""
    by_mass: Floats
    """Air per kelvin of the mass. [K/K]"""
    falls: Floats
    """Heat that holds a temperature less per kelvin of the mass. [W/(m² K)]"""
    lag_h: Floats
    """Time for which water in radiators and pipes stores heat. [h]"""

    def whole(self, values: Floats) -> Floats:
        """Return values for every member and region."""
        return _whole(values, self.cells)


def _whole(values: Floats, cells: tuple[int, ...]) -> Floats:
    """Return values of a shape that broadcasts to ``(1, member, region)`` in single precision, for every cell."""
    row = single(values)
    if not row.ndim:
        return row
    whole = np.empty(cells, row.dtype)
    whole[...] = row.reshape(row.shape[-2:])
    return single(whole)


_LINES: dict[tuple[int, int, tuple[int, ...]], tuple[Homes, Settings, Line]] = {}
"""Lines of the latest homes and settings, both kept so that no others take their numbers."""


def line_of(homes: Homes, settings: Settings, cells: tuple[int, ...]) -> Line:
    """Return the buildings and settings of steps, collected once for each number of columns."""
    key = (id(homes), id(settings), cells)
    found = _LINES.get(key)
    if found is None:
        while len(_LINES) >= LINES:
            del _LINES[next(iter(_LINES))]
        found = _LINES[key] = (homes, settings, _collected(homes, settings, cells))
    return found[2]


def _collected(homes: Homes, settings: Settings, cells: tuple[int, ...]) -> Line:
    """Collect the buildings and settings of a step."""
    kept = homes.own_response
    air, mass = (
        Acts(**{
            act: _whole(getattr(kept, f"{of}_{act}"), cells) for act in ("mass", "outdoor", "heating", "gains", "sun")
        })
        for of in ("air", "mass")
    )  # fmt: skip
    appliances = settings["internal_gain_w_per_m2"] * settings["appliance_share"]
    found = {
        "set_c": settings["set_point_c"], "settled_c": settings["settled_for_c"], "appliances_w": appliances,
        "people_w": settings["internal_gain_w_per_m2"] - appliances,
        "installed_w": homes.own_w * settings["own_heat_margin"],
        "of_stove_w": homes.own_w * settings["own_fallback_stove_heat"], "backup_h": settings["own_backup_h"],
        "charge_ratio": settings["own_backup_charge_ratio"], "lag_h": own_lag_h(settings),
        "at_once": kept.air_at_once, "by_fall": kept.air_by_fall, "by_mass": kept.air_by_mass,
        "falls": kept.air_by_mass / kept.air_at_once,
    }  # fmt: skip
    return Line(cells=cells, air=air, mass=mass, **{name: _whole(value, cells) for name, value in found.items()})
