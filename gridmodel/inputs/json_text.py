"""JSON that is measured before it is parsed: how deep it nests, how many values it contains."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from gridmodel.errors import InputError, Problem

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


def parse_json(text: str, shown: str, *, most: int) -> Any:  # noqa: ANN401 - any JSON
    """Return the content of a JSON text, within limits.

    Parameters
    ----------
    text
        The text.
    shown
        Name of the file in messages.
    most
        Most values, lists and objects that it may contain.

    Raises
    ------
    InputError
        If it is not JSON, nests too deep or contains too many values.
    """
    check_json(text, shown, most=most)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError([Problem(message=f"is not JSON: {str(error)[:200]}", table=shown)]) from None
