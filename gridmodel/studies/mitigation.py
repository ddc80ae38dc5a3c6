"""Mitigation: what each option prevents on the same members, and the best set within a budget.

Values are weighted person-hours of all services, see `gridmodel.results.value`. Options are mitigation
measures. Nothing here varies damage: the events of the scenario stay unchanged.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, Problems
from gridmodel.results.value import (
    BY_KEY,
    Amounts,
    Weights,
    duels,
    rank_span,
    ranks,
    read_weights,
    weight_problems,
    weighted,
)
from gridmodel.scenario import Mitigation, Scenario
from gridmodel.simulation.files import quiet_problems
from gridmodel.simulation.unmeant import warn
from gridmodel.studies.options import given_options, read_asked
from gridmodel.studies.valued import MOST_RUNS, Values

EXACT_UP_TO = 4
"""Most options for which every affordable set is run. Ours: 16 runs, as many as a greedy choice needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Options that a budget buys."""

    chosen: tuple[str, ...]
    """Options, in the order in which they were taken."""
    cost_eur: float
    saved_h: float
    """Weighted person-hours that they prevent together, mean over members. [h]"""
    standard_error_h: float
    """Standard error of that mean; missing for a single member. [h]"""
    bound_h: float
    """Upper bound for every affordable set, if returns diminish; equal to `saved_h` if `exact`. [h]"""
    exact: bool
    """True where every affordable set was run."""
    in_order: tuple[str, ...]
    """Options that the budget buys in the order of the file."""
    in_order_saved_h: float
    """Person-hours that these prevent. [h]"""
    diminishing: bool
    """True where no option prevented more beside other options than without them."""
    runs: int
    """Number of runs."""
    in_groups: tuple[str, ...] = ()
    """Options that were valued together with others of their kind, not alone; see `gridmodel.studies.grouping`."""
    steps: pd.DataFrame = field(repr=False)
    """One row per choice: option, person-hours that it adds, cost so far."""
    ranking: pd.DataFrame = field(repr=False)
    """Every option alone, as `rank_mitigations` returns it."""


def rank_mitigations(
    scenario: Scenario | str | Path, options: Sequence[Mitigation | Mapping[str, Any]] | str | Path, *,
    weights: Mapping[str, float] | None = None, progress: Callable[[int], None] | None = None,
    most_runs: int = MOST_RUNS,
) -> pd.DataFrame:  # fmt: skip
    """Compute what each option alone prevents, on the same members as the run without it, and rank the options.

    Parameters
    ----------
    scenario
        Scenario to improve; measures that it already has stay.
    options
        Options, or a CSV file of them.
    weights
        Weight of a person-degree-hour `below_18c` and `below_12c` (`heat`: a factor on both declared weights), and of a
        person-hour without `water`, `power` and `telecom`; those that are left out weigh 0. By default `help_weights`
        of the scenario, else those that the services declare.
    progress
        Called after each run with the number of runs done.
    most_runs
        Most runs. Where each option cannot have one of its own, options of a kind are run together, each in its region,
        and only those that matter most have their own (`gridmodel.studies.grouping`).

    Returns
    -------
    pandas.DataFrame
        One row per option, the most effective first: ``rank``, which equal options share, and ``tied``; ``option, kind,
        region, size, cost_eur``; what it prevents, ``below_18c_degree_h, below_12c_degree_h`` [K h] and ``water_h,
        power_h, telecom_h`` [h] with ``…_se``; the weighted sum ``saved_h`` with ``saved_h_se``, and
        ``saved_h_per_eur``. ``beats_next, ties_next``: share of the members in which it is better than the option in
        the next row, and equal; ``sure``: whether the 95 % interval of the mean difference leaves out zero.
        ``heat_rank, water_rank, …``: rank by one service alone, missing where it prevents none of it. ``best_rank,
        worst_rank``: while one weight after the other moves over its range. Standard errors are of paired differences;
        they and what compares members are missing for single members. ``attrs["weights"]`` has the weights,
        ``attrs["duels"]`` the shares of every pair, ``attrs["members"]`` the number of members, ``attrs["in_groups"]``
        the options that were valued with others of their kind.

    Raises
    ------
    InputError
        If the scenario, an option or a weight is wrong.

    Warns
    -----
    UserWarning
        Of settings without effect, and of what is against the network, as `gridmodel.run` does.

    Examples
    --------
    >>> import gridmodel as gm
    >>> morning = gm.load_scenario("three-region").replace(events=[], end="2026-01-05 06:00")
    >>> imports = {"name": "imports", "kind": "import", "size": 300, "cost_eur": 1e6}
    >>> boilers = {"name": "boilers", "kind": "mobile_boiler", "region": "TR-1", "size": 40, "cost_eur": 1e5}
    >>> gm.rank_mitigations(morning, [boilers, imports])["option"].tolist()
    ['imports', 'boilers']
    """
    made, listed, counted = read_plan(scenario, options, weights)
    values = Values(made, listed, counted, progress, most_runs=most_runs)
    warn(values.in_vain, stacklevel=2)
    return ranked(values)


def plan(
    scenario: Scenario | str | Path, options: Sequence[Mitigation | Mapping[str, Any]] | str | Path, *,
    budget_eur: float, weights: Mapping[str, float] | None = None, exact_up_to: int = EXACT_UP_TO,
    progress: Callable[[int], None] | None = None, most_runs: int = MOST_RUNS,
) -> Purchase:  # fmt: skip
    """Choose the options that a budget should buy, to prevent the most person-hours.

    Parameters
    ----------
    scenario, options, weights, progress, most_runs
        As in `rank_mitigations`; a set of options for which no run remains counts as the sum of its parts.
    budget_eur
        Budget. [EUR]
    exact_up_to
        Number of options up to which every affordable set is run.

    Raises
    ------
    InputError
        If the scenario, an option, a weight or the budget is wrong.

    Warns
    -----
    UserWarning
        As `rank_mitigations`.

    Notes
    -----
    With more options the plan is greedy, once by the gain of an option and once by its gain per euro, and the better of
    the two is taken. A gain is computed anew beside the options already chosen, so diminishing returns count; an
    option's earlier gain bounds its later one (lazy evaluation, Minoux 1978). The bound is the total gain plus the best
    fractional filling of the whole budget with the remaining gains (Leskovec and others 2007); it is valid if returns
    diminish, and `diminishing` says whether they did in all runs.

    Examples
    --------
    >>> import gridmodel as gm
    >>> morning = gm.load_scenario("three-region").replace(events=[], end="2026-01-05 06:00")
    >>> imports = {"name": "imports", "kind": "import", "size": 300, "cost_eur": 1e6}
    >>> bought = gm.plan(morning, [imports], budget_eur=2e6)
    >>> bought.chosen, bought.cost_eur
    (('imports',), 1000000.0)
    """
    made, listed, counted = read_plan(scenario, options, weights, budget_eur)
    values = Values(made, listed, counted, progress, most_runs=most_runs)
    warn(values.in_vain, stacklevel=2)
    return bought(values, budget_eur=budget_eur, exact_up_to=exact_up_to)


def bought(values: Values, *, budget_eur: float, exact_up_to: int = EXACT_UP_TO) -> Purchase:
    """Choose among options that are valued, as `plan` does, and warn of nothing."""
    listed, ranking = values.options, ranked(values)
    costs = [option.cost_eur for option in listed]
    exact = len(listed) <= exact_up_to
    if exact:
        order, bound = _best_set(values, costs, budget_eur), float("nan")
    else:
        order, bound = _greedy(values, costs, budget_eur)
    in_order = _in_order(costs, budget_eur)
    for final in (order, in_order):
        values.settle(final)
    saved, error = _mean(values.weighted(order))
    cost, rows = 0.0, []
    adds = _adds(values, order)
    for place, option in enumerate(order):
        cost += costs[option]
        added = adds[place]
        rows.append(
            {"option": listed[option].name, "adds_h": added, "cost_eur": costs[option], "cost_so_far_eur": cost}
        )
    return Purchase(
        chosen=tuple(listed[place].name for place in order),
        cost_eur=cost,
        saved_h=saved,
        standard_error_h=error,
        bound_h=saved if exact else bound,
        exact=exact,
        in_order=tuple(listed[place].name for place in in_order),
        in_order_saved_h=float(values.weighted(in_order).mean()),
        diminishing=values.diminishing(),
        runs=values.runs,
        in_groups=values.in_groups(),
        ranking=ranking,
        steps=pd.DataFrame(rows, columns=["option", "adds_h", "cost_eur", "cost_so_far_eur"]),
    )


def _adds(values: Values, order: Sequence[int]) -> list[float]:
    """Return what each choice adds to those before it, so that they add up to what all prevent. [h]"""
    means = [values.mean(order[:place]) for place in range(len(order) + 1)]
    adds = np.diff(means)
    estimated = any(values.is_estimated(order[:place]) for place in range(len(order)))
    alone = np.array([max(values.mean((place,)), 0.0) for place in order])
    if estimated and alone.sum() > 0:  # some sets were not run: in proportion to what each prevents alone
        adds = means[-1] * alone / alone.sum()
    return [float(value) for value in adds]


def warming_places(result: xr.Dataset) -> xr.Dataset:
    """Compute the places to get warm that a region needs in every hour.

    Returns
    -------
    xarray.Dataset
        `mean` and `p95` over members of the people in homes below 12 °C, ``(time, region)``. [1]

    Raises
    ------
    InputError
        If the result has no homes.
    """
    if "people_without_heat" not in result:
        message = "is not in this run, because its network has no heat systems"
        raise InputError([Problem(message=message, field="people_without_heat")])
    people = result["people_without_heat"].transpose("member", "time", "region")
    high = (("time", "region"), np.quantile(people.to_numpy(), 0.95, axis=0))
    made = xr.Dataset({"mean": people.mean("member"), "p95": high}, coords={"local_time": result["local_time"]})
    for name, words in (("mean", "mean of the members"), ("p95", "95 % quantile of the members")):
        made[name].attrs = {"units": "1", "long_name": f"Places to get warm, {words}"}
    return made


def read_plan(
    scenario: Scenario | str | Path, options: Sequence[Mitigation | Mapping[str, Any]] | str | Path,
    weights: Mapping[str, float] | None = None, budget_eur: float | None = None,
    changes: Mapping[str, Any] | None = None,
) -> tuple[Scenario, list[Mitigation], Weights]:  # fmt: skip
    """Read and check the scenario, the options, the weights and the budget.

    Parameters
    ----------
    scenario, options, weights, budget_eur
        As in `plan`; None for no budget.
    changes
        Settings in place of those of a scenario file.

    Raises
    ------
    InputError
        With every problem.
    """
    problems = Problems()
    if budget_eur is not None and not (np.isfinite(budget_eur) and budget_eur >= 0):
        problems.add("must be a number of euros, at least 0", field="budget", value=budget_eur)
    made = scenario if isinstance(scenario, Scenario) else problems.of(lambda: read_asked(scenario, options, changes))
    problems.found += weight_problems(weights)
    found = None if made is None else problems.of(lambda: given_options(made, options))
    counted = None if problems.found else problems.of(lambda: read_weights(weights, made))
    if found is None or made is None or counted is None:
        files = [] if made is None else quiet_problems(made)
        of_weights = [] if made is None or weights is not None else weight_problems(made.help_weights, "help_weights")
        raise InputError(dict.fromkeys([*(one for one in problems.found if one not in of_weights), *files]))
    return *found, counted


def ranked(values: Values) -> pd.DataFrame:
    """Return the table of `rank_mitigations`, and warn of nothing."""
    found = [values.saved((place,)) for place in range(len(values.options))]
    total = np.array([weighted(one, values.weights) for one in found])
    rank, tied = ranks(total.mean(axis=1))
    best, worst = rank_span(found, values.weights)
    order = np.argsort(rank, kind="stable")
    pairs = duels([values.options[place].name for place in order], total[order])
    then = pairs.drop_duplicates("option", ignore_index=True)  # the first pair of each is with the next
    by_service = _service_ranks(found, values.weights)
    rows = []
    for row_of, place in enumerate(order):
        option = values.options[place]
        row: dict[str, Any] = {"rank": int(rank[place]), "tied": bool(tied[place]), "option": option.name,
                               "kind": option.kind, "region": option.region or "ALL",
                               "size": option.size, "cost_eur": option.cost_eur}  # fmt: skip
        for name, hours in found[place].items():
            column = BY_KEY[name].column
            row[column], row[f"{column}_se"] = _mean(hours[0])
        row["saved_h"], row["saved_h_se"] = _mean(total[place])
        row["saved_h_per_eur"] = row["saved_h"] / option.cost_eur if option.cost_eur > 0 else float("nan")
        last = row_of == len(then)
        row |= {f"{name}_next": None if last else then.loc[row_of, name] for name in ("beats", "ties")}
        row["sure"] = None if last else then.loc[row_of, "sure"]
        row |= {f"{service}_rank": one[place] for service, one in by_service.items()}
        row |= {"best_rank": int(best[place]), "worst_rank": int(worst[place])}
        rows.append(row)
    made = pd.DataFrame(rows)
    for name in ("beats_next", "ties_next", *(f"{service}_rank" for service in by_service)):
        made[name] = made[name].astype(float)
    made.attrs = {"weights": values.weights.shown(), "duels": pairs.to_dict("records"), "members": total.shape[1],
                  "in_groups": list(values.in_groups())}  # fmt: skip
    return made


def _service_ranks(found: Sequence[Amounts], weights: Weights) -> dict[str, list[float]]:
    """Return the rank of every option by each service alone, at declared weights; missing if it prevents none."""
    made = {}
    for service in dict.fromkeys(BY_KEY[name].service for name in found[0]):
        alone = read_weights({service: 1.0}, None, vulnerable=weights.vulnerable)
        value = np.array([weighted(one, alone, service).mean() for one in found])
        rank, _ = ranks(value)
        made[service] = [float(place) if hours > 0 else float("nan") for place, hours in zip(rank, value, strict=True)]
    return made


def _mean(hours: Floats) -> tuple[float, float]:
    error = float(hours.std(ddof=1) / np.sqrt(len(hours))) if len(hours) > 1 else float("nan")
    return float(hours.mean()), error


def _best_set(values: Values, costs: Sequence[float], budget: float) -> tuple[int, ...]:
    """Return the best affordable set; of equal ones the cheapest, then the first in the file."""
    everything = range(len(costs))
    sets = [chosen for size in range(len(costs) + 1) for chosen in itertools.combinations(everything, size)]
    affordable = [chosen for chosen in sets if sum(costs[place] for place in chosen) <= budget]
    return max(affordable, key=lambda chosen: (values.mean(chosen), -sum(costs[place] for place in chosen)))


def _greedy(values: Values, costs: Sequence[float], budget: float) -> tuple[tuple[int, ...], float]:
    """Return the better of two greedy choices, and a bound for every affordable set."""
    by_gain, by_euro = (_take(values, costs, budget, per_euro=per_euro) for per_euro in (False, True))
    order = max((by_gain, by_euro), key=values.mean)
    return order, min(_bound(values, one, costs, budget) for one in {by_gain, by_euro, ()})


def _take(values: Values, costs: Sequence[float], budget: float, *, per_euro: bool) -> tuple[int, ...]:
    """Choose greedily: repeatedly the affordable option with the largest gain, alone or per euro."""
    chosen: tuple[int, ...] = ()
    spent = 0.0
    gain = {place: float("inf") for place in range(len(costs))}
    while True:
        rest = [place for place in gain if place not in chosen and spent + costs[place] <= budget]
        fresh: set[int] = set()
        best = None
        while rest:
            best = max(rest, key=lambda place: (_worth(gain[place], costs[place], per_euro=per_euro), -place))
            if best in fresh:
                break
            gain[best] = values.mean((*chosen, best)) - values.mean(chosen)
            fresh.add(best)
        if best is None or not rest or gain[best] <= 0:
            return chosen
        chosen, spent = (*chosen, best), spent + costs[best]


def _worth(gain: float, cost: float, *, per_euro: bool) -> float:
    return gain / max(cost, 1e-9) if per_euro else gain


def _bound(values: Values, chosen: tuple[int, ...], costs: Sequence[float], budget: float) -> float:
    """Return the total gain plus the best fractional filling of the whole budget with the remaining gains."""
    rest = [place for place in range(len(costs)) if place not in chosen and costs[place] <= budget]
    gains = {place: max(values.mean((*chosen, place)) - values.mean(chosen), 0.0) for place in rest}
    bound, remaining = values.mean(chosen), budget
    for place in sorted(rest, key=lambda one: -_worth(gains[one], costs[one], per_euro=True)):
        part = 1.0 if costs[place] <= remaining else remaining / costs[place]
        bound, remaining = bound + part * gains[place], remaining - part * costs[place]
    return bound


def _in_order(costs: Sequence[float], budget: float) -> tuple[int, ...]:
    """Return the options that a budget buys in the order of the file: each that is still affordable."""
    chosen, spent = [], 0.0
    for place, cost in enumerate(costs):
        if spent + cost <= budget:
            chosen.append(place)
            spent += cost
    return tuple(chosen)
