"""Formats that are read: the modules of `gridmodel.weather.readers`, found by looking into that folder."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from gridmodel.errors import InputError, Problem
from gridmodel.weather import readers
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, Format

REFUSED = {
    b"PK\x03\x04": "is a ZIP archive: unpack it first",
    b"<!doc": "is a web page, not a table: download the file again",
    b"<html": "is a web page, not a table: download the file again",
}
"""First bytes of files that are not read, and what to do with them."""


@cache
def formats() -> tuple[Format, ...]:
    """Return every format that is read, sorted by name.

    Raises
    ------
    TypeError
        If a module among the readers does not define `FORMAT`.
    """
    found = []
    for module in pkgutil.iter_modules(readers.__path__, f"{readers.__name__}."):
        described = getattr(importlib.import_module(module.name), "FORMAT", None)
        if not isinstance(described, Format):
            message = f"{module.name} does not define FORMAT, a gridmodel.weather.parsing.format.Format"
            raise TypeError(message)
        found.append(described)
    return tuple(sorted(found, key=lambda each: each.name.casefold()))


def detect(file: File) -> Format:
    """Return the format of a file: the one with most evidence, the first by name of several with the same.

    Parameters
    ----------
    file
        Binary formats are asked first; the file is opened as text only where none of them takes it.

    Raises
    ------
    InputError
        If the file is not of any of them.
    """
    for start, message in REFUSED.items():
        if file.magic.lstrip().lower().startswith(start.lower()):
            raise InputError([Problem(message=message, table=file.shown)])
    for binary in (True, False):
        evidence = [(each.detect(file), each) for each in formats() if each.binary is binary]
        most, found = max(evidence, key=lambda pair: pair[0])
        if most > NOT_THIS:
            return found
    known = ", ".join(each.name for each in formats())
    raise InputError([Problem(message=f"is not a known weather file; these are read: {known}", table=file.shown)])
