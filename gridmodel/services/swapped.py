"""Models of one's own that take the place of those of the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gridmodel.services.declare import Declaration

if TYPE_CHECKING:
    from gridmodel.events.damage import DamageModel
    from gridmodel.services.heat.building import BuildingModel


class Declared(Protocol):
    """Part of a service of one's own that is read before it is built."""

    @property
    def DECLARATION(self) -> Declaration:  # noqa: N802 - as modules of services have it
        """Name, variables with units, and what it reads."""


@dataclass(frozen=True, kw_only=True)
class Swapped:
    """Models in place of those of the package; None for each that stays."""

    buildings: BuildingModel | None = None
    """Returns the response of buildings to a step; by default that of the 5R1C model of ISO 13790."""
    damage: DamageModel | None = None
    """Returns what hits do to units; by default damage states with probabilities and restoration times."""
    services: Sequence[Declared] = field(default=())
    """Services beside those of the package."""

    @property
    def own(self) -> list[str]:
        """Names of the models that are not those of the package."""
        found = [("buildings", self.buildings), ("damage", self.damage)]
        names = [f"{what}: {name_of(model)}" for what, model in found if model is not None]
        return [*names, *(f"service: {service.DECLARATION.name}" for service in self.services)]


def name_of(model: object) -> str:
    """Return the name of a model of one's own."""
    return str(getattr(model, "__name__", type(model).__name__))[:80]
