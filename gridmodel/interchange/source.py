"""A network that is being converted, in every form that a writer may ask for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from gridmodel.interchange.adapter.from_tables import to_pandapower
from gridmodel.interchange.adapter.plain_tables import build_net, plain_of
from gridmodel.interchange.adapter.to_bus_branch import bus_branch
from gridmodel.interchange.bus_branch import BusBranch
from gridmodel.network.plain import PlainNet
from gridmodel.network.read import Network

if TYPE_CHECKING:
    from pandapower import pandapowerNet


class Source:
    """A network with its forms, each made the first time it is asked for."""

    def __init__(self, found: Network | PlainNet, name: str) -> None:
        self.found = found
        """The network as it was read."""
        self.name = name
        """Name of the target, without its suffix."""

    @cached_property
    def net(self) -> pandapowerNet:
        """Pandapower net."""
        return build_net(self.found) if isinstance(self.found, PlainNet) else to_pandapower(self.found)

    @cached_property
    def plain(self) -> PlainNet:
        """Pandapower's tables, complete with its defaults."""
        return plain_of(self.net)

    @cached_property
    def bus_branch(self) -> BusBranch:
        """Buses and branches in per unit, with the same power flow."""
        return bus_branch(self.net)
