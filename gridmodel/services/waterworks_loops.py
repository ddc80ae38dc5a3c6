"""Loop over cells of waterworks: what `gridmodel.services.water` and `wells` do array by array, the same bytes.

It waits for numba to compile it once per installation. Every line is one of + − × ÷ or a comparison in the order of its
numpy twins. A cell is a member and a region.
"""

# ruff: noqa: PLR0915, PLR0917 - a loop is one function; numba takes no keywords
from __future__ import annotations

import numpy as np

from gridmodel.arrays import EMPTY, Floats, available, compiler
from gridmodel.services import number_loops, wells
from gridmodel.services.number_loops import less, more
from gridmodel.services.wells import DARK, IN_TURN, OWN, ROUNDING

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 500
"""Fewest cells that the loop serves. Ours: with fewer, months of steps save less than it takes to load it."""
WORKS = ("storage_m3", "demand_m3_per_h", "loss_m3_per_h", "litres", "high_floor_share", "hold_h")
"""Rows of a table of waterworks."""
ACTS = (
    "stations_left", "plant_power", "home_power", "pump_margin", "use", "dry_risers", "burst_m3_per_h", "lift_left",
    "lift_power", "lift_own", "lift_torn",
)  # fmt: skip
"""Rows of what acts on the cells."""
MADE = (
    "without", "stored_m3", "mains_share", "dry_risers", "dry_high_floors", "served_share", "pumped_m3_per_h",
    "drawn_m3_per_h", "leaked_m3_per_h", "litres", "sewage_share",
)  # fmt: skip
"""Rows of what is found."""
_TINY = float(np.finfo(float).tiny)

_compiled = compiler(__file__, wells.__file__, number_loops.__file__)


@_compiled(None)
def _mix(stays: float, share: float, comes: float, coming: float) -> float:
    """Return what `gridmodel.arrays.mix` does."""
    part = coming / more(more(share, 0.0) + coming, EMPTY)
    return stays * (1.0 - part) + comes * part if coming > EMPTY else stays


@_compiled(None)
def _fill_wells(
    before: tuple[Floats, Floats, Floats], share: Floats, rate: Floats, after: tuple[Floats, Floats, Floats], cell: int
) -> None:
    """Write the wells of a cell after stations have changed what supplies them, and wells have filled or emptied."""
    (had, was_full, held), (shares, fulls, sewages) = before, after
    comes = full_goes = sewage_goes = 0.0
    for kind in range(3):
        full = less(was_full[kind, cell], share[kind])
        room = (less(had[kind, cell], share[kind]) - full) / more(had[kind, cell] - was_full[kind, cell], _TINY)
        sewage = held[kind, cell] * room
        shares[kind, cell], fulls[kind, cell], sewages[kind, cell] = share[kind], full, sewage
        comes += more(share[kind] - had[kind, cell], 0.0)
        full_goes += was_full[kind, cell] - full
        sewage_goes += held[kind, cell] - sewage
    for kind in range(3):
        into = more(share[kind] - had[kind, cell], 0.0) / more(comes, _TINY)
        whole = less(fulls[kind, cell] + full_goes * into, share[kind])
        sewage = sewages[kind, cell] + sewage_goes * into
        full = whole if rate[kind] >= 0.0 else 0.0
        rest = share[kind] - full
        sewage = rate[kind] * rest + sewage
        sewage += whole - full
        sewage = more(sewage, 0.0)
        brims = sewage >= rest * (1.0 - ROUNDING) and sewage > 0.0
        fulls[kind, cell] = share[kind] if brims else full
        sewages[kind, cell] = 0.0 if brims else sewage


@_compiled(None)
def step(
    works: Floats, acts: Floats, parts: tuple[Floats, Floats], before: tuple[Floats, Floats, Floats], step_h: float,
    made: Floats, fill: Floats, dry_street: Floats, after: tuple[Floats, Floats, Floats],
) -> bool:  # fmt: skip
    """Pump and draw in all cells, and return whether any lift station is dark, or any wet well holds something.

    Parameters
    ----------
    works
        Waterworks by `WORKS`, shape ``(row, region)``.
    acts
        What acts on them by `ACTS`, shape ``(row, cell)``.
    parts
        Fill of parts of the city before the step, shape ``(2, cell)``, and the share without pumping stations,
        ``(cell,)``. [1]
    before
        Fields of `wells.Wells` before it, shape ``(3, cell)`` each. [1]
    step_h
        Length of the step. [h]
    made
        Written: values by `MADE`, shape ``(row, cell)``.
    fill
        Written: fill of parts of the city after it, shape ``(2, cell)``. [1]
    dry_street
        Written: people whose street is dry, by cause, shape ``(3, cell)``. [1]
    after
        Written: fields of `wells.Wells` after it; they do not count where False is returned. [1]
    """
    (was_fill, was_without), regions, some = parts, works.shape[1], False
    share, rate = np.empty(3), np.empty(3)
    for cell in range(acts.shape[1]):
        region = cell % regions
        storage, mean, loss = works[0, region], works[1, region], works[2, region]
        plant, home, margin, use = acts[1, cell], acts[2, cell], acts[3, cell], acts[4, cell]
        without = 1.0 - acts[0, cell]
        within = 1.0 - without
        lost, back = more(without - was_without[cell], 0.0), more(was_without[cell] - without, 0.0)
        stored = storage * _mix(was_fill[0, cell], 1.0 - was_without[cell] - lost, was_fill[1, cell], back)
        apart = storage * _mix(was_fill[1, cell], was_without[cell] - back, was_fill[0, cell], lost)
        pipes, low = 1.0 - acts[5, cell], 1.0 - works[4, region] * (1.0 - home)
        at_taps, leaks = (mean - loss) * use * pipes * low, loss + acts[6, cell]
        pumps, demand = margin * plant * mean, at_taps + leaks
        there = stored / step_h + pumps
        supply = less(there, demand) / demand if demand > 0.0 else 1.0
        far = less(apart / step_h + 0.0, demand) / demand if demand > 0.0 else 1.0
        given, far_given = supply * demand, far * demand
        left = less(more((pumps - given) * step_h + stored, 0.0), storage)
        far_left = less(more((0.0 - far_given) * step_h + apart, 0.0), storage)
        given += (left - stored) / step_h
        far_given += (far_left - apart) / step_h
        fill[0, cell] = left / storage if storage > 0.0 else 0.0
        fill[1, cell] = far_left / storage if storage > 0.0 else 0.0
        mains = within * supply + without * far
        served = mains * pipes * low
        lacks, dry = more(demand - there, 0.0), (1.0 - without) * (1.0 - supply)
        off = less(margin * mean - pumps, lacks) / lacks if lacks > 0.0 else 0.0
        dry_street[0, cell], dry_street[1, cell] = without * (1.0 - far), dry * off
        dry_street[2, cell] = dry * (1.0 - off)
        works_left, own, gone = acts[7, cell], acts[9, cell], 1.0 - acts[7, cell]
        dark = 1.0 - acts[8, cell]
        dark = dark if dark > ROUNDING else 0.0
        share[OWN], share[DARK] = works_left * own, gone + works_left * acts[10, cell] * dark
        share[IN_TURN] = more(1.0 - share[OWN] - share[DARK], 0.0)
        runs = works_left * (1.0 - dark - own)
        in_turn = runs / share[IN_TURN] if share[IN_TURN] > 0.0 else 1.0
        in_turn = less(more(in_turn, 0.0), 1.0)
        per_step, used = step_h / more(works[5, region], 1e-9), served * use
        rate[IN_TURN], rate[DARK] = ((1.0 - in_turn) * used - in_turn) * per_step, used * per_step
        rate[OWN] = -1.0 * per_step
        some |= dark != 0.0 or gone != 0.0
        for kind in range(3):
            some |= before[1][kind, cell] != 0.0 or before[2][kind, cell] != 0.0
        _fill_wells(before, share, rate, after, cell)
        made[0, cell], made[1, cell] = without, storage * (within * fill[0, cell] + without * fill[1, cell])
        made[2, cell], made[3, cell], made[4, cell] = mains, mains * (1.0 - pipes), mains * pipes * (1.0 - low)
        made[5, cell], made[6, cell] = served, within * given + without * far_given
        made[7, cell], made[8, cell], made[9, cell] = mains * at_taps, mains * leaks, works[3, region] * served
        made[10, cell] = after[1][DARK, cell] + after[1][IN_TURN, cell] * (1.0 - in_turn)
    return some
