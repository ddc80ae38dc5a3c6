"""The one way to write a file: made beside its place under a name that nobody can guess, then swapped in.

Whatever stops the writing (a full disk, a signal, a power cut) leaves the old content as it was. A link at the place is
replaced, never followed: a folder may come from a stranger.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

try:
    from fcntl import LOCK_EX, LOCK_NB, flock

    CAN_LOCK = True
except ImportError:  # Windows; what a killed process leaves behind stays there
    CAN_LOCK = False

LEFTOVER = ".gridmodel-writing-"
"""Beginning of the names of folders in which files are made."""
_OLD, _NEW = "old", "new"
_TRIES, _PAUSE_S = 20, 0.05
"""Attempts to remove a folder in use, and the time between them. Ours: a second in all."""


@contextmanager
def replaced(path: Path, *, new: bool = False) -> Iterator[Path]:
    """Yield the path at which to write a file; afterwards it is moved to its place, or on an error removed.

    Parameters
    ----------
    path
        Place of the file. A pipe or device there is written to once the file is made elsewhere: few libraries can
        write to one.
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
        with tempfile.TemporaryDirectory(prefix=LEFTOVER) as work:
            made = Path(work) / path.name
            yield made
            with made.open("rb") as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
        return
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(21, "Is a directory", str(path))
    with beside(path.parent) as work:
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


@contextmanager
def replaced_folder(target: Path, *, last: str = "") -> Iterator[Path]:
    """Yield an empty folder to be filled; afterwards it takes the place of a folder, or on an error disappears.

    What is in the place until then stays as it is. The swap is two renames; if the process dies between them, the next
    one that writes there puts the old folder back. The working folder cannot be moved away, so its files are
    replaced one by one.

    Parameters
    ----------
    target
        Place of the folder: free, or a folder that may be replaced as a whole. Its parents are made.
    last
        Name of the file that is put in place after all others, where they are replaced one by one.
    """
    place = target.resolve() if target.is_symlink() else target
    with parents_made(place), beside(place.parent) as work:
        made = work / _NEW / place.name
        made.mkdir(parents=True)
        made.parent.chmod(0o755)
        yield made
        for path in sorted(made.rglob("*")):
            _flush(path)
        if not place.is_dir():
            made.rename(place)
        elif Path.cwd().is_relative_to(place):
            _one_by_one(made, place, last)
        else:
            _swap(made, place, work / _OLD)
        _flush(place.parent)


def _swap(made: Path, place: Path, old: Path) -> None:
    """Exchange a folder by two renames; if the second fails, the first is undone."""
    old.mkdir()
    place.rename(old / place.name)
    try:
        made.rename(place)
    except BaseException:
        (old / place.name).rename(place)
        raise


def _one_by_one(made: Path, place: Path, last: str) -> None:
    """Replace what is in a folder by what is in another; each file is swapped in at once."""
    for path in sorted(made.iterdir(), key=lambda path: path.name == last):
        there = place / path.name
        if there.is_dir() and not there.is_symlink():
            shutil.rmtree(there)
        path.replace(there)


@contextmanager
def parents_made(place: Path) -> Iterator[None]:
    """Make the parents of a place; those that were made are removed again on an error."""
    missing = [path for path in place.parents if not path.exists()]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for path in missing:
            with suppress(OSError):
                path.rmdir()
        raise


def write_text(path: Path, text: str, *, encoding: str = "utf-8", new: bool = False) -> None:
    """Write a text, see `replaced`; line ends stay as they are.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with replaced(path, new=new) as made, made.open("w", encoding=encoding, newline="") as out:
        out.write(text)


def write_many(folder: Path, texts: Iterable[tuple[str, str]]) -> int:
    """Write many files into a folder, which is made: first all beside their places, then swapped in one by one.

    They are flushed to the disk together, since a flush of each would take most of the time.

    Parameters
    ----------
    folder
        The folder.
    texts
        Name and text of each file.

    Returns
    -------
    int
        Number of files.

    Raises
    ------
    OSError
        If they cannot be written; nothing has changed then, unless it was while they were swapped in.
    """
    with parents_made(folder / "files"), beside(folder) as work:
        names = []
        for name, text in texts:
            (work / name).write_text(text, encoding="utf-8", newline="")
            names.append(name)
        if hasattr(os, "sync"):
            os.sync()
        for name in names:
            (work / name).replace(folder / name)
        _flush(folder)
    return len(names)


def _is_special(path: Path) -> bool:
    """Return whether a path leads to a pipe or a device, such as /dev/stdout."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@contextmanager
def beside(parent: Path) -> Iterator[Path]:
    """Yield a new folder of an unpredictable name in a folder, locked while it is in use, and remove it afterwards."""
    clear_leftovers(parent)
    work, handle = _own_folder(parent)
    try:
        yield work
    finally:
        _remove(work)
        if handle is not None:
            os.close(handle)


def _remove(work: Path) -> None:
    """Remove a folder, in which other threads may write for a moment after one of them has failed."""
    for _ in range(_TRIES):
        shutil.rmtree(work, ignore_errors=True)
        if not os.path.lexists(work):
            return
        time.sleep(_PAUSE_S)


def swap_in(data: bytes, path: Path, work: Path) -> None:
    """Write one file of many: made in a folder that `beside` gave, then moved to its place.

    Nothing is flushed to the disk, since many small flushes are slow: whoever reads the file compares its hash.

    Parameters
    ----------
    data
        Content.
    path
        Place of the file, on the same file system as the folder; its parents are made.
    work
        Folder in which it is made.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    made = work / uuid4().hex
    with made.open("xb") as out:
        out.write(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.replace(path)


def _own_folder(parent: Path) -> tuple[Path, int | None]:
    """Make a folder of an unpredictable name and lock it, before another process takes it for a leftover."""
    while True:
        work = Path(tempfile.mkdtemp(prefix=LEFTOVER, dir=parent))
        try:
            handle = _lock(work)
        except FileNotFoundError:  # another process has cleared it already
            continue
        except BlockingIOError:  # another process is about to
            continue
        if handle is None or os.fstat(handle).st_nlink:
            return work, handle
        os.close(handle)


def _lock(folder: Path) -> int | None:
    """Lock a folder until the process ends or closes the handle; None on a file system without locks.

    Raises
    ------
    BlockingIOError
        If another process has locked it.
    """
    if not CAN_LOCK:
        return None
    handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
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
    if handle is None:  # it cannot be known whether it is in use
        return
    try:
        for moved in (left / _OLD).iterdir() if (left / _OLD).is_dir() else ():
            if not os.path.lexists(parent / moved.name):
                moved.rename(parent / moved.name)
        shutil.rmtree(left, ignore_errors=True)
    except OSError:  # what is left over stays, and the next writer tries again
        return
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
