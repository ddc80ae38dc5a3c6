"""Page on briefing, comparing and ranking: docs/planning.md, with the weights and an example that the command makes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from gridmodel.commands import main
from gridmodel.results.value import VULNERABLE_RANGE
from gridmodel.scenario import KINDS, Parameters
from gridmodel.services.registry import WORTHS
from gridmodel.studies.mitigation import MOST_RUNS

OPTIONS = """\
name,kind,region,size,cost_eur,available_from,target
more imports,import,,300,500000,2026-01-12 00:00,
boilers in Kyiv,mobile_boiler,UA-30,200,900000,,
batteries in Kyiv,battery,UA-30,100,700000,,
places to get warm,warming_points,UA-30,50000,400000,,
"""
COMMAND = ("plan", "january-2026", "options.csv", "--members", "10")
PAGE = """\
# Briefing, comparing runs and ranking measures

## One command

```
gridmodel brief --region Житомирська --forecast docs/forecast.csv --wave moderate --interception 0.8 --exercise
gridmodel brief --region Zhytomyr --forecast tuesday.csv --wave moderate --budget 2000000 --lang uk
gridmodel report runs/january-2026 --region Zhytomyr     # the same sheet of a run that is there
```

From a [forecast](files.md#a-scenario-of-your-own-forecast) to a sheet for one region: what happens and how bad it may get, by when pipes must be drained, what to ask
for and whom, what a budget is worth. `docs/forecast.csv` is a made-up forecast to try it with; `--exercise` runs one that is over. The folder
(`briefs/FORECAST`, or `-o`) holds

| file | what it is |
|---|---|
| `brief.html` | the sheet: at most two printed pages, without script or network |
| `run/report.html` | the [page of the whole country](report.md) |
| `run/`, `without-wave/` | both runs, as `gridmodel run` writes them; the second has no events |
| `FORECAST.yaml`, `FORECAST-weather.nc` | the scenario that was made of the forecast: edit it, and go on with the single commands |
| `options.csv`, `ranking.csv` | with `--budget`: what could be sent, and what each prevents |
| `brief.json` | what was asked, the lines that were printed, and what is bought |

**The region** is named in any language of the network and any case, as an adjective too (Житомирської області, Житомирщина), or by its id; without it the sheet is of the
country. A city (Бердичів, Kryvyi Rih) stands for the region that it lies in, and a line says so: nothing here is known of a single city. Cities of 15,000 people and more are from
[GeoNames](https://www.geonames.org), CC BY 4.0; a name that cities of two regions share is asked back. The region chooses what is shown and helped. **Waves** always aim at the whole country: no option aims one at a place. Without `--interception` the ranges of
[the table of waves](../scenarios/waves/README.md) are drawn from, and a line says so.

**What the waves do** is told of the country alone, as the difference from the run without events on the same members: how much of the missing electricity is
missing anyway. **Typical** is the median of the members; one in twenty is worse than the **bad case**; of times the bad case is the early one. Times are rounded
down, to the hour where typical and early case are at most six hours apart, else to the part of the day. Chances have words: up to 0.1 unlikely, 0.4 possible, 0.6
as likely as not, 0.9 likely, above that very likely.

**What a region has itself** is of the tables of the network: generators in place (the need is what they leave), buildings an hour that its crews drain, water in full
reservoirs, fuel trucks. Needs to drain count people, so crews are told in people too: buildings an hour times the people on district heat of the region over its buildings (its heated
floor in buildings of 4,344 m²), 240 in the bundled network of Ukraine. Whom to ask is what is usual, not a rule.

**A budget** is spent on options made of the needs of the region in its bad case, in units that are sent at the middle of the costs [below](#kinds-of-help), with the
arrival a day after the start. For one region nothing of the country is offered (imports, spare transformers). The sheet says what is bought, what the next euro would
buy (the next lot: its units times the price of one, the range of prices, and the weighted person-hours that it would prevent by itself), what is left of the budget, which part it prevents of all
weighted person-hours that people lack, and what remains: needs with the help, less the places and the water that it brings. Where a need is met from the arrival on, the sheet says so beside what is needed before.

**Ask by** is the latest time at which help can be asked for so that it is there when it is needed: the beginning of the need in the bad case, at the part of the day in
which the sheet tells it, less the day that help takes to arrive (`gridmodel.studies.wanted.ARRIVES_H`, one number for all kinds). `now` is the start of the run. Needs that no kind of help
meets (generators for hospitals and telecom) have no time of arrival in the model, and none is made up. Where help comes too late for the first hours, the sheet names its arrival.

**Own crews** that drain pipes need not travel. Everyone whose pipes must be drained in the bad case over what the crews do in an hour is hours of work, rounded up; where these fit between the standstill
of the water and its frost, the sheet says by when own crews must start and that nobody need be asked. Otherwise it asks for those whom own crews do not reach by then though they start as circulation stops.

**Deliveries that are planned** are rows of `mitigations` in the scenario that a briefing writes, with the local time at which each is there:

```yaml
mitigations:
  - kind: fuel_truck
    region: Житомирська
    size: 2
    available_from: 2026-12-03 12:00
  - kind: mobile_generator
    region: Zhytomyr
    target: heat_source
    size: 1.3
    available_from: 2026-12-02 18:00
```

`gridmodel run` of it, then `gridmodel report RUN --region NAME`, give a sheet that lists them and counts them in all its numbers. Whatever is wrong is told in one sentence each, and nothing is written then.

## Comparing

```
gridmodel compare runs/calm runs/warm                              # runs, against the first
gridmodel compare runs/calm runs/warm --html calm-warm.html        # and a page of them side by side (--lang uk)
gridmodel compare january-2026 --with import:300                   # without and with a measure, in one command
```

Member *i* of two runs with the same seed has the same random numbers, so differences are taken member by member, with
95 % intervals of their mean. Each run itself is shown by what is typical, the median of its members, and its bad case (one member in
twenty is worse); `--csv` and `--json` have means as well. Runs that differ in events of single regions are refused: a comparison varies conditions
and help, because this tool ranks help, never targets.

## What from here on?

A run that has come to some hour can be gone on with from there, with a new forecast, other help, or other events:

```
gridmodel run january-2026 -o runs/so-far --save-state "2026-01-18 00:00"
gridmodel run january-2026 -o runs/as-it-is --from-state runs/so-far/state-2026-01-18T0000.nc
gridmodel run colder.yaml -o runs/colder --from-state runs/so-far/state-2026-01-18T0000.nc   # with a new forecast
gridmodel compare runs/as-it-is runs/colder
```

The first command runs all of January and leaves `state-2026-01-18T0000.nc` beside its result. The second and the third begin at that hour, with homes,
pipes, tanks, reservoirs, batteries, queues and open repair jobs as they were, and take seconds where the whole takes minutes. In a
scenario file the same is said by keys, and in Python by arguments:

```yaml
start: 2026-01-18 00:00                                # the time of the state
start_state: runs/so-far/state-2026-01-18T0000.nc      # begin from it
save_states: [2026-01-22 00:00, 2026-01-29 00:00]      # and save others, the end of the run among them
```

```python
import gridmodel as gm

whole = gm.run("january-2026", save_states=["2026-01-18 00:00"], states="states")
rest = gm.run("january-2026", start_state="states/state-2026-01-18T0000.nc")
state = gm.load_state("states/state-2026-01-18T0000.nc")  # what is in it, as a Dataset
```

With the same scenario, the rest of a run is what the whole run gives from then on, to the byte, in every variable. So whatever differs,
differs by what was changed:

- **Weather, demand, supply, help and all other numbers** are those of the scenario that begins from the state. Weather still reaches back four
  days: demand follows the cold of the days before.
- **Events.** Those that began before are in the state, with what they hit and how far repair has come. Rows of the scenario before its start are
  left out, so that the file of the whole run can stay as it is, or give way to one with new events alone; both draw the same. A row before the
  start which the run that saved the state did not have (another time, target or number counts) is refused: date it at the start or later, or save the state again with it.
- **Members** are drawn again from the seed. A run may take fewer members than the state has: the first of them. A number that members draw
  may have another range; the homes of the state stay as cold as they were.
- **The same as in the run that saved the state** are the network, the version of gridmodel, `step`, `seed`, `sampling`,
  `deterministic`, `rotation`, `cuts`, `cascade` and `recharge`; batteries that were placed come first among the measures, others may follow, which
  arrive charged and are planned for at once. What differs is told, a sentence each, all at once.
- **The draught of wind** through homes is a mean over the run in which the state was saved, and goes on. So a state of a run that ends on the 18th
  is that of one that goes on to the 29th only where the weather file has no wind; where it has, they differ by that mean.

`plan`, `compare --with`, `sweep`, `--ac-check` and `run --from` take scenarios that begin from a state. `members: auto` does not: a state is of a number of members.
`save_states` has no effect in a sweep, which runs members in parts.

## Ranking and planning

```
gridmodel plan january-2026 options.csv --budget 900000 --weight heat=1 --weight water=0.5
```

```csv
{options}```

The [report](report.md) of a run contains a file of options made from the needs of its regions, and the command with its
scenario. Each option is run alone on the members of the scenario. `--json`, `--csv` and `--html` give the same numbers.

### What counts

Cold is counted in **person-degree-hours**: each person's room counts by the kelvin that it is below 18 °C, and again by the
kelvin below 12 °C, for every hour. One threshold would call a room at 11.9 °C lost and one at 12.1 °C well, and would see no
help in warming a room from 4 to 11 °C. The kelvin are taken of each kind of home, heat state and sub-queue by itself before anything
is added up (`degree_hours_below_18c` and `degree_hours_below_12c` of a result, mean over homes; times people
`person_degree_hours_…` of a summary): nobody lives in the mean of a warm and a cold room. People in warm rooms count nothing.

The other services count in **person-hours**: without water, without power, without telecom (people times the share of base
stations and exchanges that is dark). A service that is added to the program, and ranks one of its counts
([adding a service](contributing/service.md)), stands beside them by itself.

All stand side by side in the ranking, each with the standard error of the paired difference. One vector of weights [B] makes
one number of them and the rank:

| name | of | weight | range |
|---|---|---|---|
{weights}

So an hour in a room at 12 °C is as bad as an hour without water or power, and at 6 °C three times as bad. These are judgements, not
measurements: `help_weights` of a scenario or `--weight` give others. Names that are left out then weigh 0; `heat` is a factor on the
weights of its two parts. Multiplying all weights by a number changes no rank.

**Vulnerable people**, who are old, ill or small children, count `vulnerable_weight` times ({vulnerable:g} by default, {low:g} to {high:g} [B]) in what counts of cold. Their
share is `vulnerable_share` of the region's table times `vulnerable_share_factor` [B]. Bundled networks have 0.25 everywhere, an
assumption: no source that we could read gives the age structure by oblast after the displacement of 2022. For the country
the UN's population fund gives 20.2 % over 65 and 15.2 % under 15 (2023, as quoted by okvir.net), which fits a quarter who are over 65 or under
5. They are assumed to live in the same homes as everybody else.

**Effects on health** are not computed. WHO's guidelines on housing and health (2018, chapter 4) set 18 °C as the least safe temperature of
rooms in cold seasons, but say that most evidence relates health to *outdoor* temperatures; we found no published curve with
an interval for deaths or illness by the temperature of rooms, least of all for rooms at 5 °C for days. A curve for outdoor temperatures would be wrong here.

### How sure a rank is

Options are run on the same members, so they are compared member by member. `beats next` says in how many members an option is
better than the one in the next row; options that are equal share a rank (`4=`), and pairs whose mean difference has zero in its 95 % interval
are called not told apart. `--json` has every pair (`duels`). In brackets stands the rank by one service alone. `ranks` is the best
and worst rank while one weight after the other, that of vulnerable people among them, moves over its range: where it is empty, the
rank does not hang on the weights. A single member (`deterministic: true`) says nothing about any of this.

### An example

`gridmodel {command}` with the options above:

```
{example}
```

The ranking is of help. It compares what can be sent, and never places or assets by the harm that their loss would do.

### Runs

`n` options take at most `n + 1` runs, and never more than {most}. With more options, those of a kind are placed together, one in each region, and each is worth
what its own region gains; batteries share theirs by size. Half of the runs that remain go to the options that prevent most for a euro, alone; the others to
sets of options; sets for which no run remains count as the sum of their parts, and what is bought is run in the end. A line names the
options that were valued in groups. Places to get warm do not change a run and so need none; the same is true of help
that does not change any input of a run, such as crews where no repair waits. Help that arrives later is run from the
midnight before it arrives, with the state of the run without it. Batteries always need a whole run. The answer is the
same to the bit. Fourteen options of every kind on `january-2026` take some 7.6 times as long as one run (7.4 to 8.2 in three rounds of
`python benchmarks/plan.py`, 2026-11-30, x86_64, one core); as many that all act from the first hour would take 15.

With a budget, every affordable set of up to four options is run. More options are chosen greedily, once by the gain of
an option beside those chosen and once by its gain per euro, whichever prevents more; a bound says how much better any
set could be if returns diminish, and a note says if they did not. The purchase of the same budget in the order of the
file is shown for comparison. In Python: `gm.rank_mitigations`, `gm.plan`, and `gridmodel.studies.mitigation.warming_places(result)` for the
places that a region needs by hour.

### Kinds of help

| kind | size | effect in a run |
|---|---|---|
| `import` | MW | raises the scenario's import limit; borders and limits set by events still apply |
| `mobile_boiler` | MW of heat | heats as many homes as its megawatts can at the design temperature, each at its building, with or without the heat network |
| `mobile_generator` | MW | backup power at `waterworks` or `heat_source` (column `target`), with its own fuel |
| `fuel_truck` | number | refuels the backup generators that a region has, beside its own trucks |
| `drain_crew` | whole number | drains `drain_crew_buildings_per_h` buildings an hour beside the crews of its region, so that fewer pipes burst |
| `warming_points` | places | homes stay cold, but so many people of homes below 12 °C, whoever comes first, do not count as cold in the ranking |
| `water_truck` | whole number | taps stay dry, but so many people whose taps stay dry for half a day and more do not count as without water in the ranking: 30 m³ a day at 15 L each |
| `battery` | MW | delivers its power for two hours (an assumption) at the load bus of its region, in the deepest hours of a day; arrives charged, refills as other storage does (`recharge`) |
| `repair_crew` | whole number | works beside the crews of its region, see [repair](repair.md) |
| `spare_transformers` | whole number | adds to the country's stock; one that comes later goes to the first repair that lacks one |

What is sent at once, and what it costs in euros for a cold spell of a week. All are unconfirmed [B], for a first ranking: prices that were published, some of them years ago or for other work, put
together as the table says. None is an offer. Put your own into `cost_eur`.

| kind | unit | low | likely | high | of | source | confidence |
|---|---|---|---|---|---|---|---|
{costs}

Events do not affect a battery that is placed, and it does not change the sampled damage. `repair_crew` and
`spare_transformers` need sampled damage: a deterministic run repairs expected damage as if neither were short, so it
refuses them.
"""
"""The page; braces are filled from the code."""


def planning_page() -> str:
    """Return the page on comparing and ranking."""
    vulnerable = Parameters.model_fields["vulnerable_weight"].default
    rows = []
    for worth in WORTHS:
        what = "person-degree-hour " + worth.words if worth.of == "degree_hours" else f"person-hour: {worth.words}"
        low, high = worth.weight_range
        per = " per K" if worth.of == "degree_hours" else ""
        rows.append(f"| `{worth.key}` | {what} | {worth.weight:.3g}{per} | {low:.3g} to {high:.3g} |")
    low, high = VULNERABLE_RANGE
    return PAGE.format(
        options=OPTIONS, weights="\n".join(rows), costs="\n".join(_costs()), most=MOST_RUNS, vulnerable=vulnerable, low=low, high=high, command=" ".join(COMMAND),
        example=_example(),
    )  # fmt: skip


def _costs() -> list[str]:
    """Return the unit and the costs of each kind of help."""
    return [f"| `{name}` | {kind.sent:g} {kind.unit.replace('1', '').strip()} | {' | '.join(f'{cost:,}' for cost in kind.cost_eur)} | "
            f"{kind.cost_of} | {kind.source} | {kind.confidence} |".replace("  ", " ") for name, kind in KINDS.items()]  # fmt: skip


def _example() -> str:
    """Return what the command prints, in 80 columns."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, COLUMNS="80"):
        try:
            os.chdir(folder)
            Path("options.csv").write_text(OPTIONS, encoding="utf-8")
            got = CliRunner().invoke(main, [*COMMAND], catch_exceptions=False)
        finally:
            os.chdir(here)
    return "\n".join(line.rstrip() for line in got.stdout.rstrip().splitlines())
