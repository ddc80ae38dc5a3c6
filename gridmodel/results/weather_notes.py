"""Notes on the weather file of a run: hours that were made up, and regions far from any of its sites."""

from __future__ import annotations

import re
from collections.abc import Mapping

import xarray as xr

HISTORY = "weather_history"
"""Attribute of a result: what the weather file says of how it was made."""
LONGEST = 4_000
"""Most characters of it that are kept. Ours: some twenty sentences."""
KINDS: Mapping[str, re.Pattern[str]] = {
    "run_up": re.compile(r"of the (?P<of>\d+) hours before the start, (?P<missing>\d+) are not in the file"),
    "sparse": re.compile(r"(?P<far>\d+) of (?P<of>\d+) regions are farther than (?P<km>\d+) km from any site"),
}
"""Sentences of the history of a forecast that a reader of a run must know, by kind."""
WORDS: Mapping[str, str] = {
    "run_up": "of the {of} hours before the start, {missing} are not in its file and take the mean of its first day",
    "sparse": "{far} of {of} regions are farther than {km} km from any site of its file",
}
"""The same for a terminal."""


def weather_notes(result: xr.Dataset) -> list[dict[str, str | int]]:
    """Return what is made up or far away in the weather of a run, as rows of `kind` and numbers; empty if nothing is.

    Examples
    --------
    >>> said = "of the 96 hours before the start, 72 are not in the file and take the mean of its first day"
    >>> weather_notes(xr.Dataset(attrs={HISTORY: said}))
    [{'kind': 'run_up', 'of': 96, 'missing': 72}]
    """
    said = str(result.attrs.get(HISTORY, ""))[:LONGEST]
    found = {kind: pattern.search(said) for kind, pattern in KINDS.items()}
    return [
        {"kind": kind, **{name: int(number) for name, number in match.groupdict().items()}}
        for kind, match in found.items() if match is not None
    ]  # fmt: skip
