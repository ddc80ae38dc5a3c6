"""Runs are the same as when they were recorded: a change of structure moves no number."""

import json

import pytest
from conftest import LONG
from fingerprints import BUNDLED, RECORD, STRUCK, arithmetic, records

RECORDED = json.loads(RECORD.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found():
    return dict(records(full=LONG))


def test_every_bundled_scenario_and_three_struck_ones_are_recorded():
    assert sorted(RECORDED["runs"]) == sorted((*BUNDLED, *STRUCK))


@pytest.mark.parametrize("name", [*BUNDLED, *STRUCK])
def test_runs_hold_the_sums_that_were_recorded(name, found):
    sums = RECORDED["runs"][name]["sums"]
    assert found[name]["sums"].keys() == sums.keys()
    assert found[name]["sums"] == pytest.approx(sums, rel=1e-6, abs=1e-6)


@pytest.mark.skipif(arithmetic() != RECORDED["arithmetic"], reason="this processor rounds otherwise; sums are compared")
@pytest.mark.parametrize("name", [*BUNDLED, *STRUCK])
def test_runs_are_equal_to_the_byte_where_the_processor_computes_alike(name, found):
    recorded = RECORDED["runs"][name]
    moved = [key for key, value in recorded["variables"].items() if found[name]["variables"].get(key) != value]
    assert not moved
    assert found[name]["sha256"] == recorded["sha256"]
    if "all_members" in found[name]:
        assert found[name]["all_members"] == recorded["all_members"]
