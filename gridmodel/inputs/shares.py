"""Shares as people write them: `80%` is 0.8; a decimal comma, or 80 for 80 %, is answered with the right form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PERCENT = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)\s*%\s*")
_COMMA = re.compile(r"\s*(-?\d+),(\d+)\s*")
MOST_PERCENT = 100.0
"""Largest number that is taken for a percentage where a share is asked for."""
LEAST_PERCENT = 2.0
"""Smallest. Ours: 1.4 is rather a slip in a share near 1 than 1.4 %, which as a hint would make it nearly nothing."""


def plain_share(value: Any) -> Any:  # noqa: ANN401 - any value
    """Return a value with numbers in place of percentages such as `80%`, also within a distribution.

    Examples
    --------
    >>> plain_share("80%"), plain_share({"uniform": ["2,5 %", 0.1]}), plain_share("many")
    (0.8, {'uniform': [0.025, 0.1]}, 'many')
    """
    if isinstance(value, Mapping):
        return {key: plain_share(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_share(item) for item in value]
    percent = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    return value if percent is None else round(float(percent[1].replace(",", ".")) / MOST_PERCENT, 12)


def share_hint(value: object, *, percent: bool = True) -> str:
    """Return the right form of a share that is written as a percentage or with a decimal comma; empty if it is neither.

    Parameters
    ----------
    value
        What was given.
    percent
        Whether a percentage would be understood, and may be proposed.

    Examples
    --------
    >>> share_hint("20%"), share_hint("0,2"), share_hint(80), share_hint("80"), share_hint(1.4)
    ('write 0.2', 'write 0.2', 'write 0.8 or 80%', 'write 0.8 or 80%', '')
    """
    plain = plain_share(value)
    if isinstance(plain, float) and isinstance(value, str):
        return f"write {plain:g}" if 0 <= plain <= 1 else ""
    if isinstance(value, str) and (hint := comma_hint(value)):
        return hint
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else 0.0
    except ValueError:
        return ""
    other = f" or {number:g}%" if percent else ""
    return f"write {number / MOST_PERCENT:g}{other}" if LEAST_PERCENT <= number <= MOST_PERCENT else ""


def comma_hint(value: str) -> str:
    """Return the right form of a number with a decimal comma; empty if it is none.

    Examples
    --------
    >>> comma_hint("0,25"), comma_hint("0.25")
    ('write 0.25', '')
    """
    found = _COMMA.fullmatch(value)
    return f"write {found[1]}.{found[2]}" if found else ""


def split_by_comma(row: Mapping[Any, Any]) -> dict[str, str]:
    """Return the right form for each key that is the end of a number with a decimal comma in a mapping of YAML.

    Examples
    --------
    >>> split_by_comma({"share": 0, "2": None, "kind": "outage"})
    {'2': 'write share: 0.2'}
    """
    keys = [str(key) for key in row]
    values = list(row.values())
    return {
        key: f"write {keys[place - 1]}: {values[place - 1]}.{key}"
        for place, key in enumerate(keys)
        if place and values[place] is None and key.isdigit() and isinstance(values[place - 1], int)
    }
