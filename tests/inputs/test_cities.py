"""Cities that stand for the region they lie in, since results are of whole regions."""

import csv

import pytest

import gridmodel as gm
from gridmodel.inputs.cities import FILE, asked, in_regions
from gridmodel.network import read_network
from gridmodel.simulation.inputs import run_inputs

PLACES = read_network("ukraine").places
OTHERS = read_network("three-region").places


@pytest.mark.parametrize(
    ("name", "region"),
    [("Житомир", "UA-18"), ("м. Житомир", "UA-18"), ("БЕРДИЧІВ", "UA-18"), ("Berdychiv", "UA-18"),
     ("Бердичев", "UA-18"), ("Кривий Ріг", "UA-12"), ("Kryvyi Rih", "UA-12"), ("Кам’янське", "UA-12"),
     ("Кам'янське", "UA-12"), ("Біла Церква", "UA-32"), ("Луцьк", "UA-07"), ("Слов’янськ", "UA-14")],
)  # fmt: skip
def test_a_city_in_any_language_stands_for_its_region_and_that_is_said(name, region):
    found, (note,) = asked([name], PLACES, "this run")
    assert found == [region]
    assert note.startswith(f"{name} lies in ")
    assert note.endswith(f"({region}): all numbers are of the whole region.")


@pytest.mark.parametrize(
    ("name", "region"),
    [("Kyiv", "UA-30"), ("Київщина", "UA-32"), ("Zhytomyr", "UA-18"), ("житомирська", "UA-18"), ("ua-46", "UA-46")],
)
def test_a_name_of_a_region_goes_before_that_of_a_city_and_nothing_is_said(name, region):
    assert asked([name], PLACES, "this run") == ([region], [])


@pytest.mark.parametrize(
    ("name", "message"),
    [("Horodok", r"is the name of cities in Lviv \(UA-46\) and Khmelnytskyi \(UA-68\); give the region"),
     ("Луганськ", "lies in UA-09, which is not a region of this run"),
     ("Луганська", "lies in UA-09, which is not a region of this run"),
     ("Житомерська", r"is not a region of this run; nearest: UA-18 \(Житомирська\)$"), ("", "is not a region")],
)  # fmt: skip
def test_a_city_in_several_regions_or_none_of_the_run_is_refused_with_the_region(name, message):
    with pytest.raises(gm.InputError, match=message):
        asked([name], PLACES, "this run")


def test_every_name_that_is_wrong_is_told_and_cities_elsewhere_are_no_regions_of_another_network():
    with pytest.raises(gm.InputError) as refused:
        asked(["Horodok", "Atlantis", "Бердичів"], PLACES, "this run")
    assert len(refused.value.problems) == 2
    with pytest.raises(gm.InputError, match="lies in UA-18"):
        asked(["Berdychiv"], OTHERS, "this run")
    assert in_regions(["TR-1", "Atlantis"], OTHERS) == (["TR-1", "Atlantis"], [])


def test_cities_are_names_alone_each_with_its_region():
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["region"] for row in rows} <= set(PLACES.ids) | {"UA-09", "UA-40", "UA-43"}
    assert set(rows[0]) == {"region", "city", "names"}
    assert len({(row["region"], row["city"]) for row in rows}) == len(rows)


def test_only_what_is_shown_is_asked_for_by_a_city():
    event = {"time": "2026-01-12 18:00", "target": "Бердичів/substation_330", "kind": "outage", "lost": 0.5}
    with pytest.raises(gm.InputError, match="Бердичів"):
        run_inputs(gm.load_scenario("january-2026").replace(events=[event], members=1))
