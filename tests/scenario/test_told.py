"""What a file leaves empty, misspells or should not say is told, and values of numpy and pandas are read."""

import inspect
import json
import pydoc
import re

import numpy as np
import pandas as pd
import pytest
from conftest import sampled

import gridmodel as gm
from gridmodel.inputs.tables import Column, Problems, Table, parse_table
from gridmodel.scenario import make_scenario

PLAIN = "name: x\nnetwork: three-region\nweather: three-region\ntimezone: UTC\nstart: 2026-01-05 00:00\nend: 2026-01-05 03:00\n"
EVENT = {"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.5, "duration_h": 1}


def problems(tmp_path, more, text=PLAIN):
    (tmp_path / "x.yaml").write_text(text + more)
    try:
        gm.load_scenario(tmp_path / "x.yaml")
    except gm.InputError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("line", "said"),
    [("import_limit_mw:", "the network's own"), ("import_limit_mw: null", "the network's own"), ("interception: # later", "the share of each event"),
     ("timetable:", "none"), ("temperature_slope:", "empty"), ("members:", "empty"), ("step:", "empty"), ("seed: ~", "empty")],
)  # fmt: skip
def test_a_setting_without_a_value_is_told_with_what_it_would_mean(tmp_path, line, said):
    found = problems(tmp_path, f"{line}\n")
    assert len(found) == 1
    assert found[0].startswith(f"x.yaml:7: {line.partition(':')[0]}: is empty")
    assert said in found[0]


def test_lists_without_entries_are_empty_lists(tmp_path):
    assert problems(tmp_path, "events:\n# - nothing yet\n") == []


def test_all_that_a_file_should_not_say_is_told_at_once(tmp_path):
    found = problems(tmp_path, "folder: /etc\nimport_limit_mw:\nimport_limit: 5\nseed: x\n")
    assert {place.split(": ")[0] for place in found} == {f"x.yaml:{line}" for line in (7, 8, 9, 10)}
    assert len(found) == 4
    assert "folder: is not a setting" in "\n".join(found)


def test_a_required_setting_without_a_value_is_told_once(tmp_path):
    found = problems(tmp_path, "", text=PLAIN.replace("weather: three-region", "weather:"))
    assert len(found) == 1
    assert "weather" in found[0]


@pytest.mark.parametrize("technology", ["battery", "pumped_storage"])
@pytest.mark.parametrize(("storage", "fine"), [("", False), ("100", True)])
def test_storage_without_energy_is_told(folder, replace_cell, technology, storage, fine):
    replace_cell("generators", 3, "technology", technology)
    replace_cell("generators", 3, "storage_mwh", storage)
    found = [str(problem) for problem in gm.check_network(str(folder)) if problem.field == "storage_mwh"]
    assert found == (
        []
        if fine
        else [f"mine/generators.csv:3: storage_mwh: is empty: {technology} needs the energy that it stores, in MWh"]
    )


NUMPY = {
    "members": np.int64(3), "seed": np.int32(3), "import_limit_mw": np.float32(5), "deterministic": np.bool_(True), "network": np.str_("three-region"),
    "start": np.datetime64("2026-01-05"), "end": pd.Timestamp("2026-01-05 03:00"), "availability": {"hydro": np.float32(0.5)},
    "temperature_slope_factor": np.array([0.9, 1.5]),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMPY)
def test_a_setting_may_be_a_value_of_numpy_or_pandas(three, name):
    changes = {"deterministic": False} if name == "members" else {}
    made = three(end="2026-01-05 03:00", **changes).replace(**{name: NUMPY[name]})
    assert json.loads(made.model_dump_json())
    assert make_scenario(made.model_dump()) == made


CELLS = {
    "float": {"share": np.float64(0.5)}, "small float": {"share": np.float32(0.5)}, "time": {"time": pd.Timestamp("2026-01-05 01:00")},
    "numpy time": {"time": np.datetime64("2026-01-05T01:00")}, "nanoseconds": {"time": np.datetime64("2026-01-05T01:00", "ns")},
    "seconds": {"time": "2026-01-05 01:00:00"}, "iso": {"time": "2026-01-05T01:00:00.000000000"}, "int": {"duration_h": np.int64(1)},
    "nan": {"value": np.nan}, "none": {"value": None}, "na": {"value": pd.NA}, "nat": {"note": pd.NaT}, "text": {"note": np.str_("x")},
}  # fmt: skip


@pytest.mark.parametrize("name", sampled(CELLS, 4))
@pytest.mark.gate  # at each edit: events of a table, in `test_in_memory.py`
def test_a_row_of_events_may_come_from_pandas(three, name):
    plain = gm.run(three(end="2026-01-05 03:00", events=[EVENT]))
    scenario = three(end="2026-01-05 03:00", events=[EVENT | CELLS[name]])
    assert gm.run(scenario)["served_mw"].equals(plain["served_mw"])
    assert gm.run(three(end="2026-01-05 03:00").replace(events=pd.DataFrame([EVENT | CELLS[name]]).to_dict("records")))[
        "served_mw"
    ].equals(plain["served_mw"])


def test_tables_that_pandas_or_a_spreadsheet_wrote_are_read(tmp_path, folder):
    for name in ("generators", "regions", "lines"):
        path = folder / f"{name}.csv"
        pd.read_csv(path).to_csv(path, index=False)
    assert "True" in (folder / "generators.csv").read_text()
    assert not [problem for problem in gm.check_network(str(folder)) if problem.severity == "error"]
    table = Table(name="t", columns=(Column(name="a", kind="boolean"),), key="")
    noted = Problems()
    read = parse_table("a\nTRUE\nFalse\ntrue\n1\n", table, noted, shown="t.csv")
    assert read.frame["a"].tolist()[:3] == [True, False, True]
    assert [problem.row for problem in noted.found] == [5]


def test_events_that_pandas_wrote_are_read(three, tmp_path):
    frame = pd.DataFrame([EVENT]).assign(time=pd.to_datetime([EVENT["time"]]), value=np.nan, note=None)
    frame.to_csv(tmp_path / "e.csv", index=False)
    assert gm.run(three(end="2026-01-05 03:00", events=str(tmp_path / "e.csv")))["served_mw"].equals(
        gm.run(three(end="2026-01-05 03:00", events=[EVENT]))["served_mw"]
    )


def shown(thing):
    return pydoc.plain(pydoc.render_doc(thing, title="Help on %s:")).splitlines()


def test_the_help_of_scenarios_fits_a_screen_and_leads_to_the_text_of_each_setting(three):
    lines = shown(gm.Scenario)
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 80
    said = "\n".join(lines)
    for name in (*dir(gm.Scenario.groups), "replace(", "save(", "given(", "distributions", "about(", "gm.run("):
        assert name in said
    assert shown(three())[3:] == lines[3:]
    assert shown(gm.Scenario.groups)[4:20] == [line.replace(" |  ", "", 1) for line in lines[-16:]]


def test_the_help_of_a_group_has_a_line_for_each_setting_and_says_how_its_whole_text_is_had():
    for name in dir(gm.Scenario.groups):
        group = getattr(gm.Scenario.groups, name)
        lines = shown(group)
        assert len(lines) <= len(dir(group)) + 8 <= 53
        assert max(map(len, lines[3:])) <= 80
        for setting in dir(group):
            text = " ".join(gm.Scenario.model_fields[setting].description.split())
            line = next(line for line in lines if re.match(rf" +{setting}  ", line))
            begin = line.strip().removeprefix(setting).strip().removesuffix("…")
            assert len(begin) > 20 or begin == text
            assert text.startswith(begin)
            assert text in " ".join(repr(gm.Scenario.about(setting)).split())
        assert re.search(r'gm\.Scenario\.about\("(\w+)"\)', lines[-1])[1] in dir(group)


def test_a_scenario_and_its_class_complete_their_settings_and_groups(three):
    scenario = three()
    assert {*gm.Scenario.model_fields, "replace", "save", "given", "groups", "about", "distributions"} - {
        "folder"} <= {*dir(scenario)}  # fmt: skip
    assert dir(gm.Scenario) == ["groups"]
    assert "heat" in dir(gm.Scenario.groups)
    assert "set_point_c" in dir(scenario.groups.heat)
    assert "gm.Scenario.groups" in inspect.getdoc(gm.Scenario)


def test_groups_of_the_class_show_defaults_and_its_signature_completes_every_setting():
    assert gm.Scenario.groups.heat.set_point_c == 20.0
    assert "required" in repr(gm.Scenario.groups.period)
    assert set(inspect.signature(gm.Scenario).parameters) == {*gm.Scenario.model_fields} - {"folder"}
    assert len(str(inspect.signature(gm.Scenario))) < 100


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"set_point_c": "19.5"}, r"valid number \(write it as a number, without quotes\)"),
        ({"set_point_c": "19,5"}, r"\(write 19.5\)"),
        ({"set_point_c": "20%"}, r"valid number$"),
        ({"heater_uptake": "20%"}, r"\(write 0.2\)"),
        ({"start": pd.Timestamp("2026-01-05", tz="Europe/Kyiv")}, "must be local time without an offset"),
        ({"end": "2026-01-05T06:00Z"}, "must be local time without an offset"),
    ],
)
def test_a_number_or_a_time_in_another_form_is_answered_with_what_to_write(given, said):
    settings = {
        "name": "x", "network": "three-region", "weather": "three-region", "start": "2026-01-05", "end": "2026-01-06"
    }  # fmt: skip
    with pytest.raises(gm.InputError, match=said):
        gm.Scenario(**settings | given)


def test_an_array_of_numpy_without_a_dimension_is_its_number():
    made = gm.load_scenario("three-region").replace(
        deterministic=False, set_point_c=np.array(19.5), members=np.array(3)
    )
    assert (made.set_point_c, made.members) == (19.5, 3)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "supply_range: 0.1",
            "'0.1' must be a list of two factors, [low, high] (write [0.9, 1.1] for 10 % either way)",
        ),
        ("supply_range: 20%", "(write [0.8, 1.2] for 20 % either way)"),
        ("supply_range: 0.9", "(write [0.9, 0.9] for that factor at all times)"),
        ("import_limit_mw: [900, 1200]", "must be a valid number (write {uniform: [900, 1200]})"),
        ("availability: {nuclear: [0.9, 1.1]}", "(write {uniform: [0.9, 1.1]})"),
        ("relay_stages: [3, 4, 5]", "(write {choice: [3, 4, 5]})"),
        ("heater_cap_kw: [1.5]", "(write 1.5)"),
        (
            "events: [{time: 2026-01-05 01:00, target: TR-1/delivery, kind: limit, share: [0.3, 0.5]}]",
            "'[0.3, 0.5]' is not a number (write {uniform: [0.3, 0.5]})",
        ),
    ],
)
def test_a_number_for_a_range_about_one_and_a_list_for_a_number_are_answered_with_what_to_write(tmp_path, line, said):
    (tmp_path / "x.yaml").write_text(f"{PLAIN}{line}\n")
    found = gm.check_scenario(tmp_path / "x.yaml")
    assert len(found) == 1
    assert said in str(found[0])


def test_one_number_still_stands_for_both_ends_of_a_range_of_factors_shares_or_times(tmp_path):
    (tmp_path / "x.yaml").write_text(PLAIN + "temperature_slope_factor: 1\nleave_share: 0.2\nrestart_h: 12\n")
    made = gm.load_scenario(tmp_path / "x.yaml")
    assert (made.temperature_slope_factor, made.leave_share, made.restart_h) == ((1, 1), (0.2, 0.2), (12, 12))


def told(tmp_path, *lines):
    path = tmp_path / "x.yaml"
    path.write_text("\n".join([*lines, "name: x", "start: 2026-01-05 00:00", "end: 2026-01-06 00:00", ""]))
    return [str(problem) for problem in gm.check_scenario(path)]


@pytest.mark.parametrize("setting", ["network", "weather", "events", "timetable", "demand", "supply", "start_state"])
def test_a_file_that_does_not_exist_is_told_at_the_line_that_names_it(tmp_path, setting):
    others = [f"{name}: three-region" for name in ("network", "weather") if name != setting]
    (said,) = [one for one in told(tmp_path, *others, f"{setting}: none.csv") if "none.csv" in one]
    assert said.startswith(f"x.yaml:{len(others) + 1}: {setting}: 'none.csv' ")


def test_a_file_that_cannot_be_read_is_told_with_the_lines_that_name_it(tmp_path):
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "t.json").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "net").mkdir()
    found = told(
        tmp_path, "network: net", "demand: bad.csv", "weather: three-region", "timetable: t.json", "supply: bad.csv"
    )
    assert sorted(one.rpartition("named by")[2].strip(" ()") for one in found) == [
        "demand in line 2 and by supply in line 5 of x.yaml",
        "network in line 1 of x.yaml",
        "timetable in line 4 of x.yaml",
    ]
    assert [one for one in found if one.startswith("bad.csv: is not UTF-8 text")]


def test_files_of_a_scenario_made_in_python_are_told_without_a_line(three):
    with pytest.raises(gm.InputError) as caught:
        gm.run(three(timetable="none.csv"))
    assert str(caught.value).startswith("timetable: 'none.csv' does not exist")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("name: ''", "name: must not be empty"),
        ("demand_lag_weights: []", "demand_lag_weights: '[]' must not be empty"),
        ("healing_days: [1, 2, 3]", "healing_days: '[1, 2, 3]' must have at most 2 values"),
        ("healing_days: [1]", "healing_days.1: is missing; the list needs one more value"),
        ("relay_stages: x", "relay_stages: 'x' must be a whole number"),
        ("relay_stages: 2.5", "relay_stages: '2.5' must be a whole number"),
        ("deterministic: maybe", "deterministic: 'maybe' must be true or false"),
        ("timezone: [x]", "must be a text"),
        ("damage_state_probabilities: 3", "must be a mapping such as {name: value}"),
        ("seed: " + "9" * 5000, "x.yaml:3: contains a number of thousands of digits; write it with fewer"),
        ("supply_range: 1" + "0" * 400, "supply_range: '1"),
        ("temperature_slope:", "the sum in the network (0.20 for Ukraine)"),
    ],
)  # fmt: skip
def test_errors_of_the_validator_are_told_in_plain_words(tmp_path, line, said):
    named = [] if line.startswith("name:") else ["name: x"]
    lines = ["network: three-region", "weather: three-region", line, "start: 2026-01-05", "end: 2026-01-06", *named, ""]
    (tmp_path / "x.yaml").write_text("\n".join(lines))
    found = [str(problem) for problem in gm.check_scenario(tmp_path / "x.yaml")]
    assert [one for one in found if said in one], found
    for raw in ("Input", "after validation", "tuple", "sys.", "valid string", "boolean", "parse"):
        assert not [one for one in found if raw in one], found


def test_a_number_of_thousands_of_digits_in_json_is_told_at_its_line(tmp_path):
    (tmp_path / "t.json").write_text('{"regions":\n' + "9" * 5000 + "}")
    with pytest.raises(gm.InputError, match=r"^t\.json:2: contains a number of thousands of digits"):
        gm.schedule.read(tmp_path / "t.json")
