import itertools
import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner
from conftest import LONG, at_gate, sampled

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.commands.plan import _notes as notes
from gridmodel.inputs.files import ROOT
from gridmodel.scenario import make_scenario
from gridmodel.simulation.inputs import run_inputs
from gridmodel.studies import mitigation
from gridmodel.studies.mitigation import plan, rank_mitigations, warming_places
from gridmodel.studies.options import load_options

pytestmark = pytest.mark.filterwarnings("ignore:.*has no effect on a network without:UserWarning")  # but with help

EVENTS = [
    {"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.6},
    {"time": "2026-01-05 02:00", "target": "TR-2/heat_source", "kind": "outage", "share": 0.8},
    {"time": "2026-01-05 06:00", "target": "TR-1/generation", "kind": "outage", "share": 0.5},
]
OPTIONS = [
    {"name": "boiler north", "kind": "mobile_boiler", "region": "TR-1", "size": 200, "cost_eur": 500},
    {"name": "boiler west", "kind": "mobile_boiler", "region": "TR-2", "size": 150, "cost_eur": 300},
    {"name": "imports", "kind": "import", "size": 100, "cost_eur": 400},
    {"name": "warm west", "kind": "warming_points", "region": "TR-2", "size": 30_000, "cost_eur": 100},
]


@pytest.fixture
def cold(three):
    return three(events=EVENTS)


def hours_by_hand(result, places=None):
    """Weighted person-hours of a run, by its definition: a sixth for a kelvin below 18 °C, a sixth more below 12 °C.

    A quarter of the people is vulnerable, and each of them counts twice: 1.25. An hour without water or power counts 1,
    without telecom a half. People at a place to get warm leave homes below 12 °C with a share of what those count.
    """
    people = {str(name): float(result["population"].sel(region=name)) for name in result["region"].to_numpy()}
    total = 0.0
    for member, region in itertools.product(range(result.sizes["member"]), people):
        one = result.isel(member=member).sel(region=region)
        cold = one["people_without_heat"].to_numpy()
        below_18, below_12 = (one[f"degree_hours_below_{limit}c"].to_numpy() * people[region] for limit in (18, 12))
        for step, number in enumerate(cold):
            went = min((places or {}).get(region, 0.0) / number, 1.0) if number > 0 else 0.0
            gone_12 = went * below_12[step]
            gone_18 = gone_12 + 6.0 * went * number
            total += 1.25 / 6 * (below_18[step] - gone_18 + below_12[step] - gone_12)
        total += float(one["people_without_water"].sum() + one["people_without_power"].sum())
        total += 0.5 * people[region] * float(one["dark_share"].sel(system="telecom").sum())
    return total / result.sizes["member"]


def lacked_by_hand(scenario, chosen):
    places = {}
    for option in chosen:
        if option["kind"] == "warming_points":
            places[option["region"]] = places.get(option["region"], 0.0) + option["size"]
    return hours_by_hand(gm.run(scenario.replace(mitigations=tuple(chosen))), places)


SOME = OPTIONS if LONG else [OPTIONS[0], *OPTIONS[2:]]
"""Options whose sets are all run: a boiler, imports and places to get warm, of which a budget buys two."""


@pytest.fixture
def brute(cold):
    """What every set of options saves."""
    count = len(SOME)
    sets = [chosen for size in range(count + 1) for chosen in itertools.combinations(range(count), size)]
    left = {chosen: lacked_by_hand(cold, [SOME[place] for place in chosen]) for chosen in sets}
    return {chosen: left[()] - hours for chosen, hours in left.items()}


def test_the_ranking_and_the_plan_equal_brute_force_over_all_subsets(cold, brute):
    runs = []
    ranking = rank_mitigations(cold, SOME, progress=runs.append)
    assert runs == [
        *range(1, len(SOME) + 1)
    ]  # the one without, and one an option that can change it: places to get warm do not
    alone = {SOME[place]["name"]: brute[(place,)] for place in range(len(SOME))}
    assert ranking.set_index("option")["saved_h"].to_dict() == pytest.approx(alone, rel=1e-9)
    assert list(ranking["option"]) == sorted(alone, key=lambda name: -alone[name])
    for budget in (800,):
        bought = plan(cold, SOME, budget_eur=budget)
        can = {
            chosen: hours
            for chosen, hours in brute.items()
            if sum(SOME[place]["cost_eur"] for place in chosen) <= budget
        }
        assert bought.saved_h == pytest.approx(max(can.values()), rel=1e-9)
        assert bought.exact
        assert bought.cost_eur <= budget
    greedy = plan(cold, SOME, budget_eur=800, exact_up_to=0)
    best = max(hours for chosen, hours in brute.items() if sum(SOME[place]["cost_eur"] for place in chosen) <= 800)
    assert not greedy.exact
    assert greedy.saved_h <= best + 1e-6
    if greedy.diminishing:
        assert greedy.bound_h >= best - 1e-6


class Table:
    """Values of sets by a function, in place of runs."""

    def __init__(self, value):
        self.mean = value


def test_greedy_is_within_its_bound_on_many_small_problems():
    rng = np.random.default_rng(4)
    exact_share = []
    for _ in range(200):
        covers = rng.random((6, 30)) < 0.3
        people, costs = rng.uniform(1, 10, 30), rng.uniform(1, 5, 6).tolist()
        values = Table(
            lambda chosen, covers=covers, people=people: (
                float(people[covers[list(chosen)].any(axis=0)].sum()) if chosen else 0.0
            )
        )
        order, bound = mitigation._greedy(values, costs, 8.0)
        best = values.mean(mitigation._best_set(values, costs, 8.0))
        assert sum(costs[place] for place in order) <= 8.0
        assert values.mean(order) <= best + 1e-9 <= bound + 1e-6
        assert values.mean(order) >= best * 0.5
        exact_share.append(values.mean(order) / best)
    assert np.mean(exact_share) > 0.97


def plainly(values, costs, budget, *, per_euro):
    """Choose greedily with the gains of all options worked out anew in each turn."""
    chosen = ()
    while True:
        spent = sum(costs[place] for place in chosen)
        gains = {
            place: values.mean((*chosen, place)) - values.mean(chosen)
            for place in range(len(costs)) if place not in chosen and spent + costs[place] <= budget
        }  # fmt: skip
        worth = {place: gain / costs[place] if per_euro else gain for place, gain in gains.items()}
        best = max(worth, key=worth.get, default=None)
        if best is None or gains[best] <= 0:
            return chosen
        chosen = (*chosen, best)


def test_the_lazy_choice_is_the_plain_greedy_choice():
    covers = [{1, 2, 3, 4}, {3, 4, 5}, {5, 6}, {1}]
    values = Table(lambda chosen: float(len(set().union(*(covers[place] for place in chosen)))))
    assert mitigation._take(values, [1, 1, 1, 1], 3, per_euro=False) == (0, 2)
    # of five the first costs five: per euro the third comes first, then the second, of which one remains
    assert mitigation._take(values, [5, 1, 1, 1], 3, per_euro=True) == (1, 2, 3)
    rng = np.random.default_rng(8)
    apart = 0
    for _ in range(100):
        covered = rng.random((7, 30)) < 0.3
        people, costs = rng.uniform(1, 10, 30), rng.uniform(1, 5, 7).tolist()
        values = Table(
            lambda chosen, covered=covered, people=people: float(people[covered[list(chosen)].any(axis=0)].sum())
        )
        by_gain, by_euro = (mitigation._take(values, costs, 9.0, per_euro=by) for by in (False, True))
        assert by_gain == plainly(values, costs, 9.0, per_euro=False)
        assert by_euro == plainly(values, costs, 9.0, per_euro=True)
        apart += by_gain != by_euro
    assert apart > 20


def test_of_sets_that_save_as_much_the_cheapest_is_bought_and_a_budget_may_be_spent_to_the_last_euro():
    anything = Table(lambda chosen: 5.0 if chosen else 0.0)
    assert mitigation._best_set(anything, [2.0, 1.0], 3.0) == (1,)
    each = Table(lambda chosen: float(len(chosen)))
    assert mitigation._best_set(each, [2.0, 1.0], 3.0) == (0, 1)
    assert mitigation._best_set(each, [2.0, 1.0], 2.9) in {(0,), (1,)}


def test_help_that_has_not_come_saves_nothing_before(cold):
    late = OPTIONS[2] | {"available_from": "2026-01-05 18:00"}
    runs = [gm.run(cold), gm.run(cold.replace(mitigations=(late,)))]
    shed = [result["shed_mw"].sum(("member", "region", "tier")).to_numpy() for result in runs]
    assert shed[0][:18] == pytest.approx(shed[1][:18])
    assert (shed[0][18:] - shed[1][18:]).max() == pytest.approx(100.0)


def test_imports_never_exceed_what_the_borders_pass(cold):
    result = gm.run(cold.replace(mitigations=({"kind": "import", "size": 5000},)))
    assert float(result["import_mw"].max()) == pytest.approx(300)
    assert float(gm.run(cold)["import_mw"].max()) == pytest.approx(200)


def test_a_boiler_replaces_what_is_lost_and_no_more(cold):
    plain, helped, flooded = (
        gm.run(cold.replace(mitigations=help_, heat_given_up_share=0.0))
        for help_ in (
            (),
            ({"kind": "mobile_boiler", "region": "TR-1", "size": 0.6 * 780},),
            ({"kind": "mobile_boiler", "region": "TR-1", "size": 9999},),
        )
    )
    place = {"region": "TR-1", "heat_state": "connected"}
    assert float(plain["home_share"].sel(place).min()) < 0.9
    assert helped["home_share"].sel(place).to_numpy() == pytest.approx(1.0)
    xr.testing.assert_allclose(helped["indoor_temperature"], flooded["indoor_temperature"])


DARK = [{"time": "2026-01-05 02:00", "target": "TR-2/delivery", "kind": "limit", "share": 0.0}]


@pytest.mark.gate  # at each edit: a boiler replaces what is lost
def test_a_generator_or_fuel_for_the_one_that_is_there_keeps_taps_running(three):
    scenario = three(events=DARK, end="2026-01-08 00:00", fuel_trucks_per_million=0.0)
    generator = {"kind": "mobile_generator", "region": "TR-2", "target": "waterworks", "size": 6}
    truck = {"kind": "fuel_truck", "region": "TR-2", "size": 4, "available_from": "2026-01-06 00:00"}
    none, powered, fuelled = (gm.run(scenario.replace(mitigations=help_)) for help_ in ((), (generator,), (truck,)))
    dry = [float(result["people_without_water"].sel(region="TR-2").sum()) for result in (none, powered, fuelled)]
    assert dry[1] < dry[2] < dry[0]
    fuel = [
        result["backup_fuel_h"].sel(region="TR-2", system="water", member=0).to_numpy() for result in (none, fuelled)
    ]
    assert fuel[0][:24] == pytest.approx(fuel[1][:24])
    assert fuel[1][-1] > fuel[0][-1] == 0
    other = [float(result["people_without_water"].drop_sel(region="TR-2").sum()) for result in (none, powered)]
    assert other[0] == pytest.approx(other[1])


@pytest.mark.gate  # at each edit: common random numbers, in `test_statistics.py`
def test_members_share_their_draws_so_standard_errors_are_of_differences(three):
    events = [
        {
            "time": "2026-01-05 02:00",
            "target": "TR-1/heat_source",
            "kind": "strike",
            "hits_before_interception": 6,
            "interception": 0.3,
        }
    ]
    scenario = three(events=events, deterministic=False, members=4, end="2026-01-06 06:00")
    row = rank_mitigations(scenario, [OPTIONS[0]]).iloc[0]
    before, after = gm.run(scenario), gm.run(scenario.replace(mitigations=(OPTIONS[0],)))
    name = "degree_hours_below_12c"
    saved = ((before[name] - after[name]) * before["population"]).sum(("time", "region")).to_numpy()
    assert saved.std() > 0
    assert row["below_12c_degree_h"] == pytest.approx(saved.mean())
    assert row["below_12c_degree_h_se"] == pytest.approx(saved.std(ddof=1) / 2)


def test_warming_places_are_the_people_in_cold_homes_by_hour(january):
    places = warming_places(january)
    at = {"time": 100, "region": 8}
    people = january["people_without_heat"].isel(at).to_numpy()
    assert float(places["mean"].isel(at)) == pytest.approx(people.mean())
    assert float(places["p95"].isel(at)) == pytest.approx(np.quantile(people, 0.95))
    with pytest.raises(gm.InputError):
        warming_places(january[["shed_mw"]])


SHORT = [{"time": "2026-01-05 00:00", "target": "TR-1/generation", "kind": "outage", "share": 1.0}]
BATTERY = {"kind": "battery", "region": "TR-2", "size": 30.0}


def shed_mw(result):
    return result["shed_mw"].sum(("region", "tier")).transpose("member", "time").to_numpy()


@pytest.mark.parametrize("cascade", at_gate(["none", "full"], 2, first=1))
def test_a_battery_saves_its_energy_once_a_day_and_no_more(three, cascade):
    scenario = three(
        events=SHORT,
        end="2026-01-07 00:00",
        cascade=cascade,
        heater_feedback=False,
        cold_load_pickup=False,
        recharge="overnight",
    )
    plain, helped = (gm.run(scenario.replace(mitigations=help_)) for help_ in ((), (BATTERY,)))
    saved = shed_mw(plain)[0] - shed_mw(helped)[0]
    assert shed_mw(plain).min() > 30
    assert [saved[:24].sum(), saved[24:].sum()] == pytest.approx([60.0, 60.0])  # two hours of 30 MW, full at midnight
    assert saved.max() <= 30 + 1e-9
    given = helped["generation_mw"].sel(technology="battery").sum("region").isel(member=0).to_numpy()
    assert given == pytest.approx(saved)
    assert helped["storage_mwh"].sel(technology="battery").isel(member=0, time=23).item() == pytest.approx(0)


@pytest.mark.parametrize("recharge", sampled(["overnight", "surplus"], 2, first=1))
def test_a_battery_that_is_placed_is_the_same_as_one_in_the_tables(three, folder, recharge):
    row = "TR-2/b,TR-2,TR-2-330,battery,1,80,80,,160,0.88,0,0.06,false,false,130,,OURS,assumed"
    profiles = pd.read_csv(folder / "profiles.csv", keep_default_na=False).astype({"value": float})
    profiles.loc[(profiles["profile"] == "demand") & (profiles["hour"] < 12), "value"] = 0.5
    profiles.to_csv(folder / "profiles.csv", index=False)
    settings = {"network": str(folder), "recharge": recharge, "storage_start": 1.0, "end": "2026-01-07 00:00"}
    placed = gm.run(three(mitigations=(BATTERY | {"size": 80.0},), **settings))
    table = folder / "generators.csv"
    table.write_text(table.read_text().rstrip() + "\n" + row + "\n")
    own = gm.run(three(**settings))
    xr.testing.assert_identical(placed.drop_attrs(), own.drop_attrs())
    assert float(placed["generation_mw"].sel(technology="battery").sum()) > 0
    assert bool((placed["charging_mw"] > 0).any()) == (recharge == "surplus")


def test_a_battery_gives_nothing_and_holds_nothing_before_it_has_come(three):
    scenario = three(events=SHORT, heater_feedback=False, cold_load_pickup=False)
    late = BATTERY | {"available_from": "2026-01-05 18:00"}
    plain, helped = (gm.run(scenario.replace(mitigations=help_)) for help_ in ((), (late,)))
    saved = (shed_mw(plain) - shed_mw(helped))[0]
    assert saved[:18] == pytest.approx(0)
    assert saved[18:].sum() == pytest.approx(60.0)
    stored = helped["storage_mwh"].sel(technology="battery").isel(member=0).to_numpy()
    assert stored[:18].tolist() == [0.0] * 18
    assert stored[18] == pytest.approx(60.0 - saved[18])


PAIR = (
    BATTERY | {"region": "TR-1", "size": 20.0, "available_from": "2026-01-05 18:00"},
    BATTERY | {"region": "TR-2", "size": 50.0},
)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_each_of_two_batteries_gives_its_own_power_and_energy_where_and_when_it_has_come(three, order):
    scenario = three(events=SHORT, heater_feedback=False, cold_load_pickup=False)
    helped = gm.run(scenario.replace(mitigations=tuple(PAIR[place] for place in order)))
    given = helped["generation_mw"].sel(technology="battery").isel(member=0)
    north, west = (given.sel(region=region).to_numpy() for region in ("TR-1", "TR-2"))
    assert north[:18].tolist() == [0.0] * 18
    assert north.sum() == pytest.approx(40.0)  # two hours of 20 MW
    assert west.sum() == pytest.approx(100.0)
    assert north.max() <= 20 + 1e-9
    assert west.max() <= 50 + 1e-9


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_battery_has_its_power_and_its_energy_in_their_own_columns(three, order):
    made = run_inputs(three(mitigations=tuple(PAIR[place] for place in order)))
    own = run_inputs(three())
    table = made.network.tables["generators"]
    assert list(table) == list(own.network.tables["generators"])
    rows = table.tail(2)
    assert rows["region"].tolist() == [PAIR[place]["region"] for place in order]
    for place, (_, row) in zip(order, rows.iterrows(), strict=True):
        size = PAIR[place]["size"]
        assert (row["p_max_mw"], row["p_available_mw"], row["storage_mwh"]) == (size, size, 2 * size)
        number = made.parts["power"].index.generators.index(row["id"])
        assert made.parts["power"].fleet.p_max_mw[number] == size
        assert made.parts["power"].fleet.day_mwh[number] == 2 * size
        hour = 18 if "available_from" in PAIR[place] else 0
        assert made.parts["power"].capacity.available_mw[hour:, ..., number].min() == size
        assert not made.parts["power"].capacity.available_mw[:hour, ..., number].any()


STRIKES = [
    {"time": "2026-01-05 06:00", "target": f"TR-{region}/{what}", "kind": "strike", "hits_before_interception": 4,
     "interception": 0.2}
    for region, what in ((1, "delivery"), (2, "generation"), (1, "heat_source"))
]  # fmt: skip
DRAWN = {"recharge": "overnight",
    "events": STRIKES, "end": "2026-01-09 00:00", "deterministic": False, "members": 4, "spare_transformers": 0,
    "repair_crews_per_million": 1.0, "new_transformer_days": 3.0,
    "repair_days": {"delivery": {"extensive": [0.8, 0.3]}, "heat_source": {"extensive": [0.8, 0.3]}},
    "damage_state_probabilities": {"none": 0.0, "slight": 0.0, "moderate": 0.0, "extensive": 1.0, "complete": 0.0},
    "forced_outages": {"battery": {"mttf_h": 20, "mttr_h": 20}, "thermal_coal": {"mttf_h": 50, "mttr_h": 20}},
}  # fmt: skip
PLACED = {
    "battery": BATTERY,
    "repair_crew": {"kind": "repair_crew", "region": "TR-1", "size": 2},
    "spare_transformers": {"kind": "spare_transformers", "size": 2},
}


@pytest.fixture(scope="module")
def drawn():
    return make_scenario({"name": "drawn", "network": "three-region", "weather": "three-region", "timezone": "UTC",
                          "start": "2026-01-05 00:00"} | DRAWN)  # fmt: skip


@pytest.fixture(scope="module")
def unhelped(drawn):
    return gm.run(drawn)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.gate if kind == "battery" else pytest.mark.long) for kind in PLACED]
)  # at each edit: help that changes no plan takes no run, in `test_branching.py`
@pytest.mark.filterwarnings("ignore:.*is not before the end:UserWarning")
def test_help_that_comes_after_the_end_changes_no_bit(drawn, unhelped, kind):
    never = PLACED[kind] | {"available_from": "2026-02-01 00:00"}
    xr.testing.assert_identical(
        unhelped.drop_attrs(deep=False), gm.run(drawn.replace(mitigations=(never,))).drop_attrs(deep=False)
    )


@pytest.mark.gate  # at each edit: a battery that is placed is the same as one in the tables
def test_a_battery_is_struck_by_nothing_and_leaves_every_draw_as_it_was(drawn, unhelped):
    helped = gm.run(drawn.replace(mitigations=(BATTERY,)))
    for name in ("repair_begin", "repair_end", "repair_region", "drawn_value"):
        assert helped[name].equals(unhelped[name])
    made = run_inputs(drawn.replace(mitigations=(BATTERY,)))
    place = made.parts["power"].index.generators.index("TR-2/placed battery 1")
    before = run_inputs(drawn).timeline.generator
    assert (made.timeline.generator[..., place] == 1).all()
    assert np.delete(made.timeline.generator, place, axis=-1).tobytes() == before.tobytes()
    assert shed_mw(helped).sum() < shed_mw(unhelped).sum()


@pytest.mark.parametrize("kind", sampled(["repair_crew", "spare_transformers"], 2, first=1))
@pytest.mark.gate  # at each edit: fewer crews, in `test_repair.py`
def test_crews_and_spares_never_make_a_repair_later_and_make_some_sooner(drawn, unhelped, kind):
    ends = []
    for since in (None, "2026-01-07 00:00"):
        helped = gm.run(drawn.replace(mitigations=(PLACED[kind] | {"available_from": since},)))
        ends.append(helped["repair_end"].fillna(np.datetime64("2100-01-01", "ns")).to_numpy())
    now, late = ends
    without = unhelped["repair_end"].fillna(np.datetime64("2100-01-01", "ns")).to_numpy()
    assert (now <= late).all()
    assert (late <= without).all()
    assert (now < late).any()
    assert (late < without).any()
    assert (
        late[without <= np.datetime64("2026-01-07", "ns")] == without[without <= np.datetime64("2026-01-07", "ns")]
    ).all()


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=() if kind == "repair_crew" else pytest.mark.long) for kind in PLACED],
)
@pytest.mark.gate  # at each edit: brute force over all subsets
def test_the_ranking_and_the_plan_take_every_kind_of_help(drawn, unhelped, kind):
    option = PLACED[kind] | {"cost_eur": 10.0, "name": kind}
    few = drawn.replace(members=3)
    row = rank_mitigations(few, [option]).iloc[0]
    helped = gm.run(few.replace(mitigations=(PLACED[kind],)))
    plain = unhelped.isel(member=slice(3))
    saved = hours_by_hand(plain) - hours_by_hand(helped)
    assert row["saved_h"] == pytest.approx(saved, rel=1e-9)
    assert saved > 0


@pytest.mark.parametrize("kind", ["repair_crew", "spare_transformers"])
def test_crews_and_spares_are_refused_where_nothing_is_drawn(cold, kind):
    with pytest.raises(gm.InputError, match=r"no effect in a deterministic run.*deterministic: false"):
        gm.run(cold.replace(mitigations=(PLACED[kind],)))
    with pytest.raises(gm.InputError, match="whole numbers"):
        cold.replace(mitigations=(PLACED[kind] | {"size": 1.5},))


def test_wrong_help_is_said_with_the_nearest_name(cold):
    with pytest.raises(gm.InputError, match="mobile_boiler"):
        cold.replace(mitigations=({"kind": "mobile_boilr", "size": 1.0, "region": "TR-1"},))
    with pytest.raises(gm.InputError, match="TR-1"):
        gm.run(cold.replace(mitigations=({"kind": "mobile_boiler", "size": 1.0, "region": "TR-11"},)))
    for wrong in ({"heat": -1}, {"light": 1}, {"water": 0.0}, {}):
        with pytest.raises(gm.InputError, match="weights"):
            rank_mitigations(cold, OPTIONS, weights=wrong)
    with pytest.raises(gm.InputError, match="contains no options"):
        rank_mitigations(cold, [])
    with pytest.raises(gm.InputError, match="budget"):
        plan(cold, OPTIONS, budget_eur=float("nan"))


def test_weights_say_what_counts(cold):
    row = rank_mitigations(cold, OPTIONS[:1], weights={"heat": 2, "below_12c": 0.5}).iloc[0]
    below_18, below_12 = row["below_18c_degree_h"], row["below_12c_degree_h"]
    assert row["saved_h"] == pytest.approx(1.25 * (2 / 6 * below_18 + 0.5 * below_12))  # the part that is named stands


def test_a_file_of_options_reports_every_problem_with_its_line(tmp_path):
    (tmp_path / "o.csv").write_text(
        "name,kind,region,size,cost_eur,available_from,target\na,import,,100,1,soon,\nb,repair_crew,TR-1,0.5,1,,\na,generator,TR-1,0,1,,\n"
    )
    with pytest.raises(gm.InputError) as caught:
        load_options(tmp_path / "o.csv")
    for words in (
        "o.csv:2: available_from",
        "o.csv:3: size: '0.5' must be a whole number",
        "o.csv:4: kind",
        "o.csv:4: size",
        "duplicates line 2",
    ):
        assert words in str(caught.value)


@pytest.mark.parametrize(("options", "error", "has"), [(2, 1.0, True), (2, np.nan, True), (1, 1.0, False)])
def test_the_column_of_ranks_is_explained_wherever_it_is_printed(options, error, has):
    cells = {
        "option": list("ab"),
        "saved_h_se": error,
        "ties_next": np.nan,
        "sure": True,
        "best_rank": [1, 2],
        "worst_rank": [1, 2],
    }
    ranking = pd.DataFrame(cells)[:options]
    ranking.attrs["weights"] = {"water": 1.0, "vulnerable": 2.0}
    assert any(line.startswith("ranks: best and worst") for line in notes(ranking, ["water"])) == has


@pytest.mark.gate  # at each edit: the functions that they call
def test_the_commands_plan_and_compare_help(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def cli(*args, code=0):
        got = CliRunner().invoke(main, list(args), catch_exceptions=False)
        assert got.exit_code == code, got.output
        return got

    pd.DataFrame(OPTIONS).to_csv("options.csv", index=False)
    day = (
        (ROOT / "scenarios" / "three-region.yaml")
        .read_text(encoding="utf-8")
        .replace("end: 2026-01-07 00:00", "end: 2026-01-06 06:00")
    )
    (tmp_path / "day.yaml").write_text(day, encoding="utf-8")
    shown = cli("plan", "day.yaml", "options.csv", "--budget", "800").stdout
    assert "For 800 EUR: " in shown
    assert "ranks: best and worst while" in shown
    idle = [{"name": "tanker", "kind": "fuel_truck", "region": "TR-3", "size": 1, "cost_eur": 1}]
    pd.DataFrame(idle).to_csv("idle.csv", index=False)
    quiet = cli("plan", "day.yaml", "idle.csv", "--budget", "9").stdout
    assert "Changes nothing in this scenario: tanker." in quiet
    assert "the same as in the order of the file" not in quiet  # nothing is bought, and the file would buy it
    assert not [line for line in shown.splitlines() if len(line) > 80 or "…" in line]
    data = json.loads(cli("plan", "day.yaml", "options.csv", "--budget", "800", "--json").stdout)
    assert data["plan"]["exact"]
    assert len(data["ranking"]) == 4
    assert "SERVICE=NUMBER" in cli("plan", "day.yaml", "options.csv", "--weight", "heat", code=1).stderr
    assert "differs" in cli("compare", "day.yaml", "--with", "import:100", "--with", "mobile_boiler:100@TR-1").stdout
    assert "KIND:SIZE" in cli("compare", "day.yaml", "--with", "import", code=1).stderr
    assert "differs" in cli("compare", "day.yaml", "--with", "battery:20@TR-1").stdout
    cli("compare", "three-region", "three-region", "--with", "import:1", code=2)


def test_an_option_that_does_not_fit_the_network_is_named_by_its_line_or_name_before_any_run(cold, tmp_path):
    rows = [
        {"name": "good", "kind": "fuel_truck", "region": "northland", "size": 1, "cost_eur": 1},
        {"name": "far", "kind": "mobile_boiler", "region": "TR-11", "size": 1, "cost_eur": 1},
        {"name": "also far", "kind": "mobile_boiler", "region": "nowhere", "size": 1, "cost_eur": 1},
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "o.csv", index=False)
    runs = []
    for options, places in ((tmp_path / "o.csv", ("o.csv:3", "o.csv:4")), (rows, ("far", "also far"))):
        with pytest.raises(gm.InputError) as caught:
            rank_mitigations(cold, options, progress=runs.append)
        found = [str(problem) for problem in caught.value.problems]
        assert [one.split(": region: ")[0] for one in found] == list(places)
        assert "mitigations" not in str(caught.value)
        assert not runs


def test_an_option_with_a_wrong_value_is_named_by_its_line_or_number(cold, tmp_path):
    (tmp_path / "o.csv").write_text(
        f"name,kind,region,size,cost_eur,available_from,target\n{'n' * 201},fuel_truck,TR-1,1,1,,\n", encoding="utf-8"
    )
    with pytest.raises(gm.InputError, match=r"o\.csv:2: name"):
        load_options(tmp_path / "o.csv")
    with pytest.raises(gm.InputError, match=r"^options\.1\.size: '-1' must be"):
        rank_mitigations(cold, [OPTIONS[0], {"kind": "import", "size": -1}])
