"""Rows of the one table of `make bench`, which each benchmark also prints by itself."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

HEAD = ("measured", "took", "beside", "ratio", "goal")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Environment in which numerical libraries use one core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something that was measured, and what it is compared with."""

    measured: str
    """What was run."""
    took: str
    """Time, memory and the like, with units."""
    beside: str = ""
    """What it is compared with; nothing if empty."""
    ratio: float | None = None
    """Time over that of what it is beside. [1]"""
    least: float | None = None
    """Ratio from which a goal is reached. [1]"""
    most: float | None = None
    """Ratio up to which a goal is reached. [1]"""

    @property
    def goal(self) -> str:
        """The goal in words; empty without one."""
        if self.least is not None:
            return f"at least {self.least:g}"
        return "" if self.most is None else f"at most {self.most:g}"

    def missed(self, ratio: float) -> bool:
        """Return whether a ratio misses the goal as it is shown, with as many digits."""
        shown = float(told(ratio).replace(",", ""))
        return (self.least is not None and shown < self.least) or (self.most is not None and shown > self.most)


def told(ratio: float | None) -> str:
    """Return a ratio in two or three digits; empty without one.

    Examples
    --------
    >>> [told(ratio) for ratio in (0.354, 3.56, 22.61, 3766.4, None)]
    ['0.35', '3.6', '23', '3,766', '']
    """
    if ratio is None:
        return ""
    return f"{ratio:.2f}" if ratio < 2 else f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"


def where() -> str:
    """Return when and on what machine something is measured."""
    return f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores"


def table(rows: Sequence[Row], ratios: Sequence[Sequence[float | None]]) -> list[str]:
    """Return the lines of a table in Markdown.

    Parameters
    ----------
    rows
        What was measured.
    ratios
        Ratios of each in every run.
    """
    lines = [f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|"]
    for row, every in zip(rows, ratios, strict=True):
        known = [ratio for ratio in every if ratio is not None]
        goal = row.goal + (", missed" if any(row.missed(ratio) for ratio in known) else "")
        lines.append(f"| {row.measured} | {row.took} | {row.beside} | {'; '.join(map(told, known))} | {goal} |")
    return lines


def tell(rows: Sequence[Row], *, as_json: bool) -> None:
    """Print rows, for people or for `every.py`."""
    if as_json:
        sys.stdout.write(json.dumps([asdict(row) for row in rows]) + "\n")
        return
    sys.stdout.write("\n".join([where(), "", *table(rows, [[row.ratio] for row in rows])]) + "\n")


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of the options that all benchmarks have."""
    made = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    made.add_argument("--json", action="store_true", help="print rows as JSON")
    return made
