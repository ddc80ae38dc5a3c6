"""Files that a process opens, watched by an audit hook, which cannot be removed and so is added once."""

import os
import sys
from contextlib import contextmanager

_seen: list[list[str]] = []


def _watch(event, args):
    if _seen and event in {"open", "os.listdir", "os.scandir", "os.rename", "os.remove", "os.mkdir", "os.symlink"}:
        _seen[-1].extend(os.fsdecode(one) for one in args[:2] if isinstance(one, str | bytes | os.PathLike))


sys.addaudithook(_watch)


@contextmanager
def opened():
    """Paths that are opened, listed, renamed or removed inside."""
    _seen.append([])
    try:
        yield _seen[-1]
    finally:
        _seen.pop()
