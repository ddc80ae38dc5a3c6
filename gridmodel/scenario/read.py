"""Read a scenario from YAML, as plain data only."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from gridmodel.errors import InputError, Problem, Problems, long_number
from gridmodel.inputs.files import find
from gridmodel.inputs.tables import read_text
from gridmodel.scenario.described import fields_of
from gridmodel.scenario.grouped import text_of
from gridmodel.scenario.model import Draft, Scenario, make_draft, members_told
from gridmodel.scenario.renamed import REMOVED, current_name

MAX_CHARACTERS = 1_000_000
"""Length of the longest scenario file that is read. [characters] Ours: room for some ten thousand rows of events."""

REMEMBERED = 20_000
"""Length of the longest text whose content is remembered. [characters] Ours: six times the longest bundled scenario."""


def load_scenario(name: str | Path) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    name
        A bundled name or the path of a YAML file.

    Raises
    ------
    InputError
        With every problem in the file: its line, the setting, the value given, and what is allowed.

    Examples
    --------
    >>> import gridmodel as gm
    >>> gm.load_scenario("january-2026").step
    '1h'
    """
    draft = read_draft(name)
    if draft.problems:
        raise InputError(draft.problems)
    return draft.scenario


def read_draft(name: str | Path) -> Draft:
    """Read a scenario and everything that is wrong with its settings.

    Parameters
    ----------
    name
        A bundled name or the path of a YAML file.

    Raises
    ------
    InputError
        With every problem, if the file is not a scenario at all.
    """
    path = find("scenarios", str(name))
    problems = Problems()
    if path.is_dir():
        raise InputError([Problem(message="is a folder, not a scenario file", table=str(path))])
    text = read_text(path, problems, shown=path.name)
    problems.raise_if_any()
    data, lines = parse_yaml(text or "", shown=path.name, problems=problems)
    if data and not {current_name(name) for name in data} & set(fields_of(Scenario)):
        message = "is not a scenario: it contains none of its settings, such as name, network, weather, start"
        raise InputError([Problem(message=message, table=path.name)])
    told = [*problems.found, *_told(data, lines, shown=path.name), *_not_numbers(data, lines, shown=path.name)]
    given = {name: value for name, value in data.items() if value is not None or not _is_setting(name)}
    try:
        made = make_draft(given | {"folder": path.resolve().parent}, shown=path.name, lines=lines)
    except InputError as error:
        raise InputError([*told, *error.problems]) from None
    return replace(made, problems=[*told, *made.problems])


def _is_setting(name: str) -> bool:
    """Return whether a setting has this name, or had it once."""
    return name in REMOVED or current_name(name) in fields_of(Scenario)


def _told(data: Mapping[str, Any], lines: Mapping[str, int], *, shown: str) -> list[Problem]:
    """Return a problem for each key that a file may not give, and for each setting whose value was left out."""
    found = Problems()
    if "folder" in data:
        message = "is not a setting of a scenario; paths start from the folder of the file"
        found.add(message, table=shown, row=lines.get("folder"), field="folder")
    for name, value in data.items():
        setting = fields_of(Scenario).get(current_name(name))
        if setting is None or setting.is_required() or name == "folder":
            continue
        if value is None and setting.default is None:
            message = f"is empty, which would mean: {_default(current_name(name))}; give a value, or leave the line out"
            found.add(message, table=shown, row=lines.get(name), field=name)
        elif value is None and not isinstance(setting.default, tuple | dict):
            message = "is empty; give a value, or leave the line out for the default"
            found.add(message, table=shown, row=lines.get(name), field=name)
    return [*found.found, *members_told(data, deterministic=data.get("deterministic"), shown=shown, lines=lines)]


def _not_numbers(data: Mapping[str, Any], lines: Mapping[str, int], *, shown: str) -> list[Problem]:
    """Return a problem for each `.nan` in a row of events or help, which in rows of a table is an empty cell."""
    found = Problems()
    for name in ("events", "mitigations"):
        rows = data.get(name)
        for number, row in enumerate(rows if isinstance(rows, list) else ()):
            cells = row.items() if isinstance(row, Mapping) else ()
            for key, cell in cells:
                if isinstance(cell, float) and math.isnan(cell):
                    place = f"{name}.{number}.{key}"
                    message = "is not a number; leave it out where nothing is meant"
                    found.add(message, table=shown, row=lines.get(place), field=place, value=".nan")
    return found.found


def _default(name: str) -> str:
    """Return what a setting means that is not given, as its description says it."""
    said = re.search(r"empty:\s+((?:[^;.\]]|\.(?=\d))+)", text_of(Scenario.model_fields[name]))
    return said[1].strip() if said else "the default"


def parse_yaml(
    text: str, *, shown: str, problems: Problems | None = None
) -> tuple[dict[str, Any], dict[str, int]]:  # fmt: skip
    """Return the settings in a YAML text as plain data, and the line of every entry by its path.

    Parameters
    ----------
    text
        The text.
    shown
        Name of the file in messages.
    problems
        Collects keys that are given twice, of which the first counts; without it they are an error like any other.

    Raises
    ------
    InputError
        If the text is not a YAML mapping.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError([Problem(message="is larger than 1 MB", table=shown)])
    try:
        loaded = _loaded(text) if len(text) <= REMEMBERED else _load_yaml(text, shown, problems)
    except InputError:  # told again, with the name of the file
        loaded = _load_yaml(text, shown, problems)
    if not isinstance(loaded, dict):
        raise InputError([Problem(message="must be a mapping of settings, one `name: value` per line", table=shown)])
    return {str(key): _plain(value) for key, value in loaded.items()}, dict(_lines(loaded))


def _lines(loaded: object, path: str = "") -> Iterator[tuple[str, int]]:
    """Yield the path and line of every entry, from the marks of the round-trip reader."""
    marks = getattr(getattr(loaded, "lc", None), "data", None) or {}  # a list with a tag has no marks
    if isinstance(loaded, dict | list):
        for key, value in loaded.items() if isinstance(loaded, dict) else enumerate(loaded):
            if key in marks:
                yield f"{path}{key}", marks[key][0] + 1
            yield from _lines(value, f"{path}{key}.")


MAX_DEPTH = 20
"""Deepest nesting of a scenario.
Ours: five times what settings need; over thousands of levels the YAML reader takes hours."""
_STEPS = {"SequenceStartEvent": 1, "MappingStartEvent": 1, "SequenceEndEvent": -1, "MappingEndEvent": -1}


@lru_cache(maxsize=16)
def _loaded(text: str) -> object:
    """Return the content of a YAML text without errors, which nobody may change.

    Reading takes a tenth of a small run, and studies read the same scenario again and again.
    """
    return _load_yaml(text, "", None)


def _load_yaml(text: str, shown: str, problems: Problems | None) -> object:
    """Return the content of a YAML text, and refuse anchors, with which a short text can expand without limit.

    Raises
    ------
    InputError
        If it is not YAML, is nested too deeply, or uses anchors.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    message, line, deep = "", None, 0
    try:
        for event in YAML(typ="rt", pure=True).parse(text):
            deep += _STEPS.get(type(event).__name__, 0)
            if getattr(event, "anchor", None) or deep > MAX_DEPTH:
                message = (
                    "is nested too deep" if deep > MAX_DEPTH else "uses a YAML anchor or alias; write the values out"
                )
                line = event.start_mark.line + 1
                break
        else:
            return _load_plain(text, shown, problems)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else None
        message = f"is not YAML: {(error.problem or 'syntax error').splitlines()[0]}"
    except RecursionError:
        message = "is nested too deep"
    except (YAMLError, ValueError, OverflowError) as error:
        found = long_number(error, text) or Problem(message=f"is not YAML: {str(error)[:200]}")
        message, line = found.message, found.row
    raise InputError([Problem(message=message, table=shown, row=line)])


def _load_plain(text: str, shown: str, problems: Problems | None) -> object:
    """Return the content of a YAML text; note keys that are given twice, if there is a place for that.

    Raises
    ------
    DuplicateKeyError
        If a key is given twice, and there is none.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError

    try:
        return YAML(typ="rt").load(text)
    except DuplicateKeyError:
        if problems is None:
            raise
    lenient = YAML(typ="rt", pure=True)
    lenient.allow_duplicate_keys = True
    for path, line, first in _twice(lenient.compose(text)):
        problems.add(f"duplicates line {first}; keep one of them", table=shown, row=line, field=path)
    return lenient.load(text)


def _twice(node: Any, path: str = "") -> Iterator[tuple[str, int, int]]:  # noqa: ANN401 - a node of the YAML reader
    """Yield the path and line of every key that is given again, and the line where it was first."""
    if isinstance(node.value, str):
        return
    first: dict[str, int] = {}
    for number, entry in enumerate(node.value):
        key, value = entry if isinstance(entry, tuple) else (None, entry)
        place = f"{path}{number if key is None else key.value}"
        if key is not None:
            line = key.start_mark.line + 1
            if place in first:
                yield place, line, first[place]
            first.setdefault(place, line)
        yield from _twice(value, f"{place}.")


def _plain(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Convert the containers and numbers of the YAML reader to plain Python data."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
