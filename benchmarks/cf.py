"""Ask the IOOS compliance checker about a result, its export and weather that are written now: `make check-cf`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import gridmodel as gm
from gridmodel.output.export import write_netcdf
from gridmodel.results.run_folder import write_result
from gridmodel.weather import write_weather


def main() -> int:
    """Write the files, run the checker on each, and return 1 if it finds anything."""
    with tempfile.TemporaryDirectory() as work:
        place = Path(work)
        result = gm.run(gm.load_scenario("three-region").replace(members=3, deterministic=False, cascade="full"))
        write_result(result, place / "result.nc")
        write_netcdf(result, place / "export.nc")
        write_weather(gm.load_weather("three-region"), place / "weather.nc")
        found = 0
        for path in sorted(place.glob("*.nc")):
            done = subprocess.run(
                [sys.argv[1], "--test=cf:1.11", str(path)], capture_output=True, text=True, check=False
            )
            right = "All tests passed!" in done.stdout
            sys.stdout.write(f"{path.name}: {'nothing found' if right else done.stdout}\n")
            found += not right
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
