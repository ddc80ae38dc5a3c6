"""Loops over homes that heat themselves: what `gridmodel.services.heat.own_step` does array by array, home by home.

They wait for numba to compile them once per installation. Every line is one of + − × ÷ or a comparison in the order of
its numpy twin, and logarithms stay with numpy: the bytes are the same. All values of a block of cells lie in one array,
as in `gridmodel.services.heat.turns_loops`, which does the same in single precision for homes that take turns.
"""

# ruff: noqa: FURB136, PLR0915 - the functions min and max of numba look for NaN first; a loop is one function
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, available, compiler
from gridmodel.services.heat import block_loops
from gridmodel.services.heat.block_loops import WIDTH, load, store

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 4_000
"""Fewest homes, by kind and cell, that the loops serve. Ours: as `rooms_loops.LEAST`."""
FIELDS = (
    "air_mass", "air_heating", "air_gains", "mass_mass", "mass_heating", "mass_gains", "set_c", "settled_c",
    "installed_w", "of_stove_w", "at_once", "more_at_length", "falls", "by_fall", "lag_h", "stays", "moves",
    "steps_of_lag", "lags_of_step", "gains_for_heating",
)  # fmt: skip
"""Rows of a table of buildings and settings."""
_AIR_MASS, _AIR_HEATING, _AIR_GAINS, _MASS_MASS, _MASS_HEATING, _MASS_GAINS, _SET, _SETTLED, _INSTALLED = range(9)
_OF_STOVE, _AT_ONCE, _MORE, _FALLS, _BY_FALL, _LAG, _STAYS, _MOVES, _STEPS, _LAGS, _FOR_HEATING = range(9, 20)
_OF_AIR, _OF_MASS, _COOKER, _BEFORE, _RADIATOR, _HEATER, _ON, _LOG = range(20, 28)
_BARE, _WANTED, _ASKED, _PUSH, _AWAY, _ENDS, _STORE, _HALF_FALL, _QUOTIENT = range(28, 37)
_GIVEN, _MADE, _AFTER, _AIR, _MASS, _LACKS, _COLD = range(37, 44)
_VALUES = 44
"""Rows of a block: buildings and settings, what acts on homes, what they ask, and what follows."""

_compiled = compiler(__file__, block_loops.__file__)


@_compiled(None)
def _load_cells(block: Floats, by_cell: tuple[Floats, Floats, Floats], first: int, cells: int, count: int) -> None:
    """Copy what is the same for all homes of a cell into a block."""
    table, constant, cooker_w = by_cell
    for field in range(_OF_AIR):
        load(block, field, table, field * cells + first, count)
    load(block, _OF_AIR, constant, first, count)
    load(block, _OF_MASS, constant, cells + first, count)
    load(block, _COOKER, cooker_w, first, count)


@_compiled(None)
def _load_homes(block: Floats, homes: tuple[Floats, Floats, Floats, Floats], first: int, count: int) -> None:
    """Copy homes of a kind before the step into a block."""
    mass_c, radiator_w, heater_w, on = homes
    load(block, _BEFORE, mass_c, first, count)
    load(block, _RADIATOR, radiator_w, first, count)
    load(block, _ON, on, first, count)
    if len(heater_w):
        load(block, _HEATER, heater_w, first, count)


@_compiled(None)
def _ask(block: Floats, falls_back: bool, heaters: bool) -> None:
    """Compute what homes of a block ask of boilers, and the quotients of which the logarithm is to be taken."""
    for k in range(WIDTH):
        before, installed, on = block[_BEFORE * WIDTH + k], block[_INSTALLED * WIDTH + k], block[_ON * WIDTH + k]
        air = block[_AIR_MASS * WIDTH + k] * before + block[_OF_AIR * WIDTH + k]
        burns = 1.0 if falls_back else on
        wanted = block[_SET * WIDTH + k] - air
        wanted /= block[_AT_ONCE * WIDTH + k] + burns * block[_MORE * WIDTH + k]
        if heaters:
            wanted -= block[_HEATER * WIDTH + k]
        wanted = wanted if wanted > 0.0 else 0.0
        asked, able = (wanted if wanted < installed else installed) * on, installed * on
        mass = (block[_MASS_MASS * WIDTH + k] * before + block[_OF_MASS * WIDTH + k]) + block[
            _MASS_HEATING * WIDTH + k
        ] * wanted
        falls = (mass - before) * block[_FALLS * WIDTH + k]
        falls *= 1.0 if (on >= 1.0) & (wanted < installed) else 0.0
        most = asked * block[_STEPS * WIDTH + k]
        falls = falls if falls > 0.0 else 0.0
        falls = falls if falls < most else most
        store = falls * block[_LAGS * WIDTH + k]
        falls *= 0.5
        beyond = (block[_RADIATOR * WIDTH + k] - falls) - asked
        short = beyond < 0.0
        push = (able - asked) * (1.0 if short else 0.0)
        push -= asked * (1.0 if (able >= installed) & (not short) else 0.0)
        push += store
        after = push * block[_MOVES * WIDTH + k] + beyond * block[_STAYS * WIDTH + k]
        after *= 1.0 if (after < 0.0) == short else 0.0
        hours = -(beyond / push)
        block[_QUOTIENT * WIDTH + k] = hours if hours > 0.0 else 0.0
        block[_BARE * WIDTH + k] = air
        block[_WANTED * WIDTH + k] = wanted
        block[_ASKED * WIDTH + k] = asked
        block[_PUSH * WIDTH + k] = push
        block[_AWAY * WIDTH + k] = beyond
        block[_ENDS * WIDTH + k] = after
        block[_STORE * WIDTH + k] = store
        block[_HALF_FALL * WIDTH + k] = falls


@_compiled(None)
def until_heated(
    homes: tuple[Floats, Floats, Floats, Floats], by_cell: tuple[Floats, Floats, Floats], shape: tuple[int, int],
    first_back: int, quotients: Floats,
) -> None:  # fmt: skip
    """Write the quotients that the time depends on for which boilers run at full: its logarithm is to be taken.

    Parameters
    ----------
    homes
        Mass and heat of radiators before the step, heaters that are on, of which there may be none, and the share of
        the step for which own heating runs, by kind and cell, as all arrays here in one axis. [°C], [W/m²], [W/m²], [1]
    by_cell
        Buildings and settings by `FIELDS` and cell; air and mass by outdoor air, gains and sun, likewise; and the most
        that cookers give. [°C], [W/m²]
    shape
        Number of kinds and of cells.
    first_back
        First kind with a stove to fall back on; the others follow.
    quotients
        Written, a block of `WIDTH` after the other.
    """
    kinds, cells = shape
    block, at = np.zeros(_VALUES * WIDTH), 0
    for first in range(0, cells, WIDTH):
        count = min(WIDTH, cells - first)
        _load_cells(block, by_cell, first, cells, count)
        for kind in range(kinds):
            _load_homes(block, homes, kind * cells + first, count)
            _ask(block, kind >= first_back, len(homes[2]) > 0)
            store(block, _QUOTIENT, quotients, at, WIDTH)
            at += WIDTH


@_compiled(None)
def _give(block: Floats, step: float, per_step: float) -> None:
    """Compute what boilers of a block make, and what their radiators give."""
    for k in range(WIDTH):
        hours = block[_LOG * WIDTH + k] * block[_LAG * WIDTH + k]
        hours = hours if hours > 0.0 else 0.0
        hours = hours if hours < step else step
        push = block[_PUSH * WIDTH + k] * hours * per_step + block[_ASKED * WIDTH + k]
        ends = block[_ENDS * WIDTH + k]
        block[_GIVEN * WIDTH + k] = (block[_AWAY * WIDTH + k] - ends) * block[_LAGS * WIDTH + k] + push
        block[_MADE * WIDTH + k] = push - block[_STORE * WIDTH + k]
        block[_AFTER * WIDTH + k] = (ends + block[_ASKED * WIDTH + k]) - block[_HALF_FALL * WIDTH + k]


@_compiled(None)
def _burn(block: Floats) -> None:
    """Add the heat of stoves that homes of a block fall back on."""
    for k in range(WIDTH):
        given, boiler = block[_GIVEN * WIDTH + k], block[_MADE * WIDTH + k]
        idle, held = 1.0 - block[_ON * WIDTH + k], given - boiler
        held = held if held > 0.0 else 0.0
        stove = idle * block[_WANTED * WIDTH + k] - held
        stove = stove if stove > 0.0 else 0.0
        most = idle * block[_OF_STOVE * WIDTH + k]
        stove = stove if stove < most else most
        block[_GIVEN * WIDTH + k] = given + stove
        block[_MADE * WIDTH + k] = boiler + stove


@_compiled(None)
def _warm(block: Floats, heaters: bool, stove: bool) -> None:
    """Compute rooms of a block, and what heaters would have to add."""
    for k in range(WIDTH):
        heating, before = block[_AIR_HEATING * WIDTH + k], block[_BEFORE * WIDTH + k]
        bare = block[_BARE * WIDTH + k]
        bare += block[_BY_FALL * WIDTH + k] * (block[_RADIATOR * WIDTH + k] - block[_AFTER * WIDTH + k])
        if stove:
            block[_GIVEN * WIDTH + k] = block[_MADE * WIDTH + k] = block[_ASKED * WIDTH + k]
        heat = block[_GIVEN * WIDTH + k]
        air = heating * heat + bare
        lacks = block[_SETTLED * WIDTH + k] - air
        if heaters:
            air += heating * block[_HEATER * WIDTH + k]
            heat += block[_HEATER * WIDTH + k]
        mass = (block[_MASS_MASS * WIDTH + k] * before + block[_OF_MASS * WIDTH + k]) + block[
            _MASS_HEATING * WIDTH + k
        ] * heat
        block[_COLD * WIDTH + k] = 1.0 if lacks > 0.0 else 0.0
        lacks /= block[_AIR_GAINS * WIDTH + k]
        lacks = lacks if lacks > 0.0 else 0.0
        cooker = lacks if lacks < block[_COOKER * WIDTH + k] else block[_COOKER * WIDTH + k]
        block[_AIR * WIDTH + k] = air + block[_AIR_GAINS * WIDTH + k] * cooker
        block[_MASS * WIDTH + k] = mass + cooker * block[_MASS_GAINS * WIDTH + k]
        block[_LACKS * WIDTH + k] = (lacks - cooker) * block[_FOR_HEATING * WIDTH + k]


@_compiled(None)
def heated(  # noqa: PLR0917 - numba takes no keywords
    homes: tuple[Floats, Floats, Floats, Floats], by_cell: tuple[Floats, Floats, Floats], shape: tuple[int, int],
    rows: tuple[int, int], steps: tuple[float, float], logarithms: Floats, made: tuple[Floats, ...],
) -> int:  # fmt: skip
    """Write rooms, radiators and boilers at the end of the step, and return how many homes are too cold for people.

    Parameters
    ----------
    homes, by_cell, shape
        As in `until_heated`.
    rows
        Kind of stoves without radiators, and the first kind with a stove to fall back on; the others follow.
    steps
        Length of the step, and one over it. [h], [1/h]
    logarithms
        Logarithms of one and the quotients.
    made
        Written, by kind and cell: air, mass, what heating makes, what radiators give, and what heaters would have to
        add. [°C], [°C], [W/m²], [W/m²], [W/m²]
    """
    (kinds, cells), (air_c, mass_c, heating_w, radiator_w, missing_w) = shape, made
    block, at, cold, heaters = np.zeros(_VALUES * WIDTH), 0, 0, len(homes[2]) > 0
    for first in range(0, cells, WIDTH):
        count = min(WIDTH, cells - first)
        _load_cells(block, by_cell, first, cells, count)
        for kind in range(kinds):
            home = kind * cells + first
            _load_homes(block, homes, home, count)
            load(block, _LOG, logarithms, at, WIDTH)
            at += WIDTH
            _ask(block, kind >= rows[1], heaters)
            _give(block, steps[0], steps[1])
            if kind >= rows[1]:
                _burn(block)
            _warm(block, heaters, kind == rows[0])
            for k in range(count):
                cold += 1 if block[_COLD * WIDTH + k] > 0.0 else 0
            store(block, _AIR, air_c, home, count)
            store(block, _MASS, mass_c, home, count)
            store(block, _MADE, heating_w, home, count)
            store(block, _AFTER, radiator_w, home, count)
            store(block, _LACKS, missing_w, home, count)
    return cold
