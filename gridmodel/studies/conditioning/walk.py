"""Settings in time: each wanders slowly about its range, and may differ a week after it was learned.

The normal score of a setting, of the distribution that the scenario gives it, follows a first-order autoregression from
week to week. Its distribution in any single week is that of the scenario.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr, ndtri

from gridmodel.arrays import Floats
from gridmodel.sampling import DESIGN, drawn_settings, purpose_of, quantiles, stream
from gridmodel.scenario import Scenario

QUICK_WEEKS = 6.0
"""Time in which what is repaired, bought and saved falls to a correlation of 1/e. [week] [B] Ours: a month or two."""
SLOW_WEEKS = 52.0
"""The same of habits and lists. [week] [B] Ours: a year."""
WEEK_D = 7.0
"""Days of a week. [d]"""
QUICK = ("availability.", "import_limit_mw", "demand_factor", "reserve_mw", "industry_limit_share")
"""Settings, or beginnings of their names, that change within weeks."""
SLOW = ("temperature_slope_factor", "critical_share_factor", "exempt_share_factor", "heater_uptake")
"""Settings that change within a year. All others are what a run consists of or begins with, and stay as they are."""
EDGE = 1e-9
"""Least distance of a quantile from 0 and 1. [1]"""


def persistence(names: Sequence[str], days: float) -> Floats:
    """Return the correlation of each setting over some days, shape ``(setting,)``. [1]

    Parameters
    ----------
    names
        Settings.
    days
        Days between two knots. [d]
    """
    weeks = [QUICK_WEEKS if name.startswith(QUICK) else SLOW_WEEKS if name in SLOW else np.inf for name in names]
    return np.asarray(np.exp(-days / WEEK_D / np.array(weeks)))


def walked(before: Floats, noise: Floats, correlation: Floats) -> Floats:
    """Return normal scores after a step of the walk, shape ``(member, setting)``.

    ``z' = ρ z + √(1 − ρ²) ε``.
    """
    return np.asarray(correlation * before + np.sqrt(1.0 - correlation**2) * noise)


def first_scores(scenario: Scenario, members: int) -> tuple[list[str], Floats]:
    """Return the settings that are sampled, and the normal scores of the members of a plain run."""
    names = drawn_settings(scenario)
    share = quantiles(scenario, range(members))
    scores = [ndtri(np.clip(share[name], EDGE, 1.0 - EDGE)) for name in names]
    return names, np.stack(scores, axis=1) if names else np.zeros((members, 0))


def shares(names: Sequence[str], scores: Floats) -> dict[str, Floats]:
    """Return the quantiles of settings by name, each of shape ``(member,)``. [1]"""
    return {name: np.clip(ndtr(scores[:, place]), EDGE, 1.0 - EDGE) for place, name in enumerate(names)}


def noise(scenario: Scenario, what: str, shape: tuple[int, ...]) -> Floats:
    """Return standard normal numbers for a purpose."""
    return stream(scenario.seed, DESIGN, purpose_of(f"conditioning.{what}")).standard_normal(shape)


def uniform(scenario: Scenario, what: str, shape: tuple[int, ...]) -> Floats:
    """Return uniform numbers for a purpose."""
    return stream(scenario.seed, DESIGN, purpose_of(f"conditioning.{what}")).random(shape)
