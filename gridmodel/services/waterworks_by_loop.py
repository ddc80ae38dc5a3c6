"""Waterworks taken through a step cell by cell where numba is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gridmodel.arrays import Floats, for_loops
from gridmodel.services import waterworks_loops
from gridmodel.services.wells import Wells


def stepped(
    works: Floats, before: tuple[Floats, Floats, Wells], acts: Sequence[Floats | float], *, step_h: float
) -> tuple[dict[str, Floats], Wells]:  # fmt: skip
    """Return what `gridmodel.services.water` finds array by array: the same bytes.

    Parameters
    ----------
    works
        Waterworks by `waterworks_loops.WORKS`, shape ``(row, region)``.
    before
        Fill of parts of the city before the step, shape ``(2, member, region)`` [1], the share without pumping
        stations, ``(member, region)`` [1], and wet wells.
    acts
        What acts on waterworks, by `waterworks_loops.ACTS`, of shapes that broadcast to ``(member, region)``.
    step_h
        Length of the step. [h]

    Returns
    -------
    tuple
        Values by `waterworks_loops.MADE`, with fill and dry streets, and wet wells at the end of the step.
    """
    was_fill, was_without, wells = before
    shape, size = was_without.shape, was_without.size
    on_cells = np.empty((len(acts), *shape))
    for row, values in zip(on_cells, acts, strict=True):
        row[...] = values
    made, fill = np.empty((len(waterworks_loops.MADE), *shape)), np.empty((2, *shape))
    dry_street, after = np.empty((3, *shape)), tuple(np.empty((3, *shape)) for _ in range(3))
    some = waterworks_loops.step(
        works, on_cells.reshape(-1, size), (for_loops(was_fill, fill.shape), for_loops(was_without, shape)),
        tuple(for_loops(one, after[0].shape) for one in (wells.share, wells.full, wells.sewage)), step_h,
        made.reshape(-1, size), fill.reshape(-1, size), dry_street.reshape(-1, size),
        tuple(one.reshape(-1, size) for one in after),
    )  # fmt: skip
    found = {"fill": fill, "dry_street": dry_street, **dict(zip(waterworks_loops.MADE, made, strict=True))}
    if some:
        return found, Wells(share=after[0], full=after[1], sewage=after[2])
    found["sewage_share"] = np.zeros(shape)  # whatever supplies wells: where all are empty, nothing comes of it
    return found, wells
