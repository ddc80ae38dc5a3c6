"""Regions by the name of a city that lies in one: results are of whole regions, so the region is what is answered."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache

from gridmodel.errors import InputError, Problems
from gridmodel.inputs.files import ROOT
from gridmodel.regions import CITY_WORDS, Regions, folded, parts_of

FILE = ROOT / "networks" / "cities.csv"
"""Bundled cities: id of the region (ISO 3166-2), name, and names in other languages."""
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ`ʹ", "'"))


def asked(names: Iterable[str], known: Regions, of: str, *, field: str = "--region") -> tuple[list[str], list[str]]:
    """Return the ids of regions that a user asked for by id, name, or the name of a city in them, each once.

    Parameters
    ----------
    names
        Names that were given.
    known
        Regions that there are.
    of
        Words for what has the regions, e.g. `this run`.
    field
        Option that was given.

    Returns
    -------
    tuple
        The ids, and a sentence for each city that stands for its region.

    Raises
    ------
    InputError
        With every name that is none of the regions or lies in several, and the nearest one.

    Examples
    --------
    >>> regions = Regions(ids=("UA-18", "UA-12"), names={"en": ("Zhytomyr", "Dnipropetrovsk")})
    >>> asked(["Бердичів", "ua-12"], regions, "this run")
    (['UA-18', 'UA-12'], ['Бердичів lies in Zhytomyr (UA-18): all numbers are of the whole region.'])
    """
    given, notes = in_regions(names, known)
    found, problems = [], Problems()
    for name in given:
        here = () if known.find(name) else _regions_of(name) or _regions_of(parts_of(name)[0])
        inside = [_shown(region, known) for region in here if region in known.ids]
        if here and len(inside) != 1:
            other = f"lies in {' or '.join(here)}, which is not a region of {of}"
            message = f"is the name of cities in {' and '.join(inside)}; give the region" if inside else other
            problems.add(message, field=field, value=name[:80])
        else:
            try:
                found += known.asked([name], of, field=field)
            except InputError as error:
                problems.found += error.problems
    problems.raise_if_any()
    return list(dict.fromkeys(found)), notes


def in_regions(names: Iterable[str], known: Regions) -> tuple[list[str], list[str]]:
    """Return names with each city replaced by the id of the one region that it lies in, and a sentence for each.

    Parameters
    ----------
    names
        Names that were given.
    known
        Regions that there are.
    """
    found, notes = [], []
    for name in names:
        inside = [] if known.find(name) else [region for region in _regions_of(name) if region in known.ids]
        found.append(inside[0] if len(inside) == 1 else name)
        if len(inside) == 1:
            notes.append(f"{name.strip()} lies in {_shown(inside[0], known)}: all numbers are of the whole region.")
    return found, notes


def _shown(region: str, known: Regions) -> str:
    return f"{dict(zip(known.ids, known.in_language('en'), strict=True))[region]} ({region})"


def _regions_of(name: str) -> tuple[str, ...]:
    """Return the regions in which a city of a name lies, without words such as `city` or `м.` around it."""
    words = _plain(name).replace(".", ". ").split()
    return _by_name().get(" ".join(word for word in words if word.rstrip(".") not in CITY_WORDS), ())


def _plain(name: str) -> str:
    return folded(name).translate(_APOSTROPHES)


@cache
def _by_name() -> Mapping[str, tuple[str, ...]]:
    """Return the regions of each name of a city; none if the file is not there."""
    if not FILE.is_file():
        return {}
    found: dict[str, dict[str, None]] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in (row["city"], *filter(None, row["names"].split(";"))):
                found.setdefault(_plain(name), {})[row["region"]] = None
    return {name: tuple(regions) for name, regions in found.items()}
