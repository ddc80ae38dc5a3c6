"""A waterworks without its pump: Net1 of EPANET by WNTR, and the same storage and demand by `gm.water`."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from references_rows import Row

import gridmodel as gm

PART = "Water: a pump fails"
SOURCE = (
    "WNTR {wntr} with the solver of EPANET, Net1 of its library: a tank, nine junctions, one pump; steps of a minute"
)
LAW = (
    "The waterworks here has no pipes: a tank, a demand by the hour, pumps. So it finds the same hours as long as the tank stands high enough "
    "to press water everywhere, as that of Net1 does, and cannot say where pressure falls first (*by demand*, EPANET goes on drawing from an "
    "empty tank)."
)
HELD = {
    "wntr": "1.5.0",
    "outages": [
        {"full_m3": 2835.8779, "stored_m3": 1134.3548, "mean_m3_per_h": 249.837178, "use_h": 2.0, "outage_h": 0.0, "hours": 4.1,
         "use": [1.0, 1.2, 1.4, 1.6, 1.4, 1.2, 1.0, 0.8, 0.6, 0.4, 0.6, 0.8]},
    ],
}  # fmt: skip
"""What WNTR found, for the quick test."""


def hours_of_water(case: dict) -> float:
    """Return the hours for which streets have water once the pump has failed. [h]"""
    one = np.ones((1, 1))
    works = gm.water.Waterworks(
        storage_m3=np.array([case["full_m3"]]), demand_m3_per_h=np.array([case["mean_m3_per_h"]]), loss_m3_per_h=np.zeros(1),
        litres=np.full(1, 150.0), high_floor_share=np.zeros(1), hold_h=np.full(1, 4.0),
    )  # fmt: skip
    state = gm.water.full(works, 1)
    state = replace(state, fill=state.fill * case["stored_m3"] / case["full_m3"])
    hours, step_h = 0.0, 1.0
    for hour in range(48):
        use = case["use"][int((case["outage_h"] + hour) / case["use_h"]) % len(case["use"])]
        got = gm.water.step_water(works, state, stations_left=one, plant_power=0 * one, home_power=one, pump_margin=1.2, step_h=step_h,
                         use=use * one)  # fmt: skip
        state, hours = got.state, hours + step_h * float(got.mains_share[0, 0])
    return hours


def asked(python: str) -> dict:
    """Return what WNTR finds, by a Python that has it; it leaves files where it runs."""
    script = Path(__file__).resolve().with_name("references_net1.py")
    with TemporaryDirectory() as folder:
        got = subprocess.run(
            [str(Path(python).absolute()), str(script)], check=True, capture_output=True, text=True, cwd=folder
        )
    return json.loads(got.stdout)


def rows(python: str | None) -> list[Row]:
    """Compare hours until the tank is empty; without a Python that has WNTR, with what it found before."""
    found = HELD if python is None else asked(python)
    source = SOURCE.format(wntr=found["wntr"])
    return [
        Row(part=PART, what=f"Net1, pump off after {case['outage_h']:.0f} h: hours until the tank is empty [h]", source=source,
            theirs=case["hours"], ours=hours_of_water(case), absolute=0.02, note=LAW)
        for case in found["outages"]
    ]  # fmt: skip
