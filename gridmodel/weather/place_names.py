"""Regions by the names that weather files give to them: of the region or its site, with the words around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from gridmodel.regions import Regions, alike, folded, parts_of

NEAR = 0.75
"""Least likeness of a name that is suggested. [1] Ours: higher than elsewhere, since names of regions are alike and a
suggestion that is taken moves the weather of one region to another."""


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """Names of the regions of a network and of their weather sites."""

    regions: Regions
    sites: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Names of the site of each region, in any language; regions that the network does not have are told apart."""

    def find(self, name: str) -> str | None:
        """Return the id of a region by its id or name, or by the name of its site; None if none or several match.

        Case, spaces, words such as `oblast` or `м.`, and the endings of Ukrainian adjectives do not matter. A name that
        a city and the region around it share is that of the city, unless a word says otherwise.

        Examples
        --------
        >>> known = Regions(
        ...     ids=("UA-30", "UA-32"), names={"en": ("Kyiv City", "Kyiv Oblast"), "uk": ("м. Київ", "Київська")}
        ... )
        >>> names = PlaceNames(known)
        >>> names.find("kyiv"), names.find("Kyiv region"), names.find("Київської області"), names.find("Львів")
        ('UA-30', 'UA-32', 'UA-32', None)
        """
        exact = self.regions.find(name)
        if exact is not None:
            return exact
        found = alike(name, self._known())
        return found if found in self.regions.ids else None

    def wrong(self, name: str, network: str) -> tuple[str, str]:
        """Return what is wrong with a name that `find` does not find, and a hint: the end of a message.

        Parameters
        ----------
        name
            Name that was given.
        network
            Name of the network.
        """
        core = parts_of(name)[0]
        elsewhere = {parts_of(known)[0] for region, names in self.sites.items() if region not in self.regions.ids
                     for known in (region, *names)}  # fmt: skip
        if core in elsewhere:
            return f"is not part of the network {network}: leave it out", ""
        message = f"is not a region of the network {network}: give its id or name, or leave it out"
        shown: dict[str, str] = {}
        for region, known, _ in self._known():
            if region in self.regions.ids:
                shown.setdefault(folded(known), region if known == region else f"{region} ({known})")
        close = get_close_matches(folded(name), list(shown), n=1, cutoff=NEAR) or get_close_matches(
            core, list(shown), n=1, cutoff=NEAR
        )
        return message, f"nearest: {shown[close[0]]}" if close else ""

    def _known(self) -> Iterator[tuple[str, str, str]]:
        """Yield the id of each region, a text that stands for it, and whether that is its name or that of its site."""
        yield from ((region, region, "name") for region in self.regions.ids)
        for names in self.regions.names.values():
            yield from ((region, name, "name") for region, name in zip(self.regions.ids, names, strict=True) if name)
        for region, sites in self.sites.items():
            yield from ((region, name, "site") for name in sites if name)
