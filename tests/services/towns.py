"""Towns of the three-region network taken through steps under services that a test gives."""

import numpy as np

from gridmodel.network import read_network
from gridmodel.sampling import draw_settings
from gridmodel.scenario import make_scenario
from gridmodel.services.heat import HeatServices, build_homes, step_homes, warm_start

BARE = {"cooker_w_per_m2": 0.0, "internal_gain_w_per_m2": 0.0, "heater_feedback": False}
"""Homes that nobody warms."""


def settled(members=None, **changes):
    """Return scenario, homes and settings; expected values, or some members that draw."""
    base = {"name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC",
            "start": "2026-01-05", "end": "2026-01-06", "deterministic": members is None}  # fmt: skip
    scenario = make_scenario(base | changes)
    settings = draw_settings(scenario, [0] if members is None else range(members))
    return scenario, build_homes(read_network("three-region"), scenario, settings), settings


def served(members=1, outdoor=-10.0, **services):
    """Return services of a step; those that are not named are whole."""
    one = np.ones((members, 3))
    whole = dict.fromkeys(("source", "network", "chp", "plant_power", "home_power", "fuel", "mains"), 1.0)
    whole |= {"backup": 0.0, "mobile_mw": 0.0} | services
    return HeatServices(outdoor_c=np.full(3, outdoor), **{name: value * one for name, value in whole.items()})


def course(town, hours, *, outdoor=-10.0, members=1, state=None, **services):
    """Return the steps of a town under constant services, or ones that are functions of the hour."""
    scenario, homes, settings = town
    state = warm_start(homes, settings, np.full(3, outdoor), members) if state is None else state
    steps = []
    for step in range(int(hours / scenario.step_h)):
        there = {name: value(step * scenario.step_h) if callable(value) else value for name, value in services.items()}
        there = served(members, outdoor, **there)
        got = step_homes(homes, state, settings, there, step_h=scenario.step_h, heaters=scenario.heater_feedback)
        state = got.state
        steps.append(got)
    return steps
