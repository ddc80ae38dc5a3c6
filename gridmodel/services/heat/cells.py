"""Homes in trouble apart from the others, so that a step does not carry five states where all homes are connected.

A cell is a member and a region. Every equation of a step acts on each cell alone, so that cells give the same bits
wherever they are computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints, widened
from gridmodel.sampling import Settings
from gridmodel.services.heat import air_loops
from gridmodel.services.heat.advance import HomesStep, all_homes, asked_in_turns, heat_turns, step_homes
from gridmodel.services.heat.case import HeatServices
from gridmodel.services.heat.district import DistrictStep, step_district
from gridmodel.services.heat.homes import ALIKE, ALIKE_KINDS, BY_KIND, BY_ROW, Homes, HomesState, OwnTurns, warm_start
from gridmodel.services.heat.moving import holding
from gridmodel.services.heat.own_step import step_own
from gridmodel.services.heat.supply import WHOLE, Units
from gridmodel.services.heat.warming import CONNECTED, shown

_Part = TypeVar("_Part")
_Own = TypeVar("_Own", HomesState, OwnTurns)
MERGED = tuple(
    one.name
    for one in fields(DistrictStep)
    if one.name not in {"state", "rooms_c", "heated_c", "connected", "cold", "together"}
)
"""Values of cells apart that are written among those of all cells."""
OWN = tuple(one.name for one in fields(HomesState) if one.name.startswith("own_"))
"""State of homes that heat themselves, which is kept with that of all cells: they need nothing of a heat network."""
FEW = 200
"""Cells up to which all are computed together. [1] Ours: up to there a second step costs more than five states do."""
HEALTHY: dict[str, Any] = {
    **dict.fromkeys(("source", "network", "chp", "turbines", "plant_power", "fuel"), np.ones(())),
    **dict.fromkeys(("backup", "mobile_mw"), np.zeros(())),
    "healthy": True,
}
"""Services of cells in which no home loses heat, beside water for the network, which may lack for a while."""

_OF_SERVICES = tuple(
    one.name for one in fields(HeatServices) if one.name not in {"cohorts", "broken", "columns", "healthy"}
)
"""Services of cells that are arrays, those of homes that take turns aside."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Some cells."""

    member: Ints
    """Member of each, shape ``(cell,)``."""
    region: Ints
    """Its region, shape ``(cell,)``."""
    shape: tuple[int, int]
    """Number of members and of regions."""
    flat: Ints = field(init=False)
    """Its place among those of all members and regions."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "flat", self.member * self.shape[1] + self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Cells that are computed apart, and their homes: each cell is a member with one region."""

    cells: Cells
    """Which they are."""
    state: HomesState
    """Homes of the cells on district heat, arrays of shape ``(…, cell, 1)``; those of `OWN` do not count."""
    homes: Homes
    """The same of buildings and sources."""
    settings: Settings
    """Settings of each cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsState:
    """State of homes, carried from step to step."""

    every: HomesState
    """Homes of all cells; on district heat as if all were connected where cells are apart, which does not count."""
    apart: Apart | None = None
    """Cells apart; None where no home has lost heat, or where cells are few."""

    def as_saved(self) -> CellsState:
        """Return the state with the homes of all cells together, and room for every state that homes can be in."""
        every, apart = holding(self.every, np.ones_like(self.every.share)), self.apart
        if apart is not None:
            theirs, cells = holding(apart.state, np.ones_like(apart.state.share)), apart.cells
            every = _written(every, theirs, np.arange(len(cells.member)), (cells.member, cells.region))
        return CellsState(every=every)

    def as_loaded(self, like: CellsState) -> CellsState:
        """Return the state with room only for the states that homes are in, and no fewer rows than another."""
        every = holding(self.every, self.every.share)
        mine, theirs = every.turns, like.every.turns
        if mine is not None and theirs is not None:
            every = replace(every, turns=_longer(mine, theirs, BY_ROW, ALIKE))
        return CellsState(every=_longer(every, like.every, BY_KIND, ALIKE_KINDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsStep:
    """Result of a step."""

    state: CellsState
    """State at its end."""
    values: HomesStep
    """Values of all cells; its state, rooms and causes of homes on district heat do not count in cells apart."""
    apart: DistrictStep | None
    """Result of cells apart."""

    def put_air(self, air: npt.NDArray[np.floating]) -> None:
        """Write the air, shape ``(member, region, kind, heat_state)``; missing where a state is empty. [°C]"""
        self.values.put_air(air)
        if self.state.apart is not None and self.apart is not None:
            cells = self.state.apart.cells
            if air_loops.COMPILED and air.size >= air_loops.LEAST:
                self.apart.put_air_by_loop(air, cells.flat, np.empty((0, len(cells.flat))))
                return
            rooms_c = np.full((len(cells.member), 1, self.apart.rooms_c.shape[1], air.shape[-1]), np.nan)
            self.apart.put_air(rooms_c)
            air[cells.member, cells.region, : rooms_c.shape[2]] = rooms_c[:, 0]

    def put_shares(self, shares: npt.NDArray[np.floating]) -> None:
        """Write the share of homes in each state into an array of shape ``(member, region, heat_state)``. [1]"""
        every = self.values.state
        if air_loops.COMPILED and shares.size >= air_loops.LEAST:
            some = every.share[: 1 if len(every.occupied) == 1 else None]
            _put_shares(shares, np.arange(every.intact.size), some)
            if self.state.apart is not None and self.apart is not None:
                _put_shares(shares, self.state.apart.cells.flat, self.apart.state.share)
            return
        if len(every.occupied) == 1:
            shares[...] = 0.0
            shares[..., CONNECTED] = every.share[CONNECTED]
        else:
            shares[...] = np.moveaxis(shown(every.share), 0, -1)
        if self.state.apart is not None and self.apart is not None:
            cells = self.state.apart.cells
            shares[cells.member, cells.region] = shown(self.apart.state.share)[:, :, 0].T

    def put_causes(self, people: npt.NDArray[np.floating], population: Floats) -> None:
        """Write people of cold homes by cause, shape ``(member, region, cause)``. [1]"""
        elsewhere = None
        if self.state.apart is not None and self.apart is not None:
            cells = self.state.apart.cells
            elsewhere = (cells.member, cells.region), self.apart.cold
        self.values.why.put(people, population, elsewhere)


def _put_shares(shares: npt.NDArray[np.floating], cells: Ints, share: Floats) -> None:
    """Write the share of homes in each state, ``(state, …)``, where some cells are. [1]"""
    air_loops.put_shares(shares, cells, np.ascontiguousarray(share).reshape(len(share), -1))


def step_cells(
    homes: Homes, state: CellsState, settings: Settings, services: HeatServices, *, step_h: float, heaters: bool
) -> CellsStep:  # fmt: skip
    """Take homes through a step as `step_homes` does, those of cells in trouble apart.

    Parameters
    ----------
    homes, settings, services, step_h, heaters
        As `step_homes` takes them.
    state
        State before the step.
    """
    shape = state.every.intact.shape
    if shape[0] * shape[1] <= FEW:
        values = step_homes(homes, state.every, settings, services, step_h=step_h, heaters=heaters)
        return CellsStep(state=CellsState(every=values.state), values=values, apart=None)
    turns = asked = None
    if services.cohorts is not None and state.every.turns is not None:
        # what is lost on the way of district heat does not concern them
        of_turns, turns = heat_turns(
            homes, state.every.turns, settings, services, services.cohorts, step_h=step_h, heaters=heaters
        )  # fmt: skip
        asked = asked_in_turns(homes, of_turns, turns, services)
        state = replace(state, every=replace(state.every, turns=of_turns))
        services = replace(services, cohorts=None, broken=None, columns=None)
    before, apart = _parted(homes, state, settings, _troubled(homes, state.every, services, settings, step_h=step_h))
    own = step_own(homes, before, settings, services, step_h=step_h, heaters=heaters)
    if apart is None:
        every = step_district(homes, before, settings, services, step_h=step_h, heaters=heaters)
        values = all_homes(homes, every, own, turns, asked, step_h=step_h)
        return CellsStep(state=CellsState(every=values.state), values=values, apart=None)
    mains = np.array(widened(services.mains, shape))
    mains.reshape(-1)[apart.cells.flat] = 1.0
    calm = replace(services, mains=mains, **HEALTHY)
    every = step_district(homes, before, settings, calm, step_h=step_h, heaters=heaters)
    there = _services_at(services, apart.cells)
    done = step_district(apart.homes, apart.state, apart.settings, there, step_h=step_h, heaters=heaters)
    values = all_homes(homes, _merged(every, done, apart.cells), own, turns, asked, step_h=step_h)
    after = CellsState(every=values.state, apart=replace(apart, state=done.state))
    return CellsStep(state=after, values=values, apart=done)


def _troubled(
    homes: Homes, state: HomesState, services: HeatServices, settings: Settings, *, step_h: float
) -> Bools:  # fmt: skip
    """Return where homes may lose heat in a step, or have help placed, shape ``(member, region)``."""
    powered = np.asarray(services.plant_power + services.backup)
    water = state.filling
    late = (
        np.maximum(water.wet, water.dry) + settings["heat_network_leak_per_h"] * step_h
        >= settings["heat_network_margin"]
    )
    late |= water.empty_share > 0
    stands = powered < 1.0 - WHOLE
    if homes.units is not None:  # the last unit may run on a part of its power
        stands = stands & (powered < homes.units.whole_from - WHOLE)
    trouble = stands | (late & (services.mains < 1.0)) | (services.mobile_mw > 0)
    for name in ("source", "network", "chp", "turbines", "fuel"):
        trouble = trouble | (getattr(services, name) < 1.0)
    return trouble if trouble.shape == state.intact.shape else np.broadcast_to(trouble, state.intact.shape)


def _parted(
    homes: Homes, state: CellsState, settings: Settings, trouble: Bools
) -> tuple[HomesState, Apart | None]:  # fmt: skip
    """Return all cells, and those to compute apart: those in trouble, and those whose homes are not all back."""
    before = state.apart
    if before is None:
        every = state.every
        away = (every.share[1:] > 0).any(axis=0) | (every.given_up > 0)
        chosen = trouble | away
        apart = _gathered(homes, every, settings, chosen) if chosen.any() else None
        return (_calm(homes, every, settings, away) if away.any() else every), apart
    away = (before.state.share[1:] > 0).any(axis=0) | (before.state.given_up > 0)
    stay = np.asarray(away[:, 0] | trouble[before.cells.member, before.cells.region])
    chosen = trouble.copy()
    chosen[before.cells.member, before.cells.region] = stay
    if stay.all() and np.count_nonzero(chosen) == len(stay):
        return state.every, before
    leave = np.flatnonzero(~stay)
    every = _written(state.every, before.state, leave, (before.cells.member[leave], before.cells.region[leave]))
    if not chosen.any():
        return every, None
    made = _gathered(homes, every, settings, chosen)
    place = np.full(trouble.size, -1)
    place[before.cells.flat] = np.arange(len(stay))
    known = place[made.cells.flat]
    into, source = np.flatnonzero(known >= 0), known[known >= 0]
    occupied = np.zeros((len(before.state.share), 1, 1))
    occupied[before.state.occupied] = 1.0
    wide = _written(holding(made.state, occupied), holding(before.state, occupied), source, (into, np.zeros_like(into)))
    return every, replace(made, state=wide)


def _calm(homes: Homes, state: HomesState, settings: Settings, away: Bools) -> HomesState:
    """Return all cells as if the homes of some had never lost heat, for those that are computed apart from now on."""
    members = len(away)
    member, region = np.nonzero(away)
    cohorts = 1 if state.turns is None else 2
    new = warm_start(homes, settings, np.zeros(away.shape[1]), members, cohorts=cohorts)
    share = state.share.copy()
    share[:, away] = new.share[:, away]
    values = replace(new, turns=None)
    return _written(
        holding(replace(state, share=share), share), _every_cell(values), np.flatnonzero(away), (member, region)
    )


def _every_cell(state: HomesState) -> HomesState:
    """Return the homes of all members and regions as cells, arrays of shape ``(…, cell, 1)``."""
    member, region = np.indices(state.intact.shape).reshape(2, -1)
    return _at(state, Cells(member, region, state.intact.shape))


def _longer(mine: _Own, like: _Own, names: Sequence[str], alike: Sequence[int]) -> _Own:
    """Return homes that heat themselves with no fewer rows, or kinds, than others.

    Parameters
    ----------
    mine, like
        Homes, and those others.
    names
        Fields by row.
    alike
        Row whose homes those of each row are like as long as gas has been whole.
    """
    rows: int = max(len(getattr(some, name)) for some in (mine, like) for name in names)
    made: dict[str, Any] = {}
    for name in names:
        values: Floats = getattr(mine, name)
        made[name] = values[[*range(len(values)), *alike[len(values) : rows]]]
    return replace(mine, **made)


def _gathered(homes: Homes, state: HomesState, settings: Settings, chosen: Bools) -> Apart:
    """Return some cells, with the homes that are connected there."""
    member, region = np.nonzero(chosen)
    cells = Cells(member, region, state.intact.shape)
    return Apart(
        cells=cells, state=_at(replace(state, turns=None), cells), homes=_at(homes, cells),
        settings=settings.part(member),
    )  # fmt: skip


def _at(part: _Part, cells: Cells) -> _Part:
    """Return arrays, or what consists of them, at some cells: ``(…, member, region)`` becomes ``(…, cell, 1)``.

    Parameters
    ----------
    part
        Array, or a dataclass of arrays; an axis of members or regions may be 1, a row is one of regions.
    cells
        Cells.
    """
    if isinstance(part, np.ndarray):
        return cast("_Part", _of_cells(part, cells)) if part.ndim else part
    if isinstance(part, Units):
        of_units = {name: getattr(part, name)[cells.member, cells.region][:, None] for name in ("needs", "running")}
        return replace(part, **of_units)
    if is_dataclass(part):
        values: dict[str, Any] = {
            one.name: _at(getattr(part, one.name), cells)
            for one in fields(part) if one.init and one.name != "occupied"
        }  # fmt: skip
        return replace(part, **values)  # type: ignore[type-var]
    return part


def _services_at(services: HeatServices, cells: Cells) -> HeatServices:
    """Return services at some cells, as `_at` does; what all cells have in common stays as it is."""
    values: dict[str, Any] = {name: getattr(services, name) for name in _OF_SERVICES}
    some: dict[str, Any] = {
        name: _of_cells(value, cells) for name, value in values.items() if value is not None and value.ndim
    }
    return replace(services, **some)


def _of_cells(values: Floats, cells: Cells) -> Floats:
    """Return values at some cells, as `_at` does; to take places is quicker than two indices."""
    if values.shape == cells.shape:
        return values.take(cells.flat)[:, None]
    array = values if values.ndim > 1 else values[None]
    rows, columns = array.shape[-2:]
    if rows == columns == 1:
        return values
    if (rows, columns) == cells.shape:
        return array.reshape(*array.shape[:-2], -1).take(cells.flat, axis=-1)[..., None]
    if rows == 1:
        return array[..., 0, :].take(cells.region, axis=-1)[..., None]
    return array[..., 0].take(cells.member, axis=-1)[..., None]


def _written(into: _Part, values: _Part, source: Ints, cells: tuple[Ints, Ints]) -> _Part:
    """Return a state with the values of some cells, those of `OWN` aside.

    States of homes that it has no room for are left out.

    Parameters
    ----------
    into
        State, arrays of shape ``(…, member, region)``.
    values
        State of cells, arrays of shape ``(…, cell, 1)``.
    source
        Positions of cells in it.
    cells
        Member and region of each.
    """
    made: dict[str, Any] = {}
    for one in fields(into):  # type: ignore[arg-type]  # a dataclass
        mine, theirs = getattr(into, one.name), getattr(values, one.name)
        if mine is None or theirs is None:
            continue
        if is_dataclass(mine):
            made[one.name] = _written(mine, theirs, source, cells)
        elif one.name not in {"occupied", *OWN}:
            some = theirs[..., source, 0]
            made[one.name] = mine = np.array(mine)
            mine[(..., *cells)] = some[: len(mine)] if mine.ndim > 2 else some
    return replace(into, **made)  # type: ignore[type-var]


def _merged(every: DistrictStep, done: DistrictStep, cells: Cells) -> DistrictStep:
    """Return the result of all cells with the values of those apart in their place, into which it may be written."""
    if every.together is not None and done.together is not None:
        into = every.together.reshape(len(every.together), -1)
        into[:, cells.flat] = done.together.reshape(len(into), -1)
        return every
    merged: dict[str, Any] = {name: _put(getattr(every, name), getattr(done, name), cells) for name in MERGED}
    return replace(every, together=None, **merged)


def _put(every: Floats, done: Floats, cells: Cells) -> Floats:
    """Return values of all cells with those of cells apart in their place."""
    made = np.array(every, order="C")
    made.reshape(-1, cells.shape[0] * cells.shape[1])[:, cells.flat] = done.reshape(-1, len(cells.flat))
    return made
