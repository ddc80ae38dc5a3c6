"""Turn the places of a file to the regions of a network: the nearest place, or a mean over the places around."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.files import find
from gridmodel.inputs.tables import read_rows, read_text
from gridmodel.weather.daily import Daily
from gridmodel.weather.series import Array, Options, Series, number

EARTH_RADIUS_KM = 6371.0
FARTHEST_KM = 150.0
"""Farthest that a place with data may be from the centre of its region. [km]
Ours: no farther than the edge of a large region, 150 km from its centre."""
AREA_RADIUS_KM = 100.0
"""Places within belong to the mean of a region. [km]
Ours: a circle of 31,000 km2, about the area of a region of the bundled networks."""

COLUMNS = ("id", "centre_lat", "centre_lon")


def read_centres(regions: str | Path | pd.DataFrame) -> pd.DataFrame:
    """Read the centres of regions.

    Parameters
    ----------
    regions
        A bundled network, the folder of one, a CSV file, or a table, with columns `id`, `centre_lat`, `centre_lon`.

    Returns
    -------
    pandas.DataFrame
        The three columns, one row per region. [degree]

    Raises
    ------
    InputError
        With every column that is missing and every cell that is not a coordinate.
    """
    problems = Problems()
    if isinstance(regions, pd.DataFrame):
        shown, table = "regions", regions.astype(str)
        lines = [int(place) + 1 for place in range(len(table))]
    else:
        path = find("networks", str(regions))
        path = path / "regions.csv" if path.is_dir() else path
        shown = path.name
        text = read_text(path, problems, shown=shown)
        header, rows = read_rows(text, problems, shown=shown) if text is not None else ([], [])
        problems.raise_if_any()
        table = pd.DataFrame([cells for _, cells in rows], columns=header, dtype=object)
        lines = [line for line, _ in rows]
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
    problems.raise_if_any()
    if centres.empty:
        raise InputError([Problem(message="has no rows", table=shown)])
    return centres


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
        `AREA_RADIUS_KM` that are nearer to this centre than to any other; the nearest if there are none.

    Returns
    -------
    numpy.ndarray
        Shape ``(region, place)``; each row sums to 1. [-]
    """
    assert options.centres is not None  # noqa: S101 - callers ask first
    centres = options.centres
    away = distance_km(
        centres["centre_lat"].to_numpy(float), centres["centre_lon"].to_numpy(float), latitude, longitude
    )
    away = np.where(useful, away, np.inf)
    nearest = away.argmin(axis=1)
    share = np.zeros(away.shape)
    share[np.arange(len(centres)), nearest] = 1.0
    for region, name in enumerate(centres["id"]):
        if away[region, nearest[region]] > FARTHEST_KM:
            message = f"has no place with data within {FARTHEST_KM:g} km of its centre"
            problems.add(message, table=options.shown, field=str(name))
    if options.how == "area":
        own = (away.argmin(axis=0) == np.arange(len(centres))[:, None]) & (away <= AREA_RADIUS_KM)
        area = own * np.cos(np.radians(latitude))
        total = area.sum(axis=1, keepdims=True)
        share = np.where(total > 0, area / np.where(total > 0, total, 1), share)
    return share


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
        if series.latitude is None or series.longitude is None:
            problems.add("does not say where it is: name its region with region= (--region)", table=options.shown)
            return series
        by_member = np.split(series.temperature_c, series.members, axis=1)
        useful = np.asarray(np.isfinite(by_member).any(axis=(0, 1)))
        share = weights(series.latitude, series.longitude, useful, problems, options)

        def shared(values: Array) -> Array:
            return np.stack([values[:, row > 0] @ row[row > 0] for row in share], axis=1)

        series.temperature_c = np.concatenate([shared(values) for values in by_member], axis=1)
        series.beside = {name: shared(values) for name, values in series.beside.items()}
        series.places = [str(name) for name in options.centres["id"]]
        series.notes.append(f"regions by {options.how}")
    elif options.region and len(series.places) == 1:
        series.places = [options.region]
    elif options.region:
        problems.add(
            "contains several places, but region= (--region) names one: use regions= (--regions)",
            table=options.shown,
            value=options.region,
        )
    return series
