import io
import json
import warnings
from pathlib import Path

import numpy as np
import pandapower as pp
import pytest
from conftest import LONG, at_gate
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import published

import gridmodel as gm
from gridmodel.errors import Problems
from gridmodel.interchange.open import read_plain

PACKAGED = sorted((Path(pp.__file__).parent / "networks").rglob("*.json"), key=lambda path: path.stat().st_size)
FEW = [path for path in PACKAGED if path.stem in {"case39", "case11_iwamoto"}]
NETS = ("example_multivoltage", *(("mv_oberrhein", "case118", "create_cigre_network_mv", "case300") if LONG else ()))


def solved(net):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pp.runpp(net, numba=False)
        except pp.LoadflowNotConverged:
            return None
    return net.res_bus[["vm_pu", "va_degree"]].to_numpy()


@pytest.mark.parametrize("path", PACKAGED if LONG else at_gate(FEW, 2), ids=lambda path: path.stem)
def test_a_case_that_comes_with_pandapower_is_read_and_solves_the_same(path):
    ours, theirs = solved(gm.load_network(path)), solved(pp.from_json(path))
    assert (ours is None) == (theirs is None)
    if theirs is not None:
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", NETS)
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.gate  # at each edit: a case that comes with pandapower
def test_a_net_that_pandapower_writes_is_read_and_solves_the_same(name, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pp.to_json(published(name), tmp_path / "net.json")
        theirs = solved(pp.from_json(tmp_path / "net.json"))
    np.testing.assert_allclose(solved(gm.load_network(tmp_path / "net.json")), theirs, rtol=0, atol=1e-12)


MATPOWER = """\
function mpc = two
%% a branch with a tap at the lower voltage, and one with a shift
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
\t1\t3\t0\t0\t0\t0\t1\t1\t0\t110\t1\t1.1\t0.9;
\t2\t1\t50\t10\t1\t5\t1\t1\t0\t220\t1\t1.1\t0.9; % comment
\t5\t2\t20\t5\t0\t0\t1\t1\t0\t220\t1\t1.1\t0.9;
];
mpc.gen = [1 0 0 99 -99 1.02 100 1 200 0; 5 30 0 99 -99 1.01 100 1 90 0];
mpc.branch = [
\t1 2 0.01 0.1 0.02 90 0 0 0.97 3 1 -360 360;
\t2 5 0.02 0.2 0.04 80 0 0 0 0 1 -360 360; 1 5 0.01 0.3 0 0 0 0 1.03 -2 1 -360 360;
];
mpc.gencost = [2 0 0 3 0.01 10 5; 2 0 0 2 20 0 0];
"""


def test_a_matpower_case_solves_as_its_own_equations_say(tmp_path):
    path = tmp_path / "two.m"
    path.write_text(MATPOWER)
    net = gm.load_network(path)
    pp.runpp(net, numba=False, calculate_voltage_angles=True, tolerance_mva=1e-9)
    volts = net.res_bus["vm_pu"].to_numpy() * np.exp(1j * np.deg2rad(net.res_bus["va_degree"].to_numpy()))
    admittance = np.diag([0, 0.01 + 0.05j, 0]).astype(complex)
    for start, end, r, x, b, tap, shift in (
        (0, 1, 0.01, 0.1, 0.02, 0.97, 3),
        (1, 2, 0.02, 0.2, 0.04, 1, 0),
        (0, 2, 0.01, 0.3, 0, 1.03, -2),
    ):
        ratio = tap * np.exp(1j * np.deg2rad(shift))
        series = 1 / (r + 1j * x)
        admittance[start, start] += (series + 0.5j * b) / tap**2
        admittance[end, end] += series + 0.5j * b
        admittance[start, end] -= series / np.conj(ratio)
        admittance[end, start] -= series / ratio
    power = volts * np.conj(admittance @ volts)
    assert power[1] == pytest.approx(-0.5 - 0.1j, abs=1e-8)
    assert power[2].real == pytest.approx(0.1, abs=1e-8)
    assert abs(volts[0]) == pytest.approx(1.02)
    assert net.poly_cost["cp1_eur_per_mw"].tolist() == [10.0, 20.0]


@pytest.mark.parametrize("wrong", ["-90", "NaN"])
def test_a_matpower_rating_that_is_negative_or_none_is_refused_with_its_line(wrong, tmp_path):
    path = tmp_path / "two.m"
    path.write_text(MATPOWER.replace("0.02 90 0 0 0.97", f"0.02 {wrong} 0 0 0.97"))
    line = path.read_text().splitlines().index(f"\t1 2 0.01 0.1 0.02 {wrong} 0 0 0.97 3 1 -360 360;") + 1
    with pytest.raises(
        gm.InputError, match=rf"two\.m:{line}: RATE_A: '(-90|nan)' must be 0, which is unlimited, or more"
    ):
        gm.load_network(path)


@pytest.mark.parametrize(("rated", "most"), [("90", 100.0), ("0", np.nan), ("Inf", np.nan)])
def test_a_matpower_rating_of_0_or_inf_is_unlimited(rated, most, tmp_path):
    path = tmp_path / "two.m"
    path.write_text(MATPOWER.replace("0.02 90 0 0 0.97", f"0.02 {rated} 0 0 0.97"))
    net = gm.load_network(path)
    assert net.trafo["max_loading_percent"].iloc[0] == pytest.approx(most, nan_ok=True)
    assert np.isfinite(net.trafo["vk_percent"]).all()


def pypsa_folder(path):
    path.mkdir()
    for name, content in {
        "network": "name\ntiny\n", "snapshots": ",snapshot\n0,0\n1,1\n",
        "buses": "name,v_nom,x,y\na,330,30,50\nb,330,0,0\nc,110,0,0\n",
        "lines": "name,bus0,bus1,x,r,b,s_nom\nab,a,b,30,3,0.0001,500\n",
        "transformers": "name,bus0,bus1,x,r,g,b,s_nom,tap_ratio,phase_shift\nbc,b,c,0.1,0.01,0.001,0.002,200,1.05,3\n",
        "generators": "name,bus,control,p_nom,p_set,carrier,marginal_cost\ng,a,Slack,500,,nuclear,10\nh,b,PV,200,50,,0\n",
        "loads": "name,bus,p_set,q_set\nl,c,100,20\nl2,b,0,0\n", "loads-p_set": ",l2\n0,30\n1,40\n",
        "shunt_impedances": "name,bus,g,b\ns,c,0.0001,0.001\n",
    }.items():  # fmt: skip
        (path / f"{name}.csv").write_text(content)
    return path


def test_a_pypsa_folder_solves_as_pypsa_solved_it(tmp_path):
    with pytest.warns(UserWarning, match="changes over 2 snapshots: the first is taken"):
        net = gm.load_network(pypsa_folder(tmp_path / "tiny"))
    pp.runpp(net, numba=False, calculate_voltage_angles=True, tolerance_mva=1e-9)
    # PyPSA 1.4.0, n.pf() of the same network
    assert net.res_bus["vm_pu"].to_numpy() == pytest.approx([1.0, 1.0, 0.9406687499899739], abs=1e-9)
    angles = np.deg2rad(net.res_bus["va_degree"].to_numpy())
    assert angles == pytest.approx([0.0, -0.02279681323283386, -0.1311331008509302], abs=1e-9)
    assert net.res_line["p_from_mw"][0] == pytest.approx(82.01939114530194, abs=1e-6)


@pytest.mark.gate  # at each edit: the contract of imports
def test_reading_and_checking_tables_builds_no_pandapower_net(tmp_path):
    import subprocess
    import sys

    path = tmp_path / "net.json"
    pp.to_json(published("case9"), path)
    code = (
        "import sys; from pathlib import Path; from gridmodel.interchange.open import read_any; from gridmodel.errors import Problems;"
        "from gridmodel.interchange.checks.structure import check_structure; net, _ = read_any(sys.argv[1]);"
        "check_structure(net, Problems()); assert 'pandapower' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, path], check=True, timeout=300)


@settings(max_examples=2_000 if LONG else 50)
@given(rows=st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8),
                               st.floats(0.1, 1000, allow_nan=False), st.booleans()), min_size=1, max_size=6))  # fmt: skip
def test_what_is_read_equals_an_independent_parse(tmp_path_factory, rows):
    import hostile
    import pandas as pd

    path = tmp_path_factory.getbasetemp() / "equal.json"
    path.write_text(hostile.net(bus=hostile.table(["name", "vn_kv", "in_service"], [list(row) for row in rows])))
    problems = Problems()
    net = read_plain(path, problems)
    whole = json.loads(path.read_text())["_object"]["bus"]["_object"]
    plain = pd.read_json(io.StringIO(whole), orient="split", precise_float=True, convert_dates=False, dtype=False)
    assert net.table("bus")["vn_kv"].tolist() == plain["vn_kv"].tolist()
    assert net.table("bus")["in_service"].tolist() == plain["in_service"].tolist()
    assert [name or "" for name in net.table("bus")["name"]] == plain["name"].tolist()
