"""Known answers as data: every folder of `cases` holds a scenario, what must come out, and whose number that is."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import LONG, at_gate

import gridmodel as gm
from gridmodel.inputs.files import ROOT
from gridmodel.results.metrics import estimate, per_member
from gridmodel.results.statistics import confidence_interval

CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "cases").glob("*/expected.json"))
assert CASES
REPETITIONS = 500
MEMBERS = 30


@pytest.fixture(scope="module")
def power_only(tmp_path_factory):
    """The network of the cases without heat and water, which their answers do not need."""
    target = tmp_path_factory.mktemp("network") / "three-region"
    shutil.copytree(ROOT / "networks" / "three-region", target)
    for name in ("heat_systems", "water_systems"):
        (target / f"{name}.csv").unlink()
    return str(target)


@pytest.mark.parametrize("case", at_gate(CASES, 3), ids=lambda case: case.name)
@pytest.mark.parametrize("sampling", ["random", "sobol"] if LONG else ["random"])
def test_a_monte_carlo_mean_lies_within_three_standard_errors_of_the_exact_answer(case, sampling, power_only):
    assert "*Reference*" in (case / "README.md").read_text(encoding="utf-8")
    found = per_member(gm.run(gm.load_scenario(case / "scenario.yaml").replace(sampling=sampling, network=power_only)))
    for name, exact in json.loads((case / "expected.json").read_text(encoding="utf-8")).items():
        known = estimate(found[name])
        assert known.standard_error > 0, name
        assert known.standard_error < 0.1 * exact, name
        assert abs(known.mean - exact) < 3 * known.standard_error, (name, known.mean, exact)


@pytest.mark.parametrize(
    ("case", "repetitions"),
    [pytest.param(case, 150, marks=pytest.mark.gate) for case in CASES if case.name == "strike"]
    + [pytest.param(case, REPETITIONS, marks=pytest.mark.long) for case in CASES],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_95_percent_interval_holds_the_exact_mean_in_95_percent_of_many_repetitions(case, repetitions, power_only):
    """Repetitions are blocks of members: each member's streams are its own, as each seed's are."""
    scenario = gm.load_scenario(case / "scenario.yaml").replace(members=repetitions * MEMBERS, end="2026-01-05 02:00")
    events = [{**event, "duration_h": 1} for event in scenario.events]
    values = (
        gm.metrics.ens_mwh(gm.run(scenario.replace(events=events, network=power_only)))
        .to_numpy()
        .reshape(repetitions, MEMBERS)
    )
    exact = {"forced_outages": 2 * 85.0, "strike": 2 * 500 + 500 * (1 - 0.9625**4), "drawn_numbers": 2 * 790.0}[
        case.name
    ]
    for members in (MEMBERS, 20):
        held = [low <= exact <= high for low, high in map(confidence_interval, values[:, :members])]
        assert 0.92 <= np.mean(held) <= 0.98, members


@pytest.mark.long
def test_the_95_percent_interval_holds_the_exact_mean_with_500_seeds():
    scenario = gm.load_scenario(CASES[0].parent / "strike" / "scenario.yaml").replace(
        members=MEMBERS, end="2026-01-05 02:00"
    )
    scenario = scenario.replace(events=[{**event, "duration_h": 1} for event in scenario.events])
    exact = 2 * 500 + 500 * (1 - 0.9625**4)
    held = []
    for seed in range(REPETITIONS):
        low, high = confidence_interval(gm.metrics.ens_mwh(gm.run(scenario.replace(seed=seed))))
        held.append(low <= exact <= high)
    assert 0.92 <= np.mean(held) <= 0.98
