"""Section of the page of a posterior: each report beside prior and posterior, what comes next, settings that moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.results.posterior import ATTRIBUTE, shown_of

DIGITS = 3
"""Digits of numbers in tables."""


def learned(result: xr.Dataset) -> dict[str, Any] | None:
    """Return what the page shows of a posterior, numbers as text; None of any other result.

    Raises
    ------
    InputError
        If the result does not say of itself what a posterior says.
    """
    found = shown_of(result)
    if found is None:
        return None
    try:
        rows = [
            {**_row(one), "reported": _number(one["value"], _factor(one)), "disagrees": bool(one["disagrees"])}
            for one in found["rows"]
        ]
        settings = [
            {"setting": str(one["setting"]), "moved_sd": float(one["moved_sd"]), **_bands(one)}
            for one in found["settings"]
        ]
        return {
            "until": found["until"], "members": int(found["members"]), "effective": float(found["effective"]),
            "trusted": bool(found["trusted"]), "rows": rows, "settings": settings,
            "next": [_row(one) for one in found["next"]], "timetables": _by_region(found.get("timetables", [])),
            "timetables_from": int(found.get("timetables_from", 1)),
        }  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise InputError([Problem(message="is not what a posterior says of itself", field=ATTRIBUTE)]) from None


def _by_region(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the days that are foretold, and of each region the bands of its timetables."""
    regions: dict[str, list[str]] = {}
    for one in rows:
        regions.setdefault(str(one["scope"]), []).append(_band(one["posterior"]))
    return {"days": list(dict.fromkeys(str(one["from"])[:10] for one in rows)), "regions": regions}


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(one[name]) for name in ("from", "scope", "quantity")} | _bands(one, _factor(one))


def _factor(one: Mapping[str, Any]) -> float:
    """Return by how much numbers of a row are larger on the page, where words of a quantity tell shares in percent."""
    return 100.0 if one["unit"] == "1" else 1.0


def _bands(one: Mapping[str, Any], factor: float = 1.0) -> dict[str, str]:
    return {"before": _band(one["prior"], factor), "after": _band(one["posterior"], factor)}


def _band(values: Any, factor: float = 1.0) -> str:  # noqa: ANN401 - of a file
    low, middle, high = (_number(value, factor) for value in values)
    return f"{middle} ({low} – {high})"


def _number(value: Any, factor: float = 1.0) -> str:  # noqa: ANN401 - the same
    number = float(f"{float(value) * factor:.{DIGITS}g}")
    return f"{number:,.0f}" if abs(number) >= 10**DIGITS else f"{number:g}"
