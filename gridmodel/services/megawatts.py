"""Supply that a series gives in megawatts: all that a technology can give, and plant of it that is out of service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, row_sum
from gridmodel.inputs.series import Series

OUT, OUTPUT = "_out_mw", "_mw"
"""Ends of the names of columns in megawatts, after that of a technology."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Megawatts:
    """Supply in megawatts over time, by technology, each of shape ``(time + day,)``."""

    output: Mapping[str, Floats] = field(default_factory=dict)
    """All that a technology can give, whatever its capacity and profile. [MW]"""
    out: Mapping[str, Floats] = field(default_factory=dict)
    """Plant of a technology that is out of service. [MW]"""


def columns_in_megawatts(technologies: Sequence[str]) -> tuple[str, ...]:
    """Return the names of all columns that may give supply of some technologies in megawatts."""
    return tuple(f"{name}{end}" for end in (OUTPUT, OUT) for name in technologies)


def split(series: Series, technologies: Sequence[str], times: npt.NDArray[np.datetime64]) -> tuple[Series, Megawatts]:
    """Return a series without its columns in megawatts, and these at some times."""
    known = set(columns_in_megawatts(technologies))
    exact = [name for name in series.names if name in known]
    others = [place for place, name in enumerate(series.names) if name not in known]
    values = dict(zip(series.names, series.at(times).T, strict=True))
    out = [name for name in exact if name.endswith(OUT)]
    made = Megawatts(
        output={name.removesuffix(OUTPUT): values[name] for name in exact if name not in out},
        out={name.removesuffix(OUT): values[name] for name in out},
    )
    names = tuple(series.names[place] for place in others)
    return replace(series, names=names, values=series.values[:, others]), made


def with_megawatts(available_mw: Floats, technology: Sequence[str], given: Megawatts) -> Floats:
    """Return the most that generators can give where a series says it in megawatts.

    Parameters
    ----------
    available_mw
        Most that generators can give by their tables, factors and profiles, shape ``(time + day, generator)`` or
        ``(time + day, member, generator)``. [MW]
    technology
        Technology of each generator.
    given
        What the series says.

    Returns
    -------
    numpy.ndarray
        Same shape. What a technology can give is shared by its generators, and what is out of service is taken from
        them, in proportion to what each could give otherwise; where none could, equally. Never below 0. [MW]

    Notes
    -----
    ``max(0, output − out)``, with the sum over the technology's generators as output where no series gives it. Ours:
    operators publish both for a whole grid, and not where.

    Examples
    --------
    >>> given = Megawatts(out={"nuclear": np.array([150.0])})
    >>> with_megawatts(np.array([[200.0, 100.0, 80.0]]), ["nuclear", "nuclear", "hydro"], given)
    array([[100.,  50.,  80.]])
    """
    made = available_mw.copy()
    for name in sorted({*given.output, *given.out}):
        places = [place for place, of in enumerate(technology) if of == name]
        if not places:
            continue
        own = available_mw[..., places]
        whole = row_sum(np.ascontiguousarray(own))
        at = (slice(None), *[None] * (whole.ndim - 1))
        most = given.output[name][at] if name in given.output else whole
        lost = given.out[name][at] if name in given.out else 0.0
        share = np.divide(own, whole[..., None], out=np.full_like(own, 1 / len(places)), where=whole[..., None] > 0)
        made[..., places] = share * np.maximum(most - lost, 0.0)[..., None]
    return made
