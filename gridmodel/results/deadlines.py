"""Deadlines: hours until homes are cold, pipes must be drained, taps are dry and fuel is used up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem
from gridmodel.regions import is_on_clock, local_times
from gridmodel.results.metrics import QUANTILES
from gridmodel.results.steps import as_run, of_steps, step_h
from gridmodel.scenario.backup_systems import SYSTEM_TABLE
from gridmodel.scenario.groups.period import SKIPPED
from gridmodel.vocabulary import OWN_HEAT

FIRST_SHARE = 0.01
"""Share of a region's people in homes below 12 °C from which its homes count as cold. [1] Ours: a few homes are always
colder than the model, so a single one is not a sign."""
DRY_SHARE = 0.01
"""Share of the largest stored volume at or below which reservoirs count as empty. [1] Ours: beyond what is measured."""
ROUNDING = 1e-6
"""Part of a unit by which a time that is rounded down may lie below a whole one. [1] Ours: far below what matters."""
LABELS = {
    "homes_12c": "first homes below 12 °C",
    "drain": "pipes must be drained",
    "dry_taps": "taps dry in the street",
    "fuel": "backup fuel used up",
}
"""Labels of the deadlines; names of fuel have the system after `fuel`, as in `fuel_water`."""
SYSTEM_WORDS = {system.name: system.words for system in SYSTEM_TABLE}
"""Names of systems with backup in a label."""
COLUMNS = (
    "region_name", "deadline_is", "hours_p05", "hours_p50", "hours_p95", "local_p05", "local_p50", "local_p95",
    "reached_share", "members", "people", "people_p50", "people_p95",
)  # fmt: skip
"""Columns of the table, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One deadline in every region."""

    name: str
    label: str
    hours: Floats
    """Hours from the step at which counting begins, infinite if it is not reached, shape ``(member, region)``. [h]"""
    people: Floats
    """Most people that it concerns at once, shape ``(member, region)``; missing where not known."""


def deadlines(result: xr.Dataset, *, since: str | None = None) -> pd.DataFrame:
    """Find the time that remains to each deadline in every region, with its range over members.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    since
        Local time from which hours are counted, e.g. ``2026-01-13 00:00``; by default the start of the run. Earlier
        steps are ignored.

    Returns
    -------
    pandas.DataFrame
        Index ``(region, deadline)``; columns `COLUMNS`. ``hours_p05`` to ``hours_p95`` are quantiles over members of
        the remaining hours, ``local_p05`` … the same as local times, rounded down to the minute. A quantile is missing
        (NaN, NaT) if so few members reach the deadline that it lies beyond the end of the run; `reached_share` says how
        many do. `people` is the mean over members of the most people concerned at once, `people_p50` what is typical,
        and one member in twenty concerns more than `people_p95`. The bad case of a deadline is the early one:
        ``hours_p05``.

    Raises
    ------
    InputError
        If `since` is not a local time within the run.

    Notes
    -----
    `homes_12c`: a hundredth of the region's people live below 12 °C. `drain`: the earliest moment by which pipes of
    homes without circulation must be empty, also where they were drained or warm again before. `dry_taps`: the streets
    of a hundredth of the region's people have no water, or reservoirs contain a hundredth of their largest volume.
    `fuel_…`: a system that runs on backup has used up its fuel. A deadline is only in the table if the run has the
    variables for it; systems that need no power anywhere are left out.

    Examples
    --------
    >>> import gridmodel as gm
    >>> table = gm.deadlines(gm.run("three-region"))
    >>> table.loc[("TR-1", "homes_12c"), "hours_p50"].item()
    17.0
    """
    step_h(result, whole=True)
    result = as_run(result)
    begin = _since(result, since)
    after = result.isel(time=slice(begin, None))
    start = after["time"].to_numpy()[0]
    rows = [row for kind in _kinds(after) for row in _rows(result, kind, start)]
    index = pd.MultiIndex.from_tuples([key for key, _ in rows], names=["region", "deadline"])
    frame = pd.DataFrame([row for _, row in rows], index=index, columns=list(COLUMNS))
    for name in COLUMNS:
        if name.startswith("local_"):
            frame[name] = pd.to_datetime(frame[name])
    return frame


def people_to_drain(result: xr.Dataset) -> Floats | None:
    """People in homes whose heating pipes must be drained, or had to be, shape ``(member, time, region)``. [1]

    Homes without circulation count while their loops can freeze, drained and frozen ones always. None if the result
    does not say how homes are heated.
    """
    if not {"home_share", "archetype_share", "deadline_to_drain"} <= set(result.data_vars):
        return None
    share = result["home_share"].transpose("member", "time", "region", "heat_state")
    standing = share.sel(heat_state="no_circulation").to_numpy()
    still = np.where(np.isnan(of_steps(result["deadline_to_drain"])), 0.0, standing)
    emptied = share.sel(heat_state=["drained", "frozen"]).to_numpy().sum(axis=-1)
    homes = result["archetype_share"].transpose("region", "archetype")
    district = homes.to_numpy()[:, ~np.isin(homes["archetype"].to_numpy(), OWN_HEAT)]
    return np.asarray((still + emptied) * district.sum(axis=1) * result["population"].to_numpy(), dtype=float)


def standstill_to_frost_h(result: xr.Dataset) -> Floats | None:
    """Return hours from the standstill of the first loops to their frost, in which crews can drain them.

    Returns
    -------
    numpy.ndarray or None
        Shape ``(member, region)``, infinite where none stand in frost; None if the result does not know. [h]
    """
    if "deadline_to_drain" not in result:
        return None
    remaining = of_steps(result["deadline_to_drain"])
    moment = np.where(np.isnan(remaining), np.inf, remaining + _end_h(result)[:, None]).min(axis=1)
    stands = _elapsed_h(result)[np.isfinite(remaining).argmax(axis=1)]
    return np.asarray(moment - np.where(np.isfinite(moment), stands, 0.0))


def _since(result: xr.Dataset, since: str | None) -> int:
    """Return the step from which hours are counted.

    Raises
    ------
    InputError
        If it is not a local time within the run.
    """
    if since is None:
        return 0
    try:
        local = datetime.fromisoformat(since)
    except ValueError:
        message = "is not a local time such as 2026-01-13 00:00"
        raise InputError([Problem(message=message, field="since", value=since[:80])]) from None
    zone = ZoneInfo(str(result.attrs["timezone"]))
    if local.tzinfo is None and not is_on_clock(local, zone.key):
        raise InputError([Problem(message=SKIPPED, field="since", value=since)])
    moment = np.datetime64((local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC).replace(tzinfo=None))
    times = result["time"].to_numpy()
    step = np.timedelta64(round(step_h(result, whole=True) * 60), "m")
    if not times[0] <= moment < times[-1] + step:
        message = f"is not within the run ({result.attrs['start']} to {result.attrs['end']})"
        raise InputError([Problem(message=message, field="since", value=since)])
    return int(np.searchsorted(times, moment, side="right")) - 1


def _kinds(result: xr.Dataset) -> Iterator[_Kind]:
    """Yield every deadline that the variables of a result give."""
    people = np.maximum(result["population"].to_numpy().astype(float), 1.0)
    unknown = np.full((result.sizes["member"], len(people)), np.nan)
    if "people_without_heat" in result:
        cold = of_steps(result["people_without_heat"])
        yield _Kind(name="homes_12c", label=LABELS["homes_12c"], hours=_first(cold >= FIRST_SHARE * people, result),
                    people=cold.max(axis=1))  # fmt: skip
    if "deadline_to_drain" in result:
        remaining = of_steps(result["deadline_to_drain"])
        moment = np.where(np.isnan(remaining), np.inf, remaining + _end_h(result)[:, None])
        standing = people_to_drain(result)
        yield _Kind(name="drain", label=LABELS["drain"], hours=np.maximum(moment.min(axis=1), 0.0),
                    people=unknown if standing is None else standing.max(axis=1))  # fmt: skip
    if "water_stored_m3" in result:
        dry = of_steps(result["people_dry_street" if "people_dry_street" in result else "people_without_water"])
        yield _Kind(name="dry_taps", label=LABELS["dry_taps"], hours=_dry_h(result, people),
                    people=dry.max(axis=1))  # fmt: skip
    for system in _systems(result):
        remaining = of_steps(result["backup_fuel_h"].sel(system=system))
        yield _Kind(name=f"fuel_{system}", label=f"{LABELS['fuel']}: {SYSTEM_WORDS.get(system, system)}",
                    hours=_empty_h(remaining, remaining <= 0, result), people=unknown)  # fmt: skip


def _dry_h(result: xr.Dataset, people: Floats) -> Floats:
    """Return hours until streets are dry, reservoirs empty or pumps down, shape ``(member, region)``. [h]"""
    stored = of_steps(result["water_stored_m3"])
    full = stored.max(axis=(0, 1))
    empty = (stored <= DRY_SHARE * full) & (full > 0)
    hours = _empty_h(stored, empty, result)
    if "people_dry_street" in result:
        street = _first((of_steps(result["people_dry_street"]) >= FIRST_SHARE * people) & ~empty, result)
        hours = np.minimum(hours, street)
    return hours


def _empty_h(level: Floats, empty: npt.NDArray[np.bool_], result: xr.Dataset) -> Floats:
    """Return hours until a store is empty, infinite where it never is, shape ``(member, region)``. [h]

    Parameters
    ----------
    level
        At the end of each step, shape ``(member, time, region)``.
    empty
        True where it counts as empty, same shape.

    Notes
    -----
    Within the step that empties it, the store falls as it did in the step before, at the latest to its end.
    """
    first = empty.argmax(axis=1)[:, None]
    before, earlier = (np.take_along_axis(level, np.maximum(first - back, 0), axis=1) for back in (1, 2))
    falls = earlier - before
    known = (first >= 2) & (falls > 0)
    part = np.where(known, np.minimum(before / np.where(known, falls, 1.0), 1.0), 1.0)[:, 0]
    return np.where(empty.any(axis=1), _elapsed_h(result)[first[:, 0]] + part * step_h(result, whole=True), np.inf)


def _systems(result: xr.Dataset) -> list[str]:
    """Return the systems with backup that the network has: those that need power in any region."""
    if "backup_fuel_h" not in result:
        return []
    names = [str(name) for name in result["system"].to_numpy()]
    if "system_need_mw" not in result:
        return names
    most = result["system_need_mw"].max(("member", "region")).to_numpy()
    return [name for name, need_mw in zip(names, most, strict=True) if need_mw > 0]


def _elapsed_h(result: xr.Dataset) -> Floats:
    """Return the hours from the first step to the start of each, shape ``(time,)``. [h]"""
    times = result["time"].to_numpy()
    return np.asarray((times - times[0]) / np.timedelta64(1, "h"), dtype=float)


def _end_h(result: xr.Dataset) -> Floats:
    """Return the hours from the first step to the end of each, shape ``(time,)``. [h]"""
    return _elapsed_h(result) + step_h(result, whole=True)


def _first(reached: npt.NDArray[np.bool_], result: xr.Dataset) -> Floats:
    """Return hours until a condition is first met, infinite where it never is, ``(member, region)``. [h]"""
    return np.where(reached.any(axis=1), _elapsed_h(result)[reached.argmax(axis=1)], np.inf)


def _rows(
    result: xr.Dataset, kind: _Kind, start: np.datetime64
) -> Iterator[tuple[tuple[str, str], tuple[object, ...]]]:
    """Return the rows of one deadline, one per region."""
    quantiles = np.quantile(kind.hours, QUANTILES, axis=0, method="inverted_cdf")
    reached = np.isfinite(kind.hours).mean(axis=0)
    minutes = np.where(np.isfinite(quantiles), np.floor(quantiles * 60 + ROUNDING), np.iinfo(np.int64).min)
    moments = start.astype("datetime64[m]") + minutes.astype("timedelta64[m]")
    local = local_times(moments, str(result.attrs["timezone"]))
    hours = np.where(np.isfinite(quantiles), quantiles, np.nan)
    people = np.vstack([kind.people.mean(axis=0), np.quantile(kind.people, (0.50, 0.95), axis=0)])
    for place, region in enumerate(result["region"].to_numpy()):
        name = str(result["region_name"].to_numpy()[place])
        yield (
            (str(region), kind.name),
            (name, kind.label, *hours[:, place], *local[:, place], reached[place], len(kind.hours), *people[:, place]),
        )
