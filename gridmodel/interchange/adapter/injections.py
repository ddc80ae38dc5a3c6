"""Convert loads, generators and costs of a pandapower net to those of buses and branches."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats, Ints
from gridmodel.interchange.adapter.plain_tables import plain_of
from gridmodel.interchange.adapter.power_flow import solve_ac
from gridmodel.interchange.checks.islands import references
from gridmodel.interchange.names import label_of

_LIMITS = ("min_p_mw", "max_p_mw", "min_q_mvar", "max_q_mvar")


def sources_of(net: Any, work: Any, at: Ints, buses: pd.DataFrame) -> pd.DataFrame:  # noqa: ANN401
    """Return generators: references first, then those that control the voltage, then the others."""
    parts = []
    for table, frame in (("ext_grid", work.ext_grid), ("gen", work.gen), ("sgen", net.sgen)):
        if not len(frame):
            continue
        scaling = _numbers(frame, "scaling", 1.0)
        slack = frame["slack"].to_numpy(dtype=bool) if table == "gen" else np.full(len(frame), table == "ext_grid")
        parts.append(pd.DataFrame({
            "name": [label_of(name, table, index) for name, index in zip(frame["name"], frame.index, strict=True)],
            "bus": at[frame["bus"].to_numpy(dtype=np.intp)], "kind": np.where(slack, "ext_grid", table),
            "p_mw": _numbers(frame, "p_mw", 0.0) * scaling, "q_mvar": _numbers(frame, "q_mvar", 0.0) * scaling,
            "vm_pu": _numbers(frame, "vm_pu", 1.0), "va_degree": _numbers(frame, "va_degree", 0.0),
            "in_service": frame["in_service"].to_numpy(dtype=bool),
            **{name: _numbers(frame, name, np.nan) for name in _LIMITS},
            "technology": frame["technology"].to_numpy() if "technology" in frame else None,
            "link": frame["link"].to_numpy() if "link" in frame else -1,
            "table": table, "element": frame.index,
        }))  # fmt: skip
    if len(work.xward):
        parts.append(_inner_sources(work, buses))
    found = pd.concat([part.astype({"technology": object}) for part in parts], ignore_index=True)
    rank = found["kind"].map({"ext_grid": 0, "gen": 1, "sgen": 2})
    found = found.iloc[np.argsort(rank.to_numpy(), kind="stable")].reset_index(drop=True)
    return _with_reference_power(net, found)


def _inner_sources(work: Any, buses: pd.DataFrame) -> pd.DataFrame:  # noqa: ANN401
    """Return voltage sources behind the impedance of extended wards: they control the voltage at 0 MW."""
    frame = work.xward[work.xward["in_service"].to_numpy(dtype=bool)]
    known = dict(zip(buses["name"], buses.index, strict=True))
    names = [f"{label_of(name, 'xward', index)} source" for name, index in zip(frame["name"], frame.index, strict=True)]
    chosen = [place for place, name in enumerate(names) if name in known]  # the others are at dead buses
    frame, names = frame.iloc[chosen], [names[place] for place in chosen]
    return pd.DataFrame({
        "name": names, "bus": [known[name] for name in names], "kind": "gen", "p_mw": 0.0, "q_mvar": 0.0,
        "vm_pu": frame["vm_pu"].to_numpy(dtype=float), "va_degree": 0.0, "in_service": True,
        "min_p_mw": 0.0, "max_p_mw": 0.0, "min_q_mvar": np.nan, "max_q_mvar": np.nan, "technology": None, "link": -1,
        "table": "xward", "element": frame.index,
    })  # fmt: skip


def _numbers(frame: pd.DataFrame, name: str, missing: float) -> Floats:
    if name not in frame:
        return np.full(len(frame), missing)
    return np.asarray(frame[name].astype(float).fillna(missing).to_numpy())


def _with_reference_power(net: Any, sources: pd.DataFrame) -> pd.DataFrame:  # noqa: ANN401
    """Return sources; if a connected part has several references, with the output of each in the AC power flow."""
    if not references(plain_of(net)):
        return sources
    work = copy.deepcopy(net)
    if not solve_ac(work):
        return sources
    mine = (sources["kind"] == "ext_grid").to_numpy() & sources["in_service"].to_numpy(dtype=bool)
    for row in map(int, np.flatnonzero(mine)):
        table, element = sources["table"].iloc[row], sources["element"].iloc[row]
        power = float(work[f"res_{table}"]["p_mw"].loc[element])
        sources.loc[row, "p_mw"] = power if np.isfinite(power) else 0.0
    return sources


def loads_of(net: Any, at: Ints, buses: pd.DataFrame, drawn: tuple[Floats, Floats], place: Ints) -> pd.DataFrame:  # noqa: ANN401
    """Return loads one by one, followed by what motors, storage, wards and unequal phases draw at a bus."""
    frame = net.load
    scaling = _numbers(frame, "scaling", 1.0)
    own = pd.DataFrame({
        "name": [label_of(name, "load", index) for name, index in zip(frame["name"], frame.index, strict=True)],
        "bus": at[frame["bus"].to_numpy(dtype=np.intp)], "p_mw": _numbers(frame, "p_mw", 0.0) * scaling,
        "q_mvar": _numbers(frame, "q_mvar", 0.0) * scaling, "in_service": frame["in_service"].to_numpy(dtype=bool),
    })  # fmt: skip
    p, q = drawn
    more = np.flatnonzero(((p != 0) | (q != 0)) & (place >= 0))
    fixed = pd.DataFrame({
        "name": [f"{buses['name'].iloc[place[row]]} fixed" for row in more], "bus": place[more], "p_mw": p[more],
        "q_mvar": q[more], "in_service": True,
    })  # fmt: skip
    parts = [part for part in (own, fixed) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else own


def costs_of(net: Any, sources: pd.DataFrame) -> pd.DataFrame:  # noqa: ANN401
    """Return costs of active power by source, summed if an element has several rows."""
    names = ["cp0_eur", "cp1_eur_per_mw", "cp2_eur_per_mw2"]
    frame = net.poly_cost
    if not len(frame):
        return pd.DataFrame(columns=["source", *names])
    place = {key: row for row, key in enumerate(zip(sources["table"], sources["element"], strict=True))}
    of = [place.get((kind, element), -1) for kind, element in zip(frame["et"], frame["element"], strict=True)]
    table = frame[names].astype(float).fillna(0.0).assign(source=of)
    summed: pd.DataFrame = table[table["source"] >= 0].groupby("source", as_index=False).sum()
    return summed
