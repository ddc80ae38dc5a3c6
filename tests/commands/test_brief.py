"""`gridmodel brief`: one command from a forecast to a sheet for one region, and what is refused."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from by_hand import added, of_region
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.errors import Problems
from gridmodel.inputs.files import ROOT
from gridmodel.network import read_network
from gridmodel.results.deadlines import deadlines
from gridmodel.results.needs import needs
from gridmodel.results.run_folder import read_result
from gridmodel.results.sheet import chance, part_of_day, sheet, what_events_add
from gridmodel.studies import brief
from gridmodel.studies.brief import own_means, read_budget
from gridmodel.studies.buildings import people_per_building

SAMPLE = ROOT / "docs" / "forecast.csv"
SHORT_H = 60
"""Hours of the forecast of these tests: two nights and a half."""


def cli(*args, code=0):
    got = CliRunner().invoke(main, ["brief", *map(str, args)], catch_exceptions=False)
    assert got.exit_code == code, got.output
    return got


def shortened(
    hours=SHORT_H, *, sites=6, change=lambda value: value, first="2026-11-30T22:00", cut=slice(0), whole=""
):  # fmt: skip
    """The sample of the docs with fewer hours or sites, other temperatures, another beginning, or hours cut out."""
    if whole:
        return whole
    head, body = SAMPLE.read_text(encoding="utf-8").split("\n\n")
    rows = [line.split(",") for line in body.splitlines()[1:]]
    moments = pd.date_range(first, periods=hours, freq="h").strftime("%Y-%m-%dT%H:%M")
    by_site = {str(site): [row[2] for row in rows if row[0] == str(site)][24 : 24 + hours] for site in range(sites)}
    lines = [f"{site},{moment},{change(float(value)):.1f}" for site, values in by_site.items()
             for hour, (moment, value) in enumerate(zip(moments, values, strict=True))
             if hour not in range(hours)[cut]]  # fmt: skip
    places = "\n".join(head.splitlines()[: 1 + sites])
    return f"{places}\n\n{body.splitlines()[0]}\n" + "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A briefing for Zhytomyr with a wave, in a folder."""
    home = tmp_path_factory.mktemp("brief")
    (home / "tuesday.csv").write_text(shortened(), encoding="utf-8")
    got = cli("--region", "Житомирщина", "--forecast", home / "tuesday.csv", "--wave", "Moderate", "--interception",
              "80%", "--members", 4, "--exercise", "-o", home / "out")  # fmt: skip
    return home, got


def test_one_command_writes_the_scenario_both_runs_the_sheet_and_the_country_page(made):
    home, got = made
    assert sorted(path.name for path in (home / "out").iterdir()) == [
        "brief.html", "brief.json", "run", "tuesday-weather.nc", "tuesday.yaml", "without-wave",
    ]  # fmt: skip
    assert (home / "out" / "run" / "report.html").is_file()
    lines = got.stdout.splitlines()
    assert len(lines) == 4  # with a budget five: what happens, by when, what to ask for, what waves add
    assert lines[0].startswith("Zhytomyr, Tue 1 Dec – Thu 3 Dec 2026.")
    page = (home / "out" / "brief.html").read_text(encoding="utf-8")
    assert 'href="run/report.html"' in page
    assert "<script" not in page
    assert sorted(path.name for path in home.iterdir()) == ["out", "tuesday.csv"]


def test_the_sheet_says_the_numbers_of_deadlines_and_needs(made):
    home, _ = made
    with read_result(home / "out" / "run") as result:
        numbers = sheet(result, "UA-18")
        times, table = deadlines(result).loc["UA-18"], needs(result).loc["UA-18"]
    for due in numbers.dues:
        row = times.loc[due.key]
        assert due.share == row["reached_share"]
        assert (due.early is None) == pd.isna(row["local_p05"])
        if due.early is not None:
            assert due.early == np.datetime64(row["local_p05"], "m")
    for want in numbers.wants:
        row = table.loc[want.key]
        assert (want.amount.typical, want.amount.bad) == (row["p50"], row["p95"])
    cold = result["people_without_heat"].sel(region="UA-18").max("time")
    assert numbers.peaks["people_without_heat"].bad == pytest.approx(float(cold.quantile(0.95)))


def test_the_numbers_of_the_sheet_are_those_worked_out_by_hand_from_the_file_of_the_run(made):
    home, _ = made
    expected = of_region(home / "out" / "run" / "result.nc", "UA-18")
    with read_result(home / "out" / "run") as result, read_result(home / "out" / "without-wave") as without:
        numbers, more = sheet(result, "UA-18"), what_events_add(result, without)
    assert (numbers.off_day_h.typical, numbers.off_day_h.bad) == pytest.approx(expected["off_day_h"])
    for name in ("people_without_heat", "people_without_water"):
        assert (numbers.peaks[name].typical, numbers.peaks[name].bad) == pytest.approx(expected[name])
    assert next(due.share for due in numbers.dues if due.key == "drain") == expected["drain_share"]
    wants = {want.key: (want.amount.typical, want.amount.bad) for want in numbers.wants}
    for name, amounts in expected["needs"].items():
        assert wants.get(name, (0.0, 0.0)) == pytest.approx(amounts), name
    standing, times = added(*(home / "out" / name / "result.nc" for name in ("run", "without-wave")))
    cold = more["person_hours_without_heat"]
    assert more["energy_not_served"].standing_share == pytest.approx(standing)
    assert 1 + cold.more / cold.without == pytest.approx(times)


def test_the_sheet_says_the_hours_of_the_schedule_and_the_times_of_the_deadlines(made):
    home, _ = made
    page = (home / "out" / "brief.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    (line,) = re.findall(r"UA-18 .*", CliRunner().invoke(main, ["schedule", str(home / "out" / "run")]).stdout)
    mean, queue = re.split(r"\s{2,}", line.strip())[1:3]
    assert f"off {float(queue):.0f} h a day" in page
    assert abs(float(re.search(r"<b>(\d+) h a day</b>", page)[1]) - float(mean)) <= 0.55
    shown = CliRunner().invoke(main, ["deadlines", str(home / "out" / "run"), "--region", "UA-18"]).stdout
    assert set(re.findall(r"\d\d-\d\d \d\d:(\d\d)", shown)) == {"00"}
    cold = deadlines(read_result(home / "out" / "run")).loc[("UA-18", "homes_12c"), "local_p50"]
    assert f"{cold:%m-%d %H}:00" in shown
    assert f"{cold.day} Dec" in re.search(r"First homes below 12 °C from</th>.*?</b>", page)[0]


def test_times_are_told_to_the_hour_or_the_part_of_the_day_and_amounts_in_units_that_are_sent(made):
    home, got = made
    page = re.sub(
        r"<svg.*?</svg>|<style.*?</style>", "", (home / "out" / "brief.html").read_text("utf-8"), flags=re.DOTALL
    )
    for minutes in re.findall(r"\b\d\d:(\d\d)\b", page + got.stdout):
        assert minutes == "00"
    for places in re.findall(r"([\d,]+)\u00a0places", page):
        assert int(places.replace(",", "")) % 50 == 0
    assert part_of_day(np.datetime64("2026-12-03T07:29")) == (np.datetime64("2026-12-03"), 1)
    assert [chance(share) for share in (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1)] == [
        "none", "seldom", "possible", "even", "likely", "very", "all",
    ]  # fmt: skip


def test_the_run_without_the_wave_has_no_events_and_the_same_members(made):
    home, _ = made
    with_, without = (json.loads((home / "out" / name / "manifest.json").read_text("utf-8"))
                      for name in ("run", "without-wave"))  # fmt: skip
    assert with_["scenario"]["events"]
    assert not without["scenario"]["events"]
    assert with_["scenario"]["seed"] == without["scenario"]["seed"]
    targets = {row["target"].split("/")[0] for row in with_["scenario"]["events"]}
    assert targets == {"UA"}  # nothing aims at the region that was asked for


@pytest.mark.gate  # at each edit: the same draws in any company, in `test_sampling.py`
def test_the_same_forecast_and_seed_give_the_same_bytes_in_any_folder(made, tmp_path):
    home, _ = made
    cli("--region", "ua-18", "--forecast", home / "tuesday.csv", "--wave", "moderate", "--interception", "0.8",
        "--members", 4, "--exercise", "-o", tmp_path / "again")  # fmt: skip
    for name in ("brief.html", "tuesday.yaml", "run/result.nc", "without-wave/result.nc"):
        assert (tmp_path / "again" / name).read_bytes() == (home / "out" / name).read_bytes(), name


def test_a_briefing_is_replaced_only_on_request_and_nothing_else_ever(made, tmp_path):
    home, _ = made
    args = ("--forecast", home / "tuesday.csv", "--exercise", "--members", 1)
    refused = cli(*args, "-o", home / "out", code=1)
    assert "contains another briefing (replace it with --overwrite" in refused.stderr
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine", encoding="utf-8")
    other = cli(*args, "-o", tmp_path / "mine", "--overwrite", code=1)
    assert "'letter.txt', which is not of a briefing" in other.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


WRONG = {
    "a region that is none": (["--region", "Житомерська"], {}, "is not a region of the network ukraine",
                              "nearest: UA-18 (Житомирська)"),
    "an empty region": (["--region", ""], {}, "--region: is empty", "leave it out for the country"),
    "two regions": (["--region", "Житомирська", "--region", "UA-46"], {}, "names several regions", "run it for each"),
    "two regions with a comma": (["--region", "Lviv, Zhytomyr"], {}, "names several regions", "run it for each"),
    "two regions with a word": (["--region", "Львівська та Київська"], {}, "names several regions", "run it for each"),
    "a budget below nothing": (["--budget", "-5"], {}, "is less than nothing", "e.g. 2000000"),
    "an empty budget": (["--budget", ""], {}, "--budget: is empty", "or leave it out"),
    "a budget without end": (["--budget", "1e400"], {}, "is not a number of euros", "e.g. 2000000"),
    "more than everything intercepted": (["--wave", "light", "--interception", "110%"], {}, "interception",
                                         "must be at most 1"),
    "a budget in words": (["--budget", "two million"], {}, "is not a number of euros; write it in digits",
                          "e.g. 2000000"),
    "a forecast of ten hours": ([], {"hours": 10}, "leaves 10 hours of forecast, which is too short", "at least 24"),
    "a forecast with a short gap": ([], {"cut": slice(20, 24)}, "location-0 and 5 more: is missing for 4 hours",
                                    "(--fill linear)"),
    "a forecast with a long gap": (["--fill", "linear"], {"cut": slice(20, 32)}, "is missing for 12 hours",
                                   "(--fill-limit-h 12)"),
    "an archive": ([], {"whole": "PK\x03\x04 and so on"}, "is a ZIP archive", "unpack it first"),
    "a web page": ([], {"whole": "<!DOCTYPE html><html>503</html>"}, "is a web page", "download the file again"),
    "one site": ([], {"sites": 1}, "has one site: add the others", "--one-site"),
    "a forecast in degF": ([], {"change": lambda value: value + 55}, "looks like °F", "--unit degF"),
    "a forecast of last year": ([], {"first": "2025-11-30T22:00"}, "lies in the past: take a newer forecast",
                                "--exercise"),
    "a start before the forecast": (["--start", "2026-11-01 00:00"], {}, "begins after the start that was asked for",
                                    "start later"),
    "an unknown size": (["--wave", "huge"], {}, "is not a size of a national wave", "light, moderate, heavy"),
    "an interception without a wave": (["--interception", "0.8"], {}, "needs a wave", "--wave light"),
    "an empty interception": (["--wave", "light", "--interception", ""], {}, "interception: is empty", "or leave it out"),
    "an interception in words": (["--wave", "light", "--interception", "most"], {}, "interception", "80%"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_one_sentence_with_what_to_do_and_nothing_is_half_made(case, tmp_path):
    args, change, message, hint = WRONG[case]
    (tmp_path / "f.csv").write_text(shortened(**change), encoding="utf-8")
    past = [] if "last year" in case else ["--exercise"]
    got = cli("--forecast", tmp_path / "f.csv", "-o", tmp_path / "new" / "out", "--members", 1, *past, *args, code=1)
    told = [line for line in got.stderr.splitlines() if line.startswith("error")]
    assert len(told) == 1, got.stderr
    assert message in told[0]
    assert hint in told[0]
    assert got.stderr.splitlines()[-1] == "1 problem; nothing was written."
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]


def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    got = cli("--forecast", tmp_path / "none.csv", "--region", "Atlantis", "--budget", "much", code=1)
    assert got.stderr.splitlines()[-1] == "3 problems; nothing was written."


def test_a_folder_of_something_else_is_told_with_everything_else_that_is_wrong(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "f.csv").write_text(shortened(first="2025-11-30T22:00"), encoding="utf-8")
    got = cli("--forecast", tmp_path / "f.csv", "--region", "Житомерська", "--budget", "much", "-o",
              tmp_path / "mine", code=1)  # fmt: skip
    told = [line for line in got.stderr.splitlines() if line.startswith("error")]
    for part, line in zip(("not of a briefing", "nearest: UA-18", "--budget", "in the past"), told, strict=True):
        assert part in line
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["f.csv", "letter.txt", "mine"]


@pytest.mark.gate  # at each edit: the region of a city, in `test_cities.py`
def test_a_city_gets_the_sheet_of_its_region_and_that_is_said(tmp_path):
    (tmp_path / "f.csv").write_text(shortened(30), encoding="utf-8")
    got = cli("--forecast", tmp_path / "f.csv", "--region", "Бердичів", "--exercise", "--members", 1, "-o",
              tmp_path / "out")  # fmt: skip
    assert "Бердичів lies in Zhytomyr (UA-18): all numbers are of the whole region." in got.stderr
    assert got.stdout.startswith("Zhytomyr, ")
    assert json.loads((tmp_path / "out" / "brief.json").read_text("utf-8"))["brief"]["region"] == "UA-18"


def test_crews_that_drain_are_told_in_people_by_the_buildings_that_the_model_counts():
    # by hand, of the tables of the network: people on district heat over floor in buildings of 4,344 m²
    network = read_network("three-region")
    regions, heat = (network.tables[name].set_index(key).loc["TR-1"]
                     for name, key in (("regions", "id"), ("heat_systems", "region")))  # fmt: skip
    each = regions["population"] * heat["district_heat_share"] / (heat["floor_area_m2"] / 4344.0)
    assert people_per_building(network)["TR-1"] == pytest.approx(each)
    own = own_means(network, gm.load_scenario("three-region"), "TR-1")
    assert own["building_people"] == pytest.approx(each)
    assert own["drain_people"] == pytest.approx(heat["drain_buildings_per_h"] * each)


@pytest.mark.parametrize(
    ("given", "euros"),
    [("2000000", 2e6), ("2 000 000", 2e6), ("2,000,000", 2e6), ("2_000_000 EUR", 2e6), ("€2.5M", 2.5e6),
     ("2 млн", 2e6), ("900k", 9e5), (2e6, 2e6), ("0", 0.0)],
)  # fmt: skip
def test_a_budget_is_read_as_people_write_it(given, euros):
    assert read_budget(given, Problems()) == euros


@pytest.mark.parametrize("given", ["two million", "nan", "2 or 3", "1e400"])
def test_a_budget_that_is_no_amount_is_told(given):
    problems = Problems()
    assert read_budget(given, problems) is None
    assert "is not a number of euros" in str(problems.found[0])


def test_the_sample_forecast_is_what_its_script_makes():
    import runpy

    assert runpy.run_path(str(ROOT / "docs" / "forecast.py"))["text"]() == Path(SAMPLE).read_text(encoding="utf-8")


@pytest.mark.skipif(not (ROOT / "README.md").is_file(), reason="the page stays in the checkout")
@pytest.mark.gate  # at each edit: a briefing of fewer hours, above
def test_the_command_of_the_readme_runs_on_the_sample(tmp_path, monkeypatch):
    (line,) = re.findall(r"^\.venv/bin/gridmodel (brief .*)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    args = shlex.split(line)[1:]
    args[args.index("docs/forecast.csv")] = str(SAMPLE)
    monkeypatch.chdir(tmp_path)
    got = cli(*args, "--members", 1)
    assert "Zhytomyr" in got.stdout
    assert (tmp_path / "briefs" / "forecast" / "brief.html").is_file()


@pytest.mark.parametrize(
    "asked",
    [[], pytest.param(["--budget", "200000"], marks=pytest.mark.gate)],  # at each edit: without help
)
def test_what_a_briefing_takes_in_vain_is_told_once_also_where_help_is_ranked(tmp_path, monkeypatch, asked):
    whole = brief.read_scenario
    monkeypatch.setattr(brief, "read_scenario", lambda *given: whole(*given).replace(import_limit_mw=50_000.0))
    (tmp_path / "tuesday.csv").write_text(shortened(30), encoding="utf-8")
    got = cli("--forecast", tmp_path / "tuesday.csv", "--wave", "moderate", "--interception", "80%", "--members", 1,
              *asked, "--exercise", "-o", tmp_path / "out")  # fmt: skip
    assert got.stderr.count("import_limit_mw: '50000' is more than the borders of this network carry") == 1


def test_the_size_of_a_wave_is_read_in_any_case(made):
    home, _ = made
    assert json.loads((home / "out" / "brief.json").read_text("utf-8"))["brief"]["wave"] == "moderate"


@pytest.mark.gate  # at each edit: markup on a sheet, in `test_sheet.py`
def test_a_forecast_that_its_name_does_not_tell_apart_is_titled_by_its_days_and_one_with_markup_is_escaped(tmp_path):
    for name, title in (("forecast", "Forecast of 2026-12-01 to 2026-12-03"), ("<img src=x>", "Forecast <img src=x>")):
        (tmp_path / f"{name}.csv").write_text(shortened(), encoding="utf-8")
        cli("--forecast", tmp_path / f"{name}.csv", "--exercise", "--members", 1, "--region", "Zhytomyr",
            "--marking", "<b>x</b>", "--budget", "3e5", "-o", tmp_path / name)  # fmt: skip
        with read_result(tmp_path / name / "run") as result:
            assert result.attrs["title"] == title
        for page in ("brief.html", "run/report.html"):
            text = (tmp_path / name / page).read_text(encoding="utf-8")
            assert "<img src=x" not in text
            assert "<b>x</b>" not in text
        for line in (tmp_path / name / "options.csv").read_text("utf-8").splitlines():
            assert not any(cell.strip('"')[:1] in set("=+@\t") for cell in line.split(","))


@pytest.fixture(scope="module")
def ukrainian(tmp_path_factory):
    """A briefing of the whole country in Ukrainian, from a table of three regions with a wave of unknown interception."""
    home = tmp_path_factory.mktemp("ukrainian")
    moments = pd.date_range("2026-12-01", periods=30, freq="h").strftime("%d.%m.%Y %H:%M")
    rows = [f"{moment};-20,5;-19,0;-18" for moment in moments]
    text = "\n".join(["час;Житомирська;м. Київ;Львівська", *rows]) + "\n"
    (home / "прогноз.csv").write_text(text, encoding="utf-8")
    got = cli("--forecast", home / "прогноз.csv", "--exercise", "--members", 1, "--wave", "light", "--lang", "uk",
              "-o", home / "out")  # fmt: skip
    return home, got


@pytest.mark.gate  # at each edit: drawn interception, in `test_waves.py`
def test_a_wave_without_interception_says_what_is_drawn(ukrainian):
    home, got = ukrainian
    assert "Частку збитих не задано, тож кожен варіант бере її з меж: missile" in got.stderr
    assert got.stdout.startswith("Уся країна, вт, 1 грудня")
    assert '<html lang="uk">' in (home / "out" / "brief.html").read_text(encoding="utf-8")


@pytest.mark.gate  # at each edit: the table, and a region in Ukrainian, apart
def test_a_region_is_briefed_in_ukrainian_from_a_table_with_semicolons(ukrainian, tmp_path):
    home, _ = ukrainian
    got = cli("--forecast", home / "прогноз.csv", "--exercise", "--members", 1, "--region", "житомирська",
              "--lang", "uk", "-o", tmp_path / "out")  # fmt: skip
    assert got.stdout.startswith("Житомирська область, вт, 1 грудня")


@pytest.mark.gate  # at each edit: Ukrainian names, in `test_forecast.py`
def test_the_temperature_and_the_names_of_a_ukrainian_table_with_semicolons_are_read(ukrainian):
    home, _ = ukrainian
    with read_result(home / "out" / "run") as result:
        assert float(result["outdoor_temperature"].sel(region="UA-18").isel(time=3).max()) == pytest.approx(-20.5)
