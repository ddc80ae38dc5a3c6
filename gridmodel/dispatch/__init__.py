"""Who is served in one state of the grid: least shedding under DC power flow, cuts shared in proportion."""

from gridmodel.dispatch.engine import Dispatched, Dispatcher
from gridmodel.dispatch.islands import hold_islands

__all__ = ["Dispatched", "Dispatcher", "hold_islands"]
