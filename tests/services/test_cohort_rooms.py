"""Rooms of homes that take turns with their power, beside single homes followed one by one."""

import dataclasses

import numpy as np
import pytest
from conftest import sampled
from services.towns import served, settled

import gridmodel as gm
from gridmodel.services.cohorts import Cohorts, cohort_share
from gridmodel.services.heat import step_homes, warm_start
from gridmodel.services.heat.turns import KINDS, POWERED
from gridmodel.vocabulary import ARCHETYPES, COLD_THRESHOLDS_C, OWN_HEAT

BOILER = KINDS[POWERED]
SINGLE = 2e-4
"""Difference that single precision may make. [K]"""

DAYS, SETTLED = 12, 8
"""Days that are followed, and those after which homes repeat themselves."""
TOWN = {"building_inertia": [0.0, 0.0], "own_heat_margin": 1.6, "heater_feedback": False}
OUTDOOR_C = -10.0
LAG_H = 0.55 + 0.4
"""Time for which radiators and rooms of these homes store heat. [h]"""
MINUTES = 0.02
"""Difference that radiators followed by minutes may make. [K]"""


def on(hour, queue, on_h, off_h):
    """Whether a sub-queue has power: all have the same hours, each begins as much later as its number says."""
    return (hour + queue * (on_h + off_h) / 12) % (on_h + off_h) < on_h


def from_radiators(before_w, asked_w, most_w):
    """Heat that radiators give in an hour, and at its end, minute by minute."""
    given_w = 0.0
    for _ in range(60):
        full = before_w < asked_w
        after_w = before_w + ((most_w if full else 0.0) - before_w) * -np.expm1(-1 / 60 / LAG_H)
        after_w = min(after_w, asked_w) if full else max(after_w, asked_w)
        given_w, before_w = given_w + (before_w + after_w) / 120, after_w
    return given_w, before_w


def single_home(queue, on_h, off_h, town):
    """Air of one home by hour, by ISO 13790: a boiler that stops without power, water in radiators, a cooker."""
    _, homes, numbers = town
    of = homes.own_building
    building = gm.heat.Building(
        **{one.name: float(np.ravel(getattr(of, one.name))[0]) for one in dataclasses.fields(of)}
    )
    most_w = float(homes.own_w[0]) * float(np.ravel(numbers["own_heat_margin"])[0])
    mass, air = float(gm.heat.steady_mass(building, outdoor_c=OUTDOOR_C, set_point_c=20.0, internal_w=3.0)), []
    start = {"mass_c": mass, "outdoor_c": OUTDOOR_C, "internal_w": 3.0, "step_s": 60.0}
    radiator_w = float(gm.heat.heating_need(building, set_point_c=20.0, **start))
    for hour in range(24 * DAYS):
        power = on(hour, queue, on_h, off_h)
        there = {"mass_c": mass, "outdoor_c": OUTDOOR_C, "internal_w": 3.0 if power else 1.5}
        need_w = float(gm.heat.heating_need(building, set_point_c=20.0, **there))
        asked_w = min(need_w, most_w) if power else 0.0
        there["heating_w"], radiator_w = from_radiators(radiator_w, asked_w, most_w)
        after = gm.heat.step(building, **there)
        if after.air_c < 14.0:
            warmer = gm.heat.step(building, **(there | {"internal_w": there["internal_w"] + 1.0})).air_c
            cooker_w = min((14.0 - float(after.air_c)) / float(warmer - after.air_c), 10.0)
            after = gm.heat.step(building, **(there | {"internal_w": there["internal_w"] + cooker_w}))
        mass = float(after.mass_c)
        air.append(float(after.air_c))
    return np.array(air)


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
                services, cohorts=Cohorts(power=np.broadcast_to(power[:, None, None], (12, 1, 3)), broken=None)
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
    share[OWN_HEAT.index(kind)] = 1.0
    return scenario, dataclasses.replace(homes, own_share=share, home_weight=0 * homes.home_weight), numbers


@pytest.fixture(scope="module")
def town():
    """A town of draughty houses."""
    return settled(**TOWN)


@pytest.mark.parametrize(
    ("on_h", "off_h", "limit_c", "expected"),
    [pytest.param(4, 2, 16.0, 1 / 6, marks=pytest.mark.long), (6, 6, 12.0, 1 / 4)],
    ids=["a sixth below 16 with four hours on and two off", "a quarter below 12 with six and six"],
)
def test_cohorts_are_as_cold_as_single_homes_that_take_turns(town, on_h, off_h, limit_c, expected):
    steps = town_in_turns(on_h, off_h, town)
    alone = np.array([single_home(queue, on_h, off_h, town) for queue in range(12)])
    together = np.array([air_by_cohort(step) for step in steps]).T
    assert together == pytest.approx(alone, abs=MINUTES)
    late = slice(24 * SETTLED, None)
    assert (alone[:, late] < limit_c).mean() == pytest.approx(expected, abs=0.01)
    place = COLD_THRESHOLDS_C.index(limit_c)
    bare = only(town, "own_gas_powered")
    counted = np.mean([step.cold_share[place, 0, 0] for step in town_in_turns(on_h, off_h, bare)[late]])
    assert counted == pytest.approx(expected, abs=0.01)
    # a mean over all homes sees no one that cold
    mean = town_in_turns(on_h, off_h, town, mean=True)
    assert min(step.own_c[BOILER, 0, 0] for step in mean[late]) > limit_c


def test_the_temperature_of_a_kind_is_the_mean_of_its_cohorts_and_quantiles_lie_around_it(town):
    step = town_in_turns(6, 6, town)[-1]
    mean = step.air_c[0, 0, len(ARCHETYPES) + BOILER, 0]
    assert mean == pytest.approx(air_by_cohort(step).mean(), abs=SINGLE)
    low, middle, high = step.own_quantiles_c[:, 0, 0]
    assert low < middle < high
    assert low < mean < high


def test_cohorts_that_always_have_the_same_power_are_one(town):
    _, homes, numbers = town
    many, one = (warm_start(homes, numbers, np.full(3, OUTDOOR_C), 1, cohorts=count) for count in (13, 1))
    broken = np.array([[0.0, 0.3, 1.0]])
    for hour in range(60):
        services = served(1, OUTDOOR_C, home_power=0.1 if hour > 5 else 1.0)
        power = np.broadcast_to(services.home_power, (13, 1, 3))
        by_cohort = dataclasses.replace(services, cohorts=Cohorts(power=power, broken=broken * (hour > 20)))
        got = step_homes(homes, many, numbers, by_cohort, step_h=1.0)
        expected = step_homes(homes, one, numbers, services, step_h=1.0)
        many, one = got.state, expected.state
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
        cohorts = Cohorts(power=np.broadcast_to(powers[:, None, None], (12, 1, 3)), broken=None)
        services = dataclasses.replace(served(1, OUTDOOR_C, home_power=powers.mean(), fuel=fuel), cohorts=cohorts)
        got = step_homes(homes, state, numbers, services, step_h=1.0)
        state = got.state
        alone = [
            step_homes(homes, mean, numbers, served(1, OUTDOOR_C, home_power=power, fuel=fuel), step_h=1.0)
            for mean, power in zip(means, powers, strict=True)
        ]  # fmt: skip
        means = [one.state for one in alone]
    air = got.why.turns.turns.air_c
    expected = np.array([one.own_c[list(KINDS)] for one in alone]).swapaxes(0, 1)
    assert air == pytest.approx(expected, abs=5 * SINGLE)
    assert np.ptp(air[POWERED]) > 10
    charge = np.array([one.state.own_charge_h for one in alone])
    assert state.turns.charge_h == pytest.approx(charge, abs=1e-3)
    heaters = np.array([one.state.own_heater_w[list(KINDS)] for one in alone]).swapaxes(0, 1)
    assert state.turns.heater_w == pytest.approx(heaters, abs=0.01)
    assert heaters.max() > 1


def test_homes_take_their_warmth_along_when_feeders_break(town):
    _, homes, numbers = town
    state = warm_start(homes, numbers, np.full(3, OUTDOOR_C), 1, cohorts=13)
    power = np.ones((13, 1, 3))
    power[12] = 0.0
    for hour, broken in enumerate([0.0] * 2 + [0.5] * 30 + [0.2] * 2):
        cohorts = Cohorts(power=power if broken else np.ones((13, 1, 3)), broken=np.full((1, 3), broken))
        services = served(1, OUTDOOR_C, home_power=1.0 - broken)
        got = step_homes(homes, state, numbers, dataclasses.replace(services, cohorts=cohorts), step_h=1.0)
        before, state = state, got.state
        if hour == 2:  # homes that have just lost their power are as warm as all were
            assert np.array_equal(before.turns.mass_c[POWERED, 12], before.turns.mass_c[POWERED, 0])
    air = air_by_cohort(got)
    assert air[12] < 12.0
    assert air[0] > 18.0
    assert got.cold_share[COLD_THRESHOLDS_C.index(12.0), 0, 0] >= 0.2 * homes.own_share[BOILER, 0, 0] - 1e-9


def apart(town, on_h, off_h, outside, *, hours=24 * DAYS):
    """Steps of a town whose sub-queues take turns while homes outside them, a share by region, always have power."""
    _, homes, numbers = town
    state = warm_start(homes, numbers, np.full(3, OUTDOOR_C), 1, cohorts=13)
    steps = []
    for hour in range(hours):
        power = np.array([*(on(hour, queue, on_h, off_h) for queue in range(12)), 1.0], dtype=float)
        power = np.broadcast_to(power[:, None, None], (13, 1, 3))
        cohorts = Cohorts(power=power, broken=None, outside=outside)
        services = dataclasses.replace(
            served(1, OUTDOOR_C, home_power=(cohorts.share * power).sum(axis=0)), cohorts=cohorts
        )
        steps.append(step_homes(homes, state, numbers, services, step_h=1.0, heaters=False))
        state = steps[-1].state
    return steps


def test_homes_outside_the_queues_stay_warm_among_single_homes_that_take_turns(town):
    """Of a hundred homes twenty always have power, eighty take turns: each followed on its own."""
    bare = only(town, "own_gas_powered")
    outside = np.array([[0.2, 0.0, 1.0]])
    steps = apart(bare, 6, 6, outside)
    queued = np.array([single_home(queue, 6, 6, town) for queue in range(12)])
    always = single_home(0, 24, 0, town)
    assert always == pytest.approx(np.full(24 * DAYS, 20.0), abs=MINUTES)
    weight = np.array([0.8 / 12] * 12 + [0.2])
    for hour in (24 * SETTLED, 24 * SETTLED + 7):
        air = np.append(queued[:, hour], always[hour])
        for limit_c, got in zip(COLD_THRESHOLDS_C, steps[hour].cold_share, strict=True):
            assert got[0, 0] == pytest.approx(weight[air < limit_c - MINUTES].sum(), abs=1e-6), limit_c
            assert got[0, 1] == pytest.approx((air[:12] < limit_c - MINUTES).mean(), abs=1e-6), limit_c
            assert got[0, 2] == 0.0
        order = np.argsort(air)
        middle = air[order][np.searchsorted(np.cumsum(weight[order]), [0.1, 0.5, 0.9], side="left")]
        assert steps[hour].own_quantiles_c[:, 0, 0] == pytest.approx(middle, abs=MINUTES)
        assert steps[hour].own_c[BOILER, 0, 0] == pytest.approx(weight @ air, abs=MINUTES)


def test_a_region_without_homes_outside_the_queues_is_the_same_whatever_its_neighbours_have(town):
    alone = town_in_turns(6, 6, town)[:40]
    beside = apart(town, 6, 6, np.array([[0.0, 0.3, 0.0]]), hours=40)
    assert cohort_share(None, 13, np.zeros((1, 1)))[[0, 12], 0, 0].tolist() == [1 / 12, 0.0]
    for one, two in zip(alone, beside, strict=True):
        for name in ("cold_share", "degree_hours", "own_quantiles_c", "own_c", "left_share"):
            assert np.array_equal(getattr(one, name)[..., ::2], getattr(two, name)[..., ::2]), name
        assert np.array_equal(one.state.turns.mass_c, two.state.turns.mass_c[:, :12])
