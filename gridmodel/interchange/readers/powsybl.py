"""CGMES, PSS/E, UCTE, IIDM and IEEE-CDF, where the extra `interchange` (pypowsybl) is installed."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.errors import InputError, Problems
from gridmodel.inputs.child import why_refused
from gridmodel.interchange.bus_branch import BusBranch, to_plain, with_slack
from gridmodel.interchange.readers.guard import MAX_ROWS, check_archive, fault, read_bytes
from gridmodel.network.plain import PlainNet

MAX_SECONDS = 480
"""Longest that reading may take. [s] Ours: twice the processor time that the process is given."""
MAX_TABLES_BYTES = 200_000_000
"""Largest answer of the process. [byte] Ours: five times the largest file."""
ASSUMED_MW = 9999.0
"""Limit that PowSyBl gives every generator of IEEE-CDF, which has none. [MW]"""
_NUMBERS = ("vn_kv", "gs_mw", "bs_mvar", "r_pu", "x_pu", "g_pu", "b_pu", "tap", "shift_degree", "rate_mva", "p_mw",
            "q_mvar", "vm_pu", "va_degree", "min_p_mw", "max_p_mw", "min_q_mvar", "max_q_mvar")  # fmt: skip
_BRANCH = ("name", "from_bus", "to_bus", "r_pu", "x_pu", "g_pu", "b_pu", "tap", "shift_degree", "rate_mva",
           "in_service", "line")  # fmt: skip
_SOURCE = ("name", "bus", "kind", "p_mw", "q_mvar", "vm_pu", "va_degree", "in_service", "min_p_mw", "max_p_mw",
           "min_q_mvar", "max_q_mvar", "technology")  # fmt: skip


def read_powsybl(path: Path, problems: Problems, *, shown: str, ending: str) -> PlainNet:
    """Read a network file through PowSyBl, in a process with bounds of time and memory.

    Parameters
    ----------
    path
        File of a format that PowSyBl reads; an archive holds CGMES.
    problems
        Collects what is left out.
    shown
        Name of the file in messages.
    ending
        Ending by which PowSyBl knows the format, such as `.txt`; a file of another one is read from a copy.

    Raises
    ------
    InputError
        If pypowsybl is not installed, or cannot read the file.

    Notes
    -----
    Buses are those that closed switches join; what is not connected is left out. A line that ends at a border is a
    load of the power there, a pair of them one branch. Tap changers stand where they are.
    """
    content = read_bytes(path, shown)
    if content[:2] == b"PK":
        check_archive(path, shown)
    elif b"<!DOCTYPE" in (text := content.replace(b"\x00", b"").upper()) or b"<!ENTITY" in text:
        raise InputError(fault(shown, "declares a document type or entities"))
    if importlib.util.find_spec("pypowsybl") is None:
        message = "is of a format that is read by PowSyBl, which is not installed"
        raise InputError(fault(shown, message, "install the extra that reads it, gridmodel[interchange]"))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "found.json"
        _convert(_under(ending, path, Path(folder)), target, shown=shown)
        if target.stat().st_size > MAX_TABLES_BYTES:
            raise InputError(fault(shown, f"has more than {MAX_TABLES_BYTES // 1_000_000} MB of tables"))
        found = json.loads(target.read_text(encoding="utf-8"))
    if any(len(next(iter(found[name].values()), [])) > MAX_ROWS for name in ("buses", "branches", "sources", "loads")):
        raise InputError(fault(shown, f"has more than {MAX_ROWS:,} rows in a table"))
    if ending == ".txt":
        message = "says nothing of what generators can give: each gives up to its output, a negative one is demand"
        problems.add(message, table=shown, severity="warning")
        _forget_limits(found["sources"])
    for left in found["left"]:
        problems.add(f"{left} give no active power, and are ignored", table=shown, severity="warning")
    return to_plain(_network(found), shown=shown, path=path)


def _forget_limits(sources: dict[str, list[Any]]) -> None:
    """Take away limits of active power that the file does not have."""
    for name in ("min_p_mw", "max_p_mw"):
        if name in sources:
            sources[name] = [None if abs(value or 0.0) == ASSUMED_MW else value for value in sources[name]]


def _under(ending: str, path: Path, folder: Path) -> Path:
    """Return a file whose name has an ending: the file itself, or a copy in a folder."""
    if path.suffix == ending:
        return path
    copy = folder / f"{path.stem or 'network'}{ending}"
    shutil.copyfile(path, copy)
    return copy


def _network(found: dict[str, Any]) -> BusBranch:
    buses = _frame(found["buses"], ())
    branches = _frame(found["branches"], _BRANCH)
    sources = with_slack(_frame(found["sources"], _SOURCE), branches, len(buses))
    held: dict[int, float] = {}
    holds = sources[sources["kind"] != "sgen"]
    for bus, volt in zip(holds["bus"], holds["vm_pu"], strict=True):
        held.setdefault(bus, volt)
    sources["vm_pu"] = [held.get(bus, volt) for bus, volt in zip(sources["bus"], sources["vm_pu"], strict=True)]
    direct = _frame(found["direct"], ())
    for end in ("from", "to") if len(direct) else ():
        direct[f"vm_{end}_pu"] = [held.get(bus, 1.0) for bus in direct[f"{end}_bus"]]
    return BusBranch(
        name=found["name"], base_mva=float(found["base_mva"]), f_hz=50.0, buses=buses, branches=branches,
        sources=sources, loads=_frame(found["loads"], ("name", "bus", "p_mw", "q_mvar", "in_service")), direct=direct,
    )  # fmt: skip


def _frame(columns: dict[str, list[Any]], empty: tuple[str, ...]) -> pd.DataFrame:
    """Return a table of columns; one without rows has the columns of `empty`."""
    if not columns:
        return pd.DataFrame({
            name: pd.Series(dtype=bool if name in {"in_service", "line"} else float if name in _NUMBERS else object)
            for name in empty
        })  # fmt: skip
    made = pd.DataFrame(columns)
    for name in set(_NUMBERS) & set(made.columns):
        made[name] = np.array([np.nan if value is None else value for value in made[name]], dtype=float)
    return made


def _convert(source: Path, target: Path, *, shown: str) -> None:
    """Write the tables of a file as JSON.

    Raises
    ------
    InputError
        If the file cannot be read.
    RuntimeError
        If the process ends in an error that is none of the file.
    """
    import subprocess  # nosec B404

    command = [
        sys.executable, "-m", "gridmodel.interchange.readers.powsybl_child", str(source.absolute()), str(target),
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603
            command, capture_output=True, text=True, timeout=MAX_SECONDS, check=False, errors="replace"
        )
    except subprocess.TimeoutExpired:
        raise InputError(fault(shown, f"takes longer than {MAX_SECONDS} s to read")) from None
    if done.returncode or not target.is_file():
        crashed = "cannot be read: the library that reads it gave up"
        message = why_refused(done.returncode, done.stdout, done.stderr, crashed=crashed)
        raise InputError(fault(shown, message.replace(str(source.absolute()), shown)[:300]))
