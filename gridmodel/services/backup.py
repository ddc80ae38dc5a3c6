"""Backup: generators of heat sources, waterworks, hospitals and telecom, and the fuel that a few trucks bring."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import bdtr, bdtrik

from gridmodel.arrays import Bools, Floats, for_loops, ratio, row_sum
from gridmodel.network import Network
from gridmodel.sampling import Settings, purpose_of, stream
from gridmodel.scenario import Scenario
from gridmodel.scenario.backup_systems import SYSTEM_TABLE, SYSTEMS, System
from gridmodel.services import backup_loops
from gridmodel.services.behind_meter import (
    Batteries,
    Bridged,
    Charged,
    Ending,
    Feeders,
    batteries_may_be,
    build_batteries,
    full_batteries,
    load_by_tier,
    step_batteries,
)
from gridmodel.services.cohorts import Cohorts, cohort_count, homes_may_be_outside
from gridmodel.services.declare import MTR, Declaration, Variable, Worth
from gridmodel.services.setup import Seen, Setup, Shown, Started

PEOPLE_PER_SET = 100_000.0
"""People per generator in systems that are sized by people. [1] [B]"""
_BY_PRIORITY = sorted(range(len(SYSTEMS)), key=lambda place: SYSTEM_TABLE[place].priority)
"""Systems in the order in which trucks refuel them."""

DECLARATION = Declaration(
    name="backup",
    module="gridmodel.services.backup",
    variables={
        "backup_share": Variable((*MTR, "system"), "1", "Share of each system that runs on its own power"),
        "battery_share": Variable(
            (*MTR, "system"), "1", "Part of it that comes from batteries", present="with batteries behind the meter"
        ),
        "battery_mwh": Variable(
            (*MTR, "system"),
            "MWh",
            "Energy of batteries behind the meter",
            "time: point (end of step)",
            present="with batteries behind the meter",
        ),
        "battery_charging_mw": Variable(
            (*MTR, "system"), "MW", "Load that they ask for in the next step", present="with batteries behind the meter"
        ),
        "dark_share": Variable((*MTR, "system"), "1", "Share of each system without any power"),
        "system_need_mw": Variable(("member", "region", "system"), "MW", "Power that each system needs", ""),
        "backup_fuel_h": Variable(
            (*MTR, "system"), "h", "Hours that generators' fuel lasts at full output", "time: point (end of step)"
        ),
    },
    signals={
        "critical_charging_mw": Variable(MTR, "MW", "Load of batteries that charge at critical consumers"),
        "home_charging_mw": Variable(MTR, "MW", "Load of batteries that charge on the feeders of homes"),
    },
    worths=(
        Worth(
            key="telecom",
            service="telecom",
            place=4,
            variable="dark_share",
            words="no telecom",
            weight=0.5,
            weight_range=(0.0, 1.0),
            of="share",
            at={"system": "telecom"},
        ),
    ),
    reads=(
        *dict.fromkeys(system.grid for system in SYSTEM_TABLE),
        "cohort_power_share",
        "broken_feeder_share",
        "outside_home_share",
    ),
    labels={"system": SYSTEMS},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """Generators of every region, each array of shape ``(region, system)`` or with a member before."""

    demand_mw: Floats
    """Power that each system needs. [MW]"""
    cover: Floats
    """Share of it that its generators can supply, if all start. [1]"""
    starts: Floats
    """Share of its generators that starts, shape ``(member, region, system)``. [1]"""
    tank_h: Floats
    """Hours that full tanks last at full output. [h]"""
    there: Floats = field(init=False)
    """Share of the need that generators which start can supply. [1]"""
    output_mw: Floats = field(init=False)
    """Power of all generators that start, missing where none does. [MW]"""
    burns_mw: Floats = field(init=False)
    """Power that fuel has to last for, infinite where none is needed. [MW]"""
    needless: Bools | None = field(init=False)
    """True for systems that need no power, which nothing stops; None if all need some."""
    full_mwh: Floats = field(init=False)
    """Fuel in full tanks of generators that start, as electricity. [MWh] Ours: each set has a tank of its own."""
    for_loop: tuple[Floats, Bools] | None = field(init=False, repr=False, compare=False)
    """Table and needless systems as `backup_loops.run` takes them; None where it does not serve them."""

    def __post_init__(self) -> None:
        """Compute what is the same in every step."""
        object.__setattr__(self, "there", np.minimum(self.cover * self.starts, 1.0))
        output = self.there * self.demand_mw
        object.__setattr__(self, "output_mw", np.where(output > 0, output, np.nan))
        object.__setattr__(self, "burns_mw", np.where(self.demand_mw > 0, self.demand_mw, np.inf))
        object.__setattr__(self, "full_mwh", self.tank_h * output)
        needless = (self.demand_mw <= 0) & (self.cover > 0)
        object.__setattr__(self, "needless", needless if needless.any() else None)
        by_loop = backup_loops.COMPILED and self.starts.size >= backup_loops.LEAST
        object.__setattr__(self, "for_loop", self._for_loop() if by_loop else None)

    def _for_loop(self) -> tuple[Floats, Bools]:
        cells = (-1, self.starts.shape[-1])
        rows = self.there, self.burns_mw, self.demand_mw, self.full_mwh, self.output_mw
        table = np.stack([np.broadcast_to(row, self.starts.shape).reshape(cells) for row in rows])
        if self.needless is None:
            return table, np.zeros((0, cells[1]), dtype=bool)
        return table, np.broadcast_to(self.needless, self.starts.shape).reshape(cells)


def build_backup(network: Network, scenario: Scenario, streams: tuple[int, ...], settings: Settings) -> Backup:
    """Build the generators of a network.

    Heat sources and waterworks have those of the tables; those of the other systems are the scenario's, by people.

    Parameters
    ----------
    streams
        Number of each member's random streams.
    """
    people = network.tables["regions"]["population"].to_numpy(dtype=float)
    regions = len(people)
    names = [
        f"{system.name}_{of}" for system in SYSTEM_TABLE if not system.table for of in ("w_per_person", "autonomy_h")
    ]
    demand, tank = (np.zeros((*settings.together(names).shape[:-1], regions, len(SYSTEMS))) for _ in range(2))
    cover, sets = np.zeros((regions, len(SYSTEMS))), np.ones((regions, len(SYSTEMS)))
    for place, system in enumerate(SYSTEM_TABLE):
        if not system.table:
            demand[..., place] = people * settings.of(f"{system.name}_w_per_person", 1) / 1e6
            cover[:, place], tank[..., place] = 1.0, settings.of(f"{system.name}_autonomy_h", 1)
            sets[:, place] = np.maximum(np.round(people / PEOPLE_PER_SET), 1.0)
        elif not network.tables[system.table].empty:
            table = network.tables[system.table].set_index("region").loc[network.regions]
            own, need = table["backup_mw"].to_numpy(dtype=float), _need_mw(table, system)
            demand[..., place] = need
            cover[:, place] = np.minimum(np.divide(own, need, out=np.ones(regions), where=need > 0), 1)
            tank[..., place] = table["tank_h"].to_numpy(dtype=float)
            sets[:, place] = np.maximum(np.round(table[system.units].to_numpy(dtype=float) * cover[:, place]), 1.0)
    starts = _starts(scenario, streams, sets, settings.of("backup_start_probability", 2))
    return Backup(demand_mw=demand, cover=cover, starts=starts, tank_h=tank)


def _need_mw(table: pd.DataFrame, system: System) -> Floats:
    """Power that a system of the tables needs, shape ``(region,)``. [MW]"""
    return row_sum(table[list(system.needs)].to_numpy(dtype=float))


def _starts(scenario: Scenario, streams: tuple[int, ...], sets: Floats, chance: Floats) -> Floats:
    """Draw the share of generators that starts, once per member: binomial in their number.

    Each system has a stream of its own, named after it, so that adding a system does not change the numbers drawn for
    the others.

    Returns
    -------
    numpy.ndarray
        Shape ``(member, region, system)``. [1]
    """
    if scenario.deterministic or (chance >= 1).all():
        return np.broadcast_to(chance, (len(streams), *sets.shape)).copy()
    purposes = [purpose_of(f"backup.{name}") for name in SYSTEMS]
    uniform = np.array(
        [
            np.column_stack([stream(scenario.seed, number, purpose).random(len(sets)) for purpose in purposes])
            for number in streams
        ]
    )
    return how_many(uniform, sets, chance) / sets


def how_many(uniform: Floats, sets: Floats, chance: Floats) -> Floats:
    """Quantile of the binomial distribution: the smallest number whose cumulative probability reaches `uniform`.

    The same as ``scipy.stats.binom.ppf``, whose import takes a third of the time of starting a run.
    """
    between = np.clip(chance, 1e-300, 1 - 2**-53)  # at 0 and 1 the answer is known, and bdtrik fails
    above = np.ceil(np.nan_to_num(bdtrik(uniform, sets, between)))
    below = np.maximum(above - 1, 0)
    found = np.where(bdtr(below, sets.astype(np.int64), between) >= uniform, below, above)
    return np.where(chance >= 1, sets, np.where((chance <= 0) | (uniform <= 0), 0.0, np.minimum(found, sets)))


def full_tanks(backup: Backup) -> Floats:
    """Fuel at the start, shape ``(member, region, system)``. [MWh]"""
    return np.broadcast_to(backup.full_mwh, backup.starts.shape).copy()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupStep:
    """Result of a step, each array of shape ``(member, region, system)``."""

    fuel_mwh: Floats
    """Fuel at its end, as electricity. [MWh]"""
    share: Floats
    """Share of each system that runs on its own generators. [1]"""
    dark: Floats
    """Share without any power. [1]"""
    fuel_h: Floats
    """Hours that the fuel lasts at full output; missing without generators. [h]"""


def step_backup(
    backup: Backup,
    fuel_mwh: Floats,
    settings: Settings,
    *,
    power: Floats,
    extra_mw: Floats,
    trucks: Floats,
    step_h: float,
    ending: Ending | None = None,
) -> BackupStep:
    """Run generators where the grid does not supply, burn fuel, and refuel by priority.

    Parameters
    ----------
    backup
        Generators.
    fuel_mwh
        Fuel before the step, shape ``(member, region, system)``. [MWh]
    settings
        Settings by member.
    power
        Share of each system that the grid and batteries supply, shape ``(member, region, system)``. [1]
    extra_mw
        Generators placed as measures, shape ``(region, system)``; they come with fuel for as many hours. [MW]
    trucks
        Fuel trucks of each region, shape ``(region,)`` or ``(member, region)``. [1]
    step_h
        Length of the step. [h]
    ending
        Places whose batteries end within the step; None where none does.

    Notes
    -----
    The share that runs is ``min(1 − power, cover · starts, fuel / (demand Δt))``. Generators do not start for places
    whose batteries last: where these end within a step, what lacks before and after is supplied as far as generators
    can at once, so that the mean does not depend on the step. Trucks bring ``trucks · load / trip`` per hour, to
    hospitals first, then heat, water and telecom, never above full tanks.
    """
    bring_mwh = trucks * settings["truck_load_mwh"] / settings["truck_trip_h"] * step_h
    if backup_loops.COMPILED and backup.for_loop is not None and ending is None and not extra_mw.any():
        return _by_loop(backup.for_loop, fuel_mwh, power, bring_mwh, step_h=step_h)
    most, added, lacks = backup.there, None, 1.0 - power
    lasts = fuel_mwh / (backup.burns_mw * step_h)
    if extra_mw.any():
        added = ratio(extra_mw, backup.demand_mw, empty=0.0)
        most = np.minimum(backup.cover * backup.starts + added, 1.0)
        lasts += added
    if ending is None:
        share = np.minimum(lacks, most)
    else:
        before = np.maximum(lacks - ending.share * ending.after, 0.0)
        share = np.minimum(before, most)
        share += (np.minimum(before + ending.share, most) - share) * ending.after
    np.minimum(share, lasts, out=share)
    np.maximum(share, 0.0, out=share)
    if backup.needless is not None:
        share = np.where(backup.needless, lacks, share)
    fuel = (share if added is None else np.maximum(share - added, 0.0)) * backup.demand_mw
    fuel *= step_h
    np.subtract(fuel_mwh, fuel, out=fuel)
    np.maximum(fuel, 0.0, out=fuel)
    _refuel(fuel, backup.full_mwh, bring_mwh)
    lacks -= share
    return BackupStep(
        fuel_mwh=fuel, share=share, dark=np.clip(lacks, 0.0, 1.0, out=lacks), fuel_h=fuel / backup.output_mw
    )


def _by_loop(
    of_backup: tuple[Floats, Bools], fuel_mwh: Floats, power: Floats, bring_mwh: Floats, *, step_h: float
) -> BackupStep:  # fmt: skip
    """Return what `step_backup` does, system by system: the same bytes.

    Parameters
    ----------
    of_backup
        Field `for_loop` of the generators.
    fuel_mwh, power, step_h
        As `step_backup` takes them.
    bring_mwh
        Fuel that trucks bring, of a shape that broadcasts to ``(member, region)``. [MWh]
    """
    made = tuple(np.empty(power.shape) for _ in range(4))
    cells = [one.reshape(-1, one.shape[-1]) for one in (power, fuel_mwh, *made)]
    bring = for_loops(bring_mwh, power.shape[:2])
    backup_loops.run(cells[0], cells[1], *of_backup, bring, np.array(_BY_PRIORITY), step_h, tuple(cells[2:]))
    return BackupStep(fuel_mwh=made[0], share=made[1], dark=made[2], fuel_h=made[3])


def _refuel(fuel_mwh: Floats, full_mwh: Floats, bring_mwh: Floats) -> None:
    """Fill tanks by priority with what trucks bring, never above full tanks.

    Parameters
    ----------
    fuel_mwh
        Fuel, shape ``(member, region, system)``; it is changed. [MWh]
    full_mwh
        Fuel in full tanks, of a shape that broadcasts to it. [MWh]
    bring_mwh
        Fuel that trucks bring, shape ``(member, region)`` or ``(region,)``. [MWh]
    """
    missing = np.maximum(full_mwh - fuel_mwh, 0.0)
    for system in _BY_PRIORITY:
        if missing[..., system].any():
            given = np.minimum(missing[..., system], bring_mwh)
            fuel_mwh[..., system] += given
            bring_mwh = bring_mwh - given


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSystems:
    """Generators of a run, and what acts on them over time."""

    backup: Backup
    settings: Settings
    step_h: float
    population: Floats
    """People, shape ``(region,)``. [1]"""
    extra_mw: Floats
    """Generators placed as mitigation measures, shape ``(time, region, system)``. [MW]"""
    extra_trucks: Floats
    """Fuel trucks sent as mitigation measures, shape ``(time, region)``. [1]"""
    batteries: Batteries | None
    """Batteries behind the meter; None where no system of any member has any."""
    cohorts: int = 1
    """Number of cohorts of homes, whose feeders they may be on."""
    homes_outside: bool = False
    """True if the last of these are homes outside the queues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupState:
    """State that is carried from step to step."""

    fuel_mwh: Floats
    """Fuel, as electricity, shape ``(member, region, system)``. [MWh]"""
    charged: Charged | None
    """Batteries behind the meter; None where no system of any member has any."""


def build(setup: Setup) -> BackupSystems:
    """Build the generators and batteries of a network; systems that it lacks have no demand."""
    backup = build_backup(setup.network, setup.scenario, setup.streams, setup.settings)
    batteries = build_batteries(backup.demand_mw, setup.settings) if batteries_may_be(setup.scenario) else None
    return BackupSystems(
        backup=backup, settings=setup.settings, step_h=setup.clock.step_h, population=setup.population,
        extra_mw=setup.measures.backup_mw, extra_trucks=setup.measures.trucks,
        batteries=batteries, cohorts=cohort_count(setup.scenario),
        homes_outside=homes_may_be_outside(setup.scenario),
    )  # fmt: skip


def start(systems: BackupSystems) -> Started:
    """Return the state before the first step: all tanks and batteries are full."""
    batteries, fuel = systems.batteries, full_tanks(systems.backup)
    charged = None
    if batteries is not None:
        charged = full_batteries(batteries, (fuel.shape[0], fuel.shape[1]), cohorts=systems.cohorts)
    return Started(
        state=BackupState(fuel_mwh=fuel, charged=charged), shown={"system_need_mw": systems.backup.demand_mw},
        absent=frozenset({"battery_share", "battery_mwh", "battery_charging_mw"} if charged is None else ()),
    )  # fmt: skip


def step(systems: BackupSystems, state: BackupState, seen: Seen, number: int) -> tuple[BackupState, Shown]:
    """Bridge what the grid leaves without power by batteries, then by generators."""
    grid = np.stack([seen[system.grid] for system in SYSTEM_TABLE], axis=-1)
    trucks = systems.settings["fuel_trucks_per_million"] * systems.population / 1e6 + systems.extra_trucks[number]
    none = np.zeros(grid.shape[:2])
    bridged: Bridged | None = None
    supplied, more = grid, {"critical_charging_mw": none, "home_charging_mw": none}
    if systems.batteries is not None and state.charged is not None:
        bridged = step_batteries(systems.batteries, state.charged, _feeders(systems, seen), step_h=systems.step_h)
        supplied = np.minimum(grid + bridged.share, 1.0)
        at_critical, at_homes = load_by_tier(bridged.wanted_mw)
        more = {
            "battery_share": bridged.share, "battery_mwh": bridged.energy_mwh,
            "battery_charging_mw": bridged.wanted_mw, "critical_charging_mw": at_critical, "home_charging_mw": at_homes,
        }  # fmt: skip
    done = step_backup(
        systems.backup, state.fuel_mwh, systems.settings, power=supplied, extra_mw=systems.extra_mw[number],
        trucks=trucks, step_h=systems.step_h, ending=None if bridged is None else bridged.ending,
    )  # fmt: skip
    runs = done.share if bridged is None else done.share + bridged.share
    shown: Shown = {"backup_share": runs, "dark_share": done.dark, "backup_fuel_h": done.fuel_h, **more}
    return BackupState(fuel_mwh=done.fuel_mwh, charged=None if bridged is None else bridged.state), shown


def _feeders(systems: BackupSystems, seen: Seen) -> Feeders:
    """Return the feeders that have power in the step."""
    outside = seen["outside_home_share"] if systems.homes_outside else None
    return Feeders(
        cohorts=Cohorts(power=seen["cohort_power_share"], outside=outside), homes=seen["home_power_share"],
        broken=seen["broken_feeder_share"], critical=seen["critical_power_share"],
    )  # fmt: skip
