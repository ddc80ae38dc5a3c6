"""Direct-current lines of a pandapower net as links that dispatch may use within their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats, Ints
from gridmodel.interchange.adapter.dispatchable import in_service, rows_of

LINK = ("from_bus", "to_bus", "arrives", "min_p_mw", "max_p_mw", "cost_eur_per_mw", "in_service")
"""Columns of the table `link` of a net."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Lines that carry power from one node to another, each way by itself; shape of all arrays ``(link,)``."""

    labels: list[str]
    """Labels such as `dcline/0`; a line that runs both ways has two links."""
    forward: list[bool]
    """Whether the link runs from the first to the second bus of its line."""
    start: Ints
    """Node that sends."""
    end: Ints
    """Node that receives."""
    arrives: Floats
    """Share of what is sent that arrives. [1]"""
    most_mw: Floats
    """Most that can be sent."""
    standing_mw: Floats
    """Loss while the line is on, taken where it arrives."""
    cost: Floats
    """Cost of what is sent. [EUR/MWh]"""


def read_links(net: Any, place: Ints, *, dead: int) -> Links:  # noqa: ANN401, C901 - lines and links, each both ways
    """Return the links of direct-current lines in service, and of the links of a PyPSA network.

    Parameters
    ----------
    net
        A pandapower net.
    place
        Node of each bus.
    dead
        Node of buses out of service, which send and receive nothing.

    Notes
    -----
    Forward a line carries at most `max_p_mw`, else its `p_mw`; backward as much as a negative `min_p_mw` says, else
    a negative `p_mw`, up to `max_p_mw`. `loss_percent` is of what is sent, `loss_mw` is lost while the line is on.
    """
    found: dict[str, list[Any]] = {name: [] for name in Links.__dataclass_fields__}
    for index, row in in_service(rows_of(net, "dcline")).iterrows():
        p_mw, most, least = (_number(row, name) for name in ("p_mw", "max_p_mw", "min_p_mw"))
        p_mw = p_mw if np.isfinite(p_mw) else 0.0
        limited = not np.isnan(most)
        forward = most if limited else max(p_mw, 0.0)
        backward = -least if least < 0 else (forward if limited else -p_mw) if p_mw < 0 else 0.0
        percent, standing = _number(row, "loss_percent"), _number(row, "loss_mw")
        arrives = 1.0 - (percent / 100.0 if np.isfinite(percent) else 0.0)
        ends = [int(place[int(row[name])]) for name in ("from_bus", "to_bus")]
        for is_forward, limit in ((True, forward), (False, backward)):
            if limit > 0 and arrives > 0 and ends[0] != ends[1] and dead not in ends:
                start, end = ends if is_forward else ends[::-1]
                values = (
                    f"dcline/{index}", is_forward, start, end, arrives, limit,
                    standing if np.isfinite(standing) else 0.0, 0.0,
                )  # fmt: skip
                for name, value in zip(found, values, strict=True):
                    found[name].append(value)
    for index, row in links_of(net).iterrows():
        ends = [int(place[int(row[name])]) for name in ("from_bus", "to_bus")]
        arrives = float(row["arrives"])
        for is_forward, limit in ((True, float(row["max_p_mw"])), (False, -float(row["min_p_mw"]))):
            if limit > 0 and arrives > 0 and ends[0] != ends[1] and dead not in ends:
                start, end = ends if is_forward else ends[::-1]
                values = (f"link/{index}", is_forward, start, end, arrives, limit, 0.0, float(row["cost_eur_per_mw"]))
                for name, value in zip(found, values, strict=True):
                    found[name].append(value)
    return Links(
        labels=found["labels"], forward=found["forward"],
        start=np.array(found["start"], dtype=np.intp), end=np.array(found["end"], dtype=np.intp),
        arrives=np.array(found["arrives"], dtype=float), most_mw=np.array(found["most_mw"], dtype=float),
        standing_mw=np.array(found["standing_mw"], dtype=float), cost=np.array(found["cost"], dtype=float),
    )  # fmt: skip


def links_of(net: Any) -> pd.DataFrame:  # noqa: ANN401
    """Return the links in service of a PyPSA network, a table of their own; none if the table `link` is another."""
    frame = rows_of(net, "link")
    if not len(frame) or not set(LINK) <= set(frame.columns):
        return frame.iloc[:0]
    return in_service(frame)


def _number(row: Any, name: str) -> float:  # noqa: ANN401
    value = row.get(name)
    return float("nan") if value is None else float(value)
