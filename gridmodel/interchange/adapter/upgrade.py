"""Tables of older versions of pandapower, brought up to date by pandapower's own rules, which act on plain tables."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from gridmodel.errors import InputError, Problem
from gridmodel.interchange.adapter.empty import empty_net
from gridmodel.interchange.pandapower_schema import OBJECTS

FIRST_IN_MW = "2"
"""First version whose powers are in megawatts."""
_WITH_POWER = ("load", "sgen", "gen", "ext_grid", "shunt", "ward", "xward", "dcline", "storage")
"""Tables whose columns of powers conversion looks for, whether or not they have rows."""
_KILO = {"_mw": "_kw", "_mvar": "_kvar", "_mva": "_kva"}
"""Ends of the names of columns of powers, and what they were before."""
_NOT_CONVERTED = (
    UserWarning, ValueError, KeyError, IndexError, TypeError, NotImplementedError, ArithmeticError, AttributeError,
)  # fmt: skip
"""Errors of pandapower on tables that are not those of the version that they are said to be."""


def upgraded(tables: dict[str, pd.DataFrame], version: str, *, shown: str, hint: str) -> dict[str, pd.DataFrame]:
    """Return tables of an older version as those of the present one.

    Parameters
    ----------
    tables
        Plain tables, by name.
    version
        Version of pandapower or of its tables.
    shown, hint
        Name of the file in messages, and what to do if this fails.

    Raises
    ------
    InputError
        If they cannot be converted.
    """
    import pandapower as pp

    net = empty_net(name="", f_hz=50.0)
    known = {str(name) for name, value in net.items() if isinstance(value, pd.DataFrame)}
    for name in _WITH_POWER if version < FIRST_IN_MW else ():
        net[name] = _in_kilowatts(net[name])
    for name, frame in tables.items():
        net[name] = frame.copy()
    for name in ("bus", "line", "trafo", "trafo3w"):
        if name in tables:
            net[name] = net[name].drop(columns=[column for column in net[name] if column == "coords"])
    net.version = net.format_version = version
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            pp.convert_format(net)
    except _NOT_CONVERTED as error:
        said = f"cannot be brought up to date from version {version}: {str(error)[:120]}"
        raise InputError([Problem(message=said, table=shown, hint=hint)]) from None
    return {
        str(name): _plain(value)
        for name, value in net.items()
        if isinstance(value, pd.DataFrame) and len(value) and not str(name).startswith(("_", "res_"))
        and (str(name) in known or str(name) in tables)
    }  # fmt: skip


def _in_kilowatts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return an empty table with the columns of powers as early versions called them, which conversion looks for."""
    old = {str(name): name[: -len(end)] + kilo for name in map(str, frame.columns) for end, kilo in _KILO.items()
           if name.endswith(end)}  # fmt: skip
    return frame.rename(columns=old)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the columns of objects that conversion may add."""
    kept: pd.DataFrame = frame[[column for column in frame if str(column) not in OBJECTS]]
    return kept
