"""Batteries behind the meter where a part of a cohort is off: each place has its own, and who went off last is first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.battery_sites import HEAT, TELECOM, batteries, course, of, single_sites

import gridmodel as gm
from gridmodel.services.battery_parts import MOST
from gridmodel.services.carried import arrays_of
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import advance, empty_record, simulate

PLACES = (np.arange(100) + 0.5) / 100
"""Where homes of a cohort stand among all that may be off: those before its off share are."""


def alike(on, *, step_h, cohorts=12):
    """Share of each cohort that is on, shape (step, cohort), of values and the hours for which all have them."""
    return np.repeat([value for value, _ in on], [round(hours / step_h) for _, hours in on])[:, None].repeat(
        cohorts, axis=1
    )


@pytest.mark.parametrize("step_h", [0.25, 1.0])
@pytest.mark.parametrize("charge_h", [0.25, 4.0, 24.0])
@pytest.mark.parametrize("full_h", [0.25, 2.0])
def test_the_half_of_a_cohort_that_is_off_has_its_own_batteries_and_not_those_of_the_half_that_is_on(
    full_h, charge_h, step_h
):
    made = batteries(charge_h=charge_h, telecom=full_h, heat=full_h)
    steps = course(made, alike([(0.5, 12)], step_h=step_h), step_h=step_h)
    bridged = step_h * np.cumsum(of(steps, "share", TELECOM))
    assert bridged[-1] == pytest.approx(0.5 * full_h)
    assert bridged[round(max(full_h, step_h) / step_h) - 1] == pytest.approx(0.5 * full_h)
    assert of(steps, "energy_mwh", TELECOM)[-1] == pytest.approx(10 * 0.5 * full_h)
    assert not of(steps, "wanted_mw", TELECOM).any()
    # a quarter of plant hangs on feeders of homes
    assert step_h * of(steps, "share", HEAT).sum() == pytest.approx(0.25 * 0.5 * full_h)


def test_homes_outside_the_queues_that_are_off_in_part_have_their_own_batteries():
    # two fifths are outside, and a half of these is off beside all sub-queues
    on = np.repeat([[0.0, 0.5]], [12, 1], axis=1)
    steps = course(batteries(telecom=2.0), np.repeat(on, 6, axis=0), outside=0.4)
    assert of(steps, "share", TELECOM) == pytest.approx([0.8, 0.8, 0, 0, 0, 0])


@pytest.mark.parametrize("step_h", [0.25, 1.0])
def test_homes_that_go_off_for_an_hour_beside_others_bridge_it_and_charge_what_they_gave(step_h):
    # a half is off for seven hours, and its batteries of two hours are empty; then 0.24 more for an hour
    on = alike([(0.5, 7), (0.26, 1), (0.5, 8)], step_h=step_h)
    steps = course(batteries(telecom=2.0), on, step_h=step_h)
    shares = np.repeat([0.5, 0.0, 0.24, 0.0], [round(hours / step_h) for hours in (2, 5, 1, 8)])
    assert of(steps, "share", TELECOM) == pytest.approx(shares)
    assert of(steps, "energy_mwh", TELECOM)[-1] == pytest.approx(10 * 0.5 * 2.0)
    # the grid brings it to the half that is on
    reached_mwh = 0.5 * step_h * of(steps, "wanted_mw", TELECOM).sum()
    assert reached_mwh == pytest.approx(10 * 0.24 / 0.8)


def test_who_went_off_last_returns_first_and_others_stay_empty():
    # a half is off for three hours and 0.3 more for one; then those 0.3 and 0.2 of the others return
    steps = course(batteries(telecom=2.0), alike([(0.5, 3), (0.2, 1), (0.7, 12), (0.4, 3)], step_h=1.0))
    shares = of(steps, "share", TELECOM)
    assert shares[:4] == pytest.approx([0.5, 0.5, 0.0, 0.3])
    assert shares[4:16] == pytest.approx(0, abs=1e-9)
    # those 0.3 that go off again are full
    assert shares[16:] == pytest.approx([0.3, 0.3, 0.0])


def test_places_that_were_off_in_part_are_told_apart_while_all_of_their_cohort_is_off():
    # a half is empty as the other half goes off too, which has two hours
    steps = course(batteries(telecom=2.0), alike([(0.5, 3), (0.0, 3), (0.4, 2)], step_h=1.0))
    assert of(steps, "share", TELECOM) == pytest.approx([0.5, 0.5, 0, 0.5, 0.5, 0, 0, 0])


def test_homes_that_break_are_any_of_those_that_are_on_and_off_and_so_are_those_that_come_back():
    # a half of all is off for three hours and empty; then a half of all feeders breaks, of whose homes half are empty
    on = alike([(0.5, 9), (1.0, 3)], step_h=1.0)
    steps = course(batteries(telecom=2.0), on, broken=np.repeat([0.0, 0.5, 0.0], [3, 3, 6]))
    # their mean lasts for an hour
    assert of(steps, "share", TELECOM)[:6] == pytest.approx([0.5, 0.5, 0.0, 0.5, 0.0, 0.0])
    # half of those that are mended are on, and all are once the others are; with what they gave
    energy = of(steps, "energy_mwh", TELECOM)
    assert energy[5] == pytest.approx(10 * 0.25 * 2.0)
    assert energy[6] == pytest.approx(10 * (0.5 * (1.0 + 0.5)))
    assert (np.diff(energy[6:]) >= 0).all()


def test_a_difference_of_rounding_is_no_part_of_its_own_and_loses_nothing():
    rng = np.random.default_rng(1)
    on = alike([(0.5, 40), (1.0, 4)], step_h=1.0) + rng.uniform(-4e-7, 4e-7, (44, 1))
    steps = course(batteries(telecom=2.0), np.clip(on, 0.0, 1.0))
    assert len(steps[39].state.parts.cell) == 12
    assert ((steps[39].state.parts.share > 0).sum(axis=0) == 1).all()
    assert not len(steps[41].state.parts.cell)
    assert of(steps, "share", TELECOM)[:4] == pytest.approx([0.5, 0.5, 0.0, 0.0], abs=2e-6)


def test_more_parts_than_are_followed_become_one_and_their_batteries_give_what_they_had():
    # six tenths of a cohort go off one after the other, each with four hours
    on = alike([(1 - done / 10, 1) for done in range(1, 7)] + [(0.4, 6), (0.9, 1)], step_h=1.0)
    steps = course(batteries(telecom=4.0), on)
    assert of(steps, "share", TELECOM)[:4] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert of(steps, "share", TELECOM)[:12].sum() == pytest.approx(0.6 * 4.0)
    assert of(steps, "energy_mwh", TELECOM)[11] == pytest.approx(10 * 0.4 * 4.0)
    assert len(steps[11].state.parts.share) == MOST
    # then all but a tenth return, and 0.9 of the cohort charge an hour of four in four hours
    assert of(steps, "energy_mwh", TELECOM)[12] == pytest.approx(10 * (0.4 * 4.0 + 0.9))


def test_batteries_of_a_part_that_end_within_a_step_are_told_with_the_time_that_is_left():
    steps = course(batteries(charge_h=0.25, telecom=0.25), alike([(0.5, 2)], step_h=1.0))
    assert steps[0].ending.share[0, 0, TELECOM] == pytest.approx(0.5)
    assert steps[0].ending.after[0, 0, TELECOM] == pytest.approx(0.75)
    assert steps[1].ending is None


def single_places(off, *, step_h, charge_h):
    """Share on their own batteries of two hours and mean energy, of a hundred places in each cohort."""
    return single_sites(off[..., None] <= PLACES, step_h=step_h, charge_h=charge_h)


def random_off(rng, hours, *, longest_h):
    """Off shares of twelve cohorts by hour: each stays for some hours, shape (hour, cohort)."""
    courses = []
    for _ in range(12):
        levels, lasts = rng.integers(0, 101, hours) / 100, rng.integers(1, longest_h + 1, hours)
        courses.append(np.repeat(levels, lasts)[:hours])
    return np.array(courses).T


LEVELS = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 6)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=25)
@given(st.lists(LEVELS, min_size=4, max_size=4), st.sampled_from([0.25, 1.0]))
def test_batteries_that_are_full_again_within_the_quarter_bridge_as_single_ones_at_a_hundred_places(levels, step_h):
    hours = [np.repeat([share for share, _ in one], [lasts for _, lasts in one])[:48] / 100 for one in levels]
    off = np.array([np.pad(one, (0, 50 - len(one))) for one in hours] * 3).T.repeat(round(1 / step_h), axis=0)
    steps = course(batteries(charge_h=0.25, telecom=2.0), 1.0 - off, step_h=step_h)
    shares, energy = single_places(off, step_h=step_h, charge_h=0.25)
    assert of(steps, "share", TELECOM) == pytest.approx(shares, abs=1e-9)
    assert of(steps, "energy_mwh", TELECOM) == pytest.approx(10 * energy, abs=1e-9)


@pytest.mark.parametrize("step_h", [0.25, 1.0])
@pytest.mark.parametrize(("longest_h", "more"), [(1, 0.40), (6, 0.08), (12, 0.04)])
def test_batteries_that_charge_for_hours_bridge_as_single_ones_but_for_those_that_return_before_they_are_full(
    longest_h, more, step_h
):
    # those that return are mixed with those that are on; in hours of random shares, who returns soon goes off again
    for seed in range(3):
        off = random_off(np.random.default_rng(seed), 72, longest_h=longest_h).repeat(round(1 / step_h), axis=0)
        steps = course(batteries(telecom=2.0), 1.0 - off, step_h=step_h)
        shares, energy = single_places(off, step_h=step_h, charge_h=4.0)
        bridged = of(steps, "share", TELECOM).sum() / shares.sum()
        assert 1.0 <= bridged < 1.0 + more
        assert of(steps, "energy_mwh", TELECOM) == pytest.approx(10 * energy, abs=10 * 0.3)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.lists(st.integers(0, 100), min_size=6, max_size=6), min_size=1, max_size=16),
    st.sampled_from([0.25, 1.0]), st.sampled_from([0.25, 4.0]), st.sampled_from([None, 0.4]), st.booleans(),
)  # fmt: skip
def test_batteries_hold_what_the_grid_brought_less_what_they_gave_wherever_homes_go_off_break_and_return(
    levels, step_h, charge_h, outside, breaks
):
    levels = np.array(levels) / 100
    on = np.concatenate([levels[:, :4].repeat(3, axis=1), levels[:, 4:5]], axis=1)[:, : 12 if outside is None else 13]
    broken = 0.9 * levels[:, 5] * breaks
    made = batteries(charge_h=charge_h, telecom=2.0)
    steps = course(made, on, step_h=step_h, broken=broken, outside=outside)
    share = np.full(12, 1 / 12) if outside is None else np.append(np.full(12, (1 - outside) / 12), outside)
    homes, given_h = (1 - broken) * (on @ share), step_h * np.cumsum(of(steps, "share", TELECOM))
    brought_h = np.cumsum(0.08 * of(steps, "wanted_mw", TELECOM)[:-1] * homes[1:] * step_h)
    owed_h = np.array([step.state.owed_h[0, 0, TELECOM] for step in steps])
    held = 2.0 - given_h + np.append(0.0, brought_h) + owed_h
    assert of(steps, "energy_mwh", TELECOM) == pytest.approx(10 * held, abs=1e-8)


def test_homes_that_are_a_mean_share_each_hour_and_their_batteries():
    # half of each hour is off for each home: batteries of two hours charge half an hour in an hour on
    steps = course(batteries(telecom=2.0), np.full(12, 0.5))
    assert of(steps, "share", TELECOM) == pytest.approx(np.repeat([0.5, 0.25], 6))
    assert steps[-1].state.parts is None


CUT = ("2026-01-05 07:00", "2026-01-05 13:00")
OUTAGE = {"time": "2026-01-05 01:00", "target": "TR-1/generation", "kind": "outage", "share": "{uniform: [0.3, 1]}"}
LIMIT = {"time": "2026-01-05 06:00", "target": "TR-2/delivery", "kind": "limit", "share": "{uniform: [0.3, 0.6]}"}


@pytest.fixture
def in_part(three):
    """A run in which parts of sub-queues and of homes outside them are off, and feeders break."""
    return three(
        rotation="queues", cuts="optimum", deterministic=False, members=3, events=[OUTAGE, LIMIT], import_limit_mw=0.0,
        end="2026-01-05 20:00", telecom_battery_h=2.0, heat_battery_h=1.0,
    )  # fmt: skip


def test_a_run_with_parts_of_sub_queues_off_goes_on_from_a_state_to_the_byte(in_part, tmp_path):
    whole = gm.run(in_part, save_states=[*CUT], states=tmp_path)
    for when in CUT:
        state = tmp_path / f"state-{when.replace(' ', 'T').replace(':', '')}.nc"
        share, energy_h = (
            gm.load_state(state)[f"services.backup.charged.parts.{name}"] for name in ("share", "energy_h")
        )
        assert share.shape == (MOST, 13, 3, 3)
        assert energy_h.shape == (MOST, 13, 3, 3, 4)
        assert (share > 0).any(axis=(0, 1, 3)).all()  # in every member
        rest = gm.run(in_part, start_state=state)
        for name in ("battery_share", "battery_mwh", "battery_charging_mw", "dark_share", "served_mw"):
            then = whole[name].sel(time=rest["time"])
            assert rest[name].to_numpy().tobytes() == np.ascontiguousarray(then).tobytes(), name


def test_members_have_the_same_batteries_whoever_is_in_their_block(in_part):
    many = simulate(run_inputs(in_part))
    for chosen in ([1], [0, 2]):
        few = simulate(run_inputs(in_part, chosen))
        for name in ("battery_share", "battery_mwh", "battery_charging_mw", "dark_share"):
            theirs = np.ascontiguousarray(many[name].to_numpy()[chosen])
            assert few[name].to_numpy().tobytes() == theirs.tobytes(), name


def test_saved_batteries_of_members_are_the_same_whoever_is_in_their_block(in_part):
    # with hours that some members lack, so that a block of these follows fewer systems
    mixed = in_part.replace(heat_battery_h={"choice": [0.0, 12.0]}, members=4)
    axes = {"parts.share": 2, "parts.energy_h": 2, "energy_h": 1, "owed_h": 0, "asked_pu": 0}

    def saved(*chosen):
        """Batteries after eight hours as they are saved, with members first."""
        inputs = run_inputs(mixed, chosen)
        arrays = arrays_of(advance(inputs, empty_record(inputs, ()), 8).services["backup"], "backup")
        return [np.moveaxis(arrays[f"backup.charged.{name}"], axis, 0) for name, axis in axes.items()]

    every, alone = saved(0, 1, 2, 3), [saved(member) for member in range(4)]
    assert {bool(energy_h[..., HEAT].any()) for _, energy_h, *_ in alone} == {False, True}
    for place, one in enumerate(every):
        assert np.concatenate([mine[place] for mine in alone]).tobytes() == np.ascontiguousarray(one).tobytes()
