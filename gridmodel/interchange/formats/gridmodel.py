"""A folder of our own tables."""

from __future__ import annotations

from pathlib import Path

from gridmodel.errors import Problems
from gridmodel.interchange.format import LOST, Content, Format
from gridmodel.interchange.source import Source
from gridmodel.interchange.writers.own_tables import write_own, write_tables_of
from gridmodel.network.read import Network, read_network


def _read(path: Path, problems: Problems, *, shown: str) -> Network:  # noqa: ARG001 - raises every problem itself
    return read_network(path)


def _write(source: Source, path: Path) -> list[str] | None:
    if isinstance(source.found, Network):
        write_own(source.found, path)
        return None
    return write_tables_of(source.net, path)


_LOST = (
    "line_routes", "standard_types", "voltage_dependent_loads", "loads_out", "dead_buses", "squared_costs",
    "constant_costs", "other_costs", "reactive_limits", "switches", "three_windings", "taps", "one_way", "impedances",
    "wards", "dc_links", "more_references", "reference_angles", "frequency", "foreign_tables", "foreign_columns",
)  # fmt: skip

FORMATS = (
    Format(
        name="gridmodel", title="our own tables", reads="everything: see [tables](tables.md)", read=_read, write=_write,
        content=Content(
            title="our own tables", fates={**dict.fromkeys(_LOST, LOST), "duplicate_names": "refused"},
        ),
    ),
)  # fmt: skip
