"""Metrics of parts of a result: of some regions, members and hours they are right, of averages they are refused."""

import inspect

import numpy as np
import pytest
import xarray as xr
from conftest import at_gate

import gridmodel as gm
from gridmodel.results import metrics
from gridmodel.results.comparison import regional
from gridmodel.results.deadlines import deadlines
from gridmodel.results.needs import needs
from gridmodel.results.outage_schedule import timetable
from gridmodel.services.registry import COUNTS

SCENARIO = {"name": "parts", "network": "three-region", "weather": "three-region", "timezone": "UTC",
            "start": "2026-01-05 00:00", "end": "2026-01-07 00:00", "members": 3,
            "events": [{"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.1, "duration_h": 5},
                       {"time": "2026-01-06 02:00", "target": "TR-2/delivery", "kind": "limit", "share": 0.2, "duration_h": 5}]}  # fmt: skip
WITH_ARGUMENT = {
    "person_hours": "people_without_power", "person_hours_by_cause": "people_without_heat_cause", "person_degree_hours": 18.0,
    "hours_until_below": 18.0,
}  # fmt: skip
NOT_METRICS = {"step_h", "shed_mw", "estimate", "tail_mean", "sure_enough", "missing_variables", "typical_and_bad"}


def all_metrics():
    """Every public function of `gridmodel.metrics` that takes a result."""
    for name, function in vars(metrics).items():
        if inspect.isfunction(function) and name in metrics.__all__ and name not in NOT_METRICS:
            more = (WITH_ARGUMENT[name],) if name in WITH_ARGUMENT else ()
            yield name, lambda result, function=function, more=more: function(result, *more)
    yield from (("deadlines", deadlines), ("needs", needs), ("regional", regional), ("timetable", timetable))


METRICS = dict(all_metrics())


@pytest.fixture(scope="module")
def result():
    return gm.run(gm.Scenario(**SCENARIO))


def test_every_metric_is_among_them():
    assert {
        "ens_mwh",
        "deepest_mw",
        "saidi_h",
        "hours_to_drain",
        "summarise",
        "summarise_regions",
        "worst_hour",
    } <= set(METRICS)
    assert len(METRICS) > 22


AVERAGES = {
    "daily mean": (lambda r: r.resample(time="1D").mean(keep_attrs=True), "24 h apart.*resampled"),
    "three hours": (lambda r: r.coarsen(time=3).mean(keep_attrs=True), "3 h apart.*resampled"),
    "thinned": (lambda r: r.isel(time=slice(None, None, 3)), "3 h apart.*thinned out"),
    "one mean": (lambda r: r.resample(time="5D").mean(keep_attrs=True), "not those of the run"),
    "mean": (lambda r: r.mean("time", keep_attrs=True), "time: is not a dimension any more"),
    "no attributes": (lambda r: r.drop_attrs(), "step_h: is missing"),
}


@pytest.fixture(scope="module")
def averages(result):
    """The result, averaged in every way; each made once."""
    return {how: change(result) for how, (change, _) in AVERAGES.items()}


@pytest.mark.parametrize("name", METRICS)
def test_no_metric_is_taken_of_averages_over_time(averages, name):
    for how, (_, said) in AVERAGES.items():
        with pytest.raises(gm.InputError, match=said):
            METRICS[name](averages[how])


def test_energy_of_two_regions_is_the_sum_of_each():
    shed = np.zeros((1, 4, 2, 1))
    shed[0, 1, 0], shed[0, 2, 1] = 30.0, 12.0  # MW of one hour each, by hand: 30 MWh and 12 MWh
    made = xr.Dataset(
        {"shed_mw": (("member", "time", "region", "tier"), shed)},
        coords={"member": [0], "region": ["A", "B"], "tier": ["household"]},
        attrs={"step_h": 1.0},
    )
    assert metrics.ens_mwh(made).item() == 42.0
    assert [metrics.ens_mwh(made.sel(region=name)).item() for name in "AB"] == [30.0, 12.0]
    assert [metrics.lolev(made.sel(region=name, member=0)).item() for name in "AB"] == [1, 1]
    assert metrics.longest_event_h(made.sel(region="A")).item() == 1.0
    assert metrics.longest_event_h(made).item() == 2.0


def say_the_same(one, other):
    """Compare what metrics return: numbers, arrays that may lack a dimension of one region, tables, and dicts of these."""
    if isinstance(one, dict):
        assert one
        assert one.keys() == other.keys()
        for key, value in one.items():
            say_the_same(value, other[key])
    elif isinstance(one, xr.DataArray | float | int):
        assert np.array_equal(np.ravel(one), np.ravel(other), equal_nan=True)
    else:
        assert one.equals(other)


@pytest.mark.parametrize("name", at_gate(METRICS, 4))
def test_one_region_by_name_and_as_a_list_of_one_say_the_same(result, name):
    say_the_same(*(METRICS[name](result.sel(region=one)) for one in (["TR-1"], "TR-1")))


@pytest.mark.parametrize("name", ["regional", "regional_causes"])
def test_numbers_by_region_are_those_of_each_region_alone(result, name):
    whole = METRICS[name](result)
    for region in result["region"].to_numpy():
        alone = METRICS[name](result.sel(region=region))
        for key, values in whole.items():
            assert values.sel(region=region).to_numpy() == pytest.approx(np.ravel(alone[key]), rel=1e-12)


def test_person_hours_of_regions_and_of_stretches_of_time_add_up(result):
    for count in COUNTS:
        if count.variable in result:
            whole = metrics.person_hours(result, count.variable).to_numpy()
            by_region = sum(
                metrics.person_hours(result.sel(region=name), count.variable).to_numpy()
                for name in result["region"].to_numpy()
            )
            days = [slice(0, 24), slice(24, 48)]
            by_day = sum(metrics.person_hours(result.isel(time=day), count.variable).to_numpy() for day in days)
            assert by_region == pytest.approx(whole, rel=1e-12)
            assert by_day == pytest.approx(whole, rel=1e-12)


def test_hours_that_are_chosen_have_energy_but_no_events(result):
    evening = result.isel(time=[17, 18, 19, 41, 42, 43])
    parts = [result.isel(time=slice(17, 20)), result.isel(time=slice(41, 44))]
    assert metrics.ens_mwh(evening).to_numpy() == pytest.approx(sum(metrics.ens_mwh(part).to_numpy() for part in parts))
    for name in ("lolev", "longest_event_h", "hours_to_drain", "hours_to_dry_taps", "summarise"):
        with pytest.raises(gm.InputError, match="has a gap after 2026-01-05 19:00 UTC"):
            METRICS[name](evening)


def test_regions_and_members_that_were_averaged_away_are_refused(result):
    for dim, call in (("region", gm.summarise), ("member", metrics.lole_h), ("tier", metrics.ens_mwh)):
        with pytest.raises(gm.InputError, match=rf"has no dimension {dim} any more.*\.sel\({dim}=…\)"):
            call(
                result.mean(dim, keep_attrs=True)
                if dim != "region"
                else result.drop_vars(["region_name", "region_name_uk"], errors="ignore").mean(dim, keep_attrs=True)
            )
    with pytest.raises(gm.InputError, match=r"saidi|people_without_power: is not in this result"):
        metrics.saidi_h(result.drop_vars("people_without_power"))


@pytest.mark.gate  # at each edit: a store is summed up, in `test_sweeps.py`
def test_a_sweep_is_summarised_variant_by_variant(tmp_path):
    base = gm.Scenario(**SCENARIO | {"events": SCENARIO["events"][:1], "end": "2026-01-05 08:00"})
    store = gm.sweep(base, {"import_limit_mw": [0.0, 40.0]}, store=tmp_path / "s.zarr")
    table = gm.summarise(store)
    assert table.index.names == ["import_limit_mw", "metric"]
    for limit in (0.0, 40.0):
        alone = gm.summarise(gm.run(base.replace(import_limit_mw=limit)))
        assert alone.loc["energy_not_served", "mean"] > 0
        for name in ("energy_not_served", "saidi", "person_hours_without_heat", "loss_of_load_events"):
            assert table.loc[(limit, name), "mean"] == pytest.approx(alone.loc[name, "mean"], rel=1e-5), name
    few = gm.sweep(base, [{"seed": 1}, {"seed": 2}], store=tmp_path / "few.zarr", keep=["outdoor_temperature"])
    assert gm.summarise(few).loc[(0, "saidi")]["mean"] >= 0


SUMS = ("ens_mwh", "ens_share", "lole_h", "lolev", "longest_event_h", "deepest_mw", "hours_without_power_per_day",
        "saidi_h", "degree_hours_below_18", "person_hours", "person_hours_by_cause", "person_degree_hours")  # fmt: skip


@pytest.fixture(scope="module")
def gaps(result):
    """The result as means over two steps that move along, without a value in the first; and without a member's values."""
    floats = [key for key in result.data_vars if result[key].dtype.kind == "f" and "time" in result[key].dims]
    moving = result.assign({key: result[key].rolling(time=2).mean() for key in floats})
    counted = [key for key in floats if "member" in result[key].dims]
    return moving, result.assign({key: result[key].where(result["member"] != 1) for key in counted})


@pytest.mark.parametrize("name", at_gate(SUMS, 5))
def test_no_sum_is_a_number_where_steps_or_members_are_missing(result, gaps, name):
    # a mean that moves along has no value in its first step; a store of a sweep may lack a member
    moving, lacking = gaps
    assert np.isnan(METRICS[name](moving)).any()
    values = METRICS[name](lacking)
    assert np.isnan(values.sel(member=1)).any()
    np.testing.assert_array_equal(values.sel(member=0), METRICS[name](result).sel(member=0))


@pytest.mark.parametrize("name", METRICS)
def test_a_selection_without_steps_is_refused(result, name):
    with pytest.raises(gm.InputError, match="has no steps: the selection left none"):
        METRICS[name](result.isel(time=slice(0, 0)))


@pytest.mark.parametrize("name", [*SUMS, "summarise"])
def test_a_region_that_is_selected_twice_does_not_count_twice(result, name):
    with pytest.raises(gm.InputError, match="'TR-1' is selected twice and would count twice"):
        METRICS[name](result.sel(region=["TR-1", "TR-1"]))


@pytest.mark.parametrize("given", ["runs/three-region", "scenario", "variable"])
def test_what_is_no_result_is_refused_by_every_metric_with_the_way_to_one(result, given):
    other = {"scenario": gm.load_scenario("three-region"), "variable": result["shed_mw"]}.get(given, given)
    for _, function in all_metrics():
        with pytest.raises(gm.InputError, match=rf"result: must be the result .* not {type(other).__name__}.*gm\.run"):
            function(other)
