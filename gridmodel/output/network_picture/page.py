"""A network as one HTML page that loads nothing: the picture inside it, and its numbers as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from gridmodel.output.network_picture.layout import GridMap
from gridmodel.output.network_picture.picture import draw_map, svg
from gridmodel.output.network_picture.state import GridState

MOST_ROWS = 300
"""Most corridors that are listed. Ours: a page that a person still reads."""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Content security policy of the page: it may load only pictures that it contains."""
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 1.5rem auto; max-width: 62rem;
  padding: 0 1rem }
svg { width: 100%; height: auto }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ddd; text-align: right }
th:first-child, td:first-child { text-align: left }
h1 { font-size: 1.3rem }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem }
"""


def page(drawn: GridMap, state: GridState | None = None, *, named: bool = True) -> str:
    """Return the page of a map, and of a state on it.

    Parameters
    ----------
    drawn
        Nodes and corridors.
    state
        What is shown on them.
    named
        Whether corridors are listed with their numbers; of a bundled network only regions are.
    """
    title = state.title if state else drawn.name
    tables = _regions(drawn, state) + (_corridors(drawn, state) if named else "")
    picture = svg(draw_map(drawn, state, titled=False))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>"
        f'<div role="img" aria-label="{escape(_alternative(drawn, state))}">{picture}</div>'
        f"{tables}</main></body></html>\n"
    )


def _alternative(drawn: GridMap, state: GridState | None) -> str:
    """Describe the picture in words."""
    levels = ", ".join(f"{kv:g} kV" for kv in sorted(set(drawn.corridors["vn_kv"]), reverse=True))
    words = f"Map of {drawn.name}: {len(drawn.nodes)} nodes and {len(drawn.corridors)} corridors at {levels}."
    if state is None:
        return words
    total = float(state.shed_mw.sum()) / max(float(state.demand_mw.sum()), 1e-9)
    return f"{words} {_percent(total)} of demand is not served; the table gives it by region."


def _regions(drawn: GridMap, state: GridState | None) -> str:
    nodes = drawn.nodes[drawn.nodes["kind"] == "region"]
    if state is None or nodes.empty:
        return ""
    rows = [
        (str(name), f"{demand:,.0f}", f"{shed:,.0f}", _percent(share))
        for name, demand, shed, share in zip(
            nodes["label"], state.demand_mw, state.shed_mw, state.shed_share, strict=True
        )
    ]
    return _table("Regions", ("Region", "demand, MW", "not served, MW", "share"), rows)


def _corridors(drawn: GridMap, state: GridState | None) -> str:
    names = drawn.nodes["label"].astype(str).to_numpy()
    rows = []
    for place, row in enumerate(drawn.corridors.head(MOST_ROWS).to_dict("records")):
        cells = [
            f"{names[row['start']]} – {names[row['end']]}",
            row["kind"],
            f"{row['vn_kv']:g}",
            f"{row['circuits']:g}",
        ]
        if state is None:
            cells.append("in service" if row["in_service"] else "out of service")
        else:
            value = state.loading[place]
            cells.append("out of service" if np.isnan(value) else _percent(value))
        rows.append(cells)
    more = len(drawn.corridors) - MOST_ROWS
    caption = "Corridors" + (f" (the first {MOST_ROWS}; {more:,} more)" if more > 0 else "")
    last = "state" if state is None else "share of the limit"
    return _table(caption, ("Between", "kind", "kV", "circuits", last), rows)


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f} %"


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
