"""What the summary of a run says beside its numbers: few members, made-up weather, words for settings, regions alike."""

import io
import json
import re

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

import gridmodel as gm
from gridmodel.commands.summary import FEWEST, _alike, print_summary
from gridmodel.output.languages import languages, words
from gridmodel.output.report.payload import payload
from gridmodel.results.drivers import drivers
from gridmodel.results.run_folder import summary_json
from gridmodel.results.weather_notes import HISTORY, weather_notes
from gridmodel.sampling import drawn_settings
from gridmodel.scenario.by_technology import folded

SAID = (
    "forecast f.csv: one series; 19 of 24 regions are farther than 150 km from any site: the farthest UA-14 (543 km); "
    "of the 96 hours before the start, 72 are not in the file and take the mean of its first day, from 2026-12-01 00:00 UTC on"
)


@pytest.fixture(scope="module")
def result():
    scenario = gm.load_scenario("three-region").replace(
        end="2026-01-05 06:00", deterministic=False, members=6, import_limit_mw={"uniform": [0, 200]}, events=[],
        availability={"nuclear": {"uniform": [0.2, 1.0]}},
    )  # fmt: skip
    return gm.run(scenario)


def printed(result, folder, width=300):
    screen = Console(width=width, record=True, force_terminal=False, file=io.StringIO())
    print_summary(result, folder, screen=screen)
    return screen.export_text()


def test_too_few_members_for_a_bad_case_are_told_and_enough_are_not(result, tmp_path):
    assert "With 6 members the bad case is close to the worst of them: take 20 or more." in printed(result, tmp_path)
    many = result.isel(member=np.arange(24) % 6).assign_coords(member=np.arange(24))
    assert many.sizes["member"] > FEWEST
    assert "close to the worst" not in printed(many, tmp_path)


def test_settings_have_words_and_the_page_is_named(result, tmp_path):
    told = printed(result, tmp_path)
    assert not re.search(r"Moved most by.*_", told)
    assert "report.html" not in told
    (tmp_path / "report.html").touch()
    assert f"Results are in {tmp_path}; open report.html there in a browser" in printed(result, tmp_path)


@pytest.mark.parametrize("lang", languages())
def test_every_setting_that_bundled_scenarios_draw_has_words(lang):
    known = words(lang)
    for name in ("january-2026", "next-cold-spell", "winter-2025-26", "texas-2021"):
        for setting in map(folded, drawn_settings(gm.load_scenario(name))):
            assert f"set_{setting}" in known, setting
            assert "_" not in known[f"set_{setting}"]
    assert "reference day" in words("en")["set_temperature_slope_factor"]  # why more can be less


def test_a_made_up_run_up_and_sparse_sites_are_told_in_the_terminal_and_on_the_page(result, tmp_path):
    made = result.assign_attrs({HISTORY: SAID})
    told = printed(made, tmp_path)
    assert "Weather: of the 96 hours before the start, 72 are not in its file" in told
    assert "Weather: 19 of 24 regions are farther than 150 km from any site of its file." in told
    assert "Weather:" not in printed(result, tmp_path)
    notes = [{"kind": "run_up", "of": 96, "missing": 72}, {"kind": "sparse", "far": 19, "of": 24, "km": 150}]
    summary = summary_json(made, gm.summarise(made))
    assert summary["weather_notes"] == notes == payload(made, summary=summary)["summary"]["weather_notes"]
    for lang in languages():
        for note in notes:
            said = words(lang)[f"weather_{note['kind']}"].format(**note)
            assert all(str(number) in said for number in list(note.values())[1:])


def test_a_run_keeps_what_its_weather_file_says_of_itself(three, tmp_path):
    series = gm.load_weather("three-region").assign_attrs(history=SAID)
    series.to_dataset(name="temperature").to_netcdf(tmp_path / "w.nc")
    made = gm.run(three(weather=str(tmp_path / "w.nc"), end="2026-01-05 01:00"))
    assert [note["kind"] for note in weather_notes(made)] == ["run_up", "sparse"]
    assert json.loads(made.attrs["scenario"])["weather"] != ""
    assert HISTORY not in gm.run(three(end="2026-01-05 01:00")).attrs


def test_regions_within_chance_of_the_worst_are_not_ranked():
    rng = np.random.default_rng(2)
    base = rng.normal(10, 3, (40, 1))
    hours = np.concatenate([base + rng.normal(0, 1, (40, 3)), base - 3 + rng.normal(0, 1, (40, 2))], axis=1)
    worst = int(hours.mean(axis=0).argmax())
    assert _alike(hours, worst) == [0, 1, 2]  # paired: what all share, three hours of spread, does not count
    apart = np.concatenate([base, base - 0.1], axis=1)  # always less: a tenth of an hour is told apart
    assert _alike(apart, 0) == [0]


def test_no_order_of_few_members_names_a_setting():
    values = xr.DataArray(np.arange(4.0), dims="member")
    drawn = xr.DataArray(np.arange(4.0)[:, None], dims=("member", "setting"), coords={"setting": ["import_limit_mw"]})
    assert drivers(xr.Dataset({"drawn_value": drawn}), values) == []  # one order in twelve is as extreme
    five = xr.DataArray(np.arange(5.0)[:, None], dims=("member", "setting"), coords={"setting": ["import_limit_mw"]})
    assert drivers(xr.Dataset({"drawn_value": five}), xr.DataArray(np.arange(5.0), dims="member")) == [
        ("import_limit_mw", 1.0)
    ]
