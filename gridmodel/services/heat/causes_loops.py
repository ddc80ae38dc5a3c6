"""Loops over cold homes: what `gridmodel.services.heat.causes` asks of all of them, home by home.

They wait for numba to compile them once per installation. Every line is one of + − × ÷ or a comparison in the order of
its numpy twin: the bytes are the same.
"""

# ruff: noqa: C901, PLR0912 - a loop is one function

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 4_000
"""Fewest rooms on district heat, in all cells, that loops serve. Ours: as `rooms_loops.LEAST`."""
WITHOUT_POWER, WITHOUT_GAS, WARMING_UP, BEYOND_INSTALLED = range(4)
"""Rows of what is found."""

_compiled = compiler(__file__)


@_compiled(None)
def add(  # noqa: PLR0917 - numba takes no keywords
    homes: tuple[Ints, Floats, Floats], by_cohort: tuple[Floats, Floats, Floats],
    settles: tuple[Floats, Floats, Floats], no_gas: Bools, rows: tuple[int, int], limits: tuple[float, np.floating],
    found: Floats,
) -> None:  # fmt: skip
    """Add cold homes to the first cause that applies to them.

    Parameters
    ----------
    homes
        Places of cold homes in a flat array by row, cohort and cell; people of each; and heating of all homes by place.
        [1], [W/m²]
    by_cohort
        Homes with power, backup and gains, by cohort and cell. [1], [1], [W/m²]
    settles
        Where buildings settle: by outdoor air, in °C, and per unit of heating and gains, by cell. [K m²/W]
    no_gas
        Cells in which gas is short.
    rows
        Row of boilers with backup, and the first row that burns no gas.
    limits
        Air below which homes are cold, and power below which it is short. [°C], [1]
    found
        Changed: people by cause and cell, shape ``(4, cell)``. [1]
    """
    (low, people, heating_w), (power, backup, gains_w), (outdoor_c, by_heating, by_gains) = homes, by_cohort, settles
    # numbers without a sign: places are not looked at from the end
    cells, cohorts, count, last = np.uintp(found.shape[1]), np.uintp(len(power)), np.uintp(len(low)), np.uintp(0)
    while last < count:  # homes of a cohort of a row at once: a division takes as long as all the rest
        first, row = last, np.uintp(low[last]) // cohorts
        begin, of_row = np.uintp(low[last]) // cells * cells, row * cohorts
        backed, burns = row == np.uintp(rows[0]), row < np.uintp(rows[1])
        while last < count and np.uintp(low[last]) < begin + cells:
            last += np.uintp(1)
        for n in range(first, last):
            home = np.uintp(low[n])
            cell, of_cohort = home - begin, home - of_row
            air_c = outdoor_c[cell] + by_heating[cell] * heating_w[home] + by_gains[cell] * gains_w[of_cohort]
            if air_c >= limits[0]:
                found[WARMING_UP, cell] += people[n]
                continue
            on = power[of_cohort]
            if backed:
                on += backup[of_cohort]
            if on < limits[1]:
                found[WITHOUT_POWER, cell] += people[n]
            elif burns and no_gas[cell]:
                found[WITHOUT_GAS, cell] += people[n]
            else:
                found[BEYOND_INSTALLED, cell] += people[n]


@_compiled(None)
def add_cut_off(  # noqa: PLR0917 - numba takes no keywords
    some: Bools, homes: tuple[Floats, Floats], broken: Bools, way: tuple[Floats, ...], share: tuple[Floats, Floats],
    cold_c: float, places: tuple[int, int, int], found: Floats,
) -> None:  # fmt: skip
    """Add cold homes on district heat that water does not reach, or no longer.

    Parameters
    ----------
    some
        Cells with cold homes, shape ``(cell,)``.
    homes
        People, and the air of their homes, by state without heat and archetype, shape ``(state, archetype, cell)``.
        [1], [°C]
    broken
        True for states in which pipes are broken, shape ``(state,)``.
    way
        Fields of `causes.Way` in their order, each of shape ``(cell,)``. [1]
    share
        Share of homes that wait for heat with whole pipes, and of those with broken ones, same shape. [1]
    cold_c
        Air below which homes are cold. [°C]
    places
        Columns of the first cause on the way, of broken pipes, and of homes that wait to be reconnected.
    found
        Changed: people by cell and cause, shape ``(cell, cause)``. [1]
    """
    (people, air_c), (source, powered, filled, network, reach, held), (whole, burst) = homes, way, share
    first, pipes_burst, not_reconnected = places
    for cell in range(len(some)):
        if not some[cell]:
            continue
        waits, lies = 0.0, 0.0
        for state in range(len(broken)):
            cold = 0.0
            for kind in range(people.shape[1]):
                if air_c[state, kind, cell] < cold_c:
                    cold += people[state, kind, cell]
            if broken[state]:
                lies += cold
            else:
                waits += cold
        on = source[cell] * powered[cell]
        wet = on * filled[cell]
        without = 1.0 - wet * network[cell]
        kept = min(max((1.0 - reach[cell]) / without, 0.0), 1.0) if without > 0.0 else 0.0
        reasons = (
            (1.0 - source[cell]) * kept, source[cell] * (1.0 - powered[cell]) * kept, on * (1.0 - filled[cell]) * kept,
            wet * (1.0 - network[cell]) * kept, max(reach[cell] - held[cell], 0.0),
        )  # fmt: skip
        gone = reasons[0] + reasons[1] + reasons[2] + reasons[3] + reasons[4]
        far_waits = min(max(gone - burst[cell], 0.0) / whole[cell], 1.0) if whole[cell] > 0.0 else 1.0
        far_lies = min(max(gone / burst[cell], 0.0), 1.0) if burst[cell] > 0.0 else 1.0
        far = waits * far_waits + lies * far_lies
        for reason in range(len(reasons)):
            found[cell, first + reason] += far * (reasons[reason] / gone if gone > 0.0 else 0.0)
        found[cell, pipes_burst] += lies * (1.0 - far_lies)
        found[cell, not_reconnected] += waits * (1.0 - far_waits)


@_compiled(None)
def add_connected(  # noqa: PLR0917 - numba takes no keywords
    some: Bools, homes: tuple[Floats, Floats], heat: tuple[Floats, Floats], archetypes: tuple[Floats, ...],
    cells: tuple[Floats, ...], cold_c: float, places: tuple[int, int, int, int], found: Floats,
) -> None:  # fmt: skip
    """Add cold homes in which water circulates.

    Parameters
    ----------
    some, cold_c, found
        As `add_cut_off` takes them.
    homes
        People, and the air of their homes, by heated state and archetype, shape ``(heated, archetype, cell)``.
        [1], [°C]
    heat
        Heat that they get, and that they need, same shape. [W/m²]
    archetypes
        Where buildings settle, by outdoor air, heating and gains; installed heating; and above 0 where a pump in the
        building moves the heat, each of shape ``(archetype, cell)``. [K/K], [K m²/W], [K m²/W], [W/m²], [1]
    cells
        Outdoors, gains, homes with power, the need of all, and up to which need sources can give it, each of shape
        ``(cell,)``. [°C], [W/m²], [1], [MW], [MW]
    places
        Columns of homes that warm up, whose pumps lack power, for which heat is short, and beyond what is installed.
    """
    (people, air_c), (heat_w, need_w) = homes, heat
    (by_outdoor, by_heating, by_gains, radiator_w, pump), (outdoor_c, gains_w, power, need_mw, most_mw) = (
        archetypes,
        cells,
    )
    for cell in range(len(some)):
        if not some[cell]:
            continue
        warms = lacks = short = rest = 0.0
        for state in range(len(people)):
            for kind in range(people.shape[1]):
                if not air_c[state, kind, cell] < cold_c:
                    continue
                settles_c = (
                    by_outdoor[kind, cell] * outdoor_c[cell] + by_heating[kind, cell] * heat_w[state, kind, cell]
                )
                if settles_c + by_gains[kind, cell] * gains_w[cell] >= cold_c:
                    warms += people[state, kind, cell]
                elif pump[kind, cell] > 0.0 and need_w[state, kind, cell] > power[cell] * radiator_w[kind, cell]:
                    lacks += people[state, kind, cell]
                elif need_mw[cell] > most_mw[cell]:
                    short += people[state, kind, cell]
                else:
                    rest += people[state, kind, cell]
        found[cell, places[0]] += warms
        found[cell, places[1]] += lacks
        found[cell, places[2]] += short
        found[cell, places[3]] += rest


@_compiled(None)
def add_own(  # noqa: PLR0917 - numba takes no keywords
    homes: tuple[Floats, Floats, Floats], settles: tuple[Floats, Floats, Floats],
    cells: tuple[Floats, Floats, Floats, Floats, Floats], needs: tuple[Bools, Bools], backed: int,
    limits: tuple[float, float], places: tuple[int, int, int, int], found: Floats,
) -> None:  # fmt: skip
    """Add cold homes that heat themselves.

    Parameters
    ----------
    homes
        People, the air of their homes, and their heating, by kind, shape ``(own, cell)``. [1], [°C], [W/m²]
    settles
        Where their buildings settle, by outdoor air, heating and gains, each of shape ``(cell,)``. [K/K], [K m²/W]
    cells
        Outdoors, gains, homes with power, share of the step for which backup runs boilers, and gas supply, each of
        shape ``(cell,)``. [°C], [W/m²], [1]
    needs
        Kinds that need power, and those that need gas, each of shape ``(own,)``.
    backed
        Kind with backup, -1 without any.
    limits
        Air below which homes are cold, and power and gas below which they are short. [°C], [1]
    places
        Columns of the causes of `causes.OF_OWN`.
    found
        Changed: people by cell and cause, shape ``(cell, cause)``. [1]
    """
    (people, air_c, heating_w), (by_outdoor, by_heating, by_gains) = homes, settles
    (outdoor_c, gains_w, power, backup, fuel), (needs_power, needs_gas), (cold_c, whole) = cells, needs, limits
    for cell in range(people.shape[1]):
        warms = lacks = short = rest = 0.0
        for kind in range(len(people)):
            if not air_c[kind, cell] < cold_c:
                continue
            settles_c = by_outdoor[cell] * outdoor_c[cell] + by_heating[cell] * heating_w[kind, cell]
            on = power[cell] + backup[cell] if kind == backed else power[cell]
            if settles_c + by_gains[cell] * gains_w[cell] >= cold_c:
                warms += people[kind, cell]
            elif needs_power[kind] and on < whole:
                lacks += people[kind, cell]
            elif needs_gas[kind] and fuel[cell] < whole:
                short += people[kind, cell]
            else:
                rest += people[kind, cell]
        found[cell, places[0]] += warms
        found[cell, places[1]] += lacks
        found[cell, places[2]] += short
        found[cell, places[3]] += rest


@_compiled(None)
def put(
    people: npt.NDArray[np.floating], share: Floats, added: Floats, places: tuple[int, int, int, int],
    population: Floats,
) -> None:  # fmt: skip
    """Write people of cold homes by cause.

    Parameters
    ----------
    people
        Written, shape ``(member, region, cause)``. [1]
    share
        Share of homes by cell and cause, shape ``(cell, cause)``. [1]
    added
        Those that stop with their power by the causes of `add`, which are added, shape ``(4, cell)``; of length 0
        without any. [1]
    places
        Columns of these causes.
    population
        People, shape ``(region,)``. [1]
    """
    members, regions, causes = people.shape
    of_cell, cell = np.empty(causes), np.uintp(0)
    for member in range(np.uintp(members)):
        for region in range(np.uintp(regions)):
            for cause in range(np.uintp(causes)):
                of_cell[cause] = share[cell, cause]
            for row in range(np.uintp(len(added))):
                of_cell[places[row]] += added[row, cell]
            for cause in range(np.uintp(causes)):
                people[member, region, cause] = of_cell[cause] * population[region]
            cell += np.uintp(1)
