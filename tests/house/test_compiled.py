"""Whether loops are compiled."""

import sys
import warnings

import pytest

from gridmodel import arrays
from gridmodel.arrays import available


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
