"""Shares as people write them: `80%` is 0.8; a decimal comma, or 80 for 80 %, is answered with the right form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PERCENT = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)\s*%\s*")
_COMMA = re.compile(r"\s*(-?\d+),(\d+)\s*")
_THOUSANDS = re.compile(r"\s*-?[1-9]\d{0,2},\d{3}\s*")
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
    return _hint(value, most=1.0, percent=percent)


MOST_FACTOR = 10.0
"""Largest factor on what there is that a hint proposes. [1] As supply files allow."""
MOST_EITHER_WAY = 0.5
"""Largest number that is taken for what a range about 1 spreads either way. [1] Ours: beyond it a factor is meant."""
MOST_RANGE = 1e6
"""Largest number that may be meant as one. Ours: a typing error has no right form, and may be too long for a float."""


def _hint(value: object, *, most: float, percent: bool) -> str:
    """Return the right form of a number from 0 to `most` that is given as a percentage or with a decimal comma."""
    plain = plain_share(value)
    if isinstance(plain, float) and isinstance(value, str):
        return f"write {plain:g}" if 0 <= plain <= most else ""
    if isinstance(value, str) and (hint := comma_hint(value, thousands=False)):
        return hint
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else 0.0
    except ValueError:
        return ""
    other = f" or {number:g}%" if percent else ""
    return f"write {number / MOST_PERCENT:g}{other}" if LEAST_PERCENT <= number <= most * MOST_PERCENT else ""


def range_hint(value: object) -> str:
    """Return the range about 1 for which one number or percentage was given; empty if it is neither.

    Examples
    --------
    >>> range_hint(0.1), range_hint("25%"), range_hint(10), range_hint(0.9)
    ('write [0.9, 1.1] for 10 % either way', 'write [0.75, 1.25] for 25 % either way', \
'write [0.9, 1.1] for 10 % either way', 'write [0.9, 0.9] for that factor at all times')
    """
    number = plain_share(value)
    if not isinstance(number, int | float) or isinstance(number, bool) or not 0 < number < MOST_RANGE:
        return ""
    around = number / MOST_PERCENT if number >= LEAST_PERCENT else number
    if around <= MOST_EITHER_WAY:
        return f"write [{1 - around:g}, {1 + around:g}] for {around * MOST_PERCENT:g} % either way"
    return f"write [{number:g}, {number:g}] for that factor at all times"


def factor_hint(value: object, *, percent: bool = True) -> str:
    """Return the right form of a factor on what there is, of which any percentage is one; empty if it is none.

    Examples
    --------
    >>> factor_hint(50), factor_hint("110"), factor_hint("0,9"), factor_hint("80%", percent=False)
    ('write 0.5 or 50%', 'write 1.1 or 110%', 'write 0.9', 'write 0.8')
    """
    return _hint(value, most=MOST_FACTOR, percent=percent)


_LIST = re.compile(r"\[\s*[\d.]+\s*(,\s*[\d.]+\s*)*\]")


def list_hint(value: object) -> str:
    """Return the distribution that a list in place of a number is meant as; empty if it is not one of numbers.

    Examples
    --------
    >>> list_hint([900, 1200]), list_hint("[1, 2, 4]"), list_hint([0.5])
    ('write {uniform: [900, 1200]}', 'write {choice: [1, 2, 4]}', 'write 0.5')
    """
    if isinstance(value, str):
        value = value.strip("[] ").split(",") if _LIST.fullmatch(value.strip()) else None
    if not isinstance(value, list | tuple) or not value:
        return ""
    try:
        numbers = ", ".join(f"{float(item):g}" for item in value)
    except (TypeError, ValueError, OverflowError):
        return ""
    kind = "uniform" if len(value) == 2 else "choice"
    return f"write {numbers}" if len(value) == 1 else f"write {{{kind}: [{numbers}]}}"


def comma_hint(value: str, *, thousands: bool = True) -> str:
    """Return the right form of a number with a decimal comma; empty if it is none.

    Parameters
    ----------
    value
        Text that is not a number.
    thousands
        True if three digits after a comma may also be thousands.

    Examples
    --------
    >>> comma_hint("0,25"), comma_hint("0.25"), comma_hint("0,125")
    ('write 0.25', '', 'write 0.125')
    >>> comma_hint("2,100"), comma_hint("2,100", thousands=False)
    ('write 2100, or 2.1 if that is meant', 'write 2.100')
    """
    found = _COMMA.fullmatch(value)
    if found and thousands and _THOUSANDS.fullmatch(value):
        return f"write {found[1]}{found[2]}, or {float(f'{found[1]}.{found[2]}'):g} if that is meant"
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
