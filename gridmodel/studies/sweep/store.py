"""Store of a sweep: one Zarr folder in which a unit is complete and marked, or absent, and all is covered by hashes.

A chunk never contains parts of two units. Each is made beside the store and swapped in; a unit counts once its marker,
which contains the hash of each of its chunks, has been swapped in after them. So a process may die at any moment. What
does not change is covered by hashes in a file of its own, which also contains the job once more; that file, the job and
the markers contain hashes of themselves. A power cut may lose chunks that the file system had not written: the hashes
notice it.
"""

from __future__ import annotations

import fcntl
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.hdf5 import UNREADABLE, of_library
from gridmodel.inputs.writing import beside, parents_made, replaced_folder, swap_in
from gridmodel.results.handed_on import attributes_without_folders
from gridmodel.results.result_schema import check_result
from gridmodel.scenario.units import label_attributes
from gridmodel.studies.sweep.agreeing import check_labels, labels_of
from gridmodel.studies.sweep.chunks import Packing
from gridmodel.studies.sweep.described import DescriptionError
from gridmodel.studies.sweep.differing import brief, other_settings
from gridmodel.studies.sweep.inspected import (
    ATTRIBUTE,
    DONE,
    FAILED,
    HASHES,
    check_fixed,
    check_metadata,
    job_attribute,
    refuse_links,
)
from gridmodel.studies.sweep.job import Job, metric_templates, settings_drawn
from gridmodel.studies.sweep.layout import Layout, read_layout
from gridmodel.studies.sweep.sealed import MENDED, hash_bytes, read_sealed, sealed

if TYPE_CHECKING:
    from gridmodel.studies.sweep.checked import Unpacking

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
    count = len(job.what)
    fixed.attrs["history"] = f"{empty.attrs['source']}: sweep of {count} variant{'s' if count != 1 else ''}"
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
    refuse_links(store)
    wrong: list[Problem] = []
    for text in (job_attribute(store), (read_sealed(store / HASHES) or {}).get("job")):
        job, problems = _job_of(store, text)
        if job is not None:
            return job
        wrong = wrong or problems
    raise InputError(wrong or [Problem(message="is not the store of a sweep", table=str(store))])


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
        check_fixed(store, kept, problems)
        problems.raise_if_any()
    found = None
    try:
        packings = check_metadata(store, job, kept, problems)
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
                shown = f"{message}: {brief(before.get(name))} then, {brief(after.get(name))} now"
                problems.append(Problem(message=shown, table=str(store), field=name))
    if old.layout != job.layout:
        message = "was begun by an earlier version, without hashes of everything; make a new store"
        problems.append(Problem(message=message, table=str(store)))
    problems += other_settings(old, job, str(store))
    if problems:
        raise InputError(problems)
    return replace(new, per_unit=old.per_unit, time_block=old.time_block)
