"""Every network format, found in `gridmodel.interchange.formats`; how a file is recognised; lists for help and docs."""

from __future__ import annotations

import pkgutil
import struct
import zipfile
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from gridmodel.errors import InputError
from gridmodel.interchange import formats
from gridmodel.interchange.format import Content, Format
from gridmodel.interchange.kinds import KINDS
from gridmodel.interchange.readers.guard import MAX_PARTS, fault

OURS = "gridmodel"
"""Name of the format of our own tables, which every folder is taken as that no other format marks."""


def collect(declared: Iterable[Format]) -> dict[str, Format]:
    """Return formats by name: our own first, those that are only written last.

    Raises
    ------
    ValueError
        If two formats share a name, the suffix of a file that is written, or the mark of a folder.
    """
    found = sorted(declared, key=lambda form: (form.name != OURS, form.read is None))
    for what, values in (
        ("name", [form.name for form in found]),
        ("suffix", [form.suffix for form in found if form.suffix and form.write is not None]),
        ("mark", [mark for form in found for mark in form.marks]),
    ):
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"two network formats have the {what} {twice[0]!r}")
    return {form.name: form for form in found}


FORMATS = collect(
    form
    for module in pkgutil.iter_modules(formats.__path__, f"{formats.__name__}.")
    for form in import_module(module.name).FORMATS
)
"""Every format, by name."""
READ = {name: form for name, form in FORMATS.items() if form.read is not None}
"""Formats that are read."""
WRITTEN = {name: form for name, form in FORMATS.items() if form.write is not None}
"""Formats that are written."""
WRITERS = {name: form.write for name, form in FORMATS.items() if form.write is not None}
"""Writers of these formats, by name."""
KNOWN = ", ".join(form.described for form in READ.values())
"""Formats that are read, in words."""

_REFUSED = (
    (b"\x80", "looks like a pickle, which can run code: it is never read"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel file (.xls): save it as .xlsx"),
    (b"SQLite format 3", "is a database: save the network as JSON"),
    (b"\x1f\x8b", "is compressed: unpack it first"),
    (b"BZh", "is compressed: unpack it first"),
    (b"\xfd7zXZ", "is compressed: unpack it first"),
)
"""First bytes of files that are not read, and why."""


def format_of(path: Path) -> Format:
    """Return the format of a file or folder, by its content; a file whose content says nothing, by its suffix.

    Raises
    ------
    InputError
        If it cannot be read, or is not of a known format.
    """
    if path.is_dir():
        marked = (form for form in READ.values() if any((path / mark).exists() for mark in form.marks))
        return next(marked, FORMATS[OURS])
    content = _first_bytes(path)
    for start, message in _REFUSED:
        if content.startswith(start):
            raise InputError(fault(path.name, message))
    if content.startswith(b"PK"):
        return _of_archive(path)
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    suffix = path.suffix.lower()
    second = text.partition(b"\n")[2]
    by_content = [
        form
        for form in READ.values()
        if text.startswith(form.starts or b"\0never") or (form.second_line and second.startswith(form.second_line))
    ]
    by_suffix = [form for form in READ.values() if form.suffix and form.suffix == suffix]
    for form in (*(form for form in by_suffix if form in by_content), *by_content, *by_suffix):
        return form
    raise InputError(fault(path.name, f"is not a known network file; known are {KNOWN}"))


def _of_archive(path: Path) -> Format:
    """Return the format of an archive by what is in it; a broken one is that of its suffix, whose reader says so.

    Raises
    ------
    InputError
        If no network is in it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[: MAX_PARTS + 1]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, struct.error) as error:
        if path.suffix.lower() == ".xlsx":
            return FORMATS["pandapower-excel"]
        raise InputError(fault(path.name, f"is a broken archive: {error}")) from None
    if any(name.startswith("xl/") for name in names) or path.suffix.lower() == ".xlsx":
        return FORMATS["pandapower-excel"]
    if any(name.lower().endswith(".xml") for name in names):
        return FORMATS["cgmes"]
    raise InputError(fault(path.name, "is a ZIP archive without an Excel book or CGMES profiles", "unpack it first"))


def _first_bytes(path: Path) -> bytes:
    """Return enough of a file to recognise it.

    Raises
    ------
    InputError
        If it cannot be read, or is empty.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(400)
    except OSError as error:
        raise InputError(fault(path.name, f"cannot be read: {error.strerror}")) from None
    if not content.strip():
        raise InputError(fault(path.name, "is empty"))
    return content


def read_table() -> list[str]:
    """Return the lines of the documentation's table of formats that are read."""
    lines = ["| format | recognised by | what is read |", "|---|---|---|"]
    for form in READ.values():
        bytes_too = ", or its first bytes" if form.starts else ""
        bytes_too = f", or `{form.second_line.decode()}` in its second line" if form.second_line else bytes_too
        told = [f"`{form.suffix}`{bytes_too}"] if form.suffix else [f"`{mark}` in it" for mark in form.marks]
        needs = f" (needs `gridmodel[{form.extra}]`)" if form.extra else ""
        lines.append(f"| {form.described}{needs} | {' or '.join(told) or 'none of the files below'} | {form.reads} |")
    return lines


def written_table() -> list[str]:
    """Return the lines of the documentation's table of formats that are written."""
    lines = ["| `--to` | TO |", "|---|---|"]
    for form in WRITTEN.values():
        needs = f" (needs `gridmodel[{form.extra}]`)" if form.extra else ""
        lines.append(f"| `{form.name}` | {form.described}{needs} |")
    return lines


def kept_table() -> list[str]:
    """Return the lines of the documentation's table of what each program's files keep."""
    contents: list[Content] = []
    for form in WRITTEN.values():
        if form.content is not None and form.content not in contents:
            contents.append(form.content)
    lines = [f"| | {' | '.join(content.title for content in contents)} |", "|---" * (len(contents) + 1) + "|"]
    for key, kind in KINDS.items():
        lines.append(f"| {kind.what} | {' | '.join(content.fate(key) for content in contents)} |")
    return lines
