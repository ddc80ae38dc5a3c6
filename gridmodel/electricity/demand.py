"""What consumers need, now or at later hours of the day as far as is known now."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.demand import cold_demand_mw, demand_mw
from gridmodel.prepare import Plan

Floats = npt.NDArray[np.float64]


def need_of(plan: Plan, now: int) -> Floats:
    """Demand of each load, shape ``(member, load)``. [MW]"""
    need = _need(plan, cold_mw=_cold_mw(plan, now), shape=float(plan.shape[now]))
    return need.reshape(len(need), -1)


def forecast(plan: Plan, now: int, hours: int, rows: npt.NDArray[np.intp]) -> Floats:
    """Demand of each region over the hours to come, at the cold of now, shape ``(member, hour, region)``. [MW]

    Parameters
    ----------
    hours
        How many steps from now on.
    rows
        Members it is for.
    """
    shape = plan.shape[now : now + hours]
    cold = _cold_mw(plan, now)[rows]
    return np.asarray(_need(plan, cold_mw=cold[:, None, :], shape=shape[None, :, None]).sum(axis=-1))


def _cold_mw(plan: Plan, now: int) -> Floats:
    """Demand that the cold adds to the reference day's, shape ``(member, region)``. [MW]"""
    return cold_demand_mw(
        plan.cold_degrees_c[now], plan.reference_c, plan.slope_mw_per_k,
        factor=plan.numbers.of("temperature_slope_factor", 0), threshold_c=plan.numbers["heating_threshold_c"],
    )  # fmt: skip


def _need(plan: Plan, *, cold_mw: Floats, shape: Floats | float) -> Floats:
    return np.ascontiguousarray(demand_mw(plan.reference_mw, plan.tier_share, shape, cold_mw=cold_mw))
