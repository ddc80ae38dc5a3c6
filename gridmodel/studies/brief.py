"""Briefing: from a forecast to what happens with and without a wave, and what help is worth, in one step."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.events.national import national_sizes
from gridmodel.inputs.cities import asked as regions_asked
from gridmodel.network.read import Network
from gridmodel.results.value import read_weights, regional_amounts, weighted
from gridmodel.scenario import Mitigation, Scenario
from gridmodel.simulation.files import read_scenario
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import Progress, simulate
from gridmodel.simulation.unmeant import unmeant
from gridmodel.studies.asking import Lot, next_lots
from gridmodel.studies.buildings import people_per_building
from gridmodel.studies.forecast.make import Written, asked_wrong, base_network, write_forecast
from gridmodel.studies.grouping import ASIDE, brought
from gridmodel.studies.mitigation import Purchase
from gridmodel.studies.wanted import options_for, plan_options, weeks_of

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(k|m|thousand|million|тис|млн)?\.?")
_FACTOR = {"k": 1e3, "thousand": 1e3, "тис": 1e3, "m": 1e6, "million": 1e6, "млн": 1e6}
_MONEY = re.compile(r"^€|(€|eur|euros?|євро)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """A forecast that was run with and without a wave, and help that was ranked for it."""

    region: str
    """Id of the region that was asked for; empty for the country."""
    region_note: str
    """Sentence on the region, where it was asked for by the name of a city; else empty."""
    network: Network
    written: Written
    """Files of the scenario, and notes of reading."""
    scenario: Scenario
    result: xr.Dataset
    calm: Scenario | None = None
    """The same scenario without events; None where it has none."""
    without: xr.Dataset | None = None
    """Result of that scenario."""
    budget_eur: float | None = None
    purchase: Purchase | None = None
    """Purchases of the budget; None without a budget, and where nothing is needed."""
    helped: xr.Dataset | None = None
    """Result with the help that is bought; None where nothing is."""
    options: Sequence[Mitigation] = ()
    """Options that were ranked."""
    in_vain: Sequence[Problem] = ()
    """Warnings of settings without effect, and of what is against the network."""

    def scenario_events(self) -> list[Mapping[str, Any]]:
        """Return the rows of events of the scenario."""
        rows: Any = self.scenario.events
        return [] if rows is None or isinstance(rows, str) else [dict(row) for row in rows]

    def chosen(self) -> list[Mitigation]:
        """Return the options that the budget buys, in the order in which they were chosen."""
        by_name = {option.name: option for option in self.options}
        return [] if self.purchase is None else [by_name[name] for name in self.purchase.chosen]

    def whole_h(self) -> float:
        """Return what people lack without the help, weighted as the help was, mean over members. [h]"""
        placed = self.scenario.mitigations
        places, served = (brought(self.result, placed, kind) for kind in ASIDE)
        found = regional_amounts(self.result, places, served)
        of = [not self.region or name == self.region for name in map(str, self.result["region"].to_numpy())]
        here = {name: hours[:, :, of].sum(axis=2) for name, hours in found.items()}
        return float(weighted(here, read_weights(None, self.scenario)).mean())

    def following(self) -> Lot | None:
        """Return the lot that the next euro would go to: of those not bought, the one that prevents most for it."""
        if self.purchase is None:
            return None
        lots = next_lots(self.purchase.ranking, self.purchase.chosen, self.options, weeks_of(self.scenario))
        return max(lots.values(), key=lambda one: one.saved_h / max(one.option.cost_eur, 1.0), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A briefing that was asked for and in which nothing is wrong, before anything is run."""

    region: str
    region_note: str
    network: Network
    budget_eur: float | None
    written: Written
    scenario: Scenario


def ask(  # noqa: PLR0913 - what is asked for
    forecast: str | Path, folder: Path, *, region: str = "", wave: str = "", interception: float | str | None = None,
    budget: str | float | None = None, members: int | None = None, seed: int | None = None, exercise: bool = False,
    today: datetime | None = None, **reading: Any,  # noqa: ANN401 - the fields of `Reading`
) -> Asked:  # fmt: skip
    """Read what a briefing is asked for, and write the scenario of the forecast; arguments as in `make_briefing`.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    problems, network, place, note = Problems(), base_network(), "", ""
    if region:
        place, note = _region(region, network, problems)
    euros = None if budget is None else read_budget(budget, problems)
    target, scenario, written = folder / f"{_stem(forecast)}.yaml", None, None
    changes = {name: value for name, value in (("members", members), ("seed", seed)) if value is not None}
    if not Path(forecast).exists():
        problems.add("does not exist; give the file of a weather forecast", table=str(forecast), field="--forecast")
        problems.found += asked_wrong(wave=wave, interception=interception, **reading)
    else:
        try:
            written = write_forecast(forecast, target, wave=wave, interception=interception, **reading)
            scenario = read_scenario(str(written.scenario), changes)
            _check_past(scenario, Path(forecast).name, exercise=exercise, today=today)
        except InputError as error:
            problems.found += error.problems
    if written is None or scenario is None or problems.found:
        raise InputError(problems.found)
    return Asked(region=place, region_note=note, network=network, budget_eur=euros, written=written, scenario=scenario)


def _region(given: str, network: Network, problems: Problems) -> tuple[str, str]:
    """Return the id of the one region that was asked for, and a note; empty where it is wrong, which is noted."""
    if not given.strip():
        problems.add("is empty; give a region by name or id, or leave it out for the country", field="--region")
        return "", ""
    parts = [part.strip() for part in re.split(r"[,;\n]|\s(?:and|і|й|та)\s", given) if part.strip()]
    if len(parts) > 1 and network.places.find(given) is None and all(map(network.places.find, parts)):
        message = "names several regions; a sheet is for one, so run it for each"
        problems.add(message, field="--region", value=given[:80])
        return "", ""
    try:
        found, notes = regions_asked([given], network.places, f"the network {network.name}")
    except InputError as error:
        problems.found += error.problems
        return "", ""
    return found[0], "".join(notes)


def read_budget(given: str | float, problems: Problems) -> float | None:
    """Return a budget in euros; None where it is wrong, which is noted.

    Examples
    --------
    >>> read_budget("2 000 000", Problems()), read_budget("€2.5M", Problems()), read_budget("2 млн євро", Problems())
    (2000000.0, 2500000.0, 2000000.0)
    >>> noted = Problems()
    >>> read_budget("two million", noted), str(noted.found[0])
    (None, "--budget: 'two million' is not a number of euros; write it in digits, e.g. 2000000")
    """
    text = re.sub(r"[\s_,\u00a0\u202f]", "", str(given).strip().casefold())
    text = _MONEY.sub("", _MONEY.sub("", text))
    match = _AMOUNT.fullmatch(text)
    try:
        value = float(match[1]) * _FACTOR.get(match[2] or "", 1.0) if match else float(text)
    except ValueError:
        value = float("nan")
    if np.isfinite(value) and 0 <= value <= 1e12:
        return value
    message = "is not a number of euros; write it in digits, e.g. 2000000"
    if not text:
        message = "is empty; give euros in digits, e.g. 2000000, or leave it out"
    elif value < 0:
        message = "is less than nothing; give euros in digits, e.g. 2000000"
    problems.add(message, field="--budget", value=str(given)[:80])
    return None


def make_briefing(  # noqa: PLR0913 - what is asked for
    forecast: str | Path,
    folder: Path,
    *,
    region: str = "",
    wave: str = "",
    interception: float | str | None = None,
    budget: str | float | None = None,
    members: int | None = None,
    seed: int | None = None,
    exercise: bool = False,
    today: datetime | None = None,
    progress: Progress | None = None,
    runs: Callable[[int], None] | None = None,
    **reading: Any,  # noqa: ANN401 - the fields of `Reading`
) -> Briefing:
    """Read a forecast, run it with and without a wave, and rank help for a budget.

    Parameters
    ----------
    forecast
        A file that `gridmodel.scenario_from_forecast` reads.
    folder
        Existing folder in which the scenario and its weather are written.
    region
        Id or name of a region, or name of a city in it, in any language; empty for the country. It chooses what is
        shown and helped, never what a wave is aimed at.
    wave, interception
        As in `gridmodel.scenario_from_forecast`.
    budget
        Euros, for which help is ranked; None for none.
    members, seed
        In place of those of the scenario.
    exercise
        Whether a forecast that is over may be run.
    today
        UTC time that counts as now; None for the clock's.
    progress
        Called after each step of the two runs.
    runs
        Called after each run of the ranking.
    reading
        Further arguments of `gridmodel.scenario_from_forecast`.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    wave = wave.strip().casefold()
    asked = ask(
        forecast, folder, region=region, wave=wave, interception=interception, budget=budget, members=members,
        seed=seed, exercise=exercise, today=today, **reading,
    )  # fmt: skip
    scenario, place, euros = asked.scenario, asked.region, asked.budget_eur
    inputs = run_inputs(scenario)
    result = simulate(inputs, progress=progress)
    calm = scenario.replace(events=(), name=f"{scenario.name}, without the wave"[:100]) if wave else None
    without = None if calm is None else simulate(run_inputs(calm), progress=progress)
    purchase, helped = None, None
    options: Sequence[Mitigation] = ()
    if euros is not None:
        options = options_for(result, scenario, asked.network, place, budget_eur=euros)
        if options:
            purchase = plan_options(scenario, options, budget_eur=euros, progress=runs)
            bought = [option for option in options if option.name in purchase.chosen]
            if bought:
                helped = simulate(run_inputs(scenario.replace(mitigations=(*scenario.mitigations, *bought))))
    return Briefing(region=place, region_note=asked.region_note, network=asked.network, written=asked.written,
                    scenario=scenario, result=result, calm=calm, without=without, budget_eur=euros, purchase=purchase,
                    helped=helped, options=options, in_vain=unmeant(inputs))  # fmt: skip


def usual_interception(wave: str) -> str:
    """Return the ranges of interception of a size of wave, in words: what holds where no share is given."""
    found = []
    for weapon, parts in national_sizes()[wave].items():
        low, _, high = parts["interception"]["triangular"]
        found.append(f"{weapon} {low:.0%} to {high:.0%}")
    return ", ".join(found)


def own_means(network: Network, scenario: Scenario, region: str) -> dict[str, float]:
    """Return what a region has itself, by need: generators in place, drained buildings, water in store, fuel trucks.

    Returns
    -------
    dict
        ``generators_heat_mw`` and ``generators_water_mw`` [MW], ``drain_people`` as people an hour whose homes its
        crews drain [1/h], ``building_people`` as people in one building, by which buildings an hour become people
        [1], ``water_m3_per_day`` as water in full reservoirs [m³], ``fuel_m3`` as fuel trucks [1], and ``crews`` [1];
        what differs between members as the middle of its range. Nothing of what the network lacks.
    """
    found: dict[str, float] = {}
    columns = {
        "heat_systems": {"generators_heat_mw": "backup_mw", "drain_people": "drain_buildings_per_h"},
        "water_systems": {"generators_water_mw": "backup_mw", "water_m3_per_day": "storage_m3"},
    }
    for table, names in columns.items():
        rows = network.tables[table]
        here = rows[rows["region"] == region]
        if len(here):
            found |= {need: float(here[column].sum()) for need, column in names.items()}
    each = people_per_building(network).get(region, 0.0)
    if "drain_people" in found:
        found |= {"drain_people": found["drain_people"] * each, "building_people": each}
    regions = network.tables["regions"]
    people = float(regions.loc[regions["id"] == region, "population"].sum())
    for need, per_million in (
        ("fuel_m3", scenario.fuel_trucks_per_million), ("crews", scenario.repair_crews_per_million)
    ):  # fmt: skip
        found[need] = float(max(round(per_million * people / 1e6), 1))
    return found


def _stem(forecast: str | Path) -> str:
    """Return the name of a forecast as the name of a scenario."""
    stem = Path(forecast).name.split(".")[0].strip()
    return stem or "forecast"


def _check_past(scenario: Scenario, shown: str, *, exercise: bool, today: datetime | None) -> None:
    """Refuse a forecast that is over.

    Raises
    ------
    InputError
        If it ends before now, and is not meant as an exercise.
    """
    now = np.datetime64((today or datetime.now(UTC)).replace(tzinfo=None), "s")
    if scenario.times_utc()[-1] < now and not exercise:
        message = f"ends {scenario.end:%Y-%m-%d %H:%M}, which lies in the past: take a newer forecast"
        hint = "or run it as an exercise with --exercise"
        raise InputError([Problem(message=message, table=shown, field="time", hint=hint)])
