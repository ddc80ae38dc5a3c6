"""Temperatures whose unit nobody states: told, asked about, or refused with what they look like."""

import numpy as np
import pandas as pd
import pytest

import gridmodel as gm

HOURS = pd.date_range("2026-01-08", periods=48, freq="h")
CELSIUS = -8.0 + 6.0 * np.sin(np.arange(48) / 24 * 2 * np.pi)
"""From -14 to -2 degC."""


def table(tmp_path, values, digits=2):
    values = np.round(values, digits) if digits else np.rint(values).astype(int)
    times = HOURS.strftime("%Y-%m-%d %H:%M")
    pd.DataFrame({"time": times, "temperature": values}).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def fahrenheit(celsius):
    return celsius * 1.8 + 32.0


@pytest.mark.parametrize(("values", "unit"), [(CELSIUS, "degC"), (CELSIUS + 273.15, "K")])
def test_a_table_without_a_unit_is_told_with_how_one_is_given(tmp_path, values, unit):
    path = table(tmp_path, values)
    said = rf'has no unit: read as {unit}; say so with unit="{unit}" \(--unit {unit}\), or give another: degC, K, degF, tenths'
    with pytest.warns(UserWarning, match=said):
        data = gm.load_weather(path)
    assert np.allclose(data[:, 0], CELSIUS, atol=0.01)
    assert np.array_equal(gm.load_weather(path, unit=unit), data)  # and then nothing is told


@pytest.mark.parametrize("warmer", [16.0, 20.0, 22.0])  # up to 46, 53 and 57 degF
def test_numbers_that_are_hot_in_degc_and_usual_in_degf_are_asked_about(tmp_path, warmer):
    path = table(tmp_path, fahrenheit(CELSIUS + warmer - 6.0))
    with pytest.raises(
        gm.InputError, match=r'is hot in degC and usual in degF; say which it is: unit="degF" or unit="degC"'
    ):
        gm.load_weather(path)
    assert np.allclose(gm.load_weather(path, unit="degF")[:, 0], CELSIUS + warmer - 6.0, atol=0.01)
    assert float(gm.load_weather(path, unit="degC").max()) > 45


REFUSED = {
    "degF": (fahrenheit(CELSIUS + 30.0), r'looks like degrees Fahrenheit: say so with unit="degF" \(--unit degF\)', 2),
    "tenths": (10 * CELSIUS, r'looks like tenths of degC: say so with unit="tenths" \(--unit tenths\)', 0),
    "mixed": (np.where(np.arange(48) < 3, CELSIUS + 273.15, CELSIUS), "some look like kelvin and others like degC", 2),
    "most kelvin": (np.where(np.arange(48) > 3, CELSIUS + 273.15, CELSIUS), "is outside -70 to 60 degC", 2),
    "codes": (np.where(np.arange(48) == 3, 999.9, CELSIUS), "looks like a code of a missing value", 2),
}


@pytest.mark.filterwarnings("ignore:.*has no unit")
@pytest.mark.parametrize("name", REFUSED)
def test_numbers_that_cannot_be_degc_are_refused_with_what_they_look_like(tmp_path, name):
    values, said, digits = REFUSED[name]
    path = table(tmp_path, values, digits)
    with pytest.raises(gm.InputError, match=said):
        gm.load_weather(path)
    if name in {"degF", "tenths"}:
        degrees = CELSIUS + (30.0 if name == "degF" else 0.0)
        assert np.allclose(gm.load_weather(path, unit=name)[:, 0], degrees, atol=0.06)


def frame(values):
    times = pd.date_range("2026-01-01", periods=144, freq="h")
    return pd.DataFrame({region: np.tile(values, 3) for region in ("TR-1", "TR-2", "TR-3")}, index=times)


@pytest.mark.parametrize(("unit", "of"), [("K", lambda c: c + 273.15), ("degF", fahrenheit), ("degC", lambda c: c)])
def test_a_table_in_memory_is_read_in_the_unit_of_its_attrs(three, unit, of):
    run = {"start": "2026-01-05 00:00", "end": "2026-01-05 02:00"}
    given = frame(of(CELSIUS))
    given.attrs["units"] = unit
    found = gm.run(three(weather=given, **run))["outdoor_temperature"]
    assert np.allclose(found, gm.run(three(weather=frame(CELSIUS), **run))["outdoor_temperature"], atol=1e-5)


def test_a_table_in_memory_that_looks_like_kelvin_is_refused_with_how_its_unit_is_given(three):
    with pytest.raises(gm.InputError, match=r'looks like kelvin: .*in memory with \.attrs\["units"\]'):
        gm.run(three(weather=frame(CELSIUS + 273.15), start="2026-01-05 00:00", end="2026-01-05 02:00"))


def test_a_demand_table_in_memory_is_read_in_the_unit_of_its_attrs_too(three):
    run = {"start": "2026-01-05 00:00", "end": "2026-01-05 02:00", "demand_use": "replace"}
    megawatts = pd.DataFrame(
        100.0, index=pd.date_range("2026-01-04 20:00", periods=48, freq="h"), columns=["TR-1", "TR-2", "TR-3"]
    )
    kilowatts = megawatts * 1000.0
    kilowatts.attrs["units"] = "kW"
    found = [gm.run(three(demand=one, **run))["demand_mw"] for one in (megawatts, kilowatts)]
    assert found[0].equals(found[1])
