"""Loads that are spread over the buses of their regions."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.dispatch.merit import Gather
from gridmodel.network import Grid


class Places:
    """Parts of loads at the buses over which they are spread."""

    def __init__(self, grid: Grid) -> None:
        places, spread = grid.places, grid.spread
        assert places is not None  # noqa: S101 - for the type checker
        assert spread is not None  # noqa: S101 - for the type checker
        by_region = [np.flatnonzero(places.region == region) for region in range(grid.regions)]
        chosen = [
            by_region[region] if flag else np.array([-1 - load])
            for load, (region, flag) in enumerate(zip(grid.load_region, spread, strict=True))
        ]
        flat = np.concatenate(chosen)
        self.load: Ints = np.repeat(np.arange(len(chosen)), [len(members) for members in chosen])
        whole = flat < 0
        self.bus: Ints = np.where(whole, grid.load_bus[self.load], places.bus[np.maximum(flat, 0)])
        self.share: Floats = np.where(whole, 1.0, places.share[np.maximum(flat, 0)])
        self._sum = Gather(self.load, len(chosen))

    def whole(self, values: Floats) -> Floats:
        """Sum parts to loads, ``(snapshot, part)`` to ``(snapshot, load)``."""
        return self._sum(values)

    def whole_causes(self, cause: Floats, *, causes: bool) -> Floats:
        """Sum parts to loads, ``(snapshot, part, cause)`` to ``(snapshot, load, cause)``."""
        if not causes:
            return np.zeros((len(cause), int(self.load[-1]) + 1, cause.shape[2]))
        return np.stack([self._sum(np.ascontiguousarray(cause[..., n])) for n in range(cause.shape[2])], axis=2)
