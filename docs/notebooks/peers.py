# %% [markdown]
# # Beside pandapower, PyPSA and WNTR
#
# Three tasks, each given to every program that can do it: what one types, what it answers, and how long it takes. Each runs in a fresh process of its own;
# PyPSA and WNTR have a Python of their own, since they pin other packages. The network and the numbers go in as JSON, and the answer comes back as JSON.
#
# In short: pandapower, PyPSA and WNTR each know far more of their own subject than gridmodel does, and each is the better tool for it. gridmodel asks one question,
# who is served when parts are gone, over all of electricity, heat and water, thousands of times, so that this question is short to put and quick to answer.

# %%
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandapower as pp
import pandapower.networks as nw
import pandas as pd

import gridmodel as gm

PYTHON = {"gridmodel": sys.executable, "pandapower": sys.executable}
PYTHON |= dict.fromkeys(("PyPSA", "WNTR"), os.environ["GRIDMODEL_PEERS"])
FOLDER = Path(tempfile.mkdtemp())
AROUND = """
import json, sys, warnings, logging
warnings.simplefilter("ignore"); logging.disable(logging.CRITICAL)
asked = json.load(sys.stdin)
known, out, sys.stdout = {"data": asked["data"]}, sys.stdout, sys.stderr
exec(asked["code"], known)
out.write("\\n" + json.dumps(known["answer"]))
"""


def ask(program, code, data):
    """Run code in the Python of a program; what it calls `answer` comes back, with lines typed and seconds of the process."""
    begun = time.perf_counter()
    got = subprocess.run(
        [PYTHON[program], "-c", AROUND],
        input=json.dumps({"code": code, "data": data}),
        capture_output=True,
        text=True,
        check=False,
        cwd=FOLDER,
        env=os.environ | {"MPLBACKEND": "agg"},
    )
    seconds = time.perf_counter() - begun
    if got.returncode:
        raise RuntimeError(got.stderr)
    answer = json.loads(got.stdout.splitlines()[-1])
    return {"answer": answer, "lines": len(code.strip().splitlines()), "seconds": seconds}


def table(answers, **names):
    """Set answers side by side."""
    rows = {
        program: {words: str(got["answer"].get(key)) for key, words in names.items()}
        | {"lines typed": str(got["lines"]), "seconds": f"{got['seconds']:.1f}"}
        for program, got in answers.items()
    }
    return pd.DataFrame(rows).T


# %% [markdown]
# ## 1. Ten lines of case118 are lost
#
# The grid falls into islands. Who is served? One small island has its own plant, but too little; others have enough, or none at all. Only the large one has the
# external grid.

# %%
pp.to_json(nw.case118(), str(FOLDER / "case118.json"))
gm.convert_network(FOLDER / "case118.json", FOLDER / "case118.nc")
data = {"pandapower": str(FOLDER / "case118.json"), "pypsa": str(FOLDER / "case118.nc")}
data["lost"] = [3, 11, 12, 31, 36, 104, 107, 111, 115, 164]

broken = {}
broken["gridmodel"] = ask(
    "gridmodel",
    """
import gridmodel as gm
net = gm.load_network(data["pandapower"])
net.line.loc[data["lost"], "in_service"] = False
got = gm.dispatch(net)
causes = got["shed_cause_mw"].sum(("snapshot", "load")).to_series()
answer = {"served": float(got["served_mw"].sum()), "why": ", ".join(f"{name} {mw:.0f}" for name, mw in causes.items() if mw)}
""",
    data,
)
broken["pandapower"] = ask(
    "pandapower",
    """
import pandapower as pp
net = pp.from_json(data["pandapower"])
net.line.loc[data["lost"], "in_service"] = False
pp.rundcpp(net)
dead = net.res_bus.va_degree[net.load.bus].isna().to_numpy()
answer = {"served": float(net.load.p_mw[~dead].sum()), "why": "not said"}
""",
    data,
)
broken["PyPSA"] = ask(
    "PyPSA",
    """
import pypsa
net = pypsa.Network(data["pypsa"])
net.remove("Line", [f"line {number}" for number in data["lost"]])
loads = net.loads
shed = [f"shed {name}" for name in loads.index]
net.add("Generator", shed, bus=loads.bus.to_numpy(), p_nom=loads.p_set.to_numpy(), marginal_cost=1e4)
net.generators["p_set"] = float("nan")
net.optimize(solver_name="highs", solver_options={"output_flag": False}, log_to_console=False)
answer = {"served": float(loads.p_set.sum() - net.generators_t.p[shed].sum().sum()), "why": "an expensive generator at each load"}
""",
    data,
)
table(broken, served="served, MW", why="why not")

# %% [markdown]
# pandapower's power flow serves what hangs on the external grid and leaves the rest out without a word; that is what a power flow is for, and one would give each island
# a source of its own by hand. PyPSA's optimum is the same to the megawatt once each load has a generator that stands for shedding; who is cut within an island is left to
# the solver. gridmodel shares the cut among equal loads and says why each megawatt is missing.
#
# Seconds are those of the whole process, most of them spent on loading packages: for a single state nobody needs gridmodel for its speed. It is built for many thousands
# of states ([benchmarks](../../benchmarks.md)).
#
# Where they are better: pandapower has the AC power flow, short circuits, protection, state estimation and tap changers, PyPSA plans what to build. `gm.dispatch` is a DC
# model with linear costs.

# %% [markdown]
# ## 2. A day with an import limit
#
# case39 through 24 hours, its external grid an import of at most 200 MW. In which hours is how much short?

# %%
day = nw.case39()
day.ext_grid["max_p_mw"] = 200.0
pp.to_json(day, str(FOLDER / "day.json"))
gm.convert_network(FOLDER / "day.json", FOLDER / "day.nc")
shape = [
    0.74,
    0.71,
    0.69,
    0.68,
    0.7,
    0.76,
    0.88,
    1.0,
    1.08,
    1.1,
    1.09,
    1.07,
    1.05,
    1.04,
    1.04,
    1.06,
    1.12,
    1.18,
    1.2,
    1.17,
]
shape += [1.1, 1.0, 0.9, 0.8]
data = {"pandapower": str(FOLDER / "day.json"), "pypsa": str(FOLDER / "day.nc"), "shape": shape}

hours = {}
hours["gridmodel"] = ask(
    "gridmodel",
    """
import gridmodel as gm
import numpy as np
import xarray as xr
net = gm.load_network(data["pandapower"])
need = xr.DataArray(np.outer(data["shape"], net.load.p_mw), dims=("snapshot", "load"))
need = need.assign_coords(snapshot=range(24), load=net.load.index)
short = (need - gm.dispatch(net, need)["served_mw"]).sum("load").to_numpy()
answer = {"hours": int((short > 0.1).sum()), "mwh": round(float(short.sum()), 1), "course": short.tolist()}
""",
    data,
)
hours["pandapower"] = ask(
    "pandapower",
    """
import pandapower as pp
net = pp.from_json(data["pandapower"])
need = net.load.p_mw.copy()
net.poly_cost.drop(net.poly_cost.index, inplace=True)
net.load["controllable"], net.load["min_q_mvar"], net.load["max_q_mvar"] = True, -1e3, 1e3
net.gen["controllable"], net.gen["min_p_mw"], net.ext_grid["min_p_mw"] = True, 0.0, 0.0
for load in net.load.index:
    pp.create_poly_cost(net, load, "load", cp1_eur_per_mw=-1000.0)
short = []
for factor in data["shape"]:
    net.load["p_mw"], net.load["max_p_mw"], net.load["min_p_mw"] = need * factor, need * factor, 0.0
    pp.rundcopp(net)
    short.append(float((need * factor - net.res_load.p_mw).sum()))
answer = {"hours": sum(mw > 0.1 for mw in short), "mwh": round(sum(short), 1), "course": short}
""",
    data,
)
hours["PyPSA"] = ask(
    "PyPSA",
    """
import numpy as np
import pandas as pd
import pypsa
net = pypsa.Network(data["pypsa"])
net.set_snapshots(range(24))
need = pd.DataFrame(np.outer(data["shape"], net.loads.p_set), columns=net.loads.index)
net.loads_t.p_set = need
net.generators["p_set"] = float("nan")
shed = [f"shed {name}" for name in need]
net.add("Generator", shed, bus=net.loads.bus.to_numpy(), p_nom=1.0, p_max_pu=need.set_axis(shed, axis=1), marginal_cost=1e4)
net.optimize(solver_name="highs", solver_options={"output_flag": False}, log_to_console=False)
short = net.generators_t.p[shed].sum(axis=1)
answer = {"hours": int((short > 0.1).sum()), "mwh": round(float(short.sum()), 1), "course": short.tolist()}
""",
    data,
)
table(hours, hours="hours short", mwh="MWh short")

# %% [markdown]
# All three find the same energy. For a day of one grid any of them will do. PyPSA solves the 24 hours as one problem, so that a store, a ramp or the start of a unit can
# link them: with a battery its day would be better planned than by `gm.dispatch`, which takes each hour by itself (a run of gridmodel places stored energy by a plan
# for each day). What gridmodel has on top is the next question: which homes are off in turn, for how long, and what that does to heat and water, in a hundred drawn members
# ([a run](../../electricity.md)).

# %% [markdown]
# ## 3. A waterworks without its pump
#
# Net1 of EPANET: a tank, nine junctions, a pump, which fails at midnight. How long is there water?

# %%
water = {}
water["WNTR"] = ask(
    "WNTR",
    """
import math
import wntr
from pathlib import Path
net = wntr.network.WaterNetworkModel(str(Path(wntr.__file__).parent / "library/networks/Net1.inp"))
for name in list(net.control_name_list):
    net.remove_control(name)
net.get_link("9").initial_status = "Closed"
net.options.time.duration, net.options.time.hydraulic_timestep, net.options.time.report_timestep = 86400, 60, 60
got = wntr.sim.EpanetSimulator(net).run_sim()
tank = net.get_node("2")
level = got.node["head"]["2"] - tank.elevation
empty = int(level[level <= tank.min_level + 1e-3].index.min())
lowest = got.node["pressure"].loc[: empty - 60, net.junction_name_list].min()
area = math.pi / 4 * tank.diameter**2
answer = {"hours": round(empty / 3600, 2), "also": f"lowest pressure {lowest.min():.0f} m at junction {lowest.idxmin()}"}
answer |= {"stored": area * (tank.init_level - tank.min_level), "full": area * (tank.max_level - tank.min_level)}
demand = got.node["demand"].loc[: 86400 - 60, net.junction_name_list].sum(axis=1) * 3600
answer["m3_per_h"] = demand.to_numpy().reshape(24, 60).mean(axis=1).tolist()
""",
    {},
)
data = {name: water["WNTR"]["answer"][name] for name in ("stored", "full", "m3_per_h")}
water["gridmodel"] = ask(
    "gridmodel",
    """
import gridmodel as gm
import numpy as np
from dataclasses import replace
one, mean = np.ones((1, 1)), np.mean(data["m3_per_h"])
works = gm.water.Waterworks(storage_m3=np.array([data["full"]]), demand_m3_per_h=np.array([mean]), loss_m3_per_h=np.zeros(1),
                            litres=np.full(1, 150.0), high_floor_share=np.full(1, 0.2), hold_h=np.full(1, 4.0))
state, hours = gm.water.full(works, 1), 0.0
state = replace(state, fill=state.fill * data["stored"] / data["full"])
for m3_per_h in data["m3_per_h"]:
    got = gm.water.step_water(works, state, stations_left=one, plant_power=0 * one, home_power=one, pump_margin=1.2, step_h=1.0,
                              use=m3_per_h / mean * one)
    state, hours = got.state, hours + float(got.mains_share[0, 0])
answer = {"hours": round(hours, 2), "also": "high floors, litres a person, sewage"}
""",
    data,
)
water["PyPSA"] = ask(
    "PyPSA",
    """
import pypsa
net = pypsa.Network(snapshots=range(24))
net.add("Bus", "town")
net.add("Store", "tank", bus="town", e_nom=data["full"], e_initial=data["stored"])
net.add("Load", "taps", bus="town", p_set=data["m3_per_h"])
net.add("Generator", "dry", bus="town", p_nom=1e6, marginal_cost=[100.0 - hour for hour in range(24)])
net.optimize(solver_name="highs", solver_options={"output_flag": False}, log_to_console=False)
dry = net.generators_t.p["dry"] / net.loads_t.p_set["taps"]
answer = {"hours": round(float(24 - dry.sum()), 2), "also": ""}
""",
    data,
)
table(water, hours="hours of water", also="also known")

# %% [markdown]
# The hours are those of a bathtub, and any program that can subtract finds them; pandapower has no water (its sister pandapipes does). WNTR alone knows pressures: at which
# junction water fails first, what a burst pipe or a closed valve does, how fast chlorine is used up. For one town with a map of its pipes, take WNTR. gridmodel has a
# tank and a demand for each region, because that is what is known of a country, and couples them to who has power, to high floors, to frozen risers and to generators
# that run out of fuel.

# %% [markdown]
# ## Checked
#
# What the sentences above say about agreement is checked each time this page is made:

# %%
served = {program: got["answer"]["served"] for program, got in broken.items()}
assert abs(served["gridmodel"] - served["PyPSA"]) < 0.01, served
assert served["pandapower"] < served["gridmodel"]
courses = pd.DataFrame({program: got["answer"]["course"] for program, got in hours.items()})
assert courses.sub(courses["gridmodel"], axis=0).abs().max().max() < 0.1, courses
left = {program: got["answer"]["hours"] for program, got in water.items()}
assert max(left.values()) - min(left.values()) < 0.05, left
print("served:", served)
print("hours of water:", left)
