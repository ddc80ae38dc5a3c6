"""Regions that the summary of a run lists."""

import io
import json

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

from gridmodel.commands.said import Said
from gridmodel.commands.summary import _print_regions, unnoticed


def printed(hours):
    """Lines of the table for a run of one step whose homes are off for so many hours a day, by region."""
    off = np.asarray(hours, float)[None, None, :, None] / 24.0
    dims = ("member", "time", "region", "tier")
    names = [f"Place {chr(65 + place)}" for place in range(len(hours))]
    result = xr.Dataset(
        {"demand_mw": (dims, np.ones(off.shape)), "shed_mw": (dims, off)},
        {"tier": ["household"], "region_name": ("region", names)},
        {"step_h": 1.0},
    )
    screen = Console(file=io.StringIO(), width=80)
    _print_regions(result, screen, Said())
    return [line.split("  ")[0].strip() for line in screen.file.getvalue().splitlines() if line.startswith(" ")]


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ([9, 8, 7, 6, 5, 4, 3], [f"Place {letter}" for letter in "ABCDEFG"]),
        ([5, 4, 5, 5.04], ["Place A, Place C, Place D", "Place B"]),  # equal as they are printed
        ([5] * 3, ["Place A, Place B, Place C"]),
        ([5, 9], ["Place B", "Place A"]),
    ],
)
def test_every_region_is_named_and_those_that_are_equal_share_a_row(hours, told):
    assert [name for name in printed(hours) if name.startswith(("Place", "and"))] == told


def test_rows_beyond_those_of_a_country_are_counted():
    names = [name for name in printed(np.linspace(20, 1, 191)) if name]
    assert names[-1] == "and 131 more"
    assert sum(name.startswith("Place") for name in names) == 60


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"import_limit_mw": None}, 1),
        ({"import_limit_mw": 900}, 0),
        ({"import_limit_mw": None, "supply": "supply.csv"}, 0),
        ({"import_limit_mw": None, "events": [{"target": "UA/import", "kind": "limit", "value": 900}]}, 0),
        ({}, 0),
    ],
)
def test_imports_that_nobody_limited_are_told_in_a_line(asked, told):
    result = xr.Dataset({"import_mw": (("member", "time"), [[100.0, 1234.0]])}, attrs={"scenario": json.dumps(asked)})
    lines = unnoticed(result)
    assert len(lines) == told
    assert all("import_limit_mw" in line and "1,230 MW" in line for line in lines)
