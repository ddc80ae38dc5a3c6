"""A small pandapower net with one of everything that buses and branches can stand for."""

from __future__ import annotations

import pandapower as pp

LINE = {"r_ohm_per_km": 0.05, "x_ohm_per_km": 0.3, "c_nf_per_km": 9.0, "max_i_ka": 0.5}
TRAFO = {"vkr_percent": 0.4, "vk_percent": 11.0, "pfe_kw": 25.0, "i0_percent": 0.1}


def everything():
    net = pp.create_empty_network(f_hz=60.0, sn_mva=10.0, name="all of it")
    high = [pp.create_bus(net, 110.0, name=f"b{i}", zone="Z" if i < 4 else None) for i in range(9)]
    mid = [pp.create_bus(net, 20.0, name=f"m{i}") for i in range(5)]
    low = pp.create_bus(net, 10.0, name="low")
    off = pp.create_bus(net, 110.0, name="off", in_service=False)
    dead = pp.create_bus(net, 110.0, name="dead")
    _branches(net, high, mid, low, off)
    for bus, p, q in (
        (mid[0], 10, 3), (mid[1], 5, 1), (low, 3, 1), (high[7], 4, 1), (high[8], 3, 1), (mid[2], 6, 2), (mid[0], 1.5, 0.2),
        (dead, 3, 0), (mid[4], 1, 0),
    ):  # fmt: skip
        pp.create_load(net, bus, p, q, scaling=0.9, name="same" if bus in mid[:2] else None)
    pp.create_load(net, mid[0], 99, in_service=False)
    pp.create_ext_grid(net, high[0], vm_pu=1.02, va_degree=12.0)
    pp.create_ext_grid(net, high[5], vm_pu=1.01, va_degree=11.5)
    pp.create_gen(net, mid[1], 2.0, vm_pu=1.01, scaling=0.8, name="g", max_p_mw=7.0, min_p_mw=1.0)
    pp.create_gen(net, high[3], 4.0, vm_pu=1.015, min_q_mvar=-1, max_q_mvar=1)
    pp.create_gen(net, high[3], 4.0, vm_pu=1.015, in_service=False)
    pp.create_sgen(net, high[3], 1.0, 0.3, scaling=0.5)
    pp.create_sgen(net, mid[0], 1.0, 0.3, max_q_mvar=0.1)
    pp.create_sgen(net, mid[3], 0.4)
    pp.create_shunt(net, mid[2], q_mvar=-2.0, p_mw=0.1, step=2, vn_kv=21)
    pp.create_shunt(net, mid[2], q_mvar=1.0)
    pp.create_ward(net, high[1], 1, 0.5, 0.3, -0.2)
    pp.create_xward(net, high[2], 1, 0.5, 0.3, -0.2, 0.1, 2.0, 1.0, name="x")
    pp.create_motor(net, mid[0], 0.5, 0.9)
    pp.create_storage(net, mid[2], 0.7, 10)
    pp.create_asymmetric_load(net, mid[2], p_a_mw=0.1, p_b_mw=0.2, p_c_mw=0.1, q_a_mvar=0.05)
    pp.create_dcline(net, high[1], high[8], 5.0, loss_percent=1.5, loss_mw=0.1, vm_from_pu=1.01, vm_to_pu=1.005)
    pp.create_dcline(net, high[2], high[3], -4.0, loss_percent=1.5, loss_mw=0.1, vm_from_pu=1.01, vm_to_pu=1.015)
    pp.create_poly_cost(net, 0, "gen", 10.0, cp0_eur=3, cp2_eur_per_mw2=0.02)
    pp.create_poly_cost(net, 0, "sgen", 5.0)
    return net


def _branches(net, high, mid, low, off):
    for i, j in ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5)):
        pp.create_line_from_parameters(net, high[i], high[j], 10.0 + i, **LINE, g_us_per_km=0.2, parallel=1 + i % 2,
                                       max_loading_percent=80.0, name=f"l{i}{j}")  # fmt: skip
    pp.create_line_from_parameters(net, high[1], high[6], 7.0, **LINE, name="to the merged bus")
    pp.create_switch(net, high[6], high[4], et="b")
    pp.create_line_from_parameters(net, high[4], high[6], 7.0, **LINE, name="beside a closed switch")
    opened = pp.create_line_from_parameters(net, high[3], high[5], 9.0, **LINE, name="open at its end")
    pp.create_switch(net, high[5], opened, et="l", closed=False)
    pp.create_switch(net, high[7], high[4], et="b", z_ohm=0.4)
    pp.create_line_from_parameters(net, high[0], high[2], 9.0, **LINE, in_service=False, name="out")
    pp.create_line_from_parameters(net, high[4], off, 9.0, **LINE, name="to a bus that is off")
    pp.create_line_from_parameters(net, mid[3], mid[4], 1.0, **LINE, name="in the dark")
    pp.create_transformer_from_parameters(
        net, high[1], mid[0], 40, 110, 20, **TRAFO, shift_degree=150, tap_side="hv", tap_pos=2, tap_neutral=0, tap_min=-9,
        tap_max=9, tap_step_percent=1.5, tap_changer_type="Ratio", parallel=2, max_loading_percent=90,
    )  # fmt: skip
    pp.create_transformer_from_parameters(
        net, high[2], mid[0], 40, 112, 21, **TRAFO, shift_degree=150, in_service=False
    )
    pp.create_transformer_from_parameters(net, high[3], mid[2], 40, 112, 21, **TRAFO, shift_degree=0)
    pp.create_transformer3w_from_parameters(
        net, high[4], mid[1], low, 110, 20, 10, 40, 25, 15, 10.0, 11.0, 12.0, 0.3, 0.3, 0.3, 30, 0.1,
        shift_mv_degree=150, shift_lv_degree=150, tap_side="mv", tap_pos=1, tap_neutral=0, tap_step_percent=2.0,
        tap_changer_type="Ratio",
    )  # fmt: skip
    pp.create_impedance(net, high[2], high[8], 0.01, 0.05, 20.0, gf_pu=0.001, bf_pu=0.002, gt_pu=0.003, bt_pu=0.001)
