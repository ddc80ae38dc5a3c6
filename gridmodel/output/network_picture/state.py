"""Contents of a picture of a network: its map, and the state of one hour of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, Problems
from gridmodel.interchange.adapter.plain_tables import plain_of
from gridmodel.interchange.open import read_any
from gridmodel.network import Network, build_grid
from gridmodel.network.plain import PlainNet
from gridmodel.output.network_picture.layout import GridMap, bus_map, region_map
from gridmodel.results.own_inputs import files_of, hash_of
from gridmodel.results.run_folder import read_manifest, read_result
from gridmodel.scenario import Scenario
from gridmodel.studies.ac_check import dispatched

if TYPE_CHECKING:
    from pandapower import pandapowerNet


@dataclass(frozen=True, slots=True, kw_only=True)
class GridState:
    """One step of one member of a run, on the map of its network."""

    title: str
    """Title of the run, local time and member."""
    demand_mw: Floats
    """Demand of each region, shape ``(region,)``. [MW]"""
    shed_mw: Floats
    """Demand that is not served, shape ``(region,)``. [MW]"""
    loading: Floats
    """Highest flow over the remaining limit among the branches of each corridor, missing where all are out, shape
    ``(corridor,)``. [1]"""

    @property
    def shed_share(self) -> Floats:
        """Return the share of demand of each region that is not served, shape ``(region,)``. [1]"""
        return np.divide(self.shed_mw, self.demand_mw, out=np.zeros_like(self.demand_mw), where=self.demand_mw > 0)


def map_and_state(
    net: str | Path | Network | pandapowerNet,
    run: str | Path | xr.Dataset | None = None,
    *,
    hour: str | int = "worst",
    member: int | None = None,
    scenario: Scenario | None = None,
    trust: bool = False,
) -> tuple[GridMap, GridState | None]:
    """Return the map of a network, and the state of an hour of a run if one is given.

    Parameters
    ----------
    net
        A bundled name, the path of a folder or file of any known format, tables or a net.
    run
        Folder of a run of this network, its `result.nc`, or the result itself.
    hour
        `worst` (the hour with most load shed in this member), a step, or a local time as in ``2026-01-20 18:00``.
    member
        Member that is shown, by default the first.
    scenario
        Scenario of the run; required where `run` is a result whose scenario names other files than bundled ones.
    trust
        Whether to open files that the run names outside its folder.

    Raises
    ------
    InputError
        If a file cannot be read, or the run is of another network.
    """
    found = read_any(net)[0] if isinstance(net, str | Path) else net
    read = found if isinstance(found, Network | PlainNet) else plain_of(found)
    if not isinstance(read, Network):
        if run is not None:
            message = (
                "is only possible with the tables of gridmodel: networks of other programs are dispatched, not run"
            )
            raise InputError([Problem(message=message, field="run")])
        return bus_map(read), None
    drawn = region_map(read)
    if run is None:
        return drawn, None
    if isinstance(run, xr.Dataset):
        return drawn, _state(drawn, read, run, scenario, hour=hour, member=member)
    folder = Path(run) if Path(run).is_dir() else Path(run).parent
    with read_result(run) as result:
        if scenario is None and (folder / "manifest.json").is_file():
            scenario = read_manifest(folder, trust=trust)
        return drawn, _state(drawn, read, result, scenario, hour=hour, member=member)


def _state(
    drawn: GridMap, network: Network, result: xr.Dataset, scenario: Scenario | None, *, hour: str | int,
    member: int | None,
) -> GridState:  # fmt: skip
    """Return the state of a step.

    Raises
    ------
    InputError
        If the run is of another network.
    """
    _check_regions(network, result)
    position, chosen = _asked(result, hour, member)
    made, step, power = dispatched(result, position, chosen, scenario=scenario)
    if not _same_network(made.network, network):
        message = "is the network of the run, not this one"
        raise InputError([Problem(message=message, field="run", value=str(made.network.path))])
    limit = build_grid(network)[0].rating_mw * power.branch_share[0]
    loading = np.divide(np.abs(power.flow_mw[0]), limit, out=np.full(len(limit), np.nan), where=limit > 0)
    loading[np.isinf(limit)] = 0.0
    by_corridor = [
        float(np.nanmax(part)) if np.isfinite(part).any() else np.nan
        for part in (loading[list(places)] for places in drawn.corridors["branches"])
    ]
    one = result.sel(member=chosen).isel(time=step)
    when = str(result["local_time"].to_numpy()[step])[:16].replace("T", " ")
    members = result.sizes["member"]
    which = f", member {chosen} of {members}" if members > 1 else ""
    return GridState(
        title=f"{result.attrs['title']}: {when}{which}",
        demand_mw=one["demand_mw"].sum("tier").to_numpy(),
        shed_mw=one["shed_mw"].sum("tier").to_numpy(),
        loading=np.array(by_corridor),
    )


def _same_network(one: Network, other: Network) -> bool:
    """Return whether networks are the same folder, or the first is the copy of the second in the folder of a run."""
    if one.path.resolve() == other.path.resolve():
        return True
    tables = [{file.name: hash_of(file) for file in files_of(network.path)} for network in (one, other)]
    return not one.bundled and tables[0] == tables[1]


def _check_regions(network: Network, result: xr.Dataset) -> None:
    """Check that a result has the regions of a network.

    Raises
    ------
    InputError
        If its regions differ.
    """
    if [str(name) for name in result["region"].to_numpy()] != network.regions:
        message = "has different regions: it is a run of another network"
        raise InputError([Problem(message=message, field="run", value=str(result.attrs.get("network", "")))])


def _asked(result: xr.Dataset, hour: str | int, member: int | None) -> tuple[object, int]:
    """Return the step as `dispatched` takes it, with a local time as a position, and the member.

    Raises
    ------
    InputError
        If the step or the member does not exist.
    """
    problems = Problems()
    members = [int(number) for number in result["member"].to_numpy()]
    if member is not None and member not in members:
        problems.add(f"must be one of {members[0]} to {members[-1]}", field="member", value=member)
    local = result["local_time"].to_numpy()
    step = _step(local, str(hour).strip())
    if step is None:
        first, last = (str(local[place])[:16].replace("T", " ") for place in (0, -1))
        times = f"a local time from {first} to {last}"
        message = f"is not a step of the run; use `worst`, a number below {len(local)}, or {times}"
        problems.add(message, field="hour", value=hour)
    problems.raise_if_any()
    return step, members[0] if member is None else member


def _step(local: npt.NDArray[np.datetime64], written: str) -> object:
    """Return `worst`, or the position of a step; None if it does not exist."""
    if written == "worst":
        return written
    try:
        if written.isascii() and written.isdigit():
            places = np.flatnonzero(np.arange(len(local)) == int(written))
        else:
            places = np.flatnonzero(local == np.datetime64(written.replace(" ", "T")))
    except ValueError:
        return None
    return int(places[0]) if len(places) else None
