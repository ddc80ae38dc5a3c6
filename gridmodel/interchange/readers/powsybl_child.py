"""Turn a network file to plain tables with PowSyBl, in a process of its own: its library may crash or never end.

Usage: ``python -m gridmodel.interchange.readers.powsybl_child FILE TARGET``. TARGET is JSON: name, base, and columns of
buses, branches, sources, loads and direct-current lines. Prints what is wrong with a file, and ends
with `REFUSED`; a fault of its own is a traceback.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.inputs.child import REFUSED, Refused, reason

MEMORY_BYTES, SECONDS = 6_000_000_000, 240
"""Bounds of the process: data and processor time. Ours: ten times what a net of 10,000 buses takes."""
BASE_MVA = 100.0
LEAST_PU = 1e-5
"""Impedance of a branch that has less, such as a winding without any: no DC power flow can do without. [1]
Ours: a hundredth of a short line's."""
Columns = dict[str, list[Any]]


def bound() -> None:
    """Bound memory and time of the process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))  # its library reserves far more addresses
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Tables:
    """Tables of a PowSyBl network in per unit on `BASE_MVA`; a bus is what closed switches join."""

    def __init__(self, net: Any) -> None:  # noqa: ANN401 - no types in pypowsybl
        self._net = net
        self._levels = net.get_voltage_levels()
        self._buses, self._names = _in_order(net.get_buses(), net.get_bus_breaker_view_buses())
        self._place = {name: place for place, name in enumerate(self._buses.index)}
        self._volts = dict(zip(self._levels.index, self._levels["nominal_v"].astype(float), strict=True))
        limits = net.get_operational_limits().reset_index()
        if len(limits):
            limits = limits[(limits["acceptable_duration"] == -1) & limits["type"].isin(["CURRENT", "APPARENT_POWER"])]
            limits = limits[np.isfinite(limits["value"].astype(float))]
        self._limits: dict[tuple[str, str], float] = {}
        for row in limits.itertuples() if len(limits) else ():
            key = (str(row.element_id), str(row.type))
            self._limits[key] = min(self._limits.get(key, np.inf), float(row.value))
        self.branches: list[dict[str, Any]] = []
        self.stars: list[dict[str, Any]] = []
        self.loads: list[dict[str, Any]] = []
        self.sources: list[dict[str, Any]] = []
        self.direct: list[dict[str, Any]] = []
        self.left: list[str] = []

    def _bus(self, name: object) -> int:
        return self._place.get(str(name), -1)

    def _kv(self, place: int) -> float:
        if place >= len(self._buses):
            return float(self.stars[place - len(self._buses)]["vn_kv"])
        return float(self._volts[self._buses["voltage_level_id"].iloc[place]])

    def _rate(self, name: str, kv: float) -> float:
        amps = self._limits.get((name, "CURRENT"), np.inf) * kv * 3**0.5 / 1000
        mva = min(amps, self._limits.get((name, "APPARENT_POWER"), np.inf))
        return mva if np.isfinite(mva) else 0.0

    def _branch(self, name: str, start: int, end: int, z: complex, y: complex, **more: Any) -> None:  # noqa: ANN401
        z = z if abs(z) >= LEAST_PU else complex(0.0, LEAST_PU)
        self.branches.append({
            "name": name, "from_bus": start, "to_bus": end, "r_pu": z.real, "x_pu": z.imag, "g_pu": y.real,
            "b_pu": y.imag, "tap": 1.0, "shift_degree": 0.0, "rate_mva": 0.0, "in_service": True, "line": True,
        } | more)  # fmt: skip

    def lines(self) -> None:
        """Add lines, and pairs of lines that meet at a border."""
        for name, row in self._net.get_lines().iterrows():
            start, end = self._bus(row["bus1_id"]), self._bus(row["bus2_id"])
            if start < 0 or end < 0:
                continue
            kv = self._kv(start), self._kv(end)
            z = complex(row["r"], row["x"])
            y = complex(row["g1"], row["b1"]) * kv[0] ** 2 + complex(row["g2"], row["b2"]) * kv[1] ** 2
            if kv[0] != kv[1] and z != 0:  # what stands for the ratio of nominal voltages is none of its admittance
                y += (kv[0] - kv[1]) ** 2 / z
            self._branch(str(name), start, end, z * BASE_MVA / (kv[0] * kv[1]), y / BASE_MVA,
                         rate_mva=self._rate(str(name), self._kv(start)))  # fmt: skip
        ends = self._net.get_dangling_lines()
        paired: set[str] = set()
        for name, row in self._net.get_tie_lines().iterrows():
            pair = [str(row[column]) for column in ("dangling_line1_id", "dangling_line2_id")]
            paired |= set(pair)
            start, end = (self._bus(ends.loc[one, "bus_id"]) for one in pair)
            if start < 0 or end < 0:
                continue
            base = self._kv(start) * self._kv(end) / BASE_MVA
            z = sum((complex(ends.loc[one, "r"], ends.loc[one, "x"]) for one in pair), 0j) / base
            y = sum((complex(ends.loc[one, "g"], ends.loc[one, "b"]) for one in pair), 0j) * base
            self._branch(str(name), start, end, z, y, rate_mva=self._rate(pair[0], self._kv(start)))
        alone = ends[~ends.index.isin(paired)]
        for name, row in alone.iterrows():
            self._load(str(name), row["bus_id"], row["p0"], row["q0"])

    def transformers(self) -> None:
        """Add transformers at their tap; one with three windings has a bus of its own between them."""
        for name, row in self._net.get_2_windings_transformers(all_attributes=True).iterrows():
            start, end = self._bus(row["bus1_id"]), self._bus(row["bus2_id"])
            if start >= 0 and end >= 0:
                self._winding(str(name), row, start, end, "")
        for name, row in self._net.get_3_windings_transformers(all_attributes=True).iterrows():
            ends = [self._bus(row[f"bus{leg}_id"]) for leg in (1, 2, 3)]
            if sum(end >= 0 for end in ends) < 2:
                continue
            middle = len(self._buses) + len(self.stars)
            self.stars.append({"name": str(name), "vn_kv": float(row["rated_u0"])})
            for leg, end in enumerate(ends, start=1):
                if end >= 0:
                    self._winding(f"{name} {leg}", row, end, middle, str(leg))

    def _winding(self, name: str, row: pd.Series, start: int, end: int, leg: str) -> None:
        def of(column: str) -> float:
            return float(row[f"{column}{leg}_at_current_tap"])

        base = self._kv(end) ** 2 / BASE_MVA
        tap = self._kv(end) / (float(row[f"rho{leg}"]) * self._kv(start))
        self._branch(
            name, start, end, complex(of("r"), of("x")) / base, complex(of("g"), of("b")) * base,
            tap=tap, shift_degree=-float(row[f"alpha{leg}"]), line=False,
            rate_mva=self._rate(name, self._kv(start)) if not leg else 0.0,
        )  # fmt: skip

    def _load(self, name: str, bus: object, p: float, q: float) -> None:
        place = self._bus(bus)
        if place >= 0:
            self.loads.append({"name": name, "bus": place, "p_mw": float(p), "q_mvar": float(np.nan_to_num(q)),
                               "in_service": True})  # fmt: skip

    def injections(self) -> None:
        """Add loads, generators and batteries."""
        for name, row in self._net.get_loads().iterrows():
            self._load(str(name), row["bus_id"], row["p0"], row["q0"])
        slack = {str(bus) for bus in self._slack()}
        for table, frame in (("generator", self._net.get_generators()), ("battery", self._net.get_batteries())):
            for name, row in frame.iterrows():
                place = self._bus(row["bus_id"])
                if place < 0:
                    continue
                holds = table == "generator" and bool(row["voltage_regulator_on"]) and float(row["target_v"]) > 0
                kind = "gen" if holds else "sgen"
                if table == "generator" and row["bus_id"] in slack:
                    kind = "ext_grid"
                fuel = str(row.get("energy_source", "")).lower()
                self.sources.append({
                    "name": str(name), "bus": place, "kind": kind, "p_mw": float(np.nan_to_num(row["target_p"])),
                    "q_mvar": float(np.nan_to_num(row["target_q"])),
                    "vm_pu": float(row["target_v"]) / self._kv(place) if holds else 1.0,
                    "va_degree": 0.0, "in_service": True, "min_p_mw": _finite(row["min_p"]),
                    "max_p_mw": _finite(row["max_p"]), "min_q_mvar": _finite(row["min_q"]),
                    "max_q_mvar": _finite(row["max_q"]),
                    "technology": fuel if fuel and fuel != "other" else None,
                })  # fmt: skip

    def _slack(self) -> list[str]:
        found = self._net.get_extensions("slackTerminal")
        return [str(bus) for bus in found["bus_id"]] if "bus_id" in found else []

    def links(self) -> None:
        """Add direct-current lines from the station that rectifies to that which inverts."""
        stations: dict[str, tuple[int, float]] = {}
        for frame in (self._net.get_vsc_converter_stations(), self._net.get_lcc_converter_stations()):
            for name, row in frame.iterrows():
                stations[str(name)] = (self._bus(row["bus_id"]), float(row["loss_factor"]))
        for name, row in self._net.get_hvdc_lines().iterrows():
            pair = [stations.get(str(row[f"converter_station{side}_id"]), (-1, 0.0)) for side in (1, 2)]
            if not str(row["converters_mode"]).startswith("SIDE_1_RECT"):
                pair.reverse()
            if pair[0][0] < 0 or pair[1][0] < 0:
                continue
            power, volts = float(row["target_p"]), float(row["nominal_v"])
            wire = float(row["r"]) * power / volts**2 if volts > 0 else 0.0
            arrives = (1 - pair[0][1] / 100) * (1 - wire) * (1 - pair[1][1] / 100)
            self.direct.append({
                "name": str(name), "from_bus": pair[0][0], "to_bus": pair[1][0], "p_mw": power,
                "loss_percent": 100 * (1 - arrives), "loss_mw": 0.0, "vm_from_pu": 1.0, "vm_to_pu": 1.0,
                "max_p_mw": _finite(row["max_p"]), "in_service": True,
            })  # fmt: skip

    def buses(self) -> list[dict[str, Any]]:
        """Return buses, with their shunts."""
        shunts = self._net.get_shunt_compensators()
        g, b = (np.zeros(len(self._buses)) for _ in range(2))
        for _, row in shunts.iterrows():
            place = self._bus(row["bus_id"])
            if place >= 0:
                g[place] += float(np.nan_to_num(row["g"])) * self._kv(place) ** 2
                b[place] += float(np.nan_to_num(row["b"])) * self._kv(place) ** 2
        for what, frame in (("static var compensators", self._net.get_static_var_compensators()),):
            if len(frame):
                self.left.append(f"{len(frame)} {what}")
        stations = self._net.get_substations()
        country = dict(zip(stations.index, stations["country"].astype(str), strict=True))
        home = dict(zip(self._levels.index, self._levels["substation_id"], strict=True))
        rows = []
        for place, (name, level) in enumerate(self._buses["voltage_level_id"].items()):
            rows.append({
                "name": self._names[str(name)], "vn_kv": self._volts[level],
                "zone": country.get(home.get(level, ""), ""), "in_service": True, "gs_mw": g[place],
                "bs_mvar": b[place], "min_vm_pu": 0.0, "max_vm_pu": 2.0,
            })  # fmt: skip
        return [*rows, *({
            "name": star["name"], "vn_kv": star["vn_kv"], "zone": "", "in_service": True, "gs_mw": 0.0, "bs_mvar": 0.0,
            "min_vm_pu": 0.0, "max_vm_pu": 2.0,
        } for star in self.stars)]  # fmt: skip


def _in_order(buses: pd.DataFrame, drawn: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return buses by the numbers that their file gives them, if it does, and their names.

    Parameters
    ----------
    buses
        What closed switches join, in PowSyBl's order, by ids of its own.
    drawn
        Buses as the file has them; those of formats with bus numbers are `B` and the number.

    Notes
    -----
    A bus that is one bus of the file has its name there, else its id there; one that several make has PowSyBl's.
    """
    groups = drawn.reset_index().groupby("bus_id", sort=False)
    alone = {name: rows.iloc[0] for name, rows in groups if len(rows) == 1 and name in buses.index}
    called = {name: " ".join(str(row["name"]).split()) for name, row in alone.items()}
    times = pd.Series(list(called.values()), dtype=object).value_counts()
    twice = {*times.index[times > 1], "", "nan"}
    names = {name: str(name) for name in buses.index}
    names |= {name: str(alone[name]["id"]) if text in twice else text for name, text in called.items()}
    numbers = [str(alone[name]["id"])[1:] if name in alone else "" for name in buses.index]
    if all(number.isdecimal() and str(alone[name]["id"])[0] == "B" for name, number in zip(buses.index, numbers,
                                                                                          strict=True)):  # fmt: skip
        buses = buses.iloc[np.argsort([int(number) for number in numbers], kind="stable")]
    return buses, names


def _finite(value: object) -> float | None:
    number = float(str(value))
    return number if np.isfinite(number) and abs(number) < 1e9 else None


def _columns(rows: list[dict[str, Any]]) -> Columns:
    return {name: [row.get(name) for row in rows] for name in (rows[0] if rows else ())}


def read(path: str) -> dict[str, Any]:
    """Return the tables of a file.

    Raises
    ------
    Refused
        If PowSyBl cannot read it, or it has no buses.
    MemoryError
        If it needs more than the process may take.
    """
    try:
        import pypowsybl
    except Exception as error:  # noqa: BLE001 - its library may be missing in several ways
        message = f"is read by pypowsybl, which cannot be used here ({reason(error)})"
        raise Refused(f"{message}; install the extra gridmodel[interchange] anew") from None
    try:
        net = pypowsybl.network.load(path)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - of any library
        raise Refused(f"cannot be read by PowSyBl: {reason(error)}") from None
    made = Tables(net)
    made.lines()
    made.transformers()
    made.injections()
    made.links()
    buses = made.buses()
    if not buses:
        raise Refused("has no buses in service")
    return {
        "name": str(net.name or net.id)[:200], "base_mva": BASE_MVA, "buses": _columns(buses),
        "branches": _columns(made.branches), "sources": _columns(made.sources), "loads": _columns(made.loads),
        "direct": _columns(made.direct), "left": made.left,
    }  # fmt: skip


def main(source: str, target: str) -> int:
    """Write JSON and return 0, or print what is wrong with the file and return `REFUSED`."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    bound()
    try:
        found = read(source)
        Path(target).write_text(json.dumps(found), encoding="utf-8")
    except Refused as error:
        sys.stdout.write(str(error))
        return REFUSED
    except MemoryError:
        sys.stdout.write(f"needs more than the {MEMORY_BYTES / 1e9:g} GB of memory that reading it may take")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
