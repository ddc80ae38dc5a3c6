"""Waves of weapons, against closed forms, numbers by hand and explicit repetition."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import at_gate
from jsonschema import Draft202012Validator

import gridmodel as gm
from gridmodel.commands.scenario.new import new_scenario
from gridmodel.errors import Problems
from gridmodel.events import build_timeline, events_schema, load_events
from gridmodel.events import strikes as strikes_module
from gridmodel.events.damage import draw_hits
from gridmodel.events.kinds import KINDS
from gridmodel.events.national import national_sizes, national_wave
from gridmodel.events.profiles import PROFILES
from gridmodel.events.sizes import draw_sizes, sizes_of
from gridmodel.events.targets import Target, find_target, units_of
from gridmodel.events.waves import Flight, Wave, beta_nodes, drawn_interception, most_of
from gridmodel.events.weapons import Salvo, read_weapons
from gridmodel.inputs.files import ROOT
from gridmodel.network import build_grid, read_network
from gridmodel.results.comparison import check_events
from gridmodel.sampling import CHANCE, Settings, draw_settings, drawn_settings
from gridmodel.scenario import make_scenario
from gridmodel.scenario.read import parse_yaml
from gridmodel.scenario.weapons import WEAPON_SETTINGS, WEAPONS
from gridmodel.services.heat.supply import draw_units
from gridmodel.vocabulary import EVENT_CLASSES

CHECKOUT = pytest.mark.skipif(not (ROOT / "README.md").is_file(), reason="pages stay in the checkout")
MANY = 4000
WEAPONS_SENT = {"missile": {"number": 20, "interception": 0.6}, "drone": {"number": 60, "interception": 0.8}}
SURE = {"none": 0, "slight": 0, "moderate": 0, "extensive": 0, "complete": 1}
HALF = {"none": 0, "slight": 0, "moderate": 1, "extensive": 0, "complete": 0}


def event(**fields):
    wave = {"time": "2026-01-05 06:00", "target": "TR", "kind": "wave", "profile": "mixed", "weapons": WEAPONS_SENT}
    return wave | fields


def timeline(scenario, members=None):
    net = read_network(scenario.network)
    _, index = build_grid(net)
    count = range(scenario.draws) if members is None else members
    return build_timeline(load_events(scenario, net), scenario, net, index, list(count))


def settings_of(**changes):
    """Settings of weapons, each sure to damage and without any dependence between two unless said otherwise."""
    values = {f"{name}_damage_chance": 1.0 for name in WEAPONS}
    values |= {f"{name}_interception_correlation": 0.0 for name in WEAPONS}
    return Settings({name: np.asarray(value) for name, value in (values | changes).items()})


def wave(flights, *, units, concentration=(10.0, 10.0), shares=(1.0,)):
    """A wave on one class or more, each with the same units by region."""
    target = Target("x", np.arange(len(units)), np.array(units), np.arange(len(units)))
    return Wave(name="wave.0", flights=tuple(flights), shares=np.array(shares), targets=(target,) * len(shares),
                concentration=concentration)  # fmt: skip


def flight(number, interception, weapon="missile"):
    return Flight(weapon=weapon, sent=np.asarray(float(number)), most=number, interception=np.asarray(interception))


def counts(made, settings, members=MANY, seed=7):
    """Hits of each member by class and region, where unit r belongs to region r by the counts of the target."""
    landed = made.draw(seed, range(members), settings)
    found = []
    for part, target in zip(landed, made.targets, strict=True):
        region = np.append(np.repeat(target.region, target.units), -1)[part.unit]
        found.append(np.stack([(region == place).sum(axis=1) for place in target.region], axis=1))
    return np.stack(found, axis=1)


def test_leaks_have_the_mean_and_variance_of_a_beta_binomial():
    """40 missiles, 0.6 intercepted, correlation 0.15: mean 16, variance 40 · 0.6 · 0.4 · (1 + 39 · 0.15) = 65.76."""
    hits = counts(wave([flight(40, 0.6)], units=[5]), settings_of(missile_interception_correlation=0.15)).sum(
        axis=(1, 2)
    )
    assert abs(hits.mean() - 16.0) < 4 * np.sqrt(65.76 / MANY)
    assert hits.var() == pytest.approx(65.76, rel=4 * np.sqrt(2 / MANY))


def test_without_correlation_leaks_are_binomial_and_a_leak_damages_with_its_chance():
    """300 drones, 0.8 intercepted, 0.3 of leaks damage: mean 18, variance 18 · (1 − 0.06) = 16.92."""
    hits = counts(wave([flight(300, 0.8, "drone")], units=[5]), settings_of(drone_damage_chance=0.3)).sum(axis=(1, 2))
    assert abs(hits.mean() - 18.0) < 4 * np.sqrt(16.92 / MANY)
    assert hits.var() == pytest.approx(16.92, rel=4 * np.sqrt(2 / MANY))


@pytest.mark.gate  # at each edit: leaks have the mean and variance of a beta-binomial
def test_types_of_weapon_leak_on_their_own():
    both = counts(
        wave([flight(40, 0.6), flight(300, 0.8, "drone")], units=[5]),
        settings_of(missile_interception_correlation=0.15),
    )
    missiles = counts(wave([flight(40, 0.6)], units=[5]), settings_of(missile_interception_correlation=0.15))
    drones = counts(wave([flight(300, 0.8, "drone")], units=[5]), settings_of())
    assert np.array_equal(both, missiles + drones)
    assert abs(np.corrcoef(missiles[:, 0, 0], drones[:, 0, 0])[0, 1]) < 4 / np.sqrt(MANY)


def test_regions_receive_hits_as_a_dirichlet_multinomial():
    """20 hits, three units of four in one region, concentration 5: mean 15, variance 20 · 3/16 · (20 + 5)/(1 + 5)."""
    hits = counts(wave([flight(20, 0.0)], units=[3, 1], concentration=(5.0, 5.0)), settings_of())[:, 0]
    variance = 20 * 3 / 16 * 25 / 6
    assert (hits.sum(axis=1) == 20).all()
    assert abs(hits[:, 0].mean() - 15.0) < 4 * np.sqrt(variance / MANY)
    assert hits[:, 0].var() == pytest.approx(variance, rel=0.12)


def test_a_high_concentration_spreads_like_a_multinomial_over_units():
    hits = counts(wave([flight(20, 0.0)], units=[3, 1], concentration=(1e6, 1e6)), settings_of())[:, 0]
    assert hits[:, 0].var() == pytest.approx(20 * 3 / 16, rel=0.12)


def test_a_region_that_one_class_is_hit_much_in_others_are_too():
    hits = counts(wave([flight(60, 0.0)], units=[2, 2], concentration=(2.0, 2.0), shares=(0.5, 0.5)), settings_of())
    share = hits[:, :, 0] / np.maximum(hits.sum(axis=2), 1)
    assert np.corrcoef(share[:, 0], share[:, 1])[0, 1] > 0.8
    classes = hits.sum(axis=2)
    assert (classes.sum(axis=1) == 60).all()
    assert abs(classes[:, 0].mean() - 30.0) < 4 * np.sqrt(15 / MANY)


def test_each_wave_of_each_member_draws_its_concentration():
    made = wave([flight(200, 0.0)], units=[1] * 4, concentration=(0.2, 200.0))
    largest = counts(made, settings_of(), members=400)[:, 0].max(axis=1) / 200
    assert largest.max() > 0.95
    assert largest.min() < 0.35


def test_every_unit_of_a_region_is_hit_alike_and_may_be_hit_again():
    landed = wave([flight(3, 0.0)], units=[2, 1]).draw(7, range(MANY), settings_of())[0].unit
    found = np.bincount(landed[landed >= 0], minlength=3) / (3 * MANY)
    assert np.abs(found - 1 / 3).max() < 0.03
    assert (np.sort(landed, axis=1)[:, -1] == np.sort(landed, axis=1)[:, -2]).any()


def test_the_draw_of_a_member_does_not_depend_on_its_company_nor_on_how_many_are_sent():
    made = wave([flight(30, 0.5)], units=[3, 2])
    alone = made.draw(7, [5], settings_of())[0].unit[0]
    assert np.array_equal(alone, made.draw(7, range(9), settings_of())[0].unit[5])
    more = counts(wave([flight(50, 0.5)], units=[3, 2]), settings_of(), members=50)
    assert (more >= counts(made, settings_of(), members=50)).all()


def test_more_interception_takes_hits_away_and_moves_none():
    low, high = (counts(wave([flight(40, share)], units=[3, 2, 1]), settings_of(missile_interception_correlation=0.1), 200)
                 for share in (0.4, 0.7))  # fmt: skip
    assert (high <= low).all()
    assert high.sum() < low.sum()


def test_the_quantile_of_interception_has_the_mean_and_variance_of_its_beta():
    at = (np.arange(20000) + 0.5) / 20000
    found = drawn_interception(np.array(0.8), np.array(0.05), at)
    assert found.mean() == pytest.approx(0.8, abs=1e-4)
    assert found.var() == pytest.approx(0.16 * 0.05, rel=1e-3)
    assert drawn_interception(np.array([0.0, 1.0, 0.8]), np.array(0.05), np.array(0.3))[:2].tolist() == [0.0, 1.0]


def test_hits_beyond_the_places_of_the_log_are_rarer_than_one_in_a_thousand_million():
    from scipy.stats import binom

    for sent, share in ((1, 0.3), (340, 0.05), (340, 0.35), (10_000, 0.2)):
        assert binom.sf(most_of(sent, share), sent, share) < 1e-9


def test_nodes_give_the_moments_of_a_beta():
    for first, second in ((0.05, 0.95), (2.0, 6.0), (300.0, 20.0), (1e5, 1e5)):
        points, weights = beta_nodes(first, second)
        total = first + second
        moments = [first / total, first * (first + 1) / (total * (total + 1))]
        assert [points @ weights, points**2 @ weights] == pytest.approx(moments)


def test_expected_waves_have_closed_forms_where_all_goes_to_single_units():
    """Four weapons, each sure to take a unit whole; what is left is the chance that none of them met it.

    Two regions of a unit each, concentration 1: the share of one is Beta(1/2, 1/2), of which E[(1 - W)^4] = 35/128.
    One region, interception 1/2 and correlation 1/3: leaks are uniform, E[(1 - Q)^4] = 1/5.
    """
    gone = np.zeros(3)
    spread = wave([flight(4, 0.0)], units=[1, 1], concentration=(1.0, 1.0))
    assert spread.expected(0, 0, gone, settings_of()) == pytest.approx([35 / 128] * 3)
    single = settings_of(missile_interception_correlation=1 / 3)
    assert wave([flight(4, 0.5)], units=[1]).expected(0, 0, gone, single) == pytest.approx([1 / 5] * 3)
    two = wave([flight(2, 0.5), flight(1, 0.5, "drone")], units=[1])
    by_hand = (1 / 3) * (1 / 2)  # E[(1 - Q)^2] of the missiles, E[1 - Q] of the drone
    assert two.expected(0, 0, gone, single) == pytest.approx([by_hand] * 3)
    half = wave([flight(1, 0.5)], units=[2, 2], shares=(0.25, 0.75))
    assert half.expected(1, 0, np.array([0.4]), settings_of(missile_damage_chance=0.8)) == pytest.approx(
        [1 - 0.8 * 0.5 * 0.75 * 0.5 / 2 * 0.6]
    )


@pytest.mark.parametrize("duration", at_gate([{}, {"duration_h": 30}], 2))
@pytest.mark.gate  # at each edit: expected waves have closed forms
def test_the_mean_of_many_drawn_waves_is_the_expected_value(three, duration):
    """Several hits on the same unit included: 100 weapons on the few units of three regions."""
    weapons = {"missile": {"number": 60, "interception": 0.5}, "drone": {"number": 60, "interception": 0.7}}
    events = [
        event(weapons=weapons, **duration),
        event(weapons=weapons, time="2026-01-05 12:00", target="TR-1", profile="heat"),
    ]
    changes = {"events": events, "end": "2026-01-07 00:00", "repair_crews_per_million": 1000.0, "spare_transformers": 1000,
               "wave_concentration": [8.0, 8.0], "step": "1h"}  # fmt: skip
    drawn = timeline(three(**changes, deterministic=False, members=1500))
    mean = timeline(three(**changes))
    reference_mw = np.array([1000.0, 600.0, 400.0])
    for name in ("heat_source", "heat_network", "water_pumping", "generator", "branch", "delivery_mw"):
        many, one = getattr(drawn, name), getattr(mean, name)[:, 0]
        if name == "delivery_mw":
            many, one = np.minimum(many, reference_mw) / reference_mw, np.minimum(one, reference_mw) / reference_mw
        error = many.std(axis=1) / np.sqrt(many.shape[1])
        assert (np.abs(many.mean(axis=1) - one) <= 3.8 * error + 1e-9).all(), name
        assert (one[20] < 1).any() or name == "branch"
    assert (mean.branch[20] < 1).any()


def test_a_hit_takes_one_part_in_its_units_in_the_mean_whatever_their_sizes():
    """One complete hit on four units: a quarter of the capacity in the mean, and of unequal units a varying part."""
    numbers = range(MANY)
    unit = draw_hits(
        [np.random.default_rng(seed) for seed in numbers],
        draw_settings(make_scenario(BASE | {"damage_state_probabilities": SURE}), [0]),
        what="heat_source", units=4, hits=1, interception=0.0,
    ).unit[:, 0]  # fmt: skip
    share = draw_sizes(np.array([4]), np.array(1.0), seed=7, streams=numbers, name="x")
    lost = share[np.arange(MANY), unit]
    assert share.sum(axis=1) == pytest.approx(1)
    assert abs(lost.mean() - 0.25) < 4 * lost.std() / np.sqrt(MANY)
    assert lost.std() > 0.1
    equal = draw_sizes(np.array([4, 2]), np.array(0.0), seed=7, streams=[0], name="x")
    assert equal[0] == pytest.approx([0.25] * 4 + [0.5] * 2)


BASE = {"name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC", "start": "2026-01-05",
        "end": "2026-01-06", "members": 40, "seed": 7}  # fmt: skip


def test_hits_take_the_sizes_of_heat_sources_that_the_heat_service_draws():
    scenario = make_scenario(BASE)
    net = read_network("three-region")
    numbers = range(5)
    settings = draw_settings(scenario, numbers)
    found = sizes_of("heat_source", net, build_grid(net)[1], scenario=scenario, settings=settings, streams=numbers)
    units = [int(count) for count in units_of("heat_source", net, scenario)]
    service = draw_units(units, scenario.seed, numbers, spread=settings.of("heat_source_spread", 0))
    for row, (first, count) in enumerate(zip(found.first, units, strict=True)):
        running = np.diff(service.running[:, row, : count + 1], axis=1)
        assert found.share[:, first : first + count] == pytest.approx(running)


def test_regional_networks_and_mains_are_many_units_and_no_longer_all_or_nothing(three):
    """TR-1: 1,000 MW by 160 MW is 6 units; half of one of equal units, 0.4 of its capacity lost, is 1/15 of 1,000 MW."""
    strike = {"time": "2026-01-05 06:00", "target": "TR-1/delivery", "kind": "strike", "hits_before_interception": 1,
              "interception": 0.0}  # fmt: skip
    changes = {"events": [strike], "deterministic": False, "members": 4, "damage_state_probabilities": HALF}
    left = timeline(three(**changes, unit_size_spread=0.0)).delivery_mw[6, :, 0]
    assert left == pytest.approx([1000 * (1 - 0.4 / 6)] * 4)
    assert timeline(three(**changes)).delivery_mw[6, :, 0].std() > 5
    assert timeline(three(**changes, delivery_unit_mw=1e6)).delivery_mw[6, :, 0] == pytest.approx([600.0] * 4)
    assert units_of("heat_network", read_network("three-region"), three()).tolist() == [
        16,
        9,
        6,
    ]  # 780, 468 and 312 MW by 50


def test_sizes_are_of_a_unit_and_not_of_an_event(three):
    """Two strikes that hit the one unit of a class twice leave 0.6 · 0.6 of it, whatever its size."""
    strike = {"time": "2026-01-05 06:00", "target": "TR-3/heat_source", "kind": "strike", "hits_before_interception": 1,
              "interception": 0.0}  # fmt: skip
    got = timeline(three(events=[strike, strike], deterministic=False, members=4, damage_state_probabilities=HALF,
                         repair_days={"heat_source": {"moderate": [100, 0]}}))  # fmt: skip
    assert got.heat_source[-1, :, 2] == pytest.approx(0.36)


@pytest.fixture(scope="module")
def runs():
    """Runs without a wave, with one that is intercepted whole, and with waves of two interceptions."""
    hit = {"time": "2026-01-05 08:00", "target": "TR-1/heat_source", "kind": "strike", "hits_before_interception": 3,
           "interception": 0.4}  # fmt: skip

    def run(*waves, **changes):
        return gm.run(make_scenario(BASE | {"members": 12, "events": [*waves, hit]} | changes))

    def of(share):
        return event(weapons={name: {"number": 60, "interception": share} for name in WEAPONS})

    return {"without": run(), "stopped": run(of(1.0)), "much": run(of(0.8)), "little": run(of(0.4)),
            "set": run(of(0.1), interception=0.8), "much again": run(of(0.3), interception=0.8)}  # fmt: skip


def test_a_wave_that_is_intercepted_whole_does_nothing_and_moves_no_other_draw(runs):
    without, stopped = runs["without"], runs["stopped"]
    for name in without.data_vars:
        if not name.startswith("repair_"):
            assert without[name].to_numpy().tobytes() == stopped[name].to_numpy().tobytes(), name
    one, other = (gm.repair_log(result) for result in (without, stopped))
    assert one.equals(other)
    assert len(one) > 0


def test_more_interception_never_harms_in_expectation(runs):
    for metric in ("energy_not_served", "person_hours_without_heat", "person_hours_without_power"):
        means = [float(gm.summarise(runs[name]).loc[metric, "mean"]) for name in ("without", "much", "little")]
        assert means[0] <= means[1] <= means[2], metric
    assert means[0] < means[2]


def test_the_interception_of_the_scenario_replaces_that_of_every_weapon(runs):
    assert runs["set"]["shed_mw"].to_numpy().tobytes() == runs["much again"]["shed_mw"].to_numpy().tobytes()


def test_the_spread_of_a_wave_shows_in_headlines_and_regions_differ(runs):
    table = gm.summarise(runs["little"])
    calm = gm.summarise(runs["without"])
    for metric in ("energy_not_served", "person_hours_without_heat", "person_hours_without_power"):
        wide, narrow = (float(one.loc[metric, "p95"] - one.loc[metric, "p05"]) for one in (table, calm))
        assert wide > 1.5 * narrow, metric
    by_region = runs["little"]["people_without_power"].sum("time").mean("member") / runs["little"]["population"]
    by_region = by_region.to_numpy()
    assert len({*by_region.round(6).tolist()}) == len(by_region)


def test_crews_repair_what_a_wave_hits_and_the_log_names_class_and_region(runs):
    log = gm.repair_log(runs["little"])
    hit = log[log["begin"] == np.datetime64("2026-01-05T06:00")]
    assert set(hit["class"]) <= set(PROFILES["mixed"].shares)
    assert {"delivery", "heat_source"} <= set(hit["class"])
    assert set(hit["region"]) == {"TR-1", "TR-2", "TR-3"}
    assert hit["end"].notna().any()
    assert int(runs["little"]["crews_busy"].max()) > 0


def test_waves_drawn_in_blocks_of_members_are_those_drawn_at_once(three, monkeypatch):
    changes = {"events": [event()], "deterministic": False, "members": 9}
    whole = timeline(three(**changes))
    monkeypatch.setattr(strikes_module, "MAX_CELLS", 400.0)
    parts = timeline(three(**changes))
    for name in ("generator", "delivery_mw", "heat_source"):
        assert getattr(parts, name).tobytes() == getattr(whole, name).tobytes()
    some = timeline(three(**changes), members=[6, 2])
    assert some.generator.tobytes() == np.ascontiguousarray(whole.generator[:, [6, 2]]).tobytes()


@pytest.mark.parametrize("deterministic", at_gate([False, True], 2, first=1))
@pytest.mark.gate  # at each edit: a run cut at a step, in `test_state.py`
def test_a_run_with_waves_cut_at_a_step_goes_on_to_the_byte(tmp_path, deterministic):
    late = event(time="2026-01-05 13:00", target="SOUTH", profile="energy")
    first = {"time": "2026-01-05 03:00", "target": "TR/delivery", "kind": "strike", "hits_before_interception": 3,
             "interception": 0.2}  # fmt: skip
    scenario = make_scenario(BASE | {"members": 1 if deterministic else 3, "deterministic": deterministic,
                                     "events": [first, event(), late], "end": "2026-01-05 20:00"})  # fmt: skip
    whole = gm.run(scenario, save_states=["2026-01-05 10:00"], states=tmp_path)
    state = next(tmp_path.glob("state-*.nc"))
    rest = gm.run(scenario, start_state=state)
    only = gm.run(scenario.replace(events=[late]), start_state=state)  # the state has the others
    for name in whole.data_vars:
        values = whole[name]
        if "time" in values.dims:
            values = values.sel(time=slice(rest["time"].to_numpy()[0], None))
        for other in (rest, only):
            same = other[name].to_numpy().tobytes() == values.to_numpy().tobytes()
            assert same or values.dtype == object, name


def test_a_deterministic_run_takes_the_middle_of_what_is_drawn(three):
    drawn = event(weapons={"drone": {"number": {"uniform": [40, 80]}, "interception": {"uniform": [0.6, 0.8]}}})
    plain = event(weapons={"drone": {"number": 60, "interception": 0.7}})
    one, other = (timeline(three(events=[row])).generator for row in (drawn, plain))
    assert one == pytest.approx(other, rel=1e-12)


def test_numbers_and_interception_are_drawn_for_each_member(three):
    weapons = {"drone": {"number": {"choice": [0, 80]}, "interception": {"choice": [0.0, 0.99]}}}
    changes = {"deterministic": False, "members": 60, "drone_interception_correlation": 0.0, "drone_damage_chance": 1.0}
    hits = (timeline(three(events=[event(weapons=weapons)], **changes)).repairs.state >= 0).sum(axis=1)
    assert set(hits) >= {0, 80}
    assert ((hits > 0) & (hits < 10)).any()


def test_a_table_of_events_gives_the_same_waves_as_a_scenario(three, tmp_path):
    text = "{missile: {number: 20, interception: 60%}, drone: {number: 60, interception: 0.8}}"
    (tmp_path / "waves.csv").write_text(f'time,target,kind,profile,weapons\n2026-01-05 06:00,TR,wave,mixed,"{text}"\n')
    network = read_network("three-region")
    inline = load_events(three(events=[event()]), network)
    table = load_events(three(events=str(tmp_path / "waves.csv")), network)
    assert inline[0].weapons == table[0].weapons == {
        "missile": Salvo(number=20, interception=0.6), "drone": Salvo(number=60, interception=0.8)}  # fmt: skip
    assert (inline[0].profile, inline[0].classes) == ("mixed", tuple(PROFILES["mixed"].shares))
    assert (
        timeline(three(events=str(tmp_path / "waves.csv"))).generator.tobytes()
        == timeline(three(events=[event()])).generator.tobytes()
    )


@CHECKOUT
def test_the_examples_of_the_page_on_events_are_read_in_a_scenario_and_in_a_table(tmp_path):
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    (rows,), (table,) = (re.findall(rf"```{form}\n(.*?)```", page, re.DOTALL) for form in ("yaml", "csv"))
    (tmp_path / "rows.csv").write_text(table)
    whole = "name: x\nnetwork: ukraine\nweather: cold-wave-2026\nstart: 2026-01-12\nend: 2026-01-19\nmembers: 2\n"
    for text in (rows, "events: rows.csv\n"):
        (tmp_path / "x.yaml").write_text(whole + text)
        scenario = gm.load_scenario(tmp_path / "x.yaml")
        read = load_events(scenario, read_network("ukraine"))
        assert "wave" in {event.kind for event in read}
        assert len(timeline(scenario).repairs.what) > 0
    assert {event.kind for event in load_events(scenario.replace(events=parse_yaml(rows, shown="")[0]["events"]),
                                                read_network("ukraine"))} == set(KINDS)  # fmt: skip


@CHECKOUT
@CHECKOUT
def test_a_circuit_between_two_regions_is_one_unit_whichever_of_them_is_hit(three):
    net, scenario = read_network("three-region"), three()
    index = build_grid(net)[1]
    hit = {"time": "2026-01-05 06:00", "kind": "strike", "hits_before_interception": 1, "interception": 0}

    def units(place):
        (one,) = load_events(three(events=[hit | {"target": f"{place}/transfer"}]), net)
        target = find_target(one, net, index, scenario)
        return {index.branches[row]: (int(count), net.regions[region]) for row, count, region in
                zip(target.rows, target.units, target.region, strict=True)}  # fmt: skip

    # three lines of one circuit, 1-2, 2-3 and 1-3, and one to a neighbour, which leaves region 3
    whole = units("TR")
    assert sorted(whole) == ["TR-1-330--TR-2-330", "TR-1-330--TR-3-330", "TR-2-330--TR-3-330", "TR-3-330--NB-330"]
    assert sum(count for count, _ in whole.values()) == 4
    assert whole["TR-1-330--TR-3-330"] == (1, "TR-1")  # the first of its two ends
    assert units("TR-3")["TR-1-330--TR-3-330"] == (1, "TR-3")  # the only one in the target
    between = sum(name != "TR-3-330--NB-330" for name in whole)
    assert sum(len(units(region)) for region in net.regions) == 2 * between + 1  # in both rows of the page's table
    assert len(units("SOUTH")) == 4  # regions 2 and 3: the line between them once
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    said = re.search(r"the column adds up to (\d+), twice the (\d+) between regions and (\d+) across the border", page)
    column = [int(line.split("|")[-2]) for line in page.splitlines() if line.startswith("| `UA-")]
    assert len(column) == len(read_network("ukraine").regions)
    assert sum(column) == int(said[1]) == 2 * int(said[2]) + int(said[3])


def test_units_of_delivery_are_the_nearest_whole_number_and_one_at_least(three):
    net = read_network("three-region")  # 1,000, 600 and 400 MW
    count = lambda size: units_of("delivery", net, three(delivery_unit_mw=size)).tolist()  # noqa: E731
    assert count(400) == [2, 2, 1]  # 2.5 to the even 2, 1.5 to 2, 1
    assert count(1e5) == [1, 1, 1]


def test_the_page_on_events_lists_profiles_weapons_and_the_units_of_every_region():
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    network = read_network("ukraine")
    for name in (*PROFILES, *WEAPONS, *network.regions, *{*network.zones}):
        assert f"`{name}`" in page, name
    assert "| `UA-30` | Kyiv City | `NORTH` | 11 | 19 | 78 |" in page  # 1,700 MW by 160; 19 sources; 3,895 MW by 50


def test_a_new_scenario_shows_how_a_wave_is_written(tmp_path):
    file = tmp_path / "mine.yaml"
    assert CliRunner().invoke(new_scenario, [str(file)]).exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert f"({', '.join(PROFILES)})" in text
    start = text.index("  # - time: 2026-01-16 02:00")
    file.write_text(text[:start] + text[start:].replace("  # ", "  "), encoding="utf-8")
    assert [event.kind for event in load_events(gm.load_scenario(file), read_network("ukraine"))][-1] == "wave"


def test_corridors_belong_to_the_end_that_is_in_the_target(three):
    many = {name: {"number": 100, "interception": 0.0} for name in WEAPONS}
    got = timeline(three(events=[event(target="TR-2", profile="energy", weapons=many)], deterministic=False, members=5))
    assert set(np.unique(got.repairs.region)) == {-1, 1}
    assert "transfer" in {
        what for what, hit in zip(got.repairs.what, (got.repairs.state >= 0).any(axis=0), strict=True) if hit
    }


def test_national_waves_grow_with_their_size_and_are_read_as_events():
    sizes = national_sizes()
    assert [*sizes] == ["light", "moderate", "heavy"]
    expected = []
    for size in sizes:
        row = national_wave(size, time="2026-01-13 02:00", target="UA", profile="energy")
        scenario = gm.load_scenario("january-2026").replace(events=[row])
        read = load_events(scenario, read_network("ukraine"))[0]
        assert set(read.weapons) == set(WEAPONS)
        assert all(set(salvo.drawn) == {"number", "interception"} for salvo in read.weapons.values())
        expected.append(sum(one.number * (1 - one.interception) for one in read.weapons.values()))
    assert expected == sorted(expected)
    assert expected[0] < 0.6 * expected[1] < 0.6 * expected[2]
    with pytest.raises(gm.InputError) as caught:
        national_wave("hevy", time="x", target="UA", profile="heet")
    assert [problem.hint for problem in caught.value.problems] == ["nearest: heavy", "nearest: heat"]


def test_percentages_are_understood_also_within_distributions(three):
    weapons = {"drone": {"number": 9, "interception": {"uniform": ["70%", "90 %"]}}}
    read = load_events(three(events=[event(weapons=weapons)]), read_network("three-region"))[0].weapons["drone"]
    assert (read.interception, read.drawn["interception"].numbers) == (pytest.approx(0.8), (0.7, 0.9))


def test_a_wave_on_a_region_hits_nothing_elsewhere_and_only_classes_of_its_profile(three):
    many = {name: {"number": 100, "interception": 0.0} for name in WEAPONS}
    got = timeline(three(events=[event(target="TR-2", profile="heat", weapons=many)], deterministic=False, members=20))
    assert (got.heat_source[6, :, [0, 2]] == 1).all()
    assert (got.heat_source[6, :, 1] < 1).all()
    assert np.isinf(got.delivery_mw[6, :, [0, 2]]).all()
    assert (got.generator == 1).all()  # no combined heat and power there
    assert (got.branch == 1).all()
    assert (got.water_pumping == 1).all()


def test_profiles_name_classes_only_and_share_all_of_a_wave():
    for name, profile in PROFILES.items():
        assert sum(profile.shares.values()) == pytest.approx(1), name
        assert all(EVENT_CLASSES[what].damage and not EVENT_CLASSES[what].components for what in profile.shares), name
        assert "nuclear" not in profile.shares
        assert "generation" not in profile.shares


def test_everything_that_is_wrong_with_waves_is_said_at_once_with_its_place_and_the_right_form(three):
    rows = [
        event(weapons={"missile": {"number": -3, "interception": 1.7}, "dron": {"number": 1, "interception": 0.5}}),
        event(profile="enrgy", target="SOTH"),
        event(target="TR-1/delivery", weapons={"drone": {"number": 2.5, "interception": 80}}),
        event(time="2026-02-05 06:00", weapons={"drone": {"number": 5}}),
        event(weapons={"drone": 300}, share=0.5),
        {"time": "2026-01-05 06:00", "target": "TR", "kind": "wave"},
        event(weapons={"drone": {"number": {"unifrm": [1, 2]}, "interception": "often", "speed": 3}}),
        event(weapons="forty missiles", target="TR-1"),
        event(kind="outage", target="TR/hydro", share=0.5),
        event(weapons={"drone": {"number": True, "interception": float("nan")}}),
        event(weapons="{drone: {number: 1, interception: .nan}}"),
    ]
    with pytest.raises(gm.InputError) as caught:
        load_events(three(events=rows), read_network("three-region"))
    text = str(caught.value)
    for words in (
        "row:1: weapons.missile.number: '-3' must be at least 0", "row:1: weapons.missile.interception: '1.7' must be at most 1",
        "a share from 0 to 1, or 80%", "row:1: weapons: 'dron' is not a weapon (nearest: drone)",
        "row:2: profile: 'enrgy' is not one of energy, heat, mixed", "nearest: energy", "row:2: target: 'SOTH'", "nearest: SOUTH",
        "row:3: target: 'TR-1/delivery' must be a place alone", "write TR-1", "row:3: weapons.drone.number: '2.5' is not a whole number",
        "write 0.8 or 80%", "row:4: time: '2026-02-05 06:00' is outside the run", "row:4: weapons.drone.interception: is required",
        "row:5: weapons.drone: '300' must be given as drone: {number: 40, interception: 0.7}",
        "row:5: share: '0.5' is not used by kind wave", "row:6: profile: is required by kind wave",
        "row:6: weapons: is required by kind wave", "row:7: weapons.drone.number", "nearest: uniform",
        "row:7: weapons.drone.interception: 'often' is not a number", "row:7: weapons.drone: 'speed' is not a number of a weapon",
        "row:8: weapons: 'forty missiles' must give the number and interception of each type",
        "row:9: profile: 'mixed' is not used by kind outage", "row:9: weapons", "row:10: weapons.drone.number: 'True' is not a number",
        "row:10: weapons.drone.interception: 'NaN' is not a number", "row:11: weapons.drone.interception: 'nan' is not a finite",
    ):  # fmt: skip
        assert words in text, words
    assert len(caught.value.problems) == 23


def test_an_unknown_kind_with_weapons_is_one_mistake(three):
    with pytest.raises(gm.InputError) as caught:
        load_events(three(events=[event(kind="wav")]), read_network("three-region"))
    assert [problem.field for problem in caught.value.problems] == ["kind"]


def test_the_schema_takes_waves_and_refuses_wrong_ones():
    check = Draft202012Validator(events_schema())

    def wrong(**fields):
        return list(check.iter_errors([json.loads(json.dumps(event(**fields)))]))

    assert not wrong()
    assert not wrong(weapons={"drone": {"number": {"uniform": [1, 9]}, "interception": "80%"}}, duration_h=5)
    assert not wrong(weapons="{drone: {number: 3, interception: 0.5}}")
    assert wrong(target="TR/delivery")
    assert wrong(profile="enrgy")
    assert wrong(profile=None)
    assert wrong(weapons=None)
    assert wrong(share=0.5)
    assert wrong(weapons={"dron": {"number": 1, "interception": 0.5}})
    assert wrong(weapons={"drone": {"number": -1, "interception": 0.5}})
    assert wrong(weapons={"drone": {"number": 1, "interception": 1.5}})
    assert wrong(kind="outage", target="TR/hydro", share=0.5)


@pytest.mark.parametrize(
    "name",
    ["profile", "profiles.energy", "wave", "waves.1.target", "weapons.drone.number", "events", "events.1.profile",
     "wave_concentration", *WEAPON_SETTINGS, "target"],
)  # fmt: skip
def test_no_sweep_varies_what_is_attacked_or_how(name, tmp_path):
    scenario = make_scenario(BASE | {"events": [event()]})
    with pytest.raises(gm.InputError, match="ranks help"):
        gm.sweep(scenario, {name: [0.1, 0.2]}, store=tmp_path / "s.zarr")
    with pytest.raises(gm.InputError, match="ranks help"):
        gm.sample_changes({name: {"uniform": [0.1, 0.2]}}, 2)


def test_no_distribution_draws_a_profile_or_a_target(three):
    for changes in ({"profile": {"choice": ["energy", "heat"]}}, {"target": {"choice": ["TR-1", "TR-2"]}}):
        with pytest.raises(gm.InputError):
            load_events(three(events=[event(**changes)]), read_network("three-region"))


def test_a_sensitivity_ranks_nothing_of_a_wave():
    drawn = {"wave_concentration": {"uniform": [2, 40]}, "drone_damage_chance": {"uniform": [0.1, 0.5]},
             "unit_size_spread": {"uniform": [0.4, 1.2]}, "import_limit_mw": {"uniform": [50, 200]}}  # fmt: skip
    weapons = {"drone": {"number": {"uniform": [20, 80]}, "interception": {"uniform": [0.6, 0.9]}}}
    scenario = make_scenario(
        BASE | drawn | {"events": [event(weapons=weapons)], "members": 60, "end": "2026-01-05 09:00"}
    )
    assert not {"wave_concentration", "drone_damage_chance", "unit_size_spread"} & set(drawn_settings(scenario))
    ranked = set(gm.sensitivity(gm.run(scenario)).index)
    assert "import_limit_mw" in ranked
    assert ranked <= {*drawn_settings(scenario), CHANCE}


def test_runs_with_other_profiles_or_places_are_not_compared_and_other_interception_is():
    regions = ["TR-1", "TR-2", "TR-3"]
    other = event(
        weapons={"missile": {"number": 20, "interception": 0.9}, "drone": {"number": 60, "interception": 0.8}}
    )
    check_events(([event()], ""), ([other], ""), "b", regions)
    check_events(([event()], ""), ([], ""), "b", regions)  # the whole country, with and without
    check_events(([event(target="TR-1")], ""), ([other | {"target": "TR-1"}], ""), "b", regions)
    more = {"missile": {"number": 40, "interception": 0.6}, "drone": {"number": 60, "interception": 0.8}}
    for one, two in (
        (event(), event(profile="heat")),
        (event(target="TR-1"), event(target="TR-2")),
        (event(target="SOUTH"), event(target="NORTH")),
        (event(target="TR-1"), event(target="TR-1", weapons=more)),
        (event(target="TR-1"), event(target="TR-1", profile="heat")),
    ):
        with pytest.raises(gm.InputError, match="ranks help"):
            check_events(([one], ""), ([two], ""), "b", regions)


@pytest.fixture(scope="module")
def next_spell():
    """The next cold spell, its first five days on few members, with its waves and without them."""
    scenario = gm.load_scenario("next-cold-spell")
    assert [row["kind"] for row in scenario.events] == ["wave", "alert", "wave", "alert"]
    short = scenario.replace(members=4, end="2026-12-06 00:00")
    return gm.run(short), gm.run(short.replace(events=[]))


def test_the_next_cold_spell_has_four_nights_of_minus_23_in_the_north_and_centre():
    weather, network = gm.load_weather("next-cold-spell"), read_network("ukraine")
    local = weather.sel(time=slice("2026-11-30T22:00", "2026-12-07T21:00"))
    nights = local.resample(time="1D", offset="10h").min()
    for region, zone in zip(network.regions, network.zones, strict=True):
        lowest = nights.sel(region=region).to_numpy()
        deep = np.abs(lowest + 23.0) < 0.01
        assert deep.sum() == (4 if zone in {"NORTH", "CENTRE"} else 0), region
        assert lowest.min() > -23.01


@pytest.mark.gate  # at each edit: waves on three regions
def test_the_waves_of_the_next_cold_spell_show_in_every_headline_and_differ_between_members(next_spell):
    hit, calm = next_spell
    for name in (
        "people_without_power",
        "people_without_heat",
        "people_without_water",
        "people_without_all",
        "shed_mw",
    ):
        dims = [dim for dim in hit[name].dims if dim != "member"]
        more = (hit[name].sum(dims) - calm[name].sum(dims)).to_numpy() / calm[name].sum(dims).mean().item()
        assert more.mean() > 0, name
        assert len(set(np.round(more, 4))) == len(more), name
    first = hit["time"] < np.datetime64("2026-12-03T00:00")
    assert hit["shed_mw"].where(first, drop=True).equals(calm["shed_mw"].where(first, drop=True))


@pytest.mark.gate  # at each edit: waves on three regions
def test_regions_of_the_next_cold_spell_differ_in_what_is_hit_and_who_is_cold(next_spell):
    hit, _ = next_spell
    log = gm.repair_log(hit)
    nights = set(log["begin"].dt.strftime("%m-%d %H"))
    assert nights == {"12-03 00", "12-05 01"}  # local 02:00 and 03:00
    assert log.groupby("region").size().std() > 0.5
    cold = (hit["people_without_heat"].sum("time") / hit["population"]).mean("member").to_numpy()
    assert cold.max() > 2 * cold.min()
    assert len(set(np.round(cold, 3))) > 20


def test_the_first_hit_on_the_same_unit_is_that_of_an_explicit_search():
    unit = np.random.default_rng(4).integers(-1, 6, (20, 15))
    by_hand = [[row.tolist().index(value) for value in row] for row in unit]
    assert strikes_module.first_alike(unit).tolist() == by_hand


def test_large_waves_are_the_same_however_many_members_are_worked_on_at_once(three, monkeypatch):
    many = {"drone": {"number": 2000, "interception": 0.9}, "missile": {"number": 50, "interception": 0.5}}
    scenario = three(
        deterministic=False, members=5, end="2026-01-05 12:00", events=[event(weapons=many, time="2026-01-05 01:00")]
    )
    whole = timeline(scenario)
    monkeypatch.setattr(strikes_module, "MAX_CELLS", 1)  # one member at a time
    alone = timeline(scenario)
    assert (whole.generator < 1).any()
    for name in ("generator", "branch", "heat_source", "heat_network", "water"):
        if hasattr(whole, name):
            assert np.array_equal(getattr(whole, name), getattr(alone, name)), name


def test_a_brace_that_is_not_closed_is_named():
    problems = Problems()
    read_weapons("{missile: {number: 40, interception: 60%}, drone: {number: 3, interception: 0.8}", problems, {})
    (problem,) = problems.found
    assert problem.hint == "3 { and 2 }: each { needs its }"
    read_weapons("forty missiles", problems, {})
    assert problems.found[1].hint == ""


@pytest.mark.gate  # at each edit: the examples of the page on events
def test_weapons_read_the_same_as_json_as_yaml_and_again():
    for cell in ('{"drone": {"number": 30, "interception": 0.8}}', "{drone: {number: 30, interception: 80%}}"):
        for _ in range(2):
            assert read_weapons(cell, Problems(), {}) == {"drone": Salvo(number=30, interception=0.8)}
    for cell in (
        '{"drone": {"number": 1, "number": 2, "interception": 0}}',
        '{"drone": {"number": NaN, "interception": 0}}',
        "[" * 3000,
    ):
        problems = Problems()
        read_weapons(cell, problems, {})
        assert problems.found
