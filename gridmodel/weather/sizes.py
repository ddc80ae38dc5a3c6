"""Temperatures that cannot be: what they look like, and what helps."""

from __future__ import annotations

import numpy as np

from gridmodel.errors import Problems
from gridmodel.weather.series import (
    ABSOLUTE_ZERO_C,
    COLDEST_C,
    KELVIN_ABOVE,
    WARMEST_C,
    Array,
    Options,
    Series,
)

HOTTEST_F = 134.0
"""Highest temperature of the air that was measured, in degF: Death Valley, 1913 (WMO). [degF]"""
CODES = (-9999.0, -999.9, -999.0, -99.9, -99.0, 99.9, 999.0, 999.9, 9999.0, 9999.9, 32767.0, -32767.0, -32768.0)
"""Numbers that stand for a missing value in files of weather services and loggers."""
_CODE_HINT = "looks like a code of a missing value: leave such cells empty, or declare it as _FillValue"
_WORDS = {"K": "kelvin", "degF": "degrees Fahrenheit", "tenths": "tenths of degC", "degC": "degC"}


def check_size(series: Series, problems: Problems, options: Options, *, table_lines: bool) -> None:
    """Note impossible temperatures, with a hint at what they look like."""
    for column, name in enumerate(series.columns):
        values = series.temperature_c[:, column]
        outside = np.flatnonzero(np.isinf(values) | (values < COLDEST_C) | (values > WARMEST_C))
        if not outside.size:
            continue
        first = int(outside[0])
        problems.add(
            f"is outside {COLDEST_C:g} to {WARMEST_C:g} degC",
            table=options.shown,
            row=series.line(first) if table_lines else None,
            field=name,
            value=f"{values[first]:g}",
            hint=_looks(values, values[outside], options),
        )


def _looks(values: Array, outside: Array, options: Options) -> str:
    """Return what impossible temperatures look like and what helps, as a hint; empty for nothing known."""
    stated = options.extent.unit if options.extent.stated else ""
    if (outside == outside[0]).all() and _read_back(float(outside[0]), options.extent.unit) in CODES:
        return _CODE_HINT
    lowest, highest = float(np.nanmin(values)), float(np.nanmax(values))
    if lowest < WARMEST_C and KELVIN_ABOVE < highest <= WARMEST_C - ABSOLUTE_ZERO_C:
        return "some look like kelvin and others like degC: bring the file to one unit"
    unit = _other_unit(values, lowest, highest)
    if not unit:
        return ""
    in_memory = "" if unit == "tenths" else ', in memory with .attrs["units"]'
    if stated:
        return f"looks like {_WORDS[unit]}: correct the unit where it is stated as {stated}{in_memory}"
    return f'looks like {_WORDS[unit]}: say so with unit="{unit}" (--unit {unit}){in_memory}'


def _read_back(value_c: float, unit: str) -> float:
    """Return a temperature as it stood in its file, to a tenth."""
    back = {"K": value_c - ABSOLUTE_ZERO_C, "degF": value_c * 1.8 + 32.0, "tenths": value_c * 10.0}
    return round(back.get(unit, value_c), 1)


def _other_unit(values: Array, lowest: float, highest: float) -> str:
    """Return the unit that temperatures look like that are impossible in degC; empty for none."""
    if float(np.nanmedian(values)) > KELVIN_ABOVE:
        return "K"
    if lowest > COLDEST_C and WARMEST_C < highest <= HOTTEST_F:
        return "degF"
    known = values[np.isfinite(values)]
    if lowest >= 10 * COLDEST_C and highest <= 10 * WARMEST_C and (known == np.rint(known)).all():
        return "tenths"
    if lowest - ABSOLUTE_ZERO_C >= COLDEST_C and highest - ABSOLUTE_ZERO_C <= WARMEST_C:
        return "degC"  # turned from kelvin that it was not
    return ""
