"""A network as a matplotlib figure: voltage by colour; loading and shed of one hour of a run."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem
from gridmodel.network import Network
from gridmodel.output.drawn_text import drawn_text
from gridmodel.output.network_picture.labels import place_labels
from gridmodel.output.network_picture.layout import GridMap
from gridmodel.output.network_picture.state import GridState, map_and_state

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandapower import pandapowerNet

    from gridmodel.scenario import Scenario


COLOURS = ("#6b3fa0", "#b3401e", "#005a8c", "#1b7a4b", "#8a5a00", "#a3195b", "#00736e", "#5c6670", "#7a6a00", "#34495e",
           "#c2185b", "#2e7d32")  # fmt: skip
"""Colours of voltage levels, the highest first: told apart on white by 4.5 to 1 and more."""
OUT = "#8a8f94"
"""Colour of what is out of service."""
MOST_LABELS = 60
"""Nodes up to which they are named."""
_BEND_POINTS = np.linspace(0.0, 1.0, 25)
_WIDTH = 10.0
"""Width of a picture. [inch]"""
_NEAR = 0.022
"""Least distance between a line and a node that it does not join, over the size of the map. Ours: by eye."""
_BEND = 0.035
"""Bend of a line around a node, and distance of parallel lines, over the size of the map. Ours: by eye."""
_MOST_BEND = 0.22
"""Largest bend of a line, over its length. Ours: by eye."""


def network(
    net: str | Path | Network | pandapowerNet,
    run: str | Path | xr.Dataset | None = None,
    *,
    hour: str | int = "worst",
    member: int | None = None,
    scenario: Scenario | None = None,
) -> Figure:
    """Draw a network, alone or in one hour of a run.

    Parameters
    ----------
    net
        A bundled name, the path of a folder or file of any known format, tables or a net.
    run
        Folder of a run of this network, its `result.nc`, or the result itself: then lines show their loading and
        regions what is not served.
    hour
        `worst` (the hour with most load shed in this member), a step, or a local time as in ``2026-01-20 18:00``.
    member
        Member that is shown, by default the first: flows of one member add up at every node, but means of
        several are not a state of the grid.
    scenario
        Scenario of the run; required where `run` is a result whose scenario names files relative to its own.

    Returns
    -------
    matplotlib.figure.Figure
        Folders of ours are drawn region by region at their centres; networks of other programs bus by bus at their
        coordinates, or where a layout puts them, which the picture says.

    Raises
    ------
    InputError
        If something cannot be read, the run is of another network, or matplotlib is not installed.

    Examples
    --------
    >>> import gridmodel as gm
    >>> figure = gm.plot.network("three-region")
    >>> len(figure.axes)
    1
    """
    return draw_map(*map_and_state(net, run, hour=hour, member=member, scenario=scenario))


def draw_map(drawn: GridMap, state: GridState | None = None, *, titled: bool = True) -> Figure:
    """Draw a map, and a state on it.

    Parameters
    ----------
    drawn
        Nodes and corridors.
    state
        What is shown on them.
    titled
        Whether the picture has a title; a page has its own.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise InputError([Problem(message='needs matplotlib: pip install "gridmodel[plot]"', field="plot")])
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    limits = _limits(drawn)
    shape = float(np.divide(*np.diff(limits, axis=1)[::-1, 0]))
    height = float(np.clip(_WIDTH * shape, 3.0, 8.0)) + (1.9 if state else 1.1)
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    rows = figure.add_gridspec(2, 2, height_ratios=(60, 1)) if state else figure.add_gridspec(1, 1)
    axes = figure.add_subplot(rows[0, :])
    axes.set(xlim=limits[0], ylim=limits[1], aspect="equal")
    if titled:
        axes.set_title(drawn_text(state.title if state else drawn.name), loc="left")
    axes.axis("off")
    paths = _paths(drawn)
    levels = sorted(set(drawn.nodes["vn_kv"]) | set(drawn.corridors["vn_kv"]), reverse=True)
    colour = {kv: COLOURS[place % len(COLOURS)] for place, kv in enumerate(levels)}
    _draw_corridors(axes, drawn, state, paths, colour)
    sizes = _draw_nodes(axes, drawn, state, colour)
    _legend(figure, drawn, state, colour)
    if state is not None:
        _scale(figure.add_subplot(rows[1, 0]), _loading_colours(), 1.0, "flow as a share of the line's limit")
        _scale(figure.add_subplot(rows[1, 1]), "YlOrRd", 1.0 / 0.9, "share of the need not served")
    figure.supxlabel(drawn_text(_words(drawn, state)), x=0.01, ha="left", fontsize=7.5, color="#444444")
    if len(drawn.nodes) <= MOST_LABELS:
        figure.draw_without_rendering()
        place_labels(axes, drawn.nodes[["x", "y"]].to_numpy(), _labels(drawn, state), np.sqrt(sizes) / 2, paths)
    return figure


def _limits(drawn: GridMap) -> Floats:
    """Return the visible part of the plane: all nodes, and room for names, shape ``(2, 2)``."""
    spots = drawn.nodes[["x", "y"]].to_numpy(dtype=float)
    size = max(float(np.ptp(spots, axis=0).max()), 1e-6)
    half = np.maximum(np.ptp(spots, axis=0), (0.5 * size, 0.35 * size)) / 2 + (0.07 * size, 0.05 * size)
    middle = (spots.min(axis=0) + spots.max(axis=0)) / 2
    return np.column_stack([middle - half, middle + half])


def _paths(drawn: GridMap) -> list[Floats]:
    """Points of each corridor: straight, side by side where several join two nodes, bent where a node is in the way."""
    spots = drawn.nodes[["x", "y"]].to_numpy(dtype=float)
    size = max(float(np.ptp(spots, axis=0).max()), 1e-6)
    pairs = drawn.corridors.groupby(["start", "end"], sort=False)
    place, count = pairs.cumcount().to_numpy(), pairs["vn_kv"].transform("size").to_numpy()
    few = len(spots) <= MOST_LABELS
    found = []
    for row, (start, end) in enumerate(zip(drawn.corridors["start"], drawn.corridors["end"], strict=True)):
        first, last = spots[start], spots[end]
        along = last - first
        length = max(float(np.hypot(*along)), 1e-9)
        across = np.array([-along[1], along[0]]) / length
        bend = (place[row] - (count[row] - 1) / 2) * _BEND * size
        bend += _way_round(spots, {start, end}, first, along, across, size) if few else 0.0
        bend = float(np.clip(bend, -_MOST_BEND * length, _MOST_BEND * length))
        middle = (first + last) / 2 + 2 * bend * across
        t = _BEND_POINTS[:, None]
        found.append((1 - t) ** 2 * first + 2 * t * (1 - t) * middle + t**2 * last)
    return found


def _way_round(  # noqa: PLR0917 - a line and what is in its way
    spots: Floats, own: set[int], first: Floats, along: Floats, across: Floats, size: float
) -> float:
    """Return how far a line must bend to pass the nodes that it does not join."""
    length = float(np.hypot(*along))
    if length <= 0:
        return 0.0
    offset = spots - first
    share, aside = offset @ along / length**2, offset @ across
    near = (share > 0.08) & (share < 0.92) & (np.abs(aside) < _NEAR * size)
    near[list(own)] = False
    if not near.any():
        return 0.0
    side = -1.0 if float(aside[near].sum()) >= 0 else 1.0
    return side * _BEND * size


def _draw_corridors(
    axes: Axes, drawn: GridMap, state: GridState | None, paths: list[Floats], colour: dict[float, str]
) -> None:
    """Lines in the colour of their voltage; with a state, loading inside a rim of that colour."""
    from matplotlib.collections import LineCollection

    rows = drawn.corridors
    thin = 1.0 if len(drawn.nodes) <= 300 else 0.45
    shades: list[Any] = [
        OUT if kind == "switch" else colour[kv] for kv, kind in zip(rows["vn_kv"], rows["kind"], strict=True)
    ]
    widths = thin * (1.4 + 0.5 * np.minimum(rows["circuits"].to_numpy(dtype=float) - 1, 5))
    live = rows["in_service"].to_numpy(dtype=bool) if state is None else np.isfinite(state.loading)
    pick = np.flatnonzero(live)
    lines, rims = [paths[row] for row in pick], [shades[row] for row in pick]
    if state is None:
        styles = [":" if kind == "transformer" else "-" for kind in rows["kind"].iloc[pick]]
        drawing = LineCollection(lines, colors=rims, linewidths=widths[pick], linestyles=styles, zorder=2)
        axes.add_collection(drawing)
    else:
        loading = np.clip(state.loading[pick], 0.0, 1.0)
        inner = 1.2 + 3.6 * loading
        axes.add_collection(LineCollection(lines, colors=rims, linewidths=inner + 2.2, zorder=2))
        axes.add_collection(LineCollection(lines, colors=_loading_colours()(loading), linewidths=inner, zorder=2.1))
    dead = np.flatnonzero(~live)
    if len(dead):
        axes.add_collection(
            LineCollection([paths[row] for row in dead], colors=OUT, linewidths=1.0, linestyles="--", zorder=1.9)
        )


def _loading_colours() -> Any:  # noqa: ANN401 - a colour map of matplotlib
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("loading", ["#f2f2f2", "#f6c35f", "#d9480f", "#5c0a0a"])


def _draw_nodes(axes: Axes, drawn: GridMap, state: GridState | None, colour: dict[float, str]) -> Floats:
    """Circles for regions and buses, squares for borders; their sizes in square points."""
    from matplotlib import colormaps

    nodes = drawn.nodes
    base = float(np.clip(6000.0 / max(len(nodes), 1), 5.0, 130.0 if state else 70.0))
    sizes = np.where((nodes["kind"] == "border").to_numpy(), 0.4 * base, base)
    rank = {kv: place for place, kv in enumerate(sorted(colour, reverse=True))}
    order = nodes["vn_kv"].map(rank).fillna(len(rank)).to_numpy()
    if (nodes["kind"] == "bus").all():  # a lower voltage at the same place stays seen inside the higher one
        sizes = sizes * np.maximum(1.6 - 0.3 * order, 0.6)
    for place in np.argsort(order, kind="stable"):
        kind, kv = nodes["kind"].iloc[place], nodes["vn_kv"].iloc[place]
        face: Any = colour.get(kv, OUT) if kind == "bus" else "white"
        if state is not None and kind == "region":
            face = colormaps["YlOrRd"](0.9 * float(state.shed_share[place]))
        axes.scatter(nodes["x"].iloc[place], nodes["y"].iloc[place], s=sizes[place], color=face, zorder=3,
                     edgecolors="white" if kind == "bus" and len(nodes) > 300 else "#222222",
                     linewidths=0.3 if kind == "bus" else 1.0, marker="s" if kind == "border" else "o")  # fmt: skip
    return np.asarray(sizes)


def _labels(drawn: GridMap, state: GridState | None) -> list[str]:
    """Names of nodes, with what is not served."""
    names = [drawn_text(str(name)[:40]) for name in drawn.nodes["label"]]
    if state is None:
        return names
    shares = state.shed_share
    return [f"{name} {100.0 * shares[place]:.0f} %" if place < len(shares) and shares[place] >= 0.005 else name
            for place, name in enumerate(names)]  # fmt: skip


def _legend(figure: Figure, drawn: GridMap, state: GridState | None, colour: dict[float, str]) -> None:
    from matplotlib.lines import Line2D

    used = [kv for kv in colour if kv in set(drawn.corridors["vn_kv"]) | set(drawn.nodes["vn_kv"])]
    entries = [Line2D([], [], color=colour[kv], linewidth=2.4, label=f"{kv:g} kV") for kv in used]
    kinds, shown = set(drawn.corridors["kind"]), drawn.nodes["kind"]
    if state is None and "transformer" in kinds:
        entries.append(Line2D([], [], color="#222222", linestyle=":", label="transformer"))
    if "switch" in kinds:
        entries.append(Line2D([], [], color=OUT, label="closed switch"))
    out = ~drawn.corridors["in_service"].to_numpy(dtype=bool) if state is None else np.isnan(state.loading)
    if out.any():
        entries.append(Line2D([], [], color=OUT, linestyle="--", label="out of service"))
    if (shown == "border").any():
        entries.append(
            Line2D([], [], color="#222222", marker="s", markerfacecolor="white", linestyle="", label="border")
        )
    figure.legend(
        handles=entries, loc="outside upper left", ncols=min(6, max(len(entries), 1)), frameon=False, fontsize="small"
    )


def _scale(axes: Axes, colours: Any, stop: float, words: str) -> None:  # noqa: ANN401
    """Bar of colours from 0 to 100 %, the last of which the colour map reaches at `stop`."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    bar = axes.figure.colorbar(
        ScalarMappable(Normalize(0.0, stop), colours), cax=axes, orientation="horizontal",
        boundaries=np.linspace(0.0, 1.0, 101), ticks=[0.0, 0.5, 1.0],
    )  # fmt: skip
    ticks = bar.ax.set_xticklabels(["0", "50 %", "100 %"], fontsize=8)
    ticks[0].set_horizontalalignment("left")
    ticks[-1].set_horizontalalignment("right")
    bar.set_label(words, fontsize=8)


def _words(drawn: GridMap, state: GridState | None) -> str:
    """Return the notes that explain the picture."""
    words = [drawn.note]
    if drawn.inside:
        words.append(f"{drawn.inside:,} branches inside a node are not drawn.")
    if state is not None:
        words.append(
            "Lines: rim shows voltage, width and inner colour show loading. Regions: share of demand not served."
        )
    elif (drawn.corridors["circuits"] > 1).any():
        words.append("Wider lines have more circuits.")
    return " ".join(words)


def svg(figure: Figure) -> str:
    """Figure as an SVG element, the same bytes for the same picture, and no document around it."""
    from matplotlib import rc_context

    file = io.StringIO()
    with rc_context({"svg.hashsalt": "gridmodel"}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    return text[text.index("<svg") :]
