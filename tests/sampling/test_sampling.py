import json

import numpy as np
import pytest
import xarray as xr
from conftest import at_gate
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import gridmodel as gm
from gridmodel.sampling import drawn_settings, quantiles
from gridmodel.scenario import DAMAGE, Scenario, drawable
from gridmodel.scenario.distributions import Bounds, Distribution
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate

DRAWN = {
    "temperature_slope": {"uniform": [0.018, 0.03]},
    "import_limit_mw": {"triangular": [50, 120, 200]},
    "critical_on_cut_feeders": {"normal": [0.15, 0.1]},
    "availability": {"thermal_coal": {"choice": [0.5, 0.9]}},
}


@pytest.fixture
def drawn(three):
    return three(deterministic=False, members=16, end="2026-01-05 06:00", **DRAWN)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ({"uniform": [2, 5]}, stats.uniform(2, 3)),
        ({"log_uniform": [2, 5]}, stats.loguniform(2, 5)),
        ({"triangular": [2, 3, 5]}, stats.triang(1 / 3, 2, 3)),
        ({"triangular": [2, 2, 5]}, stats.triang(0, 2, 3)),
        ({"normal": [4, 3]}, stats.truncnorm(-1, 4 / 3, 4, 3)),
    ],
)
def test_quantiles_are_those_that_scipy_has(written, known):
    kind, settings = next(iter(written.items()))
    made = Distribution(kind=kind, numbers=tuple(map(float, settings)), bounds=Bounds(low=1, high=8))
    share = np.linspace(0.001, 0.999, 25)
    assert made.quantile(share) == pytest.approx(known.ppf(share))
    assert made.middle() == pytest.approx(known.median())


def test_a_lognormal_is_cut_at_the_bounds_of_its_setting():
    made = Distribution(kind="lognormal", numbers=(2.0, 0.8), bounds=Bounds(low=1, high=5))
    whole = stats.lognorm(0.8, scale=2.0)
    share = np.linspace(0.01, 0.99, 25)
    low, high = whole.cdf([1, 5])
    assert made.quantile(share) == pytest.approx(whole.ppf(low + share * (high - low)))


@given(
    st.sampled_from(["uniform", "log_uniform", "triangular", "normal", "lognormal", "choice"]),
    st.lists(st.floats(0.1, 10), min_size=3, max_size=3, unique=True),
    st.floats(0, 1, exclude_max=True),
)
def test_no_draw_leaves_the_bounds(kind, settings, share):
    count = 3 if kind in {"triangular", "choice"} else 2
    given_ = sorted(settings)[:count] if kind not in {"normal", "lognormal"} else settings[:2]
    made = Distribution(kind=kind, numbers=tuple(given_), bounds=Bounds(low=0.1, high=10))
    if not made.wrong():
        assert 0.1 <= made.quantile(np.array([share]))[0] <= 10


@pytest.mark.parametrize("sampling", at_gate(["random", "latin_hypercube", "sobol", "saltelli"], 2))
def test_a_member_draws_the_same_in_any_company(drawn, sampling):
    scenario = drawn.replace(sampling=sampling, forced_outages={"nuclear": {"mttf_h": 50, "mttr_h": 20}})
    every, some = run_inputs(scenario), run_inputs(scenario, [11, 2])
    for name in drawn_settings(scenario):
        assert np.array_equal(every.settings.of(name, 0)[[11, 2]], some.settings.of(name, 0)), name
    assert np.array_equal(every.timeline.generator[:, [11, 2]], some.timeline.generator)
    whole, part = gm.run(scenario), simulate(some)
    for name in part.data_vars:
        if "member" in part[name].dims:
            assert whole[name].sel(member=[11, 2]).to_numpy().tobytes() == part[name].to_numpy().tobytes(), name


@pytest.mark.parametrize("sampling", ["random", "latin_hypercube"])
def test_a_further_distribution_leaves_the_draws_of_the_others_alone(drawn, sampling):
    less, more = (
        drawn.replace(sampling=sampling),
        drawn.replace(sampling=sampling, heating_threshold_c={"uniform": [12, 16]}),
    )
    before, after = quantiles(less, range(16)), quantiles(more, range(16))
    assert set(after) - set(before) == {"heating_threshold_c"}
    for name in before:
        assert np.array_equal(before[name], after[name]), name


def test_ranges_draw_as_they_did_before_there_were_distributions(three):
    plain = three(deterministic=False, members=3)
    got = quantiles(plain, range(3))
    for member in range(3):
        stream = np.random.default_rng(np.random.SeedSequence(2026, spawn_key=(member, 0)))
        first = stream.random(2)
        assert [got["temperature_slope_factor"][member], got["reconnection_tau_h"][member]] == list(first)


@pytest.mark.parametrize("sampling", ["latin_hypercube", "sobol"])
def test_an_even_sample_visits_every_part_of_a_setting_once(drawn, sampling):
    for name, share in quantiles(drawn.replace(sampling=sampling), range(16)).items():
        assert sorted((share * 16).astype(int)) == list(range(16)), name


@pytest.mark.gate  # at each edit: all numbers drawn at once
def test_settings_and_members_draw_independently(three):
    scenario = three(deterministic=False, members=4000, **DRAWN)
    table = np.column_stack(list(quantiles(scenario, range(4000)).values()))
    assert np.abs(np.corrcoef(table.T) - np.eye(table.shape[1])).max() < 4 / np.sqrt(4000)
    assert abs(np.corrcoef(table[:-1, 0], table[1:, 0])[0, 1]) < 4 / np.sqrt(4000)
    assert stats.kstest(table[:, 2], "uniform").pvalue > 1e-3


VALUES = {"heating_threshold_c": (-12.0, 14.0), "temperature_slope": (0.01, 0.04), "import_limit_mw": (20.0, 150.0),
          "restart_h": (5.0, 60.0), "interception": (0.0, 0.9)}  # fmt: skip


def _with(scenario, name, value):
    if name.startswith("availability."):
        return scenario.replace(availability={name.partition(".")[2]: value})
    pair = isinstance(Scenario.model_fields[name].default, tuple) and isinstance(value, float)
    return scenario.replace(**{name: (value, value) if pair else value})


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in {"temperature_slope_factor", "interception"} else pytest.mark.long)
        for name in (*VALUES, "temperature_slope_factor", "critical_on_cut_feeders", "availability.thermal_coal")
    ],
)
def test_a_drawn_number_acts_as_the_same_number_given(three, name, tmp_path):
    low, high = VALUES.get(name, (0.3, 0.9))
    events = [{"time": "2026-01-05 01:00", "target": "TR-2/thermal_coal", "kind": "strike", "interception": 0.5,
               "hits_before_interception": 8, "duration_h": 9},
              {"time": "2026-01-05 01:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.5, "duration_h": 3}]  # fmt: skip
    base = three(deterministic=False, members=4, end="2026-01-05 06:00", events=events, temperature_slope=0.02)
    base = base.replace(weather=_colder(tmp_path), sampling="latin_hypercube")
    got = gm.run(_with(base, name, {"choice": [low, high]}))
    values = got["drawn_value"].sel(setting=name).to_numpy()
    assert set(values) == {low, high}
    fixed = {value: gm.run(_with(base, name, value)) for value in (low, high)}
    compared = [n for n in got.data_vars if "member" in got[n].dims and n != "drawn_value"]
    for member, value in enumerate(values):
        for variable in compared:
            here, there = got[variable].isel(member=member), fixed[value][variable].isel(member=member)
            assert here.to_numpy().tobytes() == there.to_numpy().tobytes(), (member, variable)
    assert any(not fixed[low][n].equals(fixed[high][n]) for n in compared)


@pytest.mark.filterwarnings("ignore:.*has no effect:UserWarning")
def test_all_numbers_drawn_at_once_act_as_the_same_numbers_given(three):
    base = three(deterministic=False, members=3, end="2026-01-05 06:00", temperature_slope=0.02, import_limit_mw=150,
                 feeder_limit_kw=1.6,
                 events=[{"time": "2026-01-05 01:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.5}])  # fmt: skip
    apart = {"interception", "relay_first_hz", "relay_last_hz", "unit_trip_hz"}  # empty by default, or by the network
    settings = [name for name in drawable() if "." not in name and name not in {*apart, *DAMAGE}]
    pairs = {name for name in settings if isinstance(getattr(base, name), tuple)}
    choices = {}
    for name in settings:
        low = getattr(base, name)[0] if name in pairs else getattr(base, name)
        step = 0.1 * abs(low) or 0.1
        if drawable()[name].whole:
            choices[name] = [low, low + 1]
            continue
        beside = (low + step, low - step, low + 0.01 * step, low - 0.01 * step)
        choices[name] = [low, next(value for value in beside if drawable()[name].allow(value))]
    got = gm.run(base.replace(**{name: {"choice": values} for name, values in choices.items()}))
    for member in range(3):
        values = {name: float(got["drawn_value"].sel(setting=name)[member]) for name in settings}
        values = {name: int(value) if drawable()[name].whole else value for name, value in values.items()}
        given_ = {name: (value, value) if name in pairs else value for name, value in values.items()}
        alone = gm.run(base.replace(**given_))
        for name in got.data_vars:
            if "member" in got[name].dims and name != "drawn_value":
                here, there = got[name].isel(member=member), alone[name].isel(member=member)
                assert here.to_numpy().tobytes() == there.to_numpy().tobytes(), (member, name)


def _colder(tmp_path):
    hours = xr.date_range("2026-01-01", "2026-01-07", freq="1h")
    rows = [f"{hour:%Y-%m-%dT%H:%MZ},-15,-16,-17" for hour in hours]
    (tmp_path / "colder.csv").write_text("\n".join(["time,TR-1,TR-2,TR-3", *rows]) + "\n")
    return str(tmp_path / "colder.csv")


def test_a_deterministic_run_takes_the_median(three):
    scenario = three(**DRAWN, reconnection_tau_h={"log_uniform": [10, 90]})
    assert scenario.temperature_slope == pytest.approx(0.024)
    assert scenario.availability == {"thermal_coal": 0.5}
    assert scenario.reconnection_tau_h == pytest.approx((30, 30))
    made = run_inputs(scenario)
    assert made.settings.of("temperature_slope", 0) == pytest.approx([0.024])
    assert made.settings.of("import_limit_mw", 0) == pytest.approx([stats.triang(70 / 150, 50, 150).median()])


def test_a_scenario_with_distributions_is_written_and_read_again(drawn):
    data = json.loads(drawn.model_dump_json())
    assert data["temperature_slope"] == {"uniform": [0.018, 0.03]}
    again = drawn.replace(name="again")
    assert again.distributions == drawn.distributions
    assert "temperature_slope" not in drawn.replace(temperature_slope=0.02).distributions


def test_every_problem_of_distributions_is_reported_with_the_others(three):
    with pytest.raises(gm.InputError) as caught:
        three(
            temperature_slope={"unifrm": [0.1, 0.2]}, critical_on_cut_feeders={"uniform": [0.1, 1.4]},
            availability={"hydro": {"normal": [1, -1]}, "hidro": {"uniform": [0, 1]}},
            sampling={"uniform": [0, 1]},
            import_limit_mw={"normal": [-1000, 10]}, heating_threshold_c={"uniform": [1, 2], "normal": [1, 2]},
            interception={"uniform": [0.9, 0.1]}, temperature_slope_factor={"lognormal": [0, 1]}, seed=-1,
        )  # fmt: skip
    text = str(caught.value)
    for words in ("nearest: uniform", "1.4 is outside what the setting allows: from 0 up to 1", "above 0", "nearest: hydro",
                  "says how members draw", "hardly any", "or one distribution such as", "must run upwards",
                  "a median above 0", "seed"):  # fmt: skip
        assert words in text, words


def test_members_meet_the_weather_members_they_draw(three, tmp_path):
    hours = xr.date_range("2025-12-31", "2026-01-07", freq="1h").to_numpy()
    cold = np.array([-5.0, -10.0, -20.0])
    values = np.broadcast_to(cold[None, :, None], (len(hours), 3, 3)).copy()
    data = xr.DataArray(values, dims=("time", "member", "region"), name="temperature", attrs={"units": "degC"},
                        coords={"time": hours, "member": [0, 1, 2], "region": ["TR-1", "TR-2", "TR-3"]})  # fmt: skip
    path = tmp_path / "ensemble.nc"
    gm.weather.write_weather(data, path)
    scenario = three(
        deterministic=False, members=40, end="2026-01-05 06:00", weather=str(path), temperature_slope_factor=[1, 1]
    )
    result = gm.run(scenario)
    met = result["outdoor_temperature"].isel(time=0, region=0)
    assert result["outdoor_temperature"].dims == ("member", "time", "region")
    assert set(met.to_numpy()) == set(cold)
    need = result["demand_mw"].isel(time=3).sum(("region", "tier"))
    assert need.to_numpy() == pytest.approx(2000 + 20 * (-10 - met.to_numpy()))
    calm = gm.run(scenario.replace(deterministic=True))
    assert calm["outdoor_temperature"].to_numpy() == pytest.approx(cold.mean())


@pytest.mark.filterwarnings("ignore:.*has no effect:UserWarning")
def test_auto_stops_where_the_metric_is_known_well_enough_and_no_sooner(three):
    event = {"time": "2026-01-05 01:00", "target": "TR-2/thermal_coal", "kind": "strike", "interception": 0.5,
             "hits_before_interception": 6, "duration_h": 6}  # fmt: skip
    scenario = three(deterministic=False, members="auto", events=[event], end="2026-01-05 08:00",
                     stop_at={"metric": "energy_not_served", "share": 0.015, "max_members": 500})  # fmt: skip
    result = gm.run(scenario)
    count = result.sizes["member"]
    assert count in {50, 100, 150, 200, 250, 300}
    known = gm.metrics.estimate(gm.metrics.ens_mwh(result))
    assert known.standard_error <= 0.015 * known.mean
    before = gm.metrics.estimate(gm.metrics.ens_mwh(result)[: count - 50]) if count > 50 else None
    assert before is None or before.standard_error > 0.015 * before.mean
    given_ = gm.run(scenario.replace(members=count))
    assert given_["shed_mw"].to_numpy().tobytes() == result["shed_mw"].to_numpy().tobytes()
    with pytest.raises(gm.InputError, match="nearest: energy_not_served"):
        gm.run(scenario.replace(stop_at={"metric": "energy_not_servd"}))
    with pytest.raises(gm.InputError, match="drawn as one set"):
        scenario.replace(sampling="latin_hypercube")
