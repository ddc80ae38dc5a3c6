"""Settings that move a headline most: named where members can tell, and seldom by chance."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import spearmanr

from gridmodel.results.drivers import drivers, moved_by


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
@pytest.mark.gate  # at each edit: what matters is named
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


def of_energy_and_cold(energy, cold, values):
    """A run of one step of an hour and one region, with what was drawn."""
    dims = ("member", "time", "region")
    run = drawn(values).assign_attrs(step_h=1.0).assign_coords(tier=["critical"])
    run["shed_mw"] = ((*dims, "tier"), np.asarray(energy, float)[:, None, None, None])
    run["people_without_heat"] = (dims, np.asarray(cold, float)[:, None, None])
    return run


def test_each_headline_has_the_settings_that_move_it_and_one_that_never_differs_has_none():
    order = np.arange(40.0)
    values = np.column_stack([order, 7 * order % 40]) / 40  # nearly uncorrelated
    got = moved_by(of_energy_and_cold(values[:, 0], 1.0 - values[:, 1], values))
    assert got == {
        "energy_not_served": [{"setting": "setting 0", "rank_correlation": 1.0}],
        "person_hours_without_heat": [{"setting": "setting 1", "rank_correlation": -1.0}],
    }
    assert list(moved_by(of_energy_and_cold(values[:, 0], np.zeros(40), values))) == ["energy_not_served"]
    assert moved_by(of_energy_and_cold(values[:3, 0], np.zeros(3), values[:3])) == {"energy_not_served": []}
    assert moved_by(of_energy_and_cold(values[:, 0], values[:, 1], values).drop_vars("drawn_value")) == {}


def test_a_design_that_repeats_its_rows_names_nothing():
    # sixteen rows, each once for itself and once for each of nine settings: of 160 members only 16 are independent
    rows = np.random.default_rng(5).uniform(size=(16, 9))
    values, energy = np.repeat(rows, 10, axis=0), np.repeat(np.random.default_rng(7).uniform(size=16), 10)
    assert drivers(drawn(values), headline(energy))  # by chance, if they were counted as 160
    design = of_energy_and_cold(energy, energy, values).assign_attrs(sampling="saltelli")
    assert drivers(design, headline(energy)) == []
    assert moved_by(design) == {}


def test_no_more_settings_are_named_than_a_line_holds():
    values = np.random.default_rng(6).uniform(size=(400, 4))
    named = moved_by(of_energy_and_cold(values.sum(axis=1), np.zeros(400), values))["energy_not_served"]
    assert len(named) == 3
