"""Severity classes, worked out by hand from the thresholds."""

import numpy as np
import pytest
import xarray as xr

from gridmodel.results.severity import severity


def run(hours=0.0, cold=0.0, dry=0.0, everything=0.0, members=1):
    """A day of one region of 1,000 people; each is a list by member, shares of people or hours a day."""
    dims, ones = ("member", "time", "region"), np.ones((members, 24, 1))
    at = lambda value: np.broadcast_to(np.asarray(value, float).reshape(-1, 1, 1), (members, 24, 1)) * ones  # noqa: E731
    data = {
        "population": ("region", [1000.0]), "people_without_power": (dims, at(hours) / 24 * 1000),
        "people_without_heat": (dims, at(cold) * 1000), "people_without_water": (dims, at(dry) * 1000),
        "people_without_all": (dims, at(everything) * 1000),
        "shed_mw": ((*dims, "tier"), ones[..., None]), "demand_mw": ((*dims, "tier"), ones[..., None]),
    }  # fmt: skip
    return xr.Dataset(data, {"member": np.arange(members), "region": ["A"], "tier": ["household"]}, {"step_h": 1.0})


@pytest.mark.parametrize(
    ("lacks", "want", "by"),
    [
        ({}, 1, ""),
        ({"hours": 3.9}, 1, ""),
        ({"hours": 4.1}, 2, "hours_without_power_per_day"),
        ({"hours": 23.0}, 4, "hours_without_power_per_day"),  # power alone makes no class 5
        ({"cold": 0.06}, 3, "share_below_12c"),
        ({"cold": 0.5, "hours": 9.0}, 5, "share_below_12c"),
        ({"dry": 0.25}, 4, "share_staying_dry"),
        ({"everything": 0.03}, 3, "share_without_all"),
    ],
)
def test_the_highest_class_that_any_criterion_reaches_counts(lacks, want, by):
    got = severity(run(**lacks)).loc["A"]
    assert (got["class_p50"], got["by"]) == (want, by)


def test_typical_and_bad_case_are_classes_of_members_and_whole():
    got = severity(run(cold=[0.0, 0.0, 0.02, 0.3], members=4)).loc["A"]
    assert (got["class_p50"], got["class_p95"], got["members_from_3"]) == (1, 4, 1)
