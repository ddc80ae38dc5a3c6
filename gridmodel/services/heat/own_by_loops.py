"""Rooms of homes that heat themselves, found home by home where numba is."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, for_loops
from gridmodel.sampling import Settings
from gridmodel.services.heat import own_loops
from gridmodel.services.heat.block_loops import WIDTH
from gridmodel.services.heat.homes import Homes, HomesState
from gridmodel.services.heat.own import STOVES, WITH_STOVE, own_lag_h
from gridmodel.services.heat.rooms import Rooms

TABLES = 2
"""Tables that are remembered. Ours: a run needs one, and two may be stepped in turn."""


def rooms_by_loops(
    homes: Homes, state: HomesState, settings: Settings, *, on: Floats, heater_w: Floats | None,
    acts_c: tuple[Floats, Floats], cooker_w: Floats, step_h: float,
) -> tuple[Rooms, Floats]:  # fmt: skip
    """Return rooms of homes that heat themselves after a step, and what their radiators give at its end. [W/m²]

    Parameters
    ----------
    homes, state, settings, step_h
        As `advance.step_own` takes them.
    on
        Share of the step for which own heating runs, shape ``(own, member, region)``. [1]
    heater_w
        Heaters that are on, same shape; None where none is. [W/m²]
    acts_c
        Parts of air and of mass that outdoors, gains and sun make, each of shape ``(1, member, region)``. [°C]
    cooker_w
        Most that cookers give, of a shape that broadcasts to ``(member, region)``. [W/m²]
    """
    shape, first = on.shape, state.own_kinds.start
    kinds, cells = shape[0], shape[1:]
    constant = np.concatenate([for_loops(one, (1, *cells)) for one in acts_c]).reshape(-1)
    by_cell = _table(homes, settings, cells, step_h), constant, for_loops(cooker_w, cells)
    none, before = np.zeros(0), (state.own_mass_c, state.own_radiator_w)
    some = (*(_flat(one) for one in before), none if heater_w is None else _flat(heater_w), _flat(on))
    size, back = (kinds, on[0].size), min(WITH_STOVE - first, kinds)
    logarithms = np.empty(kinds * -(-size[1] // WIDTH) * WIDTH)
    own_loops.until_heated(some, by_cell, size, back, logarithms)
    np.log1p(logarithms, out=logarithms)
    made = tuple(np.empty(on.size) for _ in range(5))
    cold = own_loops.heated(some, by_cell, size, (STOVES - first, back), (step_h, 1.0 / step_h), logarithms, made)
    air_c, mass_c, heating_w, radiator_w, missing_w = (one.reshape(shape) for one in made)
    rooms = Rooms(mass_c=mass_c, air_c=air_c, missing_w=missing_w if cold else None, heating_w=heating_w)
    return rooms, radiator_w


def _flat(values: Floats) -> Floats:
    return np.ascontiguousarray(values).reshape(-1)


_TABLES: dict[tuple[int, int, tuple[int, ...], float], tuple[Homes, Settings, Floats]] = {}
"""Tables of the latest homes and settings, both kept so that no others take their numbers."""


def _table(homes: Homes, settings: Settings, cells: tuple[int, ...], step_h: float) -> Floats:
    """Return buildings and settings by `own_loops.FIELDS` and cell, in one axis."""
    key = (id(homes), id(settings), cells, step_h)
    if key not in _TABLES:
        while len(_TABLES) >= TABLES:
            del _TABLES[next(iter(_TABLES))]
        found = _collected(homes, settings, step_h)
        rows = [for_loops(found[name], (1, *cells)) for name in own_loops.FIELDS]
        _TABLES[key] = (homes, settings, np.concatenate(rows).reshape(-1))
    return _TABLES[key][2]


def _collected(homes: Homes, settings: Settings, step_h: float) -> dict[str, Floats]:
    """Return buildings and settings by name, of shapes that broadcast to ``(1, member, region)``."""
    kept, lag_h = homes.own_response, own_lag_h(settings)
    stays, once = np.exp(-step_h / lag_h), kept.air_at_once
    responses = {
        f"{of}_{act}": getattr(kept, f"{of}_{act}") for of in ("air", "mass") for act in ("mass", "heating", "gains")
    }
    return responses | {
        "set_c": settings["set_point_c"], "settled_c": settings["settled_for_c"],
        "installed_w": homes.own_w * settings["own_heat_margin"],
        "of_stove_w": homes.own_w * settings["own_fallback_stove_heat"], "at_once": once,
        "more_at_length": kept.air_heating - once, "falls": kept.air_by_mass / once, "by_fall": kept.air_by_fall,
        "lag_h": lag_h, "stays": stays, "moves": np.asarray(1.0 - stays), "steps_of_lag": np.asarray(step_h / lag_h),
        "lags_of_step": np.asarray(lag_h / step_h), "gains_for_heating": kept.air_gains / kept.air_heating,
    }  # fmt: skip
