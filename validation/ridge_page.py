"""Page on megawatts and queues together: the ridge, what was thought before, and how far statements narrow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.studies.conditioning.filter import effective
from validation import ridge
from validation.evaluate import HOURS_OFF
from validation.learning import NOISE_SD_H
from validation.operators import read_observations
from validation.pages import table

LONE_H = 14.7
"""Hours off of a day that stand for themselves: Ivano-Frankivsk on 16 January 2026, e102. [h]"""
NAMES = {"january": "19 January", "february": "7 February", "march": "13 March"}
COLOURS = {"january": "tab:blue", "february": "tab:orange", "march": "tab:green"}
HALF = ridge.WIDE / 2.0
"""Standard deviations from the middle of a 90 % band to its ends."""
CONTRACTED = {
    "outside_january": ("share outside the queues", ".2f"),
    "critical_share_factor": ("factor on the critical share", ".2f"),
    "exempt_share_factor": ("factor on the exempt share", ".2f"),
    "shared_feeder_share": ("share on feeders with critical consumers", ".2f"),
    "demand_factor": ("factor on demand", ".3f"),
    "temperature_slope_factor": ("factor on the rise of demand in the cold", ".2f"),
    "supply_january": ("supply on 19 January, GW", ".1f"),
    "supply_february": ("supply on 7 February, GW", ".1f"),
    "missing_gw_january": ("missing on 19 January, GW", ".1f"),
    "industry_limit_share": ("limits for industry", ".2f"),
    "reserve_mw": ("reserve, MW", ".0f"),
    "worth": ("**worth of a gigawatt on 19 January, h a day**", ".2f"),
}
"""Quantities whose spread is shown before and after, with the form of their numbers."""


def winter_of(members: pd.DataFrame) -> pd.DataFrame:
    """Return the members of the winter, with supply and with what a gigawatt is worth on 19 January."""
    here = members[members["run"] == "winter-2025-26"].reset_index(drop=True)
    for name in ("january", "february"):
        here[f"supply_{name}"] = here[f"import_gw_{name}"] + here[f"generation_gw_{name}"]
    here["worth"] = ridge.worth_h(here["need_gw_january"].to_numpy(), here["outside_january"].to_numpy())
    return here


def page(members: pd.DataFrame) -> str:
    """Return the page from what is recorded of members."""
    here, pairs = winter_of(members), ridge.read_pairs()
    even = np.full(len(here), 1.0 / len(here))
    alone, both = (ridge.stated(pairs, here, megawatts=megawatts) for megawatts in (False, True))
    ratio = ridge.ratios(pairs, here)
    by_hours, by_pairs = ridge.weights(*alone), ridge.weights(*both)
    missing = here["missing_gw_january"] / here["need_gw_january"]
    gap = here["hours_january"].to_numpy() - ridge.hours_off(missing.to_numpy(), here["outside_january"].to_numpy())
    worth, after = here["worth"].to_numpy(), ridge.updated(here["worth"].to_numpy(), *both)
    best = ridge.updated(worth, *ratio)
    outside = here["outside_january"].to_numpy()
    then, at_best = (ridge.updated(outside, *told) for told in (both, ratio))
    narrow = [1.0 - told[1] / outside.std(ddof=1) for told in (then, at_best)]
    sums = ridge.middle_outside(pairs)
    follows = [float(np.corrcoef(row, outside)[0, 1]) for row in ratio[0]]
    low, middle, high = (float(ridge.outside_share(np.array(share), np.array(LONE_H))) for share in (0.40, 0.31, 0.22))
    few = effective(by_pairs) < ridge.FEW
    spread = {name: ridge.weighted_band(values, even) for name, values in (("worth", worth), ("outside", outside))}
    lines = [
        "# Megawatts and queues together", "",
        "Made by `make validate`; `python -m validation.ridge` makes it again from what is recorded in `validation/ukraine-2025-26/ridge.csv`. "
        f"Members are {len(here)} of `winter-2025-26`, as drawn before any report counted, and {(members['run'] == 'january-2026').sum()} of `january-2026`.", "",
        "**In short.** Hours off tell how much is missing *over how much can be cut*, not either of them. What a megawatt of help is worth depends on the one that is not told. "
        f"Before any report it is {spread['worth'][0]:.1f} h a day for each gigawatt on 19 January (90 %: {spread['worth'][1]:.1f} to {spread['worth'][2]:.1f}); three statements of megawatts *and* queues make it "
        f"{_gauss(after, '.1f')}. The share of demand outside the queues goes from {spread['outside'][0]:.2f} ({spread['outside'][1]:.2f} to {spread['outside'][2]:.2f}) to {_gauss(then, '.2f')}: higher, and still wide. "
        f"If what the model has wrong moves hours and megawatts alike, so that it cancels in their ratio, the pairs say {_gauss(at_best, '.2f')}, and {_gauss(best, '.1f')} h for a gigawatt: the bold reading of the same statements beside the cautious one.", "",
        "## Why hours alone do not tell", "",
        "What is missing is cut from those who can be cut. If nothing else happened,", "",
        "    hours off a day = 24 · missing ÷ (need · share in the queues)", "",
        f"so that all points of a line in the picture have the same hours. {LONE_H} h off (Ivano-Frankivsk, 16 January) fit 0.40 of the need missing with {low:.2f} of it outside the queues, "
        f"0.31 with {middle:.2f}, and 0.22 with {high:.2f}. No number of timetables parts them: each is the same ratio again.", "",
        "![Share outside the queues over share of need missing: lines of equal hours, pairs and members](ridge-plane.svg)", "",
        f"Grey: what {LONE_H} h allow, give or take {NOISE_SD_H:.0f} h. Outlined: the pairs, with all of their ranges. Dots: members on the days of the pairs, in the mean of the day. Triangles: `january-2026` on the 19th.", "",
        "Members draw what is outside and what is missing independently of each other (correlation on 19 January "
        f"{_signed(np.corrcoef(missing, outside)[0, 1])}), so the dots are a cloud and not a ridge: hours alone would make it a ridge along a line, a pair a spot on it.", "",
        f"Members lie near their own line: by the order they are off for {_signed(np.median(gap))} h compared with the formula ({_signed(np.quantile(gap, 0.05))} to {_signed(np.quantile(gap, 0.95))} h, 19 January). Limits for "
        "industry take a part before any queue is cut; rounding up to whole sub-queues, the reserve and broken feeders add hours.", "",
        "## What a pair adds", "",
        "Where megawatts and queues are stated for the same hours, the share in the queues follows: missing ÷ need ÷ (queues ÷ 6).", "",
        table(["pair", "row", "missing, GW", "need, GW", "queues of 6", "hours a day", "outside: middle", "outside: all ranges"], _pair_rows(pairs)), "",
        *(f"- **{NAMES[row['id']]}.** {str(row['note'])[0].upper()}{str(row['note'])[1:]} ({_sources(row)})." for row in pairs.to_dict("records")), "",
        "These are statements in round numbers about the evening peak. The mean of a day is 0.84 of the worst hour in the run on 15 January; in March, when only evenings were cut, "
        "it may be 0.3 of it. The ranges below begin that much lower. In March only some oblasts were cut: queues in the mean of the country were fewer, so fewer consumers may be outside than this pair says.", "",
        "## Before any report", "",
        "The members of the scenario beside what was reported: queues of the pair on its day (4 h each), and timetables of single oblasts in its week.", "",
        "![Hours off a day in the weeks of the pairs: members and reports](ridge-hours.svg)", "",
        table(["pair", "hours: members", "stated", "week: members", "reported by oblasts (median, least to most, rows)", "share of need missing: members", "stated, mean of the day"], _prior_rows(pairs, here)), "",
        "Numbers of members are medians with the middle nine tenths; a plan is compared with the order of the day before. On 19 January what was stated lies within both bands, with hours near the top and megawatts in the lower half: that is more consumers outside. On 7 February hours fit, and members miss "
        "more than was stated. In March they miss far more: mended plant came too late to be an input "
        "([first page](README.md)). Pairs set ranges of the scenario (rows of kind `calibration`), so agreement proves nothing; that March does not agree shows that nothing was tuned to it.", "",
        "## How far the pairs narrow it", "",
        f"Two ways with the same errors: {ridge.HOURS_SD_H:.1f} h for hours (a round number, a model that is not the world; as in `validation/learning.py`), and for the share missing the stated range with {ridge.MODEL_SHARE_SD:g} for the model. A third asks less of the model.", "",
        f"- *Weights*: each member counts by how likely it makes the statements. Of {len(here)} members, {effective(by_hours):.0f} are left in effect by hours alone and **{effective(by_pairs):.0f} by the pairs**."
        + (f" That is too few: below {ridge.FEW:.0f} the ends of a band are one or two members, and the last column is shown, not used." if few else ""),
        "- *Gaussian update* of the same members (the ensemble Kalman filter without its random part), which keeps all of them. It takes everything as linear and Gaussian. With "
        f"{len(both[1])} statements and {len(here)} members a setting that has nothing to do with them narrows by about {len(both[1]) / (len(here) - 1) / 2:.0%} by chance, and with {len(alone[1])} by {len(alone[1]) / (len(here) - 1) / 2:.0%}.",
        "- *The ratio alone*, by the same update: the share outside that a member's own hours and megawatts imply by the formula, beside the same of the statements, whose ranges are then the only error. What a member implies follows what it drew "
        f"(correlation {follows[0]:.2f} on 19 January and {follows[1]:.2f} on 7 February) whatever its weather, plant and imports are. March is left out: its queues are of evenings.", "",
        table(["", "before", "after hours alone", "narrower by", "after the pairs", "narrower by", "after their ratio", "narrower by", f"weights, {effective(by_pairs):.0f} members in effect"], [
            _contracted(here[name].to_numpy(dtype=float), words, form, (alone, both, ratio), by_pairs) for name, (words, form) in CONTRACTED.items()]), "",
        "Bands are nine tenths; \"narrower\" compares standard deviations; Gaussian bands do not know that a reserve is never below zero. Hours alone say that the run is short of *something*, and spread it over all of its causes; they hardly narrow what a gigawatt is worth. With megawatts, what is missing is held and "
        "the rest of the surprise goes to who can be cut: more are outside than the middle of the ranges says. "
        f"The share outside the queues is narrower by {narrow[0]:.0%} if errors in hours and megawatts have nothing to do with each other, and by {narrow[1]:.0%} if they are one error. The ratio says nothing of plant, imports or what is missing, as it should.", "",
        "## What remains unknown", "",
        "- **Which consumers are outside.** Critical, exempt and shared feeders act on hours alike, so the pairs hold their sum only; each factor stays nearly as wide as it was, the critical one, which is the largest part, least so.",
        "- **Need and supply apart.** What is missing is their difference: both are narrower by little, and their errors go together.",
        "- **Oblasts.** Pairs are of the country. Lists are approved by each oblast and differ by a fifth; nothing public narrows that.",
        "- **The hour.** Peak or mean of the day was never said, and the ratio takes both as of the same hours: if megawatts are of the peak and queues of the day, fewer were missing in its mean and more are outside. Megawatts, need and queues *of the same hour*, stated once by the operator, would say more than any of these pairs.",
        f"- **Whether the pairs agree.** January and February imply middles of {sums[0]:.2f} and {sums[1]:.2f}, with ranges that just meet; lists of the exempt were the same on both days. One share for both is an assumption.", "",
        "## What it means for ranking help", "",
        "- **Megawatts against megawatts** (imports, generators on the grid, repair of plant, saving, behind the same limits and in the same hours): one gigawatt spares 24 ÷ (need · share in the queues) hours, which is hours off ÷ gigawatts missing. All of them are multiplied by the same unknown, so their order stands.",
        "- **Moving consumers into the queues** (a review of exempt lists): 100 MW of them are worth queues ÷ 6 of 100 MW of supply, 79 MW at 19 h off, *whatever the share is*. Hours alone tell this one.",
        f"- **Megawatts against what is not in megawatts** (warming points, boilers with generators, water, fuel): their order may turn, since a megawatt may be worth {spread['worth'][1] / spread['worth'][0]:.1f} to {spread['worth'][2] / spread['worth'][0]:.1f} times the middle before, and "
        f"{1 - HALF * after[1] / after[0]:.1f} to {1 + HALF * after[1] / after[0]:.1f} times after the pairs ({1 - HALF * best[1] / best[0]:.1f} to {1 + HALF * best[1] / best[0]:.1f} by their ratio). Take a ranking as firm only where it holds in nine members of ten; members differ in all of this, and two options that are compared share it.",
        "- **In the middle the bundled ranges value a megawatt "
        f"{'too low' if after[0] > spread['worth'][0] else 'too high'}**, if the pairs are right: {spread['worth'][0]:.1f} beside {after[0]:.1f} to {best[0]:.1f} h a day for each gigawatt. The scenario stays as frozen; this page is where it shows.",
        "- Near 24 h off the formula ends: those in the queues have nothing left to lose, and a megawatt first goes to consumers outside them.", "",
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def _gauss(after: tuple[float, float], form: str) -> str:
    """Return mean and 90 % band of a Gaussian."""
    mean, sd = after
    return f"{mean:{form}} ({mean - HALF * sd:{form}} to {mean + HALF * sd:{form}})"


def _sources(row: Mapping[Any, Any]) -> str:
    """Return the sources of a pair, each once."""
    return "; ".join(dict.fromkeys(f"{row['megawatts']}; {row['queues']}".split("; ")))


def _signed(value: float | Floats) -> str:
    return f"{float(value):+.1f}".replace("-", "−")


def _pair_rows(pairs: pd.DataFrame) -> list[list[str]]:
    made = []
    for middle, ends, row in zip(
        ridge.middle_outside(pairs), ridge.corners(pairs), pairs.to_dict("records"), strict=True
    ):
        made.append([
            NAMES[row["id"]], str(row["observations"]), f"{row['missing_low_gw']:g} to {row['missing_high_gw']:g}",
            f"{row['need_low_gw']:g} to {row['need_high_gw']:g}", f"{row['queues_low']:g} to {row['queues_high']:g}",
            f"{ridge.QUEUE_H * row['queues_low']:g} to {ridge.QUEUE_H * row['queues_high']:g}", f"{middle:.2f}",
            f"{ends[0]:.2f} to {ends[1]:.2f}",
        ])  # fmt: skip
    return made


def reported(date: str) -> Floats:
    """Return hours off that were reported of single oblasts for days of the week of a date, shape ``(row,)``. [h]"""
    observations = read_observations()
    day = pd.Timestamp(date)
    monday = day - pd.Timedelta(days=day.weekday())
    one_day = (observations["to"] - observations["from"]) == pd.Timedelta(days=1)
    here = one_day & observations["operator"].isin(HOURS_OFF) & (observations["scope"] != "UA")
    here &= observations["from"].between(monday, monday + pd.Timedelta(days=6, hours=23))
    return np.asarray(observations["value"][here].to_numpy(dtype=float))


def _prior_rows(pairs: pd.DataFrame, here: pd.DataFrame) -> list[list[str]]:
    even, made = np.full(len(here), 1.0 / len(here)), []
    for share, row in zip(ridge.missing_shares(pairs, here), pairs.to_dict("records"), strict=True):
        name, told = row["id"], reported(row["date"])
        by_oblast = f"{np.median(told):.1f}, {told.min():.1f} to {told.max():.1f} ({len(told)})" if len(told) else "–"
        made.append([
            NAMES[name], _band(here[f"hours_{name}"].to_numpy(), even, ".1f"),
            f"{ridge.QUEUE_H * row['queues_low']:g} to {ridge.QUEUE_H * row['queues_high']:g}",
            _band(here[f"week_{name}"].to_numpy(), even, ".1f"), by_oblast, _band(share, even, ".2f"),
            f"{row['day_low']:.2f} to {row['share_high']:.2f}",
        ])  # fmt: skip
    return made


def _band(values: Floats, weight: Floats, form: str) -> str:
    middle, low, high = ridge.weighted_band(values, weight)
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def _contracted(
    values: Floats, words: str, form: str, statements: Sequence[tuple[Floats, Floats, Floats]], weight: Floats
) -> list[str]:
    """Return a quantity before and after, and by how much its standard deviation falls."""
    sd, cells = float(values.std(ddof=1)), []
    for told in statements:
        after = ridge.updated(values, *told)
        cells += [_gauss(after, form), f"{1.0 - after[1] / sd:.0%}"]
    return [words, _band(values, np.full(len(values), 1.0 / len(values)), form), *cells, _band(values, weight, form)]


def write(folder: Path) -> None:
    """Write the page and its pictures."""
    members = ridge.read()
    (folder / "ridge.md").write_text(page(members), encoding="utf-8", newline="\n")
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "gridmodel", "font.size": 8, "axes.spines.top": False, "axes.spines.right": False}
    import matplotlib.pyplot as plt

    for name, draw in {"ridge-plane": _plane, "ridge-hours": _hours}.items():
        figure = draw(plt, members)
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        plt.close(figure)


def _plane(plt: Any, members: pd.DataFrame) -> Any:  # noqa: ANN401 - matplotlib
    """Draw the share outside the queues over the share of need that is missing."""
    pairs, share = ridge.read_pairs(), np.linspace(0.0, 0.62, 125)
    figure, axis = plt.subplots(figsize=(7, 4.8), layout="constrained")
    for hours in (4, 8, 12, 16, 20, 24):
        line = ridge.outside_share(share, np.array(hours))
        axis.plot(share, line, color="0.6", lw=0.7, zorder=1)
        at = min(0.60, (1.0 - 0.03) * hours / 24.0)
        axis.text(at, float(ridge.outside_share(np.array(at), np.array(hours))), f"{hours} h", fontsize=7, color="0.35", ha="center",
                  va="center", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1}, zorder=5)  # fmt: skip
    ends = [ridge.outside_share(share, np.array(LONE_H + step)) for step in (-NOISE_SD_H, NOISE_SD_H)]
    axis.fill_between(
        share,
        ends[0],
        ends[1],
        color="0.85",
        lw=0,
        zorder=0,
        label=f"{LONE_H} h off alone, give or take {NOISE_SD_H:.0f} h",
    )
    here = winter_of(members)
    for row in pairs.to_dict("records"):
        name, colour = row["id"], COLOURS[row["id"]]
        missing = here[f"missing_gw_{name}"] / here[f"need_gw_{name}"]
        axis.plot(
            missing,
            here[f"outside_{name}"],
            "o",
            ms=2.5,
            color=colour,
            alpha=0.45,
            lw=0,
            zorder=2,
            label=f"winter-2025-26, members on {NAMES[name]}",
        )
        shares = np.linspace(row["share_low"], row["share_high"], 20)
        low, high = (
            ridge.outside_share(shares, np.array(ridge.QUEUE_H * row[end])) for end in ("queues_low", "queues_high")
        )
        axis.fill(np.append(shares, shares[::-1]), np.append(low, high[::-1]), facecolor=colour, alpha=0.18, zorder=3)
        axis.plot(
            np.append(shares, [*shares[::-1], shares[0]]),
            np.append(low, [*high[::-1], low[0]]),
            color=colour,
            lw=1,
            zorder=4,
            label=f"stated, {NAMES[name]}",
        )
        middle = (row["missing_low_gw"] + row["missing_high_gw"]) / (row["need_low_gw"] + row["need_high_gw"])
        axis.plot(
            middle, ridge.middle_outside(pairs.loc[[name]])[0], "D", ms=5, color=colour, mec="black", mew=0.6, zorder=6
        )
    january = members[members["run"] == "january-2026"]
    axis.plot(
        january["missing_gw_january"] / january["need_gw_january"],
        january["outside_january"],
        "^",
        ms=4,
        color="black",
        mfc="none",
        zorder=4,
        label="january-2026, members on 19 January",
    )
    axis.set(
        xlim=(0, 0.62), ylim=(0, 1), xlabel="share of need that is missing", ylabel="share of need outside the queues"
    )
    figure.legend(fontsize=6.5, frameon=False, loc="outside lower center", ncols=3)
    return figure


def _hours(plt: Any, members: pd.DataFrame) -> Any:  # noqa: ANN401 - matplotlib
    """Draw hours off of members in the weeks of the pairs, with what was reported."""
    pairs, here = ridge.read_pairs(), winter_of(members)
    figure, axes = plt.subplots(3, 1, figsize=(6, 4.8), sharex=True, layout="constrained")
    for axis, row in zip(axes, pairs.to_dict("records"), strict=True):
        name, told = row["id"], reported(row["date"])
        axis.axvspan(
            ridge.QUEUE_H * row["queues_low"],
            ridge.QUEUE_H * row["queues_high"],
            color="tab:orange",
            alpha=0.25,
            lw=0,
            label="queues of the pair",
        )
        axis.hist(here[f"week_{name}"], bins=np.arange(25), color="0.85", label="members, mean of the week")
        axis.hist(
            here[f"hours_{name}"], bins=np.arange(25), histtype="step", color="0.3", label="members, day of the pair"
        )
        axis.plot(
            told,
            np.full(len(told), 1.0),
            "|",
            ms=9,
            mew=1.5,
            color="tab:blue",
            label="reported in the week, by oblast and day",
        )
        axis.set_title(f"{NAMES[name]} and its week", loc="left", fontsize=8)
        axis.set_ylabel("members")
    axes[0].legend(fontsize=6.5, frameon=False, loc="upper left")
    axes[-1].set(xlabel="hours off a day", xlim=(0, 24))
    return figure
