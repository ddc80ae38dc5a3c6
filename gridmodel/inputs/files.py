"""Bundled data and a user's own files by name: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gridmodel.errors import InputError, Problem, nearest
from gridmodel.inputs.content import InMemory

Kind = Literal["networks", "weather", "scenarios"]

_PACKAGE = Path(__file__).resolve().parents[1]
ROOT = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent
"""Folder that contains `networks/`, `weather/` and `scenarios/`."""

_SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "networks": (),
    "weather": (".csv", ".nc"),
    "scenarios": (".yaml",),
}
_SERIES = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)?\.csv")
"""Name of a bundled series of demand or supply."""
_NOT_A_SERIES = frozenset({"anchors", "variability", "winter-anchors"})
"""Tables in `weather/` that describe the series and are not series themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confined:
    """Place of the files of a run that may come from a stranger: its own copies and bundled data, nothing else.

    It stands where a scenario otherwise has the folder that relative paths start from.
    """

    shown: str = "manifest.json"
    """Name of the file that names them, in messages."""
    own: Mapping[str, tuple[str, Path]] = field(default_factory=dict)
    """Name given and path of the copy, by setting: `network`, `weather`, `events`, `timetable`, `demand`, `supply`,
    `start_state`."""

    def path(self, setting: str, name: str) -> Path | None:
        """Return the path of the run's own copy; None if it has none of this name."""
        given, path = self.own.get(setting, ("", Path()))
        return path if setting in self.own and given == name else None

    def refused(self, setting: str, name: str) -> Problem:
        """Return the problem of a file that is neither a copy of the run nor bundled."""
        message = "is neither in the folder of the run nor bundled; no other file is opened on behalf of a run"
        return Problem(message=message, table=self.shown, field=setting, value=name[:80])


Beside = Path | Confined | None
"""Folder that a relative path is looked up in first, or the only files that may be opened."""


def bundled(kind: Kind) -> dict[str, Path]:
    """Return the path of everything bundled of one kind, by name and sorted."""
    folder = ROOT / kind
    if kind == "networks":
        return {path.parent.name: path.parent for path in sorted(folder.glob("*/regions.csv"))}
    return {
        path.stem: path
        for path in sorted(folder.iterdir())
        if path.suffix in _SUFFIXES[kind] and path.stem not in _NOT_A_SERIES
    }


LEADS_OUT = "is a link that leads out of the folder; links are followed only inside it"
"""Message about a link in a folder, which may come from a stranger."""


def stays_inside(folder: Path, path: Path) -> bool:
    """Return whether a path lies in a folder when all links below the folder are followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a loop of links
        return False


def is_bundled(path: Path) -> bool:
    """Return whether a path is among the bundled data."""
    found = path.resolve()
    return any(found.is_relative_to(ROOT / kind) for kind in _SUFFIXES)


def find(kind: Kind, name: str | Path, *, beside: Beside = None) -> Path:
    """Return the path of a bundled name, or of a user's own file or folder.

    Parameters
    ----------
    kind
        Which of the bundled collections to look in.
    name
        A bundled name or a path; a bundled name wins over a path of the same name. Content in memory has a path too.
    beside
        Folder that a relative path is looked up in first: the folder of the file that names it. If it is `Confined`,
        no other files are opened than those it names.

    Raises
    ------
    InputError
        If there is neither, or the file cannot be reached.
    """
    singular = {"networks": "network", "weather": "weather", "scenarios": "scenario"}[kind]
    if isinstance(name, InMemory):
        return name.path()
    name = str(name)
    if isinstance(beside, Confined) and (own := beside.path(singular, name)) is not None:
        return own
    known = bundled(kind)
    if name in known:
        return known[name]
    found = _look_up(name, beside, singular)
    if found is not None:
        return found
    message = f"is neither a bundled {singular} nor a file or folder"
    raise InputError([Problem(field=singular, value=name[:80], message=message, hint=nearest(name, known))])


def find_events(name: str, *, beside: Beside = None) -> Path:
    """Return the path of an events file: beside the scenario, in the working folder, or bundled.

    The end `.csv` of a bundled name may be left out.

    Raises
    ------
    InputError
        If it does not exist.
    """
    if isinstance(beside, Confined) and (own := beside.path("events", name)) is not None:
        return own
    known = _bundled_events()
    if isinstance(beside, Confined) and not {name, f"{name}.csv"} & set(known):
        raise InputError([beside.refused("events", name)])
    found = None if isinstance(beside, Confined) else _look_up(name, beside, "events")
    if found is not None and found.suffix == ".csv":
        return found
    for candidate in (name, f"{name}.csv"):
        if candidate in known:
            return known[candidate]
    if found is not None:
        return found
    hint = nearest(name, known)
    raise InputError(
        [Problem(field="events", value=name[:80], message="is neither a bundled events file nor a file", hint=hint)]
    )


def _bundled_events() -> dict[str, Path]:
    """Return the bundled events by file name; series of supply lie beside them."""
    return {path.name: path for path in sorted((ROOT / "scenarios").glob("*.csv")) if not path.stem.endswith("-supply")}


def find_timetable(name: str, *, beside: Beside = None) -> Path:
    """Return the path of an outage timetable: beside the scenario or in the working folder.

    Raises
    ------
    InputError
        If it does not exist.
    """
    if isinstance(name, InMemory):
        return name.path()
    if isinstance(beside, Confined) and (own := beside.path("timetable", name)) is not None:
        return own
    found = _look_up(name, beside, "timetable")
    return _the_file(found, "timetable", name, beside)


def bundled_series(name: str) -> Path | None:
    """Return the path of a series beside the bundled scenarios, or in a folder there; None if there is none.

    A name may come from a stranger: it has no dots but that of `.csv`, and leads to bundled files alone.
    """
    if not _SERIES.fullmatch(name):
        return None
    folder = ROOT / "scenarios"
    path = folder / name
    return path if path.is_file() and stays_inside(folder, path) else None


def find_series(name: str, setting: str, *, beside: Beside = None) -> Path:
    """Return the path of a series that a setting names: beside the scenario or in the working folder, or bundled.

    Raises
    ------
    InputError
        If it does not exist.
    """
    if isinstance(name, InMemory):
        return name.path()
    if isinstance(beside, Confined) and (own := beside.path(setting, name) or bundled_series(name)) is not None:
        return own
    found = _look_up(name, beside, setting) or bundled_series(name)
    return _the_file(found, setting, name, beside)


def _the_file(found: Path | None, field: str, name: str, beside: Beside) -> Path:
    """Return a path that was found, if it is that of a file.

    Raises
    ------
    InputError
        If it does not exist, or is a folder.
    """
    if found is not None and not found.is_dir():
        return found
    looked = "" if beside is None or Path(name).is_absolute() else "looked for beside the scenario and in this folder"
    message = "is a folder, not a file" if found is not None else "does not exist"
    hint = "" if found is not None else looked
    raise InputError([Problem(field=field, value=name[:80], message=message, hint=hint)])


def find_state(name: str, *, beside: Beside = None) -> Path:
    """Return the path of a saved state: beside the scenario or in the working folder.

    Raises
    ------
    InputError
        If it does not exist.
    """
    if isinstance(beside, Confined) and (own := beside.path("start_state", name)) is not None:
        return own
    found = _look_up(name, beside, "start_state")
    if found is None or found.is_dir():
        raise InputError([Problem(field="start_state", value=name[:80], message="is not the file of a saved state")])
    return found


def _look_up(name: str, beside: Beside, field: str) -> Path | None:
    """Return the path if it exists, else None.

    Raises
    ------
    InputError
        If the path cannot be reached, leads to a pipe or device, or may not be opened.
    """
    if isinstance(beside, Confined):
        raise InputError([beside.refused(field, name)])
    if not name:  # which would be the working folder
        return None
    try:
        candidates = [Path(name).expanduser()]
        if beside is not None:
            candidates.insert(0, beside / name)
        found = next((path for path in candidates if path.exists()), None)
    except (OSError, RuntimeError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError([Problem(field=field, value=name[:80], message=f"cannot be reached: {said}")]) from None
    if found is not None and not (found.is_file() or found.is_dir()):  # reading a pipe or device may never end
        raise InputError([Problem(field=field, value=name[:80], message="is neither a file nor a folder")])
    return found
