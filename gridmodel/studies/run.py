"""Run a scenario, or as many members of it as make a metric sure."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, nearest
from gridmodel.results.cascade_log import joined_log
from gridmodel.results.metrics import METRIC_NAMES, estimate, per_member, sure_enough
from gridmodel.results.provenance import with_provenance
from gridmodel.scenario import Scenario
from gridmodel.services.models import Models
from gridmodel.simulation.bare import is_network, scenario_of, scenario_of_net
from gridmodel.simulation.files import read_scenario
from gridmodel.simulation.inputs import RunInputs, check_size, run_inputs
from gridmodel.simulation.loop import Progress, simulate
from gridmodel.simulation.state import Snapshot, from_state
from gridmodel.simulation.unmeant import unmeant, warn
from gridmodel.studies.progress import shown_progress

if TYPE_CHECKING:
    from pandapower import pandapowerNet

log = logging.getLogger(__name__)
AUTO_BLOCK = 50
"""Members between two checks whether they are enough. Ours: rare enough that stopping early biases the mean little."""


def run(
    scenario: Scenario | str | Path | pandapowerNet, *, progress: Progress | bool | None = None,
    save_states: Sequence[str | datetime] = (), states: str | Path = ".", start_state: str | Path | None = None,
    models: Models | None = None,
) -> xr.Dataset:  # fmt: skip
    """Run a scenario.

    Parameters
    ----------
    scenario
        A scenario, a bundled name, or the path of a scenario file; or a network, as the path of a file that
        `load_network` reads or as a pandapower net: then a week of its demand is run.
    progress
        Called after each step with the number of steps done and of all steps. By default a notebook shows a bar, other
        places nothing; True shows it everywhere, False nowhere.
    save_states
        Local times at which the state is saved, beside those of the scenario.
    states
        Folder of the states that are saved, ``state-2026-01-18T0000.nc`` and so on; made if it does not exist.
    start_state
        Saved state that the run begins from, in place of the scenario's; its time takes the place of `start`.
    models
        Models of your own for buildings and damage, and services of your own: see `gridmodel.Models`.

    Returns
    -------
    xarray.Dataset
        Every variable of `gridmodel.vocabulary.VARIABLES` that the network has data for, with units. Heat and
        water are left out where the network has no systems of that kind, the repair log where no strike is sampled.
        Its attributes contain the hash of every input (`inputs`), `versions`, `date_created`, `history` and the
        settings (`scenario`).

    Raises
    ------
    InputError
        With every problem of the scenario's files.

    Warns
    -----
    UserWarning
        Of settings without effect, and of what is against the network, as the command does.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> result.sizes["time"], round(result["shed_mw"].sum().item())  # MW, hour by hour: MWh
    (48, 24000)
    """
    made = _made(scenario)
    if start_state is not None:
        made = from_state(made, start_state)
    if save_states:
        made = made.replace(save_states=[*made.save_states, *save_states])
    first = first_inputs(made, models)
    warn(unmeant(first), stacklevel=2)
    return run_from(first, made, models=models, progress=progress, states=states)


def first_inputs(scenario: Scenario, models: Models | None = None) -> RunInputs:
    """Read and check the inputs of a run; of its first block of members where they are added until a metric is sure.

    Raises
    ------
    InputError
        With every problem of the scenario's files, or if the metric does not exist.
    """
    if not _auto(scenario):
        return run_inputs(scenario, models=models)
    _check_rule(scenario)
    return run_inputs(scenario, _blocks(scenario)[0], models)


def run_from(
    first: RunInputs, scenario: Scenario, *, models: Models | None = None, progress: Progress | bool | None = None,
    states: str | Path = ".",
) -> xr.Dataset:  # fmt: skip
    """Run a scenario whose first inputs are read, and warn of nothing; see `run`."""
    log.info("run of %s: %s members, %s to %s", scenario.name, scenario.members, scenario.start, scenario.end)
    with shown_progress(progress, scenario) as step:
        if _auto(scenario):
            result = _until_sure(first, scenario, step, models)
        else:
            result = simulate(first, progress=step, save=lambda one: _save(one, Path(states)))
    log.info("run of %s: done", scenario.name)
    return with_provenance(result, scenario)


def quiet_run(scenario: Scenario, *, progress: Progress | bool | None = None) -> xr.Dataset:
    """Run a scenario of which a command has told what is in vain; see `run`."""
    return run_from(first_inputs(scenario), scenario, progress=progress)


def _save(state: Snapshot, folder: Path) -> None:
    """Write a state into a folder, which is made if it does not exist.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    with suppress(OSError):  # told by what is written into it
        folder.mkdir(parents=True, exist_ok=True)
    state.write(folder / state.name)


def _made(scenario: Scenario | str | Path | pandapowerNet) -> Scenario:
    """Return a scenario of whatever may be run."""
    if isinstance(scenario, Scenario):
        return scenario
    if not isinstance(scenario, str | Path):
        return scenario_of_net(scenario)
    return scenario_of(scenario) if is_network(scenario) else read_scenario(scenario)


def _auto(scenario: Scenario) -> bool:
    """Return whether members are added until a metric is sure."""
    return scenario.members == "auto" and not scenario.deterministic


def _blocks(scenario: Scenario) -> list[range]:
    """Return the numbers of the members that are run one block after the other."""
    most = scenario.stop_at.max_members
    return [range(first, min(first + AUTO_BLOCK, most)) for first in range(0, most, AUTO_BLOCK)]


def _check_rule(scenario: Scenario) -> None:
    """Check that the metric of `stop_at` exists, and that the most members fit into memory.

    Raises
    ------
    InputError
        If it does not, or they do not.
    """
    rule = scenario.stop_at
    if rule.metric not in METRIC_NAMES:
        hint = nearest(rule.metric, METRIC_NAMES)
        message = "is not a per-member metric"
        raise InputError([Problem(message=message, field="stop_at.metric", value=rule.metric, hint=hint)])
    check_size(scenario, rule.max_members)


def _until_sure(
    first: RunInputs, scenario: Scenario, progress: Progress | None, models: Models | None
) -> xr.Dataset:  # fmt: skip
    """Run blocks of members until the metric of `stop_at` is precise enough, or the limit is reached.

    Raises
    ------
    InputError
        If a result has no such metric.
    """
    rule = scenario.stop_at
    parts: list[xr.Dataset] = []
    values: Floats = np.zeros(0)
    for block in _blocks(scenario):
        made = run_inputs(scenario, block, models) if parts else first
        parts.append(simulate(made, progress=progress))
        found = per_member(parts[-1])
        if rule.metric not in found:
            message = "needs heat or water systems; this network has none"
            raise InputError([Problem(message=message, field="stop_at.metric", value=rule.metric)])
        values = np.concatenate([values, found[rule.metric].to_numpy()])
        if sure_enough(values, rule.share):
            break
    result: xr.Dataset = xr.concat(
        [part.drop_dims("cascade_step", errors="ignore") for part in parts], dim="member",
        data_vars="minimal", coords="minimal", compat="override", join="override", combine_attrs="override",
    )  # fmt: skip
    if scenario.cascade != "none":
        result = result.merge(joined_log(parts), combine_attrs="override")
    reached = estimate(values)
    error = reached.standard_error / abs(reached.mean) if reached.mean else float("nan")
    result.attrs["stop_at"] = (
        f"{len(values)} members: standard error of {rule.metric} is {100.0 * error:.2g} % of its mean"
    )
    return result
