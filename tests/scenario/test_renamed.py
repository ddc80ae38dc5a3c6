"""A setting that is renamed: the old name is read, and no draw of it moves."""

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.sampling import draw_settings, quantiles
from gridmodel.scenario import renamed
from gridmodel.scenario.groups.period import PeriodSettings
from gridmodel.scenario.model import Scenario
from gridmodel.scenario.parameters import Parameters
from gridmodel.scenario.settings import GROUPS


@pytest.fixture
def called_otherwise(monkeypatch):
    """As if `set_point_c` had been called `a_room_c`, and before that `z_room_c`."""
    monkeypatch.setattr(renamed, "RENAMED", {"z_room_c": "a_room_c", "a_room_c": "set_point_c"})


def test_an_old_name_is_answered_with_the_new_one(called_otherwise, three):
    for old in ("z_room_c", "a_room_c"):
        assert three(**{old: 18.0}).set_point_c == 18.0
        assert three().replace(**{old: 18.0}).set_point_c == 18.0
    assert three(z_room_c={"uniform": [18.0, 21.0]}).distributions.keys() == {"set_point_c"}


def test_a_setting_under_both_names_is_refused(called_otherwise, three):
    with pytest.raises(gm.InputError, match="a_room_c: is the old name of set_point_c, which is given too"):
        three(a_room_c=18.0, set_point_c=19.0)


@pytest.mark.parametrize("sampling", ["random", "latin_hypercube", "sobol", "saltelli"])
def test_a_renamed_setting_draws_what_it_drew_under_its_first_name(monkeypatch, three, sampling):
    of_room = {"set_point_c": {"normal": [20.0, 1.0]}}
    under_old = three(deterministic=False, members=8, sampling=sampling, settled_for_c={"uniform": [0, 1]}, **of_room)
    under_new = three(deterministic=False, members=8, sampling=sampling, heater_uptake={"uniform": [0, 1]}, **of_room)
    before, unlike = quantiles(under_old, range(8)), quantiles(under_new, range(8))
    assert not np.array_equal(unlike["heater_uptake"], before["settled_for_c"])
    monkeypatch.setattr(renamed, "RENAMED", {"settled_for_c": "heater_uptake"})
    after = quantiles(under_new, range(8))
    assert np.array_equal(after["heater_uptake"], before["settled_for_c"])
    assert np.array_equal(after["set_point_c"], before["set_point_c"])


def test_damage_drawn_under_a_new_name_keeps_its_stream(monkeypatch, three):
    chances = {"none": 0.1, "slight": {"uniform": [0.1, 0.5]}, "moderate": 0.3, "extensive": 0.2, "complete": 0.1}
    scenario = three(deterministic=False, members=8, damage_state_probabilities=chances)
    name = "damage_state_probabilities.slight"
    before = draw_settings(scenario, range(8)).of(name, 0)
    monkeypatch.setattr(renamed, "RENAMED", {"odds": "damage_state_probabilities"})
    assert renamed.stream_name(name) == "odds.slight"
    assert not np.array_equal(draw_settings(scenario, range(8)).of(name, 0), before)


def test_the_groups_of_a_scenario_share_no_setting_and_make_up_all_of_it():
    groups = GROUPS.values()
    names = [name for group in groups for name in group.model_fields]
    assert set(groups) > set(Parameters.__bases__)
    assert len(names) == len(set(names)) == len(Scenario.model_fields)
    assert names == list(Scenario.model_fields)  # the order of files and docs
    assert len(groups) == 16
    assert not set(PeriodSettings.model_fields) & set(Parameters.model_fields)


@pytest.mark.parametrize("name", sorted(renamed.REMOVED))
def test_a_removed_setting_is_answered_with_what_took_its_place(three, name):
    gone = renamed.REMOVED[name]
    assert name not in Scenario.model_fields
    assert gone.hint in Scenario.model_fields
    for value in (gone.default / 2, {"uniform": [0.1, 0.2]}):
        with pytest.raises(gm.InputError, match=f"{name}: was removed: .*{gone.hint}"):
            three(**{name: value})
    assert three(**{name: gone.default}) == three()  # as the manifest of any old run has it
