"""Regions of a network and the country they are in: ids, names by language, zones, centres, time zone, clock times."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, nearest

NAME = "name_"
"""Beginning of the columns of `regions.csv` that give names; the code of the language follows."""
UTC_NAME = "UTC"
"""Time zone of a network that does not name one."""
_NOT_A_PLACE = frozenset({"localtime", "posixrules", "Factory"})
"""Files among the time zones of a computer that name its own clock, or none."""
OBLAST_WORDS = frozenset({"oblast", "region", "province", "область", "області", "областю", "обл"})
"""Words beside the name of a region. Ours: English and Ukrainian."""
CITY_WORDS = frozenset({"city", "of", "м", "місто", "місті", "міста"})
"""Words beside the name of a city."""
_ADJECTIVE = re.compile(r"(с|ц|з)ьк(а|ий|ої|ого|ій|у|ою|е)$")
"""Ending of a Ukrainian adjective, in any gender and case."""
_LAND = re.compile(r"(ч?)(ч|щ)ин(а|и|і|у|ою)$")
"""Ending of a Ukrainian name of the land around a city, as in Житомирщина and Вінниччина, in any case."""
_LATIN = re.compile(r"(?<=[a-z]{3})ska$")
"""Ending of a Ukrainian adjective in Latin letters, as in Zhytomyrska."""
MOST_NAMED = 40
"""Most regions that are listed where a name is near none of them. Ours: the oblasts of a country."""
WEEK = ("weekday",) * 5 + ("weekend",) * 2
"""Kind of each day, Monday first, where a network does not say it: weekends are Saturday and Sunday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Content of `network.toml`: the network as a whole."""

    country: str
    """Name of the whole country in events, e.g. the `UA` of `UA/hydro`."""
    timezone: str
    """Time zone by its IANA name."""
    languages: tuple[str, ...] = ()
    """Codes of the languages in which regions have names; empty: those that `regions.csv` has columns for."""
    week: tuple[str, ...] = WEEK
    """Kind of each day, `weekday` or `weekend`, Monday first."""
    frequency_hz: float = 50.0
    """Nominal frequency. [Hz]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regions:
    """Regions in the order of their file, and where and when they are."""

    ids: tuple[str, ...]
    """Id of each region."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of each region by language, empty where it has none."""
    zones: tuple[str, ...] = ()
    """Zone of each region; empty for a result, which does not keep them."""
    centre_lat: Floats = field(default_factory=lambda: np.zeros(0))
    """Latitude of each centre, shape ``(region,)``. [deg]"""
    centre_lon: Floats = field(default_factory=lambda: np.zeros(0))
    """Longitude of each centre, shape ``(region,)``. [deg]"""
    timezone: str = UTC_NAME
    """Time zone of their clocks, by its IANA name."""

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, name: str) -> str | None:
        """Return the id of a region by its id or its name in any language; None if none or several match.

        Case, the way in which accents are encoded, the number of spaces, words such as `oblast` or `м.` and the endings
        of Ukrainian adjectives do not matter, and the land around a city stands for its region. An id goes before a
        name. A name that a city and the region around it share is that of the city, unless a word says otherwise.

        Examples
        --------
        >>> found = Regions(ids=("UA-30", "UA-46"), names={"en": ("Kyiv", "Lviv"), "uk": ("Київ", "Львівська")})
        >>> found.find("kyiv"), found.find("ЛЬВІВСЬКА"), found.find("ua-46"), found.find("Odesa")
        ('UA-30', 'UA-46', 'UA-46', None)
        >>> found.find("Львівської області"), found.find("Львівщина"), found.find("Lviv oblast")
        ('UA-46', 'UA-46', 'UA-46')
        """
        matches = self._matches(name)
        if matches:
            return matches[0] if len(matches) == 1 else None
        return alike(name, ((region, known, "name") for region, known in self._known()))

    def asked(self, names: Iterable[str], of: str, *, field: str = "--region") -> list[str]:
        """Return the ids of regions that a user asked for by id or name, each once.

        Parameters
        ----------
        names
            Names that were given.
        of
            Words for what has the regions, e.g. `this run`.
        field
            Option that was given.

        Raises
        ------
        InputError
            With every name that is none of the regions, and the nearest one.

        Examples
        --------
        >>> found = Regions(ids=("UA-30", "UA-46"), names={"en": ("Kyiv", "Lviv")})
        >>> found.asked(["lviv", "UA-46", "kyiv city"], "this run")
        ['UA-46', 'UA-30']
        """
        found, problems = [], []
        for name in names:
            region = self.find(name)
            if region is None:
                message, hint = self.unknown(name, of)
                if not hint and len(self) <= MOST_NAMED and not self._matches(name):
                    hint = f"regions: {', '.join(self.in_language('en'))}"
                problems.append(Problem(message=message, field=field, value=name[:80], hint=hint))
            else:
                found.append(region)
        if problems:
            raise InputError(problems)
        return list(dict.fromkeys(found))

    def unknown(self, name: str, of: str) -> tuple[str, str]:
        """Return what is wrong with a name that `find` does not find, and a hint: a message's end.

        Parameters
        ----------
        name
            Name that was given.
        of
            Words for what has the regions, e.g. `this run`.

        Examples
        --------
        >>> found = Regions(ids=("TR-1", "TR-2"), names={"en": ("Northland", "Northland")})
        >>> found.unknown("northland", "this run"), found.unknown("TR1", "this run")
        (('is the name of TR-1 and TR-2; give the id', ''), ('is not a region of this run', 'nearest: TR-1'))
        """
        matches = self._matches(name)
        if len(matches) > 1:
            return f"is the name of {', '.join(matches[:-1])} and {matches[-1]}; give the id", ""
        return f"is not a region of {of}", self.hint(name)

    def hint(self, name: str) -> str:
        """Return the nearest id or name for a message about an unknown region, or all ids if they are few.

        Examples
        --------
        >>> Regions(ids=("UA-30", "UA-46"), names={"en": ("Kyiv", "Lviv")}).hint("Lvov")
        'nearest: UA-46 (Lviv)'
        """
        shown = {known: region if known == region else f"{region} ({known})" for region, known in self._known()}
        for known, said in list(shown.items()):
            shown.setdefault(parts_of(known)[0] or known, said)
        said = nearest(name, shown)
        head, _, known = said.partition("nearest: ")
        return f"nearest: {shown[known]}" if not head and known else nearest(name, self.ids)

    def in_language(self, language: str) -> tuple[str, ...]:
        """Return the name of each region in a language; in English, else its id, where it has no name in it.

        Examples
        --------
        >>> Regions(ids=("UA-30", "UA-46"), names={"en": ("Kyiv", ""), "uk": ("", "")}).in_language("uk")
        ('Kyiv', 'UA-46')
        """
        empty = ("",) * len(self.ids)
        choices = zip(self.names.get(language, empty), self.names.get("en", empty), self.ids, strict=True)
        return tuple(own or english or region for own, english, region in choices)

    def _matches(self, name: str) -> list[str]:
        """Return the ids that a text may mean: the exact id, else ids in any case, else regions of that name."""
        wanted = folded(name)
        exact = [region for region in self.ids if region == name.strip()]
        by_id = exact or [region for region in self.ids if folded(region) == wanted]
        named = (region for region, known in self._known() if wanted and folded(known) == wanted)
        return by_id or list(dict.fromkeys(named))

    def _known(self) -> Iterator[tuple[str, str]]:
        """Yield the id of each region with each text that stands for it, ids first."""
        yield from zip(self.ids, self.ids, strict=True)
        for names in self.names.values():
            yield from ((region, name) for region, name in zip(self.ids, names, strict=True) if name)


def alike(name: str, known: Iterable[tuple[str, str, str]]) -> str | None:
    """Return the region whose name differs from another only in words around it and endings; None if not just one.

    Parameters
    ----------
    name
        Name that was given.
    known
        Id, a text that stands for the region, and `name` or `site`, of what the text is the name.
    """
    core, _, oblast = parts_of(name)
    found: dict[str, set[str]] = {}
    for region, text, kind in known:
        other, of_city, of_oblast = parts_of(text)
        if core and other == core:
            found.setdefault(region, set()).add("city" if of_city else "oblast" if of_oblast else kind)
    wanted = {"oblast", "name"} if oblast else {"city"} if len(found) > 1 else set()
    found = {region: kinds for region, kinds in found.items() if wanted & kinds} or found
    return next(iter(found)) if len(found) == 1 else None


def parts_of(name: str) -> tuple[str, bool, bool]:
    """Return a name without the words around it, and whether one of them says that it is a city, or a region.

    Examples
    --------
    >>> parts_of("м.Київ"), parts_of("Вінницької обл."), parts_of("Kyiv Oblast")
    (('київ', True, False), ('вінницьк', False, True), ('kyiv', False, True))
    >>> parts_of("Вінниччина"), parts_of("Київщина"), parts_of("Zhytomyrska")
    (('вінницьк', False, True), ('київськ', False, True), ('zhytomyr', False, True))
    """
    words = folded(name).replace(".", ". ").replace("_", " ").split()
    bare = [word.rstrip(".,") for word in words]
    core = " ".join(word for word in bare if word and word not in OBLAST_WORDS | CITY_WORDS)
    land = _LAND.search(core) or _LATIN.search(core)
    core = _LATIN.sub("", _LAND.sub(lambda found: "цьк" if found[1] else "ськ", core))
    return _ADJECTIVE.sub(r"\1ьк", core), bool(CITY_WORDS & set(bare)), bool(land or OBLAST_WORDS & set(bare))


def folded(name: str) -> str:
    r"""Return a name without the differences that a reader does not see: case, runs of spaces, encoding of accents.

    Examples
    --------
    >>> folded(" Kyiv  City "), folded("Ki\u0308v") == folded("k\u00efv")
    ('kyiv city', True)
    """
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def regions_of_table(table: pd.DataFrame, timezone: str) -> Regions:
    """Return the regions of a network.

    Parameters
    ----------
    table
        Its table `regions`.
    timezone
        Time zone of the network.
    """
    names = {str(column).removeprefix(NAME): column for column in table if str(column).startswith(NAME)}
    return Regions(
        ids=tuple(map(str, table["id"])),
        names={language: tuple(map(str, table[column])) for language, column in names.items()},
        zones=tuple(map(str, table["zone"])),
        centre_lat=table["centre_lat"].to_numpy(dtype=float),
        centre_lon=table["centre_lon"].to_numpy(dtype=float),
        timezone=timezone,
    )


def regions_of_result(result: xr.Dataset) -> Regions:
    """Return the regions of a result, with the names that it carries: `region_name`, `region_name_uk` and the like."""
    other = {str(name).removeprefix("region_name_"): str(name) for name in result.coords if "region_name_" in str(name)}
    english = {"en": "region_name"} if "region_name" in result.coords else {}
    names = {**english, **other}
    return Regions(
        ids=tuple(map(str, result["region"].to_numpy())),
        names={language: tuple(map(str, result[name].to_numpy())) for language, name in names.items()},
        timezone=str(result.attrs.get("timezone", UTC_NAME)),
    )


def is_timezone(name: str) -> bool:
    """Return whether a name is that of a known time zone, which means the same on every computer.

    Examples
    --------
    >>> is_timezone("Europe/Kyiv"), is_timezone("Europe"), is_timezone("Kiev time")
    (True, False, False)
    >>> is_timezone("localtime"), is_timezone("right/Europe/Kyiv")
    (False, False)
    """
    if name in _NOT_A_PLACE or name.startswith(("right/", "posix/")):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def utc_time(local: datetime, timezone: str) -> datetime:
    """Return a clock time in UTC, without a zone attached; the first of the two where the clock is set back."""
    return local.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC).replace(tzinfo=None)


def is_on_clock(local: datetime, timezone: str) -> bool:
    """Return whether the clock shows a time at all: it skips an hour when summer time begins."""
    zone = ZoneInfo(timezone)
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


def local_times(times: npt.NDArray[np.datetime64], timezone: str) -> npt.NDArray[np.datetime64]:
    """Return the clock time of UTC times to the second, shape as given; missing times stay missing."""
    zone = ZoneInfo(timezone)
    moments = times.astype("datetime64[s]").astype(datetime).reshape(-1)
    clock = [
        None if moment is None else moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        for moment in moments
    ]
    return np.array(clock, dtype="datetime64[s]").reshape(times.shape)
