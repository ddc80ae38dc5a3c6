"""Settings by technology: never ranked one by one, since a ranking of technologies would be one of targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gridmodel.scenario.distributions import Bounds, parse_distribution

FOLDED = ("availability", "forced_outages", "repair_days")
"""Settings by technology, or by class of damage, whose parts count as one where settings are ranked."""
QUANTILES = (np.arange(20) + 0.5) / 20
"""Shares at which a distribution is taken to compare it with another. [1]"""


def folded(path: str) -> str:
    """Return the name under which a setting is ranked: for one technology or class, that of the whole setting.

    Examples
    --------
    >>> folded("availability.nuclear"), folded("import_limit_mw")
    ('availability', 'import_limit_mw')
    """
    name = path.partition(".")[0]
    return name if name in FOLDED else path


def moves_apart(availabilities: Sequence[Mapping[str, object]]) -> bool:
    """Return whether runs of different availability could tell technologies apart.

    Parameters
    ----------
    availabilities
        Setting `availability` of each run: factors, or distributions as a scenario writes them; 1 where it names none.

    Returns
    -------
    bool
        False if at most one technology differs, or if those that differ all rise from run to run when the runs are
        put in the order of one of them.

    Examples
    --------
    >>> moves_apart([{}, {"nuclear": 0.5}]), moves_apart([{"nuclear": 0.5}, {"hydro": 0.5}])
    (False, True)
    >>> moves_apart([{}, {"nuclear": 0.9, "hydro": 0.8}, {"nuclear": 0.5, "hydro": 0.6}])
    False
    """
    names = sorted({name for one in availabilities for name in one})
    values = np.array([[_size(one.get(name, 1.0)) for name in names] for one in availabilities], dtype=float)
    moving = np.flatnonzero(np.ptp(values, axis=0) > 0) if len(values) and names else np.zeros(0, dtype=np.intp)
    if len(moving) < 2:
        return False
    ordered = np.unique(values[:, moving], axis=0)  # rows in the order of the first of them
    return bool((np.diff(ordered, axis=0) <= 0).any())


def _size(value: object) -> float:
    """Return a factor, or the mean of a distribution."""
    if isinstance(value, Mapping):
        found, _ = parse_distribution(value, Bounds(low=0.0))
        return 1.0 if found is None else float(found.quantile(QUANTILES).mean())
    return float(value) if isinstance(value, int | float) else 1.0
