"""State that a study has reached, in a file: one that was killed goes on from the last knot.

Files have the numbers and settings of members and what they say of the reports, from which their paths are run again.
States are not kept: they would tell which hits a posterior believes in.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np

from gridmodel.errors import InputError, Problem, cannot_write
from gridmodel.inputs.array_file import read_arrays, write_arrays
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.writing import replaced
from gridmodel.studies.conditioning.filter import Filter, Particles, Passed
from gridmodel.studies.conditioning.replay import replayed
from gridmodel.studies.conditioning.segments import Members

MAX_JSON = 100_000
"""Most values of the texts of a file."""
JOB = "job.txt"
"""File that says which study it is."""
BLOCKS = "gridmodel-blocks-"
"""Beginning of the name of a folder in which processes hand over results; each study that is begun has its own."""


class Knots:
    """Folder of what a study has reached."""

    def __init__(self, folder: Path, job: str) -> None:
        """Take a folder, which is made where it is missing, and what the study is.

        Raises
        ------
        InputError
            If the folder is of another study.
        """
        self.folder, known = folder, folder / JOB
        try:
            if folder.is_dir() and any(folder.iterdir()):
                if not known.is_file() or known.read_text(encoding="utf-8") != job:
                    message = "is left over from another study; remove the folder, or choose another output"
                    raise InputError([Problem(message=message, table=str(folder))])
                return
            folder.mkdir(parents=True, exist_ok=True)
            known.write_text(job, encoding="utf-8")
        except OSError as error:
            raise InputError([Problem(message=f"cannot be written: {error.strerror}", table=str(folder))]) from None

    def write(self, name: str, segment: int, reached: Particles, made: Filter) -> None:
        """Write what a filter reached at the end of a segment, in place of the segment before.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        arrays = {
            "numbers": reached.members.numbers, "scores": reached.members.scores, "modelled": reached.modelled,
            "predicted": np.concatenate(made.predicted),
        }  # fmt: skip
        texts = {
            "passed": json.dumps([asdict(one) for one in made.passed]),
            "predicted": json.dumps([len(one) for one in made.predicted]),
        }
        try:
            with replaced(self.folder / f"{name}-{segment:04d}.nc") as place:
                write_arrays(place, arrays, texts)
        except (OSError, RuntimeError) as error:
            raise InputError([cannot_write(error, self.folder)]) from None
        (self.folder / f"{name}-{segment - 1:04d}.nc").unlink(missing_ok=True)

    def read(self, name: str, made: Filter, segments: int) -> tuple[int, Particles | None]:
        """Return the number of segments that were done before, and the members after them."""
        for segment in reversed(range(segments)):
            path = self.folder / f"{name}-{segment:04d}.nc"
            if path.is_file():
                return segment + 1, _read(path, made, segment + 1, last=segment + 1 == segments)
        return 0, None

    def cleared(self) -> Path:
        """Return the folder without what a study that was killed was putting together, which may fill the disk."""
        for path in self.folder.glob(f"{BLOCKS}*"):
            shutil.rmtree(path, ignore_errors=True)
        return self.folder

    def remove(self) -> None:
        """Remove the folder and its files."""
        self.cleared()
        for path in self.folder.iterdir():
            path.unlink()
        self.folder.rmdir()


def tidied(folder: Path, job: str) -> bool:
    """Return whether a folder keeps what a study has reached; one in which it has reached nothing is removed."""
    if reached(folder, job):
        return True
    known = folder / JOB
    if known.is_file() and known.read_text(encoding="utf-8") == job:
        shutil.rmtree(folder, ignore_errors=True)
    return False


def reached(folder: Path, job: str) -> bool:
    """Return whether a folder keeps what a study has reached, and not another study."""
    known = folder / JOB
    return known.is_file() and known.read_text(encoding="utf-8") == job and any(folder.glob("*.nc"))


def _read(path: Path, made: Filter, segments: int, *, last: bool) -> Particles:
    """Return members after some segments; where more are to come, their paths are run again."""
    arrays, texts = read_arrays(path, path.name)
    made.passed = [Passed(**one) for one in parse_json(texts["passed"], path.name, most=MAX_JSON)]
    edges = np.cumsum(parse_json(texts["predicted"], path.name, most=MAX_JSON))[:-1]
    made.predicted = np.split(arrays["predicted"], edges)
    members = Members(numbers=arrays["numbers"], scores=arrays["scores"])
    history, state = (None, None) if last else replayed(made.engine, members, made.keep, segments)
    return Particles(members, state, history, arrays["modelled"])
