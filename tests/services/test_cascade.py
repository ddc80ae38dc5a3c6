"""Frequency, relays, branches and restart on islands whose course is known by hand."""

import dataclasses

import numpy as np
import pytest
from conftest import LONG
from hypothesis import given, settings
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.dispatch.frequency import (
    Response,
    blocks_mw,
    overloaded,
    rocof_hz_per_s,
    running_mw,
    stage_shares,
    swing,
)
from gridmodel.scenario import make_scenario
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate
from gridmodel.vocabulary import CAUSES, MECHANISMS

RESPONSE = Response(
    reserve_lag_s=5.0, reserve_full_hz=0.2, load_relief_per_hz=0.01, relay_hz=np.linspace(49.0, 48.0, 6),
    relay_delay_s=0.2, unit_trip_hz=47.5,
)  # fmt: skip


def one(*, load, output, kinetic, reserve=0.0, block=(0.0,) * 6, response=RESPONSE):
    return swing(
        response, load_mw=np.array([load]), output_mw=np.array([output]), kinetic_mws=np.array([kinetic]),
        reserve_mw=np.array([reserve]), given_mw=np.zeros(1), block_mw=np.array([block]),
        stages=np.zeros((1, 6), dtype=bool), start_hz=np.full(1, 50.0),
    )  # fmt: skip


def test_frequency_first_falls_as_the_swing_equation_says():
    # 100 MW of 1,000 lost, 4 s on 1,250 MW: 100 * 50 / (2 * 5,000) = 0.5 Hz/s
    assert rocof_hz_per_s(np.array([100.0]), np.array([5000.0])) == pytest.approx(-0.5)
    free = dataclasses.replace(RESPONSE, load_relief_per_hz=0.0, relay_delay_s=0.0)
    # without reserve and load relief it falls on that line: the first stage at 49 Hz comes after 2 s, and 100 MW stop it
    got = one(load=1000.0, output=900.0, kinetic=5000.0, block=(100.0, 0, 0, 0, 0, 0), response=free)
    assert got.nadir_hz[0] == pytest.approx(49.0, abs=1e-9)  # relays open within a step
    # with a delay of 0.33 s it falls for as much longer, in the middle of a step as well
    late = dataclasses.replace(free, relay_delay_s=0.33)
    got = one(load=1000.0, output=900.0, kinetic=5000.0, block=(100.0, 0, 0, 0, 0, 0), response=late)
    assert got.nadir_hz[0] == pytest.approx(49.0 - 0.5 * 0.33, abs=1e-9)
    assert not one(load=1000.0, output=900.0, kinetic=1e5, response=free).collapsed.any()  # 1.5 Hz in a minute
    assert one(load=1000.0, output=900.0, kinetic=5e4, response=free).collapsed.all()  # 3 Hz in a minute


def test_a_loss_within_the_reserve_settles_where_reserve_and_load_relief_meet_it_and_sheds_nothing():
    got = one(load=1000.0, output=960.0, kinetic=5000.0, reserve=100.0, block=(50.0,) * 6)
    # 40 = 100 df / 0.2 + 1,000 * 0.01 df: df = 40 / 510 Hz
    assert got.end_hz[0] == pytest.approx(50.0 - 40.0 / 510.0, abs=1e-3)
    assert got.reserve_mw[0] == pytest.approx(100.0 * (40.0 / 510.0) / 0.2, abs=0.3)
    assert not got.stages.any()
    assert 49.0 < got.nadir_hz[0] < got.end_hz[0]
    assert not got.collapsed.any()


def test_relays_shed_as_many_stages_as_the_loss_takes_and_no_more():
    block = tuple(blocks_mw(np.array([1000.0]), np.array([700.0]), stage_shares(0.05, 0.45, 6))[0])
    assert block == pytest.approx((50, 80, 80, 80, 80, 80))
    got = one(load=1000.0, output=880.0, kinetic=5000.0, block=block)
    # 120 MW short: 50 leave 70, which load relief would meet only 7 Hz down; 80 more are enough
    assert got.stages[0].tolist() == [True, True, False, False, False, False]
    assert 48.6 < got.nadir_hz[0] < 48.8
    assert not got.collapsed.any()


def test_a_loss_beyond_every_stage_blacks_the_island_out_and_one_without_inertia_falls_at_once():
    block = (50.0, 80.0, 80.0, 80.0, 80.0, 80.0)
    got = one(load=1000.0, output=400.0, kinetic=5000.0, block=block)
    assert got.collapsed.all()
    assert got.nadir_hz[0] == 47.5
    still = one(load=1000.0, output=990.0, kinetic=0.0, block=block)
    assert still.collapsed.all()
    assert not still.stages.any()


def test_a_slow_relay_lets_frequency_fall_deeper():
    block = (50.0, 80.0, 80.0, 80.0, 80.0, 80.0)
    quick, slow = (
        one(
            load=1000.0,
            output=800.0,
            kinetic=5000.0,
            block=block,
            response=dataclasses.replace(RESPONSE, relay_delay_s=s),
        )
        for s in (0.1, 0.6)
    )
    assert slow.nadir_hz[0] < quick.nadir_hz[0] - 0.1


def by_milliseconds(load, output, kinetic, reserve, block):
    """Lowest frequency and stages that have shed, in steps of 2 ms for a minute."""
    hz, given, lowest = np.full(len(load), 50.0), np.zeros(len(load)), np.full(len(load), 50.0)
    below_s, shed, step_s = np.zeros(block.shape), np.zeros(block.shape, dtype=bool), 0.002
    for _ in range(30_000):
        load_now = (load - (block * shed).sum(axis=1)) * (1 - 0.01 * (50 - hz))
        rate = 50 / (2 * kinetic) * (output + given - load_now)
        given = given + step_s * (reserve * np.minimum((50 - hz) / 0.2, 1) - given) / 5.0
        hz = np.where(lowest > 47.5, np.minimum(hz + step_s * rate, 50.0), hz)
        lowest = np.minimum(lowest, np.maximum(hz, 47.5))
        below_s = np.where(hz[:, None] < RESPONSE.relay_hz, below_s + step_s, 0.0)
        shed |= (below_s > 0.2) & (lowest > 47.5)[:, None]
    return lowest, shed


def test_the_lowest_frequency_and_the_stages_that_shed_are_those_of_steps_of_two_milliseconds():
    rng = np.random.default_rng(1)
    load = rng.uniform(500, 3000, 60)
    output, kinetic = load * rng.uniform(0.45, 0.98, 60), load * rng.uniform(1.5, 6.0, 60)
    reserve, block = load * rng.choice([0.0, 0.03, 0.1], 60), load[:, None] * stage_shares(0.05, 0.45, 6)
    got = swing(
        RESPONSE, load_mw=load, output_mw=output, kinetic_mws=kinetic, reserve_mw=reserve, given_mw=np.zeros(60),
        block_mw=block, stages=np.zeros((60, 6), dtype=bool), start_hz=np.full(60, 50.0),
    )  # fmt: skip
    lowest, shed = by_milliseconds(load, output, kinetic, reserve, block)
    lives = lowest > 47.5
    assert lives.sum() > 30
    assert (got.collapsed == ~lives).all()
    assert got.nadir_hz == pytest.approx(lowest, abs=0.01)
    assert (got.stages == shed)[lives].all()
    assert len(set(shed[lives].sum(axis=1))) > 4  # from none to all


def test_no_relay_takes_critical_load():
    taken = blocks_mw(np.array([[100.0, 100.0]]), np.array([[20.0, 70.0]]), stage_shares(0.05, 0.45, 6))
    assert taken.sum(axis=-1)[0] == pytest.approx([20, 45])
    assert taken[0, 0] == pytest.approx([5, 8, 7, 0, 0, 0])


@given(st.integers(0, 2**32 - 1))
@pytest.mark.gate  # at each edit: any company, in `test_sampling.py`
def test_a_swing_is_the_same_in_any_company(seed):
    rng = np.random.default_rng(seed)
    load = rng.uniform(10, 1000, 7)
    inputs = {
        "load_mw": load, "output_mw": load * rng.uniform(0.4, 1.0, 7), "kinetic_mws": load * rng.choice([0, 2, 5], 7),
        "reserve_mw": load * rng.uniform(0, 0.1, 7), "given_mw": np.zeros(7),
        "block_mw": load[:, None] * stage_shares(0.05, 0.45, 6), "stages": np.zeros((7, 6), dtype=bool),
        "start_hz": np.full(7, 50.0),
    }  # fmt: skip
    many = swing(RESPONSE, **inputs)
    alone = swing(RESPONSE, **{name: values[3:4] for name, values in inputs.items()})
    for name in ("nadir_hz", "end_hz", "reserve_mw", "stages", "collapsed"):
        assert getattr(many, name)[3:4].tobytes() == getattr(alone, name).tobytes(), name
    assert (many.reserve_mw <= inputs["reserve_mw"] + 1e-9).all()
    assert (many.nadir_hz <= np.minimum(many.end_hz, 50.0) + 1e-9).all() or many.collapsed.any()


def test_a_branch_trips_beyond_the_factor_on_what_is_left_of_it():
    flow = np.array([[119.0, -121.0, 61.0, 999.0]])
    share = np.array([[1.0, 1.0, 0.5, 0.0]])
    trips = overloaded(flow, np.full(4, 100.0), share, 1.2)
    assert trips.tolist() == [[False, True, True, False]]
    assert not overloaded(np.array([[1e9]]), np.array([np.inf]), np.ones((1, 1)), 1.2).any()


def test_as_few_units_run_as_the_output_takes():
    got = running_mw(np.array([[150.0, 100.0]]), np.array([[300.0, 80.0]]), np.array([100.0, 100.0]))
    assert got.tolist() == [[200.0, 80.0]]


def course(result, member=0):
    """The log of a member without what came back."""
    log = gm.cascade_log(result)
    return log[(log["member"] == member) & ~log["mechanism"].isin(["return", "tie_closing"])]


NUCLEAR = {"target": "TR-1/nuclear", "kind": "outage"}


def test_a_neighbour_holds_the_frequency_as_far_as_its_ties_carry(three):
    # ties carry 1.5 * 300 MW and 200 flow: 250 MW can come at once
    event = {"time": "2026-01-05 03:00", "target": "TR-2/thermal_coal", "kind": "outage", "share": 0.48}
    result = gm.run(three(events=[event], cascade="full"))
    log = course(result)
    assert list(log["mechanism"]) == ["loss", "reserve"]
    assert log["mw"].to_numpy() == pytest.approx([240, 240])
    assert list(log["place"]) == ["TR-2", "border"]
    assert (result["frequency_nadir_hz"] == 50).all()
    plain = gm.run(three(events=[event]))
    assert result["served_mw"].to_numpy().tobytes() == plain["served_mw"].to_numpy().tobytes()


def test_beyond_its_ties_an_island_is_on_its_own_and_relays_shed(three):
    plain = {"heater_feedback": False, "cold_load_pickup": False}
    result = gm.run(three(events=[NUCLEAR | {"time": "2026-01-05 03:00", "share": 0.5}], cascade="full", **plain))
    log = course(result).groupby("mechanism")["mw"].sum()
    # 300 MW lost and 200 MW of imports with them, of 1,500: 5 % and four times 8 % of the load go, 555 MW
    assert log.to_dict() == pytest.approx({"loss": 300, "tie_opening": 200, "under_frequency": 555})
    shed = result["shed_mw"].sum(("region", "tier"))[0].to_numpy()
    assert shed[2:6] == pytest.approx([500, 1000, 800, 800])  # imports are back after an hour
    cause = result["shed_cause_mw"].sum("region")[0, 3].to_series()
    # relays hold 555 of 900 MW served that is not critical for half an hour: (600 - 1,400 * 345 / 900) / 2
    assert cause["under_frequency"] == pytest.approx((600 - 1400 * 345 / 900) / 2)
    assert cause["unit_trip"] == pytest.approx(200 - (600 - 1400 * 345 / 900) / 2)
    assert cause["deficit"] == pytest.approx(800)


def test_interconnectors_that_close_again_are_called_what_they_are_and_no_entry_is_noise(three):
    event = NUCLEAR | {"time": "2026-01-05 03:00", "share": 0.5}
    log = gm.cascade_log(gm.run(three(events=[event], cascade="full")))
    assert set(log["mechanism"]) == {"loss", "tie_opening", "under_frequency", "tie_closing"}  # no plant has tripped
    (back,) = log.query("mechanism == 'tie_closing'").to_dict("records")
    assert (back["place"], back["technology"], back["mw"], back["round"]) == ("border", "", 300.0, -1)
    # of a small loss a neighbour supplies all, and it is an entry from a tenth of a megawatt on
    for lost, said in ((0.099, []), (0.101, ["loss", "reserve"])):
        small = NUCLEAR | {"time": "2026-01-05 03:00", "share": lost / 600}
        assert list(gm.cascade_log(gm.run(three(events=[small], cascade="full")))["mechanism"]) == said


def test_interconnectors_that_carried_nothing_open_as_well_and_are_in_the_log(three):
    event = NUCLEAR | {"time": "2026-01-05 03:00", "share": 0.99}
    log = gm.cascade_log(gm.run(three(events=[event], cascade="full", import_limit_mw=0.01)))
    assert log.query("mechanism == 'tie_opening'")["mw"].tolist() == pytest.approx([0.01])


def test_a_black_island_comes_back_from_its_black_start_units(three):
    events = [NUCLEAR | {"time": "2026-01-05 03:00", "share": 1.0, "duration_h": 2},
              {"time": "2026-01-05 03:00", "target": "TR-2/thermal_coal", "kind": "outage", "share": 0.5, "duration_h": 2}]  # fmt: skip
    result = gm.run(three(events=events, cascade="full", import_limit_mw=0))
    assert result["frequency_nadir_hz"][0, 3].item() == 47.5
    assert (np.delete(result["frequency_nadir_hz"][0].to_numpy(), 3) == 50).all()
    by_kind = result["generation_mw"].sum("region")[0]
    hydro, coal, nuclear = (by_kind.sel(technology=name).to_numpy() for name in ("hydro", "thermal_coal", "nuclear"))
    assert hydro[2:5] == pytest.approx([200, 0.7 * 200, 200])  # 0.3 h to start
    assert coal[2:19] == pytest.approx([500] + [0] * 15 + [500])  # 14 h from the end of the hour in which hydro runs
    assert nuclear[3:].max() == 0  # 48 h
    cause = result["shed_cause_mw"].sum("region")[0]
    assert cause.sel(cause="blackout")[3].item() == pytest.approx(450 - 140)
    assert cause.sel(cause="unit_trip")[[4, 6, 18]].to_numpy() == pytest.approx([250, 1100, 600])
    back = gm.cascade_log(result).query("mechanism == 'return'")
    assert list(back["technology"]) == ["hydro", "thermal_coal"]
    assert list(back["time"].dt.hour) == [3, 17]


def test_a_loss_within_reserve_sheds_nothing(three, folder, replace_cell):
    for line, demand in ((2, "475"), (3, "285"), (4, "190")):
        replace_cell("regions", line, "reference_demand_mw", demand)
    # nuclear 600, hydro 200 and 150 of coal on two of its units: 5 % of 200 MW are reserve
    event = {"time": "2026-01-05 03:00", "target": "TR-3/hydro", "kind": "outage", "share": 0.04}
    result = gm.run(three(network=str(folder), events=[event], cascade="full", import_limit_mw=0))
    assert result["shed_mw"].sum().item() == pytest.approx(0, abs=1e-6)
    settled = 50 - 8 / (10 / 0.2 + 950 * 0.01)
    assert 49.5 < result["frequency_nadir_hz"][0, 3].item() < settled
    assert set(course(result)["mechanism"]) == {"loss", "reserve"}


def test_overload_trips_the_rest_of_a_ring_for_its_time(three, folder, replace_cell):
    replace_cell("lines", 2, "max_i_ka", str(100 / (np.sqrt(3) * 330 * 0.75)))
    # 150 MW flow into TR-1 over two lines; when one is out the other, of 100 MW, would carry all of it
    event = {"time": "2026-01-05 03:00", "target": "line:TR-1-330--TR-3-330", "kind": "outage", "share": 1.0}
    plain, result = (gm.run(three(network=str(folder), events=[event], cascade=c)) for c in ("none", "overload"))
    log = course(result)
    assert list(log["mechanism"]) == ["loss", "branch_trip"]
    assert log["mw"].to_numpy() == pytest.approx([250 / 3, 150])
    served = [run["served_mw"].sum(("region", "tier"))[0].to_numpy() for run in (plain, result)]
    assert served[0][3] == pytest.approx(1500)
    assert served[1][2:6] == pytest.approx([1500, 1400, 1500, 1500])
    assert result["shed_cause_mw"].sel(cause="branch_trip").sum("region")[0, 3].item() == pytest.approx(100)
    assert "frequency_nadir_hz" not in result
    alone = {"heater_feedback": False, "cold_load_pickup": False, "branch_reclose_h": 2.0}
    longer = gm.run(three(network=str(folder), events=[event], cascade="overload", **alone))
    # TR-1 alone, 400 short; the others, now with all they have, 100 short where they were 200
    cause = longer["shed_cause_mw"][0, 4].sel(region="TR-1").to_series()
    assert cause["branch_trip"] == pytest.approx(100)
    assert longer["shed_mw"].sum("tier")[0, 4].to_numpy() == pytest.approx([400, 60, 40])
    assert np.allclose(longer["shed_cause_mw"].sum("cause"), longer["shed_mw"].sum("tier"))


def test_less_gas_pressure_and_lower_import_limits_are_no_shock(three, folder, replace_cell):
    replace_cell("generators", 3, "technology", "thermal_gas")
    events = [{"time": "2026-01-05 03:00", "target": "TR/fuel", "kind": "limit", "share": 0.5},
              {"time": "2026-01-05 04:00", "target": "TR/import", "kind": "limit", "value": 50},
              {"time": "2026-01-05 05:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.5}]  # fmt: skip
    result = gm.run(three(network=str(folder), events=events, cascade="full"))
    assert not len(gm.cascade_log(result))
    plain = gm.run(three(network=str(folder), events=events))
    assert result["served_mw"].equals(plain["served_mw"])
    assert plain["generation_mw"].sel(technology="thermal_gas").sum("region")[0, 3].item() == pytest.approx(250)


def test_plant_and_lines_that_are_limited_are_no_shock_and_what_is_lost_of_them_is_counted_without_the_limit(three):
    limits = [{"time": "2026-01-05 03:00", "target": "TR-1/nuclear", "kind": "limit", "share": 0.5},
              {"time": "2026-01-05 04:00", "target": "TR/transfer", "kind": "limit", "share": 0.9}]  # fmt: skip
    plain = {"heater_feedback": False, "cold_load_pickup": False}
    result = gm.run(three(events=limits, cascade="full", **plain))
    assert not len(gm.cascade_log(result))
    assert result["served_mw"].equals(gm.run(three(events=limits, **plain))["served_mw"])
    outage = {"time": "2026-01-05 06:00", "target": "TR-1/nuclear", "kind": "outage", "share": 0.1}
    lost = course(gm.run(three(events=[*limits, outage], cascade="full", **plain))).groupby("mechanism")["mw"].sum()
    alone = course(gm.run(three(events=[outage], cascade="full", **plain))).groupby("mechanism")["mw"].sum()
    assert lost["loss"] == pytest.approx(0.5 * alone["loss"])  # a tenth of what half of the plant gave


def test_without_cascades_a_result_has_no_log_and_the_causes_that_it_had(three):
    result = gm.run(three())
    assert list(result["cause"]) == list(CAUSES)
    with pytest.raises(gm.InputError, match="no log of cascades"):
        gm.cascade_log(result)


def test_imports_that_are_lost_are_a_shock_and_imports_that_are_limited_are_none(three):
    plain = {"heater_feedback": False, "cold_load_pickup": False, "cascade": "full"}
    event = {"time": "2026-01-05 03:00", "target": "TR/import", "kind": "outage"}
    lost = {}
    for share in (0.5, 0.6):
        result = gm.run(three(events=[event | {"share": share}], **plain))
        lost[share] = course(result).groupby("mechanism")["mw"].sum().to_dict()
    # ties of 300 MW that can carry 450 carry 200; half of them take 100 MW along, and 225 are left for the 200
    assert lost[0.5] == pytest.approx({"loss": 100, "reserve": 100})
    # 0.6 takes 120, and 180 MW are not enough for 200: all open; of 1,500 MW relays shed 5 % and 8 %, and load of
    # 1,305 MW is lower by the 5 MW that are left over at 49.6 Hz
    assert lost[0.6] == pytest.approx({"loss": 120, "tie_opening": 80, "under_frequency": 195})
    limit = gm.run(three(events=[event | {"kind": "limit", "share": 0.5}], **plain))
    assert not len(gm.cascade_log(limit))
    assert (limit["frequency_nadir_hz"] == 50).all()
    struck = event | {"kind": "strike", "hits_before_interception": 3, "interception": 0.0}
    result = gm.run(three(events=[struck], deterministic=False, members=4, **plain))
    assert set(gm.cascade_log(result).query("mechanism == 'loss'")["member"]) == set(range(4))


@st.composite
def shocks(draw):
    """Events on plant and branches of the three regions."""
    events = []
    for _ in range(draw(st.integers(1, 4))):
        what = draw(
            st.sampled_from(["generation", "thermal_coal", "nuclear", "hydro", "transfer", "delivery", "import"])
        )
        place = {"thermal_coal": "TR-2", "nuclear": "TR-1", "hydro": "TR-3", "import": "TR"}.get(
            what, draw(st.sampled_from(["TR", "TR-1", "TR-2", "TR-3"]))
        )
        row = {"time": f"2026-01-05 {draw(st.integers(1, 11)):02d}:00", "target": f"{place}/{what}"}
        if draw(st.booleans()):
            row |= {"kind": "strike", "hits_before_interception": draw(st.integers(1, 12)), "interception": 0.3}
        else:
            row |= {
                "kind": "outage",
                "share": draw(st.sampled_from([0.2, 0.5, 1.0])),
                "duration_h": draw(st.integers(1, 9)),
            }
        events.append(row)
    return events


@given(shocks(), st.sampled_from(["overload", "full"]), st.sampled_from(["1h", "15min"]), st.integers(0, 2**32))
@settings(max_examples=60 if LONG else 2)
@pytest.mark.gate  # at each edit: balances under any outages, in `test_loop.py`
def test_cascades_only_add_to_what_is_shed_at_an_event_and_every_balance_closes(events, cascade, step, seed):
    base = make_scenario({
        "name": "any", "rotation": "mean", "network": "three-region", "weather": "three-region", "timezone": "UTC", "step": step,
        "start": "2026-01-05", "end": "2026-01-05 12:00", "members": 3, "seed": seed, "events": events,
    })  # fmt: skip
    plain, result = gm.run(base), gm.run(base.replace(cascade=cascade))
    supply = result["generation_mw"].sum(("region", "technology")) + result["import_mw"]
    assert np.allclose(supply, result["served_mw"].sum(("region", "tier")), atol=1e-5)
    assert np.allclose(result["shed_cause_mw"].sum("cause"), result["shed_mw"].sum("tier"), atol=1e-6)
    assert (result["shed_cause_mw"] >= 0).all()
    assert list(result["cause"]) == [*CAUSES, *MECHANISMS]
    assert (result["served_mw"] >= 0).all()
    log = gm.cascade_log(result)
    for member in range(3):
        times = log.loc[log["member"] == member, "time"]
        until = slice(None, times.min() if len(times) else None)
        less, more = (run["served_mw"].sel(member=member, time=until) for run in (result, plain))
        assert (less <= more + 1e-9).all()
        alone = simulate(run_inputs(base.replace(cascade=cascade), members=[member]))
        for name in ("served_mw", "shed_cause_mw", "generation_mw"):
            assert alone[name].to_numpy().tobytes() == result[name].sel(member=[member]).to_numpy().tobytes(), name
        assert gm.cascade_log(alone).reset_index(drop=True).equals(log[log["member"] == member].reset_index(drop=True))
        if cascade == "full":
            assert np.array_equal(alone["frequency_nadir_hz"][0], result["frequency_nadir_hz"].sel(member=member))


@pytest.mark.gate  # at each edit: cascades of three regions
def test_cascades_run_on_the_real_network_and_their_file_reads_back(tmp_path):
    from gridmodel.results.run_folder import read_result, write_run

    events = [{"time": "2026-01-08 04:00", "target": "UA/generation", "kind": "strike",
               "hits_before_interception": 80, "interception": 0.3},
              {"time": "2026-01-08 06:00", "target": "UA/transfer", "kind": "strike",
               "hits_before_interception": 30, "interception": 0.3}]  # fmt: skip
    scenario = gm.load_scenario("january-2026").replace(
        members=4, events=events, end="2026-01-08 09:00", cascade="full"
    )
    result = gm.run(scenario)
    assert np.allclose(result["shed_cause_mw"].sum("cause"), result["shed_mw"].sum("tier"), atol=1e-6)
    log = gm.cascade_log(result)
    assert {"loss", "reserve"} <= set(log["mechanism"])
    assert log["member"].is_monotonic_increasing
    assert log["member"].nunique() == 4
    assert set(log["place"]) <= {*result["region"].to_numpy(), "border"}  # regions only: no line and no plant
    write_run(result, scenario, tmp_path / "out", command=["gridmodel"], seconds={})
    with read_result(tmp_path / "out") as again:
        assert gm.cascade_log(again).astype({"round": int}).equals(log)
        assert gm.cascade_log(again)["mw"].sum() == pytest.approx(log["mw"].sum())


def test_a_calm_run_with_cascades_on_writes_an_empty_log(three, tmp_path):
    from gridmodel.results.run_folder import read_result, write_run

    scenario = three(cascade="full")
    write_run(gm.run(scenario), scenario, tmp_path / "out", command=["gridmodel"], seconds={})
    with read_result(tmp_path / "out") as again:
        assert not len(gm.cascade_log(again))
        assert (again["frequency_nadir_hz"] == 50).all()


@pytest.mark.gate  # at each edit: a calm run and its log
def test_members_auto_keep_the_log_of_every_block(three, monkeypatch):
    from gridmodel.studies import run

    monkeypatch.setattr(run, "AUTO_BLOCK", 4)
    event = {"time": "2026-01-05 01:00", "target": "TR/generation", "kind": "strike", "hits_before_interception": 9,
             "interception": 0.2}  # fmt: skip
    base = three(events=[event], cascade="full", deterministic=False, end="2026-01-05 04:00", members=8)
    stop = {"metric": "energy_not_served", "share": 1e-6, "max_members": 8}
    auto, fixed = gm.run(base.replace(members="auto", stop_at=stop)), gm.run(base)
    assert gm.cascade_log(auto).reset_index(drop=True).equals(gm.cascade_log(fixed).reset_index(drop=True))
    assert auto["frequency_nadir_hz"].equals(fixed["frequency_nadir_hz"])
