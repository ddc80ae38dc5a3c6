"""Weather in memory is read as the file that it would be saved as."""

import numpy as np
import pandapower as pp
import pandas as pd
import pytest
import xarray as xr
from nets import empty

import gridmodel as gm
from gridmodel.network import read_network

HOURS = pd.date_range("2026-01-01", periods=150, freq="h")


@pytest.fixture(scope="module")
def field():
    lat, lon = np.linspace(47.0, 53.0, 7), np.linspace(26.0, 34.0, 9)
    values = 263.15 + np.arange(150)[:, None, None] * 0.01 - (lat[:, None] - 50) + 0.1 * (lon[None, :] - 30)
    return xr.DataArray(
        values, coords={"time": HOURS, "latitude": lat, "longitude": lon}, dims=("time", "latitude", "longitude"),
        name="t2m", attrs={"units": "K"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def of_file(field, tmp_path_factory):
    path = tmp_path_factory.mktemp("field") / "field.nc"
    field.to_netcdf(path)
    return gm.load_weather(path, regions="three-region")


def _encoded(field):
    field = field.copy()
    field.encoding = {"chunks": (1, 1, 1), "compressors": ("zstd",), "dtype": "i2", "scale_factor": 0.5}
    return field


GIVEN = {
    "array": lambda field: field,
    "dataset": lambda field: field.to_dataset(),
    "without a name": lambda field: field.rename(None),
    "with another name": lambda field: field.rename("my_temperature"),
    "turned": lambda field: field.transpose("longitude", "time", "latitude"),
    "with attributes that no file has": lambda field: field.assign_attrs(made={"by": 1}, none=None, yes=True),
    "with an encoding of another kind": _encoded,
}


@pytest.mark.parametrize("form", GIVEN)
def test_a_field_in_memory_is_read_as_its_file_is(field, of_file, form):
    data = gm.load_weather(GIVEN[form](field), regions="three-region")
    assert np.array_equal(data, of_file)
    assert data.attrs["history"] == of_file.attrs["history"]
    assert gm.weather.check_weather(GIVEN[form](field), regions="three-region") == []


@pytest.mark.parametrize("network", [gm.load_network, read_network, lambda name: read_network(name).tables["regions"]])
def test_regions_are_those_of_a_network_in_memory_too(field, of_file, network):
    assert np.array_equal(gm.load_weather(field, regions=network("three-region")), of_file)


def test_a_net_without_our_tables_is_refused_as_regions(field):
    net = empty()
    pp.create_load(net, pp.create_bus(net, 110.0), 10.0)
    with pytest.raises(gm.InputError, match="is a net without a table of regions"):
        gm.load_weather(field, regions=net)


def test_the_valid_range_of_packed_values_holds_in_memory_too(field, of_file):
    packed = field.copy()
    packed[5] = 400.0
    packed.encoding = {"dtype": "i2", "scale_factor": 0.01, "add_offset": 270.0}
    packed.attrs |= {"valid_max": np.int16(6000)}  # 330 K
    with pytest.warns(UserWarning, match=r"3 values count as missing: outside the valid range .* up to 330"):
        data = gm.load_weather(packed, regions="three-region", fill="linear")
    assert np.allclose(data, of_file, atol=0.011)


def table(**columns):
    return pd.DataFrame(columns, index=HOURS)


CELSIUS = np.round(-10.0 + 0.1 * np.arange(150), 1)
TABLES = {
    "a column per region": (table(A=CELSIUS), {}, "2026-01-01T00:00"),
    "a station": (table(temperature=CELSIUS), {"unit": "degC"}, "2026-01-01T00:00"),
    "on a clock": (table(temperature=CELSIUS).tz_localize("Europe/Kyiv"), {"unit": "degC"}, "2025-12-31T22:00"),
    "a row per region": (
        pd.DataFrame({"time": HOURS, "region": "A", "temperature": CELSIUS}), {"unit": "degC"}, "2026-01-01T00:00",
    ),
    "a column of times": (table(A=CELSIUS).rename_axis("time").reset_index(), {}, "2026-01-01T00:00"),
}  # fmt: skip


@pytest.mark.parametrize("form", TABLES)
def test_a_table_in_memory_is_read_as_its_file_is(form):
    given, options, first = TABLES[form]
    data = gm.load_weather(given, **options)
    assert np.allclose(data[:, 0], CELSIUS)
    assert str(data["time"].to_numpy()[0])[:16] == first


def test_a_table_in_kelvin_says_so_by_its_attributes_and_one_of_half_an_hour_off_is_told():
    given = table(A=CELSIUS + 273.15)
    given.attrs["units"] = "K"
    assert np.allclose(gm.load_weather(given)[:, 0], CELSIUS)
    india = gm.load_weather(table(temperature=CELSIUS).tz_localize("Asia/Kolkata"), unit="degC")
    assert np.allclose(india[:, 0], (CELSIUS[1:] + CELSIUS[:-1]) / 2)
    assert "past full hours of UTC" in india.attrs["history"]


SCENARIO = {"name": "x", "network": "three-region", "start": "2026-01-06 00:00", "end": "2026-01-06 02:00"}
LONG = pd.DataFrame({"time": np.repeat(HOURS, 2), "region": ["A", "B"] * 150, "temperature": -10.0})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda field: field, r"it has time, latitude, longitude; put a field on regions first: gm.load_weather\(field"),
        (lambda field: field.to_dataset(), r"not a Dataset; put a field on regions first"),
        (lambda _: LONG, r'must have a column for each; table.pivot\(index="time", columns="region", values="temperature"'),
        (lambda _: LONG["temperature"], r"not a Series; of one temperature for all: pd.DataFrame"),
        (lambda _: -10.0, r"not a float$"),
    ],
)  # fmt: skip
def test_weather_that_a_scenario_cannot_take_is_answered_with_what_makes_it_so(field, given, said):
    with pytest.raises(gm.InputError, match=said):
        gm.Scenario(**SCENARIO, weather=given(field))


@pytest.mark.parametrize(
    ("given", "said"), [(3, "not int"), (LONG["temperature"], r"not Series; of a Series: .to_frame")]
)
def test_what_is_no_weather_is_refused_by_its_kind(given, said):
    with pytest.raises(gm.InputError, match=said):
        gm.load_weather(given)


def test_times_of_an_array_on_a_clock_are_taken_in_utc():
    zoned = pd.DataFrame(dict.fromkeys(("TR-1", "TR-2", "TR-3"), CELSIUS), index=HOURS.tz_localize("Europe/Kyiv"))
    array = xr.DataArray(zoned, dims=("time", "region"))
    result = gm.run(gm.Scenario(**SCENARIO, weather=array, deterministic=True))
    assert result.equals(gm.run(gm.Scenario(**SCENARIO, weather=zoned, deterministic=True)))


def test_a_zarr_store_is_answered_with_how_its_array_is_given_and_that_is_read(field, of_file, tmp_path):
    field.to_dataset().to_zarr(tmp_path / "f.zarr", consolidated=False)
    with pytest.raises(
        gm.InputError, match=r"is a folder, not a weather file; of a Zarr store, .* gm.load_weather\(xr.open"
    ):
        gm.load_weather(tmp_path / "f.zarr")
    opened = xr.open_zarr(tmp_path / "f.zarr", consolidated=False)
    assert np.array_equal(gm.load_weather(opened, regions="three-region"), of_file)
