"""One engine on a file of snapshots, timed: ``python benchmarks/engine.py ENGINE FILE COUNT BATCH``.

Prints a line of JSON: seconds of processor time of solving (building the model once is not counted, building it per
snapshot is), and the cost of each snapshot, shedding included. Processor time, so that others on the machine don't count;
the cost, which is there to be compared, is added up outside it where an engine does not hand it over.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np


def load(path: str, count: int) -> dict[str, np.ndarray]:
    """Arrays of the first snapshots."""
    data = dict(np.load(path))
    for name in ("need", "available", "share"):
        data[name] = data[name][:count]
    return data


def gridmodel(data: dict[str, np.ndarray], batch: int) -> tuple[float, np.ndarray]:
    """This engine, in sequential batches."""
    from gridmodel.dispatch import Dispatcher
    from gridmodel.network import Grid

    skip = {"need", "available", "share"}
    fields = {name: value for name, value in data.items() if name not in skip}
    fields |= {"buses": int(data["buses"]), "regions": int(data["regions"])}
    grid = Grid(**fields)
    few = slice(0, batch if batch < len(data["need"]) else 1000)
    # compiling, once an installation, is told apart
    begun = time.process_time()
    Dispatcher(grid).solve(data["need"][few], data["available"][few], branch_share=data["share"][few])
    sys.stderr.write(f"first batch: {time.process_time() - begun:.2f} s\n")
    engine = Dispatcher(grid)
    cost, total = np.zeros(len(data["need"])), 0.0
    for first in range(0, len(cost), batch):
        rows = slice(first, first + batch)
        begun = time.process_time()
        got = engine.solve(data["need"][rows], data["available"][rows], branch_share=data["share"][rows])
        total += time.process_time() - begun
        shed = data["need"][rows] - got.served_mw
        cost[rows] = (got.generation_mw * grid.generator_cost).sum(axis=1) + (shed * grid.load_cost).sum(axis=1)
    return total, cost


def highs(
    data: dict[str, np.ndarray], batch: int, before: Callable[[int], object] = lambda _: None,  # noqa: ARG001
) -> tuple[float, np.ndarray]:  # fmt: skip
    """One warm HiGHS model: angles, flows as columns, loads by bus and cost; a snapshot only changes bounds.

    Before each of them `before` is called with its number.
    """
    import highspy
    from scipy.sparse import coo_array, csc_array, hstack, vstack

    start, end, b = data["branch_from"], data["branch_to"], data["susceptance_mw"]
    n, m, g = int(data["buses"]), len(start), len(data["generator_bus"])
    keys, load = np.unique(np.c_[data["load_bus"], data["load_cost"]], axis=0, return_inverse=True)
    load, k = load.reshape(-1), len(keys)
    place = lambda bus, count: coo_array((np.ones(count), (bus.astype(int), np.arange(count))), shape=(n, count))  # noqa: E731
    link = coo_array(
        (np.r_[np.ones(m), -np.ones(m)], (np.r_[start, end], np.r_[np.arange(m), np.arange(m)])), shape=(n, m)
    )
    unit = np.median(
        b
    )  # angles in a unit in which coefficients are near one: on large grids HiGHS else finds no answer
    kirchhoff = hstack([csc_array((m, g + k)), csc_array(np.eye(m)), -csc_array((link.T).multiply(b[:, None] / unit))])
    balance = hstack([place(data["generator_bus"], g), place(keys[:, 0], k), -link, csc_array((n, n))])
    matrix = csc_array(vstack([balance, kirchhoff]))
    need = np.zeros((len(data["need"]), k))
    np.add.at(need.T, load, data["need"].T)
    at_bus = np.zeros((len(need), n))
    np.add.at(at_bus.T, data["load_bus"], data["need"].T)
    inf = highspy.kHighsInf
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = np.r_[data["generator_cost"], keys[:, 1], np.zeros(m + n)]
    lp.col_lower_, lp.col_upper_ = np.r_[np.zeros(g + k), np.full(m + n, -inf)], np.full(matrix.shape[1], inf)
    lp.row_lower_ = lp.row_upper_ = np.zeros(matrix.shape[0])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(lp)
    cost = np.zeros(len(need))
    columns = np.arange(g + k + m, dtype=np.int32)
    begun = time.process_time()
    for s in range(len(cost)):
        before(s)
        on = data["share"][s] > 0
        rating = np.where(on, data["rating_mw"] * np.where(on, data["share"][s], 1.0), 0.0)
        upper = np.r_[data["available"][s], need[s], np.minimum(rating, inf)]
        lower = np.r_[np.zeros(g + k), -np.minimum(rating, inf)]
        solver.changeColsBounds(len(columns), columns, lower, upper)
        free = np.where(on, 0.0, inf)
        every = np.arange(n + m, dtype=np.int32)
        solver.changeRowsBounds(n + m, every, np.r_[at_bus[s], -free], np.r_[at_bus[s], free])
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:  # a warm start that led astray
            solver.clearSolver()
            solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:  # a simplex that calls it unbounded
            solver.clearSolver()
            solver.setOptionValue("solver", "ipm")
            solver.run()
            solver.setOptionValue("solver", "choose")
        answered = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        cost[s] = solver.getObjectiveValue() if answered else np.nan
    return time.process_time() - begun, cost


def pypsa(data: dict[str, np.ndarray], batch: int) -> tuple[float, np.ndarray]:  # noqa: ARG001
    """PyPSA's `optimize`: one problem over snapshots that share a pattern of branches in service."""
    import logging
    import warnings

    import pandas as pd
    import pypsa as library

    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    cost = np.zeros(len(data["need"]))
    total = 0.0
    patterns, which = np.unique(data["share"] > 0, axis=0, return_inverse=True)
    for number, on in enumerate(patterns):
        rows = np.flatnonzero(which.reshape(-1) == number)
        begun = time.process_time()
        net = library.Network()
        net.set_snapshots(range(len(rows)))
        buses = [str(i) for i in range(int(data["buses"]))]
        net.add("Bus", buses, v_nom=1000.0)
        finite = np.where(np.isfinite(data["rating_mw"]), data["rating_mw"], 1e6)
        live = np.flatnonzero(on)
        net.add("Line", [f"l{i}" for i in live], bus0=[buses[i] for i in data["branch_from"][live]],
                bus1=[buses[i] for i in data["branch_to"][live]], x=1e6 / data["susceptance_mw"][live], r=0.0,
                s_nom=finite[live],
                s_max_pu=pd.DataFrame(data["share"][rows][:, live], columns=[f"l{i}" for i in live]))  # fmt: skip
        names = [f"g{i}" for i in range(len(data["generator_bus"]))]
        net.add("Generator", names, bus=[buses[i] for i in data["generator_bus"]], p_nom=1.0,
                marginal_cost=data["generator_cost"], p_max_pu=pd.DataFrame(data["available"][rows], columns=names))  # fmt: skip
        loads = [f"d{i}" for i in range(len(data["load_bus"]))]
        at = [buses[i] for i in data["load_bus"]]
        need = pd.DataFrame(data["need"][rows], columns=loads)
        net.add("Load", loads, bus=at, p_set=need)
        shed = [f"s{i}" for i in range(len(loads))]
        net.add("Generator", shed, bus=at, p_nom=1.0, marginal_cost=data["load_cost"],
                p_max_pu=pd.DataFrame(data["need"][rows], columns=shed))  # fmt: skip
        net.optimize(solver_name="highs", solver_options={"output_flag": False, "threads": 1}, log_to_console=False)
        total += time.process_time() - begun
        output = net.generators_t.p
        price = net.generators["marginal_cost"].reindex(output.columns).to_numpy()
        cost[rows] = (output.to_numpy() * price).sum(axis=1)
    return total, cost


def rundcopp(data: dict[str, np.ndarray], batch: int) -> tuple[float, np.ndarray]:  # noqa: ARG001
    """Pandapower's `rundcopp`; only snapshots in one piece are given to it, since it drops islands without a slack."""
    import warnings

    import pandapower as pp

    warnings.simplefilter("ignore")
    net = pp.create_empty_network(sn_mva=100.0)
    buses = [pp.create_bus(net, 1000.0) for _ in range(int(data["buses"]))]
    for i, (a, b) in enumerate(zip(data["branch_from"], data["branch_to"], strict=True)):
        x = 1e6 / data["susceptance_mw"][i]
        rating = data["rating_mw"][i] if np.isfinite(data["rating_mw"][i]) else 1e6
        pp.create_line_from_parameters(
            net, buses[a], buses[b], 1.0, 0.0, x, 0.0, rating / 1000 / np.sqrt(3), max_loading_percent=100.0
        )
    pp.create_ext_grid(net, buses[int(data["generator_bus"][0])], min_p_mw=0.0, max_p_mw=0.0)
    for i, bus in enumerate(data["generator_bus"]):
        pp.create_sgen(net, buses[bus], 0.0, min_p_mw=0.0, max_p_mw=1.0, controllable=True)
        pp.create_poly_cost(net, i, "sgen", cp1_eur_per_mw=data["generator_cost"][i])
    first = len(data["generator_bus"])
    for i, bus in enumerate(data["load_bus"]):
        pp.create_load(net, buses[bus], 1.0)
        pp.create_sgen(net, buses[bus], 0.0, min_p_mw=0.0, max_p_mw=1.0, controllable=True)
        pp.create_poly_cost(net, first + i, "sgen", cp1_eur_per_mw=data["load_cost"][i])
    cost = np.full(len(data["need"]), np.nan)
    total = 0.0
    for s in range(len(cost)):
        begun = time.process_time()
        net.load["p_mw"] = data["need"][s]
        net.sgen["max_p_mw"] = np.r_[data["available"][s], data["need"][s]]
        net.line["in_service"] = data["share"][s] > 0
        net.line["max_loading_percent"] = 100.0 * data["share"][s]
        try:
            pp.rundcopp(net, delta=1e-10)
            cost[s] = net.res_cost
        except pp.OPFNotConverged:
            cost[s] = np.nan
        total += time.process_time() - begun
    return total, cost


ENGINES = {"gridmodel": gridmodel, "highs": highs, "pypsa": pypsa, "rundcopp": rundcopp}


def main() -> None:
    """Run and print."""
    name, path, count, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    data = load(path, count)
    seconds, cost = ENGINES[name](data, batch)
    sys.stdout.write("\n" + json.dumps({"seconds": seconds, "cost": [None if np.isnan(c) else c for c in cost]}) + "\n")


if __name__ == "__main__":
    main()
