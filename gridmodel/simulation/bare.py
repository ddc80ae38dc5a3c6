"""A scenario of nothing but a network: a week of its demand, so that any network file runs in one command."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.files import bundled
from gridmodel.inputs.memory import is_net
from gridmodel.interchange import write_net
from gridmodel.scenario import Scenario, make_scenario

YAML = (".yaml", ".yml")
_CONTROL = frozenset(range(32)) - set(b"\t\n\r\f\x1b")
"""Bytes that no text has."""
BARE: dict[str, Any] = {
    "weather": "cold-wave-2026", "start": "2026-01-12 00:00", "end": "2026-01-19 00:00", "members": 10,
}  # fmt: skip
"""Settings of a scenario of nothing but a network. Ours: a winter week, whose weather acts only on
what the network has."""


def is_network(name: str | Path) -> bool:
    """Return whether a name is the path of a network, rather than a bundled scenario or a YAML file.

    A file that is not text cannot be a scenario, so what reads networks says what is wrong with it.
    """
    path = Path(name)
    if str(name) in bundled("scenarios") or path.suffix.lower() in YAML or not path.exists():
        return False
    from gridmodel.interchange.registry import format_of

    try:
        format_of(path)
    except InputError:
        return path.is_file() and not _is_text(path)
    return True


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(1024)
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or not set(start) & _CONTROL


def scenario_of(network: str | Path, changes: Mapping[str, Any] | None = None) -> Scenario:
    """Return the scenario of a network alone.

    Parameters
    ----------
    network
        Bundled name, folder or file of the network.
    changes
        Settings in place of those of `BARE`.

    Raises
    ------
    InputError
        If a setting is wrong.
    """
    title = Path(network).stem or str(network)
    return make_scenario(BARE | {"name": title, "network": str(network)} | dict(changes or {}))


def scenario_of_net(net: object) -> Scenario:
    """Return the scenario of a pandapower net in memory, which is kept in a file until the program ends.

    Raises
    ------
    InputError
        If it is not a net.
    """
    if not is_net(net):
        message = "is neither a scenario nor the name of one, a network or a pandapower net"
        raise InputError([Problem(message=message, field="scenario", value=type(net).__name__)])
    folder = Path(tempfile.mkdtemp(prefix="gridmodel-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "net.json"
    write_net(net, path)
    return scenario_of(path, {"name": str(getattr(net, "name", "") or "net")[:200]})
