"""Daily profiles at clock times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.regions import WEEK


def profile_values(
    profiles: pd.DataFrame, name: str, local_times: npt.NDArray[np.datetime64], week: Sequence[str] = WEEK
) -> npt.NDArray[np.float64]:
    """Return the value of a profile at each local time.

    Parameters
    ----------
    profiles
        Table `profiles` of a network.
    name
        Name of the profile; an empty name gives 1 at all times.
    local_times
        Local clock times, shape ``(time,)``.
    week
        Kind of each day, `weekday` or `weekend`, Monday first.

    Returns
    -------
    numpy.ndarray
        Value at each time, shape ``(time,)``. [1]

    Examples
    --------
    >>> profile_values(pd.DataFrame(), "", np.array(["2026-01-08T17:00"], "datetime64[s]"))
    array([1.])
    """
    if not name:
        return np.ones(len(local_times))
    rows = profiles[profiles["profile"] == name]
    days = local_times.astype("datetime64[D]")
    hours = ((local_times - days) // np.timedelta64(3600, "s")).astype(int)
    of_week = (days.astype(int) + 3) % 7  # 1 January 1970 was a Thursday, day 3 of its week
    weekend = np.array([day == "weekend" for day in week])[of_week]
    table = np.empty((2, 24))
    for position, day_type in enumerate(("weekday", "weekend")):
        part = rows[rows["day_type"].isin((day_type, "all"))]
        table[position, part["hour"].to_numpy(dtype=int)] = part["value"].to_numpy(dtype=float)
    return np.asarray(table[weekend.astype(int), hours])
