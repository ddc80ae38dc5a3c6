from dataclasses import fields
from functools import cache

import numpy as np
import pytest
from conftest import LONG

import gridmodel as gm
from gridmodel.events import Timeline
from gridmodel.results.value import VARIABLES
from gridmodel.scenario import make_scenario
from gridmodel.services.measures import Measures
from gridmodel.services.power.system import PowerSystem
from gridmodel.simulation.inputs import RunInputs, run_inputs
from gridmodel.studies import branching
from gridmodel.studies.branching import Trunk, first_difference
from gridmodel.studies.mitigation import rank_mitigations

KEEP = VARIABLES
STRIKES = [
    {"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "strike", "hits_before_interception": 9, "interception": 0.2},
    {"time": "2026-01-05 02:00", "target": "TR/transfer", "kind": "strike", "hits_before_interception": 8, "interception": 0.2},
    {"time": "2026-01-05 06:00", "target": "TR-1/generation", "kind": "outage", "share": 0.5},
]  # fmt: skip
HELP = {
    "import": {"kind": "import", "size": 150},
    "boiler": {"kind": "mobile_boiler", "region": "TR-1", "size": 150},
    "waterworks": {"kind": "mobile_generator", "region": "TR-2", "size": 5, "target": "waterworks"},
    "heat": {"kind": "mobile_generator", "region": "TR-1", "size": 5, "target": "heat_source"},
    "truck": {"kind": "fuel_truck", "region": "TR-1", "size": 3},
    "battery": {"kind": "battery", "region": "TR-2", "size": 60},
    "crews": {"kind": "repair_crew", "region": "TR-1", "size": 4},
    "spares": {"kind": "spare_transformers", "size": 3},
}


END, LATE = "2026-01-07 00:00", [(None, 0), ("2026-01-06 15:00", 24)]
if LONG:
    END, LATE = "2026-01-08 00:00", [*LATE, ("2026-01-07 00:00", 48)]


@pytest.fixture(scope="module")
def struck():
    return make_scenario({
        "name": "struck", "rotation": "mean", "network": "three-region", "weather": "three-region", "timezone": "UTC", "events": STRIKES,
        "start": "2026-01-05 00:00", "end": "2026-01-08 00:00", "deterministic": False, "members": 3,
        "repair_crews_per_million": 2.0, "spare_transformers": 0, "repair_days": {},
    })  # fmt: skip


@pytest.fixture(scope="module")
def trunks(struck):
    """The run without help by the cascade that is followed, each made once: that no help changes it is a test below."""
    return cache(lambda cascade: Trunk(struck.replace(cascade=cascade, end=END), KEEP))


def same(result, whole):
    return all(np.array_equal(result[name].to_numpy(), whole[name].to_numpy(), equal_nan=True) for name in KEEP)


@pytest.mark.parametrize(
    ("kind", "cascade"),
    [
        pytest.param(kind, cascade, marks=mark if kind == tried else pytest.mark.long)
        for cascade, tried, mark in (("none", "crews", ()), ("full", "battery", pytest.mark.gate))
        for kind in HELP
    ],
)
def test_a_run_that_goes_on_from_the_day_help_comes_is_a_whole_run_to_the_bit(struck, trunks, kind, cascade):
    trunk, base = trunks(cascade), struck.replace(cascade=cascade, end=END)
    for since, begin in LATE if cascade == "none" or LONG else LATE[1:]:
        asked = base.replace(mitigations=(HELP[kind] | {"available_from": since},))
        result, steps = trunk.with_help(asked)
        assert same(result, gm.run(asked)), since
        if kind == "battery":
            assert steps == trunk.steps  # it is a generator more, so nothing of the run without it can be used
        elif steps:
            assert steps <= trunk.steps - begin


@pytest.mark.gate  # at each edit: a run that goes on is a whole run to the bit
def test_help_of_later_days_is_run_from_the_midnight_before_it(struck):
    trunk = Trunk(struck, KEEP)
    asked = struck.replace(mitigations=(HELP["import"] | {"available_from": "2026-01-07 23:00"},))
    assert first_difference(trunk.inputs, run_inputs(asked)) == 71
    result, steps = trunk.with_help(asked)
    assert steps == 24
    assert not same(result, trunk.result)


@pytest.mark.gate  # at each edit: a run that goes on is a whole run to the bit
def test_the_run_without_help_stays_as_it_was_whatever_goes_on_from_it(struck):
    short = struck.replace(end=END)
    trunk = Trunk(short, KEEP)
    for help_ in HELP.values() if LONG else (HELP["import"], HELP["crews"]):
        trunk.with_help(short.replace(mitigations=(help_ | {"available_from": "2026-01-06 10:00"},)))
    assert same(trunk.result, gm.run(short))


def test_help_that_changes_no_plan_takes_no_run(three):
    calm = three(deterministic=False, members=2)
    trunk = Trunk(calm, KEEP)
    result, steps = trunk.with_help(calm.replace(mitigations=(HELP["crews"], HELP["spares"])))
    assert steps == 0
    assert result is trunk.result
    runs = []
    rows = [HELP["crews"] | {"name": "a"}, HELP["spares"] | {"name": "b"}]
    ranking = rank_mitigations(calm, rows, progress=runs.append)
    assert runs == [1]
    assert (ranking["saved_h"] == 0).all()


def test_any_other_difference_of_two_plans_counts_from_the_first_step(struck):
    here = run_inputs(struck)
    assert first_difference(here, run_inputs(struck)) is None
    assert first_difference(here, run_inputs(struck.replace(hospital_w_per_person=9.0))) == 0
    assert first_difference(here, run_inputs(struck.replace(end="2026-01-09 00:00"))) == 0


@pytest.mark.gate  # at each edit: help of later days
def test_a_long_run_keeps_the_state_of_few_days_only(struck, monkeypatch):
    monkeypatch.setattr("gridmodel.studies.branching.MOST_STATES", 2)
    trunk = Trunk(struck, KEEP)
    asked = struck.replace(mitigations=(HELP["import"] | {"available_from": "2026-01-06 15:00"},))
    result, steps = trunk.with_help(asked)
    assert steps == 72  # of the midnights 0, 24 and 48 the first and the third are kept
    assert same(result, gm.run(asked))


def test_what_is_not_compared_is_named_as_it_is_called_so_that_a_renamed_field_is_not_overlooked():
    known = {part.name for kind in (RunInputs, Timeline, Measures, PowerSystem) for part in fields(kind)}
    assert known >= branching.OF_SCENARIO | branching.OF_TIMELINE
