"""Whether runs may be compared by what of plant and lines they have: not if that would rank places or technologies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.scenario.by_technology import moves_apart

NETWORK = (
    "differ from those of the network of {first}; compare runs on one network and put what is added into the scenario "
    "(mitigations, import_limit_mw), because a run that lacks the plant of one place would rank targets"
)
"""Reason why runs on networks of other plant are not compared."""
AVAILABILITY = (
    "differs between the runs for several technologies that do not rise and fall together; compare runs in which one "
    "changes, or all in one direction, because a ranking of technologies would be one of targets"
)
"""Reason why runs of technologies that are available to other shares are not compared."""
WITH_OR_WITHOUT = {
    "forced_outages": "are of other technologies or rates than in {first}; compare runs that have the same, or one "
    "without any, because a ranking of technologies would be one of targets",
    "supply": "gives technologies other values by date than in {first}; compare runs with the same, or one without "
    "them (imports by date may differ), because a ranking of technologies would be one of targets",
}
"""Settings that must be the same in two runs, or missing in one, and why."""


def check_plant(runs: Mapping[str, xr.Dataset]) -> None:
    """Refuse runs that differ in what of plant and lines there is, place by place or technology by technology.

    Parameters
    ----------
    runs
        Results by their name in messages; each is compared with each.

    Raises
    ------
    InputError
        With every way in which they differ.

    Notes
    -----
    A network edited to lack a class of plant in one place is an attack on it by other means, and so is one technology
    after the other that is not available. Networks may differ in people, buildings, demand, names and sources. Results
    of version 0.1 do not say what plant they had; the names of their networks must agree.
    """
    problems = []
    for (first, one), (second, other) in combinations(runs.items(), 2):
        tables = _other_tables(one, other)
        if tables:
            problems.append(Problem(message=NETWORK.format(first=first), field="network", table=second, value=tables))
        for name, message in WITH_OR_WITHOUT.items():
            given = [_plant_of(run).get(name) if name == "supply" else _settings_of(run).get(name)
                     for run in (one, other)]  # fmt: skip
            if all(given) and given[0] != given[1]:
                problems.append(Problem(message=message.format(first=first), field=name, table=second))
    if moves_apart([_mapping(_settings_of(run).get("availability")) for run in runs.values()]):
        problems.append(Problem(message=AVAILABILITY, field="availability"))
    if problems:
        raise InputError(problems)


def country_of(result: xr.Dataset) -> str | None:
    """Return the name of the whole country in events of a result; None if it does not say it."""
    found = _plant_of(result).get("country")
    return found if isinstance(found, str) else None


def _other_tables(one: xr.Dataset, other: xr.Dataset) -> str:
    """Return the tables in which the networks of two runs differ; of an earlier version, the name of the second."""
    tables = [_mapping(_plant_of(run).get("tables")) for run in (one, other)]
    if not all(tables):
        names = [str(run.attrs.get("network", "")) for run in (one, other)]
        return "" if names[0] == names[1] else names[1]
    return ", ".join(
        sorted(name for name in {*tables[0], *tables[1]} if tables[0].get(name) != tables[1].get(name))
    )  # fmt: skip


def _plant_of(result: xr.Dataset) -> Mapping[str, Any]:
    """Return what a result says of what can be lost; empty for one of an earlier version."""
    return _mapping(_parsed(result.attrs.get("plant")))


def _settings_of(result: xr.Dataset) -> Mapping[str, Any]:
    return _mapping(_parsed(result.attrs.get("scenario")))


def _parsed(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
