"""Names of the package are loaded when they are asked for, and loading leaves the process as it was."""

import gc
import sys

import pytest

import gridmodel as gm

MODULE = "gridmodel.results.repair_log"


@pytest.fixture(autouse=True)
def nothing_kept():
    """Let garbage be collected among all objects; the suite keeps those that it begins with out of it."""
    kept = gc.get_freeze_count()
    gc.unfreeze()
    yield
    if kept:
        gc.freeze()


@pytest.fixture
def not_loaded(monkeypatch):
    """Forget a module for a test."""
    monkeypatch.delitem(sys.modules, MODULE, raising=False)


@pytest.mark.usefixtures("not_loaded")
@pytest.mark.parametrize("collects", [True, False])
def test_garbage_is_collected_after_loading_as_before(collects):
    was = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        assert callable(gm.repair_log)
        assert MODULE in sys.modules
        assert gc.isenabled() is collects
        assert gc.get_freeze_count() == 0
    finally:
        (gc.enable if was else gc.disable)()


@pytest.mark.usefixtures("not_loaded")
def test_what_a_host_keeps_out_of_the_collection_stays_out():
    gc.freeze()
    try:
        kept = gc.get_freeze_count()
        assert kept > 0
        assert callable(gm.repair_log)
        assert gc.get_freeze_count() == pytest.approx(
            kept, rel=0.1
        )  # what is let go of in between is no longer counted
    finally:
        gc.unfreeze()


def test_loading_that_fails_leaves_garbage_collected(monkeypatch):
    monkeypatch.setitem(gm._FUNCTIONS, "lost", "nowhere")
    assert gc.isenabled()
    with pytest.raises(ModuleNotFoundError):
        _ = gm.lost
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
