"""The grid: read, checked, as arrays, and as a pandapower net. The only door to pandapower."""

from gridmodel.network.check import check_network
from gridmodel.network.convert import load_network, to_pandapower
from gridmodel.network.describe import describe
from gridmodel.network.difference import NetworkDifference, diff_networks
from gridmodel.network.element import Element, find_element
from gridmodel.network.foreign import ForeignGrid, read_foreign
from gridmodel.network.grid import Grid, Labels, build_grid, load_bus, with_charging
from gridmodel.network.plant import Plant, build_plant
from gridmodel.network.profiles import profile_values
from gridmodel.network.read import Network, read_network
from gridmodel.network.schema import TABLES, network_schema
from gridmodel.network.topology import Connectivity, connectivity
from gridmodel.network.write import Conversion, convert_network

__all__ = [
    "TABLES",
    "Connectivity",
    "Conversion",
    "Element",
    "ForeignGrid",
    "Grid",
    "Labels",
    "Network",
    "NetworkDifference",
    "Plant",
    "build_grid",
    "build_plant",
    "check_network",
    "connectivity",
    "convert_network",
    "describe",
    "diff_networks",
    "find_element",
    "load_bus",
    "load_network",
    "network_schema",
    "profile_values",
    "read_foreign",
    "read_network",
    "to_pandapower",
    "with_charging",
]
