"""A network in another format: read, written beside its place, put there whole."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gridmodel.errors import InputError, Problem, nearest
from gridmodel.interchange.adapter.build import build_net, plain_of
from gridmodel.interchange.adapter.own import to_pandapower
from gridmodel.interchange.open import read_any
from gridmodel.interchange.writers import folder, geojson, matpower, plain, pypsa
from gridmodel.interchange.writers.buses import bus_branch
from gridmodel.interchange.writers.kept import losses
from gridmodel.network.plain import PlainNet
from gridmodel.network.read import Network

if TYPE_CHECKING:
    from pandapower import pandapowerNet


class _Source:
    """A network in the forms that the writers take, each made when it is asked for."""

    def __init__(self, found: Network | PlainNet, name: str) -> None:
        self.found = found
        self.name = name
        """What the target will be called, without its end."""

    @cached_property
    def net(self) -> pandapowerNet:
        return build_net(self.found) if isinstance(self.found, PlainNet) else to_pandapower(self.found)

    @cached_property
    def plain(self) -> PlainNet:
        return plain_of(self.net)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to write a network."""

    suffix: str
    """End of the file's name; a folder has none."""
    holds: str
    """Key into `FORMATS`: what it keeps."""
    write: Callable[[_Source, Path], list[str] | None]
    """Writes to a new file or into an empty folder; says what else is not kept."""


def _own(source: _Source, path: Path) -> list[str] | None:
    if isinstance(source.found, Network):
        folder.write_own(source.found, path)
        return None
    return folder.write_tables_of(source.net, path)


def _case(source: _Source, path: Path) -> None:
    matpower.write_matpower(bus_branch(source.net), path, name=source.name)


def _pypsa_folder(source: _Source, path: Path) -> None:
    pypsa.write_folder(bus_branch(source.net), path, name=source.name)


def _pypsa_netcdf(source: _Source, path: Path) -> None:
    pypsa.write_netcdf(bus_branch(source.net), path, name=source.name)


FORMS: dict[str, Form] = {
    "gridmodel": Form(suffix="", holds="gridmodel", write=_own),
    "pandapower-json": Form(suffix=".json", holds="pandapower", write=lambda s, path: plain.write_json(s.plain, path)),
    "pandapower-excel": Form(suffix=".xlsx", holds="pandapower", write=lambda s, p: plain.write_excel(s.plain, p)),
    "pandapower-csv": Form(suffix="", holds="pandapower", write=lambda s, path: plain.write_folder(s.plain, path)),
    "pypsa-csv": Form(suffix="", holds="pypsa", write=_pypsa_folder),
    "pypsa-netcdf": Form(suffix=".nc", holds="pypsa", write=_pypsa_netcdf),
    "matpower": Form(suffix=".m", holds="matpower", write=_case),
    "geojson": Form(suffix=".geojson", holds="geojson", write=lambda s, path: geojson.write_geojson(s.net, path)),
}  # fmt: skip
"""Every format that is written, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What was written, and what it does not hold."""

    path: Path
    form: str
    """Key into `FORMS`."""
    not_kept: list[str]
    """A line for each kind of thing that the format cannot hold as it is; empty where it holds everything."""


def convert_network(source: str | Path, target: str | Path, *, to: str | None = None) -> Conversion:
    """Write a network in another format.

    Parameters
    ----------
    source
        A bundled name, or the path of a folder or file of any format that is read.
    target
        Where to: a name that ends in .json or .xlsx (pandapower), .nc (PyPSA), .m (MATPOWER) or .geojson, or a folder.
        Nothing is written over, and nothing is left where writing fails.
    to
        Format, one of `FORMS`, where the name leaves it open: a folder is of our own tables where the network holds
        them, else of pandapower's.

    Returns
    -------
    Conversion
        What the format cannot hold, a line for each kind of thing.

    Raises
    ------
    InputError
        If the network has errors, the format cannot hold it at all, or the target is there already, of no known
        format, or out of reach.

    Warns
    -----
    UserWarning
        Where a part of the source is passed over.
    """
    place = Path(target)
    _check_form(place, to)
    _check_free(place)
    found, noted = read_any(source)
    for problem in noted:
        warnings.warn(str(problem), UserWarning, stacklevel=2)
    known = _Source(found, place.stem)
    name = to or _form_of(place, known)
    form = FORMS[name]
    whole = name == "gridmodel" and isinstance(found, Network)
    not_kept = [] if whole else losses(known.plain, form.holds)
    more = _put(form, known, place)
    return Conversion(path=place, form=name, not_kept=[*not_kept, *more])


def _fault(message: str, value: object, *, field: str = "TO", hint: str = "") -> list[Problem]:
    return [Problem(message=message, field=field, value=str(value), hint=hint)]


def _check_form(place: Path, to: str | None) -> None:
    """See that the name's end and the format go together.

    Raises
    ------
    InputError
        If they do not, or there is no such format.
    """
    suffix = place.suffix.lower()
    ends = sorted({form.suffix for form in FORMS.values() if form.suffix})
    if to is not None and to not in FORMS:
        raise InputError(
            _fault("is no format that is written", to, field="to", hint=nearest(to, FORMS) or ", ".join(FORMS))
        )
    if to is not None and FORMS[to].suffix != suffix and not (FORMS[to].suffix == "" and suffix not in ends):
        end = FORMS[to].suffix
        raise InputError(
            _fault(f"is {f'no name that ends in {end}' if end else 'the name of a file'}, as {to} needs", place)
        )
    if to is None and suffix not in {"", *ends}:
        raise InputError(
            _fault("is no format that is written", place, hint=f"a name that ends in {', '.join(ends)}, or a folder")
        )


def _form_of(place: Path, source: _Source) -> str:
    """Name of the format that a target's name stands for."""
    if place.suffix:
        return next(name for name, form in FORMS.items() if form.suffix == place.suffix.lower())
    ours = isinstance(source.found, Network) or folder.holds_our_tables(source.found)
    return "gridmodel" if ours else "pandapower-csv"


def _nearest_folder(place: Path) -> Path:
    """Nearest thing above a place that is there."""
    return next(path for path in place.absolute().parents if path.exists())


def _check_free(place: Path) -> None:
    """See that there is nothing at a place, and that something can be put there.

    Raises
    ------
    InputError
        If there is, or cannot.
    """
    try:
        if place.exists() or place.is_symlink():
            raise InputError(_fault("exists already", place))
        parent = _nearest_folder(place)
        writable = parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)
    except OSError as error:
        raise InputError(_fault(f"cannot be reached: {error.strerror}", place)) from None
    if not writable:
        raise InputError(
            _fault(f"cannot be written: {'no right to' if parent.is_dir() else 'is no folder:'} {parent}", place)
        )


def _put(form: Form, source: _Source, place: Path) -> list[str]:
    """Write beside the place, then move there; what was begun is taken away where that fails.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    work: Path | None = None
    try:
        work = Path(tempfile.mkdtemp(prefix=".gridmodel-", dir=_nearest_folder(place)))
        made = work / place.name
        if not form.suffix:
            made.mkdir()
        more = form.write(source, made)
        _check_free(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        made.rename(place)
    except (OSError, RuntimeError) as error:  # the netCDF library says RuntimeError of a full disk
        raise InputError(_fault(f"cannot be written: {getattr(error, 'strerror', None) or error}", place)) from None
    except ImportError:
        raise InputError(_fault("takes openpyxl", place, hint="pip install 'gridmodel[files]'")) from None
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
    return more or []
