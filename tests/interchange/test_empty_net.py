import pandapower as pp
import pandas as pd

from gridmodel.interchange.adapter.empty import scratch_net


def test_a_net_for_calculations_has_the_tables_of_an_empty_net_of_pandapower() -> None:
    whole = pp.create_empty_network(f_hz=60.0, sn_mva=100.0)
    net = scratch_net(f_hz=60.0, sn_mva=100.0)
    tables = {name for name, value in whole.items() if isinstance(value, pd.DataFrame)}
    results = {name for name in tables if name.startswith(("res_", "_empty_res_"))}
    assert {name for name, value in net.items() if isinstance(value, pd.DataFrame)} == tables - results
    for name in tables - results:
        pd.testing.assert_frame_equal(net[name], whole[name])
    assert (net.f_hz, net.sn_mva) == (60.0, 100.0)


def test_nets_for_calculations_keep_no_lookups_of_each_other() -> None:
    first, second = scratch_net(f_hz=50.0, sn_mva=1.0), scratch_net(f_hz=50.0, sn_mva=1.0)
    first["_pd2ppc_lookups"]["bus"] = [3]
    assert second["_pd2ppc_lookups"]["bus"] != [3]
