"""Layers of homes by how early their feeder breaks, so that those on broken feeders stay the same homes.

Feeders break, and are mended, in one order: with a share b broken it is the first b of them, so that broken sets are
nested. Homes of a region are put into layers along that order. A layer is split where b(t) comes to lie within it, so
that it is broken whole or not at all; nobody changes layers. Splits look at nothing but the damage so far, so that a
run that goes on from a saved state, or one with later damage, has the same layers.

Values by cohort of a run with layers have more columns after those of regions: all layers but the last of every region
whose feeders may break, ``(…, member, region + (layer − 1) · breaking)``, the regions of a layer side by side. The
column of a region is its last layer, whose feeders break last: all homes, until any feeder breaks. A run begins without
other columns, and layers are added as they come into use; how many there are changes no value of those that are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints, single, total
from gridmodel.inputs.array_file import Arrays
from gridmodel.services import layers_loops, quantile_loops
from gridmodel.services.cohorts import PEOPLE_QUANTILES, cohort_share, over_cohorts
from gridmodel.services.quantiles import quantiles_of

NARROWEST = 1e-3
"""Share of feeders below which no layer is made at either end. [1] Ours: far below what is known of any damage."""
SPACING = 0.25
"""Least distance of a new edge from the others, times the number of edges that are left and one. [1] Ours: while many
are left they may be close, and the last ones are kept for damage of another size."""
_NOWHERE = np.zeros(0, dtype=np.intp)
"""Regions with layers where no feeder can break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Layers of homes in regions whose feeders may break."""

    FIXED: ClassVar[tuple[str, ...]] = ("regions",)

    regions: Ints
    """Places of the regions, shape ``(breaking,)``."""
    edge_share: Floats
    """Edges between layers along the order in which feeders break, ascending and at first 0, shape
    ``(layer − 1, member, breaking)``. [1]"""

    @classmethod
    def none(cls, regions: Ints | None, members: int, *, count: int) -> Layers | None:
        """Return layers before any feeder breaks, `count` of them; None where none can."""
        if regions is None or not len(regions):
            return None
        return cls(regions=regions, edge_share=np.zeros((count - 1, members, len(regions))))

    @property
    def count(self) -> int:
        """Return the number of layers."""
        return len(self.edge_share) + 1

    @property
    def columns(self) -> int:
        """Return the number of columns after those of regions."""
        return (self.count - 1) * len(self.regions)

    @property
    def used(self) -> Bools:
        """Return where any feeder has broken so far, shape ``(member, breaking)``."""
        if not len(self.edge_share):
            return np.zeros(self.edge_share.shape[1:], dtype=bool)
        return np.asarray(self.edge_share[-1] > 0)

    @property
    def without_unused(self) -> Layers:
        """Return the layers without those that are in use nowhere, which come first."""
        first = self.count - 1 - int((self.edge_share > 0).sum(axis=0).max(initial=0))
        return replace(self, edge_share=self.edge_share[first:])

    def with_another(self) -> Layers:
        """Return the layers with one more that is not in use yet."""
        return replace(self, edge_share=np.concatenate([np.zeros((1, *self.edge_share.shape[1:])), self.edge_share]))

    @property
    def widths(self) -> Floats:
        """Return the share of homes in each layer, shape ``(layer, member, breaking)``. [1]"""
        ends = np.zeros((1, *self.edge_share.shape[1:]))
        return np.asarray(np.concatenate([self.edge_share, ends + 1.0]) - np.concatenate([ends, self.edge_share]))

    def broken_of(self, broken: Floats) -> Floats:
        """Return the share of each layer on broken feeders, shape ``(layer, member, breaking)``. [1]

        Parameters
        ----------
        broken
            Share of all feeders that are broken, shape ``(member, region)``. [1]
        """
        wide = self.widths
        low = np.concatenate([np.zeros((1, *self.edge_share.shape[1:])), self.edge_share])
        part = np.divide(broken[:, self.regions] - low, wide, out=np.zeros_like(wide), where=wide > 0)
        return np.asarray(np.clip(part, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Split:
    """Layers that are split in a step."""

    cells: Ints
    """Places of their members and regions among those of `Layers.edge_share`, shape ``(cell,)``."""
    source: Ints
    """Layer from which each layer has its homes, shape ``(layer, cell)``."""
    after: Layers
    """Layers afterwards."""
    more: bool = False
    """True where these are one more than before."""


def split(layers: Layers, broken: Floats, *, most: int | None = None) -> Split | None:
    """Split the layers within which the share of broken feeders lies, as long as there are edges left.

    Parameters
    ----------
    layers
        Layers so far.
    broken
        Share of feeders that are broken, shape ``(member, region)``. [1]
    most
        Most layers; as many as there are by default.

    Returns
    -------
    Split or None
        None where all stay as they are.

    Examples
    --------
    >>> some = Layers(regions=np.array([0]), edge_share=np.array([[[0.0]], [[0.0]], [[0.3]]]))
    >>> split(some, np.array([[0.5]])).after.edge_share[:, 0, 0]
    array([0. , 0.3, 0.5])
    """
    most = layers.count if most is None else most
    if layers_loops.COMPILED and not layers_loops.splits(
        layers.edge_share, layers.regions, np.ascontiguousarray(broken), most, (SPACING, NARROWEST)
    ):  # fmt: skip
        return None
    edges, share = layers.edge_share, broken[:, layers.regions]
    in_use = (edges > 0).sum(axis=0)
    free = most - 1 - in_use
    near = (np.abs(edges - share) < SPACING / (free + 1)) & (edges > 0)
    new = (free > 0) & (share > NARROWEST) & (share < 1.0 - NARROWEST) & ~near.any(axis=0)
    cells = np.flatnonzero(new)
    if not len(cells):
        return None
    more = bool(in_use.reshape(-1)[cells].max() == len(edges))
    if more:
        layers = layers.with_another()
        edges = layers.edge_share
    flat, at = edges.reshape(len(edges), -1)[:, cells], share.reshape(-1)[cells]
    place = (flat <= at).sum(axis=0)  # the layer that is split; the first edge is free
    later = np.concatenate([flat[1:], flat[-1:]])
    number = np.arange(len(flat))[:, None]
    after = edges.reshape(len(edges), -1).copy()
    after[:, cells] = np.where(number < place - 1, later, np.where(number == place - 1, at, flat))
    layer, last = np.arange(layers.count)[:, None], layers.count - 1
    unused = flat[-1] <= 0
    source = np.where(unused, last, layer + (layer < place))  # layers without homes are as those beside them
    return Split(cells, source, replace(layers, edge_share=after.reshape(edges.shape)), more)


def follow(values: Floats, found: Split) -> Floats:
    """Return values after layers were split: both parts are as the whole was.

    Parameters
    ----------
    values
        Shape ``(…, member, region + (layer − 1) · breaking)``.
    found
        Layers that are split.
    """
    layers, regions = found.after, found.after.regions
    if found.more:
        first = values.shape[-1] - layers.columns + len(regions)
        after = np.concatenate([values[..., :first], values[..., regions], values[..., first:]], axis=-1)
    else:
        after = values.copy(order="C")
    flat = after.reshape(-1, *after.shape[-2:])
    member, place = np.divmod(found.cells, len(regions))
    of_layers = (after.shape[-1] - layers.columns + np.arange(layers.columns)).reshape(-1, len(regions))[:, place]
    columns_of = np.concatenate([of_layers, regions[place][None]])
    flat[:, member, of_layers] = flat[:, member, np.take_along_axis(columns_of, found.source[:-1], axis=0)]
    return after


def columns(regions: int, breaking: Ints, *, count: int) -> Ints:
    """Return the region of each column of a number of layers, shape ``(region + (layer − 1) · breaking,)``.

    Examples
    --------
    >>> columns(3, np.array([1]), count=3)
    array([0, 1, 2, 1, 1])
    """
    return np.concatenate([np.arange(regions), np.tile(breaking, count - 1)])


def power_of(power: Floats, layers: Layers, broken: Floats) -> Floats:
    """Return the share of homes with power, ``(cohort, member, region + (layer − 1) · breaking)``. [1]

    Parameters
    ----------
    power
        Share of homes of each cohort on feeders that work, shape ``(cohort, member, region)``. [1]
    layers
        Layers.
    broken
        Share of feeders that are broken, shape ``(member, region)``. [1]
    """
    made = np.empty((*power.shape[:-1], power.shape[-1] + layers.columns), np.float32)
    if layers_loops.COMPILED:
        layers_loops.power_of(*map(np.ascontiguousarray, (power, layers.regions, layers.edge_share, broken)), made)
        return single(made)
    works, regions = 1.0 - layers.broken_of(broken), power.shape[-1]
    made[..., :regions] = power
    some = power[..., layers.regions]
    made[..., regions:] = (some[..., None, :] * np.moveaxis(works[:-1], 0, -2)).reshape(made[..., regions:].shape)
    made[..., layers.regions] = some * works[-1]
    return single(made)


def folded(values: Floats, layers: Layers) -> Floats:
    """Return means over homes of all layers, shape ``(…, member, region)``.

    Parameters
    ----------
    values
        Means over homes of each column, shape ``(…, member, region + (layer − 1) · breaking)``.
    layers
        Layers.
    """
    made, used = np.array(values[..., : values.shape[-1] - layers.columns], order="C"), layers.used
    if used.any() and layers_loops.COMPILED:
        rows = np.ascontiguousarray(values).reshape(-1, *values.shape[-2:])
        layers_loops.fold(rows, layers.regions, layers.widths, used, made.reshape(-1, *made.shape[-2:]))
    elif used.any():
        by_layer = _by_layer(values, layers)
        wide = layers.widths.reshape(layers.count, *[1] * (values.ndim - 2), *used.shape)
        made[..., layers.regions] = np.where(used, total(by_layer * wide), made[..., layers.regions])
    return made


def over_homes(values: Floats, layers: Layers | None, outside: Floats | None) -> Floats:
    """Return means over homes of all cohorts and layers, shape ``(member, region)``.

    Parameters
    ----------
    values
        Values by cohort, shape ``(cohort, member, region + (layer − 1) · breaking)``.
    layers
        Layers; None without any.
    outside
        Share of homes outside the queues, the last cohort, shape ``(member, region)``; None without one. [1]
    """
    if layers_loops.COMPILED and values.dtype == np.float32:
        return _over_homes_by_loops(values, layers, outside)
    if layers is None:
        return over_cohorts(values, outside)
    if outside is not None:
        outside = outside[:, columns(outside.shape[1], layers.regions, count=layers.count)]
    return folded(over_cohorts(values, outside), layers)


def _over_homes_by_loops(values: Floats, layers: Layers | None, outside: Floats | None) -> Floats:
    """Return what `over_homes` returns, cell by cell: the same bytes."""
    cohorts, members, width = values.shape
    layers = Layers(regions=_NOWHERE, edge_share=np.zeros((0, members, 0))) if layers is None else layers
    made = np.empty((members, width - layers.columns))
    share, queues = (np.zeros(made.shape), cohorts) if outside is None else (outside, cohorts - 1)
    flat, *others = map(np.ascontiguousarray, (values.reshape(cohorts, -1), share, layers.regions, layers.edge_share))
    layers_loops.over_homes(flat, queues, *others, made)
    return made


def folded_quantiles(quantiles: Floats, values: Floats, layers: Layers, outside: Floats | None) -> Floats:
    """Return quantiles over people, of all layers where they are in use, shape ``(quantile, member, region)``.

    Parameters
    ----------
    quantiles
        Those of the columns of regions, same shape.
    values
        Values by cohort, shape ``(cohort, member, region + (layer − 1) · breaking)``.
    layers
        Layers.
    outside
        Share of homes outside the queues, the last cohort, shape ``(member, region)``; None without one. [1]
    """
    made, used = np.array(quantiles), layers.used
    if not used.any():
        return made
    if quantile_loops.COMPILED:
        _fold_quantiles(values, layers, outside, made)
        return made
    by_layer = _by_layer(values, layers)
    apart = None if outside is None else outside[:, layers.regions]
    weights = np.broadcast_to(layers.widths[:, None] * cohort_share(len(values), apart), by_layer.shape)
    shape = (-1, *used.shape)
    found = quantiles_of(by_layer.reshape(shape), weights.reshape(shape))
    made[..., layers.regions] = np.where(used, found, made[..., layers.regions])
    return made


def _fold_quantiles(values: Floats, layers: Layers, outside: Floats | None, made: Floats) -> None:
    """Write what `folded_quantiles` returns where layers are in use: quantiles are values, and the same bytes."""
    cohorts, members, width = values.shape
    queues = cohorts - (outside is not None)
    share = np.zeros((members, width - layers.columns)) if outside is None else outside
    flat, *others = map(np.ascontiguousarray, (values.reshape(cohorts, -1), share, layers.regions, layers.edge_share))
    parts = np.array(PEOPLE_QUANTILES) - 1e-9
    quantile_loops.of_layers(flat, queues, *others, quantile_loops.routes(queues), parts, made)


def as_full(values: Floats, layers: Layers | None, most: int) -> Floats:
    """Return values with columns of a number of layers, 0 where a layer is not in use, so that states are saved alike.

    Parameters
    ----------
    values
        Shape ``(…, member, region + (layer − 1) · breaking)``.
    layers
        Layers; None without any.
    most
        Number of layers that is wanted, at least as many as there are.
    """
    if layers is None:
        return values
    regions, new = values.shape[-1] - layers.columns, (most - layers.count) * len(layers.regions)
    made = np.zeros((*values.shape[:-1], values.shape[-1] + new), values.dtype)
    made[..., :regions] = values[..., :regions]
    in_use = np.moveaxis(layers.edge_share > 0, 0, 1).reshape(layers.edge_share.shape[1], layers.columns)
    made[..., regions + new :] = np.where(in_use, values[..., regions:], np.zeros((), values.dtype))
    return made


def full(layers: Layers | None, most: int) -> Layers | None:
    """Return as many layers as are wanted, those at the front not in use; None without any."""
    if layers is None:
        return None
    edges = layers.edge_share
    new = np.zeros((most - layers.count, *edges.shape[1:]))
    return replace(layers, edge_share=np.concatenate([new, edges]))


def as_used(values: Floats, layers: Layers) -> Floats:
    """Return values without the columns of layers that are in use nowhere, which come first.

    Parameters
    ----------
    values
        Shape ``(…, member, region + (layer − 1) · breaking)``.
    layers
        Layers.
    """
    regions, some = values.shape[-1] - layers.columns, layers.without_unused.columns
    return np.concatenate([values[..., :regions], values[..., values.shape[-1] - some :]], axis=-1)


def _by_layer(values: Floats, layers: Layers) -> Floats:
    """Return values of all columns by layer, shape ``(layer, …, member, breaking)``."""
    first = values[..., values.shape[-1] - layers.columns :]
    shape = (*values.shape[:-1], layers.count - 1, len(layers.regions))
    by_layer = np.moveaxis(first.reshape(shape), -2, 0)
    return np.concatenate([by_layer, values[..., layers.regions][None]])


def in_regions(arrays: Arrays, like: Mapping[str, npt.NDArray[Any]], *, regions: int) -> Arrays:
    """Return the arrays of a saved state with layers in all regions in which feeders may break in a run.

    Where the state has none, no feeder had broken. What does not fit is left as it is, to be told with everything else.

    Parameters
    ----------
    arrays
        Arrays of the state, by name.
    like
        Arrays of a state of the run; ``….layers.regions`` says in which regions those that begin alike have layers.
    regions
        Number of all regions.
    """
    made: dict[str, npt.NDArray[Any]] = dict(arrays)
    for path in (name for name in like if name.endswith(".layers.regions")):
        edges, wanted, given = path.removesuffix("regions") + "edge_share", like[path], arrays.get(path)
        count = len(like[edges])
        if given is None and edges not in arrays:
            given = wanted[:0]
            made[edges] = np.zeros((*like[edges].shape[:-1], 0))
        if given is None or given.ndim != 1 or not np.isin(given, wanted).all() or (np.diff(given) <= 0).any():
            continue
        place = np.searchsorted(wanted, given)
        whole = regions + count * len(wanted)
        names = [
            name for name, values in like.items()
            if name.startswith(path.removesuffix("layers.regions")) and values.ndim and values.shape[-1] == whole
        ]  # fmt: skip
        if any(name in made and made[name].shape[-1:] != (regions + count * len(given),) for name in names):
            continue
        if edges not in made or made[edges].shape[-1:] != (len(given),):
            continue
        made[path] = wanted
        made[edges] = _spread(made[edges], place, len(wanted))
        for name in set(names) & set(made):
            values = made[name]
            there = values[..., regions:].reshape(*values.shape[:-1], count, len(given))
            there = _spread(there, place, len(wanted)).reshape(*values.shape[:-1], count * len(wanted))
            made[name] = np.concatenate([values[..., :regions], there], axis=-1)
    return made


def _spread(values: npt.NDArray[Any], place: Ints, size: int) -> npt.NDArray[Any]:
    """Return values with a last axis that is longer, 0 in new places."""
    made = np.zeros((*values.shape[:-1], size), values.dtype)
    made[..., place] = values
    return made
