"""Series by date: demand, and supply (imports, availability) with a range that members draw along it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from gridmodel.arrays import Floats
from gridmodel.errors import Problems
from gridmodel.inputs.files import find_series
from gridmodel.inputs.series import Series, read_series
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.inputs.technologies import own_technologies
from gridmodel.regions import Regions
from gridmodel.sampling import drawn_along
from gridmodel.scenario import Scenario
from gridmodel.services.megawatts import OUTPUT, Megawatts, columns_in_megawatts, split
from gridmodel.vocabulary import TECHNOLOGIES

IMPORT = "import_limit_mw"
"""Column of the limit of imports; all others are of technologies."""
DAY = np.timedelta64(1, "D")
"""Time before the run at which a file of several rows may end. Ours: a last value that was set the day before holds."""
LATELY = np.timedelta64(31, "D")
"""Time before the run within which a single row may stand for all of it. Ours: a month."""
LOW, HIGH = ":low", ":high"
"""Ends of the names of two columns that give a range by date in place of one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Limit of imports and availability over time; the member axis is 1 where all members have the same."""

    import_limit_mw: Floats | None
    """Shape ``(time + day, member)``; None if the file does not give it. [MW]"""
    availability: dict[str, Floats]
    """Factor on the available capacity by technology, shape ``(time + day, member)``. [1]"""
    megawatts: Megawatts = field(default_factory=Megawatts)
    """Columns of the file in megawatts of a technology."""
    least_import_mw: float = np.inf
    """Lowest limit of imports that the file gives for the run; infinite if it gives none. [MW]"""
    held_from: str = ""
    """Time of the last row, UTC, where it is before the run and may not be meant to hold throughout; else empty."""
    plant_hash: str = ""
    """First 16 digits of a SHA-256 over what the file gives of technologies; empty if it gives imports only."""


def _period(
    scenario: Scenario, unknown: Collection[str]
) -> tuple[np.datetime64 | None, np.datetime64 | None]:  # fmt: skip
    """Return the start and end of a run in UTC, None for one that is not known."""
    start, end = np.datetime64(scenario.start_utc, "s"), np.datetime64(scenario.end_utc, "s")
    if "timezone" in unknown:
        return None, None
    return None if "start" in unknown else start, None if "end" in unknown else end


def read_demand(
    scenario: Scenario, regions: Regions | None, *, unknown: Collection[str] = ()
) -> Series | None:  # fmt: skip
    """Read the series of demand that a scenario names, of every region; None without one.

    Parameters
    ----------
    scenario
        Names the file and the period.
    regions
        Regions of the network; None if they are not known: then the file is only looked for.
    unknown
        Settings whose value is not known.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    path = None if scenario.demand is None else find_series(scenario.demand, "demand", beside=scenario.folder)
    if path is None or regions is None:
        return None
    start, end = _period(scenario, unknown)
    return read_series(
        path, known=regions.ids, every=True, hourly=True, start=start, end=end, places=regions
    )  # fmt: skip


def read_supply(scenario: Scenario, *, unknown: Collection[str] = ()) -> Series | None:
    """Read the series of supply that a scenario names; None without one, or if its columns cannot be told.

    Parameters
    ----------
    scenario
        Names the file and the period.
    unknown
        Settings whose value is not known.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    if scenario.supply is None:
        return None
    path = find_series(scenario.supply, "supply", beside=scenario.folder)
    own = None if "network" in unknown else own_technologies(scenario.network, scenario.folder)
    if own is None:
        return None
    start, end = _period(scenario, unknown)
    kinds = (*TECHNOLOGIES, *own)
    names = (IMPORT, *kinds)
    return read_series(
        path,
        known=(*names, *columns_in_megawatts(kinds), *(f"{name}{end}" for name in names for end in (LOW, HIGH))),
        every=False, hourly=False, check=partial(_check_columns, shown=path.name),
        factors={*kinds, *(f"{name}{side}" for name in kinds for side in (LOW, HIGH))}, start=start, end=end,
    )  # fmt: skip


def _check_columns(series: Series, problems: Problems, *, shown: str) -> None:
    """Note what is wrong with ranges by date, in the order of the file, and factors beside megawatts."""
    for name in dict.fromkeys(name.removesuffix(LOW).removesuffix(HIGH) for name in series.names if ":" in name):
        _check_range(series, name, problems, shown=shown)
    for name in series.names:
        technology = name.removesuffix(LOW).removesuffix(HIGH)
        exact = f"{technology}{OUTPUT}"
        if exact in series.names:
            message = f"cannot be given beside {exact}, which is all that {technology} can give whatever its factor"
            problems.add(message, table=shown, field=name, hint="leave one of the two out")


def _check_range(series: Series, name: str, problems: Problems, *, shown: str) -> None:
    """Note a range that lacks an end, has a value beside it, or ends below its start."""
    for end, other in ((LOW, HIGH), (HIGH, LOW)):
        if f"{name}{end}" not in series.names:
            hint = f"{name}{LOW} and {name}{HIGH} are the ends of one range"
            problems.add(f"has no column beside {name}{other}", table=shown, field=f"{name}{end}", hint=hint)
            return
    if name in series.names:
        message = f"cannot be given beside {name}{LOW} and {name}{HIGH}, which replace it"
        problems.add(message, table=shown, field=name)
    low, high = (series.values[:, series.names.index(f"{name}{end}")] for end in (LOW, HIGH))
    for row in np.flatnonzero(low > high)[:MAX_REPORTED]:
        message = f"must not be above {name}{HIGH}, which is {high[row]:g} at {str(series.times[row])[:16]}"
        problems.add(message, table=shown, field=f"{name}{LOW}", value=f"{low[row]:g}")


def build_supply(
    series: Series, scenario: Scenario, streams: Sequence[int], times: npt.NDArray[np.datetime64], *, elapsed: int = 0,
    technologies: Sequence[str] = TECHNOLOGIES,
) -> Supply:  # fmt: skip
    """Draw the course of supply about its series.

    Parameters
    ----------
    series
        Values by date: of a column that has two, `NAME:low` and `NAME:high`, the range by date; of any other, values
        that `supply_range` widens to a range.
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
    plant, last = _plant_hash(series, times), series.times[-1]
    early = last < times[0] - (LATELY if len(series.times) == 1 else DAY)
    held = str(last)[:16] if early else ""
    series, megawatts = split(series, technologies, times)
    values = dict(zip(series.names, series.at(times).T[..., None], strict=True))
    found = {}
    for name in dict.fromkeys(name.removesuffix(LOW).removesuffix(HIGH) for name in series.names):
        if name in values:
            low, high = (values[name] * end for end in scenario.supply_range)
        else:
            low, high = values[f"{name}{LOW}"], values[f"{name}{HIGH}"]
        place = np.full((1, 1), 0.5)
        if not scenario.deterministic and (high > low).any():
            drawn = [
                drawn_along(
                    scenario,
                    number,
                    f"supply.{name}",
                    elapsed,
                    partial(np.random.Generator.normal, size=elapsed + len(times)),
                )
                for number in streams
            ]
            share = autocorrelated(np.stack(drawn, axis=1), scenario.step_h / scenario.supply_autocorrelation_h)
            place = share[elapsed:]
        found[name] = low + (high - low) * place
    limit = found.pop(IMPORT, None)
    least = min((float(values[name].min()) for name in (IMPORT, f"{IMPORT}{LOW}") if name in values), default=np.inf)
    return Supply(
        import_limit_mw=limit,
        availability=found,
        megawatts=megawatts,
        least_import_mw=least,
        held_from=held,
        plant_hash=plant,
    )


def _plant_hash(series: Series, times: npt.NDArray[np.datetime64]) -> str:
    """Return the hash of the columns that are not of imports, in the order of their names."""
    names = sorted(name for name in series.names if name.removesuffix(LOW).removesuffix(HIGH) != IMPORT)
    if not names:
        return ""
    values = np.ascontiguousarray(series.at(times)[:, [series.names.index(name) for name in names]])
    return sha256("\n".join(names).encode() + values.tobytes()).hexdigest()[:16]


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
