"""A view of a run while it goes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from gridmodel.simulation.inputs import RunInputs

EVERY_S = 0.2
"""Time between two pictures. [s]"""


class Watch:
    """Shows on stderr which hour a run has come to, how cold it is, and what is out; silent when that is no terminal.

    Numbers are of the plan, mean of the members; what the run finds is in its summary.
    """

    def __init__(self, plan: RunInputs) -> None:
        from rich.console import Console
        from rich.live import Live

        self._plan, self._begun, self._drawn = plan, time.perf_counter(), 0.0
        terminal = Console(stderr=True)
        self._shown = terminal.is_terminal
        self._live = Live(console=terminal, transient=True, auto_refresh=False)

    def __enter__(self) -> Watch:
        if self._shown:
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._shown:
            self._live.stop()

    def __call__(self, done: int, total: int) -> None:
        """Draw where the run is, at most every `EVERY_S` seconds."""
        now = time.perf_counter()
        if self._shown and (now - self._drawn > EVERY_S or done == total):
            self._drawn = now
            self._live.update(self.picture(done, total, now - self._begun), refresh=True)

    def picture(self, done: int, total: int, passed_s: float) -> Table:
        """Table of where the run is after `done` of `total` steps."""
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        plan, step = self._plan, done - 1
        people = plan.network.tables["regions"]["population"].to_numpy(dtype=float)
        outdoor_c = plan.weather.outdoor_c[step].reshape(-1, len(people)).mean(axis=0)
        cold = float((outdoor_c * people).sum() / max(people.sum(), 1.0))
        rows = {
            "step": f"{done} of {total}, {len(plan.members)} members",
            "local time": f"{plan.scenario.local(plan.clock.times[step : step + 1])[0]}".replace("T", " ")[:16],
            "outdoors": f"{cold:.1f} °C, mean person; coldest region {outdoor_c.min():.1f} °C",
            "heat sources left": f"{plan.timeline.heat_source[step].mean():.0%}, mean of regions",
            "heat networks left": f"{plan.timeline.heat_network[step].mean():.0%}, mean of regions",
            "pumping left": f"{plan.timeline.water_pumping[step].mean():.0%}, mean of regions",
            "to go": f"about {passed_s / done * (total - done):.0f} s",
        }
        table = Table.grid(padding=(0, 2))
        table.add_row(plan.scenario.name, ProgressBar(total=total, completed=done, width=40))
        for name, words in rows.items():
            table.add_row(name, words)
        return table
