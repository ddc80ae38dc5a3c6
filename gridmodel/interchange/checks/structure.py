"""Check that plain tables are consistent: every error in one pass, each at its element."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.errors import Problems, Severity
from gridmodel.interchange.checks.islands import islands
from gridmodel.interchange.pandapower_schema import ELEMENTS, SWITCHED, TWO_ENDS
from gridmodel.network.plain import PlainNet

SAME_VOLTAGE = 0.25
"""Most that the voltages of a line's ends may differ: beyond that it needs a transformer. [1] Ours: joins 220 and
230 kV, but not 110 and 150."""
_LOADS = ("load", "asymmetric_load", "motor", "ward", "xward")


def check_references(net: PlainNet, problems: Problems) -> None:
    """Note every reference to a missing row: a net with one cannot be built.

    Parameters
    ----------
    net
        Plain tables.
    problems
        Collects what is wrong.
    """
    if not len(net.table("bus")):
        problems.add("has no buses", table=net.labels.get("bus", f"{net.shown}/bus"))
    for name, table in ELEMENTS.items():
        for column in table.columns:
            if column.refers and column.name in net.table(name):
                known = net.table(column.refers).index
                missing = ~net.table(name)[column.name].isin(known).to_numpy()
                note_rows(net, name, column.name, missing, f"is not a row of `{column.refers}`", problems)
    _check_elements(net, problems)


def _check_elements(net: PlainNet, problems: Problems) -> None:
    """Note switches of missing elements; costs of them price nothing, and are passed over with a warning."""
    for name, of in (("switch", SWITCHED), ("poly_cost", {}), ("pwl_cost", {})):
        frame = net.table(name)
        if "et" not in frame or "element" not in frame:
            continue
        priced = np.ones(len(frame), dtype=bool)
        for kind in frame["et"].astype(str).unique():
            target = of.get(kind, kind)
            rows = (frame["et"].astype(str) == kind).to_numpy()
            if name != "switch" and target not in ELEMENTS:
                note_rows(net, name, "et", rows, "is not a table of elements", problems)
                continue
            missing = rows & ~frame["element"].isin(net.table(target).index).to_numpy()
            message = f"is not a row of `{target}`"
            if name == "switch":
                note_rows(net, name, "element", missing, message, problems)
                continue
            note_rows(net, name, "element", missing, f"{message}: the cost is ignored", problems, severity="warning")
            priced[missing] = False
        if not priced.all():
            _keep(net, name, priced)


def _keep(net: PlainNet, name: str, chosen: npt.NDArray[np.bool_]) -> None:
    """Keep the rows of a table that are chosen, with their lines of the file."""
    net.tables[name] = net.table(name)[chosen]
    if name in net.lines:
        net.lines[name] = [line for line, kept in zip(net.lines[name], chosen, strict=True) if kept]


def check_structure(net: PlainNet, problems: Problems) -> None:
    """Note what makes no sense electrically: line ends of different voltage, zero impedances, two set points at a bus.

    Parameters
    ----------
    net
        Plain tables without references to missing rows.
    problems
        Collects errors and warnings.
    """
    for name, (start, end) in TWO_ENDS.items():
        frame = net.table(name)
        if start in frame and end in frame:
            note_rows(net, name, end, (frame[start] == frame[end]).to_numpy(), "joins a bus to itself", problems)
    _check_lines(net, problems)
    _check_trafos(net, problems)
    _check_set_points(net, problems)
    _check_numbers(net, problems)
    _check_sources(net, problems)


def _volts(net: PlainNet, table: str, column: str) -> npt.NDArray[np.float64]:
    """Return the nominal voltage of the bus that each row names. [kV]"""
    kv = pd.Series(net.numbers("bus", "vn_kv"), index=net.table("bus").index)
    return np.asarray(kv.reindex(net.table(table)[column]).to_numpy(dtype=float))


def _check_lines(net: PlainNet, problems: Problems) -> None:
    if not len(net.table("line")):
        return
    on = net.active("line")
    start, end = _volts(net, "line", "from_bus"), _volts(net, "line", "to_bus")
    apart = on & (np.abs(start - end) > SAME_VOLTAGE * np.maximum(start, end))
    for position in np.flatnonzero(apart):
        message = f"joins {start[position]:g} kV and {end[position]:g} kV: use a transformer"
        _one(net, "line", "to_bus", int(position), message, problems)
    near = on & ~apart & (start != end)
    note_rows(net, "line", "to_bus", near, "joins buses of different nominal voltage", problems, severity="warning")
    x, r = net.numbers("line", "x_ohm_per_km"), net.numbers("line", "r_ohm_per_km")
    note_rows(net, "line", "x_ohm_per_km", on & (x == 0), "is zero: DC power flow needs a reactance", problems)
    note_rows(net, "line", "x_ohm_per_km", on & (x < 0), "is negative", problems, severity="warning")
    note_rows(net, "line", "r_ohm_per_km", on & (r < 0), "is negative", problems, severity="warning")
    branch = net.table("impedance")
    if len(branch):
        x = net.numbers("impedance", "xft_pu")
        note_rows(
            net,
            "impedance",
            "xft_pu",
            net.active("impedance") & (x == 0),
            "is zero: DC power flow needs a reactance",
            problems,
        )
        note_rows(
            net, "impedance", "xft_pu", net.active("impedance") & (x < 0), "is negative", problems, severity="warning"
        )


def _check_trafos(net: PlainNet, problems: Problems) -> None:
    for name, sides in (("trafo", ("",)), ("trafo3w", ("hv_", "mv_", "lv_"))):
        if not len(net.table(name)):
            continue
        on = net.active(name)
        for side in sides:
            whole, real = net.numbers(name, f"vk_{side}percent"), net.numbers(name, f"vkr_{side}percent")
            field = f"vk_{side}percent"
            note_rows(net, name, field, on & (whole == 0), "is zero: a transformer needs a reactance", problems)
            note_rows(net, name, field, on & (whole < 0), "is negative", problems, severity="warning")
            wrong = on & (whole != 0) & (np.abs(real) >= np.abs(whole) * (1 - 1e-12))
            note_rows(
                net, name, f"vkr_{side}percent", wrong, f"must be less than {field}, of which it is a part", problems
            )
        for side in ("hv", "mv", "lv") if name == "trafo3w" else ("hv", "lv"):
            bus, own = _volts(net, name, f"{side}_bus"), net.numbers(name, f"vn_{side}_kv")
            off = on & (np.abs(own / bus - 1) > SAME_VOLTAGE)
            note_rows(
                net,
                name,
                f"vn_{side}_kv",
                off,
                "is far from the nominal voltage of its bus",
                problems,
                severity="warning",
            )


def _check_set_points(net: PlainNet, problems: Problems) -> None:
    """Note sources at one bus with different voltage set points."""
    set_pu: dict[int, float] = {}
    for name in ("ext_grid", "gen"):
        frame = net.table(name)
        if not len(frame):
            continue
        volts, on = net.numbers(name, "vm_pu", 1.0), net.active(name)
        for position in np.flatnonzero(on):
            bus = int(frame["bus"].iloc[position])
            if not math.isclose(set_pu.setdefault(bus, float(volts[position])), volts[position], rel_tol=1e-9):
                message = f"differs from the set point {set_pu[bus]:g} of another source at this bus"
                _one(net, name, "vm_pu", int(position), message, problems)


def _check_numbers(net: PlainNet, problems: Problems) -> None:
    """Note powers and set points that are not finite, and minimum limits above maximum limits."""
    for name in ("load", "sgen", "gen", "ext_grid", "storage", "shunt"):
        for field in ("p_mw", "q_mvar", "vm_pu", "scaling"):
            if field in net.table(name):
                wrong = net.active(name) & ~np.isfinite(net.numbers(name, field))
                note_rows(net, name, field, wrong, "is not a finite number", problems)
    for name in ("sgen", "gen", "ext_grid"):
        if "max_p_mw" in net.table(name) and "min_p_mw" in net.table(name):
            turned = net.numbers(name, "min_p_mw") > net.numbers(name, "max_p_mw") + 1e-9
            note_rows(
                net, name, "min_p_mw", turned & net.active(name), "is more than max_p_mw", problems, severity="warning"
            )


def _check_sources(net: PlainNet, problems: Problems) -> None:
    """Note a net without a reference, and connected parts without a source."""
    slack = (
        net.active("ext_grid").any()
        or (net.column("gen", "slack", False).to_numpy(dtype=bool) & net.active("gen")).any()
    )
    label = net.labels.get("bus", net.shown)
    if not slack:
        problems.add(
            "has no ext_grid and no gen with slack: a power flow needs a reference", table=label, severity="warning"
        )
    if not any(len(net.table(name)) for name in _LOADS):
        problems.add("has no loads", table=label, severity="warning")
    parts = islands(net)
    fed, fed_to = (
        {
            parts.get(int(bus), -1)
            for name in names
            if len(net.table(name))
            for bus in net.table(name)["bus"][net.active(name)]
        }
        for names in (("gen", "sgen", "ext_grid"), _LOADS)
    )
    dark = fed_to - fed - {-1}
    sizes = pd.Series(list(parts.values())).value_counts() if parts else pd.Series(dtype=int)
    if len(sizes) > 1:
        small = ", ".join(str(size) for size in sorted(sizes, reverse=True)[:8])
        message = f"consists of {len(sizes)} unconnected parts, of {small}{' …' if len(sizes) > 8 else ''} buses"
        problems.add(message, table=label, severity="warning")
    for part in sorted(dark)[:20]:
        first = next(bus for bus, own in parts.items() if own == part)
        where = f"{label}, the part with bus {first}" if not net.bundled else label
        problems.add("has loads but no source", table=where, severity="warning")


def note_rows(  # noqa: PLR0917 - one column and what is wrong with it
    net: PlainNet, table: str, field: str, wrong: npt.NDArray[np.bool_], message: str, problems: Problems,
    *, severity: Severity = "error",
) -> None:  # fmt: skip
    """Note one problem of several rows, each at its element, up to `MAX_SAID` rows."""
    for position in np.flatnonzero(wrong)[:MAX_SAID]:
        _one(net, table, field, int(position), message, problems, severity=severity)
    more = int(np.count_nonzero(wrong)) - MAX_SAID
    if more > 0:
        label, _ = net.place(table, 0)
        problems.add(
            f"{message}: {more} more rows", table=label.rpartition("/")[0] or label, field=field, severity=severity
        )


MAX_SAID = 100
"""Most rows that are listed for one problem; the rest are counted. Ours: keeps reports readable."""


def _one(  # noqa: PLR0917 - one cell and what is wrong with it
    net: PlainNet, table: str, field: str, position: int, message: str, problems: Problems, *,
        severity: Severity = "error"
) -> None:  # fmt: skip
    label, line = net.place(table, position)
    value = net.table(table)[field].iloc[position] if field in net.table(table) else ""
    shown = f"{value:.6g}" if isinstance(value, float) else value
    problems.add(message, table=label, row=line, field=field, value=shown, severity=severity)
