"""`gridmodel brief`."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    FilePath,
    echo,
    echo_paragraph,
    echo_problems,
    free_folder,
    json_option,
    language_option,
    print_json,
    report_problems,
)
from gridmodel.commands.progress import RunCount
from gridmodel.commands.said import Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridmodel.output.sheet import Beside
    from gridmodel.studies.brief import Briefing

NO_FROST_C = 5.0
"""Lowest temperature above which a forecast may be in °F. [°C] Ours: −15 °C is 5 °F."""
USUAL = Path("briefs")
"""Folder of briefings if none is given."""


@click.command(short_help="From a forecast to a sheet for one region, in one command.")
@click.option("--forecast", required=True, type=FilePath(text=True), metavar="FILE", help="Weather forecast.")
@click.option(
    "--region", "regions", multiple=True, metavar="NAME",
    help="Region the sheet is for, by name, id or a city in it [the country].",
)  # fmt: skip
@click.option("--wave", default="", metavar="SIZE", help="Strikes: light, moderate or heavy waves on the country.")
@click.option("--interception", metavar="SHARE", help="Share intercepted, 0.8 or 80%, in place of the table's range.")
@click.option("--budget", metavar="EUR", help="Euros for which help is ranked and bought, e.g. 2000000.")
@click.option("-o", "--output", type=FilePath(), help="Folder [briefs/FORECAST; -2, -3 … where that is taken].")
@click.option("--members", type=click.IntRange(min=1), help="Monte Carlo members [40].")
@click.option("--seed", type=click.IntRange(min=0), help="Seed [that of the scenario].")
@click.option("--overwrite", is_flag=True, help="Replace another briefing in the folder.")
@click.option("--exercise", is_flag=True, help="Run a forecast that is over, as an exercise.")
@click.option("--start", default="", metavar="TIME", help="Local start of the run [first hour, or that of issue].")
@click.option("--one-site", is_flag=True, help="All regions take the temperature of the file's only site.")
@click.option("--timezone", default="", help="Time zone of times without one, e.g. Europe/Kyiv or +02:00 [UTC].")
@click.option("--unit", default="", help="Unit of numbers without one: degC, K, degF or tenths.")
@click.option("--fill", type=click.Choice(["linear"]), help="Fill gaps of the forecast by linear interpolation.")
@click.option("--fill-limit-h", type=click.IntRange(min=1), default=6, show_default=True, help="Longest gap filled.")
@click.option("--marking", default="", help='Distribution marking on the sheet, e.g. "For official use".')
@language_option("Language of the sheet and of the lines that are printed.")
@json_option
@report_problems
def brief(  # noqa: PLR0913 - the options of a command
    *, forecast: str, regions: tuple[str, ...], wave: str, interception: str | None, budget: str | None,
    output: Path | None, members: int | None, seed: int | None, overwrite: bool, exercise: bool, marking: str,
    lang: str, as_json: bool, fill: str | None,
    **reading: Any,  # noqa: ANN401 - options about the file
) -> None:  # fmt: skip
    """Say what a weather forecast means for one region: what happens, by when, what to ask for, what help is worth.

    It makes a scenario of FILE, as "gridmodel scenario forecast" does, runs it with and without the waves, ranks help
    for a budget, and writes a folder: brief.html, a sheet of two printed pages; run/report.html, the page of the whole
    country; the scenario with its weather, and the runs. Waves always aim at the whole country. It prints the lines
    that matter most.
    """
    from gridmodel.inputs.writing import replaced_folder
    from gridmodel.output.report.page import check_choices
    from gridmodel.output.sheet import lead_lines
    from gridmodel.output.sheet import write as write_sheet
    from gridmodel.studies.brief import make_briefing

    region, wave = "; ".join(dict.fromkeys(one or " " for one in regions)), wave.strip().casefold()
    begun = time.perf_counter()
    usual = USUAL / (Path(forecast).name.split(".")[0] or "forecast")
    folder = output or (usual if overwrite else free_folder(usual))
    given: dict[str, Any] = reading | {
        "region": region, "wave": wave, "interception": interception, "budget": budget, "members": members,
        "seed": seed, "exercise": exercise, "fill": fill or "",
    }  # fmt: skip
    target = _check_target(
        folder, partial(check_choices, lang, marking), overwrite=overwrite, forecast=forecast, given=given
    )  # fmt: skip
    with _whole(folder), replaced_folder(target, last="brief.json") as work:
        with RunCount() as runs:
            made = make_briefing(forecast, work, runs=runs, **given)
        beside = _beside(made, wave, interception, lang)
        _write_runs(made, work, time.perf_counter() - begun)
        write_sheet(made.result, work / "brief.html", made.region, lang=lang, marking=marking, beside=beside)
        lines = lead_lines(made.result, made.region, lang=lang, beside=beside)
        about = _about(made, wave, interception, lines)
        _write_tables(made, work)
        _write_about(about, work)
    echo_problems([*made.written.warnings, *made.in_vain])
    for note in _notes(made, wave, interception, Said(lang)):
        echo(note, err=True)
    if as_json:
        print_json(about | {"folder": str(folder)})
        return
    for line in lines:
        echo_paragraph(line)
    echo(_wrote(folder, Said(lang)), err=True)


def _whole(folder: Path) -> Any:  # noqa: ANN401 - a context
    from gridmodel.commands.common import writing

    return writing(folder)


def _check_target(
    folder: Path, choices: Callable[[], None], *, overwrite: bool, forecast: str, given: dict[str, Any]
) -> Path:  # fmt: skip
    """Return the folder of a briefing, absolute, before anything is computed.

    Raises
    ------
    InputError
        If it is a file, contains something other than a briefing, or another briefing that is not to be replaced, or if
        `choices` raises one; with everything else that is wrong in what was given.
    """
    import tempfile

    from gridmodel.errors import InputError, Problems
    from gridmodel.studies.brief import ask

    target = Path(os.path.abspath(folder))  # noqa: PTH100 - resolves dots and leaves links as they are
    message, hint = _wrong_target(target, overwrite=overwrite)
    problems = Problems()
    problems.of(choices)
    if message:
        problems.add(message, table=str(folder)[:80], hint=hint)
    if problems.found:
        with tempfile.TemporaryDirectory() as aside:
            problems.of(lambda: ask(forecast, Path(aside), **given))
        raise InputError(problems.found)
    return target


def _wrong_target(target: Path, *, overwrite: bool) -> tuple[str, str]:
    """Return what is wrong with the folder of a briefing, and a hint; empty where nothing is."""
    from gridmodel.inputs.writing import clear_leftovers

    try:
        if target.is_dir():
            clear_leftovers(target)
            entries = sorted(path.name for path in target.iterdir())
            if entries and not (target / "brief.json").is_file():
                return f"contains {entries[0]!r}, which is not of a briefing; choose an empty folder", ""
            if entries and not overwrite:
                return "contains another briefing", "replace it with --overwrite, or choose another folder"
        elif os.path.lexists(target):
            return "is a file; choose a folder for the briefing", ""
        parent = next(path for path in (target, *target.parents) if path.exists())
        writable = parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)
    except OSError as error:
        return f"cannot be reached: {error.strerror}", ""
    return ("", "") if writable else ("cannot be written to", "")


def _beside(made: Briefing, wave: str, interception: str | None, lang: str) -> Beside:
    """Return what the sheet says beside the result."""
    import numpy as np

    from gridmodel.output.sheet import Beside, Bought
    from gridmodel.results.sheet import what_events_add
    from gridmodel.studies.brief import own_means

    nights = [
        np.datetime64(str(row["time"]).replace(" ", "T")[:16])
        for row in made.scenario_events()
        if row["kind"] == "wave"
    ]
    bought = None
    if made.budget_eur is not None:
        bought = Bought(
            budget_eur=made.budget_eur, cost_eur=0.0 if made.purchase is None else made.purchase.cost_eur,
            saved_h=0.0 if made.purchase is None else made.purchase.saved_h, whole_h=made.whole_h(),
            chosen=made.chosen(),
            following=made.following(), helped=made.helped,
        )  # fmt: skip
    outlines = made.network.outlines
    return Beside(
        wave=wave, nights=nights, interception=_share(interception),
        added={} if made.without is None else what_events_add(made.result, made.without),
        own=own_means(made.network, made.scenario, made.region) if made.region else {},
        planned=made.scenario.mitigations, bought=bought, outlines=outlines,
        source=outlines.credit(lang), country_page="run/report.html",
    )  # fmt: skip


def _share(interception: str | None) -> str:
    """Return an interception as people read it: 80 % of 0.8; a distribution stays as it is."""
    if interception is None:
        return ""
    try:
        text = interception.strip()
        value = float(text.rstrip("% ")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        return interception
    return f"{100 * value:.3g} %"


def _write_runs(made: Briefing, work: Path, seconds: float) -> None:
    """Write the run with waves and the one without as run folders."""
    from gridmodel.output import report
    from gridmodel.results.run_folder import write_run

    command = ["gridmodel", *sys.argv[1:]]
    for name, result, scenario in (("run", made.result, made.scenario), ("without-wave", made.without, made.calm)):
        if result is not None and scenario is not None:
            write_run(
                result, scenario, work / name, command=command, seconds={"brief": seconds},
                page=lambda path, about, summary, result=result: report.write(  # type: ignore[misc]
                    result, path, manifest=about, summary=summary
                ),
            )  # fmt: skip


def _write_tables(made: Briefing, work: Path) -> None:
    """Write the options and their ranking, if help was ranked."""
    from gridmodel.inputs.spreadsheet import frame_csv
    from gridmodel.studies.wanted import options_table

    if made.purchase is None:
        return
    (work / "options.csv").write_text(options_table(made.options), encoding="utf-8", newline="")
    ranking = frame_csv(made.purchase.ranking.set_index("rank"))
    (work / "ranking.csv").write_text(ranking, encoding="utf-8", newline="")


def _about(made: Briefing, wave: str, interception: str | None, lines: list[str]) -> dict[str, Any]:
    """Return the content of brief.json."""
    from gridmodel.version import __version__

    bought = None
    if made.purchase is not None:
        one = made.purchase
        bought = {"chosen": list(one.chosen), "cost_eur": one.cost_eur, "saved_h": one.saved_h, "runs": one.runs}
    return {
        "gridmodel": __version__,
        "brief": {"region": made.region or None, "wave": wave or None, "interception": interception,
                  "budget_eur": made.budget_eur, "members": int(made.result.sizes["member"]),
                  "seed": int(made.result.attrs["seed"])},
        "lines": lines,
        "bought": bought,
    }  # fmt: skip


def _write_about(about: dict[str, Any], work: Path) -> None:
    import json

    text = json.dumps(about, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    (work / "brief.json").write_text(text, encoding="utf-8")


def _notes(made: Briefing, wave: str, interception: str | None, say: Said) -> list[str]:
    """Return sentences on the forecast, and on what was not said and matters."""
    from gridmodel.studies.brief import usual_interception

    notes = [made.region_note] if made.region_note else []
    notes += _of_weather(made, say)
    if wave and interception is None:
        drawn = "Interception was not given, so each member draws it: {ranges}. Set it with --interception 0.8."
        notes.append(say(drawn, ranges=usual_interception(wave)))
    lowest = float(made.result["outdoor_temperature"].min())
    if lowest > NO_FROST_C:
        mild = ("It never freezes in this forecast, whose lowest hour has {low} °C: if its numbers are °F, say so with "
                "--unit degF.")  # fmt: skip
        notes.append(say(mild, low=f"{lowest:.0f}"))
    return notes


def _wrote(folder: Path, say: Said) -> str:
    """Return where the pages are."""
    pages = {"sheet": folder / "brief.html", "page": folder / "run" / "report.html"}
    return say("Wrote {sheet}; the whole country: {page}", **pages)


def _of_weather(made: Briefing, say: Said) -> list[str]:
    """Return how the forecast was read; in a language of one's own what a reader must know of it."""
    from gridmodel.output.languages import words
    from gridmodel.results.weather_notes import weather_notes

    if not say.book:
        return [f"{note[:1].upper()}{note[1:]}." for note in made.written.notes]
    return [words(say.lang)[f"weather_{note['kind']}"].format(**note) for note in weather_notes(made.result)]
