"""Rolling forecast of the winter of 2025/26: reports up to a knot are learned from, and the week after it is told.

One pass of the filter from October to March gives a forecast at every knot, since what members say of a week before
its reports weigh them is one. Rows are scored at leads of 2 to 7 days, beside the frozen prior, whose members are
recorded, and beside the last report with its residuals.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.network import read_network
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.studies.conditioning import outcome
from gridmodel.studies.conditioning.filter import Filter
from gridmodel.studies.conditioning.observations import Observation, zone_of, zones_of
from gridmodel.studies.conditioning.quantities import QUANTITIES
from gridmodel.studies.conditioning.segments import Engine, knots
from gridmodel.studies.conditioning.walk import first_scores
from validation.evaluate import reports_of, weeks_of
from validation.operators import OBSERVATIONS, read_observations
from validation.persistence import last_report, with_residuals
from validation.scores import band, by_weeks, fair_crps, interval, skill
from validation.winter import SCENARIO

MEMBERS = 120
"""Members. Ours: some ten to fifteen minutes of one core; with 30 a posterior was worth 6 to 30 of them."""
KNOT_D = 7.0
LEADS_D = range(2, 8)
"""Days from the last report that was learned from to the one that is told. [d]"""
OF_OPERATOR = {
    "order_day_before": "hours_off_plan", "order_middle_day_before": "hours_off_range", "hours_served": "hours_off",
    "imported": "import_energy",
}  # fmt: skip
"""Quantity of each operator whose rows are learned from; heat and water have too few to judge."""
RECORDED = Path(__file__).resolve().parent / "ukraine-2025-26" / "rolling.csv"
"""What was told of each row that is scored: its members, four digits."""


def rows_of(scenario: Scenario, observations: pd.DataFrame) -> tuple[list[Observation], list[int]]:
    """Return observations as conditioning takes them, and the position of each among all."""
    zones = zones_of(read_network(scenario.network))
    made, places = [], []
    for place, row in enumerate(observations.to_dict("records")):
        name = OF_OPERATOR.get(str(row["operator"]))
        if name is None:
            continue
        start, end = (pd.Timestamp(row[key]).to_pydatetime() for key in ("from", "to"))
        if end > scenario.end:
            continue
        value, scope = float(row["value"]), str(row["scope"])
        regions = tuple(zones) if scope == "UA" else (scope,)
        made.append(
            Observation(
                line=place + 2, start=start, end=end, scope=scope, quantity=name, value=value,
                regions=regions, zone=zone_of(regions, zones), report_sd=QUANTITIES[name].report_sd(value),
                low=np.nan, high=np.nan, spread="", source="",
            )
        )  # fmt: skip
        places.append(place)
    order = sorted(range(len(made)), key=lambda one: (made[one].end, made[one].line))
    return [made[one] for one in order], [places[one] for one in order]


def forecasts(
    members: int = MEMBERS, *, note: Callable[[pd.DataFrame, Filter], None] | None = None, segments: int | None = None
) -> pd.DataFrame:  # fmt: skip
    """Return what was told of each row, a line each: position of the observation, lead, and members."""
    scenario = load_scenario(SCENARIO).replace(members=members)
    rows, places = rows_of(scenario, read_observations())
    parts = knots(scenario, scenario.end, KNOT_D)
    engine = Engine(scenario, parts, first_scores(scenario, 1)[0])
    ends = [sum(row.end <= one.end for row in rows) for one in parts]
    made = Filter(
        engine=engine, rows=rows, ends=ends, members=members,
        keep=tuple(sorted({name for row in rows for name in row.what.needs})),
    )  # fmt: skip
    now, lines = made.begin(), list[list[float]]()
    for segment, part in enumerate(parts[:segments]):
        known = now.modelled
        now = made.step(segment, now)
        here = rows[len(known) : len(now.modelled)]
        said = made.predicted[-1]
        told = outcome.told(scenario, here, said, known=known, before=rows[: len(known)], purpose=f"rolling.{segment}")
        for number, (row, one) in enumerate(zip(here, told, strict=True)):
            lead = (row.start.date() - part.start.date()) / timedelta(days=1) + 1
            lines.append([float(places[len(known) + number]), lead, *one])
        if note is not None:
            note(table(lines), made)
    return table(lines)


def table(lines: list[list[float]]) -> pd.DataFrame:
    """Return what was told: position of the observation, lead, and members, of each line."""
    members = len(lines[0]) - 2 if lines else 0
    return pd.DataFrame(lines, columns=["observation", "lead", *(f"m{one}" for one in range(members))])


def write(found: pd.DataFrame, path: Path = RECORDED) -> None:
    """Write what was told, four digits."""
    rounded = found.astype({"observation": int, "lead": int})
    names = [str(name) for name in found if str(name).startswith("m")]
    rounded[names] = found[names].map(lambda number: f"{number:.4g}")
    path.write_text(rounded.to_csv(index=False, lineterminator="\n"), encoding="utf-8")


def score(found: pd.DataFrame, values: Floats, *, every: bool = False) -> dict[str, Any]:
    """Score forecasts of independent rows of a single oblast; a row that is told at several leads has their mean.

    Parameters
    ----------
    found
        As `forecasts` returns it.
    values
        What members of the frozen prior say of every observation, shape ``(observation, member)``.
    every
        Whether rows count too that have no last report to compare with; nothing is compared with it then.
    """
    observations = read_observations()
    reports, here = reports_of(observations, values)
    position = {int(place): row for row, place in enumerate(here)}
    weeks, independent = weeks_of(reports), observations["kind"] == "independent"
    lines = []
    for _, line in found.iterrows():
        place, lead = int(line["observation"]), int(line["lead"])
        row, members = position.get(place), line.filter(regex=r"^m\d").to_numpy(dtype=float)
        if row is None or lead not in LEADS_D or not independent[place] or reports.oblast[row] < 0:
            continue
        value = reports.value_h[row]
        last = with_residuals(reports, last_report, [row], lead, np.ones(len(reports.day), dtype=bool), weeks)
        if row not in last and not every:
            continue
        low, high = band(members)
        lines.append({
            "row": row, "week": weeks[row], "crps": fair_crps(members, value),
            "free": fair_crps(reports.model_h[row], value), "last": np.nan if every else fair_crps(last[row], value),
            "inside": float(low <= value <= high), "width": high - low,
            "error": abs(float(np.median(members)) - value),
        })  # fmt: skip
    frame = pd.DataFrame(lines).groupby("row").mean()
    week = frame["week"].to_numpy(dtype=int)
    crps, inside = frame["crps"].to_numpy(), frame["inside"].to_numpy()
    return {
        "rows": len(frame), "weeks": len(np.unique(week)), "crps_h": float(crps.mean()),
        "free_crps_h": float(frame["free"].mean()), "last_crps_h": float(frame["last"].mean()),
        "skill_free": list(skill(crps, frame["free"].to_numpy(), week)),
        "skill_last": list(skill(crps, frame["last"].to_numpy(), week)),
        "inside": [float(inside.mean()), *interval(by_weeks(week, lambda rows: float(inside[rows].mean())))],
        "width_h": float(frame["width"].mean()), "error_h": float(frame["error"].mean()),
    }  # fmt: skip


def main() -> int:
    """Run, record and score: ``python -m validation.rolling [MEMBERS]``."""

    def told_of(found: pd.DataFrame, made: Filter) -> None:
        write(found)
        sys.stderr.write(f"{len(made.passed)} {json.dumps(asdict(made.passed[-1]))}\n")
        sys.stderr.flush()

    forecasts(int(sys.argv[1]) if len(sys.argv) > 1 else MEMBERS, note=told_of)
    sys.stdout.write(json.dumps(recorded(), indent=1) + "\n")
    return 0


def recorded(path: Path = RECORDED) -> dict[str, Any]:
    """Return the scores of what was recorded, beside the frozen prior as `make validate` recorded it."""
    prior = pd.read_csv(OBSERVATIONS.parent / "members.csv").iloc[:, 1:].to_numpy(dtype=float)
    return score(pd.read_csv(path), prior)


if __name__ == "__main__":
    sys.exit(main())
