"""Where the bundled data are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from gridmodel.errors import InputError, Problem, nearest

Kind = Literal["networks", "weather", "scenarios"]

_PACKAGE = Path(__file__).resolve().parent
ROOT = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent
"""Folder that holds `networks/`, `weather/` and `scenarios/`."""

_SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "networks": (),
    "weather": (".csv", ".nc"),
    "scenarios": (".yaml",),
}
_NOT_A_SERIES = frozenset({"climate", "sites", "anchors"})
"""Tables in `weather/` that describe the series and are none themselves."""


def bundled(kind: Kind) -> dict[str, Path]:
    """Name and path of everything bundled of one kind, sorted by name."""
    folder = ROOT / kind
    if kind == "networks":
        return {path.parent.name: path.parent for path in sorted(folder.glob("*/regions.csv"))}
    return {
        path.stem: path
        for path in sorted(folder.iterdir())
        if path.suffix in _SUFFIXES[kind] and path.stem not in _NOT_A_SERIES
    }


def is_bundled(path: Path) -> bool:
    """Whether a path lies among the bundled data."""
    return path.resolve().is_relative_to(ROOT)


def find(kind: Kind, name: str, *, beside: Path | None = None) -> Path:
    """Path of a bundled name, or of a user's own file or folder.

    Parameters
    ----------
    kind
        Which of the bundled collections to look in.
    name
        A bundled name or a path. A bundled name wins over a path of the same name unless the
        path is written with a separator or a suffix.
    beside
        Folder that a relative path is looked up in first: the folder of the file that names it.

    Raises
    ------
    InputError
        If there is neither.
    """
    known = bundled(kind)
    if name in known:
        return known[name]
    candidates = [Path(name).expanduser()]
    if beside is not None:
        candidates.insert(0, beside / name)
    for path in candidates:
        if path.exists():
            return path
    singular = {"networks": "network", "weather": "weather", "scenarios": "scenario"}[kind]
    message = f"is no bundled {singular} and no file"
    raise InputError([Problem(field=singular, value=name, message=message, hint=nearest(name, known))])
