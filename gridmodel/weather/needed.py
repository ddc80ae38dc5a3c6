"""Temperatures that a run needs: those of its regions, from four days before its start to its end."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection
from dataclasses import replace

import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.remembered import Remembered, content_of
from gridmodel.scenario import Scenario
from gridmodel.weather.read import read_file, weather_file
from gridmodel.weather.series import (
    HOUR,
    Extent,
    Options,
)

HISTORY_DAYS = 4
"""Days before the start that a file must cover: demand follows the temperature of four days. [d]"""


def weather_for(scenario: Scenario, regions: list[str]) -> xr.DataArray:
    """Return the temperatures that a scenario needs, checked against its regions and period.

    Parameters
    ----------
    scenario
        Names the file and the period.
    regions
        Region ids in the network's order.

    Returns
    -------
    xarray.DataArray
        ``temperature(time, region)`` in the network's order, the whole file; with a `member` before the region if
        the file has several. [degC]

    Raises
    ------
    InputError
        If a region has no weather, or the file does not reach from four days before the start to the end.

    Examples
    --------
    >>> import gridmodel as gm
    >>> scenario = gm.load_scenario("three-region")
    >>> gm.weather.weather_for(scenario, ["TR-3", "TR-1"]).isel(time=0).to_series().to_dict()
    {'TR-3': -10.0, 'TR-1': -10.0}
    """
    data, problems = examine_weather(scenario, regions)
    if problems or data is None:
        raise InputError(problems)
    return weather_of(data, regions)


def weather_of(data: xr.DataArray, regions: list[str]) -> xr.DataArray:
    """Return the temperatures of regions in their order, with a `member` before the region if there are several."""
    chosen = data.sel(region=regions)
    return chosen.transpose("time", "member", "region") if "member" in chosen.dims else chosen


_RIGHT: Remembered[xr.DataArray] = Remembered(4, lambda data: data.copy(deep=True))
"""Temperatures of files in which nothing is wrong."""


def examine_weather(
    scenario: Scenario, regions: list[str] | None, *, unknown: Collection[str] = ()
) -> tuple[xr.DataArray | None, list[Problem]]:  # fmt: skip
    """Read the temperatures that a scenario names, and check as much of them as can be checked.

    Parameters
    ----------
    scenario
        Names the file and the period.
    regions
        Region ids of the network; None if they are not known.
    unknown
        Those of `start`, `end` and `timezone` that are not known.

    Returns
    -------
    tuple
        The whole file, None if it has errors; and what is wrong, also with regions and period of a file with errors.
    """
    extent, problems = Extent(), Problems()
    data, shown = None, ""
    try:
        path = weather_file(scenario.weather, beside=scenario.folder)
        shown = path.name
        content = content_of([path])
        data = _RIGHT.get(content)
        if data is None:
            options = Options(shown=shown, stem=shown.split(".")[0], extent=extent)
            data = read_file(path, problems, options)
            problems.raise_if_any()
            if not problems.found and content == content_of([path]):
                _RIGHT.keep(content, data)
        extent.note([str(region) for region in data["region"].to_numpy()], data["time"].to_numpy())
        for problem in problems.found:
            warnings.warn(str(problem), UserWarning, stacklevel=3)
        problems = Problems()
    except InputError as error:
        problems = Problems([_of_scenario(problem) for problem in error.problems])
    for region in regions or () if extent.regions is not None else ():
        if region not in (extent.regions or ()):
            message = "has no weather: the file has no such column"
            problems.add(message, table=shown, field=region, hint=_NO_COLUMN)
    if extent.first is not None and extent.last is not None:
        _check_reach(scenario, extent.first, extent.last, problems, unknown=unknown, shown=shown)
    return (None if problems.found else data), problems.found


def _of_scenario(problem: Problem) -> Problem:
    """Return a problem of a weather file; the way out is a file made with an option that a run does not have."""
    if "(--" not in problem.hint + problem.message:
        return problem
    made = "a run takes the file that `gridmodel weather convert FILE mine.nc` makes with it"
    return replace(problem, hint="; ".join(filter(None, (problem.hint, made))))


_NO_COLUMN = (
    "name other weather in the scenario: gridmodel weather convert FILE mine.csv --regions NETWORK makes columns of "
    "the regions of a network"
)
"""Way out of a scenario whose weather is of other regions."""
FARTHEST_CLOCK = np.timedelta64(14, "h")
"""Difference from UTC that no clock exceeds; a period on an unknown clock is compared with this allowance."""


def _check_reach(
    scenario: Scenario, first: np.datetime64, last: np.datetime64, problems: Problems, *,
    unknown: Collection[str], shown: str,
) -> None:  # fmt: skip
    """Note a series that does not reach from four days before the start of a run to its end."""
    first, last = first.astype("datetime64[s]"), last.astype("datetime64[s]")
    spare = FARTHEST_CLOCK if "timezone" in unknown else np.timedelta64(0, "h")
    needed = np.datetime64(scenario.start_utc, "s") - np.timedelta64(HISTORY_DAYS, "D")
    end = np.datetime64(scenario.end_utc, "s")
    if "start" not in unknown and first > needed + spare:
        message = f"must begin four days before the start of the run: by {str(needed)[:16]} UTC"
        problems.add(message, table=shown, field="time", value=str(first)[:16])
    if "end" not in unknown and last + HOUR < end - spare:
        hours = math.ceil((end - last - HOUR) / HOUR)
        message = f"ends {hours} hours before the run does: the run ends {str(end)[:16]} UTC"
        problems.add(message, table=shown, field="time", value=str(last)[:16])
