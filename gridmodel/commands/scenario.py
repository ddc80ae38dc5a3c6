"""`gridmodel scenario`."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import click

from gridmodel.commands.common import json_option, print_json, print_table, report_problems
from gridmodel.vocabulary import CLASSES, TECHNOLOGIES

TEMPLATE = """\
# A scenario. Check it with "gridmodel scenario check {file}", run it with "gridmodel run {file}".
name: {title} # title of the run

network: ukraine            # "gridmodel network list", or the path of a folder
weather: cold-wave-2026     # "gridmodel weather list", or the path of a file
start: 2026-01-12 00:00     # local time; the weather must reach back four days before it
end: 2026-01-19 00:00       # exclusive
step: 1h                    # 15min, 30min or 1h
timezone: Europe/Kyiv

members: 20                 # Monte Carlo draws
seed: 2026                  # same seed, same draws
deterministic: false        # true: one member with expected values

import_limit_mw: 1200       # January's mean; the block limit is 2,450
availability: {{}}            # national factor per technology, e.g. {{hydro: 0.9}}

{classes}
events:
  # a tenth of hydro is out for two days
  - {{time: 2026-01-13 06:00, target: UA/hydro, kind: outage, share: 0.1, duration_h: 48}}
  # half of what Kyiv needs is all that its network can pass on for three days
  - {{time: 2026-01-14 00:00, target: UA-30/delivery, kind: limit, share: 0.5, duration_h: 72}}
  # ten hits on heat sources, four in five intercepted: each member draws what is damaged; crews repair it
  - time: 2026-01-15 02:00
    target: UA-30/heat_source
    kind: strike
    hits_before_interception: 10
    interception: 0.8
"""


@click.group()
def scenario() -> None:
    """Write, check and look at scenarios."""


@scenario.command("list")
@json_option
@report_problems
def list_scenarios(as_json: bool) -> None:
    """List the bundled scenarios."""
    from gridmodel.inputs.files import bundled
    from gridmodel.scenario import load_scenario

    rows = []
    for name in bundled("scenarios"):
        found = load_scenario(name)
        row: dict[str, Any] = {"name": name, "title": found.name, "network": found.network}
        days = round((found.end - found.start).total_seconds() / 86400, 1)
        row |= {"start": f"{found.start:%F}", "end": f"{found.end:%F}", "days": days}
        rows.append(row | {"members": found.draws})
    if as_json:
        print_json(rows)
    else:
        columns = ("Scenario", "start", ">days", ">members", "~title")
        order = ("name", "start", "days", "members", "title")
        print_table(
            "", columns, [tuple(f"{row[key]:g}" if key == "days" else row[key] for key in order) for row in rows]
        )


@scenario.command("show", short_help="Show every setting, defaults included.")
@click.argument("name")
@json_option
@report_problems
def show_scenario(name: str, as_json: bool) -> None:
    """Show every setting of a scenario, defaults included: NAME is a bundled name or a file."""
    from gridmodel.scenario import load_scenario

    found: dict[str, Any] = json.loads(load_scenario(name).model_dump_json())
    if as_json:
        print_json(found)
    else:
        for key, value in found.items():
            click.echo(f"{key}: {json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value}")


SCHEMA = "scenario.schema.json"
"""Name of the schema that an editor is led to."""


@scenario.command("new")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help=f"Write {SCHEMA} beside it and name it in FILE, for your editor.")
@report_problems
def new_scenario(file: Path, schema: bool) -> None:
    """Write a commented scenario that runs to FILE.

    With --schema, editors that know YAML (VS Code with its YAML extension, and others that run yaml-language-server)
    complete settings, show what they mean and mark what is wrong.
    """
    from gridmodel.errors import InputError, Problem

    if file.suffix not in {".yaml", ".yml"}:
        raise InputError([Problem(message="must end in .yaml", field="FILE", value=str(file))])
    try:
        title = json.dumps(file.stem.replace("-", " ")[:100], ensure_ascii=False)
        text = TEMPLATE.format(file=file.name, title=title, classes=_classes())
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError([Problem(message="is no name in UTF-8", field="FILE", value=ascii(str(file)))]) from None
    if schema:
        text = f"# yaml-language-server: $schema={SCHEMA}\n{text}"
    if schema and not file.exists():
        _write_schema(file.with_name(SCHEMA))
    _write(file, text)
    click.echo(f"Wrote {file}; run it with: gridmodel run {file}")


def _classes() -> str:
    """Comment that names every class that events can hit."""
    names = ["a technology", *(name for name in CLASSES if name not in TECHNOLOGIES)]
    text = "What happens. Place: a region (UA-30), a zone (NORTH) or the country (UA). "
    text += f"Class: {', '.join(names[:-1])} or {names[-1]}."
    return textwrap.fill(text, 120, initial_indent="# ", subsequent_indent="# ")


def _write(file: Path, text: str) -> None:
    """Write a file that is not there yet.

    Raises
    ------
    InputError
        If it is, or cannot be written.
    """
    from gridmodel.errors import InputError, Problem

    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise InputError([Problem(message="exists already and is left as it is", table=str(file))]) from None
    except OSError as error:
        raise InputError([Problem(message=f"cannot be written: {error.strerror}", table=str(file))]) from None


def _write_schema(file: Path) -> None:
    """Write the schema of a scenario, unless it is there."""
    from gridmodel.events import scenario_schema

    text = json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"
    if file.is_file() and file.read_text(encoding="utf-8", errors="replace") == text:
        return
    _write(file, text)
    click.echo(f"Wrote {file}")


@scenario.command("check", short_help="Check a scenario with all that it names.")
@click.argument("name")
@report_problems
def check_scenario(name: str) -> None:
    """Check a scenario with its network, weather and events, without running it.

    NAME is a bundled name or a file.
    """
    from gridmodel.scenario import load_scenario
    from gridmodel.simulation.inputs import run_inputs

    found = load_scenario(name)
    made = run_inputs(found)
    size = f"{found.draws} members, {len(made.clock.times)} steps, {len(made.network.regions)} regions"
    click.echo(f"{name} can run: {size}.")
