"""Bundled data and a user's own files by name: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from gridmodel.errors import InputError, Problem, nearest

Kind = Literal["networks", "weather", "scenarios"]

_PACKAGE = Path(__file__).resolve().parents[1]
ROOT = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent
"""Folder that contains `networks/`, `weather/` and `scenarios/`."""

_SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "networks": (),
    "weather": (".csv", ".nc"),
    "scenarios": (".yaml",),
}
_NOT_A_SERIES = frozenset({"anchors", "variability"})
"""Tables in `weather/` that describe the series and are not series themselves."""


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


def is_bundled(path: Path) -> bool:
    """Return whether a path is among the bundled data."""
    return path.resolve().is_relative_to(ROOT)


def find(kind: Kind, name: str, *, beside: Path | None = None) -> Path:
    """Return the path of a bundled name, or of a user's own file or folder.

    Parameters
    ----------
    kind
        Which of the bundled collections to look in.
    name
        A bundled name or a path; a bundled name wins over a path of the same name.
    beside
        Folder that a relative path is looked up in first: the folder of the file that names it.

    Raises
    ------
    InputError
        If there is neither, or the file cannot be reached.
    """
    known = bundled(kind)
    if name in known:
        return known[name]
    singular = {"networks": "network", "weather": "weather", "scenarios": "scenario"}[kind]
    found = _look_up(name, beside, singular)
    if found is not None:
        return found
    message = f"is neither a bundled {singular} nor a file or folder"
    raise InputError([Problem(field=singular, value=name[:80], message=message, hint=nearest(name, known))])


def find_events(name: str, *, beside: Path | None = None) -> Path:
    """Return the path of an events file: beside the scenario, in the working folder, or bundled.

    The end `.csv` of a bundled name may be left out.

    Raises
    ------
    InputError
        If it does not exist.
    """
    found = _look_up(name, beside, "events")
    if found is not None and found.suffix == ".csv":
        return found
    known = {path.name: path for path in sorted((ROOT / "scenarios").glob("*.csv"))}
    for candidate in (name, f"{name}.csv"):
        if candidate in known:
            return known[candidate]
    if found is not None:
        return found
    hint = nearest(name, known)
    raise InputError([Problem(field="events", value=name[:80], message="is not an events file", hint=hint)])


def find_timetable(name: str, *, beside: Path | None = None) -> Path:
    """Return the path of an outage timetable: beside the scenario or in the working folder.

    Raises
    ------
    InputError
        If it does not exist.
    """
    found = _look_up(name, beside, "timetable")
    if found is None or found.is_dir():
        raise InputError(
            [Problem(field="timetable", value=name[:80], message="is not the file of an outage timetable")]
        )
    return found


def _look_up(name: str, beside: Path | None, field: str) -> Path | None:
    """Return the path if it exists, else None.

    Raises
    ------
    InputError
        If the path cannot be reached, or leads to a pipe or device.
    """
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
