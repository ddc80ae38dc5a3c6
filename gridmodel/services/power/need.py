"""What consumers need, now or at later hours of the day as far as is known now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, row_sum
from gridmodel.services.power.demand import cold_demand_mw, demand_mw
from gridmodel.vocabulary import TIERS

if TYPE_CHECKING:
    from gridmodel.services.power.inputs import PowerInputs

CRITICAL = TIERS.index("critical")


def need_of(plan: PowerInputs, now: int) -> Floats:
    """Demand of each load, shape ``(member, load)``. [MW]"""
    need = _need(plan, cold_mw=_cold_mw(plan, now), shape=float(plan.shape[now]))
    return need.reshape(len(need), -1)


def forecast(
    plan: PowerInputs, now: int, hours: int, rows: npt.NDArray[np.intp], *, timetable: bool = False
) -> Floats:  # fmt: skip
    """Demand of each region over the hours to come, at the cold of now, shape ``(member, hour, region)``. [MW]

    Parameters
    ----------
    hours
        How many steps from now on.
    rows
        Members it is for.
    timetable
        Whether what a timetable will switch off is left out; it is published, so plans know it.
    """
    shape = plan.shape[now : now + hours]
    cold = _cold_mw(plan, now)[rows]
    need = _need(plan, cold_mw=cold[:, None, :], shape=shape[None, :, None])
    on = on_share(plan, slice(now, now + hours)) if timetable else None
    return row_sum(need if on is None else need * on)


def on_share(plan: PowerInputs, when: int | slice) -> Floats | None:
    """Share of each tier that a timetable leaves on, shape ``(…, region, tier)``; nothing if none is imposed.

    Critical consumers are in no queue.
    """
    if plan.timetable_off is None:
        return None
    off = np.repeat(plan.timetable_off[when][..., None], len(TIERS), axis=-1)
    off[..., CRITICAL] = 0.0
    return np.asarray(1.0 - off)


def _cold_mw(plan: PowerInputs, now: int) -> Floats:
    """Demand that the cold adds to the reference day's, shape ``(member, region)``. [MW]"""
    return cold_demand_mw(
        plan.cold_degrees_c[now], plan.reference_c, plan.slope_mw_per_k,
        factor=plan.settings.of("temperature_slope_factor", 0), threshold_c=plan.settings["heating_threshold_c"],
    )  # fmt: skip


def _need(plan: PowerInputs, *, cold_mw: Floats, shape: Floats | float) -> Floats:
    return np.ascontiguousarray(demand_mw(plan.reference_mw, plan.tier_share, shape, cold_mw=cold_mw))
