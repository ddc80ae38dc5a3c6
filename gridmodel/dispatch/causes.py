"""Why load is not served: no generator, too little of it, or a limit on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Ints
from gridmodel.dispatch import block_loops, merit_loops
from gridmodel.dispatch.merit import ratio
from gridmodel.vocabulary import CAUSES


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer to snapshots, by consumer; the first axis of each array is the snapshot."""

    served: Floats
    lifted: Floats
    """Served if no branch and no region were limited."""
    output: Floats
    flow: Floats
    cut_off: npt.NDArray[np.bool_]
    """True where no generator is connected; one row where that is so for all snapshots, as in the next."""
    main: npt.NDArray[np.bool_]
    """True in the island with the most load."""
    programme: npt.NDArray[np.bool_]


def of_loads(
    demand_mw: Floats, demand: Floats, answer: Answer, consumer: Ints, *, causes: bool
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return what loads are served, ``(snapshot, load)``, and why not more, ``(snapshot, load, cause)``. [MW]

    Parameters
    ----------
    demand_mw, demand
        Demand of loads, shape ``(snapshot, load)``, and of consumers, ``(snapshot, consumer)``. [MW]
    answer
        Answer by consumer.
    consumer
        Consumer of each load, shape ``(load,)``.
    causes
        Whether to say why; else all causes are 0.
    """
    cause = np.zeros((*demand_mw.shape, len(CAUSES)))
    if merit_loops.COMPILED and len(demand) >= merit_loops.LEAST:
        served_mw, wanted = np.empty(demand_mw.shape), np.ascontiguousarray(demand_mw)
        block_loops.of_loads(
            (wanted, demand, consumer), (answer.served, answer.lifted), (answer.cut_off, answer.main),
            (served_mw, cause), causes,
        )  # fmt: skip
        return served_mw, cause
    if causes:
        cause = by_cause(demand, answer, consumer, ratio(demand_mw, demand.take(consumer, axis=1)))
    served = ratio(answer.served, demand).take(consumer, axis=1)
    return np.minimum(demand_mw * served, demand_mw), cause


def by_cause(demand: Floats, answer: Answer, consumer: Ints, of_load: Floats) -> Floats:
    """Split demand that is not served by cause, shape ``(snapshot, load, cause)``.

    `disconnected`: no generator is connected. Otherwise what would be missing with the limits of branches
    and regions lifted inside the island is `deficit` (`island_deficit` outside the main island), never more
    than what is missing; `limit` is the rest. `consumer` is that of each load, `of_load` the load's part of it.
    """
    cut_off, main = answer.cut_off, answer.main
    shed = np.maximum(demand - answer.served, 0.0)
    short = np.minimum(shed, np.maximum(demand - answer.lifted, 0.0))
    of_consumer = {"limit": shed - short}
    if cut_off.any():
        of_consumer = {"disconnected": np.where(cut_off, shed, 0.0), "limit": np.where(cut_off, 0.0, shed - short)}
        short = np.where(cut_off, 0.0, short)
    if main.all():
        of_consumer["deficit"] = short
    else:
        of_consumer |= {"deficit": np.where(main, short, 0.0), "island_deficit": np.where(main, 0.0, short)}
    cause = np.zeros((*of_load.shape, len(CAUSES)))
    for name, amount in of_consumer.items():
        if amount.any():
            cause[..., CAUSES.index(name)] = amount.take(consumer, axis=1) * of_load
    return cause
