"""Values that others published, of which the quick ones are remade here and all by `make references`."""

import dataclasses
import sys

import numpy as np
import pytest
from scipy.optimize import linprog

import gridmodel as gm
from gridmodel.inputs.files import ROOT

HERE = ROOT / "benchmarks"
pytestmark = pytest.mark.skipif(not HERE.is_dir(), reason="benchmarks stay in the checkout")


@pytest.fixture(scope="module")
def modules():
    """The scripts of `make references`."""
    sys.path.insert(0, str(HERE))
    try:
        import references
        import references_adequacy
        import references_grids
        import references_homes
        import references_rows

        yield references, references_adequacy, references_grids, references_rows, references_homes
    finally:
        sys.path.remove(str(HERE))


@pytest.fixture(scope="module")
def quick(modules):
    return modules[0].quick()


@pytest.mark.gate  # at each edit: adequacy and homes by hand, in their rooms
def test_every_published_value_that_takes_no_other_environment_is_met(quick):
    outside = [f"{row.part}: {row.what}" for row in quick if not row.passes]
    assert not outside
    assert sum(row.ran for row in quick) >= 25


@pytest.mark.gate  # at each edit: the sun on the facades, below
def test_what_could_not_be_remade_says_why(quick, modules):
    left_out = [row for row in [*quick, *modules[2].rows(None, None)] if not row.ran]
    assert left_out
    assert all(row.note for row in left_out)
    assert all(row.note for row in quick if not row.inside)


def test_the_sun_on_the_facades_of_a_clear_equinox_is_that_of_geometry(modules):
    """Direct sun of 1,000 W/m² at noon on 21 March reaches a south wall with the cosine of 50.2° of height."""
    homes = modules[4]
    year = [["0"] * 13 + ["0", "0", "0"] for _ in range(8760)]
    dark = homes.sun_of_year(year)
    noon = 79 * 24 + 12  # 20 March, 12:30 by the clock: 7 min after noon by the sun
    year[noon][14] = "1000"
    turned = np.radians(15 * 0.5 + 15 * (1.4 - 7.6) / 60)
    south = np.sin(np.radians(39.83)) * np.cos(turned)
    off = np.arccos(south)
    glass = 12 * 0.789 * 1000 * south * (1 - 0.189 * off + 0.644 * off**2 - 0.596 * off**3)
    wall = 0.04 * 0.534 * 0.6 * 1000 * (9.6 * south + 16.2 * np.sin(turned))
    assert homes.sun_of_year(year)[noon] - dark[noon] == pytest.approx(glass + wall, rel=0.02)


@pytest.mark.gate  # at each edit: adequacy and homes by hand, in their rooms
def test_the_page_has_every_quick_value_and_none_that_is_outside(quick):
    page = (ROOT / "docs" / "references.md").read_text(encoding="utf-8")
    assert "**no**" not in page
    for row in quick:
        assert f"| {row.what} |" in page or not row.ran


def test_the_load_of_1979_has_the_energy_and_the_load_factor_that_its_paper_states(modules):
    load = modules[1].load_of_year(2850.0)
    assert len(load) == 8736
    assert load.max() == pytest.approx(2850.0)
    assert load.argmax() // 168 == 50  # week 51
    assert load.sum() / 1000 == pytest.approx(15_297, abs=0.5)
    assert load.mean() / load.max() == pytest.approx(0.6144, abs=5e-5)


def test_a_run_has_the_load_and_the_expected_capacity_of_the_test_system(modules, tmp_path):
    """Of a load beyond its plant a deterministic run serves the sum of size times one minus the published rate."""
    adequacy = modules[1]
    heavy = dataclasses.replace(adequacy.RTS_79, peak_mw=9000.0)
    path = adequacy.write_year(heavy, tmp_path, 1)
    result = gm.run(gm.load_scenario(path).replace(deterministic=True, end="2024-01-02 00:00"))
    need = result["demand_mw"].sum(("region", "tier")).to_numpy().ravel()
    assert need == pytest.approx(adequacy.load_of_year(9000.0)[:24])
    mean = sum(count * mw * (1 - rate) for count, mw, rate, _ in heavy.units)
    assert result["served_mw"].sum(("region", "tier")).to_numpy().ravel() == pytest.approx(np.full(24, mean), rel=1e-6)
    level, chance = adequacy.capacity(heavy)
    assert level @ chance == pytest.approx(mean)


@pytest.mark.parametrize(("angles", "eens_mwh"), [(True, 12.32568), (False, 12.12885)])
def test_an_independent_programme_finds_what_three_areas_lose_with_angles_and_without(modules, angles, eens_mwh):
    """Least loss of each state by linprog: generation, loss, flows over ties, and angles where Kirchhoff's law holds."""
    adequacy, ends = modules[1], [(0, 1), (0, 2), (1, 2)]
    up, chance = adequacy.states(5, 0.9)
    balance, kirchhoff = np.zeros((3, 12)), np.zeros((3, 12))
    balance[:, :3] = balance[:, 3:6] = np.eye(3)
    for tie, (one, other) in enumerate(ends):
        balance[one, 6 + tie], balance[other, 6 + tie] = -1, 1
        kirchhoff[tie, [6 + tie, 9 + one, 9 + other]] = 1, -1, 1
    equal = np.vstack([balance, kirchhoff]) if angles else balance
    found = 0.0
    for hour in range(4):
        need = adequacy.LOAD_MW[:, hour]
        most = np.tile(adequacy.WIND_MW[:, hour], (len(up), 1))
        np.add.at(most.T, list(adequacy.AREA), (up * adequacy.UNITS_MW[:, hour]).T)
        kinds, which = np.unique(most, axis=0, return_inverse=True)
        for place, row in enumerate(kinds):
            bounds = [*((0, mw) for mw in row), *((0, mw) for mw in need), *[(-8, 8)] * 3, *[(-99, 99)] * 3]
            right = np.r_[need, np.zeros(3)] if angles else need
            got = linprog(np.r_[np.zeros(3), np.ones(3), np.zeros(6)], A_eq=equal, b_eq=right, bounds=bounds)
            found += got.fun * chance[which.reshape(-1) == place].sum()
    assert found == pytest.approx(eens_mwh, abs=1e-5)


def test_the_dispatch_law_of_others_is_put_into_a_case_branch_by_branch(modules):
    case = "mpc.branch = [\n\t1\t2\t0.3\t0.4\t0.1\t5\t5\t5\t1.05\t3\t1\t-30\t30;\n];\n"
    cells = modules[2].as_power_models(case).splitlines()[1].rstrip(";").split()
    assert np.array(cells[2:5], dtype=float) == pytest.approx([0.0, 0.625, 0.0])  # (0.09 + 0.16) / 0.4
    assert cells[8:10] == ["0", "0"]


@pytest.mark.parametrize(
    ("theirs", "ours", "more", "passes", "verdict"),
    [
        (100.0, 100.9, {"rel": 0.01}, True, "yes"),
        (100.0, 101.1, {"rel": 0.01}, False, "**no**"),
        (0.0, 1e-10, {"absolute": 1e-9}, True, "yes"),
        (9.4, 9.0, {"interval": (8.0, 10.0)}, True, "yes"),
        (9.4, 9.0, {"interval": (8.0, 9.3)}, False, "**no**"),
        (9.4, None, {}, True, "not run"),
        (None, 9.0, {"span": (8.0, 9.5)}, True, "yes"),
        (None, 9.6, {"span": (8.0, 9.5)}, False, "**no**"),
        (None, 9.6, {"span": (8.0, 9.5), "known": 0.2}, True, "no, see below"),
        (12.0, 12.1, {"rel": 1e-3, "known": 0.2}, True, "no, see below"),
        (12.0, 12.3, {"rel": 1e-3, "known": 0.2}, False, "**no**"),
    ],
)
def test_a_row_passes_within_its_tolerance_or_says_that_it_was_not_run(modules, theirs, ours, more, passes, verdict):
    row = modules[3].Row(part="a", what="b", source="c", theirs=theirs, ours=ours, **more)
    assert (row.passes, row.verdict) == (passes, verdict)


@pytest.mark.parametrize(
    ("value", "text"),
    [(136889.7, "136,890"), (9.39418, "9.39418"), (0.0, "0"), (3e-10, "3e-10"), (-264.752, "-264.752")],
)
def test_numbers_are_written_to_six_figures(modules, value, text):
    assert modules[3].number(value) == text
