"""Make `outlines.json` of the networks of Ukraine from a file of outlines in units of a picture.

``python networks/outlines.py FILE``, where FILE is a JSON object whose ``shapes`` has, by region id, rings of points
with x to the east and y to the south: the outlines of MapSVG (mapsvg.com/maps/ukraine, CC BY 4.0), simplified with
shared borders kept. Its projection is Mercator, as the scales of both axes show: fitted to the extreme points of the
country below they differ by 0.3 %. Points are rounded to 0.001 degrees, less than a tenth of a pixel of a map.
"""

import csv
import json
import sys
from itertools import pairwise
from math import atan, degrees, exp, log, pi, radians, tan
from pathlib import Path

HERE = Path(__file__).resolve().parent
NETWORKS = ("ukraine", "ukraine-2021")
WEST, EAST, NORTH, SOUTH = 22.1369, 40.2278, 52.3794, 44.3864
"""Extreme points of the country: near Solomonovo, Chervona Zirka, Hremiach, and Cape Sarych. [deg] Common geography."""
DIGITS = 3
BESIDE = {
    "UA-09": {"name_en": "Luhansk", "name_uk": "Луганська"},
    "UA-43": {"name_en": "Crimea", "name_uk": "АР Крим"},
}
"""Areas that a network may not model, with their names."""
ATTRIBUTION = "Outlines: MapSVG (mapsvg.com), CC BY 4.0, simplified."
ATTRIBUTION_UK = "Обриси: MapSVG (mapsvg.com), CC BY 4.0, спрощено."
SOURCE = "MAPSVG"


def mercator(latitude: float) -> float:
    """Return the height of a latitude on a Mercator map, in degrees at the equator."""
    return degrees(log(tan(pi / 4 + radians(latitude) / 2)))


def latitude_of(height: float) -> float:
    """Return the latitude of a height on a Mercator map; the inverse of `mercator`."""
    return degrees(2 * atan(exp(radians(height))) - pi / 2)


def on_earth(shapes: dict[str, list[list[list[float]]]]) -> dict[str, list[list[list[float]]]]:
    """Return the rings in longitude and latitude."""
    every = [point for rings in shapes.values() for ring in rings for point in ring]
    left, right = min(x for x, _ in every), max(x for x, _ in every)
    top, bottom = min(y for _, y in every), max(y for _, y in every)
    high, low = mercator(NORTH), mercator(SOUTH)

    def placed(x: float, y: float) -> list[float]:
        east = WEST + (x - left) / (right - left) * (EAST - WEST)
        return [round(east, DIGITS), round(latitude_of(high - (y - top) / (bottom - top) * (high - low)), DIGITS)]

    return {region: [[placed(*point) for point in ring] for ring in rings] for region, rings in shapes.items()}


def area(ring: list[list[float]]) -> float:
    """Return the signed area of a ring, positive where it turns anticlockwise. [deg²]"""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def within(point: list[float], ring: list[list[float]]) -> bool:
    """Return whether a point is inside a ring."""
    odd = False
    for (a, b), (c, d) in pairwise(ring):
        if (b > point[1]) != (d > point[1]) and point[0] < (c - a) * (point[1] - b) / (d - b) + a:
            odd = not odd
    return odd


def polygons(rings: list[list[list[float]]]) -> list[list[list[list[float]]]]:
    """Return rings as polygons: outer rings anticlockwise, each followed by its holes clockwise (RFC 7946)."""
    by_size = sorted(rings, key=lambda ring: -abs(area(ring)))
    found: list[list[list[list[float]]]] = []
    for ring in by_size:
        around = next((one for one in found if within(ring[0], one[0])), None)
        turned = ring if (area(ring) > 0) == (around is None) else ring[::-1]
        found.append([turned]) if around is None else around.append(turned)
    return found


def feature(region: str, rings: list[list[list[float]]], modelled: set[str]) -> dict[str, object]:
    """Return one region as a GeoJSON feature."""
    properties = {} if region in modelled else {"modelled": False, **BESIDE[region]}
    coordinates = polygons(rings)
    return {"type": "Feature", "id": region, "properties": properties,
            "geometry": {"type": "MultiPolygon", "coordinates": coordinates}}  # fmt: skip


def text(shapes: dict[str, list[list[list[float]]]], modelled: set[str]) -> str:
    """Return the file of a network, one feature a line."""
    lines = [json.dumps(feature(region, rings, modelled), ensure_ascii=False, separators=(",", ":"))
             for region, rings in shapes.items()]  # fmt: skip
    head = {"type": "FeatureCollection", "attribution": ATTRIBUTION, "attribution_uk": ATTRIBUTION_UK,
            "source": SOURCE}  # fmt: skip
    begin = json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1]
    return begin + ',"features":[\n' + ",\n".join(lines) + "\n]}\n"


if __name__ == "__main__":
    shapes = on_earth(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["shapes"])
    for network in NETWORKS:
        with (HERE / network / "regions.csv").open(encoding="utf-8") as file:
            modelled = {row["id"] for row in csv.DictReader(file)}
        (HERE / network / "outlines.json").write_text(text(shapes, modelled), encoding="utf-8")
