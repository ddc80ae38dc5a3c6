"""Languages of pages: one file of words per language in `lang`, named after its code (ISO 639)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

FOLDER = Path(__file__).resolve().parent / "lang"
"""Folder of the languages; its files are the only list of them."""
DEFAULT = "en"
"""Language of a page if none is chosen."""


def languages() -> list[str]:
    """Codes of the languages that there are, the default first."""
    return sorted((path.stem for path in FOLDER.glob("*.json")), key=lambda code: (code != DEFAULT, code))


def words(lang: str) -> dict[str, str]:
    """Read the words of a language: the text of every key, and `language_name` and `locale` (BCP 47)."""
    read: dict[str, str] = json.loads((FOLDER / f"{lang}.json").read_text(encoding="utf-8"))
    return read


def region_names(result: xr.Dataset, lang: str) -> list[str]:
    """Return the name of every region in a language, in the order of the result.

    Parameters
    ----------
    result
        Result of a run; `region_name_<code>` contains the names in a language.
    lang
        Code of the language.

    Returns
    -------
    list of str
        Names; `region_name` where the network has no name in that language.
    """
    usual = [str(name) for name in result["region_name"].to_numpy()]
    if f"region_name_{lang}" not in result.coords:
        return usual
    own = [str(name) for name in result[f"region_name_{lang}"].to_numpy()]
    return [name or other for name, other in zip(own, usual, strict=True)]
