"""Many options with few runs: those of a kind are placed together, and each is told apart by its region.

Generators, boilers, tankers and crews act on homes and taps of the region in which they are, so that what a region
prevents in a run with one in every region is what its own option prevents, but for power that one region leaves to
others. Batteries share what they prevent by their size, since all feed one grid. Ours: an estimate, which finds the
options that cannot matter; those that can have runs of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.results.water_need import WATER_L
from gridmodel.scenario import Mitigation

ASIDE = ("warming_points", "water_truck")
"""Kinds that change no run: people whom they help no longer count as lacking."""
TRUCK_M3_PER_DAY = 30.0
"""Drinking water that one tanker brings. [m3/d] [B] 10 m³, three times a day."""
SHARED = ("battery",)
"""Kinds that feed the grid of the country, whatever their region."""


def brought(result: xr.Dataset, placed: Sequence[Mitigation], kind: str) -> Floats:
    """Return the people for whom help is there that changes no run, ``(time, region)``: places to get warm, or water.

    Parameters
    ----------
    result
        Result with its regions and times.
    placed
        Help of any kind.
    kind
        One of `ASIDE`; a tanker brings water for `TRUCK_M3_PER_DAY` over `WATER_L` people.
    """
    people = np.zeros((result.sizes["time"], result.sizes["region"]))
    names = [str(name) for name in result["region"].to_numpy()]
    local = result["local_time"].to_numpy()
    each = 1.0 if kind == "warming_points" else 1000.0 * TRUCK_M3_PER_DAY / WATER_L
    for option in placed:
        if option.kind == kind:
            since = local[0] if option.available_from is None else np.datetime64(option.available_from)
            people[:, names.index(option.region)] += np.where(local >= since, each * option.size, 0.0)
    return people


def groups_of(options: Sequence[Mitigation], *, most: int | None = None) -> list[tuple[int, ...]]:
    """Return options that are run together: of one kind and target, one in a region; those of the country act alone.

    Parameters
    ----------
    options
        All options.
    most
        Most groups; where that is too few, several options of a kind in a region are in one group.

    Examples
    --------
    >>> from gridmodel.scenario import Mitigation
    >>> crews = [Mitigation(kind="repair_crew", region=region, size=1) for region in ("A", "B", "A")]
    >>> groups_of([*crews, Mitigation(kind="import", size=100)])
    [(0, 1), (2,), (3,)]
    """
    apart = _grouped(options, several=False)
    return apart if most is None or len(apart) <= most else _grouped(options, several=True)


def _grouped(options: Sequence[Mitigation], *, several: bool) -> list[tuple[int, ...]]:
    """Return groups, with one or several options of a region in each."""
    groups: list[list[int]] = []
    for place, option in enumerate(options):
        if option.kind in ASIDE:
            continue
        fits = (
            group for group in groups
            if option.region and options[group[0]].region
            and (options[group[0]].kind, options[group[0]].target) == (option.kind, option.target)
            and (several or all(options[other].region != option.region for other in group))
        )  # fmt: skip
        group = next(fits, None)
        if group is None:
            groups.append([place])
        else:
            group.append(place)
    return [tuple(group) for group in groups]


def shares_of(
    options: Sequence[Mitigation], group: Sequence[int], saved: Mapping[str, Floats], regions: Sequence[str]
) -> dict[int, dict[str, Floats]]:
    """Return what each option of a group prevents, of what all prevent in every region.

    Parameters
    ----------
    options, group
        All options, and the places of those that were run together.
    saved
        What the group prevents, by measure, shape ``(2, member, region)``.
    regions
        Ids of the regions.
    """
    if len(group) == 1:
        return {group[0]: {name: values.sum(axis=2) for name, values in saved.items()}}
    found = {}
    for place in group:
        option = options[place]
        shared = option.kind in SHARED
        beside = sum(options[other].size for other in group if shared or options[other].region == option.region)
        found[place] = {
            name: (values.sum(axis=2) if shared else values[..., regions.index(option.region)]) * option.size / beside
            for name, values in saved.items()
        }
    return found
