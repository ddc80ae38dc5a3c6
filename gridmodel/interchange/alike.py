"""Tables of one network from two formats made comparable: what is electrical, with rows by what they connect."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from gridmodel.interchange.pandapower_schema import ELEMENTS, TWO_ENDS
from gridmodel.network.plain import PlainNet

NOT_COMPARED = ("type", "std_type", "geo", "tap_changer_type", "controllable", "source", "confidence", "area")
"""Columns that formats fill each in its own way, and that no power flow depends on."""
_SHORT_CIRCUIT = ("vk_percent", "vkr_percent")


def comparable(frames: tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]) -> None:
    """Reduce the tables of two formats to what both have, in place.

    Columns that one side leaves empty are not compared, since its format has no place for them, nor are those of
    `NOT_COMPARED`. The rating of a transformer without a limit is only a base: its impedance is compared on 100 MVA.
    """
    before, after = frames
    for name in {*before} & {*after}:
        pair = [before[name], after[name]]
        if name == "trafo":
            pair = [_on_one_base(frame) for frame in pair]
        shared = [
            column for column in pair[0] if column in pair[1] and column not in NOT_COMPARED
            and all(frame[column].notna().any() and (frame[column] != "").any() for frame in pair)
        ]  # fmt: skip
        before[name], after[name] = (frame[shared] for frame in pair)


def _on_one_base(frame: pd.DataFrame) -> pd.DataFrame:
    made = frame.copy()
    if not {"sn_mva", *_SHORT_CIRCUIT} <= set(made):
        return made
    limit = pd.to_numeric(made.get("max_loading_percent", pd.Series(np.nan, index=made.index)), errors="coerce")
    free = limit.isna().to_numpy()
    scale = np.where(free, 100.0 / made["sn_mva"].to_numpy(dtype=float), 1.0)
    for column in _SHORT_CIRCUIT:
        made[column] = made[column].to_numpy(dtype=float) * scale
    made["sn_mva"] = np.where(free, 100.0, made["sn_mva"].to_numpy(dtype=float))
    return made


def by_ends(net: PlainNet, table: str, frame: pd.DataFrame, named: Collection[str]) -> pd.DataFrame:
    """Return branches that no unique name tells apart by the buses that they join and the number of their circuit."""
    if table not in TWO_ENDS or table in named or table not in ELEMENTS:
        return frame
    ends = [net.table(table)[column] for column in TWO_ENDS[table]]
    names = net.table("bus")["name"] if "bus" in named else pd.Series(net.table("bus").index, net.table("bus").index)
    pairs = ["–".join(sorted(str(names.get(bus, bus)) for bus in pair)) for pair in zip(*ends, strict=True)]
    circuit = pd.Series(pairs).groupby(pairs).cumcount() + 1
    labels = [f"{pair} {number}" for pair, number in zip(pairs, circuit, strict=True)]
    return frame.drop(columns="name", errors="ignore").set_axis(pd.Index(labels, dtype=object), axis="index")
