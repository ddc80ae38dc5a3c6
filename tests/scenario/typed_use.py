"""What a researcher writes: it runs, and mypy finds nothing in it; each `type: ignore` is an error that mypy must find.

`make lint` checks this file with all others, strictly: an ignore that nothing needs is an error too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

import gridmodel as gm

EVENTS = pd.DataFrame(
    [{"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.5, "duration_h": 3.0}]
)


def scenario() -> gm.Scenario:
    """Return a scenario whose settings are given as people give them."""
    made = gm.Scenario(
        name="typed",
        network=gm.load_network("three-region"),
        weather=gm.load_weather("three-region"),
        start=datetime(2026, 1, 5),
        end="2026-01-05 06:00",
        events=EVENTS,
        set_point_c={"uniform": [19.0, 21.0]},
        restart_h=12,
        availability={"hydro": 0.9, "wind": {"uniform": [0.5, 1.0]}},
        members=np.int64(3),
        mitigations=[{"kind": "import", "size": 10.0}],
    )
    made = made.replace(start=date(2026, 1, 5), end=np.datetime64("2026-01-05T04:00"), weather=Path("three-region"))
    return made.replace(restart_h=(9.0, 12.0), stop_at={"share": 0.1}, demand=None, loss_split=np.float64(0.9))


def wrong() -> list[str]:
    """Return what is said to mistakes that a checker finds as well."""
    made, said = scenario(), list[str]()
    mistakes: list[Callable[[], gm.Scenario]] = [
        lambda: made.replace(memmbers=4),  # type: ignore[call-arg]
        lambda: made.replace(members="many"),  # type: ignore[arg-type]
        lambda: made.replace(weather=42),  # type: ignore[arg-type]
        lambda: gm.Scenario(name="a", network="b", weather="c", start=5, end="d"),  # type: ignore[arg-type]
        lambda: gm.Scenario(name="a"),  # type: ignore[call-arg]
        lambda: made.replace(step="2h"),  # type: ignore[arg-type]
    ]
    for mistake in mistakes:
        try:
            mistake()
        except gm.InputError as error:
            said.append(str(error))
    return said
