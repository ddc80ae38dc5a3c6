"""Net1 of EPANET without its pump, by WNTR: ``python benchmarks/references_net1.py`` prints JSON.

Runs in an environment of its own, without gridmodel.
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

warnings.simplefilter("ignore")
import wntr  # noqa: E402 - it warns as it is imported

STEP_S = 60


def emptying(outage_h: float) -> dict[str, float | list[float]]:
    """Fail the pump at an hour and say when the tank is empty; levels, volumes and demand as the network has them."""
    path = Path(wntr.__file__).parent / "library" / "networks" / "Net1.inp"
    network = wntr.network.WaterNetworkModel(str(path))
    time = network.options.time
    time.duration, time.hydraulic_timestep, time.report_timestep = 48 * 3600, STEP_S, STEP_S
    for name in list(network.control_name_list):
        network.remove_control(name)
    pump, tank = network.get_link("9"), network.get_node("2")
    if outage_h == 0:
        pump.initial_status = wntr.network.LinkStatus.Closed
    else:
        stop = wntr.network.controls.ControlAction(pump, "status", wntr.network.LinkStatus.Closed)
        when = wntr.network.controls.SimTimeCondition(network, "=", outage_h * 3600)
        network.add_control("outage", wntr.network.controls.Control(when, stop))
    found = wntr.sim.EpanetSimulator(network).run_sim()
    level = found.node["head"]["2"] - tank.elevation
    area = math.pi / 4 * tank.diameter**2
    after = level.loc[level.index >= outage_h * 3600]
    empty = after.index[(after <= tank.min_level + 1e-3).to_numpy()].min()
    base = sum(network.get_node(name).demand_timeseries_list[0].base_value for name in network.junction_name_list)
    return {
        "full_m3": area * (tank.max_level - tank.min_level),
        "stored_m3": area * (float(after.iloc[0]) - tank.min_level),
        "mean_m3_per_h": 3600 * base,
        "use": [float(value) for value in network.get_pattern("1").multipliers],
        "use_h": time.pattern_timestep / 3600,
        "outage_h": outage_h,
        "hours": float(empty) / 3600 - outage_h,
    }


def main() -> None:
    """Print what was found."""
    outages = [emptying(hour) for hour in (0.0, 10.0)]
    json.dump({"wntr": version("wntr"), "outages": outages}, sys.stdout)


if __name__ == "__main__":
    main()
