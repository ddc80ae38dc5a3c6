"""First page of `docs/validation/`: what the model is good for and what not, in two minutes."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from typing import Any

from validation.learning import SEEDS
from validation.operators import OBSERVATIONS, read_observations
from validation.pages import pair, table

TRIED = OBSERVATIONS.parent / "tried.csv"
"""What was tried after the first score."""
NEVER_BELOW = 0.0
"""Skill above which a forecast is better than another. [1]"""


def page(score: Mapping[str, Any]) -> str:
    """Return the page."""
    winter = score["winter-2025-26"]
    power = winter["electricity"]
    told, free, last, week = (power[name] for name in ("learned", "free", "persistence", "week"))
    goals = [
        ("better than the last report, at leads of 2 to 7 days", f"skill {pair(told['skill_persistence'])}", told["skill_persistence"][1] > NEVER_BELOW),
        ("better than the mean of the week before", f"skill {pair(told['skill_week'])}", told["skill_week"][1] > NEVER_BELOW),
        ("nine reports in ten inside the 90 % band", f"{pair(told['inside'], '.0%')}", told["inside"][1] <= 0.9 <= told["inside"][2]),
        ("band no wider than that of the last report", f"{told['width_h']:.1f} h beside {last['width_h']:.1f} h", told["width_h"] <= last["width_h"]),
        ("what happened is anywhere among the members alike", _ranks(told["ranks"]), all(low <= 0.2 <= high for _, low, high in told["ranks"])),
    ]  # fmt: skip
    goals.sort(key=lambda goal: goal[2])
    marks = [
        ["the model after reports, 2 to 7 days ahead", f"{told['crps_h']:.2f}", f"{told['error_h']:.1f}", pair(told["inside"], ".0%"), f"{told['width_h']:.1f}"],
        ["the bundled scenario, without reports", f"{free['crps_h']:.2f}", f"{free['error_h']:.1f}", pair(free["inside"], ".0%"), f"{free['width_h']:.1f}"],
        ["the last report with its residuals", f"{last['crps_h']:.2f}", f"{last['error_h']:.1f}", pair(last["inside"], ".0%"), f"{last['width_h']:.1f}"],
        ["the mean of the week before with its residuals", f"{week['crps_h']:.2f}", f"{week['error_h']:.1f}", pair(week["inside"], ".0%"), f"{week['width_h']:.1f}"],
    ]  # fmt: skip
    seeds = " to ".join(f"{value:.2f}" for value in told.get("crps_h_of_one_seed", ()))  # older scores do not have it
    rest = [
        [domain, f"{winter[domain]['rows']} ({winter[domain]['apart']})", f"{winter[domain]['inside']}",
         "judged" if winter[domain]["judged"] else "shown, too few to judge"]
        for domain in sorted(("heat", "water", "imports"), key=lambda name: winter[name]["inside"] / winter[name]["rows"])
    ]  # fmt: skip
    statements = sorted(winter["statements"], key=lambda row: row["chance"])
    reached = {True: "yes", False: "**no**"}
    texas = _texas(score.get("texas-2021"))
    lines = [
        "# How true is it?", "",
        "Made by `make validate`. Numbers are of reports that set nothing; what set a number is listed apart and never counts.", "",
        "## What it is good for", "",
        f"- **How bad a week may get, by oblast.** Hours without power a day are known to {told['error_h']:.1f} h (mean error of the median) two to seven days ahead once reports are "
        f"taken in, and {told['inside'][0]:.0%} of what happened lies in the 90 % band. Use the band, not the median.",
        "- **What damage, cold and imports do to it together**: the scenario alone, from the dates of strikes, weather and what was known of supply, "
        f"has {free['inside'][0]:.0%} of reports in its 90 % band ({free['width_h']:.0f} h wide).",
        "- **Comparing help.** Two runs that differ by a measure share everything that is unknown; what both get wrong mostly cancels.", "",
        "## What it is not good for", "",
        "- **Tomorrow's timetable**: it is published, and better.",
        *_unsure(told["skill_persistence"]),
        "- **One oblast's luck without its reports.** Nothing tells the scenario whether the west or the east heals faster, or how much a strike destroyed.",
        "- **How many people are cold at home.** No survey says it; homes that heat themselves are colder in the model than anything that was reported ([January](january-2026.md)).",
        "- **Heat and water by city**: a region is one town here, and too few independent reports exist to judge ([what is left](#what-is-left)).",
        "- **How far a cascade goes**: that one is possible comes out, its extent does not.", "",
        "## Electricity: hours off a day by oblast", "",
        f"{power['rows']} independent rows in {power['weeks']} weeks. In brackets: 90 % intervals, from whole weeks drawn again. CRPS is the mean distance of what happened to the members, less half "
        "the mean distance between two of them; 0 is perfect. Skill is the part of another forecast's CRPS that is saved: 0 means as good as the other, 1 perfect. Residuals are what that forecast missed by in other weeks, "
        "which gives it a band. Fifths are shares of reports that fell among the lowest fifth of members, the next, and so on: 20% each if bands are right all through.", "",
        table(["forecast", "CRPS, h", "error of the median, h", "inside the 90 % band", "width, h"], marks), "",
        table(["what is asked for", "found", "reached"], [[text, value, reached[good]] for text, value, good in goals]), "",
        *(_why(goals)),
        "## Other domains", "",
        table(["domain", "independent rows (of spans that do not overlap)", "inside the 90 % band", ""], rest), "",
        *_left(told["skill_persistence"], power["weeks"], winter["heat"]),
        "## Right or wrong", "",
        "Statements of the winter that came true, and the share of members of the scenario, without reports, in which they do.", "",
        table(["statement", "chance", "source"], [[row["statement"], f"{row['chance']:.0%}", row["source"]] for row in statements]), "",
        *texas,
        "## How it is done", "",
        "- [Every row of the winter](winter-2025-26.md), the worst first. [January 2026 beside its sources](january-2026.md). [Rows with which parameters were set](../calibration.md).",
        "- [Megawatts and queues together](ridge.md): why hours off alone tell neither what is missing nor who can be cut, and how far statements of both narrow "
        "what a megawatt is worth.",
        "- **Frozen.** Ranges of the scenario and kinds of rows were decided before the first score: SHA-256 "
        f"`{winter['hash']['prior'][:16]}` (scenario, events, supply, weather) and `{winter['hash']['observations'][:16]}` (observations). Who set the ranges had read the reports: they are wide, "
        "not blind. Ranges were set on rows of kind `calibration` alone: 12 to 20 January and three pairs of megawatts and queues.",
        "- **Changed since the first score**: 80 members in place of 40, and the operator of water, which counted people who were dry before the event. With 40 members coverage was 81 % [74, 88] and ranks were within their intervals; "
        "other verdicts were the same.",
        "- **Columns and kinds** of the observations are explained [beside them](../../validation/ukraine-2025-26/README.md).",
        "- **Reports.** After reports means: the ensemble Kalman filter over members, with an error of the model that lasts ten days (`validation/learning.py`). It may use what persistence may use, nothing of the days before "
        "the report that it foretells. Residuals of the two plain forecasts come from all other weeks, later ones too, which favours them.",
        *([f"- **Chance in the score.** Errors of the model and of reports are drawn with {len(SEEDS)} fixed seeds and all taken together; with one of these seeds alone the CRPS after reports is {seeds} h. "
           "Differences smaller than that say nothing."] if seeds else []),
        "- **Known beforehand**, as in any hindcast: dates of strikes and the weather. A forecast before a strike knows neither; this flatters the model against the last report.",
        "- **Not independent.** Rows of a week resemble each other (the same order holds for all); whole weeks are the unit.",
        "- **Where it fails** is at the top of each table, not left out.", "",
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def _ranks(ranks: list[list[float]]) -> str:
    """Return the shares of ranks in fifths."""
    return "fifths: " + ", ".join(f"{share:.0%}" for share, *_ in ranks)


FAILS = (
    "**The west after 20 January.** Ivano-Frankivsk and Lviv were off for 2 to 7 h while the others were off for 15. What a strike takes of transfer, 0 to 0.2, "
    "leaves the west as short as the east in nearly all members; 0.05 to 0.4 parts them in seven of ten members, but by mid-January already, when all were off alike (below). Which lines between zones were lost is not public, and a share of all of them is too coarse.",
    "**7 December and 8 November.** Hours rose by 8 in a day after a strike on the whole system. The range of what a strike takes of generation ends too low.",
    "**Kyiv from 26 to 28 January.** 18 h were reported, 10 h run: damage to the capital heals with its zone, and emergency cuts for reasons of its own are not followed.",
    "**Late October and 11 to 12 March** were better than the run: no weather was reported for these weeks, so they have the norm and a draw at random, and 3.5 GW of mended plant (stated on 13 March) came too late to be an input.",
    "**Learning helps little**: what was wrong in one week is rarely wrong in the next in the same way, because damage comes and goes. Its band is narrower than what happened (fewer than nine in ten). What reports are worth to `gridmodel condition`, and how much is attainable at all: [day five](../conditioning.md#how-it-was-checked).",
)
"""Where the run fails and why, in words."""


def _why(goals: list[tuple[str, str, bool]]) -> list[str]:
    """Return what is not reached, why, and what was tried."""
    missed = [text for text, _, good in goals if not good]
    tried = list(csv.DictReader(TRIED.read_text("utf-8").splitlines()))
    lines = [
        f"Not reached: {'; '.join(missed)}." if missed else "All of it is reached.",
        "",
        "Where it fails, and why:",
        "",
    ]
    lines += [*(f"- {text}" for text in FAILS), ""]
    return [*lines, "Tried after the first score, so that it does not count; the scenario stayed as it was frozen:", "",
            table(["what", "members", "CRPS, h", "inside the 90 % band", "skill over the last report"],
                  [[row["what"], row["members"], row["crps_h"], row["inside"], row["skill"]] for row in tried]), ""]  # fmt: skip


def _unsure(skill: list[float]) -> list[str]:
    """Return a line where the skill over the last report may be none."""
    if skill[1] > NEVER_BELOW:
        return []
    return [
        f"- **Being surely better than the last report**: it is in the middle (skill {pair(skill)}), but weeks differ so much that it may be no better."
    ]


def _left(skill: list[float], weeks: int, heat: Mapping[str, Any]) -> list[str]:
    """Return what is asked for and not reached, and what would be needed for it."""
    lines = []
    if skill[1] <= NEVER_BELOW:
        below = skill[0] - skill[1]
        lines += [
            f"- **Electricity.** {weeks} weeks that hang together leave an interval that begins {below:.2f} below the skill: some {below:.2f} in place of {skill[0]:.2f} would do, or another winter. "
            "What was tried is above; larger losses gained as much with 20 members, but were chosen after the score. What would tell: which lines between zones were lost and when they were mended, how much each strike destroyed, "
            "emergency cuts of Kyiv, and weather for the weeks that have the norm. Reports said none of it by the week that it is for.",
        ]
    if not heat["judged"]:
        kinds = Counter(read_observations().query("domain == 'heat'")["kind"])
        lines += [
            f"- **Heat.** Better than the last report was asked of heat too, and cannot be judged. Of {kinds.total()} reports of buildings that are still without heat {kinds['calibration']} are of four losses in Kyiv to which "
            f"the times of return were fitted, {kinds['persistence']} are of sources lost for good, which any model keeps cold, and {kinds['independent']} are left, each the only one of its event: no last report exists to compare with. "
            "Tried: nothing. To fit the times anew to two of these losses would free the other two, all of one city, and kinds of rows were decided before the first score. Left: reports from other cities, or of another winter.",
        ]
    return ["## What is left", "", *lines, ""] if lines else []


def _texas(score: Mapping[str, Any] | None) -> list[str]:
    """Return the lines on Texas; none without that case."""
    if score is None:
        return []
    rows = [
        ["mean absolute error, GW", f"{score['mean_absolute_error_gw']:.2f}", "below 2.8", f"{score['rule_mean_absolute_error_gw']:.2f}"],
        ["Nash–Sutcliffe efficiency", f"{score['nash_sutcliffe']:.2f}", "above 0.56", f"{score['rule_nash_sutcliffe']:.2f}"],
        ["energy", f"{score['energy_error']:+.1%}", "within 6.7 %", f"{score['rule_energy_error']:+.1%}"],
        ["peak", f"{score['peak_error']:+.1%}", "within 16 %", f"{score['rule_peak_error']:+.1%}"],
    ]  # fmt: skip
    return [
        "## Texas, February 2021", "",
        "Load shed by order in another system and cold, hour by hour over three days; targets are what a published model reaches after it was calibrated to the event. No number was fitted, but "
        "the model was written by someone who had seen these hours, so the score is not blind: [the page](texas-2021.md) says what was added and what it is worth. "
        f"The band holds {score['band_coverage']:.0%} of the hours and is {score['band_width_gw']:.0f} GW wide: too wide.", "",
        table(["score", "model", "asked for", "need less available"], rows), "",
    ]  # fmt: skip
