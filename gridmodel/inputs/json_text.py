"""JSON that is measured before it is parsed: how deep it nests, how many values it contains."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np

from gridmodel.errors import InputError, Problem, long_number

MAX_DEPTH = 12
"""Deepest nesting of lists and objects. Ours: bounds recursion on hostile files."""

_STRING = re.compile(r'"(?:[^"\\]++|\\.?)*+(?:"|\Z)', re.DOTALL)
"""A string, or one that the text ends in: so that a quote without its second is not looked for again and again."""


def depth_of(text: str) -> int:
    """Return the deepest nesting of a JSON text, counted before it is parsed."""
    outline = _STRING.sub("", text)
    marks = np.frombuffer(outline.encode("utf-8", "replace"), dtype=np.uint8)
    steps = np.where((marks == 0x5B) | (marks == 0x7B), 1, np.where((marks == 0x5D) | (marks == 0x7D), -1, 0))
    return int(np.cumsum(steps, dtype=np.int64).max(initial=0))


def check_json(text: str, shown: str, *, most: int) -> None:
    """Refuse a JSON text that nests too deep or contains too many values, before it is parsed.

    Raises
    ------
    InputError
        If it does.
    """
    outline = _STRING.sub("", text)
    values = outline.count(",") + outline.count("[") + outline.count("{")
    if values > most:
        raise InputError([Problem(message=f"contains more than {most:,} values", table=shown)])
    if depth_of(outline) > MAX_DEPTH:
        raise InputError([Problem(message=f"nests deeper than {MAX_DEPTH} levels", table=shown)])


def parse_json(text: str, shown: str, *, most: int, strict: bool = False) -> Any:  # noqa: ANN401 - any JSON
    """Return the content of a JSON text, within limits.

    Parameters
    ----------
    text
        The text.
    shown
        Name of the file in messages.
    most
        Most values, lists and objects that it may contain.
    strict
        True if a name twice in one object, and NaN or Infinity, which other programs write and JSON lacks, are refused.

    Raises
    ------
    InputError
        If it is not JSON, nests too deep or contains too many values.
    """
    check_json(text, shown, most=most)
    try:
        return json.loads(text, parse_constant=refused, object_pairs_hook=each_once) if strict else json.loads(text)
    except (ValueError, RecursionError) as error:
        found = long_number(error, text) or Problem(message=f"is not JSON: {str(error)[:200]}")
        raise InputError([replace(found, table=shown)]) from None


def refused(name: str) -> float:
    """Refuse NaN and infinity, which JSON does not have.

    Raises
    ------
    ValueError
        Always.
    """
    raise ValueError(f"{name} is not a number of JSON")


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, each name of which is there once.

    Raises
    ------
    ValueError
        If one is there twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"duplicate key {twice[:40]!r}")
    return found
