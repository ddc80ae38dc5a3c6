"""What each member draws: random streams that depend on nothing else, and the numbers of the physics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from gridmodel.scenario import Parameters, Scenario

Floats = npt.NDArray[np.float64]


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


RANGED = ("temperature_slope_factor", "reconnection_tau_h")
"""Settings that are ranges, in the order in which a member draws them; a new one goes to the end."""
LOGARITHMIC = frozenset({"reconnection_tau_h"})
"""Those drawn evenly in the logarithm; a deterministic run takes their geometric middle."""
NEAREST_TO_ONE = frozenset({"temperature_slope_factor"})
"""Those of which a deterministic run takes 1, or the end of the range that is nearest to it."""


class Numbers:
    """Numbers of the physics: one for all members, or one a member."""

    def __init__(self, values: Mapping[str, Floats]) -> None:
        """Take values of shape ``()`` or ``(member,)`` by name."""
        self._values = dict(values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> Floats:
        """Value for arrays of shape ``(member, region)``: of shape ``()`` or ``(member, 1)``."""
        return self.of(name, 1)

    def of(self, name: str, axes: int) -> Floats:
        """Value for arrays of shape ``(member, …)`` with so many axes after the member.

        Parameters
        ----------
        name
            Setting of a scenario.
        axes
            Axes after the member.
        """
        value = self._values[name]
        return value.reshape(-1, *[1] * axes) if value.ndim else value


def draw_numbers(scenario: Scenario, members: Sequence[int]) -> Numbers:
    """Numbers of the physics for some members.

    Parameters
    ----------
    scenario
        A range in it is drawn from once a member; a deterministic one takes one number of it.
    members
        Numbers of the members.
    """
    settings = {name: getattr(scenario, name) for name in Parameters.model_fields}
    values = {name: np.asarray(value, dtype=float) for name, value in settings.items() if isinstance(value, float)}
    uniform = np.array([stream(scenario.seed, member, Purpose.PARAMETERS).random(len(RANGED)) for member in members])
    for place, name in enumerate(RANGED):
        low, high = settings[name]
        if scenario.deterministic:
            values[name] = np.full(len(members), _middle(name, low, high))
        elif name in LOGARITHMIC:
            values[name] = low * (high / low) ** uniform[:, place]
        else:
            values[name] = low + (high - low) * uniform[:, place]
    return Numbers(values)


def _middle(name: str, low: float, high: float) -> float:
    """Return the number of a range that a deterministic run takes."""
    if name in NEAREST_TO_ONE:
        return float(np.clip(1.0, low, high))
    return float(np.sqrt(low * high)) if name in LOGARITHMIC else (low + high) / 2
