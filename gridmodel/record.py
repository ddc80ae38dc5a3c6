"""What the loop notes, and the dataset it becomes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.draws import drawn_settings
from gridmodel.electricity import PowerShares, PowerStep
from gridmodel.names import ARCHETYPES, CAUSES, HEAT_STATES, OWN_HEAT, TECHNOLOGIES, TIERS, VARIABLES
from gridmodel.people import without_all
from gridmodel.prepare import Plan
from gridmodel.supply.merit import gather, row_sum
from gridmodel.version import __version__

Floats = npt.NDArray[np.float64]


STORAGE = {
    "overnight": "taken as recharged overnight, outside the balance: an unconfirmed assumption",
    "surplus": "recharged only from generation that nobody else needs, with losses",
}
"""What a result says of how storage refills."""


class Record:
    """Arrays that the loop fills, and the dataset they become."""

    def __init__(self, plan: Plan, keep: Collection[str] | None = None) -> None:
        """Make room for some variables, or for all; the others hold one step, so that they cost no memory."""
        self.plan = plan
        settings = drawn_settings(plan.scenario)
        self.coords: dict[str, Sequence[object] | npt.NDArray[np.generic]] = {
            "member": np.array(plan.members),
            "time": plan.times.astype("datetime64[ns]"),
            "region": list(plan.network.regions),
            "tier": list(TIERS),
            "cause": list(CAUSES),
            "technology": list(TECHNOLOGIES),
            "archetype": [*ARCHETYPES, *OWN_HEAT],
            "heat_state": list(HEAT_STATES),
            "setting": settings,
        }
        self.dims = {name: variable.dims for name, variable in VARIABLES.items()}
        if plan.outdoor_c.ndim > 2:
            self.dims["outdoor_temperature"] = ("member", "time", "region")
        absent = set()
        if plan.homes is None:
            absent |= {n for n in VARIABLES if n.startswith(("heat_", "home_", "indoor_", "people_below", "degree_"))}
            absent |= {"people_without_heat", "archetype_share"}
        if plan.waterworks is None:
            absent |= {name for name in VARIABLES if "water" in name}
        if plan.homes is None or plan.waterworks is None:
            absent |= {name for name in VARIABLES if name.startswith("people_without_all")}
        self.kept = [name for name in VARIABLES if name not in absent and (keep is None or name in keep)]
        self.arrays = {name: self._room(name) for name in VARIABLES if name not in absent}
        self.population: Floats = plan.network.tables["regions"]["population"].to_numpy(dtype=float)
        self.dry_street: Floats = np.zeros((len(plan.members), len(self.population)))
        self.arrays["population"][:] = self.population
        outdoor = plan.outdoor_c if plan.outdoor_c.ndim < 3 else plan.outdoor_c.swapaxes(0, 1)
        self.arrays["outdoor_temperature"][:] = outdoor
        self.arrays["drawn_value"][:] = np.column_stack([plan.numbers.of(name, 0) for name in settings])
        if plan.homes is not None:
            self.arrays["archetype_share"][:] = plan.homes.home_weight
        labels = plan.labels
        own = labels.technology >= 0
        self._own = np.flatnonzero(own)
        self._cell = labels.generator_region[own] * len(TECHNOLOGIES) + labels.technology[own]
        self._borders = np.flatnonzero(~own)

    def _room(self, name: str) -> Floats:
        """Zeros for a variable; all steps of one that is not kept share the memory of one."""
        shape = [len(self.coords[dim]) for dim in self.dims[name]]
        kind = np.float32 if name == "indoor_temperature" else np.float64
        if name in self.kept or "time" not in self.dims[name]:
            return np.zeros(shape, dtype=kind)
        axis = self.dims[name].index("time")
        one = np.zeros([1 if place == axis else size for place, size in enumerate(shape)], dtype=kind)
        strides = [0 if place == axis else step for place, step in enumerate(one.strides)]
        return np.lib.stride_tricks.as_strided(one, shape=shape, strides=strides)

    def power(self, now: int, power: PowerStep) -> None:
        """Note demand, what was served, why not, what ran, and what energy is left."""
        keep, regions = self.arrays, len(self.population)
        members = len(power.need_mw)
        shape = (members, regions, len(TIERS))
        need, served = power.need_mw.reshape(shape), power.served_mw.reshape(shape)
        keep["demand_mw"][:, now], keep["served_mw"][:, now] = need, served
        keep["shed_mw"][:, now] = need - served
        keep["shed_cause_mw"][:, now] = power.cause_mw.reshape(*shape, len(CAUSES)).sum(axis=2)
        output = gather(np.take(power.generation_mw, self._own, axis=1), self._cell, regions * len(TECHNOLOGIES))
        keep["generation_mw"][:, now] = output.reshape(members, regions, len(TECHNOLOGIES))
        keep["import_mw"][:, now] = row_sum(np.take(power.generation_mw, self._borders, axis=1))
        limited = self.plan.labels.technology[self.plan.plant.limited]
        keep["storage_mwh"][:, now] = gather(power.state.stock.left_mwh, limited, len(TECHNOLOGIES))
        keep["charging_mw"][:, now] = gather(power.charging_mw, limited, len(TECHNOLOGIES))

    def people(self, now: int, power: PowerShares) -> None:
        """Note how many are without power, and without all services."""
        keep = self.arrays
        keep["service_power_share"][:, now] = power.plant
        no_power = np.clip(1.0 - power.homes, 0.0, 1.0)
        keep["people_without_power"][:, now] = self.population * no_power
        if "people_without_all" not in keep or self.plan.waterworks is None:
            return
        crowd = np.maximum(self.population, 1.0)
        both = without_all(
            no_power=no_power, no_heat=keep["people_without_heat"][:, now] / crowd,
            no_water=keep["people_without_water"][:, now] / crowd, dry_street=self.dry_street,
            high_floor_share=self.plan.waterworks.high_floor_share,
        )  # fmt: skip
        keep["people_without_all"][:, now] = self.population * both.estimate
        keep["people_without_all_low"][:, now] = self.population * both.low
        keep["people_without_all_high"][:, now] = self.population * both.high

    def dataset(self) -> xr.Dataset:
        """Return the labelled result."""
        plan = self.plan
        used = {dim for name in self.kept for dim in self.dims[name]} | {"member", "time", "region"}
        coords = {
            name: (name, values if name in {"member", "time"} else np.array(values, dtype=object))
            for name, values in self.coords.items()
            if name in used
        }
        regions = plan.network.tables["regions"]
        data = xr.Dataset(
            {name: (self.dims[name], self.arrays[name]) for name in self.kept},
            coords={
                **coords,
                "local_time": ("time", plan.scenario.local(plan.times).astype("datetime64[ns]")),
                "region_name": ("region", regions["name_en"].to_numpy(dtype=object)),
                "region_name_uk": ("region", regions["name_uk"].to_numpy(dtype=object)),
                "centre_lat": ("region", regions["centre_lat"].to_numpy(dtype=float)),
                "centre_lon": ("region", regions["centre_lon"].to_numpy(dtype=float)),
            },
        )
        for name in self.kept:
            variable = VARIABLES[name]
            data[name].attrs = {"units": variable.units, "long_name": variable.long_name}
            if variable.cell_methods:
                data[name].attrs["cell_methods"] = variable.cell_methods
        data["time"].attrs = {"long_name": "Start of the step, UTC", "standard_name": "time"}
        data["local_time"].attrs = {"long_name": f"Start of the step, clock time in {plan.scenario.timezone}"}
        data.attrs = self._attributes()
        return data

    def _attributes(self) -> dict[str, object]:
        plan = self.plan
        scenario = plan.scenario
        return {
            "title": scenario.name,
            "Conventions": "CF-1.11",
            "source": f"gridmodel {__version__}",
            "network": scenario.network,
            "weather": scenario.weather,
            "start": f"{scenario.start:%Y-%m-%d %H:%M}",
            "end": f"{scenario.end:%Y-%m-%d %H:%M}",
            "timezone": scenario.timezone,
            "step_h": scenario.step_h,
            "seed": np.int64(scenario.seed),
            "deterministic": np.int8(scenario.deterministic),
            "storage": STORAGE[scenario.recharge],
            "sampling": scenario.sampling,
        }
