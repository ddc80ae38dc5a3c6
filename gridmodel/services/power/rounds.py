"""The minute after a loss: islands balance, relays shed, overloaded branches trip, until nothing more does."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import Topology
from gridmodel.dispatch.frequency import (
    NOMINAL_HZ,
    Response,
    blocks_mw,
    overloaded,
    running_mw,
    stage_hz,
    stage_shares,
    swing,
)
from gridmodel.dispatch.islands import flows
from gridmodel.dispatch.merit import gather, ratio
from gridmodel.sampling import Settings
from gridmodel.services.power.system import PowerSystem
from gridmodel.vocabulary import CASCADE_STEPS, TECHNOLOGIES, TIERS

TOLERANCE_MW = 1e-6
"""Imbalance that counts as none. [MW] Ours."""
CRITICAL = TIERS.index("critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The step before an event, as it was served."""

    generation_mw: Floats
    """Shape ``(member, generator)``. [MW]"""
    available_mw: Floats
    """What generators could give, shape ``(member, generator)``. [MW]"""
    served_mw: Floats
    """Shape ``(member, load)``. [MW]"""
    flow_mw: Floats
    """Shape ``(member, branch)``. [MW]"""

    def take(self, rows: Ints) -> Before:
        """Some of the members."""
        return Before(**{name: getattr(self, name)[rows] for name in self.__slots__})


@dataclass(slots=True)
class Log:
    """What happened, entry by entry: arrays that are joined when the result is made."""

    parts: list[dict[str, npt.NDArray[np.generic]]] = field(default_factory=list)

    def add(
        self, mechanism: str, mw: Floats, *, rows: Ints, places: Ints, number: int,
        technologies: Ints | None = None, hz: Floats | None = None,
    ) -> None:  # fmt: skip
        """Note every value that is not nothing.

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
            Round.
        technologies
            Technology of each place, -1 for none, shape ``(place,)``.
        hz
            Frequency, shape ``(row, place)``. [Hz]
        """
        row, place = np.nonzero(mw > TOLERANCE_MW)
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


MOST_STAGES = 20
"""Stages of relays that there is room for where members have their own number of them: the most that may be set."""
_ANSWERS = ("reserve_lag_s", "reserve_full_hz", "load_relief_per_hz", "relay_delay_s", "unit_trip_hz")


def most_stages(settings: Settings) -> int:
    """Room for stages of relays, the same for every member in any company."""
    stages = settings.of("relay_stages", 0)
    return MOST_STAGES if stages.ndim else int(stages)


def response_of(settings: Settings, rows: Ints) -> Response:
    """How load, reserve and protection answer for some members, a case each."""
    first, last, stages = (
        settings.of_rows(name, rows, 0) for name in ("relay_first_hz", "relay_last_hz", "relay_stages")
    )
    return Response(
        relay_hz=stage_hz(*np.broadcast_arrays(first, last, stages), most=most_stages(settings)),
        **{name: settings.of_rows(name, rows, 0) for name in _ANSWERS},
    )


class Shock:
    """The course of one event for the members that it strikes.

    Parameters
    ----------
    plan
        What is run.
    rows
        Positions of the struck members.
    before
        How they were served, by row.
    kept
        Share of what each generator had that the event leaves, shape ``(row, generator)``. [1]
    share
        Rating that each branch has left, shape ``(row, branch)``. [1]
    """

    def __init__(self, system: PowerSystem, rows: Ints, before: Before, *, kept: Floats, share: Floats) -> None:
        self.system, self.rows, self.share = system, rows, share.copy()
        self.log = Log()
        plant, grid = system.fleet, system.grid
        self._full = system.options.cascade == "full"
        self._response = response_of(system.settings, rows)
        self.output = before.generation_mw * kept
        available = before.available_mw * kept
        battery = plant.charges & (plant.inertia_s <= 0)
        runs = np.where(battery, available, running_mw(self.output, available, plant.unit_mw))
        runs[:, plant.border] = 0.0
        answers = (plant.inertia_s > 0) | battery
        self.reserve = np.where(
            answers, np.clip(runs - self.output, 0.0, self._of("primary_reserve_share", 1) * runs), 0.0
        )
        self.kinetic = plant.inertia_s * runs
        self.given = np.zeros(self.output.shape)
        ties = plant.border & (available > 0)
        self.tie_most = np.where(ties, self._of("tie_overload_factor", 1) * plant.p_max_mw * kept, 0.0)
        served = before.served_mw.reshape(len(rows), grid.regions, len(TIERS))
        self.load = row_sum(served)
        self._free = np.maximum(self.load - served[..., CRITICAL], 0.0)
        taken = (self._of(name, 1) for name in ("relay_first_share", "relay_share", "relay_stages"))
        shares = stage_shares(*np.broadcast_arrays(*taken), most=most_stages(system.settings))
        self._block = blocks_mw(self.load, self._free, shares)
        self.stages = np.zeros(self._block.shape, dtype=bool)
        self.hz = np.full(self.load.shape, NOMINAL_HZ)
        self.nadir = np.full(len(rows), NOMINAL_HZ)
        self.black = np.zeros(self.output.shape, dtype=bool)
        self.dark = np.zeros(self.load.shape, dtype=bool)
        self.opened = np.zeros(self.output.shape, dtype=bool)
        self.tripped = np.zeros(self.share.shape, dtype=bool)
        self._note_loss(before, kept)

    def _of(self, name: str, axes: int, rows: Ints | slice = slice(None)) -> Floats:
        """Value of a setting for the struck members, or some rows of them."""
        return self.system.settings.of_rows(name, self.rows[rows], axes)

    @property
    def relay_share(self) -> Floats:
        """Share of load that is not critical which relays took, shape ``(row, region)``. [1]"""
        return np.minimum(ratio(row_sum(self._block * self.stages), self._free), 1.0)

    def run(self) -> Shock:
        """Go through rounds until no branch trips; each round takes out at least one, so it ends."""
        active = np.arange(len(self.rows))
        number = 0
        while len(active):
            flow = np.empty((len(active), self.share.shape[1]))
            for part, topology in self.system.dispatcher.by_topology(self.share[active]):
                flow[part] = self._settle(active[part], topology, number)
            trips = overloaded(
                flow, self.system.grid.rating_mw, self.share[active],
                self._of("overload_trip_factor", 1, active),
            )  # fmt: skip
            self._note_branches("branch_trip", np.where(trips, np.abs(flow), 0.0), active, number)
            self.share[active] = np.where(trips, 0.0, self.share[active])
            self.tripped[active] |= trips
            active = active[trips.any(axis=1)]
            number += 1
        return self

    def _settle(self, rows: Ints, topology: Topology, number: int) -> Floats:
        """Balance the islands of rows that share a topology, and return the flows, shape ``(row, branch)``. [MW]"""
        grid, plant = self.system.grid, self.system.fleet
        at, home = topology.island[grid.generator_bus], topology.island[self.system.index.region_bus]
        count = topology.islands
        left = np.where(self.dark[rows], 0.0, self.load[rows] - row_sum(self._block[rows] * self.stages[rows]))
        load = gather(left, home, count)
        own = gather(np.where(plant.border, 0.0, self.output[rows]) + self.given[rows], at, count)
        tie = gather(np.where(plant.border, self.output[rows], 0.0), at, count)
        most = np.where(self.opened[rows], 0.0, self.tie_most[rows])
        spare = np.maximum(most - self.output[rows], 0.0) * plant.border
        room = gather(spare, at, count)
        tied = gather(most, at, count) > 0
        deficit = load - own - tie
        held = tied & (deficit <= room + TOLERANCE_MW)
        takes = np.where(held if self._full else tied, np.clip(deficit, 0.0, room), 0.0)
        from_ties = spare * ratio(takes, room)[:, at]
        self.output[rows] += from_ties
        self._note_plant("reserve", from_ties, rows, number)
        if self._full:
            self._open(rows, (tied & ~held)[:, at] & plant.border, number)
            self._fall(rows, topology, load=load, held=held, number=number)
        else:
            short = np.maximum(deficit - takes, 0.0)
            self._call(rows, at, short, count, number)
        return self._flows(rows, topology)

    def _call(self, rows: Ints, at: Ints, short: Floats, count: int, number: int) -> None:
        """Share a deficit out to the reserve, as far as it goes."""
        spare = self.reserve[rows] - self.given[rows]
        whole = gather(spare, at, count)
        gives = spare * ratio(np.minimum(short, whole), whole)[:, at]
        self.given[rows] += gives
        self._note_plant("reserve", gives, rows, number)

    def _open(self, rows: Ints, opens: Bools, number: int) -> None:
        """Open interconnectors that cannot carry what their island lacks."""
        self._note_plant(
            "tie_opening", np.where(opens, np.maximum(self.output[rows], TOLERANCE_MW * 2), 0.0), rows, number
        )
        self.output[rows] = np.where(opens, 0.0, self.output[rows])
        self.opened[rows] |= opens

    def _fall(self, rows: Ints, topology: Topology, *, load: Floats, held: Bools, number: int) -> None:
        """Follow the frequency of islands in deficit that no neighbour holds."""
        grid, plant = self.system.grid, self.system.fleet
        at, home = topology.island[grid.generator_bus], topology.island[self.system.index.region_bus]
        count = topology.islands
        live = ~self.black[rows]
        own = gather(np.where(plant.border, 0.0, self.output[rows]), at, count)
        given = gather(self.given[rows], at, count)
        forms = gather((plant.grid_forming & live & (self.output[rows] > 0)).astype(float), at, count) > 0
        dead = ~held & (load > TOLERANCE_MW) & ~forms
        row, island = np.nonzero(~held & ~dead & (load - own - given > TOLERANCE_MW))
        reserve = gather(self.reserve[rows], at, count)
        collapsed, nadir = dead.copy(), np.where(dead, self._of("unit_trip_hz", 1, rows), NOMINAL_HZ)
        if len(row):
            stages = self._block.shape[2]
            block = np.stack([gather(self._block[rows, :, k], home, count)[row, island] for k in range(stages)], axis=1)
            first = np.zeros(count, dtype=np.intp)
            first[home[::-1]] = np.arange(len(home))[::-1]  # regions of an island have shared every stage so far
            lead = first[island]
            got = swing(
                self._response.take(rows[row]), output_mw=own[row, island],
                load_mw=load[row, island] + row_sum(block * self.stages[rows[row], lead]),
                kinetic_mws=gather(self.kinetic[rows] * live, at, count)[row, island],
                reserve_mw=reserve[row, island], given_mw=given[row, island], block_mw=block,
                stages=self.stages[rows[row], lead], start_hz=self.hz[rows[row], lead],
            )  # fmt: skip
            collapsed[row, island], nadir[row, island] = got.collapsed, got.nadir_hz
            given[row, island] = got.reserve_mw
            self._relays(rows, home, (row, island), got.stages, nadir=nadir, number=number)
            end = np.full(load.shape, np.nan)
            end[row, island] = got.end_hz
            self.hz[rows] = np.where(np.isnan(end[:, home]), self.hz[rows], end[:, home])
        gives = self.reserve[rows] * np.minimum(ratio(given, reserve), 1.0)[:, at]
        self._note_plant("reserve", np.maximum(gives - self.given[rows], 0.0), rows, number, nadir[:, at])
        self.given[rows] = gives
        self.nadir[rows] = np.minimum(self.nadir[rows], nadir.min(axis=1))
        self._go_dark(rows, topology, collapsed, nadir=nadir, number=number)

    def _relays(
        self, rows: Ints, home: Ints, cases: tuple[Ints, Ints], stages: Bools, *, nadir: Floats, number: int
    ) -> None:
        """Take off the load of stages that have shed."""
        shed = np.zeros((len(rows), nadir.shape[1], stages.shape[1]), dtype=bool)
        shed[cases] = stages
        fresh = shed[:, home] & ~self.stages[rows]
        taken = np.where(self.dark[rows], 0.0, row_sum(self._block[rows] * fresh))
        places = np.arange(len(home))
        self.log.add("under_frequency", taken, rows=self.rows[rows], places=places, number=number, hz=nadir[:, home])
        self.stages[rows] |= fresh

    def _go_dark(self, rows: Ints, topology: Topology, collapsed: Bools, *, nadir: Floats, number: int) -> None:
        """Trip all plant of islands that fell."""
        grid, index = self.system.grid, self.system.index
        at, home = topology.island[grid.generator_bus], topology.island[index.region_bus]
        black, dark = collapsed[:, at], collapsed[:, home]
        self._note_plant(
            "unit_trip", np.where(black, self.output[rows] + self.given[rows], 0.0), rows, number, nadir[:, at]
        )
        left = self.load[rows] - row_sum(self._block[rows] * self.stages[rows])
        gone = np.where(dark & ~self.dark[rows], left, 0.0)
        places = np.arange(len(home))
        self.log.add("blackout", gone, rows=self.rows[rows], places=places, number=number, hz=nadir[:, home])
        self.black[rows] |= black
        self.dark[rows] |= dark
        self.output[rows] = np.where(black, 0.0, self.output[rows])
        self.given[rows] = np.where(black, 0.0, self.given[rows])
        self.reserve[rows] = np.where(black, 0.0, self.reserve[rows])

    def _flows(self, rows: Ints, topology: Topology) -> Floats:
        """Flows once load and plant are level: plant runs back from a surplus, load follows frequency."""
        grid, index = self.system.grid, self.system.index
        at, home = topology.island[grid.generator_bus], topology.island[index.region_bus]
        left = np.where(self.dark[rows], 0.0, self.load[rows] - row_sum(self._block[rows] * self.stages[rows]))
        load = gather(left, home, topology.islands)
        supply = gather(self.output[rows] + self.given[rows], at, topology.islands)
        back = np.minimum(ratio(load, supply), 1.0)[:, at]
        self.output[rows] *= back
        self.given[rows] *= back
        drawn = left * np.minimum(ratio(supply, load), 1.0)[:, home]
        injection = gather(self.output[rows] + self.given[rows], grid.generator_bus, grid.buses)
        return flows(topology, injection - gather(drawn, index.region_bus, grid.buses))

    def _note_loss(self, before: Before, kept: Floats) -> None:
        everyone = np.arange(len(self.rows))
        self._note_plant("loss", before.generation_mw * (1.0 - kept), everyone, 0)
        self._note_branches("loss", np.where(self.share <= 0, np.abs(before.flow_mw), 0.0), everyone, 0)

    def _note_branches(self, mechanism: str, mw: Floats, rows: Ints, number: int) -> None:
        """Note flows by region of the branch's first end that has one."""
        ends = self.system.index.branch_region
        region = np.where(ends[:, 0] >= 0, ends[:, 0], ends[:, 1])
        count = self.system.grid.regions
        by_region = gather(mw, np.where(region < 0, count, region), count + 1)
        places = np.append(np.arange(count), -1)
        self.log.add(mechanism, by_region, rows=self.rows[rows], places=places, number=number)

    def _note_plant(self, mechanism: str, mw: Floats, rows: Ints, number: int, hz: Floats | None = None) -> None:
        note_plant(self.log, self.system, mechanism, mw, rows=self.rows[rows], number=number, hz=hz)


def note_plant(
    log: Log, system: PowerSystem, mechanism: str, mw: Floats, *, rows: Ints, number: int, hz: Floats | None = None
) -> None:
    """Note megawatts of plant by region and technology, interconnectors as one; a cell has its lowest frequency."""
    index, kinds = system.index, len(TECHNOLOGIES)
    own = index.technology >= 0
    cells = system.grid.regions * kinds
    cell = np.where(own, index.generator_region * kinds + index.technology, cells)
    places = np.append(np.arange(cells) // kinds, -1)
    technologies = np.append(np.arange(cells) % kinds, -1)
    lowest = None
    if hz is not None:
        lowest = np.full((len(mw), cells + 1), NOMINAL_HZ)
        order = np.argsort(cell, kind="stable")
        found, starts = np.unique(cell[order], return_index=True)
        lowest[:, found] = np.minimum.reduceat(hz[:, order], starts, axis=1)
    log.add(
        mechanism, gather(mw, cell, cells + 1), rows=rows, places=places, number=number, technologies=technologies,
        hz=lowest,
    )  # fmt: skip
