"""Every command of the README, in its order, in one folder, with the files that it names."""

import json
import pathlib
import re
import shlex
import shutil

import numpy as np
import pandapower as pp
import pytest
import xarray as xr
from click.testing import CliRunner
from pandapower.networks import case39

from gridmodel.commands import main
from gridmodel.inputs.files import ROOT

PAGE = ROOT / "README.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="pages stay in the checkout")
MEMBERS = {"gridmodel sweep january-2026": "60", "gridmodel condition": "10"}
"""Members where two are too few: a sensitivity needs fifty, reports weigh some. The others run with two, the fewest that show a range."""


def commands():
    """Return the commands of the README, without what is said beside them."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    (block,) = re.findall(r"```\n(gridmodel run .*?)```", text, re.DOTALL) or [""]
    return [shlex.join(shlex.split(line, comments=True)) for line in block.splitlines()]


def shortened(line):
    """Return the words of a command with few members."""
    words = shlex.split(line)
    members = next((number for start, number in MEMBERS.items() if line.startswith(start)), "2")
    if "--members" in words and words[1] != "weather":
        words[words.index("--members") + 1] = members
    elif words[1] in {"brief", "condition", "run", "plan"} and "--from" not in words:
        words += ["--members", members]
    return words[1:]


def files():
    """Write the files that the README takes as those of a reader."""
    hours = (np.datetime64("today") + 1).astype("datetime64[h]") + np.arange(8 * 24) * np.timedelta64(1, "h")
    places = [(50.45, 30.52), (49.84, 24.03), (46.48, 30.73)]
    made = [{"latitude": lat, "longitude": lon, "utc_offset_seconds": 0, "hourly_units": {"temperature_2m": "°C"},
             "hourly": {"time": [str(hour)[:16] for hour in hours], "temperature_2m": (-15 + 5 * np.sin(np.arange(192) / 3.8)).round(1).tolist()}}
            for lat, lon in places]  # fmt: skip
    with pathlib.Path("openmeteo.json").open("w", encoding="utf-8") as out:
        json.dump(made, out)
    times = np.datetime64("2026-01-01T00") + np.arange(72) * np.timedelta64(1, "h")
    shape = (72, 9, 21)
    grid = xr.DataArray(np.full(shape, 263.0), dims=("time", "latitude", "longitude"), attrs={"units": "K", "standard_name": "air_temperature"},
                        coords={"time": times, "latitude": np.linspace(53, 44, 9), "longitude": np.linspace(20, 42, 21)}, name="t2m")  # fmt: skip
    grid.to_netcdf("era5.nc")
    pp.to_json(case39(), "case39.json")
    pathlib.Path("docs").mkdir()
    for path in (ROOT / "docs").glob("*.csv"):  # the reader is in the checkout
        shutil.copy(path, "docs")
    with pathlib.Path("options.csv").open("w", encoding="utf-8") as out:
        out.write(
            "name,kind,region,size,cost_eur\nimports,import,,300,500000\nboilers,mobile_boiler,UA-30,200,400000\n"
        )


@pytest.mark.long  # three dozen runs of the country
def test_every_command_of_the_readme_runs_in_its_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files()
    lines = commands()
    assert len(lines) > 30
    for line in lines:
        got = CliRunner().invoke(main, shortened(line))
        assert got.exit_code == 0, (line, got.output)


def test_every_command_of_the_readme_is_one_that_the_package_has():
    lines = commands()
    assert len(lines) > 30
    for line in lines:
        words = shlex.split(line)[1:]
        context = main.make_context("gridmodel", words[:1], resilient_parsing=True)
        assert main.get_command(context, words[0]) is not None, line
