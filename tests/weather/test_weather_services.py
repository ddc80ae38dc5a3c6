import gzip
import json

import numpy as np
import pandas as pd
import pytest

import gridmodel as gm


def block(offset_s=7200, latitude=50.4, values=(-10.0, -11.0, -12.0), **changes):
    return {
        "latitude": latitude, "longitude": 30.5, "generationtime_ms": 0.3, "utc_offset_seconds": offset_s,
        "timezone": "Europe/Kyiv", "timezone_abbreviation": "GMT+2", "elevation": 166.0,
        "hourly_units": {"time": "iso8601", "temperature_2m": "°C", "windspeed_10m": "km/h"},
        "hourly": {"time": [f"2026-01-08T{h:02d}:00" for h in range(len(values))], "temperature_2m": list(values),
                   "windspeed_10m": [1.0] * len(values)},
    } | changes  # fmt: skip


def write(tmp_path, content, name="open-meteo.json"):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_open_meteo_times_are_local_by_the_offset_beside_them(tmp_path):
    data = gm.load_weather(write(tmp_path, block()), region="UA-30")
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-07T22:00")
    assert data[:, 0].to_numpy().tolist() == [-10, -11, -12]


def test_a_null_is_a_gap(tmp_path):
    path = write(tmp_path, block(values=(-10.0, None, -12.0)))
    with pytest.raises(gm.InputError, match="is missing for 1 hour from 2026-01-07T23:00 UTC"):
        gm.load_weather(path)
    assert gm.load_weather(path, fill="linear")[:, 0].to_numpy().tolist() == [-10, -11, -12]


def test_fahrenheit_is_told_by_the_units(tmp_path):
    content = block(values=(14.0, 32.0), hourly_units={"temperature_2m": "°F"})
    assert gm.load_weather(write(tmp_path, content))[:, 0].to_numpy().round(6).tolist() == [-10, 0]


def test_several_places_become_the_regions_nearest_to_them(tmp_path):
    path = write(tmp_path, [block(), block(latitude=46.5, values=(0.0, 1.0, 2.0), location_id=1)])
    centres = pd.DataFrame({"id": ["S", "N"], "centre_lat": [46.4, 50.5], "centre_lon": [30.7, 30.5]})
    data = gm.load_weather(path, regions=centres)
    assert data.sel(region="S").to_numpy().tolist() == [0, 1, 2]
    assert data.sel(region="N").to_numpy().tolist() == [-10, -11, -12]
    assert list(gm.load_weather(path)["region"].to_numpy()) == ["location-0", "location-1"]


def test_days_of_open_meteo_keep_their_extremes(tmp_path):
    content = block(daily_units={"temperature_2m_max": "°C", "temperature_2m_min": "°C"},
                    daily={"time": ["2026-01-08", "2026-01-09"], "temperature_2m_max": [-3.0, -5.0],
                           "temperature_2m_min": [-10.0, -12.0]})  # fmt: skip
    del content["hourly"]
    data = gm.load_weather(write(tmp_path, content), timezone="America/New_York")  # the file knows better
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-07T22:00")
    assert data[:24].min() == -10
    assert data[:24].max() == -3
    assert data[24:].min() == -12


CSV = """latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation
50.4,30.5,166.0,7200,Europe/Kyiv,GMT+2

time,temperature_2m (°C),wind_speed_10m (km/h)
2026-01-08T00:00,-10.0,5
2026-01-08T01:00,-11.0,5
"""


def test_open_meteo_csv_has_a_table_before_the_table(tmp_path):
    data = gm.load_weather(write(tmp_path, CSV, "open-meteo.csv"))
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-07T22:00")
    assert data[:, 0].to_numpy().tolist() == [-10, -11]
    with pytest.raises(gm.InputError, match=r"open-meteo.csv:6: temperature_2m .°C.: 'cold' is not a number"):
        gm.load_weather(write(tmp_path, CSV.replace("-11.0", "cold"), "open-meteo.csv"))
    with pytest.raises(gm.InputError, match="ends after its first table"):
        gm.load_weather(write(tmp_path, CSV.partition("\n\n")[0], "open-meteo.csv"))


def test_open_meteo_csv_of_several_places_is_told_apart_by_its_ids(tmp_path):
    text = """location_id,latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation
0,50.4,30.5,166.0,0,GMT,GMT
1,46.5,30.7,40.0,0,GMT,GMT

location_id,time,temperature_2m (°C)
0,2026-01-08T00:00,-10.0
0,2026-01-08T01:00,-11.0
1,2026-01-08T00:00,0.0
1,2026-01-08T01:00,1.0
"""
    data = gm.load_weather(write(tmp_path, text, "two.csv"))
    assert data.to_numpy().tolist() == [[-10, 0], [-11, 1]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("[" * 100_000, "nests deeper", id="a depth bomb"),
        pytest.param('{"a":' * 100_000 + "1" + "}" * 100_000, "nests deeper", id="a closed depth bomb"),
        pytest.param('{"hourly": ', "is not JSON", id="cut off"),
        pytest.param('{"error": true, "reason": "Limit reached"}', "has neither `hourly` nor `daily`: Limit", id="an error"),
        pytest.param("[]", "has no places", id="nothing"),
        pytest.param("[1, 2]", "has neither", id="numbers"),
        pytest.param(json.dumps(block(hourly={"time": ["2026-01-08T00:00"], "temperature_2m": []})), "of one length", id="lengths"),
        pytest.param(json.dumps(block(hourly={"time": 7, "temperature_2m": 8})), "of one length", id="no lists"),
        pytest.param(json.dumps(block(values=[{"x": 1}, [2]])), "is not a number", id="objects for numbers"),
        pytest.param(json.dumps(block(offset_s="soon")), "must be numbers", id="no offset"),
        pytest.param(json.dumps(block(offset_s=10**9)), "must be numbers", id="an offset of years"),
        pytest.param(json.dumps(block()).replace("-11.0", "1" + "0" * 5000), "thousands of digits", id="a long number"),
        pytest.param(json.dumps(block(values=(1.0,))).replace("1.0]", "NaN]"), "is missing", id="NaN"),
        pytest.param(json.dumps(block(hourly_units={"temperature_2m": ["K"]})), "is not a unit", id="a list for a unit"),
        pytest.param(json.dumps([block(), block(values=(1.0,))]), "times differ", id="places of other times"),
    ],
)  # fmt: skip
def test_a_hostile_json_file_is_clear_problems(tmp_path, content, message):
    with pytest.raises(gm.InputError, match=message):
        gm.load_weather(write(tmp_path, content))


def test_meteostat_hours_come_with_and_without_a_header(tmp_path):
    rows = "2026-01-08,0,-10.0,-12,80,,,270,10,,1020,,5\n2026-01-08,1,-11.0,-12,80,,,270,10,,1020,,5\n"
    (tmp_path / "33345.csv.gz").write_bytes(gzip.compress(rows.encode()))
    bulk = gm.load_weather(tmp_path / "33345.csv.gz", region="UA-30")
    assert bulk[:, 0].to_numpy().tolist() == [-10, -11]
    head = "date,hour,temp,dwpt,rhum,prcp,snow,wdir,wspd,wpgt,pres,tsun,coco\n"
    assert gm.load_weather(write(tmp_path, head + rows, "a.csv"), region="UA-30").equals(bulk)
    head = "time,temp,dwpt,rhum\n"
    rows = "2026-01-08 00:00:00,-10.0,-12,80\n2026-01-08 01:00:00,-11.0,-12,80\n"
    assert gm.load_weather(write(tmp_path, head + rows, "b.csv"), region="UA-30").equals(bulk)
    head = "year,month,day,hour,temp,temp_source\n"
    rows = "2026,1,8,0,-10.0,isd\n2026,1,8,1,-11.0,isd\n"
    assert gm.load_weather(write(tmp_path, head + rows, "c.csv"), region="UA-30").equals(bulk)


@pytest.mark.parametrize(
    "head", ["", "date,tavg,tmin,tmax,prcp,snow,wdir,wspd,wpgt,pres,tsun\n"], ids=["bulk", "with a header"]
)
def test_meteostat_days_keep_their_extremes_and_an_empty_cell_is_a_gap(tmp_path, head):
    rows = "2026-01-08,-6,-10.0,-3.0,,,,10,,1020,\n2026-01-09,-8,-12.0,-5.0,,,,10,,1020,\n"
    data = gm.load_weather(write(tmp_path, head + rows, "a.csv"))
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-08T00:00")  # days of Meteostat are UTC
    days = data[:, 0].to_numpy().reshape(2, 24)
    assert np.allclose(days.min(axis=1), [-10, -12])
    assert np.allclose(days.max(axis=1), [-3, -5])
    with pytest.raises(gm.InputError, match="is missing for 24 hours"):
        gm.load_weather(write(tmp_path, head + rows.replace("-12.0", ""), "a.csv"), timezone="UTC")


def test_meteostat_days_with_separate_year_month_and_day_are_read(tmp_path):
    text = "year,month,day,temp,tmin,tmax,prcp\n2026,1,8,-6,-10,-3,0\n2026,1,9,-8,-12,-5,0\n"
    assert gm.load_weather(write(tmp_path, text, "a.csv"), timezone="UTC").sizes["time"] == 48
