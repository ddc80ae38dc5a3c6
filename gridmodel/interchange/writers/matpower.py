"""Writer of MATPOWER cases, version 2, with every digit.

Zimmerman, Murillo-Sánchez (2020), MATPOWER User's Manual, tables B-1 to B-4.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.interchange.bus_branch import BusBranch
from gridmodel.interchange.names import printable

_BUS = "bus_i type Pd Qd Gs Bs area Vm Va baseKV zone Vmax Vmin"
_GEN = "bus Pg Qg Qmax Qmin Vg mBase status Pmax Pmin"
_BRANCH = "fbus tbus r x b rateA rateB rateC ratio angle status angmin angmax"
_PQ, _PV, _REF, _ISOLATED = 1, 2, 3, 4


def write_matpower(net: BusBranch, path: Path, *, name: str) -> None:
    """Write a case.

    Parameters
    ----------
    net
        Buses and branches of a pandapower net.
    path
        The file.
    name
        Name of the case: that of the file, without its suffix.

    Notes
    -----
    A branch of MATPOWER has no conductance, so iron losses become shunts at its ends: behind the tap at the first,
    `g/2` over its square. RATE_A is the limit, RATE_B and RATE_C the thermal rating; 0 means unlimited.
    """
    title = re.sub(r"\W", "_", name, flags=re.ASCII)[:60]
    title = title if title[:1].isalpha() else f"case_{title}"
    lines = [f"function mpc = {title}", f"% {printable(net.name or name)}", "mpc.version = '2';",
             f"mpc.baseMVA = {_number(net.base_mva)};"]  # fmt: skip
    shunt_mw = _shunts(net)
    lines += _matrix("bus", _BUS, _bus_rows(net, shunt_mw))
    lines += _matrix("gen", _GEN, _gen_rows(net))
    lines += _matrix("branch", _BRANCH, _branch_rows(net))
    if len(net.costs):
        lines += _matrix("gencost", "model startup shutdown n c2 c1 c0", _cost_rows(net))
    lines += _texts("bus_name", net.buses["name"])
    if net.sources["technology"].notna().any():
        lines += _texts("genfuel", net.sources["technology"].fillna("unknown"))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _number(value: float) -> str:
    """Return a number as MATLAB reads it, whole ones without a decimal point."""
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else repr(float(value))


def _matrix(name: str, heads: str, rows: Iterable[Sequence[float]]) -> list[str]:
    return [f"%% {heads}", f"mpc.{name} = [", *(f"\t{' '.join(map(_number, row))};" for row in rows), "];"]


def _texts(name: str, values: Iterable[object]) -> list[str]:
    cells = ("\t'" + printable(str(value)).replace("'", "''") + "';" for value in values)
    return [f"mpc.{name} = {{", *cells, "};"]


def _shunts(net: BusBranch) -> Floats:
    """Return the conductance at buses, including that of branches in service. [MW at 1 pu]"""
    whole = net.buses["gs_mw"].to_numpy(dtype=float).copy()
    branches = net.branches[net.branches["in_service"].to_numpy(dtype=bool)]
    half = branches["g_pu"].to_numpy(dtype=float) * net.base_mva / 2
    tap = branches["tap"].to_numpy(dtype=float)
    np.add.at(whole, branches["from_bus"].to_numpy(dtype=np.intp), half / tap**2)
    np.add.at(whole, branches["to_bus"].to_numpy(dtype=np.intp), half)
    return whole


def _types(net: BusBranch) -> npt.NDArray[np.intp]:
    kinds = np.full(len(net.buses), _PQ, dtype=np.intp)
    on = net.sources[net.sources["in_service"].to_numpy(dtype=bool)]
    for kind, code in (("gen", _PV), ("ext_grid", _REF)):
        kinds[on["bus"].to_numpy(dtype=np.intp)[(on["kind"] == kind).to_numpy()]] = code
    kinds[~net.buses["in_service"].to_numpy(dtype=bool)] = _ISOLATED
    return kinds


def _set_points(net: BusBranch) -> tuple[Floats, Floats]:
    """Return the voltage [1] and angle [deg] set at each bus; 1 and 0 where none is set."""
    volts, angle = np.ones(len(net.buses)), np.zeros(len(net.buses))
    on = net.sources[net.sources["in_service"].to_numpy(dtype=bool) & (net.sources["kind"] != "sgen").to_numpy()]
    for bus, kind, volt, degree in zip(on["bus"], on["kind"], on["vm_pu"], on["va_degree"], strict=True):
        volts[bus] = volt
        angle[bus] = degree if kind == "ext_grid" else angle[bus]
    return volts, angle


def zone_numbers(zones: Iterable[str]) -> dict[str, int]:
    """Return the number of each zone: its name if all are whole numbers from 1, else by order of appearance."""
    zones = list(zones)
    names = list(dict.fromkeys(name.removesuffix(".0") for name in zones))
    if all(name.isascii() and name.isdigit() and 0 < int(name) < 10**6 for name in names):
        return {name: int(name.removesuffix(".0")) for name in zones}
    places = {name: number for number, name in enumerate(names, start=1)}
    return {name: places[name.removesuffix(".0")] for name in zones}


def _bus_rows(net: BusBranch, shunt_mw: Floats) -> list[list[float]]:
    buses = net.buses
    zones = zone_numbers(buses["zone"])
    loads = net.loads[net.loads["in_service"].to_numpy(dtype=bool)]
    place = loads["bus"].to_numpy(dtype=np.intp)
    p, q = (np.bincount(place, loads[name].to_numpy(dtype=float), len(buses)) for name in ("p_mw", "q_mvar"))
    volts, angle = _set_points(net)
    columns: list[Iterable[float]] = [
        buses["number"], _types(net), p, q, shunt_mw, buses["bs_mvar"], np.ones(len(buses)), volts, angle,
        buses["vn_kv"], [zones[zone] for zone in buses["zone"]], buses["max_vm_pu"], buses["min_vm_pu"],
    ]  # fmt: skip
    return [list(row) for row in zip(*columns, strict=True)]


def _gen_rows(net: BusBranch) -> list[list[float]]:
    """Return rows of generators; one without a voltage set point takes that of its bus."""
    sources, volts = net.sources, _set_points(net)[0]
    grid = (sources["kind"] == "ext_grid") & (sources["table"] == "ext_grid")
    p = sources["p_mw"].to_numpy(dtype=float)
    most = np.where(sources["max_p_mw"].notna(), sources["max_p_mw"], np.where(grid, np.inf, np.maximum(p, 0.0)))
    least = np.where(sources["min_p_mw"].notna(), sources["min_p_mw"], np.where(grid, -np.inf, np.minimum(p, 0.0)))
    columns: list[Iterable[float]] = [
        net.buses["number"].to_numpy()[sources["bus"].to_numpy(dtype=np.intp)], p, sources["q_mvar"],
        sources["max_q_mvar"].fillna(np.inf), sources["min_q_mvar"].fillna(-np.inf),
        volts[sources["bus"].to_numpy(dtype=np.intp)], np.full(len(sources), net.base_mva),
        sources["in_service"].astype(int), most, least,
    ]  # fmt: skip
    return [list(row) for row in zip(*columns, strict=True)]


def _branch_rows(net: BusBranch) -> list[list[float]]:
    branches, number = net.branches, net.buses["number"].to_numpy()
    plain = (branches["line"] & (branches["tap"] == 1.0) & (branches["shift_degree"] == 0.0)).to_numpy(dtype=bool)
    wide = np.full(len(branches), 360.0)
    columns: list[Iterable[float]] = [
        number[branches["from_bus"].to_numpy(dtype=np.intp)], number[branches["to_bus"].to_numpy(dtype=np.intp)],
        branches["r_pu"], branches["x_pu"], branches["b_pu"], branches["rate_mva"], branches["thermal_mva"],
        branches["thermal_mva"], np.where(plain, 0.0, branches["tap"]), branches["shift_degree"],
        branches["in_service"].astype(int), -wide, wide,
    ]  # fmt: skip
    return [list(row) for row in zip(*columns, strict=True)]


def _cost_rows(net: BusBranch) -> list[list[float]]:
    terms = pd.DataFrame(0.0, index=range(len(net.sources)), columns=["cp2_eur_per_mw2", "cp1_eur_per_mw", "cp0_eur"])
    given = net.costs.set_index("source")
    terms.loc[given.index] = given[terms.columns]
    return [[2.0, 0.0, 0.0, 3.0, *map(float, row)] for row in terms.itertuples(index=False)]
