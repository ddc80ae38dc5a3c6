"""Check third-party networks for values that are allowed but odd, by the bounds of our own tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.errors import Problems
from gridmodel.interchange.checks.structure import note_rows
from gridmodel.network.describe import needs_of, sources_of
from gridmodel.network.plain import PlainNet
from gridmodel.network.plausible import LINES, LONGEST_KM, VK_PERCENT, compare_supply

NO_RATING_KA = 9.9
"""Ratings from here on mean unlimited, as 9,900 MVA and 99,999 A do in published cases. [kA] Ours: beyond any line."""
NO_RATING_MVA = 9900.0
"""The same for a transformer. [MVA]"""


def check_plain_plausible(net: PlainNet, problems: Problems) -> None:
    """Note numbers that are allowed but odd, as warnings at their elements.

    Parameters
    ----------
    net
        Plain tables without errors.
    problems
        Collects warnings.

    Notes
    -----
    Impedances per kilometre, ratings and short-circuit voltages are compared only if lengths are real. MATPOWER and
    PyPSA give impedances per unit, which become lines of 1 km here, and transformers on a base that need not be the
    unit's rating: nothing can be said about them.
    """
    if has_lengths(net):
        _check_lines(net, problems)
        _check_transformers(net, problems)
    _check_limits(net, problems)
    _check_supply(net, problems)


def _check_limits(net: PlainNet, problems: Problems) -> None:
    """Note tables with ratings that bind nothing, since `max_loading_percent` does not say how far they are used.

    Transformers of formats with impedances per unit have a base, which need not be a rating.
    """
    tables = [("line", "max_i_ka", NO_RATING_KA), ("trafo", "sn_mva", NO_RATING_MVA)]
    for table, rating, most in tables if has_lengths(net) else tables[:1]:
        value = net.numbers(table, rating)
        rated = net.active(table) & (value > 0) & (value < most)
        free = rated & ~np.isfinite(net.numbers(table, "max_loading_percent"))
        if free.any():
            label, _ = net.place(table, 0)
            message = (
                f"is missing: {free.sum()} of {rated.sum()} ratings do not limit a dispatch or a run, as in pandapower"
            )
            problems.add(
                message, table=label.rpartition("/")[0] or label, field="max_loading_percent",
                hint="100 uses ratings in full", severity="warning",
            )  # fmt: skip


def has_lengths(net: PlainNet) -> bool:
    """Return whether lengths of lines are real: with impedances per unit, every line is 1 km long."""
    return bool((net.numbers("line", "length_km", 1.0) != 1.0).any()) or not len(net.table("line"))


def _check_lines(net: PlainNet, problems: Problems) -> None:
    """Compare lines with what is usual at their voltage."""
    frame = net.table("line")
    if not len(frame):
        return
    volts = pd.Series(net.numbers("bus", "vn_kv"), index=net.table("bus").index)
    kv = volts.reindex(frame["from_bus"]).to_numpy(dtype=float)
    _compare(net, "line", "length_km", net.numbers("line", "length_km"), (0.0, LONGEST_KM), "km", problems)
    rating = net.numbers("line", "max_i_ka")
    fields = (
        ("x_ohm_per_km", "ohm/km", net.numbers("line", "x_ohm_per_km")),
        ("r_ohm_per_km", "ohm/km", net.numbers("line", "r_ohm_per_km")),
        ("max_i_ka", "kA", np.where(rating < NO_RATING_KA, rating, np.nan)),
    )
    top = np.inf
    for floor, usual in LINES.items():
        here = (kv >= floor) & (kv < top)
        for (field, unit, values), bounds in zip(fields, usual, strict=True):
            at = f"at {floor:g} kV and more: " if floor else f"below {min(low for low in LINES if low):g} kV: "
            # values of zero or below are reported by the check of structure
            _compare(net, "line", field, np.where(here & (values > 0), values, np.nan), bounds, unit, problems, at)
        top = floor


def _check_transformers(net: PlainNet, problems: Problems) -> None:
    """Compare short-circuit voltages, of all windings."""
    for table, sides in (("trafo", ("",)), ("trafo3w", ("hv_", "mv_", "lv_"))):
        for side in sides if len(net.table(table)) else ():
            rated = net.numbers(table, f"sn_{side}mva") < NO_RATING_MVA
            percent = net.numbers(table, f"vk_{side}percent")
            values = np.where(rated & (percent > 0), percent, np.nan)
            _compare(net, table, f"vk_{side}percent", values, VK_PERCENT, "%", problems)


def _compare(  # noqa: PLR0917 - one column and its bounds
    net: PlainNet, table: str, field: str, values: Floats, bounds: tuple[float, float], unit: str, problems: Problems,
    at: str = "",
) -> None:  # fmt: skip
    """Note values outside their bounds, each at its element; missing values are ignored."""
    low, high = bounds
    odd = ((values < low) | (values > high)) & net.active(table)
    message = f"is implausible ({at}{low:g} to {high:g} {unit} is usual)"
    note_rows(net, table, field, odd, message, problems, severity="warning")


def _check_supply(net: PlainNet, problems: Problems) -> None:
    """Compare generation with demand, unless an outside grid without a limit covers the rest."""
    outside = net.active("ext_grid") & ~np.isfinite(net.numbers("ext_grid", "max_p_mw"))
    if not outside.any():
        have = float(sources_of(net)["available_mw"].sum())
        table = net.labels.get("bus", net.shown)
        compare_supply(have, float(needs_of(net).sum()), problems, table=table, field="max_p_mw")
