"""Networks of other programs that run: regions, demand and generators in our tables, branches as they are."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.errors import Problems
from gridmodel.inputs.country import FILE, read_country
from gridmodel.inputs.files import TABLES_BESIDE, Beside, find_series, is_bundled, stays_inside
from gridmodel.inputs.table_schema import Column, Table
from gridmodel.inputs.tables import read_table
from gridmodel.interchange.adapter.plain_tables import build_net
from gridmodel.interchange.adapter.to_arrays import LINK_COST, ForeignGrid, read_foreign
from gridmodel.interchange.geometry import point_of
from gridmodel.interchange.open import read_any
from gridmodel.network.checks import CHARGED
from gridmodel.network.describe import whole_number
from gridmodel.network.electrical import Electrical, LoadPlaces, Ties
from gridmodel.network.plain import PlainNet
from gridmodel.network.read import Network
from gridmodel.network.schema import TABLES
from gridmodel.vocabulary import TECHNOLOGIES

ONE_REGION = "grid"
"""Region of buses that name none."""
SPARE = 1.5
"""Capacity of a connection to the outside grid without a limit, over the demand of the network. [1]
Ours: more than it can ever be asked for."""
OTHER = "other"
"""Technology of generators whose kind is not known."""
UNLIMITED_MW = 1e6
"""Rating that our tables have for a branch without a limit."""
KINDS = {
    "nuclear": ("nuclear", "nuc"),
    "thermal_coal": ("coal", "lignite", "bit", "sub", "lig", "hard coal", "hard_coal", "brown coal"),
    "thermal_gas": ("gas", "ng", "natural gas", "ccgt", "ocgt", "cct", "gt", "oil", "dfo", "rfo"),
    "hydro": ("hydro", "wat", "ror", "run of river", "reservoir", "water"),
    "pumped_storage": ("phs", "pumped hydro", "pumped_hydro"),
    "solar": ("solar", "pv", "sun", "solar-hsat", "solar rooftop"),
    "wind": ("wind", "wnd", "wp", "onwind", "offwind", "offwind-ac", "offwind-dc", "offwind-float"),
    "bioenergy": ("biomass", "biogas", "bio", "waste", "wds"),
    "battery": ("bess", "mwh"),
    "chp": ("chp", "urban central chp"),
}
"""Names of kinds of plant in files of others, by our technology."""
_TECHNOLOGY = {name: ours for ours, names in KINDS.items() for name in names} | {name: name for name in TECHNOLOGIES}
MAPPING = Table(
    name="bus_regions", meaning="Region of each bus", key="bus",
    columns=(Column(name="bus", meaning="Bus by name, or bus/number"), Column(name="region", meaning="Region")),
)  # fmt: skip
"""File that gives the region of each bus."""
FREE_TABLES = ("heat_systems", "water_systems", "archetypes", "limits", "profiles", "sources", "technologies")
"""Tables of a folder beside a file that are taken as they are."""


def foreign_network(path: Path, *, regions: Mapping[str, str] | str | None) -> Network:
    """Return the network of a file or folder that may be of another program.

    Parameters
    ----------
    path, regions
        As of `as_network`.

    Raises
    ------
    InputError
        If it is wrong.

    Warns
    -----
    UserWarning
        Where a part of a file of another program is ignored.
    """
    found, noted = read_any(path)
    if isinstance(found, Network):
        return found
    for problem in noted:
        warnings.warn(str(problem), UserWarning, stacklevel=4)
    return as_network(found, path=path, regions=regions)


def named_regions(regions: str | None, beside: Beside) -> Mapping[str, str] | str | None:
    """Return the regions that a user names: a column, or the content of a CSV file.

    Raises
    ------
    InputError
        If the file is wrong.
    """
    if regions is None or not regions.lower().endswith(".csv"):
        return regions
    path = find_series(regions, "network_regions", beside=beside)
    problems = Problems()
    table = read_table(path, MAPPING, problems, shown=path.name).frame
    problems.raise_if_any()
    return dict(zip(table["bus"].astype(str), table["region"].astype(str), strict=True))


def as_network(plain: PlainNet, *, path: Path, regions: Mapping[str, str] | str | None = None) -> Network:
    """Return a network of another program as one that runs.

    Parameters
    ----------
    plain
        Its tables.
    path
        File or folder that it was read from; a folder of its name with the end `.tables` may add our own tables.
    regions
        Column of buses that names regions, or the region of each bus by `bus/…` or name; by default the table
        `buses` of the folder beside it, else `region`, else `zone`.

    Raises
    ------
    InputError
        With every problem of the tables beside it, or of the network.
    """
    problems = Problems()
    folder = path.with_name(path.stem + TABLES_BESIDE)
    added = _added(folder, problems)
    net = build_net(plain)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        foreign = read_foreign(net)
    of_bus = _regions_of(net, regions, added.get("buses"), problems)
    problems.raise_if_any()
    made = _Made(net, foreign, of_bus)
    tables = made.tables()
    regions_given = added.pop("regions", None)
    added.pop("buses", None)
    if regions_given is not None:
        tables["regions"] = _with_given(tables["regions"], regions_given, folder, problems)
    tables |= {name: frame for name, frame in added.items() if len(frame)}
    country = read_country(folder, problems, shown=f"{folder.name}/{FILE}") if folder.is_dir() else None
    problems.raise_if_any()
    return Network(
        path.name, path, is_bundled(path), tables, country, frozenset(), electrical=made.electrical()
    )  # fmt: skip


def _added(folder: Path, problems: Problems) -> dict[str, pd.DataFrame]:
    """Return the tables of the folder beside a file."""
    found: dict[str, pd.DataFrame] = {}
    if not folder.is_dir() or not stays_inside(folder.parent, folder):
        return found
    for name in (*FREE_TABLES, "regions", "buses"):
        file = folder / f"{name}.csv"
        if file.is_file() and stays_inside(folder, file):
            found[name] = read_table(file, TABLES[name], problems, shown=f"{folder.name}/{file.name}").frame
    return found


def _with_given(made: pd.DataFrame, given: pd.DataFrame, folder: Path, problems: Problems) -> pd.DataFrame:
    """Return regions with everything that a table beside the file says of them; each must be there."""
    missing = [name for name in made["id"] if name not in set(given["id"])]
    for name in missing:
        hint = f"add the row, or move {folder.name} away if it belongs to other regions"
        shown = f"{folder.name}/regions.csv"
        problems.add("is a region of the network, but not a row", table=shown, value=name, hint=hint)
    problems.raise_if_any()
    return given.set_index("id").loc[made["id"]].reset_index()


def _regions_of(
    net: Any,  # noqa: ANN401
    regions: Mapping[str, str] | str | None,
    buses: pd.DataFrame | None,
    problems: Problems,
) -> pd.Series:
    """Return the region of each bus, by its number."""
    frame = net.bus
    if regions is None and buses is not None:
        regions = dict(zip(buses["id"].astype(str), buses["region"].astype(str), strict=True))
    if isinstance(regions, Mapping):
        names = _mapped(frame, regions, problems)
    else:
        column = regions or ("region" if "region" in frame else "zone")
        if column not in frame:
            known = ", ".join(str(name) for name in frame.columns)
            problems.add("is not a column of buses", field="regions", value=column, hint=f"columns are {known}")
            return pd.Series(ONE_REGION, index=frame.index)
        names = ["" if pd.isna(name) else str(name) for name in frame[column]]
    return pd.Series([place_id(name) for name in names], index=frame.index)


def _mapped(frame: pd.DataFrame, regions: Mapping[str, str], problems: Problems) -> list[str]:
    """Return the region of each bus that a table gives by `bus/number` or name, or by number if no name is one.

    A row that names none of the buses is an error; buses that no row names are warned of.
    """
    names, numbers = [str(name) for name in frame["name"]], [str(index) for index in frame.index]
    labels: list[tuple[str, ...]] = [(f"bus/{number}", name) for number, name in zip(numbers, names, strict=True)]
    if not {*names} & {*numbers}:
        labels = [(*pair, number) for pair, number in zip(labels, numbers, strict=True)]
    known = {label for of_bus in labels for label in of_bus}
    for key in sorted(set(regions) - known):
        if not key.startswith("star/"):  # of a transformer with three windings, in tables that scaffold wrote
            hint = f"buses are {', '.join(names[:3])}, …, or bus/ and their number as read"
            problems.add("is not a bus of the network", field="regions", value=key, hint=hint)
    keys = [next((label for label in of_bus if label in regions), None) for of_bus in labels]
    if None in keys:
        left = f"{keys.count(None)} of {len(keys)} buses have no region in the table: they are in {ONE_REGION!r}"
        warnings.warn(left, UserWarning, stacklevel=6)
    return ["" if key is None else str(regions[key]) for key in keys]


def place_id(name: str) -> str:
    """Return a name as the id of a region.

    Examples
    --------
    >>> place_id("North (1)"), place_id(""), place_id("ALL"), place_id("3.0")
    ('North-1', 'grid', 'ALL-1', '3')
    """
    made = re.sub(r"[^\w.]+", "-", whole_number(name)).strip("-.")[:40]
    return "ALL-1" if made == "ALL" else made or ONE_REGION


class _Made:
    """Our tables of a net, and its branches as they are."""

    def __init__(self, net: Any, foreign: ForeignGrid, of_bus: pd.Series) -> None:  # noqa: ANN401
        self._net, self._foreign = net, foreign
        grid = foreign.grid
        self._on = np.flatnonzero(foreign.in_service)
        self._count = grid.buses - 2
        self._first = np.full(grid.buses, -1, dtype=np.intp)
        alive = net.bus.index[net.bus["in_service"].to_numpy(dtype=bool)]
        for index in alive[::-1]:
            self._first[foreign.node[index]] = index
        regions = [of_bus[index] if index >= 0 else "" for index in self._first]
        self._region = _spread_to_stars(regions, grid.branch_from[self._on], grid.branch_to[self._on])
        self.names = [name for name in dict.fromkeys(of_bus[alive]) if name]
        self._place = {name: position for position, name in enumerate(self.names)}

    def _bus(self, node: int) -> str:
        index = self._first[node]
        return f"bus/{index}" if index >= 0 else f"star/{node}"

    def _loads(self) -> pd.DataFrame:
        """Return demand by node: loads, withdrawals and what is fixed. [MW]"""
        grid, need = self._foreign.grid, self._foreign.need_mw.copy()
        lossy = len(self._foreign.standing)
        chosen = slice(0, len(need) - lossy)
        frame = pd.DataFrame({"node": grid.load_bus[chosen], "mw": np.maximum(need[chosen], 0.0)})
        frame = frame[frame["node"] < self._count]
        frame["region"] = [self._region[node] for node in frame["node"]]
        kept = frame[(frame["mw"] > 0) & (frame["region"] != "")]
        summed: pd.DataFrame = kept.groupby(["region", "node"], as_index=False)[["mw"]].sum()
        return summed

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table of the schema."""
        made = {name: table.empty() for name, table in TABLES.items()}
        made["regions"] = frame_of("regions", self._regions())
        made["buses"] = frame_of("buses", self._buses())
        made["lines"] = frame_of("lines", self._lines())
        rows = self._generators()
        made["generators"] = frame_of("generators", rows)
        if any(row["technology"] == OTHER for row in rows):
            made["technologies"] = frame_of("technologies", [{"id": OTHER, "inertia_s": 3.0}])
        flat = [{"profile": "demand", "day_type": "all", "hour": hour, "value": 1.0} for hour in range(24)]
        made["profiles"] = frame_of("profiles", flat)
        made["sources"] = frame_of("sources", [{"key": "FILE", "publisher": str(self._net.name or "network file")}])
        return made

    def _regions(self) -> list[dict[str, Any]]:
        loads = self._loads().groupby("region")["mw"].sum()
        points = {index: point_of(value) for index, value in self._net.bus.get("geo", pd.Series(dtype=object)).items()}
        rows = []
        for name in self.names:
            here = [points.get(index, (np.nan, np.nan)) for node, index in enumerate(self._first)
                    if index >= 0 and self._region[node] == name]  # fmt: skip
            lon, lat = (np.array([point[n] for point in here]) for n in (0, 1))
            on_earth = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
            rows.append({
                "id": name, "name_en": name, "zone": "ZONE", "share_business": 1.0, "reference_temperature_c": 0.0,
                "centre_lat": float(lat[on_earth].mean()) if on_earth.any() else 0.0,
                "centre_lon": float(lon[on_earth].mean()) if on_earth.any() else 0.0,
                "reference_demand_mw": float(loads.get(name, 0.0)),
            })  # fmt: skip
        return rows

    def _buses(self) -> list[dict[str, Any]]:
        kv = self._net.bus["vn_kv"]
        highest = float(kv.max())
        return [
            {"id": self._bus(node), "vn_kv": float(kv.get(self._first[node], highest)), "region": self._region[node]}
            for node in range(self._count)
        ]

    def _lines(self) -> list[dict[str, Any]]:
        grid, foreign = self._foreign.grid, self._foreign
        label = {int(row): name if len(members) == 1 else f"{name} {side}"
                 for name, members in zip(foreign.branches, foreign.rows, strict=True)
                 for row, side in zip(members, ("hv", "mv", "lv"), strict=False)}  # fmt: skip
        kv = self._net.bus["vn_kv"]
        rows = []
        for row in map(int, self._on):
            start, end = int(grid.branch_from[row]), int(grid.branch_to[row])
            volts = float(kv.get(self._first[start], kv.get(self._first[end], kv.max())))
            limit = min(float(grid.rating_mw[row]), UNLIMITED_MW)
            rows.append({
                "id": label.get(row, f"switch/{row}"), "from_bus": self._bus(start), "to_bus": self._bus(end),
                "length_km": 1.0, "x_ohm_per_km": abs(volts**2 / grid.susceptance_mw[row]), "parallel": 1,
                "max_i_ka": limit / (np.sqrt(3) * volts), "max_loading_percent": 100.0,
                "region": self._region[start],
            })  # fmt: skip
        return rows

    def _generators(self) -> list[dict[str, Any]]:
        foreign, grid = self._foreign, self._foreign.grid
        demand = float(np.maximum(foreign.need_mw, 0.0).sum())
        most = np.where(np.isfinite(foreign.most_mw), foreign.most_mw, SPARE * demand)
        first = {int(generator): place for place, generator in reversed(list(enumerate(foreign.piece)))}
        rows = []
        for place, name in enumerate(foreign.generators):
            node = int(grid.generator_bus[first[place]])
            if node >= self._count or most[place] <= 0 or not self._region[node]:
                continue
            pieces = foreign.piece == place
            used = np.clip(most[place] - foreign.piece_start_mw[pieces], 0.0, foreign.piece_width_mw[pieces])
            cost = float((used * foreign.cost[: len(foreign.piece)][pieces]).sum() / most[place])
            technology = technology_of(self._net, name)
            stored = _stored_mwh(self._net, name)
            if technology in CHARGED and not stored > 0:
                message = f"{name}: storage whose energy is not known does not act in a run"
                warnings.warn(message, UserWarning, stacklevel=6)
                continue
            rows.append(self._generator(name, node, float(most[place]), technology, cost) | {"storage_mwh": stored})
        own = len(foreign.piece)
        for place, given in enumerate(
            foreign.available_mw[own : len(foreign.available_mw) - len(foreign.links.labels)]
        ):
            node = int(grid.generator_bus[own + place])
            if node < self._count and given > 0 and self._region[node]:
                rows.append(self._generator(f"injection/{place}", node, float(given), OTHER, 0.0))
        for place, (index, need) in enumerate(zip(foreign.loads, foreign.need_mw, strict=False)):
            node = int(grid.load_bus[place])
            if need < 0 and node < self._count and self._region[node]:
                rows.append(self._generator(f"load/{index}", node, -float(need), OTHER, 0.0))
        return rows

    def _generator(self, name: str, node: int, most: float, technology: str, cost: float) -> dict[str, Any]:
        return {
            "id": name, "region": self._region[node], "bus": self._bus(node), "technology": technology, "units": 1,
            "p_max_mw": most, "p_available_mw": most, "energy_mwh_per_day": np.nan, "storage_mwh": np.nan,
            "efficiency": np.nan, "black_start": True, "grid_forming": True, "cost_eur_per_mwh": max(cost, 0.0),
        }  # fmt: skip

    def electrical(self) -> Electrical:
        """Return branches in service, and where load is."""
        grid, loads = self._foreign.grid, self._loads()
        whole = loads.groupby("region")["mw"].transform("sum")
        region = np.array([self._place[name] for name in loads["region"]], dtype=np.intp)
        bus, share = loads["node"].to_numpy(dtype=np.intp), (loads["mw"] / whole).to_numpy(dtype=float)
        empty = [place for place in range(len(self.names)) if place not in set(region)]
        spare = [
            next(node for node in range(self._count) if self._region[node] == self.names[place]) for place in empty
        ]
        links = self._foreign.links
        most = links.most_mw * links.arrives - links.standing_mw
        kept = np.flatnonzero(most > 0)
        ties = Ties(
            start=links.start[kept], end=links.end[kept], arrives=most[kept] / links.most_mw[kept], most_mw=most[kept],
            cost=links.cost[kept] / links.arrives[kept] + LINK_COST,
        )  # fmt: skip
        return Electrical(
            ties=ties if len(kept) else None,
            susceptance_mw=grid.susceptance_mw[self._on], shift_rad=grid.shift_rad[self._on],
            rating_mw=grid.rating_mw[self._on],
            places=LoadPlaces(
                region=np.append(region, empty).astype(np.intp), bus=np.append(bus, spare).astype(np.intp),
                share=np.append(share, np.ones(len(empty))),
            ),
        )  # fmt: skip


def _stored_mwh(net: Any, label: str) -> float:  # noqa: ANN401
    """Return the energy that storage holds when full, NaN for anything else. [MWh]"""
    table, index = label.split("/")
    if table != "storage" or "max_e_mwh" not in net.storage:
        return float("nan")
    row = net.storage.loc[int(index)]
    least = float(row.get("min_e_mwh", 0.0))
    return float(row["max_e_mwh"]) - (least if np.isfinite(least) else 0.0)


def technology_of(net: Any, label: str) -> str:  # noqa: ANN401
    """Return our technology of a generator, from its column `technology`, `carrier`, `genfuel` or `type`."""
    table, index = label.split("/")
    frame = net[table]
    if table == "storage":
        return "battery"
    for column in ("technology", "carrier", "genfuel", "type"):
        if column in frame:
            said = frame[column].loc[int(index)]
            found = _TECHNOLOGY.get(str(said).strip().lower()) if isinstance(said, str) else None
            if found is not None:
                return found
    return OTHER


def _spread_to_stars(regions: Sequence[str], start: Any, end: Any) -> list[str]:  # noqa: ANN401
    """Return regions of nodes; one between three windings is in that of a bus next to it."""
    found = list(regions)
    for a, b in zip(start, end, strict=True):
        for here, there in ((a, b), (b, a)):
            if not found[here] and found[there]:
                found[here] = found[there]
    return found


def frame_of(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows in the types of a table; a number that is left out is 0, a text empty."""
    table: Table = TABLES[name]
    pattern = table.empty()
    made: dict[str, Any] = {}
    for column in pattern.columns:
        kind = pattern[column].dtype
        default: Any = {"f": 0.0, "i": 0, "b": False}.get(kind.kind, "")
        values = [row.get(column, {"source": "FILE", "confidence": "assumed"}.get(column, default)) for row in rows]
        made[column] = pd.Series(values, dtype=kind)
    return pd.DataFrame(made)
