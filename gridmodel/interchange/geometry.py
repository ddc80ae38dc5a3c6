"""Coordinates from pandapower's GeoJSON cells."""

from __future__ import annotations

import json
import math
from typing import Any


def shape_of(geo: object) -> dict[str, Any]:
    """Return the geometry in a cell; an empty one if there is none."""
    found = json.loads(geo) if isinstance(geo, str) and geo else {}
    return found if isinstance(found, dict) else {}


def point_of(geo: object) -> tuple[float, float]:
    """Return longitude and latitude of a point; NaN if the cell is not a point. [deg]"""
    shape = shape_of(geo)
    if shape.get("type") != "Point":
        return math.nan, math.nan
    return float(shape["coordinates"][0]), float(shape["coordinates"][1])
