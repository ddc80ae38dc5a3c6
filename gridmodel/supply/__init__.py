"""Who is served in one state of the grid: least shedding under DC power flow, cuts shared in proportion."""

from gridmodel.supply.api import dispatch
from gridmodel.supply.engine import Dispatched, Dispatcher
from gridmodel.supply.islands import Topology, hold_islands
from gridmodel.supply.storage import Stock, day_plan, island_deficit

__all__ = ["Dispatched", "Dispatcher", "Stock", "Topology", "day_plan", "dispatch", "hold_islands", "island_deficit"]
