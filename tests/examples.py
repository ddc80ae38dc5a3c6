"""The examples of docstrings, of which many begin with the same run: it is made once for all that a process tries.

Levels are counted in fewer winters than they are for a user; `test_weather_extremes.py` counts the example's in all.
"""

from functools import cache

import pytest

from gridmodel.studies import run as module
from gridmodel.weather.generator import extremes

WINTERS = 2_000
SHARED = "three-region"
_run = module.run


@cache
def _shared():
    return _run(SHARED)


def run(scenario, *args, **kwargs):
    """Run a scenario; the shared one, given by its name alone, is run once."""
    alone = isinstance(scenario, str) and scenario == SHARED and not args and not kwargs
    return _shared().copy() if alone else _run(scenario, *args, **kwargs)


class OneRun:
    """Plugin that gives examples the shared run, and leaves every test alone."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        if not isinstance(item, pytest.DoctestItem):
            return (yield)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "run", run)
            patch.setattr(extremes, "WINTERS", WINTERS)
            extremes._lowest.cache_clear()
            try:
                return (yield)
            finally:
                extremes._lowest.cache_clear()
