import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from conftest import at_gate

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.commands.plot import KINDS
from gridmodel.output.tile_map import tile_grid

SIGNS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


def test_the_command_and_the_library_know_the_same_kinds():
    assert tuple(gm.plot.KINDS) == KINDS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("region", [None, "UA-30"])
def test_a_kind_gives_a_figure_or_says_why_not(january, kind, region):
    wants = {"temperature": True, "timetable": True, "tiles": False}.get(kind)
    if wants is not None and wants != (region is not None):
        with pytest.raises(gm.InputError, match="region"):
            gm.plot.draw(january, kind, region)
        return
    figure = gm.plot.draw(january, kind, region)
    assert figure.axes[0].has_data() or figure.axes[0].texts


def test_the_balance_draws_the_numbers_of_the_result(january):
    lines = {line.get_label(): line.get_ydata() for line in gm.plot.balance(january).axes[0].lines}
    want = january["served_mw"].sum(("region", "tier")).median("member") / 1000
    assert lines["served"] == pytest.approx(want.to_numpy())


def test_the_causes_are_stacked_to_what_is_missing(january):
    top = gm.plot.causes(january).axes[0].collections[-1].get_paths()[0].vertices[:, 1].max()
    assert top == pytest.approx(float(january["shed_mw"].sum(("region", "tier")).mean("member").max()) / 1000)


@pytest.mark.parametrize(("kind", "count"), [("heat_causes", "without_heat"), ("water_causes", "without_water")])
def test_causes_of_cold_homes_and_dry_taps_are_stacked_to_the_people_concerned(kind, count, january):
    axes = gm.plot.draw(january, kind).axes[0]
    top = max(path.vertices[:, 1].max() for area in axes.collections for path in area.get_paths())
    size = 1e6 if axes.get_ylabel() == "million people" else 1e3
    assert top * size == pytest.approx(float(january[f"people_{count}"].sum("region").mean("member").max()), rel=1e-5)
    cause = january[f"people_{count}_cause"]
    used = (cause.sum([dim for dim in cause.dims if not dim.endswith("cause")]) > 0).to_series()
    assert [text.get_label() for text in axes.collections] == [str(name).replace("_", " ") for name in used.index[used]]


def test_causes_need_a_run_with_them_and_may_be_nobodys(january):
    with pytest.raises(gm.InputError, match="people_without_heat_cause"):
        gm.plot.heat_causes(january.drop_vars("people_without_heat_cause"))
    nobody = january.assign(people_without_heat_cause=0 * january["people_without_heat_cause"])
    assert not gm.plot.heat_causes(nobody).axes[0].collections


def test_unknown_kinds_and_regions_are_said_with_the_nearest(january):
    with pytest.raises(gm.InputError, match="nearest: balance"):
        gm.plot.draw(january, "balanse")
    with pytest.raises(gm.InputError, match="nearest: UA-30"):
        gm.plot.draw(january, "balance", "UA-300")


@pytest.fixture(scope="module")
def folder(run_of_three):
    """A run folder of the bundled three regions."""
    return run_of_three


@pytest.mark.parametrize("suffix", at_gate(SIGNS, 3))
@pytest.mark.gate  # at each edit: a kind gives a figure
def test_the_command_writes_each_format(folder, tmp_path, suffix):
    got = CliRunner().invoke(
        main, ["plot", str(folder), "people", "-o", str(tmp_path / f"x{suffix}")], catch_exceptions=False
    )
    assert got.exit_code == 0, got.output
    assert (tmp_path / f"x{suffix}").read_bytes().startswith(SIGNS[suffix])


def test_the_command_refuses_other_formats_and_places_it_cannot_write_to(folder, tmp_path):
    for name in ("x.gif", "nowhere/x.png"):
        got = CliRunner().invoke(
            main, ["plot", str(folder), "people", "-o", str(tmp_path / name)], catch_exceptions=False
        )
        assert got.exit_code == 1, got.output


def test_every_region_has_a_tile_of_its_own_with_its_neighbours_around_it(january):
    column, row = tile_grid(january)
    assert len(set(zip(column.tolist(), row.tolist(), strict=True))) == 24
    at = {str(name): (column[place], row[place]) for place, name in enumerate(january["region"].to_numpy())}
    west, east, north, south = "UA-46", "UA-63", "UA-74", "UA-51"  # Lviv, Kharkiv, Chernihiv, Odesa
    assert at[west][0] < at["UA-30"][0] < at[east][0]
    assert at[north][1] < at["UA-53"][1] < at[south][1]
    apart = np.hypot(*np.subtract(at["UA-30"], at["UA-32"]))
    assert apart <= np.sqrt(2)


def test_without_centres_tiles_stand_in_the_order_of_the_regions():
    bare = xr.Dataset(coords={"region": list("ABCDE")})
    column, row = tile_grid(bare)
    assert len(set(zip(column.tolist(), row.tolist(), strict=True))) == 5
    assert (row * 10 + column == np.sort(row * 10 + column)).all()
