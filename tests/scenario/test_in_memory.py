"""Inputs given as objects: the same run as that of files, whatever happens to the objects or files afterwards."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from conftest import at_gate

import gridmodel as gm
from gridmodel.inputs.files import ROOT
from gridmodel.inputs.memory import given_object
from gridmodel.network import read_network
from gridmodel.results.run_folder import read_manifest, write_result, write_run

EVENTS = [
    {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.1},
    {
        "time": "2026-01-05 03:00",
        "target": "TR-2/heat_source",
        "kind": "strike",
        "hits_before_interception": 3,
        "interception": 0.2,
    },
]
BASE = {
    "name": "by hand", "network": "three-region", "weather": "three-region", "timezone": "UTC",
    "start": "2026-01-05 00:00", "end": "2026-01-05 06:00", "members": 2, "events": EVENTS,
}  # fmt: skip


@pytest.fixture(scope="module")
def plain():
    return gm.run(gm.Scenario(**BASE))


def data(result):
    return {name: values.to_numpy() for name, values in result.data_vars.items()}


def same(one, other):
    one, other = data(one), data(other)
    return one.keys() == other.keys() and all(
        one[name].tobytes() == other[name].tobytes() for name in one if one[name].dtype != object
    )


def frame_of(weather):
    return weather.to_pandas()


@pytest.mark.parametrize(
    "given",
    at_gate([
        {"network": lambda: ROOT / "networks" / "three-region"},
        {"network": lambda: read_network("three-region")},
        {"network": lambda: gm.load_network("three-region")},
        {"weather": lambda: gm.load_weather("three-region")},
        {"weather": lambda: frame_of(gm.load_weather("three-region"))},
        {"weather": lambda: gm.load_weather("three-region").transpose("region", "time").to_dataset(name="temperature")},
        {"events": lambda: pd.DataFrame(EVENTS)},
        {"members": lambda: np.int64(2), "start": lambda: np.datetime64("2026-01-05"), "end": lambda: pd.Timestamp("2026-01-05 06:00")},
    ], 3, first=1),
    ids=["path", "Network", "net", "DataArray", "DataFrame", "Dataset", "events", "scalars"],
)  # fmt: skip
def test_an_object_gives_the_run_of_its_file(plain, given):
    made = gm.Scenario(**BASE | {name: make() for name, make in given.items()})
    assert same(gm.run(made), plain)


def test_a_series_of_demand_or_supply_may_be_a_frame_or_an_array():
    hours = pd.date_range("2026-01-05", periods=24, freq="h")
    regions = read_network("three-region").regions
    demand = pd.DataFrame(123.456789012345, index=hours, columns=regions)
    supply = pd.DataFrame(
        {"time": ["2026-01-05 00:00+00:00", "2026-01-05 03:00+00:00"], "import_limit_mw": [50.0, 0.1]}
    )
    made = gm.Scenario(**BASE | {"demand": demand, "supply": supply, "demand_use": "replace"})
    again = made.replace(
        demand=xr.DataArray(demand.to_numpy(), dims=("time", "region"), coords={"time": hours, "region": regions})
    )
    assert made.demand == again.demand
    result = gm.run(made.replace(events=[], heater_feedback=False, cold_load_pickup=False))
    assert float(result["demand_mw"].isel(time=0, member=0).sum("tier").max()) == pytest.approx(
        123.456789012345, rel=0.2
    )


def test_later_changes_to_an_object_do_not_reach_the_scenario(plain):
    weather = gm.load_weather("three-region")
    made = gm.Scenario(**BASE | {"weather": weather})
    weather[:] = -40.0
    assert same(gm.run(made), plain)


def test_equal_objects_have_equal_names_and_others_have_others():
    weather = gm.load_weather("three-region")
    one, two, other = (
        gm.Scenario(**BASE | {"weather": w}).weather for w in (weather, weather.copy(deep=True), weather - 1)
    )
    assert one == two != other
    assert one.startswith("weather-")


def test_a_scenario_with_objects_is_pickled_whole(plain):
    made = pickle.loads(pickle.dumps(gm.Scenario(**BASE | {"weather": gm.load_weather("three-region")})))  # noqa: S301
    made.weather.files.keys()
    assert same(gm.run(made), plain)


def test_a_saved_scenario_is_read_back_to_the_same_result_to_the_byte(tmp_path, monkeypatch):
    net, weather = gm.load_network("three-region"), gm.load_weather("three-region") - 0.123456789
    made = gm.Scenario(**BASE | {"network": net, "weather": weather, "events": pd.DataFrame(EVENTS),
                       "set_point_c": {"uniform": [19, 21]}, "availability": {"hydro": 0.9}})  # fmt: skip
    path = made.save(tmp_path / "mine" / "cold.yaml")
    write_result(gm.run(made), tmp_path / "one.nc")
    monkeypatch.chdir(tmp_path)
    again = gm.load_scenario(path)
    assert again.model_dump_json() == made.model_dump_json()
    write_result(gm.run(again), tmp_path / "two.nc")
    assert (tmp_path / "one.nc").read_bytes() == (tmp_path / "two.nc").read_bytes()
    assert again.distributions.keys() == {"set_point_c"}


def test_own_files_are_saved_beside_the_scenario_and_bundled_names_stay(tmp_path, folder):
    made = gm.Scenario(**BASE | {"network": folder})
    path = made.save(tmp_path / "out" / "mine.yaml")
    again = gm.load_scenario(path)
    assert (again.network, again.weather) == ("mine", "three-region")
    assert (path.parent / "mine" / "regions.csv").read_bytes() == (folder / "regions.csv").read_bytes()
    with pytest.raises(gm.InputError, match=r"exists already.*overwrite=True"):
        made.save(path)
    made.save(path, overwrite=True)
    (folder / "regions.csv").write_text((folder / "regions.csv").read_text().replace("TR-1", "TR-9"))
    second = gm.load_scenario(made.save(tmp_path / "out" / "other.yaml"))
    assert second.network.startswith("mine-")  # another network of this name is there already
    with pytest.raises(gm.InputError, match=r"must end in .yaml"):
        made.save(tmp_path / "out")


@pytest.mark.gate  # at each edit: a saved scenario is read back
def test_the_manifest_of_a_run_has_the_hash_of_every_object_and_repeats_it(tmp_path, plain):
    made = gm.Scenario(
        **BASE | {"network": gm.load_network("three-region"), "weather": gm.load_weather("three-region")}
    )
    result = gm.run(made)
    write_run(result, made, tmp_path / "run", command=["python"], seconds={})
    again = read_manifest(tmp_path / "run")
    assert same(gm.run(again), plain)
    copy = next((tmp_path / "run" / "inputs" / "weather").iterdir())
    copy.write_bytes(copy.read_bytes() + b"x")
    with pytest.raises(gm.InputError, match="has changed since the run"):
        read_manifest(tmp_path / "run")


@pytest.mark.gate  # at each edit: a net of our own
def test_a_net_of_others_runs_as_its_file_does(tmp_path):
    import pandapower as pp
    from pandapower.networks import case9

    net = case9()
    net.bus["zone"] = [f"Z{1 + number // 5}" for number in range(len(net.bus))]
    pp.to_json(net, tmp_path / "case9.json")
    base = BASE | {"events": [], "end": "2026-01-05 03:00"}
    given = gm.run(gm.Scenario(**base | {"network": net}))
    read = gm.run(gm.Scenario(**base | {"network": str(tmp_path / "case9.json")}))
    assert given["demand_mw"].isel(member=0).sum().item() == pytest.approx(given.sizes["time"] * 315.0)
    for name in ("demand_mw", "shed_mw", "generation_mw"):
        assert given[name].to_numpy().tobytes() == read[name].to_numpy().tobytes(), name


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weather": 42}, "weather: takes a name, a path, a DataArray.*not an int"),
        ({"network": pd.DataFrame()}, "network: takes a name, a path, a Network or a pandapower net, not a DataFrame"),
        ({"weather": xr.DataArray([1.0], dims="time")}, "weather: must have the dimensions time and region"),
        ({"weather": pd.DataFrame({"TR-1": [1.0]})}, "weather: must have times"),
        ({"weather": pd.DataFrame({"TR-1": ["x"]}, index=pd.DatetimeIndex(["2026-01-05"]))}, "must contain numbers.*TR-1"),
        ({"demand": {"a": 1}}, "demand: takes a path"),
        ({"start_state": 3}, "start_state: takes a path, not an int"),
    ],
)  # fmt: skip
def test_an_object_that_cannot_be_taken_is_a_sentence(changes, said):
    with pytest.raises(gm.InputError, match=said):
        gm.Scenario(**BASE | changes)


def test_all_objects_that_cannot_be_taken_are_told_at_once():
    with pytest.raises(gm.InputError) as caught:
        gm.Scenario(**BASE | {"weather": 42, "demand": 3})
    assert len(caught.value.problems) == 2


def test_weather_that_lacks_hours_is_told_like_a_file(plain):
    weather = gm.load_weather("three-region").isel(time=slice(0, 10))
    with pytest.raises(gm.InputError, match=r"weather-[0-9a-f]{12}\.nc: time: .*ends"):
        gm.run(gm.Scenario(**BASE | {"weather": weather}))


@pytest.mark.gate  # at each edit: content is removed when it is not needed any more
def test_content_in_memory_is_removed_when_the_process_ends(tmp_path):
    import subprocess
    import sys

    code = f"""
import gridmodel as gm
made = gm.Scenario(**{BASE} | {{"weather": gm.load_weather("three-region")}})
print(made.weather.path())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    place = Path(done.stdout.strip())
    assert place.name.startswith("weather-")
    assert not place.parent.exists()


HOURS = pd.date_range("2026-01-01", periods=24 * 8, freq="h")


def cold(**more):
    return pd.DataFrame({"TR-1": -5.0, "TR-2": -6.0, "TR-3": -7.0}, index=HOURS).assign(**more)


@pytest.mark.parametrize(
    ("setting", "given", "said"),
    [
        ("weather", lambda: cold()[["TR-1", "TR-1"]], "has the region 'TR-1' more than once: keep one of them"),
        ("weather", lambda: cold()[::-1], "2026-01-08 22:00 after a later or equal one; sort it"),
        ("weather", lambda: pd.concat([cold()[:3], cold()[2:]]), "has the time 2026-01-01 02:00 twice .keep one"),
        ("weather", lambda: cold().drop(HOURS[5:9]), "no value for the hours before 2026-01-01 09:00, and must"),
        ("weather", lambda: cold()[::3], r"has a value every 3 hours, and must have one each hour; .*resample"),
        ("weather", lambda: cold()[:0], "has no times: it is empty"),
        ("weather", lambda: cold().astype(str), r"must contain numbers.*TR-1, TR-2, TR-3; .*astype\(float\)"),
        ("demand", lambda: cold()[::-1] + 100, "after a later or equal one"),
        ("demand", lambda: megawatts("kWh"), "demand: 'kWh' must be in W, kW, MW, GW, TW, as its attribute units says"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_object_is_one_sentence_with_what_to_do(setting, given, said):
    with pytest.raises(gm.InputError, match=said) as error:
        gm.Scenario(**BASE | {setting: given()})
    assert len(error.value.problems) == 1


def megawatts(unit, factor=1.0):
    values = np.full((3, len(HOURS)), 123.0) * factor
    return xr.DataArray(
        values, dims=("region", "time"), coords={"region": ["TR-1", "TR-2", "TR-3"], "time": HOURS}, attrs={"units": unit}
    )  # fmt: skip


def test_power_is_in_the_unit_that_its_array_states():
    names = {gm.Scenario(**BASE | {"demand": given}).demand for given in (megawatts("MW"), megawatts("GW", 0.001))}
    other = gm.Scenario(**BASE | {"demand": megawatts("kW", 1000.0)})
    assert names == {other.demand}


def test_columns_of_objects_that_are_numbers_are_numbers():
    one, two = (gm.Scenario(**BASE | {"weather": given}).weather for given in (cold(), cold().astype(object)))
    assert one == two


@pytest.mark.parametrize("index", ["time", "target", None])
def test_a_column_of_events_that_was_made_the_index_is_read(index):
    table = pd.DataFrame(EVENTS)
    whole = gm.Scenario(**BASE | {"events": table}).events
    turned = table.set_index(index) if index else table.set_index(pd.DatetimeIndex(table.pop("time")).rename(None))
    found = gm.Scenario(**BASE | {"events": turned}).events
    assert [row | {"time": row["time"][:16]} for row in found] == [dict(row) for row in whole]


MISSING = {
    "nullable": lambda table: table.convert_dtypes(),
    "pd.NA": lambda table: table.astype(object).where(table.notna(), pd.NA),
    "pd.NaT": lambda table: table.astype(object).where(table.notna(), pd.NaT),
    "None": lambda table: table.astype(object).where(table.notna(), None),
    "categories": lambda table: table.astype({name: "category" for name in table if table[name].dtype == object}),
}


@pytest.mark.parametrize("kind", MISSING)
def test_a_missing_cell_of_a_network_is_empty_however_its_table_writes_it(kind):
    """Coordinates and numbers of lines, flags and names have cells without a value here."""
    own = read_network("three-region")
    assert any(table.isna().to_numpy().any() for table in own.tables.values())
    written = replace(own, tables={name: MISSING[kind](table) for name, table in own.tables.items()})
    if kind == "nullable":
        kinds = {str(dtype) for table in written.tables.values() for dtype in table.dtypes}
        assert {"Int64", "Float64", "boolean", "string"} <= kinds
        assert any(
            (table[name].isna() & (table[name].dtype == "Int64")).any()
            for table in written.tables.values()
            for name in table
        )
    assert given_object("network", written) == given_object("network", own)


@pytest.mark.parametrize("setting", ["weather", "demand", "supply"])
@pytest.mark.parametrize("missing", [pd.NA, pd.NaT, None, float("nan")], ids=repr)
def test_a_missing_number_of_a_series_is_missing_however_its_table_writes_it(setting, missing):
    plain = pd.DataFrame(
        {"TR-1": [1.5, 2.0], "TR-2": [3.0, np.nan]}, index=pd.date_range("2026-01-05", periods=2, freq="h")
    )
    written = plain.astype(object)
    written.iloc[1, 1] = missing
    assert given_object(setting, written).files == given_object(setting, plain).files
    assert given_object(setting, plain.astype("Float64")).files == given_object(setting, plain).files
