"""Pictures of docs/electricity.md: ``python docs/electricity.py`` (needs the extra `plot`)."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

import gridmodel as gm
from gridmodel.events.timetable_json import GROUPS
from gridmodel.sampling import Settings
from gridmodel.services.power.order import make_order
from gridmodel.services.power.turns import Turns, choose, turned

HERE = Path(__file__).resolve().parent
REGION_MW = np.array([30.0, 27.0, 20.0, 23.0])
"""Critical, household, business and industry of a region of 100 MW. [MW]"""


def order(axes: list[plt.Axes]) -> None:
    """Two days of one region: queues of the optimum and of the order, and which sub-queues are off."""
    hours = np.arange(48)
    depth = np.clip(0.3 + 0.2 * np.sin(2 * np.pi * (hours - 10) / 24) + 0.05 * np.sin(hours), 0.0, 1.0)
    settings = Settings({name: np.array(value) for name, value in (
        ("pickup_per_h", 0.25), ("pickup_most", 1.0), ("pickup_tau_h", 1.0),
    )})  # fmt: skip
    turns, off, counts = Turns.none(12, 1, 1), [], []
    for share in depth:
        served = REGION_MW * np.array([1.0, 1 - share, 1 - share, 1 - share])
        made = make_order(
            REGION_MW[None, None], served[None, None], industry_limit=np.zeros(()), reserve_mw=np.zeros(1),
            at_least=np.zeros((1, 1)),
        )  # fmt: skip
        chosen = choose(made.subqueues / 12, turns, rotation="queues", block_h=4.0, rest_h=2.0)
        turns = turned(turns, 1.0 - chosen, chosen, settings, step_h=1.0, pickup=False)
        off.append(chosen[:, 0, 0])
        counts.append(made.subqueues[0, 0])
    axes[0].step(hours, 6 * depth, where="post", label="optimum")
    axes[0].step(hours, np.array(counts) / 2, where="post", label="order")
    axes[0].set_ylabel("queues off, of six")
    axes[0].legend(frameon=False)
    axes[1].imshow(np.array(off).T, aspect="auto", cmap="Greys", extent=(0, 48, 12, 0), vmax=1.4)
    axes[1].set_yticks(np.arange(12) + 0.5, GROUPS, fontsize=7)
    axes[1].set_xlabel("h")
    axes[1].set_ylabel("sub-queue (dark: off)")


def outside(axes: plt.Axes) -> None:
    """Draw the share of each oblast's demand outside the queues: the middle nine tenths of 400 members."""
    scenario = gm.load_scenario("january-2026").replace(members=400, end="2026-01-08 01:00", events=[])
    share = gm.run(scenario)["outside_queues_share"]
    low, middle, high = share.quantile([0.05, 0.5, 0.95], "member").to_numpy()
    order = np.arange(len(middle))[::-1]  # the order of the table, from above
    axes.hlines(np.arange(len(order)), low[order], high[order], color="0.6", linewidth=4)
    axes.plot(middle[order], np.arange(len(order)), "k|", markersize=9)
    axes.set_yticks(np.arange(len(order)), [str(name) for name in share["region_name"].to_numpy()[order]], fontsize=7)
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of demand that rotating outages never reach")


def broken(axes: list[plt.Axes]) -> None:
    """Draw the share of a city's feeders that are broken in a January, and the hours that its people are off."""
    run = gm.run(gm.load_scenario("january-2026").replace(members=1)).sel(region="UA-30").isel(member=0)
    day = np.arange(run.sizes["time"]) / 24
    axes[0].fill_between(day, run["people_off_by_damage"] / run["population"], color="0.7", linewidth=0)
    axes[0].set_ylabel("on broken feeders")
    for name in run["people_quantile"].to_numpy():
        axes[1].plot(
            day, run["hours_off_quantile"].sel(people_quantile=name), label=f"{100 * float(name):.0f} % of people"
        )
    mean = (run["people_without_power"] / run["population"]).cumsum("time")
    axes[1].plot(day, mean, "k:", label="mean")
    axes[1].set_ylabel("hours off since the start")
    axes[1].set_xlabel("day")
    axes[1].legend(frameon=False)


def main() -> None:
    """Draw the pictures."""
    mpl.rcParams["svg.hashsalt"] = "gridmodel"
    figure, place = plt.subplots(figsize=(7, 4.5), layout="constrained")
    outside(place)
    figure.savefig(HERE / "electricity-outside.svg", metadata={"Date": None})
    plt.close(figure)
    figure, axes = plt.subplots(2, 1, figsize=(7, 5), sharex=True, layout="constrained")
    broken(list(axes))
    figure.savefig(HERE / "electricity-broken.svg", metadata={"Date": None})
    plt.close(figure)
    figure, axes = plt.subplots(2, 1, figsize=(7, 5), sharex=True, layout="constrained")
    order(list(axes))
    figure.savefig(HERE / "electricity-order.svg", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
