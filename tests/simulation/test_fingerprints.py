"""Runs are the same as when they were recorded: a change of structure moves no number."""

import json

import pytest
from conftest import LONG
from fingerprints import BUNDLED, RECORD, STRUCK, arithmetic, record

RECORDED = json.loads(RECORD.read_text(encoding="utf-8"))


OF_THE_GATE = {"january-2026", "prewar-frost", "three-region", *STRUCK}
"""Runs of each network, with and without damage; what other bundled scenarios change is weather."""
OF_EACH_EDIT = {"three-region", "cascade"}
PARAMS = [
    pytest.param(
        name, marks=() if name in OF_EACH_EDIT else pytest.mark.gate if name in OF_THE_GATE else pytest.mark.long
    )
    for name in (*BUNDLED, *STRUCK)
]


@pytest.fixture(scope="module", params=PARAMS)
def run(request, tmp_path_factory):
    """Name and fingerprint of one run, which both tests of it share."""
    return request.param, record(request.param, tmp_path_factory.mktemp("weather"), full=LONG)


def test_every_bundled_scenario_and_three_struck_ones_are_recorded():
    assert sorted(RECORDED["runs"]) == sorted((*BUNDLED, *STRUCK))


def test_runs_hold_the_sums_that_were_recorded(run):
    name, found = run
    sums = RECORDED["runs"][name]["sums"]
    assert found["sums"].keys() == sums.keys()
    assert found["sums"] == pytest.approx(sums, rel=1e-6, abs=1e-6)


@pytest.mark.skipif(arithmetic() != RECORDED["arithmetic"], reason="this processor rounds otherwise; sums are compared")
def test_runs_are_equal_to_the_byte_where_the_processor_computes_alike(run):
    name, found = run
    recorded = RECORDED["runs"][name]
    moved = [key for key, value in recorded["variables"].items() if found["variables"].get(key) != value]
    assert not moved
    assert found["sha256"] == recorded["sha256"]
    if "all_members" in found:
        assert found["all_members"] == recorded["all_members"]
