"""Words for what is wrong with settings: the problem of each error of the validator, and the right form."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from pydantic_core import ErrorDetails

from gridmodel.errors import Problem, nearest, worded
from gridmodel.inputs.shares import comma_hint, factor_hint, list_hint, range_hint, share_hint
from gridmodel.scenario.described import fields_of
from gridmodel.scenario.distributions import Bounds
from gridmodel.scenario.drawable import OPEN
from gridmodel.scenario.help import Mitigation
from gridmodel.scenario.mending import place_of
from gridmodel.scenario.origin import Origin
from gridmodel.scenario.settings import Settings

Drawable = Callable[[], Mapping[str, Bounds]]
"""Function that returns the bounds of every number that can have a distribution, which is slow and rarely asked for."""
ABOUT_ONE = frozenset({"supply_range"})
"""Ranges for which one number stands for nothing: 0.1 of a range about 1 is meant as 10 % either way."""
FACTORS = ("availability", "demand_factor")
"""Settings that are factors on what there is, which people write as a percentage."""


def problem_at(place: Sequence[str], message: str, value: object, origin: Origin) -> Problem:
    """Return the problem of a value at a path."""
    row = origin.line(place)
    return Problem(message=message, table=origin.shown, row=row, field=".".join(place), value=short(value))


def problem_of(detail: ErrorDetails, origin: Origin, drawable: Drawable, *, hints: bool) -> Problem:
    """Return the problem for an error of the validator; `hints` says whether the nearest name is looked for."""
    place = [part for part in place_of(detail) if part != "[key]"]
    lacks = detail["type"] == "missing" and isinstance(detail["loc"][-1], int)  # the end of a range
    key = place[0] if place else ""
    known = [name for name in fields_of(Settings) if name != "folder"]
    messages = {
        "missing": "is missing; the list needs one more value" if lacks else "is required",
        "known": detail["msg"],
        "extra_forbidden": f"is not part of {key}" if len(place) > 1 else "is not a setting of a scenario",
        "dict_type": "must be a mapping such as {name: value}",
        "model_type": "must be a mapping such as {name: value}",
        "tuple_type": _no_list(place),
    }
    message = messages.get(detail["type"], worded(detail["type"], detail["msg"], detail.get("ctx", {})))
    shows_value = detail["type"] not in {"missing", "extra_forbidden", "known"} and not isinstance(
        detail["input"], dict
    )
    return Problem(
        message=message,
        table=origin.shown,
        row=origin.line(place or [key]),
        field=".".join(place) or key,
        value=short(detail["input"]) if shows_value else "",
        hint=_hint(detail, place, known, drawable) if hints else _form(detail, drawable),
    )


def _hint(detail: ErrorDetails, place: Sequence[str], known: Sequence[str], drawable: Drawable) -> str:
    """Return the nearest setting or key of a row of help for one that is unknown; else the form of a number."""
    if detail["type"] == "extra_forbidden" and place[:1] == ["mitigations"]:
        return nearest(place[-1], fields_of(Mitigation))
    if detail["type"] == "extra_forbidden" and len(place) == 1:
        return nearest(place[0], known)
    return _form(detail, drawable)


def _no_list(place: Sequence[str]) -> str:
    """Return what is said of a value that is not a list."""
    if place in [[name] for name in ABOUT_ONE]:
        return "must be a list of two factors, [low, high]"
    return "must be a list" + (" of rows, or the name of a file" if place == ["events"] else "")


def _form(detail: ErrorDetails, drawable: Drawable) -> str:
    """Return the right form of a range, or of a number that is a list, a percentage or has a decimal comma."""
    given, path = detail["input"], ".".join(str(part) for part in detail["loc"])
    if path in ABOUT_ONE and detail["type"] == "tuple_type":
        return range_hint(given)
    if detail["type"] == "less_than_equal":
        return _form_of_share(given, path, None if detail.get("ctx", {}).get("le") == 1 else Bounds())
    if detail["type"] not in {"float_type", "float_parsing", "int_type", "int_parsing"}:
        return ""
    if isinstance(given, list | tuple):
        return list_hint(given) if path in drawable() or detail["loc"][0] in OPEN else ""
    return _form_of_text(given, path, drawable) if isinstance(given, str) else ""


def _form_of_text(given: str, path: str, drawable: Drawable) -> str:
    """Return the right form of a number that is a text."""
    if _is_decimal(given):
        return "write it as a number, without quotes"
    return _form_of_share(given, path, drawable().get(path))


def _form_of_share(given: object, path: str, bounds: Bounds | None) -> str:
    """Return the right form of a share, a factor on what there is, or another number with a decimal comma."""
    if path.partition(".")[0] in FACTORS:
        return factor_hint(given, percent=False)
    if bounds is None or bounds.high <= 1.0:
        return share_hint(given, percent=False)
    return comma_hint(given) if isinstance(given, str) else ""


def _is_decimal(text: str) -> bool:
    """Return whether a text is a number as Python writes it, of which nothing but its quotes is wrong."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def short(value: object) -> str:
    """Return a value as text of at most 80 characters."""
    try:
        return str(value)[:80]
    except ValueError:  # Python refuses to write an integer of thousands of digits
        return "a number of thousands of digits"
