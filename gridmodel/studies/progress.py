"""Bar of a run in a notebook; a terminal has that of the command line, and scripts have none unless they ask."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gridmodel.errors import visible
from gridmodel.scenario import Scenario
from gridmodel.simulation.loop import Progress

EVERY_S = 0.2
"""Time between two drawings. [s] Ours: smooth, and too rare to take time."""
WIDTH = 30
"""Width of the bar. [characters]"""


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    running = None if shell is None else shell.get_ipython()
    return running is not None and type(running).__name__ == "ZMQInteractiveShell"


@contextmanager
def shown_progress(progress: Progress | bool | None, scenario: Scenario) -> Iterator[Progress | None]:
    """Yield the function that a run calls after each step.

    Parameters
    ----------
    progress
        A function of one's own; True for a bar, False for none, None for a bar in a notebook alone.
    scenario
        Scenario of the run, whose name stands beside the bar.
    """
    if callable(progress):
        yield progress
        return
    if not (in_notebook() if progress is None else progress):
        yield None
        return
    draw, end = _bar(scenario.name)
    try:
        yield draw
    finally:
        end()


def _bar(title: str) -> tuple[Progress, Callable[[], None]]:
    """Return a function that draws a bar on one line of the error stream, and one that ends the line."""
    begun, last = time.perf_counter(), [0.0]

    def draw(done: int, steps: int) -> None:
        now = time.perf_counter()
        if now - last[0] < EVERY_S and done < steps:
            return
        last[0] = now
        full = WIDTH * done // max(steps, 1)
        left = (now - begun) / max(done, 1) * (steps - done)
        bar = f"{'█' * full}{'░' * (WIDTH - full)}"
        sys.stderr.write(
            f"\r{visible(title[:40])} {bar} {100 * done // max(steps, 1)} % of {steps} steps, {left:.0f} s left "
        )
        sys.stderr.flush()

    def end() -> None:
        sys.stderr.write("\n")
        sys.stderr.flush()

    return draw, end
