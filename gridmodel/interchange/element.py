"""One element of a network - a bus, line, plant, region - with everything attached to it.

It shows what the tables contain, not how much depends on an element: see "What it is not for" in the README.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.errors import InputError, Problem, nearest
from gridmodel.interchange.pandapower_schema import ELEMENTS, SWITCHED
from gridmodel.network.checks import LINKS
from gridmodel.network.describe import describe
from gridmodel.network.grid import load_buses
from gridmodel.network.plain import PlainNet
from gridmodel.network.read import Network
from gridmodel.regions import NAME

SUGGESTED = 3
"""Names suggested for an unknown one. Ours: they fit on one line."""
MOST_CHOICES = 8
"""Elements of one name that are listed. Ours: they fit on one line."""
_PLACES = {"region": "regions", "zone": "zones"}
_ALIASES = {
    "bus": "buses", "line": "lines", "transformer": "transformers", "trafo": "transformers", "generator": "generators",
    "plant": "generators", "interconnector": "interconnectors", "border": "interconnectors", "limit": "limits",
    "heat_system": "heat_systems", "water_system": "water_systems", "archetype": "archetypes",
    "technology": "technologies", **_PLACES,
}  # fmt: skip
"""Words allowed before an id, and the table of ours that they mean."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One row of a network, and the rows that name it or that it names. Ready for JSON; missing values are left out."""

    network: str
    table: str
    id: str
    """Id in a folder of our own tables, number in a network of another program, or name of a region or zone."""
    fields: Row
    """Columns of its row."""
    derived: Row = field(default_factory=dict)
    """Derived values: ratings, demand and capacity of a region. Units are in the names."""
    attached: dict[str, list[Row]] = field(default_factory=dict)
    """Rows of other tables by table, each with `id`."""


def find_element(network: Network | PlainNet, name: str) -> Element:
    """Find an element and what is attached to it.

    Parameters
    ----------
    network
        Checked tables, ours or those of another program.
    name
        Id or name, in any case; with the table before it if several elements have it: `bus/3`,
        `interconnectors/PL-400`.

    Raises
    ------
    InputError
        If the element does not exist, with the nearest names; or if there are several, with their full names.
    """
    book = _own_book(network) if isinstance(network, Network) else _plain_book(network)
    table, label = book.find(name)
    fields = {} if table in book.groups else _row(book.tables[table].loc[label])
    attached = book.group_members(table, label) if table in book.groups else book.attached(table, label)
    return Element(
        network=book.name, table=table, id=str(label), fields=fields,
        derived=book.derive(table, label), attached={key: rows for key, rows in attached.items() if rows},
    )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Book:
    """Tables whose rows are named by their labels, and which columns refer to which table."""

    name: str
    tables: dict[str, pd.DataFrame]
    links: list[tuple[str, str, str]]
    """Table, column, table named."""
    names: dict[str, tuple[str, ...]]
    """Columns that hold names besides the label."""
    groups: dict[str, dict[str, list[tuple[str, Any]]]]
    """Regions and zones without a row of their own: by kind and name, the rows in them."""
    derive: Callable[[str, Any], Row]
    more: Callable[[str, Any, Row], Iterator[tuple[str, Any]]]
    """Rows attached in other ways than by a column that refers to one row."""

    def find(self, name: str) -> tuple[str, Any]:
        """Return the table and label of an element.

        Raises
        ------
        InputError
            If the element does not exist, or there are several.
        """
        wanted = name.strip()
        head, slash, rest = wanted.partition("/")
        table = head if head in self.tables or head in self.groups else _ALIASES.get(head.casefold(), "")
        for fold in (str, str.casefold):
            found = [place for place in self._candidates() if fold(place[2]) == fold(wanted)]
            if slash and not found and (table in self.tables or table in self.groups):
                found = [place for place in self._candidates(table) if fold(place[2]) == fold(rest)]
                found = [place for place in found if str(place[1]) == rest] or found  # a number before a name
            unique = list(dict.fromkeys((place[0], place[1]) for place in found))
            if len(unique) == 1:
                return unique[0]
            if unique:
                choices = ", ".join(f"{table}/{label}" for table, label in unique[:MOST_CHOICES])
                more = " …" if len(unique) > MOST_CHOICES else ""
                message = f"is the name of {len(unique)} elements"
                raise InputError(
                    [Problem(message=message, field="ELEMENT", value=name[:80], hint=f"choose one of {choices}{more}")]
                )
        known = dict.fromkeys(place[2] for place in self._candidates() if not place[2].isdigit())
        hint = nearest(rest if slash and table else wanted, known, most=SUGGESTED)
        raise InputError(
            [Problem(message="is not an element of the network", field="ELEMENT", value=name[:80], hint=hint)]
        )

    def _candidates(self, only: str = "") -> Iterator[tuple[str, Any, str]]:
        """Yield table, label and name of every element, once per name."""
        for table, frame in self.tables.items():
            if only in {"", table}:
                for column in (None, *self.names.get(table, ())):
                    values: Iterable[Any] = frame.index if column is None else frame.get(column, [])
                    yield from ((table, label, str(value)) for label, value in zip(frame.index, values, strict=False)
                                if isinstance(value, str | int | np.integer) and str(value))  # fmt: skip
        for table, groups in self.groups.items():
            if only in {"", table}:
                yield from ((table, label, label) for label in groups)

    def attached(self, table: str, label: Any) -> dict[str, list[Row]]:  # noqa: ANN401 - an id or a number
        """Return the rows that refer to a row, and those that it refers to, by table."""
        found: list[tuple[str, Any]] = []
        row = self.tables[table].loc[label]
        for source, column, target in self.links:
            if source == table and row.get(column) in self.tables[target].index:
                found.append((target, row[column]))
            if target == table and column in self.tables[source]:
                frame = self.tables[source]
                found += [(source, other) for other in frame.index[(frame[column] == label).to_numpy()]]
        found += self.more(table, label, row.to_dict())
        return self._rows(place for place in found if place != (table, label))

    def group_members(self, table: str, label: str) -> dict[str, list[Row]]:
        """Return the rows in a region or zone."""
        return self._rows(self.groups[table][label])

    def _rows(self, places: Any) -> dict[str, list[Row]]:  # noqa: ANN401 - an iterable of table and label
        wanted = set(places)
        return {
            table: [{"id": label.item() if isinstance(label, np.generic) else label, **_row(frame.loc[label])}
                    for label in frame.index if (table, label) in wanted]
            for table, frame in self.tables.items()
        }  # fmt: skip


def _row(row: pd.Series) -> Row:
    """Return the values of a row ready for JSON, without missing and infinite ones."""
    plain = {str(key): value.item() if isinstance(value, np.generic) else value for key, value in row.items()}
    return {key: value for key, value in plain.items() if not _absent(value)}


def _absent(value: object) -> bool:
    return value is None or value is pd.NA or value == "" or (isinstance(value, float) and not math.isfinite(value))


def _own_book(network: Network) -> _Book:
    """Return the book of a folder of our own tables."""
    tables = {
        name: frame.set_index("key" if name == "sources" else "id", drop=True)
        for name, frame in network.tables.items()
        if "id" in frame or name == "sources"
    }
    regions = network.tables["regions"]
    names = tuple(column for column in map(str, regions) if column.startswith(NAME))
    zones = {zone: [("regions", name) for name in regions.loc[regions["zone"] == zone, "id"]]
             for zone in dict.fromkeys(network.zones)}  # fmt: skip
    for zone, members in zones.items():
        members += [("limits", limit) for limit in _limits_on(network, zone, ">")]
    links = [link for link in LINKS if link[2] in tables]
    return _Book(
        name=network.name, tables=tables, links=links, names={"regions": names},
        groups={"zones": zones}, derive=lambda table, label: _derive_own(network, table, label),
        more=lambda table, label, row: _more_own(network, table, label, row),
    )  # fmt: skip


def _limits_on(network: Network, name: str, mark: str) -> list[str]:
    limits = network.tables["limits"]
    members = [str(text).split(mark) for text in limits["members"]]
    return [str(limit) for limit, own in zip(limits["id"], members, strict=True) if name in own]


def _more_own(network: Network, table: str, label: str, row: Row) -> Iterator[tuple[str, Any]]:
    """Yield limits on an element, members of a limit, lines that end in a region, sources of a row."""
    tables = network.tables
    if table in {"regions", "generators", "interconnectors"}:
        yield from (("limits", limit) for limit in _limits_on(network, label, ";"))
    if table == "limits":
        known = {name: kind for kind in ("regions", "generators", "interconnectors") for name in tables[kind]["id"]}
        yield from ((known[name], name) for name in str(row["members"]).split(";") if name in known)
    if table == "regions":
        own = set(tables["buses"].loc[tables["buses"]["region"] == label, "id"])
        lines = tables["lines"]
        ends = lines["from_bus"].isin(own) | lines["to_bus"].isin(own)
        yield from (("lines", name) for name in lines.loc[ends, "id"])
        borders = tables["interconnectors"]
        yield from (("interconnectors", name) for name in borders.loc[borders["bus"].isin(own), "id"])
    known_sources = set(tables["sources"]["key"])
    for key in str(row.get("source", "")).split(";"):
        if key.strip() in known_sources:
            yield "sources", key.strip()


def _derive_own(network: Network, table: str, label: str) -> Row:
    """Return the rating of a branch; demand and capacity of a region or zone; the demand of a bus."""
    if table in _PLACES.values():
        return _derive_place(network, table, label)
    if table not in {"lines", "transformers", "buses"}:
        return {}
    row = network.tables[table].set_index("id").loc[label]
    if table == "buses":
        demand = network.tables["regions"].set_index("id")["reference_demand_mw"]
        feeds_region = row["region"] and load_buses(network)[row["region"]] == label
        return {"need_mw": float(demand[row["region"]])} if feeds_region else {}
    share = row["parallel"] * row["max_loading_percent"] / 100
    if table == "transformers":
        return {"rating_mva": round(row["sn_mva"] * share, 1)}
    kv = float(network.tables["buses"].set_index("id").loc[row["from_bus"], "vn_kv"])
    return {"vn_kv": kv, "rating_mva": round(math.sqrt(3) * kv * row["max_i_ka"] * share, 1)}


def _derive_place(network: Network, table: str, label: str) -> Row:
    facts = describe(network)["by_region"]
    if table == "regions":
        found = {name: facts[label][name] for name in ("capacity_mw", "available_mw", "cover")}
        return {name: value for name, value in found.items() if value is not None}
    own = [name for name, zone in zip(network.regions, network.zones, strict=True) if zone == label]
    names = ("people", "need_mw", "capacity_mw", "available_mw")
    return {name: round(sum(facts[region][name] for region in own), 1) for name in names}


def _plain_book(net: PlainNet) -> _Book:
    """Return the book of a network of another program."""
    tables = dict(net.tables)
    links = [
        (name, column.name, column.refers)
        for name, table in ELEMENTS.items()
        if name in tables
        for column in table.columns
        if column.refers in tables and column.name in tables[name]
    ]
    return _Book(
        name=net.name or net.shown, tables=tables, links=links,
        names=dict.fromkeys(tables, ("name",)), groups=_places(net, links),
        derive=lambda table, label: _derive_plain(net, table, label),
        more=lambda table, label, row: _more_plain(net, table, label, row),
    )  # fmt: skip


def _places(net: PlainNet, links: list[tuple[str, str, str]]) -> dict[str, dict[str, list[tuple[str, Any]]]]:
    """Return the regions, else the zones, of buses, with everything at their buses."""
    bus = net.table("bus")
    column = "region" if "region" in bus else "zone"
    if column not in bus:
        return {}
    found: dict[str, list[tuple[str, Any]]] = {}
    of_bus = {number: str(name) for number, name in bus[column].items() if not _absent(name)}
    for number, name in of_bus.items():
        found.setdefault(name, []).append(("bus", number))
    for table, end, target in links:
        for number, on in net.table(table)[end].items() if target == "bus" and table != "switch" else ():
            if on in of_bus:
                found[of_bus[on]].append((table, number))
    return {f"{column}s": found}


def _more_plain(net: PlainNet, table: str, label: Any, row: Row) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield switches at an element and its costs; the element of a switch or of costs."""
    for name in ("switch", "poly_cost", "pwl_cost"):
        frame = net.table(name)
        if not {"et", "element"} <= set(frame.columns):
            continue
        kinds = frame["et"].astype(str)
        targets = kinds.map(lambda kind: SWITCHED.get(kind, kind)) if name == "switch" else kinds
        here = (targets == table) & (frame["element"] == label)
        yield from ((name, number) for number in frame.index[here.to_numpy()])
    if {"et", "element"} <= set(row):
        kind = str(row["et"])
        target = SWITCHED.get(kind, kind) if table == "switch" else kind
        if row["element"] in net.table(target).index:
            yield target, row["element"]


def _derive_plain(net: PlainNet, table: str, label: Any) -> Row:  # noqa: ANN401
    """Return voltage and rating of a line; demand and capacity of a region or zone."""
    if table in _PLACES.values():
        facts = describe(net)["by_region"][label]
        return {name: facts[name] for name in ("need_mw", "capacity_mw", "available_mw", "cover")
                if facts[name] is not None}  # fmt: skip
    if table != "line":
        return {}
    place = net.table("line").index.get_loc(label)
    kv = float(net.table("bus").loc[net.table("line").loc[label, "from_bus"], "vn_kv"])
    circuit, more, derating = (
        float(net.numbers("line", name, default)[place])
        for name, default in (("max_i_ka", math.nan), ("parallel", 1.0), ("df", 1.0))
    )
    rating = math.sqrt(3) * kv * circuit * more * derating
    return {"vn_kv": kv} | ({"rating_mva": round(rating, 1)} if math.isfinite(rating) else {})
