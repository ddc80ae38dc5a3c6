"""Make the pages and the picture that come out of the code: ``python docs/make.py`` (``--check`` to compare)."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import numpy as np
from rich.console import Console

import gridmodel as gm
from gridmodel import calibration
from gridmodel.commands import summary
from gridmodel.events import GROUP_OF, REPAIR_DAYS
from gridmodel.metrics import person_hours
from gridmodel.names import CASCADE_VARIABLES, CLASSES, MECHANISMS, VARIABLES
from gridmodel.network import TABLES
from gridmodel.network.write import kept_table
from gridmodel.scenario import REPAIR_GROUPS, Parameters, drawable

HERE = Path(__file__).resolve().parent


def variables_page() -> str:
    """Variables of a result, from the table that the code uses."""
    lines = ["# Variables of a result", "", "`gridmodel.run` returns one dataset. Time is UTC, start of the step; "
             "`local_time` stands beside it.", "", "| variable | dimensions | unit | what it is |", "|---|---|---|---|"]  # fmt: skip
    lines += [f"| `{name}` | {', '.join(v.dims)} | {v.units} | {v.long_name} |" for name, v in VARIABLES.items()]
    lines += ["", "With `cascade: overload` or `full`, `cause` also holds " + ", ".join(f"`{name}`" for name in MECHANISMS)
              + ", and there are the log of what events set off (`gm.cascade_log` reads it as a table) and, in `full`, "
              "the frequency:", "", "| variable | dimensions | unit | what it is |", "|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| `{name}` | {', '.join(v.dims)} | {v.units} | {v.long_name} |" for name, v in CASCADE_VARIABLES.items()
    ]
    return "\n".join(lines) + "\n"


def parameters_page() -> str:
    """Numbers that a scenario may override, those that are unconfirmed apart."""
    lines = ["# Numbers of the physics", "", "Every number is a setting of a scenario. Those marked [B] are "
             "**unconfirmed**: background knowledge or a modelling choice. A pair is a range that each member draws from. "
             "Those with a mark can be given a distribution in place of a number, as can `import_limit_mw`, "
             "`interception` and each technology's `availability`: see [uncertainty](uncertainty.md).", "",
             "| setting | default | drawn | what it is |", "|---|---|---|---|"]  # fmt: skip
    for name, field in Parameters.model_fields.items():
        meaning = " ".join((field.description or "").split())
        mark = "yes" if name in drawable() else ""
        lines.append(f"| `{name}` | {_shown(field.default)} | {mark} | {meaning} |")
    lines += ["", "Unconfirmed numbers of the bundled networks are listed in their own READMEs, those of the weather "
              "in `weather/README.md`."]  # fmt: skip
    return "\n".join(lines) + "\n"


def tables_page() -> str:
    """Tables of a network folder, from the schema that the reader uses."""
    lines = ["# Tables of a network folder", "", "Every row also carries `source` (keys into `sources.csv`, separated by "
             "semicolons) and `confidence` (high, medium, low or assumed)."]  # fmt: skip
    for table in TABLES.values():
        lines += ["", f"## {table.name}.csv", "", table.meaning + ("." if table.required else ". May be left out."), "",
                  "| column | unit | what it is |", "|---|---|---|"]  # fmt: skip
        for column in table.columns:
            if column.name in {"source", "confidence"}:
                continue
            optional = "" if column.required else " (may be empty)"
            choices = f": {', '.join(column.choices)}" if column.choices else ""
            lines.append(f"| `{column.name}` | {column.unit} | {column.meaning}{choices}{optional} |")
    return "\n".join(lines) + "\n"


REPAIR = """\
# Repair

What a strike damages is a *job*: one hit on one unit of the target's class in one region. The crews of the region work
jobs off; the run's result holds the log.

## The rule

1. A hit puts its unit in a damage state and draws hours of work (table below). `slight` or worse is a job that begins
   with the strike.
2. Crews of a region: `repair_crews_per_million` times its people, at least one, times what events on `crew` leave
   (`outage` and `limit`; only whole crews work). One crew works on one job.
3. At the start of each step the crews go to the open jobs of their region, first by `repair_priority`, then by time of
   the strike, then by place in the log. So a graver job takes a crew off a lesser one, which keeps what was done. A crew
   that is done within a step is free from the next.
4. In an hour, a crew does an hour of work, times `cold_work_speed` below `cold_work_below_c` outdoors, times
   `night_work_speed` from 22 to 6 by the clock, and nothing while an `alert` on the region's `crew` lasts. Getting to
   the job, `crew_travel_h`, is slowed alike; a crew that comes back to a job it left does not travel again.
5. Extensive or complete damage to `delivery`, `transfer` or a transformer of your own network takes one of the country's
   `spare_transformers`. They are given out at the strike: by time, then priority, then place in the log. A job without
   one is worked on like the others, but is not whole until `new_transformer_days` after the strike.
6. A `repair` event makes whole what was struck before it, at once. A strike with a `duration_h` of its own is of the
   clock: it takes no crew, no spare, and nothing slows it. What is at a border (`import`) needs no region's crews either.

A **deterministic** run takes expected values: travel, cold, night and alerts slow the work, but every job has a crew and
every transformer a spare. Where crews or spares are short it is too hopeful; use members there.

`outage` and `limit` events have the duration that they give; crews do not shorten or lengthen them. The bundled
January 2026 has no strikes, so that nothing of this page moves it.

## The order of priority

{groups}

No event names a hospital or a feeder yet, so these two places are kept for later; `generation` after `substation` is
ours [B]. Groups that a scenario leaves out of `repair_priority` come last, together.

## Numbers

{numbers}

[B] is unconfirmed. The speed in the cold is an assumption about icy roads and cold hands; that of the night, travel and
the stock of spares are guesses, and nothing public says how many large transformers are in store. Crews per million is
set by the 60 and more teams that Kyiv, a city of three million, reported on 20 January 2026; a day later it was 160
by day and 52 by night (news.liga.net), so that the night may slow more than 0.7 says. These teams served buildings too,
so that those who can mend a boiler house or a substation may be fewer. The time of a new transformer is the mean that
Geoscience Australia's SIRA gives for a high-voltage one (standard deviation 56 days); the largest may take a year or two
(unconfirmed).

Hours of work, normal and cut at zero: mean and standard deviation in days. All are from the FEMA Hazus earthquake
manual, quoted from memory and **unconfirmed** [B], but those of circuits, which were seen in published code. A scenario
overrides any with `repair_days`.

{days}

## What each part does

Three made-up regions for five days at -10 °C: 6 hits on heat sources, 20 on pumping stations, 6 on regional networks,
none intercepted, then an alert of 24 hours; mean of {members} members, in million person-hours. To show what each part
does, crews are few (5 per million), cold begins at -5 °C, and all damage is a matter of hours or days.

{effects}

## The log

`gm.repair_log(result)` is a table with one row a hit that arrived: member, begin, end, region, class, damage state. In
the dataset and its file it is `repair_begin(job)`, `repair_class(job)`, and by member `repair_end`, `repair_region`,
`repair_state`, with the words of the numbers in `flag_meanings`; beside it stands `crews_busy(member, time, region)`. A
job stands for a hit that was *sent*; where it did not arrive, state and region are -1. There is no end where the run
ends before. The log names a class and a region, never a component.
"""
"""Page on repair; what is in braces comes from the code."""
SLOW = {
    "all parts": {},
    "without the alert": {"events": 3},
    "night slows nothing": {"night_work_speed": 1.0},
    "cold slows nothing": {"cold_work_speed": 1.0},
    "no travel": {"crew_travel_h": 0.0},
    "20 crews per million": {"repair_crews_per_million": 20.0},
    "one crew a region": {"repair_crews_per_million": 0.0},
    "no spare transformer": {"spare_transformers": 0},
    "water before heat": {"repair_priority": ["water", "heat", "substation", "generation"]},
}
"""Variants of the run that the page on repair shows."""


def repair_page() -> str:
    """How damage is repaired, with the numbers and what each does."""
    groups = []
    for group in REPAIR_GROUPS:
        classes = ", ".join(f"`{name}`" for name in CLASSES if GROUP_OF.get(name) == group)
        groups.append(f"| {len(groups) + 1} | `{group}` | {classes or 'no class yet'} |")
    names = [name for name in Parameters.model_fields if name.startswith(("repair_", "crew_", "cold_work", "night_work",
             "spare_", "new_trans")) and name not in {"repair_days", "repair_priority"}]  # fmt: skip
    fields = {name: Parameters.model_fields[name] for name in names}
    numbers = [
        f"| `{n}` | {_shown(f.default)} | {' '.join((f.description or '').split())} |" for n, f in fields.items()
    ]
    days = [f"| {kind} | " + " | ".join(f"{mean:g} ± {sd:g}" for mean, sd in row.values()) + " |"
            for kind, row in REPAIR_DAYS.items()]  # fmt: skip
    members, effects = _repair_effects()
    return REPAIR.format(
        groups="\n".join(["| | group | classes |", "|---|---|---|", *groups]),
        numbers="\n".join(["| setting | default | what it is |", "|---|---|---|", *numbers]),
        days="\n".join(["| | slight | moderate | extensive | complete |", "|---|---|---|---|---|", *days]),
        members=members, effects=effects,
    )  # fmt: skip


def _repair_effects() -> tuple[int, str]:
    strikes = (("heat_source", 6), ("water_pumping", 20), ("delivery", 6))
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
    lines = ["| variant | hours a job is open | no power | homes below 12 °C | no water |", "|---|---|---|---|---|"]
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


def calibration_page() -> str:
    """How the bundled scenarios compare with what was reported."""
    found = calibration.rows(*calibration.runs())
    lines = ["# What the model says beside what was reported", "",
             "Made by `python -m gridmodel.calibration`. Sources are keys of `networks/*/sources.csv`."]  # fmt: skip
    for kind, words in calibration.KINDS.items():
        lines += ["", f"## {kind.capitalize()} rows", "", words, "", "| what | model | expected | holds | source |",
                  "|---|---|---|---|---|"]  # fmt: skip
        for row in found:
            if row.kind == kind:
                remark = f"<br>{row.remark}" if row.remark else ""
                verdict = "yes" if row.holds else "**no**"
                lines.append(f"| {row.what}{remark} | {row.shown} | {row.low:.3g} to {row.high:.3g} "
                             f"| {verdict} | {row.source} |")  # fmt: skip
    return "\n".join(lines) + "\n"


def picture() -> str:
    """The summary of the bundled January, as a terminal shows it."""
    console = Console(record=True, width=80, file=io.StringIO(), highlight=False, markup=False, force_terminal=True)
    summary.print_summary(gm.run("january-2026"), Path("runs/january-2026"), screen=console)
    drawn = console.export_svg(title="gridmodel run", unique_id="gridmodel", clear=True)
    plain = re.sub(r"@font-face \{.*?\n    \}|<!--.*?-->", "", drawn, flags=re.DOTALL)  # no fonts from elsewhere
    return "\n".join(line.rstrip() for line in plain.splitlines() if line.strip()) + "\n"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or "see [repair](repair.md)"
    if isinstance(value, tuple):
        return ", ".join(value) if isinstance(value[0], str) else f"{value[0]} to {value[1]}"
    return "the network's" if value is None else str(value)


KEPT = re.compile(r"(<!-- what is kept: [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
"""Place of the table in the page on files, the rest of which is written by hand."""


def files_page() -> str:
    """The page on files, with the table of what each format keeps from the list that the command uses."""
    table = "\n".join(kept_table())
    page = (HERE / "files.md").read_text(encoding="utf-8")
    return KEPT.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", page)


PAGES = {
    "files.md": files_page,
    "variables.md": variables_page,
    "parameters.md": parameters_page,
    "tables.md": tables_page,
    "repair.md": repair_page,
    "calibration.md": calibration_page,
    "run.svg": picture,
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
