"""Rules for every file under version control, and for the rooms of the package."""

import re
import subprocess
import sys
import tomllib

import guards
import pytest

from gridmodel.inputs.files import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the list of files is git's")
BESIDE_THE_ROOMS = {"__init__.py", "__main__.py", "version.py", "py.typed"}
MOST_LINES = 500
"""Most lines of a file of the package."""
LONGER = {
    "gridmodel/dispatch/simplex.py": "compiled functions that call each other: the cache of numba does not see a change in another file",
}
"""Files that may be longer, and why; a file that no longer is loses its place here."""


@pytest.fixture(scope="module")
def contract():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (found,) = [one for one in settings["contracts"] if one.get("containers") == ["gridmodel"]]
    return found


def layers(contract):
    return [room.strip() for floor in contract["layers"] for room in floor.split("|")]


@pytest.mark.parametrize("guard", [guards.conflict_markers, guards.machine_paths], ids=lambda guard: guard.__name__)
def test_no_tracked_file_has_conflict_markers_or_addresses_of_one_machine(guard):
    found = {str(path.relative_to(ROOT)): problems for path in guards.tracked_files()
             if path.name != "test_repository.py" and (problems := guard(guards.text_of(path)))}  # fmt: skip
    assert not found


def test_code_and_pages_are_in_sentences_that_a_native_speaker_would_write():
    ours = [path for path in guards.tracked_files() if path.relative_to(ROOT).parts[0] in {"gridmodel", "docs"}]
    found = {str(path.relative_to(ROOT)): problems for path in ours
             if path.suffix in {".py", ".md"} and (problems := guards.stiff_sentences(guards.text_of(path)))}  # fmt: skip
    assert not found


def test_no_file_of_the_package_is_too_long_but_those_that_are_named_with_a_reason():
    ours = [path for path in guards.tracked_files() if path.suffix == ".py" and path.is_relative_to(ROOT / "gridmodel")]
    lines = {
        path.relative_to(ROOT).as_posix(): len(guards.text_of(path).splitlines()) for path in [*ours, ROOT / "cli.py"]
    }
    assert len(lines) > 200
    assert {name for name, count in lines.items() if count > MOST_LINES} == set(LONGER)


@pytest.mark.parametrize(
    ("guard", "text", "lines"),
    [
        (
            guards.stiff_sentences,
            'def f():\n    """What it is."""\nx = "is no member"\n"""Is not."""\n',
            ["line 2", "line 3"],
        ),
        (
            guards.conflict_markers,
            "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> 38f3eaa (x)\n",
            ["line 2", "line 4", "line 6"],
        ),
        (guards.conflict_markers, "||||||| base\n", ["line 1"]),
        (guards.conflict_markers, "======== a heading\n<<<< not one\n| a | b |\n", []),
        (guards.machine_paths, "see\n/home/someone/runs", ["line 2"]),
        (guards.machine_paths, r"C:\Users\someone\runs", ["line 1"]),
        (guards.machine_paths, "file:///srv/wheels", ["line 1"]),
        (
            guards.machine_paths,
            "pip install --index{}url http://10.1.2.3/simple{} x".format("-", "/"),
            ["line 1", "line 1"],
        ),
        (guards.machine_paths, "the share at /work, docs/home/page.md, https://example.org/home/page", []),
    ],
)
def test_planted_markers_and_addresses_are_seen(guard, text, lines):
    assert [problem.split(":")[0] for problem in guard(text)] == lines


def test_the_top_of_the_package_has_exactly_the_rooms_of_the_contract(contract):
    top = {path.relative_to(ROOT / "gridmodel").parts[0] for path in guards.tracked_files()
           if path.is_relative_to(ROOT / "gridmodel")}  # fmt: skip
    rooms = {name.removesuffix(".py") for name in top - BESIDE_THE_ROOMS}
    assert rooms == set(layers(contract)) - {"__main__", "version"}


def lint_imports(folder, contract, rooms, imports=""):
    """Run the contract on an empty package with these rooms; return status and output."""
    package = folder / "gridmodel"
    package.mkdir()
    (package / "__init__.py").touch()
    for room in rooms:
        (package / f"{room}.py").write_text(imports if room == "errors" else "", encoding="utf-8")
    (folder / ".importlinter").write_text(
        "[importlinter]\nroot_package = gridmodel\n\n[importlinter:contract:rooms]\nname = rooms\ntype = layers\n"
        f"containers = gridmodel\nexhaustive = {contract['exhaustive']}\n"
        "exhaustive_ignores =\n    " + "\n    ".join(contract["exhaustive_ignores"]) + "\n"
        "layers =\n    " + "\n    ".join(contract["layers"]) + "\n",
        encoding="utf-8",
    )
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=folder, env={"PYTHONPATH": str(folder), "PATH": "", "NO_COLOR": "1"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


def test_a_room_without_a_place_in_the_contract_breaks_it(tmp_path, contract):
    pytest.importorskip("importlinter", reason="make lint installs it")
    for name, rooms, imports, broken in [
        ("as-it-is", [], "", ""),
        ("a-new-room", ["attic"], "", "attic"),
        ("an-import-up", [], "import gridmodel.studies", "gridmodel.errors is not allowed to import gridmodel.studies"),
    ]:
        (tmp_path / name).mkdir()
        status, output = lint_imports(tmp_path / name, contract, [*layers(contract), *rooms], imports)
        assert (status == 0) == (not broken), output
        assert broken in output
