"""The description of a sweep in a store, its job, checked by types, ranges and counts before anything is made of it.

A store may come from a stranger. What reads or continues one relies on its job: how many variants, members and units
there are, and how large chunks are. So the job is checked once, where it is read, and then arrays, labels and
attributes are compared with it: a job that asks for more than there is asks for memory, or misnames what is there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from gridmodel.errors import InputError, Problems
from gridmodel.results.metrics import METRIC_NAMES
from gridmodel.results.result_schema import COORDS, MAX_MEMBERS, MAX_STEPS
from gridmodel.scenario.groups.period import STEPS
from gridmodel.services.registry import VARIABLES
from gridmodel.studies.sweep.changes import MAX_VARIANTS, REFUSED

MAX_UNITS = 100_000
"""Most work units of a sweep. Ours: as many as variants, since each needs files of its own."""
MAX_CHUNKS = 1_000_000
"""Most chunks of one array. Ours: each is a file."""
MAX_LABEL_CHUNKS = 1_000
"""Most chunks of labels. Ours: a million members have 16, and each is looked up when a store is opened."""
LARGEST = 2**63
"""Whole numbers from which on no array has them."""
MAX_WORD = 4_096
"""Longest name of a file or version. [characters] Ours: as the longest path of Linux."""
_SETTING = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(\.[A-Za-z0-9_]{1,39})?")
FIELDS = ("base", "folder", "changes", "keep", "per_unit", "time_block", "inputs", "versions")
"""Fields of a job; the layout is left out in stores of 0.1.0."""


class DescriptionError(InputError):
    """A job that is whole, but describes no sweep."""


def check_description(data: Mapping[str, Any]) -> None:
    """Check that data describe a sweep.

    Parameters
    ----------
    data
        Fields of a `Job`, as in a store.

    Raises
    ------
    DescriptionError
        With everything that is wrong.
    """
    problems = Problems()
    for name in [name for name in FIELDS if name not in data]:
        problems.add("is missing from the description of the sweep", field=name)
    for name in sorted({*data} - {*FIELDS, "layout"}):
        problems.add("is not part of the description of a sweep", field=name[:80])
    if problems.found:
        raise DescriptionError(problems.found)
    members = _check_base(data["base"], problems)
    variants = _check_changes(data["changes"], problems)
    _check_texts(data, problems)
    per_unit = _whole(data["per_unit"], 1, members or MAX_MEMBERS, "per_unit", problems)
    _whole(data["time_block"], 1, MAX_STEPS, "time_block", problems)
    _whole(data.get("layout", 1), 1, LARGEST, "layout", problems)
    if variants and members and per_unit:
        check_units(variants * -(-members // per_unit), problems)
    if problems.found:
        raise DescriptionError(problems.found)


def _check_texts(data: Mapping[str, Any], problems: Problems) -> None:
    """Note names of files, versions and variables that are not text."""
    for name in ("inputs", "versions"):
        pairs = data[name]
        if not (isinstance(pairs, dict) and all(_is_word(one) for pair in pairs.items() for one in pair)):
            problems.add("must be a mapping of names to text", field=name)
    if not _is_word(data["folder"]):
        problems.add("must be text", field="folder")
    keep = data["keep"]
    if not (isinstance(keep, list) and all(isinstance(one, str) for one in keep) and len({*keep}) == len(keep)):
        problems.add("must be a list of variables, each once", field="keep")


def check_units(units: int, problems: Problems) -> None:
    """Note a sweep of more work units than a store takes."""
    if units > MAX_UNITS:
        message = f"makes {units:,} units of work; a store takes at most {MAX_UNITS:,}: take fewer variants or members"
        problems.add(message, field="changes")


def _check_base(base: object, problems: Problems) -> int:
    """Return the number of members of the base; 0 if it is not known."""
    if not isinstance(base, dict):
        problems.add("must be the settings of a scenario", field="base")
        return 0
    before = len(problems.found)
    members = _whole(base.get("members"), 1, MAX_MEMBERS, "base members", problems)
    _whole(base.get("seed"), 0, LARGEST, "base seed", problems)
    if not isinstance(base.get("deterministic"), bool):
        problems.add("must be true or false", field="base deterministic")
    if not (isinstance(base.get("step"), str) and base["step"] in STEPS):
        problems.add(f"must be one of {', '.join(STEPS)}", field="base step")
    for name in ("name", "start", "end", "network", "weather"):
        if not _is_word(base.get(name)):
            problems.add("must be text", field=f"base {name}")
    if not (base.get("timezone") is None or _is_word(base["timezone"])):
        problems.add("must be text", field="base timezone")
    if not _is_plain(base):
        problems.add("must contain finite numbers only", field="base")
    return 0 if len(problems.found) > before else 1 if base["deterministic"] else members


def _check_changes(changes: object, problems: Problems) -> int:
    """Return the number of variants; 0 if the changes are wrong."""
    before = len(problems.found)
    kind = next(iter(changes), "") if isinstance(changes, dict) and len(changes) == 1 else ""
    entries = changes[kind] if isinstance(changes, dict) and kind in {"grid", "list"} else None
    if not isinstance(entries, list):
        problems.add("must be a grid of settings and their values, or a list of changes", field="changes")
        return 0
    if kind == "grid":
        count = _check_grid(entries, problems)
    else:
        count = len(entries)
        if not all(isinstance(one, dict) and one for one in entries) or not entries:
            problems.add("must be a list of changes, each a mapping of settings", field="changes list")
        else:
            _check_names({name for one in entries for name in one}, problems)
    if count > MAX_VARIANTS:
        problems.add(f"makes {count:,} variants; a store takes at most {MAX_VARIANTS:,}", field="changes")
    if not _is_plain(entries):
        problems.add("must contain finite numbers only", field="changes")
    return 0 if len(problems.found) > before else count


def _check_grid(entries: list[Any], problems: Problems) -> int:
    """Return the number of variants of a grid."""
    if not all(isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) for one in entries):
        problems.add("must be a list of settings, each with its values", field="changes grid")
        return 0
    names = [name for name, _ in entries]
    _check_names(names, problems)
    if len({*names}) < len(names):
        problems.add("contains a setting twice", field="changes grid")
    for name, values in entries:
        if not (isinstance(values, list) and values):
            problems.add("must be a list of values", field=f"changes grid {name[:80]}")
        elif len(values) <= MAX_VARIANTS and len({json.dumps(one, sort_keys=True) for one in values}) < len(values):
            problems.add("contains a value twice", field=f"changes grid {name[:80]}")
    return 0 if problems.found else math.prod(len(values) for _, values in entries)


def _check_names(names: Iterable[str], problems: Problems) -> None:
    """Note names that are not settings which a sweep can change."""
    taken = {*COORDS, *VARIABLES, *METRIC_NAMES, "variant", *REFUSED}
    for name in sorted({*names}):
        if not _SETTING.fullmatch(name) or name.partition(".")[0] in taken:
            problems.add("is not a setting that a sweep changes", field="changes", value=name)


def _whole(value: object, low: int, high: int, name: str, problems: Problems) -> int:
    """Return a whole number in a range; 0, and a problem, if it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    allowed = f"from {low:,} to {high:,}" if high < LARGEST else f"from {low:,}"
    problems.add(f"must be a whole number {allowed}", field=name, value=brief(value))
    return 0


def brief(value: object) -> str:
    """Return a value as a message shows it, at most forty characters."""
    try:
        return "" if value is None else str(value)[:40]
    except ValueError:  # Python refuses to write an integer of thousands of digits
        return "a number of thousands of digits"


def _is_word(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_WORD


def _is_plain(value: object) -> bool:
    """Return whether all numbers in plain data are finite, and whole ones are of a size that arrays can have."""
    if isinstance(value, dict | list):
        return all(_is_plain(one) for one in (value.values() if isinstance(value, dict) else value))
    if isinstance(value, int):
        return -LARGEST <= value < LARGEST
    return not isinstance(value, float) or math.isfinite(value)
