"""Two networks set beside each other: which rows differ, and what that does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.network.build import build_net, plain_of
from gridmodel.network.describe import describe
from gridmodel.network.formats import PlainNet
from gridmodel.network.open import read_any
from gridmodel.network.read import Network
from gridmodel.network.schema import TABLES
from gridmodel.network.solve import dc_flows
from gridmodel.tables import Table, parse_table, read_text

SAME_FLOW_MW = 0.05
"""Change of a flow that counts as none. [MW] Ours: what is printed has one decimal."""
MOST_FLOWS = 10
"""Branches that are named, those that change most. Ours."""
COLUMNS = ("table", "id", "change", "field", "before", "after")
"""Columns of the rows that differ."""
_KEYS = {"profiles": ["profile", "day_type", "hour"], "sources": ["key"]}
"""Columns that tell rows apart, where that is not the id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDifference:
    """What differs between two networks."""

    rows: pd.DataFrame
    """A row for each row added or removed and each field changed: `COLUMNS`; `before` and `after` are the values."""
    effects: dict[str, Any]
    """What it does, ready for JSON: capacity, need and cover, connectivity, flows of the base state, each before and
    after. Empty where single tables were compared."""

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(len(self.rows))


def diff_networks(first: str | Path, second: str | Path) -> NetworkDifference:
    """Set two networks beside each other.

    Parameters
    ----------
    first, second
        Bundled names, folders or files of any known format; or one table of a folder of ours (`.csv`) each.

    Returns
    -------
    NetworkDifference
        Two folders of ours are compared by their own tables, row by row of the same id; any other pair by pandapower's
        tables, row by row of the same number. Lines and transformers are named in flows only where neither is bundled.

    Raises
    ------
    InputError
        With every problem of both.
    """
    if all(Path(name).suffix.lower() == ".csv" and Path(name).is_file() for name in (first, second)):
        return NetworkDifference(rows=_one_table(Path(first), Path(second)), effects={})
    found: list[Network | PlainNet] = []
    problems: list[Problem] = []
    for name in (first, second):
        try:
            found.append(read_any(name)[0])
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    before, after = found
    return NetworkDifference(rows=_rows(before, after), effects=_effects(before, after))


def _rows(before: Network | PlainNet, after: Network | PlainNet) -> pd.DataFrame:
    if isinstance(before, Network) and isinstance(after, Network):
        parts = [_changes(name, *(_keyed(net.tables[name], name) for net in (before, after))) for name in TABLES]
    else:
        old, new = (_plain(net).tables for net in (before, after))
        names = [*old, *(name for name in new if name not in old)]
        parts = [_changes(name, old.get(name, pd.DataFrame()), new.get(name, pd.DataFrame())) for name in names]
    return pd.DataFrame([row for part in parts for row in part], columns=list(COLUMNS))


def _plain(net: Network | PlainNet) -> PlainNet:
    """Tables by pandapower's names, complete with what it takes for granted."""
    return plain_of(_net(net))


def _net(net: Network | PlainNet) -> Any:  # noqa: ANN401 - no types in pandapower
    from gridmodel.network.convert import to_pandapower

    return to_pandapower(net) if isinstance(net, Network) else build_net(net)


def _keyed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    keys = _KEYS.get(table, ["id"])
    labels = frame[keys].map(lambda value: f"{value:g}" if isinstance(value, float) else str(value))
    return frame.set_axis(labels.agg(" ".join, axis=1) if len(frame) else pd.Index([], dtype=object), axis="index")


def _changes(table: str, before: pd.DataFrame, after: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Rows removed, added, and changed field by field, of tables indexed by what tells rows apart."""
    found: list[tuple[Any, ...]] = []
    gone, come = before.index.difference(after.index, sort=False), after.index.difference(before.index, sort=False)
    found += [(table, str(name), "removed", "", None, None) for name in gone]
    found += [(table, str(name), "added", "", None, None) for name in come]
    both = before.index.intersection(after.index, sort=False)
    old, new = before.loc[both], after.loc[both]
    changed: list[tuple[int, int, tuple[Any, ...]]] = []
    columns = [*before.columns, *(name for name in after.columns if name not in before.columns)]
    for place, column in enumerate(columns):
        was, now = (frame[column].tolist() if column in frame else [None] * len(both) for frame in (old, new))
        for row, (one, other) in enumerate(zip(was, now, strict=True)):
            if not _same(one, other):
                entry = (table, str(both[row]), "changed", str(column), _value(one), _value(other))
                changed.append((row, place, entry))
    return found + [entry for _, _, entry in sorted(changed, key=lambda item: item[:2])]


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _same(one: object, other: object) -> bool:
    return (_missing(one) and _missing(other)) or (not _missing(one) and not _missing(other) and bool(one == other))


def _value(value: Any) -> Any:  # noqa: ANN401 - any cell of a table
    return None if _missing(value) else value.item() if isinstance(value, np.generic) else value


def _one_table(first: Path, second: Path) -> pd.DataFrame:
    """Rows that differ between two files of one of our tables.

    Raises
    ------
    InputError
        If a file is none of our tables, or they are different ones.
    """
    problems = Problems()
    texts = [read_text(path, problems, shown=path.name) or "" for path in (first, second)]
    problems.raise_if_any()
    tables = [_table_of(text) for text in texts]
    for path, table in zip((first, second), tables, strict=True):
        if table is None:
            problems.add("has the columns of no table of a network", table=path.name, row=1)
    one, other = tables
    if one is not None and other is not None and one.name != other.name:
        problems.add(f"holds {other.name}, the other file {one.name}", table=second.name)
    problems.raise_if_any()
    assert one is not None  # noqa: S101 - said above
    frames = [
        parse_table(text, one, problems, shown=path.name).frame
        for text, path in zip(texts, (first, second), strict=True)
    ]
    problems.raise_if_any()
    return pd.DataFrame(_changes(one.name, *(_keyed(frame, one.name) for frame in frames)), columns=list(COLUMNS))


def _table_of(text: str) -> Table | None:
    """Table whose columns the first line of a text has."""
    header = {name.strip() for name in text.split("\n", 1)[0].split(",")}
    for table in TABLES.values():
        columns = {column.name for column in table.columns}
        needed = {column.name for column in table.columns if column.required}
        if needed <= header <= columns:
            return table
    return None


def _effects(before: Network | PlainNet, after: Network | PlainNet) -> dict[str, Any]:
    old, new = describe(before), describe(after)
    names = [*old["technologies"], *(name for name in new["technologies"] if name not in old["technologies"])]
    none = {"capacity_mw": 0.0, "available_mw": 0.0}
    return {
        "technologies": {
            name: _pairs(old["technologies"].get(name, none), new["technologies"].get(name, none)) for name in names
        },
        "national": _pairs(old["national"], new["national"]),
        "connectivity": _pairs(old["connectivity"], new["connectivity"]),
        "flows": _flows(before, after, named=not (before.bundled or after.bundled)),
    }


def _pairs(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [old.get(name), new.get(name)] for name in {**old, **new}}


def _flows(before: Network | PlainNet, after: Network | PlainNet, *, named: bool) -> dict[str, Any]:
    """How DC flows of the base state differ; without them where one of the two does not solve."""
    old, new = (dc_flows(_net(net), by_name=isinstance(net, Network)) for net in (before, after))
    if old is None or new is None:
        return {"solved": [old is not None, new is not None]}
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
    if named:
        rows = {str(name): [round(float(old[name]), 1), round(float(new[name]), 1)] for name in most.index}
        facts["flows_mw"] = rows
    return facts
