"""Attacks on every entry point: valid files with one thing made hostile, and the command that a victim would give.

`hostile.py` has files that are hostile as a whole. Here each attack starts from files that are read, changes one place,
and names the words of a command. An attack is done in a folder of its own beside a folder of secrets.
"""

import json
import os
import shutil
import zlib
from base64 import b85decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HDF5 = Path(__file__).parent / "cases" / "hostile-hdf5"
GROUPS = [f"{queue}.{half}" for queue in range(1, 7) for half in (1, 2)]
SECRET = "hunter2"  # noqa: S105
"""Content of the files outside."""


@dataclass(frozen=True)
class Attack:
    """One attack."""

    entry: str
    """Entry point: network, weather, scenario, events, options, timetable, state, run, manifest, store, sweep, words."""
    name: str
    parts: tuple[str, ...]
    """Valid files and folders that it starts from."""
    change: Callable[[Path], object]
    """Function that makes something hostile in a folder with them."""
    words: tuple[str, ...]
    """Words of the command."""
    refused: bool = False
    """True if the command must fail; otherwise it may also do something right."""
    own: bool = False
    """True if the victim names what is outside in their own words, which may be opened but must not be quoted."""


SCENARIO = """\
name: mine
network: three-region
weather: three-region
timezone: UTC
start: 2026-01-05 00:00
end: 2026-01-05 03:00
deterministic: true
"""
EVENT = "  - {time: 2026-01-05 01:00, target: TR-1/delivery, kind: limit, share: 0.5}\n"
TEXTS = {
    "up": "../../outside/secret", "absolute": "/etc/passwd", "dots": "..", "slash": "a/b", "backslash": "..\\..\\x", "home": "~/secret.csv",
    "formula": "=cmd|'/c touch canary'!A1", "at": "@SUM(1)", "escape": "\x1b[2J\x1b]0;x\x07", "bidi": "\u202eTR-1\u2066", "shell": "$(touch canary)",
    "template": "{{7*7}}${7*7}%s%n{0.__class__}", "script": "<script>alert(1)</script>", "long": "x" * 40_000, "drop": "'; DROP TABLE x; --",
    "latex": "$\\input{/etc/passwd}$",
}  # fmt: skip
"""Texts that want to be a path, a formula, a command or a page."""
NUMBERS = {
    "infinite": "1e999", "nan": "nan", "minus": "-1e308", "digits": "9" * 5000, "hex": "0x10", "underscore": "1_0", "arabic": "\u0661", "text": "__import__('os')",
}  # fmt: skip


def text_in(name: str, content: str | bytes) -> Callable[[Path], object]:
    """Write a file."""
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    return lambda home: (home / name).write_bytes(data)


def replaced(name: str, old: str, new: str) -> Callable[[Path], object]:
    """Replace the first place of a text in a file."""

    def change(home: Path) -> None:
        path = home / name
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        path.write_bytes(text.replace(old, new, 1).encode("utf-8", "surrogateescape"))

    return change


def cell(name: str, line: int, column: str, value: str) -> Callable[[Path], object]:
    """Replace a cell of a CSV table by a quoted text."""

    def change(home: Path) -> None:
        path = home / name
        lines = path.read_text(encoding="utf-8").splitlines()
        cells = lines[line - 1].split(",")
        cells[lines[0].split(",").index(column)] = '"' + value.replace('"', '""') + '"'
        lines[line - 1] = ",".join(cells)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    return change


def instead(name: str, kind: str) -> Callable[[Path], object]:
    """Put a link, pipe or folder in the place of a file."""

    def change(home: Path) -> None:
        path = home / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        elif kind == "loop":
            path.symlink_to(path.name)
        else:
            path.symlink_to({"secret": home.parent / "outside" / "secret.csv", "device": "/dev/zero", "dangling": home.parent / "outside" / "new",
                             "outside": home.parent / "outside"}[kind])  # fmt: skip

    return change


def in_json(name: str, *path: str | int, value: object) -> Callable[[Path], object]:
    """Set a value in a JSON file."""

    def change(home: Path) -> None:
        data = json.loads((home / name).read_text(encoding="utf-8"))
        at = data
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value(home) if callable(value) else value
        (home / name).write_text(json.dumps(data), encoding="utf-8")

    return change


def scenario(text: str) -> Callable[[Path], object]:
    return text_in("x.yaml", text)


def networks() -> Iterator[Attack]:
    """Yield attacks in tables of a network folder and beside them."""
    words = ("network", "check", "net")
    for table, column in (
        ("regions", "id"),
        ("regions", "name_en"),
        ("generators", "id"),
        ("buses", "region"),
        ("regions", "zone"),
    ):
        for name, value in TEXTS.items():
            yield Attack(
                "network", f"{table}.{column} {name}", ("net",), cell(f"net/{table}.csv", 2, column, value), words
            )
    for name, value in TEXTS.items():
        show = ("network", "plot", "net", "-o", "x.svg") if name == "latex" else ("network", "show", "net")
        yield Attack("network", f"shown name {name}", ("net",), cell("net/regions.csv", 2, "name_en", value), show)
    for table, column in (("generators", "p_max_mw"), ("regions", "population")):
        for name, value in NUMBERS.items():
            yield Attack(
                "network",
                f"{table}.{column} {name}",
                ("net",),
                cell(f"net/{table}.csv", 2, column, value),
                words,
                refused=True,
            )
    for kind in ("secret", "device", "pipe", "folder", "loop", "dangling"):
        for file in ("buses.csv", "network.toml"):
            yield Attack("network", f"{file} is a {kind}", ("net",), instead(f"net/{file}", kind), words, refused=True)
    tomls = {
        "deep": "a = " + "[" * 50_000, "digits": "country = " + "9" * 9000, "huge": "#" * 200_000, "bytes": b"\xff\xfe\x00", "table": "[country]\nx = 1\n",
        "zone": 'country = "TR"\ntimezone = "../../../etc/passwd"\n', "zone of this machine": 'country = "TR"\ntimezone = "/etc/localtime"\n',
        "escape": 'country = "\\u001b[2J"\ntimezone = "UTC"\n', "date": "country = 2026-01-01\ntimezone = 1979-05-27\n", "dunder": "__class__ = 1\n",
        "dotted": "a" + ".a" * 20_000 + " = 1\n", "languages": 'country = "TR"\ntimezone = "UTC"\nlanguages = ["en", "../x"]\n',
    }  # fmt: skip
    for name, content in tomls.items():
        yield Attack("network", f"toml {name}", ("net",), text_in("net/network.toml", content), words, refused=True)


def weather() -> Iterator[Attack]:
    """Yield attacks in files of temperatures."""
    words = ("weather", "check", "frost.csv")
    for name, value in TEXTS.items():
        yield Attack("weather", f"column {name}", ("frost.csv",), cell("frost.csv", 1, "TR-1", value), words)
    for name, value in (NUMBERS | {"formula": "=1+1", "quote": '"'}).items():
        yield Attack(
            "weather",
            f"temperature {name}",
            ("frost.csv",),
            cell("frost.csv", 3, "TR-1", value),
            words,
            refused=name != "underscore",
        )
    for name, value in {"first year": "0001-01-01T00:00+14:00", "last year": "9999-12-31T23:00-14:00", "offset": "2026-01-01T00:00+99:00", "week": "2026-W01-1",
                        "digits": "9" * 5000, "epoch": "-1", "leap": "2026-02-30T00:00Z"}.items():  # fmt: skip
        yield Attack(
            "weather", f"time {name}", ("frost.csv",), cell("frost.csv", 3, "time", value), words, refused=True
        )
    for name, value in {"zone": ("--timezone", "../../../etc/passwd"), "local": ("--timezone", "localtime"), "regions": ("--regions", "/dev/zero"), "secret": ("--regions", "../outside/secret.csv"),
                        "region": ("--region", "../x"), "unit": ("--unit", "$(x)"), "fill": ("--fill-limit-h", "9" * 400)}.items():  # fmt: skip
        yield Attack(
            "weather",
            f"option {name}",
            ("frost.csv",),
            lambda _: None,
            (*words, *value),
            refused=name != "fill",
            own=name == "secret",
        )
    for name, content in {"list": "[]", "null": '{"hourly": null}', "times": '{"hourly": {"time": 5}}', "objects": '{"hourly": {"time": [{}], "temperature_2m": [{}]}}',
                          "lengths": '{"latitude": 1, "hourly": {"time": ["2026-01-01T00:00"], "temperature_2m": [1, 2, 3]}}', "twice": '{"hourly": 1, "hourly": 2}',
                          "far": '{"latitude": 1e400, "longitude": -1e400, "hourly": {"time": ["2026-01-01T00:00"], "temperature_2m": [1]}}'}.items():  # fmt: skip
        yield Attack(
            "weather",
            f"json {name}",
            (),
            text_in("frost.json", content),
            ("weather", "check", "frost.json"),
            refused=True,
        )
    for kind in ("device", "pipe", "folder", "loop", "dangling"):
        yield Attack("weather", f"is a {kind}", (), instead("frost.csv", kind), words, refused=True)


def scenarios() -> Iterator[Attack]:
    """Yield attacks in scenario files."""
    check = ("scenario", "check", "x.yaml")
    tags = ("python/object/apply:os.system ['touch canary']", "python/module:os", "python/name:os.system", "python/object/new:os.system ['touch canary']",
            "binary R0lGOD", "set {a, b}", "omap [a: 1]", "float 1e999", "int 0x7fffffffffffffffffff", "timestamp 2026-01-01", "str {}", "null x")  # fmt: skip
    for tag in tags:
        yield Attack("scenario", f"tag {tag}", (), scenario(f"{SCENARIO}seed: !!{tag}\n"), check)
        yield Attack(
            "scenario", f"unknown with tag {tag}", (), scenario(f"{SCENARIO}x: !!{tag}\n"), check, refused=True
        )
    texts = {
        "merge": SCENARIO + "<<: {seed: 5}\n", "anchor": SCENARIO + "stop_at: &a {metric: x}\n", "alias": SCENARIO + "x: *a\n", "key is a list": SCENARIO + "? [a, b]\n: 1\n",
        "key is a mapping": SCENARIO + "? {a: b}\n: 1\n", "tab": SCENARIO + "\tx: 1\n", "documents": SCENARIO + "---\nname: y\n", "directive": "%YAML 9.9\n---\n" + SCENARIO,
        "tag directive": "%TAG ! tag:yaml.org,2002:python/\n---\n" + SCENARIO + "seed: !object/apply:os.system ['touch canary']\n", "nul": SCENARIO + "x: \0\n",
        "utf-16": SCENARIO.encode("utf-16"), "latin": SCENARIO.encode() + b"x: \xe9\n", "bom": "\ufeff" + SCENARIO, "huge key": SCENARIO + "a" * 200_000 + ": 1\n",
        "keys": SCENARIO + "".join(f"k{number}: 1\n" for number in range(5_000)), "same key": SCENARIO + "seed: 1\n" * 3_000, "deep": SCENARIO + "availability: " + "{a: " * 30,
        "integer": SCENARIO + "seed: " + "9" * 9_000, "float": SCENARIO + "loss_split: 1e99999\n", "sexagesimal": SCENARIO + "seed: 190:20:30\n", "octal": SCENARIO + "seed: 0o777777777777777777777777\n",
        "minus zero": SCENARIO + "loss_split: -0.0\n", "empty": "", "only a comment": "# x\n", "number": "5\n", "text": "name\n",
    }  # fmt: skip
    for name, content in texts.items():
        yield Attack(
            "scenario",
            name,
            (),
            scenario(content),
            check,
            refused=name not in {"bom", "merge", "minus zero", "directive"},
        )
    for setting, value in (("network", "/dev/zero"), ("network", "../outside"), ("network", ""), ("weather", "/dev/zero"), ("weather", "."), ("events", "/dev/zero"), ("events", "."),
                           ("timetable", "/dev/zero"), ("timetable", "."), ("timezone", "../../../../etc/passwd"), ("timezone", "/etc/localtime"), ("timezone", "posix/UTC"),
                           ("members", "999999999999"), ("members", "-1"), ("seed", "-9223372036854775809"), ("step", "1s"), ("start", "0001-01-01"), ("end", "9999-12-31"),
                           ("folder", "/etc"), ("__class__", "os"), ("model_config", "{}"), ("_clock", "UTC"), ("model_fields", "{}"), ("network", "[1, 2]"), ("network", "{a: 1}"),
                           ("availability", "{hydro: {empirical: [1]}}"), ("availability", "[[[[]]]]"), ("heating_threshold_c", "{uniform: [.inf, .nan]}"),
                           ("heating_threshold_c", "{normal: [1, -1]}"), ("mitigations", "{}"), ("mitigations", "[[1]]"), ("mitigations", "[{kind: import, size: .inf}]"),
                           ("mitigations", "[{kind: import, size: 1e308}, {kind: battery, size: 1, region: ../x}]"), ("stop_at", "{metric: __class__}"), ("repair_days", "{__class__: {}}"),
                           ("building_inertia", "[1, 0, 5]"), ("cascade", "exec")):  # fmt: skip
        lines = [line for line in SCENARIO.splitlines() if not line.startswith(f"{setting}:")]
        own = value == "../outside"
        fine = (setting, value) in {("stop_at", "{metric: __class__}"), ("availability", "{hydro: {empirical: [1]}}")}
        yield Attack(
            "scenario",
            f"{setting} {value}",
            (),
            scenario("\n".join([*lines, f"{setting}: {value}"]) + "\n"),
            check,
            refused=not fine,
            own=own,
        )
    for kind in ("device", "pipe", "folder", "loop", "dangling", "secret"):
        yield Attack("scenario", f"is a {kind}", (), instead("x.yaml", kind), check, refused=True, own=kind == "secret")
    for name, value in TEXTS.items():
        yield Attack(
            "scenario",
            f"title {name}",
            (),
            scenario(SCENARIO.replace("name: mine", f"name: {json.dumps(value)}")),
            ("scenario", "show", "x.yaml"),
        )


def events() -> Iterator[Attack]:
    """Yield attacks in events, as rows and as files."""
    check = ("scenario", "check", "x.yaml")
    cells = [("target", value) for value in (*TEXTS.values(), "line:../x", "gen:TR-1/nuclear", "/", "//", "TR-1/")]
    cells += [(column, value) for column in ("share", "duration_h") for value in NUMBERS.values()]
    cells += [
        ("time", value)
        for value in ("0001-01-01", "9999-12-31 23:59", "2026-01-05T01:00+99:00", "now", "2026-01-05 25:00")
    ]
    cells += [
        ("kind", "__class__"),
        ("kind", "=1"),
        ("share", "{uniform: [1e999, 2]}"),
        ("share", "{" * 40),
        ("share", "{empirical: " + "[" * 30),
        ("__class__", "x"),
        ("note", "\x1b[2J"),
    ]
    waves = [("profile", value) for value in TEXTS.values()] + [
        ("target", value) for value in (*TEXTS.values(), "TR/x")
    ]
    waves += [("weapons", value) for value in TEXTS.values()]
    waves += [("weapons", f"{{drone: {{number: {value}, interception: 0.5}}}}") for value in NUMBERS.values()]
    waves += [("weapons", f"{{drone: {{number: 1, interception: {value}}}}}") for value in NUMBERS.values()]
    waves += [
        ("weapons", "{" * 40),
        ("weapons", "[" * 30),
        ("weapons", "{drone: !!python/name:os.system }"),
        ("weapons", "{drone: &a {number: 1, interception: *a}}"),
        ("weapons", "{__class__: {number: 1, interception: 0.5}}"),
    ]
    for number, (column, value) in enumerate(waves):
        row = {"time": "2026-01-05 01:00", "target": "TR", "kind": "wave", "profile": "heat",
               "weapons": "{drone: {number: 3, interception: 0.5}}", column: value}  # fmt: skip
        text = SCENARIO + "events:\n  - " + json.dumps(row) + "\n"
        refused = "0x10" not in value and "1_0" not in value  # numbers of YAML
        yield Attack("events", f"wave {column} {value[:40]} {number}", (), scenario(text), check, refused=refused)
    for number, (column, value) in enumerate(cells):
        row = {"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": "0.5", column: value}
        refused = column != "note" and not (column == "share" and value == "0.5")
        text = SCENARIO + "events:\n  - " + json.dumps(row) + "\n"
        yield Attack("events", f"row {column} {value[:20]} {number}", (), scenario(text), check, refused=refused)
        if number % 3 == 0:
            table = ",".join(row) + "\n" + ",".join('"' + one.replace('"', '""') + '"' for one in row.values()) + "\n"

            def change(home: Path, table: str = table) -> None:
                (home / "e.csv").write_text(table, encoding="utf-8")
                (home / "x.yaml").write_text(SCENARIO + "events: e.csv\n")

            yield Attack("events", f"file {column} {value[:20]} {number}", (), change, check, refused=refused)


def options() -> Iterator[Attack]:
    """Yield attacks in options of a plan."""
    words = ("plan", "x.yaml", "o.csv")
    usual = {
        "name": "a",
        "kind": "import",
        "region": "",
        "size": "5",
        "cost_eur": "1",
        "available_from": "",
        "target": "",
    }
    cells = [("region", value) for value in TEXTS.values()] + [("size", value) for value in NUMBERS.values()]
    cells += [
        ("available_from", "0001-01-01"),
        ("available_from", "now"),
        ("kind", "__class__"),
        ("target", "../x"),
        ("cost_eur", "1e999"),
        ("name", ""),
    ]
    for number, (column, value) in enumerate(cells):
        row = usual | {"kind": "battery" if column == "region" else "import", column: value}
        table = ",".join(row) + "\n" + ",".join('"' + one.replace('"', '""') + '"' for one in row.values()) + "\n"
        yield Attack(
            "options",
            f"{column} {value[:20]} {number}",
            ("x.yaml",),
            text_in("o.csv", table),
            words,
            refused=column != "available_from" or value == "now",
        )
    for kind in ("secret", "device", "pipe", "folder"):
        yield Attack(
            "options", f"is a {kind}", ("x.yaml",), instead("o.csv", kind), words, refused=True, own=kind == "secret"
        )


def timetables() -> Iterator[Attack]:
    """Yield attacks in published timetables."""
    check = ("scenario", "check", "x.yaml")

    def imposed(name: str, content: str | bytes) -> Callable[[Path], object]:
        def change(home: Path) -> None:
            (home / name).write_bytes(
                content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
            )
            (home / "x.yaml").write_text(f"{SCENARIO}timetable: {name}\n")

        return change

    head = "region,start," + ",".join(GROUPS) + "\n"
    for name, value in TEXTS.items():
        quoted = '"' + value.replace('"', '""') + '"'
        yield Attack(
            "timetable",
            f"csv region {name}",
            (),
            imposed("t.csv", f"{head}{quoted},2026-01-05T01:00+00:00{',1' * 12}\n"),
            check,
            refused=True,
        )
    for name, value in {
        "first year": "0001-01-01T00:00",
        "last year": "9999-12-31T23:30",
        "offset": "2026-01-05T01:00+99:00",
        "seconds": "2026-01-05T01:00:01",
        "now": "now",
        "digits": "9" * 4000,
    }.items():
        yield Attack(
            "timetable",
            f"csv start {name}",
            (),
            imposed("t.csv", f"{head}TR-1,{value}{',1' * 12}\n"),
            check,
            refused=True,
        )
    for name, value in NUMBERS.items():
        yield Attack(
            "timetable",
            f"csv cell {name}",
            (),
            imposed("t.csv", f"{head}TR-1,2026-01-05T01:00+00:00,{value}{',1' * 11}\n"),
            check,
            refused=True,
        )
    day = {
        "date": "2026-01-05T00:00:00+00:00",
        "slots": [{"start": 0, "end": 60, "type": "Definite"}],
        "status": "ScheduleApplies",
    }

    def published(**changes: object) -> str:
        return json.dumps({"regions": {"TR-1": {"groups": {group: {"today": day | changes} for group in GROUPS}}}})

    for name, content in {
        "regions is a list": '{"regions": []}', "regions is a number": '{"regions": 5}', "groups is text": '{"regions": {"TR-1": {"groups": "x"}}}', "dunder": '{"regions": {"__class__": {"groups": {}}}}',
        "slots": published(slots="x"), "endless slot": published(slots=[{"start": 0, "end": 10**30, "type": "Definite"}]), "backwards": published(slots=[{"start": 60, "end": 0, "type": "Definite"}]),
        "many slots": published(slots=[{"start": 0, "end": 30, "type": "Definite"}] * 2_000).replace("Definite", "Maybe"), "date": published(date=5e300), "date text": published(date="\x1b[2J"), "status": published(status="__class__"),
        "year": published(date="0001-01-01T00:00:00+14:00"), "noon": published(date="2026-01-05T12:00:00+00:00"), "deep": "[" * 60_000, "digits": '{"regions": ' + "9" * 9_000 + "}",
        "twice": '{"regions": {}, "regions": {}}', "bytes": b"\xff\xfe", "surrogate": '{"regions": {"\\ud800": {"groups": {}}}}',
    }.items():  # fmt: skip
        yield Attack("timetable", f"json {name}", (), imposed("t.json", content), check, refused=True)


def runs() -> Iterator[Attack]:
    """Yield attacks by what stands in the place of parts of a run folder."""
    for kind in ("secret", "device", "pipe", "folder", "loop", "dangling"):
        for part in ("result.nc", "manifest.json"):
            for words in (("deadlines", "run"), ("report", "run")):
                missing = part == "manifest.json" and kind in {"pipe", "folder"}  # a run may have no manifest
                yield Attack(
                    "run",
                    f"{part} is a {kind}, {words[0]}",
                    ("run",),
                    instead(f"run/{part}", kind),
                    words,
                    refused=not missing,
                )
    for name, data in {
        "nothing": b"",
        "text": b"CDF\x01 no",
        "signature": b"\x89HDF\r\n\x1a\n" + b"\0" * 500,
        "zip": b"PK\x03\x04" + b"\0" * 90,
        "pickle": b"\x80\x04cos\nsystem\n(S'touch canary'\ntR.",
    }.items():
        for words in (("schedule", "run"), ("export", "run", "csv", "-o", "x.csv")):
            yield Attack(
                "run", f"result of {name}, {words[0]}", ("run",), text_in("run/result.nc", data), words, refused=True
            )
    yield Attack("run", "inputs lead out", ("run",), instead("run/inputs", "outside"), ("report", "run"))
    yield Attack("run", "the page is a link", ("run",), instead("run/report.html", "dangling"), ("report", "run"))
    yield Attack("run", "the folder is a link", (), instead("run", "outside"), ("report", "run"), refused=True)


PATHS = (
    "../outside/secret.csv",
    "/etc/passwd",
    "/dev/zero",
    "inputs/../../outside/secret.csv",
    "~/secret.csv",
    "file:" + "///etc/passwd",
    "http://127.0.0.1:9/x",
    "..",
    "",
    "inputs/weather/../../../outside/secret.csv",
)


def manifests() -> Iterator[Attack]:
    """Yield attacks by what a manifest says."""
    again = ("run", "--from", "run", "-o", "again")
    for setting in ("network", "weather", "events", "timetable", "start_state"):
        for path in PATHS:
            yield Attack(
                "manifest",
                f"{setting} {path}",
                ("run",),
                in_json("run/manifest.json", "scenario", setting, value=path),
                again,
                refused=True,
            )
            yield Attack(
                "manifest",
                f"copy of {setting} {path}",
                ("run",),
                in_json("run/manifest.json", "files", value={setting: path}),
                ("report", "run"),
            )
    for key, value in (("scenario", 5), ("scenario", []), ("scenario", {}), ("scenario", {"__class__": "os"}), ("inputs", 5), ("inputs", {"../x": 5}), ("files", 5), ("files", {"network": 5}),
                       ("gridmodel", {"a": 1}), ("outputs", {"../../outside/secret.csv": "sha256:0"}), ("outputs", 5), ("event_rows", [[1]]), ("command", 5), ("command", ["\x1b[2J"])):  # fmt: skip
        for words in (again, ("report", "run")):
            yield Attack(
                "manifest",
                f"{key} is {json.dumps(value)}, {words[0]}",
                ("run",),
                in_json("run/manifest.json", key, value=value),
                words,
            )
    for name, content in {
        "deep": "[" * 50_000,
        "digits": '{"scenario": ' + "9" * 9_000 + "}",
        "nothing": "",
        "list": "[]",
        "bytes": b"\xff",
        "nan": '{"scenario": NaN}',
        "twice": '{"scenario": {}, "scenario": {}}',
    }.items():
        yield Attack("manifest", f"text {name}", ("run",), text_in("run/manifest.json", content), again, refused=True)


def stores() -> Iterator[Attack]:
    """Yield attacks in stores of sweeps, and in the files that ask for them."""
    read = ("quantiles", "store", "shed_mw", "-o", "q.nc")
    for kind in ("secret", "device", "pipe", "folder", "loop", "outside"):
        for part in ("zarr.json", "shed_mw/zarr.json", "shed_mw/c", "region"):
            yield Attack(
                "store",
                f"{part} is a {kind}",
                ("store",),
                instead(f"store/{part}", kind),
                read,
                refused=part != "shed_mw/c" or kind not in {"pipe", "folder"},
            )
    for name, content in {
        "deep": "[" * 50_000,
        "nothing": "",
        "number": "5",
        "null": "null",
        "bytes": b"\xff\xfe",
        "digits": "9" * 9_000,
    }.items():
        for part in ("zarr.json", "shed_mw/zarr.json"):
            yield Attack(
                "store", f"{part} of {name}", ("store",), text_in(f"store/{part}", content), read, refused=True
            )
    for key, value in (("shape", [10**9] * 5), ("shape", [-1]), ("data_type", "object"), ("codecs", [{"name": "pickle"}]), ("codecs", [{"name": "../x"}]), ("chunk_grid", {"name": "x"}),
                       ("storage_transformers", [{"name": "x"}]), ("fill_value", "__import__('os')"), ("dimension_names", ["../x"] * 5), ("zarr_format", 2)):  # fmt: skip
        yield Attack(
            "store",
            f"{key} is {value}",
            ("store",),
            in_json("store/shed_mw/zarr.json", key, value=value),
            read,
            refused=True,
        )
    for name, text in {
        "object": "scenario: !!python/object/apply:os.system ['touch canary']\n", "dunder": "scenario: three-region\nset: {__class__: [1]}\n", "folder": "scenario: three-region\ngrid: {folder: [/etc]}\n",
        "anchor": "a: &a 1\nscenario: *a\n", "deep": "scenario: " + "[" * 3_000, "device": "scenario: /dev/zero\ngrid: {seed: [1]}\n", "nothing": "",
        "many": "scenario: three-region\ngrid: {seed: [" + ", ".join(map(str, range(5_000))) + "], members: [" + ", ".join(map(str, range(1, 5_000))) + "]}\n",
    }.items():  # fmt: skip
        yield Attack("sweep", name, (), text_in("s.yaml", text), ("sweep", "s.yaml", "-o", "new"), refused=True)


WORDS = {
    "nothing": "", "dots": "..", "device": "/dev/zero", "dash": "-", "long": "x" * 5_000, "url": "http://127.0.0.1:9/x", "file url": "file:" + "///etc/passwd", "user": "~root/x",
    "shell": "$(touch canary)", "ticks": "`touch canary`; touch canary", "surrogate": "\udcff\udc80", "escape": "\x1b[2J", "star": "*", "line": "a\nerror: b",
}  # fmt: skip
"""Words that are no names."""
COMMANDS = (
    ("run",), ("report",), ("deadlines",), ("schedule",), ("compare",), ("scenario", "check"), ("scenario", "show"), ("network", "check"), ("network", "show"), ("network", "diff", "three-region"),
    ("weather", "check"), ("weather", "show"), ("plan", "three-region"), ("sweep",), ("sensitivity",), ("run", "--from"), ("schema",), ("plot", "run"), ("export", "run"), ("quantiles", "store"),
)  # fmt: skip


def in_state(name: str | None = None, values: object = None, **texts: str) -> Callable[[Path], object]:
    """Set texts of a saved state, and an array; an array of None is taken out."""

    def change(home: Path) -> None:
        from gridmodel.inputs.array_file import read_arrays, write_arrays

        arrays, told = read_arrays(home / "state.nc", "state")
        if name is not None:
            arrays.pop(name, None)
            if values is not None:
                arrays[name] = np.asarray(values)
        write_arrays(home / "state.nc", arrays, told | texts)

    return change


def hostile_hdf5(name: str) -> Callable[[Path], object]:
    """Put a hostile HDF5 file in the place of a saved state."""
    data = zlib.decompress(b85decode("".join((HDF5 / f"{name}.b85").read_text(encoding="ascii").split())))
    return lambda home: (home / "state.nc").write_bytes(data)


def states() -> Iterator[Attack]:
    """Yield attacks by a saved state that a run begins from."""
    words = ("run", "from.yaml", "-o", "new")
    parts = ("from.yaml", "state.nc")
    for kind in ("secret", "device", "pipe", "folder", "loop", "dangling"):
        own = kind == "secret"
        yield Attack("state", f"is a {kind}", ("from.yaml",), instead("state.nc", kind), words, refused=True, own=own)
    for name in ("external_link", "external_storage", "huge_shape", "virtual", "chunk_bomb"):
        yield Attack("state", name, ("from.yaml",), hostile_hdf5(name), words, refused=True)
    for name, text in TEXTS.items():
        cells = {"time": "2026-01-05 00:00", "kind": "outage", "share": "0.5", "target": text}
        rows = json.dumps([{"cells": cells, "row": 1, "strike": -1}])
        yield Attack("state", f"network {name}", parts, in_state(network=text, network_hash="x"), words, refused=True)
        yield Attack("state", f"version {name}", parts, in_state(gridmodel=text), words, refused=True)
        yield Attack("state", f"target {name}", parts, in_state(events=rows), words, refused=True)
        yield Attack(
            "state",
            f"settings {name}",
            parts,
            in_state(settings=json.dumps({"seed": text, "members": 1})),
            words,
            refused=True,
        )
    for name, text in {
        "deep": "[" * 50_000,
        "digits": "9" * 9_000,
        "nothing": "",
        "list": "[]",
        "nan": "NaN",
        "members": '{"members": 1e999}',
    }.items():
        yield Attack("state", f"settings {name}", parts, in_state(settings=text), words, refused=True)
        yield Attack("state", f"events {name}", parts, in_state(events=text), words, refused=name != "list")
        yield Attack("state", f"elapsed {name}", parts, in_state(elapsed=text), words, refused=True)
        yield Attack("state", f"time {name}", parts, in_state(time=text), words, refused=True)
    fill = "services.water.fill"
    for name, values in {"missing": None, "none": np.zeros((0, 1, 3)), "deep": np.ones((1,) * 12), "endless": np.full((2, 1, 3), 1e300),
                         "nan": np.full((2, 1, 3), np.nan), "whole": np.ones((2, 1, 3), dtype=np.int64), "wide": np.ones((2, 1, 300_000))}.items():  # fmt: skip
        yield Attack("state", f"array {name}", parts, in_state(fill, values), words, refused=True)
    yield Attack("state", "unknown array", parts, in_state("services.os.system", np.ones(3)), words, refused=True)
    yield Attack("state", "working of another", parts, in_state("working.x", np.ones((1, 3))), words)


def words() -> Iterator[Attack]:
    """Yield attacks by the words of a command line."""
    for command in COMMANDS:
        for name, word in WORDS.items():
            parts = tuple(part for part in ("run", "store") if part in command[1:])
            yield Attack(
                "words",
                f"{' '.join(command)} {name}",
                parts,
                lambda _: None,
                (*command, word),
                refused=True,
                own=name == "dots",
            )


CORPUS = [
    attack
    for group in (networks, weather, scenarios, events, options, timetables, states, runs, manifests, stores, words)
    for attack in group()
]
