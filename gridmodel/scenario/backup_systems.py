"""Systems with generators of their own: one row each, from which settings, draws and results follow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A system that has generators of its own."""

    name: str
    grid: str
    """Signal with the share of it that the grid supplies."""
    priority: int
    """Place in the queue for fuel; trucks go to 1 first."""
    table: str = ""
    """Table of the network with its `pump_mw`, `backup_mw` and `tank_h`; empty for one that is sized by people, with
    the settings ``<name>_w_per_person`` and ``<name>_autonomy_h``."""
    units: str = ""
    """Column of the table with the number of units that each have a generator."""


SYSTEM_TABLE = (
    System(name="heat", grid="service_power_share", priority=2, table="heat_systems", units="source_units"),
    System(name="water", grid="service_power_share", priority=3, table="water_systems", units="units"),
    System(name="hospital", grid="critical_power_share", priority=1),
    System(name="telecom", grid="home_power_share", priority=4),
)
"""Systems with generators of their own; a row makes one more."""
SYSTEMS = tuple(system.name for system in SYSTEM_TABLE)
"""Their names, in the order of the dimension `system`."""
