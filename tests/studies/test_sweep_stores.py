"""Damage of a store is noticed where it is read and made good where the sweep goes on; nothing damaged passes for a result."""

import json
import random
import shutil
import warnings

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from conftest import LONG, sampled

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.errors import InputError
from gridmodel.scenario import make_scenario
from gridmodel.studies.sweep import engine, open_sweep, run_sweep
from gridmodel.studies.sweep import store as stores
from gridmodel.studies.sweep.changes import check_changes
from gridmodel.studies.sweep.sealed import read_sealed, sealed, unsealed

KEEP = ["shed_mw", "outdoor_temperature"]
FLIPS = 60 if LONG else 1
"""Flipped bits in each file, beside its first and its last."""


def make(**changes):
    made = {
        "name": "small", "network": "three-region", "weather": "three-region", "timezone": "UTC", "start": "2026-01-05 00:00",
        "end": "2026-01-05 03:00", "deterministic": False, "members": 3, "import_limit_mw": {"uniform": [20, 80]},
    }  # fmt: skip
    return make_scenario(made | changes)


BASE = make()
SEEDS = {"seed": [1, 2, 3]}


def sweep(target, **options):
    return run_sweep(BASE, check_changes(BASE, SEEDS), target, keep=KEEP, **options)


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def files(folder):
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A finished store."""
    target = tmp_path_factory.mktemp("stores") / "done.zarr"
    assert sweep(target).done == 3
    return target


@pytest.fixture(scope="module")
def partial(tmp_path_factory):
    """A store of three units: one failed."""
    target = tmp_path_factory.mktemp("stores") / "partial.zarr"
    whole = engine.simulate

    def breaks(made, **options):
        if made.scenario.seed == 2:
            raise ZeroDivisionError("by design")
        return whole(made, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "simulate", breaks)
        assert list(sweep(target).failed) == [1]
    return target


@pytest.fixture
def copy(stored, tmp_path):
    return shutil.copytree(stored, tmp_path / "copy.zarr")


def read(target):
    """All values and what was said."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = open_sweep(target).load()
    return found, [str(one.message).partition(": ")[2] for one in said]


@pytest.mark.gate  # at each edit: chunks that changed places
def test_a_flipped_bit_in_any_file_is_noticed_or_harmless(partial, tmp_path):
    target = shutil.copytree(partial, tmp_path / "flipped.zarr")
    expected, told = read(target)
    assert len(told) == 1
    assert "1 of 3 units is missing (1 failed), and their values are NaN" in told[0]
    lazily = stores.open_store(target, quiet=True)  # values are read again each time
    raw = xr.open_zarr(target, consolidated=False)  # as whoever reads it without this program, whom chunks tell as well
    chance, noticed, harmless = random.Random(2026), 0, []  # noqa: S311
    for path in files(target) if LONG else files(target)[::3]:
        whole, name = path.read_bytes(), path.relative_to(target).parts[0]
        of_units = name in stores.unit_arrays(target) and path.name != "zarr.json"
        for bit in sorted({0, 8 * len(whole) - 1, *(chance.randrange(8 * len(whole)) for _ in range(FLIPS))}):
            damaged = bytearray(whole)
            damaged[bit // 8] ^= 1 << bit % 8
            path.write_bytes(damaged)
            try:
                if of_units:
                    with pytest.raises(ValueError, match="checksum"):
                        raw[name].copy().load()
                    lazily[name].copy().load()
                found, said = read(target)
            except InputError as error:
                noticed += str(path) in str(error)
            else:
                assert found.identical(expected) or "with a damaged marker" in said[0], (path, bit)
                assert found.identical(expected) == (said == told), (path, bit)
                (harmless.append(path.name) if said == told else None)
                noticed += said != told
        path.write_bytes(whole)
    assert noticed > 2 * (120 if LONG else 40)
    assert len(harmless) <= 3 * FLIPS  # in the record of the unit that failed, and at the ends of lines
    assert read(target)[0].identical(expected)


def spoil(path, how):
    if how == "flip":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif how == "empty":
        path.write_bytes(b"")
    elif path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


DAMAGE = {
    "a bit here and there": [("zarr.json", "flip"), ("region/c/0", "flip"), ("shed_mw/c/1/0/0/0/0", "flip"), ("done/2.json", "flip")],
    "what is missing": [("done/hashes.json", "gone"), ("shed_mw", "gone"), ("time", "gone"), ("failed", "gone"), ("done/0.json", "gone")],
    "what is empty": [("done/hashes.json", "empty"), ("population/zarr.json", "empty"), ("setting/c/0", "empty"), ("done/1.json", "empty")],
    "what is cut": [("zarr.json", "cut"), ("saidi/c/0/0", "cut"), ("saidi/zarr.json", "cut"), ("member", "gone"), ("outdoor_temperature/c/2/0/0", "gone")],
}  # fmt: skip


@pytest.mark.parametrize("name", sampled(DAMAGE, 2, edit=6))
@pytest.mark.gate  # at each edit: a damaged marker of any kind costs its unit only
def test_damage_is_told_and_resuming_makes_the_store_whole_again(stored, copy, name):
    assert sweep(copy, resume=True).kept == 3
    for place, how in DAMAGE[name]:
        spoil(copy / place, how)
    with pytest.raises(InputError, match="continue the sweep with --resume, which makes it again"):
        read(copy)
    report = sweep(copy, resume=True)
    assert report.done >= 1
    assert tree(copy) == tree(stored)


def test_chunks_that_changed_places_are_noticed_although_each_is_whole(stored, copy):
    one, other = copy / "shed_mw/c/0/0/0/0/0", copy / "shed_mw/c/1/0/0/0/0"
    whole = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(whole)
    found = open_sweep(copy)
    assert found["saidi"].load().identical(open_sweep(stored)["saidi"].load())
    with pytest.raises(InputError, match="is damaged: it is not what the sweep wrote"):
        found["shed_mw"].load()
    report = sweep(copy, resume=True)
    assert (report.kept, report.done) == (1, 2)
    assert tree(copy) == tree(stored)


def test_a_store_whose_job_is_lost_in_both_places_is_told_apart(copy):
    about = (copy / "zarr.json").read_bytes()
    (copy / "zarr.json").write_bytes(about.replace(b"gridmodel_sweep", b"gridmodel_sweeq", 1))
    spoil(copy / "done/hashes.json", "flip")
    for attempt in (lambda: open_sweep(copy), lambda: sweep(copy, resume=True)):
        with pytest.raises(InputError, match="is not the store of a sweep"):
            attempt()


@pytest.mark.parametrize(
    "text",
    sampled([b"", b"{", b"[]", b'"x"', b"null", b"5", b"\xff\xfe", b"[" * 100_000, b'{"unit": 1}', b"1" * 5_000, sealed({"unit": 2, "files": {}}).encode(),
     sealed({"unit": 1, "files": 5}).encode(), sealed({"unit": 1, "files": {"saidi/c/1/0": ["x"]}}).encode()], 3),
)  # fmt: skip
@pytest.mark.gate  # at each edit: a damaged marker of any kind costs its unit only
def test_a_damaged_marker_is_never_a_traceback(copy, text, tmp_path):
    (copy / "done" / "1.json").write_bytes(text)
    (copy / "failed" / "0.json").write_bytes(text)
    assert read_sealed(copy / "failed" / "0.json") is None or b"seal" in text
    if b"saidi" in text:
        with pytest.raises(InputError, match="is damaged"):
            read(copy)
        return
    found, said = read(copy)
    assert "1 of 3 units is missing (1 with a damaged marker), and their values are NaN" in said[0]
    assert np.isnan(found["energy_not_served"].to_numpy()).all(axis=1).tolist() == [False, True, False]


def test_a_damaged_marker_of_any_kind_costs_its_unit_only(stored, copy):
    (copy / "done" / "1.json").write_bytes(b"[" * 100_000)
    (copy / "failed" / "1.json").write_bytes(b"\xff")
    (copy / "done" / "7.json").write_bytes(b"")  # of no unit
    report = sweep(copy, resume=True)
    assert (report.kept, report.done) == (2, 1)
    (copy / "done" / "7.json").unlink()
    assert tree(copy) == tree(stored)


@pytest.mark.gate  # at each edit: a damaged marker of any kind costs its unit only
def test_what_a_killed_unit_has_written_is_not_read(stored, copy):
    (copy / "done" / "1.json").unlink()
    (copy / "shed_mw/c/1/0/0/0/0").write_bytes(b"torn")
    (copy / "shed_mw" / "c" / "x.partial").write_bytes(b"half")
    found, said = read(copy)
    assert "1 of 3 units is missing, and their values are NaN" in said[0]
    assert np.isnan(found["shed_mw"].to_numpy()).all(axis=(1, 2, 3, 4)).tolist() == [False, True, False]
    sweep(copy, resume=True)
    assert tree(copy) == tree(stored)


def test_a_chunk_that_is_missing_is_told_and_not_read_as_missing_values(copy, tmp_path):
    (copy / "shed_mw/c/1/0/0/0/0").unlink()
    got = CliRunner().invoke(main, ["quantiles", str(copy), "shed_mw", "-o", str(tmp_path / "q.nc")])
    assert got.exit_code == 1
    assert (
        f"{copy}/shed_mw/c/1/0/0/0/0: is missing (continue the sweep with --resume, which makes it again)" in got.stderr
    )
    assert not (tmp_path / "q.nc").exists()


def test_folders_of_others_in_a_store_are_passed_over(stored, copy):
    (copy / ".DS_Store").write_bytes(b"\0")
    (copy / "notes").mkdir()
    shutil.copytree(copy / "saidi", copy / "copy_of_saidi")
    found, said = read(copy)
    assert said == []
    assert found.identical(read(stored)[0])


def test_the_history_of_a_store_counts_its_variants(stored, tmp_path):
    run_sweep(BASE, check_changes(BASE, {"seed": [1]}), tmp_path / "one.zarr", keep=KEEP)
    assert open_sweep(tmp_path / "one.zarr").attrs["history"].endswith(": sweep of 1 variant")
    assert open_sweep(stored).attrs["history"].endswith(": sweep of 3 variants")


def test_variables_without_members_are_kept_as_they_are_in_a_run(stored):
    alone = gm.run(BASE.replace(seed=2))
    found = open_sweep(stored).sel(seed=2)
    for name in KEEP:
        assert np.array_equal(found[name].to_numpy(), alone[name].to_numpy()), name


def test_a_store_of_a_newer_version_names_it(copy):
    path = copy / "zarr.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    job = unsealed(about["attributes"][stores.ATTRIBUTE])
    about["attributes"][stores.ATTRIBUTE] = sealed(
        job | {"layout": 3, "versions": {"gridmodel": "9.8.7"}, "something": "new"}
    )
    path.write_text(json.dumps(about), encoding="utf-8")
    for attempt in (lambda: open_sweep(copy), lambda: sweep(copy, resume=True)):
        with pytest.raises(InputError, match=r"was made by gridmodel 9\.8\.7, whose stores this version cannot read"):
            attempt()


def test_a_store_of_an_older_layout_is_read_with_a_warning_and_not_continued(copy):
    """As it was before hashes: no file of them, a job without its own, and markers with one hash."""
    path = copy / "zarr.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    job = unsealed(about["attributes"][stores.ATTRIBUTE])
    about["attributes"][stores.ATTRIBUTE] = json.dumps({name: value for name, value in job.items() if name != "layout"})
    path.write_text(json.dumps(about), encoding="utf-8")
    (copy / stores.HASHES).unlink()
    found, said = read(copy)
    assert said == ["was written by an earlier version, without hashes of everything: damage may go unnoticed"]
    assert found["shed_mw"].sizes["seed"] == 3
    with pytest.raises(
        InputError, match="was begun by an earlier version, without hashes of everything; make a new store"
    ):
        sweep(copy, resume=True)


def test_a_marker_says_what_its_unit_wrote(stored):
    about = read_sealed(stored / "done" / "1.json")
    assert about["unit"] == 1
    assert {"shed_mw/c/1/0/0/0/0", "outdoor_temperature/c/1/0/0", "energy_not_served/c/1/0"} < set(about["files"])
    covered = {*read_sealed(stored / stores.HASHES)["files"], *(one for unit in range(3) for one in read_sealed(stored / f"done/{unit}.json")["files"])}  # fmt: skip
    assert {name for name in tree(stored) if not name.startswith("done/")} <= covered | {"failed/zarr.json"}


def test_all_that_is_damaged_is_told_at_once(copy):
    for place in ("region/c/0", "saidi/zarr.json", "failed/zarr.json"):
        spoil(copy / place, "flip")
    spoil(copy / "population", "gone")
    with pytest.raises(InputError) as caught:
        open_sweep(copy)
    said = str(caught.value)
    assert [
        place
        for place in ("region/c/0", "saidi/zarr.json", "failed/zarr.json")
        if f"{copy}/{place}: is damaged" in said
    ]
    assert len(caught.value.problems) == 5
    assert f"{copy}/population/c/0: cannot be read: No such file or directory" in said
