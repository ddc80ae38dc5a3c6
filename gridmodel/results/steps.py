"""Steps and dimensions of a result, checked before anything is summed over them.

A result may come to a metric changed: some regions, one member, daily means. What still has a meaning is computed; the
rest is refused with a sentence, since a sum of daily means times the length of a step would be a wrong number.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, nearest
from gridmodel.services.registry import VARIABLES

RESAMPLED = "take metrics of the result of a run first, and resample, average or thin out what they return"
"""Advice about a result whose steps are not those of its run."""


def check_result(result: object) -> None:
    """Check that something is a result.

    Raises
    ------
    InputError
        If it is not: a scenario, the path of a run folder, or one variable.
    """
    if not isinstance(result, xr.Dataset):
        message = f"must be the result of a run, an xarray.Dataset, not {type(result).__name__}"
        hint = "gm.run(scenario) makes a result, gm.open_run(folder) reads one"
        raise InputError([Problem(message=message, field="result", hint=hint)])


def step_h(result: xr.Dataset, *, whole: bool = False) -> float:
    """Return the length of a step, after checking that the result still has the steps of its run. [h]

    Parameters
    ----------
    result
        Result of a run, or a part of it.
    whole
        Whether steps must follow each other without a gap: to count events, their lengths, or hours until something.

    Raises
    ------
    InputError
        If the result was resampled, thinned out, averaged over time or has lost the attribute `step_h`; or if steps are
        missing between others and must not.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.step_h(result)
    1.0
    """
    check_result(result)
    if "step_h" not in result.attrs:
        message = "is missing: an operation on the result has dropped its attributes"
        hint = "use xr.set_options(keep_attrs=True), or take the metric before it"
        raise InputError([Problem(message=message, field="step_h", hint=hint)])
    length = float(result.attrs["step_h"])
    if "time" not in result.dims:
        if "time" in result.coords or "local_time" in result.coords:
            message = "is a single time: select it as a list, such as result.isel(time=[5])"
            raise InputError([Problem(message=message, field="time")])
        message = "is not a dimension any more: a sum or mean over time has no metric"
        raise InputError([Problem(message=message, field="time", hint=RESAMPLED)])
    if not result.sizes["time"]:
        raise InputError([Problem(message="has no steps: the selection left none", field="time")])
    _check_spacing(result, length, whole=whole)
    return length


def _check_spacing(result: xr.Dataset, length: float, *, whole: bool) -> None:
    """Check the distance between steps; a dataset without times cannot be checked.

    Raises
    ------
    InputError
        If it is not that of the run.
    """
    if "time" not in result.coords or result["time"].dtype.kind != "M":
        return
    times = result["time"].to_numpy()
    apart = np.diff(times) / np.timedelta64(1, "h")
    alike = np.abs(apart - length) <= 1e-8 + 1e-5 * abs(length)  # `np.isclose` takes ten times as long for so few
    thinned = len(apart) > 0 and not alike[apart.argmin()]
    averaged = len(times) == 1 and "local_time" not in result.coords
    if thinned or averaged:
        now = f"{apart.min():g} h apart" if thinned else "not those of the run"
        message = f"has steps that are {now}, but values are of steps of {length:g} h: it was resampled or thinned out"
        raise InputError([Problem(message=message, field="time", hint=RESAMPLED)])
    if whole and len(apart) and not alike.all():
        after = str(times[int(np.argmax(~alike))])[:16].replace("T", " ")
        message = f"has a gap after {after} UTC: events and hours until something need steps without gaps"
        raise InputError([Problem(message=message, field="time", hint="select one stretch of time")])


def variable(result: xr.Dataset, name: str) -> xr.DataArray:
    """Return a variable with the dimensions that it is declared with; a single region, member or tier is a list of one.

    Raises
    ------
    InputError
        If the result does not contain it, or a dimension was summed or averaged away.
    """
    check_result(result)
    if name not in result:
        hint = nearest(name, [str(known) for known in result.data_vars])
        message = "is not in this result: its network has none, an older version made it, or it was not kept"
        raise InputError([Problem(message=message, field=name, hint=hint)])
    values = result[name]
    _check_regions(values)
    for dim in VARIABLES[name].dims if name in VARIABLES else ():
        if dim in values.dims:
            continue
        if dim == "time":
            step_h(result)
        if dim not in values.coords:
            message = f"has no dimension {dim} any more: a metric sums over it itself"
            raise InputError(
                [Problem(message=message, field=name, hint=f"select with .sel({dim}=…) in place of a sum")]
            )
        values = values.expand_dims(dim)
    return values


def _check_regions(values: xr.DataArray) -> None:
    """Check that no region comes twice.

    Raises
    ------
    InputError
        If one does.
    """
    if "region" not in values.dims or "region" not in values.coords:
        return
    names = values["region"].to_numpy().tolist()
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError([Problem(message="is selected twice and would count twice", field="region", value=str(twice))])


def of_steps(values: xr.DataArray) -> Floats:
    """Return the values of every step in double precision, shape ``(member, time, region)``."""
    return np.asarray(values.transpose("member", "time", "region").to_numpy(), dtype=float)


def as_run(result: xr.Dataset) -> xr.Dataset:
    """Return a result in which a single region or member that was selected is a dimension again."""
    check_result(result)
    for dim in ("member", "region"):
        if dim in result.dims or dim not in result.coords:
            continue
        beside = [
            name for name in result.coords if dim == "region" and str(name).startswith(("region_name", "centre_"))
        ]
        names = [name for name in result.data_vars if dim in getattr(VARIABLES.get(str(name)), "dims", ())]
        wide = {name: result[name].expand_dims(dim) for name in (*names, *beside)}
        result = result.drop_vars([dim, *beside]).assign(
            {name: values.drop_vars([*beside, dim], errors="ignore") for name, values in wide.items()}
        )
        result = result.assign_coords({dim: [wide[names[0]][dim].to_numpy()[0]]}).set_coords(beside)
    return result


def variant_dims(result: xr.Dataset) -> list[str]:
    """Return the dimensions of a sweep: settings that were changed, or `variant`; empty for a run."""
    check_result(result)
    for name in ("shed_mw", "demand_mw", "people_without_power", *map(str, result.data_vars)):
        if name in result and name in VARIABLES:
            known = {"member", *VARIABLES[name].dims}
            return [str(dim) for dim in result[name].dims if dim not in known]
    return []


def named(values: xr.DataArray, units: str, long_name: str) -> xr.DataArray:
    """Return the same values under their own unit and name; what they were made of had others."""
    copied = values.copy()
    copied.attrs = {"units": units, "long_name": long_name}
    return copied
