"""Processes that read a file with a library of others: a file is refused in one sentence, a fault of ours is loud."""

import os

import pytest

import gridmodel as gm
from gridmodel.inputs.child import REFUSED, why_refused
from gridmodel.inputs.files import ROOT
from gridmodel.interchange.readers import powsybl
from gridmodel.weather.readers import grib
from gridmodel.weather.series import Options


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Put a library of some text in the place of one that reads files, for processes that are started."""

    def put(name, text):
        (tmp_path / "site" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name / "__init__.py").write_text(text, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "site"), str(ROOT)]))
        return tmp_path

    return put


POWSYBL = "class network:\n    @staticmethod\n    def load(path):\n        "


def converted(tmp_path):
    powsybl._convert(tmp_path / "net.xiidm", tmp_path / "found.json", shown="net.xiidm")


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (
            'raise RuntimeError("unexpected end of file\\nin line 3")',
            "cannot be read by PowSyBl: unexpected end of file",
        ),
        ('raise KeyError("bus")', "cannot be read by PowSyBl: 'bus'"),
        ("raise MemoryError", "needs more than the 6 GB of memory that reading it may take"),
        ("import os; os.abort()", "cannot be read: the library that reads it gave up"),
        ("import os; os._exit(1)", "cannot be read: the library that reads it gave up"),
    ],
)
def test_a_network_file_that_its_library_cannot_read_is_refused_in_one_sentence(library, does, said):
    home = library("pypowsybl", POWSYBL + does)
    with pytest.raises(gm.InputError) as told:
        converted(home)
    assert [str(problem) for problem in told.value.problems] == [f"net.xiidm: {said}"]


def test_a_library_that_cannot_be_used_is_told_with_what_to_install(library):
    home = library("pypowsybl", 'raise ImportError("libjava.so: cannot open shared object file")')
    with pytest.raises(
        gm.InputError, match=r"net.xiidm: .*libjava.so.* install the extra gridmodel\[interchange\] anew"
    ):
        converted(home)
    (home / "a.grib").write_bytes(b"GRIB")
    library("cfgrib", 'raise RuntimeError("Cannot find the ecCodes library")')
    with pytest.raises(gm.InputError, match=r"Cannot find the ecCodes.* install the extra gridmodel\[grib\] anew"):
        grib._convert(home / "a.grib", home / "found.nc", Options(shown="a.grib", stem="a"))


def test_a_fault_of_ours_behind_the_library_is_loud_and_not_told_as_one_of_the_file(library):
    home = library("pypowsybl", POWSYBL + "return None")
    with pytest.raises(RuntimeError, match=r"(?s)not of the file:.*get_voltage_levels"):
        converted(home)


def test_a_status_that_no_sentence_comes_with_is_a_crash():
    assert why_refused(REFUSED, "noise\nhas no buses in service", "", crashed="gave up") == "has no buses in service"
    assert why_refused(REFUSED, " ", "", crashed="gave up") == "gave up"
    assert why_refused(-11, "half a", "Traceback", crashed="gave up") == "gave up"
    with pytest.raises(RuntimeError, match="KeyError"):
        why_refused(1, "", "Traceback\nKeyError: 'a'", crashed="gave up")
