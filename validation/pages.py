"""Pages on how true the model is: `docs/validation/*.md` and their pictures, from the scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.scenario import load_scenario
from validation.evaluate import LEADS_D, electricity, groups
from validation.operators import read_observations
from validation.scores import band, fair_crps

UNITS = {"h": "h", "GWh": "GWh", "GW": "GW", "1": ""}
DOMAINS = ("electricity", "heat", "water", "imports")
KINDS = {
    "independent": "Set nothing. Only these are scored.",
    "calibration": "Set a number of the scenario or of the physics, so agreement proves nothing.",
    "persistence": "Would hold for any model in which what was lost stays lost.",
}
"""Kinds of rows, and what agreement is worth in each."""


def number(value: float, unit: str) -> str:
    """Return a number with its unit, as short as it is sure."""
    return f"{value:.3g} {UNITS.get(unit, unit)}".strip()


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [" | ".join(header), "|".join(["---"] * len(header)), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" if "---" not in line else f"|{line}|" for line in lines)


def pair(values: Sequence[float], form: str = ".2f") -> str:
    """Return a number with its interval."""
    middle, low, high = (format(value, form) for value in values)
    return f"{middle} [{low}, {high}]"


def span(row: pd.Series) -> str:
    """Return the days or hours of a row."""
    start, end = pd.Timestamp(row["from"]), pd.Timestamp(row["to"])
    if end - start == pd.Timedelta(days=1) and start.hour == 0:
        return f"{start.day} {start:%b}"
    if end - start > pd.Timedelta(days=2):
        return f"{start.day} {start:%b} to {(end - pd.Timedelta(minutes=1)).day} {end - pd.Timedelta(minutes=1):%b}"
    return f"{start.day} {start:%b} {start:%H:%M}, {(end - start) / pd.Timedelta(hours=1):.0f} h"


def row_table(
    observations: pd.DataFrame, values: Floats, which: Sequence[int], marks: pd.DataFrame | None = None
) -> str:
    """Return a table of rows, those outside the band first and the furthest of them at the top."""
    lines = []
    for place in which:
        row, members = observations.iloc[place], values[place]
        low, high = band(members)
        value, unit = float(row["value"]), str(row["unit"])
        inside = low <= value <= high
        told = ["", ""]
        if marks is not None:
            here = marks[marks["observation"] == place]
            told = ["–", "–"] if here.empty else [
                f"{here['learned_low'].iloc[0]:.1f} to {here['learned_high'].iloc[0]:.1f}",
                f"{here['learned_inside'].iloc[0]:.0%}",
            ]  # fmt: skip
        stated = f" ({row['low']:g} to {row['high']:g}, {row['spread']})" if np.isfinite(row["low"]) else ""
        lines.append((
            inside, -fair_crps(members, value),
            [str(row["id"]), span(row), str(row["scope"]), f"{number(value, unit)}{stated}", str(row["operator"]),
             f"{float(np.median(members)):.3g} [{low:.3g}, {high:.3g}]", "yes" if inside else "**no**",
             f"{float(np.median(members)) - value:+.2g}", *(told if marks is not None else []), str(row["source"])],
        ))  # fmt: skip
    header = ["row", "when", "where", "reported", "operator", "run: median [90 % band]", "inside", "error"]
    header += (["told 2 to 7 days ahead", "inside"] if marks is not None else []) + ["source"]
    return table(header, [line for *_, line in sorted(lines, key=lambda item: item[:2])])


def winter_page(found: Mapping[str, Floats], score: Mapping[str, Any]) -> str:
    """Return the page of the winter: every row, failures first."""
    observations, values = read_observations(), np.asarray(found["observed"], dtype=float)
    _, marks = electricity(observations, values)
    shown = score["electricity"]
    head = [
        "# The winter of 2025/26, row by row", "",
        f"Made by `make validate`: {score['members']} members of `winter-2025-26`, 1 October 2025 to 15 March 2026. "
        "What each operator does is said in `validation/operators.py`; what every number of the scenario was set from, in "
        "`scenarios/winter-2025-26.yaml` and `validation/ukraine-2025-26/inputs.csv`; rows of the sources that are not used, and why, in "
        "`validation/ukraine-2025-26/not-used.csv`. A range in brackets is what the report says: a spread over `people` (the least and the most "
        "cut sub-queue) or over `hours`, never an error.", "",
        "![Hours off a day by group: reports, run, and what is told two days ahead](winter-hours.svg)", "",
        "![Scores by lead](winter-leads.svg)", "",
        "![Ranks of what happened among the members](winter-ranks.svg)", "",
    ]  # fmt: skip
    lines = head
    for domain in DOMAINS:
        lines += [f"## {domain.capitalize()}", ""]
        if domain == "electricity":
            lines += [
                f"{shown['rows']} independent rows of oblasts in {shown['weeks']} weeks have a forecast of every kind and are scored; the others "
                "below are shown. The two columns before the source are the band that is told 2 to 7 days ahead from what was reported by then, mean over the leads.", "",
            ]  # fmt: skip
        for kind, words in KINDS.items():
            which = np.flatnonzero(
                ((observations["domain"] == domain) & (observations["kind"] == kind)).to_numpy()
            ).tolist()
            if len(which):
                only = marks if domain == "electricity" and kind == "independent" else None
                lines += [f"### {kind.capitalize()}", "", words, "", row_table(observations, values, which, only), ""]
    return "\n".join(lines).rstrip() + "\n"


def pictures(folder: Path, found: Mapping[str, Floats], score: Mapping[str, Any]) -> None:
    """Draw the pictures of the winter."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "gridmodel", "font.size": 8, "axes.spines.top": False, "axes.spines.right": False}
    import matplotlib.pyplot as plt

    for name, draw in {
        "winter-hours": _hours,
        "winter-leads": _leads,
        "winter-ranks": _ranks,
        "january-order": _order,
    }.items():
        figure = draw(plt, found, score)
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        plt.close(figure)


def _hours(plt: Any, found: Mapping[str, Floats], _score: Mapping[str, Any]) -> Any:  # noqa: ANN401 - matplotlib
    observations, values = read_observations(), np.asarray(found["observed"], dtype=float)
    _, marks = electricity(observations, values)
    of_region, names = groups(), regions()
    days = np.datetime64("2025-10-01") + np.arange(len(found["hours_off"]))
    figure, axes = plt.subplots(3, 1, figsize=(7.5, 7.5), sharex=True, sharey=True, layout="constrained")
    for axis, group in zip(axes, ("west", "Kyiv", "east, centre, south"), strict=True):
        here = [place for place, region in enumerate(names) if of_region[region] == group]
        mean = np.asarray(found["hours_off"], dtype=float)[:, :, here].mean(axis=2)
        low, middle, high = np.quantile(mean, [0.05, 0.5, 0.95], axis=1)
        axis.fill_between(days, low, high, color="0.85", lw=0, label="run: middle nine tenths")
        axis.plot(days, middle, color="0.5", lw=1, label="run: median")
        rows = observations[
            observations["operator"].isin(("order_day_before", "hours_served"))
            & observations["scope"].map(of_region.get).eq(group)
        ]
        rows = rows[(rows["to"] - rows["from"]) <= pd.Timedelta(days=1)]
        told = marks[marks["observation"].isin(rows.index)]
        when = observations["from"].iloc[told["observation"].astype(int)].to_numpy()
        axis.vlines(when, told["learned_low"], told["learned_high"], color="tab:blue", lw=1, alpha=0.5,
                    label="told 2 to 7 days ahead: 90 % band")  # fmt: skip
        for kind, colour in (("independent", "tab:blue"), ("calibration", "tab:orange")):
            part = rows[rows["kind"] == kind]
            axis.plot(part["from"], part["value"], "o", ms=3.5, color=colour, label=f"reported, {kind}")
        axis.set_title(group, loc="left", fontsize=8)
        axis.set_ylabel("hours off a day")
    axes[0].set_ylim(0, 24)
    axes[0].legend(fontsize=6, ncols=3, frameon=False, loc="upper left")
    return figure


def _leads(plt: Any, _found: Mapping[str, Floats], score: Mapping[str, Any]) -> Any:  # noqa: ANN401 - matplotlib
    by_lead = score["electricity"]["by_lead"]
    figure, axis = plt.subplots(figsize=(5, 2.6), layout="constrained")
    words = {
        "persistence": "last report, with its residuals",
        "week": "mean of the week before, with its residuals",
        "learned": "the model, learning",
    }
    for name, word in words.items():
        axis.plot(LEADS_D, [by_lead[str(lead)][name] for lead in LEADS_D], "o-", ms=3, label=word)
    axis.axhline(score["electricity"]["free"]["crps_h"], color="0.5", ls=":", label="the model, without reports")
    axis.set_xlabel("days ahead")
    axis.set_ylabel("score (CRPS), h off a day")
    axis.set_ylim(0, None)
    axis.legend(fontsize=7, frameon=False)
    return figure


def _ranks(plt: Any, _found: Mapping[str, Floats], score: Mapping[str, Any]) -> Any:  # noqa: ANN401 - matplotlib
    figure, axes = plt.subplots(1, 2, figsize=(6, 2.4), sharey=True, layout="constrained")
    for axis, (name, word) in zip(
        axes, {"free": "without reports", "learned": "learning, 2 to 7 days ahead"}.items(), strict=True
    ):
        share, low, high = np.array(score["electricity"][name]["ranks"]).T
        place = np.arange(len(share))
        axis.bar(place, share, color="0.8")
        axis.vlines(place, low, high, color="0.3")
        axis.axhline(1 / len(share), color="tab:blue", lw=1)
        axis.set_title(word, loc="left", fontsize=8)
        axis.set_xlabel("fifth of the members, from the lowest")
    axes[0].set_ylabel("share of rows")
    return figure


ORDERED_12_JANUARY = ((0, 6, 1.0), (12, 18, 3.5), (20, 22, 2.5))
"""Queues of the order of 12 January as far as it was reported: first and last local hour, and their number. [h, h, 1]"""


def _order(plt: Any, found: Mapping[str, Floats], _score: Mapping[str, Any]) -> Any:  # noqa: ANN401 - matplotlib
    low, middle, high = np.quantile(np.asarray(found["order_12_january"], dtype=float), [0.05, 0.5, 0.95], axis=1)
    hours = np.arange(len(middle))
    figure, axis = plt.subplots(figsize=(5, 2.4), layout="constrained")
    axis.fill_between(hours, low, high, step="post", color="0.85", lw=0, label="run: middle nine tenths")
    axis.step(hours, middle, where="post", color="0.4", label="run: median")
    for start, end, queues in ORDERED_12_JANUARY:
        axis.hlines(queues, start, end, color="tab:orange", lw=2, label="ordered" if start == 0 else None)
    axis.set_xlabel("12 January 2026, local hour")
    axis.set_ylabel("queues off, of 6")
    axis.legend(fontsize=7, frameon=False)
    return figure


def regions() -> list[str]:
    """Return the regions in the order of a result."""
    from gridmodel.network import read_network

    return list(read_network(load_scenario("winter-2025-26").network).regions)


def pair_of(values: Floats, form: str) -> str:
    """Return the median of members with the middle nine tenths."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return f"{middle:{form}} [{low:{form}}, {high:{form}}]"
