"""A file of one oblast or a few sites: spread to all regions only when asked, and said."""

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.weather.regions import distance_km

CENTRES = "id,name_en,name_uk,centre_lat,centre_lon\nA,Kyiv,Київська,50.0,30.0\nB,Lviv,Львівська,50.0,33.0\nC,Odesa,Одеська,50.0,31.0\n"


@pytest.fixture
def regions(tmp_path):
    (tmp_path / "regions.csv").write_text(CENTRES, encoding="utf-8")
    return tmp_path / "regions.csv"


def load(tmp_path, text, name="a.csv", **options):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return gm.load_weather(tmp_path / name, **options)


TWO = "time,{},{}\n2026-01-08T00:00Z,-10,-20\n2026-01-08T01:00Z,-12,-22\n"


def test_two_regions_are_spread_by_the_inverse_square_of_their_distance(tmp_path, regions):
    data = load(tmp_path, TWO.format("A", "B"), regions=regions, spread="inverse-distance")
    near, far = (float(distance_km(*map(np.array, ([50.0], [31.0], [50.0], [lon])))[0, 0]) for lon in (30.0, 33.0))
    assert near == pytest.approx(71.5, abs=0.1)  # a degree of 111.19 km, times the cosine of 50 degrees
    weight = near**-2 / (near**-2 + far**-2)
    assert data.sel(region="C").to_numpy() == pytest.approx(
        [-10 * weight - 20 * (1 - weight), -12 * weight - 22 * (1 - weight)]
    )
    assert data.sel(region=["A", "B"]).to_numpy().tolist() == [[-10, -20], [-12, -22]]
    assert "2 sites spread to 3 regions by inverse distance" in data.attrs["history"]
    nearest = load(tmp_path, TWO.format("A", "B"), regions=regions, spread="nearest")
    assert nearest.sel(region="C").to_numpy().tolist() == [-10, -12]
    assert "by the nearest site" in nearest.attrs["history"]


def test_a_region_that_is_missing_is_refused_without_the_name_of_another(tmp_path, regions):
    with pytest.raises(gm.InputError) as caught:
        load(tmp_path, TWO.format("A", "B2"), regions=regions)
    assert [(problem.field, problem.message) for problem in caught.value.problems] == [
        ("B", "has no weather"),
        ("C", "has no weather"),
    ]
    assert all("nearest:" not in problem.hint and "spread=" in problem.hint for problem in caught.value.problems)


def test_regions_are_found_by_name(tmp_path, regions):
    data = load(tmp_path, TWO.format("Київська обл.", "Lviv region"), regions=regions, spread="nearest")
    assert data.sel(region=["A", "B"]).to_numpy().tolist() == [[-10, -20], [-12, -22]]
    with pytest.raises(gm.InputError, match="is A, as 'Kyiv' is: keep one of them"):
        load(tmp_path, TWO.format("Kyiv", "Київська"), regions=regions, spread="nearest")


def test_one_place_that_does_not_say_where_it_is_may_be_named_and_spread(tmp_path, regions):
    text = "time,temp (°C)\n2026-01-08T00:00,-10\n2026-01-08T01:00,-12\n"
    data = load(tmp_path, text, regions=regions, region="B", spread="nearest")
    assert data.to_numpy().tolist() == [[-10] * 3, [-12] * 3]
    assert "all 3 regions take the temperature of one site, as was asked for" in data.attrs["history"]
    with pytest.raises(gm.InputError, match="'D' is not one of the regions"):
        load(tmp_path, text, regions=regions, region="D", spread="nearest")
    with pytest.raises(gm.InputError, match=r"does not say where it is: name its region with region="):
        load(tmp_path, text, regions=regions, spread="nearest")
    with pytest.raises(gm.InputError, match="cannot be combined with regions="):
        load(tmp_path, text, regions=regions, region="B")
    with pytest.raises(gm.InputError, match="needs the regions that places are spread to"):
        load(tmp_path, text, spread="nearest")


def test_a_site_beyond_reach_is_refused_with_any_spread(tmp_path, regions):
    text = "valid_time,t2m,latitude,longitude\n2026-01-08 00:00,263.15,{},30\n2026-01-08 01:00,262.15,{},30\n"
    with pytest.raises(gm.InputError, match=r"A: has no place with data within 150 km.*spread="):
        load(tmp_path, text.format(53, 53), regions=regions)
    assert load(tmp_path, text.format(53, 53), regions=regions, spread="nearest")[:, 2].to_numpy().round(
        6
    ).tolist() == [-10, -11]
    with pytest.raises(gm.InputError, match="within 1,000 km"):
        load(tmp_path, text.format(20, 20), regions=regions, spread="nearest")
