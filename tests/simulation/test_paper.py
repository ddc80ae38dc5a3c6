import csv
import subprocess
import sys
from pathlib import Path

import pytest

import gridmodel as gm

CASE = Path(__file__).parents[1] / "cases" / "three-regions"


@pytest.fixture(scope="module")
def result():
    return gm.run(CASE / "case.yaml").isel(member=0)


def rows():
    with (CASE / "expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows(), ids=lambda row: " ".join(list(row.values())[:4]))
def test_every_number_on_paper_is_the_number_of_the_run(result, row):
    chosen = dict(part.split("=") for part in row["selection"].split(";") if part)
    got = result[row["variable"]].sel(region=row["region"], **chosen).isel(time=int(row["step"])).item()
    single = row["variable"] == "indoor_temperature"  # stored in single precision
    assert got == pytest.approx(float(row["value"]), rel=1e-6 if single else 1e-9, abs=1e-9)


def test_the_numbers_on_paper_are_what_their_arithmetic_gives():
    done = subprocess.run([sys.executable, CASE / "work.py"], capture_output=True, text=True, check=True)
    assert done.stdout == (CASE / "expected.csv").read_text(encoding="utf-8")
