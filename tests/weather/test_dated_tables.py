"""Tables as people keep them, and ensembles of Open-Meteo: dates, separators, decimal commas, members, time of issue."""

import json

import pytest

import gridmodel as gm
from gridmodel.errors import Problems
from gridmodel.weather.parsing.dates import read_written
from gridmodel.weather.series import Options, find_zone

HOURS = range(4)


def load(tmp_path, text, **options):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    return gm.load_weather(tmp_path / "a.csv", **options)


def dates(*cells, zone=None):
    problems = Problems()
    rows = [(line, [cell]) for line, cell in enumerate(cells, 2)]
    times = read_written(rows, "date", problems, Options(shown="a.csv", stem="a", zone=zone))
    return [str(time)[:16] for time in times], [str(problem) for problem in problems.found]


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["01.12.2026 02:00", "01.12.2026 03:00"], "2026-12-01T02:00"),
        (["1.12.2026", "2.12.2026"], "2026-12-01T00:00"),
        (["2026-12-01 02:00", "2026-12-01T03:00:00"], "2026-12-01T02:00"),
        (["2026/12/01 2", "2026/12/01 3"], "2026-12-01T02:00"),
        (["2026-12-01T02:00+02:00"], "2026-12-01T00:00"),
        (["01.12.2026 02:00 +0200"], "2026-12-01T00:00"),
        (["30.11.2026 24:00"], "2026-12-01T00:00"),
        (["12/31/2026", "1/1/2027"], "2026-12-31T00:00"),  # 31 can only be a day
        (["01/12/2026", "02/12/2026", "03/12/2026"], "2026-12-01T00:00"),  # as months they would be a month apart
        (["12/01/2026", "12/02/2026", "12/03/2026"], "2026-12-01T00:00"),
        (["03/03/2026 00:00", "03/03/2026 01:00"], "2026-03-03T00:00"),  # the same in both
    ],
)
def test_dates_are_read_as_people_write_them(cells, first):
    times, problems = dates(*cells)
    assert problems == []
    assert times[0] == first


def test_a_local_time_is_turned_to_utc_by_its_zone():
    assert dates("01.12.2026 02:00", "01.07.2026 03:00", zone=find_zone("Europe/Kyiv"))[0] == [
        "2026-12-01T00:00", "2026-07-01T00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["01/12/2026 00:00", "01/12/2026 01:00"], "could be day/month or month/day: write 2026-12-01 or 01.12.2026"),
        (
            ["01.12.26"],
            "'01.12.26' is not a date such as 2026-12-01 02:00 or 01.12.2026 02:00, the year with four digits",
        ),
        (["31.11.2026"], "is not a date of the calendar"),
        (["01.12.2026 25:00"], "is not a date of the calendar"),
        (["tomorrow"], "is not a date such as"),
        (["１.12.2026"], "is not a date such as"),
    ],
)
def test_a_date_that_is_none_or_could_be_two_is_refused_with_its_line(cells, message):
    _, problems = dates(*cells)
    assert len(problems) == 1
    assert problems[0].startswith("a.csv:2: date: ")
    assert message in problems[0]


def test_a_table_with_semicolons_points_in_dates_and_commas_in_numbers_is_read(tmp_path):
    rows = "".join(f"01.12.2026 {h:02d}:00;−{h},5;{h},25\n" for h in HOURS)
    data = load(tmp_path, f"Дата;Львівська (°C);Одеська\n{rows}")
    assert data["region"].to_numpy().tolist() == ["Львівська", "Одеська"]
    assert data.sel(region="Львівська").to_numpy().tolist() == [-0.5, -1.5, -2.5, -3.5]
    assert data.sel(region="Одеська").to_numpy().tolist() == [0.25, 1.25, 2.25, 3.25]
    assert str(data["time"].to_numpy()[0])[:16] == "2026-12-01T00:00"
    assert data.attrs["history"] == "times without an offset read as UTC"
    local = load(tmp_path, f"Дата;Львівська;Одеська\n{rows}", timezone="Europe/Kyiv")
    assert str(local["time"].to_numpy()[0])[:16] == "2026-11-30T22:00"
    assert local.attrs["history"] == "times without an offset read as Europe/Kyiv"


def test_dates_and_hours_may_stand_in_columns_of_their_own(tmp_path):
    for header, row in (
        ("Дата\tГодина\tА\tБ", "01.12.2026\t{h}\t{t}\t0\n"),
        ("Час;Дата;А;Б", "{h}:00;01.12.2026;{t};0\n"),
    ):
        data = load(tmp_path, f"{header}\n{''.join(row.format(h=h, t=-h) for h in HOURS)}")
        assert data.to_numpy().tolist() == [[-h, 0] for h in HOURS]
        assert [str(time)[:16] for time in data["time"].to_numpy()] == [f"2026-12-01T{h:02d}:00" for h in HOURS]


def test_a_row_for_each_region_and_time_becomes_columns(tmp_path):
    rows = "".join(f"{name},2026-12-01 {h:02d}:00,{-h - part}\n" for part, name in enumerate("АБ") for h in HOURS)
    data = load(tmp_path, f"region,time,temperature\n{rows}")
    assert data.sel(region="А").to_numpy().tolist() == [0, -1, -2, -3]
    assert data.sel(region="Б").to_numpy().tolist() == [-1, -2, -3, -4]
    with pytest.raises(gm.InputError, match=r"a.csv:10: А: '2026-12-01T03:00' is repeated"):
        load(tmp_path, f"region,time,temperature\n{rows}А,2026-12-01 03:00,1\n")


def test_a_mean_a_day_becomes_hours_with_the_assumed_range_of_a_day(tmp_path):
    data = load(tmp_path, "Дата;А;Б\n01.12.2026;-10;0\n02.12.2026;-10;0\n", timezone="Europe/Kyiv")
    assert str(data["time"].to_numpy()[0])[:16] == "2026-11-30T22:00"
    assert data.sizes == {"time": 48, "region": 2}
    assert data.mean("time").to_numpy() == pytest.approx([-10, 0], abs=0.05)
    assert "daily range of 5.3 K was assumed" in data.attrs["history"]


def test_a_unit_in_the_header_is_honoured_and_a_gap_is_told_and_filled_on_request(tmp_path):
    text = "date,А (°F),Б (°F)\n01.12.2026 00:00,14,32\n01.12.2026 01:00,,32\n01.12.2026 02:00,5,32\n"
    with pytest.raises(gm.InputError, match=r"a.csv: А: is missing for 1 hour from 2026-12-01T01:00 UTC") as caught:
        load(tmp_path, text)
    assert len(caught.value.problems) == 1
    data = load(tmp_path, text, fill="linear")
    assert data.sel(region="А").to_numpy() == pytest.approx([-10, -12.5, -15])


def test_all_that_is_wrong_with_a_table_is_told_at_once(tmp_path):
    with pytest.raises(gm.InputError) as caught:
        load(tmp_path, "Дата;А;А;Б\nzzz;1;2;3\n01.12.2026 01:00;1;2;x\n")
    assert [str(problem) for problem in caught.value.problems] == [
        "a.csv:2: Дата: 'zzz' is not a date such as 2026-12-01 02:00 or 01.12.2026 02:00, the year with four digits",
        "a.csv:3: Б: 'x' is not a number",
        "a.csv:1: А: is repeated in the header",
    ]


def test_our_own_format_and_tables_of_one_place_are_read_as_before(tmp_path):
    own = load(tmp_path, "time,A,B\n2026-12-01T00:00Z,-1,-2\n2026-12-01T01:00Z,-1,-2\n")
    assert "history" not in own.attrs
    plain = load(tmp_path, "date,temperature\n2026-12-01 00:00,-1\n2026-12-01 01:00,-2\n", unit="degC", region="UA-30")
    assert plain["region"].to_numpy().tolist() == ["UA-30"]
    people = load(tmp_path, "Дата;Температура\n01.12.2026 00:00;-1\n01.12.2026 01:00;-2\n", region="UA-30")
    assert people.to_numpy().tolist() == plain.to_numpy().tolist()
    assert people["region"].to_numpy().tolist() == ["UA-30"]


def open_meteo(latitude, longitude, base, *, members=2, hours=4, offset=7200, **more):
    times = [f"2026-12-{1 + h // 24:02d}T{h % 24:02d}:00" for h in range(hours)]
    names = ["temperature_2m", *(f"temperature_2m_member{m:02d}" for m in range(1, members))]
    block = {name: [base - 5 * m - h / 10 for h in range(hours)] for m, name in enumerate(names)}
    return {
        "latitude": latitude, "longitude": longitude, "utc_offset_seconds": offset,
        "hourly_units": dict.fromkeys(names, "°C"), "hourly": {"time": times, **block}, **more,
    }  # fmt: skip


def test_members_of_an_ensemble_are_read_beside_the_control_and_become_regions_one_by_one(tmp_path):
    path = tmp_path / "om.json"
    path.write_text(json.dumps([open_meteo(50.4, 30.5, -10), open_meteo(49.8, 24.0, 0)]))
    data = gm.load_weather(path)
    assert data.dims == ("member", "time", "region")
    assert data.shape == (2, 4, 2)
    assert data.sel(member=0).isel(time=3).to_numpy() == pytest.approx([-10.3, -0.3])
    assert data.sel(member=1).isel(time=3).to_numpy() == pytest.approx([-15.3, -5.3])
    assert "latitude" not in data.coords
    rows = "id,centre_lat,centre_lon\nWEST,49.8,24.1\nNORTH,50.5,30.5\n"
    (tmp_path / "regions.csv").write_text(rows)
    near = gm.load_weather(path, regions=tmp_path / "regions.csv")
    assert near.sel(member=1, region="WEST").isel(time=0).item() == -5
    assert near.sel(member=1, region="NORTH").isel(time=0).item() == -15
    gm.weather.write_weather(near, tmp_path / "own.nc")
    assert gm.load_weather(tmp_path / "own.nc").to_numpy().tolist() == near.to_numpy().tolist()
    with pytest.raises(gm.InputError, match=r"cannot contain several members: write .nc"):
        gm.weather.write_weather(near, tmp_path / "own.csv")


def test_members_of_several_models_and_of_a_csv_file_are_read(tmp_path):
    text = "latitude,longitude,elevation,utc_offset_seconds,issued\n50.4,30.5,100,0,2026-12-01T00:00\n\n"
    text += (
        "time,temperature_2m_icon_eps (°F),temperature_2m_member01_icon_eps (°F),temperature_2m_member01_gfs05 (°F)\n"
    )
    (tmp_path / "om.csv").write_text(text + "2026-12-01T00:00,14,5,32\n2026-12-01T01:00,14,5,32\n")
    data = gm.load_weather(tmp_path / "om.csv")
    assert data.isel(time=0, region=0).to_numpy() == pytest.approx([-10, -15, 0])
    assert data.attrs["forecast_reference_time"] == "2026-12-01T00:00Z"


@pytest.mark.parametrize(
    ("field", "value", "issued"),
    [
        ("issued", "2026-11-30T20:00", "2026-11-30T18:00Z"),  # in the file's own local time
        ("forecast_reference_time", "2026-11-30T20:00Z", "2026-11-30T20:00Z"),
        ("last_run_initialisation_time", 1796083200, "2026-12-01T00:00Z"),
    ],
)
def test_the_time_of_issue_is_kept_through_our_own_format(tmp_path, field, value, issued):
    path = tmp_path / "om.json"
    path.write_text(json.dumps(open_meteo(50.4, 30.5, -10, **{field: value})))
    data = gm.load_weather(path)
    assert data.attrs["forecast_reference_time"] == issued
    gm.weather.write_weather(data, tmp_path / "own.nc")
    assert gm.load_weather(tmp_path / "own.nc").attrs["forecast_reference_time"] == issued


def test_gaps_of_a_member_are_told_with_its_number_and_places_need_the_same_members(tmp_path):
    one, two = open_meteo(50.4, 30.5, -10), open_meteo(49.8, 24.0, 0, members=3)
    path = tmp_path / "om.json"
    path.write_text(json.dumps([one, two]))
    with pytest.raises(gm.InputError, match="contains places with 2 to 3 members: download the same models for each"):
        gm.load_weather(path)
    one["hourly"]["temperature_2m_member01"][2] = None
    path.write_text(json.dumps([one, open_meteo(49.8, 24.0, 0)]))
    with pytest.raises(
        gm.InputError, match=r"location-0 \(member 1\): is missing for 1 hour from 2026-12-01T00:00 UTC"
    ):
        gm.load_weather(path)
    one["issued"] = "yesterday"
    path.write_text(json.dumps(one))
    with pytest.raises(gm.InputError, match="issued: 'yesterday' is not a UTC time such as"):
        gm.load_weather(path)
