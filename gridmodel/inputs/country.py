"""`network.toml`, which says which country a network folder is of: read, checked, written.

One list of keys gives the reader, the checks, the JSON Schema and the page in the docs.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmodel.errors import InputError, Problems, nearest
from gridmodel.inputs.files import LEADS_OUT, Beside, find, stays_inside
from gridmodel.inputs.tables import read_text
from gridmodel.regions import UTC_NAME, WEEK, Country, is_timezone

FILE = "network.toml"
"""Name of the file in a network folder."""
MAX_CHARACTERS = 100_000
"""Longest file that is read. [characters] Ours: room for a thousand lines; bounds time on hostile files."""
MAX_DOTS = 100
"""Most dots in a line. Ours: no key has any; the parser takes quadratic time for a key of many."""
LANGUAGE = r"[a-z]{2,3}"
"""Code of a language, ISO 639."""
FREQUENCIES_HZ = (50, 60)
"""Nominal frequencies of networks, the usual one first. [Hz]"""
KINDS_OF_DAY = ("weekday", "weekend")
"""Kinds of day; `profiles.csv` gives a shape for each."""
_CODE = r"(?!ALL$)[A-Za-z][A-Za-z0-9-]{0,9}"
"""Short name of a country, with which the target of an event can begin; `ALL` already means every region there."""
_TWICE = ("Cannot overwrite a value", "Cannot declare")
"""Beginnings of the messages of `tomllib` about a key that is given twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of the file."""

    name: str
    meaning: str
    schema: Mapping[str, Any]
    """JSON Schema of its value."""
    required: bool = False
    wrong: Callable[[object], str]
    """Function that returns what is wrong with a value, or an empty text."""


def wrong_country(value: object) -> str:
    """Return what is wrong with the short name of a country; an empty text if nothing is."""
    if value == "ALL":
        return "means every region in events; choose another short name"
    fits = isinstance(value, str) and re.fullmatch(_CODE, value)
    return "" if fits else 'must be a short name, at most 10 letters, digits and hyphens after a letter, such as "UA"'


def _wrong_timezone(value: object) -> str:
    known = isinstance(value, str) and is_timezone(value)
    return "" if known else 'is not a time zone; give its IANA name, such as "Europe/Kyiv"'


def _wrong_languages(value: object) -> str:
    codes = value if isinstance(value, list) else []
    if not codes or not all(isinstance(code, str) and re.fullmatch(LANGUAGE, code) for code in codes):
        return 'must be a list of language codes of two or three small letters, such as ["en", "uk"]'
    if len(set(codes)) < len(codes):
        return "lists a language twice"
    return "" if "en" in codes else 'must include "en": reports and maps need a name in English'


def _wrong_week(value: object) -> str:
    days = value if isinstance(value, list) else []
    if len(days) == len(WEEK) and all(day in KINDS_OF_DAY for day in days):
        return ""
    return f"must give each of the seven days, Monday first, as {' or '.join(KINDS_OF_DAY)}"


def _wrong_frequency(value: object) -> str:
    known = isinstance(value, int | float) and not isinstance(value, bool) and value in FREQUENCIES_HZ
    return "" if known else "must be 50 or 60"


KEYS: tuple[Key, ...] = (
    Key(
        name="country",
        meaning="Name of the whole country in events, as in `UA/hydro`",
        schema={"type": "string", "pattern": f"^{_CODE}$"},
        required=True,
        wrong=wrong_country,
    ),
    Key(
        name="timezone",
        meaning="Time zone of scenarios, events and profiles, by its IANA name",
        schema={"type": "string"},
        required=True,
        wrong=_wrong_timezone,
    ),
    Key(
        name="languages",
        meaning="Languages in which `regions.csv` has names, each a column `name_<language>`; `en` must be one",
        schema={"type": "array", "items": {"type": "string", "pattern": f"^{LANGUAGE}$"}, "contains": {"const": "en"}},
        wrong=_wrong_languages,
    ),
    Key(
        name="week",
        meaning="Kind of each day, `weekday` or `weekend`, Monday first; without it weekends are Saturday and Sunday",
        schema={"type": "array", "items": {"enum": [*KINDS_OF_DAY]}, "minItems": len(WEEK), "maxItems": len(WEEK)},
        wrong=_wrong_week,
    ),
    Key(
        name="frequency_hz",
        meaning="Nominal frequency, 50 or 60 Hz; without it 50",
        schema={"enum": [*FREQUENCIES_HZ]},
        wrong=_wrong_frequency,
    ),
)
"""Every key of the file, in the order in which it is written."""


def read_country(folder: Path, problems: Problems, *, shown: str) -> Country | None:
    """Read the `network.toml` of a folder.

    Parameters
    ----------
    folder
        Folder of a network.
    problems
        Collects what is wrong; nothing is raised here.
    shown
        Name of the file in messages.

    Returns
    -------
    Country or None
        None if the file is missing, or the country or time zone is wrong; other keys that are wrong keep their default.
    """
    path = folder / FILE
    if not stays_inside(folder, path):
        problems.add(LEADS_OUT, table=shown)
        return None
    if not path.is_file():
        return None
    noted = Problems()
    text = read_text(path, noted, shown=shown)
    data = None if text is None else _parse(text, noted, shown=shown)
    if text is not None and data is not None:
        _check(data, text, noted, shown=shown)
    problems.found += noted.found
    right = {key.name: data[key.name] for key in KEYS if data and key.name in data and not key.wrong(data[key.name])}
    if not all(key.name in right for key in KEYS if key.required):
        return None
    lists = {name: tuple(right[name]) for name in ("languages", "week") if name in right}
    hz = float(right.get("frequency_hz", FREQUENCIES_HZ[0]))
    return Country(country=right["country"], timezone=right["timezone"], frequency_hz=hz, **lists)


def _parse(text: str, problems: Problems, *, shown: str) -> dict[str, Any] | None:
    """Return the content of a TOML text; None and a problem noted if it is too long or not TOML."""
    if len(text) > MAX_CHARACTERS:
        problems.add(f"is longer than {MAX_CHARACTERS:,} characters", table=shown)
        return None
    deep = next((number for number, line in enumerate(text.split("\n"), start=1) if line.count(".") > MAX_DOTS), None)
    if deep is not None:
        problems.add(f"has more than {MAX_DOTS} dots in a line", table=shown, row=deep)
        return None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits is a ValueError
        place = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        said = str(error)[: place.start()] if place else str(error)
        row = int(place.group(1)) if place else None
        if said.startswith(_TWICE):
            row, name = _key_before(text, row)
            problems.add("is given twice; keep one of them", table=shown, row=row, field=name)
        else:
            problems.add(f"is not TOML: {said[:200]}", table=shown, row=row)
        return None


def _key_before(text: str, row: int | None) -> tuple[int | None, str]:
    """Return the line, at or before one, on which a key is given, and the key: a value may go over several lines."""
    lines = text.split("\n")[:row]
    for number in range(len(lines), 0, -1):
        if found := re.match(r"\s*(?:\[+\s*([^\]]+?)\s*\]|([^=#\[\]]+?)\s*=)", lines[number - 1]):
            return number, (found[1] or found[2]).strip("\"'")[:80]
    return row, ""


def _check(data: Mapping[str, Any], text: str, problems: Problems, *, shown: str) -> None:
    """Note unknown keys, missing ones and values that are not allowed."""
    keys = {key.name: key for key in KEYS}
    if data and not set(data) & set(keys):
        problems.add(f"contains none of the keys {', '.join(keys)}", table=shown)
        return
    for name, value in data.items():
        row = _line(text, name)
        if name not in keys:
            hint = nearest(name, keys)
            problems.add("is not a key of this file", table=shown, row=row, field=name[:80], hint=hint)
        elif message := keys[name].wrong(value):
            problems.add(message, table=shown, row=row, field=name, value=_shown(value))
    for key in KEYS:
        if key.required and key.name not in data:
            problems.add("is missing: this key is required", table=shown, field=key.name)


def _line(text: str, name: str) -> int | None:
    """Return the line that a key begins, or None if it is written in an unusual way."""
    pattern = re.compile(rf"\s*\[?\s*[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
    return next((number for number, line in enumerate(text.splitlines(), start=1) if pattern.match(line)), None)


def _shown(value: object) -> str:
    try:
        return value if isinstance(value, str) else json.dumps(value, default=str)
    except (ValueError, RecursionError):  # Python refuses to write an integer of thousands of digits
        return "a value too long to show"


def country_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    return {
        "type": "object",
        "description": f"{FILE}: the country as a whole",
        "properties": {key.name: {**key.schema, "description": key.meaning} for key in KEYS},
        "required": [key.name for key in KEYS if key.required],
        "additionalProperties": False,
    }


def country_text(country: Country) -> str:
    """Return the content of a `network.toml`, with the meaning of each key as a comment."""
    lines = []
    for key in KEYS:
        value = getattr(country, key.name)
        if value and value != FREQUENCIES_HZ[0]:  # languages may be left to the columns of regions.csv
            written = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
            lines += [f"# {key.meaning}.", f"{key.name} = {written}"]
    return "\n".join(lines) + "\n"


def network_timezone(name: str, beside: Beside) -> str:
    """Return the time zone that a network names, UTC if it names none or cannot be read.

    Nothing is reported here: whoever reads the network itself reports what is wrong with it.

    Parameters
    ----------
    name
        A bundled name or a path, as a scenario gives it.
    beside
        Folder that a relative path is looked up in first.
    """
    try:
        folder = find("networks", name, beside=beside)
    except InputError:
        return UTC_NAME
    found = read_country(folder, Problems(), shown=FILE) if folder.is_dir() else None
    return UTC_NAME if found is None else found.timezone
