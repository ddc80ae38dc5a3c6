"""Spread a few sites to many regions by distance."""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray as xr

from gridmodel.weather.series import Array
from gridmodel.weather.wind_and_sun import BESIDE

Spread = Literal["inverse-distance", "nearest"]
SPREADS: tuple[Spread, ...] = ("inverse-distance", "nearest")
"""Ways to spread sites to regions, the usual one first."""
POWER = 2.0
"""Power of the distance by which a site weighs less. [1] Shepard (1968)."""
SITES = 4
"""Most sites that a region takes the mean of. Ours: those around it, and no site behind them."""
AT_HAND_KM = 50.0
"""A region takes its nearest site alone within this distance of its centre. [km]
Ours: a site inside the region, and the cell of a coarse grid, say more of it than a mean with its neighbours."""
FARTHEST_SITE_KM = 1000.0
"""Farthest that the nearest site may be. [km] Ours: over this distance two thirds of a fast swing of the weather are
shared (correlation falls to 1/e over 2,500 km); a site farther off is that of another country."""


def spread_weights(away_km: Array, how: Spread = "inverse-distance") -> Array:
    """Return the weight of each site in each region.

    Parameters
    ----------
    away_km
        Distance of each site from the centre of each region, shape ``(region, site)``. [km]
    how
        ``nearest``: the nearest site alone. ``inverse-distance``: the nearest alone if it is within `AT_HAND_KM`,
        otherwise the mean of the `SITES` nearest, each weighted by one over its distance to the power `POWER`
        (D. Shepard, A two-dimensional interpolation function for irregularly-spaced data, 1968).

    Returns
    -------
    numpy.ndarray
        Shape ``(region, site)``; each row sums to 1. [1]

    Examples
    --------
    >>> spread_weights(np.array([[100.0, 200.0], [20.0, 60.0]])).round(3).tolist()
    [[0.8, 0.2], [1.0, 0.0]]
    """
    nearest = away_km.argmin(axis=1)
    alone = np.zeros(away_km.shape)
    alone[np.arange(len(away_km)), nearest] = 1.0
    if how == "nearest":
        return alone
    rank = np.argsort(np.argsort(away_km, axis=1, kind="stable"), axis=1)
    weight = np.where(rank < SITES, np.maximum(away_km, AT_HAND_KM) ** -POWER, 0.0)
    weight = weight / weight.sum(axis=1, keepdims=True)
    return np.where(away_km.min(axis=1, keepdims=True) <= AT_HAND_KM, alone, weight)


def spread_to_regions(data: xr.DataArray, share: Array, regions: tuple[str, ...]) -> xr.DataArray:
    """Return the temperatures of every region, with wind and sun if the series has them.

    Parameters
    ----------
    data
        ``temperature(time, region)`` of sites, perhaps with `member`. [degC]
    share
        Weight of each site in each region, shape ``(region, site)``. [1]
    regions
        Ids of the regions.
    """
    dims = data.dims

    def spread(part: xr.DataArray) -> Array:
        return np.asarray(np.einsum("...p,rp->...r", part.transpose(*dims).to_numpy(), share, optimize=False))

    coords: dict[str, object] = {name: data[name].to_numpy() for name in ("time", "member") if name in data.coords}
    coords["region"] = np.array(regions, dtype=object)
    for name in BESIDE:
        if name in data.coords:
            coords[name] = (dims, spread(data[name]), data[name].attrs)
    return xr.DataArray(spread(data), coords, dims, "temperature", attrs=data.attrs)


def spread_notes(away_km: Array, how: Spread, regions: tuple[str, ...], *, farther_than_km: float) -> list[str]:
    """Return how sites became regions, and which regions are far from any, a sentence each; nothing where all have one.

    Parameters
    ----------
    away_km
        Distance of each site from the centre of each region, shape ``(region, site)``. [km]
    how
        As in `spread_weights`.
    regions
        Ids of the regions.
    farther_than_km
        Distance from which a region is told. [km]
    """
    nearest = away_km.min(axis=1)
    sites = away_km.shape[1]
    if sites == 1 and len(regions) > 1:
        return [f"all {len(regions)} regions take the temperature of one site, as was asked for"]
    if bool((nearest == 0).all()):
        return []
    said = f"{sites} sites spread to {len(regions)} regions by the nearest site"
    if how == "inverse-distance":
        weighted = (
            f"the mean of its {min(SITES, sites)} nearest, weighted by one over the distance to the power {POWER:g}"
        )
        said = f"{sites} sites spread to {len(regions)} regions by inverse distance: each takes its nearest site within"
        said += f" {AT_HAND_KM:g} km, otherwise {weighted}"
    far = np.flatnonzero(nearest > farther_than_km)
    if not far.size:
        return [said]
    order = far[np.argsort(-nearest[far], kind="stable")]
    listed = ", ".join(f"{regions[place]} ({nearest[place]:.0f} km)" for place in order[:3])
    are = f"{far.size} of {len(regions)} regions are" if far.size > 1 else f"one of {len(regions)} regions is"
    listed = f"the farthest {listed}" if far.size > 3 else listed
    return [said, f"{are} farther than {farther_than_km:g} km from any site: {listed}"]
