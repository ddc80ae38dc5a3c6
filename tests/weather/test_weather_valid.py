"""What NetCDF files say of their own values: valid range, fill values, packing. Written by the netCDF4 library."""

import netCDF4
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridmodel as gm

K0 = 273.15


def write(path, values, dtype="f4", dims=("time",), fill=None, variable="t2m", units="K", **attrs):
    """Write numbers as they are stored, with attributes of the type that is given."""
    with netCDF4.Dataset(path, "w") as data:
        data.createDimension("time", len(values))
        time = data.createVariable("time", "i4", ("time",))
        time.units = "hours since 2026-01-08 00:00:00"
        time[:] = np.arange(len(values))
        for name, value in (("latitude", 50.4), ("longitude", 30.5)):
            data.createVariable(name, "f8", ()).assignValue(value)
            data[name].units = f"degrees_{'north' if name == 'latitude' else 'east'}"
        made = data.createVariable(variable, dtype, dims, fill_value=fill)
        made.units = units
        made.coordinates = "latitude longitude"
        made.set_auto_maskandscale(False)
        made.setncatts(attrs)
        for place, value in enumerate(values):
            if value is not None:
                made[place] = value
    return path


def read(path, **options):
    """Return the values that were read, or the hours that are missing, and what was told."""
    with pytest.warns(UserWarning, match="as missing") as told:
        data = gm.load_weather(path, fill="linear", **options)
    return data.to_numpy()[:, 0], [str(one.message) for one in told], data.attrs["history"]


CASES = {
    # the middle value counts as missing, so that it lies on the line between its neighbours
    "valid_range": ([260.0, 999.0, 262.0], {"valid_range": np.array([180.0, 330.0], "f4")}, "from 180 up to 330"),
    "valid_min": ([260.0, 1.0, 262.0], {"valid_min": np.float32(180.0)}, "from 180"),
    "valid_max": ([260.0, 331.0, 262.0], {"valid_max": np.float32(330.0)}, "up to 330"),
    "doubles": ([260.0, 331.0, 262.0], {"valid_max": np.float64(330.0)}, "up to 330"),
    "whole": ([260.0, 331.0, 262.0], {"valid_max": np.int32(330)}, "up to 330"),
}


@pytest.mark.parametrize("name", CASES)
def test_values_outside_the_valid_range_count_as_missing_and_it_is_told(tmp_path, name):
    values, attrs, said = CASES[name]
    found, told, history = read(write(tmp_path / "x.nc", values, **attrs))
    assert np.allclose(found, np.array([260.0, 261.0, 262.0]) - K0, atol=1e-4)
    message = f"t2m: 1 value counts as missing: outside the valid range that the file states, {said}"
    assert any(message in one for one in told)
    assert message in history


def test_a_gap_of_invalid_values_that_is_not_filled_is_refused(tmp_path):
    path = write(tmp_path / "x.nc", [260.0, 999.0, 262.0], valid_max=np.float32(330.0))
    with pytest.raises(gm.InputError, match="missing for 1 hour") as refused:
        gm.load_weather(path)
    assert "outside the valid range" in str(refused.value)


def test_an_end_of_the_range_is_valid_also_where_it_is_no_exact_number(tmp_path):
    for dtype, low, high in (("f4", np.float32(260.1), np.float64(262.1)), ("f8", 260.1, 262.1)):
        path = write(tmp_path / f"{dtype}.nc", [260.1, 261.0, 262.1], dtype, valid_min=low, valid_max=high)
        assert np.allclose(gm.load_weather(path)[:, 0], np.array([260.1, 261.0, 262.1]) - K0, atol=1e-4)


PACKED = {"scale_factor": 0.01, "add_offset": 270.0}
"""Stored number n is 270 + n / 100 kelvin."""


@pytest.mark.parametrize(
    ("attrs", "said"),
    [
        ({"valid_range": np.array([-2000, 2000], "i2")}, "from 250 up to 290"),  # packed, as its type says
        ({"valid_range": np.array([250.0, 290.0], "f8")}, "from 250 up to 290"),  # in kelvin, as its type says
        ({"valid_max": np.int16(2000)}, "up to 290"),
        ({"valid_min": np.int16(-2000)}, None),
    ],
)
def test_limits_of_packed_values_are_packed_where_their_type_is(tmp_path, attrs, said):
    path = write(tmp_path / "x.nc", [-1000, 2001, -1000, 2000], "i2", **PACKED, **attrs)
    if said is None:
        assert np.allclose(gm.load_weather(path)[:, 0], np.array([260.0, 290.01, 260.0, 290.0]) - K0)
        return
    found, told, _ = read(path)
    assert np.allclose(found, np.array([260.0, 260.0, 260.0, 290.0]) - K0)  # 2000 is valid, and 2001 is not
    assert any(
        f"1 value counts as missing: outside the valid range that the file states, {said}" in one for one in told
    )


def test_an_end_of_packed_values_is_valid_whatever_its_last_digit_is(tmp_path):
    scale = np.float32(0.01)  # so that values are unpacked in single precision
    for end in range(1000, 1010):
        path = write(tmp_path / "x.nc", [end, 0], "i2", units="degC", scale_factor=scale, valid_max=np.int16(end))
        assert np.allclose(gm.load_weather(path)[:, 0], [0.01 * end, 0.0], atol=1e-5)


def test_a_negative_scale_turns_the_limits_round(tmp_path):
    path = write(
        tmp_path / "x.nc", [1000, -2001, 1000], "i2", scale_factor=-0.01, add_offset=270.0, valid_min=np.int16(-2000)
    )
    found, told, _ = read(path)  # stored -2001 is 290.01 K, above 290 K
    assert np.allclose(found, 260.0 - K0)
    assert any("up to 290" in one for one in told)


@pytest.mark.parametrize(
    ("dtype", "stored", "missing", "attrs"),
    [
        ("f4", 260.0, -9999.0, {"missing_value": np.float32(-9999.0)}),
        ("f4", 260.0, -9999.0, {"missing_value": np.array([-9999.0, -8888.0], "f4")}),
        ("f8", 260.0, -9999.0, {"fill": -9999.0}),
        ("f8", 260.0, -9999.0, {"fill": -8888.0, "missing_value": -9999.0}),
        ("f4", 260.0, np.nan, {"fill": np.nan}),
        ("i2", -1000, -32768, {"fill": -32768, **PACKED}),
        ("i2", -1000, -32768, {"missing_value": np.int16(-32768), **PACKED}),
        ("i2", -1000, None, PACKED),  # nothing was written there: the library leaves -32767, which would be -57.68 K
        ("f4", 260.0, None, {}),
        ("i4", -1000, None, PACKED),
    ],
)
def test_missing_values_of_every_kind_are_missing(tmp_path, dtype, stored, missing, attrs):
    path = write(tmp_path / "x.nc", [stored, missing, stored], dtype, **attrs)
    with pytest.raises(gm.InputError, match="missing for 1 hour from 2026-01-08T01:00"):
        gm.load_weather(path)
    with netCDF4.Dataset(path) as other:  # as its own library reads it
        assert np.ma.getmaskarray(other["t2m"][:]).tolist() == [False, True, False] or np.isnan(missing)


@pytest.mark.parametrize("value", ["text", ["a", "b"], np.arange(5.0), np.array([], "f8"), np.nan])
def test_limits_that_are_not_numbers_say_nothing(tmp_path, value):
    path = write(tmp_path / "x.nc", [260.0, 261.0], "f4")
    with netCDF4.Dataset(path, "a") as data:
        data["t2m"].setncattr("valid_range", value)
        data["t2m"].setncattr("valid_min", value)
    assert np.allclose(gm.load_weather(path)[:, 0], np.array([260.0, 261.0]) - K0, atol=1e-4)


def test_a_grid_takes_its_valid_values_and_tells_of_those_that_regions_met(tmp_path):
    values = np.full((3, 2, 2), 261.0)
    values[1, 0, 0] = 999.0
    data = xr.Dataset(
        {"t2m": (("time", "latitude", "longitude"), values, {"units": "K", "valid_max": 330.0})},
        {"time": np.datetime64("2026-01-08", "ns") + np.arange(3) * np.timedelta64(1, "h"), "latitude": [50.0, 51.0],
         "longitude": [30.0, 31.0]},
    )  # fmt: skip
    data.to_netcdf(tmp_path / "x.nc")
    centres = pd.DataFrame({"id": ["A", "B"], "centre_lat": [50.0, 51.0], "centre_lon": [30.0, 31.0]})
    found, told, _ = read(tmp_path / "x.nc", regions=centres)
    assert np.allclose(found, 261.0 - K0)
    assert any("1 value counts as missing" in one for one in told)


def own(hours=24 * 6):
    weather = gm.load_weather("three-region").isel(time=slice(0, hours)).copy(deep=True)
    weather[3, 1] = 55.0
    return weather.drop_vars(["wind_m_s", "ghi_w_m2"], errors="ignore")


def test_our_own_format_counts_them_missing_too(tmp_path):
    weather = own()
    weather.attrs |= {"valid_range": [-60.0, 50.0]}
    weather.to_netcdf(tmp_path / "own.nc")
    with pytest.raises(gm.InputError, match=r"outside the valid range[\s\S]*TR-2: is missing in 1 hours"):
        gm.load_weather(tmp_path / "own.nc")


def test_an_array_out_of_zarr_keeps_its_valid_range_when_it_is_given_to_a_scenario(tmp_path, three):
    weather = own()
    packed = {"dtype": "i2", "scale_factor": 0.01, "add_offset": 0.0, "_FillValue": np.int16(-32768)}
    weather.attrs |= {"valid_range": np.array([-6000, 5000], "i2")}  # packed: -60 to 50 degC
    weather.to_dataset(name="temperature").to_zarr(
        tmp_path / "w.zarr", encoding={"temperature": packed}, consolidated=False
    )
    opened = xr.open_zarr(tmp_path / "w.zarr", consolidated=False)["temperature"]
    with pytest.warns(UserWarning, match="weather: 1 value counts as missing: outside the valid range"):
        scenario = three(weather=opened, start="2026-01-05 00:00", end="2026-01-05 03:00")
    with pytest.raises(gm.InputError, match="TR-2: is missing in 1 hours"):
        gm.run(scenario)
    whole = opened.where(opened < 50, -10.0)
    result = gm.run(three(weather=whole.assign_attrs(opened.attrs), start="2026-01-05 00:00", end="2026-01-05 03:00"))
    assert np.isfinite(result["outdoor_temperature"]).all()
