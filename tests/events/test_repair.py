import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.events import build_timeline, load_events
from gridmodel.events.damage import REPAIR_DAYS, done_by, draw_hits, expected_remaining, time_at
from gridmodel.events.repair import Jobs, Workforce, build_workforce, finish, ranks, without_spare, work_off
from gridmodel.network import build_grid, read_network
from gridmodel.results.metrics import person_hours
from gridmodel.results.run_folder import read_result, write_result
from gridmodel.sampling import Purpose, draw_settings, stream
from gridmodel.services.registry import VARIABLES
from gridmodel.services.repair import DECLARATION
from gridmodel.vocabulary import DAMAGE_CLASSES, DAMAGE_STATES, EVENT_CLASSES, REPAIR_GROUPS

NO_LIMIT = {"repair_crews_per_million": 10_000.0, "spare_transformers": 100_000}
PLAIN = {**NO_LIMIT, "cold_work_speed": 1.0}


def timeline(scenario, **extra):
    net = read_network("three-region")
    _, index = build_grid(net)
    return build_timeline(load_events(scenario, net), scenario, net, index, list(range(scenario.draws)), **extra)


def strike(target, *, at="2026-01-05 06:00", hits=1, interception=0.0, **fields):
    return {"time": at, "target": target, "kind": "strike", "hits_before_interception": hits,
            "interception": interception} | fields  # fmt: skip


def sure(state):
    return {name: float(name == state) for name in DAMAGE_STATES}


def jobs(rows):
    """Jobs of one member out of rows of begin, rank, region, hours of work, and perhaps the step of a repair event."""
    begin, rank, region, work_h, until = zip(*[(*row, *[np.inf][: 5 - len(row)]) for row in rows], strict=True)
    return Jobs(begin=np.array(begin), rank=np.array(rank), region=np.array([region]), until=np.array([until]),
                work_h=np.array([work_h], dtype=float), needs_spare=np.zeros((1, len(rows)), dtype=bool))  # fmt: skip


def force(crews, speed):
    """Workforce of one member out of crews and speed of shape ``(time, region)``."""
    steps = len(speed)
    return Workforce(
        crews=np.concatenate([np.array(crews, dtype=float), np.full((steps, 1), np.inf)], axis=1)[:, None],
        speed=np.concatenate([np.array(speed, dtype=float), np.ones((steps, 1))], axis=1)[:, None],
        travel_h=np.zeros((1, 1)), new_transformer_h=np.zeros((1, 1)),
    )  # fmt: skip


def one_crew(rows, steps=40, step_h=1.0):
    end, busy = work_off(jobs(rows), force(np.ones((steps, 1)), np.ones((steps, 1))), step_h=step_h)
    return end[0].tolist(), busy[:, 0, 0]


def test_one_crew_does_two_jobs_one_after_the_other():
    end, busy = one_crew([(2, 0, 0, 3), (2, 0, 0, 2)])
    assert end == [5, 7]
    assert np.flatnonzero(busy).tolist() == [2, 3, 4, 5, 6]
    assert busy.max() == 1


def test_the_graver_job_goes_first_then_the_older_then_the_first_of_the_log():
    assert one_crew([(0, 3, 0, 3), (0, 1, 0, 2)])[0] == [5, 2]
    assert one_crew([(1, 1, 0, 3), (0, 1, 0, 2)])[0] == [5, 2]
    assert one_crew([(0, 1, 0, 3), (0, 1, 0, 2)])[0] == [3, 5]


def test_a_graver_job_takes_the_crew_off_a_lesser_one_which_keeps_what_was_done():
    assert one_crew([(0, 3, 0, 5), (2, 0, 0, 3)])[0] == [8, 5]


def test_a_job_that_a_repair_event_makes_whole_frees_its_crew():
    assert one_crew([(0, 0, 0, 30, 4), (0, 1, 0, 2)])[0][1] == 6


def test_work_that_the_run_does_not_see_the_end_of_has_no_end():
    assert one_crew([(0, 0, 0, 30), (0, 1, 0, 30)], steps=40)[0] == [30, math.inf]


def test_a_crew_that_is_done_within_a_step_is_free_from_the_next():
    assert one_crew([(0, 0, 0, 1.5), (0, 0, 0, 1.5)])[0] == [2, 4]
    assert one_crew([(0, 0, 0, 1.5), (0, 0, 0, 1.5)], step_h=0.5)[0] == [3, 6]


def test_regions_have_crews_of_their_own_and_work_of_no_region_needs_none():
    crews, speed = np.tile([1, 0], (20, 1)), np.tile([1.0, 1.0], (20, 1))
    end, busy = work_off(
        jobs([(0, 0, 0, 3), (0, 0, 1, 3), (0, 0, -1, 3), (0, 0, -1, 3)]), force(crews, speed), step_h=1
    )
    assert end[0].tolist() == [3, math.inf, 3, 3]
    assert busy[:, 0].sum(axis=0).tolist() == [3, 0]


def naive(rows, crews, speed, step_h):
    """The rule in words, one job after the other."""
    done, end = [0.0] * len(rows), [math.inf if row[3] > 0 else row[0] for row in rows]
    busy = np.zeros(np.shape(crews))
    order = sorted(range(len(rows)), key=lambda job: (rows[job][1], rows[job][0], job))
    for now in range(len(speed)):
        free = list(crews[now])
        at_work = []
        for job in order:
            begin, _, region, work_h, until = rows[job]
            if begin <= now < until and done[job] < work_h and free[region] >= 1:
                free[region] -= 1
                busy[now, region] += 1
                at_work.append(job)
        for job in at_work:
            done[job] += speed[now][rows[job][2]] * step_h
            if done[job] >= rows[job][3]:
                end[job] = now + 1
    return end, busy


STEPS, REGIONS = 30, 2
ROWS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 3), st.integers(0, REGIONS - 1), st.sampled_from([0, 0.4, 2, 5, 9.5]),
              st.sampled_from([math.inf, math.inf, 12])), min_size=1, max_size=8,
)  # fmt: skip
CREWS = st.lists(st.tuples(*[st.integers(0, 3)] * REGIONS), min_size=STEPS, max_size=STEPS)
SPEED = st.lists(st.tuples(*[st.sampled_from([0.0, 0.42, 0.6, 0.7, 1.0])] * REGIONS), min_size=STEPS, max_size=STEPS)


@given(ROWS, CREWS, SPEED, st.sampled_from([0.25, 1.0]))
def test_the_queue_is_the_rule_in_words(rows, crews, speed, step_h):
    end, busy = work_off(jobs(rows), force(crews, speed), step_h=step_h)
    expected, at_work = naive(rows, crews, speed, step_h)
    assert end[0].tolist() == expected
    assert (busy[:, 0] == at_work).all()
    assert (busy[:, 0] <= np.array(crews)).all()


@given(ROWS, CREWS, CREWS, SPEED, SPEED)
def test_fewer_crews_and_slower_work_never_end_a_job_earlier(rows, crews, others, speed, slower):
    some = work_off(jobs(rows), force(crews, speed), step_h=1.0)[0]
    fewer = work_off(jobs(rows), force(np.minimum(crews, others), np.minimum(speed, slower)), step_h=1.0)[0]
    assert (fewer >= some).all()


@given(ROWS, CREWS, SPEED)
def test_a_job_never_waits_for_one_of_lower_priority(rows, crews, speed):
    end = work_off(jobs(rows), force(crews, speed), step_h=1.0)[0][0]
    for rank in {row[1] for row in rows}:
        here = [job for job, row in enumerate(rows) if row[1] <= rank]
        alone = work_off(jobs([rows[job] for job in here]), force(crews, speed), step_h=1.0)[0][0]
        assert (alone == end[here]).all()


@given(st.lists(ROWS.filter(lambda rows: len(rows) >= 3), min_size=2, max_size=3), SPEED)
def test_members_in_company_are_those_alone(listed, speed):
    """Members share what events fix, begin and rank, and differ in where and how badly they are hit."""
    parts = [
        jobs([(*first[:2], *row[2:]) for first, row in zip(listed[0][:3], rows[:3], strict=True)]) for rows in listed
    ]
    whole = Jobs(begin=parts[0].begin, rank=parts[0].rank, **{
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("region", "work_h", "until", "needs_spare")
    })  # fmt: skip
    workforce = force(np.ones((STEPS, REGIONS)), speed)
    end, busy = work_off(whole, workforce, step_h=1.0)
    for member, part in enumerate(parts):
        alone = work_off(part, workforce, step_h=1.0)
        assert end[member].tobytes() == alone[0][0].tobytes()
        assert (busy[:, member] == alone[1][:, 0]).all()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.booleans()), min_size=1, max_size=8),
       st.integers(0, 8), st.integers(0, 8), st.floats(0, 50))  # fmt: skip
def test_more_spare_transformers_never_end_a_job_later(rows, stock, more, lead):
    todo = jobs([(begin, rank, 0, 3) for begin, rank, _ in rows])
    needs = np.array([[needs for _, _, needs in rows]])
    todo = Jobs(begin=todo.begin, rank=todo.rank, region=todo.region, work_h=todo.work_h, until=todo.until,
                needs_spare=needs)  # fmt: skip
    end = todo.begin + 3.0
    few = finish(todo, end[None], stock=stock, lead_steps=np.array([[lead]]))
    many = finish(todo, end[None], stock=stock + more, lead_steps=np.array([[lead]]))
    assert (many <= few).all()
    without = (few > end).sum() if lead > 3 else 0
    assert without <= max(0, needs.sum() - stock)
    assert (few[~needs] == end[~needs[0]]).all()


def test_every_class_that_a_strike_can_hit_has_its_place_in_the_order_of_priority(three):
    assert {EVENT_CLASSES[name].repair_group for name in DAMAGE_CLASSES} < set(REPAIR_GROUPS)
    classes = ("delivery", "water_pumping", "nuclear", "heat_source")
    assert ranks(three(), classes).tolist() == [3, 2, 4, 1]
    assert ranks(three(repair_priority=["substation", "heat"]), classes).tolist() == [0, 6, 6, 1]


def workforce(scenario, **extra):
    regions, steps = 3, len(scenario.times_utc())
    given_ = {"population": np.array([1e6, 0.6e6, 0.01e6]), "remaining": np.ones((steps, 1, regions)),
              "alert": np.zeros((steps, 1, regions), dtype=bool)} | extra  # fmt: skip
    return build_workforce(scenario, draw_settings(scenario, range(scenario.draws)), **given_)


def test_a_region_has_crews_by_its_people_at_least_one_and_only_whole_ones(three):
    left = np.ones((24, 1, 3))
    left[12:] = 0.5
    crews = workforce(three(repair_crews_per_million=5.0), remaining=left).crews[:, 0]
    assert crews[6].tolist() == [5, 3, 1, math.inf]
    assert crews[12].tolist() == [2, 1, 0, math.inf]
    more = workforce(three(repair_crews_per_million=5.0), extra_crews=np.array([2.0, 0, 0])).crews[6, 0]
    assert more.tolist() == [7, 3, 1, math.inf]


def test_cold_slows_work_alerts_stop_it_and_night_does_neither(three):
    outdoor = np.zeros((24, 3))
    outdoor[:, 0], outdoor[:, 1] = -15.0, -15.1
    alert = np.zeros((24, 1, 3), dtype=bool)
    alert[10:12, :, 2] = True
    speed = workforce(three(), outdoor_c=outdoor, alert=alert).speed[:, 0]
    assert (speed[:, 0] == 1).all()
    assert (speed[:, 1] == 0.6).all()
    assert np.flatnonzero(speed[:, 2] == 0).tolist() == [10, 11]
    assert (speed[:, 3] == 1).all()


def test_at_night_by_the_clock_on_the_wall_fewer_crews_are_on_duty_at_least_one(three):
    """Kyiv had 52 by night of 160 by day: of 20 by day 6 by night; of 1 by day 1."""
    crews = workforce(three(timezone="Europe/Kyiv")).crews[:, 0]  # the run begins at local midnight
    night = np.isin(np.arange(24), [0, 1, 2, 3, 4, 5, 22, 23])
    assert crews[:, 0].tolist() == np.where(night, 6, 20).tolist()
    assert (crews[:, 2] == 1).all()
    assert (crews[:, 3] == math.inf).all()
    gone = np.zeros((24, 1, 3))
    assert not workforce(three(), remaining=gone).crews[:, 0, :3].any()
    assert (workforce(three(night_crew_share=1.0)).crews[:, 0, 0] == 20).all()


def test_members_that_meet_other_weather_or_draw_other_numbers_work_at_other_speeds(three):
    scenario = three(deterministic=False, members=2, cold_work_speed={"choice": [0.2, 0.9]}, seed=5)
    drawn = draw_settings(scenario, [0, 1]).of("cold_work_speed", 0)
    outdoor = np.full((24, 2, 3), -20.0)
    outdoor[:, 0] = 0.0
    speed = workforce(scenario, outdoor_c=outdoor).speed[12]
    assert np.allclose(speed[:, 0], [1.0, drawn[1]])


def test_work_into_the_night_takes_as_long_as_by_day_and_longer_in_the_cold(three):
    """6 hours from 20:00 end at 02:00; below -15 °C, at half the speed, they are 12 hours."""
    settings = {"events": [strike("TR-3/heat_source", at="2026-01-05 20:00")], "end": "2026-01-07",
                "damage_state_probabilities": sure("moderate"),
                "repair_days": {"heat_source": {"moderate": [0.25, 0]}}, "cold_work_speed": 0.5}  # fmt: skip
    for kind in ({"deterministic": False, "members": 1}, {"deterministic": True}):
        scenario = three(**settings, **kind)
        left = timeline(scenario, outdoor_c=np.full((48, 3), -14.0)).heat_source[:, 0, 2]
        assert np.flatnonzero(left < 1).tolist() == list(range(20, 26))
        cold = timeline(scenario, outdoor_c=np.full((48, 3), -20.0)).heat_source[:, 0, 2]
        assert np.flatnonzero(cold < 1).tolist() == list(range(20, 32))
        away = timeline(three(**settings, **kind, crew_travel_h=2.0)).heat_source[:, 0, 2]
        assert np.flatnonzero(away < 1).tolist() == list(range(20, 28))
    assert timeline(three(**settings)).repairs is None


def test_two_jobs_at_night_take_turns_where_one_crew_is_on_duty(three):
    """Two jobs of 6 h from 20:00; two crews by day, one by night: 2 h each by 22:00, then 4 h and 4 h more."""
    settings = {"events": [strike("TR-3/heat_source", at="2026-01-05 20:00")] * 2, "end": "2026-01-07",
                "damage_state_probabilities": sure("moderate"), "deterministic": False, "members": 1,
                "repair_days": {"heat_source": {"moderate": [0.25, 0]}}, "repair_crews_per_million": 5.0}  # fmt: skip
    assert timeline(three(**settings)).repairs.end[0].tolist() == [26, 30]
    assert timeline(three(**settings, night_crew_share=1.0)).repairs.end[0].tolist() == [26, 26]


TABLE = [(kind, state) for kind, row in REPAIR_DAYS.items() for state in row]
CLASS_OF = {
    "generation": "heat_source",
    "substation": "delivery",
    "pumping": "water_pumping",
    "circuit": "heat_network",
}


@pytest.mark.parametrize(("kind", "state"), TABLE)
def test_restoration_times_that_are_drawn_have_the_mean_and_the_spread_of_their_source(kind, state):
    mean, spread = REPAIR_DAYS[kind][state]
    drawn = time_at(np.random.default_rng(3).random(40_000), np.array(mean), np.array(spread))
    assert (drawn >= 0).all()
    assert drawn.mean() == pytest.approx(mean, abs=4 * spread / 200)
    assert drawn.std() == pytest.approx(spread, rel=0.05)
    share = done_by(drawn, np.array(mean), np.array(spread))
    assert np.quantile(share, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.01)


@pytest.mark.parametrize("kind", ["substation", "pumping"])
def test_in_mild_weather_with_crews_at_hand_elapsed_times_of_a_run_have_the_mean_of_their_source(three, kind):
    """Default settings of repair; what the step adds, half an hour in the mean, is taken off."""
    mean, spread = REPAIR_DAYS[kind]["slight"]
    scenario = three(events=[strike(f"TR/{CLASS_OF[kind]}", hits=3, at="2026-01-05 17:00")], end="2026-01-12",
                     damage_state_probabilities=sure("slight"), deterministic=False, members=500)  # fmt: skip
    repairs = timeline(scenario, outdoor_c=np.full((168, 3), -14.0)).repairs
    days = (repairs.end - repairs.begin) / 24
    assert np.isfinite(days).all()
    assert days.mean() - 0.5 / 24 == pytest.approx(mean, abs=4 * spread / np.sqrt(days.size))


@pytest.mark.parametrize(("kind", "state"), TABLE)
def test_expected_values_have_the_mean_time_of_their_source(three, kind, state):
    """The lost share of a hit, summed over hours, is the loss of its state times its mean time."""
    assert EVENT_CLASSES[CLASS_OF[kind]].damage == kind
    what, hours = CLASS_OF[kind], np.arange(24.0 * 400)
    settings = draw_settings(three(damage_state_probabilities=sure(state)), [0]).part(slice(1))
    left = expected_remaining(settings, what=what, units=1, hits=np.array(1.0), interception=np.array(0.0),
                              worked_h=hours + 0.5, fixed_h=np.inf)  # fmt: skip
    loss = 1 - THREE_LEFT[state]
    assert (1 - left).sum() / loss == pytest.approx(24 * REPAIR_DAYS[kind][state][0], rel=0.002)


THREE_LEFT = {"slight": 0.95, "moderate": 0.6, "extensive": 0.3, "complete": 0.0}
"""Share of its capacity that a unit in each damage state has, as in the defaults."""


@pytest.mark.parametrize("at", ["06:00", "16:00", "21:00"])
def test_in_a_deterministic_run_a_hit_takes_the_time_of_its_source_whatever_the_hour(three, at):
    for spread in (0.0, 0.5):
        scenario = three(events=[strike("TR-3/heat_source", at=f"2026-01-05 {at}")], end="2026-01-13",
                         damage_state_probabilities=sure("moderate"),
                         repair_days={"heat_source": {"moderate": [3.0, spread]}})  # fmt: skip
        lost = 1 - timeline(scenario, outdoor_c=np.full((192, 3), -14.0)).heat_source[:, 0, 2]
        # a step shows its beginning, half an hour early in the mean
        assert lost.sum() / lost.max() - (0.5 if spread else 0.0) == pytest.approx(72, rel=1e-3)


EVENTS = [
    strike("TR/heat_source", hits=9, interception=0.4),
    strike("TR/generation", hits=9, interception=0.4, at="2026-01-05 09:00"),
    strike("TR/delivery", hits=5, at="2026-01-05 09:00"),
    strike("TR/import", hits=2, at="2026-01-05 12:00"),
    strike("TR/water_pumping", hits=6, at="2026-01-05 13:00", duration_h=7.5),
    {"time": "2026-01-05 14:00", "target": "TR-1/crew", "kind": "alert", "duration_h": 6},
]


@pytest.mark.parametrize("step", ["1h", "15min"])
def test_with_crews_and_spares_enough_and_nothing_in_the_way_each_hit_takes_its_drawn_time(three, step):
    scenario = three(**PLAIN, events=EVENTS[:-1], end="2026-01-15", step=step, deterministic=False, members=8)
    repairs = timeline(scenario, outdoor_c=np.full((len(scenario.times_utc()), 3), -25.0)).repairs
    sent = [9, 9, 5, 2, 6]
    ends = np.split(repairs.end, np.cumsum(sent)[:-1], axis=1)
    units = {"heat_source": 7, "generation": 11, "delivery": 3, "import": 1, "water_pumping": 20}
    for number, (row, end) in enumerate(zip(EVENTS, ends, strict=False)):
        what = row["target"].split("/")[1]
        streams = [stream(scenario.seed, member, Purpose.STRIKES + number) for member in range(8)]
        hits = draw_hits(streams, draw_settings(scenario, range(8)), what=what, units=units[what], hits=sent[number],
                         interception=row["interception"])  # fmt: skip
        hours = np.where(hits.unit >= 0, row["duration_h"], 0) if "duration_h" in row else hits.repair_h
        begin = repairs.begin[sum(sent[:number])]
        expected = begin + np.ceil(hours / scenario.step_h)
        assert (end == np.where(expected <= 240 / scenario.step_h, expected, np.inf)).all()


@pytest.mark.parametrize(
    "changes",
    [{"night_crew_share": 1.0}, {"cold_work_speed": 1.0}, {"crew_travel_h": 0.0}, {"events": EVENTS[:-1]},
     {"repair_crews_per_million": 50.0}, {"cold_work_below_c": -30.0}],
)  # fmt: skip
def test_each_part_slows_repair_and_without_it_no_job_ends_later(three, changes):
    base = {"events": EVENTS, "end": "2026-01-20", "deterministic": False, "members": 5, "crew_travel_h": 2.0,
            "repair_crews_per_million": 2.0}  # fmt: skip
    outdoor = np.full((360, 3), -20.0)
    slow = timeline(three(**base), outdoor_c=outdoor).repairs.end
    quick = timeline(three(**base | changes), outdoor_c=outdoor).repairs.end
    assert (quick <= slow).all()
    assert (quick < slow).any()


def test_an_outage_of_crews_stops_their_work(three):
    settings = {"damage_state_probabilities": sure("slight"), "repair_days": {"heat_source": {"slight": [0.25, 0]}},
                "deterministic": False, "members": 1} | PLAIN  # fmt: skip
    gone = {"time": "2026-01-05 08:00", "target": "SOUTH/crew", "kind": "outage", "share": 1.0, "duration_h": 5}
    left = timeline(three(events=[strike("TR-3/heat_source"), gone], **settings)).heat_source[:, 0, 2]
    assert np.flatnonzero(left < 1).tolist() == list(range(6, 17))


def test_without_a_spare_transformer_the_second_of_two_waits_for_a_new_one(three):
    settings = {"damage_state_probabilities": sure("extensive"), "end": "2026-01-10", "deterministic": False,
                "members": 1, "repair_days": {"delivery": {"extensive": [1, 0]}, "heat_source": {"extensive": [1, 0]}},
                "new_transformer_days": 3.0}  # fmt: skip
    events = [strike("TR-1/delivery"), strike("TR-2/delivery"), strike("TR-2/heat_source")]
    for stock, days in ((0, [3, 3, 1]), (1, [1, 3, 1]), (2, [1, 1, 1])):
        got = timeline(three(events=events, **settings, **PLAIN | {"spare_transformers": stock})).repairs
        assert (got.end[0] - 6).tolist() == [24 * day for day in days]
    slight = settings | {
        "damage_state_probabilities": sure("moderate"),
        "repair_days": {"delivery": {"moderate": [1, 0]}},
    }
    got = timeline(three(events=events[:2], **slight, **PLAIN | {"spare_transformers": 0})).repairs
    assert (got.end[0] - 6).tolist() == [24, 24]
    clock = [strike("TR-1/delivery", duration_h=5)]
    assert timeline(three(events=clock, **settings, **PLAIN | {"spare_transformers": 0})).repairs.end[0, 0] == 11


def test_a_spare_that_comes_later_goes_to_the_first_that_lacks_one(three):
    settings = {"damage_state_probabilities": sure("extensive"), "end": "2026-01-10", "deterministic": False,
                "members": 1, "repair_days": {"delivery": {"extensive": [0.25, 0]}},
                "new_transformer_days": 3.0} | PLAIN | {"spare_transformers": 1}  # fmt: skip
    later = strike("TR-3/delivery", at="2026-01-06 12:00")
    scenario = three(events=[strike("TR-1/delivery"), strike("TR-2/delivery"), later], **settings)
    for spares, ends in (
        ([], [12, 78, 108]), ([20], [12, 20, 108]), ([20, 24], [12, 20, 42]), ([90], [12, 78, 108]),
        ([0, 0, 0], [12, 12, 42]), ([20, 50], [12, 20, 50]),
    ):  # fmt: skip
        got = timeline(scenario, spare_steps=np.array(spares, dtype=np.intp)).repairs
        assert got.end[0].tolist() == ends


def test_a_transformer_of_a_users_own_network_takes_a_spare_and_a_line_does_not(three, folder):
    table = folder / "transformers.csv"
    names = table.read_text().splitlines()[0].split(",")
    known = {"id": "TR-1/t", "region": "TR-1", "hv_bus": "TR-1-330", "lv_bus": "TR-2-330", "source": "OURS",
             "confidence": "assumed", "sn_mva": "200", "vn_hv_kv": "330", "vn_lv_kv": "330", "vk_percent": "10",
             "vkr_percent": "0.2", "pfe_kw": "0", "i0_percent": "0", "shift_degree": "0", "parallel": "1",
             "max_loading_percent": "100"}  # fmt: skip
    table.write_text(",".join(names) + "\n" + ",".join(known.get(name, "") for name in names) + "\n")
    net = read_network(folder)
    _, index = build_grid(net)
    settings = {"damage_state_probabilities": sure("complete"), "end": "2026-01-10", "deterministic": False,
                "members": 1, "repair_days": {"branch": {"complete": [1, 0]}}, "new_transformer_days": 3.0}  # fmt: skip
    for target, days in (("trafo:TR-1/t", 3), ("line:TR-1-330--TR-2-330", 1)):
        scenario = three(network=str(folder), events=[strike(target)], **settings, **PLAIN | {"spare_transformers": 0})
        got = build_timeline(load_events(scenario, net), scenario, net, index, [0]).repairs
        assert got.end[0, 0] - 6 == 24 * days


def test_the_log_of_a_run_says_what_was_hit_where_and_when_it_was_whole(three, tmp_path):
    result = gm.run(three(events=EVENTS, end="2026-01-08", deterministic=False, members=4))
    absent = {"timetable_off_share", "battery_charging_mw", "battery_mwh", "battery_share"}
    turns = {"boiler_home_c_quantile", "cut_stage", "hours_off_quantile", "shed_optimum_mw", "subqueues_off"}
    turns |= {"industry_limited_mw", "ordered_mw"}
    assert set(result.data_vars) == set(VARIABLES) - absent - turns
    for name in DECLARATION.variables:
        assert result[name].dims == VARIABLES[name].dims
        assert result[name].attrs["long_name"]
    state, region, end = (result[name].to_numpy() for name in ("repair_state", "repair_region", "repair_end"))
    assert ((state >= 0) | (region == -1) & np.isnat(end)).all()
    assert (end[~np.isnat(end)] > result["time"].to_numpy()[0]).all()
    table = gm.repair_log(result)
    assert len(table) == (state >= 0).sum() > 0
    assert set(table["class"]) == {"heat_source", "generation", "delivery", "import", "water_pumping"}
    assert set(table["region"]) <= {"TR-1", "TR-2", "TR-3", ""}
    assert (table.loc[table["class"] == "import", "region"] == "").all()
    assert not (table["end"] < table["begin"]).any()
    assert (table.loc[table["class"] == "water_pumping", "end"] - table["begin"]).max() == np.timedelta64(8, "h")
    write_result(result, tmp_path / "result.nc")
    assert gm.repair_log(read_result(tmp_path)).equals(table)


def test_the_log_and_the_crews_are_those_of_any_company(three, monkeypatch):
    from gridmodel.events import strikes as module

    drawn = {"crew_travel_h": {"uniform": [0, 9]}, "night_crew_share": {"uniform": [0.2, 0.9]}}
    settings = {
        **drawn,
        "events": EVENTS,
        "end": "2026-01-12",
        "spare_transformers": 1,
        "repair_crews_per_million": {"uniform": [0, 4]},
        "new_transformer_days": {"uniform": [0, 1]},
    }
    whole = timeline(three(**settings, deterministic=False, members=7)).repairs
    few = timeline(three(**settings, deterministic=False, members=3)).repairs
    monkeypatch.setattr(module, "MAX_CELLS", 400.0)
    apart = timeline(three(**settings, deterministic=False, members=7)).repairs
    for name in ("end", "region", "state"):
        assert getattr(whole, name)[:3].tobytes() == getattr(few, name).tobytes()
        assert getattr(whole, name).tobytes() == getattr(apart, name).tobytes()
    assert whole.busy.tobytes() == apart.busy.tobytes()


def test_a_run_without_strikes_has_no_log(three):
    result = gm.run(three())
    assert not set(DECLARATION.variables) & set(result.data_vars)
    assert gm.repair_log(result).empty


@pytest.mark.gate  # at each edit: fewer crews never end a job earlier
def test_fewer_crews_never_leave_fewer_person_hours_cold_or_dry(three):
    """Power is the same in all: no strike is on it."""
    events = [strike("TR/heat_source", hits=30), strike("TR/water_pumping", hits=40)]
    settings = {"events": events, "end": "2026-01-10", "deterministic": False, "members": 6,
                "repair_days": {"water_pumping": {"slight": [0.3, 0.1], "moderate": [0.5, 0.2]}}}  # fmt: skip
    some = [gm.run(three(**settings, repair_crews_per_million=crews)) for crews in (40.0, 5.0, 0.0)]
    for name in ("people_without_heat", "people_below_10c", "people_without_water"):
        lost = np.array([person_hours(result, name).to_numpy() for result in some])
        # homes of a kind in one state have one room: the hour in which heaters hold it at 10 °C may turn by one
        allowed = 2e-4 * lost[:-1] if name == "people_below_10c" else 1e-6
        assert (np.diff(lost, axis=0) >= -allowed).all(), name
        assert (np.diff(lost.sum(axis=1)) >= 0).all(), name
        assert lost[2].sum() > lost[0].sum(), name
    assert int(some[2]["crews_busy"].max()) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"repair_priority": ["heat", "heat"]}, "lists heat twice"),
        ({"repair_priority": ["heating"]}, "'hospital', 'heat', 'water'"),
        ({"cold_work_speed": 0.0}, "greater than or equal to 0.01"),
        ({"spare_transformers": 1.5}, "must be a whole number"),
    ],
)
def test_what_is_wrong_with_a_setting_of_repair_is_said(three, changes, message):
    with pytest.raises(gm.InputError) as caught:
        three(**changes)
    assert message in str(caught.value)


def test_spares_go_to_the_older_job_first_then_to_the_graver_then_to_the_first_of_the_log():
    todo = jobs([(5, 0, 0, 3), (2, 1, 0, 3), (2, 0, 0, 3), (2, 0, 0, 3)])
    todo = replace(todo, needs_spare=np.ones((1, 4), dtype=bool))
    lacking = [without_spare(todo, stock)[0].tolist() for stock in range(5)]
    assert lacking == [[True] * 4, [True, True, False, True], [True, True, False, False], [True, False, False, False],
                       [False] * 4]  # fmt: skip


@pytest.mark.gate  # at each edit: a run repairs at the speed that it draws
def test_a_run_repairs_in_the_weather_that_it_meets(three):
    """It is -10 degC in the three regions."""
    settings = {"events": EVENTS, "end": "2026-01-08", "deterministic": False, "members": 3}
    warm, cold = (
        gm.run(three(**settings, cold_work_below_c=limit))["repair_end"].to_numpy() for limit in (-11.0, -9.0)
    )
    seen = ~np.isnat(cold)
    assert (warm[seen] <= cold[seen]).all()
    assert (warm[seen] < cold[seen]).any()


def test_a_run_repairs_at_the_speed_that_each_member_draws(three):
    """In a Saltelli design members share their damage, so that all that differs is the drawn travel."""
    scenario = three(events=[strike("TR-3/heat_source")], deterministic=False, members=8, sampling="saltelli",
                     crew_travel_h={"uniform": [0.0, 40.0]}, end="2026-01-09",
                     damage_state_probabilities=sure("slight"), repair_days={"heat_source": {"slight": [0.25, 0]}})  # fmt: skip
    result = gm.run(scenario)
    travel = result["drawn_value"].sel(setting="crew_travel_h").to_numpy()
    hours = (result["repair_end"] - result["repair_begin"]).to_numpy()[:, 0] / np.timedelta64(1, "h")
    assert hours.tolist() == np.ceil(travel + 6.0).tolist()


@pytest.mark.gate  # at each edit: the log of a run
def test_members_until_sure_enough_have_one_log(three):
    settings = {"events": EVENTS, "end": "2026-01-06", "deterministic": False}
    rule = {"metric": "energy_not_served", "share": 0.0001, "max_members": 51}
    auto = gm.run(three(**settings, members="auto", stop_at=rule))
    assert gm.repair_log(auto).equals(gm.repair_log(gm.run(three(**settings, members=51))))


def test_a_repair_event_makes_whole_what_was_struck_before_it_whoever_waits_for_what(three):
    events = [strike("TR-1/delivery"), strike("TR-1/delivery", at="2026-01-05 12:00"),
              {"time": "2026-01-05 10:00", "target": "NORTH/delivery", "kind": "repair"}]  # fmt: skip
    got = timeline(three(events=events, deterministic=False, members=1, spare_transformers=0,
                         damage_state_probabilities=sure("complete"))).repairs  # fmt: skip
    assert got.end[0].tolist() == [10, math.inf]


def test_a_new_transformer_works_from_the_first_whole_step_after_it_came():
    todo = replace(jobs([(4, 0, 0, 1)]), needs_spare=np.ones((1, 1), dtype=bool))
    assert finish(todo, np.array([[5.0]]), stock=0, lead_steps=np.array([[7.2]])).tolist() == [[12]]


def test_a_hit_that_does_no_damage_takes_no_crew_and_no_time(three):
    got = timeline(three(events=[strike("TR/heat_source", hits=5)], deterministic=False, members=3,
                         damage_state_probabilities=sure("none"))).repairs  # fmt: skip
    assert (got.end == 6).all()
    assert not got.busy.any()
    assert (got.state == 0).all()


def test_an_alert_stops_the_crews_of_its_region_only(three):
    alert = {"time": "2026-01-05 08:00", "target": "TR-1/crew", "kind": "alert", "duration_h": 5}
    left = timeline(three(events=[strike("TR-3/heat_source"), strike("TR-1/heat_source"), alert], **PLAIN,
                          deterministic=False, members=1, damage_state_probabilities=sure("slight"),
                          repair_days={"heat_source": {"slight": [0.25, 0]}})).heat_source[:, 0]  # fmt: skip
    assert np.flatnonzero(left[:, 2] < 1).tolist() == list(range(6, 12))
    assert np.flatnonzero(left[:, 0] < 1).tolist() == list(range(6, 17))


def test_what_is_whole_as_the_run_ends_has_an_end_in_the_log(three):
    result = gm.run(three(events=[strike("TR-3/heat_source", at="2026-01-05 18:00")], **PLAIN, deterministic=False,
                          members=1, damage_state_probabilities=sure("slight"),
                          repair_days={"heat_source": {"slight": [0.25, 0]}}))  # fmt: skip
    assert result["repair_end"].to_numpy()[0, 0] == np.datetime64("2026-01-06T00:00")
