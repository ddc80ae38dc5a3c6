import json

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import gridmodel as gm
from gridmodel.inputs.files import bundled
from gridmodel.scenario import Scenario, unconfirmed

GOOD = """\
name: a test
network: three-region
weather: three-region
start: 2026-01-05 00:00
end: 2026-01-06 00:00
"""


def load(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return gm.load_scenario(path)


def problems(tmp_path, text):
    with pytest.raises(gm.InputError) as caught:
        load(tmp_path, text)
    return caught.value.problems


def test_a_minimal_file_takes_every_default(tmp_path):
    scenario = load(tmp_path, GOOD)
    assert (scenario.step, scenario.members, scenario.timezone, scenario.local_timezone) == (
        "1h",
        20,
        None,
        "Europe/Kyiv",
    )
    assert len(scenario.times_utc()) == 24


def test_local_time_is_two_hours_ahead_of_utc_in_a_kyiv_winter(tmp_path):
    assert str(load(tmp_path, GOOD).times_utc()[0]) == "2026-01-04T22:00:00"


def test_local_clock_skips_an_hour_when_summer_time_begins(tmp_path):
    text = GOOD.replace("2026-01-05 00:00", "2026-03-29 00:00").replace("2026-01-06 00:00", "2026-03-30 00:00")
    scenario = load(tmp_path, text)
    local = scenario.local(scenario.times_utc())
    assert len(local) == 23
    assert np.datetime64("2026-03-29T03:00:00") not in local


def test_every_problem_is_reported_at_once_with_line_and_nearest_name(tmp_path):
    text = GOOD + "membrs: 5\nseed: -1\nstep: 2h\navailability: {hidro: 0.9}\nloss_split: 1.5\nimport_limit_mw: .nan\n"
    found = {problem.field.split(".")[0]: problem for problem in problems(tmp_path, text)}
    assert set(found) == {"membrs", "seed", "step", "availability", "loss_split", "import_limit_mw"}
    assert found["membrs"].row == 6
    assert found["membrs"].hint == "nearest: members"
    assert "nearest: hydro" in found["availability"].message
    assert found["step"].value == "2h"
    assert "1h" in found["step"].message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(("end: 2026-01-06 00:00", "end: 2026-01-05 00:00"), "after the start", id="empty period"),
        pytest.param(("end: 2026-01-06 00:00", "end: 2026-01-05 10:10"), "whole number of steps", id="part of a step"),
        pytest.param(("start: 2026-01-05 00:00", "start: 2026-01-05 00:17"), "quarter of an hour", id="odd minute"),
        pytest.param(("end: 2026-01-06 00:00", "end: 2029-01-06 00:00"), "400 days", id="too long"),
        pytest.param(("start: 2026-01-05 00:00", "start: tomorrow"), "local time", id="no time"),
        pytest.param(("start: 2026-01-05 00:00", "start: 2026-01-05T00:00:00+02:00"), "local time", id="with an offset"),
        pytest.param(("name: a test", "name: a test\ntimezone: Europe/Kiew"), "time zone", id="no zone"),
        pytest.param(("name: a test", "name: a test\nmitigations: [{kind: boiler, size: 1}]"), "is not a kind of help", id="help"),
        pytest.param(("name: a test", "name: a test\nname: another"), "duplicate", id="a key twice"),
        pytest.param(("name: a test", "name: &x a test"), "anchor", id="an anchor"),
        pytest.param(("name: a test", "name: [a"), "not YAML", id="no YAML"),
        pytest.param(("name: a test\n", ""), "required", id="no name"),
        pytest.param(("name: a test", "name: a test\nreconnection_tau_h: [80, 30]"), "low <= high", id="range upside down"),
        pytest.param(("name: a test", "name: a test\ndamage_state_probabilities: {none: 1}"), "each of", id="missing states"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path, change, message):
    found = problems(tmp_path, GOOD.replace(*change))
    assert any(message in str(problem) for problem in found), [str(p) for p in found]


def test_a_file_that_is_no_mapping_or_no_text_is_refused(tmp_path):
    assert "mapping" in str(problems(tmp_path, "- a\n- b\n")[0])
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(gm.InputError, match="not UTF-8"):
        gm.load_scenario(path)


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(gm.InputError, match="nearest: january-2026"):
        gm.load_scenario("january-2062")


def test_a_variant_is_checked_and_the_original_unchanged():
    scenario = gm.load_scenario("january-2026")
    assert scenario.replace(seed=7).seed == 7
    assert scenario.seed == 2026
    assert scenario.replace(seed=7).folder == scenario.folder
    with pytest.raises(gm.InputError, match="nearest: members"):
        scenario.replace(membres=3)
    with pytest.raises(ValueError, match="never changes"):
        scenario.seed = 3


def test_what_is_wrong_in_a_row_or_an_entry_has_the_line_of_that_entry(tmp_path):
    text = (
        GOOD
        + """\
availability:
  hydro: 0.9
  wind: {uniform: [1]}
  hydra: {uniform: [0, 1]}
  coal: 3
forced_outages:
  nuclear:
    mttf_h: -1
    mttr_h: 10
mitigations:
  - kind: import
    size: -3
  - {kind: importx, size: 3}
  - {kind: import, size: 3, colour: red}
  - 3
events:
  - {time: 2026-01-05 02:00}

  # a comment
  - soon
interception: 4
"""
    )
    got = {(problem.row, problem.field): problem.message for problem in problems(tmp_path, text)}
    lines = {"availability.wind": 8, "availability.hydra": 9, "forced_outages.nuclear.mttf_h": 13,
             "mitigations.0.size": 17, "mitigations.1.kind": 18, "mitigations.2.colour": 19, "mitigations.3": 20,
             "events.1": 25, "interception": 26}  # fmt: skip
    assert {(line, field) for field, line in lines.items()} < set(got)
    assert got[25, "events.1"] == "must be a mapping such as {name: value}"
    assert got[19, "mitigations.2.colour"] == "is not part of mitigations"
    assert len(got) == len(lines) + 1  # and coal, of which the whole mapping is told
    assert all(problem.table == "mine.yaml" for problem in problems(tmp_path, text))


def test_events_that_are_neither_a_file_nor_rows_are_one_problem(tmp_path):
    assert [str(p) for p in problems(tmp_path, GOOD + "events: 3\n")] == [
        "mine.yaml:6: events: '3' must be a list of rows, or the name of a file"
    ]


def test_where_a_scenario_was_written_is_no_part_of_it(tmp_path):
    assert load(tmp_path, GOOD) == load(tmp_path, "# a comment\n" + GOOD)
    assert load(tmp_path, GOOD).origin.line(["name"]) == 1
    assert load(tmp_path, "# a comment\n" + GOOD).replace(seed=3).origin.line(["name"]) == 2


def test_no_code_in_a_file_is_run(tmp_path):
    text = GOOD.replace("name: a test", "name: !!python/object/apply:os.system ['touch /tmp/gridmodel-was-here']")
    with pytest.raises(gm.InputError):
        load(tmp_path, text)


def test_bundled_scenarios_fit_the_schema():
    schema = json.loads(json.dumps(Scenario.model_json_schema()))
    for name in bundled("scenarios"):
        data = json.loads(gm.load_scenario(name).model_dump_json())
        Draft202012Validator(schema).validate(data)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("members: true", "integer"),
        ("members: '20'", "integer"),
        ("import_limit_mw: true", "number"),
        ("deterministic: 1", "must be true or false"),
        ("temperature_slope_factor: [1, 2, 3]", "at most 2 values"),
        ("reconnection_tau_h: [1.0e-300, 1.0]", "greater than or equal"),
        ("temperature_slope: 1.0e+300", "less than or equal"),
        ("repair_days: {heat_sorce: {slight: [1, 2]}}", "nearest: heat_source"),
        ("repair_days: {heat_source: {slight: [1.0e+308, 1]}}", "less than or equal"),
        ("timezone: Europe", "time zone"),
        ("seed: 0x" + "f" * 5000, "seed"),
        ("events: [&a 1, 2]", "anchor"),
        ("events: " + "[" * 3000, "nested too deep"),
    ],
)  # fmt: skip
def test_odd_values_are_refused_with_a_sentence(tmp_path, line, message):
    assert any(message in str(problem) for problem in problems(tmp_path, GOOD + line + "\n"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2026-01-05 00:00", "2026-01-05 00:00:30", "to the minute"),
        ("2026-01-05 00:00", "0001-01-01", "1900 to 2200"),
        ("2026-01-06 00:00", "9999-12-31 23:00", "1900 to 2200"),
    ],
)
def test_times_that_no_clock_can_hold_are_refused(tmp_path, old, new, message):
    assert any(message in str(problem) for problem in problems(tmp_path, GOOD.replace(old, new)))


def test_an_hour_that_the_clock_skips_is_refused(tmp_path):
    text = GOOD.replace("2026-01-05 00:00", "2026-03-29 03:30").replace("2026-01-06 00:00", "2026-03-29 06:30")
    assert any("skipped by the clock" in str(problem) for problem in problems(tmp_path, text))


def test_stars_in_comments_and_quoted_names_are_no_anchors_and_no_events_are_none(tmp_path):
    text = GOOD.replace("name: a test", 'name: "a: *b & c"  # note: *important*') + "events: null\n"
    scenario = load(tmp_path, text)
    assert scenario.name == "a: *b & c"
    assert scenario.events == ()


def test_a_path_that_cannot_be_reached_is_a_problem_and_no_crash():
    for name in ("x" * 300, "~no-such-user/x"):
        with pytest.raises(gm.InputError, match=r"cannot be reached|neither a bundled"):
            gm.load_scenario(name)


def test_one_number_for_a_range_is_that_number_in_every_member():
    base = gm.load_scenario("january-2026")
    assert base.replace(own_backup_share=0.2).own_backup_share == (0.2, 0.2)
    assert base.replace(restart_h=3) == base.replace(restart_h=[3, 3])
    with pytest.raises(gm.InputError, match=r"own_backup_share\.0: '1.2' .*less than or equal to 1"):
        base.replace(own_backup_share=1.2)
    with pytest.raises(gm.InputError, match="restart_h: 'True'"):
        base.replace(restart_h=True)


def test_every_setting_with_a_mark_of_the_unconfirmed_is_found_and_none_without():
    marks = {name: (field.description or "").count("[B") for name, field in Scenario.model_fields.items()}
    assert {*unconfirmed()} == {name for name, count in marks.items() if count}  # no mark has another form
    assert {"heater_uptake", "drone_damage_chance", "repair_days"} <= {*unconfirmed()}
    assert not {"seed", "start", "weather", "members"} & {*unconfirmed()}
    assert all("\n" not in text for text in unconfirmed().values())


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("truck_load_mwh", 1e-3), ("truck_trip_h", 0.01), ("restore_share_per_h", 1e-3), ("rotation_block_h", 0.01),
        ("leave_tau_h", 1e-6), ("burst_repair_days", 1e-3), ("burst_refill_h", 0.01), ("riser_repair_h", 0.01),
        ("burst_shut_off_h", 0.01), ("temperature_slope", 1e-6), ("demand_factor", 0.01), ("feeder_limit_factor", 0.01),
        ("feeder_limit_kw", 0.01), ("supply_autocorrelation_h", 0.01),
    ],
)  # fmt: skip
def test_numbers_that_are_divided_by_have_a_least_value_that_means_something(three, name, least):
    assert getattr(three(**{name: least}), name) == least
    for tiny in (5e-324, 1e-300, least / 2, {"uniform": [5e-324, 1.0]}):
        with pytest.raises(gm.InputError, match=name):
            three(**{name: tiny})


@pytest.mark.parametrize("name", ["mttf_h", "mttr_h"])
def test_times_of_units_between_failures_and_under_repair_have_a_least_value(three, name):
    times = {"mttf_h": 100.0, "mttr_h": 5.0}
    assert three(forced_outages={"hydro": times | {name: 0.01}})
    with pytest.raises(gm.InputError, match=name):
        three(forced_outages={"hydro": times | {name: 1e-300}})
