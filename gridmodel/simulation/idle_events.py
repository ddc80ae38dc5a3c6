"""Events without effect in a run: repairs of what is whole, limits above all that there is to pass on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gridmodel.errors import Problem
from gridmodel.events import Event
from gridmodel.events.kinds import KINDS
from gridmodel.events.targets import Target, find_target
from gridmodel.network import build_grid
from gridmodel.services.power.build_consumers import evening_demand
from gridmodel.simulation.inputs import RunInputs

MOST_TIMES = 2.0
"""Demand over that of an evening, which heaters and load that returns may bring it to. [1] Ours: a limit above it is
taken for one that was meant in another unit."""


def idle_events(made: RunInputs) -> Iterator[Problem]:
    """Yield warnings of events that change nothing, each at its row."""
    yield from _repairs(made)
    yield from _limits(made)


def _repairs(made: RunInputs) -> Iterator[Problem]:
    """Yield repairs before which nothing began on their target that may last until then."""
    if not any(KINDS[event.kind].acts == "repair" for event in made.events):
        return
    _, index = build_grid(made.network)
    targets = [
        [find_target(event, made.network, index, made.scenario, what) for what in event.classes]
        for event in made.events
    ]
    for repair, (target,) in ((one, of) for one, of in zip(made.events, targets, strict=True) if len(of) == 1):
        if KINDS[repair.kind].acts != "repair":
            continue
        ended = (
            _may_last(event, repair, made) and any(_meet(target, other) for other in others)
            for event, others in zip(made.events, targets, strict=True)
        )
        if not any(ended):
            message = f"has no effect: nothing that began before {repair.start:%Y-%m-%d %H:%M} lasts on this target"
            yield _at(made, repair, "target", message)


def _meet(one: Target, other: Target) -> bool:
    return one.key == other.key and bool(np.isin(one.rows, other.rows).any())


def _may_last(event: Event, repair: Event, made: RunInputs) -> bool:
    """Return whether an event began before a repair and, in some member, may not have ended by itself."""
    if KINDS[event.kind].acts == "repair" or event.start >= repair.start:
        return False
    drawn = event.drawn.get("duration_h")
    longest = event.duration_h if drawn is None or made.scenario.deterministic else drawn.end(1.0)
    since = made.scenario.to_utc(repair.start) - made.scenario.to_utc(event.start)
    return longest + made.scenario.step_h > since.total_seconds() / 3600  # it lasts for whole steps


def _limits(made: RunInputs) -> Iterator[Problem]:
    """Yield limits in megawatts above all that a region needs, or that borders carry."""
    limits = [event for event in made.events if KINDS[event.kind].acts != "repair" and not np.isnan(event.value_mw)]
    if not limits:
        return
    power, network = made.parts["power"], made.network
    borders = float(power.fleet.p_max_mw[power.fleet.border].sum())
    delivery = any(event.what == "delivery" for event in limits)
    most = evening_demand(power.consumers, power.settings, made.clock).demand_mw.max(axis=(0, 1)) if delivery else None
    for event in limits:
        drawn = event.drawn.get("value_mw")
        value = event.value_mw if drawn is None or made.scenario.deterministic else drawn.end(0.0)
        if event.what == "delivery" and most is not None:
            need = float(most[event.regions].max())
            name = (
                f" of {network.regions[event.regions[0]]}" if len(event.regions) == 1 else " of each of these regions"
            )
            if value > MOST_TIMES * need:
                message = f"limits nothing: it is more than twice the highest demand{name}, {need:,.0f} MW"
                yield _at(made, event, "value", message)
        elif event.what == "import" and value >= borders:
            message = f"limits nothing: the borders of this network carry {borders:,.0f} MW at most"
            yield _at(made, event, "value", message)


def _at(made: RunInputs, event: Event, column: str, message: str) -> Problem:
    """Return a warning at a cell of an event; its line is that of the scenario, where the row is in it."""
    scenario = made.scenario
    value = event.cells.get(column, "")
    hint = f"the {event.kind} of {event.cells.get('target', '')} at {event.start:%Y-%m-%d %H:%M}"
    if isinstance(scenario.events, str):
        return Problem(message=message, severity="warning", table=Path(scenario.events).name, field=column, value=value,
                       hint=hint)  # fmt: skip
    if scenario.start_state is not None:  # rows of the state come first
        return Problem(message=message, severity="warning", table="events", field=column, value=value, hint=hint)
    place = scenario.origin.row("events", event.row, column)
    return Problem(message=message, severity="warning", field=column, value=value, **place)
