"""Kinds of things that a network may contain and a format may lose: one list for command, documentation and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gridmodel.interchange.checks.islands import homes, islands, references
from gridmodel.interchange.format import KEPT, LOST
from gridmodel.interchange.pandapower_schema import ELEMENTS, EXTRA
from gridmodel.network.plain import PlainNet


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing that a network may contain."""

    what: str
    """Name of it, in the plural."""
    find: Callable[[PlainNet], int | list[str]]
    """Count of it in a network, or names of what is there."""


def losses(net: PlainNet, fate: Callable[[str], str]) -> list[str]:
    """Return what is lost of a network, a line for each kind of thing that it contains.

    Parameters
    ----------
    net
        The network.
    fate
        What becomes of a kind of thing, by its key in `KINDS`.
    """
    said = []
    for key, kind in KINDS.items():
        becomes = fate(key)
        found = kind.find(net) if becomes != KEPT else 0
        if found:
            many = str(found) if isinstance(found, int) else ", ".join(found)
            said.append(f"{kind.what} ({many})" + (f": {becomes}" if becomes != LOST else ""))
    return said


def _rows(*tables: str) -> Callable[[PlainNet], int]:
    return lambda net: sum(len(net.table(name)) for name in tables)


def _given(column: str, *tables: str) -> Callable[[PlainNet], int]:
    """Count rows of tables that have text or a number in a column."""

    def count(net: PlainNet) -> int:
        frames = [net.table(name) for name in tables if column in net.table(name)]
        return sum(int((frame[column].notna() & (frame[column].astype(str) != "")).sum()) for frame in frames)

    return count


def _named_zones(net: PlainNet) -> int:
    """Count buses with a zone, unless every zone is a whole number from 1, which every format keeps."""
    bus = net.table("bus")
    names = [str(name).removesuffix(".0") for name in bus["zone"].dropna()] if "zone" in bus else []
    kept = all(name.isdecimal() and int(name) > 0 for name in names if name)
    return 0 if kept else sum(name != "" for name in names)


def _apart(column: str, usual: float, *tables: str) -> Callable[[PlainNet], int]:
    """Count rows whose number in a column is given and differs from the usual one."""

    def count(net: PlainNet) -> int:
        return sum(int((net.numbers(name, column, usual) != usual).sum()) for name in tables if len(net.table(name)))

    return count


def _present(*tables: str) -> Callable[[PlainNet], list[str]]:
    return lambda net: [name for name in tables if len(net.table(name))]


def _shared(table: str) -> Callable[[PlainNet], int]:
    """Count rows beyond the first at each bus."""
    return lambda net: len(net.table(table)) - net.table(table)["bus"].nunique() if len(net.table(table)) else 0


def _twice(net: PlainNet) -> int:
    """Count names beyond the first of their kind."""
    tables = [net.table(name) for name in ("bus", "line", "trafo", "load", "gen", "sgen") if "name" in net.table(name)]
    return sum(int(table["name"].dropna().duplicated().sum()) for table in tables)


def _loads_out(net: PlainNet) -> int:
    return int((~net.active("load")).sum()) if len(net.table("load")) else 0


def _dead(net: PlainNet) -> int:
    """Count buses out of service, and those of parts without a reference."""
    part = islands(net)
    return len(net.table("bus")) - sum(home in set(homes(net, part)) for home in part.values())


def _conductance(net: PlainNet) -> int:
    return sum(int((net.numbers(table, column, 0.0) != 0).sum())
               for table, column in (("line", "g_us_per_km"), ("trafo", "pfe_kw"), ("trafo3w", "pfe_kw"))
               if len(net.table(table)))  # fmt: skip


def _taps(net: PlainNet) -> int:
    count = 0
    for name in ("trafo", "trafo3w"):
        steps = [net.numbers(name, f"tap_step_{unit}") for unit in ("percent", "degree")]
        count += int(np.isfinite(steps).any(axis=0).sum()) if len(net.table(name)) else 0
    return count


def _one_way(net: PlainNet) -> int:
    """Count impedances that differ by direction."""
    pairs = [[net.numbers("impedance", f"{part}{way}_pu") for way in ("ft", "tf")] for part in "rx"]
    return int(np.any([np.isfinite(back) & (there != back) for there, back in pairs], axis=0).sum())


def _voltage_dependent(net: PlainNet) -> int:
    shares = [net.numbers("load", f"const_{kind}_{power}_percent", 0.0) for kind in "zi" for power in "pq"]
    return int((np.array(shares) != 0).any(axis=0).sum())


def _other_costs(net: PlainNet) -> int:
    frame = net.table("poly_cost")
    if not len(frame):
        return len(net.table("pwl_cost"))
    odd = ~frame["et"].isin(["gen", "sgen", "ext_grid"]).to_numpy()
    for column in ("cq0_eur", "cq1_eur_per_mvar", "cq2_eur_per_mvar2"):
        odd |= net.numbers("poly_cost", column, 0.0) != 0
    return int(odd.sum()) + len(net.table("pwl_cost"))


_OWN_COLUMNS = (
    "source", "confidence", "reactor_percent", "units", "capacity_mw", "available_mw", "energy_mwh_per_day",
    "storage_mwh", "efficiency", "storage_kind", "min_stable_pu", "restart_h", "black_start", "grid_forming", "profile",
    "border",
)  # fmt: skip


def _own_columns(net: PlainNet) -> list[str]:
    """Return the columns that our tables add to buses, branches and generators."""
    tables = [net.table(name) for name in ("bus", "line", "trafo", "gen", "sgen")]
    return [name for name in _OWN_COLUMNS if any(name in table for table in tables)]


_KNOWN_COLUMNS = {
    "geo", "region", "technology", "tier", "controllable", "row", "std_type", "name", "from_bus", "to_bus", "alpha",
    *_OWN_COLUMNS, "temperature_degree_celsius", "tap_phase_shifter", "oltc", "power_station_trafo", "et", "element",
}  # fmt: skip


def _foreign_columns(net: PlainNet) -> list[str]:
    """Return columns that only the program that wrote them knows."""
    found = []
    for name, frame in net.tables.items():
        known = {column.name for column in ELEMENTS[name].columns} | _KNOWN_COLUMNS if name in ELEMENTS else set()
        if known:
            found += [
                f"{name}.{column}" for column in frame.columns if column not in known and frame[column].notna().any()
            ]
    return found


def _foreign_tables(net: PlainNet) -> list[str]:
    return [name for name in net.tables if name not in ELEMENTS and name not in EXTRA]


def _frequency(net: PlainNet) -> int:
    return int(net.f_hz != 50.0)


KINDS: dict[str, Kind] = {
    "power_flow": Kind(what="impedances and power flow", find=_rows("line", "trafo", "trafo3w", "impedance")),
    "bus_names": Kind(what="names of buses", find=_given("name", "bus")),
    "branch_names": Kind(
        what="names of lines and transformers", find=_given("name", "line", "trafo", "trafo3w", "impedance")
    ),
    "source_names": Kind(what="names of loads and generators", find=_given("name", "load", "gen", "sgen", "ext_grid")),
    "duplicate_names": Kind(what="names used twice in a table", find=_twice),
    "bus_places": Kind(what="coordinates of buses", find=_given("geo", "bus")),
    "line_routes": Kind(what="routes of lines", find=_given("geo", "line")),
    "line_lengths": Kind(what="lengths of lines", find=_given("length_km", "line")),
    "parallel": Kind(what="circuits and units in parallel", find=_apart("parallel", 1.0, "line", "trafo")),
    "standard_types": Kind(what="standard types", find=_given("std_type", "line", "trafo", "trafo3w")),
    "ratings": Kind(
        what="ratings and limits of branches", find=_given("max_loading_percent", "line", "trafo", "trafo3w")
    ),
    "regions": Kind(what="regions of buses", find=_given("region", "bus")),
    "zones": Kind(what="zones of buses", find=_named_zones),
    "region_table": Kind(what="table of regions and people", find=_present("region")),
    "our_tables": Kind(what="our other tables", find=_present(*(name for name in EXTRA if name != "region"))),
    "our_columns": Kind(what="our other columns", find=_own_columns),
    "need": Kind(what="loads with demand, tier or cost of shedding", find=_given("need_mw", "load")),
    "shared_loads": Kind(what="loads beyond the first at a bus", find=_shared("load")),
    "voltage_dependent_loads": Kind(what="loads that depend on the voltage", find=_voltage_dependent),
    "loads_out": Kind(what="loads out of service", find=_loads_out),
    "dead_buses": Kind(what="buses out of service, or without a reference", find=_dead),
    "technologies": Kind(what="technologies of generators", find=_given("technology", "gen", "sgen")),
    "costs": Kind(what="costs of active power", find=_apart("cp1_eur_per_mw", 0.0, "poly_cost")),
    "squared_costs": Kind(what="quadratic terms of costs", find=_apart("cp2_eur_per_mw2", 0.0, "poly_cost")),
    "constant_costs": Kind(what="constant terms of costs", find=_apart("cp0_eur", 0.0, "poly_cost")),
    "other_costs": Kind(what="costs in steps, of reactive power, or of loads", find=_other_costs),
    "reactive_limits": Kind(what="limits of reactive power", find=_given("max_q_mvar", "gen", "sgen", "ext_grid")),
    "switches": Kind(what="switches", find=_rows("switch")),
    "three_windings": Kind(what="transformers with three windings", find=_rows("trafo3w")),
    "taps": Kind(what="steps of tap changers", find=_taps),
    "conductance": Kind(what="iron losses and leakage of branches", find=_conductance),
    "one_way": Kind(what="impedances that differ by direction", find=_one_way),
    "impedances": Kind(what="impedances", find=_rows("impedance")),
    "shared_shunts": Kind(what="shunts beyond the first at a bus", find=_shared("shunt")),
    "wards": Kind(
        what="wards, motors, storage and unequal phases",
        find=_rows("ward", "xward", "motor", "storage", "asymmetric_load", "asymmetric_sgen"),
    ),
    "dc_links": Kind(what="direct-current links", find=_rows("dcline")),
    "more_references": Kind(what="references beyond the first of a connected part", find=references),
    "reference_angles": Kind(what="angles of references", find=_apart("va_degree", 0.0, "ext_grid")),
    "frequency": Kind(what="frequencies other than 50 Hz", find=_frequency),
    "foreign_tables": Kind(what="third-party tables", find=_foreign_tables),
    "foreign_columns": Kind(what="third-party columns", find=_foreign_columns),
}
"""Every kind of thing, by the key that formats use in `Content.fates`."""
