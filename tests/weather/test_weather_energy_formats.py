"""Files of programs for buildings and solar power: TMY3, NREL, PVGIS, German test reference years."""

import json

import numpy as np
import pandas as pd
import pytest

import gridmodel as gm


def write(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


TMY3 = """723170,"GREENSBORO, NC",NC,-5.0,36.100,-79.950,273
Date (MM/DD/YYYY),Time (HH:MM),GHI (W/m^2),Dry-bulb (C),Wspd (m/s)
01/08/1988,23:00,5,-3.0,2.0
01/08/1988,24:00,10,-4.0,2.1
01/09/1988,01:00,20,-9900,2.2
01/09/1988,02:00,30,-6.0,2.3
"""


def test_tmy3_has_temperatures_at_the_time_of_a_row_and_sun_of_the_hour_before_it(tmp_path):
    path = write(tmp_path, "723170TYA.CSV", TMY3)
    with pytest.raises(gm.InputError, match="is missing for 1 hour from 1988-01-09T06:00 UTC"):
        gm.load_weather(path)
    data = gm.load_weather(path, fill="linear")
    at = data[:, 0].to_series()
    assert at.to_dict() == {
        pd.Timestamp(f"1988-01-09 0{4 + place}:00"): -3.0 - place for place in range(4)
    }  # 23:00 of UTC-5 is 04:00
    assert data["wind_m_s"][:, 0].to_numpy().tolist() == [2.0, 2.1, 2.2, 2.3]
    assert data["ghi_w_m2"][:3, 0].to_numpy().tolist() == [10, 20, 30]  # the hour from 23:00 is that of the row 24:00
    assert str(gm.load_weather(path, fill="linear", year=2025)["time"].to_numpy()[0]).startswith("2025-01-09T04")


@pytest.mark.parametrize(("change", "message"), [
    (("-5.0,36.100", "x,36.100"), "must contain hours ahead of UTC, latitude and longitude in fields 4 to 6"),
    (("Dry-bulb", "Wet-bulb"), "needs the columns"),
    (("01/09/1988,01:00", "01/32/1988,01:00"), "is not a date of the calendar"),
    (("-3.0,2.0", "cold,2.0"), "'cold' is not a number"),
], ids=["place", "column", "date", "number"])  # fmt: skip
def test_a_damaged_tmy3_says_what_is_wrong(tmp_path, change, message):
    with pytest.raises(gm.InputError, match=message):
        gm.load_weather(write(tmp_path, "a.csv", TMY3.replace(*change)))


def nrel(rows, unit="c"):
    head = (
        f"Source,Location ID,Latitude,Longitude,Time Zone,Elevation,Temperature Units\nNSRDB,1,50.4,30.5,2,100,{unit}\n"
    )
    return (
        head
        + "Year,Month,Day,Hour,Minute,GHI,Wind Speed,Temperature\n"
        + "".join(f"2018,1,8,{h},{m},{g},2.5,{t}\n" for h, m, g, t in rows)
    )


def test_rows_in_the_middle_of_an_hour_count_for_it_and_of_half_hours_the_full_ones(tmp_path):
    middle = gm.load_weather(write(tmp_path, "a.csv", nrel([(0, 30, 1, -1), (1, 30, 2, -2)])))
    assert [str(t)[:13] for t in middle["time"].to_numpy()] == ["2018-01-07T22", "2018-01-07T23"]  # 00:00 of UTC+2
    assert middle[:, 0].to_numpy().tolist() == [-1, -2]
    assert "count for the hour they are in" in middle.attrs["history"]
    halves = gm.load_weather(
        write(tmp_path, "b.csv", nrel([(0, 0, 1, -1), (0, 30, 9, -9), (1, 0, 2, -2), (1, 30, 9, -9)]))
    )
    assert halves[:, 0].to_numpy().tolist() == [-1, -2]
    assert halves["ghi_w_m2"][:, 0].to_numpy().tolist() == [1, 2]
    fahrenheit = gm.load_weather(write(tmp_path, "c.csv", nrel([(0, 0, 1, 14), (1, 0, 2, 32)], unit="F")))
    assert fahrenheit[:, 0].to_numpy().tolist() == [-10, 0]


def test_a_file_of_nrel_without_temperatures_or_a_place_says_so(tmp_path):
    with pytest.raises(gm.InputError, match="needs a column of temperatures, such as `Temperature` or `Tdry`"):
        gm.load_weather(write(tmp_path, "a.csv", nrel([(0, 0, 1, -1)]).replace("Speed,Temperature", "Speed,Albedo")))
    with pytest.raises(gm.InputError, match="must contain latitude, longitude and time zone as numbers"):
        gm.load_weather(write(tmp_path, "a.csv", nrel([(0, 0, 1, -1)]).replace("50.4,30.5", "north,30.5")))


ROWS = [("20180101:0010", -1.5, 0.0), ("20180101:0110", -2.5, 20.0)]
CSV = "Latitude (decimal degrees):\t45.000\nLongitude (decimal degrees):\t8.000\nElevation (m): 250\n{head}\n{rows}\nT2m: air temperature\nPVGIS (c) European Union\n"


def test_pvgis_is_read_as_csv_as_json_and_as_rows_alone(tmp_path):
    text = CSV.format(head="time,T2m,G(h),WS10m", rows="".join(f"{t},{c},{g},1.0\n" for t, c, g in ROWS))
    table = [{"time": t, "T2m": c, "G(h)": g, "WS10m": 1.0} for t, c, g in ROWS]
    whole = {"inputs": {"location": {"latitude": 45, "longitude": 8}, "meteo_data": {}}, "outputs": {"hourly": table}}
    for name, content in (("a.csv", text), ("a.json", json.dumps(whole)), ("b.json", json.dumps(table))):
        data = gm.load_weather(write(tmp_path, name, content))
        assert data[:, 0].to_numpy().tolist() == [-1.5, -2.5]
        assert [str(t)[:13] for t in data["time"].to_numpy()] == ["2018-01-01T00", "2018-01-01T01"]
        assert data["ghi_w_m2"][:, 0].to_numpy().tolist() == [0, 20]
    centres = pd.DataFrame({"id": ["A"], "centre_lat": [45.0], "centre_lon": [8.1]})
    assert list(gm.load_weather(tmp_path / "a.csv", regions=centres)["region"].to_numpy()) == ["A"]


def test_the_sun_on_a_panel_is_not_that_on_level_ground(tmp_path):
    text = CSV.format(head="time,G(i),T2m", rows="".join(f"{t},{g},{c}\n" for t, c, g in ROWS))
    assert "ghi_w_m2" not in gm.load_weather(write(tmp_path, "a.csv", text)).coords


@pytest.mark.parametrize(("content", "message"), [
    (CSV.format(head="month,E_d", rows="1,2\n"), "has no header that begins with `time`"),
    (CSV.format(head="time,P", rows="20180101:0010,1\n"), "has no temperatures"),
    (CSV.format(head="time,T2m", rows="20181301:0010,1\n"), "is not a time such as 20180101:0010"),
    ('{"inputs": {"meteo_data": {}}, "outputs": {"monthly": []}}', "needs a list `hourly` or `tmy_hourly` in `outputs`"),
    ('{"inputs": {"meteo_data": {}}, "outputs": {"hourly": [{"T2m": 1}]}}', "has rows without a time"),
    ('{"inputs": {"meteo_data": {}}, "outputs": [1', "is not JSON|JSON"),
], ids=["months", "power", "time", "monthly", "no time", "cut"])  # fmt: skip
def test_other_files_of_pvgis_say_what_to_ask_for(tmp_path, content, message):
    with pytest.raises(gm.InputError, match=message):
        gm.load_weather(write(tmp_path, "a.txt", content))


def reference_year():
    days = pd.date_range("2001-01-01", "2001-12-31")
    rows = [
        f"4 1 {d.month} {d.day} {h} 7 230 5.7 {d.month + d.day / 100 - h / 10000:.4f} 1005.3 2.2 93 70 {h} 2 1 251 -285 9"
        for d in days
        for h in range(1, 25)
    ]
    return (
        "TRY04   Tiefland\nStation: Potsdam\nLage: 52°23'N <- B.  13°04'O <- L.    81 Meter\n\nRG IS MM DD HH N WR WG t p x RF W B D IK A E IL\n***\n"
        + "\n".join(rows)
        + "\n"
    )


def test_a_year_without_dates_is_laid_on_the_year_that_is_asked_for(tmp_path):
    path = write(tmp_path, "TRY2010_04_Jahr.dat", reference_year())
    with pytest.raises(gm.InputError, match="is a typical year: say which year it is laid on with year="):
        gm.load_weather(path)
    data = gm.load_weather(path, year=2026)
    at = data[:, 0].to_series()
    assert at["2025-12-31 23:00"] == pytest.approx(1.01 - 0.0001)  # hour 1 of Central European Time
    assert at["2026-12-31 22:00"] == pytest.approx(12.31 - 0.0024)
    assert float(data["ghi_w_m2"].sel(time="2026-01-01T11:00")[0]) == 13 + 2  # hour 13: direct and diffuse
    centres = pd.DataFrame({"id": ["A"], "centre_lat": [52.4], "centre_lon": [13.1]})
    assert gm.load_weather(path, year=2026, regions=centres).sizes["region"] == 1
    with pytest.raises(gm.InputError, match=r"a.dat:7: must have 15 or more fields"):
        gm.load_weather(write(tmp_path, "a.dat", reference_year().replace("4 1 1 1 1 7", "4 1 1 1 25 7")), year=2026)
    assert np.isfinite(data).all()
