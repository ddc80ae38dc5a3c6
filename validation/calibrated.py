"""Simulation-based calibration: twins of a small system whose truth is known, conditioned on what they would report.

A setting is drawn, a twin is run with it, reports are drawn of it with the errors that conditioning assumes, and the
rank of the truth among the members of the posterior is noted. If conditioning is right, ranks are uniform (Talts and
others 2018, arXiv 1804.06788). They are judged by their empirical distribution within bands that contain all of it at
once with 95 % (Säilynoja, Bürkner and Vehtari 2022, doi 10.1007/s11222-022-10090-6). One of the ranked quantities is
the joint likelihood, which notices a posterior that is the prior (Modrák and others 2023, doi 10.1214/23-BA1404).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats, Ints
from gridmodel.network import read_network
from gridmodel.results.scores import fair_crps
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.studies.conditioning import outcome, timetables
from gridmodel.studies.conditioning.errors import Errors
from gridmodel.studies.conditioning.filter import Filter
from gridmodel.studies.conditioning.observations import Observation, zone_of, zones_of
from gridmodel.studies.conditioning.quantities import QUANTITIES
from gridmodel.studies.conditioning.segments import Engine, knots
from gridmodel.studies.conditioning.walk import first_scores

TWINS = 200
PART = 20
"""Twins after which ranks are written."""
MEMBERS = 100
DRAWS = 19
"""Members of a posterior among which the truth is ranked, so that ranks are from 0 to 19."""
KNOT_D = 1.0
SETTINGS = ("demand_factor", "availability.thermal_coal", "critical_share_factor")
"""Settings whose ranks are noted."""
PROBABILITY = 0.95
DRAWN = 4000
"""Samples of uniform ranks by which bands are set."""


def system(days: int = 2) -> Scenario:
    """Return a small uncertain system: three regions, short of power by as much as nobody knows, and struck."""
    base = load_scenario("three-region")
    start = base.start
    return base.replace(
        deterministic=False, rotation="queues", members=MEMBERS, seed=1, end=start + timedelta(days=days),
        demand_factor={"uniform": [0.8, 1.2]}, availability={"thermal_coal": {"uniform": [0.5, 1.0]}},
        events=[
            {"time": str(start + timedelta(days=day, hours=5)), "target": f"TR-{1 + day % 3}/generation",
             "kind": "strike", "hits_before_interception": 3, "interception": 0.5}
            for day in range(1, days)
        ],
    )  # fmt: skip


def reports(scenario: Scenario) -> list[Observation]:
    """Return the rows that a twin reports, without values: hours off in a region a day, and queues in the country."""
    zones, made = zones_of(read_network(scenario.network)), list[Observation]()
    names = list(zones)
    days = (scenario.end - scenario.start).days
    for day in range(days):
        start = scenario.start + timedelta(days=day)
        places: list[tuple[str, tuple[str, ...], str]] = [
            (names[day % len(names)], (names[day % len(names)],), "hours_off"),
            ("TR", tuple(names), "queues"),
        ]
        made += [
            _row(start, start + timedelta(days=1), scope, regions, zone_of(regions, zones), quantity)
            for scope, regions, quantity in places
        ]
    return made


def _row(  # noqa: PLR0917 - what a row is
    start: datetime, end: datetime, scope: str, regions: tuple[str, ...], zone: str, quantity: str
) -> Observation:  # fmt: skip
    return Observation(
        line=0, start=start, end=end, scope=scope, regions=regions, zone=zone, quantity=quantity, value=0.0,
        report_sd=QUANTITIES[quantity].report, low=np.nan, high=np.nan, spread="", source="",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks of the truth of twins."""

    of: Mapping[str, Ints]
    """By quantity, shape ``(twin,)``."""
    effective: Floats
    """Effective number of members of each posterior."""


def filtered(scenario: Scenario, rows: list[Observation], *, learn: bool) -> tuple[Filter, Floats, Floats]:
    """Return a filter after its last segment, what its members say of rows, and their normal scores there."""
    segments = knots(scenario, scenario.end, KNOT_D)
    names, _ = first_scores(scenario, 1)
    engine = Engine(scenario, segments, names)
    made = Filter(
        engine=engine, rows=rows, ends=[sum(row.end <= one.end for row in rows) for one in segments],
        keep=tuple(sorted({name for row in rows for name in row.what.needs})), members=scenario.draws, learn=learn,
    )  # fmt: skip
    now = made.begin()
    for segment in range(len(segments)):
        now = made.step(segment, now)
    return made, now.modelled, now.members.scores[-1]


def ranks(scenario: Scenario, twins: int, *, first: int = 0, posterior: bool = True) -> Ranks:
    """Return the ranks of twins.

    Parameters
    ----------
    scenario
        System of which they are.
    twins
        Number of them.
    first
        Number of the first, so that parts may be run apart.
    posterior
        False to take members of the prior in place of the posterior: a mistake that the joint likelihood must notice.
    """
    empty = reports(scenario)
    truth, said, scores = filtered(scenario.replace(members=first + twins, seed=900_000), empty, learn=False)
    errors = Errors.of(empty)
    factor = np.linalg.cholesky(errors.covariance)
    names = truth.engine.names
    found: dict[str, list[int]] = {name: [] for name in (*SETTINGS, "joint likelihood")}
    worth = []
    for twin in range(first, first + twins):
        value = said[:, twin] + factor @ np.random.default_rng([2026, twin]).standard_normal(len(empty))
        rows = [_with(row, float(one)) for row, one in zip(empty, value, strict=True)]
        made, modelled, theirs = filtered(scenario.replace(seed=1_000 + twin), rows, learn=posterior)
        like = Errors.of(rows)
        pick = np.random.default_rng([7, twin])
        some = pick.choice(len(theirs), DRAWS, replace=False)
        both = like.log_likelihood(np.column_stack([modelled[:, some], said[:, twin]]), 0)
        found["joint likelihood"].append(_rank(both[:-1], both[-1], pick))
        for name in SETTINGS:
            place = names.index(name)
            found[name].append(_rank(theirs[some, place], scores[twin, place], pick))
        worth.append(min(one.effective for one in made.passed))
    return Ranks({name: np.array(listed) for name, listed in found.items()}, np.array(worth))


def foretold_ranks(scenario: Scenario, twins: int) -> tuple[Ints, Floats]:
    """Return the ranks of what twins report next among what is foretold of it, and the CRPS of each.

    Parameters
    ----------
    scenario
        System of which they are; its members are the twins, and all others of each the prior.
    twins
        Number of twins.

    Returns
    -------
    tuple of numpy.ndarray
        Shapes ``(twin,)`` and ``(twin, 2)``: the CRPS of what is foretold, and of what is told without reports.
    """
    empty = reports(scenario)
    _, said, _ = filtered(scenario, empty, learn=False)
    known, wanted = empty[:2], empty[2:3]
    factor = np.linalg.cholesky(Errors.of(empty).covariance)
    most, found, scores = wanted[0].what.high, list[int](), list[list[float]]()
    for twin in range(twins):
        value = said[:, twin] + factor @ np.random.default_rng([2027, twin]).standard_normal(len(empty))
        rows = [_with(row, float(one)) for row, one in zip(known, value[:2], strict=True)]
        others, truth = np.delete(said, twin, axis=1), float(np.clip(value[2], 0.0, most))
        name = f"twin.{twin}"
        (made,) = timetables.foretold(scenario, wanted, others[2:3], rows, others[:2], purpose=name)
        (unlearned,) = outcome.told(scenario, wanted, others[2:3], purpose=name)
        pick = np.random.default_rng([8, twin])
        found.append(_rank(pick.choice(made, DRAWS, replace=False), truth, pick))
        scores.append([fair_crps(made, truth), fair_crps(unlearned, truth)])
    return np.array(found), np.array(scores)


def _with(row: Observation, value: float) -> Observation:
    made = _row(row.start, row.end, row.scope, row.regions, row.zone, row.quantity)
    object.__setattr__(made, "value", value)
    return made


def _rank(members: Floats, truth: float, rng: np.random.Generator) -> int:
    """Return how many members are below the truth; those that equal it are below by lot."""
    equal = int((members == truth).sum())
    return int((members < truth).sum()) + (int(rng.integers(0, equal + 1)) if equal else 0)


def ecdf(found: Ints, draws: int = DRAWS) -> Floats:
    """Return the share of ranks up to each but the last, shape ``(rank,)``. [1]"""
    return np.asarray([(found <= rank).mean() for rank in range(draws)])


def band(count: int, draws: int = DRAWS, probability: float = PROBABILITY) -> tuple[Floats, Floats]:
    """Return the lower and upper end that contain the whole distribution of uniform ranks at once.

    Parameters
    ----------
    count
        Number of ranks.
    draws
        Largest rank.
    probability
        Chance that uniform ranks stay within. [1]

    Notes
    -----
    Ends are quantiles of the same level at every rank; the level is the one at which the share of samples of uniform
    ranks that stay within is as asked for.
    """
    rng = np.random.default_rng(1)
    made = np.array([ecdf(rng.integers(0, draws + 1, count), draws) for _ in range(DRAWN)])
    ordered = np.sort(made, axis=0)
    below = np.array([np.searchsorted(ordered[:, place], made[:, place], side="right") for place in range(draws)])
    lower = np.array([np.searchsorted(ordered[:, place], made[:, place], side="left") for place in range(draws)])
    above = DRAWN - lower
    least = np.minimum(below, above).min(axis=0)
    cut = int(np.quantile(least, 1.0 - probability, method="lower"))
    place = max(cut - 1, 0)
    return ordered[place], ordered[DRAWN - 1 - place]


def inside(found: Ints, draws: int = DRAWS, probability: float = PROBABILITY) -> bool:
    """Return whether the distribution of ranks stays within its band."""
    low, high = band(len(found), draws, probability)
    mine = ecdf(found, draws)
    return bool(((mine >= low) & (mine <= high)).all())


def joined(parts: Sequence[Ranks]) -> Ranks:
    """Return the ranks of parts together."""
    names = parts[0].of
    return Ranks(
        {name: np.concatenate([part.of[name] for part in parts]) for name in names},
        np.concatenate([part.effective for part in parts]),
    )  # fmt: skip


def save(path: Path, made: Ranks) -> None:
    """Write ranks, a twin a line."""
    columns: dict[str, Any] = {**made.of, "effective": made.effective}
    path.write_text(
        pd.DataFrame(columns).to_csv(index=False, float_format="%.1f", lineterminator="\n"), encoding="utf-8"
    )


if __name__ == "__main__":
    parts: list[Ranks] = []
    for first in range(0, int(sys.argv[2]), PART):
        parts.append(ranks(system(), PART, first=first))
        save(Path(sys.argv[1]), joined(parts))
