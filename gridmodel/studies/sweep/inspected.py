"""Files of a store, inspected before it is opened: as the sweep wrote them, and nothing that no sweep writes."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.tables import read_text
from gridmodel.studies.sweep.agreeing import check_arrays
from gridmodel.studies.sweep.chunks import (
    MAX_CHUNK_BYTES,
    MAX_LABEL_BYTES,
    DamagedError,
    Packing,
    packing_of,
    plain,
)
from gridmodel.studies.sweep.job import Job
from gridmodel.studies.sweep.sealed import MENDED, MOST_BYTES

ATTRIBUTE = "gridmodel_sweep"
"""Attribute of the store that contains the job."""
DONE, FAILED = "done", "failed"
"""Folders of markers; each is an empty Zarr group, so that readers of the store pass over it."""
HASHES = f"{DONE}/hashes.json"
"""File with the hashes of all that was there before the first unit, and the job once more."""


def job_attribute(store: Path) -> object:
    """Return the job in the attributes of a store, as text; None if they are damaged."""
    try:
        path = store / "zarr.json"
        return json.loads(path.read_bytes())["attributes"][ATTRIBUTE] if path.stat().st_size <= MOST_BYTES else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


MAX_ARRAYS = 1_000
"""Most arrays of a store. Ours: ten times those that a sweep keeps."""
_CHANGING = {"scale_factor", "add_offset", "missing_value", "_Unsigned", "dtype"}
"""Attributes by which readers change values; no sweep writes them."""
_TYPES = re.compile(r"bool|u?int(8|16|32|64)|float(16|32|64)|string")


def check_fixed(store: Path, kept: Mapping[str, Any] | None, problems: Problems) -> None:
    """Note files that are missing or differ from what the sweep wrote before its first unit."""
    files = kept.get("files") if kept else None
    if kept is None or not isinstance(files, dict) or not isinstance(kept.get("arrays"), list) or "job" not in kept:
        problems.add("is missing or damaged", table=str(store / HASHES), hint=MENDED)
        return
    arrays = kept["arrays"]
    if not all(isinstance(name, str) and "/" not in name and f"{name}/zarr.json" in files for name in arrays):
        problems.add("names arrays without metadata", table=str(store / HASHES), hint=MENDED)
        return
    if job_attribute(store) != kept["job"]:
        problems.add("is damaged: it is not what the sweep wrote", table=str(store / "zarr.json"), hint=MENDED)
        return
    for name, expected in files.items():
        if ".." in name.split("/") or name.startswith("/") or "\0" in name:
            problems.add("names a file outside the store", table=str(store / HASHES), value=name)
            continue
        try:
            with (store / name).open("rb") as file:
                found = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        except OSError as error:
            problems.add(f"cannot be read: {error.strerror}", table=str(store / name), hint=MENDED)
            continue
        if found != expected:
            problems.add("is damaged: it is not what the sweep wrote", table=str(store / name), hint=MENDED)


def check_metadata(store: Path, job: Job, kept: Mapping[str, Any] | None, problems: Problems) -> dict[str, Packing]:
    """Return how each array is packed; note types or codecs that no sweep writes, and what takes too much memory.

    Arrays that are right by themselves are compared with the job.
    """
    packings: dict[str, Packing] = {}
    abouts: dict[str, Mapping[str, Any]] = {}
    paths = sorted(store.glob("*/zarr.json"))
    if len(paths) > MAX_ARRAYS:
        problems.add(f"contains more than {MAX_ARRAYS:,} arrays", table=str(store))
        return packings
    for path in paths:
        about = parse_json(read_text(path, problems, shown=str(path)) or "", str(path), most=100_000)
        if not isinstance(about, dict) or about.get("node_type") == "group":
            continue
        name = path.parent.name
        try:
            packings[name] = _check_array(name, about, problems, str(store))
            abouts[name] = about
        except DamagedError as error:
            codecs = ", ".join(str(codec["name"])[:40] for codec in about["codecs"])
            problems.add(str(error), table=str(store), field=name, value=codecs)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
            problems.add("is not the description of an array", table=str(path))
    if not problems.found:  # what no hash covers does not count
        known = {name: about for name, about in abouts.items() if kept is None or f"{name}/zarr.json" in kept["files"]}
        check_arrays(job, known, None if kept is None else kept["arrays"], problems, str(store))
    return packings


def _check_array(name: str, about: Mapping[str, Any], problems: Problems, shown: str) -> Packing:
    """Check the description of an array as a whole, so that nobody who reads it later has to.

    Raises
    ------
    DamagedError
        If it is packed in another way than a sweep packs.
    ValueError
        Or an error of another kind that `check_metadata` takes, if it is not the description of an array.
    """
    from zarr.core.metadata import ArrayV3Metadata

    kind, shape = about["data_type"], [int(size) for size in about["shape"]]
    chunk = [int(size) for size in about["chunk_grid"]["configuration"]["chunk_shape"]]
    if not isinstance(kind, str) or not _TYPES.fullmatch(kind):
        problems.add("has a type that no store of a sweep has", table=shown, field=name, value=kind)
        return Packing(0, 0, ())
    packing = packing_of(about)
    ArrayV3Metadata.from_dict(plain(about))
    if about.get("storage_transformers"):
        raise DamagedError("is packed in a way that no sweep uses")
    if min([0, *shape]) < 0 or min([1, *chunk]) < 1 or len(chunk) != len(shape):
        problems.add("has an impossible shape", table=shown, field=name)
    elif any(part > max(whole, 1) for part, whole in zip(chunk, shape, strict=True)):
        problems.add("has chunks that are larger than all of it", table=shown, field=name)
    odd = sorted(_CHANGING & set(about.get("attributes") or {}))
    if odd:
        problems.add("has values that are not as they are written", table=shown, field=name, value=", ".join(odd))
    labels = about.get("dimension_names") == [name]
    size = math.prod(map(float, shape if labels else chunk)) * 8
    if size > (MAX_LABEL_BYTES if labels else MAX_CHUNK_BYTES):
        problems.add(f"asks for {size / 1e6:,.0f} MB at once", table=shown, field=name)
    return packing


def refuse_links(store: Path) -> None:
    """Refuse a store that contains a link: none is made by a sweep, and writing would go where it leads.

    Raises
    ------
    InputError
        If it does.
    """
    waiting = [str(store)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        message = "is a link; a store contains none"
                        raise InputError([Problem(message=message, table=entry.path)])
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif not entry.is_file(follow_symlinks=False):
                        message = "is neither a file nor a folder; a store contains nothing else"
                        raise InputError([Problem(message=message, table=entry.path)])
        except OSError:
            continue
