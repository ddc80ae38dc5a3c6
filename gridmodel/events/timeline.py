"""What is left of everything, step by step and member by member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.events.read import Event
from gridmodel.events.repair import Repairs, Workforce, build_workforce
from gridmodel.events.strikes import Strike, drawn_shares, expected_shares
from gridmodel.events.targets import Target, find_target
from gridmodel.network import GridIndex, Network
from gridmodel.sampling import Settings, draw_one, draw_settings, of_member
from gridmodel.scenario import Scenario
from gridmodel.vocabulary import GAS_FIRED, TECHNOLOGIES

_Cell = TypeVar("_Cell", bound=np.generic)

REGIONAL = ("delivery", "heat_source", "heat_network", "water_pumping", "wastewater", "fuel", "crew")
"""What an event can lower in a region."""


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
    repairs: Repairs | None = None
    """Log of what strikes damaged; nothing where none is drawn."""

    def changes(self, members: int) -> npt.NDArray[np.bool_]:
        """Where power supply differs from the step before, shape ``(time, member)``; nothing does in the first."""
        changed = np.zeros((len(self.generator), members), dtype=bool)
        for name in ("generator", "branch", "delivery", "delivery_mw", "import_mw", "import_share"):
            values = getattr(self, name)
            moved = values[1:] != values[:-1]
            changed[1:] |= moved.any(axis=-1) if moved.ndim > 2 else moved
        return changed


def build_timeline(
    events: Sequence[Event],
    scenario: Scenario,
    network: Network,
    index: GridIndex,
    members: Sequence[int],
    *,
    settings: Settings | None = None,
    outdoor_c: Floats | None = None,
    extra_crews: Floats | None = None,
    spare_steps: Ints | None = None,
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
    index
        What generators and branches stand for.
    members
        Numbers of the members.
    settings
        What members draw: speed and number of crews, and, where it is among them, the share that is intercepted in
        every strike in place of the events' own. By default drawn here.
    outdoor_c
        Outdoor temperature, which slows repair, shape ``(time, region)`` or ``(time, member, region)``. [°C]
    extra_crews
        Crews that are added, any shape that fits ``(time, member, region)``.
    spare_steps
        First step in which each spare transformer beyond the scenario's stock is there, in order, shape ``(spare,)``.

    Notes
    -----
    Outages and limits on the same thing multiply; of all that bears on a region's delivery the lowest holds.
    Hits on the same unit multiply while both are open, whichever strike they came from. A `repair` ends what
    began before it on the same target. Drawn damage is repaired by the crews of its region (`repair.work_off`); a
    deterministic run takes the speed of their work, but no limit of crews and spares. A duration that an event
    gives itself is of the clock.
    """
    chosen = draw_settings(scenario, members) if settings is None else settings
    builder = _Builder(events, scenario, network, index, list(members), settings=chosen)
    for event in events:
        if event.kind in {"outage", "limit"}:
            builder.lower(event)
    workforce = build_workforce(
        scenario, chosen, population=network.tables["regions"]["population"].to_numpy(dtype=float),
        left=builder.left["crew"], alert=builder.alert(), outdoor_c=outdoor_c, extra_crews=extra_crews,
        spare_steps=spare_steps,
    )  # fmt: skip
    builder.strike_all(workforce)
    return builder.finish()


class _Builder:
    def __init__(
        self,
        events: Sequence[Event],
        scenario: Scenario,
        network: Network,
        index: GridIndex,
        members: list[int],
        *,
        settings: Settings,
    ) -> None:
        self.events, self.scenario, self.network, self.index, self.members = (
            events,
            scenario,
            network,
            index,
            members,
        )
        step = scenario.step_length
        start = scenario.start_utc
        self.steps = int((scenario.end_utc - start) / step)
        self.place = {id(event): int((scenario.to_utc(event.start) - start) / step) for event in events}
        regions = len(network.regions)
        sizes = {
            "generator": len(index.generators),
            "branch": len(index.branches),
            "import": 1,
            **dict.fromkeys(REGIONAL, regions),
        }
        self.left = {key: np.ones((self.steps, 1, size)) for key, size in sizes.items()}
        self.settings = settings
        self.repairs: Repairs | None = None
        self.delivery_mw = np.full((self.steps, 1, regions), np.inf)
        self.import_mw = np.full((self.steps, 1), np.inf)

    def target(self, event: Event) -> Target:
        """Rows and units that an event reaches."""
        return find_target(event, self.network, self.index)

    def lower(self, event: Event) -> None:
        """Apply an outage or a limit."""
        target = self.target(event)
        active = self._active(event, target)
        if not np.isnan(event.value_mw):
            limit = np.where(active, of_member(self.number(event, "value_mw"), 1), np.inf)
            if target.key == "import":
                self.import_mw = np.minimum(self.import_mw, limit[:, :, 0])
            else:
                self.delivery_mw = _lowered(self.delivery_mw, target.rows, limit, np.minimum)
            return
        given = of_member(self.number(event, "share"), 1)
        share = given if event.kind == "limit" else 1.0 - given
        how = np.minimum if target.key == "delivery" else np.multiply
        self.left[target.key] = _lowered(self.left[target.key], target.rows, np.where(active, share, 1.0), how)

    def number(self, event: Event, name: str) -> Floats:
        """Number in an event, shape ``()`` or ``(member,)``; each that is drawn has a stream of its own."""
        if name not in event.drawn or self.scenario.deterministic:
            return np.asarray(getattr(event, name), dtype=float)
        path = f"events.{event.row}.{name}"
        return draw_one(event.drawn[name], self.scenario.seed, self.members, path)

    def _lasts(self, event: Event) -> Floats:
        """Steps that an event lasts, at least one, infinite where it has no end, shape ``()`` or ``(member,)``."""
        microseconds = np.round(self.number(event, "duration_h") * 3.6e9)
        return np.asarray(np.maximum(1.0, np.ceil(microseconds / (self.scenario.step_h * 3.6e9))))

    def _active(self, event: Event, target: Target) -> Bools:
        """Steps in which an event acts on each of its rows, shape ``(time, member, row)``; the member axis may be 1."""
        begin = self.place[id(event)]
        steps = np.arange(self.steps)[:, None, None]
        end = np.minimum(begin + self._lasts(event).reshape(-1, 1), self._repaired(target, begin))
        return np.asarray((steps >= begin) & (steps < end))

    def _repaired(self, target: Target, begin: int) -> Floats:
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

    def strike_all(self, workforce: Workforce) -> None:
        """Apply all strikes; those on the same kind of thing together, so that double hits multiply."""
        strikes = [self._strike(event) for event in self.events if event.kind == "strike"]
        sizes = {key: left.shape[-1] for key, left in self.left.items()}
        shares: dict[str, Floats] = {}
        if self.scenario.deterministic:
            for key in dict.fromkeys(strike.target.key for strike in strikes):
                here = [strike for strike in strikes if strike.target.key == key]
                first = self.settings.part(slice(1))
                shares[key] = expected_shares(here, self.scenario, workforce, first, size=sizes[key])
        elif any(strike.most for strike in strikes):
            shares, self.repairs = drawn_shares(
                strikes, self.scenario, workforce, self.members, self.settings, sizes=sizes
            )
        for key, share in shares.items():
            old = self.left[key]
            self.left[key] = np.minimum(old, share) if key == "delivery" else old * share

    def _strike(self, event: Event) -> Strike:
        target, begin = self.target(event), self.place[id(event)]
        of_network = event.what == "branch" and target.rows[0] >= len(self.network.tables["lines"])
        drawn = event.drawn.get("hits")
        most = event.hits if drawn is None or self.scenario.deterministic else int(drawn.end(1.0))
        stopped = self.number(event, "interception")
        return Strike(
            event=event, target=target, begin=begin, until=self._repaired(target, begin),
            transformer=event.what in {"delivery", "transfer"} or bool(of_network),
            sent=self.number(event, "hits"), most=most, duration_h=self.number(event, "duration_h"),
            interception=self.settings.of("interception", 0) if "interception" in self.settings else stopped,
        )  # fmt: skip

    def alert(self) -> Bools:
        """Whether an alert lasts, shape ``(time, member, region)``; the member axis may be 1."""
        steps = np.arange(self.steps)[:, None, None]
        lasts = np.zeros((self.steps, 1, len(self.network.regions)), dtype=bool)
        for event in self.events:
            if event.kind == "alert":
                first = self.place[id(event)]
                here = (steps >= first) & (steps < first + self._lasts(event).reshape(-1, 1))
                lasts = _lowered(lasts, event.regions, np.repeat(here, len(event.regions), axis=2), np.logical_or)
        return lasts

    def finish(self) -> Timeline:
        """Return the timeline, with fuel taken off gas-fired generation."""
        left = self.left
        generator = left["generator"]
        fuel = left["fuel"]
        gas = np.isin(self.index.technology, [TECHNOLOGIES.index(name) for name in GAS_FIRED])
        if (fuel < 1).any():
            of_generator = np.where(gas, fuel[:, :, self.index.generator_region], 1.0)
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
            repairs=self.repairs,
        )

    def _chp(self, left: Floats) -> Floats:
        """Share of each region's combined heat and power that is left, shape ``(time, member, region)``."""
        table = self.network.tables["generators"]
        capacity = np.zeros(left.shape[-1])
        capacity[: len(table)] = np.where(table["technology"] == "chp", table["p_max_mw"].to_numpy(dtype=float), 0.0)
        of_region = np.zeros((left.shape[-1], len(self.network.regions)))
        plants = np.flatnonzero(capacity > 0)
        of_region[plants, self.index.generator_region[plants]] = capacity[plants]
        whole = of_region.sum(axis=0)
        kept = np.einsum("tmg,gr->tmr", left[..., plants], of_region[plants], optimize=False)
        return np.asarray(np.divide(kept, whole, out=np.ones_like(kept), where=whole > 0))


def _lowered(old: npt.NDArray[_Cell], rows: Ints, values: npt.NDArray[_Cell], how: np.ufunc) -> npt.NDArray[_Cell]:
    """Put values and what was there together on some rows, shape ``(time, member, row)``; an axis of 1 may grow."""
    members = max(old.shape[1], values.shape[1])
    made = np.array(np.broadcast_to(old, (len(old), members, old.shape[2])))
    made[:, :, rows] = how(made[:, :, rows], values)
    return made
