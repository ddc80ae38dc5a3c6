"""Read a network folder: every table against its schema, then the tables against each other."""

from __future__ import annotations

import os
from collections.abc import Hashable
from pathlib import Path

import pandas as pd

from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.inputs.content import InMemory
from gridmodel.inputs.country import FILE, read_country
from gridmodel.inputs.files import LEADS_OUT, Beside, find, is_bundled, stays_inside
from gridmodel.inputs.remembered import Remembered, content_of
from gridmodel.inputs.table_schema import Table
from gridmodel.inputs.tables import Rows, read_table
from gridmodel.network.checks import check_country, check_tables, unread
from gridmodel.network.describe import describe
from gridmodel.network.model import NetworkTables
from gridmodel.network.notebook import network_html
from gridmodel.network.outlines import FILE as OUTLINES
from gridmodel.network.outlines import Outlines, read_outlines
from gridmodel.network.schema import TABLES
from gridmodel.regions import Country

NO_CLOCK = "the network names no time zone, so its clock shows UTC"
"""Message about a folder without `network.toml`."""
CLOCK_HINT = 'write one with the lines country = "…" and timezone = "Europe/…"'


class Network(NetworkTables):
    """Checked tables of a network folder, shown in a notebook as a short table; imports no power-flow library."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return network_html(describe(self))


def read_network(name: str | Path, *, beside: Beside = None) -> Network:
    """Read a network folder.

    Parameters
    ----------
    name
        A bundled name or the path of a folder of CSV tables.
    beside
        Folder that a relative path is looked up in first.

    Returns
    -------
    Network
        Checked tables.

    Raises
    ------
    InputError
        With every problem: file, line, column, the value given, what is allowed.
    """
    network, problems = examine_network(name, beside=beside)
    if problems or network is None:
        raise InputError(problems)
    return network


def examine_network(name: str | Path, *, beside: Beside = None) -> tuple[Network | None, list[Problem]]:
    """Read what is right of a network folder, for the checks of what names its regions and rows.

    Parameters
    ----------
    name, beside
        As in `read_network`.

    Returns
    -------
    tuple
        The network, whose `broken` names the tables with errors, or None if its regions are not known; and what is
        wrong with it, empty if it can be used.
    """
    try:
        path = find("networks", name, beside=beside)
    except InputError as error:
        return None, error.problems
    if not path.is_dir():
        return None, [_not_a_folder(name, path)]
    bundled = name.bundled if isinstance(name, InMemory) else is_bundled(path)
    content = _content(path)
    right = _RIGHT.get(content)
    if right is not None:
        tables, country, outlines = right
        return Network(path.name, path, bundled, tables, country, outlines=outlines), []
    problems = Problems()
    rows, country, outlines = examine(path, problems)
    tables = {table: read.frame for table, read in rows.items()}
    if not problems.found and content == _content(path):
        _RIGHT.keep(content, (tables, country, outlines))
    errors = [problem for problem in problems.found if problem.severity == "error"]
    if not errors:
        return Network(path.name, path, bundled, tables, country, outlines=outlines), []
    where = {problem.table for problem in errors}
    broken = {table for table in TABLES if f"{path.name}/{table}.csv" in where}
    broken |= {FILE} if country is None and f"{path.name}/{FILE}" in where else set()
    unsure = any(
        problem.table == f"{path.name}/regions.csv" and problem.field in _NAMES_OF_PLACES for problem in errors
    )
    network = Network(path.name, path, bundled, tables, country, frozenset(broken))
    return network if network.regions and not unsure else None, problems.found


def _not_a_folder(name: str | Path, path: Path) -> Problem:
    """Return the problem of a network that is a file of another program."""
    if not isinstance(name, InMemory):
        return Problem(message="is a file; a folder of CSV tables is needed here", table=str(path))
    message = "is a pandapower net without our tables (regions, profiles, heat, water), which a run needs"
    hint = 'write it with pandapower.to_json(net, "case.json"), make a folder of it with `gridmodel network scaffold '
    return Problem(message=message, field="network", hint=f"{hint}case.json DIR`, and give that folder")


_Right = tuple[dict[str, pd.DataFrame], Country | None, Outlines]


def _content(folder: Path) -> Hashable | None:
    """Return the content of the files of a network folder; None if one of them is not a plain file."""
    read = {FILE, OUTLINES}
    return content_of(sorted(file for file in folder.iterdir() if file.suffix.lower() == ".csv" or file.name in read))


def _copied(right: _Right) -> _Right:
    tables, country, outlines = right
    return {name: table.copy() for name, table in tables.items()}, country, outlines


_RIGHT = Remembered(8, _copied)
"""Tables and country of folders in which nothing is wrong."""

_NAMES_OF_PLACES = ("", "id", "zone")
"""Fields of `regions.csv` in which an error leaves open which regions and zones there are."""


def examine(path: Path, problems: Problems) -> tuple[dict[str, Rows], Country | None, Outlines]:
    """Read every table of a folder and note everything that is wrong; nothing is raised.

    Parameters
    ----------
    path
        The folder.
    problems
        Collects what is wrong.

    Returns
    -------
    tuple
        Rows by table, with the line of each, where cells that could not be read are missing; what `network.toml` says
        of the country, None where it is missing or wrong; and outlines, empty where they are missing or wrong.
    """
    if not any(os.path.lexists(path / f"{name}.csv") for name in TABLES):
        hint = f"it is the folder of a run, which `gridmodel run --from {path}` repeats" if _is_run(path) else ""
        message = "is not the folder of a network: it has none of its tables, such as regions.csv"
        problems.add(message, table=path.name or str(path), hint=hint)
        return {name: Rows(table.empty()) for name, table in TABLES.items()}, None, Outlines()
    rows = {name: _read_one(path, table, problems) for name, table in TABLES.items()}
    for file in sorted(path.iterdir()):
        if file.suffix.lower() == ".csv" and (file.stem not in TABLES or file.suffix != ".csv"):
            hint = nearest(file.stem, TABLES)
            problems.add("is not a table of a network", table=f"{path.name}/{file.name}", hint=hint)
    if not len(rows["regions"].frame) and not problems.found:
        problems.add("has no rows", table=f"{path.name}/regions.csv")
    check_tables(rows, problems, folder=path.name)
    country = _read_country(path, rows, problems)
    if {"regions", "sources"} & unread(rows, problems, folder=path.name):
        return rows, country, Outlines()  # which name both
    ids, keys = (list(map(str, rows[table].frame[key])) for table, key in (("regions", "id"), ("sources", "key")))
    return rows, country, read_outlines(path, ids, keys, problems, shown=f"{path.name}/{OUTLINES}")


def _is_run(path: Path) -> bool:
    return all((path / name).is_file() for name in ("manifest.json", "result.nc"))


def _read_country(path: Path, rows: dict[str, Rows], problems: Problems) -> Country | None:
    """Read `network.toml`; a folder may lack it, which is worth a warning."""
    shown = f"{path.name}/{FILE}"
    country = read_country(path, problems, shown=shown)
    if country is not None:
        check_country(country, rows, problems, folder=path.name)
    elif not os.path.lexists(path / FILE):
        problems.add(f"is missing: {NO_CLOCK}", table=shown, hint=CLOCK_HINT, severity="warning")
    elif not (path / FILE).is_file():
        problems.add("is not a file", table=shown)
    return country


def _read_one(path: Path, table: Table, problems: Problems) -> Rows:
    """Read one table of a folder; empty if it is left out."""
    file = path / f"{table.name}.csv"
    shown = f"{path.name}/{file.name}"
    if not stays_inside(path, file):
        problems.add(LEADS_OUT, table=shown)
        return Rows(table.empty())
    if file.is_file():
        return read_table(file, table, problems, shown=shown)
    if os.path.lexists(file):
        problems.add("is not a file", table=shown)
    elif table.required:
        problems.add("is missing: this table is required", table=shown)
    return Rows(table.empty())
