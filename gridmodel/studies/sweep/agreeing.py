"""Whether the arrays, labels and attributes of a store agree with the description of its sweep, its checked job."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.errors import Problems
from gridmodel.results.metrics import METRIC_NAMES
from gridmodel.scenario.groups.period import STEPS
from gridmodel.services.registry import VARIABLES
from gridmodel.studies.sweep.described import MAX_CHUNKS, MAX_LABEL_CHUNKS, brief
from gridmodel.studies.sweep.job import Job


def check_arrays(
    job: Job, abouts: Mapping[str, Mapping[str, Any]], arrays: Sequence[str] | None, problems: Problems, shown: str
) -> None:
    """Note arrays whose dimensions, sizes or chunks are not those of the job.

    Parameters
    ----------
    job
        Job of the store, checked.
    abouts
        Metadata of each array, checked one by one.
    arrays
        Names of the arrays that units fill; None if the store is of a version that did not say so.
    problems
        Collects what is wrong.
    shown
        Name of the store in messages.
    """
    filled = {*abouts} & {*VARIABLES, *METRIC_NAMES, "drawn_value"} - {"population"} if arrays is None else {*arrays}
    for name in sorted({*job.keep, "drawn_value"} - filled):
        problems.add("is missing: the sweep keeps it", table=shown, field=name)
    own = {name: about["shape"][0] for name, about in abouts.items() if about.get("dimension_names") == [name]}
    sizes = {**own, **job.what.sizes, "member": job.members}
    other: dict[tuple[str, int, int], list[str]] = {}
    odd: dict[tuple[str, str], list[str]] = {}
    for name, about in sorted(abouts.items()):
        dims, shape = list(about.get("dimension_names") or []), about["shape"]
        chunk = about["chunk_grid"]["configuration"]["chunk_shape"]
        for dim, size in zip(dims, shape, strict=False):
            if size != sizes.get(dim, size):
                other.setdefault((dim, size, sizes[dim]), []).append(name)
        wrong = _wrong_array(job, dims, sizes, shape, chunk, filled=name in filled)
        if wrong:
            odd.setdefault(wrong, []).append(name)
    for (dim, size, expected), names in other.items():
        message = f"has {size:,} entries in {_first(names)}, but {expected:,} by the description of the sweep"
        problems.add(message, table=shown, field=dim)
    for (message, value), names in odd.items():
        problems.add(message, table=shown, field=_first(names), value=value)


def _wrong_array(
    job: Job, dims: list[str], sizes: Mapping[str, int], shape: Sequence[int], chunk: Sequence[int], *, filled: bool
) -> tuple[str, str] | None:
    """Return what is wrong with the dimensions or the chunks of an array, and the value."""
    if len(dims) != len(shape) or len({*dims}) < len(dims):
        return "must name each of its dimensions once", ", ".join(map(str, dims))
    wrong = _wrong_filled(job, dims, sizes, chunk) if filled else None
    return wrong or _wrong_count(job, dims, shape, chunk, filled=filled)


def _wrong_count(
    job: Job, dims: list[str], shape: Sequence[int], chunk: Sequence[int], *, filled: bool
) -> tuple[str, str] | None:
    """Return what is wrong with an array of too many chunks, or that no unit fills although one should."""
    count = math.prod(-(-size // max(part, 1)) for size, part in zip(shape, chunk, strict=True))
    most = MAX_CHUNKS if filled else MAX_LABEL_CHUNKS
    if count > most:
        return f"is cut into {count:,} chunks, more than {most:,}", ""
    if not filled and len(dims) > 1 and {*dims} & {"member", *job.what.sizes}:
        return "has variants or members, but no unit fills it", ", ".join(dims)
    return None


def _first(names: Sequence[str]) -> str:
    return names[0] + (f" and {len(names) - 1} more" if names[1:] else "")


def _wrong_filled(job: Job, dims: list[str], sizes: Mapping[str, int], chunk: Sequence[int]) -> tuple[str, str] | None:
    """Return what is wrong with an array that units fill, and the value: variants that do not come first, or chunks."""
    leading = list(job.what.sizes)
    if dims[: len(leading)] != leading:
        message = f"must begin with the dimensions of the changes, {', '.join(leading)}"
        return message, ", ".join(map(str, dims))
    parts = dict.fromkeys(leading, 1) | {"member": job.per_unit, "time": job.time_block}
    expected = [min(parts.get(dim, sizes[dim]), sizes[dim]) if dim in sizes else size
                for dim, size in zip(dims, chunk, strict=True)]  # fmt: skip
    if list(chunk) != expected:
        return f"must have chunks of {' × '.join(map(str, expected))}, as the sweep says", " × ".join(map(str, chunk))
    return None


def check_labels(found: xr.Dataset, job: Job, problems: Problems, shown: str) -> None:
    """Note labels and attributes of a store that are not those of its job; only labels are read.

    Parameters
    ----------
    found
        The store, opened, whose arrays were checked.
    job
        Its job.
    problems
        Collects what is wrong.
    shown
        Name of the store in messages.
    """
    for name, expected in (*labels_of(job), ("member", np.arange(job.members))):
        if name not in found.coords:
            problems.add("has no labels, though the sweep has several", table=shown, field=name)
        elif not _are_equal(found[name].to_numpy(), expected):
            message, first = "has other labels than the description of the sweep", found[name].to_numpy()[:4].tolist()
            problems.add(message, table=shown, field=name, value=", ".join(map(str, first)))
    _check_attributes(found.attrs, job, problems, shown)


def _check_attributes(attrs: Mapping[Any, Any], job: Job, problems: Problems, shown: str) -> None:
    """Note attributes of a store that are not those of its job."""
    base = job.base
    expected_attrs: dict[str, object] = {
        "deterministic": int(base["deterministic"]),
        "step_h": STEPS[base["step"]].total_seconds() / 3600,
        "timezone": base.get("timezone") or attrs.get("timezone"),
        "seed": attrs.get("seed") if "seed" in job.what.names else base["seed"],
    }
    for name, known in expected_attrs.items():
        if attrs.get(name) != known:
            message = f"must be {known}, as the description of the sweep says"
            problems.add(message, table=shown, field=name, value=brief(attrs.get(name)))
    for name in ("start", "end"):
        if _moment(attrs.get(name)) != _moment(base[name]):
            problems.add(f"must be {base[name]}, as the description of the sweep says", table=shown, field=name)
    other = _other_settings(attrs.get("scenario"), job)
    if other:
        message = f"differs from the description of the sweep in {', '.join(other[:5])}"
        problems.add(message + (f" and {len(other) - 5} more" if other[5:] else ""), table=shown, field="scenario")


def _other_settings(text: object, job: Job) -> list[str]:
    """Return the settings that the base and the scenario in the attributes do not have alike, but for those changed."""
    if "scenario" in job.what.names:
        return []
    try:
        told = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return ["all of it"]
    changed = {name.partition(".")[0] for name in job.what.names}
    return sorted(name for name in {*told, *job.base} - changed if told.get(name) != job.base.get(name))


def labels_of(job: Job) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield the labels of variants: those of each dimension of a grid, or of each setting that a list changes."""
    changes = job.what
    if not changes.listed:
        for name, values in changes.dims:
            yield name, as_labels(values)
        return
    yield "variant", np.arange(len(changes.listed))
    for path in changes.names:
        name, _, key = path.partition(".")
        own = job.base.get(name)
        base = own.get(key, 1.0) if key and isinstance(own, dict) else own
        yield path, as_labels([change.get(path, base) for change in changes.listed])


def as_labels(values: Sequence[Any]) -> npt.NDArray[Any]:
    """Return numbers and text unchanged, and anything else as JSON."""
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return np.array(values, dtype=np.int64)
    if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return np.array([v if isinstance(v, str) else json.dumps(v, sort_keys=True) for v in values], dtype=object)


def _are_equal(found: npt.NDArray[Any], expected: npt.NDArray[Any]) -> bool:
    if expected.dtype.kind == "O":
        return found.dtype.kind not in "iufM" and found.tolist() == expected.tolist()
    return found.dtype.kind in "iuf" and np.array_equal(found, expected, equal_nan=True)


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
