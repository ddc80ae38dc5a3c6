"""Page of January 2026 beside its sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from validation.pages import pair_of, regions, table
from validation.statements import hours_of, of_group
from validation.winter import OWN

ORDERED = ((0, 6, 1.0), (12, 18, 3.5), (20, 22, 2.5))
"""Queues of the operator's order of 12 January, by local hours (novograd.city 449943)."""
SPLIT = {
    "2026-01-15": {"UA-56": "12.7", "UA-63": "12.9", "UA-71": "14.1"},
    "2026-01-16": {"UA-26": "14.7", "UA-12": "14.9", "UA-18": "15.7"},
    "2026-01-21": {"UA-26": "5.7", "UA-12": "15.2", "UA-63": "15.5"},
    "2026-01-22": {"UA-46": "7.25", "UA-53": "17.3"},
}
"""Hours off a day in timetables, by the day for which they were published."""


def page(found: Mapping[str, Floats], score: Mapping[str, Any], january: xr.Dataset) -> str:
    """Return the page.

    Parameters
    ----------
    found
        Ensemble of `winter-2025-26`.
    score
        All scores.
    january
        A run of `january-2026` with members.
    """
    names = regions()
    winter = score["winter-2025-26"]
    chance = {row["statement"]: row["chance"] for row in winter["statements"]}
    order = np.asarray(found["order_12_january"], dtype=float)
    hours = [
        [f"{start} to {end} h", f"{queues:g}", pair_of(order[start:end].mean(axis=0), ".1f")]
        for start, end, queues in ORDERED
    ]
    split = [
        [f"{int(date[-2:])} January", region, reported, pair_of(hours_of(found, str(np.datetime64(date) - 1))[:, names.index(region)], ".1f")]
        for date, cells in SPLIT.items()
        for region, reported in cells.items()
    ]  # fmt: skip
    days = np.arange("2026-01-01", "2026-02-01", dtype="datetime64[D]")
    national = np.stack([hours_of(found, str(day)).mean(axis=1) for day in days])
    worst = days[national.argmax(axis=0)]
    common, count = np.unique(worst, return_counts=True)
    top = common[count.argmax()]
    place = int(np.flatnonzero(days == np.datetime64("2026-01-22"))[0])
    share_off = (national >= national[place]).mean(axis=0)
    cold = np.asarray(found["without_heat"], dtype=float)[92:123].max(axis=0) / 1e6
    causes = january["people_without_heat_cause"].sum("region").transpose("time", "member", "heat_cause")
    own = np.asarray(causes.sel(heat_cause=list(OWN)).sum("heat_cause").max("time").to_numpy()) / 1e6
    own_winter = np.asarray(found["own_cold"], dtype=float)[92:123].max(axis=0) / 1e6
    west_late = of_group(hours_of(found, "2026-01-21"), names, "west")
    east_late = of_group(hours_of(found, "2026-01-21"), names, "east, centre, south")
    cascade = score["cascade"]
    lines = [
        "# January 2026 beside its sources", "",
        f"Made by `make validate` from {winter['members']} members of `winter-2025-26` and {january.sizes['member']} of `january-2026`. Medians, and the middle nine "
        "tenths of the members in brackets. Plans are beside the order of the day before. What set a number is said; nothing here was tuned to a single row.", "",
        "## The order of 12 January, by hour", "",
        "Queues of six, whole country. The day is calibration: it helped to set who can be cut.", "",
        table(["local time", "ordered", "run"], hours), "",
        "![Order of 12 January by hour](january-order.svg)", "",
        "The run has too many queues at night: its day plan places the water of reservoirs in the deepest hours and has nothing left for the night, while the operator's order "
        "fell to one queue. The midday plateau is that of the order.", "",
        "## East and west", "",
        "Until 20 January all regions were off for as long; from the 21st the west had power again. The rows to the 20th are calibration (they set the shares outside the queues), "
        "those from the 21st are independent.", "",
        table(["for", "where", "reported, h off", "run, h off"], split), "",
        f"On 21 January the run has the west off for {np.median(west_late):.1f} h and the others for {np.median(east_late):.1f} h; a split of more than 5 h has a chance of "
        f"{chance['21 January: others off for 5 h more than the west']:.0%}. The missing hours of mid-January are not damage to networks of regions: with the same deficit, fewer "
        "consumers shared it. Limits of transfer that appear with damage and heal by zone part the regions afterwards, but the run hardly expects a split: what a strike takes of transfer is drawn from 0 to 0.2, no zone "
        "heals faster than another by assumption, and wider ranges part the regions too early ([what was tried](README.md)). What it says after reports is in [the table of rows](winter-2025-26.md).", "",
        "## The worst day", "",
        f"The minister called 22 January the hardest day since November 2022. In the run it is among the worst twentieth of days since October in {chance['22 January: among the worst twentieth of days so far']:.0%} of the members; "
        f"{share_off.mean() * 31 - 1:.0f} days of January are worse than it in the mean member, and the most common worst day is {int(str(top)[-2:])} January "
        f"({count.max()} of {len(worst)} members). The scenario knows the strikes by date only, not how much each destroyed.", "",
        "## Critical supply, 13 January", "",
        f"In the night to the 13th critical consumers of Kyiv were not supplied in full. More than a hundredth of them are short that day in {chance['13 January: critical consumers of Kyiv short at night']:.0%} of the members.", "",
        "## 31 January", "",
        f"Two lines failed at 10:42 and seven oblasts lost supply. With the losses of that minute and what interconnectors and lines bear drawn, four oblasts or more lose supply in "
        f"{cascade['four_oblasts_or_more']:.0%} of {cascade['members']} members (`python -m validation.cascade`): that it may happen is right, how far it goes is not, since relays of all regions are set alike "
        "and the losses of the run are ours. The winter scenario follows no cascade.", "",
        "## Homes that heat themselves, in long cuts", "",
        f"At the worst moment of `january-2026` {pair_of(own, '.1f')} million people live in homes below 12 °C that heat themselves and lack power, gas or enough installed heat; in the winter run the worst day of January has "
        f"{pair_of(own_winter, '.1f')} million of them, of {pair_of(cold, '.1f')} million in all cold homes. Reports of the month name buildings on district heat (6,000 and 5,635 in Kyiv) and hardly any others; so many cold homes beside them "
        "would have been reported. The model is too dark here: backup, stoves and who stays in one warm room are not known well enough.", "",
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"
