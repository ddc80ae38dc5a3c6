"""Rows of what was reported and foretold, in a terminal of 80 columns."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gridmodel.commands.condition import _print
from gridmodel.commands.told import band, shown_in

BIG = {"prior": [1_640_000.0, 5_220_000.0, 9_720_000.0], "posterior": [0.0, 4_370_000.0, 10_500_000.0]}
HOURS = {"prior": [8.6, 11.04, 14.95], "posterior": [8.67, 10.08, 11.47]}


def found_of(disagrees: bool) -> dict[str, object]:
    """Return what a posterior says of itself, with the longest names and numbers that are usual."""
    about = {"from": "2026-01-09 00:00", "scope": "UA-48"}
    plan = about | {"quantity": "hours_off_plan", "unit": "h"} | HOURS
    dry = about | {"quantity": "people_without_water", "unit": "people"} | BIG
    megawatts = about | {"quantity": "generation", "unit": "MW", "prior": [9_500.0, 10_040.0, 11_250.0]}
    return {
        "effective": 10.5, "members": 20, "timetables_from": 0 if disagrees else 1,
        "rows": [
            plan | {"value": 6.83, "disagrees": disagrees}, dry | {"value": 4e6, "disagrees": False},
            megawatts | {"value": 10_000.0, "disagrees": False, "posterior": [9_600.0, 10_100.0, 10_900.0]},
        ],
        "next": [dry], "timetables": [plan | {"from": f"2026-01-{day} 00:00"} for day in range(10, 17)],
        "settings": [{"setting": "availability.thermal_coal", "prior": [0.0347, 0.0979, 0.192],
                      "posterior": [0.00709, 0.0473, 0.152], "moved_sd": -0.54}],
    }  # fmt: skip


@pytest.mark.parametrize("disagrees", [True, False])
def test_a_posterior_is_told_in_80_columns_without_a_break_in_a_word(monkeypatch, capsys, disagrees):
    monkeypatch.setenv("COLUMNS", "80")
    result = xr.Dataset(
        coords={"region": ["UA-48"], "region_name": ("region", np.array(["Ivano-Frankivsk"]))}, attrs={"title": "T"}
    )
    _print(result, found_of(disagrees), "post")
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    for word in ("people without water, million", "availability.thermal_coal", "water,", "million", "UA-48",
                 "5.22 (1.64 to 9.72)", "4.4 (0.0 to 10.5)", "Ivano-Frankivsk"):  # fmt: skip
        assert word in printed
    assert ("* disagrees" in printed) == disagrees
    assert ("No report is of hours or queues off" in printed) == disagrees  # as the fixture has it


def test_large_numbers_are_told_in_larger_units_and_shares_in_percent():
    assert shown_in("people", [5_000.0, 900.0]) == ("thousand", 1e-3)
    assert shown_in("people", [900.0]) == ("people", 1.0)
    assert shown_in("MW", [-1_200.0]) == ("GW", 1e-3)
    assert band([0.0, 0.0, 0.0]) == "0 (0 to 0)"
    assert band([950.0, 1_210.0, 1_525.4]) == "1,210 (950 to 1,525)"
