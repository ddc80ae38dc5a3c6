"""Water: reservoirs filled by pumps that need power, use over the day, high floors, and the way back as sewage.

A share of pumping stations that is lost leaves its part of the city to its own reservoirs, which run dry;
the rest of the city keeps its water. Each part is followed separately, and a part that changes sides takes its
water with it. Every cubic metre is accounted for: pumps give what taps draw, mains and burst pipes lose, and
reservoirs store.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints, ratio, widened
from gridmodel.network import Network
from gridmodel.sampling import Settings
from gridmodel.scenario.backup_systems import SYSTEMS
from gridmodel.services import waterworks_loops
from gridmodel.services.declare import MTR, Count, Declaration, Split, Variable
from gridmodel.services.reservoirs import drawn, dry_street, regroup
from gridmodel.services.setup import Seen, Setup, Shown, Started
from gridmodel.services.waterworks_by_loop import stepped
from gridmodel.services.wells import Wells, empty_wells, lifted
from gridmodel.vocabulary import WATER_CAUSES

USE_BY_HOUR = np.array([
    3.0, 3.2, 2.5, 2.6, 3.5, 4.1, 4.5, 4.9, 4.9, 5.6, 4.8, 4.7,
    4.4, 4.1, 4.2, 4.4, 4.3, 4.1, 4.5, 4.5, 4.5, 4.8, 4.6, 3.3,
]) / 100.0 * 24.0  # fmt: skip
"""Use at taps by local hour over its mean, 1.34 at its peak. [1] Textbook curve of a large city with a peak factor of
1.35 (Abramov, Vodosnabzhenie), not checked against the book [B]; SNiP 2.04.02-84 gives 1.2 to 1.4 at the peak and 0.4
to 0.6 in the night for a city of a million [B]."""
LITRES = (15.0, 50.0)
"""Daily amounts that people are counted below. [L] Sphere handbook, survival; WHO, basic access."""
_COUNTS = (
    "people_without_water", "people_dry_street", "people_dry_risers", "people_dry_high_floors",
    "people_with_sewage_backup", *(f"people_below_{amount:.0f}l" for amount in LITRES),
)  # fmt: skip
"""Variables in the order of `waterworks_loops.count`."""

DECLARATION = Declaration(
    name="water",
    module="gridmodel.services.water",
    variables={
        "water_stored_m3": Variable(MTR, "m3", "Water in the reservoirs", "time: point (end of step)"),
        "water_served_share": Variable(MTR, "1", "Share of people whose taps run"),
        "litres_per_person_day": Variable(
            MTR, "L", "Water that a person gets, mean over all people, as a daily amount"
        ),
        "people_without_water": Variable(MTR, "1", "People whose taps are dry, the sum of the next three"),
        "people_dry_street": Variable(MTR, "1", "People whose street has no water: few pumps, and reservoirs empty"),
        "people_dry_risers": Variable(MTR, "1", "People whose cold-water pipes have burst, with water in the street"),
        "people_dry_high_floors": Variable(
            MTR, "1", "People on high floors whose booster pump has no power, with water in the street and whole pipes"
        ),
        "people_without_water_cause": Variable(
            (*MTR, "water_cause"), "1", "People whose taps are dry, by what keeps water from them", kind="f4"
        ),
        "people_below_50l": Variable(MTR, "1", "People who get less than 50 L of water a day"),
        "people_below_15l": Variable(MTR, "1", "People who get less than 15 L of water a day"),
        "people_with_sewage_backup": Variable(MTR, "1", "People whose sewage backs up"),
    },
    signals={"mains_share": Variable(MTR, "1", "Share of people whose street has water", empty=1.0)},
    counts=(
        Count(
            variable="people_without_water", key="water", words="no water", ranked=2,
            hxl="#affected+wash+water+hours",
        ),
        Count(
            variable="people_dry_street", key="dry_street", words="of these, dry street",
            hxl="#affected+wash+water+street+hours",
        ),
        Count(
            variable="people_dry_high_floors", key="dry_high_floors", words="of these, high floor",
            hxl="#affected+wash+water+highfloor+hours",
        ),
    ),
    splits=(
        Split(
            variable="people_without_water_cause", count="people_without_water", dim="water_cause", key="water_causes",
            words="Why taps are dry",
        ),
    ),
    reads=(
        "service_power_share", "home_power_share", "backup_share", "dry_riser_share", "bursting_buildings",
        "people_off_by_rotation", "people_off_by_damage",
    ),
    labels={"water_cause": WATER_CAUSES},
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterworks:
    """Water systems of every region, each array of shape ``(region,)``."""

    storage_m3: Floats
    """Reservoirs. [m³]"""
    demand_m3_per_h: Floats
    """Mean demand with losses on the way. [m³/h]"""
    loss_m3_per_h: Floats
    """Losses on the way, the same at all hours. [m³/h]"""
    litres: Floats
    """Water used at taps, per person and day. [L]"""
    high_floor_share: Floats
    """Share of people on floors that need a booster pump in the building. [1]"""
    hold_h: Floats
    """Hours until sewage backs up where its pumps stand still. [h]"""
    needs_power: Bools | None = None
    """True where pumping needs power; None where it does everywhere. Elsewhere no outage stops it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterState:
    """State carried from step to step; fills are shares of each part's reservoirs."""

    fill: Floats
    """Parts with and without pumping stations, shape ``(2, member, region)``. [1]"""
    without: Floats
    """Share of the city without its pumping stations, shape ``(member, region)``. [1]"""
    wells: Wells
    """Wet wells of lift stations."""
    leaking: Floats
    """Buildings with burst risers whose water nobody has shut off yet, same shape as `without`. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterStep:
    """Result of a step, each array of shape ``(member, region)``."""

    state: WaterState
    """State at its end."""
    stored_m3: Floats
    """Water in the reservoirs at its end. [m³]"""
    mains_share: Floats
    """Share of people whose street has water. [1]"""
    dry_street: Floats
    """Share of people whose street is dry, first three of `WATER_CAUSES`, shape ``(3, member, region)``. [1]"""
    dry_risers: Floats
    """Share of people whose street has water and whose risers have burst. [1]"""
    dry_high_floors: Floats
    """Share of people whose street has water, whose risers are whole, and who live too high without power. [1]"""
    served_share: Floats
    """Share of people whose taps run: all the others. [1]"""
    pumped_m3_per_h: Floats
    """Water from pumping stations. [m³/h]"""
    drawn_m3_per_h: Floats
    """Water drawn at taps. [m³/h]"""
    leaked_m3_per_h: Floats
    """Water lost on the way and from burst pipes. [m³/h]"""
    litres: Floats
    """Water that a person gets, mean over all people, as a daily amount. [L]"""
    sewage_share: Floats
    """Share of people whose sewage backs up. [1]"""


def build_waterworks(network: Network) -> Waterworks | None:
    """Build the water systems of a network, or return None if it lacks them.

    Parameters
    ----------
    network
        Result of `gridmodel.network.read_network`.

    Examples
    --------
    >>> import gridmodel as gm
    >>> from gridmodel.network import read_network
    >>> works = gm.water.build_waterworks(read_network("three-region"))
    >>> (works.storage_m3 / works.demand_m3_per_h).tolist()  # hours that reservoirs last without pumps
    [6.0, 6.0, 6.0]
    """
    table = network.tables["water_systems"]
    if table.empty:
        return None
    table = table.set_index("region").loc[network.regions]
    names = ("demand_m3_per_day", "loss_share", "storage_m3", "pump_mw", "high_floor_share", "wastewater_hold_h")
    column = {name: table[name].to_numpy(dtype=float) for name in names}
    pumped = column["pump_mw"] > 0
    people = np.maximum(network.tables["regions"]["population"].to_numpy(dtype=float), 1.0)
    whole = column["demand_m3_per_day"] / (1.0 - column["loss_share"]) / 24.0
    return Waterworks(
        storage_m3=column["storage_m3"],
        demand_m3_per_h=whole,
        loss_m3_per_h=whole * column["loss_share"],
        litres=1000.0 * column["demand_m3_per_day"] / people,
        high_floor_share=column["high_floor_share"],
        hold_h=column["wastewater_hold_h"],
        needs_power=None if pumped.all() else pumped,
    )


def full(waterworks: Waterworks, members: int) -> WaterState:
    """Return full reservoirs with all stations working."""
    regions = len(waterworks.storage_m3)
    none = np.zeros((members, regions))
    return WaterState(fill=np.ones((2, members, regions)), without=none, wells=empty_wells(none.shape), leaking=none)


def day_of_use(local_h: Ints, swing: Floats | float = 1.0) -> Floats:
    """Use at taps over its mean, shape of `local_h` and `swing` together. [1]

    Parameters
    ----------
    local_h
        Hours of the clock, 0 to 23. [h]
    swing
        Swing about the mean: 0 is the same at all hours, 1 the curve `USE_BY_HOUR`. [1]

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> gm.water.day_of_use(np.array([2, 9]))
    array([0.6  , 1.344])
    """
    return np.asarray(1.0 + swing * (USE_BY_HOUR[local_h] - 1.0))


def leak(
    leaking: Floats, new: Floats, *, shut_off_h: Floats | float, step_h: float
) -> tuple[Floats, Floats]:  # fmt: skip
    """Buildings that leak: mean over a step, and at its end, each of the shape of `leaking`. [1]

    Parameters
    ----------
    leaking, new
        Buildings that leaked before the step, and those whose pipes burst in it, one after the other. [1]
    shut_off_h
        Mean time until somebody shuts a valve. [h]
    step_h
        Length of the step. [h]

    Notes
    -----
    Valves are shut at a constant rate: ``n' = n exp(−Δt/τ) + new · m``, with ``m = (1 − exp(−Δt/τ)) τ/Δt``; means over
    the step are ``n · m + new · (1 − m) τ/Δt``.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> [float(value.round(3)) for value in gm.water.leak(np.array(4.0), np.array(6.0), shut_off_h=6.0, step_h=6.0)]
    [4.736, 5.264]
    """
    ages = step_h / np.asarray(shut_off_h, dtype=float)
    mean = -np.expm1(-ages) / ages
    return np.asarray(leaking * mean + new * (1.0 - mean) / ages), np.asarray(leaking * np.exp(-ages) + new * mean)


def step_water(  # noqa: PLR0913 - one argument a service that water depends on
    waterworks: Waterworks,
    state: WaterState,
    *,
    stations_left: Floats,
    plant_power: Floats,
    home_power: Floats,
    pump_margin: Floats | float,
    step_h: float,
    use: Floats | float = 1.0,
    dry_risers: Floats | float = 0.0,
    burst_m3_per_h: Floats | float = 0.0,
    lift_left: Floats | float = 1.0,
    lift_power: Floats | float = 1.0,
    lift_own: Floats | float = 0.0,
    lift_torn: Floats | float = 0.0,
) -> WaterStep:
    """Pump, draw, and see whose taps run.

    Parameters
    ----------
    waterworks
        Water systems, as of `build_waterworks`.
    state
        Water at the start of the step.
    stations_left
        Share of pumping stations that work, shape ``(member, region)``. [1]
    plant_power
        Share of them that has power, the grid's or their own, shape ``(member, region)``. [1]
    home_power
        Share of homes that have power, shape ``(member, region)``. [1]
    pump_margin
        Pumping capacity over mean demand. [1]
    step_h
        Length of the step. [h]
    use
        Use at taps over its mean, shape ``(member, 1)``. [1]
    dry_risers
        Share of homes whose cold-water risers have burst, shape ``(member, region)``. [1]
    burst_m3_per_h
        Water that burst risers lose where their street has water, shape ``(member, region)``. [m³/h]
    lift_left
        Share of sewage lift stations that work, shape ``(member, region)``. [1]
    lift_power
        Share of them that has power, the grid's or their own, shape ``(member, region)``. [1]
    lift_own
        Share of them that runs on its own power, part of `lift_power`, same shape. [1]
    lift_torn
        Part of those without power whom damage keeps from it, and not turns, same shape. [1]

    Notes
    -----
    Per part of the city: ``demand = taps · use + losses + bursts``, ``supply = min(1, (stored/Δt + pumps) / demand)``,
    with ``pumps = margin · power · mean demand`` (0 where the stations are lost), and
    ``stored' = min(full, stored + (pumps − supply · demand) Δt)``. Where less is there than is needed, a share of
    streets is dry and the others are supplied; leaks take their part of it. ``taps`` are those that run where the
    street has water: ``(1 − burst)(1 − high · (1 − home power))``; dry taps draw nothing.
    Wet wells fill in ``hold`` hours of mean use while their pumps stand still, and empty as fast when they run; those
    of stations that are lost or that damage leaves dark only fill, and those of stations on their own power only empty.
    The others share the grid's power in turn.
    """
    acts = (
        stations_left, plant_power, home_power, pump_margin, use, dry_risers, burst_m3_per_h, lift_left, lift_power,
        lift_own, lift_torn,
    )  # fmt: skip
    taken = _step_by_loop if _by_loop(plant_power.size) else _step_by_arrays
    return taken(waterworks, state, *acts, step_h=step_h)


def _by_loop(cells: int) -> bool:
    """Return whether so many cells are left to compiled loops."""
    return waterworks_loops.COMPILED and cells >= waterworks_loops.LEAST


def _step_by_arrays(  # noqa: PLR0913, PLR0917 - as `step_water`
    waterworks: Waterworks, state: WaterState, stations_left: Floats, plant_power: Floats, home_power: Floats,
    pump_margin: Floats | float, use: Floats | float, dry_risers: Floats | float, burst_m3_per_h: Floats | float,
    lift_left: Floats | float, lift_power: Floats | float, lift_own: Floats | float, lift_torn: Floats | float, *,
    step_h: float,
) -> WaterStep:  # fmt: skip
    """Do what `step_water` does, array by array."""
    without = widened(1.0 - stations_left, plant_power.shape)
    within = 1.0 - without
    stored = regroup(state.fill, state.without, without) * waterworks.storage_m3
    whole_pipes = widened(1.0 - np.asarray(dry_risers, dtype=float), plant_power.shape)
    low = 1.0 - waterworks.high_floor_share * (1.0 - home_power)
    at_taps = (waterworks.demand_m3_per_h - waterworks.loss_m3_per_h) * use * whole_pipes * low
    leaks = waterworks.loss_m3_per_h + burst_m3_per_h
    pumps, demand = pump_margin * plant_power * waterworks.demand_m3_per_h, at_taps + leaks
    supply, given, after = drawn(stored, pumps, demand, full_m3=waterworks.storage_m3, step_h=step_h)
    fill = ratio(after, waterworks.storage_m3, empty=0.0)
    mains = within * supply[0] + without * supply[1]
    served = mains * whole_pipes * low
    wells, backs_up = lifted(
        state.wells, served * use, left=lift_left, power=lift_power, own=lift_own, torn=lift_torn,
        per_step=step_h / np.maximum(waterworks.hold_h, 1e-9),
    )  # fmt: skip
    return WaterStep(
        state=replace(state, fill=fill, without=without, wells=wells),
        stored_m3=waterworks.storage_m3 * (within * fill[0] + without * fill[1]),
        mains_share=mains,
        dry_street=dry_street(
            without, supply, stored[0] / step_h + pumps, demand, pump_margin * waterworks.demand_m3_per_h - pumps
        ),
        dry_risers=mains * (1.0 - whole_pipes),
        dry_high_floors=mains * whole_pipes * (1.0 - low),
        served_share=served,
        pumped_m3_per_h=within * given[0] + without * given[1],
        drawn_m3_per_h=mains * at_taps,
        leaked_m3_per_h=mains * leaks,
        litres=waterworks.litres * served,
        sewage_share=backs_up,
    )


def _step_by_loop(
    waterworks: Waterworks, state: WaterState, *acts: Floats | float, step_h: float
) -> WaterStep:  # fmt: skip
    """Return what `_step_by_arrays` does, cell by cell: the same bytes."""
    works = np.stack([getattr(waterworks, name) for name in waterworks_loops.WORKS])
    found, wells = stepped(works, (state.fill, state.without, state.wells), acts, step_h=step_h)
    kept = WaterState(fill=found.pop("fill"), without=found.pop("without"), wells=wells, leaking=state.leaking)
    return WaterStep(state=kept, **found)


def below_litres(served_share: Floats, per_person: Floats, amount: float) -> Floats:
    """Share of people who get less than a daily amount. [1]

    Parameters
    ----------
    served_share
        Share of people whose taps run, shape ``(member, region)``. [1]
    per_person
        Water that a person uses whose taps run, shape ``(region,)``. [L/d]
    amount
        Daily amount. [L/d]

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> gm.water.below_litres(np.array([[0.6]]), np.array([150.0]), 15.0)
    array([[0.4]])
    """
    return np.asarray(np.where(per_person >= amount, 1.0 - served_share, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterSystem:
    """Waterworks of a run, and what acts on them over time."""

    works: Waterworks
    settings: Settings
    step_h: float
    population: Floats
    """People, shape ``(region,)``. [1]"""
    members: int
    use: Floats
    """Use at taps over its mean, shape ``(time, member, 1)`` or ``(time, 1, 1)``. [1]"""
    stations: Floats
    """Share of pumping stations that work, shape ``(time, member, region)``. [1]"""
    lifts: Floats
    """Share of sewage lift stations that work, same shape as `stations`. [1]"""


def build(setup: Setup) -> WaterSystem | None:
    """Build the waterworks of a network; None if it lacks them."""
    works = build_waterworks(setup.network)
    if works is None:
        return None
    local_h = setup.clock.local[: len(setup.clock.times)].astype("datetime64[h]").astype(np.int64) % 24
    return WaterSystem(
        works=works, use=day_of_use(local_h[:, None, None], setup.settings.of("water_day_swing", 1)),
        settings=setup.settings, step_h=setup.clock.step_h, population=setup.population,
        members=len(setup.members), stations=setup.timeline.water_pumping, lifts=setup.timeline.wastewater,
    )  # fmt: skip


def start(system: WaterSystem) -> Started:
    """Return the state before the first step: reservoirs are full."""
    return Started(state=full(system.works, system.members))


def step(system: WaterSystem, state: WaterState, seen: Seen, number: int) -> tuple[WaterState, Shown]:
    """Pump with the power of this step, the grid's or that of generators at the waterworks."""
    own = seen["backup_share"][..., SYSTEMS.index("water")]
    running = np.minimum(seen["service_power_share"] + own, 1.0)
    needs, torn = system.works.needs_power, seen["people_off_by_damage"]
    settings = system.settings
    leaking, left = leak(
        state.leaking, seen["bursting_buildings"], shut_off_h=settings["burst_shut_off_h"], step_h=system.step_h
    )
    water = step_water(
        system.works, replace(state, leaking=left), stations_left=system.stations[number],
        plant_power=running if needs is None else np.where(needs, running, 1.0),
        home_power=seen["home_power_share"], pump_margin=settings["pump_margin"],
        step_h=system.step_h, use=system.use[number], dry_risers=seen["dry_riser_share"],
        burst_m3_per_h=leaking * settings["burst_leak_m3_per_h"], lift_left=system.lifts[number], lift_power=running,
        lift_own=own, lift_torn=ratio(torn, torn + seen["people_off_by_rotation"], empty=0.0),
    )  # fmt: skip
    people = system.population
    return water.state, {
        "water_stored_m3": water.stored_m3,
        "water_served_share": water.served_share,
        "litres_per_person_day": water.litres,
        **_counts(water, people, system.works.litres),
        "people_without_water_cause": partial(_put_causes, water=water, people=people),
        "mains_share": water.mains_share,
    }


def _counts(water: WaterStep, people: Floats, litres: Floats) -> dict[str, Floats]:
    """Return people who lack water by variable, shape ``(member, region)`` each. [1]"""
    if _by_loop(water.served_share.size):
        found = np.empty((len(_COUNTS), *water.served_share.shape))
        shares = water.served_share, water.mains_share, water.dry_risers, water.dry_high_floors, water.sewage_share
        waterworks_loops.count(people, litres, shares, LITRES, found)
        return dict(zip(_COUNTS, found, strict=True))
    return dict(zip(_COUNTS, (
        people * (1.0 - water.served_share), people * (1.0 - water.mains_share), people * water.dry_risers,
        people * water.dry_high_floors, people * np.clip(water.sewage_share, 0.0, 1.0),
        *(people * below_litres(water.served_share, litres, amount) for amount in LITRES),
    ), strict=True))  # fmt: skip


def _put_causes(into: npt.NDArray[np.floating], *, water: WaterStep, people: Floats) -> None:
    """Write people whose taps are dry by cause into an array of shape ``(member, region, cause)``. [1]"""
    if _by_loop(water.served_share.size):
        waterworks_loops.put_causes(people, water.dry_street, water.dry_risers, water.dry_high_floors, into)
        return
    for place, share in enumerate((*water.dry_street, water.dry_risers, water.dry_high_floors)):
        into[..., place] = share * people if share.any() else 0.0
