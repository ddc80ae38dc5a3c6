import warnings
from functools import cache

import numpy as np
import pandapower as pp
import pandas as pd
import pytest
import xarray as xr
from conftest import EXAMPLES, sampled
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import bundled, empty, published
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, hstack, vstack

import gridmodel as gm
from gridmodel.dispatch import Dispatcher
from gridmodel.interchange import read_foreign

pytestmark = pytest.mark.filterwarnings("ignore:an ext_grid without max_p_mw:UserWarning")
CASES = ["case14", "case33bw", "case39", "case118"]
MORE = [
    "case24_ieee_rts",
    "case145",
    "case300",
    "case4gs",
    "case6ww",
    "case9",
    "case30",
    "case_ieee30",
    "case57",
    "case_illinois200",
    "case1354pegase",
]


@cache
def read_once(name):
    """A published net that is only read, with its costs as lines, and its grid."""
    net = published(name)
    net.poly_cost["cp2_eur_per_mw2"] = 0.0
    return net, read_foreign(net)


def array(values, dim, names):
    values = np.atleast_2d(np.asarray(values, float))
    return xr.DataArray(values, {"snapshot": np.arange(len(values)), dim: names}, ("snapshot", dim))


def least_cost(foreign, need, available, share):
    """Least cost of one snapshot by scipy's linprog on bus angles, branches in pandapower's own DC matrices."""
    grid = foreign.grid
    on = (share > 0) & foreign.in_service
    n, b, g, k = grid.buses, len(on), len(grid.generator_bus), len(grid.load_bus)
    rows = np.arange(b)
    incidence = coo_array(
        (np.r_[np.ones(b), -np.ones(b)], (np.r_[rows, rows], np.r_[grid.branch_from, grid.branch_to])), shape=(b, n)
    )
    flow = csr_array(incidence.multiply(np.where(on, grid.susceptance_mw, 0)[:, None]))
    pushed = np.where(on, grid.susceptance_mw, 0) * grid.shift_rad
    at = lambda bus, count: coo_array((np.ones(count), (bus, np.arange(count))), shape=(n, count))  # noqa: E731
    balance = hstack([at(grid.generator_bus, g), at(grid.load_bus, k), -csr_array(incidence.T @ flow)])
    right = np.bincount(grid.load_bus, need, n) - incidence.T @ pushed
    rating = grid.rating_mw * np.where(on, share, 1)
    limited = np.flatnonzero(np.isfinite(rating) & on)
    zero = csr_array((len(limited), g + k))
    upper = vstack([hstack([zero, flow[limited]]), hstack([zero, -flow[limited]])]) if len(limited) else None
    bound = np.r_[rating[limited] + pushed[limited], rating[limited] - pushed[limited]] if len(limited) else None
    cost = np.r_[grid.generator_cost, grid.load_cost, np.zeros(n)]
    got = linprog(
        cost, A_eq=balance, b_eq=right, A_ub=upper, b_ub=bound, method="highs",
        bounds=np.c_[np.r_[np.zeros(g + k), np.full(n, -1e4)], np.r_[available, need, np.full(n, 1e4)]],
    )  # fmt: skip
    assert got.status == 0, got.message
    return got.fun


@pytest.mark.gate  # at each edit: nets without their reference, in `test_other_nets.py`
def test_an_island_of_case39_without_ext_grid_is_served_from_its_own_plant():
    net = published("case39")
    # buses 18, 19, 32 and 33 (index) hang on the rest by one transformer and one line
    net.line.loc[:, "in_service"] &= ~net.line.from_bus.isin([15]) | ~net.line.to_bus.isin([18])
    net.line.loc[(net.line.from_bus == 18) | (net.line.to_bus == 18), "in_service"] = False
    got = gm.dispatch(net)
    island = pp.topology.connected_component(pp.topology.create_nxgraph(net), 18)
    members = net.load.index[net.load.bus.isin(set(island))]
    need = net.load.p_mw[members].sum()
    assert need == pytest.approx(680)
    assert float(got.served_mw.sel(load=members).sum()) == pytest.approx(680)
    pp.rundcpp(net)
    assert net.res_bus.loc[18:19, "va_degree"].isna().all()  # pandapower drops the island without a word


def test_a_slack_with_a_limit_is_no_bottomless_well():
    net = published("case39")
    net.gen.loc[net.gen.index[:6], "in_service"] = False
    got = gm.dispatch(net)
    supply = net.gen.max_p_mw[net.gen.in_service].sum() + net.ext_grid.max_p_mw.sum()
    assert net.ext_grid.max_p_mw.iloc[0] == pytest.approx(646)
    assert float(got.generation_mw.sel(generator="ext_grid/0")[0]) <= 646 + 1e-6
    assert float(got.served_mw.sum()) <= supply + 1e-6
    assert float(got.served_mw.sum()) == pytest.approx(min(supply, net.load.p_mw.sum()), rel=1e-6)


def test_with_all_plants_out_the_answer_is_all_shed_and_no_exception():
    net = published("case39")
    net.gen["in_service"] = False
    net.ext_grid["in_service"] = False
    got = gm.dispatch(net)
    assert float(got.served_mw.sum()) == 0
    assert float(got.shed_cause_mw.sum()) == pytest.approx(net.load.p_mw.sum())


def test_every_snapshot_of_many_small_islands_is_feasible():
    net = published("case39")
    net.line["in_service"] = False
    net.trafo["in_service"] = False
    got = gm.dispatch(net)
    served = got.served_mw[0].to_series()
    for index, load in net.load.iterrows():
        plant = (
            net.gen.max_p_mw[net.gen.bus == load.bus].sum() + net.ext_grid.max_p_mw[net.ext_grid.bus == load.bus].sum()
        )
        here = net.load.p_mw[net.load.bus == load.bus].sum()
        assert served[index] == pytest.approx(load.p_mw * min(1, plant / here), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", [*sampled(CASES, 2), *(pytest.param(name, marks=pytest.mark.long) for name in MORE)])
def test_the_cost_on_published_cases_is_that_of_an_independent_programme(name):
    net = published(name)
    net.poly_cost["cp2_eur_per_mw2"] = 0.0  # chords of squares are the programme's own choice
    foreign = read_foreign(net)
    need = np.maximum(foreign.need_mw, 0)
    spill = np.maximum(-foreign.need_mw[: len(foreign.loads)], 0)
    most = np.minimum(np.r_[foreign.available_mw, spill], need.sum())
    exact = (
        least_cost(foreign, need, most, np.ones(len(foreign.in_service))) + foreign.constant[foreign.most_mw > 0].sum()
    )
    assert float(gm.dispatch(net).cost[0]) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("name", sampled(["case14", "case39", "case118", "case300", "example_multivoltage"], 4))
def test_flows_are_those_of_pandapowers_dc_power_flow(name):
    net = published(name)
    got = gm.dispatch(net)
    net.load["p_mw"], net.load["scaling"] = got.served_mw[0].to_numpy(), 1.0
    for table in ("gen", "sgen"):
        if len(net[table]):
            names = [f"{table}/{index}" for index in net[table].index]
            net[table]["p_mw"] = got.generation_mw.sel(generator=names)[0].to_numpy()
            net[table]["scaling"] = 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pp.rundcpp(net)
    for table, column in (
        ("line", "p_from_mw"),
        ("trafo", "p_hv_mw"),
        ("trafo3w", "p_hv_mw"),
        ("impedance", "p_from_mw"),
    ):
        frame = net[table][net[table]["in_service"]]
        if len(frame):
            ours = got.flow_mw.sel(branch=[f"{table}/{index}" for index in frame.index])[0].to_numpy()
            theirs = net[f"res_{table}"].loc[frame.index, column].fillna(0).to_numpy()
            assert ours == pytest.approx(theirs, abs=1e-5), table


@pytest.mark.parametrize("name", sampled(["case24_ieee_rts", "case39", "case118"], 3))
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=max(5, EXAMPLES // 3))
@pytest.mark.gate  # at each edit: a hundred random nets, in `test_damaged_nets.py`
def test_random_damage_to_published_grids_agrees_with_an_independent_programme(name, seed):
    net, foreign = read_once(name)
    rng = np.random.default_rng(seed)
    lost = rng.choice([0.05, 0.2, 0.5])
    share = np.where(rng.random(len(foreign.branches)) < lost, 0.0, rng.choice([0.4, 1.0], len(foreign.branches)))
    count = len(foreign.generators)
    most = np.where(np.isfinite(foreign.most_mw), foreign.most_mw, 1e4) * np.where(
        rng.random(count) < 0.2, 0, rng.uniform(0.3, 1, count)
    )
    need = foreign.need_mw[: len(foreign.loads)] * rng.uniform(0.5, 1.3, len(foreign.loads))
    got = gm.dispatch(
        net, array(need, "load", foreign.loads), array(most, "generator", foreign.generators),
        array(share, "branch", foreign.branches),
    )  # fmt: skip
    rows = np.ones(len(foreign.in_service))
    for label, members in zip(share, foreign.rows, strict=True):
        rows[members] = label
    fixed = foreign.need_mw[len(foreign.loads) :]
    exact = (
        least_cost(
            foreign,
            np.r_[np.maximum(need, 0), fixed],
            np.minimum(
                np.r_[foreign.in_pieces(most), foreign.available_mw[len(foreign.piece) :], np.maximum(-need, 0)],
                np.maximum(need, 0).sum() + fixed.sum(),
            ),
            rows,
        )
        + foreign.constant[most > 0].sum()
    )
    assert float(got.cost[0]) == pytest.approx(exact, rel=1e-6, abs=1e-3)
    assert got.shed_cause_mw.sum("cause")[0].to_numpy() == pytest.approx(
        np.maximum(need, 0) - np.maximum(got.served_mw[0].to_numpy(), 0), abs=1e-6
    )


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=max(5, EXAMPLES // 3))
def test_less_generation_or_a_lower_rating_never_lowers_the_cost_of_shedding(seed):
    net, foreign = read_once("case24_ieee_rts")
    rng = np.random.default_rng(seed)
    most = np.tile(foreign.most_mw * rng.uniform(0.2, 1.0), (3, 1))
    share = np.full((3, len(foreign.branches)), 0.5)
    most[1] *= np.where(rng.random(most.shape[1]) < 0.3, 0.5, 1)
    share[2] *= np.where(rng.random(share.shape[1]) < 0.3, 0.6, 1)
    got = gm.dispatch(
        net,
        generation_max_mw=array(most, "generator", foreign.generators),
        branch_available=array(share, "branch", foreign.branches),
    )
    shed = (net.load.p_mw.sum() - got.served_mw.sum("load")).to_numpy()
    assert shed[1] >= shed[0] - 1e-4
    assert shed[2] >= shed[0] - 1e-4


def two_buses():
    net = empty()
    a, b = pp.create_bus(net, 110.0), pp.create_bus(net, 110.0)
    pp.create_line_from_parameters(net, a, b, 10, 0.1, 0.4, 10, 0.5)
    pp.create_gen(net, a, p_mw=50, max_p_mw=80)
    pp.create_load(net, b, p_mw=100)
    return net


def test_a_net_of_two_disconnected_grids_is_the_sum_of_each():
    net = two_buses()
    alone = gm.dispatch(net)
    c, d = pp.create_bus(net, 20.0), pp.create_bus(net, 20.0)
    pp.create_line_from_parameters(net, c, d, 10, 0.1, 0.4, 10, 0.5)
    pp.create_ext_grid(net, c, max_p_mw=30)
    pp.create_load(net, d, p_mw=70)
    both = gm.dispatch(net)
    assert float(both.served_mw.sum()) == pytest.approx(float(alone.served_mw.sum()) + 30)
    assert float(both.shed_cause_mw.sel(cause="island_deficit").sum()) == pytest.approx(40)


def test_a_bus_that_no_line_reaches_is_disconnected_unless_it_has_a_source_of_its_own():
    net = published("case39")
    net.line.loc[[0, 1], "in_service"] = False
    alone = net.load.index[net.load.bus == 0]
    cause = gm.dispatch(net).shed_cause_mw.sel(load=alone)[0].to_numpy()
    assert cause == pytest.approx(np.array([[97.6, 0, 0, 0]]), abs=1e-5)
    pp.create_load(net, 0, p_mw=-40.0)  # gives what its neighbour needs
    cause = gm.dispatch(net).shed_cause_mw.sel(load=alone)[0].to_numpy()
    assert cause == pytest.approx(np.array([[0, 57.6, 0, 0]]), abs=1e-5)


def test_an_open_switch_cuts_a_line_and_a_closed_one_joins_buses():
    net = two_buses()
    pp.create_switch(net, 1, 0, et="l", closed=False)
    got = gm.dispatch(net)
    assert float(got.served_mw[0, 0]) == 0
    assert float(got.shed_cause_mw.sel(cause="disconnected").sum()) == pytest.approx(100)
    pp.create_switch(net, 0, 1, et="b", closed=True)
    assert float(gm.dispatch(net).served_mw[0, 0]) == pytest.approx(80)


def test_a_negative_load_is_free_generation_that_may_be_spilled():
    net = two_buses()
    pp.create_poly_cost(net, 0, "gen", cp1_eur_per_mw=20)
    pp.create_load(net, 1, p_mw=-60)
    got = gm.dispatch(net)
    assert got.served_mw[0].to_numpy() == pytest.approx([100, -60])
    assert float(got.generation_mw[0, 0]) == pytest.approx(40)
    net.load.loc[1, "p_mw"] = -500
    assert gm.dispatch(net).served_mw[0].to_numpy() == pytest.approx([100, -100])


def test_an_ext_grid_without_limit_is_unlimited_and_says_so():
    net = two_buses()
    pp.create_ext_grid(net, 0)
    with pytest.warns(UserWarning, match="unlimited"):
        assert float(gm.dispatch(net).served_mw[0, 0]) == pytest.approx(100)


def test_loads_and_plants_on_a_bus_out_of_service_do_not_meet():
    net = two_buses()
    dead = pp.create_bus(net, 110.0, in_service=False)
    pp.create_gen(net, dead, p_mw=50, max_p_mw=50)
    pp.create_load(net, dead, p_mw=10)
    got = gm.dispatch(net)
    assert float(got.served_mw.sel(load=1)[0]) == 0
    assert float(got.generation_mw.sel(generator="gen/1")[0]) == 0


def test_a_three_winding_transformer_carries_power_and_can_be_out():
    net = empty()
    hv, mv, lv = pp.create_bus(net, 110.0), pp.create_bus(net, 20.0), pp.create_bus(net, 10.0)
    pp.create_transformer3w_from_parameters(
        net, hv, mv, lv, 110, 20, 10, 40, 25, 15, 10, 11, 12, 0.3, 0.3, 0.3, 10, 0.1, max_loading_percent=100.0
    )  # fmt: skip
    pp.create_gen(net, hv, p_mw=0, max_p_mw=100)
    pp.create_load(net, mv, p_mw=30)
    pp.create_load(net, lv, p_mw=10)
    assert gm.dispatch(net).served_mw[0].to_numpy() == pytest.approx([25, 10])  # the winding of 25 MVA is full
    out = gm.dispatch(net, branch_available=array([[0.0]], "branch", ["trafo3w/0"]))
    assert float(out.served_mw.sum()) == 0


def test_limits_of_regions_and_groups_come_from_the_limit_table():
    import pandas as pd

    net = two_buses()
    net.bus["zone"] = ["A", "B"]
    net["limit"] = pd.DataFrame({"kind": ["delivery"], "members": ["B"], "limit_mw": [30.0]})
    got = gm.dispatch(net)
    assert float(got.served_mw[0, 0]) == pytest.approx(30)
    assert got.shed_cause_mw[0, 0].to_numpy() == pytest.approx([0, 0, 20, 50])
    net["limit"] = pd.DataFrame({"kind": ["transfer", "group"], "members": ["A>B", "gen/0"], "limit_mw": [50.0, 45.0]})
    assert float(gm.dispatch(net).served_mw[0, 0]) == pytest.approx(45)
    net["limit"] = pd.DataFrame({"kind": ["group"], "members": ["gen/7"], "limit_mw": [50.0]})
    with pytest.raises(gm.InputError, match="is not a generator"):
        gm.dispatch(net)


def test_bundled_networks_dispatch_with_their_own_limits_and_tiers():
    net = bundled("ukraine")
    got = gm.dispatch(net)
    served = got.served_mw[0].to_series()
    critical = net.load.tier == "critical"
    assert served[critical].sum() == pytest.approx(net.load.need_mw[critical].sum())
    share = served[~critical] / net.load.need_mw[~critical]
    assert np.ptp(share) < 1e-9
    imports = got.generation_mw[0].sel(generator=[f"sgen/{i}" for i in net.sgen.index[net.sgen.technology == "import"]])
    assert float(imports.sum()) == pytest.approx(2450)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"demand_mw": array([[1.0]], "load", [7])}, "'7' is not a load of this net (nearest"),
        ({"generation_max_mw": array([[1.0]], "generator", ["gen/5"])}, "nearest: gen/0"),
        ({"branch_available": array([[1.0]], "branch", ["lime/0"])}, "nearest: line/0"),
        ({"branch_available": array([[1.5]], "branch", ["line/0"])}, "must be between 0 and 1"),
        ({"generation_max_mw": array([[-1.0]], "generator", ["gen/0"])}, "must be at least 0"),
        ({"demand_mw": array([[np.nan]], "load", [0])}, "missing numbers"),
        ({"demand_mw": xr.DataArray([1.0], dims="load", coords={"load": [0]})}, "dimensions snapshot and load"),
        ({"demand_mw": array([[np.inf]], "load", [0])}, "'0' must be finite"),
        ({"demand_mw": array([[1.0]], "load", [0]).astype(complex)}, "must contain numbers"),
        ({"demand_mw": array([[1.0]], "load", [0]).astype(str)}, "must contain numbers"),
        ({"demand_mw": {0: 1.0}}, "'dict' must be a DataArray"),
        ({"demand_mw": array([[1.0], [2.0]], "load", [0]), "generation_max_mw": array([[1.0]], "generator", ["gen/0"])},
         "different snapshots"),
    ],
)  # fmt: skip
def test_wrong_arrays_are_refused_by_name(change, message):
    with pytest.raises(gm.InputError) as caught:
        gm.dispatch(two_buses(), **change)
    assert message in str(caught.value) or message.split(" (")[0] in str(caught.value)


@pytest.mark.parametrize(
    ("table", "column", "value", "message"),
    [
        ("line", "max_loading_percent", -5.0, "must be at least 0"),
        ("gen", "max_p_mw", -5.0, "must be at least 0"),
        ("load", "shed_cost", -1.0, "must be at least 0"),
    ],
)
def test_limits_and_costs_below_zero_are_refused_and_not_read_as_something_else(table, column, value, message):
    net = two_buses()
    net[table][column] = value
    with pytest.raises(gm.InputError, match=f"{table}/0: {column}: .*{message}"):
        gm.dispatch(net)


def test_costs_and_limits_that_are_no_numbers_or_name_no_zone_are_refused_together():
    net = two_buses()
    pp.create_poly_cost(net, 0, "gen", cp1_eur_per_mw=np.nan)
    net["limit"] = pd.DataFrame({"kind": ["transfer", "group"], "members": ["A-B", "gen/0"], "limit_mw": [5.0, np.nan]})
    with pytest.raises(gm.InputError) as caught:
        gm.dispatch(net)
    for place in ("poly_cost/0: cp1_eur_per_mw", "limit/0: members", "limit/1: limit_mw"):
        assert place in str(caught.value)


@pytest.mark.parametrize(
    ("net", "message"), [("case9", "is not a pandapower net"), (pp.create_empty_network(), "has no buses")]
)
def test_what_is_no_net_or_has_no_buses_is_refused(net, message):
    with pytest.raises(gm.InputError, match=message):
        gm.dispatch(net)


def test_broken_elements_are_all_named_at_once():
    net = two_buses()
    c = pp.create_bus(net, 20.0)
    pp.create_line_from_parameters(net, 0, c, 10, 0.1, 0.4, 10, 0.5)
    pp.create_load(net, 0, p_mw=np.nan)
    net.load.loc[len(net.load)] = net.load.iloc[0]
    net.load.loc[2, "bus"] = 99
    with pytest.raises(gm.InputError) as caught:
        gm.dispatch(net)
    for place in ("line/1: joins buses of different voltage", "load/1: p_mw", "load/2: bus: '99' is at a bus"):
        assert place in str(caught.value)
    zero = two_buses()
    zero.line["x_ohm_per_km"] = 0.0
    with pytest.raises(gm.InputError, match=r"line/0: x_ohm_per_km: .* has no reactance"):
        gm.dispatch(zero)


def test_drawn_unit_states_give_the_published_adequacy_of_the_roy_billinton_system():
    """RBTS, generating capacity at a constant peak load of 185 MW: LOLE 73.07 h/yr, EENS 823.3 MWh/yr.

    Billinton et al., A reliability test system for educational purposes: basic data, IEEE Trans. Power Systems 4
    (1989); indices as in Billinton and Li, Reliability Assessment of Electric Power Systems (1994).
    """
    units = [(5, 0.01)] * 2 + [(10, 0.02)] + [(20, 0.015)] * 4 + [(20, 0.025)] + [(40, 0.02)] + [(40, 0.03)] * 2
    net = empty()
    bus = pp.create_bus(net, 230.0)
    pp.create_load(net, bus, p_mw=185.0)
    for size, _ in units:
        pp.create_gen(net, bus, p_mw=size, max_p_mw=size)
    rng = np.random.default_rng(1)
    draws = 60_000
    up = rng.random((draws, len(units))) >= [rate for _, rate in units]
    most = array(up * np.array([size for size, _ in units]), "generator", [f"gen/{i}" for i in range(len(units))])
    shed = 185.0 - gm.dispatch(net, generation_max_mw=most).served_mw[:, 0].to_numpy()
    lole, eens = 8760 * (shed > 1e-6), 8760 * shed
    for drawn, exact in ((lole, 73.0728), (eens, 823.2555)):
        assert abs(drawn.mean() - exact) < 3 * drawn.std(ddof=1) / np.sqrt(draws)


def test_one_dispatcher_serves_many_batches_with_the_same_bits():
    foreign = read_foreign(published("case39"))
    need = foreign.need_mw * np.linspace(0.8, 1.3, 6)[:, None]
    most = np.tile(np.r_[foreign.available_mw, np.zeros(len(foreign.loads))], (6, 1))
    engine = Dispatcher(foreign.grid)
    whole = engine.solve(need, most)
    parts = [engine.solve(need[i : i + 2], most[i : i + 2]) for i in (4, 2, 0)][::-1]
    assert np.concatenate([part.served_mw for part in parts]).tobytes() == whole.served_mw.tobytes()
