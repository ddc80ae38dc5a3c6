"""Headers as people write them: units after a comma or a degree sign, endings, columns without a name."""

import numpy as np
import pandas as pd
import pytest

import gridmodel as gm

HOURS = pd.date_range("2026-01-08", periods=24, freq="h")
CELSIUS = np.round(-8.0 + 6.0 * np.sin(np.arange(24) / 24 * 2 * np.pi), 2)
FAHRENHEIT = np.round(CELSIUS * 1.8 + 32.0, 3)
"""From 6.8 to 28.4: numbers that could be degC as well, so that only the header tells."""


def table(tmp_path, header, values=CELSIUS, tail=""):
    mark = ";" if ";" in header else ","
    rows = [f"{time:%Y-%m-%d %H:%M}{mark}{value}{tail}" for time, value in zip(HOURS, values, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join([header + tail, *rows]), encoding="utf-8")
    return tmp_path / "a.csv"


@pytest.mark.parametrize(
    ("header", "region"),
    [
        ("time,UA-30 (°F)", "UA-30"),
        ("time,UA-30 °F", "UA-30"),
        ("date;UA-30, °F", "UA-30"),
        ("Дата;Київ, °F", "Київ"),
        ("Дата;Температура, °F", "a"),
        ("Дата;Температура повітря, °F", "a"),
        ("date;temperature, F", "a"),
        ("time,temp °F", "a"),
        ("time;temp_f", "a"),
        ("Дата;Київ (t, °F)", "Київ"),
    ],
)
def test_fahrenheit_that_the_header_says_in_any_way_is_fahrenheit(tmp_path, header, region):
    data = gm.load_weather(table(tmp_path, header, FAHRENHEIT))
    assert data["region"].to_numpy().tolist() == [region]
    assert np.allclose(data[:, 0], CELSIUS, atol=0.001)


@pytest.mark.parametrize("unit", ["°С", "ºC", "˚C", "град. С", "t, °С"])  # Cyrillic letters look the same
def test_degrees_celsius_are_known_by_what_ukrainian_keyboards_write(tmp_path, unit):
    data = gm.load_weather(table(tmp_path, f"Дата;Київ ({unit})"))
    assert data["region"].to_numpy().tolist() == ["Київ"]
    assert np.array_equal(data[:, 0], CELSIUS)


def test_a_unit_of_one_column_of_our_own_csv_counts_for_that_column_only(tmp_path):
    rows = [f"{time:%Y-%m-%dT%H:%M},{c},{f}" for time, c, f in zip(HOURS, CELSIUS, FAHRENHEIT, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join(["time,UA-30 (°C),UA-32 (°F)", *rows]), encoding="utf-8")
    data = gm.load_weather(tmp_path / "a.csv")
    assert data["region"].to_numpy().tolist() == ["UA-30", "UA-32"]
    assert np.allclose(data[:, 0], data[:, 1], atol=0.001)


def test_two_columns_of_one_region_in_two_units_are_refused(tmp_path):
    rows = [f"{time:%Y-%m-%dT%H:%M},{c},{c}" for time, c in zip(HOURS, CELSIUS, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join(["time,UA-30 (°C),UA-30 (°F)", *rows]), encoding="utf-8")
    with pytest.raises(gm.InputError, match="UA-30: is repeated in the header"):
        gm.load_weather(tmp_path / "a.csv")


@pytest.mark.parametrize("header", ["time,UA-30", "time;UA-30", "date,UA-30", "Дата;Температура", "time,temperature"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.filterwarnings("ignore:.*has no unit")
def test_columns_at_the_end_without_a_name_or_a_value_are_left_out(tmp_path, header, count):
    data = gm.load_weather(table(tmp_path, header, tail=(";" if ";" in header else ",") * count))
    assert data.shape == (24, 1)
    assert np.array_equal(data[:, 0], CELSIUS)


def test_a_column_at_the_end_without_a_name_that_has_a_value_is_told(tmp_path):
    path = table(tmp_path, "time,UA-30", tail=",")
    path.write_text(path.read_text() + "-5")
    with pytest.raises(gm.InputError, match=r"a\.csv:1: column 3 has values and no name: name it, or empty it"):
        gm.load_weather(path)


@pytest.mark.parametrize("header", ["date;UA-30", "Дата;Температура"])
def test_a_table_of_dates_without_a_unit_is_asked_about_where_it_is_hot_in_degc(tmp_path, header):
    path = table(tmp_path, header, FAHRENHEIT + 25.0)
    with pytest.raises(gm.InputError, match="is hot in degC and usual in degF"):
        gm.load_weather(path)
    assert float(gm.load_weather(path, unit="degF").max()) < 12.0


def test_a_table_of_dates_in_kelvin_is_told_and_read(tmp_path):
    path = table(tmp_path, "date;UA-30", np.round(CELSIUS + 273.15, 2))
    with pytest.warns(UserWarning, match="has no unit: read as K"):
        assert np.allclose(gm.load_weather(path)[:, 0], CELSIUS)


def test_the_minus_of_a_typesetter_is_a_minus_before_a_decimal_point_too(tmp_path):
    path = table(tmp_path, "Дата;Київ", [f"{value}".replace("-", "\u2212") for value in CELSIUS])
    assert np.array_equal(gm.load_weather(path)[:, 0], CELSIUS)
