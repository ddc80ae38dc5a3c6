"""Models of one's own that a run takes in place of, or beside, those of the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from gridmodel.errors import InputError, Problem
from gridmodel.services.declare import Declaration
from gridmodel.services.own_checked import CheckedService, checked_function
from gridmodel.services.swapped import Swapped, name_of

if TYPE_CHECKING:
    from gridmodel.services.setup import Seen, Setup, Shown, Started


class OwnService(Protocol):
    """A service of one's own: a module or an object with these four names, as docs/contributing/service.md shows."""

    @property
    def DECLARATION(self) -> Declaration:  # noqa: N802 - as modules of services have it
        """Name, variables with units, and what it reads."""

    def build(self, setup: Setup, /) -> Any:  # noqa: ANN401 - each service has its own
        """Build what the service needs, or return None where the network has nothing for it."""

    def start(self, system: Any, /) -> Started:  # noqa: ANN401
        """Return the state before the first step."""

    def step(self, system: Any, state: Any, seen: Seen, step: int, /) -> tuple[Any, Shown]:  # noqa: ANN401
        """Return the state after a step, and what the step shows."""


@dataclass(frozen=True, kw_only=True)
class Models(Swapped):
    """Models of one's own for `gridmodel.run`."""

    services: Sequence[OwnService] = field(default=())
    """Services that each step asks after those of the package; their variables stand in the result."""

    def check(self, known: Sequence[Declaration], *, deterministic: bool) -> None:
        """Check services against those of the package, and a model of damage against the kind of run.

        Parameters
        ----------
        known
            Services of the package.
        deterministic
            Whether the run takes expected values.

        Raises
        ------
        InputError
            If a service lacks a part or shows what another shows, or a deterministic run has a model of damage.
        """
        problems = []
        given: dict[str, object] = {"buildings": self.buildings, "damage": self.damage}
        for what, model in given.items():
            if model is not None and not callable(model):
                message, said = "must be a function", type(model).__name__
                problems.append(Problem(message=message, field=f"models.{what}", value=said))
        listed: object = self.services
        if not isinstance(listed, list | tuple):
            message = "must be a list of services"
            raise InputError([*problems, Problem(message=message, field="models.services")])
        taken = {name for one in known for name in (one.name, *one.variables, *one.signals)}
        for service in self.services:
            missing = [name for name in ("DECLARATION", "build", "start", "step") if not hasattr(service, name)]
            if missing:
                message = f"lacks {', '.join(missing)}: see docs/contributing/service.md"
                problems.append(Problem(message=message, field="models.services", value=name_of(service)))
                continue
            own = service.DECLARATION
            names = (own.name, *own.variables, *own.signals)
            problems += [
                Problem(message="is the name of another service or variable", field="models.services", value=name)
                for name in names if name in taken
            ]  # fmt: skip
            taken |= {*names}
        if deterministic and self.damage is not None:
            message = "needs members: a deterministic run takes the expected values of the package's own model"
            problems.append(Problem(message=message, field="models.damage"))
        if problems:
            raise InputError(problems)

    def checked(self) -> Models:
        """Return the same models, of which each answer is looked at before the run goes on with it."""
        buildings, damage = self.buildings, self.damage
        if buildings is not None:
            parts = ("air_mass", "air_outdoor", "air_heating", "air_gains", "air_sun", "mass_mass", "mass_outdoor")
            buildings = checked_function("buildings", buildings, kind="a Response", parts=parts)
        if damage is not None:
            damage = checked_function("damage", damage, kind="Hits", parts=("unit", "state", "remaining", "repair_h"))
        return Models(
            buildings=buildings, damage=damage, services=tuple(CheckedService(service) for service in self.services)
        )
