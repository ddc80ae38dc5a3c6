import netCDF4
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT
from gridmodel.weather import check_weather

HOURS = pd.date_range("2026-01-08", periods=48, freq="h")
LAT, LON = np.array([52.0, 51.0, 50.0, 49.0, 48.0]), np.array([27.0, 28.0, 29.0, 30.0, 31.0])
CENTRES = pd.DataFrame({"id": ["A", "B"], "centre_lat": [50.1, 48.9], "centre_lon": [28.1, 30.2]})


def field_k(lat=LAT, lon=LON, hours=HOURS):
    """Kelvin that tell hour, latitude and longitude apart."""
    t = np.arange(len(hours))[:, None, None] * 0.1
    return 263.15 + t - (lat[None, :, None] - 50) + 0.01 * (lon[None, None, :] - 28)


def expected_a():
    return -10 + np.arange(48) * 0.1


def legacy(path, hours=HOURS, values=None, **attrs):
    """Old CDS: NetCDF3, packed, hours since 1900, latitude from north to south."""
    values = field_k() if values is None else values
    data = xr.Dataset(
        {"t2m": (("time", "latitude", "longitude"), values, {"units": "K", "long_name": "2 metre temperature"})},
        {"time": hours, "latitude": LAT.astype("f4"), "longitude": LON.astype("f4")},
    )
    encoding = {
        "t2m": {"dtype": "i2", "scale_factor": 0.001, "add_offset": 265.0, "_FillValue": np.int16(-32767)},
        "time": {"units": "hours since 1900-01-01 00:00:00.0", "dtype": "i4"},
    }
    data.to_netcdf(path, format="NETCDF3_CLASSIC", engine="netcdf4", encoding=encoding)
    return path


def test_era5_of_the_old_kind_is_unpacked_and_turned_to_celsius(tmp_path):
    data = gm.load_weather(legacy(tmp_path / "era5.nc"), regions=CENTRES)
    assert data.dims == ("time", "region")
    assert list(data["region"].to_numpy()) == ["A", "B"]
    assert np.allclose(data.sel(region="A"), expected_a(), atol=0.002)
    assert np.allclose(data.sel(region="B"), expected_a() + 1.02, atol=0.002)
    assert "nearest" in data.attrs["history"]


def test_final_and_preliminary_era5_are_put_together(tmp_path):
    both = np.stack([field_k(), field_k()], axis=1)
    both[24:, 0], both[:24, 1] = np.nan, np.nan
    xr.Dataset(
        {"t2m": (("time", "expver", "latitude", "longitude"), both, {"units": "K"})},
        {"time": HOURS, "expver": [1, 5], "latitude": LAT, "longitude": LON},
    ).to_netcdf(tmp_path / "era5.nc", engine="netcdf4")
    data = gm.load_weather(tmp_path / "era5.nc", regions=CENTRES)
    assert np.allclose(data.sel(region="A"), expected_a())


def new(path, values=None, lat=LAT, lon=LON):
    """New CDS: valid_time, scalar number, expver a text per time."""
    xr.Dataset(
        {"t2m": (("valid_time", "latitude", "longitude"), field_k() if values is None else values, {"units": "K"})},
        {
            "valid_time": ("valid_time", HOURS),
            "number": 0,
            "expver": ("valid_time", np.array(["0001"] * 40 + ["0005"] * 8, dtype=object)),
            "latitude": ("latitude", lat, {"stored_direction": "decreasing"}),
            "longitude": lon,
        },
    ).to_netcdf(
        path,
        engine="netcdf4",
        encoding={"valid_time": {"units": "seconds since 1970-01-01", "calendar": "proleptic_gregorian"}},
    )
    return path


def test_era5_of_the_new_kind_is_read(tmp_path):
    data = gm.load_weather(new(tmp_path / "era5.nc"), regions=CENTRES)
    assert np.allclose(data.sel(region="A"), expected_a())


def test_a_network_names_the_regions_and_longitudes_may_run_to_360(tmp_path):
    lat, lon = np.arange(52.0, 43.0, -0.5), np.concatenate([np.arange(0.0, 45.0), [359.0]])
    path = new(tmp_path / "era5.nc", field_k(lat, lon), lat, lon)
    data = gm.load_weather(path, regions="ukraine")
    regions = pd.read_csv(ROOT / "networks" / "ukraine" / "regions.csv")
    assert list(data["region"].to_numpy()) == list(regions["id"])
    west = pd.DataFrame({"id": ["W"], "centre_lat": [50.0], "centre_lon": [-1.1]})
    assert float(gm.load_weather(path, regions=west)[0, 0]) == pytest.approx(-10 + 0.01 * (359 - 28))


def test_over_the_sea_the_nearest_land_counts(tmp_path):
    values = field_k()
    values[:, 2, 1] = np.nan  # the cell nearest to A
    data = gm.load_weather(new(tmp_path / "land.nc", values), regions=CENTRES)
    assert np.isfinite(data).all()
    assert float(data[0, 0]) == pytest.approx(-10 + 0.01)  # 50 N, 29 E


def test_the_area_mean_weighs_cells_by_the_cosine_of_their_latitude(tmp_path):
    lat, lon = np.array([50.5, 49.5]), np.array([28.0, 28.5])
    values = np.broadcast_to(np.array([[260.0, 260.0], [270.0, 270.0]]), (48, 2, 2))
    centre = pd.DataFrame({"id": ["A"], "centre_lat": [50.0], "centre_lon": [28.25]})
    data = gm.load_weather(new(tmp_path / "x.nc", values, lat, lon), regions=centre, how="area")
    north, south = np.cos(np.radians(lat))
    assert float(data[0, 0]) == pytest.approx((260 * north + 270 * south) / (north + south) - 273.15)


def test_a_region_off_the_grid_and_a_grid_without_regions_are_said(tmp_path):
    path = new(tmp_path / "era5.nc")
    far = pd.DataFrame({"id": ["A", "FAR"], "centre_lat": [50.0, 10.0], "centre_lon": [28.0, 28.0]})
    with pytest.raises(gm.InputError, match=r"era5.nc: FAR: has no place with data within 150 km"):
        gm.load_weather(path, regions=far)
    with pytest.raises(gm.InputError, match=r"is a grid of 25 places; choose regions with regions="):
        gm.load_weather(path)


def test_the_time_series_of_a_point_is_one_region(tmp_path):
    xr.Dataset(
        {"t2m": ("valid_time", 263.15 + np.arange(48) * 0.1, {"units": "K"}), "d2m": ("valid_time", np.zeros(48))},
        {"valid_time": HOURS, "latitude": 50.0, "longitude": 28.0},
    ).to_netcdf(tmp_path / "point.nc", engine="netcdf4")
    data = gm.load_weather(tmp_path / "point.nc", region="UA-18")
    assert list(data["region"].to_numpy()) == ["UA-18"]
    assert np.allclose(data[:, 0], expected_a())


def test_cmip_days_are_found_by_standard_name_and_made_hourly(tmp_path):
    days = pd.date_range("2026-01-08 12:00", periods=4, freq="D")
    shape = (4, len(LAT), len(LON))
    air = {"standard_name": "air_temperature", "units": "K"}
    low, high = np.array([260.0, 258, 262, 261]), np.array([266.0, 263, 268, 266])
    xr.Dataset(
        {
            "a": (
                ("time", "lat", "lon"),
                np.broadcast_to(low[:, None, None], shape),
                air | {"cell_methods": "time: minimum"},
            ),
            "b": (
                ("time", "lat", "lon"),
                np.broadcast_to(high[:, None, None], shape),
                air | {"cell_methods": "time: maximum"},
            ),
            "c": (("time", "lat", "lon"), np.full(shape, 263.0), air | {"cell_methods": "time: mean"}),
        },
        {"time": days, "lat": LAT, "lon": LON, "height": 2.0},
    ).to_netcdf(tmp_path / "tas.nc", engine="netcdf4")
    data = gm.load_weather(tmp_path / "tas.nc", regions=CENTRES)[:, 0].to_numpy().reshape(4, 24)
    assert np.allclose(data.min(axis=1), low - 273.15)
    assert np.allclose(data.max(axis=1), high - 273.15)


def test_tas_alone_takes_an_assumed_range_and_says_so(tmp_path):
    tas = xr.DataArray(np.full(5, 263.15), {"time": pd.date_range("2026-01-08", periods=5)}, name="tas")
    tas.attrs["units"] = "K"
    tas.to_dataset().assign_coords(lon=30.0, lat=50.0).to_netcdf(tmp_path / "tas.nc", engine="netcdf4")
    data = gm.load_weather(tmp_path / "tas.nc")
    assert "daily range of 5.3 K was assumed" in data.attrs["history"]
    assert float(data.mean()) == pytest.approx(-10)
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-07T22:00")  # solar day at 30 E


@pytest.mark.parametrize("name", ["number", "member", "realization"])
def test_the_members_of_a_grid_become_regions_one_by_one(name, tmp_path):
    lat, lon = np.array([50.5, 49.5]), np.array([28.0, 28.5])
    rows = np.array([[[260.0, 260.0], [270.0, 270.0]], [[250.0, 250.0], [252.0, 252.0]]])
    values = rows[:, None] + np.arange(48.0)[:, None, None] / 10  # (member, time, latitude, longitude)
    grid = xr.Dataset(
        {"t2m": ((name, "time", "latitude", "longitude"), values, {"units": "K"})},
        {"time": HOURS, name: [3, 7], "latitude": lat, "longitude": lon},
    )
    grid.transpose("time", name, ...).to_netcdf(tmp_path / "x.nc", engine="netcdf4")
    centre = pd.DataFrame({"id": ["A", "B"], "centre_lat": [50.0, 50.6], "centre_lon": [28.25, 28.0]})
    whole = gm.load_weather(tmp_path / "x.nc", regions=centre[:1], how="area")
    assert whole.dims == ("member", "time", "region")
    north, south = np.cos(np.radians(lat))
    by_hand = [(above * north + below * south) / (north + south) - 273.15 for above, below in ((260, 270), (250, 252))]
    assert np.allclose(whole.sel(region="A"), np.array(by_hand)[:, None] + np.arange(48) / 10, atol=1e-9)
    data = gm.load_weather(tmp_path / "x.nc", regions=centre, how="area")
    for place in (0, 1):
        grid.isel({name: place}, drop=True).to_netcdf(tmp_path / f"{place}.nc", engine="netcdf4")
        alone = gm.load_weather(tmp_path / f"{place}.nc", regions=centre, how="area")
        assert np.array_equal(data[place], alone)


def test_a_run_takes_members_of_a_grid_that_was_converted_and_says_so_of_the_grid_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    values = np.stack([field_k() + k for k in (0.0, 1.0, 2.0)])
    dims = ("number", "time", "latitude", "longitude")
    coords = {"time": HOURS, "number": [0, 1, 2], "latitude": LAT, "longitude": LON}
    xr.Dataset({"t2m": (dims, values, {"units": "K"})}, coords).to_netcdf("grid.nc", engine="netcdf4")
    said = CliRunner().invoke(main, ["weather", "convert", "grid.nc", "mine.nc", "--regions", "three-region"])
    assert "Wrote mine.nc: 48 hours, 3 regions, 3 members" in said.output
    said = CliRunner().invoke(main, ["weather", "check", "mine.nc"])
    assert said.output.endswith("3 regions, 3 members\n")
    asked = gm.load_scenario("three-region").replace(weather="grid.nc", folder=tmp_path)
    with pytest.raises(gm.InputError, match=r"--regions.*; a run takes the file that `gridmodel weather convert FILE"):
        gm.run(asked, progress=False)


def test_members_have_the_weather_of_the_same_cells_and_a_gap_of_one_is_told_with_its_number(tmp_path):
    values = np.stack([field_k(), field_k() + 1.0])
    values[1, 5, 2, 1] = np.nan  # the cell nearest to A, in one hour of one member
    dims = ("number", "time", "latitude", "longitude")
    coords = {"time": HOURS, "number": [0, 1], "latitude": LAT, "longitude": LON}
    xr.Dataset({"t2m": (dims, values, {"units": "K"})}, coords).to_netcdf(tmp_path / "x.nc", engine="netcdf4")
    with pytest.raises(gm.InputError, match=r"A \(member 1\)"):
        gm.load_weather(tmp_path / "x.nc", regions=CENTRES)
    data = gm.load_weather(tmp_path / "x.nc", regions=CENTRES, fill="linear")
    assert np.allclose(data.sel(member=0, region="A"), expected_a())
    assert np.allclose(data.sel(member=1, region="A"), expected_a() + 1.0)


def test_members_at_a_point_are_read_and_days_of_members_and_months_are_refused(tmp_path):
    hours = {"time": HOURS, "number": [0, 1]}
    values = np.stack([np.full(48, 260.0), np.full(48, 263.15)], axis=1)
    data = xr.Dataset({"t2m": (("time", "number"), values, {"units": "K"})}, hours)
    data.to_netcdf(tmp_path / "x.nc", engine="netcdf4")
    read = gm.load_weather(tmp_path / "x.nc")
    assert read.sel(member=0).to_numpy() == pytest.approx(-13.15)
    assert read.sel(member=1).to_numpy() == pytest.approx(-10.0)
    daily = data.isel(time=slice(0, 5)).assign_coords(time=pd.date_range("2026-01-01", periods=5))
    daily.to_netcdf(tmp_path / "d.nc", engine="netcdf4")
    with pytest.raises(gm.InputError, match="has days of 2 members of an ensemble, which are not read: hours are"):
        gm.load_weather(tmp_path / "d.nc")
    months = pd.date_range("2026-01-01", periods=5, freq="MS")
    data = xr.Dataset({"tas": ("time", np.full(5, 260.0), {"units": "K"})}, {"time": months})
    data.to_netcdf(tmp_path / "y.nc", engine="netcdf4")
    with pytest.raises(gm.InputError, match="contains months, not hours or days"):
        gm.load_weather(tmp_path / "y.nc")


def test_levels_are_refused(tmp_path):
    data = xr.Dataset(
        {"t2m": (("time", "level", "lat", "lon"), np.full((48, 2, 5, 5), 260.0), {"units": "K"})},
        {"time": HOURS, "level": [2.0, 10.0], "lat": LAT, "lon": LON},
    )
    data.to_netcdf(tmp_path / "x.nc", engine="netcdf4")
    with pytest.raises(gm.InputError, match="t2m: lies over level without latitude and longitude: keep one element"):
        gm.load_weather(tmp_path / "x.nc", regions=CENTRES)


def test_a_rotated_grid_has_its_coordinates_in_two_dimensions(tmp_path):
    lat, lon = np.meshgrid(LAT, LON, indexing="ij")
    data = xr.Dataset(
        {"tas": (("time", "rlat", "rlon"), field_k(), {"units": "K", "standard_name": "air_temperature"})},
        {"time": HOURS, "lat": (("rlat", "rlon"), lat), "lon": (("rlat", "rlon"), lon), "height": 2.0},
    )
    data.to_netcdf(tmp_path / "x.nc", engine="netcdf4")
    assert np.allclose(gm.load_weather(tmp_path / "x.nc", regions=CENTRES).sel(region="A"), expected_a())


def test_gaps_of_our_netcdf_are_filled_on_request(tmp_path):
    data = gm.load_weather("three-region").isel(time=[0, 1, 4, 5])
    data.to_dataset(name="temperature").to_netcdf(tmp_path / "mine.nc", engine="netcdf4")
    with pytest.raises(gm.InputError, match="does not follow"):
        gm.load_weather(tmp_path / "mine.nc")
    assert gm.load_weather(tmp_path / "mine.nc", fill="linear").sizes["time"] == 6


def test_kelvin_without_a_unit_is_read_with_a_warning(tmp_path):
    data = xr.Dataset({"t2m": ("time", np.full(48, 263.15))}, {"time": HOURS})
    data.to_netcdf(tmp_path / "x.nc", engine="netcdf4")
    with pytest.warns(UserWarning, match="x.nc: t2m: has no unit: read as K"):
        found = gm.load_weather(tmp_path / "x.nc")
    assert np.allclose(found, -10)
    assert [p.severity for p in check_weather(tmp_path / "x.nc")] == ["warning"]


def test_celsius_that_is_kelvin_is_a_problem(tmp_path):
    data = xr.Dataset({"t2m": ("time", np.full(48, 263.15), {"units": "degC"})}, {"time": HOURS})
    data.to_netcdf(tmp_path / "x.nc", engine="netcdf4")
    with pytest.raises(gm.InputError, match="looks like kelvin"):
        gm.load_weather(tmp_path / "x.nc")


def test_our_netcdf_may_hold_members_and_each_member_of_a_run_meets_one(tmp_path, three):
    data = gm.load_weather("three-region").expand_dims(member=2).copy()
    data[1] -= 5.0
    data.to_dataset(name="temperature").to_netcdf(tmp_path / "mine.nc", engine="netcdf4")
    found = gm.load_weather(tmp_path / "mine.nc")
    assert found.dims == ("member", "time", "region")
    assert np.allclose(found, data)
    result = gm.run(three(weather=str(tmp_path / "mine.nc"), deterministic=False, members=8, end="2026-01-05 02:00"))
    assert set(np.unique(result["outdoor_temperature"])) == {-10.0, -15.0}


def corrupt(name):
    def truncated(path):
        path.write_bytes(legacy(path).read_bytes()[:900])

    def truncated_new(path):
        content = new(path).read_bytes()
        path.write_bytes(content[: len(content) // 2])

    def cdf5(path):
        path.write_bytes(b"CDF\x05" + b"\0" * 100)

    def no_netcdf(path):
        path.write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 200)

    def time_is_no_time(path):
        with netCDF4.Dataset(path, "w") as f:
            f.createDimension("time", 2)
            time = f.createVariable("time", "f8", ("time",))
            time.units = "hours since yesterday"
            f.createVariable("t2m", "i2", ("time",)).setncatts({"units": "K"})

    def huge(path):
        with netCDF4.Dataset(path, "w") as f:
            f.createDimension("time", 10_000_000_000)
            f.createVariable("time", "f8", ("time",), chunksizes=(1000,)).units = "hours since 1900-01-01"
            f.createVariable("t2m", "f4", ("time",), chunksizes=(1000,)).units = "K"

    def huge_grid(path):
        with netCDF4.Dataset(path, "w") as f:
            for dim, size in {"time": 100_000, "latitude": 1000, "longitude": 1000}.items():
                f.createDimension(dim, size)
                f.createVariable(dim, "f8", (dim,))[:] = np.linspace(40, 60, size)
            f["time"].units = "hours since 1900-01-01"
            f.createVariable("t2m", "f4", ("time", "latitude", "longitude"), chunksizes=(10, 100, 100)).units = "K"

    def no_temperature(path):
        xr.Dataset({"u10": ("time", [1.0])}, {"time": HOURS[:1]}).to_netcdf(path, engine="netcdf4")

    def no_time(path):
        xr.Dataset({"t2m": ("time", [1.0])}).to_netcdf(path, engine="netcdf4")

    def wrong_degrees(path):
        new(path, lat=LAT + 1000)

    def text(path):
        path.write_text("time,TR-1\n")

    return locals()[name]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("truncated", "bad.nc: cannot be read as NetCDF"),
        ("truncated_new", "cannot be read as NetCDF"),
        ("cdf5", "is a CDF-5 file"),
        ("no_netcdf", "cannot be read as NetCDF"),
        ("time_is_no_time", "bad.nc: "),
        ("huge", "contains 10000000000 values"),
        ("huge_grid", "values, at most"),
        ("no_temperature", "needs a variable temperature"),
        ("no_time", "time: "),
        ("wrong_degrees", "must be degrees"),
        ("text", "cannot be read as NetCDF"),
    ],
)
def test_a_hostile_netcdf_is_one_clear_problem(tmp_path, name, message):
    path = tmp_path / "bad.nc"
    corrupt(name)(path)
    with pytest.raises(gm.InputError, match=message):
        gm.load_weather(path, regions=CENTRES)
