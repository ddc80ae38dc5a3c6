"""Values that a run is given and does not change: weather, people, and the sampled settings of each member."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.sampling import drawn_settings
from gridmodel.services.declare import Declaration, Variable
from gridmodel.services.setup import Seen, Setup, Shown, Started

DECLARATION = Declaration(
    name="given",
    module="gridmodel.services.given",
    variables={
        "outdoor_temperature": Variable(
            ("time", "region"), "degC", "Outdoor air temperature; by member too where members meet different weather"
        ),
        "drawn_value": Variable(
            ("member", "setting"),
            "as the setting",
            "Value that each member drew for each setting with a range or distribution",
            "",
        ),
        "population": Variable(("region",), "1", "People", ""),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Values that no step changes."""

    outdoor_c: Floats
    """Shape ``(time, region)`` or ``(time, member, region)``. [°C]"""
    population: Floats
    """People, shape ``(region,)``. [1]"""
    drawn: dict[str, Floats]
    """Value by setting, each of shape ``(member,)``."""


def build(setup: Setup) -> Given:
    """Collect the values that a run is given."""
    drawn = {name: setup.settings.of(name, 0) for name in drawn_settings(setup.scenario)}
    return Given(outdoor_c=setup.weather.outdoor_c, population=setup.population, drawn=drawn)


def start(given: Given) -> Started:
    """Show all values."""
    outdoor = given.outdoor_c if given.outdoor_c.ndim < 3 else given.outdoor_c.swapaxes(0, 1)
    shown: Shown = {
        "outdoor_temperature": outdoor,
        "population": given.population,
        "drawn_value": np.column_stack(list(given.drawn.values())),
    }
    return Started(state=None, shown=shown, labels={"setting": list(given.drawn)})


def step(_given: Given, state: None, _seen: Seen, _step: int) -> tuple[None, Shown]:
    """Show nothing more."""
    return state, {}
