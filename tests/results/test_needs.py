import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.results.needs import DIESEL_KWH_PER_L, NEEDS, _coldest, generators_mw, needs
from gridmodel.results.run_folder import summary_json
from gridmodel.results.sendable import sendable
from gridmodel.results.water_need import WATER_L, staying_dry
from gridmodel.scenario.backup_systems import SYSTEMS
from gridmodel.vocabulary import ARCHETYPES, HEAT_STATES, OWN_HEAT

KINDS = [*ARCHETYPES, *OWN_HEAT]


def by_hand(*, cold=None, dry=None, dark=None, backup=None, missing=None, step_h=0.5):
    """A run of as many members as the arrays, four steps, one region of 1,000 people in Kyiv time; arrays are (member, time)."""
    times = pd.Timestamp("2026-01-14 22:00") + pd.to_timedelta(np.arange(4) * step_h, "h")
    members = max(len(values) for values in (cold, dry, dark, missing) if values is not None)
    dims, none = ("member", "time", "region"), np.zeros((members, 4))
    data = {
        "population": ("region", [1000.0]),
        "shed_mw": ((*dims, "tier"), np.asarray(none if missing is None else missing, float)[..., None, None]),
    }
    for name, values in {"people_without_heat": cold, "people_without_water": dry}.items():
        if values is not None:
            data[name] = (dims, np.asarray(values, float)[..., None])
    if dark is not None:
        need = np.broadcast_to([30.0, 20.0, 5.0, 3.0], (members, 1, 4))
        data["system_need_mw"] = (("member", "region", "system"), need)
        for name, values in {"dark_share": dark, "backup_share": backup}.items():
            every = np.zeros((members, 4, 1, 4))
            every[:, :, 0, 1] = values
            data[name] = ((*dims, "system"), every)
    coords = {
        "member": np.arange(members), "time": times, "region": ["A"], "region_name": ("region", ["Aland"]),
        "local_time": ("time", times + pd.Timedelta("2h")), "tier": ["critical"],
    }  # fmt: skip
    made = xr.Dataset(data, coords, {"step_h": step_h, "timezone": "Europe/Kyiv", "start": "", "end": ""})
    return made.assign_coords(system=list(SYSTEMS)) if dark is not None else made


def test_places_are_the_most_people_in_cold_homes_at_once_and_wanted_when_the_first_are():
    got = needs(by_hand(cold=[[0, 20, 300, 100], [0, 0, 100, 200]])).loc[("A", "warm_places")]
    assert (got["mean"], got["p50"], got["unit"]) == (250, 250, "1")
    assert got["p05"] == 250  # 205 are sent as five rooms of 50
    assert got["p95"] == 300  # 295
    assert got["from_local"] == pd.Timestamp("2026-01-15 00:30")  # a hundredth of the people, in the earliest member
    assert got["peak_local"] == pd.Timestamp("2026-01-15 01:00")


def test_what_three_of_twenty_members_need_is_typically_nothing_and_has_a_bad_case_beside_it():
    cold = np.zeros((20, 4))
    cold[2, 1], cold[7, 3], cold[11, 3] = 100, 200, 400
    got = needs(by_hand(cold=cold)).loc[("A", "warm_places")]
    assert got["p50"] == 0
    assert got["p95"] == 250  # 210, between the two largest: 200, and 5 % of the way to 400
    assert got["mean"] == 35
    assert (got["needed_share"], got["members"]) == (0.15, 20)
    assert got["peak_local"] == pd.Timestamp("2026-01-15 01:30")  # the middle of peaks at 00:30, 01:30 and 01:30


def test_the_typical_amount_is_that_of_the_member_in_the_middle_and_no_mean():
    cold = np.zeros((5, 4))
    cold[:, 2] = [10, 20, 130, 100, 900]
    got = needs(by_hand(cold=cold)).loc[("A", "warm_places")]
    assert (got["p50"], got["mean"], got["needed_share"]) == (100, 232, 1)


@pytest.mark.parametrize(
    ("amount", "unit", "sent"),
    [(39, "1", 50), (50, "1", 50), (51, "1", 100), (4, "1", 0), (1_109_084, "1", 1_200_000), (0.125, "MW", 0.2),
     (0.1, "MW", 0.1), (0.005, "MW", 0), (99.4, "MW", 100), (12.0, "m3", 12), (0.3, "m3/d", 1), (0.0, "m3", 0)],
)  # fmt: skip
def test_what_cannot_be_sent_is_not_ordered(amount, unit, sent):
    assert sendable(amount, unit) == pytest.approx(sent, abs=1e-9)


def test_amounts_that_are_sent_are_enough_whole_and_at_most_a_tenth_too_much_beyond_ten_units():
    rng = np.random.default_rng(3)
    amount = 10 ** rng.uniform(1, 7, 500)
    got = sendable(amount, "m3")
    assert (got >= amount * (1 - 1e-6)).all()
    assert (got <= amount * 1.1 + 1e-6).all()
    assert np.array_equal(sendable(got, "m3"), got)


def test_generators_of_all_systems_add_up_in_each_member_before_the_middle_is_taken():
    run = by_hand(dark=[[0.0, 0.5, 0, 0], [0, 0, 0.1, 0], [0, 0, 0, 0.2]], backup=np.zeros((3, 4)))
    run["dark_share"][:, :, 0, 0] = [[0.1, 0, 0, 0], [1.0, 0, 0, 0], [0, 0, 0, 0]]  # of 30 MW of heat sources
    assert generators_mw(run)[:, 0] == pytest.approx([13, 32, 4])  # 3 + 10, 30 + 2, 4 MW, at different hours
    assert generators_mw(by_hand(cold=np.zeros((2, 4)))) is None


def hourly(**people):
    """A run of one member and as many hours as the lists have; each is a variable that counts people."""
    hours = len(next(iter(people.values())))
    times = pd.Timestamp("2026-01-14 22:00") + pd.to_timedelta(np.arange(hours), "h")
    data = {name: (("member", "time", "region"), np.asarray(values, float)[None, :, None]) for name, values in people.items()}
    data |= {"population": ("region", [9000.0]), "shed_mw": (("member", "time", "region", "tier"), np.zeros((1, hours, 1, 1)))}
    coords = {"member": [0], "time": times, "region": ["A"], "region_name": ("region", ["Aland"]),
              "local_time": ("time", times + pd.Timedelta("2h")), "tier": ["critical"]}  # fmt: skip
    return xr.Dataset(data, coords, {"step_h": 1.0, "timezone": "Europe/Kyiv", "start": "", "end": ""})


def test_water_is_fifteen_litres_for_each_person_day_beyond_half_a_day_without():
    # 800 people are dry for 20 hours, and 200 of them for 8 more: after 12 hours, 800 x 8 h and 200 x 8 h remain
    dry = [0] * 4 + [800] * 20 + [200] * 8 + [0] * 16
    got = needs(hourly(people_without_water=dry)).loc[("A", "water_m3_per_day")]
    assert got["mean"] == pytest.approx((800 * 8 + 200 * 8) / 24 * WATER_L / 1000)
    assert got["p50"] == 5  # 5.0 cubic metres, whole
    assert got["from_local"] == pd.Timestamp("2026-01-15 16:00")  # hour 4, and 12 more


def test_a_moment_without_pressure_orders_no_water():
    dry = ([5000] * 11 + [0]) * 4  # eleven hours in twelve, again and again
    assert "water_m3_per_day" not in needs(hourly(people_without_water=dry)).index.get_level_values("need")


def test_floors_that_take_turns_order_no_water_and_those_on_broken_feeders_do():
    run = hourly(people_dry_street=[0] * 30, people_dry_risers=[0] * 30, people_dry_high_floors=[3000] * 30,
                 people_without_water=[3000] * 30, people_without_power=[6000] * 30, people_off_by_damage=[0] * 30)  # fmt: skip
    assert needs(run).empty
    run["people_off_by_damage"] = run["people_without_power"] / 4
    assert staying_dry(run)[0, :, 0].tolist() == [0.0] * 12 + [750.0] * 18
    run["people_dry_street"] = run["people_dry_street"] + 1000
    assert staying_dry(run)[0, -1, 0] == 1750


def test_generators_are_the_power_that_waterworks_lack_and_fuel_what_those_there_burn():
    table = needs(by_hand(dark=[[0, 0.5, 0.25, 0]] * 2, backup=[[0.2, 0.5, 0.5, 0]] * 2)).loc["A"]
    assert table.loc["generators_water_mw", "mean"] == pytest.approx(10)  # half of 20 MW
    assert "generators_heat_mw" not in table.index
    assert table.loc["fuel_m3", "mean"] == pytest.approx(20 * (0.2 + 0.5 + 0.5) * 0.5 / DIESEL_KWH_PER_L)
    assert table.loc["fuel_m3", "from_local"] == pd.Timestamp("2026-01-15 00:00")


def test_what_is_needed_in_too_few_members_has_no_time_by_which_to_be_there():
    rare = by_hand(missing=np.zeros((2, 4))).isel(member=np.zeros(40, int)).copy(deep=True)
    rare["shed_mw"][0, 2] = 8.0
    got = needs(rare).loc[("A", "power_mw")]
    assert pd.isna(got["from_local"])
    assert got["mean"] == pytest.approx(0.2)


def test_a_region_that_needs_nothing_has_no_row():
    assert needs(by_hand(cold=np.zeros((2, 4)), dark=np.zeros((2, 4)), backup=np.zeros((2, 4)))).empty


def test_who_must_be_drained_are_people_on_district_heat_whose_pipes_stand_in_frost():
    run = by_hand(cold=[[0, 0, 0, 0]] * 2)
    share = np.zeros((2, 4, 1, len(HEAT_STATES)))
    share[..., HEAT_STATES.index("connected")] = 0.5
    share[..., HEAT_STATES.index("no_circulation")] = 0.4
    share[..., HEAT_STATES.index("drained")] = 0.1
    left = np.full((2, 4, 1), np.nan)
    left[0, 1:] = 6.0
    homes = np.zeros((1, len(KINDS)))
    homes[0, 0], homes[0, -1] = 0.75, 0.25
    run["home_share"] = (("member", "time", "region", "heat_state"), share)
    run["deadline_to_drain"] = (("member", "time", "region"), left)
    run["archetype_share"] = (("region", "archetype"), homes)
    run = run.assign_coords(heat_state=list(HEAT_STATES), archetype=KINDS)
    want = 750 * (0.5 + 0.1) / 2  # the second member is never in danger: only what is drained counts
    assert needs(run).loc[("A", "drain_people"), "mean"] == pytest.approx(want)
    assert gm.deadlines(run).loc[("A", "drain"), "people"] == pytest.approx(want)
    assert needs(run).loc[("A", "drain_people"), "from_local"] == gm.deadlines(run).loc[("A", "drain"), "local_p05"]


def test_kinds_that_take_turns_are_named_though_their_mean_room_is_not_cold():
    # a tenth of all homes is cold; of district homes, half of them panel flats, none. Boilers without backup stand at
    # 14 °C on average and are a quarter of homes, others at 17 °C
    kinds = ["panel", *OWN_HEAT]
    air = np.full((1, 1, len(kinds), len(HEAT_STATES)), np.nan)
    air[..., 0] = [20.0, 14.0, *[17.0] * (len(OWN_HEAT) - 1)]
    share = np.zeros((1, 1, len(HEAT_STATES)))
    share[..., 0] = 1.0
    one = xr.Dataset(
        {
            "indoor_temperature": (("member", "time", "archetype", "heat_state"), air),
            "home_share": (("member", "time", "heat_state"), share),
            "archetype_share": ("archetype", [0.5, 0.25, *[0.25 / (len(OWN_HEAT) - 1)] * (len(OWN_HEAT) - 1)]),
            "people_without_heat": (("member", "time"), [[100.0]]), "population": ((), 1000.0),
        },
        coords={"archetype": kinds, "heat_state": list(HEAT_STATES)},
    )  # fmt: skip
    assert _coldest(one, 0) == OWN_HEAT[0]
    none = one.assign(people_without_heat=one["people_without_heat"] * 0)
    assert _coldest(none, 0) == ""


def test_the_first_cold_homes_are_named_by_kind(january):
    table = needs(january)
    kyiv = table.loc[("UA-30", "warm_places")]
    at = january.sel(region="UA-30", time=january["time"][january["local_time"] == kyiv["from_local"]][0])
    cold = (at["indoor_temperature"] < 12).any(("member", "heat_state"))
    assert kyiv["homes"] in set(at["archetype"].to_numpy()[cold.to_numpy()])
    assert set(table.index.get_level_values("need")) <= set(NEEDS)


def test_the_summary_holds_every_need(january):
    rows = summary_json(january, gm.summarise(january))["needs"]
    table = needs(january)
    assert {(row["region"], row["need"]) for row in rows} == set(table.index)
    assert json.loads(json.dumps(rows)) == rows
    for row in rows:
        assert row["mean"] == pytest.approx(table.loc[(row["region"], row["need"]), "mean"])
