"""Trigger sheet on one page, in the form of anticipatory action: threshold, chance, by when, how often it was right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.inputs.files import ROOT
from gridmodel.output.languages import DEFAULT, region_names, title_in, unbroken
from gridmodel.output.languages import words as words_of
from gridmodel.output.report.page import HERE, check_choices
from gridmodel.results.deadlines import FIRST_SHARE, deadlines
from gridmodel.results.metrics import hours_without_power_per_day

READY, ACT = 0.2, 0.5
"""Chance of a trigger from which to get ready, and to act. [1] [B] Ours: one member in five, and one in two."""
POWER_H = 8.0
"""Hours a day without power that are a trigger. [h/d] Ours: class 3 of `gridmodel.results.severity`."""
LEAST_ROWS = 20
"""Fewest reported figures on which rates of hits and false alarms are given. Ours: a rate of fewer says nothing."""
DEADLINES = ("homes_12c", "drain", "dry_taps")
"""Deadlines that are triggers."""
SCORES = ROOT / "validation" / "score.json"
"""Scores of the validation, in a checkout; an installed package has none."""


def trigger_page(result: xr.Dataset, *, lang: str = DEFAULT, marking: str = "") -> str:
    """Return the trigger sheet of a run, as one HTML file that loads nothing from elsewhere.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    lang
        Code of the language of the page.
    marking
        Distribution marking at the head and foot.

    Raises
    ------
    InputError
        If the language is unknown or the marking too long.
    """
    from jinja2 import Environment, FileSystemLoader

    check_choices(lang, marking)
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True)
    return unbroken(environment.get_template("trigger.html").render(
        lang=lang, marking=marking, words=words_of(lang), style=(HERE / "page.css").read_text(encoding="utf-8"),
        title=title_in(str(result.attrs["title"]), lang), rows=triggers(result, lang),
        zone=str(result.attrs["timezone"]),
        period=f"{result.attrs['start']} – {result.attrs['end']}", members=result.sizes["member"],
        ready=f"{100 * READY:.0f}", act=f"{100 * ACT:.0f}",
    ))  # fmt: skip


def triggers(result: xr.Dataset, lang: str = DEFAULT, scores: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return one row per trigger: where to act, where to get ready, each with chance and time, and how it was tested.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    lang
        Code of the language of the words.
    scores
        Content of `validation/score.json`; by default that of the checkout, if any.
    """
    names = dict(zip(map(str, result["region"].to_numpy()), region_names(result, lang), strict=True))
    known = _scores() if scores is None else scores
    hours = hours_without_power_per_day(result)
    chance = dict(zip(names, (hours >= POWER_H).mean("member").to_numpy().tolist(), strict=True))
    start = {region: str(result.attrs["start"]) for region in names}
    words = words_of(lang)
    found = [_row("power_h", chance, start, names, words)]
    times = deadlines(result)
    for kind in DEADLINES:
        if kind in times.index.get_level_values("deadline"):
            rows = times.xs(kind, level="deadline")
            early = {str(region): _moment(moment) for region, moment in rows["local_p05"].items()}
            share = {str(region): float(value) for region, value in rows["reached_share"].items()}
            found.append(_row(kind, share, early, names, words))
    return [{**row, "tested": rates_of(row["kind"], words, known)} for row in found]


def _row(
    kind: str, chance: Mapping[str, float], when: Mapping[str, str], names: Mapping[str, str],
    words: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    order = sorted(chance, key=lambda region: (when[region] or "~", -chance[region]))

    def listed(low: float, high: float) -> list[str]:
        return [f"{names[region]}: {100 * chance[region]:.0f} %, {when[region] or words['later']}"
                for region in order if low <= chance[region] < high]  # fmt: skip

    return {
        "kind": kind, "threshold": words[f"trigger_{kind}"].format(h=f"{POWER_H:g}", share=f"{100 * FIRST_SHARE:g}"),
        "action": words[f"trigger_{kind}_do"], "act": listed(ACT, np.inf), "ready": listed(READY, ACT),
    }  # fmt: skip


def rates_of(kind: str, words: Mapping[str, str], scores: Mapping[str, Any]) -> str:
    """Return rates of hits and false alarms of a trigger in the validation, or that it was not tested, and why.

    `scores` may have under ``winter-2025-26`` and ``alarms``, by trigger, `rows`, `hit_rate` and `false_alarm_rate`.
    """
    winter = scores.get("winter-2025-26", {})
    known = winter.get("alarms", {}).get(kind, {})
    if known.get("rows", 0) >= LEAST_ROWS:
        hit, false = (f"{100 * known[name]:.0f}" for name in ("hit_rate", "false_alarm_rate"))
        return words["trigger_tested"].format(hit=hit, false=false, n=known["rows"])
    service = {"power_h": "electricity", "homes_12c": "heat", "drain": "heat", "dry_taps": "water"}[kind]
    rows = winter.get(service, {}).get("rows", 0)
    return words["trigger_untested_rows" if rows else "trigger_untested"].format(n=rows)


def _scores() -> dict[str, Any]:
    """Return the scores of the checkout; empty without a file."""
    if not SCORES.is_file():
        return {}
    read: dict[str, Any] = json.loads(SCORES.read_text(encoding="utf-8"))
    return read


def _moment(moment: Any) -> str:  # noqa: ANN401 - a cell of a table
    """Return a local time, rounded down to the hour; nothing where it is missing."""
    return "" if pd.isna(moment) else f"{moment.floor('h'):%Y-%m-%d %H:%M}"
