"""Statements that end most distribution cases, to convert ohms and kilowatts: recognised, never evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable

Matrices = dict[str, list[list[float]]]

_BASE_KV, _PD, _QD, _R, _X = 9, 2, 3, 2, 3
"""Columns of buses and branches."""
_THOUSAND = r"(?:1e3|1000)"
_NUMBER = r"\d{1,6}(?:\.\d{1,12})?"


class Units:
    """Conversions of one case, applied in the order in which they are written."""

    def __init__(self) -> None:
        self._set: dict[str, float] = {}
        self._skips = False

    def skips(self, content: str) -> bool:
        """Return whether a line is inside a block that its own condition, a name set to 0, switches off."""
        begun = re.fullmatch(r"if\s+([A-Za-z]\w{0,40})", content)
        if begun and self._set.get(begun[1]) == 0:
            self._skips = True
            return True
        if self._skips and content.rstrip(";").strip() == "end":
            self._skips = False
            return True
        return self._skips

    def apply(self, content: str, variable: str, matrices: Matrices, scalars: dict[str, float | str]) -> bool:
        """Apply a statement if it is one of the known conversions; return whether it is.

        Parameters
        ----------
        content
            A line of the file without its comment.
        variable
            Name of the case in the file, such as `mpc`.
        matrices, scalars
            Those of the case so far; matrices are changed in place.
        """
        text = re.sub(r"\s*([()=*/^:\[\]])\s*", r"\1", content.rstrip("; ").replace(",", " "))
        text = re.sub(r"\s+", " ", text).strip()
        text = re.sub(rf"\b{re.escape(variable)}\.", "mpc.", text)
        for pattern, act in _KNOWN.items():
            found = re.fullmatch(pattern, text)
            if found:
                return act(self._set, found, matrices, scalars)
        return False


_Act = Callable[[dict[str, float], "re.Match[str]", Matrices, dict[str, float | str]], bool]


def _nothing(_set: dict[str, float], _found: re.Match[str], _matrices: Matrices, _scalars: object) -> bool:
    return True


def _remember(values: dict[str, float], found: re.Match[str], _matrices: Matrices, _scalars: object) -> bool:
    values[found[1]] = float(found[2])
    return True


def _volts(values: dict[str, float], _found: re.Match[str], matrices: Matrices, _scalars: object) -> bool:
    if not matrices.get("bus") or len(matrices["bus"][0]) <= _BASE_KV:
        return False
    values["Vbase"] = matrices["bus"][0][_BASE_KV] * 1e3
    return True


def _power(
    values: dict[str, float], _found: re.Match[str], _matrices: Matrices, scalars: dict[str, float | str]
) -> bool:
    base = scalars.get("baseMVA")
    if not isinstance(base, float):
        return False
    values["Sbase"] = base * 1e6
    return True


def _ohms(values: dict[str, float], _found: re.Match[str], matrices: Matrices, _scalars: object) -> bool:
    if not values.get("Vbase") or not values.get("Sbase") or "branch" not in matrices:
        return False
    return _scale(matrices["branch"], (_R, _X), values["Sbase"] / values["Vbase"] ** 2)


def _kilowatts(_set: dict[str, float], _found: re.Match[str], matrices: Matrices, _scalars: object) -> bool:
    return "bus" in matrices and _scale(matrices["bus"], (_PD, _QD), 1e-3)


def _reactive(values: dict[str, float], found: re.Match[str], matrices: Matrices, _scalars: object) -> bool:
    factor = values.get(found[1], 2.0)
    if "bus" not in matrices or not 0 <= factor <= 1:
        return False
    for row in matrices["bus"]:
        row[_QD] = row[_PD] * (1.0 - factor**2) ** 0.5
    return True


def _active(values: dict[str, float], found: re.Match[str], matrices: Matrices, _scalars: object) -> bool:
    return found[1] in values and "bus" in matrices and _scale(matrices["bus"], (_PD,), values[found[1]])


def _scale(rows: list[list[float]], columns: tuple[int, ...], factor: float) -> bool:
    if any(len(row) <= max(columns) for row in rows):
        return False
    for row in rows:
        for column in columns:
            row[column] *= factor
    return True


_KNOWN: dict[str, _Act] = {
    r"\[[A-Z_0-9 ]+\]=idx_(?:bus|brch|gen|cost)": _nothing,
    r"define_constants": _nothing,
    rf"(pf|fixed)=({_NUMBER})": _remember,
    rf"Vbase=mpc\.bus\(1 BASE_KV\)\*{_THOUSAND}": _volts,
    r"Sbase=mpc\.baseMVA\*1e6": _power,
    r"mpc\.branch\(:\[BR_R BR_X\]\)=mpc\.branch\(:\[BR_R BR_X\]\)/\(Vbase\^2/Sbase\)": _ohms,
    rf"mpc\.bus\(:\[PD QD\]\)=mpc\.bus\(:\[PD QD\]\)/{_THOUSAND}": _kilowatts,
    r"mpc\.bus\(:QD\)=mpc\.bus\(:PD\)\*sin\(acos\((pf)\)\)": _reactive,
    r"mpc\.bus\(:PD\)=mpc\.bus\(:PD\)\*(pf)": _active,
}
"""Statements without spaces, and what each does; any other is refused."""
