"""pandapower's files: JSON, Excel, and a folder of CSV."""

from __future__ import annotations

from gridmodel.interchange.format import Content, Format
from gridmodel.interchange.readers.pandapower_csv import read_csv_folder
from gridmodel.interchange.readers.pandapower_excel import read_excel
from gridmodel.interchange.readers.pandapower_json import read_json
from gridmodel.interchange.writers.pandapower import write_excel, write_folder, write_json

_ALL = Content(title="pandapower (JSON, Excel, CSV)", fates={})

FORMATS = (
    Format(
        name="pandapower-json", title="pandapower JSON", suffix=".json", starts=(b"{", b"["),
        reads="versions since 1.6; every plain table, without results",
        read=read_json, write=lambda source, path: write_json(source.plain, path), content=_ALL,
    ),
    Format(
        name="pandapower-excel", title="pandapower Excel", suffix=".xlsx", starts=(b"PK",),
        reads="the same, sheet by sheet",
        read=read_excel, write=lambda source, path: write_excel(source.plain, path), content=_ALL, extra="files",
    ),
    Format(
        name="pandapower-csv", title="pandapower CSV", marks=("bus.csv",),
        reads="the same, one file per table, with element numbers in the first column",
        read=read_csv_folder, write=lambda source, path: write_folder(source.plain, path), content=_ALL,
    ),
)  # fmt: skip
