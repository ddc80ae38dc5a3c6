"""Heaters that people plug in, found room by room where numba is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, for_loops
from gridmodel.sampling import Settings
from gridmodel.services.heat import heaters_loops
from gridmodel.services.heat.building import Response
from gridmodel.services.heat.heaters import DELAY_H, UPTAKE_H, most_heater_w

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
