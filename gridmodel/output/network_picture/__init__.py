"""Pictures of a network, alone or in one hour of a run."""

from gridmodel.output.network_picture.page import page
from gridmodel.output.network_picture.picture import draw_map, network
from gridmodel.output.network_picture.state import GridState, map_and_state

__all__ = ["GridState", "draw_map", "map_and_state", "network", "page"]
