"""GeoJSON (RFC 7946): written for maps, not read."""

from __future__ import annotations

from gridmodel.interchange.format import LOST, Content, Format
from gridmodel.interchange.writers.geojson import write_geojson

_LOST = (
    "power_flow", "source_names", "standard_types", "our_tables", "our_columns", "voltage_dependent_loads", "loads_out",
    "technologies", "costs", "squared_costs", "constant_costs", "other_costs", "reactive_limits", "switches", "taps",
    "conductance", "one_way", "shared_shunts", "wards", "more_references", "reference_angles", "frequency",
    "foreign_tables", "foreign_columns",
)  # fmt: skip

FORMATS = (
    Format(
        name="geojson", title="GeoJSON", suffix=".geojson",
        write=lambda source, path: write_geojson(source.net, path),
        content=Content(
            title="GeoJSON",
            fates={
                **dict.fromkeys(_LOST, LOST),
                "need": "sum of demand at each bus",
                "shared_loads": "in one sum",
            },
        ),
    ),
)  # fmt: skip
