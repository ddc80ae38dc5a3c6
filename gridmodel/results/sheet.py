"""Numbers of the sheet of one region or of the country: what comes, by when, what is needed, in units people use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats, Ints
from gridmodel.results.comparison import EVERYWHERE, compare
from gridmodel.results.deadlines import deadlines, standstill_to_frost_h
from gridmodel.results.metrics import BY_REGION, OFF_BY, hours_without_power_per_day, off_by, person_hours_by_cause
from gridmodel.results.needs import DEADLINE_OF, NEEDS, needs
from gridmodel.results.sendable import sendable
from gridmodel.results.steps import as_run
from gridmodel.services.registry import SPLITS
from gridmodel.vocabulary import OWN_HEAT

HIGH_FLOORS = "people_dry_high_floors"
"""Those without water who lack only the pump of their building, told apart from dry streets."""
SHOWN_PEOPLE = ("people_without_power", "people_without_heat", "people_without_water")
"""People whose number over time is drawn."""
HOUR_SPREAD_H = 6.0
"""Longest time between the early and the typical case for which a time is told by the hour. [h] Ours: what differs by
more between members is known to the part of a day."""
PART_H = 6
"""Length of a part of a day, from midnight on: early hours, morning, afternoon, evening. [h]"""
SMALLEST = 0.05
"""Amount up to which a member counts as having nothing. Ours: it is printed as zero."""
NAMED, OTHER = 0.05, "other"
"""Least share of a cause that is named, and the name of all others together. [1] Ours."""
CHANCES = ((0.0, "none"), (0.1, "seldom"), (0.4, "possible"), (0.6, "even"), (0.9, "likely"), (0.999, "very"))
"""Highest share of the members for which a chance has a name; above the last one it is `all`. Ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One number: what is typical, and the bad case that one member in twenty exceeds."""

    typical: float
    bad: float
    """Bad case; equal to what is typical for a single member."""
    share: float = 1.0
    """Share of the members in which it is more than nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One deadline of the region."""

    key: str
    """Name in `gridmodel.results.deadlines`."""
    share: float
    """Share of the members in which it comes."""
    typical: np.datetime64 | None
    """Local time by which half of the members have reached it; None if fewer do in the run."""
    early: np.datetime64 | None
    """Local time before which one member in twenty reaches it."""
    to_the_hour: bool
    """Whether members agree well enough for an hour, not a part of a day."""
    people: Pair | None
    """Most people whom it concerns at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One kind of help that the region needs."""

    key: str
    """Name in `gridmodel.results.needs`."""
    amount: Pair
    """Rounded up to what people send."""
    unit: str
    since: np.datetime64 | None
    """Local time by which it should be there."""
    to_the_hour: bool = False
    """Whether that time is known to the hour, as the deadline that it belongs to, not to a part of a day."""
    own: float | None = None
    """Means that the region has itself, in the unit of the words of the need; None if the model does not know it."""
    within_h: float | None = None
    """Time for the work of crews, short in the bad case: from standstill to frost of pipes; None for others. [h]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A series over time: what is typical and the bad case of every step, each by itself."""

    typical: Floats
    bad: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdKind:
    """Coldest kind of home in which anybody lives, at its coldest hour."""

    low_c: float
    """Mean of that kind. [°C]"""
    archetype: str
    state: str
    """State on district heat; empty for own heating."""
    share: float
    """Share of the region's homes. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One region in the table of the country."""

    region: str
    off_day_h: Pair
    cold: Pair
    dues: Mapping[str, Due]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything that the sheet of one region, or of the country, says; without words."""

    region: str
    """Id of the region; empty for the country."""
    members: int
    local: npt.NDArray[np.datetime64]
    """Local time of each step, shape ``(time,)``."""
    off_day_h: Pair
    """Hours a day that a mean person is without power."""
    peaks: Mapping[str, Pair]
    """Most people at once, by variable."""
    people: float
    dues: list[Due]
    wants: list[Want]
    series: Mapping[str, Band]
    """People over time by variable, of `SHOWN_PEOPLE`."""
    outdoors_c: Band
    """Outdoors; the bad case is the colder. [°C]"""
    mean_home_c: Band | None
    """Mean of all homes; the bad case is the colder. [°C]"""
    cold_home_c: Band | None
    """Mean of the coldest kind of home in which anybody lives, above the coldest homes where they take turns; the bad
    case is the colder. [°C]"""
    coldest: tuple[ColdKind, ColdKind] | None = None
    """That kind typically and in the bad case; None for the country."""
    rows: list[Row] = field(default_factory=list)
    """Every region, for the country."""
    causes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Share of each cause in person-hours, by `Split.key`, the largest first; `OTHER` for those below a twentieth. Of
    those without power both `OFF_BY`, as `power_causes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Part of a quantity of the whole country that events add to what is there without them."""

    without: float
    """Mean over members without events."""
    more: float
    """Mean difference."""

    @property
    def standing_share(self) -> float:
        """Share of the whole that is there without events. [1]"""
        whole = self.without + self.more
        return min(max(self.without / whole, 0.0), 1.0) if whole > 0 else 1.0


def sheet(result: xr.Dataset, region: str = "", *, own: Mapping[str, float] | None = None) -> Sheet:
    """Collect the numbers of the sheet of one region, or of the whole country.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    region
        Id of a region; empty for the country.
    own
        What the region has itself, by need, where it is known.
    """
    times = deadlines(result)
    table = needs(result, times)
    one = result.sel(region=[region]) if region else result
    series = {name: _people(one, name) for name in SHOWN_PEOPLE if name in one}
    homes = _homes(one)
    cold_c = None if homes is None else _colder(_of_people(one, homes.coldest_c))
    dues = [_due(row, str(key)) for key, row in times.loc[region].iterrows()] if region else []
    return Sheet(
        region=region, members=int(result.sizes["member"]),
        local=result["local_time"].to_numpy().astype("datetime64[m]"),
        off_day_h=_pair(_off_day_h(one)),
        peaks={
            name: _pair(one[name].sum("region").max("time").to_numpy().astype(float))
            for name in (*series, HIGH_FLOORS, OFF_BY["damage"]) if name in one
        },
        people=float(one["population"].sum()),
        dues=dues,
        wants=[replace(want, within_h=_within_h(one)) if region and want.key == "drain_people" else want for want in
               _wants(table, region, own or {}, hourly={due.key for due in dues if due.to_the_hour})],
        series=series,
        outdoors_c=_outdoors(one),
        mean_home_c=None if homes is None else _colder(_of_people(one, homes.mean_c)),
        cold_home_c=cold_c,
        coldest=None if homes is None or cold_c is None or not region else _coldest_kinds(one, homes, cold_c),
        rows=[] if region else _rows(result, times),
        causes=_causes(one),
    )  # fmt: skip


def what_events_add(result: xr.Dataset, without: xr.Dataset) -> dict[str, Added]:
    """Compute what events add in the whole country: energy not served, person-hours in cold homes and without water.

    Raises
    ------
    InputError
        If the runs cannot be compared: only a run without events is compared with one that has them.
    """
    table = compare(without, result).loc[EVERYWHERE]
    first, more = (table[name].astype(float).to_dict() for name in ("first", "difference"))
    names = ("energy_not_served", "person_hours_without_heat", "person_hours_without_water")
    return {name: Added(without=first[name], more=more[name]) for name in names if name in first}


def chance(share: float) -> str:
    """Return the name of a chance.

    Examples
    --------
    >>> chance(0.0), chance(0.05), chance(0.5), chance(1.0)
    ('none', 'seldom', 'even', 'all')
    """
    return next((name for most, name in CHANCES if share <= most), "all")


def part_of_day(moment: np.datetime64) -> tuple[np.datetime64, int]:
    """Return the day and the part of it, 0 to 3, in which a local time lies."""
    day = moment.astype("datetime64[D]")
    return day, int((moment - day) / np.timedelta64(1, "h")) // PART_H


def told_from(moment: np.datetime64, *, to_the_hour: bool) -> np.datetime64:
    """Return the beginning of the hour, or of the part of a day, as which a local time is told."""
    day, part = part_of_day(moment)
    begun = moment.astype("datetime64[h]") if to_the_hour else day + np.timedelta64(part * PART_H, "h")
    told: np.datetime64 = begun.astype(moment.dtype)
    return told


def _pair(values: Floats) -> Pair:
    """Return what is typical of a value per member, and the bad case."""
    typical, bad = np.quantile(values, [*BY_REGION.values()])
    return Pair(typical=float(typical), bad=float(bad), share=float((values > SMALLEST).mean()))


def _off_day_h(one: xr.Dataset) -> Floats:
    """Return hours a day without power of a mean person, shape ``(member,)``. [h/d]"""
    hours = hours_without_power_per_day(as_run(one)).transpose("member", "region").to_numpy()
    people = one["population"].to_numpy().astype(float)
    return np.asarray((hours * people).sum(axis=1) / max(people.sum(), 1.0))


def _people(one: xr.Dataset, name: str) -> Band:
    values = one[name].sum("region").transpose("member", "time").to_numpy().astype(float)
    typical, bad = np.quantile(values, [*BY_REGION.values()], axis=0)
    return Band(typical=typical, bad=bad)


def _due(row: pd.Series[Any], key: str) -> Due:
    typical, early = (_moment(row[name]) for name in ("local_p50", "local_p05"))
    spread = row["hours_p50"] - row["hours_p05"]
    known = isfinite(row["people_p50"])
    people = Pair(typical=row["people_p50"], bad=row["people_p95"]) if known else None
    return Due(key=key, share=float(row["reached_share"]), typical=typical, early=early,
               to_the_hour=bool(isfinite(spread) and spread <= HOUR_SPREAD_H), people=people)  # fmt: skip


def _moment(value: Any) -> np.datetime64 | None:  # noqa: ANN401 - a cell of a table
    """Return a time of a table; None if it is missing."""
    return None if pd.isna(value) else np.datetime64(pd.Timestamp(value).to_pydatetime(), "m")


def _wants(table: pd.DataFrame, region: str, own: Mapping[str, float], hourly: Collection[str] = ()) -> list[Want]:
    """Return the needs of a region; of the country their sums, by the earliest time; told as deadlines are."""
    found = []
    for key in NEEDS:
        rows = table[table.index.get_level_values("need") == key]
        if region:
            rows = rows[rows.index.get_level_values("region") == region]
        if rows.empty:
            continue
        unit = str(rows["unit"].iloc[0])
        typical, bad = (float(sendable(float(rows[name].to_numpy(dtype=float).sum()), unit)) for name in ("p50", "p95"))
        if bad > 0:
            amount = Pair(typical=typical, bad=bad, share=float(rows["needed_share"].max()))
            since = rows["from_local"].min()
            found.append(Want(key=key, amount=amount, unit=unit, since=_moment(since),
                              to_the_hour=DEADLINE_OF.get(key) in hourly, own=own.get(key)))  # fmt: skip
    return found


def _within_h(one: xr.Dataset) -> float | None:
    """Return the hours from standstill to frost in a region, that one in twenty of the members with frost undercuts."""
    hours = standstill_to_frost_h(as_run(one))
    if hours is None or not np.isfinite(hours).any():
        return None
    return float(np.quantile(hours[np.isfinite(hours)], 0.05, method="inverted_cdf"))


def _rows(result: xr.Dataset, times: pd.DataFrame) -> list[Row]:
    """Return the row of every region, in the order of the network."""
    found = []
    for region in map(str, result["region"].to_numpy()):
        one = result.sel(region=[region])
        cold = one["people_without_heat"].sum("region").max("time").to_numpy() if "people_without_heat" in one else None
        dues = {str(key): _due(row, str(key)) for key, row in times.loc[region].iterrows()}
        found.append(Row(region=region, off_day_h=_pair(_off_day_h(one)), dues=dues,
                         cold=Pair(typical=0.0, bad=0.0) if cold is None else _pair(cold.astype(float))))  # fmt: skip
    return found


def _outdoors(one: xr.Dataset) -> Band:
    """Return outdoor temperature, mean by people; the bad case is the coldest member in twenty. [°C]"""
    people = one["population"].to_numpy().astype(float)
    air = one["outdoor_temperature"].weighted(xr.DataArray(people, dims="region")).mean("region")
    values = air.transpose("member", "time").to_numpy() if "member" in air.dims else air.to_numpy()[None]
    return _colder(values.astype(float))


LIVED_IN = 0.005
"""Least share of a region's homes that counts as a kind of home in which people live. [1] Ours: a few homes are always
colder than the model."""


@dataclass(frozen=True, slots=True)
class _Homes:
    """Temperatures of homes by region."""

    mean_c: Floats
    """Mean home, shape ``(member, time, region)``. [°C]"""
    coldest_c: Floats
    """Coldest kind of home in which anybody lives, same shape. [°C]"""
    place: Ints
    """Place of that kind among kinds and states, same shape."""
    share: Floats
    """Share of homes of each, shape ``(member, time, region, archetype, state)``. [1]"""


def _homes(one: xr.Dataset) -> _Homes | None:
    """Return the temperatures of homes; None if the result does not have them."""
    if not {"indoor_temperature", "home_share", "archetype_share"} <= set(one.data_vars):
        return None
    dims = ("member", "time", "region", "archetype", "heat_state")
    air = one["indoor_temperature"].transpose(*dims).to_numpy().astype(float)
    kinds = one["archetype_share"].transpose("region", "archetype").to_numpy().astype(float)
    states = one["home_share"].transpose("member", "time", "region", "heat_state").to_numpy().astype(float)
    own = np.isin(one["archetype"].to_numpy(), OWN_HEAT)
    share = kinds[None, None, :, :, None] * states[..., None, :]
    first = np.isfinite(air) & (np.cumsum(np.isfinite(air), axis=-1) == 1)  # own heating is the same in every state
    share = np.where(own[:, None], kinds[None, None, :, :, None] * first, share)
    share = np.where(np.isfinite(air), share, 0.0)
    air = np.nan_to_num(air)
    mean = (air * share).sum(axis=(-1, -2)) / np.maximum(share.sum(axis=(-1, -2)), 1e-9)
    lived = np.where(share >= LIVED_IN, air, np.inf)
    lived = lived.reshape(*lived.shape[:3], -1)
    lowest = lived.min(axis=-1)
    return _Homes(mean, np.where(np.isfinite(lowest), lowest, mean), lived.argmin(axis=-1), share)


def _coldest_kinds(one: xr.Dataset, homes: _Homes, band: Band) -> tuple[ColdKind, ColdKind]:
    """Return the coldest kind of home at the lowest hour of each line of a band, of the member that is nearest to it.

    Parameters
    ----------
    one
        Result of the region.
    homes
        Its homes.
    band
        Temperature of the coldest kind. [°C]
    """
    found = []
    for line in (band.typical, band.bad):
        step = int(line.argmin())
        member = int(np.abs(homes.coldest_c[:, step, 0] - line[step]).argmin())
        kind, state = np.unravel_index(homes.place[member, step, 0], homes.share.shape[-2:])
        name = str(one["archetype"].to_numpy()[kind])
        found.append(ColdKind(
            low_c=float(line[step]), archetype=name, share=float(homes.share[member, step, 0, kind, state]),
            state="" if name in OWN_HEAT else str(one["heat_state"].to_numpy()[state]),
        ))  # fmt: skip
    return found[0], found[1]


def _of_people(one: xr.Dataset, values: Floats) -> Floats:
    """Return the mean of regions by people, ``(member, time)``."""
    people = one["population"].to_numpy().astype(float)
    return np.asarray(values @ (people / max(people.sum(), 1.0)))


def _colder(values: Floats) -> Band:
    """Return the median and the colder bad case of temperatures ``(member, time)``."""
    bad, typical = np.quantile(values, [1.0 - max(BY_REGION.values()), 0.5], axis=0)
    return Band(typical=typical, bad=bad)


def _causes(one: xr.Dataset) -> dict[str, dict[str, float]]:
    """Return the shares of causes in the person-hours without power, of cold homes and dry taps, the largest first."""
    off = off_by(one)
    found = {"power_causes": {name: off[name] for name in sorted(off, key=lambda name: -off[name])}} if off else {}
    for split in SPLITS:
        if split.variable in one:
            hours = person_hours_by_cause(one, split.variable).mean("member").to_series()
            if hours.sum() > 0:
                shares = (hours / hours.sum()).sort_values(ascending=False, kind="stable")
                told = {str(name): float(value) for name, value in shares.items() if value >= NAMED}
                rest = 1.0 - sum(told.values())
                found[split.key] = told | ({OTHER: rest} if rest > 1e-9 else {})
    return found
