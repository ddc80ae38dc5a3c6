"""Sizes of national waves: a table of ranges of weapons by type."""

from __future__ import annotations

from typing import Any

from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.events.profiles import PROFILES
from gridmodel.events.weapons import MOST
from gridmodel.inputs.files import ROOT
from gridmodel.inputs.table_schema import Column, Table
from gridmodel.inputs.tables import read_table
from gridmodel.scenario.weapons import WEAPONS

FILE = ROOT / "scenarios" / "waves" / "national.csv"
"""The table."""
_SHARES = ("interception_low", "interception_likely", "interception_high")
NATIONAL = Table(
    name="national", meaning="Weapons of a national wave: one row per size and type", key="",
    columns=(
        Column(name="size", meaning="Size of the wave"),
        Column(name="weapon", choices=WEAPONS, meaning="Type of weapon"),
        Column(name="number_low", kind="integer", unit="1", low=0, high=MOST, meaning="Fewest that are sent"),
        Column(name="number_high", kind="integer", unit="1", low=0, high=MOST, meaning="Most that are sent"),
        *(Column(name=name, kind="number", unit="1", low=0.0, high=1.0,
                 meaning=f"Mean share that is intercepted: {word}")
          for name, word in zip(_SHARES, ("lowest", "most likely", "highest"), strict=True)),
        Column(name="source", meaning="Source, or why it is so"),
        Column(name="confidence", choices=("high", "medium", "low", "assumed"), meaning="How sure it is"),
    ),
)  # fmt: skip
"""Columns of the table."""


def national_sizes() -> dict[str, dict[str, Any]]:
    """Return the weapons of every size of wave, as events give them, from light to heavy.

    Raises
    ------
    InputError
        If the table has errors.
    """
    problems = Problems()
    rows = read_table(FILE, NATIONAL, problems, shown=FILE.name).frame
    problems.raise_if_any()
    found: dict[str, dict[str, Any]] = {}
    for row in rows.to_dict("records"):
        found.setdefault(str(row["size"]), {})[str(row["weapon"])] = {
            "number": {"uniform": [int(row["number_low"]), int(row["number_high"])]},
            "interception": {"triangular": [float(row[name]) for name in _SHARES]},
        }
    return found


def check_size(size: str) -> list[Problem]:
    """Return the problem of a size of wave that the table does not have."""
    sizes = [*national_sizes()]
    if size in sizes:
        return []
    message = f"is not a size of a national wave in {FILE.parent.name}/{FILE.name}"
    return [Problem(message=message, field="wave", value=size, hint=nearest(size, sizes))]


def national_wave(size: str, *, time: str, target: str, profile: str = "mixed") -> dict[str, Any]:
    """Return an event: a wave of one of the sizes of the table, in ranges [B].

    Parameters
    ----------
    size
        One of `national_sizes`: light, moderate or heavy.
    time
        Local time.
    target
        A place: the country, for which the sizes are meant.
    profile
        Key of `PROFILES`.

    Raises
    ------
    InputError
        If the size or the profile is not known.

    Examples
    --------
    >>> national_wave("light", time="2026-12-03 02:00", target="UA")["weapons"]["drone"]["number"]
    {'uniform': [60, 180]}
    """
    sizes = national_sizes()
    problems = [
        Problem(message=f"is not a {name}", field=name, value=given, hint=nearest(given, known))
        for name, given, known in (("size", size, [*sizes]), ("profile", profile, [*PROFILES])) if given not in known
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    return {"time": time, "target": target, "kind": "wave", "profile": profile, "weapons": sizes[size]}
