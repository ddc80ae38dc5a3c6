"""A network as plain tables, named as pandapower names them, without a power-flow library."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

FORMAT_VERSION = "3.3.0"
"""Table format of pandapower that a file is taken to follow if it does not say."""

StdTypes = dict[str, dict[str, dict[str, object]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainNet:
    """Tables by pandapower's names; the index of each is the element's number."""

    name: str
    """Name of the network."""
    shown: str
    """Name of the file or folder in messages."""
    f_hz: float = 50.0
    """Frequency. [Hz]"""
    sn_mva: float = 1.0
    """Base of per-unit values. [MVA]"""
    format_version: str = FORMAT_VERSION
    """Table format of pandapower."""
    tables: dict[str, pd.DataFrame]
    """Every table that has rows."""
    std_types: StdTypes = field(default_factory=dict)
    """Standard types of the file, by element and name."""
    bundled: bool = False
    """True where it came with the package: then single places are not named."""
    path: Path | None = None
    """File or folder that it was read from."""
    lines: dict[str, list[int]] = field(default_factory=dict)
    """Line (or row of the sheet) of each row of a table, if the format has lines."""
    labels: dict[str, str] = field(default_factory=dict)
    """Name of a table in messages, if it is not file/table."""

    def table(self, name: str) -> pd.DataFrame:
        """Return a table; empty if the network does not have it."""
        found = self.tables.get(name)
        return pd.DataFrame() if found is None else found

    def column(self, table: str, column: str, default: object) -> pd.Series:
        """Return a column of a table; the default where the column or a value is missing."""
        frame = self.table(table)
        if column not in frame:
            return pd.Series([default] * len(frame), index=frame.index)
        values: pd.Series = frame[column].where(frame[column].notna(), cast("float", default))
        return values

    def numbers(self, table: str, column: str, default: float = np.nan) -> npt.NDArray[np.float64]:
        """Return a column as numbers; anything that is not a number counts as missing."""
        values = pd.to_numeric(self.column(table, column, default), errors="coerce")
        return np.asarray(values.fillna(default).to_numpy(dtype=float))

    def active(self, table: str) -> npt.NDArray[np.bool_]:
        """Return which rows of a table are in service."""
        return np.asarray(self.column(table, "in_service", True).to_numpy(dtype=bool))

    def place(self, table: str, position: int) -> tuple[str, int | None]:
        """Return the place of a row in messages: the file with its line, or the element itself."""
        label = self.labels.get(table, f"{self.shown}/{table}")
        if table in self.lines and position < len(self.lines[table]):
            return label, self.lines[table][position]
        frame = self.table(table)
        return (f"{label}/{frame.index[position]}" if position < len(frame) else label), None
