"""Any network, recognised by its content: a folder of our own tables, or plain tables of another program."""

from __future__ import annotations

from pathlib import Path

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.files import find
from gridmodel.interchange.checks.structure import check_references
from gridmodel.interchange.readers.guard import fault
from gridmodel.interchange.registry import KNOWN, OURS, format_of
from gridmodel.network.plain import PlainNet
from gridmodel.network.read import Network


def is_ours(path: Path) -> bool:
    """Return whether a path is a folder of our own tables, or one that no other format marks."""
    return path.is_dir() and format_of(path).name == OURS


def read_plain(path: Path, problems: Problems) -> PlainNet:
    """Read a network file or folder of another program.

    Parameters
    ----------
    path
        File or folder of any format that is read, other than our own tables.
    problems
        Collects what is wrong with its tables.

    Returns
    -------
    PlainNet
        Tables by pandapower's names.

    Raises
    ------
    InputError
        If its format is not known, it exceeds a limit, or it has errors that leave nothing to look at.
    """
    read = format_of(path).read
    found = None if read is None else read(path, problems, shown=path.name)
    if not isinstance(found, PlainNet):
        raise InputError(fault(path.name, "is not a network of another program", f"known are {KNOWN}"))
    return found


def read_any(name: str | Path) -> tuple[Network | PlainNet, list[Problem]]:
    """Read a network of any known format, with what is worth a warning.

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
    problems = Problems()
    form = format_of(path)
    if form.read is None:
        raise InputError(fault(path.name, f"is {form.title}, which is only written", f"known are {KNOWN}"))
    net = form.read(path, problems, shown=path.name)
    if isinstance(net, PlainNet):
        check_references(net, problems)
    problems.raise_if_any()
    return net, problems.found
