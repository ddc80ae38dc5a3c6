"""People and buildings on district heat: needs to drain count people, crews count buildings, and this is the rate."""

from __future__ import annotations

from gridmodel.network.model import NetworkTables
from gridmodel.services.heat.homes import BUILDING_M2


def people_per_building(network: NetworkTables) -> dict[str, float]:
    """Return the people in a building on district heat, by region: as many as the model counts with a drained one.

    Its buildings are the floor on district heat over `BUILDING_M2`, and all people on district heat live in them.
    Regions without district heat have none.
    """
    regions, systems = network.tables["regions"].set_index("id"), network.tables["heat_systems"]
    floor = systems.groupby("region")["floor_area_m2"].sum()
    share = systems.groupby("region")["district_heat_share"].sum()
    people = regions["population"].reindex(floor.index) * share
    return {str(region): float(people[region] / floor[region] * BUILDING_M2) for region in floor.index
            if floor[region] > 0 and people[region] > 0}  # fmt: skip
