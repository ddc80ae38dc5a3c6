"""Files that are not of the expected kind are not quoted, and no function takes an address."""

import json
from pathlib import Path

import pytest
from audited import watched
from conftest import LONG, sampled

import gridmodel as gm
from gridmodel.events.timetable import read_timetable
from gridmodel.results.run_folder import read_manifest, read_result
from gridmodel.scenario import make_scenario
from gridmodel.studies.options import load_options
from gridmodel.studies.sweep import load_sweep

WORDS = ("hunter2", "tok3n", "s3cret", "Pa55word", "AKIAKEY")
SECRETS = {
    "passwd": "root:hunter2:0:0:s3cret:/root:/bin/bash\ndaemon:tok3n:1:1::/:/bin/sh\n",
    "key": "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2tok3n\ns3cret/Pa55word==\n-----END OPENSSH PRIVATE KEY-----\n",
    "ini": "[hunter2]\ntok3n = s3cret\naws_access_key_id = AKIAKEY\n",
    "json": json.dumps({"hunter2": {"tok3n": ["s3cret"]}, "Pa55word": "AKIAKEY"}),
    "list": json.dumps(["hunter2", {"s3cret": "tok3n"}]),
    "yaml": "hunter2: tok3n\ns3cret:\n  - Pa55word\n",
    "csv": "hunter2,s3cret,tok3n\nPa55word,1,AKIAKEY\n",
    "semicolons": "hunter2;s3cret\nPa55word;AKIAKEY\n",
    "sql": "INSERT INTO hunter2 VALUES ('s3cret', 'tok3n');\n",
    "shell": "export hunter2='s3cret'\nsystem('tok3n')\nmpc = Pa55word;\n",
    "spaces": "hunter2 s3cret 5 tok3n\nPa55word 2 AKIAKEY 7\n",
    "html": "<html><body hunter2='s3cret'>tok3n</body></html>\n",
    "dat": "2026-01-05 hunter2 s3cret\n2026-01-06 tok3n 5\n",
}
SUFFIXES = ("", ".csv", ".json", ".yaml", ".m", ".txt", ".nc", ".epw", ".xlsx", ".toml", ".op1", ".gz")


def scenario(**changes):
    base = {"name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC",
            "start": "2026-01-05 00:00", "end": "2026-01-05 03:00", "deterministic": True}  # fmt: skip
    return make_scenario(base | changes)


READERS = {
    "network": gm.load_network, "check": lambda path: _raise(gm.check_network(path)), "weather": gm.load_weather,
    "scenario": gm.load_scenario, "timetable": read_timetable, "supplier": lambda path: read_timetable(path, region="TR-1"),
    "options": load_options, "sweep": load_sweep, "run": read_result, "manifest": lambda path: read_manifest(Path(path)),
    "events": lambda path: gm.run(scenario(events=path)), "own weather": lambda path: gm.run(scenario(weather=path)),
    "own network": lambda path: gm.run(scenario(network=path)), "own timetable": lambda path: gm.run(scenario(timetable=path)),
    "own demand": lambda path: gm.run(scenario(demand=path)), "own supply": lambda path: gm.run(scenario(supply=path)),
    "state": gm.load_state, "own state": lambda path: gm.run(scenario(start_state=str(path))),
}  # fmt: skip


def _raise(problems):
    if problems:
        raise gm.InputError(problems)


@pytest.mark.parametrize("reader", sampled(READERS, 2))
def test_an_error_quotes_no_line_of_a_file_of_another_kind(tmp_path, reader):
    told = []
    for row, (kind, text) in enumerate(SECRETS.items()):
        for suffix in SUFFIXES if LONG else SUFFIXES[row % 4 :: 4]:  # each kind with some, each suffix with some
            path = tmp_path / f"file-{kind}{suffix}"
            path.write_text(text, encoding="utf-8")
            with pytest.raises(gm.InputError) as caught:
                READERS[reader](str(path))
            said = str(caught.value)
            told += [f"{path.name}: {said[:200]}" for word in WORDS if word in said]
    assert not told, "\n".join(sorted(set(told))[:10])


def test_a_table_of_a_network_of_another_kind_is_not_quoted(folder):
    for kind, text in SECRETS.items():
        for table in ("regions.csv", "network.toml"):
            kept = (folder / table).read_text(encoding="utf-8")
            (folder / table).write_text(text, encoding="utf-8")
            said = "\n".join(map(str, gm.check_network(str(folder))))
            (folder / table).write_text(kept, encoding="utf-8")
            assert not [word for word in WORDS if word in said], (kind, table, said[:300])


def test_a_table_with_some_known_columns_still_says_which_are_unknown(folder):
    path = folder / "buses.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("vn_kv", "voltage", 1), encoding="utf-8")
    assert "voltage: is an unknown column" in "\n".join(map(str, gm.check_network(str(folder))))


ADDRESSES = (
    "http://127.0.0.1:9/x.csv", "https://localhost/x.nc", "ftp://127.0.0.1/x.json", "file:" + "///etc/passwd", "s3://bucket/key", "gs://b/k",
    "memory://x", "zip://x.zip", "simplecache::http://127.0.0.1/x", "http://127.0.0.1:9/x.nc#mode=bytes", "reference://x", "\\\\host\\share",
)  # fmt: skip
NETWORK = {"socket.connect", "socket.getaddrinfo", "urllib.Request"}


@pytest.mark.parametrize("address", sampled(ADDRESSES, 3))
@pytest.mark.parametrize("reader", [*READERS, "store"])
def test_no_function_takes_an_address(address, reader, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = []
    read = gm.open_sweep if reader == "store" else READERS[reader]
    with (
        watched(lambda event, args: asked.append((event, args)) if event in NETWORK else None),
        pytest.raises(gm.InputError),
    ):
        read(address)
    assert not asked
