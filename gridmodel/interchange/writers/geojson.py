"""Writer of GeoJSON (RFC 7946): regions, buses and transformers as points, lines with their ratings as lines."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmodel.errors import InputError, Problem
from gridmodel.interchange.adapter.branches import limits_of, thermal_ratings
from gridmodel.interchange.adapter.plain_tables import plain_of
from gridmodel.interchange.geometry import point_of, shape_of
from gridmodel.network.plain import PlainNet

if TYPE_CHECKING:
    from pandapower import pandapowerNet

Point = tuple[float, float]
"""Longitude and latitude. [deg]"""
_LINES = ("line", "impedance", "dcline")
_TRAFOS = {"trafo": ("hv", "lv"), "trafo3w": ("hv", "mv", "lv")}


def write_geojson(net: pandapowerNet, path: Path) -> None:
    """Write places and ratings.

    Parameters
    ----------
    net
        The net.
    path
        The file.

    Raises
    ------
    InputError
        If no bus has a longitude and latitude.

    Notes
    -----
    A line follows its own route if the table has one, otherwise it goes straight from bus to bus. What has no
    coordinates has the geometry null. Coordinates that are not longitudes and latitudes are a drawing, not places.
    """
    plain = plain_of(net)
    points = bus_points(plain)
    if not points:
        message = "have no longitude and latitude: there is nothing to draw"
        raise InputError([Problem(message=message, table="bus", field="geo")])
    features = [*_regions(plain), *_buses(plain, points), *_lines(net, plain, points), *_trafos(net, plain, points)]
    whole = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _records(net: PlainNet, table: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a table with their numbers."""
    frame = net.table(table)
    for number, row in zip(frame.index.tolist(), frame.to_dict("records"), strict=True):
        yield int(number), {str(key): value for key, value in row.items()}


def bus_points(net: PlainNet) -> dict[int, Point]:
    """Return the coordinates of each bus that has them; empty if any of them lies beyond the globe."""
    found = {bus: point_of(row.get("geo")) for bus, row in _records(net, "bus")}
    found = {bus: point for bus, point in found.items() if math.isfinite(point[0] + point[1])}
    return found if all(map(_on_globe, found.values())) else {}


def _point(coordinates: Sequence[float]) -> Point:
    return float(coordinates[0]), float(coordinates[1])


def _on_globe(point: Point) -> bool:
    return abs(point[0]) <= 180 and abs(point[1]) <= 90


def _feature(name: str, geometry: dict[str, Any] | None, properties: dict[str, Any]) -> dict[str, Any]:
    plain = {key: _plain(value) for key, value in properties.items()}
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": plain}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any cell of a table
    if value is None or value is pd.NA or (isinstance(value, float | np.floating) and not math.isfinite(value)):
        return None
    found = value.item() if isinstance(value, np.generic) else value
    return None if found == "" else found


def _at(point: Point | None) -> dict[str, Any] | None:
    return None if point is None else {"type": "Point", "coordinates": list(point)}


def _regions(net: PlainNet) -> Iterator[dict[str, Any]]:
    for _, row in _records(net, "region"):
        place = _point([row.pop("centre_lon"), row.pop("centre_lat")])
        yield _feature(f"region/{row['id']}", _at(place), {"kind": "region", **row})


def _sums(net: PlainNet, tables: tuple[str, ...], columns: tuple[str, ...]) -> dict[int, float]:
    """Return, by bus, the sum of the first of some columns that a row has; rows out of service do not count. [MW]"""
    found: dict[int, float] = {}
    for table in tables:
        values = np.full(len(net.table(table)), np.nan)
        for column in columns:
            values = np.where(np.isfinite(values), values, net.numbers(table, column))
        for bus, value, on in zip(net.table(table).get("bus", []), values, net.active(table), strict=True):
            if on and np.isfinite(value):
                found[int(bus)] = found.get(int(bus), 0.0) + float(value)
    return found


def _buses(net: PlainNet, points: dict[int, Point]) -> Iterator[dict[str, Any]]:
    demand = _sums(net, ("load",), ("need_mw", "p_mw"))
    most = _sums(net, ("gen", "sgen", "ext_grid"), ("max_p_mw", "p_mw"))
    for bus, row in _records(net, "bus"):
        about = {key: row.get(key) for key in ("name", "vn_kv", "region", "zone", "in_service")}
        about |= {"need_mw": demand.get(bus, 0.0), "generation_max_mw": most.get(bus, 0.0)}
        yield _feature(f"bus/{bus}", _at(points.get(bus)), {"kind": "bus", **about})


_LINE_COLUMNS = ("name", "length_km", "parallel", "max_i_ka", "p_mw", "region", "in_service")


def _lines(net: Any, plain: PlainNet, points: dict[int, Point]) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    names, volts = _of_bus(plain, "name"), _of_bus(plain, "vn_kv")
    for table in _LINES:
        frame = plain.table(table)
        if not len(frame):
            continue
        ratings = zip(thermal_ratings(net, table, frame)[0], limits_of(net, table, frame)[0], strict=True)
        for (index, row), (rating, limit) in zip(_records(plain, table), ratings, strict=True):
            start, end = int(row["from_bus"]), int(row["to_bus"])
            about = {"kind": table, "from_bus": names.get(start), "to_bus": names.get(end), "vn_kv": volts.get(start)}
            about |= {"rating_mva": rating, "limit_mva": limit} | {key: row.get(key) for key in _LINE_COLUMNS}
            yield _feature(f"{table}/{index}", _course(row.get("geo"), points.get(start), points.get(end)), about)


def _of_bus(net: PlainNet, column: str) -> dict[int, Any]:
    return {bus: row.get(column) for bus, row in _records(net, "bus")}


def _course(geo: object, start: Point | None, end: Point | None) -> dict[str, Any] | None:
    shape = shape_of(geo)
    if shape.get("type") == "LineString" and len(shape["coordinates"]) > 1:
        course = [_point(place) for place in shape["coordinates"]]
        if all(map(_on_globe, course)):
            return {"type": "LineString", "coordinates": [list(place) for place in course]}
    if start is None or end is None:
        return None
    return {"type": "LineString", "coordinates": [list(start), list(end)]}


def _trafos(net: Any, plain: PlainNet, points: dict[int, Point]) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    names = _of_bus(plain, "name")
    for table, sides in _TRAFOS.items():
        frame = plain.table(table)
        if not len(frame):
            continue
        ratings, limits = thermal_ratings(net, table, frame), limits_of(net, table, frame)
        for place, (index, row) in enumerate(_records(plain, table)):
            about = {"kind": table} | {key: row.get(key) for key in ("name", "region", "in_service", "parallel")}
            for side in sides:
                about |= {f"{side}_bus": names.get(int(row[f"{side}_bus"])), f"vn_{side}_kv": row[f"vn_{side}_kv"]}
            ends = sides if len(ratings) > 1 else ("",)
            for side, rating, limit in zip(ends, ratings, limits, strict=True):
                word = f"_{side}" if side else ""
                about |= {f"rating{word}_mva": rating[place], f"limit{word}_mva": limit[place]}
            yield _feature(f"{table}/{index}", _at(points.get(int(row["hv_bus"]))), about)
