"""Files as services give them out: DWD, ECA&D, rp5, NASA POWER, and tables whose names only nearly fit."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridmodel as gm

HOURS = pd.date_range("2026-01-01", periods=72, freq="h")
TRUE = pd.Series(np.round(-8 + 6 * np.sin(np.arange(72) / 5), 1), index=HOURS)
UNIT = pytest.mark.filterwarnings("ignore:.*has no unit")


def load(tmp_path, text, name="a.csv", **options):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return gm.load_weather(tmp_path / name, **options)


def read(tmp_path, text, name="a.csv", **options):
    return load(tmp_path, text, name, **options)[:, 0].to_series()


def dwd(value=str, hours=HOURS):
    rows = (
        f"  3987;{hour:%Y%m%d%H};    3; {value(TRUE.iloc[row]):>6};  84.0;eor\r\n" for row, hour in enumerate(hours)
    )
    return "STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor\r\n" + "".join(rows)


def test_hours_of_dwd_are_utc_and_a_code_of_minus_999_is_missing(tmp_path):
    pd.testing.assert_series_equal(
        read(tmp_path, dwd(), "produkt_tu_stunde.txt"), TRUE, check_names=False, check_freq=False
    )
    assert load(tmp_path, dwd(), "produkt.txt")["region"].to_numpy().tolist() == ["3987"]
    with pytest.raises(gm.InputError, match="3987: is missing for 1 hour from 2026-01-01T05:00 UTC"):
        read(tmp_path, dwd(lambda v: "-999" if v == TRUE.iloc[5] else str(v)), "produkt.txt")
    central = read(tmp_path, dwd(), "produkt.txt", timezone="+01:00")
    assert central.index[0] == HOURS[0] - pd.Timedelta(hours=1)


def test_years_of_dwd_in_which_its_clock_may_be_another_are_warned_of(tmp_path):
    old = dwd(hours=HOURS - pd.DateOffset(years=30))
    with pytest.warns(UserWarning, match="times before 2000 may be CET: read as UTC"):
        read(tmp_path, old, "produkt.txt")


def test_days_of_dwd_keep_extremes_and_means_of_days_of_utc(tmp_path):
    days = TRUE.resample("D").agg(["min", "max", "mean"])
    rows = (
        f"3987;{day:%Y%m%d}; 10;{row['mean']:.1f}; 84;{row['max']};{row['min']};eor\n" for day, row in days.iterrows()
    )
    found = read(tmp_path, "STATIONS_ID;MESS_DATUM;QN_4;TMK;UPM;TXK;TNK;eor\n" + "".join(rows), "produkt_klima_tag.txt")
    made = found.resample("D").agg(["min", "max", "mean"])
    # hours are at half past, so that an extreme at 06:30 or 14:30 is met exactly
    np.testing.assert_allclose(made[["min", "max"]], days[["min", "max"]], atol=1e-9)
    np.testing.assert_allclose(made["mean"], days["mean"].round(1), atol=0.01)


def ecad(element="TG", quality=None):
    head = "EUROPEAN CLIMATE ASSESSMENT & DATASET (ECA&D), file created on: 22-08-2026\n\n24-28 TG : 0.1 &#176;C\n\n"
    rows = "".join(
        f"  2181,110681,202601{day:02d},{-10 * day:5d},{(quality or {}).get(day, 0):5d}\n" for day in range(1, 9)
    )
    return f"{head}STAID, SOUID,    DATE,   {element}, Q_{element}\n{rows}"


def test_days_of_ecad_are_tenths_and_suspect_ones_are_left_out(tmp_path):
    with pytest.raises(gm.InputError, match="contains days and does not say in which time zone"):
        read(tmp_path, ecad(), "TG_STAID002181.txt")
    found = read(tmp_path, ecad(), "TG_STAID002181.txt", timezone="UTC")
    np.testing.assert_allclose(found.resample("D").mean(), -np.arange(1.0, 9.0), atol=0.01)
    with pytest.raises(gm.InputError, match="is missing for 24 hours from 2026-01-03T00:00 UTC"):
        read(tmp_path, ecad(quality={3: 1}), "TG.txt", timezone="UTC")
    data = load(tmp_path, ecad(quality={3: 1}), "TG.txt", timezone="UTC", fill="linear", fill_limit_h=24)
    assert "1 suspect values of TG left out" in data.attrs["history"]


def test_one_extreme_of_ecad_says_that_the_other_is_missing(tmp_path):
    with pytest.raises(gm.InputError, match="has the lowest temperatures of days, but not the highest"):
        read(tmp_path, ecad("TN"), "TN.txt", timezone="UTC")
    with pytest.raises(gm.InputError, match="has no table of daily temperatures"):
        read(tmp_path, ecad("RR"), "RR.txt", timezone="UTC")


def rp5(hours, head="Local time in Kyiv"):
    rows = "".join(
        f'"{hour:%d.%m.%Y %H:%M}";"{value}";"740.1";"Wind blowing from the north";\n' for hour, value in hours[::-1]
    )
    return f'# Weather station Kyiv, Ukraine, WMO_ID=33345\n# Encoding: UTF-8\n#\n"{head}";"T";"Po";"DD";\n{rows}'


@pytest.mark.parametrize("head", ["Local time in Kyiv", "Місцевий час в Києві", "Местное время в Киеве"])
def test_reports_of_rp5_are_on_the_clock_of_the_place_newest_first(tmp_path, head):
    local = TRUE.tz_localize("UTC").tz_convert("Europe/Kyiv")
    text = rp5(list(local.items()), head)
    with pytest.raises(gm.InputError, match=r"does not say of which zone; .*timezone="):
        read(tmp_path, text)
    found = read(tmp_path, text, timezone="Europe/Kyiv")
    pd.testing.assert_series_equal(found, TRUE, check_names=False, check_freq=False)


def test_the_hour_that_a_clock_shows_twice_is_the_later_one_above_in_a_file_that_begins_with_the_newest(tmp_path):
    utc = pd.date_range("2026-10-25 00:00", periods=4, freq="h")  # 03:00 summer time, 03:00 winter time, 04:00, 05:00
    local = pd.Series([1.0, 2.0, 3.0, 4.0], index=utc).tz_localize("UTC").tz_convert("Europe/Kyiv")
    assert [f"{hour:%H}" for hour in local.index] == ["03", "03", "04", "05"]
    assert read(tmp_path, rp5(list(local.items())), timezone="Europe/Kyiv").to_dict() == dict(
        zip(utc, [1, 2, 3, 4], strict=True)
    )


@pytest.mark.parametrize("step", [3, 6])
def test_a_value_every_few_hours_is_one_sentence_and_lines_between_them_on_request(tmp_path, step):
    text = rp5(list(TRUE[::step].items()))
    with pytest.raises(gm.InputError, match=f'has a value every {step} hours, and must.*fill="linear"') as error:
        read(tmp_path, text, timezone="UTC")
    assert len(error.value.problems) == 1
    found = read(tmp_path, text, timezone="UTC", fill="linear")
    pd.testing.assert_series_equal(
        found, TRUE[::step].resample("h").interpolate(), check_names=False, check_freq=False, atol=1e-9
    )


def power(clock, rows, names="YEAR,MO,DY,HR,T2M"):
    head = f"Dates (month/day/year): 01/01/2026 through 01/03/2026 in {clock}\nLocation: latitude  50.45   longitude 30.52 \n"
    return f"-BEGIN HEADER-\nNASA/POWER Source Native Resolution Hourly Data \n{head}T2M  (C) \n-END HEADER-\n{names}\n{rows}"


@pytest.mark.parametrize(("clock", "ahead"), [("UTC", 0), ("LST", 2)])
def test_hours_of_nasa_power_are_utc_or_solar_time_as_the_file_says(tmp_path, clock, ahead):
    rows = "".join(f"{hour.year},{hour.month},{hour.day},{hour.hour},{value}\n" for hour, value in TRUE.items())
    found = read(tmp_path, power(clock, rows))
    assert found.index[0] == HOURS[0] - pd.Timedelta(hours=ahead)  # 30.52 degrees east are two hours
    np.testing.assert_array_equal(found, TRUE)
    with pytest.raises(gm.InputError, match="is missing for 1 hour"):
        read(tmp_path, power(clock, rows.replace(f"2026,1,1,5,{TRUE.iloc[5]}", "2026,1,1,5,-999.0")))
    with pytest.raises(gm.InputError, match="must say its location, and LST or UTC"):
        read(tmp_path, power("local time", rows))


def test_days_of_nasa_power_have_extremes(tmp_path):
    days = TRUE.resample("D").agg(["min", "max", "mean"])
    rows = "".join(
        f"{day.year},{day.month},{day.day},{row['min']},{row['max']},{row['mean']:.2f}\n"
        for day, row in days.iterrows()
    )
    found = read(tmp_path, power("UTC", rows, "YEAR,MO,DY,T2M_MIN,T2M_MAX,T2M"))
    assert found.index[0] == HOURS[0]
    made = found.resample("D").agg(["min", "max"])
    assert (made["min"] >= days["min"] - 1e-9).all()
    assert (made["max"] <= days["max"] + 1e-9).all()


@UNIT
@pytest.mark.parametrize(
    "names",
    [
        "tempmin,tempmax,temp",
        "Min Temp,Max Temp,Mean Temp",
        "temp_min,temp_max,temp_mean",
        "Tmin (°C),Tmax (°C),Tavg (°C)",
    ],
)
def test_extremes_count_however_the_words_of_their_names_are_divided(tmp_path, names):
    text = f"date,{names}\n2026-01-08,-9,-1,-6\n2026-01-09,-9,-1,-6\n2026-01-10,-9,-1,-6\n"
    data = load(tmp_path, text, timezone="UTC")
    assert (float(data.min()), float(data.max())) == pytest.approx((-9, -1), abs=0.01)
    assert "assumed" not in data.attrs["history"]


@UNIT
@pytest.mark.parametrize("form", ["text", "seconds"])
def test_extremes_beside_hours_are_not_days(tmp_path, form):
    stamp = (lambda hour: f"{hour:%Y-%m-%d %H:%M:%S}") if form == "text" else (lambda hour: int(hour.timestamp()))
    rows = "".join(f"{stamp(hour)},{value},{value - 1},{value + 1}\n" for hour, value in TRUE.items())
    np.testing.assert_array_equal(read(tmp_path, f"dt,temp,temp_min,temp_max\n{rows}"), TRUE)


def test_comments_before_a_table_are_left_out_and_lines_are_counted_with_them(tmp_path):
    rows = "".join(f"{hour:%Y-%m-%d %H:%M},{value}\n" for hour, value in TRUE.items())
    np.testing.assert_array_equal(
        read(tmp_path, f"# Renewables.ninja, 50.45\n# Units: °C\n\ntime,t2m (°C)\n{rows}"), TRUE
    )
    with pytest.raises(gm.InputError, match=r"a.csv:5: .*'cold' is not a number"):
        read(tmp_path, f"# one\n# two\n\ntime,t2m (°C)\n{rows}".replace(f"00:00,{TRUE.iloc[0]}", "00:00,cold", 1))


def test_a_table_that_nothing_is_known_of_is_one_sentence_with_what_to_do(tmp_path):
    text = (
        "Stationsnamn;Nummer\nStockholm;98230\n\nDatum;Tid (UTC);Lufttemperatur;Kvalitet\n2026-01-01;00:00:00;-1.8;G\n"
    )
    with pytest.raises(
        gm.InputError, match=r"first line must name its columns.*`temperature`; take out lines above it"
    ) as error:
        load(tmp_path, text)
    assert len(error.value.problems) == 1


def test_a_clock_of_the_place_in_a_header_asks_for_its_zone(tmp_path):
    rows = "".join(f"{hour:%Y-%m-%d %H:%M},2026,01,01,{hour:%H:%M},{value}\n" for hour, value in TRUE.items())
    text = f"Date/Time (LST),Year,Month,Day,Time (LST),Temp (°C)\n{rows}"
    with pytest.raises(gm.InputError, match="contains local times: say of which time zone"):
        read(tmp_path, text)
    assert read(tmp_path, text, timezone="-05:00").index[0] == HOURS[0] + pd.Timedelta(hours=5)


def test_a_plain_table_with_the_parts_of_times_takes_the_unit_and_the_zone_of_the_caller(tmp_path):
    fahrenheit = (TRUE * 1.8 + 32).round(2)
    rows = "".join(f"{hour.year},{hour.month},{hour.day},{hour.hour},{value}\n" for hour, value in fahrenheit.items())
    found = read(tmp_path, f"year,month,day,hour,temp\n{rows}", unit="degF", timezone="+02:00")
    np.testing.assert_allclose(found, TRUE, atol=1e-9)
    assert found.index[0] == HOURS[0] - pd.Timedelta(hours=2)
    with pytest.warns(UserWarning, match="temp: has no unit: read as degC"):
        read(tmp_path, f"year,month,day,hour,temp\n{rows}")


def grid(**changes):
    values = np.full((24, 3, 3), 263.15)
    made = xr.Dataset(
        {"t2m": (("time", "latitude", "longitude"), values, {"units": "K"})},
        coords={"time": HOURS[:24], "latitude": [50.0, 51.0, 52.0], "longitude": [30.0, 31.0, 32.0]},
    )
    return made.assign_coords(**changes)


POINT = pd.DataFrame({"id": ["A"], "centre_lat": [50.5], "centre_lon": [30.5]})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.assign_coords(latitude=[30.0, 31.0, 32.0], longitude=[50.0, 51.0, 52.0]), "look swapped: the other way round"),
        (lambda d: d.isel(latitude=slice(0, 0)), "t2m: contains no values: latitude is empty"),
        (lambda d: d.isel(time=slice(None, None, 6)), "has a value every 6 hours"),
        (lambda d: d.assign(t2m=(d["t2m"] * 1.8 - 400).assign_attrs(units="degC")), "looks like degrees Fahrenheit"),
    ],
    ids=["swapped", "empty", "six hours", "Fahrenheit"],
)  # fmt: skip
@pytest.mark.parametrize("spread", ["", "nearest"])
def test_what_is_wrong_with_a_grid_is_one_sentence(tmp_path, change, said, spread):
    change(grid()).to_netcdf(tmp_path / "a.nc")
    with pytest.raises(gm.InputError, match=said) as error:
        gm.load_weather(tmp_path / "a.nc", regions=POINT, spread=spread)
    assert len(error.value.problems) == 1


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    for name in ("a.nc", "a.csv", "a.json", "a.txt"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(gm.InputError, match=r"is empty|not a known weather file"):
            gm.load_weather(tmp_path / name)


def test_what_three_variables_of_a_grid_lack_alike_is_told_once(tmp_path):
    days = grid().rename(t2m="tasmin").assign(tasmax=(grid()["t2m"] + 5).assign_attrs(units="K"))
    days.assign_coords(time=pd.date_range("2026-01-01", periods=24)).to_netcdf(tmp_path / "a.nc")
    far = POINT.assign(centre_lat=10.0)
    with pytest.raises(gm.InputError, match="no place with data within 150 km") as error:
        gm.load_weather(tmp_path / "a.nc", regions=far)
    assert len(error.value.problems) == 1
