"""Loops over cold rooms: what `heaters.plugged_in` and `rooms.plugged` do array by array, the same bytes.

They wait for numba to compile them once per installation. Every line is one of + − × ÷ or a comparison in the order of
its numpy twin; exponentials stay with numpy, since those of a compiler may differ in the last bit.
"""

from __future__ import annotations

from gridmodel.arrays import Floats, Ints, available, compiler
from gridmodel.services.heat import rooms_loops
from gridmodel.services.heat.rooms_loops import above_mean

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 4_000
"""Fewest rooms, in all members and regions, that the loops serve. Ours: as `rooms_loops.LEAST`."""

_compiled = compiler(__file__, rooms_loops.__file__)


@_compiled(None)
def lacking(  # noqa: PLR0917 - numba takes no keywords
    missing_w: Floats, share: Floats, rooms: tuple[Floats, ...], kinds: tuple[Floats, Floats, Floats],
    by_cell: tuple[Floats, Floats, Floats, Floats], times_h: tuple[float, float, float], hours: Floats,
    found: tuple[Ints, Ints, Floats, Floats],
) -> int:  # fmt: skip
    """Find the rooms that are colder than people accept, for how long they have been, and what they will lack.

    Parameters
    ----------
    missing_w
        Heater power that they lack, mean of the step, shape ``(state, kind, cell)``. [W/m²]
    share
        Homes by state, shape ``(state, cell)``. [1]
    rooms
        Hours in the cold before the step; heating; radiators before it and at its end; walls before it and at its end;
        and heaters, each of the shape of what is missing. [h], [W/m²], [°C]
    kinds
        `Course.at_length`, `Course.per_wall_w` and `Course.by_heating_k`, shape ``(kind, cell)``, or ``(1, cell)`` if
        all kinds are alike; without any rows of the last, as much is missing in the next step.
    by_cell
        Power; time for which radiators store heat, in steps; what of the heat that they are ahead of their heating they
        give on in a step, its mean and at its end, each of shape ``(cell,)``. [1]
    times_h
        Length of the step, and `heaters.DELAY_H` and `heaters.UPTAKE_H`. [h]
    hours
        Changed: hours in the cold at the end of the step, zeros before, shape ``(room,)``. [h]
    found
        Written: cells of cold rooms; their places in the flat array of rooms; what they lack in the next step; and
        minus the hours of uptake before it and at its end over its time constant, two numbers each. [W/m²], [1]

    Returns
    -------
    int
        Number of rooms that are found.
    """
    cold_h, heating_w, before_w, after_w, walls_before_c, walls_c, heater_w = rooms
    (at_length, per_wall_w, by_heating_k), (power, lag, ahead_mean, ahead_end) = kinds, by_cell
    (step_h, delay_h, uptake_h), (where, places, lacks_w, exponents) = times_h, found
    count, known = 0, len(by_heating_k) > 0
    states, archetypes, cells = missing_w.shape
    for state in range(states):
        for kind in range(archetypes):
            row, begin = kind if len(at_length) > 1 else 0, count
            for cell in range(cells):  # without a branch, which a processor would guess wrong
                where[count] = cell
                count += int(missing_w[state, kind, cell] > 0.0) & int(share[state, cell] > 0.0)
            for n in range(begin, count):
                cell = where[n]
                at = state, kind, cell
                lacks, heating, before, after = missing_w[at], heating_w[at], before_w[at], after_w[at]
                per_wall, walls_k = per_wall_w[row, cell], walls_c[at] - walls_before_c[at]
                given = heating - (after - before) * lag[cell]
                mean = lacks + (at_length[row, cell] - 1.0) * (lacks - heater_w[at] * power[cell])
                half = 0.5 * per_wall * walls_k
                ends = mean + given - half
                first, last = mean + given + half - before, ends - after
                cold = cold_h[at] + step_h if last > 0.0 else 0.0
                if first < 0.0 and last > 0.0:
                    cold = step_h * (last / (last - first))
                if known:
                    ahead = after - heating
                    then_k = walls_k + by_heating_k[row, cell] * (heating + ahead * ahead_mean[cell] - given)
                    following = ends - per_wall * then_k - heating - ahead * ahead_end[cell]
                    lacks = above_mean(min(last, following), max(last, following))
                places[n], lacks_w[n] = (state * archetypes + kind) * cells + cell, lacks
                hours[places[n]] = cold
                exponents[2 * n] = -max(cold - delay_h, 0.0) / uptake_h
                exponents[2 * n + 1] = -max(cold + step_h - delay_h, 0.0) / uptake_h
    return count


@_compiled(None)
def plug_in(  # noqa: PLR0917 - numba takes no keywords
    count: int, found: tuple[Ints, Ints, Floats, Floats], hours: Floats, heaters: tuple[Floats, Floats, Floats],
    times_h: tuple[float, float, float], wanted_w: Floats,
) -> None:  # fmt: skip
    """Write the heater power that homes of cold rooms want.

    Parameters
    ----------
    count, found, hours, times_h
        What `lacking` returns and writes, with exponentials in place of their exponents, and its times.
    heaters
        Most homes that plug one in, most that a heater draws, and share of them that draw at the same time, each of
        shape ``(cell,)``. [1], [W/m²], [1]
    wanted_w
        Changed: heater power, zeros before, shape ``(room,)``. [W/m²]
    """
    (where, places, lacks_w, stays), (most, most_w, diversity), (step_h, delay_h, uptake_h) = found, heaters, times_h
    for n in range(count):
        cell, cold = where[n], hours[places[n]]
        first, last = max(cold - delay_h, 0.0), max(cold + step_h - delay_h, 0.0)
        without = uptake_h * (stays[2 * n] - stays[2 * n + 1])
        share = most[cell] * (last - first - without) / step_h
        wanted_w[places[n]] = share * min(max(lacks_w[n], 0.0), most_w[cell]) * diversity[cell]


@_compiled(None)
def plugged(weight: Floats, heater_w: Floats, drawn_w: Floats, using: Floats) -> None:
    """Add heaters of rooms.

    Parameters
    ----------
    weight
        Share of a region's homes, shape ``(room, cell)``. [1]
    heater_w
        Their heaters, same shape. [W/m²]
    drawn_w, using
        Changed: heater power, and share of homes with one, shape ``(cell,)`` each. [W/m²], [1]
    """
    for room in range(len(weight)):
        for cell in range(weight.shape[1]):
            drawn_w[cell] += heater_w[room, cell] * weight[room, cell]
            using[cell] += weight[room, cell] if heater_w[room, cell] > 0.0 else 0.0
