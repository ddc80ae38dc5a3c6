"""Manifest of a run: what it was made from and with, and whether its inputs are still the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.country import FILE
from gridmodel.inputs.files import ROOT, is_bundled, tables_beside
from gridmodel.results.handed_on import (
    command_without_folders,
    settings_without_folders,
)
from gridmodel.results.own_inputs import (
    MAX_INPUT_BYTES,
    SETTINGS,
    event_rows,
    files_of,
    hash_of,
    named_files,
    own_inputs,
    path_of,
    place_of,
)
from gridmodel.scenario import Scenario
from gridmodel.version import __version__, version_of

LIBRARIES = (
    "numpy",
    "pandas",
    "scipy",
    "xarray",
    "highspy",
    "netCDF4",
    "h5py",
    "isal",
    "pandapower",
    "networkx",
    "pydantic",
)
"""Libraries whose versions are in the manifest."""


def manifest(scenario: Scenario, *, command: Sequence[str], seconds: Mapping[str, float]) -> dict[str, Any]:
    """Return the manifest of a run: settings, hashes of every input, versions, command, timings.

    `files` gives the places of copies in the run folder, by setting, and `event_rows` the rows of a file of events, so
    that nothing outside the folder is ever opened on its behalf. `optional_inputs` names the files that would be among
    the inputs if they existed.
    """
    return {
        "gridmodel": __version__,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "libraries": {name: version_of(name) for name in LIBRARIES},
        "command": command_without_folders(command),
        "scenario": settings_without_folders(json.loads(scenario.model_dump_json())),
        "folder": "",
        "files": {setting: place_of(setting, path) for setting, path in own_inputs(scenario).items()},
        "inputs": {name: hash_of(path) for name, path in named_files(scenario).items()},
        "optional_inputs": [FILE],
        "event_rows": event_rows(scenario),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
    }


def input_hashes(scenario: Scenario) -> dict[str, str]:
    """SHA-256 of every file that a scenario reads, by its path, or for bundled data by a name that never changes."""
    found = [path for setting in SETTINGS if (path := path_of(scenario, setting)) is not None]
    found += [folder for path in found if (folder := tables_beside(path)) is not None]
    files = [file for path in found for file in files_of(path)]
    return {str(file.relative_to(ROOT)) if is_bundled(file) else str(file): hash_of(file) for file in files}


def changed(scenario: Scenario, data: Mapping[str, Any], shown: str) -> list[Problem]:
    """Return a problem for every input that is not as the manifest says."""
    try:
        found = _found_hashes(scenario, data)
    except InputError as error:
        return error.problems
    except OSError as error:
        return [Problem(message=f"an input is missing: {error}", table=shown)]
    message, inputs = "has changed since the run: its hash differs", data["inputs"]
    names = sorted({*inputs, *_covered(found, data, scenario)})
    return [Problem(message=message, table=shown, field=name[:200]) for name in names
            if inputs.get(name) != found.get(name)]  # fmt: skip


def _found_hashes(scenario: Scenario, data: Mapping[str, Any]) -> dict[str, str]:
    """Return the hashes of the inputs of a scenario as they are now, by their names in a manifest.

    Raises
    ------
    InputError
        If a file is missing, or too large.
    """
    if "files" not in data:
        return input_hashes(scenario)
    files = named_files(scenario)
    large = [path.name for path in files.values() if path.stat().st_size > MAX_INPUT_BYTES]
    if large:
        raise InputError([Problem(message="is too large for an input", table=name) for name in large])
    return {name: hash_of(path) for name, path in files.items()}


def _covered(found: Mapping[str, str], data: Mapping[str, Any], scenario: Scenario) -> list[str]:
    """Return the names of the inputs that a manifest covers, whether it lists them or they were added since.

    A manifest from before networks had a `network.toml` gives a time zone of its own, lists no such file and does not
    say that it would.
    """
    listed = FILE in {*map(str, data.get("optional_inputs") or ()), *(Path(name).name for name in data["inputs"])}
    return [name for name in found if listed or scenario.timezone is None or Path(name).name != FILE]
