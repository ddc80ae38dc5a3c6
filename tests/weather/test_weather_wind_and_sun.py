"""Wind and sun of weather files: read, put on regions, written, and felt by homes."""

import json
import math

import numpy as np
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.services.heat.service import mean_draught
from gridmodel.services.heat.sun import level_sun_w_per_m2
from gridmodel.services.setup import Weather
from gridmodel.weather.write import write

REGIONS = ["TR-1", "TR-2", "TR-3"]
TIMES = xr.date_range("2025-12-31", "2026-01-08", freq="1h").to_numpy().astype("datetime64[ns]")
COLD = np.full((len(TIMES), 3), -5.0)
UNITS = {"wind_m_s": "m s-1", "ghi_w_m2": "W m-2"}


def series(**beside):
    """Eight days at −5 °C with what is beside them."""
    coords = {"time": TIMES, "region": REGIONS}
    coords |= {name: (("time", "region"), COLD * 0 + values, {"units": UNITS[name]}) for name, values in beside.items()}
    return xr.DataArray(COLD, coords, ("time", "region"), "temperature", attrs={"units": "degC"})


def clear_sun():
    """Sun above the air in the middle of each hour. [W/m²]"""
    table = read_network("three-region").tables["regions"]
    lat, lon = (table[f"centre_{name}"].to_numpy(dtype=float) for name in ("lat", "lon"))
    return level_sun_w_per_m2(TIMES + np.timedelta64(30, "m"), lat, lon)


@pytest.fixture
def rooms(three, tmp_path):
    """Rooms of two days, half of them without heat, under a weather file and settings."""

    def course(weather, **changes):
        event = {"time": "2026-01-05 06:00", "target": "TR/heat_source", "kind": "outage", "share": 0.5}
        path = write(weather, tmp_path / f"w{len(list(tmp_path.iterdir()))}.nc")
        result = gm.run(three(weather=str(path), events=[event], **changes))
        return np.nan_to_num(result["indoor_temperature"].to_numpy())

    return course


@pytest.mark.parametrize("suffix", [".csv", ".nc"])
def test_wind_and_sun_come_back_as_they_were_written(tmp_path, suffix):
    data = series(wind_m_s=np.arange(3) + 0.25, ghi_w_m2=np.round(0.3 * clear_sun(), 2))
    back = gm.load_weather(write(data, tmp_path / f"w{suffix}"))
    for name in UNITS:
        assert np.array_equal(back[name], data[name])
        assert back[name].dims == ("time", "region")
    assert back.sel(region=["TR-3"])["wind_m_s"].to_numpy().max() == 2.25


@pytest.mark.gate  # at each edit: sun of an hour and its quarters
def test_sun_of_a_file_that_equals_the_norm_moves_no_room_and_a_dark_month_is_one_without_sun(rooms):
    plain = rooms(series())
    assert np.array_equal(rooms(series(ghi_w_m2=0.33 * clear_sun())), plain)
    assert np.array_equal(rooms(series(ghi_w_m2=0.0)), rooms(series(), sun_clearness=0.0))
    assert rooms(series(ghi_w_m2=0.6 * clear_sun())).mean() > plain.mean() + 0.01


def test_the_sun_of_an_hour_is_that_of_its_quarters(rooms):
    sun = 0.6 * clear_sun()
    hours, quarters = (rooms(series(ghi_w_m2=sun), step=step) for step in ("1h", "15min"))
    assert hours[:, -1] == pytest.approx(quarters[:, -4:].mean(axis=1), abs=0.2)
    assert hours.mean() == pytest.approx(quarters.mean(), abs=0.02)


@pytest.mark.gate  # at each edit: members meet the weather of their own
def test_wind_of_a_file_acts_as_the_setting_does_by_its_mean_draught(rooms):
    assert np.array_equal(rooms(series(wind_m_s=3.0)), rooms(series()))
    assert np.array_equal(rooms(series(wind_m_s=7.0)), rooms(series(), wind_m_s=7.0))
    gusts = np.where(np.arange(len(TIMES)) % 2 == 0, 0.0, 9.0)[:, None]
    alike = np.sqrt(
        (((5.0 + np.sqrt(25 + 0.6 * 81)) / 2) ** 2 - 25) / 0.6
    )  # 5.9 m/s: √(25 + 0.6 v²) is the mean of both
    assert rooms(series(wind_m_s=gusts)) == pytest.approx(rooms(series(), wind_m_s=float(alike)), abs=1e-4)


def test_the_mean_draught_of_a_member_of_a_lone_region_does_not_depend_on_who_else_is_in_the_block():
    gusts = np.random.default_rng(3).uniform(0.0, 20.0, (500, 9, 1))  # numpy adds a lone column in another order

    def draught(wind):
        return mean_draught(
            Weather(outdoor_c=0.0 * wind, before_c=0.0 * wind[0], effective_c=0.0 * wind, wind_m_s=wind)
        )

    whole = draught(gusts)
    for member in range(9):
        assert draught(gusts[:, [member]]).tobytes() == whole[[member]].tobytes(), member
        by_hand = [math.sqrt((25 + 0.6 * wind**2) / (25 + 0.6 * 9)) for wind in gusts[:, member, 0]]
        assert whole[member, 0] == pytest.approx(math.fsum(by_hand) / 500, rel=1e-12)


def test_members_meet_the_sun_of_their_own_weather(three, tmp_path):
    dark, bright = series(ghi_w_m2=0.0), series(ghi_w_m2=0.7 * clear_sun())
    both = xr.concat([dark, bright], xr.Variable("member", [0, 1]))
    two, *alone = (
        gm.run(three(weather=str(write(data, tmp_path / f"{name}.nc")), deterministic=False, members=8))
        for name, data in (("two", both), ("dark", dark), ("bright", bright))
    )
    met = [
        [np.array_equal(two[name][member], one[name][member], equal_nan=True) for one in alone]
        for member in range(8) for name in ("indoor_temperature",)
    ]  # fmt: skip
    assert {tuple(each) for each in met} == {(True, False), (False, True)}


HOURLY = {"time": [f"2026-01-08T{hour:02}:00" for hour in range(6)], "temperature_2m": [-10.0] * 6,
          "wind_speed_10m": [36.0] * 6, "shortwave_radiation": [0, 10, 20, 30, 40, 50]}  # fmt: skip


def open_meteo(path, **units):
    units = {"temperature_2m": "°C", "wind_speed_10m": "km/h", "shortwave_radiation": "W/m²"} | units
    block = {"latitude": 50.45, "longitude": 30.52, "utc_offset_seconds": 0, "hourly": HOURLY, "hourly_units": units}
    path.write_text(json.dumps([block, block | {"latitude": 49.99, "longitude": 36.23}]), encoding="utf-8")
    return path


def test_open_meteo_brings_wind_in_its_unit_and_the_sun_of_the_hour_before(tmp_path):
    data = gm.load_weather(open_meteo(tmp_path / "w.json"))
    assert data["wind_m_s"].to_numpy() == pytest.approx(np.full((6, 2), 10.0))
    assert data["ghi_w_m2"].to_numpy()[:, 0].tolist() == [10, 20, 30, 40, 50, 50]


@pytest.mark.parametrize(
    ("unit", "speed_m_s"), [("km/h", 10.0), ("m/s", 36.0), ("mp/h", 16.09344), ("mph", 16.09344), ("kn", 18.52)]
)
def test_wind_is_read_in_each_unit_in_which_open_meteo_gives_it(tmp_path, unit, speed_m_s):
    # 36 of each: a mile is 1,609.344 m and a nautical mile 1,852 m
    data = gm.load_weather(open_meteo(tmp_path / "w.json", wind_speed_10m=unit))
    assert data["wind_m_s"].to_numpy() == pytest.approx(np.full((6, 2), speed_m_s))


def test_wind_without_a_known_unit_is_left_out_with_a_warning(tmp_path):
    with pytest.warns(UserWarning, match=r"wind_speed_10m \(Bft\): has no unit among km/h, m/s.* is left out"):
        data = gm.load_weather(open_meteo(tmp_path / "w.json", wind_speed_10m="Bft"))
    assert "wind_m_s" not in data.coords
    assert "ghi_w_m2" in data.coords


def test_what_is_missing_for_some_hours_is_left_out_with_a_warning_or_filled(tmp_path):
    data = series(wind_m_s=4.0)
    data["wind_m_s"][5, 1] = np.nan
    path = write(data, tmp_path / "w.nc")
    with pytest.warns(UserWarning, match="wind_m_s: is missing in 1 hours and left out"):
        assert "wind_m_s" not in gm.load_weather(path).coords
    assert (gm.load_weather(path, fill="linear")["wind_m_s"] == 4.0).all()


def csv(path, header, row):
    text = "\n".join([header, *(f"{str(time)[:16]}Z,{row}" for time in TIMES[:4])])
    path.write_text(text + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("header", "row", "said"), [
    ("time,A,B,A:wind_m_s", "-5,-6,3", "has no column `B:wind_m_s`: give wind_m_s of every region or of none"),
    ("time,A,C:ghi_w_m2", "-5,3", "C:ghi_w_m2: 'C' has no column of temperatures"),
    ("time,A,A:wind_m_s", "-5,-3", "A:wind_m_s: '-3' is outside 0 to 90 m s-1"),
    ("time,A,A:ghi_w_m2", "-5,2000", "A:ghi_w_m2: '2000' is outside 0 to 1500 W m-2"),
    ("time,A,A:wind_m_s,A:wind_m_s", "-5,3,3", "is repeated in the header"),
])  # fmt: skip
def test_wind_and_sun_that_do_not_fit_are_told(tmp_path, header, row, said):
    with pytest.raises(gm.InputError) as caught:
        gm.load_weather(csv(tmp_path / "w.csv", header, row))
    assert said in str(caught.value)


def test_a_netcdf_with_another_unit_or_shape_is_refused(tmp_path):
    data = series(wind_m_s=4.0)
    data["wind_m_s"].attrs["units"] = "km h-1"
    with pytest.raises(gm.InputError, match=r"wind_m_s\.units: 'km h-1' must be m s-1"):
        gm.load_weather(write(data, tmp_path / "w.nc"))
    flat = series().assign_coords(ghi_w_m2=("time", np.zeros(len(TIMES)), {"units": "W m-2"}))
    flat.to_dataset(name="temperature").to_netcdf(tmp_path / "flat.nc")
    with pytest.raises(gm.InputError, match="ghi_w_m2: must have the dimensions time, region"):
        gm.load_weather(tmp_path / "flat.nc")
