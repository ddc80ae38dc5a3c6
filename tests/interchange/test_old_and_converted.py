"""Files of older versions of pandapower and MATPOWER cases in other units, each against values worked out by hand."""

import json
import warnings
from pathlib import Path

import pandapower as pp
import pytest
from conftest import at_gate

import gridmodel as gm

CASES = Path(__file__).parents[1] / "cases" / "networks"


def table(columns, rows, kinds=None):
    content = {"columns": columns, "index": list(range(len(rows))), "data": rows}
    return {"_module": "pandas.core.frame", "_class": "DataFrame", "_object": json.dumps(content), "orient": "split",
            "dtype": kinds or {}}  # fmt: skip


def old_net(version):
    """Two buses of 20 kV, 10 km of 0.4 ohm/km, a load of 2 MW: as versions up to 1.6 wrote it, in kilowatts, or later."""
    kilo = version < "2"
    unit = (lambda mw: 1000 * mw) if kilo else (lambda mw: mw)
    p, q = ("p_kw", "q_kvar") if kilo else ("p_mw", "q_mvar")
    costs = {"polynomial_cost": table(["type", "element", "element_type", "c"], [])} if kilo else {}
    return {
        "bus": table(["name", "vn_kv", "type", "zone", "in_service"], [["a", 20.0, "b", None, True], ["b", 20.0, "b", None, True]]),
        "line": table(
            ["name", "std_type", "from_bus", "to_bus", "length_km", "r_ohm_per_km", "x_ohm_per_km", "c_nf_per_km", "max_i_ka", "df", "parallel", "type", "in_service"],
            [["l", None, 0, 1, 10.0, 0.1, 0.4, 0.0, 0.3, 1.0, 1, "ol", True]],
        ),
        "load": table(["name", "bus", p, q, "const_z_percent", "const_i_percent", "sn_kva" if kilo else "sn_mva", "scaling", "in_service", "type"],
                      [["d", 1, unit(2.0), 0.0, 0.0, 0.0, None, 1.0, True, None]]),
        "ext_grid": table(["name", "bus", "vm_pu", "va_degree", "in_service"], [["g", 0, 1.0, 0.0, True]]),
        "sgen": table(["name", "bus", p, q, "scaling", "in_service", "type"], [["s", 1, unit(-0.5 if kilo else 0.5), 0.0, 1.0, True, "PV"]]),
        "bus_geodata": table(["x", "y", "coords"], [[30.0, 50.0, None], [31.0, 51.0, None]]),
        "line_geodata": table(["coords"], [[[[30.0, 50.0], [31.0, 51.0]]]]),
        "controller": table(["object", "in_service"], [[{"_module": "os", "_class": "system", "_object": "touch canary"}, True]]),
        "name": "old", "f_hz": 50.0, "version": float(version[:3]) if kilo else version, **costs,
    }  # fmt: skip


@pytest.mark.parametrize("version", at_gate(["1.6.0", "2.0.1", "2.4.0", "2.14.11"], 3))
@pytest.mark.parametrize("form", at_gate(["bare", "envelope", "text"], 3, first=1))
def test_a_file_of_any_version_since_1_6_has_the_same_power_flow(tmp_path, version, form):
    parts = old_net(version)
    whole = {"_module": "pandapower.auxiliary", "_class": "pandapowerNet", "_object": parts}
    whole = parts if form == "bare" else whole if form == "envelope" else whole | {"_object": json.dumps(parts)}
    path = tmp_path / "old.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        net = gm.load_network(path)
    said = [str(one.message) for one in told if "not read" in str(one.message)]
    assert said == [
        "old.json: has parts that a power flow does not need, and that are not read: controller, line_geodata"
    ]
    assert not (tmp_path / "canary").exists()
    assert "controller" not in net or not len(net.controller)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pp.runpp(net, numba=False)
    # by hand: 1.5 MW over 1 + 4j ohm from 20 kV; v = U2^2 solves v^2 + (2*1*1.5 - 400) v + 17*1.5^2 = 0
    squared = (397 + (397**2 - 4 * 38.25) ** 0.5) / 2
    assert net.res_ext_grid.p_mw[0] == pytest.approx(1.5 + 1.5**2 / squared, abs=1e-6)
    assert json.loads(net.bus.geo[0])["coordinates"] == [30.0, 50.0]


def test_what_is_too_old_is_told_with_the_exact_command_and_no_contradiction(tmp_path):
    path = tmp_path / "old net.json"
    path.write_text(
        json.dumps({"_class": "pandapowerNet", "_object": {"bus": {}, "version": "1.4.0"}}), encoding="utf-8"
    )
    with pytest.raises(gm.InputError) as caught:
        gm.load_network(path)
    said = str(caught.value)
    assert "is a version before 1.6" in said
    assert """pp.to_json(pp.from_json('old net.json', convert=True), 'old net-new.json')""" in said
    path.write_text(json.dumps({"_class": "pandapowerNet", "_object": 7}), encoding="utf-8")
    with pytest.raises(gm.InputError, match="is marked as a pandapower network, but has no tables"):
        gm.load_network(path)


def test_ohms_and_kilowatts_of_a_distribution_case_are_converted_as_its_last_lines_say():
    net = gm.load_network(CASES / "ohms.m")
    assert net.line.r_ohm_per_km[0] == pytest.approx(0.0922)
    assert net.line.x_ohm_per_km[0] == pytest.approx(0.0470)
    assert (net.load.p_mw[0], net.load.q_mvar[0]) == pytest.approx((0.1, 0.06))


@pytest.mark.parametrize(
    ("last", "p", "q"),
    [
        ("pf = 0.8;\nc.bus(:, QD) = c.bus(:, PD) * sin(acos(pf));\nc.bus(:, PD) = c.bus(:, PD) * pf;", 0.08, 0.06),
        ("c.bus(:, [PD QD]) = c.bus(:, [PD QD]) / 1000;", 1e-4, 6e-5),
        ("fixed = 0;\nif fixed\n  [GEN_BUS, PG] = idx_gen;\n  k = find(isinf(c.gen(:, 4)));\nend", 0.1, 0.06),
    ],
)
def test_other_statements_of_published_cases_are_known_by_their_pattern(tmp_path, last, p, q):
    path = tmp_path / "case.m"
    path.write_text((CASES / "ohms.m").read_text(encoding="utf-8") + last + "\n", encoding="utf-8")
    net = gm.load_network(path)
    assert (net.load.p_mw[0], net.load.q_mvar[0]) == pytest.approx((p, q))


@pytest.mark.parametrize(
    "last",
    ["c.bus(:, [PD, QD]) = c.bus(:, [PD, QD]) * 1e3;", "fixed = 1;\nif fixed\n  x = 1;\nend", "Vbase = system('x');",
     "c.bus(:, PD) = c.bus(:, PD) * pf;"],
)  # fmt: skip
def test_any_other_statement_is_still_refused(tmp_path, last):
    path = tmp_path / "case.m"
    path.write_text((CASES / "ohms.m").read_text(encoding="utf-8") + last + "\n", encoding="utf-8")
    with pytest.raises(gm.InputError, match="is not a plain assignment"):
        gm.load_network(path)


def test_quotients_of_plain_numbers_are_read_and_no_other_sum(tmp_path):
    text = (CASES / "ohms.m").read_text(encoding="utf-8").replace("baseMVA = 10;", "baseMVA = 50/5;")
    path = tmp_path / "case.m"
    path.write_text(text.replace("0\t12.66\t1\t1.1", "0\t21.92776/sqrt(3)\t1\t1.1"), encoding="utf-8")
    net = gm.load_network(path)
    assert net.bus.vn_kv[1] == pytest.approx(12.66, abs=1e-4)
    path.write_text(text.replace("0.0470", "0.0470/0"), encoding="utf-8")
    with pytest.raises(gm.InputError, match="is not a number"):
        gm.load_network(path)


def test_a_case_without_a_running_reference_takes_the_first_generator_bus_and_says_so():
    with pytest.warns(
        UserWarning, match="is the reference, but has no generator in service: bus 2 is taken in its place"
    ):
        net = gm.load_network(CASES / "refbus.m")
    assert net.ext_grid.bus.tolist() == [1]
    pp.rundcpp(net)
    assert net.res_line.p_from_mw[0] == pytest.approx(-50)


def test_points_of_a_matpower_cost_become_slopes_through_the_same_points(tmp_path):
    text = (CASES / "pwl.m").read_text(encoding="utf-8")
    path = tmp_path / "case.m"
    path.write_text(text.replace("1 0 0 2 0 0 100 5000 0 0;", "1 0 0 3 10 600 40 1500 100 6000;"), encoding="utf-8")
    net = gm.load_network(path)
    assert net.pwl_cost.points[0] == [[10.0, 40.0, 30.0], [40.0, 100.0, 75.0]]
    got = gm.dispatch(net)  # 100 MW at 10, and 40 at the price of the first piece, through 600 at 10 MW
    assert float(got.cost[0]) == pytest.approx(100 * 10 + 1500)


def test_decimal_commas_are_not_two_numbers_each(tmp_path):
    path = tmp_path / "a.m"
    text = (CASES / "refbus.m").read_text(encoding="utf-8")
    branch = text[text.index("mpc.branch") : text.index("];", text.index("mpc.branch"))]
    path.write_text(text.replace(branch, branch.replace("0.", "0,")), encoding="utf-8")
    assert "0," in path.read_text(encoding="utf-8")
    with pytest.raises(gm.InputError, match=r"branch: has commas within numbers, .*: write decimal points"):
        gm.load_network(path)
    rows = branch.splitlines()
    with_commas = [rows[0], *(", ".join(row.strip(" ;").split()) + ";" if row.strip() else row for row in rows[1:])]
    path.write_text(text.replace(branch, "\n".join(with_commas)), encoding="utf-8")
    with pytest.warns(UserWarning, match="is the reference"):
        assert len(gm.load_network(path).line) > 0


def test_a_case_in_another_encoding_is_told_what_to_do(tmp_path):
    (tmp_path / "a.m").write_bytes("% Київ\n".encode("cp1251") + (CASES / "pwl.m").read_bytes())
    with pytest.raises(gm.InputError, match=r"a\.m: is not UTF-8 text \(byte 2\): save it in that encoding"):
        gm.load_network(tmp_path / "a.m")
