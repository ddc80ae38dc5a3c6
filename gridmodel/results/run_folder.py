"""A run on disk: the result, its summary, and a manifest that says how it was made."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems, cannot_write, nearest, visible
from gridmodel.inputs.files import LEADS_OUT, Beside, stays_inside
from gridmodel.inputs.hdf5 import check_hdf5
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.netcdf import cf_encoding, write_netcdf4
from gridmodel.inputs.spreadsheet import frame_csv
from gridmodel.inputs.tables import read_text
from gridmodel.inputs.writing import clear_leftovers, replaced_folder
from gridmodel.results.cf import cf_form
from gridmodel.results.handed_on import attributes_without_folders
from gridmodel.results.manifest import changed, manifest
from gridmodel.results.metrics import summarise
from gridmodel.results.own_inputs import (
    INPUTS,
    confined,
    copy_inputs,
    hash_of,
    trusted,
)
from gridmodel.results.posterior import AGAIN, shown_of
from gridmodel.results.posterior import FILE as POSTERIOR
from gridmodel.results.result_schema import open_checked
from gridmodel.results.summary_json import summary_json
from gridmodel.scenario import Scenario, make_scenario, without_removed
from gridmodel.version import __version__

FILES = ("result.nc", "summary.csv", "summary.json", "manifest.json")
"""Files of every run folder."""
REPORT = "report.html"
"""Page of a run, which `gridmodel run` writes beside them."""
SHEET_FILE = re.compile(r"sheet-[\w.-]+\.html")
"""Name of the sheet of a region, which `gridmodel report --region` writes beside them; a folder may have several."""
PAGES = (".html", ".htm")
"""Endings of pages."""
EXTRA_FILES = ("ac_check.csv", POSTERIOR, REPORT)
"""Other files that a run folder may contain; those of an earlier run are removed."""
STATE_FILE = re.compile(r"state-\d{4}-\d{2}-\d{2}T\d{4}\.nc")
"""Name of a saved state in a run folder; a folder may have several."""
MAX_JSON = 500_000
"""Most values of a manifest. Ours: one of fifty thousand rows of events has as many."""


def check_target(folder: Path, *, overwrite: bool = True) -> Path:
    """Check that a run can be written, before it is computed.

    Parameters
    ----------
    folder
        Folder to write.
    overwrite
        Whether a run that is there may be replaced.

    Returns
    -------
    pathlib.Path
        The folder, absolute and without dots.

    Raises
    ------
    InputError
        If the path is a file, a folder that contains something other than a run, or cannot be reached.
    """
    target = Path(os.path.abspath(folder))  # noqa: PTH100 - resolves dots and leaves links as they are
    try:
        if target.is_dir():
            _check_run(target, folder, overwrite=overwrite)
        elif target.exists() or target.is_symlink():
            raise InputError([Problem(message="is a file; choose a folder for the results", table=str(folder))])
        parent = next(path for path in (target, *target.parents) if path.exists())
        writable = parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)
    except OSError as error:
        raise InputError([Problem(message=f"cannot be reached: {error.strerror}", table=str(folder)[:80])]) from None
    if not writable:
        raise InputError([Problem(message="cannot be written to", table=str(parent))])
    return target


def check_file(path: Path, reads: Iterable[str | Path] = ()) -> None:
    """Check that a file can be written, before anything is computed.

    Parameters
    ----------
    path
        File to write; one that is there is replaced.
    reads
        Files and folders that are read for it; names of bundled ones count for nothing.

    Raises
    ------
    InputError
        If it is what is read, or a part of a run or a store, or if its folder is none or cannot be written to.
    """
    parent = path.parent
    try:
        if parent.is_dir() and path.exists():
            _check_replaced(path, [Path(one) for one in reads])
        known, writable = parent.is_dir(), os.access(parent, os.W_OK | os.X_OK)
    except OSError as error:
        raise InputError([Problem(message=f"cannot be reached: {error.strerror}", table=str(path)[:80])]) from None
    if not known:
        raise InputError([Problem(message="cannot be written: its folder does not exist", table=str(path))])
    if not writable:
        raise InputError([Problem(message="cannot be written to", table=str(parent))])


def check_ending(path: Path, endings: Sequence[str], *, of: str = "") -> None:
    """Check that the name of a file to write is not that of something else, by which other programs would open it.

    Parameters
    ----------
    path
        File to write; a name without an ending is taken.
    endings
        Endings that it may have, in small letters.
    of
        Name of its format, where a command writes several.

    Raises
    ------
    InputError
        If it has another ending.
    """
    if path.suffix and path.suffix.lower() not in endings:
        message = f"must end in {' or '.join(endings)}{of and f' for {of}'}, or have no ending"
        raise InputError([Problem(message=message, table=str(path))])


def check_calendars(folder: Path) -> None:
    """Check that calendars can be put into a folder, before they are made.

    Raises
    ------
    InputError
        If it is that of a run, which would no longer be known as one.
    """
    if (folder / "manifest.json").exists():
        raise InputError([Problem(message="is the folder of a run; choose another for calendars", table=str(folder))])


def _check_replaced(path: Path, reads: Sequence[Path]) -> None:
    """Check that a file which is there may be replaced.

    Raises
    ------
    InputError
        If it is what is read, or a part of a run or a store.
    """
    for one in reads:
        if any(known.exists() and path.samefile(known) for known in (one, one / FILES[0])):
            raise InputError([Problem(message="is read by this command; choose another name", table=str(path))])
        if (one / "zarr.json").exists() and path.resolve().is_relative_to(one.resolve()):
            raise InputError([Problem(message="is a part of the store; choose another name", table=str(path))])
    page = path.name == REPORT or SHEET_FILE.fullmatch(path.name)
    if _is_ours(path) and not page and (path.parent / "manifest.json").exists():
        raise InputError([Problem(message="is a part of a run; choose another name", table=str(path))])


def _check_run(target: Path, shown: Path, *, overwrite: bool) -> None:
    """Check that a folder is empty or a run of this program.

    Raises
    ------
    InputError
        If it is neither.
    """
    clear_leftovers(target)
    entries = sorted(target.iterdir())
    other = [path.name for path in entries if not _is_ours(path)]
    if not other and entries:
        try:
            known = bool(_read_manifest(target / "manifest.json"))
        except InputError:
            known = False
        other = [] if known else [entries[0].name]
    if other:
        message = f"contains {other[0]!r}, which was not created by gridmodel; choose an empty folder"
        raise InputError([Problem(message=message, table=str(shown))])
    if entries and not overwrite:
        message, hint = "contains another run", "replace it with --overwrite, or choose another folder"
        raise InputError([Problem(message=message, table=str(shown), hint=hint)])


def _is_ours(path: Path) -> bool:
    """Return whether an entry of a folder can be part of a run, or a page of one."""
    named = path.name in FILES + EXTRA_FILES or STATE_FILE.fullmatch(path.name) or SHEET_FILE.fullmatch(path.name)
    known = path.is_dir() if path.name == INPUTS else bool(named) and path.is_file()
    return known and not path.is_symlink()


def write_run(
    result: xr.Dataset,
    scenario: Scenario,
    folder: Path,
    *,
    command: Sequence[str],
    seconds: Mapping[str, float],
    tables: Mapping[str, pd.DataFrame] | None = None,
    states: Mapping[str, Callable[[Path], object]] | None = None,
    page: Callable[[Path, Mapping[str, Any], Mapping[str, Any]], None] | None = None,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write a run folder beside its place and swap it in: a run that is there is replaced whole, or not at all.

    Parameters
    ----------
    result
        Result of `gridmodel.run`.
    scenario
        Scenario of the run.
    folder
        Folder to write.
    command
        The command line, for the manifest.
    seconds
        Duration of each part of the work, for the manifest. [s]
    tables
        Other tables to write, by name of `EXTRA_FILES`; those of an earlier run are removed.
    states
        Functions that write the states that the run saved to a path, by name of the file.
    page
        Writes the report of the run to a path, given its manifest and its summary.
    about
        More entries of the manifest, such as the date.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    target = check_target(folder)
    try:
        with replaced_folder(target, last="manifest.json") as work:
            write_result(result, work / "result.nc")
            table = summarise(result)
            (work / "summary.csv").write_text(frame_csv(table), encoding="utf-8")
            summary = summary_json(result, table)
            _write_json(work / "summary.json", summary)
            for name, values in (tables or {}).items():
                (work / name).write_text(frame_csv(values, index=False), encoding="utf-8")
            learned = shown_of(result)
            if learned is not None:
                _write_json(work / POSTERIOR, learned)
            for name, write in (states or {}).items():
                write(work / name)
            copy_inputs(scenario, work)
            outputs = {path.name: hash_of(path) for path in sorted(work.iterdir()) if path.is_file()}
            made = manifest(scenario, command=command, seconds=seconds) | dict(about or {}) | {"outputs": outputs}
            made |= {} if learned is None else {"posterior": learned["until"]}
            _write_json(work / "manifest.json", made)
            if page is not None:
                page(work / REPORT, made, summary)
            here = target.is_dir() and Path.cwd().is_relative_to(target.resolve())
            earlier = [path.name for path in target.iterdir() if STATE_FILE.fullmatch(path.name)] if here else []
            for name in (*EXTRA_FILES, *earlier):  # of an earlier run in the working folder, which is not swapped whole
                if here and not (work / name).exists():
                    (target / name).unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        raise InputError([cannot_write(error, folder)]) from None


def write_result(result: xr.Dataset, path: Path) -> None:
    """Write a result as compressed netCDF-4 by the CF conventions; equal results give equal bytes.

    Notes
    -----
    Time is the record dimension, texts are arrays of characters, and units are written as UDUNITS knows them (`MW h`).
    The date of a run is in its manifest, not in the file.
    """
    result = cf_form(result)
    encoding = cf_encoding(result)
    start = str(result["time"].to_numpy()[0])[:10]
    times = {"units": f"minutes since {start} 00:00", "dtype": "int64"}
    for name in ("time", "local_time"):
        encoding[name] |= times
    for name in {"repair_begin", "repair_end"} & set(result.data_vars):
        encoding[name] |= {**times, "_FillValue": np.iinfo(np.int64).min}
    handed = result.assign_attrs(attributes_without_folders(result.attrs))
    write_netcdf4(handed, path, encoding)


def read_result(folder: str | Path) -> xr.Dataset:
    """Open the result of a run folder, or a `result.nc`, lazily.

    Raises
    ------
    InputError
        If it does not exist, cannot be read, or is not as `gridmodel.results.result_schema` says.
    """
    path = Path(folder)
    if path.is_dir():
        _check_outputs(path)
    path = _within(path, "result.nc") if path.is_dir() else path
    if not path.is_file():
        message = "is not a run folder: result.nc is missing" if Path(folder).exists() else "does not exist"
        raise InputError([Problem(message=message, table=str(folder), hint=_nearest(Path(folder)))])
    check_hdf5(path, str(path))
    return open_checked(path, str(path))


def _nearest(folder: Path) -> str:
    """Return a hint at the run folders beside a path that is not one, as `nearest` does; empty if there are none."""
    there = Path("runs") / folder
    if (there / "result.nc").is_file():
        return f"nearest: {there}"
    try:
        beside = sorted(path.name for path in folder.parent.iterdir() if (path / "result.nc").is_file())
    except OSError:  # it does not exist, or may not be read
        return ""
    return nearest(folder.name, beside)


def _within(folder: Path, name: str) -> Path:
    """Return the path of a file of a run folder.

    Raises
    ------
    InputError
        If it is a link that leads out of the folder.
    """
    if not stays_inside(folder, folder / name):
        raise InputError([Problem(message=LEADS_OUT, table=str(folder / name))])
    return folder / name


def _check_outputs(folder: Path) -> None:
    """Check that the files of a run folder are those that its manifest tells of.

    Raises
    ------
    InputError
        If one has another hash: the folder holds parts of two runs, or was damaged or changed.
    """
    outputs = manifest_of(folder).get("outputs", {})
    problems = Problems()
    states = sorted(name for name in outputs if STATE_FILE.fullmatch(name)) if isinstance(outputs, dict) else []
    for name in (*FILES, *EXTRA_FILES, *states):
        expected = outputs.get(name) if isinstance(outputs, dict) else None
        path = _within(folder, name)
        if expected is not None and path.is_file() and hash_of(path) != expected:
            message = "is not the file that the manifest tells of: parts of two runs, or changed since"
            problems.add(message, table=str(path))
    problems.raise_if_any()


def manifest_of(folder: str | Path) -> dict[str, Any]:
    """Read the manifest of a run folder; empty for a `result.nc` without one.

    Raises
    ------
    InputError
        If the file exists and is not a manifest.
    """
    path = Path(folder)
    path = _within(path if path.is_dir() else path.parent, "manifest.json")
    if not path.is_file():
        return {}
    return _read_manifest(path)


def _read_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    InputError
        If it cannot be read, or is not a manifest.
    """
    problems = Problems()
    text = read_text(path, problems, shown=str(path))
    problems.raise_if_any()
    data = parse_json(text or "", str(path), most=MAX_JSON, strict=True)
    parts = {"scenario": dict, "inputs": dict, "gridmodel": str, "folder": str}
    if not isinstance(data, dict) or any(not isinstance(data.get(name), kind) for name, kind in parts.items()):
        raise InputError([Problem(message="is not the manifest of a run", table=str(path))])
    if not all(isinstance(data.get(name, []), list) for name in ("optional_inputs", "command")):
        raise InputError([Problem(message="is not the manifest of a run", table=str(path))])
    return data


def events_of(manifest: Mapping[str, Any], setting: str = "events") -> tuple[object, str]:
    """Return the events (or timetable) that a manifest names, a file or rows, and the hash of the file."""
    events = manifest.get("scenario", {}).get(setting, [])
    copies = manifest.get("files", {})
    if isinstance(copies, dict) and isinstance(copies.get(setting), str):
        return events, str(manifest.get("inputs", {}).get(copies[setting], ""))
    hashes = [value for name, value in manifest.get("inputs", {}).items() if isinstance(events, str)
              and Path(name).name in {Path(events).name, f"{Path(events).name}.csv"}]  # fmt: skip
    return events, hashes[0] if hashes else ""


def read_manifest(path: Path, *, trust: bool = False, posterior: bool = False) -> Scenario:
    """Read the scenario of a manifest, if its inputs are unchanged.

    Only the run's own copies of its inputs and bundled data are opened, and only with the hash that the manifest gives.

    Parameters
    ----------
    path
        A `manifest.json`, or the run folder that contains it.
    trust
        Whether to open files elsewhere as well, which manifests of earlier versions name.
    posterior
        Whether the scenario of a posterior is wanted, whose members a run of it would not have.

    Raises
    ------
    InputError
        If it is not a manifest, names files elsewhere, or an input has changed or is missing.

    Warns
    -----
    UserWarning
        If another version wrote it.
    """
    path = _within(path, "manifest.json") if path.is_dir() else path
    data = _read_manifest(path)
    if "posterior" in data and not posterior:
        raise InputError([Problem(message=AGAIN, table=path.name)])
    noted = Problems()
    beside: Beside = trusted(data["folder"]) if trust and "files" not in data else None
    if beside is None:
        beside = confined(data, path.parent, noted, shown=path.name)
    elsewhere = bool(noted.found)
    try:
        scenario = make_scenario({**without_removed(data["scenario"]), "folder": beside}, shown=path.name)
    except InputError as error:
        raise InputError([*noted.found, *error.problems]) from None
    if not elsewhere:
        noted.found += changed(scenario, data, path.name)
    noted.raise_if_any()
    if data.get("own_models"):
        own = visible(str(data["own_models"])[:200])
        message = f"{path.name}: was run with models of its own ({own}), which are not saved: give them to gm.run again"
        warnings.warn(message, stacklevel=2)
    if data["gridmodel"] != __version__:
        by = visible(data["gridmodel"][:40])
        warnings.warn(
            f"{path.name}: was written by gridmodel {by}, this is {__version__}: results may differ", stacklevel=2
        )
    return scenario


def _write_json(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
