"""`gridmodel scenario new`."""

from __future__ import annotations

import json
import os
import textwrap
from pathlib import Path

import click

from gridmodel.commands.common import (
    FilePath,
    echo,
    report_problems,
    writing,
)
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

members: 20                 # Monte Carlo members
seed: 2026                  # same seed, same members
deterministic: false        # true: one member with expected values

import_limit_mw: 1200       # January's mean; the block limit is 2,450
availability: {{}}            # national factor per technology, e.g. {{hydro: 0.9}}

{classes}
events:
  # a tenth of hydro is out for two days
  - {{time: 2026-01-13 06:00, target: UA/hydro, kind: outage, share: 0.1, duration_h: 48}}
  # for three days the network of Kyiv can deliver only half of the city's demand
  - {{time: 2026-01-14 00:00, target: UA-30/delivery, kind: limit, share: 0.5, duration_h: 72}}
  # ten hits on heat sources, four in five intercepted: damage is sampled for each member; crews repair it
  - time: 2026-01-15 02:00
    target: UA-30/heat_source
    kind: strike
    hits_before_interception: 10
    interception: 0.8
  # a wave on the country: weapons by type, over classes by a profile ({profiles}), over regions at random
  # - time: 2026-01-16 02:00
  #   target: UA
  #   kind: wave
  #   profile: mixed
  #   weapons: {{missile: {{number: 40, interception: 0.6}}, drone: {{number: 300, interception: 0.83}}}}
"""
SCHEMA = "scenario.schema.json"
"""Name of the schema file for editors."""


@click.command("new")
@click.argument("file", type=FilePath())
@click.option("--schema", is_flag=True, help=f"Also write {SCHEMA} beside FILE, for your editor.")
@report_problems
def new_scenario(file: Path, schema: bool) -> None:
    """Write a commented scenario, ready to run, to FILE.

    With --schema, editors with YAML support (VS Code with its YAML extension, and others that use yaml-language-server)
    complete settings, show their meaning and mark errors.
    """
    from gridmodel.errors import InputError, Problem
    from gridmodel.events.profiles import PROFILES

    if file.suffix not in {".yaml", ".yml"}:
        raise InputError([Problem(message="must end in .yaml", field="FILE", value=str(file))])
    try:
        title = json.dumps(file.stem.replace("-", " ")[:100], ensure_ascii=False)
        text = TEMPLATE.format(file=file.name, title=title, classes=_classes(), profiles=", ".join(PROFILES))
        text.encode("utf-8")
    except UnicodeEncodeError:
        message = "is not valid UTF-8; choose another name"
        raise InputError([Problem(message=message, field="FILE", value=ascii(str(file)))]) from None
    if schema:
        text = f"# yaml-language-server: $schema={SCHEMA}\n{text}"
    if schema and not os.path.lexists(file):
        _write_schema(file.with_name(SCHEMA))
    _write(file, text)
    echo(f"Wrote {file}; run it with: gridmodel run {file}")


def _classes() -> str:
    """Return a comment with every class that events can hit."""
    names = ["a technology", *(name for name in CLASSES if name not in TECHNOLOGIES)]
    text = "What happens. Place: a region (UA-30), a zone (NORTH) or the country (UA). "
    text += f"Class: {', '.join(names[:-1])} or {names[-1]}."
    return textwrap.fill(text, 120, initial_indent="# ", subsequent_indent="# ")


def _write(file: Path, text: str) -> None:
    """Write a new file.

    Raises
    ------
    InputError
        If the file exists, or cannot be written.
    """
    from gridmodel.errors import InputError, Problem
    from gridmodel.inputs.writing import write_text

    if os.path.lexists(file):
        message = "already exists and was left unchanged; choose another name"
        raise InputError([Problem(message=message, table=str(file))])
    with writing(file):
        write_text(file, text, new=True)


def _write_schema(file: Path) -> None:
    """Write the schema of a scenario, unless the same file exists."""
    from gridmodel.events import scenario_schema

    text = json.dumps(scenario_schema(), indent=1, ensure_ascii=False) + "\n"
    if file.is_file() and file.read_text(encoding="utf-8", errors="replace") == text:
        return
    _write(file, text)
    echo(f"Wrote {file}")
