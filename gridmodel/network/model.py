"""The record of a network folder that readers make, and counts, pictures and runs take."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from gridmodel.network.outlines import Outlines
from gridmodel.regions import UTC_NAME, WEEK, Country, Regions, regions_of_table
from gridmodel.vocabulary import GAS_FIRED, TECHNOLOGIES


@dataclass(frozen=True, slots=True)
class NetworkTables:
    """Tables of a network folder, by name."""

    name: str
    path: Path
    bundled: bool
    """True where it came with the package: then only regions are named, never single places."""
    tables: dict[str, pd.DataFrame]
    """Every table of the schema, empty where the folder does not have it."""
    about: Country | None = None
    """Content of `network.toml`; None if the folder lacks it."""
    broken: frozenset[str] = frozenset()
    """Tables with errors, and `network.toml` if the country or time zone is wrong: nothing is concluded from what they
    do not have. Empty for every network that is used for more than checks; see `examine_network`."""
    outlines: Outlines = field(default_factory=Outlines)
    """Rings of longitude and latitude by region id, from `outlines.json`; empty if the folder lacks it."""

    @property
    def regions(self) -> list[str]:
        """Region ids in file order."""
        return [str(region) for region in self.tables["regions"]["id"]]

    @property
    def zones(self) -> list[str]:
        """Zone of each region."""
        return [str(zone) for zone in self.tables["regions"]["zone"]]

    @property
    def places(self) -> Regions:
        """Regions with names, zones, centres and time zone."""
        return regions_of_table(self.tables["regions"], self.timezone)

    @property
    def timezone(self) -> str:
        """Time zone of `network.toml`, UTC without one."""
        return UTC_NAME if self.about is None else self.about.timezone

    @property
    def week(self) -> tuple[str, ...]:
        """Kind of each day, Monday first."""
        return WEEK if self.about is None else self.about.week

    @property
    def frequency_hz(self) -> float:
        """Nominal frequency of `network.toml`, 50 Hz without one. [Hz]"""
        return 50.0 if self.about is None else self.about.frequency_hz

    @property
    def own_technologies(self) -> tuple[str, ...]:
        """Technologies that `technologies.csv` lists, in its order."""
        return tuple(map(str, self.tables["technologies"]["id"])) if "technologies" in self.tables else ()

    @property
    def technologies(self) -> tuple[str, ...]:
        """Technologies that its generators can have: those of the vocabulary, then its own."""
        return (*TECHNOLOGIES, *self.own_technologies)

    @property
    def gas_fired(self) -> tuple[str, ...]:
        """Technologies that a `fuel` limit reaches."""
        if not self.own_technologies:
            return GAS_FIRED
        own = self.tables["technologies"]
        return (*GAS_FIRED, *map(str, own["id"][own["gas_fired"].to_numpy(dtype=bool)]))

    @property
    def country(self) -> str:
        """Name of the country in `network.toml`; without one the prefix that all region ids share, or an empty text."""
        if self.about is not None:
            return self.about.country
        prefixes = {region.split("-")[0] for region in self.regions if "-" in region}
        whole = len(prefixes) == 1 and all("-" in region for region in self.regions)
        return prefixes.pop() if whole else ""
