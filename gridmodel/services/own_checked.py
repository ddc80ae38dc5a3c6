"""Models of one's own, of which each answer is looked at before the run goes on with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np

from gridmodel.errors import InputError, Problem
from gridmodel.services.declare import Declaration
from gridmodel.services.swapped import name_of

if TYPE_CHECKING:
    from gridmodel.services.setup import Seen, Setup, Shown, Started


def checked_function(what: str, model: Callable[..., Any], *, kind: str, parts: tuple[str, ...]) -> Callable[..., Any]:
    """Return a model whose answers are records of finite numbers.

    Parameters
    ----------
    what
        Its name in `gridmodel.Models`.
    model
        The function.
    kind, parts
        Name of the record that it returns, and of the parts of it that must be there.
    """

    @wraps(model)
    def asked(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the model
        given = model(*args, **options)
        missing = [name for name in parts if not hasattr(given, name)]
        if missing:
            message = f"must return {kind}, which has {', '.join(parts)}; it returned {type(given).__name__}"
            raise InputError([Problem(message=message, field=f"models.{what}")])
        names = [one.name for one in fields(given)] if is_dataclass(given) else parts
        for name in names:
            if not _is_finite(getattr(given, name)):
                message = f"returned {kind} whose {name} is not a finite number everywhere"
                raise InputError([Problem(message=message, field=f"models.{what}")])
        return given

    asked.__name__ = name_of(model)
    return asked


def _is_finite(values: object) -> bool:
    try:
        return bool(np.isfinite(np.asarray(values, dtype=float)).all())
    except (TypeError, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class CheckedService:
    """A service of one's own whose steps show what it declares: finite numbers of the shape of a step."""

    service: Any
    """The service."""

    @property
    def DECLARATION(self) -> Declaration:  # noqa: N802 - as modules of services have it
        """Declaration of the service."""
        declared: Declaration = self.service.DECLARATION
        return declared

    def build(self, setup: Setup) -> Any:  # noqa: ANN401 - each service has its own
        """Build the service, and note the shape of a step: (member, region)."""
        system = self.service.build(setup)
        return None if system is None else (system, setup.shape)

    def start(self, built: Any) -> Started:  # noqa: ANN401
        """Return the state before the first step."""
        started: Started = self.service.start(built[0])
        return started

    def step(self, built: Any, state: Any, seen: Seen, step: int) -> tuple[Any, Shown]:  # noqa: ANN401
        """Return the state after a step, and what it shows.

        Raises
        ------
        InputError
            If it shows something else than it declares.
        """
        system, shape = built
        answer = self.service.step(system, state, seen, step)
        if not isinstance(answer, tuple) or len(answer) != 2 or not isinstance(answer[1], Mapping):
            self._refuse("step", "must return the state and a dict of what it shows")
        after, shown = answer
        own = self.DECLARATION
        unknown = [name for name in shown if name not in own.variables and name not in own.signals]
        missing = [name for name in own.variables if name not in shown]
        if unknown or missing:
            said = [f"does not declare {', '.join(unknown)}"] if unknown else []
            said += [f"must show {', '.join(missing)}, as it declares"] if missing else []
            self._refuse("step", " and ".join(said))
        return after, {name: self._values(name, value, shape) for name, value in shown.items()}

    def _values(self, name: str, value: Any, shape: tuple[int, int]) -> Any:  # noqa: ANN401
        if name not in self.DECLARATION.variables or callable(value):
            return value
        if not _is_finite(value):
            self._refuse(name, "must be finite numbers in each step")
        values = np.asarray(value, dtype=float)
        if self.DECLARATION.variables[name].dims == ("member", "time", "region"):
            if values.ndim > 2 or any(a not in {1, b} for a, b in zip(values.shape[::-1], shape[::-1], strict=False)):
                self._refuse(name, f"has the shape {values.shape} in a step, but must have {shape}: (member, region)")
            values = np.broadcast_to(values, shape)
        return values

    def _refuse(self, what: str, message: str) -> None:
        raise InputError([Problem(message=message, table=f"service {self.DECLARATION.name}", field=what)])
