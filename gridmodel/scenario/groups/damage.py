"""Damage: how badly a unit that is hit is damaged, how many units there are, and how waves of weapons spread."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, create_model

from gridmodel.scenario.fields import Factor, Group, Number, Share, StateShares, all_states, ordered, sums_to_one
from gridmodel.scenario.weapons import WEAPON_TABLE

Correlation = Annotated[Number, Field(ge=0, le=0.9)]
Concentration = Annotated[Number, Field(ge=0.1, le=1e6)]
UnitMegawatts = Annotated[Number, Field(ge=1, le=1e6)]


def _by_weapon() -> dict[str, Any]:
    """Return type, default and description of the settings of every type of weapon."""
    found: dict[str, Any] = {}
    for weapon in WEAPON_TABLE:
        chance = f"Chance that one of the {weapon.words} of a wave that leaks hits a unit {weapon.about_chance}."
        found[f"{weapon.name}_damage_chance"] = (Share, Field(weapon.damage_chance, description=chance))
        tie = (
            f"Correlation of the fates of two of the {weapon.words} of a wave, by which interception varies from wave "
            f"to wave; 0: it does not [1] {weapon.about_correlation}."
        )
        found[f"{weapon.name}_interception_correlation"] = (Correlation, Field(weapon.correlation, description=tie))
    return found


_ByWeapon: type[Group] = create_model("_ByWeapon", __base__=Group, **_by_weapon())


class DamageSettings(_ByWeapon):  # type: ignore[misc, valid-type]  # a base that is made of a table has no static type
    """Damage: how badly a unit that is hit is damaged, how many units there are, and how waves of weapons spread."""

    damage_state_probabilities: Annotated[StateShares, AfterValidator(all_states), AfterValidator(sums_to_one)] = Field(
        default={"none": 0.1, "slight": 0.3, "moderate": 0.3, "extensive": 0.2, "complete": 0.1}
    )
    """Chance of each damage state of a unit that is hit [B]."""
    damage_capacity_left: Annotated[StateShares, AfterValidator(all_states)] = Field(
        default={"none": 1.0, "slight": 0.95, "moderate": 0.6, "extensive": 0.3, "complete": 0.0}
    )
    """Share of a unit's capacity that remains in each damage state."""
    unit_size_spread: Annotated[Number, Field(ge=0, le=3)] = 0.8
    """Spread of the sizes of units that can be hit, standard deviation of their logarithm, for plants but reactors, for
    `delivery`, `heat_network` and waterworks; 0: equal units [1] [B, 0.4-1.2]."""
    delivery_unit_mw: UnitMegawatts = 160.0
    """Evening demand that one unit of `delivery`, a large substation and what hangs on it, passes on in the mean; a
    region has as many as its reference demand needs, at least one [MW] [B, 80-320]."""
    heat_network_unit_mw_th: UnitMegawatts = 50.0
    """Heat that one unit of `heat_network`, a trunk main, carries in the mean; a region has as many as its sources
    feed, at least one [MW] [B, 25-100]."""
    wave_concentration: Annotated[tuple[Concentration, Concentration], AfterValidator(ordered)] = (4.0, 40.0)
    """Range from which each wave draws how evenly it spreads over the regions of its target, the sum of the parameters
    of a Dirichlet distribution, evenly in the logarithm: a low one is on few regions, a high one follows the number of
    units [1] [B]."""
    healing_days: Annotated[tuple[Factor, Factor], AfterValidator(ordered)] = (5.0, 30.0)
    """Range of the time in which what a `loss` has taken falls to 1/e [d] [B, 2-60]; each zone draws its own once per
    member, evenly in the logarithm, and a deterministic run takes the geometric mean. In the winter of 2025/26 the
    west was back within one or two weeks, the east within months."""
