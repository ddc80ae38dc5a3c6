import numpy as np
import pytest
import xarray as xr

from gridmodel.results import metrics


def result(shed, *, need=None, step_h=1.0):
    """A result of one region and one tier from national shedding, shape (member, time)."""
    shed = np.asarray(shed, float)
    need = np.full(shed.shape, 100.0) if need is None else np.asarray(need, float)
    people = np.array([1000.0])
    dims = ("member", "time", "region", "tier")
    return xr.Dataset(
        {"shed_mw": (dims, shed[..., None, None]), "demand_mw": (dims, need[..., None, None]),
         "people_without_power": (dims[:3], (shed / need)[..., None] * people), "population": ("region", people)},
        coords={"member": np.arange(len(shed)), "region": ["A"], "tier": ["household"], "region_name": ("region", ["Aland"])},
        attrs={"step_h": step_h},
    )  # fmt: skip


COURSE = [[0, 10, 20, 0, 0, 30, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0]]


def test_energy_not_served_counts_megawatts_times_hours():
    assert metrics.ens_mwh(result(COURSE)).to_numpy() == pytest.approx([60, 0])
    assert metrics.ens_mwh(result(COURSE, step_h=0.25)).to_numpy() == pytest.approx([15, 0])
    assert metrics.ens_share(result(COURSE)).to_numpy() == pytest.approx([60 / 800, 0])


def test_loss_of_load_hours_events_and_the_longest():
    data = result(COURSE)
    assert metrics.lole_h(data).to_numpy() == pytest.approx([3, 0])
    assert metrics.lolev(data).to_numpy().tolist() == [2, 0]
    assert metrics.longest_event_h(data).to_numpy() == pytest.approx([2, 0])
    assert metrics.deepest_mw(data).to_numpy() == pytest.approx([30, 0])


@pytest.mark.parametrize("step_h", [0.5, 0.25])
def test_hours_with_loss_of_load_are_hours_and_not_steps(step_h):
    data = result(COURSE, step_h=step_h)
    assert metrics.lole_h(data).to_numpy() == pytest.approx([3 * step_h, 0])
    assert metrics.longest_event_h(data).to_numpy() == pytest.approx([2 * step_h, 0])
    assert metrics.lolev(data).to_numpy().tolist() == [2, 0]


def test_an_event_that_never_ends_is_one():
    data = result([[5, 5, 5, 5]])
    assert metrics.lolev(data).to_numpy().tolist() == [1]
    assert metrics.longest_event_h(data).to_numpy() == pytest.approx([4])


def test_hours_a_day_without_power_and_saidi():
    data = result([[50, 50, 0, 0] * 6])
    assert metrics.hours_without_power_per_day(data).to_numpy() == pytest.approx(np.array([[6.0]]))
    assert metrics.saidi_h(data).to_numpy() == pytest.approx([6.0])
    assert metrics.person_hours(data, "people_without_power").to_numpy() == pytest.approx([6000.0])


def test_without_people_and_households_hours_off_are_those_of_firms():
    # 75 of 100 MW of firms are cut half of the time, and none of 50 MW of critical consumers
    firms = result([[75, 75, 0, 0] * 6]).drop_vars(["people_without_power", "population"])
    critical, homes = (firms.assign(shed_mw=0.0 * firms["shed_mw"], demand_mw=0.0 * firms["demand_mw"] + need)
                       for need in (50.0, 0.0))  # fmt: skip
    data = xr.concat([critical, homes, firms], "tier").assign_coords(tier=["critical", "household", "industry"])
    assert metrics.hours_without_power_per_day(data).to_numpy() == pytest.approx(np.array([[9.0]]))


def test_a_region_has_what_is_typical_the_bad_case_and_the_members_over_twelve_hours_beside_its_means():
    shed = np.zeros((5, 24))
    for member, hours in enumerate((2, 4, 12, 13, 24)):
        shed[member, :hours] = 100
    row = metrics.summarise_regions(result(shed)).loc["A"]
    assert row["hours_without_power_per_day"] == pytest.approx(11)
    assert row["hours_without_power_per_day_p50"] == pytest.approx(12)
    assert row["hours_without_power_per_day_p95"] == pytest.approx(21.8)  # four fifths of the way from 13 to 24
    assert row["members_over_12_h"] == 2
    assert row["person_hours_without_power_p50"] == pytest.approx(12_000)
    assert row["person_hours_without_power"] == pytest.approx(11_000)


def test_the_peak_is_that_of_each_member_and_the_worst_hour_one_for_all():
    table = metrics.summarise(result([[100, 0, 30], [0, 60, 20], [0, 50, 0]]))
    assert table.loc["people_without_power_peak", ["mean", "p50"]].tolist() == pytest.approx(
        [700, 600]
    )  # 1,000, 600, 500
    assert table.loc["people_without_power_worst_hour", ["mean", "p50"]].tolist() == pytest.approx([1100 / 3, 500])


def test_the_peak_of_a_country_is_not_the_sum_of_the_peaks_of_its_regions():
    # 100 people in A in the first hour, 100 in B in the second
    off = xr.DataArray([[[100.0, 0.0], [0.0, 100.0]]], dims=("member", "time", "region"))
    made = xr.Dataset({"people_without_power": off}, {"member": [0], "region": ["A", "B"]}, {"step_h": 1.0})
    table = metrics.summarise(made)["mean"]
    assert [table[f"people_without_power_{one}"] for one in ("peak", "worst_hour")] == [100.0, 100.0]


def test_a_thousand_people_without_power_for_two_half_hours_lack_it_for_a_thousand_hours():
    half_hours = result([[100, 100]], step_h=0.5)
    assert metrics.summarise_regions(half_hours)["person_hours_without_power"].tolist() == pytest.approx([1000.0])
    assert metrics.summarise(half_hours).loc["person_hours_without_power", "mean"] == pytest.approx(1000.0)


def test_the_mean_of_the_worst_twentieth_takes_the_last_member_in_part():
    assert metrics.tail_mean(np.arange(1.0, 21.0), 0.95) == pytest.approx(20.0)
    assert metrics.tail_mean(np.arange(1.0, 31.0), 0.95) == pytest.approx((30 + 0.5 * 29) / 1.5)
    assert metrics.tail_mean(np.array([7.0]), 0.95) == pytest.approx(7.0)


def test_an_estimate_has_a_standard_error_of_its_mean():
    got = metrics.estimate(np.array([1.0, 2.0, 3.0, 4.0]))
    assert got.mean == 2.5
    assert got.standard_error == pytest.approx(np.sqrt(5 / 3) / 2)
    assert np.isnan(metrics.estimate(np.array([1.0])).standard_error)


def test_ninety_five_percent_intervals_hold_the_mean_in_about_that_share_of_repetitions():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(500):
        got = metrics.estimate(rng.exponential(1.0, 60))
        held += abs(got.mean - 1.0) <= 1.96 * got.standard_error
    assert 0.90 < held / 500 < 0.98


def test_metrics_run_on_a_file_of_last_year(tmp_path):
    data = result(COURSE)
    data.to_netcdf(tmp_path / "result.nc", engine="netcdf4")
    with xr.open_dataset(tmp_path / "result.nc", engine="netcdf4") as again:  # a file without all that a run has now
        assert metrics.ens_mwh(again).to_numpy() == pytest.approx([60, 0])


def test_the_summary_has_a_row_a_metric_with_unit_and_uncertainty(january):
    table = metrics.summarise(january)
    assert list(table.columns) == ["unit", "mean", "standard_error", "p05", "p50", "p95"]
    assert table.loc["energy_not_served", "unit"] == "MWh"
    row = table.loc["energy_not_served"]
    assert row["p05"] <= row["p50"] <= row["p95"]
    assert table.loc["energy_not_served_cvar95", "mean"] >= row["mean"]
    regions = metrics.summarise_regions(january)
    assert len(regions) == 24
    assert regions["person_hours_without_power"].sum() == pytest.approx(table.loc["person_hours_without_power", "mean"])


@pytest.mark.parametrize("name", sorted(metrics.METRICS))
def test_a_metric_carries_its_own_unit(january, name):
    unit, function = metrics.METRICS[name]
    assert function(january).attrs["units"] == unit


def test_hours_until_homes_are_cold_loops_freeze_and_taps_are_dry_are_those_of_the_course(three):
    import gridmodel as gm

    events = [
        {"time": "2026-01-05 02:00", "target": "TR-1/heat_network", "kind": "outage", "share": 0.5},
        {"time": "2026-01-05 03:00", "target": "TR-2/water_pumping", "kind": "outage", "share": 1.0},
    ]
    run = gm.run(three(events=events))
    until = [metrics.hours_until_below(run, limit).sel(member=0) for limit in (18, 16, 12)]
    air = run["indoor_temperature"].sel(member=0, region="TR-1").where(run["archetype_share"].sel(region="TR-1") > 0)
    for limit, hours in zip((18, 16, 12), until, strict=True):
        first = int((air < limit).any(("archetype", "heat_state")).argmax("time"))
        assert hours.sel(region="TR-1") == first >= 2
    assert np.isinf(until[2].sel(region="TR-3"))
    # homes whose boilers have power for two thirds of the time are a little below 18 °C within hours
    assert (until[0] <= 5).all()
    assert until[2].sel(region="TR-1") > 6
    # from 03:00: 28,100 of 36,000 m³ by 08:00, 34,400 by 09:00, dry within the seventh hour
    assert metrics.hours_to_dry_taps(run).sel(member=0, region="TR-2") == 10
    assert np.isinf(metrics.hours_to_dry_taps(run).sel(member=0, region="TR-1"))
    # water of 60 degC at -10 degC: 5 ln 7 h from 02:00
    drained = metrics.hours_to_drain(run).sel(member=0, region="TR-1").item()
    assert drained == pytest.approx(2 + 5 * np.log(7), abs=1e-6)
    assert np.isinf(metrics.hours_to_drain(run).sel(member=0, region="TR-2"))


def test_metrics_without_their_variables_are_left_out(january):
    part = january[["shed_mw", "people_without_water"]].drop_vars("population", errors="ignore")
    expected = {
        "energy_not_served", "loss_of_load_hours", "loss_of_load_events", "longest_event", "deepest_shedding",
        "person_hours_without_water",
    }  # fmt: skip
    assert set(metrics.per_member(part)) == expected
    worst = {"energy_not_served_cvar95", "people_without_water_worst_hour", "people_without_water_peak"}
    assert set(metrics.summarise(part).index) == expected | worst
    named = [f"person_hours_without_water{suffix}" for suffix in ("", "_p50", "_p95")]
    assert list(metrics.summarise_regions(part)) == ["region_name", *named]
    water = january[["people_without_water"]]
    assert set(metrics.per_member(water)) == {"person_hours_without_water"}
    assert "energy_not_served_cvar95" not in metrics.summarise(water).index
    for name in set(metrics.METRIC_NAMES) & set(metrics.per_member(january)):
        assert metrics.missing_variables(january, name) == []


@pytest.mark.parametrize("name", metrics.METRIC_NAMES)
def test_a_metric_is_computed_from_the_variables_that_it_names(january, name):
    needed = metrics.missing_variables(xr.Dataset(), name)
    assert needed
    only = january.reset_coords()[[*needed, "region", "member", "time"]]
    assert metrics.per_member(only)[name].equals(metrics.per_member(january)[name])
