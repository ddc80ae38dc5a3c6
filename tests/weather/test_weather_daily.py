import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridmodel.weather.daily import day_curve, wave

DAYS = st.lists(st.tuples(st.floats(-30, 10), st.floats(0.5, 15)), min_size=1, max_size=12)


def test_the_wave_is_lowest_at_half_past_six_and_has_no_mean():
    hours = np.arange(24) + 0.5
    assert hours[wave(hours).argmin()] == 6.5
    assert hours[wave(hours).argmax()] == 14.5
    assert abs(wave(hours).sum()) < 1e-12


def test_days_that_are_alike_follow_the_wave():
    curve = day_curve(np.full((3, 1), -10.0), np.full((3, 1), -4.0))[:, 0]
    assert np.allclose(curve, np.tile(-7 + 3 * wave(np.arange(24) + 0.5), 3))


@given(DAYS)
def test_each_day_keeps_its_extremes_where_its_range_touches_its_neighbours(days):
    low = np.array([[base] for base, _ in days])
    high = low + np.array([[width] for _, width in days])
    curve = day_curve(low, high)[:, 0].reshape(-1, 24)
    for day in range(len(days)):
        assert np.isclose(curve[day, 6], low[day, 0])  # from 06:00 to 07:00
        assert np.isclose(curve[day, 14], high[day, 0])
        near = [other for other in (day - 1, day + 1) if 0 <= other < len(days)]
        if all(low[o, 0] <= high[day, 0] and low[day, 0] <= high[o, 0] for o in near):
            assert np.isclose(curve[day].min(), low[day, 0])
            assert np.isclose(curve[day].max(), high[day, 0])


@given(DAYS)
def test_the_curve_does_not_jump_at_midnight(days):
    low = np.array([[base] for base, _ in days])
    high = low + np.array([[width] for _, width in days])
    steps = np.abs(np.diff(day_curve(low, high)[:, 0]))
    swing = max(high.max() - low.min(), 0.5)
    assert steps.max() <= swing * np.pi / 2 / 6.5


def test_a_missing_day_leaves_its_neighbours_whole():
    low, high = np.array([[-10.0], [np.nan], [-12.0]]), np.array([[-4.0], [-3.0], [-5.0]])
    curve = day_curve(low, high)[:, 0].reshape(3, 24)
    assert np.isfinite(curve[[0, 2]]).all()
    assert np.isnan(curve[1]).all()
    assert (curve[2].min(), curve[2].max()) == (-12, -5)
