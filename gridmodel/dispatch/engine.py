"""Dispatch of many snapshots: closed form where no line is limiting, the linear programme elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Ints, row_sum, widened
from gridmodel.dispatch import merit_loops
from gridmodel.dispatch.at_once import Found, Sums, closed_form, groups_of, table_of, where_of
from gridmodel.dispatch.batch import Batch, Parts, among, by_pattern, one_after_another
from gridmodel.dispatch.block_loops import Where
from gridmodel.dispatch.causes import Answer, of_loads
from gridmodel.dispatch.islands import Topology, flows, label_islands, main_island, make_topology
from gridmodel.dispatch.limited import Frame, Limited
from gridmodel.dispatch.lp import Consumers, Programme
from gridmodel.dispatch.merit import Gather, gather
from gridmodel.dispatch.parts import Part, by_loops, overlap, parts_of, with_ties
from gridmodel.dispatch.places import Places
from gridmodel.dispatch.whole_loops import Table
from gridmodel.network import Grid
from gridmodel.vocabulary import CAUSES

TOLERANCE_MW = 1e-6
"""Excess over a limit that counts as a violation. [MW] Ours: a watt, far below what a result shows."""
NEAR_MW = 1e-3
"""Distance from a limit within which it counts as what holds a snapshot. [MW] Ours: above what rounding leaves."""
MAX_TOPOLOGIES = 1024
"""Most patterns of branches whose flow spread is kept at the same time. Ours: bounds memory."""
MAX_SPREAD_BYTES = 64_000_000
"""Most memory that these flow spreads may take together. [byte] Ours: small compared with a result. Sixteen are kept
whatever their size."""
BLOCK = 16_000
"""Most numbers of one kind, such as outputs, that are worked on at the same time. Ours: arrays of this size stay within
a processor's cache, and their memory is kept, not handed back to the system and asked for again."""
LEAST_BLOCK, MOST_BLOCK = 32, 256
"""Fewest and most snapshots that are worked on at the same time. Ours: below, the calls take longer than the sums."""

TOGETHER = 16
"""Most patterns of branches whose snapshots are worked on together. Ours: bounds memory on a large grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """Answer to a batch of snapshots."""

    served_mw: Floats
    """Shape ``(snapshot, load)``. [MW]"""
    generation_mw: Floats
    """Shape ``(snapshot, generator)``. [MW]"""
    flow_mw: Floats
    """Shape ``(snapshot, branch)``. [MW]"""
    cause_mw: Floats
    """Demand that is not served by cause, shape ``(snapshot, load, cause)``. [MW]"""
    programmes: int
    """Snapshots that needed a linear programme."""


class Dispatcher:
    """Serves loads of one grid: least shed cost, then least generation cost, cuts shared in proportion.

    Loads of equal shed cost are cut in the same proportion unless a limit forces otherwise; then the lowest
    served share is as high as it can be. Sharing chooses among optima and never costs a megawatt.
    """

    def __init__(self, grid: Grid, *, sharing: bool = True) -> None:
        self.given = grid
        grid = with_ties(grid)
        self.grid = grid
        self.sharing = sharing
        self._place = Places(grid) if grid.places is not None else None
        load = slice(None) if self._place is None else self._place.load
        bus = grid.load_bus if self._place is None else self._place.bus
        keys = np.stack([bus.astype(float), grid.load_cost[load], grid.load_region[load].astype(float)], axis=1)
        unique, consumer = np.unique(keys, axis=0, return_inverse=True)
        self._consumer: Ints = np.asarray(consumer, dtype=np.intp).reshape(-1)
        self._consumers = Consumers(
            bus=unique[:, 0].astype(np.intp), cost=unique[:, 1], region=unique[:, 2].astype(np.intp)
        )
        spread_bytes = 8 * max(1, len(grid.branch_from)) * max(1, grid.buses)
        widest = max(1, len(grid.generator_bus), len(grid.load_bus), len(grid.branch_from))
        self._most = min(max(BLOCK // widest, LEAST_BLOCK), MOST_BLOCK)
        self._kept = min(MAX_TOPOLOGIES, max(16, MAX_SPREAD_BYTES // spread_bytes))
        self._topologies: dict[bytes, Topology] = {}
        self._programmes: dict[bytes, Programme] = {}
        self._limits: dict[bytes, Limited] = {}
        self._parts: dict[bytes, list[Part]] = {}
        self._tables: dict[bytes, Table | None] = {}
        self._where: dict[bytes, Where] = {}
        self.groups = groups_of(self.given)
        self._frame = Frame(grid, self._consumers, sharing=sharing)
        self._to_consumer = Gather(self._consumer, len(self._consumers.bus))
        self._at_generator_bus = Gather(grid.generator_bus, grid.buses)
        self._at_consumer_bus = Gather(self._consumers.bus, grid.buses)
        self._by_region = Gather(self._consumers.region, grid.regions)
        self._shares_plants = overlap(grid)

    def topology(self, in_service: npt.NDArray[np.bool_] | None = None) -> Topology:
        """Return the islands and flow spread of a pattern of branches in service; all of them by default."""
        if in_service is None:
            in_service = np.ones(len(self.grid.branch_from), dtype=bool)
        key = in_service.tobytes()
        if key not in self._topologies:
            if len(self._topologies) >= self._kept:
                oldest = next(iter(self._topologies))
                del self._topologies[oldest]
                self._programmes.pop(oldest, None)
                self._limits.pop(oldest, None)
                self._tables.pop(oldest, None)
            self._topologies[key] = make_topology(self.grid, in_service)
        return self._topologies[key]

    def solve(
        self,
        demand_mw: Floats,
        available_mw: Floats,
        *,
        branch_share: Floats | None = None,
        delivery_mw: Floats | None = None,
        group_mw: Floats | None = None,
        causes: bool = True,
    ) -> Dispatched:
        """Serve a batch of snapshots.

        Parameters
        ----------
        demand_mw
            Demand of each load, shape ``(snapshot, load)``. [MW]
        available_mw
            Most that each generator can give, shape ``(snapshot, generator)``. [MW]
        branch_share
            Remaining share of each branch's rating, 0 where it is out, shape ``(snapshot, branch)``;
            all by default. [1]
        delivery_mw
            Most that each region can be served, shape ``(snapshot, region)``; unlimited by default. [MW]
        group_mw
            Limit of each group of generators, shape ``(snapshot, group)``; the grid's own by default. [MW]
        causes
            Whether to split what is not served by cause; else all causes are 0, in less time.
        """
        count = len(demand_mw)
        grid = self.grid
        if grid.ties is not None:
            available_mw = np.hstack(
                [available_mw, np.broadcast_to(grid.ties.most_mw, (count, len(grid.ties.most_mw)))]
            )
            got = self._solve(demand_mw, available_mw, branch_share, delivery_mw, group_mw, causes=causes)
            return replace(got, generation_mw=got.generation_mw[:, : len(self.given.generator_bus)])
        return self._solve(demand_mw, available_mw, branch_share, delivery_mw, group_mw, causes=causes)

    def _solve(
        self, demand_mw: Floats, available_mw: Floats, branch_share: Floats | None, delivery_mw: Floats | None,
        group_mw: Floats | None, *, causes: bool,
    ) -> Dispatched:  # fmt: skip
        """Serve a batch of snapshots, links among the generators."""
        count = len(demand_mw)
        grid = self.grid
        share = np.ones((1, len(grid.branch_from))) if branch_share is None else branch_share
        share = widened(share, (count, share.shape[1]))
        delivery = np.full((1, grid.regions), np.inf) if delivery_mw is None else delivery_mw
        delivery = widened(delivery, (count, grid.regions))
        own = np.array([limit for _, limit in grid.groups])
        groups = widened(own if group_mw is None else group_mw, (count, len(grid.groups)))
        patterns = by_pattern(share)
        if len(patterns) == 1 and count <= self._most:
            return self._block(
                demand_mw, available_mw, share, delivery, groups,
                [(slice(None), self.topology(patterns[0][1]))], causes=causes,
            )  # fmt: skip
        whole = Dispatched(
            served_mw=np.zeros(demand_mw.shape),
            generation_mw=np.zeros(available_mw.shape),
            flow_mw=np.zeros(share.shape),
            cause_mw=np.zeros((*demand_mw.shape, len(CAUSES))),
            programmes=0,
        )
        programmes = 0
        for parts in self._blocks(patterns):
            block = np.concatenate([rows for rows, _ in parts])
            part = self._block(
                demand_mw[block], available_mw[block], share[block], delivery[block], groups[block],
                one_after_another(parts), causes=causes,
            )  # fmt: skip
            for name in ("served_mw", "generation_mw", "flow_mw", "cause_mw"):
                getattr(whole, name)[block] = getattr(part, name)
            programmes += part.programmes
        return replace(whole, programmes=programmes)

    def _blocks(self, patterns: list[tuple[Ints, npt.NDArray[np.bool_]]]) -> Iterator[list[tuple[Ints, Topology]]]:
        """Yield snapshots that are worked on together: their patterns leave the same islands."""
        for first in range(0, len(patterns), TOGETHER):
            alike: dict[bytes, list[tuple[Ints, Topology]]] = {}
            for rows, pattern in patterns[first : first + TOGETHER]:
                topology = self.topology(pattern)
                alike.setdefault(topology.island.tobytes(), []).append((rows, topology))
            for members in alike.values():
                block: list[tuple[Ints, Topology]] = []
                room = self._most
                for rows, topology in members:
                    done = 0
                    while done < len(rows):
                        block.append((rows[done : done + room], topology))
                        done += room
                        room -= len(block[-1][0])
                        if not room:
                            yield block
                            block, room = [], self._most
                if block:
                    yield block

    def _block(  # noqa: PLR0917 - the inputs of `solve`
        self,
        demand_mw: Floats,
        available_mw: Floats,
        share: Floats,
        delivery: Floats,
        groups: Floats,
        parts: Parts,
        *,
        causes: bool,
    ) -> Dispatched:
        """Serve some snapshots of topologies that leave the same islands."""
        table = self._table(parts[0][1]) if len(parts) == 1 and len(demand_mw) >= merit_loops.LEAST else None
        if table is not None:
            batch, pot = Batch(demand_mw, available_mw, share, delivery, groups), self._islands(parts[0][1])[0].pot
            demand, found, made = closed_form(pot, table, batch, TOLERANCE_MW, causes=causes)
            if made is not None:
                return Dispatched(
                    served_mw=made[0], generation_mw=found.output, flow_mw=found.flow, cause_mw=made[1], programmes=0
                )
            answer = self._within_limits(replace(batch, demand=demand), parts, found, lift=causes)
            return self._told(demand_mw, demand, answer, causes=causes)
        if self._place is not None:
            demand_mw = demand_mw.take(self._place.load, axis=1) * self._place.share
        demand = self._to_consumer(demand_mw)
        answer = self._same_islands(Batch(demand, available_mw, share, delivery, groups), parts, lift=causes)
        return self._told(demand_mw, demand, answer, causes=causes)

    def _told(self, demand_mw: Floats, demand: Floats, answer: Answer, *, causes: bool) -> Dispatched:
        """Return an answer by consumer as one by load."""
        served_mw, cause = of_loads(demand_mw, demand, answer, self._consumer, causes=causes)
        if self._place is not None:
            served_mw, cause = self._place.whole(served_mw), self._place.whole_causes(cause, causes=causes)
        return Dispatched(
            served_mw=served_mw,
            generation_mw=answer.output,
            flow_mw=answer.flow,
            cause_mw=cause,
            programmes=int(answer.programme.sum()),
        )

    def _same_islands(self, batch: Batch, parts: Parts, *, lift: bool) -> Answer:
        """Serve snapshots in closed form, and by the programme where that breaks a limit.

        Parameters
        ----------
        lift
            Whether to find what would be served without limits too, from which causes follow.
        """
        grid, topology = self.grid, parts[0][1]
        if grid.links is not None and (batch.available[:, grid.links.generator] > 0).any():
            return self._with_links(batch, parts, lift=lift)
        served, output = self._closed_form(batch, topology)
        flow = self._flows(parts, served, output)
        broken = batch.breaks(self.grid, flow, TOLERANCE_MW)
        reached: npt.NDArray[np.bool_] = np.zeros(len(served), dtype=bool)
        if lift:
            reached = np.asarray((self._by_region(served) >= batch.delivery - TOLERANCE_MW).any(axis=1))
        return self._within_limits(batch, parts, Found(served, output, flow, broken, reached), lift=lift)

    def _within_limits(self, batch: Batch, parts: Parts, found: Found, *, lift: bool) -> Answer:
        """Serve snapshots by the programme where the closed form breaks a limit."""
        topology, served, output, flow = parts[0][1], found.served, found.output, found.flow
        island = topology.island[self._consumers.bus]
        grouped = self._breaks_groups(batch, topology, output)
        lifted, beyond = served, grouped
        if lift:
            lifted, beyond = self._without_limits(batch, topology, found, grouped)
        broken = grouped | found.broken
        if topology.islands > 1:
            broken |= (self._by_region(served) > batch.delivery + TOLERANCE_MW).any(axis=1)
        if broken.any():
            lifted = lifted.copy() if lifted is served else lifted
            rows = np.flatnonzero(broken)
            there = among(parts, broken)
            served[rows], output[rows] = self._solved(batch, there)
            flow[rows] = self._flows(one_after_another(there), served[rows], output[rows])
        if lift and beyond.any():
            lifted[beyond] = served[beyond]  # an optimum that no line and no region holds is one without them
            held = beyond & (self._by_region(served) > batch.delivery - NEAR_MW).any(axis=1)
            held |= beyond & batch.breaks(self.grid, flow, -NEAR_MW)
            if held.any():
                lifted[held] = self._solved(batch.unlimited(), among(parts, held))[0]
        if not lift or topology.islands == 1:
            main = np.ones((1, len(island)), dtype=bool)
        else:
            main = island == main_island(gather(batch.demand, island, topology.islands))[:, None]
        return Answer(
            served=served,
            lifted=lifted,
            output=output,
            flow=flow,
            cut_off=~self._sources(batch, topology)[:, island] if lift else ~main,
            main=main,
            programme=broken,
        )

    def _flows(self, parts: Parts, served: Floats, output: Floats) -> Floats:
        """Compute the flow of each branch. [MW]"""
        injection = self._injection(served, output)
        found = [flows(topology, injection[rows]) for rows, topology in parts]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _solved(self, batch: Batch, parts: list[tuple[Ints, Topology]]) -> tuple[Floats, Floats]:
        """Serve some snapshots by the linear programme; return what is served and the outputs, part after part."""
        found = []
        for rows, topology in parts:
            proved, served, output = self._limited(topology).solve(batch.snapshots(rows, self.grid))
            for place in np.flatnonzero(~proved):
                state = batch.state(int(rows[place]), self.grid)
                served[place], output[place] = self._programme(topology).solve(state, sharing=self.sharing)
            found.append((served, output))
        return np.concatenate([served for served, _ in found]), np.concatenate([output for _, output in found])

    def _with_links(self, batch: Batch, parts: Parts, *, lift: bool) -> Answer:
        """Serve snapshots whose islands are joined by links: always by the programme.

        Causes are told for islands that links join: what they would serve together without limits or losses.
        """
        topology = parts[0][1]
        served, output = self._solved(batch, among(parts, np.ones(len(batch.demand), dtype=bool)))
        lifted, cut_off = served, np.zeros(served.shape, dtype=bool)
        main = np.ones(served.shape, dtype=bool)
        if lift:
            links = self.grid.links
            assert links is not None  # noqa: S101 - for the type checker
            lifted = served.copy()
            for rows, on in by_pattern(np.ascontiguousarray(batch.available[:, links.generator])):
                ends = topology.island[links.start[on]], topology.island[self.grid.generator_bus[links.generator[on]]]
                count, joined = label_islands(topology.islands, *ends)
                merged = replace(topology, island=joined[topology.island], islands=count)
                part = batch.lift(rows)
                part.available[:, links.generator] = 0.0
                lifted[rows], output_there = self._closed_form(part, merged)
                beyond = np.flatnonzero(self._breaks_groups(part, merged, output_there))
                if len(beyond):
                    exact = Limited(self._frame, merged).solve(part.unlimited().snapshots(beyond, self.grid))
                    lifted[rows[beyond[exact[0]]]] = exact[1][exact[0]]
                island = merged.island[self._consumers.bus]
                main[rows] = island == main_island(gather(part.demand, island, count))[:, None]
                cut_off[rows] = ~self._sources(part, merged)[:, island]
        return Answer(
            served=served, lifted=lifted, output=output, flow=self._flows(parts, served, output),
            cut_off=cut_off, main=main, programme=np.ones(len(served), dtype=bool),
        )  # fmt: skip

    def _sources(self, batch: Batch, topology: Topology) -> npt.NDArray[np.bool_]:
        """Return whether each island has a source at all, running or not; one row where that is so for all snapshots.

        Shape ``(snapshot, island)``.
        """
        real = len(self.grid.generator_bus) - self.grid.stand_ins
        at = topology.island[self.grid.generator_bus]
        own = np.arange(real)
        if self.grid.links is not None:
            own = np.setdiff1d(own, self.grid.links.generator)
        static = np.bincount(at[own], minlength=topology.islands) > 0
        if not self.grid.stand_ins:
            return static[None]
        gives = gather(np.take(batch.available, np.arange(real, len(at)), axis=1), at[real:], topology.islands) > 0
        return static | gives

    def by_topology(self, share: Floats) -> list[tuple[Ints | slice, Topology]]:
        """Return the snapshots of each pattern of branches in service, and its topology: a slice if there is one.

        Islands that ties join count as one here: a tie holds what it feeds.
        """
        patterns = by_pattern(share)
        if len(patterns) == 1:  # a slice does not copy what it is applied to
            return [(slice(None), self._joined(self.topology(patterns[0][1])))]
        return [(rows, self._joined(self.topology(pattern))) for rows, pattern in patterns]

    def where(self, topology: Topology) -> Where:
        """Return the islands of a topology, as from `by_topology`, as tables for loops, made once."""
        key = topology.island.tobytes()
        if key not in self._where:
            if len(self._where) >= self._kept:
                del self._where[next(iter(self._where))]
            self._where[key] = where_of(self.given, topology, self.groups)
        return self._where[key]

    def _table(self, topology: Topology) -> Table | None:
        """Return what the loop reads that dispatches one island from end to end, made once; None where it does not."""
        if not merit_loops.COMPILED or self._place is not None or self.grid.links is not None or self._shares_plants:
            return None
        key = topology.in_service.tobytes()
        if key not in self._tables:
            sums = Sums(self._to_consumer, self._at_generator_bus, self._at_consumer_bus, self._by_region)
            self._tables[key] = table_of(self.grid, topology, self._consumer, sums)
        return self._tables[key]

    def _joined(self, topology: Topology) -> Topology:
        ties = self.grid.ties
        if ties is None:
            return topology
        count, island = label_islands(topology.islands, topology.island[ties.start], topology.island[ties.end])
        return replace(topology, island=island[topology.island], islands=count)

    def _islands(self, topology: Topology) -> list[Part]:
        """Return the islands of a topology that have consumers and generators, made once."""
        key = topology.island.tobytes()  # many patterns of branches leave the same islands
        if key not in self._parts:
            if len(self._parts) >= self._kept:
                del self._parts[next(iter(self._parts))]
            self._parts[key] = parts_of(self.grid, self._consumers, topology)
        return self._parts[key]

    def _closed_form(self, batch: Batch, topology: Topology) -> tuple[Floats, Floats]:
        """Serve every island by merit order and sharing."""
        limits = [batch.groups[:, number] for number in range(len(self.grid.groups))]
        parts = self._islands(topology)
        if merit_loops.COMPILED and len(batch.demand) >= merit_loops.LEAST:
            return by_loops(batch, parts, whole=topology.islands == 1)
        if topology.islands == 1 and parts:
            return parts[0].island.serve(batch.demand, batch.available, cap=batch.delivery, group_limits=limits)
        served, output = np.zeros_like(batch.demand), np.zeros_like(batch.available)
        for part in parts:
            demand = batch.demand.take(part.consumers, axis=1)
            available = batch.available.take(part.plants, axis=1)
            got = part.island.serve(demand, available, cap=batch.delivery, group_limits=limits)
            served[:, part.consumers], output[:, part.plants] = got
        return served, output

    def _injection(self, served: Floats, output: Floats) -> Floats:
        injection = self._at_generator_bus(output) - self._at_consumer_bus(served)
        links = self.grid.links
        if links is not None:
            for row, given in zip(injection, output[:, links.generator] / links.arrives, strict=True):
                np.subtract.at(row, links.start, given)
        return injection

    def _without_limits(
        self, batch: Batch, topology: Topology, found: Found, grouped: npt.NDArray[np.bool_]
    ) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return what is served without limits of branches and regions, and where limits of groups forbid that.

        `found` and `grouped` are the same with limits of regions.
        """
        served, held = found.served, np.flatnonzero(found.reached)
        if not len(held):  # no region's limit is reached, so nothing changes without it
            return served, grouped
        lifted, beyond, free = served.copy(), grouped.copy(), batch.lift(held)
        lifted[held], output = self._closed_form(free, topology)
        beyond[held] = self._breaks_groups(free, topology, output)
        return lifted, beyond

    def _breaks_groups(self, batch: Batch, topology: Topology, output: Floats) -> npt.NDArray[np.bool_]:
        """Return in which snapshots the closed form may break, or miss, what limits of groups allow.

        It serves each island as if it had each limit to itself, and groups as if they shared no generator.
        """
        broken = np.zeros(len(output), dtype=bool)
        if topology.islands > 1:
            for number, (members, _) in enumerate(self.grid.groups):
                broken |= row_sum(output[:, members]) > batch.groups[:, number] + TOLERANCE_MW
        return broken | self._cuts_shared(batch) if self._shares_plants else broken

    def _cuts_shared(self, batch: Batch) -> npt.NDArray[np.bool_]:
        """Return in which snapshots the limit of a group may cut, where groups share generators.

        The closed form may miss the optimum there, with all limits of branches and with none.
        """
        found = np.zeros(len(batch.demand), dtype=bool)
        for number, (members, _) in enumerate(self.grid.groups):
            found |= row_sum(batch.available[:, members]) > batch.groups[:, number] + TOLERANCE_MW
        return found

    def _limited(self, topology: Topology) -> Limited:
        key = topology.in_service.tobytes()
        if key not in self._limits:
            self._limits[key] = Limited(self._frame, topology)
        return self._limits[key]

    def _programme(self, topology: Topology) -> Programme:
        key = topology.in_service.tobytes()
        if key not in self._programmes:
            self._programmes[key] = Programme(self.grid, topology, self._consumers)
        return self._programmes[key]
