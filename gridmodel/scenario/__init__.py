"""Scenarios: settings in groups, their checks, and the YAML from which they are read."""

from gridmodel.scenario.distributions import Distribution
from gridmodel.scenario.drawable import DAMAGE, NEVER
from gridmodel.scenario.fields import FIRST_YEAR, LAST_YEAR
from gridmodel.scenario.help import KINDS, TARGETS, Mitigation
from gridmodel.scenario.model import Scenario, drawable, make_scenario, unconfirmed
from gridmodel.scenario.parameters import Parameters
from gridmodel.scenario.read import load_scenario
from gridmodel.scenario.renamed import without_removed
from gridmodel.vocabulary import DAMAGE_CLASSES, REPAIR_GROUPS

__all__ = [
    "DAMAGE",
    "DAMAGE_CLASSES",
    "FIRST_YEAR",
    "KINDS",
    "LAST_YEAR",
    "NEVER",
    "REPAIR_GROUPS",
    "TARGETS",
    "Distribution",
    "Mitigation",
    "Parameters",
    "Scenario",
    "drawable",
    "load_scenario",
    "make_scenario",
    "unconfirmed",
    "without_removed",
]
