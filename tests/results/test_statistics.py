import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.results.statistics import (
    confidence_interval,
    cvar,
    exceedance,
    mean_and_error,
    mean_interval,
    paired_difference,
)

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


@given(NUMBERS)
def test_an_exceedance_curve_falls_from_one_and_counts_every_member(values):
    curve = exceedance(np.array(values))
    assert curve.iloc[0] == 1
    assert (np.diff(curve.to_numpy()) < 0).all()
    for value, probability in curve.items():
        assert probability == pytest.approx(np.mean(np.array(values) >= value))


@given(NUMBERS, st.floats(0.05, 0.95))
def test_the_tail_is_no_better_than_the_mean_and_no_worse_than_the_worst(values, level):
    data = np.array(values)
    assert data.mean() - 1e-6 <= cvar(data, level) <= data.max() + 1e-6


def test_the_interval_is_students():
    low, high = confidence_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    half = 2.776445 * np.sqrt(2.5 / 5)
    assert (low, high) == pytest.approx((3 - half, 3 + half), rel=1e-6)


def test_the_interval_of_skewed_values_solves_halls_transform():
    values = np.array([0.0, 0.0, 1.0, 0.0, 7.0, 0.0, 2.0, 0.0, 0.0, 0.0])
    spread, skew = values.std(ddof=1), ((values - 1.0) ** 3).mean() / values.std(ddof=1) ** 3
    for end, quantile in zip(confidence_interval(values), (2.262157, -2.262157), strict=True):
        u = (1.0 - end) / spread
        transformed = u + skew * u**2 / 3 + skew**2 * u**3 / 27 + skew / 60
        assert np.sqrt(10) * transformed == pytest.approx(quantile, rel=1e-6)


@given(st.lists(st.floats(0, 1e3), min_size=2, max_size=40), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_the_interval_holds_its_mean_moves_with_the_values_and_turns_with_them(values, factor, shift):
    data = np.array(values)
    low, high = confidence_interval(data)
    slack = 1e-6 * (1 + data.max())
    assert low - slack <= data.mean() <= high + slack
    if data.std() > 1e-3:
        moved = confidence_interval(factor * data + shift)
        assert moved == pytest.approx((factor * low + shift, factor * high + shift), rel=1e-6, abs=1e-6 * factor)
        assert confidence_interval(-data) == pytest.approx((-high, -low), rel=1e-6, abs=1e-6)


DRAWS = {
    "normal": (lambda rng, shape: rng.normal(size=shape), 0.0, (10, 20, 50, 100)),
    "exponential": (lambda rng, shape: rng.exponential(size=shape), 1.0, (10, 20, 50, 100)),
    "lognormal": (lambda rng, shape: rng.lognormal(size=shape), np.exp(0.5), (50, 100)),
    "mostly zero": (lambda rng, shape: rng.exponential(size=shape) * (rng.random(shape) < 0.3), 0.3, (20, 50, 100)),
}


@pytest.mark.parametrize(
    ("kind", "count"), [(kind, count) for kind, (_, _, counts) in DRAWS.items() for count in counts]
)
def test_the_95_percent_interval_holds_the_mean_of_skewed_results_of_few_members(kind, count):
    draw, exact, _ = DRAWS[kind]
    low, high = mean_interval(draw(np.random.default_rng(count), (count, 2000)))
    assert 0.925 <= np.mean((low <= exact) & (exact <= high)) <= 0.98


def test_one_member_has_no_interval_and_equal_ones_have_a_point():
    assert np.isnan(confidence_interval(np.array([3.0]))).all()
    assert confidence_interval(np.array([3.0, 3.0, 3.0])) == (3.0, 3.0)


def test_members_that_are_missing_are_left_out():
    assert mean_and_error(np.array([np.nan, 2.0])) == (2.0, None)
    assert np.isnan(mean_and_error(np.array([np.nan]))[0])


def test_common_random_numbers_make_a_difference_far_surer_than_its_parts(three):
    event = {"time": "2026-01-05 00:00", "target": "TR-2/thermal_coal", "kind": "strike", "interception": 0.5,
             "hits_before_interception": 8}  # fmt: skip
    base = three(deterministic=False, members=40, end="2026-01-05 02:00", events=[event])
    less, more = (gm.metrics.ens_mwh(gm.run(base.replace(import_limit_mw=limit))) for limit in (100, 150))
    paired = paired_difference(less, more)
    assert paired.mean == pytest.approx(-100)
    assert paired.standard_error < 1e-9
    assert gm.metrics.estimate(less).standard_error > 1
    with pytest.raises(gm.InputError, match="same in both"):
        paired_difference(less, more[:10])
    assert isinstance(less, xr.DataArray)
