"""Why homes are cold: each home below 12 °C is put to the reason that keeps heat from it now.

Reasons are asked in their order from the source to the rooms (`gridmodel.vocabulary.HEAT_CAUSES`), and the first that
applies counts. A home that nothing keeps heat from waits to be reconnected, or is warming up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, total
from gridmodel.sampling import Settings
from gridmodel.services.heat.building import Response
from gridmodel.services.heat.homes import Homes
from gridmodel.services.heat.own import BACKED, NEEDS_GAS, NEEDS_POWER
from gridmodel.services.heat.states import CONNECTED, DRAINED, FROZEN, NO_CIRCULATION, REFILLING
from gridmodel.services.heat.supply import WHOLE, Heat
from gridmodel.vocabulary import COLD_THRESHOLDS_C, HEAT_CAUSES

COLD = 2
"""Place of the threshold of `people_without_heat` among `COLD_THRESHOLDS_C`."""
COLD_C = COLD_THRESHOLDS_C[COLD]
"""Air below which a home counts as cold. [°C]"""
UPSTREAM = ("source_damaged", "source_without_power", "no_make_up_water", "network_damaged", "heat_short")
"""Reasons on the way to a building, in the order in which they are asked."""
PLACE = {name: place for place, name in enumerate(HEAT_CAUSES)}
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
    return np.stack([*(part * np.clip(kept, 0.0, 1.0) for part in lost), np.maximum(way.reach - way.held, 0.0)])


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


def settles_at_c(kept: Response, heating_w: Floats, outdoor_c: Floats, gains_w: Floats) -> Floats:
    """Air of a building whose heating and weather stay as they are for long. [°C]

    Parameters
    ----------
    kept
        Response of the building.
    heating_w
        Heat that comes. [W/m²]
    outdoor_c
        Outdoors. [°C]
    gains_w
        Gains of people and appliances; heaters, cookers and sun are left out. [W/m²]
    """
    zero = np.zeros(())
    mass = kept.mass_c(zero, outdoor_c, heating_w, gains_w) / (1.0 - kept.mass_mass)
    return kept.air_c(mass, outdoor_c, gains_w, heating_w)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cold:
    """Rooms of a step and what heats them, arrays of shape ``(…, member, region)`` or that broadcast to it."""

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
    own_weight: Floats
    """People of homes that heat themselves, shape ``(own, member, region)``. [1]"""
    own_c: Floats
    """Their air, same shape. [°C]"""
    own_heating_w: Floats
    """Heat of their own heating, same shape. [W/m²]"""
    own_backup: Floats
    """Share of the step for which backup runs boilers. [1]"""
    gains_w: Floats
    """Gains of people and appliances. [W/m²]"""
    outdoor_c: Floats
    """Outdoors. [°C]"""
    home_power: Floats
    """Share of homes with power. [1]"""
    fuel: Floats
    """Gas supply. [1]"""


def cold_causes(homes: Homes, settings: Settings, cold: Cold, way: Way, cold_share: Floats) -> Floats:
    """Share of homes below 12 °C by reason, shape ``(cause, member, region)``. [1]

    Parameters
    ----------
    homes, settings
        Homes of every region, and settings by member.
    cold
        Rooms of the step.
    way
        Way of heat from the source.
    cold_share
        Share of homes below 12 °C, shape ``(member, region)``: the sum over reasons. [1]

    Notes
    -----
    Homes that water does not reach: the reasons of `unreached` in proportion, for those with whole and with broken
    pipes as `parted` says; the others wait to be reconnected, or for their pipes. Homes that are heated, by the network
    or themselves: *warming up* where their present heat would hold 12 °C in the long run (`settles_at_c`), and else the
    first that applies of: no power in the building, too little heat or gas, more cold than heating is installed for.
    Power in the building comes before heat that is short, because operators keep homes connected only as long as
    their heat holds the floor. Ours.
    """
    made = np.zeros((len(HEAT_CAUSES), *cold_share.shape))
    cells = np.nonzero(cold_share > 0)
    if not len(cells[0]):
        return made
    here = _Here(cells, cold_share.shape)
    found = np.zeros((len(HEAT_CAUSES), len(cells[0])))
    _cut_off(found, here, cold, way)
    _connected(found, here, homes, settings, cold)
    _own(found, here, homes, cold)
    made[:, cells[0], cells[1]] = found
    return made


@dataclass(frozen=True, slots=True)
class _Here:
    """Cells with cold homes."""

    cells: tuple[Ints, ...]
    """Member and region of each."""
    shape: tuple[int, ...]
    """Number of members and of regions."""

    def __call__(self, values: Floats) -> Floats:
        """Return values ``(…, member, region)``, or ones that broadcast to it, at the cells: ``(…, cell)``."""
        array = np.asarray(values)
        member, region = self.cells
        return np.asarray(np.broadcast_to(array, (*array.shape[:-2], *self.shape))[..., member, region])

    def response(self, kept: Response) -> Response:
        """Return a response at the cells."""
        names = Response.__dataclass_fields__
        return Response(**{name: self(getattr(kept, name)) for name in names})


def _cut_off(found: Floats, here: _Here, cold: Cold, way: Way) -> None:
    """Add cold homes on district heat that water does not reach, or no longer."""
    without = [place for place, state in enumerate(cold.occupied) if state != CONNECTED]
    if not without:
        return
    people = total(np.moveaxis(here(cold.weight[without]) * (here(cold.rooms_c[without]) < COLD_C), 1, 0))
    states = cold.occupied[without]
    waiting, broken = (total(people[np.isin(states, kind)]) for kind in (WAITING, BROKEN))
    reasons = unreached(Way(**{name: here(getattr(way, name)) for name in Way.__dataclass_fields__}))
    gone = total(reasons)
    far_waiting, far_broken = parted(here(cold.share), gone)
    far = waiting * far_waiting + broken * far_broken
    parts = np.divide(reasons, gone, out=np.zeros_like(reasons), where=gone > 0)
    for name, part in zip(UPSTREAM, parts, strict=True):
        found[PLACE[name]] += far * part
    found[PLACE["pipes_burst"]] += broken * (1.0 - far_broken)
    found[PLACE["not_reconnected"]] += waiting * (1.0 - far_waiting)


def _connected(found: Floats, here: _Here, homes: Homes, settings: Settings, cold: Cold) -> None:
    """Add cold homes in which water circulates."""
    place = int(np.searchsorted(cold.occupied, CONNECTED))
    people = here(cold.weight[place]) * (here(cold.rooms_c[place]) < COLD_C)
    if not people.any():
        return
    heat_w, need_w, power = here(cold.heat.heat_w), here(cold.heat.need_w), here(cold.home_power)
    warming = settles_at_c(here.response(homes.response), heat_w, here(cold.outdoor_c), here(cold.gains_w)) >= COLD_C
    short = here(cold.heat.need_mw) > here(cold.capacity_mw) * (1.0 + WHOLE)
    pumps = here(np.asarray(homes.pumped * settings["building_pump_share"], dtype=float)) > 0
    lacks_pump = pumps & (need_w > power * here(homes.radiator_w))
    _add(found, people, [
        ("warming_up", warming), ("home_without_power", lacks_pump),
        ("heat_short", np.broadcast_to(short, people.shape)), ("beyond_installed", np.ones_like(warming)),
    ])  # fmt: skip


def _own(found: Floats, here: _Here, homes: Homes, cold: Cold) -> None:
    """Add cold homes that heat themselves."""
    people = here(cold.own_weight) * (here(cold.own_c) < COLD_C)
    if not people.any():
        return
    outdoor, gains = here(cold.outdoor_c), here(cold.gains_w)
    warming = settles_at_c(here.response(homes.own_response), here(cold.own_heating_w), outdoor, gains) >= COLD_C
    power = np.broadcast_to(here(cold.home_power), people.shape).copy()
    power[BACKED] += here(cold.own_backup)
    _add(found, people, [
        ("warming_up", warming), ("home_without_power", NEEDS_POWER[..., 0] & (power < 1.0 - WHOLE)),
        ("home_without_gas", NEEDS_GAS[..., 0] & (here(cold.fuel) < 1.0 - WHOLE)),
        ("beyond_installed", np.ones_like(warming)),
    ])  # fmt: skip


def _add(found: Floats, people: Floats, reasons: Sequence[tuple[str, Bools]]) -> None:
    """Add people to the first reason that applies to their kind of home, shape ``(kind, cell)``."""
    for name, applies in reasons:
        found[PLACE[name]] += total(np.where(applies, people, 0.0))
        people = np.where(applies, 0.0, people)
