"""Logarithms in single precision beside those of the C library in double precision, and in loops."""

import numpy as np
import pytest

from gridmodel.services.heat import turns_loops, turns_rows
from gridmodel.services.heat.block_loops import WIDTH
from gridmodel.services.heat.logarithm import MOST, log1p_single


@pytest.fixture
def quotients():
    rng = np.random.default_rng(5)
    some = [0.0, np.inf, 1e-38, 1.0, MOST], 10.0 ** rng.uniform(-30, 30, 20_000), rng.uniform(0, 3, 20_000)
    return np.concatenate(some).astype(np.float32)


def test_a_logarithm_in_single_precision_is_right_to_three_units_in_its_last_place(quotients):
    found = log1p_single(quotients, np.empty_like(quotients))
    true = np.log1p(np.minimum(quotients, MOST).astype(float))
    assert found.dtype == np.float32
    assert (np.abs(found - true) <= 3 * np.spacing(true.astype(np.float32))).all()


def test_the_logarithm_of_one_is_zero_and_that_of_infinity_finite(quotients):
    found = log1p_single(quotients, np.empty_like(quotients))
    assert found[0].tobytes() == np.float32(0.0).tobytes()
    assert found[1] == found[4] > 69.0


def test_a_logarithm_may_take_the_place_of_its_number(quotients):
    apart = log1p_single(quotients, np.empty_like(quotients))
    assert log1p_single(quotients, out=quotients).tobytes() == apart.tobytes()


def test_loops_take_the_same_logarithms_to_the_byte(quotients):
    wanted = log1p_single(quotients, np.empty_like(quotients))
    block = np.zeros(turns_rows.VALUES * WIDTH, np.float32)
    row = slice(turns_rows.LOG * WIDTH, (turns_rows.LOG + 1) * WIDTH)
    for first in range(0, len(quotients) - WIDTH, 20 * WIDTH):
        block[row] = quotients[first : first + WIDTH]
        turns_loops._take_logarithms(block)
        assert block[row].tobytes() == wanted[first : first + WIDTH].tobytes()
