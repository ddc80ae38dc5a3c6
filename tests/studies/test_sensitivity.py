from pathlib import Path

import numpy as np
import pytest
from conftest import sampled

import gridmodel as gm

CASE = Path(__file__).parents[1] / "cases" / "drawn_numbers" / "scenario.yaml"
EXACT = {"temperature_slope": 1e4 / 3 / (1e4 / 3 + 1050), "import_limit_mw": 1050 / (1e4 / 3 + 1050)}
"""Shares of variance, from the README of the case."""


@pytest.fixture(scope="module")
def scenario():
    return gm.load_scenario(CASE).replace(end="2026-01-05 01:00")


def test_a_saltelli_design_gives_the_exact_indices_within_their_intervals(scenario):
    table = gm.sensitivity(gm.run(scenario.replace(sampling="saltelli", members=8 * 256)))
    for name, exact in EXACT.items():
        for kind in ("first_order", "total_order"):
            row = table.loc[name]
            assert 0 < row[f"{kind}_error"] < 0.25
            assert abs(row[kind] - exact) < 1.5 * row[f"{kind}_error"], (name, kind)
    for name in ("chance", "reconnection_tau_h", "temperature_slope_factor", "own_heat_powered_share"):
        assert table.loc[name, "total_order"] == pytest.approx(0, abs=1e-9), name
    assert list(table.index[:2]) == ["temperature_slope", "import_limit_mw"]


@pytest.mark.gate  # at each edit: exact indices of a design
def test_given_members_say_much_the_same_without_a_design(scenario):
    table = gm.sensitivity(gm.run(scenario.replace(members=500)))
    for name, exact in EXACT.items():
        assert abs(table.loc[name, "first_order"] - exact) < 0.12, name
    assert table["total_order"].isna().all()
    assert list(table.index[:2]) == ["temperature_slope", "import_limit_mw"]


def test_chance_is_told_from_settings(scenario):
    event = {"time": "2026-01-05 00:00", "target": "TR-2/thermal_coal", "kind": "strike", "interception": 0.5,
             "hits_before_interception": 8}  # fmt: skip
    struck = scenario.replace(
        sampling="saltelli", members=10 * 64, events=[event], import_limit_mw=100, temperature_slope=0.02
    )
    table = gm.sensitivity(gm.run(struck))
    assert table.loc["chance", "first_order"] == pytest.approx(1, abs=0.25)
    assert table.index[0] == "chance"
    assert table.loc["reconnection_tau_h", "total_order"] == pytest.approx(0, abs=1e-9)


@pytest.mark.gate  # at each edit: a metric without its variables
def test_what_cannot_be_explained_is_refused_with_the_reason(scenario, tmp_path):
    few = gm.run(scenario.replace(members=10))
    with pytest.raises(gm.InputError, match="at least 50 are needed"):
        gm.sensitivity(few)
    with pytest.raises(gm.InputError, match="nearest: energy_not_served"):
        gm.sensitivity(few, "energy_not_servd")
    with pytest.raises(gm.InputError, match="best 17"):
        gm.sensitivity(gm.run(scenario.replace(sampling="saltelli", members=20)))
    fixed = scenario.replace(
        members=60,
        reconnection_tau_h=[50, 50],
        own_heat_powered_share=[0.5, 0.5],
        building_inertia=[0.5, 0.5],
        own_backup_share=[0.3, 0.3],
        own_fallback_stove_share=[0.2, 0.2],
        leave_share=[0.2, 0.2],
        restart_h=[12, 12],
        slow_return_share=[0.5, 0.5],
        temperature_slope=0.02,
        import_limit_mw=100,
        critical_share_factor=1.0,
        exempt_share_factor=1.0,
        shared_feeder_share=0.1,
    )
    with pytest.raises(gm.InputError, match="has no uncertain setting"):
        gm.sensitivity(gm.run(fixed))
    grid = gm.sweep(scenario.replace(members=2), {"seed": [1, 2]}, store=tmp_path / "s.zarr")
    with pytest.raises(gm.InputError, match=r"choose one variant; sweep it alone.*`set:`.*\.sel\(\{\"seed\": …\}\)"):
        gm.sensitivity(grid)
    assert np.isfinite(grid["energy_not_served"].to_numpy()).all()


@pytest.mark.parametrize("sampling", sampled(["random", "saltelli"], 2, first=1))
def test_the_same_seed_gives_the_same_indices_and_leaves_the_global_generator_alone(scenario, sampling):
    result = gm.run(scenario.replace(sampling=sampling, members=8 * 17))
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - the generator that SALib seeds
    first, again, other = (gm.sensitivity(result, seed=seed) for seed in (0, 0, 1))
    assert first.equals(again)
    assert not first.equals(other)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002 - the same


def test_a_metric_without_its_variables_says_which_it_needs(scenario, tmp_path):
    result = gm.run(scenario.replace(members=60))
    settings = ["drawn_value"]
    kept = gm.sensitivity(result[["shed_mw", *settings]])
    assert kept.equals(gm.sensitivity(result))
    with pytest.raises(gm.InputError, match="needs the variable demand_mw, which this result does not contain"):
        gm.sensitivity(result[["shed_mw", *settings]], "energy_not_served_share")
    with pytest.raises(gm.InputError, match="'saidi' needs the variable people_without_power, which"):
        gm.sensitivity(result.drop_vars("people_without_power"), "saidi")
    with pytest.raises(gm.InputError, match="needs the variable people_without_heat, which"):
        gm.sensitivity(result[settings], "person_hours_without_heat")


def test_a_metric_of_systems_that_the_network_lacks_says_so(scenario, folder, tmp_path):
    for name in ("heat_systems", "water_systems"):
        (folder / f"{name}.csv").unlink()
    bare = scenario.replace(network=str(folder), members=60)
    store = gm.sweep(bare.replace(members=2), {}, store=tmp_path / "s.zarr", keep=["shed_mw"])
    for found in (gm.run(bare), store):
        with pytest.raises(gm.InputError, match="needs heat or water systems; this network has none"):
            gm.sensitivity(found, "person_hours_without_heat")
