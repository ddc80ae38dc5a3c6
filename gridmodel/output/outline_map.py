"""A map from outlines of regions: shapes on a plane, ready for a page, and a place for the label of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.arrays import Bools, Floats
from gridmodel.errors import InputError
from gridmodel.inputs.files import bundled
from gridmodel.network.model import NetworkTables
from gridmodel.network.outlines import Outlines, Ring
from gridmodel.network.read import read_network

WIDTH = 1000.0
"""Width of the map, in units of its drawing. Ours."""
GRID = 24
"""Points across an outline that are tried for its label. Ours: a twentieth of a region is near enough."""


def network_of(result: xr.Dataset) -> NetworkTables | None:
    """Return the bundled network that a result names; None for any other: no file is opened on behalf of a result."""
    name = str(result.attrs.get("network", ""))
    if name not in bundled("networks"):
        return None
    try:
        return read_network(name)
    except InputError:
        return None


def drawn_map(result: xr.Dataset, outlines: Outlines) -> dict[str, Any] | None:
    """Return the map of a result, ready for JSON; None if a region of the result has no outline.

    Parameters
    ----------
    result
        A result, of whose regions each needs an outline.
    outlines
        Outlines of its network.

    Returns
    -------
    dict or None
        `width` and `height` of the drawing; `shapes` by region id, each with the path `d` in the syntax of SVG, the
        place `x`, `y` of its label and half the room `r` there; `beside`, areas without data with their `names`; and
        `attribution` by language.

    Notes
    -----
    Longitude and latitude are placed by the projection of Mercator, whose shapes readers know from other maps.
    """
    regions = [str(region) for region in result["region"].to_numpy()]
    if not set(regions) <= set(outlines):
        return None
    kept = [*regions, *(area for area in outlines if area in outlines.names)]
    scale, left, top = _frame([ring for area in kept for ring in outlines[area]])
    plane = {area: [_placed(ring, scale, left, top) for ring in outlines[area]] for area in kept}
    height = max(float(ring[:, 1].max()) for rings in plane.values() for ring in rings)
    return {
        "width": WIDTH,
        "height": math.ceil(height),
        "shapes": {region: {"d": _path(plane[region]), **_label(plane[region])} for region in regions},
        "beside": [
            {"names": dict(outlines.names[area]), "d": _path(plane[area]), **_label(plane[area])}
            for area in kept if area not in regions
        ],
        "attribution": {"en": outlines.attribution, **outlines.attributions},
    }  # fmt: skip


def _mercator(ring: Ring) -> Floats:
    """Return east and south of points on a plane, in degrees at the equator, shape ``(point, 2)``."""
    points = np.array(ring, dtype=float)
    latitude = np.radians(np.clip(points[:, 1], -85.0, 85.0))
    return np.column_stack([points[:, 0], -np.degrees(np.log(np.tan(np.pi / 4 + latitude / 2)))])


def _frame(rings: Sequence[Ring]) -> tuple[float, float, float]:
    """Return units of the drawing in a degree, and its left and upper edge."""
    every = np.concatenate([_mercator(ring) for ring in rings])
    low, high = every.min(axis=0), every.max(axis=0)
    return WIDTH / max(float(high[0] - low[0]), 1e-6), float(low[0]), float(low[1])


def _placed(ring: Ring, scale: float, left: float, top: float) -> Floats:
    return np.asarray((_mercator(ring) - (left, top)) * scale)


def _path(rings: Sequence[Floats]) -> str:
    """Return rings as a path of SVG, in whole units."""
    return "".join("M" + "L".join(f"{x:.0f},{y:.0f}" for x, y in ring[:-1]) + "Z" for ring in rings)


def _label(rings: Sequence[Floats]) -> dict[str, float]:
    """Return the point of a grid inside that is farthest from every edge, and its distance from the nearest."""
    largest = max(rings, key=lambda ring: float(np.ptp(ring[:, 0]) * np.ptp(ring[:, 1])))
    low, high = largest.min(axis=0), largest.max(axis=0)
    steps = (np.arange(GRID) + 0.5) / GRID
    across, down = np.meshgrid(*(low[axis] + steps * (high[axis] - low[axis]) for axis in (0, 1)))
    points = np.column_stack([across.ravel(), down.ravel()])
    inside = points[within(points, rings)]
    inside = inside if len(inside) else points
    starts, ends = (np.concatenate([ring[part] for ring in rings]) for part in (slice(None, -1), slice(1, None)))
    room = _distance(inside, starts, ends)
    best = int(room.argmax())
    return {"x": round(float(inside[best, 0])), "y": round(float(inside[best, 1])), "r": round(float(room[best]))}


def within(points: Floats, rings: Sequence[Floats]) -> Bools:
    """Return which points are inside rings, by the even-odd rule, shape ``(point,)``."""
    crossings = np.zeros(len(points), dtype=int)
    for ring in rings:
        (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
        spans = (y1 > points[:, 1:]) != (y2 > points[:, 1:])
        rise = np.where(y2 == y1, 1.0, y2 - y1)
        crossings += (spans & (points[:, :1] < x1 + (x2 - x1) * (points[:, 1:] - y1) / rise)).sum(axis=1)
    return np.asarray(crossings % 2 == 1)


def _distance(points: Floats, starts: Floats, ends: Floats) -> Floats:
    """Return the distance of each point from the nearest of some edges, shape ``(point,)``."""
    along = ends - starts
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    part = np.clip(((points[:, None] - starts) * along).sum(axis=-1) / length, 0.0, 1.0)
    nearest = starts + part[..., None] * along
    return np.asarray(np.sqrt(((points[:, None] - nearest) ** 2).sum(axis=-1)).min(axis=1))
