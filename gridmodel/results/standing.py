"""What would be missing without events too: a run against the same scenario without any, on the same members."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.results.comparison import compare, is_paired
from gridmodel.results.metrics import ens_mwh, person_hours
from gridmodel.services.registry import COUNTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Deficit that stands without events, and what events add; means over members, because only means add up."""

    share: float | None
    """Energy not served without the events, over that with them; None where nothing is missing. [1]"""
    more_mwh: float
    """Energy not served that events add. [MWh]"""
    more_h: dict[str, float]
    """Person-hours that events add, by metric. [h]"""


def standing(result: xr.Dataset, without: xr.Dataset) -> Standing:
    """Compare a run with the same scenario without events, of the country as a whole.

    Parameters
    ----------
    result
        A run with events.
    without
        The same scenario without any, of the same members.

    Raises
    ------
    InputError
        If the second run has events, other members, regions or times, or if the first has regional events: a difference
        must not say what a hit on a place does.
    """
    if not is_paired(result, without):
        raise InputError([Problem(message="must have the seed and members of the run", field="without events")])
    compare(without, result)  # refuses regional events, and runs that do not match
    energy, base = float(ens_mwh(result).mean()), float(ens_mwh(without).mean())
    counts = [count for count in COUNTS if count.variable in result and count.variable in without]
    more = {
        count.metric: float((person_hours(result, count.variable) - person_hours(without, count.variable)).mean())
        for count in counts
    }
    return Standing(share=base / energy if energy > 0 else None, more_mwh=energy - base, more_h=more)


def sentence(found: Standing) -> str:
    """Return what events do in one sentence, for a terminal."""
    if found.share is None:
        return "Nothing is missing, with the events or without them."
    cold, dry = (found.more_h.get(f"person_hours_without_{what}", 0.0) / 1e6 for what in ("heat", "water"))
    return (
        f"{100 * found.share:.0f} % of the missing energy is standing deficit, missing without the events too; they add "
        f"{found.more_mwh / 1000:.3g} GWh, {cold:.3g} M person-hours below 12 °C and {dry:.3g} M without water."
    )
