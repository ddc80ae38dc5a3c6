"""Read a network folder: every table against its schema, then what the tables say of each other."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.inputs.files import find, is_bundled
from gridmodel.inputs.tables import Rows, Table, read_table
from gridmodel.network.describe import describe
from gridmodel.network.model import NetworkTables
from gridmodel.network.notebook import network_html
from gridmodel.network.schema import TABLES
from gridmodel.vocabulary import ARCHETYPES, TIERS

SHARE_TOLERANCE = 1e-6
"""How far shares may be from summing to 1. Ours."""
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


class Network(NetworkTables):
    """Network folder as plain tables, shown in a notebook as a short one; building it imports no power-flow library."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return network_html(describe(self))


def read_network(name: str | Path, *, beside: Path | None = None) -> Network:
    """Read a network folder.

    Parameters
    ----------
    name
        A bundled name or the path of a folder of CSV tables.
    beside
        Folder that a relative path is looked up in first.

    Returns
    -------
    Network
        Checked tables.

    Raises
    ------
    InputError
        With every problem: file, line, column, what came, what is allowed.
    """
    path = find("networks", str(name), beside=beside)
    if not path.is_dir():
        message = "is a file; this version reads a folder of CSV tables"
        raise InputError([Problem(message=message, table=str(path))])
    problems = Problems()
    rows = examine(path, problems)
    problems.raise_if_any()
    tables = {table: read.frame for table, read in rows.items()}
    return Network(path.name, path, is_bundled(path), tables)


def examine(path: Path, problems: Problems) -> dict[str, Rows]:
    """Read every table of a folder and note everything that is wrong with it; nothing is raised.

    Parameters
    ----------
    path
        The folder.
    problems
        Collects what is wrong.

    Returns
    -------
    dict
        Rows by table, with the line of each; cells that could not be read are missing.
    """
    rows = {name: _read_one(path, table, problems) for name, table in TABLES.items()}
    for file in sorted(path.iterdir()):
        if file.suffix.lower() == ".csv" and (file.stem not in TABLES or file.suffix != ".csv"):
            hint = nearest(file.stem, TABLES)
            problems.add("is no table of a network", table=f"{path.name}/{file.name}", hint=hint)
    if not len(rows["regions"].frame) and not problems.found:
        problems.add("has no rows", table=f"{path.name}/regions.csv")
    _check_references(rows, problems, folder=path.name)
    return rows


def _read_one(path: Path, table: Table, problems: Problems) -> Rows:
    """Read one table of a folder; empty where it may be left out."""
    file = path / f"{table.name}.csv"
    shown = f"{path.name}/{file.name}"
    if file.is_file():
        return read_table(file, table, problems, shown=shown)
    if os.path.lexists(file):
        problems.add("is not a file", table=shown)
    elif table.required:
        problems.add("is missing: this table is required", table=shown)
    return Rows(table.empty())


def _check_references(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note names that point nowhere, shares that do not sum to one, profiles with holes."""
    known = {table: set(read.frame["id"]) for table, read in rows.items() if "id" in read.frame}
    known["profiles"] = set(rows["profiles"].frame["profile"])
    known["sources"] = set(rows["sources"].frame["key"])
    for table, column, target in LINKS:
        _check_link(rows[table], column, known[target], problems, shown=f"{folder}/{table}.csv", target=target)
    for table, read in rows.items():
        if "source" in read.frame:
            _check_sources(read, known["sources"], problems, shown=f"{folder}/{table}.csv")
    _check_limits(rows, problems, shown=f"{folder}/limits.csv")
    _check_names(rows, problems, folder=folder)
    _check_shares(rows, problems, folder=folder)
    _check_lines(rows, problems, folder=folder)
    _check_once_per_region(rows, problems, folder=folder)
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


def _check_limits(rows: dict[str, Rows], problems: Problems, *, shown: str) -> None:
    limits = rows["limits"]
    regions = rows["regions"].frame
    elements = {*rows["generators"].frame["id"], *rows["interconnectors"].frame["id"]}
    known = {"delivery": set(regions["id"]), "group": elements, "transfer": set(regions["zone"])}
    for kind, members, line in zip(limits.frame["kind"], limits.frame["members"], limits.lines, strict=True):
        if kind not in known:
            continue
        parts = str(members).split({"transfer": ">", "delivery": "\n"}.get(kind, ";"))
        for part in parts:
            if part not in known[kind]:
                hint = nearest(part, known[kind])
                message = "is no member of this kind of limit"
                problems.add(message, table=shown, row=line, field="members", value=part, hint=hint)
        if kind == "transfer" and (len(parts) != 2 or parts[0] == parts[-1]):
            problems.add("must be two zones A>B", table=shown, row=line, field="members", value=members)
        if len(set(parts)) < len(parts):
            problems.add("names a member twice", table=shown, row=line, field="members", value=members)


def _check_names(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note names that would be read as something else: zones like regions, borders like plants."""
    regions, borders = rows["regions"], rows["interconnectors"]
    for zone, line in zip(regions.frame["zone"], regions.lines, strict=True):
        if zone in set(regions.frame["id"]) or any(mark in str(zone) for mark in "/>;"):
            message = "must not be a region's id nor hold / > or ;"
            problems.add(message, table=f"{folder}/regions.csv", row=line, field="zone", value=zone)
    plants = set(rows["generators"].frame["id"])
    for name, line in zip(borders.frame["id"], borders.lines, strict=True):
        if name in plants:
            problems.add(
                "is a generator's id already", table=f"{folder}/interconnectors.csv", row=line, field="id", value=name
            )
    transformers = rows["transformers"]
    for high, low, line in zip(
        transformers.frame["hv_bus"], transformers.frame["lv_bus"], transformers.lines, strict=True
    ):
        if high == low:
            shown = f"{folder}/transformers.csv"
            problems.add("joins a bus to itself", table=shown, row=line, field="lv_bus", value=low)


def _check_shares(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    sums = [
        ("regions", [f"share_{tier}" for tier in TIERS]),
        ("heat_systems", [f"share_{name}" for name in ARCHETYPES]),
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
                field = f"{columns[0]} … {columns[-1]}"
                problems.add(
                    "is the sum of these shares; it must be 1",
                    table=f"{folder}/{table}.csv",
                    row=line,
                    field=field,
                    value=f"{total:g}",
                )


def _check_lines(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note lines between voltages or onto themselves, impossible impedances, capacity below availability."""
    voltage = dict(zip(rows["buses"].frame["id"], rows["buses"].frame["vn_kv"], strict=True))
    lines = rows["lines"]
    for start, end, line in zip(lines.frame["from_bus"], lines.frame["to_bus"], lines.lines, strict=True):
        shown = f"{folder}/lines.csv"
        if start == end:
            problems.add("joins a bus to itself", table=shown, row=line, field="to_bus", value=end)
        elif start in voltage and end in voltage and voltage[start] != voltage[end]:
            message = f"joins {voltage[start]:g} kV and {voltage[end]:g} kV: that takes a transformer"
            problems.add(message, table=shown, row=line, field="to_bus", value=end)
    transformers = rows["transformers"]
    halves = zip(transformers.frame["vkr_percent"], transformers.frame["vk_percent"], transformers.lines, strict=True)
    for real, whole, line in halves:
        if real >= whole:
            message = f"must be less than vk_percent ({whole:g} %), which it is a part of"
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


def _check_once_per_region(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note systems that repeat a region, regions without a bus, and archetypes that are missing."""
    for table in ("heat_systems", "water_systems"):
        read = rows[table]
        regions = list(read.frame["region"])
        for position, region in enumerate(regions):
            if region in regions[:position]:
                shown = f"{folder}/{table}.csv"
                problems.add("has a row already", table=shown, row=read.lines[position], field="region", value=region)
        missing = [region for region in rows["regions"].frame["id"] if regions and region not in regions]
        for region in missing:
            problems.add("has no row", table=f"{folder}/{table}.csv", field="region", value=region)
    _check_covered(rows, problems, folder=folder)


def _check_covered(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note regions without a bus, and archetypes that heat systems need and are missing."""
    served = set(rows["buses"].frame["region"])
    for region, line in zip(rows["regions"].frame["id"], rows["regions"].lines, strict=True):
        if region not in served:
            problems.add("has no bus", table=f"{folder}/regions.csv", row=line, field="id", value=region)
    if not rows["heat_systems"].frame.empty:
        for archetype in set(ARCHETYPES) - set(rows["archetypes"].frame["id"]):
            problems.add("has no row", table=f"{folder}/archetypes.csv", field="id", value=archetype)


def _check_profiles(rows: Rows, problems: Problems, *, shown: str) -> None:
    frame = rows.frame
    if "demand" not in set(frame["profile"]):
        problems.add("has no profile `demand`", table=shown, field="profile")
    for profile, part in frame.groupby("profile"):
        days = set(part["day_type"])
        if days not in ({"all"}, {"weekday", "weekend"}):
            message = "must be given for `all` days, or for `weekday` and `weekend`"
            problems.add(message, table=shown, field="day_type", value=profile)
        for day, hours in part.groupby("day_type")["hour"]:
            if sorted(hours) != list(range(24)):
                message = f"must give each hour 0 to 23 once for {day}"
                problems.add(message, table=shown, field="hour", value=profile)
