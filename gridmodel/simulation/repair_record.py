"""Variables of the repair log, as a result holds them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gridmodel.events import Repairs
from gridmodel.results.repair_log import FLAGS
from gridmodel.scenario import DAMAGE_CLASSES


def log_variables(
    repairs: Repairs | None, times: npt.NDArray[np.datetime64], *, step: np.timedelta64
) -> dict[str, npt.NDArray[np.generic]]:
    """Variables of the log by name, none where no strike is drawn.

    Parameters
    ----------
    repairs
        What was repaired when.
    times
        UTC start of every step, shape ``(time,)``.
    step
        Length of a step.
    """
    if repairs is None:
        return {}
    starts = times.astype("datetime64[ns]")
    whole = (repairs.state >= 0) & (repairs.end <= len(starts))
    steps = np.where(whole, repairs.end, 0).astype(np.intp)
    return {
        "crews_busy": repairs.busy.swapaxes(0, 1),
        "repair_begin": starts[repairs.begin],
        "repair_end": np.where(whole, starts[0] + steps * step, np.datetime64("NaT", "ns")),
        "repair_region": repairs.region.astype(np.int16),
        "repair_class": np.array([DAMAGE_CLASSES.index(what) for what in repairs.what], dtype=np.int8),
        "repair_state": repairs.state.astype(np.int8),
    }


def flag_attributes(name: str, dtype: np.dtype[np.generic], regions: Sequence[str]) -> dict[str, object]:
    """CF attributes that say what the numbers of a variable stand for; none for any other variable."""
    if name not in FLAGS:
        return {}
    words = FLAGS[name] or regions
    return {"flag_values": np.arange(len(words), dtype=dtype), "flag_meanings": " ".join(words)}
