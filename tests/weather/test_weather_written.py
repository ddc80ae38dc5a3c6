"""Tables as programs and people write them: encodings, indices without a name, numbers for times, local clocks."""

import numpy as np
import pandas as pd
import pytest

import gridmodel as gm

HEAD = "time;Température (°C)\n"


def load(tmp_path, content, name="a.csv", **options):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return gm.load_weather(tmp_path / name, **options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_that_a_mark_or_the_text_itself_says_are_read_without_a_warning(tmp_path, encoding):
    text = "time,Київ,Львів\n2026-01-08T00:00Z,-10,-5\n2026-01-08T01:00Z,-11,-6\n"
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    data = load(tmp_path, mark + text.encode(encoding))
    assert list(data["region"].to_numpy()) == ["Київ", "Львів"]
    assert data.to_numpy().tolist() == [[-10, -5], [-11, -6]]


@pytest.mark.parametrize(("encoding", "names", "said"), [("latin-1", ["Orléans", "Zürich"], "Latin-1"), ("cp1251", ["Київ", "Львiв ©"], "Windows-1251")])  # fmt: skip
def test_encodings_that_nothing_says_are_read_with_a_warning(tmp_path, encoding, names, said):
    text = f"time,{','.join(names)}\n2026-01-08T00:00Z,-10,-5\n2026-01-08T01:00Z,-11,-6\n"
    with pytest.warns(UserWarning, match=f"a.csv: is not UTF-8: read as {said}"):
        data = load(tmp_path, text.encode(encoding))
    assert list(data["region"].to_numpy()) == names


@pytest.mark.parametrize("index", ["", "Unnamed: 0", "index"])
def test_a_first_column_of_times_needs_no_name(tmp_path, index):
    data = load(tmp_path, f"{index},Temp (°C)\n2026-01-08 00:00:00,-1\n2026-01-08 01:00:00,-2\n")
    assert data[:, 0].to_numpy().tolist() == [-1, -2]
    several = load(tmp_path, f"{index},A,B\n2026-01-08 00:00:00,-1,1\n2026-01-08 01:00:00,-2,2\n")
    assert several.to_numpy().tolist() == [[-1, 1], [-2, 2]]


def test_a_first_column_that_numbers_the_rows_is_left_out(tmp_path):
    data = load(tmp_path, ",time,A,B\n0,2026-01-08T00:00Z,-1,1\n1,2026-01-08T01:00Z,-2,2\n")
    assert list(data["region"].to_numpy()) == ["A", "B"]


@pytest.mark.parametrize("cells", [("1767830400", "1767834000"), ("1767830400000", "1767834000000"), ("1767830400.0", "1767834000.0"),
                                   ("2026010800", "2026010801"), ("202601080000", "202601080100"), ("20260108000000", "20260108010000")])  # fmt: skip
def test_numbers_that_are_times_are_read_as_what_the_whole_column_is(tmp_path, cells):
    # 1767830400 s = 20461 days after 1970-01-01, which is 2026-01-08: 56 years of 365 days, 14 leap days, 7 days
    assert 1767830400 == (56 * 365 + 14 + 7) * 86400
    data = load(tmp_path, f"timestamp,temp (°C)\n{cells[0]},-1\n{cells[1]},-2\n")
    assert [str(t)[:13] for t in data["time"].to_numpy()] == ["2026-01-08T00", "2026-01-08T01"]


def test_the_hour_that_a_clock_shows_twice_is_read_twice(tmp_path):
    # Kyiv, 25 October 2026: 03:59 summer time (UTC+3) is followed by 03:00 winter time (UTC+2)
    rows = ["2026-10-25 02:00,1", "2026-10-25 03:00,2", "2026-10-25 03:00,3", "2026-10-25 04:00,4"]
    data = load(tmp_path, "time,temp (°C)\n" + "\n".join(rows) + "\n", timezone="Europe/Kyiv")
    assert [str(t)[:13] for t in data["time"].to_numpy()] == [
        f"2026-10-{d}T{h:02d}" for d, h in ((24, 23), (25, 0), (25, 1), (25, 2))
    ]
    assert data[:, 0].to_numpy().tolist() == [1, 2, 3, 4]
    written = load(
        tmp_path, "Дата;Київ\n" + "".join(f"25.10.2026 {r[11:16]};{r[17:]}\n" for r in rows), timezone="Europe/Kyiv"
    )
    assert written[:, 0].to_numpy().tolist() == [1, 2, 3, 4]
    with pytest.raises(gm.InputError, match="is repeated"):
        load(tmp_path, "time,temp (°C)\n" + "\n".join(rows) + "\n")  # in UTC no hour comes twice


def test_offsets_that_change_within_a_file_are_followed(tmp_path):
    rows = "2026-10-25T03:00+03:00,1\n2026-10-25T03:00+02:00,2\n2026-10-25T04:00+02:00,3\n"
    data = load(tmp_path, "time,temp (°C)\n" + rows)
    assert [str(t)[11:13] for t in data["time"].to_numpy()] == ["00", "01", "02"]


def test_a_place_with_semicolons_decimal_commas_and_dates_with_points(tmp_path):
    data = load(tmp_path, "Datum;tmin;tmax;tavg\n".replace("Datum", "date") + "08.01.2026;-10,5;-3,1;-6,0\n09.01.2026;-14,8;-5,2;-9,5\n",
                timezone="+02:00", unit="degC")  # fmt: skip
    days = data[:, 0].to_numpy().reshape(2, 24)
    assert days.min(axis=1).tolist() == [-10.5, -14.8]
    assert days.max(axis=1).tolist() == [-3.1, -5.2]
    assert np.allclose(days.mean(axis=1), [-6.0, -9.5], atol=1e-4)
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-07T22")


def test_days_and_months_are_told_by_the_whole_column_or_refused(tmp_path):
    days = "date,tmin (°C),tmax (°C)\n03/04/2026,1,2\n04/04/2026,2,3\n05/04/2026,3,4\n"
    data = load(tmp_path, days, timezone="UTC")
    assert str(data["time"].to_numpy()[0]).startswith("2026-04-03")
    assert "dates read as day, month, year" in data.attrs["history"]
    american = load(tmp_path, "date,tmin (°C),tmax (°C)\n12/30/2026,1,2\n12/31/2026,2,3\n", timezone="UTC")
    assert "dates read as month, day, year" in american.attrs["history"]
    assert str(american["time"].to_numpy()[0]).startswith("2026-12-30")
    with pytest.raises(gm.InputError, match="could be day/month or month/day"):
        load(tmp_path, "date,tmin (°C),tmax (°C)\n03/04/2026,1,2\n", timezone="UTC")


def test_hours_of_a_dial_of_twelve(tmp_path):
    clock = [f"1/8/2026 {hour}:00 {half}" for half in ("AM", "PM") for hour in (12, *range(1, 12))] + [
        "1/9/2026 12:00 AM"
    ]
    data = load(tmp_path, "time,temp (°F)\n" + "".join(f"{cell},{place}\n" for place, cell in enumerate(clock)))
    assert data.sizes["time"] == 25
    assert float(data[12, 0]) == pytest.approx((12 - 32) / 1.8)
    assert str(data["time"].to_numpy()[12]).startswith("2026-01-08T12")


def test_a_logger_that_writes_every_ten_minutes_gives_its_full_hours(tmp_path):
    times = pd.date_range("2026-01-08", periods=13, freq="10min")
    data = load(
        tmp_path, "time,temp (°C)\n" + "".join(f"{t:%Y-%m-%d %H:%M},{place}\n" for place, t in enumerate(times))
    )
    assert data[:, 0].to_numpy().tolist() == [0, 6, 12]
    assert "10 rows between full hours left out" in data.attrs["history"]


def test_parts_of_dates_and_missing_values_by_name(tmp_path):
    rows = "2026,1,8,0,-1\n2026,1,8,1,NA\n2026,1,8,2,-3\n"
    data = load(tmp_path, "Year,Month,Day,Hour,Temperature (°C)\n" + rows, fill="linear")
    assert data[:, 0].to_numpy().tolist() == [-1, -2, -3]


def test_kelvin_by_its_name_its_unit_or_the_option(tmp_path):
    rows = "2026-01-08 00:00,263.15\n2026-01-08 01:00,262.15\n"
    for header, options in (("temp_k", {}), ("Temp [K]", {}), ("air_temperature", {"unit": "kelvin"})):
        data = load(tmp_path, f"time,{header}\n{rows}", **options)
        assert data[:, 0].to_numpy().round(6).tolist() == [-10, -11]
    with pytest.raises(gm.InputError, match=r'looks like kelvin: say so with unit="K"'):
        load(tmp_path, f"time,UA-30\n{rows}")
    assert load(tmp_path, f"time,UA-30\n{rows}", unit="K")[:, 0].to_numpy().round(6).tolist() == [-10, -11]
