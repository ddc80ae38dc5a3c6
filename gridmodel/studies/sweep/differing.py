"""How two sweeps differ: each part of their scenario, their changes and what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from gridmodel.errors import Problem
from gridmodel.studies.sweep.job import Job


def other_settings(old: Job, job: Job, shown: str) -> list[Problem]:
    """Return a problem for each part of the scenario, the changes and what is kept that differs."""
    problems = []
    settings: dict[str, tuple[Any, Any]]
    settings = {f"scenario {name}": (old.base.get(name), job.base.get(name)) for name in {*old.base, *job.base}}
    settings |= {"changes": (old.changes, json.loads(json.dumps(job.changes))), "keep": (old.keep, job.keep)}
    for name, (before, after) in sorted(settings.items()):
        if before == after:
            continue
        found = list(islice(_parts_that_differ(_by_name(before), _by_name(after), name), MOST_TOLD + 1))
        for place, one, other in found[:MOST_TOLD] or [(name, before, after)]:  # the order of settings in a grid
            message = f"was begun with {brief(one)}, not {brief(other)}"
            problems.append(Problem(message=message, table=shown, field=place))
        if len(found) > MOST_TOLD:
            problems.append(Problem(message="has more differences of this kind", table=shown, field=name))
    return problems


MOST_TOLD = 10
"""Most differences of one setting that are told. Ours: half a screen."""


def _by_name(value: Any) -> Any:  # noqa: ANN401 - any plain data
    """Return the changes of a grid by the name of their setting, so that one more does not move the others."""
    grid = value.get("grid") if isinstance(value, Mapping) else None
    return {"grid": {str(one): values for one, values in grid}} if isinstance(grid, list) else value


def _parts_that_differ(before: Any, after: Any, name: str) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - as above
    """Yield the places where two values differ, with what is there: the parts of mappings and lists, not the whole."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _parts_that_differ(before.get(key), after.get(key), f"{name} {key}")
        return
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        yield from _items_that_differ(before, after, name)
        return
    yield name, before, after


def _items_that_differ(before: Sequence[Any], after: Sequence[Any], name: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield how two lists differ: what only one of them contains, or else the first place where they do."""
    gone = [one for one in before if one not in after] if len(before) + len(after) <= MOST_COMPARED else []
    new = [one for one in after if one not in before] if len(before) + len(after) <= MOST_COMPARED else []
    short = all(len(_text(one)) <= MOST_SHOWN for one in (before, after))
    if short:
        yield name, before, after
    elif len(gone) == len(new) == 1 or not (gone or new):
        place = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
        if place is None:
            yield f"{name}, number of entries", len(before), len(after)
        else:
            yield from _parts_that_differ(before[place], after[place], f"{name} {place + 1}")
    else:
        yield name, _list_of(gone), _list_of(new)


def _list_of(values: Sequence[Any]) -> str:
    """Return entries that only one list has, as many as fit."""
    text = ", ".join(_text(one) for one in values[:MOST_TOLD])
    extra = len(values) - MOST_TOLD
    return (f"{text} and {extra} more" if extra > 0 else text) or "nothing more"


def _text(value: object) -> str:
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value, sort_keys=True)


MOST_SHOWN, MOST_COMPARED = 80, 4_000
"""Longest text that is shown of a value [characters], and most entries of lists that are compared each with each. Ours:
a line of a terminal, and a second."""


def brief(value: object) -> str:
    """Return a value as text, cut where it is longer than is shown."""
    text = _text(value)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
