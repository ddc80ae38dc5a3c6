"""Rooms of homes on district heat, found room by room where numba is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, for_loops
from gridmodel.sampling import Settings
from gridmodel.services.heat import district_loops, warming
from gridmodel.services.heat.homes import Homes, HomesState
from gridmodel.services.heat.rooms import Rooms
from gridmodel.services.heat.supply import HELD_ABOVE_K, Heat

TABLES = 4
"""Tables that are remembered. Ours: a run needs one of all cells and one of those apart, and two may be stepped in
turn."""


def heated_by_loops(
    homes: Homes, state: HomesState, settings: Settings, *, acts: dict[str, Floats], step_h: float
) -> tuple[Heat, Rooms, Floats]:  # fmt: skip
    """Return the heat that homes on district heat need and get, their rooms, and what radiators give in the end.

    Parameters
    ----------
    homes, settings, step_h
        As `advance.step_district` takes them.
    state
        State after homes have moved.
    acts
        What acts on homes by `district_loops.ACTS`, of shapes that broadcast to ``(member, region)``; without `sun_w`
        at night.
    """
    (states, kinds, *cells), heated = state.mass_c.shape, warming.heated_places(state.occupied).stop
    tables = _tables(homes, settings, (cells[0], cells[1]), step_h)
    on_cells = np.empty((len(district_loops.ACTS), *cells))
    for place, name in enumerate(district_loops.ACTS):
        on_cells[place] = acts.get(name, 0.0)
    size, connected = on_cells[0].size, acts["connected"]
    some = (
        "sun_w" in acts, bool((acts["capacity_mw"] < connected * homes.design_mw).any()),
        tables.some_pumped and not bool((acts["power"] >= 1.0).all()),
    )  # fmt: skip
    heater_w = state.heater_w if state.heater_w.max() > 0 else _NONE
    of_rooms, of_cells = np.empty((6, *state.mass_c.shape)), np.empty((4, *cells))
    cold = district_loops.heated(
        (_flat(state.mass_c), _flat(state.radiator_w), _flat(heater_w)), _flat(state.share[state.occupied[:heated]]),
        (tables.buildings, tables.floors, tables.settings), _flat(on_cells),
        (states, heated, kinds, size, tables.each), some, _flat(of_rooms), _flat(of_cells),
    )  # fmt: skip
    need_w, heating_w, radiator_w, air_c, mass_c, missing_w = of_rooms
    need_mw, supplied_mw, given, hot_water = of_cells
    heat = Heat(
        need_w=need_w[:heated], heat_w=heating_w[:heated], need_mw=need_mw, supplied_mw=supplied_mw, given=given,
        hot_water=hot_water,
    )  # fmt: skip
    rooms = Rooms(mass_c=mass_c, air_c=air_c, missing_w=missing_w if cold else None, heating_w=heating_w)
    return heat, rooms, radiator_w


_NONE = np.zeros(0)


def _flat(values: Floats) -> Floats:
    return np.ascontiguousarray(values).reshape(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    """Buildings and settings, arrays of one axis, as `district_loops.heated` takes them."""

    homes: Homes
    given_settings: Settings
    """Whose they are, both kept so that no others take their numbers."""
    buildings: Floats
    """By `district_loops.OF_BUILDINGS`, archetype, and member, or cell."""
    floors: Floats
    """Installed heating and floor by archetype and cell. [W/m²], [m²]"""
    settings: Floats
    """By `district_loops.OF_SETTINGS` and cell."""
    each: int
    """Cells to each value of buildings."""
    some_pumped: bool
    """True if some building has pumps that stop with the power of its homes."""


_TABLES: dict[tuple[int, int, tuple[int, int], float], _Tables] = {}
"""Tables of the latest homes and settings."""


def _tables(homes: Homes, settings: Settings, cells: tuple[int, int], step_h: float) -> _Tables:
    """Return tables of homes and settings for some members and regions, or cells."""
    key = (id(homes), id(settings), cells, step_h)
    if key not in _TABLES:
        while len(_TABLES) >= TABLES:
            del _TABLES[next(iter(_TABLES))]
        _TABLES[key] = _made(homes, settings, cells, step_h)
    return _TABLES[key]


def _made(homes: Homes, settings: Settings, cells: tuple[int, int], step_h: float) -> _Tables:
    """Return what `_tables` does; buildings are alike in all regions, but for the wind and models of one's own."""
    kept, lag_h, kinds = homes.response, settings["radiator_lag_h"], len(homes.kinds)
    acts = ("mass", "outdoor", "heating", "gains", "sun")
    found = {f"{of}_{act}": getattr(kept, f"{of}_{act}") for of in ("air", "mass") for act in acts} | {
        "gains_for_heating": np.asarray(kept.air_gains / kept.air_heating),
        "pump_share": np.asarray(homes.pumped * settings["building_pump_share"]), "sun_share": homes.sun_share,
    }  # fmt: skip
    alike = all(value.shape[-1:] in {(), (1,)} for value in found.values())
    stays = np.exp(-step_h / lag_h)
    of_settings = {
        "set_c": settings["set_point_c"], "held_c": settings["heat_floor_c"] + HELD_ABOVE_K,
        "settled_c": settings["settled_for_c"], "stays": stays, "moves": np.asarray((1.0 - stays) * lag_h / step_h),
        "cooker_w": settings["cooker_w_per_m2"], "hot_share": settings["hot_water_share"],
        "design_mw": homes.design_mw,
    }  # fmt: skip
    rows = (kinds, cells[0], 1 if alike else cells[1])
    return _Tables(
        homes=homes, given_settings=settings,
        buildings=_joined([for_loops(found[name], rows) for name in district_loops.OF_BUILDINGS]),
        floors=_joined([for_loops(one, (kinds, *cells)) for one in (homes.radiator_w, homes.floor_m2)]),
        settings=_joined([for_loops(of_settings[name], (1, *cells)) for name in district_loops.OF_SETTINGS]),
        each=cells[1] if alike else 1, some_pumped=bool(found["pump_share"].any()),
    )  # fmt: skip


def _joined(rows: list[Floats]) -> Floats:
    return np.concatenate(rows).reshape(-1)
