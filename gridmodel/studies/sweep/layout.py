"""Which chunks of which arrays a unit fills, from the metadata of a store."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gridmodel.studies.sweep.job import Job


@dataclass(frozen=True, slots=True)
class Layout:
    """Chunks of the arrays that units fill."""

    variants: tuple[int, ...]
    """Number of variants along each leading dimension."""
    blocks: int
    """Blocks of members in each variant, each of them a unit."""
    arrays: Mapping[str, tuple[tuple[int, ...], int]]
    """Number of chunks along each dimension, and which of them follows members; -1 if none does."""

    def chunks(self, unit: int) -> list[str]:
        """Return the keys of all chunks that a unit fills."""
        variant, block = divmod(unit, self.blocks)
        place = np.unravel_index(variant, self.variants) if self.variants else ()
        found = []
        for name, (counts, members) in self.arrays.items():
            axes: list[Sequence[int]] = [range(count) for count in counts]
            axes[: len(place)] = [[int(one)] for one in place]
            if members >= 0:
                axes[members] = [block]
            found += ["/".join((name, "c", *map(str, index))) for index in itertools.product(*axes)]
        return found

    def units(self, key: str) -> range:
        """Return the units that fill a chunk: one, all of a variant if the array has no members, or none."""
        name, _, rest = key.partition("/c/")
        index = tuple(int(part) for part in rest.split("/") if part.isdecimal())
        counts, members = self.arrays.get(name, ((), -1))
        if not counts or len(index) != len(counts) or any(at >= of for at, of in zip(index, counts, strict=True)):
            return range(0)
        leading = index[: len(self.variants)]
        first = self.blocks * int(np.ravel_multi_index(leading, self.variants)) if self.variants else 0
        own = range(first, first + self.blocks)
        return own if members < 0 else own[index[members] : index[members] + 1]


def read_layout(store: Path, job: Job, names: Iterable[str]) -> Layout:
    """Return the layout of a store, whose metadata must have been checked.

    Parameters
    ----------
    store
        Path of the store.
    job
        Job of the store.
    names
        Names of the arrays that units fill.
    """
    arrays: dict[str, tuple[tuple[int, ...], int]] = {}
    for name in sorted(names):
        about: dict[str, Any] = json.loads((store / name / "zarr.json").read_text(encoding="utf-8"))
        sizes = zip(about["shape"], about["chunk_grid"]["configuration"]["chunk_shape"], strict=True)
        dims = list(about["dimension_names"])
        counts = tuple(-(-size // chunk) for size, chunk in sizes)
        arrays[name] = counts, dims.index("member") if "member" in dims else -1
    blocks = max((counts[members] for counts, members in arrays.values() if members >= 0), default=1)
    return Layout(tuple(job.what.sizes.values()), blocks, arrays)
