"""Generation: what the country can give and import."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from gridmodel.scenario.fields import Factor, Group, Known, Name, Number, ordered
from gridmodel.vocabulary import TECHNOLOGIES


class Unit(Group):
    """Forced outages of a unit: how often and for how long."""

    mttf_h: Annotated[Number, Field(ge=0.01, le=1e6)]
    """Mean time for which a unit runs before it fails [h]."""
    mttr_h: Annotated[Number, Field(ge=0.01, le=1e6)]
    """Mean time to repair a unit that has failed [h]."""
    cold_below_c: Annotated[Number, Field(ge=-60, le=40)] = -10.0
    """Outdoor temperature of its region below which a unit fails more often [°C] [B]."""
    cold_rate_per_k: Annotated[Number, Field(ge=0, le=10)] = 0.0
    """Rise of the rate of failures for each kelvin below it, over the usual rate [1/K] [B, 0-0.5]."""


class GenerationSettings(Group):
    """Generation: what the country can give and import."""

    import_limit_mw: Annotated[Number, Field(ge=0)] | None = None
    """Limit on the sum of imports [MW]; empty: the network's own."""
    availability: Annotated[
        dict[str, Annotated[Number, Field(ge=0, le=10)]], Known(TECHNOLOGIES, "technology", open=True)
    ] = Field(default={})
    """National factor on the available capacity of each technology, e.g. {hydro: 0.9}; above 1 up to the capacity of
    each plant, where less than that is available."""
    supply: Annotated[Name, Field(min_length=1)] | None = None
    """Supply by date: a CSV file with a column `time` (UTC), and any of `import_limit_mw` [MW], of technologies, as
    factors on their available capacity, and of technologies in megawatts: `wind_mw` is all that wind can give,
    `thermal_gas_out_mw` gas-fired plant out of service; relative to the scenario. Values hold until the next row. Two
    columns `NAME:low` and `NAME:high` in place of a limit or factor are a range by date, within which members wander.
    It replaces `import_limit_mw` and multiplies `availability`; empty: neither changes by date."""
    supply_range: Annotated[tuple[Factor, Factor], AfterValidator(ordered)] = (0.9, 1.1)
    """Range of a factor on each column of `supply` that has no range of its own, which wanders within it [1] [B], but
    those of technologies in megawatts, which are exact; a deterministic run takes the middle. Two numbers about 1."""
    supply_autocorrelation_h: Annotated[Number, Field(ge=0.01, le=1e6)] = 48.0
    """Time in which the correlation of that factor with itself falls to 1/e [h] [B, 12-240]."""
    forced_outages: Annotated[dict[str, Unit], Known(TECHNOLOGIES, "technology", open=True)] = Field(default={})
    """Forced outages of units by technology, e.g. {nuclear: {mttf_h: 1500, mttr_h: 60}}; they come on top of the
    availability in the network."""
