"""Page of runs side by side: differences by metric and region, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from gridmodel.inputs.writing import write_text
from gridmodel.output.languages import DEFAULT, region_names, unbroken
from gridmodel.output.languages import words as words_of
from gridmodel.output.report.page import HERE, check_choices
from gridmodel.output.report.payload import LAYERS, declared_words, thinned
from gridmodel.results.comparison import EVERYWHERE, compare
from gridmodel.services.registry import WORTHS

REGIONAL = tuple(worth.metric for worth in WORTHS)
"""Metrics of the table of regions."""


def side_by_side(runs: Mapping[str, xr.Dataset], *, lang: str = DEFAULT, marking: str = "") -> str:
    """Return the page of runs beside the first, as one HTML file that loads nothing from elsewhere.

    Parameters
    ----------
    runs
        Results by the name that they are shown under; the others are compared with the first.
    lang
        Code of the language of the page.
    marking
        Distribution marking at the head and foot of the page.

    Raises
    ------
    InputError
        If the runs do not match, the language is unknown or the marking too long.
    """
    from jinja2 import Environment, FileSystemLoader

    check_choices(lang, marking)
    words = declared_words() | words_of(lang)
    first, *others = runs
    tables = {name: compare(runs[first], runs[name]) for name in others}
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True)
    return unbroken(environment.get_template("sidebyside.html").render(
        lang=lang,
        marking=marking,
        words=words,
        first=first,
        sampled=max(result.sizes["member"] for result in runs.values()) > 1,
        others=others,
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        charts=[(words[layer], _chart(runs, variable)) for layer, variable in LAYERS.items()
                if all(variable in result for result in runs.values())],
        country=_rows(tables, EVERYWHERE, words),
        regions=_regions(runs[first], tables, lang),
        regional=[(words[name], name) for name in REGIONAL
                  if name in next(iter(tables.values())).loc[EVERYWHERE].index],
        paired={name: bool(table["paired"].iloc[0]) for name, table in tables.items()},
    ))  # fmt: skip


def write_side_by_side(runs: Mapping[str, xr.Dataset], path: Path, *, lang: str = DEFAULT, marking: str = "") -> None:
    """Write the page of runs side by side; see `side_by_side`.

    Parameters
    ----------
    runs, lang, marking
        As in `side_by_side`.
    path
        File to be written.
    """
    write_text(path, side_by_side(runs, lang=lang, marking=marking))


def _rows(tables: Mapping[str, pd.DataFrame], region: str, words: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return one row per metric: its words, the first run, typical and bad case, and the difference of each other."""
    one = next(iter(tables.values())).loc[region]
    return [
        {"words": words[str(metric)],
         "first": short(one.loc[metric, "first_p50"]), "bad": short(one.loc[metric, "first_p95"]),
         "cells": [_cell(table.loc[region].loc[metric]) for table in tables.values()]}
        for metric in one.index
    ]  # fmt: skip


def _regions(first: xr.Dataset, tables: Mapping[str, pd.DataFrame], lang: str) -> list[dict[str, Any]]:
    names = region_names(first, lang)
    found = []
    for place, region in enumerate(first["region"].to_numpy()):
        cells = [
            _cell(table.loc[str(region)].loc[metric])
            for table in tables.values()
            for metric in REGIONAL
            if (str(region), metric) in table.index
        ]
        found.append({"name": names[place], "cells": cells})
    return found


def _cell(row: Any) -> dict[str, str]:  # noqa: ANN401 - a row of a table, which pandas types as anything
    """Return a difference and its interval as text."""
    low, high = float(row["low"]), float(row["high"])
    span = "" if math.isnan(low) else f"({short(low)} … {short(high)})"
    value = float(row["difference"])
    return {"value": f"+{short(value)}" if value > 0 else short(value), "span": span}


def short(value: float) -> str:
    """Return a number with three digits, thousands separated by a narrow space, which every language reads."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(digits, 0)}f}".replace(",", "\u202f")


def _chart(runs: Mapping[str, xr.Dataset], variable: str) -> str:
    """Draw the lines of every run over time as SVG: the median of its members in each step."""
    import vl_convert

    rows = []
    for name, result in runs.items():
        minutes, values = thinned(result, result[variable].sum("region").median("member"))
        rows += [
            {"t": minute * 60_000, "k": name, "v": value / 1e6} for minute, value in zip(minutes, values, strict=True)
        ]
    colour = {"field": "k", "type": "nominal", "title": None, "sort": list(runs), "legend": {"orient": "bottom"}}
    encoding = {
        "x": {"field": "t", "type": "temporal", "title": None, "scale": {"type": "utc"}, "axis": {"format": "%d.%m"}},
        "y": {"field": "v", "type": "quantitative", "title": None},
        "color": colour,
    }
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": 760,
        "height": 200,
        "background": "white",
        "data": {"values": rows},
        "mark": {"type": "line", "strokeWidth": 1.5},
        "encoding": encoding,
    }
    return str(vl_convert.vegalite_to_svg(spec))
