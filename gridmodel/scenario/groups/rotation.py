"""Rotation: how homes take turns without power, and how cuts are ordered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gridmodel.scenario.fields import Group, Number, Share


class RotationSettings(Group):
    """Rotation: how homes take turns without power, and how cuts are ordered."""

    rotation: Literal["queues", "fixed", "mean"] = "queues"
    """Who is without power while a part of a region is cut: `queues` lets twelve sub-queues take turns, `fixed` leaves
    the same homes off for as long as it lasts, as in Texas in 2021, and `mean` spreads every cut over all homes."""
    cuts: Literal["order", "feeders", "optimum"] = "order"
    """How much is cut: `order` cuts whole sub-queues for an hour, rounded up, keeps `reserve_mw` and limits industry
    first; `feeders` is the same where suppliers switch feeders to the megawatt, without sub-queues; `optimum` cuts to
    the megawatt and has none of it. A `mean` takes the optimum."""
    reserve_mw: Annotated[Number, Field(ge=0, le=50_000)] = 0.0
    """Reserve that the dispatcher keeps while others are cut [MW] [B, 0-1,000 for Ukraine]. Not for `optimum`."""
    industry_limit_share: Share = 0.0
    """Share of industry's demand that limits of its power take before any sub-queue is switched off [B, 0-0.5]: 0 cuts
    it with the sub-queues, as deep as homes. Not for `optimum`."""
    restore_share_per_h: Annotated[Number, Field(ge=0.001, le=100)] = 100.0
    """Most that is switched on again in an hour, as a share of the demand in the queues [1/h]: feeders return one after
    the other, as frequency allows; 100 does not limit it. Texas, 2 February 2011: 0.02 to 0.05. Not for `optimum`."""
    rotation_block_h: Annotated[Number, Field(ge=0.01, le=48)] = 4.0
    """Hours for which a sub-queue that is off stays off where the volume allows it [h] [B, 2-6]."""
    rotation_rest_h: Annotated[Number, Field(ge=0, le=48)] = 2.0
    """Hours for which a sub-queue that is on again stays on where the volume allows it [h] [B, 0.5-4]."""
    critical_second_feed_share: Share = 0.9
    """Share of critical consumers on broken feeders that have a second feed which works [B, 0.5-1]: rules ask for two
    independent sources for hospitals, waterworks and large boiler houses, and not all have them. Not for `mean`."""
