"""Names beside nodes, where they cover neither each other nor nodes, and as little of the lines as can be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gridmodel.arrays import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
"""Directions of a name from its node: right, left, above, below, and between."""
_GAPS = (4.0, 9.0, 16.0)
"""Distances of a name from its node. [points]"""
_OVER_NAME, _OVER_NODE, _OVER_LINE, _FAR, _ASTRAY = 40.0, 40.0, 1.0, 0.35, 12.0
"""Penalties for covering a name, a node, or a point of a line; for each point of distance; for being near another
node. Ours: by eye."""
_FONT = 7.5


def place_labels(axes: Axes, spots: Floats, names: Sequence[str], radii: Floats, paths: Sequence[Floats]) -> None:
    """Write names beside nodes.

    Parameters
    ----------
    axes
        Axes whose limits are final.
    spots
        Nodes, shape ``(node, 2)``.
    names
        A name each.
    radii
        Their radius. [points]
    paths
        Points of lines.
    """
    from matplotlib.patheffects import withStroke

    scale = axes.figure.dpi / 72.0
    at = axes.transData.transform(spots)
    lines = axes.transData.transform(np.concatenate(paths)) if len(paths) else np.zeros((0, 2))
    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    nodes = np.column_stack([at - radii[:, None] * scale, at + radii[:, None] * scale])
    page = axes.get_window_extent()
    edge = np.array([page.x0, page.y0, page.x1, page.y1])
    crowd = (np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) < 60 * scale).sum(axis=1)
    taken: list[Floats] = []
    for place in np.argsort(-crowd, kind="stable"):
        halo = [withStroke(linewidth=2.2, foreground="white")]
        text = axes.annotate(names[place], spots[place], (0, 0), textcoords="offset points", fontsize=_FONT, zorder=5,
                             va="center", ha="center", path_effects=halo)  # fmt: skip
        text.set_in_layout(False)
        box = text.get_window_extent(renderer)
        half = np.array([box.width, box.height]) / 2
        best, offset = np.inf, (0.0, 0.0)
        for gap in _GAPS:
            for way in _WAYS:
                away = half + (radii[place] + gap) * scale
                shift = np.array(way) * away * (0.85 if all(way) else 1.0)
                middle = at[place] + shift
                own = np.concatenate([middle - half, middle + half])
                cost = _cost(own, taken, np.delete(nodes, place, axis=0), lines, edge) + _FAR * gap
                cost += _ASTRAY * _astray(own, nodes, int(place))
                if cost < best:
                    best, offset = cost, tuple(shift / scale)
        text.set_position(offset)
        middle = at[place] + np.array(offset) * scale
        taken.append(np.concatenate([middle - half, middle + half]))


def _cost(own: Floats, taken: Sequence[Floats], nodes: Floats, lines: Floats, edge: Floats) -> float:
    """Return the penalty of a place: names, nodes and lines covered, and parts outside the picture."""
    covered = _OVER_NAME * _overlaps(own, np.array(taken).reshape(-1, 4)) + _OVER_NODE * _overlaps(own, nodes)
    on_lines = ((lines > own[:2]) & (lines < own[2:])).all(axis=1).sum()
    outside = np.maximum(edge[:2] - own[:2], 0).sum() + np.maximum(own[2:] - edge[2:], 0).sum()
    return float(covered + _OVER_LINE * on_lines + outside)


def _overlaps(own: Floats, others: Floats) -> int:
    """Return the number of boxes that a box overlaps."""
    return int(((own[:2] < others[:, 2:]) & (own[2:] > others[:, :2])).all(axis=1).sum())


def _astray(own: Floats, nodes: Floats, place: int) -> bool:
    """Return whether another node is as near to a box as its own."""
    apart = np.maximum(np.maximum(own[:2] - nodes[:, 2:], nodes[:, :2] - own[2:]), 0.0)
    far = np.hypot(*apart.T)
    return bool((np.delete(far, place) < 1.3 * far[place]).any())
