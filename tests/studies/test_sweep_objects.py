"""Sweeps of objects: weather in memory as a dimension, on workers in other processes, with a client of one's own."""

import warnings

import numpy as np
import pytest
import xarray as xr

import gridmodel as gm

BASE = {
    "name": "objects", "network": "three-region", "weather": "three-region", "timezone": "UTC", "members": 2,
    "start": "2026-01-05 00:00", "end": "2026-01-05 04:00", "rotation": "mean",
    "events": [{"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.1}],
}  # fmt: skip


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A sweep over two arrays of weather on a net in memory, with a client of one's own; and its place."""
    from distributed import Client

    weather = gm.load_weather("three-region")
    base = gm.Scenario(**BASE | {"network": gm.load_network("three-region")})
    place = tmp_path_factory.mktemp("sweep") / "s.zarr"
    with Client(
        processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None, protocol="inproc"
    ) as client:
        gm.sweep(base, {"weather": [weather, weather - 8.0], "import_limit_mw": [10.0]}, store=place, scheduler=client)
        assert client.status == "running"
    return place


@pytest.mark.gate  # at each edit: an object gives the run of its file, in `test_in_memory.py`
def test_arrays_of_weather_may_be_a_dimension(swept):
    found = gm.open_sweep(swept)
    assert found["shed_mw"].sizes["weather"] == 2
    assert all(str(name).startswith("weather-") for name in found["weather"].to_numpy())
    warm = gm.run(gm.Scenario(**BASE | {"import_limit_mw": 10.0}))
    assert np.array_equal(found["shed_mw"].isel(weather=0, import_limit_mw=0).to_numpy(), warm["shed_mw"].to_numpy())
    totals = gm.summarise(found)["mean"].xs("energy_not_served", level="metric")
    assert totals.iloc[1] > totals.iloc[0] > 0


@pytest.mark.gate  # at each edit: settings of a sweep, in `test_sweeps.py`
def test_a_plain_open_zarr_warns_of_nothing_and_settings_have_units(swept):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = xr.open_zarr(swept)
    assert plain["import_limit_mw"].attrs == {"long_name": "Limit on the sum of imports", "units": "MW"}
    assert {"shed_mw", "energy_not_served"} <= set(plain.data_vars)
    assert str(swept.parent) not in (swept / "zarr.json").read_text()


def test_an_object_that_is_no_weather_is_refused_before_anything_runs(tmp_path):
    with pytest.raises(gm.InputError, match="weather: takes a name"):
        gm.sweep(gm.Scenario(**BASE), {"weather": [3]}, store=tmp_path / "s.zarr")
