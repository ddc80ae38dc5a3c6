"""Form of a result that the CF conventions ask for, beside what a run has in memory."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

UDUNITS: Mapping[str, str] = {"MWh": "MW h"}
"""Units of a result as UDUNITS knows them."""
NO_UNIT = "as the setting"
"""Unit of a variable whose values have different ones; a file leaves it out."""
NOT_WRITTEN = ("date_created",)
"""Attributes of a run in memory that are in its manifest, so that equal results give equal bytes."""


def cf_form(result: xr.Dataset) -> xr.Dataset:
    """Return a result whose attributes are as the CF conventions ask for."""
    made = result.copy()
    made.attrs = {name: value for name, value in result.attrs.items() if name not in NOT_WRITTEN}
    for values in made.variables.values():
        unit = str(values.attrs.get("units", ""))
        if unit in UDUNITS:
            values.attrs = {**values.attrs, "units": UDUNITS[unit]}
        elif unit == NO_UNIT:
            values.attrs = {name: value for name, value in values.attrs.items() if name != "units"}
    return made


def own_unit(unit: str) -> str:
    """Return a unit of a file as results have it in memory.

    Examples
    --------
    >>> own_unit("MW h"), own_unit("MW")
    ('MWh', 'MW')
    """
    return {theirs: ours for ours, theirs in UDUNITS.items()}.get(unit, unit)


def with_own_units(opened: xr.Dataset) -> xr.Dataset:
    """Return the content of a file with units as results have them in memory."""
    for values in opened.variables.values():
        unit = values.attrs.get("units")
        if isinstance(unit, str):
            values.attrs["units"] = own_unit(unit)
    return opened
