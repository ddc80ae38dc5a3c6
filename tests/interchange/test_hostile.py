import ast
import re
import sys
from pathlib import Path

import hostile
import hostile_run
import pytest
from conftest import at_gate

import gridmodel as gm

EXPECTED = {
    name: said for group in (hostile.NETWORKS, hostile.WEATHER, hostile.SCENARIOS) for name, (_, said) in group.items()
}
EXPECTED |= {f"others/{name}": said for name, (_, _, said) in hostile.OTHERS.items()}


APART = (".zip", ".xiidm", ".raw", ".uct", ".cdf", ".grib")
"""Ends of files that are read in a process of their own, where the library for it is installed."""
OWN_PROCESS = {f"{how} {str((sys.executable,))[:100]}" for how in ("subprocess.Popen", "os.posix_spawn")}
"""What is seen of such a process: this Python, and nothing else; twice from Python 3.13 on."""


class Corpus:
    """A folder of hostile files, each of which is written and read when it is asked for, and once."""

    def __init__(self, where):
        self.where, self.got = where, {}
        hostile.prepare(where)

    def __getitem__(self, name):
        """What became of a file."""
        if name not in self.got:
            kind, write = hostile.FILES[name]
            write(self.where / name)
            self.got[name] = hostile_run.read(self.where, name, kind)
        return self.got[name]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    hostile_run.get_ready()
    return Corpus(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("name", at_gate(EXPECTED, 12))
def test_a_hostile_file_is_refused_by_name_and_nothing_runs(corpus, name):
    got = corpus[name]
    assert got["outcome"] == "refused", got
    assert [one for one in got["seen"] if not (name.endswith(APART) and one in OWN_PROCESS)] == []
    assert got["problems"]
    assert re.search(EXPECTED[name], "\n".join(got["problems"])), got["problems"]
    assert "SECRET" not in "".join(got["problems"])
    assert not (corpus.where / "canary").exists()


@pytest.mark.parametrize("name", at_gate(hostile.PASSED_OVER, 2))
def test_what_a_network_keeps_beside_its_elements_is_passed_over_with_one_warning_and_never_decoded(corpus, name):
    got = corpus[name]
    assert got["outcome"] == "read", got
    assert got["seen"] == []
    (said,) = [one for one in got["problems"] if "not read" in one]
    assert re.search(hostile.PASSED_OVER[name][1], said)
    assert "canary" not in said


@pytest.mark.gate  # at each edit: a fifth of the files, and no canary of these
def test_the_whole_corpus_takes_less_than_half_a_gigabyte_and_leaves_nothing_behind(corpus):
    assert max(corpus[name]["peak_mb"] for name in hostile.FILES) < 500
    assert not (corpus.where / "canary").exists()
    assert len(EXPECTED) >= 30


def test_a_pipe_or_device_is_no_network(tmp_path):
    with pytest.raises(gm.InputError, match="neither a file nor a folder"):
        gm.load_network("/dev/zero")


NEVER = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "joblib",
    "marshal",
    "shelve",
    "subprocess",
    "pty",
    "ctypes",
    "code",
}
"""Modules that run code from a file or start other programs."""
CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.startfile", "os.fork", "pd.eval",
    "pd.read_pickle", "pandas.read_pickle", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "pp.from_json",
    "pp.from_pickle", "pp.from_excel", "pandapower.from_json", "pp.from_json_string",
}  # fmt: skip
"""Calls that do so."""


def dotted(node):
    """Name that is called: `a.b.c`."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([*([node.id] if isinstance(node, ast.Name) else []), *reversed(parts)])


def dangers(text):
    """What a module does that could run what stands in a file."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in NEVER)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name for name in names if name.split(".")[0] in NEVER or name in CALLS)
        elif isinstance(node, ast.Call):
            name = dotted(node.func)
            if (
                name in CALLS
                or name.startswith(("os.exec", "os.spawn", "os.posix_spawn"))
                or name.endswith(".read_pickle")
            ):
                yield name
            for option in node.keywords:
                if option.arg in {"shell", "allow_pickle"} and not (
                    isinstance(option.value, ast.Constant) and option.value.value is False
                ):
                    yield f"{name}({option.arg}=)"
                if name == "YAML" and option.arg == "typ" and ast.literal_eval(option.value) not in {"rt", "safe"}:
                    yield "YAML(typ=)"


ALLOWED = {"weather/readers/grib.py": ["subprocess"], "interchange/readers/powsybl.py": ["subprocess"]}
"""What a module may do all the same: GRIB and what PowSyBl reads go through libraries that may crash, in a process of this package of its own,
started without a shell, to which the path of the file is one argument."""


@pytest.mark.gate  # at each edit: the search for dangers finds them
def test_no_module_can_run_what_stands_in_a_file():
    package = Path(gm.__file__).parent
    found = {path.relative_to(package).as_posix(): list(dangers(path.read_text(encoding="utf-8")))
             for path in package.rglob("*.py")}  # fmt: skip
    assert len(found) > 300
    assert {name: calls for name, calls in found.items() if calls} == ALLOWED


@pytest.mark.parametrize(
    "line",
    [
        "eval('1')", "import pickle", "from subprocess import run", "import yaml; yaml.load(x)", "os.system('x')",
        "np.load(x, allow_pickle=True)", "run(x, shell=y)", "YAML(typ='unsafe')", "pandas.io.read_pickle(x)",
        "from os import system", "__import__('os')", "os.execv('a', [])",
    ],
)  # fmt: skip
def test_the_search_for_dangers_finds_them(line):
    assert list(dangers(line))
