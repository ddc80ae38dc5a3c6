"""Convert plain tables, once they have been checked, to a pandapower net, and a net to plain tables."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmodel.interchange.adapter.empty import empty_net
from gridmodel.interchange.pandapower_schema import ELEMENTS
from gridmodel.network.plain import PlainNet

if TYPE_CHECKING:
    from pandapower import pandapowerNet


def build_net(plain: PlainNet) -> pandapowerNet:
    """Make a pandapower net from plain tables.

    Parameters
    ----------
    plain
        Tables without errors.

    Returns
    -------
    pandapower.pandapowerNet
        With every table of `plain`; missing columns have pandapower's defaults.
    """
    import pandapower as pp

    net = empty_net(name=plain.name, f_hz=plain.f_hz, sn_mva=plain.sn_mva)
    net.sn_mva = int(plain.sn_mva) if plain.sn_mva == int(plain.sn_mva) else plain.sn_mva
    patterns = {name: net[name] for name in plain.tables if isinstance(net.get(name), pd.DataFrame)}
    for name, frame in plain.tables.items():
        net[name] = frame.copy()
    for element, types in plain.std_types.items():
        net.std_types.setdefault(element, {}).update(copy.deepcopy(types))
    if plain.format_version != net.format_version:
        net.format_version = plain.format_version
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pp.convert_format(net)
    for name, pattern in patterns.items():
        net[name] = _completed(net[name], pattern, name)
    return net


def plain_of(net: pandapowerNet, *, shown: str = "net") -> PlainNet:
    """Return the tables of a pandapower net, without results and internals."""
    tables = {
        str(name): value.copy()
        for name, value in net.items()
        if isinstance(value, pd.DataFrame) and len(value) and not str(name).startswith(("_", "res_"))
    }
    return PlainNet(
        name=str(net.get("name") or ""),
        shown=shown,
        f_hz=float(net.get("f_hz", 50.0)),
        sn_mva=float(net.get("sn_mva", 1.0)),
        tables=tables,
        std_types=copy.deepcopy(net.get("std_types", {})),
    )


def _completed(frame: pd.DataFrame, pattern: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table with every column that pandapower expects, in its types, followed by those of the file."""
    defaults = {column.name: column.default for column in ELEMENTS[name].columns} if name in ELEMENTS else {}
    made: dict[str, Any] = {}
    for column in pattern.columns:
        kind = pattern[column].dtype
        if column in frame:
            made[column] = _cast(frame[column], kind)
        elif name in {"line", "bus"} or column not in _OPTIONAL:
            made[column] = _filled(defaults.get(column), kind, frame.index)
    rest = {column: frame[column] for column in frame.columns if column not in made}
    return pd.DataFrame(made | rest, index=frame.index)


_OPTIONAL = ("controllable",)
"""Columns whose absence has a meaning of its own."""


def _cast(values: pd.Series, kind: Any) -> pd.Series:  # noqa: ANN401 - any dtype of pandas
    if isinstance(kind, pd.Int64Dtype):
        return pd.to_numeric(values, errors="coerce").astype("Int64")
    if kind.kind in "OUS" or (kind.kind in "ui" and values.dtype.kind not in "ui"):
        return values
    if kind.kind == "b" and values.isna().any():
        return values
    return values.astype(kind)


def _filled(default: object, kind: Any, index: pd.Index) -> pd.Series:  # noqa: ANN401
    if isinstance(kind, pd.Int64Dtype):
        return pd.Series(pd.NA, index=index, dtype="Int64")
    if kind.kind == "b":
        return pd.Series(bool(default), index=index, dtype=bool)
    if kind.kind in "OUS":
        return pd.Series([default] * len(index), index=index, dtype=object)
    value = np.nan if default is None else float(str(default))
    return pd.Series(value, index=index, dtype=float if np.isnan(value) else kind)
