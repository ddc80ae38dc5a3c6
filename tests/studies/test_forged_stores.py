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
