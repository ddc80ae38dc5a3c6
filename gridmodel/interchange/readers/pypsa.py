"""Reader of PyPSA networks, folders of CSV or NetCDF, as plain tables.

The model of lines and transformers is that of the PyPSA documentation, "Power flow"; only the first snapshot is read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats, Ints
from gridmodel.errors import InputError, Problems, nearest
from gridmodel.interchange.bus_branch import BusBranch, to_plain, with_slack
from gridmodel.interchange.readers.guard import fault
from gridmodel.interchange.readers.pypsa_components import Component, read_folder, read_netcdf, share_of
from gridmodel.interchange.readers.pypsa_parts import take_electricity, take_optimised, take_types
from gridmodel.network.plain import PlainNet

COMPONENTS = ("buses", "lines", "transformers", "generators", "storage_units", "loads", "shunt_impedances", "links")
"""Components that affect a power flow."""
HELD = ("stores", "line_types", "transformer_types")
"""Components that say something of others."""
LEFT_OUT = ("processes",)
"""Components that are ignored, with a warning if there are any."""


def read_pypsa(path: Path, problems: Problems, *, shown: str) -> PlainNet:
    """Read a PyPSA network.

    Parameters
    ----------
    path
        Folder of CSV files, or NetCDF file.
    problems
        Collects what is wrong.
    shown
        Name in messages.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    read = read_folder if path.is_dir() else read_netcdf
    parts, name = read(path, (*COMPONENTS, *HELD, *LEFT_OUT), problems, shown=shown)
    if "buses" not in parts:
        problems.raise_if_any()
        raise InputError(fault(shown, "has no buses of a PyPSA network"))
    for left in LEFT_OUT:
        if left in parts:
            problems.add("has no effect on a power flow, and is ignored", table=parts[left].shown, severity="warning")
    take_optimised(parts, problems)
    take_types(parts, problems)
    take_electricity(parts, problems, shown=shown)
    problems.raise_if_any()
    if "stores" in parts:
        message = "hold energy that no snapshot counts, and are ignored"
        problems.add(message, table=parts["stores"].shown, severity="warning")
    net = _Reader(parts, problems).network(name or path.stem)
    problems.raise_if_any()
    plain = to_plain(net, shown=shown, path=path)
    plain.labels.update({table: parts[part].shown for part, table in _TABLE_OF.items() if part in parts})
    return plain


_TABLE_OF = {"buses": "bus", "lines": "line", "transformers": "trafo"}


@dataclass(slots=True)
class _Reader:
    """Conversion of components, which refer to buses by name, to positions and per unit on 1 MVA."""

    parts: dict[str, Component]
    problems: Problems
    places: dict[str, int] = field(default_factory=dict)

    def network(self, name: str) -> BusBranch:
        buses = self._buses()
        kv = buses["vn_kv"].to_numpy(dtype=float)
        branches = pd.concat([self._lines(kv), self._transformers()], ignore_index=True)
        self._shunts(buses, kv)
        sources = self._sources(branches, buses)
        loads, injected = self._loads()
        sources = (
            pd.concat([part for part in (sources, injected) if len(part)], ignore_index=True)
            if len(injected)
            else sources
        )
        costs = pd.DataFrame({
            "source": np.arange(len(sources)), "cp0_eur": 0.0,
            "cp1_eur_per_mw": sources.pop("cost").to_numpy(dtype=float),
            "cp2_eur_per_mw2": sources.pop("cost2").to_numpy(dtype=float),
        })  # fmt: skip
        return BusBranch(
            name=name, base_mva=1.0, f_hz=50.0, buses=buses, branches=branches, sources=sources, loads=loads,
            costs=costs[(costs[["cp1_eur_per_mw", "cp2_eur_per_mw2"]] != 0).any(axis=1)].reset_index(drop=True),
            links=self._links(), lines=self._file_lines(),
        )  # fmt: skip

    def _file_lines(self) -> dict[str, list[int]]:
        """Return the lines in the file of buses and branches."""
        found = {"buses": self.parts["buses"].lines}
        branches = [line for part in ("lines", "transformers") if part in self.parts for line in self.parts[part].lines]
        found["branches"] = branches
        return {name: lines for name, lines in found.items() if lines}

    def _buses(self) -> pd.DataFrame:
        part = self.parts["buses"]
        self.places = {name: place for place, name in enumerate(part.names)}
        v_nom = part.numbers("v_nom", 1.0, self.problems, above=0.0)
        lon, lat = part.numbers("x", math.nan, self.problems), part.numbers("y", math.nan, self.problems)
        known = np.isfinite(lon) & np.isfinite(lat) & ((lon != 0) | (lat != 0))
        zones = part.texts("carrier", "") if "zone" not in part.cells else part.texts("zone", "")
        region = {"region": part.texts("region", "")} if "region" in part.cells else {}
        return pd.DataFrame(region | {
            "name": part.names, "vn_kv": v_nom, "zone": zones, "in_service": True, "gs_mw": 0.0, "bs_mvar": 0.0,
            "min_vm_pu": part.numbers("v_mag_pu_min", 0.0, self.problems),
            "max_vm_pu": part.numbers("v_mag_pu_max", math.inf, self.problems),
            "lon": np.where(known, lon, np.nan), "lat": np.where(known, lat, np.nan),
            "vm_pu": part.numbers("v_mag_pu_set", 1.0, self.problems),
        })  # fmt: skip

    def _at(self, part: Component, column: str) -> Ints:
        """Return positions of buses that a component names."""
        found = np.zeros(len(part.names), dtype=np.intp)
        for row, name in enumerate(part.texts(column, "")):
            if name not in self.places:
                hint = nearest(name, self.places)
                part.note(
                    self.problems, "is not a bus", row, column, name, hint=hint if hint.startswith("nearest") else ""
                )
            found[row] = self.places.get(name, 0)
        return found

    def _lines(self, kv: Floats) -> pd.DataFrame:
        part = self.parts.get("lines")
        if part is None:
            return _no_branches()
        start, end = self._at(part, "bus0"), self._at(part, "bus1")
        ohm = kv[start] ** 2
        x, r, g, b = (part.numbers(name, 0.0, self.problems) for name in ("x", "r", "g", "b"))
        carriers = np.array(self.parts["buses"].texts("carrier", "AC"))
        direct = (carriers[start] == "DC") & (r > 0)
        if direct.any():
            message = f"of direct current ({direct.sum()}) share flows by resistance, which is taken as their reactance"
            self.problems.add(message, table=part.shown, severity="warning")
            x = np.where(direct, r, x)
        return pd.DataFrame({
            "name": part.names, "from_bus": start, "to_bus": end, "r_pu": r / ohm, "x_pu": x / ohm, "g_pu": g * ohm,
            "b_pu": b * ohm, "tap": 1.0, "shift_degree": 0.0, "rate_mva": _rating(part, self.problems),
            "in_service": part.flags("active", True, self.problems), "line": True,
        })  # fmt: skip

    def _transformers(self) -> pd.DataFrame:
        part = self.parts.get("transformers")
        if part is None:
            return _no_branches()
        start, end = self._at(part, "bus0"), self._at(part, "bus1")
        rated = part.numbers("s_nom", 0.0, self.problems)
        for row in np.flatnonzero(rated <= 0):
            part.note(
                self.problems,
                "must be more than 0: impedances are per unit of it",
                int(row),
                "s_nom",
                f"{rated[row]:g}",
            )
        rated = np.where(rated > 0, rated, 1.0)
        x, r, g, b = (part.numbers(name, 0.0, self.problems) for name in ("x", "r", "g", "b"))
        z, y = (r + 1j * x) / rated, (g + 1j * b) * rated
        star = np.array([model != "pi" for model in part.texts("model", "t")], dtype=bool)
        series = np.where(star, z + z**2 * y / 4, z)
        shunt = np.where(star, y / (1 + z * y / 4), y)
        tap = part.numbers("tap_ratio", 1.0, self.problems, above=0.0)
        turned = part.numbers("tap_side", 0.0, self.problems) == 1
        shift = part.numbers("phase_shift", 0.0, self.problems)
        return pd.DataFrame({
            "name": part.names, "from_bus": np.where(turned, end, start), "to_bus": np.where(turned, start, end),
            "r_pu": series.real, "x_pu": series.imag, "g_pu": shunt.real, "b_pu": shunt.imag, "tap": tap,
            "shift_degree": np.where(turned, -shift, shift), "rate_mva": _rating(part, self.problems),
            "in_service": part.flags("active", True, self.problems), "line": False,
        })  # fmt: skip

    def _shunts(self, buses: pd.DataFrame, kv: Floats) -> None:
        part = self.parts.get("shunt_impedances")
        if part is None:
            return
        bus = self._at(part, "bus")
        on = part.flags("active", True, self.problems)
        for column, field_, sign in (("gs_mw", "g", 1.0), ("bs_mvar", "b", 1.0)):
            values = part.numbers(field_, 0.0, self.problems) * kv[bus] ** 2 * sign * on
            buses[column] = np.bincount(bus, values, len(buses))

    def _sources(self, branches: pd.DataFrame, buses: pd.DataFrame) -> pd.DataFrame:
        found = [
            self._source(self.parts[name], buses) for name in ("generators", "storage_units") if name in self.parts
        ]
        table = pd.concat(found, ignore_index=True) if found else _no_sources()
        return with_slack(table, branches, len(buses))

    def _source(self, part: Component, buses: pd.DataFrame) -> pd.DataFrame:
        bus = self._at(part, "bus")
        p_nom = part.numbers("p_nom", 0.0, self.problems)
        control = part.texts("control", "PQ")
        kinds = {"PV": "gen", "Slack": "ext_grid", "PQ": "sgen", "": "sgen"}
        for row, name in enumerate(control):
            if name not in kinds:
                part.note(self.problems, "is not one of PQ, PV, Slack", row, "control", name)
        sign = part.numbers("sign", 1.0, self.problems)
        carrier = part.texts("carrier", "")
        least = share_of(p_nom, part.numbers("p_min_pu", 0.0, self.problems))
        most = share_of(p_nom, part.numbers("p_max_pu", 1.0, self.problems))
        if part is self.parts.get("storage_units"):
            most = self._stored(part, most)
        return pd.DataFrame({
            "name": part.names, "bus": bus, "kind": [kinds.get(name, "sgen") for name in control],
            "p_mw": part.numbers("p_set", 0.0, self.problems) * sign,
            "q_mvar": part.numbers("q_set", 0.0, self.problems) * sign,
            "vm_pu": buses["vm_pu"].to_numpy(dtype=float)[bus], "va_degree": 0.0,
            "in_service": part.flags("active", True, self.problems),
            "min_p_mw": np.where(sign < 0, -most, least), "max_p_mw": np.where(sign < 0, -least, most),
            "min_q_mvar": np.nan, "max_q_mvar": np.nan,
            "technology": [name or None for name in carrier], "cost": part.numbers("marginal_cost", 0.0, self.problems),
            "cost2": part.numbers("marginal_cost_quadratic", 0.0, self.problems),
        })  # fmt: skip

    def _stored(self, part: Component, most: Floats) -> Floats:
        """Return what storage units can give in the first hour: what they begin with, and what flows in. [MW]"""
        filled = part.numbers("state_of_charge_initial", 0.0, self.problems)
        cyclic = part.flags("cyclic_state_of_charge", False, self.problems)
        have = np.where(cyclic, 0.0, filled) + part.numbers("inflow", 0.0, self.problems)
        given = np.minimum(most, have * part.numbers("efficiency_dispatch", 1.0, self.problems))
        if (given < most).any():
            message = "give no more than state_of_charge_initial and inflow of one hour have"
            self.problems.add(message, table=part.shown, severity="warning")
        return given

    def _links(self) -> pd.DataFrame:
        """Return links with their limits, for dispatch."""
        part = self.parts.get("links")
        if part is None:
            return pd.DataFrame()
        p_nom = part.numbers("p_nom", 0.0, self.problems)
        return pd.DataFrame({
            "name": part.names, "from_bus": self._at(part, "bus0"), "to_bus": self._at(part, "bus1"),
            "arrives": part.numbers("efficiency", 1.0, self.problems),
            "min_p_mw": share_of(p_nom, part.numbers("p_min_pu", 0.0, self.problems)),
            "max_p_mw": share_of(p_nom, part.numbers("p_max_pu", 1.0, self.problems)),
            "cost_eur_per_mw": part.numbers("marginal_cost", 0.0, self.problems),
            "in_service": part.flags("active", True, self.problems),
        })  # fmt: skip

    def _loads(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return loads, and the injections of links at their far ends."""
        tables = []
        if "loads" in self.parts:
            part = self.parts["loads"]
            sign = -part.numbers("sign", -1.0, self.problems)
            if none := part.empty("p_set"):
                message = f"is empty at {none} loads, which ask for 0 MW"
                self.problems.add(message, table=part.shown, field="p_set", severity="warning")
            tables.append(pd.DataFrame({
                "name": part.names, "bus": self._at(part, "bus"),
                "p_mw": part.numbers("p_set", 0.0, self.problems) * sign,
                "q_mvar": part.numbers("q_set", 0.0, self.problems) * sign,
                "in_service": part.flags("active", True, self.problems),
            }))  # fmt: skip
        injected = _no_sources()
        if "links" in self.parts:
            part = self.parts["links"]
            self.problems.add(
                "are dispatched within their limits; in a power flow they are fixed: p_set out of bus0, times the "
                "efficiency into bus1",
                table=part.shown,
                severity="warning",
            )
            power, on = (
                part.numbers("p_set", 0.0, self.problems),
                part.flags("active", True, self.problems),
            )
            arrives = power * part.numbers("efficiency", 1.0, self.problems)
            ends = self._at(part, "bus0"), self._at(part, "bus1")
            back = power < 0
            tables.append(pd.DataFrame({
                "name": part.names, "bus": np.where(back, ends[1], ends[0]), "p_mw": np.where(back, -arrives, power),
                "q_mvar": 0.0, "in_service": on, "need_mw": 0.0,
            }))  # fmt: skip
            injected = pd.DataFrame({
                "name": part.names, "bus": np.where(back, ends[0], ends[1]), "kind": "sgen",
                "p_mw": np.where(back, -power, arrives), "q_mvar": 0.0,
                "vm_pu": 1.0, "va_degree": 0.0, "in_service": on, "min_p_mw": 0.0, "max_p_mw": 0.0,
                "min_q_mvar": np.nan, "max_q_mvar": np.nan, "technology": None, "cost": 0.0, "cost2": 0.0,
            })  # fmt: skip
        empty = pd.DataFrame({name: [] for name in ("name", "bus", "p_mw", "q_mvar", "in_service")})
        return (pd.concat(tables, ignore_index=True) if tables else empty), injected


def _rating(part: Component, problems: Problems) -> Floats:
    """Return ratings, 0 for unlimited. [MVA]

    A rating of 0, which PyPSA has where a file gives none, is taken as unlimited: files made for a power flow alone
    have no ratings. A warning says so, since PyPSA's optimisation lets nothing through such a branch.
    """
    rated = np.ones(len(part.names))
    on = part.flags("active", True, Problems())
    for column, default in (("s_nom", 0.0), ("s_max_pu", 1.0)):
        values = part.numbers(column, default, problems)
        for row in np.flatnonzero(values < 0):
            part.note(problems, "must be 0 or more", int(row), column, f"{values[row]:g}")
        none = np.flatnonzero(on & (values == 0))
        if len(none):
            which = ", ".join(part.names[row] for row in none[:3]) + (", …" if len(none) > 3 else "")
            said = "PyPSA lets nothing through, unless its solver chooses their size"
            problems.add(
                f"is 0 at {len(none)} of {len(on)}, where {said}: taken as unlimited", table=part.shown,
                row=part.lines[none[0]] if part.lines else None, field=column, value=which,
                hint="give a rating; inf says that it is unlimited, active False that it is not there",
                severity="warning",
            )  # fmt: skip
        rated = share_of(rated, values) if column == "s_max_pu" else values
    return np.where(np.isfinite(rated), np.maximum(rated, 0.0), 0.0)


def _no_branches() -> pd.DataFrame:
    names = ("name", "from_bus", "to_bus", "r_pu", "x_pu", "g_pu", "b_pu", "tap", "shift_degree", "rate_mva")
    empty: dict[str, Any] = {name: pd.Series(dtype=float) for name in names}
    return pd.DataFrame(empty | {"in_service": pd.Series(dtype=bool), "line": pd.Series(dtype=bool)})


def _no_sources() -> pd.DataFrame:
    names = ("name", "bus", "kind", "p_mw", "q_mvar", "vm_pu", "va_degree", "in_service", "min_p_mw", "max_p_mw",
             "min_q_mvar", "max_q_mvar", "technology", "cost", "cost2")  # fmt: skip
    return pd.DataFrame({name: pd.Series(dtype=bool if name == "in_service" else object) for name in names})
