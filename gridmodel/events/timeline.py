"""What is left of everything, step by step and member by member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from gridmodel.events.damage import draw_hits, expected_left
from gridmodel.events.read import Event
from gridmodel.names import GAS_FIRED, TECHNOLOGIES
from gridmodel.network import Labels, Network
from gridmodel.scenario import Scenario

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

REGIONAL = ("delivery", "heat_source", "heat_network", "water_pumping", "wastewater", "fuel")
"""What an event can lower in a region."""
MAX_CELLS = 2e7
"""Numbers held at once while strikes are drawn. Ours: some 200 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Shares that are left, each of shape ``(time, member, …)``; the member axis is 1 where no draw touches it."""

    generator: Floats
    """Capacity of each generator and interconnector, fuel included. [1]"""
    branch: Floats
    """Rating of each branch, 0 where it is out. [1]"""
    delivery: Floats
    """Need that each region's network can pass on; 1 also means no limit. [1]"""
    delivery_mw: Floats
    """The same in megawatts, infinite where there is no limit. [MW]"""
    import_mw: Floats
    """Limit of imports, infinite where events set none, shape ``(time, member)``. [MW]"""
    import_share: Floats
    """Share of the limit of imports that is left, shape ``(time, member)``. [1]"""
    heat_source: Floats
    """Capacity of heat sources, by region. [1]"""
    heat_network: Floats
    """Buildings that the heat network reaches, by region. [1]"""
    water_pumping: Floats
    """Pumping stations that work, by region. [1]"""
    chp: Floats
    """Combined heat and power that damage leaves, fuel aside, by region; 1 where there is none. [1]"""
    wastewater: Floats
    """Sewage lift stations that work, by region. [1]"""
    fuel: Floats
    """Gas that there is, by region. [1]"""

    def changes(self, members: int) -> npt.NDArray[np.bool_]:
        """Where power supply differs from the step before, shape ``(time, member)``; nothing does in the first."""
        changed = np.zeros((len(self.generator), members), dtype=bool)
        for name in ("generator", "branch", "delivery", "delivery_mw", "import_mw", "import_share"):
            values = getattr(self, name)
            moved = values[1:] != values[:-1]
            changed[1:] |= moved.any(axis=-1) if moved.ndim > 2 else moved
        return changed


@dataclass(slots=True)
class _Target:
    """Where an event acts: a kind of thing, which rows of it, and their units."""

    key: str
    rows: Ints
    units: Ints
    region: Ints
    """Region of each row, for alerts and repairs; -1 at a border."""


def build_timeline(
    events: Sequence[Event],
    scenario: Scenario,
    network: Network,
    labels: Labels,
    members: Sequence[int],
    *,
    interception: Floats | None = None,
) -> Timeline:
    """Turn events into shares that are left.

    Parameters
    ----------
    events
        Checked events.
    scenario
        Period, seed and numbers of the draws; a deterministic one takes expected values.
    network
        Its tables hold the units.
    labels
        What generators and branches stand for.
    members
        Numbers of the members.
    interception
        Share that is intercepted in every strike, in place of the events' own, one for all or shape ``(member,)``. [1]

    Notes
    -----
    Outages and limits on the same thing multiply; of all that bears on a region's delivery the lowest holds.
    Hits on the same unit multiply while both are open, whichever strike they came from. A `repair` ends what
    began before it on the same target. Repair work stops while an alert lasts in the region; a duration that an
    event gives itself is of the clock.
    """
    builder = _Builder(events, scenario, network, labels, list(members))
    if interception is not None:
        builder.interception = np.broadcast_to(interception, len(members))
    for event in events:
        if event.kind in {"outage", "limit"}:
            builder.lower(event)
    builder.strike_all()
    return builder.finish()


class _Builder:
    def __init__(
        self,
        events: Sequence[Event],
        scenario: Scenario,
        network: Network,
        labels: Labels,
        members: list[int],
    ) -> None:
        self.events, self.scenario, self.network, self.labels, self.members = (
            events,
            scenario,
            network,
            labels,
            members,
        )
        step = scenario.step_length
        start = scenario.start_utc
        self.steps = int((scenario.end_utc - start) / step)
        self.place = {id(event): int((scenario.to_utc(event.start) - start) / step) for event in events}
        regions = len(network.regions)
        sizes = {
            "generator": len(labels.generators),
            "branch": len(labels.branches),
            "import": 1,
            **dict.fromkeys(
                ("delivery", "heat_source", "heat_network", "water_pumping", "wastewater", "fuel"), regions
            ),
        }
        self.left = {key: np.ones((self.steps, 1, size)) for key, size in sizes.items()}
        self.interception: Floats | None = None
        self.delivery_mw = np.full((self.steps, 1, regions), np.inf)
        self.import_mw = np.full((self.steps, 1), np.inf)

    def target(self, event: Event) -> _Target:
        """Rows and units that an event reaches."""
        labels, tables = self.labels, self.network.tables
        regions = event.regions
        own = np.isin(labels.generator_region, regions)
        units = np.array([*tables["generators"]["units"], *[1] * len(tables["interconnectors"])], dtype=np.intp)
        circuits = np.array([*tables["lines"]["parallel"], *tables["transformers"]["parallel"]], dtype=np.intp)
        if event.what in {"generator", "branch"}:
            names = labels.generators if event.what == "generator" else labels.branches
            rows = np.array([names.index(event.component)], dtype=np.intp)
            count = units if event.what == "generator" else circuits
            return _Target(event.what, rows, count[rows], np.resize(regions, 1) if len(regions) else np.array([-1]))
        if event.what == "generation" or event.what in TECHNOLOGIES:
            of_kind = labels.technology >= 0
            if event.what != "generation":
                of_kind = labels.technology == TECHNOLOGIES.index(event.what)
            rows = np.flatnonzero(own & of_kind)
            return _Target("generator", rows, units[rows], labels.generator_region[rows])
        if event.what == "transfer":
            ends = labels.branch_region
            rows = np.flatnonzero(np.isin(ends, regions).any(axis=1) & (ends[:, 0] != ends[:, 1]))
            return _Target("branch", rows, circuits[rows], ends[rows, 0])
        if event.what == "import":
            return _Target("import", np.array([0]), np.array([1]), np.array([-1]))
        units_of = {
            "heat_source": ("heat_systems", "source_units"),
            "water_pumping": ("water_systems", "units"),
        }
        count = np.ones(len(regions), dtype=np.intp)
        if event.what in units_of:
            table, column = units_of[event.what]
            by_region = tables[table].set_index("region")[column].reindex(self.network.regions).fillna(1)
            count = by_region.to_numpy(dtype=np.intp)[regions]
        return _Target(event.what, regions, count, regions)

    def lower(self, event: Event) -> None:
        """Apply an outage or a limit."""
        target = self.target(event)
        active = self._active(event, target)[:, None, :]
        if not np.isnan(event.value_mw):
            limit = np.where(active, event.value_mw, np.inf)
            if target.key == "import":
                self.import_mw = np.minimum(self.import_mw, limit[:, :, 0])
            else:
                self.delivery_mw[:, :, target.rows] = np.minimum(self.delivery_mw[:, :, target.rows], limit)
            return
        share = event.share if event.kind == "limit" else 1.0 - event.share
        old = self.left[target.key][:, :, target.rows]
        lowered = np.where(active, share, 1.0)
        both = np.minimum(old, lowered) if target.key == "delivery" else old * lowered
        self.left[target.key][:, :, target.rows] = both

    def _active(self, event: Event, target: _Target) -> npt.NDArray[np.bool_]:
        """Steps in which an event acts on each of its rows, shape ``(time, row)``."""
        begin = self.place[id(event)]
        steps = np.arange(self.steps)[:, None]
        end = np.full(len(target.rows), np.inf)
        if np.isfinite(event.duration_h):
            end[:] = begin + max(1.0, np.ceil(timedelta(hours=event.duration_h) / self.scenario.step_length))
        end = np.minimum(end, self._repaired(target, begin))
        return np.asarray((steps >= begin) & (steps < end))

    def _repaired(self, target: _Target, begin: int) -> Floats:
        """Step of the first later `repair` event on each row, infinite where there is none."""
        end = np.full(len(target.rows), np.inf)
        for event in self.events:
            if event.kind != "repair" or self.place[id(event)] <= begin:
                continue
            other = self.target(event)
            if other.key == target.key:
                here = np.isin(target.rows, other.rows)
                end[here] = np.minimum(end[here], self.place[id(event)])
        return end

    def strike_all(self) -> None:
        """Apply all strikes; those on the same kind of thing together, so that double hits multiply."""
        strikes = [event for event in self.events if event.kind == "strike"]
        by_key: dict[str, list[tuple[int, Event, _Target]]] = {}
        for number, event in enumerate(strikes):
            target = self.target(event)
            by_key.setdefault(target.key, []).append((number, event, target))
        for key, listed in by_key.items():
            share = self._expected(key, listed) if self.scenario.deterministic else self._drawn(key, listed)
            old = self.left[key]
            self.left[key] = np.minimum(old, share) if key == "delivery" else old * share

    def _expected(self, key: str, listed: list[tuple[int, Event, _Target]]) -> Floats:
        share = np.ones_like(self.left[key])
        for _, event, target in listed:
            begin = self.place[id(event)]
            for region in np.unique(target.region):
                here = target.region == region
                worked = self._hours_h(event, begin, np.array([region]))[:, 0]
                stopped = event.interception if self.interception is None else float(self.interception[0])
                mean = expected_left(
                    self.scenario, what=event.what, units=int(target.units.sum()), hits=event.hits,
                    interception=stopped, worked_h=worked, fixed_h=event.duration_h,
                )  # fmt: skip
                steps = np.arange(self.steps)[:, None]
                open_ = (steps >= begin) & (steps < self._repaired(target, begin)[here])
                share[:, 0, target.rows[here]] *= np.where(open_, mean[:, None], 1.0)
        return share

    def _drawn(self, key: str, listed: list[tuple[int, Event, _Target]]) -> Floats:
        """Draw the strikes of all members, some members at a time so that memory stays bounded."""
        hits = max(1, sum(event.hits for _, event, _ in listed))
        block = max(1, int(MAX_CELLS / (hits * (self.steps + hits))))
        parts = [slice(first, first + block) for first in range(0, len(self.members), block)]
        return np.concatenate([self._drawn_for(key, listed, part) for part in parts], axis=1)

    def _drawn_for(self, key: str, listed: list[tuple[int, Event, _Target]], part: slice) -> Floats:
        """Draw every hit, find hits on the same unit, and multiply what each leaves while both are open."""
        size = self.left[key].shape[2]
        units_of_row = np.ones(size, dtype=np.intp)
        for _, _, target in listed:
            units_of_row[target.rows] = target.units
        first_unit = np.concatenate([[0], np.cumsum(units_of_row)])
        members = self.members[part]
        columns = [self._hits(number, event, target, first_unit, part) for number, event, target in listed]
        unit, row, left, begin, end = (np.concatenate(parts, axis=1) for parts in zip(*columns, strict=True))
        if not unit.shape[1]:
            return np.ones((self.steps, len(members), size))
        same = unit[:, :, None] == unit[:, None, :]
        slot = same.argmax(axis=2)
        steps = np.arange(self.steps)[:, None, None]
        state = np.ones((self.steps, *unit.shape))
        everyone = np.arange(len(members))
        for hit in range(unit.shape[1]):
            open_ = (steps[:, :, 0] >= begin[:, hit]) & (steps[:, :, 0] < end[:, hit])
            state[:, everyone, slot[:, hit]] *= np.where(open_ & (unit[:, hit] >= 0), left[:, hit], 1.0)
        share = np.ones((self.steps, len(members), size))
        for hit in range(unit.shape[1]):
            leads = (slot[:, hit] == hit) & (unit[:, hit] >= 0)
            lost = np.where(leads, 1.0 - state[:, :, hit], 0.0)
            share[:, everyone, row[:, hit]] -= lost / units_of_row[row[:, hit]]
        return np.clip(share, 0.0, 1.0)

    def _hits(
        self, number: int, event: Event, target: _Target, first_unit: Ints, part: slice
    ) -> tuple[Ints, Ints, Floats, Ints, Floats]:
        """Unit, row, capacity left, first and last step of each hit, each of shape ``(member, hit)``."""
        drawn = draw_hits(
            self.scenario, strike=number, what=event.what, units=int(target.units.sum()), hits=event.hits,
            interception=event.interception if self.interception is None else self.interception[part],
            members=self.members[part],
        )  # fmt: skip
        edges = np.cumsum(target.units)
        position = np.minimum(np.searchsorted(edges, drawn.unit, side="right"), len(edges) - 1)
        row = target.rows[position]
        unit = np.where(drawn.unit < 0, -1, first_unit[row] + drawn.unit - (edges - target.units)[position])
        begin = self.place[id(event)]
        work_h = drawn.repair_h if not np.isfinite(event.duration_h) else np.full_like(drawn.repair_h, event.duration_h)
        worked = self._hours_h(event, begin, target.region)
        end = np.full(unit.shape, float(self.steps))
        for place in range(len(target.rows)):
            here = position == place
            end[here] = np.searchsorted(worked[:, place], work_h[here], side="left")
        end = np.minimum(np.maximum(end, begin), self._repaired(target, begin)[position])
        return unit, row, drawn.left, np.full(unit.shape, begin), end

    def _hours_h(self, strike: Event, begin: int, region: Ints) -> Floats:
        """Hours since a strike by the start of each step, shape ``(time, row)``.

        They are hours of repair work, none while an alert lasts, unless the event gives its own duration.
        """
        working = np.ones((self.steps, len(region)))
        working[:begin] = 0.0
        for event in self.events if not np.isfinite(strike.duration_h) else ():
            if event.kind == "alert":
                first = self.place[id(event)]
                last = first + max(1, int(np.ceil(timedelta(hours=event.duration_h) / self.scenario.step_length)))
                working[first:last, np.isin(region, event.regions)] = 0.0
        done = np.cumsum(working, axis=0) * self.scenario.step_h
        return np.concatenate([np.zeros((1, len(region))), done[:-1]])

    def finish(self) -> Timeline:
        """Return the timeline, with fuel taken off gas-fired generation."""
        left = self.left
        generator = left["generator"]
        fuel = left["fuel"]
        gas = np.isin(self.labels.technology, [TECHNOLOGIES.index(name) for name in GAS_FIRED])
        if (fuel < 1).any():
            of_generator = np.where(gas, fuel[:, :, self.labels.generator_region], 1.0)
            generator = generator * of_generator
        return Timeline(
            generator=generator,
            branch=left["branch"],
            delivery=left["delivery"],
            delivery_mw=self.delivery_mw,
            import_mw=self.import_mw,
            import_share=left["import"][:, :, 0],
            heat_source=left["heat_source"],
            heat_network=left["heat_network"],
            water_pumping=left["water_pumping"],
            wastewater=left["wastewater"],
            fuel=fuel,
            chp=self._chp(left["generator"]),
        )

    def _chp(self, left: Floats) -> Floats:
        """Share of each region's combined heat and power that is left, shape ``(time, member, region)``."""
        table = self.network.tables["generators"]
        capacity = np.zeros(left.shape[-1])
        capacity[: len(table)] = np.where(table["technology"] == "chp", table["p_max_mw"].to_numpy(dtype=float), 0.0)
        of_region = np.zeros((left.shape[-1], len(self.network.regions)))
        plants = np.flatnonzero(capacity > 0)
        of_region[plants, self.labels.generator_region[plants]] = capacity[plants]
        whole = of_region.sum(axis=0)
        kept = np.einsum("tmg,gr->tmr", left[..., plants], of_region[plants], optimize=False)
        return np.asarray(np.divide(kept, whole, out=np.ones_like(kept), where=whole > 0))
