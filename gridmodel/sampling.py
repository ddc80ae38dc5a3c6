"""Sampling: independent random streams, sampling designs, and the settings of each member."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from hashlib import sha256
from typing import Any, Self

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.scenario import DAMAGE, Distribution, Scenario
from gridmodel.scenario.described import fields_of
from gridmodel.scenario.drawable import CHANCES, WHOLE, given_numbers
from gridmodel.scenario.renamed import stream_name
from gridmodel.vocabulary import DAMAGE_STATES


class Purpose(IntEnum):
    """Purpose of a random stream; results depend on the numbers, which never change. 2 is not to be used again."""

    PARAMETERS = 0
    WEATHER = 1
    """Weather member of each member of the run."""
    STRIKES = 1000
    """First strike of the events, in the order of the file; the second has 1001, and so on."""


DESIGN = 2**32 - 1
"""Number in place of a member's in streams that all members share. No run has so many members."""
CHANCE = "chance"
"""Name in a sensitivity for everything that is sampled but is not a setting to be ranked: hits, damage states, numbers
in events, repair times, forced outages, weather."""


def stream(seed: int, member: int, purpose: int) -> np.random.Generator:
    """Return the random stream of one member for one purpose.

    Parameters
    ----------
    seed
        Seed of the scenario.
    member
        Number of the member, from 0.
    purpose
        A `Purpose`, or the result of `purpose_of`.

    Notes
    -----
    ``SeedSequence(seed, spawn_key=(member, purpose))``. The list ``[seed, 0]`` as entropy would give the stream of
    ``seed``.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(member, int(purpose))))


def purpose_of(name: str) -> int:
    """Return the purpose of a stream that a name identifies, whatever else is sampled.

    Parameters
    ----------
    name
        For example the path of a setting.

    Notes
    -----
    Four bytes of the name's SHA-256, above every number of `Purpose`.
    """
    return int(2**32 + int.from_bytes(sha256(name.encode()).digest()[:4], "big"))


RANGED = ("temperature_slope_factor", "reconnection_tau_h", "own_heat_powered_share")
"""Settings that are ranges and share one stream, in the order in which they are sampled; no new one is added."""
RANGED_APART = ("building_inertia", "own_backup_share", "own_fallback_stove_share", "leave_share", "restart_h",
                "slow_return_share", "critical_share_factor", "exempt_share_factor", "shared_feeder_share")  # fmt: skip
"""Settings that are ranges with a stream each, named by the setting, so that a new one moves no other."""
LOGARITHMIC = frozenset({"reconnection_tau_h", "restart_h"})
"""Ranges that are sampled evenly in the logarithm; a deterministic run takes the geometric mean of the ends."""


class Branched(int):
    """Number of a member's random streams that has other numbers from some moments on.

    It is the number itself wherever something is drawn once; what is drawn along time, or for an event, takes the
    number of its moment (`number_at`, `drawn_along`).
    """

    branches: tuple[tuple[np.datetime64, int], ...]
    """Moments, UTC, ascending, and the number from each on."""

    def __new__(cls, number: int, branches: Sequence[tuple[np.datetime64, int]] = ()) -> Self:
        """Return a number with its branches."""
        made = super().__new__(cls, number)
        made.branches = tuple(branches)
        return made

    def __getnewargs__(self) -> tuple[int, tuple[tuple[np.datetime64, int], ...]]:  # type: ignore[override]
        return int(self), self.branches


def number_at(number: int, moment: datetime) -> int:
    """Return the number of a member's streams at a moment. [UTC]

    Examples
    --------
    >>> later = Branched(3, [(np.datetime64("2026-01-12"), 70)])
    >>> number_at(later, datetime(2026, 1, 11)), number_at(later, datetime(2026, 1, 12))
    (3, 70)
    """
    now = int(number)
    for begin, other in getattr(number, "branches", ()):
        if np.datetime64(moment, "s") >= begin:
            now = other
    return now


def drawn_along(
    scenario: Scenario, number: int, name: str, elapsed: int, draw: Callable[[np.random.Generator], Any]
) -> Floats:
    """Draw numbers along time, from the stream of a member, and from that of each branch after it.

    Parameters
    ----------
    scenario
        It gives the seed, the start and the length of a step.
    number
        Number of the member's streams.
    name
        Name that identifies the purpose of the streams.
    elapsed
        Steps before the start of the run that are drawn too.
    draw
        Draws the numbers of all steps, shape ``(elapsed + time, …)``.
    """
    purpose = purpose_of(name)
    made: Floats = draw(stream(scenario.seed, int(number), purpose))
    for begin, other in getattr(number, "branches", ()):
        after = int((begin - np.datetime64(scenario.start_utc, "s")) / np.timedelta64(scenario.step_length)) + elapsed
        if after < len(made):
            made[max(0, after) :] = draw(stream(scenario.seed, other, purpose))[max(0, after) :]
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """Members that a study chose in place of those that a scenario would draw."""

    streams: tuple[int, ...]
    """Number of the random streams of each, see `Branched`."""
    shares: Mapping[str, Floats]
    """Quantile of each sampled setting, in ``[0, 1)``, shape ``(member,)`` each."""
    until: datetime | None = None
    """Local time before the end of the scenario at which the run stops; None for its end."""
    state: object = None
    """State from which they go on, as `gridmodel.simulation.held_state.HeldState`; None where they begin anew."""

    def part(self, members: Sequence[int]) -> Ensemble:
        """Return some of the members; their state is taken apart where it is read."""
        rows = np.asarray(members, dtype=np.intp)
        return replace(
            self, streams=tuple(self.streams[member] for member in members),
            shares={name: share[rows] for name, share in self.shares.items()},
        )  # fmt: skip


class Settings:
    """Numerical settings, each of one value for all members or of one value per member."""

    def __init__(self, values: Mapping[str, Floats]) -> None:
        """Take values of shape ``()`` or ``(member,)`` by name."""
        self._values = values if isinstance(values, _OfMembers) else dict(values)
        self._shaped: dict[tuple[str, int], Floats] = {}
        self._columns: dict[str, Floats] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> Floats:
        """Return the value for arrays of shape ``(member, region)``: shape ``()`` or ``(member, 1)``."""
        found = self._columns.get(name)
        if found is None:  # a step asks a hundred times
            found = self._columns[name] = of_member(self._values[name], 1)
        return found

    def of(self, name: str, axes: int) -> Floats:
        """Return the value for arrays of shape ``(member, …)`` with a number of axes after the member.

        Parameters
        ----------
        name
            Path of the setting, such as ``availability.hydro``.
        axes
            Number of axes after the member.
        """
        found = self._shaped.get((name, axes))
        if found is None:
            found = self._shaped[name, axes] = of_member(self._values[name], axes)
        return found

    def of_rows(self, name: str, rows: Ints, axes: int) -> Floats:
        """Return the value for the members at some positions, as `of` does."""
        value = self._values[name]
        return of_member(value[rows] if value.ndim else value, axes)

    def together(self, names: Sequence[str], otherwise: Sequence[float] | Floats = ()) -> Floats:
        """Stack several values along a last axis, shape ``(name,)`` or ``(member, name)``.

        Parameters
        ----------
        names
            Paths of the settings.
        otherwise
            Value of each setting that is not given.
        """
        usual = dict(zip(names, otherwise, strict=len(otherwise) > 0))
        values = [np.asarray(self._values.get(name, usual.get(name))) for name in names]
        return np.stack(np.broadcast_arrays(*values), axis=-1) if names else np.ones(0)

    def part(self, members: slice | Ints) -> Settings:
        """Return the settings of some members."""
        return Settings(_OfMembers(self._values, members))


class _OfMembers(Mapping[str, Floats]):
    """Values of some members, each taken when it is first asked for: a step asks for few of them."""

    def __init__(self, values: Mapping[str, Floats], members: slice | Ints) -> None:
        self._whole, self._members, self._taken = values, members, dict[str, Floats]()

    def __getitem__(self, name: str) -> Floats:
        if name not in self._taken:
            value = self._whole[name]
            self._taken[name] = value[self._members] if value.ndim else value
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


def of_member(value: Floats, axes: int) -> Floats:
    """Reshape a value of shape ``()`` or ``(member,)`` for arrays with a number of axes after the member."""
    return value.reshape(-1, *[1] * axes) if value.ndim else value


def of_cells(values: Sequence[Floats], cells: Ints, shape: Sequence[int]) -> list[Floats]:
    """Return settings for some cells of an array of shape ``(…, member, region)``, by their places in the flat array.

    Parameters
    ----------
    values
        The settings, shape ``()`` or ``(member, 1)`` each.
    cells
        Places in the flat array, shape ``(cell,)``.
    shape
        Shape of the array.
    """
    members, regions = shape[-2:]
    if not any(value.ndim for value in values):
        return list(values)
    member = cells // regions % members
    return [value.reshape(-1).take(member) if value.ndim else value for value in values]


def drawn_settings(scenario: Scenario) -> list[str]:
    """List the settings that are sampled: ranges, then distributions by name, except those of damage (see `CHANCE`)."""
    ranges = [name for name in (*RANGED, *RANGED_APART) if name not in scenario.distributions]
    return [*ranges, *sorted(set(scenario.distributions) - set(_of_damage(scenario)), key=stream_name)]


def _of_damage(scenario: Scenario) -> list[str]:
    """List the settings of damage that have a distribution."""
    return [name for name in scenario.distributions if name.partition(".")[0] in DAMAGE]


def draw_settings(scenario: Scenario, members: Sequence[int], ensemble: Ensemble | None = None) -> Settings:
    """Sample the settings of some members.

    Parameters
    ----------
    scenario
        Its ranges and distributions are sampled once per member; a deterministic run takes the middle of each.
    members
        Numbers of the members.
    ensemble
        These members, where a study chose them.
    """
    settings = {name: getattr(scenario, name) for name in fields_of(type(scenario))}
    values = {name: np.asarray(value) for name, value in given_numbers(settings)}
    share = {} if scenario.deterministic else quantiles(scenario, members) if ensemble is None else ensemble.shares
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
        streams = number_streams(scenario, members) if ensemble is None else ensemble.streams
        values |= _drawn_damage(scenario, streams)
    return Settings(values)


def _drawn_damage(scenario: Scenario, stream_numbers: Sequence[int]) -> dict[str, Floats]:
    """Sample the settings of damage; the probabilities of damage states are divided by their sum."""
    drawn = {
        name: draw_one(scenario.distributions[name], scenario.seed, stream_numbers, stream_name(name))
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


def draw_one(distribution: Distribution, seed: int, stream_numbers: Sequence[int], name: str) -> Floats:
    """Sample one number per member, each from a stream of its own, shape ``(member,)``.

    Parameters
    ----------
    distribution
        Distribution of the number.
    seed
        Seed of the scenario.
    stream_numbers
        Numbers that name the random streams of the members (`number_streams`).
    name
        Name that identifies the purpose of the streams.
    """
    share = [stream(seed, number, purpose_of(name)).random() for number in stream_numbers]
    return distribution.quantile(np.array(share))


def quantiles(scenario: Scenario, members: Sequence[int]) -> dict[str, Floats]:
    """Sample the quantile of each sampled setting, in ``[0, 1)``, shape ``(member,)`` each.

    Parameters
    ----------
    scenario
        Its `sampling` names the design.
    members
        Numbers of the members; a member has the same values in any subset.

    Notes
    -----
    `random`: one stream per member and setting. `latin_hypercube`: each setting visits each of `members` equal parts of
    its distribution once (McKay, Beckman and Conover, 1979). `sobol`: scrambled points of a Sobol sequence (Owen,
    1998). `saltelli`: rows of two Sobol samples, and of the first with one setting from the second (Saltelli et al.,
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
        if name in scenario.distributions or name in RANGED_APART
    }
    return {name: uniform[:, place] for place, name in enumerate(RANGED)} | own


def saltelli_rows(members: Sequence[int], settings: int) -> tuple[Ints, Ints]:
    """Return the row of each member in a Saltelli design, and its part.

    Parameters
    ----------
    members
        Numbers of the members.
    settings
        Number of settings that are sampled.

    Returns
    -------
    tuple of numpy.ndarray
        Row and part, each of shape ``(member,)``. Part 0 is the first sample; 1 to `settings`, the first with that
        setting from the second; `settings` + 1, the first with `CHANCE` from the second; `settings` + 2, the second.
    """
    number = np.asarray(members, dtype=np.intp)
    return number // (settings + 3), number % (settings + 3)


def number_streams(scenario: Scenario, members: Sequence[int]) -> tuple[int, ...]:
    """Number the random streams of each member for everything that belongs to `CHANCE`.

    The number is the member's own, except in a Saltelli design, in which members of a row share two numbers.
    """
    if scenario.sampling != "saltelli":
        return tuple(members)
    settings = len(drawn_settings(scenario))
    row, part = saltelli_rows(members, settings)
    return tuple(int(number) for number in 2 * row + (part > settings))


def weather_members(scenario: Scenario, stream_numbers: Sequence[int], count: int) -> Ints:
    """Sample the weather member of each member, all with equal probability, shape ``(member,)``.

    Parameters
    ----------
    scenario
        It gives the seed.
    stream_numbers
        Numbers that name the random streams of the members (`number_streams`).
    count
        Members of the weather.
    """
    share = np.array([stream(scenario.seed, number, Purpose.WEATHER).random() for number in stream_numbers])
    return np.minimum((share * count).astype(np.intp), count - 1)


def _latin(scenario: Scenario, name: str) -> Floats:
    """Return one setting of a Latin hypercube for all members, shape ``(member,)``."""
    from scipy.stats import qmc

    generator = stream(scenario.seed, DESIGN, purpose_of(stream_name(name)))
    return np.asarray(qmc.LatinHypercube(d=1, rng=generator).random(scenario.draws)[:, 0])


def _sobol(seed: int, dimensions: int, count: int) -> Floats:
    """Return at least `count` scrambled points of a Sobol sequence, shape ``(2^k, dimension)``."""
    from scipy.stats import qmc

    generator = stream(seed, DESIGN, Purpose.PARAMETERS)
    sampler = qmc.Sobol(d=dimensions, scramble=True, rng=generator)
    return np.asarray(sampler.random_base2(max(0, (count - 1).bit_length())))


MIDDLE = {"temperature_slope_factor": 1.0, "critical_share_factor": 1.0, "own_heat_powered_share": 0.5}
"""Value that a deterministic run takes of a range instead of its middle, clipped to the range."""


def _middle(name: str, low: float, high: float) -> float:
    """Return the value of a range that a deterministic run takes."""
    if name in MIDDLE:
        return float(np.clip(MIDDLE[name], low, high))
    return float(np.sqrt(low * high)) if name in LOGARITHMIC else (low + high) / 2
