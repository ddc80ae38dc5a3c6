"""Limits of delivery: megawatts that the network of a region can pass on, fixed when a limit begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class EveningDemand:
    """Demand of the evening of each day, to which a limit of delivery that is a share refers."""

    demand_mw: Floats
    """Highest demand of each local day, without heaters and load that returns, shape ``(day, member, region)``; the
    member axis may be 1. [MW]"""
    day: Ints
    """Local day of each step, from 0, shape ``(time,)``."""

    def at(self, step: int) -> Floats:
        """Return the demand of the evening of a step's day, shape ``(member, region)``. [MW]"""
        return np.asarray(self.demand_mw[self.day[step]])

    @classmethod
    def always(cls, demand_mw: Floats, steps: int) -> EveningDemand:
        """Return the same demand on every day.

        Parameters
        ----------
        demand_mw
            Shape ``(region,)``. [MW]
        steps
            Steps of the run.
        """
        return cls(demand_mw=demand_mw[None, None], day=np.zeros(steps, dtype=np.intp))


def fixed_mw(share: Floats, evening: EveningDemand, earlier_mw: Floats | None = None) -> Floats:
    """Compute the megawatts that damage to regional networks leaves, infinite where it leaves all.

    Parameters
    ----------
    share
        Share that remains in each step, shape ``(time, member, region)``. [1]
    evening
        Demand that a share refers to.
    earlier_mw
        Demand that damage from before the first step refers to, shape ``(member, region)``; None without any. [MW]

    Returns
    -------
    numpy.ndarray
        Shape ``(time, member, region)``. [MW]

    Notes
    -----
    ``limit(t) = share(t) · evening demand of the day on which the region's network was last whole``: hits and repairs
    change the share, the megawatts of a whole network stay those of the first hit until all is repaired. Ours: what a
    substation passes on depends neither on the hour nor on the cold.

    Examples
    --------
    >>> evening = EveningDemand(demand_mw=np.array([[[1000.0]], [[1200.0]]]), day=np.array([0, 0, 1, 1]))
    >>> fixed_mw(np.array([1.0, 0.6, 0.8, 1.0])[:, None, None], evening)[:, 0, 0]
    array([ inf, 600., 800.,  inf])
    """
    base = demand_of_damage(share, evening, earlier_mw)
    return np.asarray(np.where(np.broadcast_to(share < 1.0, base.shape), share * base, np.inf))


def demand_of_damage(share: Floats, evening: EveningDemand, earlier_mw: Floats | None = None) -> Floats:
    """Return the demand that damage refers to in each step, shape ``(time, member, region)``. [MW]

    Parameters are those of `fixed_mw`. Where nothing is damaged, the value means nothing.
    """
    damaged = share < 1.0
    begins = damaged.copy()
    begins[1:] &= ~damaged[:-1]
    steps = np.arange(len(share)).reshape(-1, 1, 1)
    since = np.maximum.accumulate(np.where(begins, steps, 0), axis=0)
    members = max(share.shape[1], evening.demand_mw.shape[1])
    member = np.arange(evening.demand_mw.shape[1]).reshape(1, -1, 1)
    base = evening.demand_mw[evening.day[since], member, np.arange(share.shape[2])]
    base = np.broadcast_to(base, (len(share), members, share.shape[2]))
    return base if earlier_mw is None else np.where((since == 0) & damaged[:1], earlier_mw, base)
