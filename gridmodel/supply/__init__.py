"""Who is served in one state of the grid: least shedding under DC power flow, cuts shared in proportion."""

from gridmodel.supply.api import dispatch
from gridmodel.supply.engine import Dispatched, Dispatcher
from gridmodel.supply.islands import hold_islands

__all__ = ["Dispatched", "Dispatcher", "dispatch", "hold_islands"]
