"""Fingerprints of runs: SHA-256 of what a result holds, recorded in `cases/hashes` and compared by a test.

``python tests/fingerprints.py`` records them anew; ``make hashes`` calls it.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr

import gridmodel as gm
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate

HERE = Path(__file__).with_name("cases") / "hashes"
RECORD = HERE / "fingerprints.json"
BUNDLED = (
    "cold-without-strikes", "design-cold-spell", "january-2026", "mild-january", "next-cold-spell", "prewar-frost",
    "three-region",
)  # fmt: skip
STRUCK = ("strikes-and-crews", "cascade", "drawn-weather")
FEW = 2
"""Members of the quick look; they are the first of all of them."""
OFFSETS_C = (0.0, -4.0, -8.0, 3.0)
"""What each member of the drawn weather adds to the bundled series. [K]"""


def arithmetic() -> str:
    """Fingerprint of how this machine computes exponentials, powers and products of matrices."""
    values = np.linspace(-3.0, 3.0, 1009)
    parts = [
        np.exp(values), np.exp(values.astype(np.float32)), np.log(values + 4), (values + 4) ** 0.37, np.sin(values),
        np.outer(values, values)[:97, :89] @ np.outer(values, values)[:89, :83],
    ]  # fmt: skip
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()[:16]


def scenario_of(name: str, folder: Path) -> gm.Scenario:
    """The scenario of a fingerprint; `folder` holds the weather that is made for it."""
    if name in BUNDLED:
        return gm.load_scenario(name)
    scenario = gm.load_scenario(HERE / f"{name}.yaml")
    return scenario.replace(weather=str(_weather(folder))) if name == "drawn-weather" else scenario


def _weather(folder: Path) -> Path:
    path = folder / "drawn-weather.nc"
    if not path.exists():
        series = gm.load_weather("three-region")
        members = [series + offset for offset in OFFSETS_C]
        many = xr.concat(members, dim=xr.DataArray(np.arange(len(members)), dims="member", name="member"))
        many.transpose("time", "member", "region").assign_attrs(series.attrs).to_dataset(name="temperature").to_netcdf(
            path
        )
    return path


def fingerprint(result: xr.Dataset) -> dict[str, object]:
    """SHA-256 of all variables and coordinates; of each the first eight digits, and its sum."""
    whole, short, sums = hashlib.sha256(), {}, {}
    for name, variable in sorted(result.variables.items(), key=lambda pair: str(pair[0])):
        values = variable.to_numpy()
        data = "\n".join(map(str, values.reshape(-1))).encode() if values.dtype.kind in "OU" else values.tobytes()
        one = hashlib.sha256(repr((name, variable.dims, values.shape, values.dtype.str)).encode() + data).hexdigest()
        whole.update(one.encode())
        short[str(name)] = one[:8]
        if values.dtype.kind in "fi":
            sums[str(name)] = float(np.nansum(values, dtype=np.float64))
    return {"sha256": whole.hexdigest(), "variables": short, "sums": sums}


def record(name: str, folder: Path, *, full: bool) -> dict[str, object]:
    """Fingerprint of one scenario: of its first members, and of all of them if asked; `folder` is for its weather."""
    scenario = scenario_of(name, folder)
    found = fingerprint(simulate(run_inputs(scenario, range(min(FEW, scenario.draws)))))
    return found | ({"all_members": fingerprint(gm.run(scenario))["sha256"]} if full else {})


def records() -> Iterator[tuple[str, dict[str, object]]]:
    """Fingerprint of every scenario, of its first members and of all of them."""
    with tempfile.TemporaryDirectory() as temporary:
        for name in (*BUNDLED, *STRUCK):
            yield name, record(name, Path(temporary), full=True)


if __name__ == "__main__":
    found = {"arithmetic": arithmetic(), "runs": dict(records())}
    RECORD.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    sys.stdout.write(f"recorded {len(found['runs'])} runs in {RECORD.name}\n")
