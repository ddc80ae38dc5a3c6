"""Networks in gridmodel's own tables: read, checked, described, and turned into arrays."""

from gridmodel.network.describe import describe
from gridmodel.network.fleet import Fleet, build_fleet
from gridmodel.network.grid import Grid, GridIndex, GridLinks, build_grid, load_buses, with_charging, with_kept
from gridmodel.network.profiles import profile_values
from gridmodel.network.read import Network, read_network
from gridmodel.network.schema import TABLES, network_schema
from gridmodel.network.topology import Connectivity, connectivity

__all__ = [
    "TABLES",
    "Connectivity",
    "Fleet",
    "Grid",
    "GridIndex",
    "GridLinks",
    "Network",
    "build_fleet",
    "build_grid",
    "connectivity",
    "describe",
    "load_buses",
    "network_schema",
    "profile_values",
    "read_network",
    "with_charging",
    "with_kept",
]
