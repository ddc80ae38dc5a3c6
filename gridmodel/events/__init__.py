"""Events: kinds and classes, reading and checks, random hits and repair, and the capacity that remains over time."""

from gridmodel.events.damage import REPAIR_DAYS
from gridmodel.events.delivery import EveningDemand
from gridmodel.events.failures import forced_outages
from gridmodel.events.read import Event, examine_events, load_events
from gridmodel.events.remaining import Announced, Timeline, chp_remaining
from gridmodel.events.repair import Repairs
from gridmodel.events.schema import EVENTS, events_schema, scenario_schema
from gridmodel.events.timeline import build_timeline

__all__ = [
    "EVENTS",
    "REPAIR_DAYS",
    "Announced",
    "EveningDemand",
    "Event",
    "Repairs",
    "Timeline",
    "build_timeline",
    "chp_remaining",
    "events_schema",
    "examine_events",
    "forced_outages",
    "load_events",
    "scenario_schema",
]
