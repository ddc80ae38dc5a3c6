"""Loops over layers of homes: what `gridmodel.services.layers` does array by array, the same bytes.

They wait for numba to compile them once per installation.
"""

from __future__ import annotations

from gridmodel.arrays import Bools, Floats, Ints, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""

_compiled = compiler(__file__)


@_compiled(None)
def power_of(power: Floats, breaking: Ints, works: Floats, made: Floats) -> None:
    """Write the share of homes with power, as `gridmodel.services.layers.power_of` does.

    Parameters
    ----------
    power
        Share of homes of each cohort on feeders that work, shape ``(cohort, member, region)``. [1]
    breaking
        Places of regions with layers, shape ``(breaking,)``.
    works
        Share of each layer on feeders that work, shape ``(layer, member, breaking)``. [1]
    made
        Written, shape ``(cohort, member, region + (layer − 1) · breaking)``. [1]
    """
    regions, some, last = power.shape[2], len(breaking), len(works) - 1
    for cohort in range(power.shape[0]):
        for member in range(power.shape[1]):
            for region in range(regions):
                made[cohort, member, region] = power[cohort, member, region]
            for layer in range(last):
                for place in range(some):
                    on = power[cohort, member, breaking[place]]
                    made[cohort, member, regions + layer * some + place] = on * works[layer, member, place]
            for place in range(some):
                on = power[cohort, member, breaking[place]]
                made[cohort, member, breaking[place]] = on * works[last, member, place]


@_compiled(None)
def fold(values: Floats, breaking: Ints, widths: Floats, used: Bools, made: Floats) -> None:
    """Write means over homes of all layers, as `gridmodel.services.layers.folded` does.

    Parameters
    ----------
    values
        Means over homes of each column, shape ``(value, member, region + (layer − 1) · breaking)``.
    breaking
        Places of regions with layers, shape ``(breaking,)``.
    widths
        Share of homes in each layer, shape ``(layer, member, breaking)``. [1]
    used
        Where layers are in use, shape ``(member, breaking)``.
    made
        Changed where they are, shape ``(value, member, region)``.
    """
    regions, some, last = made.shape[2], len(breaking), len(widths) - 1
    for number in range(values.shape[0]):
        for member in range(values.shape[1]):
            for place in range(some):
                if not used[member, place]:
                    continue
                mean = 0.0
                for layer in range(last):
                    column = regions + layer * some + place
                    mean += values[number, member, column] * widths[layer, member, place]
                mean += values[number, member, breaking[place]] * widths[last, member, place]
                made[number, member, breaking[place]] = mean
