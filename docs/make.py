"""Make the pages and pictures that come out of the code: ``python docs/make.py`` (``--check`` to compare)."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from pydantic_core import PydanticUndefined
from rich.console import Console

import gridmodel as gm
from gridmodel.commands import summary
from gridmodel.events import EVENTS, REPAIR_DAYS
from gridmodel.events.kinds import KINDS, kinds_for
from gridmodel.events.profiles import PROFILES
from gridmodel.events.targets import units_of
from gridmodel.inputs.country import KEYS
from gridmodel.inputs.files import ROOT
from gridmodel.inputs.tables import MAX_BYTES, MAX_CELLS, Table
from gridmodel.interchange.registry import kept_table, read_table, written_table
from gridmodel.network import TABLES, build_grid, read_network
from gridmodel.network.outlines import KEYS as OUTLINE_KEYS
from gridmodel.results.metrics import person_hours
from gridmodel.scenario import DAMAGE, DAMAGE_CLASSES, NEVER, REPAIR_GROUPS, Parameters, Scenario, drawable
from gridmodel.scenario.drawable import BY_NAME
from gridmodel.scenario.groups.sampling import StopAt
from gridmodel.scenario.weapons import WEAPON_TABLE
from gridmodel.services.power.variables import CASCADE_VARIABLES
from gridmodel.services.registry import SERVICES, VARIABLES
from gridmodel.vocabulary import CLASSES, EVENT_CLASSES, MECHANISMS, TECHNOLOGIES
from gridmodel.weather.generator.extremes import LONGEST_YEARS, WINTERS
from gridmodel.weather.generator.tables import NORMS, PARAMETERS, SITES
from gridmodel.weather.parsing.encoding import LONGEST_BYTES
from gridmodel.weather.readers.open_meteo import ISSUE_NAMES
from gridmodel.weather.regions import FARTHEST_KM
from gridmodel.weather.registry import formats
from gridmodel.weather.spread import AT_HAND_KM, FARTHEST_SITE_KM
from gridmodel.weather.spread import SITES as SITES_TAKEN

HERE = Path(__file__).resolve().parent
UKRAINE_CLIMATE = ROOT / "networks" / "ukraine" / "climate"
sys.path.insert(0, str(HERE.parent))

from docs import architecture, commands, given, measured, planning, vocabulary  # noqa: E402 - beside the package, not in it


def variables_page() -> str:
    """Return the page on variables of a result, from the declarations of the services."""
    lines = ["# Variables of a result", "", "`gridmodel.run` returns one dataset. Time is UTC, start of the step; "
             "`local_time` is given beside it.", "", "| variable | dimensions | unit | what it is |", "|---|---|---|---|"]  # fmt: skip
    lines += [f"| `{name}` | {', '.join(v.dims)} | {v.units} | {v.long_name}{v.present and f' ({v.present})'} |"
              for name, v in VARIABLES.items()]  # fmt: skip
    lines += ["", "With `cascade: overload` or `full`, `cause` also contains " + ", ".join(f"`{name}`" for name in MECHANISMS)
              + ", and there are the log of what events set off (`gm.cascade_log` reads it as a table) and, in `full`, "
              "the frequency:", "", "| variable | dimensions | unit | what it is |", "|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| `{name}` | {', '.join(v.dims)} | {v.units} | {v.long_name} |" for name, v in CASCADE_VARIABLES.items()
    ]
    lines += ["", "## Signals", "", "Values that services see of each other and no result contains "
              "([adding a service](contributing/service.md)).", "", "| signal | dimensions | unit | what it is | shown by |",
              "|---|---|---|---|---|"]  # fmt: skip
    lines += [f"| `{name}` | {', '.join(v.dims)} | {v.units} | {v.long_name} | {service.name} |"
              for service in SERVICES for name, v in service.signals.items()]  # fmt: skip
    return "\n".join(lines) + "\n"


def parameters_page() -> str:
    """Return the page on numbers that a scenario may override; unconfirmed ones are marked."""
    lines = ["# Numbers of the physics", "", "Every number is a setting of a scenario. Those marked [B] are "
             "**unconfirmed**: background knowledge or a modelling choice. A pair is a range from which each member draws. "
             "Those with a mark can be given a distribution in place of a number, or by name: see below, and "
             "[uncertainty](uncertainty.md).", "",
             "| setting | default | drawn | what it is |", "|---|---|---|---|"]  # fmt: skip
    for name, field in Parameters.model_fields.items():
        meaning = " ".join((field.description or "").split())
        mark = "yes" if name in drawable() else "by name" if name in BY_NAME else ""
        lines.append(f"| `{name}` | {_shown(field.default)} | {mark} | {meaning} |")
    lines += ["", "## Files, dates, plant and draws", "", "All other settings: what a scenario names, the time that it covers, "
              "what plant can give, and how members are drawn.", "", "| setting | default | drawn | what it is |",
              "|---|---|---|---|"]  # fmt: skip
    for name, field in Scenario.model_fields.items():
        if name not in Parameters.model_fields and name != "folder":
            meaning = " ".join((field.description or "").split())
            mark = "yes" if name in drawable() else "by name" if name in BY_NAME else ""
            lines.append(f"| `{name}` | {_plain(field.default)} | {mark} | {meaning} |")
    lines += _distributions()
    lines += ["", "Unconfirmed numbers of the bundled networks are listed in their own READMEs, those of the weather "
              "in `weather/README.md`."]  # fmt: skip
    return "\n".join(lines) + "\n"


def _distributions() -> list[str]:
    """Return lines on what else can have a distribution, and what cannot and why."""
    others = [name for name in Scenario.model_fields if name in drawable() and name not in Parameters.model_fields]
    lines = ["", "## What can have a distribution", "", "The numbers with a mark above, " +
             " and ".join(f"`{name}`" for name in others) + ", and, by name:", "",
             "| setting | numbers | in a sensitivity |", "|---|---|---|"]  # fmt: skip
    for name, levels in BY_NAME.items():
        many = {TECHNOLOGIES: "each technology", DAMAGE_CLASSES: "each class that can be damaged"}
        parts = " × ".join(many.get(keys, ", ".join(f"`{key}`" for key in keys)) for keys in levels)
        lines.append(f"| `{name}` | {parts} | {'part of chance' if name in DAMAGE else 'an unknown of its own'} |")
    cells = ", ".join(f"`{column.name}`" for column in EVENTS.columns if column.drawn)
    lines += [f"| `events` | in each row: {cells} | part of chance |", "",
              "The places of a pair in `repair_days` are `mean` and `standard_deviation`. What cannot have one:", "",
              "| setting | why |", "|---|---|"]  # fmt: skip
    lines += [f"| `{name}` | {why} |" for name, why in NEVER.items() if name != "folder"]
    return lines


def tables_page() -> str:
    """Return the page on tables of a network folder, from the schema that the reader uses."""
    lines = ["# Tables of a network folder", "", "Every row also carries `source` (keys into `sources.csv`, separated by "
             "semicolons) and `confidence` (high, medium, low or assumed). [Adding a country](contributing/country.md) "
             "builds a small folder from nothing.", "", "## network.toml", "",
             "What holds for the whole country. A folder without it shows UTC on its clock, with a warning.", "",
             "| key | what it is |", "|---|---|"]  # fmt: skip
    lines += [f"| `{key.name}` | {key.meaning}{'' if key.required else ' (may be left out)'} |" for key in KEYS]
    for table in TABLES.values():
        lines += _columns(table, f"{table.name}.csv")
    lines += ["", "## outlines.json", "", "Outlines of the regions for the map of a report. May be left out: then each region is a tile "
              "close to its place. Every region needs an outline; the file is checked as the tables are.", "",
              "| key | what it is |", "|---|---|"]  # fmt: skip
    lines += [
        f"| `{key}` | {meaning}{'' if needed else ' (may be left out)'} |"
        for key, (meaning, needed) in OUTLINE_KEYS.items()
    ]
    lines += ["", "# Tables of a climate", "", "A folder `climate/` in the folder of a network, which only the weather generator "
              "reads (`gm.generate_weather`, `gridmodel weather generate --regions FOLDER`): winters of a country are generated "
              "from these three tables. `source` is free text here."]  # fmt: skip
    for table in (NORMS, SITES, PARAMETERS):
        lines += _columns(table, f"climate/{table.name}.csv")
    lines += [
        "",
        "The parameters, all required:",
        "",
        "| name | value in Ukraine | unit | what it is |",
        "|---|---|---|---|",
    ]
    shared = pd.read_csv(UKRAINE_CLIMATE / "parameters.csv")
    lines += [f"| `{p.name}` | {p.value:g} | {p.unit} | {p.meaning} |" for p in shared.itertuples(index=False)]
    return "\n".join(lines) + "\n"


def _columns(table: Table, file: str) -> list[str]:
    """Columns of one table, under its file's name."""
    lines = ["", f"## {file}", "", table.meaning + ("." if table.required else ". May be left out."), "",
             "| column | unit | what it is |", "|---|---|---|"]  # fmt: skip
    for column in table.columns:
        if column.name in {"source", "confidence"}:
            continue
        optional = "" if column.required else " (may be empty)"
        choices = f": {', '.join(column.choices)}" if column.choices else ""
        lines.append(f"| `{column.name}` | {column.unit} | {column.meaning}{choices}{optional} |")
    return lines


EVENTS_PAGE = """\
# Events

What is damaged, when and how badly: rows under `events` in a scenario, or a CSV file that it names. Each event has a
time, a target and a kind. A target is `place/class`: a region (`UA-30`), a zone (`NORTH`) or the country (`UA`), and
what is hit there; a wave names the place alone. In your own network a target can also be
[a single component](#single-components-of-your-own-network); in a bundled network it cannot.

## Kinds

{kinds}

Events that act on the same thing multiply; for `delivery` the lowest applies. An `outage` or a `limit` without `duration_h` lasts to
the end of the run, and what a strike or a wave damages until it is [repaired](repair.md). A `loss` heals by itself.

`duration_h` is rounded up to whole steps, and an event lasts for one at least: in steps of an hour, half an hour from 02:10 on is that from two to three.
A `repair` in the step in which damage began ends it with that step. A `value` on a zone or the country is given to each of its regions:
`SOUTH/delivery` with 300 allows 300 MW in each. In the hour that the clock repeats at the end of summer time, a time is the first of the two.
A limit of `delivery` to a share of 1 limits nothing; a share just below 1, and damage however small, fixes
[the megawatts of one day](electricity.md#what-a-damaged-regional-network-passes-on), which harder frost later exceeds.

One row of each kind, as they stand in a scenario:

```yaml
events:
  # a tenth of hydro in the country is out for two days
  - {{time: 2026-01-13 06:00, target: UA/hydro, kind: outage, share: 0.1, duration_h: 48}}
  # for three days the network of Kyiv can deliver only half of an evening's demand; imports are held at 900 MW
  - {{time: 2026-01-14 00:00, target: UA-30/delivery, kind: limit, share: 0.5, duration_h: 72}}
  - {{time: 2026-01-14 00:00, target: UA/import, kind: limit, value: 900, duration_h: 72}}
  # ten hits on heat sources of Kyiv, four in five intercepted
  - {{time: 2026-01-15 02:00, target: UA-30/heat_source, kind: strike, hits_before_interception: 10, interception: 0.8}}
  # a wave on the north: which classes is said by the profile, which regions and units is drawn
  - time: 2026-01-16 02:00
    target: NORTH
    kind: wave
    profile: mixed
    weapons:
      missile: {{number: 40, interception: 0.6}}
      drone: {{number: {{uniform: [250, 400]}}, interception: {{triangular: [0.75, 0.83, 0.92]}}}}
  - {{time: 2026-01-16 01:00, target: NORTH/crew, kind: alert, duration_h: 5}}
  # a part of what carries power between zones is lost, nobody knows how much, and heals at the pace of each zone
  - {{time: 2026-01-16 06:00, target: UA/transfer, kind: loss, share: {{uniform: [0.0, 0.2]}}}}
  - {{time: 2026-01-17 00:00, target: UA-30/delivery, kind: repair}}
```

and in a table, where a mapping is the text of a cell in quotes:

```csv
{table}
```

A share may be a percentage: `80%` is read as 0.8; `80` and `0,8` are refused with the right form. A place may be the id or, in any case, the name of a
region in any language of the network (`Київ/delivery`, `Житомирська область/heat_source`), or the id of a zone or of the country.

## Units

Hits fall on units. Those of plants, heat sources and waterworks, and the circuits of lines and transformers, are counted in the network's tables; a region has as many
units of `delivery` and `heat_network` as its reference demand and its heat sources fill
({unit_settings}), rounded to the nearest whole number (halves to the even one), one at least. `import` is one unit for the whole country. Each unit of a
target is hit with equal chance, and a unit that is hit may be hit again: what remains multiplies until it is repaired. **Units are unequal**: their sizes are log-normal, drawn per member (`unit_size_spread`, for heat sources
`heat_source_spread`, the same sizes as in the rest of the run); reactors and parallel circuits are equal. So of
n units complete damage removes 1/n of capacity on average, and in one member the share of the unit that it hits.

A unit of `transfer` is a circuit of a line, or a transformer, between two regions or across the border: one thing that is lost once for both. An event on either region
can hit it. So in the table below a circuit between two regions appears in both rows, and one that crosses the border appears once: {circuits}. An event on both regions, on a zone or on the country
counts it once, and a wave or a crew takes it for the first of its regions that the target contains, in the order of its two buses in the network's tables.

Zones and units of the bundled network `ukraine`:

{units}

## Waves

A wave sends weapons of several types at a place. Each type has a number and a mean interception, either of which may be a
distribution; the setting `interception` of a scenario replaces that of all types.

1. **Interception varies from wave to wave.** Its share is drawn once per wave and type from a beta distribution of the given
   mean μ; two weapons of one type share their fate with a correlation ρ. Of n weapons a beta-binomial number leaks, with mean
   n(1 − μ) and variance nμ(1 − μ)(1 + (n − 1)ρ).
2. **Damage is a matter of chance.** Each weapon that gets through causes damage with a probability set by its type.
3. **Classes** are drawn by the profile. It names classes only; classes that the place lacks leave their share to the others.
4. **Regions** are drawn around their part of the units of that class: a Dirichlet-multinomial, whose concentration each wave
   draws from `wave_concentration`. A region that draws much in one class does so in the others.
5. **Units**, damage states and repair are those of strikes.

Members draw from streams of their own for each wave and type: more interception takes hits away and moves none, and a wave of
which nothing gets through leaves a run as it was. A deterministic run takes expected values. What is not modelled: that
defences tire, that one type makes way for another, that units are aimed at by their size, and heavier damage by heavier weapons.

Numbers marked [B] are unconfirmed ([words](vocabulary.md#terms-of-the-field)).

{profiles}

{weapons}

**Nothing here searches for the worst attack.** Profile, target, weapons and the settings of waves cannot be a dimension of a
sweep or a sensitivity; interception can, because it is help. Runs whose waves have different profiles, or differ in those on a
region or zone, are not compared.

Three sizes of national waves, `light`, `moderate` and `heavy`, are ranges in [a table](../scenarios/waves/README.md)
(`gridmodel.events.national.national_wave`). `next-cold-spell` is a bundled scenario with two waves; [its file](../scenarios/next-cold-spell.yaml) gives a reason for each range.
`gridmodel scenario forecast FORECAST --wave moderate` puts waves of a size into [a scenario of your own forecast](files.md#a-scenario-of-your-own-forecast), always on the whole country.

A `loss` is one law for damage whose size and course nobody knows: of a share `s` the part `s · exp(−24 d/τ)` is missing `d` days later, until less than a
hundredth is. Without `healing_h` each zone draws `τ` from `healing_days` once per member, for all its losses, so that a zone that heals slowly
gathers damage from wave to wave; a line between two zones heals as the slower of them does.

In `winter-2025-26` each of {waves} waves is a pair of such rows, on `generation` and `transfer` of the country or of a zone, always with the
same two ranges. What was reported beside them has rows of its own: {delivery} losses on `delivery` of Kyiv; {nuclear} on `nuclear`, whose ranges
follow what was reported of each, `healing_h` included; one on `transfer` in `EAST`, for damage before October; and {outages} outages
of heat networks and waterworks and {limits} limits on `exempt`, with shares and durations from reports. The first wave of December, and the first of the rows on `nuclear`:

```
time,target,kind,share,healing_h
2025-12-06 03:00,UA/generation,loss,"{{triangular: [0.0, 0.02, 0.15]}}",
2025-12-06 03:00,UA/transfer,loss,"{{uniform: [0.0, 0.2]}}",
2026-02-07 04:00,UA/nuclear,loss,"{{uniform: [0.3, 0.6]}}","{{uniform: [48, 144]}}"
```

## Classes

{classes}

## Single components of your own network

In place of `place/class` a target can be one row of a table, by its id, such as `gen:unit-3`.

{components}

## Columns

{columns}

A column that can be given a distribution in place of a number, such as `{{uniform: [0.2, 0.4]}}`, is sampled by each
member ([uncertainty](uncertainty.md)). [A new kind of event](contributing/event-kind.md) is one row of a table.
"""
"""Page on events; the tables come from the code."""


def events_page() -> str:
    """Kinds of event, classes that they hit, and columns, from the tables that the reader uses."""
    kinds = ["| kind | what happens | needs | can have |", "|---|---|---|---|"]
    for name, kind in KINDS.items():
        needs = [_names(kind.needs), _names(kind.one_of, " or ")]
        kinds.append(f"| `{name}` | {kind.meaning} | {', '.join(filter(None, needs))} | {_names(kind.allows)} |")
    classes = ["| class | what it is | kinds | repaired as |", "|---|---|---|---|"]
    components = ["| target | table | kinds | repaired as |", "|---|---|---|---|"]
    for name, row in EVENT_CLASSES.items():
        group = f"`{row.repair_group}`" if row.repair_group else ""
        rest = f"{_names(kinds_for(name))} | {group} |"
        components += [f"| `{prefix}:ID` | `{table}.csv` | {rest}" for prefix, table in row.components]
        if not row.components:
            classes.append(f"| `{name}` | {row.meaning} | {rest}")
    columns = ["| column | unit | distribution | what it is |", "|---|---|---|---|"]
    for column in EVENTS.columns:
        meaning = column.meaning.partition("; classes:")[0]
        columns.append(f"| `{column.name}` | {column.unit} | {'yes' if column.drawn else ''} | {meaning} |")
    named = [(row.size[2], Scenario.model_fields[row.size[2]].default) for row in EVENT_CLASSES.values() if row.size]
    return EVENTS_PAGE.format(
        kinds="\n".join(kinds), classes="\n".join(classes), columns="\n".join(columns), table=EVENTS_TABLE,
        unit_settings=", ".join(f"`{name}`: {value:g} MW each" for name, value in named), units=_units_table(),
        profiles=_profiles_table(), weapons=_weapons_table(), components="\n".join(components), circuits=_circuits(),
        **_winter(),
    )  # fmt: skip


EVENTS_TABLE = """\
time,target,kind,share,duration_h,profile,weapons,note
2026-01-13 06:00,UA/hydro,outage,0.1,48,,,
2026-01-16 02:00,NORTH,wave,,,mixed,"{missile: {number: 40, interception: 60%}, drone: {number: 300, interception: 0.83}}",assumed"""
"""Events as a table, for the page."""


def _circuits() -> str:
    """Return a clause on how the column of circuits adds up."""
    network = read_network("ukraine")
    ends, circuits = build_grid(network)[1].branch_region, units_of("branch", network, gm.load_scenario("january-2026"))
    inside = int(circuits[(ends >= 0).all(axis=1) & (ends[:, 0] != ends[:, 1])].sum())
    outside = int(circuits[(ends >= 0).sum(axis=1) == 1].sum())
    return f"the column adds up to {2 * inside + outside}, twice the {inside} between regions and {outside} across the border"


def _winter() -> dict[str, int]:
    """Count the rows of each sort in `winter-2025-26`."""
    table = pd.read_csv(ROOT / "scenarios" / "winter-2025-26.csv")
    losses = table.loc[table["kind"] == "loss", "target"].str.rpartition("/")[2].value_counts()
    kinds = table["kind"].value_counts()
    return {"waves": losses["generation"], "delivery": losses["delivery"], "nuclear": losses["nuclear"],
            "outages": kinds["outage"], "limits": kinds["limit"]}  # fmt: skip


def _units_table() -> str:
    """Table of the units of every region, by class, as hits find them."""
    network, scenario = read_network("ukraine"), gm.load_scenario("january-2026")
    classes = [name for name, row in EVENT_CLASSES.items() if row.place == "region" and row.damage]
    columns = {name: units_of(EVENT_CLASSES[name].array, network, scenario) for name in classes}
    plants, branches = network.tables["generators"], build_grid(network)[1].branch_region
    circuits = units_of("branch", network, scenario)
    lines = [
        f"| region | | zone | {' | '.join(f'`{name}`' for name in classes)} | `generation` | `transfer` |",
        "|---|---|---|" + "---:|" * (len(classes) + 2),
    ]
    for place, region in enumerate(network.regions):
        out = (branches == place).any(axis=1) & (branches[:, 0] != branches[:, 1])
        counts = [*(int(columns[name][place]) for name in classes), int(plants.loc[plants["region"] == region, "units"].sum()),
                  int(circuits[out].sum())]  # fmt: skip
        name = network.tables["regions"]["name_en"][place]
        lines.append(f"| `{region}` | {name} | `{network.zones[place]}` | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def _profiles_table() -> str:
    """Table of the profiles of waves."""
    lines = ["| profile | what it is sent at | shares of classes [B] |", "|---|---|---|"]
    for name, profile in PROFILES.items():
        shares = ", ".join(f"`{what}` {share:g}" for what, share in profile.shares.items())
        lines.append(f"| `{name}` | {profile.meaning} | {shares} |")
    return "\n".join(lines)


def _weapons_table() -> str:
    """Table of the types of weapon, with their settings."""
    lines = [
        f"| `{weapon.name}` | {weapon.words.capitalize()} | `{weapon.name}_damage_chance` {weapon.damage_chance:g} | "
        f"`{weapon.name}_interception_correlation` {weapon.correlation:g} |" for weapon in WEAPON_TABLE
    ]  # fmt: skip
    return "\n".join(["| weapon | what it is | damages [B] | correlation ρ [B] |", "|---|---|---|---|", *lines])


def _names(names: Iterable[str], between: str = ", ") -> str:
    """Names as code, joined."""
    return between.join(f"`{name}`" for name in names)


REPAIR = """\
# Repair

Each hit of a strike or of a [wave](events.md#waves) is a *job*: one unit of the target's class in one region. The crews
of the region work through the jobs; the result of a run contains the log.

## The rule

1. A hit puts its unit in a damage state and draws the time that its repair takes (table below). `slight` or worse is a
   job that begins with the strike.
2. Crews of a region: `repair_crews_per_million` times its millions of people, at least one, times the share that remains
   after events on `crew` (`outage` and `limit`; only whole crews work). From 22 to 6 by the clock `night_crew_share` of them
   are on duty, at least one. One crew works on one job.
3. At the start of each step the crews go to the open jobs of their region, first by `repair_priority`, then by time of
   the strike, then by place in the log. So a more urgent job takes a crew from a less urgent one, on which the work done is kept. A
   crew that finishes within a step is free in the next.
4. **In mild weather, with crews at hand, a repair takes as long as the table says**: its times are elapsed times of a
   facility, with ordinary nights and ways in them. Cold, alerts and too few crews lengthen it: in an hour a crew does
   an hour of work, times `cold_work_speed` below `cold_work_below_c` outdoors, and nothing while an `alert` on the region's `crew`
   lasts. `crew_travel_h`, for ways that are longer than usual, comes on top and is slowed in the same way; a crew
   that comes back to a job it left does not travel again.
5. Extensive or complete damage to `delivery`, `transfer` or a transformer of your own network takes one of the country's
   `spare_transformers`. They are assigned at the strike: by time, then priority, then place in the log. A job without
   one is worked on like the others, but is not complete until `new_transformer_days` after the strike.
6. A `repair` event repairs at once everything that was struck before it. A strike with a `duration_h` of its own ends by the
   clock: it needs no crew and no spare, and nothing slows it. Damage at a border (`import`) needs no crews of a region either.

A **deterministic** run takes expected values: cold and alerts slow the work, but every job has a crew and
every transformer a spare. Where crews or spares are short this is too optimistic; use members there.

`outage` and `limit` events last as long as they say; crews do not shorten or lengthen them. The bundled
January 2026 has no strikes, so nothing on this page affects it; `next-cold-spell` has two waves.

## The order of priority

{groups}

No event names a hospital or a feeder yet, so these two places are reserved. That `generation` comes after `substation` is
an assumption [B]: without substations no power plant reaches anyone. Groups that a scenario leaves out of `repair_priority` come last, together.

## Numbers

{numbers}

[B] is unconfirmed. The speed in the cold is an assumption about icy roads and cold hands; the stock of spares is a guess,
and no public source says how many large transformers are in store. Crews per million is
set by the 60 and more teams that Kyiv, a city of three million, reported on 20 January 2026; a day later it was 160
by day and 52 by night (news.liga.net), which is the share at night. These teams also served buildings, so fewer may be able to repair a boiler house or a substation. The time of a new transformer is the mean that
Geoscience Australia's SIRA gives for a high-voltage one (standard deviation 56 days); the largest may take a year or two
(unconfirmed).

Restoration times, mean and standard deviation in days. Source: FEMA, *Hazus Earthquake Model Technical Manual*, restoration of electric power
(generation plants, substations, distribution circuits) and potable water (pumping plants); **not checked against a copy of the manual** [B], while those of circuits were seen
in published code. Where the manual has no row for a class, the nearest stands in for it [B]: generation plants for sources of district heat, electrical
distribution circuits for its pipes, substations for corridors and borders, pumping plants for sewage lift stations. Times are drawn from a gamma distribution, which has this
mean and deviation and is positive; the normal one of the source, cut at zero, would make 3.6 ± 3.6 days 4.6 on average.
A scenario overrides any of them with `repair_days`.

{days}

## Effect of each part

Three made-up regions for five days at -10 °C: 6 hits on heat sources, 20 on pumping stations, 24 on regional networks,
none intercepted, then an alert of 24 hours; mean of {members} members, in million person-hours. To show what each part
does, crews are few (5 per million), cold begins at -5 °C, and all damage takes hours or days.

{effects}

## The log

`gm.repair_log(result)` is a table with one row per hit that arrived: member, begin, end, region, class, damage state. In
the dataset and its file it is `repair_begin(job)`, `repair_class(job)`, and by member `repair_end`, `repair_region`,
`repair_state`, with the meaning of the numbers in `flag_meanings`, in the order of their strikes in time; `crews_busy(member, time, region)` belongs to it. A
job is a hit that was *sent*, of a wave a place for a hit on a class, of which there are more than any member needs; where none
arrived, state and region are -1. The end is missing where the run ends first. The log names a class and a region, never a component.
"""
"""Page on repair; braces are filled from the code."""
SLOW = {
    "all parts": {},
    "without the alert": {"events": 3},
    "as many crews at night": {"night_crew_share": 1.0},
    "cold slows nothing": {"cold_work_speed": 1.0},
    "2 hours of travel": {"crew_travel_h": 2.0},
    "20 crews per million": {"repair_crews_per_million": 20.0},
    "one crew per region": {"repair_crews_per_million": 0.0},
    "no spare transformer": {"spare_transformers": 0},
    "water before heat": {"repair_priority": ["water", "heat", "substation", "generation"]},
}
"""Variants of the run that the page on repair shows."""


def repair_page() -> str:
    """Return the page on repair, with the numbers and the effect of each."""
    groups = []
    for group in REPAIR_GROUPS:
        classes = ", ".join(f"`{name}`" for name in CLASSES if EVENT_CLASSES[name].repair_group == group)
        groups.append(f"| {len(groups) + 1} | `{group}` | {classes or 'no class yet'} |")
    names = [name for name in Parameters.model_fields if name.startswith(("repair_", "crew_", "cold_work", "night_crew",
             "spare_", "new_trans")) and name not in {"repair_days", "repair_priority"}]  # fmt: skip
    fields = {name: Parameters.model_fields[name] for name in names}
    numbers = [
        f"| `{n}` | {_shown(f.default)} | {' '.join((f.description or '').split())} |" for n, f in fields.items()
    ]
    hit = {
        kind: ", ".join(f"`{name}`" for name in CLASSES if EVENT_CLASSES[name].damage == kind) for kind in REPAIR_DAYS
    }
    days = [f"| {kind} | {hit[kind]} | " + " | ".join(f"{mean:g} ± {sd:g}" for mean, sd in row.values()) + " |"
            for kind, row in REPAIR_DAYS.items()]  # fmt: skip
    members, effects = _repair_effects()
    return REPAIR.format(
        groups="\n".join(["| | group | classes |", "|---|---|---|", *groups]),
        numbers="\n".join(["| setting | default | what it is |", "|---|---|---|", *numbers]),
        days="\n".join(["| | classes | slight | moderate | extensive | complete |", "|---|---|---|---|---|---|", *days]),
        members=members, effects=effects,
    )  # fmt: skip


def _repair_effects() -> tuple[int, str]:
    strikes = (("heat_source", 6), ("water_pumping", 20), ("delivery", 24))
    events: list[dict[str, object]] = [
        {"time": "2026-01-05 06:00", "target": f"TR/{what}", "kind": "strike", "hits_before_interception": hits,
         "interception": 0.0} for what, hits in strikes]  # fmt: skip
    events.append({"time": "2026-01-05 12:00", "target": "TR/crew", "kind": "alert", "duration_h": 24})
    base = gm.load_scenario("three-region").replace(
        deterministic=False, members=6, end="2026-01-10", repair_crews_per_million=5.0, cold_work_below_c=-5.0,
        repair_days={what: {"slight": [0.25, 0.05], "moderate": [0.5, 0.1], "extensive": [1, 0.2], "complete": [2, 0.4]}
                     for what, _ in strikes},
    )  # fmt: skip
    services = ("power", "heat", "water")
    lines = ["| variant | hours per open job | no power | homes below 12 °C | no water |", "|---|---|---|---|---|"]
    for name, changes in SLOW.items():
        kept = {"events": events[: int(changes.get("events", len(events)))]}
        result = gm.run(base.replace(**{**changes, **kept}))
        log = gm.repair_log(result)
        damaged = log[log["damage_state"] != "none"]
        seen = damaged["end"].fillna(result["time"].to_numpy()[-1] + np.timedelta64(1, "h"))
        hours = (seen - damaged["begin"]).dt.total_seconds().mean() / 3600
        lost = [float(person_hours(result, f"people_without_{what}").mean()) / 1e6 for what in services]
        lines.append(f"| {name} | {hours:.1f} | " + " | ".join(f"{value:.1f}" for value in lost) + " |")
    return int(base.members), "\n".join(lines)


WEATHER = """\
# Weather

## Files that are read

`gm.load_weather` and `gridmodel weather check`, `convert` and `show` read the files below, and detect the format by the
content. A format of your own is one module: [adding a weather format](contributing/weather-format.md).

| format | contents | detected by |
|---|---|---|
{formats}

A grid or several places become regions by the nearest place to a region's centre or by area, units come from the file, and gaps
are listed, and filled only when asked (`--fill linear`). `history` says what was done. `make check-files` reads public files with our readers and
with those of others, and compares them: [the table](check-weather.md).

**A part of a file.** `start=` and `end=` (`--start`, `--end`: first hour, and hour after the last, UTC without an offset) read a part, so that a century of a
station or of a model is read: of NetCDF and GRIB only the steps that are wanted, of a text beyond {text_mb} MB or {cells:,} cells (up to {long_gb:g} GB) only lines that
name one of its years. A file that has nothing of the period is refused; one that has a part of it is read with a warning.

**Typical years** (TMY3, EPW of IWEC, CWEC or TMYx, PVGIS, NSRDB, TRY) are months of different years, and need the year that they are laid on:
`year=` (`--year`), or a start and an end, on whose years they are repeated. 29 February repeats the 28th. Weekdays do not matter to weather. A file whose dates are
real keeps them.

**Calendars of models.** Of years of 365 days 29 February repeats the 28th; twelve months of 30 days are spread over the year, and the five or six days that are
left over repeat the day before them; of 366 days 29 February is left out; the Julian calendar is read from 1901 to 2099, where its leap years are real.

**Days** become hours that keep the lowest, highest and, if the file has it, mean temperature of each day. Lows are at 06:30 and highs at 14:30 of solar time, by the
longitude of each place. A day begins when its source says: GSOD, Meteostat and models at midnight of UTC, others by the bounds of their times, the offset in the file,
`--timezone`, or else solar time at the place. A mean that no curve between the extremes can have is come near to, and `history` counts such days. Where a file has
only means, a daily range of 5.3 K is assumed.

**Few places.** A region without a place of its own is refused, unless `spread=` (`--spread`) says `nearest` or `inverse-distance`: each region then takes
its weather from the places that there are, up to {farthest:,.0f} km away, as under [forecasts](#forecasts). Columns that are regions, by id or by name, stand at their
centres. `region=` beside it says where a file of one place is.

**Text** is UTF-8, UTF-16 with a mark, or Windows-1251 if all letters beyond ASCII are Cyrillic; any other is read as Latin-1, with a warning. A first column
without a name is one of times, or of row numbers; last columns without a name or a value are left out. Times are ISO 8601 with offsets that may change, dates as people write them, seconds or milliseconds since 1970,
or digits such as 2026010800. Of a time that a clock shows twice (`--timezone Europe/Kyiv`), the second is the later one. Of rows every few
minutes those on the full hour are taken. Clocks half an hour or a quarter off (India, Nepal, Newfoundland) keep their exact offset: an hour of UTC lies on the
line between the rows before and after it, days take each hour at its local time, and `history` says so. Rows at the middle of each hour of UTC count for that hour. A value is that of the
hour that begins at its time: steps of 15 and 30 minutes lie on the line between the middles of hours, so that they have as much frost as hours.

**Times of NetCDF** count from a date, whose zone is an offset (`hours since 2026-01-01 00:00 +02:00`) or UTC; other zones are refused. A forecast
over `step` is read at its `valid_time`.

**Missing values.** What NetCDF says of itself holds (CF 2.5.1): `_FillValue`, `missing_value`, what the library leaves where nothing was written, and values
outside `valid_range`, `valid_min` and `valid_max` count as missing, packed where their type is; a warning and `history` say how many.

**Units** come from the file, its header (`t (°F)`, `Київ, °F`, `temp_f`), or `unit=` (`--unit`: degC, K, degF, tenths). Numbers without one are read as degC, above 150 in the middle as kelvin, with a
warning; numbers up to 45 to 60, hot in degC and usual in degF, are refused until the unit is given, and impossible ones with what they look like.

Dates with the year last are day, month, year where points stand between them. With slashes or hyphens the whole column says which comes
first: a number above 12 is a day, otherwise the reading whose dates follow each other within a day holds; a file for which both
hold is refused. Times without an offset are UTC unless `--timezone` says otherwise, which `history` then says.

### Forecasts

`gridmodel scenario forecast FILE` makes a scenario of a forecast ([how](files.md#a-scenario-of-your-own-forecast)). Of Open-Meteo's ensembles every
member of every model that is in the file is read, the control among them, and each
member of a run meets one of them, all with equal probability. A time of issue, which the service does not send, may be added under any of {issued}; in our own
NetCDF it is the attribute `forecast_reference_time`.

Places become regions as follows (`gridmodel.weather.spread`). A region takes its nearest place alone if it is within {at_hand:g} km of its centre;
otherwise the mean of its {sites_taken} nearest places, each weighted by one over the square of its distance (Shepard, 1968). `--spread nearest` takes the nearest place
always. The note in the scenario and the `history` of its weather say which it was, and name regions farther than {far:g} km from any place; beyond {farthest:,.0f} km the file
is refused. Columns that are regions count as places at their centres; a grid becomes regions by its nearest cells. Regions are found by id, or by name in any language of the network, in any case, with or without words such
as `oblast`, `обл.` or `м.`, in any ending of a Ukrainian adjective, and by the town of `climate/sites.csv`; a name that a city and the region around it share is the city.

Demand follows the temperature of four days, and homes begin as cold as these days left them. Hours of these four days that the file lacks take the mean of the file's first
24 hours, of each member and region. So a fall that came before is missed; download four past days with the forecast and say where the run begins (`--start`).

What is not modelled: heights of places, errors of a forecast beyond its members, weather after its last hour.

### Wind and sun

A file may bring wind and the sun on level ground beside the temperature; homes then feel them in place of the settings
`wind_m_s` and `sun_clearness`. Our own CSV has columns `REGION:wind_m_s` and `REGION:ghi_w_m2` (W/m², mean of the hour that begins at
the time), of every region or of none; our own NetCDF contains both under these names, with the dimensions of the temperature. Of the other formats, Open-Meteo (`wind_speed_10m`, `shortwave_radiation`) and EPW bring both, and `gridmodel weather
convert` writes them on. What is missing in some hours is filled with the temperature's gaps or left out, with a warning.

## Winters and cold spells

```
gridmodel weather generate winter.nc --start 2026-01-01 --end 2026-02-01 --members 100            # 100 winters
gridmodel weather generate spell.csv --start 2026-01-07T22:00 --end 2026-01-22T22:00 \\
    --design-cold-spell 5                                                                         # at design temperature
gridmodel weather generate fifty.csv --start 2026-01-07T22:00 --end 2026-01-22T22:00 \\
    --design-cold-spell 5 --return-period 50                                                      # once in 50 years
```

A cold spell is a design case, not drawn at random: four days at the norm of January, a fall of two days, a plateau of so many
days, a rise of two days, with a daily wave of 3 K up and down (`gm.design_cold_spell`). The mean of the plateau is the
region's design temperature, or the level that the coldest so many days in a row of one winter in `--return-period`
years fall below. Norms, variability and parameters are tables in the folder of a network, `climate/`: the tables of Ukraine
are bundled, and `gm.generate_weather(..., climate=FOLDER)` takes your own, of [the same form](../weather/README.md).

## How a level is found

`gm.weather.return_levels` generates {winters:,} winters, November to March, of the daily means of `gm.generate_weather`, takes the
lowest running mean of each, and from these the quantile `1 / years`. No distribution of extremes is fitted. The same seed gives
the same levels, and a longer return period is never milder. Of generated winters, one in so many is colder: a test counts them.
The standard error that comes with each level is that of the count alone, 0.1 to 0.15 K at 50 years.

Mean of the coldest five days in a row, °C:

| region | site | design temperature | once in 10 years | 12.5 years | 50 years | 12.5 years less design, K |
|---|---|---|---|---|---|---|
{rows}

## What a generated winter is made of

The temperature of a day is the norm plus an anomaly. Three things shape the anomaly:

- **Slow and fast swings.** Two AR(1) processes: {slow_share:.0%} of the variance (in November and December {december:.0%}) has a memory of
  {slow_memory:g} from day to day and is nearly the same over the whole country (correlation falls to 1/e over {slow_km:,.0f} km); the rest has
  a memory of {fast_memory:g} and falls over {fast_km:,.0f} km. So a cold month comes to all cities together, while a cold night may be local.
- **A wide cold side.** Anomalies are {spread:g} times wider below the usual than above it (`skewed`): frost reaches far down, and
  thaws stay near the norm. Either side falls off as a normal distribution does.
- **Size.** `sigma_daily_jan_k` of each site in `norms.csv`.

The numbers were fitted by least squares, each target weighted by its standard error, to the spread and skewness of monthly means and to the
lowest hours of each month in Kyiv and Odesa (NOAA GSOM, 1961-2020), together with levels of 12.5 and 50 winters of six stations
in the building code. Sizes of the other sites lie on the line through Kyiv and Odesa over `sd_monthly_jan_k`.

| quantity | stations | generated |
|---|---|---|
| correlation of January's means, Kyiv and Odesa | 0.92 | {r_mean:.2f} |
| correlation of January's lowest hours, Kyiv and Odesa | 0.83 | {r_lowest:.2f} |
| spread of January's mean, K: Kyiv, Odesa | 3.64, 2.75 | {sd_kyiv:.2f}, {sd_odesa:.2f} |
| skewness of January's mean, Kyiv | -0.76 ± 0.37 | {skewness:.2f} |
| lowest hour of January below its mean, K: Kyiv, Odesa | 13.0, 11.6 | {low_kyiv:.1f}, {low_odesa:.1f} |

Odesa is a compromise: its levels in the code are deeper than its monthly record since 1961 can tell.

## Levels beside stations

![Levels of return periods at six stations and in generated winters](weather-levels.svg)

The building code gives the coldest day and the coldest five days with probabilities 0.92 and 0.98: one winter in 12.5 and one in 50
is as cold. Its records end about 1980, and its January is 2 to 3 K colder than the norms of 1991-2020 that we generate. So both
are shown as departures from January's mean of the same record; bars are one standard error of a level that some fifty winters tell.
Over six stations and four levels ours are {high_mean:+.1f} K off on average, between {high_low:+.1f} and {high_high:+.1f} K. Lowest hours of a hundred
winters, which nothing was fitted to, meet the records of a century within 4.5 K at seven stations.
Picture: `python docs/weather.py`; numbers and sources: `tests/cases/station-extremes`.

Design temperatures (0.92, five days) of all {sites} sites, most of them not checked against a printed table, lie
{all_mean:.1f} K below our departures on average; Dnipro, Zaporizhzhia, Luhansk and Mykolaiv by about 2 K.

What is not modelled:

- **Absolute levels are milder than design temperatures**, by {low:.1f} to {high:.1f} K (last column above), because January has grown warmer. That
  frost has grown milder by as much as the mean is an assumption. Where caution counts, as for plant and reserves, take design temperatures.
- Variability is that of the past: no trend within the winters, and the same shape at every site.
- Snow, wind and cloud do not shape the cold; the daily wave is as high in frost as in thaw.

A spell of either kind is as cold in all regions at once, which is rarer than the return period of each. A return period is from
2 to {longest:g} years: the variability was fitted to 44 winters.

## Indices of cold

`gridmodel weather show` and `gm.weather.indices` count days in cold spells, spells, the longest and all of them, sum
heating degree-days, and give the wind chill. Names, thresholds and windows are xclim's. `make check-indices` builds
xclim an environment of its own (it takes a newer pandas than pandapower does), lets both work on the same generated
winters and stops where they differ by more than 1e-9; its numbers are kept in `tests/cases/indices-xclim`.
"""


def weather_page() -> str:
    """Return the page on generated winters: levels of return periods compared with design temperatures."""
    sites = pd.read_csv(UKRAINE_CLIMATE / "sites.csv")
    design = pd.read_csv(UKRAINE_CLIMATE / "norms.csv", index_col="site")["design_temperature_c"]
    names = [str(name) for name in sites["region"]]
    found = {years: gm.weather.return_levels(5, return_period_years=years, regions=names) for years in (10, 12.5, 50)}
    levels = {years: data["level_c"].to_numpy() for years, data in found.items()}
    gap = levels[12.5] - design[sites["site"]].to_numpy()
    rows = [
        f"| {region} | {site} | {design[site]} | {ten:.1f} | {code:.1f} | {fifty:.1f} | {more:.1f} |"
        for region, site, ten, code, fifty, more in zip(names, sites["site"], *levels.values(), gap, strict=True)
    ]
    listed = "\n".join(f"| {each.name} | {each.meaning} | {each.told_by} |" for each in formats())
    return WEATHER.format(
        formats=listed,
        issued=", ".join(f"`{name}`" for name in ISSUE_NAMES),
        at_hand=AT_HAND_KM,
        sites_taken=SITES_TAKEN,
        far=FARTHEST_KM,
        farthest=FARTHEST_SITE_KM,
        text_mb=MAX_BYTES // 1_000_000,
        cells=MAX_CELLS,
        long_gb=LONGEST_BYTES / 1e9,
        winters=WINTERS,
        longest=LONGEST_YEARS,
        rows="\n".join(rows),
        low=gap.min(),
        high=gap.max(),
        **_shape(),
        **_misses(),
    )


def _shape() -> dict[str, float]:
    """Return the parameters of the generator, and what Januaries that it draws in Kyiv and Odesa are like."""
    shared = pd.read_csv(UKRAINE_CLIMATE / "parameters.csv", index_col="name")["value"]
    drawn = gm.generate_weather("2025-12-31T22:00", "2026-01-31T22:00", members=2000, regions=["UA-30", "UA-51"])
    means, lowest = drawn.astype(float).mean("time").to_numpy(), drawn.astype(float).min("time").to_numpy()
    spread, below = means.std(axis=0), (means - lowest).mean(axis=0)
    return {
        "slow_share": shared["slow_share"],
        "december": shared["december_slow_share"],
        "slow_memory": shared["slow_memory"],
        "fast_memory": shared["fast_memory"],
        "slow_km": shared["slow_correlation_length_km"],
        "fast_km": shared["correlation_length_km"],
        "spread": shared["cold_side_spread"],
        "r_mean": float(np.corrcoef(means.T)[0, 1]),
        "r_lowest": float(np.corrcoef(lowest.T)[0, 1]),
        "sd_kyiv": spread[0],
        "sd_odesa": spread[1],
        "skewness": float((((means[:, 0] - means[:, 0].mean()) / spread[0]) ** 3).mean()),
        "low_kyiv": below[0],
        "low_odesa": below[1],
    }


def _misses() -> dict[str, float]:
    """Return how far departures of levels from January's mean are from those of stations. [K]"""
    table = pd.read_csv(HERE.parent / "tests" / "cases" / "station-extremes" / "levels.csv")
    norms = pd.read_csv(UKRAINE_CLIMATE / "norms.csv", index_col="site")["jan_mean_c"]
    region = pd.read_csv(UKRAINE_CLIMATE / "sites.csv").drop_duplicates("site").set_index("site")["region"]
    ours = [
        float(
            gm.weather.return_levels(row.days, return_period_years=row.winters, regions=[region[row.site]])["level_c"][
                0
            ]
        )
        - norms[row.site]
        for row in table.itertuples()
    ]
    miss = np.array(ours) - (table["level_c"] - table["january_c"]).to_numpy()
    high, code = miss[table["confidence"] == "high"], miss[(table["days"] == 5) & (table["winters"] == 12.5)]
    return {
        "high_mean": high.mean(),
        "high_low": high.min(),
        "high_high": high.max(),
        "all_mean": code.mean(),
        "sites": len(code),
    }


def picture() -> str:
    """Return the summary of the bundled January as a picture of a terminal."""
    console = Console(record=True, width=80, file=io.StringIO(), highlight=False, markup=False, force_terminal=True)
    result, folder = gm.run("january-2026"), Path("runs/january-2026")
    with TemporaryDirectory() as place, chdir(place):  # a run writes its page, which the summary names
        folder.mkdir(parents=True)
        (folder / "report.html").touch()
        summary.print_summary(result, folder, screen=console)
    drawn = console.export_svg(title="gridmodel run", unique_id="gridmodel", clear=True)
    plain = re.sub(r"@font-face \{.*?\n    \}|<!--.*?-->", "", drawn, flags=re.DOTALL)  # no fonts from elsewhere
    return "\n".join(line.rstrip() for line in plain.splitlines() if line.strip()) + "\n"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or "see [repair](repair.md)"
    if isinstance(value, tuple):
        return ", ".join(value) if isinstance(value[0], str) else f"{value[0]} to {value[1]}"
    return "the network's" if value is None else str(value)


def _plain(value: object) -> str:
    """Return the default of a setting that is a file, a date, plant or a choice; empty if it has none."""
    if value is None or value is PydanticUndefined or value in ((), {}):
        return ""
    if isinstance(value, StopAt):
        return f"`{value.metric}` to {100 * value.share:g} %, {value.max_members} members at most"
    return _shown(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else str(value)


MADE = re.compile(
    r"(<!-- (formats that are read|formats that are written|what is kept): [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL
)
"""Places of the tables in the page on files, the rest of which is written by hand."""


def files_page() -> str:
    """Return the page on files, with its tables of formats from the registry that the commands use."""
    tables = {
        "formats that are read": read_table(), "formats that are written": written_table(), "what is kept": kept_table(),
    }  # fmt: skip
    page = (HERE / "files.md").read_text(encoding="utf-8")
    return MADE.sub(lambda found: "\n".join([found[1], *tables[found[2]], "", found[3]]), page)


EXAMPLE = re.compile(r"\| (?:([a-z-]+)|\[([a-z-]+)\]\([a-z-]+\.md\)) \|$", re.MULTILINE)
"""Last cell of a row that names a worked example: plain while its page is not written, a link afterwards."""


def contributing_page() -> str:
    """Return the page on adding things, with a link to each worked example that exists."""

    def cell(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        written = (HERE / "contributing" / f"{name}.md").is_file()
        return f"| [{name}]({name}.md) |" if written else f"| {name} |"

    return EXAMPLE.sub(cell, (HERE / "contributing" / "README.md").read_text(encoding="utf-8"))


PAGES = {
    "contributing/README.md": contributing_page,
    "files.md": files_page,
    "variables.md": variables_page,
    "parameters.md": parameters_page,
    "tables.md": tables_page,
    "events.md": events_page,
    "repair.md": repair_page,
    "calibration.md": measured.calibration_page,
    "intervals.md": measured.intervals_page,
    "weather.md": weather_page,
    "commands.md": commands.page,
    "vocabulary.md": vocabulary.vocabulary_page,
    "planning.md": planning.planning_page,
    "architecture-rooms.svg": architecture.rooms_picture,
    "architecture-run.svg": architecture.flow_picture,
    "run.svg": picture,
    "../gridmodel/scenario/given.py": given.given_module,
}


def main() -> int:
    """Write the pages, or say which differ."""
    stale = [name for name, make in PAGES.items() if not (HERE / name).is_file() or (HERE / name).read_text() != make()]
    if "--check" in sys.argv:
        sys.stdout.write(f"stale: {', '.join(stale)}\n" if stale else "all pages are up to date\n")
        return 1 if stale else 0
    for name in stale:
        (HERE / name).write_text(PAGES[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main())
