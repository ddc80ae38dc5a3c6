"""Clock time of UTC times."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt


def local_times(times: npt.NDArray[np.datetime64], timezone: str) -> npt.NDArray[np.datetime64]:
    """Clock time of UTC times to the second, shape as given; what is no time stays so."""
    zone = ZoneInfo(timezone)
    moments = times.astype("datetime64[s]").astype(datetime).reshape(-1)
    clock = [
        None if moment is None else moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        for moment in moments
    ]
    return np.array(clock, dtype="datetime64[s]").reshape(times.shape)
