"""Homes that heat themselves: which kinds there are, and how much heat each gives with the power and gas that come."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Bools, Floats, ratio
from gridmodel.sampling import Settings
from gridmodel.services.heat.logarithm import log1p_single
from gridmodel.vocabulary import OWN_HEAT, OWN_HEAT_IN_TABLES

POWERED = "own_heat_powered_share"
"""Setting for the share of gas boilers in homes that needs power; in the tables it is 0.5 on average."""
POWERED_IN_TABLES = 0.5
OWN_KINDS = (*OWN_HEAT, "own_electric_with_stove")
"""Kinds of own heating that are followed: those of results, where all homes with a stove to fall back on are one, and
of these the ones with electric heating, which need no gas. They are apart only in a run in which gas may be short."""
BACKED, WITH_STOVE = OWN_HEAT.index("own_gas_backed"), OWN_HEAT.index("own_with_stove")
ELECTRIC_WITH_STOVE = OWN_KINDS.index("own_electric_with_stove")
FALLS_BACK = slice(WITH_STOVE, len(OWN_KINDS))
"""Kinds with a stove to fall back on, the last of them all."""
STOVES = OWN_HEAT.index("own_stove")
"""Own heating without radiators: what it burns warms the rooms at once."""
NEEDS_POWER = tuple(
    OWN_KINDS.index(name)
    for name in ("own_gas_powered", "own_electric", "own_gas_backed", "own_with_stove", "own_electric_with_stove")
)
"""Own heating whose main appliance stops without power."""
NEEDS_GAS = tuple(
    OWN_KINDS.index(name) for name in ("own_gas_powered", "own_gas_gravity", "own_gas_backed", "own_with_stove")
)
"""Own heating whose main appliance burns gas."""
ALWAYS_POWERED = slice(OWN_HEAT.index("own_gas_gravity"), OWN_HEAT.index("own_stove") + 1)
"""Own heating that never needs power, so that homes do not differ by their turns without it."""


def own_shares(own: Floats, settings: Settings) -> Floats:
    """Share of a region's homes in each of `OWN_KINDS` as sampled by member, shape ``(kind, member, region)``. [1]

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
        "own_with_stove": needing * stoves, "own_electric_with_stove": electric * of_electric,
    }  # fmt: skip
    return np.stack(np.broadcast_arrays(*(made[name] for name in OWN_KINDS)))


def shown_shares(share: Floats) -> Floats:
    """Share of homes in each kind of own heating as results show it, those with a stove to fall back on as one. [1]

    Parameters
    ----------
    share
        Share in each of `OWN_KINDS`, shape ``(kind, member, region)``. [1]

    Examples
    --------
    >>> shown_shares(np.array([0.3, 0.3, 0.1, 0.0, 0.0, 0.25, 0.125])[:, None, None])[:, 0, 0].tolist()
    [0.3, 0.3, 0.1, 0.0, 0.0, 0.375]
    """
    shown = share[: len(OWN_HEAT)].copy()
    shown[WITH_STOVE] += share[ELECTRIC_WITH_STOVE]
    return shown


def mean_with_stove_c(boilers_c: Floats, electric_c: Floats, share: Floats) -> Floats:
    """Return the mean air of homes with a stove to fall back on: exactly that of each where they are alike. [°C]

    Parameters
    ----------
    boilers_c, electric_c
        Air of those with a boiler and with electric heating, shape ``(member, region)``. [°C]
    share
        Share of homes in each of `OWN_KINDS`, shape ``(kind, member, region)``. [1]
    """
    electric = share[ELECTRIC_WITH_STOVE]
    part = ratio(electric, share[WITH_STOVE] + electric, empty=0.0)
    return np.asarray(boilers_c + (electric_c - boilers_c) * part)


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


def running_share(*, power: Floats, fuel: Floats, backup: Floats, kinds: slice) -> Floats:
    """Return the share of a step for which own heating can run, shape ``(own, member, region)``. [1]

    Parameters
    ----------
    power, fuel
        Share of homes, or of the step, with power, and gas supply, of a shape that broadcasts to
        ``(member, region)``. [1]
    backup
        Share of the step for which backup replaces the grid, shape ``(member, region)``. [1]
    kinds
        Kinds of own heating that are asked.
    """
    asked = range(*kinds.indices(len(OWN_KINDS)))
    on, short = np.ones((len(asked), *backup.shape)), bool((fuel < 1.0).any())
    for place, kind in enumerate(asked):
        if kind in NEEDS_POWER:
            on[place] = power + backup if kind == BACKED else power
        if short and kind in NEEDS_GAS:
            on[place] *= fuel
    return on


def own_heat_w(demand_w: Floats, design_w: Floats, *, on: Floats, margin: Floats) -> tuple[Floats, Floats]:
    """Return the mean heat that homes with each kind of own heating ask of it, stoves to fall back on aside.

    Parameters
    ----------
    demand_w
        Heat that would hold the set point with the walls as cold as they are, shape ``(own, member, region)``. [W/m²]
    design_w
        Design heat demand, shape ``(region,)``. [W/m²]
    on
        Share of the step for which it can run, shape of `demand_w`. [1]
    margin
        Installed heating over design demand. [1]

    Returns
    -------
    tuple
        Heat, and the most that can be given, shape of `demand_w`. [W/m²]

    Notes
    -----
    ``on · min(demand, margin · design)``: while it is on, a boiler gives what brings the air to the set point, up to
    what is installed. Walls that have cooled ask for more than the steady demand, so that it catches up. Ours: a home
    that takes turns with its power gives this on average, where ``min(demand, on · installed)`` would let walls store
    heat beyond the set point.
    """
    installed = design_w * margin
    return np.minimum(demand_w, installed) * on, installed * on


def own_lag_h(settings: Settings) -> Floats:
    """Return the time for which homes that heat themselves store heat before their walls have it. [h]

    Ours: water in radiators and pipes, then air, furniture and plaster, as one store of both times together.
    """
    return np.asarray(settings["own_radiator_lag_h"] + settings["own_room_lag_h"])


def through_radiators(
    radiator_w: Floats, asked_w: Floats, able_w: Floats, installed_w: Floats, *, lag_h: Floats, step_h: float,
    falls_w: Floats | None = None,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return what boilers make and what radiators give rooms, means of a step, and what these give at its end. [W/m²]

    Parameters
    ----------
    radiator_w
        What radiators give before the step. [W/m²]
    asked_w
        Heat that would hold the set point, as far as it can be given, same shape; 0 without power. [W/m²]
    able_w
        Most that boilers can give, same shape. [W/m²]
    installed_w
        The same with power and gas, of a shape that broadcasts. [W/m²]
    lag_h
        Time for which water in radiators and pipes stores heat, of a shape that broadcasts. [h]
    step_h
        Length of the step. [h]
    falls_w
        What is asked falls by within the step as walls warm, same shape as `asked_w`, which is its mean; it is changed.
        It counts where a boiler runs for the whole step. [W/m²]

    Notes
    -----
    ``lag · r' = u − r``: water holds ``lag · r``. Until radiators give what is asked, boilers run at full where they
    give less, as after a cut, and stand where they give more: for ``lag · ln((u − r) / (u − asked))``. Then ``u`` is
    what is asked. All is exact within a step for a constant `asked_w`, and ``made = given + lag · (r_end − r) / step``.
    With `falls_w` what is asked is a straight line through the step, which radiators follow once they have reached it:
    the same law for ``r − a(t)``, with ``lag · a'`` on top of what boilers give.
    Where only some homes have power, ``u`` is what is asked from the start: those with too warm radiators are not those
    whose boilers could stand.

    Examples
    --------
    >>> cold, asked, able = np.array([0.0]), np.array([80.0]), np.array([160.0])
    >>> made, given, after = through_radiators(cold, asked, able, able, lag_h=np.array(0.5), step_h=1.0)
    >>> made.round(2), given.round(2), after
    (array([107.73]), array([67.73]), array([80.]))
    """
    if falls_w is None:
        return _reaching(radiator_w, asked_w, able_w, installed_w, lag_h=lag_h, step_h=step_h)
    np.clip(falls_w, 0.0, asked_w * (step_h / lag_h), out=falls_w)
    store_w = falls_w * (lag_h / step_h)  # what radiators give as they follow
    falls_w *= 0.5
    made, given, after = _reaching(
        radiator_w - falls_w, asked_w, able_w, installed_w, lag_h=lag_h, step_h=step_h, store_w=store_w
    )
    made -= store_w
    after -= falls_w
    return made, given, after


def _reaching(
    radiator_w: Floats, asked_w: Floats, able_w: Floats, installed_w: Floats, *, lag_h: Floats, step_h: float,
    store_w: Floats | None = None,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return what `through_radiators` does for heat that is asked evenly, with some of a store on top of boilers'."""
    stays = np.exp(-step_h / lag_h)
    beyond = radiator_w - asked_w
    short = beyond < 0
    push = able_w - asked_w  # products with flags, as numbers, take a quarter of the time of choices
    push *= short.astype(push.dtype)
    push -= asked_w * ((able_w >= installed_w) & ~short).astype(push.dtype)
    if store_w is not None:  # 0 where boilers run for a part of the step
        push += store_w
    after = push * (1.0 - stays)
    after += beyond * stays
    after *= ((after < 0) == short).astype(after.dtype)  # else what is asked is reached within the step
    with np.errstate(divide="ignore", invalid="ignore"):
        hours = beyond / push  # without a push, hours do not count
    np.negative(hours, out=hours)
    np.fmax(hours, np.zeros(hours.shape[-2:], hours.dtype), out=hours)  # an array is quicker than a number
    (log1p_single if hours.dtype == np.float32 else np.log1p)(hours, out=hours)
    hours *= lag_h
    np.clip(hours, 0.0, step_h, out=hours)
    push *= hours
    push *= 1.0 / step_h
    push += asked_w
    beyond -= after
    beyond *= lag_h / step_h
    beyond += push
    after += asked_w
    return push, beyond, after


def falling_w(gained_k: Floats, per_k: Floats, *, on: Floats, limited: Bools) -> Floats:
    """Return what the heat that homes ask falls by within a step as their walls warm, shape of `gained_k`. [W/m²]

    Parameters
    ----------
    gained_k
        What walls gain if they get that heat; it is changed. [K]
    per_k
        Heat that holds a temperature less per kelvin of walls, of a shape that broadcasts. [W/(m² K)]
    on
        Share of the step for which own heating runs, same shape as `gained_k`: 0 is returned below the whole. [1]
    limited
        True where homes ask all that is installed, same shape: that does not fall.
    """
    gained_k *= per_k
    gained_k *= ((on >= 1.0) & ~limited).astype(gained_k.dtype)
    return gained_k


def stove_w(demand_w: Floats, installed_w: Floats, *, idle: Floats, boiler_w: Floats, radiator_w: Floats) -> Floats:
    """Return the mean heat of stoves that homes fall back on in a step, shape of `demand_w`. [W/m²]

    Parameters
    ----------
    demand_w
        Heat that would hold the set point. [W/m²]
    installed_w
        Heat of the stove, of a shape that broadcasts. [W/m²]
    idle
        Share of the step for which the boiler is off. [1]
    boiler_w, radiator_w
        Heat that the boiler gives the radiators, and that they give the rooms, means of the step. [W/m²]

    Notes
    -----
    A stove burns while the boiler is off, for what the water in the radiators no longer holds.

    Examples
    --------
    >>> stove_w(
    ...     np.array(80.0),
    ...     66.0,
    ...     idle=np.array([1.0, 0.5]),
    ...     boiler_w=np.array([0.0, 40.0]),
    ...     radiator_w=np.array([30.0, 40.0]),
    ... )
    array([50., 33.])
    """
    held_w = np.clip(radiator_w - boiler_w, 0.0, np.inf)
    return np.minimum(np.clip(idle * demand_w - held_w, 0.0, np.inf), idle * installed_w)
