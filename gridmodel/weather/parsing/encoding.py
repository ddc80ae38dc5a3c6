"""Text of files in the encodings that programs write, and the part of a long one that is wanted."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_BYTES, MAX_CELLS, SAVE_AS, within_lines

LONGEST_BYTES = 2_000_000_000
"""Longest text of which a part is read. [byte] Ours: reports of a station every 20 minutes for a century, twice."""
MOST_LINES = 20_000_000
"""Most lines of it. Ours: as many, with some for days of forty elements."""
LONGEST_LINE = 1_000_000
"""Longest of its lines. [byte]"""
HEAD_LINES = 50
"""First lines, which are kept whatever years they name. Ours: more than any header has."""
UTF_8, UTF_16, LATIN, CYRILLIC = "utf-8-sig", "utf-16", "cp1252", "cp1251"
SURE = "cp1251, all of whose letters are Cyrillic"
NAMES = {LATIN: "Latin-1 (Windows-1252)", CYRILLIC: "Windows-1251"}
"""Names of the encodings that a file does not say itself."""
_CYRILLIC = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъёАБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯЫЭЪЁ"
_SIGNS = "°№«»–—’“”„\u00a0"
"""Signs of Windows-1251 beside letters in tables of people."""
_MIXED = re.compile(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][A-Za-z]")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_HIGH = re.compile(rb"[\xa8\xaa\xaf\xb2-\xb4\xba\xbf-\xff]{3,}")
"""Three letters in a row that Windows-1251 has in Ukrainian words; Latin-1 words seldom have two accents in a row."""


def open_text(
    path: Path, problems: Problems, *, shown: str, years: Sequence[int] = ()
) -> tuple[str, str] | None:  # fmt: skip
    """Return the text of a file and its encoding, unpacked if it is a gzip file; None and a problem if it is not text.

    Parameters
    ----------
    path
        The file.
    problems
        Collects what is wrong.
    shown
        Name of the file in messages.
    years
        Years that are wanted; empty for all. Of a text longer than is read whole, lines that name none of them are
        left blank, so that lines keep their numbers.
    """
    if not path.is_file():
        problems.add("is neither a file nor a folder", table=shown)  # reading a pipe or device may never end
        return None
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
            long = len(content) > MAX_BYTES or _cells(content) > MAX_CELLS
            if long and years and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                content = _lines_of(stream, content, years)
    except _TooLong:
        problems.add(f"is longer than {LONGEST_BYTES // 1_000_000} MB or has too many lines", table=shown)
        return None
    except (OSError, EOFError, zlib.error, ValueError) as error:
        problems.add(f"cannot be read: {getattr(error, 'strerror', None) or error}", table=shown)
        return None
    if len(content) > MAX_BYTES:
        unpacked = " when unpacked" if packed else ""
        hint = "read fewer years at once" if years else "read a part of it: start= and end= (--start, --end)"
        problems.add(f"is larger than {MAX_BYTES // 1_000_000} MB{unpacked}", table=shown, hint=hint)
        return None
    return _decoded(content, problems, shown=shown, filtered=long and bool(years))


def _decoded(content: bytes, problems: Problems, *, shown: str, filtered: bool) -> tuple[str, str] | None:
    """Return a text by its byte-order mark, else UTF-8, else an encoding of one byte per letter."""
    encoding = UTF_16 if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else UTF_8
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding == UTF_16 or _CONTROL.search(content):
            problems.add("is not UTF-8 text", table=shown, hint=SAVE_AS)
            return None
        if _is_cyrillic(content):
            encoding = SURE
            text = content.decode(CYRILLIC)
        else:
            encoding = CYRILLIC if _HIGH.search(content) else LATIN
            text = content.decode(encoding, errors="replace")
    if "\0" in text:  # letters of two or four bytes without a mark, or no text at all
        problems.add("is not UTF-8 text", table=shown, hint=SAVE_AS)
        return None
    whole = text if filtered else within_lines(text, problems, shown=shown)
    return None if whole is None else (whole, encoding)


def _is_cyrillic(content: bytes) -> bool:
    """Return whether a text is in Windows-1251 without doubt, as spreadsheets in Ukrainian save it.

    All letters beyond ASCII must then be Ukrainian or Russian, beside signs such as ° and №, and stand in words of
    their own: Orléans in Latin-1 would be such letters among Latin ones.
    """
    try:
        found = {sign for sign in content.decode(CYRILLIC) if not sign.isascii()}
    except UnicodeDecodeError:
        return False
    words = _HIGH.search(content) is not None and _MIXED.search(content) is None
    return words and bool(found & {*_CYRILLIC}) and not found - {*_CYRILLIC, *_SIGNS}


class _TooLong(Exception):  # noqa: N818 - never leaves this module
    """Text of which not even a part is read."""


def _cells(content: bytes) -> int:
    """Return about how many cells a table has."""
    return content.count(b"\n") + max(content.count(mark) for mark in (b",", b";", b"\t"))


def _lines_of(stream: io.BufferedIOBase, begun: bytes, years: Sequence[int]) -> bytes:
    """Return the lines that name one of some years, the others blank.

    Raises
    ------
    _TooLong
        If the text is longer than any that is read, or what is wanted of it is.
    """
    wanted = re.compile(b"|".join(str(year).encode() for year in years))
    kept: list[bytes] = []
    size, kept_size, number = 0, 0, 0
    for source in (io.BytesIO(begun), stream):
        carry = kept.pop() if number and not kept[-1].endswith(b"\n") else b""  # a line cut in two
        while line := source.readline(LONGEST_LINE):
            line, carry, number = carry + line, b"", number + 1
            size += len(line)
            if size > LONGEST_BYTES or number > MOST_LINES or kept_size > MAX_BYTES:
                raise _TooLong
            chosen = number <= HEAD_LINES or not line.endswith(b"\n") or wanted.search(line)
            kept.append(line if chosen else b"\n")
            kept_size += len(line) if chosen else 1
        if carry:
            kept.append(carry)
    return b"".join(kept)
