"""Store of a sweep: one Zarr folder in which a unit is complete and marked, or absent, and all is covered by hashes.

A chunk never contains parts of two units. Each is made beside the store and swapped in; a unit counts once its marker,
which contains the hash of each of its chunks, has been swapped in after them. So a process may die at any moment. What
does not change is covered by hashes in a file of its own, which also contains the job once more; that file, the job and
the markers contain hashes of themselves. A power cut may lose chunks that the file system had not written: the hashes
notice it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.hdf5 import UNREADABLE, of_library
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.tables import read_text
from gridmodel.inputs.writing import beside, parents_made, replaced_folder, swap_in
from gridmodel.results.handed_on import attributes_without_folders
from gridmodel.results.result_schema import check_result
from gridmodel.scenario.units import label_attributes
from gridmodel.studies.sweep.agreeing import check_arrays, check_labels, labels_of
from gridmodel.studies.sweep.chunks import (
    MAX_CHUNK_BYTES,
    MAX_LABEL_BYTES,
    DamagedError,
    Packing,
    packing_of,
    plain,
)
from gridmodel.studies.sweep.described import DescriptionError
from gridmodel.studies.sweep.job import Job, metric_templates, settings_drawn
from gridmodel.studies.sweep.layout import Layout, read_layout
from gridmodel.studies.sweep.sealed import MENDED, MOST_BYTES, hash_bytes, read_sealed, sealed

if TYPE_CHECKING:
    from gridmodel.studies.sweep.checked import Unpacking

ATTRIBUTE = "gridmodel_sweep"
"""Attribute of the store that contains the job."""
DONE, FAILED = "done", "failed"
"""Folders of markers; each is an empty Zarr group, so that readers of the store pass over it."""
HASHES = f"{DONE}/hashes.json"
"""File with the hashes of all that was there before the first unit, and the job once more."""
_GROUP = '{"zarr_format": 3, "node_type": "group", "attributes": {}}\n'


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Lock a store for one sweep; the system releases the lock however the process ends, and nothing stays behind.

    Raises
    ------
    InputError
        If another sweep has locked it, or the lock cannot be made.
    """
    path = store.with_name(f"{store.name}.lock")
    with ExitStack() as stack:
        try:
            stack.enter_context(parents_made(path))
        except OSError as error:
            raise InputError([Problem(message=f"cannot be written: {error.strerror}", table=str(store))]) from None
        handle = _lock(path, store)
        try:
            yield
        finally:
            with suppress(OSError):  # the lock is still held, so that nobody else's goes
                path.unlink()
            os.close(handle)


def _lock(path: Path, store: Path) -> int:
    """Return the handle of a locked file that is still in its place.

    Raises
    ------
    InputError
        If another sweep has locked it, or it cannot be made.
    """
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise InputError([Problem(message=f"cannot be written: {error.strerror}", table=str(store))]) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), path.lstat()):
                return handle
        except FileNotFoundError:  # who had it has ended and taken it away
            pass
        except OSError as error:
            os.close(handle)
            busy = isinstance(error, BlockingIOError)
            message = "is being written by another sweep" if busy else f"cannot be locked: {error.strerror}"
            raise InputError([Problem(message=message, table=str(store))]) from None
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
    try:
        with replaced_folder(store) as work:
            _lay_out(work, job, empty)
    except OSError as error:
        raise InputError([Problem(message=f"cannot be written: {error.strerror}", table=str(store))]) from None


def repair(store: Path, job: Job, empty: xr.Dataset) -> None:
    """Make again what is missing or damaged of all that was there before the first unit.

    A store of the same sweep is the same to the byte, so that it is laid out once more and compared.
    """
    with beside(store.parent) as work:
        made = work / "made"
        _lay_out(made, job, empty)
        for path in sorted(made.rglob("*")):
            there = store / path.relative_to(made)
            if path.is_file() and not (there.is_file() and there.read_bytes() == path.read_bytes()):
                swap_in(path.read_bytes(), there, work)


def _lay_out(path: Path, job: Job, empty: xr.Dataset) -> None:
    """Write coordinates, attributes, arrays without chunks, the folders of markers, and the hashes of all that."""
    import zarr
    from zarr.codecs import BloscCodec, Crc32cCodec

    packed: Any = (BloscCodec(cname="zstd", clevel=1, shuffle="shuffle"), Crc32cCodec())

    changes = job.handed_on().what
    coords: dict[str, Any] = _coordinates(job)
    coords |= {str(name): empty[name] for name in empty.coords if name not in {"member", "setting"}}
    coords |= {"member": np.arange(job.scenario.draws), "setting": np.array(settings_drawn(job), dtype=object)}
    fixed = xr.Dataset({"population": empty["population"]}, coords=coords)
    attrs = attributes_without_folders(empty.attrs)
    fixed.attrs = {name: value for name, value in attrs.items() if name not in changes.names}
    fixed.attrs["history"] = f"{empty.attrs['source']}: sweep of {len(job.what)} variants"
    fixed.attrs |= {"deterministic": int(empty.attrs["deterministic"]), ATTRIBUTE: job.written()}
    fixed.attrs |= {"seed": int(empty.attrs["seed"])} if "seed" not in changes.names else {}
    with zarr.config.set({"array.write_empty_chunks": True}):  # as units do, so that stores are equal to the byte
        encoding = {str(name): {"compressors": packed} for name in fixed.variables}
        fixed.to_zarr(path, mode="w", consolidated=False, zarr_format=3, encoding=encoding)
    sizes = {**changes.sizes, **{str(name): size for name, size in fixed.sizes.items()}}
    chunk = dict.fromkeys(changes.sizes, 1) | {"member": job.per_unit, "time": job.time_block}
    for name, (values, dims) in _arrays(job, empty).items():
        zarr.create_array(
            store=str(path), name=name, shape=[sizes[dim] for dim in dims], fill_value=np.nan,
            dtype=values.dtype if values.dtype.kind == "f" else np.dtype(float),  # a count may be missing
            chunks=tuple(min(chunk.get(dim, sizes[dim]), sizes[dim]) for dim in dims), dimension_names=list(dims),
            compressors=packed, attributes=dict(values.attrs),
        )  # fmt: skip
    _list_arrays(path)
    for name in (DONE, FAILED):
        (path / name).mkdir()
        (path / name / "zarr.json").write_text(_GROUP, encoding="utf-8")
    seal(path, job, list(_arrays(job, empty)))


def _list_arrays(path: Path) -> None:
    """Write the descriptions of all arrays into that of the store, where other programs look for them first."""
    about = json.loads((path / "zarr.json").read_text(encoding="utf-8"))
    arrays = {
        file.parent.name: json.loads(file.read_text(encoding="utf-8")) for file in sorted(path.glob("*/zarr.json"))
    }
    about["consolidated_metadata"] = {"kind": "inline", "must_understand": False, "metadata": arrays}
    (path / "zarr.json").write_text(json.dumps(about, indent=2), encoding="utf-8")


def seal(store: Path, job: Job, arrays: Sequence[str]) -> None:
    """Write the hashes of all that a store contains before its first unit.

    Parameters
    ----------
    store
        Path of the store.
    job
        Its job.
    arrays
        Names of the arrays that units fill.
    """
    own = {*arrays, DONE, FAILED}
    paths = [path.relative_to(store) for path in sorted(store.rglob("*")) if path.is_file()]
    kept = [path for path in paths if path.name == "zarr.json" or path.parts[0] not in own]
    data = {
        "job": job.written(),
        "arrays": sorted(arrays),
        "files": {path.as_posix(): hash_bytes((store / path).read_bytes()) for path in kept},
    }
    (store / HASHES).write_text(f"{sealed(data)}\n", encoding="utf-8")


def _coordinates(job: Job) -> dict[str, Any]:
    """Return the coordinates of the changes."""
    job = job.handed_on()
    dim = "variant" if job.what.listed else ""
    return {name: (dim or name, values, label_attributes(name)) for name, values in labels_of(job)}


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


def write_unit(store: Path, job: Job, unit: int, values: xr.Dataset) -> dict[str, str]:
    """Write the arrays of a unit.

    Returns
    -------
    dict
        SHA-256 of each of its chunks, by path in the store.
    """
    import zarr

    from gridmodel.studies.sweep.checked import Written

    zarr.config.set({"array.write_empty_chunks": True})  # a missing chunk means a missing unit
    variant, members = job.place(unit)
    place = job.what.position(variant)
    rows = slice(members.start, members.stop)
    names = unit_arrays(store)
    with beside(store.parent) as work:
        target = Written(store, work, frozenset(names))
        group = zarr.open_group(target, mode="r+", zarr_format=3, use_consolidated=False)
        for name in names:
            array: Any = group[name]
            dims = array.metadata.dimension_names[len(place) :]
            found = values[name]
            if name == "drawn_value":  # another variant may sample a setting that this one does not
                settings = [str(setting) for setting in np.asarray(group["setting"][:])]  # type: ignore[index]
                found = found.reindex(setting=settings)
            index = tuple(rows if dim == "member" else slice(None) for dim in dims)
            array[(*place, *index)] = found.transpose(*dims).to_numpy()
    return dict(sorted(target.hashes.items()))


def unit_arrays(store: Path) -> list[str]:
    """Return the names of the arrays that units fill.

    Raises
    ------
    InputError
        If the store does not say.
    """
    kept = read_sealed(store / HASHES)
    if kept is None:
        raise InputError([Problem(message="is missing or damaged", table=str(store / HASHES), hint=MENDED)])
    return [str(name) for name in kept["arrays"]]


def mark(store: Path, folder: str, unit: int, about: Mapping[str, Any]) -> None:
    """Write the marker of a unit atomically; a unit that failed before and is now done loses its mark of failure."""
    with beside(store.parent) as work:
        swap_in(f"{sealed(about)}\n".encode(), store / folder / f"{unit}.json", work)
    if folder == DONE:
        (store / FAILED / f"{unit}.json").unlink(missing_ok=True)


def done_units(store: Path, job: Job) -> set[int]:
    """Return the units whose marker and chunks agree; others lose their marker, and half-written files go."""
    for path in store.rglob("*.partial"):
        path.unlink(missing_ok=True)
    layout = read_layout(store, job, unit_arrays(store))
    return {unit for unit in range(job.units) if _is_done(store, layout, unit)}


def _is_done(store: Path, layout: Layout, unit: int) -> bool:
    path = store / DONE / f"{unit}.json"
    if not path.exists():
        return False
    hashes = _marker(store, unit)
    if hashes and set(hashes) == set(layout.chunks(unit)):
        try:
            if all(hash_bytes((store / key).read_bytes()) == found for key, found in hashes.items()):
                return True
        except (FileNotFoundError, NotADirectoryError):
            pass
    path.unlink()
    return False


def read_job(store: Path) -> Job:
    """Read the job of a store, from either of the two places in which it is.

    Raises
    ------
    InputError
        If it is not the store of a sweep, or its job does not describe one.
    """
    _refuse_links(store)
    wrong: list[Problem] = []
    for text in (_attribute(store), (read_sealed(store / HASHES) or {}).get("job")):
        job, problems = _job_of(store, text)
        if job is not None:
            return job
        wrong = wrong or problems
    raise InputError(wrong or [Problem(message="is not the store of a sweep", table=str(store))])


def _attribute(store: Path) -> object:
    """Return the job in the attributes of a store, as text; None if they are damaged."""
    try:
        path = store / "zarr.json"
        return json.loads(path.read_bytes())["attributes"][ATTRIBUTE] if path.stat().st_size <= MOST_BYTES else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _job_of(store: Path, text: object) -> tuple[Job | None, list[Problem]]:
    """Return the job of a text; None if it is damaged, and what is wrong if it is whole but describes no sweep.

    Raises
    ------
    InputError
        If it is of a newer version.
    """
    try:
        return (Job.read(text) if isinstance(text, str) else None), []
    except DescriptionError as error:
        return None, [replace(problem, table=str(store)) for problem in error.problems]
    except InputError as error:
        raise InputError([replace(problem, table=str(store)) for problem in error.problems]) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, []


MAX_ARRAYS = 1_000
"""Most arrays of a store. Ours: ten times those that a sweep keeps."""
_CHANGING = {"scale_factor", "add_offset", "missing_value", "_Unsigned", "dtype"}
"""Attributes by which readers change values; no sweep writes them."""
_TYPES = re.compile(r"bool|u?int(8|16|32|64)|float(16|32|64)|string")


def open_store(store: Path, *, quiet: bool = False) -> xr.Dataset:
    """Open a store lazily, after its hashes, its metadata, then its schema are checked.

    Parameters
    ----------
    store
        Path of the store.
    quiet
        Whether nothing is said about missing units.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    job = read_job(store)
    problems = Problems()
    kept = read_sealed(store / HASHES)
    if kept is not None or job.layout > 1:
        _check_fixed(store, kept, problems)
        problems.raise_if_any()
    found = None
    try:
        packings = _check_metadata(store, job, kept, problems)
        problems.raise_if_any()
        source = _source(store, job, kept, packings)
        found = of_library(lambda: xr.open_zarr(source, consolidated=False, zarr_format=3))
        for values in found.variables.values():  # they are unpacked already, and whoever writes them packs them anew
            values.encoding.pop("compressors", None)
            if isinstance(values.encoding.get("dtype"), np.dtypes.StringDType):
                del values.encoding["dtype"]  # xarray before 2026.1 cannot write it to netCDF
        leading = tuple(map(str, job.what.sizes))
        check_result(found, problems, str(store), leading=leading or ("variant",))
        problems.raise_if_any()
        check_labels(found, job, problems, str(store))
        problems.raise_if_any()
    except InputError:
        raise
    except UNREADABLE as error:
        message = "cannot be read as a store: something in it is not as a sweep writes it"
        raise InputError([Problem(message=message, table=str(store))]) from error
    if not quiet:
        units = len(job.what) * -(-job.members // job.per_unit)
        _say_what_is_missing(store, units, known=kept is not None)
    return cast("xr.Dataset", found)


def _source(store: Path, job: Job, kept: Mapping[str, Any] | None, packings: Mapping[str, Packing]) -> Unpacking:
    """Return the store as far as it is covered by hashes; all of it where an earlier version wrote none."""
    from gridmodel.studies.sweep.checked import Unpacking, Verified

    if kept is None:
        return Unpacking(store.absolute(), packings)
    layout = read_layout(store, job, kept["arrays"])
    return Verified(store.absolute(), packings, kept["files"], layout, frozenset(_marked(store)), DONE)


def _marked(store: Path) -> list[int]:
    """Return the units with a marker that is not damaged; their chunks are compared when they are read."""
    return [unit for unit in _markers(store / DONE) if _marker(store, unit)]


def _marker(store: Path, unit: int) -> dict[str, str]:
    """Return the hash of each chunk of a unit; nothing if its marker is missing or damaged."""
    about = read_sealed(store / DONE / f"{unit}.json") or {}
    files = about.get("files")
    return files if about.get("unit") == unit and isinstance(files, dict) else {}


def _say_what_is_missing(store: Path, units: int, *, known: bool) -> None:
    """Warn of units that are missing, and of a store without hashes."""
    if not known:
        said = "was written by an earlier version, without hashes of everything: damage may go unnoticed"
        warnings.warn(f"{store}: {said}", stacklevel=4)
    marked = set(_marked(store)) if known else set(_markers(store / DONE))
    missing = units - sum(unit < units for unit in marked)
    if not missing:
        return
    parts = {
        "failed": len(set(_markers(store / FAILED)) - marked),
        "with a damaged marker": len(set(_markers(store / DONE)) - marked),
    }
    counts = ", ".join(f"{count} {what}" for what, count in parts.items() if count)
    of = f"{missing} of {units} units {'is' if missing == 1 else 'are'} missing" + (f" ({counts})" if counts else "")
    warnings.warn(f"{store}: {of}, and their values are NaN; continue the sweep with --resume", stacklevel=4)


def _markers(folder: Path) -> list[int]:
    return [int(path.stem) for path in folder.glob("*.json") if path.stem.isdecimal()]


def _check_fixed(store: Path, kept: Mapping[str, Any] | None, problems: Problems) -> None:
    """Note files that are missing or differ from what the sweep wrote before its first unit."""
    files = kept.get("files") if kept else None
    if kept is None or not isinstance(files, dict) or not isinstance(kept.get("arrays"), list) or "job" not in kept:
        problems.add("is missing or damaged", table=str(store / HASHES), hint=MENDED)
        return
    arrays = kept["arrays"]
    if not all(isinstance(name, str) and "/" not in name and f"{name}/zarr.json" in files for name in arrays):
        problems.add("names arrays without metadata", table=str(store / HASHES), hint=MENDED)
        return
    if _attribute(store) != kept["job"]:
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


def _check_metadata(store: Path, job: Job, kept: Mapping[str, Any] | None, problems: Problems) -> dict[str, Packing]:
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
        Or an error of another kind that `_check_metadata` takes, if it is not the description of an array.
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
                    elif not entry.is_file(follow_symlinks=False):
                        message = "is neither a file nor a folder; a store contains nothing else"
                        raise InputError([Problem(message=message, table=entry.path)])
        except OSError:
            continue


def check_same(store: Path, job: Job) -> Job:
    """Check that a store was begun with the same sweep, and return its job, whose units may have another size.

    Raises
    ------
    InputError
        With every difference: another version, other inputs, other settings.
    """
    old, new = read_job(store), job
    old, job = old.handed_on(), job.handed_on()
    problems = []
    for what, message in (("versions", "has another version"), ("inputs", "was made with other inputs")):
        before, after = getattr(old, what), getattr(job, what)
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                shown = f"{message}: {_brief(before.get(name))} then, {_brief(after.get(name))} now"
                problems.append(Problem(message=shown, table=str(store), field=name))
    if old.layout != job.layout:
        message = "was begun by an earlier version, without hashes of everything; make a new store"
        problems.append(Problem(message=message, table=str(store)))
    problems += _other_settings(old, job, str(store))
    if problems:
        raise InputError(problems)
    return replace(new, per_unit=old.per_unit, time_block=old.time_block)


def _other_settings(old: Job, job: Job, shown: str) -> list[Problem]:
    """Return a problem for each part of the scenario, the changes and what is kept that differs."""
    problems = []
    settings: dict[str, tuple[Any, Any]]
    settings = {f"scenario {name}": (old.base.get(name), job.base.get(name)) for name in {*old.base, *job.base}}
    settings |= {"changes": (old.changes, json.loads(json.dumps(job.changes))), "keep": (old.keep, job.keep)}
    for name, (before, after) in sorted(settings.items()):
        if before == after:
            continue
        found = list(islice(_parts_that_differ(_by_name(before), _by_name(after), name), MOST_TOLD + 1))
        for place, one, other in found[:MOST_TOLD] or [(name, before, after)]:  # the order of settings in a grid
            message = f"was begun with {_brief(one)}, not {_brief(other)}"
            problems.append(Problem(message=message, table=shown, field=place))
        if len(found) > MOST_TOLD:
            problems.append(Problem(message="has more differences of this kind", table=shown, field=name))
    return problems


MOST_TOLD = 10
"""Most differences of one setting that are told. Ours: half a screen."""


def _by_name(value: Any) -> Any:  # noqa: ANN401 - any plain data
    """Return the changes of a grid by the name of their setting, so that one more does not move the others."""
    grid = value.get("grid") if isinstance(value, Mapping) else None
    return {"grid": {str(one): values for one, values in grid}} if isinstance(grid, list) else value


def _parts_that_differ(before: Any, after: Any, name: str) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - as above
    """Yield the places where two values differ, with what is there: the parts of mappings and lists, not the whole."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _parts_that_differ(before.get(key), after.get(key), f"{name} {key}")
        return
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        yield from _items_that_differ(before, after, name)
        return
    yield name, before, after


def _items_that_differ(before: Sequence[Any], after: Sequence[Any], name: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield how two lists differ: what only one of them contains, or else the first place where they do."""
    gone = [one for one in before if one not in after] if len(before) + len(after) <= MOST_COMPARED else []
    new = [one for one in after if one not in before] if len(before) + len(after) <= MOST_COMPARED else []
    short = all(len(_text(one)) <= MOST_SHOWN for one in (before, after))
    if short:
        yield name, before, after
    elif len(gone) == len(new) == 1 or not (gone or new):
        place = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
        if place is None:
            yield f"{name}, number of entries", len(before), len(after)
        else:
            yield from _parts_that_differ(before[place], after[place], f"{name} {place + 1}")
    else:
        yield name, _list_of(gone), _list_of(new)


def _list_of(values: Sequence[Any]) -> str:
    """Return entries that only one list has, as many as fit."""
    text = ", ".join(_text(one) for one in values[:MOST_TOLD])
    extra = len(values) - MOST_TOLD
    return (f"{text} and {extra} more" if extra > 0 else text) or "nothing more"


def _text(value: object) -> str:
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value, sort_keys=True)


MOST_SHOWN, MOST_COMPARED = 80, 4_000
"""Longest text that is shown of a value [characters], and most entries of lists that are compared each with each. Ours:
a line of a terminal, and a second."""


def _brief(value: object) -> str:
    text = _text(value)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
