"""Every number of a scenario can be a distribution, and acts, drawn, as the same number given."""

import copy
import csv
import json
import shutil
from hashlib import sha256

import numpy as np
import pytest
import xarray as xr
from conftest import at_gate

import gridmodel as gm
from gridmodel.events import load_events
from gridmodel.inputs.files import ROOT
from gridmodel.network import read_network
from gridmodel.sampling import CHANCE, drawn_settings
from gridmodel.scenario import DAMAGE, NEVER, Scenario, drawable, make_scenario
from gridmodel.scenario.drawable import BY_NAME
from gridmodel.scenario.weapons import WEAPONS
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate

MEMBERS = 6
DAMAGED = [
    {"time": "2026-01-05 01:00", "target": "TR-2/thermal_coal", "kind": "strike", "interception": 0.4,
     "hits_before_interception": 6},
    {"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "strike", "interception": 0.2,
     "hits_before_interception": 4},
    {"time": "2026-01-05 03:00", "target": "TR-3/delivery", "kind": "strike", "interception": 0.2,
     "hits_before_interception": 3, "duration_h": 5},
    {"time": "2026-01-05 03:00", "target": "TR-2/delivery", "kind": "strike", "interception": 0.0,
     "hits_before_interception": 3},
    {"time": "2026-01-05 04:00", "target": "TR-3/delivery", "kind": "limit", "share": 0.5, "duration_h": 6},
    {"time": "2026-01-05 04:00", "target": "TR-1/delivery", "kind": "limit", "value": 40, "duration_h": 6},
    {"time": "2026-01-05 05:00", "target": "TR/import", "kind": "limit", "value": 30, "duration_h": 4},
    {"time": "2026-01-05 05:00", "target": "TR-1/water_pumping", "kind": "outage", "share": 0.5, "duration_h": 6},
    {"time": "2026-01-05 04:00", "target": "TR-1/crew", "kind": "alert", "duration_h": 2},
    {"time": "2026-01-05 06:00", "target": "TR/fuel", "kind": "limit", "share": 0.6, "duration_h": 4},
    {"time": "2026-01-05 06:00", "target": "TR-2/crew", "kind": "outage", "share": 0.6, "duration_h": 4},
    {"time": "2026-01-05 02:00", "target": "TR-3/heat_source", "kind": "outage", "share": 1.0, "duration_h": 16},
    {"time": "2026-01-05 18:00", "target": "TR-2/delivery", "kind": "outage", "share": 1.0, "duration_h": 12},
    {"time": "2026-01-05 09:00", "target": "TR-1/chp", "kind": "outage", "share": 0.9, "duration_h": 6},
    {"time": "2026-01-05 02:00", "target": "TR", "kind": "wave", "profile": "mixed", "weapons": {
        name: {"number": 30, "interception": 0.6} for name in WEAPONS}},
]  # fmt: skip
SHAKEN = [
    {"time": "2026-01-05 03:00", "target": "TR-1/nuclear", "kind": "outage", "share": 0.55, "duration_h": 3},
    {"time": "2026-01-05 09:00", "target": "TR-1/nuclear", "kind": "outage", "share": 0.32, "duration_h": 3},
    {"time": "2026-01-05 15:00", "target": "line:TR-1-330--TR-3-330", "kind": "outage", "share": 1.0, "duration_h": 2},
]
"""Losses that set off more: beyond the ties, within them, and a branch too much."""
CASCADE = (
    "overload_trip_factor", "branch_reclose_h", "tie_overload_factor", "primary_reserve_share", "reserve_lag_s",
    "reserve_full_hz", "load_relief_per_hz", "relay_first_hz", "relay_last_hz", "relay_stages", "relay_first_share",
    "relay_share", "relay_delay_s", "relay_restore_h", "unit_trip_hz",
)  # fmt: skip
TOP = [path for path in drawable() if "." not in path]
NESTED = [
    "availability.thermal_coal", "forced_outages.thermal_coal.mttf_h", "forced_outages.thermal_coal.mttr_h",
    "repair_days.heat_source.slight.mean", "repair_days.heat_source.slight.standard_deviation",
    *(path for path in drawable() if "." in path and path.partition(".")[0] in DAMAGE),
]  # fmt: skip
IN_EVENTS = [
    f"events.{row}.{name}" for row, event in enumerate(DAMAGED, start=1) for name in event
    if name in {"share", "value", "duration_h", "interception", "hits_before_interception"}
]  # fmt: skip
VALUES = {
    "reserve_mw": (0.0, 600.0), "critical_second_feed_share": (0.0, 1.0), "industry_limit_share": (0.0, 0.5),
    "rotation_block_h": (1.0, 4.0), "rotation_rest_h": (0.0, 3.0), "restore_share_per_h": (0.01, 100.0),
    "share": (0.3, 0.9), "hits_before_interception": (2, 7), "interception": (0.1, 0.9), "duration_h": (1.5, 8.0),
    "value": (10.0, 80.0), "heating_threshold_c": (-36.5, 15.0), "heat_source_spread": (0.3, 1.5),
    "heat_network_make_up_per_h": (0.003, 0.5), "heat_network_margin": (0.001, 0.9),
    "cold_work_below_c": (-36.5, -15.0), "spare_transformers": (0, 10),
    "overload_trip_factor": (1.2, 3.0), "branch_reclose_h": (1.0, 3.0), "tie_overload_factor": (1.1, 1.5),
    **{f"{system}_battery_h": (1.0, 3.0) for system in ("heat", "water", "hospital", "telecom")},
    "exempt_share_factor": (0.5, 1.5), "shared_feeder_share": (0.0, 0.3), "storage_start": (0.2, 0.9),
    "relay_first_hz": (48.8, 49.4), "relay_last_hz": (47.9, 48.3), "relay_stages": (4, 6), "relay_share": (0.2, 0.45), "relay_delay_s": (0.2, 3.0), "unit_trip_hz": (47.5, 48.9),
    "repair_days.heat_source.slight.mean": (0.1, 0.5), "repair_days.heat_source.slight.standard_deviation": (0.05, 0.4),
    "heating_air_share": (0.2, 0.8), "new_transformer_days": (0.1, 0.4), "riser_repair_h": (1.0, 400.0),
    "pickup_most": (0.2, 1.0), "drain_lead_h": (0.0, 8.0), "water_day_swing": (0.0, 1.0), "burst_leak_m3_per_h": (0.0, 50.0),
    "burst_shut_off_h": (1.0, 40.0), "battery_charge_h": (1.0, 12.0), "feeder_limit_kw": (0.4, 1.6), "feeder_limit_factor": (0.5, 2.0),
    "interception_all": (0.1, 0.7), "availability.thermal_coal": (0.5, 0.9),
}  # fmt: skip
"""Two values apart enough to matter; others are the given one and one beside it."""

SLOW = {"riser_repair_h", "heat_given_up_share", "chp_heat_only_share", "heat_network_make_up_per_h"}
"""Numbers that show only when burst risers have thawed or most homes are back, after longer than these runs, when
turbines of combined heat and power fail, or when a street is dry again before its heat network is full."""


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Two scenarios in hard frost, as plain data."""
    folder = tmp_path_factory.mktemp("drawn")
    hours = xr.date_range("2025-12-31", "2026-01-08", freq="1h")
    rows = [f"{hour:%Y-%m-%dT%H:%MZ},-35,-36,-37" for hour in hours]
    (folder / "frost.csv").write_text("\n".join(["time,TR-1,TR-2,TR-3", *rows]) + "\n")
    shutil.copytree(ROOT / "networks" / "three-region", folder / "mine")
    generators = folder / "mine" / "generators.csv"
    chp = "TR-1/chp,TR-1,TR-1-330,chp,1,60,60,,,,0.5,10,false,true,60,,OURS,assumed\n"
    battery = "TR-2/battery,TR-2,TR-2-330,battery,1,40,40,,80,0.88,0,0.06,false,false,130,,OURS,assumed\n"
    generators.write_text(generators.read_text() + chp + battery)
    people = folder / "mine" / "regions.csv"
    header, *rows = people.read_text().splitlines()
    exempt = [f"{row},{share}" for row, share in zip(rows, ("0.25", "0.1", "0"), strict=True)]
    people.write_text("\n".join([header + ",share_exempt", *exempt]) + "\n")
    heat = folder / "mine" / "heat_systems.csv"
    heat.write_text(heat.read_text().replace("TR-1/heat,TR-1,0.5,780,4,0,", "TR-1/heat,TR-1,0.5,780,4,0.6,"))
    lines = folder / "mine" / "lines.csv"
    first, second, rest = lines.read_text().split("\n", 2)
    weak = second.split(",")
    weak[first.split(",").index("max_i_ka")] = str(100 / (np.sqrt(3) * 330 * 0.75))
    (folder / "weak").mkdir()
    shutil.copytree(ROOT / "networks" / "three-region", folder / "weak", dirs_exist_ok=True)
    regions = folder / "weak" / "regions.csv"
    header, *rows = regions.read_text().splitlines()
    place = header.split(",").index("reference_demand_mw")
    small = [[*cells[:place], str(0.475 * float(cells[place])), *cells[place + 1 :]] for cells in csv.reader(rows)]
    regions.write_text("\n".join([header, *map(",".join, small)]) + "\n")
    ties = folder / "weak" / "interconnectors.csv"
    ties.write_text(ties.read_text().replace(",300,", ",150,"))
    (folder / "weak" / "lines.csv").write_text("\n".join([first, ",".join(weak), rest]))
    common = {"name": "drawn", "timezone": "UTC", "start": "2026-01-05 00:00", "seed": 7, "members": MEMBERS}
    frost = make_scenario({
        **common, "network": str(folder / "mine"), "weather": str(folder / "frost.csv"), "end": "2026-01-06 12:00",
        "cascade": "overload", "temperature_slope": 0.02, "import_limit_mw": 150.0, "events": DAMAGED,
        "availability": {"thermal_coal": 0.9}, "heat_network_margin": 0.01, "open_stairwell_share": 0.1,
        "hospital_battery_h": 2.0, "delivery_unit_mw": 1e6,
        "repair_days": {"heat_source": {"slight": [0.1, 0.05]},
                        "delivery": {"extensive": [0.05, 0.02], "complete": [0.05, 0.02]}},
        "forced_outages": {"thermal_coal": {"mttf_h": 50.0, "mttr_h": 20.0}}, "spare_transformers": 0,
        "mitigations": [{"kind": "drain_crew", "region": region, "size": 1} for region in ("TR-1", "TR-2", "TR-3")],
    })  # fmt: skip
    shaken = make_scenario({
        **common, "network": str(folder / "weak"), "weather": "three-region", "end": "2026-01-05 20:00",
        "cascade": "full", "events": SHAKEN, "temperature_slope_factor": (1.0, 1.0), "backup_start_probability": 1.0,
    })  # fmt: skip
    return {"frost": frost.model_dump(), "shaken": shaken.model_dump()}


@pytest.fixture(scope="module")
def run():
    """Run a scenario once, however often it is asked for."""
    known = {}

    def make(scenario):
        key = scenario.model_dump_json()
        if key not in known:
            known[key] = gm.run(scenario)
        return known[key]

    return make


def course(base, path):
    return "shaken" if path in CASCADE else "frost"


def found(data, path):
    """Value at a path, as written."""
    for key in path.split("."):
        data = data[_key(data, key)]
    return data


def _key(data, key):
    if not isinstance(data, list | tuple):
        return key
    return int(key) - 1 if key.isdigit() else ("mean", "standard_deviation").index(key)


def put(data, path, value):
    """Scenario with another value, or a distribution, at a path."""
    data = copy.deepcopy(data)
    data["events"] = [dict(event) for event in data["events"]]
    place, keys = data, path.split(".")
    for key in keys[:-1]:
        where = _key(place, key)
        place[where] = list(place[where]) if isinstance(place[where], tuple) else place[where]
        place = place[where]
    ranged = isinstance(place.get(keys[-1]), tuple) if isinstance(place, dict) else False
    place[_key(place, keys[-1])] = (value, value) if ranged and not isinstance(value, dict) else value
    chances = data["damage_state_probabilities"]
    if not any(isinstance(chance, dict) for chance in chances.values()):
        data["damage_state_probabilities"] = {
            state: chance / sum(chances.values()) for state, chance in chances.items()
        }
    return make_scenario(data)


def two_values(data, path):
    """Two values that are allowed."""
    last = path.rpartition(".")[2]
    if path.startswith("events."):
        return VALUES[last]
    if path == "interception":
        return VALUES["interception_all"]
    if path.startswith("damage_state_probabilities"):
        return 0.05, 0.6
    if path in VALUES:
        return VALUES[path]
    given, bounds = found(data, path), drawable()[path]
    given = given[0] if isinstance(given, tuple) else given
    other = next(value for value in (given * 1.7, given * 0.6, given + 0.3, given - 0.3)
                 if bounds.allow(value) and value != given)  # fmt: skip
    return min(given, other), max(given, other)


def shown(result, member):
    """What a member shows, but for rows of the log that stand for hits which were not sent to it."""
    sent = result["repair_state"].isel(member=member) >= 0 if "repair_state" in result else None
    for name in sorted(map(str, result.data_vars)):
        if "member" in result[name].dims and name != "drawn_value":
            values = result[name].isel(member=member)
            yield name, values[sent.to_numpy()] if name.startswith("repair_") else values


def same(one, other, member):
    """Name of what a member shows otherwise in two runs, to the last bit; nothing if there is none."""
    for (name, here), (_, there) in zip(shown(one, member), shown(other, member), strict=True):
        if here.to_numpy().tobytes() != there.to_numpy().tobytes():
            return name
    return ""


def test_every_setting_is_a_number_that_can_be_drawn_or_has_a_reason_why_not():
    drawn = {path.partition(".")[0] for path in drawable()}
    assert drawn | set(NEVER) | {"events"} == set(Scenario.model_fields)
    assert not drawn & set(NEVER)
    assert set(BY_NAME) <= drawn


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=() if place == 1 else pytest.mark.gate if place % 36 == 1 else pytest.mark.long)
        for place, path in enumerate((*TOP, *NESTED, *IN_EVENTS))
    ],
)
@pytest.mark.gate  # at each edit: the same of a few, in `test_sampling.py`
def test_a_drawn_number_acts_in_each_member_as_the_same_number_given(base, run, path):
    data = base[course(base, path)]
    low, high = two_values(data, path)
    drawn = put(data, path, {"choice": [low, high]})
    got = gm.run(drawn)
    fixed = {value: run(put(data, path, value)) for value in (low, high)}
    name = path.replace("hits_before_interception", "hits").replace(".value", ".value_mw")
    purpose = 2**32 + int.from_bytes(sha256(name.encode()).digest()[:4], "big")
    streams = [np.random.default_rng(np.random.SeedSequence(7, spawn_key=(m, purpose))) for m in range(MEMBERS)]
    values = [low if own.random() < 0.5 else high for own in streams]
    if path in drawn_settings(drawn):
        assert got["drawn_value"].sel(setting=path).to_numpy() == pytest.approx(values)
    for member, value in enumerate(values):
        assert same(got, fixed[value], member) == "", (member, value)
    moves = any(same(fixed[low], fixed[high], member) for member in range(MEMBERS))
    assert moves or path in SLOW, "it changes nothing"


@pytest.mark.parametrize("case", at_gate(["frost", "shaken"], 2))
@pytest.mark.gate  # at each edit: the same of a few, in `test_sampling.py`
@pytest.mark.filterwarnings("ignore:.*has no effect:UserWarning")
def test_numbers_drawn_from_one_value_are_that_value(base, case):
    data, events = base[case], DAMAGED if case == "frost" else SHAKEN
    plain = gm.run(make_scenario(data))
    every = copy.deepcopy(data)
    every["events"] = [{name: _single(value) for name, value in event.items()} for event in events]
    for path in (*TOP, *NESTED):
        if path == "interception" or path.split(".")[0] in {"availability", "repair_days", "forced_outages"}:
            continue
        place = every
        *above, last = path.split(".")
        for key in above:
            place = place[key]
        if place[last] is not None and not isinstance(place[last], tuple):
            place[last] = _single(place[last])
    got = gm.run(make_scenario(every))
    assert len(make_scenario(every).distributions) > 60
    for member in range(MEMBERS):
        assert same(got, plain, member) == ""


def _single(value):
    if isinstance(value, dict):
        return {name: _single(part) for name, part in value.items()}
    return value if isinstance(value, str) else {"choice": [value, value]}


@pytest.mark.parametrize(
    "sampling",
    [
        pytest.param("random", marks=pytest.mark.long),
        pytest.param("latin_hypercube", marks=pytest.mark.long),
        "saltelli",
    ],
)
@pytest.mark.gate  # at each edit: any company, in `test_sampling.py`
def test_a_member_that_draws_damage_and_events_is_the_same_in_any_company(base, sampling):
    data = {**base["frost"], "sampling": sampling, "relay_stages": {"uniform": [3, 9]}, "cascade": "full"}
    data = put(data, "damage_capacity_left.slight", {"uniform": [0.2, 0.95]}).model_dump()
    data = put(data, "damage_state_probabilities.complete", {"normal": [0.1, 0.05]}).model_dump()
    data = put(data, "events.1.hits_before_interception", {"normal": [6, 2]}).model_dump()
    scenario = put(data, "events.5.share", {"triangular": [0.2, 0.5, 0.9]})
    whole, some = gm.run(scenario), simulate(run_inputs(scenario, [4, 1]))
    for name in some.data_vars:
        if "member" in some[name].dims:
            xr.testing.assert_equal(whole[name].sel(member=[4, 1]), some[name])


def test_chances_of_damage_states_are_drawn_and_divided_by_their_sum(base):
    chances = {"none": 0.1, "slight": 0.3, "moderate": 0.3, "extensive": {"uniform": [0.1, 0.5]}, "complete": 0.1}
    scenario = make_scenario({**base["frost"], "damage_state_probabilities": chances, "members": 400})
    medians = scenario.damage_state_probabilities
    assert sum(medians.values()) == pytest.approx(1)
    assert medians["extensive"] / medians["slight"] == pytest.approx(1)
    assert scenario.model_dump()["damage_state_probabilities"] == {
        **chances, "extensive": {"uniform": [0.1, 0.5]}}  # fmt: skip
    again = make_scenario({**json.loads(scenario.model_dump_json()), "folder": None})
    assert (again, again.distributions) == (scenario.replace(folder=None), scenario.distributions)
    settings = run_inputs(scenario.replace(members=400), range(400)).settings
    drawn = settings.together([f"damage_state_probabilities.{state}" for state in chances])
    assert drawn.sum(axis=1) == pytest.approx(1)
    assert (drawn[:, 3] / drawn[:, 1] * 0.3).min() == pytest.approx(0.1, abs=0.01)
    assert (drawn[:, 3] / drawn[:, 1] * 0.3).max() == pytest.approx(0.5, abs=0.01)


def test_a_whole_number_is_drawn_whole_and_each_alike():
    scenario = make_scenario({
        "name": "x", "network": "three-region", "weather": "three-region", "start": "2026-01-05", "end": "2026-01-06",
        "timezone": "UTC", "members": 3000, "spare_transformers": {"uniform": [2, 5]}, "relay_stages": {"normal": [6, 2]},
    })  # fmt: skip
    assert scenario.spare_transformers == 3
    assert isinstance(scenario.spare_transformers, int)
    quantile = scenario.distributions["spare_transformers"].quantile
    values, counts = np.unique(quantile(np.arange(4000) / 4000), return_counts=True)
    assert (values.tolist(), counts.tolist()) == ([2, 3, 4, 5], [1000] * 4)
    stages = scenario.distributions["relay_stages"].quantile(np.linspace(0, 0.9999, 500))
    assert set(stages) <= set(range(2, 21))


@pytest.mark.gate  # at each edit: a table of waves, in `test_waves.py`
def test_events_take_distributions_in_yaml_and_in_a_table_alike(base, tmp_path):
    data = base["frost"]
    rows = copy.deepcopy(DAMAGED[:-1])
    rows[0]["hits_before_interception"], rows[4]["share"] = {"uniform": [2, 6]}, {"triangular": [0.2, 0.5, 0.9]}
    written = put({**data, "events": rows}, "name", "drawn")
    columns = ["time", "target", "kind", "share", "hits_before_interception", "interception", "duration_h", "value"]
    lines = [",".join(columns)]
    for row in rows:
        cells = ["" if row.get(name) is None else row[name] for name in columns]
        cells = [f'"{{{next(iter(c))}: {next(iter(c.values()))}}}"' if isinstance(c, dict) else str(c) for c in cells]
        lines.append(",".join(cells))
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    network = read_network(data["network"])
    inline = load_events(written, network)
    table = load_events(written.replace(events=str(tmp_path / "e.csv")), network)
    assert [event.drawn for event in inline] == [event.drawn for event in table]
    assert inline[0].hits == 4
    assert set(inline[0].drawn) == {"hits"}
    assert inline[4].drawn["share"].kind == "triangular"
    first, second = gm.run(written), gm.run(written.replace(events=str(tmp_path / "e.csv")))
    assert first["shed_mw"].to_numpy().tobytes() == second["shed_mw"].to_numpy().tobytes()
    assert gm.run(written.replace(deterministic=True))["shed_mw"].sum() > 0


def test_every_problem_of_distributions_in_events_is_reported(base):
    rows = [
        {"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": {"uniform": [0.5, 1.5]}},
        {"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": {"unifrm": [0.5, 1]}},
        {"time": "2026-01-05 01:00", "target": "TR-2/thermal_coal", "kind": "strike", "interception": {"uniform": [1, 0]},
         "hits_before_interception": {"choice": [1, 2.5]}},
        {"time": {"uniform": [1, 2]}, "target": "TR-1/delivery", "kind": "limit", "share": "{uniform: [0.1"},
    ]  # fmt: skip
    with pytest.raises(gm.InputError) as caught:
        load_events(make_scenario({**base["frost"], "events": rows}), read_network("three-region"))
    text = str(caught.value)
    for words in ("events, row:1: share", "from 0 up to 1", "nearest: uniform", "row:3: interception", "must run upwards",
                  "2.5 is not a whole number", "row:4: share", "is not YAML", "row:4: time"):  # fmt: skip
        assert words in text, words
    assert len(caught.value.problems) == 6


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("seed", {"uniform": [1, 2]}, "names the random streams"), ("members", {"choice": [5, 6]}, "number of members"),
        ("start", {"uniform": [1, 2]}, "the same steps"), ("step", {"choice": [1, 2]}, "the same steps"),
        ("stop_at", {"share": {"uniform": [0, 1]}}, "enough members"), ("cascade", {"choice": [0, 1]}, "chooses a method"),
        ("mitigations", [{"kind": "import", "size": {"uniform": [1, 2]}}], "decided, not uncertain"),
        ("feeder_limits", {"choice": [0, 1]}, "is a switch"), ("weather", {"choice": [0, 1]}, "takes a name, a path"),
    ],
)  # fmt: skip
def test_a_setting_without_a_distribution_says_why(base, setting, value, reason):
    with pytest.raises(gm.InputError, match=reason) as caught:
        make_scenario({**base["frost"], setting: value})
    assert len(caught.value.problems) == 1


@pytest.mark.gate  # at each edit: damage is no dimension, in `test_sweeps.py`
def test_no_sensitivity_and_no_sweep_ranks_how_bad_damage_is(base):
    data = put(base["frost"], "events.5.share", {"uniform": [0.2, 0.9]}).model_dump()
    data = put(data, "damage_capacity_left.slight", {"uniform": [0.2, 0.95]}).model_dump()
    data = put(data, "damage_state_probabilities.slight", {"uniform": [0.1, 0.5]}).model_dump()
    scenario = put(data, "import_limit_mw", {"uniform": [50, 200]})
    scenario = scenario.replace(sampling="saltelli", members=8 * (len(drawn_settings(scenario)) + 3))
    assert "import_limit_mw" in drawn_settings(scenario)
    assert not [name for name in drawn_settings(scenario) if name.startswith(("events", *DAMAGE))]
    table = gm.sensitivity(gm.run(scenario))
    assert set(table.index) == {*drawn_settings(scenario), CHANCE}
    for path in ("events.5.share", "damage_capacity_left.slight", "damage_state_probabilities.complete"):
        with pytest.raises(gm.InputError, match=r"never targets|as a whole"):
            gm.sample_changes({path: {"uniform": [0.1, 0.5]}}, 4)
