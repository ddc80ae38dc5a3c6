"""Types of arrays, sums that give the same bits for any number of rows, and shares that move between states."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Sequence
from functools import cache, cached_property, update_wrapper
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

EMPTY = 1e-12
"""Share at and below which nobody is in a state or moves. [1] Ours: far below one home, far above rounding."""
NARROW = 6
"""Length of rows up to which a sum goes column by column. Ours: where that was measured to be faster."""
Flow = tuple[int, int, Floats]
"""State that a flow leaves, state that it enters, and share of all that moves, shape ``(member, region)``."""


def single(values: npt.ArrayLike) -> Floats:
    """Return values in single precision, for arrays so large that a step would wait for memory.

    Examples
    --------
    >>> single(1.0).dtype
    dtype('float32')
    """
    return cast("Floats", np.asarray(values, dtype=np.float32))


def any_bit(values: npt.NDArray[Any]) -> bool:
    """Return whether any value differs from the zeros of memory that nobody has written, as -0.0 does.

    Examples
    --------
    >>> any_bit(np.zeros(2)), any_bit(np.array([0.0, -0.0]))
    (False, True)
    """
    return bool(values.view(f"u{values.itemsize}").any())


def row_sum(values: Floats) -> Floats:
    """Return the sum over the last axis, the same bits for any number of rows."""
    width = values.shape[-1]
    if not 0 < width <= NARROW:
        return np.asarray(np.add.reduce(np.ascontiguousarray(values), axis=-1))
    if width == 1:
        return values[..., 0].copy()
    whole = np.asarray(values[..., 0] + values[..., 1])
    for place in range(2, width):  # a few long columns add up faster than many short rows
        whole += values[..., place]
    return whole


def total(values: Floats, axes: int = 1) -> Floats:
    """Return the sum over the first axes, one after the other, the same bits for any number of members and regions.

    Parameters
    ----------
    values
        Shape ``(…, member, region)``.
    axes
        How many axes to sum over.

    Examples
    --------
    >>> total(np.ones((3, 4, 2, 1)), axes=2)
    array([[12.],
           [12.]])
    """
    rest = values.shape[axes:]
    # column by column in memory, numpy would add all but the first and then the first
    flat = np.ascontiguousarray(values.reshape(-1, math.prod(rest)))
    if flat.shape[1] == 1:  # a lone column would be summed in another order
        return np.asarray(np.add.reduce(np.repeat(flat, 2, axis=1), axis=0)[:1]).reshape(rest)
    return np.asarray(np.add.reduce(flat, axis=0)).reshape(rest)


def widened(values: Floats, shape: tuple[int, ...]) -> Floats:
    """Return values of a shape that they broadcast to: themselves where they have it, else a view."""
    return values if values.shape == shape else np.broadcast_to(values, shape)


def for_loops(values: Floats, shape: tuple[int, ...]) -> Floats:
    """Return values of a shape that they broadcast to side by side in memory, the last two axes as one, for loops.

    Examples
    --------
    >>> for_loops(np.array([[1.0], [2.0]]), (3, 2, 2)).shape
    (3, 4)
    """
    if values.shape == shape:
        return (values if values.flags.c_contiguous else np.ascontiguousarray(values)).reshape((*shape[:-2], -1))
    whole = np.empty(shape, values.dtype)
    whole[...] = values
    return whole.reshape(*shape[:-2], -1)


def ratio(part: Floats, whole: Floats, *, empty: float) -> Floats:
    """Return the quotient, and a given value where the whole is not positive.

    Examples
    --------
    >>> ratio(np.array([3.0, 0.0]), np.array([4.0, 0.0]), empty=1.0)
    array([0.75, 1.  ])
    """
    there = whole > 0
    if there.all():
        return np.asarray(part / whole)
    shape = np.broadcast_shapes(part.shape, whole.shape)
    return np.asarray(np.divide(part, whole, out=np.full(shape, empty), where=there))


def above_mean(first: Floats, last: Floats) -> Floats:
    """Mean of what a straight line is above 0, of no more at its start than at its end.

    Examples
    --------
    >>> above_mean(np.array([-1.0, 1.0, -2.0, 0.5]), np.array([1.0, 3.0, -1.0, 0.5]))
    array([0.25, 2.  , 0.  , 0.5 ])
    """
    top, bottom = np.maximum(last, 0.0), np.maximum(first, 0.0)
    rises = last - first
    slanted = (top - bottom) * (top + bottom) / np.where(rises > 0, 2.0 * rises, 1.0)
    return np.where(rises > 0, slanted, bottom)


def mix(stays: Floats, share: Floats, comes: Floats, coming: Floats) -> Floats:
    """Return the mean of what stays and what comes, weighted by share.

    It is exactly what stays where nobody comes, and exactly what comes where nobody was.

    Examples
    --------
    >>> mix(np.array(20.0), np.array(0.3), np.array(5.0), np.array(0.1)).item()
    16.25
    """
    return np.where(coming > EMPTY, _between(stays, comes, _arriving(share, coming)), stays)


def _arriving(share: Floats, coming: Floats) -> Floats:
    """Return the part of all that has just come."""
    return np.asarray(coming / np.maximum(np.maximum(share, 0.0) + coming, EMPTY))


def _between(stays: Floats, comes: Floats, part: Floats) -> Floats:
    return stays * (1.0 - part) + comes * part


def moved(share: Floats, values: Sequence[Floats], flows: Sequence[Flow]) -> tuple[Floats, list[Floats]]:
    """Return shares and what they carry after they have moved.

    Parameters
    ----------
    share
        Share in each state, shape ``(state, member, region)``. [1]
    values
        What each carries per share, shape ``(state, …, member, region)``.
    flows
        Moves, all at once; none may take more than its state has. Those of `that_move` take less time.

    Returns
    -------
    tuple
        Shares and values afterwards; the sum of share times value is as before.
    """
    if not flows:
        return share, list(values)
    after, carried = share.copy(), [value.copy() for value in values]
    for source, _, amount in flows:
        after[source] = np.maximum(after[source] - amount, 0.0)
    for source, target, amount in flows:
        if values:
            _take_along(values, carried, (source, target, amount), after[target])
        after[target] += amount
    return after, carried


def _take_along(values: Sequence[Floats], carried: Sequence[Floats], flow: Flow, share: Floats) -> None:
    """Mix what a flow carries into what its target has, which is changed; those where nobody moves are left alone."""
    source, target, amount = flow
    somewhere = np.flatnonzero(amount > EMPTY)
    part = _arriving(share.take(somewhere), amount.take(somewhere))
    for value, result in zip(values, carried, strict=True):
        comes, into = (one.reshape(-1, amount.size) for one in (value[source], result[target]))
        into[:, somewhere] = _between(into.take(somewhere, axis=1), comes.take(somewhere, axis=1), part)


def that_move(flows: Sequence[Flow]) -> list[Flow]:
    """Return the flows with which somebody moves somewhere."""
    return [flow for flow in flows if flow[2].max() > 0]


# Loops that numba compiles where it is installed; compiled code is kept until one of its source modules changes.
#
# numba keeps compiled code beside the module of a function, under the name of the function, and drops it when the
# file of that module has another size or time. That overlooks an edit of another module whose numbers are compiled in,
# and an installation that gives every file the same time. The name of a compiled function therefore ends with a digest
# of all modules that it is compiled from.

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]


def compiler(*modules: str) -> Callable[[Function | None], Decorator]:
    """Return a decorator of functions that are compiled when one of them is first called.

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
    if not available():
        return lambda twin: lambda function: twin or function
    digest = digest_of(*modules, __file__)
    return lambda twin: lambda function: _Later(function, digest, twin)


class _Later:
    """Function that is compiled when it is first called, so that nobody waits for numba who needs none of it."""

    def __init__(self, function: Function, digest: str, twin: Function | None) -> None:
        update_wrapper(self, function)
        self._function, self._digest, self._twin = function, digest, twin
        _later.append(self)

    def __call__(self, *given: object) -> Any:  # noqa: ANN401 - what the function returns
        """Call the compiled function."""
        return self.made(*given)

    @cached_property
    def made(self) -> Function:
        """Compiled function; those that it calls take their compiled form too, which numba looks for in its module."""
        from gridmodel.compiling import compiled

        names, plain = self._function.__globals__, self._function.__qualname__
        self._function.__qualname__ += f"_{self._digest}"
        try:
            made = compiled(self._function)
        except Exception as error:  # noqa: BLE001 - numba or what it needs is broken, in whatever way
            self._function.__qualname__ = plain
            _do_without(error)
            return self.uncompiled
        self.__dict__["made"] = made  # one of those that it calls may call it
        for name, value in list(names.items()):
            if isinstance(value, _Later):
                names[name] = value.made
        return made

    @property
    def uncompiled(self) -> Function:
        """Function that stands in its place without numba."""
        return self._twin or self._function

    def leave(self) -> None:
        """Put that in its place, and have its module say that nothing is compiled."""
        names = self._function.__globals__
        self.__dict__["made"] = self.uncompiled
        names.update({name: self.uncompiled for name, value in list(names.items()) if value is self})
        if "COMPILED" in names:
            names["COMPILED"] = False


_later: list[_Later] = []


def _do_without(error: Exception) -> None:
    """Leave all functions uncompiled in this process, and warn: a numba that is installed cannot be imported."""
    _broken.append(error)
    reason = (str(error).splitlines() or [""])[0] or type(error).__name__
    message = f"numba is installed and cannot be used ({reason}): runs take longer without it; "
    warnings.warn(message + "pip install --force-reinstall 'gridmodel[speed]' mends it", stacklevel=1)
    for function in _later:
        function.leave()


_broken: list[Exception] = []
"""Why numba cannot be used in this process, if it cannot."""
LEAST_NUMBA = (0, 61)
"""First version of numba that is used, as the extra `speed` asks for."""


def available() -> bool:
    """Return whether numba is installed and can be used: a folder of that name beside a script is none.

    Warns
    -----
    UserWarning
        If what is installed is too old, or for an older numpy, with which it ends in an error when it is first called.
    """
    if _broken:
        return False
    found = find_spec("numba")
    if found is None or found.origin is None:
        return False
    return _is_new_enough(Path(found.origin).parent.parent)


@cache
def _is_new_enough(site: Path) -> bool:
    """Return whether the numba of a folder of packages can be used; warn if not, once for all who ask.

    What it says of itself is read as text: a parser of its metadata would take longer than a start may.
    """
    said = next((path.read_text("utf-8") for path in site.glob("numba-*.dist-info/METADATA")), "")
    found = re.search(r"^Version: *(\S+)", said, re.MULTILINE)
    if found is None:
        return True
    own, asks = found[1], re.findall(r"^Requires-Dist: *(numpy\b.*)", said, re.MULTILINE)
    below = re.search(r"<\s*([0-9.]+)", " ".join(asks))
    if _numbers(own) >= LEAST_NUMBA and (below is None or _numbers(np.__version__) < _numbers(below[1])):
        return True
    message = f"numba {own} does not go with numpy {np.__version__} or with gridmodel: runs take longer without it; "
    warnings.warn(message + "pip install --upgrade 'gridmodel[speed]' brings one that does", stacklevel=1)
    return False


def _numbers(text: str) -> tuple[int, ...]:
    """Return the first two numbers of a version."""
    return tuple(int(number) for number in re.findall(r"[0-9]+", text)[:2])


def digest_of(*modules: str) -> str:
    """Compute a digest of what files contain, 12 hexadecimal digits."""
    parts = [sha256(Path(module).read_bytes()).digest() for module in modules]
    return sha256(b"".join(parts)).hexdigest()[:12]
