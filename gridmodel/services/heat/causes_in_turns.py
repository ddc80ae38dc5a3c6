"""Why homes that heat themselves and stop with their power are cold, sub-queue by sub-queue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, for_loops
from gridmodel.services.heat import causes_loops
from gridmodel.services.heat.building import Settled
from gridmodel.services.heat.homes import Homes
from gridmodel.services.heat.supply import WHOLE
from gridmodel.services.heat.turns_line import BACKED as BACKED_ROW
from gridmodel.services.heat.turns_line import ELECTRIC
from gridmodel.services.heat.turns_step import TurnsStep
from gridmodel.services.layers import Layers, folded
from gridmodel.vocabulary import COLD_THRESHOLDS_C, HEAT_CAUSES

COLD = 2
"""Place of the threshold of `people_without_heat` among `COLD_THRESHOLDS_C`."""
COLD_C = COLD_THRESHOLDS_C[COLD]
"""Air below which a home counts as cold. [°C]"""
PLACE = {name: place for place, name in enumerate(HEAT_CAUSES)}
LINES = 4
"""Homes that are remembered. Ours: a run needs others when a layer is added, and two may be stepped in turn."""
OF_TURNS = tuple(PLACE[name] for name in ("home_without_power", "home_without_gas", "warming_up", "beyond_installed"))
"""Places of the causes that homes which stop with their power can have, in the order of `causes_loops`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InTurns:
    """Homes that heat themselves and stop with their power, and what their causes follow from."""

    homes: Homes
    turns: TurnsStep
    outdoor_c: Floats
    """Outdoors, of a shape that broadcasts to ``(member, region)``. [°C]"""
    fuel: Floats
    """Gas supply, likewise. [1]"""
    layers: Layers | None = None
    """Layers of these homes, whose arrays have columns of layers after those of regions; None without any."""

    def found(self) -> Floats | None:
        """Compute the share of cold homes by the causes of `OF_TURNS`, shape ``(cause, member, region)``. [1]

        Returns
        -------
        numpy.ndarray, optional
            None where none is cold.
        """
        if not self.turns.cold_share[COLD].any():
            return None
        found = _by_loop(self) if causes_loops.COMPILED else _in_turns(self)
        return found if self.layers is None else folded(found, self.layers)

    def add_to(self, share: Floats) -> None:
        """Add cold homes by cause, shape ``(member, region, cause)``. [1]"""
        found = self.found()
        if found is not None:
            for place, part in zip(OF_TURNS, found, strict=True):
                share[..., place] += part


def _in_turns(asked: InTurns) -> Floats:
    """Return cold homes that stop with their power by the cause of `OF_TURNS`, shape ``(cause, member, column)``. [1]

    The power of their own sub-queue counts.
    """
    turns = asked.turns
    cohorts, members, columns = turns.air_c.shape[1:]
    all_cells, all_cohorts = members * columns, cohorts * members * columns
    low = turns.cold_places
    row = low // all_cohorts
    of_cohort = low - row * all_cohorts  # places among values by cohort, of which each row has its own
    cell = of_cohort % all_cells

    def at_home(values: Floats) -> Floats:
        """Return values by cell for each cold home."""
        one = values.reshape(-1)
        return one if one.size == 1 else np.broadcast_to(values, (members, columns)).reshape(-1).take(cell)

    outdoor, heating, gains = (at_home(values) for values in _settling(asked))
    settles = Settled(outdoor=outdoor, heating=heating, gains=gains)
    gains_w, heating_w = turns.gains_w.reshape(-1).take(of_cohort), turns.heating_w.reshape(-1).take(low)
    warming = settles.air_c(heating_w, np.ones(()), gains_w) >= COLD_C
    power = turns.power.reshape(-1).take(of_cohort)
    backed = slice(*np.searchsorted(row, (BACKED_ROW, BACKED_ROW + 1)))
    power[backed] += turns.backup.reshape(-1).take(of_cohort[backed])
    cause = np.full(len(low), causes_loops.BEYOND_INSTALLED)
    cause[(row < ELECTRIC) & (at_home(_by_cell(asked.fuel)) < 1.0 - WHOLE)] = causes_loops.WITHOUT_GAS
    cause[power < 1.0 - WHOLE] = causes_loops.WITHOUT_POWER
    cause[warming] = causes_loops.WARMING_UP
    found = np.bincount(cause * all_cells + cell, weights=turns.cold_part, minlength=len(OF_TURNS) * all_cells)
    return np.asarray(found, dtype=float).reshape(len(OF_TURNS), members, columns)


def _by_loop(asked: InTurns) -> Floats:
    """Return what `_in_turns` returns, found home by home: the same bytes."""
    turns, shape = asked.turns, asked.turns.air_c.shape[-2:]
    by_outdoor, by_heating, by_gains = _line(asked.homes, shape)
    found, outdoor_c = np.zeros((len(OF_TURNS), shape[0] * shape[1])), np.empty(shape)
    no_gas = np.empty(shape, dtype=bool)
    np.multiply(by_outdoor, _by_cell(asked.outdoor_c), out=outdoor_c)
    np.less(_by_cell(asked.fuel), 1.0 - WHOLE, out=no_gas)
    causes_loops.add(
        (turns.cold_places, turns.cold_part, turns.heating_w.reshape(-1)),
        (turns.power.reshape(-1), turns.backup.reshape(-1), turns.gains_w.reshape(-1)),
        (outdoor_c.reshape(-1), by_heating, by_gains), no_gas.reshape(-1), (BACKED_ROW, ELECTRIC),
        (COLD_C, turns.power.dtype.type(1.0 - WHOLE)), found,
    )  # fmt: skip
    return found.reshape(len(OF_TURNS), *shape)


_LINES: dict[tuple[int, tuple[int, ...]], tuple[Homes, tuple[Floats, Floats, Floats]]] = {}
"""Where the latest homes settle, which are kept so that no others take their numbers."""


def _line(homes: Homes, shape: tuple[int, ...]) -> tuple[Floats, Floats, Floats]:
    """Return where buildings settle per unit of outdoor air, and of heating and gains, these of every cell."""
    key = (id(homes), shape)
    if key not in _LINES:
        while len(_LINES) >= LINES:
            del _LINES[next(iter(_LINES))]
        line = homes.own_settled
        heating, gains = (for_loops(_by_cell(one), shape) for one in (line.heating, line.gains))
        _LINES[key] = homes, (_by_cell(line.outdoor), heating, gains)
    return _LINES[key][1]


def _settling(asked: InTurns) -> tuple[Floats, Floats, Floats]:
    """Return where buildings settle: by outdoor air, in °C, and per unit of heating and gains; two axes each.

    Weather is multiplied by cell, of which there are fewer than homes.
    """
    line = asked.homes.own_settled
    return _by_cell(line.outdoor) * _by_cell(asked.outdoor_c), _by_cell(line.heating), _by_cell(line.gains)


def _by_cell(values: Floats) -> Floats:
    """Return values that broadcast to ``(member, column)`` as two axes."""
    return values.reshape(values.shape[-2:]) if values.ndim > 1 else values.reshape(1, -1)
