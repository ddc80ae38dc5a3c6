"""Repair of damage by strikes: crews at work, and the log of jobs, as the timeline of events has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.events import Repairs
from gridmodel.scenario import DAMAGE_CLASSES
from gridmodel.services.declare import MTR, Declaration, Variable
from gridmodel.services.setup import Seen, Setup, Shown, Started
from gridmodel.vocabulary import DAMAGE_STATES

DECLARATION = Declaration(
    name="repair",
    module="gridmodel.services.repair",
    variables={
        "crews_busy": Variable(
            MTR, "1", "Repair crews on a job, including those sheltering", present="with jobs for crews"
        ),
        "repair_begin": Variable(
            ("job",), "UTC", "Strike that caused the job; every hit sent is a job", "", present="with jobs for crews"
        ),
        "repair_end": Variable(
            ("member", "job"),
            "UTC",
            "First step in which it is whole again; missing if the run ends first",
            "",
            present="with jobs for crews",
        ),
        "repair_region": Variable(
            ("member", "job"),
            "1",
            "Region of the job; -1 at a border and where the hit did not arrive",
            "",
            flags="region",
            present="with jobs for crews",
        ),
        "repair_class": Variable(("job",), "1", "Class of the job", "", flags="class", present="with jobs for crews"),
        "repair_state": Variable(
            ("member", "job"),
            "1",
            "Damage state; -1 where the hit did not arrive",
            "",
            flags=DAMAGE_STATES,
            present="with jobs for crews",
        ),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Repairs of a run, and its steps."""

    repairs: Repairs
    times: npt.NDArray[np.datetime64]
    """UTC start of every step, shape ``(time,)``."""
    step: np.timedelta64
    """Length of a step."""
    classes: tuple[str, ...]
    """Classes that can be struck, by number."""


def build(setup: Setup) -> Log | None:
    """Take the log of the timeline; None without sampled strikes."""
    if setup.timeline.repairs is None:
        return None
    step = np.timedelta64(round(setup.clock.step_h * 3600), "s")
    return Log(
        repairs=setup.timeline.repairs, times=setup.clock.times, step=step,
        classes=(*DAMAGE_CLASSES, *setup.network.own_technologies),
    )  # fmt: skip


def start(log: Log) -> Started:
    """Show the whole log: it depends on nothing that happens in a step.

    Jobs are in the order of their strikes in time, and of their rows among those of a step: so they are listed alike in
    a run from a state, whose events begin with those of its past, whatever the order of the rows of events.
    """
    repairs, starts = log.repairs, log.times.astype("datetime64[ns]")
    order = np.argsort(repairs.begin, kind="stable")
    state, end = repairs.state[:, order], repairs.end[:, order]
    whole = (state >= 0) & (end <= len(starts))
    steps = np.where(whole, end, 0).astype(np.intp)
    shown: Shown = {
        "crews_busy": repairs.busy.swapaxes(0, 1),
        "repair_begin": starts[0] + repairs.begin[order] * log.step,
        "repair_end": np.where(whole, starts[0] + steps * log.step, np.datetime64("NaT", "ns")),
        "repair_region": repairs.region[:, order].astype(np.int16),
        "repair_class": np.array([log.classes.index(repairs.what[job]) for job in order], dtype=np.int8),
        "repair_state": state.astype(np.int8),
    }
    return Started(state=None, shown=shown, labels={"job": np.arange(len(repairs.begin))})


def step(_log: Log, state: Floats | None, _seen: Seen, _step: int) -> tuple[Floats | None, Shown]:
    """Show nothing more."""
    return state, {}
