"""Compare two networks: which rows differ, and with what effect."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.table_schema import Table
from gridmodel.inputs.tables import parse_table, read_text
from gridmodel.interchange.adapter.from_tables import to_pandapower
from gridmodel.interchange.adapter.plain_tables import build_net, plain_of
from gridmodel.interchange.adapter.power_flow import dc_flows
from gridmodel.interchange.alike import between, by_ends, comparable
from gridmodel.interchange.changes import changes
from gridmodel.interchange.matching import labelled, matched_by_name
from gridmodel.interchange.open import read_any
from gridmodel.network.describe import describe
from gridmodel.network.plain import PlainNet
from gridmodel.network.read import Network
from gridmodel.network.schema import TABLES

SAME_FLOW_MW = 0.05
"""Largest change of a flow that is ignored. [MW] Ours: one decimal is printed."""
MOST_FLOWS = 10
"""Branches listed, those that change most first. Ours: keeps the list short."""
COLUMNS = ("table", "id", "change", "field", "before", "after")
"""Columns of the rows that differ."""
WHOLE = ("table added", "table removed")
"""Changes of a whole table, which only one side has. Its rows follow, one by one."""
_KEYS = {"profiles": ["profile", "day_type", "hour"], "sources": ["key"]}
"""Columns that tell rows apart in tables without an id."""
_NOTHING = frozenset({"/dev/null", os.devnull})
"""Paths that git passes in place of a missing file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDifference:
    """Differences between two networks."""

    rows: pd.DataFrame
    """A row for each row added or removed and each field changed, and one before them for each table added or removed
    as a whole: `COLUMNS`; `before` and `after` are the values, and the numbers of rows of a whole table."""
    effects: dict[str, Any]
    """Effects, ready for JSON: capacity, demand and cover, connectivity, flows of the base state, each before and
    after. Empty if single tables were compared, or one side is missing."""
    warnings: tuple[Problem, ...] = ()
    """Notes from reading, such as parts of a file that are ignored and so are not compared."""

    def __bool__(self) -> bool:
        """Return whether anything differs."""
        return bool(len(self.rows))


def diff_networks(first: str | Path, second: str | Path) -> NetworkDifference:
    """Compare two networks.

    Parameters
    ----------
    first, second
        Bundled names, folders or files of any known format; or one table of a folder of ours (`.csv`) each. One of
        them may be `/dev/null`, for a file that was added or removed.

    Returns
    -------
    NetworkDifference
        Two folders of our own tables are compared table by table, rows of the same id. Any other pair is compared by
        pandapower's tables: rows of the same name if both sides name every row once and share at least half of the
        names, else rows of the same number. Of two formats only what both have is compared, branches by what they
        join where no name tells them apart. Lines and transformers are named in flows only if neither is bundled.

    Raises
    ------
    InputError
        With every problem of both networks.

    Examples
    --------
    >>> import gridmodel as gm
    >>> same = gm.diff_networks("three-region", "three-region")
    >>> len(same.rows), same.effects["connectivity"]["components"]
    (0, [1, 1])
    """
    there = [name for name in (first, second) if str(name) not in _NOTHING]
    if there and all(Path(name).suffix.lower() == ".csv" and Path(name).is_file() for name in there):
        return NetworkDifference(rows=_one_table(first, second), effects={})
    found: list[Network | PlainNet | None] = []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for name in (first, second):
        try:
            net, noted = read_any(name) if name in there else (None, [])
            found.append(net)
            warnings += noted
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    before, after = found
    if before is None or after is None:
        return NetworkDifference(rows=_rows(before, after, ()), effects={}, warnings=tuple(warnings))
    named: Collection[str] = () if _ours(before, after) else matched_by_name(_plain(before), _plain(after))
    return NetworkDifference(
        rows=_rows(before, after, named), effects=_effects(before, after, named), warnings=tuple(warnings)
    )


def _ours(before: Network | PlainNet | None, after: Network | PlainNet | None) -> bool:
    """Return whether both sides are folders of our own tables, or one is and the other is missing."""
    return not any(isinstance(net, PlainNet) for net in (before, after))


def _rows(before: Network | PlainNet | None, after: Network | PlainNet | None, named: Collection[str]) -> pd.DataFrame:
    sides = [_frames(net, named, ours=_ours(before, after)) for net in (before, after)]
    if _of_two_formats(before, after):
        for net, frames in zip((before, after), sides, strict=True):
            if net is not None:
                plain = _plain(net)
                frames |= {name: by_ends(plain, name, frame, named) for name, frame in frames.items()}
        comparable((sides[0], sides[1]), (_hertz(before), _hertz(after)))
    found = []
    for name in {**sides[0], **sides[1]}:
        found += _whole(name, *(side.get(name) for side in sides))
        old, new = (side.get(name, pd.DataFrame()) for side in sides)
        found += changes(name, old, new)
    return _listed(found)


def _of_two_formats(before: Network | PlainNet | None, after: Network | PlainNet | None) -> bool:
    """Return whether the two networks come from files of different formats."""
    if not isinstance(before, PlainNet) or not isinstance(after, PlainNet) or before.path is None or after.path is None:
        return False
    return before.path.suffix.lower() != after.path.suffix.lower()


def _hertz(net: Network | PlainNet | None) -> float:
    return net.f_hz if isinstance(net, PlainNet) else 50.0


def _listed(found: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Return changes as a table of objects, so that a missing value does not become a number."""
    return pd.DataFrame(found, columns=list(COLUMNS), dtype=object)


def _frames(net: Network | PlainNet | None, named: Collection[str], *, ours: bool) -> dict[str, pd.DataFrame]:
    """Return the tables of a network by name, indexed by what tells rows apart."""
    if net is None:
        return {}
    if ours and isinstance(net, Network):
        return {name: _keyed(frame, name) for name, frame in net.tables.items() if (net.path / f"{name}.csv").is_file()}
    plain = _plain(net)
    return {name: labelled(plain, name, named) for name in plain.tables}


def _plain(net: Network | PlainNet) -> PlainNet:
    """Return tables by pandapower's names, complete with its defaults."""
    return plain_of(_net(net))


def _net(net: Network | PlainNet) -> Any:  # noqa: ANN401 - no types in pandapower
    return to_pandapower(net) if isinstance(net, Network) else build_net(net)


def _keyed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    keys = _KEYS.get(table, ["id"])
    labels = frame[keys].map(lambda value: f"{value:g}" if isinstance(value, float) else str(value))
    return frame.set_axis(labels.agg(" ".join, axis=1) if len(frame) else pd.Index([], dtype=object), axis="index")


def _whole(table: str, before: pd.DataFrame | None, after: pd.DataFrame | None) -> list[tuple[Any, ...]]:
    """Return the change of a table that only one side has."""
    if (before is None) == (after is None):
        return []
    counts = [None if frame is None else len(frame) for frame in (before, after)]
    return [(table, "", WHOLE[0] if before is None else WHOLE[1], "rows", *counts)]


def _one_table(first: str | Path, second: str | Path) -> pd.DataFrame:
    """Return rows that differ between two files of one of our tables, one of which may be missing.

    Raises
    ------
    InputError
        If a file is not one of our tables, or they are different ones.
    """
    problems = Problems()
    paths = [None if str(name) in _NOTHING else Path(name) for name in (first, second)]
    texts = ["" if path is None else read_text(path, problems, shown=path.name) or "" for path in paths]
    problems.raise_if_any()
    tables = [_table_of(text) for text in texts]
    for path, table in zip(paths, tables, strict=True):
        if path is not None and table is None:
            problems.add("does not have the columns of any of our network tables", table=path.name, row=1)
    known = [table for table in tables if table is not None]
    if len(known) == 2 and known[0].name != known[1].name:
        problems.add(
            f"is a table of {known[1].name}, but the other file is one of {known[0].name}", table=Path(second).name
        )
    problems.raise_if_any()
    frames = [
        None if path is None else _keyed(parse_table(text, known[0], problems, shown=path.name).frame, known[0].name)
        for text, path in zip(texts, paths, strict=True)
    ]
    problems.raise_if_any()
    before, after = frames
    none = _keyed(known[0].empty(), known[0].name)
    rows = changes(known[0].name, none if before is None else before, none if after is None else after)
    return _listed([*_whole(known[0].name, before, after), *rows])


def _table_of(text: str) -> Table | None:
    """Return the table whose columns the first line of a text names; None if none does."""
    header = {name.strip() for name in text.split("\n", 1)[0].split(",")}
    for table in TABLES.values():
        columns = {column.name for column in table.fitted(header).columns}
        needed = {column.name for column in table.columns if column.required}
        if needed <= header <= columns:
            return table
    return None


def _effects(before: Network | PlainNet, after: Network | PlainNet, named: Collection[str]) -> dict[str, Any]:
    old, new = describe(before), describe(after)
    names = [*old["technologies"], *(name for name in new["technologies"] if name not in old["technologies"])]
    none = {"capacity_mw": 0.0, "available_mw": 0.0}
    by_name = ("line", "trafo") if _ours(before, after) else named
    return {
        "technologies": {
            name: _pairs(old["technologies"].get(name, none), new["technologies"].get(name, none)) for name in names
        },
        "national": _pairs(old["national"], new["national"]),
        "connectivity": _pairs(old["connectivity"], new["connectivity"]),
        "flows": _flows(before, after, by_name, shown=not (before.bundled or after.bundled)),
    }


def _pairs(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [old.get(name), new.get(name)] for name in {**old, **new}}


def _flows(
    before: Network | PlainNet, after: Network | PlainNet, by_name: Collection[str], *, shown: bool
) -> dict[str, Any]:
    """Return how DC flows of the base state differ; only which side solves if one does not."""
    nets = [_net(net) for net in (before, after)]
    old, new = (dc_flows(net, named=by_name) for net in nets)
    if old is None or new is None:
        return {"solved": [old is not None, new is not None]}
    if _of_two_formats(before, after):
        named_buses = "bus" in by_name
        old, new = (between(plain_of(net), flow, named_buses=named_buses)
                    for net, flow in zip(nets, (old, new), strict=True))  # fmt: skip
    both = old.index.intersection(new.index)
    change = (new[both] - old[both]).astype(float)
    moved = change[change.abs() > SAME_FLOW_MW]
    most = moved.reindex(moved.abs().sort_values(ascending=False, kind="stable").index[:MOST_FLOWS])
    facts: dict[str, Any] = {
        "solved": [True, True],
        "branches_in_both": len(both),
        "branches_that_change": len(moved),
        "largest_change_mw": round(float(change.abs().max()), 1) if len(change) else 0.0,
    }
    if shown:
        rows = {str(name): [round(float(old[name]), 1), round(float(new[name]), 1)] for name in most.index}
        facts["flows_mw"] = rows
    return facts
