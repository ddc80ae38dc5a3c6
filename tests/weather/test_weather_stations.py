import numpy as np
import pytest

import gridmodel as gm
from gridmodel.weather import check_weather


def write(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def by_day(data, offset_h):
    """Lowest and highest of each whole local day."""
    series = data[:, 0].to_series()
    series.index += np.timedelta64(offset_h, "h")
    days = series.groupby(series.index.date)
    whole = days.count() == 24
    return days.min()[whole].round(3).tolist(), days.max()[whole].round(3).tolist()


GHCN = """ID,DATE,ELEMENT,DATA_VALUE,M_FLAG,Q_FLAG,S_FLAG,OBS_TIME
UPM00033345,20260108,TMAX,-31,,,S,
UPM00033345,20260108,TMIN,-105,,,S,
UPM00033345,20260108,PRCP,0,,,S,
UPM00033345,20260109,TMAX,-52,,,S,
UPM00033345,20260109,TMIN,-148,,,S,
UPM00033345,20260109,TAVG,-99,H,,S,
UPM00033345,20260110,TMAX,-70,,,S,
UPM00033345,20260110,TMIN,-161,,,S,
"""


def test_ghcn_daily_is_in_tenths_and_keeps_each_days_extremes(tmp_path):
    data = gm.load_weather(write(tmp_path, "UPM00033345.csv", GHCN), timezone="Europe/Kyiv", region="UA-30")
    assert list(data["region"].to_numpy()) == ["UA-30"]
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-07T22:00")
    assert by_day(data, 2) == ([-10.5, -14.8, -16.1], [-3.1, -5.2, -7.0])
    assert "UTC+2" in data.attrs["history"]


def test_days_need_a_time_zone(tmp_path):
    with pytest.raises(gm.InputError, match=r"does not say in which time zone; give it with timezone="):
        gm.load_weather(write(tmp_path, "a.csv", GHCN))


def test_a_value_that_failed_a_check_and_a_code_are_missing(tmp_path):
    text = GHCN.replace("20260109,TMAX,-52,,,", "20260109,TMAX,-52,,X,").replace("TMAX,-70", "TMAX,-9999")
    with pytest.raises(gm.InputError, match="UPM00033345: is missing for 48 hours from 2026-01-08T22:00"):
        gm.load_weather(write(tmp_path, "a.csv", text), timezone="+02:00")


def test_bulk_ghcn_has_no_header(tmp_path):
    text = "\n".join(GHCN.splitlines()[1:]) + "\n"
    data = gm.load_weather(write(tmp_path, "2026.csv", text), timezone="+02:00")
    assert by_day(data, 2) == ([-10.5, -14.8, -16.1], [-3.1, -5.2, -7.0])


def test_two_stations_in_one_file_are_said(tmp_path):
    text = GHCN + "UPM00033837,20260110,TMIN,-161,,,S,\n"
    with pytest.raises(gm.InputError, match="contains 2 stations: keep one"):
        gm.load_weather(write(tmp_path, "a.csv", text), timezone="+02:00")


def dly(element, values, month="202601"):
    cells = [f"{value:5d}{'':1}{flag:1}S" for value, flag in values]
    cells += ["-9999   "] * (31 - len(cells))
    return f"UPM00033345{month}{element}{''.join(cells)}\n"


def test_the_fixed_width_file_of_ghcn_is_read(tmp_path):
    text = dly("TMAX", [(-31, ""), (-52, ""), (-70, "")]) + dly("TMIN", [(-105, ""), (-148, ""), (-161, "")])
    text += dly("PRCP", [(0, "")])
    assert len(text.splitlines()[0]) == 269
    data = gm.load_weather(write(tmp_path, "UPM00033345.dly", text), timezone="+02:00")
    assert by_day(data, 2) == ([-10.5, -14.8, -16.1], [-3.1, -5.2, -7.0])
    flagged = text.replace(" -148  S", " -148 GS")
    with pytest.raises(gm.InputError, match="is missing for 24 hours"):
        gm.load_weather(write(tmp_path, "b.dly", flagged), timezone="+02:00")


SUMMARY = """"STATION","DATE","LATITUDE","LONGITUDE","ELEVATION","NAME","TMAX","TMAX_ATTRIBUTES","TMIN","TMIN_ATTRIBUTES"
"UPM00033345","2026-01-08","50.4","30.5667","167.0","KYIV, UP","  -3.1",",,S","  -10.5",",,S"
"UPM00033345","2026-01-09","50.4","30.5667","167.0","KYIV, UP","  -5.2",",,S","  -14.8",",,S"
"""


def test_daily_summaries_say_where_they_are_and_so_which_day(tmp_path):
    data = gm.load_weather(write(tmp_path, "a.csv", SUMMARY))
    assert by_day(data, 2) == ([-10.5, -14.8], [-3.1, -5.2])
    assert list(data["region"].to_numpy()) == ["UPM00033345"]


def test_whole_numbers_of_daily_summaries_need_a_unit_unless_they_can_only_be_tenths(tmp_path):
    text = SUMMARY.replace("-3.1", "-31").replace("-10.5", "-105").replace("-5.2", "-52").replace("-14.8", "-148")
    with pytest.warns(UserWarning, match="read as tenths"):
        data = gm.load_weather(write(tmp_path, "a.csv", text))
    assert by_day(data, 2) == ([-10.5, -14.8], [-3.1, -5.2])
    text = SUMMARY.replace("-3.1", "26").replace("-10.5", "13").replace("-5.2", "23").replace("-14.8", "5")
    with pytest.raises(gm.InputError, match=r"whose unit cannot be told; give it with unit="):
        gm.load_weather(write(tmp_path, "b.csv", text))
    assert by_day(gm.load_weather(tmp_path / "b.csv", unit="degF"), 2) == ([-10.556, -15.0], [-3.333, -5.0])


def test_months_are_refused_and_called_months(tmp_path):
    text = "STATION,DATE,LATITUDE,LONGITUDE,TAVG,TMAX,TMIN,EMNT\nUPM00033345,2026-01,50.4,30.5,-4.5,-1.9,-7.2,-19.0\n"
    with pytest.raises(gm.InputError, match=r"a.csv:2: DATE: contains months \(GSOM\), not days"):
        gm.load_weather(write(tmp_path, "a.csv", text))


def test_gsod_is_in_fahrenheit_with_a_code_and_stars(tmp_path):
    text = (
        '"STATION","DATE","LATITUDE","LONGITUDE","ELEVATION","NAME","TEMP","TEMP_ATTRIBUTES","WDSP","MAX","MIN","FRSHTT"\n'
        '"33345099999","2026-01-08","50.4","30.5667","166.0","KYIV, UP","  20.1"," 8","999.9","  26.6*","  14.0","001000"\n'
        '"33345099999","2026-01-09","50.4","30.5667","166.0","KYIV, UP","  20.1"," 8","999.9","9999.9","  10.4*","001000"\n'
        '"33345099999","2026-01-10","50.4","30.5667","166.0","KYIV, UP","  20.1"," 8","  8.0","  23.0","   5.0","001000"\n'
    )
    path = write(tmp_path, "33345099999.csv", text)
    with pytest.raises(gm.InputError, match="is missing for 24 hours from 2026-01-09T00:00 UTC"):
        gm.load_weather(path)
    data = gm.load_weather(path, fill="linear", fill_limit_h=24)
    assert by_day(data, 0) == ([-10.0, -12.5, -15.0], [-3.0, -4.0, -5.0])  # days of UTC
    assert "1 missing days filled along a line" in data.attrs["history"]


ISD = """"STATION","DATE","SOURCE","LATITUDE","LONGITUDE","REPORT_TYPE","TMP","DEW"
"33345099999","2026-01-08T00:00:00","4","50.4","30.5667","FM-12","-0123,1","-0150,1"
"33345099999","2026-01-08T00:30:00","4","50.4","30.5667","FM-15","-0120,1","-0150,1"
"33345099999","2026-01-08T00:55:00","4","50.4","30.5667","FM-15","-0119,1","-0150,1"
"33345099999","2026-01-08T01:10:00","4","50.4","30.5667","FM-15","-0110,1","-0150,1"
"33345099999","2026-01-08T02:00:00","4","50.4","30.5667","FM-12","+9999,9","+9999,9"
"33345099999","2026-01-08T03:00:00","4","50.4","30.5667","FM-12","-0990,3","-0150,1"
"33345099999","2026-01-08T04:00:00","4","50.4","30.5667","FM-12","+0013,1","-0150,1"
"""


def test_isd_takes_the_report_nearest_to_the_hour_and_leaves_out_bad_ones(tmp_path):
    path = write(tmp_path, "33345099999.csv", ISD)
    with pytest.raises(gm.InputError, match=r"is missing for 2 hours from 2026-01-08T02:00 UTC; .*fill="):
        gm.load_weather(path)
    data = gm.load_weather(path, fill="linear")
    assert data[:, 0].to_numpy().round(3).tolist() == [-12.3, -11.9, -7.5, -3.1, 1.3]
    assert "2 missing hours filled along a line" in data.attrs["history"]
    with pytest.raises(gm.InputError, match="is missing for 2 hours"):
        gm.load_weather(path, fill="linear", fill_limit_h=1)


def test_a_station_with_a_place_serves_the_regions_near_it(tmp_path):
    path = write(tmp_path, "33345099999.csv", ISD)
    centres = write(tmp_path, "near.csv", "id,centre_lat,centre_lon,note\nUA-30,50.45,30.52,x\n")
    assert list(gm.load_weather(path, regions=centres, fill="linear")["region"].to_numpy()) == ["UA-30"]
    with pytest.raises(gm.InputError, match="UA-07: has no place with data within 150 km"):
        gm.load_weather(path, regions="ukraine", fill="linear")


def test_centres_are_checked(tmp_path):
    path = write(tmp_path, "33345099999.csv", ISD)
    centres = write(tmp_path, "bad.csv", "id,centre_lat,centre_lon\nA,95,30\nB,50,east\n")
    with pytest.raises(gm.InputError) as caught:
        gm.load_weather(path, regions=centres)
    assert "bad.csv:2: centre_lat: '95' must be between -90 and 90" in str(caught.value)
    assert "bad.csv:3: centre_lon: 'east' must be" in str(caught.value)
    with pytest.raises(gm.InputError, match="centre_lat: is missing"):
        gm.load_weather(path, regions=write(tmp_path, "b.csv", "id\nA\n"))


def test_isd_lite_is_columns_of_tenths(tmp_path):
    rows = [f"2026 01 08 {hour:02d} {value:5d} -9999 -9999   270    30     8 -9999 -9999" for hour, value in
            enumerate([-123, -9999, -103, 15])]  # fmt: skip
    path = write(tmp_path, "333450-99999-2026", "\n".join(rows) + "\n")
    data = gm.load_weather(path, fill="linear")
    assert data[:, 0].to_numpy().round(3).tolist() == [-12.3, -11.3, -10.3, 1.5]


def epw(hours=48, cell=lambda i: f"{-10 + 0.1 * i:.1f}"):
    head = ["LOCATION,Kyiv,-,UKR,IWEC,333450,50.40,30.45,2.0,168.0", "DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0",
            "GROUND TEMPERATURES,0", "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,x", "COMMENTS 2,y",
            "DATA PERIODS,1,1,Data,Sunday,1/1,12/31"]  # fmt: skip
    rows = [f"2002,1,{8 + i // 24},{i % 24 + 1},60,?9?9,{cell(i)},-12.0,85,99500,0,0,0,0,0,0,0,0,0,0,270,3.0" for i in range(hours)]  # fmt: skip
    return "\n".join(head + rows) + "\n"


def test_epw_hours_run_from_1_to_24_of_local_standard_time(tmp_path):
    data = gm.load_weather(write(tmp_path, "kyiv.epw", epw()), region="UA-30")
    assert str(data["time"].to_numpy()[0]).startswith("2002-01-07T22:00")
    assert np.allclose(data[:, 0], -10 + 0.1 * np.arange(48))
    with pytest.raises(gm.InputError, match="is missing for 1 hour from 2002-01-08T03:00"):
        gm.load_weather(write(tmp_path, "b.epw", epw(cell=lambda i: "99.9" if i == 5 else "-10.0")))
    with pytest.raises(gm.InputError, match=r"b.epw:10: time: is not a time"):
        gm.load_weather(write(tmp_path, "b.epw", epw().replace("2002,1,8,2,", "2002,1,8,x,")))
    with pytest.raises(gm.InputError, match=r"b.epw:1: LOCATION: must contain"):
        gm.load_weather(write(tmp_path, "b.epw", "LOCATION,Kyiv\n"))


PLAIN = "time,Temp (°C)\n2026-01-08 00:00,-10.0\n2026-01-08 01:00,-11.0\n2026-01-08 02:00,-12.0\n"


def test_a_plain_table_is_utc_unless_a_zone_is_said(tmp_path):
    path = write(tmp_path, "kyiv.csv", PLAIN)
    data = gm.load_weather(path)
    assert list(data["region"].to_numpy()) == ["kyiv"]
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-08T00:00")
    assert str(gm.load_weather(path, timezone="Europe/Kyiv")["time"].to_numpy()[0]).startswith("2026-01-07T22:00")
    with pytest.raises(gm.InputError, match="timezone: 'Mars' is not a time zone"):
        gm.load_weather(path, timezone="Mars")


def test_a_plain_table_without_a_unit_is_read_by_its_size_with_a_warning(tmp_path):
    kelvin = (
        PLAIN.replace("Temp (°C)", "t2m")
        .replace("-10.0", "263.15")
        .replace("-11.0", "262.15")
        .replace("-12.0", "261.15")
    )
    with pytest.warns(UserWarning, match="t2m: has no unit: read as K"):
        assert gm.load_weather(write(tmp_path, "a.csv", kelvin))[:, 0].to_numpy().round(6).tolist() == [-10, -11, -12]
    with pytest.warns(UserWarning, match="read as degC"):
        gm.load_weather(write(tmp_path, "a.csv", PLAIN.replace(" (°C)", "")))
    assert gm.load_weather(tmp_path / "a.csv", unit="degC").sizes["time"] == 3
    with pytest.raises(gm.InputError, match="'parsec' is not a unit of temperature"):
        gm.load_weather(tmp_path / "a.csv", unit="parsec")


def test_all_problems_of_a_plain_table_are_listed_with_their_lines(tmp_path):
    text = PLAIN.replace("-11.0", "cold").replace("2026-01-08 02:00", "2026-01-08 25:00")
    with pytest.raises(gm.InputError) as caught:
        gm.load_weather(write(tmp_path, "a.csv", text))
    assert "a.csv:3: Temp (°C): 'cold' is not a number" in str(caught.value)
    assert "a.csv:4: time: '2026-01-08 25:00' is not a UTC time" in str(caught.value)


def test_an_hour_that_is_repeated_is_said(tmp_path):
    with pytest.raises(gm.InputError, match=r"a.csv:4: time: '2026-01-08T01:00' is repeated"):
        gm.load_weather(write(tmp_path, "a.csv", PLAIN.replace("02:00", "01:00")))


def test_our_own_file_is_filled_only_on_request(tmp_path):
    text = "time,A,B\n2026-01-08T00:00Z,-10,1\n2026-01-08T01:00Z,,2\n2026-01-08T03:00Z,-13,4\n"
    path = write(tmp_path, "mine.csv", text)
    with pytest.raises(gm.InputError, match=r"mine.csv:3: A: is empty: fill the gap"):
        gm.load_weather(path)
    data = gm.load_weather(path, fill="linear")
    assert data.to_numpy().tolist() == [[-10, 1], [-11, 2], [-12, 3], [-13, 4]]
    assert data.attrs["history"] == "3 missing hours filled along a line, gaps of at most 6 h"


def test_files_that_are_utc_by_definition_stay_so(tmp_path):
    path = write(tmp_path, "33345099999.csv", ISD)
    data = gm.load_weather(path, fill="linear", timezone="Europe/Kyiv")
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-08T00:00")


def test_regions_are_chosen_from_a_file_that_names_them(tmp_path):
    path = write(tmp_path, "mine.csv", "time,A,B\n2026-01-08T00:00Z,-10,1\n2026-01-08T01:00Z,-11,2\n")
    centres = write(tmp_path, "one.csv", "id,centre_lat,centre_lon\nB,50,30\n")
    assert gm.load_weather(path, regions=centres).to_numpy().tolist() == [[1], [2]]
    with pytest.raises(gm.InputError, match=r"mine.csv: UA-05: has no weather"):
        gm.load_weather(path, regions="ukraine")
    with pytest.raises(gm.InputError, match=r"region: 'C' does not apply: the file names its regions"):
        gm.load_weather(path, region="C")


def test_era5_of_a_point_as_csv_is_kelvin(tmp_path):
    text = "valid_time,u10,t2m,latitude,longitude\n2026-01-08 00:00:00,1.0,263.15,50.4,30.5\n2026-01-08 01:00:00,1.0,262.15,50.4,30.5\n"
    data = gm.load_weather(write(tmp_path, "era5.csv", text), region="UA-30")
    assert data[:, 0].to_numpy().round(6).tolist() == [-10, -11]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("a.csv", b"", "a.csv: is empty", id="empty"),
        pytest.param("a.txt", b"hello\nworld\n", "a.txt: is not a known weather file", id="prose"),
        pytest.param("a.csv", b"\xff\xfe\x00", "is not UTF-8", id="half a letter"),
        pytest.param("a.csv", b"\x80\x04\x95time,temp", "is not UTF-8", id="not text"),
        pytest.param("a.csv", b"time,temp\n" + b"9" * 200_000 + b",1\n", "field larger", id="a huge cell"),
        pytest.param("a.csv", b'time,temp\n"2026', "is not a CSV table", id="an open quote"),
        pytest.param("a.csv", b"time,temp\n0002-01-01T00:00,1\n9999-12-31T23:00,2\n", "spans|must be in the years", id="ten thousand years"),
        pytest.param("a.csv", b"time,temp\n2026-01-01,1e400\n", "is not a number", id="beyond floats"),
        pytest.param("a.csv", b"time,temp\n", "has no temperatures", id="a header only"),
        pytest.param("a.csv.gz", b"\x1f\x8b\x08\x00garbage", "cannot be read", id="a broken gzip"),
        pytest.param("a.grib", b"GRIB\x00\x00", "is GRIB|contains no temperature", id="GRIB"),
        pytest.param("a.zip", b"PK\x03\x04rest", "is a ZIP archive", id="ZIP"),
        pytest.param("a.dly", b"UPM00033345202613TMAX  -31", "is not a year and month", id="a thirteenth month"),
        pytest.param("a.csv", b"2026-01-08,0,1\n", "has 3 columns and no header", id="no bulk file"),
        pytest.param("a.csv", b'STATION,DATE,"TMP,x"\n', "must be `time`", id="quotes in a header"),
        pytest.param("a.csv", b"hour,temp,dwpt,rhum\n1,2,3,4\n", "date: is missing", id="hours without a date"),
        pytest.param("a", b"2026 01 08 00  -123 -9999\n2026 01\n", "a:2: has fewer than 5", id="a short line"),
        pytest.param("a.csv", GHCN.replace("-105", "-10").replace("TMAX,-31", "TMAX,-131").encode(), "lowest temperature above", id="extremes turned round"),
        pytest.param("a.csv", GHCN.replace("20260109", "2026").encode(), "is not a day such as", id="no day"),
        pytest.param("a.csv", ISD.replace("-0123,1", "-01x3,1").encode(), "a.csv:2: TMP: '-01x3,1' is not a number", id="no tenths"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:.*has no unit")
def test_a_hostile_file_is_clear_problems(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(gm.InputError, match=message):
        gm.load_weather(tmp_path / name, timezone="+02:00")
    assert check_weather(tmp_path / name, timezone="+02:00")


def test_a_gzip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    import gzip

    monkeypatch.setattr("gridmodel.weather.parsing.encoding.MAX_BYTES", 1000)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"0" * 100_000))
    with pytest.raises(gm.InputError, match="larger than 0 MB when unpacked"):
        gm.load_weather(tmp_path / "a.csv.gz")


def test_two_choices_that_exclude_each_other_and_unknown_ones_are_said(tmp_path):
    path = write(tmp_path, "kyiv.csv", PLAIN)
    with pytest.raises(gm.InputError) as caught:
        gm.load_weather(path, region="A", regions="ukraine", fill="spline", how="far")
    assert len(caught.value.problems) == 3
