"""Timetables of the days that come in each region, foretold from reports of hours off and every member that was drawn.

The filter (`filter`) chooses members, and few are left that agree with many reports; a forecast needs no such choice.
What is to be foretold and what was reported are near normal, so that reports are taken in by the ensemble Kalman filter
with perturbed observations (Burgers, van Leeuwen and Evensen 1998,
doi 10.1175/1520-0493(1998)126<1719:ASITEK>2.0.CO;2): each member of the prior is moved by what it and its errors missed
the reports by. Covariances are those of members, which count the less the more days are between two rows, and those of
the errors of the model, which last (`errors`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.scenario import Scenario
from gridmodel.studies.conditioning.errors import Errors
from gridmodel.studies.conditioning.observations import Observation, zone_of
from gridmodel.studies.conditioning.outcome import filled
from gridmodel.studies.conditioning.quantities import QUANTITIES
from gridmodel.studies.conditioning.walk import noise

QUANTITY = "hours_off_plan"
"""Quantity of a timetable."""
LEARNED = ("hours_off_plan", "hours_off_range", "hours_off", "queues")
"""Quantities of reports that are learned from: hours off, however they are told."""
TAPER_D = 21.0
"""Days over which what members say of two dates together falls to 1/e. [d] [B] Ours: chance correlations of few members
do not count, and what was lost in one month is mended in the next."""
DRAWS = 9
"""Draws of errors for each member. Ours: with one alone a band is a matter of luck in its second digit."""
DAYS = 7
"""Days that are foretold. [d]"""


def rows_of(
    until: datetime, scenario: Scenario, zones: Mapping[str, str], variables: frozenset[str]
) -> list[Observation]:  # fmt: skip
    """Return rows of the timetables of each region on the days that come, without values.

    Parameters
    ----------
    until
        Local midnight up to which is learned.
    scenario
        It gives the end.
    zones
        Zone of each region.
    variables
        Variables that a result has.
    """
    what, day = QUANTITIES[QUANTITY], timedelta(days=1)
    if not set(what.needs) <= variables:
        return []
    starts = [until + number * day for number in range(DAYS)]
    return [
        Observation(
            line=0, start=start, end=start + day, scope=region, regions=(region,), zone=zone_of((region,), zones),
            quantity=QUANTITY, value=np.nan, report_sd=np.nan, low=np.nan, high=np.nan, spread="", source="",
        ) for start in starts if start + day <= scenario.end for region in zones
    ]  # fmt: skip


def foretold(
    scenario: Scenario, rows: Sequence[Observation], said: Floats, known: Sequence[Observation], known_said: Floats, *,
    purpose: str = "timetables",
) -> Floats:  # fmt: skip
    """Return what reports would say, shape ``(row, draw · member)``.

    Parameters
    ----------
    scenario
        It gives the seed.
    rows
        Rows that are foretold.
    said
        What members of the prior say of them, shape ``(row, member)``.
    known
        Reports by then. Those of other quantities than `LEARNED` are left out.
    known_said
        What the same members say of them, shape ``(known, member)``.
    purpose
        Name of the random numbers.
    """
    if not len(rows):
        return said
    seen = told_by(known)
    count, both = len(seen), np.concatenate([known_said[seen], said])
    many = np.tile(both, DRAWS)
    listed = [*(known[place] for place in seen), *filled(rows, said)]
    errors = Errors.of(listed)
    world = many + np.linalg.cholesky(errors.covariance) @ noise(scenario, f"{purpose}.report", many.shape)
    spread = of_members(listed, both) + errors.covariance
    gain = np.linalg.solve(spread[:count, :count], spread[:count, count:]).T
    moved = world[count:] + gain @ (errors.value[:count, None] - world[:count])
    ends = np.array([[one.what.low, one.what.high] for one in rows])
    return np.asarray(np.clip(moved, ends[:, :1], ends[:, 1:]))


def told_by(known: Sequence[Observation]) -> list[int]:
    """Return the positions of the reports that tell of timetables."""
    return [place for place, one in enumerate(known) if one.quantity in LEARNED]


def of_members(rows: Sequence[Observation], said: Floats) -> Floats:
    """Return the covariance of what members say of rows, tapered with the days between them, shape ``(row, row)``."""
    days = np.array([one.day for one in rows])
    near = np.exp(-np.abs(np.subtract.outer(days, days)) / TAPER_D)
    apart = said - said.mean(axis=1, keepdims=True)
    return np.asarray(apart @ apart.T / (said.shape[1] - 1) * near)
