"""AC power flow of a dispatched state, through pandapower."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.interchange.adapter.from_tables import REACTIVE_PER_ACTIVE, VOLTAGE_PU, to_pandapower
from gridmodel.network.fleet import Fleet, build_fleet
from gridmodel.network.read import Network

MOST_ITERATIONS = 30
"""Newton steps before a state counts as not converged. Ours: bounds time; near a solution few suffice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcFlow:
    """Result of an AC power flow; NaN where a bus is dead or its island did not converge."""

    live: Bools
    """True for buses of islands that were solved for, shape ``(bus,)``."""
    converged: Bools
    """True for buses of islands that converged, shape ``(bus,)``."""
    voltage_pu: Floats
    """Shape ``(bus,)``. [1]"""
    flow_mw: Floats
    """Mean of the flows that enter and leave, shape ``(branch,)``. [MW]"""
    losses_mw: Floats
    """Shape ``(branch,)``. [MW]"""
    loading_percent: Floats
    """Loading in per cent of the remaining thermal rating, shape ``(branch,)``. [%]"""


class AcNet:
    """Network prepared for many power flows."""

    def __init__(self, network: Network) -> None:
        import pandapower as pp

        self._net = to_pandapower(network)
        self._fleet: Fleet = build_fleet(network)
        tables, net = network.tables, self._net
        ids = [*tables["generators"]["id"], *tables["interconnectors"]["id"]]
        place = {name: position for position, name in enumerate(ids)}
        self._gen = np.array([place[name] for name in net.gen["name"]], dtype=np.intp)
        self._sgen = np.array([place[name] for name in net.sgen["name"]], dtype=np.intp)
        bus = {name: position for position, name in enumerate(tables["buses"]["id"])}
        self._bus = np.array([bus[name] for name in [*tables["generators"]["bus"], *tables["interconnectors"]["bus"]]])
        line = {f"{name} reactor": position for position, name in enumerate(tables["lines"]["id"])}
        self._reactor = np.array([line[name] for name in net.shunt["name"]], dtype=np.intp)
        net.gen["slack"] = False
        net.poly_cost = net.poly_cost.iloc[:0]
        pp.create_ext_grid(net, 0, vm_pu=VOLTAGE_PU)

    def solve(self, *, output_mw: Floats, served_mw: Floats, branch_share: Floats, island: Ints) -> AcFlow:
        """Solve every island that carries load or generation, each with one slack.

        Parameters
        ----------
        output_mw
            Of each generator and interconnector, negative where it charges, shape ``(generator,)``. [MW]
        served_mw
            Of each load, shape ``(load,)``. [MW]
        branch_share
            Remaining share of the rating of each branch, 0 where it is out, shape ``(branch,)``. [1]
        island
            Island of each bus, shape ``(bus,)``.

        Notes
        -----
        The slack is the largest running generator that can form a grid, or border; it covers the losses of the lines.
        Running machines hold their bus at `VOLTAGE_PU` without a limit of reactive power.
        """
        net = self._net
        net.load["p_mw"], net.load["q_mvar"] = served_mw, served_mw * REACTIVE_PER_ACTIVE
        net.line["in_service"] = branch_share[: len(net.line)] > 0
        net.trafo["in_service"] = branch_share[len(net.line) :] > 0
        net.shunt["in_service"] = branch_share[self._reactor] > 0
        size, branches = len(net.bus), len(branch_share)
        holds = (self._fleet.grid_forming | self._fleet.border) & (output_mw > 0)
        live, converged = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        voltage = np.full(size, np.nan)
        flow, losses, loading = (np.full(branches, np.nan) for _ in range(3))
        for number in np.unique(island[self._bus[holds]]):
            here = island == number
            candidates = np.flatnonzero(holds & here[self._bus])
            slack = int(candidates[np.argmax(np.where(holds, self._fleet.p_max_mw, 0.0)[candidates])])
            live |= here
            if not self._run(output_mw, here, slack):
                continue
            converged |= here
            voltage[here] = net.res_bus["vm_pu"].to_numpy()[here]
            mine = self._mine(here) & (branch_share > 0)
            into = np.append(net.res_line["p_from_mw"], net.res_trafo["p_hv_mw"])
            out = np.append(net.res_line["p_to_mw"], net.res_trafo["p_lv_mw"])
            percent = np.append(net.res_line["loading_percent"], net.res_trafo["loading_percent"])
            flow[mine], losses[mine] = ((into - out) / 2)[mine], (into + out)[mine]
            loading[mine] = percent[mine] / branch_share[mine]
        return AcFlow(
            live=live, converged=converged, voltage_pu=voltage, flow_mw=flow, losses_mw=losses, loading_percent=loading
        )

    def _mine(self, here: Bools) -> Bools:
        """Return which branches are in an island, shape ``(branch,)``."""
        net = self._net
        return np.asarray(here[np.append(net.line["from_bus"], net.trafo["hv_bus"]).astype(np.intp)])

    def _run(self, output_mw: Floats, here: Bools, slack: int) -> bool:
        """Solve one island; return whether it converged."""
        import pandapower as pp

        net = self._net
        net.bus["in_service"] = here
        runs = (output_mw != 0) & here[self._bus]
        runs[slack] = False
        for table, places in ((net.gen, self._gen), (net.sgen, self._sgen)):
            table["p_mw"], table["in_service"] = output_mw[places], runs[places]
        net.ext_grid["bus"] = int(self._bus[slack])
        try:
            pp.runpp(net, numba=False, init="dc", calculate_voltage_angles=True, max_iteration=MOST_ITERATIONS)
        except pp.LoadflowNotConverged:
            return False
        return bool(net.converged)
