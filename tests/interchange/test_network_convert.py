import warnings

import numpy as np
import pandapower as pp
import pytest
from click.testing import CliRunner
from conftest import sampled
from nets import bundled, published

import gridmodel as gm
from gridmodel.commands import main


def flows(net):
    pp.runpp(net, numba=False, tolerance_mva=1e-10)
    return np.concatenate(
        [net.res_bus[["vm_pu", "va_degree"]].to_numpy().ravel(), net.res_line["p_from_mw"].to_numpy()]
    )


@pytest.mark.parametrize("end", sampled([".json", ".xlsx", ""], 3))
@pytest.mark.parametrize("name", ["example_multivoltage", pytest.param("case39", marks=pytest.mark.long)])
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.gate  # at each edit: one of everything keeps its AC flow, in `test_network_write.py`
def test_a_network_there_and_back_keeps_its_power_flow(name, end, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pp.to_json(published(name), tmp_path / "net.json")
    target = tmp_path / f"out{end}"
    got = CliRunner().invoke(
        main, ["network", "convert", str(tmp_path / "net.json"), str(target)], catch_exceptions=False
    )
    assert got.exit_code == 0, got.output
    np.testing.assert_allclose(
        flows(gm.load_network(target)), flows(gm.load_network(tmp_path / "net.json")), rtol=0, atol=1e-9
    )


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("three-region", ".json"),
        ("three-region", ""),
        pytest.param("ukraine", ".xlsx", marks=pytest.mark.gate),  # whose names are in two alphabets
        *(pytest.param("ukraine", end, marks=pytest.mark.long) for end in (".json", "")),
    ],
)
def test_our_own_folder_becomes_a_file_with_the_same_flow_and_extra_tables(name, end, tmp_path):
    target = tmp_path / f"out{end}"
    CliRunner().invoke(main, ["network", "convert", name, str(target)], catch_exceptions=False)
    net, own = gm.load_network(target), bundled(name)
    np.testing.assert_allclose(flows(net), flows(own), rtol=0, atol=1e-9)
    for table in ("region", "limit", "heat_system", "water_system", "profile"):
        assert len(net[table]) == len(own[table])
    assert net.load["need_mw"].sum() == pytest.approx(own.load["need_mw"].sum(), abs=1e-9)
    for column in {"name_en", "name_uk"} & set(own.region):
        assert net.region[column].fillna("").tolist() == own.region[column].fillna("").tolist()


def test_pandapower_reads_what_is_written(tmp_path):
    target = tmp_path / "out.json"
    CliRunner().invoke(main, ["network", "convert", "three-region", str(target)], catch_exceptions=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pp.from_json(target)
    np.testing.assert_allclose(flows(theirs), flows(bundled("three-region")), rtol=0, atol=1e-9)


def test_a_name_that_begins_with_an_equals_sign_stays_text(tmp_path):
    net = published("case9")
    net.bus["name"] = net.bus["name"].astype(object)
    net.bus.loc[0, "name"] = "=1+1"
    pp.to_json(net, tmp_path / "net.json")
    for end in (".xlsx", ""):
        CliRunner().invoke(main, ["network", "convert", str(tmp_path / "net.json"), str(tmp_path / f"o{end}")])
        assert gm.load_network(tmp_path / f"o{end}").bus["name"].iloc[0] == "=1+1"


def test_nothing_is_written_over_or_in_an_unknown_format(tmp_path):
    (tmp_path / "there.json").write_text("mine")
    got = CliRunner().invoke(main, ["network", "convert", "three-region", str(tmp_path / "there.json")])
    assert got.exit_code == 1
    assert "exists already" in got.stderr
    assert (tmp_path / "there.json").read_text() == "mine"
    got = CliRunner().invoke(main, ["network", "convert", "three-region", str(tmp_path / "x.doc")])
    assert "does not end in the suffix of an export format" in got.stderr
