"""Water: the plant of waterworks, and use."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gridmodel.scenario.fields import Group, Number


class WaterSettings(Group):
    """Water: the plant of waterworks, and use."""

    pump_margin: Annotated[Number, Field(ge=1, le=5)] = 1.2
    """Pumping capacity of a waterworks over its mean demand [B]; it lets reservoirs refill."""
    water_day_swing: Annotated[Number, Field(ge=0, le=2)] = 1.0
    """Swing of water use over the day about its mean: 0 is even, 1 the curve of a large city with 1.34 times the mean
    at its peak hour [B]."""
    burst_leak_m3_per_h: Annotated[Number, Field(ge=0, le=100)] = 5.0
    """Water that a building whose cold-water pipes burst loses while its street has water and nobody has shut a valve
    [m³/h] [B, 1-20]."""
    burst_shut_off_h: Annotated[Number, Field(ge=0.01, le=1000)] = 6.0
    """Mean time until a valve is shut in such a building [h] [B, 1-48]."""
