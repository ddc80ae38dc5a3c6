"""A scenario of a user's own forecast: its text, its waves, what is refused, and that it runs."""

import json
import pathlib
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.events.national import national_sizes
from gridmodel.inputs.files import ROOT
from gridmodel.scenario.read import parse_yaml
from gridmodel.studies.forecast.make import _local
from gridmodel.studies.forecast.nights import coldest_nights
from gridmodel.studies.forecast.text import BASE, OWN, base_text, blocks

SITES = {"Kyiv": (50.45, 30.52, -10.0), "Lviv": (49.84, 24.03, -4.0), "Odesa": (46.48, 30.73, 1.0)}


def open_meteo(hours=24, first="2026-12-01", **more):
    """Three sites with two members each, whose second night is the coldest of three."""
    times = pd.date_range(first, periods=hours, freq="h")
    depth = np.array([0.0, 5.0, 3.0, 0.0, 0.0, 0.0])[np.minimum(np.arange(hours) // 24, 5)]
    places = []
    for latitude, longitude, base in SITES.values():
        wave = base - depth + 3 * np.cos(2 * np.pi * (np.arange(hours) - 12) / 24)
        members = {"temperature_2m": wave, "temperature_2m_member01": wave - 6}
        places.append({
            "latitude": latitude, "longitude": longitude, "utc_offset_seconds": 7200, "timezone": "Europe/Kyiv",
            "hourly_units": dict.fromkeys(members, "°C"),
            "hourly": {"time": times.strftime("%Y-%m-%dT%H:%M").tolist(),
                       **{name: values.round(2).tolist() for name, values in members.items()}}, **more,
        })  # fmt: skip
    return places


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(content, name="om.json"):
    with pathlib.Path(name).open("w", encoding="utf-8") as out:
        out.write(content if isinstance(content, str) else json.dumps(content))
    return name


def cli(*args, code=0):
    got = CliRunner().invoke(main, ["scenario", "forecast", *args], catch_exceptions=False)
    assert got.exit_code == code, got.output
    return got


@pytest.mark.gate  # at each edit: `gridmodel brief` on a forecast
def test_an_ensemble_of_three_sites_becomes_a_scenario_that_passes_its_check_and_runs(here):
    write(open_meteo(issued="2026-11-30T22:00Z"))
    got = cli("om.json", "--wave", "moderate", "--interception", "80%", "-o", "mine.yaml")
    assert got.stdout == "Wrote mine.yaml and mine-weather.nc; run it with: gridmodel run mine.yaml\n"
    assert sorted(path.name for path in here.iterdir()) == ["mine-weather.nc", "mine.yaml", "om.json"]
    assert "3 sites spread to 24 regions by inverse distance" in got.stderr
    assert "of the 96 hours before the start, 96 are not in the file" in got.stderr.lower()
    assert gm.check_scenario("mine.yaml") == []
    weather = gm.load_weather("mine-weather.nc")
    assert weather.sizes == {"member": 2, "time": 120, "region": 24}
    for said in (
        "om.json: an ensemble of 2 members, issued 2026-11-30 22:00 UTC",
        "by inverse distance",
        "take the mean",
    ):
        assert said in weather.attrs["history"]
        assert said in " ".join(line.lstrip("# ") for line in (here / "mine.yaml").read_text("utf-8").splitlines())
    run = CliRunner().invoke(main, ["run", "mine.yaml", "--members", "2", "-o", "run"])
    assert run.exit_code == 0, run.output
    with xr.open_dataset("run/result.nc") as result:
        assert (result.sizes["time"], result.sizes["member"]) == (24, 2)
        assert result.sizes["job"] > 0  # the wave hit
        outdoor = result["outdoor_temperature"]
        assert outdoor.sel(region="UA-30").mean() < outdoor.sel(region="UA-51").mean() - 5


def test_a_table_with_dates_and_ukrainian_names_becomes_a_scenario(here):
    rows = "".join(f"{h // 24 + 1:02d}.12.2026 {h % 24:02d}:00;-{12 + h // 24},5;-3\n" for h in range(48))
    write(f"Дата;Київська обл.;ЛЬВІВ\n{rows}", "прогноз.csv")
    scenario = gm.scenario_from_forecast("прогноз.csv", timezone="Europe/Kyiv")
    assert (scenario.start, scenario.end) == (datetime(2026, 12, 1), datetime(2026, 12, 3))
    assert scenario.weather == "прогноз-weather.nc"
    assert scenario.events == ()
    weather = gm.load_weather("прогноз-weather.nc")
    assert weather.sel(region="UA-32").to_numpy()[[0, 96, -1]] == pytest.approx([-12.5, -12.5, -13.5])
    assert weather.sel(region="UA-46").to_numpy() == pytest.approx(-3)
    text = (here / "прогноз.yaml").read_text("utf-8")
    assert "Times without an offset read as Europe/Kyiv." in text
    assert "no wave was asked for (--wave light, moderate or heavy)".casefold() in text.casefold()


def test_settings_and_ranges_are_those_of_the_next_cold_spell_with_their_comments(here):
    scenario = gm.scenario_from_forecast(write(open_meteo()), "mine.yaml", wave="light")
    base = gm.load_scenario(BASE)
    own = json.loads(scenario.model_dump_json(exclude={*OWN, "folder"}))
    assert own == json.loads(base.model_dump_json(exclude={*OWN, "folder"}))
    assert scenario.distributions == base.distributions
    text = (here / "mine.yaml").read_text("utf-8")
    kept = [line for key, lines in blocks(base_text()) if key not in OWN for line in lines]
    assert len(kept) > 25
    assert "\n".join(kept[-12:]) in text
    assert [line for line in kept if line not in text.splitlines()] == []
    assert sum(len(lines) for _, lines in blocks(base_text())) == len(base_text().splitlines())


def test_the_forecast_of_the_bundled_spell_has_waves_in_the_nights_of_the_bundled_scenario(here):
    made = gm.scenario_from_forecast("next-cold-spell", "mine.yaml", wave="heavy", start="2026-12-01 00:00")
    base = gm.load_scenario(BASE)
    nights = [row["time"][:10] for row in base.events if row["kind"] == "wave"]
    assert [row["time"][:10] for row in made.events if row["kind"] == "wave"] == nights
    assert [row["kind"] for row in made.events] == ["wave", "alert"] * 2
    for row in made.events:
        assert row["target"] == ("UA" if row["kind"] == "wave" else "UA/crew")
    assert made.events[0]["weapons"] == made.events[2]["weapons"]
    weapons = parse_yaml((here / "mine.yaml").read_text("utf-8"), shown="")[0]["events"][0]["weapons"]
    assert weapons == national_sizes()["heavy"]
    assert made.events[1]["duration_h"] == base.events[1]["duration_h"]
    first, second = (gm.load_weather(name) for name in ("next-cold-spell", "mine-weather.nc"))
    assert second.equals(first.sel(time=second["time"]).assign_attrs(second.attrs))  # regions as they are, nothing made
    assert "spread" not in second.attrs["history"]
    assert "take the mean" not in second.attrs["history"]


def series(nights, first="2026-12-01T10:00"):
    """Two regions, 24 hours from noon to noon each, whose lowest temperatures are those of the nights."""
    values = np.concatenate([[[0.0, 0.0]] * 12 + [list(night)] * 12 for night in nights])
    hours = pd.date_range(first, periods=len(values), freq="h")
    return xr.DataArray(values, {"time": hours, "region": ["A", "B"]}, ("time", "region"))


@pytest.mark.parametrize(
    ("nights", "weight", "expected"),
    [
        ([(-5, -5), (-9, -9), (-8, -8), (-7, -7)], (1, 1), {1: -9, 3: -7}),  # the night after the coldest is too near
        ([(-5, -5), (-9, -9)], (1, 1), {1: -9}),
        ([(-5, -5), (-5, -5), (-5.01, -5), (-5, -5)], (1, 1), {0: -5, 2: -5.005}),  # as cold: the earlier
        ([(-5, -5), (-5, -5), (-5, -5), (-5, -5.01)], (1, 1), {0: -5, 2: -5}),
        ([(-20, 0), (0, 0), (0, -12), (0, 0)], (1, 3), {0: -5, 2: -9}),  # by population: -5 and -9
        ([(-20, 0), (0, 0), (0, -12), (0, -1), (0, 0)], (3, 1), {0: -15, 2: -3}),
    ],
)
def test_waves_come_in_the_coldest_nights_of_the_country_two_nights_apart(nights, weight, expected):
    data = series(nights)
    start, end = (data["time"].to_numpy()[place].astype("datetime64[s]") for place in (0, -1))
    found = coldest_nights(data, np.array(weight, dtype=float), start, end, "Europe/Kyiv")
    assert [int((night.wave - np.datetime64("2026-12-02T02:00")) / np.timedelta64(24, "h")) for night in found] == [
        *expected
    ]
    assert [night.lowest_c for night in found] == pytest.approx([*expected.values()])
    assert all(str(night.wave)[11:16] == "02:00" for night in found)


def test_members_count_alike_in_the_coldness_of_a_night_and_only_nights_of_the_run_count():
    one, two = series([(-5, -5), (-9, -9), (-6, -6)]), series([(-5, -5), (-1, -1), (-6, -6)])
    data = xr.concat([one, two], dim="member")
    weight, end = np.ones(2), np.datetime64("2026-12-04T10:00", "s")
    found = coldest_nights(data, weight, np.datetime64("2026-12-01T10:00", "s"), end, "Europe/Kyiv")
    assert [night.lowest_c for night in found] == [-5, -6]  # the second night is -5 in the mean, next to the third
    late = coldest_nights(data, weight, np.datetime64("2026-12-03T00:01", "s"), end, "Europe/Kyiv")
    assert [str(night.wave)[:10] for night in late] == ["2026-12-04"]


@pytest.mark.parametrize(
    ("timezone", "expected"),
    [("Europe/Berlin", ["2026-03-28"]), ("Europe/London", ["2026-03-28"]), ("Europe/Kyiv", ["2026-03-29"])],
)
def test_no_wave_comes_at_an_hour_that_the_clock_skips(timezone, expected):
    """The night to 29 March is the coldest; clocks skip two o'clock in Berlin, one in London and three in Kyiv."""
    times = np.datetime64("2026-03-27T12:00", "ns") + np.arange(48) * np.timedelta64(1, "h")
    cold = np.where(np.arange(48) < 24, -5.0, -9.0)[:, None]
    data = xr.DataArray(cold, {"time": times, "region": ["A"]}, ("time", "region"))
    end = np.datetime64("2026-03-29T12:00", "s")
    found = coldest_nights(data, np.ones(1), times[0].astype("datetime64[s]"), end, timezone)
    assert [str(night.wave)[:10] for night in found] == expected


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("0.8", 0.8), ("80%", 0.8), (0.75, 0.75), ("0", 0), ("100%", 1),
        ("{uniform: [60%, 0.9]}", {"uniform": [0.6, 0.9]}), ({"uniform": [0.6, 0.9]}, {"uniform": [0.6, 0.9]}),
    ],
)  # fmt: skip
def test_interception_is_understood_as_share_percentage_and_range(here, given, read):
    write(open_meteo())
    gm.scenario_from_forecast("om.json", "mine.yaml", wave="light", interception=given)
    weapons = parse_yaml((here / "mine.yaml").read_text("utf-8"), shown="")[0]["events"][0]["weapons"]
    assert [parts["interception"] for parts in weapons.values()] == [read] * 3
    assert [parts["number"] for parts in weapons.values()] == [p["number"] for p in national_sizes()["light"].values()]
    assert gm.check_scenario("mine.yaml") == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("80", "interception: '80' must be at most 1 (write 0.8 or 80%)"),
        ("180%", "(a share from 0 to 1, or 80%)"),
        ("-0.1", "(a share from 0 to 1, or 80%)"),
        ("most", "interception: 'most' is not a number, or a distribution such as {uniform: [low, high]}"),
        ("0,8", "interception: '0,8' is not a number"),
        ("[", "interception: '[' is not a number"),
        ("nan", "interception: 'nan' is not a number"),
        ("{uniform: [60, 90]}", "interception: "),
    ],
)
def test_interception_that_is_no_share_is_answered_with_the_right_form(here, given, message):
    write(open_meteo())
    got = cli("om.json", "--wave", "light", "--interception", given, code=1)
    assert message in got.stderr
    assert "1 problem; nothing was written." in got.stderr
    assert sorted(path.name for path in here.iterdir()) == ["om.json"]


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(here):
    rows = "".join(f"01.12.2026 {h:02d}:00;-9;-1;-2\n" for h in range(20))
    write(f"Дата;Київ;Lvov;Odesa\n{rows}", "f.csv")
    (here / "out-weather.nc").write_text("mine")
    got = cli("f.csv", "--wave", "moderat", "--interception", "80", "--start", "soon", "-o", "out.yaml", code=1)
    assert got.stderr.splitlines() == [
        "error: wave: 'moderat' is not a size of a national wave in waves/national.csv (nearest: moderate)",
        "error: interception: '80' must be at most 1 (write 0.8 or 80%)",
        "error: out-weather.nc: already exists and was left unchanged; choose another name, or overwrite it (--overwrite)",
        "error: start: 'soon' is not a local time of Europe/Kyiv such as 2026-12-01 00:00",
        "error: f.csv: time: '2026-12-01 00:00 UTC' leaves 20 hours of forecast, which is too short: at least 24 are needed",
        "error: f.csv: region: 'Lvov' is not a region of the network ukraine: give its id or name, or leave it out; "
        "nearest: UA-46 (Lviv)",
        "6 problems; nothing was written.",
    ]
    assert sorted(path.name for path in here.iterdir()) == ["f.csv", "out-weather.nc"]
    assert (here / "out-weather.nc").read_text() == "mine"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["om.json", "--interception", "0.8"],
            "interception: '0.8' needs a wave: give its size with wave= (--wave light,",
        ),
        (["om.json", "-o", "mine.txt"], "file: 'mine.txt' must end in .yaml"),
        (["om.json", "-o", "no/mine.yaml"], "file: 'no' is not an existing folder"),
        (["none.json"], "weather: 'none.json' is neither a bundled weather nor a file or folder"),
        (["om.json", "--start", "2027-03-28 03:30"], "start: '2027-03-28 03:30' is not a local time of Europe/Kyiv"),
        (["om.json", "--timezone", "Kiev"], "timezone: 'Kiev' is not a time zone"),
        (
            ["a-weather.nc", "-o", "a.yaml", "--overwrite"],
            "a-weather.nc: is the forecast itself: choose another name with -o",
        ),
    ],
)
def test_wrong_use_is_one_sentence_with_what_to_do(here, args, message):
    write(open_meteo())
    if args[0] == "a-weather.nc":
        gm.weather.write_weather(gm.load_weather("next-cold-spell"), "a-weather.nc")
    before = {path.name: path.read_bytes() for path in here.iterdir()}
    got = cli(*args, code=1)
    assert message in got.stderr
    assert got.stderr.count("error: ") == 1
    assert {path.name: path.read_bytes() for path in here.iterdir()} == before


def test_files_are_replaced_only_when_that_is_said(here):
    write(open_meteo())
    cli("om.json")
    before = (here / "om.yaml").read_text()
    got = cli("om.json", "--wave", "light", code=1)
    assert got.stderr.count("already exists and was left unchanged") == 2
    assert (here / "om.yaml").read_text() == before
    cli("om.json", "--wave", "light", "--overwrite")
    assert "kind: wave" in (here / "om.yaml").read_text()
    assert gm.check_scenario("om.yaml") == []


def test_no_weather_is_left_where_the_scenario_cannot_be_written(here, monkeypatch):
    from gridmodel.studies.forecast import make

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make, "write_text", full)
    write(open_meteo())
    with pytest.raises(gm.InputError, match="cannot be written: No space left on device"):
        gm.scenario_from_forecast("om.json")
    assert [path.name for path in here.iterdir()] == ["om.json"]


def test_names_of_files_can_neither_add_settings_nor_steer_a_terminal(here):
    name = "x\nseed: 7\x1b[2J: #{}.json"
    write(open_meteo(), name)
    scenario = gm.scenario_from_forecast(name)
    assert scenario.seed == 2026
    assert "\x1b" not in next(here.glob("*.yaml")).read_text("utf-8")
    assert gm.check_scenario(next(here.glob("*.yaml"))) == []


def test_a_start_in_the_hour_that_the_clock_shows_twice_is_the_later_by_an_hour():
    first, second = (np.datetime64(f"2026-10-25T{hour}", "s") for hour in ("00:00", "01:00"))  # both 03:00 in Kyiv
    assert str(_local(first, "Europe/Kyiv")) == "2026-10-25T03:00:00"
    assert str(_local(second, "Europe/Kyiv")) == "2026-10-25T04:00:00"


def test_the_same_forecast_gives_the_same_bytes_of_text_and_the_same_numbers(here):
    write(open_meteo())
    for name in ("a", "b"):
        gm.scenario_from_forecast("om.json", f"{name}.yaml", wave="heavy")
    one, two = ((here / f"{name}.yaml").read_text("utf-8") for name in "ab")
    assert one.replace("a-weather", "b-weather").replace("Forecast a", "Forecast b") == two
    assert gm.load_weather("a-weather.nc").identical(
        gm.load_weather("b-weather.nc").assign_attrs(source="a-weather.nc")
    )


def test_help_fits_80_columns_and_no_option_aims_a_wave_at_a_place():
    shown = CliRunner().invoke(main, ["scenario", "forecast", "--help"], terminal_width=80).output
    assert max(map(len, shown.splitlines())) <= 80
    for said in (
        "--wave",
        "light, moderate or heavy",
        "--interception",
        "0.8 or 80%",
        "-o",
        "--one-site",
        "whole country",
    ):
        assert said in " ".join(shown.split())
    assert "--target" not in shown
    assert "--region" not in shown


def test_the_sizes_of_waves_are_those_of_the_documented_table():
    table = pd.read_csv(ROOT / "scenarios" / "waves" / "national.csv")
    assert list(dict.fromkeys(table["size"])) == ["light", "moderate", "heavy"] == [*national_sizes()]


def test_a_scenario_that_cannot_be_written_leaves_the_weather_of_before(tmp_path, monkeypatch):
    from gridmodel.studies.forecast import make

    target = tmp_path / "k.yaml"
    found = make.Forecast.__new__(make.Forecast)
    monkeypatch.setattr(make, "write_weather", lambda _, place: place.write_text("new"), raising=True)
    object.__setattr__(found, "data", None)
    weather = make._weather_of(target)
    target.write_text("old")
    weather.write_text("old")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make, "write_text", full)
    with pytest.raises(gm.InputError, match="No space left"):
        make._write(found, "new", target, new=False)
    assert [path.read_text() for path in (target, weather)] == ["old", "old"]
