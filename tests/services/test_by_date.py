"""Demand, imports and availability by date, and outages that come with the cold."""

import numpy as np
import pytest
import xarray as xr
from services.power_systems import two_regions

import gridmodel as gm
from gridmodel.events import forced_outages
from gridmodel.network import build_grid, read_network
from gridmodel.sampling import draw_settings
from gridmodel.services.demand_units import demand_problems
from gridmodel.services.megawatts import Megawatts, with_megawatts
from gridmodel.services.power.consumers import demand_ahead
from gridmodel.services.supply import autocorrelated
from gridmodel.simulation.inputs import run_inputs

PLAIN = {
    "heater_feedback": False,
    "cold_load_pickup": False,
    "shared_feeder_share": [0.0, 0.0],
    "end": "2026-01-05 06:00",
}
REGIONS = ("TR-1", "TR-2", "TR-3")


@pytest.fixture
def demand(tmp_path):
    """Demand of three regions: 500 + 10 per hour, 300 and 200 MW."""
    rows = [f"2026-01-05 {hour:02}:00,200,{500 + 10 * hour},300" for hour in range(24)]
    path = tmp_path / "demand.csv"
    path.write_text("\n".join(["time,TR-3,TR-1,TR-2", *rows]) + "\n")
    return str(path)


def by_region(result):
    return result["demand_mw"].sum("tier").transpose("time", "member", "region").to_numpy()


def test_a_file_of_demand_is_what_a_deterministic_run_has_whatever_the_cold(three, demand):
    for use in ("scale", "replace"):
        got = by_region(gm.run(three(demand=demand, demand_use=use, temperature_slope=0.1, **PLAIN)))
        assert got[:, 0, 0] == pytest.approx(500 + 10 * np.arange(6))
        assert got[3, 0] == pytest.approx([530, 300, 200])


def test_a_file_that_scales_leaves_members_their_slope_and_one_that_replaces_does_not():
    given = np.tile([300.0, 60.0], (29, 1))
    cold = {"effective_c": np.array([[-10.0, 0.0]] * 4), "series_mw": given}
    settings = {"temperature_slope_factor": np.array([1.0, 2.0, 0.0]), "demand_factor": np.array([1.0, 1.0, 0.5])}
    # 100 MW and 20 of the cold in A: 120, 140 and 100 MW in the model; no cold in B
    scaled = two_regions(settings=settings, consumers=cold)
    demand = demand_ahead(scaled.consumers, scaled.settings, 0, steps=2).sum(axis=-1)
    assert demand[:, 1] == pytest.approx(np.array([[300, 60], [350, 60], [125, 30]]))
    some = demand_ahead(scaled.consumers, scaled.settings, 0, steps=2, rows=np.array([2, 1])).sum(axis=-1)
    assert some.tobytes() == np.ascontiguousarray(demand[[2, 1]]).tobytes()
    replaced = two_regions(settings=settings, consumers=cold | {"replaced": True})
    demand = demand_ahead(replaced.consumers, replaced.settings, 0).sum(axis=-1)
    assert demand[:, 0] == pytest.approx(np.array([[300, 60]] * 3))


def test_after_the_run_the_last_day_of_a_file_is_taken_again(three, demand):
    inputs = run_inputs(three(demand=demand, **PLAIN | {"end": "2026-01-06 00:00"}))
    series = inputs.demand_mw
    assert series.shape == (49, 3)
    assert series[24:48].tolist() == series[:24].tolist()
    assert series[48].tolist() == series[0].tolist()


def test_a_limit_of_delivery_refers_to_the_demand_of_the_file(three, demand):
    event = {"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.5}
    inputs = run_inputs(three(demand=demand, events=[event], **PLAIN))
    # the run ends at six, and the hours after it repeat those before: 550 MW is the highest
    assert inputs.timeline.delivery_mw[-1, 0, 0] == pytest.approx(0.5 * 550)


def test_every_problem_of_series_is_told_with_those_of_events(three, tmp_path):
    (tmp_path / "demand.csv").write_text("time,TR-1,TR-9\n2026-01-05 00:00,1,2\n")
    (tmp_path / "supply.csv").write_text("time,hydra\n2026-01-05 00:00,1\n")
    event = {"time": "2026-01-05 01:00", "target": "TR-1/deliveri", "kind": "limit", "share": 0.5}
    scenario = three(demand=str(tmp_path / "demand.csv"), supply=str(tmp_path / "supply.csv"), events=[event], **PLAIN)
    with pytest.raises(gm.InputError) as caught:
        run_inputs(scenario)
    assert [problem.field for problem in caught.value.problems] == ["target", "TR-9", "TR-2", "TR-3", "time", "hydra"]
    with pytest.raises(gm.InputError, match="does not exist"):
        run_inputs(three(supply="nowhere.csv", **PLAIN))


@pytest.fixture
def supply(tmp_path):
    """Imports of 50 and from three o'clock on 100 MW; nuclear halves then."""
    path = tmp_path / "supply.csv"
    path.write_text("time,import_limit_mw,nuclear\n2026-01-01,50,1\n2026-01-05 03:00,100,0.5\n")
    return str(path)


@pytest.mark.filterwarnings("ignore:.*has no effect:UserWarning")
def test_imports_and_availability_follow_their_dates(three, supply):
    got = gm.run(three(supply=supply, import_limit_mw=200.0, **PLAIN)).isel(member=0)
    assert got["import_mw"].to_numpy() == pytest.approx([50] * 3 + [100] * 3)
    nuclear = got["generation_mw"].sel(technology="nuclear").sum("region").to_numpy()
    assert nuclear == pytest.approx([600] * 3 + [300] * 3)


def test_members_wander_within_the_range_each_column_apart(three, supply):
    scenario = three(supply=supply, deterministic=False, members=40, supply_range=[0.5, 1.5], **PLAIN)
    found = run_inputs(scenario).supply
    factor = found.import_limit_mw[:3] / 50
    assert (factor >= 0.5).all()
    assert (factor <= 1.5).all()
    assert factor.std(axis=1) == pytest.approx(1 / np.sqrt(12), rel=0.35)
    nuclear = found.availability["nuclear"][:3]
    assert abs(np.corrcoef(factor[0], nuclear[0])[0, 1]) < 0.5
    few = run_inputs(scenario.replace(members=3)).supply
    assert few.import_limit_mw.tobytes() == np.ascontiguousarray(found.import_limit_mw[:, :3]).tobytes()


def test_what_wanders_is_uniform_and_its_correlation_falls_to_a_third_in_its_time():
    normal = np.random.default_rng(5).normal(size=(200, 4000))
    share = autocorrelated(normal, 1 / 24)
    assert share.mean() == pytest.approx(0.5, abs=0.01)
    assert share.var() == pytest.approx(1 / 12, rel=0.03)
    # ranks of normal scores with correlation r are correlated by 6/π asin(r/2)
    for lag in (1, 24):
        expected = 6 / np.pi * np.arcsin(np.exp(-lag / 24) / 2)
        found = np.corrcoef(share[100], share[100 + lag])[0, 1]
        assert found == pytest.approx(expected, abs=0.04)


def test_weights_of_days_in_the_temperature_of_demand_can_be_those_of_one_day(three):
    plain, one = three(**PLAIN), three(demand_lag_weights=[1.0], **PLAIN)
    assert plain.demand_lag_weights == (1.0, 0.5, 0.25, 0.125)
    times = np.datetime64("2026-01-01T00", "ns") + np.arange(120) * np.timedelta64(1, "h")
    days = xr.DataArray(
        np.repeat([-2.0, -4.0, -8.0, -16.0, -3.0], 24)[:, None], {"time": times, "region": ["A"]}, ("time", "region")
    )
    got = gm.demand.effective_temperature(days, one.demand_lag_weights).to_numpy()
    assert got[3 * 24 + 12, 0] == pytest.approx(-16)
    assert gm.demand.effective_temperature(days, (1.0, 1.0)).to_numpy()[3 * 24 + 12, 0] == pytest.approx(-12)
    for wrong in ([0.0, 0.0], [], [1.0] * 5):
        with pytest.raises(gm.InputError, match="demand_lag_weights"):
            three(demand_lag_weights=wrong)


def failures(three, outdoor_c, **changes):
    unit = {"mttf_h": 100.0, "mttr_h": 50.0, "cold_below_c": -10.0, "cold_rate_per_k": 0.2}
    scenario = three(forced_outages={"thermal_coal": unit}, end="2026-01-25 00:00", **changes)
    network = read_network("three-region")
    _, index = build_grid(network)
    numbers = tuple(range(scenario.draws))
    settings = draw_settings(scenario, numbers)
    got = forced_outages(scenario, network, index, numbers, settings=settings, steps=480, outdoor_c=outdoor_c)
    return got[..., 1]


def test_units_fail_more_often_in_the_cold_and_are_repaired_as_ever(three):
    cold = np.full((480, 3), -20.0)  # ten kelvin below: three times as often, so 100 / (100 + 3 * 50) work
    assert failures(three, cold)[:, 0] == pytest.approx(0.4)
    assert failures(three, np.full((480, 3), -5.0))[:, 0] == pytest.approx(2 / 3)
    drawn = failures(three, cold, deterministic=False, members=150)
    assert drawn.mean() == pytest.approx(0.4, abs=0.02)


def test_a_cold_spell_takes_units_down_over_days_and_together(three):
    spell = np.full((480, 3), 0.0)
    spell[120:240] = -20.0
    expected, drawn = failures(three, spell)[:, 0], failures(three, spell, deterministic=False, members=300)
    assert expected[:121] == pytest.approx(2 / 3)
    # toward 0.4 at the rate of failure and repair together, 3/100 + 1/50 an hour
    assert expected[140] == pytest.approx(0.4 + (2 / 3 - 0.4) * np.exp(-20 * 0.05))
    assert np.abs(drawn.mean(axis=1) - expected).max() < 0.06
    # units of a region in members whose spells differ go down together
    mixed = np.stack([spell, np.zeros((480, 3))] * 150, axis=1)
    together = failures(three, mixed, deterministic=False, members=300)[200]
    assert together[::2].mean() < together[1::2].mean() - 0.2


@pytest.mark.filterwarnings("ignore:.*more than the .00 MW that:UserWarning")
def test_output_and_plant_out_in_megawatts_replace_capacity_and_are_taken_from_it(three, tmp_path):
    # TR-1 has 600 MW of nuclear, TR-2 500 of coal, TR-3 200 of hydro
    path = tmp_path / "supply.csv"
    path.write_text(
        "time,nuclear_out_mw,thermal_coal_mw,thermal_coal_out_mw,hydro_mw\n"
        "2026-01-01,150,900,0,50\n2026-01-05 03:00,700,900,250,0\n"
    )
    scenario = three(supply=str(path), availability={"nuclear": 0.5}, import_limit_mw=0.0, **PLAIN)
    got = gm.run(scenario).isel(member=0)["generation_mw"].sum("region")
    # half of 600 less 150, then nothing; coal by its series, beyond its capacity; hydro by its series
    assert got.sel(technology="nuclear").to_numpy() == pytest.approx([150] * 3 + [0] * 3)
    assert got.sel(technology="thermal_coal").to_numpy() == pytest.approx([900] * 3 + [650] * 3)
    assert got.sel(technology="hydro").to_numpy() == pytest.approx([50] * 3 + [0] * 3)


def test_megawatts_by_date_are_the_same_in_all_members_whose_capacity_differs(three, tmp_path):
    path = tmp_path / "supply.csv"
    path.write_text("time,nuclear_out_mw,hydro_mw\n2026-01-01,100,70\n")
    scenario = three(
        supply=str(path), availability={"nuclear": {"uniform": [0.5, 1.0]}}, deterministic=False, members=5,
        supply_range=[0.5, 1.5], **PLAIN,
    )  # fmt: skip
    inputs = run_inputs(scenario)
    available = inputs.parts["power"].capacity.available_mw
    drawn = inputs.settings.of("availability.nuclear", 0)
    assert np.ptp(drawn) > 0.1
    assert available[:, :, 0] == pytest.approx(np.tile(600 * drawn - 100, (len(available), 1)))
    assert available[:, :, 2] == pytest.approx(np.full((len(available), 5), 70.0))


def test_what_a_technology_gives_is_shared_by_what_its_plant_could_give():
    given = Megawatts(output={"wind": np.array([60.0, 8.0])})
    got = with_megawatts(np.array([[30.0, 10.0, 5.0], [0.0, 0.0, 5.0]]), ["wind", "wind", "solar"], given)
    assert got.tolist() == [[45.0, 15.0, 5.0], [4.0, 4.0, 5.0]]


def test_two_columns_of_supply_are_a_range_by_date_that_members_wander_within(three, tmp_path):
    path = tmp_path / "ranges.csv"
    path.write_text("time,hydro:low,hydro:high,nuclear\n2026-01-01,0.2,0.4,1\n2026-01-05 03:00,0.5,0.5,1\n")
    wide = three(supply=str(path), deterministic=False, members=200, supply_range=[0.5, 1.5], **PLAIN)
    found = run_inputs(wide).supply.availability
    assert found["hydro"][0].min() == pytest.approx(0.2, abs=0.01)
    assert found["hydro"][0].max() == pytest.approx(0.4, abs=0.01)
    assert found["hydro"][0].mean() == pytest.approx(0.3, abs=0.01)
    assert (found["hydro"][3] == 0.5).all()
    assert found["nuclear"][0].max() > 1.4  # without ends of its own, within supply_range
    assert run_inputs(wide.replace(deterministic=True)).supply.availability["hydro"][:4, 0] == pytest.approx(
        [0.3, 0.3, 0.3, 0.5]
    )


@pytest.mark.parametrize(
    ("header", "cells", "field"),
    [
        ("hydro:low", "0.2", "hydro:high"),
        ("hydro:low,hydro:high,hydro", "0.2,0.3,1", "hydro"),
        ("hydro:low,hydro:high", "0.4,0.3", "hydro:low"),
    ],
)
def test_a_range_of_supply_with_one_end_a_value_beside_it_or_upside_down_is_told(three, tmp_path, header, cells, field):
    path = tmp_path / "ranges.csv"
    path.write_text(f"time,{header}\n2026-01-01,{cells}\n")
    with pytest.raises(gm.InputError) as caught:
        run_inputs(three(supply=str(path), **PLAIN))
    assert [problem.field for problem in caught.value.problems] == [field]


def test_ranges_of_supply_are_checked_in_one_pass_with_header_and_cells(three, tmp_path):
    path = tmp_path / "ranges.csv"
    path.write_text("time,hydro:low,hydro:high,wnd,nuclear:low\n2026-01-01,0.4,0.3,1,-1\n2026-01-02,,0.3,1,1\n")
    with pytest.raises(gm.InputError) as caught:
        run_inputs(three(supply=str(path), **PLAIN))
    assert [(problem.row, problem.field) for problem in caught.value.problems] == [
        (None, "wnd"), (2, "nuclear:low"), (3, "hydro:low"), (None, "hydro:low"), (None, "nuclear:high")
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*has no effect:UserWarning")
def test_a_factor_on_demand_scales_all_of_it_in_any_weather_and_a_file_that_replaces_the_model_is_left_alone(
    three, demand
):
    usual, less = (gm.run(three(demand_factor=factor, **PLAIN))["demand_mw"] for factor in (1.0, 0.9))
    assert less.to_numpy() == pytest.approx(0.9 * usual.to_numpy())
    given = three(demand=demand, demand_use="replace", demand_factor=0.9, **PLAIN)
    assert gm.run(given)["demand_mw"].to_numpy() == pytest.approx(
        gm.run(given.replace(demand_factor=1.0))["demand_mw"].to_numpy()
    )
    drawn = three(deterministic=False, members=30, demand_factor={"uniform": [0.8, 1.0]}, **PLAIN)
    peak = gm.run(drawn)["demand_mw"].sum(("tier", "region")).isel(time=0)
    share = peak / float(usual.sum(("tier", "region")).isel(member=0, time=0))
    assert float(share.max() - share.min()) > 0.15


def test_a_course_of_supply_without_a_range_is_the_same_for_all_members(three, tmp_path):
    path = tmp_path / "even.csv"
    path.write_text("time,nuclear:low,nuclear:high\n2026-01-01,0.5,0.5\n")
    many = three(supply=str(path), deterministic=False, members=3, **PLAIN)
    got = gm.run(many)["generation_mw"].sel(technology="nuclear").sum("region")
    alone = gm.run(many.replace(deterministic=True))["generation_mw"].sel(technology="nuclear").sum("region")
    assert (got <= 0.5 * 600 + 1e-6).all()
    assert float(got.max()) == pytest.approx(float(alone.max()))


def test_factors_of_supply_are_shares_of_plant_that_may_be_percentages_and_50_is_no_fifty_fold(three, tmp_path):
    path = tmp_path / "supply.csv"
    path.write_text(
        "time,import_limit_mw,nuclear,hydro:low,hydro:high\n2026-01-01,50,50%,2,120\n2026-01-02,5%,50,1,1\n"
    )
    with pytest.raises(gm.InputError) as caught:
        run_inputs(three(supply=str(path), **PLAIN))
    assert [(problem.row, problem.field, problem.hint) for problem in caught.value.problems] == [
        (2, "hydro:high", "write 1.2 or 120%"), (3, "import_limit_mw", ""), (3, "nuclear", "write 0.5 or 50%")
    ]  # fmt: skip
    assert "from 0 to 10" in str(caught.value.problems[2])
    path.write_text("time,nuclear\n2026-01-01,50%\n")
    nuclear = gm.run(three(supply=str(path), **PLAIN))["generation_mw"].sel(technology="nuclear").sum("region")
    assert nuclear.to_numpy() == pytest.approx(300)  # half of the 600 MW


@pytest.mark.parametrize("given", [50, "50%", "50 %"])
def test_an_availability_or_a_factor_on_demand_in_percent_is_answered_with_the_factor(three, given):
    with pytest.raises(gm.InputError, match=r"\(write 0.5\)$"):
        three(availability={"nuclear": given})
    with pytest.raises(gm.InputError, match=r"\(write 0.5\)$"):
        three(demand_factor=given)


@pytest.mark.parametrize(
    ("factors", "severity", "field", "said"),
    [
        ((1e-3, 1e-3, 1e-3), "error", "TR-1, TR-2, TR-3", "2 MW in the mean, where the network has 2,000 MW: are these gigawatts?"),
        ((1e3, 1e3, 1e3), "error", "TR-1, TR-2, TR-3", "2e+06 MW in the mean, where the network has 2,000 MW: are these kilowatts?"),
        ((1.0, 1e3, 1.0), "error", "TR-2", "6e+05 MW in the mean, where the network has 600 MW: are these kilowatts?"),
        ((1e6, 1.0, 1.0), "error", "TR-1", "are these watts?"),
        ((1.0, 1.0, 1e-3), "warning", "TR-3", "0.4 MW in the mean, where the network has 400 MW: are these gigawatts?"),
        ((0.1, 2.5, 0.0), "", "", ""),
    ],
)  # fmt: skip
def test_demand_in_another_unit_than_megawatts_is_told_by_the_demand_of_the_network(factors, severity, field, said):
    network = read_network("three-region")
    reference = network.tables["regions"]["reference_demand_mw"].to_numpy(dtype=float)
    given = np.broadcast_to(reference * factors, (24, 3))
    found = demand_problems(given, network, shown="d.csv")
    assert [(one.severity, one.field) for one in found] == ([(severity, field)] if said else [])
    assert not said or said in found[0].message


def test_a_run_refuses_a_file_of_demand_in_gigawatts_with_all_else_that_is_wrong(three, tmp_path):
    path = tmp_path / "gw.csv"
    hours = "".join(f"2026-01-05 {hour:02d}:00,0.9,0.55,0.38\n" for hour in range(24))
    path.write_text(f"time,TR-1,TR-2,TR-3\n{hours}")
    for use in ("scale", "replace"):
        with pytest.raises(gm.InputError, match="gigawatts") as caught:
            run_inputs(three(demand=str(path), demand_use=use, supply="nowhere.csv", **PLAIN))
        assert len(caught.value.problems) == 2


@pytest.mark.parametrize("use", ["scale", "replace"])
def test_a_file_of_demand_that_is_all_zeros_is_refused(three, tmp_path, use):
    path = tmp_path / "zero.csv"
    path.write_text("time,TR-1,TR-2,TR-3\n" + "".join(f"2026-01-05 {hour:02d}:00,0,0,0\n" for hour in range(24)))
    with pytest.raises(gm.InputError, match="is 0 in every hour of every region: nobody would need electricity"):
        run_inputs(three(demand=str(path), demand_use=use, **PLAIN))
    path.write_text(path.read_text().replace("23:00,0", "23:00,900"))
    run_inputs(three(demand=str(path), demand_use=use, **PLAIN))


def test_columns_of_demand_are_found_by_id_and_name_and_the_nearest_is_told(three, folder, tmp_path):
    table = folder / "regions.csv"
    named = {"TR-1": "Northland", "TR-2": "Midland", "TR-3": "Southland"}
    head, *rows = table.read_text().splitlines()
    place = head.split(",").index("name_en")
    cells = [row.split(",") for row in rows]
    rows = [",".join([*row[:place], named[row[0]], *row[place + 1 :]]) for row in cells]
    table.write_text("\n".join([head, *rows]) + "\n")
    hours = "".join(f"2026-01-05 {hour:02d}:00,900,550,380\n" for hour in range(24))
    path = tmp_path / "mw.csv"
    path.write_text(f"time,northland,tr-2,TR-3\n{hours}")
    scenario = three(demand=str(path), demand_use="replace", network=str(folder), **PLAIN)
    assert run_inputs(scenario).demand_mw[0].tolist() == [900, 550, 380]
    path.write_text(f"time,Nortland,tr-2,TR-3\n{hours}")
    with pytest.raises(gm.InputError) as caught:
        run_inputs(scenario)
    assert [str(problem) for problem in caught.value.problems] == [
        "mw.csv: Nortland: is not a region of the network; nearest: TR-1 (Northland)", "mw.csv: TR-1: has no column"
    ]  # fmt: skip
    path.write_text(f"time,Northland,TR-1,TR-2,TR-3\n{hours.replace(',900', ',900,900')}")
    with pytest.raises(gm.InputError, match="TR-1: stands in the header twice"):
        run_inputs(scenario)
