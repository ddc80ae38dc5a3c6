"""Valid files of every format, what reads them, and changes that make them wrong in any way."""

import json
import random
import re
import shutil
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from grib_bytes import message

import gridmodel as gm
from gridmodel.errors import Problems
from gridmodel.events.timetable import read_timetable
from gridmodel.inputs.files import ROOT
from gridmodel.interchange.checks.structure import check_references, check_structure
from gridmodel.interchange.open import read_plain
from gridmodel.interchange.registry import format_of
from gridmodel.network import read_network
from gridmodel.results.run_folder import read_manifest, read_result, write_run
from gridmodel.studies.options import read_options
from gridmodel.studies.sweep import load_sweep

GROUPS = [f"{queue}.{half}" for queue in range(1, 7) for half in (1, 2)]
SCENARIO = """\
name: fuzz
network: three-region
weather: three-region
timezone: UTC
start: 2026-01-05 00:00
end: 2026-01-05 03:00
step: 1h
members: 2
seed: 7
availability: {hydro: 0.9, nuclear: {uniform: [0.5, 1]}}
forced_outages: {nuclear: {mttf_h: 1500, mttr_h: 60}}
building_inertia: [0.1, 0.9]
timetable: TIMETABLE
mitigations:
  - {kind: battery, size: 5, region: TR-1, available_from: 2026-01-05 01:00}
  - {kind: mobile_generator, size: 2, region: TR-1, target: heat_source}
events:
  - {time: 2026-01-05 01:00, target: TR-1/nuclear, kind: outage, share: 0.5, duration_h: 4}
  - {time: 2026-01-05 02:00, target: TR-1/delivery, kind: limit, value: 100, note: x}
  - {time: 2026-01-05 02:00, target: TR-1/generation, kind: strike, hits_before_interception: {uniform: [1, 5]}, interception: 0.2}
"""
MATPOWER = """\
function mpc = two
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
 1 3 0 0 0 0 1 1 0 110 1 1.1 0.9;
 2 1 50 10 0 0 1 1 0 110 1 1.1 0.9;
];
mpc.gen = [ 1 60 0 30 -30 1 100 1 100 0 ];
mpc.branch = [ 1 2 0.01 0.05 0 100 100 100 0 0 1 -360 360 ];
mpc.gencost = [ 2 0 0 3 0 20 0 ];
"""
HOURS = pd.date_range("2026-01-08", periods=30, freq="h")
WEATHER = {
    "own.csv": "time,TR-1,TR-2\n" + "".join(f"{hour:%Y-%m-%dT%H:%MZ},{-place},{-place / 2}\n" for place, hour in enumerate(HOURS)),
    "plain.csv": "time,Temp (°C)\n" + "".join(f"{hour:%Y-%m-%d %H:%M},{-place}\n" for place, hour in enumerate(HOURS)),
    "era5.csv": "valid_time,t2m,latitude,longitude\n" + "".join(f"{hour:%Y-%m-%d %H:%M:%S},{270 - place / 10},50.5,30.5\n" for place, hour in enumerate(HOURS)),
    "ghcn.csv": "ID,DATE,ELEMENT,DATA_VALUE,M_FLAG,Q_FLAG,S_FLAG,OBS_TIME\n" + "".join(f"UPM00033345,202601{day:02d},{name},{value},,,S,\n" for day in range(8, 12) for name, value in (("TMAX", -31), ("TMIN", -105))),
    "isd.csv": '"STATION","DATE","SOURCE","LATITUDE","LONGITUDE","REPORT_TYPE","TMP","DEW"\n' + "".join(f'"33345099999","{hour:%Y-%m-%dT%H:%M:%S}","4","50.4","30.5667","FM-12","-0{100 + place},1","-0150,1"\n' for place, hour in enumerate(HOURS)),
    "ncei.csv": '"STATION","DATE","LATITUDE","LONGITUDE","ELEVATION","NAME","TMAX","TMAX_ATTRIBUTES","TMIN","TMIN_ATTRIBUTES"\n' + "".join(f'"UPM00033345","2026-01-{day:02d}","50.4","30.5667","167.0","KYIV, UP","  -3.1",",,S","  -10.5",",,S"\n' for day in range(8, 12)),
    "gsod.csv": '"STATION","DATE","LATITUDE","LONGITUDE","ELEVATION","NAME","TEMP","TEMP_ATTRIBUTES","WDSP","MAX","MIN","FRSHTT"\n' + "".join(f'"33345099999","2026-01-{day:02d}","50.4","30.5667","166.0","KYIV, UP","  20.1"," 8","999.9","  26.6*","  14.0","001000"\n' for day in range(8, 12)),
    "isd-lite": "".join(f"{hour:%Y %m %d %H}  {-100 - place}  -150 10132   270    50     8 -9999 -9999\n" for place, hour in enumerate(HOURS)),
    "meteostat.csv": "year,month,day,hour,temp,rhum\n" + "".join(f"{hour.year},{hour.month},{hour.day},{hour.hour},{-place / 10},80\n" for place, hour in enumerate(HOURS)),
    "open-meteo.json": json.dumps({"latitude": 50.5, "longitude": 30.5, "utc_offset_seconds": 7200, "timezone": "Europe/Kyiv", "hourly_units": {"time": "iso8601", "temperature_2m": "°C"},
                                   "hourly": {"time": [f"{hour:%Y-%m-%dT%H:%M}" for hour in HOURS], "temperature_2m": [-place / 10 for place in range(len(HOURS))]}}),
    "open-meteo.csv": "latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation\n50.5,30.5,120.0,0,GMT,GMT\n\ntime,temperature_2m (°C)\n" + "".join(f"{hour:%Y-%m-%dT%H:%M},{-place / 10}\n" for place, hour in enumerate(HOURS)),
    "dates.csv": "Дата;Київ;Львівська обл. (°C)\n" + "".join(f"{hour:%d.%m.%Y %H:%M};-{place},5;-3\n" for place, hour in enumerate(HOURS)),
    "kyiv.epw": "LOCATION,Kyiv,-,UKR,x,333450,50.4,30.5,2.0,167.0\nDESIGN CONDITIONS,0\nTYPICAL/EXTREME PERIODS,0\nGROUND TEMPERATURES,0\nHOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0\nCOMMENTS 1,x\nCOMMENTS 2,x\nDATA PERIODS,1,1,Data,Sunday,1/1,1/2\n"
                + "".join(f"2026,1,{1 + hour // 24},{hour % 24 + 1},0,?9,{-10 + hour / 10:.1f},-12.0,80,100000" + ",0" * 25 + "\n" for hour in range(48)),
    "tmy3.csv": "723170,\"GREENSBORO\",NC,-5.0,36.100,-79.950,273\nDate (MM/DD/YYYY),Time (HH:MM),GHI (W/m^2),Dry-bulb (C),Wspd (m/s)\n"
                + "".join(f"01/{1 + hour // 24:02d}/1988,{hour % 24 + 1:02d}:00,0,{-hour / 10},3.1\n" for hour in range(48)),
    "psm.csv": "Source,Location ID,Latitude,Longitude,Time Zone,Elevation,Temperature Units\nNSRDB,1,50.4,30.5,2,100,c\nYear,Month,Day,Hour,Minute,GHI,Wind Speed,Temperature\n"
               + "".join(f"2018,1,{1 + hour // 24},{hour % 24},30,0,2.5,{-hour / 10}\n" for hour in range(48)),
    "pvgis.csv": "Latitude (decimal degrees): 45.000\nLongitude (decimal degrees): 8.000\nElevation (m): 250.0\ntime(UTC),T2m,RH,G(h),WS10m\n"
                 + "".join(f"{hour:%Y%m%d:%H}10,{-place / 10},90,0.0,1.5\n" for place, hour in enumerate(HOURS)) + "\nT2m: 2-m air temperature (degree Celsius)\n",
    "pvgis.json": json.dumps({"inputs": {"location": {"latitude": 45.0, "longitude": 8.0}, "meteo_data": {"radiation_db": "PVGIS-SARAH3"}},
                              "outputs": {"hourly": [{"time": f"{hour:%Y%m%d:%H}10", "T2m": -place / 10, "WS10m": 1.0} for place, hour in enumerate(HOURS)]}}),
    "TRY05.dat": "TRY05   Norddeutsches Tiefland\nStation: Essen\nLage: 51\u00b024'N <- B.  06\u00b058'O <- L.    152 Meter\n\nRG IS MM DD HH  N  WR   WG     t      p   x  RF  W   B    D IK    A    E IL\n*** \n"
                 + "".join(f" 5  1  1 {1 + hour // 24:2d} {hour % 24 + 1:2d}  7 230  5.7 {-hour / 10:5.1f} 1005.3  2.2  93 70   0    0  1  251 -285  9\n" for hour in range(48)),
    "produkt.txt": "STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor\r\n" + "".join(f"       3987;{hour:%Y%m%d%H};    3; {-place / 10:6.1f};  84.0;eor\r\n" for place, hour in enumerate(HOURS)),
    "TG_STAID000001.txt": "EUROPEAN CLIMATE ASSESSMENT & DATASET (ECA&D), file created on: 22-08-2026\n\nTG: mean temperature in 0.1 &#176;C\n\nSTAID, SOUID,    DATE,   TG, Q_TG\n"
                          + "".join(f"     1, 35381,202601{day:02d},{-day:5d},    0\n" for day in range(8, 18)),
    "rp5.csv": '# Weather station Kyiv, Ukraine, WMO_ID=33345\n#\n"Local time in Kyiv";"T";"Po";"WW";\n' + "".join(f'"{hour:%d.%m.%Y %H:%M}";"{-place / 10}";"740.1";" ";\n' for place, hour in reversed(list(enumerate(HOURS)))),
    "power.csv": "-BEGIN HEADER-\nNASA/POWER Source Native Resolution Hourly Data \nDates (month/day/year): 01/08/2026 through 01/09/2026 in LST\nLocation: latitude  50.45   longitude 30.52 \n-END HEADER-\nYEAR,MO,DY,HR,T2M\n"
                 + "".join(f"{hour.year},{hour.month},{hour.day},{hour.hour},{-place / 10}\n" for place, hour in enumerate(HOURS)),
    "unix.csv": "dt,temp (K)\n" + "".join(f"{int(hour.timestamp())},{270 - place / 10}\n" for place, hour in enumerate(HOURS)),
    "index.csv": ",Temp (°C)\n" + "".join(f"{hour:%Y-%m-%d %H:%M:%S},{-place}\n" for place, hour in enumerate(HOURS)),
    "days.csv": "date;tmin;tmax;tavg\n" + "".join(f"{day:02d}.01.2026;-10,5;-3,1;-7,0\n" for day in range(8, 18)),
}  # fmt: skip
"""Files of temperatures by name."""
CODED = {
    "latin.csv": "time,Orléans,Zürich\n2026-01-08T00:00Z,-1,-2\n2026-01-08T01:00Z,-1,-2\n".encode("latin-1"),
    "cyrillic.csv": "time,Київ,Львів\n2026-01-08T00:00Z,-1,-2\n2026-01-08T01:00Z,-1,-2\n".encode("cp1251"),
    "wide.csv": "time,Київ\n2026-01-08T00:00Z,-1\n2026-01-08T01:00Z,-1\n".encode("utf-16"),
}
"""Files of temperatures in other encodings."""
OF_WEATHER = {
    "ghcn.csv": {"timezone": "+02:00"}, "days.csv": {"timezone": "+02:00"}, "tmy3.csv": {"year": 2026}, "TRY05.dat": {"year": 2026},
    "TG_STAID000001.txt": {"timezone": "+01:00"}, "rp5.csv": {"timezone": "Europe/Kyiv"},
    "unix.csv": {"start": "2026-01-08T05:00", "end": "2026-01-09"},
}  # fmt: skip
"""Options of files that do not say everything themselves."""


def read_weather(path: Path) -> object:
    return gm.load_weather(path, **OF_WEATHER.get(path.name, {}))


def read_apart(path: Path) -> object:
    """Read a network through PowSyBl; without it, as far as the sentence that says what to install."""
    try:
        return read_net(path)
    except gm.InputError as error:
        if "gridmodel[interchange]" in str(error):
            return None
        raise


def format_or_none(path: Path) -> object:
    """Recognise an archive by its content."""
    return format_of(path)


UCTE = """##C 2007.05.01
##N
##ZFR
FFR1AA1  FR1          0 3 400.00 0.00000 0.00000 -100.00 0.00000 -9000.0 9000.0 -9000.0 9000.0
FFR2AA1  FR2          0 0 400.00 100.000 0.00000 0.00000 0.00000
##L
FFR1AA1  FFR2AA1  1 0 1.0000 20.000 0.000000   5000
##T
##R
##TT
##E
"""


def read_grib(path: Path) -> object:
    """Read GRIB, which is refused without the extra that reads it."""
    try:
        return gm.load_weather(path, regions=pd.DataFrame({"id": ["A"], "centre_lat": [50.0], "centre_lon": [30.0]}))
    except gm.InputError as error:
        if "gridmodel[grib]" in str(error):
            return None
        raise


def read_scenario(path: Path) -> object:
    found = gm.check_scenario(path)
    if found:
        raise gm.InputError(found)
    return found


def read_events(path: Path) -> object:
    base = SCENARIO.partition("timetable:")[0]
    (path.parent / "events-scenario.yaml").write_text(f"{base}events: {path.name}\n")
    return read_scenario(path.parent / "events-scenario.yaml")


def read_net(path: Path) -> object:
    problems = Problems()
    net = read_plain(path.parent if path.suffix == ".csv" else path, problems)
    check_references(net, problems)
    problems.raise_if_any()
    check_structure(net, problems)
    problems.raise_if_any()
    return net


def read_table(path: Path) -> object:
    return read_network(path.parent)


def read_of_run(path: Path) -> object:
    with read_result(path.parent) as found:
        found.load()
    return read_manifest(path.parent)


def read_only_result(path: Path) -> object:
    with read_result(path) as found:
        try:
            return found.load()
        except RuntimeError as error:  # results are opened lazily; commands say it so
            if not str(error).startswith("NetCDF:"):
                raise
            raise gm.InputError(str(error)) from None


def read_store(path: Path) -> object:
    store = next(parent for parent in path.parents if parent.name == "store")
    with gm.open_sweep(store) as found:
        return found.load()


Seed = tuple[Path, Callable[[Path], object]]


def seeds(where: Path) -> dict[str, Seed]:
    """Write valid files of every format; return the file to change and its reader, by name."""
    found: dict[str, Seed] = {}
    (where / "w").mkdir()
    for name, text in WEATHER.items():
        (where / "w" / name).write_text(text, encoding="utf-8")
        found[f"weather {name}"] = (where / "w" / name, read_weather)
    for name, content in CODED.items():
        (where / "w" / name).write_bytes(content)
        found[f"weather {name}"] = (where / "w" / name, read_weather)
    cells = [[263.0, 264.0], [265.0, 266.0]]
    (where / "w" / "a.grib").write_bytes(
        b"".join(message(hour, cells, [51.0, 50.0], [30.0, 31.0]) for hour in HOURS[:3])
    )
    found["weather a.grib"] = (where / "w" / "a.grib", read_grib)
    days = xr.Dataset(
        {name: ("time", np.full(5, value), {"units": "K"}) for name, value in (("tasmin", 260.0), ("tasmax", 266.0))},
        {"time": ("time", np.arange(5), {"units": "days since 2026-01-01", "calendar": "360_day"})},
    )
    days.to_netcdf(where / "w" / "model.nc", engine="netcdf4")
    found["weather model.nc"] = (where / "w" / "model.nc", read_weather)
    own = xr.DataArray(
        np.full((30, 2), -5.0),
        {"time": HOURS, "region": ["TR-1", "TR-2"]},
        ("time", "region"),
        "temperature",
        {"units": "degC"},
    )
    own.to_netcdf(where / "w" / "own.nc", engine="netcdf4")
    grid = xr.DataArray(
        np.full(30, 268.0, "f4"),
        {"time": HOURS, "latitude": 50.5, "longitude": 30.5},
        ("time",),
        "t2m",
        {"units": "K", "standard_name": "air_temperature"},
    )
    grid.to_dataset().to_netcdf(where / "w" / "cf.nc", engine="netcdf4", format="NETCDF3_CLASSIC")
    for name in ("own.nc", "cf.nc"):
        found[f"weather {name}"] = (where / "w" / name, read_weather)
    _networks(where, found)
    _questions(where, found)
    _runs(where, found)
    return found


def _networks(where: Path, found: dict[str, Seed]) -> None:
    import netCDF4
    import openpyxl
    import pandapower as pp
    from nets import published

    for table in ("regions", "buses", "generators", "heat_systems", "profiles"):
        shutil.copytree(ROOT / "networks" / "three-region", where / table)
        (where / table / "network.toml").write_text('country = "TR"\ntimezone = "UTC"\nlanguages = ["en"]\n')
        regions = pd.read_csv(where / table / "regions.csv", dtype=str, keep_default_na=False)
        regions[[column for column in regions if not column.startswith("name_") or column == "name_en"]].to_csv(
            where / table / "regions.csv", index=False
        )
        found[f"network {table}.csv"] = (where / table / f"{table}.csv", read_table)
    shutil.copytree(where / "regions", where / "toml")
    found["network network.toml"] = (where / "toml" / "network.toml", read_table)
    (where / "n").mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pp.to_json(published("case4gs"), where / "n" / "net.json")
    book = openpyxl.Workbook()
    book.active.title = "bus"
    for row in ([None, "name", "vn_kv"], [0, "a", 110.0], [1, "b", 110.0]):
        book.active.append(row)
    book.save(where / "n" / "net.xlsx")
    (where / "n" / "two.m").write_text(MATPOWER)
    for name, kind in (("classic.nc", "NETCDF3_CLASSIC"), ("four.nc", "NETCDF4")):
        with netCDF4.Dataset(where / "n" / name, "w", format=kind) as data:
            data.createDimension("buses_i", 3)
            data.createVariable("buses_i", "i4", ("buses_i",))[:] = np.arange(3)
            data.createVariable("buses_v_nom", "f8", ("buses_i",), zlib=kind == "NETCDF4")[:] = 110.0
    for name in ("net.json", "net.xlsx", "two.m", "classic.nc", "four.nc"):
        found[f"network {name}"] = (where / "n" / name, read_net)
    (where / "folder").mkdir()
    (where / "folder" / "bus.csv").write_text("index,name,vn_kv,in_service\n0,a,110,true\n1,b,20.5,false\n")
    found["network bus.csv"] = (where / "folder" / "bus.csv", read_net)
    (where / "pypsa").mkdir()
    (where / "pypsa" / "network.csv").write_text("name\nx\n")
    (where / "pypsa" / "buses.csv").write_text("name,v_nom,x,y,carrier\na,110,30,50,AC\nb,110,31,50,AC\ng,1,,,gas\n")
    (where / "pypsa" / "lines.csv").write_text(
        "name,bus0,bus1,x,r,s_nom,type,length\nab,a,b,5,1,100,,\nba,b,a,,,90,490-AL1/64-ST1A 380.0,3\n"
    )
    (where / "pypsa" / "links.csv").write_text("name,bus0,bus1,p_nom,efficiency\nt,g,a,10,0.5\n")
    (where / "pypsa" / "generators.csv").write_text(
        "name,bus,p_nom,p_nom_extendable,p_nom_opt\nw,a,5,True,8.5\nm,g,20,False,\n"
    )
    for name in ("lines.csv", "links.csv", "generators.csv", "buses.csv"):
        found[f"network {name}"] = (where / "pypsa" / name, read_net)
    (where / "n" / "two.uct").write_text(UCTE)
    found["network two.uct"] = (where / "n" / "two.uct", read_apart)
    with zipfile.ZipFile(where / "n" / "profiles.zip", "w") as archive:
        archive.writestr("xl/a.txt", "x")
        archive.writestr("a.xml", "<a/>")
    found["network profiles.zip"] = (where / "n" / "profiles.zip", format_or_none)


def _questions(where: Path, found: dict[str, Seed]) -> None:
    (where / "q").mkdir()
    table = pd.DataFrame(
        [
            {"region": "TR-1", "start": f"2026-01-05T0{half // 2}:{half % 2 * 30:02d}+00:00"}
            | dict.fromkeys(GROUPS, half % 2)
            for half in range(4)
        ]
    )
    table.to_csv(where / "q" / "timetable.csv", index=False)
    day = {
        "date": "2026-01-05T00:00:00+00:00",
        "status": "ScheduleApplies",
        "slots": [{"start": 0, "end": 60, "type": "Definite"}, {"start": 60, "end": 1440, "type": "NotPlanned"}],
    }
    (where / "q" / "timetable.json").write_text(
        json.dumps({"regions": {"TR-1": {"groups": {group: {"today": day} for group in GROUPS}}}})
    )
    (where / "q" / "s.yaml").write_text(SCENARIO.replace("TIMETABLE", "timetable.csv"))
    (where / "q" / "e.csv").write_text(
        "time,target,kind,share,hits_before_interception,interception,duration_h,value,note\n2026-01-05 01:00,TR-1/nuclear,outage,0.5,,,4,,x\n"
        '2026-01-05 02:00,TR-1/delivery,limit,,,,,100,"a, b"\n2026-01-05 02:00,TR-1/generation,strike,,3,"{uniform: [0.1, 0.5]}",,,\n'
    )  # fmt: skip
    (where / "q" / "o.csv").write_text(
        "name,kind,region,size,cost_eur,available_from,target\na,import,,100,5,,\nb,battery,TR-1,5,10,2026-01-05 01:00,\nc,mobile_generator,TR-1,2,1,,waterworks\n"
    )
    (where / "q" / "sweep.yaml").write_text(
        "scenario: s.yaml\ngrid: {import_limit_mw: [100, 200], availability.hydro: [0.5, 1.0]}\nkeep: [shed_mw]\n"
    )
    found |= {
        "timetable csv": (where / "q" / "timetable.csv", read_timetable), "timetable json": (where / "q" / "timetable.json", read_timetable),
        "scenario": (where / "q" / "s.yaml", read_scenario), "events": (where / "q" / "e.csv", read_events), "options": (where / "q" / "o.csv", read_options),
        "sweep": (where / "q" / "sweep.yaml", load_sweep),
    }  # fmt: skip


def _runs(where: Path, found: dict[str, Seed]) -> None:
    (where / "r").mkdir()
    (where / "r" / "s.yaml").write_text(SCENARIO.partition("timetable:")[0])
    scenario = gm.load_scenario(where / "r" / "s.yaml")
    write_run(gm.run(scenario), scenario, where / "r" / "run", command=["gridmodel"], seconds={})
    gm.sweep(
        scenario.replace(end="2026-01-05 02:00"),
        {"import_limit_mw": [100, 200]},
        store=where / "r" / "store",
        keep=["shed_mw"],
    )
    shutil.copyfile(where / "r" / "run" / "result.nc", where / "r" / "alone.nc")
    found |= {
        "run manifest.json": (where / "r" / "run" / "manifest.json", read_of_run), "run result.nc": (where / "r" / "alone.nc", read_only_result),
        "store zarr.json": (where / "r" / "store" / "zarr.json", read_store), "store of a variable": (where / "r" / "store" / "shed_mw" / "zarr.json", read_store),
    }  # fmt: skip


PIECES = [
    b'"',
    b"[",
    b"{",
    b"}",
    b",",
    b"\n",
    b"-",
    b"1e999",
    b"NaN",
    b"\xff",
    b"\0",
    b"null",
    b"'",
    b":",
    b"#",
    b"&a ",
    b"*a",
    b"!!python/name:os.system ",
    b"\xe2\x80\xae",
    b"\r",
    b"\t",
    b";",
    b"=",
    b"..",
    b"true",
]
WORDS = [
    b"",
    b"0",
    b"-1",
    b"1e308",
    b"1e-320",
    b"99999999999999999999",
    b"nan",
    b"inf",
    b"\xd9\xa1",
    b"x",
    b"TR-1",
    b"2026-03-29T03:30",
    b"0001-01-01",
    b"9999-12-31T23:59",
    b"{}",
    b"[]",
    b"[[1]]",
    b"'",
    b'""',
    b"null",
    b"true",
    b"../x",
    b"~",
]
TOKEN = re.compile(rb"[^\s,:\"'\[\]{}]+")


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Change a file in one to six places: bytes, pieces, whole cells, lines, or cut it off."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        if not data:
            break
        place, how = chance.randrange(len(data)), chance.randrange(8)
        if how == 0:
            data[place] = chance.randrange(256)
        elif how == 1:
            del data[place : place + chance.randint(1, 40)]
        elif how == 2:
            data[place:place] = chance.choice(PIECES)
        elif how == 3:
            end = chance.randrange(len(data))
            data[place:place] = data[end : end + 60]
        elif how in {4, 5}:
            token = TOKEN.search(data, place)
            if token is not None:
                data[token.start() : token.end()] = chance.choice(WORDS)
        elif how == 6:
            lines = data.split(b"\n")
            one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            lines[one], lines[other] = lines[other], lines[one if chance.random() < 0.5 else other]
            data = bytearray(b"\n".join(lines))
        elif chance.random() < 0.2:
            del data[place:]
    return bytes(data)


def try_mutant(seed: Seed, content: bytes, number: int) -> bool:
    """Read a mutant; return whether it was read, False if it was refused with its problems."""
    path, reader = seed
    path.write_bytes(mutate(content, random.Random(number)))  # noqa: S311 - mutations, no secrets
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of the product: a unit told by the size of numbers
            reader(path)
    except gm.InputError as error:
        if not error.problems or not all(str(problem) for problem in error.problems):
            raise ValueError("refused without a problem") from error
        return False
    finally:
        with suppress(OSError):
            path.write_bytes(content)
    return True
