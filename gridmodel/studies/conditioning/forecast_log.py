"""Log of forecasts: posteriors that are dated and hashed before the event, and scored after it.

Every line of the log has the hash of the line before it, so that none can be put in or changed later without all that
follow it. The log proves an order; that a date is right is proved by giving somebody else its last hash.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, Problems, cannot_write
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.tables import read_text
from gridmodel.inputs.writing import replaced
from gridmodel.network import Network, read_network
from gridmodel.results.own_inputs import hash_of
from gridmodel.results.posterior import ATTRIBUTE, PRIOR, learned_of
from gridmodel.results.run_folder import check_ending, read_manifest, read_result
from gridmodel.results.scores import band, fair_crps, rank
from gridmodel.scenario import Scenario
from gridmodel.studies.conditioning import timetables
from gridmodel.studies.conditioning.api import LEAST_MEMBERS
from gridmodel.studies.conditioning.observations import (
    Asked,
    Given,
    Observation,
    check_cells,
    read_observations,
    zone_of,
    zones_of,
)
from gridmodel.studies.conditioning.outcome import banded, told
from gridmodel.studies.conditioning.quantities import QUANTITIES

LOG = "forecast-log.jsonl"
"""Name of a log, beside the folders of its posteriors."""
ENDINGS = (".jsonl",)
"""Endings of the name of a log: other programs open files by theirs."""
HASHED = ("result.nc", "posterior.json", "manifest.json")
"""Files of a posterior that a line has the hashes of."""
MAX_LINES, MAX_VALUES = 10_000, 200
"""Most lines of a log, and most values of one."""
DATED = "%Y-%m-%dT%H:%M:%SZ"
"""Form of a date of a line, UTC."""
ALIKE = 1e-2
"""Least difference between bands of timetables as they were told and as they are made again. [1 and h] Ours: what
members say is kept with six digits."""
UNCHANGED = "give the folder that `gridmodel condition` wrote, unchanged"
_WRONG = Problem(message="is not what a posterior says of itself", field=ATTRIBUTE)


def log_of(folder: Path, log: Path | None) -> Path:
    """Return the log of a folder: beside it, unless another is named."""
    return folder.resolve().parent / LOG if log is None else log


def add(folder: str | Path, *, log: Path | None = None, now: datetime | None = None) -> dict[str, Any]:
    """Date and hash a posterior.

    Parameters
    ----------
    folder
        Folder of the posterior.
    log
        File of the log; by default `forecast-log.jsonl` beside the folder.
    now
        Time at which it is dated, UTC; that of the clock by default.

    Returns
    -------
    dict
        The line that is added.

    Raises
    ------
    InputError
        If it is not a whole posterior, or in the log already, or the log is broken, cannot be written or has the name
        of something else.
    """
    path, problems = Path(folder), Problems()
    place = log_of(path, log)
    problems.of(lambda: check_ending(place, ENDINGS))
    said = problems.of(lambda: _title_and_until(path))
    lines = problems.of(lambda: read_log(place))
    if said is None or lines is None or problems.found:
        raise InputError(problems.found)
    hashes = {name: hash_of(path / name) for name in HASHED}
    if any(line["files"] == hashes for line in lines):
        raise InputError([Problem(message="is in the log already", table=str(path))])
    line = {
        "dated": (now or datetime.now(UTC).replace(tzinfo=None)).strftime(DATED), "title": said[0],
        "until": said[1], "files": hashes, "before": _seal(lines[-1]) if lines else "",
    }  # fmt: skip
    try:
        with replaced(place) as made:
            made.write_text("".join(f"{_text(one)}\n" for one in [*lines, line]), encoding="utf-8")
    except OSError as error:
        raise InputError([cannot_write(error, place)]) from None
    return line


def _title_and_until(path: Path) -> tuple[str, str]:
    """Return the title of a posterior, and the time up to which it learned.

    Raises
    ------
    InputError
        If it is not one, or not whole.
    """
    with _named(path), read_result(path) as result:
        said = str(result.attrs["title"]), _learned(result, path)["until"]
    lacking = [name for name in HASHED if not (path / name).is_file()]
    if lacking:
        message = f"lacks {', '.join(lacking)}; give the whole folder that `gridmodel condition` wrote"
        raise InputError([Problem(message=message, table=str(path))])
    return said


def _text(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, sort_keys=True)


def _seal(line: Mapping[str, Any]) -> str:
    return sha256(_text(line).encode()).hexdigest()


def read_log(place: Path) -> list[dict[str, Any]]:
    """Return the lines of a log, after each is checked against the one before; none where the file is missing.

    Raises
    ------
    InputError
        If a line is not one of a log, or was changed or put in later.
    """
    if not place.is_file():
        return []
    problems, made = Problems(), list[dict[str, Any]]()
    whole = read_text(place, problems, shown=place.name)
    problems.raise_if_any()
    texts = whole.removesuffix("\n").split("\n") if whole else []  # a title may have other breaks of lines
    if len(texts) > MAX_LINES:
        message = f"has more than {MAX_LINES:,} lines; begin another with --log"
        raise InputError([Problem(message=message, table=place.name)])
    for number, text in enumerate(texts, start=1):
        line: Any = parse_json(text, place.name, most=MAX_VALUES)
        if not _is_line(line):
            raise InputError([Problem(message="is not a line of a log of forecasts", table=place.name, row=number)])
        if line["before"] != (_seal(made[-1]) if made else ""):
            message = "does not follow the line before it: the log was changed after it was written"
            raise InputError([Problem(message=message, table=place.name, row=number)])
        made.append(line)
    return made


def _is_line(line: Any) -> bool:  # noqa: ANN401 - whatever JSON has
    """Return whether a value is a line of a log, with a date in UTC."""
    fields = {"dated": str, "title": str, "until": str, "files": dict, "before": str}
    if not isinstance(line, dict) or any(not isinstance(line.get(name), kind) for name, kind in fields.items()):
        return False
    try:
        return bool(datetime.strptime(line["dated"], DATED))
    except ValueError:
        return False


def score(folder: str | Path, observations: Given, *, log: Path | None = None) -> pd.DataFrame:
    """Score a posterior that was dated, against what was reported since.

    Parameters
    ----------
    folder
        Folder of the posterior.
    observations
        Reports of the time after the one up to which it learned.
    log
        As in `add`.

    Returns
    -------
    pandas.DataFrame
        One row per report: ``from, to, scope, quantity, unit, value``; ``median, low, high`` of what was foretold
        (90 %), errors of reports and model included; ``crps`` in the unit, ``inside`` and ``rank``; ``blind``: whether
        the forecast was dated before what is reported began. ``attrs["dated"]`` has the date.

    Raises
    ------
    InputError
        With everything that is wrong: it is not in the log as it is, an observation is, or is of the time that was
        learned from.
    """
    path, problems = Path(folder), Problems()
    with ExitStack() as opened:
        of = problems.of(lambda: _posterior(path, opened.enter_context(read_result(path))))
        lines = problems.of(lambda: read_log(log_of(path, log)))
        line = None if of is None or lines is None else problems.of(lambda: _dated(path, lines))
        rows = problems.of(lambda: _reported(observations, of))
        if of is None or line is None or rows is None:
            raise InputError(problems.found)
        with _named(path):
            known = _known(of.found, of.network)
            _check_known(known, of)
            coming = timetables.rows_of(of.until, of.scenario, zones_of(of.network), of.variables)
            foretold = _foretold(of.found, of.scenario, known, coming)
        return _scored(of.result, of.scenario, known, rows, line, foretold)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Posterior:
    """A posterior, and the run that it is of."""

    result: xr.Dataset
    found: dict[str, Any]
    """Attributes in which it says what it learned and foretold."""
    scenario: Scenario
    network: Network
    until: datetime
    """Local time up to which it learned."""
    variables: frozenset[str]
    """Variables of its result."""


def _posterior(path: Path, result: xr.Dataset) -> _Posterior:
    """Return a posterior whose result is open.

    Raises
    ------
    InputError
        If it is not one, or its manifest or its network cannot be read.
    """
    with _named(path):
        found = _learned(result, path)
    scenario = read_manifest(path, posterior=True)
    network = read_network(scenario.network, beside=scenario.folder)
    with _named(path):
        until = _until(found, scenario)
    return _Posterior(
        result=result, found=found, scenario=scenario, network=network, until=until,
        variables=frozenset(map(str, result.data_vars)),
    )  # fmt: skip


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name the folder of a posterior in what is wrong with what it says, and say what to do.

    Raises
    ------
    InputError
        With the same problems.
    """
    try:
        yield
    except InputError as error:
        raise InputError([
            one if one.table else replace(one, table=str(path), hint=one.hint or UNCHANGED) for one in error.problems
        ]) from None  # fmt: skip


def _dated(path: Path, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the line of a log that dates a posterior.

    Raises
    ------
    InputError
        If there is none.
    """
    hashes = {name: hash_of(path / name) for name in HASHED if (path / name).is_file()}
    for line in lines:
        if line["files"] == hashes:
            return line
    message = "is not in the log, or has changed since; date it with `gridmodel forecast-log add` before the event"
    raise InputError([Problem(message=message, table=str(path))])


def _reported(given: Given, of: _Posterior | None) -> list[Observation]:
    """Return observations; without a posterior only their cells are checked.

    Raises
    ------
    InputError
        With everything that is wrong with them.
    """
    if of is None:
        check_cells(given)
        return []
    asked = Asked(scenario=of.scenario, network=of.network, variables=of.variables, until=None)
    rows = read_observations(given, asked)
    _check_after(rows, of.until, given)
    return rows


def _learned(result: xr.Dataset, path: Path) -> dict[str, Any]:
    found = learned_of(result)
    if found is None:
        raise InputError([Problem(message="is not a posterior: it was made by `gridmodel run`", table=str(path))])
    return found


def _until(found: Mapping[str, Any], scenario: Scenario) -> datetime:
    """Return the local time up to which a posterior learned.

    Raises
    ------
    InputError
        If it is not a time of its run.
    """
    try:
        until = datetime.fromisoformat(found["until"])
        if scenario.start < until <= scenario.end:
            return until
    except (TypeError, ValueError):
        pass
    raise InputError([_WRONG])


def _check_after(rows: list[Observation], until: datetime, given: Given) -> None:
    """Refuse rows of the time that was learned from.

    Raises
    ------
    InputError
        If there are any.
    """
    shown = Path(given).name if isinstance(given, str | Path) else "observations"
    wrong = [
        Problem(message=f"is before {until:%Y-%m-%d %H:%M}, up to which was learned", row=one.line, field="from",
                table=shown, value=f"{one.start:%Y-%m-%d %H:%M}")
        for one in sorted(rows, key=lambda row: row.line) if one.start < until
    ]  # fmt: skip
    if wrong:
        raise InputError(wrong)


def _known(found: Mapping[str, Any], network: Network) -> list[Observation]:
    """Return the rows that a posterior was learned from.

    Raises
    ------
    InputError
        If they are not rows of observations.
    """
    try:
        return [_observation(one, network) for one in found["rows"]]
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InputError([Problem(message="has rows that are not observations", field=ATTRIBUTE)]) from None


def _check_known(known: list[Observation], of: _Posterior) -> None:
    """Check that a posterior can have been learned from some rows: conditioning takes no others.

    Raises
    ------
    InputError
        If there are none, or one is not of the time that was learned from, or of what the run does not have.
    """
    if not known:
        raise InputError([Problem(message="has no rows that it was learned from", field=ATTRIBUTE)])
    for one in known:
        first = one.start - timedelta(days=1) if one.what.back else one.start
        whole = one.end - one.start >= of.scenario.step_length
        if first < of.scenario.start or one.end > of.until or not whole or not of.variables.issuperset(one.what.needs):
            raise InputError([Problem(message="has rows that are not observations of its run", field=ATTRIBUTE)])


def _observation(one: Mapping[str, Any], network: Network) -> Observation:
    """Return a row as conditioning took it.

    Raises
    ------
    ValueError
        If its quantity or its scope is not known, or a number or a time cannot be.
    """
    scope, quantity, zones = str(one["scope"]), str(one["quantity"]), zones_of(network)
    country = "" if network.about is None else network.about.country
    here = tuple(region for region in network.regions if scope in {region, zones[region]})
    if not here and scope == (country or "country"):
        here = tuple(network.regions)
    start, end = datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"])
    value, report_sd = float(one["value"]), float(one["report_sd"])
    zoned = start.tzinfo is not None or end.tzinfo is not None
    if quantity not in QUANTITIES or not here or zoned or not start < end or not 0.0 < report_sd < np.inf:
        raise ValueError(scope)
    if not QUANTITIES[quantity].low <= value <= QUANTITIES[quantity].high or np.isinf(value):
        raise ValueError(quantity)
    return Observation(
        line=int(one["line"]), start=start, end=end, scope=scope, regions=here, zone=zone_of(here, zones),
        quantity=quantity, value=value, report_sd=report_sd, low=np.nan, high=np.nan, spread="", source="",
    )  # fmt: skip


def _foretold(
    found: Mapping[str, Any], scenario: Scenario, known: list[Observation], coming: list[Observation]
) -> dict[tuple[object, ...], Floats]:  # fmt: skip
    """Return what was foretold of timetables, by what and when they are of; nothing where no day was left.

    A posterior of a version that foretold none has none; its rows are scored by members, as it told them.

    Raises
    ------
    InputError
        If it is not what a posterior says.
    """
    if not coming or not {PRIOR, "timetables"} & set(found):
        return {}
    try:
        parts = [
            np.array(found[PRIOR][name], dtype=float).reshape(len(rows), -1)
            for name, rows in (("known", known), ("timetables", coming))
        ]
        both = np.concatenate(parts)
        bands = np.array([one["posterior"] for one in found["timetables"]], dtype=float)
    except (KeyError, TypeError, ValueError):
        raise InputError([_WRONG]) from None
    if both.shape[1] != found.get("members") or both.shape[1] < LEAST_MEMBERS or not np.isfinite(both).all():
        raise InputError([_WRONG])
    count = len(known)
    made = timetables.foretold(scenario, coming, both[count:], known, both[:count])
    again = np.array(banded(made))
    if bands.shape != again.shape:
        raise InputError([_WRONG])
    if not np.allclose(bands, again, rtol=ALIKE, atol=ALIKE):
        message, hint = (
            "tells of timetables what this version does not make of it",
            "score it with the version in its manifest",
        )
        raise InputError([Problem(message=message, field=ATTRIBUTE, hint=hint)])
    return {_what(one): members for one, members in zip(coming, made, strict=True)}


def _what(one: Observation) -> tuple[object, ...]:
    return one.start, one.end, one.regions, one.quantity


def _scored(  # noqa: PLR0917 - a forecast, and what happened
    result: xr.Dataset, scenario: Scenario, known: list[Observation], rows: list[Observation],
    line: Mapping[str, Any], ahead: Mapping[tuple[object, ...], Floats],
) -> pd.DataFrame:  # fmt: skip
    """Return the scores of rows; what was foretold of timetables counts in place of members."""
    before = np.stack([one.what.operator(result, one.row) for one in known])
    said = np.stack([one.what.operator(result, one.row) for one in rows])
    foretold = told(scenario, rows, said, known=before, before=known, purpose="scored")
    dated = datetime.strptime(line["dated"], DATED)
    lines = []
    for one, of_members in zip(rows, foretold, strict=True):
        members = ahead.get(_what(one), of_members)
        low, high = band(members)
        lines.append({
            "from": one.start, "to": one.end, "scope": one.scope, "quantity": one.quantity, "unit": one.what.unit,
            "value": one.value, "median": float(np.median(members)), "low": low, "high": high,
            "crps": fair_crps(members, one.value), "inside": bool(low <= one.value <= high),
            "rank": rank(members, one.value), "blind": bool(scenario.to_utc(one.start) > dated),
        })  # fmt: skip
    made = pd.DataFrame(lines)
    made.attrs["dated"] = line["dated"]
    return made
