"""Files that want to run something, read something else, or never end. Each entry writes one and returns its path."""

import base64
import gzip
import json
import os
import pickle
import zipfile
import zlib
from pathlib import Path

import netCDF4
import numpy as np
import openpyxl

GROUPS = [f"{queue}.{half}" for queue in range(1, 7) for half in (1, 2)]
HDF5 = Path(__file__).parent / "cases" / "hostile-hdf5"
CANARY = "import os; os.system('touch canary')"


def net(**parts):
    """A pandapower net as JSON, with parts replaced."""
    tables = {
        "bus": table(["name", "vn_kv", "in_service"], [["a", 110.0, True], ["b", 110.0, True]]),
        "line": table(["from_bus", "to_bus", "length_km", "r_ohm_per_km", "x_ohm_per_km"], [[0, 1, 1.0, 0.1, 0.4]]),
        "ext_grid": table(["bus", "vm_pu"], [[0, 1.0]]),
        "load": table(["bus", "p_mw"], [[1, 5.0]]),
        "format_version": "3.3.0", "f_hz": 50.0, "sn_mva": 1.0, "name": "x",
    }  # fmt: skip
    return json.dumps({"_module": "pandapower.auxiliary", "_class": "pandapowerNet", "_object": tables | parts})


def table(columns, data, **changes):
    content = json.dumps({"columns": columns, "index": list(range(len(data))), "data": data})
    return {"_module": "pandas.core.frame", "_class": "DataFrame", "_object": content, "orient": "split"} | changes


def raw(content, **changes):
    return table([], []) | {"_object": content} | changes


BUS = (["name", "vn_kv"], [["a", 110.0]])
EVIL = {"_module": "os", "_class": "system", "_object": "touch canary"}


class Bad:
    def __reduce__(self):
        return os.system, ("touch canary",)


def excel(path, extra=None, cells=()):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "bus"
    sheet.append([None, "name", "vn_kv"])
    sheet.append([0, "a", 110.0])
    for place, value in cells:
        sheet[place] = value
    for title, rows in (extra or {}).items():
        more = book.create_sheet(title)
        for row in rows:
            more.append(row)
    book.save(path)
    return path


def rezip(path, change):
    """Rewrite the parts of an archive."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


def xml(path, old, new, part="xl/worksheets/sheet1.xml"):
    return rezip(excel(path), lambda parts: parts.update({part: parts[part].replace(old, new)}))


def case(body):
    return f"function mpc = x\nmpc.version = '2';\nmpc.baseMVA = 100;\n{body}\n"


def folder(path, **files):
    path.mkdir()
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text)
    return path


def linked(path, name):
    path.mkdir()
    (path / name).symlink_to(path.parent / "secret.txt")
    return path


def fifo(path):
    os.mkfifo(path)
    return path


def classic(path, change):
    with netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC") as data:
        data.createDimension("buses_i", 3)
        data.createVariable("buses_i", "i4", ("buses_i",))[:] = np.arange(3)
        data.createVariable("buses_v_nom", "f8", ("buses_i",))[:] = 110.0
    path.write_bytes(change(path.read_bytes()))
    return path


def packed(path, **parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def pypsa(path, **tables):
    return folder(path, network="name\nx\n", buses="name,v_nom\na,380\nb,380\n", **tables)


def scenarios(path):
    """Two scenarios, of which one array has three."""
    with netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC") as data:
        for name, size in (("scenario", 2), ("three", 3), ("buses_i", 1)):
            data.createDimension(name, size)
        data.createVariable("scenario", "i4", ("scenario",))[:] = np.arange(2)
        data.createVariable("buses_i", "i4", ("buses_i",))[:] = np.arange(1)
        data.createVariable("buses_v_nom", "f8", ("three", "buses_i"))[:] = 110.0
    return path


def hdf5(path, name):
    path.write_bytes(zlib.decompress(base64.b85decode("".join((HDF5 / f"{name}.b85").read_text().split()))))
    return path


def text(content):
    def write(path):
        path.write_text(content() if callable(content) else content)
        return path

    return write


def data(content):
    def write(path):
        path.write_bytes(content() if callable(content) else content)
        return path

    return write


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
FILE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "secret.txt">]>'
HEAD = b'<?xml version="1.0"?>'
SCENARIO = "name: x\nnetwork: three-region\nweather: three-region\nstart: 2026-01-05 00:00\nend: 2026-01-06 00:00\n"
EVENTS = "time,target,kind,share,hits_before_interception,interception,duration_h,value,note\n"

PASSED_OVER = {
    "controller.json": (text(net(controller=table(["object"], [[EVIL]]))), "not read: "),
    "object_column.json": (text(net(load=table(["bus", "p_mw", "object"], [[1, 1.0, "x"]]))), "not read: "),
    "graph.json": (text(net(g={"_module": "networkx", "_class": "MultiGraph", "_object": "{}"})), "not read: g"),
    "object.xlsx": (lambda p: excel(p, {"controller": [[None, "object"], [0, json.dumps(EVIL)]]}), "not read: "),
    "recycle.xlsx": (
        lambda p: excel(p, {"load": [[None, "bus", "p_mw", "recycle"], [0, 0, 1.0, json.dumps(EVIL)]]}),
        "not read: ",
    ),
}
"""Files of which a part is passed over, and what the one warning says; nothing of it is decoded."""

NETWORKS = {
    # pandapower JSON
    "function.json": (text(net(evil=EVIL)), "never loaded"),
    "function_in_dict.json": (text(net(extra={"a": [EVIL]})), "never read"),
    "function_in_type.json": (text(net(std_types={"line": {"a": {"x": EVIL}}})), "plain values"),
    "nested_string.json": (text(net(bus=table(*[BUS[0], [[json.dumps(EVIL), 1.0]]]))), "serialised object"),
    "dict_cell.json": (text(net(bus=table(BUS[0], [[EVIL, 110.0]]))), "contains an object"),
    "list_cell.json": (text(net(bus=table(BUS[0], [[[1], 110.0]]))), "contains a list"),
    "geo.json": (text(net(bus=table(["vn_kv", "geo"], [[110.0, json.dumps(EVIL)]]))), "not a GeoJSON"),
    "geo_deep.json": (text(net(bus=table(["vn_kv", "geo"], [[110.0, "[" * 5000]]))), "not a GeoJSON"),
    "other_frame.json": (text(net(bus=table(*BUS, _module="geopandas"))), "never loaded"),
    "encrypted.json": (data(b"gAAAAABnencrypted" * 20), "not a known network file|not a JSON object"),
    "pickled.json": (data(lambda: pickle.dumps(Bad())), "pickle"),
    "pickled.p": (data(lambda: pickle.dumps(Bad())), "pickle"),
    "deep.json": (text("{" + '"a":[' * 1 + "[" * 200_000), "nests deeper|more than"),
    "deep_table.json": (text(net(bus=raw("[" * 100_000 + "]" * 100_000))), "nests deeper"),
    "twice.json": (text('{"_class": "pandapowerNet", "_class": "x"}'), "duplicate key"),
    "rows.json": (text(lambda: net(bus=raw('{"columns":[],"index":[],"data":[' + "[]," * 2_100_000 + "[]]}"))), "more than"),
    "values.json": (text(lambda: '{"a":[' + "1.5," * 400_000 + "1]}"), "more than"),
    "large.json": (data(lambda: b'{"a":"' + b" " * 41_000_000 + b'"}'), "larger than"),
    "digits.json": (text(net(bus=raw('{"columns":["vn_kv"],"index":[0],"data":[[' + "9" * 9000 + "]]}"))), "not valid JSON"),
    "infinite.json": (text(net(bus=raw('{"columns":["vn_kv"],"index":[0],"data":[[1e999]]}'))), "not a finite"),
    "shape.json": (text(net(bus=raw('{"columns":["vn_kv"],"index":[0],"data":[[1,2]]}'))), "must have 1 values"),
    "dunder.json": (text(net(keys=table(*BUS))), "not a table name"),
    "levels.json": (text(net(bus=table(*BUS, is_multiindex=True))), "several levels"),
    "surrogate.json": (text(net(bus=raw('{"columns":["name","vn_kv"],"index":[0],"data":[["\\\\ud800",1]]}'.replace("\\\\", "\\")))), "not valid text"),
    "no_bus.json": (text(net(load=table(["bus", "p_mw"], [[77, 1.0]]))), "not a row of `bus`"),
    "old.json": (text(net(format_version="1.2.0")), "before 1.6"),
    "old_and_odd.json": (text(net(format_version="2.1.0", line=table(["from_bus"], [["x"]]))), "cannot be brought up to date|is missing|not a number"),
    "array.json": (text("[1, 2]"), "not a JSON object"),
    # Excel
    "laughs.xlsx": (lambda p: xml(p, b"<worksheet", LAUGHS + b"<worksheet"), "document type or entities"),
    "entity.xlsx": (lambda p: xml(p, b"<worksheet", FILE + b"<worksheet"), "document type or entities"),
    "bomb.xlsx": (lambda p: rezip(excel(p), lambda parts: parts.update({"xl/a.xml": b"<a/>" * 18_000_000})), "unpacks to more"),
    "ratio.xlsx": (lambda p: rezip(excel(p), lambda parts: parts.update({"xl/a.xml": b" " * 30_000_000})), "times its size"),
    "outside.xlsx": (lambda p: rezip(excel(p), lambda parts: parts.update({"../../canary": b"x"})), "outside itself"),
    "far_cell.xlsx": (lambda p: excel(p, cells=[("A1048576", 1)]), "more than"),
    "wide_cell.xlsx": (lambda p: excel(p, cells=[("XFD2", 1)]), "more than"),
    "cut.xlsx": (lambda p: data(excel(p).read_bytes()[:-300])(p), "broken archive"),
    "no_book.xlsx": (lambda p: rezip(excel(p), lambda parts: parts.pop("xl/workbook.xml")), "broken Excel"),
    "broken_xml.xlsx": (lambda p: xml(p, b"</row>", b""), "broken Excel"),
    "old.xls": (data(b"\xd0\xcf\x11\xe0" + b"\0" * 600), "old Excel"),
    # MATPOWER
    "system.m": (text(case("system('touch canary');")), "not a plain assignment"),
    "shell.m": (text(case("!touch canary")), "not a plain assignment"),
    "eval.m": (text(case("mpc.bus = eval('x');")), "not a plain assignment"),
    "computed.m": (text(case("mpc.bus = [1 3 0 0 0 0 1 1 0 1/0 1 1.1 exp(9)];\n")), "is not a number"),
    "open.m": (text(case("mpc.bus = [1 2 3\n" * 3)), "not closed"),
    "lines.m": (data(lambda: b"function mpc = x\n" + b"\n" * 39_000_000), "lines"),
    "endless_number.m": (text(case("mpc.bus = [" + "9" * 100_000 + "x];")), "is not a number"),
    # PyPSA
    "external.nc": (lambda p: hdf5(p, "external_storage"), "other files"),
    "virtual.nc": (lambda p: hdf5(p, "virtual"), "other files"),
    "link.nc": (lambda p: hdf5(p, "external_link"), "another file"),
    "chunk.nc": (lambda p: hdf5(p, "chunk_bomb"), "unpacks to more"),
    "huge.nc": (lambda p: hdf5(p, "huge_shape"), "more than 2,000,000"),
    "half.nc": (lambda p: data(hdf5(p, "huge_shape").read_bytes()[:900])(p), "cannot be read as NetCDF"),
    "classic_huge.nc": (lambda p: classic(p, lambda b: b.replace(b"buses_i\0\0\0\0\3", b"buses_i\0\x7f\xff\xff\xff")), "NetCDF"),
    "classic_cut.nc": (lambda p: classic(p, lambda b: b[:150]), "NetCDF"),
    "outside_pypsa": (lambda p: (folder(p, network="name\nx\n") and (p / "buses.csv").symlink_to(p.parent / "secret.txt")) or p, "outside the folder"),
    "scenarios.nc": (scenarios, "does not have as many values"),
    "types": (lambda p: pypsa(p, lines="name,bus0,bus1,type,length\nl,a,b,__import__('os').system,1\n"), "is not a standard type"),
    "parallel": (lambda p: pypsa(p, lines="name,bus0,bus1,type,length,num_parallel\nl,a,b,490-AL1/64-ST1A 380.0,1,-1\n"), "must be more than 0"),
    "own_types": (lambda p: pypsa(p, transformer_types="name,s_nom,vsc\nt,0,inf\n"), "must be more than 0|not a finite"),
    "optimum": (lambda p: pypsa(p, generators="name,bus,p_nom_extendable,p_nom_opt\ng,a,True,1e999\n"), "not a finite|not a number"),
    # archives, and what is read through PowSyBl, where that is installed
    "empty.zip": (data(b"PK\x05\x06" + b"\0" * 18), "without an Excel book"),
    "text.zip": (lambda p: packed(p, **{"a.txt": b"x"}), "without an Excel book"),
    "cut.zip": (lambda p: data(packed(p, **{"a.xml": HEAD}).read_bytes()[:-9])(p), "broken archive"),
    "head.zip": (data(b"PK\x03\x04" + b"\0" * 50), "broken archive"),
    "laughs.zip": (lambda p: packed(p, **{"a.xml": LAUGHS + b"<x/>"}), "document type or entities"),
    "entity.zip": (lambda p: packed(p, **{"a.xml": FILE + b"<x>&a;</x>"}), "document type or entities"),
    "bomb.zip": (lambda p: packed(p, **{"a.xml": b" " * 30_000_000}), "times its size"),
    "outside.zip": (lambda p: packed(p, **{"../../canary.xml": b"x"}), "outside itself"),
    "small.zip": (lambda p: packed(p, **{"a.xml": b"<a/>"}), "interchange|PowSyBl|gave up"),
    "entity.xiidm": (data(FILE + b"<network>&a;</network>"), "document type or entities"),
    "broken.xiidm": (data(HEAD + b"<iidm:network"), "interchange|PowSyBl|gave up"),
    "broken.raw": (text("0, 100.0, 33\n\n\n" + "9" * 9000 + "\n"), "interchange|PowSyBl|gave up"),
    "broken.uct": (text("##C 2007.05.01\n##N\n##ZXX\n"), "interchange|PowSyBl|gave up|no buses"),
    "broken.cdf": (text("x" * 5000), "interchange|PowSyBl|gave up"),
    "large.raw": (data(lambda: b"1" * 41_000_000), "larger than"),
    # folders of CSV, and what is no file
    "outside_link": (lambda p: linked(p, "bus.csv"), "outside the folder"),
    "nul": (lambda p: folder(p, bus="index,name,vn_kv\n0,a\0b,110\n"), "CSV table|not valid text"),
    "quotes": (lambda p: folder(p, bus='index,name,vn_kv\n0,"a,110\n'), "CSV table"),
    "field": (lambda p: folder(p, bus="index,name,vn_kv\n0," + "a" * 200_000 + ",110\n"), "CSV table|longer than"),
    "wide": (lambda p: folder(p, bus="index" + ",a" * 600 + "\n"), "more than"),
    "semicolons": (lambda p: folder(p, bus="index;name;vn_kv\n0;a;110\n"), "columns by semicolons"),
    "pipe": (fifo, "neither a file nor a folder"),
    "compressed.json": (data(b"\x1f\x8b\x08" + b"\0" * 50), "compressed"),
    "nothing.json": (text(""), "is empty"),
}  # fmt: skip

WEATHER = {
    "external_w.nc": (lambda p: hdf5(p, "external_storage"), "other files"),
    "link_w.nc": (lambda p: hdf5(p, "external_link"), "another file"),
    "cut_w.nc": (lambda p: classic(p, lambda b: b[:100]), "NetCDF"),
    "pickle_w.csv": (data(lambda: pickle.dumps(Bad())), "not UTF-8|not a known weather file"),
    "lines_w.csv": (data(lambda: b"\n" * 49_000_000), "lines"),
    "cells_w.csv": (data(lambda: b"time," + b",".join(b"A%d" % n for n in range(400)) + b"\n" + (b"1" + b",2" * 400 + b"\n") * 5_200), "cells"),
    "wide_w.csv": (data(lambda: b"time" + b",a" * 20_000_000 + b"\n"), "row longer than"),
    "columns_w.csv": (data(lambda: b"time" + b",a" * 100_000 + b"\n"), "more than 5,000 columns"),
    "quoted_w.csv": (data(lambda: b'"a\n",' * 1_900_000), "row longer than|must be `time`"),
    "ragged_w.csv": (data(lambda: b"time,A\n" + b"1\n" * 1_900_000), "the rest was not read"),
    "large_w.csv": (data(lambda: b"time,A\n" * 9_000_000), "larger than"),
    "bomb_w.csv": (data(lambda: gzip.compress(b"time,A\n" * 9_000_000)), "larger than"),
    "values_w.json": (text(lambda: '{"hourly":{"time":[' + "{}," * 9_000_000 + "{}]}}"), "more than"),
    "places_w.csv": (data(lambda: b"date,region,temperature\n" + b"".join(b"%d-%02d-%02d,P%d,1\n" % (1700 + n % 500, 1 + n // 500 % 12, 1 + n // 6000, n) for n in range(90_000))), "values are read"),
    "zip_w.csv": (data(b"PK\x03\x04" + b"\0" * 50), "ZIP archive"),
    "deep_w.json": (text("[" * 100_000), ""),
    "nrel_w.csv": (data(lambda: b"Latitude,Longitude,Time Zone\n1,2,3\nYear,Month,Day,Temperature\n" + b"1,1,1,1\n" * 1_000_000), "cells"),
    "tmy_w.csv": (data(b'1,"open\nDate (MM/DD/YYYY),Time (HH:MM),Dry-bulb (C)\n01/01/2026,01:00,1\n'), "CSV table|fields 4 to 6"),
    "pvgis_w.csv": (data(b"Latitude (decimal degrees): 1\n" * 100_000), "no header"),
    "pvgis_w.json": (text(lambda: '{"meteo_data":1,"outputs":{"hourly":[' + "{}," * 5_000_000 + "{}]}}"), "more than"),
    "pvgis_deep_w.json": (text('{"meteo_data":' + "[" * 100_000), ""),
    "try_w.dat": (data(b"TRY05 x\n*** \n" + b"1 1 1\n" * 1_000_000), "must have"),
    "produkt_w.txt": (data(lambda: b"STATIONS_ID;MESS_DATUM;TT_TU\n" + b"1;2026010100;1\n" * 1_000_000), "cells"),
    "ecad_w.txt": (data(lambda: b"EUROPEAN CLIMATE ASSESSMENT\nSTAID,SOUID,DATE,TG,Q_TG\n" + b"1,1,20260101,1,0\n" * 1_000_000), "cells"),
    "ecad_head_w.txt": (data(lambda: b"EUROPEAN CLIMATE ASSESSMENT\n" * 1_000_000), "no table of daily"),
    "rp5_w.csv": (data(lambda: b"# x\n" * 20_000 + b'"Local time in Kyiv";"T";\n' + b'"01.01.2026 00:00";"1";\n' * 1_000_000), "cells|zone"),
    "power_w.csv": (data(lambda: b"-BEGIN HEADER-\nNASA/POWER\n" + b"latitude 1 longitude 1\n" * 1_000_000), "must say its location"),
    "comments_w.csv": (data(lambda: b"# time,A\n" * 1_900_000), "must be `time`|not a known|empty|more than 2,000,000 cells"),
    "grib_w.grib": (data(b"GRIB" + b"\xff" * 60), "GRIB"),
    "wide_w.txt": (data(lambda: b"\xff\xfe" + "time,A\n".encode("utf-16-le") * 4_000_000), "larger than"),
    "half_w.csv": (data(b"\xff\xfet\x00i\x00m"), "not UTF-8"),
    "control_w.csv": (data(b"time,\xe9\n\x01\x02"), "not UTF-8"),
    "pipe_w": (fifo, "neither a file nor a folder"),
}  # fmt: skip

SCENARIOS = {
    "object.yaml": (text(SCENARIO + "seed: !!python/object/apply:os.system ['touch canary']\n"), ""),
    "laughs.yaml": (text("a: &a [x,x]\nb: &b [*a,*a]\n" + SCENARIO), "anchor"),
    "deep.yaml": (text("a: " + "[" * 20_000), ""),
    "large.yaml": (text(lambda: SCENARIO + "#" * 2_000_000), "larger than"),
    "outside.yaml": (text(SCENARIO + "events: ../secret.txt\n"), ""),
    "events_object.yaml": (text(SCENARIO + "events: [{time: !!python/name:os.system , target: UA, kind: alert}]\n"), ""),
    "pipe.yaml": (fifo, "neither a file nor a folder"),
}  # fmt: skip

DAY = {"date": "2026-01-05T00:00:00+02:00", "slots": []}


def timetable(**days):
    """A published timetable of one region; every sub-queue has the same days."""
    return json.dumps({"regions": {"TR-1": {"groups": {group: {"today": DAY, **days} for group in GROUPS}}}})


def many_regions():
    groups = {group: {"today": DAY} for group in GROUPS}
    return json.dumps({"regions": {f"R{number}": {"groups": groups} for number in range(20_000)}})


OTHERS = {
    # timetables
    "deep.json": ("timetable", text('{"regions":' + "[" * 100_000), "JSON|nest"),
    "evil.json": ("timetable", text(json.dumps({"regions": {"TR-1": EVIL}})), "is required"),
    "first_year.json": ("timetable", text(timetable(other=DAY | {"date": "0001-01-01T00:00:00+02:00"})), "years 1900 to 2200"),
    "last_year.json": ("timetable", text(timetable(other=DAY | {"date": "9999-12-31T00:00:00"})), "years 1900 to 2200"),
    "far_apart.json": ("timetable", text(timetable(other=DAY | {"date": "1900-01-01T00:00:00+02:00"})), "400 days"),
    "many_regions.json": ("timetable", text(many_regions), "more than"),
    "infinite.json": ("timetable", text(timetable(other=DAY).replace("[]", '[{"start": 1e999, "end": NaN, "type": "Definite"}]')), "valid|finite|JSON"),
    "pickled.csv": ("timetable", data(lambda: pickle.dumps(Bad())), "UTF-8"),
    "years.csv": ("timetable", text("region,start,1.1,1.2\nTR-1,0001-01-01T00:00+02:00,1,1\nTR-1,9999-12-31T23:30,1,1\n"), ""),
    "pipe.csv": ("timetable", fifo, "neither|file"),
    "cell.csv": ("timetable", text("region,start\nTR-1," + "9" * 200_000 + "\n"), "CSV table"),
    # help
    "evil.csv": ("options", text("kind,size\n=cmd|'/c touch canary'!A1,1\n__import__('os').system('touch canary'),1\n"), "not one of|no kind"),
    "digits.csv": ("options", text("kind,size\nimport," + "9" * 9000 + "\n"), "finite|number"),
    "outside.csv": ("options", lambda p: p.symlink_to("/dev/zero") or p, "file"),
    # sweeps
    "object.yaml": ("sweep", text("scenario: !!python/object/apply:os.system ['touch canary']\n"), ""),
    "laughs.yaml": ("sweep", text("a: &a [x,x]\nb: &b [*a,*a]\nscenario: three-region\n"), "anchor"),
    "settings.yaml": ("sweep", text("scenario: three-region\nset: {__class__: os, folder: /etc}\n"), "not a setting|folder"),
    "many.yaml": ("sweep", text(lambda: "scenario: three-region\nsamples: {count: 999999999, settings: {import_limit_mw: {uniform: [1, 2]}}}\n"), "100,000|100000"),
    # runs
    "pickled_run": ("run", lambda p: run_folder(p, data(lambda: pickle.dumps(Bad()))), "result"),
    "link_run": ("run", lambda p: run_folder(p, lambda at: hdf5(at, "external_link")), "another file|other files|result"),
    "external_run": ("run", lambda p: run_folder(p, lambda at: hdf5(at, "external_storage")), "other files|result"),
    "virtual_run": ("run", lambda p: run_folder(p, lambda at: hdf5(at, "virtual")), "other files|result"),
    "pipe_run": ("run", lambda p: run_folder(p, fifo), "result"),
    "evil_manifest.json": ("manifest", text(json.dumps({"scenario": {"__class__": "os"}, "inputs": {}, "gridmodel": "0", "folder": "/"})), "not a setting"),
    "deep_manifest.json": ("manifest", text("[" * 100_000), "nests deeper"),
}  # fmt: skip


def run_folder(path, write):
    path.mkdir()
    write(path / "result.nc")
    return path


KINDS = {"network": NETWORKS | PASSED_OVER, "weather": WEATHER, "scenario": SCENARIOS}
FILES = {name: (kind, write) for kind, group in KINDS.items() for name, (write, _) in group.items()}
FILES |= {f"others/{name}": (kind, write) for name, (kind, write, _) in OTHERS.items()}
"""What each file is, and what writes it."""


def prepare(where):
    """Write what hostile files would like to read."""
    (where / "secret.txt").write_text("SECRET,SECRET\n1,2\n")
    (where / "secret.bin").write_bytes(b"SECRETSECRETSECRETSECRET")
    (where / "others").mkdir()
