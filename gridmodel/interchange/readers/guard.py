"""Limits checked before a file is parsed: size, depth, number of values, unpacked size of an archive."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from pathlib import Path

from gridmodel.errors import InputError, Problem

MAX_FILE_BYTES = 40_000_000
"""Largest network file. [byte] Ours: bounds memory and time on hostile files."""
MAX_UNPACKED_BYTES = 64_000_000
"""Largest unpacked size of an Excel file. [byte] Ours: bounds the memory of reading."""
MAX_PACKING = 400
"""Most bytes that one byte of an archive may unpack to. Ours: refuses archives made to swell."""
MAX_PARTS = 2_000
"""Most files in an archive. Ours: bounds time on hostile files."""
MAX_VALUES = 2_000_000
"""Most values in one table. Ours: `MAX_ROWS` rows of ten columns."""
MAX_OUTSIDE = 300_000
"""Most values of a JSON file outside its tables. Ours: room for standard types; bounds memory on hostile files."""
MAX_ROWS = 200_000
"""Most rows of one table. Ours: bounds memory and time on hostile files."""
MAX_LINES = 1_000_000
"""Most lines of a text file. Ours: five tables of `MAX_ROWS`."""
MAX_COLUMNS = 512
"""Most columns of one table. Ours: bounds memory on hostile files."""
MAX_TABLES = 400
"""Most tables of one file. Ours: bounds time on hostile files."""
MAX_TEXT = 20_000
"""Longest text in a cell. [character] Ours: enough for the route of a line with hundreds of points."""


def fault(shown: str, message: str, hint: str = "") -> list[Problem]:
    """Return a problem of a file as a whole."""
    return [Problem(message=message, table=shown, hint=hint)]


def read_bytes(path: Path, shown: str) -> bytes:
    """Return the content of a file within the size limit.

    Raises
    ------
    InputError
        If it is not a file, too large, or cannot be read.
    """
    try:
        if not path.is_file():
            raise InputError(fault(shown, "is not a file"))
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(fault(shown, f"cannot be read: {error.strerror}")) from None
    if len(data) > MAX_FILE_BYTES:
        raise InputError(fault(shown, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB"))
    return data


def decode(data: bytes, shown: str) -> str:
    """Return the text of UTF-8 bytes.

    Raises
    ------
    InputError
        If they are not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start}): save it in that encoding"
        raise InputError(fault(shown, message)) from None


def check_archive(path: Path, shown: str) -> None:
    """Refuse an archive that unpacks to too much, names files outside itself, or declares entities in its XML.

    Raises
    ------
    InputError
        If it does, or is broken.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_parts(parts, shown)
            remaining = MAX_UNPACKED_BYTES
            for part in parts:
                remaining -= _check_part(archive, part, shown, remaining)
    except InputError:
        raise
    except _BROKEN as error:
        raise InputError(fault(shown, f"is a broken archive: {error}")) from None


_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""Errors that `zipfile` raises on a broken or password-protected file."""


def _check_parts(parts: list[zipfile.ZipInfo], shown: str) -> None:
    """Refuse an archive by its list of contents.

    Raises
    ------
    InputError
        If it is too long, unpacks to too much, or leads outside.
    """
    if len(parts) > MAX_PARTS:
        raise InputError(fault(shown, f"contains more than {MAX_PARTS:,} files"))
    if len({part.filename for part in parts}) < len(parts):
        raise InputError(fault(shown, "contains two files of the same name"))
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise InputError(fault(shown, f"unpacks to more than {MAX_UNPACKED_BYTES // 1_000_000} MB"))
    for part in parts:
        if part.file_size > 1_000_000 and part.file_size > MAX_PACKING * max(part.compress_size, 1):
            raise InputError(fault(shown, f"unpacks to more than {MAX_PACKING} times its size"))
        if part.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", part.filename) or ":" in part.filename:
            raise InputError(fault(shown, f"names a file outside itself: {part.filename[:60]}"))


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, shown: str, remaining: int) -> int:
    """Read one part through, and return its size.

    Raises
    ------
    InputError
        If it is larger than the remaining limit, or declares a document type or entities.
    """
    with archive.open(part) as stream:
        content = stream.read(remaining + 1)
    if len(content) > remaining:
        raise InputError(fault(shown, f"unpacks to more than {MAX_UNPACKED_BYTES // 1_000_000} MB"))
    if part.filename.endswith((".xml", ".rels", ".vml")):
        text = content.replace(b"\x00", b"").upper()  # also of UTF-16
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise InputError(fault(shown, f"declares a document type or entities in {part.filename[:60]}"))
    return len(content)
