"""Networks of other programs: read, checked, compared, converted, and handed to pandapower."""

from gridmodel.interchange.adapter.grid import ForeignGrid, read_foreign
from gridmodel.interchange.adapter.own import load_network, to_pandapower
from gridmodel.interchange.checks.check import check_network
from gridmodel.interchange.convert import Conversion, convert_network
from gridmodel.interchange.difference import NetworkDifference, diff_networks
from gridmodel.interchange.element import Element, find_element

__all__ = [
    "Conversion",
    "Element",
    "ForeignGrid",
    "NetworkDifference",
    "check_network",
    "convert_network",
    "diff_networks",
    "find_element",
    "load_network",
    "read_foreign",
    "to_pandapower",
]
