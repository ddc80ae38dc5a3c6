"""gridmodel: who loses power, heat and water in deep cold, how fast, and which help saves most.

The names below are loaded when they are first used, so that ``import gridmodel`` is instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gridmodel.version import __version__

if TYPE_CHECKING:
    from gridmodel import demand, heat, metrics, plot, report, schedule, statistics, water, weather
    from gridmodel.accheck import check_ac
    from gridmodel.cascadelog import cascade_log
    from gridmodel.comparison import compare
    from gridmodel.countdown import deadlines
    from gridmodel.errors import GridModelError, InputError, Problem
    from gridmodel.influence import sensitivity
    from gridmodel.metrics import summarise
    from gridmodel.mitigation import plan, rank_mitigations
    from gridmodel.network import check_network, convert_network, diff_networks, load_network
    from gridmodel.repairlog import repair_log
    from gridmodel.scenario import Scenario, load_scenario
    from gridmodel.simulate import run
    from gridmodel.supply import dispatch
    from gridmodel.sweeps import open_sweep, sample_changes, sweep
    from gridmodel.weather import check_weather, design_cold_spell, generate_weather, load_weather

_HOME = {
    "GridModelError": "errors",
    "InputError": "errors",
    "Problem": "errors",
    "Scenario": "scenario",
    "compare": "comparison",
    "deadlines": "countdown",
    "cascade_log": "cascadelog",
    "check_ac": "accheck",
    "dispatch": "supply",
    "check_network": "network",
    "convert_network": "network",
    "diff_networks": "network",
    "check_weather": "weather",
    "design_cold_spell": "weather",
    "generate_weather": "weather",
    "load_network": "network",
    "load_scenario": "scenario",
    "load_weather": "weather",
    "plan": "mitigation",
    "rank_mitigations": "mitigation",
    "repair_log": "repairlog",
    "run": "simulate",
    "open_sweep": "sweeps",
    "sample_changes": "sweeps",
    "sensitivity": "influence",
    "summarise": "metrics",
    "sweep": "sweeps",
}
_MODULES = ("demand", "heat", "metrics", "plot", "report", "schedule", "statistics", "water", "weather")

__all__ = [
    "GridModelError",
    "InputError",
    "Problem",
    "Scenario",
    "__version__",
    "cascade_log",
    "check_ac",
    "check_network",
    "check_weather",
    "compare",
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
    "load_weather",
    "metrics",
    "open_sweep",
    "plan",
    "plot",
    "rank_mitigations",
    "repair_log",
    "report",
    "run",
    "sample_changes",
    "schedule",
    "sensitivity",
    "statistics",
    "summarise",
    "sweep",
    "water",
    "weather",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"gridmodel.{_HOME[name]}"), name)
    if name in _MODULES:
        return import_module(f"gridmodel.{name}")
    raise AttributeError(f"module 'gridmodel' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
