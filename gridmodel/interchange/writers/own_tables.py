"""Writer of a folder of our own tables, from a network that contains them."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.country import FILE, FREQUENCIES_HZ, KEYS, country_text
from gridmodel.inputs.spreadsheet import protected
from gridmodel.interchange.adapter.from_tables import (
    BRANCH_COLUMNS,
    COUNTRY_TABLE,
    EXTRA_COLUMNS,
    EXTRA_TABLES,
    GENERATOR_COLUMNS,
    IMPORT,
    to_pandapower,
)
from gridmodel.interchange.adapter.plain_tables import plain_of
from gridmodel.interchange.changes import changes
from gridmodel.interchange.geometry import point_of
from gridmodel.interchange.writers.pandapower import write_csv
from gridmodel.network.outlines import FILE as OUTLINES
from gridmodel.network.plain import PlainNet
from gridmodel.network.read import Network, read_network
from gridmodel.network.schema import TABLES
from gridmodel.regions import Country

if TYPE_CHECKING:
    from pandapower import pandapowerNet

_README = "README.md"
"""File of a folder that says where its data come from; it is copied."""
_BASE_STATE = ("bus", "line", "trafo", "load", "gen", "sgen", "shunt", "poly_cost")
"""pandapower's tables that are derived from ours."""


def has_our_tables(net: PlainNet) -> bool:
    """Return whether a network has regions, and every column that our tables need."""
    return len(net.table("region")) > 0 and not _missing(net)


def write_own(network: Network, path: Path) -> None:
    """Write a network's tables and its README into an existing, empty folder."""
    for name, frame in network.tables.items():
        if len(frame) or TABLES[name].required:
            rows = ([_cell(value) for value in row] for row in frame.to_numpy(object))
            write_csv(path / f"{name}.csv", [list(frame.columns), *rows])
    if network.about is not None:
        (path / FILE).write_text(country_text(network.about), encoding="utf-8")
    if network.outlines:
        (path / OUTLINES).write_text(network.outlines.as_json(), encoding="utf-8")
    readme = network.path / _README
    if readme.is_file() and not readme.is_symlink():
        shutil.copyfile(readme, path / _README)


def write_tables_of(net: pandapowerNet, path: Path) -> list[str]:
    """Write our tables that a pandapower net contains into an existing, empty folder.

    Parameters
    ----------
    net
        A net that was made from our tables.
    path
        The folder.

    Returns
    -------
    list of str
        What the folder does not keep: rows that differ from those derived from its tables.

    Raises
    ------
    InputError
        If the net does not contain them, or they break their schema.
    """
    plain = plain_of(net)
    again = plain_of(to_pandapower(write_and_read(plain, path)))
    said = []
    for name in _BASE_STATE:
        found = changes(name, plain.table(name), again.table(name))
        rows = {row[1] for row in found if row[2] != "changed" or not _alike(row[4], row[5])}
        if rows:
            said.append(f"changes to {len(rows)} rows of `{name}`: derived again from our tables")
    return said


def write_and_read(plain: PlainNet, path: Path) -> Network:
    """Write our tables among those of a net into an existing, empty folder, and read them back.

    Raises
    ------
    InputError
        If there are none, or they break their schema.
    """
    problems = Problems(_missing(plain))
    problems.raise_if_any()
    write_own(Network("", Path(), False, _tables(plain), _country(plain)), path)
    try:
        return read_network(path)
    except InputError as error:
        raise InputError([replace(one, table=one.table.rpartition("/")[2]) for one in error.problems]) from None


def _alike(one: object, other: object) -> bool:
    """Return whether values differ only in how files store them: empty text or None, the last digits of a number."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one in {None, ""} and other in {None, ""}


def _missing(net: PlainNet) -> list[Problem]:
    """Return what a net lacks that a folder of our own tables needs."""
    needed: dict[str, Iterable[str]] = {
        "region": (), "profile": (), "source": (), "bus": ("source", "confidence"), "gen": GENERATOR_COLUMNS,
        "line": ("reactor_percent", *BRANCH_COLUMNS), "trafo": BRANCH_COLUMNS,
        "sgen": ("technology", "region", "source", "confidence"),
    }  # fmt: skip
    found = []
    for table, columns in needed.items():
        frame = net.table(table)
        if not len(frame) and table in {"region", "profile", "source"}:
            found.append(Problem(message="is missing: a folder of our own tables needs it", table=table))
        lacking = [column for column in columns if column not in frame] if len(frame) else []
        found += [
            Problem(message="is missing: a folder of our own tables needs it", table=table, field=column)
            for column in lacking
        ]
    return found


def _tables(net: PlainNet) -> dict[str, pd.DataFrame]:
    names = {int(bus): str(name) for bus, name in zip(net.table("bus").index, net.table("bus")["name"], strict=True)}
    ours = {theirs: name for name, theirs in EXTRA_COLUMNS.items()}
    tables = {table: net.table(name).rename(columns=ours) for name, table in EXTRA_TABLES.items()}
    tables |= {
        "buses": _buses(net), "lines": _branches(net, "line", ("from_bus", "to_bus"), names),
        "transformers": _branches(net, "trafo", ("hv_bus", "lv_bus"), names),
        "generators": _generators(net, names), "interconnectors": _interconnectors(net, names),
    }  # fmt: skip
    return {name: _ordered(tables[name], name) for name in TABLES}


def _country(net: PlainNet) -> Country | None:
    """Return the settings of `network.toml` that a net contains; None if it has no such table."""
    rows = net.table(COUNTRY_TABLE).astype(object)
    if not len(rows):
        return None
    first = {key.name: str(rows[key.name].iloc[0]) for key in KEYS if key.name in rows and rows[key.name].notna().all()}
    lists = {name: tuple(filter(None, first.pop(name, "").split(";"))) for name in ("languages", "week")}
    given = {name: value for name, value in lists.items() if value}
    hz = float(first.get("frequency_hz") or FREQUENCIES_HZ[0])
    return Country(country=first.get("country", ""), timezone=first.get("timezone", ""), frequency_hz=hz, **given)


def _ordered(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table with the columns of its schema, in their order; a missing column is empty."""
    columns = [column.name for column in TABLES[name].fitted(list(map(str, frame))).columns]
    none = pd.Series(None, frame.index, dtype=object)
    return pd.DataFrame({column: frame.get(column, none) for column in columns}, index=frame.index)


def _buses(net: PlainNet) -> pd.DataFrame:
    frame = net.table("bus")
    places = [point_of(geo) for geo in net.column("bus", "geo", "")]
    return frame.assign(id=frame["name"], lon=[place[0] for place in places], lat=[place[1] for place in places])


def _branches(net: PlainNet, table: str, ends: tuple[str, str], names: dict[int, str]) -> pd.DataFrame:
    frame = net.table(table)
    if not len(frame):
        return frame
    return frame.assign(id=frame["name"], **{end: [names[int(bus)] for bus in frame[end]] for end in ends})


def _with_cost(net: PlainNet, table: str) -> pd.DataFrame:
    frame, costs = net.table(table), net.table("poly_cost")
    if not len(frame) or not len(costs):
        return frame
    own = costs[costs["et"] == table].set_index("element")["cp1_eur_per_mw"]
    return frame.assign(cost_eur_per_mwh=own[~own.index.duplicated()].reindex(frame.index))


def _generators(net: PlainNet, names: dict[int, str]) -> pd.DataFrame:
    """Return the rows of `gen` and `sgen` in their original order."""
    columns = ["name", "bus", "cost_eur_per_mwh", *GENERATOR_COLUMNS]
    parts = [_with_cost(net, table).reindex(columns=columns).astype(object) for table in ("gen", "sgen")]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["technology"] != IMPORT].sort_values("row", kind="stable")
    ids, buses = frame["name"], [names[int(bus)] for bus in frame["bus"]]
    return frame.rename(columns=GENERATOR_COLUMNS).assign(id=ids, bus=buses)


def _interconnectors(net: PlainNet, names: dict[int, str]) -> pd.DataFrame:
    frame = _with_cost(net, "sgen")
    if not len(frame):
        return frame
    frame = frame[frame["technology"] == IMPORT]
    return frame.assign(id=frame["name"], bus=[names[int(bus)] for bus in frame["bus"]], p_max_mw=frame["max_p_mw"])


def _cell(value: Any) -> Any:  # noqa: ANN401 - any cell of a table
    """Return a cell as our tables have it: whole numbers without a decimal point, no text that is a formula."""
    if isinstance(value, str):
        return protected(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
