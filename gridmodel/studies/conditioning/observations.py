"""Observations: rows of reports, read and checked against the run that they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problems, nearest
from gridmodel.events.checks import regions_at
from gridmodel.inputs.table_schema import Column, Table
from gridmodel.inputs.tables import check_rows, parse_table, read_text
from gridmodel.network import Network
from gridmodel.scenario import Scenario
from gridmodel.scenario.groups.period import SKIPPED
from gridmodel.studies.conditioning.quantities import QUANTITIES, Quantity, lasting

SPREADS = ("people", "hours", "error")
"""Meanings of `low` and `high` of a row: least and most cut sub-queue, least and most cut hour, or a 90 % interval
of the error of the report, the only one that says how sure it is."""
OF_90 = 1.6448536269514722
"""Standard deviations on each side of the middle that contain 90 % of a normal distribution."""
CONTRADICTS = 4.0
"""Errors of both reports between two values of the same thing that cannot both be right. [1] Ours."""
FIRST_LINE = 2
"""Line of the first row of a table that is not from a file, as it would have in a file."""
OBSERVATIONS = Table(
    name="observations",
    meaning="Reports of what happened: one row per report",
    key="",
    columns=(
        Column(name="from", meaning="Local time at which what is reported begins"),
        Column(name="to", meaning="Local time at which it ends"),
        Column(name="scope", meaning="A region, a zone, or the country"),
        Column(name="quantity", choices=tuple(QUANTITIES), meaning="What was reported"),
        Column(name="value", kind="number", meaning="Value"),
        Column(name="low", kind="number", required=False, meaning="Lower end of what the report says beside it"),
        Column(name="high", kind="number", required=False, meaning="Upper end"),
        Column(
            name="spread", choices=SPREADS, required=False,
            meaning="What low and high are: people (least and most cut sub-queue), hours (least and most cut hour), or "
            "error (the 90 % interval of the report)",
        ),
        Column(name="unit", required=False, meaning="Unit of value, low and high; empty for the usual one"),
        Column(name="source", required=False, meaning="Where it was reported"),
        Column(name="note", required=False, meaning="Anything else"),
    ),
)  # fmt: skip
"""Columns of a file of observations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One report, in the first unit of its quantity."""

    line: int
    start: datetime
    """Local time, as `end`."""
    end: datetime
    scope: str
    regions: tuple[str, ...]
    """Regions of the scope."""
    zone: str
    """Zone in which all of them are; empty of a scope that is larger."""
    quantity: str
    value: float
    report_sd: float
    """Standard deviation of the error of the report."""
    low: float
    high: float
    spread: str
    source: str

    @property
    def what(self) -> Quantity:
        """Return its quantity."""
        return QUANTITIES[self.quantity]

    @property
    def row(self) -> dict[str, Any]:
        """Return it as operators take it."""
        return {
            "from": np.datetime64(self.start, "s"), "to": np.datetime64(self.end, "s"), "scope": self.scope,
            "regions": list(self.regions),
        }  # fmt: skip

    @property
    def day(self) -> float:
        """Return the middle of its span. [d]"""
        middle = self.start + (self.end - self.start) / 2
        return (middle - datetime(2000, 1, 1)) / timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Run that observations are about."""

    scenario: Scenario
    network: Network | None
    """None where it cannot be read, so that no scope can be looked up."""
    variables: frozenset[str] | None
    """Variables that its result has; None where that is not known."""
    until: datetime | None
    """Local time up to which is learned; None for the end of the last observation."""
    unknown: frozenset[str] = frozenset()
    """Settings of the scenario whose value is not known."""


Given = str | Path | pd.DataFrame | Sequence[Mapping[str, Any]]
"""A file, a table, or rows."""


def read_table(given: Given) -> tuple[pd.DataFrame, list[int], str, Problems]:
    """Return the rows of observations, their lines, the name of the file, and what is wrong with their cells.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    problems = Problems()
    if isinstance(given, str | Path):
        path = Path(given)
        if not path.is_file():
            raise InputError([*_missing(path)])
        text = read_text(path, problems, shown=path.name)
        problems.raise_if_any()
        rows = parse_table(text or "", OBSERVATIONS, problems, shown=path.name)
        return rows.frame, rows.lines, path.name, problems
    frame = given if isinstance(given, pd.DataFrame) else pd.DataFrame(list(given))
    cells = [
        (number, [_cell(value) for value in row]) for number, row in enumerate(frame.to_numpy(dtype=object), FIRST_LINE)
    ]
    rows = check_rows([str(name) for name in frame], cells, OBSERVATIONS, problems, shown="observations")
    return rows.frame, rows.lines, "observations", problems


def check_cells(given: Given) -> None:
    """Check observations of a run that cannot be read, as far as that is possible.

    Raises
    ------
    InputError
        With everything that is wrong with their cells.
    """
    read_table(given)[3].raise_if_any()


def _missing(path: Path) -> list[Any]:
    problems = Problems()
    problems.add("is not a file", table=str(path))
    return problems.found


def _cell(value: object) -> str:
    """Return a value of a table as a cell of a file."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NaT or value is pd.NA:
        return ""
    return str(value).strip()


def read_observations(given: Given, asked: Asked) -> list[Observation]:
    """Read observations and check them against a run, before anything is computed.

    Parameters
    ----------
    given
        A file, a table, or rows.
    asked
        The run.

    Returns
    -------
    list of Observation
        By their ends; none if the network is not known.

    Raises
    ------
    InputError
        With everything that is wrong, by row, as far as the run is known.
    """
    frame, lines, shown, problems = read_table(given)
    told: dict[int | None, set[str]] = {}
    for problem in problems.found:
        told.setdefault(problem.row, set()).add(problem.field)
    found: list[Observation] = []
    for row, line in zip(frame.to_dict("records"), lines, strict=True):
        cells = {str(key): cell for key, cell in row.items()}
        checker = _Checker(asked, cells, line, shown, problems, told.get(line, frozenset()))
        made = checker.observation()
        found += [made] if made is not None else []
    _check_together(found, problems, shown)
    if not lines and not problems.found:
        problems.add("contains no observation", table=shown)
    problems.found.sort(key=lambda problem: problem.row or 0)
    problems.raise_if_any()
    return sorted(found, key=lambda one: (one.end, one.line))


@dataclass(slots=True)
class _Checker:
    """One row that is checked."""

    asked: Asked
    row: Mapping[str, Any]
    line: int
    shown: str
    problems: Problems
    told: AbstractSet[str]
    """Columns in which something is wrong that is noted already."""

    def add(self, message: str, name: str, *, value: object = "", hint: str = "") -> None:
        """Note a problem, unless one of its column is noted already."""
        if name not in self.told:
            self.problems.add(message, table=self.shown, row=self.line, field=name, value=value, hint=hint)

    def observation(self) -> Observation | None:
        """Return the observation; None if anything is wrong with it, which is noted."""
        before = len(self.problems.found)
        what = QUANTITIES.get(str(self.row["quantity"]))
        start, end = self._time("from"), self._time("to")
        regions = self._regions(what)
        factor = None if what is None else self._factor(what)
        if start is not None and end is not None:
            self._period(start, end, what)
        if what is not None:
            self._there(what)
        value, low, high = ((factor or 1.0) * float(self.row[name]) for name in ("value", "low", "high"))
        if what is not None and factor is not None:
            self._values(what, value, low, high)
        if not self.told & {"value", "low", "high", "spread"}:
            self._spread(value, low, high, str(self.row["spread"]))
        wrong, network = len(self.problems.found) > before or self.told, self.asked.network
        if wrong or what is None or start is None or end is None or network is None:
            return None
        spread = str(self.row["spread"])
        error = (high - low) / (2.0 * OF_90) if spread == "error" else what.report_sd(value)
        return Observation(
            line=self.line, start=start, end=end, scope=self._scope(regions, network), regions=regions,
            zone=zone_of(regions, zones_of(network)), quantity=str(self.row["quantity"]), value=value,
            report_sd=error, low=low, high=high, spread=spread, source=str(self.row["source"]),
        )  # fmt: skip

    def _time(self, name: str) -> datetime | None:
        try:
            made = datetime.fromisoformat(str(self.row[name]))
        except ValueError:
            made = None
        if made is None or made.tzinfo is not None:
            self.add("is not a local time such as 2026-01-16 00:00", name, value=self.row[name])
            return None
        return made

    def _skipped(self, times: Mapping[str, datetime]) -> bool:
        """Note times that the clock skips, and return whether there are any."""
        found = {name: one for name, one in times.items() if not self.asked.scenario.exists(one)}
        for name, moment in found.items():
            self.add(SKIPPED, name, value=f"{moment:%Y-%m-%d %H:%M}")
        return bool(found)

    def _period(self, start: datetime, end: datetime, what: Quantity | None) -> None:
        scenario, until, unknown = self.asked.scenario, self.asked.until, self.asked.unknown
        if unknown & {"start", "end", "step", "timezone"}:
            if end <= start:
                self.add("must be after `from`", "to", value=f"{end:%Y-%m-%d %H:%M}")
            return
        if self._skipped({"from": start, "to": end}):
            return
        run = f"{scenario.start:%Y-%m-%d %H:%M} to {scenario.end:%Y-%m-%d %H:%M}"
        if end - start < scenario.step_length:
            self.add("must be at least a step after `from`", "to", value=f"{end:%Y-%m-%d %H:%M}")
        elif start < scenario.start or end > scenario.end:
            wrong = "from" if start < scenario.start else "to"
            moment = start if wrong == "from" else end
            self.add(f"is outside the run, {run}", wrong, value=f"{moment:%Y-%m-%d %H:%M}")
        elif until is not None and end > until:
            message = f"is after --until, {until:%Y-%m-%d %H:%M}: leave the row out, or learn up to a later time"
            self.add(message, "to", value=f"{end:%Y-%m-%d %H:%M}")
        elif what is not None and what.back and start - timedelta(days=1) < scenario.start:
            message = "is compared with the day before, which is before the run; begin the run a day earlier"
            self.add(message, "from", value=f"{start:%Y-%m-%d %H:%M}")

    def _regions(self, what: Quantity | None) -> tuple[str, ...]:
        network, scope = self.asked.network, str(self.row["scope"])
        if network is None:
            return ()
        found = tuple(network.regions[position] for position in regions_at(scope, network))
        country = ("" if network.about is None else network.about.country) or "country"
        if not found and scope.lower() == country == "country":
            found = tuple(network.regions)
        if not found:
            known = [*network.regions, *dict.fromkeys(str(zone) for zone in network.zones), country]
            near = nearest(scope, known) or network.places.hint(scope)
            self.add("is not a region, a zone or the country", "scope", value=scope, hint=near)
            return ()
        if what is not None and what.country and len(found) < len(network.regions):
            self.add("is known of the whole country only", "scope", value=scope)
        if what is not None and what.one_region and len(found) > 1:
            self.add("is known of single regions only", "scope", value=scope)
        return found

    def _scope(self, regions: tuple[str, ...], network: Network) -> str:
        """Return the id of a scope, which may be given by a name."""
        given = str(self.row["scope"])
        if given in {*network.regions, *network.zones}:
            return given
        if len(regions) == len(network.regions):
            return ("" if network.about is None else network.about.country) or "country"
        return regions[0] if len(regions) == 1 else str(network.zones[network.regions.index(regions[0])])

    def _factor(self, what: Quantity) -> float | None:
        unit = str(self.row["unit"]) or what.unit
        if unit not in what.units:
            message = f"is not a unit of {self.row['quantity']}: {', '.join(what.units)}"
            self.add(message, "unit", value=unit)
            return None
        return what.units[unit]

    def _there(self, what: Quantity) -> None:
        there = self.asked.variables
        missing = [] if there is None else [name for name in what.needs if name not in there]
        if missing:
            message = f"needs {', '.join(missing)}, which this run does not have"
            self.add(message, "quantity", value=self.row["quantity"])

    def _values(self, what: Quantity, value: float, low: float, high: float) -> None:
        for name, number in (("value", value), ("low", low), ("high", high)):
            if not np.isnan(number) and not what.low <= number <= what.high:
                ends = f"from {what.low:g}" + (f" to {what.high:g}" if np.isfinite(what.high) else "")
                unit = "" if what.unit == "1" else f" {what.unit}"
                message = f"must be {ends}{unit}; look at its unit"
                self.add(message, name, value=f"{number:g}")

    def _spread(self, value: float, low: float, high: float, spread: str) -> None:
        if np.isnan(low) != np.isnan(high):
            self.add("needs the other end beside it", "low" if np.isnan(high) else "high")
        elif np.isnan(low):
            if spread:
                self.add("says what low and high mean, and neither is given", "spread", value=spread)
        elif not low <= value <= high:
            self.add("is not from low to high", "value", value=f"{value:g}")
        elif spread == "error" and low == high:
            self.add("must be below high: no report is without error; leave all three empty for the usual one", "low")
        elif not spread:
            message = "is missing: low and high are " + ", ".join(SPREADS[:-1]) + f" or {SPREADS[-1]}"
            self.add(message, "spread")


def _check_together(found: Sequence[Observation], problems: Problems, shown: str) -> None:
    """Note rows that repeat or contradict others."""
    first: dict[tuple[object, ...], Observation] = {}
    for one in sorted(found, key=lambda row: row.line):
        key = (one.start, one.end, one.regions, one.quantity)
        other = first.setdefault(key, one)
        if other is one:
            continue
        apart = abs(one.value - other.value) / np.hypot(one.report_sd, other.report_sd)
        message = f"duplicates line {other.line}; keep one of the two"
        if one.value != other.value:
            message = f"is of the same time and place as line {other.line}: give one row, with the mean of the two"
        if apart > CONTRADICTS:
            message = f"contradicts line {other.line}, which says {other.value:g}; keep the one that you trust"
        problems.add(message, table=shown, row=one.line, field="value", value=f"{one.value:g}")


def zones_of(network: Network) -> dict[str, str]:
    """Return the zone of each region."""
    return dict(zip(network.regions, map(str, network.zones), strict=True))


def zone_of(regions: Sequence[str], zones: Mapping[str, str]) -> str:
    """Return the zone in which some regions are; empty where they are in several, or where all that there are is one.

    Parameters
    ----------
    regions
        Regions of a scope.
    zones
        Zone of each region of the network.
    """
    found = {zones[region] for region in regions}
    return found.pop() if len(found) == 1 < len(set(zones.values())) else ""


def model_covariance(rows: Sequence[Observation]) -> Floats:
    """Return the covariance of the errors of the model between rows, shape ``(row, row)``.

    One part a scope has for itself, as large a part it shares with its zone, and as large a part a quantity has in
    common everywhere; all of them last.
    """
    sd = np.array([one.what.model_sd(one.value) for one in rows])

    def alike(key: Callable[[Observation], object]) -> Floats:
        keys = [key(one) for one in rows]
        return np.array([[a == b for b in keys] for a in keys], dtype=float).reshape(len(rows), len(rows))

    within = np.array([bool(one.zone) for one in rows], dtype=float)
    parts = 1.0 + alike(lambda one: one.zone) * within + alike(lambda one: one.regions)
    days = lasting(np.array([one.day for one in rows]))
    return np.asarray(np.outer(sd, sd) * alike(lambda one: one.quantity) * days * parts)
