"""Backup: generators of hospitals, telecom, waterworks and heat sources, and their fuel."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gridmodel.scenario.fields import Group, Number, Share


class BackupSettings(Group):
    """Backup: generators of hospitals, telecom, waterworks and heat sources, and their fuel."""

    backup_start_probability: Share = 0.9
    """Chance that a generator starts [B]."""
    hospital_w_per_person: Annotated[Number, Field(ge=0, le=1000)] = 5.0
    """Power of hospitals, by people of the region [W] [B]."""
    hospital_autonomy_h: Annotated[Number, Field(ge=0, le=1000)] = 24.0
    """Hours that hospitals' fuel lasts [h] [B, 8-72]."""
    telecom_w_per_person: Annotated[Number, Field(ge=0, le=1000)] = 3.0
    """Power of telecom, by people of the region [W] [B]."""
    telecom_autonomy_h: Annotated[Number, Field(ge=0, le=1000)] = 4.0
    """Hours that telecom's batteries and fuel last [h] [B, 2-8]."""
    fuel_trucks_per_million: Annotated[Number, Field(ge=0, le=1000)] = 3.0
    """Fuel trucks a million people [B]."""
    truck_load_mwh: Annotated[Number, Field(gt=0, le=1000)] = 17.5
    """Electricity that a truck's load makes [MWh] [B]: 5 m³ at 3.5 kWh/L."""
    truck_trip_h: Annotated[Number, Field(gt=0, le=1000)] = 6.0
    """Time of a truck's round [h] [B]."""
