"""Opening the store of a sweep or the folder of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


def opened(path: Path) -> xr.Dataset:
    """Open the store of a sweep, or the folder of a run.

    Raises
    ------
    InputError
        If it is neither, or damaged; what does not exist is told with the stores and runs beside it.
    """
    from gridmodel.errors import InputError, Problem, nearest
    from gridmodel.results.run_folder import read_result
    from gridmodel.studies.sweep import open_sweep

    if (path / "zarr.json").is_file():
        return open_sweep(path)
    stores = [] if path.exists() else [store.parent.name for store in path.parent.glob("*/zarr.json")]
    if stores:
        runs = [run.parent.name for run in path.parent.glob("*/result.nc")]
        hint = nearest(path.name, sorted([*stores, *runs]))
        raise InputError([Problem(message="does not exist", table=str(path), hint=hint)])
    return read_result(path)
