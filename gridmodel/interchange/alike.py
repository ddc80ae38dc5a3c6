"""Tables of one network from two formats made comparable: what is electrical, with rows by what they connect."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.interchange.pandapower_schema import ELEMENTS, TWO_ENDS
from gridmodel.network.plain import PlainNet

NOT_COMPARED = ("type", "std_type", "geo", "tap_changer_type", "controllable", "source", "confidence", "area")
"""Columns that formats fill each in its own way, and that no power flow depends on."""
_SHORT_CIRCUIT = ("vk_percent", "vkr_percent")


def comparable(frames: tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]], f_hz: tuple[float, float]) -> None:
    """Reduce the tables of two formats to what both have, in place.

    Columns that one side leaves empty are not compared, since its format has no place for them, nor are those of
    `NOT_COMPARED`. The rating of a transformer without a limit is only a base: its impedance is compared on 100 MVA,
    and its rated voltage with the tap as it stands. Capacitance is compared at 50 Hz, as formats in per unit have it.
    Numbers that stand as text are compared as numbers.
    """
    before, after = frames
    for name in {*before} & {*after}:
        pair = [before[name], after[name]]
        if name == "trafo":
            pair = [_on_one_base(frame) for frame in pair]
        if name == "line":
            pair = [
                frame.assign(c_nf_per_km=frame["c_nf_per_km"].astype(float) * hz / 50.0)
                if "c_nf_per_km" in frame
                else frame
                for frame, hz in zip(pair, f_hz, strict=True)
            ]
        pair = [
            frame.assign(**{column: frame[column].map(_as_text) for column in ("name", "zone") if column in frame})
            for frame in pair
        ]
        shared = [
            column for column in pair[0] if column in pair[1] and column not in NOT_COMPARED
            and all(frame[column].notna().any() and (frame[column] != "").any() for frame in pair)
        ]  # fmt: skip
        before[name], after[name] = (frame[shared] for frame in pair)


def _as_text(value: object) -> object:
    """Return a whole number as text without a decimal point, whatever it was."""
    return str(value).removesuffix(".0") if isinstance(value, int | float | str) and value == value else None  # noqa: PLR0124


def _on_one_base(frame: pd.DataFrame) -> pd.DataFrame:
    made = frame.copy()
    if {"tap_side", "tap_pos", "tap_neutral", "tap_step_percent", "vn_hv_kv"} <= set(made):
        at_hv = (made["tap_side"] == "hv").to_numpy()
        steps = made["tap_pos"].astype(float) - made["tap_neutral"].astype(float)
        ratio = 1.0 + steps * made["tap_step_percent"].astype(float) / 100.0
        made["vn_hv_kv"] = made["vn_hv_kv"].astype(float) * np.where(at_hv & ratio.notna(), ratio, 1.0)
    made = made.drop(columns=[column for column in made if str(column).startswith("tap")])
    if not {"sn_mva", *_SHORT_CIRCUIT} <= set(made):
        return made
    limit = pd.to_numeric(made.get("max_loading_percent", pd.Series(np.nan, index=made.index)), errors="coerce")
    free = limit.isna().to_numpy()
    scale = np.where(free, 100.0 / made["sn_mva"].to_numpy(dtype=float), 1.0)
    for column in _SHORT_CIRCUIT:
        made[column] = made[column].to_numpy(dtype=float) * scale
    made["sn_mva"] = np.where(free, 100.0, made["sn_mva"].to_numpy(dtype=float))
    return made


def between(net: PlainNet, flows: pd.Series, *, named_buses: bool) -> pd.Series:
    """Return flows of lines and transformers by the buses that they join, since formats number branches each its way.

    Parameters
    ----------
    net
        The network.
    flows
        Power that enters lines, then transformers, in the order of their tables. [MW]
    named_buses
        Whether buses go by name, else by number.

    Returns
    -------
    pandas.Series
        By ``first–second circuit``, positive from the first bus to the second; circuits in the order of their flows,
        since a branch may be a line in one format and a transformer in the other. [MW]
    """
    pairs: list[tuple[str, str]] = []
    for table in ("line", "trafo"):
        if len(net.table(table)):
            ends = [_called(net, net.table(table)[column], named=named_buses) for column in TWO_ENDS[table]]
            pairs += zip(*ends, strict=True)
    turned = [pair != tuple(sorted(pair)) for pair in pairs]
    signed = np.where(turned, -1.0, 1.0) * flows.to_numpy(dtype=float)
    made = pd.DataFrame({"pair": ["–".join(sorted(pair)) for pair in pairs], "mw": signed})
    made = made.sort_values(["pair", "mw"], kind="stable")
    circuit = made.groupby("pair").cumcount() + 1
    return pd.Series(made["mw"].to_numpy(), index=made["pair"] + " " + circuit.astype(str))


def _called(net: PlainNet, buses: pd.Series, *, named: bool) -> list[str]:
    """Return buses by name, or by number."""
    names: dict[Any, Any] = net.table("bus")["name"].to_dict() if named else {}
    return [str(names.get(bus, bus)) for bus in buses]


def by_ends(net: PlainNet, table: str, frame: pd.DataFrame, named: Collection[str]) -> pd.DataFrame:
    """Return branches that no unique name tells apart by the buses that they join and the number of their circuit."""
    if table not in TWO_ENDS or table in named or table not in ELEMENTS:
        return frame
    ends = [_called(net, net.table(table)[column], named="bus" in named) for column in TWO_ENDS[table]]
    pairs = ["–".join(sorted(pair)) for pair in zip(*ends, strict=True)]
    circuit = pd.Series(pairs).groupby(pairs).cumcount() + 1
    labels = [f"{pair} {number}" for pair, number in zip(pairs, circuit, strict=True)]
    return frame.drop(columns="name", errors="ignore").set_axis(pd.Index(labels, dtype=object), axis="index")
