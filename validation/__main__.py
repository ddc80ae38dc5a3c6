"""Run every case, write `docs/validation/` and `validation/score.json`: ``python -m validation``, `make validate`."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.inputs.files import ROOT
from validation import calibration, cascade, evaluate, floor, index_page, january_page, pages, ridge, ridge_page, winter
from validation.operators import OBSERVATIONS, read_observations
from validation.statements import statements

SCORE = Path(__file__).resolve().parent / "score.json"
MEMBERS = OBSERVATIONS.parent / "members.csv"
"""What each member says of each row of the observations, as the recorded score was made from."""
DIGITS = 4
"""Digits of recorded numbers: far more than a score is worth, few enough to be the same on two machines."""


def rounded(value: Any) -> Any:  # noqa: ANN401 - whatever JSON has
    """Return numbers of a score with as many digits as are recorded."""
    if isinstance(value, dict):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.{DIGITS}g}") if np.isfinite(value) else None
    return value


def write_members(values: Floats) -> None:
    """Write what members say, a row for each observation."""
    names = [f"m{place}" for place in range(values.shape[1])]
    made = pd.DataFrame(values, columns=names).map(lambda number: f"{number:.{DIGITS}g}")
    made.insert(0, "id", read_observations()["id"])
    MEMBERS.write_text(made.to_csv(index=False, lineterminator="\n"), encoding="utf-8")


def read_members() -> Floats:
    """Return what members of the recorded run say, shape ``(observation, member)``."""
    return np.asarray(pd.read_csv(MEMBERS).iloc[:, 1:].to_numpy(), dtype=float)


def texas() -> dict[str, Any] | None:
    """Run Texas 2021, write its page and return its score; None where that case is not there."""
    if find_spec("validation.texas") is None:
        return None
    made: dict[str, Any] = importlib.import_module("validation.texas").write()
    return made


def cascades(struck: xr.Dataset) -> dict[str, Any]:
    """Return in how many members the losses of 31 January 2026 take supply from as many oblasts as reported."""
    count = cascade.oblasts(struck)
    return {"members": len(count), "four_oblasts_or_more": float((count >= cascade.OBLASTS).mean())}


def main() -> int:
    """Run, score and write."""
    parser = argparse.ArgumentParser(prog="python -m validation", description="Run and score every case.")
    parser.add_argument("--workers", type=int, default=2, help="processes for the winter")
    parser.add_argument(
        "--winter",
        type=Path,
        nargs="*",
        help="blocks of the winter that ran before, from the first, in place of running them",
    )
    given = parser.parse_args()
    if given.winter:
        found = winter.joined([dict(np.load(path)) for path in given.winter])
    else:
        found = winter.ensemble(workers=given.workers)
    write_members(np.asarray(found["observed"], dtype=float))
    found = {**found, "observed": read_members()}
    runs = calibration.runs()
    score = rounded({
        "winter-2025-26": {**evaluate.score(found), "statements": statements(found, pages.regions())},
        "cascade": cascades(runs[-1]),
        **({} if (made := texas()) is None else {"texas-2021": made}),
    })  # fmt: skip
    SCORE.write_text(json.dumps(score, indent=1) + "\n", encoding="utf-8")
    folder = ROOT / "docs" / "validation"
    folder.mkdir(exist_ok=True)
    pages.pictures(folder, found, score["winter-2025-26"])
    texts = {
        "README.md": index_page.page(score), "winter-2025-26.md": pages.winter_page(found, score["winter-2025-26"]),
        "january-2026.md": january_page.page(found, score, runs[-2]),
    }  # fmt: skip
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    ridge.record(found, runs[-2])
    ridge_page.write(folder)
    sys.stdout.write(calibration.table(calibration.rows(*runs)) + "\n")
    fell = floor.fallen(score)
    sys.stderr.writelines(f"below validation/floor.json: {line}\n" for line in fell)
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main())
