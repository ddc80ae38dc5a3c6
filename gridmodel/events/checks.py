"""Check the target of an event and the numbers that it gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gridmodel.errors import Problems, nearest
from gridmodel.events.kinds import KINDS, kinds_for
from gridmodel.events.profiles import PROFILES
from gridmodel.events.schema import COMPONENTS, USED
from gridmodel.inputs.country import FILE
from gridmodel.inputs.technologies import may_be_own
from gridmodel.network import Network
from gridmodel.regions import folded
from gridmodel.vocabulary import CLASSES
from gridmodel.vocabulary import event_class as class_row

BUNDLED_TARGETS = (
    "names a single component of a bundled network; events there name classes in a region, a zone or the country, "
    "because this tool protects people and does not point at single assets"
)
"""Why a component of a bundled network is refused as a target."""


@dataclass(frozen=True, slots=True)
class Named:
    """The target of an event, looked up in the network."""

    regions: list[int]
    """Positions of its regions."""
    national: bool
    """True if it is the whole country."""
    event_class: str
    """Key of `EVENT_CLASSES`; empty if the target is a place alone."""
    component: str = ""
    """Id of a single component; empty if the target is a place and a class."""


def class_of(cell: str, own: Collection[str] | None = ()) -> str | None:
    """Return the class that a target names, whatever its place; None if it is not known.

    Parameters
    ----------
    cell
        The target.
    own
        Technologies that the network lists; None if they are not known.

    Examples
    --------
    >>> class_of("UA-30/delivery"), class_of("line:a-b"), class_of("UA-30/delivry")
    ('delivery', 'branch', None)
    """
    prefix, colon, _ = cell.partition(":")
    if colon and prefix in COMPONENTS:
        return COMPONENTS[prefix][0]
    what = cell.rpartition("/")[2]
    return what if is_class(what, own) and "/" in cell else None


MEANT = {
    "thermal": ("thermal_coal", "thermal_gas"), "coal": ("thermal_coal",), "gas": ("thermal_gas", "fuel"),
    "plant": ("generation",), "power_plant": ("generation",), "dam": ("hydro",), "substation": ("transfer", "delivery"),
    "transformer": ("transfer", "delivery"), "line": ("transfer",), "grid": ("transfer", "delivery"),
    "boiler": ("heat_source",), "heat": ("heat_source", "heat_network"), "heating": ("heat_source", "heat_network"),
    "water": ("water_pumping",), "pump": ("water_pumping",), "waterwork": ("water_pumping",), "sewage": ("wastewater",),
}  # fmt: skip
"""Classes that people mean by other words, without the s of a plural."""


def is_class(what: str, own: Collection[str] | None) -> bool:
    """Return whether events can hit a class: any that may be one where a network's own technologies are not known."""
    return what in CLASSES or may_be_own(what, own, CLASSES)


def read_target(
    cell: str, network: Network | None, problems: Problems, row: Mapping[str, Any], *, own: Collection[str] | None = ()
) -> Named | None:  # fmt: skip
    """Look up the target of an event.

    Parameters
    ----------
    cell
        A place and a class, or a component: ``UA-30/delivery``, ``line:a-b``.
    network
        Network in which it is looked up; if it has errors, its tables without any count. None if its regions are not
        known.
    problems
        Receives what is wrong with it.
    row
        Table and line of the event, for problems.
    own
        Technologies that the network lists; None if they are not known.

    Returns
    -------
    Named or None
        None if the cell is wrong or empty, or without a network to look it up in.
    """
    at = {**row, "field": "target"}
    if cell.partition(":")[0] in COMPONENTS and ":" in cell:
        return None if network is None else _component(cell, network, problems, at)
    where, slash, what = cell.rpartition("/")
    if not slash:
        if cell:
            problems.add("must be place/class, e.g. UA-30/delivery", **at, value=cell)
            if network is not None and not is_class(cell, own):
                _regions(cell, network, problems, at)
        return None
    before = len(problems.found)
    regions = [] if network is None else _regions(where, network, problems, at)
    if not is_class(what, own):
        known = [*CLASSES, *(own or ())]
        meant = MEANT.get(what.casefold().removesuffix("s"), ())
        hint = f"write {' or '.join(meant)}" if meant else nearest(what, known) or f"known: {', '.join(known)}"
        problems.add("is not a class that events can hit", **at, value=what, hint=hint)
    elif network is not None and regions and not _selects(what, regions, network):
        problems.add("selects nothing in this network", **at, value=f"{where}/{what}")
    if network is None or not regions or len(problems.found) > before:
        return None
    return Named(regions, len(regions) == len(network.regions), what)


def read_place(
    cell: str, profile: str, network: Network | None, problems: Problems, row: Mapping[str, Any]
) -> Named | None:  # fmt: skip
    """Look up the target of an event that names a place alone.

    Parameters
    ----------
    cell
        A region, a zone or the country.
    profile
        Key of `PROFILES`; nothing is asked of the place if it is none.
    network, problems, row
        As in `read_target`.

    Returns
    -------
    Named or None
        None if the cell is wrong or empty, or without a network to look it up in.
    """
    at = {**row, "field": "target"}
    if "/" in cell or ":" in cell:
        where = cell.rpartition("/")[0]
        message = "must be a place alone: the profile of a wave says which classes are hit"
        problems.add(message, **at, value=cell, hint=f"write {where}" if where else "")
        return None
    if not cell or network is None:
        return None
    regions = _regions(cell, network, problems, at)
    classes = PROFILES[profile].shares if profile in PROFILES else {}
    if regions and classes and not any(_selects(what, regions, network) for what in classes):
        problems.add(f"has none of the classes of profile {profile}", **at, value=cell)
        return None
    return Named(regions, len(regions) == len(network.regions), "") if regions else None


def _regions(where: str, network: Network, problems: Problems, at: Mapping[str, Any]) -> list[int]:
    """Return the positions of the regions of a place; none, and a problem noted, if it is unknown."""
    regions = regions_at(where, network)
    if not regions and not (FILE in network.broken and network.about is None):  # it may be the name of the country
        known = [*dict.fromkeys(network.zones), *filter(None, [network.country])]
        message = "is not a region, zone or country of this network"
        hints = [nearest(where, known), network.places.hint(where)]
        near = [hint for hint in hints if hint.startswith("nearest")]
        problems.add(message, **at, value=where, hint=next(iter(near or hints)))
    return regions


def _component(cell: str, network: Network, problems: Problems, at: Mapping[str, Any]) -> Named | None:
    """Look up a single component of a user's own network."""
    prefix, _, component = cell.partition(":")
    if network.bundled:
        problems.add(BUNDLED_TARGETS, **at, value=cell)
        return None
    event_class, table = COMPONENTS[prefix]
    known = list(network.tables[table]["id"])
    if component not in known:
        if table not in network.broken:
            problems.add(f"is not in {table}.csv", **at, value=component, hint=nearest(component, known))
        return None
    region = str(network.tables[table].set_index("id")["region"][component]) if table not in network.broken else ""
    return Named([network.regions.index(region)] if region else [], False, event_class, component)


def regions_at(where: str, network: Network) -> list[int]:
    """Return the positions of the regions of a place, empty if it is unknown.

    Parameters
    ----------
    where
        Id of a region, a zone or the country (`ALL` too); or the name of a region in any language of the network, or
        any of these in any case.
    network
        Network in which it is looked up.
    """
    if where in network.regions:
        return [network.regions.index(where)]
    zones = network.zones
    if where in zones:
        return [position for position, zone in enumerate(zones) if zone == where]
    if where and where in {network.country, "ALL"}:
        return list(range(len(zones)))
    return _named_place(where, network)


def _named_place(where: str, network: Network) -> list[int]:
    """Return the positions of the regions of a place by its name in any language, and in any case; empty if unknown."""
    from gridmodel.weather.place_names import PlaceNames

    if not where.strip():
        return []
    wanted, zones = folded(where), network.zones
    alike = {zone for zone in zones if folded(zone) == wanted}
    if len(alike) == 1:
        return [position for position, zone in enumerate(zones) if zone in alike]
    if wanted in {folded(network.country), "all"}:
        return list(range(len(zones)))
    region = PlaceNames(network.places).find(where)
    return [] if region is None else [network.regions.index(region)]


def _selects(what: str, regions: list[int], network: Network) -> bool:
    """Return whether some regions have anything of a class."""
    row = class_row(what)
    names = {network.regions[position] for position in regions}
    if row.place == "corridor":
        return _has_corridor(names, network)
    if not row.table or row.table in network.broken:
        return True
    table = network.tables[row.table]
    if row.place == "border":
        return len(table) > 0 and len(regions) == len(network.regions)
    found = table["id" if row.table == "regions" else "region"].isin(names)
    if row.technologies:
        found &= table["technology"].isin(row.technologies)
    if row.capacity:
        found &= table[row.capacity] > 0 if row.capacity in table else False
    return bool(found.any())


def _has_corridor(names: set[str], network: Network) -> bool:
    """Return whether a branch leaves one of some regions; true if the tables that say it have errors."""
    if network.broken & {"buses", "lines", "transformers"}:
        return True
    region = dict(zip(network.tables["buses"]["id"], network.tables["buses"]["region"], strict=True))
    for table, ends in (("lines", ("from_bus", "to_bus")), ("transformers", ("hv_bus", "lv_bus"))):
        for start, end in network.tables[table][[*ends]].itertuples(index=False):
            if region[start] != region[end] and {region[start], region[end]} & names:
                return True
    return False


def check_numbers(
    row: Mapping[Any, Any], event_class: str | None, problems: Problems, at: Mapping[str, Any], *,
    wrong: Collection[str] = (),
) -> None:  # fmt: skip
    """Check that a row gives the numbers that its kind needs and no others, and that the kind applies to its class.

    Parameters
    ----------
    row
        Cells by column; an empty number is NaN.
    event_class
        Class of its target; None if it is not known.
    problems
        Receives what is wrong.
    at
        Table and line of the event, for problems.
    wrong
        Columns with a value that could not be read, which is reported already.
    """
    name = str(row["kind"])
    kind = KINDS[name]
    given = {column for column in USED if column in wrong or _is_given(row[column])}
    for column in sorted(set(kind.needs) - given):
        problems.add(f"is required by kind {name}", **at, field=column)
    for column in sorted(given - set(kind.columns)):
        problems.add(f"is not used by kind {name}; leave it empty", **at, field=column, value=row[column])
    if kind.one_of and len(given & set(kind.one_of)) != 1:
        message = f"kind {name} takes exactly one of {', '.join(kind.one_of)}"
        problems.add(message, **at, field=next(iter(kind.one_of)))
    if event_class is None:
        return
    if "value" in given and "value" in kind.columns and not class_row(event_class).in_mw:
        problems.add(f"cannot be given for {event_class}; give share", **at, field="value", value=row["value"])
    allowed = kinds_for(event_class)
    if name not in allowed:
        message = f"does not apply to {event_class}, which takes {', '.join(sorted(allowed))}"
        problems.add(message, **at, field="kind", value=name)


def _is_given(cell: object) -> bool:
    """Return whether a cell is not empty."""
    return not np.isnan(cell) if isinstance(cell, float) else cell != ""
