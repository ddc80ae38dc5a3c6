"""Megawatts and queues together: the closed form, weights, and the page from what is recorded."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gridmodel.inputs.files import ROOT
from gridmodel.scenario import load_scenario
from gridmodel.studies.conditioning.filter import effective
from gridmodel.studies.run import run
from validation import __main__ as validate
from validation import ridge, ridge_page
from validation.operators import read_observations


def test_six_of_eighteen_gigawatts_with_six_tenths_outside_are_twenty_hours():
    missing, outside = np.array(6 / 18), np.array(0.6)  # 7.2 GW can be cut: 24 h · 6 / 7.2
    assert ridge.hours_off(missing, outside) == pytest.approx(20.0)
    assert ridge.outside_share(missing, np.array(20.0)) == pytest.approx(0.6)
    assert ridge.worth_h(np.array(18.0), outside) == pytest.approx(20.0 / 6)  # hours over gigawatts missing
    assert ridge.hours_off(np.array(0.5), outside) == 24.0  # 9 GW are missing and only 7.2 can be cut


def test_twelve_subqueues_that_take_turns_are_off_for_as_long_as_the_formula_says():
    off = np.zeros((12, 24))
    for hour in range(24):
        off[(hour + np.arange(9)) % 12, hour] = 1.0  # nine of twelve, moved on by one each hour
    each_gw = 18.0 * (1 - 0.4) / 12
    missing = off[:, 0].sum() * each_gw / 18.0
    assert off.sum(axis=1) == pytest.approx(18.0)
    assert ridge.hours_off(np.array(missing), np.array(0.4)) == pytest.approx(18.0)


def test_a_megawatt_of_consumers_in_the_queues_is_worth_their_share_of_hours_of_one_of_supply():
    for outside in (0.3, 0.6):  # at the same 19 hours
        missing = (1 - outside) * 19 / 24
        moved = 19.0 - ridge.hours_off(np.array(missing), np.array(outside - 1e-4))  # 1.8 MW of 18 GW
        supplied = ridge.worth_h(np.array(18.0), np.array(outside)) * 1.8e-3
        assert moved / supplied == pytest.approx(19 / 24, rel=1e-3)


def test_weights_of_three_members_by_hand():
    predicted = np.array([[10.0, 12.0, 14.0]])
    made = ridge.weights(predicted, np.array([12.0]), np.array([2.0]))
    assert made == pytest.approx(np.array([0.60653, 1.0, 0.60653]) / 2.21306, abs=1e-5)  # exp(−1/2)
    assert effective(made) == pytest.approx(2.8216, abs=1e-4)
    twice = ridge.weights(np.vstack([predicted, [[0.3, 0.3, 0.5]]]), np.array([12.0, 0.3]), np.array([2.0, 0.1]))
    assert twice == pytest.approx(np.array([0.60653, 1.0, 0.60653 * 0.13534]) / 1.68862, abs=1e-5)  # times exp(−2)
    far = ridge.weights(np.array([[0.0, 1000.0]]), np.array([2000.0]), np.array([1.0]))
    assert far == pytest.approx([0.0, 1.0])  # the nearest, however far


def test_a_weighted_median_is_that_of_members_repeated():
    values = np.array([3.0, 1.0, 2.0])
    middle, low, high = ridge.weighted_band(values, np.full(3, 1 / 3))
    assert middle == pytest.approx(2.0)
    assert (low, high) == (1.0, 3.0)
    assert ridge.weighted_band(values, np.array([0.0, 0.5, 0.5]))[0] == pytest.approx(1.5)  # of 1 and 2


def test_an_update_of_three_members_by_hand():
    values, predicted = np.array([0.0, 1.0, 2.0]), np.array([[0.0, 2.0, 4.0]])
    # variances 1 and 4, covariance 2, error 4: gain 2 / 8; 1 + (4 − 2) / 4 and 1 − 2 / 4
    mean, sd = ridge.updated(values, predicted, np.array([4.0]), np.array([2.0]))
    assert mean == pytest.approx(1.5)
    assert sd**2 == pytest.approx(0.5)


def test_pairs_are_calibration_rows_with_the_queues_that_those_say():
    observations, pairs = read_observations().set_index("id"), ridge.read_pairs()
    for row in pairs.itertuples():
        seen = observations.loc[row.observations]
        assert seen["kind"] == "calibration"
        assert "pair of megawatts and queues" in seen["note"]
        assert str(seen["from"].date()) == row.date
        assert 4 * (row.queues_low + row.queues_high) / 2 == pytest.approx(seen["value"])
    # 5.5 of 17.75 GW with 4.75 queues, 7.6 of 18 with 4.75, 1 of 14.5 with 1.25
    assert ridge.middle_outside(pairs) == pytest.approx([0.6086, 0.4667, 0.6690], abs=1e-4)


def test_a_member_implies_the_share_that_its_own_megawatts_and_hours_say():
    pairs = ridge.read_pairs()
    members = pd.DataFrame({
        **{f"need_gw_{name}": [16.0, 20.0] for name in pairs.index}, **{f"missing_gw_{name}": [4.8, 5.0] for name in pairs.index},
        **{f"hours_{name}": [16.0, 12.0] for name in pairs.index},
    })  # fmt: skip
    implied, value, sd = ridge.ratios(pairs, members)
    assert implied == pytest.approx(np.array([[0.55, 0.5]] * 2))  # 1 − 0.3 · 24 / 16 and 1 − 0.25 · 24 / 12; not March
    assert value == pytest.approx([0.6086, 0.4667], abs=1e-4)
    low, high = 1 - 6 / 17 / (4.5 / 6), 1 - 5 / 18.5 / (5 / 6)  # most missing with fewest queues, and the reverse
    assert sd[0] == pytest.approx((high - low) / 3.29)
    told, stated, error = ridge.stated(pairs, members, megawatts=True)
    assert told[[0, 3], 0] == pytest.approx([16.0, 0.3])
    assert stated[:3] == pytest.approx([19.0, 19.0, 5.0])
    assert stated[3] == pytest.approx((0.84 * 5 / 18.5 + 6 / 17) / 2)
    wide = (6 / 17 - 0.84 * 5 / 18.5) / 3.29
    assert error[3] == pytest.approx(np.sqrt(wide**2 + 0.045**2))  # the statement's and the model's
    assert error[0] == pytest.approx(np.sqrt(2.0**2 + 1.5**2 + 1.5**2))  # of learning: coarse, oblast, group


def test_the_recorded_ratio_tells_who_is_outside_and_nothing_of_supply():
    here, pairs = ridge_page.winter_of(ridge.read()), ridge.read_pairs()
    ratio, hours = ridge.ratios(pairs, here), ridge.stated(pairs, here, megawatts=False)

    def narrower(name, told):
        values = here[name].to_numpy()
        return 1 - ridge.updated(values, *told)[1] / values.std(ddof=1)

    assert narrower("outside_january", ratio) > 2 * narrower("outside_january", hours)
    assert narrower("supply_january", ratio) < 0.05


def test_what_is_recorded_is_of_the_recorded_members_of_the_winter():
    members, observations = ridge.read(), read_observations()
    here = members[members["run"] == "winter-2025-26"]
    values = validate.read_members()
    assert len(here) == values.shape[1], "run `make validate`"
    for row in ridge.read_pairs().itertuples():
        place = int(np.flatnonzero(observations["id"] == row.observations)[0])
        assert here[f"hours_{row.id}"].to_numpy() == pytest.approx(values[place], rel=2e-3), "run `make validate`"


def test_a_review_of_the_lists_counts_from_its_day_on():
    review = {"time": "2026-01-09 06:00", "target": "UA/exempt", "kind": "limit", "share": 0.5}
    scenario = load_scenario("january-2026").replace(members=2, end="2026-01-10 00:00", events=[review])
    made = ridge.drawn(scenario, {"before": "2026-01-08", "after": "2026-01-09"})
    fell = made["outside_before"] - made["outside_after"]
    assert (fell > 0.01).all()
    assert (fell < 0.2).all()


def test_days_of_the_pairs_are_their_own_of_reports_the_day_before_of_plans_and_weeks_begin_on_mondays(monkeypatch):
    monkeypatch.setattr(ridge, "drawn", lambda scenario, _dates: {"seed": np.full(20, float(scenario.seed))})
    days = np.broadcast_to(np.arange(166.0)[:, None], (166, 40))
    found = {f"{word}_mw": 1000 * days for word in ("need", "missing", "import", "generation")}
    found |= {"observed": np.zeros((len(read_observations()), 40)), "hours_off": days[..., None]}
    made = ridge.of_winter(found)
    assert made["seed"].tolist() == [2026] * 20 + [2027] * 20  # seeds of blocks, as the winter is run
    assert set(made["need_gw_january"]) == {110}  # 31 + 30 + 31 days of 2025, and 18
    assert set(made["need_gw_march"]) == {162}  # the 12th: 151 days to the end of February, and 11
    assert set(made["week_january"]) == {113}  # Monday the 19th to Sunday the 25th
    assert set(made["week_february"]) == {127}  # Monday the 2nd is day 124


def test_a_day_of_january_is_its_mean_over_hours(monkeypatch):
    monkeypatch.setattr(ridge, "drawn", lambda _scenario, _dates: {"outside_january": np.full(1, 0.5)})
    local = np.datetime64("2026-01-19", "ns") + np.arange(48) * np.timedelta64(1, "h")
    first = np.where(np.arange(48) < 12, 1000.0, 3000.0).reshape(1, 48, 1)  # 2,000 in the mean of the first day
    dims = ("member", "time", "region")
    result = xr.Dataset(
        {"demand_mw": ((*dims, "tier"), np.stack([first, first], axis=-1)), "shed_mw": ((*dims, "tier"), np.stack([first, 0 * first], axis=-1)),
         "import_mw": (dims[:2], first[..., 0] / 2), "generation_mw": ((*dims, "technology"), first[..., None]),
         "subqueues_off": (dims, np.full((1, 48, 1), 8.0)), "people_off_by_damage": (dims, np.zeros((1, 48, 1))),
         "population": ("region", [100.0])},
        {"time": local, "local_time": ("time", local), "region": ["A"]},
    )  # fmt: skip
    (made,) = ridge.of_january(result).to_dict("records")
    assert made == pytest.approx({
        "outside_january": 0.5, "need_gw_january": 4.0, "missing_gw_january": 2.0, "import_gw_january": 1.0,
        "generation_gw_january": 2.0, "hours_january": 16.0,
    })  # fmt: skip


def test_shares_outside_that_are_drawn_without_a_run_are_those_of_a_run():
    scenario = load_scenario("january-2026").replace(members=2, end="2026-01-09 00:00", events=[])
    made = ridge.drawn(scenario, {"first": "2026-01-08"})
    result = run(scenario.replace(end="2026-01-08 01:00"))
    regions = pd.read_csv(ROOT / "networks" / "ukraine" / "regions.csv")["reference_demand_mw"].to_numpy()
    share = result["outside_queues_share"].transpose("member", "region").to_numpy()
    assert made["outside_first"] == pytest.approx((share * regions).sum(axis=1) / regions.sum())
    assert made["demand_factor"] == pytest.approx(result["drawn_value"].sel(setting="demand_factor").to_numpy())


def test_an_update_with_a_thing_that_says_nothing_of_a_setting_narrows_it_by_chance_alone():
    rng = np.random.default_rng(1)
    narrowed = []
    for _ in range(200):
        values, predicted = rng.standard_normal(80), rng.standard_normal((6, 80))
        _, sd = ridge.updated(values, predicted, np.zeros(6), np.full(6, 0.1))
        narrowed.append(1 - sd / values.std(ddof=1))
    assert np.mean(narrowed) == pytest.approx(6 / 79 / 2, abs=0.01)  # what the page says of chance


def test_the_page_is_what_the_recorded_members_make():
    page = ridge_page.page(ridge.read())
    assert (ROOT / "docs" / "validation" / "ridge.md").read_text("utf-8") == page, "run `python -m validation.ridge`"
    assert "That is too few" in page  # as long as the weights say so
    narrow = next(line.split(" | ") for line in page.splitlines() if line.startswith("| share outside the queues |"))
    assert int(narrow[5].rstrip("%")) > int(narrow[3].rstrip("%"))  # megawatts add to hours
