"""Asking for help: by when, so that it is there in time, and what its next lot costs beside what it would save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridmodel.results.sheet import PART_H, part_of_day
from gridmodel.scenario import KINDS, Mitigation
from gridmodel.studies.remaining import next_euro
from gridmodel.studies.wanted import ARRIVES_H, HELP_OF


@dataclass(frozen=True, slots=True)
class AskBy:
    """Latest time at which help must be asked for so that it is there when it is needed."""

    moment: np.datetime64 | None
    """Local time; None for now, the start of the run."""
    late: bool = False
    """Whether help that is asked for now misses the first hours in which it is needed."""


def ask_by(need: str, since: np.datetime64 | None, start: np.datetime64) -> AskBy | None:
    """Return when the help for a need must be asked for: the beginning of the need less the time that help takes.

    Parameters
    ----------
    need
        Name in `gridmodel.results.needs`.
    since
        Local time by which the help should be there; None if that is not in the run.
    start
        Local start of the run, which counts as now.

    Returns
    -------
    AskBy or None
        Sheets tell the beginning of a need to the part of a day, so that the time to ask belongs to the beginning of
        that part. None where the model has no help of the kind, so that it knows no time of delivery, and where the
        need has no beginning.

    Examples
    --------
    >>> start = np.datetime64("2026-12-01T00:00")
    >>> ask_by("warm_places", np.datetime64("2026-12-03T07:29"), start)
    AskBy(moment=np.datetime64('2026-12-02T06:00'), late=False)
    >>> ask_by("warm_places", np.datetime64("2026-12-01T07:29"), start)
    AskBy(moment=None, late=True)
    """
    if since is None or need not in HELP_OF:
        return None
    takes = np.timedelta64(ARRIVES_H, "h")
    if since - takes < start:
        return AskBy(None, late=True)
    day, part = part_of_day(since)
    moment = (day + np.timedelta64(part * PART_H, "h") - takes).astype("datetime64[m]")
    return AskBy(moment if moment > start else None)


@dataclass(frozen=True, slots=True)
class Lot:
    """Lot of help that could be bought: its units, its price, and what it would save."""

    option: Mitigation
    units: float
    """Units that are sent at once. [1]"""
    low_eur: float
    """Price at the low end of the usual cost; that of the option where this is not the usual one. [EUR]"""
    high_eur: float
    saved_h: float
    """Weighted person-hours that it would prevent by itself, mean over members. [h]"""

    @property
    def each_eur(self) -> float:
        """Price of one unit. [EUR]"""
        return self.option.cost_eur / self.units

    @property
    def is_usual(self) -> bool:
        """Whether the price is the middle of a range."""
        return self.low_eur < self.high_eur


def lot(option: Mitigation, saved_h: float, weeks: float = 1.0) -> Lot:
    """Return the price of a lot at the low and high usual cost, where its own price is the likely one.

    Parameters
    ----------
    option
        The lot.
    saved_h
        Weighted person-hours that it would prevent by itself.
    weeks
        Length of the run, by which imports are paid. [week]

    Examples
    --------
    >>> tents = lot(Mitigation(kind="warming_points", region="A", size=100, cost_eur=16_000), 5e4)
    >>> tents.units, tents.each_eur, tents.low_eur, tents.high_eur
    (2.0, 8000.0, 6000.0, 40000.0)
    """
    kind = KINDS[option.kind]
    units = option.size / kind.sent
    low, likely, high = (units * cost * (weeks if option.kind == "import" else 1.0) for cost in kind.cost_eur)
    if abs(option.cost_eur - likely) > 0.5:  # a price of somebody's own
        low = high = option.cost_eur
    return Lot(option, units, low, high, saved_h)


def next_lots(
    ranking: pd.DataFrame, chosen: Sequence[str], options: Sequence[Mitigation], weeks: float = 1.0
) -> dict[str, Lot]:
    """Return by region the lot that the next euro would go to, as `gridmodel.studies.remaining.next_euro` finds it.

    Parameters
    ----------
    ranking, chosen
        As of `next_euro`.
    options
        The options that were ranked.
    weeks
        Length of the run. [week]
    """
    by_name = {option.name: option for option in options}
    saved = dict(zip(ranking["option"], ranking["saved_h"].astype(float), strict=True))
    return {region: lot(by_name[name], saved[name], weeks) for region, name in next_euro(ranking, chosen).items()}
