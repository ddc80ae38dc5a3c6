"""Opening the store of a sweep or the folder of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


def opened(path: Path) -> xr.Dataset:
    """Open the store of a sweep, or the folder of a run."""
    from gridmodel.results.run_folder import read_result
    from gridmodel.studies.sweep import open_sweep

    return open_sweep(path) if (path / "zarr.json").is_file() else read_result(path)
