"""Parts of a PyPSA network apart from its components: optimised capacities, standard types, other carriers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problems, nearest
from gridmodel.interchange.readers.pypsa_components import Component
from gridmodel.interchange.readers.pypsa_types import LINE_TYPES, TRANSFORMER_TYPES, line_values, transformer_values

ELECTRIC = ("", "ac", "dc", "electricity", "electric", "electrical", "power", "low voltage", "medium voltage",
            "high voltage")  # fmt: skip
"""Carriers of buses, in small letters, that are electricity."""
_SIZES = {"generators": "p_nom", "storage_units": "p_nom", "links": "p_nom", "lines": "s_nom", "transformers": "s_nom"}
_PORTS = ("1", "2", "3", "4")
_AT_A_BUS = ("generators", "storage_units", "loads", "shunt_impedances", "stores")
_BETWEEN = ("lines", "transformers")


def take_optimised(parts: dict[str, Component], problems: Problems) -> None:
    """Set the size of extendable components to the optimised one, in a file that was solved.

    Notes
    -----
    A file was solved if an optimised size of any extendable component is above 0; `p_nom_opt` is 0 before.
    """
    quiet = Problems()
    found = {}
    for name, size in _SIZES.items():
        if name in parts and f"{size}_opt" in parts[name].cells:
            part = parts[name]
            extendable = part.flags(f"{size}_extendable", False, quiet)
            found[name] = (extendable, part.numbers(f"{size}_opt", 0.0, problems))
    if not any((optimised[extendable] > 0).any() for extendable, optimised in found.values()):
        return
    for name, (extendable, optimised) in found.items():
        size, part = _SIZES[name], parts[name]
        if extendable.any():
            cells = part.cells.setdefault(size, [None] * len(part.names))
            for row in np.flatnonzero(extendable):
                cells[row] = max(float(optimised[row]), 0.0)  # solvers leave -1e-12
            message = f"is that of the optimisation, {size}_opt, of {int(extendable.sum())} extendable"
            problems.add(message, table=part.shown, field=size, severity="warning")


def take_types(parts: dict[str, Component], problems: Problems) -> None:
    """Set impedances of lines and transformers with a type: one of the file, else one of PyPSA's standard types."""
    lines = dict(LINE_TYPES)
    for _, name, number in _own(parts.get("line_types"), problems):
        lines[name] = (number("f_nom", 50.0), number("r_per_length"), number("x_per_length"), number("c_per_length"))
    _typed(parts.get("lines"), lines, problems)
    trafos = dict(TRANSFORMER_TYPES)
    for row, name, number in _own(parts.get("transformer_types"), problems):
        s_nom = number("s_nom")
        if not s_nom > 0:
            parts["transformer_types"].note(problems, "must be more than 0", row, "s_nom", f"{s_nom:g}")
            continue
        trafos[name] = (
            s_nom, number("vsc"), number("vscr"), number("pfe"), number("i0"), number("phase_shift"),
            int(number("tap_side")), number("tap_neutral"), number("tap_step"),
        )  # fmt: skip
    _typed(parts.get("transformers"), trafos, problems)


class _Numbers:
    """Numbers of one row of a component."""

    def __init__(self, part: Component, row: int, problems: Problems) -> None:
        self._part, self._row, self._problems = part, row, problems

    def __call__(self, column: str, default: float = 0.0) -> float:
        return float(self._part.numbers(column, default, self._problems)[self._row])


def _own(part: Component | None, problems: Problems) -> list[tuple[int, str, _Numbers]]:
    if part is None:
        return []
    return [(row, name, _Numbers(part, row, problems)) for row, name in enumerate(part.names)]


def _typed(part: Component | None, types: Mapping[str, tuple[float, ...]], problems: Problems) -> None:
    """Write what follows from the type of each row into its cells."""
    if part is None or not any(part.texts("type", "")):
        return
    known_x = part.numbers("x", 0.0, Problems())
    length, parallel, position = (
        part.numbers(column, default, problems)
        for column, default in (("length", 0.0), ("num_parallel", 1.0), ("tap_position", 0.0))
    )
    for row, name in enumerate(part.texts("type", "")):
        if not name:
            continue
        if name not in types:
            if known_x[row] == 0:
                hint = nearest(name, types)
                part.note(problems, "is not a standard type", row, "type", name, hint=hint or "write x, r, b")
            continue
        if parallel[row] <= 0:
            part.note(problems, "must be more than 0", row, "num_parallel", f"{parallel[row]:g}")
            continue
        kind = types[name]
        values = (
            line_values(kind, float(length[row]), float(parallel[row]))
            if len(kind) == 4
            else transformer_values(kind, float(position[row]), float(parallel[row]))  # type: ignore[arg-type]
        )
        for column, value in values.items():
            cast("list[object]", part.cells.setdefault(column, [None] * len(part.names)))[row] = value


def take_electricity(  # noqa: PLR0915 - one statement for each kind of component
    parts: dict[str, Component], problems: Problems, *, shown: str
) -> None:
    """Keep the buses of electricity and what is at them; one warning names the rest.

    Parameters
    ----------
    parts
        Components, which are changed.
    problems
        Collects the warning.
    shown
        Name of the file in messages.

    Notes
    -----
    A link from another carrier becomes a generator where it arrives, with at most what generators and stores have
    where it begins, shared among all such links there in proportion to their size.
    """
    buses = parts["buses"]
    carriers = buses.texts("carrier", "AC")
    electric = np.array([carrier.casefold() in ELECTRIC for carrier in carriers], dtype=bool)
    if electric.all():
        return
    if not electric.any():
        message = "of electricity is not among its buses: every bus is taken"
        problems.add(message, table=buses.shown, field="carrier", value=", ".join(sorted(set(carriers))[:4]),
                     severity="warning")  # fmt: skip
        return
    inside = {name for name, kept in zip(buses.names, electric, strict=True) if kept}
    made = _plants(parts, inside, set(buses.names), problems)
    left: Counter[str] = Counter()
    for name in (*_AT_A_BUS, *_BETWEEN):
        if name in parts:
            part = parts[name]
            at = part.texts("bus" if name in _AT_A_BUS else "bus0", "")
            out = [bus in set(buses.names) and bus not in inside for bus in at]
            _keep(parts, name, np.flatnonzero(~np.array(out, dtype=bool)))
            left[name] += sum(out)
    if "links" in parts:
        links = parts["links"]
        ends = zip(links.texts("bus0", ""), links.texts("bus1", ""), strict=True)
        out = [any(bus in set(buses.names) and bus not in inside for bus in pair) for pair in ends]
        left["links"] += sum(out) - (len(made.names) if made is not None else 0)
        _keep(parts, "links", np.flatnonzero(~np.array(out, dtype=bool)))
    if made is not None:
        parts["generators"] = _joined(parts.get("generators"), made)
    count = Counter(carrier for carrier, kept in zip(carriers, electric, strict=True) if not kept)
    named = ", ".join(f"{carrier[:30]} ({number})" for carrier, number in sorted(count.items())[:12])
    more = f" and {len(count) - 12} more" if len(count) > 12 else ""
    beside = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in left.items() if number)
    message = f"only electricity is taken; buses left out: {named}{more}" + (f"; with them {beside}" if beside else "")
    problems.add(message, table=shown, severity="warning")
    parts["buses"] = buses.kept(np.flatnonzero(electric))


def _keep(parts: dict[str, Component], name: str, rows: npt.NDArray[np.intp]) -> None:
    if len(rows):
        parts[name] = parts[name].kept(rows)
    else:
        del parts[name]


def _plants(parts: dict[str, Component], inside: set[str], known: set[str], problems: Problems) -> Component | None:
    """Return links from other carriers to electricity, as generators."""
    if "links" not in parts:
        return None
    links = parts["links"]
    start = links.texts("bus0", "")
    size = links.numbers("p_nom", 0.0, problems) * links.numbers("p_max_pu", 1.0, problems)
    cost = links.numbers("marginal_cost", 0.0, problems)
    active = links.flags("active", True, problems)
    carriers = links.texts("carrier", "")
    ports = [(links.texts(f"bus{n}", ""), links.numbers("efficiency" if n == "1" else f"efficiency{n}", 1.0, problems))
             for n in _PORTS]  # fmt: skip
    found = []
    for row, name in enumerate(start):
        if name in inside or name not in known:
            continue
        arrives = [(end[row], float(share[row])) for end, share in ports if end[row] in inside and share[row] > 0]
        if arrives:
            found.append((row, *arrives[0]))
    if not found:
        return None
    have = _supply(parts, known - inside, problems)
    asked: defaultdict[str, float] = defaultdict(float)
    for row, _, _ in found:
        asked[start[row]] += float(size[row] * active[row])
    given = {bus: min(1.0, have.get(bus, 0.0) / total) if total > 0 else 0.0 for bus, total in asked.items()}
    rows = [row for row, _, _ in found]
    message = f"into electricity ({len(found)}) are generators, without the cost of their fuel"
    problems.add(message, table=links.shown, severity="warning")
    return Component(
        links.shown, [links.names[row] for row in rows],
        {
            "bus": [bus for _, bus, _ in found],
            "p_nom": [float(size[row] * share * given[start[row]]) for row, _, share in found],
            "marginal_cost": [float(cost[row] / share) for row, _, share in found],
            "carrier": [carriers[row] for row in rows],
            "active": [bool(active[row]) for row in rows],
        },
        [links.lines[row] for row in rows if row < len(links.lines)],
    )  # fmt: skip


def _supply(parts: dict[str, Component], buses: set[str], problems: Problems) -> dict[str, float]:
    """Return what generators and stores at buses of other carriers have for an hour. [MW]"""
    have: defaultdict[str, float] = defaultdict(float)
    for name in ("generators", "stores"):
        if name not in parts:
            continue
        part = parts[name]
        if name == "generators":
            power = part.numbers("p_nom", 0.0, problems) * part.numbers("p_max_pu", 1.0, problems)
        else:
            cyclic = part.flags("e_cyclic", False, problems)
            power = np.where(cyclic, 0.0, part.numbers("e_initial", 0.0, problems))
        for bus, mw, active in zip(part.texts("bus", ""), power, part.flags("active", True, problems), strict=True):
            if bus in buses and active:
                have[bus] += max(float(mw), 0.0)
    return dict(have)


def _joined(first: Component | None, second: Component) -> Component:
    """Return the rows of two components as one."""
    if first is None:
        return second
    columns = {*first.cells, *second.cells}
    names = set(first.names)
    return Component(
        first.shown,
        [*first.names, *(name if name not in names else f"{name} link" for name in second.names)],
        {
            column: [
                *first.cells.get(column, [None] * len(first.names)),
                *second.cells.get(column, [None] * len(second.names)),
            ]
            for column in columns
        },
        [*first.lines, *second.lines],
    )
