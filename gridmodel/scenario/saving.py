"""Save a scenario whole: its settings as YAML, and every input that is not bundled beside them."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.content import InMemory
from gridmodel.inputs.files import (
    TABLES_BESIDE,
    Confined,
    find,
    find_events,
    find_series,
    find_state,
    find_timetable,
    is_bundled,
    stays_inside,
    tables_beside,
)
from gridmodel.inputs.writing import replaced

_FINDERS: dict[str, Callable[[Any, Any], Path]] = {
    "network": lambda name, beside: find("networks", name, beside=beside),
    "weather": lambda name, beside: find("weather", name, beside=beside),
    "events": lambda name, beside: find_events(name, beside=beside),
    "timetable": lambda name, beside: find_timetable(name, beside=beside),
    "demand": lambda name, beside: find_series(name, "demand", beside=beside),
    "supply": lambda name, beside: find_series(name, "supply", beside=beside),
    "start_state": lambda name, beside: find_state(name, beside=beside),
}
"""How the file or folder that a setting names is found, by setting."""
_PARTS = (".csv", ".toml")
"""Ends of the files of a network folder that are copied."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class Saved(Protocol):
    """Parts of a scenario that saving it needs."""

    @property
    def folder(self) -> Path | Confined | None:
        """Folder that its names are looked up in first."""

    def given(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults."""

    def model_dump_json(self) -> str:
        """Return all settings as JSON."""


def saved(scenario: Saved, path: Path, *, overwrite: bool) -> Path:
    """Write a scenario with its inputs, as `gridmodel.Scenario.save` does.

    Raises
    ------
    InputError
        If it exists already, cannot be written, or an input cannot be found.
    """
    if path.suffix not in {".yaml", ".yml"}:
        raise InputError([Problem(message="must end in .yaml", field="path", value=str(path)[:80])])
    if path.exists() and not overwrite:
        hint = "choose another name, or give overwrite=True"
        raise InputError([Problem(message="exists already", field="path", value=str(path)[:80], hint=hint)])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        settings = {name: value for name, value in json.loads(scenario.model_dump_json()).items()
                    if name in scenario.given()}  # fmt: skip
        for name in _FINDERS:
            value = getattr(scenario, name)
            if isinstance(value, str):
                settings[name] = _beside(name, value, scenario.folder, path.parent)
        with replaced(path) as made:
            made.write_text(_yaml(settings), encoding="utf-8")
    except OSError as error:
        said = error.strerror or str(error)
        raise InputError([Problem(message=f"cannot be written: {said}", table=str(path))]) from None
    return path


def _beside(setting: str, name: str, folder: Path | Confined | None, target: Path) -> str:
    """Copy an input into a folder if it is not bundled, and return its name there."""
    if isinstance(name, InMemory):
        place = target / str(name)
        if not place.exists():
            name.write(place)
        return str(name)
    path = _FINDERS[setting](name, folder)
    if is_bundled(path):
        return name
    safe = _UNSAFE.sub("_", path.name).lstrip(".") or setting
    place = target / safe
    if place.resolve() == path.resolve():
        return safe
    if place.exists() and _content(place) != _content(path):  # another input of this name is there already
        safe = f"{Path(safe).stem}-{_content(path)[:12]}{Path(safe).suffix}"
        place = target / safe
    if not place.exists():
        _copy(path, place)
    beside = tables_beside(path) if setting == "network" else None
    tables = place.with_name(place.stem + TABLES_BESIDE)
    if beside is not None and not tables.exists():
        _copy(beside, tables)
    return safe


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return [file for file in sorted(path.iterdir()) if file.suffix in _PARTS and stays_inside(path, file)]


def _content(path: Path) -> str:
    """Return a hash of a file, or of the tables of a folder."""
    digest = hashlib.sha256()
    for file in _files(path):
        digest.update(f"{file.name if path.is_dir() else ''}\n".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _copy(path: Path, place: Path) -> None:
    if not path.is_dir():
        with replaced(place) as made:
            shutil.copyfile(path, made)
        return
    place.mkdir()
    for file in _files(path):
        shutil.copyfile(file, place / file.name)


def _yaml(settings: dict[str, Any]) -> str:
    """Return settings as a YAML text, a setting a line where it is short."""
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = None
    writer.width = 120
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    out = io.StringIO()
    writer.dump(settings, out)
    return out.getvalue()
