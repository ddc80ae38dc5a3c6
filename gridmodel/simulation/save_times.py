"""Times at which a run saves its state: which steps they are, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gridmodel.errors import Problem, Problems
from gridmodel.scenario import Scenario


def save_steps(scenario: Scenario, chosen: Sequence[int]) -> tuple[int, ...]:
    """Return the steps at whose start the state is saved, ascending; the number of steps for the end of the run.

    None is saved where only some members are run: a state is of all.
    """
    if tuple(chosen) != tuple(range(scenario.draws)):
        return ()
    whole = (scenario.to_utc(when) - scenario.start_utc for when in scenario.save_states)
    return tuple(sorted({int(after / scenario.step_length) for after in whole}))


def check_save_times(scenario: Scenario, unsure: Collection[str] = ()) -> list[Problem]:
    """Return the problems of the times at which states are to be saved, and of members that cannot be."""
    problems = Problems()
    shown = scenario.origin.shown
    asked = bool(scenario.save_states) or scenario.start_state is not None
    if asked and scenario.members == "auto" and not scenario.deterministic and "members" not in unsure:
        message = "does not go with start_state and save_states: a state is of a number of members"
        problems.add(message, table=shown, row=scenario.origin.line(["members"]), field="members", value="auto")
    if {"start", "end", "timezone", "save_states", "step"} & set(unsure):
        return problems.found
    for number, when in enumerate(scenario.save_states):
        row = scenario.origin.line(["save_states"])
        message = ""
        if not scenario.exists(when):
            message = "is skipped by the clock that night: summer time begins"
        elif not scenario.start_utc < scenario.to_utc(when) <= scenario.end_utc:
            message = f"is not after the start and by the end of the run, {scenario.start:%Y-%m-%d %H:%M} to "
            message += f"{scenario.end:%Y-%m-%d %H:%M}"
        elif (scenario.to_utc(when) - scenario.start_utc) % scenario.step_length:
            message = "is not the start of a step"
        if message:
            problems.add(
                message, table=shown, row=row, field=f"save_states.{number + 1}", value=f"{when:%Y-%m-%d %H:%M}"
            )
    return problems.found
