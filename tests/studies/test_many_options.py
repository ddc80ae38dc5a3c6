"""Many options: those of a kind are run together, water is brought, and needs become options in units that are sent."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.network.schema import CONFIDENCES
from gridmodel.results.value import WATER, amounts, regional_amounts
from gridmodel.scenario import KINDS, Mitigation
from gridmodel.studies.grouping import TRUCK_M3_PER_DAY, brought, shares_of
from gridmodel.studies.mitigation import plan, rank_mitigations
from gridmodel.studies.options import load_options
from gridmodel.studies.wanted import Lack, _lots, _units, options_for, options_table

EVENTS = [
    {"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.6},
    {"time": "2026-01-05 02:00", "target": "TR-2/heat_source", "kind": "outage", "share": 0.8},
    {"time": "2026-01-05 06:00", "target": "TR-1/generation", "kind": "outage", "share": 0.5},
]
BOILERS = [
    {"name": f"boiler {region} {size}", "kind": "mobile_boiler", "region": region, "size": size, "cost_eur": 2 * size}
    for region in ("TR-1", "TR-2") for size in (50, 100, 150)
]  # fmt: skip


@pytest.fixture(scope="module")
def cold(three_of_module):
    return three_of_module(events=EVENTS)


@pytest.fixture(scope="module")
def three_of_module():
    from gridmodel.scenario import make_scenario

    base = {"name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC",
            "start": "2026-01-05", "end": "2026-01-06", "members": 2}  # fmt: skip
    return lambda **changes: make_scenario(base | changes)


@pytest.mark.gate  # at each edit: brute force, in `test_mitigation.py`
def test_options_in_groups_are_worth_nearly_what_they_are_alone(cold):
    alone = rank_mitigations(cold, BOILERS)
    seen = []
    grouped = rank_mitigations(cold, BOILERS, most_runs=6, progress=seen.append)
    assert alone.attrs["in_groups"] == []
    assert len(grouped.attrs["in_groups"]) == len(BOILERS) - (len(seen) - 4)  # three groups, the rest have own runs
    assert len(seen) <= 6
    one, other = (table.set_index("option")["saved_h"].sort_index() for table in (alone, grouped))
    assert other.to_numpy() == pytest.approx(one.to_numpy(), rel=0.1)  # regions share power


@pytest.mark.gate  # at each edit: options in groups, below
def test_seventy_options_take_no_more_runs_than_are_allowed(cold):
    options = [
        {"name": f"{kind} {region} {number}", "kind": kind, "region": region, "size": 1 + number, "cost_eur": 10.0}
        for kind in ("fuel_truck", "repair_crew", "drain_crew", "mobile_boiler") for region in ("TR-1", "TR-2")
        for number in range(9)
    ]  # fmt: skip
    seen = []
    bought = plan(cold, options, budget_eur=100.0, progress=seen.append)
    assert len(options) > 70
    assert bought.runs == len(seen) <= 25
    assert len(bought.in_groups) > 40


@pytest.mark.gate  # at each edit: options in groups
def test_a_plan_that_runs_out_of_runs_adds_up_and_runs_what_it_buys(cold):
    exact = plan(cold, BOILERS, budget_eur=500)
    short = plan(cold, BOILERS, budget_eur=500, most_runs=6)
    assert short.runs <= 8
    assert short.cost_eur <= 500
    assert short.steps["adds_h"].sum() == pytest.approx(short.saved_h)
    assert short.saved_h >= 0.9 * exact.saved_h


def test_regions_add_up_to_the_country_in_what_they_lack(cold):
    result = gm.run(cold)
    nobody = np.zeros((result.sizes["time"], result.sizes["region"]))
    whole, parts = amounts(result, nobody), regional_amounts(result, nobody)
    for name, hours in whole.items():
        assert parts[name].sum(axis=2) == pytest.approx(hours)


def test_a_tanker_serves_as_many_people_as_its_water_lasts_for_at_fifteen_litres():
    # by hand: 10 m³ three times a day are 30,000 L, which is 2,000 people at 15 L
    times = pd.date_range("2026-01-05", periods=3, freq="h")
    result = xr.Dataset(coords={"region": ["A", "B"], "local_time": ("time", times), "time": times})
    trucks = [Mitigation(kind="water_truck", region="B", size=2, available_from="2026-01-05 01:00")]
    assert brought(result, trucks, "water_truck").tolist() == [[0, 0], [0, 4000], [0, 4000]]
    assert TRUCK_M3_PER_DAY == 30.0


def test_water_that_is_brought_counts_for_those_whose_taps_stay_dry_and_no_more():
    # by hand: of 800 without water 500 are in dry streets for a day; from the 13th hour on, 300 of them are served, then
    # all 500 and no more
    shape, dims = (2, 24, 1), ("member", "time", "region")
    dry = {"people_dry_street": 500.0, "people_dry_risers": 0.0, "people_dry_high_floors": 300.0, WATER: 800.0}
    result = xr.Dataset(
        {name: (dims, np.full(shape, value)) for name, value in dry.items()}
        | {"population": ("region", [1000.0]), "vulnerable_share": (("member", "region"), [[0.25], [0.25]])},
        attrs={"step_h": 1.0},
    )  # fmt: skip
    for served, fewer in ((0.0, 0.0), (300.0, 300.0), (9000.0, 500.0)):
        found = amounts(result, np.zeros((24, 1)), np.full((24, 1), served))
        assert found["water"][0].tolist() == [24 * 800.0 - 12 * fewer] * 2


def test_shares_of_a_group_are_those_of_regions_and_of_batteries_by_size():
    saved = {"water": np.arange(8.0).reshape(2, 2, 2)}
    crews = [Mitigation(kind="repair_crew", region=region, size=1) for region in ("A", "B")]
    found = shares_of(crews, (0, 1), saved, ["A", "B"])
    assert found[1]["water"].tolist() == [[1.0, 3.0], [5.0, 7.0]]
    batteries = [Mitigation(kind="battery", region=region, size=size) for region, size in (("A", 1), ("B", 3))]
    assert shares_of(batteries, (0, 1), saved, ["A", "B"])[1]["water"].tolist() == [[0.75, 3.75], [6.75, 9.75]]
    both = [Mitigation(kind="repair_crew", region="B", size=size) for size in (1, 3)]  # in one region: by size
    assert shares_of(both, (0, 1), saved, ["A", "B"])[1]["water"].tolist() == [[0.75, 2.25], [3.75, 5.25]]


def test_needs_become_options_in_units_that_are_sent_within_the_budget(cold, tmp_path):
    result = gm.run(cold)
    options = options_for(result, cold, read_network("three-region"), "TR-2", budget_eur=1e6)
    assert {option.region for option in options} <= {"TR-2", ""}
    assert {"warming_points", "mobile_boiler"} <= {option.kind for option in options}
    for option in options:
        kind = KINDS[option.kind]
        assert option.size / kind.sent == pytest.approx(round(option.size / kind.sent))
        assert 0 < option.cost_eur <= 1e6
    assert len({option.name for option in options}) == len(options)
    (tmp_path / "options.csv").write_text(options_table(options), encoding="utf-8")
    assert load_options(tmp_path / "options.csv") == options


@pytest.mark.gate  # at each edit: names of regions, in `test_brief.py`
def test_options_name_their_region_as_people_do(cold):
    named = [{"kind": "mobile_boiler", "region": name, "size": 50, "cost_eur": 1} for name in ("west", "tr-2", "TR-2")]
    named[0]["region"] = read_network("three-region").places.in_language("en")[1].upper()
    ranking = rank_mitigations(cold, named)
    assert set(ranking["region"]) == {"TR-2"}
    assert (ranking["saved_h"] == ranking["saved_h"].iloc[0]).all()
    with pytest.raises(gm.InputError, match="is not a region of this network"):
        rank_mitigations(cold, [named[0] | {"region": "Atlantis"}])


def test_what_is_needed_is_covered_by_lots_and_nothing_dearer_than_the_budget_is_offered():
    # by hand: 39 people need one tent of 50 places; 520 need 11, in lots of two at 16,000 of 128,000 EUR
    assert _units("warming_points", 39) == 1
    lots = list(_lots(Lack("warming_points", 11), "A", "Place", 128_000.0, None))
    assert [lot.size for lot in lots] == [100, 100, 100, 100, 100, 50]
    assert [lot.cost_eur for lot in lots] == [16_000] * 5 + [8_000]
    assert list(_lots(Lack("spare_transformers", 1), "", "", 128_000.0, None)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_unit_that_is_sent_and_a_range_of_costs_with_its_reason(kind):
    low, likely, high = KINDS[kind].cost_eur
    assert 0 < low <= likely <= high
    assert KINDS[kind].sent > 0
    assert "[B]" in KINDS[kind].cost_of
    assert KINDS[kind].source
    assert KINDS[kind].confidence in set(CONFIDENCES) - {"high"}


def test_costs_of_imports_fuel_and_crews_are_sums_of_published_prices_to_a_twentieth():
    # by hand; euros: 1,680 MWh; 25 or 50 m³ of diesel; a heavy vehicle 2,009 hryvnias an hour at 30 a euro; a crew of
    # five with 55,000 hryvnias a month each at 51 a euro; American rates at 1.12 USD a euro
    vehicle, crew = 2_009 / 30, 1_030 / 30
    wages = 5 * 55_000 / 51 * 7 / 30
    expected = {
        "import": (1_680 * 120, 1_680 * 173, 1_680 * 15_000 / 50.44),
        "fuel_truck": (25_000 * 55.32 / 43.9 + 84 * vehicle, 50_000 * 70 / 51 + 84 * vehicle,
                       50_000 * 73 / 51 + 168 * vehicle),
        "repair_crew": (wages + 84 * 2 * vehicle, 2 * (wages + 84 * 2 * vehicle), 168 * (5 * 50 + 2 * 75) / 1.12),
        "drain_crew": (60 * crew, 84 * crew, 168 * crew),
    }  # fmt: skip
    for kind, costs in expected.items():
        assert KINDS[kind].cost_eur == pytest.approx(costs, rel=0.05), kind
