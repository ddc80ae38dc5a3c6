"""Columns of a pandapower net that are made of our tables: a change to one of them would reach no run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pandapower import pandapowerNet

_DERIVED = {"load": ("p_mw", "need_mw"), "gen": ("max_p_mw",), "sgen": ("max_p_mw",)}
"""Columns that are derived, by table; those of borders are ours."""
_USUAL = {"in_service": True, "scaling": 1.0}
"""Columns that our tables do not have, and their one value."""
_MARK = "made_of_our_tables"
"""Attribute of a table with the hashes of the derived values of its rows as they were made, one after the other."""
_BYTES = 8
"""Length of a hash. [byte]"""


def mark_derived(net: pandapowerNet) -> None:
    """Remember the derived columns of a net that was just made."""
    for table in _DERIVED:
        net[table].attrs[_MARK] = b"".join(sorted(_hashes(table, net[table])))


def changed_in_vain(net: pandapowerNet) -> list[str]:
    """Return the columns of a net that were changed and that our tables do not have, such as `load.p_mw`.

    Parameters
    ----------
    net
        A net with our tables; of one that was not made in this process (a JSON file), only columns with one usual
        value are looked at.
    """
    found = [
        f"{table}.{'/'.join(columns)}" for table, columns in _DERIVED.items()
        if _MARK in net[table].attrs and _hashes(table, net[table]) - _parts(net[table].attrs[_MARK])
    ]  # fmt: skip
    for table in ("bus", "line", "trafo", "load", "gen", "sgen"):
        frame = net[table]
        found += [
            f"{table}.{column}" for column, usual in _USUAL.items()
            if column in frame and not (frame[column].to_numpy() == usual).all()
        ]  # fmt: skip
    return [*found, *(["switch"] if len(net["switch"]) else [])]


def _hashes(table: str, frame: pd.DataFrame) -> set[bytes]:
    """Return a hash of each row that is derived, by its name and values; leaving rows out changes nothing."""
    own = frame[frame["technology"] != "import"] if "technology" in frame else frame
    columns = ["name", *(column for column in _DERIVED[table] if column in own)]
    rows = own[columns].itertuples(index=False, name=None)
    return {hashlib.blake2b(repr(row).encode(), digest_size=_BYTES).digest() for row in rows}


def _parts(mark: bytes) -> set[bytes]:
    return {mark[place : place + _BYTES] for place in range(0, len(mark), _BYTES)}
