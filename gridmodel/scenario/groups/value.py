"""Value of help: what counts when help is ranked, and how much."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from gridmodel.scenario.fields import Group, Number, some_weight_by_name


class ValueSettings(Group):
    """Value of help: what counts when help is ranked, and how much."""

    vulnerable_share_factor: Annotated[Number, Field(ge=0, le=4)] = 1.0
    """Factor on the share of vulnerable people (`vulnerable_share` of a region, 0.25 in all of the bundled networks,
    because no source gives old and ill people and small children by region); at most all people [B, 0.7-1.4]."""
    vulnerable_weight: Annotated[Number, Field(ge=0, le=100)] = 2.0
    """Weight of a degree-hour of a vulnerable person in a ranking of help; others weigh 1 [B, 1-5]."""
    help_weights: Annotated[dict[str, Annotated[Number, Field(ge=0, le=1e6)]], AfterValidator(some_weight_by_name)] = (
        Field(default={})
    )
    """Weights that rank help, by name: per degree-hour `below_18c` and `below_12c` (or `heat`: a factor on both), per
    person-hour `water`, `power` and `telecom`. Empty: those listed in docs/planning.md [B]. Names left out of
    a list weigh 0."""
