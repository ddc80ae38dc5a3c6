"""One schema for results and stores, whoever made them: dimensions, types, units, sizes, labels and attributes.

A result may come from a stranger. It is checked once, where it is opened, so that everything behind may rely on it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.hdf5 import UNREADABLE, of_library
from gridmodel.inputs.json_text import check_json
from gridmodel.regions import is_timezone, local_times
from gridmodel.results.cf import own_unit, with_own_units
from gridmodel.results.finite import with_checked_values
from gridmodel.results.metrics import METRIC_NAMES
from gridmodel.results.weather_notes import HISTORY
from gridmodel.services.power.variables import CASCADE_VARIABLES
from gridmodel.services.registry import SPLITS, VARIABLES
from gridmodel.vocabulary import MOST_OWN_TECHNOLOGIES, OWN_TECHNOLOGY, TECHNOLOGIES, TIERS

MAX_BYTES = 12_000_000_000
"""Largest result. [byte] Ours: as `gridmodel.simulation.inputs.MAX_RESULT_BYTES`, beyond which none is made."""
MAX_PACKING = 1_100
"""Most bytes that one byte of a file can stand for: deflate reaches 1,032."""
SMALL_BYTES = 64_000_000
"""Size that is read however small the file is. [byte] Ours: cells that were never written take no room in a file."""
MAX_STEPS, MAX_REGIONS, MAX_MEMBERS, MAX_LABELS = 40_000, 5_000, 1_000_000, 20_000
"""Longest time, region and member dimensions, and any other. Ours: beyond what a scenario can ask for."""
MAX_VARIABLES = 500
"""Most variables. Ours: eight times those that a run has."""
MAX_TEXT = 20_000_000
"""Longest attribute. [characters] Ours: the scenario of a run with fifty thousand rows of events."""
MAX_SETTINGS = 500_000
"""Most values of the scenario in a result. Ours: one of fifty thousand rows of events has as many."""
MAX_NAME = 200
"""Longest label or name. [characters]"""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,119}")
"""Name of a variable; in a store, also the path of a setting."""
REQUIRED = (
    "outdoor_temperature", "demand_mw", "served_mw", "shed_mw", "shed_cause_mw", "import_mw", "population",
    "people_without_power",
)  # fmt: skip
"""Variables that every run has, whatever its network."""
COORDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "time": (("time",), "M"),
    "local_time": (("time",), "M"),
    "region": (("region",), "T"),
    "region_name": (("region",), "T"),
    "member": (("member",), "i"),
    "centre_lat": (("region",), "f"),
    "centre_lon": (("region",), "f"),
    **{
        name: ((name,), "T")
        for name in (
            "tier",
            "technology",
            "cause",
            "system",
            "archetype",
            "heat_state",
            "setting",
            "people_quantile",
            *(split.dim for split in SPLITS),
        )
    },
}
"""Dimensions and kind of coordinates: time, text, whole or real number."""
PLACES = {"centre_lat": 90, "centre_lon": 180}
"""Coordinates of a place, and their largest value. [degree]"""
TOGETHER = (
    (
        "heat_demand_mw_th", "heat_supplied_mw_th", "indoor_temperature", "home_share", "archetype_share",
        "people_without_heat",
    ),
    ("water_stored_m3", "water_served_share", "people_without_water"),
    ("backup_fuel_h", "backup_share", "dark_share"),
    ("repair_begin", "repair_end", "repair_region", "repair_class", "repair_state"),
    tuple(name for name in CASCADE_VARIABLES if name != "frequency_nadir_hz"),
)  # fmt: skip
"""Variables of which a result has all or none."""
LABELS = {"tier": TIERS, "heat_state": ("no_circulation", "drained", "frozen")}
"""Labels that readers of a result ask for by name; archetypes are those of a network, and none is."""
TEXTS = ("title", "source", "network", "weather", "start", "end", "timezone", "scenario", "plant", HISTORY)
"""Attributes that are text."""
OPTIONAL = frozenset({"scenario", "plant", HISTORY})
"""Those of them that some results lack."""
_LONGEST = {"scenario": MAX_TEXT, "network": 4_096, "weather": 4_096, "plant": 4_096, HISTORY: 4_096}
_FLAGS = ("repair_region", "repair_class", "repair_state")


def open_checked(path: Path, shown: str) -> xr.Dataset:
    """Open a result lazily, after its sizes, then its schema are checked.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    problems = Problems()
    found = None
    try:
        of_library(lambda: _check_sizes(path, problems, shown))
        problems.raise_if_any()
        found = of_library(lambda: xr.open_dataset(path, engine="netcdf4"))
        found = with_own_units(found)
        check_result(found, problems, shown)
        problems.raise_if_any()
        return with_checked_values(found, shown, complete=REQUIRED)
    except InputError:
        if found is not None:
            found.close()
        raise
    except UNREADABLE as error:
        if found is not None:
            found.close()
        said = str(error).splitlines()[0][:200] if isinstance(error, OSError | RuntimeError) and str(error) else ""
        message = "cannot be read as a result: " + (said or "something in it is not as a run writes it")
        raise InputError([Problem(message=message, table=shown)]) from error


def _check_sizes(path: Path, problems: Problems, shown: str) -> None:
    """Note what takes more memory than the file can hold, before any of it is allocated."""
    from netCDF4 import Dataset

    most = min(MAX_BYTES, max(SMALL_BYTES, MAX_PACKING * path.stat().st_size))
    with Dataset(path) as file:
        if file.groups:
            problems.add("contains groups, which no result has", table=shown)
        if len(file.variables) > MAX_VARIABLES:
            problems.add(f"contains more than {MAX_VARIABLES} variables", table=shown)
            return
        whole = 0.0
        for name, variable in file.variables.items():
            size = math.prod(map(float, variable.shape)) * getattr(np.dtype(variable.dtype), "itemsize", 16)
            whole += max(size, 1.0)
            if size > most:
                message = f"asks for {size / 1e6:,.0f} MB, more than the file can contain"
                problems.add(message, table=shown, field=name)
        if whole > most and not problems.found:
            problems.add(f"asks for {whole / 1e6:,.0f} MB, more than the file can contain", table=shown)


def check_result(result: xr.Dataset, problems: Problems, shown: str, *, leading: tuple[str, ...] = ()) -> None:
    """Note everything in which a dataset differs from a result; only labels are read.

    Parameters
    ----------
    result
        The dataset, opened.
    problems
        Collects what is wrong.
    shown
        Name of the file in messages.
    leading
        Dimensions of variants that variables of a store have before their own; a store lacks what was not kept.
    """
    if not {"time", "region", "member"} <= set(result.sizes) | (set(leading) and {"time"}):
        problems.add("is not the result of a run", table=shown)
        return
    _check_dims(result, problems, shown)
    if not problems.found:
        for name in result.variables:
            _check_variable(result, str(name), problems, shown, leading)
        if not leading:
            _check_present(result, problems, shown)
    if not problems.found:
        _check_labels(result, problems, shown)
        _check_flags(result, problems, shown)
    _check_attributes(result.attrs, problems, shown, store=bool(leading))


def _check_present(result: xr.Dataset, problems: Problems, shown: str) -> None:
    """Note variables that are missing beside those that are there."""
    for name in REQUIRED:
        if name not in result:
            problems.add("is missing: every result contains it", table=shown, field=name)
    for names in TOGETHER:
        present = [name for name in names if name in result]
        missing = [name for name in names if name not in result] if present else []
        for name in missing:
            problems.add(f"is missing, but {present[0]} is there", table=shown, field=name)


def _check_dims(result: xr.Dataset, problems: Problems, shown: str) -> None:
    most = {
        "time": MAX_STEPS,
        "region": MAX_REGIONS,
        "member": MAX_MEMBERS,
        "cascade_step": 10**8,
        "job": 10**7,
        "variant": 10**6,
        "technology": len(TECHNOLOGIES) + MOST_OWN_TECHNOLOGIES,
    }
    for dim, size in result.sizes.items():
        if size > most.get(str(dim), MAX_LABELS):
            problems.add(
                f"has {size:,} entries, more than {most.get(str(dim), MAX_LABELS):,}", table=shown, field=str(dim)
            )
        if size < 1 and dim in {"time", "region", "member"}:
            problems.add("is empty", table=shown, field=str(dim))
    for name in COORDS:
        if name in result.sizes and name not in result.coords:
            problems.add("has no labels", table=shown, field=name)
    for name in ("local_time", "region_name"):
        if name not in result.coords:
            problems.add("is missing: every result contains it", table=shown, field=name)


def _check_variable(result: xr.Dataset, name: str, problems: Problems, shown: str, leading: tuple[str, ...]) -> None:
    """Note dimensions, type and unit that differ from what is declared."""
    values = result[name]
    if not (_PATH if leading else _NAME).fullmatch(name):
        problems.add("is not the name of a variable", table=shown, field=name[:80])
        return
    dims = tuple(str(dim) for dim in values.dims)
    if name in COORDS or name.startswith("region_name_"):
        _check_coordinate(values, name, problems, shown)
        return
    declared = VARIABLES.get(name) or CASCADE_VARIABLES.get(name)
    if declared is None:
        if name in METRIC_NAMES:
            _check_metric(values, name, problems, shown, leading)
        return
    allowed = {declared.dims, ("member", *declared.dims)}
    if tuple(dim for dim in dims if dim not in leading) not in allowed:
        problems.add(
            f"must have the dimensions {', '.join(declared.dims)}", table=shown, field=name, value=", ".join(dims)
        )
    kinds = _kinds(name, declared.units)
    if _kind(values.dtype) not in kinds and not (kinds == "T" and not values.size):  # a file of no texts has no kind
        words = "times" if kinds == "M" else "text" if kinds == "T" else "numbers"
        problems.add(f"must be {words}", table=shown, field=name, value=str(values.dtype))
    unit = own_unit(values.attrs.get("units", declared.units))
    if kinds == "fi" and unit != declared.units:
        problems.add(f"must be in {declared.units}", table=shown, field=name, value=unit)


def _check_metric(values: xr.DataArray, name: str, problems: Problems, shown: str, leading: tuple[str, ...]) -> None:
    """Note a metric that is not a number of each member."""
    if tuple(dim for dim in values.dims if dim not in leading) != ("member",):
        value = ", ".join(map(str, values.dims))
        problems.add("must have the dimension member", table=shown, field=name, value=value)
    if _kind(values.dtype) not in "fi":
        problems.add("must be numbers", table=shown, field=name, value=str(values.dtype))


def _check_coordinate(values: xr.DataArray, name: str, problems: Problems, shown: str) -> None:
    expected, kind = COORDS.get(name, (("region",), "T"))
    if values.dims != expected:
        value = ", ".join(map(str, values.dims))
        problems.add(f"must have the dimension {expected[0]}", table=shown, field=name, value=value)
    elif _kind(values.dtype) != kind and not (kind == "f" and _kind(values.dtype) == "i"):
        words = {"M": "times", "T": "text", "i": "whole numbers", "f": "numbers"}[kind]
        problems.add(f"must be {words}", table=shown, field=name, value=str(values.dtype))


def _kinds(name: str, units: str) -> str:
    """Return the kinds of values that a variable may have."""
    if name in {"repair_begin", "repair_end", "cascade_time"}:
        return "M"
    return "T" if name.startswith("cascade_") and not units else "fi"


def _kind(dtype: np.dtype[Any]) -> str:
    """Return the kind of a type: M time, T text, i whole and f real numbers; its own code for others."""
    return {"O": "T", "U": "T", "S": "T", "T": "T", "u": "i", "b": "b"}.get(dtype.kind, dtype.kind)


def _check_labels(result: xr.Dataset, problems: Problems, shown: str) -> None:
    """Note labels that repeat, are missing, or are not what they must be."""
    present = {name: kind for name, (_, kind) in COORDS.items() if name in result.coords}
    for name, kind in present.items():
        values = result[name].to_numpy()
        if kind == "T" and not all(isinstance(one, str) and len(one) <= MAX_NAME for one in values.tolist()):
            problems.add(f"must be text of at most {MAX_NAME} characters", table=shown, field=name)
        elif name in result.sizes and len(set(values.tolist())) < len(values):
            problems.add("contains a label twice", table=shown, field=name)
        if name in PLACES and not (np.abs(values.astype(float)) <= PLACES[name]).all():
            allowed = f"must be degrees from -{PLACES[name]} to {PLACES[name]}"
            problems.add(allowed, table=shown, field=name)
        if kind == "i" and (values < 0).any():
            problems.add("must not be negative", table=shown, field=name)
    _check_names(result, problems, shown)
    _check_needed(result, problems, shown)
    _check_times(result, problems, shown)
    people = result["population"].to_numpy().astype(float) if "population" in result else np.zeros(0)
    if not (np.isfinite(people).all() and (people >= 0).all()):
        problems.add("must be numbers from zero", table=shown, field="population")


def _check_names(result: xr.Dataset, problems: Problems, shown: str) -> None:
    """Note regions without a name, and technologies that no network can list."""
    named = {name: result[name].to_numpy().tolist() for name in ("region", "technology") if name in result.coords}
    if not all(str(one).strip() for one in named.get("region", [])):
        problems.add("must not be empty", table=shown, field="region")
    if not all(re.fullmatch(OWN_TECHNOLOGY, str(one)) for one in named.get("technology", [])):
        problems.add("must be names of small letters, digits and _", table=shown, field="technology")


def _check_needed(result: xr.Dataset, problems: Problems, shown: str) -> None:
    """Note labels that are asked for by name and missing."""
    for name, needed in LABELS.items():
        missing = [label for label in needed if name in result.coords and label not in result[name].to_numpy()]
        if missing:
            problems.add(f"lacks {', '.join(missing)}", table=shown, field=name)


def _check_times(result: xr.Dataset, problems: Problems, shown: str) -> None:
    for name in ("time", "local_time") if "time" in result.sizes else ():
        times = result[name].to_numpy()
        low, high = np.datetime64("1900-01-01"), np.datetime64("2200-01-01")
        if np.isnat(times).any() or (times < low).any() or (times > high).any():
            problems.add("must be times from 1900 to 2200", table=shown, field=name)
            return
    if "time" not in result.sizes:
        return
    steps = np.diff(result["time"].to_numpy()) / np.timedelta64(1, "s")
    hours = result.attrs.get("step_h")
    step_h = float(hours) if isinstance(hours, int | float | np.number) else math.nan
    if step_h in {0.25, 0.5, 1.0} and not np.array_equal(steps, np.full(len(steps), 3600.0 * step_h)):
        problems.add("must go on by one step each", table=shown, field="time")
        return
    _check_local(result, problems, shown)
    if step_h in {0.25, 0.5, 1.0}:
        _check_period(result, step_h, problems, shown)


def _check_local(result: xr.Dataset, problems: Problems, shown: str) -> None:
    """Note local times that are not the times on the clock of the result."""
    zone = result.attrs.get("timezone")
    if not (isinstance(zone, str) and len(zone) <= MAX_NAME and is_timezone(zone)):
        return
    clock = local_times(result["time"].to_numpy(), zone)
    local = result["local_time"].to_numpy()
    wrong = np.flatnonzero(clock != local)
    if wrong.size:
        message = f"must be the time in {zone}, {clock[wrong[0]]} for {result['time'].to_numpy()[wrong[0]]} UTC"
        problems.add(
            message.replace(".000000000", ""), table=shown, field="local_time", value=str(local[wrong[0]])[:19]
        )


def _check_period(result: xr.Dataset, step_h: float, problems: Problems, shown: str) -> None:
    """Note times that do not fill the period that the attributes give; an hour is left for a change of clocks."""
    zone = result.attrs.get("timezone")
    ends = [result.attrs.get(name) for name in ("start", "end")]
    if not (isinstance(zone, str) and len(zone) <= MAX_NAME and is_timezone(zone)):
        return
    try:
        first, last = (datetime.fromisoformat(str(one)) for one in ends)
        first, last = (one if one.tzinfo else one.replace(tzinfo=ZoneInfo(zone)) for one in (first, last))
        begin, end = (np.datetime64(one.astimezone(UTC).replace(tzinfo=None), "s") for one in (first, last))
    except (ValueError, OverflowError):
        problems.add("must be dates and times, such as 2026-01-05 00:00", table=shown, field="start, end")
        return
    times = result["time"].to_numpy().astype("datetime64[s]")
    hour, step = np.timedelta64(3_600, "s"), np.timedelta64(round(3_600 * step_h), "s")
    if abs(times[0] - begin) > hour or abs(times[-1] + step - end) > hour:
        message = f"must fill the period that start and end give, {ends[0]} to {ends[1]}"
        problems.add(message, table=shown, field="time", value=f"{times[0]} to {times[-1] + step} UTC")


def _check_flags(result: xr.Dataset, problems: Problems, shown: str) -> None:
    """Note numbers that stand for words of which there are fewer."""
    for name in _FLAGS:
        if name in result:
            words = result[name].attrs.get("flag_meanings")
            values: npt.NDArray[Any] = result[name].to_numpy()
            if not isinstance(words, str) or _kind(values.dtype) != "i":
                problems.add("must be whole numbers with their flag_meanings", table=shown, field=name)
            elif values.size and (values.min() < -1 or values.max() >= len(words.split())):
                problems.add("contains a number that stands for nothing", table=shown, field=name)


def _check_attributes(attrs: Mapping[Any, Any], problems: Problems, shown: str, *, store: bool) -> None:
    """Note attributes that are missing or of another kind."""
    required = {*TEXTS} - ({*OPTIONAL, "network", "weather"} if store else OPTIONAL)  # settings that may change
    for name in TEXTS:
        value = attrs.get(name)
        if name not in attrs and name in required:
            problems.add("is missing: every result contains it", table=shown, field=name)
        elif name in attrs and not (isinstance(value, str) and len(value) <= _LONGEST.get(name, MAX_NAME)):
            problems.add(
                f"must be text of at most {_LONGEST.get(name, MAX_NAME):,} characters", table=shown, field=name
            )
    for name in ("seed", "deterministic", "step_h"):
        if name in attrs or not store:
            _check_number(attrs.get(name), name, problems, shown)
    zone = attrs.get("timezone")
    if isinstance(zone, str) and len(zone) <= MAX_NAME and not is_timezone(zone):
        problems.add("is not a time zone", table=shown, field="timezone", value=zone)
    scenario = attrs.get("scenario")
    if isinstance(scenario, str) and len(scenario) <= MAX_TEXT:
        _check_scenario(scenario, problems, shown)


def _check_number(value: object, name: str, problems: Problems, shown: str) -> None:
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    allowed = {"deterministic": {0.0, 1.0}, "step_h": {0.25, 0.5, 1.0}}.get(name)
    fits = number and math.isfinite(float(value)) and float(value) >= 0  # type: ignore[arg-type]
    if not fits or (allowed and float(value) not in allowed) or (name == "seed" and float(value) % 1):  # type: ignore[arg-type]
        words = f"one of {', '.join(f'{one:g}' for one in sorted(allowed))}" if allowed else "a whole number from zero"
        problems.add(f"must be {words}", table=shown, field=name, value="" if value is None else str(value)[:40])


def _check_scenario(text: str, problems: Problems, shown: str) -> None:
    import json

    try:
        check_json(text, shown, most=MAX_SETTINGS)
        known = isinstance(json.loads(text), dict)
    except (InputError, ValueError, RecursionError):
        known = False
    if not known:
        problems.add("must be the settings of a scenario in JSON", table=shown, field="scenario")
