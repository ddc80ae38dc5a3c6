"""Tables of a network, as all that reads, counts and shows them takes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True, slots=True)
class NetworkTables:
    """Tables of a network folder, by name."""

    name: str
    path: Path
    bundled: bool
    """Whether it came with the package: then it is spoken of by region only."""
    tables: dict[str, pd.DataFrame]
    """Every table of the schema, empty where the folder has none."""

    @property
    def regions(self) -> list[str]:
        """Region ids in file order."""
        return [str(region) for region in self.tables["regions"]["id"]]

    @property
    def zones(self) -> list[str]:
        """Zone of each region."""
        return [str(zone) for zone in self.tables["regions"]["zone"]]

    @property
    def country(self) -> str:
        """Prefix that all region ids share (`UA` of `UA-30`), or empty."""
        prefixes = {region.split("-")[0] for region in self.regions if "-" in region}
        whole = len(prefixes) == 1 and all("-" in region for region in self.regions)
        return prefixes.pop() if whole else ""
