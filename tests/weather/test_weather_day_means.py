"""A day keeps its lowest, highest and mean temperature, and begins when its source says."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.weather.daily import day_curve

DAYS = st.lists(st.tuples(st.floats(-6, 2), st.floats(4, 15), st.floats(0.3, 0.7)), min_size=1, max_size=6)


def test_a_day_of_two_levels_is_bent_to_its_mean_by_hand():
    # all days alike, low -10, high -4: unbent, the wave of mean -7. Bent by e, the rise from 06:30 to 14:30 is f ** (1 / e)
    # and the fall f ** e, f the half cosines of 8 and 16 hours; each hour is worked out here one by one.
    low, high = np.full((3, 1), -10.0), np.full((3, 1), -4.0)
    e = 1.7
    share = (1 - np.cos(np.pi * 9.5 / 16)) / 2
    edge = -4 + (-10 + 4) * share
    day = []
    for hour in range(24):
        clock = hour + 0.5
        if clock < 6.5:
            f = ((1 - np.cos(np.pi * (clock + 9.5) / 16)) / 2 - share) / (1 - share)
            day.append(edge + (-10 - edge) * f**e)
        elif clock < 14.5:
            f = (1 - np.cos(np.pi * (clock - 6.5) / 8)) / 2
            day.append(-10 + 6 * f ** (1 / e))
        else:
            f = (1 - np.cos(np.pi * (clock - 14.5) / 16)) / 2 / share
            day.append(-4 + (edge + 4) * f**e)
    assert min(day) == -10
    assert max(day) == -4
    assert np.mean(day) > -6.6  # warmer than the wave
    found = day_curve(low, high, np.full((3, 1), np.mean(day)))[:, 0]
    assert np.allclose(found, np.tile(day, 3), atol=1e-5)


@given(DAYS, st.integers(0, 23))
@settings(max_examples=40, deadline=None)
def test_each_day_keeps_extremes_and_mean_wherever_it_begins_and_does_not_jump(days, begins):
    low = np.array([[base] for base, _, _ in days])
    high = low + 8 + np.array([[width] for _, width, _ in days])  # ranges that all touch
    plain = day_curve(low, high, begins_h=float(begins)).reshape(len(days), 24)
    mean = plain.mean(axis=1) + np.array([(where - 0.5) * 5 for _, _, where in days])
    curve = day_curve(low, high, mean[:, None], begins_h=float(begins)).reshape(len(days), 24)
    assert np.allclose(curve.min(axis=1), low[:, 0])
    assert np.allclose(curve.max(axis=1), high[:, 0])
    assert np.allclose(curve.mean(axis=1), mean, atol=1e-3)
    clock = (begins + np.arange(24) + 0.5) % 24
    assert (clock[curve.argmin(axis=1)] == 6.5).all()
    assert (clock[curve.argmax(axis=1)] == 14.5).all()
    edges = np.abs(curve[1:, 0] - curve[:-1, -1])
    if begins < 4 and edges.size:  # elsewhere an extreme lies beside the edge, and the range of the next day binds
        assert edges.max() <= 2 * np.abs(np.diff(curve, axis=1)).max()


def test_days_that_begin_at_noon_rise_first():
    low, high = np.array([[-10.0], [-20.0]]), np.array([[-4.0], [-6.0]])
    curve = day_curve(low, high, begins_h=12.0)[:, 0].reshape(2, 24)
    assert curve[0].argmax() == 2  # 14:30, of the first day
    assert curve[0].argmin() == 18  # 06:30, of the day after
    assert curve[:, 18].tolist() == [-10, -20]


def test_a_mean_that_no_curve_has_is_come_near_to_and_counted(tmp_path):
    rows = "station,date,tmax,tmin,tavg\nX,2026-01-08,-3.1,-10.5,-3.0\nX,2026-01-09,-5.2,-14.8,-9.9\n"
    path = tmp_path / "a.csv"
    path.write_text(rows)
    data = gm.load_weather(path, timezone="+02:00")
    days = data[:, 0].to_numpy().reshape(2, 24)
    assert days.min(axis=1).tolist() == [-10.5, -14.8]
    assert days.max(axis=1).tolist() == [-3.1, -5.2]
    assert days.mean(axis=1)[1] == pytest.approx(-9.9, abs=1e-4)
    assert "daily means kept beside the extremes, except on 1 of 2 days" in data.attrs["history"]


GSOD = (
    "STATION,DATE,LATITUDE,LONGITUDE,TEMP,MAX,MIN\n"
    "725300,2026-01-08,41.96,-87.93,  23.0,  30.2,  14.0\n"
    "725300,2026-01-09,41.96,-87.93,  10.4,  21.2,   5.0\n"
    "725300,2026-01-10,41.96,-87.93,   8.6,  19.4,  -0.4\n"
)


def test_days_of_gsod_are_those_of_utc_and_the_sun_is_that_of_the_place(tmp_path):
    (tmp_path / "a.csv").write_text(GSOD)
    data = gm.load_weather(tmp_path / "a.csv")
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-08T00:00")
    days = data[:, 0].to_numpy().reshape(3, 24)
    assert np.allclose(days.min(axis=1), [-10, -15, -18])
    assert np.allclose(days.max(axis=1), [-1, -6, -7])
    assert np.allclose(days.mean(axis=1), [-5, -12, -13], atol=1e-3)
    assert days.argmin(axis=1).tolist() == [12, 12, 12]  # 06:30 of UTC-6, the hour from 12:00 UTC
    assert days.argmax(axis=1).tolist() == [20, 20, 20]
    assert "days of UTC+0 made hourly: lowest at 06:30, highest at 14:30 of UTC-6" in data.attrs["history"]


def test_each_place_has_the_offset_of_its_own_longitude(tmp_path):
    import xarray as xr

    days = pd.date_range("2026-01-08", periods=4, freq="D")
    values = np.broadcast_to(np.array([262.0, 260, 258, 261])[:, None], (4, 2))
    xr.Dataset(
        {
            "tasmin": (("time", "site"), values, {"units": "K"}),
            "tasmax": (("time", "site"), values + 6, {"units": "K"}),
        },
        {"time": days, "lat": ("site", [50.0, 50.0]), "lon": ("site", [15.0, 45.0])},
    ).to_netcdf(tmp_path / "a.nc")
    centres = pd.DataFrame({"id": ["W", "E"], "centre_lat": [50.0, 50.0], "centre_lon": [15.0, 45.0]})
    data = gm.load_weather(tmp_path / "a.nc", regions=centres)
    west, east = (data.sel(region=name).to_series() for name in ("W", "E"))
    for series, ahead in ((west, 1), (east, 3)):
        series.index += np.timedelta64(ahead, "h")
        middle = series[series.index.date == pd.Timestamp("2026-01-09").date()]
        assert len(middle) == 24
        assert middle.min() == pytest.approx(260 - 273.15)
        assert middle.idxmin().hour == 6
    assert data.sizes["time"] == 4 * 24 - 2  # hours that both have
    assert "UTC+1 to UTC+3 by place" in data.attrs["history"]
