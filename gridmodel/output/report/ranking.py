"""Page of a ranking of help: what each option prevents of every service, side by side, and how sure the rank is."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gridmodel.inputs.writing import write_text
from gridmodel.output.languages import DEFAULT, unbroken
from gridmodel.output.languages import words as words_of
from gridmodel.output.report.page import HERE, check_choices
from gridmodel.output.report.payload import declared_words
from gridmodel.output.report.side_by_side import short
from gridmodel.results.value import BY_KEY


def ranking_page(ranking: pd.DataFrame, *, lang: str = DEFAULT, marking: str = "") -> str:
    """Return the page of a ranking, as one HTML file that loads nothing from elsewhere.

    Parameters
    ----------
    ranking
        Result of `gridmodel.rank_mitigations`.
    lang
        Code of the language of the page.
    marking
        Distribution marking at the head and foot of the page.

    Raises
    ------
    InputError
        If the language is unknown or the marking too long.
    """
    from jinja2 import Environment, FileSystemLoader

    check_choices(lang, marking)
    words = declared_words() | words_of(lang)
    there = [worth for worth in BY_KEY.values() if worth.column in ranking]
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True)
    weights = ranking.attrs["weights"]
    return unbroken(environment.get_template("ranking.html").render(
        lang=lang, marking=marking, words=words, style=(HERE / "page.css").read_text(encoding="utf-8"),
        columns=[words[worth.metric] for worth in there],
        weights=[*((words[worth.metric], f"{weights[worth.key]:.3g}") for worth in there),
                 (words["vulnerable_people"], f"{weights['vulnerable']:g}")],
        rows=[_row(row, there, functools.partial(_of_members, words, ranking.attrs["members"]))
              for row in ranking.to_dict("records")],
    ))  # fmt: skip


def write_ranking(ranking: pd.DataFrame, path: Path, *, lang: str = DEFAULT, marking: str = "") -> None:
    """Write the page of a ranking; see `ranking_page`."""
    write_text(path, ranking_page(ranking, lang=lang, marking=marking))


def _of_members(words: Mapping[str, str], members: int, share: float) -> str:
    """Return a share of the members as "3 of 20"; empty if missing."""
    return "" if _missing(share) else words["n_of_members"].format(n=round(share * members), members=members)


def _row(row: Mapping[Any, Any], there: list[Any], chance: Callable[[float], str]) -> dict[str, Any]:
    """Return the texts of one option; `chance` is that of a share of the members."""
    return {
        "rank": f"{row['rank']}{'=' if row['tied'] else ''}",
        "option": row["option"],
        "saved": _with_error(row["saved_h"], row["saved_h_se"]),
        "beats": chance(row["beats_next"]),
        "ties": chance(row["ties_next"]),
        "ranks": f"{row['best_rank']}–{row['worst_rank']}",
        "cells": [
            {**_with_error(row[worth.column], row[f"{worth.column}_se"]), "rank": _place(row[f"{worth.service}_rank"])}
            for worth in there
        ],
    }  # fmt: skip


def _with_error(value: float, error: float) -> dict[str, str]:
    return {"value": short(value), "span": "" if _missing(error) else f"± {short(error)}"}


def _place(rank: float) -> str:
    return "" if _missing(rank) else f"({rank:.0f})"


def _missing(value: float | None) -> bool:
    return value is None or math.isnan(value)
