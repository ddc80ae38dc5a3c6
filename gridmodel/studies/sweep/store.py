"""Store of a sweep: one Zarr folder in which a unit is complete and marked, or absent.

A chunk never contains parts of two units. Zarr writes each chunk beside its place and renames it; a unit counts once
its marker, which contains the hash of its chunks, has been renamed into place after them. So a process may die at any
moment. A power cut may lose data that the file system had not written; the hashes detect it.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.tables import read_text
from gridmodel.results.result_schema import check_result
from gridmodel.studies.sweep.job import Job, metric_templates, settings_drawn

if TYPE_CHECKING:
    import zarr

ATTRIBUTE = "gridmodel_sweep"
"""Attribute of the store that contains the job."""
DONE, FAILED = "done", "failed"
"""Folders of markers; each is an empty Zarr group, so that readers of the store pass over it."""
_GROUP = '{"zarr_format": 3, "node_type": "group", "attributes": {}}\n'


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Lock a store for one sweep; the system releases the lock however the process ends.

    Raises
    ------
    InputError
        If another sweep has locked it, or the lock cannot be made.
    """
    path = store.with_name(f"{store.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise InputError([Problem(message=f"cannot be written: {error.strerror}", table=str(store))]) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise InputError([Problem(message="is being written by another sweep", table=str(store))]) from None
    finally:
        os.close(handle)


def create(store: Path, job: Job, empty: xr.Dataset) -> None:
    """Create an empty store; it appears complete or not at all.

    Parameters
    ----------
    store
        Path of the store.
    job
        Job to run.
    empty
        A result of one member without values: dimensions, coordinates and attributes.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    work = None
    try:
        work = Path(tempfile.mkdtemp(prefix=f".{store.name}-", dir=store.parent))
        _lay_out(work, job, empty)
        for name in (DONE, FAILED):
            (work / name).mkdir()
            (work / name / "zarr.json").write_text(_GROUP, encoding="utf-8")
        work.chmod(0o755)
        work.rename(store)
    except OSError as error:
        raise InputError([Problem(message=f"cannot be written: {error.strerror}", table=str(store))]) from None
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)


def _lay_out(path: Path, job: Job, empty: xr.Dataset) -> None:
    """Write coordinates, attributes, and arrays without chunks."""
    import zarr
    from zarr.codecs import BloscCodec

    changes = job.what
    coords: dict[str, Any] = _coordinates(job)
    coords |= {str(name): empty[name] for name in empty.coords if name not in {"member", "setting"}}
    coords |= {"member": np.arange(job.scenario.draws), "setting": np.array(settings_drawn(job), dtype=object)}
    fixed = xr.Dataset({"population": empty["population"]}, coords=coords)
    fixed.attrs = {name: value for name, value in empty.attrs.items() if name not in changes.names}
    fixed.attrs |= {"deterministic": int(empty.attrs["deterministic"]), ATTRIBUTE: job.written()}
    fixed.attrs |= {"seed": int(empty.attrs["seed"])} if "seed" not in changes.names else {}
    with zarr.config.set({"array.write_empty_chunks": True}):  # as units do, so that stores are equal to the byte
        fixed.to_zarr(path, mode="w", consolidated=False, zarr_format=3)
    sizes = {**changes.sizes, **{str(name): size for name, size in fixed.sizes.items()}}
    chunk = dict.fromkeys(changes.sizes, 1) | {"member": job.per_unit, "time": job.time_block}
    for name, (values, dims) in _arrays(job, empty).items():
        zarr.create_array(
            store=str(path), name=name, shape=[sizes[dim] for dim in dims], fill_value=np.nan,
            dtype=values.dtype if values.dtype.kind == "f" else np.dtype(float),  # a count may be missing

            chunks=tuple(min(chunk.get(dim, sizes[dim]), sizes[dim]) for dim in dims), dimension_names=list(dims),
            compressors=BloscCodec(cname="zstd", clevel=1, shuffle="shuffle"), attributes=dict(values.attrs),
        )  # fmt: skip


def _coordinates(job: Job) -> dict[str, Any]:
    """Return the coordinates of the changes."""
    changes = job.what
    if not changes.listed:
        return {name: _labels(values) for name, values in changes.dims}
    written = json.loads(job.scenario.model_dump_json())
    columns: dict[str, Any] = {"variant": np.arange(len(changes.listed))}
    for path in changes.names:
        name, _, key = path.partition(".")
        base = written[name].get(key, 1.0) if key else written[name]
        columns[path] = ("variant", _labels([change.get(path, base) for change in changes.listed]))
    return columns


def _labels(values: Sequence[Any]) -> Any:  # noqa: ANN401 - an array of whichever kind fits
    """Return numbers and text unchanged, and anything else as JSON."""
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return np.array(values, dtype=np.int64)
    if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return np.array([v if isinstance(v, str) else json.dumps(v, sort_keys=True) for v in values], dtype=object)


def _arrays(job: Job, empty: xr.Dataset) -> dict[str, tuple[xr.DataArray, tuple[str, ...]]]:
    """Return the arrays that units fill: an example of each, and its dimensions."""
    first = tuple(job.what.sizes)
    found = {name: empty[name] for name in (*job.keep, "drawn_value")}
    found |= {str(name): values for name, values in metric_templates(empty).items()}
    return {
        name: (values, (*first, *(str(dim) for dim in values.dims)))
        for name, values in found.items()
        if name != "population"
    }


def opened(store: Path) -> zarr.Group:
    """Open a store for writing its chunks, empty ones too, so that a missing chunk means a missing unit."""
    import zarr

    zarr.config.set({"array.write_empty_chunks": True})
    return zarr.open_group(str(store), mode="r+", zarr_format=3)


def write_unit(store: Path, job: Job, unit: int, values: xr.Dataset) -> str:
    """Write the arrays of a unit.

    Returns
    -------
    str
        SHA-256 of its chunks.
    """
    group = opened(store)
    variant, members = job.place(unit)
    place = job.what.position(variant)
    rows = slice(members.start, members.stop)
    for name in unit_arrays(store):
        array: Any = group[name]
        dims = array.metadata.dimension_names[len(place) :]
        found = values[name]
        if name == "drawn_value":  # another variant may sample a setting that this one does not
            settings = [str(setting) for setting in np.asarray(group["setting"][:])]  # type: ignore[index]
            found = found.reindex(setting=settings)
        index = tuple(rows if dim == "member" else slice(None) for dim in dims)
        array[(*place, *index)] = found.transpose(*dims).to_numpy()
    return hash_unit(store, job, unit)


def unit_arrays(store: Path) -> list[str]:
    """Return the names of the arrays that units fill."""
    return [name for name, about in _metadata(store).items() if _is_filled(name, about)]


def _is_filled(name: str, about: Mapping[str, Any]) -> bool:
    return "member" in about["dimension_names"] and name != "member"


def hash_unit(store: Path, job: Job, unit: int) -> str:
    """Return the SHA-256 of the chunks of a unit, empty if one is missing."""
    variant, members = job.place(unit)
    place, block = job.what.position(variant), members.start // job.per_unit
    found = hashlib.sha256()
    for name, about in _metadata(store).items():
        dims = about["dimension_names"]
        if not _is_filled(name, about):
            continue
        chunks = about["chunk_grid"]["configuration"]["chunk_shape"]
        axes: list[Sequence[int]] = []
        for axis, (size, chunk) in enumerate(zip(about["shape"], chunks, strict=True)):
            count = -(-size // chunk)
            own = place[axis] if axis < len(place) else block if dims[axis] == "member" else None
            axes.append(range(count) if own is None else [own])
        for index in itertools.product(*axes):
            path = store.joinpath(name, "c", *map(str, index))
            if not path.is_file():
                return ""
            found.update(path.read_bytes())
    return f"sha256:{found.hexdigest()}"


def _metadata(store: Path) -> dict[str, dict[str, Any]]:
    """Return the metadata of each array of a store, sorted by name."""
    paths = sorted(store.glob("*/zarr.json"))
    read = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    return {name: about for name, about in read.items() if about["node_type"] == "array"}


def mark(store: Path, folder: str, unit: int, about: Mapping[str, Any]) -> None:
    """Write the marker of a unit atomically; a unit that failed before and is now done loses its mark of failure."""
    path = store / folder / f"{unit}.json"
    text = json.dumps(about, sort_keys=True, ensure_ascii=False) + "\n"
    handle, partial = tempfile.mkstemp(prefix=f"{unit}-", suffix=".partial", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    Path(partial).chmod(0o644)
    Path(partial).replace(path)
    if folder == DONE:
        (store / FAILED / f"{unit}.json").unlink(missing_ok=True)


def done_units(store: Path, job: Job) -> set[int]:
    """Return the units whose marker and chunks agree; incomplete files of a stopped process are removed."""
    for path in store.rglob("*.partial"):
        path.unlink(missing_ok=True)
    found = set()
    for unit in range(job.units):
        path = store / DONE / f"{unit}.json"
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            continue
        if about.get("sha256") == hash_unit(store, job, unit):
            found.add(unit)
        else:
            path.unlink()
    return found


def failed_units(store: Path) -> dict[int, dict[str, Any]]:
    """Return the records of failed units, by number."""
    paths = sorted((store / FAILED).glob("*.json"))
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths if path.stem.isdigit()}
    return {int(number): found[number] for number in sorted(found, key=int)}


def read_job(store: Path) -> Job:
    """Read the job of a store.

    Raises
    ------
    InputError
        If it is not the store of a sweep.
    """
    _refuse_links(store)
    try:
        data = json.loads((store / "zarr.json").read_text(encoding="utf-8"))
        return Job.read(data["attributes"][ATTRIBUTE])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError([Problem(message="is not the store of a sweep", table=str(store))]) from None


MAX_CHUNK_BYTES = 1_000_000_000
"""Largest chunk, unpacked. [byte] Ours: half the memory that a sweep takes unless told otherwise."""
MAX_LABEL_BYTES = 50_000_000
"""Largest coordinate. [byte] Ours: a million members have eight."""
MAX_ARRAYS = 1_000
"""Most arrays of a store. Ours: ten times those that a sweep keeps."""
_CODECS = {"bytes", "blosc", "zstd", "gzip", "crc32c", "vlen-utf8"}
"""Codecs of plain numbers and text; others may run what a store contains."""
_TYPES = re.compile(r"bool|u?int(8|16|32|64)|float(16|32|64)|string")


def open_store(store: Path) -> xr.Dataset:
    """Open a store lazily, after its metadata, then its schema are checked.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    job = read_job(store)
    problems = Problems()
    found = None
    try:
        _check_metadata(store, problems)
        problems.raise_if_any()
        leading = tuple(map(str, job.what.sizes))
        found = xr.open_zarr(str(store), consolidated=False, zarr_format=3)
        check_result(found, problems, str(store), leading=leading or ("variant",))
        problems.raise_if_any()
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever decoders say of a store that they do not understand
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise InputError([Problem(message=f"cannot be read as a store: {said}", table=str(store))]) from None
    return cast("xr.Dataset", found)


def _check_metadata(store: Path, problems: Problems) -> None:
    """Note arrays of other types or codecs than a sweep writes, and those that would take too much memory."""
    paths = sorted(store.glob("*/zarr.json"))
    if len(paths) > MAX_ARRAYS:
        problems.add(f"contains more than {MAX_ARRAYS:,} arrays", table=str(store))
        return
    for path in paths:
        about = parse_json(read_text(path, problems, shown=str(path)) or "", str(path), most=100_000)
        if not isinstance(about, dict) or about.get("node_type") == "group":
            continue
        try:
            _check_array(path.parent.name, about, problems, str(store))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            problems.add("is not the description of an array", table=str(path))


def _check_array(name: str, about: Mapping[str, Any], problems: Problems, shown: str) -> None:
    kind, shape = about["data_type"], [int(size) for size in about["shape"]]
    chunk = [int(size) for size in about["chunk_grid"]["configuration"]["chunk_shape"]]
    codecs = {codec["name"] for codec in about["codecs"]}
    if not isinstance(kind, str) or not _TYPES.fullmatch(kind):
        problems.add("has a type that no store of a sweep has", table=shown, field=name, value=kind)
    if not codecs <= _CODECS or about.get("storage_transformers"):
        problems.add(
            "is packed in a way that no sweep uses", table=shown, field=name, value=", ".join(sorted(codecs - _CODECS))
        )
    if min([0, *shape]) < 0 or min([1, *chunk]) < 1 or len(chunk) != len(shape):
        problems.add("has an impossible shape", table=shown, field=name)
    labels = about.get("dimension_names") == [name]
    size = math.prod(map(float, shape if labels else chunk)) * 8
    if size > (MAX_LABEL_BYTES if labels else MAX_CHUNK_BYTES):
        problems.add(f"asks for {size / 1e6:,.0f} MB at once", table=shown, field=name)


def _refuse_links(store: Path) -> None:
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
        except OSError:
            continue


def check_same(store: Path, job: Job) -> Job:
    """Check that a store was begun with the same sweep, and return its job, whose units may have another size.

    Raises
    ------
    InputError
        With every difference: another version, other inputs, other settings.
    """
    old = read_job(store)
    problems = []
    for what, message in (("versions", "has another version"), ("inputs", "was made with other inputs")):
        before, after = getattr(old, what), getattr(job, what)
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                shown = f"{message}: {_brief(before.get(name))} then, {_brief(after.get(name))} now"
                problems.append(Problem(message=shown, table=str(store), field=name))
    names = {*old.base, *job.base}
    settings: dict[str, tuple[Any, Any]]
    settings = {f"scenario {name}": (old.base.get(name), job.base.get(name)) for name in names}
    settings |= {"changes": (old.changes, json.loads(json.dumps(job.changes))), "keep": (old.keep, job.keep)}
    for name, (before, after) in sorted(settings.items()):
        if before != after:
            shown = f"was begun with {_brief(before)}, not {_brief(after)}"
            problems.append(Problem(message=shown, table=str(store), field=name))
    if problems:
        raise InputError(problems)
    return old


def _brief(value: object) -> str:
    text = "none" if value is None else value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= 40 else f"{text[:37]}…"
