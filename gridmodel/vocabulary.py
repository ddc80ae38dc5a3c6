"""The words of the model: tiers, technologies, classes, states, and every variable of a result."""

from __future__ import annotations

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
"""Kinds of generation."""

GAS_FIRED = ("thermal_gas", "chp", "chp_industrial", "gas_engine")
"""Technologies that a `fuel` limit reaches (gas pressure)."""

ARCHETYPES = (
    "panel_5_9_storey_uninsulated",
    "panel_16_storey_corner_flat",
    "panel_improved_project",
    "brick_khrushchovka",
    "stalinka_thick_brick",
    "post_2007_insulated",
    "detached_old",
)
"""Buildings on district heat; homes that heat themselves are `detached_old`."""

OWN_HEAT = ("own_gas_powered", "own_gas_gravity", "own_stove", "own_electric")
"""Homes that heat themselves, by what they burn and whether that needs power."""

HEAT_STATES = ("connected", "no_circulation", "drained", "frozen", "refilling")
"""States of a home on district heat: heated; cut off with water standing in its loop; loop drained; loop burst by ice;
burst loop mended and being refilled."""

CAUSES = ("disconnected", "island_deficit", "deficit", "limit")
"""Why a megawatt is missing; they add up to what is shed."""

MECHANISMS = ("under_frequency", "unit_trip", "branch_trip", "blackout")
"""What a cascade adds to the causes: load that relays took; load that lacks units or interconnectors that tripped and
are not back; load that lacks branches that tripped; load of an island that is black."""

CASCADE_STEPS = ("loss", "reserve", "tie_opening", "under_frequency", "unit_trip", "branch_trip", "blackout", "return")
"""What a cascade's log tells: what an event took at once, what neighbours or reserve gave, interconnectors that opened,
load that relays took, output and branches that tripped, load that went black, and what came back later."""

CLASSES = (
    *TECHNOLOGIES,
    "generation",
    "transfer",
    "delivery",
    "heat_source",
    "heat_network",
    "water_pumping",
    "wastewater",
    "import",
    "fuel",
    "crew",
)
"""What an event can name in a region, a zone or the country."""

EVENT_KINDS = ("outage", "limit", "strike", "alert", "repair")
"""What can happen to a target."""

DAMAGE_STATES = ("none", "slight", "moderate", "extensive", "complete")
"""States a hit unit can be in."""

COLD_THRESHOLDS_C = (18.0, 16.0, 12.0, 10.0)
"""Indoor temperatures that people are counted below. [°C] WHO (2018) for 18; Collins (1986) for 16 and 12;
10 is where a dwelling is left with children and old people."""
