"""Inputs of a run beside its result: copies of a user's own files, and what may be opened on behalf of a received run.

A run folder may come from a stranger. No path in its manifest is followed: files are its own copies in `inputs/`, or
bundled data by name, and both must have the hash that the manifest gives.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gridmodel.errors import InputError, Problems
from gridmodel.inputs.country import FILE
from gridmodel.inputs.files import (
    ROOT,
    TABLES_BESIDE,
    Beside,
    Confined,
    bundled,
    bundled_series,
    find,
    find_events,
    find_series,
    find_state,
    find_timetable,
    is_bundled,
    stays_inside,
    tables_beside,
)
from gridmodel.inputs.tables import SEMICOLON, own_separator, read_rows, read_text
from gridmodel.network.outlines import FILE as OUTLINES
from gridmodel.scenario import Scenario

INPUTS = "inputs"
"""Folder of the copies in a run folder."""
SETTINGS = ("network", "weather", "events", "timetable", "demand", "supply", "start_state", "network_regions")
"""Settings of a scenario that may name files."""
_DECIMAL_COMMA = re.compile(r"^([+-]?\d*),(\d+)(?= *%?$)")
"""A cell that is a number with a decimal comma, and perhaps a percent sign."""
MAX_EVENT_ROWS = 20_000
"""Most rows of events that a manifest contains. Ours: what a reader of a page could go through."""
MAX_INPUT_BYTES = 2_000_000_000
"""Largest input of a received run that is hashed. [byte] Ours: four times a long series of weather in NetCDF."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_COPY = re.compile(rf"{INPUTS}(/[A-Za-z0-9_-][A-Za-z0-9._-]{{0,99}}){{2}}")
"""Path of a copy in a manifest."""


def safe_name(name: str) -> str:
    """Return a name of letters, digits, dots, hyphens and underscores that does not begin with a dot.

    Examples
    --------
    >>> safe_name("../Мій net.csv"), safe_name("weather-1.csv")
    ('_._____net.csv', 'weather-1.csv')
    """
    found = _UNSAFE.sub("_", name)
    return (f"_{found[1:]}" if found.startswith(".") else found)[-100:] or "_"


def path_of(scenario: Scenario, setting: str) -> Path | None:  # noqa: PLR0911 - one for each kind of setting
    """Return the file or folder that a setting of a scenario names; None if it names none."""
    name, beside = getattr(scenario, setting), scenario.folder
    if setting in {"network", "weather"}:
        return find("networks" if setting == "network" else "weather", name, beside=beside)
    if not isinstance(name, str):
        return None
    if setting == "network_regions" and not name.lower().endswith(".csv"):
        return None  # the name of a column
    if setting in {"demand", "supply", "network_regions"}:
        return find_series(name, setting, beside=beside)
    if setting == "start_state":
        return find_state(name, beside=beside)
    return find_events(name, beside=beside) if setting == "events" else find_timetable(name, beside=beside)


def files_of(path: Path) -> list[Path]:
    """Return the files that are read of an input: itself, or the tables of a network folder."""
    if not path.is_dir():
        return [path]
    return [file for file in (*sorted(path.glob("*.csv")), *path.glob(FILE)) if stays_inside(path, file)]


def own_inputs(scenario: Scenario) -> dict[str, Path]:
    """Return the path of every input that is not bundled, by its setting."""
    found = {setting: path_of(scenario, setting) for setting in SETTINGS}
    return {setting: path for setting, path in found.items() if path is not None and not is_bundled(path)}


def place_of(setting: str, path: Path) -> str:
    """Return the place of a copy in a run folder."""
    return f"{INPUTS}/{setting}/{safe_name(path.name)}"


def named_files(scenario: Scenario) -> dict[str, Path]:
    """Return every file that a run reads by its name in a manifest: a bundled one, or a copy in `inputs/`."""
    found = {}
    for setting in SETTINGS:
        path = path_of(scenario, setting)
        for file in () if path is None else files_of(path):
            if path is not None and not is_bundled(path):
                place = place_of(setting, path)
                found[f"{place}/{file.name}" if path.is_dir() else place] = file
            else:
                found[str(file.relative_to(ROOT))] = file
        if path is not None and setting == "network" and (beside := tables_beside(path)) is not None:
            copy = Path(place_of(setting, path))
            copies = copy.with_name(copy.stem + TABLES_BESIDE)
            found |= {f"{copies}/{file.name}": file for file in files_of(beside)}
    return found


def copy_inputs(scenario: Scenario, folder: Path) -> None:
    """Copy every input that is not bundled to a run folder, and outlines of its network, which only maps need."""
    for name, file in named_files(scenario).items():
        if name.startswith(f"{INPUTS}/"):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    network = own_inputs(scenario).get("network")
    if network is not None and (network / OUTLINES).is_file() and stays_inside(network, network / OUTLINES):
        shutil.copyfile(network / OUTLINES, folder / place_of("network", network) / OUTLINES)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, as a manifest writes it."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def event_rows(scenario: Scenario) -> list[dict[str, str]] | None:
    """Return the rows of the events file of a scenario, for its report; None without a file, or if it is too long."""
    if not isinstance(scenario.events, str):
        return None
    return rows_of(find_events(scenario.events, beside=scenario.folder))


def rows_of(path: Path) -> list[dict[str, str]] | None:
    """Return the rows of an events file, without empty cells; None if it cannot be read or is too long."""
    problems = Problems()
    text = read_text(path, problems, shown=path.name)
    if text is None:
        return None
    mark = own_separator(text)
    header, rows = read_rows(text, problems, shown=path.name, separator=mark)
    if len(rows) > MAX_EVENT_ROWS:
        return None
    if mark == SEMICOLON:
        rows = [(line, [_DECIMAL_COMMA.sub(r"\1.\2", cell) for cell in cells]) for line, cells in rows]
    return [{name: cell for name, cell in zip(header, cells, strict=True) if cell} for _, cells in rows]


def events_shown(manifest: Mapping[str, Any]) -> list[dict[str, str]] | None:
    """Return the rows of events that a manifest contains, or of bundled events of the same hash; None without either.

    Nothing else is opened: a manifest may come from a stranger.
    """
    events = manifest.get("scenario", {}).get("events", [])
    found = events if isinstance(events, list) else manifest.get("event_rows")
    if not isinstance(found, list):
        found = _bundled_rows(events, manifest) if isinstance(events, str) else []
    if found is None:
        return None
    return [{str(key): str(value) for key, value in row.items()} for row in found if isinstance(row, Mapping)]


def _bundled_rows(events: str, manifest: Mapping[str, Any]) -> list[dict[str, str]] | None:
    try:
        path = find_events(events, beside=Confined())
    except InputError:
        return None
    same = manifest.get("inputs", {}).get(str(path.relative_to(ROOT))) == hash_of(path)
    return rows_of(path) if same else None


def confined(data: Mapping[str, Any], folder: Path, problems: Problems, *, shown: str) -> Confined:
    """Return the only files that may be opened on behalf of a manifest; what it names elsewhere becomes a problem.

    Parameters
    ----------
    data
        Content of the manifest.
    folder
        Folder that contains it.
    problems
        Collects every file that is elsewhere, leads elsewhere or is missing.
    shown
        Name of the manifest in messages.
    """
    copies = data.get("files", {})
    copies = copies if isinstance(copies, dict) else {}
    own: dict[str, tuple[str, Path]] = {}
    for setting in SETTINGS:
        name, place = data["scenario"].get(setting), copies.get(setting)
        if not isinstance(name, str):
            continue
        if place is not None:
            path = _copy(folder, place)
            if path is None:
                message = (
                    "must be the path of a copy in the folder of the run, inputs/SETTING/NAME, and lead nowhere else"
                )
                problems.add(message, table=shown, field=f"files.{setting}", value=place)
            else:
                own[setting] = (name, path)
        elif not _is_bundled_name(setting, name):
            hint = "" if "files" in data else "if you trust where the run comes from, open it with --trust"
            problems.add("is a file outside the folder of the run", table=shown, field=setting, value=name, hint=hint)
    return Confined(shown=shown, own=own)


def _copy(folder: Path, place: object) -> Path | None:
    """Return the path of a copy if it, and everything in it, lies in a run folder; else None."""
    if not isinstance(place, str) or not _COPY.fullmatch(place):
        return None
    path = folder / place
    try:
        inside = all(stays_inside(folder, one) and (one == path or one.is_file()) for one in _parts(path))
        return path if inside and (path.is_dir() or path.is_file()) else None
    except OSError:
        return None


def _parts(path: Path) -> Iterator[Path]:
    yield path
    if path.is_dir():
        yield from path.iterdir()


def _is_bundled_name(setting: str, name: str) -> bool:
    if setting in {"network", "weather"}:
        return name in bundled("networks" if setting == "network" else "weather")
    if setting in {"demand", "supply"}:
        return bundled_series(name) is not None
    try:
        return setting == "events" and is_bundled(find_events(name, beside=Confined()))
    except InputError:
        return False


def trusted(at: str) -> Beside:
    """Return the folder that paths in a trusted manifest start from."""
    return ROOT / at.removeprefix("bundled:") if at.startswith("bundled:") else Path(at)
