"""Solve snapshots whose lines are limiting as a linear programme, with HiGHS.

The variables are the output of each generator, the load served of each consumer, the angle of each bus, and one level:

    minimise    Σ cost·output − Σ shed_cost·served
    subject to  output − served − outflow = 0          at every bus
                −rating ≤ b·(θ_from − θ_to − φ) ≤ rating
                Σ served ≤ delivery limit, Σ output ≤ group limit, Σ ±flow ≤ transfer limit

Among the optima, consumers with the same shed cost are levelled: the lowest served share is raised as far as the
network allows, then the next lowest, at the same cost (max-min fairness), one round per level. Every snapshot is solved
from scratch, so that its answer does not depend on any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csc_array, hstack, vstack

from gridmodel.arrays import Floats, Ints
from gridmodel.dispatch.islands import Topology
from gridmodel.errors import GridModelError, InputError, Problem
from gridmodel.network import Grid

COST_SLACK = 1e-10
"""Share by which levelling may raise the cost. [1] Ours: far below the last digit that a result shows."""
HELD_SLACK_MW = 1e-6
"""How far later rounds may let a consumer fall below its level. [MW] Ours: enough that rounding keeps them feasible."""
ATTEMPTS = (
    (1e-9, "choose", "choose"),
    (1e-7, "choose", "choose"),
    (1e-7, "off", "choose"),
    (1e-7, "choose", "ipm"),
)
"""Feasibility tolerance [MW] and options for presolve and solver of each attempt.
Ours: HiGHS sometimes ends without an answer at the tighter tolerance, and its simplex where nothing is feasible."""
FULL = 1.0 - 1e-9
"""Served share from which a consumer counts as fully served. [1] Ours: it leaves room for rounding."""


class SolverError(GridModelError):
    """Failure of the solver on a programme that always has an optimum: a bug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumers:
    """Loads, added up where bus, region and shed cost are the same; all shapes ``(consumer,)``."""

    bus: Ints
    """Place of the bus."""
    cost: Floats
    """Cost of load that is shed. [EUR/MWh]"""
    region: Ints
    """Place of the region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Demand and limits of one snapshot."""

    demand_mw: Floats
    """Demand of each consumer, shape ``(consumer,)``. [MW]"""
    available_mw: Floats
    """Most that each generator can give, shape ``(generator,)``. [MW]"""
    rating_mw: Floats
    """Largest flow of each branch, shape ``(branch,)``. [MW]"""
    delivery_mw: Floats
    """Most load that can be served in each region, shape ``(region,)``. [MW]"""
    group_mw: Floats
    """Most that the generators of each group can give together, shape ``(group,)``. [MW]"""
    transfer_mw: Floats
    """Largest sum of flows of each transfer, shape ``(transfer,)``. [MW]"""


class Programme:
    """Linear programme of one topology, for which each snapshot only sets bounds."""

    def __init__(self, grid: Grid, topology: Topology, consumers: Consumers) -> None:
        import highspy

        self._infinity = highspy.kHighsInf
        self._consumers = consumers
        self._generators = len(grid.generator_bus)
        count = len(consumers.bus)
        self._served = self._generators + np.arange(count)
        self._level = self._generators + count + grid.buses
        matrix, self._branch_shift, self._balance = _matrix(grid, topology, consumers)
        self._rows = _row_places(grid, count)
        self._cost = np.concatenate([grid.generator_cost, -consumers.cost, np.zeros(grid.buses + 1)])
        self._free = np.zeros(grid.buses, dtype=bool)
        self._free[[np.flatnonzero(topology.island == i)[-1] for i in range(topology.islands)]] = True
        self._scale = float(max(np.abs(self._cost).max(), 1.0))
        self._matrix = csc_array(vstack([matrix, csc_array(self._cost[None, :] / self._scale)]))
        self._highs = _silent_solver()
        self._highs.setOptionValue("threads", 1)
        self._lp = highspy.HighsLp()
        self._lp.num_col_, self._lp.num_row_ = self._matrix.shape[1], self._matrix.shape[0]
        self._lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        self._lp.a_matrix_.start_ = self._matrix.indptr
        self._lp.a_matrix_.index_ = self._matrix.indices
        self._lp.a_matrix_.value_ = self._matrix.data
        self._optimal = highspy.HighsModelStatus.kOptimal
        # every objective is bounded, so that "unbounded or infeasible" is infeasible
        self._infeasible = {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}
        self._ended: list[Any] = []

    def solve(self, state: State, *, sharing: bool) -> tuple[Floats, Floats]:
        """Return the load served of each consumer and the output of each generator at least cost, levelled. [MW]

        Raises
        ------
        InputError
            If phase shifts drive flows that no dispatch keeps within the limits of branches.
        SolverError
            If the solver fails.
        """
        lower, upper, row_lower, row_upper = self._bounds(state)
        objective = self._cost.copy()
        self._scale_level(state.demand_mw, np.array([], dtype=np.intp))
        solved = self._run(objective, lower, upper, row_lower, row_upper)
        if solved is None:
            self._refuse_shifts()
            told = ", ".join(repr(self._highs.modelStatusToString(status)) for status in self._ended)
            raise SolverError(f"HiGHS stopped with {told}")
        point = solved[0]
        if sharing:
            best = float(self._cost @ point) / self._scale
            row_upper[-1] = best + COST_SLACK * max(abs(best), 100.0)
            point = self._levelled(state, point, (lower, upper, row_lower, row_upper))
        return np.clip(point[self._served], 0.0, state.demand_mw), np.clip(
            point[: self._generators], 0.0, state.available_mw
        )

    def _refuse_shifts(self) -> None:
        """Raise an error of the net if the programme has no solution; only phase shifts can take it away.

        An attempt that says so is believed although another ends without an answer: none has found a solution.

        Raises
        ------
        InputError
            If it is so: serving nobody with no output is a solution where no branch shifts the phase.
        """
        if np.any(self._branch_shift) and not self._infeasible.isdisjoint(self._ended):
            message = "no dispatch keeps the limits of branches: phase shifts drive flows around loops beyond them"
            hint = "give transformers in parallel the same shift (shift_degree, phase_shift), or correct their limits"
            raise InputError([Problem(message=message, field="net", hint=hint)])

    def _bounds(self, state: State) -> tuple[Floats, Floats, Floats, Floats]:
        places = self._rows
        buses = len(self._free)
        angle = np.where(self._free, 0.0, self._infinity)
        upper = np.concatenate([state.available_mw, state.demand_mw, angle, [0.0]])
        lower = np.concatenate([np.zeros(self._generators + len(state.demand_mw)), -angle, [0.0]])
        row_lower = np.full(self._matrix.shape[0], -self._infinity)
        row_upper = np.full(self._matrix.shape[0], self._infinity)
        row_lower[:buses] = row_upper[:buses] = self._balance
        row_lower[places["branch"]] = np.maximum(self._branch_shift - state.rating_mw, -self._infinity)
        row_upper[places["branch"]] = np.minimum(self._branch_shift + state.rating_mw, self._infinity)
        for name, limit in (
            ("delivery", state.delivery_mw),
            ("group", state.group_mw),
            ("transfer", state.transfer_mw),
        ):
            row_upper[places[name]] = np.minimum(limit, self._infinity)
        return lower, upper, row_lower, row_upper

    def _levelled(self, state: State, point: Floats, bounds: tuple[Floats, Floats, Floats, Floats]) -> Floats:
        """Raise the lowest served share of each sharing group, round by round, at the same cost."""
        lower, upper, row_lower, row_upper = bounds
        fair = self._rows["fair"]
        objective = np.zeros_like(self._cost)
        objective[self._level] = -1.0
        for cost in np.unique(self._consumers.cost)[::-1]:
            members = np.flatnonzero((self._consumers.cost == cost) & (state.demand_mw > 0))
            share = point[self._served[members]] / state.demand_mw[members]
            open_ = members if len(members) > 1 and (share < FULL).any() else members[:0]
            done = self._served[np.setdiff1d(members, open_)]
            lower[done] = np.maximum(point[done] - HELD_SLACK_MW, 0.0)
            while len(open_):
                row_lower[fair[open_]] = 0.0
                self._scale_level(state.demand_mw, open_)
                upper[self._level] = 1.0
                basis = self._highs.getBasis()
                solved = self._run(objective, lower, upper, row_lower, row_upper, basis=basis)
                if solved is None:  # rounding left no feasible point: keep the optimum of the round before
                    row_lower[fair[open_]] = -self._infinity
                    break
                point, dual = solved
                level = point[self._level]
                stuck = open_ if level >= FULL else open_[np.abs(dual[fair[open_]]) > 1e-9]
                stuck = stuck if len(stuck) else open_
                held = level * state.demand_mw[stuck] - HELD_SLACK_MW
                lower[self._served[stuck]] = np.maximum(held, lower[self._served[stuck]])
                row_lower[fair[stuck]] = -self._infinity
                open_ = np.setdiff1d(open_, stuck)
            upper[self._level] = 0.0
        return point

    def _scale_level(self, demand_mw: Floats, members: Ints) -> None:
        """Set the coefficients of the level in the rows ``served − demand · level ≥ 0`` of some consumers."""
        column = slice(self._matrix.indptr[self._level], self._matrix.indptr[self._level + 1])
        demands = np.zeros(len(demand_mw))
        demands[members] = demand_mw[members]
        self._matrix.data[column] = -demands[self._matrix.indices[column] - self._rows["fair"][0]]

    def _run(
        self,
        objective: Floats,
        lower: Floats,
        upper: Floats,
        row_lower: Floats,
        row_upper: Floats,
        *,
        basis: Any = None,  # noqa: ANN401 - no types in highspy
    ) -> tuple[Floats, Floats] | None:
        """Return the optimum and the duals of the rows, or None if every attempt fails (`ATTEMPTS`), as `_ended` says.

        A basis to start from is that of the round before in the same snapshot, never that of another snapshot.
        """
        lp = self._lp
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = objective, lower, upper
        lp.row_lower_, lp.row_upper_ = row_lower, row_upper
        lp.a_matrix_.value_ = self._matrix.data
        self._ended = []
        for tolerance, presolve, solver in ATTEMPTS:
            self._highs.setOptionValue("primal_feasibility_tolerance", tolerance)
            self._highs.setOptionValue("presolve", presolve)
            self._highs.setOptionValue("solver", solver)
            self._highs.clearSolver()
            self._highs.passModel(lp)
            if basis is not None:
                self._highs.setBasis(basis)
                basis = None  # a second try starts cold
            self._highs.run()
            self._ended.append(self._highs.getModelStatus())
            if self._ended[-1] == self._optimal:
                solution = self._highs.getSolution()
                return np.array(solution.col_value), np.array(solution.row_dual)
        return None


def _silent_solver() -> Any:  # noqa: ANN401 - no types in highspy
    """Return a solver that prints nothing.

    `highspy.Highs()` registers callbacks, which prints a banner before any option can be set. This class skips that
    and turns output off first.
    """
    import highspy

    class Silent(highspy.Highs):
        def __init__(self) -> None:
            super(highspy.Highs, self).__init__()
            self.setOptionValue("output_flag", False)

    return Silent()


def _row_places(grid: Grid, consumers: int) -> dict[str, Ints]:
    sizes = {
        "bus": grid.buses,
        "branch": len(grid.branch_from),
        "delivery": grid.regions,
        "group": len(grid.groups),
        "transfer": len(grid.transfers),
        "fair": consumers,
    }
    edges = np.cumsum([0, *sizes.values()])
    return {name: np.arange(edges[i], edges[i + 1]) for i, name in enumerate(sizes)}


def _matrix(grid: Grid, topology: Topology, consumers: Consumers) -> tuple[csc_array, Floats, Floats]:
    """Return the matrix, the flow that phase shifters add to each branch, and the balance of each bus [MW].

    Rows are buses, branches, delivery limits, groups, transfers and fairness; columns are output, served load, angles
    and the level.
    """
    susceptance = np.where(topology.in_service, grid.susceptance_mw, 0.0)
    branches = np.arange(len(susceptance))
    incidence = coo_array(
        (
            np.concatenate([np.ones(len(branches)), -np.ones(len(branches))]),
            (np.tile(branches, 2), np.concatenate([grid.branch_from, grid.branch_to])),
        ),
        shape=(len(branches), grid.buses),
    ).tocsc()
    flow = csc_array(incidence.multiply(susceptance[:, None]))
    outflow = csc_array(incidence.T @ flow)
    pushed = susceptance * grid.shift_rad
    generators, count = len(grid.generator_bus), len(consumers.bus)
    at_bus = _place(grid.generator_bus, grid.buses, generators)
    served_at = _place(consumers.bus, grid.buses, count)
    by_region = _place(consumers.region, grid.regions, count)
    if grid.links is not None:
        links = grid.links
        drawn = csc_array((1.0 / links.arrives, (links.start, links.generator)), shape=(grid.buses, generators))
        at_bus = csc_array(at_bus - drawn)
    groups = csc_array(
        (
            np.ones(sum(len(members) for members, _ in grid.groups)),
            (
                np.concatenate([np.full(len(m), i) for i, (m, _) in enumerate(grid.groups)] or [np.array([], int)]),
                np.concatenate([m for m, _ in grid.groups] or [np.array([], int)]),
            ),
        ),
        shape=(len(grid.groups), generators),
    )
    signs = np.zeros((len(grid.transfers), len(branches)))
    for number, (members, sign, _) in enumerate(grid.transfers):
        signs[number, members] = sign
    transfers = csc_array(signs @ flow)
    level = csc_array(np.ones((count, 1)))
    blocks = [
        [at_bus, -served_at, -outflow, None],
        [None, None, flow, None],
        [None, by_region, None, None],
        [groups, None, None, None],
        [None, None, transfers, None],
        [None, csc_array(np.eye(count)), None, level],
    ]
    widths = (generators, count, grid.buses, 1)
    stacked = []
    for row in blocks:
        height = next(block.shape[0] for block in row if block is not None)
        stacked.append(
            hstack([b if b is not None else csc_array((height, w)) for b, w in zip(row, widths, strict=True)])
        )
    balance = -(incidence.T @ pushed)
    return csc_array(vstack(stacked)), pushed, np.asarray(balance)


def _place(index: Ints, rows: int, columns: int) -> csc_array:
    return csc_array((np.ones(columns), (index, np.arange(columns))), shape=(rows, columns))
