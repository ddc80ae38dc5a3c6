"""A store whose hashes and checksums all fit, since a stranger made them: damage is a sentence, and takes little memory."""

import gc
import json
import shutil
import struct
import subprocess
import sys

import google_crc32c
import numcodecs
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import LONG

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.studies.sweep.sealed import hash_bytes, read_sealed, sealed
from gridmodel.studies.sweep.store import HASHES

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
    "bomb of blosc": with_crc(blosc(np.zeros(40 * MEGA))),
    "one value more": with_crc(blosc(np.zeros(37))),
    "one value less": with_crc(blosc(np.zeros(35))),
    "header of a gigabyte": with_crc(header(WHOLE, 4, 1_000 * MEGA)),
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


@pytest.mark.parametrize("name", CHUNKS)
def test_a_chunk_of_another_kind_or_size_is_a_sentence(copy, name, monkeypatch):
    monkeypatch.chdir(copy.parent)
    path = copy / "shed_mw/c/1/0/0/0/0"
    path.write_bytes(CHUNKS[name])
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


@pytest.mark.parametrize("name", LABELS)
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


@pytest.mark.parametrize("place", PLACES)
def test_a_changed_description_of_an_array_is_a_sentence_and_nothing_else(alone, tmp_path, place, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(alone, "store")
    path = tmp_path / "store" / place / "zarr.json"
    whole = path.read_text(encoding="utf-8")
    tried = refused = 0
    for number, (name, change) in enumerate(CHANGES.items()):
        about = json.loads(whole)
        if not LONG and (number + PLACES.index(place)) % 5:
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


PEAK = """
import sys
from click.testing import CliRunner
from gridmodel.commands import main
got = CliRunner().invoke(main, sys.argv[1:])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(got.exit_code, int(peak.split()[1]) // 1000)
"""


def test_a_bomb_in_a_chunk_takes_no_memory(copy, monkeypatch):
    monkeypatch.chdir(copy.parent)
    bomb = with_crc(blosc(np.zeros(75 * MEGA)))
    for unit in (0, 1):
        (copy / f"shed_mw/c/{unit}/0/0/0/0").write_bytes(bomb)
    forge(copy)
    got = subprocess.run(
        [sys.executable, "-c", PEAK, *READERS[0]], capture_output=True, text=True, check=True, timeout=60
    )
    status, peak_mb = map(int, got.stdout.split())
    assert status == 1
    assert peak_mb < 500
