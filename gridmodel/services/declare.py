"""Declarations: the variables that a service adds to a result, and the counts of people among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MTR = ("member", "time", "region")
"""Dimensions of a variable that each region has in every step."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable that a service shows: of a result, or a signal that only other services see."""

    dims: tuple[str, ...]
    """Dimensions, in order."""
    units: str
    """Unit as written in the file."""
    long_name: str
    """Name in words."""
    cell_methods: str = "time: mean"
    """CF cell method: how a value represents its step."""
    kind: Literal["f4", "f8"] = "f8"
    """Precision in a result."""
    empty: float = 0.0
    """Value of cells that no step writes, and of a signal before the first step or where its service is missing."""
    flags: tuple[str, ...] | Literal["region", "class"] = ()
    """Meanings of its whole numbers, from 0; `region` for the regions of the network, `class` for the classes that can
    be struck, its own technologies after those of the vocabulary."""
    present: str = ""
    """When a result has it, in words of a scenario; empty if always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A variable that counts people: its person-hours are a metric of every result that contains it."""

    variable: str
    """Variable, named ``people_…``."""
    key: str = ""
    """Short name of a count that summaries, maps, plots and pages show beside the others, such as `heat`; empty for one
    that is a metric only. It is also the key of its words in each language."""
    words: str = ""
    """Short English words for a terminal or plot, such as `no water`."""
    ranked: int = 0
    """Place among the services whose person-hours count when measures are ranked, from 1; 0 if they do not."""
    weight: float = 1.0
    """Weight of a person-hour in a ranking. [1] [B] Ours: an hour without one service is as bad as without another."""
    weight_range: tuple[float, float] = (0.5, 2.0)
    """Range of that weight, over which a ranking says how much it changes. [1] [B]"""
    hxl: str = ""
    """HXL tag of its person-hours."""

    @property
    def metric(self) -> str:
        """Return the name of its person-hours among the metrics."""
        return f"person_hours_{self.variable.removeprefix('people_')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Person-hours or person-degree-hours of a service that help prevents, and their weight when help is ranked.

    A count with `Count.ranked` has one by itself.
    """

    key: str
    """Short name in weights and columns, such as `below_18c`."""
    service: str
    """Name of the service, such as `heat`; several of one service are ranked together."""
    place: int
    """Place of the service in a ranking, from 1."""
    variable: str
    """Variable: a count of people, a share of people, or degree-hours of the mean home."""
    words: str
    """Short English words, such as `below 18 °C`."""
    weight: float
    """Weight of a person-hour or person-degree-hour. [1] or [1/K], [B]"""
    weight_range: tuple[float, float]
    """Range of that weight. [B]"""
    of: Literal["people", "share", "degree_hours"] = "people"
    """Meaning of the variable in each step: people, the share of people, or degree-hours of the mean home."""
    at: Mapping[str, str] = field(default_factory=dict)
    """Labels at which the variable is taken, by dimension."""
    vulnerable: bool = False
    """Whether vulnerable people count `vulnerable_weight` times."""

    @property
    def column(self) -> str:
        """Return the name of the column with what an option prevents."""
        return f"{self.key}_degree_h" if self.of == "degree_hours" else f"{self.key}_h"

    @property
    def unit(self) -> str:
        """Return the unit of that column."""
        return "K h" if self.of == "degree_hours" else "h"

    @property
    def metric(self) -> str:
        """Return the name of the metric of a result."""
        if self.of == "degree_hours":
            return f"person_{self.variable}"
        name = self.variable.removeprefix("people_") if self.of == "people" else f"without_{self.key}"
        return f"person_hours_{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A variable that splits a count of people by cause: its parts add up to the count."""

    variable: str
    """Variable, with the dimensions of the count and one of causes."""
    count: str
    """Variable that is split."""
    dim: str
    """Dimension of causes."""
    key: str
    """Key of its title in each language, and its name among pictures."""
    words: str
    """Title in English."""

    def metric(self, cause: str) -> str:
        """Return the name of the person-hours of a cause."""
        return f"person_hours_{self.count.removeprefix('people_')}_{cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Everything about a service that can be known without running it."""

    name: str
    """Name of the service."""
    module: str
    """Module with its `build`, `start` and `step`; it is imported only when a run is made."""
    variables: Mapping[str, Variable]
    """Variables that it adds to a result."""
    signals: Mapping[str, Variable] = field(default_factory=dict)
    """Variables that other services see and no result contains."""
    counts: tuple[Count, ...] = ()
    """Counts of people, in the order of a summary."""
    worths: tuple[Worth, ...] = ()
    """Measures that help is ranked by, beside counts that are ranked."""
    splits: tuple[Split, ...] = ()
    """Counts of people by cause."""
    reads: tuple[str, ...] = ()
    """Variables and signals of other services that its step looks at."""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Labels of dimensions that are the same in every run."""
    own: object | None = field(default=None, compare=False)
    """Service of one's own that a run was given, in place of the module."""
