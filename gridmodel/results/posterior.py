"""Results that are posteriors: ensembles that were brought up to date by reports, which they carry with them."""

from __future__ import annotations

from typing import Any

import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.json_text import parse_json

ATTRIBUTE = "conditioned"
"""Attribute of a posterior: what it was learned from, and what was learned, as JSON."""
PATHS = "paths"
"""Part of it that only says how its members are run again."""
PRIOR = "prior"
"""Part of it that has what members said of reports and timetables before any report was learned."""
FILE = "posterior.json"
"""File of a run folder that has the rest of it."""
MAX_VALUES = 5_000_000
"""Most values of that attribute. Ours: ten thousand members with twenty settings in twenty weeks."""
AGAIN = "is a posterior: its members are run again by `gridmodel condition` with the same scenario and observations"


def learned_of(result: xr.Dataset) -> dict[str, Any] | None:
    """Return what a posterior says of itself; None of any other result.

    Raises
    ------
    InputError
        If it is not what a posterior says.
    """
    if ATTRIBUTE not in result.attrs:
        return None
    made: Any = parse_json(str(result.attrs[ATTRIBUTE]), ATTRIBUTE, most=MAX_VALUES)
    lists = ("rows", "next", "settings", "segments")
    whole = isinstance(made, dict) and all(isinstance(made.get(name), list) for name in lists)
    if not whole or not isinstance(made.get("until"), str):
        raise InputError([Problem(message="is not what a posterior says of itself", field=ATTRIBUTE)])
    return dict(made)


def shown_of(result: xr.Dataset) -> dict[str, Any] | None:
    """Return what a posterior shows of itself: all but what single members say and do; None of any other result."""
    made = learned_of(result)
    return None if made is None else {name: value for name, value in made.items() if name not in {PATHS, PRIOR}}


def refuse_posterior(result: xr.Dataset) -> None:
    """Refuse to run a member of a posterior again as if the scenario had drawn it.

    Raises
    ------
    InputError
        If the result is a posterior.
    """
    if ATTRIBUTE in result.attrs:
        raise InputError([Problem(message=AGAIN, field="result")])
