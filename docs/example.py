"""From a scenario to a tornado plot and an exceedance curve.

Which of the things that we do not know moves a cold day most, and how bad can it get? ``python docs/example.py`` writes
two pictures and prints what they show. It takes the three made-up regions, so that it runs in seconds; put your own
scenario in.
"""

# %% The scenario: what is not known has a distribution in place of a number
import sys
from pathlib import Path

import gridmodel as gm

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "example")
folder.mkdir(exist_ok=True)

scenario = gm.load_scenario("three-region").replace(
    name="A cold day after a strike",
    end="2026-01-05 12:00",
    deterministic=False,
    members=256,
    sampling="sobol",
    import_limit_mw={"triangular": [50, 120, 200]},
    availability={"thermal_coal": {"uniform": [0.8, 1.0]}},
    interception={"uniform": [0.6, 0.9]},
    forced_outages={"thermal_coal": {"mttf_h": 500, "mttr_h": 40}},
    events=[
        {"time": "2026-01-05 02:00", "target": "TR/thermal_coal", "kind": "strike",
         "hits_before_interception": 6, "interception": 0.8},
        {"time": "2026-01-05 06:00", "target": "TR/heat_source", "kind": "outage", "share": 0.3, "duration_h": 4},
    ],
)  # fmt: skip

# %% How bad can it get? Every member is one draw; the curve is the share of members that reach a value
result = gm.run(scenario)
energy = gm.metrics.ens_mwh(result)
curve = gm.statistics.exceedance(energy)
known = gm.metrics.estimate(energy)
print(f"energy not served: {known.mean:,.0f} ± {known.standard_error:,.0f} MWh")
print(f"mean of the worst twentieth: {gm.statistics.cvar(energy):,.0f} MWh")

# %% What moves it most? Rows of a Saltelli design: settings and 3 members a row
settings = result.sizes["setting"]
design = gm.run(scenario.replace(sampling="saltelli", members=64 * (settings + 3)))
shares = gm.sensitivity(design, "energy_not_served")
print(shares.round(2).to_string())

# %% What would help, on common random numbers: the same members with and without more imports
without, more = (gm.metrics.ens_mwh(gm.run(scenario.replace(import_limit_mw=limit))) for limit in (100, 150))
saved = gm.statistics.paired_difference(without, more)
print(f"50 MW more of imports: {saved.mean:,.0f} ± {saved.standard_error:,.0f} MWh")

# %% The same in a store, which is how ten thousand winters fit: a setting a dimension, lazily opened
store = folder / "sweep.zarr"
grid = gm.sweep(
    scenario.replace(members=32), {"import_limit_mw": [100, 150]}, store=store, keep=["shed_mw"], resume=store.exists()
)
print(grid["energy_not_served"].mean("member").to_series().round(0).to_dict())
middle = gm.statistics.member_quantiles(grid, ["shed_mw"], [0.05, 0.5, 0.95])
print(dict(middle["shed_mw"].sizes))

# %% A tornado plot and the curve, as plain vector pictures: any plotting library does as well
import matplotlib as mpl  # noqa: E402

mpl.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
ordered = shares.iloc[::-1]
axes.barh(
    ordered.index, ordered["total_order"], xerr=ordered["total_order_error"], color="#9ecae1", label="total order"
)
axes.barh(ordered.index, ordered["first_order"], height=0.4, color="#3182bd", label="first order")
axes.set_xlabel("share of the variance of energy not served")
axes.legend(frameon=False)
figure.savefig(folder / "tornado.svg")

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.step(curve.index, curve, where="post")
axes.set_xlabel("energy not served, MWh")
axes.set_ylabel("share of members that reach it")
axes.set_ylim(0, 1)
figure.savefig(folder / "exceedance.svg")
plt.close("all")
