"""Account of what was learned: reports beside prior and posterior, what comes next, what moved, what disagrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from scipy.special import ndtr

from gridmodel.arrays import Floats
from gridmodel.results.metrics import QUANTILES
from gridmodel.sampling import Ensemble, draw_settings
from gridmodel.scenario import Scenario
from gridmodel.studies.conditioning.errors import Errors
from gridmodel.studies.conditioning.filter import Passed, effective
from gridmodel.studies.conditioning.observations import Observation
from gridmodel.studies.conditioning.quantities import QUANTITIES
from gridmodel.studies.conditioning.walk import noise, shares

LEAST_EFFECTIVE = 30.0
"""Effective number of members below which a posterior is not to be trusted. [1] Ours: a band of 90 % has three members
beyond it."""
LEAST_LEFT_OUT = 10.0
"""The same of members weighted as if a report had not been there. [1]"""
DISAGREES = 0.02
"""Chance of a report as far from what the others say, below which it disagrees with them. [1] Ours."""
NEXT_D = 14
"""Days after which nothing is foretold row by row. [d]"""
NEXT = ("hours_off", "deficit", "homes_without_heat", "people_without_water")
"""Quantities of the country that are foretold day by day."""
DIGITS = 6
"""Digits of what single members say."""


def next_rows(
    until: datetime, scenario: Scenario, country: str, regions: Sequence[str], there: frozenset[str]
) -> list[Observation]:  # fmt: skip
    """Return rows of what comes next, a day each, of the whole country and without a value."""
    made, day = [], timedelta(days=1)
    for number in range(NEXT_D):
        start = until + number * day
        if start + day > scenario.end:
            break
        made += [
            Observation(
                line=0, start=start, end=start + day, scope=country, regions=tuple(regions), zone="", quantity=name,
                value=np.nan, report_sd=np.nan, low=np.nan, high=np.nan, spread="", source="",
            ) for name in NEXT if set(QUANTITIES[name].needs) <= there
        ]  # fmt: skip
    return made


def told(
    scenario: Scenario, rows: Sequence[Observation], said: Floats, *, known: Floats | None = None,
    before: Sequence[Observation] = (), purpose: str = "next",
) -> Floats:  # fmt: skip
    """Return what reports would say, shape ``(row, member)``: what members say, and the errors of both.

    Parameters
    ----------
    scenario
        It gives the seed.
    rows
        Rows that are foretold.
    said
        What members say of them, shape ``(row, member)``.
    known, before
        What members say of rows that were reported, which tell the error of the model that lasts.
    purpose
        Name of the random numbers.
    """
    if not len(rows):
        return said
    errors = Errors.of([*before, *filled(rows, said)])
    known = np.zeros((0, said.shape[1])) if known is None else known
    mean, spread = errors.given(known, slice(len(before), None))
    factor = np.linalg.cholesky(spread + 1e-9 * np.diag(np.diag(spread)))
    made = said + mean + factor @ noise(scenario, f"{purpose}.report", said.shape)
    ends = np.array([[one.what.low, one.what.high] for one in rows])
    return np.asarray(np.clip(made, ends[:, :1], ends[:, 1:]))


def filled(rows: Sequence[Observation], said: Floats) -> list[Observation]:
    """Return rows with the median of what members say as their value, which errors may depend on."""
    middle = np.median(said, axis=1)
    return [
        replace(one, value=float(value), report_sd=one.what.report_sd(float(value)))
        for one, value in zip(rows, middle, strict=True)
    ]


def banded(values: Floats) -> list[list[float]]:
    """Return the 5, 50 and 95 % quantiles of each row, as JSON has them."""
    return np.quantile(values, QUANTILES, axis=1).T.tolist() if len(values) else []


def row_of(one: Observation) -> dict[str, Any]:
    """Return a row as JSON has it."""
    made: dict[str, Any] = {
        "from": f"{one.start:%Y-%m-%d %H:%M}", "to": f"{one.end:%Y-%m-%d %H:%M}", "scope": one.scope,
        "quantity": one.quantity, "unit": one.what.unit,
    }  # fmt: skip
    return made | (
        {}
        if np.isnan(one.value)
        else {"line": one.line, "value": one.value, "source": one.source, "report_sd": one.report_sd}
    )


def rounded(values: Floats) -> list[list[float]]:
    """Return what members say with as many digits as it is worth, as JSON has it."""
    return [[float(f"{one:.{DIGITS}g}") for one in row] for row in values.tolist()]


def beside(rows: Sequence[Observation], before: Floats, after: Floats) -> list[dict[str, Any]]:
    """Return rows as JSON has them, with the bands of what is told of each before and after reports."""
    return [
        {**row_of(one), "prior": a, "posterior": b}
        for one, a, b in zip(rows, banded(before), banded(after), strict=True)
    ]


def left_out(errors: Errors, modelled: Floats) -> list[dict[str, Any]]:
    """Return how each report compares with what all others say of it.

    Notes
    -----
    Members are weighted as if the row had not been learned from, by the inverse of its density given the others
    (Gelfand, Dey and Chang 1992); where few then carry all weight, nothing is said.
    """
    mean, sd = errors.left_out(modelled)
    made = []
    for row, value in enumerate(errors.value):
        apart = (value - mean[row]) / sd[row]
        log = 0.5 * apart**2
        weight = np.exp(log - log.max())
        weight /= weight.sum()
        below = float(weight @ ndtr(apart))
        sure = effective(weight) >= LEAST_LEFT_OUT
        chance = 2.0 * min(below, 1.0 - below)
        expected = float(weight @ mean[row])
        made.append({
            "expected": expected if sure else None, "chance": chance if sure else None,
            "disagrees": bool(sure and chance < DISAGREES),
        })  # fmt: skip
    return made


def moved(scenario: Scenario, names: Sequence[str], prior: Floats, posterior: Floats) -> list[dict[str, Any]]:
    """Return how far each setting moved, the farthest first.

    Parameters
    ----------
    scenario
        It has the distributions.
    names
        Settings; hits and numbers of events are none.
    prior, posterior
        Normal scores, shape ``(member, setting)`` each.
    """
    values = [_values(scenario, names, scores) for scores in (prior, posterior)]
    made = []
    for place, name in enumerate(names):
        was, now = prior[:, place], posterior[:, place]
        made.append({
            "setting": name,
            "prior": np.quantile(values[0][name], QUANTILES).tolist(),
            "posterior": np.quantile(values[1][name], QUANTILES).tolist(),
            "moved_sd": float((now.mean() - was.mean()) / max(was.std(), 1e-9)),
            "narrowed": float(1.0 - now.std() / max(was.std(), 1e-9)),
        })  # fmt: skip
    return sorted(made, key=lambda one: -abs(float(one["moved_sd"])))


def _values(scenario: Scenario, names: Sequence[str], scores: Floats) -> Mapping[str, Floats]:
    count = len(scores)
    ensemble = Ensemble(streams=tuple(range(count)), shares=shares(names, scores))
    drawn = draw_settings(scenario, range(count), ensemble)
    return {name: np.broadcast_to(drawn.of(name, 0), count) for name in names}


def trust(passed: Sequence[Passed], members: int) -> dict[str, Any]:
    """Return how many members the posterior is worth, and what to say of it."""
    learned = [one for one in passed if one.rows]
    least = min((one.effective for one in learned), default=float(members))
    made: dict[str, Any] = {
        "members": members, "effective": least, "trusted": least >= LEAST_EFFECTIVE,
        "segments": [
            {"rows": one.rows, "rounds": one.rounds, "effective": one.effective,
             "accepted": one.accepted, "log_evidence": one.evidence}
            for one in passed
        ],
    }  # fmt: skip
    if not made["trusted"]:
        made["warning"] = (
            f"Too few members carry this posterior: worth {least:.0f} of {members}, and {LEAST_EFFECTIVE:.0f} are the "
            "least. Its bands are too narrow; give more members, or look for a report that is wrong."
        )
    return made
