import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.commands.deadlines import _cells as cells
from gridmodel.commands.said import Said
from gridmodel.results.run_folder import write_result


def result(*, cold=None, stored=None, dry=None, left=None, fuel=None, step_h=1.0, start="2026-01-15"):
    """A run of one region of 1,000 people in Kyiv time; each array is (member, time)."""
    given = [np.asarray(values, float) for values in (cold, stored, dry, left, fuel) if values is not None]
    members, steps = given[0].shape
    times = pd.Timestamp(start, tz="Europe/Kyiv").tz_convert("UTC").tz_localize(None) + pd.to_timedelta(
        np.arange(steps) * step_h, "h"
    )
    dims = ("member", "time", "region")
    data = {"population": ("region", [1000.0])}
    for name, values in {
        "people_without_heat": cold,
        "water_stored_m3": stored,
        "people_without_water": dry,
        "deadline_to_drain": left,
    }.items():
        if values is not None:
            data[name] = (dims, np.asarray(values, float)[..., None])
    if fuel is not None:
        data["backup_fuel_h"] = ((*dims, "system"), np.asarray(fuel, float)[..., None, None])
    coords = {"member": np.arange(members), "time": times, "region": ["A"], "region_name": ("region", ["Aland"])}
    made = xr.Dataset(
        data, coords, {"step_h": step_h, "timezone": "Europe/Kyiv", "start": "2026-01-15 00:00", "end": "later"}
    )
    return made.assign_coords(system=["water"]) if fuel is not None else made


def row(data, name, **options):
    return gm.deadlines(data, **options).loc[("A", name)]


def test_homes_are_cold_when_a_hundredth_of_the_people_are():
    got = row(result(cold=[[0, 9.9, 10, 500]]), "homes_12c")
    assert got["hours_p50"] == 2
    assert got["local_p50"] == pd.Timestamp("2026-01-15 02:00")
    assert got["people"] == 500
    assert got["reached_share"] == 1


def test_a_deadline_most_members_do_not_reach_has_no_middle_and_says_how_many_do():
    got = row(result(cold=[[0, 50, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]), "homes_12c")
    assert got["hours_p05"] == 1
    assert np.isnan(got["hours_p50"])
    assert pd.isna(got["local_p95"])
    assert (got["reached_share"], got["members"], got["people"]) == (0.25, 4, 12.5)


def test_people_concerned_are_typical_and_bad_case_beside_the_mean():
    cold = [[0, 0], [0, 100], [0, 200], [0, 300], [0, 1000]]
    got = row(result(cold=cold), "homes_12c")
    assert (got["people_p50"], got["people"]) == (200, 320)
    assert got["people_p95"] == pytest.approx(860)  # four fifths of the way from 300 to 1,000
    assert np.isnan(row(result(left=[[np.nan, 2.0]]), "drain")[["people_p50", "people_p95"]].to_numpy(float)).all()


def test_one_never_reached_is_in_the_table_and_empty():
    got = row(result(cold=[[0, 0]]), "homes_12c")
    assert got["reached_share"] == 0
    assert pd.isna(got["local_p05"])


def test_quantiles_are_members_own_times():
    cold = np.zeros((20, 24))
    for member in range(20):
        cold[member, member:] = 100
    got = row(result(cold=cold), "homes_12c")
    assert (got["hours_p05"], got["hours_p50"], got["hours_p95"]) == (0, 9, 18)


def test_hours_count_from_the_moment_given_and_what_lay_before_is_passed_over():
    data = result(cold=[[0, 500, 0, 0, 0, 20]])
    got = row(data, "homes_12c", since="2026-01-15 03:30")
    assert (got["hours_p50"], got["people"]) == (2, 20)
    assert got["local_p50"] == pd.Timestamp("2026-01-15 05:00")
    for wrong in ("2026-01-15 06:00", "2026-01-14 23:00", "soon"):
        with pytest.raises(gm.InputError):
            gm.deadlines(data, since=wrong)
    with pytest.raises(gm.InputError, match="is skipped by the clock that night"):
        gm.deadlines(data.assign_attrs(timezone="Europe/Kyiv"), since="2026-03-29 03:30")


def test_pipes_are_to_be_drained_by_the_earliest_deadline_that_was_ever_set():
    nan = np.nan
    got = row(result(left=[[nan, 6.5, 5.5, nan, nan]]), "drain")
    assert got["hours_p50"] == 8.5  # 6.5 h from the end of the second hour
    assert got["local_p50"] == pd.Timestamp("2026-01-15 08:30")
    assert np.isnan(got["people"])
    assert row(result(left=[[nan, nan]]), "drain")["reached_share"] == 0


def test_taps_are_dry_when_the_reservoir_is_empty_that_falls_as_it_did_in_the_step_before():
    got = row(result(stored=[[100, 50, 1, 0]], dry=[[0, 0, 0, 800]]), "dry_taps")
    assert (got["hours_p50"], got["people"]) == (3, 800)
    assert row(result(stored=[[100, 60, 20, 0]], dry=[[0, 0, 0, 800]]), "dry_taps")["hours_p50"] == 3.5
    assert row(result(stored=[[100, 60, 20, 0]], dry=[[0, 0, 0, 800]], step_h=0.25), "dry_taps")["hours_p50"] == 0.875
    assert row(result(stored=[[100, 0, 0, 0]], dry=[[0, 0, 0, 800]]), "dry_taps")["hours_p50"] == 2
    assert row(result(stored=[[100, 50, 2, 50]], dry=[[0, 0, 0, 0]]), "dry_taps")["reached_share"] == 0


def test_taps_are_dry_where_pumps_fail_though_other_reservoirs_are_full():
    data = result(stored=[[100, 100, 100]], dry=[[0, 400, 400]])
    data["people_dry_street"] = data["people_without_water"]
    assert row(data, "dry_taps")["hours_p50"] == 1
    data["people_dry_street"] = data["people_without_water"] / 50  # fewer than a hundredth of the people
    assert row(data, "dry_taps")["reached_share"] == 0


def test_a_region_without_reservoirs_does_not_run_dry():
    assert row(result(stored=[[0, 0]], dry=[[0, 0]]), "dry_taps")["reached_share"] == 0


def test_fuel_is_used_up_where_there_was_some():
    assert row(result(fuel=[[24, 1, 0]]), "fuel_water")["hours_p50"] == pytest.approx(2 + 1 / 23)
    assert row(result(fuel=[[3, 2, 1, 0, 0]]), "fuel_water")["hours_p50"] == 4
    assert row(result(fuel=[[np.nan, np.nan]]), "fuel_water")["reached_share"] == 0


def test_systems_that_the_network_lacks_have_no_deadline_and_the_others_are_called_by_their_words():
    def systems(*needs):
        both = result(fuel=[[np.nan, np.nan]]).drop_vars(["backup_fuel_h", "system"])
        both["backup_fuel_h"] = (("member", "time", "region", "system"), np.full((1, 2, 1, 2), np.nan))
        both["system_need_mw"] = (("member", "region", "system"), [[needs]])
        return gm.deadlines(both.assign_coords(system=["heat", "hospital"]))

    assert systems(0.0, 3.0)["deadline_is"].to_dict() == {("A", "fuel_hospital"): "backup fuel used up: hospitals"}
    assert systems(2.0, 3.0).index.unique("deadline").tolist() == ["fuel_heat", "fuel_hospital"]
    assert systems(0.0, 0.0).empty


def test_hours_and_times_are_rounded_down_alike_so_that_nobody_is_late():
    # pipes freeze 15.73 h after midnight, after 1.9999 h, or after 16 h less what sums are rounded by
    for left, hours, minute, told in [
        (14.73, 15.73, "15:43", ("15", "01-15 15:00")),
        (0.9999, 1.9999, "01:59", ("1", "01-15 01:00")),
        (15.0 - 1e-9, 16.0, "16:00", ("16", "01-15 16:00")),
    ]:
        got = row(result(left=[[left, np.nan, np.nan]]), "drain")
        assert got["hours_p50"] == pytest.approx(hours)
        assert got["local_p50"] == pd.Timestamp(f"2026-01-15 {minute}")
        assert cells(got, several=False, say=Said())[:2] == told


def test_local_times_jump_with_the_clock():
    got = row(result(cold=[[0, 0, 0, 0, 50]], start="2026-03-29"), "homes_12c")
    assert got["local_p50"] == pd.Timestamp("2026-03-29 05:00")


def test_a_run_has_only_the_deadlines_that_it_has_variables_for(january):
    table = gm.deadlines(january)
    assert len(table) == 24 * len(table.index.unique("deadline"))
    assert "homes_12c" in table.index.unique("deadline")
    assert table.loc[("UA-30", "homes_12c"), "reached_share"] == 1


@pytest.mark.gate  # at each edit: the tables that it prints
def test_the_command_prints_a_table_csv_and_json(tmp_path, monkeypatch, january):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def cli(*args, code=0):
        got = CliRunner().invoke(main, list(args), catch_exceptions=False)
        assert got.exit_code == code, got.output
        return got

    write_result(january.isel(member=slice(2)), tmp_path / "result.nc")
    listed = cli("deadlines", "result.nc").stdout
    assert "Kyiv City" in listed
    assert "not in any member: 21 other regions" in listed
    assert "2 of 2" in listed
    assert "Typical: the median of the members. Bad case: one member in twenty is earlier." in listed
    assert "Not in any member of any region: backup fuel used up: heat sources" in " ".join(listed.split())
    assert "1.5 M" in next(
        line for line in listed.partition("Pipes must be drained")[2].splitlines() if "Kyiv City" in line
    )
    assert not [line for line in listed.splitlines() if len(line) > 80 or "…" in line]
    data = json.loads(cli("deadlines", "result.nc", "--json").stdout)
    kyiv = next(one for one in data["deadlines"] if one["region"] == "UA-30" and one["deadline"] == "homes_12c")
    assert kyiv["local_p50"].startswith("2026-01-0")
    assert cli("deadlines", "result.nc", "--csv").stdout.startswith("region,deadline,region_name,")
    assert "since" in cli("deadlines", "result.nc", "--since", "2020-01-01", code=1).stderr
    cli("deadlines", "result.nc", "--csv", "--json", code=2)
    write_result(january.isel(member=slice(1)), tmp_path / "alone.nc")
    alone = cli("deadlines", "alone.nc").stdout
    assert "Kyiv City" in alone
    for word in ("typical", "bad case", "median", "member"):
        assert word not in alone.lower()
