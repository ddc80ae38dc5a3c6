"""Rebuild the temperatures of the winter of 2025/26 from climate, what was reported, and seeded noise.

Run without arguments to rewrite `winter-2025-26.csv` beside this file, with ``--check`` to compare (exit 1 if it
differs). `reconstruct.py` makes the shorter series in the same spirit; here days are bent to a table of reports,
`winter-anchors.csv`, by the same formula, and days that leave the bounds that were reported are bent back to them.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from reconstruct import (
    CLOUD_MEMORY,
    CLOUD_SPREAD,
    DIURNAL_SHARE,
    LOCAL_OFFSET,
    NOISE_MEMORY,
    NOISE_SD_K,
    Array,
    Inputs,
    anomaly_covariance,
    daily_wave,
    read_inputs,
    red_noise,
    render,
    site_correlation,
)  # fmt: skip
from scipy.linalg import cholesky, solve

HERE = Path(__file__).resolve().parent
FILE = HERE / "winter-2025-26.csv"
ANCHORS = HERE / "winter-anchors.csv"
FIRST, LAST = "2025-09-26T00:00", "2026-03-16T23:00"
"""First and last hour, UTC: five days before the run of the scenario, because demand remembers three."""
WITHOUT = ("UA-09",)
"""Regions left out."""
SEED, STREAM = 2026, 2
OTHER_MONTHS = {9: (15.0, 0.6, 0.5), 10: (8.7, 0.7, 0.6), 11: (2.5, 0.9, 0.75), 3: (2.5, 0.9, 0.8)}
"""Months without norms in the table: norm of Kyiv [°C], part of January's difference to Kyiv that a site has then, and
spread of daily anomalies over January's. [B] Near the norms of 1991-2020; nobody reported these months."""
ROUNDS, CLOSE_K = 40, 0.02
INSIDE_K = 0.3
"""How far inside a bound a day is bent back. [K]"""
STEP_LIMIT_K = 3.5
"""Largest change from one hour to the next. [K]"""


def norms(climate: pd.DataFrame, days: pd.DatetimeIndex) -> tuple[Array, Array]:
    """Return norm [degC] and spread of anomalies over January's [1], each of shape ``(day, site)``.

    Months stand in the middle of themselves, days on lines between them.
    """
    winter = {12: "dec_mean_c", 1: "jan_mean_c", 2: "feb_mean_c"}
    from_kyiv = (climate["jan_mean_c"] - climate.loc["Kyiv", "jan_mean_c"]).to_numpy()
    months = pd.date_range(days[0] - pd.DateOffset(months=1), days[-1] + pd.DateOffset(months=1), freq="MS")
    mean, spread = [], []
    for month in months.month:
        other = OTHER_MONTHS.get(month, OTHER_MONTHS[3 if month in (4, 5) else 9])
        mean.append(climate[winter[month]].to_numpy() if month in winter else other[0] + other[1] * from_kyiv)
        spread.append(np.full(len(climate), 1.0 if month in winter else other[2]))
    middle = (months + pd.Timedelta(days=14)).to_numpy().astype("datetime64[D]").astype(float)
    when = days.to_numpy().astype("datetime64[D]").astype(float)
    by_site = [
        np.stack([np.interp(when, middle, column) for column in np.array(table).T], axis=1) for table in (mean, spread)
    ]
    return by_site[0], by_site[1]


def build(inputs: Inputs) -> pd.DataFrame:  # noqa: PLR0915 - one series, from top to bottom
    """Return the series by local time and region. [degC]

    Notes
    -----
    ``x' = x + K A' (A K A')^-1 (b - A x)``: daily anomalies given linear observations. A highest or lowest hour is
    asked of the mean of its day; what an hour then still lacks is asked for on top in the next round, as are days that
    leave their bounds.
    """
    hours = pd.date_range(FIRST, LAST, freq="h") + LOCAL_OFFSET
    days = pd.date_range(hours[0].normalize() - pd.Timedelta(days=1), hours[-1].normalize() + pd.Timedelta(days=1))
    site_of = inputs.site_of.drop(list(WITHOUT))
    climate = inputs.climate.loc[inputs.climate.index.isin(site_of)]
    sites = len(climate)
    correlation = site_correlation(climate)
    mean, spread = norms(climate, days)
    scale = spread.ravel()
    covariance = anomaly_covariance(climate, correlation, len(days)) * np.outer(scale, scale)
    rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(STREAM,)))
    drawn = (
        cholesky(covariance + 1e-9 * np.eye(len(covariance)), lower=True) @ rng.standard_normal(len(covariance))
    ).reshape(-1, sites)
    swing = _swing(rng, hours, days, climate, cholesky(correlation, lower=True))
    anchors = pd.read_csv(ANCHORS)
    asked = [_Asked(days, hours, climate, row) for row in anchors.to_dict("records")]
    asked += [_Asked(days, hours, climate, row) for row in _likely(anchors, climate, correlation)]
    imposed = [one for one in asked if one.imposed]
    bounds = [one for one in asked if not one.imposed]
    temperature = swing
    for _ in range(ROUNDS):
        rows = np.stack([one.row for one in imposed])
        spread_of = np.stack([row @ covariance for row in rows])
        want = np.array([one.target for one in imposed]) - rows @ (mean + drawn).ravel()
        inner = rows @ spread_of.T + 1e-4 * np.eye(len(rows))
        daily = mean + drawn + (spread_of.T @ solve(inner, want, assume_a="pos")).reshape(-1, sites)
        temperature = _hourly(daily, hours, days) + swing
        miss = [one.correct(temperature) for one in imposed]
        extra = [new for one in bounds for new in one.beyond(temperature)]
        imposed += [new for new in extra if not any(np.array_equal(new.row, old.row) for old in imposed)]
        if max(np.abs(miss)) < CLOSE_K and not extra:
            break
    table = pd.DataFrame(
        temperature[:, climate.index.get_indexer(pd.Index(site_of))].round(2) + 0.0, index=hours, columns=site_of.index
    )
    for one in asked:
        one.report(temperature)
    if np.abs(np.diff(table.to_numpy(), axis=0)).max() >= STEP_LIMIT_K:
        sys.stderr.write(f"largest step {np.abs(np.diff(table.to_numpy(), axis=0)).max():.2f} K\n")
    return table


def _likely(anchors: pd.DataFrame, climate: pd.DataFrame, correlation: Array) -> list[dict]:
    """Return the means of months that nobody reported, at each site: its norm and Kyiv's anomaly times correlation.

    What varies at random is the weather within a month, not the geography of its mean. Months that were reported
    nowhere are at their norms.
    """
    known = anchors[(anchors["quantity"] == "mean") & (anchors["date_local"].str.len() == 7)]
    kyiv = known[known["site"] == "Kyiv"].set_index("date_local")["value_c"]
    made = []
    for month in ("2025-10", "2025-11", "2025-12", "2026-01", "2026-02"):
        noons = pd.date_range(month, periods=pd.Period(month).days_in_month)
        usual = norms(climate, noons)[0].mean(axis=0)
        here = climate.index.get_loc("Kyiv")
        anomaly = float(kyiv[month] - usual[here]) if month in kyiv else 0.0
        given = set(known[known["date_local"] == month]["site"])
        made += [
            {"site": site, "date_local": month, "quantity": "mean", "tolerance_k": 0.2,
             "value_c": usual[place] + anomaly * correlation[here, place]}
            for place, site in enumerate(climate.index) if site not in given
        ]  # fmt: skip
    return made


class _Asked:
    """One reported number on the days and sites of the series."""

    def __init__(self, days: pd.DatetimeIndex, hours: pd.DatetimeIndex, climate: pd.DataFrame, row: dict) -> None:
        self.days, self.hours, self.climate, self.given = days, hours, climate, row
        first, _, last = str(row["date_local"]).partition("/")
        begin, end = pd.Period(first).start_time, pd.Period(last or first).end_time
        self.inside = np.asarray((hours >= begin) & (hours <= end))
        on = np.asarray((days >= begin.normalize()) & (days <= end.normalize())).astype(float)
        self.site = int(climate.index.get_loc(row["site"]))
        self.row = np.outer(on / on.sum(), np.arange(len(climate)) == self.site).ravel()
        self.quantity, self.value = str(row["quantity"]), float(row["value_c"])
        self.imposed = self.quantity in {"mean", "min", "max"}
        half = 0.5 * DIURNAL_SHARE * float(climate["daily_range_jan_k"].iloc[self.site])
        self.target = self.value + {"min": half, "max": -half}.get(self.quantity, 0.0)

    def found(self, temperature: Array) -> float:
        """Return what the series has for it. [degC]"""
        line = temperature[self.inside, self.site]
        return float(
            {"min": line.min, "max": line.max, "lowest": line.min, "highest": line.max}.get(self.quantity, line.mean)()
        )

    def correct(self, temperature: Array) -> float:
        """Ask for what is still missing, and return it. [K]"""
        miss = self.value - self.found(temperature)
        self.target += 0.8 * miss
        return miss

    def beyond(self, temperature: Array) -> "list[_Asked]":
        """Return a report for each day that leaves a bound (`lowest`, `highest`, `below`)."""
        line = pd.Series(temperature[self.inside, self.site], index=self.hours[self.inside]).resample("D")
        daily, low = {"lowest": (line.min(), True), "highest": (line.max(), False), "below": (line.mean(), False)}[
            self.quantity
        ]
        wrong = daily[daily < self.value - 0.01] if low else daily[daily > self.value + 0.01]
        inside = self.value + INSIDE_K if low else self.value - INSIDE_K
        kind = {"lowest": "min", "highest": "max", "below": "mean"}[self.quantity]
        return [
            _Asked(self.days, self.hours, self.climate,
                   {**self.given, "date_local": f"{day:%Y-%m-%d}", "quantity": kind, "value_c": inside})
            for day in wrong.index
        ]  # fmt: skip

    def report(self, temperature: Array) -> None:
        """Say what the series has where it is not what was asked."""
        found, row = self.found(temperature), self.given
        beyond = {"lowest": self.value - found, "highest": found - self.value, "below": found - self.value}
        if beyond.get(self.quantity, abs(found - self.value)) > float(row["tolerance_k"]):
            sys.stderr.write(f"{row['site']} {row['date_local']} {self.quantity}: {found:.2f} for {self.value:.2f}\n")


def _hourly(daily: Array, hours: pd.DatetimeIndex, days: pd.DatetimeIndex) -> Array:
    """Return hours on a smooth curve through the noons, shape ``(hour, site)``."""
    from scipy.interpolate import CubicSpline

    since = ((hours - days[0]) / pd.Timedelta(days=1) - 0.5).to_numpy()
    return np.asarray(CubicSpline(np.arange(len(days)), daily)(since))


def _swing(
    rng: np.random.Generator, hours: pd.DatetimeIndex, days: pd.DatetimeIndex, climate: pd.DataFrame, likeness: Array
) -> Array:
    """Draw the course within each day, shape ``(hour, site)``. [K]"""
    cloud = red_noise(rng, likeness, steps=len(days), memory=CLOUD_MEMORY)
    height = np.exp(CLOUD_SPREAD * cloud - CLOUD_SPREAD**2 / 2)
    half = DIURNAL_SHARE / 2 * climate["daily_range_jan_k"].to_numpy()
    local = red_noise(rng, np.eye(len(climate)), steps=len(hours), memory=NOISE_MEMORY)
    return daily_wave(hours)[:, None] * half * _hourly(height, hours, days) + NOISE_SD_K * local


def main() -> int:
    """Rewrite or check the series, and return the exit status."""
    parser = argparse.ArgumentParser(description="Rebuild the temperatures of the winter of 2025/26.")
    parser.add_argument("--check", action="store_true", help="compare the file, exit 1 if it differs")
    check = parser.parse_args().check
    made = build(read_inputs())
    if not check:
        FILE.write_text(render(made), "utf-8", newline="\n")
        sys.stderr.write(f"wrote {FILE.name}\n")
        return 0
    there = pd.read_csv(FILE).iloc[:, 1:].to_numpy(float) if FILE.is_file() else np.zeros(0)
    same = there.shape == made.shape and np.abs(there - made.to_numpy()).max() <= 0.011
    if not same:
        sys.stderr.write(f"{FILE.name} is not what this script makes\n")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
