"""Blocks of flats stepped by the minute, with no line in common with a run."""

import numpy as np


class Blocks:
    """One square metre of blocks of the first region: ISO 13790, solved anew in each minute."""

    def __init__(self, town, outdoor_c):
        _, homes, settings = town
        names = ("internal_surface_m2", "mass_area_m2", "capacity_j_per_k", "h_window_w_per_k", "h_opaque_w_per_k",
                 "h_ventilation_w_per_k")  # fmt: skip
        surface, mass, self.capacity, window, self.opaque, self.draught = (
            float(np.ravel(getattr(homes.building, name))[0]) for name in names
        )
        self.outdoor_c, self.to_air_share = outdoor_c, float(settings["heating_air_share"])
        self.gains_w = float(settings["internal_gain_w_per_m2"])
        self.to_mass, self.mass_part, self.window = 9.1 * mass, mass / surface, window
        self.surface_part = 1 - self.mass_part - window / (9.1 * surface)
        to_air = 3.45 * surface
        self.solved = np.linalg.inv([[self.to_mass + window + to_air, -to_air], [-to_air, self.draught + to_air]])

    def after(self, mass_c, heat_w):
        """Air, and what the mass gains in an hour. [°C], [K/h]"""
        radiant = 0.5 * self.gains_w + (1 - self.to_air_share) * heat_w
        surface_c, air_c = self.solved @ [
            self.to_mass * mass_c + self.window * self.outdoor_c + self.surface_part * radiant,
            self.draught * self.outdoor_c + 0.5 * self.gains_w + self.to_air_share * heat_w,
        ]
        gains_w = self.to_mass * (surface_c - mass_c) + self.opaque * (self.outdoor_c - mass_c)
        return air_c, 3600 * (gains_w + self.mass_part * radiant) / self.capacity

    def need_w(self, mass_c, air_c):
        """Heat that brings the air to a temperature at once. [W/m²]"""
        cold, warm = self.after(mass_c, 0.0)[0], self.after(mass_c, 1.0)[0]
        return max((air_c - cold) / (warm - cold), 0.0)
