import errno
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import dask
import numpy as np
import psutil
import pytest
from click.testing import CliRunner
from conftest import LONG
from distributed import LocalCluster
from ports import answer, listening

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.errors import InputError
from gridmodel.results.metrics import per_member
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate
from gridmodel.studies.sweep import SweepStoppedError, engine, load_sweep, open_sweep, run_sweep
from gridmodel.studies.sweep import store as stores
from gridmodel.studies.sweep.api import read_memory
from gridmodel.studies.sweep.changes import check_changes
from gridmodel.studies.sweep.job import make_job, metric_templates, needed
from gridmodel.studies.sweep.sealed import read_sealed
from gridmodel.studies.sweep.security import temporary_security

GRID = {"import_limit_mw": [100, 200], "availability.thermal_coal": [0.8, 1.0] if LONG else [0.8]}
KILLS = 20
FEW = ["shed_mw", "people_without_heat"]
"""Variables that a store keeps where a test needs no more: each is a file a unit."""


@pytest.fixture
def base(three):
    event = {"time": "2026-01-05 02:00", "target": "TR-2/thermal_coal", "kind": "strike", "interception": 0.5,
             "hits_before_interception": 4}  # fmt: skip
    return three(deterministic=False, members=4, end="2026-01-05 06:00", events=[event])


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """A store that was never disturbed, which `SWEEP` makes; and the job's parts."""
    where = tmp_path_factory.mktemp("calm")
    (where / "sweep.yaml").write_text(SWEEP)
    scenario, changes, keep = load_sweep(where / "sweep.yaml")
    run_sweep(scenario, changes, where / "calm.zarr", keep=keep)
    return tree(where / "calm.zarr")


def begin(folder):
    """Write the file of the sweep and read it."""
    (folder / "sweep.yaml").write_text(SWEEP)
    return load_sweep(folder / "sweep.yaml")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_grid_becomes_dimensions_and_each_variant_is_the_run_it_says(base, tmp_path):
    grid = gm.sweep(base, {**GRID, "seed": [3, 4]}, store=tmp_path / "grid.zarr", keep=FEW)
    assert dict(grid["shed_mw"].sizes) | {} == {
        "import_limit_mw": 2, "availability.thermal_coal": len(GRID["availability.thermal_coal"]), "seed": 2, "member": 4, "time": 6, "region": 3, "tier": 4,
    }  # fmt: skip
    assert grid["shed_mw"].chunks is not None
    limit, share, seed = 100, 0.8, 4
    alone = gm.run(base.replace(import_limit_mw=limit, availability={"thermal_coal": share}, seed=seed))
    one = grid.sel({"import_limit_mw": limit, "availability.thermal_coal": share, "seed": seed})
    for name in ("shed_mw", "people_without_heat", "drawn_value", "local_time"):
        assert np.array_equal(one[name].to_numpy(), alone[name].to_numpy()), name
    assert one["energy_not_served"].to_numpy() == pytest.approx(gm.metrics.ens_mwh(alone).to_numpy())
    other = gm.run(base.replace(import_limit_mw=200, availability={"thermal_coal": share}, seed=3))
    one = grid.sel({"import_limit_mw": 200, "availability.thermal_coal": share, "seed": 3})
    assert np.array_equal(one["shed_mw"].to_numpy(), other["shed_mw"].to_numpy())
    assert grid["shed_mw"].attrs["units"] == "MW"
    assert grid["energy_not_served"].attrs["units"] == "MWh"


def test_metrics_are_laid_out_without_a_look_at_values_that_nobody_has_written():
    """Sums over what memory happens to hold warned once in some thousand runs."""
    result = gm.run("three-region")
    unwritten = result.map(
        lambda values: (
            values.copy(data=np.resize([np.inf, -np.inf], values.shape)) if values.dtype.kind == "f" else values
        ),
        keep_attrs=True,
    )
    made, plain = metric_templates(unwritten), metric_templates(result)
    assert made["energy_not_served"].item() == 0.0
    assert {name: (made[name].dims, made[name].attrs) for name in made} == {
        name: (plain[name].dims, plain[name].attrs) for name in plain
    }


def test_a_store_is_summed_up_as_a_run(base, tmp_path):
    store = gm.sweep(base, {"seed": [3]}, store=tmp_path / "s.zarr").sel(seed=3)
    alone = gm.run(base.replace(seed=3))
    assert gm.summarise(store.load())["mean"].to_numpy() == pytest.approx(gm.summarise(alone)["mean"].to_numpy())


@pytest.mark.gate  # at each edit: a grid becomes dimensions
def test_a_list_of_changes_runs_along_variants_with_the_settings_beside_them(base, tmp_path):
    changes = [{"import_limit_mw": 50}, {"seed": 9}]
    found = gm.sweep(base.replace(import_limit_mw=150), changes, store=tmp_path / "s.zarr", keep=["import_mw"])
    assert found["import_limit_mw"].to_numpy().tolist() == [50, 150]
    assert found["seed"].to_numpy().tolist() == [2026, 9]
    assert found["import_mw"].max(("member", "time")).to_numpy().tolist() == [50, 150]
    assert "shed_mw" not in found
    assert "energy_not_served" in found


@pytest.mark.gate  # at each edit: a grid becomes dimensions
def test_a_sweep_without_changes_is_one_run_of_any_size(base, tmp_path):
    found = gm.sweep(base.replace(members=103), store=tmp_path / "s.zarr", keep=["shed_mw"])
    assert found["shed_mw"].chunks[0] == (50, 50, 3)
    assert np.array_equal(found["shed_mw"].to_numpy(), gm.run(base.replace(members=103))["shed_mw"].to_numpy())


def test_a_unit_computes_what_is_kept_and_what_metrics_are_made_of_and_nothing_else(base):
    whole = gm.run(base.replace(members=3))
    some = simulate(run_inputs(base.replace(members=3)), keep=needed(["import_mw"]))
    assert {"import_mw", "shed_mw", "people_without_heat"} <= set(some)
    assert not {"people_without_heat_cause", "people_without_water_cause", "generation_mw"} & set(some)
    assert per_member(some).identical(per_member(whole))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"events": [[]]}, "ranks help and never targets"),
        ({"UA-30/heat_source": [0.5]}, "ranks help and never targets"),
        ({"TR-1.share": [0.1, 0.5]}, "ranks help and never targets"),
        ({"line:7": [0, 1]}, "ranks help and never targets"),
        ({"target": ["TR-1/delivery"]}, "ranks help and never targets"),
        ([{"events": []}], "ranks help and never targets"),
        ({"network": ["a", "b"]}, "a store for each network"),
        ({"members": [10, 20]}, "changes the shape"),
        ({"import_limt_mw": [1]}, "nearest: import_limit_mw"),
        ({"availability.hidro": [1]}, "nearest: hydro"),
        ({"import_limit_mw": [900, -5]}, "greater than or equal"),
        ({"import_limit_mw": [900, 900]}, "in the list twice"),
        ({"import_limit_mw": 900}, "list of values"),
        ({"weather": ["three-region", "nowhere"]}, "neither a bundled weather"),
        ([], "list of changes"),
    ],
)
def test_damage_is_no_dimension_and_every_refusal_says_why(base, tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        gm.sweep(base, changes, store=tmp_path / "s.zarr")
    assert not (tmp_path / "s.zarr").exists()


def test_all_problems_of_changes_are_reported_at_once(base):
    with pytest.raises(InputError) as caught:
        check_changes(base, {"events": [1], "membrs": [2], "UA/hydro": [3]})
    assert len(caught.value.problems) == 3


@pytest.mark.gate  # at each edit: a grid becomes dimensions
def test_samples_are_drawn_from_distributions_and_refuse_damage(base, tmp_path):
    drawn = gm.sample_changes({"import_limit_mw": {"uniform": [0, 200]}, "interception": {"uniform": [0, 1]}}, 8)
    assert sorted(int(change["import_limit_mw"] / 25) for change in drawn) == list(range(8))
    found = gm.sweep(base.replace(members=1), drawn[:3], store=tmp_path / "s.zarr", keep=["import_mw"])
    assert found["interception"].to_numpy() == pytest.approx([change["interception"] for change in drawn[:3]])
    with pytest.raises(InputError, match="never targets"):
        gm.sample_changes({"events": {"uniform": [0, 1]}}, 4)
    with pytest.raises(InputError, match="not a number that can be sampled"):
        gm.sample_changes({"weather": {"uniform": [0, 1]}}, 4)


def test_a_sweep_file_is_read_with_all_its_problems(base, tmp_path):
    path = tmp_path / "sweep.yaml"
    path.write_text(
        "scenario: three-region\nset: {deterministic: false, members: 2}\ngrid: {seed: [1, 2]}\nkeep: [shed_mw]\n"
    )
    scenario, changes, keep = load_sweep(path, members=3)
    assert (scenario.members, changes.sizes, keep) == (3, {"seed": 2}, ("shed_mw",))
    path.write_text("scenaro: x\ngrid: {}\nsamples: {count: 0, settings: {seed: {uniform: [1, 2]}}}\n")
    with pytest.raises(InputError) as caught:
        load_sweep(path)
    assert "nearest: scenario" in str(caught.value)
    assert len(caught.value.problems) >= 4
    path.write_text("scenario: three-region\ngrid: {seed: [1]}\nvariants: [{seed: 1}]\n")
    with pytest.raises(InputError, match="take one of"):
        load_sweep(path)


@pytest.mark.gate  # at each edit: a sweep that is stopped and resumed
def test_the_store_is_the_same_to_the_byte_for_one_two_and_four_workers_and_resumed(base, tmp_path):
    changes = check_changes(base.replace(members=53), GRID)
    scenario, keep = base.replace(members=53), None if LONG else FEW
    run_sweep(scenario, changes, tmp_path / "here.zarr", keep=keep)
    expected = tree(tmp_path / "here.zarr")
    units = len(changes) * 2
    assert len([name for name in expected if re.fullmatch(r"done/\d+\.json", name)]) == units
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="inproc", dashboard_address="127.0.0.1:0"
    ) as cluster:
        run_sweep(scenario, changes, tmp_path / "far.zarr", keep=keep, scheduler=cluster.scheduler_address)
    assert tree(tmp_path / "far.zarr") == expected
    for workers in (1, 2, 4) if LONG else ():  # of every run: two tests below, whose stores processes wrote
        run_sweep(scenario, changes, tmp_path / f"{workers}.zarr", workers=workers, memory="8GB")
        assert tree(tmp_path / f"{workers}.zarr") == expected, workers
    torn = tmp_path / "here.zarr"
    (torn / "done" / "0.json").unlink()
    next((torn / "shed_mw").rglob("c/1/0/1/*/*/*")).write_bytes(b"torn")
    (torn / "shed_mw" / "c" / "x.partial").write_bytes(b"half")
    report = run_sweep(scenario, changes, torn, keep=keep, resume=True)
    assert (report.kept, report.done) == (units - 2, 2)
    assert tree(torn) == expected
    assert run_sweep(scenario, changes, torn, keep=keep, resume=True).done == 0


@pytest.mark.gate  # at each edit: a description of another sweep, in `test_forged_stores.py`
def test_a_store_of_another_sweep_version_or_input_is_refused(base, tmp_path, folder, monkeypatch):
    target = tmp_path / "s.zarr"
    mine = base.replace(network=str(folder), members=1)
    run_sweep(mine, check_changes(mine, {"seed": [1]}), target, keep=["shed_mw"])
    with pytest.raises(InputError, match="already exists"):
        run_sweep(mine, check_changes(mine, {"seed": [1]}), target)
    with pytest.raises(InputError, match="changes"):
        run_sweep(mine, check_changes(mine, {"seed": [2]}), target, keep=["shed_mw"], resume=True)
    other = mine.replace(import_limit_mw=5)
    with pytest.raises(InputError, match="import_limit_mw"):
        run_sweep(other, check_changes(other, {"seed": [1]}), target, keep=["shed_mw"], resume=True)
    path = folder / "generators.csv"
    path.write_text(path.read_text().replace("600,600", "600,590"))
    with pytest.raises(InputError, match=r"generators\.csv: was made with other inputs"):
        run_sweep(mine, check_changes(mine, {"seed": [1]}), target, keep=["shed_mw"], resume=True)
    path.write_text(path.read_text().replace("600,590", "600,600"))
    monkeypatch.setattr("gridmodel.studies.sweep.job.__version__", "9.9.9")
    with pytest.raises(InputError, match="another version"):
        run_sweep(mine, check_changes(mine, {"seed": [1]}), target, keep=["shed_mw"], resume=True)
    (tmp_path / "no").mkdir()
    with pytest.raises(InputError, match="not the store of a sweep"):
        open_sweep(tmp_path / "no")


def test_a_second_sweep_on_a_store_is_refused(base, tmp_path):
    with stores.locked(tmp_path / "s.zarr"), pytest.raises(InputError, match="another sweep"):
        gm.sweep(base, {"seed": [1]}, store=tmp_path / "s.zarr")


def test_a_unit_that_fails_is_tried_twice_recorded_and_stops_nothing(base, tmp_path, monkeypatch):
    tried = []
    whole = engine.simulate

    def breaks(made, **options):
        if made.scenario.seed == 2:
            tried.append(made.members)
            raise ZeroDivisionError("by design")
        return whole(made, **options)

    monkeypatch.setattr(engine, "simulate", breaks)
    with pytest.warns(UserWarning, match="1 of 3 units failed.*'seed': 2.*by design"):
        found = gm.sweep(base, {"seed": [1, 2, 3]}, store=tmp_path / "s.zarr", keep=FEW)
    assert len(tried) == 2
    assert np.isnan(found["energy_not_served"].to_numpy()).all(axis=1).tolist() == [False, True, False]
    assert read_sealed(tmp_path / "s.zarr" / "failed" / "1.json")["changes"] == {"seed": 2}
    monkeypatch.undo()
    mended = gm.sweep(base, {"seed": [1, 2, 3]}, store=tmp_path / "s.zarr", keep=FEW, resume=True)
    assert not np.isnan(mended["energy_not_served"].to_numpy()).any()
    assert not list((tmp_path / "s.zarr" / "failed").glob("*[0-9].json"))


@pytest.mark.gate  # at each edit: faults at writes of a sweep, in `test_faults.py`
def test_a_full_disk_stops_the_sweep_and_costs_nothing_that_is_done(calm, tmp_path, monkeypatch):
    scenario, changes, keep = begin(tmp_path)
    whole, written = stores.write_unit, []

    def full(store, job, unit, values):
        if len(written) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(unit)
        return whole(store, job, unit, values)

    monkeypatch.setattr(stores, "write_unit", full)
    with pytest.raises(SweepStoppedError, match="No space left"):
        run_sweep(scenario, changes, tmp_path / "s.zarr", keep=keep)
    monkeypatch.undo()
    report = _finish(tmp_path, tmp_path / "s.zarr")
    assert (report.kept, report.done) == (2, 4)
    assert tree(tmp_path / "s.zarr") == calm


def test_an_input_that_changes_under_a_sweep_stops_it(base, tmp_path, folder):
    mine = base.replace(network=str(folder))
    path = folder / "generators.csv"

    def meddle(done, total, failed):
        if done == 0:
            path.write_text(path.read_text().replace("600,600", "600,590"))

    with pytest.raises(SweepStoppedError, match="has changed since the sweep began"):
        gm.sweep(mine, {"seed": [1, 2]}, store=tmp_path / "s.zarr", progress=meddle)


@pytest.mark.gate  # at each edit: sizes of memory, below
def test_memory_is_flat_in_members(base, tmp_path):
    peaks = []
    for members in (50, 200):
        job, empty, _ = make_job(
            base.replace(members=members, end="2026-01-05 03:00"),
            check_changes(base, None),
            keep=["shed_mw"],
            memory_bytes=10**9,
        )
        path = tmp_path / f"{members}.zarr"
        stores.create(path, job, empty[0])
        tracemalloc.start()
        engine.run_unit(str(path), "token", job.places, 1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        engine._job.cache_clear()
    assert peaks[1] < 1.1 * peaks[0]


def test_sizes_of_memory_are_read_and_too_little_is_refused(base, tmp_path):
    assert read_memory("800 mb") == 800_000_000
    with pytest.raises(InputError, match="not a size; write for example"):
        read_memory("lots")
    with pytest.raises(InputError, match=r"is too little: 2 workers need about [0-9,]+ MB$"):
        gm.sweep(base, None, store=tmp_path / "s.zarr", workers=2, memory="100MB")
    with pytest.raises(InputError, match=r"is too little: 9 workers need about [0-9,]+ MB \(enough for 3 workers\)$"):
        gm.sweep(base, None, store=tmp_path / "s.zarr", workers=9, memory="1.6GB")


@pytest.mark.gate  # at each edit: quantiles of a store, in `test_faults.py` and `test_terminal.py`
def test_quantiles_of_a_second_pass_are_those_of_all_members_at_once(base, tmp_path):
    found = gm.sweep(base.replace(members=55), {"seed": [1, 2]}, store=tmp_path / "s.zarr", keep=["shed_mw"])
    found = found.assign(
        shed_mw=found["shed_mw"].chunk(time=2)
    )  # as in a large store, whose coordinates have one chunk
    tiny = gm.statistics.member_quantiles(found, ["shed_mw", "energy_not_served"], [0.1, 0.5], memory_bytes=1)
    once = found["shed_mw"].load().quantile([0.1, 0.5], "member")
    assert np.array_equal(tiny["shed_mw"].transpose(*once.dims).to_numpy(), once.to_numpy())
    assert tiny["energy_not_served"].sizes == {"quantile": 2, "seed": 2}
    with pytest.raises(InputError, match="nearest: shed_mw"):
        gm.statistics.member_quantiles(found, ["shed_mv"])


SWEEP = """\
scenario: three-region
set: {deterministic: false, members: 10, end: 2026-01-05 04:00, events: []}
grid: {import_limit_mw: [100, 200], seed: [1, 2, 3]}
keep: [shed_mw, people_without_heat]
"""


def command(folder, name, *options):
    """Command line of a sweep in its own process."""
    return [sys.executable, "-m", "gridmodel", "sweep", str(folder / "sweep.yaml"), "-o", str(folder / name), *options]


def markers(target):
    return list((target / "done").glob("[0-9]*.json"))


def workers_of(going):
    """Processes that a sweep has started for its units."""
    return [p for p in psutil.Process(going.pid).children(recursive=True) if "spawn_main" in " ".join(p.cmdline())]


@pytest.mark.long  # of every run: a full disk above, and Ctrl-C below
@pytest.mark.gate  # at each edit: faults at writes of a sweep, in `test_faults.py`
def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(calm, tmp_path):
    begin(tmp_path)
    chance, target = random.Random(2026), tmp_path / "killed.zarr"  # noqa: S311
    with_workers = command(tmp_path, target.name, "--resume", "--workers", "1")
    for kill in range(KILLS):
        if kill and not (target / "done").is_dir():
            pytest.fail("the store is gone")
        wanted = chance.randint(0, 4)
        for path in markers(target)[wanted:]:  # so that there is work for every kill
            path.unlink()
        before = len(markers(target))
        going = subprocess.Popen(with_workers, stderr=subprocess.PIPE)
        _wait(lambda at=before: len(markers(target)) > at, going)
        time.sleep(chance.random() * 0.3)
        workers = workers_of(going)
        if kill % 2 and workers:  # a worker dies, the sweep goes on by itself
            workers[0].kill()
            assert going.wait(120) == 0, going.stderr.read()
        if going.poll() is None:
            going.kill()
        going.wait()
        going.stderr.close()
    _finish(tmp_path, target)
    assert tree(target) == calm
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killed.zarr", "sweep.yaml"]


def _hears_ctrl_c():
    """A shell starts what runs in its background deaf to Ctrl-C; tests may run there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="a group of processes is how a POSIX terminal sends Ctrl-C")
@pytest.mark.parametrize(
    ("presses", "workers"), [(1, 1), *(pytest.param(presses, 2, marks=pytest.mark.long) for presses in (1, 2))]
)
@pytest.mark.gate  # at each edit: a full disk stops a sweep
def test_ctrl_c_stops_a_sweep_with_a_word_and_nothing_is_lost(calm, tmp_path, presses, workers):
    begin(tmp_path)
    target = tmp_path / "stopped.zarr"
    going = subprocess.Popen(
        command(tmp_path, target.name, "--workers", str(workers)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=_hears_ctrl_c,  # noqa: PLW1509 - no threads that hold locks here
    )  # fmt: skip
    _wait(lambda: markers(target), going)
    ports = set(listening([going.pid, *(one.pid for one in workers_of(going))]))
    assert {host for host, _ in ports} == {
        "127.0.0.1"
    }  # on the way: nobody who comes to a port of theirs gets an answer
    assert {answer(*port) for port in ports} <= {404, b""}
    _wait(lambda: len(markers(target)) > 1, going)
    group = [process for process in psutil.Process(going.pid).children(recursive=True) if process.is_running()]
    assert len(workers_of(going)) == workers
    for press in range(presses):
        time.sleep(0.3 * press)
        os.killpg(going.pid, signal.SIGINT)
    out, err = going.communicate(timeout=90)
    assert (going.returncode, out) == (130, "")
    said, told, *rest = err.splitlines()
    assert said == "stopped: interrupted"
    counted = re.fullmatch(r"Finished units \((\d) of (\d)\) are kept in (.*); continue with --resume\.", told)
    assert [
        line for line in rest if "resource_tracker" not in line
    ] == []  # Python's own word on what a killed worker held
    _, alive = psutil.wait_procs(group, timeout=20)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    report = _finish(tmp_path, target)
    assert 2 <= report.kept < report.units
    done, units, where = counted.groups()
    assert (int(units), where) == (report.units, str(target))
    assert report.kept - int(done) in {0, 1}  # Ctrl-C may come between a marker and the count of it
    assert tree(target) == calm


def _surroundings():
    return os.environ.get("MALLOC_TRIM_THRESHOLD_"), dask.config.get("distributed.worker.profile.enabled")


@pytest.mark.long
def test_workers_keep_freed_memory_and_do_not_sample_their_stack(monkeypatch):
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    with engine.connected(1, None) as client:
        assert client.submit(_surroundings).result() == (None, False)


@pytest.mark.long
@pytest.mark.gate  # at each edit: workers in this process
def test_a_script_that_forgets_its_main_guard_is_told_so(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        f'import gridmodel as gm\ngm.sweep("three-region", {{"seed": [1, 2]}}, store={str(tmp_path / "s.zarr")!r}, workers=1)\n'
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert (
        "SweepStoppedError: the workers did not start; a script that starts some needs `if __name__"
        in done.stderr.splitlines()[-1]
    )


def _wait(until, process, seconds=90):
    end = time.monotonic() + seconds
    while not until() and process.poll() is None:
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.02)


def _finish(folder, target):
    """Resume in this process once the lock is free."""
    scenario, changes, keep = load_sweep(folder / "sweep.yaml")
    return run_sweep(scenario, changes, target, keep=keep, resume=True)


@pytest.mark.long
@pytest.mark.gate  # at each edit: the same in this process
def test_scheduler_and_workers_of_their_own_serve_a_sweep_and_a_lost_one_loses_nothing(calm, tmp_path):
    """With keys in files, as the page on sweeps says; a scheduler in this process is lost in `test_sweep_cluster.py`."""
    scenario, changes, keep = begin(tmp_path)
    keys = key_files(temporary_security(), tmp_path)
    around = os.environ | {
        f"DASK_DISTRIBUTED__COMM__{name.upper().replace('.', '__').replace('-', '_')}": str(path)
        for name, path in keys.items()
    }
    address = tmp_path / "scheduler.json"
    start = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--protocol",
        "tls",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
    ]
    work = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": around}
    scheduler = subprocess.Popen([*start, "--scheduler-file", str(address)], **quiet)
    _wait(address.is_file, scheduler)
    workers = [
        subprocess.Popen([*work, "--scheduler-file", str(address), "--death-timeout", "120"], **quiet) for _ in range(2)
    ]
    try:
        where = json.loads(address.read_text())["address"]
        assert where.startswith("tls://")

        def lose(done, total, failed):
            if done == 3:
                scheduler.kill()

        with (
            dask.config.set({f"distributed.comm.{name}": str(path) for name, path in keys.items()}),
            pytest.raises(SweepStoppedError, match="lost the scheduler"),
        ):
            run_sweep(scenario, changes, tmp_path / "far.zarr", keep=keep, scheduler=where, progress=lose)
    finally:
        for process in (scheduler, *workers):
            process.kill()
            process.wait()
    report = _finish(tmp_path, tmp_path / "far.zarr")
    assert report.kept >= 3
    assert tree(tmp_path / "far.zarr") == calm


def key_files(security, folder):
    """Keys of a cluster in files, by their names in Dask's configuration."""
    roles = [f"{role}.{part}" for role in ("client", "scheduler", "worker") for part in ("cert", "key")]
    names = {"tls.ca-file": "ca_file", **{f"tls.{role}": role.replace(".", "_") for role in roles}}
    for part in names.values():
        (folder / part).touch(mode=0o600)
        (folder / part).write_text(getattr(security, f"tls_{part}"))
    return {name: folder / part for name, part in names.items()}


@pytest.mark.gate  # at each edit: the same in this process
def test_workers_that_come_late_are_kept_busy(base, tmp_path):
    out = []
    with LocalCluster(
        n_workers=0, threads_per_worker=1, processes=False, protocol="inproc", dashboard_address="127.0.0.1:0"
    ) as cluster:

        def come(done, total, failed):
            if done == 0:
                cluster.scale(3)
            elif done == 1:
                cluster.wait_for_workers(3)
            out.append(len(cluster.scheduler.tasks))

        changes = check_changes(base, {"seed": list(range(10))})
        report = run_sweep(base, changes, tmp_path / "s.zarr", keep=["shed_mw"], scheduler=cluster, progress=come)
    assert report.done == report.units == 10
    assert max(out) > 2 * engine.AHEAD


def test_no_scheduler_at_an_address_is_said(base, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CONNECT_S", 0.1)
    with pytest.raises(InputError, match="no scheduler answers"):
        gm.sweep(base, None, store=tmp_path / "s.zarr", scheduler="tcp://127.0.0.1:9", trust_network=True)


@pytest.mark.parametrize("address", ["nonsense", "http://x:3", "tcp://a:b"])
def test_an_address_that_is_none_is_said_at_once_and_nothing_is_written(tmp_path, address):
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    got = CliRunner().invoke(
        main, command(tmp_path, "s.zarr", "--scheduler", address, "--trust-network")[3:], catch_exceptions=False
    )
    assert (got.exit_code, f"no scheduler answers at {address}" in got.stderr) == (1, True)
    assert not (tmp_path / "s.zarr").exists()
