"""Reader of pandapower's tables as a folder of CSV files, as `gridmodel network convert` writes them."""

from __future__ import annotations

from pathlib import Path

from gridmodel.errors import InputError, Problems
from gridmodel.inputs.tables import read_rows, read_text
from gridmodel.interchange.readers.guard import MAX_COLUMNS, MAX_ROWS, MAX_TABLES, MAX_VALUES, fault
from gridmodel.interchange.readers.pandapower_tables import Sheet, net_of, table_of
from gridmodel.network.plain import PlainNet

NET_FILE = "net"
"""CSV file of single values: columns `key` and `value`."""


def read_csv_folder(path: Path, problems: Problems, *, shown: str) -> PlainNet:
    """Read pandapower's tables from a folder with one CSV file per table, as `gridmodel network convert` writes them.

    Raises
    ------
    InputError
        If the folder as a whole cannot be read.
    """
    files = {file.stem: file for file in sorted(path.glob("*.csv"))}
    if len(files) > MAX_TABLES:
        raise InputError(fault(shown, f"has more than {MAX_TABLES} tables"))
    values, tables, lines = {}, {}, {}
    for name, file in files.items():
        label = f"{shown}/{file.name}"
        header, rows = _csv(path, file, problems, label=label)
        if name == NET_FILE:
            values = {row[0]: row[1] for _, row in rows if len(row) == 2}
        elif header and not name.startswith("res_"):
            found = table_of(name, header, rows, problems, label=label, texts=True)
            if found is not None and len(found):
                tables[name], lines[name] = found, [line for line, _ in rows]
    plain = net_of(path, shown, values, tables, lines=lines, problems=problems)
    plain.labels.update({name: f"{shown}/{name}.csv" for name in files})
    return plain


def _csv(path: Path, file: Path, problems: Problems, *, label: str) -> Sheet:
    """Return header and rows of a CSV file; empty, with the problem noted, if it cannot be read."""
    if not file.is_file() or not file.resolve().is_relative_to(path.resolve()):
        problems.add("leads outside the folder, or is not a file", table=label)
        return [], []
    text = read_text(file, problems, shown=label)
    header, rows = read_rows(text, problems, shown=label) if text is not None else ([], [])
    if len(rows) > MAX_ROWS or len(header) > MAX_COLUMNS or len(rows) * len(header) > MAX_VALUES:
        problems.add(f"has more than {MAX_ROWS:,} rows, {MAX_COLUMNS} columns or {MAX_VALUES:,} values", table=label)
        return [], []
    return list(header), [(line, list(cells)) for line, cells in rows]
