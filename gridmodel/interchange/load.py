"""Any network as a pandapower net that a notebook shows as a short table."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from gridmodel.interchange.adapter.from_tables import to_pandapower
from gridmodel.interchange.adapter.plain_tables import build_net
from gridmodel.interchange.open import read_any
from gridmodel.network.read import Network

if TYPE_CHECKING:
    from pandapower import pandapowerNet


def load_network(name: str | Path) -> pandapowerNet:
    """Read a network as a pandapower net.

    Parameters
    ----------
    name
        A bundled name, or the path of a folder or file of any format that is read, such as pandapower JSON, a MATPOWER
        case or a PyPSA network. Files are read as plain tables: nothing that they name is imported, called or opened.

    Returns
    -------
    pandapower.pandapowerNet
        A bundled network or a folder of our own tables has the extra tables `region`, `limit`, `heat_system`,
        `water_system`, `profile`, `archetype`, `source`, and the demand in ``load.need_mw``; ``load.p_mw`` is a served
        base state, so that a power flow converges. [MW] Any other network is as its file says. A notebook shows it as
        a short table.

    Raises
    ------
    InputError
        With every problem of the tables.

    Warns
    -----
    UserWarning
        Where a part of the file is ignored.

    Examples
    --------
    >>> import gridmodel as gm
    >>> net = gm.load_network("three-region")
    >>> len(net.bus), net.load["p_mw"].sum().item()
    (4, 1470.6)
    """
    found, noted = read_any(name)
    for problem in noted:
        warnings.warn(str(problem), UserWarning, stacklevel=2)
    from gridmodel.interchange.adapter.notebook import GridNet

    return GridNet(to_pandapower(found) if isinstance(found, Network) else build_net(found))
