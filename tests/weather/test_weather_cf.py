"""Weather that is written follows the CF conventions."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from conftest import at_gate

import gridmodel as gm
from gridmodel.weather.write import write


@pytest.fixture
def written(tmp_path):
    data = gm.load_weather("three-region").isel(time=slice(0, 30))
    data = data.assign_coords(
        wind_m_s=(
            data.dims,
            np.full(data.shape, 3.0),
            {"units": "m s-1", "standard_name": "wind_speed", "long_name": "Wind"},
        )
    )
    return data, write(data, tmp_path / "own.nc")


def test_a_written_file_says_its_conventions_axes_and_names(written):
    with xr.open_dataset(written[1]) as found:
        assert found.attrs["Conventions"] == "CF-1.11"
        assert found.attrs["featureType"] == "timeSeries"
        assert found["time"].attrs["standard_name"] == "time"
        assert found["region"].attrs["cf_role"] == "timeseries_id"
        assert list(found["region"].to_numpy()) == ["TR-1", "TR-2", "TR-3"]
        assert found["temperature"].attrs["standard_name"] == "air_temperature"


def test_what_is_written_is_read_again_with_members_wind_and_names_in_any_alphabet(written, tmp_path):
    data, path = written
    again = gm.load_weather(path)
    assert np.array_equal(again.to_numpy(), data.to_numpy())
    assert np.array_equal(again["wind_m_s"].to_numpy(), data["wind_m_s"].to_numpy())
    assert np.array_equal(again["time"].to_numpy(), data["time"].to_numpy())
    named = data.drop_vars("wind_m_s").assign_coords(region=np.array(["Київ", "Lviv", "X"], dtype=object))
    several = xr.concat([named, named - 1], dim="member").assign_coords(member=[0, 1])
    found = gm.load_weather(write(several, tmp_path / "members.nc"))
    assert list(found["region"].to_numpy()) == ["Київ", "Lviv", "X"]
    assert np.array_equal(found.to_numpy(), several.to_numpy())


@pytest.mark.skipif(importlib.util.find_spec("compliance_checker") is None, reason="needs compliance-checker")
@pytest.mark.parametrize("members", at_gate([1, 2], 2))
def test_the_compliance_checker_finds_nothing(written, tmp_path, members):
    data, path = written
    if members > 1:
        path = write(xr.concat([data, data], dim="member").assign_coords(member=[0, 1]), tmp_path / "m.nc")
    done = subprocess.run(
        [Path(sys.executable).with_name("compliance-checker"), "--test=cf:1.11", "--criteria=strict", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All tests passed!" in done.stdout
