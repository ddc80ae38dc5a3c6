"""How hours off, missing megawatts and the share outside the queues hang together: ``python -m validation.ridge``.

Hours off alone tell only what is missing over what can be cut. Statements of megawatts and queues for the same days
part the two. The page says by how much: from members of the recorded winter weighted by the pairs alone, and from a
Gaussian update of the same members (Evensen 2003, doi 10.1007/s10236-003-0036-9), which does not collapse onto a few.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.inputs.files import ROOT
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.simulation.inputs import run_inputs
from gridmodel.studies.run import run
from validation import winter
from validation.learning import COARSE_SD_H, GROUP_SD_H, OBLAST_SD_H
from validation.operators import OBSERVATIONS, OPERATORS, read_observations
from validation.scores import BAND

PAIRS = OBSERVATIONS.parent / "pairs.csv"
"""Statements of megawatts and queues for the same days, with the ranges in which they are read."""
RECORDED = OBSERVATIONS.parent / "ridge.csv"
"""What members have of what the pairs say, a row each, as the page is made from."""
DAY_H = 24.0
QUEUE_H = 4.0
"""Hours off a day of one queue of six. [h]"""
WIDE = 2.0 * 1.645
"""Standard deviations between the ends of a 90 % band."""
HOURS_SD_H = float(np.sqrt(COARSE_SD_H**2 + OBLAST_SD_H**2 + GROUP_SD_H**2))
"""Error between a stated number of queues and a member, in hours a day. [h] That of `validation.learning` for the whole
country: a round number, and a model that is not the world."""
MODEL_SHARE_SD = 0.045
"""Error of the model in the share of need that is missing. [1] Ours: its error in hours, 2.1, times 0.5 that can be
cut, over 24 h; taken as independent of that in hours, which claims less about their ratio than one error of both."""
FEW = 30.0
"""Effective members below which the ends of a 90 % band are not to be trusted. [1] Ours: one or two lie beyond each."""
SETTINGS = (
    "demand_factor", "temperature_slope_factor", "critical_share_factor", "exempt_share_factor", "shared_feeder_share",
    "industry_limit_share", "reserve_mw",
)  # fmt: skip
"""Settings that are recorded by member."""


def hours_off(missing_share: Floats, outside_share: Floats) -> Floats:
    """Compute hours off a day of consumers in the queues, if all that is missing is cut from them and none else. [h]

    Parameters
    ----------
    missing_share
        Share of need that is missing. [1]
    outside_share
        Share of need that rotating outages never reach. [1]

    Examples
    --------
    >>> float(hours_off(np.array(0.3), np.array(0.5)).round(1))
    14.4
    """
    return np.asarray(DAY_H * np.clip(missing_share / (1.0 - outside_share), 0.0, 1.0))


def outside_share(missing_share: Floats, hours: Floats) -> Floats:
    """Compute the share outside the queues at which a missing share of need gives some hours off a day. [1]

    Examples
    --------
    >>> float(outside_share(np.array(0.4), np.array(16.0)).round(2))
    0.4
    """
    return np.asarray(1.0 - DAY_H * np.asarray(missing_share) / np.asarray(hours))


def worth_h(need_gw: Floats, outside: Floats) -> Floats:
    """Compute hours a day that one gigawatt all day spares consumers in the queues. [h/GW]

    The slope of `hours_off` in gigawatts, ``24 / (need · share in the queues)``: hours off over gigawatts missing.

    Examples
    --------
    >>> float(worth_h(np.array(16.0), np.array(0.5)).round(1))
    3.0
    """
    return np.asarray(DAY_H / (need_gw * (1.0 - outside)))


def weights(predicted: Floats, value: Floats, sd: Floats) -> Floats:
    """Compute the weight of each member from how far it is from what was stated, shape ``(member,)``; they add up to 1.

    Parameters
    ----------
    predicted
        What members say, shape ``(statement, member)``.
    value
        What was stated, shape ``(statement,)``.
    sd
        Standard deviation of the error between the two, shape ``(statement,)``; errors are Gaussian and independent.
    """
    log = -0.5 * (((predicted - value[:, None]) / sd[:, None]) ** 2).sum(axis=0)
    likely = np.exp(log - log.max())
    return np.asarray(likely / likely.sum())


def weighted_band(values: Floats, weight: Floats) -> tuple[float, float, float]:
    """Return the median and the ends of the 90 % band of weighted members.

    A quantile is where the summed weight, half of a member's own counted, crosses it; between members on a line.
    """
    order = np.argsort(values, kind="stable")
    place = np.cumsum(weight[order]) - 0.5 * weight[order]
    low, middle, high = np.interp([BAND[0], 0.5, BAND[1]], place, values[order])
    return float(middle), float(low), float(high)


def updated(values: Floats, predicted: Floats, value: Floats, sd: Floats) -> tuple[float, float]:
    """Compute mean and standard deviation of a quantity after statements, if all are Gaussian together.

    Parameters
    ----------
    values
        The quantity by member, shape ``(member,)``.
    predicted, value, sd
        As in `weights`.

    Notes
    -----
    ``m + C_xy (C_yy + R)⁻¹ (y − ȳ)`` and ``C_xx − C_xy (C_yy + R)⁻¹ C_yx``: what the ensemble Kalman filter tends to.
    """
    members = len(values)
    apart, told = values - values.mean(), predicted - predicted.mean(axis=1, keepdims=True)
    both = told @ apart / (members - 1)
    gain = np.linalg.solve(told @ told.T / (members - 1) + np.diag(sd**2), both)
    mean = values.mean() + gain @ (value - predicted.mean(axis=1))
    return float(mean), float(np.sqrt(max(apart @ apart / (members - 1) - gain @ both, 0.0)))


def read_pairs() -> pd.DataFrame:
    """Return the pairs, with ranges of the missing share of need at the stated hour and in the mean of the day."""
    pairs = pd.read_csv(PAIRS).set_index("id", drop=False)
    pairs["share_low"] = pairs["missing_low_gw"] / pairs["need_high_gw"]
    pairs["share_high"] = pairs["missing_high_gw"] / pairs["need_low_gw"]
    pairs["day_low"] = pairs["share_low"] * pairs["least_of_hour"]
    return pairs


def middle_outside(pairs: pd.DataFrame) -> Floats:
    """Return the share outside the queues that the middles of each pair imply, shape ``(pair,)``. [1]"""
    missing = (pairs["missing_low_gw"] + pairs["missing_high_gw"]) / (pairs["need_low_gw"] + pairs["need_high_gw"])
    queues = (pairs["queues_low"] + pairs["queues_high"]) / 2.0
    return outside_share(missing.to_numpy(dtype=float), QUEUE_H * queues.to_numpy(dtype=float))


def stated(pairs: pd.DataFrame, members: pd.DataFrame, *, megawatts: bool) -> tuple[Floats, Floats, Floats]:
    """Return what members say of the pairs, what was stated, and the error, as `weights` takes them.

    Hours of every pair, and behind them the share of need that is missing in the mean of the day where megawatts count.
    """
    hours = QUEUE_H * ((pairs["queues_low"] + pairs["queues_high"]) / 2.0).to_numpy(dtype=float)
    told = members[[f"hours_{name}" for name in pairs.index]].to_numpy(dtype=float).T
    error = np.full(len(hours), HOURS_SD_H)
    if not megawatts:
        return told, hours, error
    share = missing_shares(pairs, members)
    ends = pairs[["day_low", "share_high"]].to_numpy(dtype=float)
    spread = np.sqrt(((ends[:, 1] - ends[:, 0]) / WIDE) ** 2 + MODEL_SHARE_SD**2)
    return np.vstack([told, share]), np.append(hours, ends.mean(axis=1)), np.append(error, spread)


def corners(pairs: pd.DataFrame) -> Floats:
    """Return the least and the largest share outside the queues in the ranges of each pair, shape ``(pair, 2)``. [1]"""
    ends = pairs[["share_high", "queues_low", "share_low", "queues_high"]].to_numpy(dtype=float).T
    low, high = (outside_share(ends[place], QUEUE_H * ends[place + 1]) for place in (0, 2))
    return np.clip(np.stack([low, high], axis=1), 0.0, 1.0)


def ratios(pairs: pd.DataFrame, members: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return the share outside the queues that members and statements imply by their ratio, as `weights` takes them.

    The same is asked of both: missing over need over hours, in the mean of a day; of pairs whose queues were stated of
    whole days. What a member implies is not what it drew, since limits for industry and rounding are in it as they are
    in the world. An error that moves hours and megawatts alike cancels; only the ranges of the statements count.
    """
    here = (pairs["all_day"] == "yes").to_numpy()
    hours = members[[f"hours_{name}" for name in pairs.index[here]]].to_numpy(dtype=float).T
    ends = corners(pairs)[here]
    implied = outside_share(missing_shares(pairs, members)[here], hours)
    return implied, middle_outside(pairs)[here], (ends[:, 1] - ends[:, 0]) / WIDE


def missing_shares(pairs: pd.DataFrame, members: pd.DataFrame) -> Floats:
    """Return the share of need that members miss in the mean of the days of the pairs, shape ``(pair, member)``. [1]"""
    return np.stack([
        (members[f"missing_gw_{name}"] / members[f"need_gw_{name}"]).to_numpy(dtype=float) for name in pairs.index
    ])  # fmt: skip


def drawn(scenario: Scenario, dates: Mapping[str, str]) -> dict[str, Floats]:
    """Return what members of a scenario draw, without running it: settings, and shares outside the queues by date.

    Shares of regions are weighted with their demand on a reference day.
    """
    inputs = run_inputs(scenario)
    system = inputs.parts["power"]
    demand = inputs.network.tables["regions"]["reference_demand_mw"].to_numpy(dtype=float)
    made = {name: np.broadcast_to(system.settings.of(name, 0), scenario.draws) for name in SETTINGS}
    for name, date in dates.items():
        step = int(np.searchsorted(inputs.clock.local[: len(inputs.clock.times)], np.datetime64(f"{date}T12:00:00")))
        share = np.broadcast_to(system.queues.outside_share(step), (scenario.draws, len(demand)))
        made[f"outside_{name}"] = share @ (demand / demand.sum())
    return made


def compared_day(row: Mapping[str, Any]) -> np.datetime64:
    """Return the day of a run with which a row is compared: the day before of a plan."""
    back = pd.Timedelta(days=1 if str(row["operator"]).endswith("day_before") else 0)
    return np.datetime64(str((pd.Timestamp(row["from"]) - back).date()), "D")


def _row_of(pairs: pd.DataFrame, observations: pd.DataFrame, name: str) -> tuple[int, dict[str, Any]]:
    """Return the place and the row of the observations of a pair."""
    place = int(np.flatnonzero((observations["id"] == pairs.loc[name, "observations"]).to_numpy())[0])
    return place, {str(key): value for key, value in observations.iloc[place].items()}


def of_winter(found: Mapping[str, Floats]) -> pd.DataFrame:
    """Return what members of the winter have on the days of the pairs, a row each.

    Parameters
    ----------
    found
        Blocks of `validation.winter` in order, from the first.
    """
    pairs, observations = read_pairs(), read_observations()
    scenario = load_scenario(winter.SCENARIO)
    first = np.datetime64(scenario.start, "D")
    count = np.asarray(found["need_mw"]).shape[1] // winter.BLOCK
    dates = dict(zip(pairs["id"], pairs["date"], strict=True))
    parts = [
        drawn(scenario.replace(members=winter.BLOCK, seed=int(scenario.seed) + block), dates) for block in range(count)
    ]
    made = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    for name in pairs.index:
        place, row = _row_of(pairs, observations, name)
        day = int((compared_day(row) - first).astype(int))
        monday = (day + 2) // 7 * 7 - 2  # 1 October 2025 is a Wednesday
        for word in ("need", "missing", "import", "generation"):
            made[f"{word}_gw_{name}"] = np.asarray(found[f"{word}_mw"], dtype=float)[day] / 1000.0
        made[f"hours_{name}"] = np.asarray(found["observed"], dtype=float)[place]
        made[f"week_{name}"] = np.asarray(found["hours_off"], dtype=float)[monday : monday + 7].mean(axis=(0, 2))
    return pd.DataFrame(made)


def of_january(result: xr.Dataset) -> pd.DataFrame:
    """Return what members of a run of `january-2026` have on the day of the pair of January, a row each."""
    pairs, observations = read_pairs(), read_observations()
    _, row = _row_of(pairs, observations, "january")
    scenario = load_scenario("january-2026").replace(members=result.sizes["member"])
    made: dict[str, Floats] = dict(drawn(scenario, {"january": str(pairs.loc["january", "date"])}))
    days = result["local_time"].to_numpy().astype("datetime64[D]")
    here = result.isel(time=np.flatnonzero(days == compared_day(row)))
    for word, kind, over in (
        ("need", "demand_mw", ("region", "tier", "time")), ("missing", "shed_mw", ("region", "tier", "time")),
        ("import", "import_mw", ("time",)), ("generation", "generation_mw", ("region", "technology", "time")),
    ):  # fmt: skip
        made[f"{word}_gw_january"] = here[kind].sum(over).to_numpy() / here.sizes["time"] / 1000.0
    made["hours_january"] = OPERATORS[row["operator"]](result, row)
    return pd.DataFrame(made)


def record(found: Mapping[str, Floats], january: xr.Dataset) -> None:
    """Record what members have of the pairs, four digits."""
    parts = {"winter-2025-26": of_winter(found), "january-2026": of_january(january)}
    made = pd.concat(parts, names=["run", "member"]).reset_index()
    made.to_csv(RECORDED, index=False, float_format="%.4g", lineterminator="\n")


def read() -> pd.DataFrame:
    """Return what is recorded of members: of `winter-2025-26`, the prior, and of `january-2026`."""
    return pd.read_csv(RECORDED)


def main() -> int:
    """Make the page from what is recorded, or record it again."""
    from validation import ridge_page

    parser = argparse.ArgumentParser(prog="python -m validation.ridge", description="Make docs/validation/ridge.md.")
    parser.add_argument("--winter", type=Path, nargs="*", help="blocks of the winter, in order, to record members from")
    given = parser.parse_args()
    if given.winter:
        found = winter.joined([dict(np.load(path)) for path in given.winter])
        record(found, run(load_scenario("january-2026").replace(members=10)))
    ridge_page.write(ROOT / "docs" / "validation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
