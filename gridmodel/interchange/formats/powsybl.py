"""Formats of transmission operators, read through PowSyBl."""

from __future__ import annotations

from functools import partial

from gridmodel.interchange.format import Format
from gridmodel.interchange.readers.powsybl import read_powsybl

_READS = "buses, branches, transformers at their tap, generators, loads, shunts, direct-current lines, permanent limits"

FORMATS = tuple(
    Format(
        name=name, title=title, suffix=suffix, starts=starts, second_line=second, reads=reads,
        read=partial(read_powsybl, ending=ending), extra="interchange",
    )
    for name, title, suffix, ending, starts, second, reads in (
        ("cgmes", "CGMES", ".zip", ".zip", (b"PK",), b"", f"profiles in one archive: {_READS}"),
        ("psse", "PSS/E", ".raw", ".raw", (), b"", "the same, from versions 32, 33 and 35"),
        ("ucte", "UCTE", ".uct", ".uct", (b"##C", b"##ZZ"), b"", "the same"),
        ("xiidm", "IIDM", ".xiidm", ".xiidm", (b"<?xml",), b"", "the same"),
        ("ieee-cdf", "IEEE-CDF", ".cdf", ".txt", (), b"BUS DATA FOLLOWS", "the same"),
    )
)  # fmt: skip
"""None is written. PowSyBl goes by the ending of a file, which for IEEE-CDF is that of any text."""
