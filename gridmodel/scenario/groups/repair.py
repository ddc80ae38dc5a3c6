"""Repair: crews, spares, and how long work takes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, Strict

from gridmodel.scenario.fields import Days, Group, Known, Number, RepairDays, Share, distinct
from gridmodel.vocabulary import DAMAGE_CLASSES, DAMAGE_STATES, REPAIR_GROUPS, RepairGroup


class RepairSettings(Group):
    """Repair: crews, spares, and how long work takes."""

    repair_days: Annotated[
        dict[str, Annotated[RepairDays, Known(DAMAGE_STATES, "damage state")]],
        Known(DAMAGE_CLASSES, "class", open=True),
    ] = Field(default={})
    """Mean and standard deviation of repair times by class and damage state [d]; others keep their default [B]."""
    repair_priority: Annotated[tuple[RepairGroup, ...], AfterValidator(distinct)] = REPAIR_GROUPS
    """Order in which the crews of a region repair; groups that are left out come last. `generation` after
    `substation` [B]."""
    repair_crews_per_million: Annotated[Number, Field(ge=0, le=10_000)] = 20.0
    """Repair crews of a region per million of its people, at least one per region; one crew works on one job [B]."""
    night_crew_share: Share = 0.325
    """Crews on duty from 22 to 6 by the clock as a share of those by day, at least one; Kyiv, 21 January 2026: 52 of
    160."""
    crew_travel_h: Annotated[Number, Field(ge=0, le=1_000)] = 0.0
    """Time on the way to a job that restoration times do not contain, such as detours where bridges are gone; cold and
    alerts slow it like work [h]."""
    cold_work_below_c: Annotated[Number, Field(ge=-60, le=40)] = -15.0
    """Outdoor temperature below which repair is slower [°C] [B]."""
    cold_work_speed: Annotated[Number, Field(ge=0.01, le=1)] = 0.6
    """Speed of repair below that temperature [B]."""
    spare_transformers: Annotated[int, Strict(), Field(ge=0, le=100_000)] = 10
    """Spare transformers in the country; extensive or complete damage to `delivery`, `transfer` or a transformer takes
    one [B]."""
    new_transformer_days: Days = 102.7
    """Time from a strike until a new transformer works where no spare was left [d] (Geoscience Australia, SIRA)."""
