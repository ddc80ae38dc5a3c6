# %% [markdown]
# # From a sweep to a tornado plot
#
# Which of the things that nobody knows moves a cold day most, and how bad can it get? Three made-up regions, so that it takes seconds; put a scenario of your own in.

# What is not known has a distribution in place of a number:

# %%
import matplotlib.pyplot as plt

import gridmodel as gm

scenario = gm.load_scenario("three-region").replace(
    name="A cold day",
    deterministic=False,
    members=128,
    sampling="sobol",
    import_limit_mw={"triangular": [50, 120, 200]},
    availability={"thermal_coal": {"uniform": [0.8, 1.0]}},
    temperature_slope_factor={"uniform": [0.9, 1.1]},
)

# %% [markdown]
# One store, which can be resumed and gives the same bytes for any number of workers:

# %%
sweep = gm.sweep(scenario, {"demand_factor": [1.0, 1.1]}, store="cold-day.zarr")
sweep["energy_not_served"].mean("member").to_series().round()

# %% [markdown]
# A tenth more demand is one dimension of the store. What members draw is `drawn_value`, and `gm.sensitivity` ranks it by its share of the variance.

# %%
result = gm.run(scenario)
table = gm.sensitivity(result)
table[["first_order", "first_order_error"]].round(2)

# %%

shown = table["first_order"].head(6).iloc[::-1]
figure, axis = plt.subplots(figsize=(6, 2.5))
axis.barh([str(name) for name in shown.index], shown)
axis.set_xlabel("share of the variance of energy not served")
figure.tight_layout()

# %% [markdown]
# How bad can it get? The curve is the share of members that reach a value:

# %%
energy = gm.metrics.ens_mwh(result)
curve = gm.statistics.exceedance(energy)
figure, axis = plt.subplots(figsize=(6, 2.5))
axis.step(curve.index, curve, where="post")
axis.set_xlabel("energy not served, MWh")
axis.set_ylabel("share of members")
figure.tight_layout()

# %%
print(f"mean of the worst twentieth: {gm.statistics.cvar(energy):,.0f} MWh")
