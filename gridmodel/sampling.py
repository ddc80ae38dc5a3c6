"""What each member draws: random streams that depend on nothing else, and the numbers of the physics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from hashlib import sha256

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.scenario import DAMAGE, Distribution, Scenario
from gridmodel.scenario.drawable import CHANCES, WHOLE, given_numbers
from gridmodel.scenario.renamed import stream_name
from gridmodel.vocabulary import DAMAGE_STATES


class Purpose(IntEnum):
    """What a stream is for; the numbers are part of every result and never change."""

    PARAMETERS = 0
    WEATHER = 1
    """Which member of the weather a member of the run meets."""
    BACKUP = 2
    """Which generators start."""
    STRIKES = 1000
    """First strike of the events, in file order; the second has 1001, and so on."""


DESIGN = 2**32 - 1
"""Stands in place of a member where numbers of all members are drawn together. No run has so many members."""
CHANCE = "chance"
"""What a sensitivity calls all that is drawn and is no unknown to rank: hits, damage and how bad it is, numbers in
events, repair times, forced outages, weather."""


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


def purpose_of(name: str) -> int:
    """Purpose of a stream that belongs to a name; it does not depend on what else is drawn.

    Parameters
    ----------
    name
        E.g. a setting.

    Notes
    -----
    Four bytes of the name's SHA-256, above every number of `Purpose`.
    """
    return int(2**32 + int.from_bytes(sha256(name.encode()).digest()[:4], "big"))


RANGED = ("temperature_slope_factor", "reconnection_tau_h", "own_heat_powered_share")
"""Settings that are ranges, in the order in which a member draws them; a new one goes to the end."""
LOGARITHMIC = frozenset({"reconnection_tau_h"})
"""Those drawn evenly in the logarithm; a deterministic run takes their geometric middle."""


class Settings:
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
        return of_member(self._values[name], axes)

    def of_rows(self, name: str, rows: Ints, axes: int) -> Floats:
        """Value for some members, by position."""
        value = self._values[name]
        return of_member(value[rows] if value.ndim else value, axes)

    def together(self, names: Sequence[str], otherwise: Sequence[float] | Floats = ()) -> Floats:
        """Several values along a last axis, of shape ``(name,)`` or ``(member, name)``.

        Parameters
        ----------
        names
            Paths of numbers.
        otherwise
            Value of each that is not among them.
        """
        usual = dict(zip(names, otherwise, strict=len(otherwise) > 0))
        values = [np.asarray(self._values.get(name, usual.get(name))) for name in names]
        return np.stack(np.broadcast_arrays(*values), axis=-1) if names else np.ones(0)

    def part(self, members: slice) -> Settings:
        """Return the numbers of some members."""
        return Settings({name: value[members] if value.ndim else value for name, value in self._values.items()})


def of_member(value: Floats, axes: int) -> Floats:
    """Value of shape ``()`` or ``(member,)`` for arrays with so many axes after the member."""
    return value.reshape(-1, *[1] * axes) if value.ndim else value


def drawn_settings(scenario: Scenario) -> list[str]:
    """Settings that members draw: ranges, then distributions by name; how bad damage is belongs to chance."""
    ranges = [name for name in RANGED if name not in scenario.distributions]
    return [*ranges, *sorted(set(scenario.distributions) - set(_of_damage(scenario)), key=stream_name)]


def _of_damage(scenario: Scenario) -> list[str]:
    """Numbers of the damage that have a distribution."""
    return [name for name in scenario.distributions if name.partition(".")[0] in DAMAGE]


def draw_settings(scenario: Scenario, members: Sequence[int]) -> Settings:
    """Numbers of the physics for some members.

    Parameters
    ----------
    scenario
        A range or distribution in it is drawn from once a member; a deterministic one takes one number of it.
    members
        Numbers of the members.
    """
    settings = {name: getattr(scenario, name) for name in type(scenario).model_fields}
    values = {name: np.asarray(value) for name, value in given_numbers(settings)}
    share = {} if scenario.deterministic else quantiles(scenario, members)
    for name in drawn_settings(scenario):
        if name in scenario.distributions:
            distribution = scenario.distributions[name]
            values[name] = (
                np.full(len(members), distribution.middle())
                if scenario.deterministic
                else distribution.quantile(share[name])
            )
            continue
        low, high = settings[name]
        if scenario.deterministic:
            values[name] = np.full(len(members), _middle(name, low, high))
        elif name in LOGARITHMIC:
            values[name] = low * (high / low) ** share[name]
        else:
            values[name] = low + (high - low) * share[name]
    if not scenario.deterministic:
        values |= _drawn_damage(scenario, chance_of(scenario, members))
    return Settings(values)


def _drawn_damage(scenario: Scenario, chances: Sequence[int]) -> dict[str, Floats]:
    """Numbers of the damage by member; chances of states are divided by their sum."""
    drawn = {
        name: draw_one(scenario.distributions[name], scenario.seed, chances, stream_name(name))
        for name in _of_damage(scenario)
    }
    names = [f"{CHANCES}.{state}" for state in DAMAGE_STATES]
    if not any(name in drawn for name in names):
        return drawn
    given = scenario.model_dump()[CHANCES]
    raw = [drawn.get(name, given[state]) for name, state in zip(names, DAMAGE_STATES, strict=True)]
    shares = np.stack(np.broadcast_arrays(*raw))
    total = shares.sum(axis=0)
    shares = np.where(np.abs(total - 1.0) > WHOLE, shares / total, shares)
    return drawn | dict(zip(names, shares, strict=True))


def draw_one(distribution: Distribution, seed: int, chances: Sequence[int], name: str) -> Floats:
    """Values of one number, each member's from a stream of its own, shape ``(member,)``.

    Parameters
    ----------
    distribution
        What it is drawn from.
    seed
        Seed of the scenario.
    chances
        Numbers under which members draw.
    name
        It names the stream.
    """
    share = [stream(seed, number, purpose_of(name)).random() for number in chances]
    return distribution.quantile(np.array(share))


def quantiles(scenario: Scenario, members: Sequence[int]) -> dict[str, Floats]:
    """Where in its distribution each drawn setting lies, from 0 to below 1, shape ``(member,)`` each.

    Parameters
    ----------
    scenario
        Its `sampling` says how.
    members
        Numbers of the members; each gets the same in any company.

    Notes
    -----
    `random`: a stream a member and setting. `latin_hypercube`: every setting visits each of `members` equal parts of
    its distribution once (McKay, Beckman and Conover, 1979). `sobol`: scrambled points of a Sobol sequence (Owen,
    1998). `saltelli`: rows of two Sobol samples and of the first with one setting from the second (Saltelli et al.,
    2010).
    """
    names = drawn_settings(scenario)
    if scenario.sampling == "latin_hypercube":
        return {name: _latin(scenario, name)[list(members)] for name in names}
    if scenario.sampling == "sobol":
        points = _sobol(scenario.seed, len(names), max(members) + 1)[list(members)]
        return {name: points[:, place] for place, name in enumerate(names)}
    if scenario.sampling == "saltelli":
        row, part = saltelli_rows(members, len(names))
        points = _sobol(scenario.seed, 2 * len(names), int(row.max()) + 1)[row]
        second = (part[:, None] == np.arange(1, len(names) + 1)) | (part[:, None] == len(names) + 2)
        mixed = np.where(second, points[:, len(names) :], points[:, : len(names)])
        return {name: mixed[:, place] for place, name in enumerate(names)}
    uniform = np.array([stream(scenario.seed, member, Purpose.PARAMETERS).random(len(RANGED)) for member in members])
    own = {
        name: np.array([stream(scenario.seed, member, purpose_of(stream_name(name))).random() for member in members])
        for name in names
        if name in scenario.distributions
    }
    return {name: uniform[:, place] for place, name in enumerate(RANGED)} | own


def saltelli_rows(members: Sequence[int], settings: int) -> tuple[Ints, Ints]:
    """Row of each member in a Saltelli design, and its part.

    Returns
    -------
    tuple of numpy.ndarray
        Row, and part: 0 the first sample, 1 to `settings` the first with that setting from the second, `settings`
        + 1 the first with the second's chance, `settings` + 2 the second; each of shape ``(member,)``.
    """
    number = np.asarray(members, dtype=np.intp)
    return number // (settings + 3), number % (settings + 3)


def chance_of(scenario: Scenario, members: Sequence[int]) -> tuple[int, ...]:
    """Number under which each member draws all that is no setting: hits, damage, repair times and the like.

    It is the member's own, but in a Saltelli design, where rows share them.
    """
    if scenario.sampling != "saltelli":
        return tuple(members)
    settings = len(drawn_settings(scenario))
    row, part = saltelli_rows(members, settings)
    return tuple(int(number) for number in 2 * row + (part > settings))


def weather_members(scenario: Scenario, chances: Sequence[int], count: int) -> Ints:
    """Which of so many members of the weather each member meets, shape ``(member,)``; each is as likely."""
    share = np.array([stream(scenario.seed, number, Purpose.WEATHER).random() for number in chances])
    return np.minimum((share * count).astype(np.intp), count - 1)


def _latin(scenario: Scenario, name: str) -> Floats:
    """One setting of a Latin hypercube for all members, shape ``(member,)``."""
    from scipy.stats import qmc

    generator = stream(scenario.seed, DESIGN, purpose_of(stream_name(name)))
    return np.asarray(qmc.LatinHypercube(d=1, rng=generator).random(scenario.draws)[:, 0])


def _sobol(seed: int, dimensions: int, count: int) -> Floats:
    """Scrambled points of a Sobol sequence, shape ``(2^k, dimension)``, at least `count` of them."""
    from scipy.stats import qmc

    generator = stream(seed, DESIGN, Purpose.PARAMETERS)
    sampler = qmc.Sobol(d=dimensions, scramble=True, rng=generator)
    return np.asarray(sampler.random_base2(max(0, (count - 1).bit_length())))


MIDDLE = {"temperature_slope_factor": 1.0, "own_heat_powered_share": 0.5}
"""Ranges of which a deterministic run takes this number, or the end that is nearest to it."""


def _middle(name: str, low: float, high: float) -> float:
    """Return the number of a range that a deterministic run takes."""
    if name in MIDDLE:
        return float(np.clip(MIDDLE[name], low, high))
    return float(np.sqrt(low * high)) if name in LOGARITHMIC else (low + high) / 2
