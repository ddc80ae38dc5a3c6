"""Why homes are cold: each home below 12 °C is put to the reason that keeps heat from it now.

Reasons are asked in their order from the source to the rooms (`gridmodel.vocabulary.HEAT_CAUSES`), and the first that
applies counts. A home that nothing keeps heat from waits to be reconnected, or is warming up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints, for_loops
from gridmodel.sampling import Settings
from gridmodel.services.heat import causes_loops
from gridmodel.services.heat.building import Settled
from gridmodel.services.heat.causes_in_turns import COLD_C, OF_TURNS, PLACE, InTurns
from gridmodel.services.heat.homes import Homes
from gridmodel.services.heat.own import BACKED, NEEDS_GAS, NEEDS_POWER
from gridmodel.services.heat.states import DRAINED, FROZEN, NO_CIRCULATION, REFILLING
from gridmodel.services.heat.supply import WHOLE, Heat
from gridmodel.services.heat.warming import heated_places
from gridmodel.vocabulary import HEAT_CAUSES

UPSTREAM = ("source_damaged", "source_without_power", "no_make_up_water", "network_damaged", "heat_short")
"""Reasons on the way to a building, in the order in which they are asked; the first of `HEAT_CAUSES`."""
OF_CUT_OFF = tuple(PLACE[name] for name in (UPSTREAM[0], "pipes_burst", "not_reconnected"))
"""Places of the causes that homes can have which water does not reach, in the order of `causes_loops`; others of
`UPSTREAM` follow the first."""
OF_CONNECTED = tuple(PLACE[name] for name in ("warming_up", "home_without_power", "heat_short", "beyond_installed"))
"""Places of those of homes in which water circulates, likewise."""
OF_OWN = tuple(PLACE[name] for name in ("warming_up", "home_without_power", "home_without_gas", "beyond_installed"))
"""Places of those of homes that heat themselves, likewise."""
REMEMBERED = 4
"""Homes that are remembered. Ours: a run needs all cells and those apart, and two may be stepped in turn."""
_NONE = np.zeros((0, 0))
WAITING, BROKEN = (NO_CIRCULATION, DRAINED), (FROZEN, REFILLING)
"""States without heat whose pipes are whole, and whose pipes are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Way of heat from the source to the building in a step, arrays that broadcast to ``(member, region)``. [1]"""

    source: Floats
    """Homes whose sources damage has left."""
    powered: Floats
    """Sources that have power, of the grid or their own."""
    filled: Floats
    """Networks with enough water to circulate."""
    network: Floats
    """Buildings that pipes reach."""
    reach: Floats
    """Homes in which water can circulate, those of mobile boilers among them."""
    held: Floats
    """Homes that stay connected when heat is short: at most those that are reached."""


def unreached(way: Way) -> Floats:
    """Share of homes that heat does not reach, by reason of `UPSTREAM`, shape ``(reason, …)``. [1]

    Parameters
    ----------
    way
        Way of heat from the source.

    Notes
    -----
    Of the homes whose source is whole, some lack power at it; of those that have it, some lack make-up water, and so
    on: ``1 − s``, ``s (1 − p)``, ``s p (1 − w)``, ``s p w (1 − n)``, which is how `reach` multiplies them. Mobile
    boilers take from each in proportion. Homes that are reached and disconnected because heat is short come on top.
    The sum is ``1 − held``. Ours: which homes a mobile boiler serves is not modelled.

    Examples
    --------
    >>> half, one = np.array(0.5), np.array(1.0)
    >>> unreached(Way(source=half, powered=half, filled=one, network=one, reach=np.array(0.25), held=np.array(0.2)))
    array([0.5 , 0.25, 0.  , 0.  , 0.05])
    """
    left, lost = np.ones(np.shape(way.reach)), []
    for share in (way.source, way.powered, way.filled, way.network):
        lost.append(left * (1.0 - share))
        left = left * share
    without = 1.0 - left
    kept = np.divide(1.0 - way.reach, without, out=np.zeros_like(left), where=without > 0)
    np.clip(kept, 0.0, 1.0, out=kept)
    short = np.maximum(way.reach - way.held, 0.0)
    return np.stack(np.broadcast_arrays(*(part * kept for part in lost), short))


def parted(share: Floats, gone: Floats) -> tuple[Floats, Floats]:
    """Share of homes with whole pipes, and of those without, that heat does not reach, each of the shape of `gone`. [1]

    Parameters
    ----------
    share
        Share in each heat state, shape ``(state, …)``. [1]
    gone
        Share of all homes that heat does not reach, shape ``(…)``. [1]

    Notes
    -----
    Homes that are reached come back (`moves`) as if those with broken pipes were the first among the unreached; so they
    are here.

    Examples
    --------
    >>> parted(np.array([0.4, 0.1, 0.3, 0.2, 0.0]), np.array(0.3))
    (array(0.25), array(1.))
    """
    broken, waiting = (share[states[0]] + share[states[1]] for states in (BROKEN, WAITING))
    rest = np.maximum(gone - broken, 0.0)
    return tuple(
        np.asarray(np.clip(np.divide(part, of, out=np.ones_like(of), where=of > 0), 0.0, 1.0))
        for part, of in ((rest, waiting), (gone, broken))
    )  # type: ignore[return-value]  # two of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Cold:
    """Homes on district heat and what heats them, arrays of shape ``(…, member, region)`` or that broadcast to it."""

    homes: Homes
    settings: Settings
    some: Bools
    """Where any of them are below 12 °C, shape ``(member, region)``."""
    share: Floats
    """Share of district-heated homes in each state, shape ``(state, member, region)``. [1]"""
    occupied: Ints
    """States that some homes are in, shape ``(occupied,)``."""
    weight: Floats
    """People by occupied state and archetype, shape ``(occupied, archetype, member, region)``. [1]"""
    rooms_c: Floats
    """Their air, same shape. [°C]"""
    heat: Heat
    """Heat of connected homes."""
    capacity_mw: Floats
    """Heat that sources can give. [MW]"""
    gains_w: Floats
    """Gains of people and appliances. [W/m²]"""
    outdoor_c: Floats
    """Outdoors. [°C]"""
    home_power: Floats
    """Share of homes with power. [1]"""
    way: Way
    """Way of heat from the source."""

    def causes(self, leave_out: tuple[Ints, Ints] | None = None) -> Floats:
        """Compute the share of homes below 12 °C by cause, shape ``(member, region, cause)``. [1]

        Parameters
        ----------
        leave_out
            Members and regions that do not count.
        """
        some = self.some
        if leave_out is not None:
            some = some.copy()
            some[leave_out] = False
        found = np.zeros((*some.shape, len(HEAT_CAUSES)))
        if not some.any():
            return found
        if causes_loops.COMPILED and self.weight.size >= causes_loops.LEAST:
            _by_cells(found, some, self)
        else:
            _put_parts(found, some, lambda parts, here: _on_district_heat(parts, here, self))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCold:
    """Homes that heat themselves, but for those of `InTurns`, arrays of shape ``(own, member, region)``.

    All but the first two arrays may be of another shape that broadcasts to it.
    """

    homes: Homes
    kinds: slice
    """Kinds of own heating that they have."""
    weight: Floats
    """People by kind. [1]"""
    air_c: Floats
    """Their air. [°C]"""
    heating_w: Floats
    """Heat of their own heating. [W/m²]"""
    backup: Floats
    """Share of the step for which backup runs boilers. [1]"""
    gains_w: Floats
    """Gains of people and appliances. [W/m²]"""
    outdoor_c: Floats
    """Outdoors. [°C]"""
    home_power: Floats
    """Share of homes with power. [1]"""
    fuel: Floats
    """Gas supply. [1]"""

    def add_to(self, share: Floats) -> None:
        """Add cold homes by cause, shape ``(member, region, cause)``. [1]"""
        if self.air_c.min() >= COLD_C:
            return
        if causes_loops.COMPILED and self.weight.size >= causes_loops.LEAST:
            _own_by_cells(share, self)
            return
        some = np.asarray((self.air_c < COLD_C).any(axis=0))
        _put_parts(share, some, lambda parts, here: _own(parts, here, self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """All that causes of cold homes follow from in a step; they are computed when somebody asks.

    Notes
    -----
    Homes that water does not reach: the reasons of `unreached` in proportion, for those with whole and with broken
    pipes as `parted` says; the others wait to be reconnected, or for their pipes. Homes that are heated, by the network
    or themselves: *warming up* where their present heat would hold 12 °C in the long run (`settled`), and else the
    first that applies of: no power in the building, too little heat or gas, more cold than heating is installed for.
    Power in the building comes before heat that is short, because operators keep homes connected only as long as
    their heat holds the floor. Ours.
    """

    cold: Cold
    own: OwnCold
    turns: InTurns | None = None
    """Homes that stop with their power; None where every cut is spread over all homes."""

    def causes(self, elsewhere: tuple[tuple[Ints, Ints], Cold] | None = None) -> Floats:
        """Compute the share of homes below 12 °C by cause, shape ``(member, region, cause)``. [1]

        The sum over causes is the share of homes.

        Parameters
        ----------
        elsewhere
            Members and regions whose homes on district heat are others, and these, arrays of shape ``(…, cell, 1)``.
        """
        share = self._without_turns(elsewhere)
        if self.turns is not None:
            self.turns.add_to(share)
        return share

    def put(
        self, people: npt.NDArray[np.floating], population: Floats, elsewhere: tuple[tuple[Ints, Ints], Cold] | None
    ) -> None:  # fmt: skip
        """Write people of homes below 12 °C by cause.

        Parameters
        ----------
        people
            Written, shape ``(member, region, cause)``. [1]
        population
            People, shape ``(region,)``. [1]
        elsewhere
            As `causes` takes it.
        """
        if not causes_loops.COMPILED or people.size < causes_loops.LEAST:
            np.multiply(self.causes(elsewhere), population[:, None], out=people, casting="same_kind")
            return
        share, added = self._without_turns(elsewhere), None if self.turns is None else self.turns.found()
        added = _NONE if added is None else for_loops(added, added.shape)
        causes_loops.put(people, share.reshape(-1, people.shape[-1]), added, OF_TURNS, population)

    def _without_turns(self, elsewhere: tuple[tuple[Ints, Ints], Cold] | None) -> Floats:
        """Return what `causes` does, homes that stop with their power aside."""
        if elsewhere is None:
            share = self.cold.causes()
        else:
            cells, others = elsewhere
            share = self.cold.causes(leave_out=cells)
            share[cells] = others.causes()[:, 0]
        self.own.add_to(share)
        return share


def _put_parts(share: Floats, some: Bools, add: Callable[[Floats, _Here], None]) -> None:
    """Add homes by cause, shape ``(member, region, cause)``, that are found for some cells at once. [1]

    Parameters
    ----------
    share
        Changed.
    some
        Cells, shape ``(member, region)``.
    add
        Adds those of cells to an array of shape ``(cause, cell)``.
    """
    member, region = np.nonzero(some)
    if not len(member):
        return
    twice = np.zeros(2, dtype=int) if len(member) == 1 else slice(None)  # a lone cell would be summed otherwise
    here = _Here(member[twice], region[twice], some.shape[1])
    parts = np.zeros((len(HEAT_CAUSES), len(here.member)))
    add(parts, here)
    share[member, region] += parts[:, : len(member)].T


@dataclass(frozen=True, slots=True)
class _Here:
    """Cells with cold homes."""

    member: Ints
    """Member of each."""
    region: Ints
    """Region of each."""
    regions: int
    """Number of regions."""
    flat: Ints = field(init=False)
    """Place of each among all members and regions."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "flat", self.member * self.regions + self.region)

    def __call__(self, values: Floats) -> Floats:
        """Return values ``(…, member, region)``, or ones that broadcast to it, as ``(…, cell)`` or ``(…, 1)``."""
        array = values if values.ndim > 1 else values.reshape(1, -1)
        rows, columns = array.shape[-2:]
        if columns == 1:
            return array[..., 0] if rows == 1 else array[..., 0].take(self.member, axis=-1)
        if rows == 1:
            return array[..., 0, :].take(self.region, axis=-1)
        return np.asarray(array.reshape(*array.shape[:-2], -1).take(self.flat, axis=-1))  # quicker than two indices

    def settled(self, line: Settled) -> Settled:
        """Return where buildings of the cells settle."""
        return Settled(outdoor=self(line.outdoor), heating=self(line.heating), gains=self(line.gains))


def _on_district_heat(found: Floats, here: _Here, cold: Cold) -> None:
    """Add cold homes on district heat, shape ``(cause, cell)``."""
    people = here(cold.weight) * (here(cold.rooms_c) < COLD_C)
    by_state = np.add.reduce(people, axis=1)
    heated = heated_places(cold.occupied)
    cut_off = slice(heated.stop, None)
    if by_state[cut_off].any():
        _cut_off(found, here, by_state[cut_off], cold.occupied[cut_off], cold=cold)
    if by_state[heated].any():
        _connected(found, here, people[heated], cold=cold)


def _cut_off(found: Floats, here: _Here, people: Floats, states: Ints, *, cold: Cold) -> None:
    """Add cold homes on district heat that water does not reach, or no longer, shape ``(state, cell)``."""
    waiting, broken = (
        np.add.reduce(people[[int(state) in kind for state in states]], axis=0) for kind in (WAITING, BROKEN)
    )
    way = cold.way
    reasons = unreached(Way(
        source=here(way.source), powered=here(way.powered), filled=here(way.filled), network=here(way.network),
        reach=here(way.reach), held=here(way.held),
    ))  # fmt: skip
    gone = np.add.reduce(reasons, axis=0)
    far_waiting, far_broken = parted(here(cold.share), gone)
    far = waiting * far_waiting + broken * far_broken
    parts = np.divide(reasons, gone, out=np.zeros_like(reasons), where=gone > 0)
    found[: len(UPSTREAM)] += far * parts
    found[PLACE["pipes_burst"]] += broken * (1.0 - far_broken)
    found[PLACE["not_reconnected"]] += waiting * (1.0 - far_waiting)


def _connected(found: Floats, here: _Here, people: Floats, *, cold: Cold) -> None:
    """Add cold homes in which water circulates, shape ``(heated, archetype, cell)``."""
    homes, settings = cold.homes, cold.settings
    heat_w, need_w, power = here(cold.heat.heat_w), here(cold.heat.need_w), here(cold.home_power)
    warming = here.settled(homes.settled).air_c(heat_w, here(cold.outdoor_c), here(cold.gains_w)) >= COLD_C
    short = here(cold.heat.need_mw) > here(cold.capacity_mw) * (1.0 + WHOLE)
    pumps = here(np.asarray(homes.pumped * settings["building_pump_share"], dtype=float)) > 0
    lacks_pump = pumps & (need_w > power * here(homes.radiator_w))
    _add(found, people, [("warming_up", warming), ("home_without_power", lacks_pump), ("heat_short", short)])


def _by_cells(found: Floats, some: Bools, cold: Cold) -> None:
    """Add what `_on_district_heat` does, shape ``(member, region, cause)``, cell by cell: the same bytes."""
    homes, way, heat, heated = cold.homes, cold.way, cold.heat, heated_places(cold.occupied).stop
    shape, parts = cold.weight.shape[1:], found.reshape(-1, len(HEAT_CAUSES))

    def flat(values: Floats) -> Floats:
        return for_loops(values, values.shape)

    def of(shape: tuple[int, ...], *values: Floats) -> tuple[Floats, ...]:
        return tuple(for_loops(one, shape) for one in values)

    here, people, air_c = some.reshape(-1), flat(cold.weight), flat(cold.rooms_c)
    if heated < len(people):
        ways = of(shape[1:], way.source, way.powered, way.filled, way.network, way.reach, way.held)
        share = of(shape[1:], *(cold.share[states[0]] + cold.share[states[1]] for states in (WAITING, BROKEN)))
        broken, cut_off = cold.occupied[heated:] >= FROZEN, (people[heated:], air_c[heated:])
        causes_loops.add_cut_off(here, cut_off, broken, ways, share, COLD_C, OF_CUT_OFF, parts)
    causes_loops.add_connected(
        here, (people[:heated], air_c[:heated]), (flat(heat.heat_w), flat(heat.need_w)),
        _archetypes(homes, cold.settings, shape),
        of(shape[1:], cold.outdoor_c, cold.gains_w, cold.home_power, heat.need_mw, cold.capacity_mw * (1.0 + WHOLE)),
        COLD_C, OF_CONNECTED, parts,
    )  # fmt: skip


_ARCHETYPES: dict[tuple[int, int, tuple[int, ...]], tuple[Homes, Settings, tuple[Floats, ...]]] = {}
"""Values of archetypes by the latest homes and settings, both kept so that no others take their numbers."""


def _archetypes(homes: Homes, settings: Settings, shape: tuple[int, ...]) -> tuple[Floats, ...]:
    """Return values of archetypes as `causes_loops.add_connected` takes them, for ``(kind, member, region)``."""
    key = (id(homes), id(settings), shape)
    if key not in _ARCHETYPES:
        while len(_ARCHETYPES) >= REMEMBERED:
            del _ARCHETYPES[next(iter(_ARCHETYPES))]
        line, pumps = homes.settled, np.asarray(homes.pumped * settings["building_pump_share"], dtype=float)
        values = line.outdoor, line.heating, line.gains, homes.radiator_w, pumps
        _ARCHETYPES[key] = homes, settings, tuple(for_loops(one, shape) for one in values)
    return _ARCHETYPES[key][2]


def _own(found: Floats, here: _Here, cold: OwnCold) -> None:
    """Add cold homes that heat themselves, shape ``(cause, cell)``."""
    people, outdoor, gains = here(cold.weight) * (here(cold.air_c) < COLD_C), here(cold.outdoor_c), here(cold.gains_w)
    warming = here.settled(cold.homes.own_settled).air_c(here(cold.heating_w), outdoor, gains) >= COLD_C
    power = np.broadcast_to(here(cold.home_power), people.shape).copy()
    needs_power, needs_gas, backed = _needs(cold.kinds)
    if backed >= 0:
        power[backed] += here(cold.backup)
    lacks_power = needs_power & (power < 1.0 - WHOLE)
    lacks_gas = needs_gas & (here(cold.fuel) < 1.0 - WHOLE)
    _add(found, people, [
        ("warming_up", warming), ("home_without_power", lacks_power), ("home_without_gas", lacks_gas),
    ])  # fmt: skip


def _own_by_cells(found: Floats, cold: OwnCold) -> None:
    """Add what `_own` does, shape ``(member, region, cause)``, cell by cell: the same bytes."""
    line, shape, cells = cold.homes.own_settled, cold.weight.shape, cold.weight.shape[1:]
    needs_power, needs_gas, backed = _needs(cold.kinds)
    values = cold.outdoor_c, cold.gains_w, cold.home_power, cold.backup, cold.fuel
    causes_loops.add_own(
        tuple(for_loops(one, shape) for one in (cold.weight, cold.air_c, cold.heating_w)),
        tuple(for_loops(one, (1, *cells))[0] for one in (line.outdoor, line.heating, line.gains)),
        tuple(for_loops(one, cells) for one in values), (needs_power[:, 0], needs_gas[:, 0]), backed,
        (COLD_C, 1.0 - WHOLE), OF_OWN, found.reshape(-1, len(HEAT_CAUSES)),
    )  # fmt: skip


def _needs(of: slice) -> tuple[Bools, Bools, int]:
    """Return whether kinds of own heating need power, and gas, shape ``(own, 1)``, and the place of that with backup.

    The place is -1 if none has any.
    """
    kinds = range(of.start, of.stop)
    power, gas = (np.array([[kind in some] for kind in kinds]) for some in (NEEDS_POWER, NEEDS_GAS))
    return power, gas, kinds.index(BACKED) if BACKED in kinds else -1


def _add(found: Floats, people: Floats, reasons: Sequence[tuple[str, Bools]]) -> None:
    """Add people to the first reason that applies to their kind of home, and the rest to what is installed."""
    for name, applies in reasons:
        found[PLACE[name]] += _added(people * applies)
        people = people * ~applies
    found[PLACE["beyond_installed"]] += _added(people)


def _added(people: Floats) -> Floats:
    """Return the sum over all kinds of homes, one after the other, shape ``(cell,)``."""
    return np.asarray(np.add.reduce(people.reshape(-1, people.shape[-1]), axis=0))
