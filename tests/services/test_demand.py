import numpy as np
import pytest
import xarray as xr

import gridmodel as gm


def series(values):
    times = np.datetime64("2026-01-01T00", "ns") + np.arange(len(values)) * np.timedelta64(1, "h")
    return xr.DataArray(np.asarray(values, float)[:, None], {"time": times, "region": ["A"]}, ("time", "region"))


def test_effective_temperature_at_noon_is_the_weighted_mean_of_four_days():
    days = [-2.0, -4.0, -8.0, -16.0, -3.0]
    got = gm.demand.effective_temperature(series(np.repeat(days, 24)))
    by_hand = (-16 + 0.5 * -8 + 0.25 * -4 + 0.125 * -2) / 1.875
    assert got.to_numpy()[3 * 24 + 12, 0] == pytest.approx(by_hand, abs=1e-12)


def test_effective_temperature_of_constant_weather_is_that_weather():
    assert np.allclose(gm.demand.effective_temperature(series(np.full(200, -20.0))), -20.0)


def test_a_longer_series_does_not_change_what_lies_half_a_day_inside():
    rng = np.random.default_rng(1)
    values = rng.normal(-5, 5, 240)
    short = gm.demand.effective_temperature(series(values[:200])).to_numpy()
    long = gm.demand.effective_temperature(series(values)).to_numpy()
    assert np.array_equal(short[:188], long[:188])


@pytest.mark.parametrize(
    ("effective", "expected"),
    [
        pytest.param(-9.0, 0.0, id="the reference day adds nothing"),
        pytest.param(-20.0, 2200.0, id="eleven kelvin colder"),
        pytest.param(-40.0, 6200.0, id="linear to minus forty"),
        pytest.param(20.0, -4800.0, id="above the threshold no heating is left"),
    ],
)
def test_cold_adds_slope_times_heating_degrees_to_the_reference_day(effective, expected):
    got = gm.demand.cold_demand_mw(np.array([effective]), np.array([-9.0]), np.array([200.0]), factor=np.ones(1))
    assert got[0, 0] == pytest.approx(expected)


def test_demand_shares_cold_over_tiers_in_proportion_and_is_never_negative():
    share = np.array([[0.3, 0.7], [0.5, 0.5]])
    got = gm.demand.demand_mw(np.array([100.0, 10.0]), share, 0.5, cold_mw=np.array([[10.0, -50.0]]))
    assert np.allclose(got, [[[18.0, 42.0], [0.0, 0.0]]])
