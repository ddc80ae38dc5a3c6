"""Turn a forecast of a user to the temperatures that a run needs: of every region, and from four days before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.errors import Problem, Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.needed import HISTORY_DAYS
from gridmodel.weather.place_names import PlaceNames
from gridmodel.weather.read import examine_file, read_unit, read_zone
from gridmodel.weather.regions import FARTHEST_KM, distance_km
from gridmodel.weather.run_up import with_run_up
from gridmodel.weather.series import HOUR, ISSUED, Array, Extent, Options, find_zone
from gridmodel.weather.spread import (
    FARTHEST_SITE_KM,
    SPREADS,
    Spread,
    spread_notes,
    spread_to_regions,
    spread_weights,
)

SHORTEST_H = 24
"""Shortest forecast that a scenario is made of. [h] Ours: one night and one evening peak."""
LATEST_START_H = 24
"""Latest begin of a forecast after its issue. [h] Ours: one that begins later is a part of a forecast."""
WARMEST_MEAN_C = 30.0
"""Mean above which a forecast is taken for one in degF that does not say so. [degC] Ours: no region needs heat then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Choices of the caller about a forecast; `gridmodel.studies.forecast.scenario_from_forecast` explains them."""

    spread: Spread = "inverse-distance"
    one_site: bool = False
    start: np.datetime64 | None = None
    """Start of the run, UTC; None for the first hour of the forecast."""
    timezone: str = ""
    unit: str = ""
    fill: str = ""
    fill_limit_h: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A forecast, ready for a run."""

    data: xr.DataArray
    """``temperature(time, region)``, perhaps with `member`, hourly, from four days before the start to the end. [°C]"""
    start: np.datetime64
    """Start of the run, UTC."""
    end: np.datetime64
    """End of the run, exclusive, UTC."""
    notes: list[str] = field(default_factory=list)
    """Sentences on the forecast and on changes to its numbers; they stand in `history` too."""


@dataclass(slots=True, kw_only=True)
class Reader:
    """One file that is being read, and everything that is wrong with it."""

    names: PlaceNames
    network: str
    """Name of the network, for messages."""
    reading: Reading
    options: Options
    problems: Problems = field(default_factory=Problems)

    def add(self, message: str, *, row: int | None = None, where: str = "", value: str = "", hint: str = "") -> None:
        """Note what is wrong with the file."""
        self.problems.add(message, table=self.options.shown, row=row, field=where, value=value, hint=hint)

    @property
    def extent(self) -> Extent:
        """Columns and period of the file, as far as they are known."""
        return self.options.extent


def read_forecast(
    name: str | Path, names: PlaceNames, network: str, reading: Reading
) -> tuple[Forecast | None, list[Problem]]:
    """Read a forecast of some sites as temperatures of regions.

    Parameters
    ----------
    name
        Path of a file that `gridmodel.weather.load_weather` reads.
    names
        Regions of the network, their centres, and names of their sites.
    network
        Name of the network, for messages.
    reading
        Choices of the caller.

    Returns
    -------
    tuple
        The forecast, None if it cannot be used; and everything that is wrong with it, and warnings.
    """
    problems, shown = Problems(), Path(name).name
    if reading.spread not in SPREADS:
        problems.add(f"must be {' or '.join(SPREADS)}", field="spread", value=reading.spread)
    options = Options(
        shown=shown, stem=shown.split(".")[0], zone=read_zone(reading.timezone, problems),
        unit=read_unit(reading.unit, problems),
        fill=reading.fill, fill_limit_h=reading.fill_limit_h, day_zone=find_zone(names.regions.timezone),
        coordinates=True, grid_centres=_centres(names),
    )  # fmt: skip
    reader = Reader(names=names, network=network, reading=reading, options=options, problems=problems)
    data, found = examine_file(name, options)
    problems.found += found
    if data is not None:
        columns = None if "latitude" in data.coords else [str(region) for region in data["region"].to_numpy()]
        reader.extent.note(columns, data["time"].to_numpy())
    start = _start(reader, None if data is None else _issued(data))
    own = _own_regions(reader)
    if data is not None:
        _check_sites(reader, data)
        away = _distances(reader, data, own)
        if start is not None and not any(problem.severity == "error" for problem in problems.found):
            return _made(reader, data, away, start), problems.found
    return None, problems.found


def _centres(names: PlaceNames) -> pd.DataFrame:
    """Return the centres of the regions as readers take them."""
    regions = names.regions
    return pd.DataFrame({"id": regions.ids, "centre_lat": regions.centre_lat, "centre_lon": regions.centre_lon})


def _start(reader: Reader, issued: np.datetime64 | None) -> np.datetime64 | None:
    """Return the start of the run, UTC; None and a problem if the forecast does not cover a day from it."""
    if reader.extent.first is None or reader.extent.last is None:
        return None
    first, end = (moment.astype("datetime64[s]") for moment in (reader.extent.first, reader.extent.last + HOUR))
    wanted = reader.reading.start
    start = first if issued is None else max(first, _full_hour(issued))
    start = start if wanted is None else _full_hour(wanted)
    hours, late = int((end - start) / HOUR), _too_late(first, end, issued, wanted)
    value = end if late.startswith("ends") else first
    if not late and hours < SHORTEST_H:
        late = f"leaves {hours} hours of forecast, which is too short: at least {SHORTEST_H} are needed"
        value = start
    if late:
        reader.add(late, where="time", value=_utc(value))
    return None if late else start


def _too_late(
    first: np.datetime64, end: np.datetime64, issued: np.datetime64 | None, wanted: np.datetime64 | None
) -> str:
    """Return what is wrong with the period of a forecast, beside its issue or the start wanted; empty if it fits."""
    if wanted is not None:
        if wanted < first:
            return f"begins after the start that was asked for, {_utc(wanted)}: start later, or add the hours before"
        late = f"ends before the start that was asked for, {_utc(wanted)}: start earlier, or take a newer forecast"
        return late if wanted >= end else ""
    if issued is not None and end <= issued:
        return f"ends before it was issued, {_utc(issued)}, so that it lies in the past: take a newer one"
    if issued is not None and first > issued + LATEST_START_H * HOUR:
        hours = int((first - issued) / HOUR)
        return f"begins {hours} hours after it was issued, {_utc(issued)}, which is too late: add the hours before"
    return ""


def _full_hour(moment: np.datetime64) -> np.datetime64:
    """Return the first full hour from a time on."""
    hour: np.datetime64 = moment.astype("datetime64[h]").astype("datetime64[s]")
    return hour if hour == moment else hour + HOUR


def _issued(data: xr.DataArray) -> np.datetime64 | None:
    """Return the time at which a forecast was issued, UTC; None if it does not say it."""
    said = data.attrs.get(ISSUED)
    return None if said is None else np.datetime64(str(said).removesuffix("Z"), "s")


def _utc(moment: np.datetime64) -> str:
    return f"{str(moment.astype('datetime64[m]')).replace('T', ' ')} UTC"


def _own_regions(reader: Reader) -> list[int]:
    """Return the region of each named column as its place; unknown and repeated names are noted."""
    given = reader.extent.regions or []
    if len(given) == 1:  # it may be called anything
        return [0]
    found: dict[str, str] = {}
    for name in given:
        if len(reader.problems.found) > MAX_REPORTED:
            break
        region = reader.names.find(name)
        if region is None:
            message, hint = reader.names.wrong(name, reader.network)
            reader.add(message, where="region", value=name, hint=hint)
        elif region in found:
            reader.add(f"is {region}, as {found[region]!r} is: keep one of them", where="region", value=name)
        else:
            found[region] = name
    return [reader.names.regions.ids.index(region) for region in found]


def _check_sites(reader: Reader, data: xr.DataArray) -> None:
    """Note one site that is not asked for, several where one is, and a forecast that no one would heat in."""
    sites = data.sizes["region"]
    if sites == 1 and not reader.reading.one_site and len(reader.names.regions) > 1:
        hint = "or let all regions take its temperature: one_site=True (--one-site)"
        reader.add("has one site: add the others", hint=hint)
    elif sites > 1 and reader.reading.one_site:
        reader.add(f"has {sites} sites: leave out one_site=True (--one-site)")
    mean = float(data.mean())
    if mean > WARMEST_MEAN_C:
        message = f"has a mean of {mean:.0f} °C, which looks like °F: say so with unit='degF' (--unit degF)"
        reader.add(message, where="temperature")


def _distances(reader: Reader, data: xr.DataArray, own: list[int]) -> Array:
    """Return the distance of each site from the centre of each region, ``(region, site)``; 0 if unknown. [km]

    Sites that are too far from the regions are noted.
    """
    regions, sites = reader.names.regions, data.sizes["region"]
    if "latitude" in data.coords:
        latitude, longitude = (data[name].to_numpy().astype(float) for name in ("latitude", "longitude"))
    elif len(own) == sites > 1:
        latitude, longitude = regions.centre_lat[own], regions.centre_lon[own]
    else:
        return np.zeros((len(regions), sites))
    away = distance_km(regions.centre_lat, regions.centre_lon, latitude, longitude)
    nearest = away.min(axis=1)
    if nearest.max() > FARTHEST_SITE_KM:
        where = f"has no site within {FARTHEST_SITE_KM:,.0f} km of {regions.ids[int(nearest.argmax())]}"
        reader.add(f"{where}: take a forecast of places in the country of the network")
    return away


def _made(reader: Reader, data: xr.DataArray, away_km: Array, start: np.datetime64) -> Forecast:
    """Return the forecast of every region, with its run-up and what was done."""
    regions, how = reader.names.regions.ids, reader.reading.spread
    every, missing = with_run_up(
        spread_to_regions(data, spread_weights(away_km, how), regions), start, HISTORY_DAYS
    )  # fmt: skip
    issued = _issued(data)
    members = data.sizes.get("member", 1)
    kind = f"an ensemble of {members} members" if members > 1 else "one series, not an ensemble"
    said = f", issued {_utc(issued)}" if issued is not None else ""
    notes = [f"forecast {reader.options.shown}: {kind}{said}"]
    notes += spread_notes(away_km, how, regions, farther_than_km=FARTHEST_KM)
    if missing:
        day = f"its first day, from {_utc(data['time'].to_numpy()[0])} on"
        needed = 24 * HISTORY_DAYS
        notes.append(
            f"of the {needed} hours before the start, {missing} are not in the file and take the mean of {day}"
        )
    notes += ["temperatures in degF turned to degC"] if reader.extent.unit == "degF" else []
    notes += [str(data.attrs["history"])] if data.attrs.get("history") else []
    every.attrs = {**data.attrs, "source": reader.options.shown, "history": "; ".join(notes)}
    end = data["time"].to_numpy()[-1].astype("datetime64[s]") + HOUR
    return Forecast(data=every, start=start, end=end, notes=notes)
