"""Person-hours: how long people lack power, heat and water, and how cold their homes are."""

from __future__ import annotations

import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.results.steps import check_result, named, step_h, variable


def hours_without_power_per_day(result: xr.Dataset) -> xr.DataArray:
    """Hours per day without power of the mean person, mean over the run, ``(member, region)``. [h/d]

    Rotation and damage together, so that these hours times people and days are the person-hours without power. The
    hours that an outage schedule announces are others: those of homes in its queues, in whole sub-queues. Results
    without the count of people take the share of households' demand that is shed, or of all that is not critical where
    households have none.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.hours_without_power_per_day(result).isel(member=0).round(2).to_series().to_dict()
    {'TR-1': 7.65, 'TR-2': 10.71, 'TR-3': 7.65}
    """
    step_h(result)
    if "people_without_power" in result:
        people = variable(result, "population")
        off = (variable(result, "people_without_power") / people).where(people != 0, 0.0)
        hours = (off.mean("time", skipna=False) * 24.0).transpose(..., "member", "region")
        return named(hours, "h d-1", "Hours per day without power")
    need, shed = variable(result, "demand_mw"), variable(result, "shed_mw")
    homes, others = need.sel(tier="household", drop=True), need["tier"] != "critical"
    need, shed = (
        values.sel(tier="household", drop=True).where(homes != 0, values[{"tier": others}].sum("tier", skipna=False))
        for values in (need, shed)
    )
    share = (shed / need).where(need != 0, 0.0)
    hours = share.mean("time", skipna=False) * 24.0
    return named(hours.transpose(..., "member", "region"), "h d-1", "Hours per day without power")


def person_hours(result: xr.Dataset, name: str) -> xr.DataArray:
    """Person-hours of a variable that counts people, ``(member,)``. [h]

    Parameters
    ----------
    name
        E.g. `people_without_power`.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> round(gm.metrics.person_hours(result, "people_without_power").item())
    34285714
    """
    hours = variable(result, name).sum(("region", "time"), skipna=False) * step_h(result)
    return named(hours, "h", f"Person-hours: {name}")


def person_hours_by_cause(result: xr.Dataset, name: str) -> xr.DataArray:
    """Person-hours of a variable that splits a count of people by cause, ``(member, cause)``. [h]

    Parameters
    ----------
    name
        `people_without_heat_cause` or `people_without_water_cause`.

    Notes
    -----
    Sums are taken in double precision, which results do not have for such variables, so that causes add up to the
    person-hours of the count within their rounding.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> hours = gm.metrics.person_hours_by_cause(result, "people_without_water_cause").isel(member=0)
    >>> [str(cause) for cause in hours["water_cause"].values[hours.values > 0]]
    ['pumps_damaged', 'high_floor_without_power']
    """
    hours = variable(result, name).sum(("region", "time"), dtype=float, skipna=False) * step_h(result)
    return named(hours, "h", f"Person-hours: {name}")


def saidi_h(result: xr.Dataset) -> xr.DataArray:
    """Hours without power of the mean person, SAIDI by people in place of customers, ``(member,)``. [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> round(gm.metrics.saidi_h(result).item(), 2)  # 34,285,714 person-hours of 2,000,000 people
    17.14
    """
    hours = person_hours(result, "people_without_power") / max(float(variable(result, "population").sum()), 1.0)
    return named(hours, "h", "Hours without power of the mean person")


def degree_hours_below_18(result: xr.Dataset) -> xr.DataArray:
    """Degree-hours below 18 °C in the mean person's home, ``(member,)``. [K h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.degree_hours_below_18(result).attrs["units"]
    'K h'
    """
    step_h(result)
    people = variable(result, "population")
    total = (variable(result, "degree_hours_below_18c").sum("time", skipna=False) * people).sum("region", skipna=False)
    return named(total / max(float(people.sum()), 1.0), "K h", "Degree-hours below 18 degC in the mean home")


def person_degree_hours(result: xr.Dataset, threshold_c: float) -> xr.DataArray:
    """Sum over people and hours of the kelvin by which their rooms are below a temperature, ``(member, region)``. [K h]

    Parameters
    ----------
    threshold_c
        Indoor air: 18 or 12. [°C]

    Raises
    ------
    InputError
        If the run does not have them: its network has no heat systems, or an older version made it.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.person_degree_hours(result, 12).dims
    ('member', 'region')
    """
    check_result(result)
    name = f"degree_hours_below_{threshold_c:g}c"
    if name not in result:
        message = "is not in this run: its network has no heat systems, or an older version made it; run it again"
        raise InputError([Problem(message=message, field=name)])
    step_h(result)
    hours = (variable(result, name).sum("time", skipna=False) * variable(result, "population")).transpose(
        ..., "member", "region"
    )
    return named(hours, "K h", f"Person-degree-hours below {threshold_c:g} degC")
