"""What each format keeps of a network: one list that the command, the page in the docs and the tests share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from gridmodel.interchange.checks.structure import islands
from gridmodel.interchange.elements import ELEMENTS, EXTRA
from gridmodel.network.plain import PlainNet

FORMATS = {
    "gridmodel": "our own tables",
    "pandapower": "pandapower (JSON, Excel, CSV)",
    "pypsa": "PyPSA (CSV, NetCDF)",
    "matpower": "MATPOWER",
    "geojson": "GeoJSON",
}
"""Formats by what they hold, and their titles."""
KEPT = "kept"
LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing that a network may hold."""

    what: str
    """What it is, in the plural."""
    find: Callable[[PlainNet], int | list[str]]
    """How many of it a network holds, or which by name."""
    by: dict[str, str] = field(default_factory=dict)
    """What becomes of it by format: `LOST`, or in words what it is written as; where it is not kept."""

    def fate(self, form: str) -> str:
        """Return what becomes of it."""
        return self.by.get(form, KEPT)


def losses(net: PlainNet, form: str) -> list[str]:
    """What a format does not hold of a network as it is, a line for each kind of thing."""
    said = []
    for kind in KINDS:
        found = kind.find(net) if kind.fate(form) != KEPT else 0
        if found:
            many = str(found) if isinstance(found, int) else ", ".join(found)
            fate = kind.fate(form)
            said.append(f"{kind.what} ({many})" + (f": {fate}" if fate != LOST else ""))
    return said


def kept_table() -> list[str]:
    """Lines of the table for the docs."""
    lines = [f"| | {' | '.join(FORMATS.values())} |", "|---" * (len(FORMATS) + 1) + "|"]
    return [*lines, *(f"| {kind.what} | {' | '.join(kind.fate(form) for form in FORMATS)} |" for kind in KINDS)]


def _rows(*tables: str) -> Callable[[PlainNet], int]:
    return lambda net: sum(len(net.table(name)) for name in tables)


def _given(column: str, *tables: str) -> Callable[[PlainNet], int]:
    """Count rows of tables that have text or a number in a column."""

    def count(net: PlainNet) -> int:
        frames = [net.table(name) for name in tables if column in net.table(name)]
        return sum(int((frame[column].notna() & (frame[column].astype(str) != "")).sum()) for frame in frames)

    return count


def _apart(column: str, usual: float, *tables: str) -> Callable[[PlainNet], int]:
    """Count rows whose number in a column is given and another than the usual one."""

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
    return len(net.table("bus")) - sum(home in set(_homes(net, part)) for home in part.values())


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


def references(net: PlainNet) -> int:
    """Count references beyond the first of each connected part."""
    homes = _homes(net, islands(net))
    return len(homes) - len(set(homes))


def _homes(net: PlainNet, part: dict[int, int]) -> list[int]:
    """Return the part that each reference is in."""
    homes = []
    for table in ("ext_grid", "gen"):
        chosen = net.active(table) & (net.column(table, "slack", table == "ext_grid").to_numpy(dtype=bool))
        homes += [part.get(int(bus), -1) for bus in net.table(table)["bus"][chosen]] if len(chosen) else []
    return homes


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
    "storage_mwh", "efficiency", "min_stable_pu", "restart_h", "black_start", "grid_forming", "profile", "border",
)  # fmt: skip


def _own_columns(net: PlainNet) -> list[str]:
    """Columns that our tables add to those of buses, branches and generators."""
    tables = [net.table(name) for name in ("bus", "line", "trafo", "gen", "sgen")]
    return [name for name in _OWN_COLUMNS if any(name in table for table in tables)]


_KNOWN_COLUMNS = {
    "geo", "region", "technology", "tier", "controllable", "row", "std_type", "name", "from_bus", "to_bus", "alpha",
    *_OWN_COLUMNS, "temperature_degree_celsius", "tap_phase_shifter", "oltc", "power_station_trafo", "et", "element",
}  # fmt: skip


def _foreign_columns(net: PlainNet) -> list[str]:
    """Columns that no program but the one that wrote them knows."""
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


def _all(words: str, *forms: str) -> dict[str, str]:
    return dict.fromkeys(forms, words)


_BUS_BRANCH = ("pypsa", "matpower")
_ALL_BUT_PANDAPOWER = ("gridmodel", "pypsa", "matpower", "geojson")
_NEITHER = ("gridmodel", "geojson")
_FORMS_OF_OTHERS = ("pypsa", "matpower", "geojson")

KINDS: Sequence[Kind] = (
    Kind(what="impedances and power flow", find=_rows("line", "trafo", "trafo3w", "impedance"), by={"geojson": LOST}),
    Kind(what="names of buses", find=_given("name", "bus")),
    Kind(what="names of lines and transformers", find=_given("name", "line", "trafo", "trafo3w", "impedance"),
         by={"matpower": LOST}),
    Kind(what="names of loads and generators", find=_given("name", "load", "gen", "sgen", "ext_grid"),
         by=_all(LOST, "matpower", "geojson")),
    Kind(what="names that stand twice in a table", find=_twice, by={"gridmodel": "refused", "pypsa": "numbered"}),
    Kind(what="coordinates of buses", find=_given("geo", "bus"), by={"matpower": LOST}),
    Kind(what="courses of lines", find=_given("geo", "line"), by=_all(LOST, "gridmodel", *_BUS_BRANCH)),
    Kind(what="lengths of lines", find=_given("length_km", "line"), by={"matpower": LOST}),
    Kind(what="circuits and units in parallel", find=_apart("parallel", 1.0, "line", "trafo"),
         by=_all("one branch for all of them", *_BUS_BRANCH)),
    Kind(what="standard types", find=_given("std_type", "line", "trafo", "trafo3w"),
         by=_all(LOST, *_ALL_BUT_PANDAPOWER)),
    Kind(what="ratings and limits of branches", find=_given("max_loading_percent", "line", "trafo", "trafo3w")),
    Kind(what="regions of buses", find=_given("region", "bus"), by={"matpower": LOST}),
    Kind(what="zones of buses", find=_given("zone", "bus"), by={"matpower": "numbered where they are no numbers"}),
    Kind(what="table of regions and people", find=_present("region"), by=_all(LOST, *_BUS_BRANCH)),
    Kind(what="other tables of ours", find=_present(*(name for name in EXTRA if name != "region")),
         by=_all(LOST, *_FORMS_OF_OTHERS)),
    Kind(what="other columns of ours", find=_own_columns, by=_all(LOST, *_FORMS_OF_OTHERS)),
    Kind(what="loads with need, tier or cost of shedding", find=_given("need_mw", "load"),
         by=_all(LOST, *_BUS_BRANCH) | {"geojson": "sum of need at each bus"}),
    Kind(what="loads beyond the first at a bus", find=_shared("load"),
         by={"matpower": "in one sum", "geojson": "in one sum"}),
    Kind(what="loads that follow the voltage",
         find=_voltage_dependent,
         by=_all("of constant power: the AC flow is another", *_BUS_BRANCH) | _all(LOST, *_NEITHER)),
    Kind(what="loads out of service", find=_loads_out, by=_all(LOST, "gridmodel", "matpower", "geojson")),
    Kind(what="buses out of service, or without a reference", find=_dead,
         by={"gridmodel": LOST, "pypsa": "left out, with what hangs on them", "matpower": "out of service"}),
    Kind(what="technologies of generators", find=_given("technology", "gen", "sgen"), by={"geojson": LOST}),
    Kind(what="costs of active power", find=_apart("cp1_eur_per_mw", 0.0, "poly_cost"), by={"geojson": LOST}),
    Kind(what="squares of costs", find=_apart("cp2_eur_per_mw2", 0.0, "poly_cost"), by=_all(LOST, *_NEITHER)),
    Kind(what="constants of costs", find=_apart("cp0_eur", 0.0, "poly_cost"), by=_all(LOST, *_NEITHER, "pypsa")),
    Kind(what="costs in steps, of reactive power, or of loads", find=_other_costs, by=_all(LOST, *_ALL_BUT_PANDAPOWER)),
    Kind(what="limits of reactive power", find=_given("max_q_mvar", "gen", "sgen", "ext_grid"),
         by=_all(LOST, *_NEITHER, "pypsa")),
    Kind(what="switches", find=_rows("switch"),
         by=_all(LOST, *_NEITHER) | _all("closed ones merge buses, open ones leave an end open", *_BUS_BRANCH)),
    Kind(what="transformers with three windings", find=_rows("trafo3w"),
         by={"gridmodel": LOST} | _all("three with two, around a bus of their own", *_BUS_BRANCH)),
    Kind(what="steps of tap changers", find=_taps,
         by=_all(LOST, *_NEITHER) | _all("the ratio that is set", *_BUS_BRANCH)),
    Kind(what="iron losses and leakage of branches", find=_conductance,
         by={"matpower": "shunts at the ends: a DC flow counts them as load", "geojson": LOST}),
    Kind(what="impedances that differ by direction", find=_one_way,
         by=_all("as forward: the AC flow is another", *_BUS_BRANCH) | _all(LOST, *_NEITHER)),
    Kind(what="impedances", find=_rows("impedance"), by={"gridmodel": LOST}),
    Kind(what="shunts beyond the first at a bus", find=_shared("shunt"),
         by=_all("in one sum", *_BUS_BRANCH) | {"geojson": LOST}),
    Kind(what="wards, motors, storage and unequal phases",
         find=_rows("ward", "xward", "motor", "storage", "asymmetric_load", "asymmetric_sgen"),
         by=_all(LOST, *_NEITHER) | _all("the power that is set", *_BUS_BRANCH)),
    Kind(what="direct-current links", find=_rows("dcline"),
         by={"gridmodel": LOST, "pypsa": "links, with a generator of 0 MW at either end that holds the voltage",
             "matpower": "a generator at either end"}),
    Kind(what="references beyond the first of a connected part", find=references,
         by={"gridmodel": LOST, "pypsa": "generators with what they give in the AC flow", "geojson": LOST}),
    Kind(what="angles of references", find=_apart("va_degree", 0.0, "ext_grid"), by=_all(LOST, *_NEITHER, "pypsa")),
    Kind(what="frequencies other than 50 Hz", find=_frequency, by=_all(LOST, *_ALL_BUT_PANDAPOWER)),
    Kind(what="tables of others", find=_foreign_tables, by=_all(LOST, *_ALL_BUT_PANDAPOWER)),
    Kind(what="columns of others", find=_foreign_columns, by=_all(LOST, *_ALL_BUT_PANDAPOWER)),
)  # fmt: skip
"""Every kind of thing, with what becomes of it."""
