"""Heaters that people plug in, found room by room where numba is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, for_loops
from gridmodel.sampling import Settings
from gridmodel.services.heat import heaters_loops
from gridmodel.services.heat.building import Response
from gridmodel.services.heat.heaters import DELAY_H, UPTAKE_H, Course, most_heater_w, plugged_in

TABLES = 6
"""Tables that are remembered. Ours: a run needs three at a time, and two may be stepped in turn."""


def plugged_in_by_loops(
    kept: Response, settings: Settings, missing_w: Floats, rooms: tuple[Floats, ...], power: Floats, *,
    share: Floats | None, lag_h: Floats, step_h: float, heaters: bool,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return what `heaters.plugged_in` does for rooms on their course: the same bytes.

    Parameters
    ----------
    kept, settings, lag_h, step_h, heaters
        As `advance` takes them.
    missing_w
        Heater power that rooms lack, shape ``(…, kind, member, region)``. [W/m²]
    rooms
        As `heaters_loops.lacking` takes them, of the same shape. [h], [W/m²], [°C]
    power
        Share of homes with power, of a shape that broadcasts to ``(member, region)``. [1]
    share
        Homes on district heat by state, shape ``(state, member, region)``, to whose radiators as much heat comes in the
        next step; None for homes that heat themselves. [1]
    """
    shape, size, cells = missing_w.shape, missing_w.size, missing_w.shape[-2:]
    table = _table(kept, settings, cells, lag_h=lag_h, step_h=step_h, goes_on=share is not None)
    times_h, wanted, hours = (step_h, DELAY_H, UPTAKE_H), np.zeros(size), np.zeros(size)
    found = np.empty(size + 1, np.intp), np.empty(size, np.intp), np.empty(size), np.empty(2 * size)
    rows = [for_loops(one, shape).reshape(-1, *shape[-3:-2], cells[0] * cells[1]) for one in (missing_w, *rooms)]
    shares = np.ones((1, rows[0].shape[-1])) if share is None else for_loops(share, share.shape)
    count = heaters_loops.lacking(
        rows[0], shares, tuple(rows[1:]), table.kinds, (for_loops(power, cells), *table.lag), times_h, hours, found
    )
    if count and heaters:
        exponents = found[-1][: 2 * count]
        np.exp(exponents, out=exponents)
        heaters_loops.plug_in(count, found, hours, table.heaters, times_h, wanted)
    return wanted.reshape(shape), hours.reshape(shape)


def plugged_in_turns(
    missing_w: Floats, cold_h: Floats, settings: Settings, *, step_h: float, heaters: bool, course: Course
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return what `heaters.plugged_in` does for homes that take turns: the same bytes.

    Parameters
    ----------
    missing_w, cold_h
        In single precision, shape ``(row, cohort, member, region)``. [W/m²], [h]
    settings, step_h, heaters
        As `heaters.plugged_in` takes them.
    course
        What the rooms do, in single precision; as much is missing in the next step.
    """
    shape, size, cells = missing_w.shape, missing_w.size, missing_w.shape[-2:]
    if not heaters_loops.COMPILED or size < heaters_loops.LEAST:
        return plugged_in(missing_w, cold_h, settings, step_h=step_h, heaters=heaters, course=course)
    rows, times_h = (-1, cells[0] * cells[1]), tuple(np.float32(hours) for hours in (step_h, DELAY_H, UPTAKE_H))
    lacks, *rooms = (
        np.ascontiguousarray(one).reshape(rows) for one in (
            missing_w, cold_h, course.heating_w, course.before_w, course.radiator_w, *course.walls_c, course.heater_w
        )
    )  # fmt: skip
    by_cell = tuple(
        for_loops(np.asarray(one), cells) for one in (course.lag_h / step_h, course.at_length - 1.0, course.per_wall_w)
    )
    wanted, hours = np.zeros(size, lacks.dtype), np.zeros(size, lacks.dtype)
    found = np.empty(size + 1, np.intp), np.empty(size, np.intp), np.empty(2 * size, lacks.dtype)
    count = heaters_loops.lacking_in_turns(
        lacks, tuple(rooms), for_loops(course.power, course.power.shape), by_cell, times_h, hours, found
    )
    if count and heaters:
        exponents = found[-1][: 2 * count]
        np.exp(exponents, out=exponents)
        heaters_loops.plug_in_turns(
            count, found, (lacks.reshape(-1), hours), _heaters_in_turns(settings, cells), times_h, wanted
        )
    return wanted.reshape(shape), hours.reshape(shape)


@dataclass(frozen=True, slots=True)
class _Table:
    """Values that are the same in every step, as `heaters_loops` takes them."""

    kinds: tuple[Floats, Floats, Floats]
    """Those of `lacking` by kind."""
    lag: tuple[Floats, Floats, Floats]
    """Those by cell, but for power."""
    heaters: tuple[Floats, Floats, Floats]
    """Those of `plug_in`."""


_TABLES: dict[tuple[object, ...], tuple[Response, Settings, _Table]] = {}
"""Tables of the latest buildings and settings, both kept so that no others take their numbers."""


def _table(
    kept: Response, settings: Settings, cells: tuple[int, ...], *, lag_h: Floats, step_h: float, goes_on: bool
) -> _Table:  # fmt: skip
    """Return the table of some buildings and settings.

    Parameters
    ----------
    cells
        Number of members and of regions.
    goes_on
        True if as much heat comes to radiators in the next step.
    """
    key = (id(kept), id(settings), cells, lag_h.tobytes(), step_h, goes_on)
    found = _TABLES.get(key)
    if found is None:
        while len(_TABLES) >= TABLES:
            del _TABLES[next(iter(_TABLES))]
        found = kept, settings, _made(kept, settings, cells, lag_h=lag_h, step_h=step_h, goes_on=goes_on)
        _TABLES[key] = found
    return found[2]


def _made(
    kept: Response, settings: Settings, cells: tuple[int, ...], *, lag_h: Floats, step_h: float, goes_on: bool
) -> _Table:  # fmt: skip
    """Make what `_table` returns."""
    once, stays = kept.air_at_once, np.exp(-step_h / lag_h)

    def of_kinds(values: Floats) -> Floats:
        return for_loops(values, (len(values) if values.ndim > 2 else 1, *cells))

    return _Table(
        kinds=(
            of_kinds(kept.air_heating / once), of_kinds(kept.air_by_mass / once),
            of_kinds(kept.mass_heating) if goes_on else np.zeros((0, 0)),
        ),
        lag=_of_cells((lag_h / step_h, (1.0 - stays) * lag_h / step_h, stays), cells),
        heaters=_heaters(settings, cells),
    )  # fmt: skip


def _of_cells(values: Sequence[Floats], cells: tuple[int, ...]) -> tuple[Floats, Floats, Floats]:
    """Return three values of every cell."""
    first, second, third = (for_loops(np.asarray(one), cells) for one in values)
    return first, second, third


def _heaters(settings: Settings, cells: tuple[int, ...]) -> tuple[Floats, Floats, Floats]:
    """Return heaters as `heaters_loops.plug_in` takes them."""
    uptake, cap_kw, diversity = (settings[f"heater_{name}"] for name in ("uptake", "cap_kw", "diversity"))
    return _of_cells((uptake, most_heater_w(cap_kw), diversity), cells)


_HEATERS: dict[tuple[int, tuple[int, ...]], tuple[Settings, tuple[Floats, Floats, Floats]]] = {}
"""Heaters of homes that take turns by the latest settings, which are kept so that no others take their numbers."""


def _heaters_in_turns(settings: Settings, cells: tuple[int, ...]) -> tuple[Floats, Floats, Floats]:
    """Return what `_heaters` does, found once for each number of columns."""
    key = (id(settings), cells)
    if key not in _HEATERS:
        while len(_HEATERS) >= TABLES:
            del _HEATERS[next(iter(_HEATERS))]
        _HEATERS[key] = settings, _heaters(settings, cells)
    return _HEATERS[key][1]
