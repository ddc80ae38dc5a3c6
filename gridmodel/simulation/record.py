"""What the loop notes, and the dataset it becomes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import Floats, row_sum
from gridmodel.dispatch.merit import gather
from gridmodel.sampling import drawn_settings
from gridmodel.services.backup import BackupStep
from gridmodel.services.heat import HomesStep
from gridmodel.services.people import without_all
from gridmodel.services.power import Added, PowerShares, PowerStep
from gridmodel.services.water import LITRES, WaterStep, below_litres
from gridmodel.simulation.cascade_journal import Journal
from gridmodel.simulation.inputs import RunInputs
from gridmodel.simulation.repair_record import flag_attributes, log_variables
from gridmodel.version import __version__
from gridmodel.vocabulary import (
    ARCHETYPES,
    CAUSES,
    HEAT_STATES,
    MECHANISMS,
    NEEDS_HEAT,
    NEEDS_WATER,
    OWN_HEAT,
    REPAIR_LOG,
    SYSTEMS,
    TECHNOLOGIES,
    TIERS,
    VARIABLES,
)

STORAGE = {
    "overnight": "taken as recharged overnight, outside the balance: an unconfirmed assumption",
    "surplus": "recharged only from generation that nobody else needs, with losses",
}
"""What a result says of how storage refills."""


def _absent(inputs: RunInputs) -> set[str]:
    """Variables of heat, water and a timetable where the run has none."""
    absent: set[str] = set()
    if inputs.homes is None:
        absent |= NEEDS_HEAT
    if inputs.waterworks is None:
        absent |= NEEDS_WATER
    if inputs.homes is None or inputs.waterworks is None:
        absent |= {name for name in VARIABLES if name.startswith("people_without_all")}
    if inputs.timetable_off is None:
        absent.add("timetable_off_share")
    return absent


def causes_of(inputs: RunInputs) -> list[object]:
    """Causes that a result tells, with mechanisms where cascades are followed."""
    return [*CAUSES] if inputs.scenario.cascade == "none" else [*CAUSES, *MECHANISMS]


class Record:
    """Arrays that the loop fills, and the dataset they become."""

    def __init__(self, inputs: RunInputs, keep: Collection[str] | None = None) -> None:
        """Make room for some variables, or for all; the others hold one step, so that they cost no memory."""
        self.inputs, self.journal = inputs, Journal.of(inputs)
        drawn = drawn_settings(inputs.scenario)
        self.coords: dict[str, Sequence[object] | npt.NDArray[np.generic]] = {
            "member": np.array(inputs.members),
            "time": inputs.times.astype("datetime64[ns]"),
            "region": list(inputs.network.regions),
            "tier": list(TIERS),
            "cause": causes_of(inputs),
            "technology": list(TECHNOLOGIES),
            "archetype": [*ARCHETYPES, *OWN_HEAT],
            "heat_state": list(HEAT_STATES),
            "system": list(SYSTEMS),
            "setting": drawn,
        }
        self.dims = {name: variable.dims for name, variable in VARIABLES.items()}
        if inputs.outdoor_c.ndim > 2:
            self.dims["outdoor_temperature"] = ("member", "time", "region")
        step = np.timedelta64(int(inputs.scenario.step_length.total_seconds()), "s")
        self.log = log_variables(inputs.timeline.repairs, inputs.times, step=step)
        self.coords["job"] = np.arange(len(self.log.get("repair_begin", ())))
        absent = _absent(inputs) | (set(REPAIR_LOG) - set(self.log))
        self.kept = [name for name in VARIABLES if name not in absent and (keep is None or name in keep)]
        self.arrays = {name: self._room(name) for name in VARIABLES if name not in {*absent, *self.log}}
        self.population: Floats = inputs.network.tables["regions"]["population"].to_numpy(dtype=float)
        self.vulnerable: Floats = inputs.network.tables["regions"]["vulnerable_share"].to_numpy(dtype=float)
        self.arrays["population"][:] = self.population
        outdoor = inputs.outdoor_c if inputs.outdoor_c.ndim < 3 else inputs.outdoor_c.swapaxes(0, 1)
        self.arrays["outdoor_temperature"][:] = outdoor
        self.arrays["system_need_mw"][:] = inputs.backup.need_mw
        self.arrays["drawn_value"][:] = np.column_stack([inputs.settings.of(name, 0) for name in drawn])
        if inputs.timetable_off is not None:
            self.arrays["timetable_off_share"][:] = inputs.timetable_off[: len(inputs.times)]
        if inputs.homes is not None:
            self.arrays["archetype_share"][:] = inputs.homes.home_weight[:, 0].T
            self.arrays["indoor_temperature"][:] = np.nan
        index = inputs.index
        own = index.technology >= 0
        self._own = np.flatnonzero(own)
        self._cell = index.generator_region[own] * len(TECHNOLOGIES) + index.technology[own]
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

    def power(self, now: int, power: PowerStep, extra: Added) -> None:
        """Note demand, what was served, why not, what ran, and what energy is left."""
        keep, regions = self.arrays, len(self.population)
        members = len(power.need_mw)
        shape = (members, regions, len(TIERS))
        need, served = power.need_mw.reshape(shape), power.served_mw.reshape(shape)
        keep["demand_mw"][:, now], keep["served_mw"][:, now] = need, served
        keep["shed_mw"][:, now] = need - served
        keep["shed_cause_mw"][:, now] = row_sum(np.moveaxis(power.cause_mw.reshape(*shape, -1), 2, -1))
        output = gather(np.take(power.generation_mw, self._own, axis=1), self._cell, regions * len(TECHNOLOGIES))
        keep["generation_mw"][:, now] = output.reshape(members, regions, len(TECHNOLOGIES))
        keep["import_mw"][:, now] = row_sum(np.take(power.generation_mw, self._borders, axis=1))
        limited = self.inputs.index.technology[self.inputs.plant.limited]
        left, placed = power.state.stock.left_mwh, self.inputs.aid.battery_there[now]
        if len(placed):  # the last of limited plant; what has not come yet is no energy of the country
            left = np.concatenate([left[:, : -len(placed)], left[:, -len(placed) :] * placed], axis=1)
        keep["storage_mwh"][:, now] = gather(left, limited, len(TECHNOLOGIES))
        keep["pickup_mw"][:, now], keep["feeder_tripped_share"][:, now] = extra.pickup_mw, extra.tripped
        if "heater_mw" in keep:
            keep["heater_mw"][:, now] = extra.heater_mw
        keep["charging_mw"][:, now] = gather(power.charging_mw, limited, len(TECHNOLOGIES))
        if self.journal and power.cascade:
            self.journal.note(now, power.cascade)

    def backup(self, now: int, power: PowerShares, backup: BackupStep) -> None:
        """Note what the grid supplies of plant, what generators of its own do, and how long their fuel lasts."""
        keep = self.arrays
        keep["service_power_share"][:, now] = power.plant
        keep["backup_share"][:, now], keep["dark_share"][:, now] = backup.share, backup.dark
        keep["backup_fuel_h"][:, now] = backup.fuel_h

    def heat(self, now: int, heat: HomesStep) -> None:
        """Note heat, states of homes, and who is cold."""
        keep = self.arrays
        keep["heat_demand_mw_th"][:, now], keep["heat_supplied_mw_th"][:, now] = heat.need_mw, heat.supplied_mw
        keep["heat_network_supply_c"][:, now] = heat.supply_c
        keep["deadline_to_drain"][:, now] = heat.deadline_h
        for state in heat.state.held:  # no homes are in the others
            keep["home_share"][:, now, :, state] = heat.state.share[state]
        heat.put_air(keep["indoor_temperature"][:, now])
        keep["degree_hours_below_18c"][:, now] = heat.degree_hours
        names = ("people_below_18c", "people_below_16c", "people_without_heat", "people_below_10c")
        for name, people in zip(names, self.population * np.clip(heat.cold_share, 0.0, 1.0), strict=True):
            keep[name][:, now] = people
        keep["vulnerable_without_heat"][:, now] = self.vulnerable * keep["people_without_heat"][:, now]

    def water(self, now: int, water: WaterStep) -> None:
        """Note water, who has none, and whose sewage backs up."""
        keep, works = self.arrays, self.inputs.waterworks
        assert works is not None  # noqa: S101 - only called with waterworks
        keep["water_stored_m3"][:, now], keep["water_served_share"][:, now] = water.stored_m3, water.served_share
        keep["litres_per_person_day"][:, now] = water.litres
        keep["people_without_water"][:, now] = self.population * (1.0 - water.served_share)
        keep["people_with_sewage_backup"][:, now] = self.population * np.clip(water.sewage_share, 0.0, 1.0)
        for amount in LITRES:
            below = below_litres(water.served_share, works.litres, amount)
            keep[f"people_below_{amount:.0f}l"][:, now] = self.population * below

    def people(self, now: int, power: PowerShares, water: WaterStep | None) -> None:
        """Note how many are without power, and without all services."""
        keep = self.arrays
        no_power = np.clip(1.0 - power.homes, 0.0, 1.0)
        keep["people_without_power"][:, now] = self.population * no_power
        if "people_without_all" not in keep or self.inputs.waterworks is None or water is None:
            return
        crowd = np.maximum(self.population, 1.0)
        both = without_all(
            no_power=no_power, no_heat=keep["people_without_heat"][:, now] / crowd,
            no_water=keep["people_without_water"][:, now] / crowd, dry_street=1.0 - water.mains_share,
            high_floor_share=self.inputs.waterworks.high_floor_share,
        )  # fmt: skip
        keep["people_without_all"][:, now] = self.population * both.estimate
        keep["people_without_all_low"][:, now] = self.population * both.low
        keep["people_without_all_high"][:, now] = self.population * both.high

    def dataset(self) -> xr.Dataset:
        """Return the labelled result."""
        inputs = self.inputs
        used = {dim for name in self.kept for dim in self.dims[name]} | {"member", "time", "region"}
        coords = {
            name: (name, values if name in {"member", "time"} else np.array(values, dtype=object))
            for name, values in self.coords.items()
            if name in used
        }
        regions = inputs.network.tables["regions"]
        data = xr.Dataset(
            {name: (self.dims[name], self.log[name] if name in self.log else self.arrays[name]) for name in self.kept},
            coords={
                **coords,
                "local_time": ("time", inputs.scenario.local(inputs.times).astype("datetime64[ns]")),
                "region_name": ("region", regions["name_en"].to_numpy(dtype=object)),
                **{
                    f"region_{column}": ("region", regions[column].to_numpy(dtype=object))
                    for column in map(str, regions)
                    if column.startswith("name_") and column != "name_en"
                },
                "centre_lat": ("region", regions["centre_lat"].to_numpy(dtype=float)),
                "centre_lon": ("region", regions["centre_lon"].to_numpy(dtype=float)),
            },
        )
        for name in self.kept:
            variable = VARIABLES[name]
            data[name].attrs = {"units": variable.units, "long_name": variable.long_name}
            if data[name].dtype.kind == "M":  # a file writes its own unit of a time
                del data[name].attrs["units"]
            if variable.cell_methods:
                data[name].attrs["cell_methods"] = variable.cell_methods
            data[name].attrs |= flag_attributes(name, data[name].dtype, inputs.network.regions)
        data["time"].attrs = {"long_name": "Start of the step, UTC", "standard_name": "time"}
        data["local_time"].attrs = {"long_name": f"Start of the step, clock time in {inputs.scenario.local_timezone}"}
        data.attrs = self._attributes()
        return data if self.journal is None else data.merge(self.journal.dataset(), combine_attrs="override")

    def _attributes(self) -> dict[str, object]:
        inputs = self.inputs
        scenario = inputs.scenario
        return {
            "title": scenario.name,
            "Conventions": "CF-1.11",
            "source": f"gridmodel {__version__}",
            "network": scenario.network,
            "weather": scenario.weather,
            "start": f"{scenario.start:%Y-%m-%d %H:%M}",
            "end": f"{scenario.end:%Y-%m-%d %H:%M}",
            "timezone": scenario.local_timezone,
            "step_h": scenario.step_h,
            "seed": np.int64(scenario.seed),
            "deterministic": np.int8(scenario.deterministic),
            "storage": STORAGE[scenario.recharge],
            "sampling": scenario.sampling,
            "scenario": scenario.model_dump_json(),
        }
