"""Values of sets of options, each set run once, on the same members, as long as runs remain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem
from gridmodel.results.value import (
    VARIABLES,
    Amounts,
    Weights,
    amounts,
    prevented,
    regional_amounts,
    weighted,
)
from gridmodel.scenario import Mitigation, Scenario
from gridmodel.simulation.unmeant import unmeant
from gridmodel.studies.branching import Trunk
from gridmodel.studies.grouping import ASIDE, brought, groups_of, shares_of

MOST_RUNS = 25
"""Most runs of a ranking or a plan. Ours: what a briefing waits for; options beyond are valued in groups."""


class Values:
    """Hours that people lack of each service under any set of options, each set run once, as long as runs remain."""

    def __init__(
        self, scenario: Scenario, options: Sequence[Mitigation], weights: Weights,
        progress: Callable[[int], None] | None = None, *, most_runs: int = MOST_RUNS,
    ) -> None:  # fmt: skip
        self.scenario, self.options, self.weights, self.progress = scenario, options, weights, progress
        self.runs, self.steps, self.most_runs = 0, 0, most_runs
        self._known: dict[frozenset[int], Amounts] = {}
        self._grouped: set[int] = set()
        self._trunk = Trunk(scenario, VARIABLES)
        self._count(self._trunk.steps)
        self.in_vain = unmeant(self._trunk.inputs)
        self._results: dict[frozenset[int], xr.Dataset] = {frozenset(): self._trunk.result}
        if not any(weights.of[name] > 0 for name in self.hours(())):
            message = "give weight to nothing that this network has; it has {}".format(", ".join(self.hours(())))
            raise InputError([Problem(message=message, field="weights")])
        if sum(option.kind not in ASIDE for option in options) + 1 > most_runs:
            self._value_in_groups()

    def hours(self, chosen: Sequence[int]) -> Amounts:
        """Return what people lack of each service; of a set for which no run remains, as if its parts added up."""
        key = frozenset(chosen)
        if key not in self._known:
            if self._is_out_of_runs(key):
                return self._sum_of_parts(key)
            self._known[key] = self._amounts(self._result(key), key)
        return self._known[key]

    def settle(self, chosen: Sequence[int]) -> None:
        """Run a set even if no run remains for others."""
        key = frozenset(chosen)
        if key not in self._known or (len(key) == 1 and key <= self._grouped):
            self._known[key] = self._amounts(self._result(key), key)
            self._grouped -= key if len(key) == 1 else set()

    def is_estimated(self, chosen: Sequence[int]) -> bool:
        """Return whether a set was not run as it is."""
        key = frozenset(chosen)
        return key not in self._known or (len(key) == 1 and key <= self._grouped)

    def in_groups(self) -> tuple[str, ...]:
        """Return the names of options that were valued with others of their kind."""
        return tuple(self.options[place].name for place in sorted(self._grouped))

    def _is_out_of_runs(self, key: frozenset[int]) -> bool:
        """Return whether a set would take one of the last runs, which are kept for what is chosen in the end."""
        acting = self._acting(key)
        return bool(key) and acting not in self._results and len(key) > 1 and self.runs >= self.most_runs - 2

    def _sum_of_parts(self, key: frozenset[int]) -> Amounts:
        base = self.hours(())
        parts = [self.saved((place,)) for place in sorted(key)]
        return {name: np.maximum(base[name] - sum(part[name] for part in parts), 0.0) for name in base}

    def _acting(self, key: frozenset[int]) -> frozenset[int]:
        return frozenset(place for place in key if self.options[place].kind not in ASIDE)

    def _amounts(self, result: xr.Dataset, key: frozenset[int]) -> Amounts:
        placed = (*self.scenario.mitigations, *(self.options[place] for place in sorted(key)))
        return amounts(result, brought(result, placed, "warming_points"), brought(result, placed, "water_truck"))

    def _value_in_groups(self) -> None:
        """Value options of a kind together, and those that matter most alone."""
        places, served = (brought(self._trunk.result, self.scenario.mitigations, kind) for kind in ASIDE)
        base = regional_amounts(self._trunk.result, places, served)
        regions = base_regions(self._trunk.result)
        for group in groups_of(self.options, most=self.most_runs // 2):
            with_ = regional_amounts(self._result(frozenset(group)), places, served)
            saved = {name: base[name] - with_[name] for name in base}
            for place, part in shares_of(self.options, group, saved, regions).items():
                self._known[frozenset({place})] = {name: base[name].sum(axis=2) - part[name] for name in base}
                self._grouped.add(place)
        alone = (self.most_runs - 2 - self.runs) // 2  # the other half compares sets
        worth = {place: self.mean((place,)) for place in self._grouped}
        least = 1e-6 * max(map(abs, worth.values()), default=0.0)
        order = sorted(worth, key=lambda place: (-worth[place] / max(self.options[place].cost_eur, 1.0), place))
        for place in [place for place in order if worth[place] > least][: max(alone, 0)]:
            self.settle((place,))

    def _result(self, key: frozenset[int]) -> xr.Dataset:
        """Return the result with a set of options; sets that differ only in what changes no run share one result."""
        acting = self._acting(key)
        if acting not in self._results:
            placed = [self.options[place] for place in sorted(acting)]
            asked = self.scenario.replace(mitigations=(*self.scenario.mitigations, *placed))
            result, steps = self._trunk.with_help(asked)
            if any(option.kind in ASIDE for option in self.options):
                self._results[acting] = result
            if steps:
                self._count(steps)
            return result
        return self._results[acting]

    def _count(self, steps: int) -> None:
        self.runs, self.steps = self.runs + 1, self.steps + steps
        if self.progress is not None:
            self.progress(self.runs)

    def saved(self, chosen: Sequence[int]) -> Amounts:
        """Return what a set prevents of each service."""
        return prevented(self.hours(()), self.hours(chosen))

    def weighted(self, chosen: Sequence[int]) -> Floats:
        """Return weighted person-hours that a set prevents, by member. [h]"""
        return weighted(self.saved(chosen), self.weights)

    def mean(self, chosen: Sequence[int]) -> float:
        """Return the mean over members of the person-hours that a set prevents. [h]"""
        return float(self.weighted(chosen).mean())

    def diminishing(self) -> bool:
        """Return whether no option gained more beside a larger set than beside a smaller one, in all runs."""
        known = [key for key in self._known if not (len(key) == 1 and key <= self._grouped)]
        tolerance = 1e-6 * max((abs(self.mean(tuple(key))) for key in known), default=0.0) + 1e-9
        for option in range(len(self.options)):
            gains = [(key, self.mean(tuple(key | {option})) - self.mean(tuple(key))) for key in known
                     if option not in key and key | {option} in self._known]  # fmt: skip
            if any(more > gain + tolerance for small, gain in gains for large, more in gains if small < large):
                return False
        return True


def base_regions(result: xr.Dataset) -> list[str]:
    """Return the ids of the regions of a result."""
    return [str(name) for name in result["region"].to_numpy()]
