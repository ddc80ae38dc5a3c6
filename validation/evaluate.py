"""Scores of the winter of 2025/26, by domain, from what members say about each row of the observations."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats, Ints
from gridmodel.inputs.files import ROOT
from gridmodel.output.report.trigger import ACT, POWER_H
from validation.learning import COARSE_SD_H, NOISE_SD_H, SEEDS, Reports, errors, learned
from validation.operators import OBSERVATIONS, read_observations
from validation.persistence import last_report, week_mean, with_residuals
from validation.scores import band, by_weeks, fair_crps, interval, rank, skill

LEADS_D = (2, 3, 4, 5, 6, 7)
"""Leads at which electricity is judged; tomorrow's timetable is published. [d]"""
LEAST_ROWS = 10
"""Independent rows from which a domain is judged."""
PRIOR = (
    "scenarios/winter-2025-26.yaml", "scenarios/winter-2025-26.csv", "scenarios/winter-2025-26-supply.csv",
    "weather/winter-2025-26.csv", "validation/ukraine-2025-26/inputs.csv",
)  # fmt: skip
"""Files that say what was thought before anything was scored."""
HOURS_OFF = ("order_day_before", "order_middle_day_before", "hours_served")
"""Operators in hours off a day."""
RANK_PARTS = 5
"""Parts into which ranks are counted."""


def hashes() -> dict[str, str]:
    """Return the SHA-256 of the prior and of the observations, by what they are."""
    prior = sha256(b"".join((ROOT / name).read_bytes().replace(b"\r\n", b"\n") for name in PRIOR)).hexdigest()
    return {"prior": prior, "observations": sha256(OBSERVATIONS.read_bytes().replace(b"\r\n", b"\n")).hexdigest()}


def groups() -> dict[str, str]:
    """Return the group of each region: the west, the capital, and the rest of the country."""
    table = pd.read_csv(ROOT / "networks" / "ukraine" / "regions.csv", usecols=["id", "zone"])
    of_zone = {"WEST": "west"}
    made = {
        str(region): of_zone.get(str(zone), "east, centre, south") for region, zone in table[["id", "zone"]].to_numpy()
    }
    return made | {"UA-30": "Kyiv"}


def reports_of(observations: pd.DataFrame, values: Floats) -> tuple[Reports, Ints]:
    """Return the rows of hours off as reports, and their positions among the observations.

    Parameters
    ----------
    observations
        All rows.
    values
        What members say about each, shape ``(row, member)``.
    """
    day_long = (observations["to"] - observations["from"]) <= pd.Timedelta(days=1)
    here = np.flatnonzero((observations["operator"].isin(HOURS_OFF) & day_long).to_numpy())
    rows = observations.iloc[here]
    regions, of_region = sorted(set(observations["scope"])), groups()
    names = sorted(set(of_region.values()))
    coarse = (rows["scope"] == "UA") | (rows["operator"] != "order_day_before")
    return Reports(
        day=rows["from"].to_numpy().astype("datetime64[D]").astype(int),
        oblast=np.array([-1 if scope == "UA" else regions.index(scope) for scope in rows["scope"]]),
        group=np.array([-1 if scope == "UA" else names.index(of_region[scope]) for scope in rows["scope"]]),
        noise_h=np.where(coarse, COARSE_SD_H, NOISE_SD_H),
        value_h=rows["value"].to_numpy(dtype=float),
        model_h=np.asarray(values[here], dtype=float),
    ), here


def weeks_of(reports: Reports) -> Ints:
    """Return the number of the week of each row, from Monday."""
    return np.asarray((reports.day + 3) // 7)


def electricity(observations: pd.DataFrame, values: Floats) -> tuple[dict[str, Any], pd.DataFrame]:
    """Score hours off by oblast at leads of 2 to 7 days; return scores, and a table with a line for each row.

    Every row that was reported by the day of issue is learned from, and carried on by persistence, whatever its kind;
    only independent rows of a single oblast are scored.
    """
    reports, here = reports_of(observations, values)
    weeks = weeks_of(reports)
    independent = (observations["kind"].iloc[here] == "independent").to_numpy()
    wanted = np.flatnonzero(independent & (reports.oblast >= 0))
    usable = np.ones(len(reports.day), dtype=bool)
    lines, drawn = [], errors(reports)
    for lead in LEADS_D:
        last = with_residuals(reports, last_report, list(wanted), lead, usable, weeks)
        week = with_residuals(reports, week_mean, list(wanted), lead, usable, weeks)
        told = _told(reports, wanted, lead, drawn)
        for row in wanted.tolist():
            if row in last and row in week:
                value = reports.value_h[row]
                forecasts = {"learned": told[row], "persistence": last[row], "week": week[row]}
                marks = (_marks(name, members, value) for name, members in forecasts.items())
                alone = np.split(told[row], len(SEEDS))
                by_seed = {f"seed_{seed}": fair_crps(one, value) for seed, one in zip(SEEDS, alone, strict=True)}
                lines.append(
                    {"row": row, "lead": lead, "chance": float((told[row] >= POWER_H).mean())}
                    | {name: mark for one in marks for name, mark in one.items()}
                    | by_seed
                )
    frame = pd.DataFrame(lines)
    by_row = frame.groupby("row").mean()
    free = pd.DataFrame(
        [_marks("free", reports.model_h[row], reports.value_h[row]) for row in by_row.index], index=by_row.index
    )
    by_row = by_row.join(free)
    by_row["week"] = weeks[by_row.index]
    by_row["observation"] = here[by_row.index]
    by_row["value"] = reports.value_h[by_row.index]
    by_row["median"] = [float(np.median(reports.model_h[row])) for row in by_row.index]
    return _summary(by_row, frame), by_row


def alarms(by_row: pd.DataFrame) -> dict[str, float]:
    """Return how often the trigger of hours without power was right: at a mean chance of `ACT` or more, over the leads.

    Parameters
    ----------
    by_row
        A line for each row, with `chance` and the reported `value` [h].

    Returns
    -------
    dict
        ``hit_rate``: share of days at or above the threshold that were announced. ``false_alarm_rate``: share of
        announcements that were followed by a day below it. A share of nothing is 0.
    """
    told, happened = (by_row["chance"] >= ACT).to_numpy(), (by_row["value"] >= POWER_H).to_numpy()
    return {
        "rows": len(by_row), "events": int(happened.sum()), "announced": int(told.sum()),
        "hit_rate": float((told & happened).sum() / max(happened.sum(), 1)),
        "false_alarm_rate": float((told & ~happened).sum() / max(told.sum(), 1)),
    }  # fmt: skip


def _told(reports: Reports, wanted: Ints, lead: int, drawn: tuple[Floats, Floats]) -> dict[int, Floats]:
    """Return the forecast of each row at a lead, from all that was reported by then."""
    made: dict[int, Floats] = {}
    for day in np.unique(reports.day[wanted]):
        rows = wanted[reports.day[wanted] == day]
        made |= dict(zip(rows.tolist(), learned(reports, reports.day <= day - lead, rows, drawn), strict=True))
    return made


def _marks(name: str, members: Floats, value: float) -> dict[str, float]:
    """Return the marks of one forecast of one row."""
    low, high = band(members)
    return {
        f"{name}_crps": fair_crps(members, value), f"{name}_inside": float(low <= value <= high),
        f"{name}_width": high - low, f"{name}_low": low, f"{name}_high": high,
        f"{name}_rank": rank(members, value), f"{name}_error": abs(float(np.median(members)) - value),
    }  # fmt: skip


def _summary(by_row: pd.DataFrame, frame: pd.DataFrame) -> dict[str, Any]:
    """Return the scores over rows, with intervals over weeks."""
    weeks = by_row["week"].to_numpy()
    made: dict[str, Any] = {"rows": len(by_row), "weeks": len(np.unique(weeks)), "judged": len(by_row) >= LEAST_ROWS}
    for name in ("learned", "free", "persistence", "week"):
        inside = by_row[f"{name}_inside"].to_numpy()
        made[name] = {
            "crps_h": float(by_row[f"{name}_crps"].mean()), "error_h": float(by_row[f"{name}_error"].mean()),
            "width_h": float(by_row[f"{name}_width"].mean()),
            "inside": _share(inside, weeks),
        }  # fmt: skip
    for name in ("learned", "free"):
        for other in ("persistence", "week"):
            pair = by_row[f"{name}_crps"].to_numpy(), by_row[f"{other}_crps"].to_numpy()
            made[name][f"skill_{other}"] = list(skill(*pair, weeks))
        made[name]["ranks"] = _ranks(by_row[f"{name}_rank"].to_numpy(), weeks)
    one_seed = [float(by_row[f"seed_{seed}"].mean()) for seed in SEEDS]
    made["learned"]["crps_h_of_one_seed"] = [min(one_seed), max(one_seed)]
    made["by_lead"] = {
        str(lead): {name: float(part[f"{name}_crps"].mean()) for name in ("learned", "persistence", "week")}
        for lead, part in frame.groupby("lead")
    }
    return made


def _share(values: Floats, weeks: Ints) -> list[float]:
    """Return a mean over rows, with its interval over weeks."""
    return [float(values.mean()), *interval(by_weeks(weeks, lambda rows: float(values[rows].mean())))]


def _ranks(ranks: Floats, weeks: Ints) -> list[list[float]]:
    """Return the share of ranks in each of five parts, with its interval over weeks."""
    place = np.minimum((ranks * RANK_PARTS).astype(int), RANK_PARTS - 1)
    made = []
    for part in range(RANK_PARTS):
        here = (place == part).astype(float)
        made.append(_share(here, weeks))
    return made


def others(observations: pd.DataFrame, values: Floats, domain: str) -> dict[str, Any]:
    """Return what members say of the independent rows of a domain with too few of them to be judged."""
    here = np.flatnonzero(((observations["domain"] == domain) & (observations["kind"] == "independent")).to_numpy())
    if not len(here):
        return {"rows": 0, "judged": False}
    reported = observations["value"].to_numpy(dtype=float)[here]
    marks = pd.DataFrame([_marks("free", values[row], value) for row, value in zip(here, reported, strict=True)])
    apart = _apart(observations.iloc[here])
    return {
        "rows": len(here), "apart": apart, "judged": apart >= LEAST_ROWS, "inside": int(marks["free_inside"].sum()),
    }  # fmt: skip


def _apart(rows: pd.DataFrame) -> int:
    """Return the most rows of one place whose spans do not overlap: a month contains its days."""
    count = 0
    for _, here in rows.sort_values("to").groupby("scope"):
        end = None
        for start, stop in zip(here["from"], here["to"], strict=True):
            if end is None or start >= end:
                count, end = count + 1, stop
    return count


def score(found: Mapping[str, Floats]) -> dict[str, Any]:
    """Return all scores of the winter from an ensemble as `validation.winter` makes it."""
    observations, values = read_observations(), found["observed"]
    made, by_row = electricity(observations, values)
    return {
        "hash": hashes(), "members": int(values.shape[1]), "electricity": made, "alarms": {"power_h": alarms(by_row)},
        **{domain: others(observations, values, domain) for domain in ("heat", "water", "imports")},
    }  # fmt: skip
