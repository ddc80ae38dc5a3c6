"""What is damaged, when and how badly: events read and checked, strikes drawn, a timeline of what is left."""

from gridmodel.events.damage import REPAIR_DAYS
from gridmodel.events.failures import forced_outages
from gridmodel.events.read import EVENTS, Event, events_schema, load_events, scenario_schema
from gridmodel.events.repair import GROUP_OF, Repairs
from gridmodel.events.timeline import Timeline, build_timeline

__all__ = [
    "EVENTS",
    "GROUP_OF",
    "REPAIR_DAYS",
    "Event",
    "Repairs",
    "Timeline",
    "build_timeline",
    "events_schema",
    "forced_outages",
    "load_events",
    "scenario_schema",
]
