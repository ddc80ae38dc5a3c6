"""Clocks that are half an hour or a quarter off the hours of UTC: India, Nepal, Newfoundland. Values by hand."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridmodel as gm

VALUES = [0.0, 4.0, -2.0, -2.0]
"""Temperatures at 00:00, 01:00, 02:00 and 03:00 of the clock of the place. [degC]"""
BY_HAND = {
    # 18:30 is 0, 19:30 is 4, 20:30 and 21:30 are -2: 19:00 lies half-way, (0 + 4) / 2; 20:00 is (4 - 2) / 2
    "+05:30": ("2026-01-07T19:00", [2.0, 1.0, -2.0]),
    "Asia/Kolkata": ("2026-01-07T19:00", [2.0, 1.0, -2.0]),
    # 18:15 is 0, 19:15 is 4: 19:00 has gone three quarters of the way; 20:00 is 4 - 6 * 3/4
    "+05:45": ("2026-01-07T19:00", [3.0, -0.5, -2.0]),
    "Asia/Kathmandu": ("2026-01-07T19:00", [3.0, -0.5, -2.0]),
    "-03:30": ("2026-01-08T04:00", [2.0, 1.0, -2.0]),
    "America/St_Johns": ("2026-01-08T04:00", [2.0, 1.0, -2.0]),
    # 15:15 is 0: Eucla
    "+08:45": ("2026-01-07T16:00", [3.0, -0.5, -2.0]),
    "+02:00": ("2026-01-07T22:00", VALUES),
}


def table(tmp_path, form, offset="", values=VALUES):
    times = pd.date_range("2026-01-08", periods=len(values), freq="h").strftime(form)
    pd.DataFrame({"time": times + offset, "temperature": values}).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


@pytest.mark.parametrize("zone", BY_HAND)
def test_hours_of_a_zone_lie_between_those_of_utc_by_its_exact_offset(tmp_path, zone):
    first, expected = BY_HAND[zone]
    data = gm.load_weather(table(tmp_path, "%Y-%m-%d %H:%M"), timezone=zone, unit="degC")
    assert str(data["time"].to_numpy()[0])[:16] == first
    assert data.to_numpy()[:, 0].tolist() == expected
    history = data.attrs.get("history", "")
    assert ("minutes past full hours of UTC put on full hours" in history) == (zone != "+02:00")


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M"])
@pytest.mark.parametrize("offset", ["+05:30", "+0545", "-03:30"])
def test_an_offset_beside_each_time_is_as_exact_as_a_zone(tmp_path, form, offset):
    first, expected = BY_HAND[f"{offset[:3]}:{offset[-2:]}"]
    data = gm.load_weather(table(tmp_path, form, offset), unit="degC")
    assert str(data["time"].to_numpy()[0])[:16] == first
    assert data.to_numpy()[:, 0].tolist() == expected


def test_a_missing_row_leaves_the_hours_beside_it_missing_and_rows_in_disorder_are_put_in_order(tmp_path):
    path = table(tmp_path, "%Y-%m-%d %H:%M", values=[0.0, 2.0, 4.0, 6.0, 8.0])
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    assert gm.load_weather(path, timezone="+05:30", unit="degC").to_numpy()[:, 0].tolist() == [1.0, 3.0, 5.0, 7.0]
    path.write_text("\n".join(lines[:3] + lines[4:]) + "\n")
    with pytest.raises(gm.InputError, match="missing for 2 hours from 2026-01-07T20:00"):
        gm.load_weather(path, timezone="+05:30", unit="degC")
    path.write_text("\n".join([*lines, lines[-1]]) + "\n")
    with pytest.raises(gm.InputError, match="full hour"):
        gm.load_weather(path, timezone="+05:30", unit="degC")


def test_half_hours_of_a_half_hour_zone_are_full_hours_of_utc(tmp_path):
    times = pd.date_range("2026-01-08 00:00", periods=6, freq="30min").strftime("%Y-%m-%d %H:%M")
    pd.DataFrame({"time": times, "temperature": range(6)}).to_csv(tmp_path / "t.csv", index=False)
    data = gm.load_weather(tmp_path / "t.csv", timezone="+05:30", unit="degC")
    assert str(data["time"].to_numpy()[0])[:16] == "2026-01-07T19:00"  # 00:30 in India
    assert data.to_numpy()[:, 0].tolist() == [1.0, 3.0, 5.0]


def test_a_station_of_india_in_epw_is_read(tmp_path):
    head = ["LOCATION,Delhi,-,IND,ISHRAE,421820,28.58,77.20,5.5,216.0", *(["X"] * 7)]
    rows = [f"2002,1,8,{i + 1},60,?9?9,{value},-12.0,85,99500" + ",0" * 25 for i, value in enumerate(VALUES)]
    (tmp_path / "delhi.epw").write_text("\n".join([*head, *rows]) + "\n")
    data = gm.load_weather(tmp_path / "delhi.epw")
    assert str(data["time"].to_numpy()[0])[:16] == "2002-01-07T19:00"
    assert data.to_numpy()[:, 0].tolist() == [2.0, 1.0, -2.0]


@pytest.mark.parametrize(
    ("zone", "label", "local"),
    [("+05:30", "2026-01-10T00:00", 6.0), ("+05:30", "2026-01-10T09:00", 15.0), ("+05:45", "2026-01-10T00:00", 6.25),
     ("-03:30", "2026-01-10T10:00", 7.0), ("+02:00", "2026-01-10T04:00", 6.5)],
)  # fmt: skip
def test_days_of_such_a_zone_take_each_hour_at_its_exact_local_time(tmp_path, zone, label, local):
    days = pd.date_range("2026-01-08", "2026-01-12").strftime("%Y-%m-%d")
    pd.DataFrame({"date": days, "tmin": -10.0, "tmax": 0.0}).to_csv(tmp_path / "d.csv", index=False)
    data = gm.load_weather(tmp_path / "d.csv", timezone=zone, unit="degC")
    found = float(data.sel(time=label).item())
    # halves of a cosine: from 0 degC at 14:30 down to -10 degC at 06:30 in 16 hours, and up again in 8
    since = (local - 14.5) % 24
    expected = -5 + 5 * (np.cos(np.pi * since / 16) if since <= 16 else -np.cos(np.pi * (since - 16) / 8))
    assert found == pytest.approx(expected, abs=1e-9)
    assert data.sizes["time"] == 5 * 24
    sign, hours, minutes = zone[0], int(zone[1:3]), zone[4:]
    assert f"days of UTC{sign}{hours}{'' if minutes == '00' else f':{minutes}'} made hourly" in data.attrs["history"]


def test_the_bounds_of_days_in_netcdf_give_an_offset_of_half_an_hour(tmp_path):
    begin = pd.date_range("2026-01-07 18:30", periods=4)
    bounds = np.stack([begin.to_numpy(), (begin + pd.Timedelta("1D")).to_numpy()], axis=1)
    data = xr.Dataset(
        {name: (("time", "latitude", "longitude"), np.full((4, 1, 1), value), {"units": "degC"})
         for name, value in (("tasmin", -10.0), ("tasmax", 0.0))} | {"time_bnds": (("time", "bnds"), bounds)},
        coords={"time": ("time", (begin + pd.Timedelta("12h")).to_numpy(), {"bounds": "time_bnds"}),
                "latitude": [28.6], "longitude": [77.2]},
    )  # fmt: skip
    data["time"].encoding = data["time_bnds"].encoding = {"units": "minutes since 2026-01-01"}
    data.to_netcdf(tmp_path / "d.nc")
    read = gm.load_weather(tmp_path / "d.nc")
    assert "days of UTC+5:30 made hourly" in read.attrs["history"]
    assert str(read["time"].to_numpy()[0])[:16] == "2026-01-07T18:00"


def test_a_run_on_the_clock_of_india_meets_the_temperature_of_its_half_hours(three):
    weather = gm.load_weather("three-region")
    rising = weather.copy(data=np.arange(float(weather.size)).reshape(weather.shape) / weather.size - 10.0)
    scenario = three(weather=rising, timezone="Asia/Kolkata", start="2026-01-06 00:00", end="2026-01-06 03:00")
    result = gm.run(scenario)
    around = rising.sel(time=["2026-01-05T18:00", "2026-01-05T19:00"]).mean("time")  # 18:30 UTC
    assert str(result["time"].to_numpy()[0])[:16] == "2026-01-05T18:30"
    assert np.allclose(result["outdoor_temperature"].isel(time=0).squeeze(drop=True), around, atol=1e-5)


def test_days_of_indices_half_an_hour_off_are_refused_in_a_sentence():
    weather = gm.load_weather("three-region")
    with pytest.raises(gm.InputError, match=r"utc_offset_h: '5\.5' must be whole hours, since values are hourly"):
        gm.weather.indices.daily_mean(weather, utc_offset_h=5.5)
    assert gm.weather.indices.daily_mean(weather, utc_offset_h=2.0).equals(
        gm.weather.indices.daily_mean(weather, utc_offset_h=2)
    )
