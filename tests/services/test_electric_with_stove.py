"""Homes with electric heating and a stove to fall back on: they need power and no gas."""

import dataclasses

import numpy as np
import pytest
from services.towns import BARE, served, settled

from gridmodel.services.cohorts import Cohorts
from gridmodel.services.heat import step_homes, warm_start
from gridmodel.services.heat.causes_in_turns import COLD
from gridmodel.services.heat.cells import CellsState
from gridmodel.services.heat.own import OWN_KINDS
from gridmodel.services.heat.turns_line import ELECTRIC, ELECTRIC_STOVE, KINDS, STOVE
from gridmodel.vocabulary import HEAT_CAUSES, OWN_HEAT

BOILER, ELECTRIC_KIND = OWN_KINDS.index("own_with_stove"), OWN_KINDS.index("own_electric_with_stove")
ROTATIONS = pytest.mark.parametrize("cohorts", [1, 12], ids=["mean", "queues"])


def last_step(town, cohorts, *, hours=60, outdoor=-25.0, power=1.0, fuel=0.0):
    """Return the last step of a town under constant services; all sub-queues have the same power."""
    _, homes, numbers = town
    state = warm_start(homes, numbers, np.full(3, outdoor), 1, cohorts=cohorts)
    services = served(1, outdoor, home_power=power, fuel=fuel)
    if cohorts > 1:
        services = dataclasses.replace(services, cohorts=Cohorts(power=np.full((cohorts, 1, 3), power)))
    for _ in range(hours):
        got = step_homes(homes, state, numbers, services, step_h=1.0, heaters=False)
        state = got.state
    return got


def air_c(step, row):
    """Return the air of homes of a row of homes that take turns, whether they do or not."""
    turns = step.why.turns
    return float(turns.turns.air_c[row, 0, 0, 0] if turns else step.why.own.air_c[KINDS[row], 0, 0])


def only_with_stove(town, *, boilers=0.0, electric=1.0):
    """Return a town whose homes all have a stove to fall back on."""
    scenario, homes, numbers = town
    share = np.zeros_like(homes.own_share)
    share[BOILER], share[ELECTRIC_KIND] = boilers, electric
    return scenario, dataclasses.replace(homes, own_share=share, home_weight=0 * homes.home_weight), numbers


@ROTATIONS
def test_without_gas_a_home_with_electric_heating_and_a_stove_is_as_warm_as_one_without_a_stove(cohorts):
    got = last_step(settled(**BARE), cohorts)
    assert air_c(got, ELECTRIC_STOVE) == pytest.approx(20.0, abs=1e-3)
    assert air_c(got, ELECTRIC) == pytest.approx(20.0, abs=1e-3)
    assert air_c(got, STOVE) < 5.0  # its boiler has no gas


@ROTATIONS
@pytest.mark.parametrize("power", [0.0, 0.4])
def test_without_power_it_burns_its_stove_as_a_home_with_a_boiler_does_whose_gas_is_whole(cohorts, power):
    town = settled(**BARE)
    no_gas, gas = (last_step(town, cohorts, outdoor=-10.0, power=power, fuel=fuel) for fuel in (0.0, 1.0))
    assert air_c(no_gas, ELECTRIC_STOVE) == air_c(gas, STOVE)
    # at 0.6 of the design demand a stove alone holds 0.6 · 40 K above -10 °C, the mass a little less
    assert 14.0 < air_c(no_gas, ELECTRIC_STOVE) < (16.0 if power == 0 else 20.0)


@pytest.mark.parametrize("power", [0.0, 0.3, 1.0])
def test_the_mean_and_homes_that_take_turns_agree_on_it(power):
    mean, queues = (last_step(settled(**BARE), cohorts, power=power, fuel=0.3) for cohorts in (1, 12))
    assert air_c(mean, ELECTRIC_STOVE) == pytest.approx(air_c(queues, ELECTRIC_STOVE), abs=1e-3)
    assert mean.own_c == pytest.approx(queues.own_c, abs=1e-3)


@ROTATIONS
@pytest.mark.parametrize(("power", "cause"), [(1.0, "beyond_installed"), (0.0, "home_without_power")])
def test_gas_is_never_why_it_is_cold(cohorts, power, cause):
    # 1.6 times the design demand and nothing else holds 1.6 · 40 K: at -70 °C no more than -6 °C
    got = last_step(only_with_stove(settled(**BARE, own_heat_margin=1.6)), cohorts, outdoor=-70.0, power=power)
    assert air_c(got, ELECTRIC_STOVE) < 0.0
    share = got.why.causes()[0, 0]
    assert share[HEAT_CAUSES.index(cause)] == pytest.approx(1.0)
    assert share[HEAT_CAUSES.index("home_without_gas")] == 0.0


@ROTATIONS
def test_results_show_homes_with_a_stove_as_one_kind_at_the_mean_of_its_homes(cohorts):
    got = last_step(only_with_stove(settled(**BARE), boilers=0.3, electric=0.1), cohorts)
    assert got.own_c.shape[0] == len(OWN_HEAT)
    assert got.own_c[BOILER, 0, 0] == pytest.approx((3 * air_c(got, STOVE) + 20.0) / 4, abs=1e-3)
    assert got.cold_share[COLD, 0, 0] == pytest.approx(0.3)  # of each kind by its own air


@ROTATIONS
@pytest.mark.parametrize("fuel", [0.0, 0.5])
def test_more_stoves_to_fall_back_on_leave_no_more_homes_cold_in_a_failure_of_gas(cohorts, fuel):
    cold = []
    for stoves in (0.0, 0.4, 0.9):
        town = settled(
            **BARE, own_fallback_stove_share=[stoves, stoves], own_heat_powered_share=[0.0, 0.0], own_heat_margin=1.6
        )
        cold.append(last_step(town, cohorts, fuel=fuel).cold_share[COLD, 0])
    assert (np.diff(cold, axis=0) <= 0).all()
    assert cold[0].max() > 0.1


@ROTATIONS
def test_homes_saved_while_gas_was_whole_go_on_where_it_may_be_short(cohorts):
    town = settled(**BARE)
    _, homes, numbers = town
    many, few = (
        CellsState(every=warm_start(homes, numbers, np.full(3, -10.0), 1, cohorts=cohorts, gas_may_lack=may))
        for may in (True, False)
    )
    kept = few.as_saved().as_loaded(many)
    if cohorts == 1:
        assert len(kept.every.own_mass_c) == len(few.every.own_mass_c) + 1
        assert np.array_equal(kept.every.own_mass_c[ELECTRIC_KIND], few.every.own_mass_c[BOILER])
    else:
        assert (len(few.every.turns.mass_c), len(kept.every.turns.mass_c)) == (3, 5)
        assert np.array_equal(kept.every.turns.mass_c[ELECTRIC_STOVE], few.every.turns.mass_c[STOVE])
        assert np.array_equal(kept.every.turns.radiator_w[ELECTRIC], few.every.turns.radiator_w[0])
    assert len(many.as_saved().as_loaded(few).every.own_mass_c) == len(many.every.own_mass_c)
    services = served(1, -10.0, fuel=0.0)
    if cohorts > 1:
        services = dataclasses.replace(services, cohorts=Cohorts(power=np.ones((cohorts, 1, 3))))
    state = kept.every
    for _ in range(12):
        got = step_homes(homes, state, numbers, services, step_h=1.0, heaters=False)
        state = got.state
    assert air_c(got, ELECTRIC_STOVE) == pytest.approx(20.0, abs=1e-3)
    assert air_c(got, STOVE) < 19.0
