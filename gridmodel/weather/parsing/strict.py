"""Check a series of our own format, which must be hourly without gaps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.series import HOUR, Options, Series
from gridmodel.weather.sizes import check_size


def check(series: Series, problems: Problems, options: Options) -> None:
    """Note gaps, repeated hours, missing and impossible values, with their lines.

    What problems that were found before explain is not said again: the steps of times if a time or a row could not be
    read, missing values of a column with cells that could not.
    """
    told = {problem.field for problem in problems.found if problem.severity == "error"}
    steps = np.diff(series.times) if not told & {"", "time"} else np.diff(series.times)[:0]
    same = _same_step(steps)
    if same:
        problems.add(same[0], table=options.shown, field="time", hint=same[1])
    for position in np.flatnonzero(steps != HOUR)[:MAX_REPORTED] if not same else ():
        before, after = (str(series.times[place])[:16] for place in (position, position + 1))
        message = (
            "repeats the hour before it"
            if steps[position] == np.timedelta64(0, "s")
            else f"does not follow {before} by one hour: the series must be hourly and without gaps"
        )
        problems.add(message, table=options.shown, row=series.line(int(position) + 1), field="time", value=after)
    for column, region in enumerate(series.places):
        missing = np.flatnonzero(np.isnan(series.temperature_c[:, column]))
        if missing.size and not told & {"", region}:
            first = int(missing[0])
            problems.add(
                f"is missing in {missing.size} hours, the first at {str(series.times[first])[:16]}",
                table=options.shown,
                row=series.line(first),
                field=region,
            )
    check_size(series, problems, options, table_lines=True)


def _same_step(steps: npt.NDArray[np.timedelta64]) -> tuple[str, str] | None:
    """Return what is wrong with a series all of whose steps are alike and wrong, and what helps; None for any other."""
    if len(steps) > 1 and (steps == 24 * HOUR).all():
        return "has one row a day, and must have one each hour", "call its first column `date`: means of days are read"
    if len(steps) > 1 and (steps == -HOUR).all():
        return "runs backwards", "sort the rows by time"
    return None
