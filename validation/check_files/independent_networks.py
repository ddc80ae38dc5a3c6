"""Readings of network files by other programs: matpowercaseframes, pandapower, PyPSA, PowSyBl. Nothing here calls ours.

Each gives buses, demand, capacity, flows of the DC power flow, and the least cost of serving demand under DC flow.
"""

# ruff: noqa: ANN401, C901, PLR0912, PLR0915, DOC501 - objects of other programs, and their matrices one by one

from __future__ import annotations

import re
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats

SHED = 1e5
"""Cost of load that is not served, in the programme of both. [EUR/MWh]"""
PIECES = 300
"""Pieces of a quadratic cost, the finer the lower the output. Ours: at a hundredth of full output 0.1 % more, above it
less."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a program makes of a file."""

    program: str
    buses: int
    demand_mw: float
    capacity_mw: float | None
    """Largest output of generators in service; None where files leave it open."""
    flows_mw: Floats | None = None
    """Sizes of flows of the DC power flow, in order; None where it has none."""
    cost: float | None = None
    """Least cost with load shed at `SHED`; None where it is not worked out. [EUR/h]"""


@dataclass(slots=True)
class Programme:
    """Least cost of serving demand under DC power flow, as one linear programme of SciPy."""

    buses: int
    start: Any = field(default_factory=lambda: np.zeros(0, int))
    end: Any = field(default_factory=lambda: np.zeros(0, int))
    susceptance: Any = field(default_factory=lambda: np.zeros(0))
    shift: Any = field(default_factory=lambda: np.zeros(0))
    limit: Any = field(default_factory=lambda: np.zeros(0))
    gen_bus: list[int] = field(default_factory=list)
    gen_max: list[float] = field(default_factory=list)
    gen_cost: list[float] = field(default_factory=list)
    load_bus: list[int] = field(default_factory=list)
    load_mw: list[float] = field(default_factory=list)
    constant: float = 0.0

    def generator(self, bus: int, most: float, cost: tuple[float, float, float], pieces: Any = None) -> None:
        """Add a generator with a cost up to the square, or with areas from, to and slope."""
        if most <= 0:
            return
        self.constant += cost[0]
        if pieces is not None:
            for low, high, slope in pieces:
                self._piece(bus, min(high, most) - max(low, 0.0), slope)
        elif cost[2] > 0:
            edges = most * np.linspace(0.0, 1.0, PIECES + 1) ** 2
            slopes = cost[1] + cost[2] * (edges[1:] + edges[:-1])
            for width, slope in zip(np.diff(edges), slopes, strict=True):
                self._piece(bus, width, slope)
        else:
            self._piece(bus, most, cost[1])

    def _piece(self, bus: int, width: float, slope: float) -> None:
        if width > 0:
            self.gen_bus.append(bus)
            self.gen_max.append(width)
            self.gen_cost.append(slope)

    def load(self, bus: int, mw: float) -> None:
        """Add demand; negative demand is power that may be spilled."""
        if mw > 0:
            self.load_bus.append(bus)
            self.load_mw.append(mw)
        elif mw < 0:
            self._piece(bus, -mw, 0.0)

    def cost(self) -> float:
        """Return the least cost. [EUR/h]"""
        from scipy.optimize import linprog
        from scipy.sparse import coo_array, hstack, vstack

        gens, loads, lines, n = len(self.gen_bus), len(self.load_bus), len(self.start), self.buses

        def at(bus: Any, values: Any, columns: int) -> Any:
            return coo_array((values, (np.asarray(bus, int), np.arange(columns))), shape=(n, columns))

        incidence = at(self.start, np.ones(lines), lines) - at(self.end, np.ones(lines), lines)
        balance = hstack([at(self.gen_bus, np.ones(gens), gens), at(self.load_bus, np.ones(loads), loads), -incidence,
                          coo_array((n, n))])  # fmt: skip
        b = np.asarray(self.susceptance)
        middle = float(np.median(np.abs(b))) if lines else 1.0
        law = hstack([coo_array((lines, gens + loads)), _diagonal(middle / b), -incidence.T])
        need = np.bincount(self.load_bus, self.load_mw, n) if loads else np.zeros(n)
        right = np.concatenate([need, -middle * np.asarray(self.shift)])
        low = np.concatenate([np.zeros(gens + loads), -np.asarray(self.limit), np.full(n, -np.inf)])
        high = np.concatenate([self.gen_max, self.load_mw, self.limit, np.full(n, np.inf)])
        prices = np.concatenate([self.gen_cost, np.full(loads, SHED), np.zeros(lines + n)])
        solve: Any = linprog  # its types know no sparse matrices
        found = solve(
            prices, A_eq=vstack([balance, law]), b_eq=right, bounds=np.column_stack([low, high]), method="highs"
        )
        if found.fun is None:
            raise ValueError(found.message)
        return float(found.fun) + self.constant


def _diagonal(values: Any) -> Any:
    from scipy.sparse import diags_array

    return diags_array(np.asarray(values, float))


def _flows(programme: Programme, injected: Floats, slack: list[int], angles: Floats) -> Floats:
    """Return the DC power flow of the parts of a net with a reference; references hold their angles. [MW]"""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import spsolve

    n, lines = programme.buses, len(programme.start)
    incidence = coo_array(
        (np.r_[np.ones(lines), -np.ones(lines)], (np.r_[programme.start, programme.end], np.r_[:lines, :lines])),
        shape=(n, lines),
    ).tocsr()
    b, shift = np.asarray(programme.susceptance), np.asarray(programme.shift)
    matrix = (incidence @ _diagonal(b) @ incidence.T).tocsr()
    right = injected + incidence @ (b * shift)
    _, part = connected_components(matrix, directed=False)
    held = np.isin(part, part[slack])
    free = np.setdiff1d(np.flatnonzero(held), slack)
    angle = np.zeros(n)
    angle[slack] = angles
    right = right - matrix @ angle
    angle[free] = spsolve(matrix[free][:, free].tocsc(), right[free]) if len(free) else []
    flow = np.asarray(b * (incidence.T @ angle - shift))
    return np.asarray(flow[held[programme.start]])


def ordered(flows: Floats) -> Floats:
    """Return sizes of flows in order, those that are 0 left out. [MW]"""
    sizes = np.abs(flows[np.isfinite(flows)])
    return np.sort(sizes[sizes > 1e-6])


def matpower(path: Path, *, dispatch: bool) -> Reading:
    """Read a MATPOWER case with matpowercaseframes; conversions of units, which it passes over, are done here."""
    from matpowercaseframes import CaseFrames

    text = path.read_text(encoding="utf-8-sig", errors="replace")
    worked = re.sub(r"([\d.]+)/sqrt\(3\)", lambda found: repr(float(found[1]) / 3**0.5), text)
    worked = re.sub(
        r"(?<=[\s\[])([-+]?\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)(?=[\s;])",
        lambda found: repr(float(found[1]) / float(found[2])),
        worked,
    )
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        copy = Path(folder) / path.name
        copy.write_text(worked, encoding="utf-8")
        case = CaseFrames(str(copy))
    bus, gen, branch = (np.asarray(getattr(case, name), dtype=float) for name in ("bus", "gen", "branch"))
    base = float(case.baseMVA)
    code = re.sub(r"%.*", "", text)
    if re.search(r"mpc\.bus\(:, \[PD, QD\]\) = mpc\.bus\(:, \[PD, QD\]\) / 1e3", code):
        bus[:, 2:4] /= 1e3
    if re.search(r"mpc\.branch\(:, \[BR_R,? BR_X\]\) = mpc\.branch\(:, \[BR_R,? BR_X\]\) / \(Vbase\^2 / Sbase\)", code):
        branch[:, 2:4] /= (bus[0, 9] * 1e3) ** 2 / (base * 1e6)
    factor = re.search(r"(?m)^pf = ([\d.]+);", code)
    if factor and re.search(r"mpc\.bus\(:, PD\) = mpc\.bus\(:, PD\) \* pf", code):
        bus[:, 2] *= float(factor[1])
    place = {int(number): n for n, number in enumerate(bus[:, 0])}
    alive = bus[:, 1] != 4
    made = Programme(len(bus))
    ends = np.array([[place[int(a)], place[int(b)]] for a, b in branch[:, :2]]).reshape(-1, 2)
    on = (branch[:, 10] > 0) & alive[ends[:, 0]] & alive[ends[:, 1]]
    ends, live = ends[on], branch[on]
    tap = np.where(live[:, 8] == 0, 1.0, live[:, 8])
    made.start, made.end = ends[:, 0], ends[:, 1]
    made.susceptance, made.shift = base / (live[:, 3] * tap), np.radians(live[:, 9])
    made.limit = np.where(live[:, 5] > 0, live[:, 5], np.inf)
    running = (gen[:, 7] > 0) & alive[[place[int(number)] for number in gen[:, 0]]]
    at = np.array([place[int(number)] for number in gen[:, 0]])
    capacity = float(gen[(gen[:, 7] > 0) & (gen[:, 8] > 0), 8].sum())
    injected = -np.where(alive, bus[:, 2] + bus[:, 4], 0.0)
    direct = np.asarray(getattr(case, "dcline", np.zeros((0, 17))), dtype=float)
    for row in direct[direct[:, 2] > 0]:
        injected[place[int(row[0])]] -= row[3]
        injected[place[int(row[1])]] += row[3] * (1 - row[16]) - row[15]
    np.add.at(injected, at[running], gen[running, 1])
    references = [n for n in np.flatnonzero(bus[:, 1] == 3) if (at[running] == n).any()]
    chosen = references or [n for n in np.unique(at[running]) if bus[n, 1] == 2][:1]
    flows = None
    if chosen and (live[:, 3] != 0).all():
        flows = ordered(_flows(made, injected, [int(n) for n in chosen], np.radians(bus[chosen, 8])))
    reading: dict[str, Any] = {
        "buses": len(bus),
        "demand_mw": float(bus[:, 2].sum()),
        "capacity_mw": capacity,
        "flows_mw": flows,
    }
    if not dispatch or len(direct) or (live[:, 3] == 0).any() or (running & (gen[:, 8] <= 0) & (gen[:, 1] < 0)).any():
        return Reading("matpowercaseframes", **reading)
    for n in map(int, np.flatnonzero(alive)):
        made.load(n, bus[n, 2])
        made.load(n, bus[n, 4])
    costs = np.asarray(getattr(case, "gencost", np.zeros((0, 7))), dtype=float)
    for n in map(int, np.flatnonzero(running)):
        cost, pieces = _matpower_cost(costs[n]) if n < len(costs) else ((0.0, 0.0, 0.0), None)
        made.generator(int(at[n]), float(gen[n, 8]), cost, pieces)
    negative = any(slope < 0 for slope in made.gen_cost)
    return Reading("matpowercaseframes", **reading, cost=None if negative else made.cost())


def _matpower_cost(row: Floats) -> tuple[tuple[float, float, float], Any]:
    count = int(row[3])
    if row[0] == 2:
        terms = [float(np.nan_to_num(term)) for term in row[4 : 4 + count][::-1]]
        cp0, cp1, cp2 = [*terms, 0.0, 0.0, 0.0][:3]
        return (cp0, cp1, cp2), None
    p, cost = row[4 : 4 + 2 * count : 2], row[5 : 5 + 2 * count : 2]
    slope = np.diff(cost) / np.diff(p)
    areas = list(zip(p[:-1], p[1:], slope, strict=True))
    return (float(cost[0] - p[0] * slope[0]), 0.0, 0.0), [(min(areas[0][0], 0.0), *areas[0][1:]), *areas[1:]]


def pandapower(path: Path, *, dispatch: bool) -> Reading:
    """Read JSON with pandapower's own reader; the programme is made of the matrices of its DC power flow."""
    import pandapower as pp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = pp.from_json(str(path))
        return of_net("pandapower", net, dispatch=dispatch)


def flows_of_net(net: Any) -> Floats | None:
    """Return flows of pandapower's DC power flow; None if it does not come to an end."""
    import pandapower as pp

    try:
        pp.rundcpp(net, numba=False)
    except Exception:  # noqa: BLE001 - of another program, whatever it is
        return None
    columns = {"line": "p_from_mw", "trafo": "p_hv_mw", "trafo3w": "p_hv_mw", "impedance": "p_from_mw"}
    found = [net[f"res_{name}"][column].to_numpy(float) for name, column in columns.items() if len(net[f"res_{name}"])]
    return ordered(np.concatenate(found)) if found else np.zeros(0)


def _on(frame: Any) -> Any:
    return frame[frame["in_service"].to_numpy(bool)]


def _most(frame: Any) -> Floats:
    scaling = frame["scaling"].fillna(1.0) if "scaling" in frame else 1.0
    power = (frame["p_mw"] * scaling).to_numpy(float) if "p_mw" in frame else np.full(len(frame), np.inf)
    most = frame["max_p_mw"].to_numpy(float) if "max_p_mw" in frame else np.full(len(frame), np.nan)
    return np.maximum(np.where(np.isnan(most), power, most), 0.0)


def of_net(program: str, net: Any, *, dispatch: bool) -> Reading:
    """Return what a pandapower net says."""
    load = _on(net.load)
    demand = float((load.p_mw * load.scaling).sum())
    finite = [_most(_on(net[name])) for name in ("gen", "sgen", "ext_grid")]
    capacity = float(sum(most[np.isfinite(most)].sum() for most in finite))
    flows = flows_of_net(net)
    cost = _cost_of_net(net) if dispatch and flows is not None else None
    return Reading(program, len(net.bus), demand, capacity, flows, cost)


def _limits(net: Any) -> Floats:
    """Return the limits of the branches of pandapower's matrices that are in service. [MVA]"""
    rows = net._ppc["branch"].real  # noqa: SLF001 - made by its power flow
    limit = np.full(len(rows), np.inf)
    for table, (first, last) in net._pd2ppc_lookups["branch"].items():  # noqa: SLF001
        if table not in {"line", "trafo"} or "max_loading_percent" not in net[table]:
            continue
        frame = net[table]
        if table == "line":
            size = frame.max_i_ka * frame.df * frame.parallel * np.sqrt(3) * net.bus.vn_kv[frame.from_bus].to_numpy()
        else:
            size = frame.sn_mva * frame.df * frame.parallel
        found = (size * frame.max_loading_percent / 100).to_numpy(float)
        limit[first:last] = np.where(np.isfinite(found), found, np.inf)
    return np.asarray(limit[rows[:, 10] > 0])


def _cost_of_net(net: Any) -> float | None:
    """Return the least cost on the matrices that pandapower made; None for nets with what it leaves open."""
    for table in ("storage", "dcline", "ward", "xward", "motor", "asymmetric_load", "pwl_cost"):
        if len(net[table]) and (table == "pwl_cost" or _on(net[table]).shape[0]):
            return None
    for table in ("gen", "sgen"):
        if ((_on(net[table]).p_mw < 0) & (_most(_on(net[table])) == 0)).any():
            return None
    ppc, lookup = net._ppc["internal"], net._pd2ppc_lookups["bus"]  # noqa: SLF001 - made by its power flow
    branch, count = ppc["branch"].real, len(ppc["bus"])
    made = Programme(count)
    made.start, made.end = branch[:, 0].astype(int), branch[:, 1].astype(int)
    tap = np.where(branch[:, 8] == 0, 1.0, branch[:, 8])
    made.susceptance, made.shift = ppc["baseMVA"] / (branch[:, 3] * tap), np.radians(branch[:, 9])
    made.limit = _limits(net)
    of = {int(b): int(lookup[b]) for b in net.bus.index}
    if (net._ppc["bus"][:, 1] == 4).any() or len(net._ppc["bus"]) != count:  # noqa: SLF001 - parts left out
        return None
    load = _on(net.load)
    for bus, mw in zip(load.bus, load.p_mw * load.scaling, strict=True):
        made.load(of[int(bus)], float(mw))
    shunt = _on(net.shunt)
    for bus, mw in zip(shunt.bus, shunt.p_mw * shunt.step, strict=True):
        made.load(of[int(bus)], float(mw))
    cost = {(row.et, int(row.element)): row for row in net.poly_cost.itertuples()}
    whole = sum(made.load_mw) * 2
    for table in ("gen", "sgen", "ext_grid"):
        frame = _on(net[table])
        for index, bus, most in zip(frame.index, frame.bus, _most(frame), strict=True):
            row = cost.get((table, int(index)))
            terms = (row.cp0_eur, row.cp1_eur_per_mw, row.cp2_eur_per_mw2) if row is not None else (0.0, 0.0, 0.0)
            made.generator(of[int(bus)], min(float(most), whole), terms)
    return None if any(slope < 0 for slope in made.gen_cost) else made.cost()


def pypsa(path: Path, *, dispatch: bool) -> Reading:
    """Read a network with PyPSA, and run its linear power flow and optimisation at the first snapshot."""
    import logging

    import pypsa as program

    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = program.Network(str(path))
        name = f"PyPSA {program.__version__}"
        return _of_pypsa(net, name, dispatch=dispatch)


def _of_pypsa(net: Any, program: str, *, dispatch: bool) -> Reading:
    now = net.snapshots[0]
    electric = net.buses.index[net.buses.carrier.isin(["AC", "DC", "", "electricity"])]
    loads = net.loads[net.loads.bus.isin(electric)]
    power = net.get_switchable_as_dense("Load", "p_set").loc[now, loads.index]
    demand = float(-(loads.sign * power).sum())
    gens = net.generators[net.generators.bus.isin(electric)]
    sizes = (("generators", "p_nom"), ("lines", "s_nom"), ("links", "p_nom"), ("transformers", "s_nom"),
             ("storage_units", "p_nom"))  # fmt: skip
    frames = [(net.c[name].static, size) for name, size in sizes]
    solved = any((frame[f"{size}_extendable"] & (frame[f"{size}_opt"] > 0)).any() for frame, size in frames)
    for frame, size in frames:
        chosen = frame[f"{size}_extendable"] & solved
        frame.loc[chosen, size] = frame.loc[chosen, f"{size}_opt"].clip(lower=0.0)
        frame[f"{size}_extendable"] = False
    gens = net.generators[net.generators.bus.isin(electric)]
    most = net.get_switchable_as_dense("Generator", "p_max_pu").loc[now, gens.index] * gens.p_nom
    storage = net.storage_units
    have = storage.state_of_charge_initial.where(~storage.cyclic_state_of_charge, 0.0)
    have += net.get_switchable_as_dense("StorageUnit", "inflow").loc[now]
    held = float(np.minimum(storage.p_nom * storage.p_max_pu, have * storage.efficiency_dispatch).clip(lower=0).sum())
    capacity = float(most.sum()) + held
    cost = None
    if dispatch:
        net.set_snapshots(net.snapshots[:1])
        net.snapshot_weightings.loc[:, :] = 1.0
        net.remove("GlobalConstraint", list(net.global_constraints.index))
        net.storage_units.loc[:, "cyclic_state_of_charge"] = False
        net.storage_units.loc[storage.index, "state_of_charge_initial"] = (
            have - net.get_switchable_as_dense("StorageUnit", "inflow").loc[now]
        )
        net.storage_units.loc[:, "p_min_pu"] = 0.0
        for name in ("links", "generators", "storage_units"):
            net.c[name].dynamic.p_set = net.c[name].dynamic.p_set.iloc[:, :0]
        net.add("Generator", [f"shed {bus}" for bus in electric], bus=electric, p_nom=1e7, marginal_cost=SHED)
        net.optimize(solver_name="highs", solver_options={"output_flag": False}, log_to_console=False)
        cost = float(net.objective)
    return Reading(program, len(electric), demand, capacity, None, cost)


def powsybl(path: Path, *, dispatch: bool) -> Reading:
    """Read a file with PowSyBl, and run its DC power flow."""
    del dispatch
    import pypowsybl

    net = pypowsybl.network.load(str(path))
    loads = net.get_loads()
    loads = loads[loads.connected]
    alone = net.get_dangling_lines()
    alone = alone[alone.connected & ~alone.paired]
    gens, batteries = net.get_generators(), net.get_batteries()
    capacity = sum(
        float(some[some.connected & (some.max_p > 0)].max_p.sum()) for some in (gens, batteries) if len(some)
    )
    three = net.get_3_windings_transformers()
    return Reading(f"PowSyBl {pypowsybl.__version__}", len(net.get_buses()) + len(three),
                   float(loads.p0.sum() + alone.p0.sum()), capacity, powsybl_flows(net))  # fmt: skip


def powsybl_flows(net: Any) -> Floats | None:
    """Return flows of PowSyBl's DC power flow of every part, without its sharing of slack. [MW]"""
    import pypowsybl.loadflow as flow

    gens = net.get_generators()
    at = [bus for bus in gens[gens.connected].bus_id if bus]
    slack = net.get_extensions("slackTerminal")
    chosen = [bus for bus in slack.get("bus_id", []) if bus in at] or at[:1]
    given = flow.Parameters(
        distributed_slack=False, dc_use_transformer_ratio=True, read_slack_bus=False,
        component_mode=flow.ComponentMode.ALL_CONNECTED,
        provider_parameters={"slackBusSelectionMode": "NAME", "slackBusesIds": ",".join(chosen)},
    )  # fmt: skip
    if flow.run_dc(net, given)[0].status != flow.ComponentStatus.CONVERGED:
        return None
    three = net.get_3_windings_transformers()
    parts = [net.get_lines().p1, net.get_2_windings_transformers().p1, three.p1, three.p2, three.p3]
    return ordered(np.concatenate([pd.Series(part).to_numpy(float) for part in parts if len(part)]))
