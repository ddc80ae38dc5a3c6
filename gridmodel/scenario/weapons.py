"""Weapons of a wave: one row each, from which settings, draws and messages follow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Weapon:
    """One type of weapon; its settings are ``<name>_damage_chance`` and ``<name>_interception_correlation``."""

    name: str
    """Key under `weapons` of a wave."""
    words: str
    """Name in a sentence, plural."""
    damage_chance: float
    """Default chance that one that is not intercepted hits a unit of the class it is sent to. [1]"""
    about_chance: str
    """Source of that chance, and its range."""
    correlation: float
    """Default correlation of the fates of two of one wave: how much interception varies from wave to wave. [1]"""
    about_correlation: str
    """Source of that correlation, and its range."""


WEAPON_TABLE = (
    Weapon(
        name="missile", words="cruise missiles, or missiles of any type", damage_chance=0.6,
        about_chance="[B, 0.4-0.8]: others miss, are led astray, or are sent elsewhere", correlation=0.15,
        about_correlation="[B, 0.05-0.3]: at a mean of 0.6, interception then varies by 0.19 from wave to wave",
    ),
    Weapon(
        name="ballistic", words="ballistic missiles", damage_chance=0.6, about_chance="[B, 0.4-0.8]", correlation=0.15,
        about_correlation="[B, 0.05-0.3]",
    ),
    Weapon(
        name="drone", words="attack drones", damage_chance=0.3,
        about_chance="[B, 0.15-0.45]: part of them are decoys, or are sent at other things", correlation=0.04,
        about_correlation="[B, 0.01-0.1]: at a mean of 0.83, interception then varies by 0.075 from wave to wave",
    ),
)  # fmt: skip
"""Types of weapon; a row makes one more."""
WEAPONS = tuple(weapon.name for weapon in WEAPON_TABLE)
"""Names of these types."""
WEAPON_SETTINGS = tuple(f"{name}_{what}" for name in WEAPONS for what in ("damage_chance", "interception_correlation"))
"""Names of their settings."""
