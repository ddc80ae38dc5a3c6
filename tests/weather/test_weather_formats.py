import json
import re
import shutil
import subprocess

import pytest
from click.testing import CliRunner
from scratch import contents, copy_package, python, touched

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import SIGNATURE
from gridmodel.weather.registry import formats

PAGE = ROOT / "docs" / "contributing" / "weather-format.md"
CHECKOUT = pytest.mark.skipif(not PAGE.is_file(), reason="pages stay in the checkout")
ROWS = "2026-01-08T00:00,-1\n2026-01-08T01:00,-2\n"


def test_each_module_among_the_readers_is_one_format_with_a_name_of_its_own():
    modules = [path.stem for path in (ROOT / "gridmodel" / "weather" / "readers").glob("[!_]*.py")]
    assert len({each.name for each in formats()}) == len(modules) > 10


def test_help_and_the_message_about_an_unknown_file_list_every_format(tmp_path):
    (tmp_path / "prose.txt").write_text("hello\nworld\n")
    with pytest.raises(gm.InputError) as caught:
        gm.load_weather(tmp_path / "prose.txt")
    for command in ("check", "convert", "show"):
        shown = CliRunner().invoke(main, ["weather", command, "--help"]).output
        for each in formats():
            assert f"  {each.name} " in shown
            assert each.name in str(caught.value)


@CHECKOUT
def test_the_page_on_weather_lists_every_format():
    page = (ROOT / "docs" / "weather.md").read_text(encoding="utf-8")
    for each in formats():
        assert f"| {each.name} | {each.meaning} | {each.told_by} |" in page


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("time,UA-30", "gridmodel CSV"),
        ("time,temp", "plain table"),
        ("valid_time,t2m", "ERA5 time series"),
        ("STATION,DATE,TMP", "ISD"),
        ("STATION,DATE,TMAX,TMIN", "NCEI daily summaries"),
        ("STATION,DATE,TEMP,MAX,MIN", "GSOD"),
        ("year,month,day,temp,rhum", "Meteostat"),
        ("year,month,day,temp", "plain table"),
        ("latitude,longitude,elevation,utc_offset_seconds", "Open-Meteo"),
        ("ID,DATE,ELEMENT,DATA_VALUE", "GHCN-Daily"),
        ("LOCATION,Kyiv,time,temp", "EPW"),
        ("date,A", "table of dates"),
        ("Дата;Київ", "table of dates"),
        ("time;A", "table of dates"),
        ("region,time,temperature", "table of dates"),
    ],
)
def test_the_most_specific_of_the_formats_that_fit_has_most_evidence(tmp_path, header, name):
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n{ROWS}")
    with File(path) as file:
        evidence = {each.name: each.detect(file) for each in formats() if not each.binary}
    best = max(evidence, key=evidence.get)
    assert best == name
    assert evidence.pop(best) > max(evidence.values())


def test_a_netcdf_of_our_own_is_told_from_any_other(tmp_path):
    gm.weather.write_weather(gm.load_weather("three-region"), tmp_path / "own.nc")
    with File(tmp_path / "own.nc") as file:
        evidence = {each.name: each.detect(file) for each in formats() if each.binary}
    assert evidence == {"CF NetCDF": 1, "GRIB": 0, "gridmodel NetCDF": SIGNATURE}


COMMANDS = """
import json
from click.testing import CliRunner
from gridmodel.commands import main
lines = ("check roof.log", "convert roof.log roof.csv --fill linear --region UA-30", "check --help", "check bad.log")
got = [CliRunner().invoke(main, ["weather", *line.split()]) for line in lines]
print(json.dumps([(each.exit_code, each.output) for each in got]))
"""


@CHECKOUT
@pytest.mark.gate  # at each edit: formats of the registry, above
def test_the_format_of_the_page_is_added_by_one_file(tmp_path):
    sample, code = (
        re.search(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
        for kind in ("text", "python")
    )
    copy = copy_package(tmp_path / "copy")
    before = contents(copy)
    (copy / "gridmodel" / "weather" / "readers" / "frostlog.py").write_text(code, encoding="utf-8")
    (tmp_path / "roof.log").write_text(sample, encoding="utf-8")

    (tmp_path / "bad.log").write_text(sample.replace("2611", "cold"), encoding="utf-8")
    got = python(copy, "-c", COMMANDS, cwd=tmp_path)
    assert got.returncode == 0, got.stderr
    checked, converted, told, refused = json.loads(got.stdout)
    assert "is missing for 1 hour from 2026-01-07T23:00 UTC" in checked[1]
    assert converted[0] == 0, converted[1]
    assert (tmp_path / "roof.csv").read_text() == (
        "time,UA-30\n2026-01-07T22:00Z,-10.05\n2026-01-07T23:00Z,-11.05\n2026-01-08T00:00Z,-12.05\n"
    )
    assert "FROSTLOG " in told[1]
    assert "bad.log:4: temperature: 'cold' is not a number" in refused[1]
    assert touched(before, contents(copy)) == {"gridmodel/weather/readers/frostlog.py"}


@CHECKOUT
def test_the_code_of_the_page_passes_the_linter(tmp_path):
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    ruff = shutil.which("ruff") or shutil.which("ruff", path=str(ROOT / ".venv" / "bin"))
    if ruff is None:
        pytest.skip("ruff is not installed")
    args = ["--config", str(ROOT / "pyproject.toml"), "--stdin-filename", str(ROOT / "gridmodel/weather/readers/frostlog.py"), "-"]  # fmt: skip
    for command in (["check"], ["format", "--check"]):
        got = subprocess.run([ruff, *command, *args], input=code, capture_output=True, text=True, check=False)
        assert got.returncode == 0, got.stdout + got.stderr


@pytest.mark.parametrize("name", ["cold-wave-2026", ROOT / "weather" / "frost-2021.csv", str(ROOT / "weather" / "three-region.csv")])  # fmt: skip
def test_check_weather_takes_a_bundled_name_a_path_and_a_string(name):
    assert gm.check_weather(name) == []


def test_check_weather_returns_problems_of_a_file_that_is_missing_a_folder_or_refused(tmp_path):
    (tmp_path / "a.grib").write_bytes(b"GRIB0000")
    grib = "is GRIB|contains no temperature"  # without and with the extra grib
    for name, message in (("nowhere.csv", "nor a file"), (tmp_path, "is a folder"), (tmp_path / "a.grib", grib)):
        (problem,) = gm.check_weather(name)
        assert re.search(message, problem.message)
        assert problem.severity == "error"


def test_check_weather_takes_every_argument_of_load_weather(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"time,temp\n{ROWS}")
    assert [problem.severity for problem in gm.check_weather(path, region="UA-30")] == ["warning"]
    assert gm.check_weather(path, region="UA-30", unit="degC", timezone="+02:00", how="area", fill="linear") == []
    assert [problem.field for problem in gm.check_weather(path, how="middle", fill="cubic")] == ["fill", "how"]
