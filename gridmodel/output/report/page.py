"""Page of a run: a template, words in every language, numbers, and the drawing library, all in one file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.writing import write_text
from gridmodel.network.model import NetworkTables
from gridmodel.output.languages import DEFAULT, languages, page_words, title_in, unbroken, whole_dates
from gridmodel.output.report.learned import learned
from gridmodel.output.report.payload import payload
from gridmodel.output.report.vega import vega

HERE = Path(__file__).resolve().parent
SCRIPTS = ("page.js", "map.js", "overview.js", "start.js")
"""Parts of the script of a page, in order."""
MAX_MARKING = 120
"""Longest distribution marking. [characters] Ours: one line of a printed page."""


def html(
    result: xr.Dataset, *, manifest: Mapping[str, Any] | None = None, lang: str = DEFAULT, marking: str = "",
    summary: Mapping[str, Any] | None = None, network: NetworkTables | None = None, without: xr.Dataset | None = None,
    events: Sequence[Mapping[str, object]] | None = None,
) -> str:  # fmt: skip
    """Return the page of a run as one HTML file that loads nothing from elsewhere.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    manifest
        Manifest of the run, for the last section.
    lang
        Code of the language shown first; all languages are in the page.
    marking
        Distribution marking at the head and foot of every printed page, e.g. "For official use".
    summary
        `gridmodel.results.summary_json.summary_json` of the result if it is known; computed without.
    network
        Network of the run, for its outlines and sources; by default the bundled one that the result names. A network
        without outlines has a map of tiles.
    without
        The same scenario without events, on the same members, for the sentence on the standing deficit.
    events
        Rows of the events of the run, where a file has them.

    Raises
    ------
    InputError
        If the language is unknown or the marking too long.
    """
    from jinja2 import Environment, FileSystemLoader

    check_choices(lang, marking)
    known = {code: page_words(code) for code in languages()}
    numbers = payload(result, manifest=manifest, summary=summary, network=network, without=without, events=events)
    title = str(result.attrs["title"])
    numbers["words"] = {key: unbroken(text) for key, text in numbers["words"].items()}
    numbers["titles"] = {code: whole_dates(title_in(title, code)) for code in known}
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True)
    return environment.get_template("page.html").render(
        lang=lang,
        marking=marking,
        title=numbers["titles"][lang],
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        outlined=numbers["map"] is not None,
        script="\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
        languages=known,
        words=_embedded(known),
        numbers=_embedded(numbers),
        vega=vega(),
        learned=learned(result),
    )


def write(
    result: xr.Dataset, path: str | Path, *, manifest: Mapping[str, Any] | None = None, lang: str = DEFAULT,
    marking: str = "", summary: Mapping[str, Any] | None = None, network: NetworkTables | None = None,
    without: xr.Dataset | None = None, events: Sequence[Mapping[str, object]] | None = None,
) -> None:  # fmt: skip
    """Write the page of a run; see `html`.

    Parameters
    ----------
    result, manifest, lang, marking, summary, network, without, events
        As in `html`.
    path
        File to be written.
    """
    text = html(
        result,
        manifest=manifest,
        lang=lang,
        marking=marking,
        summary=summary,
        network=network,
        without=without,
        events=events,
    )
    write_text(Path(path), text)


def _embedded(data: object) -> str:
    """Return JSON that is safe inside a script element, whatever names it contains."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign, code in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(sign, code)
    return text


def check_choices(lang: str, marking: str) -> None:
    """Check the language and the marking of a page.

    Raises
    ------
    InputError
        With every problem.
    """
    problems = []
    if lang not in languages():
        problems.append(Problem(message=f"is not one of {', '.join(languages())}", field="lang", value=lang))
    if len(marking) > MAX_MARKING:
        message = f"must have at most {MAX_MARKING} characters"
        problems.append(Problem(message=message, field="marking", value=f"{marking[:20]}…"))
    if problems:
        raise InputError(problems)
