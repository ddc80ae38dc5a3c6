"""A forecast as temperatures of regions: names, distance, run-up and period, by hand."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.regions import Regions
from gridmodel.studies.forecast.make import place_names
from gridmodel.weather.forecast import Reading, read_forecast
from gridmodel.weather.place_names import PlaceNames
from gridmodel.weather.run_up import with_run_up
from gridmodel.weather.spread import spread_weights

KM_PER_DEGREE = 6371 * np.pi / 180  # 111.2 along the equator
EQUATOR = PlaceNames(
    Regions(
        ids=("E-0", "E-1", "E-9"), names={"en": ("Zero", "One", "Nine"), "uk": ("Нульська", "Перша", "")},
        centre_lat=np.zeros(3), centre_lon=np.array([0.0, 1.2, 5.0]), timezone="Europe/Kyiv",
    )
)  # fmt: skip
"""Three regions on the equator."""


@pytest.fixture(scope="module")
def ukraine():
    return place_names(read_network("ukraine"))


def place(longitude, values, *, latitude=0.0, **more):
    hours = pd.date_range("2026-12-01", periods=len(values), freq="h").strftime("%Y-%m-%dT%H:%M").tolist()
    return {"latitude": latitude, "longitude": longitude, "utc_offset_seconds": 0,
            "hourly_units": {"temperature_2m": "°C"}, "hourly": {"time": hours, "temperature_2m": list(values)}, **more}  # fmt: skip


def read(tmp_path, content, names=EQUATOR, **reading):
    path = tmp_path / ("f.csv" if isinstance(content, str) else "f.json")
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    found, problems = read_forecast(path, names, "equator", Reading(**reading))
    return found, [str(problem) for problem in problems]


def test_regions_take_the_mean_of_sites_by_inverse_squared_distance_as_worked_out_by_hand(tmp_path):
    sites = [place(1.0, [-10.0] * 24), place(2.0, [-20.0] * 24)]
    found, problems = read(tmp_path, sites)
    assert problems == []
    zero, one, nine = found.data.isel(time=-1).to_numpy()
    assert zero == pytest.approx((-10 / 1 - 20 / 4) / (1 / 1 + 1 / 4))  # 1 and 2 degrees away: -12
    assert one == -10  # 0.2 degrees, 22 km from the first site: that alone
    assert nine == pytest.approx((-10 / 16 - 20 / 9) / (1 / 16 + 1 / 9))  # 4 and 3 degrees away: -16.4
    assert found.notes[1] == (
        "2 sites spread to 3 regions by inverse distance: each takes its nearest site within 50 km, otherwise the mean of "
        "its 2 nearest, weighted by one over the distance to the power 2"
    )
    assert found.notes[2] == "one of 3 regions is farther than 150 km from any site: E-9 (334 km)"
    assert "by inverse distance" in found.data.attrs["history"]
    near, _ = read(tmp_path, sites, spread="nearest")
    assert near.data.isel(time=-1).to_numpy().tolist() == [-10, -10, -20]
    assert near.notes[1] == "2 sites spread to 3 regions by the nearest site"


def test_only_the_four_nearest_sites_count_and_weights_sum_to_one():
    away = np.array([[100.0, 200.0, 300.0, 400.0, 401.0]])
    by_hand = np.array([1, 1 / 4, 1 / 9, 1 / 16, 0])
    assert spread_weights(away) == pytest.approx((by_hand / by_hand.sum())[None])
    many = np.random.default_rng(1).uniform(0, 900, (50, 9))
    share = spread_weights(many)
    assert share.sum(axis=1) == pytest.approx(1)
    assert (share >= 0).all()
    assert ((share > 0).sum(axis=1) == np.where(many.min(axis=1) <= 50, 1, 4)).all()
    assert (spread_weights(many, "nearest").argmax(axis=1) == many.argmin(axis=1)).all()


def test_columns_of_regions_are_found_by_name_and_the_others_lie_between_their_centres(tmp_path):
    rows = "".join(f"{1 + h // 24:02d}.12.2026 {h % 24:02d}:00;-8;-4\n" for h in range(24))
    found, problems = read(tmp_path, f"Дата;НУЛЬСЬКА обл.;nine\n{rows}")
    assert problems == []
    zero, one, nine = found.data.isel(time=0).to_numpy()
    assert (zero, nine) == (-8, -4)
    assert one == pytest.approx((-8 / 1.2**2 - 4 / 3.8**2) / (1 / 1.2**2 + 1 / 3.8**2))
    assert "times without an offset read as UTC" in found.notes[-1]


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("UA-30", "UA-30"), ("ua-30", "UA-30"), ("Kyiv", "UA-30"), ("КИЇВ", "UA-30"), ("м.Київ", "UA-30"),
        ("Kyiv Oblast", "UA-32"), ("kyiv region", "UA-32"), ("Київська область", "UA-32"), ("Київської обл.", "UA-32"),
        ("Львівська", "UA-46"), ("ЛЬВІВ", "UA-46"), ("Lviv oblast", "UA-46"), ("Луцьк", "UA-07"), ("Волинської", "UA-07"),
        ("Dnipro", "UA-12"), ("Хмельницький", "UA-68"), ("Хмельницька", "UA-68"), ("Івано-Франківськ", "UA-26"),
        ("Рівне", "UA-56"), ("Одеса", "UA-51"), ("Lvov", None), ("Луганськ", None), ("UA", None), ("oblast", None), ("", None),
    ],
)  # fmt: skip
def test_regions_of_ukraine_are_found_in_any_case_as_adjectives_and_by_their_towns(ukraine, name, region):
    assert ukraine.find(name) == region


def test_every_name_of_every_region_and_site_finds_it_and_no_other(ukraine):
    for language, names in ukraine.regions.names.items():
        for region, name in zip(ukraine.regions.ids, names, strict=True):
            for said in (name, name.upper(), f" {name}  "):
                assert ukraine.find(said) == region, (language, said)
    for region, sites in ukraine.sites.items():
        known = {"UA-32": "UA-30", "UA-09": None}.get(region, region)  # Kyiv is the city; Luhansk is not in the network
        assert [ukraine.find(site) for site in sites] == [known] * 2


def test_a_name_that_is_no_region_is_answered_with_the_nearest_and_never_with_a_wrong_one(ukraine):
    assert ukraine.wrong("Lvov", "ukraine") == (
        "is not a region of the network ukraine: give its id or name, or leave it out", "nearest: UA-46 (Lviv)",
    )  # fmt: skip
    assert ukraine.wrong("Житомірська", "ukraine")[1] == "nearest: UA-18 (Житомирська)"
    assert ukraine.wrong("Луганськ", "ukraine") == ("is not part of the network ukraine: leave it out", "")
    for other in ("Крим", "Crimea", "Sevastopol", "Warszawa", "temp"):
        assert ukraine.wrong(other, "ukraine")[1] == ""


def test_hours_before_the_forecast_take_the_mean_of_its_first_day_of_each_member_and_region():
    hours = pd.date_range("2026-12-01", periods=30, freq="h")
    values = np.arange(2 * 30 * 2, dtype=float).reshape(2, 30, 2)
    data = xr.DataArray(values, {"time": hours, "region": ["A", "B"]}, ("member", "time", "region"))
    made, missing = with_run_up(data, np.datetime64("2026-12-01T06:00", "s"), 4)
    assert missing == 4 * 24 - 6  # six hours before the start are in the file
    assert str(made["time"].to_numpy()[0])[:16] == "2026-11-27T06:00"
    assert np.unique(np.diff(made["time"].to_numpy())).tolist() == [np.timedelta64(1, "h") // np.timedelta64(1, "ns")]
    by_hand = np.array([[23.0, 24.0], [83.0, 84.0]])  # mean of 0, 2 … 46, and of 60, 62 … 106; one more in B
    assert (made.isel(time=slice(0, missing)).to_numpy() == by_hand[:, None, :]).all()
    assert (made.isel(time=slice(missing, None)).to_numpy() == values).all()
    whole, none = with_run_up(data, np.datetime64("2026-12-05T02:00", "s"), 4)
    assert none == 0
    assert whole.sizes["time"] == 30 - 2


def test_wind_and_sun_are_spread_and_go_back_as_the_temperature_does(tmp_path):
    sites = [place(1.0, [-10.0] * 24), place(2.0, [-20.0] * 24)]
    for site, wind in zip(sites, (2.0, 7.0), strict=True):
        site["hourly"]["wind_speed_10m"] = [wind] * 24
        site["hourly_units"]["wind_speed_10m"] = "m/s"
    found, _ = read(tmp_path, sites)
    assert found.data["wind_m_s"].dims == ("time", "region")
    assert found.data["wind_m_s"].to_numpy()[[0, -1], 0] == pytest.approx([3, 3])  # (2 + 7 / 4) / 1.25


@pytest.mark.parametrize(
    ("more", "hours", "start", "begins"),
    [
        ({}, 24, None, "2026-12-01T00:00"),
        ({"issued": "2026-11-30T12:00Z"}, 24, None, "2026-12-01T00:00"),  # first hour after the issue
        ({"issued": "2026-12-01T05:30Z"}, 30, None, "2026-12-01T06:00"),
        ({"issued": "2026-12-01T05:00Z"}, 30, None, "2026-12-01T05:00"),
        ({"issued": "2026-12-05T00:00Z"}, 200, "2026-12-02T03:00", "2026-12-02T03:00"),  # what is asked for holds
    ],
)
def test_the_run_begins_with_the_forecast_or_its_issue_or_as_asked(tmp_path, more, hours, start, begins):
    start = None if start is None else np.datetime64(start, "s")
    found, problems = read(tmp_path, [place(lon, [-9.0] * hours, **more) for lon in (0, 1)], start=start)
    assert problems == []
    assert str(found.start)[:16] == begins
    assert found.end == np.datetime64("2026-12-01", "s") + np.timedelta64(hours, "h")
    history = found.start - found.data["time"].to_numpy()[0].astype("datetime64[s]")
    assert history == np.timedelta64(96, "h")


@pytest.mark.parametrize(
    ("more", "hours", "start", "message"),
    [
        ({}, 23, None, "time: '2026-12-01 00:00 UTC' leaves 23 hours of forecast, which is too short: at least 24 are needed"),
        ({"issued": "2026-12-01T05:30Z"}, 29, None, "leaves 23 hours of forecast, which is too short"),
        ({"issued": "2026-12-03T00:00Z"}, 48, None,
         "'2026-12-03 00:00 UTC' ends before it was issued, 2026-12-03 00:00 UTC, so that it lies in the past: take a newer one"),
        ({"issued": "2026-11-29T23:00Z"}, 48, None,
         "'2026-12-01 00:00 UTC' begins 25 hours after it was issued, 2026-11-29 23:00 UTC, which is too late"),
        ({}, 48, "2026-11-30T23:00", "begins after the start that was asked for, 2026-11-30 23:00 UTC: start later, or add"),
        ({}, 48, "2026-12-03T00:00", "ends before the start that was asked for, 2026-12-03 00:00 UTC: start earlier, or take a newer forecast"),
    ],
)  # fmt: skip
def test_a_forecast_that_is_too_short_too_late_or_past_is_one_sentence(tmp_path, more, hours, start, message):
    start = None if start is None else np.datetime64(start, "s")
    found, problems = read(tmp_path, [place(lon, [-9.0] * hours, **more) for lon in (0, 1)], start=start)
    assert found is None
    assert len(problems) == 1
    assert problems[0].startswith("f.json: time: ")
    assert message in problems[0]


def test_one_site_is_taken_for_all_regions_only_if_that_is_asked_for(tmp_path):
    alone = place(1.0, [-9.0] * 24)
    found, problems = read(tmp_path, alone)
    assert found is None
    assert problems == [
        "f.json: has one site: add the others; or let all regions take its temperature: one_site=True (--one-site)"
    ]
    found, problems = read(tmp_path, alone, one_site=True)
    assert problems == []
    assert (found.data.to_numpy() == -9).all()
    assert found.notes[1] == "all 3 regions take the temperature of one site, as was asked for"
    _, problems = read(tmp_path, [alone, place(2.0, [-9.0] * 24)], one_site=True)
    assert problems == ["f.json: has 2 sites: leave out one_site=True (--one-site)"]
    rows = "".join(f"01.12.2026 {h:02d}:00;-9\n" for h in range(24))
    for header in ("Дата;Температура", "Дата;Zero", "Дата;somewhere"):
        assert "has one site" in read(tmp_path, f"{header}\n{rows}")[1][0]
        found, problems = read(tmp_path, f"{header}\n{rows}", one_site=True)
        assert (problems, found.data.to_numpy().max()) == ([], -9)


def test_fahrenheit_is_turned_where_it_is_named_and_asked_about_where_it_is_not(tmp_path):
    celsius, _ = read(tmp_path, [place(1.0, [-10.0] * 24), place(2.0, [-20.0] * 24)])
    sites = [place(1.0, [14.0] * 24), place(2.0, [-4.0] * 24)]
    for site in sites:
        site["hourly_units"]["temperature_2m"] = "°F"
    found, problems = read(tmp_path, sites)
    assert problems == []
    assert found.data.to_numpy() == pytest.approx(celsius.data.to_numpy())
    assert "temperatures in degF turned to degC" in found.notes
    rows = "".join(f"01.12.2026 {h:02d}:00;41;32\n" for h in range(24))
    _, problems = read(tmp_path, f"Дата;Zero;Nine\n{rows}")
    assert problems == [
        "f.csv: temperature: has a mean of 36 °C, which looks like °F: say so with unit='degF' (--unit degF)"
    ]
    found, _ = read(tmp_path, f"Дата;Zero;Nine\n{rows}", unit="degF")
    assert found.data.isel(time=0).to_numpy()[[0, 2]] == pytest.approx([5, 0])


def test_names_and_period_are_told_with_gaps_and_bad_cells_in_one_pass(tmp_path):
    rows = "".join(f"01.12.2026 {h:02d}:00;{'' if h == 3 else -9};-1;-2\n" for h in range(20))
    found, problems = read(tmp_path, f"Дата;Zero;Zerro;нульська\n{rows}", spread="kriging")
    assert found is None
    assert problems == [
        "spread: 'kriging' must be inverse-distance or nearest",
        'f.csv: Zero: is missing for 1 hour from 2026-12-01T03:00 UTC; short gaps are filled with fill="linear" '
        "(--fill linear)",
        "f.csv: time: '2026-12-01 00:00 UTC' leaves 20 hours of forecast, which is too short: at least 24 are needed",
        "f.csv: region: 'Zerro' is not a region of the network equator: give its id or name, or leave it out; "
        "nearest: E-0 (Zero)",
        "f.csv: region: 'нульська' is E-0, as 'Zero' is: keep one of them",
    ]


def test_a_forecast_of_another_country_and_a_file_that_is_missing_are_refused(tmp_path):
    _, problems = read(tmp_path, [place(lon, [9.0] * 24, latitude=30.0) for lon in (-95, -90)])
    assert problems == [
        "f.json: has no site within 1,000 km of E-9: take a forecast of places in the country of the network"
    ]
    found, problems = read_forecast(tmp_path / "none.json", EQUATOR, "equator", Reading(timezone="Kiev time"))
    assert found is None
    assert len(problems) == 2  # the zone and the file


def test_a_file_of_our_own_with_members_is_a_forecast_too(tmp_path):
    hours = pd.date_range("2026-12-01", periods=24, freq="h")
    values = np.stack([np.full((24, 2), -5.0), np.full((24, 2), -15.0)])
    attrs = {"units": "degC", "history": "made by hand"}
    data = xr.DataArray(values, {"time": hours, "region": ["Zero", "Nine"]}, ("member", "time", "region"), attrs=attrs)
    gm.weather.write_weather(data, tmp_path / "f.nc")
    found, problems = read_forecast(tmp_path / "f.nc", EQUATOR, "equator", Reading())
    assert problems == []
    assert found.data.isel(time=0).to_numpy() == pytest.approx(np.array([[-5] * 3, [-15] * 3]))
    assert found.notes[0] == "forecast f.nc: an ensemble of 2 members"
    assert found.notes[-1] == "made by hand"


def test_a_grid_becomes_regions_by_their_nearest_cells(tmp_path):
    hours = pd.date_range("2026-12-01", periods=24, freq="h")
    latitude, longitude = np.array([-1.0, 0.0, 1.0]), np.arange(0.0, 7.0)
    values = np.broadcast_to(263.15 - longitude, (24, 3, 7))
    grid = xr.Dataset(
        {"t2m": (("time", "latitude", "longitude"), values, {"units": "K"})},
        {"time": hours, "latitude": latitude, "longitude": longitude},
    )
    grid.to_netcdf(tmp_path / "f.nc", engine="netcdf4")
    found, problems = read_forecast(tmp_path / "f.nc", EQUATOR, "equator", Reading())
    assert problems == []
    assert found.data.isel(time=-1).to_numpy() == pytest.approx([-10, -11, -15])
    assert found.notes[-1] == "grid to regions by nearest"


def table_of_dates(year, *, head="Дата;Київ;Житомирська", hours=30):
    return "\n".join(
        [head, *(f"{1 + hour // 24:02d}.12.{year} {hour % 24:02d}:00;-10,5;−12,0" for hour in range(hours))]
    )


def test_a_table_that_a_ukrainian_spreadsheet_saves_in_its_own_encoding_is_read(tmp_path):
    text = table_of_dates(2026).replace("−", "-")
    for name, encoding in (("windows.csv", "cp1251"), ("utf.csv", "utf-8")):
        (tmp_path / name).write_bytes(text.encode(encoding))
    read = {name: gm.load_weather(tmp_path / name) for name in ("windows.csv", "utf.csv")}
    assert list(read["windows.csv"]["region"].to_numpy()) == ["Київ", "Житомирська"]
    assert read["windows.csv"].equals(read["utf.csv"])
    (tmp_path / "other.csv").write_bytes(
        text.replace("Київ", "Kijów").replace("Житомирська", "Žitomir").replace("Дата", "date").encode("cp1250")
    )
    with pytest.warns(UserWarning, match="is not UTF-8: read as Latin-1"):
        other = gm.load_weather(tmp_path / "other.csv")
    assert list(other["region"].to_numpy()) == ["Kijów", "Žitomir"]


@pytest.mark.parametrize("year", [1500, 2300, 9999])
def test_a_year_beyond_what_64_bits_count_is_answered_and_not_wrapped(tmp_path, year):
    (tmp_path / "dates.csv").write_text(table_of_dates(year, hours=25), encoding="utf-8")
    rows = [f"{year}-12-01T{hour:02d}:00,-10,-12" for hour in range(24)]
    (tmp_path / "own.csv").write_text("\n".join(["time,UA-30,UA-18", *rows]))
    (tmp_path / "meteo.csv").write_text(
        "\n".join(["time,temperature_2m (°C)", *[row.rpartition(",")[0] for row in rows]])
    )
    for name in ("dates.csv", "own.csv", "meteo.csv"):
        with pytest.raises(gm.InputError, match="in the years 1700 to 2200"):
            gm.load_weather(tmp_path / name)
