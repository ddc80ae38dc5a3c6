"""What a text file is, told by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable

from gridmodel.errors import Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.readers import own, plain, services, stations
from gridmodel.weather.readers.text import Text
from gridmodel.weather.series import Options, Series

Reader = Callable[[Text, Problems, Options], Series | Daily]

KNOWN = (
    "our own CSV and NetCDF, ERA5, CF, Open-Meteo, Meteostat, GHCN-Daily, NCEI daily summaries, GSOD, ISD, ISD-Lite, "
    "EPW, a table with times and temperatures"
)
"""What can be read, in words."""
REFUSED = {
    b"GRIB": "is GRIB: download NetCDF in its place, or convert it",
    b"PK\x03\x04": "is a ZIP archive: unpack it first",
}
"""First bytes of files that are not read, and what to do with them."""
TABLES: tuple[Reader, ...] = (
    own.read_csv,
    plain.read,
    plain.read_era5_point,
    services.read_meteostat,
    stations.read_ghcn_csv,
    stations.read_summaries,
    stations.read_gsod,
    stations.read_isd,
)
"""Readers of a table, whose rows must all have the fields of the header."""


def sniff(text: Text, *, suffix: str) -> Reader | None:
    """Reader of a text file, told by its first line.

    Parameters
    ----------
    text
        The file.
    suffix
        Its ending: a CSV file that nothing else is known of is taken for our own format.
    """
    start = text.text[:400].lstrip()
    patterns: tuple[tuple[str | re.Pattern[str], Reader], ...] = (
        (r"[{\[]", services.read_open_meteo_json),
        ("LOCATION,", plain.read_epw),
        (stations.GHCN_DLY, stations.read_dly),
        (stations.GHCN_ROW, stations.read_ghcn_csv),
        (stations.ISD_LITE, stations.read_isd_lite),
        (r"\d{4}-\d\d-\d\d,(\d\d?|-?[\d.]*),", services.read_meteostat),
    )
    for pattern, reader in patterns:
        if re.match(pattern, start):
            return reader
    names = text.names
    for wanted, reader in _HEADERS:
        if wanted <= names:
            return reader
    if names & set(plain.TIME_NAMES) and names & plain.TEMPERATURE_NAMES:
        return plain.read
    return own.read_csv if suffix == ".csv" or "time" in names or not start else None


_HEADERS: tuple[tuple[set[str], Reader], ...] = (
    ({"latitude", "longitude", "elevation", "utc_offset_seconds"}, services.read_open_meteo_csv),
    ({"station", "date", "tmp"}, stations.read_isd),
    ({"station", "date", "temp", "max", "min"}, stations.read_gsod),
    ({"date", "element", "data_value"}, stations.read_ghcn_csv),
    ({"date", "element", "data value"}, stations.read_ghcn_csv),
    ({"station", "date", "tmax"}, stations.read_summaries),
    ({"station", "date", "tavg"}, stations.read_summaries),
    ({"valid_time", "t2m"}, plain.read_era5_point),
    ({"date", "hour", "temp"}, services.read_meteostat),
    ({"year", "month", "day", "temp"}, services.read_meteostat),
    ({"year", "month", "day", "tmin"}, services.read_meteostat),
    ({"temp", "dwpt", "rhum"}, services.read_meteostat),
    ({"tmin", "tmax", "prcp", "wspd"}, services.read_meteostat),
)
"""Names that a header must have, and who reads such a file; the first that fits counts."""
