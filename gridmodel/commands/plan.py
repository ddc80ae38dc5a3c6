"""`gridmodel plan`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from itertools import pairwise
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    FilePath,
    console,
    counted,
    echo,
    echo_lines,
    echo_problems,
    json_option,
    language_option,
    print_json,
    print_table,
    report_problems,
    rounded,
    writing,
)
from gridmodel.commands.progress import RunCount

if TYPE_CHECKING:
    import pandas as pd

    from gridmodel.errors import Problems
    from gridmodel.scenario import Mitigation, Scenario
    from gridmodel.studies.asking import Lot
    from gridmodel.studies.mitigation import Purchase


SMALLEST = 0.001
"""Smallest number, in millions, that is printed."""
MOST_COLUMNS = 5
"""Services in one table. Ours: 80 columns of a terminal hold so many beside the names of options."""


@click.command(short_help="Rank measures, and spend a budget.")
@click.argument("scenario")
@click.argument("options", type=click.Path())
@click.option("--budget", type=click.FloatRange(min=0), help="Budget in euros; with it, also plan what to buy.")
@click.option("--weight", "weights", multiple=True, metavar="SERVICE=NUMBER",
              help="Weight of a service, e.g. water=0.5 or heat=2; others weigh 0 [those stated].")  # fmt: skip
@click.option("--members", type=click.IntRange(min=1), help="Monte Carlo members, instead of the scenario's.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the ranking as CSV: one row per option.")
@click.option("--html", type=FilePath(dir_okay=False), help="Write a page of the ranking.")
@language_option("Language of that page.")
@json_option
@report_problems
def plan(
    scenario: str, options: str, *, budget: float | None, weights: tuple[str, ...], members: int | None, as_csv: bool,
    html: Path | None, lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Rank mitigation measures by what they prevent, and choose what a budget should buy.

    SCENARIO is a bundled name, a YAML file, or the folder of a posterior, whose members go on from the time up to which
    was learned; OPTIONS is a CSV file with name, kind, region, size, cost_eur,
    available_from and target. Each option is run once, on the same members. Services stand side by side: kelvin
    below 18 and 12 °C times people and hours, and person-hours without water, power and telecom; stated weights make
    the rank. With a budget it also says for each region what is met of its needs, what remains, and what the next euro
    buys.
    """
    if as_csv and as_json:
        raise click.UsageError("Give only one of --csv and --json.")
    with warnings.catch_warnings():  # the ranking warns of the same
        warnings.simplefilter("ignore", UserWarning)
        asked, listed, counted = _asked(scenario, options, budget, weights, members, html)
    bought, ranking, regions, lots = _chosen(asked, options, listed, budget, counted)
    if html is not None:
        from gridmodel.output.report.ranking import write_ranking

        with writing(html):
            write_ranking(ranking, html, lang=lang)
        echo(f"Wrote {html}", err=True)
    if as_csv:
        from gridmodel.inputs.spreadsheet import frame_csv

        echo_lines(frame_csv(ranking.set_index("rank")), nl=False)
    elif as_json:
        print_json(_data(ranking, bought, regions, lots))
    else:
        _print_ranking(ranking)
        if bought is not None and budget is not None:
            _print_plan(bought, budget)
            _print_regions(bought, regions, lots)


def _asked(  # noqa: PLR0917 - what the command is given
    scenario: str, options: str, budget: float | None, weights: tuple[str, ...], members: int | None, html: Path | None
) -> tuple[Scenario, list[Mitigation], dict[str, float] | None]:
    """Read the scenario, the options and the weights, and check all that is asked for, before anything is run.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    from gridmodel.errors import InputError, Problems
    from gridmodel.results.run_folder import PAGES, check_ending, check_file
    from gridmodel.simulation.files import quiet_problems
    from gridmodel.studies.mitigation import read_plan

    problems = Problems()
    counted = _weights(weights, problems)
    if html is not None:
        problems.of(lambda: check_ending(html, PAGES))
        problems.of(lambda: check_file(html, [scenario, options]))
    changes = {} if members is None else {"members": members}
    read = problems.of(lambda: read_plan(scenario, options, counted, budget, changes))
    if read is None or problems.found:
        raise InputError([*problems.found, *([] if read is None else quiet_problems(read[0]))])
    return read[0], read[1], counted


def _chosen(
    asked: Scenario, options: str, listed: list[Mitigation], budget: float | None, weights: dict[str, float] | None
) -> tuple[Purchase | None, pd.DataFrame, pd.DataFrame | None, dict[str, Lot]]:
    """Rank the options; if there is a budget, choose among them, and find what is met and what comes next by region."""
    from gridmodel.studies.asking import next_lots
    from gridmodel.studies.mitigation import bought as choose
    from gridmodel.studies.mitigation import ranked, read_plan
    from gridmodel.studies.remaining import RUNS, remaining
    from gridmodel.studies.valued import MOST_RUNS, Values
    from gridmodel.studies.wanted import weeks_of

    with RunCount() as runs:
        most = MOST_RUNS if budget is None else MOST_RUNS - RUNS
        values = Values(*read_plan(asked, options, weights, budget), runs, most_runs=most)
        echo_problems(values.in_vain)
        if budget is None:
            return None, ranked(values), None, {}
        bought = choose(values, budget_eur=budget)
        regions = remaining(asked, [option for option in listed if option.name in bought.chosen])
        runs(bought.runs + RUNS)
    return bought, bought.ranking, regions, next_lots(bought.ranking, bought.chosen, listed, weeks_of(asked))


def _data(
    ranking: pd.DataFrame, bought: Purchase | None, regions: pd.DataFrame | None, lots: Mapping[str, Lot]
) -> dict[str, Any]:  # fmt: skip
    """Return what `--json` prints."""
    import json

    data: dict[str, Any] = {"ranking": json.loads(ranking.to_json(orient="records", double_precision=15))}
    data |= {name: ranking.attrs[name] for name in ("weights", "duels")}
    if bought is not None:
        names = [name for name in bought.__slots__ if name not in {"steps", "ranking"}]
        plain = {name: getattr(bought, name) for name in names}
        plain = {name: None if value != value else value for name, value in plain.items()}  # noqa: PLR0124 - NaN
        data["plan"] = plain | {"steps": json.loads(bought.steps.to_json(orient="records"))}
    if bought is not None and regions is not None:
        data["plan"]["next_euro"] = {region: one.option.name for region, one in lots.items()}
        data["plan"]["next_lots"] = {
            region: {"option": one.option.name, "cost_eur": one.option.cost_eur, "low_eur": one.low_eur,
                     "high_eur": one.high_eur, "saved_h": one.saved_h} for region, one in lots.items()
        }  # fmt: skip
        data["needs"] = json.loads(regions.reset_index().to_json(orient="records", double_precision=15))
    return data


def _weights(given: tuple[str, ...], problems: Problems) -> dict[str, float] | None:
    """Return weights written as SERVICE=NUMBER; note those that are not of that form, or given twice."""
    found: dict[str, float] = {}
    for text in given:
        name, _, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            problems.add("is not SERVICE=NUMBER, e.g. heat=1", field="--weight", value=text)
            continue
        if name in found:
            problems.add("is given twice; keep one of the two", field="--weight", value=name)
        found[name] = value
    return found or None


def _print_ranking(ranking: pd.DataFrame) -> None:
    from gridmodel.results.value import BY_KEY

    screen, there = console(), [worth for worth in BY_KEY.values() if worth.column in ranking]
    rows = ranking.to_dict("records")
    several = len(rows) > 1
    shown = []
    for row in rows:
        error = "" if isnan(row["saved_h_se"]) else f"± {rounded(row['saved_h_se'] / 1e6)}"
        span = f"{row['best_rank']}-{row['worst_rank']}" if row["best_rank"] < row["worst_rank"] else ""
        cells = (_rank(row), row["option"], rounded(row["saved_h"] / 1e6), error, rounded(row["saved_h_per_eur"]))
        shown.append((*cells, _beats(row, ranking.attrs["members"]), span) if several else cells)
    columns = [">", "~Option", ">M h", ">±", ">h/EUR", *([">beats next", ">ranks"] if several else [])]
    print_table("Weighted person-hours prevented by each option alone, million", columns, shown, screen=screen)
    for line in _notes(ranking, [worth.key for worth in there]):
        screen.print(line)
    some = [worth for worth in there if (ranking[worth.column] != 0).any()]
    for first in range(0, len(some), MOST_COLUMNS):
        part = some[first : first + MOST_COLUMNS]
        parts = [
            (row["option"], *(f"{_million(row[worth.column])}{_of(row[f'{worth.service}_rank'])}" for worth in part))
            for row in rows
        ]
        columns = ["~Option", *(f">{worth.words}" for worth in part)]
        print_table("Prevented of each service, million hours", columns, parts, screen=screen)
    none = [worth.words for worth in there if worth not in some]
    if none:
        screen.print(f"No option prevents any hours of: {', '.join(none)}.")
    screen.print("Below 18 and 12 °C: person-degree-hours. In brackets: rank by the service alone.")
    idle = ranking[(ranking[[worth.column for worth in there]] == 0).all(axis=1)]
    if len(idle):
        screen.print(f"Changes nothing in this scenario: {'; '.join(idle['option'])}.")


def _rank(row: Mapping[Any, Any]) -> str:
    """Return a rank, with a sign of equality where several share it."""
    return f"{row['rank']}{'=' if row['tied'] else ''}"


def _of(rank: float) -> str:
    return "    " if isnan(rank) else f" ({rank:.0f})"


def _million(value: float) -> str:
    """Return millions with three digits, and at most three decimals."""
    size = abs(value) / 1e6
    if 0 < size < SMALLEST:
        return f"{'<' if value > 0 else '>-'}{SMALLEST:g}"
    return rounded(value / 1e6) if size == 0 or size >= 1 else f"{value / 1e6:.3f}"


def _beats(row: Mapping[Any, Any], members: int) -> str:
    if isnan(row["beats_next"]):
        return ""
    return "equal" if row["ties_next"] == 1 else f"{round(row['beats_next'] * members)} of {members}"


def _notes(ranking: pd.DataFrame, names: list[str]) -> list[str]:
    """Return lines that say what the rank is made of, and how sure it is."""
    weights = ranking.attrs["weights"]
    parts = ", ".join(f"{name} {weights[name]:.3g}" for name in names)
    lines = [f"Weights: {parts}; cold of vulnerable people counts {weights['vulnerable']:g} times."]
    grouped = len(ranking.attrs.get("in_groups", ()))
    if grouped:
        lines.append(
            f"{grouped} of {len(ranking)} options were valued with others of their kind, by what their region gains."
        )
    if len(ranking) < 2:
        return lines
    ranks = "ranks: best and worst while one weight after the other moves over its range; empty where it stays."
    if isnan(ranking["saved_h_se"].iloc[0]):
        return [*lines, ranks, "One member does not say how sure a rank is."]
    lines.append("M h: mean difference of the members; ±: its standard error.")
    lines.append("beats next: members in which an option is better than the next one.")
    rows = ranking.to_dict("records")
    for row, after in pairwise(rows):
        pair = f"{row['option']} and {after['option']}"
        if row["ties_next"] == 1:
            lines.append(f"Equal in every member: {pair}.")
        elif row["sure"] is False:
            lines.append(f"Not told apart by these members: {pair}.")
    return [*lines, ranks]


def _print_plan(bought: Purchase, budget: float) -> None:
    screen = console()
    screen.print(
        f"For {budget:,.0f} EUR: {', '.join(bought.chosen) or 'nothing, because no affordable option prevents any'}"
    )
    saved, ordered = rounded(bought.saved_h), rounded(bought.in_order_saved_h)
    same = set(bought.chosen) == set(bought.in_order)
    in_order = "the same as in the order of the file" if same else f"in the order of the file {ordered}"
    screen.print(f"Costs {bought.cost_eur:,.0f} EUR, prevents {saved} weighted person-hours; {in_order}.")
    if bought.exact:
        screen.print(f"Every affordable set was tried ({counted(bought.runs, 'run')}): none prevents more.")
        return
    screen.print(
        f"No affordable set prevents more than {rounded(bought.bound_h)}, if returns diminish "
        f"({counted(bought.runs, 'run')})."
    )
    if not bought.diminishing:
        screen.print("They do not always diminish here: some options prevent more together, so the bound may not hold.")


def _print_regions(bought: Purchase, regions: pd.DataFrame | None, lots: Mapping[str, Lot]) -> None:
    """Print by region what is met of its needs, what remains in the bad case, and what the next euro buys."""
    from gridmodel.studies.remaining import COUNTRY

    if regions is None:
        return
    screen = console()
    asked = [str(region) for region in dict.fromkeys(bought.ranking["region"]) if region != COUNTRY]
    changed = regions[regions["met_p95"] != 0].index.get_level_values("region")
    shown = regions[regions.index.isin([*asked, *changed], level="region")]  # with needs of which nothing is met
    shown = shown[(shown["needed_p95"] > 0) | (shown["remains_p95"] > 0)]
    rows = [
        (row["region_name"], row["need_is"], *(_amount(row[f"{part}_p95"]) for part in ("needed", "met", "remains")),
         "" if row["unit"] == "1" else UNITS.get(row["unit"], row["unit"]))
        for row in shown.to_dict("records")
    ]  # fmt: skip
    if rows:
        columns = ("~Region", "~Need", ">needed", ">met", ">remains", "~unit")
        case = ", in the bad case" if bought.ranking.attrs["members"] > 1 else ""
        print_table(f"What is met of needs, and what remains{case}", columns, rows, screen=screen)
    names = dict(zip(regions.index.get_level_values("region"), regions["region_name"], strict=True))
    for region in [*asked, *([COUNTRY] if COUNTRY in set(bought.ranking["region"]) else [])]:
        place = "The whole country" if region == COUNTRY else names.get(region, region)
        what = (
            _next(lots[region]) if region in lots else "nothing on the list, of what is not bought, prevents any hours"
        )
        screen.print(f"{place}, the next euro: {what}.")
    others = [str(name) for region, name in names.items() if region not in set(shown.index.get_level_values("region"))]
    if others:
        few = ", ".join(others[:3])
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        screen.print(f"All needs remain in {few}{more}.")


def _next(lot: Lot) -> str:
    """Return the next lot with its price, the range of usual prices where its own is the usual one, and its worth."""
    usual = f", usual prices {lot.low_eur:,.0f} to {lot.high_eur:,.0f} EUR" if lot.is_usual else ""
    return (f"{lot.option.name}, for {lot.option.cost_eur:,.0f} EUR{usual}; by itself it prevents "
            f"{rounded(lot.saved_h)} weighted person-hours")  # fmt: skip


UNITS = {"m3/d": "m³ a day", "m3": "m³"}
"""Units of needs as people write them."""


def _amount(value: float) -> str:
    """Return an amount that is sent; 0 for none."""
    return f"{value:,.1f}".removesuffix(".0")
