"""Files that a process opens."""

import os
from contextlib import contextmanager

from audited import watched

EVENTS = {"open", "os.listdir", "os.scandir", "os.rename", "os.remove", "os.mkdir", "os.symlink"}


@contextmanager
def opened():
    """Paths that are opened, listed, renamed or removed inside."""
    seen = []

    def watch(event, args):
        if event in EVENTS:
            seen.extend(os.fsdecode(one) for one in args[:2] if isinstance(one, str | bytes | os.PathLike))

    with watched(watch):
        yield seen
