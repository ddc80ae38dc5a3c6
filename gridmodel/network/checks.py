"""Checks of the tables of a network folder against each other: names that point nowhere, sums, gaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from gridmodel.errors import Problems, nearest
from gridmodel.inputs.tables import Rows
from gridmodel.network.schema import ARCHETYPE, SHARE
from gridmodel.regions import NAME, Country
from gridmodel.vocabulary import MOST_OWN_TECHNOLOGIES, NOT_OWN, OWN_ARCHETYPE, OWN_HEAT, TECHNOLOGIES, TIERS

SHARE_TOLERANCE = 1e-6
"""How far shares may be from summing to 1. Ours: rounding of six decimals."""
CHARGED = ("battery", "pumped_storage")
"""Technologies whose energy comes from the grid."""
HOLDING = ("hydro", *CHARGED)
"""Technologies that hold a store, beside those that the network lists."""
LEAST_EFFICIENCY = 0.1
"""Least round-trip efficiency of storage. [1] Ours: below any that is built, as of `battery_efficiency`."""
OWN_ROW = "give a store beside it a row of its own; what limits its energy goes into energy_mwh_per_day"
"""Advice about a store of a technology that holds none."""
MEMBERS = {"delivery": "region", "transfer": "zone", "group": "generator or interconnector"}
"""Members of each kind of limit, in words."""
LINKS = (
    ("buses", "region", "regions"),
    ("lines", "from_bus", "buses"),
    ("lines", "to_bus", "buses"),
    ("lines", "region", "regions"),
    ("transformers", "hv_bus", "buses"),
    ("transformers", "lv_bus", "buses"),
    ("transformers", "region", "regions"),
    ("generators", "region", "regions"),
    ("generators", "bus", "buses"),
    ("generators", "profile", "profiles"),
    ("interconnectors", "bus", "buses"),
    ("heat_systems", "region", "regions"),
    ("water_systems", "region", "regions"),
)
"""Columns that name rows of another table: table, column, table named."""


def unread(rows: Mapping[str, Rows], problems: Problems, *, folder: str) -> set[str]:
    """Return the tables of which no row could be read, as was noted: what they would name is not known.

    Parameters as of `check_tables`.
    """
    wrong = {problem.table for problem in problems.found if problem.severity == "error"}
    return {table for table, read in rows.items() if not len(read.frame) and f"{folder}/{table}.csv" in wrong}


def check_tables(rows: Mapping[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note names that point nowhere, shares that do not sum to one, profiles with holes.

    Parameters
    ----------
    rows
        Tables of a folder by name, as read; cells that could not be read are missing.
    problems
        Collects what is wrong.
    folder
        Name of the folder in messages.
    """
    known = {table: set(read.frame["id"]) for table, read in rows.items() if "id" in read.frame}
    known["profiles"] = set(rows["profiles"].frame["profile"])
    known["sources"] = set(rows["sources"].frame["key"])
    unknown = unread(rows, problems, folder=folder)
    for table, column, target in LINKS:
        if target not in unknown:
            _check_link(rows[table], column, known[target], problems, shown=f"{folder}/{table}.csv", target=target)
    for table, read in rows.items():
        if "source" in read.frame and "sources" not in unknown:
            _check_sources(read, known["sources"], problems, shown=f"{folder}/{table}.csv")
    _check_limits(rows, unknown, problems, shown=f"{folder}/limits.csv")
    _check_names(rows, problems, folder=folder)
    _check_shares(rows, problems, folder=folder)
    _check_lines(rows, problems, folder=folder)
    _check_time_constants(rows["archetypes"], problems, shown=f"{folder}/archetypes.csv")
    _check_once_per_region(rows, problems, folder=folder)
    _check_covered(rows, unknown, problems, folder=folder)
    _check_technologies(rows, problems, folder=folder)
    _check_storage(rows, problems, shown=f"{folder}/generators.csv")
    if "profiles" not in unknown:
        _check_profiles(rows["profiles"], problems, shown=f"{folder}/profiles.csv")


def _check_link(rows: Rows, column: str, known: Iterable[str], problems: Problems, *, shown: str, target: str) -> None:
    names = set(known)
    for value, line in zip(rows.frame[column], rows.lines, strict=True):
        if value and value not in names:
            hint = nearest(str(value), names)
            problems.add(f"is not in {target}.csv", table=shown, row=line, field=column, value=value, hint=hint)


def _check_sources(rows: Rows, known: set[str], problems: Problems, *, shown: str) -> None:
    for value, line in zip(rows.frame["source"], rows.lines, strict=True):
        for key in filter(None, (part.strip() for part in str(value).split(";"))):
            if key not in known:
                hint = nearest(key, known)
                problems.add("is not in sources.csv", table=shown, row=line, field="source", value=key, hint=hint)


_NAMED_BY_LIMITS = {"delivery": {"regions"}, "group": {"generators", "interconnectors"}, "transfer": {"regions"}}
"""Tables that each kind of limit names."""


def _check_limits(rows: Mapping[str, Rows], unknown: set[str], problems: Problems, *, shown: str) -> None:
    limits = rows["limits"]
    regions = rows["regions"].frame
    elements = {*rows["generators"].frame["id"], *rows["interconnectors"].frame["id"]}
    known = {"delivery": set(regions["id"]), "group": elements, "transfer": set(regions["zone"])}
    for kind, members, line in zip(limits.frame["kind"], limits.frame["members"], limits.lines, strict=True):
        if kind not in known:
            continue
        parts = str(members).split({"transfer": ">", "delivery": "\n"}.get(kind, ";"))
        message = f"is not a {MEMBERS[kind]}"
        for part in parts if not _NAMED_BY_LIMITS[kind] & unknown else ():
            if part not in known[kind]:
                hint = nearest(part, known[kind])
                problems.add(message, table=shown, row=line, field="members", value=part, hint=hint)
        if kind == "transfer" and (len(parts) != 2 or parts[0] == parts[-1]):
            message = "must be two different zones, written A>B"
            problems.add(message, table=shown, row=line, field="members", value=members)
        if len(set(parts)) < len(parts):
            problems.add("names a member twice", table=shown, row=line, field="members", value=members)


def _check_names(rows: Mapping[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note names that would be mistaken for others: zones for regions, interconnectors for generators."""
    regions, borders = rows["regions"], rows["interconnectors"]
    for zone, line in zip(regions.frame["zone"], regions.lines, strict=True):
        if zone in set(regions.frame["id"]) or any(mark in str(zone) for mark in "/>;"):
            message = "must not be the id of a region or contain /, > or ;"
            problems.add(message, table=f"{folder}/regions.csv", row=line, field="zone", value=zone)
    plants = set(rows["generators"].frame["id"])
    for name, line in zip(borders.frame["id"], borders.lines, strict=True):
        if name in plants:
            problems.add(
                "is the id of a generator too", table=f"{folder}/interconnectors.csv", row=line, field="id", value=name
            )
    transformers = rows["transformers"]
    for high, low, line in zip(
        transformers.frame["hv_bus"], transformers.frame["lv_bus"], transformers.lines, strict=True
    ):
        if high == low:
            shown = f"{folder}/transformers.csv"
            problems.add("joins a bus to itself", table=shown, row=line, field="lv_bus", value=low)


def _check_technologies(rows: Mapping[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note technologies of generators that are not known, and listed ones whose name means something else."""
    own, shown, plants = rows["technologies"], f"{folder}/technologies.csv", rows["generators"]
    unsure = any(one.table == shown and one.field in {"", "id"} and one.row in {None, 1} for one in problems.found)
    for name, line in zip(own.frame["id"], own.lines, strict=True):
        if name in TECHNOLOGIES:
            problems.add(
                "is known without this table; leave the row out", table=shown, row=line, field="id", value=name
            )
        elif name in NOT_OWN:
            message = "means something else in events, series or results; choose another name"
            problems.add(message, table=shown, row=line, field="id", value=name)
    if len(own.frame) > MOST_OWN_TECHNOLOGIES:
        problems.add(f"has {len(own.frame)} rows; at most {MOST_OWN_TECHNOLOGIES} are allowed", table=shown)
    known = dict.fromkeys((*TECHNOLOGIES, *own.frame["id"]))
    for name, line in zip(plants.frame["technology"], plants.lines, strict=True):
        if name and name not in known and not unsure:
            message = f"is not one of {', '.join(known)}; technologies.csv can list others"
            problems.add(message, table=f"{folder}/generators.csv", row=line, field="technology", value=name,
                         hint=nearest(str(name), known))  # fmt: skip


def _check_storage(rows: Mapping[str, Rows], problems: Problems, *, shown: str) -> None:
    """Note batteries and pumped storage without a storage, which would give power for ever, and storage elsewhere."""
    own, plants = rows["technologies"].frame, rows["generators"]
    frame = plants.frame
    charged = (*CHARGED, *own["id"][own["charges"].to_numpy(dtype=bool)])
    endless = frame["technology"].isin(charged) & frame["storage_mwh"].isna() & (frame["p_max_mw"] > 0)
    for technology, is_endless, line in zip(frame["technology"], endless, plants.lines, strict=True):
        if is_endless:
            message = f"is empty: {technology} needs the energy that it stores, in MWh"
            problems.add(message, table=shown, row=line, field="storage_mwh")
    folder = shown.rpartition("/")[0]
    listed = f"{folder}/technologies.csv" if folder else "technologies.csv"
    charges = (plants, frame["technology"].isin(charged), shown), (rows["technologies"], own["charges"], listed)
    for table, stores, name in charges:
        low = stores.to_numpy(dtype=bool) & (table.frame["efficiency"].to_numpy(dtype=float) < LEAST_EFFICIENCY)
        for place in map(int, np.flatnonzero(low)):
            problems.add(f"must be at least {LEAST_EFFICIENCY:g}", table=name, row=table.lines[place],
                         field="efficiency", value=f"{table.frame['efficiency'].iloc[place]:g}")  # fmt: skip
    none = frame["technology"].isin(set(TECHNOLOGIES) - {*HOLDING})
    for field, idle in (("storage_mwh", 0.0), ("storage_kind", "shifting")):
        given = frame[field].notna() & (frame[field] != "") & (frame[field] != idle)
        for place in map(int, np.flatnonzero(none & given)):
            cell, technology = frame[field].iloc[place], frame["technology"].iloc[place]
            message = f"must be empty: {technology} holds no store; only {', '.join(HOLDING)} and technologies of "
            problems.add(f"{message}technologies.csv do", table=shown, row=plants.lines[place], field=field,
                         value=cell if field == "storage_kind" else f"{cell:g}", hint=OWN_ROW)  # fmt: skip


def _check_shares(rows: Mapping[str, Rows], problems: Problems, *, folder: str) -> None:
    sums = [
        ("regions", [f"share_{tier}" for tier in TIERS]),
        ("heat_systems", [name for name in map(str, rows["heat_systems"].frame) if name.startswith(SHARE)]),
        (
            "heat_systems",
            ["own_heat_gas_powered", "own_heat_gas_gravity", "own_heat_stove", "own_heat_electric"],
        ),
    ]
    for table, columns in sums:
        read = rows[table]
        if read.frame.empty:
            continue
        totals = read.frame[columns].to_numpy(dtype=float).sum(axis=1)
        for total, line in zip(totals, read.lines, strict=True):
            if np.isfinite(total) and abs(total - 1) > SHARE_TOLERANCE:
                field = f"{columns[0]} … {columns[-1]}" if columns else f"{SHARE}…"
                problems.add(
                    "is the sum of these shares; it must be 1",
                    table=f"{folder}/{table}.csv",
                    row=line,
                    field=field,
                    value=f"{total:g}",
                )


def _check_time_constants(rows: Rows, problems: Problems, *, shown: str) -> None:
    """Note ranges of time constants whose first end is above the second."""
    for low, high, line in zip(
        rows.frame["time_constant_low_h"], rows.frame["time_constant_high_h"], rows.lines, strict=True
    ):
        if low > high:
            message = f"is above time_constant_high_h ({high:g})"
            problems.add(message, table=shown, row=line, field="time_constant_low_h", value=f"{low:g}")


def _check_lines(rows: Mapping[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note lines between voltages or onto the same bus, impossible impedances, availability above capacity."""
    voltage = dict(zip(rows["buses"].frame["id"], rows["buses"].frame["vn_kv"], strict=True))
    lines = rows["lines"]
    for start, end, line in zip(lines.frame["from_bus"], lines.frame["to_bus"], lines.lines, strict=True):
        shown = f"{folder}/lines.csv"
        if start == end:
            problems.add("joins a bus to itself", table=shown, row=line, field="to_bus", value=end)
        elif start in voltage and end in voltage and voltage[start] != voltage[end]:
            message = f"joins {voltage[start]:g} kV and {voltage[end]:g} kV; only a transformer can"
            problems.add(message, table=shown, row=line, field="to_bus", value=end)
    transformers = rows["transformers"]
    halves = zip(transformers.frame["vkr_percent"], transformers.frame["vk_percent"], transformers.lines, strict=True)
    for real, whole, line in halves:
        if real >= whole:
            message = f"must be less than vk_percent ({whole:g} %), of which it is a part"
            problems.add(message, table=f"{folder}/transformers.csv", row=line, field="vkr_percent", value=f"{real:g}")
    generators = rows["generators"]
    pairs = zip(generators.frame["p_available_mw"], generators.frame["p_max_mw"], generators.lines, strict=True)
    for available, capacity, line in pairs:
        if available > capacity + 1e-6:
            problems.add(
                f"is more than p_max_mw ({capacity:g} MW)",
                table=f"{folder}/generators.csv",
                row=line,
                field="p_available_mw",
                value=f"{available:g}",
            )


def _check_once_per_region(rows: Mapping[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note regions with several rows or none in a table of systems."""
    for table in ("heat_systems", "water_systems"):
        read = rows[table]
        regions = list(read.frame["region"])
        for position, region in enumerate(regions):
            if region in regions[:position]:
                shown, line = f"{folder}/{table}.csv", read.lines[position]
                problems.add("has more than one row", table=shown, row=line, field="region", value=region)
        missing = [region for region in rows["regions"].frame["id"] if regions and region not in regions]
        for region in missing:
            problems.add("has no row", table=f"{folder}/{table}.csv", field="region", value=region)


def _check_covered(rows: Mapping[str, Rows], unknown: set[str], problems: Problems, *, folder: str) -> None:
    """Note regions without a bus, and archetypes that heat systems need but lack."""
    served = set(rows["buses"].frame["region"])
    for region, line in zip(rows["regions"].frame["id"], rows["regions"].lines, strict=True):
        if region not in served and "buses" not in unknown:
            problems.add("has no bus", table=f"{folder}/regions.csv", row=line, field="id", value=region)
    if not rows["heat_systems"].frame.empty and "archetypes" not in unknown:
        _check_archetypes(rows, problems, shown=f"{folder}/archetypes.csv")


def _check_archetypes(rows: Mapping[str, Rows], problems: Problems, *, shown: str) -> None:
    """Note archetypes that heat systems need but lack, names that cannot be, and several rows with own heating."""
    named = {column.removeprefix(SHARE) for column in map(str, rows["heat_systems"].frame) if column.startswith(SHARE)}
    table = rows["archetypes"]
    known = set(table.frame["id"])
    own = list(table.frame["heats_itself"])
    for archetype in sorted((named | (set() if any(own) else {OWN_ARCHETYPE})) - known):
        problems.add("has no row", table=shown, field="id", value=archetype)
    for name, line in zip(table.frame["id"], table.lines, strict=True):
        if name in OWN_HEAT or not re.fullmatch(ARCHETYPE, str(name)):
            message = "must be small letters, digits and _, and not the name of a kind of own heating"
            problems.add(message, table=shown, row=line, field="id", value=name)
    for line in [line for line, heats_itself in zip(table.lines, own, strict=True) if heats_itself][1:]:
        problems.add("is true in another row too; only one can be", table=shown, row=line, field="heats_itself")


def _check_profiles(rows: Rows, problems: Problems, *, shown: str) -> None:
    frame = rows.frame
    if "demand" not in set(frame["profile"]):
        problems.add("needs a profile named `demand`", table=shown, field="profile")
    for profile, part in frame.groupby("profile"):
        days = set(part["day_type"])
        if days not in ({"all"}, {"weekday", "weekend"}):
            message = "must be given for `all` days, or for `weekday` and `weekend`"
            problems.add(message, table=shown, field="day_type", value=profile)
        for day, hours in part.groupby("day_type")["hour"]:
            if sorted(hours) != list(range(24)):
                message = f"must give each hour 0 to 23 once for {day}"
                problems.add(message, table=shown, field="hour", value=profile)


def check_country(country: Country, rows: Mapping[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note a country called like a region or zone, and languages that the table of regions does not agree with."""
    regions, shown = rows["regions"].frame, f"{folder}/network.toml"
    if country.country in {*regions["id"], *regions["zone"]}:
        message = "must not be the id of a region or the name of a zone"
        problems.add(message, table=shown, field="country", value=country.country)
    if "regions" in unread(rows, problems, folder=folder):
        return
    named = {str(column).removeprefix(NAME) for column in regions if str(column).startswith(NAME)}
    for language in country.languages:
        if language not in named:
            message = f"is listed, but regions.csv has no column {NAME}{language}"
            problems.add(message, table=shown, field="languages", value=language)
    for language in sorted(named - set(country.languages)) if country.languages else ():
        message = f"is a column of a language that {shown} does not list"
        problems.add(message, table=f"{folder}/regions.csv", row=1, field=f"{NAME}{language}")
