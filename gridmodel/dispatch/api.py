"""`gridmodel.dispatch`: least load shedding on any pandapower net, with the reason for every megawatt."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import Bools, Floats
from gridmodel.dispatch.engine import Dispatched, Dispatcher
from gridmodel.dispatch.pieces import finer, must_run
from gridmodel.dispatch.standing import cheapest
from gridmodel.errors import Problems, nearest
from gridmodel.interchange import QUADRATIC_TOLERANCE, ForeignGrid, read_foreign
from gridmodel.vocabulary import CAUSES

if TYPE_CHECKING:
    from pandapower import pandapowerNet


def dispatch(
    net: pandapowerNet,
    demand_mw: xr.DataArray | None = None,
    generation_max_mw: xr.DataArray | None = None,
    branch_available: xr.DataArray | None = None,
    *,
    sharing: bool = True,
    minimum_output: bool = False,
) -> xr.Dataset:
    """Serve as much load as a net can, at least cost, under DC power flow.

    Parameters
    ----------
    net
        Any pandapower net. Every island is served from its own generation, with or without an `ext_grid`.
    demand_mw
        ``(snapshot, load)``, labels of ``net.load.index``; default ``net.load.need_mw``, else ``p_mw``. A negative
        load is free generation that may be spilled. [MW]
    generation_max_mw
        ``(snapshot, generator)``, labels such as `gen/3`, `sgen/0`, `ext_grid/0`; default the tables. [MW]
    branch_available
        ``(snapshot, branch)``, labels such as `line/7`, `trafo/2`, `trafo3w/0`, `impedance/1`, `dcline/0`: remaining
        share of the rating, 0 where it is out; default the tables. [1]
    sharing
        Whether loads of equal shed cost are cut in proportion wherever the network lets them.
    minimum_output
        Whether generators run at `min_p_mw` at least, as far as there is load that the network lets them serve.

    Returns
    -------
    xarray.Dataset
        ``served_mw(snapshot, load)``, ``generation_mw(snapshot, generator)``, ``flow_mw(snapshot, branch)``,
        ``shed_cause_mw(snapshot, load, cause)`` [MW], and ``cost(snapshot)`` [EUR/h], shedding included.

    Raises
    ------
    InputError
        Naming every unknown label, wrong dimension, missing or negative number, and broken element.

    Warns
    -----
    UserWarning
        Where an ext_grid is unlimited, storage does not act, or the cost leaves something out.

    Notes
    -----
    Minimise Σ shed_cost·shed + Σ cost·generation subject to bus balance, Kirchhoff, limits of branches and
    generators, `delivery`, `transfer` and `group` limits of ``net.limit``, 0 ≤ shed ≤ demand. A load or branch
    that is not named keeps its table value. Costs are those of `poly_cost` and `pwl_cost`: a square is taken as chords,
    so fine where outputs are that the cost of generation is at most 0.1 % above the least. A generator with a negative
    ``p_mw`` and no ``max_p_mw`` above 0 withdraws: it is demand, with a negative output, shed at its own cost if it has
    one. A dc line delivers what its sending side has, less its losses, within ``max_p_mw`` (else ``p_mw``); `dcline/0`
    is among the branches, its flow what leaves the first bus. Controllable storage gives up to its ``-min_p_mw``,
    energy aside. Fixed megawatts of shunts, wards and motors count; they are cut last.

    Causes: `disconnected`, its bus has no live connection to any source; `deficit` (`island_deficit` outside the island
    with the most load), what it would lose with all branch and regional limits lifted inside its island, never more
    than it loses; `limit`, the rest.

    Examples
    --------
    >>> from pandapower.networks import case9
    >>> net = case9()
    >>> net.gen.drop(net.gen.index, inplace=True)
    >>> net.ext_grid["max_p_mw"] = 200.0
    >>> answer = dispatch(net)
    >>> answer["served_mw"].sum().item(), answer["shed_cause_mw"].sel(cause="deficit").sum().item()
    (200.0, 115.0)
    """
    foreign = read_foreign(net)
    problems = Problems()
    snapshots = _snapshots(demand_mw, generation_max_mw, branch_available, problems)
    count = len(snapshots) if snapshots is not None else 1
    loads = [str(index) for index in foreign.loads]
    table_need = foreign.need_mw[: len(loads)]
    need = _fill(demand_mw, "load", loads, table_need, count, problems, low=-np.inf)
    table_max = foreign.most_mw
    most = _fill(generation_max_mw, "generator", foreign.generators, table_max, count, problems)
    share = _fill(
        branch_available, "branch", foreign.branches, np.ones(len(foreign.branches)), count, problems, high=1.0
    )
    problems.raise_if_any()
    foreign = _reaching(foreign, net, need, most)

    def solve() -> tuple[xr.Dataset, Floats]:
        return _solve(foreign, need, most, share, sharing=sharing, minimum_output=minimum_output, snapshots=snapshots)

    found, paid = solve()
    for _ in range(PASSES):
        closer = finer(foreign, found["generation_mw"].to_numpy(), QUADRATIC_TOLERANCE * paid)
        if closer is None:
            break
        foreign = closer
        found, paid = solve()
    return found


PASSES = 5
"""Most times that pieces of quadratic costs are made finer. Ours: two are enough unless prices differ by hundreds."""


def _reaching(foreign: ForeignGrid, net: pandapowerNet, need: Floats, most: Floats) -> ForeignGrid:
    """Return a grid whose pieces of cost reach as far as the arrays that are given, which may go beyond the tables."""
    asked = float(_asked(foreign, need).max())
    if not foreign.curved or (asked <= foreign.whole_mw and (most <= foreign.most_mw).all()):
        return foreign
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="an ext_grid without|storage keeps its")  # told before
        return read_foreign(net, need_mw=asked, most_mw=most.max(axis=0))


def _asked(foreign: ForeignGrid, need: Floats) -> Floats:
    """Return the most that sources may have to give in each snapshot, losses included, shape ``(snapshot, 1)``. [MW]"""
    fixed = foreign.need_mw[len(foreign.loads) :].sum()
    lost = float(np.prod(1.0 / foreign.links.arrives))
    return np.asarray((np.maximum(need, 0.0).sum(axis=1, keepdims=True) + fixed) * lost)


def _snapshots(
    demand: xr.DataArray | None, generation: xr.DataArray | None, branch: xr.DataArray | None, problems: Problems
) -> npt.NDArray[np.generic] | None:
    """Return the labels of the snapshots; all arrays that are given must have the same."""
    labels = None
    named = {"demand_mw": (demand, "load"), "generation_max_mw": (generation, "generator"),
             "branch_available": (branch, "branch")}  # fmt: skip
    for name, (array, dim) in named.items():
        if array is None:
            continue
        if not isinstance(cast("object", array), xr.DataArray):  # whatever annotations say
            problems.add("must be a DataArray", field=name, value=type(array).__name__)
            continue
        if array.dtype.kind not in "iufb":
            problems.add("must contain numbers", field=name, value=str(array.dtype))
            continue
        if set(array.dims) != {"snapshot", dim}:
            dims = ", ".join(str(part) for part in array.dims)
            problems.add(f"must have the dimensions snapshot and {dim}", field=name, value=dims)
            continue
        if dim not in array.coords:
            problems.add(f"must have a coordinate {dim} that names its columns", field=name)
            continue
        own = array["snapshot"].to_numpy()
        if labels is not None and not np.array_equal(labels, own):
            problems.add("has different snapshots from the arrays before it", field=name)
        labels = own if labels is None else labels
    problems.raise_if_any()
    return labels


def _fill(  # noqa: PLR0917 - one array and its bounds
    array: xr.DataArray | None, dim: str, known: list[str], default: Floats, count: int, problems: Problems,
    *, low: float = 0.0, high: float = np.inf,
) -> Floats:  # fmt: skip
    """Return values, shape ``(snapshot, element)``: the array's where it names the element, else the table's."""
    values = np.tile(default, (count, 1))
    if array is None:
        return values
    names = [str(name) for name in array[dim].to_numpy()]
    place = {name: position for position, name in enumerate(known)}
    given = array.transpose("snapshot", dim).to_numpy().astype(float)
    for column, name in enumerate(names):
        series = given[:, column]
        if name not in place:
            problems.add(f"is not a {dim} of this net", field=dim, value=name, hint=nearest(name, known))
        elif np.isnan(series).any():
            problems.add("has missing numbers", field=dim, value=name)
        elif dim == "load" and np.isinf(series).any():
            problems.add("must be finite", field=dim, value=name)
        elif (series < low).any() or (series > high).any():
            allowed = f"at least {low:g}" if np.isinf(high) else f"between {low:g} and {high:g}"
            problems.add(f"must be {allowed}", field=dim, value=name)
        else:
            values[:, place[name]] = series
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add("is named twice", field=dim, value=name)
    return values


def _solve(  # noqa: C901, PLR0915 - from the arrays of a net to a Dataset
    foreign: ForeignGrid, need: Floats, most: Floats, share: Floats, *, sharing: bool, minimum_output: bool,
    snapshots: npt.NDArray[np.generic] | None,
) -> tuple[xr.Dataset, Floats]:  # fmt: skip
    """Return the answer, and the cost of generation in it, shape ``(snapshot,)``. [EUR/h]"""
    grid, links = foreign.grid, foreign.links
    count, loads, pieces = len(need), len(foreign.loads), len(foreign.piece)
    fixed = np.tile(foreign.need_mw[loads:], (count, 1))
    given = foreign.available_mw[pieces:]
    put = np.tile(given[: len(given) - len(links.labels)], (count, 1))
    asked = _asked(foreign, need)
    branch = np.where(foreign.in_service, 1.0, 0.0) * np.ones((count, 1))
    for column, members in enumerate(foreign.rows):
        branch[:, members] *= share[:, column : column + 1]
    column_of = {name: column for column, name in enumerate(foreign.branches)}
    carries = share[:, [column_of[name] for name in links.labels]] * np.minimum(links.most_mw * links.arrives, asked)
    if minimum_output:
        foreign = must_run(foreign)
        grid, pieces = foreign.grid, len(foreign.piece)
    in_pieces = foreign.in_pieces(np.minimum(most, asked))
    dispatcher = Dispatcher(grid, sharing=sharing)

    def solve(on: Bools, *, causes: bool) -> Dispatched:
        lines = np.where(_of_links(foreign, on), carries, 0.0)
        runs = on & (carries[:, foreign.standing] > 0)
        fixed[:, fixed.shape[1] - len(foreign.standing) :] = np.where(runs, links.standing_mw[foreign.standing], 0.0)
        return dispatcher.solve(
            np.hstack([np.maximum(need, 0.0), fixed]),
            np.hstack([in_pieces, put, lines, np.maximum(-need, 0.0)]),
            branch_share=branch, delivery_mw=np.broadcast_to(foreign.delivery_mw, (count, grid.regions)), causes=causes,
        )  # fmt: skip

    def paid_for(got: Dispatched) -> Floats:
        return np.asarray((got.generation_mw * foreign.cost).sum(axis=1) + (most > 0).astype(float) @ foreign.constant)

    def cost_of(got: Dispatched) -> Floats:
        shed = np.hstack([np.maximum(need, 0.0), fixed]) - got.served_mw
        return np.asarray(paid_for(got) + (shed * grid.load_cost).sum(axis=1))

    on = np.ones((count, len(foreign.standing)), dtype=bool)
    if len(foreign.standing):
        lossy = [links.labels[place] for place in foreign.standing]
        on = cheapest(lossy, count, lambda chosen: cost_of(solve(chosen, causes=False)))
    got = solve(on, causes=True)
    cost = cost_of(got)
    first = pieces + put.shape[1]
    spilled = got.generation_mw[:, first + len(links.labels) :]
    output = foreign.whole(got.generation_mw)
    for place, generator in enumerate(foreign.withdrawals):
        output[:, generator] -= got.served_mw[:, loads + place]
    flow = np.zeros((count, len(foreign.branches)))
    for column, members in enumerate(foreign.rows):
        if len(members):
            flow[:, column] = got.flow_mw[:, members[0]]
    for place, (name, forward) in enumerate(zip(links.labels, links.forward, strict=True)):
        arrives = got.generation_mw[:, first + place]
        flow[:, column_of[name]] += arrives / links.arrives[place] if forward else -arrives
    labels = np.arange(count) if snapshots is None else snapshots
    data = xr.Dataset(
        {
            "served_mw": (("snapshot", "load"), np.where(need < 0, -spilled, got.served_mw[:, :loads])),
            "generation_mw": (("snapshot", "generator"), output),
            "flow_mw": (("snapshot", "branch"), flow),
            "shed_cause_mw": (("snapshot", "load", "cause"), got.cause_mw[:, :loads]),
            "cost": (("snapshot",), cost),
        },
        coords={
            "snapshot": labels,
            "load": np.array(foreign.loads, dtype=int),
            "generator": np.array(foreign.generators, dtype=object),
            "branch": np.array(foreign.branches, dtype=object),
            "cause": np.array(CAUSES, dtype=object),
        },
    )
    for variable in data.data_vars:
        data[variable].attrs["units"] = "EUR/h" if variable == "cost" else "MW"
    return data, np.abs(paid_for(got))


def _of_links(foreign: ForeignGrid, on: Bools) -> Bools:
    """Return which links may carry power where those with a standing loss are on or off, shape ``(snapshot, link)``."""
    found = np.ones((len(on), len(foreign.links.labels)), dtype=bool)
    found[:, foreign.standing] = on
    return found
