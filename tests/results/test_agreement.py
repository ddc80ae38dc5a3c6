"""One definition each: the same number comes out of every output of a run. Every figure is taken from every output and
compared pair by pair, within half a digit of the output that prints fewest."""

import csv
import io
import json
import re
import shutil
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT
from gridmodel.results.sendable import UNIT_OF

HOURS = "hours_without_power_per_day"
PEOPLE = ("without_power", "without_heat", "without_water", "dry_street", "dry_high_floors", "without_all")
"""Counts of people, by the last part of their metric."""
QUANTILES = ("p50", "p95")


def cli(*args):
    got = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False, env={"COLUMNS": "200"})
    assert got.exit_code == 0, got.output
    return got.stdout


class Figures:
    """Figures by quantity, region and output, with half of the last digit that the output prints."""

    def __init__(self):
        self.found = {}

    def add(self, output, quantity, region, value, half=0.0):
        if isinstance(value, str) or not pd.isna(value):
            self.found.setdefault((quantity, region), {})[output] = (value, half)

    def disagreements(self):
        """Pairs of outputs that give the same figure differently."""
        for (quantity, region), outputs in self.found.items():
            for (one, (a, half_a)), (other, (b, half_b)) in combinations(outputs.items(), 2):
                if isinstance(a, str):
                    if a != b:
                        yield quantity, region, one, a, other, b
                elif abs(a - b) > half_a + half_b + 6e-5 * max(abs(a), abs(b)):  # pages print five digits
                    yield quantity, region, one, a, other, b


def page_numbers(folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    return json.loads(re.search(r'id="numbers">(.*?)</script>', text, re.DOTALL)[1])


def from_summary(figures, output, summary):
    for region, row in summary["regions"].items():
        for quantity in (HOURS, *(f"person_hours_{name}" for name in PEOPLE)):
            for part in QUANTILES:
                figures.add(output, f"{quantity}_{part}", region, row.get(f"{quantity}_{part}"))
    for row in summary["deadlines"]:
        for part in ("local_p50", "local_p05"):
            figures.add(output, f"{row['deadline']}_{part}", row["region"], str(row[part] or "")[:16].replace("T", " "))
        figures.add(output, f"{row['deadline']}_share", row["region"], row["reached_share"])
    for row in summary["needs"]:
        for part in QUANTILES:
            figures.add(output, f"need {row['need']}_{part}", row["region"], row[part])


def from_page(figures, page):
    from_summary(figures, "page: its summary", page["summary"])
    for one in page["regions"]:
        for quantity, row in one["totals"].items():
            for part in QUANTILES:
                figures.add("page: regions", f"{quantity}_{part}", one["id"], row[part])
    for row in csv.DictReader(io.StringIO(page["options"])):
        kind = {"warming_points": "warm_places"}.get(
            row["kind"], f"generators_{'heat' if row['target'] == 'heat_source' else 'water'}_mw"
        )
        figures.add("page: options", f"need {kind}_p95", row["region"], float(row["size"]))


def from_exports(figures, folder, tmp_path):
    for form, skip in (("csv", 1), ("hxl", 1)):
        cli("export", folder, form, "-o", tmp_path / f"{form}.csv")
        text = (tmp_path / f"{form}.csv").read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))[skip:]
        for row in rows:
            from_row(figures, form, row)
    cli("export", folder, "geojson", "-o", tmp_path / "x.geojson")
    for feature in json.loads((tmp_path / "x.geojson").read_text(encoding="utf-8"))["features"]:
        from_row(
            figures, "geojson", {key: "" if value is None else value for key, value in feature["properties"].items()}
        )
    cli("export", folder, "netcdf", "-o", tmp_path / "x.nc")
    with xr.open_dataset(tmp_path / "x.nc") as data, gm_result(folder) as result:
        step_h = float(result.attrs["step_h"])
        for name in PEOPLE:
            if f"people_{name}" in data:
                hours = data[f"people_{name}"].sum("time") * step_h
                for region, value in zip(result["region"].to_numpy(), hours.to_numpy(), strict=True):
                    figures.add(
                        "netcdf", f"person_hours_{name}_mean", str(region), float(value), 1e-4 * float(value) + 0.5
                    )


def from_row(figures, output, row):
    region = row["region"]
    for quantity in (HOURS, *(f"person_hours_{name}" for name in PEOPLE)):
        if f"{quantity}_p50" in row:
            for part in QUANTILES:
                figures.add(output, f"{quantity}_{part}", region, float(row[f"{quantity}_{part}"]), 0.5)
            figures.add(output, f"{quantity}_mean", region, float(row[quantity]), 0.5)
            if quantity == HOURS:
                for part in QUANTILES:
                    figures.found[f"{quantity}_{part}", region][output] = (float(row[f"{quantity}_{part}"]), 1e-4)
    for name in ("homes_12c", "drain", "dry_taps"):
        for part, column in (("local_p50", f"{name}_local"), ("local_p05", f"{name}_local_p05")):
            if column in row:
                figures.add(output, f"{name}_{part}", region, row[column])


def from_terminal(figures, folder, said, names):
    for line in said.splitlines():  # the table of regions of `run`
        cells = re.split(r"\s{2,}", line.strip())
        if cells[0] in names and len(cells) >= 2 and re.fullmatch(r"\d+\.\d", cells[1]):
            figures.add("run", f"{HOURS}_p50", names[cells[0]], float(cells[1]), 0.051)
            if len(cells) > 2:
                figures.add("run", f"{HOURS}_p95", names[cells[0]], float(cells[2]), 0.051)
    for row in json.loads(cli("deadlines", folder, "--json"))["deadlines"]:
        for part in ("local_p50", "local_p05"):
            figures.add(
                "deadlines", f"{row['deadline']}_{part}", row["region"], str(row[part] or "")[:16].replace("T", " ")
            )
        figures.add("deadlines", f"{row['deadline']}_share", row["region"], row["reached_share"])
    made = json.loads(cli("schedule", folder, "--json"))
    for region, one in made["regions"].items():
        figures.add("schedule --json", f"{HOURS}_p50", region, one[HOURS])
    for line in cli("schedule", folder).splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        region = cells[0].split(" ")[0]
        if region in names.values() and len(cells) > 3:
            figures.add("schedule", f"{HOURS}_p50", region, float(cells[1]), 0.051)


def from_sheets(figures, result):
    from gridmodel.results.sheet import sheet

    for region in map(str, result["region"].to_numpy()):
        one = sheet(result, region)
        for part, name in (("p50", "typical"), ("p95", "bad")):
            figures.add("sheet", f"{HOURS}_{part}", region, getattr(one.off_day_h, name))
            for want in one.wants:
                figures.add("sheet", f"need {want.key}_{part}", region, getattr(want.amount, name))
        for due in one.dues:
            figures.add("sheet", f"{due.key}_share", region, due.share)


def figures_of(folder, said, tmp_path):
    """Take every figure from every output of a run."""
    figures = Figures()
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    names = {row["region_name"]: region for region, row in summary["regions"].items()}
    from_summary(figures, "summary.json", summary)
    from_page(figures, page_numbers(folder))
    from_exports(figures, folder, tmp_path)
    from_terminal(figures, folder, said, names)
    with gm_result(folder) as result:
        from_sheets(figures, result)
    return figures, summary


def assert_one_definition(folder, said, tmp_path):
    figures, summary = figures_of(folder, said, tmp_path)
    assert list(figures.disagreements()) == []
    outputs = {output for found in figures.found.values() for output in found}
    assert outputs >= {
        "summary.json",
        "page: regions",
        "csv",
        "hxl",
        "geojson",
        "netcdf",
        "run",
        "deadlines",
        "schedule",
        "sheet",
    }
    with gm_result(folder) as result:
        assert_they_follow_from_each_other(result, summary)


def gm_result(folder):
    from gridmodel.results.run_folder import read_result

    return read_result(folder)


def assert_they_follow_from_each_other(result, summary):
    """What different outputs say in different words must fit together."""
    days = result.sizes["time"] * float(result.attrs["step_h"]) / 24
    hours = gm.metrics.hours_without_power_per_day(result)
    people_h = result["people_without_power"].sum("time") * float(result.attrs["step_h"])
    assert np.allclose(hours * result["population"] * days, people_h, rtol=1e-5)
    parts = result["people_dry_street"] + result["people_dry_risers"] + result["people_dry_high_floors"]
    assert np.allclose(parts, result["people_without_water"], rtol=1e-4, atol=1.0)
    needs = {(row["region"], row["need"]): row for row in summary["needs"]}
    dry = result["people_dry_street"].max("time")
    for row in summary["deadlines"]:
        region = row["region"]
        people = float(result["population"].sel(region=region))
        if row["deadline"] == "dry_taps":  # taps dry in no member: nobody's street is
            assert row["reached_share"] >= float((dry.sel(region=region) >= 0.01 * people).mean()) - 1e-9
            if row["reached_share"] == 0:
                assert summary["regions"][region]["person_hours_dry_street_p95"] <= 0.01 * people * 24 * days
        if row["deadline"] == "homes_12c":
            cold = needs.get((region, "warm_places"))
            assert (cold["p50"] if cold else 0.0) >= min(row["people_p50"], 5.0) - 5.0
            assert not cold or cold["p50"] <= max(1.11 * row["people_p50"], 50.0)
    for row in summary["needs"]:
        unit = UNIT_OF[row["unit"]]
        for part in QUANTILES:
            assert abs(row[part] / unit - round(row[part] / unit)) < 1e-6, row  # nothing that cannot be sent


def run_and_compare(scenario, tmp_path):
    said = cli("run", scenario, "-o", tmp_path / "run")
    assert_one_definition(tmp_path / "run", said, tmp_path)


SMALL = """\
name: Three members by chance
network: {network}
weather: {weather}
timezone: UTC
start: 2026-01-05 00:00
end: 2026-01-07 00:00
members: 3
availability: {{thermal_gas: {{uniform: [0.3, 1.0]}}, chp: {{uniform: [0.3, 1.0]}}, nuclear: {{uniform: [0.5, 1.0]}}}}
events:
  - {{time: 2026-01-05 06:00, target: {a}/heat_source, kind: outage, share: 0.5, duration_h: 30}}
  - {{time: 2026-01-05 04:00, target: {c}/water_pumping, kind: outage, share: 0.9, duration_h: 40}}
  - {{time: 2026-01-06 00:00, target: {b}/delivery, kind: limit, share: 0.5, duration_h: 12}}
"""


@pytest.mark.gate  # at each edit: a disagreement is found; the plot of people and the page show the same lines
def test_every_output_of_a_small_run_gives_the_same_figures(tmp_path):
    (tmp_path / "small.yaml").write_text(
        SMALL.format(network="three-region", weather="three-region", a="TR-1", b="TR-2", c="TR-3"), encoding="utf-8"
    )
    run_and_compare(tmp_path / "small.yaml", tmp_path)


@pytest.mark.gate  # at each edit: a disagreement is found
def test_regions_of_two_countries_give_the_same_figures_everywhere(tmp_path):
    shutil.copytree(ROOT / "networks" / "three-region", tmp_path / "two")
    for file in (tmp_path / "two").glob("*.csv"):
        file.write_text(file.read_text(encoding="utf-8").replace("TR-3", "XB-3"), encoding="utf-8")
    weather = (ROOT / "weather" / "three-region.csv").read_text(encoding="utf-8")
    (tmp_path / "cold.csv").write_text(weather.replace("TR-3", "XB-3"), encoding="utf-8")
    (tmp_path / "two.yaml").write_text(
        SMALL.format(network="two", weather="cold.csv", a="TR-1", b="TR-2", c="XB-3"), encoding="utf-8"
    )
    run_and_compare(tmp_path / "two.yaml", tmp_path)


@pytest.mark.parametrize(
    ("scenario", "start", "end"),
    [
        pytest.param("january-2026", "2026-01-08 12:00", "2026-01-25 00:00", marks=pytest.mark.long),
        pytest.param("next-cold-spell", "2026-12-02 00:00", "2026-12-06 00:00", marks=pytest.mark.long),
        ("next-cold-spell", "2026-12-02 22:00", "2026-12-05 04:00"),
    ],
)
@pytest.mark.gate  # at each edit: a disagreement is found
def test_bundled_scenarios_give_the_same_figures_everywhere(tmp_path, scenario, start, end):
    text = (ROOT / "scenarios" / f"{scenario}.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^start:.*$", f"start: {start}", re.sub(r"(?m)^end:.*$", f"end: {end}", text))
    text = re.sub(r"(?m)^members:.*$", "members: 3", text)
    (tmp_path / "cut.yaml").write_text(text, encoding="utf-8")
    run_and_compare(tmp_path / "cut.yaml", tmp_path)


def test_a_disagreement_is_found():
    figures = Figures()
    figures.add("run", f"{HOURS}_p50", "UA-05", 5.6, 0.051)
    figures.add("schedule", f"{HOURS}_p50", "UA-05", 6.6, 0.051)
    figures.add("page", f"{HOURS}_p50", "UA-05", 5.63)
    assert [found[2::2] for found in figures.disagreements()] == [("run", "schedule"), ("schedule", "page")]


def test_the_plot_of_people_and_the_page_show_the_same_lines(tmp_path, run_of_three):
    with gm_result(run_of_three) as result:
        figure = gm.plot.people(result)
        page = page_numbers(run_of_three)
        drawn = {line.get_label(): np.asarray(line.get_ydata(), dtype=float) for line in figure.axes[0].lines}
        unit = next(
            size
            for words, size in (("million", 1e6), ("thousand", 1e3), ("people", 1.0))
            if words in figure.axes[0].get_ylabel() or words == "people"
        )
        from gridmodel.services.registry import SHOWN_COUNTS

        for count in SHOWN_COUNTS:
            if count.variable in result:
                line = drawn[count.words] * unit
                assert line[: len(page["t"])] == pytest.approx(page["national"][count.key]["typical"], rel=0.02, abs=60)
    assert pd.Timestamp(page["summary"]["run"]["start"]) < pd.Timestamp(page["summary"]["run"]["end"])
