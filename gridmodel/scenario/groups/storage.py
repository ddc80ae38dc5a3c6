"""Storage: how full it is at the start, and how pumped storage and batteries refill."""

from __future__ import annotations

from typing import Literal

from gridmodel.scenario.fields import Group, Share


class StorageSettings(Group):
    """Storage: how full it is at the start, and how pumped storage and batteries refill."""

    recharge: Literal["surplus", "cutting", "overnight"] = "surplus"
    """How pumped storage and batteries refill, with losses: `surplus` from generation that no one else needs;
    `cutting` also by cutting consumers in hours of little shedding, where this spares more in the deepest; `overnight`
    takes them as full at midnight, outside the balance, so that they give what nobody generated [B]."""
    storage_start: Share = 0.5
    """Share of their energy that pumped storage and batteries contain at the start [B, 0-1]; reservoirs have a day's
    water, and batteries that are placed as a measure arrive charged."""
