"""`network.toml`: what it says is read, checked, written, kept, and is the clock of a run."""

import json
import shutil
import unicodedata

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import gridmodel as gm
from gridmodel.inputs.country import KEYS, country_schema, country_text
from gridmodel.inputs.files import ROOT, bundled
from gridmodel.network import read_network
from gridmodel.regions import Country, Regions, regions_of_result
from gridmodel.scenario import make_scenario

GOOD = 'country = "TR"\ntimezone = "Asia/Almaty"\n'


def scenario_on(folder, **changes):
    settings = {
        "name": "a clock", "network": str(folder), "weather": "three-region", "start": "2026-01-06 00:00",
        "end": "2026-01-06 06:00", "deterministic": True,
    }  # fmt: skip
    return make_scenario(settings | changes)


def problems(folder, text):
    (folder / "network.toml").write_text(text, encoding="utf-8")
    with pytest.raises(gm.InputError) as caught:
        read_network(folder)
    return [str(problem) for problem in caught.value.problems]


def test_every_bundled_network_says_its_country_and_fits_the_schema():
    for name in bundled("networks"):
        about = read_network(name).about
        data = {key.name: getattr(about, key.name) for key in KEYS}
        Draft202012Validator(country_schema()).validate(json.loads(json.dumps(data)))
        expected = ("America/Chicago", ("en", "es")) if about.country == "TX" else ("Europe/Kyiv", ("en", "uk"))
        assert (about.timezone, about.languages) == expected


def test_a_copy_under_another_time_zone_runs_under_its_own_time(folder):
    before = gm.run(scenario_on(folder))
    (folder / "network.toml").write_text(GOOD, encoding="utf-8")
    after = gm.run(scenario_on(folder))
    assert np.array_equal(after["local_time"], before["local_time"])
    assert (after["time"].to_numpy() - before["time"].to_numpy() == -np.timedelta64(3, "h")).all()
    assert (before.attrs["timezone"], after.attrs["timezone"]) == ("Europe/Kyiv", "Asia/Almaty")


def test_a_time_zone_of_the_scenario_goes_before_that_of_the_network(folder):
    (folder / "network.toml").write_text(GOOD, encoding="utf-8")
    scenario = scenario_on(folder, timezone="Europe/Kyiv")
    assert scenario.local_timezone == "Europe/Kyiv"
    assert scenario.replace(timezone=None).local_timezone == "Asia/Almaty"
    assert scenario.replace(timezone=None, network="three-region").local_timezone == "Europe/Kyiv"


def test_a_network_that_names_no_time_zone_runs_in_utc_with_a_warning(folder):
    (folder / "network.toml").unlink()
    scenario = scenario_on(folder)
    with pytest.warns(UserWarning, match="names no time zone, so its clock shows UTC"):
        result = gm.run(scenario)
    assert np.array_equal(result["local_time"], result["time"])
    assert "mine/network.toml: is missing" in "\n".join(map(str, gm.check_network(folder)))
    assert gm.run(scenario.replace(timezone="Europe/Kyiv")).attrs["timezone"] == "Europe/Kyiv"


def test_all_problems_of_the_file_are_reported_at_once_with_line_and_what_is_allowed(folder):
    found = problems(
        folder,
        'cuntry = "TR"\ntimezone = "Kiev time"\nlanguages = ["en", "ukr", "Uk"]\nweek = ["weekday", "holiday"]\n',
    )
    assert found == [
        "mine/network.toml:1: cuntry: is not a key of this file (nearest: country)",
        "mine/network.toml:2: timezone: 'Kiev time' is not a time zone; give its IANA name, such as \"Europe/Kyiv\"",
        'mine/network.toml:3: languages: \'["en", "ukr", "Uk"]\' must be a list of language codes of two or three'
        ' small letters, such as ["en", "uk"]',
        'mine/network.toml:4: week: \'["weekday", "holiday"]\' must give each of the seven days, Monday first, as weekday'
        " or weekend",
        "mine/network.toml: country: is missing: this key is required",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("country = \n", "network.toml:1: is not TOML: Invalid value"),
        ("x = " + "[" * 90_000, "is not TOML"),
        ("x = " + "9" * 90_000, "is not TOML"),
        ("# " + "x" * 100_000, "is longer than 100,000 characters"),
        ('country = "T R"\ntimezone = "UTC"\n', "must be a short name, at most 10 letters"),
        *[
            (f'country = "{name}"\ntimezone = "UTC"\n', "network.toml:1: country: '")
            for name in (".", "-A", "1A", "A" * 11, "A_B", "УА")
        ],
        ('country = "ALL"\ntimezone = "UTC"\n', "'ALL' means every region in events; choose another short name"),
        *[
            (
                f'country = "XA"\ntimezone = "{name}"\n',
                f"network.toml:2: timezone: '{name}' is not a time zone; give its IANA name",
            )
            for name in ("localtime", "posixrules", "Factory", "right/UTC", "posix/UTC")
        ],
        (GOOD + 'country = "XA"\n', "network.toml:3: country: is given twice; keep one of them"),
        (GOOD + 'week = []\nweek = [\n  "weekday",\n]\n', "network.toml:4: week: is given twice; keep one of them"),
        (GOOD + "[x]\n[x]\n", "network.toml:4: x: is given twice; keep one of them"),
        ('country = "TR-1"\ntimezone = "UTC"\n', "must not be the id of a region or the name of a zone"),
        ('country = 3\ntimezone = ["UTC"]\n', "is not a time zone"),
        (GOOD + 'languages = ["uk"]\n', 'must include "en"'),
        (GOOD + 'languages = ["en", "en"]\n', "lists a language twice"),
        (GOOD + 'languages = ["en", "uk", "pl"]\n', "'pl' is listed, but regions.csv has no column name_pl"),
        (
            GOOD + 'languages = ["en"]\n',
            "regions.csv:1: name_uk: is a column of a language that mine/network.toml does",
        ),
    ],
)
def test_what_is_wrong_with_the_file_is_said(folder, text, message):
    found = problems(folder, text)
    assert any(message in one for one in found), found


def test_a_week_may_have_its_weekend_on_other_days(folder):
    lines = (folder / "profiles.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.replace(",all,", f",{day},").replace(",1,OURS", f",{value},OURS")
            for line in lines[1:] for day, value in (("weekday", "1"), ("weekend", "0.5"))]  # fmt: skip
    (folder / "profiles.csv").write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")
    usual = gm.run(scenario_on(folder))["demand_mw"].mean().item()  # a Tuesday
    week = ["weekday", "weekend", "weekday", "weekday", "weekday", "weekday", "weekday"]
    (folder / "network.toml").write_text(f'country = "TR"\ntimezone = "Europe/Kyiv"\nweek = {week}\n', encoding="utf-8")
    assert gm.run(scenario_on(folder))["demand_mw"].mean().item() < 0.6 * usual


@pytest.mark.gate  # at each edit: folders through pandapower, in `test_network_write.py`
def test_what_is_written_is_read_again_and_comes_through_a_pandapower_file(folder, tmp_path):
    about = Country(country="TR", timezone="Asia/Almaty", languages=("en", "uk"), week=("weekend",) + ("weekday",) * 6)
    (folder / "network.toml").write_text(country_text(about), encoding="utf-8")
    assert read_network(folder).about == about
    gm.convert_network(folder, tmp_path / "net.json")
    gm.convert_network(tmp_path / "net.json", tmp_path / "back", to="gridmodel")
    assert read_network(tmp_path / "back").about == about


def test_names_in_any_language_are_columns_that_a_result_keeps(folder):
    path = folder / "regions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("name_uk", "name_kk", 1).replace("Northland,,", "Northland,Солтүстік,"), encoding="utf-8")  # fmt: skip
    (folder / "network.toml").write_text(GOOD + 'languages = ["en", "kk"]\n', encoding="utf-8")
    assert read_network(folder).places.find("солтүстік") == "TR-1"
    result = gm.run(scenario_on(folder))
    assert "region_name_uk" not in result.coords
    assert regions_of_result(result).in_language("kk") == ("Солтүстік", "Westland", "Eastland")


@pytest.mark.gate  # at each edit: changed inputs, in `test_received_run.py`
def test_a_changed_time_zone_is_a_changed_input_of_a_manifest(folder, tmp_path):
    from gridmodel.results.run_folder import read_manifest, write_run

    scenario = scenario_on(folder)
    write_run(gm.run(scenario), scenario, tmp_path / "out", command=[], seconds={})
    assert read_manifest(tmp_path / "out").model_dump() == scenario.model_dump() | {"network": "mine"}
    copy = tmp_path / "out" / "inputs" / "network" / "mine" / "network.toml"
    copy.write_text(GOOD, encoding="utf-8")
    with pytest.raises(gm.InputError, match=r"network\.toml: has changed since the run"):
        read_manifest(tmp_path / "out")


def test_a_folder_in_place_of_the_file_is_refused(folder):
    shutil.rmtree(folder / "network.toml", ignore_errors=True)
    (folder / "network.toml").unlink(missing_ok=True)
    (folder / "network.toml").mkdir()
    with pytest.raises(gm.InputError, match=r"mine/network\.toml: is not a file"):
        read_network(folder)


def test_regions_are_found_by_id_and_name_and_never_by_an_ambiguous_one():
    places = read_network("ukraine").places
    assert [places.find(name) for name in ("UA-63", "kharkiv", "ХАРКІВСЬКА", " ua-63 ")] == ["UA-63"] * 4
    assert places.find("") is None
    assert places.find("Kyiv") in {"UA-30", None}
    assert places.hint("Kharkov") == "nearest: UA-63 (Kharkiv)"
    assert read_network("three-region").places.hint("x") == "known: TR-1, TR-2, TR-3"
    assert len(places.centre_lat) == len(places) == len(places.zones)
    assert (ROOT / "networks" / "ukraine" / "network.toml").is_file()


def test_an_id_goes_before_a_name_and_a_shared_name_is_said_to_be_shared():
    places = Regions(
        ids=("TR-1", "TR-2", "TR-3"), names={"en": ("Northland", "Northland", "tr-1"), "uk": ("Київ", "Old  Port", "")}
    )
    assert places.find("tr-1") == "TR-1"
    assert places.find("NORTHLAND") is None
    assert places.find("old port") == "TR-2"
    assert places.find(unicodedata.normalize("NFD", "київ")) == "TR-1"
    assert places.unknown("northland", "this run") == ("is the name of TR-1 and TR-2; give the id", "")
    assert places.unknown("TR-11", "this run")[0] == "is not a region of this run"
    assert places.find(" ") is None


def test_a_check_warns_of_names_that_do_not_tell_regions_apart(folder, replace_cell):
    assert not [problem for problem in gm.check_network(folder) if "tell them apart" in problem.message]
    replace_cell("regions", 3, "name_en", "northland")
    replace_cell("regions", 4, "name_en", "tr-1")
    found = [problem for problem in gm.check_network(folder) if "tell them apart" in problem.message]
    assert {problem.severity for problem in found} == {"warning"}
    assert [str(problem) for problem in found] == [
        "mine/regions.csv:3: name_en: 'northland' is also the name of TR-1; use the id to tell them apart",
        "mine/regions.csv:4: name_en: 'tr-1' is the id of TR-1; use the id to tell them apart",
    ]


def test_a_shared_name_is_refused_where_a_region_is_asked_for(folder, replace_cell):
    replace_cell("regions", 3, "name_en", "Northland")
    result = gm.run(scenario_on(folder))
    message = "'northland' is the name of TR-1 and TR-2; give the id"
    with pytest.raises(gm.InputError, match=message):
        gm.plot.draw(result, "generation", "northland")
    with pytest.raises(gm.InputError, match=message):
        gm.schedule.timetable(result, regions=["northland"])
    helped = scenario_on(folder, mitigations=[{"kind": "mobile_boiler", "size": 1, "region": "northland"}])
    with pytest.raises(gm.InputError, match=message):
        gm.run(helped)
