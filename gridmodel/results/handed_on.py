"""Settings and messages for others, without the paths of the computer that made a result: names of files instead."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from gridmodel.results.own_inputs import SETTINGS
from gridmodel.results.weather_notes import HISTORY

_FOLDERS = re.compile(r"(?<![\w./~-])(?:~[\w.-]*|[A-Za-z]:)?[/\\](?:[^\s/\\:'\"]+[/\\])+")
"""An absolute path in a text, without its last part."""
_ATTRIBUTES = ("network", "weather")
"""Attributes of a result that name a file."""
_TEXTS = ("history", HISTORY)
"""Attributes of a result that contain names of files."""


def without_folders(word: str, parts: int = 1) -> str:
    """Return the last parts of a path that is absolute or starts from somebody's home; any other text as it is.

    Parameters
    ----------
    word
        Text, which may be a path.
    parts
        Number of parts that remain.

    Examples
    --------
    >>> without_folders("/data/anna/cold.csv"), without_folders("C:/anna/cold.csv"), without_folders("mine/cold.csv")
    ('cold.csv', 'cold.csv', 'mine/cold.csv')
    """
    path = _path(word)
    return word if path is None else "/".join(path.parts[1:][-parts:]) or "-"


def _path(word: str) -> PurePath | None:
    """Return a path that is absolute or starts from somebody's home; None for any other text."""
    windows = PureWindowsPath(word)
    if PurePosixPath(word).is_absolute() or word.startswith("~"):
        return PurePosixPath(word)
    return windows if windows.is_absolute() else None


def text_without_folders(text: str) -> str:
    """Return a message with the names of files in place of absolute paths.

    Examples
    --------
    >>> text_without_folders("FileNotFoundError: '/data/anna/cold.csv', 3 MW/h")
    "FileNotFoundError: 'cold.csv', 3 MW/h"
    """
    return _FOLDERS.sub("", text)


def settings_without_folders(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of a scenario with the names of files in place of paths that say where they are."""
    own = {
        name: without_folders(value) for name in SETTINGS if isinstance(value := settings.get(name), str)
    }  # fmt: skip
    return {**settings, **own}


def attributes_without_folders(attrs: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the attributes of a result with the names of files in place of paths that say where they are."""
    made = dict(attrs)
    for name in _ATTRIBUTES:
        if isinstance(made.get(name), str):
            made[name] = without_folders(made[name])
    made |= {name: text_without_folders(made[name]) for name in _TEXTS if isinstance(made.get(name), str)}
    if isinstance(made.get("scenario"), str):
        settings = json.loads(made["scenario"])
        known = settings_without_folders(settings)
        if known != settings:  # the text stays to the byte otherwise
            made["scenario"] = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
    return made


def command_without_folders(command: Sequence[str]) -> list[str]:
    """Return a command line with the names of files in place of paths that say where they are."""
    return [_word(word) for word in command]


def _word(word: str) -> str:
    option = re.fullmatch(r"(--?[A-Za-z][A-Za-z-]*=)(.*)", word, re.DOTALL)
    return f"{option[1]}{without_folders(option[2])}" if option else without_folders(word)
