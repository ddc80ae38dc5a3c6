"""Progress of long commands on stderr: steps of a run, units of a sweep, runs of a ranking."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from gridmodel.commands.common import counted

if TYPE_CHECKING:
    from rich.progress import Progress

    from gridmodel.scenario import Scenario


class _Bar:
    """Bar on stderr while a command works."""

    _bar: Progress

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if not self._bar.disable:  # older releases of rich write an empty line where they stop what was never shown
            self._bar.stop()
            sys.stderr.flush()


class StepBar(_Bar):
    """Progress bar of a run on stderr, silent if stderr is not a terminal."""

    def __init__(self, scenario: Scenario, what: str = "") -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        terminal = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=terminal, transient=True, disable=not terminal.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(
            ", ".join(part for part in (what, counted(scenario.draws, "member"), "steps") if part), total=None
        )

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` steps are done."""
        self._bar.update(self._task, completed=done, total=total)


class UnitBar(_Bar):
    """Progress bar of a sweep on stderr with rate and remaining time, silent if stderr is not a terminal."""

    reached: str
    """Units that are done and all units, as a sentence ends with them; empty before any are counted."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        terminal = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(), console=terminal, transient=True, disable=not terminal.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("units", total=None, rate="")
        self._begun = -1
        self.reached = ""

    def __call__(self, done: int, total: int, failed: int) -> None:
        """Show that `done` of `total` units are done, and how many have failed."""
        if self._begun < 0:
            self._begun = done
        self.reached = f" ({done} of {total})"
        elapsed = self._bar.tasks[0].elapsed or 0.0
        rate = f"{60 * (done - self._begun) / elapsed:.1f} per minute" if elapsed > 1 and done > self._begun else ""
        said = f"units, {failed} failed" if failed else "units"
        self._bar.update(self._task, completed=done, total=total, description=said, rate=rate)


class HoursBar(_Bar):
    """Progress bar of member-hours on stderr, silent if stderr is not a terminal; less may be needed than it says."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        terminal = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=terminal, transient=True,
            disable=not terminal.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("member-hours, at most", total=None)

    def __call__(self, done: float, most: float) -> None:
        """Show that some member-hours are done, of those that there can be."""
        self._bar.update(self._task, completed=done, total=most)


class RunCount:
    """Count of runs on stderr, silent if stderr is not a terminal."""

    def __enter__(self) -> RunCount:
        from rich.console import Console

        console_ = Console(stderr=True)
        self._status = console_.status("run 1") if console_.is_terminal else None
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, done: int) -> None:
        """Show that `done` runs are done."""
        if self._status is not None:
            self._status.update(f"run {done + 1}")
