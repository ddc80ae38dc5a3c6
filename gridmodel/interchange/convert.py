"""Convert a network: read it, write it beside its target, and move it there whole."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path

from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.inputs.writing import beside
from gridmodel.interchange.format import Format
from gridmodel.interchange.kinds import losses
from gridmodel.interchange.open import read_any
from gridmodel.interchange.registry import OURS, WRITERS, WRITTEN
from gridmodel.interchange.source import Source
from gridmodel.interchange.writers.own_tables import has_our_tables
from gridmodel.network.read import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """Result of a conversion: what was written, and what was lost."""

    path: Path
    form: str
    """Name of the format, one of `gridmodel.interchange.registry.WRITTEN`."""
    not_kept: list[str]
    """A line for each kind of thing that the format cannot hold as it is; empty if it keeps everything."""


def convert_network(source: str | Path, target: str | Path, *, to: str | None = None) -> Conversion:
    """Write a network in another format.

    Parameters
    ----------
    source
        A bundled name, or the path of a folder or file of any format that is read.
    target
        File or folder to write. The suffix of a file decides its format, such as .json (pandapower), .nc (PyPSA), .m
        (MATPOWER) or .geojson. Nothing is overwritten, and nothing is left behind if writing fails.
    to
        Format, one of `gridmodel.interchange.registry.WRITTEN`. Default: by the target's suffix; a folder becomes our
        own tables if the network contains them, otherwise pandapower's.

    Returns
    -------
    Conversion
        With a line for each kind of thing that the format cannot hold.

    Raises
    ------
    InputError
        If the network has errors, the format cannot hold it at all, or the target exists already, has an unknown
        suffix, or cannot be written.

    Warns
    -----
    UserWarning
        Where a part of the source is ignored.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import tempfile
    >>> done = gm.convert_network("three-region", f"{tempfile.mkdtemp()}/mine.m")
    >>> done.form, done.not_kept[2:4]
    ('matpower', ['coordinates of buses (4)', 'lengths of lines (4)'])
    """
    place, problems = Path(target), Problems()
    read = problems.of(lambda: read_any(source))
    problems.of(lambda: _check_form(place, to))
    problems.of(lambda: _check_free(place))
    if read is None or problems.found:
        raise InputError(problems.found)
    found, noted = read
    for problem in noted:
        warnings.warn(str(problem), UserWarning, stacklevel=2)
    known = Source(found, place.stem)
    form = WRITTEN[to or _form_of(place, known)]
    whole = form.name == OURS and isinstance(found, Network)
    not_kept = [] if whole else losses(known.plain, form.fate)
    more = _put(form, known, place)
    return Conversion(path=place, form=form.name, not_kept=[*not_kept, *more])


def _fault(message: str, value: object, *, field: str = "TO", hint: str = "") -> list[Problem]:
    return [Problem(message=message, field=field, value=str(value), hint=hint)]


def _check_form(place: Path, to: str | None) -> None:
    """Check that the suffix of the target and the format go together.

    Raises
    ------
    InputError
        If they do not, or the format does not exist.
    """
    suffix = place.suffix.lower()
    suffixes = sorted({form.suffix for form in WRITTEN.values() if form.suffix})
    if to is not None and to not in WRITTEN:
        hint = nearest(to, WRITTEN) or ", ".join(WRITTEN)
        raise InputError(_fault("is not an export format", to, field="to", hint=hint))
    wanted = WRITTEN[to].suffix if to is not None else suffix
    if wanted != suffix and (wanted or suffix in suffixes):
        message = f"must end in {wanted} for {to}" if wanted else f"is the name of a file, but {to} is a folder"
        raise InputError(_fault(message, place))
    if to is None and suffix not in {"", *suffixes}:
        hint = f"choose a name that ends in {', '.join(suffixes)}, or a folder"
        raise InputError(_fault("does not end in the suffix of an export format", place, hint=hint))


def _form_of(place: Path, source: Source) -> str:
    """Return the name of the format that a target's name stands for."""
    if place.suffix:
        return next(name for name, form in WRITTEN.items() if form.suffix == place.suffix.lower())
    ours = isinstance(source.found, Network) or has_our_tables(source.found)
    return OURS if ours else "pandapower-csv"


def _nearest_folder(place: Path) -> Path:
    """Return the nearest parent of a place that exists."""
    return next(path for path in place.absolute().parents if path.exists())


def _check_free(place: Path) -> None:
    """Check that a place is free and can be written.

    Raises
    ------
    InputError
        If it exists already, or cannot be written.
    """
    try:
        if place.exists() or place.is_symlink():
            raise InputError(_fault("exists already", place))
        parent = _nearest_folder(place)
        writable = parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)
    except OSError as error:
        raise InputError(_fault(f"cannot be reached: {error.strerror}", place)) from None
    if not writable:
        reason = "no permission to write there" if parent.is_dir() else "not a folder"
        raise InputError(_fault(f"cannot be written: {parent}: {reason}", place))


def _put(form: Format, source: Source, place: Path) -> list[str]:
    """Write beside the place, then move it there; remove what was begun if that fails.

    Raises
    ------
    InputError
        If it cannot be written.
    ImportError
        If a library is missing that no extra brings.
    """
    try:
        with beside(_nearest_folder(place)) as work:
            made = work / place.name
            if not form.suffix:
                made.mkdir()
            more = WRITERS[form.name](source, made)
            _check_free(place)
            place.parent.mkdir(parents=True, exist_ok=True)
            made.rename(place)
    except (OSError, RuntimeError) as error:  # the netCDF library says RuntimeError of a full disk
        raise InputError(_fault(f"cannot be written: {getattr(error, 'strerror', None) or error}", place)) from None
    except ImportError:
        if not form.extra:
            raise
        hint = f"pip install 'gridmodel[{form.extra}]'"
        raise InputError(_fault(f'needs the extra "{form.extra}"', place, hint=hint)) from None
    return more or []
