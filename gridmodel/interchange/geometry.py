"""Places out of pandapower's GeoJSON cells."""

from __future__ import annotations

import json
import math
from typing import Any


def shape_of(geo: object) -> dict[str, Any]:
    """Return a geometry; an empty one where a cell holds none."""
    found = json.loads(geo) if isinstance(geo, str) and geo else {}
    return found if isinstance(found, dict) else {}


def point_of(geo: object) -> tuple[float, float]:
    """Return longitude and latitude of a point; not numbers where a cell holds none. [deg]"""
    shape = shape_of(geo)
    if shape.get("type") != "Point":
        return math.nan, math.nan
    return float(shape["coordinates"][0]), float(shape["coordinates"][1])
