"""How public files are checked: each kind in a process of its own."""

import subprocess
import sys

import pytest

from validation.check_files import __main__ as check_files


@pytest.mark.parametrize("asked", [[], ["networks", "weather"]])
def test_several_kinds_of_files_are_checked_in_a_process_each(asked, monkeypatch):
    ran = []

    def run(command, **_):
        ran.append(command)
        return subprocess.CompletedProcess(command, 1 if command[-1] == "weather" else 0)

    monkeypatch.setattr(sys, "argv", ["check_files", *asked])
    monkeypatch.setattr(subprocess, "run", run)
    assert check_files.main() == 1  # one file of weather came out wrong
    assert ran == [[sys.executable, "-m", "validation.check_files", kind] for kind in asked or ["weather", "networks"]]


def test_one_kind_of_files_is_checked_in_this_process(monkeypatch):
    class Networks:
        main = staticmethod(lambda: 0)

    monkeypatch.setattr(sys, "argv", ["check_files", "networks"])
    monkeypatch.setattr(check_files.importlib, "import_module", lambda _: Networks)
    assert check_files.main() == 0
