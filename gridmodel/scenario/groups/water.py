"""Water: the plant of waterworks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gridmodel.scenario.fields import Group, Number


class WaterSettings(Group):
    """Water: the plant of waterworks."""

    pump_margin: Annotated[Number, Field(ge=1, le=5)] = 1.2
    """Pumping capacity of a waterworks over its mean demand [B]; it lets reservoirs refill."""
