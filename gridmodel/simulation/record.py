"""Record of a run: values that services show, step by step, and the dataset they become."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import any_bit
from gridmodel.network import Network
from gridmodel.network.plant import plant_hashes
from gridmodel.results.weather_notes import HISTORY, LONGEST
from gridmodel.services.declare import Variable
from gridmodel.services.registry import LABELS, SERVICES, SIGNALS
from gridmodel.services.setup import Setup, Shown, Started
from gridmodel.simulation.cascade_journal import Journal
from gridmodel.simulation.inputs import RunInputs
from gridmodel.version import __version__
from gridmodel.vocabulary import DAMAGE_CLASSES, RECHARGE_WORDS

DIMS_OF_STEP = ("member", "time", "region")
COORDINATES: Mapping[str, Mapping[str, str]] = {
    "member": {"long_name": "Member of the ensemble", "standard_name": "realization", "units": "1"},
    "region": {"long_name": "Region"},
    "region_name": {"long_name": "Name of the region"},
    "centre_lat": {"long_name": "Latitude of the centre", "standard_name": "latitude", "units": "degrees_north"},
    "centre_lon": {"long_name": "Longitude of the centre", "standard_name": "longitude", "units": "degrees_east"},
    "job": {"long_name": "Number of the repair job", "units": "1"},
}
"""CF attributes of coordinates."""
STEPS = 24
"""Steps that are gathered before they are written. [1] Ours: steps of a member lie side by side in a result, so that a
step alone would be written in as many places as there are members."""
WIDE = 64
"""Size of a member's step from which it is written where it belongs at once. [byte] Ours: that is what a processor
fetches of a place, and what is gathered passes through memory twice more."""


class Record:
    """Arrays that the loop fills, and the dataset they become."""

    def __init__(self, inputs: RunInputs, started: Mapping[str, Started], keep: Collection[str] | None = None) -> None:
        """Make room for some variables, or for all; the others are not written, nor computed if only to be written."""
        self.inputs, self.journal = inputs, Journal.of(inputs)
        self.variables = {name: one for part in (*SERVICES, *inputs.services) for name, one in part.variables.items()}
        self._known = {*self.variables, *SIGNALS, *(name for part in inputs.services for name in part.signals)}
        shown = {name: values for start in started.values() for name, values in start.shown.items()}
        self.coords = _labels(inputs, started)
        absent = set[str]().union(*(start.absent for start in started.values()))
        declared = [name for part in inputs.services for name in part.variables if name not in absent]
        self._stepped = {
            part.name: {
                *(name for name, variable in part.variables.items() if "time" in variable.dims and name in declared),
                *part.signals,
            } - set(shown)
            for part in inputs.services
        }  # fmt: skip
        self.dims = {name: _dims(self.variables[name], shown.get(name)) for name in declared}
        self.kept = [name for name in self.variables if name in self.dims and (keep is None or name in keep)]
        self.arrays = {
            name: _whole(shown[name], _empty(self._shape(name), self.variables[name])) if name in shown
            else np.zeros(self._shape(name), _kind(self.variables[name]))
            for name in self.kept
        }  # fmt: skip
        stepped = [name for name in self.kept if name not in shown]
        self._gathered = {name: self._steps(name) for name in stepped if not self._wide(name)}
        self._blank = {name for name in stepped if name not in self._gathered}  # nothing but zeros so far, unwritten
        self._written = dict.fromkeys(stepped, 0)  # a bit for each step of those that are gathered
        self._first = self._next = 0
        self._reached = 0  # from this step on, arrays that are blank or written after gathering are still zero

    def _shape(self, name: str) -> list[int]:
        return [len(self.coords[dim]) for dim in self.dims[name]]

    def _steps(self, name: str) -> npt.NDArray[Any]:
        """Return room for the steps of a variable that are gathered, shape ``(step, member, …)``."""
        members, _, *rest = self._shape(name)
        variable = self.variables[name]
        return np.empty([STEPS, members, *rest], dtype=_kind(variable))

    def _wide(self, name: str) -> bool:
        """Return whether steps of a variable are written where they belong at once."""
        return self.arrays[name][:1, :1].nbytes >= WIDE

    def note(self, step: int, service: str, shown: Shown) -> None:
        """Write what a service shows in a step; signals are not recorded."""
        if service in self._stepped:
            self._check(service, shown)
        if self.journal is not None and "power" in shown:
            self.journal.note(step, shown["power"].cascade)
        place = self._place(step)
        for name, values in shown.items():
            if name not in self._written:
                continue
            self._written[name] |= 1 << place
            if name in self._blank:
                if step >= self._reached and not callable(values) and not any_bit(values):
                    continue
                self._blank.discard(name)
            cells = self._gathered[name][place] if name in self._gathered else self.arrays[name][:, step]
            if callable(values):
                values(cells)
            else:
                _put(cells, values)

    def _place(self, step: int) -> int:
        """Return the place of a step among those that are gathered; others are written where it is not one of them."""
        if self._next not in (step, step + 1) or step >= self._first + STEPS:
            self.write()
            self._first = step
        self._next = step + 1
        return step - self._first

    def write(self) -> None:
        """Write the steps that are gathered into `arrays`."""
        steps, count = slice(self._first, self._next), self._next - self._first
        for name, written in self._written.items():
            self._written[name], gathered = 0, self._gathered.get(name)
            there = self.arrays[name][:, steps]
            if gathered is not None and (self._first < self._reached or any_bit(gathered[:count])):
                there[...] = gathered[:count].swapaxes(0, 1)
            if written != (1 << count) - 1:
                self._blank.discard(name)
                there[:, [place for place in range(count) if not written >> place & 1]] = self.variables[name].empty
        self._first = self._next
        self._reached = max(self._reached, self._next)

    def _check(self, service: str, shown: Shown) -> None:
        """Check that a service shows in its first step what it declares, and nothing else.

        Raises
        ------
        LookupError
            If it does not: a mistake in its module, which would else be a variable of zeros.
        """
        values = {name for name, value in shown.items() if isinstance(value, np.ndarray) or callable(value)}
        expected = self._stepped.pop(service)
        missing, unknown = expected - values, values - self._known
        if missing or unknown:
            said = [f"does not show {', '.join(sorted(missing))}"] if missing else []
            said += [f"shows {', '.join(sorted(unknown))} without declaring it"] if unknown else []
            raise LookupError(f"service {service} {' and '.join(said)}")

    def dataset(self) -> xr.Dataset:
        """Return the labelled result."""
        self.write()
        inputs = self.inputs
        used = {dim for name in self.kept for dim in self.dims[name]} | set(DIMS_OF_STEP)
        coords = {
            name: (name, values if name in {"member", "time"} else np.array(values, dtype=object))
            for name, values in self.coords.items()
            if name in used
        }
        data = xr.Dataset(
            {
                name: (
                    self.dims[name],
                    self.arrays[name],
                    _attributes(self.variables[name], self.arrays[name].dtype, inputs.network),
                )
                for name in self.kept
            },
            coords={**coords, **_places(inputs)},
        )
        data["time"].attrs = {
            "long_name": "Start of the step, UTC", "standard_name": "time", "units_metadata": "leap_seconds: none"
        }  # fmt: skip
        for name, attributes in COORDINATES.items():
            if name in data.coords:
                data[name].attrs = dict(attributes)
        data["local_time"].attrs = {"long_name": f"Start of the step, clock time in {inputs.scenario.local_timezone}"}
        data.attrs = _run_attributes(inputs)
        if self.journal is not None:
            data = data.merge(self.journal.dataset(), combine_attrs="override")
        return data.isel(time=slice(inputs.begin, None)) if inputs.begin else data


def _labels(
    inputs: Setup, started: Mapping[str, Started]
) -> dict[str, Sequence[object] | npt.NDArray[np.generic]]:  # fmt: skip
    """Return the labels of every dimension."""
    found: dict[str, Sequence[object] | npt.NDArray[np.generic]] = {
        "member": np.array(inputs.members),
        "time": inputs.clock.times.astype("datetime64[ns]"),
        "region": list(inputs.network.regions),
        **{dim: list(labels) for dim, labels in LABELS.items()},
        **{
            dim: list(labels)
            for service in inputs.models.services
            for dim, labels in service.DECLARATION.labels.items()
        },
    }
    for start in started.values():
        found |= start.labels
    return found


def _dims(variable: Variable, whole: object) -> tuple[str, ...]:
    """Return the dimensions of a variable in this run: one that is shown whole may have a member dimension too."""
    by_member = isinstance(whole, np.ndarray) and whole.ndim == len(variable.dims) + 1
    return ("member", *variable.dims) if by_member else variable.dims


def _kind(variable: Variable) -> type[np.floating[Any]]:
    return np.float32 if variable.kind == "f4" else np.float64


def _empty(shape: Sequence[int], variable: Variable) -> npt.NDArray[Any]:
    return np.full(shape, variable.empty, dtype=_kind(variable))


def _put(cells: npt.NDArray[Any], values: npt.NDArray[Any]) -> None:
    """Write values into cells, place by place of the last axis where its places lie far apart in memory."""
    if values.ndim > 2 and values.strides[-1] > values.strides[-2]:
        for place in range(values.shape[-1]):
            cells[..., place] = values[..., place]
    else:
        cells[...] = values


def _whole(values: object, room: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return values that are shown whole, in an array of their own; numbers of people and the like become floats."""
    given = np.asarray(values)
    if given.dtype != room.dtype:
        return given
    room[...] = given
    return room


def _places(inputs: Setup) -> dict[str, tuple[str, npt.NDArray[Any]]]:
    """Return the coordinates of steps and regions beside their labels."""
    regions = inputs.network.tables["regions"]
    local = inputs.clock.local[: len(inputs.clock.times)]
    return {
        "local_time": ("time", local.astype("datetime64[ns]")),
        "region_name": ("region", regions["name_en"].to_numpy(dtype=object)),
        **{
            f"region_{column}": ("region", regions[column].to_numpy(dtype=object))
            for column in map(str, regions)
            if column.startswith("name_") and column != "name_en"
        },
        "centre_lat": ("region", regions["centre_lat"].to_numpy(dtype=float)),
        "centre_lon": ("region", regions["centre_lon"].to_numpy(dtype=float)),
    }


def _attributes(variable: Variable, dtype: np.dtype[Any], network: Network) -> dict[str, object]:
    """Return the CF attributes of a variable."""
    found: dict[str, object] = {"units": variable.units, "long_name": variable.long_name}
    if dtype.kind == "M":  # a file writes its own unit of a time
        del found["units"]
    if variable.cell_methods:
        found["cell_methods"] = variable.cell_methods
    if variable.flags:
        named = {"region": network.regions, "class": [*DAMAGE_CLASSES, *network.own_technologies]}
        words = named[variable.flags] if isinstance(variable.flags, str) else variable.flags
        found |= {"flag_values": np.arange(len(words), dtype=dtype), "flag_meanings": " ".join(words)}
    return found


def _run_attributes(inputs: Setup) -> dict[str, object]:
    """Return the attributes of a result."""
    scenario = inputs.scenario
    return {
        "title": scenario.name,
        "Conventions": "CF-1.11",
        "source": f"gridmodel {__version__}",
        "network": str(scenario.network),
        "weather": str(scenario.weather),
        "start": f"{scenario.start:%Y-%m-%d %H:%M}",
        "end": f"{scenario.end:%Y-%m-%d %H:%M}",
        "timezone": scenario.local_timezone,
        "step_h": scenario.step_h,
        "seed": np.int64(scenario.seed),
        "deterministic": np.int8(scenario.deterministic),
        "storage": RECHARGE_WORDS[scenario.recharge],
        "sampling": scenario.sampling,
        **({"own_models": "; ".join(inputs.models.own)} if inputs.models.own else {}),
        "history": f"gridmodel {__version__}: {len(inputs.members)} members of {scenario.network} in "
        f"{scenario.weather}, seed {scenario.seed}",
        "scenario": scenario.model_dump_json(),
        "plant": _plant(inputs),
        **({HISTORY: inputs.weather.history[:LONGEST]} if inputs.weather.history else {}),
    }


def _plant(inputs: Setup) -> str:
    """Return as JSON what a comparison must know of what can be lost: the name of the country, and hashes."""
    network = inputs.network
    country = "" if network.country in {*network.regions, *network.zones} else network.country  # those go first
    supply = "" if inputs.supply is None else inputs.supply.plant_hash
    return json.dumps({"country": country, "tables": plant_hashes(network), "supply": supply})
