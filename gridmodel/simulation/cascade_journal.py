"""Journal of cascades: what steps show of them, noted as the loop runs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.dispatch.frequency import NOMINAL_HZ
from gridmodel.results.cascade_log import COLUMNS
from gridmodel.services.power.cascade import CascadeStep
from gridmodel.services.power.variables import CASCADE_VARIABLES
from gridmodel.services.setup import Setup
from gridmodel.vocabulary import CASCADE_STEPS


class Journal:
    """Collects what steps show of cascades."""

    def __init__(self, inputs: Setup) -> None:
        self._inputs = inputs
        self._nadir = np.full((len(inputs.members), len(inputs.clock.times)), NOMINAL_HZ)
        self._parts: list[dict[str, npt.NDArray[np.generic]]] = []

    @classmethod
    def of(cls, inputs: Setup) -> Journal | None:
        """Return a journal if cascades are followed, else None."""
        return None if inputs.scenario.cascade == "none" else cls(inputs)

    def note(self, number: int, step: CascadeStep) -> None:
        """Note a step."""
        self._nadir[:, number] = step.nadir_hz
        for part in step.log.parts:
            if len(part["row"]):
                self._parts.append(part | {"step": np.full(len(part["row"]), number)})

    def dataset(self) -> xr.Dataset:
        """Return the log, member by member in the order of events, and the frequency where it is followed."""
        inputs = self._inputs
        names = ("row", "step", "number", "mechanism", "place", "technology", "mw", "hz")
        none = {name: np.zeros(0, dtype=float if name in {"mw", "hz"} else np.intp) for name in names}
        joined = {name: np.concatenate([none[name], *(part[name] for part in self._parts)]) for name in names}
        order = np.argsort(joined["row"], kind="stable")
        entry = {name: values[order] for name, values in joined.items()}
        scale = inputs.network.frequency_hz / NOMINAL_HZ
        regions, kinds = np.array([*inputs.network.regions, "border"]), np.array([*inputs.network.technologies, ""])
        columns = {
            "member": np.array(inputs.members)[entry["row"]],
            "time": inputs.clock.times.astype("datetime64[ns]")[entry["step"]],
            "round": entry["number"],
            "mechanism": np.array(CASCADE_STEPS)[entry["mechanism"]],
            "place": regions[entry["place"]],
            "technology": kinds[entry["technology"]],
            "mw": entry["mw"],
            "hz": entry["hz"] * scale,
        }
        data = xr.Dataset({f"cascade_{name}": ("cascade_step", columns[name]) for name in COLUMNS})
        if inputs.scenario.cascade == "full":
            data["frequency_nadir_hz"] = (("member", "time"), self._nadir * scale)
        for name, values in data.items():
            variable = CASCADE_VARIABLES[str(name)]
            values.attrs = {"long_name": variable.long_name}
            if variable.units:
                values.attrs["units"] = variable.units
            if variable.cell_methods:
                values.attrs["cell_methods"] = variable.cell_methods
        return data
