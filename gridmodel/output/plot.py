"""Pictures for documents: each function returns a matplotlib figure; needs the extra `plot`."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, nearest
from gridmodel.output.drawn_text import drawn_text
from gridmodel.output.network_picture import network
from gridmodel.output.tile_map import tile_grid
from gridmodel.regions import regions_of_result
from gridmodel.results.metrics import QUANTILES, worst_hour
from gridmodel.results.outage_schedule import GROUPS
from gridmodel.results.outage_schedule import timetable as outage_timetable
from gridmodel.services.declare import Split
from gridmodel.services.registry import SHOWN_COUNTS, SPLITS

__all__ = [
    "INK", "KINDS", "SERVICES", "balance", "causes", "draw", "generation", "heat_causes", "network", "people",
    "temperature", "tiles", "timetable", "water_causes",
]  # fmt: skip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


INK = ("#005a8c", "#b3401e", "#1b7a4b", "#8a5a00", "#6b3fa0", "#5c6670", "#a3195b", "#00736e", "#7a6a00", "#34495e",
       "#c2185b", "#2e7d32")  # fmt: skip
"""Colours of lines and areas: told apart on white by 4.5 to 1 and more."""
SERVICES = {count.variable: count.words for count in SHOWN_COUNTS}
"""Counts of people without a service that are drawn, and their words."""


def balance(result: xr.Dataset, region: str | None = None) -> Figure:
    """Draw electricity demand and supply, with the range that covers 90 % of the members. [GW, MW in one region]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> figure = gm.plot.balance(result)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['demand', 'served']
    """
    data, place, size, unit = _place(result, region)
    figure, axes = _axes(f"Electricity, {place}", unit, data)
    for name, words, colour in (("demand_mw", "demand", INK[5]), ("served_mw", "served", INK[0])):
        _band(axes, data, data[name].sum(("region", "tier")) / size, words, colour)
    axes.set_ylim(bottom=0)
    return _done(figure, axes)


def causes(result: xr.Dataset, region: str | None = None) -> Figure:
    """Draw why electricity is missing: mean of the members, stacked by cause.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> figure = gm.plot.causes(result)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['disconnected', 'island deficit', 'deficit', 'limit']
    """
    data, place, size, unit = _place(result, region)
    figure, axes = _axes(f"Electricity missing, by cause, {place}", unit, data)
    mean = data["shed_cause_mw"].mean("member").sum("region").transpose("cause", "time").to_numpy() / size
    words = [str(name).replace("_", " ") for name in data["cause"].to_numpy()]
    axes.stackplot(data["local_time"].to_numpy(), mean, labels=words, colors=INK, linewidth=0)
    return _done(figure, axes)


def heat_causes(result: xr.Dataset, region: str | None = None) -> Figure:
    """Draw why homes are below 12 °C: people, mean of the members, stacked by cause.

    Raises
    ------
    InputError
        If the result has no causes of cold homes.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> figure = gm.plot.heat_causes(result)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['source damaged', 'not reconnected', 'warming up']
    """
    return _split(result, "heat_causes", region)


def water_causes(result: xr.Dataset, region: str | None = None) -> Figure:
    """Draw why taps are dry: people, mean of the members, stacked by cause.

    Raises
    ------
    InputError
        If the result has no causes of dry taps.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> figure = gm.plot.water_causes(result)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['pumps damaged', 'high floor without power']
    """
    return _split(result, "water_causes", region)


def _split(result: xr.Dataset, key: str, region: str | None) -> Figure:
    """Draw a count of people by cause."""
    split: Split = next(one for one in SPLITS if one.key == key)
    _needs(result, split.variable)
    data, place, _, _ = _place(result, region)
    mean = data[split.variable].mean("member").sum("region").transpose(split.dim, "time").to_numpy()
    size, unit = _crowd(float(mean.sum(axis=0).max(initial=0.0)))
    figure, axes = _axes(f"{split.words}, {place}", unit, data)
    used = [at for at in range(len(mean)) if mean[at].any()]
    if used:
        words = [str(data[split.dim].to_numpy()[at]).replace("_", " ") for at in used]
        colours = [INK[at] for at in used]
        axes.stackplot(data["local_time"].to_numpy(), mean[used] / size, labels=words, colors=colours, linewidth=0)
    else:
        axes.plot(data["local_time"].to_numpy(), mean.sum(axis=0), color=INK[0], label="nobody")
    return _done(figure, axes)


def _crowd(most: float) -> tuple[float, str]:
    """Return the size and the name of the unit in which people are drawn."""
    return (1e6, "million people") if most >= 1e6 else (1e3, "thousand people")


def generation(result: xr.Dataset, region: str | None = None) -> Figure:
    """Draw generation: mean of the members, stacked by technology, imports on top for the country.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> figure = gm.plot.generation(result)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['nuclear', 'thermal coal', 'hydro', 'import']
    """
    data, place, size, unit = _place(result, region)
    figure, axes = _axes(f"Generation, {place}", unit, data)
    mean = data["generation_mw"].mean("member").sum("region").transpose("technology", "time").to_numpy() / size
    words = [str(name).replace("_", " ") for name in data["technology"].to_numpy()]
    if region is None:
        mean, words = np.vstack([mean, data["import_mw"].mean("member").to_numpy() / size]), [*words, "import"]
    used = mean.max(axis=1) > 0
    labels = [name for name, there in zip(words, used, strict=True) if there]
    axes.stackplot(data["local_time"].to_numpy(), mean[used], labels=labels, colors=_inks(len(labels)), linewidth=0)
    return _done(figure, axes)


def _inks(count: int) -> tuple[str, ...]:
    """Return colours of areas; beyond those of `INK` come lighter ones, so that none is used twice."""
    from matplotlib.colors import to_hex, to_rgb

    rounds = -(-count // len(INK))
    paler = [
        to_hex((*((1.0 - turn / rounds) * part + turn / rounds for part in to_rgb(ink)),))  # type: ignore[arg-type]
        for turn in range(rounds) for ink in INK
    ]  # fmt: skip
    return tuple(paler[:count])


def people(result: xr.Dataset, region: str | None = None) -> Figure:
    """Draw people without each service, with the range that covers 90 % of the members.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> figure = gm.plot.people(result)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['no power', 'home below 12 °C', 'no water', 'of these, dry street', 'of these, high floor', 'without all three']
    """
    data, place, _, _ = _place(result, region)
    names = [name for name in SERVICES if name in data]
    most = max((float(data[name].sum("region").max()) for name in names), default=0.0)
    size, unit = _crowd(most)
    figure, axes = _axes(f"People without, {place}", unit, data)
    for name, colour in zip(names, INK, strict=False):
        _band(axes, data, data[name].sum("region") / size, SERVICES[name], colour)
    axes.set_ylim(bottom=0)
    return _done(figure, axes)


def temperature(result: xr.Dataset, region: str | None = None) -> Figure:
    """Draw indoor temperature by building, median of the members, and outdoor temperature; needs a region.

    Raises
    ------
    InputError
        If no region is given, or the result has no indoor temperatures.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> figure = gm.plot.temperature(result, "TR-1")
    >>> figure.axes[0].get_ylabel()
    '°C'
    """
    if region is None:
        raise InputError([Problem(message="is required for indoor temperatures", field="region")])
    _needs(result, "indoor_temperature")
    data, place, _, _ = _place(result, region)
    figure, axes = _axes(f"Indoor temperature, {place}: coldest homes of each kind, median of the members", "°C", data)
    from warnings import catch_warnings, simplefilter

    with catch_warnings():
        simplefilter("ignore", RuntimeWarning)  # a kind of building or a state with no homes has no median
        inside = data["indoor_temperature"].isel(region=0).min("heat_state").median("member")
    for kind, colour in zip(data["archetype"].to_numpy(), INK, strict=False):
        values = inside.sel(archetype=kind).to_numpy()
        if np.isfinite(values).any() and float(data["archetype_share"].sel(archetype=kind).sum()) > 0:
            axes.plot(
                data["local_time"].to_numpy(), values, label=drawn_text(str(kind).replace("_", " ")), color=colour
            )
    outdoors = data["outdoor_temperature"].isel(region=0)
    outside = (outdoors.median("member") if "member" in outdoors.dims else outdoors).to_numpy()
    axes.plot(data["local_time"].to_numpy(), outside, label="outdoors", color="black", linestyle=":")
    axes.axhline(12, color="black", linewidth=0.6, linestyle="--")
    return _done(figure, axes)


def timetable(result: xr.Dataset, region: str | None = None) -> Figure:
    """Draw the outage schedule of one region: one row per sub-queue, dark where it is off; needs a region.

    Raises
    ------
    InputError
        If no region is named.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> figure = gm.plot.timetable(result, "TR-1")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()][:3]
    ['1.1', '1.2', '2.1']
    """
    if region is None:
        raise InputError([Problem(message="is required for an outage schedule", field="region")])
    data, place, _, _ = _place(result, region)
    table = outage_timetable(data)
    off = table["off"].isel(region=0).transpose("group", "time").to_numpy()
    figure, axes = _axes(f"Rotating outages, {place}: dark is off", "", data)
    edges = np.append(table["local_time"].to_numpy(), table["local_time"].to_numpy()[-1] + np.timedelta64(30, "m"))
    axes.pcolormesh(edges, np.arange(len(GROUPS) + 1), off, cmap="Greys", vmin=0, vmax=1.2)
    axes.set_yticks(np.arange(len(GROUPS)) + 0.5, GROUPS)
    axes.invert_yaxis()
    return figure


def tiles(result: xr.Dataset, region: str | None = None) -> Figure:
    """Draw the tile map: share of each region's people without power at the worst hour, median of the members.

    Raises
    ------
    InputError
        If a region is given: the map shows all.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.plot.tiles(result).axes[0].get_title()
    'Share of people without power, 2026-01-05 00:00'
    """
    if region is not None:
        raise InputError([Problem(message="does not go with the map, which shows all regions", field="region")])
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    at = worst_hour(result, "people_without_power")
    share = (
        result["people_without_power"].isel(time=at).median("member") / result["population"].clip(min=1)
    ).to_numpy()
    column, row = tile_grid(result)
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    from matplotlib import colormaps

    colours, scale = colormaps["YlOrRd"], Normalize(0, 1)
    for place, name in enumerate(result["region_name"].to_numpy()):
        corner = (float(column[place]), float(row[place]))
        axes.add_patch(Rectangle(corner, 0.94, 0.94, facecolor=colours(scale(share[place]))))
        ink = "white" if share[place] > 0.6 else "black"
        axes.text(
            corner[0] + 0.47, corner[1] + 0.35, drawn_text(str(name)), ha="center", fontsize=6, color=ink, wrap=True
        )
        axes.text(corner[0] + 0.47, corner[1] + 0.72, f"{share[place]:.0%}", ha="center", fontsize=8, color=ink)
    axes.set(xlim=(-0.1, column.max() + 1.1), ylim=(row.max() + 1.1, -0.1), aspect="equal")
    axes.axis("off")
    when = str(result["local_time"].to_numpy()[at])[:16].replace("T", " ")
    typical = ", typical (median of the members)" if result.sizes["member"] > 1 else ""
    axes.set_title(f"Share of people without power{typical}, {when}")
    return figure


KINDS: dict[str, Callable[[xr.Dataset, str | None], Figure]] = {
    "balance": balance,
    "causes": causes,
    "generation": generation,
    "heat_causes": heat_causes,
    "people": people,
    "temperature": temperature,
    "timetable": timetable,
    "tiles": tiles,
    "water_causes": water_causes,
}
"""Kinds of picture."""


def draw(result: xr.Dataset, kind: str, region: str | None = None) -> Figure:
    """Draw one of `KINDS`.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    kind
        Kind of picture.
    region
        Id or name of a region; if None, the country.

    Raises
    ------
    InputError
        If the kind or the region is unknown, or matplotlib is not installed.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> figure = gm.plot.draw(result, "balance", "TR-2")
    >>> figure.axes[0].get_ylabel()
    'MW'
    """
    if kind not in KINDS:
        raise InputError(
            [Problem(message="is not a kind of picture", field="KIND", value=kind, hint=nearest(kind, KINDS))]
        )
    if find_spec("matplotlib") is None:
        message = 'needs matplotlib: pip install "gridmodel[plot]"'
        raise InputError([Problem(message=message, field="plot")])
    return KINDS[kind](result, region)


def _place(result: xr.Dataset, region: str | None) -> tuple[xr.Dataset, str, float, str]:
    """Return the chosen part of a result, its name, and the unit of its power: its size in megawatts, and its symbol.

    Raises
    ------
    InputError
        If the region is unknown.
    """
    if region is None:
        return result, "the country", 1000.0, "GW"
    known = regions_of_result(result)
    found = known.find(region)
    if found is None:
        message, hint = known.unknown(region, "this run")
        raise InputError([Problem(message=message, field="region", value=region, hint=hint)])
    part = result.sel(region=[found])
    return part, str(part["region_name"].item()), 1.0, "MW"


def _needs(result: xr.Dataset, name: str) -> None:
    """Check that a result has a variable.

    Raises
    ------
    InputError
        If it has not.
    """
    if name not in result:
        raise InputError([Problem(message="is not in this run: its network has no systems of that kind", field=name)])


def _axes(title: str, unit: str, data: xr.Dataset) -> tuple[Figure, Axes]:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(drawn_text(title), loc="left")
    axes.set_ylabel(unit)
    axes.set_xlabel(f"local time, {data.attrs['timezone']}")
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.margins(x=0)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _band(axes: Axes, data: xr.Dataset, values: xr.DataArray, words: str, colour: str) -> None:
    """Draw the median over members and, with several members, the range that covers 90 % of them."""
    by_member: Floats = values.transpose("member", "time").to_numpy()
    times = data["local_time"].to_numpy()
    low, middle, high = np.quantile(by_member, QUANTILES, axis=0)
    axes.plot(times, middle, label=words, color=colour)
    if len(by_member) > 1:
        axes.fill_between(times, low, high, color=colour, alpha=0.25, linewidth=0)


def _done(figure: Figure, axes: Axes) -> Figure:
    figure.legend(*axes.get_legend_handles_labels(), frameon=False, fontsize="small", ncols=4, loc="outside lower left")
    return figure
