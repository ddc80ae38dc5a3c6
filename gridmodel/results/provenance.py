"""Where a result comes from: hashes of its inputs, versions, date, and while it is in memory the scenario itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.results.own_inputs import hash_of, named_files
from gridmodel.results.run_folder import check_target, manifest_of, read_result, write_run
from gridmodel.scenario import Scenario, make_scenario
from gridmodel.version import __version__, version_of

LIBRARIES = ("numpy", "scipy", "xarray", "highspy")
"""Libraries whose versions are in the attributes of a result: those that may change a bit of it."""
SCENARIO = "gridmodel_scenario"
"""Key of the encoding of a result in memory under which its scenario is kept."""


def with_provenance(result: xr.Dataset, scenario: Scenario) -> xr.Dataset:
    """Add the hash of every input, versions and the date to the attributes of a result, and keep its scenario.

    Attributes `inputs` and `versions` are JSON, `date_created` is UTC. The date is not written to `result.nc`, so that
    equal results give equal files; it is in the manifest.
    """
    hashes = {name: hash_of(path) for name, path in named_files(scenario).items()}
    versions = {"gridmodel": __version__, "python": ".".join(map(str, sys.version_info[:3]))}
    result.attrs |= {
        "inputs": json.dumps(hashes), "versions": json.dumps(versions | {name: version_of(name) for name in LIBRARIES}),
        "date_created": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    result.encoding = {**result.encoding, SCENARIO: scenario}
    return result


def save_run(
    result: xr.Dataset, folder: str | Path, *, scenario: Scenario | None = None, overwrite: bool = False,
    page: Callable[[Path, Mapping[str, Any], Mapping[str, Any]], None] | None = None,
) -> Path:  # fmt: skip
    """Save a result as a run folder: the result with all that was added to it, summary, manifest and copies of inputs.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, perhaps with variables of your own.
    folder
        Folder to write; commands such as `gridmodel report` open it, and `gridmodel run --from` repeats the run.
    scenario
        Scenario of the run; needed only if the result was opened from a file and names inputs that are not bundled.
    overwrite
        Whether another run in the folder may be replaced.
    page
        Writes a page of the run to a path, given its manifest and summary.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    InputError
        If the scenario cannot be found, the result was resampled, or the folder cannot be written.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import tempfile
    >>> folder = gm.save_run(gm.run("three-region"), f"{tempfile.mkdtemp()}/mine")
    >>> sorted(path.name for path in folder.iterdir())
    ['manifest.json', 'result.nc', 'summary.csv', 'summary.json']
    """
    known = scenario or result.encoding.get(SCENARIO) or _from_attributes(result)
    place = Path(folder)
    check_target(place, overwrite=overwrite)
    created = result.attrs.get("date_created")
    more = {"created": str(created)} if created else {}
    own = result.attrs.get("own_models")
    more |= {"own_models": str(own)} if own else {}
    write_run(result, known, place, command=["gm.run"], seconds={}, page=page, about=more)
    return place


def _from_attributes(result: xr.Dataset) -> Scenario:
    """Return the scenario that the attributes of a result give, if it names bundled inputs alone.

    Raises
    ------
    InputError
        If it names others, or the result says no scenario.
    """
    hint = "give the scenario: gm.save_run(result, folder, scenario=…)"
    text = result.attrs.get("scenario")
    if not isinstance(text, str):
        raise InputError([Problem(message="says no scenario", field="result", hint=hint)])
    own = "its inputs"
    try:
        made = make_scenario(json.loads(text))
        own = ", ".join(name for name in named_files(made) if name.startswith("inputs/"))
        if not own:
            return made
    except InputError:
        pass
    raise InputError([Problem(message=f"does not say where {own[:200]} is", field="result", hint=hint)])


def open_run(folder: str | Path) -> xr.Dataset:
    """Open a run folder that `gm.save_run` or `gridmodel run` wrote, lazily.

    Parameters
    ----------
    folder
        The folder.

    Returns
    -------
    xarray.Dataset
        The result, after its files are compared with the hashes in the manifest; with `date_created`, if known.

    Raises
    ------
    InputError
        If it is not a run folder, or a file of it has changed.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import tempfile
    >>> folder = gm.save_run(gm.run("three-region"), f"{tempfile.mkdtemp()}/mine")
    >>> with gm.open_run(folder) as result:
    ...     print(result.sizes["time"], result.attrs["title"])
    48 Three regions by hand
    """
    result = read_result(folder)
    created = manifest_of(folder).get("created")
    if isinstance(created, str) and len(created) <= 40:
        result.attrs["date_created"] = created
    return result
