"""Timeline of events: the share of everything that remains, step by step and member by member."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.errors import InputError, Problem
from gridmodel.events.damage import DamageModel, damage_of
from gridmodel.events.delivery import EveningDemand, demand_of_damage, fixed_mw
from gridmodel.events.healing import healing_hours
from gridmodel.events.kinds import KINDS, Course, healing
from gridmodel.events.past import Noted, OpenJobs, Past, PastRow, Seam
from gridmodel.events.profiles import PROFILES
from gridmodel.events.read import NUMBERED, Event
from gridmodel.events.remaining import Announced, Timeline, chp_remaining
from gridmodel.events.repair import Repairs, Workforce, build_workforce
from gridmodel.events.sizes import Sizes, sizes_of
from gridmodel.events.strikes import Strike, drawn_shares, expected_shares
from gridmodel.events.targets import Target, existing, find_target
from gridmodel.events.waves import Flight, Wave
from gridmodel.events.weapons import Salvo
from gridmodel.network import GridIndex, Network
from gridmodel.sampling import Settings, draw_one, draw_settings, number_at, of_member
from gridmodel.scenario import Scenario
from gridmodel.vocabulary import EVENT_CLASSES, event_class

_Cell = TypeVar("_Cell", bound=np.generic)

LOWEST = frozenset(row.array for row in EVENT_CLASSES.values() if row.lowest)
"""Arrays in which the lowest of several limits applies, each in megawatts; in others shares multiply."""


def build_timeline(  # noqa: PLR0913 - one argument for each thing that acts on capacity
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
    evening: EveningDemand | None = None,
    seam: Seam | None = None,
    save_at: Sequence[int] = (),
    damage: DamageModel = damage_of,
) -> Timeline:
    """Turn events into shares that remain.

    Parameters
    ----------
    events
        Checked events.
    scenario
        Its period and seed; a deterministic one takes expected values.
    network
        Its tables contain the units.
    index
        Generators, interconnectors and branches, by position.
    members
        Numbers of the members.
    settings
        Settings by member: crews and their speed and, if it is among them, an interception that replaces that of
        every strike. Sampled here by default.
    outdoor_c
        Outdoor temperature, which slows repair, shape ``(time, region)`` or ``(time, member, region)``. [°C]
    extra_crews
        Crews in addition to the region's own, any shape that broadcasts to ``(time, member, region)``. [1]
    spare_steps
        First step in which each spare transformer beyond the scenario's stock is available, in order, shape
        ``(spare,)``.
    evening
        Demand that shares of delivery refer to; the demand of the reference day by default.
    seam
        State from which the run goes on, whose events are the first of `events`; None where it begins anew.
    save_at
        Steps at whose beginning the state is to be saved, ascending.
    damage
        Model of what hits do to units.

    Notes
    -----
    Outages and limits on the same rows multiply; for a region's delivery, which is fixed in megawatts when an event
    begins (`delivery.fixed_mw`), the lowest applies. Hits on the same unit multiply until they are repaired, whichever
    strike they came from. A `repair` ends what began before it on the same target, what began in its own step with that
    step. Sampled damage is repaired by the crews of its region (`repair.work_off`); in a deterministic run crews work
    at the same speed, but neither crews nor spares run short. A duration given by an event runs by the clock, whatever
    crews do.
    """
    chosen = draw_settings(scenario, members) if settings is None else settings
    builder = _Builder(
        events, scenario, network, index, list(members), settings=chosen, evening=evening, seam=seam, save_at=save_at
    )
    # in the order of time, in which a run from a saved state has them: products in another differ in their last bits
    for event in sorted(events, key=lambda event: builder.begin[id(event)]):
        acts = KINDS[event.kind].acts
        if callable(acts):
            builder.lower(event, acts)
    workforce = build_workforce(
        scenario, chosen, population=network.tables["regions"]["population"].to_numpy(dtype=float),
        remaining=builder.remaining["crew"], alert=builder.alert(), outdoor_c=outdoor_c, extra_crews=extra_crews,
        spare_steps=spare_steps,
    )  # fmt: skip
    builder.damage = damage
    builder.strike_all(workforce)
    return builder.finish()


class _Builder:
    """Timeline that is being built."""

    def __init__(
        self,
        events: Sequence[Event],
        scenario: Scenario,
        network: Network,
        index: GridIndex,
        members: list[int],
        *,
        settings: Settings,
        evening: EveningDemand | None = None,
        seam: Seam | None = None,
        save_at: Sequence[int] = (),
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
        self.begin = {id(event): floor((scenario.to_utc(event.start) - start) / step) for event in events}
        self.seam, self.noted = seam, Noted(steps=tuple(save_at)) if save_at else None
        self.base_mw: dict[int, Floats] = {}
        known = None if seam is None else seam.past.limit_base_mw
        earlier = [event for event in events[: 0 if seam is None else len(seam.past.rows)] if _by_share(event)]
        if seam is not None and (0 if known is None else len(known)) != len(earlier):
            message = f"has {0 if known is None else len(known)} limits of delivery; its events have {len(earlier)}"
            raise InputError([Problem(message=message, table=seam.shown, field="past.limit_base_mw")])
        if known is not None:
            self.base_mw = {id(event): base for event, base in zip(earlier, known, strict=True)}
        sizes = {
            **{row.array: len(network.regions) for row in EVENT_CLASSES.values() if row.place == "region"},
            "generator": len(index.generators),
            "branch": len(index.branches),
            "import": 1,
        }
        self.remaining = {key: np.ones((self.steps, 1, size)) for key, size in sizes.items()}
        self.ties = np.ones((self.steps, 1, 1))
        self.limit_mw = {
            row.array: np.full((self.steps, 1, sizes[row.array]), np.inf) for row in EVENT_CLASSES.values() if row.in_mw
        }
        self.announced = {"generator": self.remaining["generator"], "branch": self.remaining["branch"]}
        self.announced["delivery"] = self.limit_mw["delivery"]
        self.settings = settings
        reference_mw = network.tables["regions"]["reference_demand_mw"].to_numpy(dtype=float)
        self.evening = EveningDemand.always(reference_mw, self.steps) if evening is None else evening
        self.repairs: Repairs | None = None
        self.expected: list[Strike] = []
        self.damage: DamageModel = damage_of

    def target(self, event: Event) -> Target:
        """Return the rows that an event acts on."""
        return find_target(event, self.network, self.index, self.scenario)

    def lower(self, event: Event, remaining: Callable[[Course], Floats]) -> None:
        """Apply an event that acts on capacity."""
        target = self.target(event)
        key, active = target.key, self._active(event, target)
        if not np.isnan(event.value_mw):
            limit = np.where(active, of_member(self.number(event, "value_mw"), 1), np.inf)
            self.limit_mw[key] = _lowered(self.limit_mw[key], target.rows, limit, np.minimum)
            self._announce(event, target, limit, np.minimum)
            return
        middle = np.arange(self.steps)[:, None, None] - self.begin[id(event)] + 0.5
        hours = np.asarray(middle * self.scenario.step_h, dtype=np.float64)
        share, duration_h = (of_member(self.number(event, name), 1) for name in ("share", "duration_h"))
        course = Course(hours=hours, share=share, duration_h=duration_h, healing_h=self._heals(event, target))
        lowered = np.where(active, remaining(course), 1.0)
        if key in LOWEST:
            if id(event) not in self.base_mw:
                self.base_mw[id(event)] = self.evening.at(self.begin[id(event)])
            whole = self.base_mw[id(event)][:, target.rows]
            limit = np.where(lowered < 1.0, lowered * whole, np.inf)
            self.limit_mw[key] = _lowered(self.limit_mw[key], target.rows, limit, np.minimum)
            self._announce(event, target, limit, np.minimum)
            return
        self.remaining[key] = _lowered(self.remaining[key], target.rows, lowered, np.multiply)
        self._announce(event, target, lowered, np.multiply)
        if key == "import" and not KINDS[event.kind].announced:
            self.ties = _lowered(self.ties, target.rows, lowered, np.multiply)

    def _announce(self, event: Event, target: Target, values: Floats, how: np.ufunc) -> None:
        """Note what an event leaves that is announced, where damage must be told from it."""
        if KINDS[event.kind].announced and target.key in self.announced:
            self.announced[target.key] = _lowered(self.announced[target.key], target.rows, values, how)

    def number(self, event: Event, name: str) -> Floats:
        """Return a number of an event, shape ``()`` or ``(member,)``; each sampled number has a stream of its own."""
        if name not in event.drawn or self.scenario.deterministic:
            return np.asarray(getattr(event, name), dtype=float)
        path = f"events.{event.row}.{name}"
        return draw_one(event.drawn[name], self.scenario.seed, self._members_at(event), path)

    def _members_at(self, event: Event) -> list[int]:
        """Return the numbers of the members' streams when an event begins."""
        return [number_at(member, self.scenario.to_utc(event.start)) for member in self.members]

    def _lasts(self, event: Event) -> Floats:
        """Return the steps that an event lasts, at least 1, infinite without an end, shape ``()`` or ``(member,)``."""
        microseconds = np.round(self.number(event, "duration_h") * 3.6e9)
        return np.asarray(np.maximum(1.0, np.ceil(microseconds / (self.scenario.step_h * 3.6e9))))

    def _heals(self, event: Event, target: Target) -> Floats:
        """Return the healing time of an event on each of its rows, shape ``()``, ``(member, 1)`` or ``(member, row)``.

        A branch between two zones heals as the slower of them does. [h]
        """
        if KINDS[event.kind].acts is not healing:
            return np.asarray(np.inf)
        if not np.isnan(event.healing_h):
            return of_member(self.number(event, "healing_h"), 1)
        ends = self.index.branch_region[target.rows] if target.key == "branch" else target.region[:, None]
        ends = np.where(ends < 0, ends[:, ::-1], ends)  # a line to a border heals as its end in the country
        by_zone = healing_hours(self.scenario, self.members, self.network.zones)
        return np.asarray(by_zone[:, ends].max(axis=-1))

    def _active(self, event: Event, target: Target) -> Bools:
        """Return where an event acts on each of its rows, shape ``(time, member, row)``; the member axis may be 1."""
        begin = self.begin[id(event)]
        steps = np.arange(self.steps)[:, None, None]
        end = np.minimum(begin + self._lasts(event).reshape(-1, 1), self._repaired(event, target))
        return np.asarray((steps >= begin) & (steps < end))

    def _repaired(self, event: Event, target: Target) -> Floats:
        """Return the step from which the first later `repair` ends an event on each row, shape ``(row,)``.

        It is infinite without one. What begins and is repaired within a step lasts for that step.
        """
        end, first = np.full(len(target.rows), np.inf), self.begin[id(event)] + 1
        for repair in self.events:
            if KINDS[repair.kind].acts != "repair" or repair.start <= event.start:
                continue
            other = self.target(repair)
            if other.key == target.key:
                here = np.isin(target.rows, other.rows)
                end[here] = np.minimum(end[here], max(self.begin[id(repair)], first))
        return end

    def strike_all(self, workforce: Workforce) -> None:
        """Apply all strikes; those on one array together, so that hits on the same unit multiply.

        Raises
        ------
        InputError
            If a state does not fit its strikes.
        """
        strikes = [strike for event in self.events for strike in self._strikes_of(event)]
        sizes = {key: remaining.shape[-1] for key, remaining in self.remaining.items()}
        shares: dict[str, Floats] = {}
        if self.scenario.deterministic:
            for key in dict.fromkeys(strike.target.key for strike in strikes):
                here = [strike for strike in strikes if strike.target.key == key]
                first = self.settings.part(slice(1))
                shares[key] = expected_shares(
                    here, self.scenario, workforce, first, size=sizes[key], worked=self._worked(here, strikes),
                    seam=self.seam, noted=self.noted,
                )  # fmt: skip
                self.expected += here
        elif any(strike.most for strike in strikes):
            shares, self.repairs = drawn_shares(
                strikes, self.scenario, workforce, self.members, self.settings, sizes=self._sizes, seam=self.seam,
                noted=self.noted, damage=self.damage,
            )  # fmt: skip
        earlier_mw = None if self.seam is None else self.seam.past.damaged_mw
        if (
            self.seam is not None
            and earlier_mw is None
            and any(strike.begin < self.seam.step and strike.target.key in LOWEST for strike in strikes)
        ):
            message = "is missing: its events have strikes on delivery"
            raise InputError([Problem(message=message, table=self.seam.shown, field="past.damaged_mw")])
        for key, share in shares.items():
            if key in LOWEST:
                self.limit_mw[key] = np.minimum(self.limit_mw[key], fixed_mw(share, self.evening, earlier_mw))
                if self.noted is not None:
                    base = demand_of_damage(share, self.evening, earlier_mw)
                    before = [max(step - 1, 0) for step in self.noted.steps]
                    self.noted.damaged_mw = np.where(share[before] < 1.0, base[before], 0.0)
            else:
                self.remaining[key] = self.remaining[key] * share
                self.ties = self.ties * share if key == "import" else self.ties

    def _worked(self, here: Sequence[Strike], strikes: Sequence[Strike]) -> dict[int, Floats] | None:
        """Return the work since strikes from before a state, by their place among some strikes.

        Raises
        ------
        InputError
            If the state has that of other strikes.
        """
        known = None if self.seam is None else self.seam.past.worked_steps
        before = sum(strike.early for strike in strikes)
        if self.seam is not None and (0 if known is None else known.shape[1]) != before:
            message = f"is not of the {before} strikes of its events"
            raise InputError([Problem(message=message, table=self.seam.shown, field="past.worked_steps")])
        if known is None:
            return None
        of_strike = {id(strike): known[:, place] for place, strike in enumerate(strikes[: known.shape[1]])}
        return {place: of_strike[id(strike)] for place, strike in enumerate(here) if id(strike) in of_strike}

    def _sizes(self, key: str, settings: Settings, members: Sequence[int]) -> Sizes:
        """Return the sizes of the units of an array, for some members."""
        return sizes_of(
            key, self.network, self.index, scenario=self.scenario, settings=settings, streams=members
        )  # fmt: skip

    def _early(self, event: Event) -> bool:
        """Return whether an event is from before the state from which the run goes on."""
        return self.seam is not None and any(event is other for other in self.events[: len(self.seam.past.rows)])

    def _strikes_of(self, event: Event) -> list[Strike]:
        """Return the strike of an event, or what a wave sends to each class; nothing for events of other kinds."""
        acts = KINDS[event.kind].acts
        if acts == "strike":
            return [self._strike(event)]
        return self._wave(event) if acts == "wave" else []

    def _strike(self, event: Event) -> Strike:
        target, begin = self.target(event), self.begin[id(event)]
        own_transformer = event.what == "branch" and target.rows[0] >= len(self.network.tables["lines"])
        drawn = event.drawn.get("hits")
        most = event.hits if drawn is None or self.scenario.deterministic else int(drawn.end(1.0))
        own = self.number(event, "interception")
        return Strike(
            event=event, what=event.what, target=target, begin=begin, until=self._repaired(event, target),
            transformer=event_class(event.what).transformer or bool(own_transformer),
            sent=self.number(event, "hits"), most=most, duration_h=self.number(event, "duration_h"),
            interception=self._interception(own), number=self._number(event), early=self._early(event),
        )  # fmt: skip

    def _interception(self, own: Floats) -> Floats:
        """Return the interception of an event, in whose place the scenario may have one for all."""
        return self.settings.of("interception", 0) if "interception" in self.settings else own

    def _wave(self, event: Event) -> list[Strike]:
        """Return what a wave sends to each class that its target has."""
        begin, duration_h = self.begin[id(event)], self.number(event, "duration_h")
        there = {}
        for what, share in PROFILES[event.profile].shares.items():
            target = find_target(event, self.network, self.index, self.scenario, what)
            target = existing(target, what, self.network)
            if len(target.rows):
                there[what] = (share, target)
        shares = np.array([share for share, _ in there.values()])
        wave = Wave(
            name=f"wave.{self._number(event)}",
            flights=tuple(self._flight(event, weapon, salvo) for weapon, salvo in event.weapons.items()),
            shares=shares / shares.sum(), targets=tuple(target for _, target in there.values()),
            concentration=self.scenario.wave_concentration,
        )  # fmt: skip
        return [
            Strike(
                event=event, what=what, target=target, begin=begin, until=self._repaired(event, target),
                transformer=event_class(what).transformer, sent=np.asarray(0.0), most=wave.most(place),
                duration_h=duration_h, interception=np.asarray(0.0), early=self._early(event), wave=wave, place=place,
            ) for place, (what, (_, target)) in enumerate(there.items())
        ]  # fmt: skip

    def _flight(self, event: Event, weapon: str, salvo: Salvo) -> Flight:
        """Return the weapons of one type of a wave, with what each member draws of their numbers."""
        numbers = {"number": np.asarray(float(salvo.number)), "interception": np.asarray(salvo.interception)}
        most = salvo.number
        if not self.scenario.deterministic:
            for name, made in salvo.drawn.items():
                path = f"events.{event.row}.weapons.{weapon}.{name}"
                numbers[name] = draw_one(made, self.scenario.seed, self._members_at(event), path)
                most = int(made.end(1.0)) if name == "number" else most
        return Flight(
            weapon=weapon, sent=numbers["number"], most=most, interception=self._interception(numbers["interception"])
        )

    def alert(self) -> Bools:
        """Return where an alert lasts, shape ``(time, member, region)``; the member axis may be 1."""
        steps = np.arange(self.steps)[:, None, None]
        lasts = np.zeros((self.steps, 1, len(self.network.regions)), dtype=bool)
        for event in self.events:
            if KINDS[event.kind].acts == "alert":
                first = self.begin[id(event)]
                here = (steps >= first) & (steps < first + self._lasts(event).reshape(-1, 1))
                lasts = _lowered(lasts, event.regions, np.repeat(here, len(event.regions), axis=2), np.logical_or)
        return lasts

    def finish(self) -> Timeline:
        """Return the timeline, with generation that lacks gas lowered."""
        remaining, limits = self.remaining, self.announced
        generator = remaining["generator"]
        fuel = remaining["fuel"]
        gas = self.index.burns_gas
        if (fuel < 1).any():
            of_generator = np.where(gas, fuel[:, :, self.index.generator_region], 1.0)
            generator = generator * of_generator
        return Timeline(
            generator=generator,
            branch=remaining["branch"],
            delivery_mw=self.limit_mw["delivery"],
            import_mw=self.limit_mw["import"][:, :, 0],
            import_share=remaining["import"][:, :, 0],
            ties=self.ties[:, :, 0],
            announced=Announced(generator=limits["generator"], branch=limits["branch"], delivery_mw=limits["delivery"]),
            heat_source=remaining["heat_source"],
            heat_network=remaining["heat_network"],
            water_pumping=remaining["water_pumping"],
            wastewater=remaining["wastewater"],
            fuel=fuel,
            gas_may_lack=any(event.what == "fuel" and self.begin[id(event)] < self.steps for event in self.events),
            exempt=remaining["exempt"],
            chp=chp_remaining(remaining["generator"], self.network, self.index),
            turbines=np.ones((self.steps, 1, len(self.network.regions))),
            repairs=self.repairs,
            pasts={step: self._past(place, step) for place, step in enumerate(self.noted.steps)} if self.noted else {},
        )

    def _past(self, place: int, step: int) -> Past:
        """Return the damage before the step of a state to be saved, with its place among them."""
        assert self.noted is not None  # noqa: S101 - asked only where states are saved
        begun = [event for event in self.events if self.begin[id(event)] < step]
        bases = [self.base_mw[id(event)] for event in begun if _by_share(event)]
        members = max((len(base) for base in bases), default=1)
        damaged = self.noted.damaged_mw
        known = list(zip(self.expected, self.noted.worked_steps, strict=True))
        worked = [
            notes[place] for event in begun
            for _, notes in sorted(
                ((strike.place, notes) for strike, notes in known if strike.event is event), key=lambda pair: pair[0]
            )
        ]  # fmt: skip
        return Past(
            rows=tuple(PastRow(cells=event.cells, row=event.row, strike=self._number(event)) for event in begun),
            jobs=self._jobs(place, step),
            worked_steps=np.stack(worked, axis=1) if worked else None,
            limit_base_mw=np.stack([np.broadcast_to(base, (members, base.shape[1])) for base in bases])
            if bases
            else None,
            damaged_mw=None if damaged is None else damaged[place],
        )

    def _number(self, event: Event) -> int:
        """Return the number of a strike among the strikes of the run, or of a wave among the waves; else -1."""
        acts = KINDS[event.kind].acts
        if acts not in NUMBERED:
            return -1
        sent = [id(other) for other in self.events if KINDS[other.kind].acts == acts]
        return event.strike if event.strike >= 0 else sent.index(id(event))

    def _jobs(self, place: int, step: int) -> OpenJobs | None:
        """Return the hits of strikes before a step, and the work done on them; None where none is drawn."""
        if self.repairs is None:
            return None
        kept, log = self.repairs.progress, self.repairs
        begun = log.begin < step
        end, worked = log.end[:, begun], kept["worked"][:, begun]
        return OpenJobs(
            unit=kept["unit"][:, begun], position=kept["position"][:, begun], state=log.state[:, begun],
            remaining=kept["remaining"][:, begun], work_h=kept["work_h"][:, begun],
            done_h=kept["done_h"][place][:, begun],
            worked=np.where(worked <= step, worked - step, np.inf), end=np.where(end <= step, end - step, np.inf),
        )  # fmt: skip


def _by_share(event: Event) -> bool:
    """Return whether an event leaves a share of what is in megawatts, so that what it refers to must be known."""
    kind = KINDS[event.kind]
    return callable(kind.acts) and event_class(event.what).array in LOWEST and bool(np.isnan(event.value_mw))


def _lowered(old: npt.NDArray[_Cell], rows: Ints, values: npt.NDArray[_Cell], how: np.ufunc) -> npt.NDArray[_Cell]:
    """Combine values with those on some rows, shape ``(time, member, row)``; a member axis of 1 may grow."""
    members = max(old.shape[1], values.shape[1])
    made = np.array(np.broadcast_to(old, (len(old), members, old.shape[2])))
    made[:, :, rows] = how(made[:, :, rows], values)
    return made
