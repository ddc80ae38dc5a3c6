"""From what is needed to what can be tried: a file of options and the command that ranks them."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from gridmodel.results.needs import SMALLEST

OPTION_OF = {
    "warm_places": ("warming_points", "", "places to get warm"),
    "generators_heat_mw": ("mobile_generator", "heat_source", "generators at heat sources"),
    "generators_water_mw": ("mobile_generator", "waterworks", "generators at waterworks"),
}
"""Option that answers a need: its kind, its target, and what it is called."""
COLUMNS = ("name", "kind", "region", "size", "cost_eur", "available_from", "target")
"""Columns of a file of options."""
DIGITS = 2
"""Digits that the size of an option keeps, rounded up. Ours: nobody sends 1,109,084 places."""
LEAST_PLACES = 50
"""Fewest places that make an option. Ours."""


def options_csv(needs: Sequence[Mapping[str, Any]]) -> str:
    """File of options that meets the needs in all but one draw in twenty, from when they begin; costs are left at 0.

    Parameters
    ----------
    needs
        Rows of `needs` of a summary.

    Returns
    -------
    str
        A CSV file that `gridmodel plan` reads; empty where nothing needed is something that it can rank.
    """
    least = {"warm_places": LEAST_PLACES}
    wanted = [row for row in needs if row["need"] in OPTION_OF and row["p95"] >= least.get(row["need"], SMALLEST)]
    if not wanted:
        return ""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in sorted(wanted, key=lambda one: (list(OPTION_OF).index(one["need"]), -one["p95"])):
        kind, target, words = OPTION_OF[row["need"]]
        since = str(row["from_local"] or "").replace("T", " ")[:16]
        name = f"{words}, {row['region_name']}"
        writer.writerow([name, kind, row["region"], f"{_rounded_up(row['p95']):.10g}", 0, since, target])
    return out.getvalue()


def _rounded_up(value: float) -> float:
    """Smallest number of `DIGITS` digits that is not below a value.

    Examples
    --------
    >>> _rounded_up(1109084.0), _rounded_up(0.1735), _rounded_up(30.0)
    (1200000.0, 0.18, 30.0)
    """
    from math import ceil, floor, log10

    unit = 10.0 ** (floor(log10(value)) - DIGITS + 1)
    return float(f"{ceil(value / unit - 1e-9) * unit:.10g}")


def plan_command(manifest: Mapping[str, Any], members: int) -> str:
    """Command that ranks such a file on the scenario of a run; empty where the run does not say what that was."""
    words = [str(word) for word in manifest.get("command", ())]
    if len(words) < 2 or words[1] != "run" or any(word.split("=")[0] == "--from" for word in words):
        return ""
    scenario, skip = "january-2026", False
    for word in words[2:]:
        if skip or word.startswith("-"):
            skip = not skip and word in {"-o", "--output", "--members", "--seed", "--ac-check"}
        else:
            scenario = word
    return shlex.join(["gridmodel", "plan", scenario, "options.csv", "--members", str(members)])
