"""Who is served in one state of the grid: least shedding under DC power flow, cuts shared in proportion."""

from gridmodel.dispatch.api import dispatch
from gridmodel.dispatch.engine import Dispatched, Dispatcher
from gridmodel.dispatch.islands import Topology, hold_islands
from gridmodel.dispatch.shifting import refilled_plan, shifting_plan
from gridmodel.dispatch.storage import Stock, day_plan, island_deficit

__all__ = [
    "Dispatched",
    "Dispatcher",
    "Stock",
    "Topology",
    "day_plan",
    "dispatch",
    "hold_islands",
    "island_deficit",
    "refilled_plan",
    "shifting_plan",
]
