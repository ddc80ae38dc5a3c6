"""View of a run while it is computed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gridmodel.commands.said import Said
from gridmodel.errors import visible

if TYPE_CHECKING:
    from rich.table import Table

    from gridmodel.simulation.inputs import RunInputs

EVERY_S = 0.2
"""Time between two pictures. [s] Ours: smooth to the eye, and costs nothing."""


class Watch:
    """View on stderr of the current hour of a run, how cold it is, and what is damaged; silent if not a terminal.

    Numbers are inputs of the run, mean of the members; its results are in its summary.
    """

    def __init__(self, made: RunInputs, say: Said | None = None) -> None:
        from rich.console import Console
        from rich.live import Live

        self._made, self._begun, self._drawn = made, time.perf_counter(), 0.0
        self._say = say or Said()
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
        """Draw the state of the run, at most every `EVERY_S` seconds."""
        clock_s = time.perf_counter()
        if self._shown and (clock_s - self._drawn > EVERY_S or done == total):
            self._drawn = clock_s
            self._live.update(self.picture(done, total, clock_s - self._begun), refresh=True)

    def picture(self, done: int, total: int, passed_s: float) -> Table:
        """Return a table of the state of the run after `done` of `total` steps."""
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        made, step = self._made, done - 1 + self._made.begin
        people = made.network.tables["regions"]["population"].to_numpy(dtype=float)
        outdoor_c = made.weather.outdoor_c[step].reshape(-1, len(people)).mean(axis=0)
        cold = float((outdoor_c * people).sum() / max(people.sum(), 1.0))
        say, line = self._say, made.timeline
        moment = f"{made.scenario.local(made.clock.times[step : step + 1])[0]}".replace("T", " ")[:16]
        rows = {
            "step": say("{n} of {members}", n=done, members=total),
            "members": str(len(made.members)),
            "local time": moment,
            "outdoors, mean person": f"{say.number(f'{cold:.1f}')} °C",
            "outdoors, coldest region": f"{say.number(f'{outdoor_c.min():.1f}')} °C",
            "heat sources working, mean of regions": f"{100 * line.heat_source[step].mean():.0f} %",
            "heat networks working, mean of regions": f"{100 * line.heat_network[step].mean():.0f} %",
            "pumping working, mean of regions": f"{100 * line.water_pumping[step].mean():.0f} %",
            "remaining": say("about {n} s", n=f"{passed_s / done * (total - done):.0f}"),
        }
        table = Table.grid(padding=(0, 2))
        table.add_row(Text(visible(made.scenario.name)), ProgressBar(total=total, completed=done, width=40))
        for name, words in rows.items():
            table.add_row(say(name), words)
        return table
