"""Make `gridmodel/scenario/given.py`: the types that each setting takes, from the groups of settings."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from gridmodel.inputs.files import ROOT
from gridmodel.scenario import Scenario, drawable
from gridmodel.scenario.drawable import BY_NAME
from gridmodel.scenario.model import ABOUT_ONE

TARGET = ROOT / "gridmodel" / "scenario" / "given.py"
OBJECTS: Mapping[str, str] = {
    "network": "str | Path | TablesLike | dict[str, Any]",
    "weather": "str | Path | xr.DataArray | xr.Dataset | pd.DataFrame",
    "events": "str | Path | pd.DataFrame | Sequence[Mapping[str, Any]]",
    "mitigations": "pd.DataFrame | Sequence[Mitigation | Mapping[str, Any]] | None",
    "timetable": "str | Path | pd.DataFrame | None",
    "demand": "str | Path | xr.DataArray | pd.DataFrame | None",
    "supply": "str | Path | xr.DataArray | pd.DataFrame | None",
    "start_state": "str | Path | None",
}
"""Types of what can be given as an object."""
HEAD = '''"""Types that each setting of a scenario takes; made from the groups of settings by `python docs/make.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr

    from gridmodel.inputs.memory import TablesLike
    from gridmodel.scenario.groups.generation import Unit
    from gridmodel.scenario.groups.sampling import StopAt
    from gridmodel.scenario.help import Mitigation

Moment: TypeAlias = "str | date | np.datetime64"
"""Local time: a text, a date, or one with hours and minutes, which is a date too."""
Number: TypeAlias = "float | np.floating[Any] | np.integer[Any]"
Whole: TypeAlias = "int | np.integer[Any]"
Switch: TypeAlias = "bool | np.bool_"
Drawn: TypeAlias = Mapping[str, Sequence[float]]
"""Distribution from which each member draws: {"uniform": [0.1, 0.3]}."""
'''


def said(kind: Any, *, drawn: bool, inside: bool = False) -> str:
    """Return the type that a value of a setting may have, as it is written."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return said(parts[0], drawn=drawn, inside=inside)
    if origin in {Union, types.UnionType}:
        return " | ".join(dict.fromkeys(said(part, drawn=drawn, inside=inside) for part in parts))
    if origin is Literal:
        return f"Literal[{', '.join(repr(part).replace(chr(39), chr(34)) for part in parts)}]"
    if origin is tuple and parts[-1] is Ellipsis:
        return f"Sequence[{said(parts[0], drawn=False)}]"
    if origin is tuple:
        end = said(parts[0], drawn=inside)
        return f"Sequence[{end}]" if inside else f"Sequence[{end}] | {end} | Drawn"
    if origin is dict:
        return f"Mapping[str, {said(parts[1], drawn=True, inside=True)}]"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"{kind.__name__} | Mapping[str, Any]"
    simple = {float: "Number", int: "Whole", bool: "Switch", str: "str", datetime: "Moment", Path: "Path"}
    more = " | Drawn" if drawn and kind in {float, int} else ""
    return "None" if kind is type(None) else simple.get(kind, "Any") + more


def given_module() -> str:
    """Return the text of the module."""
    able = drawable()
    lines, needed = [], []
    for name, field in Scenario.model_fields.items():
        kind = OBJECTS.get(name) or said(field.annotation, drawn=name in able or name in BY_NAME)
        if name in ABOUT_ONE:
            kind = kind.partition(" | ")[0]
        if name == "folder":
            kind = "Path | None"
        (needed if field.is_required() else lines).append(f"    {name}: {kind}")
    parts = [
        HEAD,
        '\nclass _Optional(TypedDict, total=False):\n    """Settings that have a default."""\n',
        *lines,
        '\n\nclass Given(_Optional):\n    """Settings of a new scenario."""\n',
        *needed,
        '\n\nclass Changes(_Optional, total=False):\n    """Settings of a variant."""\n',
        *needed,
    ]
    return "\n".join(parts) + "\n"


def write() -> None:
    """Write the module."""
    TARGET.write_text(given_module(), encoding="utf-8")


if __name__ == "__main__":
    write()
