"""Content of a sheet that is not in its result: waves, what they add, what a region has, help, outlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.results.sheet import Added
from gridmodel.scenario import Mitigation
from gridmodel.studies.asking import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Help that a budget buys, and what remains with it."""

    budget_eur: float
    cost_eur: float = 0.0
    saved_h: float = 0.0
    """Weighted person-hours that are prevented. [h]"""
    whole_h: float = 0.0
    """All weighted person-hours that there are without the help; 0 where not known. [h]"""
    chosen: Sequence[Mitigation] = ()
    """Options that are bought, in the order in which they were chosen."""
    following: Lot | None = None
    """Lot that the next euro would go to; None for none."""
    helped: xr.Dataset | None = None
    """Result with it; None where nothing is bought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Content of a sheet beside one result."""

    wave: str = ""
    """Size of the waves; empty for none."""
    nights: Sequence[np.datetime64] = ()
    """Local times of the waves."""
    interception: str = ""
    """Mean share that is intercepted, as asked for; empty for that of the table."""
    added: Mapping[str, Added] = field(default_factory=dict)
    """Additions of events in the country, from `gridmodel.results.sheet.what_events_add`; empty if not known."""
    own: Mapping[str, float] = field(default_factory=dict)
    """Means that the region has itself, by need."""
    planned: Sequence[Mitigation] = ()
    """Help that the scenario has."""
    bought: Bought | None = None
    outlines: Mapping[str, Any] = field(default_factory=dict)
    """Rings of longitude and latitude by region; empty for no map."""
    country_page: str = ""
    """Link to the page of the country; empty for none."""
    source: str = ""
    """Origin and licence of the outlines."""
