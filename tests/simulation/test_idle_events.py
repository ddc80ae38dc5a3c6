"""Events that change nothing are told beside a run: repairs of what is whole, limits above all that there is."""

import pytest
from click.testing import CliRunner

from gridmodel.commands import main
from gridmodel.inputs.files import ROOT
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.unmeant import unmeant

SHORT = {"rotation": "queues", "end": "2026-01-05 12:00"}
REPAIR = {"time": "2026-01-05 06:00", "target": "TR-1/delivery", "kind": "repair"}


def event(**cells):
    return {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "outage", "share": 0.5} | cells


def limit(value, target="TR-1/delivery"):
    return {"time": "2026-01-05 02:00", "target": target, "kind": "limit", "value": value}


def told(scenario):
    found = unmeant(run_inputs(scenario))
    assert all(problem.severity == "warning" for problem in found)
    return [(problem.row, problem.field, problem.message.partition(":")[0]) for problem in found]


@pytest.mark.parametrize(
    "before",
    [
        [], [event(target="TR-2/delivery")], [event(target="TR-1/heat_source")], [event(time="2026-01-05 07:00")],
        [event(duration_h=3)], [REPAIR | {"time": "2026-01-05 03:00"}],
    ],
)  # fmt: skip
def test_a_repair_that_ends_nothing_is_told_at_its_row(three, before):
    repairs = [row for row in [*before, REPAIR] if row["kind"] == "repair"]
    assert told(three(**SHORT, events=[*before, REPAIR])) == [
        (row, "target", "has no effect") for row in range(len(before) + 2 - len(repairs), len(before) + 2)
    ]


@pytest.mark.parametrize(
    "before",
    [
        event(), event(duration_h=4), event(duration_h={"uniform": [1, 6]}), event(target="TR/delivery"),
        {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "strike", "hits_before_interception": 3,
         "interception": 0.5},
        limit(50),
    ],
)  # fmt: skip
def test_a_repair_of_what_may_last_is_left_alone(three, before):
    assert told(three(**SHORT, events=[before, REPAIR], deterministic=False, members=2)) == []


@pytest.mark.parametrize(
    ("value", "target", "is_told"),
    [
        (99_999, "TR-1/delivery", True), (99_999, "TR/delivery", True), (150, "TR-1/delivery", False),
        ({"uniform": [100, 99_999]}, "TR-1/delivery", False), ({"uniform": [9_999, 99_999]}, "TR-1/delivery", True),
        (300, "TR/import", True), (299, "TR/import", False),
    ],
)  # fmt: skip
def test_a_limit_above_all_that_there_is_to_pass_on_is_told(three, value, target, is_told):
    scenario = three(**SHORT, events=[limit(value, target)], deterministic=False, members=2)
    assert told(scenario) == [(1, "value", "limits nothing")] * is_told


def test_idle_events_are_told_with_their_line_of_a_scenario_and_with_their_time_of_a_table(tmp_path):
    text = (ROOT / "scenarios" / "three-region.yaml").read_text()
    path = tmp_path / "mine.yaml"
    line = "  - {time: 2026-01-06 18:00, target: TR-1/delivery, kind: repair}\n"
    path.write_text(text.rstrip("\n") + "\n" + line)
    said = CliRunner().invoke(main, ["scenario", "check", str(path)]).output
    assert f"mine.yaml:{len(path.read_text().splitlines())}: target: 'TR-1/delivery' has no effect" in said
    (tmp_path / "events.csv").write_text("time,target,kind\n2026-01-06 18:00,TR-1/delivery,repair\n")
    path.write_text(text[: text.index("events:")] + "events: events.csv\n")
    said = CliRunner().invoke(main, ["scenario", "check", str(path)]).output
    assert "events.csv: target: 'TR-1/delivery' has no effect" in said
    assert "the repair of TR-1/delivery at 2026-01-06 18:00" in said
