"""Links in a received folder: no command writes through one, or reads one that leads out of the folder."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import sampled
from opened import opened

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT
from gridmodel.inputs.writing import LEFTOVER, replaced, write_text


@pytest.fixture(scope="module")
def made(run_of_three, tmp_path_factory):
    where = tmp_path_factory.mktemp("links")
    shutil.copytree(run_of_three, where / "run")
    changes = {"import_limit_mw": [100, 200]}
    gm.sweep(
        gm.load_scenario("three-region").replace(end="2026-01-05 03:00", events=[]), changes, store=where / "store"
    )
    return where


@pytest.fixture
def home(made, tmp_path):
    shutil.copytree(made / "run", tmp_path / "run")
    shutil.copytree(made / "store", tmp_path / "store")
    (tmp_path / "precious").write_text("precious")
    return tmp_path


def call(*args, code=None):
    got = CliRunner().invoke(main, list(map(str, args)))
    assert got.exception is None or isinstance(got.exception, SystemExit), got.exception
    assert code is None or got.exit_code == code, got.output
    return got


WRITES = [
    ("report", "run"), ("report", "run", "-o", "run/page.html"), ("export", "run", "csv", "-o", "run/page.csv"),
    ("export", "run", "netcdf", "-o", "run/page.nc"), ("plot", "run", "hours", "-o", "run/page.svg"), ("compare", "run", "other", "--html", "run/page.html"),
    ("schedule", "run", "--ics", "run"), ("network", "plot", "three-region", "-o", "run/page.svg"), ("network", "plot", "three-region", "-o", "run/page.html"),
    ("weather", "convert", "three-region", "run/page.csv"), ("weather", "convert", "three-region", "run/page.nc"),
    ("scenario", "new", "run/page.yaml"), ("scenario", "new", "run/other.yaml", "--schema"), ("network", "convert", "three-region", "run/page.json"),
    ("quantiles", "run", "shed_mw", "-o", "run/page.nc"), ("run", "three-region", "-o", "run"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("args", "dangling"),
    [
        pytest.param(
            args,
            dangling,
            marks=pytest.mark.long if place % 4 != 2 * dangling else (),
            id=f"{' '.join(args)}-{dangling}",
        )
        for place, args in enumerate(WRITES)
        for dangling in (False, True)
    ],
)
def test_no_command_writes_through_a_link(home, args, dangling, monkeypatch):
    monkeypatch.chdir(home)
    target = home / ("nothing" if dangling else "precious")
    names = [
        "report.html",
        "page.html",
        "page.svg",
        "page.csv",
        "page.nc",
        "page.yaml",
        "page.json",
        "TR-1-1.1.ics",
        "scenario.schema.json",
    ]
    for name in names:
        (home / "run" / name).unlink(missing_ok=True)
        (home / "run" / name).symlink_to(target)
    if args[0] == "compare":
        shutil.copytree(home / "run", home / "other", symlinks=True)
    call(*args)
    assert (home / "precious").read_text() == "precious"
    assert not (home / "nothing").exists()
    assert not [path for path in home.rglob("*") if path.name.startswith((LEFTOVER, ".gridmodel"))]


@pytest.mark.parametrize("name", ["result.nc", "manifest.json"])
@pytest.mark.parametrize("args", sampled([("report", "run"), ("deadlines", "run"), ("run", "--from", "run"), ("compare", "other", "run"),
                                  ("schedule", "run"), ("network", "plot", "three-region", "-o", "x.svg", "--run", "run")], 2), ids=" ".join)  # fmt: skip
@pytest.mark.gate  # at each edit: a table that leads out of its folder
def test_a_part_of_a_run_that_leads_out_of_its_folder_is_not_read(home, name, args, monkeypatch):
    monkeypatch.chdir(home)
    shutil.copytree(home / "run", home / "other")
    shutil.move(home / "run" / name, home / f"outside-{name}")
    (home / "run" / name).symlink_to(home / f"outside-{name}")
    with opened() as seen:
        got = call(*args)
    used = name == "manifest.json" or args[0] != "run"
    assert not [one for one in seen if "outside-" in one]
    assert (got.exit_code, "leads out of the folder" in got.stderr) == ((1, True) if used else (0, False)), got.output


def test_a_link_inside_the_folder_and_a_link_to_the_folder_are_followed(home, monkeypatch):
    monkeypatch.chdir(home)
    (home / "run" / "result.nc").rename(home / "run" / "real.nc")
    (home / "run" / "result.nc").symlink_to("real.nc")
    (home / "latest").symlink_to("run")
    call("deadlines", "latest", code=0)


@pytest.mark.parametrize("table", ["regions.csv", "network.toml", "heat_systems.csv"])
def test_a_table_of_a_network_that_leads_out_of_its_folder_is_not_read(folder, tmp_path, table):
    (tmp_path / "hidden").write_text("hunter2,x\n1,2\n")
    (folder / table).unlink(missing_ok=True)
    (folder / table).symlink_to(tmp_path / "hidden")
    with opened() as seen:
        said = "\n".join(map(str, gm.check_network(str(folder))))
    assert f"{table}: is a link that leads out" in said
    assert "hunter2" not in said
    assert not [one for one in seen if one.endswith("hidden")]


@pytest.mark.parametrize("place", ["served", "zarr.json", "done", "energy_not_served", "energy_not_served/c/0"])
def test_a_store_with_a_link_is_neither_continued_nor_read(home, place, tmp_path):
    path = home / "store" / place
    if path.exists():
        shutil.move(path, home / "elsewhere")
        path.symlink_to(home / "elsewhere")
    else:
        path.symlink_to(home)
    with pytest.raises(gm.InputError, match="is a link"):
        gm.sweep(gm.load_scenario("three-region").replace(end="2026-01-05 03:00", events=[]), {"import_limit_mw": [100, 200]},
                 store=home / "store", resume=True)  # fmt: skip
    assert "is a link" in call("quantiles", home / "store", "shed_mw", "-o", tmp_path / "q.nc", code=1).stderr


def test_the_lock_of_a_store_is_no_way_out(home):
    (home / "new.lock").symlink_to(home / "made-by-a-link")
    with pytest.raises(gm.InputError, match="cannot be written"):
        gm.sweep("three-region", {"seed": [1]}, store=home / "new")
    assert not (home / "made-by-a-link").exists()


def test_names_of_unfinished_files_cannot_be_guessed_and_their_folder_is_ones_own(tmp_path):
    seen = set()
    for _ in range(5):
        with replaced(tmp_path / "x.txt") as made:
            made.write_text("new")
            seen.add(made.parent.name)
            assert made.parent.stat().st_mode & 0o077 == 0
    assert len(seen) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


def test_a_file_has_the_rights_that_a_new_file_has(tmp_path):
    (tmp_path / "plain").write_text("x")
    write_text(tmp_path / "made", "x")
    assert (tmp_path / "made").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_device_is_written_to_and_stays(tmp_path):
    write_text(Path(os.devnull), "x")
    assert not Path(os.devnull).is_file()


def test_a_network_in_a_linked_folder_is_read(tmp_path):
    (tmp_path / "link").symlink_to(ROOT / "networks" / "three-region")
    assert not [problem for problem in gm.check_network(str(tmp_path / "link")) if problem.severity == "error"]
