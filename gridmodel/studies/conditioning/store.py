"""Members at a knot, in a file: a study that was killed goes on from the last knot that it reached."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.array_file import read_arrays, write_arrays
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.writing import replaced
from gridmodel.simulation.held_state import HeldState
from gridmodel.studies.conditioning.filter import Filter, Particles, Passed
from gridmodel.studies.conditioning.segments import Members

MAX_JSON = 500_000
"""Most values of the texts of a file."""
JOB = "job.json"


class Knots:
    """Folder of the knots that a study has reached."""

    def __init__(self, folder: Path, job: str) -> None:
        """Take a folder, which is made where it is missing, and what the study is.

        Raises
        ------
        InputError
            If the folder is of another study.
        """
        self.folder = folder
        known = folder / JOB
        if folder.is_dir() and any(folder.iterdir()):
            if not known.is_file() or known.read_text(encoding="utf-8") != job:
                message = "is left over from another study; remove the folder, or choose another output"
                raise InputError([Problem(message=message, table=str(folder))])
            return
        folder.mkdir(parents=True, exist_ok=True)
        with replaced(known) as made:
            made.write_text(job, encoding="utf-8")

    def path(self, name: str, segment: int) -> Path:
        """Return the file of a knot."""
        return self.folder / f"{name}-{segment:04d}.nc"

    def write(self, name: str, segment: int, reached: Particles, made: Filter) -> None:
        """Write what a filter reached at the end of a segment, and drop the knot before."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "numbers": reached.members.numbers, "scores": reached.members.scores, "modelled": reached.modelled,
            "predicted": np.concatenate(made.predicted),
        }  # fmt: skip
        texts = {"passed": json.dumps([asdict(one) for one in made.passed]),
                 "predicted": json.dumps([len(one) for one in made.predicted])}  # fmt: skip
        state = reached.state
        if state is not None:
            arrays |= {f"state.{key}": values for key, values in state.arrays.items()}
            texts |= {f"state_{key}": value for key, value in state.texts.items()}
            texts["axes"] = json.dumps(dict(state.axes))
            texts["bools"] = json.dumps([key for key, values in state.arrays.items() if values.dtype.kind == "b"])
        if reached.history is not None:
            arrays |= {f"history.{key}": values for key, values in _plain(reached.history).items()}
            texts["history"] = json.dumps(_labels(reached.history))
        with replaced(self.path(name, segment)) as place:
            write_arrays(place, arrays, texts)
        self.path(name, segment - 1).unlink(missing_ok=True)

    def read(self, name: str, made: Filter, segments: int) -> tuple[int, Particles | None]:
        """Return the number of segments that were done before, and what was reached after them."""
        for segment in reversed(range(segments)):
            path = self.path(name, segment)
            if path.is_file():
                return segment + 1, _read(path, made)
        return 0, None


def _read(path: Path, made: Filter) -> Particles:
    arrays, texts = read_arrays(path, path.name)
    made.passed = [
        Passed(**{**one, "accepted": np.nan if one["accepted"] is None else one["accepted"]})
        for one in json.loads(texts["passed"])
    ]
    edges = np.cumsum(json.loads(texts["predicted"]))[:-1]
    made.predicted = np.split(arrays["predicted"], edges)
    members = Members(numbers=arrays["numbers"], scores=arrays["scores"])
    state = None
    if "axes" in texts:
        own = _beginning(arrays, "state.")
        state = HeldState(
            arrays={key: values.astype(bool) if key in set(json.loads(texts["bools"])) else values
                    for key, values in own.items()},
            texts={key.removeprefix("state_"): value for key, value in texts.items() if key.startswith("state_")},
            axes=json.loads(texts["axes"]), members=len(members),
        )  # fmt: skip
    history = None
    if "history" in texts:
        history = _dataset(_beginning(arrays, "history."), parse_json(texts["history"], path.name, most=MAX_JSON))
    return Particles(members, state, history, arrays["modelled"])


def _beginning(arrays: Mapping[str, npt.NDArray[Any]], with_: str) -> dict[str, npt.NDArray[Any]]:
    return {name.removeprefix(with_): values for name, values in arrays.items() if name.startswith(with_)}


def _plain(data: xr.Dataset) -> dict[str, npt.NDArray[Any]]:
    """Return the values of a dataset, times as whole seconds."""
    made = {str(name): data[name].to_numpy() for name in [*data.data_vars, "time", "local_time"]}
    return {
        name: values.astype("datetime64[s]").astype(np.int64) if values.dtype.kind == "M" else values
        for name, values in made.items()
    }


def _labels(data: xr.Dataset) -> dict[str, Any]:
    """Return dimensions and labels of a dataset."""
    return {
        "dims": {str(name): list(map(str, data[name].dims)) for name in [*data.data_vars, "time", "local_time"]},
        "labels": {
            str(name): data[name].to_numpy().tolist() for name in data.dims if name in data.coords and name != "time"
        },
    }  # fmt: skip


def _dataset(values: Mapping[str, npt.NDArray[Any]], said: Mapping[str, Any]) -> xr.Dataset:
    """Return a dataset of values and labels."""
    times = {name: values[name].astype("datetime64[s]").astype("datetime64[ns]") for name in ("time", "local_time")}
    labels = {
        name: (name, np.array(given, dtype=object if given and isinstance(given[0], str) else None))
        for name, given in said["labels"].items()
    }  # fmt: skip
    coords = {**labels, **{name: (said["dims"][name], time) for name, time in times.items()}}
    kept = {name: (said["dims"][name], one) for name, one in values.items() if name not in times}
    return xr.Dataset(kept, coords=coords)
