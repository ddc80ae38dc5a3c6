"""Damage: how badly a unit that is hit is damaged."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from gridmodel.scenario.fields import Factor, Group, StateShares, all_states, ordered, sums_to_one


class DamageSettings(Group):
    """Damage: how badly a unit that is hit is damaged."""

    damage_state_probabilities: Annotated[StateShares, AfterValidator(all_states), AfterValidator(sums_to_one)] = Field(
        default={"none": 0.1, "slight": 0.3, "moderate": 0.3, "extensive": 0.2, "complete": 0.1}
    )
    """Chance of each damage state of a unit that is hit [B]."""
    damage_capacity_left: Annotated[StateShares, AfterValidator(all_states)] = Field(
        default={"none": 1.0, "slight": 0.95, "moderate": 0.6, "extensive": 0.3, "complete": 0.0}
    )
    """Share of a unit's capacity that remains in each damage state."""
    healing_days: Annotated[tuple[Factor, Factor], AfterValidator(ordered)] = (5.0, 30.0)
    """Range of the time in which what a `loss` has taken falls to 1/e [d] [B, 2-60]; each zone draws its own once per
    member, evenly in the logarithm, and a deterministic run takes the geometric mean. In the winter of 2025/26 the
    west was back within one or two weeks, the east within months."""
