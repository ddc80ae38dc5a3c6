"""The words of the model: tiers, technologies, classes, states, and every variable of a result."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

TIERS = ("critical", "household", "business", "industry")
"""Consumers, in the order of their columns; `critical` is served first, the others share."""

TECHNOLOGIES = (
    "nuclear",
    "thermal_coal",
    "thermal_gas",
    "chp",
    "chp_industrial",
    "gas_engine",
    "hydro",
    "pumped_storage",
    "solar",
    "wind",
    "bioenergy",
    "battery",
)
"""Kinds of generation of the bundled networks. A network may have others: `technologies.csv` lists them."""
OWN_TECHNOLOGY = "[a-z][a-z0-9_]{0,63}"
"""Regular expression of the names of technologies that a network lists."""
MOST_OWN_TECHNOLOGIES = 50
"""Most technologies that a network lists. Ours: results have a column for each, and a legend must stay readable."""

GAS_FIRED = ("thermal_gas", "chp", "chp_industrial", "gas_engine")
"""Technologies that a `fuel` limit reaches (gas pressure), beside those that a network marks."""

ARCHETYPES = (
    "panel_5_9_storey_uninsulated",
    "panel_16_storey_corner_flat",
    "panel_improved_project",
    "brick_khrushchovka",
    "stalinka_thick_brick",
    "post_2007_insulated",
    "detached_old",
)
"""Buildings of the bundled networks on district heat, and homes that heat themselves (`detached_old`). A network may
have others: `archetypes.csv` lists them, and columns `share_…` of `heat_systems.csv` say where they are."""

OWN_ARCHETYPE = "detached_old"
"""Homes that heat themselves where a network does not say which do."""

FURTHER_ARCHETYPES = ("masonry_insulated", "timber_frame")
"""Buildings that the tables of bundled networks describe and no region of them has, for those who need them."""

OWN_HEAT_IN_TABLES = ("own_gas_powered", "own_gas_gravity", "own_stove", "own_electric")
"""Homes that heat themselves, by what they burn and whether that needs power, as networks give them."""
OWN_HEAT = (*OWN_HEAT_IN_TABLES, "own_gas_backed", "own_with_stove")
"""The same with those who have an inverter, a small generator or a stove to fall back on, which settings say."""

HEAT_STATES = ("connected", "no_circulation", "drained", "frozen", "refilling")
"""States of a home on district heat: heated; cut off with water standing in its loop; loop drained; loop burst by ice;
burst loop mended and being refilled."""

CAUSES = ("disconnected", "island_deficit", "deficit", "limit")
"""Why a megawatt is missing; they add up to what is shed."""
ORDER_STAGES = ("nothing_cut", "industry_limited", "hourly_schedules", "emergency_cuts", "special_emergency_cuts")
"""Stages of a dispatcher's order, by their number."""
ORDER_CAUSE = "order"
"""Cause of what a dispatcher's order cuts beyond the least possible: whole sub-queues, and the reserve."""

MECHANISMS = ("under_frequency", "unit_trip", "branch_trip", "blackout")
"""Causes that a cascade adds: load that relays took; load that lacks units or interconnectors that tripped and
are not back; load that lacks branches that tripped; load of an island that is black."""

HEAT_CAUSES = (
    "source_damaged",
    "source_without_power",
    "no_make_up_water",
    "network_damaged",
    "heat_short",
    "pipes_burst",
    "not_reconnected",
    "home_without_power",
    "home_without_gas",
    "beyond_installed",
    "warming_up",
)
"""Why a home is below 12 °C, from the source to the rooms; they add up to `people_without_heat`."""

WATER_CAUSES = (
    "pumps_damaged",
    "pumps_without_power",
    "reservoir_empty",
    "risers_burst",
    "high_floor_without_power",
)
"""Why taps are dry, from the waterworks to the tap; they add up to `people_without_water`."""

CASCADE_STEPS = (
    "loss",
    "reserve",
    "tie_opening",
    "under_frequency",
    "unit_trip",
    "branch_trip",
    "blackout",
    "return",
    "tie_closing",
)
"""Mechanisms in a cascade's log: what an event took at once, what neighbours or reserve gave, interconnectors that
opened, load that relays took, output and branches that tripped, load that went black, and plant that came back and
interconnectors that closed later."""

RepairGroup = Literal["hospital", "heat", "water", "substation", "generation", "feeder"]
REPAIR_GROUPS: tuple[RepairGroup, ...] = get_args(RepairGroup)
"""Groups of damage, in the order in which crews attend to them by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventClass:
    """One class that events can hit: a row of `EVENT_CLASSES`."""

    meaning: str
    """The class in a few words."""
    array: str
    """Array of the events' timeline that shows how much of it remains."""
    place: Literal["plant", "corridor", "border", "region", "component"] = "region"
    """Its rows of that array: generators in a region, branches that leave it, the country's borders, the region itself,
    or a single component."""
    technologies: tuple[str, ...] = ()
    """Technologies of the generators it covers; empty for every one."""
    table: str = ""
    """Network table in which a region must have a row; empty if every region has the class."""
    capacity: str = ""
    """Column of that table that must be above 0; empty if a row is enough."""
    units: str = ""
    """Column of that table with the units that a strike can hit; empty for one per region, or those that `size` gives.
    Generators and branches have their own."""
    size: tuple[str, str, str] | None = None
    """Network table and its column of megawatts in a region, and the setting with the megawatts of one unit, which
    together give the number of units; None where a table counts them."""
    spread: str = ""
    """Setting with the spread of the sizes of units, the standard deviation of their logarithm; empty if all units of a
    row are equally large (reactors, circuits)."""
    components: tuple[tuple[str, str], ...] = ()
    """Prefix of a single component in a target (`line:…`), and its network table."""
    damage: str = ""
    """Row of the table of repair times; empty if it cannot be struck."""
    repair_group: RepairGroup | None = None
    """Place in `repair_priority`; None if it cannot be struck."""
    takes: tuple[str, ...] = ()
    """Kinds of event that apply to it; empty for all that are not special to other classes."""
    in_mw: bool = False
    """True if events can limit it in megawatts in place of a share."""
    lowest: bool = False
    """True if the lowest of several limits applies; otherwise they multiply."""
    transformer: bool = False
    """True if extensive or complete damage takes a spare transformer."""


UNIT_SPREAD = "unit_size_spread"
"""Setting with the spread of the sizes of units of most classes."""


def _plant(meaning: str, *technologies: str) -> EventClass:
    """Return the row of a class of generators; without technologies, of all of them."""
    return EventClass(
        meaning=meaning, array="generator", place="plant", technologies=technologies, table="generators",
        damage="generation", repair_group="generation", spread="" if technologies == ("nuclear",) else UNIT_SPREAD,
    )  # fmt: skip


EVENT_CLASSES: Mapping[str, EventClass] = {
    **{name: _plant(f"Generators of the technology {name}", name) for name in TECHNOLOGIES},
    "generation": _plant("Generators of every technology"),
    "transfer": EventClass(
        meaning="Lines and transformers to other regions or across the border", array="branch", place="corridor",
        damage="substation", repair_group="substation", transformer=True,
    ),
    "delivery": EventClass(
        meaning="The grid within the region, as the share of an evening's demand that it can pass on", array="delivery",
        damage="substation", repair_group="substation", in_mw=True, lowest=True, transformer=True,
        size=("regions", "reference_demand_mw", "delivery_unit_mw"), spread=UNIT_SPREAD,
    ),
    "heat_source": EventClass(
        meaning="Boiler houses and other sources of district heat", array="heat_source",
        table="heat_systems", capacity="source_max_mw_th", units="source_units",
        damage="generation", repair_group="heat", spread="heat_source_spread",
    ),
    "heat_network": EventClass(
        meaning="Pipes of district heat, as the share of buildings that they reach", array="heat_network",
        table="heat_systems", capacity="source_max_mw_th", damage="circuit", repair_group="heat",
        size=("heat_systems", "source_max_mw_th", "heat_network_unit_mw_th"), spread=UNIT_SPREAD,
    ),
    "water_pumping": EventClass(
        meaning="Pumping stations of the water supply", array="water_pumping",
        table="water_systems", units="units", damage="pumping", repair_group="water", spread=UNIT_SPREAD,
    ),
    "wastewater": EventClass(
        meaning="Sewage lift stations", array="wastewater",
        table="water_systems", units="units", damage="pumping", repair_group="water", spread=UNIT_SPREAD,
    ),
    "import": EventClass(
        meaning="Imports of the whole country", array="import", place="border", table="interconnectors",
        damage="substation", repair_group="substation", in_mw=True,
    ),
    "fuel": EventClass(
        meaning="Natural gas for gas-fired generators and for homes that heat with it", array="fuel",
        takes=("limit", "repair"),
    ),
    "exempt": EventClass(
        meaning="Consumers that are exempt from rotating outages, as the share that stays exempt", array="exempt",
        table="regions", capacity="share_exempt", takes=("outage", "limit", "repair"),
    ),
    "crew": EventClass(
        meaning="Repair crews", array="crew", takes=("alert", "limit", "outage"),
    ),
    "generator": EventClass(
        meaning="One generator", array="generator", place="component",
        components=(("gen", "generators"),), damage="generation", repair_group="generation",
    ),
    "branch": EventClass(
        meaning="One line or transformer", array="branch", place="component",
        components=(("line", "lines"), ("trafo", "transformers")),
        damage="substation", repair_group="substation",
    ),
}  # fmt: skip
"""Every class that events can hit. Readers, checks, schemas, settings of damage and repair, and docs are made from it;
`gridmodel.events.kinds.KINDS` is its counterpart for kinds of event."""

NOT_OWN = (*EVENT_CLASSES, "import_limit_mw", "time", "border")
"""Names that no technology of a network can have: they mean something else in events, series or results."""


def event_class(name: str) -> EventClass:
    """Return the row of a class that events can hit: one of `EVENT_CLASSES`, or a technology that a network lists.

    Examples
    --------
    >>> event_class("geothermal").technologies, event_class("crew").array
    (('geothermal',), 'crew')
    """
    found = EVENT_CLASSES.get(name)
    return _plant(f"Generators of the technology {name}", name) if found is None else found


def is_own_technology(name: str) -> bool:
    """Return whether a technology of a network may have this name.

    Examples
    --------
    >>> is_own_technology("geothermal"), is_own_technology("hydro"), is_own_technology("Coal")
    (True, False, False)
    """
    return re.fullmatch(OWN_TECHNOLOGY, name) is not None and name not in NOT_OWN


CLASSES = tuple(name for name, row in EVENT_CLASSES.items() if not row.components)
"""Classes that an event can name in a region, a zone or the country."""
DAMAGE_CLASSES = tuple(name for name, row in EVENT_CLASSES.items() if row.damage)
"""Classes that can be struck and repaired, single components included, as `repair_class` of a result numbers them."""

DAMAGE_STATES = ("none", "slight", "moderate", "extensive", "complete")
"""States a hit unit can be in."""

COLD_THRESHOLDS_C = (18.0, 16.0, 12.0, 10.0)
"""Indoor temperatures that people are counted below. [°C] WHO (2018) for 18; Collins (1986) for 16 and 12;
10 is where a dwelling is left with children and old people."""
DEGREE_HOURS_BELOW_C = (COLD_THRESHOLDS_C[0], COLD_THRESHOLDS_C[2])
"""Those below which degree-hours are summed. [°C]"""

RECHARGE_WORDS = {
    "overnight": "taken as recharged overnight, outside the balance: an unconfirmed assumption",
    "surplus": "recharged only from generation that nobody else needs, with losses",
    "cutting": "recharged, with losses, from surplus generation and by cutting in hours of little shedding",
}
"""Words of a result for how storage refills, by the setting `recharge`."""
