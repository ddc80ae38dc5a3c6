"""Demand of a file beside that of the network: a file in gigawatts or kilowatts, or without any, is told as that."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gridmodel.arrays import Bools, Floats
from gridmodel.errors import Problem
from gridmodel.network import Network

FAR = 30.0
"""Factor from which demand cannot be that of a region. [1] Ours: between what demand swings and the thousand from one
unit to the next."""
UNITS = (("kilowatts", 1.0), ("watts", FAR * 1e3), ("gigawatts", 1.0), ("terawatts", FAR * 1e3))
"""Units that a file may be in: two for values that are too high, two for those too low, and how much more so at least,
over `FAR`."""
MAX_NAMED = 5
"""Most regions that a message names."""


def demand_problems(demand_mw: Floats, network: Network, *, shown: str) -> list[Problem]:
    """Return a problem for each unit but megawatts that demand seems to be in.

    Parameters
    ----------
    demand_mw
        Demand by date, shape ``(time, region)``. [MW]
    network
        Its regions have a reference demand.
    shown
        Name of the file.

    Returns
    -------
    list of Problem
        Errors, where any value is `FAR` times the reference demand of its region or the whole file is too low in the
        mean; warnings, where single regions are: they may have lost their consumers. A demand of 0 says
        nothing, unless all of it is.
    """
    reference = network.tables["regions"]["reference_demand_mw"].to_numpy(dtype=float)
    mean, most = demand_mw.mean(axis=0), demand_mw.max(axis=0)
    told = (reference > 0) & (most > 0)
    if (reference > 0).any() and not (most > 0).any():
        message = "is 0 in every hour of every region: nobody would need electricity"
        return [Problem(message=message, table=shown, field="demand", hint="a demand is in megawatts")]
    high = np.divide(most, reference, out=np.ones(len(most)), where=told)
    low = np.divide(reference, mean, out=np.ones(len(most)), where=told)
    every = bool(low[told].min(initial=np.inf) > FAR) and bool(told.any())
    found = []
    for place, (unit, times) in enumerate(UNITS):
        far = high if place < 2 else low
        here = (far > FAR * times) & (far <= FAR * 1e3 if times == 1.0 else far > 0)
        if here.any():
            found.append(_problem(unit, here, demand_mw, reference, network.regions, shown=shown,
                                  warns=place >= 2 and not every))  # fmt: skip
    return found


def _problem(
    unit: str, here: Bools, demand_mw: Floats, reference: Floats, regions: Sequence[str], *, shown: str, warns: bool
) -> Problem:  # fmt: skip
    """Return the problem of the regions whose demand seems to be in a unit."""
    names = [name for name, one in zip(regions, here, strict=True) if one]
    field = ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")
    given, usual = demand_mw[:, here].mean(axis=0).sum(), reference[here].sum()
    message = f"{given:,.4g} MW in the mean, where the network has {usual:,.4g} MW: are these {unit}?"
    hint = "a demand is in megawatts"
    return Problem(message=message, severity="warning" if warns else "error", table=shown, field=field, hint=hint)
