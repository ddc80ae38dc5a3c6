"""What differs between two networks, as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import print_table

if TYPE_CHECKING:
    from gridmodel.interchange import NetworkDifference

MOST_ROWS = 40
"""Rows that differ which are printed."""
_SIDES = ("before", "after")


def print_difference(found: NetworkDifference) -> None:
    """Print rows that differ and what that does; of a table added or removed as a whole only the number of rows."""
    from gridmodel.interchange.difference import WHOLE

    if not found:
        click.echo("Nothing differs.")
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
        click.echo(f"and {len(rows) - MOST_ROWS} more; --json has all")
    if found.effects:
        _print_effects(found.effects)


def _cell(value: object) -> str:
    """Value as printed; what is missing is nothing, and a whole number has no point."""
    return "" if value is None or value != value else f"{value:g}" if isinstance(value, float) else str(value)  # noqa: PLR0124 - NaN


def _print_effects(effects: dict[str, Any]) -> None:
    """What differing rows do: capacity, cover, connectivity, flows."""
    pairs = {f"{name}, MW": pair["capacity_mw"] for name, pair in effects["technologies"].items()}
    pairs |= {f"national {name}": pair for name, pair in effects["national"].items()}
    pairs |= {name.replace("_", " "): pair for name, pair in effects["connectivity"].items()}
    moved = [(name.replace("_", " "), f"{one:,}", f"{other:,}") for name, (one, other) in pairs.items()
             if one != other and one is not None and other is not None]  # fmt: skip
    print_table("What it does", ("", ">before", ">after"), moved)
    flows = effects["flows"]
    if not all(flows["solved"]):
        click.echo("The base state of one of them does not solve.")
        return
    click.echo(
        f"DC flows of the base state: {flows['branches_that_change']} of {flows['branches_in_both']} change, "
        f"by {flows['largest_change_mw']:,} MW at most"
    )
    for name, (one, other) in flows.get("flows_mw", {}).items():
        click.echo(f"  {name}: {one:,} MW, then {other:,} MW")
