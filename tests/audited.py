"""What this process does, told to those who watch: a hook of audit events cannot be removed, and each costs at every event."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_watching: list[Callable[[str, tuple[Any, ...]], None]] = []


def _tell(event, args):
    for watch in _watching:
        watch(event, args)


@cache
def _begin():
    sys.addaudithook(_tell)


@contextmanager
def watched(watch: Callable[[str, tuple[Any, ...]], None]) -> Iterator[None]:
    """Have a function told of every audit event inside."""
    _begin()
    _watching.append(watch)
    try:
        yield
    finally:
        _watching.remove(watch)
