"""Buildings and settings of homes that take turns: a line of numbers for each cell, collected once for many steps.

They are in single precision, as the rooms are that `gridmodel.services.heat.turns` heats with them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Floats, single
from gridmodel.sampling import Settings
from gridmodel.services.heat import turns_loops
from gridmodel.services.heat.homes import Homes
from gridmodel.services.heat.own import own_lag_h

LINES = 4
"""Lines that are remembered. Ours: a run needs a new one when a layer is added, and two may be stepped in turn."""


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
    table: Floats | None = None
    """The same for loops, by `turns_loops.FIELDS`, shape ``(field, cell)``; None where arrays are used."""

    def whole(self, values: Floats) -> Floats:
        """Return values for every member and region."""
        return _whole(values, self.cells)


def table_of(line: Line, step_h: float) -> Floats:
    """Return what loops need, by `turns_loops.FIELDS`, shape ``(field, cell)``."""
    found: dict[str, Floats] = {name: getattr(line, name) for name in turns_loops.FIELDS if hasattr(line, name)}
    for of in ("air", "mass"):
        acts = getattr(line, of)
        found |= {f"{of}_{name}": getattr(acts, name) for name in ("mass", "heating", "gains")}
    found["stays"] = np.exp(-step_h / line.lag_h)
    found |= {
        "more_at_length": line.air.heating - line.at_once, "moves": 1.0 - found["stays"],
        "steps_of_lag": step_h / line.lag_h, "lags_of_step": line.lag_h / step_h,
        "heating_for_gains": line.air.gains / line.air.heating,
    }  # fmt: skip
    return single(np.stack([np.broadcast_to(found[name], line.cells).reshape(-1) for name in turns_loops.FIELDS]))


def _whole(values: Floats, cells: tuple[int, ...]) -> Floats:
    """Return values of a shape that broadcasts to ``(1, member, region)`` in single precision, for every cell."""
    row = single(values)
    if not row.ndim:
        return row
    whole = np.empty(cells, row.dtype)
    whole[...] = row.reshape(row.shape[-2:])
    return single(whole)


_LINES: dict[tuple[int, int, tuple[int, ...], float, bool], tuple[Homes, Settings, Line]] = {}
"""Lines of the latest homes and settings, both kept so that no others take their numbers."""


def line_of(homes: Homes, settings: Settings, cells: tuple[int, ...], step_h: float) -> Line:
    """Return the buildings and settings of steps, collected once for each number of columns."""
    key = (id(homes), id(settings), cells, step_h, turns_loops.COMPILED)
    found = _LINES.get(key)
    if found is None:
        while len(_LINES) >= LINES:
            del _LINES[next(iter(_LINES))]
        line = _collected(homes, settings, cells)
        line = replace(line, table=table_of(line, step_h)) if turns_loops.COMPILED else line
        found = _LINES[key] = (homes, settings, line)
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
