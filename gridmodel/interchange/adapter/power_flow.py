"""DC and AC power flows of a net, and what they show about its base state."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridmodel.errors import Problems

if TYPE_CHECKING:
    from pandapower import pandapowerNet

LOWEST_PU, HIGHEST_PU = 0.85, 1.15
"""Voltages outside are reported as odd. [1] Ours: normal operation stays within 0.9 to 1.1."""


def check_solves(net: pandapowerNet, problems: Problems, *, shown: str, bundled: bool) -> None:
    """Note power flows that do not solve, odd voltages and overloads of the base state.

    Parameters
    ----------
    net
        The net; it is copied.
    problems
        Collects errors and warnings.
    shown
        Name of the network in messages.
    bundled
        True if single places must not be named.
    """
    import pandapower as pp

    work = copy.deepcopy(net)
    for name, solve in (("DC", pp.rundcpp), ("AC", pp.runpp)):
        try:
            with quietly():
                solve(work, numba=False)
        except pp.LoadflowNotConverged:
            hint = "reduce the load of the base state, or check impedances"
            problems.add(f"{name} power flow finds no solution", table=shown, hint=hint, severity="warning")
            return
        except _NOT_SET_UP as error:
            problems.add(f"{name} power flow cannot be set up: {str(error)[:120]}", table=shown)
            return
    volts = work.res_bus["vm_pu"]
    for place, value in volts[(volts < LOWEST_PU) | (volts > HIGHEST_PU)].items():
        _say(problems, "is an odd voltage in the base state", shown, f"bus/{place}", "vm_pu", f"{value:.3f}", bundled)
    for name in ("line", "trafo"):
        frame = work[name]
        if "max_loading_percent" not in frame or not len(frame):
            continue
        most = frame["max_loading_percent"].to_numpy(dtype=float)
        loading = work[f"res_{name}"]["loading_percent"].to_numpy(dtype=float)
        for row in map(int, np.flatnonzero(loading > most + 1e-6)):
            message = f"is loaded beyond its {most[row]:g} % in the base state"
            value = f"{loading[row]:.0f}"
            _say(problems, message, shown, f"{name}/{frame.index[row]}", "loading_percent", value, bundled)


@contextmanager
def quietly() -> Iterator[None]:
    """Suppress warnings, and what pandapower logs about numba even if told not to use it."""
    logger = logging.getLogger("pandapower.auxiliary")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def solve_ac(net: pandapowerNet) -> bool:
    """Solve an AC power flow without a warning; return whether there is a solution, which is written into the net."""
    import pandapower as pp

    try:
        with quietly():
            pp.runpp(net, numba=False)
    except (pp.LoadflowNotConverged, *_NOT_SET_UP):
        return False
    return True


def dc_flows(net: pandapowerNet, *, named: Collection[str]) -> pd.Series | None:
    """Return the active power that enters lines and transformers in a DC power flow of the base state.

    Parameters
    ----------
    net
        The net; results are written into it.
    named
        Tables whose branches are labelled by name; all others by number.

    Returns
    -------
    pandas.Series or None
        By `line/…` and `trafo/…`, zero where out of service [MW]; None if the flow does not solve.
    """
    import pandapower as pp

    try:
        with quietly():
            pp.rundcpp(net, numba=False)
    except (pp.LoadflowNotConverged, *_NOT_SET_UP):
        return None
    parts = []
    for name, column in (("line", "p_from_mw"), ("trafo", "p_hv_mw")):
        labels = net[name]["name"] if name in named else net[name].index
        flow = net[f"res_{name}"][column].reindex(net[name].index).fillna(0.0)
        parts.append(pd.Series(flow.to_numpy(dtype=float), index=[f"{name}/{label}" for label in labels]))
    return pd.concat(parts)


_NOT_SET_UP = (UserWarning, ValueError, KeyError, IndexError, TypeError, NotImplementedError, ArithmeticError)
"""Errors that pandapower raises on tables that it cannot turn into equations."""


def _say(  # noqa: PLR0917 - one finding and where it is
    problems: Problems, message: str, shown: str, place: str, field: str, value: str, bundled: bool
) -> None:
    """Note a finding; its place is named only on a network of the user's own."""
    table = shown if bundled else f"{shown}/{place}"
    problems.add(message, table=table, field=field, value=value, severity="warning")
