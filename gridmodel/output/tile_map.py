"""A map without geometry: every region one tile, as near as can be to where it lies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import Ints

ASPECT = 1.6
"""Columns of the grid over its rows. [1] Ours: the shape of a page."""
ROOM = 1.6
"""Cells of the grid over regions. [1] Ours: enough that coasts and borders can be told."""


def tile_grid(result: xr.Dataset) -> tuple[Ints, Ints]:
    """Place a tile for every region: column from the west and row from the north.

    Parameters
    ----------
    result
        A result; its `centre_lat` and `centre_lon` give the places. Without them, or where one is missing, tiles stand
        in the order of the regions.

    Returns
    -------
    tuple of numpy.ndarray
        Each of shape ``(region,)``; no two regions share a tile.

    Notes
    -----
    Of all ways to give each region a cell, the one with the least sum of squared distances is taken (an assignment
    problem); with equal sums the one that the solver finds first, so the same regions give the same map.
    """
    count = result.sizes["region"]
    places = _places(result)
    if places is None or count < 2:
        columns = max(1, round(np.sqrt(count * ASPECT)))
        order = np.arange(count)
        return order % columns, order // columns
    from scipy.optimize import linear_sum_assignment

    rows = max(1, int(np.ceil(np.sqrt(count * ROOM / ASPECT))))
    columns = int(np.ceil(count * ROOM / rows))
    cells = np.array([(column, row) for row in range(rows) for column in range(columns)], dtype=float)
    low, high = places.min(axis=0), places.max(axis=0)
    scaled = (places - low) / np.maximum(high - low, 1e-9) * (columns - 1, rows - 1)
    distance = ((scaled[:, None] - cells[None]) ** 2).sum(axis=-1)
    taken = cells[linear_sum_assignment(distance)[1]].astype(np.intp)
    taken -= taken.min(axis=0)
    return taken[:, 0], taken[:, 1]


def _places(result: xr.Dataset) -> npt.NDArray[np.float64] | None:
    """Return east and south of every centre on a plane, shape ``(region, 2)``; None if one is unknown."""
    if "centre_lat" not in result.coords or "centre_lon" not in result.coords:
        return None
    lat, lon = result["centre_lat"].to_numpy(), result["centre_lon"].to_numpy()
    if not (np.isfinite(lat).all() and np.isfinite(lon).all()):
        return None
    return np.column_stack([lon * np.cos(np.radians(lat.mean())), -lat])
