"""State of a run in memory: members of several blocks put together, chosen again, and gone on with.

A study that goes on with some members more often than with others needs states without files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Ints
from gridmodel.errors import Problems
from gridmodel.events.past import OpenJobs, Past
from gridmodel.inputs.array_file import Arrays
from gridmodel.network import Network
from gridmodel.scenario import Scenario
from gridmodel.services.layers import in_regions
from gridmodel.simulation.same_run import placed_batteries
from gridmodel.simulation.state import SavedState, Snapshot, saved_state

NAME = "state in memory"
"""Name in messages, which would tell of a mistake in a service."""
REGIONS = ".layers.regions"
"""End of the name of the array of regions in which homes are in layers."""
Axes = Mapping[str, int]
"""Axis of the members in each array of a state; arrays without one are missing."""
_OF_PAST = {
    **{f"past.jobs.{name}": dims.index("member") for name, dims in OpenJobs.SHAPES.items()},
    **{
        f"past.{name}": place for name, dims in Past.SHAPES.items()
        for place, dim in enumerate(dims) if dim.rstrip("?") == "member"
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldState:
    """State of some members at a step."""

    arrays: Arrays
    """Arrays by name, as a saved state has them."""
    texts: Mapping[str, str]
    """Attributes, as a saved state has them."""
    axes: Axes
    members: int

    def of(self, members: Sequence[int] | Ints) -> HeldState:
        """Return the state of some members, each as often as it is named."""
        rows = np.asarray(members, dtype=np.intp)
        made = {
            name: values.take(rows, axis=self.axes[name])
            if name in self.axes and values.shape[self.axes[name]] == self.members else values
            for name, values in self.arrays.items()
        }  # fmt: skip
        return HeldState(arrays=made, texts=self.texts, axes=self.axes, members=len(rows))

    def loaded(self, scenario: Scenario, network: Network) -> SavedState:
        """Return it as a run begins from it.

        Parameters
        ----------
        scenario
            Scenario of that run, which may have placed more batteries.
        network
            Its network.
        """
        problems, before = Problems(), len(self.texts["batteries"].split("\n")) if self.texts["batteries"] else 0
        made = saved_state(
            dict(self.arrays), self.texts, (self.members, len(network.regions)), problems, NAME,
            more_batteries=len(placed_batteries(scenario)) - before,
        )  # fmt: skip
        problems.raise_if_any()
        assert made is not None  # noqa: S101 - it has no problems
        return made


def axes_of(two: Snapshot, three: Snapshot) -> Axes:
    """Return the axis of the members in each array, which is the one in which states of two and three members differ.

    Parameters
    ----------
    two, three
        States of two and of three members of one scenario.
    """
    found = {}
    for name, values in two.arrays.items():
        other = three.arrays[name]
        differ = [axis for axis, size in enumerate(values.shape) if size != other.shape[axis]]
        if differ:
            found[name] = differ[0]
    return found


def held(snapshot: Snapshot, scenario: Scenario, axes: Axes, members: int) -> HeldState:
    """Return a state that a run showed, to be held in memory."""
    named = {name: 0 for name in snapshot.arrays if name.startswith("working.")} | {"inputs.evening_mw": 0}
    if (draught := snapshot.arrays.get("inputs.draught")) is not None and draught.ndim > 1:
        named["inputs.draught"] = 0
    texts = {**snapshot.texts, "batteries": "\n".join(placed_batteries(scenario))}
    of = {name: axis for name, axis in {**axes, **_OF_PAST, **named}.items() if name in snapshot.arrays}
    arrays = {
        name: values.astype(np.uint8) if values.dtype == bool else values  # as a file has them
        for name, values in snapshot.arrays.items()
    }  # fmt: skip
    return HeldState(arrays=arrays, texts=texts, axes=of, members=members)


def together(parts: Sequence[HeldState]) -> HeldState:
    """Return the state of the members of several blocks, one after the other."""
    if len(parts) == 1:
        return parts[0]
    parts = _in_same_regions(parts)
    axes = {name: axis for part in parts for name, axis in part.axes.items()}
    made: dict[str, npt.NDArray[Any]] = {}
    for name in dict.fromkeys(name for part in parts for name in part.arrays):
        arrays = _alike([part.arrays[name] for part in parts])
        if name not in axes:
            made[name] = arrays[0]
            continue
        axis = axes[name]
        whole = any(values.shape[axis] == part.members > 1 for values, part in zip(arrays, parts, strict=True))
        if not whole and all(np.array_equal(values, arrays[0]) for values in arrays):
            made[name] = arrays[0]
            continue
        made[name] = np.concatenate(
            [_spread(values, axis, part.members) for values, part in zip(arrays, parts, strict=True)], axis=axis
        )
    return HeldState(arrays=made, texts=parts[0].texts, axes=axes, members=sum(part.members for part in parts))


def _in_same_regions(parts: Sequence[HeldState]) -> list[HeldState]:
    """Return states with layers of homes in all regions in which feeders may break in any of them."""
    paths = {name for part in parts for name in part.arrays if name.endswith(REGIONS)}
    made = [dict(part.arrays) for part in parts]
    for path in sorted(paths):
        given = [arrays.get(path, np.zeros(0, dtype=np.intp)) for arrays in made]
        union = np.unique(np.concatenate(given))
        edges = path.removesuffix("regions") + "edge_share"
        count = next(len(arrays[edges]) for arrays in made if edges in arrays)
        for place, (part, mine) in enumerate(zip(parts, given, strict=True)):
            regions = part.arrays["inputs.evening_mw"].shape[-1]
            own, whole = regions + count * len(mine), regions + count * len(union)
            like: dict[str, npt.NDArray[Any]] = {
                name: np.empty((*values.shape[:-1], whole))
                for name, values in made[place].items()
                if name.startswith(path.removesuffix("layers.regions")) and values.ndim and values.shape[-1] == own
            }  # fmt: skip
            like |= {path: union, edges: np.zeros((count, part.members, len(union)))}
            made[place] = dict(in_regions(made[place], like, regions=regions))
    return [replace(part, arrays=arrays) for part, arrays in zip(parts, made, strict=True)]


def _spread(values: npt.NDArray[Any], axis: int, members: int) -> npt.NDArray[Any]:
    """Return an array with as many members, where it has one value for all."""
    return values if values.shape[axis] == members else np.repeat(values, members, axis=axis)


def _alike(arrays: Sequence[npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
    """Return arrays with as many rows: homes that take turns have one more where gas fell, at first like the first."""
    rows = max((values.shape[0] for values in arrays if values.ndim), default=0)
    return [
        np.concatenate([values, values[:1]]) if values.ndim == 4 and values.shape[0] == rows - 1 else values
        for values in arrays
    ]
