import json
import subprocess
import sys
from pathlib import Path

import hostile
import pytest

import gridmodel as gm

NAMES = [*hostile.NETWORKS, *hostile.WEATHER, *hostile.SCENARIOS]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    where = tmp_path_factory.mktemp("hostile")
    expected = hostile.write_all(where)
    kinds = json.dumps({name: kind for name, (kind, _) in expected.items()})
    script = Path(__file__).parent / "hostile_run.py"
    command = [sys.executable, "-W", "ignore", script, where, kinds]
    got = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert got.returncode == 0, got.stderr[-2000:]
    return json.loads(got.stdout) | {"where": where}


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_is_refused_by_name_and_nothing_runs(corpus, name):
    got = corpus["results"][name]
    expected = {**hostile.NETWORKS, **hostile.WEATHER, **hostile.SCENARIOS}[name][1]
    assert got["outcome"] == "refused", got
    assert got["seen"] == []
    assert got["problems"]
    if expected:
        import re

        assert re.search(expected, "\n".join(got["problems"])), got["problems"]
    assert "SECRET" not in "".join(got["problems"])


def test_the_whole_corpus_takes_less_than_half_a_gigabyte_and_leaves_nothing_behind(corpus):
    assert corpus["peak_mb"] < 500
    assert not (corpus["where"] / "canary").exists()
    assert len(NAMES) >= 30


def test_a_pipe_or_device_is_no_network(tmp_path):
    with pytest.raises(gm.InputError, match="neither a file nor a folder"):
        gm.load_network("/dev/zero")
