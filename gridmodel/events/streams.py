"""Random streams: one per member and purpose, so that no draw depends on how many others there are."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream is for; the numbers are part of every result and never change."""

    PARAMETERS = 0
    STRIKES = 1000
    """First strike of the events, in file order; the second has 1001, and so on."""


def stream(seed: int, member: int, purpose: int) -> np.random.Generator:
    """Random numbers of one member for one purpose.

    Parameters
    ----------
    seed
        Seed of the scenario.
    member
        Number of the member, from 0.
    purpose
        See `Purpose`.

    Notes
    -----
    ``SeedSequence(seed, spawn_key=(member, purpose))``; a list as seed would make ``[s, 0]`` equal ``s``.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(member, int(purpose))))
