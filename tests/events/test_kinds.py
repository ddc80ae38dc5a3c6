import json
import re

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import gridmodel as gm
from gridmodel.commands.scenario.new import TEMPLATE
from gridmodel.events import REPAIR_DAYS, Timeline, events_schema, load_events
from gridmodel.events.kinds import KINDS, kinds_for
from gridmodel.events.schema import COMPONENTS, USED
from gridmodel.inputs.files import ROOT
from gridmodel.network import read_network
from gridmodel.simulation.inputs import run_inputs
from gridmodel.vocabulary import CLASSES, DAMAGE_CLASSES, EVENT_CLASSES, TECHNOLOGIES

NUMBERS_GIVEN = {"share": 0.5, "hits_before_interception": 3, "interception": 0.5, "duration_h": 5, "value": 10.0}
BY_PLACE = [name for name, kind in KINDS.items() if kind.by_place]
PAIRS = [(name, kind) for name in CLASSES for kind in kinds_for(name)]


def row(event_class, kind, **changes):
    """Return an event of a kind on a class of the whole country, with the numbers that the kind needs."""
    needs = [*KINDS[kind].needs, *list(KINDS[kind].one_of)[:1]]
    given = {name: NUMBERS_GIVEN[name] for name in needs}
    return {"time": "2026-01-05 06:00", "target": f"TR/{event_class}", "kind": kind} | given | changes


@pytest.fixture
def with_every_technology(folder):
    """A three-region network with one more generator of each technology that it lacks."""
    path = folder / "generators.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    for technology in sorted(set(TECHNOLOGIES) - {"nuclear", "thermal_coal", "hydro"}):
        stored = "10,10,0.8" if technology in {"battery", "pumped_storage"} else ",,"
        lines.append(f"{technology},TR-2,TR-2-330,{technology},2,10,10,{stored},0,1,false,false,90,,OURS,assumed")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    regions = folder / "regions.csv"
    header, *rest = regions.read_text(encoding="utf-8").splitlines()
    regions.write_text(
        "\n".join([f"{header},share_exempt", *(f"{line},0.1" for line in rest)]) + "\n", encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize("deterministic", [True, False])
def test_every_class_is_accepted_with_every_kind_that_its_row_allows_and_with_no_other(
    three, with_every_technology, deterministic
):
    network = {"network": str(with_every_technology), "deterministic": deterministic, "members": 1}
    scenario = three(events=[row(*pair) for pair in PAIRS], **network)
    run_inputs(scenario)
    read = load_events(scenario, read_network(with_every_technology))
    assert [(event.what, event.kind) for event in read] == PAIRS
    others = [(name, kind) for name in CLASSES for kind in KINDS if (name, kind) not in PAIRS and kind not in BY_PLACE]
    with pytest.raises(gm.InputError) as caught:
        run_inputs(three(events=[row(*pair) for pair in others], **network))
    said = [problem.message for problem in caught.value.problems if problem.field == "kind"]
    assert [message.split(",")[0] for message in said] == [f"does not apply to {name}" for name, _ in others]


@pytest.mark.parametrize("name", sorted(DAMAGE_CLASSES))
def test_a_strike_lowers_the_array_that_the_row_of_its_class_names(three, with_every_technology, name):
    target = {"generator": "gen:TR-1/nuclear", "branch": "line:TR-1-330--TR-2-330"}.get(name, f"TR/{name}")
    event = row(name, "strike", target=target)
    got = run_inputs(three(events=[event], network=str(with_every_technology))).timeline
    array = {"import": "import_share", "delivery": "delivery_mw"}.get(
        EVENT_CLASSES[name].array, EVENT_CLASSES[name].array
    )
    remaining, whole = getattr(got, array), np.inf if array == "delivery_mw" else 1
    assert (remaining[:6] == whole).all()
    assert (remaining[6] < whole).any()


def test_every_array_that_a_class_names_is_one_of_the_timeline_or_the_crews():
    known = {*Timeline.__dataclass_fields__, "crew", "delivery", "import"}
    assert {found.array for found in EVENT_CLASSES.values()} <= known


def test_rows_name_kinds_repair_times_and_columns_that_exist():
    for name, found in EVENT_CLASSES.items():
        assert set(found.takes) <= set(KINDS), name
        assert not found.damage or found.damage in REPAIR_DAYS, name
        assert bool(found.damage) == (found.repair_group is not None) == ("strike" in kinds_for(name)), name
        assert found.meaning, name
    for name, kind in KINDS.items():
        assert set(kind.columns) <= set(USED), name
        assert not (kind.by_place and kind.special), name
        assert kind.meaning.endswith("."), name
    special = {name for name, kind in KINDS.items() if kind.special}
    assert special <= {name for found in EVENT_CLASSES.values() for name in found.takes}


def test_classes_of_a_repair_log_keep_their_numbers():
    assert list(DAMAGE_CLASSES) == [
        *TECHNOLOGIES, "generation", "transfer", "delivery", "heat_source", "heat_network", "water_pumping",
        "wastewater", "import", "generator", "branch",
    ]  # fmt: skip


def test_what_a_new_scenario_the_schema_and_the_page_offer_are_the_classes_of_the_table(tmp_path):
    from click.testing import CliRunner

    from gridmodel.commands.scenario.new import new_scenario

    file = tmp_path / "mine.yaml"
    assert CliRunner().invoke(new_scenario, [str(file)]).exit_code == 0
    offered = re.search(r"Class: (.*?)\.\nevents:", file.read_text(encoding="utf-8"), re.DOTALL)[1]
    names = re.split(r", | or ", offered.replace("\n# ", " "))
    assert [*TECHNOLOGIES, *names[1:]] == list(CLASSES)
    assert not any(name in TEMPLATE for name in ("wastewater", "heat_network"))  # the list is made, not written
    schema = events_schema()["items"]["properties"]
    assert schema["target"]["description"].split("classes: ")[1].split(", ") == list(CLASSES)
    assert schema["kind"]["enum"] == list(KINDS)
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert {*KINDS, *CLASSES} <= set(cells)
    assert not ({*EVENT_CLASSES} - {*CLASSES}) & set(cells)  # single components have a table of their own
    assert re.findall(r"^\| `(\w+):ID` \|", page, re.MULTILINE) == [*COMPONENTS]


def test_the_schema_takes_every_pair_of_the_table_and_components():
    checker = Draft202012Validator(events_schema())
    rows = [row(*pair) for pair in PAIRS] + [row("branch", "outage", target=f"{prefix}:a/b") for prefix in COMPONENTS]
    assert not list(checker.iter_errors(rows))
    assert not list(
        checker.iter_errors([row("import", "limit", share=None, value=5), row("crew", "outage", value=None)])
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "strike"},  # hits and interception are missing
        {"share": None},
        {"value": 5},
        {"interception": 0.5},
        {"kind": "limit", "value": 5},  # share or value, not both
        {"kind": "limit", "share": None},
        {"target": "TR/heat_sauce"},
        {"target": "wire:a"},
        {"target": "heat_source"},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(three, wrong):
    event = row("heat_source", "outage") | wrong
    assert list(Draft202012Validator(events_schema()).iter_errors([json.loads(json.dumps(event))]))
    with pytest.raises(gm.InputError):
        run_inputs(three(events=[event]))


def test_sewage_backs_up_once_wet_wells_of_lost_stations_are_full(three):
    event = row("wastewater", "outage", target="TR-1/wastewater", share=0.4, duration_h=8)
    result = gm.run(three(events=[event])).isel(member=0)
    share = (result["people_with_sewage_backup"] / result["population"]).transpose("time", "region").to_numpy()
    percent = [4.5, 4.9, 4.9, 5.6, 4.8, 4.7, 4.4, 4.1]  # of the day's water, 6 to 14 o'clock
    served = result["water_served_share"].transpose("time", "region").to_numpy()[6:14, 0]
    used_h = np.cumsum(served * np.array(percent) * 24 / 100)
    full = 6 + np.flatnonzero(used_h >= 4.0)  # a well holds four hours of mean use
    assert full[0] == 9
    assert np.flatnonzero(share[:, 0]).tolist() == full.tolist()
    assert share[full, 0] == pytest.approx(0.4)
    assert not share[:, 1:].any()
    pumps = row("water_pumping", "outage", target="TR-1/water_pumping", share=0.4, duration_h=8)
    assert float(gm.run(three(events=[pumps]))["people_with_sewage_backup"].max()) == 0.0
