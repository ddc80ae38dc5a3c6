"""Generation: what the country can give and import."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gridmodel.scenario.fields import Group, Known, Number
from gridmodel.vocabulary import TECHNOLOGIES


class Unit(Group):
    """Forced outages of a unit: how often and for how long."""

    mttf_h: Annotated[Number, Field(gt=0, le=1e6)]
    """Mean time for which a unit runs before it fails [h]."""
    mttr_h: Annotated[Number, Field(gt=0, le=1e6)]
    """Mean time to repair a unit that has failed [h]."""


class GenerationSettings(Group):
    """Generation: what the country can give and import."""

    import_limit_mw: Annotated[Number, Field(ge=0)] | None = None
    """Limit on the sum of imports [MW]; empty: the network's own."""
    availability: Annotated[dict[str, Annotated[Number, Field(ge=0, le=10)]], Known(TECHNOLOGIES, "technology")] = (
        Field(default={})
    )
    """National factor on the available capacity of each technology, e.g. {hydro: 0.9}."""
    forced_outages: Annotated[dict[str, Unit], Known(TECHNOLOGIES, "technology")] = Field(default={})
    """Forced outages of units by technology, e.g. {nuclear: {mttf_h: 1500, mttr_h: 60}}; they come on top of the
    availability in the network."""
