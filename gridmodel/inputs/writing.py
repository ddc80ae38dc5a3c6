"""The one way to write a file: made beside its place under a name that nobody can guess, then swapped in.

Whatever stops the writing (a full disk, a signal, a power cut) leaves the old content as it was. A link at the place is
replaced, never followed: a folder may come from a stranger.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    from fcntl import LOCK_EX, LOCK_NB, flock

    CAN_LOCK = True
except ImportError:  # Windows; what a killed process leaves behind stays there
    CAN_LOCK = False

LEFTOVER = ".gridmodel-writing-"
"""Beginning of the names of folders in which files are made."""
_OLD, _NEW = "old", "new"


@contextmanager
def replaced(path: Path, *, new: bool = False) -> Iterator[Path]:
    """Yield the path at which to write a file; afterwards it is moved to its place, or on an error removed.

    Parameters
    ----------
    path
        Place of the file. A pipe or device there is written to directly.
    new
        Whether the place must be free; what is there, a link included, is then left alone.

    Raises
    ------
    FileExistsError
        If the place must be free and is not.
    IsADirectoryError
        If a folder is there.
    """
    if new and os.path.lexists(path):
        raise FileExistsError(17, "File exists", str(path))
    if _is_special(path):
        yield path
        return
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(21, "Is a directory", str(path))
    with _beside(path.parent) as work:
        made = work / path.name
        yield made
        _flush(made)
        if new:
            _put_new(made, path)
        else:
            made.replace(path)
        _flush(path.parent)


def _put_new(made: Path, path: Path) -> None:
    """Move a file to a place that must be free, even if another process fills it at this moment.

    Raises
    ------
    FileExistsError
        If it is not free.
    """
    try:
        path.hardlink_to(made)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise FileExistsError(17, "File exists", str(path)) from None
        made.rename(path)


def write_text(path: Path, text: str, *, encoding: str = "utf-8", new: bool = False) -> None:
    """Write a text, see `replaced`; line ends stay as they are.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with replaced(path, new=new) as made, made.open("w", encoding=encoding, newline="") as out:
        out.write(text)


def _is_special(path: Path) -> bool:
    """Return whether a path leads to a pipe or a device, such as /dev/stdout."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@contextmanager
def _beside(parent: Path) -> Iterator[Path]:
    """Yield a new folder of an unpredictable name in a folder, locked while it is in use, and remove it afterwards."""
    clear_leftovers(parent)
    work = Path(tempfile.mkdtemp(prefix=LEFTOVER, dir=parent))
    handle = _lock(work)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _lock(folder: Path) -> int | None:
    """Lock a folder until the process ends or closes the handle; None if another has locked it, or it cannot be."""
    if not CAN_LOCK:
        return None
    handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def clear_leftovers(parent: Path) -> None:
    """Remove what killed processes of this user left in a folder; what they had moved away for a moment is put back."""
    try:
        names = [name for name in os.listdir(parent) if name.startswith(LEFTOVER)]  # noqa: PTH208 - a list, at once
    except OSError:
        return
    for name in names:
        _clear(parent / name, parent)


def _clear(left: Path, parent: Path) -> None:
    try:
        found = left.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return
        handle = _lock(left)
    except (OSError, AttributeError):
        return
    if handle is None:  # in use
        return
    try:
        for moved in (left / _OLD).iterdir() if (left / _OLD).is_dir() else ():
            if not os.path.lexists(parent / moved.name):
                moved.rename(parent / moved.name)
        shutil.rmtree(left, ignore_errors=True)
    except OSError:
        pass
    finally:
        os.close(handle)


def _flush(path: Path) -> None:
    """Have the system write a file or folder to its disk, so that a power cut after the swap loses nothing.

    Raises
    ------
    OSError
        If the disk fails.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # a folder that may be written but not read
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise
    finally:
        os.close(handle)


_NO_FSYNC = {22, 95}
"""Errors of file systems that cannot flush a folder: EINVAL, EOPNOTSUPP."""
