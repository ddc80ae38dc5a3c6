"""Outlines of regions: the bundled ones lie where the regions are, and a stranger's file is checked as tables are."""

import json
import math
import shutil
from itertools import pairwise

import pytest

import gridmodel as gm
from gridmodel.errors import InputError
from gridmodel.inputs.files import ROOT
from gridmodel.network import read_network
from gridmodel.network.outlines import FILE

SQUARE = [[[0.0, 50.0], [1.0, 50.0], [1.0, 51.0], [0.0, 51.0], [0.0, 50.0]]]


def inside(lon, lat, rings):
    """Return whether a point is inside, by the even-odd rule: the crossings of a line to the east are odd."""
    edges = ((a, b) for ring in rings for a, b in pairwise(ring))
    crossed = ((a, b) for a, b in edges if (a[1] > lat) != (b[1] > lat))
    return sum(lon < a[0] + (b[0] - a[0]) * (lat - a[1]) / (b[1] - a[1]) for a, b in crossed) % 2 == 1


def area_km2(rings):
    """Return the area on a sphere of 6,371 km radius, with holes (whose rings turn the other way) taken off."""
    total = 0.0
    for ring in rings:
        for (x1, y1), (x2, y2) in pairwise(ring):
            total += math.radians(x2 - x1) * (math.sin(math.radians(y1)) + math.sin(math.radians(y2))) / 2
    return abs(total) * 6371.0**2


@pytest.mark.parametrize("name", ["ukraine", "ukraine-2021"])
def test_every_regional_centre_lies_in_the_outline_of_its_region(name):
    network = read_network(name)
    regions = network.tables["regions"]
    for region, lon, lat in zip(regions["id"], regions["centre_lon"], regions["centre_lat"], strict=True):
        east = 0.1 if region == "UA-48" else 0.0  # Mykolaiv stands on its estuary, which the outline leaves out
        assert [one for one, rings in network.outlines.items() if inside(lon + east, lat, rings)] == [region]


@pytest.mark.parametrize(("region", "km2"), [("UA-18", 29_832), ("UA-32", 28_131), ("UA-14", 26_517)])
def test_outlines_have_the_area_of_their_region(region, km2):
    # areas of the State Statistics Service; the map draws the city of Kyiv twice as large as it is
    assert area_km2(read_network("ukraine").outlines[region]) == pytest.approx(km2, rel=0.08)


def test_areas_that_are_not_modelled_are_named_and_no_region():
    network = read_network("ukraine")
    assert {region: names["uk"] for region, names in network.outlines.names.items()} == {
        "UA-09": "Луганська", "UA-43": "АР Крим"
    }  # fmt: skip
    assert not set(network.outlines.names) & set(network.regions)
    assert "CC BY 4.0" in network.outlines.attribution
    assert network.outlines.credit("uk") == "Обриси: MapSVG (mapsvg.com), CC BY 4.0, спрощено."
    assert network.outlines.credit("en") == network.outlines.credit("de") == network.outlines.attribution
    sources = network.tables["sources"].set_index("key")
    assert sources.loc[network.outlines.source, "url"] == "https://mapsvg.com/maps/ukraine"


@pytest.fixture
def folder(tmp_path):
    """A network of three regions with outlines; `write` replaces them."""
    shutil.copytree(ROOT / "networks" / "three-region", tmp_path / "mine")
    return tmp_path / "mine"


def collection(folder, **changes):
    ids = read_network("three-region").regions
    features = [
        {"type": "Feature", "id": region, "geometry": {"type": "Polygon", "coordinates": SQUARE}} for region in ids
    ]
    (folder / FILE).write_text(
        json.dumps({"type": "FeatureCollection", "features": features} | changes), encoding="utf-8"
    )
    return features


def wrong(folder):
    with pytest.raises(InputError) as raised:
        read_network(folder)
    return [str(problem) for problem in raised.value.problems]


def test_a_network_without_outlines_has_none_and_one_with_them_has_rings(folder):
    assert len(read_network(folder).outlines) == 0
    collection(folder)
    assert read_network(folder).outlines["TR-1"] == (tuple(map(tuple, SQUARE[0])),)
    gm.check_network(folder)


def test_all_that_is_wrong_with_outlines_is_told_at_once(folder):
    features = collection(folder)
    features[0]["geometry"] = {
        "type": "Polygon",
        "coordinates": [[[0.0, 50.0], [181.0, 50.0], [1.0, 51.0], [0.0, 50.0]]],
    }
    features[1]["geometry"] = {"type": "Polygon", "coordinates": [SQUARE[0][:3]]}
    features[2]["id"] = "TR-33"
    features += [
        {"id": 7},
        {"id": "Z", "properties": {"modelled": False, "name_en": "Zed"}, "geometry": {"type": "Point"}},
    ]
    collection(folder, features=features, source="NOBODY", attribution="x" * 300)
    said = "\n".join(wrong(folder))
    for part in ("outlines.json: features[0].geometry", "is not a longitude of −180 to 180", "the last equal to the first",
                 "'TR-33' is not a region of the network", "features[3]: must be a feature with an id",
                 "must be a Polygon or MultiPolygon", "'NOBODY' is not a key of sources.csv",
                 "must be a text of at most 200 characters"):  # fmt: skip
        assert part in said, part


def test_a_region_without_an_outline_is_an_error_so_that_no_map_leaves_one_out(folder):
    collection(folder, features=collection(folder)[:-1])
    assert wrong(folder) == ["mine/outlines.json: features: 'TR-3' has no outline; give each region of the network one, or "
                             "leave the file out"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 5000, "nests deeper than 12 levels"),
        ('{"type": "FeatureCollection", "features": [' + "0," * 300_000 + "0]}", "contains more than 200,000 values"),
        ('{"type": "FeatureCollection", "features": ' + " " * 2_000_001 + "[]}", "is longer than 2,000,000 characters"),
        ("{", "is not JSON"),
        ("[]", "must be a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": [NaN, null, 1e999]}', "must be a feature with an id"),
    ],
)
def test_hostile_files_of_outlines_are_refused_in_one_sentence(folder, text, said):
    (folder / FILE).write_text(text, encoding="utf-8")
    assert said in wrong(folder)[0]


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path):
    (tmp_path / "secret.json").write_text("{}", encoding="utf-8")
    (folder / FILE).symlink_to(tmp_path / "secret.json")
    assert "leads out of the folder" in wrong(folder)[0]


def test_a_run_keeps_a_copy_of_outlines_of_its_own(folder):
    from gridmodel.results.own_inputs import copy_inputs, named_files

    collection(folder)
    scenario = gm.load_scenario("three-region").replace(network=str(folder))
    copy_inputs(scenario, folder.parent / "run")
    assert (folder.parent / "run" / "inputs" / "network" / "mine" / FILE).is_file()
    assert not any(FILE in name for name in named_files(scenario))  # they move no result


def test_outlines_are_kept_by_a_network_in_memory_and_by_a_folder_that_is_written(tmp_path):
    network = read_network("ukraine")
    made = gm.load_scenario("january-2026").replace(network=network)
    assert read_network(made.network.path()).outlines == network.outlines
    made.save(tmp_path / "mine" / "january.yaml")
    saved = gm.load_scenario(tmp_path / "mine" / "january.yaml")
    assert read_network(tmp_path / "mine" / saved.network).outlines == network.outlines
    gm.convert_network("ukraine", tmp_path / "copy", to="gridmodel")
    assert read_network(tmp_path / "copy").outlines == network.outlines
