"""Small random nets of pandapower in any state, and their least cost by a reading of the tables of its own.

The reading shares nothing with the library: buses are joined with a dictionary, branches are taken from the textbook's
formulas, and one linear programme in angles is solved by scipy.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandapower as pp
from nets import empty
from scipy.optimize import linprog

ANGLE = 1e6
"""Bound on angles. [rad/1000], a unit in which susceptances are near 1 MW"""
WITHOUT_AN_ANSWER = 4
"""Status of linprog where HiGHS gives up; neither solved, infeasible nor unbounded."""


def damaged_net(seed):
    """A random net of a few buses with elements of every kind, in and out of service."""
    rng = np.random.default_rng(seed)
    chance = lambda share: bool(rng.random() < share)  # noqa: E731
    net = empty()
    high = [pp.create_bus(net, 110.0, in_service=not chance(0.15)) for _ in range(rng.integers(1, 6))]
    low = [pp.create_bus(net, 20.0, in_service=not chance(0.15)) for _ in range(rng.integers(0, 4))]
    lowest = [pp.create_bus(net, 10.0, in_service=not chance(0.15)) for _ in range(rng.integers(0, 2))]
    every = high + low + lowest
    pick = lambda among: int(among[rng.integers(len(among))])  # noqa: E731
    of = lambda most: range(rng.integers(0, most + 1))  # noqa: E731
    shifts = chance(0.15)  # a phase shift drives power round a loop, which a rating might make impossible
    rating = lambda: float("nan") if shifts or chance(0.5) else 100.0  # noqa: E731
    for _ in of(6):
        a, b = pick(high), pick(high)
        if a != b:
            pp.create_line_from_parameters(
                net, a, b, float(rng.uniform(1, 30)), 0.1, float(rng.uniform(0.2, 0.5)), 8.0,
                float(rng.uniform(0.05, 0.6)), parallel=int(rng.integers(1, 3)), in_service=not chance(0.15),
                max_loading_percent=rating(),
            )  # fmt: skip
    for _ in of(3) if low else ():
        pp.create_transformer_from_parameters(
            net, pick(high), pick(low), 40.0, 110.0, 20.0, 0.3, float(rng.uniform(8, 14)), 0.0, 0.0,
            shift_degree=float(rng.uniform(-5, 5)) if shifts else 0.0, tap_side="hv", tap_neutral=0, tap_min=-9,
            tap_max=9, tap_step_percent=1.25, tap_pos=int(rng.integers(-4, 5)), tap_changer_type="Ratio",
            in_service=not chance(0.15), max_loading_percent=rating(),
        )  # fmt: skip
    for _ in of(2):
        a, b = pick(high), pick(high)
        if a != b:
            x = float(rng.uniform(0.02, 0.2))
            pp.create_impedance(net, a, b, 0.01, x, 100.0, in_service=not chance(0.15))
    for _ in of(1) if low and lowest else ():
        pp.create_transformer3w_from_parameters(
            net, pick(high), pick(low), pick(lowest), 110.0, 20.0, 10.0, 30.0, 30.0, 30.0, 11.0, 11.0, 11.0, 0.3, 0.3,
            0.3, 0.0, 0.0, in_service=not chance(0.15), max_loading_percent=rating(),
        )  # fmt: skip
    for _ in of(4):
        level = high if chance(0.7) or not low else low
        a, b = pick(level), pick(level)
        if a != b:
            pp.create_switch(net, a, b, "b", closed=not chance(0.3))
    for kind, table, ends in (("l", "line", ("from_bus", "to_bus")), ("t", "trafo", ("hv_bus", "lv_bus")),
                              ("t3", "trafo3w", ("hv_bus", "mv_bus", "lv_bus"))):  # fmt: skip
        for index in net[table].index:
            if chance(0.2):
                pp.create_switch(net, int(net[table].at[index, pick_of(rng, ends)]), index, kind, closed=chance(0.5))
    if not chance(0.3):
        pp.create_ext_grid(net, pick(every), vm_pu=1.0, max_p_mw=float(rng.uniform(0, 60)), in_service=not chance(0.3))
    for _ in of(3):
        most = float("nan") if chance(0.3) else float(rng.uniform(0, 40))
        pp.create_gen(net, pick(every), float(rng.uniform(0, 30)), vm_pu=1.02 if chance(0.5) else 1.0, max_p_mw=most,
                      min_p_mw=0.0, slack=chance(0.2), scaling=float(rng.choice([0.5, 1.0])),
                      in_service=not chance(0.15))  # fmt: skip
    for _ in of(3):
        p = float(rng.uniform(-20, 20))
        most = float("nan") if chance(0.5) else float(rng.uniform(0, 25)) if p > 0 else 0.0
        pp.create_sgen(net, pick(every), p, max_p_mw=most, scaling=float(rng.choice([0.5, 1.0])),
                       in_service=not chance(0.15))  # fmt: skip
    for _ in of(5):
        pp.create_load(net, pick(every), float(rng.uniform(-5, 30)), scaling=float(rng.choice([0.8, 1.0])),
                       in_service=not chance(0.1))  # fmt: skip
    for _ in of(2):
        pp.create_storage(net, pick(every), float(rng.uniform(-10, 10)), 100.0, min_p_mw=-float(rng.uniform(1, 15)),
                          max_p_mw=10.0, controllable=chance(0.5), in_service=not chance(0.15))  # fmt: skip
    for _ in of(2):
        a, b = pick(every), pick(every)
        if a != b:
            pp.create_dcline(
                net, a, b, p_mw=float(rng.choice([0.0, 12.0, -8.0])), loss_percent=float(rng.choice([0.0, 5.0])),
                loss_mw=float(rng.choice([0.0, 1.0])), vm_from_pu=1.02, vm_to_pu=1.0,
                max_p_mw=float("nan") if chance(0.5) else float(rng.uniform(0, 30)), in_service=not chance(0.15),
            )  # fmt: skip
    for _ in of(1):
        pp.create_shunt(net, pick(every), 5.0, p_mw=float(rng.uniform(0, 1)), step=2, max_step=2,
                        in_service=not chance(0.2))  # fmt: skip
    for _ in of(1):
        pp.create_ward(net, pick(every), ps_mw=1.0, qs_mvar=0.0, pz_mw=0.5, qz_mvar=0.0, in_service=not chance(0.2))
    for _ in of(1):
        pp.create_motor(net, pick(every), 2.0, 0.9, efficiency_percent=95.0, loading_percent=80.0)
    for table in ("gen", "sgen", "ext_grid"):
        for index in net[table].index:
            if chance(0.4):
                pp.create_poly_cost(net, index, table, cp1_eur_per_mw=float(rng.integers(1, 60)),
                                    cp0_eur=float(rng.integers(0, 3)))  # fmt: skip
            elif chance(0.3):
                steps = np.sort(rng.integers(1, 80, 3)).astype(float)
                pp.create_pwl_cost(net, index, table, [[0, 7, steps[0]], [7, 15, steps[1]], [15, 60, steps[2]]])
    return net


def pick_of(rng, among):
    return str(among[rng.integers(len(among))])


def value(row, name, default):
    found = getattr(row, name, default)
    return default if found is None or np.isnan(found) else float(found)


def least_cost_of_tables(net):
    """The least cost of a net by its tables, and the load that is served at it."""
    alive = set(net.bus.index[net.bus.in_service])
    name = {bus: bus for bus in alive}

    def root(bus):
        while name[bus] != bus:
            bus = name[bus]
        return bus

    opened = set()
    for row in net.switch.itertuples():
        if row.et == "b" and row.closed and {row.bus, row.element} <= alive:
            name[root(row.bus)] = root(row.element)
        elif row.et != "b" and not row.closed:
            opened.add((row.et, row.element, None if row.et != "t3" else row.bus))
    at = lambda bus: root(bus) if bus in alive else None  # noqa: E731
    kv = net.bus.vn_kv

    branches = []  # from, to, MW per radian, shift, limit
    for row in net.line[net.line.in_service].itertuples():
        if ("l", row.Index, None) not in opened:
            x = row.x_ohm_per_km * row.length_km / row.parallel
            most = (
                np.sqrt(3)
                * kv[row.from_bus]
                * row.max_i_ka
                * row.parallel
                * value(row, "max_loading_percent", np.inf)
                / 100
            )
            branches.append((at(row.from_bus), at(row.to_bus), kv[row.from_bus] ** 2 / x, 0.0, most))
    for row in net.trafo[net.trafo.in_service].itertuples():
        if ("t", row.Index, None) not in opened:
            x = np.sqrt(row.vk_percent**2 - row.vkr_percent**2) / 100 / row.sn_mva
            ratio = 1 + row.tap_pos * row.tap_step_percent / 100
            most = row.sn_mva * value(row, "max_loading_percent", np.inf) / 100
            branches.append((at(row.hv_bus), at(row.lv_bus), 1 / (x * ratio), np.deg2rad(row.shift_degree), most))
    branches += [
        (at(row.from_bus), at(row.to_bus), row.sn_mva / row.xft_pu, 0.0, np.inf)
        for row in net.impedance[net.impedance.in_service].itertuples()
    ]
    for row in net.trafo3w[net.trafo3w.in_service].itertuples():
        for bus in (row.hv_bus, row.mv_bus, row.lv_bus):
            if ("t3", row.Index, bus) not in opened:
                x = np.sqrt(11.0**2 - 0.3**2) / 2 / 100 / 30.0
                most = 30.0 * value(row, "max_loading_percent", np.inf) / 100
                ends = (at(bus), f"star {row.Index}")
                branches.append((*(ends if bus == row.hv_bus else ends[::-1]), 1 / x, 0.0, most))
    branches = [branch for branch in branches if None not in branch[:2] and branch[0] != branch[1]]

    columns = []  # node, sign, most, cost
    paid = 0.0
    dearest = 0.0
    drawn = []
    for table in ("gen", "sgen", "ext_grid"):
        for row in net[table].itertuples():
            poly = net.poly_cost[(net.poly_cost.et == table) & (net.poly_cost.element == row.Index)]
            steps = [points for et, element, points in zip(net.pwl_cost.et, net.pwl_cost.element, net.pwl_cost.points, strict=True)
                     if et == table and element == row.Index]  # fmt: skip
            power = value(row, "p_mw", 0.0) * value(row, "scaling", 1.0)
            most = max(0.0, value(row, "max_p_mw", power))
            if power < 0 and most == 0:
                if row.in_service:
                    worth = float(poly.cp1_eur_per_mw.sum()) + (steps[0][0][2] if steps else 0.0)
                    drawn.append((at(row.bus), -power, worth))
                continue
            pieces = (
                [(end - start, slope) for start, end, slope in steps[0]]
                if steps
                else [(np.inf, float(poly.cp1_eur_per_mw.sum()))]
            )
            dearest = max(
                dearest,
                *(
                    slope
                    for (_, slope), before in zip(pieces, [0, 7, 15], strict=False)
                    if before < most or before == 0
                ),
            )
            if not row.in_service:
                continue
            paid += float(poly.cp0_eur.sum()) * (most > 0)
            for width, slope in pieces:
                columns.append((at(row.bus), 1.0, min(width, most), slope))
                most -= min(width, most)
    usual = max(1000.0, 10 * dearest)
    loads = [(node, need, worth if worth > 0 else usual) for node, need, worth in drawn]
    kept = []
    give = lambda bus, mw: columns.append((at(bus), 1.0, mw, 0.0))  # noqa: E731
    for row in net.load[net.load.in_service].itertuples():
        need = row.p_mw * row.scaling
        loads.append((at(row.bus), need, usual)) if need > 0 else give(row.bus, -need)
    for row in net.storage[net.storage.in_service].itertuples():
        if row.controllable:
            give(row.bus, -row.min_p_mw)
        else:
            kept.append((at(row.bus), row.p_mw)) if row.p_mw > 0 else give(row.bus, -row.p_mw)
    kept += [(at(row.bus), row.p_mw * row.step) for row in net.shunt[net.shunt.in_service].itertuples()]
    kept += [(at(row.bus), row.ps_mw + row.pz_mw) for row in net.ward[net.ward.in_service].itertuples()]
    kept += [(at(row.bus), row.pn_mech_mw / 0.95 * 0.8) for row in net.motor[net.motor.in_service].itertuples()]
    top = 10 * max([usual, *(worth for _, _, worth in loads)])
    lines = []
    for row in net.dcline[net.dcline.in_service].itertuples():
        limit = value(row, "max_p_mw", np.nan)
        forth = limit if np.isfinite(limit) else max(row.p_mw, 0.0)
        back = (limit if np.isfinite(limit) else -row.p_mw) if row.p_mw < 0 else 0.0
        ways = [(at(row.from_bus), at(row.to_bus), forth), (at(row.to_bus), at(row.from_bus), back)]
        lines.append([(a, b, most, 1 - row.loss_percent / 100, row.loss_mw) for a, b, most in ways
                      if most > 0 and None not in (a, b) and a != b])  # fmt: skip
    lines = [ways for ways in lines if ways]
    best = np.inf
    for choice in product(*[range(-1, len(ways)) if any(way[4] for way in ways) else [None] for ways in lines]):
        chosen, lost = [], []
        for ways, which in zip(lines, choice, strict=True):
            on = ways if which is None else [] if which < 0 else [ways[which]]
            chosen += on
            lost += [(way[1], way[4]) for way in on if way[4]]
        best = min(best, programme(branches, columns, loads, [*kept, *lost], chosen, top))
    return best + paid


def programme(branches, columns, loads, kept, lines, top):
    """Least cost of one snapshot: outputs, sheds, links and angles."""
    nodes = {}
    for node in (
        [b for row in branches for b in row[:2]]
        + [row[0] for row in (*columns, *loads, *kept)]
        + [end for way in lines for end in way[:2]]
    ):
        if node is not None:
            nodes.setdefault(node, len(nodes))
    sheds = [(node, need, worth) for node, need, worth in loads] + [(node, need, top) for node, need in kept]
    dead = sum(need * worth for node, need, worth in sheds if node is None)
    sheds = [row for row in sheds if row[0] is not None]
    columns = [row for row in columns if row[0] is not None]
    if not nodes:
        return dead
    width = len(columns) + len(sheds) + len(lines) + len(nodes)
    balance, right = np.zeros((len(nodes), width)), np.zeros(len(nodes))
    cost, bounds = np.zeros(width), [(0.0, 0.0)] * width
    for place, (node, sign, most, price) in enumerate(columns):
        balance[nodes[node], place], cost[place], bounds[place] = sign, price, (0.0, most)
    for place, (node, need, worth) in enumerate(sheds, start=len(columns)):
        balance[nodes[node], place], cost[place], bounds[place] = 1.0, worth, (0.0, need)
        right[nodes[node]] += need
    for place, (a, b, most, arrives, _) in enumerate(lines, start=len(columns) + len(sheds)):
        balance[nodes[a], place] -= 1.0
        balance[nodes[b], place] += arrives
        bounds[place] = (0.0, most)
    first = width - len(nodes)
    bounds[first:] = [(-ANGLE, ANGLE)] * len(nodes)
    upper, limit = [], []
    for a, b, per_radian, shift, most in branches:
        row = np.zeros(width)
        row[first + nodes[a]] += per_radian / 1000
        row[first + nodes[b]] -= per_radian / 1000
        balance[nodes[a]] -= row
        balance[nodes[b]] += row
        right[nodes[a]] -= per_radian * shift
        right[nodes[b]] += per_radian * shift
        if np.isfinite(most):
            upper += [row, -row]
            limit += [most + per_radian * shift, most - per_radian * shift]
    for tolerance in (1e-9, 1e-8):  # HiGHS of older releases of scipy ends without an answer at the first, now and then
        got = linprog(
            cost, A_eq=balance, b_eq=right, A_ub=np.array(upper) if upper else None, b_ub=limit or None, bounds=bounds,
            method="highs", options={"primal_feasibility_tolerance": tolerance, "dual_feasibility_tolerance": tolerance},
        )  # fmt: skip
        if got.status != WITHOUT_AN_ANSWER:
            break
    assert got.status == 0, got.message
    return float(got.fun) + dead
