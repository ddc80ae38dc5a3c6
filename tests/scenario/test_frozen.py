"""A scenario never changes: none of its mappings, lists and rows, nor the defaults of the class."""

import copy
import io
import json
import operator
import pickle

import pytest
import yaml
from pydantic import BaseModel
from ruamel.yaml import YAML

import gridmodel as gm
from gridmodel.scenario.frozen import thawed

SETTINGS = {
    "availability": {"nuclear": 0.5, "hydro": {"uniform": [0.6, 0.9]}},
    "forced_outages": {"nuclear": {"mttf_h": 1500, "mttr_h": 60}},
    "repair_days": {"delivery": {"slight": [1, 3]}},
    "help_weights": {"water": 2.0},
    "save_states": ["2026-01-05 03:00"],
    "demand_lag_weights": [1.0, 0.5],
    "set_point_c": {"uniform": [18.0, 21.0]},
    "events": [
        {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.3, "duration_h": 12,
         "note": ["a", {"b": ["c"]}]},
    ],
    "mitigations": [{"kind": "repair_crew", "size": 1, "region": "TR-1"}],
    "stop_at": {"max_members": 50},
}  # fmt: skip
"""A value of each kind of setting that holds others."""
CHANGES = {
    dict: {
        "set": lambda it: operator.setitem(it, "new", 0), "delete": lambda it: operator.delitem(it, next(iter(it), "new")),
        "update": lambda it: it.update(new=0), "clear": lambda it: it.clear(), "pop": lambda it: it.pop("new", 0),
        "popitem": lambda it: it.popitem(), "setdefault": lambda it: it.setdefault("new", 0),
        "|=": lambda it: operator.ior(it, {"new": 0}),
    },
    list: {
        "set": lambda it: operator.setitem(it, 0, 0), "delete": lambda it: operator.delitem(it, 0),
        "append": lambda it: it.append(0), "extend": lambda it: it.extend([0]), "insert": lambda it: it.insert(0, 0),
        "clear": lambda it: it.clear(), "pop": lambda it: it.pop(), "remove": lambda it: it.remove(0),
        "sort": lambda it: it.sort(), "reverse": lambda it: it.reverse(), "+=": lambda it: operator.iadd(it, [0]),
        "*=": lambda it: operator.imul(it, 2),
    },
}  # fmt: skip
"""Every method of a dict and of a list that changes it."""


@pytest.fixture(scope="module")
def scenario():
    return gm.Scenario(
        name="x", network="three-region", weather="three-region", timezone="UTC", start="2026-01-05",
        end="2026-01-06", members=4, **SETTINGS,
    )  # fmt: skip


def held(value, path=""):
    """Yield every value that a value holds, with its path."""
    yield path, value
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, item in items:
        yield from held(item, f"{path}.{key}")


def all_held(scenario):
    for name in ("distributions", "origin", "_as_given"):
        yield from held(getattr(getattr(scenario, name), "lines", getattr(scenario, name)), name)
    yield from held(scenario, "scenario")


def test_every_way_to_change_what_a_scenario_holds_is_refused_with_how_a_variant_is_made(scenario):
    before, tried = scenario.model_dump_json(), 0
    for path, value in all_held(scenario):
        assert not isinstance(value, set | bytearray), path
        for kind, changes in CHANGES.items():
            for change in changes.values() if isinstance(value, kind) else ():
                with pytest.raises(gm.InputError, match=r"never changes.*scenario\.replace\("):
                    change(value)
                tried += 1
        for name in type(value).model_fields if isinstance(value, BaseModel) else ():
            for change in (lambda it, name=name: setattr(it, name, None), lambda it, name=name: delattr(it, name)):
                with pytest.raises(gm.InputError, match=r"never changes.*scenario\.replace\("):
                    change(value)
    assert tried > 150
    assert scenario.model_dump_json() == before


def test_the_changes_that_are_tried_are_all_that_dicts_and_lists_have():
    reading = {
        dict: {"copy", "fromkeys", "get", "items", "keys", "values", "__or__", "__ror__"},
        list: {"copy", "count", "index", "__add__", "__mul__", "__rmul__"},
    }
    for kind, names in reading.items():
        able = {name for name in vars(kind) if not name.startswith("_")} | {
            n for n in vars(kind) if n.startswith("__i")
        }
        changing = able - names - {"__init__", "__iter__"}
        said = {"set", "delete", "|=", "+=", "*="}
        assert changing == (set(CHANGES[kind]) - said) | ({"__ior__"} if kind is dict else {"__iadd__", "__imul__"})


def test_an_object_that_was_given_may_change_later_and_the_scenario_does_not():
    given = copy.deepcopy(SETTINGS)
    made = gm.Scenario(name="x", network="three-region", weather="three-region", start="2026-01-05", end="2026-01-06",
                       **given)  # fmt: skip
    before = made.model_dump_json()
    for value in given.values():
        value.clear()
    made.model_dump()["set_point_c"]["uniform"].append(0)
    made.given()["availability"].clear()
    made.given()["events"][0]["note"].clear()
    assert made.model_dump_json() == before


def test_the_defaults_that_all_scenarios_share_cannot_be_changed_either():
    for group in (getattr(gm.Scenario.groups, name) for name in dir(gm.Scenario.groups)):
        for name in dir(group):
            value = getattr(group, name)
            if isinstance(value, dict):
                with pytest.raises(gm.InputError, match="never changes"):
                    value.update(new=0)
    with pytest.raises(gm.InputError, match="never changes"):
        gm.Scenario.model_fields["availability"].default["nuclear"] = 0
    assert gm.Scenario.model_json_schema()["properties"]["availability"]["default"] == {}


def test_what_a_scenario_holds_reads_as_dicts_and_lists_do(scenario):
    assert isinstance(scenario.availability, dict)
    assert dict(scenario.availability) == {**scenario.availability} == {"nuclear": 0.5, "hydro": 0.75}
    assert scenario.availability | {"wind": 1.0} == {"nuclear": 0.5, "hydro": 0.75, "wind": 1.0}
    own = scenario.availability.copy()
    own["nuclear"] = 0.0  # a copy is one's own
    assert scenario.replace(availability=own).availability["nuclear"] == 0.0
    assert isinstance(scenario.events[0]["note"], list)
    assert scenario.events[0]["note"] == ["a", {"b": ["c"]}]
    assert json.loads(json.dumps(scenario.events)) == [thawed(scenario.events[0])]
    assert type(scenario.model_dump()["events"][0]["note"][1]) is dict


@pytest.mark.parametrize("write", ["safe", "full", "ruamel", "ruamel safe"])
def test_what_a_scenario_holds_is_written_as_plain_yaml(scenario, write):
    data = {"availability": scenario.availability, "events": list(scenario.events)}
    if write in {"safe", "full"}:
        text = (yaml.safe_dump if write == "safe" else yaml.dump)(data)
    else:
        out = io.StringIO()
        (YAML(typ="safe", pure=True) if "safe" in write else YAML()).dump(data, out)
        text = out.getvalue()
    assert yaml.safe_load(text) == {name: thawed(value) for name, value in data.items()}


def test_equal_scenarios_have_equal_hashes_and_copies_never_change_either(scenario, tmp_path):
    path = scenario.save(tmp_path / "x.yaml")
    copies = {
        "pickle": pickle.loads(pickle.dumps(scenario)),  # noqa: S301 - our own
        "deep": copy.deepcopy(scenario), "copy": copy.copy(scenario),
        "replace": scenario.replace(members=5).replace(members=4), "model": scenario.model_copy(deep=True),
        "json": gm.Scenario.model_validate_json(scenario.model_dump_json()),
        "saved": gm.load_scenario(path).replace(folder=scenario.folder),
    }  # fmt: skip
    for name, made in copies.items():
        assert made.model_dump_json() == scenario.model_dump_json(), name
        assert hash(made) == hash(scenario), name
        for value in (
            made.availability,
            made.events[0],
            made.distributions,
            made.model_copy(update={"events": ({},)}).events[0],
        ):
            with pytest.raises(gm.InputError, match="never changes"):
                value["nuclear"] = 0
    assert len({scenario, *copies.values(), scenario.replace(seed=1)}) >= 2
    assert copies["pickle"] == scenario == copies["deep"]


def test_the_content_of_an_object_that_was_given_cannot_be_changed_in_the_scenario():
    made = gm.load_scenario("three-region").replace(weather=gm.load_weather("three-region"))
    with pytest.raises(TypeError):
        made.weather.files[""] = b""
    again = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own
    assert again == made
    assert again.weather.files == made.weather.files
