"""What people write into events: percentages, decimal commas, names of places, slips in names."""

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.events import load_events
from gridmodel.events.checks import MEANT
from gridmodel.network import read_network
from gridmodel.scenario import load_scenario
from gridmodel.studies.sweep.changes import check_changes
from gridmodel.vocabulary import CLASSES

HEAD = "name: x\nnetwork: ukraine\nweather: cold-wave-2026\nstart: 2026-01-08\nend: 2026-01-10\nmembers: 2\n"
OUTAGE = {"time": "2026-01-08 06:00", "target": "UA/hydro", "kind": "outage", "share": 0.2}


@pytest.fixture(scope="module")
def network():
    return read_network("ukraine")


@pytest.fixture(scope="module")
def base():
    return gm.load_scenario("january-2026").replace(start="2026-01-08", end="2026-01-10", members=2, events=[])


def read(base, network, **changes):
    (event,) = load_events(base.replace(events=[OUTAGE | changes]), network)
    return event


@pytest.mark.parametrize(
    ("given", "share"),
    [("20%", 0.2), ("2,5 %", 0.025), ("{uniform: [20%, 40%]}", 0.3), ({"uniform": ["20%", 0.4]}, 0.3)],
)
def test_a_percentage_is_a_share_wherever_an_event_has_one(base, network, given, share):
    assert read(base, network, share=given).share == pytest.approx(share)
    strike = {"kind": "strike", "hits_before_interception": 3, "interception": given, "share": None}
    assert read(base, network, **strike).interception == pytest.approx(share)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"share": "0,2"}, r"'0,2' is not a number \(write 0.2\)"),
        ({"share": 20}, r"write 0.2 or 20%"),
        ({"share": "{uniform: [0.1, '0,4']}"}, r"write 0.4"),
        ({"duration_h": "1,5"}, r"write 1.5"),
        ({"duration_h": "20%"}, r"is not a number$"),
        ({"share": 0, "2": None}, r"2: is an unknown column \(write share: 0.2\)"),
        ({"target": "UA/power"}, r"known: nuclear, thermal_coal, .*wastewater"),
        ({"target": "UA/delivry"}, "nearest: delivery"),
        ({"target": "CENTER/hydro"}, "nearest: CENTRE"),
        ({"target": "CENTER"}, "nearest: CENTRE"),
        ({"target": "UA/thermal"}, "write thermal_coal or thermal_gas"),
        ({"target": "UA/substations"}, "write transfer or delivery"),
        ({"target": "UA/Boilers"}, "write heat_source"),
        ({"target": "Житомирьска/delivery"}, r"nearest: UA-18 \(Житомирська\)"),
    ],
)
def test_what_is_nearly_right_is_answered_with_the_right_form(base, network, changes, message):
    with pytest.raises(gm.InputError, match=message):
        read(base, network, **changes)


@pytest.mark.parametrize(
    ("place", "regions"),
    [("Київ", ["UA-30"]), ("м. Київ", ["UA-30"]), ("київська область", ["UA-32"]), ("Житомирська", ["UA-18"]), ("LVIV", ["UA-46"]),
     ("ua-46", ["UA-46"]), ("centre", None), ("Ua", "all"), ("ALL", "all")],
)  # fmt: skip
def test_a_place_is_found_by_its_name_in_any_language_and_case(base, network, place, regions):
    expected = {
        None: [r for r, zone in zip(network.regions, network.zones, strict=True) if zone == "CENTRE"],
        "all": network.regions,
    }.get(regions if not isinstance(regions, list) else 0, regions)
    event = read(base, network, target=f"{place}/delivery")
    assert [network.regions[at] for at in event.regions] == expected
    assert event.national is (regions == "all")
    wave = {"kind": "wave", "profile": "heat", "weapons": {"drone": {"number": 3, "interception": 0.5}}, "share": None}
    assert np.array_equal(read(base, network, target=place, **wave).regions, event.regions)


def test_everything_wrong_with_weapons_is_told_at_once(base, network):
    wave = {"kind": "wave", "profile": "heat", "share": None, "target": "UA"}
    weapons = {
        "shahed": {"number": -5, "interception": 83},
        "drone": {"number": 3.5},
        "missile": {"number": 1, "interception": 0, "8": None},
    }
    with pytest.raises(gm.InputError) as caught:
        read(base, network, **wave, weapons=weapons)
    told = [problem.field for problem in caught.value.problems]
    assert told == [
        "weapons",
        "weapons.shahed.number",
        "weapons.shahed.interception",
        "weapons.drone.interception",
        "weapons.drone.number",
        "weapons.missile",
    ]
    assert "write interception: 0.8" in str(caught.value)
    with pytest.raises(gm.InputError, match=r"must name at least one type, such as \{missile"):
        read(base, network, **wave, weapons={})


def test_a_number_that_is_none_is_refused_in_a_file_and_empty_in_rows_of_a_table(base, network, tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(
        HEAD + "events:\n- {time: 2026-01-08 06:00, target: UA/hydro, kind: outage, share: 0.2, duration_h: .nan}\n"
    )
    with pytest.raises(gm.InputError, match=r"x.yaml:8: events.0.duration_h: '.nan' is not a number; leave it out"):
        load_scenario(path)
    assert read(base, network, duration_h=np.nan).duration_h == np.inf  # as pandas writes an empty cell


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("interception", "80%", r"write 0.8\)"),
        ("interception", 80, r"write 0.8\)"),
        ("leave_share", ["0,2", 0.3], r"write 0.2\)"),
        ("interception", {"uniform": ["20%", 0.3]}, r"write 0.2\)"),
        ("import_limit_mw", "1,5", r"write 1.5\)"),
    ],
)
def test_settings_and_values_of_sweeps_are_answered_with_the_right_form(base, setting, value, message):
    with pytest.raises(gm.InputError, match=message):
        base.replace(**{setting: value})
    if not isinstance(value, dict):
        with pytest.raises(gm.InputError, match=message):
            check_changes(base, {setting: [value]})


def test_words_that_people_use_lead_to_classes_that_events_can_hit_and_are_none_themselves():
    for word, classes in MEANT.items():
        assert word not in CLASSES
        assert set(classes) <= set(CLASSES)
