"""Deficit that would be there without events too: a run against the same scenario without any, on the same members."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.results.comparison import check_events, is_paired
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

    @property
    def more(self) -> dict[str, float]:
        """Additions by events, where known: `power` [GWh], homes below 12 °C (`cold`), `dry` taps [million h]."""
        metrics = {"cold": "person_hours_without_heat", "dry": "person_hours_without_water"}
        hours = {what: self.more_h[metric] / 1e6 for what, metric in metrics.items() if metric in self.more_h}
        return {"power": self.more_mwh / 1000} | hours


def check_national(events: Sequence[Mapping[str, object]], regions: Sequence[str]) -> None:
    """Refuse events that are not of the whole country: a difference must not say what a hit on a place does.

    Raises
    ------
    InputError
        If one is of a region, a zone or an element, or if there are none.
    """
    if not events:
        message = "needs a scenario with events; this one has none, so that it is its own base line"
        raise InputError([Problem(message=message, field="events")])
    check_events(([dict(row) for row in events], ""), ([], ""), "the run without events", [*regions])


def standing(result: xr.Dataset, without: xr.Dataset, events: Sequence[Mapping[str, object]] | None = None) -> Standing:
    """Compare a run with the same scenario without events, of the country as a whole.

    Parameters
    ----------
    result
        A run with events.
    without
        The same scenario without any, of the same members.
    events
        Rows of events of the first run where a file has them; by default those of its scenario.

    Raises
    ------
    InputError
        If the second run has events, other members, regions or times, or if the first has regional events
        (`check_national`).
    """
    own, other = (json.loads(str(one.attrs.get("scenario", "{}"))).get("events") for one in (result, without))
    rows = events if events is not None else own if isinstance(own, list) else [{"target": "", "file": own}]
    check_national(rows, [str(region) for region in result["region"].to_numpy()])
    same = all(result.attrs.get(name) == without.attrs.get(name) for name in ("start", "end", "step_h"))
    if not (is_paired(result, without) and same and result["region"].equals(without["region"])) or other:
        message = "must be the same scenario without events, with the same seed, members, regions and times"
        raise InputError([Problem(message=message, field="baseline")])
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
    units = {"power": "GWh", "cold": "M person-hours below 12 °C", "dry": "M person-hours without water"}
    more = ", ".join(f"{value:.3g} {units[what]}" for what, value in found.more.items())
    return (
        f"{100 * found.share:.0f} % of the missing energy is standing deficit, missing without the events too; they "
        f"add {more}."
    )
