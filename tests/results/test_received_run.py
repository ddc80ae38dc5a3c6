"""A run folder from a stranger: nothing outside it is opened on its behalf, and nothing of this machine is shown."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from opened import opened

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.errors import Problems
from gridmodel.inputs.files import ROOT, Confined, bundled_series, find_series
from gridmodel.results.handed_on import attributes_without_folders
from gridmodel.results.own_inputs import confined, events_shown, safe_name
from gridmodel.results.run_folder import manifest_of, read_manifest, read_result, write_run
from gridmodel.studies.ac_check import check_ac

EVENTS = "time,target,kind,share,duration_h,note\n2026-01-05 02:00,TR-1/delivery,limit,0.5,6,told by a file\n"
HIDDEN = "time,target,kind,note\n2026-01-05,TR-1/x,alert,hunter2\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A run of files of one's own, and a secret beside it."""
    where = tmp_path_factory.mktemp("received")
    shutil.copytree(ROOT / "networks" / "three-region", where / "my net")
    shutil.copyfile(ROOT / "weather" / "three-region.csv", where / "frost.csv")
    (where / "events.csv").write_text(EVENTS)
    (where / "secret.csv").write_text(HIDDEN)
    (where / "mine.yaml").write_text(
        "name: mine\nnetwork: my net\nweather: frost.csv\nevents: events.csv\ntimezone: UTC\n"
        "start: 2026-01-05 00:00\nend: 2026-01-05 06:00\nmembers: 2\n"
    )
    scenario = gm.load_scenario(where / "mine.yaml")
    write_run(gm.run(scenario), scenario, where / "run", command=["gridmodel", "run", "mine.yaml"], seconds={})
    return where


@pytest.fixture
def received(home, tmp_path):
    """The run alone, in another place, and the same secret beside it."""
    shutil.copytree(home / "run", tmp_path / "run")
    (tmp_path / "secret.csv").write_text(HIDDEN)
    return tmp_path / "run"


def rewrite(run, **changes):
    path = run / "manifest.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    scenario = changes.pop("scenario", {})
    path.write_text(json.dumps(data | changes | {"scenario": data["scenario"] | scenario}), encoding="utf-8")


def call(*args, code=0):
    got = CliRunner().invoke(main, list(map(str, args)), catch_exceptions=False)
    assert got.exit_code == code, got.output
    return got


def test_a_run_brings_copies_of_its_own_inputs_and_says_no_path_of_this_machine(home):
    run = home / "run"
    for name in ("network/my_net/buses.csv", "network/my_net/network.toml", "weather/frost.csv", "events/events.csv"):
        assert (run / "inputs" / name).is_file(), name
    text = (run / "manifest.json").read_text(encoding="utf-8")
    assert str(home) not in text
    assert json.loads(text)["inputs"]["inputs/weather/frost.csv"].startswith("sha256:")


def test_a_received_run_is_repeated_to_the_byte_without_the_files_it_was_made_from(received, tmp_path):
    call("run", "--from", received, "-o", tmp_path / "again")
    for name in ("result.nc", "summary.csv", "summary.json"):
        assert (received / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    for part in ("inputs", "files", "event_rows", "scenario"):
        assert manifest_of(received)[part] == manifest_of(tmp_path / "again")[part], part


@pytest.mark.gate  # at each edit: a page of a received run
def test_a_report_has_the_events_of_the_run_without_their_file(received):
    shutil.rmtree(received / "inputs")
    with opened() as seen:
        call("report", received)
    assert "told by a file" in (received / "report.html").read_text(encoding="utf-8")
    assert not [path for path in seen if path.endswith("events.csv")]


@pytest.mark.parametrize("path", ["{}/secret.csv", "../secret.csv", "secret.csv", "run/../secret.csv", "~/secret.csv"])
@pytest.mark.parametrize("old", [True, False], ids=["old", "new"])
def test_a_report_takes_nothing_from_a_file_that_a_received_manifest_names(received, path, old, monkeypatch):
    named = path.format(received.parent)
    monkeypatch.chdir(received.parent)
    rewrite(received, scenario={"events": named}, inputs={named: "sha256:0"}, folder=str(received.parent),
            event_rows=None, files={} if old else {"events": named})  # fmt: skip
    with opened() as seen:
        assert events_shown(manifest_of(received)) is None
    assert not [one for one in seen if "secret" in one]


@pytest.mark.parametrize("rows", [5, "x", [1, None, {"time": [1]}], {"a": 1}])
def test_rows_of_events_of_any_kind_make_a_page(received, rows):
    rewrite(received, event_rows=rows)
    assert all(isinstance(value, str) for row in events_shown(manifest_of(received)) or () for value in row.values())


def test_a_page_of_a_received_run_has_nothing_of_a_secret_that_its_manifest_names(received):
    named = str(received.parent / "secret.csv")
    rewrite(received, scenario={"events": named}, inputs={named: "sha256:0"}, event_rows=None)
    call("report", received)
    assert "hunter2" not in (received / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", ["network", "weather", "events", "timetable"])
@pytest.mark.parametrize("name", ["{}/secret.csv", "../secret.csv", "{}", "..", "/dev/zero", "/etc/passwd"])
def test_a_file_elsewhere_is_not_opened_on_behalf_of_a_manifest_and_all_are_named_at_once(received, setting, name):
    files = {key: value for key, value in manifest_of(received)["files"].items() if key != setting}
    rewrite(received, scenario={setting: name.format(received.parent)}, files=files, folder=str(received))
    with opened() as seen:
        got = call("run", "--from", received, "-o", received.parent / "again", code=1)
    assert f"{setting}: " in got.stderr
    assert "outside the folder of the run" in got.stderr
    assert not [one for one in seen if "secret" in one or one.startswith("/etc/passwd")]
    assert not (received.parent / "again").exists()


@pytest.mark.parametrize(
    "place",
    ["../secret.csv", "{}/secret.csv", "inputs/../../secret.csv", "inputs/events/../../../secret.csv", "secret.csv",
     "inputs/events/link.csv", "inputs/events", "inputs/events/.", "inputs\\events\\events.csv", 5, ["x"], ""],
)  # fmt: skip
def test_a_copy_lies_in_the_folder_of_the_run_and_leads_nowhere_else(received, place):
    (received / "inputs" / "events" / "link.csv").symlink_to(received.parent / "secret.csv")
    place = place.format(received.parent) if isinstance(place, str) else place
    rewrite(received, files=manifest_of(received)["files"] | {"events": place})
    with opened() as seen:
        got = call("run", "--from", received, "-o", received.parent / "again", code=1)
    assert "files.events: " in got.stderr
    assert not [one for one in seen if one.endswith("secret.csv")]


def test_a_table_that_is_a_link_out_of_the_folder_is_not_read(received):
    table = received / "inputs" / "network" / "my_net" / "buses.csv"
    table.unlink()
    table.symlink_to(received.parent / "secret.csv")
    assert "files.network: " in call("run", "--from", received, code=1).stderr


def test_a_manifest_of_before_opens_files_elsewhere_only_if_it_is_trusted(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(home / "run", tmp_path / "run")
    path = tmp_path / "run" / "manifest.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    for new in ("files", "event_rows"):
        del data[new]
    names = {"network/my_net": home / "my net", "weather": home, "events": home}
    data["inputs"] = {
        str(next(at for key, at in names.items() if f"/{key}" in name) / name.rpartition("/")[2]): value
        for name, value in data["inputs"].items()
    }
    path.write_text(json.dumps(data | {"folder": str(home)}), encoding="utf-8")
    got = call("run", "--from", "run", code=1)
    assert got.stderr.count("--trust") == 3
    call("run", "--from", "run", "--trust", "-o", "again")
    assert (tmp_path / "again" / "result.nc").read_bytes() == (home / "run" / "result.nc").read_bytes()
    assert "goes with --from" in call("run", "three-region", "--trust", code=1).stderr


def test_a_result_names_no_file_of_this_machine_to_be_opened(received):
    with read_result(received) as result:
        changed = result.load()
    settings = json.loads(changed.attrs["scenario"])
    for setting in ("network", "weather", "events"):
        changed.attrs["scenario"] = json.dumps(settings | {setting: str(received.parent / "secret.csv")})
        with opened() as seen, pytest.raises(gm.InputError, match="nor bundled"):
            check_ac(changed)
        assert not [one for one in seen if "secret" in one]


@pytest.mark.gate  # at each edit: an hour of a run, in `test_network_picture.py`
def test_an_hour_of_a_received_run_is_drawn_on_a_network_of_ones_own(received, home):
    call("network", "plot", home / "my net", "--run", received, "-o", received.parent / "x.svg")
    shutil.copytree(home / "my net", received.parent / "other net")
    with (received.parent / "other net" / "regions.csv").open("a") as out:
        out.write("\n")
    got = call(
        "network", "plot", received.parent / "other net", "--run", received, "-o", received.parent / "y.svg", code=1
    )
    assert "is the network of the run" in got.stderr


names = st.one_of(
    st.sampled_from(["..", "../secret.csv", "secret.csv", "~", "/", "/etc/passwd", "three-region", "inputs/events/events.csv",
                     "inputs/network/my_net", "inputs/./events/x", "file:" + "///etc/passwd", "http://x/y.csv", ""]),
    st.text(max_size=30), st.none(), st.integers(), st.lists(st.text(max_size=3), max_size=2),
)  # fmt: skip


@given(st.data())
@pytest.mark.gate  # at each edit: a manifest that names files elsewhere
def test_whatever_a_manifest_names_nothing_outside_is_opened_and_nothing_crashes(home, tmp_path_factory, data):
    run = home.parent / f"{home.name}-fuzz" / "run"
    if not run.exists():
        shutil.copytree(home / "run", run)
        (run.parent / "secret.csv").write_text(HIDDEN)
    original = json.loads((home / "run" / "manifest.json").read_text(encoding="utf-8"))
    settings = data.draw(st.dictionaries(st.sampled_from(["network", "weather", "events", "timetable"]), names))
    files = data.draw(st.one_of(names, st.dictionaries(st.sampled_from([*original["files"], "timetable"]), names)))
    changes = data.draw(st.sampled_from([{}, {"files": files}, {"inputs": {str(files): "sha256:0"}}]))
    text = json.dumps(original | changes | {"scenario": original["scenario"] | settings})
    (run / "manifest.json").write_text(text, encoding="utf-8")
    allowed = (str(run), str(run.resolve()), str(ROOT))
    with opened() as seen:
        said = ""
        try:
            read_manifest(run)
        except gm.InputError as error:
            said = str(error)
        events_shown(manifest_of(run))
    assert "hunter2" not in said
    libraries = (sys.prefix, sys.base_prefix, str(Path(gm.__file__).parent), "/usr/share/zoneinfo")
    assert not [one for one in seen if one.startswith("/") and not one.startswith((*allowed, *libraries))]


@given(st.text())
def test_a_safe_name_has_only_safe_signs_and_stays_in_its_folder(name):
    found = safe_name(name)
    assert 1 <= len(found) <= 100
    assert found.isascii()
    assert not set(found) & set("/\\:*?\"<>|$`' \t\n")
    assert not found.startswith(".")


def test_a_run_of_a_bundled_scenario_with_series_is_repeated_and_no_other_series_is_opened(tmp_path):
    for name in (
        "../pyproject.csv",
        "texas-2021/../../x.csv",
        "/etc/passwd.csv",
        "texas-2021/none.csv",
        "texas-2021/",
        "",
    ):
        assert bundled_series(name) is None, name
    found = bundled_series("texas-2021/supply.csv")
    assert found is not None
    assert find_series("texas-2021/supply.csv", "supply", beside=Confined()) == found
    data = {"scenario": {"supply": "texas-2021/supply.csv", "demand": "texas-2021/none.csv"}, "files": {}}
    problems = Problems()
    confined(data, tmp_path, problems, shown="manifest.json")
    assert [problem.field for problem in problems.found] == ["demand"]


def test_what_a_weather_file_says_of_how_it_was_made_is_handed_on_without_folders():
    said = {"weather_history": "72 hours are not in the file; cdo mergetime /data/anna/cold.nc /data/anna/out.nc"}
    told = "72 hours are not in the file; cdo mergetime cold.nc out.nc"
    assert attributes_without_folders(said) == {"weather_history": told}
