"""Registry of services, in the order in which a step asks them.

A service is added by its module and one line in `SERVICES`. Reading a result needs the declarations alone: a module
with the steps of a large service is imported when a run is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from gridmodel.services import backup, given, people, repair, water
from gridmodel.services.declare import Count, Declaration, Split, Variable, Worth
from gridmodel.services.heat import variables as heat
from gridmodel.services.power import variables as power
from gridmodel.services.setup import Service

SERVICES: tuple[Declaration, ...] = (
    given.DECLARATION,
    repair.DECLARATION,
    power.DECLARATION,
    backup.DECLARATION,
    heat.DECLARATION,
    water.DECLARATION,
    people.DECLARATION,
)
"""Services in the order of a step: each sees this step's values of those before it."""

VARIABLES: Mapping[str, Variable] = {
    name: variable for service in SERVICES for name, variable in service.variables.items()
}
"""Every variable that `gridmodel.run` returns, by name."""
SIGNALS: Mapping[str, Variable] = {name: variable for service in SERVICES for name, variable in service.signals.items()}
"""Values that services see of each other and no result contains."""
LABELS: Mapping[str, tuple[str, ...]] = {dim: labels for service in SERVICES for dim, labels in service.labels.items()}
"""Labels of dimensions that are the same in every run."""
COUNTS: tuple[Count, ...] = tuple(count for service in SERVICES for count in service.counts)
"""Counts of people, in the order of a summary."""
SHOWN_COUNTS: tuple[Count, ...] = tuple(count for count in COUNTS if count.key)
"""Counts that summaries, maps, plots and pages show side by side."""
WORTHS: tuple[Worth, ...] = tuple(
    sorted(
        (
            *(worth for service in SERVICES for worth in service.worths),
            *(
                Worth(
                    key=count.key, service=count.key, place=count.ranked, variable=count.variable, words=count.words,
                    weight=count.weight, weight_range=count.weight_range,
                )
                for count in COUNTS if count.ranked
            ),
        ),
        key=lambda worth: worth.place,
    )
)  # fmt: skip
"""Measures that help is ranked by: services side by side, in the order of their places."""
SPLITS: tuple[Split, ...] = tuple(split for service in SERVICES for split in service.splits)
"""Counts of people by cause."""


def module_of(service: Declaration) -> Service:
    """Import the module of a service: its `build`, `start` and `step`."""
    if service.own is not None:
        return cast("Service", service.own)
    return cast("Service", import_module(service.module))
