"""The sheet as one HTML file, pictures inline, without script; and its lines for a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import xarray as xr

from gridmodel.inputs.writing import write_text
from gridmodel.output.languages import DEFAULT, unbroken
from gridmodel.output.report.page import check_choices
from gridmodel.output.sheet.beside import Beside
from gridmodel.output.sheet.lines import lines_of
from gridmodel.output.sheet.page import SheetPage
from gridmodel.output.sheet.purchase import bought_of, planned_of
from gridmodel.results.sheet import sheet

HERE = Path(__file__).resolve().parent
COUNTED = re.compile(
    r"(?<=\d) (?=(?:places|people|місць|людей)\b|(?:of|з) \d|×)|(?<=\d of) (?=\d)|(?<=\d з) (?=\d)|(?<=×) (?=\d)"
)
"""Spaces between a number and what it counts, and within `6 of 40`, at which no line breaks."""


def html(result: xr.Dataset, region: str = "", *, lang: str = DEFAULT, marking: str = "",
         beside: Beside | None = None) -> str:  # fmt: skip
    """Return the sheet of a region, or of the country, as one HTML file that loads nothing from elsewhere.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    region
        Id of a region; empty for the country.
    lang
        Code of its language.
    marking
        Distribution marking at its head.
    beside
        What is known beside the result.

    Raises
    ------
    InputError
        If the language is unknown or the marking too long.
    """
    from jinja2 import Environment, FileSystemLoader

    check_choices(lang, marking)
    known = beside or Beside()
    made = SheetPage(result, sheet(result, region, own=known.own), known, lang)
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    style = (HERE / "sheet.css").read_text(encoding="utf-8")
    page = environment.get_template("sheet.html").render(
        lang=lang, marking=marking, style=style, page=made, t=made.t,
        bought=bought_of(made), planned=planned_of(made),
    )  # fmt: skip
    return COUNTED.sub("\u00a0", unbroken(page))


def write(result: xr.Dataset, path: Path, region: str = "", *, lang: str = DEFAULT, marking: str = "",
          beside: Beside | None = None) -> None:  # fmt: skip
    """Write the sheet; see `html`."""
    write_text(path, html(result, region, lang=lang, marking=marking, beside=beside))


def lead_lines(result: xr.Dataset, region: str = "", *, lang: str = DEFAULT, beside: Beside | None = None) -> list[str]:
    """Return the lines of a sheet that matter most: what happens, by when, what to ask for, what waves add."""
    known = beside or Beside()
    page = SheetPage(result, sheet(result, region, own=known.own), known, lang)
    return lines_of(page)
