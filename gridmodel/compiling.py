"""Compiling of loops with numba: what was kept and is damaged is made anew, and the wait of a first time is told.

Nothing here imports numba before a loop is called.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, cast

Function = Callable[..., Any]

FIRST_TIME = "Compiling loops, which takes up to a minute: it is done once, and what is compiled is kept."
DAMAGED = "compiled loops that were kept are damaged ({}) and are made anew, which takes up to a minute"
UNKEPT = (
    "compiled loops cannot be kept ({}), so that each run compiles them: "
    "set NUMBA_CACHE_DIR to a folder that can be written to"
)

log = logging.getLogger(__name__)


class _Teller:
    """Messages of a process on compiling, each of them once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def first_time(self) -> None:
        """Tell of the wait, on the error stream unless logging is set up; workers leave it to who started them."""
        from multiprocessing import parent_process

        if self._is_new(FIRST_TIME) and parent_process() is None:
            log.warning(FIRST_TIME)

    def warn(self, message: str, reason: str) -> None:
        """Warn of a store of compiled code, whichever function it is of."""
        if self._is_new(message):
            warnings.warn(message.format(reason), stacklevel=2)

    def _is_new(self, message: str) -> bool:
        new = message not in self._said
        self._said.add(message)
        return new


_teller = _Teller()


def compiled(function: Function) -> Function:
    """Return a function that numba compiles when it is called, and keeps for later processes.

    Warns
    -----
    UserWarning
        If nothing can be kept, or what was kept is damaged.
    """
    from numba import njit

    made = njit(error_model="numpy")(function)
    try:
        made._cache = _kept()(function)  # noqa: SLF001 - as `cache=True` does
    except RuntimeError as error:  # no folder can be written to
        _teller.warn(UNKEPT, str(error))
    return cast("Function", made)


@cache
def _kept() -> type[Any]:
    """Return numba's store of the compiled code of a function, one that survives damage."""
    from numba.core.caching import FunctionCache

    class Kept(FunctionCache):  # type: ignore[misc] # no types in numba
        def load_overload(self, sig: Any, target_context: Any) -> Any:  # noqa: ANN401 - no types in numba
            """Return what is kept for some types of arguments, None for nothing."""
            try:
                found = super().load_overload(sig, target_context)
                if found is None and not self._cache_file._load_index():  # noqa: SLF001 - not even for other types
                    _teller.first_time()
            except Exception as error:  # noqa: BLE001 - unpickling raises whatever the bytes ask for
                _teller.warn(DAMAGED, f"{type(error).__name__}: {error}")
                self._change(self.flush)
                return None
            return found

        def save_overload(self, sig: Any, data: Any) -> None:  # noqa: ANN401 - no types in numba
            """Keep what is compiled for some types of arguments."""
            self._change(lambda: super(Kept, self).save_overload(sig, data))

        @staticmethod
        def _change(change: Callable[[], None]) -> None:
            try:
                change()
            except OSError as error:  # a full disk, say
                _teller.warn(UNKEPT, str(error))

    return Kept
