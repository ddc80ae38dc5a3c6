"""What no recorded score may fall below: `floor.json`, with the score by its place in `score.json`.

A bound is the recorded figure less what chance moves: members and seeds drawn again, one report in or out. It is raised
when a score rises for good, and lowered only with a line in CHANGELOG.md that says why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FLOOR = Path(__file__).resolve().parent / "floor.json"
"""Bounds: `score`, the place; `least`, `most` or both."""


def bounds() -> list[dict[str, Any]]:
    """Return the bounds."""
    found: list[dict[str, Any]] = json.loads(FLOOR.read_text("utf-8"))
    return found


def at(score: Any, place: Sequence[str | int]) -> float:  # noqa: ANN401 - whatever JSON has
    """Return a number of a score by its place, NaN where it is not finite; a row of statements is found by its text.

    Raises
    ------
    LookupError
        If nothing has that place.
    """
    for part in place:
        if isinstance(score, list) and isinstance(part, str):
            score = {row["statement"]: row for row in score}
        score = score[part]
    return float("nan") if score is None else float(score)


def fallen(score: Mapping[str, Any]) -> list[str]:
    """Return a line for each figure of a score that is beyond its bound, or not a number."""
    lines = []
    for bound in bounds():
        name, value = " / ".join(str(part) for part in bound["score"]), at(score, bound["score"])
        least, most = bound.get("least", float("-inf")), bound.get("most", float("inf"))
        if not least <= value <= most:
            lines.append(f"{name}: {value:g} is not from {least:g} to {most:g}")
    return lines
