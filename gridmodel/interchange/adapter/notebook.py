"""pandapower net that a notebook shows as a short table, otherwise unchanged."""

from __future__ import annotations

from typing import Any

from pandapower.auxiliary import pandapowerNet
from pandapower.io_utils import json_pandapowernet, to_serializable

from gridmodel.interchange.adapter.plain_tables import plain_of
from gridmodel.network.describe import describe
from gridmodel.network.notebook import network_html


class GridNet(pandapowerNet):  # type: ignore[misc]  # no types in pandapower
    """pandapower net as `gridmodel.load_network` returns it, with a table for notebooks."""

    def _repr_html_(self) -> str:
        return network_html(describe(plain_of(self, shown="network")))


@to_serializable.register(GridNet)  # type: ignore[untyped-decorator]
def _serializable(net: GridNet) -> dict[str, Any]:
    """Serialise the net as pandapower's own class, so that its files can be read without gridmodel."""
    return {**json_pandapowernet(net), "_module": "pandapower.auxiliary", "_class": "pandapowerNet"}
