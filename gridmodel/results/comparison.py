"""Comparison of two runs: differences in every region, with intervals.

Member *i* of two runs with the same seed has the same strikes and the same winter, so differences are taken member by
member; what both share cancels, and a few members tell more than many unpaired ones would.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import stdtrit

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem
from gridmodel.results.comparable import check_plant, country_of
from gridmodel.results.metrics import BY_REGION, hours_without_power_per_day
from gridmodel.results.own_inputs import INPUTS
from gridmodel.results.statistics import mean_interval
from gridmodel.results.steps import as_run, step_h
from gridmodel.results.value import lacked, tells
from gridmodel.services.registry import COUNTS, WORTHS

EVERYWHERE = "ALL"
"""Name of the whole country among the regions of a comparison."""
LEVEL = 0.95
"""Level of the intervals. [1]"""
MEANS = frozenset({"hours_without_power_per_day", "degree_hours_below_18c"})
"""Metrics of the mean person, weighted by people over regions; others add up."""
REFUSED = (
    "differ in events of single regions; compare runs that differ in conditions and help only (weather, imports, "
    "fuel, availability, interception, mitigations), because this tool ranks help, never targets"
)
"""Reason why runs with different regional events are not compared."""
PROFILES_DIFFER = (
    "have waves of other profiles; compare runs whose waves have the same (their interception may differ, and runs "
    "with and without a wave on the whole country can be compared), because this tool ranks help, never attacks"
)
"""Reason why runs with waves of different profiles are not compared."""
LOSSES_DIFFER = (
    "lose other classes of the whole country; compare runs that lose the same, or one that loses nothing with one that "
    "does, because this tool ranks help, never what to hit"
)
"""Reason why runs that lose different classes are not compared."""
ASKED = ("events", "timetable", "start_state")
"""Settings of which runs that are compared must have the same, each rows or the name of a file."""
BUNDLED = "scenarios"
"""Folder of bundled files of events."""
LOSING = frozenset({"outage", "loss", "strike", "wave"})
"""Kinds of events by which something is lost; others are conditions and help."""


def regional(result: xr.Dataset) -> dict[str, xr.DataArray]:
    """Compute the metrics of every member and region, ``(member, region)``, each with its unit.

    Returns
    -------
    dict
        Person-hours without each service, person-degree-hours below 18 and 12 °C, energy not served, hours a day
        without power, and degree-hours below 18 °C in the mean home, if the result has the variables.
    """
    hours_a_step, result, found = step_h(result), as_run(result), {}
    for count in COUNTS:
        if count.variable in result:
            hours = result[count.variable].sum("time") * hours_a_step
            found[count.metric] = hours.assign_attrs(units="h")
    for worth in WORTHS:
        if worth.metric not in found and tells(result, worth):
            found[worth.metric] = lacked(result, worth).sum("time").assign_attrs(units=worth.unit)
    lost = result["shed_mw"].sum(("time", "tier")) * hours_a_step
    found["energy_not_served"] = lost.assign_attrs(units="MWh")
    found["hours_without_power_per_day"] = hours_without_power_per_day(result).assign_attrs(units="h d-1")
    if "degree_hours_below_18c" in result:
        found["degree_hours_below_18c"] = result["degree_hours_below_18c"].sum("time").assign_attrs(units="K h")
    return {name: values.transpose("member", "region") for name, values in found.items()}


def compare(first: xr.Dataset, second: xr.Dataset) -> pd.DataFrame:
    """Compute the second run minus the first, by region and metric.

    Parameters
    ----------
    first, second
        Results of `gridmodel.run`, or their files opened: the same network and period.

    Returns
    -------
    pandas.DataFrame
        Index ``(region, metric)``, the whole country as `ALL`; columns ``unit, first, second, difference,
        standard_error, low, high, first_p50, first_p95, second_p50, second_p95, paired``. `first` and `second` are
        means of the runs, ``…_p50`` what is typical in them, and one member in twenty is worse than ``…_p95``. `low` to
        `high` is the 95 % interval of the mean difference (paired: `statistics.mean_interval`, else Student's t with
        the freedom of Welch, 1947); it is missing for single members, whose difference is that of expected values.
        ``attrs["members"]`` are the numbers of members of both.

    Raises
    ------
    InputError
        If regions, steps or times of the runs differ, or what they lose and where (`check_events`), or what of plant
        and lines they have at all (`check_plant`).

    Notes
    -----
    Runs of the same members and seed are paired, member by member. Others are compared by their means, with the
    standard errors of both (Welch).

    Examples
    --------
    >>> import gridmodel as gm
    >>> without = gm.run("three-region")
    >>> more = gm.run(gm.load_scenario("three-region").replace(import_limit_mw=300))
    >>> gm.compare(without, more).loc[("ALL", "person_hours_without_power"), "difference"].item() < 0
    True
    """
    _check(first, second)
    regions = [str(name) for name in first["region"].to_numpy()]
    check_plant({"the first run": first, "the second run": second})
    one, other = ({name: asked_of(run, name) for name in ASKED} for run in (first, second))
    check_asked(one, other, "the second run", regions, country_of(first))
    paired = is_paired(first, second)
    told, then = regional(first), regional(second)
    people = first["population"].to_numpy().astype(float)
    parts = []
    for metric in (name for name in told if name in then):
        unit = str(told[metric].attrs["units"])
        before, after = (
            _with_country(found[metric].to_numpy(), people, mean=metric in MEANS) for found in (told, then)
        )
        part = pd.DataFrame(_difference(before, after, paired=paired), index=[EVERYWHERE, *regions])
        part.insert(0, "metric", metric)
        part.insert(1, "unit", unit)
        parts.append(part)
    frame = pd.concat(parts).assign(paired=paired)
    frame = frame.set_index("metric", append=True).rename_axis(["region", "metric"])
    frame.attrs["members"] = (first.sizes["member"], second.sizes["member"])
    return frame


def is_paired(first: xr.Dataset, second: xr.Dataset) -> bool:
    """Return whether members in the same places of two runs have the same random numbers."""
    if not np.array_equal(first["member"], second["member"]):
        return False
    return all(int(first.attrs[name]) == int(second.attrs[name]) for name in ("seed", "deterministic"))


def _check(first: xr.Dataset, second: xr.Dataset) -> None:
    """Check that two runs can be compared.

    Raises
    ------
    InputError
        With every way in which they do not match.
    """
    problems = []
    names = [set(map(str, one["region"].to_numpy())) for one in (first, second)]
    if names[0] != names[1] or list(first["region"].to_numpy()) != list(second["region"].to_numpy()):
        only = ", ".join(sorted(names[0] ^ names[1])[:5])
        problems.append(Problem(message="differ; runs must have the same regions", field="region", value=only))
    for name in ("start", "end", "step_h"):
        if first.attrs[name] != second.attrs[name]:
            came = f"{first.attrs[name]} and {second.attrs[name]}"
            problems.append(Problem(message="differ; runs must have the same period and step", field=name, value=came))
    if problems:
        raise InputError(problems)


def _with_country(values: Floats, people: Floats, *, mean: bool) -> Floats:
    """Put the whole country before the regions, ``(member, 1 + region)``."""
    weight = people / max(people.sum(), 1.0) if mean else np.ones_like(people)
    return np.concatenate([(values * weight).sum(axis=1, keepdims=True), values], axis=1)


def _difference(before: Floats, after: Floats, *, paired: bool) -> dict[str, Floats]:
    """Means, their difference, its standard error and interval, each of shape ``(1 + region,)``."""
    mean = after.mean(axis=0) - before.mean(axis=0)
    if paired:
        error, (low, high) = _paired_error(after - before), mean_interval(after - before, LEVEL)
    else:
        error, freedom = _welch(before, after)
        half = stdtrit(freedom, 0.5 + LEVEL / 2) * error
        low, high = mean - half, mean + half
    return {"first": before.mean(axis=0), "second": after.mean(axis=0), "difference": mean, "standard_error": error,
            "low": low, "high": high, **_typical("first", before), **_typical("second", after)}  # fmt: skip


def _typical(name: str, values: Floats) -> dict[str, Floats]:
    """Return what is typical of a run and its bad case, each of shape ``(1 + region,)``, by name with their suffix."""
    return {f"{name}_{suffix}": np.quantile(values, level, axis=0) for suffix, level in BY_REGION.items()}


def _paired_error(difference: Floats) -> Floats:
    """Standard error of the mean of paired differences, missing for a single member, shape ``(1 + region,)``."""
    count = len(difference)
    if count < 2:
        return np.full(difference.shape[1], np.nan)
    return np.asarray(difference.std(axis=0, ddof=1) / np.sqrt(count))


def _welch(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Standard error of a difference of unpaired means, and degrees of freedom (Welch, 1947)."""
    if min(len(before), len(after)) < 2:
        return np.full(before.shape[1], np.nan), np.full(before.shape[1], np.nan)
    parts = [values.var(axis=0, ddof=1) / len(values) for values in (before, after)]
    both = parts[0] + parts[1]
    below = sum(part**2 / (len(values) - 1) for part, values in zip(parts, (before, after), strict=True))
    freedom = np.divide(both**2, below, out=np.ones_like(both), where=np.asarray(below) > 0)
    return np.sqrt(both), freedom


def check_events(
    first: tuple[object, str], second: tuple[object, str], shown: str, regions: list[str], country: str | None = None
) -> None:  # fmt: skip
    """Refuse runs that differ in regional events.

    Parameters
    ----------
    first, second
        Events of each run as its manifest has them (a file name or rows), and the hash of the file.
    shown
        Name of the second run in the message.
    regions
        Regions of the runs; events of the whole country are conditions and may differ.
    country
        Name of the whole country in events; by default the beginning that all regions share, as in a network that
        does not name it. Any other place is a region or a zone.

    Raises
    ------
    InputError
        If they differ.
    """
    names = {EVERYWHERE, _shared_beginning(regions) if country is None else country} - set(regions)
    if _regional_rows(first, names) != _regional_rows(second, names):
        raise InputError([Problem(message=REFUSED, field="events", table=shown)])
    one, other = (_profiles(rows) for rows, _ in (first, second))
    if one and other and one != other:
        raise InputError([Problem(message=PROFILES_DIFFER, field="events", table=shown)])
    lost, other_lost = (_lost(rows) for rows, _ in (first, second))
    if lost and other_lost and lost != other_lost:
        raise InputError([Problem(message=LOSSES_DIFFER, field="events", table=shown)])


def _shared_beginning(regions: Sequence[str]) -> str:
    """Return what all ids of regions begin with, before a hyphen; empty if they do not share it."""
    found = {name.partition("-")[0] if "-" in name else "" for name in regions}
    return found.pop() if len(found) == 1 else ""


def asked_of(result: xr.Dataset, setting: str) -> tuple[object, str]:
    """Return what a result says of its events, timetable or saved state.

    Parameters
    ----------
    result
        Result of a run.
    setting
        One of `ASKED`.

    Returns
    -------
    tuple
        Rows, or the name of a file, and the hash of the file.

    Raises
    ------
    InputError
        If it names a file and does not say its hash: files of one name may differ.
    """
    asked = json.loads(str(result.attrs.get("scenario", "{}"))).get(setting)
    if not isinstance(asked, str):
        return asked or [], ""
    hashes = json.loads(str(result.attrs.get("inputs", "{}")))
    named = {Path(asked).name, f"{Path(asked).name}.csv"}
    own = [digest for name, digest in hashes.items() if name.startswith(f"{INPUTS}/{setting}/")]
    bundled = [
        digest for name, digest in hashes.items() if str(Path(name).parent) == BUNDLED and Path(name).name in named
    ]
    if not own + bundled:
        message = "is a file, and the result does not say its hash: whether two runs have the same is not known"
        raise InputError([Problem(message=message, field=setting, value=asked)])
    return asked, str((own + bundled)[0])


def check_asked(
    first: Mapping[str, tuple[object, str]], second: Mapping[str, tuple[object, str]], shown: str, regions: list[str],
    country: str | None,
) -> None:  # fmt: skip
    """Refuse runs that differ in regional events, in imposed timetables, or in the state that they begin from.

    Parameters
    ----------
    first, second
        Each of `ASKED`, as `asked_of` or the manifest of a run gives it.
    shown, regions, country
        As `check_events` takes them.

    Raises
    ------
    InputError
        If they differ.
    """
    check_events(first["events"], second["events"], shown, regions, country)
    check_timetables(first["timetable"][1], second["timetable"][1], shown)
    check_states(first["start_state"], second["start_state"], shown)


def check_timetables(first: str, second: str, shown: str) -> None:
    """Refuse runs that impose different timetables, given the hashes of their files, empty without one.

    Raises
    ------
    InputError
        If they differ.
    """
    if first != second:
        raise InputError([Problem(message=REFUSED, field="timetable", table=shown)])


def check_states(first: tuple[object, str], second: tuple[object, str], shown: str) -> None:
    """Refuse runs that begin from different saved states, given the names and hashes of their files.

    Raises
    ------
    InputError
        If they do: what was damaged before a state is nowhere in the events of a run.
    """
    states = [digest or str(name or "") for name, digest in (first, second)]
    if states[0] != states[1]:
        message = "begin from other saved states, in which other places may be damaged; compare runs from one state"
        raise InputError([Problem(message=message, field="start_state", table=shown)])


def _regional_rows(events: tuple[object, str], countries: Collection[str]) -> object:
    """Return the part of events that must agree: the hash of a file, or regional rows without their interception."""
    rows, digest = events
    if not isinstance(rows, list):
        return digest
    places = [(_place(str(row.get("target", ""))), row) for row in rows]
    here = [row for place, row in places if place not in countries]
    alike = len({str(_intercepted(row)) for row in here}) <= 1  # else it could say which place to hit
    kept = [
        {key: str(_sent(value) if alike else value) for key, value in row.items()
         if key != "note" and not (alike and key == "interception")}
        for row in here
    ]  # fmt: skip
    return kept or ""


def _intercepted(row: Mapping[str, object]) -> object:
    """Return the interception of a row, and of weapons of a wave."""
    weapons = row.get("weapons")
    of_weapons = {
        name: one.get("interception") for name, one in weapons.items() if isinstance(one, Mapping)
    } if isinstance(weapons, Mapping) else None  # fmt: skip
    return row.get("interception"), of_weapons


def _lost(rows: object) -> set[tuple[str, str, str]]:
    """Return kind, class and profile of all rows by which something is lost."""
    listed = rows if isinstance(rows, list) else []
    return {
        (str(row.get("kind")), str(row.get("target", "")).rpartition("/")[2], str(row.get("profile") or ""))
        for row in listed if str(row.get("kind")) in LOSING
    }  # fmt: skip


def _place(target: str) -> str:
    """Return the place of a target, which a wave names alone."""
    return target.rpartition("/")[0] if "/" in target else target


def _sent(value: object) -> object:
    """Return a value of a row, of weapons of a wave without their interception."""
    if not isinstance(value, Mapping):
        return value
    return {
        name: {key: number for key, number in one.items() if key != "interception"} if isinstance(one, Mapping) else one
        for name, one in value.items()
    }


def _profiles(rows: object) -> set[str]:
    """Return the profiles of the waves among some rows."""
    listed = rows if isinstance(rows, list) else []
    return {str(row["profile"]) for row in listed if row.get("profile")}
