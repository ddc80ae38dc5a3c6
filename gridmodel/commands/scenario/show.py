"""`gridmodel scenario show`."""

from __future__ import annotations

import json
from typing import Any

import click

from gridmodel.commands.common import (
    echo,
    json_option,
    print_json,
    report_problems,
)


@click.command("show", short_help="Show every setting, including defaults.")
@click.argument("name")
@json_option
@report_problems
def show_scenario(name: str, as_json: bool) -> None:
    """Show every setting of a scenario, including defaults.

    NAME is a bundled name or a file.
    """
    from gridmodel.scenario import load_scenario

    found: dict[str, Any] = json.loads(load_scenario(name).model_dump_json())
    if as_json:
        print_json(found)
    else:
        for key, value in found.items():
            echo(f"{key}: {json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value}")
