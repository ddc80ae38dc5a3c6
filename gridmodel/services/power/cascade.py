"""Cascades that damage sets off, and how long their marks last: trips, relays, black islands and their return."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import Dispatched
from gridmodel.dispatch.frequency import NOMINAL_HZ
from gridmodel.dispatch.merit import ratio
from gridmodel.services.power.conditions import Conditions, of_rows
from gridmodel.services.power.entries import Log, Notes
from gridmodel.services.power.islands import Live, dispatched, with_any
from gridmodel.services.power.rounds import strike
from gridmodel.services.power.shock import Aftermath, Before
from gridmodel.services.power.struck import kept_at_once, lose_at_once
from gridmodel.services.power.system import PowerSystem
from gridmodel.vocabulary import CAUSES, MECHANISMS, TIERS

CRITICAL = TIERS.index("critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Off:
    """Plant, branches and load that a cascade has put out of service, and for how much longer."""

    generator_h: Floats
    """Time until each generator is back, shape ``(member, generator)``. [h]"""
    waiting: Bools
    """True for generators that start only once their island is live, shape ``(member, generator)``."""
    branch_h: Floats
    """Time until each branch is closed again, shape ``(member, branch)``. [h]"""
    relay_h: Floats
    """Time until load that relays shed may be served, shape ``(member, region)``. [h]"""
    relay_share: Floats
    """Share of load that is not critical which they shed, shape ``(member, region)``. [1]"""

    @classmethod
    def nothing(cls, system: PowerSystem) -> Off:
        """Return empty marks: everything is in service."""
        members, grid = system.members, system.grid
        sizes = (len(grid.generator_bus), len(grid.branch_from), grid.regions, grid.regions)
        generator, branch, relay, share = (np.zeros((members, size)) for size in sizes)
        return cls(
            generator_h=generator, waiting=np.zeros(generator.shape, dtype=bool), branch_h=branch, relay_h=relay,
            relay_share=share,
        )  # fmt: skip

    def of(self, rows: Ints) -> Off:
        """Return the marks of some members."""
        return Off(**{name: getattr(self, name)[rows] for name in self.__slots__})

    @property
    def any(self) -> Bools:
        """Return for which members something is off, shape ``(member,)``."""
        generator = (self.generator_h > 0).any(axis=1) | self.waiting.any(axis=1)
        return np.asarray(generator | (self.branch_h > 0).any(axis=1) | (self.relay_h > 0).any(axis=1))

    def on_share(self, step_h: float) -> Floats:
        """Compute the part of a step that each generator can run in, shape ``(member, generator)``. [1]"""
        return np.where(self.waiting, 0.0, 1.0 - np.minimum(self.generator_h / step_h, 1.0))

    def hit(self, system: PowerSystem, rows: Ints, after: Aftermath) -> Off:
        """Return what is off after an event.

        Units of a black island that can start on their own are back after their restart time; all others wait.
        """
        fleet = system.fleet
        reclose_h, restore_h = (
            system.settings.of_rows(name, rows, 1) for name in ("branch_reclose_h", "relay_restore_h")
        )
        generator, waiting = self.generator_h.copy(), self.waiting.copy()
        branch, relay_h, share = self.branch_h.copy(), self.relay_h.copy(), self.relay_share.copy()
        machines = after.black & ~fleet.border
        starts = machines & fleet.black_start
        back = np.where(after.opened, reclose_h, fleet.restart_h)
        generator[rows] = np.where(starts | after.opened, back, generator[rows])
        waiting[rows] = (waiting[rows] | machines) & ~starts
        branch[rows] = np.where(after.tripped, reclose_h, branch[rows])
        taken = after.relay_share
        relay_h[rows] = np.where(taken > 0, restore_h, relay_h[rows])
        share[rows] = np.maximum(share[rows], taken)
        return Off(generator_h=generator, waiting=waiting, branch_h=branch, relay_h=relay_h, relay_share=share)

    def later(self, step_h: float, restart_h: Floats, alive: Bools) -> Off:
        """Return what is off a step later; plant that waits on a live island begins to start."""
        starts = self.waiting & alive
        relay_h = np.maximum(self.relay_h - step_h, 0.0)
        return Off(
            generator_h=np.where(starts, restart_h, np.maximum(self.generator_h - step_h, 0.0)),
            waiting=self.waiting & ~alive,
            branch_h=np.maximum(self.branch_h - step_h, 0.0),
            relay_h=relay_h,
            relay_share=np.where(relay_h > 0, self.relay_share, 0.0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeState:
    """State of a cascade that is carried from step to step."""

    before: Before
    """Step before, as it was served."""
    off: Off
    """Marks of events so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Inputs of the dispatch of a step."""

    demand_mw: Floats
    """Demand of each load, shape ``(member, load)``. [MW]"""
    takes_mw: Floats
    """Most that plant with limited energy may take, shape ``(member, plant)``. [MW]"""
    there: Conditions
    """Conditions of the step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeStep:
    """Outcome of a step of a cascade."""

    state: CascadeState
    branch_share: Floats
    """Remaining share of each branch's rating, shape ``(member, branch)``. [1]"""
    on_share: Floats
    """Part of the step that each generator can run in, shape ``(member, generator)``. [1]"""
    nadir_hz: Floats
    """Lowest frequency, shape ``(member,)``. [Hz]"""
    log: Log


def follow(
    system: PowerSystem, step: int, state: CascadeState | None, asked: Asked, *, plain: Dispatched, live: Live
) -> tuple[Dispatched, Live, CascadeStep]:
    """Apply a cascade's marks to a step that was dispatched without them.

    Parameters
    ----------
    system
        Power system.
    step
        Number of the step.
    state
        State after the step before; None in the first.
    asked
        Inputs of the dispatch.
    plain
        The step without the cascade's marks.
    live
        Regions and generators on live islands in it.

    Returns
    -------
    tuple
        The step with them, no load served more than without, causes with `MECHANISMS` at their end; what is
        live; and the outcome of the cascade.
    """
    step_h = system.clock.step_h
    off = state.off if state else Off.nothing(system)
    nadir = np.full(system.members, NOMINAL_HZ)
    log = Log()
    rows, struck = np.flatnonzero(system.capacity.changed[step]), np.zeros(system.members, dtype=bool)
    rows = rows[lose_at_once(system, step, rows)] if len(rows) else rows
    if state and len(rows):
        struck[rows] = True
        shut = of_rows(asked.there.branch_share, rows) * (off.branch_h[rows] <= 0)
        after_event = strike(
            system, rows, state.before.take(rows), kept=kept_at_once(system, step, rows), branch_share=shut,
            ties=of_rows(system.capacity.ties[step], rows),
        )  # fmt: skip
        off, nadir[rows], log = off.hit(system, rows, after_event), after_event.nadir_hz, after_event.log
    on_share = off.on_share(step_h)
    there = replace(
        asked.there,
        available_mw=asked.there.available_mw * on_share,
        branch_share=asked.there.branch_share * (off.branch_h <= 0),
    )
    takes_mw = asked.takes_mw * on_share[:, system.fleet.limited]
    got, after = _marked(system, off, struck, replace(asked, takes_mw=takes_mw, there=there), plain=plain, live=live)
    later = off.later(step_h, system.fleet.restart_h, after.generator)
    _note_return(system, log, off, later)
    before = Before(
        generation_mw=got.generation_mw, available_mw=there.available_mw,
        served_mw=got.served_mw[:, : asked.demand_mw.shape[1]], flow_mw=got.flow_mw,
    )  # fmt: skip
    state_after = CascadeState(before=before, off=later)
    return got, after, CascadeStep(
        state=state_after, branch_share=there.branch_share, on_share=on_share, nadir_hz=nadir, log=log
    )  # fmt: skip


def _marked(
    system: PowerSystem, off: Off, struck: Bools, asked: Asked, *, plain: Dispatched, live: Live
) -> tuple[Dispatched, Live]:
    """Dispatch again for members for whom something is off, and book what it adds.

    In the step of an event nothing is served that would not be without the cascade; later, a grid that lacks a
    branch may serve one load better and another worse.
    """
    rows, loads = np.flatnonzero(off.any), asked.demand_mw.shape[1]
    cause = np.concatenate([plain.cause_mw, np.zeros((*plain.cause_mw.shape[:2], len(MECHANISMS)))], axis=2)
    if not len(rows):
        return replace(plain, cause_mw=cause), live
    wanted = np.concatenate([asked.demand_mw, asked.takes_mw[:, system.index.charges]], axis=1)[rows]
    most = np.where(struck[rows, None], plain.served_mw[rows], wanted)
    most[:, :loads] -= _relayed(system, rows, off, asked.demand_mw, most[:, :loads])
    again, lives = dispatched(system, asked.demand_mw[rows], asked.takes_mw[rows], asked.there.take(rows), most_mw=most)
    cause[rows, :loads] = _booked(
        system, cause[rows, :loads], off.of(rows), asked.there.branch_share[rows], lives,
        plain=plain.served_mw[rows, :loads], again=again.served_mw[:, :loads], most=most[:, :loads],
    )  # fmt: skip
    merged = {}
    for name in ("served_mw", "generation_mw", "flow_mw"):
        merged[name] = getattr(plain, name).copy()
        merged[name][rows] = getattr(again, name)
    region, generator = live.region.copy(), live.generator.copy()
    region[rows], generator[rows] = lives.region, lives.generator
    return replace(plain, cause_mw=cause, **merged), Live(region=region, generator=generator)


def _booked(
    system: PowerSystem,
    cause: Floats,
    off: Off,
    branch_share: Floats,
    live: Live,
    *,
    plain: Floats,
    again: Floats,
    most: Floats,
) -> Floats:
    """Compute the causes of what is not served, ``(row, load, cause)``: without the cascade, and what it adds.

    Load that relays shed is `under_frequency`. The rest is `blackout` on an island that is dead or where plant waits to
    be started, else `unit_trip` where plant is still off, else `branch_trip`.
    """
    extra = np.maximum(plain - again, 0.0)
    relay = np.minimum(extra, np.maximum(plain - most, 0.0))
    was = row_sum(cause)
    booked = cause * np.minimum(ratio(np.maximum(was - np.maximum(again - plain, 0.0), 0.0), was), 1.0)[..., None]
    black = np.repeat(~live.region | with_any(system, branch_share, off.waiting), len(TIERS), axis=1)
    units = np.repeat(with_any(system, branch_share, off.generator_h > 0), len(TIERS), axis=1)
    kind = np.where(black, "blackout", np.where(units, "unit_trip", "branch_trip"))
    for place, name in enumerate(MECHANISMS, start=len(CAUSES)):
        booked[..., place] = relay if name == "under_frequency" else np.where(kind == name, extra - relay, 0.0)
    return booked


def _relayed(system: PowerSystem, rows: Ints, off: Off, demand_mw: Floats, most: Floats) -> Floats:
    """Compute the mean load over the step that relays keep from being served, shape ``(row, load)``. [MW]

    Load that is not served anyway is taken to be on feeders that relays opened; only the rest of those adds to it.
    """
    part = np.minimum(off.relay_h[rows] / system.clock.step_h, 1.0)
    taken, part = (np.repeat(values, len(TIERS), axis=1) for values in (off.relay_share[rows], part))
    taken = np.where(system.index.load_tier == CRITICAL, 0.0, taken)
    return np.asarray(part * np.maximum(most - demand_mw[rows] * (1.0 - taken), 0.0))


def _note_return(system: PowerSystem, log: Log, off: Off, later: Off) -> None:
    """Note plant that is back by the end of the step, and interconnectors that are closed again."""
    was = (off.generator_h > 0) | off.waiting
    back = was & (later.generator_h <= 0) & ~later.waiting
    rows = np.flatnonzero(back.any(axis=1))
    if len(rows):
        notes = Notes(log=log, system=system, rows=rows, number=-1)
        most, border = np.where(back, system.fleet.p_max_mw, 0.0)[rows], system.fleet.border
        notes.plant("return", np.where(border, 0.0, most))
        notes.plant("tie_closing", np.where(border, most, 0.0))
