"""Help that can be placed: what kinds there are, what their size means, and which of them a run can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from gridmodel.errors import nearest
from gridmodel.scenario.fields import LocalTime, Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of help."""

    unit: str
    """Unit of its size."""
    meaning: str
    simulated: bool
    """Whether this version can show what it does."""
    national: bool = False
    """Whether it is of the whole country; others need a region."""


KINDS: dict[str, Kind] = {
    "mobile_generator": Kind(unit="MW", meaning="generator at waterworks or heat sources", simulated=True),
    "mobile_boiler": Kind(unit="MW", meaning="boiler on the heat network", simulated=True),
    "import": Kind(unit="MW", meaning="more imports than the scenario's limit", simulated=True, national=True),
    "battery": Kind(unit="MW", meaning="battery in the grid", simulated=False),
    "fuel_truck": Kind(unit="1", meaning="tanker that refuels backup generators", simulated=True),
    "repair_crew": Kind(unit="1", meaning="crew that repairs", simulated=False),
    "spare_transformers": Kind(unit="1", meaning="national stock of spares", simulated=False, national=True),
    "warming_points": Kind(unit="1", meaning="places where people get warm", simulated=True),
}
"""Kinds of help."""
TARGETS = ("waterworks", "heat_source")
"""What a mobile generator can stand at."""


class Mitigation(BaseModel):
    """Help that has been placed."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kind: str
    """Kind of help."""
    size: Annotated[Number, Field(gt=0, le=1e6)]
    """How much of it, in the unit of its kind [MW, or a number]."""
    region: str = ""
    """Region that it stands in; empty for help of the whole country."""
    target: str = ""
    """mobile_generator: waterworks or heat_source."""
    available_from: LocalTime | None = None
    """Local time from which it helps; empty: from the start."""
    cost_eur: Annotated[Number, Field(ge=0, le=1e12)] = 0.0
    """What it costs [EUR]."""
    name: Annotated[str, Field(max_length=200), Strict()] = ""
    """What it is called."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        problem = problem_with(self.kind, region=self.region, target=self.target)
        if problem:
            raise PydanticCustomError("help", "{problem}", {"problem": problem})
        return self


def problem_with(kind: str, *, region: str, target: str) -> str:
    """What keeps a row of help from being run, as a sentence; empty if nothing does."""
    if kind not in KINDS:
        hint = nearest(kind, KINDS)
        return f"{kind!r} is no kind of help ({hint})" if hint else f"{kind!r} is no kind of help"
    found, message = KINDS[kind], ""
    if found.national and region:
        message = f"{kind} is help of the whole country: leave region empty"
    elif not found.national and not region:
        message = f"{kind} needs a region"
    elif (kind == "mobile_generator") != bool(target) or (target and target not in TARGETS):
        message = f"target must be one of {', '.join(TARGETS)} for a mobile_generator, and empty for others"
    elif not found.simulated:
        can = ", ".join(name for name, one in KINDS.items() if one.simulated)
        message = f"{kind} cannot be simulated by this version, so it has no value to show; it can simulate {can}"
    return message
