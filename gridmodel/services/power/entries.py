"""Entries of the log of cascades: plant, regions and branches that are lost, shed, tripped, or back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.dispatch.frequency import NOMINAL_HZ
from gridmodel.dispatch.merit import gather
from gridmodel.services.power.system import PowerSystem
from gridmodel.vocabulary import CASCADE_STEPS, TECHNOLOGIES

TOLERANCE_MW = 1e-6
"""Imbalance up to which an island counts as balanced. [MW] Ours: far below one consumer."""
LEAST_ENTRY_MW = 0.1
"""Least entry of the log. [MW] Ours: no dispatcher sees less. Units without headroom but for rounding give up to
0.001 MW of reserve, the smallest that have some up to 0.1; what relays shed and units that trip are 0.3 MW and more."""


@dataclass(slots=True)
class Log:
    """Entries of a step: arrays that are joined when the result is made."""

    parts: list[dict[str, npt.NDArray[np.generic]]] = field(default_factory=list)

    def add(
        self, mechanism: str, mw: Floats, *, rows: Ints, places: Ints, number: int,
        technologies: Ints | None = None, hz: Floats | None = None, noted: Bools | None = None,
    ) -> None:  # fmt: skip
        """Note every value of at least `LEAST_ENTRY_MW`, or those that are chosen.

        Parameters
        ----------
        mechanism
            One of `CASCADE_STEPS`.
        mw
            Shape ``(row, place)``. [MW]
        rows
            Position of each row's member, shape ``(row,)``.
        places
            Region of each place, -1 for a border, shape ``(place,)``.
        number
            Number of the round.
        technologies
            Technology of each place, -1 for none, shape ``(place,)``.
        hz
            Frequency, shape ``(row, place)``. [Hz]
        noted
            True for entries, however small, shape ``(row, place)``; None for all that are large enough.
        """
        row, place = np.nonzero(mw >= LEAST_ENTRY_MW if noted is None else noted)
        none = np.full(mw.shape[1], -1)
        self.parts.append({
            "row": rows[row],
            "number": np.full(len(row), number),
            "mechanism": np.full(len(row), CASCADE_STEPS.index(mechanism)),
            "place": places[place],
            "technology": (none if technologies is None else technologies)[place],
            "mw": mw[row, place],
            "hz": np.full(len(row), np.nan) if hz is None else hz[row, place],
        })  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """Log of one round for some members."""

    log: Log
    system: PowerSystem
    rows: Ints
    """Position of each row's member, shape ``(row,)``."""
    number: int
    """Number of the round, -1 for what returns."""

    def take(self, rows: Ints, number: int) -> Notes:
        """Return the same log for some of the rows and another round."""
        return replace(self, rows=self.rows[rows], number=number)

    def regions(self, mechanism: str, mw: Floats, hz: Floats) -> None:
        """Note load by region, ``(row, region)``, with its frequency. [MW], [Hz]"""
        self.log.add(mechanism, mw, rows=self.rows, places=np.arange(mw.shape[1]), number=self.number, hz=hz)

    def branches(self, mechanism: str, mw: Floats) -> None:
        """Note flows, ``(row, branch)``, by the region of the branch's first end that has one. [MW]"""
        ends = self.system.index.branch_region
        region = np.where(ends[:, 0] >= 0, ends[:, 0], ends[:, 1])
        count = self.system.grid.regions
        by_region = gather(mw, np.where(region < 0, count, region), count + 1)
        places = np.append(np.arange(count), -1)
        self.log.add(mechanism, by_region, rows=self.rows, places=places, number=self.number)

    def plant(self, mechanism: str, mw: Floats, hz: Floats | None = None, *, noted: Bools | None = None) -> None:
        """Note power of generators, ``(row, generator)``, by region and technology, interconnectors as one. [MW]

        An entry has the lowest frequency of its generators. Those that `noted` marks are entries however small.
        """
        index, kinds = self.system.index, len(TECHNOLOGIES)
        own = index.technology >= 0
        cells = self.system.grid.regions * kinds
        cell = np.where(own, index.generator_region * kinds + index.technology, cells)
        places = np.append(np.arange(cells) // kinds, -1)
        technologies = np.append(np.arange(cells) % kinds, -1)
        lowest = None
        if hz is not None:
            lowest = np.full((len(mw), cells + 1), NOMINAL_HZ)
            order = np.argsort(cell, kind="stable")
            found, starts = np.unique(cell[order], return_index=True)
            lowest[:, found] = np.minimum.reduceat(hz[:, order], starts, axis=1)
        self.log.add(
            mechanism, gather(mw, cell, cells + 1), rows=self.rows, places=places, number=self.number,
            technologies=technologies, hz=lowest,
            noted=None if noted is None else gather(noted.astype(float), cell, cells + 1) > 0,
        )  # fmt: skip
