"""A network file of any known kind as plain tables: what a file is, is told by what stands in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gridmodel.errors import InputError, Problems
from gridmodel.interchange.readers import matpower, pp_json, pp_tables, pypsa
from gridmodel.interchange.readers.guard import fault
from gridmodel.network.plain import PlainNet

KNOWN = "a folder of our own tables, pandapower JSON, Excel or CSV, MATPOWER .m, a PyPSA folder of CSV or NetCDF file"
"""What can be read, in words."""
_REFUSED = (
    (b"\x80", "looks like a pickle, which can run code: it is never read"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel file (.xls): save it as .xlsx"),
    (b"SQLite format 3", "is a database: save the network as JSON"),
    (b"\x1f\x8b", "is compressed: unpack it first"),
    (b"BZh", "is compressed: unpack it first"),
    (b"\xfd7zXZ", "is compressed: unpack it first"),
)
"""First bytes of files that are not read, and why."""

_Reader = Callable[..., PlainNet]


def read_plain(path: Path, problems: Problems) -> PlainNet:
    """Read a network file or folder of another program.

    Parameters
    ----------
    path
        pandapower JSON, Excel, or folder of CSV; MATPOWER case; PyPSA folder or NetCDF file.
    problems
        Collects what is wrong with its tables.

    Returns
    -------
    PlainNet
        Tables by pandapower's names.

    Raises
    ------
    InputError
        If it is none of the known formats, breaks a limit, or has errors that leave nothing to look at.
    """
    return _reader_of(path)(path, problems, shown=path.name)


def _reader_of(path: Path) -> _Reader:
    """Return the reader for a path.

    Raises
    ------
    InputError
        If there is none.
    """
    if path.is_dir():
        return _reader_of_folder(path)
    try:
        with path.open("rb") as stream:
            magic = stream.read(400)
    except OSError as error:
        raise InputError(fault(path.name, f"cannot be read: {error.strerror}")) from None
    if not magic.strip():
        raise InputError(fault(path.name, "is empty"))
    for start, message in _REFUSED:
        if magic.startswith(start):
            raise InputError(fault(path.name, message))
    text = magic.removeprefix(b"\xef\xbb\xbf").lstrip()
    for reader, starts, suffix in _KINDS:
        if text.startswith(starts) or path.suffix.lower() == suffix:
            return reader
    raise InputError(fault(path.name, f"is no network file that is known: {KNOWN}"))


_KINDS: tuple[tuple[_Reader, tuple[bytes, ...], str], ...] = (
    (pp_tables.read_excel, (b"PK",), ".xlsx"),
    (pypsa.read_pypsa, (b"CDF", b"\x89HDF"), ".nc"),
    (matpower.read_matpower, (b"function", b"mpc."), ".m"),
    (pp_json.read_json, (b"{", b"["), ".json"),
)
"""Readers, with how their files begin or end."""


def _reader_of_folder(path: Path) -> _Reader:
    """Return the reader for a folder that is not of our own tables.

    Raises
    ------
    InputError
        If there is none.
    """
    names = {file.name for file in path.iterdir()}
    if "bus.csv" in names:
        return pp_tables.read_csv_folder
    if "buses.csv" in names and {"network.csv", "snapshots.csv"} & names:
        return pypsa.read_pypsa
    raise InputError(fault(path.name, "holds no tables of a network", f"known: {KNOWN}"))
