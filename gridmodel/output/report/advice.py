"""From needs to measures: a file of options and the command that ranks them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from gridmodel.inputs.spreadsheet import csv_text
from gridmodel.scenario.help import OPTION_COLUMNS

OPTION_OF = {
    "warm_places": ("warming_points", "", "places to get warm"),
    "generators_heat_mw": ("mobile_generator", "heat_source", "generators at heat sources"),
    "generators_water_mw": ("mobile_generator", "waterworks", "generators at waterworks"),
}
"""Option that meets a need: its kind, target and label."""
FLAGS = frozenset({"--trust", "--overwrite", "--watch", "--baseline", "--json"})
"""Options of `gridmodel run` without a value; all others have one."""
OTHERWISE = frozenset({"--from", "--from-state", "--network", "--regions"})
"""Options by which a run is not that of its scenario, so that the scenario alone does not rank help for it."""


def options_csv(needs: Sequence[Mapping[str, Any]]) -> str:
    """Return a file of options that meets the needs in 95 % of the members, from when they begin; costs are 0.

    Parameters
    ----------
    needs
        Rows of `needs` of a summary.

    Returns
    -------
    str
        A CSV file that `gridmodel plan` reads; empty if none of the needs is met by an option.
    """
    wanted = [row for row in needs if row["need"] in OPTION_OF and row["p95"] > 0]
    if not wanted:
        return ""
    rows: list[list[Any]] = [[*OPTION_COLUMNS]]
    for row in sorted(wanted, key=lambda one: (list(OPTION_OF).index(one["need"]), -one["p95"])):
        kind, target, words = OPTION_OF[row["need"]]
        since = str(row["from_local"] or "").replace("T", " ")[:16]
        name = f"{words}, {row['region_name']}"
        rows.append([name, kind, row["region"], f"{row['p95']:.10g}", 0, since, target])
    return csv_text(rows)


def plan_command(manifest: Mapping[str, Any], members: int) -> str:
    """Return the command that ranks the options on the scenario of a run; empty if the command of the run has none."""
    words = [str(word) for word in manifest.get("command", ())]
    if len(words) < 2 or words[1] != "run" or OTHERWISE & {word.partition("=")[0] for word in words}:
        return ""
    scenario, is_value = "january-2026", False
    for word in words[2:]:
        if is_value:
            is_value = False
        elif word.startswith("-"):
            is_value = word not in FLAGS and "=" not in word and (word.startswith("--") or len(word) == 2)
        else:
            scenario = word
    return shlex.join(["gridmodel", "plan", scenario, "options.csv", "--members", str(members)])
