"""Orders on a ring, where load that is cut may load a line more, worked out by hand.

Plant at C feeds critical consumers of A and homes of B; three equal lines join A, B and C, and A--B carries 10 MW. A
third of what A draws comes by way of B, and a third of what B draws by way of A, so that (A - B) / 3 flows from B to A:
A gets at most 30 MW more than B.
"""

import dataclasses

import numpy as np
import pytest
from services.power_systems import two_regions

from gridmodel.dispatch import Dispatcher
from gridmodel.network import Grid
from gridmodel.services.power.feedback import Heaters
from gridmodel.services.power.step import first_state, step_power
from gridmodel.vocabulary import TIERS

CRITICAL, HOUSEHOLD = TIERS.index("critical"), TIERS.index("household")
A, B, C = 0, 1, 2


def one_step(
    critical_mw, *, coal_mw=None, reserve_mw=0.0, cuts="order", before=0.0, restore=100.0, members=1, step=0, step_h=1.0
):
    """One step with 60 MW of homes in B; coal for all but 6 MW unless said otherwise."""
    coal_mw = critical_mw + 54.0 if coal_mw is None else coal_mw
    system = two_regions(
        capacity={"branch_share": np.ones((4, 1, 3)), "available_mw": np.tile([coal_mw, 0.0, 0.0], (29, 1))},
        consumers={"reference_mw": np.array([critical_mw, 60.0]), "tier_share": np.array([[1.0, 0, 0, 0], [0, 1.0, 0, 0]])},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "industry_limit_share": 0.0, "reserve_mw": reserve_mw,
                  "restore_share_per_h": restore, "temperature_slope_factor": np.ones(members)},
        options={"rotation": "queues", "cuts": cuts, "cohorts": 12},
    )  # fmt: skip
    ring = {
        "buses": 3, "branch_from": np.array([A, C, C]), "branch_to": np.array([B, A, B]), "susceptance_mw": np.full(3, 1e4),
        "shift_rad": np.zeros(3), "rating_mw": np.array([10.0, 1000.0, 1000.0]), "generator_bus": np.array([C, B, C]),
    }  # fmt: skip
    grid: Grid = dataclasses.replace(system.grid, **ring)
    local = system.clock.local[0] + np.arange(29) * np.timedelta64(int(60 * step_h), "m")
    clock = dataclasses.replace(
        system.clock, times=local[:4], local=local, midnight=np.ones(4, dtype=bool), step_h=step_h
    )
    system = dataclasses.replace(system, members=members, dispatcher=Dispatcher(grid), clock=clock)
    state = dataclasses.replace(first_state(system), subqueues=np.tile([0.0, before], (members, 1)))
    none = Heaters(wanted_mw=np.zeros((members, 2)), home_share=np.zeros((members, 2)))
    return step_power(system, state, step, none)


@pytest.mark.parametrize(
    ("critical_mw", "reserve_mw", "cuts", "subqueues", "homes_mw"),
    [
        (68.0, 10.0, "order", 4.0, 40.0),  # 16 MW are four of twelve, with 5 MW each: A may have 70
        (78.0, 10.0, "order", 2.0, 50.0),  # four would leave A 70: the reserve is given up, and two leave it 80
        (82.0, 0.0, "order", 1.2, 54.0),  # two would leave it 80: single feeders, 6 MW of them
        (82.0, 10.0, "order", 1.2, 54.0),
        (72.0, 10.0, "feeders", 3.2, 44.0),
        (78.0, 10.0, "feeders", 1.2, 54.0),
        (84.0, 10.0, "order", 1.2, 54.0),  # the line is at its limit
    ],
)
def test_an_order_takes_nothing_from_critical_consumers_whom_the_optimum_serves(
    critical_mw, reserve_mw, cuts, subqueues, homes_mw
):
    done = one_step(critical_mw, reserve_mw=reserve_mw, cuts=cuts)
    assert done.served_mw[0, A, CRITICAL] == pytest.approx(critical_mw)
    assert done.served_mw[0, B, HOUSEHOLD] == pytest.approx(homes_mw)
    assert done.flow_mw[0, 0] == pytest.approx(-(critical_mw - homes_mw) / 3)
    assert done.ordered.subqueues[0] == pytest.approx([0.0, subqueues])
    assert done.ordered.stage[0].tolist() == [0, 2]
    assert done.ordered.more_mw[0].sum(axis=-1) == pytest.approx([0.0, 54.0 - homes_mw])
    assert done.cause_mw.sum(axis=-1) == pytest.approx(done.demand_mw - done.served_mw)
    assert done.shares.homes[0, B] == pytest.approx(1 - subqueues / 12)


def test_critical_consumers_whom_the_line_leaves_short_under_the_optimum_get_no_less_by_the_order():
    # 136 MW for 90 and 60: with 53 in B the line leaves A 83
    done = one_step(90.0, coal_mw=136.0, reserve_mw=10.0)
    assert done.served_mw[0, [A, B], [CRITICAL, HOUSEHOLD]] == pytest.approx([83.0, 53.0])
    assert done.ordered.stage[0].tolist() == [4, 2]


@pytest.mark.parametrize(
    ("restore", "step", "step_h", "off"),
    [
        (0.1, 0, 1.0, 2.8),
        (0.05, 0, 1.0, 3.0),  # less than the one sub-queue that always returns
        (0.2, 0, 1.0, 1.6),
        (1.0, 0, 1.0, 1.2),
        (0.2, 0, 0.25, 1.6),  # what may return in an hour returns as it begins
        (0.2, 1, 0.25, 4.0),  # and no more until it ends
        (100.0, 1, 0.25, 1.2),  # unless all return at once
    ],
)
def test_feeders_that_would_spare_critical_consumers_return_no_faster_than_they_can(restore, step, step_h, off):
    # four of twelve were off
    done = one_step(82.0, before=4.0, restore=restore, step=step, step_h=step_h)
    homes_mw = 60.0 * (1 - off / 12)
    assert done.ordered.subqueues[0, B] == pytest.approx(off)
    assert done.served_mw[0, [A, B], [CRITICAL, HOUSEHOLD]] == pytest.approx([min(homes_mw + 30.0, 82.0), homes_mw])


def test_what_is_spared_in_one_member_is_so_whoever_else_is_in_a_block():
    alone = [one_step(82.0, reserve_mw=reserve) for reserve in (0.0, 10.0)]
    both = one_step(82.0, reserve_mw=np.array([0.0, 10.0]), members=2)
    for row, one in enumerate(alone):
        for name in ("served_mw", "generation_mw", "flow_mw", "cause_mw"):
            assert getattr(both, name)[row].tobytes() == getattr(one, name)[0].tobytes()
        assert both.ordered.subqueues[row].tobytes() == one.ordered.subqueues[0].tobytes()
