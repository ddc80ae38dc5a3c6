"""Page on words: docs/vocabulary.md. Lists of words are the code's; a word without a meaning here is an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gridmodel.events.kinds import KINDS
from gridmodel.scenario.backup_systems import SYSTEM_TABLE, SYSTEMS
from gridmodel.vocabulary import (
    CAUSES,
    CLASSES,
    DAMAGE_STATES,
    EVENT_CLASSES,
    GAS_FIRED,
    HEAT_CAUSES,
    HEAT_STATES,
    MECHANISMS,
    ORDER_CAUSE,
    OWN_HEAT,
    TECHNOLOGIES,
    TIERS,
    WATER_CAUSES,
)

PAGE = """\
# Words

One word for one thing, in the code, the messages and these pages. Names in `code` are values in files and results.

## Runs

| word | meaning | not |
|---|---|---|
| scenario | the question: network, weather, period, events and settings | |
| setting | a number or choice of a scenario; it may have a distribution | parameter |
| member | one of the runs of an ensemble, with its own hits, damage, weather and values of settings | draw, chance, lot |
| step | one interval of time, 15 minutes to an hour; results give the UTC time at its start | now |
| sampling | how values of settings are chosen for each member | draws |
| signal | a value that services see of each other and no result contains | |
| study | many runs, or one run again: sweep, ranking, sensitivity, branching, AC check | |
| sensitivity | which unknown moves a result most | influence |
| detect | recognise the format of a file from its content | sniff |
| remaining | capacity that damage leaves | left |
| wave | weapons of several types that are sent at a place at once, and spread over classes, regions and units | |
| leak | a weapon that is not intercepted | |
| observation | a row of what was reported: span, scope, quantity, value | |
| posterior | an ensemble whose members agree with observations; without them it is the prior | |
| knot | midnight at which a study weighs members and chooses them again | |
| branching | running one member again up to a step, to look at that step or to go on from there in another way | rerun |

## Electricity

| word | meaning | not |
|---|---|---|
| demand | power that consumers would use if nothing were cut | need |
| dispatch | who is served in one state of the grid, at least cost | supply |
| shed | demand that is not served | |
| fleet | the generators of a network | plant |
| storage | reservoirs, pumped storage and batteries, with an energy as well as a power | |
| site power | power of pumps, boilers and other equipment of heat and water systems | |
| island | a part of the grid that is connected within itself and to nothing else | |
| interconnector | a line across the border; its imports are limited | |
| cascade | what damage sets off at once: frequency, relays, overloads, blackouts | transient |
| outage schedule | the timetable of rotating outages: who is off, when | rota |

## Heat, water and people

| word | meaning | not |
|---|---|---|
| heat state | the state of homes on district heat, see below | |
| occupied states | heat states that contain any homes | held |
| archetype | a type of building with its insulation, mass and windows | |
| backup | generators of a service's own, with their fuel | |
| deadlines | times until homes are cold, loops freeze or taps are dry | countdown |
| need | only what people need sent: places to get warm, crews, water, generators, fuel | |
| measure | a mitigation measure placed in a region: import, boiler, generator, fuel truck, warming point | help, aid |
| plan | the measures that a budget should buy | |

## Terms of the field

| term | meaning | in gridmodel |
|---|---|---|
| AC, DC power flow | power flow with voltages and losses; its linear approximation without them | `gm.check_ac`; dispatch |
| CVaR | conditional value at risk: the mean of the worst members | `gm.statistics.cvar` |
| EENS | expected energy not served: the mean of ENS over members | `energy_not_served` in a summary |
| ENS | energy not served over a run | `gm.metrics.ens_mwh` |
| HDD | heating degree-days: the sum of daily shortfalls of temperature below a base | `gm.weather.indices` |
| LOLE, LOLH | loss of load expectation: expected hours in which any load is shed | `gm.metrics.lole_h` |
| LOLEv | expected number of stretches of such hours | `gm.metrics.lolev` |
| SAIDI | hours without power of the mean consumer, here of the mean person | `gm.metrics.saidi_h` |
| UFLS | under-frequency load shedding by relays | `cascade: full` |
| MTTF, MTTR | mean time to failure, mean time to repair, of forced outages | `forced_outages` |
| CHP | combined heat and power | `chp` |
| CLPU | cold-load pick-up: load that returns higher than before the outage | `cold_load_pickup` |
| 5R1C | a building as five resistances and one capacity (ISO 13790) | `gm.heat.step` |
| Fréchet bounds | the least and most that an overlap can be when only its parts are known | `people_without_all_low` |
| Saltelli design | members arranged so that shares of variance can be told | `sampling: saltelli` |

[B] marks a number that is unconfirmed: background knowledge or a modelling choice ([numbers](parameters.md)).
"""
"""Words that no list in the code contains."""

TIER = {
    "critical": "what is served first, such as hospitals and waterworks",
    "household": "homes",
    "business": "shops, offices and services",
    "industry": "industry",
}
TECHNOLOGY = {
    "nuclear": "nuclear power plants",
    "thermal_coal": "coal-fired power plants that make no heat for homes",
    "thermal_gas": "gas-fired power plants that make no heat for homes",
    "chp": "combined heat and power for district heat",
    "chp_industrial": "combined heat and power of industry",
    "gas_engine": "gas engines",
    "hydro": "hydropower with a day's water",
    "pumped_storage": "pumped storage",
    "solar": "solar power",
    "wind": "wind power",
    "bioenergy": "biomass and biogas",
    "battery": "batteries",
}
DAMAGE = {
    "none": "no damage",
    "slight": "damage that leaves nearly all capacity",
    "moderate": "damage that leaves part of the capacity",
    "extensive": "damage that leaves little",
    "complete": "nothing remains",
}
HEAT = {
    "connected": "heated",
    "no_circulation": "cut off, with water standing in the loop",
    "drained": "cut off, and the loop is empty",
    "frozen": "ice has burst the loop",
    "refilling": "the burst loop is mended and fills again",
}
OWN = {
    "own_gas_powered": "a gas boiler that needs power",
    "own_gas_gravity": "a gas boiler that works without power",
    "own_gas_backed": "a gas boiler that needs power and has an inverter or a small generator",
    "own_with_stove": "a boiler or electric heating that needs power, and a stove to fall back on",
    "own_stove": "a stove",
    "own_electric": "electric heating",
}
CAUSE = {
    "disconnected": "no source is connected to the bus",
    "island_deficit": "too little generation in an island that is not the largest",
    "deficit": "too little generation in the island with the most load",
    "limit": "branches, regional networks or limits between zones cannot pass it on",
    "order": "an order cuts whole sub-queues, rounded up, or keeps a reserve: what it takes beyond the least possible",
    "under_frequency": "relays took the load and it may not be served yet",
    "unit_trip": "units or interconnectors tripped and are not back",
    "branch_trip": "branches tripped",
    "blackout": "the island is dead, or its plant waits to be started",
}
COLD = {
    "source_damaged": "damage has taken the source of the home's heat",
    "source_without_power": "the source has power neither from the grid nor from generators",
    "no_make_up_water": "the network has leaked so much water, without more coming, that it does not circulate",
    "network_damaged": "damaged pipes do not reach the building",
    "heat_short": "sources that run have too little gas or capacity, so that the home gets too little or is disconnected",
    "pipes_burst": "heat reaches the building, and its heating pipes have burst or are being refilled",
    "not_reconnected": "heat reaches the building, its pipes are whole, and nobody has reconnected it yet (or it is given up)",
    "home_without_power": "a home's own boiler, its electric heating, or the pumps of its building stop without power",
    "home_without_gas": "a home's own boiler lacks gas",
    "beyond_installed": "heating gives all that is installed, and it is too cold outdoors for that",
    "warming_up": "the heat that comes holds 12 °C in the long run, and rooms are not there yet",
}
DRY = {
    "pumps_damaged": "pumps of this part of the city are lost, and its reservoirs are empty",
    "pumps_without_power": "pumps without power lack as much as they would give, and reservoirs are empty",
    "reservoir_empty": "use and leaks are more than all pumps give, and reservoirs are empty",
    "risers_burst": "water in the street, but the building's cold-water pipes have burst",
    "high_floor_without_power": "whole pipes, but a floor that needs a booster pump, and no power",
}


def vocabulary_page() -> str:
    """Return the page on words, with the lists that the code uses."""
    lines = [PAGE]
    lines += _table("Tiers", "Consumers, in the order in which results give them.", TIERS, TIER)
    lines += _table("Technologies", "Kinds of generation; a network may list others. A `fuel` limit reaches "
                    + ", ".join(f"`{name}`" for name in GAS_FIRED) + ".", TECHNOLOGIES, TECHNOLOGY)  # fmt: skip
    targets = {name: EVENT_CLASSES[name].meaning for name in CLASSES if name not in TECHNOLOGIES}
    words = (
        "What an event names in a region, a zone or the country: any technology, or one of these ([events](events.md))."
    )
    lines += _table("Classes", words, tuple(targets), targets)
    kinds = {name: kind.meaning.removesuffix(".") for name, kind in KINDS.items()}
    lines += _table("Kinds of events", "", tuple(kinds), kinds)
    lines += _table("Damage states", "", DAMAGE_STATES, DAMAGE)
    lines += _table("Causes", "Why a megawatt is missing; `order` only where one is followed, the last four only where a cascade is.",
                    (*CAUSES, ORDER_CAUSE, *MECHANISMS), CAUSE)  # fmt: skip
    lines += _table("Heat states", "Homes on district heat.", HEAT_STATES, HEAT)
    lines += _table("Causes of cold homes", "Why a home is below 12 °C, from the source to the rooms ([heat](heat.md)).",
                    HEAT_CAUSES, COLD)  # fmt: skip
    lines += _table("Causes of dry taps", "", WATER_CAUSES, DRY)
    lines += _table("Homes that heat themselves", "", OWN_HEAT, OWN)
    lines += _table("Systems with backup", "", SYSTEMS, {system.name: system.words for system in SYSTEM_TABLE})
    return "\n".join(lines)


def _table(title: str, words: str, names: Sequence[str], meanings: Mapping[str, str]) -> list[str]:
    """Return one list of words.

    Raises
    ------
    LookupError
        If a word has no meaning here, or a meaning belongs to no word of the code.
    """
    if odd := set(names) ^ set(meanings):
        msg = f"docs/vocabulary.py and the code differ in {title.lower()}: {', '.join(sorted(odd))}"
        raise LookupError(msg)
    rows = [f"| `{name}` | {meanings[name]} |" for name in names]
    return [f"## {title}", "", *([words, ""] if words else []), "| name | meaning |", "|---|---|", *rows, ""]
