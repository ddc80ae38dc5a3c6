"""Systems with generators of their own: one row each, from which settings, draws and results follow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A system that has generators of its own.

    Its generators are those of a table of the network, or are sized by people with two settings,
    ``<name>_w_per_person`` and ``<name>_autonomy_h``, whose defaults are given here.
    """

    name: str
    words: str
    """Name in a sentence."""
    grid: str
    """Variable or signal of `power` with the share of it that the grid supplies."""
    priority: int
    """Place in the queue for fuel; trucks go to 1 first."""
    table: str = ""
    """Table of the network with its `backup_mw` and `tank_h`; empty for a system that is sized by people."""
    needs: tuple[str, ...] = ("pump_mw",)
    """Columns of the table whose sum is the power that it needs."""
    units: str = ""
    """Column of the table with the number of units that have a generator each."""
    w_per_person: float = 0.0
    """Default power, by people of the region. [W]"""
    autonomy_h: float = 0.0
    """Default time that its fuel lasts. [h]"""
    about_autonomy: str = "[B]"
    """Source of that time, and its range."""


SYSTEM_TABLE = (
    System(
        name="heat", words="heat sources", grid="service_power_share", priority=2, table="heat_systems",
        units="source_units",
    ),
    System(
        name="water", words="waterworks", grid="service_power_share", priority=3, table="water_systems", units="units",
        needs=("pump_mw", "wastewater_pump_mw"),
    ),
    System(
        name="hospital", words="hospitals", grid="critical_power_share", priority=1, w_per_person=5.0, autonomy_h=24.0,
        about_autonomy="[B, 8-72]",
    ),
    System(
        name="telecom", words="telecom", grid="home_power_share", priority=4, w_per_person=3.0, autonomy_h=4.0,
        about_autonomy="[B, 2-8], batteries included",
    ),
)  # fmt: skip
"""Systems with generators of their own; a row makes one more."""
SYSTEMS = tuple(system.name for system in SYSTEM_TABLE)
"""Names of these systems, in the order of the dimension `system`."""
