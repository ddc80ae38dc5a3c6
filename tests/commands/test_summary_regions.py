"""Regions that the summary of a run lists."""

import io

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

from gridmodel.commands.summary import _print_regions


def printed(hours):
    """Lines of the table for a run of one step whose homes are off for so many hours a day, by region."""
    off = np.asarray(hours, float)[None, None, :, None] / 24.0
    dims = ("member", "time", "region", "tier")
    names = [f"Place {chr(65 + place)}" for place in range(len(hours))]
    result = xr.Dataset(
        {"demand_mw": (dims, np.ones(off.shape)), "shed_mw": (dims, off)},
        {"tier": ["household"], "region_name": ("region", names)},
    )
    screen = Console(file=io.StringIO(), width=80)
    _print_regions(result, screen)
    return [line.split("  ")[0].strip() for line in screen.file.getvalue().splitlines() if line.startswith(" ")]


@pytest.mark.parametrize(
    ("hours", "last", "rows"),
    [
        ([9, 8, 7, 6, 5, 4], "Place F", 6),  # in place of "and 1 more"
        ([9, 8, 7, 6, 5, 5, 3], "and 2 more", 6),
        ([5] * 6, "Place F", 6),
        ([5, 4], "Place B", 2),
    ],
)
def test_all_regions_are_named_or_counted_and_a_single_one_is_named(hours, last, rows):
    told = [name for name in printed(hours) if name.startswith(("Place", "and"))]
    assert told[-1] == last
    assert len(told) == rows
