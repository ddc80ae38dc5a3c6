"""Statements that were right or wrong, and the share of members in which they are right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gridmodel.arrays import Floats
from validation.evaluate import groups

FIRST = np.datetime64("2025-10-01")
QUEUE_H = 4.0
"""Hours off a day of one queue. [h]"""
NONE_H = 0.5
"""Hours off a day below which an oblast has no cuts. [h] Ours: half an hour, the unit of timetables."""
SPLIT_H = 5.0
"""Difference that counts as a split between west and east. [h] Ours: 9.5 h were reported."""


def hours_of(found: Mapping[str, Floats], date: str) -> Floats:
    """Return hours off by the order of a day, shape ``(member, region)``. [h]"""
    return np.asarray(found["hours_off"][int((np.datetime64(date) - FIRST).astype(int))], dtype=float)


def of_group(hours: Floats, regions: list[str], group: str) -> Floats:
    """Return the mean over the regions of a group, shape ``(member,)``. [h]"""
    where = groups()
    return np.asarray(hours[:, [place for place, region in enumerate(regions) if where[region] == group]].mean(axis=1))


def statements(found: Mapping[str, Floats], regions: list[str]) -> list[dict[str, Any]]:
    """Return each statement with its source, whether it came true, and the chance that the run gives it."""

    def split(date: str) -> Floats:
        hours = hours_of(found, date)
        return of_group(hours, regions, "east, centre, south") - of_group(hours, regions, "west")

    def west(date: str) -> Floats:
        return of_group(hours_of(found, date), regions, "west")

    everywhere = (hours_of(found, "2025-12-23") > NONE_H).all(axis=1)
    to_the_22nd = np.asarray(found["hours_off"], dtype=float)[
        : int((np.datetime64("2026-01-23") - FIRST).astype(int))
    ].mean(axis=2)
    worst = to_the_22nd[-1] >= np.quantile(to_the_22nd, 0.95, axis=0)
    rows = [
        ("23 December: cuts in every oblast", True, everywhere, "lenta.ua 186224; focus.ua 738002"),
        ("2 January: west without cuts", True, west("2026-01-01") < NONE_H, "rbc.ua 1767335347"),
        ("13 January: critical consumers of Kyiv short at night", True, np.asarray(found["critical_short_kyiv"]) > 0.01, "NASHANIVA"),
        ("14 to 16 January: west within 5 h of the others", True, np.abs(split("2026-01-15")) < SPLIT_H, "uapress.info 2026/01/16"),
        ("21 January: others off for 5 h more than the west", True, split("2026-01-21") > SPLIT_H, "uapress.info 2026/01/21; glavred.net 10734059"),
        ("22 January: among the worst twentieth of days so far", True, worst, "LIGA_22JAN"),
        ("2 February: others off for 5 h more than the west", True, split("2026-02-01") > SPLIT_H, "uapress.info 2026/02/02; nikvesti.com 314339"),
        ("8 February: the west is cut for 8 h or more again", True, west("2026-02-07") > 2 * QUEUE_H, "lviv.novyny.live 310743"),
        ("5 March: less than 6 h off in the mean oblast", True, hours_of(found, "2026-03-05").mean(axis=1) < 1.5 * QUEUE_H, "glavred.net 10746419; RADIOSV_1GW"),
    ]  # fmt: skip
    return [
        {"statement": text, "true": right, "chance": float(np.mean(came)), "source": source}
        for text, right, came, source in rows
    ]
