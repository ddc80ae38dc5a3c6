"""Read the climate of a country: norms and variability of sites, the site of each region, and parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.inputs.files import bundled
from gridmodel.inputs.table_schema import Column, Table
from gridmodel.inputs.tables import Rows, parse_table, read_text

FOLDER = "climate"
"""Folder of the tables inside the folder of a network."""


def _number(name: str, unit: str, meaning: str, *, low: float = -100.0, high: float = 100.0) -> Column:
    return Column(name=name, kind="number", unit=unit, meaning=meaning, low=low, high=high)


_ORIGIN = (Column(name="source", meaning="Where the numbers are from"), Column(name="confidence", meaning="How sure"))
NORMS = Table(
    name="norms",
    key="site",
    meaning="Norms and variability of the winter at each site",
    columns=(
        Column(name="site", meaning="Name of the site"),
        _number("lat", "degree", "Latitude", low=-90, high=90),
        _number("lon", "degree", "Longitude", low=-180, high=180),
        _number("dec_mean_c", "degC", "Mean temperature of December"),
        _number("jan_mean_c", "degC", "Mean temperature of January"),
        _number("feb_mean_c", "degC", "Mean temperature of February"),
        _number("sd_monthly_jan_k", "K", "Standard deviation of the mean of January", low=0.01),
        _number("sd_monthly_feb_k", "K", "Standard deviation of the mean of February", low=0.01),
        _number("design_temperature_c", "degC", "Mean of the coldest five days that heating is designed for"),
        _number("daily_range_jan_k", "K", "Mean daily range in January", low=0),
        _number("sigma_daily_jan_k", "K", "Standard deviation of the daily anomaly in January", low=0.01),
        *_ORIGIN,
        Column(name="confidence_design", required=False, meaning="How sure the design temperature is"),
        Column(name="confidence_variability", required=False, meaning="How sure the variability is"),
    ),
)
SITES = Table(
    name="sites",
    key="region",
    meaning="Site whose weather stands for a region",
    columns=(
        Column(name="region", meaning="Id of the region"),
        Column(name="site", meaning="Name of its site in `norms.csv`"),
        Column(
            name="site_<language>",
            family=r"site_[a-z]{2,3}",
            required=False,
            meaning="Name of the site in another language",
        ),
        *_ORIGIN,
    ),
)
PARAMETERS = Table(
    name="parameters",
    key="name",
    meaning="Numbers that all sites share",
    columns=(
        Column(name="name", meaning="Name of the parameter"),
        Column(name="value", kind="number", meaning="Its value"),
        Column(name="unit", required=False, meaning="Unit of the value"),
        Column(name="meaning", required=False, meaning="What it is"),
        *_ORIGIN,
    ),
)
_BOUNDS = {
    "utc_offset_h": (-12.0, 14.0),
    "correlation_length_km": (1.0, 1e5),
    "slow_correlation_length_km": (1.0, 1e6),
    "fast_memory": (0.0, 0.999),
    "slow_memory": (0.0, 0.999),
    "slow_share": (0.0, 1.0),
    "december_slow_share": (0.0, 1.0),
    "december_spread": (0.01, 10.0),
    "cold_side_spread": (0.1, 10.0),
    "diurnal_share": (0.0, 1.0),
    "noise_sd_k": (0.0, 10.0),
    "noise_memory": (0.0, 0.999),
    "fitted_winters": (2.0, 1000.0),
}
"""Parameters and the values that make sense. Ours: wide bounds, to catch slips of unit or sign."""
_WHOLE = frozenset({"utc_offset_h", "fitted_winters"})
"""Parameters that are whole numbers: local days must begin with an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateTables:
    """Climate of one country; two are equal if the text of their tables is."""

    text: str
    """The three tables as they are in the files."""
    norms: pd.DataFrame = field(compare=False)
    """Rows of `norms.csv`, one per site."""
    site_of: dict[str, str] = field(compare=False)
    """Site of each region."""
    site_names: dict[str, tuple[str, ...]] = field(compare=False)
    """Names of that site, in every language of `sites.csv`."""
    parameters: dict[str, float] = field(compare=False)
    """Values of `parameters.csv` by name."""

    @property
    def utc_offset_h(self) -> int:
        """Hours that local winter time is ahead of UTC; days are local. [h]"""
        return int(self.parameters["utc_offset_h"])

    @property
    def fitted_winters(self) -> int:
        """Winters that the variability was fitted to."""
        return int(self.parameters["fitted_winters"])


def has_climate(network: Path) -> bool:
    """Return whether the folder of a network contains a climate."""
    return (network / FOLDER).is_dir()


def climate_of_network(network: str | None) -> str | None:
    """Return the name or folder of a network if it has a climate of its own; otherwise None."""
    return network if network and has_climate(bundled("networks").get(network, Path(network))) else None


def find_climate(regions: Iterable[str] | None = None, network: str | Path | None = None) -> ClimateTables:
    """Return the climate of a network, or the bundled one that has most of some regions.

    Parameters
    ----------
    regions
        Ids of regions, used where no network is named.
    network
        A bundled network, or the folder of one, that contains `climate/`; None to look at the regions.

    Raises
    ------
    InputError
        If the network has no climate, or several bundled climates fit equally well.
    """
    networks = bundled("networks")
    if network is not None:
        folder = networks.get(str(network), Path(network))
        if not has_climate(folder):
            message = f"has no climate: its folder needs {FOLDER}/ with norms.csv, sites.csv and parameters.csv"
            raise InputError([Problem(message=message, field="climate", value=str(network))])
        return read_climate(folder / FOLDER)
    known = {name: read_climate(folder / FOLDER) for name, folder in networks.items() if has_climate(folder)}
    wanted = set() if regions is None else {str(region) for region in regions}
    fits = {name: len(wanted & set(tables.site_of)) for name, tables in known.items()}
    best = [name for name, count in fits.items() if count == max(fits.values())]
    if len(best) != 1:
        message = f"must be named: {', '.join(best) or 'no bundled network'} fit the regions equally well"
        raise InputError([Problem(message=message, field="climate")])
    return known[best[0]]


def read_climate(folder: Path) -> ClimateTables:
    """Read the three tables of a climate.

    Parameters
    ----------
    folder
        Contains `norms.csv`, `sites.csv` and `parameters.csv`.

    Raises
    ------
    InputError
        With every problem of the tables.
    """
    problems = Problems()
    texts, rows = [], {}
    for table in (NORMS, SITES, PARAMETERS):
        shown = f"{folder.name}/{table.name}.csv"
        text = read_text(folder / f"{table.name}.csv", problems, shown=shown) or ""
        problems.raise_if_any()
        texts.append(text)
        rows[table.name] = parse_table(text, table, problems, shown=shown)
    _check_sites(rows, problems, folder.name)
    _check_parameters(rows["parameters"], problems, f"{folder.name}/parameters.csv")
    problems.raise_if_any()
    sites, parameters = rows["sites"].frame, rows["parameters"].frame
    languages = [str(name) for name in sites if str(name).startswith("site")]
    return ClimateTables(
        text="\n".join(texts),
        norms=rows["norms"].frame,
        site_of=dict(zip(sites["region"], sites["site"], strict=True)),
        site_names={
            str(row["region"]): tuple(str(row[name]) for name in languages) for row in sites.to_dict("records")
        },
        parameters=dict(zip(parameters["name"], parameters["value"], strict=True)),
    )


def _check_sites(rows: dict[str, Rows], problems: Problems, folder: str) -> None:
    """Note empty tables and sites without norms."""
    for name, read in rows.items():
        if read.frame.empty:
            problems.add("has no rows", table=f"{folder}/{name}.csv")
    known = list(rows["norms"].frame["site"])
    for line, site in zip(rows["sites"].lines, rows["sites"].frame["site"], strict=True):
        if site not in known:
            shown, hint = f"{folder}/sites.csv", nearest(site, known)
            problems.add(
                "has no norms: add it to norms.csv", table=shown, row=line, field="site", value=site, hint=hint
            )


def _check_parameters(read: Rows, problems: Problems, shown: str) -> None:
    """Note parameters that are unknown, missing or beyond their bounds."""
    for line, name, value in zip(read.lines, read.frame["name"], read.frame["value"], strict=True):
        if name not in _BOUNDS:
            hint = nearest(name, _BOUNDS)
            problems.add("is not a parameter", table=shown, row=line, field="name", value=name, hint=hint)
        elif not _BOUNDS[name][0] <= value <= _BOUNDS[name][1]:
            low, high = _BOUNDS[name]
            problems.add(f"must be from {low:g} to {high:g}", table=shown, row=line, field=name, value=f"{value:g}")
        elif name in _WHOLE and value % 1:
            problems.add("must be a whole number", table=shown, row=line, field=name, value=f"{value:g}")
    for name in _BOUNDS:
        if name not in set(read.frame["name"]):
            problems.add("is missing: this parameter is required", table=shown, field=name)
