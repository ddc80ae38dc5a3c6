"""Reader of MATPOWER cases (version 2) as plain tables.

Zimmerman, Murillo-Sánchez (2020), MATPOWER User's Manual, tables B-1 to B-4, for columns and the model of a branch.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problems
from gridmodel.interchange.bus_branch import BusBranch, to_plain
from gridmodel.interchange.readers.guard import decode, fault, read_bytes
from gridmodel.interchange.readers.matlab import Case, parse_case
from gridmodel.network.plain import PlainNet

_NEEDED = {"bus": 13, "gen": 10, "branch": 11}
"""Fewest columns of each matrix."""
_READ = ("bus", "gen", "branch", "gencost", "bus_name", "genfuel", "dcline")
_IGNORED = ("version", "baseMVA", "gentype", "areas")
UNNAMED_KV = 1.0
"""Voltage of a bus given as 0. [kV] Powers per unit do not depend on it."""


def read_matpower(path: Path, problems: Problems, *, shown: str) -> PlainNet:
    """Read a MATPOWER case.

    Parameters
    ----------
    path
        The file, plain matrices of numbers.
    problems
        Collects what is wrong.
    shown
        Name of the file in messages.

    Raises
    ------
    InputError
        If the file as a whole cannot be read.
    """
    case = parse_case(decode(read_bytes(path, shown), shown), problems, shown=shown)
    if not case.matrices and not problems.found:
        raise InputError(fault(shown, "has no matrices of a MATPOWER case"))
    for name, width in _NEEDED.items():
        rows = case.matrices.get(name)
        if not rows:
            problems.add("is missing", table=shown, field=name)
        elif len(rows[0]) < width:
            message = f"has {len(rows[0])} columns, but needs at least {width}"
            problems.add(message, table=shown, row=case.places[name], field=name)
    base = case.scalars.get("baseMVA")
    if not isinstance(base, float) or not 0 < base < 1e9:
        problems.add("must be more than 0", table=shown, field="baseMVA", value=base)
    if str(case.scalars.get("version", "")) not in {"2", "2.0"}:
        problems.add("must be '2'", table=shown, field="version", value=case.scalars.get("version", ""))
    for name in {*case.matrices, *case.texts, *case.scalars} - {*_READ, *_IGNORED}:
        problems.add("is ignored", table=shown, row=case.places[name], field=name, severity="warning")
    problems.raise_if_any()
    buses, position = _buses(case, problems, shown=shown)
    branches = _branches(case, position, problems, shown=shown)
    sources = _sources(case, position, problems, shown=shown)
    direct = _direct(case, position, sources, problems, shown=shown)
    problems.raise_if_any()
    bus = np.array(case.matrices["bus"])
    loads = np.flatnonzero((bus[:, 2] != 0) | (bus[:, 3] != 0))
    pieces, constants = _pieces(case, problems, shown=shown)
    net = BusBranch(
        name=case.name or path.stem,
        base_mva=float(str(base)),
        f_hz=50.0,
        buses=buses,
        branches=branches,
        sources=sources,
        loads=pd.DataFrame({
            "name": buses["name"].to_numpy()[loads], "bus": loads, "p_mw": bus[loads, 2], "q_mvar": bus[loads, 3],
            "in_service": True,
        }),
        costs=_costs(case, constants, problems, shown=shown),
        pieces=pieces,
        direct=direct,
        lines=_places(case, loads),
    )  # fmt: skip
    problems.raise_if_any()
    return to_plain(net, shown=shown, path=path)


def _places(case: Case, loads: npt.NDArray[np.intp]) -> dict[str, list[int]]:
    bus = case.lines["bus"]
    return {
        "buses": bus,
        "branches": case.lines["branch"],
        "sources": case.lines["gen"],
        "loads": [bus[int(n)] for n in loads],
        "direct": case.lines.get("dcline", []),
    }


def _buses(case: Case, problems: Problems, *, shown: str) -> tuple[pd.DataFrame, dict[int, int]]:
    """Return buses, and the position of each number."""
    bus = np.array(case.matrices["bus"])
    lines = case.lines["bus"]
    position: dict[int, int] = {}
    for place, (number, kind) in enumerate(bus[:, :2]):
        if not 0 < number < 2**31 or number != round(number):
            problems.add(
                "must be a whole number from 1", table=shown, row=lines[place], field="BUS_I", value=f"{number:g}"
            )
            continue
        if int(number) in position:
            problems.add(
                "duplicates an earlier bus",
                table=shown,
                row=lines[place],
                field="BUS_I",
                value=int(number),
            )
        position.setdefault(int(number), place)
        if kind not in {1, 2, 3, 4}:
            problems.add("must be 1, 2, 3 or 4", table=shown, row=lines[place], field="BUS_TYPE", value=f"{kind:g}")
    for column, field in ((2, "PD"), (3, "QD"), (4, "GS"), (5, "BS"), (8, "VA"), (9, "BASE_KV")):
        for place in map(int, np.flatnonzero(~np.isfinite(bus[:, column]) | ((bus[:, column] < 0) & (column == 9)))):
            value = f"{bus[place, column]:g}"
            problems.add("is not a valid number here", table=shown, row=lines[place], field=field, value=value)
    names = case.texts.get("bus_name", [])
    named = len(names) == len(bus)
    unnamed = bus[:, 9] == 0
    if unnamed.any():
        message = f"is 0 at {int(unnamed.sum())} buses: taken as {UNNAMED_KV:g} kV"
        problems.add(message, table=shown, row=lines[int(unnamed.argmax())], field="BASE_KV", severity="warning")
    table = pd.DataFrame({
        "name": names if named else [_label(number) for number in bus[:, 0]], "vn_kv": np.where(unnamed, UNNAMED_KV,
            bus[:, 9]),
        "zone": [_label(zone) for zone in bus[:, 10]],
        "area": [_label(area) for area in bus[:, 6]], "in_service": bus[:, 1] != 4,
        "gs_mw": bus[:, 4],
            "bs_mvar": bus[:, 5],
        "min_vm_pu": bus[:, 12], "max_vm_pu": bus[:, 11],
    })  # fmt: skip
    return table, position


def _label(number: float) -> str:
    return f"{number:.0f}" if np.isfinite(number) and number == round(number) else f"{number:g}"


def _branches(case: Case, position: dict[int, int], problems: Problems, *, shown: str) -> pd.DataFrame:
    branch = np.array(case.matrices["branch"])
    lines = case.lines["branch"]
    ends = [_found(branch[:, column], position, lines, problems, shown=shown, field=field)
            for column, field in ((0, "F_BUS"), (1, "T_BUS"))]  # fmt: skip
    for column, field in ((2, "BR_R"), (3, "BR_X"), (4, "BR_B"), (8, "TAP"), (9, "SHIFT")):
        for place in map(int, np.flatnonzero(~np.isfinite(branch[:, column]))):
            problems.add("is not a finite number", table=shown, row=lines[place], field=field)
    for place in map(int, np.flatnonzero(branch[:, 8] < 0)):
        problems.add("must not be negative", table=shown, row=lines[place], field="TAP", value=f"{branch[place, 8]:g}")
    rated = branch[:, 5]
    for place in map(int, np.flatnonzero(np.isnan(rated) | (rated < 0))):
        message = "must be 0, which is unlimited, or more"
        problems.add(message, table=shown, row=lines[place], field="RATE_A", value=f"{rated[place]:g}")
    tap = np.where(branch[:, 8] == 0, 1.0, branch[:, 8])
    names = [f"{_label(start)}-{_label(end)}" for start, end in branch[:, :2]]
    return pd.DataFrame({
        "name": names, "from_bus": ends[0], "to_bus": ends[1], "r_pu": branch[:, 2], "x_pu": branch[:, 3],
            "g_pu": 0.0, "b_pu": branch[:, 4],
        "tap": tap, "shift_degree": branch[:, 9], "rate_mva": np.where(np.isinf(rated), 0.0, rated),
        "in_service": branch[:, 10] > 0, "line": branch[:, 8] == 0,
    })  # fmt: skip


def _found(
    numbers: Floats, position: dict[int, int], lines: list[int], problems: Problems, *, shown: str, field: str
) -> list[int]:
    """Return positions of buses; unknown numbers are noted."""
    places = []
    for place, number in enumerate(numbers):
        known = position.get(int(number)) if np.isfinite(number) and number == round(number) else None
        if known is None:
            problems.add("is not a bus", table=shown, row=lines[place], field=field, value=f"{number:g}")
        places.append(known or 0)
    return places


def _sources(case: Case, position: dict[int, int], problems: Problems, *, shown: str) -> pd.DataFrame:
    """Return generators: the first at each reference bus is the connection to the outside grid.

    A generator in service at a PQ bus injects its power without controlling the voltage. One with a negative PMIN and
    no PMAX above 0 is a dispatchable load, whose demand is -PMIN, whatever PG is.
    """
    gen = np.array(case.matrices["gen"])
    bus = np.array(case.matrices["bus"])
    lines = case.lines["gen"]
    place = np.array(_found(gen[:, 0], position, lines, problems, shown=shown, field="GEN_BUS"), dtype=np.intp)
    for column, field in ((1, "PG"), (2, "QG"), (5, "VG")):
        for row in map(int, np.flatnonzero(~np.isfinite(gen[:, column]))):
            problems.add("is not a finite number", table=shown, row=lines[row], field=field)
    on = gen[:, 7] > 0
    fuels = case.texts.get("genfuel", [])
    kind = np.where(bus[place, 1] == 2, "gen", np.where(bus[place, 1] == 3, "gen", "sgen")).astype(object)
    takes = (gen[:, 9] < 0) & (gen[:, 8] <= 0)
    _mark_references(case, bus[:, 1], place, on, takes, kind, problems, shown=shown)
    return pd.DataFrame({
        "name": [f"{_label(number)}" for number in gen[:, 0]], "bus": place, "kind": kind, "p_mw": gen[:, 1],
        "q_mvar": gen[:, 2], "vm_pu": _one_voltage(gen[:, 5], place, on & (kind != "sgen")), "va_degree": bus[place, 8],
        "technology": fuels if len(fuels) == len(gen) else None,
        "need_mw": np.where(takes, -gen[:, 9], np.nan),
        "in_service": on, "min_p_mw": gen[:, 9], "max_p_mw": gen[:, 8], "min_q_mvar": gen[:, 4], "max_q_mvar": gen[:,
            3],
    })  # fmt: skip


def _direct(
    case: Case, position: dict[int, int], sources: pd.DataFrame, problems: Problems, *, shown: str
) -> pd.DataFrame:
    """Return direct-current lines: of what is sent, LOSS0 and LOSS1 times it are lost, within PMIN and PMAX.

    MATPOWER User's Manual, table B-5. A source in service at an end sets the voltage there.
    """
    rows = case.matrices.get("dcline")
    if not rows:
        return pd.DataFrame()
    lines = case.lines["dcline"]
    if len(rows[0]) < 17:
        message = f"has {len(rows[0])} columns, but needs at least 17"
        problems.add(message, table=shown, row=case.places["dcline"], field="dcline")
        return pd.DataFrame()
    line = np.array(rows)
    ends = [_found(line[:, column], position, lines, problems, shown=shown, field=field)
            for column, field in ((0, "F_BUS"), (1, "T_BUS"))]  # fmt: skip
    for column, field in ((3, "PF"), (7, "VF"), (8, "VT"), (9, "PMIN"), (10, "PMAX"), (15, "LOSS0"), (16, "LOSS1")):
        for place in map(int, np.flatnonzero(~np.isfinite(line[:, column]))):
            problems.add("is not a finite number", table=shown, row=lines[place], field=field)
    holds = sources[sources["in_service"].to_numpy(dtype=bool) & (sources["kind"] != "sgen").to_numpy()]
    held = dict(zip(holds["bus"], holds["vm_pu"], strict=True))
    volts = [
        [float(held.get(bus, volt)) for bus, volt in zip(end, line[:, column], strict=True)]
        for end, column in zip(ends, (7, 8), strict=True)
    ]
    return pd.DataFrame({
        "name": [f"{_label(start)}-{_label(end)}" for start, end in line[:, :2]],
        "from_bus": ends[0], "to_bus": ends[1], "p_mw": line[:, 3], "loss_percent": 100.0 * line[:, 16],
        "loss_mw": line[:, 15], "vm_from_pu": volts[0], "vm_to_pu": volts[1],
        "min_p_mw": line[:, 9], "max_p_mw": line[:, 10],
        "min_q_from_mvar": line[:, 11], "max_q_from_mvar": line[:, 12],
        "min_q_to_mvar": line[:, 13], "max_q_to_mvar": line[:, 14], "in_service": line[:, 2] > 0,
    })  # fmt: skip


def _mark_references(  # noqa: PLR0917 - columns of generators
    case: Case, types: Floats, place: npt.NDArray[np.intp], on: npt.NDArray[np.bool_], takes: npt.NDArray[np.bool_],
    kind: npt.NDArray[np.object_], problems: Problems, *, shown: str,
) -> None:  # fmt: skip
    """Mark the first generator in service at each reference; without any, as MATPOWER does, at the first PV bus.

    A dispatchable load is marked only where no other is: as a reference its demand would be lost.
    """
    marked = [_givers_first(np.flatnonzero((place == reference) & on), takes)
              for reference in np.flatnonzero(types == 3)]  # fmt: skip
    running = [here[0] for here in marked if len(here)]
    empty = [reference for reference, here in zip(np.flatnonzero(types == 3), marked, strict=True) if not len(here)]
    if not running:
        others = [bus for bus in np.unique(place[on]) if types[bus] == 2]
        if others:
            running = [_givers_first(np.flatnonzero((place == others[0]) & on), takes)[0]]
    kind[running] = "ext_grid"
    for reference in empty:
        row, field = case.lines["bus"][reference], "BUS_TYPE"
        message = "is the reference, but has no generator in service"
        if not running:
            problems.add(message, table=shown, row=row, field=field, hint="and no other bus controls its voltage")
            continue
        bus = _label(case.matrices["bus"][int(place[running[0]])][0])
        problems.add(
            f"{message}: bus {bus} is taken in its place", table=shown, row=row, field=field, severity="warning"
        )


def _givers_first(rows: npt.NDArray[np.intp], takes: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    return rows[np.argsort(takes[rows], kind="stable")]


def _one_voltage(volts: Floats, place: npt.NDArray[np.intp], holds: npt.NDArray[np.bool_]) -> Floats:
    """Return voltage set points; the last generator at a bus decides, as in MATPOWER. [1]"""
    found = volts.copy()
    for bus in np.unique(place[holds]):
        here = np.flatnonzero((place == bus) & holds)
        found[here] = volts[here[-1]]
    return found


def _pieces(case: Case, problems: Problems, *, shown: str) -> tuple[pd.DataFrame, dict[int, float]]:
    """Return piecewise linear costs of active power as areas of one slope, and the cost at no output. [EUR/h]"""
    rows = case.matrices.get("gencost", [])[: len(case.matrices["gen"])]
    found, constants = [], {}
    for source, (row, line) in enumerate(zip(rows, case.lines.get("gencost", []), strict=False)):
        if row[0] != 1:
            continue
        count = int(row[3]) if len(row) > 4 and np.isfinite(row[3]) else 0
        points = np.array(row[4 : 4 + 2 * count])
        if count < 2 or len(points) < 2 * count or not np.isfinite(points).all() or (np.diff(points[::2]) <= 0).any():
            message = "is not a list of points of rising output, and is ignored"
            problems.add(message, table=shown, row=line, field="gencost", severity="warning")
            continue
        p, cost = points[::2], points[1::2]
        slope = np.diff(cost) / np.diff(p)
        areas = [[float(a), float(b), float(c)] for a, b, c in zip(p, p[1:], slope, strict=False)]
        found.append({"source": source, "points": areas})
        if cost[0] != p[0] * slope[0]:
            constants[source] = float(cost[0] - p[0] * slope[0])
    return pd.DataFrame(found), constants


def _costs(case: Case, constants: dict[int, float], problems: Problems, *, shown: str) -> pd.DataFrame:
    """Return costs of active power up to the square; a warning says which are ignored."""
    rows = case.matrices.get("gencost", [])[: len(case.matrices["gen"])]
    found = []
    for source, (row, line) in enumerate(zip(rows, case.lines.get("gencost", []), strict=False)):
        if row[0] == 1:
            if source in constants:
                cost = {"cp0_eur": constants[source], "cp1_eur_per_mw": 0.0, "cp2_eur_per_mw2": 0.0}
                found.append({"source": source, **cost})
            continue
        count = int(row[3]) if len(row) > 4 and np.isfinite(row[3]) else 0
        terms = row[4 : 4 + count][::-1]
        if row[0] != 2 or not 1 <= count <= 3 or len(terms) < count or not np.isfinite(terms).all():
            message = "is not a polynomial up to the square, and is ignored"
            problems.add(message, table=shown, row=line, field="gencost", severity="warning")
            continue
        cp0, cp1, cp2 = [*terms, 0.0, 0.0][:3]
        found.append({"source": source, "cp0_eur": cp0, "cp1_eur_per_mw": cp1, "cp2_eur_per_mw2": cp2})
    return pd.DataFrame(found)
