"""Profiles of a wave: the classes that its weapons are sent to, and their shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One profile: a row of `PROFILES`. It names classes only; where they are is drawn."""

    meaning: str
    """Meaning, in one sentence."""
    shares: Mapping[str, float]
    """Share of the weapons by class, a key of `EVENT_CLASSES`; classes that the target lacks leave theirs to the
    others. [1]"""


PROFILES: Mapping[str, Profile] = {
    "energy": Profile(
        meaning="Power plants, substations and corridors.",
        shares={
            "thermal_coal": 0.15, "thermal_gas": 0.05, "chp": 0.10, "hydro": 0.10, "gas_engine": 0.05,
            "delivery": 0.35, "transfer": 0.20,
        },
    ),
    "heat": Profile(
        meaning="Sources and mains of district heat, and the power that they need.",
        shares={"chp": 0.25, "heat_source": 0.45, "heat_network": 0.10, "delivery": 0.20},
    ),
    "mixed": Profile(
        meaning="Power, heat and water.",
        shares={
            "thermal_coal": 0.10, "thermal_gas": 0.05, "chp": 0.10, "hydro": 0.05, "gas_engine": 0.05,
            "delivery": 0.30, "transfer": 0.10, "heat_source": 0.15, "heat_network": 0.05, "water_pumping": 0.05,
        },
    ),
}  # fmt: skip
"""Every profile [B]. Ours: rounded shares by judgement, since no public table says what was aimed at; reports of winter
2025/26 name thermal plants, combined heat and power, hydro, large substations and boiler houses. No profile sends
anything at reactors."""
