"""Storage: how pumped storage and batteries refill."""

from __future__ import annotations

from typing import Literal

from gridmodel.scenario.fields import Group


class StorageSettings(Group):
    """Storage: how pumped storage and batteries refill."""

    recharge: Literal["overnight", "surplus"] = "overnight"
    """How pumped storage and batteries refill: `overnight` takes them as full at midnight, outside the balance [B];
    `surplus` charges them, with losses, only from generation that no one else needs."""
