"""Value of help: what it prevents of every service side by side, weights that make one number of it, and ranks.

A room counts by the kelvin that it is below 18 and below 12 °C, and old, ill and small people more than others; the
other services count by person-hours. This ranks help; nothing here ranks places or what could be damaged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats, Ints
from gridmodel.errors import InputError, Problem, Problems
from gridmodel.results.statistics import mean_interval
from gridmodel.results.steps import of_steps, step_h
from gridmodel.results.water_need import staying_dry
from gridmodel.scenario import Scenario
from gridmodel.services.declare import Worth
from gridmodel.services.registry import WORTHS

BY_KEY: Mapping[str, Worth] = {worth.key: worth for worth in WORTHS}
"""Measures that help is ranked by, by name."""
SERVICES: tuple[str, ...] = tuple(dict.fromkeys(worth.service for worth in WORTHS))
"""Services side by side."""
WATER = "people_without_water"
"""People without water, of whom those whose taps stay dry count no more when a tanker comes."""
STAYING_DRY = ("people_dry_street", "people_dry_risers", "people_dry_high_floors", "people_off_by_damage")
"""Variables that say whose taps stay dry; see `gridmodel.results.water_need`."""
VARIABLES: tuple[str, ...] = tuple(
    dict.fromkeys(
        (*(worth.variable for worth in WORTHS), "people_without_heat", *STAYING_DRY, "vulnerable_share", "population")
    )
)
"""Variables of a result that the value of help is computed from."""
VULNERABLE_RANGE = (1.0, 5.0)
"""Range of `vulnerable_weight`, over which a ranking says how much it changes. [1] [B]"""
LEVEL = 0.95
"""Level of the interval that tells two options apart. [1]"""
TIE = 1e-9
"""Difference, as a share of the largest value, up to which values are equal. [1] Ours: rounding."""
COLD_C, COOL_C = 12.0, 18.0
"""Temperature below which people go to places to get warm, and the other one that counts. [°C]"""

Amounts = Mapping[str, Floats]
"""Hours that people lack, or that help prevents, by `Worth.key`: of all people, and of vulnerable ones where those
count more, shape ``(2, member)``. [h] or [K h]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights that make one number of what help prevents."""

    of: Mapping[str, float]
    """Weight of a person-hour or person-degree-hour, by `Worth.key`. [1] or [1/K]"""
    vulnerable: float
    """Weight of vulnerable people where they count more than others. [1]"""

    def shown(self) -> dict[str, float]:
        """Return the weights by name, that of vulnerable people last."""
        return {**self.of, "vulnerable": self.vulnerable}


def read_weights(
    given: Mapping[str, float] | None, scenario: Scenario | None = None, *, vulnerable: float = 1.0
) -> Weights:  # fmt: skip
    """Return the weights of a ranking: those given, else those of the scenario, else those declared.

    Parameters
    ----------
    given
        Weights by `Worth.key`, or by service of several parts: a factor on the declared weights of those that are not
        named themselves. What is left out weighs 0.
    scenario
        Scenario, with `help_weights` and `vulnerable_weight`.
    vulnerable
        Weight of vulnerable people without a scenario.

    Raises
    ------
    InputError
        With every name that is unknown and every weight that is below 0, or if all are 0.
    """
    field = "weights"
    if scenario is not None:
        vulnerable = scenario.vulnerable_weight
        if given is None and scenario.help_weights:
            field, given = "help_weights", scenario.help_weights
    if given is None:
        return Weights(of={worth.key: worth.weight for worth in WORTHS}, vulnerable=vulnerable)
    problems = weight_problems(given, field)
    if problems:
        raise InputError(problems)
    whole = {worth.key: worth.weight * given.get(worth.service, 0.0) for worth in WORTHS}
    found = {name: float(given.get(name, value)) for name, value in whole.items()}
    return Weights(of=found, vulnerable=vulnerable)


def choices() -> list[str]:
    """Return the names that weights can have: services, and their parts where they have several."""
    return [*dict.fromkeys(name for worth in WORTHS for name in (worth.service, worth.key))]


def weight_problems(given: Mapping[str, float] | None, field: str = "weights") -> list[Problem]:
    """Return every name of a weight that is unknown and every weight that is below 0, or say that all are 0."""
    problems = Problems()
    for name, value in (given or {}).items():
        if name not in BY_KEY and name not in SERVICES:
            problems.add(f"is not a service; choose from {', '.join(choices())}", field=field, value=name)
        if not (np.isfinite(value) and value >= 0):
            problems.add("must be a number, at least 0", field=f"{field}.{name}", value=value)
    if given is not None and not problems.found and not any(value > 0 for value in given.values()):
        problems.add("are all 0; give one of them a weight above 0", field=field)
    return problems.found


def amounts(result: xr.Dataset, places: Floats, served: Floats | None = None) -> Amounts:
    """Compute what people lack in a run, of every service that the result has.

    Parameters
    ----------
    result
        Result with `VARIABLES`, as far as its network has them.
    places
        Places to get warm, shape ``(time, region)``. [1]
    served
        People to whom drinking water is brought, shape ``(time, region)``; None for nobody. [1]

    Notes
    -----
    People at a place to get warm come from homes below 12 °C, whoever is in them: a share f of those people goes, and
    with them f of their degree-hours. Each of them is 6 K further below 18 °C than below 12 °C, so below 18 °C that is
    f · (degree-hours below 12 °C + 6 K × hours). Of people without water, those whose taps have stayed dry for more
    than half a day no longer count as without it where it is brought to them.
    """
    return {name: hours.sum(axis=2) for name, hours in regional_amounts(result, places, served).items()}


def regional_amounts(result: xr.Dataset, places: Floats, served: Floats | None = None) -> Amounts:
    """Compute the same in every region, shape ``(2, member, region)`` each; parameters as of `amounts`."""
    people = np.asarray(result["population"].to_numpy(), dtype=float)
    found = {}
    for worth in WORTHS:
        if tells(result, worth):
            hours = _hours(result, worth, people, places)
            if served is not None and worth.variable == WATER and served.any():
                hours = np.maximum(hours - np.minimum(served, staying_dry(result)) * step_h(result), 0.0)
            hours = hours.sum(axis=1)
            part = hours * _vulnerable_share(result) if worth.vulnerable else np.zeros_like(hours)
            found[worth.key] = np.stack([hours, part])
    return found


def tells(result: xr.Dataset, worth: Worth) -> bool:
    """Return whether a result has the variable of a worth, and the labels at which it is read."""
    return worth.variable in result and all(
        name in result.coords and label in result[name].to_numpy().tolist() for name, label in dict(worth.at).items()
    )


def lacked(result: xr.Dataset, worth: Worth) -> xr.DataArray:
    """Return person-hours or person-degree-hours of each step, ``(member, time, region)``. [h] or [K h]"""
    values = result[worth.variable].sel(dict(worth.at), drop=True)
    hours = values if worth.of == "degree_hours" else values * step_h(result)
    return hours if worth.of == "people" else hours * result["population"]


def _hours(result: xr.Dataset, worth: Worth, people: Floats, places: Floats) -> Floats:
    """Return the same with people at places to get warm left out, ``(member, time, region)``."""
    hours = of_steps(lacked(result, worth))
    if not places.any() or worth.variable not in {f"degree_hours_below_{limit:g}c" for limit in (COOL_C, COLD_C)}:
        return hours
    cold = of_steps(result["people_without_heat"])
    went = np.divide(np.minimum(places, cold), cold, out=np.zeros_like(cold), where=cold > 0)
    below = of_steps(result[f"degree_hours_below_{COLD_C:g}c"]) * people
    if worth.variable == f"degree_hours_below_{COOL_C:g}c":
        below = below + (COOL_C - COLD_C) * cold * step_h(result)
    return np.maximum(hours - went * below, 0.0)


def _vulnerable_share(result: xr.Dataset) -> Floats:
    """Return the share of vulnerable people, ``(member, region)``."""
    return np.asarray(result["vulnerable_share"].transpose("member", "region").to_numpy(), dtype=float)


def prevented(without: Amounts, with_: Amounts) -> Amounts:
    """Return what help prevents of each service."""
    return {name: without[name] - with_[name] for name in without}


def weighted(found: Amounts, weights: Weights, service: str = "") -> Floats:
    """Return the weighted sum of all services, or of one, by member, shape ``(member,)``. [h]"""
    parts = [name for name in found if not service or BY_KEY[name].service == service]
    return np.asarray(sum(weights.of[name] * _counted(found[name], weights.vulnerable) for name in parts))


def _counted(found: Floats, vulnerable: float) -> Floats:
    return np.asarray(found[0] + (vulnerable - 1.0) * found[1])


def ranks(values: Floats) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return ranks from 1 for the largest value, equal values with the best of theirs, and whether they are tied.

    Examples
    --------
    >>> ranks(np.array([3.0, 5.0, 3.0, 1.0]))
    (array([2, 1, 2, 4]), array([ True, False,  True, False]))
    """
    near = TIE * np.abs(values).max(initial=0.0)
    better = (values[None, :] > values[:, None] + near).sum(axis=1)
    equal = (np.abs(values[None, :] - values[:, None]) <= near).sum(axis=1)
    return 1 + better, equal > 1


def rank_span(found: Sequence[Amounts], weights: Weights) -> tuple[Ints, Ints]:
    """Return the best and the worst rank of each option while one weight after the other moves over its range.

    Ranges are those that services declare, in proportion to the weight that is given; one that is 0 stays 0.

    Parameters
    ----------
    found
        What each option prevents.
    weights
        Weights from which each in turn departs.
    """
    tried = [weights]
    for name, value in weights.of.items():
        worth = BY_KEY[name]
        ends = [value * end / worth.weight for end in worth.weight_range if worth.weight > 0 and value > 0]
        tried += [Weights(of={**weights.of, name: end}, vulnerable=weights.vulnerable) for end in ends]
    tried += [Weights(of=weights.of, vulnerable=end) for end in VULNERABLE_RANGE]
    every = np.array([ranks(np.array([weighted(one, these).mean() for one in found]))[0] for these in tried])
    return every.min(axis=0), every.max(axis=0)


def duels(names: Sequence[str], values: Floats) -> pd.DataFrame:
    """Compare options two by two, member by member.

    Parameters
    ----------
    names
        Options, the best first.
    values
        Value by option and member, shape ``(option, member)``. [h]

    Returns
    -------
    pandas.DataFrame
        One row per pair: ``option, other``; the share of members in which the option is better, `beats`, and in which
        both are equal, `ties`; `sure`: whether the 95 % interval of the mean difference leaves out zero. Shares and
        `sure` are missing for single members, which tell nothing about others.
    """
    rows = []
    near, count = TIE * np.abs(values).max(initial=0.0), values.shape[1]
    for place, name in enumerate(names):
        for after in range(place + 1, len(names)):
            differ = values[place] - values[after]
            row: dict[str, object] = {"option": name, "other": names[after], "beats": None, "ties": None, "sure": None}
            if count > 1:
                low, high = (float(end[0]) for end in mean_interval(differ[:, None], LEVEL))
                equal = bool((np.abs(differ) <= near).all())
                row |= {"beats": float((differ > near).mean()), "ties": float((np.abs(differ) <= near).mean()),
                        "sure": not equal and (low > 0 or high < 0)}  # fmt: skip
            rows.append(row)
    return pd.DataFrame(rows, columns=["option", "other", "beats", "ties", "sure"])
