"""State that services carry from step to step, as arrays by name, and back.

A state is a dataclass of arrays, or of other dataclasses of arrays. Whatever fields it has are saved and loaded: a
service lists nothing. A class may say more about itself:

- ``as_saved()`` returns it in the form in which it is saved, for one whose layout follows what happens;
- ``as_loaded(like)`` returns it as a run goes on with it, given the state that a run has after a first step;
- ``FIXED`` names fields that are the same in every run of a scenario;
- ``FIRST_AXIS`` gives the lengths that the first axis of arrays may have, by their field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problems
from gridmodel.inputs.array_file import Arrays

NUMBERS: Mapping[str, tuple[float, float]] = {
    "_share": (-1e-6, 10.0), "_c": (-300.0, 1e4), "_mw": (-1e9, 1e9), "_mwh": (-1e-6, 1e9), "_w": (-1e9, 1e9),
    "_h": (-1e6, 1e6), "_m3": (-1e-6, 1e12), "_subqueues": (-1e-6, 12.0 + 1e-6),
    **dict.fromkeys((
        "_fill", "_without", "_intact", "_given_up", "_riser_ice", "_riser_burst", "_outside", "_empty_share",
    ), (-1e-6, 1.0 + 1e-6)),
}  # fmt: skip
"""Least and greatest value by the end of a name, its unit, or by a name; the last that fits counts. Ours: far beyond
what happens, so that sums stay finite, and 0 to 1 of what is a share of homes, places or water."""
OTHERS = (-1e12, 1e12)
"""The same of other names."""


@dataclass(frozen=True, slots=True)
class Widened:
    """Numbers that are larger in a run than in the one that saved the state from which it begins."""

    plants: tuple[tuple[int, int, int], ...]
    """Number of plants of some kind before and in the run, and the place of the new ones, for each kind that is an axis
    of arrays."""
    fresh: Arrays
    """State before the first step of a run, whose new plants are as they arrive."""


@dataclass(frozen=True, slots=True)
class Members:
    """Members of a state that a run takes."""

    of: int
    """Number of members that the state is of."""
    chosen: tuple[int, ...]
    """Their places among them."""


def arrays_of(state: object, path: str) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of a state by name.

    Parameters
    ----------
    state
        A dataclass, a mapping, an array, or None.
    path
        Name of the state, which the names begin with.

    Raises
    ------
    TypeError
        If a service carries something else: a mistake in its module.
    """
    if state is None:
        return {}
    if isinstance(state, np.ndarray) and state.dtype.kind in "fiub":
        return {path: np.array(state)}
    if isinstance(state, Mapping):
        parts = {str(name): part for name, part in state.items()}
    elif is_dataclass(state) and not isinstance(state, type):
        shape = getattr(state, "as_saved", None)
        state = shape() if shape is not None else state
        parts = {field.name: getattr(state, field.name) for field in fields(state)}
    else:
        message = f"{path} is a {type(state).__name__}; a state consists of arrays, and of dataclasses of arrays"
        raise TypeError(message)
    found: dict[str, npt.NDArray[Any]] = {}
    for name, part in parts.items():
        found |= arrays_of(part, f"{path}.{name}")
    return found


def state_of(
    like: Any, arrays: Arrays, path: str, problems: Problems, *, shown: str, members: Members,  # noqa: ANN401
    widened: Widened | None = None,
) -> Any:  # noqa: ANN401  # fmt: skip
    """Return a state of arrays by name, checked against one of the run that is to begin from it.

    Parameters
    ----------
    like
        State that the run has after a first step from its usual start, which says what there must be.
    arrays
        Arrays by name.
    path
        Name of the state.
    problems
        Collects everything that does not fit.
    shown
        Name of the file in messages.
    members
        Members of the state that the run takes.
    widened
        Plants, where there are more of them.

    Returns
    -------
    object
        Of the type of `like`.
    """
    if like is None:
        return None
    if isinstance(like, np.ndarray):
        return _array(like, arrays.get(path), path, problems, shown=shown, allowed=(), members=members, widened=widened)
    if isinstance(like, Mapping):
        return {
            name: state_of(part, arrays, f"{path}.{name}", problems, shown=shown, members=members, widened=widened)
            for name, part in like.items()
        }
    shape = getattr(like, "as_saved", None)
    full = shape() if shape is not None else like
    first, fixed = getattr(full, "FIRST_AXIS", {}), getattr(full, "FIXED", ())
    made: dict[str, Any] = {}
    for field in fields(full):
        part, name = getattr(full, field.name), f"{path}.{field.name}"
        if isinstance(part, np.ndarray):
            lengths = first.get(field.name, ())
            made[field.name] = _array(
                part, arrays.get(name), name, problems, shown=shown, allowed=lengths, members=members,
                widened=widened, fixed=field.name in fixed,
            )  # fmt: skip
        else:
            made[field.name] = state_of(part, arrays, name, problems, shown=shown, members=members, widened=widened)
    whole = type(full)(**made)
    load = getattr(whole, "as_loaded", None)
    return whole if load is None or problems.found else load(like)


def _array(
    like: npt.NDArray[Any], given: npt.NDArray[Any] | None, name: str, problems: Problems, *, shown: str,
    allowed: tuple[int, ...], members: Members, widened: Widened | None, fixed: bool = False,
) -> npt.NDArray[Any]:  # fmt: skip
    """Return one array of a file in the type of the run's own, which it returns where the file's does not fit."""
    if given is None:
        problems.add("is missing: the state is of another kind of run", table=shown, field=name)
        return like
    given = _of_members(given, like, members, first=int(bool(allowed)))
    if widened is not None:
        given = _with_plants(given, like, widened, widened.fresh.get(name))
    message, value = _misfit(given, like, allowed), ""
    if not message and given.dtype.kind != _KINDS[like.dtype.kind]:
        message, value = f"must be of kind {like.dtype.name}", given.dtype.name
    if not message and fixed and not np.array_equal(given, like):
        message = "is not as in other runs of this version"
    message = message or _out_of_range(given, like, name.rpartition(".")[2])
    if message:
        problems.add(message, table=shown, field=name, value=value)
        return like
    return given if like.dtype.kind == "f" else given.astype(like.dtype)


_KINDS = {"b": "u", "f": "f", "i": "i", "u": "i"}
"""Kind in a file of each kind of array."""


def _misfit(given: npt.NDArray[Any], like: npt.NDArray[Any], allowed: tuple[int, ...]) -> str:
    """Return in what sizes differ; empty if they do not. First axes may be of different lengths if both are allowed."""
    sizes = list(like.shape)
    if given.ndim == like.ndim and {like.shape[:1], given.shape[:1]} <= {(length,) for length in allowed}:
        sizes[0] = given.shape[0]
    if list(given.shape) == sizes:
        return ""
    was, must = (" × ".join(map(str, shape)) or "one number" for shape in (given.shape, sizes))
    return f"is {was}, and must be {must}"


def _out_of_range(given: npt.NDArray[Any], like: npt.NDArray[Any], name: str) -> str:
    """Return what is wrong with values; empty if nothing is. Where the run's own are missing, values may be too."""
    if like.dtype.kind == "b":
        return "" if (given <= 1).all() else "must be 0 or 1"
    missing = np.isnan(given) if given.dtype.kind == "f" else np.zeros(given.shape, dtype=bool)
    if missing.any() and not (like.dtype.kind == "f" and np.isnan(like).any()):
        return "contains a value that is not a number"
    spans = [span for end, span in NUMBERS.items() if name.endswith(end) or name == end[1:]]
    low, high = spans[-1] if spans else OTHERS
    if ((given < low) | (given > high)).any():
        return f"must be from {low:g} to {high:g}"
    return ""


def _of_members(
    given: npt.NDArray[Any], like: npt.NDArray[Any], members: Members, *, first: int
) -> npt.NDArray[Any]:  # fmt: skip
    """Return an array of some members: their axis is the one in which an array of fewer of them differs.

    Parameters
    ----------
    given, like
        Array of all members of the state, and of those that are chosen.
    members
        Members.
    first
        First axis that may be theirs.
    """
    if given.ndim != like.ndim or members.of == len(members.chosen):
        return given
    for axis in range(first, like.ndim):
        if (given.shape[axis], like.shape[axis]) == (members.of, len(members.chosen)):
            return given.take(members.chosen, axis=axis)
    return given


def _with_plants(
    given: npt.NDArray[Any], like: npt.NDArray[Any], widened: Widened, fresh: npt.NDArray[Any] | None
) -> npt.NDArray[Any]:  # fmt: skip
    """Return an array of shape ``(member, plant, …)`` with more plants, as they are before a first step, or 0."""
    if like.ndim not in {2, 3} or given.ndim != like.ndim:
        return given
    for before, after, place in widened.plants:
        if before < after and (given.shape[1], like.shape[1]) == (before, after):
            new = slice(place, place + after - before)
            added = np.zeros_like(like[:, new])
            if fresh is not None and fresh.shape == like.shape:
                added = fresh[:, new]
            if not before:  # nothing was stored, so that its other axes may be empty
                return added.astype(given.dtype)
            return np.concatenate([given[:, :place], added.astype(given.dtype), given[:, place:]], axis=1)
    return given
