"""Backup: systems with generators of their own, and the fuel that trucks bring."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, create_model

from gridmodel.scenario.backup_systems import SYSTEM_TABLE
from gridmodel.scenario.fields import Group, Number, Share

Power = Annotated[Number, Field(ge=0, le=1000)]
Autonomy = Annotated[Number, Field(ge=0, le=1000)]


def _by_people() -> dict[str, Any]:
    """Return type, default and description of the settings of every system: its size by population, its batteries."""
    found: dict[str, Any] = {}
    for system in SYSTEM_TABLE:
        if not system.table:
            power = f"Power of {system.words} for each person in the region [W] [B]."
            hours = f"Hours that the fuel of {system.words} lasts [h] {system.about_autonomy}."
            found[f"{system.name}_w_per_person"] = (Power, Field(system.w_per_person, description=power))
            found[f"{system.name}_autonomy_h"] = (Autonomy, Field(system.autonomy_h, description=hours))
        bridged = f"Hours that batteries of {system.words} bridge before generators are needed [h] [B, 0-8]."
        found[f"{system.name}_battery_h"] = (Autonomy, Field(0.0, description=bridged))
    return found


_BySystem: type[Group] = create_model("_BySystem", __base__=Group, **_by_people())


class BackupSettings(_BySystem):  # type: ignore[misc, valid-type]  # a base that is made of a table has no static type
    """Backup: systems with generators of their own, and the fuel that trucks bring."""

    battery_charge_h: Annotated[Number, Field(ge=0.25, le=100)] = 4.0
    """Time in which batteries behind the meter charge from empty once power is on [h] [B, 2-8]."""
    battery_efficiency: Annotated[Number, Field(ge=0.1, le=1)] = 0.88
    """Energy that batteries behind the meter give back per energy taken [1] [B, 0.8-0.95]."""
    backup_start_probability: Share = 0.9
    """Chance that a generator starts [B]."""
    fuel_trucks_per_million: Annotated[Number, Field(ge=0, le=1000)] = 3.0
    """Fuel trucks for each million people [B]."""
    truck_load_mwh: Annotated[Number, Field(ge=0.001, le=1000)] = 17.5
    """Electricity from the fuel that one truck carries [MWh] [B]: 5 m³ at 3.5 kWh/L."""
    truck_trip_h: Annotated[Number, Field(ge=0.01, le=1000)] = 6.0
    """Time that a truck takes for a round trip [h] [B]."""
