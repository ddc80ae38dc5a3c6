"""Homes that take turns with their power, stepped home by home where numba is."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import cast

import numpy as np

from gridmodel.arrays import Floats, for_loops, single
from gridmodel.sampling import Settings
from gridmodel.services.cohorts import Cohorts
from gridmodel.services.heat import turns_cold_loops, turns_loops
from gridmodel.services.heat.block_loops import WIDTH
from gridmodel.services.heat.heaters import DELAY_H, UPTAKE_H, most_heater_w
from gridmodel.services.heat.homes import Homes, OwnTurns
from gridmodel.services.heat.leaving import LEFT_BELOW_C
from gridmodel.services.heat.turns_line import POWERED, Line, line_of, row_share
from gridmodel.services.heat.turns_rows import FIELDS
from gridmodel.services.heat.turns_step import TurnsStep
from gridmodel.services.quantiles import people_quantiles
from gridmodel.vocabulary import COLD_THRESHOLDS_C, DEGREE_HOURS_BELOW_C

TABLES = 4
"""Tables that are remembered. Ours: as lines are."""
_LIMITS = (
    np.array(COLD_THRESHOLDS_C, np.float32),
    np.array([DEGREE_HOURS_BELOW_C.index(one) if one in DEGREE_HOURS_BELOW_C else -1 for one in COLD_THRESHOLDS_C]),
    COLD_THRESHOLDS_C.index(LEFT_BELOW_C),
)  # fmt: skip
"""Thresholds as `turns_loops.stepped` takes them."""
_NONE, _NOBODY, _NO_SUN = np.zeros(0, np.float32), np.zeros(0), np.zeros((0, 0))


def step_by_loops(
    homes: Homes, state: OwnTurns, settings: Settings, cohorts: Cohorts, *, outdoor_c: Floats, fuel: Floats,
    sun_w: Floats | None, step_h: float, heaters: bool,
) -> tuple[OwnTurns, TurnsStep]:  # fmt: skip
    """Return what `turns.step_turns` does, which see: the same bytes."""
    on, shape = single(cohorts.power), state.mass_c.shape
    cells, size, rooms = shape[2] * shape[3], state.mass_c.size, shape[0] * shape[1]
    table = _table(homes, settings, shape, step_h)
    whole = (fuel >= 1.0).all()
    cooker_w = table.cooker_w if (fuel == 1.0).all() else _of_cells(settings["cooker_w_per_m2"] * fuel, shape)
    people = table.share, _NOBODY if cohorts.outside is None else for_loops(cohorts.outside, shape[2:])
    before = (_flat(one) for one in (state.mass_c, state.radiator_w, state.heater_w, state.cold_h, state.charge_h))
    mass_c, radiator_w, heater_w, cold_h, charge_h = before
    times_h = np.float32(step_h), np.float32(1.0 / step_h), np.float32(DELAY_H), np.float32(UPTAKE_H)
    made = tuple(_unwritten(shape if number < 5 else shape[1:]) for number in range(8))
    share, kelvin = (np.empty((len(one), *shape[2:])) for one in (COLD_THRESHOLDS_C, DEGREE_HOURS_BELOW_C))
    kind_c, below = np.empty((shape[0], *shape[2:])), (np.empty(size, np.intp), np.empty(size))
    left = np.empty(size, np.intp), np.empty(size), _unwritten((size,)), np.empty(size)
    uptakes = _unwritten((2 * size,))
    lacking = np.empty(size, np.intp), _unwritten((size,)), _unwritten((size,)), uptakes
    ends = np.empty(rooms * -(-cells // WIDTH), np.intp)
    listed, leaving, lacks = turns_loops.stepped(
        (mass_c, radiator_w, heater_w if state.heater_w.max() > 0 else _NONE, cold_h, charge_h), _flat(on),
        (table.fields, _NONE if whole else _of_cells(fuel, shape), cooker_w),
        (_by_region(outdoor_c, shape), _NO_SUN if sun_w is None else _by_region(sun_w, shape)), people, shape, times_h,
        _LIMITS, table.leaving_h, tuple(one.reshape(-1) for one in made),
        (share.reshape(-1), kelvin.reshape(-1), kind_c.reshape(-1)), below, left, lacking, ends,
    )  # fmt: skip
    air_c, after_c, heating_w, after_w, hours, gains_w, backup, charged_h = made
    wanted, (drawn_w, using, gone) = single(np.zeros(shape, np.float32)), (np.zeros(shape[2:]) for _ in range(3))
    if lacks and heaters:
        np.exp(uptakes[: 2 * lacks], out=uptakes[: 2 * lacks])
        turns_cold_loops.plug_in(
            lacking, ends, (shape[0], shape[1], cells), (times_h[0], *times_h[2:]), table.heaters, people,
            (wanted.reshape(-1), drawn_w.reshape(-1), using.reshape(-1)),
        )  # fmt: skip
    if leaving:
        exponents = left[-1][:leaving]
        np.exp(exponents, out=exponents)
        turns_cold_loops.leave(left[0], left[1], exponents, table.most_leave, gone.reshape(-1))
    after = OwnTurns(
        mass_c=after_c, radiator_w=after_w, heater_w=wanted, cold_h=hours, charge_h=charged_h, layers=state.layers
    )
    return after, TurnsStep(
        air_c=air_c, heating_w=heating_w, gains_w=gains_w, power=on, backup=backup, cohorts=cohorts, cold_share=share,
        kelvin=kelvin, cold_places=below[0][:listed], cold_part=below[1][:listed], heater_w=drawn_w, heater_homes=using,
        left_share=gone, kind_c=kind_c, quantiles_c=people_quantiles(air_c[POWERED], cohorts.outside),
    )  # fmt: skip


def _flat(values: Floats) -> Floats:
    """Return values in one axis, side by side in memory."""
    return np.ascontiguousarray(values).reshape(-1)


def _unwritten(shape: tuple[int, ...]) -> Floats:
    """Return an array in single precision that is yet to be written."""
    return cast("Floats", np.empty(shape, np.float32))


def _of_cells(values: Floats, shape: tuple[int, ...]) -> Floats:
    """Return values of a shape that broadcasts to ``(member, region)`` in single precision, by cell."""
    return for_loops(single(values), shape[2:])


def _by_region(values: Floats, shape: tuple[int, ...]) -> Floats:
    """Return values of a shape that broadcasts to ``(…, member, region)``, shape ``(member, region)``.

    One row is enough where members are alike.
    """
    rows = np.atleast_2d(values)
    rows = rows.reshape(-1, rows.shape[-1])
    if rows.shape[1] == shape[-1] and rows.flags.c_contiguous:
        return rows
    return np.array(np.broadcast_to(rows, (len(rows), shape[-1])), order="C")


@dataclass(frozen=True, slots=True)
class _Table:
    """Values that are the same in every step, by cell."""

    fields: Floats
    """Buildings and settings by `FIELDS`, in one axis."""
    share: Floats
    """Share of a region's homes in each row, likewise. [1]"""
    cooker_w: Floats
    """Most that cookers give where gas is whole. [W/m²]"""
    heaters: tuple[Floats, Floats, Floats]
    """As `turns_cold_loops.plug_in` takes them."""
    most_leave: Floats
    """Most who leave. [1]"""
    leaving_h: tuple[Floats, Floats, np.float32]
    """As `turns_loops.stepped` takes them. [h]"""


_TABLES: dict[tuple[object, ...], tuple[Homes, Settings, _Table]] = {}
"""Tables of the latest homes and settings, both kept so that no others take their numbers."""


def _table(homes: Homes, settings: Settings, shape: tuple[int, ...], step_h: float) -> _Table:
    """Return values of homes, collected once for each number of rows and of columns."""
    key = (id(homes), id(settings), shape, step_h)
    found = _TABLES.get(key)
    if found is None:
        while len(_TABLES) >= TABLES:
            del _TABLES[next(iter(_TABLES))]
        found = _TABLES[key] = (homes, settings, _collected(homes, settings, shape, step_h))
    return found[2]


def _collected(homes: Homes, settings: Settings, shape: tuple[int, ...], step_h: float) -> _Table:
    """Collect values of homes."""
    cells, line = shape[2:], line_of(homes, settings, shape[2:])

    def of(name: str) -> Floats:
        return for_loops(np.asarray(settings[name], dtype=float), cells)

    most_w = for_loops(most_heater_w(settings["heater_cap_kw"]), cells)
    return _Table(
        fields=_fields(line, step_h),
        share=for_loops(row_share(homes.own_share, shape[0]), (shape[0], *cells)).reshape(-1),
        cooker_w=_of_cells(settings["cooker_w_per_m2"], shape),
        heaters=(of("heater_uptake"), most_w, of("heater_diversity")),
        most_leave=of("leave_share"),
        leaving_h=(of("leave_after_h"), of("leave_tau_h"), np.float32(settings["leave_after_h"].min())),
    )


def _fields(line: Line, step_h: float) -> Floats:
    """Return buildings and settings by `FIELDS` and cell, in one axis."""
    found: dict[str, Floats] = {name: getattr(line, name) for name in FIELDS if hasattr(line, name)}
    for of in ("air", "mass"):
        acts = getattr(line, of)
        found |= {f"{of}_{act.name}": getattr(acts, act.name) for act in fields(acts)}
    found["stays"] = np.exp(-step_h / line.lag_h)
    found |= {
        "more_at_length": line.air.heating - line.at_once, "moves": 1.0 - found["stays"],
        "steps_of_lag": step_h / line.lag_h, "lags_of_step": line.lag_h / step_h,
        "heating_for_gains": line.air.gains / line.air.heating,
        "more_per_once": line.air.heating / line.at_once - 1.0, "per_wall_w": line.by_mass / line.at_once,
    }  # fmt: skip
    return single(np.concatenate([for_loops(found[name], line.cells) for name in FIELDS]))
