"""Languages of pages: one file of words per language in `lang`, named after its code (ISO 639)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

FOLDER = Path(__file__).resolve().parent / "lang"
"""Folder of the languages; its files are the only list of them."""
DEFAULT = "en"
"""Language of a page if none is chosen."""

UNITS = (
    "%", "°C", "°F", "K", "h", "год", "MW", "МВт", "GW", "ГВт", "MWh", "МВт·год", "GWh", "ГВт·год", "kWh", "кВт·год",
    "m³", "м³", "m", "м", "km", "км", "L", "л", "EUR", "Hz", "Гц", "thousand", "тис.", "million", "млн",
)  # fmt: skip
"""Signs, units and words that stay on the line of their number."""
_BEFORE_UNIT = re.compile(rf"(?<=[\d}}]) (?=(?:{'|'.join(map(re.escape, UNITS))})(?![\w]))")
_DATE = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_FORECAST_DAYS = re.compile(r"Forecast of (\S+) to (\S+)")


def languages() -> list[str]:
    """Codes of the languages that there are, the default first."""
    return sorted((path.stem for path in FOLDER.glob("*.json")), key=lambda code: (code != DEFAULT, code))


def words(lang: str) -> dict[str, str]:
    """Read the words of a language: the text of every key, and `language_name` and `locale` (BCP 47)."""
    read: dict[str, str] = json.loads((FOLDER / f"{lang}.json").read_text(encoding="utf-8"))
    return read


def unbroken(text: str) -> str:
    r"""Return a text in which no line breaks between a number, or a blank for one, and its sign or unit.

    Examples
    --------
    >>> unbroken("70 % of 12 homes below 12 °C for {n} h").replace("\u00a0", "~")
    '70~% of 12 homes below 12~°C for {n}~h'
    """
    return _BEFORE_UNIT.sub("\u00a0", text)


def whole_dates(text: str) -> str:
    """Return a text in which no line breaks within a date such as 2026-12-01."""
    return _DATE.sub("\\1\u2011\\2\u2011\\3", text)


def page_words(lang: str) -> dict[str, str]:
    """Return the words of a language for a page: numbers stay with their units."""
    return {key: unbroken(text) for key, text in words(lang).items()}


def title_in(title: str, lang: str) -> str:
    """Return the title of a scenario in a language: of a bundled one or of a forecast; any other stays as it is.

    Examples
    --------
    >>> title_in("January 2026 cold wave", "en"), title_in("Forecast of 2026-12-01 to 2026-12-07", "uk")
    ('January 2026 cold wave', 'Прогноз на 2026-12-01 – 2026-12-07')
    """
    english, own = words(DEFAULT), words(lang)
    for key, text in english.items():
        if key.startswith("title_of_") and text == title:
            return own.get(key, text)
    days = _FORECAST_DAYS.fullmatch(title)
    if days:
        return own.get("title_forecast_days", english["title_forecast_days"]).format(start=days[1], end=days[2])
    name = title.removeprefix("Forecast ")
    return title if name == title else own.get("title_forecast", "{name}").format(name=name)


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
