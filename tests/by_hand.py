"""Numbers of a sheet worked out member by member from `result.nc`, without any function of the package."""

import math

import numpy as np
import pandas as pd
import xarray as xr

LITRES, BRIDGED_STEPS, SENT = 15.0, 13, {"warm_places": 50.0, "drain_people": 50.0, "fuel_m3": 1.0,
                                         "water_m3_per_day": 1.0}  # fmt: skip
"""Steps of an hour in which somebody must be dry to have been so for twelve hours and count in the thirteenth."""


def quantile(values, share):
    """The quantile between the two nearest of a sorted list."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def sent(amount, unit):
    """An amount rounded up to two digits and whole units; nothing below a tenth of a unit."""
    if amount < unit / 10:
        return 0.0
    step = max(10.0 ** (math.floor(math.log10(max(amount, unit))) - 1), unit)
    return math.ceil(amount / step - 1e-6) * step


def of_region(path, region):
    """Typical and bad case of hours off a day, people at the worst hour, chance of draining, and needs of a region."""
    with xr.open_dataset(path) as data:
        one = data.sel(region=region).load()
    members, steps, people = one.sizes["member"], one.sizes["time"], float(one["population"])
    frames = {
        name: pd.DataFrame(one[name].transpose("time", "member").to_numpy().astype(float))
        for name in ("people_without_power", "people_without_heat", "people_without_water", "people_dry_street",
                     "people_dry_risers", "people_dry_high_floors", "people_off_by_damage", "deadline_to_drain")
    }  # fmt: skip
    hours = [frames["people_without_power"][member].mean() * 24 / people for member in range(members)]
    found = {"off_day_h": hours}
    for name in ("people_without_heat", "people_without_water"):
        found[name] = [frames[name][member].max() for member in range(members)]
    must = [bool(frames["deadline_to_drain"][member].notna().any()) for member in range(members)]
    rows = {"warm_places": found["people_without_heat"], "water_m3_per_day": [], "fuel_m3": [], "drain_people": [],
            "power_mw": []}  # fmt: skip
    heating = [str(kind) for kind in one["archetype"].to_numpy()]
    own = one["indoor_temperature"].notnull().sum("heat_state").max(("member", "time")).to_series()  # noqa: PD004 - xarray
    for member in range(members):
        part = one.isel(member=member)
        rows["power_mw"].append(float(part["shed_mw"].sum("tier").max()))
        burnt = (part["backup_share"] * part["system_need_mw"]).sum()
        rows["fuel_m3"].append(float(burnt) / 3.5)
        rows["water_m3_per_day"].append(_water({name: frame[member] for name, frame in frames.items()}, steps))
        district = sum(float(part["archetype_share"].sel(archetype=kind)) for kind in heating if own[kind] > 1)
        share, most = part["home_share"], 0.0
        for step in range(steps):
            still = (
                0.0
                if np.isnan(frames["deadline_to_drain"][member][step])
                else float(share[step].sel(heat_state="no_circulation"))
            )
            emptied = sum(float(share[step].sel(heat_state=state)) for state in ("drained", "frozen"))
            most = max(most, (still + emptied) * district * people)
        rows["drain_people"].append(most)
    needs = {name: tuple(sent(quantile(values, part), SENT.get(name, 0.1)) for part in (0.5, 0.95))
             for name, values in rows.items()}  # fmt: skip
    return {
        **{name: (quantile(values, 0.5), quantile(values, 0.95)) for name, values in found.items()},
        "drain_share": sum(must) / members, "needs": needs,
    }  # fmt: skip


def _water(one, steps):
    """Cubic metres of water of the worst day: for those dry for more than twelve hours, people by people."""
    same = []
    for step in range(steps):
        off = one["people_without_power"][step]
        broken = min(one["people_off_by_damage"][step] / off, 1.0) if off > 0 else 0.0
        same.append(one["people_dry_street"][step] + one["people_dry_risers"][step]
                    + one["people_dry_high_floors"][step] * broken)  # fmt: skip
    stay = [min(same[step - BRIDGED_STEPS + 1 : step + 1]) if step >= BRIDGED_STEPS - 1 else 0.0
            for step in range(steps)]  # fmt: skip
    days = [sum(stay[max(step - 23, 0) : step + 1]) / 24 for step in range(steps)]
    return max(days) * LITRES / 1000


def added(with_, without):
    """Share of the missing electricity that is there without waves, and person-hours in cold homes as a multiple."""
    sums = []
    for path in (without, with_):
        with xr.open_dataset(path) as data:
            missing = data["shed_mw"].sum(("time", "region", "tier")).to_numpy()
            cold = data["people_without_heat"].sum(("time", "region")).to_numpy()
            sums.append((missing.mean(), cold.mean()))
    return sums[0][0] / sums[1][0], sums[1][1] / sums[0][1]
