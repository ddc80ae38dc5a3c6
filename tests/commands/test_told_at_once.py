"""Everything that is wrong with one command is told at once, whichever part of it is wrong."""

import pytest
from click.testing import CliRunner

from gridmodel.commands import main

SCENARIO = (
    "name: x\nnetwork: three-region\nweather: three-region\ntimezone: UTC\nstart: 2026-01-05\nend: 2026-01-05 03:00\n"
    "deterministic: true\n"
)
OPTIONS = "name,kind,region,size,cost_eur,available_from\n"
LATE = "{kind: fuel_truck, size: 1, region: TR-1, available_from: 2026-01-05 03:00}"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Folder with a scenario that is right, one whose settings are wrong, one whose files are, and a file `taken`."""
    (tmp_path / "right.yaml").write_text(SCENARIO)
    (tmp_path / "settings.yaml").write_text(SCENARIO + "step: 7h\nevents: none.csv\n")
    (tmp_path / "files.yaml").write_text(SCENARIO + "events: none.csv\n")
    (tmp_path / "late.yaml").write_text(f"{SCENARIO}mitigations: [{LATE}]\n")
    (tmp_path / "options.csv").write_text(OPTIONS + "a,import,,50,10,\nb,imprt,,50,10,\nc,battery,TR-9,5,1,\n")
    (tmp_path / "right.csv").write_text(OPTIONS + "a,import,,50,10,\nb,import,,50,10,2026-01-05 03:00\n")
    (tmp_path / "taken").write_text("mine")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*words):
    """Return the lines of errors of a command that is refused, after their count was compared with what it says."""
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 1, done.output
    lines = [line for line in done.output.splitlines() if line.startswith("error: ")]
    assert f"{len(lines)} problem{'s' if len(lines) > 1 else ''}; nothing was written." in done.output
    return lines


def tells(lines, *said):
    """Check that each line says one of some things, and each thing is said by one line."""
    assert [sum(one in line for line in lines) for one in said] == [1] * len(said), lines
    assert len(lines) == len(said), lines


OF = {"settings.yaml": ["settings.yaml:8: step: '7h'", "'none.csv'"], "files.yaml": ["'none.csv'"], "right.yaml": []}
"""What is wrong with each scenario."""


@pytest.mark.parametrize("scenario", OF)
def test_plan_tells_the_scenario_the_options_the_weights_and_the_page(here, scenario):
    weights = ["--weight", "heat", "--weight", "light=1", "--weight", "water=1", "--weight", "water=-2"]
    lines = told("plan", scenario, "options.csv", *weights, "--html", "no/x.html")
    of_weights = [
        "'heat' is not SERVICE=NUMBER",
        "'light' is not a service",
        "weights.water: '-2.0'",
        "'water' is given twice",
    ]
    tells(
        lines, "options.csv:3: kind: 'imprt'", "options.csv:4: region: 'TR-9'", "no/x.html", *of_weights, *OF[scenario]
    )
    tells(told("plan", scenario, "right.csv", "--weight", "heat"), "'heat' is not SERVICE=NUMBER", *OF[scenario])
    tells(told("plan", scenario, "right.csv", "--html", scenario), "is read by this command", *OF[scenario])


def test_plan_tells_options_and_weights_beside_a_scenario_that_is_none(here):
    lines = told("plan", "nowhere", "options.csv", "--weight", "light=1")
    tells(lines, "'nowhere' is neither", "options.csv:3: kind: 'imprt'", "'light' is not a service")


def test_help_that_comes_when_the_run_is_over_is_told(here):
    said = "available_from: '2026-01-05 03:00' is not before the end of the run, 2026-01-05 03:00, so that it changes nothing"
    done = CliRunner().invoke(main, ["scenario", "check", "late.yaml"])
    assert f"warning: late.yaml:8: {said}" in done.output
    assert "late.yaml can run" in done.output
    with pytest.warns(UserWarning, match="right.csv:3: available_from: '2026-01-05 03:00' is not before the end"):
        assert CliRunner().invoke(main, ["plan", "right.yaml", "right.csv"]).exit_code == 0


@pytest.mark.parametrize("scenario", OF)
def test_run_tells_the_scenario_the_states_the_folder_and_the_region(here, scenario):
    states = ["--save-state", "soon", "--save-state", "2027-01-01", "--from-state", "none.nc"]
    lines = told("run", scenario, "-o", "taken", "--region", "Nowhere", *states)
    of_states = ["--save-state: 'soon' is not a local time", "'none.nc'", "'2027-01-01 00:00' is not after the start"]
    of_states = of_states if scenario != "settings.yaml" else of_states[:2]  # the length of a step is not known
    tells(lines, "taken: is a file", "--region: 'Nowhere'", *of_states, *[one for one in OF[scenario] if one != "'none.csv'"],
          *(["events: 'none.csv'"] if scenario != "right.yaml" else []))  # fmt: skip


def test_run_tells_states_and_the_folder_beside_a_scenario_that_is_none(here):
    lines = told("run", "nowhere", "-o", "taken", "--save-state", "soon", "--from-state", "none.nc")
    tells(lines, "'nowhere' is neither", "taken: is a file", "'soon' is not a local time", "'none.nc'")


def test_run_tells_what_does_not_go_with_a_repeated_run_and_what_is_wrong_with_that(here):
    lines = told(
        "run",
        "right.yaml",
        "--from",
        "none",
        "--members",
        "3",
        "--regions",
        "zone",
        "-o",
        "taken",
        "--save-state",
        "soon",
    )
    unfit = [f"{name}: does not go with --from" for name in ("SCENARIO", "--members", "--regions", "--save-state")]
    tells(lines, *unfit, "none: ", "taken: is a file")


def test_run_tells_a_base_line_without_events_beside_the_rest(here):
    lines = told("run", "right.yaml", "--baseline", "--region", "Nowhere", "--save-state", "soon")
    tells(lines, "events: needs a scenario with events", "--region: 'Nowhere'", "'soon' is not a local time")


def test_files_are_compared_with_the_network_that_an_option_gives(here):
    (here / "events.yaml").write_text(
        f"{SCENARIO}step: 7h\nevents: [{{time: 2026-01-05 01:00, target: UA-30/delivery, kind: outage}}]\n"
    )
    assert not any("target: 'UA-30'" in line for line in told("run", "events.yaml", "--network", "ukraine"))
    assert any("target: 'UA-30'" in line for line in told("run", "events.yaml"))


CHOICES = (
    "--timezone",
    "Mars",
    "--unit",
    "feet",
    "--marking",
    "x" * 121,
    "-o",
    "taken",
    "--wave",
    "big",
    "--interception",
    "2",
)
OF_CHOICES = [
    "'Mars' is not a time zone",
    "'feet' is not a unit",
    "marking: ",
    "taken: is a file",
    "wave: 'big'",
    "interception: '2'",
]
DAYS = "time,UA-30\n2026-12-01 00:00,-5\n2026-12-02 00:00,x\n"


def test_brief_tells_its_choices_and_the_folder_whatever_the_file(here):
    lines = told("brief", "--forecast", "none.csv", "--region", "Nowhere", *CHOICES)
    tells(lines, "none.csv: --forecast: does not exist", "--region: 'Nowhere'", *OF_CHOICES)
    (here / "days.csv").write_text(DAYS)
    lines = told("brief", "--forecast", "days.csv", *CHOICES)
    assert any("days.csv:3: " in line for line in lines)
    tells([line for line in lines if "days.csv" not in line], *OF_CHOICES)
    tells(
        told("brief", "--forecast", "none.csv", "--marking", "x" * 121),
        "none.csv: --forecast: does not exist",
        "marking: ",
    )


@pytest.mark.parametrize("verb", ["check", "show"])
def test_weather_tells_its_choices_the_regions_and_the_file(here, verb):
    choices = ["--timezone", "Mars", "--unit", "feet", "--start", "soon", "--regions", "nowhere"]
    of_choices = ["'Mars' is not a time zone", "'feet' is not a unit", "start: 'soon'", "network: 'nowhere'"]
    tells(told("weather", verb, "none.csv", *choices), "'none.csv' is neither", *of_choices)
    (here / "days.csv").write_text(DAYS)
    lines = told("weather", verb, "days.csv", *choices[:4])
    assert any("days.csv:3: " in line for line in lines)
    tells([line for line in lines if "days.csv" not in line], *of_choices[:2])
