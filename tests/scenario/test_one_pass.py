"""Mistakes planted in every part of a scenario are reported complete in one pass, whatever else is wrong."""

import itertools
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import LONG, at_gate, sampled

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT

SCENARIO = """\
name: planted
network: net
weather: frost.csv
start: 2026-01-05 00:00
end: 2026-01-06 00:00
timezone: Europe/Kyiv
step: 1h
members: 2
seed: 7
# a line
# another line
availability: {hydro: 0.9}
heating_threshold_c: 12
building_inertia: [0.1, 0.9]
interception: 0.5
timetable: timetable.csv
stop_at: {metric: energy_not_served}
mitigations:
  - {kind: import, size: 10}
  - {kind: battery, size: 5, region: TR-1}
  - {kind: repair_crew, size: 2, region: TR-2}
  - {kind: fuel_truck, size: 2, region: TR-3}
"""
ROWS = """\
events:
  - {time: 2026-01-05 01:00, target: TR-1/nuclear, kind: outage, share: 0.5}
  - {time: 2026-01-05 02:00, target: TR-2/delivery, kind: limit, share: 0.5, duration_h: 3}
  - {time: 2026-01-05 03:00, target: TR-1/heat_source, kind: outage, share: 0.5}
  - {time: 2026-01-05 04:00, target: TR/delivery, kind: limit, share: 0.9}
  - {time: 2026-01-05 05:00, target: TR-3/delivery, kind: limit, share: 0.9}
"""
FILE = """\
time,target,kind,share,duration_h
2026-01-05 01:00,TR-1/nuclear,outage,0.5,
2026-01-05 02:00,TR-2/delivery,limit,0.5,3
2026-01-05 03:00,TR-1/heat_source,outage,0.5,
2026-01-05 04:00,TR/delivery,limit,0.9,
2026-01-05 05:00,TR-3/delivery,limit,0.9,
"""


@dataclass(frozen=True)
class Mistake:
    """One mistake: what is replaced in which file, and what must be said of it."""

    file: str
    old: str
    new: str
    place: str
    """File, line and field."""
    said: str
    """Value and words of what is allowed, in one message."""
    spot: str = ""
    """Mistakes of one spot exclude each other."""
    hides: tuple[str, ...] = field(default=())
    """Mistakes that cannot be seen beside this one: what they are told by is not known."""


OUTSIDE = ("event too early", "event too late")
MISTAKES = {
    # settings
    "unknown setting": Mistake("x.yaml", "# a line", "membrs: 3", "x.yaml:10: membrs", "nearest: members"),
    "setting twice": Mistake("x.yaml", "# another line", "seed: 7", "x.yaml:11: seed", "duplicates line 9"),
    "number too small": Mistake("x.yaml", "\nseed: 7\n", "\nseed: -1\n", "x.yaml:9: seed", "'-1' must be greater than or equal to 0"),
    "not a choice": Mistake("x.yaml", "step: 1h", "step: 2h", "x.yaml:7: step", "'2h' must be '15min', '30min' or '1h'"),
    "zone": Mistake("x.yaml", "Europe/Kyiv", "Europe/Kiew", "x.yaml:6: timezone", "'Europe/Kiew' is not a time zone"),
    "technology": Mistake("x.yaml", "{hydro: 0.9}", "{hidro: 0.9}", "x.yaml:12: availability.hidro", "is not a technology (nearest: hydro)", "availability"),
    "factor": Mistake("x.yaml", "{hydro: 0.9}", "{hydro: 90}", "x.yaml:12: availability.hydro", "'90' must be less than or equal to 10", "availability"),
    "distribution": Mistake("x.yaml", "_c: 12", "_c: {uniform: [3]}", "x.yaml:13: heating_threshold_c", "uniform takes 2 numbers"),
    "range": Mistake("x.yaml", "[0.1, 0.9]", "[0.9, 0.1]", "x.yaml:14: building_inertia", "low <= high"),
    "empty": Mistake("x.yaml", "interception: 0.5\nt", "interception:\nt", "x.yaml:15: interception", "the share of each event"),
    "metric": Mistake("x.yaml", "members: 2", "members: auto", "x.yaml:17: stop_at.metric", "'energy_served' is not a per-member metric"),
    # dates
    "start": Mistake("x.yaml", "start: 2026-01-05 00:00", "start: soon", "x.yaml:4: start", "'soon' is not a local time such as 2026-01-08 00:00", "dates", ("event too early", "weather too late")),
    "part of a step": Mistake("x.yaml", "end: 2026-01-06 00:00", "end: 2026-01-06 00:10", "x.yaml:5: end", "whole number of steps", "dates"),
    "end before start": Mistake("x.yaml", "end: 2026-01-06 00:00", "end: 2026-01-04 00:00", "x.yaml:5: end", "must be after the start", "dates", (*OUTSIDE, "weather too late")),
    "too long": Mistake("x.yaml", "end: 2026-01-06 00:00", "end: 2027-03-01 00:00", "frost.csv: time", "before the run does", "dates", ("event too late",)),
    # network
    "region of a plant": Mistake("net/generators.csv", "nuclear,TR-1,", "nuclear,TR-7,", "net/generators.csv:2: region", "'TR-7' is not in regions.csv", hides=("event selects nothing",)),
    "no number": Mistake("net/regions.csv", ",600000,", ",many,", "net/regions.csv:3: population", "'many' is not a number"),
    "week": Mistake("net/network.toml", 'week = ["weekday"', 'week = ["workday"', "net/network.toml:10: week", "seven days"),
    # weather
    "cell": Mistake("frost.csv", "2026-01-03T00:00Z,-5.0", "2026-01-03T00:00Z,cold", "frost.csv:74: TR-1", "'cold' is not a number"),
    "column": Mistake("frost.csv", "TR-3", "TR-33", "frost.csv: TR-3", "has no such column"),
    "weather too late": Mistake("frost.csv", "", "", "frost.csv: time", "must begin four days before the start of the run: by 2025-12-31T22:00 UTC"),
    # help
    "kind of help": Mistake("x.yaml", "kind: import, size: 10", "kind: boiler, size: 10", "x.yaml:19: mitigations.0.kind", "'boiler' is not a kind of help"),
    "size of help": Mistake("x.yaml", "size: 5,", "size: big,", "x.yaml:20: mitigations.1.size", "'big' must be a valid number"),
    "part of a crew": Mistake("x.yaml", "repair_crew, size: 2,", "repair_crew, size: 0.5,", "x.yaml:21: mitigations.2.size", "'0.5' must be a whole number"),
    "region of help": Mistake("x.yaml", "region: TR-3", "region: TR-8", "x.yaml:22: region", "'TR-8' is not a region of this network"),
    # timetable
    "sub-queue": Mistake("timetable.csv", "T00:00+02:00,1,", "T00:00+02:00,7,", "timetable.csv:2: 1.1", "'7' must be at most 1"),
    "half hour": Mistake("timetable.csv", "T00:30", "T00:40", "timetable.csv:3: start", "is not the start of a half hour"),
    "region of a timetable": Mistake("timetable.csv", "TR-2,", "TR-20,", "timetable.csv: region", "'TR-20' is not a region of this network"),
}  # fmt: skip
EVENTS = {
    "event kind": ("2026-01-05 01:00", "outage", "outrage", 1, "kind", "'outrage' is not one of"),
    "event class": ("2026-01-05 01:00", "nuclear", "nuclar", 1, "target", "'nuclar' is not a class that events can hit"),
    "event place": ("2026-01-05 02:00", "TR-2/", "TR-9/", 2, "target", "'TR-9' is not a region, zone or country of this network"),
    "event number": ("2026-01-05 02:00", "0.5", "x", 2, "share", "'x' is not a number"),
    "event selects nothing": ("2026-01-05 03:00", "TR-1/heat_source", "TR-1/wind", 3, "target", "'TR-1/wind' selects nothing"),
    "event too early": ("2026-01-05 04:00", "2026-01-05 04:00", "2026-01-01 04:00", 4, "time", "'2026-01-01 04:00' is outside the run"),
    "event too late": ("2026-01-05 05:00", "2026-01-05 05:00", "2026-03-05 05:00", 5, "time", "'2026-03-05 05:00' is outside the run"),
}  # fmt: skip
"""Mistakes in events: the time that finds the row, old and new text, number of the row, field, and what is said."""


@pytest.fixture(scope="module")
def seed(tmp_path_factory):
    where = tmp_path_factory.mktemp("seed")
    shutil.copytree(ROOT / "networks" / "three-region", where / "net")
    toml = where / "net" / "network.toml"
    toml.write_text('country = "TR"\ntimezone = "Europe/Kyiv"\n' + "# more\n" * 7
                    + 'week = ["weekday", "weekday", "weekday", "weekday", "weekday", "weekend", "weekend"]\n')  # fmt: skip
    times = pd.date_range("2025-12-31", "2026-01-08", freq="h").strftime("%Y-%m-%dT%H:%MZ")
    pd.DataFrame({"time": times, "TR-1": -5.0, "TR-2": -6.0, "TR-3": -7.0}).to_csv(where / "frost.csv", index=False)
    groups = [f"{queue}.{half}" for queue in range(1, 7) for half in (1, 2)]
    starts = [
        (region, f"2026-01-05T{half // 2:02d}:{half % 2 * 30:02d}+02:00")
        for region in ("TR-1", "TR-2")
        for half in range(4)
    ]
    pd.DataFrame([{"region": region, "start": start} | dict.fromkeys(groups, 1) for region, start in starts]).to_csv(
        where / "timetable.csv", index=False
    )
    (where / "x.yaml").write_text(SCENARIO + ROWS)
    (where / "events.csv").write_text(FILE)
    return where


def plant(seed, where, names, *, as_file=False):
    """Copy the valid files with some mistakes; return the expected problems as pairs of a beginning and what is said."""
    shutil.copytree(seed, where)
    texts = {name: (where / name).read_text(encoding="utf-8")
             for name in ("x.yaml", "events.csv", "frost.csv", "timetable.csv", "net/generators.csv", "net/regions.csv", "net/network.toml")}  # fmt: skip
    if as_file:
        texts["x.yaml"] = SCENARIO + "events: events.csv\n"
    hidden = {name for one in names if one in MISTAKES for name in MISTAKES[one].hides}
    expected = []
    for name in names:
        if name in EVENTS:
            at, old, new, number, column, said = EVENTS[name]
            file = "events.csv" if as_file else "x.yaml"
            lines = texts[file].splitlines(keepends=True)
            row = number if as_file else SCENARIO.count("\n") + number
            assert at in lines[row]
            lines[row] = lines[row].replace(old, new)
            texts[file] = "".join(lines)
            expected.append((f"{file}:{row + 1}: {column}", said, name))
            continue
        mistake = MISTAKES[name]
        if name == "weather too late":
            lines = texts["frost.csv"].splitlines(keepends=True)
            texts["frost.csv"] = "".join([lines[0], *lines[49:]])
        else:
            assert mistake.old in texts[mistake.file], name
            texts[mistake.file] = texts[mistake.file].replace(mistake.old, mistake.new, 1)
        if name == "metric":
            texts["x.yaml"] = texts["x.yaml"].replace("energy_not_served", "energy_served")
        if name == "too long":
            expected.append(("x.yaml:5: end", "'2027-03-01 00:00' must be at most 400 days after the start", name))
        place = mistake.place
        if name == "cell" and "weather too late" in names:
            place = "frost.csv:26: TR-1"
        expected.append((place, mistake.said, name))
    for name, text in texts.items():
        (where / name).write_text(text, encoding="utf-8")
    return [(place, said) for place, said, name in expected if name not in hidden]


def fits(names):
    """Return whether mistakes can stand side by side."""
    spots = [MISTAKES[name].spot for name in names if name in MISTAKES and MISTAKES[name].spot]
    return len(set(spots)) == len(spots) and not {"event kind", "event class"} <= set(names)


def check(found, expected):
    said = [str(problem) for problem in found]
    for place, words in expected:
        assert [one for one in said if one.startswith(f"{place}: ") and words in one], (place, words, said)
    assert len(said) == len(expected), (sorted(said), sorted(expected))


@pytest.mark.parametrize("as_file", [False, True], ids=["rows", "file"])
@pytest.mark.filterwarnings("ignore:.*says nothing of:UserWarning")
def test_the_seed_without_a_mistake_can_be_run(seed, tmp_path, as_file):
    plant(seed, tmp_path / "x", [], as_file=as_file)
    assert gm.check_scenario(tmp_path / "x" / "x.yaml") == []
    assert np.isfinite(gm.run(tmp_path / "x" / "x.yaml")["served_mw"]).all()


@pytest.mark.parametrize("name", sampled([*MISTAKES, *EVENTS], 3))
def test_a_single_mistake_is_reported_and_nothing_else(seed, tmp_path, name):
    expected = plant(seed, tmp_path / "x", [name])
    assert expected
    check(gm.check_scenario(tmp_path / "x" / "x.yaml"), expected)


def combinations():
    """Yield sets of mistakes: all that fit together, then random ones, in rows and in files of events."""
    names = [*MISTAKES, *EVENTS]
    chance = random.Random(16)  # noqa: S311
    for number in range(1_000 if LONG else 40):
        chosen = []
        for name in chance.sample(names, len(names)):
            if fits([*chosen, name]):
                chosen.append(name)
        yield chosen if number < 10 else chosen[: chance.randrange(2, len(chosen))], bool(number % 2)


@pytest.mark.parametrize("part", at_gate(range(4), 4))
def test_mistakes_in_every_part_are_reported_together_in_one_pass(seed, tmp_path, part):
    for number, (names, as_file) in enumerate(combinations()):
        if number // 2 % 4 != part:
            continue
        where = tmp_path / str(number)
        expected = plant(seed, where, names, as_file=as_file)
        check(gm.check_scenario(where / "x.yaml"), expected)
        shutil.rmtree(where)


@pytest.mark.parametrize("part", at_gate(range(3), 3))
def test_pairs_of_mistakes_hide_each_other_only_where_it_is_said(seed, tmp_path, part):
    pairs = [pair for pair in itertools.combinations([*MISTAKES, *EVENTS], 2) if fits(pair)]
    for number, pair in enumerate((pairs if LONG else random.Random(1).sample(pairs, 30))[part::3]):  # noqa: S311
        expected = plant(seed, tmp_path / str(number), pair)
        check(gm.check_scenario(tmp_path / str(number) / "x.yaml"), expected)
        shutil.rmtree(tmp_path / str(number))


def test_every_way_to_run_or_check_reports_the_same(seed, tmp_path, monkeypatch):
    names = [
        "unknown setting",
        "end before start",
        "region of a plant",
        "cell",
        "event class",
        "part of a crew",
        "half hour",
    ]
    expected = plant(seed, tmp_path / "x", names)
    monkeypatch.chdir(tmp_path)
    path = str(tmp_path / "x" / "x.yaml")
    said = [f"error: {problem}" for problem in gm.check_scenario(path)]
    assert len(said) == len(expected) == len(names)
    for words in (
        ["scenario", "check", path],
        ["run", path],
        ["compare", path, "--with", "import:5"],
        ["plan", path, "x/x.yaml"],
    ):
        got = CliRunner().invoke(main, words)
        assert got.exit_code == 1
        assert got.stderr.splitlines()[: len(said)] == said, words
    with pytest.raises(gm.InputError) as caught:
        gm.run(path)
    assert [f"error: {problem}" for problem in caught.value.problems] == said


def test_options_are_reported_beside_the_mistakes_of_their_scenario(seed, tmp_path):
    (tmp_path / "o.csv").write_text("name,kind,region,size,cost_eur\na,import,,-1,1\n")
    for names in (["number too small", "cell"], ["cell", "event place"]):
        where = tmp_path / names[0]
        expected = [*plant(seed, where, names), ("o.csv:2: size", "must be more than 0")]
        got = CliRunner().invoke(main, ["plan", str(where / "x.yaml"), str(tmp_path / "o.csv")])
        lines = [line.removeprefix("error: ") for line in got.stderr.splitlines() if line.startswith("error: ")]
        check(lines, expected)


@pytest.mark.parametrize("text", ["country = 5\n", "timezone = 'Mars'\ncountry = 'TR'\n", "not toml"])
def test_a_country_that_is_not_known_makes_no_place_wrong(seed, tmp_path, text):
    plant(seed, tmp_path / "x", ["event place"])
    (tmp_path / "x" / "net" / "network.toml").write_text(text)
    found = gm.check_scenario(tmp_path / "x" / "x.yaml")
    assert {problem.table for problem in found if "TR/" in problem.value or problem.value == "TR"} == set()
    assert any("network.toml" in problem.table for problem in found)


def test_what_is_missing_altogether_is_named_once_each(tmp_path):
    (tmp_path / "x.yaml").write_text(
        "name: x\nnetwork: nowhere\nweather: never.csv\nevents: none.csv\ntimetable: no.csv\nend: 2026-01-06\nseed: x\n"
    )
    found = sorted(problem.field for problem in gm.check_scenario(tmp_path / "x.yaml"))
    assert found == ["events", "network", "seed", "start", "timetable", "weather"]


def test_members_of_a_deterministic_scenario_are_refused_alike_wherever_they_are_given(tmp_path, monkeypatch):
    """They would be ignored: there is one member, with expected values."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "scenarios" / "three-region.yaml").read_text(encoding="utf-8")
    assert "deterministic: true" in text
    Path("both.yaml").write_text(f"{text}\nmembers: 4\nimport_limit_mw: -5\n", encoding="utf-8")
    Path("one.yaml").write_text(f"{text}\nmembers: 1\n", encoding="utf-8")
    Path("grid.yaml").write_text(
        "scenario: three-region\nset: {members: 4}\ngrid: {import_limit_mw: [-5]}\n", encoding="utf-8"
    )
    Path("plain.yaml").write_text("scenario: three-region\ngrid: {import_limit_mw: [-5]}\n", encoding="utf-8")
    Path("wrong.yaml").write_text(f"{text}\nimport_limit_mw: -5\n", encoding="utf-8")
    said = "'4' does not go with a deterministic scenario, which has one member\n"
    for words in (
        ["scenario", "check", "both.yaml"], ["run", "both.yaml"], ["sweep", "both.yaml", "-o", "s"], ["run", "wrong.yaml", "--members", "4"],
        ["sweep", "wrong.yaml", "-o", "s", "--members", "4"], ["sweep", "grid.yaml", "-o", "s"], ["sweep", "plain.yaml", "-o", "s", "--members", "4"],
        ["plan", "wrong.yaml", "options.yaml", "--members", "4"],
    ):  # fmt: skip
        got = CliRunner().invoke(main, words)
        assert got.exit_code == 1, (words, got.output)
        assert f"members: {said}" in got.stderr, (words, got.output)
        assert "import_limit_mw: '-5'" in got.stderr, (words, got.output)
    with pytest.raises(gm.InputError, match="does not go with a deterministic scenario"):
        gm.load_scenario("three-region").replace(members=4)
    assert gm.load_scenario("three-region").replace(members=4, deterministic=False).draws == 4
    assert gm.load_scenario("january-2026").replace(deterministic=True).draws == 1
    assert CliRunner().invoke(main, ["scenario", "check", "one.yaml"]).exit_code == 0


OF_ANOTHER_KIND = ["demand: [x]", "supply: 5", "start_state: true", "timetable: [1]", "weather: {a: 1}", "network: 7"]


@pytest.mark.parametrize("wrong", sampled(OF_ANOTHER_KIND, 3))
def test_a_value_of_another_kind_hides_none_of_the_other_problems(seed, tmp_path, wrong):
    setting = wrong.partition(":")[0]
    names = ["unknown setting", "number too small", "part of a crew", "sub-queue", "event kind"]
    expected = plant(seed, tmp_path / "x", [one for one in names if (setting, one) != ("timetable", "sub-queue")])
    path = tmp_path / "x" / "x.yaml"
    kept = [line for line in path.read_text().splitlines() if not line.startswith(f"{setting}:")]
    path.write_text("\n".join([*kept, wrong]) + "\n")
    found = gm.check_scenario(path)
    (told,) = [one for one in found if one.field == setting]
    assert (told.table, told.row) == ("x.yaml", len(kept) + 1)
    assert told.message.startswith("must be the ")
    others = [one.field for one in found if one is not told]
    assert sorted(others) == sorted(place.split(": ")[1] for place, _ in expected)


def told_of(tmp_path, *more):
    text = (ROOT / "scenarios" / "three-region.yaml").read_text(encoding="utf-8")
    (tmp_path / "x.yaml").write_text("\n".join([text, *more, ""]), encoding="utf-8")
    return {problem.field: problem for problem in gm.check_scenario(tmp_path / "x.yaml")}


def test_a_wrong_setting_hides_no_check_against_the_network_that_does_without_it(tmp_path):
    wrong = ["reserve_mw: -1", "shared_feeder_share: 1", "relay_first_hz: 60", "supply: none.csv", "demand: none.csv"]
    assert told_of(tmp_path, *wrong).keys() == {one.partition(":")[0] for one in wrong}
    (tmp_path / "no.yaml").write_text("name: x\nnetwork: three-region\nweather: three-region\nstart: x\nend: y\n"
                                      "supply: none.csv\ndemand: none.csv\nshared_feeder_share: 1\n")  # fmt: skip
    found = sorted(problem.field for problem in gm.check_scenario(tmp_path / "no.yaml"))
    assert found == ["demand", "end", "shared_feeder_share", "start", "supply"]


def test_no_default_of_a_wrong_setting_is_told_as_a_problem(tmp_path):
    """A lower critical share would leave somebody in the queues, and no relay is known to lie above another."""
    wrong = ["critical_share_factor: x", "shared_feeder_share: 0.86", "relay_first_hz: x", "relay_last_hz: 49.5"]
    assert told_of(tmp_path, *wrong).keys() == {"critical_share_factor", "relay_first_hz"}


@pytest.mark.parametrize(("column", "cell"), [("demand", "-5"), ("supply", "many")])
def test_cells_of_a_series_are_read_whatever_the_period_is(tmp_path, column, cell):
    names = {"demand": "TR-1,TR-2,TR-3", "supply": "import_limit_mw"}
    rows = {"demand": f"2026-01-05,{cell},1,1", "supply": f"2026-01-05,{cell}"}
    (tmp_path / "s.csv").write_text(f"time,{names[column]}\n{rows[column]}\n")
    (tmp_path / "x.yaml").write_text("name: x\nnetwork: three-region\nweather: three-region\nstart: soon\n"
                                     f"end: 2026-01-06 00:00\n{column}: s.csv\n")  # fmt: skip
    found = {problem.field: problem.value for problem in gm.check_scenario(tmp_path / "x.yaml")}
    assert found["start"] == "soon"
    assert cell in found.values()
