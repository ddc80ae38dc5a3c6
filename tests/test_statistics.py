import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.statistics import confidence_interval, cvar, exceedance, mean_and_error, paired_difference

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
