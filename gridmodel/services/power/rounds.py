"""The minute after a loss: islands balance, relays shed, overloaded branches trip, until nothing more happens.

A round is a function from the state of struck members to the state after it; the rows of all arrays are members.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import Topology
from gridmodel.dispatch.frequency import NOMINAL_HZ, Swing, overloaded, swing
from gridmodel.dispatch.islands import flows
from gridmodel.dispatch.merit import gather, ratio
from gridmodel.services.power.entries import TOLERANCE_MW, Log, Notes
from gridmodel.services.power.shock import Aftermath, Before, Shock, make_shock, relay_share
from gridmodel.services.power.system import PowerSystem


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """State of struck members between two rounds."""

    output_mw: Floats
    """Generation without primary reserve, shape ``(row, generator)``. [MW]"""
    given_mw: Floats
    """Primary reserve that is given, shape ``(row, generator)``. [MW]"""
    branch_share: Floats
    """Remaining share of each branch's rating, 0 where it is out, shape ``(row, branch)``. [1]"""
    stages: Bools
    """Stages of relays that have shed, shape ``(row, region, stage)``."""
    hz: Floats
    """Frequency, shape ``(row, region)``. [Hz]"""
    nadir_hz: Floats
    """Lowest frequency of any island so far, shape ``(row,)``. [Hz]"""
    dead: Bools
    """Buses on islands that went black, shape ``(row, bus)``."""
    opened: Bools
    """Interconnectors that have opened, shape ``(row, generator)``."""

    def take(self, rows: Ints) -> Course:
        """Return the state of some rows."""
        return Course(**{part.name: getattr(self, part.name)[rows] for part in fields(self)})

    def put(self, rows: Ints, some: Course) -> Course:
        """Return the state with that of some rows replaced."""
        whole = {part.name: getattr(self, part.name).copy() for part in fields(self)}
        for name, values in whole.items():
            values[rows] = getattr(some, name)
        return Course(**whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows of one round that share a topology, and sums over their islands."""

    system: PowerSystem
    topology: Topology
    shock: Shock
    notes: Notes

    @property
    def plant(self) -> Ints:
        """Return the island of each generator, shape ``(generator,)``."""
        return np.asarray(self.topology.island[self.system.grid.generator_bus])

    @property
    def home(self) -> Ints:
        """Return the island of each region, shape ``(region,)``."""
        return np.asarray(self.topology.island[self.system.index.region_bus])

    def of_plant(self, values: Floats) -> Floats:
        """Sum ``(row, generator)`` by island, shape ``(row, island)``."""
        return gather(values, self.plant, self.topology.islands)

    def of_regions(self, values: Floats) -> Floats:
        """Sum ``(row, region)`` by island, shape ``(row, island)``."""
        return gather(values, self.home, self.topology.islands)

    def dark(self, course: Course) -> Bools:
        """Return the regions whose bus went black, shape ``(row, region)``."""
        return np.asarray(course.dead[:, self.system.index.region_bus])

    def black(self, course: Course) -> Bools:
        """Return the generators whose bus went black, shape ``(row, generator)``."""
        return np.asarray(course.dead[:, self.system.grid.generator_bus])

    def load(self, course: Course) -> Floats:
        """Compute the load that relays and blackouts leave, shape ``(row, region)``. [MW]"""
        return np.where(self.dark(course), 0.0, self.shock.load_mw - row_sum(self.shock.block_mw * course.stages))


def strike(
    system: PowerSystem, rows: Ints, before: Before, *, kept: Floats, branch_share: Floats, ties: Floats
) -> Aftermath:  # fmt: skip
    """Go through rounds until no branch trips; each round takes out at least one, so it ends.

    Parameters
    ----------
    system
        Power system.
    rows
        Positions of the struck members.
    before
        How they were served in the step before, by row.
    kept
        Share of each generator that the event leaves, shape ``(row, generator)``. [1]
    branch_share
        Share of each branch's rating that the event leaves, shape ``(row, branch)``. [1]
    ties
        Share of interconnectors that this event and those before it leave, shape ``(row,)`` or ``(1,)``. [1]
    """
    shock = make_shock(system, rows, before, kept=kept, ties=ties)
    course = _start(system, shock, before.generation_mw * kept, branch_share)
    notes = Notes(log=Log(), system=system, rows=rows, number=0)
    notes.plant("loss", before.generation_mw * (1.0 - kept))
    notes.branches("loss", np.where(branch_share <= 0, np.abs(before.flow_mw), 0.0))
    active, number = np.arange(len(rows)), 0
    while len(active):
        flow = np.empty((len(active), branch_share.shape[1]))
        for part, topology in system.dispatcher.by_topology(course.branch_share[active]):
            here = active[part]
            group = Group(system=system, topology=topology, shock=shock.take(here), notes=notes.take(here, number))
            settled, flow[part] = _settle(group, course.take(here))
            course = course.put(here, settled)
        current, factor = course.take(active), shock.take(active).trip_factor
        trips = overloaded(flow, system.grid.rating_mw, current.branch_share, factor)
        notes.take(active, number).branches("branch_trip", np.where(trips, np.abs(flow), 0.0))
        course = course.put(active, replace(current, branch_share=np.where(trips, 0.0, current.branch_share)))
        active, number = active[trips.any(axis=1)], number + 1
    return Aftermath(
        black=course.dead[:, system.grid.generator_bus], opened=course.opened,
        tripped=(branch_share > 0) & (course.branch_share <= 0), relay_share=relay_share(shock, course.stages),
        nadir_hz=course.nadir_hz, log=notes.log,
    )  # fmt: skip


def _start(system: PowerSystem, shock: Shock, output_mw: Floats, branch_share: Floats) -> Course:
    """Return the state before the first round."""
    count = len(output_mw)
    return Course(
        output_mw=output_mw, given_mw=np.zeros(output_mw.shape), branch_share=branch_share,
        stages=np.zeros(shock.block_mw.shape, dtype=bool), hz=np.full(shock.load_mw.shape, NOMINAL_HZ),
        nadir_hz=np.full(count, NOMINAL_HZ), dead=np.zeros((count, system.grid.buses), dtype=bool),
        opened=np.zeros(output_mw.shape, dtype=bool),
    )  # fmt: skip


def _settle(group: Group, course: Course) -> tuple[Course, Floats]:
    """Balance islands, and return the state with the flows, shape ``(row, branch)``. [MW]"""
    border, full = group.system.fleet.border, group.system.options.cascade == "full"
    load = group.of_regions(group.load(course))
    own = group.of_plant(np.where(border, 0.0, course.output_mw) + course.given_mw)
    tie = group.of_plant(np.where(border, course.output_mw, 0.0))
    most = np.where(course.opened, 0.0, group.shock.tie_most_mw)
    spare = np.maximum(most - course.output_mw, 0.0) * border
    room = group.of_plant(spare)
    tied = group.of_plant(most) > 0
    deficit = load - own - tie
    held = tied & (deficit <= room + TOLERANCE_MW)
    takes = np.where(held if full else tied, np.clip(deficit, 0.0, room), 0.0)
    from_ties = spare * ratio(takes, room)[:, group.plant]
    course = replace(course, output_mw=course.output_mw + from_ties)
    group.notes.plant("reserve", from_ties)
    if full:
        course = _open(group, course, (tied & ~held)[:, group.plant] & border)
        course = _fall(group, course, held=held)
    else:
        course = _call(group, course, short_mw=np.maximum(deficit - takes, 0.0))
    return _level(group, course)


def _call(group: Group, course: Course, *, short_mw: Floats) -> Course:
    """Share a deficit, ``(row, island)``, out to the reserve, as far as it goes."""
    spare = group.shock.reserve_mw - course.given_mw
    whole = group.of_plant(spare)
    gives = spare * ratio(np.minimum(short_mw, whole), whole)[:, group.plant]
    group.notes.plant("reserve", gives)
    return replace(course, given_mw=course.given_mw + gives)


def _open(group: Group, course: Course, opens: Bools) -> Course:
    """Open interconnectors that cannot carry what their island lacks; those that carried nothing open as well."""
    group.notes.plant("tie_opening", np.where(opens, course.output_mw, 0.0), noted=opens)
    return replace(course, output_mw=np.where(opens, 0.0, course.output_mw), opened=course.opened | opens)


def _fall(group: Group, course: Course, *, held: Bools) -> Course:
    """Follow the frequency of islands in deficit that no neighbour holds."""
    fleet, plant = group.system.fleet, group.plant
    black = group.black(course)
    load = group.of_regions(group.load(course))
    own = group.of_plant(np.where(fleet.border, 0.0, course.output_mw))
    given = group.of_plant(course.given_mw)
    forms = group.of_plant((fleet.grid_forming & ~black & (course.output_mw > 0)).astype(float)) > 0
    dead = ~held & (load > TOLERANCE_MW) & ~forms
    case = np.nonzero(~held & ~dead & (load - own - given > TOLERANCE_MW))
    able = np.where(black, 0.0, group.shock.reserve_mw)
    reserve = group.of_plant(able)
    trip_hz = np.asarray(group.shock.response.unit_trip_hz)[..., None]
    collapsed, nadir = dead.copy(), np.where(dead, trip_hz, NOMINAL_HZ)
    if len(case[0]):
        got = _swing(group, course, case, load_mw=load, own_mw=own, given_mw=given, reserve_mw=reserve)
        collapsed[case], nadir[case], given[case] = got.collapsed, got.nadir_hz, got.reserve_mw
        course = _relays(group, course, case, got, nadir=nadir)
    gives = able * np.minimum(ratio(given, reserve), 1.0)[:, plant]
    group.notes.plant("reserve", np.maximum(gives - course.given_mw, 0.0), nadir[:, plant])
    lowest = np.minimum(course.nadir_hz, nadir.min(axis=1))
    course = replace(course, given_mw=gives, nadir_hz=lowest)
    return _go_dark(group, course, collapsed=collapsed, nadir=nadir)


def _swing(
    group: Group, course: Course, case: tuple[Ints, ...], *, load_mw: Floats, own_mw: Floats, given_mw: Floats,
    reserve_mw: Floats,
) -> Swing:  # fmt: skip
    """Swing islands, named by row and number; arrays are of shape ``(row, island)``. [MW]"""
    row, island = case
    home, stages = group.home, group.shock.block_mw.shape[2]
    block = np.stack([group.of_regions(group.shock.block_mw[:, :, k])[case] for k in range(stages)], axis=1)
    first = np.zeros(group.topology.islands, dtype=np.intp)
    first[home[::-1]] = np.arange(len(home))[::-1]  # regions of an island have shared every stage so far
    lead = first[island]
    shed = course.stages[row, lead]
    return swing(
        group.shock.response.take(row), output_mw=own_mw[case], load_mw=load_mw[case] + row_sum(block * shed),
        kinetic_mws=group.of_plant(group.shock.kinetic_mws * ~group.black(course))[case], reserve_mw=reserve_mw[case],
        given_mw=given_mw[case], block_mw=block, stages=shed, start_hz=course.hz[row, lead],
    )  # fmt: skip


def _relays(group: Group, course: Course, case: tuple[Ints, ...], got: Swing, *, nadir: Floats) -> Course:
    """Take off the load of stages that have shed, and keep the frequency that islands end at."""
    home = group.home
    shed = np.zeros((*nadir.shape, got.stages.shape[1]), dtype=bool)
    shed[case] = got.stages
    fresh = shed[:, home] & ~course.stages
    taken = np.where(group.dark(course), 0.0, row_sum(group.shock.block_mw * fresh))
    group.notes.regions("under_frequency", taken, nadir[:, home])
    end = np.full(nadir.shape, np.nan)
    end[case] = got.end_hz
    hz = np.where(np.isnan(end[:, home]), course.hz, end[:, home])
    return replace(course, stages=course.stages | fresh, hz=hz)


def _go_dark(group: Group, course: Course, *, collapsed: Bools, nadir: Floats) -> Course:
    """Trip all plant of islands that collapsed."""
    plant, home = group.plant, group.home
    black = collapsed[:, plant]
    group.notes.plant("unit_trip", np.where(black, course.output_mw + course.given_mw, 0.0), nadir[:, plant])
    load = group.load(course)
    group.notes.regions("blackout", np.where(collapsed[:, home], load, 0.0), nadir[:, home])
    return replace(
        course,
        dead=course.dead | collapsed[:, group.topology.island],
        output_mw=np.where(black, 0.0, course.output_mw),
        given_mw=np.where(black, 0.0, course.given_mw),
    )


def _level(group: Group, course: Course) -> tuple[Course, Floats]:
    """Level load and plant: plant runs back from a surplus, load follows frequency; return the flows as well. [MW]"""
    grid, index = group.system.grid, group.system.index
    load = group.load(course)
    wanted = group.of_regions(load)
    supply = group.of_plant(course.output_mw + course.given_mw)
    back = np.minimum(ratio(wanted, supply), 1.0)[:, group.plant]
    output, given = course.output_mw * back, course.given_mw * back
    drawn = load * np.minimum(ratio(supply, wanted), 1.0)[:, group.home]
    injection = gather(output + given, grid.generator_bus, grid.buses)
    flow = flows(group.topology, injection - gather(drawn, index.region_bus, grid.buses))
    return replace(course, output_mw=output, given_mw=given), flow
