"""The simple hourly method of ISO 13790: five resistances and one capacity (5R1C).

References
----------
ISO 13790:2008, section 7.2.2 and annex C. Names of heat flows and temperatures follow the standard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats

Values = npt.ArrayLike

SURFACE_TO_AIR_W_PER_M2K = 3.45
"""Heat transfer between internal surfaces and air. [W/(m² K)] ISO 13790, 7.2.2.2."""
MASS_TO_SURFACE_W_PER_M2K = 9.1
"""Heat transfer between mass and surface. [W/(m² K)] ISO 13790, 12.2.2."""
SURFACE_PER_FLOOR = 4.5
"""Internal surface over floor area where it is not known. [1] ISO 13790, 7.2.2.2."""
_PROBE_W_PER_M2 = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """One building or archetype; every field is a number or an array, and all broadcast.

    Examples
    --------
    >>> import gridmodel as gm
    >>> sizes = {"floor_area_m2": 70, "internal_surface_m2": 315, "mass_area_m2": 175, "capacity_j_per_k": 11.5e6}
    >>> flat = gm.heat.Building(**sizes, h_window_w_per_k=20, h_opaque_w_per_k=30, h_ventilation_w_per_k=20)
    >>> gm.heat.step(flat, mass_c=20.0, outdoor_c=20.0).air_c.item()  # as warm as all around it
    20.0
    """

    floor_area_m2: Values
    """Heated floor. [m²]"""
    internal_surface_m2: Values
    """All surfaces that face the zone, A_t. [m²]"""
    mass_area_m2: Values
    """Effective area of the mass, A_m. [m²]"""
    capacity_j_per_k: Values
    """Heat capacity of the mass, C_m. [J/K]"""
    h_window_w_per_k: Values
    """Windows, H_tr,w. [W/K]"""
    h_opaque_w_per_k: Values
    """Mass to outside, H_em, as given. [W/K]"""
    h_ventilation_w_per_k: Values
    """Ventilation and leaks, H_ve. [W/K]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperatures:
    """Temperatures of a step. [°C]"""

    mass_c: Floats
    """Mass at the end of the step."""
    mass_mean_c: Floats
    """Mass, mean of the step."""
    surface_c: Floats
    """Internal surfaces, mean of the step."""
    air_c: Floats
    """Air, mean of the step."""


@dataclass(frozen=True, slots=True)
class _Conductances:
    """Couplings of the network. [W/K]"""

    air: Floats
    mass: Floats
    to_air: Floats
    to_window: Floats
    to_mass: Floats
    window: Floats
    opaque: Floats
    ventilation: Floats


def _conductances(building: Building) -> _Conductances:
    air = SURFACE_TO_AIR_W_PER_M2K * np.asarray(building.internal_surface_m2, dtype=float)
    mass = MASS_TO_SURFACE_W_PER_M2K * np.asarray(building.mass_area_m2, dtype=float)
    window = np.asarray(building.h_window_w_per_k, dtype=float)
    ventilation = np.asarray(building.h_ventilation_w_per_k, dtype=float)
    to_air = 1.0 / (1.0 / ventilation + 1.0 / air)
    to_window = to_air + window
    to_mass = 1.0 / (1.0 / to_window + 1.0 / mass)
    opaque = np.asarray(building.h_opaque_w_per_k, dtype=float)
    return _Conductances(air, mass, to_air, to_window, to_mass, window, opaque, ventilation)


def _gains(
    building: Building, heating_w: Values, solar_w: Values, internal_w: Values, heating_air_share: Values
) -> tuple[Floats, Floats, Floats]:
    """Heat to air, surfaces and mass. [W]

    Half of internal gains go to the air; the rest, solar gains and radiant heating split between mass and
    surfaces as in ISO 13790, C.2: mass takes A_m / A_t of them.
    """
    heating = np.asarray(heating_w, dtype=float)
    internal = np.asarray(internal_w, dtype=float)
    share = np.asarray(heating_air_share, dtype=float)
    surface = np.asarray(building.internal_surface_m2, dtype=float)
    mass_share = np.asarray(building.mass_area_m2, dtype=float) / surface
    window_share = np.asarray(building.h_window_w_per_k, dtype=float) / (MASS_TO_SURFACE_W_PER_M2K * surface)
    radiant = 0.5 * internal + np.asarray(solar_w, dtype=float) + (1.0 - share) * heating
    return 0.5 * internal + share * heating, (1.0 - mass_share - window_share) * radiant, mass_share * radiant


def step(
    building: Building,
    *,
    mass_c: Values,
    outdoor_c: Values,
    heating_w: Values = 0.0,
    solar_w: Values = 0.0,
    internal_w: Values = 0.0,
    heating_air_share: Values = 0.5,
    step_s: float = 3600.0,
) -> Temperatures:
    """Compute the temperatures over one step.

    Parameters
    ----------
    building
        The building.
    mass_c
        Mass at the start of the step. [°C]
    outdoor_c
        Outdoor air, also what ventilation brings. [°C]
    heating_w
        Heating power. [W]
    solar_w
        Solar gains. [W]
    internal_w
        Gains of people, cooking, appliances. [W]
    heating_air_share
        Share of heating that goes to the air; the rest is radiant. [1]
    step_s
        Length of the step. [s]

    Returns
    -------
    Temperatures
        Shapes as the inputs broadcast. [°C]

    Notes
    -----
    ``T_m' = [T_m (C/Δt − (H_3 + H_em)/2) + Φ_m,tot] / [C/Δt + (H_3 + H_em)/2]`` (Crank–Nicolson), with
    ``Φ_m,tot = Φ_m + H_em T_e + H_3 (Φ_st + H_w T_e + H_1 (Φ_ia/H_ve + T_e)) / H_2``.

    Examples
    --------
    >>> import gridmodel as gm
    >>> sizes = {"floor_area_m2": 70, "internal_surface_m2": 315, "mass_area_m2": 175, "capacity_j_per_k": 11.5e6}
    >>> flat = gm.heat.Building(**sizes, h_window_w_per_k=20, h_opaque_w_per_k=30, h_ventilation_w_per_k=20)
    >>> after = gm.heat.step(flat, mass_c=20.0, outdoor_c=-20.0)  # an hour without heat
    >>> after.air_c.round(1).item(), after.mass_c.round(1).item()
    (17.9, 19.1)
    """
    h = _conductances(building)
    outdoor = np.asarray(outdoor_c, dtype=float)
    mass = np.asarray(mass_c, dtype=float)
    air_w, surface_w, mass_w = _gains(building, heating_w, solar_w, internal_w, heating_air_share)
    through = surface_w + h.window * outdoor + h.to_air * (air_w / h.ventilation + outdoor)
    drive = mass_w + h.opaque * outdoor + h.to_mass * through / h.to_window
    capacity = np.asarray(building.capacity_j_per_k, dtype=float) / step_s
    half = 0.5 * (h.to_mass + h.opaque)
    after = (mass * (capacity - half) + drive) / (capacity + half)
    mean = 0.5 * (mass + after)
    surface = (h.mass * mean + through) / (h.mass + h.window + h.to_air)
    air = (h.air * surface + h.ventilation * outdoor + air_w) / (h.air + h.ventilation)
    return Temperatures(mass_c=after, mass_mean_c=mean, surface_c=surface, air_c=air)


def heating_need(
    building: Building,
    *,
    mass_c: Values,
    outdoor_c: Values,
    set_point_c: Values,
    solar_w: Values = 0.0,
    internal_w: Values = 0.0,
    heating_air_share: Values = 0.5,
    step_s: float = 3600.0,
    limit_w: Values | None = None,
) -> Floats:
    """Compute the heating power that brings the air to the set point in this step.

    Parameters
    ----------
    building, mass_c, outdoor_c, solar_w, internal_w, heating_air_share, step_s
        As in `step`.
    set_point_c
        Air temperature to hold, mean of the step. [°C]
    limit_w
        Most that can be given; unlimited by default. [W]

    Returns
    -------
    numpy.ndarray
        Never negative. [W]

    Notes
    -----
    Air temperature is linear in heating power, so two points give it (ISO 13790, C.4.2).

    Examples
    --------
    >>> import gridmodel as gm
    >>> sizes = {"floor_area_m2": 70, "internal_surface_m2": 315, "mass_area_m2": 175, "capacity_j_per_k": 11.5e6}
    >>> flat = gm.heat.Building(**sizes, h_window_w_per_k=20, h_opaque_w_per_k=30, h_ventilation_w_per_k=20)
    >>> mass_c = gm.heat.steady_mass(flat, outdoor_c=-20.0, set_point_c=20.0)
    >>> gm.heat.heating_need(flat, mass_c=mass_c, outdoor_c=-20.0, set_point_c=20.0).round().item()
    2775.0
    """
    common = {"mass_c": mass_c, "outdoor_c": outdoor_c, "solar_w": solar_w, "internal_w": internal_w,
              "heating_air_share": heating_air_share}  # fmt: skip
    probe = _PROBE_W_PER_M2 * np.asarray(building.floor_area_m2, dtype=float)
    free = step(building, **common, step_s=step_s).air_c
    heated = step(building, **common, heating_w=probe, step_s=step_s).air_c
    need = np.maximum((np.asarray(set_point_c, dtype=float) - free) / (heated - free) * probe, 0.0)
    return np.asarray(need if limit_w is None else np.minimum(need, limit_w))


def steady_mass(
    building: Building, *, outdoor_c: Values, set_point_c: Values, internal_w: Values = 0.0,
    heating_air_share: Values = 0.5,
) -> Floats:  # fmt: skip
    """Mass temperature of a building that has long been held at the set point in constant weather. [°C]

    Parameters
    ----------
    building, outdoor_c, internal_w, heating_air_share
        As in `step`.
    set_point_c
        Air temperature that is held. [°C]

    Notes
    -----
    Air and mass are linear in heating power once the mass no longer changes: with ``Δt → ∞`` a step from any
    mass temperature averages to the steady state, so one pass over two powers gives the power and the mass.

    Examples
    --------
    >>> import gridmodel as gm
    >>> sizes = {"floor_area_m2": 70, "internal_surface_m2": 315, "mass_area_m2": 175, "capacity_j_per_k": 11.5e6}
    >>> flat = gm.heat.Building(**sizes, h_window_w_per_k=20, h_opaque_w_per_k=30, h_ventilation_w_per_k=20)
    >>> gm.heat.steady_mass(flat, outdoor_c=-20.0, set_point_c=20.0).round(1).item()
    19.2
    """
    forever = 1e15
    zero = np.zeros(())
    probe = _PROBE_W_PER_M2 * np.asarray(building.floor_area_m2, dtype=float)
    common = {
        "mass_c": zero,
        "outdoor_c": outdoor_c,
        "internal_w": internal_w,
        "heating_air_share": heating_air_share,
    }
    free = step(building, **common, step_s=forever)
    heated = step(building, **common, heating_w=probe, step_s=forever)
    power = (np.asarray(set_point_c, dtype=float) - free.air_c) / (heated.air_c - free.air_c)
    return np.asarray(free.mass_mean_c + np.maximum(power, 0.0) * (heated.mass_mean_c - free.mass_mean_c))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A step of a building as the straight line that it is: made once for a length of step, used for many hours.

    Every field is an array that broadcasts like the building's. Air and mass after a step are the sums over what acts:
    mass before [°C], outdoors [°C], heating [W], sun through windows [W], other gains [W].
    """

    air_mass: Floats
    air_outdoor: Floats
    air_heating: Floats
    air_gains: Floats
    air_sun: Floats
    mass_mass: Floats
    mass_outdoor: Floats
    mass_heating: Floats
    mass_gains: Floats
    mass_sun: Floats

    def air_of_acts(self, outdoor_c: Floats, gains_w: Floats, sun_w: Floats | None) -> Floats:
        """Part of the air that outdoors, gains and sun make, whatever the mass; without sun where it is None. [°C]"""
        acts = self.air_outdoor * outdoor_c + self.air_gains * gains_w
        return np.asarray(acts if sun_w is None else acts + self.air_sun * sun_w)

    def mass_of_acts(self, outdoor_c: Floats, gains_w: Floats, sun_w: Floats | None) -> Floats:
        """Part of the mass at the end of the step, likewise. [°C]"""
        acts = self.mass_outdoor * outdoor_c + self.mass_gains * gains_w
        return np.asarray(acts if sun_w is None else acts + self.mass_sun * sun_w)

    def air_c(
        self, mass_c: Floats, outdoor_c: Floats, gains_w: Floats, heating_w: Floats | None = None,
        sun_w: Floats | None = None,
    ) -> Floats:  # fmt: skip
        """Air, mean of the step; without heating and sun by default. [°C]"""
        air = self.air_mass * mass_c + self.air_of_acts(outdoor_c, gains_w, sun_w)
        return np.asarray(air if heating_w is None else air + self.air_heating * heating_w)

    @property
    def air_by_mass(self) -> Floats:
        """Air per kelvin of the mass, mean of the step. [K/K]"""
        return np.asarray(2.0 * self.air_mass / (1.0 + self.mass_mass))

    @property
    def air_at_once(self) -> Floats:
        """Air per heating without what the mass gains by it within the step. [K m²/W]"""
        return np.asarray(self.air_heating - 0.5 * self.air_by_mass * self.mass_heating)

    @property
    def air_by_fall(self) -> Floats:
        """Air per heat that is more at the start of a step than at its end, for the same mean. [K m²/W]

        Walls get it earlier and hold it for longer: heat that falls along a straight line by ``d`` warms them by
        ``mass_heating · d / 12`` more, mean of the step.
        """
        return np.asarray(self.air_by_mass * self.mass_heating / 12.0)

    def air_while_on(self, share: Floats) -> Floats:
        """Air per heating while it is on, for heating that is on in some share of the step. [K m²/W]

        What the mass gains within the step falls with the share, so that heat that holds a temperature does not
        depend on how long a step is.
        """
        once = self.air_at_once
        return np.asarray(once + share * (self.air_heating - once))

    def mass_c(
        self, mass_c: Floats, outdoor_c: Floats, heating_w: Floats, gains_w: Floats, sun_w: Floats | None = None
    ) -> Floats:
        """Mass at the end of the step; without sun by default. [°C]"""
        mass = self.mass_mass * mass_c + self.mass_of_acts(outdoor_c, gains_w, sun_w)
        return np.asarray(mass + self.mass_heating * heating_w)


def response(building: Building, *, heating_air_share: Values = 0.5, step_s: float = 3600.0) -> Response:
    """Compute the response of a building: `step` seen with one thing acting at a time.

    Parameters
    ----------
    building
        The building.
    heating_air_share
        Share of heating that goes to the air. [1]
    step_s
        Length of the step. [s]

    Examples
    --------
    >>> import gridmodel as gm
    >>> sizes = {"floor_area_m2": 70, "internal_surface_m2": 315, "mass_area_m2": 175, "capacity_j_per_k": 11.5e6}
    >>> flat = gm.heat.Building(**sizes, h_window_w_per_k=20, h_opaque_w_per_k=30, h_ventilation_w_per_k=20)
    >>> acts = gm.heat.response(flat)
    >>> (20.0 * acts.air_mass - 20.0 * acts.air_outdoor).round(1).item()  # as `step` from 20 °C at -20 °C
    17.9
    """

    def seen(**acts: float) -> Temperatures:
        nothing = {"mass_c": 0.0, "outdoor_c": 0.0}
        return step(building, **(nothing | acts), heating_air_share=heating_air_share, step_s=step_s)

    alone = [seen(**{name: 1.0}) for name in ("mass_c", "outdoor_c", "heating_w", "internal_w", "solar_w")]
    air, mass = [one.air_c for one in alone], [one.mass_c for one in alone]
    return Response(
        air_mass=air[0], air_outdoor=air[1], air_heating=air[2], air_gains=air[3], air_sun=air[4],
        mass_mass=mass[0], mass_outdoor=mass[1], mass_heating=mass[2], mass_gains=mass[3], mass_sun=mass[4],
    )  # fmt: skip


class BuildingModel(Protocol):
    """A model of buildings: anything that is linear in mass, outdoor air, heating, gains and sun within a step."""

    def __call__(self, building: Building, *, heating_air_share: Values = 0.5, step_s: float = 3600.0) -> Response:
        """Return the response of buildings of one square metre of floor.

        Parameters
        ----------
        building
            Conductances and capacity, arrays of shape ``(kind, 1, 1)`` or ``(kind, member, region)``. [W/K], [J/K]
        heating_air_share
            Share of heating that goes to the air. [1]
        step_s
            Length of the step. [s]
        """


def held(kept: Response, *, outdoor_c: Values, set_point_c: Values, internal_w: Values = 0.0) -> Floats:
    """Compute the mass temperature of a building that has long been held at the set point, from its response. [°C]"""
    still, outdoor, gains = (
        1.0 - kept.mass_mass,
        np.asarray(outdoor_c, dtype=float),
        np.asarray(internal_w, dtype=float),
    )
    free = (kept.mass_outdoor * outdoor + kept.mass_gains * gains) / still
    by_heating = kept.mass_heating / still
    air = kept.air_mass * free + kept.air_outdoor * outdoor + kept.air_gains * gains
    per_watt = kept.air_heating + kept.air_mass * by_heating
    heating = np.maximum((np.asarray(set_point_c, dtype=float) - air) / per_watt, 0.0)
    return np.asarray(free + by_heating * heating)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Air of a building when nothing changes any more, as the straight line that it is: per unit of what acts.

    Every field is an array that broadcasts like the building's.
    """

    outdoor: Floats
    """Of outdoor air. [K/K]"""
    heating: Floats
    """Of heating. [K m²/W]"""
    gains: Floats
    """Of gains of people and appliances; heaters, cookers and sun are left out. [K m²/W]"""

    def air_c(self, heating_w: Floats, outdoor_c: Floats, gains_w: Floats) -> Floats:
        """Air. [°C]"""
        return np.asarray(self.outdoor * outdoor_c + self.heating * heating_w + self.gains * gains_w)


def settled(kept: Response) -> Settled:
    """Compute where a building settles from its response: the mass of a step is that of the step before."""
    mass = kept.air_mass / (1.0 - kept.mass_mass)
    return Settled(
        outdoor=kept.air_outdoor + mass * kept.mass_outdoor,
        heating=kept.air_heating + mass * kept.mass_heating,
        gains=kept.air_gains + mass * kept.mass_gains,
    )
