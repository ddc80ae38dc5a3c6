"""Turn the places of a file to the regions of a network: the nearest place, or a mean over the places around."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.content import InMemory
from gridmodel.inputs.files import find
from gridmodel.inputs.memory import TablesLike, given_object
from gridmodel.inputs.tables import SEMICOLON, own_separator, read_rows, read_text
from gridmodel.regions import NAME
from gridmodel.regions import Regions as NetworkRegions
from gridmodel.weather.daily import Daily
from gridmodel.weather.place_names import PlaceNames
from gridmodel.weather.series import Array, Options, Series, number
from gridmodel.weather.spread import (
    FARTHEST_SITE_KM,
    Spread,
    spread_notes,
    spread_to_regions,
    spread_weights,
)

EARTH_RADIUS_KM = 6371.0
FARTHEST_KM = 150.0
"""Farthest that a place with data may be from the centre of its region. [km]
Ours: no farther than the edge of a large region, 150 km from its centre."""
AREA_RADIUS_KM = 100.0
"""Places within belong to the mean of a region. [km]
Ours: a circle of 31,000 km2, about the area of a region of the bundled networks."""

SPREAD_HINT = 'spread="inverse-distance" (--spread) gives it the weather of the places that there are'
"""Way out of a region without weather of its own."""
COLUMNS = ("id", "centre_lat", "centre_lon")


def read_centres(regions: str | Path | pd.DataFrame | TablesLike | dict[str, Any]) -> pd.DataFrame:
    """Read the centres of regions.

    Parameters
    ----------
    regions
        A bundled network, the folder of one, one in memory, a CSV file, or a table, with columns `id`, `centre_lat`,
        `centre_lon`.

    Returns
    -------
    pandas.DataFrame
        The three columns, one row per region [degree], and those of names (`name_en`, ...) that it has.

    Raises
    ------
    InputError
        With every column that is missing and every cell that is not a coordinate.
    """
    problems = Problems()
    shown, table, lines = _table_of(regions, problems)
    for name in COLUMNS:
        if list(table.columns).count(name) != 1:
            problems.add("is missing or repeated: this column is required once", table=shown, field=name)
    problems.raise_if_any()
    centres = pd.DataFrame({"id": table["id"].astype(str)})
    for name, limit in (("centre_lat", 90), ("centre_lon", 180)):
        values = np.array([number(cell) for cell in table[name]])
        for place in np.flatnonzero(~(np.abs(values) <= limit)):
            message = f"must be between -{limit} and {limit} degrees"
            problems.add(message, table=shown, row=lines[place], field=name, value=table[name].iloc[place])
        centres[name] = values
    for name in (str(name) for name in table.columns):
        if name.startswith(NAME) and list(table.columns).count(name) == 1:
            centres[name] = table[name].astype(str)
    problems.raise_if_any()
    if centres.empty:
        raise InputError([Problem(message="has no rows", table=shown)])
    return centres


def _table_of(
    regions: str | Path | pd.DataFrame | TablesLike | dict[str, Any], problems: Problems
) -> tuple[str, pd.DataFrame, list[int]]:
    """Return the name of a table of regions in messages, the table as texts, and the line of each row.

    Raises
    ------
    InputError
        If it cannot be read as a table.
    """
    if isinstance(regions, pd.DataFrame):
        return "regions", regions.astype(str), list(range(1, len(regions) + 1))
    named = given_object("network", regions)
    path = find("networks", named if isinstance(named, InMemory) else str(named))
    if isinstance(named, InMemory) and not path.is_dir():
        hint = "load it with our tables, gm.load_network(…), or give a table with id, centre_lat and centre_lon"
        raise InputError([Problem(message="is a net without a table of regions", field="regions", hint=hint)])
    path = path / "regions.csv" if path.is_dir() else path
    text = read_text(path, problems, shown=path.name)
    mark = own_separator(text or "")
    header, rows = read_rows(text, problems, shown=path.name, separator=mark) if text is not None else ([], [])
    problems.raise_if_any()
    table = pd.DataFrame([cells for _, cells in rows], columns=header, dtype=object)
    if mark == SEMICOLON:
        once = [name for name in COLUMNS[1:] if header.count(name) == 1]
        table = table.assign(**{name: table[name].str.replace(",", ".") for name in once})
    return path.name, table, [line for line, _ in rows]


def distance_km(lat_a: Array, lon_a: Array, lat_b: Array, lon_b: Array) -> Array:
    """Return great-circle distances, shape ``(a, b)``. [km]

    Examples
    --------
    >>> distance_km(np.array([50.4]), np.array([30.5]), np.array([46.4]), np.array([390.8])).round().tolist()
    [[445.0]]
    """
    a, b, lon_a, lon_b = (np.radians(x) for x in (lat_a, lat_b, lon_a, lon_b))
    across = np.cos(a)[:, None] * np.cos(b) * np.sin((lon_a[:, None] - lon_b) / 2) ** 2
    half = np.sin((a[:, None] - b) / 2) ** 2 + across
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def weights(
    latitude: Array, longitude: Array, useful: npt.NDArray[np.bool_], problems: Problems, options: Options
) -> Array:
    """Return the weight of each place in each region.

    Parameters
    ----------
    latitude, longitude
        Of the places, shape ``(place,)``. [degree]
    useful
        True for places that have data (a grid may have none over the sea), shape ``(place,)``.
    problems
        Collects regions without a place nearby.
    options
        Centres of the regions, and `how`: ``nearest`` takes the nearest useful place; ``area`` the mean, weighted by
        the area of a cell of a regular grid (the cosine of its latitude), over the useful places within
        `AREA_RADIUS_KM` that are nearer to this centre than to any other; the nearest if there are none. With a
        `spread`, that of `gridmodel.weather.spread.spread_weights`.

    Returns
    -------
    numpy.ndarray
        Shape ``(region, place)``; each row sums to 1. [-]
    """
    assert options.centres is not None  # noqa: S101 - callers ask first
    centres = options.centres
    away = centre_distances(latitude, longitude, options)
    away = np.where(useful, away, np.inf)
    _check_order(latitude, longitude, away, options)
    if options.spread:
        return spread_shares(away, problems, options)
    nearest = away.argmin(axis=1)
    share = np.zeros(away.shape)
    share[np.arange(len(centres)), nearest] = 1.0
    for region, name in enumerate(centres["id"]):
        if away[region, nearest[region]] > FARTHEST_KM:
            message = f"has no place with data within {FARTHEST_KM:g} km of its centre"
            problems.add(message, table=options.shown, field=str(name), hint=SPREAD_HINT)
    if options.how == "area":
        own = (away.argmin(axis=0) == np.arange(len(centres))[:, None]) & (away <= AREA_RADIUS_KM)
        area = own * np.cos(np.radians(latitude))
        total = area.sum(axis=1, keepdims=True)
        share = np.where(total > 0, area / np.where(total > 0, total, 1), share)
    return share


def _check_order(latitude: Array, longitude: Array, away_km: Array, options: Options) -> None:
    """Check that latitude and longitude are not swapped.

    Raises
    ------
    InputError
        If no place is near a region, and places would be the other way round.
    """
    if not away_km.size or away_km.min() <= FARTHEST_KM or not (np.abs(longitude) <= 90).all():
        return
    swapped = centre_distances(longitude, latitude, options)
    if np.isfinite(swapped).any() and np.nanmin(swapped) <= FARTHEST_KM:
        message = "latitude and longitude look swapped: the other way round, its places lie at the regions"
        raise InputError([Problem(message=message, table=options.shown, hint="name them the other way round")])


def spread_shares(away_km: Array, problems: Problems, options: Options) -> Array:
    """Return the weight of each place in each region where few places are spread to all regions.

    Parameters
    ----------
    away_km
        Distance of each place from the centre of each region, shape ``(region, place)``; infinite of a place that
        has no data. [km]
    problems
        Collects regions that are too far from any place.
    options
        Centres of the regions, and the `spread`.

    Returns
    -------
    numpy.ndarray
        Shape ``(region, place)``; each row sums to 1. [1]
    """
    assert options.centres is not None  # noqa: S101 - callers ask first
    for name, nearest in zip(options.centres["id"], away_km.min(axis=1), strict=True):
        if nearest > FARTHEST_SITE_KM:
            message = f"has no place with data within {FARTHEST_SITE_KM:,.0f} km of its centre"
            problems.add(message, table=options.shown, field=str(name))
    how: Spread = "nearest" if options.spread == "nearest" else "inverse-distance"
    return spread_weights(away_km, how)


def spread_said(away_km: Array, options: Options) -> list[str]:
    """Return how few places became all regions, in sentences of `history`."""
    assert options.centres is not None  # noqa: S101 - callers ask first
    how: Spread = "nearest" if options.spread == "nearest" else "inverse-distance"
    ids = tuple(str(name) for name in options.centres["id"])
    return spread_notes(away_km, how, ids, farther_than_km=FARTHEST_KM)


def centre_distances(latitude: Array, longitude: Array, options: Options) -> Array:
    """Return the distance of each place from the centre of each region, shape ``(region, place)``. [km]"""
    assert options.centres is not None  # noqa: S101 - callers ask first
    centres = options.centres
    return distance_km(
        centres["centre_lat"].to_numpy(float), centres["centre_lon"].to_numpy(float), latitude, longitude
    )


def check_coordinates(series: Series | Daily, problems: Problems, options: Options) -> None:
    """Note coordinates that are not on the Earth; a place without any is NaN.

    Raises
    ------
    InputError
        If there is one.
    """
    places = (("latitude", series.latitude, 90.0), ("longitude", series.longitude, 360.0))
    for name, degrees, most in places:
        far = degrees[np.abs(degrees) > most] if degrees is not None else np.zeros(0)
        if far.size:
            message = f"must be -{most:g} to {most:g} degrees"
            problems.add(message, table=options.shown, field=name, value=f"{far[0]:g}")
    problems.raise_if_any()


def name_places(series: Series, problems: Problems, options: Options) -> Series:
    """Give the places of a file the ids of regions: by distance, by the name that the caller gives, or their own.

    Parameters
    ----------
    series
        Hourly.
    problems
        Collects places that cannot be assigned.
    options
        Centres, or the id of one region.

    Returns
    -------
    Series
        One column per region.
    """
    if options.centres is not None:
        latitude, longitude = _where(series, problems, options)
        if latitude is None or longitude is None:
            return series
        by_member = np.split(series.temperature_c, series.members, axis=1)
        useful = np.asarray(np.isfinite(by_member).any(axis=(0, 1)))
        share = weights(latitude, longitude, useful, problems, options)

        def shared(values: Array) -> Array:
            return np.stack([values[:, row > 0] @ row[row > 0] for row in share], axis=1)

        series.temperature_c = np.concatenate([shared(values) for values in by_member], axis=1)
        series.beside = {name: shared(values) for name, values in series.beside.items()}
        series.places = [str(name) for name in options.centres["id"]]
        away = centre_distances(latitude, longitude, options)[:, useful]
        far = options.spread and useful.any()
        series.notes += spread_said(away, options) if far else [f"regions by {options.how}"]
    elif options.region and len(series.places) == 1:
        series.places = [options.region]
    elif options.region:
        problems.add(
            "contains several places, but region= (--region) names one: use regions= (--regions)",
            table=options.shown,
            value=options.region,
        )
    return series


def _where(
    series: Series, problems: Problems, options: Options
) -> tuple[Array, Array] | tuple[None, None]:  # fmt: skip
    """Return latitude and longitude of the places of a file, or of the region that is named; None if unknown."""
    assert options.centres is not None  # noqa: S101 - callers ask first
    if options.region and len(series.places) == 1:
        own = options.centres[options.centres["id"] == options.region]
        if own.empty:
            problems.add("is not one of the regions", field="region", value=options.region)
            return None, None
        return own["centre_lat"].to_numpy(float), own["centre_lon"].to_numpy(float)
    if series.latitude is None or series.longitude is None:
        hint = "" if len(series.places) > 1 else ", with spread= (--spread) if it is for all of them"
        message = f"does not say where it is: name its region with region= (--region){hint}"
        problems.add(message, table=options.shown)
        return None, None
    return series.latitude, series.longitude


def select_regions(data: xr.DataArray, problems: Problems, options: Options) -> xr.DataArray:
    """Select the regions that were asked for, of a file whose columns are regions already, by id or by name.

    Regions that it lacks are spread from those that it has, if the caller says so.

    Parameters
    ----------
    data
        ``temperature(time, region)``, perhaps with `member`. [degC]
    problems
        Collects regions that are missing.
    options
        Centres and names of the regions, and the `spread`.
    """
    if options.region:
        problems.add("does not apply: the file names its regions itself", field="region", value=options.region)
    if options.centres is None:
        return data
    known = [str(region) for region in data["region"].to_numpy()]
    wanted = [str(region) for region in options.centres["id"]]
    column = _columns_of(known, wanted, problems, options)
    missing = [region for region in wanted if region not in column]
    if missing and options.spread and column:
        own = [wanted.index(region) for region in column]
        centres = options.centres.iloc[own]
        away = centre_distances(centres["centre_lat"].to_numpy(float), centres["centre_lon"].to_numpy(float), options)
        share = spread_shares(away, problems, options)
        problems.raise_if_any()
        every = spread_to_regions(data.isel(region=list(column.values())), share, tuple(wanted))
        said = [*([str(data.attrs["history"])] if "history" in data.attrs else []), *spread_said(away, options)]
        every.attrs = {**data.attrs, "history": "; ".join(said)}
        return every
    for region in missing:
        hint = SPREAD_HINT if column else ""  # never a name that is alike: it would be the weather of another region
        problems.add("has no weather", table=options.shown, field=region, hint=hint)
    problems.raise_if_any()
    return data.isel(region=[column[region] for region in wanted]).assign_coords(region=np.array(wanted, dtype=object))


def _columns_of(known: list[str], wanted: list[str], problems: Problems, options: Options) -> dict[str, int]:
    """Return the column of each region that a file has, by id or by a name that is beyond doubt."""
    assert options.centres is not None  # noqa: S101 - callers ask first
    tables = [str(name) for name in options.centres.columns if str(name).startswith(NAME)]
    names = {name.removeprefix(NAME): tuple(options.centres[name].astype(str)) for name in tables}
    find = PlaceNames(NetworkRegions(ids=tuple(wanted), names=names)).find
    found: dict[str, int] = {}
    for place, name in enumerate(known):
        region = name if name in wanted else find(name)
        if region is not None and region in found:
            message = f"is {region}, as {known[found[region]]!r} is: keep one of them"
            problems.add(message, table=options.shown, field="region", value=name)
        elif region is not None:
            found[region] = place
    return found
