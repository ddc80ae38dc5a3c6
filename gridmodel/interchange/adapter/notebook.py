"""A pandapower net that a notebook shows as a short table; to everything else it is what it was."""

from __future__ import annotations

from typing import Any

from pandapower.auxiliary import pandapowerNet
from pandapower.io_utils import json_pandapowernet, to_serializable

from gridmodel.interchange.adapter.plain_tables import plain_of
from gridmodel.network.describe import describe
from gridmodel.network.notebook import network_html


class GridNet(pandapowerNet):  # type: ignore[misc]  # no types in pandapower
    """What `gridmodel.load_network` returns: a pandapower net, with a table for notebooks."""

    def _repr_html_(self) -> str:
        return network_html(describe(plain_of(self, shown="network")))


@to_serializable.register(GridNet)  # type: ignore[untyped-decorator]
def _serializable(net: GridNet) -> dict[str, Any]:
    """Write the net as pandapower's own, so that files of it are read where gridmodel is not."""
    return {**json_pandapowernet(net), "_module": "pandapower.auxiliary", "_class": "pandapowerNet"}
