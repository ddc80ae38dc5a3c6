"""Homes that heat themselves: which kinds there are, and how much heat each gives with the power and gas that come."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.sampling import Settings
from gridmodel.vocabulary import OWN_HEAT, OWN_HEAT_IN_TABLES

POWERED = "own_heat_powered_share"
"""Setting for the share of gas boilers in homes that needs power; in the tables it is 0.5 on average."""
POWERED_IN_TABLES = 0.5
BACKED, WITH_STOVE = OWN_HEAT.index("own_gas_backed"), OWN_HEAT.index("own_with_stove")
NEEDS_POWER = tuple(
    OWN_HEAT.index(name) for name in ("own_gas_powered", "own_electric", "own_gas_backed", "own_with_stove")
)
"""Own heating whose main appliance stops without power."""
NEEDS_GAS = tuple(
    OWN_HEAT.index(name) for name in ("own_gas_powered", "own_gas_gravity", "own_gas_backed", "own_with_stove")
)
"""Own heating whose main appliance burns gas."""


def own_shares(own: Floats, settings: Settings) -> Floats:
    """Share of a region's homes in each kind of own heating as sampled by member, shape ``(own, member, region)``. [1]

    Parameters
    ----------
    own
        That of the tables, shape ``(own in tables, 1, region)``. [1]
    settings
        Settings by member.

    Notes
    -----
    The share of gas boilers that need power is not known: the tables' share is scaled so that a mean of 0.5 becomes the
    sampled value, and no region exceeds all of its gas boilers. Some of them have an inverter or a small generator;
    some others, and some homes with electric heating, have a stove to fall back on. Ours: no home has both, so that
    more of either never takes the other from one.
    """
    powered, gravity, stove, electric = (own[OWN_HEAT_IN_TABLES.index(name)] for name in OWN_HEAT_IN_TABLES)
    gas = powered + gravity
    needing = np.minimum(powered * (settings[POWERED] / POWERED_IN_TABLES), gas)
    backed = settings["own_backup_share"]
    stoves = np.minimum(settings["own_fallback_stove_share"], 1.0 - backed)
    of_electric = settings["own_fallback_stove_share"]
    made = {
        "own_gas_powered": needing * (1.0 - backed - stoves), "own_gas_gravity": gas - needing, "own_stove": stove,
        "own_electric": electric * (1.0 - of_electric), "own_gas_backed": needing * backed,
        "own_with_stove": needing * stoves + electric * of_electric,
    }  # fmt: skip
    return np.stack(np.broadcast_arrays(*(made[name] for name in OWN_HEAT)))


def bridged(
    charge_h: Floats, power: Floats, *, lasts_h: Floats, charge_ratio: Floats, step_h: float
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return the share of a step for which backup runs boilers, and what it can run for after it.

    Parameters
    ----------
    charge_h
        Hours that it can run for before the step, shape ``(member, region)``. [h]
    power
        Share of the step with power, same shape. [1]
    lasts_h
        Most hours that it can run for. [h]
    charge_ratio
        Hours of boiler that an hour of power charges. [1]
    step_h
        Length of the step. [h]

    Examples
    --------
    >>> bridged(np.array([2.0]), np.array([0.25]), lasts_h=16.0, charge_ratio=4.0, step_h=1.0)
    (array([0.75]), array([2.25]))
    """
    share = np.minimum(1.0 - power, charge_h / step_h)
    after = charge_h + step_h * (charge_ratio * power - share)
    return share, np.asarray(np.clip(after, 0.0, lasts_h))


def own_heat_w(
    demand_w: Floats, design_w: Floats, *, power: Floats, fuel: Floats, backup: Floats, margin: Floats,
    stove_heat: Floats,
) -> Floats:  # fmt: skip
    """Return the mean heat that each kind of own heating gives in a step, shape ``(own, member, region)``. [W/m²]

    Parameters
    ----------
    demand_w
        Heat that would hold the set point with the walls as cold as they are, same shape. [W/m²]
    design_w
        Design heat demand, shape ``(region,)``. [W/m²]
    power, fuel
        Share of homes, or of the step, with power, and gas supply, shape ``(member, region)``. [1]
    backup
        Share of the step for which backup replaces the grid, shape ``(member, region)``. [1]
    margin
        Installed heating over design demand. [1]
    stove_heat
        Heat of a stove that homes fall back on over design demand. [1]

    Notes
    -----
    ``on · min(demand, margin · design)``: while it is on, a boiler gives what brings the air to the set point, up to
    what is installed. Walls that have cooled ask for more than the steady demand, so that it catches up. Ours: a home
    that takes turns with its power gives this on average, where ``min(demand, on · installed)`` would let walls store
    heat beyond the set point. A stove to fall back on burns for the rest of the time.
    """
    heat = np.minimum(demand_w, design_w * margin)
    on = {kind: power + backup if kind == BACKED else power for kind in NEEDS_POWER}
    if (fuel < 1.0).any():
        on |= {kind: on[kind] * fuel if kind in on else fuel for kind in NEEDS_GAS}
    for kind, share in on.items():
        heat[kind] *= share
    heat[WITH_STOVE] += (1.0 - on[WITH_STOVE]) * np.minimum(demand_w[WITH_STOVE], design_w * stove_heat)
    return heat
