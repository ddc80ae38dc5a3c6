"""Check a network in one pass: structure, plausibility, sources, and whether its power flow solves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.files import find, is_bundled
from gridmodel.interchange.adapter.dispatchable import check_net
from gridmodel.interchange.adapter.from_tables import to_pandapower
from gridmodel.interchange.adapter.plain_tables import build_net, plain_of
from gridmodel.interchange.adapter.power_flow import check_solves
from gridmodel.interchange.checks.plausible import check_plain_plausible
from gridmodel.interchange.checks.structure import check_references, check_structure
from gridmodel.interchange.open import is_ours, read_plain
from gridmodel.network.plain import PlainNet
from gridmodel.network.plausible import check_plausible
from gridmodel.network.read import Network, examine

if TYPE_CHECKING:
    from pandapower import pandapowerNet


def check_network(network: str | Path | pandapowerNet) -> list[Problem]:
    """Find everything that is wrong with a network.

    Parameters
    ----------
    network
        A bundled name, the path of a folder or file of any known format, or a pandapower net.

    Returns
    -------
    list of Problem
        Errors (it cannot be run) and warnings (it looks odd), each with table, row, field and value; empty if nothing
        is wrong. A power flow is tried only without errors.

    Raises
    ------
    InputError
        If the network does not exist.

    Examples
    --------
    >>> import gridmodel as gm
    >>> gm.check_network("three-region")
    []
    """
    problems = Problems()
    if not isinstance(network, str | Path):
        _check_plain(plain_of(network), problems)
        return problems.found
    path = find("networks", str(network))
    if is_ours(path):
        _check_folder(path, problems)
        return problems.found
    try:
        _check_plain(read_plain(path, problems), problems)
    except InputError as error:
        known = set(problems.found)
        problems.found += [problem for problem in error.problems if problem not in known]
    return problems.found


def _check_folder(path: Path, problems: Problems) -> None:
    """Check a folder of our own tables."""
    rows, country, _ = examine(path, problems)
    check_plausible(rows, problems, folder=path.name)
    if not _errors(problems):
        tables = {name: read.frame for name, read in rows.items()}
        bundled = is_bundled(path)
        net = to_pandapower(Network(path.name, path, bundled, tables, country))
        check_solves(net, problems, shown=path.name, bundled=bundled)


def _check_plain(net: PlainNet, problems: Problems) -> None:
    check_references(net, problems)
    if _errors(problems):
        return
    check_structure(net, problems)
    check_plain_plausible(net, problems)
    if not _errors(problems):
        built = build_net(net)
        check_solves(built, problems, shown=net.shown, bundled=net.bundled)
        _check_dispatch(built, net.shown, problems)


def _check_dispatch(net: pandapowerNet, shown: str, problems: Problems) -> None:
    """Note what a dispatch, and so a run, would refuse."""
    found = Problems()
    found.of(lambda: check_net(net, found))
    problems.found += [replace(problem, table=f"{shown}/{problem.table}") for problem in dict.fromkeys(found.found)]


def _errors(problems: Problems) -> bool:
    return any(problem.severity == "error" for problem in problems.found)
