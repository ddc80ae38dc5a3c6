"""Processes of a study: signals of a terminal are for the one that began them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

from gridmodel.errors import GridModelError


class StudyStoppedError(GridModelError):
    """A study that ended early; what it has reached is kept where it has a place for that."""


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C and the word that the terminal was closed for a moment, until workers have started or ended.

    A terminal sends them to every process of a study. Workers that start while they are held never see one, so that
    they do not die of it with their traceback on the screen; this process ends them.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it lifts the mask of the thread that starts it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
