"""PyPSA networks: a folder of CSV, and NetCDF."""

from __future__ import annotations

from gridmodel.interchange.format import LOST, Content, Format
from gridmodel.interchange.readers.pypsa import read_pypsa
from gridmodel.interchange.writers.pypsa import write_folder, write_netcdf

_LOST = (
    "line_routes", "standard_types", "region_table", "our_tables", "our_columns", "need", "constant_costs",
    "other_costs", "reactive_limits", "reference_angles", "frequency", "foreign_tables", "foreign_columns",
)  # fmt: skip

_BOTH = Content(
    title="PyPSA (CSV, NetCDF)",
    fates={
        **dict.fromkeys(_LOST, LOST),
        "duplicate_names": "numbered",
        "parallel": "one branch for all of them",
        "voltage_dependent_loads": "as constant power: the AC flow differs",
        "dead_buses": "left out, with what is connected to them",
        "switches": "closed ones merge buses, open ones leave an end open",
        "three_windings": "three with two windings, around a bus of their own",
        "taps": "the ratio that is set",
        "one_way": "as forward: the AC flow differs",
        "shared_shunts": "in one sum",
        "wards": "the power that is set",
        "dc_links": "links, with a generator of 0 MW at either end that holds the voltage",
        "more_references": "generators with their output in the AC flow",
    },
)

_READS = (
    "electricity: buses, lines, transformers, their standard types, generators, storage units, loads and shunts, links "
    "within their limits, optimised sizes; the first snapshot and scenario"
)

FORMATS = (
    Format(
        name="pypsa-csv", title="PyPSA CSV", marks=("network.csv", "snapshots.csv"), reads=_READS, read=read_pypsa,
        write=lambda source, path: write_folder(source.bus_branch, path, name=source.name), content=_BOTH,
    ),
    Format(
        name="pypsa-netcdf", title="PyPSA NetCDF", suffix=".nc", starts=(b"CDF", b"\x89HDF"),
        reads="the same, from classic NetCDF or HDF5", read=read_pypsa,
        write=lambda source, path: write_netcdf(source.bus_branch, path, name=source.name), content=_BOTH,
    ),
)  # fmt: skip
