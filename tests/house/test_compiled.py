"""Whether loops are compiled."""

import importlib.util
import logging
import sys
import warnings

import pytest
from click.testing import CliRunner

from gridmodel import arrays, compiling
from gridmodel.arrays import available
from gridmodel.commands import main


def test_a_folder_beside_a_script_is_not_the_compiler_of_its_name(tmp_path, monkeypatch):
    (tmp_path / "numba").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    assert not available()
    (tmp_path / "numba" / "__init__.py").touch()
    assert available()


@pytest.mark.parametrize(
    ("own", "numpy", "expected"),
    [
        pytest.param("0.61.0", "<2.1,>=1.24", False, id="for an older numpy"),
        pytest.param("0.60.0", "<9,>=1.24", False, id="too old"),
        pytest.param("0.100.2", "<9.10,>=1.24", True, id="as it should be"),
    ],
)
def test_a_compiler_that_would_end_in_an_error_is_left_alone_and_a_warning_says_so(
    tmp_path, monkeypatch, own, numpy, expected
):
    (tmp_path / "numba").mkdir()
    (tmp_path / "numba" / "__init__.py").write_text('raise ImportError("Numba needs NumPy 2.0 or less")')
    (tmp_path / f"numba-{own}.dist-info").mkdir()
    about = (
        f"Metadata-Version: 2.1\nName: numba\nVersion: {own}\nRequires-Dist: llvmlite\nRequires-Dist: numpy{numpy}\n"
    )
    (tmp_path / f"numba-{own}.dist-info" / "METADATA").write_text(about)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    arrays._is_new_enough.cache_clear()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert [available(), available()] == [expected] * 2
    assert [own in str(one.message) for one in told] == [True] * (not expected)


LOOPS = """
from gridmodel.arrays import available, compiler

COMPILED = available()
_compiled = compiler(__file__)

@_compiled(None)
def half(number):
    return number / 2

def half_of_half(number):
    return number / 4

@_compiled(half_of_half)
def quarter(number):
    return half(half(number))
"""


@pytest.fixture
def loops(tmp_path, monkeypatch):
    """A function that imports a module of loops anew, as a process does."""
    (tmp_path / "loops_of_a_test.py").write_text(LOOPS, encoding="utf-8")
    monkeypatch.setattr(arrays, "_later", [])
    monkeypatch.setattr(arrays, "_broken", [])

    def begin():
        monkeypatch.setattr(compiling, "_teller", compiling._Teller())
        spec = importlib.util.spec_from_file_location("loops_of_a_test", tmp_path / "loops_of_a_test.py")
        made = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "loops_of_a_test", made)
        spec.loader.exec_module(made)
        return made

    return begin


def told(call):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        assert call(8.0) == 2.0
    return [str(one.message) for one in found]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ('raise OSError("no libllvmlite.so\\nanywhere")', "no libllvmlite.so"),
        ("import llvmlite_that_is_not_there", "No module named 'llvmlite_that_is_not_there'"),
        ("raise ValueError", "ValueError"),
    ],
)
def test_a_compiler_that_is_broken_is_told_once_and_all_goes_on_without_it(tmp_path, monkeypatch, loops, fault, said):
    (tmp_path / "site" / "numba").mkdir(parents=True)
    (tmp_path / "site" / "numba" / "__init__.py").write_text(fault, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    made = loops()
    assert made.COMPILED
    (message,) = told(made.quarter)
    assert message.startswith(f"numba is installed and cannot be used ({said}): runs take longer without it")
    assert told(made.quarter) == []
    assert made.quarter is made.half_of_half
    assert told(lambda number: made.half(number / 2)) == []
    assert not made.COMPILED
    assert not available()


@pytest.fixture
def numba(tmp_path, monkeypatch, caplog):
    """The compiler of that name, which keeps what it compiles in a folder of this test."""
    numba = pytest.importorskip("numba")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    caplog.set_level(logging.WARNING, logger="gridmodel.compiling")
    return lambda: [path for path in (tmp_path / "kept").rglob("*") if path.suffix in {".nbi", ".nbc"}]


def test_the_wait_of_a_first_time_is_told_once_and_no_more_when_it_is_kept(numba, loops, caplog):
    first = loops()
    assert told(first.quarter) == []
    assert told(first.half(4.0) and first.quarter) == []
    assert [one.getMessage() for one in caplog.records] == [compiling.FIRST_TIME]
    assert numba()
    caplog.clear()
    assert told(loops().quarter) == []
    assert not caplog.records


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
@pytest.mark.parametrize("left", [b"", b"\x80\x04", b"\xde" * 60], ids=["empty", "cut off", "noise"])
def test_kept_code_that_is_damaged_is_told_once_and_made_anew(numba, loops, suffix, left):
    loops().quarter(8.0)
    for path in numba():
        if path.suffix == suffix:
            path.write_bytes(left)
    (message,) = told(loops().quarter)
    assert message.startswith("compiled loops that were kept are damaged (")
    assert told(loops().quarter) == []


def test_code_that_cannot_be_kept_is_told_once_and_runs(numba, loops, monkeypatch):
    from numba.core.caching import CompileResultCacheImpl, IndexDataCacheFile

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(IndexDataCacheFile, "_save_data", full)
        (message,) = told(loops().quarter)
    assert message.startswith("compiled loops cannot be kept ([Errno 28] No space left on device)")
    monkeypatch.setattr(CompileResultCacheImpl, "_locator_classes", [])
    (message,) = told(loops().quarter)
    assert "set NUMBA_CACHE_DIR to a folder that can be written to" in message


def test_json_is_asked_for_without_a_word_of_compiling(caplog):
    caplog.set_level(logging.WARNING, logger="gridmodel.compiling")  # put back after the test
    assert CliRunner().invoke(main, ["schema", "--help"]).exit_code == 0
    assert compiling.log.isEnabledFor(logging.WARNING)
    CliRunner().invoke(main, ["deadlines", "no-run", "--json"])
    assert not compiling.log.isEnabledFor(logging.WARNING)
