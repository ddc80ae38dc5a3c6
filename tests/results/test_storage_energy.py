"""What storage gave and took in a run, by hand and against a network whose efficiencies are known."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

import gridmodel as gm
from gridmodel.commands.summary import print_summary
from gridmodel.network.fleet import EFFICIENCY
from gridmodel.results.run_folder import summary_json
from gridmodel.results.storage_energy import storage_energy


def stored(end_mwh, took_mw, gave_mw, step_h=1.0):
    """A run of one region with one technology; arrays by step."""
    times = np.datetime64("2026-01-05", "ns") + np.arange(len(end_mwh)) * np.timedelta64(round(step_h * 60), "m")
    national, regional = ("member", "time", "technology"), ("member", "time", "region", "technology")
    data = {"storage_mwh": (national, np.reshape(end_mwh, (1, -1, 1)).astype(float)),
            "charging_mw": (national, np.reshape(took_mw, (1, -1, 1)).astype(float)),
            "generation_mw": (regional, np.reshape(gave_mw, (1, -1, 1, 1)).astype(float))}  # fmt: skip
    coords = {
        "member": [0],
        "time": times,
        "region": ["A"],
        "region_name": ("region", ["Aland"]),
        "technology": ["battery"],
    }
    return xr.Dataset(data, coords, {"step_h": step_h})


def test_what_came_in_is_taken_lost_or_from_outside():
    # 100 MWh; 20 are given, 40 taken of which 30 arrive, 50 given, and a full 100 stand there at midnight
    found = storage_energy(stored([80, 110, 60, 100], [0, 40, 0, 0], [20, 0, 50, 0]))["battery"]
    assert found == {"start_mwh": 100, "took_mwh": 40, "added_mwh": 40, "gave_mwh": 70, "lost_mwh": 10, "end_mwh": 100}
    halves = storage_energy(stored([80, 110, 60, 100], [0, 80, 0, 0], [40, 0, 100, 0], step_h=0.5))["battery"]
    assert halves == found


@pytest.mark.parametrize("recharge", ["cutting", "overnight"])
def test_the_energy_of_storage_balances_and_losses_are_those_of_its_efficiency(three, recharge):
    changes = {"heater_feedback": False, "cold_load_pickup": False, "recharge": recharge, "end": "2026-01-08"}
    kinds = {"network": "ukraine", "weather": "cold-wave-2026", "start": "2026-01-08", "timezone": "Europe/Kyiv"}
    result = gm.run(three(**(changes | kinds | {"end": "2026-01-10"})))
    found = storage_energy(result)
    assert {"pumped_storage", "battery", "hydro"} <= set(found)
    for name, energy in found.items():
        came = energy["start_mwh"] + energy["took_mwh"] + energy["added_mwh"]
        assert came == pytest.approx(energy["gave_mwh"] + energy["lost_mwh"] + energy["end_mwh"])
        if name in EFFICIENCY and recharge == "cutting":
            assert energy["took_mwh"] > 0
            assert energy["lost_mwh"] == pytest.approx((1.0 - EFFICIENCY[name]) * energy["took_mwh"])
            assert energy["added_mwh"] == pytest.approx(0.0, abs=1e-6)
    if recharge == "overnight":
        assert found["pumped_storage"]["took_mwh"] == 0.0
        assert found["pumped_storage"]["added_mwh"] > 1000.0
    assert summary_json(result, gm.summarise(result))["storage"] == found
    screen = Console(file=StringIO(), width=300)
    print_summary(result, Path("x"), screen=screen)
    said = screen.file.getvalue()
    assert "pumped storage gave" in said
    assert ("from outside the balance" in said) == (recharge == "overnight")
