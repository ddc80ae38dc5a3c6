"""Make a scenario of a forecast, and write it with its weather."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.events.national import check_size
from gridmodel.events.weapons import read_interception
from gridmodel.inputs.writing import replaced, write_text
from gridmodel.network import read_network
from gridmodel.network.read import Network
from gridmodel.regions import is_on_clock, local_times, utc_time
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.scenario.model import make_draft
from gridmodel.scenario.read import parse_yaml
from gridmodel.studies.forecast.nights import coldest_nights
from gridmodel.studies.forecast.text import BASE, base_text, scenario_text, titled, wave_lines
from gridmodel.weather import write_weather
from gridmodel.weather.forecast import Forecast, Reading, read_forecast
from gridmodel.weather.generator.tables import FOLDER, has_climate, read_climate
from gridmodel.weather.place_names import PlaceNames
from gridmodel.weather.read import read_unit, read_zone
from gridmodel.weather.series import HOUR
from gridmodel.weather.spread import Spread

WEATHER_END = "-weather.nc"
"""End of the name of the weather file that stands beside a scenario. NetCDF, which holds members and a history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A scenario that was written."""

    scenario: Path
    weather: Path
    notes: list[str] = field(default_factory=list)
    """Sentences on the forecast and on changes to it."""
    warnings: list[Problem] = field(default_factory=list)
    """Notes of reading."""


def scenario_from_forecast(  # noqa: PLR0913 - what a file may leave open, and what is asked for
    forecast: str | Path,
    file: str | Path | None = None,
    *,
    wave: str = "",
    interception: float | str | Mapping[str, Any] | None = None,
    start: str | datetime = "",
    spread: Spread = "inverse-distance",
    one_site: bool = False,
    timezone: str = "",
    unit: str = "",
    fill: str = "",
    fill_limit_h: int = 6,
    overwrite: bool = False,
) -> Scenario:
    """Write a scenario of a weather forecast, with the weather that it needs beside it, and return it.

    Damage that stands, ranges and settings are those of the bundled `next-cold-spell`; the file explains each.

    Parameters
    ----------
    forecast
        A file that `load_weather` reads: Open-Meteo with or without members, a table with dates as people write them,
        our own format. Places have coordinates, or are regions of the network by id or name in any of its languages.
    file
        Scenario to be written, ending in .yaml; if None, in the working folder, with the name of the forecast. Its
        weather goes beside it: ``mine.yaml`` and ``mine-weather.nc``.
    wave
        `light`, `moderate` or `heavy`: waves of that size on the whole country in the coldest nights, in the ranges of
        `scenarios/waves/national.csv`. Empty for none.
    interception
        Mean share that is intercepted of every type of weapon, 0 to 1, ``80%`` or a distribution; None for the table's.
    start
        Local start of the run. If empty: the first hour of the forecast, or of its issue where the file says that.
    spread
        How fewer sites than regions become regions, see `gridmodel.weather.spread.spread_weights`.
    one_site
        All regions take the temperature of the only site of the file.
    timezone
        Of times and days in the file that do not state one. If empty, times are UTC, and days those of the network.
    unit, fill, fill_limit_h
        As in `load_weather`.
    overwrite
        Whether both files may replace others.

    Returns
    -------
    Scenario
        As read from the file. The hours that the four days before the start lack are the mean of the first day.

    Raises
    ------
    InputError
        With everything that is wrong: nothing is written then.

    Warns
    -----
    UserWarning
        Of what reading noted, as `load_weather` does.

    Examples
    --------
    A scenario with waves, and its run::

        scenario = gm.scenario_from_forecast("openmeteo.json", "tuesday.yaml", wave="moderate", interception="80%")
        result = gm.run(scenario)
    """
    written = write_forecast(
        forecast, file, wave=wave, interception=interception, start=start, spread=spread, one_site=one_site,
        timezone=timezone, unit=unit, fill=fill, fill_limit_h=fill_limit_h, overwrite=overwrite,
    )  # fmt: skip
    for problem in written.warnings:
        warnings.warn(str(problem), UserWarning, stacklevel=2)
    return load_scenario(written.scenario)


def write_forecast(
    forecast: str | Path,
    file: str | Path | None = None,
    *,
    wave: str = "",
    interception: float | str | Mapping[str, Any] | None = None,
    start: str | datetime = "",
    overwrite: bool = False,
    **reading: Any,  # noqa: ANN401 - the fields of `Reading`
) -> Written:
    """Write a scenario as `scenario_from_forecast` does, and return the files and what was noted.

    Raises
    ------
    InputError
        With everything that is wrong: nothing is written then.
    """
    problems, network = Problems(), base_network()
    share = _share(wave, interception, problems)
    target = Path(f"{Path(forecast).stem}.yaml" if file is None else file)
    _check_places(target, Path(forecast), problems, overwrite=overwrite)
    wanted = _start(start, network.timezone, problems)
    found, noted = read_forecast(forecast, place_names(network), network.name, Reading(start=wanted, **reading))
    problems.found += noted
    problems.raise_if_any()
    assert found is not None  # noqa: S101 - without errors there is a forecast
    text = _text(found, network, target, wave=wave, interception=share)
    draft = make_draft(parse_yaml(text, shown=target.name)[0] | {"folder": target.resolve().parent}, shown=target.name)
    if draft.problems:
        raise InputError(draft.problems)
    weather = _write(found, text, target, new=not overwrite)
    return Written(scenario=target, weather=weather, notes=found.notes, warnings=problems.found)


def _share(wave: str, interception: float | str | Mapping[str, Any] | None, problems: Problems) -> object:
    """Return the share of a wave that is intercepted; what is wrong with the size of the wave or the share is noted."""
    if wave:
        problems.found += check_size(wave)
    share = None if interception is None else read_interception(interception, problems)
    if interception is not None and not wave:
        message = "needs a wave: give its size with wave= (--wave light, moderate or heavy)"
        problems.add(message, field="interception", value=interception)
    return share


def asked_wrong(
    *, wave: str = "", interception: float | str | Mapping[str, Any] | None = None, start: str | datetime = "",
    timezone: str = "", unit: str = "", **_: object,
) -> list[Problem]:  # fmt: skip
    """Return what is wrong with what is asked of a forecast that is not there; arguments as in `write_forecast`."""
    problems = Problems()
    _share(wave, interception, problems)
    _start(start, base_network().timezone, problems)
    read_zone(timezone, problems)
    read_unit(unit, problems)
    return problems.found


def base_network() -> Network:
    """Return the network of the scenario that a forecast takes over."""
    return read_network(str(parse_yaml(base_text(), shown=BASE)[0]["network"]))


def place_names(network: Network) -> PlaceNames:
    """Return the names by which weather files may call the regions of a network."""
    sites = read_climate(network.path / FOLDER).site_names if has_climate(network.path) else {}
    return PlaceNames(network.places, sites)


def _start(given: str | datetime, timezone: str, problems: Problems) -> np.datetime64 | None:
    """Return the start that is asked for, UTC; None without one, or where it is wrong, which is noted."""
    if not given:
        return None
    try:
        local = datetime.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        local = None
    if local is None or local.tzinfo is not None or not is_on_clock(local, timezone):
        message = f"is not a local time of {timezone} such as 2026-12-01 00:00"
        problems.add(message, field="start", value=given)
        return None
    return np.datetime64(utc_time(local, timezone), "s")


def _check_places(target: Path, forecast: Path, problems: Problems, *, overwrite: bool) -> None:
    """Note places of files that are wrong, or taken."""
    if target.suffix not in {".yaml", ".yml"}:
        problems.add("must end in .yaml", field="file", value=str(target))
    if not target.parent.is_dir():
        problems.add("is not an existing folder", field="file", value=str(target.parent))
    try:
        target.name.encode("utf-8")
    except UnicodeEncodeError:
        problems.add("is not valid UTF-8; choose another name", field="file", value=ascii(str(target)))
    for path in (target, _weather_of(target)):
        if path.is_dir():
            problems.add("is a folder", table=str(path))
        elif os.path.lexists(path) and forecast.exists() and path.exists() and path.samefile(forecast):
            problems.add("is the forecast itself: choose another name with -o", table=str(path))
        elif os.path.lexists(path) and not overwrite:
            message = "already exists and was left unchanged; choose another name, or overwrite it (--overwrite)"
            problems.add(message, table=str(path))


def _weather_of(target: Path) -> Path:
    """Return the weather file of a scenario."""
    return target.with_name(f"{target.stem}{WEATHER_END}")


def _text(found: Forecast, network: Network, target: Path, *, wave: str, interception: object) -> str:
    """Return the text of the scenario."""
    start, end = (_local(moment, network.timezone) for moment in (found.start, found.end))
    population = network.tables["regions"]["population"].to_numpy(dtype=float)
    nights = coldest_nights(found.data, population, found.start, found.end, network.timezone)
    country = "" if network.about is None else network.about.country
    events = wave_lines(wave, nights, country, interception, start)
    weather = _weather_of(target).name
    return scenario_text(titled(target.stem, start, end), weather, found.notes, start=start, end=end, events=events)


def _local(moment: np.datetime64, timezone: str) -> np.datetime64:
    """Return a UTC time on a clock; an hour later where it is the second of two of that name."""
    local: np.datetime64 = local_times(np.array([moment]), timezone)[0]
    again = np.datetime64(utc_time(local.astype(datetime), timezone), "s")
    return local if again == moment else local + HOUR


def _write_weather(found: Forecast, place: Path, shown: Path) -> None:
    """Write the weather where it is put together.

    Raises
    ------
    InputError
        If it cannot be written, with the name that it was to have.
    """
    try:
        write_weather(found.data, place)
    except InputError as error:
        told = [replace(problem, table=str(shown), field="", value="") for problem in error.problems]
        raise InputError(told) from None


def _write(found: Forecast, text: str, target: Path, *, new: bool) -> Path:
    """Write the weather and the scenario whole, and put them in their places when both are written.

    Raises
    ------
    InputError
        If they cannot be written.
    """
    weather = _weather_of(target)
    made = False
    try:
        with replaced(weather, new=new) as place:
            _write_weather(found, place, weather)
            write_text(target, text, new=new)
            made = new
    except OSError as error:
        if made:  # the scenario of a weather that could not be put beside it
            with suppress(OSError):
                target.unlink()
        message = f"cannot be written: {error.strerror or error}"
        raise InputError([Problem(message=message, table=str(target))]) from None
    return weather
