# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Own inputs, from objects to a report
#
# A network, temperatures and events that live in Python become a scenario; it runs, gets a metric of its own, and is saved
# with a report. Files are written to `own-inputs/` in the working folder.

# %%
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import gridmodel as gm

OUT = Path("own-inputs")

# %% [markdown]
# ## Network: a pandapower net
# Any plot or power flow of pandapower works on it. Here a line loses a tenth of its limit.

# %%
net = gm.load_network("three-region")
net.line["max_loading_percent"] *= 0.9
net

# %% [markdown]
# ## Weather: a DataArray
# Temperatures by hour and region in UTC, from four days before the start of the run to its end; here a cold night is added.

# %%
weather = gm.load_weather("three-region")
night = weather["time"].dt.hour.isin([20, 21, 22, 23, 0, 1, 2, 3])
weather = weather.where(~night, weather - 6.0).assign_attrs(units="degC")

# %% [markdown]
# ## Events: a DataFrame

# %%
events = pd.DataFrame(
    [
        {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.3, "duration_h": 12},
        {
            "time": "2026-01-05 04:00",
            "target": "TR-2/heat_source",
            "kind": "strike",
            "hits_before_interception": 4,
            "interception": 0.5,
        },
    ]
)

# %% [markdown]
# ## Scenario
# What is wrong is said at once, with what to do. Printing it shows what differs from the defaults.

# %%
scenario = gm.Scenario(
    name="Own inputs",
    network=net,
    weather=weather,
    events=events,
    timezone="UTC",
    start="2026-01-05 00:00",
    end="2026-01-06 00:00",
    members=5,
    set_point_c={"uniform": [18.0, 21.0]},
)
scenario

# %% [markdown]
# ## Run

# %%
result = gm.run(scenario)
gm.summarise(result).round(3)

# %% [markdown]
# ## A metric of one's own
# The longest time for which more than a tenth of a region's homes is off, by member and region.


# %%
def longest_deep_cut_h(result: xr.Dataset) -> xr.DataArray:
    """Longest time without a break with more than a tenth of homes off, (member, region). [h]"""
    home = result.sel(tier="household")
    deep = home["shed_mw"] > 0.1 * home["demand_mw"]
    count = deep.cumsum("time")
    before = xr.apply_ufunc(np.maximum.accumulate, count.where(~deep, 0), kwargs={"axis": deep.get_axis_num("time")})
    longest: xr.DataArray = (count - before).max("time") * float(result.attrs["step_h"])
    return longest.assign_attrs(units="h", long_name="Longest time with a tenth of homes off")


longest = longest_deep_cut_h(result)
longest.mean("member").to_pandas()

# %% [markdown]
# ## Saved run and report

# %%
path = scenario.save(OUT / "scenario.yaml", overwrite=True)
run = gm.save_run(result.assign(longest_deep_cut=longest), OUT / "run", overwrite=True)
opened = gm.open_run(run)
gm.report.write(opened, OUT / "report.html")
print(f"Scenario {path}, run {run}, made {opened.attrs['date_created']}")
