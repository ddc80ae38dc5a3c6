"""Healing: how fast each zone comes back from losses, drawn once per member."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.sampling import number_streams, purpose_of, stream
from gridmodel.scenario import Scenario

DAY_H = 24.0
"""Hours of a day. [h]"""
BORDER = "border"
"""Name in place of a zone of what lies at a border, which heals at a pace of its own."""


def healing_hours(scenario: Scenario, members: Sequence[int], zones: Sequence[str]) -> Floats:
    """Draw the healing time of each region, the same in all of a zone.

    Parameters
    ----------
    scenario
        With `healing_days`, a range that each zone draws from evenly in the logarithm; a deterministic run takes its
        geometric mean.
    members
        Numbers of the members; each zone has a stream of its own, so that a further zone moves no other.
    zones
        Zone of each region, shape ``(region,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(member, region + 1)``, the last column for borders, so that the position -1 finds it. [h]
    """
    low, high = scenario.healing_days
    names = [*zones, BORDER]
    if scenario.deterministic:
        return np.full((len(members), len(names)), DAY_H * np.sqrt(low * high))
    streams = number_streams(scenario, members)
    share = {
        name: np.array([stream(scenario.seed, number, purpose_of(f"healing.{name}")).random() for number in streams])
        for name in dict.fromkeys(names)
    }
    return np.stack([DAY_H * low * (high / low) ** share[name] for name in names], axis=1)
