"""Series by date: demand, and supply (imports, availability) with a range that members draw along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from gridmodel.arrays import Floats, row_sum
from gridmodel.inputs.files import find_series
from gridmodel.inputs.series import Series, read_series
from gridmodel.inputs.technologies import own_technologies
from gridmodel.sampling import purpose_of, stream
from gridmodel.scenario import Scenario
from gridmodel.vocabulary import TECHNOLOGIES

IMPORT = "import_limit_mw"
"""Column of the limit of imports; all others are of technologies."""
OUT, OUTPUT = "_out_mw", "_mw"
"""Ends of columns in megawatts: plant of a technology that is out of service, and all that a technology can give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Limit of imports and availability over time; the member axis is 1 where all members have the same."""

    import_limit_mw: Floats | None
    """Shape ``(time + day, member)``; None if the file does not give it. [MW]"""
    availability: dict[str, Floats]
    """Factor on the available capacity by technology, shape ``(time + day, member)``. [1]"""
    output_mw: dict[str, Floats] = field(default_factory=dict)
    """All that a technology can give, whatever its capacity and profile, shape ``(time + day,)``. [MW]"""
    out_mw: dict[str, Floats] = field(default_factory=dict)
    """Plant of a technology that is out of service, same shape. [MW]"""


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
    known = (IMPORT, *kinds, *(f"{kind}{end}" for end in (OUTPUT, OUT) for kind in kinds))
    return read_series(
        find_series(scenario.supply, "supply", beside=scenario.folder), known=known, every=False, hourly=False,
        start=np.datetime64(scenario.start_utc, "s"), end=np.datetime64(scenario.end_utc, "s"),
    )  # fmt: skip


def build_supply(
    series: Series, scenario: Scenario, streams: Sequence[int], times: npt.NDArray[np.datetime64], *, elapsed: int = 0
) -> Supply:  # fmt: skip
    """Draw the course of supply about its series; columns in megawatts are taken as they are.

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
    """
    values = series.at(times)
    low, high = scenario.supply_range
    found, megawatts = {}, {}
    for place, name in enumerate(series.names):
        if name != IMPORT and name.endswith(OUTPUT):
            megawatts[name] = values[:, place]
            continue
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
    out = {name.removesuffix(OUT): values for name, values in megawatts.items() if name.endswith(OUT)}
    output = {name.removesuffix(OUTPUT): values for name, values in megawatts.items() if not name.endswith(OUT)}
    return Supply(import_limit_mw=limit, availability=found, output_mw=output, out_mw=out)


def in_megawatts(available_mw: Floats, technology: Sequence[str], supply: Supply) -> Floats:
    """Return the most that generators can give where a series says it in megawatts.

    Parameters
    ----------
    available_mw
        Most that generators can give by their tables, factors and profiles, shape ``(time + day, generator)`` or
        ``(time + day, member, generator)``. [MW]
    technology
        Technology of each generator.
    supply
        With `output_mw` and `out_mw`.

    Returns
    -------
    numpy.ndarray
        Same shape. What a technology can give is shared by its generators, and what is out of service is taken from
        them, in proportion to what each could give otherwise; where none could, equally. Never below 0. [MW]

    Notes
    -----
    ``max(0, output − out)``, with the sum over the technology's generators as output where no series gives it. Ours:
    operators publish both for the whole country, and not where.

    Examples
    --------
    >>> given = Supply(import_limit_mw=None, availability={}, out_mw={"nuclear": np.array([150.0])})
    >>> in_megawatts(np.array([[200.0, 100.0, 80.0]]), ["nuclear", "nuclear", "hydro"], given)
    array([[100.,  50.,  80.]])
    """
    made = available_mw.copy()
    for name in sorted({*supply.output_mw, *supply.out_mw}):
        places = [place for place, of in enumerate(technology) if of == name]
        if not places:
            continue
        own = available_mw[..., places]
        whole = row_sum(own)
        at = (slice(None), *[None] * (whole.ndim - 1))
        most = supply.output_mw[name][at] if name in supply.output_mw else whole
        lost = supply.out_mw[name][at] if name in supply.out_mw else 0.0
        share = np.divide(own, whole[..., None], out=np.full_like(own, 1 / len(places)), where=whole[..., None] > 0)
        made[..., places] = share * np.maximum(most - lost, 0.0)[..., None]
    return made


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
