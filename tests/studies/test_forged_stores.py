"""A store whose hashes and checksums all fit, since a stranger made them: damage is a sentence, and takes little memory."""

import gc
import json
import re
import shutil
import struct

import google_crc32c
import numcodecs
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import LONG, sampled
from memory import begin_peak, peak_mb

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.studies.sweep import inspected, load_sweep, run_sweep
from gridmodel.studies.sweep import store as stores
from gridmodel.studies.sweep.changes import check_changes
from gridmodel.studies.sweep.checked import Unpacking
from gridmodel.studies.sweep.job import make_job
from gridmodel.studies.sweep.sealed import hash_bytes, read_sealed, sealed, unsealed
from gridmodel.studies.sweep.store import ATTRIBUTE, HASHES, check_same

MEGA = 1_000_000


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    where = tmp_path_factory.mktemp("forged") / "store"
    scenario = gm.load_scenario("three-region").replace(end="2026-01-05 03:00", events=[])
    gm.sweep(scenario, {"import_limit_mw": [100, 200]}, store=where, keep=["shed_mw", "outdoor_temperature"])
    return where


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A store without changes, of which a metric can be explained."""
    where = tmp_path_factory.mktemp("forged") / "alone"
    base = gm.load_scenario("three-region").replace(
        end="2026-01-05 01:00", events=[], deterministic=False, members=50, import_limit_mw={"uniform": [20, 80]}
    )
    gm.sweep(base, store=where, keep=["shed_mw"])
    return where


@pytest.fixture
def copy(store, tmp_path):
    return shutil.copytree(store, tmp_path / "store")


def forge(store):
    """Write all hashes of a store anew, as a stranger can."""
    kept = read_sealed(store / HASHES)
    files = {name: hash_bytes((store / name).read_bytes()) for name in kept["files"]}
    (store / HASHES).write_text(sealed({**kept, "files": files}), encoding="utf-8")
    for marker in (store / "done").glob("[0-9]*.json"):
        about = read_sealed(marker)
        files = {name: hash_bytes((store / name).read_bytes()) for name in about["files"]}
        marker.write_text(sealed({**about, "files": files}), encoding="utf-8")


def with_crc(data):
    return data + struct.pack("<I", google_crc32c.value(data))


def blosc(values, name="zstd"):
    return bytes(numcodecs.Blosc(cname=name, clevel=9).encode(np.asarray(values)))


def header(data, place, value):
    return data[:place] + struct.pack("<I", value) + data[place + 4 :]


WHOLE = blosc(np.zeros(36))
CHUNKS = {
    "header of a gigabyte": with_crc(header(WHOLE, 4, 1_000 * MEGA)),
    "one value more": with_crc(blosc(np.zeros(37))),
    "one value less": with_crc(blosc(np.zeros(35))),
    "bomb of blosc": lambda: with_crc(blosc(np.zeros(40 * MEGA))),  # 320 MB, made where it is needed
    "header of a wrong length": with_crc(header(WHOLE, 12, 17)),
    "header of huge blocks": with_crc(header(WHOLE, 8, 2**31 - 1)),
    "noise": with_crc(WHOLE[:20] + b"\xff" * (len(WHOLE) - 20)),
    "another packer": with_crc(blosc(np.zeros(36), "lz4")),
    "zstd": with_crc(bytes(numcodecs.Zstd().encode(np.zeros(36)))),
    "gzip": with_crc(bytes(numcodecs.GZip().encode(np.zeros(36)))),
    "no checksum": WHOLE,
    "wrong checksum": WHOLE + b"abcd",
    "three bytes": b"abc",
    "nothing": b"",
    "a large file": bytes(3 * MEGA),
}
READERS = (
    ("quantiles", "store", "shed_mw", "-o", "q.nc"),
    ("sensitivity", "store"),
    ("sweep", "sweep.yaml", "-o", "store", "--resume"),
)


def commands(readers=READERS):
    """Give commands that read a store; none may end in a traceback, and what they say is returned."""
    said = []
    for words in readers:
        got = CliRunner().invoke(main, list(words))
        assert got.exception is None or isinstance(got.exception, SystemExit), (words, got.exc_info)
        assert got.exit_code in {0, 1}, got.output
        said.append(got)
    return said


@pytest.mark.parametrize("name", sampled(CHUNKS, 3, edit=5))
@pytest.mark.gate  # at each edit: labels of another number or size
def test_a_chunk_of_another_kind_or_size_is_a_sentence(copy, name, monkeypatch):
    monkeypatch.chdir(copy.parent)
    path = copy / "shed_mw/c/1/0/0/0/0"
    chunk = CHUNKS[name]
    path.write_bytes(chunk() if callable(chunk) else chunk)
    forge(copy)
    got = commands(READERS[:1])[0]
    assert got.exit_code == 1
    assert f"{path.relative_to(copy.parent)}: is damaged: " in got.stderr.replace(f"{copy.parent}/", "")
    assert not (copy.parent / "q.nc").exists()
    with pytest.raises(gm.InputError, match="is damaged"):
        gm.open_sweep(copy)["shed_mw"].load()
    assert np.isfinite(gm.open_sweep(copy)["outdoor_temperature"].load()).all()


LABELS = {
    "four thousand million words": struct.pack("<I", 4_000_000_000) + bytes(8),
    "a word less": struct.pack("<I", 2) + 2 * (struct.pack("<I", 4) + b"TR-1"),
    "a word that is too long": struct.pack("<I", 3) + 3 * struct.pack("<I", 2**31),
    "words that are not text": struct.pack("<I", 3) + 3 * (struct.pack("<I", 2) + b"\xff\xfe"),
    "words and more": struct.pack("<I", 3) + 3 * struct.pack("<I", 0) + b"more",
    "a bomb": struct.pack("<I", 3) + bytes(300 * MEGA),
    "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("name", sampled(LABELS, 3, edit=5))
def test_labels_of_another_number_or_size_are_a_sentence(copy, name):
    (copy / "region/c/0").write_bytes(with_crc(blosc(np.frombuffer(LABELS[name], "u1"))))
    forge(copy)
    with pytest.raises(gm.InputError, match=r"region/c/0: is damaged: "):
        gm.open_sweep(copy)


def set_(*path, value):
    def change(about):
        at = about
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


CHANGES = {
    "type of text": set_("data_type", value="string"), "type of flags": set_("data_type", value="bool"), "small numbers": set_("data_type", value="int8"),
    "half numbers": set_("data_type", value="float16"), "codec name": set_("codecs", 1, "configuration", "cname", value="lzma"),
    "codec level": set_("codecs", 1, "configuration", "clevel", value="high"), "codec size": set_("codecs", 1, "configuration", "typesize", value=10**9),
    "blocks": set_("codecs", 1, "configuration", "blocksize", value=-1), "gzip": set_("codecs", 1, value={"name": "gzip", "configuration": {"level": 9}}),
    "twice": set_("codecs", 2, value={"name": "blosc", "configuration": {"typesize": 8, "cname": "zstd", "clevel": 1, "shuffle": "shuffle", "blocksize": 0}}),
    "shards": set_("codecs", value=[{"name": "sharding_indexed", "configuration": {"chunk_shape": [1], "codecs": [], "index_codecs": []}}]),
    "big endian": set_("codecs", 0, value={"name": "bytes", "configuration": {"endian": "big"}}), "codec text": set_("codecs", value="blosc"),
    "chunks": set_("chunk_grid", "configuration", "chunk_shape", value=[10_000_000]), "grid": set_("chunk_grid", "name", value="rectangular"),
    "keys": set_("chunk_key_encoding", value={"name": "v2", "configuration": {"separator": "."}}), "fill": set_("fill_value", value={"a": 1}),
    "fill text": set_("fill_value", value="x" * 500), "scale": set_("attributes", "scale_factor", value="x"), "offset": set_("attributes", "add_offset", value=[1]),
    "missing": set_("attributes", "missing_value", value="x"), "fill attribute": set_("attributes", "_FillValue", value="!"), "unsigned": set_("attributes", "_Unsigned", value="true"),
    "a date": set_("attributes", "units", value="days since 1900-01-01"), "hours": set_("attributes", "units", value="hours"), "calendar": set_("attributes", "calendar", value="maya"),
    "kind": set_("attributes", "dtype", value="timedelta64[ns]"), "coordinates": set_("attributes", "coordinates", value=[5]), "text": set_("attributes", value="x"),
    "no dims": set_("dimension_names", value=None), "odd dims": set_("dimension_names", value=["time"]), "more": set_("codecs", 0, "configuration", "more", value=1),
    "version": set_("zarr_format", value=9), "unknown": set_("must_understand", value={"x": 1}), "transformers": set_("storage_transformers", value=[{"name": "x"}]),
}  # fmt: skip
PLACES = ("shed_mw", "energy_not_served", "drawn_value", "region", "time", "local_time", "population", "member")


@pytest.mark.parametrize("place", sampled(PLACES, 3, edit=4))
@pytest.mark.gate  # at each edit: a description of no sweep
def test_a_changed_description_of_an_array_is_a_sentence_and_nothing_else(alone, tmp_path, place, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(alone, "store")
    path = tmp_path / "store" / place / "zarr.json"
    whole = path.read_text(encoding="utf-8")
    tried = refused = 0
    for number, (name, change) in enumerate(CHANGES.items()):
        about = json.loads(whole)
        if not LONG and (number + PLACES.index(place)) % 11:
            continue
        try:
            change(about)
        except KeyError:
            continue
        path.write_text(json.dumps(about), encoding="utf-8")
        forge(tmp_path / "store")
        try:
            got = commands((READERS[0], ("sensitivity", "store", "--metric", "energy_not_served")))
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
        if LONG:
            gc.collect()
        assert not [one for one in caplog.records if one.name == "asyncio"], name
        tried += 1
        refused += got[0].exit_code
    gc.collect()
    assert not [one for one in caplog.records if one.name == "asyncio"]
    assert refused >= 0.7 * tried
    path.write_text(whole, encoding="utf-8")
    forge(tmp_path / "store")
    assert [got.exit_code for got in commands((READERS[0], ("sensitivity", "store")))] == [0, 0]


@pytest.mark.gate  # at each edit: a header that says a gigabyte
def test_a_bomb_in_a_chunk_takes_no_memory(copy, monkeypatch):
    monkeypatch.chdir(copy.parent)
    bomb = with_crc(blosc(np.zeros(75 * MEGA)))
    for unit in (0, 1):
        (copy / f"shed_mw/c/{unit}/0/0/0/0").write_bytes(bomb)
    forge(copy)
    before = begin_peak()
    assert commands(READERS[:1])[0].exit_code == 1
    assert peak_mb() - before < 300


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A store of two settings, of members that are drawn."""
    where = tmp_path_factory.mktemp("forged") / "two"
    base = "scenario: three-region\nset: {end: 2026-01-05 02:00, events: [], deterministic: false, members: 4}\n"
    grid = "grid: {import_limit_mw: [100, 200], availability.hydro: [0.8, 1.0]}\nkeep: [shed_mw]\n"
    (where.parent / "sweep.yaml").write_text(base + grid, encoding="utf-8")
    scenario, changes, keep = load_sweep(where.parent / "sweep.yaml")
    run_sweep(scenario, changes, where, keep=keep)
    return where


@pytest.fixture
def forged(two, tmp_path, monkeypatch):
    """A copy of it beside its sweep file, in the working folder."""
    shutil.copyfile(two.parent / "sweep.yaml", tmp_path / "sweep.yaml")
    shutil.copytree(two, tmp_path / "store")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "store"


def with_job(store, change):
    """Change the description of the sweep in both of its places, and all hashes."""
    about = json.loads((store / "zarr.json").read_text(encoding="utf-8"))
    job = unsealed(about["attributes"][ATTRIBUTE])
    change(job)
    about["attributes"][ATTRIBUTE] = sealed(job)
    (store / "zarr.json").write_text(json.dumps(about), encoding="utf-8")
    (store / HASHES).write_text(sealed({**read_sealed(store / HASHES), "job": sealed(job)}), encoding="utf-8")
    forge(store)


def with_attribute(store, name, value):
    about = json.loads((store / "zarr.json").read_text(encoding="utf-8"))
    about["attributes"][name] = value
    (store / "zarr.json").write_text(json.dumps(about), encoding="utf-8")
    forge(store)


def with_labels(store, name, values):
    (store / name / "c/0").write_bytes(with_crc(blosc(values)))
    forge(store)


GRID = [["import_limit_mw", [*range(1500)]], ["availability.hydro", [i / 1e4 for i in range(1500)]], ["seed", [*range(100)]]]  # fmt: skip
JOBS = {
    "a grid of 225 million": (set_("changes", "grid", value=GRID), "changes: makes 225,000,000 variants; a store takes at most 100,000"),
    "huge unit": (set_("per_unit", value=10**30), "per_unit: .* must be a whole number from 1 to 4"), "half a unit": (set_("per_unit", value=1.5), "per_unit: '1.5' must be a whole number"),
    "no members of a unit": (set_("per_unit", value=0), "per_unit: '0' must be"), "unit of text": (set_("per_unit", value="4"), "per_unit: '4' must be"),
    "no steps": (set_("time_block", value=0), "time_block: '0' must be a whole number from 1"), "endless steps": (set_("time_block", value=10**12), "time_block: .* must be a whole number from 1"),
    "members of text": (set_("base", "members", value="x"), "base members: 'x' must be a whole number"), "base": (set_("base", value=[1]), "base: must be the settings of a scenario"),
    "versions": (set_("versions", value=["a"]), "versions: must be a mapping of names to text"), "inputs": (set_("inputs", value=["a"]), "inputs: must be a mapping of names to text"),
    "keep": (set_("keep", value=[1, 2]), "keep: must be a list of variables"), "nested": (set_("changes", "grid", value=[[["a"], [1, 2]]]), "changes grid: must be a list of settings"),
    "texts": (set_("changes", value={"list": ["a", "b"]}), "changes list: must be a list of changes"), "no grid": (set_("changes", value={"grid": 5}), "changes: must be a grid"),
    "nothing": (set_("changes", value=[]), "changes: must be a grid"), "whole line": (set_("changes", "grid", 0, value=["events", [1, 2]]), "'events' is not a setting that a sweep changes"),
    "infinite": (set_("changes", "grid", 0, 1, value=[1, float("inf")]), "changes: must contain finite numbers only"), "too long": (set_("changes", "grid", 0, 1, value=[1, 10**30]), "changes: must contain finite"),
    "twice": (set_("changes", "grid", 0, 1, value=[1, 1]), "import_limit_mw: contains a value twice"), "more": (set_("more", value=1), "more: is not part of the description"),
}  # fmt: skip
"""Descriptions that describe no sweep, and what is said of each."""


@pytest.mark.parametrize("name", sampled(JOBS, 4, edit=5))
def test_a_description_of_no_sweep_is_a_sentence_for_readers_and_for_resume(forged, name):
    change, said = JOBS[name]
    with_job(forged, change)
    for got in commands(READERS if name in {"a grid of 225 million", "base", "nested"} else READERS[:2]):
        assert got.exit_code == 1
        assert re.search(said, got.stderr), got.stderr
    with pytest.raises(gm.InputError, match=said):
        check_same(forged, None)


def test_a_description_of_too_many_units_is_refused_where_it_is_read_and_where_it_is_made(forged):
    with_job(forged, set_("base", "members", value=1_000_000))
    with_job(forged, set_("per_unit", value=1))
    with pytest.raises(gm.InputError, match="makes 4,000,000 units of work; a store takes at most 100,000"):
        gm.open_sweep(forged)
    base = gm.load_scenario("three-region").replace(
        deterministic=False, members=1_000_000, end="2026-01-05 01:00", events=[]
    )
    changes = check_changes(base, [{"seed": 1}, {"seed": 2}])
    with pytest.raises(gm.InputError, match="makes 2,000,000 units of work"):
        make_job(base, changes, keep=["shed_mw"], memory_bytes=1_000)


OTHER = {
    "members": (set_("base", "members", value=100), "member: has 4 entries in .* but 100 by the description"),
    "smaller units": (set_("per_unit", value=1), "and .* more: '1 × 1 × 4' must have chunks of 1 × 1 × 1, as the sweep says"),
    "other names": (set_("changes", "grid", value=[["seed", [1, 2]], ["spare_transformers", [1, 2]]]), "must begin with the dimensions of the changes, seed, spare_transformers"),
    "swapped": (lambda job: job["changes"]["grid"].reverse(), "must begin with the dimensions of the changes, availability.hydro, import_limit_mw"),
    "another value": (set_("changes", "grid", 0, 1, 1, value=300), "import_limit_mw: '100, 200' has other labels"), "a third": (set_("changes", "grid", 0, 1, value=[100, 200, 300]), "import_limit_mw: has 2 entries .* but 3"),
    "a list": (set_("changes", value={"list": [{"seed": one} for one in range(4)]}), "must begin with the dimensions of the changes, variant"), "keep": (set_("keep", value=["shed_mw", "demand_mw"]), "demand_mw: is missing: the sweep keeps it"),
    "base": (set_("base", "heat_battery_h", value=7.0), "scenario: differs from the description of the sweep in heat_battery_h"), "step": (set_("base", "step", value="30min"), "step_h: '1.0' must be 0.5"),
    "end": (set_("base", "end", value="2026-01-05T03:00:00"), "end: must be 2026-01-05T03:00:00"), "seed": (set_("base", "seed", value=8), "seed: .* must be 8"),
}  # fmt: skip
"""Descriptions of another sweep than the one whose arrays, labels and attributes are there."""


@pytest.mark.parametrize("name", sampled(OTHER, 3, edit=5))
def test_a_description_of_another_sweep_than_is_there_is_a_sentence(forged, name):
    change, said = OTHER[name]
    with_job(forged, change)
    for got in commands(READERS[:2]):
        assert got.exit_code == 1
        assert re.search(said, got.stderr), got.stderr


THERE = {
    "bits of NaN": (with_labels, "import_limit_mw", np.array([np.nan, np.nan]), "import_limit_mw: .* has other labels"),
    "one label twice": (with_labels, "import_limit_mw", np.array([7, 7]), "import_limit_mw: '7, 7' has other labels"),
    "other labels": (with_labels, "import_limit_mw", np.array([900, 1700]), "import_limit_mw: '900, 1700' has other labels"),
    "NaN": (with_labels, "availability.hydro", np.array([np.nan, np.nan]), "availability.hydro: 'nan, nan' has other labels"),
    "infinity": (with_labels, "availability.hydro", np.array([np.inf, -np.inf]), "availability.hydro.*infinity"),
    "swapped labels": (with_labels, "availability.hydro", np.array([1.0, 0.8]), "availability.hydro: '1.0, 0.8' has other labels"),
    "other members": (with_labels, "member", np.array([9, 8, 7, 6]), "member: '9, 8, 7, 6' has other labels"),
    "deterministic": (with_attribute, "deterministic", 1, "deterministic: '1' must be 0, as the description of the sweep says"),
    "no scenario": (with_attribute, "scenario", "{}", "scenario: differs from the description of the sweep in "), "no zone": (with_attribute, "timezone", "Asia/Tokyo", "local_time: '2026-01-05T00:00:00' must be the time in Asia/Tokyo, 2026-01-05T09:00:00 for"),
}  # fmt: skip
"""Labels and attributes that are not those of the description: how they are made, and what is said."""


@pytest.mark.parametrize("name", sampled(THERE, 3, edit=5))
def test_labels_and_attributes_of_another_sweep_than_is_described_are_a_sentence(forged, name):
    make, where, value, said = THERE[name]
    make(forged, where, value)
    for got in commands(READERS[:2]):
        assert got.exit_code == 1
        assert re.search(said, got.stderr), got.stderr


def with_array(store, name, change):
    path = store / name / "zarr.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    change(about)
    path.write_text(json.dumps(about), encoding="utf-8")


def test_dimensions_of_an_array_in_another_order_are_a_sentence(forged):
    with_array(forged, "shed_mw", lambda about: about["dimension_names"].__setitem__(slice(0, 2), about["dimension_names"][1::-1]))  # fmt: skip
    forge(forged)
    with pytest.raises(gm.InputError, match=r"shed_mw: 'availability.hydro, import_limit_mw, .*must begin with"):
        gm.open_sweep(forged)


def test_a_million_members_in_small_chunks_are_refused_before_any_is_looked_up(forged, monkeypatch):
    for path in forged.glob("*/zarr.json"):
        dims = json.loads(path.read_text(encoding="utf-8")).get("dimension_names") or []
        if "member" in dims:
            with_array(forged, path.parent.name, set_("shape", dims.index("member"), value=1_000_000))
    with_job(forged, set_("base", "members", value=1_000_000))
    looked_up = []
    monkeypatch.setattr(Unpacking, "get_sync", lambda _, key, **options: looked_up.append(key))  # noqa: ARG005
    with pytest.raises(gm.InputError, match=r"makes 1,000,000 units of work|is cut into 250,000 chunks"):
        gm.open_sweep(forged)
    assert looked_up == []


@pytest.mark.gate  # at each edit: the same of results, in `test_stranger_result.py`
def test_values_beyond_all_that_a_result_has_are_a_sentence(forged):
    for value in (np.inf, -1e308):
        (forged / "energy_not_served/c/0/0/0").write_bytes(with_crc(blosc(np.full(4, value))))
        (forged / "shed_mw/c/0/0/0/0/0/0").write_bytes(with_crc(blosc(np.full(4 * 2 * 3 * 4, value))))
        forge(forged)
        for got in commands((READERS[0], READERS[2])):
            assert got.exit_code == 1
            assert "c/0/0/0" in got.stderr
            assert "contains infinity, or a number beyond 1e15, which no result has" in got.stderr, got.stderr
    assert np.isfinite(gm.open_sweep(forged)["energy_not_served"][1].load()).all()


def test_what_cannot_be_decoded_is_said_in_words(forged):
    for change in (set_("fill_value", value=5), lambda about: about.pop("shape"), set_("attributes", "units", value="days since never")):  # fmt: skip
        name = "time"
        whole = (forged / name / "zarr.json").read_text(encoding="utf-8")
        with_array(forged, name, change)
        forge(forged)
        for got in commands(READERS[:2]):
            assert "error: " in got.stderr or got.exit_code == 0
            assert not re.search(r"unhashable|'shape'$|expected .* got|decode|dtype", got.stderr), got.stderr
        (forged / name / "zarr.json").write_text(whole, encoding="utf-8")


def test_a_device_without_room_is_said_to_be_full(forged):
    got = CliRunner().invoke(main, ["quantiles", str(forged), "shed_mw", "-o", "/dev/full"])
    assert got.exit_code == 1
    assert "/dev/full: cannot be written: No space left on device" in got.stderr


@pytest.mark.parametrize("kind", [TypeError, AttributeError, KeyError, NameError])
@pytest.mark.parametrize("check", ["check_result", "check_labels", "check_metadata"])
def test_a_fault_of_our_own_checks_is_not_told_as_one_of_the_store(copy, monkeypatch, kind, check):
    def fails(*_, **__):
        raise kind("ours")

    monkeypatch.setattr(stores, check, fails)
    with pytest.raises(kind, match="ours"):
        gm.open_sweep(copy)


@pytest.mark.parametrize("kind", [NameError, AssertionError])
def test_a_fault_of_the_check_of_an_array_is_not_told_as_one_of_its_description(copy, monkeypatch, kind):
    def fails(*_, **__):
        raise kind("ours")

    monkeypatch.setattr(inspected, "_check_array", fails)
    with pytest.raises(kind, match="ours"):
        gm.open_sweep(copy)
