"""Components of a PyPSA network as plain columns, from CSV files or from NetCDF."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problems
from gridmodel.inputs.hdf5 import BROKEN, read_hdf5
from gridmodel.inputs.tables import read_number, read_rows, read_text
from gridmodel.interchange.readers.guard import MAX_FILE_BYTES, MAX_ROWS, MAX_TEXT, MAX_VALUES, fault

STATIC = (
    "v_nom", "x", "y", "carrier", "zone", "region", "v_mag_pu_set", "v_mag_pu_min", "v_mag_pu_max", "bus", "bus0",
    "bus1", "type", "r", "g", "b", "s_nom", "s_max_pu", "model", "tap_ratio", "tap_side", "phase_shift", "p_nom",
    "p_set", "q_set", "control", "sign", "p_min_pu", "p_max_pu", "marginal_cost", "marginal_cost_quadratic",
    "efficiency", "active", "efficiency_dispatch", "state_of_charge_initial", "inflow", "cyclic_state_of_charge",
    "length", "num_parallel", "tap_position", "p_nom_extendable", "p_nom_opt", "s_nom_extendable", "s_nom_opt",
    "bus2", "bus3", "bus4", "efficiency2", "efficiency3", "efficiency4", "e_initial", "e_cyclic", "f_nom",
    "r_per_length", "x_per_length", "c_per_length", "vsc", "vscr", "pfe", "i0", "tap_neutral", "tap_step",
)  # fmt: skip
"""Attributes that are read; all others have no effect on a power flow."""
SERIES = ("p_set", "q_set", "p_max_pu", "p_min_pu", "marginal_cost", "v_mag_pu_set", "efficiency", "inflow")
"""Attributes that may change with the snapshot."""


@dataclass(slots=True)
class Component:
    """One kind of component: names, cells by attribute, and lines of the file."""

    shown: str
    names: list[str]
    cells: dict[str, list[Any]]
    lines: list[int] = field(default_factory=list)

    def kept(self, rows: npt.NDArray[np.intp]) -> Component:
        """Return a component of some rows."""
        return Component(
            self.shown,
            [self.names[row] for row in rows],
            {name: [cells[row] for row in rows] for name, cells in self.cells.items()},
            [self.lines[row] for row in rows if row < len(self.lines)],
        )

    def note(
        self, problems: Problems, message: str, row: int, column: str, value: object = "", *, hint: str = ""
    ) -> None:
        """Note what is wrong with a cell."""
        line = self.lines[row] if row < len(self.lines) else None
        name = self.names[row] if row < len(self.names) else ""
        table = self.shown if line is not None else f"{self.shown}/{name}"
        problems.add(message, table=table, row=line, field=column, value=value, hint=hint)

    def numbers(self, column: str, default: float, problems: Problems, *, above: float = -math.inf) -> Floats:
        """Return a column of numbers; the default where it is missing or empty.

        Parameters
        ----------
        column
            Attribute.
        default
            Value where it is missing.
        problems
            Collects cells that are not numbers, or too small.
        above
            Bound that a number must exceed.
        """
        found = np.full(len(self.names), default)
        for row, cell in enumerate(self.cells.get(column, [])):
            number = _number(cell)
            if number is None or math.isnan(number):
                if cell not in {None, ""} and number is None:
                    self.note(problems, "is not a number", row, column, cell)
                continue
            if number <= above:
                self.note(problems, f"must be more than {above:g}", row, column, cell)
                continue
            if math.isinf(number) and column not in _ENDLESS:
                self.note(problems, "is not a finite number", row, column, cell)
                continue
            found[row] = number
        return found

    def texts(self, column: str, default: str) -> list[str]:
        """Return a column of texts; the default where it is missing or empty."""
        cells = self.cells.get(column)
        return (
            [default] * len(self.names) if cells is None else [str(cell) if _given(cell) else default for cell in cells]
        )

    def flags(self, column: str, default: bool, problems: Problems) -> npt.NDArray[np.bool_]:
        """Return a column of flags."""
        found = np.full(len(self.names), default)
        for row, cell in enumerate(self.cells.get(column, [])):
            if not _given(cell):
                continue
            flag = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}.get(
                str(cell).casefold()
            )
            if flag is None:
                self.note(problems, "is not true or false", row, column, cell)
            else:
                found[row] = flag
        return found

    def empty(self, column: str) -> int:
        """Return how many cells of a column that the file has are empty."""
        return sum(not _given(cell) or str(cell).strip().casefold() == "nan" for cell in self.cells.get(column, []))


def share_of(size: Floats, per_unit: Floats) -> Floats:
    """Return a share of sizes, which may be infinite; no share of an infinite one is 0."""
    return np.where(per_unit == 0, 0.0, size) * per_unit


_ENDLESS = ("s_nom", "s_max_pu", "v_mag_pu_max", "p_nom", "p_max_pu")
"""Attributes that PyPSA allows to be infinite."""


def _given(cell: object) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, float) and math.isnan(cell))


def _number(cell: object) -> float | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    text = str(cell if cell is not None else "").strip()
    if text.casefold() in {"inf", "+inf", "-inf", "nan"}:
        return float(text)
    number, message = read_number(text)
    return None if message else number


def read_folder(
    path: Path, wanted: Sequence[str], problems: Problems, *, shown: str
) -> tuple[dict[str, Component], str]:
    """Read a folder of CSV files as PyPSA exports it; return components with rows, and the network's name."""
    parts = {}
    for name in wanted:
        read = _csv(path, f"{name}.csv", problems, shown=shown)
        if read is None or not read[1]:
            continue
        header, rows = read
        names = [cells[0] for _, cells in rows]
        cells = {title: [row[n] for _, row in rows] for n, title in enumerate(header) if n and title in STATIC}
        part = Component(f"{shown}/{name}.csv", names, cells, [line for line, _ in rows])
        for attribute in SERIES:
            series = _csv(path, f"{name}-{attribute}.csv", problems, shown=shown)
            if series is not None and series[1]:
                _first_snapshot(
                    part,
                    attribute,
                    dict(zip(series[0][1:], series[1][0][1][1:], strict=True)),
                    problems,
                    len(series[1]),
                )
        _check_names(part, problems)
        parts[name] = part
    about = _csv(path, "network.csv", problems, shown=shown)
    called = dict(zip(about[0], about[1][0][1], strict=True)).get("name", "") if about and about[1] else ""
    return parts, called[:200]


def _csv(
    path: Path, name: str, problems: Problems, *, shown: str
) -> tuple[list[str], list[tuple[int, list[str]]]] | None:
    file = path / name
    label = f"{shown}/{name}"
    if not file.exists() and not file.is_symlink():
        return None
    if not file.is_file() or not file.resolve().is_relative_to(path.resolve()):
        problems.add("leads outside the folder, or is not a file", table=label)
        return None
    text = read_text(file, problems, shown=label)
    if text is None:
        return None
    header, rows = read_rows(text, problems, shown=label)
    if len(rows) > MAX_ROWS or len(rows) * len(header) > MAX_VALUES:
        problems.add(f"has more than {MAX_ROWS:,} rows or {MAX_VALUES:,} values", table=label)
        return None
    return header, rows


def _first_snapshot(part: Component, attribute: str, values: dict[str, Any], problems: Problems, count: int) -> None:
    """Replace static values by those of the first snapshot."""
    cells = part.cells.setdefault(attribute, [None] * len(part.names))
    place = {name: row for row, name in enumerate(part.names)}
    for name, value in values.items():
        if name in place:
            cells[place[name]] = value
    if count > 1:
        message = f"changes over {count} snapshots: the first is taken"
        problems.add(message, table=part.shown, field=attribute, severity="warning")


def _check_names(part: Component, problems: Problems) -> None:
    first: dict[str, int] = {}
    for row, name in enumerate(part.names):
        if name in first or not name:
            part.note(problems, "is a duplicate" if name else "is empty: a name is required", row, "name", name)
        elif len(name) > MAX_TEXT or not name.isprintable():
            part.note(problems, "is not a name", row, "name", ascii(name[:40]))
        first.setdefault(name, row)


def read_netcdf(
    path: Path, wanted: Sequence[str], problems: Problems, *, shown: str
) -> tuple[dict[str, Component], str]:
    """Read a NetCDF file as PyPSA exports it, in pure Python; return components, and the network's name.

    Raises
    ------
    InputError
        If it is broken.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InputError(fault(shown, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB"))

    names = {"scenario"} | {f"{part}_i" for part in wanted}
    names |= {f"{part}_{attribute}" for part in wanted for attribute in STATIC}
    names |= {f"{part}_t_{attribute}{end}" for part in wanted for attribute in SERIES for end in ("", "_i")}
    with path.open("rb") as stream:
        classic = stream.read(3) == b"CDF"
    arrays, attributes = _classic(path, shown, names) if classic else read_hdf5(path, shown, names.__contains__)
    parts = {}
    _first_scenario(arrays, wanted, problems, shown=shown)
    for name in wanted:
        index = arrays.get(f"{name}_i")
        if index is None or np.ndim(index) != 1 or not len(index):
            continue
        part = Component(f"{shown}/{name}", [_text(value) for value in index], {})
        for attribute in STATIC:
            values = arrays.get(f"{name}_{attribute}")
            if values is None:
                continue
            if np.shape(values) != (len(index),):
                problems.add("does not have as many values as the component", table=part.shown, field=attribute)
                continue
            part.cells[attribute] = [_value(value) for value in values]
        for attribute in SERIES:
            _series(part, name, attribute, arrays, problems)
        _check_names(part, problems)
        parts[name] = part
    return parts, _text(attributes.get("network_name", ""))[:200]


def _first_scenario(arrays: dict[str, Any], wanted: Sequence[str], problems: Problems, *, shown: str) -> None:
    """Reduce arrays over scenarios, ``(scenario, component)`` and ``(snapshot, scenario, component)``, to the first."""
    names = arrays.pop("scenario", None)
    if names is None or np.ndim(names) != 1 or not len(names):
        return
    for part in wanted:
        for attribute in STATIC:
            values = arrays.get(f"{part}_{attribute}")
            if values is not None and np.ndim(values) == 2 and len(values) == len(names):
                arrays[f"{part}_{attribute}"] = values[0]
        for attribute in SERIES:
            values = arrays.get(f"{part}_t_{attribute}")
            if values is not None and np.ndim(values) == 3 and np.shape(values)[1] == len(names):
                arrays[f"{part}_t_{attribute}"] = values[:, 0]
    message = f"has {len(names)} scenarios: the first is taken"
    problems.add(message, table=shown, field="scenario", value=_text(names[0])[:40], severity="warning")


def _series(part: Component, name: str, attribute: str, arrays: dict[str, Any], problems: Problems) -> None:
    values, columns = arrays.get(f"{name}_t_{attribute}"), arrays.get(f"{name}_t_{attribute}_i")
    if values is None or columns is None:
        return
    if np.ndim(values) != 2 or np.shape(values)[1] != len(columns):
        problems.add("does not have as many columns as names", table=part.shown, field=f"t_{attribute}")
    elif len(values):
        first = {_text(column): _value(value) for column, value in zip(columns, values[0], strict=True)}
        _first_snapshot(part, attribute, first, problems, len(values))


def _classic(path: Path, shown: str, names: set[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read classic NetCDF through SciPy.

    Raises
    ------
    InputError
        If it is broken.
    """
    from scipy.io import netcdf_file

    try:
        with netcdf_file(path, "r", mmap=False) as file:
            arrays = {}
            for name in names & set(file.variables):
                data = np.array(file.variables[name].data)
                if data.size > MAX_VALUES * 50:
                    raise InputError(fault(shown, f"has too many values in {name[:60]}"))
                is_text = data.dtype.kind == "S" and data.ndim == 2
                arrays[name] = (
                    np.array([b"".join(row).rstrip(b"\x00") for row in data], dtype=object) if is_text else data
                )
            return arrays, {name: getattr(file, name) for name in ("network_name",) if hasattr(file, name)}
    except InputError:
        raise
    except BROKEN as error:
        reason = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
        raise InputError(fault(shown, f"is a broken NetCDF file: {reason}")) from None


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _value(value: object) -> object:
    if isinstance(value, bytes | str):
        return _text(value)
    found = value.item() if isinstance(value, np.generic) else value
    return found if isinstance(found, int | float | bool) else str(found)
