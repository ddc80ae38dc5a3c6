"""gridmodel: who loses power, heat and water in deep cold, how fast, and which help saves most.

The names below are loaded when they are first used, so that ``import gridmodel`` is instant.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from gridmodel.version import __version__

if TYPE_CHECKING:
    from gridmodel import weather
    from gridmodel.dispatch import dispatch
    from gridmodel.errors import GridModelError, InputError, Problem
    from gridmodel.interchange import check_network, convert_network, diff_networks, load_network
    from gridmodel.output import plot, report
    from gridmodel.results import metrics, statistics
    from gridmodel.results import outage_schedule as schedule
    from gridmodel.results.cascade_log import cascade_log
    from gridmodel.results.comparison import compare
    from gridmodel.results.deadlines import deadlines
    from gridmodel.results.metrics import summarise
    from gridmodel.results.provenance import open_run, save_run
    from gridmodel.results.repair_log import repair_log
    from gridmodel.scenario import Scenario, load_scenario
    from gridmodel.services import heat, water
    from gridmodel.services.models import Models
    from gridmodel.services.power import demand
    from gridmodel.simulation.files import check_scenario
    from gridmodel.simulation.state import load_state
    from gridmodel.studies.ac_check import check_ac
    from gridmodel.studies.conditioning import condition, posterior_scenario
    from gridmodel.studies.forecast import scenario_from_forecast
    from gridmodel.studies.mitigation import plan, rank_mitigations
    from gridmodel.studies.run import run
    from gridmodel.studies.sensitivity import sensitivity
    from gridmodel.studies.sweep import open_sweep, sample_changes, sweep
    from gridmodel.weather import check_weather, design_cold_spell, generate_weather, load_weather

_FUNCTIONS = {
    "cascade_log": "results.cascade_log",
    "check_ac": "studies.ac_check",
    "check_network": "interchange",
    "check_scenario": "simulation.files",
    "check_weather": "weather",
    "compare": "results.comparison",
    "condition": "studies.conditioning",
    "convert_network": "interchange",
    "deadlines": "results.deadlines",
    "design_cold_spell": "weather",
    "diff_networks": "interchange",
    "dispatch": "dispatch",
    "generate_weather": "weather",
    "GridModelError": "errors",
    "InputError": "errors",
    "load_network": "interchange",
    "load_scenario": "scenario",
    "load_state": "simulation.state",
    "load_weather": "weather",
    "Models": "services.models",
    "open_run": "results.provenance",
    "open_sweep": "studies.sweep",
    "plan": "studies.mitigation",
    "posterior_scenario": "studies.conditioning",
    "Problem": "errors",
    "rank_mitigations": "studies.mitigation",
    "repair_log": "results.repair_log",
    "run": "studies.run",
    "sample_changes": "studies.sweep",
    "save_run": "results.provenance",
    "Scenario": "scenario",
    "scenario_from_forecast": "studies.forecast",
    "sensitivity": "studies.sensitivity",
    "summarise": "results.metrics",
    "sweep": "studies.sweep",
}
"""Where a public name lives."""
_MODULES = {
    "demand": "services.power.demand",
    "heat": "services.heat",
    "metrics": "results.metrics",
    "plot": "output.plot",
    "report": "output.report",
    "schedule": "results.outage_schedule",
    "statistics": "results.statistics",
    "water": "services.water",
    "weather": "weather",
}
"""Where a public module lives."""

__all__ = [
    "GridModelError",
    "InputError",
    "Models",
    "Problem",
    "Scenario",
    "__version__",
    "cascade_log",
    "check_ac",
    "check_network",
    "check_scenario",
    "check_weather",
    "compare",
    "condition",
    "convert_network",
    "deadlines",
    "demand",
    "design_cold_spell",
    "diff_networks",
    "dispatch",
    "generate_weather",
    "heat",
    "load_network",
    "load_scenario",
    "load_state",
    "load_weather",
    "metrics",
    "open_run",
    "open_sweep",
    "plan",
    "plot",
    "posterior_scenario",
    "rank_mitigations",
    "repair_log",
    "report",
    "run",
    "sample_changes",
    "save_run",
    "scenario_from_forecast",
    "schedule",
    "sensitivity",
    "statistics",
    "summarise",
    "sweep",
    "water",
    "weather",
]


def __getattr__(name: str) -> object:
    if name in _FUNCTIONS:
        return getattr(_loaded(_FUNCTIONS[name]), name)
    if name in _MODULES:
        return _loaded(_MODULES[name])
    raise AttributeError(f"module 'gridmodel' has no attribute {name!r}")


def _loaded(module: str) -> ModuleType:
    """Load a module of the package.

    Garbage is not looked for meanwhile, as imports leave next to none: looking took a seventh of a start. What was
    loaded then counts as old, so that it is not gone through in the calls that follow either.
    """
    name = f"gridmodel.{module}"
    if name in sys.modules or not gc.isenabled():
        return import_module(name)
    gc.disable()
    try:
        return import_module(name)
    finally:
        if not gc.get_freeze_count():  # a host may keep objects out of the collection for good, and they stay there
            gc.freeze()
            gc.unfreeze()
        gc.enable()


def __dir__() -> list[str]:
    return __all__


class _Package(ModuleType):
    """The package; its public name `dispatch` is the function, though a room of the same name is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _FUNCTIONS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
