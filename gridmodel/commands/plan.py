"""`gridmodel plan`."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import console, json_option, print_json, print_table, report_problems, rounded
from gridmodel.commands.progress import RunCount

if TYPE_CHECKING:
    import pandas as pd

    from gridmodel.studies.mitigation import Purchase


@click.command(short_help="Rank measures, and spend a budget.")
@click.argument("scenario")
@click.argument("options", type=click.Path())
@click.option("--budget", type=click.FloatRange(min=0), help="Budget in euros; with it, also plan what to buy.")
@click.option("--weight", "weights", multiple=True, metavar="SERVICE=NUMBER",
              help="Weight of a person-hour without heat, water or power, e.g. heat=1 [1 each].")  # fmt: skip
@click.option("--members", type=click.IntRange(min=1), help="Monte Carlo members, instead of the scenario's.")
@json_option
@report_problems
def plan(
    scenario: str, options: str, *, budget: float | None, weights: tuple[str, ...], members: int | None, as_json: bool
) -> None:
    """Rank mitigation measures by the person-hours that they prevent, and choose what a budget should buy.

    SCENARIO is a bundled name or a YAML file; OPTIONS is a CSV file with name, kind, region, size, cost_eur,
    available_from and target. Each option is run once, on the same members.
    """
    from gridmodel.studies.mitigation import plan as choose
    from gridmodel.studies.mitigation import rank_mitigations
    from gridmodel.studies.options import read_asked

    asked = read_asked(scenario, options, {} if members is None else {"members": members})
    counted = _weights(weights)
    with RunCount() as runs:
        if budget is None:
            bought, ranking = None, rank_mitigations(asked, options, weights=counted, progress=runs)
        else:
            bought = choose(asked, options, budget_eur=budget, weights=counted, progress=runs)
            ranking = bought.ranking
    if as_json:
        import json

        data: dict[str, Any] = {"ranking": json.loads(ranking.to_json(orient="records"))}
        if bought is not None:
            names = [name for name in bought.__slots__ if name not in {"steps", "ranking"}]
            plain = {name: getattr(bought, name) for name in names}
            plain = {name: None if value != value else value for name, value in plain.items()}  # noqa: PLR0124 - NaN
            data["plan"] = plain | {"steps": json.loads(bought.steps.to_json(orient="records"))}
        print_json(data)
        return
    _print_ranking(ranking)
    if bought is not None and budget is not None:
        _print_plan(bought, budget)


def _weights(given: tuple[str, ...]) -> dict[str, float] | None:
    """Return weights written as SERVICE=NUMBER.

    Raises
    ------
    InputError
        If one is not of that form.
    """
    from gridmodel.errors import Problems

    problems, found = Problems(), {}
    for text in given:
        name, _, number = text.partition("=")
        try:
            found[name] = float(number)
        except ValueError:
            problems.add("is not SERVICE=NUMBER, e.g. heat=1", field="--weight", value=text)
    problems.raise_if_any()
    return found or None


def _print_ranking(ranking: pd.DataFrame) -> None:
    rows = []
    for row in ranking.to_dict("records"):
        error = "" if isnan(row["saved_h_se"]) else f"± {rounded(row['saved_h_se'] / 1e6)}"
        parts = (rounded(row.get(f"{name}_h", float("nan")) / 1e6) for name in ("heat", "water", "power"))
        rows.append((row["option"], *parts, rounded(row["saved_h"] / 1e6), error, rounded(row["saved_h_per_eur"])))
    columns = ("~Option", ">heat", ">water", ">power", ">weighted", ">±", ">h/EUR")
    screen = console()
    print_table("Million person-hours prevented by each option alone", columns, rows, screen=screen)
    idle = ranking[(ranking.filter(regex=r"^(heat|water|power)_h$") == 0).all(axis=1)]
    if len(idle):
        screen.print(f"Changes nothing in this scenario: {'; '.join(idle['option'])}.")


def _print_plan(bought: Purchase, budget: float) -> None:
    screen = console()
    screen.print(
        f"For {budget:,.0f} EUR: {', '.join(bought.chosen) or 'nothing, because no affordable option prevents any'}"
    )
    saved, ordered = rounded(bought.saved_h), rounded(bought.in_order_saved_h)
    same = set(bought.chosen) == set(bought.in_order)
    in_order = "the same as in the order of the file" if same else f"in the order of the file {ordered}"
    screen.print(f"Costs {bought.cost_eur:,.0f} EUR, prevents {saved} person-hours; {in_order}.")
    if bought.exact:
        screen.print(f"Every affordable set was tried ({bought.runs} runs): none prevents more.")
        return
    screen.print(
        f"No affordable set prevents more than {rounded(bought.bound_h)}, if returns diminish ({bought.runs} runs)."
    )
    if not bought.diminishing:
        screen.print("They do not always diminish here: some options prevent more together, so the bound may not hold.")
