"""What can be learned at all from the reports of the winter: forecasts that no filter makes, scored as the filter is.

Members of the frozen prior stay as they are, all of them, and the same reports up to the same knots are taken in by
arithmetic alone, in seconds: by the errors of the model that last (`told`), or as timetables are foretold
(`timetables`). Beside it stands how likely the reports up to a date are with errors that zones share, and without:
whether such an error is there is told by reports alone, before any forecast is scored.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.studies.conditioning import timetables
from gridmodel.studies.conditioning.errors import Errors
from gridmodel.studies.conditioning.observations import Observation
from gridmodel.studies.conditioning.outcome import told
from gridmodel.studies.conditioning.segments import knots
from validation import rolling
from validation.__main__ import read_members
from validation.operators import read_observations
from validation.winter import SCENARIO

UNTIL = (datetime(2025, 12, 1), datetime(2026, 1, 12), datetime(2026, 3, 20))
"""Dates up to which reports are asked how likely they are."""
CALIBRATED = datetime(2026, 1, 21)
"""Date before which reports set ranges of the scenario (kind `calibration`)."""
FEWER = (10, 20, 40)
"""Numbers of members with which timetables are made anew."""


@dataclass(frozen=True, slots=True)
class Winter:
    """Reports of the winter, and what members of the frozen prior say of each."""

    scenario: Scenario
    rows: Sequence[Observation]
    places: Sequence[int]
    """Position of each among the observations."""
    said: Floats
    """Shape ``(row, member)``."""

    @classmethod
    def read(cls) -> Winter:
        """Read reports and members as they are recorded."""
        scenario = load_scenario(SCENARIO)
        rows, places = rolling.rows_of(scenario, read_observations())
        return cls(scenario, rows, places, read_members()[places])

    def without_zones(self) -> Winter:
        """Return the same with errors that no zone shares."""
        return replace(self, rows=[replace(row, zone="") for row in self.rows])


Guess = Callable[[Winter, int, int, str], Floats]
"""What is told of the rows between two positions from those before the first, by a name for its random numbers, shape
``(row, member)``."""


def carried(winter: Winter, first: int, last: int, purpose: str) -> Floats:
    """Return what members say with their errors carried on; each counts as before, whatever it said of the reports."""
    before = winter.rows[:first]
    return told(
        winter.scenario, winter.rows[first:last], winter.said[first:last], known=winter.said[:first], before=before,
        purpose=purpose,
    )  # fmt: skip


def unlearned(winter: Winter, first: int, last: int, purpose: str) -> Floats:
    """Return what members say with errors of which no report tells."""
    return told(winter.scenario, winter.rows[first:last], winter.said[first:last], purpose=purpose)


def kalman(winter: Winter, first: int, last: int, purpose: str) -> Floats:
    """Return what `gridmodel condition` foretells of timetables: a Kalman update of members of the prior."""
    return timetables.foretold(
        winter.scenario, winter.rows[first:last], winter.said[first:last], winter.rows[:first], winter.said[:first],
        purpose=purpose,
    )  # fmt: skip


def forecasts(winter: Winter, guess: Guess) -> pd.DataFrame:
    """Return what a guess tells of each row from the reports up to its knot, as `rolling.forecasts` does."""
    lines, last = list[list[float]](), 0
    for number, part in enumerate(knots(winter.scenario, winter.scenario.end, rolling.KNOT_D)):
        first, last = last, sum(row.end <= part.end for row in winter.rows)
        if last == first:
            continue
        found = guess(winter, first, last, f"attainable.{number}")
        for place, one in zip(range(first, last), found, strict=True):
            lead = (winter.rows[place].start.date() - part.start.date()) / timedelta(days=1) + 1
            lines.append([float(winter.places[place]), lead, *one])
    return rolling.table(lines)


def daily(winter: Winter, guess: Guess) -> pd.DataFrame:
    """Return what a guess tells of each row at each lead, from all reports that had ended by then."""
    lines = list[list[float]]()
    ends = np.array([row.end for row in winter.rows], dtype="datetime64[s]")
    for number, row in enumerate(winter.rows):
        for lead in rolling.LEADS_D:
            issued = datetime.combine(row.start, time()) - timedelta(days=lead - 1)
            first = int(np.searchsorted(ends, np.datetime64(issued, "s"), side="right"))
            alone = replace(
                winter, rows=[*winter.rows[:first], row], said=winter.said[[*range(first), number]],
            )  # fmt: skip
            (told_of,) = guess(alone, first, first + 1, f"attainable.{number}.{lead}")
            lines.append([float(winter.places[number]), lead, *told_of])
    return rolling.table(lines)


def evidence(winter: Winter, until: datetime) -> float:
    """Return the logarithm of the density of the reports of hours off up to a date, errors and members normal."""
    here = [place for place, row in enumerate(winter.rows) if row.end <= until and row.what.unit == "h"]
    rows, said = [winter.rows[place] for place in here], winter.said[here]
    errors = Errors.of(rows)
    factor = np.linalg.cholesky(timetables.of_members(rows, said) + errors.covariance)
    miss = np.linalg.solve(factor, errors.value - said.mean(axis=1))
    return float(-0.5 * miss @ miss - np.log(np.diag(factor)).sum() - 0.5 * len(here) * np.log(2.0 * np.pi))


def scores(winter: Winter) -> dict[str, dict[str, Any]]:
    """Return the scores of each forecast, beside those of the filter as it is recorded."""
    none, prior = winter.without_zones(), read_members()
    made = {
        "members and errors, nothing learned": forecasts(winter, unlearned),
        "errors carried on": forecasts(winter, carried),
        "errors carried on, none of zones": forecasts(none, carried),
        "timetables": forecasts(winter, kalman),
        "timetables, no errors of zones": forecasts(none, kalman),
        "timetables, at every lead": daily(winter, kalman),
        "filter": pd.read_csv(rolling.RECORDED),
    }
    return {name: rolling.score(found, prior) for name, found in made.items()}


def fewer(winter: Winter, members: int, draws: int = 8) -> tuple[float, float]:
    """Return the skill over the whole prior, and the share inside the band, of timetables from some of its members.

    Both are means over draws of these members.
    """
    skills, inside = list[float](), list[float]()
    for draw in range(draws):
        chosen = np.random.default_rng(draw).choice(winter.said.shape[1], members, replace=False)
        found = rolling.score(forecasts(replace(winter, said=winter.said[:, chosen]), kalman), read_members())
        skills.append(found["skill_free"][0])
        inside.append(found["inside"][0])
    return float(np.mean(skills)), float(np.mean(inside))


def parts(winter: Winter) -> dict[str, dict[str, Any]]:
    """Return the scores of timetables up to `CALIBRATED` and after it, and of rows without a last report too."""
    weekly, prior = forecasts(winter, kalman), read_members()
    later = {place for place, row in zip(winter.places, winter.rows, strict=True) if row.start >= CALIBRATED}
    after = weekly["observation"].isin(later)
    return {
        f"timetables, before {CALIBRATED:%d %B}": rolling.score(weekly[~after], prior),
        f"timetables, from {CALIBRATED:%d %B}": rolling.score(weekly[after], prior),
        "timetables, every row": rolling.score(weekly, prior, every=True),
        "timetables, at every lead, every row": rolling.score(daily(winter, kalman), prior, every=True),
    }


def main() -> int:
    """Print what is attainable: ``python -m validation.attainable``."""
    winter = Winter.read()
    for name, one in (scores(winter) | parts(winter)).items():
        middle, low, high = one["skill_free"]
        share, least, most = one["inside"]
        sys.stdout.write(
            f"{name:36s} {one['rows']} rows, CRPS {one['crps_h']:.2f} h beside {one['free_crps_h']:.2f} of the prior, "
            f"skill {middle:.2f} [{low:.2f}, {high:.2f}], inside {share:.0%} [{least:.0%}, {most:.0%}], "
            f"{one['width_h']:.1f} h wide\n"
        )
    for members in FEWER:
        saved, inside = fewer(winter, members)
        sys.stdout.write(f"timetables from {members} members: skill {saved:.2f}, inside {inside:.0%}\n")
    for until in UNTIL:
        gain = evidence(winter, until) - evidence(winter.without_zones(), until)
        sys.stdout.write(f"reports up to {until:%Y-%m-%d}: {np.exp(gain):.1f} times as likely with errors of zones\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
