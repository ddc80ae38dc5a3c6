"""Sampling: how many members there are, and what they draw from."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from gridmodel.scenario.fields import MAX_MEMBERS, Group, Number, count_or_auto


class StopAt(Group):
    """Rule by which `members: auto` stops."""

    metric: str = "energy_not_served"
    """Metric of the summary whose mean must be known well enough."""
    share: Annotated[Number, Field(gt=0, le=1)] = 0.05
    """Standard error, as a share of the mean, at which to stop."""
    max_members: Annotated[int, Strict(), Field(ge=2, le=MAX_MEMBERS)] = 1000
    """Most members that run, even if the metric is not yet known well enough."""


ONE_MEMBER = "does not go with a deterministic scenario, which has one member"
"""Reason why members cannot be given."""


def members_ignored(members: object, *, deterministic: object) -> bool:
    """Return whether a number of members is asked for of a scenario that runs one, and would be ignored."""
    return deterministic is True and members is not None and (members != 1 or isinstance(members, bool))


class SamplingSettings(Group):
    """Sampling: how many members there are, and what they draw from."""

    members: Annotated[
        Annotated[int, Strict(), Field(ge=1, le=MAX_MEMBERS)] | Literal["auto"], BeforeValidator(count_or_auto)
    ] = 20
    """Members of the Monte Carlo sample; `auto`: as many as `stop_at` requires."""
    stop_at: StopAt = StopAt()
    """Rule for when `members: auto` stops."""
    sampling: Literal["random", "latin_hypercube", "sobol", "saltelli"] = "random"
    """How members draw physical parameters: independently, or spread evenly; `saltelli` is for sensitivity only."""
    seed: Annotated[int, Strict(), Field(ge=0, lt=2**63)] = 2026
    """Seed of every random stream."""
    deterministic: Annotated[bool, Strict()] = False
    """One member with expected values in place of draws."""

    @model_validator(mode="after")
    def _check_design(self) -> Self:
        if self.members == "auto" and self.sampling in {"latin_hypercube", "saltelli"}:
            message = "needs a number of members, not auto: its members are drawn as one set"
            raise PydanticCustomError("sampling", message)
        return self

    @property
    def draws(self) -> int:
        """Largest number of members that a run can have: one if deterministic."""
        if self.deterministic:
            return 1
        return self.stop_at.max_members if self.members == "auto" else self.members
