"""Regions that a user asked for, by id, name or the name of a city in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gridmodel.commands.common import echo

if TYPE_CHECKING:
    from gridmodel.regions import Regions


def regions_asked(names: Iterable[str], known: Regions, of: str) -> list[str]:
    """Return the ids of regions, and say of each city in which region it lies.

    Parameters
    ----------
    names
        Names that were given.
    known
        Regions that there are.
    of
        Words for what has the regions, e.g. `this run`.

    Raises
    ------
    InputError
        With every name that is none of the regions.
    """
    from gridmodel.inputs.cities import asked

    found, notes = asked(names, known, of)
    for note in notes:
        echo(note, err=True)
    return found


def named_regions(names: Iterable[str], known: Regions) -> list[str]:
    """Return names with each city replaced by the id of its region, which is said; other names stay as they are."""
    from gridmodel.inputs.cities import in_regions

    found, notes = in_regions(names, known)
    for note in notes:
        echo(note, err=True)
    return found
