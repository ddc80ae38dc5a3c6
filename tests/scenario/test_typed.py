"""Types of settings follow the groups of settings, and what a checker accepts runs."""

import typed_use

from docs.given import TARGET, given_module
from gridmodel.scenario import Scenario
from gridmodel.scenario.given import Changes, Given


def test_the_types_of_settings_are_made_from_their_groups():
    assert TARGET.read_text(encoding="utf-8") == given_module(), "run python docs/make.py"
    assert set(Given.__annotations__) == set(Changes.__annotations__) == set(Scenario.model_fields)


def test_what_a_checker_accepts_runs_and_what_it_finds_is_a_sentence():
    made = typed_use.scenario()
    assert made.members == 3
    assert made.distributions.keys() == {"set_point_c", "availability.wind"}
    said = typed_use.wrong()
    assert len(said) == 6
    assert "memmbers: is not a setting of a scenario (nearest: members)" in said[0]
