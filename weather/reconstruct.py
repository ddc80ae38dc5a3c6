"""Rebuild the bundled temperature series from climate, anchors and seeded noise.

Run without arguments to rewrite the series beside this file, with ``--check`` to compare what is there with
what would be written (exit 1 if they differ), with ``--summary`` to print what the anchors ask and what the
files contain. `README.md` explains the method and what the series must not be used for.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.linalg import cholesky, solve
from scipy.signal import lfilter
from scipy.sparse import csr_array

Array = NDArray[np.float64]

HERE = Path(__file__).resolve().parent
CLIMATE = HERE.parent / "networks" / "ukraine" / "climate"
"""Norms of sites, and the site of each region."""
VARIABILITY = HERE / "variability.csv"
"""Memory and spread of the daily anomalies of each site, for these two series alone."""
DEMAND_FILE = HERE.parent / "networks" / "ukraine-2021" / "regions.csv"
"""Table with the weights of the national mean, columns ``id`` and ``reference_demand_mw``."""

NATIONAL = "UA"
"""Name in `anchors.csv` of the mean over all regions, weighted by reference demand."""
REFERENCE_SITE = "Kyiv"
"""Site with nearly all anchors, with the strictest rule on daily ranges."""

SEED = 2026
CANDIDATES = 5_000
"""Candidates drawn before the rules of plausibility are given up."""
LOCAL_OFFSET = pd.Timedelta(hours=2)
"""Europe/Kyiv minus UTC in winter; both series are within winter time. [h]"""
PADDING_DAYS = 6
"""Days simulated beyond each end, so that the end of a file does not bend the daily curve. [d]"""
CORRELATION_LENGTH_KM = 2000.0
"""Distance over which the correlation of daily anomalies falls to 1/e. [km] Derived from Kyiv and Odesa."""
EARTH_RADIUS_KM = 6371.0
DIURNAL_SHARE = 0.8
"""Part of the mean daily range that is a regular wave. [-] Ours: with it the daily range of the whole series,
changes of air mass included, averages the observed one."""
COLDEST_HOUR, WARMEST_HOUR = 6.5, 14.5
"""Local times of the lowest and the highest point of the daily wave. [h]"""
CLOUD_SPREAD, CLOUD_MEMORY = 0.2, 0.5
"""Spread (of the logarithm) and lag-one correlation of the wave's height from day to day. [-]
Ours: clouds vary the range by a fifth."""
NOISE_SD_K, NOISE_MEMORY = 0.7, 0.9
"""Standard deviation [K] and hourly lag-one correlation [-] of the local noise."""
THAW_C = 5.0
"""Ceiling of the smooth curve of the days. [degC] Ours: Kyiv's Januaries are skewed towards cold (-0.8), so a
Gaussian draw of one has weeks too warm."""
EFFECTIVE_WEIGHTS = (1.0, 0.5, 0.25, 0.125)
"""Weights of a day and of the three days before it in the effective temperature. [-]"""
ROUNDS, SETTLING, CLOSE_K = 12, 4, 1e-9
"""Rounds of bending a draw to its targets, those that start afresh, and the misfit that ends them [K]."""

STEP_LIMIT_K = 3.0
"""Largest change from one hour to the next. [K]"""
COLDEST_C, WARMEST_C = -30.0, 10.0
"""Bounds of every hour and region. [degC]"""
USUAL_RANGE_K, ALLOWED_RANGE_K = (3.0, 9.0), (1.5, 12.0)
"""Daily ranges: every day keeps the second, nearly all keep the first. [K]"""
USUAL_SHARE = 0.85
"""Share of days that keep the usual range; at the reference site all do. [-]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One temperature file, and the rules for a candidate."""

    name: str
    """Name of the file without its ending."""
    stream: int
    """Key of its random streams."""
    first: str
    """First hour, UTC."""
    last: str
    """Last hour, UTC."""
    without: tuple[str, ...] = ()
    """Regions of `sites.csv` left out."""
    bounds_c: tuple[tuple[str, float, float], ...] = ()
    """Local day or days, and the bounds of the reference site's mean over them. [degC]"""

    @property
    def path(self) -> Path:
        """The file itself."""
        return HERE / f"{self.name}.csv"


COLD_WAVE = Series(
    name="cold-wave-2026",
    stream=0,
    first="2025-12-27T00:00",
    last="2026-02-28T23:00",
    without=("UA-09",),
    bounds_c=(
        # The reported mean of the whole winter, -4.0, leaves +0.8 for December: not yet deep winter.
        ("2025-12-27/2025-12-31", -5.0, 2.0),
        # Nothing was reported between two cold mornings; a thaw there would be an artefact.
        ("2026-01-15", -18.0, -12.0),
    ),
)
FROST = Series(name="frost-2021", stream=1, first="2021-12-15T00:00", last="2021-12-26T23:00")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One number a series has to meet; a row of `anchors.csv`."""

    file: str
    site: str
    date_local: str
    """Day, month, or two days with a slash between them, both included."""
    quantity: str
    """``mean`` and ``min`` are imposed; ``lowest`` (of the span) and ``effective`` are only checked."""
    value_c: float
    tolerance_k: float
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The tables the series are made from."""

    climate: pd.DataFrame
    """`norms.csv` by site."""
    site_of: pd.Series
    """Climate site of each region."""
    demand_mw: pd.Series
    """Weight of each region in the national mean. [MW]"""
    anchors: tuple[Anchor, ...]

    def column_of(self, site: str, table: pd.DataFrame) -> pd.Series:
        """Pick a site's, or the country's, temperature [degC] from a table by local time and region."""
        if site == NATIONAL:
            weights = self.demand_mw[table.columns]
            return table.mul(weights / weights.sum()).sum(axis=1)
        return table[next(region for region in table.columns if self.site_of[region] == site)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Hours, days and sites of one series, and the statistics of their anomalies."""

    hours: pd.DatetimeIndex
    """Local time, shape ``(hour,)``."""
    spline: Array
    """Cubic curve through noon values, shape ``(hour, day)``."""
    climate: pd.DataFrame
    """`norms.csv` by site, shape ``(site, ...)``."""
    national: Array
    """Weight of each site in the national mean, shape ``(site,)``; sums to 1. [-]"""
    covariance: Array
    """Covariance of daily anomalies, days outside, sites inside, shape ``(day*site, day*site)``. [K2]"""
    factor: Array
    """Lower Cholesky factor of `covariance`. [K]"""
    likeness: Array
    """Lower Cholesky factor of the correlation between sites, shape ``(site, site)``. [-]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An imposed anchor on the hours and sites of one series."""

    inside: NDArray[np.bool_]
    """True in the hours it is about, shape ``(hour,)``."""
    sites: Array
    """Weights of the sites it is about, shape ``(site,)``; sums to 1. [-]"""
    value_c: float
    minimum: bool
    """True for the lowest hour, False for the mean."""

    def weigh(self, temperature: Array) -> Array:
        """Weigh the hours, shape ``(hour,)``, whose mean the target is in a temperature."""
        if not self.minimum:
            return np.asarray(self.inside / self.inside.sum())
        coldest = np.where(self.inside, temperature @ self.sites, np.inf).argmin()
        return np.asarray(np.arange(len(temperature)) == coldest, dtype=float)


def read_inputs() -> Inputs:
    """Read climate, sites, anchors, and the demand of the pre-war network."""
    anchors = pd.read_csv(HERE / "anchors.csv")
    norms = pd.read_csv(CLIMATE / "norms.csv", index_col="site").drop(columns="sigma_daily_jan_k")
    own = pd.read_csv(VARIABILITY, index_col="site")
    return Inputs(
        climate=norms.join(own[["ar1_phi_jan", "sigma_daily_jan_k"]], validate="one_to_one"),
        site_of=pd.read_csv(CLIMATE / "sites.csv", index_col="region")["site"],
        demand_mw=pd.read_csv(DEMAND_FILE, index_col="id")["reference_demand_mw"].astype(float),
        anchors=tuple(Anchor(*row) for row in anchors.itertuples(index=False)),
    )


def site_correlation(climate: pd.DataFrame) -> Array:
    """Correlate sites by exp(-d / `CORRELATION_LENGTH_KM`), d along the great circle."""
    lat, lon = np.radians(climate["lat"].to_numpy()), np.radians(climate["lon"].to_numpy())
    across = np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    angle = 2 * np.arcsin(np.sqrt(np.sin((lat[:, None] - lat) / 2) ** 2 + across))
    return np.asarray(np.exp(-EARTH_RADIUS_KM * angle / CORRELATION_LENGTH_KM))


def anomaly_covariance(climate: pd.DataFrame, correlation: Array, days: int) -> Array:
    """Covariance of first-order autoregressive anomalies driven by correlated shocks.

    Parameters
    ----------
    climate
        Rows with ``ar1_phi_jan`` and ``sigma_daily_jan_k``, shape ``(site, ...)``.
    correlation
        Correlation of the shocks between sites, shape ``(site, site)``. [-]
    days
        Number of days.

    Returns
    -------
    numpy.ndarray
        Stationary covariance, days outside, sites inside, shape ``(day*site, day*site)``. [K2]

    Notes
    -----
    With x_i(d) = f_i x_i(d-1) + s_i sqrt(1 - f_i^2) e_i(d) and corr(e_i, e_j) = C_ij,
    cov(x_i(d), x_j(d+k)) = C_ij s_i s_j sqrt((1 - f_i^2)(1 - f_j^2)) / (1 - f_i f_j) f_j^k for k >= 0.
    """
    memory = climate["ar1_phi_jan"].to_numpy()
    shock = climate["sigma_daily_jan_k"].to_numpy() * np.sqrt(1 - memory**2)
    same_day = correlation * np.outer(shock, shock) / (1 - np.outer(memory, memory))
    lag = (np.arange(days) - np.arange(days)[:, None])[:, None, :, None]
    # The site of the later day, on whichever of the two axes it is, carries the memory between the days.
    of_later_day = np.where(lag >= 0, memory, memory[:, None, None])
    size = days * len(climate)
    return np.asarray(same_day[:, None, :] * of_later_day ** np.abs(lag)).reshape(size, size)


def make_field(series: Series, inputs: Inputs) -> Field:
    """Prepare the hours, days and sites of one series: everything that is not random."""
    hours = pd.date_range(series.first, series.last, freq="h") + LOCAL_OFFSET
    padding = pd.Timedelta(days=PADDING_DAYS)
    days = pd.date_range(hours[0].normalize() - padding, hours[-1].normalize() + padding)
    since_first_noon = (hours - days[0]) / pd.Timedelta(days=1) - 0.5
    site_of = inputs.site_of.drop(list(series.without))
    climate = inputs.climate.loc[inputs.climate.index.isin(site_of)]
    demand_mw = inputs.demand_mw[site_of.index].groupby(site_of).sum()[climate.index].to_numpy()
    correlation = site_correlation(climate)
    covariance = anomaly_covariance(climate, correlation, len(days))
    return Field(
        hours=hours,
        spline=CubicSpline(np.arange(len(days)), np.eye(len(days)))(since_first_noon.to_numpy()),
        climate=climate,
        national=demand_mw / demand_mw.sum(),
        covariance=covariance,
        factor=cholesky(covariance, lower=True),
        likeness=cholesky(correlation, lower=True),
    )


def climate_mean(field: Field) -> Array:
    """Compute for each site the parabola [degC] whose monthly means are its norms, shape ``(hour, site)``."""
    december = pd.Timestamp(year=field.hours[0].year, month=12, day=1)
    noons = pd.date_range(december, periods=31 + 31 + 28) + pd.Timedelta(hours=12)

    def powers(times: pd.DatetimeIndex) -> Array:
        return np.vander(((times - december) / pd.Timedelta(days=30)).to_numpy(), 3)

    monthly = pd.DataFrame(powers(noons)).groupby(noons.to_period("M")).mean().to_numpy()
    norms = field.climate[["dec_mean_c", "jan_mean_c", "feb_mean_c"]].to_numpy().T
    return powers(field.hours) @ np.linalg.solve(monthly, norms)


def daily_wave(hours: pd.DatetimeIndex) -> Array:
    """Rise from -1 as half a cosine until the afternoon, fall from 1 as a longer one until the morning."""
    clock = hours.hour.to_numpy().astype(float)
    rise = WARMEST_HOUR - COLDEST_HOUR
    rising = -np.cos(np.pi * (clock - COLDEST_HOUR) / rise)
    falling = np.cos(np.pi * ((clock - WARMEST_HOUR) % 24) / (24 - rise))
    return np.where((clock >= COLDEST_HOUR) & (clock < WARMEST_HOUR), rising, falling)


def red_noise(rng: np.random.Generator, likeness: Array, *, steps: int, memory: float) -> Array:
    """Draw stationary noise of unit variance and given lag-one correlation, shape ``(steps, site)``."""
    shocks = rng.standard_normal((steps, len(likeness))) @ likeness.T
    shocks[1:] *= np.sqrt(1 - memory**2)
    return np.asarray(lfilter([1.0], [1.0, -memory], shocks, axis=0))


def draw_swing(rng: np.random.Generator, field: Field) -> Array:
    """Draw the course within each day [K], a wave under changing cloud and local noise, ``(hour, site)``."""
    hours, days = field.spline.shape
    cloud = red_noise(rng, field.likeness, steps=days, memory=CLOUD_MEMORY)
    height = np.exp(CLOUD_SPREAD * cloud - CLOUD_SPREAD**2 / 2)
    half_range = DIURNAL_SHARE / 2 * field.climate["daily_range_jan_k"].to_numpy()
    wave = daily_wave(field.hours)[:, None] * half_range * (field.spline @ height)
    local = red_noise(rng, np.eye(len(field.climate)), steps=hours, memory=NOISE_MEMORY)
    return wave + NOISE_SD_K * local


def thaw(temperature: Array) -> tuple[Array, Array]:
    """Hold mild air back towards the melting point, as snow and cloud do.

    Returns the temperature, unchanged below zero and never above `THAW_C` [degC], and its slope [-].
    """
    slope = np.exp(-np.maximum(temperature, 0.0) / THAW_C)
    return np.where(temperature > 0, THAW_C * (1 - slope), temperature), slope


def within(hours: pd.DatetimeIndex, date_local: str) -> NDArray[np.bool_]:
    """Mark the hours of a local day, month or span of days, written as in `Anchor.date_local`."""
    first, _, last = date_local.partition("/")
    return np.asarray((hours >= pd.Period(first).start_time) & (hours <= pd.Period(last or first).end_time))


def lay_out(anchor: Anchor, field: Field) -> Target:
    """Find the hours and sites of an imposed anchor."""
    named = (field.climate.index == anchor.site).astype(float)
    return Target(
        inside=within(field.hours, anchor.date_local),
        sites=field.national if anchor.site == NATIONAL else named,
        value_c=anchor.value_c,
        minimum=anchor.quantity == "min",
    )


def felt_by(target: Target, hours: Array, slope: Array, field: Field) -> Array:
    """Compute how much each daily anomaly, shape ``(day*site,)``, moves the value of a target [-]."""
    felt = np.zeros((field.spline.shape[1], len(target.sites)))
    seen = target.sites > 0
    felt[:, seen] = field.spline.T @ (hours[:, None] * slope[:, seen] * target.sites[seen])
    return felt.ravel()


def condition(anomaly: Array, swing: Array, targets: list[Target], field: Field) -> Array:
    """Bend a free draw so that it meets its targets.

    Parameters
    ----------
    anomaly
        Free draw of the daily anomalies, days outside, sites inside, shape ``(day*site,)``. [K]
    swing
        Course within each day, shape ``(hour, site)``. [K]
    targets
        Means and minima to meet.
    field
        Hours, sites and the covariance of the anomalies.

    Returns
    -------
    numpy.ndarray
        Temperature, shape ``(hour, site)``. [degC]

    Notes
    -----
    x' = x + K A' (A K A')^-1 (b - A x), a draw from the anomalies given A x = b. What a target asks for is
    made linear around the present series: the thaw by its slope, a minimum by the hour where it falls.
    Once that is settled, further rounds add only what is still missing, which converges quadratically.
    """
    shape = (field.spline.shape[1], len(field.climate))
    normal = climate_mean(field)
    asked = np.array([target.value_c for target in targets])
    bend = np.zeros_like(anomaly)
    temperature = swing
    for turn in range(ROUNDS):
        smooth, slope = thaw(normal + field.spline @ (anomaly + bend).reshape(shape))
        temperature = smooth + swing
        looks = [(target, target.weigh(temperature)) for target in targets]
        misfit = asked - np.array([hours @ temperature @ target.sites for target, hours in looks])
        if np.abs(misfit).max() < CLOSE_K:
            break
        rows = csr_array(np.stack([felt_by(target, hours, slope, field) for target, hours in looks]))
        spread = np.asarray(rows @ field.covariance).T
        kept = np.zeros_like(bend) if turn < SETTLING else bend
        bend = kept + spread @ solve(rows @ spread, misfit + rows @ (bend - kept), assume_a="pos")
    return temperature


def set_targets(anchors: list[Anchor], field: Field) -> list[Target]:
    """Keep the minima, and turn each mean asked of one site, or of the country, into one for every site.

    Drawn freely, the months of two neighbours drift further apart than climates do. The expected value given
    the means asked for, which is the norm plus their anomaly scaled by correlation, keeps the east colder and
    the south milder. Together the means returned contain the ones asked for.
    """
    (hours, days), sites = field.spline.shape, len(field.climate)
    means = [lay_out(anchor, field) for anchor in anchors if anchor.quantity == "mean"]
    likely = condition(np.zeros(days * sites), np.zeros((hours, sites)), means, field)
    for_every_site = [
        replace(mean, sites=only_one, value_c=float(likely[mean.inside].mean(axis=0) @ only_one))
        for mean in means
        for only_one in np.eye(sites)
    ]
    return for_every_site + [lay_out(anchor, field) for anchor in anchors if anchor.quantity == "min"]


def achieved(anchor: Anchor, table: pd.DataFrame, inputs: Inputs) -> float:
    """Read what an anchor asks for [degC] from a finished table by local time and region."""
    line = inputs.column_of(anchor.site, table)
    if anchor.quantity == "effective":
        daily = line.resample("D").mean()[: anchor.date_local].iloc[::-1]
        return float(np.average(daily.iloc[: len(EFFECTIVE_WEIGHTS)], weights=EFFECTIVE_WEIGHTS))
    inside = line[within(pd.DatetimeIndex(line.index), anchor.date_local)]
    return float(inside.mean() if anchor.quantity == "mean" else inside.min())


def faults(series: Series, table: pd.DataFrame, inputs: Inputs) -> Iterator[str]:
    """Yield the differences of a candidate, by local time and region, from the weather that was reported."""
    for anchor in inputs.anchors:
        if anchor.file == series.name:
            miss = abs(achieved(anchor, table, inputs) - anchor.value_c)
            if miss > anchor.tolerance_k + 1e-6:
                yield f"{anchor.site} {anchor.date_local} {anchor.quantity}: off by {miss:.2f} K"
    reference = inputs.column_of(REFERENCE_SITE, table)
    for date_local, low, high in series.bounds_c:
        mean = reference.to_numpy()[within(pd.DatetimeIndex(table.index), date_local)].mean()
        if not low <= mean <= high:
            yield f"{REFERENCE_SITE} {date_local}: mean {mean:.1f} degC"
    values = table.to_numpy()
    if np.abs(np.diff(values, axis=0)).max() >= STEP_LIMIT_K:
        yield "a jump from one hour to the next"
    if values.min() < COLDEST_C or values.max() > WARMEST_C:
        yield "a region too cold or too warm"
    yield from odd_ranges(table, str(reference.name))


def odd_ranges(table: pd.DataFrame, reference: str) -> Iterator[str]:
    """Yield how daily ranges are out of the ordinary, most strictly in the column `reference`."""
    by_day = table.groupby(pd.DatetimeIndex(table.index).normalize())
    ranges = (by_day.max() - by_day.min())[by_day.size() == 24]
    usual = ((ranges >= USUAL_RANGE_K[0]) & (ranges <= USUAL_RANGE_K[1])).mean()
    if usual[reference] < 1 or usual.min() < USUAL_SHARE:
        yield "too many days of little or much daily range"
    if ranges.to_numpy().min() < ALLOWED_RANGE_K[0] or ranges.to_numpy().max() > ALLOWED_RANGE_K[1]:
        yield "a day of hardly any or huge range"


def build(series: Series, inputs: Inputs) -> pd.DataFrame:
    """Draw candidates until one has every reported temperature and keeps every rule.

    Returns it by local time and region, rounded as in the file [degC].

    Raises
    ------
    RuntimeError
        If none of `CANDIDATES` candidates is without fault.
    """
    field = make_field(series, inputs)
    targets = set_targets([anchor for anchor in inputs.anchors if anchor.file == series.name], field)
    site_of = inputs.site_of.drop(list(series.without))
    columns = field.climate.index.get_indexer(pd.Index(site_of))
    for candidate in range(CANDIDATES):
        rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(series.stream, candidate)))
        anomaly = field.factor @ rng.standard_normal(len(field.factor))
        temperature = condition(anomaly, draw_swing(rng, field), targets, field)
        # Adding zero turns the "-0.0" of rounding into "0.0".
        rounded = temperature[:, columns].round(2) + 0.0
        table = pd.DataFrame(rounded, index=field.hours, columns=site_of.index)
        if next(faults(series, table, inputs), None) is None:
            return table
    message = f"{series.name}: no candidate out of {CANDIDATES} meets the anchors and the rules"
    raise RuntimeError(message)


def render(table: pd.DataFrame) -> str:
    """Write a table by local time as the text of its file, in UTC and with two decimals."""
    stamped = table.set_axis(pd.DatetimeIndex(table.index) - LOCAL_OFFSET).rename_axis("time")
    return stamped.to_csv(float_format="%.2f", date_format="%Y-%m-%dT%H:%MZ", lineterminator="\n")


def load(series: Series) -> pd.DataFrame:
    """Read a finished file back by local time."""
    table = pd.read_csv(series.path, index_col="time")
    return table.set_axis(pd.to_datetime(table.index, format="%Y-%m-%dT%H:%MZ") + LOCAL_OFFSET)


def markdown(rows: list[dict[str, str]]) -> str:
    """Return rows of named cells as a Markdown table."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def summarise(inputs: Inputs) -> str:
    """Return two Markdown tables: anchors, asked and achieved, and the means of the regions."""
    tables = {series.name: load(series) for series in (COLD_WAVE, FROST)}
    anchors = [
        {
            "file": anchor.file,
            "site": anchor.site,
            "local date": anchor.date_local,
            "quantity": anchor.quantity,
            "asked, °C": f"{anchor.value_c:.2f}",
            "± K": f"{anchor.tolerance_k:.2f}",
            "achieved, °C": f"{achieved(anchor, tables[anchor.file], inputs):.2f}",
            "confidence": anchor.confidence,
            "source": anchor.source,
        }
        for anchor in inputs.anchors
    ]
    cold, frost = tables[COLD_WAVE.name], tables[FROST.name]
    columns = {
        "January 2026": cold.loc["2026-01"].mean(),
        "February 2026": cold.loc["2026-02"].mean(),
        "lowest 2026": cold.min(),
        "20–26 December 2021": frost.loc["2021-12-20":"2021-12-26"].mean(),
    }
    cells = pd.DataFrame(columns).reindex(inputs.site_of.index).map("{:.1f}".format).replace("nan", "–")
    cells.insert(0, "site", inputs.site_of)
    regions = [{str(key): str(cell) for key, cell in row.items()} for row in cells.reset_index().to_dict("records")]
    return markdown(anchors) + "\n" + markdown(regions)


def differences(inputs: Inputs) -> Iterator[str]:
    """Yield the files that are not what this script makes."""
    for series in (COLD_WAVE, FROST):
        if not series.path.exists() or series.path.read_text("utf-8") != render(build(series, inputs)):
            yield f"{series.path.name} is not what the tables and the seed give"
    if summarise(inputs) not in (HERE / "README.md").read_text("utf-8"):
        yield "README.md does not contain the tables of --summary"


def main() -> int:
    """Rewrite, check or summarise the series, and return the exit status."""
    parser = argparse.ArgumentParser(description="Rebuild the bundled temperature series.")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="compare the files, exit 1 if they differ")
    choice.add_argument("--summary", action="store_true", help="print the contents of the files as tables")
    arguments = parser.parse_args()
    if not DEMAND_FILE.exists():
        parser.error(f"{DEMAND_FILE} is missing; its reference_demand_mw weighs the national mean")
    inputs = read_inputs()
    if arguments.summary:
        sys.stdout.write(summarise(inputs))
        return 0
    if arguments.check:
        stale = list(differences(inputs))
        sys.stderr.writelines(f"{line}\n" for line in stale)
        return min(len(stale), 1)
    for series in (COLD_WAVE, FROST):
        series.path.write_text(render(build(series, inputs)), "utf-8", newline="\n")
        sys.stderr.write(f"wrote {series.path.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
