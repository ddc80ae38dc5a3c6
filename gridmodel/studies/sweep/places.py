"""Where the settings of a sweep file are in it, and the files that its changes name: all is told in one pass."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias, TypeVar

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.interchange import examine_runnable
from gridmodel.scenario import Scenario
from gridmodel.scenario.origin import Origin
from gridmodel.weather import examine_weather

T = TypeVar("T")
Asked: TypeAlias = Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]] | None
"""Changes as a sweep file gives them."""
FILE_THAT_CHANGES = "weather"
"""The one setting that names a file and that a sweep changes."""
MOST_FILES = 100
"""Most files of changes that are looked through for mistakes once one was found. Ours: a minute."""


class Given(Protocol):
    """Entries of a sweep file, as `SweepFile` has them."""

    set: dict[str, Any]
    grid: dict[str, list[Any]] | None
    variants: list[dict[str, Any]] | None
    keep: list[str] | None

    @property
    def samples(self) -> object | None:
        """Return how changes are sampled; None if they are given."""


@dataclass(frozen=True, slots=True)
class Places:
    """Places of settings in a sweep file."""

    shown: str
    """Name of the file in messages."""
    lines: Mapping[str, int]
    """Line of each entry, by its path."""
    made: Given
    """The file, read."""

    def of_set(self, problems: Problems, call: Callable[[], T]) -> T | None:
        """Return what a function returns; if it raises, take over its problems, those of `set` with their places."""
        return self._of(problems, call, self._in_set)

    def of_changes(self, problems: Problems, call: Callable[[], T]) -> T | None:
        """Return what a function returns; if it raises, take over its problems with the places of the changes."""
        return self._of(problems, call, self._in_changes)

    @staticmethod
    def _of(problems: Problems, call: Callable[[], T], place: Callable[[Problem], Problem]) -> T | None:
        try:
            return call()
        except InputError as error:
            problems.found += [place(problem) for problem in error.problems]
            return None

    def _in_set(self, problem: Problem) -> Problem:
        table, row, field = problem.table, problem.row, problem.field
        setting, rows, rest = table.partition(", row")
        if rows and not rest and row is not None and setting in self.made.set:
            return self._at(problem, "set", setting, str(row - 1), field)
        inside = field.partition(".")[0] in self.made.set and row is None and table in {"", "scenario"}
        return self._at(problem, "set", field) if inside else problem

    def of_keep(self, problems: Problems, call: Callable[[], T]) -> T | None:
        """Return what a function returns; if it raises, take over its problems, those of `keep` with their places."""
        return self._of(problems, call, self._in_keep)

    def _in_keep(self, problem: Problem) -> Problem:
        kept = self.made.keep or []
        if problem.field != "keep" or problem.value not in kept:
            return problem
        found = self._at(problem, "keep", str(kept.index(problem.value)))
        return replace(found, field="keep")

    def _in_changes(self, problem: Problem) -> Problem:
        if problem.table not in {"", "scenario"} or problem.row is not None:
            return problem
        field = problem.field
        if self.made.samples is not None:
            within = (
                ("samples", "settings") if field.partition(".")[0] not in {"count", "method", "seed"} else ("samples",)
            )
            return self._at(problem, *within, field)
        if self.made.variants is not None:
            listed = enumerate(self.made.variants)
            number = next((str(at) for at, change in listed if _has(change, field, problem.value)), "")
            return self._at(problem, "variants", *([number, field] if number else []))
        return problem if self.made.grid is None else self._at(problem, "grid", "" if field == "changes" else field)

    def _at(self, problem: Problem, *path: str) -> Problem:
        """Return a problem at the place of an entry."""
        parts = [part for name in path for part in name.split(".") if part]
        if not self.lines:
            return problem
        return replace(problem, table=self.shown, row=Origin(self.shown, self.lines).line(parts), field=".".join(parts))


def _has(change: Mapping[str, Any], field: str, value: str) -> bool:
    """Return whether a change gives a setting the value that a problem is about, or at all if that is not known."""
    for name, given in change.items():
        if field == name or field.startswith(f"{name}."):
            return isinstance(given, dict | list) or not value or str(given)[:80] == value
    return False


def given_files(base: Scenario, changes: Asked) -> list[Scenario]:
    """Return a variant of the base for each file that changes name, as far as they can be read."""
    if isinstance(changes, Mapping):
        values = changes.get(FILE_THAT_CHANGES, ())
        found = list(values) if isinstance(values, list | tuple) else []
    else:
        found = [one.get(FILE_THAT_CHANGES) for one in changes or ()]
    names = dict.fromkeys(one for one in found if isinstance(one, str) and one)
    return [base.model_copy(update={FILE_THAT_CHANGES: name}) for name in names]


def wrong_files(base: Scenario, unknown: Collection[str], changes: Asked) -> list[Problem]:
    """Return what is wrong with the files that changes name.

    Parameters
    ----------
    base
        The base, as far as it is right.
    unknown
        Names of its settings whose value is not known.
    changes
        Changes of a sweep file, as given.
    """
    variants = given_files(base, changes)
    if not variants:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        network = (
            None
            if "network" in unknown
            else examine_runnable(base.network, beside=base.folder, regions=base.network_regions)[0]
        )
        regions = None if network is None else network.regions
        unsure = {*unknown} - {FILE_THAT_CHANGES}
        return [
            one for variant in variants[:MOST_FILES] for one in examine_weather(variant, regions, unknown=unsure)[1]
        ]
