import numpy as np
import pytest

import gridmodel as gm
from gridmodel.inputs.files import ROOT
from gridmodel.weather import weather_for
from gridmodel.weather.series import find_zone


def write(tmp_path, change=lambda lines: lines):
    lines = (ROOT / "weather" / "three-region.csv").read_text().splitlines()
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(change(lines)) + "\n")
    return path


def cell(line, column, value):
    def change(lines):
        cells = lines[line - 1].split(",")
        cells[column] = value
        return [*lines[: line - 1], ",".join(cells), *lines[line:]]

    return change


def test_a_bundled_series_has_units_and_hours():
    data = gm.load_weather("cold-wave-2026")
    assert data.dims == ("time", "region")
    assert data.attrs["units"] == "degC"
    assert (np.diff(data["time"]) == np.timedelta64(1, "h")).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(cell(5, 2, ""), r"mine.csv:5: TR-2: is empty", id="an empty cell"),
        pytest.param(cell(5, 2, "nan"), r"mine.csv:5: TR-2: is missing in 1 hours", id="NaN"),
        pytest.param(cell(5, 2, "cold"), r"mine.csv:5: TR-2: 'cold' is not a number", id="a word"),
        pytest.param(cell(5, 0, "2026-13-01T03:00Z"), r"mine.csv:5: time: .* is not a UTC time", id="no time"),
        pytest.param(lambda lines: lines[:9] + lines[10:], r"mine.csv:10: time: .* does not follow", id="a gap"),
        pytest.param(lambda lines: lines[:9] + lines[8:], r"mine.csv:10: time: .* repeats", id="an hour twice"),
        pytest.param(lambda lines: [line.replace("-10.00", "263.15") for line in lines], "looks like kelvin", id="kelvin"),
        pytest.param(cell(1, 0, "when"), "must be `time`", id="no time column"),
        pytest.param(cell(1, 2, "TR-1"), "is repeated in the header", id="a region twice"),
        pytest.param(cell(7, 3, "1,2"), "has 5 fields", id="a field too many"),
        pytest.param(lambda lines: lines[:1], "has no rows", id="no rows"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path, change, message):
    with pytest.raises(gm.InputError, match=message):
        gm.load_weather(write(tmp_path, change))


def test_all_problems_are_reported_at_once(tmp_path):
    path = write(tmp_path, lambda lines: cell(9, 1, "x")(cell(5, 2, "")(lines)))
    with pytest.raises(gm.InputError) as caught:
        gm.load_weather(path)
    assert len(caught.value.problems) == 2


def test_times_with_an_offset_are_turned_to_utc(tmp_path):
    path = write(tmp_path, lambda lines: [line.replace(":00Z", ":00+02:00") for line in lines])
    assert str(gm.load_weather(path)["time"].to_numpy()[0]).startswith("2025-12-31T22:00")


def test_a_netcdf_in_kelvin_reads_as_the_csv(tmp_path):
    data = gm.load_weather("three-region")
    kelvin = (data + 273.15).assign_attrs(units="K")
    kelvin.to_dataset(name="temperature").to_netcdf(tmp_path / "mine.nc", engine="netcdf4")
    assert np.allclose(gm.load_weather(tmp_path / "mine.nc"), data)


def test_a_period_outside_the_weather_and_a_region_without_are_both_said(three):
    scenario = three(start="2026-01-03 00:00", end="2026-01-12 00:00")
    with pytest.raises(gm.InputError) as caught:
        weather_for(scenario, ["TR-1", "TR-9"])
    text = str(caught.value)
    assert "four days before the start" in text
    assert "ends 48 hours before the run" in text
    assert "TR-9: has no weather" in text


def test_the_reconstruction_honours_every_reported_temperature_of_kyiv():
    data = gm.load_weather("cold-wave-2026").sel(region="UA-30").to_series()
    local = data.copy()
    local.index = data.index + np.timedelta64(2, "h")  # Kyiv in winter
    low = {"2026-01-09": -10, "2026-01-14": -19, "2026-01-16": -16, "2026-01-20": -14, "2026-01-24": -10,
           "2026-02-03": -20, "2026-02-10": -20.2}  # fmt: skip
    for date, value in low.items():
        assert local.loc[date].min() == pytest.approx(value, abs=0.3)
    assert local.loc["2026-01"].mean() == pytest.approx(-7.6, abs=0.1)
    assert local.loc["2026-02"].mean() == pytest.approx(-5.3, abs=0.1)
    assert local.idxmin().strftime("%Y-%m-%d") == "2026-02-10"


def test_the_frost_week_is_minus_nine_weighted_by_demand():
    from gridmodel.network import read_network

    data = gm.load_weather("frost-2021")
    regions = read_network("ukraine-2021").tables["regions"].set_index("id")["reference_demand_mw"]
    weight = regions.loc[[str(r) for r in data["region"].to_numpy()]].to_numpy()
    week = data.sel(time=slice("2021-12-19T22:00", "2021-12-26T21:00"))
    assert float((week * weight).sum("region").mean() / weight.sum()) == pytest.approx(-9.0, abs=0.05)
    effective = (gm.demand.effective_temperature(data) * weight).sum("region") / weight.sum()
    noons = effective.sel(time=[f"2021-12-{day}T10:00" for day in range(20, 25)])
    assert float(noons.min()) > -10.5


def test_the_clock_of_a_computer_is_not_a_time_zone_of_a_series():
    assert find_zone("Europe/Kyiv") is not None
    assert [find_zone(name) for name in ("localtime", "Factory", "right/UTC")] == [None, None, None]
