"""Sizes of units that can be hit: log-normal, drawn per member, the same for every event that hits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.events.targets import units_of
from gridmodel.network import GridIndex, Network
from gridmodel.sampling import Settings, purpose_of, stream
from gridmodel.scenario import Scenario
from gridmodel.vocabulary import EVENT_CLASSES, event_class

STREAMS = {"heat_source": "heat_source_units"}
"""Name of the stream of sizes of an array that shares them with a service; others are named after the array."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Units of all rows of one array, those of a row side by side."""

    first: Ints
    """Position of the first unit of each row, shape ``(row,)``."""
    share: Floats
    """Share of its row that each unit is, shape ``(member, unit)``. [1]"""


def draw_sizes(counts: Ints, spread: Floats, *, seed: int, streams: Sequence[int], name: str) -> Floats:
    """Draw the sizes of the units of some rows.

    Parameters
    ----------
    counts
        Units of each row, shape ``(row,)``.
    spread
        Standard deviation of the logarithm of sizes, any shape that broadcasts to ``(member, row, 1)``. [1]
    seed
        Seed of the scenario.
    streams
        Numbers that name the random streams of the members.
    name
        Name of the streams.

    Returns
    -------
    numpy.ndarray
        Share of its row that each unit is, rows side by side, shape ``(member, unit)``. [1]

    Notes
    -----
    Log-normal, divided by their sum in the row. All units of a row are hit with equal chance, so that the mean loss of
    a hit is ``1 / count`` whatever the spread, and the spread is in how much a member loses.
    """
    most = max(1, int(counts.max(initial=1)))
    shape = (len(counts), most)
    normal = np.stack([stream(seed, number, purpose_of(name)).standard_normal(shape) for number in streams])
    exists = np.arange(most) < counts[:, None]
    weight = np.where(exists, np.exp(normal * spread), 0.0)
    weight /= np.maximum(weight.sum(axis=-1, keepdims=True), np.finfo(float).tiny)
    return weight[:, exists]


def sizes_of(
    array: str, network: Network, index: GridIndex, *, scenario: Scenario, settings: Settings, streams: Sequence[int]
) -> Sizes:
    """Draw the sizes of all units of an array of the timeline.

    Parameters
    ----------
    array
        `EventClass.array`.
    network, index, scenario
        They count the units.
    settings
        Settings of these members: the spread.
    streams
        Numbers that name the random streams of the members.
    """
    counts = units_of(array, network, scenario)
    if array == "generator":
        names = [event_class(index.technologies[place]).spread if place >= 0 else "" for place in index.technology]
    else:
        names = [next(row.spread for row in EVENT_CLASSES.values() if row.array == array)] * len(counts)
    spread = np.zeros((1, len(counts), 1))
    for name in sorted({*names} - {""}):
        here = np.array([other == name for other in names])[:, None]
        spread = np.where(here, np.reshape(settings.of(name, 2), (-1, 1, 1)), spread)
    share = draw_sizes(
        counts, spread, seed=scenario.seed, streams=streams, name=STREAMS.get(array, f"unit_sizes.{array}")
    )
    return Sizes(first=np.cumsum(counts) - counts, share=share)
