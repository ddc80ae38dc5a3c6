import hashlib
import json

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.network import plant
from gridmodel.network.plant import plant_hashes
from gridmodel.network.read import read_network
from gridmodel.results.comparable import check_plant, country_of
from gridmodel.results.comparison import check_events
from gridmodel.results.drivers import drivers, moved_by
from gridmodel.results.result_schema import open_checked
from gridmodel.results.run_folder import write_run
from gridmodel.studies.sweep.changes import check_changes

HOUR = {"end": "2026-01-05 01:00"}


@pytest.fixture
def on(three, folder):
    """A run of one hour on a user's copy of the three regions, as it is when it runs."""
    return lambda **changes: gm.run(three(network=str(folder), **HOUR, **changes))


def test_a_zone_whose_id_begins_those_of_regions_is_not_the_country(on, folder, replace_cell):
    replace_cell("regions", 2, "zone", "TR")  # zone TR is the region TR-1 alone
    toml = folder / "network.toml"
    toml.write_text(toml.read_text().replace('country = "TR"', 'country = "XX"'))
    hit = {"time": "2026-01-05 00:00", "target": "TR/delivery", "kind": "limit", "share": 0.5}
    with_hit, without = on(events=[hit]), on()
    assert country_of(without) == "XX"
    assert float(with_hit["shed_mw"].sel(region="TR-1").sum()) > 0
    with pytest.raises(gm.InputError, match="events of single regions"):
        gm.compare(without, with_hit)
    whole = on(events=[hit | {"target": "XX/delivery"}])
    assert gm.compare(without, whole).loc[("ALL", "energy_not_served"), "difference"] > 0
    toml.unlink()  # then the country is what ids begin with, and a zone of that name goes first
    assert country_of(on()) == ""
    with pytest.raises(gm.InputError, match="events of single regions"):
        gm.compare(on(), on(events=[hit]))


def test_of_an_old_result_the_country_is_what_all_regions_begin_with():
    hit = {"time": "2026-01-05 06:00", "target": "NORTH/delivery", "kind": "limit", "share": 0.5}
    with pytest.raises(gm.InputError, match="events of single regions"):
        check_events(([hit], ""), ([], ""), "b", ["NORTH-1", "NORTH-2", "SOUTH-1"])
    check_events(([hit], ""), ([], ""), "b", ["NORTH-1", "NORTH-2"])  # then it is all there is
    check_events(([hit], ""), ([], ""), "b", ["A", "B"], "NORTH")


@pytest.mark.parametrize(
    ("table", "line", "column", "value"),
    [
        ("generators", 3, "p_available_mw", "0"),  # no coal in TR-2
        ("lines", 2, "max_i_ka", "0.1"),
        ("heat_systems", 2, "source_max_mw_th", "300"),
        ("water_systems", 2, "pump_mw", "90"),
        ("limits", 2, "limit_mw", "0"),
        ("regions", 2, "zone", "SOUTH"),  # what an event on a zone meets
    ],
)
@pytest.mark.gate  # at each edit: other plant, in this file
def test_a_network_edited_to_lack_plant_in_one_place_is_not_compared(on, replace_cell, table, line, column, value):
    whole = on()
    replace_cell(table, line, column, value)
    name = "zones" if table == "regions" else table
    with pytest.raises(
        gm.InputError, match=f"network: '{name}' differ from those of the network of the first run"
    ) as caught:
        gm.compare(whole, on())
    assert "mitigations" in str(caught.value)  # what to do instead


def test_networks_that_differ_in_people_names_and_sources_are_compared(on, folder, replace_cell):
    whole = on()
    for table, line, column, value in (
        ("regions", 2, "population", "1100000"),
        ("regions", 2, "name_uk", "Північ"),
        ("generators", 2, "confidence", "low"),
        ("heat_systems", 2, "own_heat_stove", "0.1"),
        ("heat_systems", 2, "own_heat_electric", "0.1"),
        ("archetypes", 2, "h_window_w_per_m2k", "0.4"),
    ):
        replace_cell(table, line, column, value)
    lines = (folder / "lines.csv").read_text().splitlines()
    (folder / "lines.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")  # order says nothing
    compared = gm.compare(whole, on())
    assert (compared["first"] > 0).any()
    assert not np.allclose(compared["difference"], 0.0)  # a tenth more people, and other homes


def test_help_on_the_same_network_is_compared(three):
    battery = three(**HOUR, mitigations=[{"kind": "battery", "size": 50, "region": "TR-1"}], import_limit_mw=0)
    without, with_battery = gm.run(three(**HOUR, import_limit_mw=0)), gm.run(battery)
    assert json.loads(without.attrs["plant"]) == json.loads(with_battery.attrs["plant"])
    assert gm.compare(without, with_battery).loc[("ALL", "energy_not_served"), "difference"] <= 0


def one(plant=None, **settings):
    attrs = {"scenario": json.dumps(settings), "network": "mine"} | (
        {} if plant is None else {"plant": json.dumps(plant)}
    )
    return xr.Dataset(attrs=attrs)


def test_old_results_are_told_apart_by_the_name_of_their_network():
    check_plant({"a": one(), "b": one()})
    with pytest.raises(gm.InputError, match="b: network: 'other'"):
        check_plant({"a": one(), "b": one().assign_attrs(network="other")})
    check_plant({"a": one({"tables": {"lines": "1"}}), "b": one()})


def test_technologies_are_compared_together_or_one_alone():
    check_plant({"a": one(), "b": one(availability={"nuclear": 0.5})})
    check_plant(
        {
            "a": one(),
            "b": one(availability={"nuclear": 0.5, "hydro": 0.9}),
            "c": one(availability={"nuclear": 0.4, "hydro": 0.8}),
        }
    )
    check_plant({"a": one(availability={"nuclear": {"uniform": [0.5, 0.7]}}), "b": one(availability={"nuclear": 0.9})})
    for first, *others in (
        ({"nuclear": 0.5}, {"hydro": 0.5}),
        ({"nuclear": {"uniform": [0.2, 0.4]}}, {"hydro": 0.5}),
        ({}, {"nuclear": 0.5}, {"nuclear": 0.5, "hydro": 0.5}),  # what the first and the second step do
        ({}, {"nuclear": 0.5}, {"hydro": 0.5}),
    ):
        runs = {str(place): one(availability=given) for place, given in enumerate((first, *others))}
        with pytest.raises(gm.InputError, match="one of targets"):
            check_plant(runs)


def test_forced_outages_and_supply_by_date_are_compared_with_none_only():
    often, seldom = ({"nuclear": {"mttf_h": hours, "mttr_h": 60}} for hours in (100, 1000))
    check_plant({"a": one(forced_outages=often), "b": one(forced_outages={})})
    check_plant({"a": one({"supply": "1"}), "b": one({"supply": ""})})
    for first, second in (
        (one(forced_outages=often), one(forced_outages=seldom)),
        (one(forced_outages=often), one(forced_outages={"hydro": often["nuclear"]})),
        (one({"supply": "1"}), one({"supply": "2"})),
    ):
        with pytest.raises(gm.InputError, match="one of targets"):
            check_plant({"a": first, "b": second})


def test_supply_by_date_may_differ_in_imports_and_not_in_technologies(three, tmp_path):
    def run(text):
        (tmp_path / "supply.csv").write_text(text)
        return gm.run(three(**HOUR, supply=str(tmp_path / "supply.csv")))

    little, much = (run(f"time,import_limit_mw\n2026-01-04,{limit}\n") for limit in (0, 200))
    assert gm.compare(little, much).loc[("ALL", "energy_not_served"), "difference"] < 0
    nuclear, hydro = (run(f"time,{name}\n2026-01-04,0.5\n") for name in ("nuclear", "hydro"))
    gm.compare(little, nuclear)
    with pytest.raises(gm.InputError, match="supply: gives technologies other values"):
        gm.compare(nuclear, hydro)


@pytest.mark.gate  # at each edit: the functions that it calls
def test_the_command_says_it_of_every_pair_and_results_keep_it(on, three, folder, replace_cell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, value in (("whole", "500"), ("edited", "0")):
        replace_cell("generators", 3, "p_available_mw", value)
        scenario = three(network=str(folder), **HOUR)
        write_run(gm.run(scenario), scenario, tmp_path / name, command=["gridmodel"], seconds={})
    assert json.loads(open_checked(tmp_path / "whole" / "result.nc", "").attrs["plant"])["country"] == "TR"
    got = CliRunner().invoke(main, ["compare", "whole", "edited"], catch_exceptions=False)
    assert got.exit_code == 1
    assert "edited: network: 'generators' differ from those of the network of whole" in got.stderr


def test_hashes_of_plant_are_the_same_for_the_bundled_network_and_a_copy_of_it(folder):
    found = plant_hashes(read_network(str(folder)))
    assert {len(one) for one in found.values()} == {16}
    assert found == plant_hashes(read_network("three-region"))
    assert {*found} >= {"generators", "lines", "heat_systems", "water_systems", "limits", "interconnectors", "zones"}


SHARES = [0.8, 1.0]


@pytest.mark.parametrize(
    "changes",
    [
        {"availability.nuclear": SHARES, "availability.hydro": SHARES},
        {"availability": [{"nuclear": 0.5}, {"hydro": 0.5}]},
        [{"availability.nuclear": 0.5}, {"availability.hydro": 0.5}],
        [{"seed": 1}, {"availability.nuclear": 0.5}, {"availability": {"nuclear": 0.5, "hydro": 0.5}}],
        {"availability": [{}, {"nuclear": 0.5}], "availability.hydro": SHARES},
    ],
)
def test_a_sweep_does_not_tell_technologies_apart(three, changes):
    with pytest.raises(gm.InputError, match="one of targets"):
        check_changes(three(), changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"availability.nuclear": SHARES, "availability.hydro": [0.9]},
        {"availability": [{"nuclear": 0.5, "hydro": 0.6}, {"nuclear": 0.8, "hydro": 0.9}]},
        [{"availability.nuclear": 0.5, "availability.hydro": 0.5}, {"import_limit_mw": 0}],
        {"healing_days": [[5, 30], [2, 10]], "import_limit_mw": [0, 100]},
    ],
)
def test_a_sweep_changes_one_technology_or_all_of_them_together(three, changes):
    assert check_changes(three(), changes).names == (
        list(changes) if isinstance(changes, dict) else [n for c in changes for n in c]
    )


def test_a_sweep_refuses_unit_tables_and_forced_outages_and_samples_of_two_technologies(three):
    rate = {"nuclear": {"mttf_h": 100, "mttr_h": 60}}
    with pytest.raises(gm.InputError) as caught:
        check_changes(
            three(), {"forced_outages": [{}, rate], "delivery_unit_mw": [80, 160], "heat_network_unit_mw_th": [25, 50]}
        )
    assert [problem.field for problem in caught.value.problems] == [
        "forced_outages",
        "delivery_unit_mw",
        "heat_network_unit_mw_th",
    ]
    alike = {f"availability.{name}": {"uniform": [0.5, 1]} for name in ("nuclear", "hydro")}
    assert len(gm.sample_changes(dict([*alike.items()][:1]), 4)) == 4
    with pytest.raises(gm.InputError, match="one of targets"):
        gm.sample_changes(alike, 4)


def drawn(*columns, members):
    names = [name for name, _ in columns]
    return xr.DataArray(
        np.column_stack([values for _, values in columns]),
        dims=("member", "setting"),
        coords={"setting": names, "member": np.arange(members)},
    )


def test_what_moves_a_headline_names_no_technology_and_no_class():
    rng = np.random.default_rng(1)
    nuclear, hydro, limit, repair = rng.random((4, 40))
    values = xr.DataArray(-3 * nuclear - 2 * hydro + 0.1 * limit + repair, dims="member")
    made = drawn(("availability.hydro", hydro), ("import_limit_mw", limit), ("availability.nuclear", nuclear),
                 ("repair_days.heat_source.complete", repair), members=40)  # fmt: skip
    found = dict(drivers(xr.Dataset({"drawn_value": made}), values))
    assert next(iter(found)) == "availability"
    assert not any("." in name for name in found)
    ranks = [np.argsort(np.argsort(row)) for row in (nuclear, values.to_numpy())]
    assert found["availability"] == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=1e-4)  # the strongest of the two


@pytest.mark.gate  # at each edit: indices, in `test_sensitivity.py`
def test_a_sensitivity_has_one_row_for_all_technologies_the_sum_of_theirs(three):
    uncertain = {name: {"uniform": [0.7, 1.0]} for name in ("nuclear", "hydro", "thermal_coal")}
    common = {**HOUR, "deterministic": False, "import_limit_mw": {"uniform": [0, 200]}, "members": 60}
    table = gm.sensitivity(gm.run(three(availability=uncertain, **common)))
    assert "availability" in table.index
    assert not any("." in str(name) for name in table.index)
    design = three(availability=uncertain, **common).replace(sampling="saltelli", members=4)
    size = gm.run(design).sizes["setting"] + 3
    result = gm.run(design.replace(members=size * 32))
    table = gm.sensitivity(result)
    row = table.loc["availability"]  # with imports, all that moves the hour: about a half each
    assert row["first_order"] == pytest.approx(1 - table.loc["import_limit_mw", "first_order"], abs=0.1)
    assert 0.3 < row["first_order"] < 0.7
    assert row["total_order_error"] > 0
    assert table.loc["own_heat_powered_share", "total_order"] == 0
    assert moved_by(result) == {}  # rank correlations of repeated rows would name it


@pytest.mark.parametrize("name", ["three-region", "ukraine", "texas-2021"])
def test_a_hash_of_plant_is_that_of_its_rows_as_csv_so_that_results_of_before_stay_comparable(name):
    for table in read_network(name).tables.values():
        rows = sorted(table.to_csv(index=False, header=False).splitlines())
        text = "\n".join([",".join(table.columns), *rows])
        assert plant._hash(table) == hashlib.sha256(text.encode()).hexdigest()[:16]
