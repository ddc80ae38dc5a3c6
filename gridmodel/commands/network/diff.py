"""`gridmodel network diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    echo,
    echo_problems,
    json_option,
    print_json,
    print_table,
    report_problems,
)

if TYPE_CHECKING:
    from gridmodel.interchange import NetworkDifference

MOST_ROWS = 40
"""Most differing rows that are printed. Ours: about a screen."""
_SIDES = ("before", "after")


@click.command("diff", short_help="Show how two networks differ.")
@click.argument("before")
@click.argument("after")
@json_option
@report_problems
def diff(before: str, after: str, as_json: bool) -> None:
    """Compare two networks: which rows differ, and with what effect.

    BEFORE and AFTER are bundled names, folders or files of any format that can be read, or one table of gridmodel each;
    /dev/null means a missing file. Rows of other programs are matched by name if names are unique, otherwise by number.
    Warnings of the readers go to stderr.

    Exit status: 0 if the two were compared, whether they differ or not; 1 if one of them cannot be read; 2 if the
    command line is wrong.
    """
    from dataclasses import asdict

    from gridmodel.interchange import diff_networks

    found = diff_networks(before, after)
    echo_problems(found.warnings)
    if as_json:
        noted = [asdict(problem) for problem in found.warnings]
        print_json({"rows": found.rows.to_dict("records"), "effects": found.effects, "warnings": noted})
    else:
        print_difference(found)


def print_difference(found: NetworkDifference) -> None:
    """Print differing rows and their effects; for a table added or removed as a whole, only its number of rows."""
    from gridmodel.interchange.difference import WHOLE

    if not found:
        echo("Nothing differs.")
        return
    rows = found.rows
    whole = set(rows.loc[rows["change"].isin(WHOLE), "table"])
    rows = rows[~rows["table"].isin(whole) | rows["change"].isin(WHOLE)]
    shown = [
        (row["table"], row["id"], row["change"], row["field"], *(_cell(row[side]) for side in _SIDES))
        for row in rows.head(MOST_ROWS).to_dict("records")
    ]
    print_table("", ("Table", "~row", "Change", "Field", "~before", "~after"), shown)
    if len(rows) > MOST_ROWS:
        echo(f"and {len(rows) - MOST_ROWS} more; --json has all")
    if found.effects:
        _print_effects(found.effects)


def _cell(value: object) -> str:
    """Return a value as text: empty if missing, whole numbers without a decimal point."""
    return "" if value is None or value != value else f"{value:g}" if isinstance(value, float) else str(value)  # noqa: PLR0124 - NaN


def _print_effects(effects: dict[str, Any]) -> None:
    """Print the effects of differing rows: capacity, cover, connectivity, flows."""
    pairs = {f"{name}, MW": pair["capacity_mw"] for name, pair in effects["technologies"].items()}
    pairs |= {f"national {name}": pair for name, pair in effects["national"].items()}
    pairs |= {name.replace("_", " "): pair for name, pair in effects["connectivity"].items()}
    moved = [(name.replace("_", " "), f"{one:,}", f"{other:,}") for name, (one, other) in pairs.items()
             if one != other and one is not None and other is not None]  # fmt: skip
    if moved:
        print_table("Effects", ("", ">before", ">after"), moved)
    flows = effects["flows"]
    if not all(flows["solved"]):
        echo("The DC flow of the base state cannot be solved for one of them.")
        return
    echo(
        f"DC flows of the base state: {flows['branches_that_change']} of {flows['branches_in_both']} change, "
        f"by {flows['largest_change_mw']:,} MW at most"
    )
    for name, (one, other) in flows.get("flows_mw", {}).items():
        echo(f"  {name}: {one:,} MW, then {other:,} MW")
