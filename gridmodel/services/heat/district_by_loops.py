"""Rooms of homes on district heat, found room by room where numba is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gridmodel.arrays import Floats, for_loops
from gridmodel.sampling import Settings
from gridmodel.services.heat import district_loops, ending_loops, warming
from gridmodel.services.heat.case import Case
from gridmodel.services.heat.ending import Ending
from gridmodel.services.heat.heaters import most_heater_w
from gridmodel.services.heat.homes import Homes, HomesState
from gridmodel.services.heat.pipes import COOLING_TAU_H, SUPPLY_EXPONENT
from gridmodel.services.heat.rooms import Rooms
from gridmodel.services.heat.supply import HELD_ABOVE_K, Heat
from gridmodel.vocabulary import DEGREE_HOURS_BELOW_C

TABLES = 4
"""Tables that are remembered. Ours: a run needs one of all cells and one of those apart, and two may be stepped in
turn."""


def stepped_by_loops(
    case: Case, state: HomesState, *, acts: dict[str, Floats]
) -> tuple[Heat, Rooms, Ending]:  # fmt: skip
    """Return the heat that homes on district heat need and get, their rooms, and how the step ends.

    Parameters
    ----------
    case
        Case of the step.
    state
        State after homes have moved.
    acts
        What acts on homes by `district_loops.ACTS`, of shapes that broadcast to ``(member, region)``; without `sun_w`
        at night.
    """
    (states, kinds, *cells), heated = state.mass_c.shape, warming.heated_places(state.occupied).stop
    tables = _tables(case.homes, case.settings, (cells[0], cells[1]), case.step_h)
    on_cells = np.empty((len(district_loops.ACTS), *cells))
    for name, row in zip(district_loops.ACTS, on_cells, strict=True):
        row[...] = acts.get(name, 0.0)
    share, size = np.ascontiguousarray(state.share), cells[0] * cells[1]
    before = tuple(np.ascontiguousarray(getattr(state, name)) for name in _BEFORE)
    of_rooms, of_cells = np.empty((6, *state.mass_c.shape)), np.empty((ending_loops.ROWS, *cells))
    cold = district_loops.heated(
        before[:3], (share, state.occupied), (tables.buildings, tables.floors, tables.settings), on_cells,
        (states, heated, kinds, size, tables.each), ("sun_w" in acts, tables.some_pumped), of_rooms, of_cells,
    )  # fmt: skip
    need_w, heating_w, _, air_c, mass_c, missing_w = of_rooms
    rooms = Rooms(mass_c=mass_c, air_c=air_c, missing_w=missing_w if cold else None, heating_w=heating_w)
    ending = _ended(
        case, state, tables, rooms=(*before, of_rooms), acts=on_cells, shown=of_cells, share=share, cold=cold > 0
    )
    heat = Heat(
        need_w=need_w[:heated], heat_w=heating_w[:heated], need_mw=of_cells[0], supplied_mw=of_cells[1],
        given=of_cells[2], hot_water=of_cells[3],
    )  # fmt: skip
    return heat, rooms, ending


_BEFORE = ("mass_c", "radiator_w", "heater_w", "cold_h", "riser_ice", "riser_burst")
"""Fields of a state by occupied state and archetype, in the order in which loops take them."""


def _ended(
    case: Case, state: HomesState, tables: _Tables, *, rooms: tuple[Floats, ...], acts: Floats, shown: Floats,
    share: Floats, cold: bool,
) -> Ending:  # fmt: skip
    """Return what `ended_by_arrays` does, cell by cell: the same bytes.

    Parameters
    ----------
    rooms
        Fields of `_BEFORE`, and what `district_loops.heated` has written of rooms.
    acts
        By `district_loops.ACTS`.
    shown
        By `ending_loops.SHOWN`; the rows of heat are known.
    share
        Share of homes by state, side by side in memory. [1]
    cold
        True if some rooms are colder than people accept.
    """
    *before, after = rooms
    shape, cells, count = state.mass_c.shape, state.mass_c.shape[2:], state.mass_c.size
    groups, few = warming.heated_places(state.occupied).stop, count if cold else 0
    made = np.empty((6, *shape)), np.empty((shape[1] if groups > 1 else 0, *cells)), np.empty((4, 2, *cells)), shown
    found = (
        np.empty(2 * few + 1, np.intp), np.empty(2 * few, np.intp), np.empty(few), np.empty(3 * few),
        np.empty(4 * tables.of_cells.shape[1]),
    )  # fmt: skip
    coolant_c, ice, tested = (np.ascontiguousarray(one) for one in (state.coolant_c, state.ice, state.tested))
    lack, leave, still, late, iced, waited = ending_loops.look(
        tuple(before), (coolant_c, tested), (share, state.occupied, groups), acts, (tables.of_kinds, tables.of_cells),
        (case.step_h, _stays(case.step_h), cold), after, made, found,
    )  # fmt: skip
    if lack or leave:
        exponents = found[3][: 2 * lack + leave]
        np.exp(exponents, out=exponents)
    if still or late:
        quotients = found[4][: still + late]
        np.log(quotients, out=quotients)
    power = shown[_SUPPLY] ** SUPPLY_EXPONENT
    ending_loops.finish(
        (lack, leave, still), (coolant_c, ice), share, acts[0], tables.of_cells, (case.step_h, case.heaters),
        (made[0], made[2], shown), (*found, power),
    )  # fmt: skip
    weight, riser_ice, riser_burst, _, hours, wanted = made[0]
    circulates, cooled_c, frozen, still_tested = made[2]
    if not cold:
        hours = wanted = np.zeros_like(state.cold_h) if waited else state.cold_h
    return Ending(
        after={
            "mass_c": after[4], "radiator_w": after[2], "riser_ice": riser_ice if iced else state.riser_ice,
            "riser_burst": riser_burst if iced else state.riser_burst, "heater_w": wanted, "cold_h": hours,
            "coolant_c": cooled_c, "ice": frozen, "tested": still_tested, "circulates": circulates,
        },
        weight=weight, heated_c=made[1] if groups > 1 else after[3, 0], shown=_by_name(shown), together=shown,
    )  # fmt: skip


_SUPPLY = ending_loops.SHOWN.index("supply_c")
_SINGLE = [(place, name) for place, name in enumerate(ending_loops.SHOWN) if name not in {"given", "hot_given"}]
"""Rows of what is shown of cells that are one value each, by name."""


def _by_name(shown: Floats) -> dict[str, Floats]:
    """Return what is shown of cells by name, views of one array."""
    found = {name: shown[place] for place, name in _SINGLE}
    rest = shown[len(ending_loops.SHOWN) :]
    return found | {"kelvin": rest[: len(DEGREE_HOURS_BELOW_C)], "cold_share": rest[len(DEGREE_HOURS_BELOW_C) :]}


@lru_cache(maxsize=4)
def _stays(step_h: float) -> float:
    """Return the part of the difference to the outside that standing water keeps in a step. [1]"""
    return float(np.exp(-step_h / COOLING_TAU_H))


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
    of_kinds: Floats
    """By `ending_loops.OF_KINDS`, archetype and cell."""
    of_cells: Floats
    """By `ending_loops.OF_CELLS` and cell."""
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
        of_kinds=np.stack([for_loops(one, (kinds, *cells)) for one in _of_kinds(homes)]),
        of_cells=np.stack([for_loops(one, cells) for one in _of_cells(homes, settings, step_h)]),
        each=cells[1] if alike else 1, some_pumped=bool(found["pump_share"].any()),
    )  # fmt: skip


def _joined(rows: list[Floats]) -> Floats:
    return np.concatenate(rows).reshape(-1)


def _of_kinds(homes: Homes) -> list[Floats]:
    """Return the values of `ending_loops.OF_KINDS`."""
    kept = homes.response
    once, weight = kept.air_at_once, homes.home_weight[: len(homes.kinds)]
    return [homes.floor_m2, weight, kept.air_heating / once, kept.air_by_mass / once, kept.mass_heating]


def _of_cells(homes: Homes, settings: Settings, step_h: float) -> list[Floats]:
    """Return the values of `ending_loops.OF_CELLS`."""
    lag_h, ages = settings["radiator_lag_h"], np.asarray(step_h / settings["riser_repair_h"])
    stays = np.exp(-step_h / lag_h)
    of_lag = lag_h / step_h, (1.0 - stays) * lag_h / step_h, stays
    heaters = settings["heater_uptake"], most_heater_w(settings["heater_cap_kw"]), settings["heater_diversity"]
    leave = (settings[f"leave_{name}"] for name in ("share", "after_h", "tau_h"))
    found = homes.district_m2, homes.design_mw, *of_lag, np.exp(-ages), -np.expm1(-ages) / ages, *heaters, *leave
    return [np.asarray(one) for one in found]
