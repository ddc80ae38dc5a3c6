"""Uncertainty over members: intervals, exceedance, tails, paired differences, quantiles out of memory.

Every function takes one value per member, or a dataset that it reads part by part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, nearest
from gridmodel.results.metrics import QUANTILES, Estimate, estimate, tail_mean
from gridmodel.services.registry import LABELS

SECOND_PASS_BYTES = 200_000_000
"""Most memory for all members of one block of a second pass. [byte] Ours: a tenth of the default memory of a sweep."""


def mean_and_error(values: xr.DataArray | Floats) -> tuple[float, float | None]:
    """Compute the mean and its standard error over the members present; None as the error of a single member.

    Parameters
    ----------
    values
        One value per member, shape ``(member,)``; missing ones are left out.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> gm.statistics.mean_and_error(np.array([1.0, 3.0, np.nan]))
    (2.0, 1.0)
    """
    data = _there(values)
    if not len(data):
        return float("nan"), None
    known = estimate(data)
    return known.mean, None if len(data) < 2 else known.standard_error


def confidence_interval(values: xr.DataArray | Floats, level: float = 0.95) -> tuple[float, float]:
    """Compute the interval that contains the mean with a given confidence.

    Parameters
    ----------
    values
        One value per member, sampled independently.
    level
        Confidence. [1]

    Notes
    -----
    Student's interval, corrected for skewness: see `mean_interval`. For Latin hypercube and Sobol samples it is wider
    than it need be.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> low, high = gm.statistics.confidence_interval(np.array([0.0, 0.0, 1.0, 0.0, 7.0, 0.0, 2.0, 0.0, 0.0, 0.0]))
    >>> round(low, 2), round(high, 2)  # of a mean of 1: large, rare values may have been missed
    (-0.11, 7.04)
    """
    low, high = mean_interval(_there(values)[:, None], level)
    return float(low[0]), float(high[0])


def mean_interval(values: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Compute the interval that contains the mean of each column with a given confidence, each of shape ``(column,)``.

    Parameters
    ----------
    values
        Shape ``(member, column)``, members drawn independently.
    level
        Confidence. [1]

    Notes
    -----
    Hall's transformation takes the skewness γ out of ``U = (mean − μ)/s``:
    ``T = U + γ U²/3 + γ² U³/27 + γ/(6n)``; ``√n T`` is compared with Student's t with n − 1 degrees of freedom, and the
    cube is solved for μ. Where γ is 0 that is Student's interval, exact for normal values. One member has no interval.

    References
    ----------
    Hall (1992), On the removal of skewness by transformation, Journal of the Royal Statistical Society B 54, 221-228.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> low, high = gm.statistics.mean_interval(np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 9.0]]))
    >>> low.round(2), high.round(2)  # the second column is skewed
    (array([-0.48, -7.08]), array([ 4.48, 30.17]))
    """
    from scipy.special import stdtrit

    count = len(values)
    if count < 2:
        return np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    mean, spread = values.mean(axis=0), values.std(axis=0, ddof=1)
    cubed = ((values - mean) ** 3).mean(axis=0)
    skew = np.divide(cubed, spread**3, out=np.zeros_like(mean), where=spread**3 > 0)
    reach = float(stdtrit(count - 1, 0.5 + level / 2)) / np.sqrt(count)
    return mean - spread * _unskewed(reach, skew, count), mean - spread * _unskewed(-reach, skew, count)


def _unskewed(reach: float, skew: Floats, count: int) -> Floats:
    """Invert the transform at `reach`: ``3/γ · (∛(1 + γ a) − 1)`` with ``a = reach − γ/(6n)``, also for γ = 0."""
    shifted = reach - skew / (6.0 * count)
    root = np.cbrt(1.0 + skew * shifted)
    return np.asarray(3.0 * shifted / (root**2 + root + 1.0))


def exceedance(values: xr.DataArray | Floats) -> pd.Series[float]:
    """Compute the exceedance curve: the share of members in which a value is reached or exceeded.

    Parameters
    ----------
    values
        One value per member, shape ``(member,)``; missing ones are left out.

    Returns
    -------
    pandas.Series
        Probability by value, the smallest value first, one row per distinct value.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> gm.statistics.exceedance(np.array([1.0, 2.0, 2.0, 5.0])).to_dict()
    {1.0: 1.0, 2.0: 0.75, 5.0: 0.25}
    """
    data = np.sort(_there(values))
    distinct, first = np.unique(data, return_index=True)
    probability = 1.0 - first / max(len(data), 1)
    return pd.Series(probability, index=pd.Index(distinct, name="value"), name="probability")


def cvar(values: xr.DataArray | Floats, level: float = 0.95) -> float:
    """Compute conditional value at risk: mean of the worst ``1 - level`` of members (Rockafellar and Uryasev, 2000).

    Parameters
    ----------
    values
        One value per member, shape ``(member,)``; missing ones are left out.
    level
        Share of values below the tail. [1]

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> gm.statistics.cvar(np.arange(1.0, 101.0), 0.95)
    98.0
    """
    return tail_mean(_there(values), level)


def paired_difference(first: xr.DataArray, second: xr.DataArray) -> Estimate:
    """Compute second minus first, member by member: with common random numbers, far more precise than separate means.

    Parameters
    ----------
    first, second
        One value per member, of two variants with the same seed.

    Raises
    ------
    InputError
        If their members differ.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import xarray as xr
    >>> a = xr.DataArray([1.0, 5.0, 9.0], dims="member")
    >>> gm.statistics.paired_difference(a, a + 1).standard_error
    0.0
    """
    if not np.array_equal(first["member"], second["member"]):
        raise InputError([Problem(message="must be the same in both, to be paired", field="member")])
    return estimate(_there(second.to_numpy() - first.to_numpy()))


def member_quantiles(
    result: xr.Dataset,
    names: Sequence[str],
    levels: Sequence[float] = QUANTILES,
    *,
    memory_bytes: int = SECOND_PASS_BYTES,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Compute quantiles over members that do not fit in memory: read by variant, region and block of time.

    Parameters
    ----------
    result
        A run, or the store of a sweep.
    names
        Variables.
    levels
        Quantiles, from 0 to 1.
    memory_bytes
        Memory that one block may take. [byte]
    progress
        Called with the number of blocks done and of all blocks.

    Returns
    -------
    xarray.Dataset
        Each variable with `quantile` in place of `member`; members that are missing are left out.

    Raises
    ------
    InputError
        With every variable that is missing or has no members, every level that is none, and what is given twice.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.statistics.member_quantiles(result, ["shed_mw"], [0.5])["shed_mw"].dims
    ('quantile', 'time', 'region', 'tier')
    """
    check_quantiles(result, names, levels)
    made = {}
    for name in names:
        values = result[name].transpose("member", ...)
        rest = [str(dim) for dim in values.dims[1:]]
        out = np.full((len(levels), *values.shape[1:]), np.nan)
        blocks = list(product(*(_cuts(values, dim, memory_bytes) for dim in rest)))
        for number, block in enumerate(blocks):
            part = values.isel(dict(zip(rest, block, strict=True))).to_numpy()
            out[(slice(None), *block)] = _quantiles(part, levels)
            if progress is not None:
                progress(number + 1, len(blocks))
        made[name] = (("quantile", *rest), out, values.attrs)
    coords = {name: coord.compute() for name, coord in result.coords.items() if "member" not in coord.dims}
    return xr.Dataset(made, coords={**coords, "quantile": list(levels)}, attrs=result.attrs)


def check_quantiles(result: xr.Dataset, names: Sequence[str], levels: Sequence[float]) -> None:
    """Check what quantiles are asked of, before they are computed; arguments as in `member_quantiles`.

    Raises
    ------
    InputError
        With every variable that is missing or has no members, every level that is none, and what is given twice.
    """
    known = [str(name) for name, values in result.data_vars.items() if "member" in values.dims]
    message = "is not a variable with members"
    problems = [Problem(message=message, value=name, hint=nearest(name, known)) for name in names if name not in known]
    message = "is not a level from 0 to 1"
    problems += [Problem(message=message, value=f"{level:g}") for level in levels if not 0 <= level <= 1]
    for given in (names, [f"{level:g}" for level in levels]):
        problems += [
            Problem(message="is given twice", value=one) for one in dict.fromkeys(given) if given.count(one) > 1
        ]
    if problems:
        raise InputError(problems)


def _quantiles(values: Floats, levels: Sequence[float]) -> Floats:
    """Compute quantiles over the first axis; missing where no member is present."""
    if not np.isnan(values).any():
        return np.asarray(np.quantile(values, levels, axis=0))
    flat = values.reshape(len(values), -1)
    columns = [np.quantile(column[~np.isnan(column)], levels) if not np.isnan(column).all()
               else np.full(len(levels), np.nan) for column in flat.T]  # fmt: skip
    return np.stack(columns, axis=1).reshape(len(levels), *values.shape[1:])


def _cuts(values: xr.DataArray, dim: str, memory_bytes: int) -> list[slice]:
    """Return the parts of a dimension to read one by one: single variants, blocks of time, regions if need be."""
    size = values.sizes[dim]
    inner = {"time", "region", "setting", *LABELS}
    length = size if dim in inner else 1
    if dim == "time":
        per_step = (
            8 * values.sizes["member"] * int(np.prod([values.sizes[d] for d in values.dims if d in inner - {"time"}]))
        )
        chunks = values.variable.chunksizes.get("time", (size,))
        fits = max(1, memory_bytes // max(per_step, 1))
        length = max(chunks[0], fits // chunks[0] * chunks[0])
    elif dim == "region" and "time" in values.dims:
        step = values.variable.chunksizes.get("time", (1,))[0]
        rest = [values.sizes[d] for d in values.dims if d in inner - {"time", "region"}]
        per_region = 8 * values.sizes["member"] * step * int(np.prod(rest))
        length = min(size, max(1, memory_bytes // max(per_region, 1)))
    return [slice(first, min(first + length, size)) for first in range(0, size, length)]


def _there(values: xr.DataArray | Floats) -> Floats:
    """Return the values of members that are present, in one row."""
    data = np.asarray(values, dtype=float).reshape(-1)
    return np.asarray(data[~np.isnan(data)])
