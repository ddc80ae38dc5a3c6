import dataclasses
import json
import shutil
import warnings
from functools import cache

import geojson
import numpy as np
import pandapower as pp
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import LONG, sampled
from everything import everything
from hypothesis import given
from hypothesis import strategies as st
from nets import bundled, published

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.errors import Problems
from gridmodel.inputs.files import ROOT
from gridmodel.interchange.adapter.plain_tables import plain_of
from gridmodel.interchange.kinds import KINDS, losses
from gridmodel.interchange.names import distinct
from gridmodel.interchange.readers.matlab import parse_case
from gridmodel.interchange.registry import FORMATS, READ, WRITTEN, collect, kept_table
from gridmodel.interchange.writers import matpower
from gridmodel.network import TABLES, read_network

OWN = ["ukraine", "ukraine-2021", "three-region"]
CASES = ["case9", "case14", "case39", "case118", "example_multivoltage", "mv_oberrhein"]
TARGETS = {"matpower": "there.m", "pypsa-netcdf": "there.nc", "pypsa-csv": "there"}
SAME = {"rtol": 0, "atol": 1e-9}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Paths of pandapower's files by name, each written once."""
    folder = tmp_path_factory.mktemp("sources")
    made = {}

    def path(name):
        if name in OWN:
            return name
        if name not in made:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                net = everything() if name == "everything" else published(name)
                made[name] = folder / f"{name}.json"
                pp.to_json(net, made[name])
        return made[name]

    return path


def quiet(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)


def solved(path):
    net = quiet(gm.load_network, path)
    quiet(pp.runpp, net, numba=False, tolerance_mva=1e-10)
    return net


@pytest.fixture(scope="module")
def flows(sources):
    """AC power flow of a source by name, each solved once."""
    return cache(lambda name: solved(sources(name)))


def voltages(net):
    """Voltages and angles by the bus's name; angles from that of the first bus, since PyPSA counts from 0."""
    names = [
        f"bus {i}" if pd.isna(n) or n == "" else str(n) for i, n in zip(net.bus.index, net.bus["name"], strict=True)
    ]
    found = net.res_bus[["vm_pu", "va_degree"]].set_axis(distinct(names), axis="index")
    return found.assign(va_degree=found["va_degree"] - found["va_degree"].iloc[0])


def assert_same_flow(before, after, *, merged=0):
    one, other = voltages(before), voltages(after)
    live = one.dropna()
    both = live.index.intersection(other.index)
    assert len(both) == len(live) - merged
    np.testing.assert_allclose(other.loc[both], one.loc[both], **SAME)
    count = len(before.line)
    if len(after.line) >= count and not merged:  # the impedances of a net come behind its lines
        np.testing.assert_allclose(after.res_line["p_from_mw"][:count], before.res_line["p_from_mw"], rtol=0, atol=1e-7)


FEW = ("three-region", "case39", "example_multivoltage")
"""Networks that each edit or the gate tries; the others are of the long suite, but for one format of the national grid."""


OF_EACH_EDIT = {("three-region", "pypsa-csv"), ("case39", "matpower")}
OF_THE_GATE = {("example_multivoltage", "pypsa-netcdf"), ("ukraine", "matpower")}


def marks_of(name, form):
    """Mark a network and a format that not every edit tries."""
    one = (name, form)
    return () if one in OF_EACH_EDIT else pytest.mark.gate if one in OF_THE_GATE else pytest.mark.long


@pytest.mark.parametrize(
    ("name", "form"),
    [pytest.param(name, form, marks=marks_of(name, form)) for name in (*OWN, *CASES) for form in TARGETS],
)
@pytest.mark.gate  # at each edit: one of everything keeps its AC flow
def test_a_network_keeps_its_ac_flow_and_passes_the_check(name, form, sources, flows, tmp_path):
    target = tmp_path / TARGETS[form]
    made = quiet(gm.convert_network, sources(name), target, to=form)
    assert made.form == form
    assert_same_flow(flows(name), solved(target), merged={"example_multivoltage": 30}.get(name, 0))
    assert [str(one) for one in gm.check_network(target) if one.severity == "error"] == []


@pytest.mark.parametrize("form", sampled(TARGETS, 3))
def test_one_of_everything_keeps_its_ac_flow(form, sources, flows, tmp_path):
    before = flows("everything")
    made = quiet(gm.convert_network, sources("everything"), tmp_path / TARGETS[form], to=form)
    after = solved(tmp_path / TARGETS[form])
    assert_same_flow(before, after, merged=1)
    slack = before.res_ext_grid["p_mw"].sum()
    given_ = after.res_ext_grid["p_mw"].sum() + (after.res_gen["p_mw"].iloc[0] if form.startswith("pypsa") else 0.0)
    assert given_ == pytest.approx(slack, abs=1e-7)
    said = "\n".join(made.not_kept)
    for words in ("switches (3): closed ones merge", "three windings (1): three with two windings", "direct-current links (2): ",
                  "(5): the power that is set", "steps of tap changers (2)"):  # fmt: skip
        assert words in said
    assert ("angles of references (2)" in said) == form.startswith("pypsa")
    assert ("names of lines" in said) == (form == "matpower")


@pytest.mark.parametrize("form", sampled(TARGETS, 2))
@pytest.mark.parametrize(
    "name", ["case14", *(pytest.param(name, marks=pytest.mark.long) for name in ("three-region", "case9", "case39"))]
)
def test_a_network_without_iron_losses_keeps_its_dc_flow(form, name, sources, tmp_path):
    quiet(gm.convert_network, sources(name), tmp_path / TARGETS[form], to=form)
    flows = []
    for path in (sources(name), tmp_path / TARGETS[form]):
        net = quiet(gm.load_network, path)
        quiet(pp.rundcpp, net)
        flows.append(net.res_line["p_from_mw"].to_numpy())
    np.testing.assert_allclose(flows[1], flows[0], **SAME)


def test_what_is_said_to_be_kept_is_read_again(sources, tmp_path):
    name = "ukraine" if LONG else "three-region"
    own = bundled(name)
    for form, target in TARGETS.items():
        quiet(gm.convert_network, name, tmp_path / target, to=form)
        net = quiet(gm.load_network, tmp_path / target)
        assert net.bus["name"].tolist() == own.bus["name"].tolist()
        sums = [one.gen.groupby("technology")["max_p_mw"].sum().add(one.sgen.groupby("technology")["max_p_mw"].sum(), fill_value=0)
                for one in (net, own)]  # fmt: skip
        slack = own.gen["technology"][own.gen["slack"]].iloc[0]
        sums[0] = sums[0].add(pd.Series({slack: net.ext_grid["max_p_mw"].sum()}), fill_value=0)
        pd.testing.assert_series_equal(*sums, check_names=False, rtol=1e-12)
        costs = [one.poly_cost["cp1_eur_per_mw"].sort_values().tolist() for one in (net, own)]
        assert costs[0] == pytest.approx([cost for cost in costs[1] if cost], abs=1e-12) or costs[0] == costs[1]
        limit = [one.line["max_i_ka"] * one.line["parallel"] * one.line["max_loading_percent"] for one in (net, own)]
        np.testing.assert_allclose(limit[0], limit[1], rtol=1e-12)
        if form != "matpower":
            assert net.line["name"].tolist() == own.line["name"].tolist()
            assert net.bus["region"].tolist() == own.bus["region"].tolist()
            assert net.bus["geo"].map(json.loads).map(lambda p: p["coordinates"]).tolist() == [
                json.loads(geo)["coordinates"] for geo in own.bus["geo"]
            ]
            assert sorted(net.load["name"]) == sorted(own.load["name"])


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in FEW else pytest.mark.long) for name in OWN])
@pytest.mark.gate  # at each edit: the same through pandapower itself, below
def test_a_folder_of_our_own_tables_comes_through_any_pandapower_file(name, tmp_path):
    made = gm.convert_network(name, tmp_path / "copy")
    assert (made.form, made.not_kept) == ("gridmodel", [])
    assert (tmp_path / "copy" / "README.md").read_text() == (ROOT / "networks" / name / "README.md").read_text()
    before = read_network(name).tables
    for end in ("copy", "net.json", "net.xlsx", "csv"):
        back = f"back-from-{end.rpartition('.')[2]}"
        if end != "copy":
            first = gm.convert_network(name, tmp_path / end, to="pandapower-csv" if end == "csv" else None)
            assert first.not_kept == []
            made = gm.convert_network(tmp_path / end, tmp_path / back)
            assert (made.form, made.not_kept) == ("gridmodel", [])
        after = read_network(tmp_path / (end if end == "copy" else back)).tables
        for table in TABLES:
            pd.testing.assert_frame_equal(after[table], before[table])
    assert gm.check_network(tmp_path / "back-from-json") == gm.check_network(name)


@pytest.mark.gate  # at each edit: one of everything keeps its AC flow
def test_a_folder_of_our_own_tables_comes_through_pandapower_itself(tmp_path):
    gm.convert_network("three-region", tmp_path / "net.json")
    pp.to_json(quiet(pp.from_json, tmp_path / "net.json"), tmp_path / "again.json")
    made = quiet(gm.convert_network, tmp_path / "again.json", tmp_path / "back")
    assert (made.form, made.not_kept) == ("gridmodel", [])
    after, before = read_network(tmp_path / "back").tables, read_network("three-region").tables
    for table in TABLES:
        pd.testing.assert_frame_equal(after[table], before[table])


def test_what_a_folder_of_ours_makes_anew_is_said(tmp_path):
    net = bundled("three-region")
    net.load.loc[0, "p_mw"] += 1.0
    net.line.loc[0, "length_km"] *= 2.0
    pp.create_switch(net, 0, 0, et="l")
    quiet(pp.to_json, net, tmp_path / "edited.json")
    made = quiet(gm.convert_network, tmp_path / "edited.json", tmp_path / "back")
    assert "switches (1)" in made.not_kept
    assert "changes to 1 rows of `load`: derived again from our tables" in made.not_kept
    assert read_network(tmp_path / "back").tables["lines"]["length_km"].iloc[0] == net.line["length_km"].iloc[0]


@pytest.mark.gate  # at each edit: what a folder of ours makes anew
def test_a_network_without_our_tables_becomes_no_folder_of_ours(sources, tmp_path):
    with pytest.raises(gm.InputError, match="region: is missing: a folder of our own tables needs it"):
        gm.convert_network(sources("case9"), tmp_path / "own", to="gridmodel")
    assert quiet(gm.convert_network, sources("case9"), tmp_path / "own").form == "pandapower-csv"


def test_tables_that_break_their_schema_are_not_written(tmp_path):
    net = bundled("three-region")
    net.region.loc[0, "share_critical"] = 0.9
    net.bus.loc[1, "name"] = net.bus["name"].iloc[0]
    quiet(pp.to_json, net, tmp_path / "wrong.json")
    with pytest.raises(gm.InputError) as caught:
        quiet(gm.convert_network, tmp_path / "wrong.json", tmp_path / "own")
    places = {problem.table for problem in caught.value.problems}
    assert {"regions.csv", "buses.csv"} <= places
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.json"]


def features(path):
    whole = geojson.loads(path.read_text(encoding="utf-8"))
    assert whole.is_valid, whole.errors()
    assert set(whole) == {"type", "features"}  # RFC 7946 has no crs
    assert len({one["id"] for one in whole["features"]}) == len(whole["features"])
    return {one["id"]: one for one in whole["features"]}


def test_geojson_has_regions_buses_and_lines_with_ratings_at_their_places(tmp_path):
    gm.convert_network("ukraine", tmp_path / "map.geojson")
    found, own = features(tmp_path / "map.geojson"), bundled("ukraine")
    regions = own.region.set_index("id")
    kyiv = found["region/UA-30"]
    assert kyiv["geometry"]["coordinates"] == [regions.loc["UA-30", "centre_lon"], regions.loc["UA-30", "centre_lat"]]
    assert kyiv["properties"]["population"] == regions.loc["UA-30", "population"]
    lines = [one for name, one in found.items() if name.startswith("line/")]
    assert len(lines) == len(own.line)
    for row, line in zip(own.line.itertuples(), lines, strict=True):
        ends = [json.loads(own.bus["geo"][bus])["coordinates"] for bus in (row.from_bus, row.to_bus)]
        assert line["geometry"] == {"type": "LineString", "coordinates": ends}
        rating = 3**0.5 * own.bus["vn_kv"][row.from_bus] * row.max_i_ka * row.parallel
        assert line["properties"]["rating_mva"] == pytest.approx(rating)
        assert line["properties"]["limit_mva"] == pytest.approx(rating * row.max_loading_percent / 100)
    needs = [one["properties"]["need_mw"] for name, one in found.items() if name.startswith("bus/")]
    assert sum(needs) == pytest.approx(own.load["need_mw"].sum())
    with pytest.raises(gm.InputError, match="GeoJSON, which has places but no electrical data"):
        gm.load_network(tmp_path / "map.geojson")


@pytest.mark.gate  # at each edit: what is said to be kept is read again
def test_geojson_follows_a_line_and_leaves_a_drawing_out(tmp_path):
    net = published("case9")
    net.bus["geo"] = [json.dumps({"type": "Point", "coordinates": [float(i), 50.0]}) for i in range(9)]
    net.bus.loc[8, "geo"] = None
    net.line["geo"] = None
    net.line.loc[0, "geo"] = json.dumps({"type": "LineString", "coordinates": [[0.0, 50.0], [0.5, 51.0], [1.0, 50.0]]})
    quiet(pp.to_json, net, tmp_path / "net.json")
    quiet(gm.convert_network, tmp_path / "net.json", tmp_path / "map.geojson")
    found = features(tmp_path / "map.geojson")
    assert found["line/0"]["geometry"]["coordinates"][1] == [0.5, 51.0]
    assert found["bus/8"]["geometry"] is None
    net.bus["geo"] = [json.dumps({"type": "Point", "coordinates": [100.0 * i, 50.0]}) for i in range(9)]
    quiet(pp.to_json, net, tmp_path / "drawing.json")
    with pytest.raises(gm.InputError, match="bus: geo: have no longitude and latitude"):
        quiet(gm.convert_network, tmp_path / "drawing.json", tmp_path / "drawing.geojson")
    assert not (tmp_path / "drawing.geojson").exists()


@given(st.lists(st.text(max_size=30), min_size=9, max_size=9))
def test_any_name_of_a_bus_is_read_again_from_matpower_and_stays_apart_in_pypsa(names):
    problems = Problems()
    case = parse_case("\n".join(matpower._texts("bus_name", names)), problems, shown="x")
    assert not problems.found
    assert case.texts["bus_name"] == [matpower.printable(name) for name in names]
    assert len(set(distinct(names))) == len(names)
    assert all(name and name.isprintable() for name in distinct(names))


def test_what_buses_and_branches_cannot_stand_for_is_refused_whole(tmp_path):
    net = published("case9")
    pp.create_svc(net, 3, 1.0, -10.0, 1.0, 145.0)
    net.ext_grid["in_service"] = False
    quiet(pp.to_json, net, tmp_path / "net.json")
    for target in ("net.m", "net.nc"):
        with pytest.raises(gm.InputError) as caught:
            quiet(gm.convert_network, tmp_path / "net.json", tmp_path / target)
        assert {problem.table for problem in caught.value.problems} == {"svc", "ext_grid"}
        assert not (tmp_path / target).exists()


@pytest.mark.parametrize(
    ("target", "to", "message"),
    [
        pytest.param("there.m", None, "exists already", id="a file that is there"),
        pytest.param("folder", None, "exists already", id="a folder that is there"),
        pytest.param("dangling.json", None, "exists already", id="a link to nowhere"),
        pytest.param("there.m/net.json", None, "not a folder", id="below a file"),
        pytest.param("net.doc", None, "does not end in the suffix of an export format", id="an unknown suffix"),
        pytest.param("net.json", "matpower", "must end in .m for matpower", id="the suffix of another format"),
        pytest.param(
            "net.m", "pypsa-csv", "is the name of a file, but pypsa-csv is a folder", id="a file in place of a folder"
        ),
        pytest.param("net.m", "matlab", "known: gridmodel, matpower, pandapower-json", id="an unknown format"),
    ],
)
def test_a_target_that_cannot_be_is_one_clear_error_and_nothing_is_written(target, to, message, tmp_path):
    (tmp_path / "there.m").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling.json").symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(gm.InputError, match=message) as caught:
        gm.convert_network("three-region", tmp_path / target, to=to)
    assert len(caught.value.problems) == 1
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "there.m").read_text() == "mine"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("NetCDF: HDF error")])
@pytest.mark.parametrize("target", sampled(["deep/net.nc", "deep/net.m", "deep/net"], 3))
def test_nothing_is_left_of_what_fails_halfway(error, target, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr("xarray.Dataset.to_netcdf", fail)
    monkeypatch.setattr("pathlib.Path.write_text", fail)
    monkeypatch.setattr("gridmodel.interchange.writers.pandapower.csv.writer", fail)
    with pytest.raises(gm.InputError, match=r"cannot be written: (No space left|NetCDF)"):
        gm.convert_network("three-region", tmp_path / target)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_is_lost_in_lines_or_json(tmp_path):
    got = CliRunner().invoke(
        main, ["network", "convert", "three-region", str(tmp_path / "a.m")], catch_exceptions=False
    )
    assert got.exit_code == 0
    assert f"Wrote {tmp_path / 'a.m'} (matpower)." in got.stdout
    lines = got.stderr.splitlines()
    assert all(line.startswith("not kept: ") for line in lines)
    assert len(lines) == len({line.split("(")[0] for line in lines}) > 5
    got = CliRunner().invoke(
        main, ["network", "convert", "three-region", str(tmp_path / "b"), "--to", "pypsa-csv", "--json"]
    )
    told = json.loads(got.stdout)
    assert told["format"] == "pypsa-csv"
    assert "table of regions and people (region)" in told["not_kept"]


def test_the_lists_of_formats_and_of_what_they_keep_agree():
    assert {"gridmodel", "pandapower-json", "pypsa-csv", "matpower", "geojson"} <= set(WRITTEN)
    assert set(FORMATS) - set(READ) == {"geojson"}
    assert len({kind.what for kind in KINDS.values()}) == len(KINDS)
    assert len(kept_table()) == len(KINDS) + 2
    for form in WRITTEN.values():
        assert set(form.content.fates) <= set(KINDS), form.name
        if form.name.startswith("pandapower"):
            assert {form.fate(key) for key in KINDS} == {"kept"}


def test_help_names_every_format_that_is_read_and_written():
    shown = CliRunner().invoke(main, ["network", "convert", "--help"], terminal_width=80).output
    read, _, written = shown.partition("Formats that are read")[2].partition("Formats that are written")
    assert [line.split()[0] for line in read.splitlines() if line.startswith("  ")] == list(READ)
    assert [line.split()[0] for line in written.splitlines() if line.startswith("  ")] == list(WRITTEN)


def test_two_formats_of_one_name_suffix_or_mark_are_refused():
    own, case = FORMATS["gridmodel"], FORMATS["matpower"]
    with pytest.raises(ValueError, match="two network formats have the name 'gridmodel'"):
        collect([own, own])
    with pytest.raises(ValueError, match=r"have the suffix '\.m'"):
        collect([case, dataclasses.replace(case, name="another")])
    with pytest.raises(ValueError, match=r"have the mark 'bus\.csv'"):
        collect([FORMATS["pandapower-csv"], dataclasses.replace(own, marks=("bus.csv",))])
    with pytest.raises(ValueError, match="a writer and its content go together"):
        dataclasses.replace(case, content=None)


@pytest.mark.gate  # at each edit: what is said to be kept is read again
def test_every_kind_of_thing_is_found_where_it_is_and_nowhere_else(sources):
    names = ("case9", "everything", "ukraine", "example_multivoltage", "mv_oberrhein")
    nets = {name: plain_of(quiet(gm.load_network, sources(name))) for name in names}
    counts = {name: {kind.what: kind.find(net) for kind in KINDS.values()} for name, net in nets.items()}
    never = {what for what in counts["case9"] if not any(found[what] for found in counts.values())}
    assert never <= {
        "impedances that differ by direction", "loads that depend on the voltage", "third-party tables", "third-party columns",
        "costs in steps, of reactive power, or of loads", "routes of lines",
    }  # fmt: skip
    assert not any(counts["case9"][kind] for kind in ("switches", "direct-current links", "our other tables"))
    assert counts["case9"]["quadratic terms of costs"] == 3


@pytest.mark.gate  # at each edit: what is said to be kept is read again
def test_rare_kinds_are_counted():
    net = everything()
    net.impedance["rtf_pu"] = 0.02
    net.load.loc[0, "const_z_p_percent"] = 30.0
    net["mine"] = pd.DataFrame({"a": [1]})
    net.line["colour"] = "red"
    pp.create_pwl_cost(net, 1, "gen", [[0, 1, 2]])
    said = losses(plain_of(net), FORMATS["pypsa-csv"].fate)
    for line in ("impedances that differ by direction (1): as forward: the AC flow differs",
                 "loads that depend on the voltage (1): as constant power: the AC flow differs", "third-party tables (mine)", "costs in steps, of reactive power, or of loads (1)"):  # fmt: skip
        assert line in said
    assert any(line.startswith("third-party columns") and "line.colour" in line for line in said)


def test_nothing_of_a_plain_case_is_said_to_be_lost_by_pandapower(sources, tmp_path):
    assert quiet(gm.convert_network, sources("everything"), tmp_path / "all.json").not_kept == []


def test_a_readme_that_is_a_link_does_not_go_along(folder, tmp_path):
    (folder / "README.md").unlink(missing_ok=True)
    (tmp_path / "secret").write_text("secret")
    (folder / "README.md").symlink_to(tmp_path / "secret")
    gm.convert_network(folder, tmp_path / "copy")
    assert not (tmp_path / "copy" / "README.md").exists()
    shutil.rmtree(tmp_path / "copy")
