"""Settings that move a headline most: named where members can tell, and seldom by chance."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import spearmanr

from gridmodel.results.drivers import drivers


def drawn(values):
    names = [f"setting {place}" for place in range(values.shape[1])]
    return xr.Dataset({"drawn_value": (("member", "setting"), values)}, coords={"setting": names})


def headline(values):
    return xr.DataArray(values, dims="member")


def test_the_setting_that_makes_the_headline_is_named_first_with_its_sign():
    rng = np.random.default_rng(3)
    values = rng.uniform(size=(40, 5))
    got = drivers(drawn(values), headline(-10.0 * values[:, 2] + 2.0 * values[:, 4] + 0.1 * values[:, 0]))
    assert got[0][0] == "setting 2"
    assert got[0][1] < -0.9


def test_correlations_are_spearmans_with_ties():
    rng = np.random.default_rng(4)
    values = rng.integers(0, 4, size=(60, 1)).astype(float)
    energy = values[:, 0] + rng.integers(0, 2, size=60)
    got = drivers(drawn(values), headline(energy))
    assert got == [("setting 0", pytest.approx(spearmanr(values[:, 0], energy).statistic, abs=1e-4))]


@pytest.mark.parametrize("members", [10, 100])
def test_where_nothing_matters_a_setting_is_named_in_one_run_of_twenty(members):
    rng = np.random.default_rng(members)
    named = [
        bool(drivers(drawn(rng.uniform(size=(members, 12))), headline(rng.uniform(size=members)))) for _ in range(600)
    ]
    assert np.mean(named) == pytest.approx(0.05, abs=0.03)


def test_three_members_or_a_headline_that_does_not_differ_name_nothing():
    values = np.arange(12.0).reshape(3, 4)
    assert drivers(drawn(values), headline(np.arange(3.0))) == []
    assert drivers(drawn(np.arange(20.0).reshape(20, 1)), headline(np.zeros(20))) == []
    assert drivers(xr.Dataset(coords={"member": np.arange(20)}), headline(np.arange(20.0))) == []
