"""Formats of transmission operators, read through PowSyBl."""

from __future__ import annotations

from gridmodel.interchange.format import Format
from gridmodel.interchange.readers.powsybl import read_powsybl

_READS = "buses, branches, transformers at their tap, generators, loads, shunts, direct-current lines, permanent limits"

FORMATS = tuple(
    Format(name=name, title=title, suffix=suffix, starts=starts, reads=reads, read=read_powsybl, extra="interchange")
    for name, title, suffix, starts, reads in (
        ("cgmes", "CGMES", ".zip", (b"PK",), f"profiles in one archive: {_READS}"),
        ("psse", "PSS/E", ".raw", (), "the same, from versions 32, 33 and 35"),
        ("ucte", "UCTE", ".uct", (b"##C", b"##ZZ"), "the same"),
        ("xiidm", "IIDM", ".xiidm", (b"<?xml",), "the same"),
        ("ieee-cdf", "IEEE-CDF", ".cdf", (), "the same"),
    )
)
"""None is written."""
