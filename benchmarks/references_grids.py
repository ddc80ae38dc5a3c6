"""Costs of DC optimal power flow that were published, by `gm.dispatch`."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from references_rows import Row

import gridmodel as gm

PART = "Cost of DC optimal power flow"
BASELINE = {
    "case5_pjm": 1.7480e4,
    "case14_ieee": 2.0515e3,
    "case30_ieee": 7.4728e3,
    "case39_epri": 1.3689e5,
    "case57_ieee": 3.4773e4,
    "case118_ieee": 9.3101e4,
    "case162_ieee_dtc": 1.0146e5,
    "case300_ieee": 5.1785e5,
}
"""Column DC of BASELINE.md, v23.07: cases of linear costs whose units may run at any output. [$/h]"""
PGLIB = (
    "PGLib-OPF v23.07, `BASELINE.md`, typical operating conditions: PowerModels.jl, five figures (Babaeinejadsarookolaee et al., "
    "arXiv:1908.02788)"
)
PJM = (
    "MATPOWER 8.1, case5, the PJM five-bus system of F. Li and R. Bo (2010); 17,479.897 $/h is what programs that read the case of "
    "PGLib test for"
)
LAW = (
    "PowerModels takes `x / (r² + x²)` for a branch and no taps where MATPOWER, pandapower and gridmodel take `1 / (x · tap)`. "
    "The rows of PGLib have their law put into the case before it is read; with ours, costs differ by up to 0.4 %."
)
NO_FILES = (
    "The cases of PGLib are in no Python package; `make references PGLIB=folder` takes them from a clone of "
    "github.com/power-grid-lib/pglib-opf. Cases with quadratic costs, or with units that have a least output, are a problem "
    "that `gm.dispatch` does not solve: it takes linear costs and lets units stand."
)


def as_power_models(text: str) -> str:
    """Return a MATPOWER case whose branches have the susceptance that PowerModels' DC law gives them."""
    found = re.search(r"mpc\.branch = \[\n(.*?)\];", text, re.DOTALL)
    if found is None:
        raise SystemExit("the case has no branches")
    rows = []
    for line in found[1].splitlines():
        cells = line.split("%")[0].replace(";", " ").split()
        if cells:
            r, x = float(cells[2]), float(cells[3])
            cells[2], cells[3], cells[4], cells[8], cells[9] = "0", repr((r * r + x * x) / x), "0", "0", "0"
            rows.append("\t" + "\t".join(cells) + ";")
    return text[: found.start(1)] + "\n".join(rows) + "\n" + text[found.end(1) :]


def cost(path: Path) -> float:
    """Return the cost of dispatch of a case. [$/h]"""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        got = gm.dispatch(gm.load_network(path))
    return float(got["cost"][0])


def rows(data: Path | None, pglib: Path | None) -> list[Row]:
    """Compare costs of the cases of MATPOWER in a folder, and of those of PGLib where a folder is given."""
    found = []
    if data is not None:
        found.append(Row(part=PART, what="MATPOWER case5 [$/h]", source=PJM, theirs=17479.8969, ours=cost(data / "case5.m"),
                         rel=1e-8))  # fmt: skip
    with TemporaryDirectory() as name:
        for case, theirs in BASELINE.items():
            ours = None
            if pglib is not None:
                plain = Path(name) / f"{case}.m"
                text = (pglib / f"pglib_opf_{case}.m").read_text(encoding="utf-8")
                plain.write_text(as_power_models(text), encoding="utf-8")
                ours = cost(plain)
            note = NO_FILES if ours is None else LAW
            found.append(Row(part=PART, what=f"PGLib {case} [$/h]", source=PGLIB, theirs=theirs, ours=ours, rel=5e-5,
                             note=note))  # fmt: skip
    return found
