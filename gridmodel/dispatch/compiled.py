"""Loops that numba compiles where it is installed; compiled code is kept until one of its source modules changes.

numba keeps compiled code beside the module of a function, under the name of the function, and drops it when the file of
that module has another size or time. That overlooks an edit of another module whose numbers are compiled in, and an
installation that gives every file the same time. The name of a compiled function therefore ends with a digest of all
modules that it is compiled from.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]


def compiler(*modules: str) -> Callable[[Function | None], Decorator]:
    """Return a decorator that compiles functions.

    Parameters
    ----------
    modules
        Paths of all modules whose functions, constants and records are compiled in, the functions' own included.

    Returns
    -------
    Callable
        Called with the numpy twin of a function, or with None, it returns a decorator: this compiles the function, or
        puts its twin, if any, in its place where numba is not installed.
    """
    try:
        from numba import njit
    except ImportError:
        return lambda twin: lambda function: twin or function
    digest = digest_of(*modules, __file__)

    def compiled(_twin: Function | None) -> Decorator:
        def decorate(function: Function) -> Function:
            function.__qualname__ += f"_{digest}"
            made: Function = njit(cache=True, error_model="numpy")(function)
            return made

        return decorate

    return compiled


def available() -> bool:
    """Return whether numba is installed."""
    return find_spec("numba") is not None


def digest_of(*modules: str) -> str:
    """Compute a digest of what files contain, 12 hexadecimal digits."""
    parts = [sha256(Path(module).read_bytes()).digest() for module in modules]
    return sha256(b"".join(parts)).hexdigest()[:12]
