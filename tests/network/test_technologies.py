"""A network that lists its own technologies."""

import json

import numpy as np
import pytest
import xarray as xr
from conftest import at_gate

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.network.fleet import build_fleet
from gridmodel.results.result_schema import open_checked
from gridmodel.results.run_folder import read_manifest, read_result, write_run
from gridmodel.sampling import purpose_of
from gridmodel.vocabulary import TECHNOLOGIES

HEAD = "id,inertia_s,gas_fired,charges,efficiency,source,confidence"
GEOTHERMAL = "geothermal,3,,,,OURS,assumed"  # the inertia of hydro
OUTAGE = {"time": "2026-01-05 06:00", "kind": "outage", "share": 0.5, "duration_h": 6}


def lists(folder, *rows, head=HEAD):
    """Write the table of technologies."""
    (folder / "technologies.csv").write_text("\n".join([head, *rows]) + "\n")
    return folder


def turn(folder, old, new):
    """Give the generators of a technology another."""
    path = folder / "generators.csv"
    path.write_text(path.read_text().replace(f"/{old},", f"/{new},").replace(f",{old},", f",{new},"))
    return folder


def same(one, other, old, new):
    """Compare two results, whose technologies have other names and are otherwise the same."""
    for name in one.data_vars:
        mine, theirs = one[name], other[name]
        if "technology" in mine.dims:
            extra = theirs.sel(technology=old)
            assert not np.nan_to_num(extra).any(), name
            wanted = [new if label == old else label for label in mine["technology"].to_numpy()]
            theirs = theirs.sel(technology=wanted)
        if name == "cascade_technology":
            np.testing.assert_array_equal([new if one == old else one for one in mine.to_numpy()], theirs.to_numpy())
        else:
            np.testing.assert_array_equal(mine.to_numpy(), theirs.to_numpy(), err_msg=name)


@pytest.fixture
def geothermal(folder):
    """Three regions whose hydro is geothermal, of the same numbers."""
    return str(lists(turn(folder, "hydro", "geothermal"), GEOTHERMAL))


def changed(settings, name):
    """Return settings with the name of a technology in place of NAME."""
    return json.loads(json.dumps(settings).replace("NAME", name))


@pytest.mark.parametrize(
    "settings",
    at_gate([
        {"events": [OUTAGE | {"target": "TR-3/NAME"}, OUTAGE | {"target": "TR/NAME", "time": "2026-01-05 15:00"}]},
        {"events": [OUTAGE | {"target": "TR/generation"}], "availability": {"NAME": 0.8}},
        {
            "deterministic": False, "members": 3, "availability": {"NAME": {"uniform": [0.5, 0.9]}},
            "forced_outages": {"NAME": {"mttf_h": 30, "mttr_h": 10, "cold_rate_per_k": 0.1}},
        },
        {"cascade": "full", "events": [OUTAGE | {"target": "TR-3/NAME", "share": 1.0}]},
        {
            "deterministic": False, "members": 3, "repair_days": {"NAME": {"moderate": [0.1, 0.1]}},
            "events": [{"time": "2026-01-05 02:00", "target": "TR-3/NAME", "kind": "strike",
                        "hits_before_interception": 6, "interception": 0.2}],
        },
    ], 2),
    ids=["outage", "generation", "forced", "cascade", "strike"],
)  # fmt: skip
def test_geothermal_with_the_numbers_of_hydro_gives_what_hydro_gives(geothermal, three, settings, monkeypatch):
    # random streams are named after settings: the same draws need the same names
    was = purpose_of

    def renamed(name):
        return was(name.replace("geothermal", "hydro"))

    for module in ("gridmodel.sampling",):
        monkeypatch.setattr(f"{module}.purpose_of", renamed)
    hydro = gm.run(three(**changed(settings, "hydro")))
    own = gm.run(three(network=geothermal, **changed(settings, "geothermal")))
    assert list(own["technology"].to_numpy()) == [*TECHNOLOGIES, "geothermal"]
    assert float(own["generation_mw"].sel(technology="geothermal").max()) > 0
    left = {"repair_class", "setting_value"}
    same(hydro.drop_vars(left, errors="ignore"), own.drop_vars(left, errors="ignore"), "hydro", "geothermal")
    if "repair_class" in hydro:
        for result, name in ((hydro, "hydro"), (own, "geothermal")):
            words = result["repair_class"].attrs["flag_meanings"].split()
            assert {words[number] for number in result["repair_class"].to_numpy()} == {name}


def test_an_outage_of_an_own_technology_in_the_country_leaves_the_others_whole(geothermal, three):
    output = gm.run(three(network=geothermal, events=[OUTAGE | {"target": "TR/geothermal"}]))["generation_mw"]
    at_six = output.sum("region")[0, 6].to_series()
    assert at_six[at_six > 0].to_dict() == pytest.approx({"nuclear": 600, "thermal_coal": 500, "geothermal": 100})


def test_a_network_that_lists_none_has_the_twelve(three):
    assert tuple(gm.run(three())["technology"].to_numpy()) == TECHNOLOGIES


@pytest.mark.parametrize("inertia", [0.0, 3.0, 12.0])
def test_the_inertia_of_the_table_sets_how_low_the_frequency_falls(folder, three, replace_cell, inertia):
    lists(turn(folder, "hydro", "geothermal"), GEOTHERMAL.replace(",3,", f",{inertia},"))
    for line, demand in ((2, "475"), (3, "285"), (4, "190")):
        replace_cell("regions", line, "reference_demand_mw", demand)
    # nuclear 600, geothermal 200 and 150 of coal on two of its units; 1 MW is lost, and nothing meets it for a minute
    event = OUTAGE | {"target": "TR-3/geothermal", "share": 0.005}
    alone = {"import_limit_mw": 0, "primary_reserve_share": 0.0, "load_relief_per_hz": 0.0}
    result = gm.run(three(network=str(folder), events=[event], cascade="full", **alone))
    kinetic_mws = 600 * 5 + 200 * 4 + 199 * inertia
    fall_hz = 60 * 1 * 50 / (2 * kinetic_mws)
    assert 50 - result["frequency_nadir_hz"][0, 6].item() == pytest.approx(fall_hz, rel=1e-6)


@pytest.mark.parametrize(("mark", "left_mw"), [("true", 300), ("", 500)])
def test_a_fuel_limit_reaches_what_the_table_marks_as_gas_fired_and_is_no_sudden_loss(folder, three, mark, left_mw):
    lists(turn(folder, "thermal_coal", "oil_and_gas"), f"oil_and_gas,4,{mark},,,OURS,assumed")
    event = {"time": "2026-01-05 06:00", "target": "TR/fuel", "kind": "limit", "share": 0.6}
    result = gm.run(three(network=str(folder), events=[event], cascade="full", import_limit_mw=0))
    output = result["generation_mw"].sel(region="TR-2", technology="oil_and_gas")[0]
    assert output[5:8].to_numpy() == pytest.approx([500, left_mw, left_mw])  # 2,000 MW are needed of 1,300
    assert not len(gm.cascade_log(result))


def test_what_charges_and_what_it_loses_come_from_the_table_where_a_generator_does_not_say(folder, replace_cell):
    lists(folder, "compressed_air,1,,true,0.6,OURS,assumed", "tidal,2,,,,OURS,assumed")
    path = folder / "generators.csv"
    rows = [("compressed_air", ""), ("compressed_air", "0.7"), ("tidal", ""), ("hydro", "")]
    for number, (technology, efficiency) in enumerate(rows):
        line = f"own {number},TR-2,TR-2-330,{technology},1,10,10,,40,{efficiency},0,1,false,false,90,,OURS,assumed\n"
        path.write_text(path.read_text() + line)
    fleet = build_fleet(read_network(folder))
    own = slice(3, 7)
    assert fleet.charges[own].tolist() == [True, True, False, False]
    assert fleet.efficiency[own].tolist() == [0.6, 0.7, 1.0, 1.0]
    assert fleet.inertia_s[own].tolist() == [1.0, 1.0, 2.0, 3.0]
    assert fleet.day_mwh[own].tolist() == [40.0] * 4


def test_a_series_of_supply_has_a_column_of_an_own_technology(geothermal, three, tmp_path):
    (tmp_path / "supply.csv").write_text("time,geothermal\n2026-01-04 22:00,1\n2026-01-05 06:00,0.25\n")
    given = {"supply": str(tmp_path / "supply.csv"), "supply_range": [1.0, 1.0]}
    output = gm.run(three(network=geothermal, **given))["generation_mw"].sel(technology="geothermal").sum("region")[0]
    assert output[5:8].to_numpy() == pytest.approx([200, 50, 50])


@pytest.mark.gate  # at each edit: an own technology with the numbers of hydro
def test_a_result_with_an_own_technology_is_saved_read_drawn_and_described(geothermal, three, tmp_path):
    from gridmodel.network.describe import describe
    from gridmodel.output.plot import draw
    from gridmodel.output.report.payload import own_words

    events = [OUTAGE | {"target": "TR-3/geothermal", "share": 1.0}]
    scenario = three(network=geothermal, cascade="full", events=events, availability={"geothermal": 0.9})
    result = gm.run(scenario)
    write_run(result, scenario, tmp_path / "run", command=[], seconds={})
    assert read_manifest(tmp_path / "run" / "manifest.json").availability == {"geothermal": 0.9}
    again = read_result(tmp_path / "run")
    assert list(again["technology"].to_numpy()) == list(result["technology"].to_numpy())
    assert "geothermal" in set(gm.cascade_log(again)["technology"])
    assert own_words(again) == {"t_geothermal": "geothermal"}
    figure = draw(again, "generation")
    words = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert "geothermal" in words
    assert describe(read_network(geothermal))["technologies"]["geothermal"]["capacity_mw"] == 200


@pytest.mark.gate  # at each edit: a run with one
def test_a_sweep_varies_the_availability_of_an_own_technology(geothermal, three, tmp_path):
    scenario = three(network=geothermal)
    swept = gm.sweep(scenario, {"availability.geothermal": [0.5, 1.0]}, store=str(tmp_path / "sweep.zarr"))
    assert swept.sizes["availability.geothermal"] == 2
    drawn = gm.sample_changes({"availability.geothermal": {"uniform": [0.5, 1.0]}}, 2, scenario=scenario)
    assert len(drawn) == 2
    with pytest.raises(gm.InputError, match="does not have this part"):
        gm.sweep(three(), {"availability.geothermal": [0.5, 1.0]}, store=str(tmp_path / "other.zarr"))


def test_tables_come_back_from_pandapower_and_matpower_keeps_the_technology(geothermal, tmp_path):
    from gridmodel.interchange.convert import convert_network

    convert_network(geothermal, tmp_path / "net.json")
    convert_network(tmp_path / "net.json", tmp_path / "back")
    for table in ("technologies", "generators"):
        old, new = (read_network(one).tables[table] for one in (geothermal, tmp_path / "back"))
        assert old.astype(object).where(old.notna(), None).equals(new.astype(object).where(new.notna(), None)), table
    convert_network(geothermal, tmp_path / "net.m")
    assert "geothermal" in (tmp_path / "net.m").read_text()


@pytest.mark.parametrize(
    ("rows", "head", "message"),
    [
        (("hydro,3,,,,OURS,assumed",), HEAD, "technologies.csv:2: id: 'hydro' is known without this table"),
        (("delivery,3,,,,OURS,assumed",), HEAD, "technologies.csv:2: id: 'delivery' means something else"),
        (("import_limit_mw,3,,,,OURS,assumed",), HEAD, "technologies.csv:2: id: 'import_limit_mw' means something"),
        (("Hot rocks,3,,,,OURS,assumed",), HEAD, r"technologies.csv:2: id: 'Hot rocks' does not match"),
        ((GEOTHERMAL.replace(",3,", ",,"),), HEAD, "technologies.csv:2: inertia_s: is empty"),
        ((GEOTHERMAL.replace(",3,", ",-1,"),), HEAD, "technologies.csv:2: inertia_s: '-1' must be at least 0 s"),
        ((GEOTHERMAL, GEOTHERMAL), HEAD, "technologies.csv:3: id: 'geothermal' duplicates line 2"),
        (("geothermal",), "id", "technologies.csv:1: inertia_s: is missing"),
        (("3,OURS,assumed",), "inertia_s,source,confidence", "technologies.csv:1: id: is missing"),
        (("a,b",), "one,two", "technologies.csv:1: is not a table of this kind"),
        ([f"kind_{number}{GEOTHERMAL[10:]}" for number in range(51)], HEAD, "has 51 rows; at most 50"),
    ],
)
def test_what_is_wrong_with_technologies_is_said(folder, rows, head, message):
    lists(folder, *rows, head=head)
    with pytest.raises(gm.InputError, match=message):
        read_network(folder)


def test_all_that_is_wrong_is_said_at_once_and_once(folder):
    lists(turn(folder, "hydro", "geotermal"), GEOTHERMAL, "wind,0,,,,OURS,assumed", "oil,-3,maybe,,2,OURS,assumed")
    events = [{"time": "2026-01-05 06:00", "target": f"TR/{name}", "kind": "outage", "share": 0.1}
              for name in ("geothermal", "geotherm", "oil", "hydro")]  # fmt: skip
    data = {
        "name": "x", "network": str(folder), "weather": "three-region", "start": "2026-01-05", "end": "2026-01-06",
        "timezone": "UTC", "availability": {"geothermal": 0.5, "oil": {"uniform": [0, 1]}, "coal_css": 1.0}, "events": events,
    }  # fmt: skip
    from gridmodel.scenario.model import make_draft
    from gridmodel.simulation.files import quiet_problems

    draft = make_draft(data)
    said = [str(one) for one in [*draft.problems, *quiet_problems(draft.scenario, draft.unknown)]]
    wanted = [
        "availability.coal_css: is not a technology",
        "generators.csv:4: technology: 'geotermal' is not one of",
        "technologies.csv:3: id: 'wind' is known without this table",
        "technologies.csv:4: inertia_s: '-3' must be at least 0 s",
        "technologies.csv:4: gas_fired: 'maybe'",
        "technologies.csv:4: efficiency: '2' must be at most 1",
        "target: 'geotherm' is not a class that events can hit (nearest: geothermal)",
    ]
    for words in wanted:
        assert sum(words in one for one in said) == 1, (words, said)
    assert len(said) == len(wanted), [one for one in said if not any(words in one for words in wanted)]


def test_without_the_table_names_of_others_are_refused_as_before(three):
    for changes in (
        {"availability": {"geothermal": 1.0}},
        {"forced_outages": {"geothermal": {"mttf_h": 1, "mttr_h": 1}}},
    ):
        with pytest.raises(gm.InputError, match="is not a technology"):
            three(**changes)
    with pytest.raises(gm.InputError, match="is not a class that events can hit"):
        gm.run(three(events=[OUTAGE | {"target": "TR-3/geothermal"}]))


def test_a_schema_for_editors_allows_the_technologies_of_a_network(geothermal):
    from click.testing import CliRunner

    from gridmodel.commands import main

    made = CliRunner().invoke(main, ["schema", "scenario", "--network", geothermal])
    assert made.exit_code == 0, made.output
    settings = json.loads(made.output)["properties"]
    for name in ("availability", "forced_outages", "repair_days"):
        assert settings[name]["propertyNames"]["enum"][-1] == "geothermal"
    refused = CliRunner().invoke(main, ["schema", "events", "--network", "nowhere"])
    assert refused.exit_code == 1


@pytest.mark.gate  # at each edit: a result with one, below
def test_a_received_result_has_technologies_with_names_of_technologies(geothermal, three, tmp_path):
    scenario = three(network=geothermal)
    write_run(gm.run(scenario), scenario, tmp_path / "run", command=[], seconds={})
    path = tmp_path / "run" / "result.nc"
    with xr.open_dataset(path) as opened:
        result = opened.load()
    for names, message in (
        ([*TECHNOLOGIES, "<b>hot</b>"], "technology: must be names of small letters"),
        ([f"kind_{number}" for number in range(63)], "technology: has 63 entries"),
    ):
        changed_ = result.reindex(technology=names, fill_value=0.0)
        changed_["technology"].encoding.clear()
        changed_.to_netcdf(path)
        with pytest.raises(gm.InputError, match=message):
            open_checked(path, "result.nc")


def test_where_the_network_is_missing_only_that_is_said_and_what_looks_like_a_slip(three):
    with pytest.raises(gm.InputError) as caught:
        gm.run(three(network="nowhere", availability={"geothermal": 1.0}))
    assert [problem.field for problem in caught.value.problems] == ["network"]
    with pytest.raises(gm.InputError, match=r"is not a technology \(nearest: hydro\)"):
        three(network="nowhere", availability={"hydr": 1.0})


def test_a_run_from_a_state_goes_on_with_own_technologies(geothermal, three, tmp_path):
    given = {"network": geothermal, "deterministic": False, "members": 2,
             "forced_outages": {"geothermal": {"mttf_h": 20, "mttr_h": 10}},
             "events": [{"time": "2026-01-05 02:00", "target": "TR-3/geothermal", "kind": "strike",
                         "hits_before_interception": 3, "interception": 0.2}]}  # fmt: skip
    whole = gm.run(three(**given), save_states=["2026-01-05 12:00"], states=tmp_path)
    [state] = tmp_path.glob("*.nc")
    later = gm.run(three(**given, start="2026-01-05 12:00"), start_state=state)
    np.testing.assert_array_equal(later["generation_mw"].to_numpy(), whole["generation_mw"][:, 12:].to_numpy())
    assert 0 < float(later["generation_mw"].sel(technology="geothermal").sum()) < 200 * 12 * 2
