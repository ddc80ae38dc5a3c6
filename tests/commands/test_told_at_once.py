"""Everything that is wrong with one command is told at once, whichever part of it is wrong."""

import shutil

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
    tells(
        told("plan", scenario, "right.csv", "--html", scenario),
        "is read by this command",
        "must end in .html",
        *OF[scenario],
    )


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


def test_sweep_tells_the_scenario_and_how_and_where_it_is_run(here):
    how = ["-o", "taken", "--memory", "lots", "--workers", "2", "--scheduler", "tcp://here:1", "--keep", "nothing"]
    of_how = [
        "taken: already exists",
        "'lots' is not a size",
        "workers: cannot be given",
        "'tcp://here:1' does not use TLS",
    ]
    for scenario, wrong in OF.items():
        tells(told("sweep", scenario, *how), *of_how, "keep: 'nothing'", *wrong)
    tells(told("sweep", "files.yaml", "-o", "taken"), "taken: already exists", "'none.csv'")


MEASURES = ("--with", "imp:3", "--with", "import:-3", "--with", "import", "--with", "battery:3@TR-9")
OF_MEASURES = [
    "--with imp:3",
    "--with import:-3 size",
    "'import' is not KIND:SIZE",
    "--with battery:3@TR-9 region: 'TR-9'",
]


def test_compare_tells_the_scenario_the_measures_the_page_and_the_region_before_anything_is_run(here, monkeypatch):
    monkeypatch.setattr("gridmodel.studies.run.run_from", lambda *_, **__: pytest.fail("was run"))
    for scenario, wrong in OF.items():
        lines = told("compare", scenario, *MEASURES, "--html", "no/x.html", "--region", "Nowhere")
        tells(lines, *OF_MEASURES, "no/x.html", "--region: 'Nowhere'", *wrong)
    tells(told("compare", "right.yaml", "--with", "import:30", "--region", "Nowhere"), "--region: 'Nowhere'")


LONG = ("--marking", "x" * 121)
OF_A_RUN = [
    ("compare run none other --html no/x.html --region Nowhere", ["none: does not exist", "other: does not exist", "no/x.html", "--region: 'Nowhere'"]),
    ("plot run temperature -o no/x.txt", ["no/x.txt: cannot", "must end in .png", "region: is required"]),
    ("plot run temperature -o x.txt --region Nowhere", ["must end in .png", "--region: 'Nowhere'"]),
    ("plot run tiles -o no/x.svg --region TR-1", ["no/x.svg: cannot", "does not go with the map"]),
    ("plot none people -o no/x.txt", ["no/x.txt: cannot", "must end in .png", "none: does not exist"]),
    ("export none csv -o no/x.csv", ["none: does not exist", "no/x.csv"]),
    ("quantiles run nothing shed_mw -o no/x.nc --level 0.5 --level 0.5", ["'nothing' is not", "'0.5' is given twice", "no/x.nc"]),
    ("report run --region Nowhere --baseline none -o no/x.html", ["--region: 'Nowhere'", "none: does not exist", "no/x.html", "marking"]),
    ("report none -o no/x.html", ["none: does not exist", "no/x.html", "marking"]),
    ("deadlines run --since soon --region Nowhere --region TR-8", ["since: 'soon'", "'Nowhere'", "'TR-8'"]),
    ("schedule run --day 2020-01-01 --region Nowhere --certainty 2 --longest-h 0.3 --ics run",
     ["--day: '2020-01-01'", "'Nowhere'", "certainty: '2.0'", "longest_h: '0.3'", "run: is the folder of a run"]),
    ("network plot nowhere -o no/x.txt --hour 3", ["must end in .png", "--hour: '3' goes with --run", "no/x.txt: cannot", "'nowhere' is neither"]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), OF_A_RUN)
def test_what_reads_a_run_tells_the_run_what_is_asked_of_it_and_the_file_to_write(here, run_of_three, words, said):
    shutil.copytree(run_of_three, here / "run")
    tells(told(*words.split(), *(LONG if "marking" in said else [])), *said)


def test_a_temperature_file_is_not_replaced_by_what_is_made_of_it(here):
    (here / "days.csv").write_text("time,UA-30\n2026-12-01 00:00,-5\n2026-12-01 01:00,-6\n")
    before = (here / "days.csv").read_text()
    tells(told("weather", "convert", "days.csv", "./days.csv", "--unit", "degC"), "is read by this command")
    tells(
        told("weather", "convert", "days.csv", "no/x.txt", "--unit", "feet"),
        "'feet'",
        "must end in .csv or .nc",
        "existing folder",
    )
    assert (here / "days.csv").read_text() == before


def test_weather_generate_tells_the_file_the_regions_and_the_period(here):
    period = ["--start", "soon", "--end", "late", "--regions", "nowhere", "--members", "3"]
    of_period = ["start: 'soon'", "end: 'late'", "network: 'nowhere'", "must end in .csv or .nc", "existing folder"]
    tells(told("weather", "generate", "no/x.txt", *period), *of_period)
    spell = told("weather", "generate", "no/x.txt", *period, "--return-period", "500")
    tells(spell, *of_period, "members: '3' must be 1", "return_period_years: '500'")


def test_network_scaffold_tells_the_folder_the_clock_and_the_case(here):
    lines = told("network", "scaffold", "nowhere", "taken", "--timezone", "Mars")
    tells(lines, "DIR: 'taken' exists already", "timezone: 'Mars'", "'nowhere' is neither")


def test_condition_tells_the_observations_and_the_folder_beside_a_scenario_that_is_none(here):
    lines = told("condition", "nothing", "none.csv", "-o", "taken")
    tells(lines, "scenario: 'nothing' is neither", "none.csv: is not a file", "taken: is a file; choose a folder")


def test_network_convert_tells_the_network_first_and_what_is_wrong_with_its_target_beside_it(here):
    lines = told("network", "convert", "nowhere", "taken")
    assert "network: 'nowhere' is neither" in lines[0]
    tells(lines, "'nowhere' is neither", "TO: 'taken' exists already")
    lines = told("network", "convert", "nowhere", "taken/x.docx", "--to", "matpower")
    tells(lines, "'nowhere' is neither", "must end in .m for matpower", "taken: not a folder")


def test_network_scaffold_tells_the_file_of_regions_and_the_folder_to_write_in_beside_the_case(here):
    lines = told("network", "scaffold", "nowhere", "no/where.tables", "--regions", "none.csv", "--country", "A B")
    tells(
        lines, "'nowhere' is neither", "network_regions: 'none.csv' does not exist", "the folder no does not exist",
        "country: 'A B' must be a short name",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [("weather convert one.csv x.csv --unit degC", "Wrote x.csv: 2 hours, 1 region\n"),
     ("weather check one.csv --unit degC", ", 1 region\n"), ("weather show one.csv --unit degC", ", 1 region\n"),
     ("scenario check right.yaml", "can run: 1 member, 3 steps, 3 regions.")],
)  # fmt: skip
def test_one_of_a_thing_is_told_in_the_singular(here, words, said):
    (here / "one.csv").write_text("time,UA-30\n2026-12-01 00:00,-5\n2026-12-01 01:00,-6\n")
    assert said in CliRunner().invoke(main, words.split()).output


def test_a_forecast_that_cannot_be_written_is_told_with_the_name_that_it_was_to_have(here, monkeypatch):
    def full(*_):
        raise RuntimeError("NetCDF: HDF error")

    monkeypatch.setattr("gridmodel.weather.write.write_netcdf4", full)
    (here / "forecast.csv").write_text(
        "time,UA-30\n" + "".join(f"2026-12-0{1 + hour // 24} {hour % 24:02}:00,-5\n" for hour in range(72))
    )
    lines = told("scenario", "forecast", "forecast.csv", "-o", "f.yaml", "--one-site", "--unit", "degC")
    tells(lines, "f-weather.nc: cannot be written: NetCDF: HDF error")
    assert "gridmodel-writing" not in lines[0]
