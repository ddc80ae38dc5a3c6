"""AC power flow of dispatched hours, reported by region: a check of the DC result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.files import Confined
from gridmodel.inputs.json_text import parse_json
from gridmodel.interchange.adapter.ac_flow import AcFlow, AcNet
from gridmodel.results.posterior import refuse_posterior
from gridmodel.scenario import Scenario, make_scenario, without_removed
from gridmodel.services.power.step import PowerStep
from gridmodel.services.setup import Shown
from gridmodel.simulation.inputs import RunInputs, run_inputs
from gridmodel.simulation.loop import advance, empty_record

LOWEST_PU, HIGHEST_PU = 0.9, 1.1
"""Lowest and highest voltage within bounds. [1] As in the bundled networks."""
MAX_SETTINGS = 500_000
"""Most values of the scenario in a result. Ours: one of fifty thousand rows of events has as many."""
TOLERANCE = 1e-6
"""Largest difference between a repeated run and its result. [MW/MW] Ours: above rounding, below any cause."""


def check_ac(
    result: xr.Dataset,
    hours: Literal["worst", "all"] | Sequence[object] = "worst",
    member: int = 0,
    *,
    scenario: Scenario | None = None,
    by: Literal["region", "branch"] = "region",
) -> pd.DataFrame:
    """Check dispatched hours by AC power flow.

    The state of the grid, plant by plant and branch by branch, is found by running that member again, damage and
    cascades included; it must come out as it is in the result.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    hours
        `worst` (the hour with most load shed, or without load shed the hour of highest demand), `all`, or a list of
        steps: positions, or times in UTC.
    member
        Number of the member.
    scenario
        Scenario of the result; by default it is read from its attributes, which may name
        bundled data only. Required where the scenario names other files.
    by
        `region`, or on a network of your own `branch`.

    Returns
    -------
    pandas.DataFrame
        Per hour and region: whether anything of it is live, whether what is live converged, lowest and highest
        voltage, buses outside 0.9 to 1.1, highest loading and number of branches above 100 % of the thermal rating
        that remains, losses [MW], and the largest error of a DC flow [MW]. Islands that did not converge have no
        numbers. Per branch: flows, losses, loading.

    Raises
    ------
    InputError
        If member, hours or scenario do not fit the result.

    Examples
    --------
    >>> import gridmodel as gm
    >>> table = gm.check_ac(gm.run("three-region"), ["2026-01-05 03:00"])
    >>> table.set_index("region")["buses_outside"].to_dict()
    {'TR-1': 0, 'TR-2': 0, 'TR-3': 0}
    """
    refuse_posterior(result)
    asked = scenario or _scenario_of(result)
    positions = _chosen(result, hours, member)
    made = run_inputs(asked, members=[member])
    if by == "branch" and made.network.bundled:
        message = "is only for networks of your own; bundled networks are reported by region"
        raise InputError([Problem(message=message, field="by", value=by)])
    net = AcNet(made.network)
    tables = []
    for step, power in _states(made, result, member, positions):
        flow = _solved(made, net, power)
        table = _by_branch(made, flow, power) if by == "branch" else _by_region(made, flow, power)
        table.insert(0, "time", result["time"].to_numpy()[step])
        table.insert(1, "local_time", result["local_time"].to_numpy()[step])
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def dispatched(
    result: xr.Dataset, hour: object = "worst", member: int = 0, *, scenario: Scenario | None = None
) -> tuple[RunInputs, int, PowerStep]:
    """Return the state of the grid in one step of a result, by plant and branch, found as in `check_ac`.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    hour
        `worst`, a position, or a time in UTC.
    member
        Number of the member.
    scenario
        Scenario of the result; by default it is read from its attributes, which may name bundled data only.

    Returns
    -------
    tuple
        Inputs of the member, the position of the step, and its electricity.

    Raises
    ------
    InputError
        If member, hour or scenario do not fit the result.
    """
    refuse_posterior(result)
    asked = scenario or _scenario_of(result)
    positions = _chosen(result, hour if hour == "worst" else [hour], member)
    made = run_inputs(asked, members=[member])
    ((step, power),) = _states(made, result, member, positions)
    return made, step, power


def overview(table: pd.DataFrame) -> dict[str, object]:
    """Summarise the table of `check_ac` by region, ready for JSON; values that no hour has are None.

    Parameters
    ----------
    table
        Hours and regions.
    """
    live = table[table["live"]]
    by_hour = live.groupby("time")
    losses = by_hour["losses_mw"].sum(min_count=1)
    numbers = {
        "min_voltage_pu": live["min_voltage_pu"].min(),
        "max_voltage_pu": live["max_voltage_pu"].max(),
        "max_loading_percent": live["max_loading_percent"].max(),
        "max_losses_mw": losses.max(),
        "max_dc_error_mw": live["dc_error_mw"].max(),
    }
    outside = live["buses_outside"] > 0
    return {
        "hours": int(table["time"].nunique()),
        "hours_not_converged": int((~by_hour["converged"].all()).sum()),
        "hours_with_voltages_outside": int(live.loc[outside, "time"].nunique()),
        "hours_with_overloads": int(live.loc[live["branches_overloaded"] > 0, "time"].nunique()),
        **{name: None if pd.isna(value) else float(value) for name, value in numbers.items()},
    }


def _scenario_of(result: xr.Dataset) -> Scenario:
    """Return the scenario of a result.

    Raises
    ------
    InputError
        If the result does not contain it, or it names files: a result may come from a stranger.
    """
    if "scenario" not in result.attrs:
        message = "is missing; the result comes from another program or an older version, so pass the scenario"
        raise InputError([Problem(message=message, table="result", field="scenario")])
    settings = parse_json(str(result.attrs["scenario"]), "result", most=MAX_SETTINGS)
    if not isinstance(settings, dict):
        raise InputError([Problem(message="is not a scenario", table="result", field="scenario")])
    return make_scenario({**without_removed(settings), "folder": Confined(shown="result")}, shown="result")


def _chosen(result: xr.Dataset, hours: object, member: int) -> list[int]:
    """Return the positions of the chosen steps.

    Raises
    ------
    InputError
        With every hour that does not exist, and the member if it does not.
    """
    problems = Problems()
    members = result["member"].to_numpy()
    if member not in members:
        problems.add(f"must be one of {members[0]} to {members[-1]}", field="member", value=member)
    times = result["time"].to_numpy()
    positions: list[int] = []
    if isinstance(hours, str):
        if hours not in {"worst", "all"}:
            problems.add("must be `worst`, `all` or a list of steps", field="hours", value=hours)
        positions = list(range(len(times)))
    else:
        steps = list(hours) if isinstance(hours, Iterable) else [hours]
        for hour in steps:
            place = _position(times, hour)
            positions += [] if place is None else [place]
            if place is None:
                problems.add(
                    f"is not a step of the result; use a number below {len(times)} or a UTC time from "
                    f"{str(times[0])[:16]} to {str(times[-1])[:16]}",
                    field="hours", value=hour,
                )  # fmt: skip
        if not steps:
            problems.add("must name at least one step", field="hours")
    problems.raise_if_any()
    if not isinstance(hours, str) or hours != "worst":
        return sorted(set(positions))
    one = result.sel(member=member)
    shed = one["shed_mw"].sum(("region", "tier")).to_numpy()
    rank = shed if shed.max() > TOLERANCE else one["demand_mw"].sum(("region", "tier")).to_numpy()
    return [int(rank.argmax())]


def _position(times: npt.NDArray[np.datetime64], hour: object) -> int | None:
    """Return the position of a step, given as a position or a time; None if the step does not exist."""
    if isinstance(hour, (int, np.integer)):
        return int(hour) if 0 <= hour < len(times) else None
    try:
        moment = np.datetime64(pd.Timestamp(hour))  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None
    found = np.flatnonzero(times == moment)
    return int(found[0]) if len(found) else None


def _states(made: RunInputs, result: xr.Dataset, member: int, positions: list[int]) -> list[tuple[int, PowerStep]]:
    """Run a member again up to the last chosen step, and return the chosen steps.

    Raises
    ------
    InputError
        If the run differs from the result.
    """
    one = result.sel(member=member)
    steps = max(positions) + 1
    served = one["served_mw"].to_numpy()[:steps]
    fits = served.shape[1] == len(made.network.regions) and np.array_equal(
        result["time"].to_numpy().astype("datetime64[s]"), made.clock.times[made.begin :].astype("datetime64[s]")
    )
    chosen: list[tuple[int, PowerStep]] = []

    def watch(step: int, service: str, shown: Shown) -> None:
        if service == "power" and step - made.begin in positions:
            chosen.append((step - made.begin, shown["power"]))

    if fits:
        record = empty_record(made, {"served_mw"})
        advance(made, record, steps + made.begin, watch=watch)
        record.write()
        again = record.arrays["served_mw"][0, made.begin : steps + made.begin]
        fits = bool(np.allclose(again, served, rtol=TOLERANCE, atol=TOLERANCE))
    if not fits:
        message = "cannot be reproduced from its scenario: its input files or the version of gridmodel have changed"
        raise InputError([Problem(message=message, table="result")])
    return chosen


def _solved(made: RunInputs, net: AcNet, power: PowerStep) -> AcFlow:
    output = power.generation_mw[0].copy()
    np.subtract.at(output, made.parts["power"].fleet.limited, power.charging_mw[0])
    served, share = power.served_mw[0].reshape(-1), power.branch_share[0]
    topology = made.parts["power"].dispatcher.topology((share > 0).copy())
    return net.solve(output_mw=output, served_mw=served, branch_share=share, island=topology.island)


def _by_region(made: RunInputs, flow: AcFlow, power: PowerStep) -> pd.DataFrame:
    """Violations, losses and DC error of each region; a branch counts in the region of either end."""
    regions = list(made.network.regions)
    bus_region = np.array([regions.index(name) if name else -1 for name in made.network.tables["buses"]["region"]])
    ends = made.parts["power"].index.branch_region
    inside = np.maximum((ends >= 0).sum(axis=1), 1)
    error = np.abs(flow.flow_mw - power.flow_mw[0])
    rows = []
    for place, region in enumerate(regions):
        bus = (bus_region == place) & flow.live
        mine = ends == place
        branch = mine.any(axis=1)
        good = bool(bus.any() and flow.converged[bus].all())
        volts, loading = flow.voltage_pu[bus], flow.loading_percent[branch]
        carries = good and not np.isnan(loading).all()
        rows.append({
            "region": region,
            "live": bool(bus.any()),
            "converged": good,
            "min_voltage_pu": volts.min() if good else np.nan,
            "max_voltage_pu": volts.max() if good else np.nan,
            "buses_outside": int(((volts < LOWEST_PU) | (volts > HIGHEST_PU)).sum()),
            "max_loading_percent": np.nanmax(loading) if carries else np.nan,
            "branches_overloaded": int((loading > 100.0 * (1 + TOLERANCE)).sum()),
            "losses_mw": float(np.nansum(flow.losses_mw * mine.sum(axis=1) / inside)) if good else np.nan,
            "dc_error_mw": np.nanmax(error[branch]) if carries else np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _by_branch(made: RunInputs, flow: AcFlow, power: PowerStep) -> pd.DataFrame:
    """Flows of each branch, for a network of your own."""
    return pd.DataFrame({
        "branch": made.parts["power"].index.branches,
        "in_service": power.branch_share[0] > 0,
        "dc_flow_mw": power.flow_mw[0],
        "ac_flow_mw": flow.flow_mw,
        "losses_mw": flow.losses_mw,
        "loading_percent": flow.loading_percent,
    })  # fmt: skip
