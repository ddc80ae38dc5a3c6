"""Pictures of a network, alone or in one hour of a run."""

from gridmodel.gridplot.page import page
from gridmodel.gridplot.picture import draw_map, network
from gridmodel.gridplot.state import GridState, map_and_state

__all__ = ["GridState", "draw_map", "map_and_state", "network", "page"]
