"""The grid as arrays, as dispatch takes them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.network.electrical import LoadPlaces, Ties
from gridmodel.network.read import Network
from gridmodel.vocabulary import GAS_FIRED, TECHNOLOGIES, TIERS

SHED_COST_EUR_PER_MWH = {"critical": 10_000.0, "household": 3_000.0, "business": 3_000.0, "industry": 3_000.0}
"""Cost of energy not served by tier. [EUR/MWh] [B] Only order and equality matter: tiers of equal cost share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLinks:
    """Links, such as direct-current lines: generators at the bus that receives, which draw at the one that sends."""

    generator: Ints
    """Position of each among the generators, whose output is what arrives, shape ``(link,)``."""
    start: Ints
    """Bus that sends, shape ``(link,)``."""
    arrives: Floats
    """Share of what is sent that arrives, shape ``(link,)``. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Buses, branches, generators, loads and limits as arrays.

    Branch flow in MW is ``susceptance_mw * (angle[from] - angle[to] - shift_rad)``; angles are in radians.
    """

    buses: int
    """Number of buses."""
    branch_from: Ints
    """Bus of each branch, shape ``(branch,)``."""
    branch_to: Ints
    susceptance_mw: Floats
    """Susceptance on a base of 1 MW, shape ``(branch,)``. [MW/rad]"""
    shift_rad: Floats
    """Phase shift, shape ``(branch,)``. [rad]"""
    rating_mw: Floats
    """Limit of flow in either direction, shape ``(branch,)``; infinite if unlimited. [MW]"""
    generator_bus: Ints
    """Bus of each generator and interconnector, shape ``(generator,)``."""
    generator_cost: Floats
    """Cost, shape ``(generator,)``. [EUR/MWh]"""
    load_bus: Ints
    """Bus of each load, shape ``(load,)``."""
    load_cost: Floats
    """Cost of shedding, shape ``(load,)``; loads of equal cost share. [EUR/MWh]"""
    load_region: Ints
    """Region of each load, shape ``(load,)``."""
    regions: int
    """Number of regions; `delivery` limits are per region."""
    groups: tuple[tuple[Ints, float], ...] = ()
    """Generators whose sum is limited, and the limit. [MW]"""
    stand_ins: int = 0
    """Number of generators at the end that represent loads which may be negative: sources only while they feed in."""
    transfers: tuple[tuple[Ints, Floats, float], ...] = ()
    """Branches whose sum of signed flows is limited, their signs, and the limit. [MW]"""
    places: LoadPlaces | None = None
    """Buses over which the demand of regions is spread; None where all of a load is at its bus."""
    spread: Bools | None = None
    """True for loads that are spread over the places of their region, shape ``(load,)``."""
    ties: Ties | None = None
    """Links that `Dispatcher` adds to the generators, so that nothing else counts them as such."""
    links: GridLinks | None = None
    """Links between buses, if there are any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridIndex:
    """Meaning of the positions in a `Grid` that was made of a network folder."""

    generators: list[str]
    """Ids: generators, then interconnectors."""
    technology: Ints
    """Position in `technologies` of each generator, -1 for an interconnector, shape ``(generator,)``."""
    generator_region: Ints
    """Position of each generator's region, -1 for an interconnector, shape ``(generator,)``."""
    branches: list[str]
    """Ids: lines, then transformers."""
    branch_region: Ints
    """Regions of both ends of each branch, -1 at a border, shape ``(branch, 2)``."""
    region_bus: Ints
    """Bus that each region's loads hang on, shape ``(region,)``."""
    load_tier: Ints
    """Position in `TIERS` of each load, shape ``(load,)``; loads run region by region, tier by tier."""
    delivery_mw: Floats
    """`delivery` limit of each region, infinite if unlimited, shape ``(region,)``. [MW]"""
    groups: list[str]
    """Id of each group limit."""
    import_group: int
    """Position of the limit over all interconnectors, -1 without interconnectors."""
    charges: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    """Positions among generators of limited energy of those with a load for charging, at the end of the loads."""
    technologies: tuple[str, ...] = TECHNOLOGIES
    """Technologies: those of the vocabulary, then those that the network lists."""
    gas_fired: tuple[str, ...] = GAS_FIRED
    """Those that a `fuel` limit reaches."""

    @property
    def burns_gas(self) -> Bools:
        """True for generators that a `fuel` limit reaches, shape ``(generator,)``."""
        return np.isin(self.technology, [self.technologies.index(name) for name in self.gas_fired])


def build_grid(network: Network) -> tuple[Grid, GridIndex]:
    """Return a network folder as arrays, with loads per region and tier at the region's load bus.

    The load bus of a region is its bus of the lowest voltage that is at least 300 kV, else its highest bus.
    """
    tables = network.tables
    bus = {name: position for position, name in enumerate(tables["buses"]["id"])}
    region = {name: position for position, name in enumerate(network.regions)} | {"": -1}
    bus_region = np.array([region[name] for name in tables["buses"]["region"]], dtype=np.intp)
    lines, transformers = tables["lines"], tables["transformers"]
    voltage = tables["buses"].set_index("id")["vn_kv"]
    line_kv = voltage.reindex(lines["from_bus"]).to_numpy(dtype=float)
    line_x = (lines["x_ohm_per_km"] * lines["length_km"] / lines["parallel"]).to_numpy(dtype=float)
    hv_kv = voltage.reindex(transformers["hv_bus"]).to_numpy(dtype=float)
    lv_kv = voltage.reindex(transformers["lv_bus"]).to_numpy(dtype=float)
    branch_from = _positions(bus, [*lines["from_bus"], *transformers["hv_bus"]])
    branch_to = _positions(bus, [*lines["to_bus"], *transformers["lv_bus"]])
    line_rating = np.sqrt(3) * line_kv * (lines["max_i_ka"] * lines["parallel"]).to_numpy(dtype=float)
    unit_rating = (transformers["sn_mva"] * transformers["parallel"]).to_numpy(dtype=float)
    limit = np.concatenate([lines["max_loading_percent"], transformers["max_loading_percent"]]).astype(float)
    generators, borders = tables["generators"], tables["interconnectors"]
    feeding = load_buses(network)
    at = [feeding[name] for name in network.regions]
    tiers, count = len(TIERS), len(network.regions)
    ids = [*generators["id"], *borders["id"]]
    group_ids, groups, import_group = _groups(network, ids, len(generators))
    as_it_is = network.electrical
    region_bus = _positions(bus, at) if as_it_is is None else _main_places(as_it_is.places, count)
    susceptance_mw = (
        np.concatenate([line_kv**2 / line_x, _transformer_mw(network, hv_kv, lv_kv)])
        if as_it_is is None else as_it_is.susceptance_mw
    )  # fmt: skip
    rating_mw = np.concatenate([line_rating, unit_rating]) * limit / 100 if as_it_is is None else as_it_is.rating_mw
    grid = Grid(
        buses=len(bus),
        branch_from=branch_from,
        branch_to=branch_to,
        susceptance_mw=susceptance_mw,
        shift_rad=np.zeros(len(branch_from)) if as_it_is is None else as_it_is.shift_rad,
        rating_mw=rating_mw,
        generator_bus=_positions(bus, [*generators["bus"], *borders["bus"]]),
        generator_cost=np.concatenate([generators["cost_eur_per_mwh"], borders["cost_eur_per_mwh"]]).astype(float),
        load_bus=np.repeat(region_bus, tiers),
        load_cost=np.tile([SHED_COST_EUR_PER_MWH[tier] for tier in TIERS], count),
        load_region=np.repeat(np.arange(count), tiers),
        regions=count,
        groups=groups,
        transfers=_transfers(network, branch_from, branch_to, bus_region),
        places=None if as_it_is is None else as_it_is.places,
        spread=None if as_it_is is None else np.ones(count * tiers, dtype=bool),
        ties=None if as_it_is is None else as_it_is.ties,
    )
    technology = [network.technologies.index(name) for name in generators["technology"]]
    index = GridIndex(
        generators=ids,
        technology=np.array([*technology, *[-1] * len(borders)], dtype=np.intp),
        generator_region=np.array(
            [*(region[name] for name in generators["region"]), *[-1] * len(borders)], dtype=np.intp
        ),
        branches=[*lines["id"], *transformers["id"]],
        branch_region=np.column_stack([bus_region[branch_from], bus_region[branch_to]]),
        region_bus=region_bus,
        load_tier=np.tile(np.arange(tiers), count),
        delivery_mw=_delivery(network, region),
        groups=group_ids,
        import_group=import_group,
        technologies=network.technologies,
        gas_fired=network.gas_fired,
    )
    return grid, index


def with_charging(
    grid: Grid, index: GridIndex, limited: Ints, charges: npt.NDArray[np.bool_], *, cutting: bool = False
) -> tuple[Grid, GridIndex]:
    """Return the grid with a load for each generator that takes its energy from the grid.

    It is the first to be shed, or with `cutting` the last but for critical consumers.

    Parameters
    ----------
    limited
        Positions of generators with limited energy.
    charges
        True for those of them that charge, shape ``(limited,)``.
    """
    which = np.flatnonzero(charges)
    plants = limited[which]
    first, last = float(grid.load_cost.min()), float(grid.load_cost.max())
    worth = (first + (last if cutting else float(grid.generator_cost.max()))) / 2
    loaded = replace(
        grid,
        load_bus=np.append(grid.load_bus, grid.generator_bus[plants]),
        load_cost=np.append(grid.load_cost, np.full(len(plants), worth)),
        load_region=np.append(grid.load_region, index.generator_region[plants]),
        spread=None if grid.spread is None else np.append(grid.spread, np.zeros(len(plants), dtype=bool)),
    )
    return loaded, replace(index, charges=which)


def with_kept(grid: Grid, index: GridIndex) -> Grid:
    """Return the grid with a load in each region for consumers outside the queues, after those of its tiers.

    They are shed before critical consumers, and after all others.
    """
    tiers, first, last = len(TIERS), float(grid.load_cost.min()), float(grid.load_cost.max())
    between = first + 0.75 * (last - first)
    return replace(
        grid,
        load_bus=np.append(grid.load_bus, index.region_bus),
        load_cost=np.append(grid.load_cost, np.full(grid.regions, between)),
        load_region=np.append(grid.load_region, grid.load_region[::tiers]),
        spread=None if grid.spread is None else np.append(grid.spread, np.ones(grid.regions, dtype=bool)),
    )


def _main_places(places: LoadPlaces, regions: int) -> Ints:
    """Return the bus with most of the load of each region, shape ``(region,)``."""
    chosen = np.zeros(regions, dtype=np.intp)
    order = np.argsort(places.share, kind="stable")
    chosen[places.region[order]] = places.bus[order]
    return chosen


def load_buses(network: Network) -> dict[str, str]:
    """Return the bus of each region's loads: the lowest voltage from 300 kV up, else the highest."""
    buses = network.tables["buses"].sort_values("vn_kv", kind="stable")
    highest = buses.drop_duplicates("region", keep="last").set_index("region")["id"]
    backbone = buses[buses["vn_kv"] >= 300].drop_duplicates("region").set_index("region")["id"]
    return {str(region): str(bus) for by_region in (highest, backbone) for region, bus in by_region.items()}


def _positions(index: dict[str, int], names: list[str]) -> Ints:
    return np.array([index[name] for name in names], dtype=np.intp)


def _transformer_mw(network: Network, hv_kv: Floats, lv_kv: Floats) -> Floats:
    """Return the susceptance of transformers as in pandapower's DC flow: 1 / (x · tap). [MW/rad]"""
    table = network.tables["transformers"]
    column = {name: table[name].to_numpy(dtype=float) for name in table.columns if table[name].dtype != object}
    reactance = np.sqrt(column["vk_percent"] ** 2 - column["vkr_percent"] ** 2) / 100
    x_per_mw = reactance / (column["sn_mva"] * column["parallel"]) * (column["vn_lv_kv"] / lv_kv) ** 2
    ratio = (column["vn_hv_kv"] / column["vn_lv_kv"]) / (hv_kv / lv_kv)
    return np.asarray(1 / (x_per_mw * ratio))


def _delivery(network: Network, region: dict[str, int]) -> Floats:
    limits = network.tables["limits"]
    delivery = np.full(len(network.regions), np.inf)
    for member, limit_mw in limits[limits["kind"] == "delivery"][["members", "limit_mw"]].itertuples(index=False):
        delivery[region[member]] = min(delivery[region[member]], limit_mw)
    return delivery


def _groups(network: Network, ids: list[str], generators: int) -> tuple[list[str], tuple[tuple[Ints, float], ...], int]:
    """Return group limits, with one over all interconnectors added if the tables lack it."""
    limits = network.tables["limits"]
    rows = limits[limits["kind"] == "group"]
    position = {name: place for place, name in enumerate(ids)}
    names = [str(name) for name in rows["id"]]
    groups = [
        (_positions(position, members.split(";")), float(limit))
        for members, limit in rows[["members", "limit_mw"]].itertuples(index=False)
    ]
    borders = np.arange(generators, len(ids), dtype=np.intp)
    for place, (members, _) in enumerate(groups):
        if len(borders) and np.array_equal(np.sort(members), borders):
            return names, tuple(groups), place
    if not len(borders):
        return names, tuple(groups), -1
    return [*names, "import"], (*groups, (borders, np.inf)), len(groups)


def _transfers(
    network: Network, branch_from: Ints, branch_to: Ints, bus_region: Ints
) -> tuple[tuple[Ints, Floats, float], ...]:
    limits = network.tables["limits"]
    zones = np.array([*network.zones, ""], dtype=object)  # the last place, -1, is a border
    start, end = zones[bus_region[branch_from]], zones[bus_region[branch_to]]
    found = []
    for members, limit in limits[limits["kind"] == "transfer"][["members", "limit_mw"]].itertuples(index=False):
        source, target = members.split(">")
        forward = (start == source) & (end == target)
        backward = (start == target) & (end == source)
        branches = np.flatnonzero(forward | backward)
        found.append((branches, np.where(forward[branches], 1.0, -1.0), float(limit)))
    return tuple(found)
