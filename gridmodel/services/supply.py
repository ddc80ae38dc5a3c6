"""Series by date: demand, and supply (imports, availability) with a range that members draw along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from gridmodel.arrays import Floats
from gridmodel.inputs.files import find_series
from gridmodel.inputs.series import Series, read_series
from gridmodel.inputs.technologies import own_technologies
from gridmodel.sampling import purpose_of, stream
from gridmodel.scenario import Scenario
from gridmodel.services.megawatts import Megawatts, columns_in_megawatts, split
from gridmodel.vocabulary import TECHNOLOGIES

IMPORT = "import_limit_mw"
"""Column of the limit of imports; all others are of technologies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Limit of imports and availability over time; the member axis is 1 where all members have the same."""

    import_limit_mw: Floats | None
    """Shape ``(time + day, member)``; None if the file does not give it. [MW]"""
    availability: dict[str, Floats]
    """Factor on the available capacity by technology, shape ``(time + day, member)``. [1]"""
    megawatts: Megawatts = field(default_factory=Megawatts)
    """What the file gives in megawatts of a technology."""


def read_demand(scenario: Scenario, regions: Sequence[str]) -> Series | None:
    """Read the series of demand that a scenario names, of every region; None without one.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    if scenario.demand is None:
        return None
    return read_series(
        find_series(scenario.demand, "demand", beside=scenario.folder), known=regions, every=True, hourly=True,
        start=np.datetime64(scenario.start_utc, "s"), end=np.datetime64(scenario.end_utc, "s"),
    )  # fmt: skip


def read_supply(scenario: Scenario) -> Series | None:
    """Read the series of supply that a scenario names; None without one, or if its columns cannot be told.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    own = None if scenario.supply is None else own_technologies(scenario.network, scenario.folder)
    if scenario.supply is None or own is None:
        return None
    kinds = (*TECHNOLOGIES, *own)
    return read_series(
        find_series(scenario.supply, "supply", beside=scenario.folder),
        known=(IMPORT, *kinds, *columns_in_megawatts(kinds)), every=False, hourly=False,
        start=np.datetime64(scenario.start_utc, "s"), end=np.datetime64(scenario.end_utc, "s"),
    )  # fmt: skip


def build_supply(
    series: Series, scenario: Scenario, streams: Sequence[int], times: npt.NDArray[np.datetime64], *, elapsed: int = 0,
    technologies: Sequence[str] = TECHNOLOGIES,
) -> Supply:  # fmt: skip
    """Draw the course of supply about its series.

    Parameters
    ----------
    series
        Values by date.
    scenario
        With `supply_range` and `supply_autocorrelation_h`; a deterministic run takes the middle of the range.
    streams
        Number of each member's random streams; each column has a stream of its own.
    times
        Steps of the run and of a day more, UTC, shape ``(time + day,)``.
    elapsed
        Steps before these of the run that it goes on with, which the same numbers are drawn for.
    technologies
        Technologies of the network, whose columns in megawatts are taken as they are.
    """
    series, megawatts = split(series, technologies, times)
    values = series.at(times)
    low, high = scenario.supply_range
    found = {}
    for place, name in enumerate(series.names):
        factor = np.full((1, 1), 0.5 * (low + high))
        if not scenario.deterministic and high > low:
            drawn = [
                stream(scenario.seed, number, purpose_of(f"supply.{name}")).normal(size=elapsed + len(times))
                for number in streams
            ]
            share = autocorrelated(np.stack(drawn, axis=1), scenario.step_h / scenario.supply_autocorrelation_h)
            factor = low + (high - low) * share[elapsed:]
        found[name] = values[:, place, None] * factor
    limit = found.pop(IMPORT, None)
    return Supply(import_limit_mw=limit, availability=found, megawatts=megawatts)


def autocorrelated(normal: Floats, step: float) -> Floats:
    """Return uniform numbers that change slowly, each of its own course.

    Parameters
    ----------
    normal
        Independent standard normal numbers, shape ``(time, …)``.
    step
        Length of a step over the time in which the correlation falls to 1/e. [1]

    Returns
    -------
    numpy.ndarray
        Uniform in [0, 1] at every time, same shape: the normal scores are correlated by ``exp(−lag/τ)``.

    Notes
    -----
    ``z(t) = ρ z(t−1) + √(1 − ρ²) n(t)``, ``z(0) = n(0)``, ``ρ = exp(−Δt/τ)``; a first-order filter.
    """
    from scipy.signal import lfilter

    correlation = np.exp(-step)
    scaled = normal * np.sqrt(-np.expm1(-2.0 * step))
    scaled[0] = normal[0]
    return np.asarray(ndtr(lfilter([1.0], [1.0, -correlation], scaled, axis=0)))
