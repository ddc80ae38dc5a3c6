"""Whether loops are compiled."""

import sys

from gridmodel.arrays import available


def test_a_folder_beside_a_script_is_not_the_compiler_of_its_name(tmp_path, monkeypatch):
    (tmp_path / "numba").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    assert not available()
    (tmp_path / "numba" / "__init__.py").touch()
    assert available()
