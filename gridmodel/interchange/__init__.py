"""Networks of other programs: read, checked, compared, converted, and handed to pandapower."""

from gridmodel.interchange.adapter.costs import QUADRATIC_TOLERANCE
from gridmodel.interchange.adapter.from_tables import to_pandapower
from gridmodel.interchange.adapter.to_arrays import ForeignGrid, read_foreign
from gridmodel.interchange.check import check_network
from gridmodel.interchange.convert import Conversion, convert_network
from gridmodel.interchange.difference import NetworkDifference, diff_networks
from gridmodel.interchange.element import Element, find_element
from gridmodel.interchange.in_memory import own_tables_of
from gridmodel.interchange.load import load_network
from gridmodel.interchange.runnable import as_network, examine_runnable, is_net, write_net

__all__ = [
    "QUADRATIC_TOLERANCE",
    "Conversion",
    "Element",
    "ForeignGrid",
    "NetworkDifference",
    "as_network",
    "check_network",
    "convert_network",
    "diff_networks",
    "examine_runnable",
    "find_element",
    "is_net",
    "load_network",
    "own_tables_of",
    "read_foreign",
    "to_pandapower",
    "write_net",
]
