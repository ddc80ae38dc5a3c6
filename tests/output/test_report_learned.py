"""What the page of a posterior shows of numbers."""

from __future__ import annotations

import pytest

from gridmodel.output.report.learned import _band, _number


@pytest.mark.parametrize(
    ("value", "factor", "shown"),
    [(5_223_304.0, 1.0, "5,220,000"), (0.0744, 100.0, "7.44"), (999.6, 1.0, "1,000"), (0.0, 1.0, "0"),
     (-12.345, 1.0, "-12.3")],
)  # fmt: skip
def test_numbers_have_three_digits_however_large(value, factor, shown):
    assert _number(value, factor) == shown


def test_a_band_of_shares_is_in_percent():
    assert _band([0.0, 0.0424, 0.214], 100.0) == "4.24 (0 – 21.4)"
