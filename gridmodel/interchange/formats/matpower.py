"""MATPOWER cases."""

from __future__ import annotations

from gridmodel.interchange.format import LOST, Content, Format
from gridmodel.interchange.readers.matpower import read_matpower
from gridmodel.interchange.writers.matpower import write_matpower

_LOST = (
    "branch_names", "source_names", "bus_places", "line_routes", "line_lengths", "standard_types", "regions",
    "region_table", "our_tables", "our_columns", "need", "loads_out", "other_costs", "frequency", "foreign_tables",
    "foreign_columns",
)  # fmt: skip

FORMATS = (
    Format(
        name="matpower", title="MATPOWER", suffix=".m", starts=(b"function", b"mpc."),
        reads="version 2, plain matrices of numbers: bus, gen, branch, dcline, and gencost",
        read=read_matpower,
        write=lambda source, path: write_matpower(source.bus_branch, path, name=source.name),
        content=Content(
            title="MATPOWER",
            fates={
                **dict.fromkeys(_LOST, LOST),
                "parallel": "one branch for all of them",
                "zones": "numbered unless they are numbers",
                "shared_loads": "in one sum",
                "voltage_dependent_loads": "as constant power: the AC flow differs",
                "dead_buses": "out of service",
                "switches": "closed ones merge buses, open ones leave an end open",
                "three_windings": "three with two windings, around a bus of their own",
                "taps": "the ratio that is set",
                "conductance": "shunts at the ends: a DC flow counts them as load",
                "one_way": "as forward: the AC flow differs",
                "shared_shunts": "in one sum",
                "wards": "the power that is set",
                "dc_links": "a generator at either end",
            },
        ),
    ),
)  # fmt: skip
