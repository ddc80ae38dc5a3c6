"""Match rows of two third-party networks: by name where names are unique, otherwise by number."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from gridmodel.interchange.pandapower_schema import ELEMENTS, SWITCHED
from gridmodel.network.plain import PlainNet

SHARED_NAMES = 0.5
"""Share of the names of the smaller side that the other must have, for rows to be matched by name. [1] Ours: fewer mean
that rows were renamed, and numbers say more."""
_COSTS = ("poly_cost", "pwl_cost")
"""Tables whose rows have no name but belong to one element each."""


def matched_by_name(before: PlainNet, after: PlainNet) -> frozenset[str]:
    """Return the tables whose rows are matched by name: both sides name every row once, and share enough names.

    Costs are among them if no element has two rows: they are named after the element.

    Parameters
    ----------
    before, after
        The two networks.
    """
    found = []
    for table in before.tables:
        old, new = (_names(net, table) for net in (before, after))
        if old and new and len(set(old) & set(new)) >= SHARED_NAMES * min(len(old), len(new)):
            found.append(table)
    found += [table for table in _COSTS if all(_owners(net, table).is_unique for net in (before, after))]
    return frozenset(found)


def _owners(net: PlainNet, table: str) -> pd.Series:
    """Return the element that each row of costs belongs to."""
    frame = net.table(table)
    return frame["et"].astype(str) + " " + frame["element"].astype(str) if len(frame) else pd.Series(dtype=object)


def _names(net: PlainNet, table: str) -> list[str]:
    """Return the names of all rows; empty if one is missing or used twice."""
    frame = net.table(table)
    if "name" not in frame:
        return []
    names = [name for name in frame["name"] if isinstance(name, str) and name.strip()]
    return names if len(names) == len(frame) == len(set(names)) else []


def labelled(net: PlainNet, table: str, named: Collection[str]) -> pd.DataFrame:
    """Return a table indexed by what tells rows apart, with references by name where possible.

    Parameters
    ----------
    net
        The network.
    table
        One of its tables.
    named
        Tables whose rows are matched by name; all others by number.
    """
    frame = net.table(table).copy()
    for column in ELEMENTS[table].columns if table in ELEMENTS else ():
        if column.refers in named and column.name in frame:
            frame[column.name] = _called(net, column.refers, frame[column.name])
    if {"et", "element"} <= set(frame.columns):
        targets = frame["et"].map(lambda kind: SWITCHED.get(str(kind), str(kind)) if table == "switch" else str(kind))
        element = frame["element"].astype(object)
        for target in sorted(set(targets) & set(named)):
            rows = (targets == target).to_numpy()
            element[rows] = _called(net, target, frame["element"][rows])
        frame["element"] = element
        if table in _COSTS and table in named:
            return frame.set_axis(frame["et"].astype(str) + " " + element.astype(str), axis="index")
    return frame.set_axis(pd.Index(frame.pop("name"), dtype=object), axis="index") if table in named else frame


def _called(net: PlainNet, table: str, numbers: pd.Series) -> pd.Series:
    """Return names of rows in place of their numbers; a number without a row stays as it is."""
    names = dict(zip(net.table(table).index, net.table(table)["name"], strict=True))
    return pd.Series(
        [names.get(number.item() if isinstance(number, np.generic) else number, number) for number in numbers],
        index=numbers.index, dtype=object,
    )  # fmt: skip
