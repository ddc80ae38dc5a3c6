"""Networks of other programs: read, checked, compared, converted, and handed to pandapower.

What reads and writes files is loaded when it is first used: a dispatch of a net in memory needs none of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from gridmodel.interchange.adapter.costs import QUADRATIC_TOLERANCE
from gridmodel.interchange.adapter.to_arrays import ForeignGrid, read_foreign

if TYPE_CHECKING:
    from gridmodel.interchange.adapter.from_tables import to_pandapower
    from gridmodel.interchange.check import check_network
    from gridmodel.interchange.convert import Conversion, convert_network
    from gridmodel.interchange.difference import NetworkDifference, diff_networks
    from gridmodel.interchange.element import Element, find_element
    from gridmodel.interchange.examine import examine_runnable, write_net
    from gridmodel.interchange.load import load_network
    from gridmodel.interchange.runnable import as_network

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
    "load_network",
    "read_foreign",
    "to_pandapower",
    "write_net",
]

_LATER = {
    "Conversion": "convert",
    "Element": "element",
    "NetworkDifference": "difference",
    "as_network": "runnable",
    "check_network": "check",
    "convert_network": "convert",
    "diff_networks": "difference",
    "examine_runnable": "examine",
    "find_element": "element",
    "load_network": "load",
    "to_pandapower": "adapter.from_tables",
    "write_net": "examine",
}


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(import_module(f"gridmodel.interchange.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
