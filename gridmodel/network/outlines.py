"""Outlines of regions for a map: `outlines.json` of a network folder, a GeoJSON FeatureCollection, read and checked."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gridmodel.errors import InputError, Problems, nearest
from gridmodel.inputs.files import LEADS_OUT, stays_inside
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.tables import MAX_REPORTED, read_text

FILE = "outlines.json"
"""Name of the file in a network folder."""
MAX_CHARACTERS = 2_000_000
"""Longest file that is read. [characters] Ours: sixty times those of a country, simplified for a page."""
MAX_VALUES = 200_000
"""Most numbers, lists and objects in a file. Ours: 60,000 points, more than a page can draw."""
MAX_FEATURES = 2_000
"""Most outlines in a file. Ours: ten times the regions of a large network."""
MAX_TEXT = 200
"""Longest name or attribution. [characters] Ours: one line of a printed page."""
IN_LANGUAGE = "attribution_"
"""Beginning of the keys that give the attribution in a language."""
LEAST_POINTS = 4
"""Fewest points of a ring, the last equal to the first. RFC 7946, section 3.1.6."""
KEYS: dict[str, tuple[str, bool]] = {
    "type": ("`FeatureCollection` (GeoJSON, RFC 7946)", True),
    "attribution": (
        "Sentence on origin and licence, shown below every map that is drawn with the outlines; also `attribution_uk` "
        "and so on",
        False,
    ),
    "source": ("Key into `sources.csv`", False),
    "features": ("One feature for each region, and for each area beside them that is shown as not modelled", True),
    "features[].id": ("Region id", True),
    "features[].properties.modelled": (
        "`false` for an area that the network does not model: grey, without data",
        False,
    ),
    "features[].properties.name_en": ("Name of an area that is not modelled; also `name_uk` and so on", False),
    "features[].geometry": ("`Polygon` or `MultiPolygon`, longitude and latitude in degrees", True),
}
"""Keys of the file: meaning, and whether they are required."""

Point = tuple[float, float]
"""Longitude and latitude. [deg]"""
Ring = tuple[Point, ...]
"""Closed ring: the last point equals the first."""


@dataclass(frozen=True, slots=True)
class Outlines(Mapping[str, tuple[Ring, ...]]):
    """Rings of every region and of areas that are not modelled, by id, for the even-odd rule: a hole is a ring too."""

    rings: Mapping[str, tuple[Ring, ...]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Names by language of the areas that are not modelled, by id; their ids are the areas without data."""
    attribution: str = ""
    """Origin and licence, to stand below every map."""
    source: str = ""
    """Key into `sources.csv`."""
    attributions: Mapping[str, str] = field(default_factory=dict)
    """Origin and licence by language, where the file has them."""

    def credit(self, lang: str) -> str:
        """Return origin and licence in a language, else as the file has them without one."""
        return self.attributions.get(lang) or self.attribution

    def __getitem__(self, region: str) -> tuple[Ring, ...]:
        return self.rings[region]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rings)

    def __len__(self) -> int:
        return len(self.rings)

    def as_json(self) -> str:
        """Return them as the text of a file, from which `read_outlines` makes the same; each ring is a polygon."""
        data = {
            "type": "FeatureCollection",
            "attribution": self.attribution,
            "source": self.source,
            "features": [
                {
                    "type": "Feature",
                    "id": area,
                    "properties": self._properties(area),
                    "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]},
                }
                for area, rings in self.rings.items()
            ],
        }
        return json.dumps(data, ensure_ascii=False)

    def _properties(self, area: str) -> dict[str, object]:
        if area not in self.names:
            return {}
        return {"modelled": False, **{f"name_{code}": name for code, name in self.names[area].items()}}


class _Reader:
    """One file being read: what is right in it, and what is wrong."""

    def __init__(self, regions: Collection[str], shown: str) -> None:
        self.rings: dict[str, tuple[Ring, ...]] = {}
        self.names: dict[str, Mapping[str, str]] = {}
        self.noted = Problems()
        self._regions, self._shown = regions, shown

    def wrong(self, where: str, message: str, value: object = "", hint: str = "") -> None:
        """Note what is wrong with a key."""
        self.noted.add(message, table=self._shown, field=where, value=value, hint=hint)

    def text(self, value: object, where: str) -> str:
        """Return a short text; empty if it is something else."""
        if isinstance(value, str) and len(value) <= MAX_TEXT:
            return value
        self.wrong(where, f"must be a text of at most {MAX_TEXT} characters", value)
        return ""

    def add(self, feature: object, where: str) -> None:
        """Add one feature."""
        given = feature if isinstance(feature, dict) else {}
        region, properties = given.get("id"), given.get("properties") or {}
        if not isinstance(region, str) or not region or not isinstance(properties, dict):
            self.wrong(where, "must be a feature with an id, the region that it outlines")
            return
        if region in self.rings:
            self.wrong(f"{where}.id", "is given twice; put its parts into one MultiPolygon", region)
        if properties.get("modelled", True) is False:
            named = {key.removeprefix("name_"): value for key, value in properties.items() if key.startswith("name_")}
            self.names[region] = {
                code: self.text(value, f"{where}.properties.name_{code}") for code, value in named.items()
            }
            if region in self._regions:
                self.wrong(f"{where}.id", "is a region of the network, so that it is modelled", region)
        elif region not in self._regions:
            hint = nearest(region, self._regions) or 'an area without data has the property "modelled": false'
            self.wrong(f"{where}.id", "is not a region of the network", region, hint)
        self.rings[region] = self._outline(given.get("geometry"), f"{where}.geometry")

    def _outline(self, geometry: object, where: str) -> tuple[Ring, ...]:
        given = geometry if isinstance(geometry, dict) else {}
        parts = given.get("coordinates")
        polygons = [parts] if given.get("type") == "Polygon" else parts if given.get("type") == "MultiPolygon" else None
        if not isinstance(polygons, list) or not polygons or not all(isinstance(one, list) and one for one in polygons):
            self.wrong(where, "must be a Polygon or MultiPolygon with coordinates")
            return ()
        return tuple(ring for polygon in polygons for one in polygon if (ring := self._ring(one, where)))

    def _ring(self, points: object, where: str) -> Ring:
        """Return one ring; empty if it is wrong."""
        listed = points if isinstance(points, list) else []
        wrong = [one for one in listed if not _is_point(one)]
        if wrong:
            self.wrong(where, "is not a longitude of −180 to 180 and a latitude of −90 to 90", wrong[0])
            return ()
        if len(listed) < LEAST_POINTS or listed[0] != listed[-1]:
            self.wrong(where, f"a ring must have at least {LEAST_POINTS} points, the last equal to the first")
            return ()
        return tuple((float(one[0]), float(one[1])) for one in listed)


def read_outlines(
    folder: Path, regions: Collection[str], sources: Collection[str], problems: Problems, *, shown: str
) -> Outlines:
    """Read the outlines of a network folder.

    Parameters
    ----------
    folder
        Folder of a network.
    regions, sources
        Region ids of the network and keys of its sources.
    problems
        Collects everything that is wrong; nothing is raised here.
    shown
        Name of the file in messages.

    Returns
    -------
    Outlines
        Empty without such a file, or if anything in it is wrong.
    """
    path = folder / FILE
    if not stays_inside(folder, path):
        problems.add(LEADS_OUT, table=shown)
        return Outlines()
    if not path.is_file():
        return Outlines()
    reader = _Reader(regions, shown)
    data = _parsed(path, reader, shown)
    attribution, source = (reader.text(data.get(name, ""), name) for name in ("attribution", "source"))
    others = {key.removeprefix(IN_LANGUAGE): reader.text(data[key], key) for key in data if key.startswith(IN_LANGUAGE)}
    if source and source not in sources:
        reader.wrong("source", "is not a key of sources.csv", source, nearest(source, sources))
    for place, feature in enumerate(data.get("features", ())):
        reader.add(feature, f"features[{place}]")
    found = reader.noted.found
    for region in () if found else [region for region in regions if region not in reader.rings]:
        reader.wrong("features", "has no outline; give each region of the network one, or leave the file out", region)
    problems.found += found[:MAX_REPORTED]
    if len(found) > MAX_REPORTED:
        problems.add(f"contains {len(found) - MAX_REPORTED} further problems", table=shown)
    return Outlines() if found else Outlines(reader.rings, reader.names, attribution, source, others)


def _parsed(path: Path, reader: _Reader, shown: str) -> dict[str, Any]:
    """Return the content if it is an object with a list of features; empty, and a problem noted, otherwise."""
    text = read_text(path, reader.noted, shown=shown)
    if text is None:
        return {}
    if len(text) > MAX_CHARACTERS:
        reader.wrong("", f"is longer than {MAX_CHARACTERS:,} characters; simplify the outlines")
        return {}
    try:
        data = parse_json(text, shown, most=MAX_VALUES)
    except InputError as error:
        reader.noted.found += error.problems
        return {}
    features = data.get("features") if isinstance(data, dict) and data.get("type") == "FeatureCollection" else None
    if isinstance(features, list) and len(features) <= MAX_FEATURES:
        return dict(data)
    reader.wrong("", f"must be a GeoJSON FeatureCollection with a list of at most {MAX_FEATURES:,} features")
    return {}


def _is_point(value: object) -> bool:
    if not isinstance(value, list) or len(value) not in {2, 3}:
        return False
    known = all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in value)
    return known and abs(value[0]) <= 180.0 and abs(value[1]) <= 90.0


def outlines_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    text = {"type": "string", "maxLength": MAX_TEXT}
    geometry = {
        "type": "object",
        "properties": {"type": {"enum": ["Polygon", "MultiPolygon"]}, "coordinates": {"type": "array", "minItems": 1}},
        "required": ["type", "coordinates"],
    }
    feature = {
        "type": "object",
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "properties": {"type": ["object", "null"], "properties": {"modelled": {"type": "boolean"}}},
            "geometry": geometry,
        },
        "required": ["id", "geometry"],
    }
    return {
        "type": "object",
        "description": "Outlines of regions for a map.",
        "properties": {
            "type": {"const": "FeatureCollection"},
            "attribution": {**text, "description": KEYS["attribution"][0]},
            "source": {**text, "description": KEYS["source"][0]},
            "features": {"type": "array", "items": feature, "maxItems": MAX_FEATURES},
        },
        "required": ["type", "features"],
    }
