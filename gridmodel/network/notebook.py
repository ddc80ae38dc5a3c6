"""A network in a notebook: a short table as HTML. Names come from files, so they are escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

MOST_ROWS = 20
"""Most voltage levels and technologies that are listed. Ours: what fits on a screen."""


def network_html(facts: dict[str, Any]) -> str:
    """Return a short table of a network.

    Parameters
    ----------
    facts
        Facts that `gridmodel.network.describe` returned.

    Returns
    -------
    str
        HTML of one element, without a style or script of its own.
    """
    total, parts = facts["national"], facts["connectivity"]
    cover = "–" if total["cover"] is None else f"{100.0 * total['cover']:.0f} %"
    rows = [("Regions", f"{facts['regions']:,}")]
    rows += [("People", f"{total['people']:,}")] if "people" in total else []
    rows += [
        ("Buses", f"{facts['buses']:,}"),
        ("Lines", f"{facts['lines']:,}"),
        ("Transformers", f"{facts['transformers']:,}"),
        ("Connected parts", f"{parts['components']:,}"),
        ("Need", f"{total['need_mw']:,.0f} MW"),
    ]
    rows += [("Imports, up to", f"{total['import_mw']:,.0f} MW")] if "import_mw" in total else []
    rows += [("Cover of the need", cover)]
    levels = [(f"{kv} kV", f"{count:,}") for kv, count in facts["voltage_levels"].items()]
    kinds = [
        (name, f"{part['capacity_mw']:,.0f}", f"{part['available_mw']:,.0f}")
        for name, part in facts["technologies"].items()
    ]
    return (
        f"<div><strong>{escape(str(facts['name']))}</strong>"
        + _table(("Network", ""), rows)
        + _table(("Voltage", "buses"), levels)
        + _table(("Generation", "capacity, MW", "available, MW"), kinds)
        + "</div>"
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return one table; an empty text if it has no rows."""
    cells = list(rows)
    if not cells:
        return ""
    more = [(f"and {len(cells) - MOST_ROWS} more", *("" for _ in heads[1:]))] if len(cells) > MOST_ROWS else []
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        "<tr>"
        + f'<th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in [*cells[:MOST_ROWS], *more]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
