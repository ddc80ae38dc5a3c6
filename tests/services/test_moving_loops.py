"""What homes take along when they move, cell by cell and array by array: the same bytes."""

import numpy as np
import pytest

from gridmodel.arrays import moved
from gridmodel.services.heat.moving_loops import arriving, take_along

MEMBERS, KINDS = 40, 5
FLOWS = [(0, 2), (2, 0), (1, 1), (3, 1), (1, 0), (-1, 2), (0, 3), (2, 3), (0, -1)]
"""Places that homes leave and enter: some leave what others enter, some stay in their rooms, or have none."""
IDLE = 7
"""Flow with which nobody moves."""


def homes_that_move(regions, rng):
    """Return shares, what homes have, and how many move; nobody was where some come to, and some have nothing."""
    share = rng.dirichlet(np.ones(4), (MEMBERS, regions)).transpose(2, 0, 1)
    share[0] += share[3]
    share[3] = 0.0
    values = [rng.uniform(-5.0, 20.0, (4, KINDS, MEMBERS, regions)) for _ in range(3)]
    values[1][...] = 0.0
    values[2][:3] = -0.0
    some = rng.random((len(FLOWS), MEMBERS, regions)) < 0.6
    amounts = np.stack([0.3 * share[max(flow[0], 0)] for flow in FLOWS]) * some
    amounts[0, 3], amounts[IDLE] = 1e-13, 0.0  # nobody
    return share, values, amounts


@pytest.mark.parametrize("regions", [1, 3])
@pytest.mark.parametrize("between", [True, False])
def test_loops_carry_what_arrays_carry(regions, between):
    share, values, amounts = homes_that_move(regions, np.random.default_rng(5))
    moves = amounts.any(axis=(1, 2))
    if not between:
        moves &= [min(flow) < 0 or flow[0] == flow[1] for flow in FLOWS]
    flows = [
        (*flow, amount)
        for flow, amount, some in zip(FLOWS, amounts, moves, strict=True) if some and min(flow) >= 0 and flow[0] != flow[1]
    ]  # fmt: skip
    ways, rows, flat = np.array(FLOWS), np.full(len(FLOWS), -1), amounts.reshape(len(FLOWS), -1)
    parts = np.full_like(flat, np.nan)
    count = arriving(share.reshape(4, -1).copy(), ways, moves, flat, rows, parts)
    assert count == len(flows) == 4 * between
    for values_before, arrays in zip(values, moved(share, values, flows)[1], strict=True):
        before = values_before.reshape(4, KINDS, -1)
        mixed = np.full_like(before, np.nan)
        assert take_along(before, ways, rows[:count], parts, mixed) == before.any()
        assert mixed.tobytes() == arrays.tobytes() or not before.any()
        assert (mixed != before).any() == (between and before.any())
