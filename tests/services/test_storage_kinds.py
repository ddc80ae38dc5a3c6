"""How full storage is at the start, what it may take, what it holds back, and what is bridged behind the meter."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from services.battery_sites import HEAT, HOSPITAL, TELECOM, batteries, course, of, single_sites
from services.power_systems import two_regions

import gridmodel as gm
from gridmodel.services.behind_meter import batteries_may_be, load_by_tier
from gridmodel.services.power.feedback import Heaters
from gridmodel.services.power.shock import Before, make_shock
from gridmodel.services.power.step import first_state, step_power
from gridmodel.services.power.storage import first_stock
from gridmodel.vocabulary import TIERS

NONE = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
BATTERY = "TR-1/battery,TR-1,TR-1-330,battery,1,100,100,,150,0.8,0,0.06,false,false,130,,OURS,assumed"
PLAIN = {"heater_feedback": False, "cold_load_pickup": False}


@pytest.fixture
def day(folder):
    """Three regions with a battery of 100 MW and 150 MWh: 1,200 MW till six, 2,000 MW from 16 to 19, else 1,600 MW."""
    table = folder / "generators.csv"
    table.write_text(table.read_text().rstrip() + "\n" + BATTERY + "\n")
    lines = (folder / "profiles.csv").read_text().splitlines()
    for place, line in enumerate(lines):
        cells = line.split(",")
        if cells[0] == "demand":
            cells[3] = "0.6" if int(cells[2]) < 6 else ("1" if 16 <= int(cells[2]) < 19 else "0.8")
            lines[place] = ",".join(cells)
    (folder / "profiles.csv").write_text("\n".join(lines) + "\n")
    return str(folder)


def of_battery(result, name):
    values = result[name].sel(technology="battery").isel(member=0)
    return (values.sum("region") if "region" in values.dims else values).to_numpy()


def without_hydro(three, network, *, events=(), **more):
    lost = {"time": "2026-01-05 00:00", "target": "TR-3/hydro", "kind": "outage", "share": 1.0}
    return gm.run(three(network=network, events=[lost, *events], import_limit_mw=0.0, **PLAIN, **more))


def test_storage_that_may_cut_charges_flat_in_the_night_and_gives_flat_in_the_evening(three, day):
    # 1,100 MW are there: 100, 500 and 900 MW lack. 150 MWh fit, which takes 187.5 MWh: 31.25 MW for six hours
    got = without_hydro(three, day, recharge="cutting", storage_start=0.0)
    assert of_battery(got, "charging_mw") == pytest.approx(np.repeat([31.25, 0.0], [6, 18]), abs=1e-6)
    assert of_battery(got, "generation_mw") == pytest.approx(np.repeat([0.0, 50.0, 0.0], [16, 3, 5]), abs=1e-6)
    shed = got["shed_mw"].sum(("region", "tier")).isel(member=0).to_numpy()
    assert shed == pytest.approx(np.repeat([131.25, 500, 850, 500], [6, 10, 3, 5]))
    critical = got["shed_mw"].sel(tier="critical").to_numpy()
    assert critical == pytest.approx(0, abs=1e-9)


PEAKS = dict.fromkeys(range(6, 10), 0.99) | dict.fromkeys(range(16, 19), 1.0)
"""Hours of two peaks, of 1,980 and 2,000 MW."""


@pytest.fixture
def peaks(folder):
    """Three regions with 200 MW and 800 MWh of pumped storage: two peaks, and else 1,500 MW."""
    table = folder / "generators.csv"
    pumped = "TR-1/pumped_storage,TR-1,TR-1-330,pumped_storage,2,200,200,,800,0.8,0.2,0.3,true,true,90,,OURS,assumed"
    table.write_text(table.read_text().rstrip() + "\n" + pumped + "\n")
    lines = (folder / "profiles.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines]
    shaped = [[*row[:3], str(PEAKS.get(int(row[2]), 0.75)), *row[4:]] if row[0] == "demand" else row for row in cells]
    (folder / "profiles.csv").write_text("\n".join(map(",".join, shaped)) + "\n")
    return str(folder)


@pytest.mark.parametrize(("step", "an_hour"), [("30min", 2), ("1h", 1)])
@pytest.mark.parametrize(
    ("recharge", "by_hour"),
    [
        # 1,400 MW are there, and 200 MWh in store: seven hours of peaks are level at 560 MW
        ("surplus", np.repeat([100, 560, 100, 560, 100], [6, 4, 6, 3, 5])),
        # full by the first peak, 600 MWh with 125 MW; 200 MW for four hours; 600 MWh again, and 200 MW for three
        ("cutting", np.repeat([225, 380, 225, 400, 100], [6, 4, 6, 3, 5])),
    ],
)
def test_storage_that_may_cut_charges_before_each_of_two_peaks(three, peaks, recharge, by_hour, step, an_hour):
    got = gm.run(
        three(
            network=peaks, recharge=recharge, storage_start=0.25, events=[], availability={"thermal_coal": 0.8},
            step=step, **PLAIN,
        )
    )  # fmt: skip
    shed = got["shed_mw"].sum(("region", "tier")).isel(member=0).to_numpy()
    assert shed == pytest.approx(np.repeat(by_hour, an_hour), abs=1e-4)


def shaped(folder, levels):
    """Three regions with the battery, and demand of 2,000 MW times what an hour has, or 1,100 MW."""
    table = folder / "generators.csv"
    table.write_text(table.read_text().rstrip() + "\n" + BATTERY + "\n")
    cells = [line.split(",") for line in (folder / "profiles.csv").read_text().splitlines()]
    moved = [[*row[:3], str(levels.get(int(row[2]), 0.55)), *row[4:]] if row[0] == "demand" else row for row in cells]
    (folder / "profiles.csv").write_text("\n".join(map(",".join, moved)) + "\n")
    return str(folder)


@pytest.mark.parametrize(("step", "an_hour"), [("15min", 4), ("30min", 2), ("1h", 1)])
@pytest.mark.parametrize(
    ("levels", "lacks"),
    [
        # 1,100 MW are there, and a night of 1,000 MW fills 150 MWh. 400 MW lack in two hours and then 500: 100 MW go to
        # the deepest, all that there is of power, and 50 MWh to the shoulder. First come would leave 300, 350 and 500
        (dict.fromkeys(range(6), 0.5) | {16: 0.75, 17: 0.75, 18: 0.8}, {16: 375, 17: 375, 18: 400}),
        # 100 MW lack in two hours of the morning; a noon of 1,000 MW fills the battery again for an hour in the evening
        (dict.fromkeys([*range(6), *range(10, 14)], 0.5) | {7: 0.6, 8: 0.6, 17: 0.6}, {7: 25, 8: 25}),
    ],
)
def test_what_a_surplus_fills_after_midnight_goes_to_the_deepest_hours_that_follow(
    three, folder, levels, lacks, step, an_hour
):
    got = without_hydro(three, shaped(folder, levels), storage_start=0.0, step=step)
    shed = got["shed_mw"].sum(("region", "tier")).isel(member=0).to_numpy()
    assert shed == pytest.approx(np.repeat([lacks.get(hour, 0) for hour in range(24)], an_hour), abs=1e-4)
    took, gave, stored = (of_battery(got, name) for name in ("charging_mw", "generation_mw", "storage_mwh"))
    assert np.cumsum(0.8 * took - gave) / an_hour == pytest.approx(stored, abs=1e-6)


def test_storage_plans_again_against_what_reservoirs_are_planned_to_give(three, folder):
    # 400 MW lack in two hours and then 500, to which 100 MWh of water go; so 150 MWh are level over all three
    cells = [line.split(",") for line in (folder / "generators.csv").read_text().splitlines()]
    water, place = cells[0].index("energy_mwh_per_day"), next(row for row in cells if row[0] == "TR-3/hydro")
    place[water] = "100"
    (folder / "generators.csv").write_text("\n".join(map(",".join, cells)) + "\n")
    network = shaped(folder, dict.fromkeys(range(6), 0.5) | {16: 0.75, 17: 0.75, 18: 0.8})
    got = gm.run(three(network=network, import_limit_mw=0.0, storage_start=0.0, **PLAIN))
    assert of_battery(got, "generation_mw") == pytest.approx(np.repeat([0.0, 50.0, 0.0], [16, 3, 5]), abs=1e-4)
    shed = got["shed_mw"].sum(("region", "tier")).isel(member=0).to_numpy()
    assert shed == pytest.approx(np.repeat([0.0, 350.0, 0.0], [16, 3, 5]), abs=1e-4)


def test_members_plan_again_alike_alone_and_in_company(three, folder):
    # how much coal there is says how much the night fills, and when its surplus ends
    network = shaped(folder, dict(enumerate([0.54, 0.54, 0.54, 0.54, 0.545, 0.548])) | {16: 0.75, 17: 0.75, 18: 0.8})
    more = {"availability": {"thermal_coal": {"uniform": [0.98, 1.0]}}, "deterministic": False, "storage_start": 0.0}
    many = without_hydro(three, network, **more, members=4)
    few = without_hydro(three, network, **more, members=2)
    for name in ("generation_mw", "storage_mwh", "served_mw"):
        same = many[name].isel(member=slice(0, 2)).to_numpy()
        assert few[name].to_numpy().tobytes() == np.ascontiguousarray(same).tobytes()
    gave = many["generation_mw"].sel(technology="battery").sum("region").transpose("member", "time")
    assert len(np.unique(gave.to_numpy().round(3), axis=0)) > 2


def test_damaged_storage_charges_with_the_power_that_is_left_in_plans_too(three, day):
    # a tenth is left: 10 MW at night, of which 8 come back: 48 MWh, 30 of them in the evening and 18 by day
    events = [
        {"time": "2026-01-05 00:00", "target": target, "kind": "outage", "share": share}
        for target, share in (("TR-3/hydro", 1.0), ("TR-1/battery", 0.9))
    ]
    got = gm.run(three(network=day, events=events, import_limit_mw=0.0, recharge="cutting", storage_start=0.0, **PLAIN))
    assert of_battery(got, "charging_mw") == pytest.approx(np.repeat([10.0, 0.0], [6, 18]), abs=1e-6)
    gave = of_battery(got, "generation_mw")
    assert gave[16:19] == pytest.approx([10, 10, 10])
    assert gave.sum() == pytest.approx(48)


def test_storage_cuts_nobody_unless_it_is_told_to(three, day):
    got = without_hydro(three, day, storage_start=0.0)
    assert not of_battery(got, "charging_mw").any()
    assert not of_battery(got, "generation_mw").any()


def test_storage_that_refills_overnight_is_as_full_at_the_first_midnight_as_it_is_told(three, day):
    # 0.4 of 150 MWh on the first day, all of it from the second midnight on; more than that lacks on each
    got = of_battery(
        without_hydro(three, day, recharge="overnight", storage_start=0.4, end="2026-01-07 00:00"), "generation_mw"
    )
    assert [got[:24].sum(), got[24:].sum()] == pytest.approx([60.0, 150.0])


def test_a_plan_keeps_no_energy_for_demand_that_a_limit_of_delivery_keeps_from_everyone(three, day):
    # 1,100 MW are there, and networks pass on 0.8 of 2,000 MW: from six on 500 MW lack in every hour, in the evening too
    limit = {"time": "2026-01-05 00:00", "target": "TR/delivery", "kind": "limit", "share": 0.8}
    got = without_hydro(three, day, events=[limit], storage_start=1.0)
    assert of_battery(got, "generation_mw") == pytest.approx(np.repeat([0.0, 150 / 18], [6, 18]), abs=1e-6)


def test_a_plan_expects_no_more_of_borders_than_the_limit_of_imports(three, day):
    # 2,000 MWh: 100 MW in eighteen hours of which each lacks more, and the other 200 MWh flat over six nightly hours that
    # lack 100 MW each. A plan that counted on the border's 300 MW would leave nothing for the last of these
    table = Path(day) / "generators.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",150,0.8,", ",2000,0.8,"), encoding="utf-8")
    got = without_hydro(three, day, storage_start=1.0)
    assert of_battery(got, "generation_mw") == pytest.approx(np.repeat([200 / 6, 100.0], [6, 18]), abs=1e-6)


@pytest.mark.parametrize("recharge", ["surplus", "cutting"])
def test_storage_gives_what_it_had_and_took_less_its_losses(three, day, recharge):
    got = gm.run(three(network=day, recharge=recharge, end="2026-01-08 00:00", storage_start=0.4, **PLAIN))
    took, gave, stored = (of_battery(got, name) for name in ("charging_mw", "generation_mw", "storage_mwh"))
    assert took.sum() > 100
    assert 60 + np.cumsum(0.8 * took - gave) == pytest.approx(stored, abs=1e-6)
    supply = got["generation_mw"].sum(("region", "technology")) + got["import_mw"]
    assert np.allclose(supply, got["served_mw"].sum(("region", "tier")) + got["charging_mw"].sum("technology"))


def test_by_default_storage_is_half_full_at_the_start_and_refills_from_surplus_only(three):
    plain = three()
    assert (plain.recharge, plain.storage_start) == ("surplus", 0.5)


def test_pumped_storage_starts_as_it_is_told_reservoirs_with_a_day_and_placed_batteries_full():
    system = two_regions(settings={"storage_start": 0.3})
    assert first_stock(system).remaining_mwh[0] == pytest.approx([30])
    reservoir = dataclasses.replace(system.fleet, charges=np.zeros(3, dtype=bool))
    assert first_stock(dataclasses.replace(system, fleet=reservoir)).remaining_mwh[0] == pytest.approx([100])
    placed = two_regions(settings={"storage_start": 0.3}, capacity={"battery_available": np.ones((4, 1))})
    assert first_stock(placed).remaining_mwh[0] == pytest.approx([100])
    members = two_regions(settings={"storage_start": np.array([0.2, 0.8])})
    assert first_stock(dataclasses.replace(members, members=2)).remaining_mwh[:, 0] == pytest.approx([20, 80])


def reserve(**changes):
    system = two_regions(**changes)
    fleet = dataclasses.replace(system.fleet, reserve=np.array([False, True, False]))
    return dataclasses.replace(system, fleet=fleet)


def test_reserve_is_held_back_for_critical_consumers():
    short = reserve(capacity={"import_mw": np.zeros((4, 1))})  # 120 MW of 200, 20 of them critical
    done = step_power(short, first_state(short), 0, NONE)
    assert done.generation_mw[0, 1] == pytest.approx(0)
    assert done.state.stock.remaining_mwh[0] == pytest.approx([100])
    cut_off = reserve(capacity={"branch_share": np.zeros((4, 1, 1))})  # B has 10 MW of critical load and the reserve
    done = step_power(cut_off, first_state(cut_off), 0, NONE)
    assert done.served_mw[0, 1] == pytest.approx([10, 0, 0, 0])
    assert done.generation_mw[0, 1] == pytest.approx(10)
    assert done.state.stock.remaining_mwh[0] == pytest.approx([90])


def test_reserve_answers_a_fall_of_frequency_with_all_its_power():
    rows, kept = np.array([0]), np.array([[0.5, 1.0, 1.0]])
    for system, answers in ((two_regions(), 0.05 * 50), (reserve(), 50.0)):
        fleet = dataclasses.replace(system.fleet, inertia_s=np.array([4.0, 0.0, 0.0]))
        available = np.array([[120.0, 0.0 if fleet.reserve.any() else 50.0, 0.0]])
        before = Before(
            generation_mw=np.array([[120.0, 0.0, 0.0]]), available_mw=available, served_mw=np.full((1, 8), 15.0),
            flow_mw=np.zeros((1, 1)),
        )  # fmt: skip
        shock = make_shock(dataclasses.replace(system, fleet=fleet), rows, before, kept=kept, ties=np.ones(1))
        assert shock.reserve_mw[0] == pytest.approx([0.0, answers, 0.0])


def test_a_kind_of_storage_that_does_not_exist_is_told(folder):
    table = folder / "generators.csv"
    head, *rows = table.read_text().splitlines()
    table.write_text("\n".join([head + ",storage_kind", *(row + "," for row in rows), BATTERY + ",spinning"]) + "\n")
    problems = gm.check_network(str(folder))
    assert [
        (problem.field, problem.value)
        for problem in problems
        if problem.table == "generators.csv" or "generators" in problem.table
    ] == [("storage_kind", "spinning")]


def test_a_way_to_refill_that_does_not_exist_is_told(three):
    with pytest.raises(gm.InputError, match="recharge"):
        three(recharge="by magic")


def taking_turns(on_h, off_h, *, hours, step_h=1.0, queues=12):
    """Twelve sub-queues one after the other: True where one is on, shape (step, sub-queue)."""
    cycle = on_h + off_h
    begun = np.floor(np.arange(round(hours / step_h)) * step_h + 1e-9)[:, None] + np.arange(queues) * cycle // queues
    return begun % cycle < on_h


def test_a_battery_behind_the_meter_bridges_its_hours_and_then_charges_as_load():
    # a region is dead for three hours, with all its homes and critical feeders
    on = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
    steps = course(batteries(hospital=2.0, telecom=2.0), on, critical=on)
    for system in (HOSPITAL, TELECOM):
        assert of(steps, "share", system) == pytest.approx([1, 1] + [0] * 8)
        # 20 MWh in four hours: 5 MW into the battery; the grid is asked for 6.25 MW from the next step on
        assert of(steps, "energy_mwh", system) == pytest.approx([10, 0, 0, 5, 10, 15, 20, 20, 20, 20])
        assert of(steps, "wanted_mw", system) == pytest.approx([0, 0, 0, 6.25, 6.25, 6.25, 6.25, 0, 0, 0])
    assert not of(steps, "share", HEAT).any()
    assert not of(steps, "wanted_mw", HEAT).any()


def test_places_that_stay_off_have_their_own_batteries_and_no_others():
    # a tenth is off for 34 hours: two of them on batteries. Then it charges for four, as load of 0.1 · 6.25 MW
    reached = np.repeat([0.9, 1.0], [34, 6])
    for steps, system in (
        (course(batteries(hospital=2.0), np.ones(40), critical=reached), HOSPITAL),
        (course(batteries(telecom=2.0), np.ones((40, 12)), broken=1 - reached), TELECOM),
    ):
        shares, energy = single_sites(np.arange(40)[:, None] >= np.repeat([34, 0], [1, 9]))
        assert shares[:3] == pytest.approx([0.1, 0.1, 0.0])
        assert of(steps, "share", system) == pytest.approx(shares, abs=1e-12)
        assert of(steps, "energy_mwh", system)[:34] == pytest.approx(10 * energy[:34])
        # those that return are mixed with the others, which are full: what lacks is charged in an hour, by all
        assert of(steps, "energy_mwh", system)[34:] == pytest.approx(20.0)
        assert of(steps, "wanted_mw", system) @ np.ones(40) == pytest.approx(2.0 / 0.8)


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_sub_queues_that_are_always_the_same_bridge_once(step_h):
    on = np.repeat([[False, True]], round(12 / step_h), axis=0).repeat(6, axis=1)
    steps = course(batteries(telecom=2.0), on, step_h=step_h)
    assert of(steps, "share", TELECOM) == pytest.approx(np.repeat([0.5, 0.0], [round(2 / step_h), round(10 / step_h)]))
    assert of(steps, "energy_mwh", TELECOM)[-1] == pytest.approx(10)
    assert not of(steps, "wanted_mw", TELECOM).any()


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
@pytest.mark.parametrize(
    ("on_h", "off_h", "bridged"),
    [(4, 4, 2 / 8), (2, 4, 1 / 6), (1, 5, 0.5 / 6)],  # two hours of battery charge in four hours on: half an hour each
)
def test_places_that_take_turns_charge_while_they_are_on(on_h, off_h, bridged, step_h):
    on = taking_turns(on_h, off_h, hours=96, step_h=step_h)
    steps, (shares, energy) = course(batteries(telecom=2.0), on, step_h=step_h), single_sites(on, step_h=step_h)
    assert of(steps, "share", TELECOM) == pytest.approx(shares, abs=1e-9)
    assert of(steps, "energy_mwh", TELECOM) == pytest.approx(10 * energy, abs=1e-9)
    assert shares[round(48 / step_h) :].mean() == pytest.approx(bridged)
    # as one pool, of a region whose homes are a mean
    steps = course(batteries(telecom=2.0), np.full(round(96 / step_h), on_h / (on_h + off_h)), step_h=step_h)
    assert of(steps, "share", TELECOM)[round(48 / step_h) :].mean() == pytest.approx(bridged)


@pytest.mark.parametrize("step_h", [0.25, 1.0])
def test_feeders_that_break_and_are_mended_while_others_take_turns_are_as_single_sites(step_h):
    # 300 sites of each sub-queue, the first of them broken first; hours with so many broken
    hours = np.repeat([0.0, 0.3, 0.6, 0.3, 0.0], [8, 10, 12, 9, 21])
    broken = np.repeat(hours, round(1 / step_h))
    on = taking_turns(4, 4, hours=60, step_h=step_h)
    first = (np.arange(300) + 0.5) / 300
    shares, energy = single_sites(on[:, :, None] & (first >= broken[:, None, None]), step_h=step_h)
    steps = course(batteries(telecom=2.0), on, step_h=step_h, broken=broken)
    assert step_h * np.cumsum(of(steps, "share", TELECOM)) == pytest.approx(step_h * np.cumsum(shares), abs=0.2)
    assert of(steps, "energy_mwh", TELECOM) == pytest.approx(10 * energy, abs=2.0)


@pytest.mark.parametrize("step_h", [0.25, 1.0])
@pytest.mark.parametrize("system", [HEAT, HOSPITAL, TELECOM])
def test_the_grid_is_asked_for_all_that_batteries_charge_and_no_more(system, step_h):
    made = batteries(heat=2.0, hospital=3.0, telecom=2.0)
    on = np.concatenate([taking_turns(2, 4, hours=36, step_h=step_h), np.ones((round(12 / step_h), 12))])
    broken = np.repeat([0.0, 0.3, 0.6, 0.1, 0.0], [round(hours / step_h) for hours in (8, 10, 9, 8, 13)])
    critical = np.repeat([1.0, 0.0, 1.0, 0.9, 1.0], [round(hours / step_h) for hours in (6, 3, 10, 12, 17)])
    steps = course(made, on * (critical > 0)[:, None], step_h=step_h, broken=broken, critical=critical)
    homes = (1 - broken) * (on * (critical > 0)[:, None]).mean(axis=1)
    served = of(steps, "wanted_mw", system)[:-1] * (homes if system == TELECOM else critical)[1:] * step_h
    given, energy = of(steps, "share", system) * 10 * step_h, of(steps, "energy_mwh", system)
    assert 0.8 * served.sum() - given.sum() == pytest.approx(0.0, abs=1e-6)
    assert energy[-1] == pytest.approx(made.full_h[system] * 10)
    # batteries are ahead of what the grid has given, or behind it, by what all of them charge in a step at most
    ahead = energy - energy[-1] + np.cumsum(given) - np.concatenate([[0.0], np.cumsum(0.8 * served)])
    most = made.full_h[system] * 10 / 4
    assert abs(ahead).max() <= most * step_h + 1e-9
    assert (0.8 * of(steps, "wanted_mw", system) <= most + 1e-9).all()


def test_plant_on_feeders_of_homes_bridges_as_they_do_and_the_rest_as_critical_consumers():
    # a quarter hangs on feeders of homes, half of them broken; a fifth of the critical ones are off
    steps = course(batteries(heat=2.0), np.ones((6, 12)), broken=0.5, critical=0.8)
    off = 0.75 * 0.2 + 0.25 * 0.5
    assert of(steps, "share", HEAT) == pytest.approx([off, off, 0, 0, 0, 0])
    # where no critical feeder has power, plant on feeders of homes has none either
    steps = course(batteries(heat=2.0), np.ones((4, 12)), critical=0.0)
    assert of(steps, "share", HEAT) == pytest.approx([1, 1, 0, 0])


def test_of_the_load_of_all_places_those_that_are_on_get_what_they_take():
    # half are on at a time, and the other half has used half of its hours: 5 MW into each of those that are on
    steps = course(batteries(telecom=2.0), np.full(8, 0.5))
    assert of(steps, "wanted_mw", TELECOM) == pytest.approx(6.25)
    assert of(steps, "energy_mwh", TELECOM)[:4] == pytest.approx([15, 12.5, 10, 7.5])


def test_homes_outside_the_queues_are_one_more_cohort():
    # two fifths are outside and on, the others off
    on = np.repeat([[0.0, 1.0]], [12, 1], axis=1)
    steps = course(batteries(telecom=2.0), np.repeat(on, 5, axis=0), outside=0.4)
    assert of(steps, "share", TELECOM) == pytest.approx([0.6, 0.6, 0, 0, 0])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, False), ({"heat_battery_h": 1.0}, True), ({"telecom_battery_h": {"choice": [0, 0, 4]}}, True)],
)
def test_batteries_are_built_where_any_member_may_have_some(three, changes, expected):
    assert batteries_may_be(three(deterministic=False, **changes)) is expected


def test_load_of_batteries_goes_to_the_tier_of_its_feeder():
    wanted = np.arange(1.0, 5.0).reshape(1, 1, 4)
    critical, homes = load_by_tier(wanted)
    assert (critical[0, 0], homes[0, 0]) == (6.0, 4.0)


def test_charging_behind_the_meter_is_demand_of_the_tier_that_it_is_in():
    load = np.zeros((1, 2, len(TIERS)))
    load[0, 0, 0] = 6.0
    system = two_regions()
    done = step_power(system, first_state(system), 0, NONE, load)
    assert done.demand_mw[0, 0] == pytest.approx([16, 50, 20, 20])
    assert done.served_mw[0, 0] == pytest.approx([16, 50, 20, 20])


def test_hospitals_with_batteries_burn_less_fuel_in_a_run_and_the_load_returns(three):
    dark = {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.0, "duration_h": 4}
    plain = three(events=[dark], end="2026-01-05 12:00", fuel_trucks_per_million=0.0, **PLAIN)
    without, bridged = gm.run(plain), gm.run(plain.replace(hospital_battery_h=3.0))
    assert "battery_mwh" not in without
    share = bridged["battery_share"].sel(region="TR-1", system="hospital").isel(member=0).to_numpy()
    assert share[2:6] == pytest.approx([1, 1, 1, 0])
    fuel = [
        run["backup_fuel_h"].sel(region="TR-1", system="hospital").isel(member=0).to_numpy()[5]
        for run in (without, bridged)
    ]
    assert fuel[1] > fuel[0]
    more = (bridged["demand_mw"] - without["demand_mw"]).sel(region="TR-1", tier="critical").isel(member=0).to_numpy()
    # 5 MW for a million people: 15 MWh in four hours, with losses, from the step after power is back
    assert more[:7] == pytest.approx(0, abs=1e-9)
    assert more[7:11] == pytest.approx(15 / 4 / 0.88)


def test_a_system_runs_on_its_batteries_first_and_on_its_sets_after_them(three):
    # telecom has batteries for two hours and tanks for four
    dark = {"time": "2026-01-05 00:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.0}
    sets = {"backup_start_probability": 1.0, "fuel_trucks_per_million": 0.0, "telecom_battery_h": 2.0}
    got = gm.run(three(events=[dark], end="2026-01-05 07:00", **sets, **PLAIN))
    share = got["backup_share"].sel(region="TR-1", system="telecom").isel(member=0).to_numpy()
    assert share == pytest.approx([1, 1, 1, 1, 1, 1, 0])


@pytest.mark.parametrize(("step", "an_hour"), [("30min", 2), ("1h", 1)])
@pytest.mark.parametrize("rotation", ["queues", "fixed"])
def test_hospitals_on_broken_feeders_are_dark_beside_others_whose_batteries_are_full(
    three, folder, rotation, step, an_hour
):
    # a tenth of the feeders of a region is broken, of a demand that is the same in every hour, and no hospital has a
    # second feed or a generator that starts; telecom hangs on feeders of homes
    broken = {"time": "2026-01-05 00:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.9}
    bare = {"critical_second_feed_share": 0.0, "backup_start_probability": 0.0, "network": shaped(folder, {})}
    full = {"hospital_battery_h": 2.0, "telecom_battery_h": 3.0, "rotation": rotation, "step": step}
    got = gm.run(three(events=[broken], end="2026-01-05 10:00", **bare, **full, **PLAIN))
    for system, bridged_h in (("hospital", 2), ("telecom", 3)):
        place = got.sel(region="TR-1", system=system).isel(member=0)
        shares = np.repeat([0.1, 0.0], [bridged_h * an_hour, (10 - bridged_h) * an_hour])
        assert place["battery_share"].to_numpy() == pytest.approx(shares, abs=1e-9)
        assert place["dark_share"].to_numpy() == pytest.approx(0.1 - shares, abs=1e-9)
        assert not place["battery_charging_mw"].to_numpy().any()
