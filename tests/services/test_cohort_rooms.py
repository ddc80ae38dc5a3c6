"""Rooms of homes that take turns with their power, beside single homes followed one by one."""

import dataclasses

import numpy as np
import pytest
from conftest import sampled
from services.towns import served, settled

import gridmodel as gm
from gridmodel.services.cohorts import Cohorts, cohort_share
from gridmodel.services.heat import step_homes, warm_start
from gridmodel.services.heat.layered import columns_of
from gridmodel.services.heat.own import OWN_KINDS
from gridmodel.services.heat.turns import step_turns
from gridmodel.services.heat.turns_line import KINDS, POWERED
from gridmodel.vocabulary import ARCHETYPES, COLD_THRESHOLDS_C

BOILER = KINDS[POWERED]
SINGLE = 2e-4
"""Difference that single precision may make. [K]"""

DAYS, SETTLED = 8, 5
"""Days that are followed, and those after which homes repeat themselves."""
TOWN = {"building_inertia": [0.0, 0.0], "own_heat_margin": 1.6, "heater_feedback": False, "cooker_w_per_m2": 0.0}
OUTDOOR_C = -10.0
LAG_H = 0.55 + 0.4
"""Time for which radiators and rooms of these homes store heat. [h]"""
MINUTES = 0.25
"""Difference that homes followed by ten minutes may make. [K]"""


def on(hour, queue, on_h, off_h):
    """Whether a sub-queue has power: all have the same hours, each begins as much later as its number says."""
    return (hour + queue * (on_h + off_h) / 12) % (on_h + off_h) < on_h


def single_homes(on_h, off_h, town, *, homes=12):
    """Air of single homes, one of each sub-queue, shape ``(home, hour, ten minutes)``, by ISO 13790.

    Each has a boiler that stops without power, and water in radiators. Ten minutes are a step of their own: the boiler
    asks anew for what the walls need, radiators give it later.
    """
    _, built, numbers = town
    of, minutes = built.own_building, 10
    building = gm.heat.Building(
        **{one.name: float(np.ravel(getattr(of, one.name))[0]) for one in dataclasses.fields(of)}
    )
    most_w = float(built.own_w[0]) * float(np.ravel(numbers["own_heat_margin"])[0])
    mass = np.full(homes, float(gm.heat.steady_mass(building, outdoor_c=OUTDOOR_C, set_point_c=20.0, internal_w=3.0)))
    common = {"outdoor_c": OUTDOOR_C, "step_s": 60.0 * minutes}
    radiator_w = gm.heat.heating_need(building, mass_c=mass, set_point_c=20.0, internal_w=3.0, **common)
    goes, air = -np.expm1(-minutes / 60 / LAG_H), []
    for part in range(24 * DAYS * 60 // minutes):
        power = np.array([on(part * minutes // 60, queue, on_h, off_h) for queue in range(homes)])
        there = common | {"mass_c": mass, "internal_w": np.where(power, 3.0, 1.5)}
        asked_w = np.where(power, np.minimum(gm.heat.heating_need(building, set_point_c=20.0, **there), most_w), 0.0)
        full = radiator_w < asked_w
        end_w = radiator_w + (np.where(full, most_w, 0.0) - radiator_w) * goes
        end_w = np.where(full, np.minimum(end_w, asked_w), np.maximum(end_w, asked_w))
        there["heating_w"], radiator_w = 0.5 * (radiator_w + end_w), end_w
        after = gm.heat.step(building, **there)
        mass = after.mass_c
        air.append(after.air_c)
    return np.array(air).T.reshape(homes, 24 * DAYS, -1)


def town_in_turns(on_h, off_h, town, *, mean=False):
    """Steps of a town whose sub-queues take turns, or whose power is their mean."""
    _, homes, numbers = town
    state = warm_start(homes, numbers, np.full(3, OUTDOOR_C), 1, cohorts=1 if mean else 12)
    steps = []
    for hour in range(24 * DAYS):
        power = np.array([on(hour, queue, on_h, off_h) for queue in range(12)], dtype=float)
        services = served(1, OUTDOOR_C, home_power=power.mean())
        if not mean:
            services = dataclasses.replace(
                services, cohorts=Cohorts(power=np.broadcast_to(power[:, None, None], (12, 1, 3)))
            )
        steps.append(step_homes(homes, state, numbers, services, step_h=1.0, heaters=False))
        state = steps[-1].state
    return steps


def air_by_cohort(step):
    """Air of homes with boilers that have nothing but the grid, by cohort."""
    return step.why.turns.turns.air_c[POWERED, :, 0, 0]


def only(town, kind):
    """The same town, all homes of one kind of own heating."""
    scenario, homes, numbers = town
    share = np.zeros_like(homes.own_share)
    share[OWN_KINDS.index(kind)] = 1.0
    return scenario, dataclasses.replace(homes, own_share=share, home_weight=0 * homes.home_weight), numbers


@pytest.fixture(scope="module")
def town():
    """A town of draughty houses."""
    return settled(**TOWN)


@pytest.mark.parametrize(
    ("on_h", "off_h", "limit_c"), [pytest.param(4, 2, 16.0, marks=pytest.mark.long), (6, 6, 12.0)],
    ids=["below 16 with four hours on and two off", "below 12 with six and six"],
)  # fmt: skip
def test_cohorts_are_as_cold_as_single_homes_that_take_turns(town, on_h, off_h, limit_c):
    steps = town_in_turns(on_h, off_h, town)
    alone = single_homes(on_h, off_h, town)
    together = np.array([air_by_cohort(step) for step in steps]).T
    assert together == pytest.approx(alone.mean(axis=2), abs=MINUTES)
    late = slice(24 * SETTLED, None)
    bare = town_in_turns(on_h, off_h, only(town, "own_gas_powered"))[late]
    for place, threshold_c in enumerate(COLD_THRESHOLDS_C):
        counted = np.mean([step.cold_share[place, 0, 0] for step in bare])
        assert counted == pytest.approx((alone[:, late] < threshold_c).mean(), abs=0.01), threshold_c
    kelvin = np.mean([step.degree_hours[0, 0] for step in bare])
    assert kelvin == pytest.approx(np.maximum(18.0 - alone[:, late], 0.0).mean(), rel=0.02)
    # a mean over all homes sees no one that cold
    mean = town_in_turns(on_h, off_h, town, mean=True)
    assert min(step.own_c[BOILER, 0, 0] for step in mean[late]) > limit_c


def test_people_are_away_for_the_part_of_an_hour_for_which_their_home_is_cold():
    at_once = {"leave_share": [0.5, 0.5], "leave_after_h": 0.0, "leave_tau_h": 1e-6}  # half of those in a cold home
    leaving = settled(**TOWN, **at_once)
    steps = town_in_turns(6, 6, only(leaving, "own_gas_powered"))[24 * SETTLED :]
    left = np.array([step.left_share[0, 0] for step in steps])
    assert left == pytest.approx([0.5 * step.cold_share[2, 0, 0] for step in steps], rel=1e-6)
    alone = single_homes(6, 6, leaving)[:, 24 * SETTLED :]
    assert left.mean() == pytest.approx(0.5 * (alone < 12.0).mean(), abs=0.005)
    assert 0.02 < left.mean() < 0.4


def test_the_temperature_of_a_kind_is_the_mean_of_its_cohorts_and_quantiles_lie_around_it(town):
    step = town_in_turns(6, 6, town)[-1]
    mean = step.air_c[0, 0, len(ARCHETYPES) + BOILER, 0]
    assert mean == pytest.approx(air_by_cohort(step).mean(), abs=SINGLE)
    low, middle, high = step.own_quantiles_c[:, 0, 0]
    assert low < middle < high
    assert low < mean < high


def test_cohorts_and_layers_that_always_have_the_same_power_are_one(town):
    _, homes, numbers = town
    breaking = np.arange(3)
    many = warm_start(homes, numbers, np.full(3, OUTDOOR_C), 1, cohorts=12, breaking=breaking)
    one = warm_start(homes, numbers, np.full(3, OUTDOOR_C), 1)
    for hour in range(60):
        on = 0.0 if hour == 21 else 0.1 if hour > 5 else 1.0  # when feeders break, nobody has power anyway
        services = served(1, OUTDOOR_C, home_power=on)
        by_cohort = dataclasses.replace(
            services, cohorts=Cohorts(power=np.full((12, 1, 3), on)), columns=columns_of(homes, breaking),
            broken=np.array([[0.0, 0.3, 0.7]]) * (hour == 21),
        )  # fmt: skip
        got = step_homes(homes, many, numbers, by_cohort, step_h=1.0)
        expected = step_homes(homes, one, numbers, services, step_h=1.0)
        many, one = got.state, expected.state
    assert many.turns.layers.used.tolist() == [[False, True, True]]
    assert got.air_c == pytest.approx(expected.air_c, nan_ok=True, abs=SINGLE)
    for name in ("cold_share", "degree_hours", "heater_mw", "heater_homes", "left_share"):
        assert getattr(got, name) == pytest.approx(getattr(expected, name), rel=1e-5, abs=1e-6), name
    people = [1e6 * step.why.causes() for step in (got, expected)]
    assert people[0] == pytest.approx(people[1], rel=1e-5, abs=1.0)
    assert people[1].sum() > 0


@pytest.mark.parametrize("fuel", sampled([1.0, 0.6], 2, first=1))
def test_rows_of_homes_are_heated_as_their_kinds_are(town, fuel):
    """Each cohort with a power of its own, as if it were a region of a mean."""
    _, homes, numbers = town
    powers = np.linspace(0.0, 1.0, 12)
    state = warm_start(homes, numbers, np.full(3, OUTDOOR_C), 1, cohorts=12)
    means = [warm_start(homes, numbers, np.full(3, OUTDOOR_C), 1) for _ in powers]
    for _ in range(60):
        cohorts = Cohorts(power=np.broadcast_to(powers[:, None, None], (12, 1, 3)))
        services = dataclasses.replace(served(1, OUTDOOR_C, home_power=powers.mean(), fuel=fuel), cohorts=cohorts)
        got = step_homes(homes, state, numbers, services, step_h=1.0)
        state = got.state
        alone = [
            step_homes(homes, mean, numbers, served(1, OUTDOOR_C, home_power=power, fuel=fuel), step_h=1.0)
            for mean, power in zip(means, powers, strict=True)
        ]  # fmt: skip
        means = [one.state for one in alone]
    air = got.why.turns.turns.air_c
    expected = np.array([one.why.own.air_c[list(KINDS)] for one in alone]).swapaxes(0, 1)
    assert air == pytest.approx(expected, abs=5 * SINGLE)
    assert np.ptp(air[POWERED]) > 10
    charge = np.array([one.state.own_charge_h for one in alone])
    assert state.turns.charge_h == pytest.approx(charge, abs=1e-3)
    heaters = np.array([one.state.own_heater_w[list(KINDS)] for one in alone]).swapaxes(0, 1)
    assert state.turns.heater_w == pytest.approx(heaters, abs=0.01)
    assert heaters.max() > 1


def on_broken_feeders(town, course, *, layers=True):
    """Steps of a town whose feeders break in a course of b, sub-queues four hours on and two off; region 0 of it."""
    _, homes, numbers = town
    breaking = np.array([0])
    state = warm_start(homes, numbers, np.full(3, OUTDOOR_C), 1, cohorts=12, breaking=breaking if layers else None)
    steps = []
    for hour, broken in enumerate(course):
        power = np.array([on(hour, queue, 4, 2) for queue in range(12)], dtype=float)
        services = dataclasses.replace(
            served(1, OUTDOOR_C, home_power=(1.0 - broken) * power.mean()),
            cohorts=Cohorts(power=np.broadcast_to(power[:, None, None], (12, 1, 3))),
        )  # fmt: skip
        if layers:
            broken_share = np.array([[broken, 0.0, 0.0]])
            services = dataclasses.replace(services, broken=broken_share, columns=columns_of(homes, breaking))
        steps.append(step_homes(homes, state, numbers, services, step_h=1.0, heaters=False))
        state = steps[-1].state
    return steps


RANKS = 200


def single_homes_by_rank(town, course):
    """Shares below 18, 16, 12 and 10 °C by hour of 2,400 homes, one for each sub-queue and 200 ranks of feeders."""
    _, homes, numbers = town
    rank = (np.arange(RANKS) + 0.5) / RANKS
    homes = dataclasses.replace(homes, own_share=np.repeat(homes.own_share, RANKS, axis=1))
    numbers = numbers.part(np.zeros(RANKS, dtype=int))
    state, shares = warm_start(homes, numbers, np.full(3, OUTDOOR_C), RANKS, cohorts=12).turns, []
    for hour, broken in enumerate(course):
        queue = np.array([on(hour, queue, 4, 2) for queue in range(12)], dtype=float)
        power = np.repeat((queue[:, None] * (rank >= broken))[..., None], 3, axis=-1)
        state, done = step_turns(
            homes, state, numbers, Cohorts(power=power), outdoor_c=np.full(3, OUTDOOR_C), fuel=np.ones((1, 1)),
            sun_w=None, step_h=1.0, heaters=False,
        )  # fmt: skip
        shares.append((done.cold_share[..., 0] / homes.own_share[BOILER, :, 0]).mean(axis=1))
    return np.array(shares)


def test_homes_on_broken_feeders_are_as_cold_as_single_homes(town):
    """A tenth to half of feeders broken, more in the evening: 2,400 homes followed on their own."""
    bare = only(town, "own_gas_powered")
    hour = np.arange(96)
    course = np.where(hour < 6, 0.0, 0.32 + 0.2 * np.sin(2 * np.pi * (hour - 12) / 24))
    expected, steps = single_homes_by_rank(bare, course), on_broken_feeders(bare, course)
    share = bare[1].own_share[BOILER, 0, 0]
    got = np.array([step.cold_share[:, 0, 0] for step in steps]) / share
    assert got.sum(axis=0) == pytest.approx(expected.sum(axis=0), rel=0.04, abs=0.2)
    assert np.abs(got - expected).mean(axis=0).max() < 0.02
    assert np.abs(got - expected).max() < 0.2  # a layer that crosses a threshold some hours earlier or later
    assert expected[-1, COLD_THRESHOLDS_C.index(12.0)] > 0.2
    people = steps[-1].why.causes()
    assert people.sum(axis=-1)[0] == pytest.approx(steps[-1].cold_share[COLD_THRESHOLDS_C.index(12.0), 0], rel=1e-6)


def test_a_constant_part_of_broken_feeders_is_exact(town):
    bare = only(town, "own_gas_powered")
    course = [0.0] * 2 + [0.5] * 30 + [0.2] * 30
    expected, steps = single_homes_by_rank(bare, course), on_broken_feeders(bare, course)
    got = np.array([step.cold_share[:, 0, 0] for step in steps]) / bare[1].own_share[BOILER, 0, 0]
    assert got == pytest.approx(expected, abs=1e-6)
    assert np.ptp(expected[:, 0]) > 0.3
    # elsewhere nobody notices
    alone = on_broken_feeders(bare, [0.0] * len(course), layers=False)
    assert np.array_equal(steps[-1].cold_share[..., 1:], alone[-1].cold_share[..., 1:])
    assert np.array_equal(steps[-1].own_quantiles_c[..., 1:], alone[-1].own_quantiles_c[..., 1:])


def apart(town, on_h, off_h, outside, *, hours=24 * DAYS):
    """Steps of a town whose sub-queues take turns while homes outside them, a share by region, always have power."""
    _, homes, numbers = town
    state = warm_start(homes, numbers, np.full(3, OUTDOOR_C), 1, cohorts=13)
    steps = []
    for hour in range(hours):
        power = np.array([*(on(hour, queue, on_h, off_h) for queue in range(12)), 1.0], dtype=float)
        power = np.broadcast_to(power[:, None, None], (13, 1, 3))
        cohorts = Cohorts(power=power, outside=outside)
        services = dataclasses.replace(
            served(1, OUTDOOR_C, home_power=(cohorts.share * power).sum(axis=0)), cohorts=cohorts
        )
        steps.append(step_homes(homes, state, numbers, services, step_h=1.0, heaters=False))
        state = steps[-1].state
    return steps


@pytest.mark.gate  # at each edit: cohorts as cold as single homes
def test_homes_outside_the_queues_stay_warm_among_single_homes_that_take_turns(town):
    """Of a hundred homes twenty always have power, eighty take turns: each followed on its own."""
    bare = only(town, "own_gas_powered")
    outside = np.array([[0.2, 0.0, 1.0]])
    steps = apart(bare, 6, 6, outside)
    alone = np.append(single_homes(6, 6, town), single_homes(24, 0, town, homes=1), axis=0)
    assert alone[12] == pytest.approx(np.full(alone[12].shape, 20.0), abs=MINUTES)
    weight = np.array([0.8 / 12] * 12 + [0.2])
    for hour in (24 * SETTLED, 24 * SETTLED + 7):
        air = alone[:, hour].mean(axis=1)
        for limit_c, got in zip(COLD_THRESHOLDS_C, steps[hour].cold_share, strict=True):
            below = (alone[:, hour] < limit_c).mean(axis=1)
            assert got[0, 0] == pytest.approx(weight @ below, abs=0.02), limit_c
            assert got[0, 1] == pytest.approx(below[:12].mean(), abs=0.02), limit_c
            assert got[0, 2] == 0.0
        order = np.argsort(air)
        middle = air[order][np.searchsorted(np.cumsum(weight[order]), [0.1, 0.5, 0.9], side="left")]
        assert steps[hour].own_quantiles_c[:, 0, 0] == pytest.approx(middle, abs=MINUTES)
        assert steps[hour].own_c[BOILER, 0, 0] == pytest.approx(weight @ air, abs=MINUTES)


def test_a_region_without_homes_outside_the_queues_is_the_same_whatever_its_neighbours_have(town):
    alone = town_in_turns(6, 6, town)[:40]
    beside = apart(town, 6, 6, np.array([[0.0, 0.3, 0.0]]), hours=40)
    assert cohort_share(13, np.zeros((1, 1)))[[0, 12], 0, 0].tolist() == [1 / 12, 0.0]
    for one, two in zip(alone, beside, strict=True):
        for name in ("cold_share", "degree_hours", "own_quantiles_c", "own_c", "left_share"):
            assert np.array_equal(getattr(one, name)[..., ::2], getattr(two, name)[..., ::2]), name
        assert np.array_equal(one.state.turns.mass_c, two.state.turns.mass_c[:, :12])
