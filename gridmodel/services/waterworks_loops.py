"""Loop over cells of waterworks: what `gridmodel.services.water` and `wells` do array by array, the same bytes.

It waits for numba to compile it once per installation. Every line is one of + − × ÷ or a comparison in the order of its
numpy twins. A cell is a member and a region.
"""

# ruff: noqa: PLR0915, PLR0917 - a loop is one function; numba takes no keywords
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import EMPTY, Floats, available, compiler
from gridmodel.services import number_loops, wells
from gridmodel.services.number_loops import less, more
from gridmodel.services.wells import DARK, IN_TURN, ROUNDING

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
    if not coming > EMPTY:
        return stays
    part: float = coming / more(more(share, 0.0) + coming, EMPTY)
    return stays * (1.0 - part) + comes * part


@_compiled(None)
def _room(share: float, had: float, was_full: float) -> float:
    """Return which part of the stations whose wells had room is left."""
    part: float = (less(had, share) - less(was_full, share)) / more(had - was_full, _TINY)
    return part


@_compiled(None)
def _filled(whole: float, sewage: float, share: float, rate: float) -> tuple[float, float]:
    """Return full wells and the sewage in others after they have filled or emptied."""
    full = whole if rate >= 0.0 else 0.0
    rest = share - full
    sewage = rate * rest + sewage
    sewage += whole - full
    sewage = more(sewage, 0.0)
    if sewage >= rest * (1.0 - ROUNDING) and sewage > 0.0:
        return share, 0.0
    return full, sewage


@_compiled(None)
def _fill_wells(
    before: tuple[Floats, Floats, Floats], share: tuple[float, float, float], rate: tuple[float, float, float],
    after: tuple[Floats, Floats, Floats], cell: int,
) -> None:  # fmt: skip
    """Write the wells of a cell after stations have changed what supplies them, and wells have filled or emptied.

    Kinds of supply stand one beside the other: a loop over three would take twice as long.
    """
    (had, was_full, held), (shares, fulls, sewages), (one, two, three) = before, after, share
    had_one, had_two, had_three = had[0, cell], had[1, cell], had[2, cell]
    was_one, was_two, was_three = was_full[0, cell], was_full[1, cell], was_full[2, cell]
    held_one, held_two, held_three = held[0, cell], held[1, cell], held[2, cell]
    in_one = held_one * _room(one, had_one, was_one)
    in_two = held_two * _room(two, had_two, was_two)
    in_three = held_three * _room(three, had_three, was_three)
    more_one, more_two, more_three = more(one - had_one, 0.0), more(two - had_two, 0.0), more(three - had_three, 0.0)
    comes = more(more_one + more_two + more_three, _TINY)
    sewage_goes = (held_one - in_one) + (held_two - in_two) + (held_three - in_three)
    full_one, full_two, full_three = less(was_one, one), less(was_two, two), less(was_three, three)
    full_goes = (was_one - full_one) + (was_two - full_two) + (was_three - full_three)
    into_one, into_two, into_three = more_one / comes, more_two / comes, more_three / comes
    full_one, full_two = less(full_one + full_goes * into_one, one), less(full_two + full_goes * into_two, two)
    full_three = less(full_three + full_goes * into_three, three)
    in_one, in_two = in_one + sewage_goes * into_one, in_two + sewage_goes * into_two
    in_three += sewage_goes * into_three
    shares[0, cell], shares[1, cell], shares[2, cell] = one, two, three
    fulls[0, cell], sewages[0, cell] = _filled(full_one, in_one, one, rate[0])
    fulls[1, cell], sewages[1, cell] = _filled(full_two, in_two, two, rate[1])
    fulls[2, cell], sewages[2, cell] = _filled(full_three, in_three, three, rate[2])


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
    (was_fill, was_without), some, region = parts, False, np.uintp(0)
    for cell in range(np.uintp(acts.shape[1])):  # without a sign, places are not looked at from the end
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
        part = left / storage if storage > 0.0 else 0.0
        far_part = far_left / storage if storage > 0.0 else 0.0
        fill[0, cell], fill[1, cell] = part, far_part
        mains = within * supply + without * far
        served = mains * pipes * low
        lacks, dry = more(demand - there, 0.0), (1.0 - without) * (1.0 - supply)
        off = less(margin * mean - pumps, lacks) / lacks if lacks > 0.0 else 0.0
        dry_street[0, cell], dry_street[1, cell] = without * (1.0 - far), dry * off
        dry_street[2, cell] = dry * (1.0 - off)
        works_left, own, gone = acts[7, cell], acts[9, cell], 1.0 - acts[7, cell]
        dark = 1.0 - acts[8, cell]
        dark = dark if dark > ROUNDING else 0.0
        of_own, of_dark = works_left * own, gone + works_left * acts[10, cell] * dark
        of_turns, runs = more(1.0 - of_own - of_dark, 0.0), works_left * (1.0 - dark - own)
        in_turn = runs / of_turns if of_turns > 0.0 else 1.0
        in_turn = less(more(in_turn, 0.0), 1.0)
        per_step, used = step_h / more(works[5, region], 1e-9), served * use
        rate = ((1.0 - in_turn) * used - in_turn) * per_step, used * per_step, -1.0 * per_step
        some |= dark != 0.0 or gone != 0.0
        for kind in range(np.uintp(3)):
            some |= before[1][kind, cell] != 0.0 or before[2][kind, cell] != 0.0
        _fill_wells(before, (of_turns, of_dark, of_own), rate, after, cell)  # in the order of `wells.IN_TURN`
        made[0, cell], made[1, cell] = without, storage * (within * part + without * far_part)
        made[2, cell], made[3, cell], made[4, cell] = mains, mains * (1.0 - pipes), mains * pipes * (1.0 - low)
        made[5, cell], made[6, cell] = served, within * given + without * far_given
        made[7, cell], made[8, cell], made[9, cell] = mains * at_taps, mains * leaks, works[3, region] * served
        made[10, cell] = after[1][DARK, cell] + after[1][IN_TURN, cell] * (1.0 - in_turn)
        region += np.uintp(1)
        if region == np.uintp(works.shape[1]):
            region = np.uintp(0)
    return some


@_compiled(None)
def count(
    people: Floats, litres: Floats, shares: tuple[Floats, Floats, Floats, Floats, Floats],
    amounts: tuple[float, ...], found: Floats,
) -> None:  # fmt: skip
    """Count people who lack water.

    Parameters
    ----------
    people, litres
        People, and water that a person uses whose taps run, shape ``(region,)`` each. [1], [L/d]
    shares
        Shares of people whose taps run, whose street has water, whose risers have burst, who live too high, and whose
        sewage backs up, shape ``(member, region)`` each. [1]
    amounts
        Daily amounts. [L/d]
    found
        Written: people without water, with a dry street, dry risers, dry high floors, and sewage that backs up, and
        those below each amount, shape ``(row, member, region)``. [1]
    """
    served, mains, risers, high, sewage = shares
    for member in range(np.uintp(served.shape[0])):
        for region in range(np.uintp(served.shape[1])):
            here, dry = people[region], 1.0 - served[member, region]
            found[0, member, region] = here * dry
            found[1, member, region] = here * (1.0 - mains[member, region])
            found[2, member, region] = here * risers[member, region]
            found[3, member, region] = here * high[member, region]
            found[4, member, region] = here * less(more(sewage[member, region], 0.0), 1.0)
            for place in range(np.uintp(len(amounts))):
                found[5 + place, member, region] = here * (dry if litres[region] >= amounts[place] else 1.0)


@_compiled(None)
def put_causes(
    people: Floats, dry_street: Floats, dry_risers: Floats, dry_high_floors: Floats, into: npt.NDArray[np.floating]
) -> None:
    """Write people whose taps are dry by cause.

    Parameters
    ----------
    people
        People, shape ``(region,)``. [1]
    dry_street, dry_risers, dry_high_floors
        Shares of them, shape ``(3, member, region)``, and twice ``(member, region)``. [1]
    into
        Written, shape ``(member, region, cause)``. [1]
    """
    for member in range(np.uintp(dry_risers.shape[0])):
        for region in range(np.uintp(dry_risers.shape[1])):
            for cause in range(np.uintp(len(dry_street))):
                into[member, region, cause] = dry_street[cause, member, region] * people[region]
            into[member, region, 3] = dry_risers[member, region] * people[region]
            into[member, region, 4] = dry_high_floors[member, region] * people[region]
