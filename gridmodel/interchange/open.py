"""Any network, told by what stands in it: a folder of our own tables, or plain tables of another program."""

from __future__ import annotations

from pathlib import Path

from gridmodel.errors import Problem, Problems
from gridmodel.inputs.files import find
from gridmodel.interchange.checks.structure import check_references
from gridmodel.interchange.readers import PlainNet, read_plain
from gridmodel.network.read import Network, read_network

_FOREIGN_FOLDERS = ("bus.csv", "network.csv", "snapshots.csv")
"""Files that a folder of our own tables never has."""


def is_ours(path: Path) -> bool:
    """Whether a path is a folder of our own tables, or none that is known of another program."""
    return path.is_dir() and not any((path / name).exists() for name in _FOREIGN_FOLDERS)


def read_any(name: str | Path) -> tuple[Network | PlainNet, list[Problem]]:
    """Read a network of any known kind, with what is worth a warning.

    Parameters
    ----------
    name
        A bundled name, or the path of a folder or file.

    Raises
    ------
    InputError
        With every problem.
    """
    path = find("networks", str(name))
    if is_ours(path):
        return read_network(path), []
    problems = Problems()
    net = read_plain(path, problems)
    check_references(net, problems)
    problems.raise_if_any()
    return net, problems.found
