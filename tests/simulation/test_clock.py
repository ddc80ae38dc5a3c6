"""Full hours and midnights of a run that may start at any quarter, also on nights when the clock is set."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.simulation.inputs import _clock

MINUTE = timedelta(minutes=1)
NIGHTS = {"calm": "2026-01-05", "clock set forward": "2026-03-28", "clock set back": "2026-10-24"}


def shown(clock, zone):
    """Return what a clock on the wall shows from minute to minute of each step, from that after the step before on."""
    begins = [moment.astype(datetime).replace(tzinfo=ZoneInfo("UTC")) for moment in clock.times]
    return [
        [(before + number * MINUTE).astimezone(ZoneInfo(zone)) for number in range(1, round((now - before) / MINUTE) + 1)]
        for before, now in pairwise(begins)
    ]  # fmt: skip


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize(("step", "minute"), [("1h", 0), ("1h", 30), ("30min", 15), ("15min", 0), ("15min", 45)])
def test_a_step_counts_as_a_full_hour_when_the_clock_has_struck_since_the_step_before(three, night, step, minute):
    start = datetime.fromisoformat(NIGHTS[night]).replace(hour=22, minute=minute)
    clock = _clock(
        three(start=str(start)[:16], end=str(start + timedelta(hours=12))[:16], step=step, timezone="Europe/Kyiv")
    )
    minutes = shown(clock, "Europe/Kyiv")
    struck = [any(moment.minute == 0 for moment in since) for since in minutes]
    assert [clock.full_hour(number) for number in range(len(clock.times))] == [True, *struck]
    days = [any(moment.hour == moment.minute == 0 for moment in since) for since in minutes]
    assert clock.midnight.tolist() == [True, *days]
    in_a_calm_night = 12 if minute == 45 else 11  # from 23:00 to the hour before or at which the last step begins
    assert sum(struck) == in_a_calm_night + {"calm": 0, "clock set forward": -1, "clock set back": 1}[night]


@pytest.mark.parametrize(("start", "step"), [("00:30", "1h"), ("00:30", "30min"), ("00:15", "15min")])
def test_a_run_that_starts_between_full_hours_switches_back_on_and_takes_turns(three, start, step):
    """Half of nuclear is out from 04:30 to 06:30: as in a run from midnight, eight sub-queues are off, then five."""
    outage = {"time": "2026-01-05 04:30", "target": "TR-1/nuclear", "kind": "outage", "share": 0.5, "duration_h": 2}
    result = gm.run(three(start=f"2026-01-05 {start}", end="2026-01-05 18:30" if start == "00:30" else "2026-01-05 18:15",
                          step=step, events=[outage], rotation="queues", cuts="order", cold_load_pickup=False))  # fmt: skip
    off = result["subqueues_off"].isel(member=0).sel(region="TR-2").to_numpy()
    local = result["local_time"].to_numpy()
    from_, to = np.datetime64("2026-01-05T04:30"), np.datetime64("2026-01-05T07:30")
    assert (off[local < from_] == 5).all()
    assert off[(local >= from_) & (local < to)].max() == 8
    assert (off[local >= to] == 5).all()
    # five of twelve for 18 h and three more for two: 96 sub-queue hours, of which each has about eight
    hours = result["hours_off_quantile"].isel(member=0, time=-1).sel(region="TR-2").to_numpy()
    assert hours.max() <= 10.0
    assert hours[1] == pytest.approx(8.0, abs=1.0)
